/*
 * apply.c: the merge of server-side apply (structured-merge-diff v6, typed/merge.go). In: the live
 * object and an applied configuration. Out: a new document with everything that the configuration
 * sets; nothing is removed here (kube_set_remove does that, after the set arithmetic).
 */
#include "kube/kube_int.h"

struct merger {
    struct rk_arena *arena;
    struct rk_err *err;
};

static int merge(const struct merger *m, const struct doc_node *l, const struct doc_node *r,
                 struct kube_schema schema, struct doc_node **out);

struct keyed { /* a list with the key of each item */
    const struct doc_node *list;
    struct kube_pe *pe;
    size_t n;
};

static int index_list(const struct merger *m, const struct doc_node *list,
                      struct kube_schema schema, bool duplicates, struct keyed *out)
{
    out->list = list;
    out->n = doc_count(list);
    out->pe = rk_arena_array(m->arena, out->n + 1, sizeof(*out->pe));
    for (size_t i = 0; i < out->n; i++) {
        if (!kube_pe_item(m->arena, schema, doc_at(list, i), &out->pe[i]))
            return rk_fail(m->err, RK_INVALID,
                           "list item %zu has none of the key fields of its list", i);
        for (size_t j = 0; !duplicates && j < i; j++) {
            if (kube_pe_cmp(&out->pe[i], &out->pe[j]) != 0)
                continue;
            struct rk_buf text = RK_BUF_INIT;
            kube_pe_text(&text, &out->pe[i]);
            const int rc =
                rk_fail(m->err, RK_INVALID, "duplicate entries for key %s", text.p);
            rk_buf_release(&text);
            return rc;
        }
    }
    return 0;
}

static size_t find(const struct keyed *k, const struct kube_pe *pe)
{
    for (size_t i = 0; i < k->n; i++) {
        if (kube_pe_cmp(&k->pe[i], pe) == 0)
            return i;
    }
    return SIZE_MAX;
}

struct order { /* the state of SMD's interleaving of two lists */
    const struct keyed *l, *r;
    size_t li, ri;
    size_t shared; /* the next item of r, from ri on, that l has too; r->n = none */
    bool *taken;   /* of r */
};

static void next_shared(struct order *o, size_t from)
{
    for (o->shared = from; o->shared < o->r->n; o->shared++) {
        if (find(o->l, &o->r->pe[o->shared]) != SIZE_MAX)
            return;
    }
}

static int take(const struct merger *m, struct order *o, struct kube_schema item, size_t l,
                size_t r, struct doc_node *out)
{
    struct doc_node *made;
    const struct doc_node *left = l == SIZE_MAX ? NULL : doc_at(o->l->list, l);
    const struct doc_node *right = r == SIZE_MAX ? NULL : doc_at(o->r->list, r);
    if (merge(m, left, right, item, &made) != 0)
        return -1;
    doc_push(m->arena, out, made);
    if (r != SIZE_MAX) {
        o->taken[r] = true;
        if (r == o->shared)
            next_shared(o, r + 1);
    }
    return 0;
}

/* One turn of visitListItems: items of l stay where they are, shared ones come in r's order. */
static int turn(const struct merger *m, struct order *o, struct kube_schema item,
                struct doc_node *out)
{
    const bool more_l = o->li < o->l->n, more_r = o->ri < o->r->n;
    const size_t in_r = more_l ? find(o->r, &o->l->pe[o->li]) : SIZE_MAX;
    if (more_l && more_r) {
        if (in_r == o->ri)
            return take(m, o, item, o->li++, o->ri++, out);
        if (in_r != SIZE_MAX && o->shared < o->r->n && in_r != o->shared) {
            o->li++;
            return 0;
        }
    }
    if (more_l) {
        if (in_r == SIZE_MAX)
            return take(m, o, item, o->li++, SIZE_MAX, out);
        if (o->taken[in_r])
            o->li++;
    }
    if (o->ri < o->r->n) {
        const size_t in_l = find(o->l, &o->r->pe[o->ri]);
        return take(m, o, item, in_l, o->ri++, out);
    }
    return 0;
}

static int merge_lists(const struct merger *m, const struct doc_node *l, const struct doc_node *r,
                       struct kube_schema schema, struct doc_node **out)
{
    struct keyed kl, kr;
    if (index_list(m, l, schema, true, &kl) != 0 || index_list(m, r, schema, false, &kr) != 0)
        return -1;
    struct order o = {.l = &kl, .r = &kr};
    o.taken = rk_arena_array(m->arena, kr.n + 1, sizeof(*o.taken));
    next_shared(&o, 0);
    *out = doc_list(m->arena);
    while (o.li < kl.n || o.ri < kr.n) {
        if (turn(m, &o, kube_schema_item(schema), *out) != 0)
            return -1;
    }
    return 0;
}

static int merge_maps(const struct merger *m, const struct doc_node *l, const struct doc_node *r,
                      struct kube_schema schema, struct doc_node **out)
{
    struct doc_node *map = doc_map(m->arena);
    for (size_t side = 0; side < 2; side++) {
        const struct doc_node *from = side == 0 ? l : r;
        for (size_t i = 0; i < doc_count(from); i++) {
            const struct doc_pair *p = doc_pair_at(from, i);
            if (side == 1 && doc_get_n(l, p->key))
                continue;
            struct doc_node *made;
            if (merge(m, doc_get_n(l, p->key), doc_get_n(r, p->key),
                      kube_schema_field(schema, p->key), &made) != 0)
                return rk_wrap(m->err, "%.*s", RK_ARG_STR(p->key));
            doc_set(m->arena, map, p->key, made);
        }
    }
    *out = map;
    return 0;
}

static int merge(const struct merger *m, const struct doc_node *l, const struct doc_node *r,
                 struct kube_schema schema, struct doc_node **out)
{
    const struct doc_node *some = r ? r : l;
    if (!r || kube_owned_whole(schema, some) || (l && doc_type(l) != doc_type(r))) {
        *out = doc_copy(m->arena, some);
        return 0;
    }
    if (doc_type(r) == DOC_LIST)
        return merge_lists(m, l, r, schema, out);
    return merge_maps(m, l, r, schema, out);
}

int kube_apply_merge(struct rk_arena *a, const struct doc_node *live,
                     const struct doc_node *config, struct kube_schema root,
                     struct doc_node **out, struct rk_err *err)
{
    const struct merger m = {a, err};
    struct doc_node *made = NULL;
    if (merge(&m, live, config, root, &made) != 0)
        return -1;
    *out = made;
    return 0;
}
