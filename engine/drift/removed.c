/*
 * removed.c: fields that we applied before and that git no longer sets: what our Apply entry in
 * live's managedFields owns (server-side apply will take them out), and what the last-applied
 * annotation of kubectl names (objects from before). Not removed: what another manager owns too,
 * and what the server's default would put back as it is.
 */
#include "drift/drift_int.h"

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

struct search {
    struct walk *w;
    const struct kube_object *desired, *live;
    const struct doc_node *full;
    const struct kube_fields *fields;
    size_t entry;               /* ours */
    struct kube_schema root;
};

/* Does a rule take the place, or something above it, out? */
static bool covered(struct walk *w, const struct doc_node *doc, rk_str pointer)
{
    for (size_t i = 1; i <= pointer.n; i++)
        if ((i == pointer.n || pointer.p[i] == '/') &&
            nodes_have(&w->ignored, doc_pointer(doc, (rk_str){pointer.p, i})))
            return true;
    return false;
}

static bool below(rk_str pointer, const char *above)
{
    return above && rk_str_starts(pointer, above) &&
           (pointer.n == strlen(above) || pointer.p[strlen(above)] == '/');
}

static void record(struct search *s, rk_str pointer, const struct doc_node *live)
{
    struct walk *w = s->w;
    for (size_t i = 0; i < w->n; i++)
        if (below(pointer, w->found[i].live) || below(pointer, w->found[i].live_whole))
            return;
    if (walk_noise(w, pointer, NULL, live))
        return;
    const char *path = rk_arena_dup(w->a, pointer.p, pointer.n);
    const struct found f = {
        .field = {.path = path, .live = live, .removed = true,
                  .ignored = covered(w, s->live->doc, pointer)},
        .live = path,
    };
    walk_record(w, &f);
}

static const struct doc_node *at_path(const struct doc_node *doc, rk_str smd,
                                      struct rk_buf *pointer)
{
    rk_buf_clear(pointer);
    return kube_fields_pointer(doc, smd, pointer) ? doc_pointer(doc, rk_buf_view(pointer)) : NULL;
}

static bool shared(const struct search *s, rk_str pointer)
{
    for (size_t i = 0; i < kube_fields_entries(s->fields); i++)
        if (i != s->entry &&
            kube_set_has(kube_fields_set(s->fields, i), s->live->doc, pointer, s->root))
            return true;
    return false;
}

static struct kube_schema schema_at(struct kube_schema s, const struct doc_node *doc,
                                    rk_str pointer)
{
    struct rk_buf part rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 1; i <= pointer.n; i++) {
        if (i < pointer.n && pointer.p[i] != '/')
            continue;
        const bool list = doc_type(doc) == DOC_LIST;
        doc = doc_pointer(doc, (rk_str){pointer.p, i});
        rk_buf_clear(&part);
        rk_buf_add(&part, pointer.p + 1, i - 1); /* fields of the schema hold no escapes */
        s = list ? kube_schema_item(s) : kube_schema_field(s, rk_buf_view(&part));
        pointer = (rk_str){pointer.p + i, pointer.n - i};
        i = 0;
        if (pointer.n == 0)
            break;
    }
    return s;
}

static rk_str last_field(rk_str smd)
{
    size_t i = smd.n;
    while (i > 0 && smd.p[i - 1] != '.')
        i--;
    return (rk_str){smd.p + i, smd.n - i};
}

static void look_at(rk_str smd, void *ctx)
{
    struct search *s = ctx;
    struct rk_buf pointer rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!same_absent(at_path(s->desired->doc, smd, &pointer)))
        return;
    const struct doc_node *def = at_path(s->full, smd, &pointer);
    const struct doc_node *live = at_path(s->live->doc, smd, &pointer);
    const rk_str at = rk_buf_view(&pointer);
    if (same_absent(live) || (def && doc_equal(def, live)) || shared(s, at))
        return;
    /* a map that is no item and not replaced whole: its fields speak for themselves */
    if (doc_type(live) == DOC_MAP && !rk_str_ends(smd, "]") &&
        !kube_schema_atomic_map(schema_at(s->root, s->live->doc, at)) &&
        (doc_count(live) > 0 || !same_empty_counts(last_field(smd))))
        return;
    record(s, at, live);
}

