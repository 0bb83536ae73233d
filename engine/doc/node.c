/*
 * node.c: nodes made by hand, and maps and lists looked into and changed.
 *
 * In: an arena and values. Out: nodes of it. Arrays double, the old ones stay as garbage until the
 * arena ends. Readers take NULL and other types as empty. Changing an absent container, or one of
 * another type, is a bug of the caller and asserted.
 */
#include "doc/doc_int.h"

#include <stdio.h>

struct doc_node *doc_node_new(struct rk_arena *a, enum doc_type type)
{
    size_t size = sizeof(struct doc_node) + (type == DOC_MAP ? sizeof(struct doc_map) : 0);
    struct doc_node *n = rk_arena_alloc(a, size);
    n->type = (uint8_t)type;
    if (type == DOC_MAP)
        n->map = (struct doc_map *)(void *)(n + 1);
    return n;
}

struct doc_node *doc_null(struct rk_arena *a)
{
    return doc_node_new(a, DOC_NULL);
}

struct doc_node *doc_bool(struct rk_arena *a, bool v)
{
    struct doc_node *n = doc_node_new(a, DOC_BOOL);
    n->boolean = v;
    return n;
}

struct doc_node *doc_int(struct rk_arena *a, int64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%lld", (long long)v);
    return doc_number(a, (rk_str){text, (size_t)n});
}

struct doc_node *doc_number(struct rk_arena *a, rk_str source)
{
    struct doc_node *n = doc_node_new(a, DOC_NUMBER);
    n->text = rk_arena_str(a, source);
    return n;
}

struct doc_node *doc_string(struct rk_arena *a, rk_str v)
{
    return doc_string_ref(a, rk_arena_str(a, v));
}

struct doc_node *doc_string_c(struct rk_arena *a, const char *v)
{
    return doc_string(a, rk_str_c(v));
}

struct doc_node *doc_string_ref(struct rk_arena *a, rk_str v)
{
    struct doc_node *n = doc_node_new(a, DOC_STRING);
    n->text = v;
    return n;
}

struct doc_node *doc_string_f(struct rk_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = rk_arena_vf(a, fmt, ap);
    va_end(ap);
    return doc_string_ref(a, rk_str_c(text));
}

struct doc_node *doc_list(struct rk_arena *a)
{
    return doc_node_new(a, DOC_LIST);
}

struct doc_node *doc_map(struct rk_arena *a)
{
    return doc_node_new(a, DOC_MAP);
}

/* ---- maps ---- */
struct doc_node *doc_get_n(const struct doc_node *map, rk_str key)
{
    ptrdiff_t at = doc_find(map, key);
    return at < 0 ? NULL : map->map->pairs[at].value;
}

struct doc_node *doc_get(const struct doc_node *map, const char *key)
{
    return doc_get_n(map, rk_str_c(key));
}

struct doc_pair *doc_pair_at(const struct doc_node *map, size_t i)
{
    return map && map->type == DOC_MAP && i < map->n ? &map->map->pairs[i] : NULL;
}

size_t doc_count(const struct doc_node *node)
{
    return node && (node->type == DOC_MAP || node->type == DOC_LIST) ? node->n : 0;
}

void doc_map_reserve(struct rk_arena *a, struct doc_node *map, uint32_t cap)
{
    if (cap <= map->cap)
        return;
    struct doc_pair *pairs = rk_arena_array(a, cap, sizeof(*pairs));
    if (map->n)
        memcpy(pairs, map->map->pairs, map->n * sizeof(*pairs));
    map->map->pairs = pairs;
    map->cap = cap;
}

void doc_set(struct rk_arena *a, struct doc_node *map, rk_str key, struct doc_node *value)
{
    rk_assert(map && map->type == DOC_MAP && value);
    ptrdiff_t at = doc_find(map, key);
    if (at >= 0) {
        map->map->pairs[at].value = value;
        return;
    }
    if (map->n == map->cap)
        doc_map_reserve(a, map, map->cap ? map->cap * 2 : 4);
    map->map->pairs[map->n++] = (struct doc_pair){.key = rk_arena_str(a, key), .value = value};
    if (map->n >= DOC_INDEX_FROM)
        doc_index_note(a, map, map->n - 1);
}

void doc_set_c(struct rk_arena *a, struct doc_node *map, const char *key, struct doc_node *value)
{
    doc_set(a, map, rk_str_c(key), value);
}

bool doc_del(struct doc_node *map, rk_str key)
{
    ptrdiff_t at = doc_find(map, key);
    if (at < 0)
        return false;
    struct doc_pair *pairs = map->map->pairs;
    size_t after = (size_t)map->n - (size_t)at - 1;
    memmove(&pairs[at], &pairs[at + 1], after * sizeof(*pairs));
    map->n--;
    doc_index_rebuild(map);
    return true;
}

/* ---- lists ---- */
struct doc_node *doc_at(const struct doc_node *list, size_t i)
{
    return list && list->type == DOC_LIST && i < list->n ? list->items[i] : NULL;
}

void doc_push(struct rk_arena *a, struct doc_node *list, struct doc_node *item)
{
    doc_insert(a, list, doc_count(list), item);
}

void doc_insert(struct rk_arena *a, struct doc_node *list, size_t i, struct doc_node *item)
{
    rk_assert(list && list->type == DOC_LIST && item && i <= list->n);
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 4;
        struct doc_node **items = rk_arena_array(a, list->cap, sizeof(*items));
        if (list->n)
            memcpy(items, list->items, list->n * sizeof(*items));
        list->items = items;
    }
    memmove(&list->items[i + 1], &list->items[i], (list->n - i) * sizeof(*list->items));
    list->items[i] = item;
    list->n++;
}

void doc_remove(struct doc_node *list, size_t i)
{
    rk_assert(list && list->type == DOC_LIST && i < list->n);
    memmove(&list->items[i], &list->items[i + 1], (list->n - i - 1) * sizeof(*list->items));
    list->n--;
}
