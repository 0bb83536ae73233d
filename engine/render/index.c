/*
 * index.c: from a hash to the objects that have it. In: hashes and objects. Out: lists in order of
 * adding. Open addressing, one slot a hash; everything lives in the arena, nothing is removed.
 */
#include "render/render_int.h"

static struct index_slot *slot_of(const struct index *x, uint64_t hash)
{
    size_t i = hash & (x->cap - 1);

    while (x->slots[i].first && x->slots[i].hash != hash)
        i = (i + 1) & (x->cap - 1);
    return &x->slots[i];
}

static void grow(struct rk_arena *a, struct index *x)
{
    struct index old = *x;

    x->cap = old.cap ? old.cap * 2 : 64;
    x->slots = rk_arena_array(a, x->cap, sizeof(*x->slots));
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].first)
            *slot_of(x, old.slots[i].hash) = old.slots[i];
}

void index_push(struct rk_arena *a, struct index *x, uint64_t hash, struct res *r)
{
    struct index_entry *e;
    struct index_slot *s;

    if (x->n * 2 >= x->cap)
        grow(a, x);
    s = slot_of(x, hash);
    if (s->last && s->last->res == r)
        return;
    e = rk_arena_alloc(a, sizeof(*e));
    e->res = r;
    x->n += !s->first;
    s->hash = hash;
    if (s->last)
        s->last->next = e;
    else
        s->first = e;
    s->last = e;
}

void index_add(struct rk_arena *a, struct index *x, uint64_t hash, struct res *r)
{
    for (const struct index_entry *e = index_find(x, hash); e; e = e->next)
        if (e->res == r)
            return;
    index_push(a, x, hash, r);
}

const struct index_entry *index_find(const struct index *x, uint64_t hash)
{
    return x->cap ? slot_of(x, hash)->first : NULL;
}
