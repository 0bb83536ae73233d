/*
 * json_read.c: strict JSON -> a tree.
 *
 * In: one whole value. Out: its tree; numbers as text, strings decoded, keys shared. Refused:
 * duplicate keys, \u0000, lone surrogates, control bytes in strings, broken UTF-8, anything after
 * the value, more than the limits. One pass, no recursion; no marks (live objects have no file).
 */
#include "doc/doc_int.h"

#include "reckon/text.h"

struct json {
    struct doc_build b;
    const char *start, *p, *end;
    struct doc_node *root;
    struct rk_buf text; /* a string with escapes, decoded */
    struct rk_err *err;
};

static int fail(const struct json *j, const char *what)
{
    return rk_fail(j->err, RK_INVALID, "JSON: %s at byte %zu", what, (size_t)(j->p - j->start));
}

static int limit(const struct json *j, size_t most, const char *what)
{
    return rk_fail(j->err, RK_LIMIT, "JSON: the document goes over the limit of %zu %s", most, what);
}

static void skip_space(struct json *j)
{
    while (j->p < j->end && (*j->p == ' ' || *j->p == '\n' || *j->p == '\t' || *j->p == '\r'))
        j->p++;
}

/* Is there a quote, a backslash, a control byte or a byte over 0x7f among these eight? */
static bool is_special8(const char *p)
{
    uint64_t w;
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    memcpy(&w, p, 8);
    uint64_t quote = w ^ ones * '"', back = w ^ ones * '\\';
    return ((w | (w - ones * 0x20) | (quote - ones) | (back - ones)) & high) != 0;
}

static bool hex4(const char *p, const char *end, uint32_t *out)
{
    uint32_t v = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = p[i], l = (char)(c | 0x20);
        uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
                     : l >= 'a' && l <= 'f' ? (uint32_t)(l - 'a') + 10 : 99;
        if (d == 99)
            return false;
        v = v << 4 | d;
    }
    *out = v;
    return true;
}

static int read_unicode(struct json *j)
{
    uint32_t c, low;
    if (!hex4(j->p, j->end, &c))
        return fail(j, "\\u needs four hex digits");
    j->p += 4;
    if (c == 0)
        return fail(j, "\\u0000 is not allowed");
    if (c >= 0xd800 && c < 0xe000) {
        if (c >= 0xdc00 || j->end - j->p < 6 || j->p[0] != '\\' || j->p[1] != 'u' ||
            !hex4(j->p + 2, j->end, &low) || low < 0xdc00 || low > 0xdfff)
            return fail(j, "half a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        j->p += 6;
    }
    rk_utf8_put(&j->text, c);
    return 0;
}

static int read_escape(struct json *j)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    j->p++;
    if (j->p >= j->end)
        return fail(j, "the text ends in a string");
    char c = *j->p++;
    if (c == 'u')
        return read_unicode(j);
    const char *at = c ? strchr(from, c) : NULL;
    if (!at)
        return fail(j, "an unknown escape");
    rk_buf_ch(&j->text, to[at - from]);
    return 0;
}

/* After the opening quote: the string's bytes, in the text or in j->text when it had escapes. */
static int read_string(struct json *j, rk_str *out)
{
    const char *from = j->p;
    bool escaped = false;
    for (;;) {
        while (j->end - j->p >= 8 && !is_special8(j->p))
            j->p += 8;
        if (j->p >= j->end)
            return fail(j, "the text ends in a string");
        unsigned char c = (unsigned char)*j->p;
        if (c == '"')
            break;
        if (c < 0x20)
            return fail(j, "a control byte in a string");
        if (c >= 0x80) {
            uint32_t code;
            size_t n = rk_utf8_next(j->p, (size_t)(j->end - j->p), &code);
            if (n == 0)
                return fail(j, "broken UTF-8");
            j->p += n;
        } else if (c == '\\') {
            if (!escaped)
                rk_buf_clear(&j->text);
            escaped = true;
            rk_buf_add(&j->text, from, (size_t)(j->p - from));
            if (read_escape(j))
                return -1;
            from = j->p;
        } else {
            j->p++;
        }
    }
    if (escaped)
        rk_buf_add(&j->text, from, (size_t)(j->p - from));
    *out = escaped ? rk_buf_view(&j->text) : (rk_str){from, (size_t)(j->p - from)};
    j->p++;
    return 0;
}

static int read_number(struct json *j, struct doc_node **out)
{
    const char *from = j->p;
    while (j->p < j->end && ((*j->p >= '0' && *j->p <= '9') || *j->p == '-' || *j->p == '+' ||
                             *j->p == '.' || *j->p == 'e' || *j->p == 'E'))
        j->p++;
    rk_str text = {from, (size_t)(j->p - from)};
    if (!doc_number_json(text)) {
        j->p = from;
        return fail(j, "not a JSON value");
    }
    *out = doc_build_node(&j->b, DOC_NUMBER);
    (*out)->text = doc_build_text(&j->b, text.p, text.n);
    return 0;
}

static int read_word(struct json *j, struct doc_node **out)
{
    static const struct { const char *text; size_t n; enum doc_type type; bool boolean; } words[] = {
        {"true", 4, DOC_BOOL, true}, {"false", 5, DOC_BOOL, false}, {"null", 4, DOC_NULL, false},
    };
    for (size_t i = 0; i < RK_LEN(words); i++)
        if ((size_t)(j->end - j->p) >= words[i].n &&
            memcmp(j->p, words[i].text, words[i].n) == 0) {
            j->p += words[i].n;
            *out = doc_build_node(&j->b, words[i].type);
            (*out)->boolean = words[i].boolean;
            return 0;
        }
    return fail(j, "not a JSON value");
}

