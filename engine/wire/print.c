/*
 * print.c: structs in, JSON text out, straight from the member tables: no tree, no allocation but
 * the buffer's own. Absent texts (NULL) and empty raw JSON are left out; numbers, truths and lists
 * are always written. Bytes that are not UTF-8 become U+FFFD, so that no value can make a line that
 * the other side refuses. wire_pretty indents any JSON text without looking at its numbers.
 */
#include "reckon/text.h"
#include "wire/wire_int.h"

static const void *at(const void *value, size_t offset)
{
    return (const char *)value + offset;
}

/* rk_buf_add for pieces of a few bytes: these are most of what a printer does. */
static inline void put(struct rk_buf *out, const void *p, size_t n)
{
    if (out->n + n >= out->cap)
        rk_buf_reserve(out, n);
    memcpy(out->p + out->n, p, n);
    out->n += n;
    out->p[out->n] = 0;
}

static inline void put_ch(struct rk_buf *out, char c)
{
    put(out, &c, 1);
}

/* One byte of a string that cannot stand for itself. */
static void put_escape(struct rk_buf *out, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    const char short_form[] = {'\\', c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : (char)c};
    const char long_form[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};

    if (c >= 0x20 || c == '\n' || c == '\t' || c == '\r')
        put(out, short_form, sizeof(short_form));
    else
        put(out, long_form, sizeof(long_form));
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void wire_print_text(struct rk_buf *out, const char *text, size_t n)
{
    const char *p = text, *end = text + n;

    rk_buf_reserve(out, n + 2);
    put_ch(out, '"');
    while (p < end) {
        const char *from = p;
        uint32_t code;
        size_t len = 0;

        while (p < end && is_plain((unsigned char)*p))
            p++;
        put(out, from, (size_t)(p - from));
        if (p == end)
            break;
        if ((unsigned char)*p < 0x80) {
            put_escape(out, (unsigned char)*p++);
        } else if ((len = rk_utf8_next(p, (size_t)(end - p), &code)) > 0) {
            put(out, p, len);
            p += len;
        } else {
            put(out, "\xef\xbf\xbd", 3);
            p++;
        }
    }
    put_ch(out, '"');
}

void wire_print_int(struct rk_buf *out, int64_t v)
{
    char digits[24], *p = digits + sizeof(digits);
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do
        *--p = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        *--p = '-';
    put(out, p, (size_t)(digits + sizeof(digits) - p));
}

static void put_list(struct rk_buf *out, const struct wire_shape *shape, const void *v, size_t n)
{
    put_ch(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            put_ch(out, ',');
        wire_print(out, shape, at(v, i * shape->size));
    }
    put_ch(out, ']');
}

static void put_texts(struct rk_buf *out, const char *const *v, size_t n)
{
    put_ch(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            put_ch(out, ',');
        if (v[i])
            wire_print_text(out, v[i], strlen(v[i]));
        else
            put(out, "null", 4);
    }
    put_ch(out, ']');
}

static bool is_absent(const struct wire_member *m, const void *p)
{
    if (m->type == WIRE_TEXT)
        return !*(const char *const *)p;
    return m->type == WIRE_JSON && !((const rk_str *)p)->n;
}

static void put_member(struct rk_buf *out, const struct wire_member *m, const void *value)
{
    const void *p = at(value, m->offset);

    switch (m->type) {
    case WIRE_TEXT: {
        const char *text = *(const char *const *)p;
        wire_print_text(out, text, strlen(text));
        break;
    }
    case WIRE_INT:
        wire_print_int(out, *(const int64_t *)p);
        break;
    case WIRE_BOOL:
        put(out, *(const bool *)p ? "true" : "false", *(const bool *)p ? 4 : 5);
        break;
    case WIRE_STRUCT:
        wire_print(out, m->shape, p);
        break;
    case WIRE_LIST:
        put_list(out, m->shape, *(const void *const *)p,
                 *(const size_t *)at(value, m->count_offset));
        break;
    case WIRE_TEXTS:
        put_texts(out, *(const char *const *const *)p, *(const size_t *)at(value, m->count_offset));
        break;
    case WIRE_JSON:
        rk_buf_str(out, *(const rk_str *)p);
        break;
    }
}

void wire_print(struct rk_buf *out, const struct wire_shape *shape, const void *value)
{
    char before = '{';

    for (size_t i = 0; i < shape->n; i++) {
        const struct wire_member *m = &shape->members[i];
        size_t n = strlen(m->name);

        if (is_absent(m, at(value, m->offset)))
            continue;
        put_ch(out, before);
        put_ch(out, '"');
        put(out, m->name, n);
        put(out, "\":", 2);
        put_member(out, m, value);
        before = ',';
    }
    if (before == '{')
        put_ch(out, '{');
    put_ch(out, '}');
}

static void new_line(struct rk_buf *out, size_t depth)
{
    rk_buf_ch(out, '\n');
    for (size_t i = 0; i < depth; i++)
        rk_buf_add(out, "  ", 2);
}

static size_t string_length(const char *p, const char *end)
{
    const char *q = p + 1;

    while (q < end && *q != '"')
        q += *q == '\\' && q + 1 < end ? 2 : 1;
    return (size_t)(q - p) + (q < end ? 1 : 0);
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* '{' or '[' at p, with what stands behind it when that closes it again. */
static const char *open_container(struct rk_buf *out, const char *p, const char *end, size_t *depth)
{
    const char *next = skip_blanks(p + 1, end);

    rk_buf_ch(out, *p);
    if (next < end && (*next == '}' || *next == ']')) {
        rk_buf_ch(out, *next);
        return next + 1;
    }
    if (*depth < WIRE_DEPTH_MAX)
        ++*depth;
    new_line(out, *depth);
    return next;
}

void wire_pretty(struct rk_buf *out, rk_str json)
{
    const char *p = json.p, *end = json.p + json.n;
    size_t depth = 0, n;

    while ((p = skip_blanks(p, end)) < end) {
        if (*p == '"') {
            n = string_length(p, end);
            rk_buf_add(out, p, n);
            p += n;
        } else if (*p == '{' || *p == '[') {
            p = open_container(out, p, end, &depth);
        } else if (*p == '}' || *p == ']') {
            depth -= depth ? 1 : 0;
            new_line(out, depth);
            rk_buf_ch(out, *p++);
        } else if (*p == ',') {
            rk_buf_ch(out, *p++);
            new_line(out, depth);
        } else {
            rk_buf_ch(out, *p);
            if (*p++ == ':')
                rk_buf_ch(out, ' ');
        }
    }
}
