/*
 * fieldpath_match.c: every node that a path leads to. In: a path and a document. Out: the nodes; by
 * the rules of kyaml's PathMatcher: items are matched by regular expressions, * is every item, and
 * what is missing is made when that is asked for. Depth is that of the path, which is bounded.
 */
#include "render/fieldpath_int.h"

static int match(const struct fieldpath *p, size_t at, struct doc_node *n,
                 struct fieldpath_hits *h, struct rk_err *err);

/* A null that was written: an empty scalar that was made is none. */
static bool is_null(const struct doc_node *n)
{
    return doc_is_null(n) && !(n && n->flags & DOC_UNTYPED);
}

/* What a part becomes when it is missing: a list in front of an item, else a map; the leaf last. */
static struct doc_node *made_for(const struct fieldpath *p, size_t next, struct fieldpath_hits *h)
{
    bool item = next < p->n && (p->v[next].kind == PART_ITEM ||
                                (p->v[next].kind == PART_INDEX && !p->v[next].negative));
    struct doc_node *n = item ? doc_list(h->b->a)
                         : next < p->n && p->v[next].text.n ? doc_map(h->b->a)
                         : h->leaf == DOC_MAP ? doc_map(h->b->a)
                         : h->leaf == DOC_LIST ? doc_list(h->b->a)
                                               : doc_plain(h->b->a, RK_STR(""));

    n->mark = h->at;
    return n;
}

static int match_key(const struct fieldpath *p, size_t at, struct doc_node *n,
                     struct fieldpath_hits *h, struct rk_err *err)
{
    struct doc_node *field;

    if (!p->v[at].text.n)
        return fieldpath_wrong(p, at, "a part is empty", err);
    if (!is_null(n) && doc_type(n) != DOC_MAP)
        return fieldpath_wrong(p, at, "there is no map of fields", err);
    field = doc_get_n(n, p->v[at].text);
    if (!field && !h->make)
        return 0;
    if (!field) {
        field = made_for(p, at + 1, h);
        if (!is_null(n)) /* the real tool loses what it adds to a null */
            doc_set(h->b->a, n, p->v[at].text, field);
    }
    return match(p, at + 1, field, h, err);
}

static int match_index(const struct fieldpath *p, size_t at, struct doc_node *n,
                       struct fieldpath_hits *h, struct rk_err *err)
{
    size_t count = doc_count(n), wanted = p->v[at].index;
    struct doc_node *item;

    if (wanted < count)
        return match(p, at + 1, doc_at(n, wanted), h, err);
    if (wanted > count || !h->make)
        return rk_fail(err, RK_INVALID, "the path %.*s: item %zu is asked for, the list has %zu",
                       RK_ARG_STR(p->text), wanted, count);
    item = made_for(p, at + 1, h);
    if (!is_null(n))
        doc_push(h->b->a, n, item);
    return match(p, at + 1, item, h, err);
}

/* A scalar as its document has it, quotes and all: that is what the pattern is held against. */
static bool fits(struct build *b, const struct path_part *p, const struct doc_node *value)
{
    struct rk_buf text = RK_BUF_INIT;
    rk_str source = doc_source(value);
    bool yes;

    if (is_tree(value) && doc_yaml_write(&text, value, NULL))
        rk_buf_clear(&text);
    else if (is_tree(value))
        ;
    else if (doc_type(value) == DOC_STRING && !(value->flags & DOC_TIMESTAMP) &&
             ((value->flags & DOC_QUOTED) || doc_type(doc_plain(b->a, source)) != DOC_STRING))
        rk_buf_f(&text, "\"%.*s\"", RK_ARG_STR(source));
    else
        rk_buf_str(&text, source);
    yes = pattern_match(p->pattern, rk_str_trim(rk_buf_view(&text)));
    rk_buf_release(&text);
    return yes;
}

static int match_items(const struct fieldpath *p, size_t at, struct doc_node *n,
                       struct fieldpath_hits *h, struct rk_err *err)
{
    const struct path_part *part = &p->v[at];

    for (size_t i = 0; i < doc_count(n); i++) {
        struct doc_node *item = doc_at(n, i);
        struct doc_node *value = part->field.n ? doc_get_n(item, part->field) : item;

        if (!value || !fits(h->b, part, value))
            continue;
        if (match(p, part->field.n ? at + 1 : p->n, item, h, err))
            return -1;
    }
    return 0;
}

static int match_item(const struct fieldpath *p, size_t at, struct doc_node *n,
                      struct fieldpath_hits *h, struct rk_err *err)
{
    const struct path_part *part = &p->v[at];
    size_t before = h->n;
    struct doc_node *item;

    if (match_items(p, at, n, h, err))
        return -1;
    if (h->n > before || !h->make)
        return 0;
    item = doc_plain(h->b->a, part->value);
    item->mark = h->at;
    if (part->field.n) {
        struct doc_node *map = doc_map(h->b->a);

        doc_set(h->b->a, map, part->field, item);
        map->mark = h->at;
        item = map;
    }
    if (is_null(n))
        n = doc_list(h->b->a);
    doc_push(h->b->a, n, item);
    if (match_items(p, at, n, h, err))
        return -1;
    return h->n > before ? 0 : fieldpath_wrong(p, at, "the new item would not match itself", err);
}

static int match_every(const struct fieldpath *p, size_t at, struct doc_node *n,
                       struct fieldpath_hits *h, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(n); i++)
        if (match(p, at + 1, doc_at(n, i), h, err))
            return -1;
    return 0;
}

static int match(const struct fieldpath *p, size_t at, struct doc_node *n,
                 struct fieldpath_hits *h, struct rk_err *err)
{
    const struct path_part *part = &p->v[at];

    if (at == p->n) {
        h->v = rk_arena_grow(h->b->a, h->v, h->n, &h->cap, sizeof(*h->v));
        h->v[h->n++] = n;
        return 0;
    }
    if (part->kind == PART_KEY || part->negative)
        return match_key(p, at, n, h, err);
    if (!is_null(n) && doc_type(n) != DOC_LIST)
        return fieldpath_wrong(p, at, "there is no list", err);
    return part->kind == PART_INDEX ? match_index(p, at, n, h, err)
           : part->kind == PART_ITEM ? match_item(p, at, n, h, err)
                                     : match_every(p, at, n, h, err);
}

int fieldpath_match(const struct fieldpath *p, struct doc_node *root, struct fieldpath_hits *out,
                    struct rk_err *err)
{
    return match(p, 0, root, out, err);
}
