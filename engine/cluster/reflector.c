/*
 * reflector.c: one kind's stream, as client-go's reflector (reference/kubernetes.md section 2.5):
 * list, then watch from where the list ended, for ever. In: bytes. Out: texts of single items and
 * events for watch_event.c, and what follows the end of each stream, by the tables of this file.
 *
 *   QUEUED -> LISTING -> WATCHING -+-> WATCHING      normal end: on from the last version
 *               ^                  +-> WAITING -> WATCHING    refused, 429: version kept
 *               +------ WAITING <--+   410 and all else: a new list, not older than what was seen
 *
 * The list comes as a stream of events where the server offers that (KEP-3157), else as a LIST
 * that is cut into items while it arrives. It owns request, splitter and timer of a watcher.
 */
#include "cluster/cluster_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "reckon/time.h"

#define VALUE_BYTES ((size_t)16 << 20)
#define BACKOFF_FIRST_MS ((uint64_t)800)
#define BACKOFF_MOST_MS ((uint64_t)30000)
#define BACKOFF_CALM_MS ((uint64_t)120000)
#define DENIED_MS ((uint64_t)60000)
#define SHORT_MS ((uint64_t)1000)
#define SILENCE_MS ((uint64_t)150000) /* bookmarks come each 60 s */
#define PAGE "500"
#define FEED_BYTES ((size_t)16 << 10)
#define FEED_US ((uint64_t)2000)
#define KEEP_BYTES ((size_t)64 << 10)

#define ACCEPT_META "Accept: application/json;as=PartialObjectMetadata%s;g=meta.k8s.io;v=v1"

/* ---- stop and wait ---- */

static void close_stream(struct watcher *w)
{
    if (w->request)
        net_cancel(w->request);
    w->request = NULL;
    if (w->draining)
        run_soon_forget(w->c->loop, w);
    w->draining = w->over = false;
    w->cut = w->feeding; /* what is being read stays until its reader looks */
    if (!w->feeding)
        rk_buf_release(&w->backlog);
    w->fed = w->feeding ? w->fed : 0;
}

void watcher_stop(struct watcher *w)
{
    close_stream(w);
    run_timer_stop(w->timer);
    w->timer = NULL;
}

static void waited(void *ctx)
{
    struct watcher *w = ctx;
    struct cluster *c = w->c;

    cluster_enter(c);
    run_timer_stop(w->timer);
    w->timer = NULL;
    watch_want(w);
    watch_pump(c);
    cluster_leave(c);
}

void watcher_wait(struct watcher *w, uint64_t least_ms)
{
    uint64_t now = rk_mono_ms(), ms;

    if (w->backoff_ms == 0 || now - w->failed_ms > BACKOFF_CALM_MS)
        w->backoff_ms = BACKOFF_FIRST_MS;
    w->failed_ms = now;
    ms = retry_jitter(w->backoff_ms, &w->c->random);
    w->backoff_ms = w->backoff_ms * 2 < BACKOFF_MOST_MS ? w->backoff_ms * 2 : BACKOFF_MOST_MS;
    w->state = WATCHER_WAITING;
    run_timer_stop(w->timer);
    w->timer = run_timer_start(w->c->loop, ms > least_ms ? ms : least_ms, 0, waited, w);
}

static void again(struct watcher *w)
{
    w->state = WATCHER_WAITING;
    watch_want(w);
}

/* ---- after an end ---- */

enum follow {
    FOLLOW_NOW,         /* at once, from what is known */
    FOLLOW_WAIT,        /* back off, keep the version */
    FOLLOW_RELIST,      /* a new list, at once */
    FOLLOW_RELIST_WAIT, /* a new list after a back-off */
    FOLLOW_NEWEST,      /* a new list of the newest state, at once */
    FOLLOW_DENIED,      /* told; tried again rarely */
    FOLLOW_MISSING,     /* the collection is not there: ask discovery */
};

