/*
 * json_write.c: a tree -> JSON, in three forms.
 *
 * In: a tree. Out: compact JSON with the order kept (requests), the canonical form (sorted keys,
 * canonical numbers: what is hashed and compared), or Go's encoding/json bytes (generator hashes).
 * Iterative; numbers without a JSON form (.inf) become null.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

#include "base/hash.h"

enum form { FORM_COMPACT, FORM_CANONICAL, FORM_GO };

struct level {
    const struct doc_node *node;
    size_t base;
    uint32_t next;
};

struct json_writer {
    struct rk_buf *out;
    enum form form;
    struct doc_order order;
    struct level *levels;
    size_t depth, cap;
};

static void put_escape(struct rk_buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char shorts[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *at = c ? strchr(shorts, c) : NULL;
    if (at) {
        char text[2] = {'\\', letters[at - shorts]};
        rk_buf_add(out, text, 2);
        return;
    }
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    rk_buf_add(out, text, 6);
}

/* U+2028 and U+2029 are E2 80 A8 and E2 80 A9. */
static bool is_separator(const char *p, size_t n)
{
    return n >= 3 && memcmp(p, "\xe2\x80", 2) == 0 && ((unsigned char)p[2] & 0xfe) == 0xa8;
}

void doc_json_string(struct rk_buf *out, rk_str s, bool go)
{
    rk_buf_ch(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool html = go && (c == '<' || c == '>' || c == '&');
        bool line = go && c == 0xe2 && is_separator(s.p + i, s.n - i);
        if (c >= 0x20 && c != '"' && c != '\\' && !html && !line)
            continue;
        rk_buf_add(out, s.p + from, i - from);
        if (line)
            rk_buf_c(out, (unsigned char)s.p[i + 2] == 0xa8 ? "\\u2028" : "\\u2029");
        else
            put_escape(out, c);
        i += line ? 2 : 0;
        from = i + 1;
    }
    if (s.n > from)
        rk_buf_add(out, s.p + from, s.n - from);
    rk_buf_ch(out, '"');
}

static void put_number(struct json_writer *w, rk_str source)
{
    bool json = doc_number_json(source);
    if (!json && doc_number_kind(source) == DOC_NUMBER_NONE)
        rk_buf_c(w->out, "null");
    else if (w->form == FORM_GO)
        doc_number_go(w->out, source);
    else if (json && w->form == FORM_COMPACT)
        rk_buf_str(w->out, source);
    else
        doc_number_canonical(w->out, source);
}

static void put_node(struct json_writer *w, const struct doc_node *node)
{
    switch (doc_type(node)) {
    case DOC_NULL:
        rk_buf_add(w->out, "null", 4);
        break;
    case DOC_BOOL:
        rk_buf_c(w->out, node->boolean ? "true" : "false");
        break;
    case DOC_NUMBER:
        put_number(w, node->text);
        break;
    case DOC_STRING:
        doc_json_string(w->out, node->text, w->form == FORM_GO);
        break;
    case DOC_LIST:
    case DOC_MAP:
        rk_buf_ch(w->out, node->type == DOC_MAP ? '{' : '[');
        w->levels = rk_grow(w->levels, w->depth, &w->cap, sizeof(*w->levels));
        w->levels[w->depth++] = (struct level){.node = node, .base = w->order.n};
        if (node->type == DOC_MAP && w->form != FORM_COMPACT)
            doc_order_push(&w->order, node, rk_str_cmp);
        break;
    case DOC_TYPE_MAX:
        break;
    }
}

static void put_next(struct json_writer *w)
{
    struct level *l = &w->levels[w->depth - 1];
    const struct doc_node *node = l->node;
    bool map = node->type == DOC_MAP;
    if (l->next == node->n) {
        rk_buf_ch(w->out, map ? '}' : ']');
        w->order.n = l->base;
        w->depth--;
        return;
    }
    uint32_t i = l->next++;
    if (i > 0)
        rk_buf_ch(w->out, ',');
    if (!map) {
        put_node(w, node->items[i]);
        return;
    }
    const struct doc_pair *p =
        w->form == FORM_COMPACT ? &node->map->pairs[i] : w->order.p[l->base + i];
    doc_json_string(w->out, p->key, w->form == FORM_GO);
    rk_buf_ch(w->out, ':');
    put_node(w, p->value);
}

static void write_form(struct rk_buf *out, const struct doc_node *node, enum form form)
{
    struct json_writer w = {.out = out, .form = form};
    put_node(&w, node);
    while (w.depth > 0)
        put_next(&w);
    doc_order_release(&w.order);
    free(w.levels);
}

void doc_json_write(struct rk_buf *out, const struct doc_node *node)
{
    write_form(out, node, FORM_COMPACT);
}

void doc_json_canonical(struct rk_buf *out, const struct doc_node *node)
{
    write_form(out, node, FORM_CANONICAL);
}

void doc_json_go(struct rk_buf *out, const struct doc_node *node)
{
    write_form(out, node, FORM_GO);
}

void doc_hash(const struct doc_node *node, uint8_t out[32])
{
    struct rk_buf b = RK_BUF_INIT;
    struct rk_sha256 h;
    doc_json_canonical(&b, node);
    rk_sha256_init(&h);
    rk_sha256_add(&h, b.p, b.n);
    rk_sha256_end(&h, out);
    rk_wipe(b.p, b.n);
    rk_buf_release(&b);
}
