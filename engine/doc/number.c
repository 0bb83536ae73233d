/*
 * number.c: numbers as text.
 *
 * In: a number's source text, from JSON or YAML (0x1F, 0o14, 012, 1_000, .5, 1e3). Out: what kind
 * of number Go's YAML takes it for, and the text that kustomize (canonical) or encoding/json
 * prints. A double is used only to find the shortest decimal that reads back the same, as Go does;
 * locale is kept out by never letting libc see or print a decimal point that matters.
 */
#include "doc/doc_int.h"

#include <stdio.h>
#include <stdlib.h>

struct decimal {
    bool negative;
    int n;       /* digits; 0 = zero */
    int point;   /* value = 0.d1d2d3... * 10^point */
    char digits[20];
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static unsigned digit_of(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    char l = (char)(c | 0x20);
    return l >= 'a' && l <= 'z' ? (unsigned)(l - 'a') + 10 : 99;
}

/* Go's ParseInt/ParseUint with base 0, underscores dropped before. */
static bool parse_int(rk_str s, bool *negative, uint64_t *value)
{
    size_t i = s.n > 0 && (s.p[0] == '+' || s.p[0] == '-');
    unsigned base = 10;
    uint64_t v = 0;
    *negative = i == 1 && s.p[0] == '-';
    if (s.n > i + 1 && s.p[i] == '0') {
        char c = (char)(s.p[i + 1] | 0x20);
        base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 8;
        i += c == 'x' || c == 'o' || c == 'b' ? 2 : 1;
    }
    if (base == 2 && i == 2 && s.n > 3 && s.p[1] == 'b' && (s.p[2] == '-' || s.p[2] == '+'))
        *negative = s.p[i++] == '-'; /* Go's slip: 0b-1 */
    if (i >= s.n)
        return false;
    for (; i < s.n; i++) {
        unsigned d = digit_of(s.p[i]);
        if (d >= base || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
            return false;
    }
    *value = v;
    if (*negative)
        return v <= (uint64_t)INT64_MAX + 1;
    return s.p[0] != '+' || v <= INT64_MAX; /* ParseUint takes no sign */
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool float_syntax(rk_str s)
{
    size_t i = s.n > 0 && (s.p[0] == '+' || s.p[0] == '-'), whole = 0, part = 0, exp = 0;
    for (; i < s.n && is_digit(s.p[i]); i++)
        whole++;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && is_digit(s.p[i]); i++)
            part++;
    if (whole + part == 0)
        return false;
    if (i == s.n)
        return true;
    if ((s.p[i] | 0x20) != 'e')
        return false;
    i++;
    i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
    for (; i < s.n && is_digit(s.p[i]); i++)
        exp++;
    return exp > 0 && i == s.n;
}

/* Reads a text of float_syntax without its decimal point: "12.5e3" as "125e2". */
static double to_double(rk_str s)
{
    struct rk_buf b = RK_BUF_INIT;
    long long exp = 0;
    size_t i = 0;
    bool after = false;
    for (; i < s.n && (s.p[i] | 0x20) != 'e'; i++) {
        if (s.p[i] == '.') {
            after = true;
            continue;
        }
        rk_buf_ch(&b, s.p[i]);
        exp -= after;
    }
    if (i < s.n) {
        bool minus = s.p[i + 1] == '-';
        long long e = 0;
        for (i++; i < s.n; i++)
            if (is_digit(s.p[i]) && e < 1000000000)
                e = e * 10 + (s.p[i] - '0');
        exp += minus ? -e : e;
    }
    rk_buf_f(&b, "e%lld", exp);
    double v = strtod(b.p, NULL);
    rk_buf_release(&b);
    return v;
}

static bool is_huge(double v)
{
    return v > 1.7976931348623157e308 || v < -1.7976931348623157e308;
}

/* The shortest digits that read back as v. */
static void to_decimal(double v, struct decimal *d)
{
    char text[40];
    bool tiny = v < 1e-290 && v > -1e-290; /* denormals may be shorter than 15 digits */
    *d = (struct decimal){.negative = __builtin_signbit(v) != 0};
    for (int digits = tiny ? 1 : 15; digits <= 17; digits++) {
        int n = snprintf(text, sizeof(text), "%.*e", digits - 1, v);
        d->n = 0;
        int i = 0;
        for (; i < n && text[i] != 'e'; i++)
            if (is_digit(text[i]))
                d->digits[d->n++] = text[i];
        long exp = strtol(text + i + 1, NULL, 10);
        d->point = (int)exp + 1;
        char again[48];
        snprintf(again, sizeof(again), "%s%.*se%ld", d->negative ? "-" : "", d->n, d->digits,
                 exp - (d->n - 1));
        double back = strtod(again, NULL);
        if (memcmp(&back, &v, sizeof(v)) == 0)
            break;
    }
    while (d->n > 0 && d->digits[d->n - 1] == '0')
        d->n--;
}

static void put_exponent(struct rk_buf *out, const struct decimal *d, bool two_digits)
{
    int exp = d->n ? d->point - 1 : 0;
    rk_buf_ch(out, d->n ? d->digits[0] : '0');
    if (d->n > 1) {
        rk_buf_ch(out, '.');
        rk_buf_add(out, d->digits + 1, (size_t)d->n - 1);
    }
    rk_buf_f(out, two_digits ? "e%c%02d" : "e%c%d", exp < 0 ? '-' : '+', exp < 0 ? -exp : exp);
}

static void put_plain(struct rk_buf *out, const struct decimal *d)
{
    if (d->point <= 0)
        rk_buf_c(out, "0");
    for (int i = 0; i < d->point; i++)
        rk_buf_ch(out, i < d->n ? d->digits[i] : '0');
    if (d->n <= d->point)
        return;
    rk_buf_ch(out, '.');
    for (int i = d->point; i < 0; i++)
        rk_buf_ch(out, '0');
    int from = d->point > 0 ? d->point : 0;
    rk_buf_add(out, d->digits + from, (size_t)(d->n - from));
}

/* Underscores out; the view is into b when there were any. */
static rk_str without_underscores(struct rk_buf *b, rk_str s)
{
    if (s.n == 0 || !memchr(s.p, '_', s.n))
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '_')
            rk_buf_ch(b, s.p[i]);
    return rk_buf_view(b);
}

enum doc_number_kind doc_number_kind(rk_str text)
{
    uint64_t v;
    bool negative;
    enum doc_number_kind kind = DOC_NUMBER_NONE;
    if (text.n == 0 || !(is_digit(text.p[0]) || strchr("+-.", text.p[0])))
        return kind;
    struct rk_buf b = RK_BUF_INIT;
    rk_str s = without_underscores(&b, text);
    if (text.p[0] == '.' && s.n != text.n && text.n > 1 && text.p[1] == '_')
        kind = DOC_NUMBER_NONE; /* Go: an underscore must follow a digit */
    else if (text.p[0] == '.' && s.n != text.n && text.p[text.n - 1] == '_')
        kind = DOC_NUMBER_NONE;
    else if (text.p[0] != '.' && parse_int(s, &negative, &v))
        kind = DOC_NUMBER_INT;
    else if (float_syntax(s) && !is_huge(to_double(s)))
        kind = DOC_NUMBER_FLOAT;
    rk_buf_release(&b);
    return kind;
}

bool doc_number_json(rk_str s)
{
    size_t i = s.n > 0 && s.p[0] == '-', from = i;
    while (i < s.n && is_digit(s.p[i]))
        i++;
    if (i == from || (s.p[from] == '0' && i > from + 1))
        return false;
    if (i < s.n && s.p[i] == '.') {
        from = ++i;
        while (i < s.n && is_digit(s.p[i]))
            i++;
        if (i == from)
            return false;
    }
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
        from = i;
        while (i < s.n && is_digit(s.p[i]))
            i++;
        if (i == from)
            return false;
    }
    return i == s.n;
}

