/*
 * client.c: curl's multi interface driven by the loop.
 *
 * In: events of sockets, curl's timer. Out: requests that have something to tell. Owns the two
 * pools, their timers and watchers, and the client's secrets until net_client_free.
 * No code of a caller ever runs inside curl: callbacks collect bytes, and they are told once curl
 * has returned. So a caller may start and cancel requests, or free the client, in any callback.
 */
#include "net_int.h"

#include <stdlib.h>

#include "base/hash.h"

enum { CONNECT_MS = 10000, SHORT_CONNECTIONS = 32, STREAMS_MAX = 1000 };

struct socket_watch {
    struct net_pool *pool;
    struct run_poll *poll;
    curl_socket_t fd;
};

/* ---- what is ready ---- */

void net_pool_ready(struct net_request *r)
{
    struct net_pool *p = r->pool;
    if (r->ready)
        return;
    r->ready = true;
    r->next_ready = NULL;
    *p->ready_end = r;
    p->ready_end = &r->next_ready;
}

static struct net_request *take_ready(struct net_pool *p)
{
    struct net_request *r = p->ready;
    if (!r)
        return NULL;
    p->ready = r->next_ready;
    if (!p->ready)
        p->ready_end = &p->ready;
    r->ready = false;
    return r;
}

static void collect_ends(struct net_pool *p)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(p->multi, &left))) {
        struct net_request *r = NULL;
        if (m->msg != CURLMSG_DONE ||
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&r) != CURLE_OK || !r)
            continue;
        r->result = m->data.result;     /* m is gone once the handle is taken out */
        r->over = true;
        net_pool_drop(r);
        net_pool_ready(r);
    }
}

static void destroy(struct net_client *c);

static void leave(struct net_client *c)
{
    if (--c->depth == 0 && c->dead)
        destroy(c);
}

void net_pool_tell(struct net_pool *p)
{
    struct net_client *c = p->client;
    struct net_request *r;
    c->depth++;
    collect_ends(p);
    while ((r = take_ready(p)))
        net_request_tell(r);
    leave(c);
}

static void act(struct net_pool *p, curl_socket_t fd, int flags)
{
    int running;
    curl_multi_socket_action(p->multi, fd, flags, &running);
}

/* ---- curl's two questions to an event loop ---- */

static void timer_due(void *ctx)
{
    struct net_pool *p = ctx;
    p->soon = false;
    act(p, CURL_SOCKET_TIMEOUT, 0);
    net_pool_tell(p);
}

void net_pool_turn(struct net_pool *p)
{
    if (p->soon || p->client->dead)
        return;
    p->soon = true;
    run_soon(p->client->loop, timer_due, p);
}

/* -1 (no timer any more) is left alone: one call too many does nothing. */
static int timer_cb(CURLM *multi, long ms, void *userp)
{
    struct net_pool *p = userp;
    (void)multi;
    if (ms == 0)
        net_pool_turn(p);
    else if (ms > 0 && p->timer)
        run_timer_again(p->timer, (uint64_t)ms);
    else if (ms > 0)
        p->timer = run_timer_start(p->client->loop, (uint64_t)ms, 0, timer_due, p);
    return 0;
}

static void socket_event(unsigned events, void *ctx)
{
    struct socket_watch *w = ctx;       /* may be gone once curl has acted */
    struct net_pool *p = w->pool;
    int flags = 0;
    if (events & RUN_READ)
        flags |= CURL_CSELECT_IN;
    if (events & RUN_WRITE)
        flags |= CURL_CSELECT_OUT;
    if (events & RUN_HANGUP)
        flags |= CURL_CSELECT_ERR;
    act(p, w->fd, flags);
    net_pool_tell(p);
}

static int socket_cb(CURL *easy, curl_socket_t fd, int what, void *userp, void *socketp)
{
    struct net_pool *p = userp;
    struct socket_watch *w = socketp;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            run_poll_stop(w->poll);
            free(w);
            curl_multi_assign(p->multi, fd, NULL);
        }
        return 0;
    }
    unsigned events = (what & CURL_POLL_IN ? RUN_READ : 0u) |
                      (what & CURL_POLL_OUT ? RUN_WRITE : 0u);
    if (w) {
        run_poll_set(w->poll, events);
        return 0;
    }
    w = rk_alloc(sizeof(*w));
    w->pool = p;
    w->fd = fd;
    w->poll = run_poll_start(p->client->loop, fd, events, socket_event, w);
    rk_assert(w->poll != NULL);
    curl_multi_assign(p->multi, fd, w);
    return 0;
}

/* ---- handing requests over ---- */

void net_pool_add(struct net_pool *p, struct net_request *r)
{
    r->held = false;
    if (curl_multi_add_handle(p->multi, r->easy) != CURLM_OK) {
        r->over = true;
        r->result = CURLE_FAILED_INIT;
        net_pool_ready(r);
    } else {
        r->added = true;
        act(p, CURL_SOCKET_TIMEOUT, 0);     /* the first bytes leave now; nothing is told here */
    }
    net_pool_turn(p);
}

void net_pool_drop(struct net_request *r)
{
    if (r->added)
        curl_multi_remove_handle(r->pool->multi, r->easy);
    r->added = false;
}

/* ---- pools ---- */

static void pool_open(struct net_pool *p, struct net_client *c, bool streams)
{
    p->client = c;
    p->ready_end = &p->ready;
    p->multi = curl_multi_init();
    rk_assert(p->multi != NULL);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
    if (!streams)
        curl_multi_setopt(p->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)SHORT_CONNECTIONS);
}

