/*
 * yaml_fold.c: what kustomize makes of a folded scalar (`>`).
 *
 * In: a folded scalar's value. Out: its value after go-yaml v3 has written it folded and read it
 * again, which kustomize does with every resource: its emitter looks at the start of the text where
 * it means the next line, so that a blank line too many comes before an indented line. Seen with
 * kustomize v5.7.1; arguments such as `>` + indented options are common, so it must be reproduced.
 * It happens where an object is written (at the end, for a JSON patch, for its hash), so a value
 * that a patch or a rewritten annotation has taken out of its block stays whole.
 */
#include "doc/doc_int.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Texts that its emitter does not fold but puts in double quotes, which keep them whole. */
static bool is_quoted(rk_str v)
{
    for (size_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c >= 0xf0)
            return true;
        if (c == ' ' && (i + 1 == v.n || v.p[i + 1] == '\n'))
            return true;
    }
    return false;
}

static size_t skip_breaks(rk_str v, size_t i)
{
    while (i < v.n && v.p[i] == '\n')
        i++;
    return i;
}

static void put_breaks(struct rk_buf *out, size_t n)
{
    for (; n > 0; n--)
        rk_buf_ch(out, '\n');
}

static void fold_again(struct rk_buf *out, rk_str v)
{
    size_t i = skip_breaks(v, 0);
    if (i == v.n || is_quoted(v)) {
        rk_buf_str(out, v);
        return;
    }
    bool extra = !is_blank(v.p[i]);
    put_breaks(out, i);
    while (i < v.n) {
        size_t end = i;
        while (end < v.n && v.p[end] != '\n')
            end++;
        rk_buf_add(out, v.p + i, end - i);
        bool led = is_blank(v.p[i]);
        i = skip_breaks(v, end);
        size_t breaks = i - end, written = breaks + (extra && !led);
        if (breaks == 0)
            return;
        if (i == v.n)
            put_breaks(out, breaks == 1 ? 1 : written);
        else if (led || is_blank(v.p[i]))
            put_breaks(out, written);
        else if (written > 1)
            put_breaks(out, written - 1);
        else
            rk_buf_ch(out, ' ');
    }
}

/* Depth is bounded by the readers. */
static void each_node(struct rk_arena *a, struct doc_node *n, bool flow,
                      void (*fn)(struct rk_arena *a, struct doc_node *n, bool flow))
{
    flow |= (n->flags & DOC_FLOW) != 0;
    fn(a, n, flow);
    for (uint32_t i = 0; n->type == DOC_LIST && i < n->n; i++)
        each_node(a, n->items[i], flow, fn);
    for (uint32_t i = 0; n->type == DOC_MAP && i < n->n; i++)
        each_node(a, n->map->pairs[i].value, flow, fn);
}

static bool is_scalar(const struct doc_node *n)
{
    return n->type != DOC_LIST && n->type != DOC_MAP;
}

static void become_text(struct doc_node *n, rk_str text)
{
    n->type = DOC_STRING;
    n->text = text;
    n->n = 0;
    n->flags &= (uint8_t)~DOC_TIMESTAMP;
}

/* Inside {} and [] the encoder has to quote an empty text and a colon: null and a date with a time
 * end as strings there. */
static void refold(struct rk_arena *a, struct doc_node *n, bool flow)
{
    struct rk_buf b = RK_BUF_INIT;
    rk_str source = is_scalar(n) ? doc_source(n) : RK_STR_NONE;
    bool date = n->type == DOC_STRING && (n->flags & DOC_TIMESTAMP);
    if (flow && n->type == DOC_NULL && n->n && source.n == 0)
        become_text(n, RK_STR(""));
    else if (flow && date && memchr(source.p, ':', source.n))
        become_text(n, source);
    if (n->type != DOC_STRING || !(n->flags & DOC_FOLDED) || flow) /* there it gets quotes */
        return;
    fold_again(&b, n->text);
    n->text = rk_arena_str(a, rk_buf_view(&b));
    n->flags &= (uint8_t)~DOC_FOLDED;
    rk_buf_release(&b);
}

static void number_again(struct rk_arena *a, struct doc_node *n,
                         void (*put)(struct rk_buf *out, rk_str source))
{
    struct rk_buf b = RK_BUF_INIT;
    put(&b, n->text);
    n->text = rk_arena_str(a, rk_buf_view(&b));
    rk_buf_release(&b);
}

static void reread(struct rk_arena *a, struct doc_node *n, bool flow)
{
    (void)flow;
    if (n->type == DOC_NUMBER)
        number_again(a, n, doc_number_float);
    if (is_scalar(n))
        n->n = 0; /* the spelling of a word, the source of a date */
    n->flags = n->type == DOC_STRING && !doc_style_plain_safe(n->text) ? DOC_QUOTED : 0;
}

static void reread_item(struct rk_arena *a, struct doc_node *n, bool flow)
{
    (void)flow;
    if (n->type == DOC_NUMBER)
        number_again(a, n, doc_number_kind(n->text) == DOC_NUMBER_INT ? doc_number_canonical
                                                                     : doc_number_go);
    if (is_scalar(n))
        n->n = 0;
    n->flags = n->type == DOC_STRING ? DOC_QUOTED : is_scalar(n) ? 0 : DOC_FLOW;
}

void doc_refold(struct rk_arena *a, struct doc_node *n)
{
    each_node(a, n, false, refold);
}

void doc_reread(struct rk_arena *a, struct doc_node *n)
{
    each_node(a, n, false, reread);
}

void doc_reread_item(struct rk_arena *a, struct doc_node *n)
{
    each_node(a, n, false, reread_item);
}
