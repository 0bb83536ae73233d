/*
 * build.c: the builder that the YAML and the JSON reader feed.
 *
 * In: values and keys in source order, containers opened and closed. Out: nodes whose arrays have
 * exactly the size they need: items wait on a scratch stack until their container closes. Nodes and
 * texts are cut from slabs that grow with the document, so that a small object stays small. Owns
 * the scratch memory; the tree belongs to the arena. Does not judge depth or count; the readers do.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

#include "reckon/text.h"

#define SLAB_MOST ((size_t)32 << 10)

struct doc_limits doc_limits_full(const struct doc_limits *given)
{
    struct doc_limits l = given ? *given : (struct doc_limits){0};
    l.bytes = l.bytes ? l.bytes : (size_t)16 << 20;
    l.nodes = l.nodes ? l.nodes : 100000;
    l.depth = l.depth ? l.depth : 100;
    l.aliases = l.aliases ? l.aliases : 1000000;
    l.key = l.key ? l.key : 1024;
    l.docs = l.docs ? l.docs : 20000;
    return l;
}

void doc_build_init(struct doc_build *b, struct rk_arena *a, const struct doc_limits *limits,
                    size_t hint)
{
    *b = (struct doc_build){.a = a, .limits = doc_limits_full(limits), .keys = {.b = b}};
    b->slab = hint < 256 ? 256 : hint > SLAB_MOST ? SLAB_MOST : hint;
}

void doc_build_release(struct doc_build *b)
{
    doc_keys_release(&b->keys);
    free(b->items);
    free(b->frames);
    b->items = NULL;
    b->frames = NULL;
}

/* False when a new slab was not worth it: the caller takes the size from the arena. */
static bool build_slab(struct doc_build *b, size_t size)
{
    if (size > b->slab / 2)
        return false;
    b->front = rk_arena_alloc(b->a, b->slab);
    b->back = b->front + b->slab;
    if (b->slab < SLAB_MOST) /* the hint was nearly right: little is missing */
        b->slab = b->slab / 4 < 512 ? 512 : b->slab / 4;
    return true;
}

/* For structs: all sizes here are multiples of 8. */
static void *build_struct(struct doc_build *b, size_t size)
{
    if ((size_t)(b->back - b->front) < size && !build_slab(b, size))
        return rk_arena_alloc(b->a, size);
    char *p = b->front;
    b->front += size;
    return p;
}

struct doc_node *doc_build_node(struct doc_build *b, enum doc_type type)
{
    struct doc_node *n = build_struct(b, sizeof(*n));
    b->count++;
    n->type = (uint8_t)type;
    return n;
}

char *doc_build_space(struct doc_build *b, size_t n)
{
    if ((size_t)(b->back - b->front) < n && !build_slab(b, n))
        return rk_arena_alloc(b->a, n);
    b->back -= n;
    return b->back;
}

rk_str doc_build_text(struct doc_build *b, const char *p, size_t n)
{
    char *copy = doc_build_space(b, n + 1);
    if (n)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return (rk_str){copy, n};
}

void doc_build_item(struct doc_build *b, uint32_t key, uint32_t mark, struct doc_node *value)
{
    if (b->n + 1 >= b->cap)
        b->items = rk_grow(b->items, b->n, &b->cap, sizeof(*b->items));
    b->items[b->n++] = (struct doc_item){.value = value, .key = key, .mark = mark};
}

void doc_build_value(struct doc_build *b, struct doc_node *value, struct doc_node **root)
{
    if (b->depth == 0)
        *root = value;
    else if (b->frames[b->depth - 1].node->type == DOC_MAP)
        b->items[b->n - 1].value = value;
    else
        doc_build_item(b, 0, 0, value);
}

void doc_build_open(struct doc_build *b, struct doc_node *node)
{
    if (b->depth + 1 >= b->frames_cap)
        b->frames = rk_grow(b->frames, b->depth, &b->frames_cap, sizeof(*b->frames));
    b->frames[b->depth++] = (struct doc_frame){.node = node, .base = b->n};
}

void doc_build_close_list(struct doc_build *b)
{
    struct doc_frame *f = &b->frames[--b->depth];
    size_t n = b->n - f->base;
    struct doc_node *node = f->node;
    if (n)
        node->items = build_struct(b, n * sizeof(*node->items));
    for (size_t i = 0; i < n; i++)
        node->items[i] = b->items[f->base + i].value;
    node->n = node->cap = (uint32_t)n;
    b->n = f->base;
}

int doc_build_close_map(struct doc_build *b, bool last_wins, const struct doc_item **dup)
{
    struct doc_frame *f = &b->frames[--b->depth];
    size_t n = b->n - f->base;
    struct doc_node *node = f->node;
    uint32_t serial = ++b->keys.serial, used = 0;
    node->map = build_struct(b, sizeof(*node->map) + n * sizeof(*node->map->pairs));
    struct doc_pair *pairs = (struct doc_pair *)(void *)(node->map + 1);
    for (size_t i = 0; i < n; i++) {
        const struct doc_item *item = &b->items[f->base + i];
        struct doc_key *key = &b->keys.all[item->key];
        if (key->serial == serial && !last_wins) {
            *dup = item;
            return -1;
        }
        if (key->serial != serial)
            key->at = used++;
        key->serial = serial;
        pairs[key->at] = (struct doc_pair){key->text, item->value, item->mark};
    }
    node->map->pairs = pairs;
    node->n = node->cap = used;
    b->n = f->base;
    if (used >= DOC_INDEX_FROM)
        doc_index_build(b->a, node);
    return 0;
}

const char *doc_key_show(rk_str key, char buf[80])
{
    struct rk_buf safe = RK_BUF_INIT;
    size_t n = key.n < 60 ? key.n : 60;
    rk_text_safe(&safe, (rk_str){key.p, n}, 0);
    size_t keep = safe.n < 72 ? safe.n : 72;
    memcpy(buf, safe.p, keep);
    memcpy(buf + keep, n < key.n ? "..." : "", n < key.n ? 4 : 1);
    rk_buf_release(&safe);
    return buf;
}
