/*
 * encode.c: hex and base64 of hash.h. In: bytes or their text. Out: the other. Owns nothing; on bad
 * input nothing is added to the output.
 */
#include "base/hash.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void rk_hex(const uint8_t *p, size_t n, char *out)
{
    static const char hex_digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = hex_digits[p[i] >> 4];
        *out++ = hex_digits[p[i] & 15];
    }
    *out = 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool rk_unhex(rk_str hex, uint8_t *out, size_t n)
{
    if (hex.n / 2 != n || hex.n % 2)
        return false;
    for (size_t i = 0; i < hex.n; i++)
        if (hex_value(hex.p[i]) < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(hex_value(hex.p[2 * i]) << 4 | hex_value(hex.p[2 * i + 1]));
    return true;
}

void rk_base64(struct rk_buf *out, const void *p, size_t n)
{
    const uint8_t *s = p;

    rk_buf_reserve(out, n / 3 * 4 + 4);
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t v = (uint32_t)s[i] << 16;
        char four[4];

        if (left > 1)
            v |= (uint32_t)s[i + 1] << 8;
        if (left > 2)
            v |= s[i + 2];
        for (unsigned k = 0; k < 4; k++)
            four[k] = k <= left ? base64_digits[v >> (18 - 6 * k) & 63] : '=';
        rk_buf_add(out, four, 4);
    }
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool rk_unbase64(struct rk_buf *out, rk_str text)
{
    uint32_t v = 0;
    size_t before = out->n, digits = 0, pads = 0;
    bool good = true;

    rk_buf_reserve(out, text.n / 4 * 3 + 3);
    for (size_t i = 0; good && i < text.n; i++) {
        char c = text.p[i];
        int value = base64_value(c);

        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        if (c == '=')
            pads++;
        else if (value < 0 || pads)
            good = false;
        v = v << 6 | (value > 0 ? (uint32_t)value : 0);
        if (++digits % 4 == 0) {
            char three[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};

            rk_buf_add(out, three, pads < 3 ? 3 - pads : 0);
            v = 0;
        }
    }
    if (good && digits % 4 == 0 && pads <= 2)
        return true;
    rk_wipe(out->p + before, out->n - before);
    out->n = before;
    return false;
}
