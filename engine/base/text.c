/*
 * text.c: foreign text made harmless. In: bytes from anywhere. Out: valid UTF-8 without a character
 * that moves the cursor, hides, or turns the line around; such characters become visible escapes.
 *
 * Owns nothing. Making a safe text safe again changes nothing. Does not measure or wrap text.
 */
#include "reckon/text.h"

#include <stdio.h>

#include "base/base_int.h"

/* Characters that nobody sees or that change how others are seen; ordered. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
    {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
    {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool code_hidden(uint32_t code)
{
    if ((code & 0xfffe) == 0xfffe)
        return true; /* no characters at all */
    for (size_t i = 0; i < RK_LEN(hidden) && hidden[i].first <= code; i++)
        if (code <= hidden[i].last)
            return true;
    return false;
}

/* They only choose a look of the character before; terminals disagree on their width. */
static bool code_dropped(uint32_t code)
{
    return code >= 0xfe00 && code <= 0xfe0f;
}

size_t rk_utf8_next(const char *s, size_t n, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)s[0];
    size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    uint32_t value = len == 1 ? c : c & (0xffu >> (len + 1));

    if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)s[i] & 0x3fu);
    }
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return len;
}

rk_str rk_utf8_head(rk_str text, size_t most)
{
    if (text.n <= most)
        return text;
    while (most && ((unsigned char)text.p[most] & 0xc0) == 0x80)
        most--;
    return (rk_str){text.p, most};
}

void rk_utf8_put(struct rk_buf *out, uint32_t code)
{
    char s[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};

    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        rk_utf8_put(out, 0xfffd); /* the replacement character */
        return;
    }
    for (size_t i = n - 1; i > 0; i--) {
        s[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    s[0] = (char)(mark[n] | code);
    rk_buf_add(out, s, n);
}

bool rk_utf8_valid(rk_str text)
{
    uint32_t code;

    for (size_t i = 0, len; i < text.n; i += len)
        if ((len = rk_utf8_next(text.p + i, text.n - i, &code)) == 0)
            return false;
    return true;
}

/*
 * One character at s (n > 0 bytes left): *put tells what replaces it (empty = dropped), pointing
 * into s or into room. Returns the bytes read.
 */
static size_t safe_next(const char *s, size_t n, unsigned flags, char room[16], rk_str *put)
{
    bool lines = flags & RK_TEXT_LINES;
    uint32_t code = (unsigned char)s[0];
    size_t len = rk_utf8_next(s, n, &code);
    const char *form = !len || code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x";

    *put = (rk_str){s, len};
    if (len && (s[0] == '\n' || s[0] == '\t')) {
        if (s[0] == '\t')
            *put = RK_STR(" ");
        else if (!lines)
            *put = RK_STR("\\n");
    } else if (len && ((lines && s[0] == '\r' && n > 1 && s[1] == '\n') || code_dropped(code))) {
        put->n = 0;
    } else if (!len || code_hidden(code)) {
        _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"")
        *put = (rk_str){room, (size_t)snprintf(room, 16, form, code)};
        _Pragma("GCC diagnostic pop")
    }
    return len ? len : 1;
}

void rk_text_safe(struct rk_buf *out, rk_str foreign, unsigned flags)
{
    char room[16];
    rk_str put;

    for (size_t i = 0; i < foreign.n;) {
        size_t run = i;

        while (run < foreign.n && foreign.p[run] >= ' ' && foreign.p[run] < 0x7f)
            run++; /* plain ASCII goes through as it is */
        rk_buf_add(out, foreign.p + i, run - i);
        i = run;
        if (i == foreign.n)
            break;
        i += safe_next(foreign.p + i, foreign.n - i, flags, room, &put);
        rk_buf_str(out, put);
    }
}

void base_text_safe_fixed(char *out, size_t cap, rk_str in, unsigned flags)
{
    static const char more[] = "\xe2\x80\xa6"; /* an ellipsis */
    size_t n = 0, cut = 0;                     /* cut: the last border with room for it behind */
    char room[16];
    rk_str put;

    for (size_t i = 0; i < in.n;) {
        i += safe_next(in.p + i, in.n - i, flags, room, &put);
        if (n + put.n >= cap) {
            memcpy(out + cut, more, sizeof(more));
            return;
        }
        memcpy(out + n, put.p, put.n);
        n += put.n;
        if (n + sizeof(more) <= cap)
            cut = n;
    }
    out[n] = 0;
}

bool rk_text_is_safe(rk_str text, unsigned flags)
{
    char room[16];
    rk_str put;

    for (size_t i = 0; i < text.n;) {
        size_t len = safe_next(text.p + i, text.n - i, flags, room, &put);

        if (put.p != text.p + i || put.n != len)
            return false;
        i += len;
    }
    return true;
}
