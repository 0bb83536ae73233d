/*
 * quantity.c: Kubernetes quantities ("100m", "1.5Gi", "12e6"). Text in; an exact decimal inside
 * (digits and a power of ten, so that nothing overflows); nano units, equality or the canonical
 * spelling out. Follows k8s.io/apimachinery pkg/api/resource: rounded up to nano, binary values
 * capped at 2^63-1, binary values below 1024 or not whole printed as decimal
 * (reference/kubernetes.md section 3.3). Unlike it, a lone suffix or sign is no number.
 */
#include "kube/kube.h"

enum { MAX_TEXT = 128, MAX_DIGITS = MAX_TEXT + 24, MAX_EXPONENT = 1000000 };
enum format { DECIMAL, EXPONENT, BINARY };

struct decimal { /* 0.d[0]d[1]... read as an integer, times 10^exp; n == 0 is zero */
    uint8_t d[MAX_DIGITS];
    size_t n;
    int exp;
    bool negative;
    enum format format;
};

static const struct {
    const char *suffix;
    enum format format;
    int exp; /* of ten, or of two */
} suffixes[] = {
    {"", DECIMAL, 0}, {"n", DECIMAL, -9}, {"u", DECIMAL, -6}, {"m", DECIMAL, -3},
    {"k", DECIMAL, 3}, {"M", DECIMAL, 6}, {"G", DECIMAL, 9}, {"T", DECIMAL, 12},
    {"P", DECIMAL, 15}, {"E", DECIMAL, 18},
    {"Ki", BINARY, 10}, {"Mi", BINARY, 20}, {"Gi", BINARY, 30}, {"Ti", BINARY, 40},
    {"Pi", BINARY, 50}, {"Ei", BINARY, 60},
};

static void trim(struct decimal *q)
{
    size_t zeros = 0;
    while (zeros < q->n && q->d[zeros] == 0)
        zeros++;
    memmove(q->d, q->d + zeros, q->n - zeros);
    q->n -= zeros;
    while (q->n > 0 && q->d[q->n - 1] == 0) {
        q->n--;
        q->exp++;
    }
    if (q->n == 0) {
        q->exp = 0;
        q->negative = false;
    }
}

