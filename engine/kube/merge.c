/*
 * merge.c: strategic merge exactly as kustomize v5.7.1 does it, quirks included: a transcription
 * of kyaml v0.20.1 yaml/walk, yaml/merge2 and the filters of yaml/fns.go that they use, because
 * users' overlays depend on what these do with odd input (reference/kustomize.md section 5).
 * In: a resource (changed in place) and a patch (copied). Out: the resource, or NULL when the
 * patch deletes it. What the patch sets is marked as made by it. As in the original a new subtree
 * is merged with itself, which is what cleans $patch and null out of it. Recursion is bounded.
 */
#include "kube/kube_int.h"

enum { MAX_DEPTH = 128 };

static const char PATCH[] = "$patch";

bool merge_missing(const struct doc_node *n)
{
    return doc_type(n) == DOC_NULL;
}

bool merge_empty_map(const struct doc_node *n)
{
    return merge_missing(n) || (doc_type(n) == DOC_MAP && doc_count(n) == 0);
}

/* ---- marks: everything taken from the patch says so ---- */
static void adopt(const struct merge *m, struct doc_node *n, const struct doc_node *old)
{
    if (!m->marks || !n || n == old)
        return;
    n->mark = doc_marks_chain(m->marks, n->mark, DOC_BY_PATCH, old ? old->mark : 0);
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        adopt(m, doc_at(n, i), NULL);
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        struct doc_pair *p = doc_pair_at(n, i);
        adopt(m, p->value, doc_type(old) == DOC_MAP ? doc_get_n(old, p->key) : NULL);
    }
}

/* ---- $patch ---- */
static int directive_value(const struct merge *m, rk_str v, enum directive *out)
{
    static const struct {
        const char *name;
        enum directive directive;
    } known[] = {{"delete", SMP_DELETE}, {"replace", SMP_REPLACE}, {"merge", SMP_MERGE}};
    for (size_t i = 0; i < RK_LEN(known); i++) {
        if (rk_str_is(v, known[i].name)) {
            *out = known[i].directive;
            return 0;
        }
    }
    return rk_fail(m->err, RK_INVALID, "unknown patch strategy '%.*s' ($patch knows delete, "
                   "replace and merge)", RK_ARG_STR(v));
}

static int directive_of_map(const struct merge *m, struct doc_node *patch, enum directive *out)
{
    const struct doc_node *v = doc_get(patch, PATCH);
    *out = SMP_MERGE;
    if (!v)
        return 0;
    if (directive_value(m, kube_scalar_text(v), out) != 0)
        return -1;
    doc_del(patch, rk_str_c(PATCH));
    return 0;
}

/* Only the first item with $patch is looked at, and only when it holds nothing else. */
static int directive_of_list(const struct merge *m, struct doc_node *patch, enum directive *out)
{
    *out = SMP_MERGE;
    for (size_t i = 0; i < doc_count(patch); i++) {
        const struct doc_node *item = doc_at(patch, i);
        const struct doc_node *v = doc_get(item, PATCH);
        if (!v)
            continue;
        if (doc_count(item) > 1)
            return 0;
        const rk_str value = kube_scalar_text(v);
        if (directive_value(m, value, out) != 0)
            return -1;
        const rk_str key = rk_str_c(PATCH);
        return merge_set_item(m, patch, NULL, &(struct merge_match){&key, &value, 1, 1});
    }
    return 0;
}

static int directive_of(const struct merge *m, struct doc_node *patch, enum directive *out)
{
    *out = SMP_MERGE;
    if (doc_type(patch) == DOC_MAP)
        return directive_of_map(m, patch, out);
    if (doc_type(patch) == DOC_LIST)
        return directive_of_list(m, patch, out);
    if (patch)
        return rk_fail(m->err, RK_INVALID, "a scalar stands where the resource has a map or list");
    return 0;
}

/* ---- the visitor (merge2.Merger) ---- */
/* An empty list or map takes the style of what comes. */
static void set_style(struct doc_node *dest, const struct doc_node *origin)
{
    if (dest && origin && doc_count(dest) == 0 &&
        (doc_type(dest) == DOC_MAP || doc_type(dest) == DOC_LIST))
        dest->flags = (uint8_t)((dest->flags & ~DOC_STYLE) | (origin->flags & DOC_STYLE));
}

