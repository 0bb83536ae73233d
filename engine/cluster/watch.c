/*
 * watch.c: which kinds are watched, and when each may open a stream.
 *
 * In: hold and drop, discovery's result, a server that came back. Out: watchers opened in turn, no
 * more than WATCH_LISTS lists at once (after a restart of the server all of them fail together).
 * Owns the watchers. What happens on a stream: reflector.c. A kind that cannot be watched is told
 * once, with the reason; nothing is watched in its place.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

#include "reckon/time.h"

#define CRD_GROUP "apiextensions.k8s.io"
#define CRD_KIND "CustomResourceDefinition"

static struct watcher *find(const struct cluster *c, rk_str group, rk_str kind)
{
    for (struct watcher *w = c->watch.all; w; w = w->next)
        if (!w->crds && !w->dead && rk_str_is(kind, w->kind) && rk_str_is(group, w->group))
            return w;
    return NULL;
}

/* ---- the limiter ---- */

static void unwant(struct watcher *w)
{
    struct watchers *all = &w->c->watch;
    struct watcher **at = &all->want, *before = NULL;

    while (*at && *at != w) {
        before = *at;
        at = &before->want;
    }
    if (!*at)
        return;
    *at = w->want;
    if (all->want_last == w)
        all->want_last = before;
    w->want = NULL;
}

void watch_want(struct watcher *w)
{
    struct watchers *all = &w->c->watch;

    if (w->dead || w->request || w->draining || w->state == WATCHER_QUEUED)
        return;
    w->state = WATCHER_QUEUED;
    w->want = NULL;
    if (all->want_last)
        all->want_last->want = w;
    else
        all->want = w;
    all->want_last = w;
}

void watch_slot_free(struct watcher *w)
{
    if (w->slot)
        w->c->watch.listing--;
    w->slot = false;
}

/* The first that may open now: a watch at once, a list when a slot is free. */
static struct watcher *next_due(const struct watchers *all)
{
    for (struct watcher *w = all->want; w; w = w->want)
        if (!w->feeding && (w->listed || w->slot || all->listing < WATCH_LISTS))
            return w;
    return NULL;
}

void watch_pump(struct cluster *c)
{
    while (!c->dead && next_due(&c->watch)) {
        struct rk_err err;
        int go = auth_ready(c, &err);
        struct watcher *w = next_due(&c->watch);

        if (go == 0 || !w)
            return;
        unwant(w);
        w->state = WATCHER_WAITING;
        if (go < 0) {
            watcher_wait(w, 0);
            continue;
        }
        if (!w->listed && !w->slot) {
            w->slot = true;
            c->watch.listing++;
        }
        watcher_open(w);
    }
}

/* ---- watchers ---- */

static struct watcher *watcher_new(struct cluster *c, rk_str group, rk_str kind)
{
    struct watcher *w = rk_alloc(sizeof(*w));

    w->c = c;
    w->backlog = RK_BUF_INIT;
    w->group = rk_str_dup(group);
    w->kind = rk_str_dup(kind);
    w->next = c->watch.all;
    c->watch.all = w;
    return w;
}

static void watcher_free(struct watcher *w)
{
    doc_split_free(w->split);
    rk_buf_release(&w->backlog);
    free(w->group);
    free(w->kind);
    free(w->version);
    free(w->more);
    free(w);
}

static void stop_whole(struct watcher *w)
{
    unwant(w);
    watcher_stop(w);
    watch_slot_free(w);
    run_timer_stop(w->tell);
    w->tell = NULL;
}

static void empty_quietly(struct watcher *w)
{
    while (w->first)
        cluster_unref(store_remove(&w->c->store, w->first));
}

/* ---- does the store follow the server? ---- */

void watcher_behind(struct watcher *w, int64_t since)
{
    struct cluster *c = w->c;

    if (w->since || !w->ready)
        return;
    w->since = since;
    c->watch.behind++;
    if (c->ob.behind && !w->crds)
        c->ob.behind(c, rk_str_c(w->group), rk_str_c(w->kind), c->ctx);
}

void watcher_current(struct watcher *w)
{
    if (w->since)
        w->c->watch.behind--;
    w->since = 0;
}