bool doc_number_finite(rk_str s)
{
    return s.n > 0 && digit_of(s.p[s.n - 1]) < 16 && doc_number_kind(s) != DOC_NUMBER_NONE;
}

/* Most numbers: up to 18 digits, no leading zero; already as they are printed. */
static bool is_simple(rk_str s)
{
    size_t i = s.n > 0 && s.p[0] == '-', n = s.n - i;
    if (n == 0 || n > 18 || (s.p[i] == '0' && s.n > 1))
        return false;
    for (; i < s.n; i++)
        if (!is_digit(s.p[i]))
            return false;
    return true;
}

static void put_float(struct rk_buf *out, double v)
{
    struct decimal d;
    uint64_t whole = 0;
    bool fits = true;
    to_decimal(v, &d);
    if (d.n == 0) {
        rk_buf_c(out, "0");
        return;
    }
    /* JSON prints whole numbers below 1e21 as integers, and those that fit stay integers. */
    bool integer = d.n <= d.point && d.point <= 21;
    for (int i = 0; integer && i < d.point; i++)
        fits = fits && !__builtin_mul_overflow(whole, (uint64_t)10, &whole) &&
               !__builtin_add_overflow(whole, (uint64_t)(i < d.n ? d.digits[i] - '0' : 0), &whole);
    if (d.negative)
        rk_buf_ch(out, '-');
    if (integer && fits && (!d.negative || whole <= (uint64_t)INT64_MAX + 1))
        rk_buf_f(out, "%llu", (unsigned long long)whole);
    else if (d.point - 1 < -4 || d.point - 1 >= 6)
        put_exponent(out, &d, true);
    else
        put_plain(out, &d);
}

