/*
 * ids.c: who an object is and was. An id is (group, version, kind, effective namespace, name);
 * each rename pushes the old one on the object's stack, and patches, replicas and references
 * match any id of the stack. An index from the hash of (kind, namespace, name) finds objects in
 * constant time; its entries may be stale, so they are compared with the object itself.
 */
#include "render/render_int.h"

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

rk_str ids_scalar(const struct doc_node *map, const char *key)
{
    const struct doc_node *n = doc_get(map, key);

    return doc_is_null(n) ? RK_STR_NONE : doc_source(n);
}

void ids_refresh(struct build *b, struct acc *acc, struct res *r)
{
    const struct doc_node *meta = doc_get(r->doc, "metadata");

    kube_split_api_version(doc_get_text(r->doc, "apiVersion"), &r->group, &r->version);
    r->kind = ids_scalar(r->doc, "kind");
    r->name = ids_scalar(meta, "name");
    r->ns = ids_scalar(meta, "namespace");
    openapi_met(b, r->group, r->version, r->kind);
    r->cluster = kube_kustomize_cluster_scoped(r->group, r->version, r->kind) ||
                 (b->schema && kube_own_cluster_scoped(b->schema, r->group, r->version, r->kind));
    if (acc)
        index_add(b->a, &acc->ids, ids_hash(r->kind, ids_effective_ns(r), r->name), r);
}

void ids_store_previous(struct build *b, struct res *r)
{
    r->n_kinds += r->kind.n > 0;
    if (!r->name.n) /* the real tool drops an empty text here, too */
        return;
    r->prev = rk_arena_grow(b->a, r->prev, r->n_prev, &r->cap_prev, sizeof(*r->prev));
    r->prev[r->n_prev++] =
        (struct res_id){.kind = r->kind, .name = r->name, .ns = ids_effective_ns(r)};
}

/* The real tool keeps names and kinds in two lists without the empty ones, and dies when they are
 * not of one length; an empty list counts as one. */
bool ids_history_broken(const struct res *r)
{
    return r->n_prev > 0 && r->n_prev != (r->n_kinds ? r->n_kinds : 1);
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

    for (const struct index_entry *e = index_find(&acc->ids, hash); e; e = e->next)
        if (!e->res->gone && is_any(e->res, id) && n++ == 0)
            *first = e->res;
    return n;
}

size_t ids_count_current(const struct acc *acc, const struct res *id)
{
    uint64_t hash = ids_hash(id->kind, ids_effective_ns(id), id->name);
    size_t n = 0;

    for (const struct index_entry *e = index_find(&acc->ids, hash); e; e = e->next)
        n += !e->res->gone && is_current(e->res, id);
    return n;
}

int ids_check_unique(struct build *b, const struct acc *acc, struct rk_err *err)
{
    for (size_t i = 0; i < acc->n; i++)
        if (!acc->items[i]->gone && ids_count_current(acc, acc->items[i]) > 1)
            return rk_fail(err, RK_INVALID,
                           "two objects have become %s: give one of them another name",
                           ids_text(b, acc->items[i]));
    return 0;
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
