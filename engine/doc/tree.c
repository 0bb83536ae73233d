/*
 * tree.c: whole trees copied and compared, and pairs put in order.
 *
 * In: trees of any depth. Out: a deep copy in another arena, or whether two are equal as values.
 * Iterates with a stack of its own; keys that shared one text share one in the copy as well.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

#define COPY_KEYS 64u

struct copy_job {
    const struct doc_node *from;
    struct doc_node *to;
};

struct copy {
    struct rk_arena *a;
    struct copy_job *jobs;
    size_t n, cap;
    struct { const char *from; rk_str to; } keys[COPY_KEYS]; /* the last copied keys */
};

static rk_str copy_key(struct copy *c, rk_str key)
{
    size_t at = ((uintptr_t)key.p >> 4 ^ (uintptr_t)key.p >> 10) % COPY_KEYS;
    if (c->keys[at].from != key.p || c->keys[at].to.n != key.n || !key.p) {
        c->keys[at].from = key.p;
        c->keys[at].to = rk_arena_str(c->a, key);
    }
    return c->keys[at].to;
}

/* The node itself; containers get their arrays and wait as a job. */
static struct doc_node *copy_node(struct copy *c, const struct doc_node *from)
{
    struct doc_node *to = doc_node_new(c->a, (enum doc_type)from->type);
    struct doc_map *map = from->type == DOC_MAP ? to->map : NULL;
    *to = *from;
    if (from->type == DOC_STRING || from->type == DOC_NUMBER) {
        size_t more = from->flags & DOC_TIMESTAMP && from->n ? from->n + 1 : 0;
        to->text.p = rk_arena_dup(c->a, from->text.p ? from->text.p : "", from->text.n + more);
    } else if (map) {
        *map = (struct doc_map){0};
        to->map = map;
    }
    if (from->type != DOC_MAP && from->type != DOC_LIST)
        return to;
    to->cap = 0;
    if (from->n == 0)
        return to;
    c->jobs = rk_grow(c->jobs, c->n, &c->cap, sizeof(*c->jobs));
    c->jobs[c->n++] = (struct copy_job){from, to};
    return to;
}

static bool copy_children(struct copy *c, struct copy_job job, size_t *budget)
{
    if (*budget < job.from->n)
        return false;
    *budget -= job.from->n;
    job.to->cap = job.from->n;
    if (job.from->type == DOC_LIST) {
        job.to->items = rk_arena_array(c->a, job.from->n, sizeof(*job.to->items));
        for (uint32_t i = 0; i < job.from->n; i++)
            job.to->items[i] = copy_node(c, job.from->items[i]);
        return true;
    }
    struct doc_pair *pairs = rk_arena_array(c->a, job.from->n, sizeof(*pairs));
    for (uint32_t i = 0; i < job.from->n; i++) {
        const struct doc_pair *p = &job.from->map->pairs[i];
        pairs[i] = (struct doc_pair){copy_key(c, p->key), copy_node(c, p->value), p->mark};
    }
    job.to->map->pairs = pairs;
    doc_index_build(c->a, job.to);
    return true;
}

struct doc_node *doc_copy_budget(struct rk_arena *a, const struct doc_node *node, size_t *budget)
{
    struct copy c = {.a = a};
    if (*budget == 0)
        return NULL;
    --*budget;
    struct doc_node *root = copy_node(&c, node);
    bool fits = true;
    while (c.n > 0 && fits)
        fits = copy_children(&c, c.jobs[--c.n], budget);
    free(c.jobs);
    return fits ? root : NULL;
}

struct doc_node *doc_copy(struct rk_arena *a, const struct doc_node *node)
{
    size_t all = SIZE_MAX;
    return node ? doc_copy_budget(a, node, &all) : NULL;
}

/* ---- equality ---- */
struct equal_job {
    const struct doc_node *a, *b;
};

struct equal {
    struct equal_job *jobs;
    size_t n, cap;
};

static void equal_push(struct equal *e, const struct doc_node *a, const struct doc_node *b)
{
    e->jobs = rk_grow(e->jobs, e->n, &e->cap, sizeof(*e->jobs));
    e->jobs[e->n++] = (struct equal_job){a, b};
}

static bool equal_numbers(rk_str a, rk_str b)
{
    if (rk_str_eq(a, b))
        return true;
    struct rk_buf x = RK_BUF_INIT, y = RK_BUF_INIT;
    doc_number_canonical(&x, a);
    doc_number_canonical(&y, b);
    bool same = rk_str_eq(rk_buf_view(&x), rk_buf_view(&y));
    rk_buf_release(&x);
    rk_buf_release(&y);
    return same;
}

/* Scalars are compared; children of containers become jobs. */
static bool equal_step(struct equal *e, const struct doc_node *a, const struct doc_node *b)
{
    if (a == b)
        return true;
    if (doc_type(a) != doc_type(b) || doc_count(a) != doc_count(b))
        return false;
    switch (doc_type(a)) {
    case DOC_BOOL:
        return a->boolean == b->boolean;
    case DOC_NUMBER:
        return equal_numbers(a->text, b->text);
    case DOC_STRING:
        return rk_str_eq(a->text, b->text);
    case DOC_LIST:
        for (uint32_t i = 0; i < a->n; i++)
            equal_push(e, a->items[i], b->items[i]);
        return true;
    case DOC_MAP:
        for (uint32_t i = 0; i < a->n; i++) { /* mostly both have the same order */
            const struct doc_pair *p = &a->map->pairs[i], *q = &b->map->pairs[i];
            const struct doc_node *v = rk_str_eq(p->key, q->key) ? q->value : doc_get_n(b, p->key);
            if (!v)
                return false;
            equal_push(e, p->value, v);
        }
        return true;
    case DOC_NULL:
    case DOC_TYPE_MAX:
        break;
    }
    return true;
}

bool doc_equal(const struct doc_node *a, const struct doc_node *b)
{
    struct equal e = {0};
    bool same = equal_step(&e, a, b);
    while (same && e.n > 0) {
        struct equal_job job = e.jobs[--e.n];
        same = equal_step(&e, job.a, job.b);
    }
    free(e.jobs);
    return same;
}

/* ---- order ---- */
static int order_bytes(const void *a, const void *b)
{
    return rk_str_cmp((*(const struct doc_pair *const *)a)->key,
                      (*(const struct doc_pair *const *)b)->key);
}

static int order_natural(const void *a, const void *b)
{
    return doc_key_cmp((*(const struct doc_pair *const *)a)->key,
                       (*(const struct doc_pair *const *)b)->key);
}

void doc_order_push(struct doc_order *o, const struct doc_node *map, int (*cmp)(rk_str, rk_str))
{
    bool sorted = true;
    if (!o->p || o->n + map->n >= o->cap)
        o->p = rk_grow(o->p, o->n + map->n, &o->cap, sizeof(*o->p));
    const struct doc_pair **p = o->p + o->n;
    for (uint32_t i = 0; i < map->n; i++) {
        p[i] = &map->map->pairs[i];
        sorted = sorted && (i == 0 || cmp(p[i - 1]->key, p[i]->key) <= 0);
    }
    if (!sorted)
        qsort(p, map->n, sizeof(*p), cmp == doc_key_cmp ? order_natural : order_bytes);
    o->n += map->n;
}

void doc_order_release(struct doc_order *o)
{
    free(o->p);
    *o = (struct doc_order){0};
}
