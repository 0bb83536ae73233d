/*
 * str.h: rk_str is a view (pointer and length, not terminated); rk_buf builds text.
 *
 * rk_buf invariants: p is never NULL, p[n] is always 0, n is the length. An rk_buf is made by
 * RK_BUF_INIT, owned by one variable and ended by rk_buf_release.
 */
#ifndef RECKON_STR_H
#define RECKON_STR_H

#include <stdarg.h>
#include <string.h>

#include "reckon/base.h"

typedef struct rk_str {
    const char *p;
    size_t n;
} rk_str;

#define RK_STR(literal) ((rk_str){"" literal, sizeof(literal) - 1})
#define RK_STR_NONE ((rk_str){NULL, 0})
#define RK_FMT_STR "%.*s"
#define RK_ARG_STR(s) (int)(s).n, (s).p ? (s).p : ""

static inline rk_str rk_str_c(const char *s) { return (rk_str){s, s ? strlen(s) : 0}; }
static inline bool rk_str_eq(rk_str a, rk_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool rk_str_is(rk_str a, const char *s) { return rk_str_eq(a, rk_str_c(s)); }
static inline bool rk_streq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}
int rk_str_cmp(rk_str a, rk_str b);                    /* bytewise, shorter prefix first */
bool rk_str_starts(rk_str s, const char *prefix);
bool rk_str_ends(rk_str s, const char *suffix);
rk_str rk_str_trim(rk_str s);                          /* ASCII blanks at both ends */
/*
 * Cuts at the first c: returns the part before, *rest (may be NULL) the part after. Without a c
 * the whole text is returned and rest->p is NULL; a c as the last byte gives an empty *rest whose
 * p is not NULL.
 */
rk_str rk_str_cut(rk_str s, char c, rk_str *rest);
char *rk_str_dup(rk_str s) RK_MUST_CHECK;              /* terminated copy, free() */
/* Strict decimal integer, whole text: -?[0-9]+; false when it is not one or does not fit. */
bool rk_str_int(rk_str s, int64_t *out);
/* "15s", "2m", "8h", "1h30m", "300ms", bare "0": Go's duration; whole milliseconds. */
bool rk_str_duration(rk_str s, uint64_t *ms);
/*
 * Glob: * (any text), ? (a character), [a-z], [!a-z], {a,b}, \x (x itself), ** (crosses sep too).
 * sep: a byte that *, ? and [] do not match ('/' or 0 = none). No backtracking: cost is bounded;
 * a glob of more than 1024 bytes matches nothing.
 */
bool rk_glob(const char *pattern, const char *text, char sep);

struct rk_buf {
    char *p;
    size_t n, cap;
};

extern char rk_buf_empty[1];
#define RK_BUF_INIT ((struct rk_buf){rk_buf_empty, 0, 0})

void rk_buf_release(struct rk_buf *b);                 /* usable again afterwards */
void rk_buf_clear(struct rk_buf *b);                   /* keeps the memory */
void rk_buf_reserve(struct rk_buf *b, size_t more);
void rk_buf_add(struct rk_buf *b, const void *p, size_t n);
void rk_buf_str(struct rk_buf *b, rk_str s);
void rk_buf_c(struct rk_buf *b, const char *s);
void rk_buf_ch(struct rk_buf *b, char c);
void rk_buf_f(struct rk_buf *b, const char *fmt, ...) RK_PRINTF(2, 3);
void rk_buf_vf(struct rk_buf *b, const char *fmt, va_list ap) RK_PRINTF(2, 0);
void rk_buf_cut_front(struct rk_buf *b, size_t n);     /* drops the first n bytes */
char *rk_buf_take(struct rk_buf *b) RK_MUST_CHECK;     /* the text, free(); b is empty again */
static inline rk_str rk_buf_view(const struct rk_buf *b) { return (rk_str){b->p, b->n}; }

void rk_base64(struct rk_buf *out, const void *p, size_t n);
/* Standard alphabet with padding; blanks and newlines are skipped; false when it is not base64. */
bool rk_unbase64(struct rk_buf *out, rk_str text);

#endif
