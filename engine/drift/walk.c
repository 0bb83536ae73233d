/*
 * walk.c: two documents beside each other. In: desired as git says it (d), the full one (f: with
 * the server's defaults, or the server's prediction) and live (l). Out: every place where f and l
 * differ, as far as it counts: locally only what d names, and everything inside a value that is
 * replaced whole; with a prediction every field. Recursion is bounded by the readers' depth limit.
 */
#include "drift/drift_int.h"

static void value(struct walk *w, const struct place *at, struct triple t, struct kube_schema s);

struct kube_schema walk_schema(const struct kube_object *o)
{
    return kube_schema_of(KUBE_SSA, o->key.group, o->version, o->key.kind);
}

/* ---- a difference ---- */
static bool is_own_mark(rk_str path)
{
    static const char *const own[] = {
        "/metadata/annotations/reckon.dev~1tracking-id",
        "/metadata/annotations/argocd.argoproj.io~1tracking-id",
        "/metadata/labels/reckon.dev~1application",
    };
    for (size_t i = 0; i < RK_LEN(own); i++)
        if (rk_str_is(path, own[i]))
            return true;
    return false;
}

bool walk_noise(const struct walk *w, rk_str path, const struct doc_node *desired,
                const struct doc_node *live)
{
    static const char *const identity[] = {
        "/apiVersion", "/kind", "/metadata/name", "/metadata/namespace", "/metadata/generateName",
    };
    for (size_t i = 0; i < RK_LEN(identity); i++)
        if (rk_str_is(path, identity[i]))
            return true;
    if (is_own_mark(path) && (same_absent(desired) || same_absent(live)))
        return true;
    if (kube_ignored_live(RK_STR("-"), RK_STR("-"), path)) /* what holds for every kind */
        return true;
    return same_absent(desired) && kube_ignored_live(w->key->group, w->key->kind, path);
}

static const char *pointer_in(struct walk *w, const struct place *at, enum view view)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!at || !place_pointer(at, view, &out))
        return NULL;
    return rk_arena_dup(w->a, out.p, out.n);
}

void walk_record(struct walk *w, const struct found *f)
{
    w->found = rk_arena_grow(w->a, w->found, w->n, &w->cap, sizeof *w->found);
    w->found[w->n++] = *f;
}

/* What is shown as git's value: what it says, unless the server makes something else of it. */
static const struct doc_node *shown(const struct walk *w, struct triple t)
{
    if (!w->both)
        return same_absent(t.d) && !same_absent(t.f) ? t.f : t.d;
    return !same_absent(t.d) && !doc_equal(t.d, t.l) ? t.d : t.f;
}

static void differ(struct walk *w, const struct place *at, struct triple t)
{
    if (w->quick) {
        w->dirty = true;
        return;
    }
    if (w->common && (same_absent(t.f) || same_absent(t.l)))
        return;
    struct rk_buf path rk_auto(rk_buf_release) = RK_BUF_INIT;
    place_path(at, &path);
    if (walk_noise(w, rk_buf_view(&path), t.d, t.l))
        return;
    const struct doc_node *desired = shown(w, t);
    struct found f = {
        .made = !w->both && same_absent(t.d) && !same_absent(t.f),
        .field = {
            .path = rk_arena_dup(w->a, path.p, path.n),
            .desired = same_absent(desired) ? NULL : desired,
            .live = same_absent(t.l) ? NULL : t.l,
            .mark = t.d ? t.d->mark : 0, .ignored = w->ignoring > 0,
            .removed = w->both && same_absent(t.d) && !same_absent(t.l) &&
                       (!w->whole || w->whole == at),
        },
        .live = t.l ? pointer_in(w, at, VIEW_LIVE) : NULL,
        .full = t.f ? pointer_in(w, at, VIEW_FULL) : NULL,
        .live_whole = pointer_in(w, w->whole, VIEW_LIVE),
        .full_whole = pointer_in(w, w->whole, VIEW_FULL),
    };
    if (!w->ours || w->ours(w, &f))
        walk_record(w, &f);
}

