/*
 * diff_doc.c: lines of a document -> the fields they belong to. The engine prints a field a line
 * (engine/core/document.c): maps indented by two, list items at the column of their key, texts of
 * several lines as blocks. From that form alone the JSON pointer of each line is read back.
 *
 * A list item has another index on each side as soon as one side has one more: its place is made of
 * its name instead, so that a field is found on the other side. Pure.
 */
#include "view/diff_int.h"

#include <stdio.h>

struct level { size_t column; bool list; size_t items; size_t owner, last; };

enum { LEVELS_MOST = 220 }; /* documents are at most 100 deep; a list in a map is two levels */

struct reader {
    struct rk_arena *a;
    struct diff_doc *d;
    size_t cap;
    struct level levels[LEVELS_MOST];
    size_t depth;
};

/* ---- one line's text ---- */
static size_t blanks(const char *s)
{
    return strspn(s, " ");
}

static bool is_dash(const char *s)
{
    return s[0] == '-' && (s[1] == ' ' || !s[1]);
}

/* Bytes of the key that s begins with, quotes included; 0: no key. */
static size_t key_size(const char *s)
{
    size_t i = 0;
    if (s[0] == '"' || s[0] == '\'') {
        for (i = 1; s[i]; i++)
            if (s[0] == '"' ? s[i] == '\\' && s[i + 1] : s[i] == '\'' && s[i + 1] == '\'')
                i++; /* escaped, doubled */
            else if (s[i] == s[0])
                return s[i + 1] == ':' ? i + 1 : 0;
        return 0;
    }
    for (; s[i]; i++)
        if (s[i] == ':' && (s[i + 1] == ' ' || !s[i + 1]))
            return i;
    return 0;
}

static rk_str unquoted(rk_str s)
{
    bool quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return quoted ? (rk_str){s.p + 1, s.n - 2} : s;
}

static bool is_block(rk_str value)
{
    return rk_str_is(value, "|") || rk_str_is(value, "|-") || rk_str_is(value, "|+");
}

/* ---- nodes ---- */
static const char *child_pointer(struct rk_arena *a, const char *parent, rk_str key)
{
    struct rk_buf p rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_f(&p, "%s/", parent);
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~' || key.p[i] == '/')
            rk_buf_c(&p, key.p[i] == '~' ? "~0" : "~1");
        else
            rk_buf_ch(&p, key.p[i]);
    }
    return rk_arena_dup(a, p.p, p.n);
}

static size_t add_node(struct reader *r, size_t parent, rk_str key, size_t line, bool item)
{
    struct diff_doc *d = r->d;
    const char *above = parent == DIFF_NONE ? "" : d->nodes[parent].pointer;
    d->nodes = rk_arena_grow(r->a, d->nodes, d->n_nodes, &r->cap, sizeof *d->nodes);
    d->nodes[d->n_nodes] = (struct diff_node){
        .pointer = child_pointer(r->a, above, key), .key = rk_arena_dup(r->a, key.p, key.n),
        .line = line, .end = d->n, .parent = parent, .item = item};
    return d->n_nodes++;
}

/* ---- levels: the maps and lists that the line stands in ---- */
static void close_last(struct reader *r, struct level *l, size_t line)
{
    if (l->last != DIFF_NONE)
        r->d->nodes[l->last].end = line;
    l->last = DIFF_NONE;
}

static void leave(struct reader *r, size_t line)
{
    close_last(r, &r->levels[--r->depth], line);
}

static struct level *top(struct reader *r)
{
    return r->depth ? &r->levels[r->depth - 1] : NULL;
}

static struct level *enter(struct reader *r, size_t column, bool list, size_t owner)
{
    if (r->depth < LEVELS_MOST)
        r->depth++;
    r->levels[r->depth - 1] = (struct level){column, list, 0, owner, DIFF_NONE};
    return &r->levels[r->depth - 1];
}

/* The map or list at this column that the line goes on with, or a new one below the last key. */
static struct level *level_at(struct reader *r, size_t column, bool list, size_t line)
{
    struct level *l;
    while ((l = top(r)) && (l->column > column || (l->column == column && l->list && !list)))
        leave(r, line);
    if (l && l->column == column && l->list == list)
        return l;
    return enter(r, column, list, l ? l->last : DIFF_NONE);
}

static size_t add_entry(struct reader *r, struct level *l, rk_str key, size_t line)
{
    close_last(r, l, line);
    l->last = add_node(r, l->owner, key, line, l->list);
    return l->last;
}

static size_t add_item(struct reader *r, struct level *l, size_t line)
{
    char index[24];
    int n = snprintf(index, sizeof index, "%zu", l->items++);
    return add_entry(r, l, (rk_str){index, (size_t)n}, line);
}