static void follow(struct watcher *w, enum follow how, int64_t asked_ms, const struct rk_err *why)
{
    uint64_t least = asked_ms > 0 ? (uint64_t)asked_ms : 0;

    if (how != FOLLOW_NOW) { /* of a silent one nobody knows when it broke */
        watcher_behind(w, why && why->code == RK_TIMEOUT && w->came ? w->came : rk_wall_ms());
        if (w->dead || w->c->dead)
            return;
    }
    switch (how) {
    case FOLLOW_NOW:
        again(w);
        break;
    case FOLLOW_WAIT:
        watcher_wait(w, least);
        break;
    case FOLLOW_NEWEST:
        w->version_bad = true;
        w->listed = false;
        again(w);
        break;
    case FOLLOW_RELIST:
        w->listed = false;
        again(w);
        break;
    case FOLLOW_RELIST_WAIT:
        w->listed = false;
        watcher_wait(w, least);
        break;
    case FOLLOW_DENIED:
        w->listed = false;
        watcher_wait(w, DENIED_MS);
        watcher_problem(w, why);
        break;
    case FOLLOW_MISSING:
        w->listed = false;
        watcher_wait(w, least);
        discovery_soon(w->c, 1);
        break;
    }
}

static bool refuses_streaming(const struct watcher *w, int status)
{
    return w->streaming && !w->opened && (status == 400 || status == 422);
}

/* An HTTP answer that is not 2xx. */
static enum follow follow_status(struct watcher *w, const struct status *s)
{
    bool listing = w->state == WATCHER_LISTING;

    if (refuses_streaming(w, s->code)) {
        w->c->watch.no_streaming = true;
        return FOLLOW_NOW;
    }
    switch (s->code) {
    case 401:
        if (!w->reauthed && auth_refresh(w->c, w->begun_ms)) {
            w->reauthed = true;
            return FOLLOW_NOW;
        }
        return FOLLOW_WAIT;
    case 403:
        return FOLLOW_DENIED;
    case 404:
        return FOLLOW_MISSING;
    case 410:
        if (!listing)
            return FOLLOW_RELIST;
        return w->version_bad ? FOLLOW_RELIST_WAIT : FOLLOW_NEWEST;
    case 429:
        return FOLLOW_WAIT;
    case 504:
        if (s->too_large_version && !w->version_bad)
            return FOLLOW_NEWEST;
        return FOLLOW_RELIST_WAIT;
    default:
        return FOLLOW_RELIST_WAIT;
    }
}

/* An ERROR event inside a stream of 200. */
static enum follow follow_event(struct watcher *w)
{
    switch (w->why_status) {
    case 410:
        if (w->state == WATCHER_LISTING)
            return w->version_bad ? FOLLOW_RELIST_WAIT : FOLLOW_NEWEST;
        return w->events > 0 || rk_mono_ms() - w->begun_ms >= SHORT_MS ? FOLLOW_RELIST
                                                                       : FOLLOW_RELIST_WAIT;
    case 429:
        return FOLLOW_WAIT;
    default:
        return FOLLOW_RELIST_WAIT;
    }
}

/* The stream was open and ended without a word. */
static enum follow follow_end(struct watcher *w)
{
    if (w->state == WATCHER_LISTING)
        return FOLLOW_RELIST_WAIT;
    if (w->events > 0 || rk_mono_ms() - w->begun_ms >= SHORT_MS) {
        w->shorts = 0;
        return FOLLOW_NOW;
    }
    return ++w->shorts < 3 ? FOLLOW_WAIT : FOLLOW_RELIST_WAIT;
}

/* ---- a LIST that came whole ---- */

static bool list_whole(struct watcher *w)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = NULL;
    rk_str head = RK_STR_NONE;

    if (doc_split_end(w->split, &head, NULL) < 0 || doc_json_read(a, head, NULL, &doc, NULL) < 0)
        return false;
    const struct doc_node *meta = doc_get(doc, "metadata");
    rk_str version = doc_get_text(meta, "resourceVersion"), more = doc_get_text(meta, "continue");
    if (version.n == 0)
        return false;
    free(w->more);
    w->more = more.n ? rk_str_dup(more) : NULL;
    if (!w->more)
        watcher_list_end(w, version);
    return true;
}

static void list_ended(struct watcher *w)
{
    bool whole = list_whole(w);

    if (!whole || !w->more)
        watch_slot_free(w);
    if (!whole)
        follow(w, FOLLOW_RELIST_WAIT, 0, NULL);
    else if (!w->dead && !w->c->dead)
        again(w); /* the next page, or the watch */
}

/* ---- the stream's callbacks ---- */

