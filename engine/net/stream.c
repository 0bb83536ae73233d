/*
 * stream.c: answers: whole ones, and chunked ones that are written as things happen.
 *
 * In: a handler's answer, a stream's bytes. Out: responses for MHD, which pulls them. Owns a
 * stream's queue (bounded: a client that does not read is let go) and a duplicate of its socket,
 * watched for the client's end: MHD itself never notices that on a quiet suspended stream
 * (measured).
 */
#include "server_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 16 * 1024 };
static const size_t stream_queue_limit = 16u * 1024 * 1024;

static struct exchange *inside(struct net_exchange *x)
{
    union {
        struct net_exchange *pub;
        struct exchange *own;
    } u = {.pub = x};
    return u.own;
}

/* ---- the client's end ---- */

void net_hangup_stop(struct exchange *x)
{
    run_poll_stop(x->hangup);
    x->hangup = NULL;
    rk_close_fd(&x->hangup_fd);
    x->hangup_fd = -1;
}

static void hangup_cb(unsigned events, void *ctx)
{
    struct exchange *x = ctx;
    (void)events;
    shutdown(x->hangup_fd, SHUT_RDWR);  /* MHD may wait for room to write: that ends it */
    net_hangup_stop(x);
    if (x->state != X_STREAMING)
        return;
    struct net_server *s = x->server;
    s->depth++;             /* gone may stop the server: not before we are through */
    net_exchange_gone(x);
    net_exchange_resume(x); /* MHD finds it aborted, and completed_cb sees to the rest */
    net_server_leave(s);
}

void net_hangup_watch(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!info)
        return;
    x->hangup_fd = fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0);
    if (x->hangup_fd >= 0)
        x->hangup = run_poll_start(x->server->loop, x->hangup_fd, RUN_HANGUP, hangup_cb, x);
}

/* ---- whole answers ---- */

static void add_headers(struct MHD_Response *r, const char *content_type,
                        const char *const *headers)
{
    if (content_type)
        MHD_add_response_header(r, "Content-Type", content_type);
    for (; headers && *headers; headers++) {
        rk_str value, name = rk_str_cut(rk_str_c(*headers), ':', &value);
        rk_auto(rk_free_str) char *n = rk_str_dup(name), *v = rk_str_dup(rk_str_trim(value));
        MHD_add_response_header(r, n, v);
    }
}

/* The answer came after the server had stopped. */
static bool is_orphan(struct exchange *x)
{
    if (x->server && x->conn && !x->server->stopped)
        return false;
    if (!x->server)
        net_exchange_free(x);
    else
        x->state = X_ANSWERED;
    return true;
}

void net_reply(struct net_exchange *pub, int status, const char *content_type, rk_str body,
               const char *const *headers)
{
    struct exchange *x = inside(pub);
    rk_assert(x->state == X_WAITING);
    if (is_orphan(x))
        return;
    union {
        const char *in;
        void *out;
    } bytes = {.in = body.n ? body.p : ""};
    x->response = MHD_create_response_from_buffer(body.n, bytes.out, MHD_RESPMEM_MUST_COPY);
    rk_assert(x->response != NULL);
    add_headers(x->response, content_type, headers);
    x->status = status;
    x->state = X_ANSWERED;
    net_exchange_resume(x);
}

/* ---- streams ---- */

static ssize_t pull_cb(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct exchange *x = cls;
    (void)pos;
    size_t left = x->out.n - x->out_at, n = left < max ? left : max;
    if (x->aborted)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (n) {
        memcpy(buf, x->out.p + x->out_at, n);
        x->out_at += n;
        if (x->out_at == x->out.n) {
            rk_buf_clear(&x->out);
            x->out_at = 0;
        }
        return (ssize_t)n;
    }
    if (x->state == X_ENDED)
        return MHD_CONTENT_READER_END_OF_STREAM;
    x->suspended = true;
    MHD_suspend_connection(x->conn);
    return 0;
}

void net_stream_begin(struct net_exchange *pub, int status, const char *content_type)
{
    struct exchange *x = inside(pub);
    rk_assert(x->state == X_WAITING);
    /* Without a server the stream is born ended: writes say false, net_stream_end frees it. */
    x->state = X_STREAMING;
    x->status = status;
    if (!x->server || !x->conn || x->server->stopped) {
        x->aborted = true;
        return;
    }
    x->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, pull_cb, x, NULL);
    rk_assert(x->response != NULL);
    add_headers(x->response, content_type, NULL);
    net_hangup_watch(x);
    net_exchange_resume(x);
}

bool net_stream_write(struct net_exchange *pub, rk_str bytes)
{
    struct exchange *x = inside(pub);
    rk_assert(x->state == X_STREAMING);
    if (x->aborted || !x->conn)
        return false;
    if (x->out.n - x->out_at + bytes.n > stream_queue_limit) {
        x->aborted = true;              /* hangup_cb tells its owner, later */
        if (x->hangup_fd >= 0)
            shutdown(x->hangup_fd, SHUT_RDWR);
        net_exchange_resume(x);
        return false;
    }
    if (x->out_at > BLOCK && x->out_at > x->out.n / 2) {
        rk_buf_cut_front(&x->out, x->out_at);
        x->out_at = 0;
    }
    rk_buf_str(&x->out, bytes);
    net_exchange_resume(x);
    return true;
}

void net_stream_end(struct net_exchange *pub)
{
    struct exchange *x = inside(pub);
    rk_assert(x->state == X_STREAMING);
    x->state = X_ENDED;
    if (!x->conn && !x->due) {
        net_exchange_free(x);
        return;
    }
    net_hangup_stop(x);
    net_exchange_resume(x);
}
