/*
 * doc_int.h: what the files of this room share: the builder that both readers feed, the key table,
 * the index of large maps, scalar typing and numbers. Nothing outside engine/doc includes it.
 */
#ifndef RECKON_DOC_INT_H
#define RECKON_DOC_INT_H

#include "reckon/doc.h"

#define DOC_INDEX_FROM 16u /* maps with so many pairs get a hash index */

/* Defaults filled in. */
struct doc_limits doc_limits_full(const struct doc_limits *given);

static inline uint32_t doc_hash32(const char *p, size_t n)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ n, w = 0;
    while (n >= 8) {
        memcpy(&w, p, 8);
        h = (h ^ w) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
        p += 8;
        n -= 8;
    }
    for (w = 0; n > 0; n--)
        w = w << 8 | (uint8_t)p[n - 1];
    h = (h ^ w) * 0xc4ceb9fe1a85ec53u;
    return (uint32_t)(h ^ h >> 29);
}

/* ---- index.c: key -> position for maps of DOC_INDEX_FROM pairs and more ---- */
struct doc_index {
    uint32_t mask;
    uint32_t slot[]; /* position + 1; 0 = free */
};
/* Makes or remakes the index so that it covers all pairs; small maps get none. */
void doc_index_build(struct rk_arena *a, struct doc_node *map);
void doc_index_rebuild(struct doc_node *map); /* after a removal: the same table */
void doc_index_note(struct rk_arena *a, struct doc_node *map, size_t at); /* pair `at` is new */
/* Position of a key, or -1. Never changes the map, so shared documents can be read by threads. */
ptrdiff_t doc_find(const struct doc_node *map, rk_str key);

/* ---- keys.c: one copy of each key for one read ---- */
struct doc_key {
    rk_str text;
    uint32_t hash;
    uint32_t serial; /* the last map that had it: how duplicates are found in O(1) */
    uint32_t at;     /* its pair in that map */
};
struct doc_build;
struct doc_keys {
    struct doc_build *b; /* whose slabs hold the texts */
    struct doc_key *all;
    size_t n, cap;
    uint32_t *table;
    uint32_t mask;
    uint32_t serial;
};
uint32_t doc_keys_intern(struct doc_keys *k, rk_str key);
void doc_keys_release(struct doc_keys *k);

#define DOC_KEY_MERGE UINT32_MAX /* stands for `<<` until the map closes */

/* ---- build.c: scalars and containers in source order -> exact arrays in the arena ---- */
struct doc_item {
    struct doc_node *value;
    uint32_t key;  /* doc_keys number; maps only */
    uint32_t mark; /* of the key */
    uint32_t line, column; /* of the key, in its document; YAML only */
};
struct doc_frame {
    struct doc_node *node;
    size_t base;     /* first item of this container */
    uint32_t anchor; /* YAML: number of its anchor, 0 = none */
    uint32_t height; /* YAML: of its highest child */
    uint32_t end;    /* YAML: where the last child ended */
};
struct doc_build {
    struct rk_arena *a;
    struct doc_limits limits;
    struct doc_keys keys;
    struct doc_item *items;
    size_t n, cap;
    struct doc_frame *frames;
    size_t depth, frames_cap;
    char *front, *back; /* what is free of a slab: structs from the front, texts from the back */
    size_t slab;        /* size of the next one */
    size_t count; /* nodes of this document */
};
/* hint: bytes that the tree will need, as far as one can tell */
void doc_build_init(struct doc_build *b, struct rk_arena *a, const struct doc_limits *limits,
                    size_t hint);
void doc_build_release(struct doc_build *b);
struct doc_node *doc_build_node(struct doc_build *b, enum doc_type type);
char *doc_build_space(struct doc_build *b, size_t n);
rk_str doc_build_text(struct doc_build *b, const char *p, size_t n);
void doc_build_item(struct doc_build *b, uint32_t key, uint32_t mark, struct doc_node *value);
/* Adds to the innermost container (a map has its key pushed already), or makes the root. */
void doc_build_value(struct doc_build *b, struct doc_node *value, struct doc_node **root);
void doc_build_open(struct doc_build *b, struct doc_node *node);
void doc_build_close_list(struct doc_build *b);
/* Duplicate keys: -1 and *dup is the item, unless last_wins. */
int doc_build_close_map(struct doc_build *b, bool last_wins, const struct doc_item **dup);
/* A key as messages may show it: safe, short. buf holds 80 bytes. */
const char *doc_key_show(rk_str key, char buf[80]);

