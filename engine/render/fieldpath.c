/*
 * fieldpath.c: the paths of replacements and vars. In: a text: parts with dots between, "\." a dot
 * in a part, [a.b/c] one key, [k=v] the items of a list whose k matches v, [=v] items that match,
 * a number, * for every item. Out: the one node that it leads to, by the rules of kyaml's
 * PathGetter. fieldpath_match.c finds all nodes.
 */
#include <ctype.h>

#include "render/fieldpath_int.h"

#define PARTS_MAX 100

/* ---- reading a path ---- */

static void add_text(struct build *b, struct rk_buf *part, struct doc_node *texts)
{
    doc_push(b->a, texts, doc_string(b->a, rk_buf_view(part)));
    rk_buf_clear(part);
}

/* At the dots, but not at those behind a backslash. */
static struct doc_node *split(struct build *b, rk_str text)
{
    struct doc_node *texts = doc_list(b->a);
    struct rk_buf part = RK_BUF_INIT;

    if (text.n > 1 && text.p[0] == '.')
        text = (rk_str){text.p + 1, text.n - 1};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '.') {
            rk_buf_ch(&part, text.p[i]);
        } else if (part.n && part.p[part.n - 1] == '\\') {
            part.p[part.n - 1] = '.';
        } else {
            add_text(b, &part, texts);
        }
    }
    add_text(b, &part, texts);
    rk_buf_release(&part);
    return texts;
}

static rk_str without_brackets(rk_str s)
{
    while (s.n && strchr("[]", s.p[0]))
        s = (rk_str){s.p + 1, s.n - 1};
    while (s.n && strchr("[]", s.p[s.n - 1]))
        s.n--;
    return s;
}

/* What stands in brackets is one part, dots and all; without = they only hold a key together. */
static rk_str join(struct build *b, const struct doc_node *texts, size_t *i)
{
    rk_str first = doc_text(doc_at(texts, *i)), whole;
    struct rk_buf out = RK_BUF_INIT;

    if (!rk_str_starts(first, "[") || rk_str_ends(first, "]"))
        return first;
    rk_buf_str(&out, first);
    while (*i + 1 < doc_count(texts)) {
        rk_str next = doc_text(doc_at(texts, ++*i));

        rk_buf_f(&out, ".%.*s", RK_ARG_STR(next));
        if (rk_str_ends(next, "]"))
            break;
    }
    whole = rk_arena_str(b->a, rk_buf_view(&out));
    rk_buf_release(&out);
    return memchr(whole.p, '=', whole.n) ? whole : without_brackets(whole);
}

static bool read_number(rk_str s, struct path_part *p)
{
    int64_t n;

    if (s.n && s.p[0] == '+')
        s = (rk_str){s.p + 1, s.n - 1};
    if (!s.n || !(isdigit((unsigned char)s.p[0]) || s.p[0] == '-') || !rk_str_int(s, &n))
        return false;
    p->negative = n < 0;
    p->index = n < 0 ? 0 : (size_t)n;
    return true;
}

static int read_part(struct build *b, rk_str text, struct path_part *p, struct rk_err *err)
{
    const char *equals;

    *p = (struct path_part){.text = text};
    if (read_number(text, p)) {
        p->kind = PART_INDEX;
        return 0;
    }
    if (rk_str_is(text, "*")) {
        p->kind = PART_EVERY;
        return 0;
    }
    if (!rk_str_starts(text, "[") || !rk_str_ends(text, "]"))
        return 0;
    p->kind = PART_ITEM;
    text = text.n > 1 ? (rk_str){text.p + 1, text.n - 2} : RK_STR("");
    equals = text.n ? memchr(text.p, '=', text.n) : NULL;
    if (!equals)
        return rk_fail(err, RK_INVALID, "[%.*s]: brackets hold name=value, for an item of a list",
                       RK_ARG_STR(text));
    p->field = rk_str_cut(text, '=', &p->value);
    return pattern_new_anywhere(b->a, p->value, &p->pattern, err);
}

int fieldpath_new(struct build *b, rk_str text, struct fieldpath *out, struct rk_err *err)
{
    struct doc_node *texts = split(b, text);

    *out = (struct fieldpath){.text = text};
    if (doc_count(texts) > PARTS_MAX)
        return rk_fail(err, RK_LIMIT, "a path of more than %d parts (limit: path)", PARTS_MAX);
    out->v = rk_arena_array(b->a, doc_count(texts) + 1, sizeof(*out->v));
    for (size_t i = 0; i < doc_count(texts); i++)
        if (read_part(b, join(b, texts, &i), &out->v[out->n++], err)) {
            fieldpath_free(out);
            return rk_wrap(err, "the path %.*s", RK_ARG_STR(text));
        }
    return 0;
}

void fieldpath_free(struct fieldpath *p)
{
    for (size_t i = 0; i < p->n; i++)
        pattern_free(p->v[i].pattern);
    p->n = 0;
}

/* ---- walking ---- */

int fieldpath_wrong(const struct fieldpath *p, size_t at, const char *what, struct rk_err *err)
{
    return rk_fail(err, RK_INVALID, "the path %.*s: %.*s: %s", RK_ARG_STR(p->text),
                   RK_ARG_STR(p->v[at].text), what);
}

static struct doc_node *item_equal(const struct path_part *p, const struct doc_node *list)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        struct doc_node *item = doc_at(list, i);
        struct doc_node *field = p->field.n ? doc_get_n(item, p->field) : item;

        if (field && !is_tree(field) && rk_str_eq(doc_source(field), p->value))
            return item;
    }
    return NULL;
}

static struct doc_node *item_at(const struct path_part *p, const struct doc_node *list)
{
    return doc_at(list, rk_str_is(p->text, "-") ? doc_count(list) - 1 : p->index);
}

static int find_one(const struct fieldpath *path, size_t at, struct doc_node **n,
                    struct rk_err *err)
{
    const struct path_part *p = &path->v[at];
    bool list = p->kind != PART_KEY || rk_str_is(p->text, "-");

    if (p->kind == PART_EVERY)
        return fieldpath_wrong(path, at, "a source is one field: name the item", err);
    if (p->negative)
        return fieldpath_wrong(path, at, "an index is not negative", err);
    if (doc_is_null(*n)) {
        *n = NULL;
        return 0;
    }
    if (doc_type(*n) != (list ? DOC_LIST : DOC_MAP))
        return fieldpath_wrong(path, at, list ? "there is no list" : "there is no map of fields", err);
    *n = p->kind == PART_ITEM ? item_equal(p, *n) : list ? item_at(p, *n) : doc_get_n(*n, p->text);
    return 0;
}

int fieldpath_find(const struct fieldpath *p, struct doc_node *root, struct doc_node **out,
                   struct rk_err *err)
{
    *out = root;
    for (size_t i = 0; i < p->n && *out; i++)
        if (rk_str_trim(p->v[i].text).n && find_one(p, i, out, err))
            return -1;
    return 0;
}
