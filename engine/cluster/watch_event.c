/*
 * watch_event.c: what one item of a list or one event of a watch does to the store and to the
 * observer. In: its text. Out: objects added, replaced, removed; the stream's version moved on.
 * Lists do not empty the store: what they name is put in at once, what they did not name goes when
 * they are whole. So a list that breaks off loses nothing.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

static void tell(struct cluster *c, struct cluster_object *old, struct cluster_object *now)
{
    if (c->ob.changed)
        c->ob.changed(c, old, now, c->ctx);
}

void watcher_version(struct watcher *w, rk_str version)
{
    if (version.n == 0)
        return;
    free(w->version);
    w->version = rk_str_dup(version);
}

/* ---- the store ---- */

/* Is what we hold the same version of the same object, or a newer one? */
static bool holds_already(const struct cluster_object *have, const struct cluster_object *o)
{
    bool known;
    int order = object_version_cmp(have->object.resource_version, o->object.resource_version,
                                   &known);

    if (rk_str_eq(have->object.resource_version, o->object.resource_version))
        return rk_str_eq(have->object.uid, o->object.uid);
    return known && order > 0;
}

void watcher_upsert(struct watcher *w, struct cluster_object *o, uint32_t round)
{
    struct cluster *c = w->c;
    struct entry *e = store_find(&c->store, &o->object.key);

    if (!e) {
        e = store_add(&c->store, w, o);
        e->round = round;
        cluster_ref(o);
        tell(c, NULL, o);
        cluster_unref(o);
        return;
    }
    e->round = round;
    if (holds_already(e->o, o)) {
        cluster_unref(o);
        return;
    }
    struct cluster_object *old = store_replace(&c->store, e, o);
    cluster_ref(o); /* the observer may drop the kind, and with it the store's reference */
    tell(c, old, o);
    cluster_unref(o);
    cluster_unref(old);
}

static void remove_entry(struct watcher *w, struct entry *e)
{
    struct cluster_object *old = store_remove(&w->c->store, e);

    tell(w->c, old, NULL);
    cluster_unref(old);
}

/* Inserted by an effect while the list was on its way: the watch will name it. */
static bool newer_than(const struct entry *e, rk_str version)
{
    bool known;

    return object_version_cmp(e->o->object.resource_version, version, &known) > 0 && known;
}

void watcher_list_end(struct watcher *w, rk_str version)
{
    struct cluster *c = w->c;

    for (struct entry *e = w->first, *next; e; e = next) {
        next = e->after;
        if (e->round == w->round || newer_than(e, version))
            continue;
        remove_entry(w, e);
        if (w->dead || c->dead)
            return;
    }
    watcher_version(w, version);
    watch_slot_free(w);
    w->version_bad = false;
    w->listed = true;
    w->ready = true;
    w->told = false;
    w->backoff_ms = 0;
    rk_err_clear(&w->error);
    watcher_current(w);
    if (w->crds)
        discovery_settle(c);
    else if (c->ob.kind_ready)
        c->ob.kind_ready(c, rk_str_c(w->group), rk_str_c(w->kind), NULL, c->ctx);
}

/* ---- one object ---- */

/* NULL: it cannot be read. One bad object must not end the stream: it is left out and noted. */
static struct cluster_object *read_object(struct watcher *w, rk_str text)
{
    struct cluster_object *o;
    struct rk_err err;

    if (object_read(w->c, text, &w->served->pub, &o, &err) < 0) {
        rk_wrap(&err, "an object of kind %s is left out", w->kind);
        w->left_out = err;
        return NULL;
    }
    if (rk_str_is(o->object.key.kind, w->kind) && rk_str_is(o->object.key.group, w->group))
        return o;
    rk_fail(&w->left_out, RK_INVALID, "an object of another kind came for %s", w->kind);
    cluster_unref(o);
    return NULL;
}