static void multiply(struct decimal *q, unsigned by)
{
    unsigned carry = 0;
    for (size_t i = q->n; i-- > 0;) {
        carry += q->d[i] * by;
        q->d[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
    while (carry > 0 && q->n < MAX_DIGITS) {
        memmove(q->d + 1, q->d, q->n);
        q->d[0] = (uint8_t)(carry % 10);
        q->n++;
        carry /= 10;
    }
}

static void add_one(struct decimal *q)
{
    for (size_t i = q->n; i-- > 0;) {
        if (++q->d[i] < 10)
            return;
        q->d[i] = 0;
    }
    memmove(q->d + 1, q->d, q->n);
    q->d[0] = 1;
    q->n++;
}

/* Away from zero, to 10^-9: "if you want some resources, you should get some resources". */
static void round_nano(struct decimal *q)
{
    if (q->n == 0 || q->exp >= -9)
        return;
    const size_t drop = (size_t)(-9 - q->exp);
    if (drop >= q->n)
        q->n = 0;
    else
        q->n -= drop;
    q->exp = -9;
    add_one(q); /* the last digit was not 0: something was cut */
}

static int compare_digits(const struct decimal *q, const char *whole)
{
    const size_t have = q->n + (size_t)q->exp, want = strlen(whole);
    if (have != want)
        return have < want ? -1 : 1;
    for (size_t i = 0; i < want; i++) {
        const int d = i < q->n ? q->d[i] : 0;
        if (d != whole[i] - '0')
            return d < whole[i] - '0' ? -1 : 1;
    }
    return 0;
}

#define INT64_TEXT "9223372036854775807"

static void cap_binary(struct decimal *q)
{
    if (q->n == 0 || (q->exp < 0 && (size_t)-q->exp >= q->n))
        return;
    struct decimal whole = *q;
    if (whole.exp < 0) {
        whole.n -= (size_t)-whole.exp;
        whole.exp = 0;
    }
    if (compare_digits(&whole, INT64_TEXT) < 0 || (compare_digits(&whole, INT64_TEXT) == 0 &&
                                                   q->exp >= 0))
        return;
    q->n = sizeof(INT64_TEXT) - 1;
    q->exp = 0;
    for (size_t i = 0; i < q->n; i++)
        q->d[i] = (uint8_t)(INT64_TEXT[i] - '0');
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_suffix(rk_str s, struct decimal *q, int *binary)
{
    *binary = 0;
    for (size_t i = 0; i < RK_LEN(suffixes); i++) {
        if (!rk_str_is(s, suffixes[i].suffix))
            continue;
        q->format = suffixes[i].format;
        if (q->format == BINARY)
            *binary = suffixes[i].exp;
        else
            q->exp += suffixes[i].exp;
        return true;
    }
    if (s.n < 2 || (s.p[0] != 'e' && s.p[0] != 'E'))
        return false;
    rk_str number = {s.p + 1, s.n - 1};
    if (number.p[0] == '+' && number.n > 1 && digit(number.p[1]))
        number = (rk_str){number.p + 1, number.n - 1};
    int64_t exponent;
    if (!rk_str_int(number, &exponent))
        return false;
    q->format = EXPONENT;
    if (exponent > MAX_EXPONENT)
        exponent = MAX_EXPONENT;
    if (exponent < -MAX_EXPONENT)
        exponent = -MAX_EXPONENT;
    q->exp += (int)exponent;
    return true;
}

static bool parse(rk_str text, struct decimal *q)
{
    *q = (struct decimal){0};
    if (text.n == 0 || text.n > MAX_TEXT)
        return false;
    size_t i = text.p[0] == '-' || text.p[0] == '+';
    q->negative = text.p[0] == '-';
    const size_t start = i;
    bool point = false;
    for (; i < text.n && (digit(text.p[i]) || (text.p[i] == '.' && !point)); i++) {
        if (text.p[i] == '.') {
            point = true;
            continue;
        }
        q->d[q->n++] = (uint8_t)(text.p[i] - '0');
        q->exp -= point;
    }
    if (i == start + point) /* no digit at all */
        return false;
    int binary;
    if (!read_suffix((rk_str){text.p + i, text.n - i}, q, &binary))
        return false;
    trim(q);
    for (; binary > 0; binary -= 10)
        multiply(q, 1024);
    trim(q);
    round_nano(q);
    if (q->format == BINARY)
        cap_binary(q);
    trim(q);
    return true;
}

bool kube_quantity_parse(rk_str text, kube_nano *nano)
{
    struct decimal q;
    if (!parse(text, &q))
        return false;
    const kube_nano top = (kube_nano)1 << 126, max = top - 1 + top;
    kube_nano v = 0;
    for (size_t i = 0; i < q.n; i++)
        v = v > (max - q.d[i]) / 10 ? max : v * 10 + q.d[i];
    for (int e = q.exp + 9; q.n > 0 && e > 0 && v < max; e--)
        v = v > max / 10 ? max : v * 10;
    *nano = q.negative ? -v : v;
    return true;
}

bool kube_quantity_equal(rk_str a, rk_str b)
{
    struct decimal x, y;
    return parse(a, &x) && parse(b, &y) && x.negative == y.negative && x.n == y.n &&
           x.exp == y.exp && memcmp(x.d, y.d, x.n) == 0;
}

static void put_digits(struct rk_buf *out, const struct decimal *q, int zeros)
{
    for (size_t i = 0; i < q->n; i++)
        rk_buf_ch(out, (char)('0' + q->d[i]));
    for (int i = 0; i < zeros; i++)
        rk_buf_ch(out, '0');
}

static void put_decimal(struct rk_buf *out, const struct decimal *q)
{
    int e = q->exp;
    int zeros = ((e % 3) + 3) % 3;
    e -= zeros;
    if (q->format == EXPONENT) {
        put_digits(out, q, zeros);
        if (e != 0)
            rk_buf_f(out, "e%d", e);
        return;
    }
    if (e > 18) {
        zeros += e - 18;
        e = 18;
    }
    put_digits(out, q, zeros);
    for (size_t i = 0; i < RK_LEN(suffixes); i++) {
        if (suffixes[i].format == DECIMAL && suffixes[i].exp == e)
            rk_buf_c(out, suffixes[i].suffix);
    }
}

/* Whole and at most 2^63-1: the caller saw to it. */
static void put_binary(struct rk_buf *out, const struct decimal *q)
{
    static const char *const names[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    uint64_t v = 0;
    for (size_t i = 0; i < q->n + (size_t)q->exp; i++)
        v = v * 10 + (i < q->n ? q->d[i] : 0u);
    size_t times = 0;
    while (v % 1024 == 0 && times + 1 < RK_LEN(names)) {
        v /= 1024;
        times++;
    }
    rk_buf_f(out, "%llu%s", (unsigned long long)v, names[times]);
}

bool kube_quantity_canonical(struct rk_buf *out, rk_str text)
{
    struct decimal q;
    if (!parse(text, &q))
        return false;
    if (q.n == 0) {
        rk_buf_ch(out, '0');
        return true;
    }
    if (q.negative)
        rk_buf_ch(out, '-');
    const bool whole = q.exp >= 0;
    if (q.format == BINARY && whole && compare_digits(&q, "1024") >= 0) {
        put_binary(out, &q);
    } else {
        if (q.format == BINARY)
            q.format = DECIMAL;
        put_decimal(out, &q);
    }
    return true;
}
