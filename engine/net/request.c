/*
 * request.c: one request: what is asked, what comes back, how it is told.
 *
 * In: net_request_opts, curl's callbacks. Out: on_open, on_bytes, done, outside curl only. Owns the
 * easy handle, copies of headers and body (wiped), and what came until it is told.
 * The request is freed after done, or by net_cancel; inside its own callbacks that waits for their
 * return.
 */
#include "net_int.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/hash.h"

enum {
    TIMEOUT_MS = 60000, PEER_DEAD_MS = 45000, HEADER_KEPT = 4096, STREAM_ERROR_BODY = 64 * 1024,
};
static const size_t body_limit_default = 64u * 1024 * 1024;

/* ---- the end ---- */

static void free_headers(struct curl_slist *list)
{
    for (struct curl_slist *h = list; h; h = h->next)
        rk_wipe(h->data, strlen(h->data));
    curl_slist_free_all(list);
}

static void unlink_ready(struct net_request *r)
{
    struct net_pool *p = r->pool;
    struct net_request **at = &p->ready;
    while (*at && *at != r)
        at = &(*at)->next_ready;
    if (!*at)
        return;
    *at = r->next_ready;
    if (!*at)
        p->ready_end = at;
    r->ready = false;
}

void net_request_free(struct net_request *r)
{
    struct net_client *c = r->pool->client;
    net_pool_drop(r);
    if (r->ready)
        unlink_ready(r);
    if (r->stream)
        r->pool->streams--;
    if (r->prev)
        r->prev->next = r->next;
    else
        c->all = r->next;
    if (r->next)
        r->next->prev = r->prev;
    run_timer_stop(r->watch);
    curl_easy_cleanup(r->easy);
    free_headers(r->headers);
    net_wipe(&r->sent);
    rk_buf_release(&r->got);
    rk_buf_release(&r->content_type);
    rk_buf_release(&r->warning);
    free(r->label);
    free(r);
}

void net_cancel(struct net_request *r)
{
    if (!r)
        return;
    if (r->telling) {
        r->cancelled = true;
        return;
    }
    struct net_pool *p = r->pool;
    bool warming = r->stream && r->added && p->version == NET_WARMING && !p->client->dead;
    net_request_free(r);
    if (warming)
        net_stream_failed(p);
}

/* ---- telling ---- */

static bool is_success(const struct net_request *r)
{
    return r->status >= 200 && r->status < 300;
}

static struct net_response response_of(const struct net_request *r, rk_str body)
{
    curl_off_t us = 0;
    curl_easy_getinfo(r->easy, CURLINFO_TOTAL_TIME_T, &us);
    return (struct net_response){
        .status = r->status,
        .body = body,
        .content_type = rk_buf_view(&r->content_type),
        .warning = rk_buf_view(&r->warning),
        .retry_after_ms = r->retry_after_ms,
        .elapsed_us = (uint64_t)us,
    };
}

static void tell_open(struct net_request *r)
{
    r->head_told = true;
    net_stream_answered(r->pool, r->easy);
    if (r->on_open) {
        struct net_response head = response_of(r, RK_STR_NONE);
        r->on_open(&head, r->ctx);
    }
}

static void tell_bytes(struct net_request *r)
{
    struct rk_buf bytes = r->got;
    r->got = RK_BUF_INIT;
    if (r->on_bytes(rk_buf_view(&bytes), r->ctx, &r->err) != 0 && !r->cancelled) {
        if (r->err.code == RK_OK)
            rk_fail(&r->err, RK_INTERNAL, "%s: its reader gave up", r->label);
        r->over = true;
        net_pool_drop(r);
    }
    rk_buf_release(&bytes);
}

static void tell_done(struct net_request *r)
{
    struct net_pool *p = r->pool;
    if (r->err.code == RK_OK && r->result != CURLE_OK)
        net_curl_error(r, &r->err);
    bool failed = r->err.code != RK_OK;
    p->failures = failed && r->result != CURLE_OK ? p->failures + 1 : 0;
    if (r->stream && (p->version == NET_WARMING || (failed && p->streams == 1)))
        net_stream_failed(p);
    if (failed) {
        r->done(NULL, &r->err, r->ctx);
        return;
    }
    struct net_response answer = response_of(r, rk_buf_view(&r->got));
    r->done(&answer, NULL, r->ctx);
}