/* ---- the annotation ---- */
bool removed_has_last_applied(const struct kube_object *live)
{
    const rk_str text = kube_annotation(live, LAST_APPLIED);
    return text.n > 0 && text.p[0] == '{';
}

struct beside { const struct doc_node *was, *d, *f, *l; };

static void was_applied(struct search *s, const struct place *at, struct beside b,
                        struct kube_schema schema);

static void gone(struct search *s, const struct place *at, struct beside b)
{
    struct rk_buf pointer rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!same_absent(b.f) && doc_equal(b.f, b.l))
        return;
    if (!same_vacant(b.l) && place_pointer(at, VIEW_LIVE, &pointer))
        record(s, rk_buf_view(&pointer), b.l);
}

static void was_item(struct search *s, const struct place *at, struct beside b,
                     struct kube_schema schema)
{
    for (size_t i = 0; i < doc_count(b.was); i++) {
        const struct doc_node *one = doc_at(b.was, i);
        const struct place below_at = {
            .up = at, .item = true, .d = same_item(b.d, one, schema, i),
            .f = same_item(b.f, one, schema, i), .l = same_item(b.l, one, schema, i),
        };
        const struct beside next = {one, doc_at(b.d, below_at.d), doc_at(b.f, below_at.f),
                                    doc_at(b.l, below_at.l)};
        if (!next.l)
            continue;
        if (!next.d)
            gone(s, &below_at, next);
        else
            was_applied(s, &below_at, next, kube_schema_item(schema));
    }
}

static void was_applied(struct search *s, const struct place *at, struct beside b,
                        struct kube_schema schema)
{
    if (doc_type(b.was) == DOC_LIST && kube_schema_list(schema) != KUBE_LIST_ATOMIC) {
        was_item(s, at, b, schema);
        return;
    }
    if (doc_type(b.was) != DOC_MAP || kube_schema_atomic_map(schema))
        return;
    for (size_t i = 0; i < doc_count(b.was); i++) {
        const struct doc_pair *p = doc_pair_at(b.was, i);
        const struct place below_at = {.up = at, .key = p->key};
        const struct beside next = {p->value, doc_get_n(b.d, p->key), doc_get_n(b.f, p->key),
                                    doc_get_n(b.l, p->key)};
        if (same_absent(p->value) || same_absent(next.l))
            continue;
        const struct kube_schema field = kube_schema_field(schema, p->key);
        const bool deeper = doc_type(p->value) == DOC_MAP && doc_type(next.l) == DOC_MAP &&
                            !kube_schema_atomic_map(field);
        if (same_absent(next.d) && !deeper)
            gone(s, &below_at, next);
        else
            was_applied(s, &below_at, next, field);
    }
}

static void last_applied(struct search *s)
{
    struct doc_node *was = NULL;
    const struct place top = {0};
    if (!removed_has_last_applied(s->live) ||
        doc_json_read(s->w->a, kube_annotation(s->live, LAST_APPLIED), NULL, &was, NULL) != 0)
        return;
    was_applied(s, &top, (struct beside){was, s->desired->doc, s->full, s->live->doc}, s->root);
}

void removed_find(struct walk *w, const struct kube_object *desired, const struct doc_node *full,
                  const struct kube_object *live, const struct kube_fields *fields)
{
    struct search s = {
        .w = w, .desired = desired, .live = live, .full = full, .fields = fields,
        .root = walk_schema(live),
    };
    for (size_t i = 0; fields && i < kube_fields_entries(fields); i++) {
        const struct kube_owner e = kube_fields_entry(fields, i);
        s.entry = i;
        if (rk_str_is(e.manager, w->rules->manager) && rk_str_is(e.operation, "Apply") &&
            e.subresource.n == 0)
            kube_set_each(kube_fields_set(fields, i), look_at, &s);
    }
    last_applied(&s);
}