/* ---- maps ---- */
static void map(struct walk *w, const struct place *at, struct triple t, struct kube_schema s)
{
    const bool all = w->whole || w->both;
    const struct doc_node *from = all ? t.f : t.d;
    for (size_t i = 0; i < doc_count(from) && !w->dirty; i++) {
        const struct doc_pair *p = doc_pair_at(from, i);
        if (!at->up && rk_str_is(p->key, "status"))
            continue;
        const struct place below = {.up = at, .key = p->key};
        const struct triple next = {
            all ? doc_get_n(t.d, p->key) : p->value,
            all || t.f == t.d ? p->value : doc_get_n(t.f, p->key),
            doc_get_n(t.l, p->key),
        };
        value(w, &below, next, kube_schema_field(s, p->key));
    }
    for (size_t i = 0; all && i < doc_count(t.l) && !w->dirty; i++) {
        const struct doc_pair *p = doc_pair_at(t.l, i);
        if (doc_get_n(t.f, p->key) || (!at->up && rk_str_is(p->key, "status")))
            continue;
        const struct place below = {.up = at, .key = p->key};
        if (w->quick && w->known && same_added(place_parent(&below), p->key, p->value))
            continue;
        value(w, &below, (struct triple){doc_get_n(t.d, p->key), NULL, p->value},
              kube_schema_field(s, p->key));
    }
}

/* metadata is the same in custom resources. */
static bool known_here(const struct walk *w, const struct place *at)
{
    while (at->up && at->up->up)
        at = at->up;
    return w->known || rk_str_is(at->key, "metadata");
}

/* One side has no such map: fields of granular maps are named one by one. */
static void map_alone(struct walk *w, const struct place *at, struct triple t,
                      struct kube_schema s)
{
    const struct doc_node *there = same_absent(t.f) ? t.l : t.f;
    const rk_str field = at->item ? RK_STR_NONE : at->key;
    const bool empty = doc_count(there) == 0;
    if (empty && known_here(w, at) && !same_empty_counts(field))
        return;
    if (empty || w->whole) {
        if (empty || !known_here(w, at) || same_empty_counts(field) || !same_vacant(there))
            differ(w, at, t);
        return;
    }
    map(w, at, t, s);
}

/* ---- lists ---- */
static size_t kept(struct walk *w, const struct doc_node *list)
{
    size_t n = 0;
    for (size_t i = 0; i < doc_count(list); i++)
        n += !nodes_have(&w->ignored, doc_at(list, i));
    return n;
}

/* Item by item in order; ignored items stand in nobody's way. */
static void list_whole(struct walk *w, const struct place *at, struct triple t,
                       struct kube_schema s)
{
    if (kept(w, t.f) != kept(w, t.l)) {
        differ(w, at, t);
        return;
    }
    size_t k = 0;
    for (size_t i = 0; i < doc_count(t.f) && !w->dirty; i++) {
        if (nodes_have(&w->ignored, doc_at(t.f, i)))
            continue;
        while (k < doc_count(t.l) && nodes_have(&w->ignored, doc_at(t.l, k)))
            k++;
        const struct doc_node *d = doc_at(t.d, i);
        const struct place below = {.up = at, .item = true, .d = d ? i : NOWHERE, .f = i, .l = k};
        value(w, &below, (struct triple){d, doc_at(t.f, i), doc_at(t.l, k)}, kube_schema_item(s));
        k++;
    }
}

/* Variables may use earlier ones, and init containers run in turn: there the order is a value. */
static bool order_counts(const struct place *at)
{
    return !at->item && (rk_str_is(at->key, "env") || rk_str_is(at->key, "initContainers"));
}

/* Do the items of f that live has too stand in the same order there? */
static bool in_order(const struct triple t, struct kube_schema s)
{
    size_t last = 0;
    for (size_t i = 0; i < doc_count(t.f); i++) {
        const size_t k = same_item(t.l, doc_at(t.f, i), s, last);
        if (k != NOWHERE && k < last)
            return false;
        last = k == NOWHERE ? last : k;
    }
    return true;
}

static void item(struct walk *w, const struct place *below, struct triple t, struct kube_schema s)
{
    const bool alone = same_absent(t.f) || same_absent(t.l);
    if (!alone) {
        value(w, below, t, s);
        return;
    }
    const bool ignored = nodes_have(&w->ignored, t.f) || nodes_have(&w->ignored, t.l);
    w->ignoring += ignored;
    differ(w, below, t);
    w->ignoring -= ignored;
}