void net_request_tell(struct net_request *r)
{
    r->telling = true;
    if (r->stream && r->head_whole && !r->head_told)
        tell_open(r);
    if (!r->cancelled && r->stream && is_success(r) && r->got.n && r->err.code == RK_OK)
        tell_bytes(r);
    bool over = r->over;
    if (!r->cancelled && over)
        tell_done(r);
    r->telling = false;
    if (r->cancelled || over)
        net_request_free(r);
}

/* ---- curl's callbacks: they only collect ---- */

static void touch(struct net_request *r)
{
    if (r->stream)
        r->last_byte = run_loop_now(r->pool->client->loop);
}

static size_t limit_of(const struct net_request *r)
{
    return r->stream && r->body_limit > STREAM_ERROR_BODY ? STREAM_ERROR_BODY : r->body_limit;
}

static size_t write_cb(char *p, size_t size, size_t n, void *userp)
{
    struct net_request *r = userp;
    size_t bytes = size * n;
    touch(r);
    /* A stream's bytes are told after each turn; only a body that is kept has a limit. */
    if ((!r->stream || !is_success(r)) && r->got.n + bytes > limit_of(r)) {
        rk_fail(&r->err, RK_LIMIT, "%s: the answer is over the limit of %zu bytes", r->label,
                limit_of(r));
        return CURL_WRITEFUNC_ERROR;
    }
    rk_buf_add(&r->got, p, bytes);
    if (r->stream)
        net_pool_ready(r);
    return bytes;
}

static bool header_is(rk_str line, const char *name, rk_str *value)
{
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
        return false;
    *value = rk_str_trim((rk_str){line.p + n + 1, line.n - n - 1});
    return true;
}

static void begin_head(struct net_request *r, rk_str line)
{
    rk_str rest, status = RK_STR_NONE;
    int64_t code = 0;
    rk_str_cut(line, ' ', &rest);
    status = rk_str_cut(rest, ' ', &rest);
    if (rk_str_int(rk_str_trim(status), &code))
        r->status = (int)code;
    rk_buf_clear(&r->content_type);
    rk_buf_clear(&r->warning);
    r->retry_after_ms = -1;
}

static void take_header(struct net_request *r, rk_str line)
{
    rk_str value;
    int64_t seconds;
    if (header_is(line, "Content-Type", &value)) {
        rk_buf_clear(&r->content_type);
        rk_buf_str(&r->content_type, value);
    } else if (header_is(line, "Warning", &value) && r->warning.n + value.n < HEADER_KEPT) {
        if (r->warning.n)
            rk_buf_ch(&r->warning, '\n');
        rk_buf_str(&r->warning, value);
    } else if (header_is(line, "Retry-After", &value)) {
        if (rk_str_int(value, &seconds) && seconds >= 0 && seconds < 86400)
            r->retry_after_ms = seconds * 1000;
    }
}

static size_t header_cb(char *p, size_t size, size_t n, void *userp)
{
    struct net_request *r = userp;
    rk_str line = rk_str_trim((rk_str){p, size * n});
    touch(r);
    if (rk_str_starts(line, "HTTP/"))
        begin_head(r, line);
    else if (line.n)
        take_header(r, line);
    else if (r->status >= 200) {        /* not after "100 Continue" */
        r->head_whole = true;
        if (r->stream)
            net_pool_ready(r);
    }
    return size * n;
}

