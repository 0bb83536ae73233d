/*
 * server.c: libmicrohttpd driven by the loop: requests in, handlers called, answers out.
 *
 * In: connections. Out: whole requests to the handler, its answers to MHD. Owns the daemon, the
 * listening socket, every exchange until it is answered and MHD has let go of it.
 * No code of a caller ever runs inside MHD: a request that is whole is suspended, its handler
 * called once MHD has returned; the answer resumes it. MHD's advised time-out is 0 during TLS
 * handshakes: the loop's timers make that 1 ms, or one stalled client would burn a core (measured).
 */
#include "server_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"

enum {
    IDLE_S = 30, CONNECTIONS = 4096, CONNECTION_MEMORY = 64 * 1024, BACKLOG = 511, TURNS = 4,
    BODY_LIMIT = 3 * 1024 * 1024,
};

/* ---- exchanges ---- */

void net_exchange_due(struct exchange *x)
{
    if (x->due || !x->server)
        return;
    x->due = true;
    x->next_due = NULL;
    *x->server->due_end = x;
    x->server->due_end = &x->next_due;
}

static struct exchange *take_due(struct net_server *s)
{
    struct exchange *x = s->due;
    if (!x)
        return NULL;
    s->due = x->next_due;
    if (!s->due)
        s->due_end = &s->due;
    x->due = false;
    return x;
}

void net_exchange_resume(struct exchange *x)
{
    if (!x->suspended || !x->conn)
        return;
    x->suspended = false;
    MHD_resume_connection(x->conn);
    net_server_turn(x->server);
}

static void suspend(struct exchange *x)
{
    x->suspended = true;
    MHD_suspend_connection(x->conn);
}

static struct exchange *exchange_new(struct net_server *s, struct MHD_Connection *conn,
                                     const char *method, const char *path)
{
    struct exchange *x = rk_alloc(sizeof(*x));
    x->server = s;
    x->conn = conn;
    x->method = rk_strdup(method);
    x->path = rk_strdup(path);
    x->body = x->out = RK_BUF_INIT;
    x->hangup_fd = -1;
    x->next = s->all;
    if (x->next)
        x->next->prev = x;
    s->all = x;
    return x;
}

static void unlink_exchange(struct exchange *x)
{
    struct net_server *s = x->server;
    if (!s)
        return;
    if (x->prev)
        x->prev->next = x->next;
    else
        s->all = x->next;
    if (x->next)
        x->next->prev = x->prev;
    x->prev = x->next = NULL;
    x->server = NULL;
}

void net_exchange_free(struct exchange *x)
{
    net_hangup_stop(x);
    unlink_exchange(x);
    if (x->response)
        MHD_destroy_response(x->response);
    rk_buf_release(&x->body);
    rk_buf_release(&x->out);
    free(x->method);
    free(x->path);
    free(x);
}

void net_exchange_gone(struct exchange *x)
{
    if (x->gone_told || x->state != X_STREAMING)
        return;
    x->gone_told = true;
    x->aborted = true;
    if (x->server && x->server->opts.gone)
        x->server->opts.gone(&x->pub, x->server->opts.ctx);
}

/* ---- inside MHD ---- */

static enum MHD_Result answer_text(struct MHD_Connection *conn, unsigned status, const char *text)
{
    union {
        const char *in;
        void *out;
    } body = {.in = text};
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(text), body.out, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", "text/plain");
    enum MHD_Result rc = MHD_queue_response(conn, status, r);
    MHD_destroy_response(r);
    return rc;
}

static bool announces_more(struct MHD_Connection *conn, size_t limit)
{
    const char *text = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Content-Length");
    int64_t n = 0;
    return text && rk_str_int(rk_str_c(text), &n) && n >= 0 && (uint64_t)n > limit;
}

static void take_body(struct exchange *x, const char *p, size_t n)
{
    if (x->too_big || x->body.n + n > x->server->opts.body_limit) {
        x->too_big = true;
        rk_buf_release(&x->body);
        return;
    }
    rk_buf_add(&x->body, p, n);
}

static const char too_big_text[] = "the request body is over the limit\n";