static void pool_close(struct net_pool *p)
{
    curl_multi_cleanup(p->multi);
    run_timer_stop(p->timer);
    run_timer_stop(p->warm);
    run_soon_forget(p->client->loop, p);
}

/* ---- the client ---- */

struct parts {
    rk_str scheme, host, port, prefix;
};

static int split_base(const char *base, struct parts *out, struct rk_err *err)
{
    rk_str s = rk_str_c(base);
    struct parts p = {.scheme = RK_STR("https"), .port = RK_STR("443")};
    if (rk_str_starts(s, "http://"))
        p = (struct parts){.scheme = RK_STR("http"), .port = RK_STR("80")};
    else if (!rk_str_starts(s, "https://"))
        return rk_fail(err, RK_INVALID, "a server's URL begins with https:// or http://");
    const char *from = s.p + p.scheme.n + 3;
    size_t n = strcspn(from, "/?#");
    if (n == 0 || memchr(from, '@', n) || from[n] == '?' || from[n] == '#')
        return rk_fail(err, RK_INVALID, "a server's URL holds host, port and path, nothing else");
    p.host = (rk_str){from, n};
    const char *bracket = memchr(from, ']', n), *after = bracket ? bracket : from;
    const char *colon = memchr(after, ':', n - (size_t)(after - from));
    if (colon) {
        p.host.n = (size_t)(colon - from);
        p.port = (rk_str){colon + 1, n - p.host.n - 1};
    }
    p.prefix = rk_str_c(from + n);
    while (p.prefix.n && p.prefix.p[p.prefix.n - 1] == '/')
        p.prefix.n--;
    *out = p;
    return 0;
}

/*
 * libcurl has no option for SNI: the URL carries the name to check, the connection is sent to the
 * real host, and the Host header names that again.
 */
static void name_server(struct net_client *c, const struct parts *p, const char *name)
{
    bool other = name && *name && !rk_str_is(p->host, name);
    rk_str shown = other ? rk_str_c(name) : p->host;
    c->shown = rk_asprintf(RK_FMT_STR "://" RK_FMT_STR ":" RK_FMT_STR RK_FMT_STR,
                           RK_ARG_STR(p->scheme), RK_ARG_STR(p->host), RK_ARG_STR(p->port),
                           RK_ARG_STR(p->prefix));
    c->base = rk_asprintf(RK_FMT_STR "://" RK_FMT_STR ":" RK_FMT_STR RK_FMT_STR,
                          RK_ARG_STR(p->scheme), RK_ARG_STR(shown), RK_ARG_STR(p->port),
                          RK_ARG_STR(p->prefix));
    if (!other)
        return;
    rk_auto(rk_free_str) char *to =
        rk_asprintf("%s:" RK_FMT_STR ":" RK_FMT_STR ":" RK_FMT_STR, name, RK_ARG_STR(p->port),
                    RK_ARG_STR(p->host), RK_ARG_STR(p->port));
    c->connect_to = curl_slist_append(NULL, to);
    rk_assert(c->connect_to != NULL);
    c->host_header = rk_asprintf("Host: " RK_FMT_STR ":" RK_FMT_STR, RK_ARG_STR(p->host),
                                 RK_ARG_STR(p->port));
}

static struct rk_buf copy(rk_str s)
{
    struct rk_buf b = RK_BUF_INIT;
    rk_buf_str(&b, s);
    return b;
}

int net_client_new(struct run_loop *loop, const struct net_client_opts *opts,
                   struct net_client **out, struct rk_err *err)
{
    struct parts parts = {.scheme = RK_STR_NONE};
    if (split_base(opts->base, &parts, err) != 0)
        return -1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return rk_fail(err, RK_INTERNAL, "libcurl does not start");
    struct net_client *c = rk_alloc(sizeof(*c));
    c->loop = loop;
    c->https = rk_str_is(parts.scheme, "https");
    c->insecure = opts->tls.insecure;
    c->ca = copy(opts->tls.ca);
    c->cert = copy(opts->tls.cert);
    c->key = copy(opts->tls.key);
    c->authorization = RK_BUF_INIT;
    c->proxy = rk_strdup(opts->proxy ? opts->proxy : "");
    c->user_agent = rk_strdup(opts->user_agent ? opts->user_agent : "reckon/" RK_VERSION);
    c->connect_timeout_ms = opts->connect_timeout_ms ? opts->connect_timeout_ms : CONNECT_MS;
    name_server(c, &parts, opts->tls.server_name);
    pool_open(&c->requests, c, false);
    pool_open(&c->streams, c, true);
    *out = c;
    return 0;
}

static void destroy(struct net_client *c)
{
    pool_close(&c->requests);
    pool_close(&c->streams);
    curl_slist_free_all(c->connect_to);
    net_wipe(&c->ca);
    net_wipe(&c->cert);
    net_wipe(&c->key);
    net_wipe(&c->authorization);
    free(c->base);
    free(c->shown);
    free(c->host_header);
    free(c->proxy);
    free(c->user_agent);
    free(c);
}

void net_client_free(struct net_client *c)
{
    if (!c || c->dead)
        return;
    c->dead = true;
    c->depth++;
    for (struct net_request *r = c->all, *next; r; r = next) {
        next = r->next;
        net_cancel(r);
    }
    leave(c);
}

void net_client_authorize(struct net_client *c, const char *value)
{
    net_wipe(&c->authorization);
    if (value && *value) {
        rk_buf_c(&c->authorization, "Authorization: ");
        rk_buf_c(&c->authorization, value);
    }
}