static int read_key(struct json *j)
{
    rk_str key;
    skip_space(j);
    if (j->p >= j->end || *j->p != '"')
        return fail(j, "a key in quotes is missing");
    j->p++;
    if (read_string(j, &key))
        return -1;
    if (key.n > j->b.limits.key)
        return limit(j, j->b.limits.key, "bytes a key");
    skip_space(j);
    if (j->p >= j->end || *j->p != ':')
        return fail(j, "a colon is missing");
    j->p++;
    doc_build_item(&j->b, doc_keys_intern(&j->b.keys, key), 0, NULL);
    return 0;
}

static int close_map(struct json *j)
{
    const struct doc_item *dup;
    char show[80];
    if (doc_build_close_map(&j->b, false, &dup) == 0)
        return 0;
    return rk_fail(j->err, RK_INVALID, "JSON: the key '%s' is there twice, before byte %zu",
                   doc_key_show(j->b.keys.all[dup->key].text, show), (size_t)(j->p - j->start));
}

/* A container opens: 1 when it is empty and closed again, else its first key is read. */
static int open_container(struct json *j, bool map)
{
    if (j->b.depth >= j->b.limits.depth)
        return limit(j, j->b.limits.depth, "levels of depth");
    struct doc_node *node = doc_build_node(&j->b, map ? DOC_MAP : DOC_LIST);
    doc_build_value(&j->b, node, &j->root);
    doc_build_open(&j->b, node);
    j->p++;
    skip_space(j);
    if (j->p < j->end && *j->p == (map ? '}' : ']')) {
        j->p++;
        if (!map)
            doc_build_close_list(&j->b);
        return map && close_map(j) ? -1 : 1;
    }
    return map ? read_key(j) : 0;
}

/* One value up to its first inner value: 0 when an inner one follows, 1 when it is complete. */
static int read_value(struct json *j)
{
    struct doc_node *node = NULL;
    rk_str text;
    skip_space(j);
    if (j->p >= j->end)
        return fail(j, "the text ends where a value should be");
    if (j->b.count >= j->b.limits.nodes)
        return limit(j, j->b.limits.nodes, "nodes");
    char c = *j->p;
    if (c == '{' || c == '[')
        return open_container(j, c == '{');
    if (c == '"') {
        j->p++;
        if (read_string(j, &text))
            return -1;
        node = doc_build_node(&j->b, DOC_STRING);
        node->text = doc_build_text(&j->b, text.p, text.n);
    } else if (c == '-' || (c >= '0' && c <= '9') ? read_number(j, &node) : read_word(j, &node)) {
        return -1;
    }
    doc_build_value(&j->b, node, &j->root);
    return 1;
}

/* After a complete value: comma or ends. 0 when another value follows, 1 when all is closed. */
static int read_after(struct json *j)
{
    while (j->b.depth > 0) {
        bool map = j->b.frames[j->b.depth - 1].node->type == DOC_MAP;
        skip_space(j);
        if (j->p < j->end && *j->p == ',') {
            j->p++;
            return map ? read_key(j) : 0;
        }
        if (j->p >= j->end || *j->p != (map ? '}' : ']'))
            return fail(j, map ? "a comma or } is missing" : "a comma or ] is missing");
        j->p++;
        if (!map)
            doc_build_close_list(&j->b);
        else if (close_map(j))
            return -1;
    }
    return 1;
}

static int read_all(struct json *j)
{
    int rc = 0;
    while (rc == 0) {
        rc = read_value(j);
        if (rc == 1)
            rc = read_after(j);
    }
    if (rc < 0)
        return -1;
    skip_space(j);
    return j->p == j->end ? 0 : fail(j, "more text after the value");
}

/* Commas, colons and brackets tell how many nodes and pairs there will be. */
static size_t tree_size(rk_str text)
{
    size_t commas = 0, colons = 0, maps = 0, lists = 0;
    if (text.n > 16384)
        return SIZE_MAX; /* full slabs, no need to look */
    for (size_t i = 0; i < text.n; i++) {
        commas += text.p[i] == ',';
        colons += text.p[i] == ':';
        maps += text.p[i] == '{';
        lists += text.p[i] == '[';
    }
    size_t nodes = commas + maps + lists + 1;
    size_t size = nodes * sizeof(struct doc_node) + colons * sizeof(struct doc_pair) +
                  maps * sizeof(struct doc_map) + text.n / 3;
    return size < text.n * 4 ? size : text.n * 4;
}

int doc_json_read(struct rk_arena *a, rk_str text, const struct doc_limits *limits,
                  struct doc_node **out, struct rk_err *err)
{
    struct json j = {.start = text.p, .p = text.p, .end = text.p + text.n, .text = RK_BUF_INIT,
                     .err = err};
    doc_build_init(&j.b, a, limits, tree_size(text));
    int rc = text.n > j.b.limits.bytes ? limit(&j, j.b.limits.bytes, "bytes") : read_all(&j);
    if (rc == 0)
        *out = j.root;
    rk_buf_release(&j.text);
    doc_build_release(&j.b);
    return rc;
}
