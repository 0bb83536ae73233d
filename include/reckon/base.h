/*
 * base.h: what every file of Reckon stands on: attributes, assertions, allocation.
 *
 * Allocation never returns NULL. When memory is gone the process calls its fatal hook
 * (restore the terminal, sync the journal) and aborts; in exchange every input is bounded
 * before it is allocated (design.md section 14).
 */
#ifndef RECKON_BASE_H
#define RECKON_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RK_VERSION "0.1.0"

#define RK_MUST_CHECK __attribute__((warn_unused_result))
#define RK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define RK_NORETURN __attribute__((noreturn))
#define RK_UNUSED __attribute__((unused))

/* rk_auto(free_fn): the variable's address is handed to free_fn when it leaves scope. */
#define rk_auto(fn) __attribute__((cleanup(fn)))

#define RK_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Invariants: stay in release builds, call the fatal hook, abort. Never for input. */
#define rk_assert(cond) ((cond) ? (void)0 : rk_assert_failed(#cond, __FILE__, __LINE__))

RK_NORETURN void rk_assert_failed(const char *cond, const char *file, int line);
RK_NORETURN void rk_fatal(const char *fmt, ...) RK_PRINTF(1, 2);

/* One hook a process, run once before an abort: it must be safe in any state. */
void rk_fatal_hook(void (*hook)(void));

void *rk_alloc(size_t size) RK_MUST_CHECK __attribute__((returns_nonnull, malloc));   /* zeroed */
void *rk_calloc(size_t n, size_t size) RK_MUST_CHECK __attribute__((returns_nonnull, malloc));
void *rk_realloc(void *p, size_t size) RK_MUST_CHECK __attribute__((returns_nonnull));
char *rk_strdup(const char *s) RK_MUST_CHECK __attribute__((returns_nonnull, malloc));
char *rk_strndup(const char *s, size_t n) RK_MUST_CHECK __attribute__((returns_nonnull, malloc));
char *rk_asprintf(const char *fmt, ...) RK_MUST_CHECK RK_PRINTF(1, 2)
    __attribute__((returns_nonnull));

/* Cleanup for a char * and for a file descriptor (-1 = none). */
void rk_free_str(char **s);
void rk_close_fd(int *fd);

/* Grows an owned array so that it holds at least n + 1 elements of size bytes; returns it. */
void *rk_grow(void *array, size_t n, size_t *cap, size_t size) RK_MUST_CHECK;

#endif
