/*
 * buf.c: rk_buf, the text builder of str.h. In: pieces. Out: one terminated text.
 *
 * Each buffer owns its memory. An empty one points at rk_buf_empty, which every thread shares and
 * nobody writes to: cap is 0 then.
 */
#include <stdio.h>
#include <stdlib.h>

#include "reckon/str.h"

char rk_buf_empty[1];

void rk_buf_release(struct rk_buf *b)
{
    if (b->cap)
        free(b->p);
    *b = RK_BUF_INIT;
}

void rk_buf_clear(struct rk_buf *b)
{
    b->n = 0;
    if (b->cap)
        b->p[0] = 0;
}

void rk_buf_reserve(struct rk_buf *b, size_t more)
{
    size_t want, cap = b->cap ? b->cap : 64;

    if (__builtin_add_overflow(b->n, more, &want) || want >= SIZE_MAX / 4)
        rk_fatal("a text of more than %zu bytes", b->n);
    want++; /* the terminator */
    if (want <= b->cap)
        return;
    while (cap < want)
        cap *= 2;
    b->p = rk_realloc(b->cap ? b->p : NULL, cap);
    b->cap = cap;
    b->p[b->n] = 0;
}

void rk_buf_add(struct rk_buf *b, const void *p, size_t n)
{
    if (!n)
        return;
    rk_buf_reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

void rk_buf_str(struct rk_buf *b, rk_str s)
{
    rk_buf_add(b, s.p, s.n);
}

void rk_buf_c(struct rk_buf *b, const char *s)
{
    rk_buf_add(b, s, strlen(s));
}

void rk_buf_ch(struct rk_buf *b, char c)
{
    rk_buf_add(b, &c, 1);
}

void rk_buf_vf(struct rk_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    va_copy(again, ap);
    rk_buf_reserve(b, 64);
    n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
    if (n < 0)
        rk_fatal("a text that cannot be formatted");
    if ((size_t)n >= b->cap - b->n) {
        rk_buf_reserve(b, (size_t)n);
        vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
    }
    va_end(again);
    b->n += (size_t)n;
}

void rk_buf_f(struct rk_buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    rk_buf_vf(b, fmt, ap);
    va_end(ap);
}

void rk_buf_cut_front(struct rk_buf *b, size_t n)
{
    rk_assert(n <= b->n);
    if (!n)
        return;
    memmove(b->p, b->p + n, b->n - n + 1);
    b->n -= n;
}

char *rk_buf_take(struct rk_buf *b)
{
    char *text = b->cap ? b->p : rk_alloc(1);

    *b = RK_BUF_INIT;
    return text;
}
