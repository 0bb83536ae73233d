/*
 * yaml_write.c: a tree -> exactly kustomize's bytes.
 *
 * In: one document. Out: YAML text: keys in natural order, block style, indent 2, width 80. libyaml's
 * emitter writes; this file walks the tree (with a stack of its own), chooses styles and undoes the
 * few things in which libyaml and go-yaml v2 differ. What the real tool refuses is refused here.
 */
#include "doc/doc_int.h"

#include <stdlib.h>
#include <yaml.h>

#include "reckon/text.h"

struct writer {
    yaml_emitter_t emitter;
    struct doc_order order; /* pairs of the open maps, innermost last */
    struct level *levels;
    size_t depth, cap;
    struct rk_buf text; /* scratch for rewritten scalars */
    struct rk_err *err;
};

struct level {
    const struct doc_node *node;
    size_t base; /* into order; maps only */
    uint32_t next;
};

static int write_bytes(void *ctx, unsigned char *p, size_t n)
{
    rk_buf_add(ctx, p, n);
    return 1;
}

static int emit(struct writer *w, yaml_event_t *event)
{
    if (yaml_emitter_emit(&w->emitter, event))
        return 0;
    return rk_fail(w->err, RK_INTERNAL, "writing YAML: %s",
                   w->emitter.problem ? w->emitter.problem : "unknown problem");
}

/* What go-yaml's reader refuses in the JSON that kustomize passes through. */
static bool is_control(uint32_t c)
{
    return c == 0x7f || (c >= 0x80 && c < 0xa0 && c != 0x85) || c == 0xfffe || c == 0xffff;
}

/* A NEL in quoted text is a line break to go-yaml's reader: blanks around it go, a single one becomes
 * a space, of several the first goes. */
static rk_str fold_nel(struct rk_buf *b, rk_str s)
{
    rk_buf_clear(b);
    for (size_t i = 0; i < s.n;) {
        size_t breaks = 0;
        if (i + 1 >= s.n || memcmp(s.p + i, "\xc2\x85", 2) != 0) {
            rk_buf_ch(b, s.p[i++]);
            continue;
        }
        while (b->n > 0 && b->p[b->n - 1] == ' ')
            b->p[--b->n] = '\0';
        while (i < s.n && (s.p[i] == ' ' || (i + 1 < s.n && memcmp(s.p + i, "\xc2\x85", 2) == 0))) {
            breaks += s.p[i] != ' ';
            i += s.p[i] == ' ' ? 1 : 2;
        }
        rk_buf_c(b, breaks == 1 ? " " : "");
        for (; breaks > 1; breaks--)
            rk_buf_ch(b, '\n');
    }
    return rk_buf_view(b);
}

static int check_text(struct writer *w, rk_str *s, bool key)
{
    bool high = false, nel = false;
    for (size_t i = 0; i < s->n; i++)
        high |= (unsigned char)s->p[i] >= 0x7f;
    for (size_t i = 0; high && i < s->n;) {
        uint32_t c;
        size_t n = rk_utf8_next(s->p + i, s->n - i, &c);
        if (n == 0)
            return rk_fail(w->err, RK_INVALID, "a text is not valid UTF-8");
        if (is_control(c))
            return rk_fail(w->err, RK_INVALID,
                           "control characters are not allowed (U+%04X in a text)", (unsigned)c);
        nel |= c == 0x85;
        i += n;
    }
    if (nel && key)
        return rk_fail(w->err, RK_INVALID, "a key holds a line break (U+0085)");
    if (nel)
        *s = fold_nel(&w->text, *s);
    return 0;
}

static int emit_text(struct writer *w, rk_str s, yaml_scalar_style_t style)
{
    yaml_event_t e;
    const unsigned char *p = (const unsigned char *)(s.p ? s.p : "");
    if (!yaml_scalar_event_initialize(&e, NULL, NULL, p, (int)s.n, 1, 1, style))
        return rk_fail(w->err, RK_INVALID, "a text is not valid UTF-8");
    return emit(w, &e);
}

static int emit_string(struct writer *w, rk_str s, bool key)
{
    static const yaml_scalar_style_t styles[] = {
        [DOC_STYLE_PLAIN] = YAML_PLAIN_SCALAR_STYLE,
        [DOC_STYLE_SINGLE] = YAML_SINGLE_QUOTED_SCALAR_STYLE,
        [DOC_STYLE_DOUBLE] = YAML_DOUBLE_QUOTED_SCALAR_STYLE,
        [DOC_STYLE_LITERAL] = YAML_LITERAL_SCALAR_STYLE,
    };
    return check_text(w, &s, key) || emit_text(w, s, styles[doc_style_of(s)]) ? -1 : 0;
}

