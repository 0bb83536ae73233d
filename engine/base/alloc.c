/*
 * alloc.c: allocation that never returns NULL. In: sizes already bounded by the caller. Out: memory
 * that the caller frees with free(). A size that overflows or memory that is gone is fatal.
 *
 * Owns nothing. Fresh memory is zeroed (rk_realloc's new part is not).
 */
#include "reckon/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *rk_alloc(size_t size)
{
    return rk_calloc(1, size);
}

void *rk_calloc(size_t n, size_t size)
{
    void *p;

    if (n == 0 || size == 0) /* a size of 0 may give NULL in C; here it gives a byte */
        n = size = 1;
    p = calloc(n, size);
    if (!p)
        rk_fatal("out of memory (%zu times %zu bytes wanted)", n, size);
    return p;
}

void *rk_realloc(void *p, size_t size)
{
    void *q = realloc(p, size ? size : 1);

    if (!q)
        rk_fatal("out of memory (%zu bytes wanted)", size);
    return q;
}

char *rk_strdup(const char *s)
{
    return rk_strndup(s, strlen(s));
}

char *rk_strndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = rk_alloc(len + 1);

    memcpy(copy, s, len);
    return copy;
}

char *rk_asprintf(const char *fmt, ...)
{
    va_list ap;
    char *s = NULL;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0 || !s)
        rk_fatal("out of memory while a text was made");
    return s;
}

void rk_free_str(char **s)
{
    free(*s);
    *s = NULL;
}

void *rk_grow(void *array, size_t n, size_t *cap, size_t size)
{
    size_t want = *cap ? *cap : 8, bytes;

    if (array && n < *cap)
        return array;
    while (want <= n)
        if (__builtin_mul_overflow(want, (size_t)2, &want))
            rk_fatal("an array of %zu elements is too large", n);
    if (__builtin_mul_overflow(want, size, &bytes))
        rk_fatal("an array of %zu elements is too large", want);
    array = rk_realloc(array, bytes);
    *cap = want;
    return array;
}
