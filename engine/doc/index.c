/*
 * index.c: the hash index of large maps.
 *
 * In: a map whose pairs changed. Out: positions of keys. The table lies in the arena beside the map
 * and is made when the map is built or extended, never by a reader: shared documents are read by
 * several threads at once. Open addressing, at most half full. It does not own the pairs.
 */
#include "doc/doc_int.h"

static void index_fill(struct doc_index *x, const struct doc_node *map)
{
    memset(x->slot, 0, ((size_t)x->mask + 1) * sizeof(*x->slot));
    for (uint32_t i = 0; i < map->n; i++) {
        rk_str key = map->map->pairs[i].key;
        uint32_t at = doc_hash32(key.p, key.n) & x->mask;
        while (x->slot[at] != 0)
            at = (at + 1) & x->mask;
        x->slot[at] = i + 1;
    }
}

void doc_index_build(struct rk_arena *a, struct doc_node *map)
{
    map->map->index = NULL;
    if (map->n < DOC_INDEX_FROM)
        return;
    uint32_t size = 2 * DOC_INDEX_FROM;
    while (size < 2 * map->n)
        size *= 2;
    struct doc_index *x = rk_arena_alloc(a, sizeof(*x) + (size_t)size * sizeof(*x->slot));
    x->mask = size - 1;
    index_fill(x, map);
    map->map->index = x;
}

void doc_index_rebuild(struct doc_node *map)
{
    if (map->map->index)
        index_fill(map->map->index, map);
}

void doc_index_note(struct rk_arena *a, struct doc_node *map, size_t at)
{
    struct doc_index *x = map->map->index;
    if (!x || (size_t)map->n * 2 > (size_t)x->mask + 1) {
        doc_index_build(a, map);
        return;
    }
    rk_str key = map->map->pairs[at].key;
    uint32_t i = doc_hash32(key.p, key.n) & x->mask;
    while (x->slot[i] != 0)
        i = (i + 1) & x->mask;
    x->slot[i] = (uint32_t)at + 1;
}

ptrdiff_t doc_find(const struct doc_node *map, rk_str key)
{
    if (!map || map->type != DOC_MAP || map->n == 0)
        return -1;
    const struct doc_pair *pairs = map->map->pairs;
    const struct doc_index *x = map->map->index;
    if (!x) {
        for (uint32_t i = 0; i < map->n; i++)
            if (rk_str_eq(pairs[i].key, key))
                return (ptrdiff_t)i;
        return -1;
    }
    for (uint32_t at = doc_hash32(key.p, key.n) & x->mask; x->slot[at]; at = (at + 1) & x->mask)
        if (rk_str_eq(pairs[x->slot[at] - 1].key, key))
            return (ptrdiff_t)x->slot[at] - 1;
    return -1;
}
