/*
 * str.c: views of text. In: text that somebody else owns. Out: parts of it, or the number or
 * duration that it spells. Owns nothing; only rk_str_dup allocates. Knows ASCII only: characters
 * beyond it are compared as bytes.
 */
#include "reckon/str.h"

#define NS_PER_MS 1000000u

int rk_str_cmp(rk_str a, rk_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;

    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool rk_str_starts(rk_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool rk_str_ends(rk_str s, const char *suffix)
{
    size_t n = strlen(suffix);

    return s.n >= n && (n == 0 || memcmp(s.p + (s.n - n), suffix, n) == 0);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

rk_str rk_str_trim(rk_str s)
{
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

rk_str rk_str_cut(rk_str s, char c, rk_str *rest)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    rk_str left = RK_STR_NONE;

    if (at) {
        size_t n = (size_t)(at - s.p);

        left = (rk_str){at + 1, s.n - n - 1};
        s.n = n;
    }
    if (rest)
        *rest = left;
    return s;
}

char *rk_str_dup(rk_str s)
{
    char *copy = rk_alloc(s.n + 1);

    if (s.n)
        memcpy(copy, s.p, s.n);
    return copy;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool rk_str_int(rk_str s, int64_t *out)
{
    bool minus = s.n && s.p[0] == '-';
    int64_t value = 0;

    if (s.n == (minus ? 1u : 0u))
        return false;
    for (size_t i = minus; i < s.n; i++) {
        int64_t digit = s.p[i] - '0';

        if (!is_digit(s.p[i]) || __builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, minus ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}

static const struct {
    rk_str name;
    uint64_t ns;
} duration_units[] = {
    {{"ns", 2}, 1},
    {{"us", 2}, 1000},
    {{"\xc2\xb5s", 3}, 1000}, /* micro sign */
    {{"\xce\xbcs", 3}, 1000}, /* Greek mu */
    {{"ms", 2}, NS_PER_MS},
    {{"s", 1}, 1000000000},
    {{"m", 1}, 60000000000},
    {{"h", 1}, 3600000000000},
};

static bool duration_unit(rk_str name, uint64_t *ns)
{
    for (size_t i = 0; i < RK_LEN(duration_units); i++)
        if (rk_str_eq(duration_units[i].name, name)) {
            *ns = duration_units[i].ns;
            return true;
        }
    return false;
}

/* One "1.5h" at the front of *s, cut off; its nanoseconds are added to *total. */
static bool duration_part(rk_str *s, uint64_t *total)
{
    uint64_t whole = 0, fraction = 0, scale = 1, unit = 0;
    size_t i = 0, digits = 0, name;

    for (; i < s->n && is_digit(s->p[i]); i++, digits++)
        if (__builtin_mul_overflow(whole, (uint64_t)10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(s->p[i] - '0'), &whole))
            return false;
    if (i < s->n && s->p[i] == '.')
        for (i++; i < s->n && is_digit(s->p[i]); i++, digits++)
            if (scale < 1000000000000) { /* finer digits are below a nanosecond's worth */
                fraction = fraction * 10 + (uint64_t)(s->p[i] - '0');
                scale *= 10;
            }
    for (name = i; i < s->n && s->p[i] != '.' && !is_digit(s->p[i]);)
        i++;
    if (!digits || !duration_unit((rk_str){s->p + name, i - name}, &unit) ||
        __builtin_mul_overflow(whole, unit, &whole) ||
        __builtin_add_overflow(*total, whole, total))
        return false;
    *s = (rk_str){s->p + i, s->n - i};
    /* Below one unit, so it fits; a double is exact enough for whole milliseconds, as in Go. */
    fraction = (uint64_t)((double)fraction * ((double)unit / (double)scale) + 1e-6);
    return !__builtin_add_overflow(*total, fraction, total) && *total <= INT64_MAX;
}

bool rk_str_duration(rk_str s, uint64_t *ms)
{
    uint64_t total = 0;

    if (s.n && s.p[0] == '+')
        s = (rk_str){s.p + 1, s.n - 1};
    if (!s.n)
        return false;
    if (!rk_str_is(s, "0"))
        while (s.n)
            if (!duration_part(&s, &total))
                return false;
    *ms = total / NS_PER_MS;
    return true;
}