static void ended_answer(struct watcher *w, const struct net_response *r)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct status s;
    struct rk_err why;

    status_read(a, r->status, r->content_type, r->body, &s);
    status_fail(&why, &s, false);
    rk_wrap(&why, "cluster %s: watch %s", w->c->name, w->kind);
    enum follow how = follow_status(w, &s);
    if (how == FOLLOW_WAIT && s.code == 401)
        cluster_denied(w->c, &why);
    free(w->more); /* a page was refused: the next list starts at the front */
    w->more = NULL;
    if (!w->dead && !w->c->dead)
        follow(w, how, r->retry_after_ms >= 0 ? r->retry_after_ms : s.retry_after_ms, &why);
}

/* The stream is over and all that it brought is read. */
static void stream_over(struct watcher *w, const struct net_response *r, const struct rk_err *err)
{
    struct cluster *c = w->c;
    bool list = w->state == WATCHER_LISTING && !w->streaming;

    if (!list || err || r->status != 200 || w->why.code != RK_OK)
        watch_slot_free(w);
    if (w->why.code != RK_OK) {
        follow(w, follow_event(w), w->why_after_ms, &w->why);
    } else if (err && (err->code == RK_INVALID || err->code == RK_LIMIT)) {
        follow(w, FOLLOW_RELIST_WAIT, 0, err); /* what came was no stream of events */
    } else if (err) {
        cluster_trouble(c, err);
        if (w->opened || w->state == WATCHER_LISTING)
            follow(w, follow_end(w), 0, err);
        else
            follow(w, FOLLOW_WAIT, 0, err);
    } else if (r->status < 200 || r->status > 299) {
        ended_answer(w, r);
    } else if (list) {
        list_ended(w);
    } else {
        follow(w, follow_end(w), 0, NULL);
    }
    watch_pump(c);
}

static void ended(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct watcher *w = ctx;
    struct cluster *c = w->c;

    cluster_enter(c);
    w->request = NULL;
    if (r)
        cluster_heard(c, r->status, 0);
    if (w->dead || c->dead) {
        cluster_leave(c);
        return;
    }
    if (w->draining) { /* told once the rest is read */
        w->over = true;
        w->over_status = r ? r->status : 0;
        if (err)
            w->over_err = *err;
    } else {
        stream_over(w, r, err);
    }
    cluster_leave(c);
}

/* ---- reading, a slice a turn: a list of thousands must not keep the loop ---- */

static void drain(void *ctx);

static int feed_slice(struct watcher *w, struct rk_err *err)
{
    bool list = w->state == WATCHER_LISTING && !w->streaming;
    uint64_t t0 = rk_mono_us();
    int rc = 0;

    w->feeding = true; /* nobody opens it anew or frees what is read meanwhile */
    while (rc == 0 && !w->cut && w->fed < w->backlog.n && rk_mono_us() - t0 < FEED_US) {
        size_t n = w->backlog.n - w->fed;
        rk_str piece = {w->backlog.p + w->fed, n < FEED_BYTES ? n : FEED_BYTES};

        w->fed += piece.n;
        rc = doc_split_feed(w->split, piece, list ? watcher_item : watcher_event, w, err);
    }
    w->feeding = false;
    return rc;
}

/* 0: all is read, or the rest waits for the next turn. */
static int feed(struct watcher *w, struct rk_err *err)
{
    int rc = feed_slice(w, err);

    if (rc < 0 && !w->cut)
        return -1;
    if (w->cut) { /* the stream was stopped by what it brought */
        w->cut = false;
        rk_buf_release(&w->backlog);
        w->fed = 0;
        return 0;
    }
    if (w->fed < w->backlog.n) {
        w->draining = true;
        run_soon(w->c->loop, drain, w);
        return 0;
    }
    if (w->backlog.cap > KEEP_BYTES)
        rk_buf_release(&w->backlog);
    rk_buf_clear(&w->backlog);
    w->fed = 0;
    return 0;
}

static void drained(struct watcher *w, int rc, const struct rk_err *err)
{
    const struct net_response r = {.status = w->over_status, .retry_after_ms = -1};
    struct rk_err why = rc < 0 ? *err : w->over_err;
    bool over = w->over || rc < 0, answered = rc == 0 && w->over_status != 0;

    if (!over || w->draining)
        return;
    close_stream(w);
    stream_over(w, answered ? &r : NULL, answered ? NULL : &why);
}

static void drain(void *ctx)
{
    struct watcher *w = ctx;
    struct cluster *c = w->c;
    struct rk_err err;

    cluster_enter(c);
    w->draining = false;
    int rc = feed(w, &err);
    if (!w->dead && !c->dead)
        drained(w, rc, &err);
    watch_pump(c);
    cluster_leave(c);
}

