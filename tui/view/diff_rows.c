/*
 * diff_rows.c: changes, the git document and what is folded -> the rows of the screen. Pure.
 */
#include "view/diff_int.h"

struct maker {
    struct diff_rows *r;
    const struct diff_look *look;
    size_t object;
    bool *kept;                 /* lines of the git document that are shown */
};

static struct diff_row *add(struct maker *m, enum diff_row_kind kind)
{
    struct diff_rows *r = m->r;
    r->v = rk_arena_grow(r->mem, r->v, r->n, &r->cap, sizeof *r->v);
    r->v[r->n] = (struct diff_row){.kind = kind, .object = m->object, .change = DIFF_NONE};
    return &r->v[r->n++];
}

/* The lines that lead to a node, and the one that names each list item on the way. */
static void keep_path(struct maker *m, const struct diff_doc *d, size_t node)
{
    for (; node != DIFF_NONE; node = d->nodes[node].parent) {
        const struct diff_node *n = &d->nodes[node];
        m->kept[n->line] = true;
        for (size_t i = node + 1; n->item && i < d->n_nodes && d->nodes[i].line < n->end; i++)
            if (d->nodes[i].parent == node && rk_streq(d->nodes[i].key, "name"))
                m->kept[d->nodes[i].line] = true;
    }
}

static void keep_lines(struct maker *m, const struct diff_object *o)
{
    size_t n = o->git.doc.n, around = m->look->context;
    m->kept = rk_arena_array(m->r->mem, n + 1, sizeof *m->kept);
    for (size_t i = 0; i < n; i++)
        m->kept[i] = o->opened && o->opened[i];
    for (size_t k = 0; k < o->n_changes; k++) {
        const struct diff_change *c = &o->changes[k];
        size_t from = c->git_from > around ? c->git_from - around : 0;
        for (size_t i = from; i < n && i < c->git_to + around; i++)
            m->kept[i] = true;
        keep_path(m, &o->git.doc, c->anchor);
    }
}

static void add_change(struct maker *m, const struct diff_change *c, size_t k)
{
    bool both = m->look->split || c->secret;
    for (size_t i = 0; i < c->n_live || (both && i < c->n_git); i++) {
        struct diff_row *r = add(m, DIFF_CHANGED);
        r->change = k;
        r->live = i < c->n_live ? &c->live[i] : NULL;
        r->git = both && i < c->n_git ? &c->git[i] : NULL;
    }
    for (size_t i = 0; !both && i < c->n_git; i++) {
        struct diff_row *r = add(m, DIFF_CHANGED);
        r->change = k;
        r->git = &c->git[i];
    }
}

/* The live line of the field that git's line is about. */
static const struct diff_line *live_line(const struct diff_object *o, const struct diff_line *git)
{
    const struct diff_node *n = git->node == DIFF_NONE ? NULL : &o->git.doc.nodes[git->node];
    const struct diff_node *l = n ? diff_doc_place(&o->live.doc, n->place) : NULL;
    size_t below = n ? (size_t)(git - o->git.doc.lines) - n->line : 0; /* in a block of text */
    return l && l->line + below < l->end ? &o->live.doc.lines[l->line + below] : NULL;
}

/* Lines that are the same up to `to`: shown or folded. */
static void add_same(struct maker *m, const struct diff_object *o, size_t from, size_t to)
{
    for (size_t i = from, end; i < to; i = end) {
        for (end = i; end < to && !m->kept[end];)
            end++;
        if (end > i + 1) {
            struct diff_row *r = add(m, DIFF_FOLD);
            r->from = i;
            r->hidden = end - i;
            r->git = &o->git.doc.lines[i];
            continue;
        }
        end = i + 1; /* a fold of one line would hide nothing */
        struct diff_row *r = add(m, DIFF_SAME);
        r->git = &o->git.doc.lines[i];
        r->live = live_line(o, r->git);
    }
}

static void add_note(struct maker *m, const char *text)
{
    if (text && text[0])
        add(m, DIFF_NOTE)->text = text;
}

static void add_notes(struct maker *m, const struct diff_object *o)
{
    bool unread = o->git.state == DIFF_UNREAD || o->live.state == DIFF_UNREAD;
    add_note(m, o->note);
    add_note(m, o->git.state == DIFF_FAILED ? o->git.why : "");
    add_note(m, o->live.state == DIFF_FAILED ? o->live.why : "");
    add_note(m, unread ? "its text is being read" : "");
    if (!o->n_changes)
        add_note(m, "all its differences are ignored by rule");
}

static void add_object(struct maker *m, const struct diff_object *o)
{
    size_t at = 0;
    add(m, DIFF_OBJECT);
    add_notes(m, o);
    keep_lines(m, o);
    for (size_t k = 0; k < o->n_changes; k++) {
        const struct diff_change *c = &o->changes[k];
        if (c->git_from > at)
            add_same(m, o, at, c->git_from);
        add_change(m, c, k);
        at = c->git_to > at ? c->git_to : c->git_from > at ? c->git_from : at;
    }
    add_same(m, o, at, o->git.doc.n);
}

void diff_rows_make(struct diff_rows *r, const struct diff_data *d, const struct diff_look *look)
{
    rk_arena_free(r->mem);
    *r = (struct diff_rows){.mem = rk_arena_new()};
    struct maker m = {.r = r, .look = look};
    for (size_t i = 0; i < d->n; i++) {
        m.object = i;
        if (i)
            add(&m, DIFF_BLANK);
        add_object(&m, &d->objects[i]);
    }
}
