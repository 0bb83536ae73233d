/*
 * patch.c: JSON patch (RFC 6902) and JSON merge patch (RFC 7386).
 *
 * In: a root and a list of operations. Out: the root with all of them done, or an error and the old
 * root untouched: the work is done on a copy. Texts and corner cases follow the library that
 * kustomize and the API server use (negative indices, `test` of an absent field against null).
 */
#include "doc/doc_int.h"

#include <stdlib.h>

struct patch {
    struct rk_arena *a;
    struct doc_node *root;
    struct rk_buf part;
    struct rk_err *err;
};

/* Where an operation acts: the container, and the last part of the pointer in patch.part. */
struct place {
    struct doc_node *parent; /* NULL: the whole document */
    rk_str path;
};

static int fail_missing(const struct patch *p, const char *op, rk_str path)
{
    char show[80];
    return rk_fail(p->err, RK_INVALID,
                   "%s operation does not apply: doc is missing path: \"%s\": missing value", op,
                   doc_key_show(path, show));
}

/* An index of a list of n places, as Go's Atoi reads it; negative ones count from the end. */
static bool part_index(const struct patch *p, size_t n, size_t *out)
{
    int64_t i;
    rk_str text = rk_buf_view(&p->part);
    while (text.n > 1 && text.p[0] == '0')
        text = (rk_str){text.p + 1, text.n - 1};
    if (!rk_str_int(text, &i) || i >= (int64_t)n || i < -(int64_t)n)
        return false;
    *out = (size_t)(i < 0 ? i + (int64_t)n : i);
    return true;
}

static int list_index(const struct patch *p, const char *op, rk_str path, size_t n, size_t *out)
{
    char show[80], part[80];
    if (part_index(p, n, out))
        return 0;
    return rk_fail(p->err, RK_INVALID, "error in %s for path: '%s': Unable to access invalid index: "
                   "%s: invalid index referenced", op, doc_key_show(path, show),
                   doc_key_show(rk_buf_view(&p->part), part));
}

static int find_place(struct patch *p, const char *op, rk_str path, struct place *out)
{
    struct doc_node *at = p->root;
    rk_str rest = path;
    size_t i;
    *out = (struct place){.path = path};
    if (path.n == 0)
        return 0;
    while (doc_pointer_part(&rest, &p->part) && rest.n > 0) {
        if (doc_type(at) == DOC_LIST)
            at = part_index(p, at->n, &i) ? at->items[i] : NULL;
        else
            at = doc_get_n(at, rk_buf_view(&p->part));
    }
    if (path.p[0] != '/' || (doc_type(at) != DOC_MAP && doc_type(at) != DOC_LIST))
        return fail_missing(p, op, path);
    out->parent = at;
    return 0;
}

/* The node at the place; NULL when it is not there. */
static int get(struct patch *p, const char *op, const struct place *at, struct doc_node **out)
{
    size_t i;
    *out = NULL;
    if (!at->parent)
        *out = p->root;
    else if (at->parent->type == DOC_MAP)
        *out = doc_get_n(at->parent, rk_buf_view(&p->part));
    else if (list_index(p, op, at->path, at->parent->n, &i))
        return -1;
    else
        *out = at->parent->items[i];
    return 0;
}

static int op_add(struct patch *p, const char *op, const struct place *at, struct doc_node *value)
{
    size_t i;
    if (!at->parent) {
        p->root = value;
    } else if (at->parent->type == DOC_MAP) {
        doc_set(p->a, at->parent, rk_buf_view(&p->part), value);
    } else if (rk_str_is(rk_buf_view(&p->part), "-")) {
        doc_push(p->a, at->parent, value);
    } else {
        if (list_index(p, op, at->path, (size_t)at->parent->n + 1, &i))
            return -1;
        doc_insert(p->a, at->parent, i, value);
    }
    return 0;
}

static int op_remove(struct patch *p, const char *op, const struct place *at)
{
    size_t i;
    char show[80], key[80];
    if (!at->parent)
        return fail_missing(p, op, at->path);
    if (at->parent->type == DOC_LIST) {
        if (list_index(p, op, at->path, at->parent->n, &i))
            return -1;
        doc_remove(at->parent, i);
    } else if (!doc_del(at->parent, rk_buf_view(&p->part))) {
        return rk_fail(p->err, RK_INVALID,
                       "error in %s for path: '%s': Unable to remove nonexistent key: %s: missing value",
                       op, doc_key_show(at->path, show),
                       doc_key_show(rk_buf_view(&p->part), key));
    }
    return 0;
}

/* A key that is not there is set: what the library does, whatever its message about lists says. */
static int op_replace(struct patch *p, const struct place *at, struct doc_node *value)
{
    char show[80];
    size_t i;
    if (!at->parent) {
        p->root = value;
    } else if (at->parent->type == DOC_MAP) {
        doc_set(p->a, at->parent, rk_buf_view(&p->part), value);
    } else if (part_index(p, at->parent->n, &i)) {
        at->parent->items[i] = value;
    } else {
        return rk_fail(p->err, RK_INVALID,
                       "replace operation does not apply: doc is missing key: %s: missing value",
                       doc_key_show(at->path, show));
    }
    return 0;
}