/* A peer that vanished is noticed although libcurl 7.88 sends no HTTP/2 PING. */
static int socket_cb(void *userp, curl_socket_t fd, curlsocktype purpose)
{
    (void)userp;
    (void)purpose;
    unsigned ms = PEER_DEAD_MS;
    int count = 3;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

/* ---- the beginning ---- */

static void add_header(struct net_request *r, const char *line)
{
    r->headers = curl_slist_append(r->headers, line);
    rk_assert(r->headers != NULL);
}

static void set_headers(struct net_request *r, const struct net_request_opts *o)
{
    const struct net_client *c = r->pool->client;
    bool typed = false;
    for (const char *const *h = o->headers; h && *h; h++) {
        typed = typed || strncasecmp(*h, "Content-Type:", 13) == 0;
        add_header(r, *h);
    }
    if (!typed)
        add_header(r, "Content-Type:");     /* curl would call every body a form */
    add_header(r, "Expect:");
    if (c->host_header)
        add_header(r, c->host_header);
    if (c->https && c->authorization.n)
        add_header(r, c->authorization.p);
    curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
}

static void set_method(struct net_request *r, const char *method)
{
    bool has_body = r->sent.n || rk_streq(method, "POST") || rk_streq(method, "PUT") ||
                    rk_streq(method, "PATCH");
    if (has_body) {
        curl_easy_setopt(r->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->sent.n);
        curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->sent.p);
    } else if (rk_streq(method, "HEAD")) {
        curl_easy_setopt(r->easy, CURLOPT_NOBODY, 1L);
    }
    if (!rk_streq(method, "HEAD"))
        curl_easy_setopt(r->easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_connection(struct net_request *r)
{
    const struct net_client *c = r->pool->client;
    CURL *e = r->easy;
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_timeout_ms);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, socket_cb);
    curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN, 3600L);
    curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, 80L);
    curl_easy_setopt(e, CURLOPT_PROXY, c->proxy);       /* "" also turns the environment's off */
    curl_easy_setopt(e, CURLOPT_NOPROXY, "");
    curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, c->user_agent);
    if (c->connect_to)
        curl_easy_setopt(e, CURLOPT_CONNECT_TO, c->connect_to);
    if (r->pool->failures >= 2)
        curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_transfer(struct net_request *r, const struct net_request_opts *o)
{
    CURL *e = r->easy;
    uint64_t ms = o->timeout_ms ? o->timeout_ms : r->stream ? 0 : TIMEOUT_MS;
    curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)ms);
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, r->stream ? 16384L : 131072L);
    if (!r->stream)
        curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, write_cb);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, header_cb);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->detail);
    curl_easy_setopt(e, CURLOPT_PRIVATE, r);
}

static struct net_request *new_request(struct net_client *c, const struct net_request_opts *o)
{
    struct net_request *r = rk_alloc(sizeof(*r));
    r->stream = o->on_bytes != NULL;
    r->pool = r->stream ? &c->streams : &c->requests;
    r->easy = curl_easy_init();
    rk_assert(r->easy != NULL);
    r->sent = r->got = r->content_type = r->warning = RK_BUF_INIT;
    rk_buf_str(&r->sent, o->body);
    r->body_limit = o->body_limit ? o->body_limit : body_limit_default;
    r->retry_after_ms = -1;
    r->silence_ms = o->silence_ms;
    r->on_bytes = o->on_bytes;
    r->on_open = o->on_open;
    r->next = c->all;
    if (r->next)
        r->next->prev = r;
    c->all = r;
    return r;
}

static void set_url(struct net_request *r, const char *method, const char *path)
{
    const struct net_client *c = r->pool->client;
    const char *slash = path && *path == '/' ? "" : "/";
    rk_auto(rk_free_str) char *url = rk_asprintf("%s%s%s", c->base, slash, path ? path : "");
    int shown = (int)strcspn(path ? path : "", "?");
    r->label = rk_asprintf("%s %s%s%.*s", method, c->shown, slash, shown, path ? path : "");
    curl_easy_setopt(r->easy, CURLOPT_URL, url);
}

struct net_request *net_request(struct net_client *c, const struct net_request_opts *o,
                                net_done_fn done, void *ctx)
{
    struct net_request *r = new_request(c, o);
    const char *method = o->method ? o->method : "GET";
    r->done = done;
    r->ctx = ctx;
    set_url(r, method, o->path);
    set_connection(r);
    set_transfer(r, o);
    set_method(r, method);
    set_headers(r, o);
    if (net_tls_set(r->easy, c, &r->err) != 0) {
        if (r->stream)
            r->pool->streams++;
        r->over = true;
        net_pool_ready(r);
        net_pool_turn(r->pool);
        return r;
    }
    if (!r->stream) {
        net_pool_add(r->pool, r);
        return r;
    }
    net_stream_watch(r);
    net_stream_admit(r->pool, r);
    return r;
}