static enum MHD_Result access_cb(void *cls, struct MHD_Connection *conn, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_size, void **con_cls)
{
    struct net_server *s = cls;
    struct exchange *x = *con_cls;
    (void)version;
    if (s->stopped)
        return MHD_NO;
    if (!x) {
        *con_cls = exchange_new(s, conn, method, url);
        if (announces_more(conn, s->opts.body_limit))
            return answer_text(conn, MHD_HTTP_CONTENT_TOO_LARGE, too_big_text);
        return MHD_YES;
    }
    if (*upload_size) {
        take_body(x, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (x->too_big)
        return answer_text(conn, MHD_HTTP_CONTENT_TOO_LARGE, too_big_text);
    if (x->state == X_READING) {
        x->state = X_ARRIVED;
        x->pub = (struct net_exchange){x->method, x->path, rk_buf_view(&x->body), x->pub.user};
        net_exchange_due(x);
        suspend(x);
        return MHD_YES;
    }
    if (!x->response)
        return MHD_NO;
    struct MHD_Response *r = x->response;
    x->response = NULL;
    enum MHD_Result rc = MHD_queue_response(conn, (unsigned)x->status, r);
    MHD_destroy_response(r);
    return rc;
}

static void completed_cb(void *cls, struct MHD_Connection *conn, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *x = *con_cls;
    (void)cls;
    (void)conn;
    (void)code;
    if (!x)
        return;
    *con_cls = NULL;
    x->conn = NULL;
    net_hangup_stop(x);
    if (x->state == X_STREAMING)        /* its owner hears of it when MHD has returned */
        net_exchange_due(x);
    else if (x->state != X_WAITING && !x->due)
        net_exchange_free(x);
}

/* ---- the loop's side ---- */

static void tell(struct net_server *s, struct exchange *x)
{
    if (x->state == X_STREAMING) {
        net_exchange_gone(x);
        if (!x->conn)
            net_exchange_free(x);
    } else if (!x->conn) {
        net_exchange_free(x);           /* ended between arrival and now, or answered too late */
    } else if (x->state == X_ARRIVED) {
        x->state = X_WAITING;
        s->opts.handler(&x->pub, s->opts.ctx);
    }
}

static void drive(void *ctx);

/* Without threads MHD does not wake its own descriptor for a resumed connection (measured). */
void net_server_turn(struct net_server *s)
{
    if (s->soon || s->stopped)
        return;
    s->soon = true;
    run_soon(s->loop, drive, s);
}

static void forget_turn(struct net_server *s)
{
    if (s->soon)
        run_soon_forget(s->loop, s);
    s->soon = false;
}

static bool advice_is_now(struct net_server *s, MHD_UNSIGNED_LONG_LONG *ms)
{
    return MHD_get_timeout(s->daemon, ms) == MHD_YES && *ms == 0;
}

static void drive(void *ctx)
{
    struct net_server *s = ctx;
    MHD_UNSIGNED_LONG_LONG ms = 0;
    s->depth++;
    for (int i = 0; i < TURNS && !s->stopped; i++) {
        struct exchange *x;
        forget_turn(s);
        MHD_run(s->daemon);
        while (!s->stopped && (x = take_due(s)))
            tell(s, x);
        if (s->stopped || (!s->soon && !advice_is_now(s, &ms)))
            break;
    }
    if (!s->stopped && MHD_get_timeout(s->daemon, &ms) == MHD_YES)
        run_timer_again(s->timer, ms);
    net_server_leave(s);
}

static void readable(unsigned events, void *ctx)
{
    (void)events;
    drive(ctx);
}

/* ---- start ---- */

static int make_address(const char *address, uint16_t port, struct sockaddr_storage *sa,
                        socklen_t *n, struct rk_err *err)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(sa, 0, sizeof(*sa));
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
        memcpy(sa, &v4, sizeof(v4));
        *n = sizeof(v4);
    } else if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
        memcpy(sa, &v6, sizeof(v6));
        *n = sizeof(v6);
    } else {
        return rk_fail(err, RK_INVALID, "'%s' is no IP address to listen on", address);
    }
    return 0;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof(sa);
    in_port_t port = 0;
    if (getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
        return 0;
    if (sa.ss_family == AF_INET)
        memcpy(&port, (char *)&sa + offsetof(struct sockaddr_in, sin_port), sizeof(port));
    else
        memcpy(&port, (char *)&sa + offsetof(struct sockaddr_in6, sin6_port), sizeof(port));
    return ntohs(port);
}