static int emit_number(struct writer *w, rk_str source)
{
    if (!doc_number_finite(source) && doc_number_kind(source) == DOC_NUMBER_NONE &&
        !doc_number_json(source))
        return rk_fail(w->err, RK_INVALID, "the number %.*s has no JSON form: quote it",
                       (int)(source.n < 40 ? source.n : 40), source.p ? source.p : "");
    rk_buf_clear(&w->text);
    doc_number_canonical(&w->text, source);
    return emit_text(w, rk_buf_view(&w->text), YAML_PLAIN_SCALAR_STYLE);
}

static int open_level(struct writer *w, const struct doc_node *node)
{
    yaml_event_t e;
    bool map = node->type == DOC_MAP;
    w->levels = rk_grow(w->levels, w->depth, &w->cap, sizeof(*w->levels));
    w->levels[w->depth++] = (struct level){.node = node, .base = w->order.n};
    if (map)
        doc_order_push(&w->order, node, doc_key_cmp);
    if (!(map ? yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
              : yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE)))
        return rk_fail(w->err, RK_INTERNAL, "writing YAML: no event");
    return emit(w, &e);
}

static int emit_node(struct writer *w, const struct doc_node *node)
{
    switch (doc_type(node)) {
    case DOC_NULL:
        return emit_text(w, RK_STR("null"), YAML_PLAIN_SCALAR_STYLE);
    case DOC_BOOL:
        return emit_text(w, node->boolean ? RK_STR("true") : RK_STR("false"),
                         YAML_PLAIN_SCALAR_STYLE);
    case DOC_NUMBER:
        return emit_number(w, node->text);
    case DOC_STRING:
        return emit_string(w, node->text, false);
    case DOC_LIST:
    case DOC_MAP:
        return open_level(w, node);
    case DOC_TYPE_MAX:
        break;
    }
    return rk_fail(w->err, RK_INTERNAL, "writing YAML: a node of no type");
}

/* The next child of the innermost container, or its end. */
static int step(struct writer *w)
{
    struct level *l = &w->levels[w->depth - 1];
    bool map = l->node->type == DOC_MAP;
    if (l->next < l->node->n) {
        uint32_t i = l->next++;
        if (!map)
            return emit_node(w, l->node->items[i]);
        const struct doc_pair *p = w->order.p[l->base + i];
        return emit_string(w, p->key, true) || emit_node(w, p->value) ? -1 : 0;
    }
    yaml_event_t e;
    if (!(map ? yaml_mapping_end_event_initialize(&e) : yaml_sequence_end_event_initialize(&e)))
        return rk_fail(w->err, RK_INTERNAL, "writing YAML: no event");
    w->order.n = l->base;
    w->depth--;
    return emit(w, &e);
}

static int write_document(struct writer *w, const struct doc_node *node)
{
    yaml_event_t e;
    if (!yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING) || emit(w, &e) ||
        !yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1) || emit(w, &e))
        return rk_fail(w->err, RK_INTERNAL, "writing YAML: cannot start");
    if (emit_node(w, node))
        return -1;
    while (w->depth > 0)
        if (step(w))
            return -1;
    if (!yaml_document_end_event_initialize(&e, 1) || emit(w, &e) ||
        !yaml_stream_end_event_initialize(&e) || emit(w, &e))
        return rk_fail(w->err, RK_INTERNAL, "writing YAML: cannot end");
    return 0;
}

int doc_yaml_write(struct rk_buf *out, const struct doc_node *node, struct rk_err *err)
{
    struct writer w = {.text = RK_BUF_INIT, .err = err};
    size_t before = out->n;
    if (!yaml_emitter_initialize(&w.emitter))
        return rk_fail(err, RK_INTERNAL, "writing YAML: no emitter");
    yaml_emitter_set_output(&w.emitter, write_bytes, out);
    yaml_emitter_set_unicode(&w.emitter, 1);
    yaml_emitter_set_width(&w.emitter, 80);
    yaml_emitter_set_indent(&w.emitter, 2);
    int rc = write_document(&w, node);
    yaml_emitter_delete(&w.emitter);
    doc_order_release(&w.order);
    free(w.levels);
    rk_buf_release(&w.text);
    if (rc == 0 && rk_str_ends(rk_buf_view(out), "\n...\n")) /* libyaml's end after `|+` */
        out->n -= 4;
    else if (rc != 0)
        out->n = before;
    if (out->cap > 0)
        out->p[out->n] = '\0';
    return rc;
}
