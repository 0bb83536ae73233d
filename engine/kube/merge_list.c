/*
 * merge_list.c: lists whose items have keys, as kyaml's walk/associative_sequence.go merges them.
 * In: the resource's list and the patch's, both changed. Out: the patch's items first, merged,
 * then what the resource had besides. Kept from the original on purpose: keys without a value
 * anywhere are left out of the match; a base port without protocol swallows the patch's port; an
 * item that comes out empty goes.
 */
#include "kube/kube_int.h"

struct row { /* the key values of one item */
    rk_str v[4];
};

struct rows {
    struct row *all;
    size_t n, cap;
    rk_str keys[4];
    size_t n_keys;
};

rk_str *merge_keys(struct rk_arena *a, const struct doc_node *x, const struct doc_node *y,
                   size_t *n)
{
    const struct doc_node *const both[] = {x, y};
    size_t room = 1;
    for (size_t m = 0; m < 2; m++)
        room += doc_type(both[m]) == DOC_MAP ? doc_count(both[m]) : 0;
    rk_str *keys = rk_arena_array(a, room, sizeof(*keys));
    *n = 0;
    for (size_t m = 0; m < 2; m++) {
        for (size_t i = 0; doc_type(both[m]) == DOC_MAP && i < doc_count(both[m]); i++) {
            const rk_str key = doc_pair_at(both[m], i)->key;
            if (m == 0 || (both[0] != both[1] && !doc_get_n(both[0], key)))
                keys[(*n)++] = key;
        }
    }
    return keys;
}

/* ---- kyaml's filters ---- */
static int not_a(const struct merge *m, const char *expected)
{
    return rk_fail(m->err, RK_INVALID, "wrong node kind: expected %s in a list merged by key",
                   expected);
}

/* FieldMatcher with StringValue: does the item have the field, with this value if one is given? */
static int field_matches(const struct merge *m, const struct doc_node *item, rk_str key,
                         rk_str value, bool *yes)
{
    if (key.n == 0) {
        if (doc_type(item) == DOC_MAP || doc_type(item) == DOC_LIST)
            return not_a(m, "ScalarNode");
        *yes = rk_str_eq(kube_scalar_text(item), value);
        return 0;
    }
    if (doc_type(item) != DOC_MAP)
        return not_a(m, "MappingNode");
    const struct doc_node *field = doc_get_n(item, key);
    *yes = field && (value.n == 0 || rk_str_eq(kube_scalar_text(field), value));
    return 0;
}

/* With fewer values than keys the surplus keys count as matched: the original's slip. */
static int item_matches(const struct merge *m, const struct doc_node *item,
                        const struct merge_match *match, bool *yes)
{
    bool last = false;
    for (size_t j = 0; j < match->n_keys; j++) {
        if (j < match->n_values &&
            field_matches(m, item, match->keys[j], match->values[j], &last) != 0)
            return -1;
        if (!last)
            break;
    }
    *yes = last;
    return 0;
}

int merge_set_item(const struct merge *m, struct doc_node *list, struct doc_node *element,
                   const struct merge_match *match)
{
    const bool wants_map = match->keys[0].n > 0 && match->n_values > 0 && match->values[0].n > 0;
    struct doc_node *kept = doc_list(m->arena);
    bool any = false;
    for (size_t i = 0; i < doc_count(list); i++) {
        struct doc_node *item = doc_at(list, i);
        bool found = false;
        if (merge_empty_map(item))
            continue;
        const bool other_kind = doc_type(item) != DOC_MAP && wants_map;
        if (!other_kind && item_matches(m, item, match, &found) != 0)
            return -1;
        any |= found;
        if (!found && (other_kind || match->n_values > 0))
            doc_push(m->arena, kept, item);
        else if (found && element)
            doc_push(m->arena, kept, element);
    }
    if (!merge_missing(element) && !any)
        doc_push(m->arena, kept, element);
    list->items = kept->items;
    list->n = kept->n;
    list->cap = kept->cap;
    return 0;
}

/* ElementMatcher: the first item whose fields have exactly these values. */
static struct doc_node *find_item(const struct doc_node *list, const rk_str *keys,
                                  const rk_str *values, size_t n)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        struct doc_node *item = doc_at(list, i);
        if (keys[0].n == 0) {
            if (rk_str_eq(kube_scalar_text(item), values[0]))
                return item;
            continue;
        }
        size_t same = 0;
        while (same < n) {
            const struct doc_node *field = doc_get_n(item, keys[same]);
            if (doc_type(item) != DOC_MAP || !field ||
                !rk_str_eq(kube_scalar_text(field), values[same]))
                break;
            same++;
        }
        if (same == n)
            return item;
    }
    return NULL;
}

/* ---- key values of all items, the patch's first ---- */
static rk_str key_value(const struct doc_node *item, rk_str key)
{
    if (key.n == 0)
        return kube_scalar_text(item);
    const struct doc_node *field = doc_get_n(item, key);
    return doc_is_null(field) ? RK_STR_NONE : kube_scalar_text(field);
}

static bool same_row(const struct row *a, const struct row *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!rk_str_eq(a->v[i], b->v[i]))
            return false;
    }
    return true;
}

static void add_rows(struct rk_arena *a, struct rows *rows, const struct doc_node *list)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        struct row row = {0};
        bool seen = false;
        for (size_t k = 0; k < rows->n_keys; k++)
            row.v[k] = key_value(doc_at(list, i), rows->keys[k]);
        for (size_t r = 0; r < rows->n && !seen; r++)
            seen = same_row(&rows->all[r], &row, rows->n_keys);
        if (seen)
            continue;
        if (rows->n == rows->cap)
            rows->all = rk_arena_grow(a, rows->all, rows->n, &rows->cap, sizeof(*rows->all));
        rows->all[rows->n++] = row;
    }
}

