/*
 * diff_changes.c: drifted fields and two documents -> changes with the lines they are about. Pure.
 *
 * The fields decide what differs; documents only show where. A line is taken from its document when
 * it says what the field says, else it is made from the field: of a document that could not be read
 * or that is older than the answer, nothing wrong is shown.
 */
#include "view/diff_int.h"

#include <stdlib.h>

/* ---- values ---- */
static rk_str inside_quotes(rk_str s)
{
    bool quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return quoted ? (rk_str){s.p + 1, s.n - 2} : s;
}

static bool is_container(rk_str json)
{
    return json.n && (json.p[0] == '{' || json.p[0] == '[');
}

/* Would YAML take it for this text without quotes? Rather too many quotes than too few. */
static bool is_plain(rk_str s)
{
    static const char *const taken[] = {"true", "false", "null", "yes", "no", "on", "off",
                                        "y", "n"};
    bool letter = s.n && ((s.p[0] | 32) >= 'a') && ((s.p[0] | 32) <= 'z');
    for (size_t i = 0; letter && i < s.n; i++)
        letter = s.p[i] > ' ' && !strchr(":#\\\"'{}[],&*", s.p[i]);
    for (size_t i = 0; letter && i < RK_LEN(taken); i++)
        letter = !rk_str_is(s, taken[i]);
    return letter;
}

/* A value of the protocol as a line shows it. */
static rk_str shown_value(struct rk_arena *a, const char *json, bool secret)
{
    rk_str s = rk_str_c(widget_safe(a, json)), in = inside_quotes(s);
    return secret || (in.n != s.n && is_plain(in)) ? in : s;
}

/* Does the document say what the field says? Of several lines it is taken for granted. */
static bool says(const struct diff_node *n, const char *json)
{
    rk_str value = rk_str_c(json);
    bool lines = n && n->value.n && n->value.p[0] == '|' && n->end > n->line + 1;
    return n && (lines || is_container(value) || rk_str_eq(n->value, inside_quotes(value)));
}

const char *diff_label(struct rk_arena *a, const char *pointer)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str rest = rk_str_c(pointer && pointer[0] == '/' ? pointer + 1 : pointer);
    while (rest.p) {
        rk_str part = rk_str_cut(rest, '/', &rest);
        int64_t index;
        bool number = rk_str_int(part, &index);
        rk_buf_c(&out, out.n && !number ? "." : "");
        rk_buf_c(&out, number ? "[" : "");
        for (size_t i = 0; i < part.n; i++)
            if (part.p[i] == '~' && i + 1 < part.n)
                rk_buf_ch(&out, part.p[++i] == '1' ? '/' : '~');
            else
                rk_buf_ch(&out, part.p[i]);
        rk_buf_c(&out, number ? "]" : "");
    }
    return widget_safe(a, rk_arena_dup(a, out.p, out.n));
}

/* ---- lines of a change ---- */
/* "        image: " of a line that ends in its node's value. */
static rk_str head_of(struct rk_arena *a, const struct diff_doc *d, const struct diff_node *n)
{
    const char *text = d->lines[n->line].text;
    rk_str whole = rk_str_c(text);
    if (!n->value.n || n->value.p < text || n->value.p > text + whole.n)
        return rk_str_c(rk_arena_f(a, "%s ", text));
    size_t size = (size_t)(n->value.p - text);
    size -= size && (text[size - 1] == '"' || text[size - 1] == '\'');
    return (rk_str){text, size};
}

/* Does the node begin a line of its own: what stands before its value is about it alone? */
static bool heads(const struct diff_doc *d, const struct diff_node *n)
{
    return n && &d->nodes[d->lines[n->line].node] == n;
}

struct side {
    const struct diff_doc *doc;
    const struct diff_node *node;       /* NULL: not found there */
    const char *value;                  /* JSON; NULL: absent */
};

static struct diff_line made_line(struct rk_arena *a, const struct diff_change *c,
                                  const struct side *own, const struct side *other)
{
    const struct side *like = heads(own->doc, own->node) ? own
                              : heads(other->doc, other->node) ? other : NULL;
    rk_str head = like ? head_of(a, like->doc, like->node)
                       : rk_str_c(rk_arena_f(a, "%s: ", c->label));
    rk_str value = shown_value(a, own->value, c->secret);
    return (struct diff_line){
        .text = rk_arena_f(a, RK_FMT_STR RK_FMT_STR, RK_ARG_STR(head), RK_ARG_STR(value)),
        .number = own->node ? own->doc->lines[own->node->line].number : 0, .node = DIFF_NONE};
}

static void take_lines(struct rk_arena *a, const struct diff_change *c, const struct side *own,
                       const struct side *other, struct diff_line **out, size_t *n)
{
    *n = 0;
    if (!own->value)
        return;
    if (c->secret || !says(own->node, own->value)) {
        *out = rk_arena_alloc(a, sizeof **out);
        (*out)[(*n)++] = made_line(a, c, own, other);
        return;
    }
    *n = own->node->end - own->node->line;
    *out = rk_arena_array(a, *n + 1, sizeof **out);
    memcpy(*out, own->doc->lines + own->node->line, *n * sizeof **out);
}

