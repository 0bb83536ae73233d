/*
 * arena.c: memory that is freed whole. In: sizes. Out: zeroed memory that stays where it is.
 *
 * An arena owns a list of blocks, each twice as large as the one before, from 1 KiB (a live object
 * needs little) to 1 MiB. The struct lies in its own first block. With RK_ARENA_DEBUG every
 * allocation is a block of exactly its size, so that a sanitizer sees overruns.
 */
#include "reckon/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef RK_ARENA_DEBUG
#define ALONE true
#else
#define ALONE false
#endif

#define FIRST_BYTES ((size_t)1024 - 16) /* malloc's own header makes it a round number */
#define MOST_BYTES ((size_t)1024 * 1024)

struct block {
    struct block *before;
    size_t cap, used; /* bytes of data */
    alignas(max_align_t) char data[];
};

struct rk_arena {
    struct block *last; /* the one that is being filled */
    size_t bytes, next_bytes;
    bool wiping;
};

static struct block *block_new(size_t cap)
{
    struct block *b;
    size_t all;

    if (__builtin_add_overflow(sizeof(*b), cap, &all))
        rk_fatal("an allocation of %zu bytes", cap);
    b = rk_alloc(all);
    b->cap = cap;
    return b;
}

static struct rk_arena *arena_new(bool wiping)
{
    struct block *b = block_new(ALONE ? sizeof(struct rk_arena) : FIRST_BYTES - sizeof(*b));
    struct rk_arena *a = (struct rk_arena *)(void *)b->data;

    b->used = sizeof(*a);
    a->last = b;
    a->bytes = sizeof(*b) + b->cap;
    a->next_bytes = FIRST_BYTES * 2;
    a->wiping = wiping;
    return a;
}

struct rk_arena *rk_arena_new(void)
{
    return arena_new(false);
}

struct rk_arena *rk_arena_new_wiping(void)
{
    return arena_new(true);
}

void rk_arena_free(struct rk_arena *a)
{
    struct block *b = a ? a->last : NULL;
    bool wiping = a && a->wiping;

    while (b) { /* a itself lies in the last of them */
        struct block *before = b->before;

        if (wiping)
            explicit_bzero(b->data, b->used);
        free(b);
        b = before;
    }
}

void rk_arena_freep(struct rk_arena **a)
{
    rk_arena_free(*a);
    *a = NULL;
}

/* A block of its own for size bytes, behind the one being filled, which keeps its free end. */
static void *take_alone(struct rk_arena *a, size_t size)
{
    struct block *b = block_new(size);

    b->used = size;
    b->before = a->last->before;
    a->last->before = b;
    a->bytes += sizeof(*b) + size;
    return b->data;
}

static void *take(struct rk_arena *a, size_t size, size_t align)
{
    struct block *b = a->last;
    size_t at = (b->used + align - 1) & ~(align - 1);

    if (ALONE)
        return take_alone(a, size);
    if (at <= b->cap && size <= b->cap - at) {
        b->used = at + size;
        return b->data + at;
    }
    if (size > a->next_bytes / 4)
        return take_alone(a, size);
    b = block_new(a->next_bytes - sizeof(*b));
    b->before = a->last;
    b->used = size;
    a->last = b;
    a->bytes += a->next_bytes;
    if (a->next_bytes < MOST_BYTES)
        a->next_bytes *= 2;
    return b->data;
}

void *rk_arena_alloc(struct rk_arena *a, size_t size)
{
    return take(a, size, size > 8 ? alignof(max_align_t) : 8);
}

/* A type's size is a multiple of its alignment, so the lowest bit of the size is enough. */
static size_t align_of_size(size_t size)
{
    size_t low = size & (~size + 1);

    return low == 0 || low > alignof(max_align_t) ? alignof(max_align_t) : low;
}

void *rk_arena_array(struct rk_arena *a, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        rk_fatal("an array of %zu elements is too large", n);
    return take(a, bytes, align_of_size(size));
}

void *rk_arena_grow(struct rk_arena *a, void *array, size_t n, size_t *cap, size_t size)
{
    size_t want = *cap ? *cap : 8;
    void *larger;

    if (array && n < *cap)
        return array;
    while (want <= n)
        if (__builtin_mul_overflow(want, (size_t)2, &want))
            rk_fatal("an array of %zu elements is too large", n);
    larger = rk_arena_array(a, want, size);
    if (array && *cap)
        memcpy(larger, array, *cap * size);
    *cap = want;
    return larger;
}

char *rk_arena_dup(struct rk_arena *a, const void *p, size_t n)
{
    char *copy = take(a, n + 1, 1);

    if (n)
        memcpy(copy, p, n);
    return copy;
}

char *rk_arena_strdup(struct rk_arena *a, const char *s)
{
    return s ? rk_arena_dup(a, s, strlen(s)) : NULL;
}

rk_str rk_arena_str(struct rk_arena *a, rk_str s)
{
    return s.p ? (rk_str){rk_arena_dup(a, s.p, s.n), s.n} : RK_STR_NONE;
}

char *rk_arena_vf(struct rk_arena *a, const char *fmt, va_list ap)
{
    va_list again;
    int n;
    char *text;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0)
        rk_fatal("a text that cannot be formatted");
    text = take(a, (size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}

char *rk_arena_f(struct rk_arena *a, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = rk_arena_vf(a, fmt, ap);
    va_end(ap);
    return text;
}

size_t rk_arena_bytes(const struct rk_arena *a)
{
    return a->bytes;
}