static void list_by_key(struct walk *w, const struct place *at, struct triple t,
                        struct kube_schema s)
{
    const struct doc_node *from = w->both ? t.f : t.d;
    const bool by_key = kube_schema_list(s) == KUBE_LIST_MAP;
    for (size_t i = 0; i < doc_count(from) && !w->dirty; i++) {
        const struct doc_node *one = doc_at(from, i);
        if (by_key && !same_has_key(one, s)) { /* the server would refuse it */
            differ(w, at, t);
            return;
        }
        const size_t l = same_item(t.l, one, s, i);
        const size_t d = w->both ? same_item(t.d, one, s, i) : i;
        const struct place below = {.up = at, .item = true, .d = d, .f = i, .l = l};
        item(w, &below,
             (struct triple){doc_at(t.d, d), w->both || t.f == t.d ? one : doc_at(t.f, i),
                             doc_at(t.l, l)},
             kube_schema_item(s));
    }
    for (size_t i = 0; w->both && i < doc_count(t.l) && !w->dirty; i++) {
        const struct doc_node *one = doc_at(t.l, i);
        if (same_item(t.f, one, s, i) != NOWHERE)
            continue;
        const size_t d = same_item(t.d, one, s, i);
        const struct place below = {.up = at, .item = true, .d = d, .f = NOWHERE, .l = i};
        item(w, &below, (struct triple){doc_at(t.d, d), NULL, one}, kube_schema_item(s));
    }
    if (!w->dirty && order_counts(at) && !in_order(t, s))
        differ(w, at, t);
}

static void list(struct walk *w, const struct place *at, struct triple t, struct kube_schema s)
{
    const bool alone = same_absent(t.f) || same_absent(t.l);
    const struct doc_node *there = same_absent(t.f) ? t.l : t.f;
    if (alone && doc_count(there) == 0) {
        if (!known_here(w, at))
            differ(w, at, t);
    } else if (!w->whole && kube_schema_list(s) != KUBE_LIST_ATOMIC) {
        list_by_key(w, at, t, s);
    } else if (alone) {
        differ(w, at, t);
    } else {
        list_whole(w, at, t, s);
    }
}

/* ---- any value ---- */
static bool fits(const struct doc_node *n, enum doc_type type)
{
    return same_absent(n) || n->type == type;
}

static void compare(struct walk *w, const struct place *at, struct triple t, struct kube_schema s)
{
    if (same_absent(t.f) && same_absent(t.l))
        return;
    const bool alone = same_absent(t.f) || same_absent(t.l);
    if (fits(t.f, DOC_MAP) && fits(t.l, DOC_MAP)) {
        if (alone)
            map_alone(w, at, t, s);
        else
            map(w, at, t, s);
    } else if (fits(t.f, DOC_LIST) && fits(t.l, DOC_LIST)) {
        list(w, at, t, s);
    } else if (alone) {
        if (!w->known || at->item ||
            !same_zero(place_parent(at), at->key, same_absent(t.f) ? t.l : t.f))
            differ(w, at, t);
    } else if (!same_scalar(t.f, t.l, s) &&
               (at->item || !w->known || !same_bytes(place_parent(at), at->key, t.f, t.l))) {
        differ(w, at, t);
    }
}

static bool replaced_whole(const struct doc_node *n, struct kube_schema s)
{
    return (doc_type(n) == DOC_LIST && kube_schema_list(s) == KUBE_LIST_ATOMIC) ||
           (doc_type(n) == DOC_MAP && kube_schema_atomic_map(s));
}

static void value(struct walk *w, const struct place *at, struct triple t, struct kube_schema s)
{
    const bool ignored =
        w->ignored.n > 0 && (nodes_have(&w->ignored, t.f) || nodes_have(&w->ignored, t.l));
    const bool whole = !w->whole && replaced_whole(same_absent(t.f) ? t.l : t.f, s);
    w->ignoring += ignored;
    if (whole)
        w->whole = at;
    compare(w, at, t, s);
    if (whole)
        w->whole = NULL;
    w->ignoring -= ignored;
}

void walk_object(struct walk *w, struct triple docs, struct kube_schema root)
{
    const struct place top = {0};
    w->known = kube_schema_known(root);
    map(w, &top, docs, root);
}