void watcher_follows(struct watcher *w)
{
    struct cluster *c = w->c;
    bool news = w->since != 0;

    watcher_current(w);
    if (news && c->ob.kind_ready && !w->crds)
        c->ob.kind_ready(c, rk_str_c(w->group), rk_str_c(w->kind), NULL, c->ctx);
}

int64_t cluster_since(const struct cluster *c, rk_str group, rk_str kind)
{
    const struct watcher *w = c->watch.behind ? find(c, group, kind) : NULL;

    return w ? w->since : 0;
}

void watcher_forget(struct watcher *w)
{
    struct cluster *c = w->c;

    w->ready = w->listed = false;
    watcher_current(w);
    while (w->first && !w->dead && !c->dead) {
        struct cluster_object *old = store_remove(&c->store, w->first);

        if (c->ob.changed)
            c->ob.changed(c, old, NULL, c->ctx);
        cluster_unref(old);
    }
}

/* ---- a kind that cannot be watched ---- */

void watcher_problem(struct watcher *w, const struct rk_err *why)
{
    struct cluster *c = w->c;
    bool same = w->error.code == why->code;

    w->error = *why;
    w->ready = false;
    watcher_current(w);
    if ((same && w->told) || w->crds)
        return;
    w->told = true;
    if (c->ob.kind_ready)
        c->ob.kind_ready(c, rk_str_c(w->group), rk_str_c(w->kind), &w->error, c->ctx);
}

static void tell_now(void *ctx)
{
    struct watcher *w = ctx;
    struct cluster *c = w->c;

    cluster_enter(c);
    run_timer_stop(w->tell);
    w->tell = NULL;
    if (!w->told && w->error.code != RK_OK) {
        struct rk_err why = w->error;
        watcher_problem(w, &why);
    }
    cluster_leave(c);
}

static void told_later(struct watcher *w)
{
    w->told = false;
    if (!w->tell)
        w->tell = run_timer_start(w->c->loop, 1, 0, tell_now, w);
}

static void not_served(struct watcher *w, struct rk_err *err)
{
    rk_fail(err, RK_NOT_FOUND, "cluster %s does not serve kind %s%s%s: is its CRD installed?",
            w->c->name, w->kind, w->group[0] ? " of group " : "", w->group);
}

static void cannot_watch(struct watcher *w, struct rk_err *err)
{
    rk_fail(err, RK_UNSUPPORTED, "cluster %s: kind %s can be neither listed nor watched",
            w->c->name, w->kind);
}

/* Looks the kind up; opens when it is there. Tells nobody inside the call. */
static void start(struct watcher *w)
{
    struct cluster *c = w->c;

    w->served = discovery_find(c, rk_str_c(w->group), rk_str_c(w->kind));
    if (w->served && w->served->served && w->served->watchable) {
        watch_want(w);
        return;
    }
    w->state = WATCHER_UNKNOWN;
    if (!c->disco.done)
        return;
    if (w->served && w->served->served)
        cannot_watch(w, &w->error);
    else
        not_served(w, &w->error);
    told_later(w);
    discovery_missed(c);
}

/* ---- discovery ---- */

static void gone_kind(struct watcher *w)
{
    struct rk_err err;

    stop_whole(w);
    w->state = WATCHER_UNKNOWN;
    watcher_forget(w);
    if (w->dead)
        return;
    not_served(w, &err);
    watcher_problem(w, &err);
}

static void look_again(struct watcher *w)
{
    struct cluster *c = w->c;
    bool was = w->state != WATCHER_UNKNOWN;
    const struct disco_kind *k = discovery_find(c, rk_str_c(w->group), rk_str_c(w->kind));
    bool is = k && k->served && k->watchable;

    w->served = k;
    if (was && !is) {
        gone_kind(w);
    } else if (!was && is) {
        rk_err_clear(&w->error);
        w->told = false;
        c->disco.lookups = 0;
        watch_want(w);
    } else if (was && w->url_version && !rk_streq(w->url_version, k->pub.version)) {
        stop_whole(w); /* the preferred version is another one: the objects look different */
        w->state = WATCHER_WAITING;
        w->listed = false;
        watcher_behind(w, rk_wall_ms());
        if (!w->dead && !c->dead)
            watch_want(w);
    } else if (!was && !w->told) {
        struct rk_err err;
        (k && k->served ? cannot_watch : not_served)(w, &err);
        watcher_problem(w, &err);
    }
    if (!w->dead && w->state == WATCHER_UNKNOWN && !w->crds)
        discovery_missed(c);
}