/* Rows that agree in one key and differ only by absence become the same row. */
static void merge_rows(struct rows *rows)
{
    for (size_t i = 0; rows->n_keys > 1 && i < rows->n; i++) {
        const struct row first = rows->all[i];
        for (size_t j = 0; j < rows->n; j++) {
            const struct row *second = &rows->all[j];
            struct row both;
            bool common = false, clash = false;
            for (size_t k = 0; k < rows->n_keys; k++) {
                const bool equal = rk_str_eq(first.v[k], second->v[k]);
                common |= equal;
                clash |= !equal && first.v[k].n > 0 && second->v[k].n > 0;
                both.v[k] = first.v[k].n > 0 ? first.v[k] : second->v[k];
            }
            if (common && !clash)
                rows->all[i] = rows->all[j] = both;
        }
    }
}

/* The keys that have a value in some row, and this row's values for them. */
static size_t used_keys(const struct rows *rows, const struct row *row, rk_str keys[4],
                        rk_str values[4])
{
    size_t n = 0;
    for (size_t k = 0; k < rows->n_keys; k++) {
        bool used = false;
        for (size_t i = 0; i < rows->n && !used; i++)
            used = rows->all[i].v[k].n > 0;
        if (used) {
            keys[n] = rows->keys[k];
            values[n++] = row->v[k];
        }
    }
    if (n > 0)
        return n;
    for (size_t k = 0; k < rows->n_keys; k++) {
        keys[k] = rows->keys[k];
        values[k] = row->v[k];
    }
    return rows->n_keys;
}

static int complete_keys(const struct merge *m, struct doc_node *item,
                         const struct merge_match *match)
{
    for (size_t k = 0; k < match->n_keys; k++) {
        if (match->keys[k].n == 0 || match->values[k].n == 0)
            continue;
        if (doc_type(item) != DOC_MAP)
            return not_a(m, "MappingNode");
        if (!doc_get_n(item, match->keys[k]))
            doc_set(m->arena, item, match->keys[k], doc_plain(m->arena, match->values[k]));
    }
    return 0;
}

/* Merges the item of one row and puts it into `added`. */
static int merge_row(struct merge *m, struct doc_node *dest, struct doc_node *origin,
                     struct kube_schema schema, const struct merge_match *match,
                     struct doc_node *added)
{
    rk_str keys[4], values[4];
    size_t n = 0;
    for (size_t k = 0; k < match->n_keys; k++) {
        if (match->values[k].n == 0)
            continue;
        keys[n] = match->keys[k];
        values[n++] = match->values[k];
    }
    const bool none = n == 0;
    struct doc_node *item = NULL;
    const rk_str *by = none ? match->keys : keys;
    const rk_str *with = none ? match->values : values;
    const size_t count = none ? match->n_keys : n;
    if (merge_walk(m, find_item(dest, by, with, count), find_item(origin, by, with, count), schema,
                   &item) != 0)
        return -1;
    if (merge_empty_map(item))
        return merge_set_item(m, dest, NULL, match);
    if (complete_keys(m, item, match) != 0)
        return -1;
    return merge_set_item(m, added, item, match);
}

/* appendListNode: what the resource had goes behind, replacing what matches. */
static int append_rest(const struct merge *m, struct doc_node *dst, const struct doc_node *src,
                       const rk_str *keys, size_t n_keys)
{
    for (size_t i = 0; i < doc_count(src); i++) {
        struct doc_node *item = doc_at(src, i);
        rk_str values[4];
        struct merge_match match = {keys, values, n_keys, 0};
        if (keys[0].n == 0) {
            values[match.n_values++] = kube_scalar_text(item);
            if (merge_set_item(m, dst, item, &match) != 0)
                return -1;
            continue;
        }
        for (size_t k = 0; k < n_keys; k++) {
            if (!merge_missing(item) && doc_type(item) != DOC_MAP)
                return not_a(m, "MappingNode");
            const struct doc_node *field = doc_get_n(item, keys[k]);
            if (field)
                values[match.n_values++] = kube_scalar_text(field);
            else
                doc_push(m->arena, dst, item);
        }
        if (n_keys > 1 && merge_set_item(m, dst, NULL, &match) != 0)
            return -1;
        if (merge_set_item(m, dst, item, &match) != 0)
            return -1;
    }
    return 0;
}

int merge_items(struct merge *m, struct doc_node *dest, struct doc_node *origin,
                struct kube_schema schema, struct doc_node **out)
{
    struct rows rows = {0};
    const char *names[4];
    rows.n_keys = kube_schema_keys(schema, names);
    for (size_t k = 0; k < rows.n_keys; k++)
        rows.keys[k] = rk_str_c(names[k]);
    if (rows.n_keys == 0)
        rows.n_keys = 1; /* scalars: the item itself is the key */
    add_rows(m->arena, &rows, origin);
    add_rows(m->arena, &rows, dest);
    merge_rows(&rows);
    *out = dest;
    if (rows.n == 0)
        return 0;

    struct doc_node *added = doc_list(m->arena);
    added->mark = dest->mark;
    added->flags = dest->flags;
    rk_str keys[4], values[4];
    size_t n = 0;
    for (size_t i = 0; i < rows.n; i++) {
        n = used_keys(&rows, &rows.all[i], keys, values);
        const struct merge_match match = {keys, values, n, n};
        if (merge_row(m, dest, origin, kube_schema_item(schema), &match, added) != 0)
            return -1;
    }
    if (append_rest(m, added, dest, keys, n) != 0)
        return -1;
    *out = added;
    return 0;
}