void doc_number_canonical(struct rk_buf *out, rk_str source)
{
    uint64_t v;
    bool negative;
    if (is_simple(source)) {
        rk_buf_str(out, source);
        return;
    }
    struct rk_buf b = RK_BUF_INIT;
    rk_str s = without_underscores(&b, source);
    if (parse_int(s, &negative, &v))
        rk_buf_f(out, "%s%llu", negative && v ? "-" : "", (unsigned long long)v);
    else if (float_syntax(s) && !is_huge(to_double(s)))
        put_float(out, to_double(s));
    else
        rk_buf_str(out, source);
    rk_buf_release(&b);
}

/* The number as a float64; false when it has none. */
static bool read_double(rk_str source, struct decimal *d)
{
    uint64_t v = 0;
    bool negative = false;
    struct rk_buf b = RK_BUF_INIT;
    rk_str s = without_underscores(&b, source);
    bool whole = parse_int(s, &negative, &v);
    double part = whole || !float_syntax(s) ? 0 : to_double(s);
    bool ok = whole || (float_syntax(s) && !is_huge(part));
    if (ok)
        to_decimal(whole ? (negative && v ? -(double)v : (double)v) : part, d);
    rk_buf_release(&b);
    return ok;
}

static void put_double(struct rk_buf *out, rk_str source, int low, int high, bool two_digits)
{
    struct decimal d;
    if (!read_double(source, &d)) {
        rk_buf_str(out, source);
        return;
    }
    if (d.negative)
        rk_buf_ch(out, '-');
    if (d.n == 0)
        rk_buf_c(out, "0");
    else if (d.point - 1 < low || d.point - 1 >= high)
        put_exponent(out, &d, two_digits);
    else
        put_plain(out, &d);
}

void doc_number_go(struct rk_buf *out, rk_str source)
{
    if (is_simple(source) && source.n < 16)
        rk_buf_str(out, source);
    else
        put_double(out, source, -6, 21, false);
}

void doc_number_float(struct rk_buf *out, rk_str source)
{
    put_double(out, source, -4, 6, true);
}