void watch_kinds_changed(struct cluster *c)
{
    if (!c->disco.done)
        return;
    for (struct watcher *w = c->watch.all, *next; w && !c->dead; w = next) {
        next = w->next;
        if (!w->dead)
            look_again(w); /* may drop this one and others; the dead are buried later */
    }
    watch_pump(c);
}

void watch_kick(struct cluster *c)
{
    for (struct watcher *w = c->watch.all; w; w = w->next) {
        if (w->dead || w->state != WATCHER_WAITING || !w->timer)
            continue;
        run_timer_stop(w->timer);
        w->timer = NULL;
        w->backoff_ms = 0;
        watch_want(w);
    }
    watch_pump(c);
}

void watch_suspend(struct cluster *c)
{
    for (struct watcher *w = c->watch.all; w; w = w->next) {
        bool ran = w->request || w->timer || w->draining;

        if (w->dead)
            continue;
        watcher_stop(w);
        watch_slot_free(w);
        if (ran) {
            w->state = WATCHER_WAITING;
            watch_want(w);
        }
    }
}

/* ---- end ---- */

void watch_bury(struct cluster *c)
{
    struct watcher **at = &c->watch.all;

    while (c->watch.graves > 0 && *at) {
        struct watcher *w = *at;

        if (!w->dead) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        watcher_free(w);
        c->watch.graves--;
    }
}

void watch_release(struct cluster *c)
{
    while (c->watch.all) {
        struct watcher *w = c->watch.all;

        if (!w->dead)
            stop_whole(w);
        c->watch.all = w->next;
        watcher_free(w);
    }
    c->watch = (struct watchers){0};
}

void watch_open(struct cluster *c)
{
    struct watcher *w = watcher_new(c, RK_STR(CRD_GROUP), RK_STR(CRD_KIND));

    w->crds = true;
    w->holds = 1;
}

/* ---- what effects return ---- */

void watch_offer(struct cluster *c, struct cluster_object *o)
{
    struct watcher *w = find(c, o->object.key.group, o->object.key.kind);
    bool known;

    if (!w || !w->ready || !w->version || !w->served ||
        !rk_str_is(o->object.version, w->served->pub.version))
        return;
    /* older than the stream: it may have been deleted since, and nobody would tell us again */
    if (object_version_cmp(o->object.resource_version, rk_str_c(w->version), &known) > 0 && known)
        watcher_upsert(w, cluster_ref(o), 0);
}

/* ---- the door ---- */

void cluster_hold_kind(struct cluster *c, rk_str group, rk_str kind)
{
    struct watcher *w = find(c, group, kind);

    if (w && !w->dead) {
        w->holds++;
        return;
    }
    w = watcher_new(c, group, kind);
    w->holds = 1;
    c->disco.lookups = 0;
    start(w);
    watch_pump(c);
}

void cluster_drop_kind(struct cluster *c, rk_str group, rk_str kind)
{
    struct watcher *w = find(c, group, kind);

    if (!w || w->dead || --w->holds > 0)
        return;
    stop_whole(w);
    watcher_current(w);
    w->dead = true;
    c->watch.graves++;
    empty_quietly(w);
    if (c->depth == 0)
        watch_bury(c);
    watch_pump(c);
}

bool cluster_kind_ready(const struct cluster *c, rk_str group, rk_str kind)
{
    const struct watcher *w = find(c, group, kind);

    return w && w->ready;
}

const struct rk_err *cluster_kind_error(const struct cluster *c, rk_str group, rk_str kind)
{
    const struct watcher *w = find(c, group, kind);

    if (!w)
        return NULL;
    if (w->error.code != RK_OK)
        return &w->error;
    return w->left_out.code != RK_OK ? &w->left_out : NULL;
}

void cluster_each(struct cluster *c, rk_str group, rk_str kind,
                  void (*fn)(struct cluster_object *o, void *ctx), void *ctx)
{
    struct watcher *w = find(c, group, kind);

    for (struct entry *e = w ? w->first : NULL, *next; e; e = next) {
        next = e->after;
        fn(e->o, ctx);
    }
}