/* ---- yaml_scalar.c ---- */
struct doc_scalar {
    enum doc_type type;
    bool boolean, timestamp;
    uint32_t spelled; /* row of the word table, for doc_source */
};
void doc_scalar_resolve(rk_str text, enum doc_typing typing, struct doc_scalar *out);
rk_str doc_scalar_word(uint32_t spelled);
bool doc_timestamp_is(rk_str text);
/* The form that Go prints; false when it is no date. */
bool doc_timestamp_rewrite(rk_str text, char out[64]);

/* Each broken byte becomes U+FFFD, as Go's JSON does. */
void doc_utf8_replace(struct rk_buf *out, rk_str bytes);

/* ---- number.c ---- */
enum doc_number_kind { DOC_NUMBER_NONE, DOC_NUMBER_INT, DOC_NUMBER_FLOAT };
/* Would go-yaml take this plain text as a number? (.inf and .nan are words, not numbers.) */
enum doc_number_kind doc_number_kind(rk_str text);
bool doc_number_json(rk_str text); /* is it a number in JSON's grammar */
bool doc_number_finite(rk_str text);
void doc_number_go(struct rk_buf *out, rk_str source); /* as Go prints a float64 in JSON */
void doc_number_float(struct rk_buf *out, rk_str source); /* ... and in YAML */

/* ---- yaml_style.c ---- */
enum doc_style { DOC_STYLE_PLAIN, DOC_STYLE_SINGLE, DOC_STYLE_DOUBLE, DOC_STYLE_LITERAL };
/* The style kustomize asks of its emitter. */
enum doc_style doc_style_of(rk_str text);
/* May it stand unquoted anywhere, flow collections included, and stay this string? */
bool doc_style_plain_safe(rk_str text);

/* ---- yaml_mark.c: positions in the original bytes ---- */
struct doc_span {
    uint32_t line, column; /* from 1 */
    uint32_t start, end;   /* bytes of the text given */
};
struct doc_spans {
    rk_str text;     /* one document */
    uint32_t *bytes; /* byte of every 256th character; NULL when all is ASCII */
    size_t n;
};
void doc_spans_init(struct doc_spans *s, rk_str text);
void doc_spans_release(struct doc_spans *s);
uint32_t doc_spans_byte(const struct doc_spans *s, size_t character);
/* Leaves out the anchor and the tag that an event's range begins with. */
void doc_span_skip_properties(const struct doc_spans *s, struct doc_span *span);
/* Ends a block scalar at its last character instead of the start of the next token. */
void doc_span_trim(const struct doc_spans *s, struct doc_span *span);

/* ---- yaml_merge.c ---- */
/* Replaces the `<<` items of the innermost map by the pairs they bring. -1: *bad is the item. */
int doc_merge_keys(struct doc_build *b, enum doc_typing typing, struct doc_item *bad);

/* ---- marks.c ---- */
void doc_marks_end(struct doc_marks *m, uint32_t mark, uint32_t end);
void doc_marks_set_odd_key(struct doc_marks *m, uint32_t mark);

/* ---- pointer.c ---- */
/* Cuts the first part off, unescaped; false when there is none. */
bool doc_pointer_part(rk_str *pointer, struct rk_buf *part);

/* ---- json_write.c ---- */
void doc_json_string(struct rk_buf *out, rk_str s, bool go);

/* ---- node.c ---- */
struct doc_node *doc_node_new(struct rk_arena *a, enum doc_type type);
void doc_map_reserve(struct rk_arena *a, struct doc_node *map, uint32_t cap);
/* Deep copy that counts; NULL when *budget is used up. */
struct doc_node *doc_copy_budget(struct rk_arena *a, const struct doc_node *node, size_t *budget);
/* Pairs in an order; the caller's vector is extended by doc_count(map) pointers. */
struct doc_order {
    const struct doc_pair **p;
    size_t n, cap;
};
void doc_order_push(struct doc_order *o, const struct doc_node *map, int (*cmp)(rk_str, rk_str));
void doc_order_release(struct doc_order *o);

#endif
