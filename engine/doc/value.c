/*
 * value.c: values read out of a tree: texts, integers, dotted walks.
 *
 * In: any node, NULL too. Out: the value, or what the caller names for "not there". doc_make is the
 * one that changes: it adds the maps that a path lacks.
 */
#include "doc/doc_int.h"

bool doc_is_null(const struct doc_node *n)
{
    return !n || n->type == DOC_NULL;
}

rk_str doc_text(const struct doc_node *n)
{
    return n && (n->type == DOC_STRING || n->type == DOC_NUMBER) ? n->text : RK_STR_NONE;
}

rk_str doc_source(const struct doc_node *n)
{
    switch (doc_type(n)) {
    case DOC_NULL:
        return n && n->n ? doc_scalar_word(n->n) : RK_STR("null");
    case DOC_BOOL:
        return n->n ? doc_scalar_word(n->n) : n->boolean ? RK_STR("true") : RK_STR("false");
    case DOC_STRING: /* a date keeps what was written behind the rewritten text */
        return n->flags & DOC_TIMESTAMP && n->n ? (rk_str){n->text.p + n->text.n + 1, n->n}
                                                : n->text;
    case DOC_NUMBER:
        return n->text;
    case DOC_LIST:
    case DOC_MAP:
    case DOC_TYPE_MAX:
        break;
    }
    return RK_STR_NONE;
}

rk_str doc_get_text(const struct doc_node *map, const char *key)
{
    return doc_text(doc_get(map, key));
}

bool doc_get_bool(const struct doc_node *map, const char *key, bool otherwise)
{
    const struct doc_node *n = doc_get(map, key);
    return n && n->type == DOC_BOOL ? n->boolean : otherwise;
}

bool doc_as_int(const struct doc_node *n, int64_t *out)
{
    if (!n || n->type != DOC_NUMBER)
        return false;
    if (n->text.n > 0 && n->text.n < 19 && doc_number_json(n->text) && rk_str_int(n->text, out))
        return true;
    struct rk_buf b = RK_BUF_INIT;
    doc_number_canonical(&b, n->text);
    bool is = rk_str_int(rk_buf_view(&b), out);
    rk_buf_release(&b);
    return is;
}

int64_t doc_get_int(const struct doc_node *map, const char *key, int64_t otherwise)
{
    int64_t v;
    return doc_as_int(doc_get(map, key), &v) ? v : otherwise;
}

struct doc_node *doc_walk(const struct doc_node *n, const char *dotted)
{
    rk_str rest = rk_str_c(dotted);
    struct doc_node *at = NULL;
    do {
        rk_str key = rk_str_cut(rest, '.', &rest);
        n = at = doc_get_n(n, key);
    } while (at && rest.n > 0);
    return at;
}

struct doc_node *doc_make(struct rk_arena *a, struct doc_node *map, const char *dotted)
{
    rk_str rest = rk_str_c(dotted);
    while (rest.n > 0 && map && map->type == DOC_MAP) {
        rk_str key = rk_str_cut(rest, '.', &rest);
        struct doc_node *next = doc_get_n(map, key);
        if (doc_is_null(next)) {
            next = doc_map(a);
            doc_set(a, map, key, next);
        }
        map = next;
    }
    return map && map->type == DOC_MAP ? map : NULL;
}