static void opened(const struct net_response *r, void *ctx)
{
    struct watcher *w = ctx;
    struct cluster *c = w->c;

    if (r->status < 200 || r->status > 299)
        return;
    cluster_enter(c);
    w->opened = true;
    w->reauthed = false;
    w->came = rk_wall_ms();
    cluster_heard(c, r->status, 0);
    if (!w->dead && !c->dead && w->listed && w->state == WATCHER_WATCHING)
        watcher_follows(w);
    cluster_leave(c);
}

static int bytes_came(rk_str bytes, void *ctx, struct rk_err *err)
{
    struct watcher *w = ctx;
    struct cluster *c = w->c;
    int rc = 0;

    cluster_enter(c);
    rk_buf_str(&w->backlog, bytes);
    w->came = rk_wall_ms();
    if (!w->draining)
        rc = feed(w, err);
    if (rc == 0)
        watch_pump(c); /* a list may have given its slot back */
    if (!cluster_leave(c))
        return rk_fail(err, RK_CANCELLED, "the cluster was closed");
    return rc;
}

/* ---- opening ---- */

static void query_version(struct rk_buf *path, const char *version)
{
    rk_buf_c(path, "&resourceVersion=");
    net_escape(path, rk_str_c(version));
}

/* "" = the newest, "0" = what the server has at hand, else not older than what was seen. */
static const char *list_from(const struct watcher *w)
{
    return w->version_bad ? "" : w->version ? w->version : "0";
}

static void query_list(struct watcher *w, struct rk_buf *path)
{
    const char *from = list_from(w);

    if (w->more) {
        rk_buf_c(path, "?limit=" PAGE "&continue=");
        net_escape(path, rk_str_c(w->more));
        return;
    }
    rk_buf_c(path, "?pretty=false");
    if (from[0])
        query_version(path, from);
    else
        rk_buf_c(path, "&limit=" PAGE);
}

static void query_watch(struct watcher *w, struct rk_buf *path, unsigned seconds)
{
    rk_buf_f(path, "?watch=1&allowWatchBookmarks=true&timeoutSeconds=%u", seconds);
    if (w->streaming)
        rk_buf_c(path, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
    query_version(path, w->streaming ? list_from(w) : w->version);
}

static void begin_stream(struct watcher *w)
{
    bool list = !w->listed, new_list = list && !w->more;

    w->streaming = list && !w->more && !w->c->watch.no_streaming;
    w->state = list ? WATCHER_LISTING : WATCHER_WATCHING;
    w->opened = false;
    w->events = 0;
    w->begun_ms = rk_mono_ms();
    rk_err_clear(&w->why);
    w->why_status = 0;
    w->why_after_ms = -1;
    w->url_version = w->served->pub.version;
    if (new_list && ++w->c->watch.round == 0)
        w->c->watch.round = 1;
    if (new_list) {
        w->round = w->c->watch.round;
        rk_err_clear(&w->left_out);
    }
    doc_split_free(w->split);
    rk_buf_clear(&w->backlog);
    w->fed = 0;
    w->split = doc_split_new(list && !w->streaming, VALUE_BYTES);
}

void watcher_open(struct watcher *w)
{
    struct cluster *c = w->c;
    struct rk_buf path = RK_BUF_INIT;
    unsigned seconds = 300 + (unsigned)(retry_random(&c->random) % 300);
    const char *headers[80];
    char accept[128];

    begin_stream(w);
    bool list = w->state == WATCHER_LISTING && !w->streaming;
    path_collection(&path, &w->served->pub, RK_STR_NONE);
    if (list)
        query_list(w, &path);
    else
        query_watch(w, &path, seconds);
    snprintf(accept, sizeof(accept), w->crds ? ACCEPT_META : "Accept: application/json%s",
             w->crds && list ? "List" : "");
    cluster_headers(c, accept, NULL, headers, RK_LEN(headers));
    const struct net_request_opts opts = {
        .path = path.p,
        .headers = headers,
        .on_bytes = bytes_came,
        .on_open = opened,
        .timeout_ms = list ? c->request_ms : 0,
        .silence_ms = list ? 0 : w->bookmarks ? SILENCE_MS : ((uint64_t)seconds + 60) * 1000,
    };
    w->request = net_request(c->net, &opts, ended, w);
    rk_buf_release(&path);
}