static void put(struct watcher *w, rk_str text)
{
    struct cluster_object *o = w->crds ? NULL : read_object(w, text);

    if (o)
        watcher_upsert(w, o, w->round);
}

static void take_away(struct watcher *w, rk_str text)
{
    struct cluster_object *o = w->crds ? NULL : read_object(w, text);
    struct entry *e = o ? store_find(&w->c->store, &o->object.key) : NULL;

    /* a newer one of that name may have come with the answer of an apply */
    if (e && (rk_str_eq(e->o->object.uid, o->object.uid) ||
              !newer_than(e, o->object.resource_version)))
        remove_entry(w, e);
    cluster_unref(o);
}

static int stop_if_dead(const struct watcher *w, struct rk_err *err)
{
    return w->dead || w->c->dead ? rk_fail(err, RK_CANCELLED, "no longer watched") : 0;
}

int watcher_item(rk_str text, void *watcher, struct rk_err *err)
{
    struct watcher *w = watcher;

    put(w, text);
    return stop_if_dead(w, err);
}

/* ---- events ---- */

struct event {
    struct watcher *w;
    rk_str object, version;
};

static int on_put(struct event *e, struct rk_err *err)
{
    struct watcher *w = e->w;

    put(w, e->object);
    if (stop_if_dead(w, err) < 0)
        return -1;
    if (w->listed) { /* the first part of a streaming list comes in no order of versions */
        watcher_version(w, e->version);
        if (w->crds)
            discovery_soon(w->c, 20);
    }
    return 0;
}

static int on_deleted(struct event *e, struct rk_err *err)
{
    struct watcher *w = e->w;

    take_away(w, e->object);
    if (stop_if_dead(w, err) < 0)
        return -1;
    if (w->listed)
        watcher_version(w, e->version);
    if (w->crds)
        discovery_soon(w->c, 20);
    return 0;
}

static int on_bookmark(struct event *e, struct rk_err *err)
{
    struct watcher *w = e->w;
    rk_str notes = json_member_find(json_member_find(e->object, "metadata"), "annotations");
    bool whole = rk_str_is(json_unquote(json_member_find(notes, "k8s.io/initial-events-end")),
                           "true");

    w->bookmarks = true;
    if (w->listed) {
        watcher_version(w, e->version);
        return 0;
    }
    if (!whole)
        return 0;
    w->state = WATCHER_WATCHING;
    watcher_list_end(w, e->version);
    return stop_if_dead(w, err);
}

static int on_error(struct event *e, struct rk_err *err)
{
    struct watcher *w = e->w;
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct status s;

    status_read(a, 500, RK_STR_NONE, e->object, &s);
    status_fail(&w->why, &s, false);
    w->why_status = s.code;
    w->why_after_ms = s.retry_after_ms;
    if (err)
        *err = w->why;
    return -1;
}

static const struct {
    const char *type;
    int (*act)(struct event *e, struct rk_err *err);
} acts[] = {
    {"ADDED", on_put},
    {"MODIFIED", on_put},
    {"DELETED", on_deleted},
    {"BOOKMARK", on_bookmark},
    {"ERROR", on_error},
};

int watcher_event(rk_str text, void *watcher, struct rk_err *err)
{
    struct watcher *w = watcher;
    rk_str type = json_unquote(json_member_find(text, "type"));
    struct event e = {.w = w, .object = json_member_find(text, "object")};

    if (e.object.n == 0 || e.object.p[0] != '{')
        return rk_fail(err, RK_INVALID, "a watch event without an object");
    e.version = json_unquote(
        json_member_find(json_member_find(e.object, "metadata"), "resourceVersion"));
    for (size_t i = 0; i < RK_LEN(acts); i++) {
        if (!rk_str_is(type, acts[i].type))
            continue;
        w->events++;
        return acts[i].act(&e, err);
    }
    return rk_fail(err, RK_INVALID, "a watch event of an unknown type");
}