/* Lines that both sides begin or end with are no change; returns how many it begins with. */
static size_t without_common(struct diff_change *c)
{
    size_t from = 0, most = c->n_git < c->n_live ? c->n_git : c->n_live, tail = 0;
    while (from < most && rk_streq(c->git[from].text, c->live[from].text))
        from++;
    while (tail < most - from && rk_streq(c->git[c->n_git - 1 - tail].text,
                                          c->live[c->n_live - 1 - tail].text))
        tail++;
    if (from + tail == c->n_git && from + tail == c->n_live)
        return 0; /* they differ beyond what is shown of them */
    c->git += from;
    c->live += from;
    c->n_git -= from + tail;
    c->n_live -= from + tail;
    return from;
}

static void mark_changed(struct rk_arena *a, struct diff_change *c)
{
    for (size_t i = 0; i < c->n_git && i < c->n_live && !c->secret; i++) {
        struct widget_span *l, *g;
        widget_changed(a, rk_str_c(c->live[i].text), rk_str_c(c->git[i].text), &l,
                       &c->live[i].n_spans, &g, &c->git[i].n_spans);
        c->live[i].spans = l;
        c->git[i].spans = g;
    }
}

static void put_source(struct rk_arena *a, struct diff_line *lines, size_t n, const char *file,
                       int64_t line)
{
    for (size_t i = 0; i < n && file; i++)
        if (!lines[i].file || i == 0) {
            lines[i].file = widget_safe(a, file);
            lines[i].line = line;
        }
}

static void who_says(struct rk_arena *a, struct diff_change *c)
{
    const struct wire_field *f = c->field;
    for (size_t i = 0; i < c->n_live; i++)
        if (!c->live[i].manager || i == 0)
            c->live[i].manager = widget_safe(a, f->manager);
    put_source(a, c->live, c->n_live, f->from_file, f->from_line);
    put_source(a, c->git, c->n_git, f->file, f->line);
}

/* ---- where a change stands ---- */
/* Git's node that what only lives stands in: the nearest above that git has, too. */
static const struct diff_node *above_in_git(struct rk_arena *a, const struct diff_object *o,
                                            const struct diff_node *live, const char *pointer)
{
    const struct diff_node *found = NULL;
    for (size_t up = live ? live->parent : DIFF_NONE; up != DIFF_NONE && !found;
         up = o->live.doc.nodes[up].parent)
        found = diff_doc_place(&o->git.doc, o->live.doc.nodes[up].place);
    char *path = rk_arena_strdup(a, pointer), *cut;
    while (!live && !found && (cut = strrchr(path, '/')) && cut > path) {
        *cut = 0;
        found = diff_doc_at(&o->git.doc, path);
    }
    return found;
}

static void place_change(struct rk_arena *a, const struct diff_object *o, struct diff_change *c,
                         const struct diff_node *git, const struct diff_node *live)
{
    const struct diff_node *up = git ? git : above_in_git(a, o, live, c->field->path);
    c->anchor = up ? (size_t)(up - o->git.doc.nodes) : DIFF_NONE;
    c->git_from = git ? git->line : up ? up->end : o->git.doc.n;
    c->git_to = c->git_from + (git ? c->n_git : 0);
}

static void read_field(struct rk_arena *a, const struct diff_object *o, const struct wire_field *f,
                       struct diff_change *c)
{
    const struct diff_node *git = f->desired ? diff_doc_at(&o->git.doc, f->path) : NULL;
    const struct diff_node *live = git ? diff_doc_place(&o->live.doc, git->place) : NULL;
    if (!live && (!git || !o->git.doc.n))
        live = diff_doc_at(&o->live.doc, f->path);
    *c = (struct diff_change){.field = f, .label = diff_label(a, f->path), .secret = f->secret};
    struct side l = {&o->live.doc, live, f->live}, g = {&o->git.doc, git, f->desired};
    take_lines(a, c, &l, &g, &c->live, &c->n_live);
    take_lines(a, c, &g, &l, &c->git, &c->n_git);
    size_t common = without_common(c);
    place_change(a, o, c, git, live);
    c->git_from += common;
    c->git_to += common;
    who_says(a, c);
    mark_changed(a, c);
}

static void whole_object(struct diff_object *o, bool create, struct diff_change *c)
{
    const char *gone = create ? "not in the cluster" : "not in git";
    if (o->not_before)
        gone = create ? o->not_before : o->not_after;
    *c = (struct diff_change){.label = gone, .anchor = DIFF_NONE};
    c->git = create ? o->git.doc.lines : NULL;
    c->n_git = c->git_to = create ? o->git.doc.n : 0;
    c->live = create ? NULL : o->live.doc.lines;
    c->n_live = create ? 0 : o->live.doc.n;
}

static int by_place(const void *x, const void *y)
{
    const struct diff_change *a = x, *b = y;
    if (a->git_from != b->git_from)
        return a->git_from < b->git_from ? -1 : 1;
    return strcmp(a->label, b->label);
}

void diff_changes(struct rk_arena *a, struct diff_object *o)
{
    bool create = rk_streq(o->wire->action, "create"), prune = rk_streq(o->wire->action, "prune");
    o->changes = rk_arena_array(a, o->wire->n_fields + 1, sizeof *o->changes);
    o->n_changes = o->ignored = 0;
    if (create || prune) {
        whole_object(o, create, &o->changes[o->n_changes++]);
        return;
    }
    for (size_t i = 0; i < o->wire->n_fields; i++) {
        if (o->wire->fields[i].ignored)
            o->ignored++;
        else
            read_field(a, o, &o->wire->fields[i], &o->changes[o->n_changes++]);
    }
    qsort(o->changes, o->n_changes, sizeof *o->changes, by_place);
}
