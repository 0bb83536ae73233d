/*
 * plain.c: scalars made from a text that has no quotes, as the reader of resources would type it.
 * In: a text, or a scalar that is to get another text. Out: the scalar; what its type cannot hold
 * is refused, as kustomize refuses it when it prints. (`replacements` and `vars` write so.)
 */
#include "doc/doc_int.h"

static void put_date(struct rk_arena *a, struct doc_node *n, rk_str text)
{
    char date[64], *p;
    size_t len;

    if (!doc_timestamp_rewrite(text, date))
        return;
    len = strlen(date);
    p = rk_arena_alloc(a, len + text.n + 2);
    memcpy(p, date, len + 1);
    memcpy(p + len + 1, text.p, text.n);
    n->text = (rk_str){p, len};
    n->flags |= DOC_TIMESTAMP;
    n->n = (uint32_t)text.n;
}

struct doc_node *doc_plain(struct rk_arena *a, rk_str text)
{
    struct doc_node *n = doc_string(a, text);
    struct doc_scalar s;

    doc_scalar_resolve(text, DOC_RESOURCE, &s);
    n->type = (uint8_t)s.type;
    n->flags |= DOC_UNTYPED;
    if (s.type == DOC_NULL || s.type == DOC_BOOL) {
        n->n = s.spelled;
        n->boolean = s.boolean;
    } else if (s.timestamp) {
        put_date(a, n, text);
    }
    return n;
}

/* Types differ in YAML: an integer is no float, but a float may be written as an integer. */
static bool holds(const struct doc_node *old, const struct doc_node *new)
{
    if (old->type != new->type)
        return false;
    if (old->type == DOC_NUMBER)
        return doc_number_kind(old->text) != DOC_NUMBER_INT ||
               doc_number_kind(new->text) == DOC_NUMBER_INT;
    return (old->flags & DOC_TIMESTAMP) == (new->flags & DOC_TIMESTAMP);
}

bool doc_retext(struct rk_arena *a, struct doc_node *node, rk_str text)
{
    struct doc_node *new = doc_plain(a, text);
    uint32_t mark = node->mark;
    bool typed = !(node->flags & DOC_UNTYPED);

    if (typed && node->type == DOC_STRING && !(node->flags & DOC_TIMESTAMP)) {
        node->text = doc_string(a, text)->text;
        return true;
    }
    if (typed && !holds(node, new))
        return false;
    *node = *new;
    node->mark = mark;
    if (typed)
        node->flags &= (uint8_t)~DOC_UNTYPED;
    return true;
}

void doc_quote(struct doc_node *n)
{
    if (n->type == DOC_STRING && !(n->flags & (DOC_STYLE | DOC_TIMESTAMP)) && n->text.n &&
        !doc_plain_is_text(n->text, DOC_CONFIG))
        n->flags |= DOC_QUOTED;
}