/* Reads a line; when a block of text begins with it: how far its lines are indented at least. */
static size_t read_line(struct reader *r, size_t line)
{
    const char *s = r->d->lines[line].text;
    size_t at = blanks(s), column = at, node = DIFF_NONE;
    bool first = true; /* what stands behind a dash is a level of its own */
    for (; is_dash(s + at); column = at, at += s[at + 1] ? 2 : 1, first = false)
        node = add_item(r, first ? level_at(r, at, true, line) : enter(r, at, true, node), line);
    size_t key = key_size(s + at);
    rk_str value = rk_str_c(s + at);
    if (key) {
        column = at;
        struct level *l = first ? level_at(r, at, false, line) : enter(r, at, false, node);
        node = add_entry(r, l, unquoted((rk_str){s + at, key}), line);
        value = rk_str_c(s + at + key + 1 + (s[at + key + 1] == ' '));
    }
    r->d->lines[line].node = node;
    if (node != DIFF_NONE)
        r->d->nodes[node].value = unquoted(value);
    return node != DIFF_NONE && is_block(value) ? column + 1 : 0;
}

/* ---- places ---- */
/* What a list's items are told apart by, as Kubernetes' own list keys. */
static const char *const names[] = {"name", "key", "mountPath", "containerPort", "port", "type"};

static size_t rank_of(const char *key)
{
    size_t i = 0;
    while (i < RK_LEN(names) && !rk_streq(names[i], key))
        i++;
    return i;
}

/* For each item the child that names it: the one of the best rank; DIFF_NONE: none. */
static size_t *naming_children(struct rk_arena *a, const struct diff_doc *d)
{
    size_t *by = rk_arena_array(a, d->n_nodes + 1, sizeof *by);
    for (size_t i = 0; i < d->n_nodes; i++) {
        size_t up = d->nodes[i].parent, rank = rank_of(d->nodes[i].key);
        by[i] = DIFF_NONE;
        if (up != DIFF_NONE && d->nodes[up].item && rank < RK_LEN(names) &&
            d->nodes[i].value.n && (by[up] == DIFF_NONE || rank < rank_of(d->nodes[by[up]].key)))
            by[up] = i;
    }
    return by;
}

static void *as_value(size_t node)
{
    return (void *)(uintptr_t)(node + 1);
}

static void set_places(struct rk_arena *a, struct diff_doc *d)
{
    const size_t *by = naming_children(a, d);
    for (size_t i = 0; i < d->n_nodes; i++) {
        struct diff_node *n = &d->nodes[i];
        const char *above = n->parent == DIFF_NONE ? "" : d->nodes[n->parent].place;
        const char *tail = strrchr(n->pointer, '/');
        n->place = rk_arena_f(a, "%s%s", above, tail);
        if (by[i] != DIFF_NONE) {
            rk_str name = d->nodes[by[i]].value;
            const char *named = rk_arena_f(a, "%s/[" RK_FMT_STR "]", above, RK_ARG_STR(name));
            if (!rk_map_get(d->places, named))
                n->place = named; /* a second one of the name keeps its index */
        }
        rk_map_set(d->places, n->place, as_value(i));
    }
}

void diff_doc_index(struct rk_arena *a, struct diff_doc *d)
{
    struct reader r = {.a = a, .d = d};
    size_t block = 0, node = DIFF_NONE;
    d->pointers = rk_map_new();
    d->places = rk_map_new();
    for (size_t i = 0; i < d->n; i++) {
        const char *s = d->lines[i].text;
        if (block && (!s[0] || blanks(s) >= block)) {
            d->lines[i].node = node;
            continue;
        }
        block = read_line(&r, i);
        node = d->lines[i].node;
    }
    while (r.depth)
        leave(&r, d->n);
    set_places(a, d);
    for (size_t i = 0; i < d->n_nodes; i++)
        rk_map_set(d->pointers, d->nodes[i].pointer, as_value(i));
}

void diff_doc_release(struct diff_doc *d)
{
    rk_map_free(d->pointers, NULL);
    rk_map_free(d->places, NULL);
    d->pointers = d->places = NULL;
}

static const struct diff_node *node_in(const struct diff_doc *d, const struct rk_map *map,
                                       const char *key)
{
    uintptr_t found = map && key ? (uintptr_t)rk_map_get(map, key) : 0;
    return found ? &d->nodes[found - 1] : NULL;
}

const struct diff_node *diff_doc_at(const struct diff_doc *d, const char *pointer)
{
    return node_in(d, d->pointers, pointer);
}

const struct diff_node *diff_doc_place(const struct diff_doc *d, const char *place)
{
    return node_in(d, d->places, place);
}