static int op_test(struct patch *p, const struct place *at, const struct doc_node *value)
{
    struct doc_node *now;
    char show[80];
    if (get(p, "test", at, &now))
        return -1;
    if (doc_is_null(now) && doc_is_null(value))
        return 0;
    if (now && doc_equal(now, value))
        return 0;
    return rk_fail(p->err, RK_INVALID, "testing value %s failed: test failed",
                   doc_key_show(at->path, show));
}

/* copy and move: the value at `from`, copied, and for move taken out before the place is looked
 * for: what seems to lie inside it may be its neighbour then. */
static int op_from(struct patch *p, const char *op, rk_str from, rk_str path)
{
    struct place at;
    struct doc_node *value;
    bool move = strcmp(op, "move") == 0;
    if (find_place(p, op, from, &at) || get(p, op, &at, &value))
        return -1;
    if (!value && !move)
        value = doc_null(p->a);
    if (move && op_remove(p, op, &at))
        return -1;
    if (find_place(p, op, path, &at))
        return -1;
    return op_add(p, op, &at, move ? value : doc_copy(p->a, value));
}

static int run(struct patch *p, const struct doc_node *op)
{
    rk_str name = doc_get_text(op, "op"), path = doc_get_text(op, "path");
    const struct doc_node *value = doc_get(op, "value");
    struct place at;
    char show[80];
    if (doc_type(doc_get(op, "path")) != DOC_STRING)
        return rk_fail(p->err, RK_INVALID, "%s operation failed to decode path: missing value", doc_key_show(name, show));
    if (rk_str_is(name, "move") || rk_str_is(name, "copy")) {
        if (doc_type(doc_get(op, "from")) != DOC_STRING)
            return rk_fail(p->err, RK_INVALID, "%s operation failed to decode from: missing value", doc_key_show(name, show));
        return op_from(p, rk_str_is(name, "move") ? "move" : "copy", doc_get_text(op, "from"), path);
    }
    if (name.n == 0)
        return rk_fail(p->err, RK_INVALID, "Unexpected kind: unknown");
    if (find_place(p, doc_key_show(name, show), path, &at))
        return -1;
    if (rk_str_is(name, "remove"))
        return op_remove(p, "remove", &at);
    struct doc_node *copy = value ? doc_copy(p->a, value) : doc_null(p->a);
    if (rk_str_is(name, "add"))
        return op_add(p, "add", &at, copy);
    if (rk_str_is(name, "replace"))
        return op_replace(p, &at, copy);
    if (rk_str_is(name, "test"))
        return op_test(p, &at, value);
    return rk_fail(p->err, RK_INVALID, "Unexpected kind: %s", doc_key_show(name, show));
}

int doc_patch(struct rk_arena *a, struct doc_node **root, const struct doc_node *ops,
              struct rk_err *err)
{
    struct patch p = {.a = a, .part = RK_BUF_INIT, .err = err};
    if (doc_type(ops) != DOC_LIST)
        return rk_fail(err, RK_INVALID, "a JSON patch is a list of operations");
    p.root = *root ? doc_copy(a, *root) : doc_null(a);
    int rc = 0;
    for (uint32_t i = 0; i < ops->n && rc == 0; i++)
        rc = run(&p, ops->items[i]);
    rk_buf_release(&p.part);
    if (rc == 0)
        *root = p.root;
    return rc;
}

/* ---- RFC 7386 ---- */
struct merge_job {
    struct doc_node *target;
    const struct doc_node *patch;
};

/* Nulls inside a new value are deletions as well: it is merged into an empty map. */
void doc_merge_patch(struct rk_arena *a, struct doc_node **root, const struct doc_node *patch)
{
    struct merge_job *jobs = NULL;
    size_t n = 0, cap = 0;
    if (doc_type(patch) != DOC_MAP) {
        *root = patch ? doc_copy(a, patch) : doc_null(a);
        return;
    }
    if (doc_type(*root) != DOC_MAP)
        *root = doc_map(a);
    jobs = rk_grow(jobs, n, &cap, sizeof(*jobs));
    jobs[n++] = (struct merge_job){*root, patch};
    while (n > 0) {
        struct merge_job job = jobs[--n];
        for (uint32_t i = 0; i < job.patch->n; i++) {
            const struct doc_pair *pair = &job.patch->map->pairs[i];
            struct doc_node *old = doc_get_n(job.target, pair->key);
            if (pair->value->type == DOC_NULL) {
                (void)doc_del(job.target, pair->key);
            } else if (pair->value->type != DOC_MAP) {
                doc_set(a, job.target, pair->key, doc_copy(a, pair->value));
            } else {
                if (doc_type(old) != DOC_MAP) {
                    old = doc_map(a);
                    old->mark = pair->value->mark;
                    doc_set(a, job.target, pair->key, old);
                }
                jobs = rk_grow(jobs, n, &cap, sizeof(*jobs));
                jobs[n++] = (struct merge_job){old, pair->value};
            }
        }
    }
    free(jobs);
}
