/*
 * each.c: the compared fields of one object, one by one, with live's values. In: desired, live,
 * rules. Out: calls. Whoever hashes them knows when something that was reviewed changed, and is
 * not disturbed by a status write or by fields that a rule leaves to others.
 */
#include "drift/drift_int.h"

struct each {
    struct walk w;              /* key and ignored nodes only */
    const struct kube_object *live;
    const struct kube_fields *fields;   /* NULL: no rule names managers */
    struct kube_schema root;
    drift_each_fn fn;
    void *ctx;
    struct rk_buf path;         /* of the field, in desired */
    struct rk_buf at;           /* of the same in live; only while `in_live` */
    bool in_live;
};

static void cut(struct rk_buf *b, size_t n)
{
    b->n = n;
    if (b->cap)
        b->p[n] = 0;
}

/* A rule's manager wrote it: it may change it again. */
static bool trusted(const struct each *e)
{
    for (size_t i = 0; e->fields && e->in_live && i < kube_fields_entries(e->fields); i++) {
        const struct kube_owner o = kube_fields_entry(e->fields, i);
        if (!kube_set_has(kube_fields_set(e->fields, i), e->live->doc, rk_buf_view(&e->at),
                          e->root))
            continue;
        for (size_t r = 0; r < e->w.rules->n_ignore; r++) {
            const struct model_ignore *rule = &e->w.rules->ignore[r];
            for (size_t k = 0; k < rule->n_managers && ignore_matches(rule, e->w.key); k++)
                if (rk_str_is(o.manager, rule->managers[k]))
                    return true;
        }
    }
    return false;
}

static void tell(struct each *e, const struct doc_node *d, const struct doc_node *l)
{
    if (!walk_noise(&e->w, rk_buf_view(&e->path), d, l) && !trusted(e))
        e->fn(rk_buf_view(&e->path), l, e->ctx);
}

/* All leaves of a live value that is replaced whole. */
static void tell_whole(struct each *e, const struct doc_node *d, const struct doc_node *l)
{
    const size_t n = e->path.n;
    if (nodes_have(&e->w.ignored, l))
        return;
    if ((doc_type(l) != DOC_MAP && doc_type(l) != DOC_LIST) || doc_count(l) == 0) {
        tell(e, d, l);
        return;
    }
    for (size_t i = 0; i < doc_count(l); i++) {
        const bool list = doc_type(l) == DOC_LIST;
        if (list)
            rk_buf_f(&e->path, "/%zu", i);
        else
            doc_pointer_add(&e->path, doc_pair_at(l, i)->key);
        tell_whole(e, list ? doc_at(d, i) : doc_get_n(d, doc_pair_at(l, i)->key),
                   list ? doc_at(l, i) : doc_pair_at(l, i)->value);
        cut(&e->path, n);
    }
}

static void visit(struct each *e, const struct doc_node *d, const struct doc_node *l,
                  struct kube_schema s);

static void visit_items(struct each *e, const struct doc_node *d, const struct doc_node *l,
                        struct kube_schema s)
{
    const size_t path = e->path.n, at = e->at.n;
    const bool in_live = e->in_live;
    for (size_t i = 0; i < doc_count(d); i++) {
        const size_t k = same_item(l, doc_at(d, i), s, i);
        rk_buf_f(&e->path, "/%zu", i);
        e->in_live = in_live && k != NOWHERE;
        if (e->in_live)
            rk_buf_f(&e->at, "/%zu", k);
        visit(e, doc_at(d, i), doc_at(l, k), kube_schema_item(s));
        cut(&e->path, path);
        cut(&e->at, at);
    }
    e->in_live = in_live;
}

static void visit_fields(struct each *e, const struct doc_node *d, const struct doc_node *l,
                         struct kube_schema s)
{
    const size_t path = e->path.n, at = e->at.n;
    for (size_t i = 0; i < doc_count(d); i++) {
        const struct doc_pair *p = doc_pair_at(d, i);
        doc_pointer_add(&e->path, p->key);
        doc_pointer_add(&e->at, p->key);
        visit(e, p->value, doc_get_n(l, p->key), kube_schema_field(s, p->key));
        cut(&e->path, path);
        cut(&e->at, at);
    }
}

static void visit(struct each *e, const struct doc_node *d, const struct doc_node *l,
                  struct kube_schema s)
{
    if (same_absent(d) || nodes_have(&e->w.ignored, d) || nodes_have(&e->w.ignored, l))
        return;
    const bool list = doc_type(d) == DOC_LIST, map = doc_type(d) == DOC_MAP;
    const bool whole = (list && kube_schema_list(s) == KUBE_LIST_ATOMIC) ||
                       (map && kube_schema_atomic_map(s));
    if (list && !whole)
        visit_items(e, d, l, s);
    else if (map && !whole)
        visit_fields(e, d, l, s);
    else
        tell_whole(e, d, l);
}

static bool names_managers(const struct drift_rules *rules, const struct kube_key *key)
{
    for (size_t i = 0; i < rules->n_ignore; i++)
        if (rules->ignore[i].n_managers && ignore_matches(&rules->ignore[i], key))
            return true;
    return false;
}

int drift_each_compared(const struct kube_object *desired, const struct kube_object *live,
                        const struct drift_rules *rules, drift_each_fn fn, void *ctx,
                        struct rk_err *err)
{
    if (ignore_check(rules, err))
        return -1;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct kube_object rooms[2];
    const rk_str ns = desired->key.namespace.n ? desired->key.namespace : live->key.namespace;
    desired = prepare_object(a, desired, ns, &rooms[0]);
    live = prepare_object(a, live, ns, &rooms[1]);
    struct kube_fields *fields = NULL;
    if (names_managers(rules, &desired->key) &&
        kube_fields_parse(a, live->managed_fields, &fields, NULL) != 0)
        fields = NULL;
    struct each e = {
        .w = {.key = &desired->key, .rules = rules}, .live = live, .fields = fields,
        .root = walk_schema(desired), .fn = fn, .ctx = ctx, .path = RK_BUF_INIT,
        .at = RK_BUF_INIT, .in_live = true,
    };
    ignore_nodes(a, rules, &desired->key, desired->doc, &e.w.ignored);
    ignore_nodes(a, rules, &desired->key, live->doc, &e.w.ignored);
    visit(&e, desired->doc, live->doc, e.root);
    rk_buf_release(&e.path);
    rk_buf_release(&e.at);
    return 0;
}
