/*
 * ids.c: who an object is and was. An id is (group, version, kind, effective namespace, name);
 * each rename pushes the old one on the object's stack, and patches, replicas and references
 * match any id of the stack. An index from the hash of (kind, namespace, name) finds objects in
 * constant time; entries may be stale, so a reader compares with the object itself.
 */
#include "render/render_int.h"

#define NO_NAMESPACE "_non_namespaceable_"

/* ---- index: open addressing, several objects a hash ---- */

static void index_put(struct index *x, uint64_t hash, struct res *r)
{
    size_t i = hash & (x->cap - 1);

    while (x->slots[i].res) {
        if (x->slots[i].res == r && x->slots[i].hash == hash)
            return;
        i = (i + 1) & (x->cap - 1);
    }
    x->slots[i] = (struct index_slot){.hash = hash, .res = r};
    x->n++;
}

static void index_grow(struct rk_arena *a, struct index *x)
{
    struct index old = *x;

    x->cap = old.cap ? old.cap * 2 : 64;
    x->slots = rk_arena_array(a, x->cap, sizeof(*x->slots));
    x->n = 0;
    if (!old.cap)
        return;
    /* Starting behind an empty slot keeps the order of objects with one hash. */
    for (size_t i = 0, at = 0; i < old.cap; i++)
        if (!old.slots[i].res) {
            for (size_t j = 1; j <= old.cap; j++) {
                at = (i + j) & (old.cap - 1);
                if (old.slots[at].res)
                    index_put(x, old.slots[at].hash, old.slots[at].res);
            }
            break;
        }
}

void index_add(struct rk_arena *a, struct index *x, uint64_t hash, struct res *r)
{
    if (x->n * 2 >= x->cap)
        index_grow(a, x);
    index_put(x, hash, r);
}

struct res *index_next(const struct index *x, uint64_t hash, size_t *it)
{
    if (!x->cap)
        return NULL;
    while (*it < x->cap) {
        const struct index_slot *s = &x->slots[(hash + *it) & (x->cap - 1)];

        (*it)++;
        if (!s->res)
            break;
        if (s->hash == hash)
            return s->res;
    }
    *it = x->cap;
    return NULL;
}

/* ---- ids ---- */

static uint64_t mix(uint64_t h, rk_str s)
{
    return (h ^ rk_hash(s.p ? s.p : "", s.n)) * 0x9e3779b97f4a7c15u;
}

uint64_t ids_hash(rk_str kind, rk_str ns, rk_str name)
{
    uint64_t h = mix(mix(mix(1, kind), ns), name);

    return h ^ (h >> 29);
}

static bool part_fits(const char *want, rk_str have)
{
    return !want || !want[0] || rk_str_is(have, want);
}

bool gvk_selected(const struct spec *s, rk_str group, rk_str version, rk_str kind)
{
    return part_fits(s->kind, kind) && part_fits(s->group, group) &&
           part_fits(s->version, version);
}

rk_str ids_effective_ns(const struct res *r)
{
    if (r->cluster)
        return RK_STR(NO_NAMESPACE);
    return r->ns.n ? r->ns : RK_STR("default");
}

void ids_refresh(struct build *b, struct acc *acc, struct res *r)
{
    const struct doc_node *meta = doc_get(r->doc, "metadata");

    kube_split_api_version(doc_get_text(r->doc, "apiVersion"), &r->group, &r->version);
    r->kind = doc_get_text(r->doc, "kind");
    r->name = doc_get_text(meta, "name");
    r->ns = doc_get_text(meta, "namespace");
    r->cluster = kube_kustomize_cluster_scoped(r->group, r->version, r->kind);
    if (acc)
        index_add(b->a, &acc->ids, ids_hash(r->kind, ids_effective_ns(r), r->name), r);
}

void ids_store_previous(struct build *b, struct res *r)
{
    if (!r->name.n) /* the real tool drops an empty text here, too */
        return;
    r->prev = rk_arena_grow(b->a, r->prev, r->n_prev, &r->cap_prev, sizeof(*r->prev));
    r->prev[r->n_prev++] =
        (struct res_id){.kind = r->kind, .name = r->name, .ns = ids_effective_ns(r)};
}

void ids_index(struct build *b, struct acc *acc, struct res *r)
{
    for (size_t i = 0; i < r->n_prev; i++)
        index_add(b->a, &acc->ids, ids_hash(r->prev[i].kind, r->prev[i].ns, r->prev[i].name), r);
    index_add(b->a, &acc->ids, ids_hash(r->kind, ids_effective_ns(r), r->name), r);
}

static bool same_type(const struct res *r, const struct res *id)
{
    return rk_str_eq(r->group, id->group) && rk_str_eq(r->version, id->version);
}

static bool is_current(const struct res *r, const struct res *id)
{
    return same_type(r, id) && rk_str_eq(r->kind, id->kind) && rk_str_eq(r->name, id->name) &&
           rk_str_eq(ids_effective_ns(r), ids_effective_ns(id));
}

static bool is_any(const struct res *r, const struct res *id)
{
    rk_str ns = ids_effective_ns(id);

    if (is_current(r, id))
        return true;
    for (size_t i = 0; same_type(r, id) && i < r->n_prev; i++)
        if (rk_str_eq(r->prev[i].kind, id->kind) && rk_str_eq(r->prev[i].name, id->name) &&
            rk_str_eq(r->prev[i].ns, ns))
            return true;
    return false;
}

size_t ids_find_any(const struct acc *acc, const struct res *id, struct res **first)
{
    uint64_t hash = ids_hash(id->kind, ids_effective_ns(id), id->name);
    size_t n = 0;
    struct res *r;

    for (size_t it = 0; (r = index_next(&acc->ids, hash, &it));)
        if (!r->gone && is_any(r, id) && n++ == 0)
            *first = r;
    return n;
}

size_t ids_count_current(const struct acc *acc, const struct res *id)
{
    uint64_t hash = ids_hash(id->kind, ids_effective_ns(id), id->name);
    size_t n = 0;
    struct res *r;

    for (size_t it = 0; (r = index_next(&acc->ids, hash, &it));)
        n += !r->gone && is_current(r, id);
    return n;
}

bool ids_any_named(const struct res *r, rk_str name, const struct spec *gvk)
{
    if (rk_str_eq(r->name, name) && gvk_selected(gvk, r->group, r->version, r->kind))
        return true;
    for (size_t i = 0; i < r->n_prev; i++)
        if (rk_str_eq(r->prev[i].name, name) &&
            gvk_selected(gvk, r->group, r->version, r->prev[i].kind))
            return true;
    return false;
}

const char *ids_text(struct build *b, const struct res *r)
{
    return rk_arena_f(b->a, "%.*s%s%.*s %.*s%s%.*s", RK_ARG_STR(r->group), r->group.n ? "/" : "",
                      RK_ARG_STR(r->kind), RK_ARG_STR(r->ns), r->ns.n ? "/" : "",
                      RK_ARG_STR(r->name));
}