static int listen_at(const struct net_server_opts *o, uint16_t *port, struct rk_err *err)
{
    struct sockaddr_storage sa;
    socklen_t n = 0;
    int on = 1;
    if (make_address(o->address, o->port, &sa, &n, err) != 0)
        return -1;
    rk_auto(rk_close_fd) int fd =
        socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return rk_fail_errno(err, errno, "make a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&sa, n) != 0 || listen(fd, BACKLOG) != 0) {
        if (errno == EADDRINUSE)
            return rk_fail(err, RK_CONFLICT, "%s port %u is taken; name another", o->address,
                           (unsigned)o->port);
        return rk_fail_errno(err, errno, "listen on %s port %u", o->address, (unsigned)o->port);
    }
    *port = port_of(fd);
    int taken = fd;
    fd = -1;
    return taken;
}

static void quiet(void *cls, const char *fmt, va_list ap) RK_PRINTF(2, 0);
static void quiet(void *cls, const char *fmt, va_list ap)
{
    (void)cls;
    (void)fmt;
    (void)ap;       /* bad clients are no news; this room reports errors, it does not log */
}

static struct MHD_Daemon *start_daemon(struct net_server *s, int fd)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert.p},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, s->key.p},
        {MHD_OPTION_END, 0, NULL},
    };
    if (s->cert.n)
        flags |= MHD_USE_TLS;
    else
        tls[0].option = MHD_OPTION_END;
    return MHD_start_daemon(flags, 0, NULL, NULL, access_cb, s,
                            MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL,
                            MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_NOTIFY_COMPLETED, completed_cb, s,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                            MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

static void wipe(struct rk_buf *b)
{
    if (b->cap)
        rk_wipe(b->p, b->n);
    rk_buf_release(b);
}

static void server_free(struct net_server *s)
{
    run_poll_stop(s->poll);
    run_timer_stop(s->timer);
    wipe(&s->cert);
    wipe(&s->key);
    free(s);
}

int net_server_start(struct run_loop *loop, const struct net_server_opts *opts,
                     struct net_server **out, struct rk_err *err)
{
    uint16_t port = 0;
    int fd = listen_at(opts, &port, err);
    if (fd < 0)
        return -1;
    struct net_server *s = rk_alloc(sizeof(*s));
    s->loop = loop;
    s->opts = *opts;
    s->opts.body_limit = opts->body_limit ? opts->body_limit : BODY_LIMIT;
    s->port = port;
    s->due_end = &s->due;
    s->cert = s->key = RK_BUF_INIT;
    rk_buf_str(&s->cert, opts->cert);
    rk_buf_str(&s->key, opts->key);
    s->daemon = start_daemon(s, fd);
    if (!s->daemon) {
        if (fcntl(fd, F_GETFD) >= 0)    /* MHD closes it in some failures */
            close(fd);
        server_free(s);
        return rk_fail(err, RK_INVALID, "the HTTP server does not start: are certificate and key "
                                        "PEM and do they belong together?");
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    rk_assert(info != NULL);
    s->poll = run_poll_start(loop, info->epoll_fd, RUN_READ, readable, s);
    rk_assert(s->poll != NULL);
    s->timer = run_timer_start(loop, 1, 0, drive, s);
    *out = s;
    return 0;
}

uint16_t net_server_port(const struct net_server *s)
{
    return s->port;
}

/* ---- stop ---- */

/*
 * MHD wants every suspended connection resumed before it stops. Exchanges that a handler still
 * holds outlive the server, without one: its late answer frees them.
 */
static void finish_stop(struct net_server *s)
{
    forget_turn(s);
    for (struct exchange *x = s->all; x; x = x->next) {
        x->aborted = true;
        net_exchange_resume(x);
    }
    MHD_run(s->daemon);
    run_poll_stop(s->poll);
    s->poll = NULL;
    MHD_stop_daemon(s->daemon);
    while (s->all) {
        struct exchange *x = s->all;
        bool held = x->state == X_WAITING || (x->state == X_STREAMING && !x->gone_told);
        if (held)
            unlink_exchange(x);
        else
            net_exchange_free(x);
    }
    server_free(s);
}

void net_server_leave(struct net_server *s)
{
    if (--s->depth == 0 && s->stopped)
        finish_stop(s);
}

void net_server_stop(struct net_server *s)
{
    if (!s || s->stopped)
        return;
    s->stopped = true;
    s->depth++;
    for (struct exchange *x = s->all, *next; x; x = next) {
        next = x->next;
        net_exchange_gone(x);
    }
    net_server_leave(s);
}
