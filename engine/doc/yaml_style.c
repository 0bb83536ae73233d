/*
 * yaml_style.c: which quotes a string gets, and the order of keys.
 *
 * In: a string. Out: the style that kustomize's encoder (go-yaml v2) asks of its emitter; libyaml,
 * the same emitter, then downgrades plain and literal where they cannot stand. doc_key_cmp is the
 * encoder's natural order, rune by rune.
 */
#include "doc/doc_int.h"

#include "reckon/text.h"

/* [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)? : base 60, which nobody reads and all quote */
static bool is_base60(rk_str s)
{
    size_t i = s.n > 0 && (s.p[0] == '+' || s.p[0] == '-'), groups = 0;
    if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
        return false;
    while (i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_'))
        i++;
    for (; i + 1 < s.n && s.p[i] == ':'; groups++) {
        i++;
        bool two = i + 1 < s.n && s.p[i] <= '5' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9';
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        i += two ? 2 : 1;
    }
    if (groups == 0)
        return false;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_');)
            i++;
    return i == s.n;
}

static bool resolves(rk_str s)
{
    struct doc_scalar scalar;
    if (s.n > 0 && !strchr("yYnNtTfFoO~.+-0123456789", s.p[0]))
        return false;
    doc_scalar_resolve(s, DOC_CONFIG, &scalar);
    if (s.n > 0 && s.p[0] == '.' && memchr(s.p, '_', s.n) && s.p[s.n - 1] == '_')
        return false;
    return scalar.type != DOC_STRING || scalar.timestamp || is_base60(s);
}

enum doc_style doc_style_of(rk_str s)
{
    if (s.n > 0 && memchr(s.p, '\n', s.n))
        return DOC_STYLE_LITERAL;
    return resolves(s) ? DOC_STYLE_DOUBLE : DOC_STYLE_PLAIN;
}

bool doc_style_plain_safe(rk_str s)
{
    if (s.n == 0 || doc_style_of(s) != DOC_STYLE_PLAIN || strchr("-?:,[]{}#&*!|>'\"%@`<= ", s.p[0]))
        return false;
    if (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':' || rk_str_starts(s, "..."))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c >= 0x7f || strchr(",[]{}", c))
            return false;
        if ((c == ':' && s.p[i + 1] == ' ') || (c == '#' && s.p[i - 1] == ' '))
            return false;
    }
    return true;
}

/* ---- natural key order: go-yaml v2, sorter.go ---- */
static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (c < 0xc0)
        return c == 0xaa || c == 0xb5 || c == 0xba;
    if (c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c < 0x2c00 && !(c >= 0x2100 && c < 0x2140)))
        return false;
    return !(c >= 0x3000 && c < 0x3005) && !(c >= 0x300 && c < 0x370) &&
           !(c >= 0x1f000 && c < 0x1fb00) && !(c >= 0xff00 && c < 0xff21);
}

static uint32_t rune(const char **p, const char *end)
{
    uint32_t c = (unsigned char)**p;
    size_t n = 1;
    if (c >= 0x80) {
        n = rk_utf8_next(*p, (size_t)(end - *p), &c);
        if (n == 0) {
            n = 1;
            c = 0xfffd;
        }
    }
    *p += n;
    return c;
}

static int64_t digits_value(const char *p, const char *end, int64_t start, ptrdiff_t *n)
{
    const char *from = p;
    uint64_t v = (uint64_t)start;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        v = v * 10 + (uint64_t)(*p - '0'); /* wraps, as Go's int64 does */
    *n = p - from;
    return (int64_t)v;
}

/* At the first difference, both not letters: digit runs as numbers. */
static int compare_runs(rk_str a, rk_str b, const char *p, const char *q, uint32_t x, uint32_t y)
{
    int64_t start = 0;
    ptrdiff_t m, n;
    if (x == '0' || y == '0')
        for (const char *back = p; back > a.p && back[-1] >= '0' && back[-1] <= '9'; back--)
            if (back[-1] != '0') {
                start = 1;
                break;
            }
    int64_t v = digits_value(p, a.p + a.n, start, &m), w = digits_value(q, b.p + b.n, start, &n);
    if (v != w)
        return v < w ? -1 : 1;
    if (m != n)
        return m < n ? -1 : 1;
    return x < y ? -1 : 1;
}

int doc_key_cmp(rk_str a, rk_str b)
{
    size_t same = 0, least = a.n < b.n ? a.n : b.n;
    while (same < least && a.p[same] == b.p[same])
        same++;
    if (same == least)
        return a.n < b.n ? -1 : a.n > b.n;
    while (same > 0 && ((unsigned char)a.p[same] & 0xc0) == 0x80)
        same--; /* to the start of the rune that differs */
    const char *p = a.p + same, *q = b.p + same;
    uint32_t x = rune(&p, a.p + a.n), y = rune(&q, b.p + b.n);
    bool lx = is_letter(x), ly = is_letter(y);
    if (lx && ly)
        return x < y ? -1 : 1;
    if (lx || ly)
        return ly ? -1 : 1;
    return compare_runs(a, b, a.p + same, b.p + same, x, y);
}
