/*
 * order.c: drafts -> execution order: phase, wave, kind, name. In: drafts with the waves that they
 * say themselves. Before: prunes leave in the mirrored order of their waves, PruneLast after
 * everything. After: a Namespace or a CustomResourceDefinition moves in front of its first user
 * and takes that one's phase and wave (Argo CD's sync_tasks.go, adjustDeps).
 */
#include "plan/plan_int.h"

#include <stdlib.h>

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static size_t prune_waves(const struct drafts *d, int64_t *waves)
{
    size_t n = 0, distinct = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].prune)
            waves[n++] = d->v[i].task.wave;
    qsort(waves, n, sizeof *waves, by_number);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || waves[i] != waves[distinct - 1])
            waves[distinct++] = waves[i];
    return distinct;
}

static void mirror_prunes(struct rk_arena *a, struct drafts *d)
{
    int64_t *waves = rk_arena_array(a, d->n + 1, sizeof *waves);
    const size_t n = prune_waves(d, waves);
    for (size_t i = 0; i < d->n; i++) {
        if (!d->v[i].prune)
            continue;
        const int64_t *at = bsearch(&d->v[i].task.wave, waves, n, sizeof *waves, by_number);
        rk_assert(at);
        d->v[i].task.wave = waves[n - 1 - (size_t)(at - waves)];
    }
}

static void prune_last(struct drafts *d)
{
    int64_t last = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].task.phase == PLAN_SYNC && d->v[i].task.wave > last)
            last = d->v[i].task.wave;
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].prune_last)
            d->v[i].task.wave = last < INT64_MAX ? last + 1 : last;
}

static int by_order(const void *a, const void *b)
{
    const struct draft *x = a, *y = b;
    if (x->task.phase != y->task.phase)
        return x->task.phase < y->task.phase ? -1 : 1;
    if (x->task.wave != y->task.wave)
        return x->task.wave < y->task.wave ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    const int name = rk_str_cmp(x->task.key.name, y->task.key.name);
    return name ? name : kube_key_cmp(&x->task.key, &y->task.key);
}

/* ---- what others need first ---- */
typedef bool (*needed_fn)(const struct draft *d, rk_str *x, rk_str *y);
typedef void (*needs_fn)(const struct draft *d, rk_str *x, rk_str *y);

static bool is_namespace(const struct draft *d, rk_str *x, rk_str *y)
{
    *x = d->task.key.name;
    *y = RK_STR_NONE;
    return !d->task.key.group.n && rk_str_is(d->task.key.kind, "Namespace");
}

static void lives_in(const struct draft *d, rk_str *x, rk_str *y)
{
    *x = d->task.key.namespace;
    *y = RK_STR_NONE;
}

static bool is_definition(const struct draft *d, rk_str *x, rk_str *y)
{
    if (!d->target || !rk_str_is(d->task.key.kind, "CustomResourceDefinition"))
        return false;
    *x = doc_get_text(doc_get(d->target->doc, "spec"), "group");
    *y = doc_get_text(doc_walk(d->target->doc, "spec.names"), "kind");
    return x->n > 0 && y->n > 0;
}

static void is_a(const struct draft *d, rk_str *x, rk_str *y)
{
    *x = d->task.key.group;
    *y = d->task.key.kind;
}

/* The first task in [0, end) that needs what (x, y) names; end: none. */
static size_t first_user(const struct drafts *d, size_t end, needs_fn needs, rk_str x, rk_str y)
{
    for (size_t i = 0; i < end; i++) {
        rk_str nx, ny;
        needs(&d->v[i], &nx, &ny);
        if (!d->v[i].prune && nx.n && rk_str_eq(nx, x) && rk_str_eq(ny, y))
            return i;
    }
    return end;
}

static void bubble(struct drafts *d, needed_fn needed, needs_fn needs)
{
    for (size_t i = 0; i < d->n; i++) {
        rk_str x, y;
        if (d->v[i].prune || !needed(&d->v[i], &x, &y))
            continue;
        const size_t at = first_user(d, i, needs, x, y);
        if (at == i)
            continue;
        struct draft up = d->v[i];
        up.task.phase = d->v[at].task.phase;
        up.task.wave = d->v[at].task.wave;
        memmove(&d->v[at + 1], &d->v[at], (i - at) * sizeof *d->v);
        d->v[at] = up;
    }
}

void order_drafts(struct rk_arena *a, struct drafts *d)
{
    mirror_prunes(a, d);
    prune_last(d);
    if (d->n > 1)
        qsort(d->v, d->n, sizeof *d->v, by_order);
    bubble(d, is_namespace, lives_in);
    bubble(d, is_definition, is_a);
}
