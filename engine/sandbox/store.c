/*
 * store.c: the objects and their history. In: whole objects. Out: look-ups, sorted lists, and each
 * change once to the watchers, the controllers' queue and a bounded ring from which a watch can
 * resume. Owns every object (reference-counted: the ring and running answers hold some longer).
 */
#include <stdlib.h>

#include "sandbox/store_int.h"

struct sb_object *sb_object_new(struct sb_type *t, const struct doc_node *doc, uint64_t rv)
{
    struct rk_arena *a = kube_is_secret(&(struct kube_key){rk_str_c(t->group), rk_str_c(t->kind),
                                                           RK_STR_NONE, RK_STR_NONE})
                             ? rk_arena_new_wiping() : rk_arena_new();
    struct sb_object *o = rk_alloc(sizeof(*o));
    o->refs = 1;
    o->type = t;
    o->arena = a;
    o->doc = doc_copy(a, doc);
    o->rv = rv;
    struct doc_node *meta = doc_make(a, o->doc, "metadata");
    if (rv)
        doc_set_c(a, meta, "resourceVersion", doc_string_f(a, "%llu", (unsigned long long)rv));
    else
        doc_del(meta, RK_STR("resourceVersion"));
    o->ns = doc_get_text(meta, "namespace");
    o->name = doc_get_text(meta, "name");
    o->uid = doc_get_text(meta, "uid");
    return o;
}

struct sb_object *sb_ref(struct sb_object *o)
{
    o->refs++;
    return o;
}

void sb_unref(struct sb_object *o)
{
    if (!o || --o->refs)
        return;
    rk_arena_free(o->arena);
    free(o);
}

uint64_t sb_next_rv(struct sandbox *sb)
{
    return ++sb->store.rv;
}

/* ---- look-ups ---- */

static struct rk_map *space_of(const struct sb_type *t, rk_str ns)
{
    return rk_map_get_n(t->spaces, ns.p ? ns : RK_STR(""));
}

struct sb_object *sb_find(const struct sb_type *t, rk_str ns, rk_str name)
{
    const struct rk_map *space = space_of(t, ns);
    return space ? rk_map_get_n(space, name) : NULL;
}

struct sb_object *sb_find_uid(const struct sandbox *sb, rk_str uid)
{
    return uid.n ? rk_map_get_n(sb->store.by_uid, uid) : NULL;
}

static int by_key(const void *x, const void *y)
{
    const struct sb_object *a = *(struct sb_object *const *)x, *b = *(struct sb_object *const *)y;
    const int ns = rk_str_cmp(a->ns, b->ns);
    return ns ? ns : rk_str_cmp(a->name, b->name);
}

static size_t take_space(const struct rk_map *space, struct sb_object **to)
{
    size_t n = 0, it = 0;
    const char *key;
    void *value;
    while (rk_map_next(space, &it, &key, &value))
        to[n++] = value;
    return n;
}

struct sb_object **sb_list(struct rk_arena *a, const struct sb_type *t, rk_str ns, size_t *n)
{
    size_t total = 0, it = 0;
    const char *key;
    void *value;
    const struct rk_map *one = ns.p ? space_of(t, ns) : NULL;
    if (ns.p)
        total = one ? rk_map_count(one) : 0;
    else
        while (rk_map_next(t->spaces, &it, &key, &value))
            total += rk_map_count(value);
    struct sb_object **list = rk_arena_array(a, total + 1, sizeof(struct sb_object *));
    *n = 0;
    if (one) {
        *n = take_space(one, list);
    } else if (!ns.p) {
        for (it = 0; rk_map_next(t->spaces, &it, &key, &value);)
            *n += take_space(value, list + *n);
    }
    qsort(list, *n, sizeof(struct sb_object *), by_key);
    return list;
}

/* ---- changes ---- */

static void forget_oldest(struct sb_store *s)
{
    struct sb_event *e = &s->ring[s->first];
    s->oldest = e->rv;
    sb_unref(e->now);
    sb_unref(e->before);
    s->first = (s->first + 1) % s->cap;
    s->n--;
}

/* Takes both references. */
static void record(struct sandbox *sb, enum sb_event_type type, struct sb_object *now,
                   struct sb_object *before)
{
    struct sb_store *s = &sb->store;
    if (s->n == s->cap)
        forget_oldest(s);
    struct sb_event *e = &s->ring[(s->first + s->n++) % s->cap];
    *e = (struct sb_event){now->rv, type, now, before};
    sb->dirty = true;
    sb_watch_tell(sb, e);
}

void sb_store_put(struct sandbox *sb, struct sb_object *o)
{
    struct rk_map *space = space_of(o->type, o->ns);
    if (!space) {
        space = rk_map_new();
        rk_map_set_n(o->type->spaces, o->ns.p ? o->ns : RK_STR(""), space);
    }
    struct sb_object *before = rk_map_set_n(space, o->name, o);
    rk_map_set_n(sb->store.by_uid, o->uid, o);
    record(sb, before ? SB_MODIFIED : SB_ADDED, sb_ref(o), before);
    sb_touch(sb, o);
}

void sb_store_delete(struct sandbox *sb, struct sb_object *o)
{
    struct rk_map *space = space_of(o->type, o->ns);
    if (!space || rk_map_get_n(space, o->name) != o)
        return;
    rk_map_del(space, rk_arena_dup(o->arena, o->name.p, o->name.n));
    rk_map_del(sb->store.by_uid, rk_arena_dup(o->arena, o->uid.p, o->uid.n));
    if (rk_map_count(space) == 0) {
        rk_map_del(o->type->spaces, rk_arena_dup(o->arena, o->ns.p ? o->ns.p : "", o->ns.n));
        rk_map_free(space, NULL);
    }
    struct sb_object *last = sb_object_new(o->type, o->doc, sb_next_rv(sb));
    record(sb, SB_DELETED, last, o);
    sb_collect_dependents(sb, last);
}

/* ---- opening and closing ---- */

enum { HISTORY = 4096 };

/* A new sandbox begins above every version an earlier one gave, so that a client which resumes is
 * told "too old" instead of silently missing what happened. */
static uint64_t first_rv(void)
{
    const int64_t since = rk_wall_ms() / 1000 - 1767225600;     /* 2026-01-01 */
    return since > 0 ? (uint64_t)since * 100 : 1;
}

void sb_store_open(struct sandbox *sb, size_t history)
{
    struct sb_store *s = &sb->store;
    s->cap = history ? history : HISTORY;
    s->ring = rk_calloc(s->cap, sizeof(*s->ring));
    s->by_uid = rk_map_new();
    s->rv = s->oldest = first_rv();
}

static void close_type(struct sb_type *t)
{
    size_t it = 0, at;
    const char *key;
    void *space, *o;
    while (rk_map_next(t->spaces, &it, &key, &space)) {
        for (at = 0; rk_map_next(space, &at, &key, &o);)
            sb_unref(o);
        rk_map_free(space, NULL);
    }
}

void sb_store_close(struct sandbox *sb)
{
    struct sb_store *s = &sb->store;
    while (s->n)
        forget_oldest(s);
    for (size_t i = 0; i < sb->n_types; i++)
        close_type(sb->types[i]);
    rk_map_free(s->by_uid, NULL);
    free(s->ring);
}