static int visit_map(const struct merge *m, struct doc_node *dest, struct doc_node *origin,
                     struct doc_node **out)
{
    enum directive d = SMP_MERGE;
    *out = NULL;
    set_style(dest, origin);
    if (merge_missing(dest)) {
        const struct merge quiet = {m->arena, m->marks, NULL, 0};
        if (directive_of(&quiet, origin, &d) == 0 && d == SMP_DELETE)
            return 0;
        if (!origin && dest)
            *out = kube_scalar_text(dest).n ? dest : NULL; /* "b: null" stays, "b:" goes */
        else
            adopt(m, *out = origin, dest);
        return 0;
    }
    if (origin && doc_type(origin) == DOC_NULL)
        return 0;
    if (directive_of(m, origin, &d) != 0)
        return -1;
    if (d == SMP_MERGE)
        *out = dest;
    else if (d == SMP_REPLACE)
        adopt(m, *out = origin, dest);
    return 0;
}

static int visit_list(const struct merge *m, struct doc_node *dest, struct doc_node *origin,
                      bool associative, struct doc_node **out)
{
    enum directive d = SMP_MERGE;
    *out = NULL;
    set_style(dest, origin);
    if (!associative || merge_missing(dest)) {
        *out = origin || associative ? origin : dest;
        if (*out == origin)
            adopt(m, origin, dest);
        return 0;
    }
    if (origin && doc_type(origin) == DOC_NULL)
        return 0;
    if (directive_of(m, origin, &d) != 0)
        return -1;
    if (d == SMP_MERGE)
        *out = dest;
    else if (d == SMP_REPLACE)
        adopt(m, *out = origin, dest);
    return 0;
}

/*
 * The field keeps the old value's quotes, and a quoted number is a string: patching "80" with 80
 * gives "80" (measured).
 */
static struct doc_node *visit_scalar(const struct merge *m, struct doc_node *dest,
                                     struct doc_node *origin)
{
    if (!origin || origin == dest)
        return dest;
    adopt(m, origin, dest);
    if (merge_missing(dest) || merge_missing(origin))
        return origin;
    const bool quoted_text = doc_type(dest) == DOC_STRING && (dest->flags & DOC_QUOTED) != 0;
    if (quoted_text && (doc_type(origin) != DOC_STRING || (origin->flags & DOC_TIMESTAMP))) {
        const rk_str text = kube_scalar_text(origin);
        origin->type = DOC_STRING;
        origin->text = text;
        origin->flags &= (uint8_t)~DOC_TIMESTAMP;
    }
    return origin;
}

/* ---- the walk (walk.Walker) ---- */
static bool is_scalar(const struct doc_node *n)
{
    return n && doc_type(n) != DOC_MAP && doc_type(n) != DOC_LIST;
}

static void set_field(const struct merge *m, struct doc_node *map, rk_str key,
                      struct doc_node *value, const struct doc_node *kept_null)
{
    if (!value || (doc_type(value) == DOC_NULL && value != kept_null)) {
        doc_del(map, key);
        return;
    }
    struct doc_node *old = doc_get_n(map, key);
    doc_quote(value);
    if (old == value)
        return;
    if (old) /* the field keeps its style: quotes, folding, brackets */
        value->flags = (uint8_t)((value->flags & ~DOC_STYLE) | (old->flags & DOC_STYLE));
    if (is_scalar(old) && is_scalar(value))
        *old = *value; /* in place: a label's value may stand at several places of one object */
    else
        doc_set(m->arena, map, key, value);
}

/* Keys of both maps in any order: each key is merged alone, and output is sorted anyway. */
static int walk_fields(struct merge *m, struct doc_node *dest, struct doc_node *origin,
                       struct kube_schema schema)
{
    size_t n;
    rk_str *keys = merge_keys(m->arena, dest, origin, &n);
    for (size_t i = 0; i < n; i++) {
        struct doc_node *old = doc_get_n(dest, keys[i]);
        struct doc_node *value = NULL;
        if (merge_walk(m, old, doc_get_n(origin, keys[i]), kube_schema_field(schema, keys[i]),
                       &value) != 0)
            return rk_wrap(m->err, "%.*s", RK_ARG_STR(keys[i]));
        const bool keep_null = value && value == old && !doc_get_n(origin, keys[i]);
        set_field(m, dest, keys[i], value, keep_null ? old : NULL);
    }
    return 0;
}

