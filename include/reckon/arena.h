/*
 * arena.h: memory that is freed whole. One arena per product (a rendered application, a live
 * object, a plan). Memory is aligned for any type, zeroed, and stays where it is until the arena
 * is freed. A debug build (RK_ARENA_DEBUG) maps every allocation to malloc so that sanitizers see
 * overruns. Not shared between threads while it grows.
 */
#ifndef RECKON_ARENA_H
#define RECKON_ARENA_H

#include "reckon/str.h"

struct rk_arena;

struct rk_arena *rk_arena_new(void) RK_MUST_CHECK __attribute__((returns_nonnull));
/* An arena whose memory is wiped before it is freed: for secret values. */
struct rk_arena *rk_arena_new_wiping(void) RK_MUST_CHECK __attribute__((returns_nonnull));
void rk_arena_free(struct rk_arena *a);                /* NULL is fine */
void rk_arena_freep(struct rk_arena **a);              /* for rk_auto */

void *rk_arena_alloc(struct rk_arena *a, size_t size) RK_MUST_CHECK
    __attribute__((returns_nonnull));
void *rk_arena_array(struct rk_arena *a, size_t n, size_t size) RK_MUST_CHECK
    __attribute__((returns_nonnull));
/* Doubles an array held in the arena (the old one stays as garbage until the arena ends). */
void *rk_arena_grow(struct rk_arena *a, void *array, size_t n, size_t *cap, size_t size)
    RK_MUST_CHECK;
/* Texts made below are aligned for bytes only. */
char *rk_arena_dup(struct rk_arena *a, const void *p, size_t n) RK_MUST_CHECK
    __attribute__((returns_nonnull));                  /* terminated copy */
char *rk_arena_strdup(struct rk_arena *a, const char *s) RK_MUST_CHECK;      /* NULL stays NULL */
rk_str rk_arena_str(struct rk_arena *a, rk_str s) RK_MUST_CHECK;
char *rk_arena_f(struct rk_arena *a, const char *fmt, ...) RK_MUST_CHECK RK_PRINTF(2, 3)
    __attribute__((returns_nonnull));
char *rk_arena_vf(struct rk_arena *a, const char *fmt, va_list ap) RK_MUST_CHECK RK_PRINTF(2, 0);
size_t rk_arena_bytes(const struct rk_arena *a);       /* memory held, for limits and metrics */

#endif
