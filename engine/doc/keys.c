/*
 * keys.c: one copy of each key for one read.
 *
 * In: key bytes. Out: a small number that stands for the key; equal keys give equal numbers, so a
 * Deployment with fifty `name` fields holds the word once, and duplicates in a map are found by a
 * stamp instead of a search. The texts lie in the builder's slabs, the table on the heap.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

static void keys_resize(struct doc_keys *k)
{
    uint32_t size = k->table ? (k->mask + 1) * 2 : 64;
    free(k->table);
    k->table = rk_calloc(size, sizeof(*k->table));
    k->mask = size - 1;
    for (size_t i = 0; i < k->n; i++) {
        uint32_t at = k->all[i].hash & k->mask;
        while (k->table[at] != 0)
            at = (at + 1) & k->mask;
        k->table[at] = (uint32_t)i + 1;
    }
}

uint32_t doc_keys_intern(struct doc_keys *k, rk_str key)
{
    if (!k->table || (k->n + 1) * 2 > k->mask)
        keys_resize(k);
    uint32_t hash = doc_hash32(key.p, key.n);
    uint32_t at = hash & k->mask;
    for (; k->table[at] != 0; at = (at + 1) & k->mask) {
        const struct doc_key *e = &k->all[k->table[at] - 1];
        if (e->hash == hash && rk_str_eq(e->text, key))
            return k->table[at] - 1;
    }
    k->all = rk_grow(k->all, k->n, &k->cap, sizeof(*k->all));
    k->all[k->n] = (struct doc_key){.text = doc_build_text(k->b, key.p, key.n),
                                    .hash = hash};
    k->table[at] = (uint32_t)++k->n;
    return (uint32_t)k->n - 1;
}

void doc_keys_release(struct doc_keys *k)
{
    free(k->table);
    free(k->all);
    k->table = NULL;
    k->all = NULL;
    k->n = k->cap = 0;
}
