/*
 * map.c: text -> pointer. In: keys, which are copied, and values, which stay the caller's. Out: the
 * values, by key or in the order of insertion.
 *
 * Entries lie in one array in order of insertion; a table of entry numbers (open addressing,
 * linear probing) finds them. A removed entry leaves a hole (key NULL) that the next rebuild
 * closes; rebuilds happen only while something is added. Hashes are seeded per process, because
 * keys come from repositories and clusters. Not shared between threads while it changes.
 */
#include "reckon/map.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#define SLOT_FREE 0u         /* otherwise: number of the entry + 1 */
#define SLOT_GONE UINT32_MAX /* its entry was removed: keep looking */
#define ENTRIES_MAX (1u << 30)

struct entry {
    char *key; /* NULL = a hole */
    size_t key_n;
    uint64_t hash;
    void *value;
};

struct rk_map {
    struct entry *entries;
    size_t n, cap;  /* entries used, holes among them */
    size_t count;   /* without holes */
    uint32_t *slots;
    size_t slots_n; /* a power of two, or 0 */
};

static uint64_t seed[2];

static void seed_make(void)
{
    if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
        seed[0] = (uint64_t)(uintptr_t)&seed; /* addresses vary from run to run */
        seed[1] = seed[0] * 0x9e3779b97f4a7c15u;
    }
}

static inline uint64_t turn(uint64_t v, unsigned bits)
{
    return (v << bits) | (v >> (64 - bits));
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = turn(v[1], 13) ^ v[0];
    v[0] = turn(v[0], 32);
    v[2] += v[3];
    v[3] = turn(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = turn(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = turn(v[1], 17) ^ v[2];
    v[2] = turn(v[2], 32);
}

/* SipHash-1-3. */
static uint64_t siphash(const void *p, size_t n, const uint64_t key[2])
{
    const unsigned char *s = p;
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    uint64_t word, last = (uint64_t)n << 56;
    size_t i = 0;

    for (; n - i >= 8; i += 8) {
        memcpy(&word, s + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (unsigned shift = 0; i < n; i++, shift += 8)
        last |= (uint64_t)s[i] << shift;
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int round = 0; round < 3; round++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t rk_hash(const void *p, size_t n)
{
    static const uint64_t fixed[2] = {0x5265636b6f6e2031u, 0x626173652f6d6170u};

    return siphash(p, n, fixed);
}

static uint64_t key_hash(rk_str key)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, seed_make);
    return siphash(key.p, key.n, seed);
}

struct rk_map *rk_map_new(void)
{
    return rk_alloc(sizeof(struct rk_map));
}

void rk_map_free(struct rk_map *m, void (*free_value)(void *))
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++) {
        if (free_value && m->entries[i].key && m->entries[i].value)
            free_value(m->entries[i].value);
        free(m->entries[i].key);
    }
    free(m->entries);
    free(m->slots);
    free(m);
}

/* The slot that holds the key, or NULL. */
static uint32_t *slot_find(const struct rk_map *m, rk_str key, uint64_t hash)
{
    size_t mask = m->slots_n - 1;

    if (!m->slots_n)
        return NULL;
    for (size_t i = hash & mask; m->slots[i] != SLOT_FREE; i = (i + 1) & mask) {
        const struct entry *e;

        if (m->slots[i] == SLOT_GONE)
            continue;
        e = &m->entries[m->slots[i] - 1];
        if (e->hash == hash && rk_str_eq((rk_str){e->key, e->key_n}, key))
            return &m->slots[i];
    }
    return NULL;
}

static void slot_fill(struct rk_map *m, uint64_t hash, size_t entry)
{
    size_t mask = m->slots_n - 1, i = hash & mask;

    while (m->slots[i] != SLOT_FREE)
        i = (i + 1) & mask;
    m->slots[i] = (uint32_t)entry + 1;
}

/* Makes room for one more entry. Slots are at most 3/4 full, entries and holes counted. */
static void make_room(struct rk_map *m)
{
    size_t kept = 0, slots_n = 8;

    if (m->slots_n && m->n + 1 <= m->slots_n / 4 * 3)
        return;
    if (m->count >= ENTRIES_MAX)
        rk_fatal("a map of %zu entries", m->count);
    for (size_t i = 0; i < m->n; i++)
        if (m->entries[i].key)
            m->entries[kept++] = m->entries[i];
    m->n = kept;
    while (kept + kept / 2 + 1 > slots_n / 4 * 3)
        slots_n *= 2;
    free(m->slots);
    m->slots = rk_calloc(slots_n, sizeof(*m->slots));
    m->slots_n = slots_n;
    for (size_t i = 0; i < kept; i++)
        slot_fill(m, m->entries[i].hash, i);
}

void *rk_map_get(const struct rk_map *m, const char *key)
{
    return rk_map_get_n(m, rk_str_c(key));
}

void *rk_map_get_n(const struct rk_map *m, rk_str key)
{
    uint32_t *slot = m->count ? slot_find(m, key, key_hash(key)) : NULL;

    return slot ? m->entries[*slot - 1].value : NULL;
}

void *rk_map_set(struct rk_map *m, const char *key, void *value)
{
    return rk_map_set_n(m, rk_str_c(key), value);
}

void *rk_map_set_n(struct rk_map *m, rk_str key, void *value)
{
    uint64_t hash = key_hash(key);
    uint32_t *slot = slot_find(m, key, hash);
    struct entry *e;

    if (slot) {
        void *old;

        e = &m->entries[*slot - 1];
        old = e->value;
        e->value = value;
        return old;
    }
    make_room(m);
    m->entries = rk_grow(m->entries, m->n, &m->cap, sizeof(*m->entries));
    e = &m->entries[m->n];
    *e = (struct entry){.key = rk_str_dup(key), .key_n = key.n, .hash = hash, .value = value};
    slot_fill(m, hash, m->n);
    m->n++;
    m->count++;
    return NULL;
}

void *rk_map_del(struct rk_map *m, const char *key)
{
    rk_str k = rk_str_c(key);
    uint32_t *slot = slot_find(m, k, key_hash(k));
    struct entry *e;

    if (!slot)
        return NULL;
    e = &m->entries[*slot - 1];
    *slot = SLOT_GONE;
    free(e->key);
    e->key = NULL;
    m->count--;
    return e->value;
}

size_t rk_map_count(const struct rk_map *m)
{
    return m->count;
}

bool rk_map_next(const struct rk_map *m, size_t *it, const char **key, void **value)
{
    while (*it < m->n && !m->entries[*it].key)
        ++*it;
    if (*it >= m->n)
        return false;
    if (key)
        *key = m->entries[*it].key;
    if (value)
        *value = m->entries[*it].value;
    ++*it;
    return true;
}