static int walk_map(struct merge *m, struct doc_node *dest, struct doc_node *origin,
                    struct kube_schema schema, struct doc_node **out)
{
    struct doc_node *result;
    if (visit_map(m, dest, origin, &result) != 0)
        return -1;
    *out = result;
    if (doc_type(result) != DOC_MAP)
        return 0;
    return walk_fields(m, result, origin, schema);
}

static int walk_list(struct merge *m, struct doc_node *dest, struct doc_node *origin,
                     struct kube_schema schema, struct doc_node **out)
{
    const bool associative = kube_schema_list(schema) != KUBE_LIST_ATOMIC;
    struct doc_node *result;
    if (visit_list(m, dest, origin, associative, &result) != 0)
        return -1;
    *out = result;
    if (!associative || !result)
        return 0;
    return merge_items(m, result, origin, schema, out);
}

static struct kube_schema schema_beside(struct kube_schema s, rk_str group, rk_str version,
                                             rk_str kind)
{
    return s.own ? kube_own_schema_of(s.own, group, version, kind)
                 : kube_schema_of(KUBE_KUSTOMIZE, group, version, kind);
}

/* An object inside an unknown one brings its own schema (walk.GetSchema). */
static struct kube_schema schema_for(const struct doc_node *dest, const struct doc_node *origin,
                                     struct kube_schema schema)
{
    const struct doc_node *const both[] = {dest, origin};
    for (size_t i = 0; !kube_schema_known(schema) && i < RK_LEN(both); i++) {
        rk_str group, version;
        kube_split_api_version(doc_get_text(both[i], "apiVersion"), &group, &version);
        if (version.n > 0)
            schema = schema_beside(schema, group, version, doc_get_text(both[i], "kind"));
    }
    return schema;
}

static enum doc_type shape(const struct doc_node *n)
{
    const enum doc_type t = doc_type(n);
    return t == DOC_MAP || t == DOC_LIST || t == DOC_NULL ? t : DOC_STRING;
}

static int wrong_kind(const struct merge *m, enum doc_type have, enum doc_type got)
{
    static const char *const names[DOC_TYPE_MAX] = {
        [DOC_MAP] = "MappingNode", [DOC_LIST] = "SequenceNode", [DOC_STRING] = "ScalarNode"};
    return rk_fail(m->err, RK_INVALID, "wrong node kind: expected %s but got %s", names[have],
                   names[got]);
}

int merge_walk(struct merge *m, struct doc_node *dest, struct doc_node *origin,
               struct kube_schema schema, struct doc_node **out)
{
    const enum doc_type a = shape(dest), b = shape(origin);
    const enum doc_type type = a != DOC_NULL ? a : b;
    if (a != DOC_NULL && b != DOC_NULL && a != b)
        return wrong_kind(m, a, b);
    if (m->depth >= MAX_DEPTH)
        return rk_fail(m->err, RK_LIMIT, "patch nested deeper than %d", MAX_DEPTH);
    m->depth++;
    int rc = 0;
    if (type == DOC_LIST)
        rc = walk_list(m, dest, origin, schema, out);
    else if (type == DOC_STRING)
        *out = visit_scalar(m, dest, origin);
    else
        rc = walk_map(m, dest, origin, schema_for(dest, origin, schema), out);
    m->depth--;
    return rc;
}

int kube_strategic_merge(const struct kube_merge *how, struct doc_node **dest,
                         const struct doc_node *patch, struct rk_err *err)
{
    struct merge m = {how->arena, how->marks, err, 0};
    struct doc_node *result = NULL;
    if (merge_walk(&m, *dest, doc_copy(how->arena, patch), how->schema, &result) != 0)
        return -1;
    *dest = result;
    return 0;
}
