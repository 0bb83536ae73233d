/*
 * diff_int.h: what the files of the diff view share.
 *
 *     drift.get, document.get ── diff_load.c ──▶ diff_data: objects, their fields, two documents each
 *     lines of YAML ── diff_doc.c ──▶ nodes: which field a line belongs to, on both sides
 *     fields + documents ── diff_changes.c ──▶ changes ── diff_rows.c ──▶ rows
 *     rows ── diff_draw.c, diff_panes.c ──▶ screen
 *
 * Two revisions (revisions.compare) go the same way: what stands for the live side is then git's, too.
 *
 * The git document is what stands on the screen; lines of the live one come in where a field
 * differs. What lives beyond git (defaults, status) is no difference and is not shown.
 */
#ifndef RK_DIFF_INT_H
#define RK_DIFF_INT_H

#include "reckon/map.h"

#include "view/again.h"
#include "view/view_int.h"

#define DIFF_NONE SIZE_MAX

/* ================= documents (diff_doc.c; pure) ================= */
struct diff_line {
    const char *text;           /* safe for a screen */
    const char *file; int64_t line;     /* git's side: where the value comes from */
    const char *manager;        /* the live side */
    size_t number;              /* from 1; 0: made from a field, not of a document */
    size_t node;                /* the innermost that stands on it */
    const struct widget_span *spans; size_t n_spans;    /* what differs from the other side */
};
struct diff_node {
    const char *pointer;        /* JSON pointer */
    const char *place;          /* the same with list items by name: both sides agree on it */
    const char *key;            /* the last part of the pointer, not escaped */
    rk_str value;               /* of a scalar, without quotes */
    size_t line, end;           /* lines [line, end) */
    size_t parent;
    bool item;                  /* of a list */
};
struct diff_doc {
    struct diff_line *lines; size_t n;
    struct diff_node *nodes; size_t n_nodes;
    struct rk_map *pointers, *places;   /* -> node; NULL: not indexed yet */
};
/* Reads the fields off the lines (as engine/core/document.c prints them) and indexes them. */
void diff_doc_index(struct rk_arena *a, struct diff_doc *d);
void diff_doc_release(struct diff_doc *d);
const struct diff_node *diff_doc_at(const struct diff_doc *d, const char *pointer);
const struct diff_node *diff_doc_place(const struct diff_doc *d, const char *place);

/* ================= what is compared ================= */
struct diff_change {
    const struct wire_field *field;     /* NULL: the whole object is made or pruned */
    const char *label;          /* "spec.replicas" */
    bool secret;
    size_t git_from, git_to;    /* lines of the git document; none: it stands before git_from */
    size_t anchor;              /* git's node that it is, or stands in; DIFF_NONE */
    struct diff_line *git, *live; size_t n_git, n_live;
};
enum diff_text { DIFF_UNREAD, DIFF_READ, DIFF_FAILED };
struct diff_object {
    const struct wire_drift_object *wire;
    const char *name;           /* "Deployment/mailer" */
    const char *note;           /* or "" */
    bool secret;
    /* Of two revisions: what is said of an object that only one of them has, "not at 77b01d3". */
    const char *not_before, *not_after;         /* else NULL */
    struct { struct diff_doc doc; enum diff_text state; const char *why; } live, git;
    struct diff_change *changes; size_t n_changes;
    size_t first_change;        /* its first one's number among all */
    size_t ignored;
    bool *opened;               /* lines of the git document that a person unfolded */
};
struct diff_data {
    struct rk_arena *mem;
    struct rk_arena **answers; size_t n_answers, cap_answers;   /* texts are borrowed from them */
    const char *revision, *verdict;
    const char *app, *from_app, *from;  /* of two revisions; app: of the later one */
    struct diff_object *objects; size_t n, cap;
    size_t changes, ignored, lines;
};

/* The object's fields, with the lines they are about, in the order of git's document
 * (diff_changes.c; pure). */
void diff_changes(struct rk_arena *a, struct diff_object *o);
/* "spec.template.spec.containers[0].image" */
const char *diff_label(struct rk_arena *a, const char *pointer);

/* ================= rows (diff_rows.c; pure) ================= */
enum diff_row_kind { DIFF_OBJECT, DIFF_SAME, DIFF_FOLD, DIFF_CHANGED, DIFF_NOTE, DIFF_BLANK };
struct diff_row {
    enum diff_row_kind kind;
    size_t object, change;      /* change: within the object; DIFF_NONE */
    const struct diff_line *live, *git;
    size_t from, hidden;        /* FOLD: which lines of git's */
    const char *text;           /* NOTE */
};
struct diff_rows { struct rk_arena *mem; struct diff_row *v; size_t n, cap; };
struct diff_look { size_t context; bool split; };
void diff_rows_make(struct diff_rows *r, const struct diff_data *d, const struct diff_look *look);

/* ================= the view ================= */
struct diff_view {
    struct view view;
    char *app, *object, *rev;
    bool revisions;             /* two revisions are compared: no live side, nothing to sync */
    char *from, *from_app;      /* or NULL: as it was asked for */
    struct view_feed watch;     /* application.watch: when to read again */
    struct diff_data *data;     /* what is shown; NULL: nothing came yet */
    struct diff_data *next;     /* being read; may be the same */
    int64_t round;              /* of reading: answers of earlier ones are dropped */
    struct view_again again;
    size_t page;                /* lines asked for at once */
    struct rk_err err;          /* of the last reading */
    struct diff_rows rows;
    struct widget_list list;
    struct diff_look look;
    int shift;                  /* columns to the left of the text area */
    bool who;
    char *find;
    struct { size_t object, change; struct rk_arena *mem; const struct wire_blame *v;
             char *why; bool asked; } blame;
    intptr_t asked;             /* blames asked for */
};
/* diff_load.c */
void diff_load(struct view *v);                 /* again.read: all of it, from the beginning */
void diff_unload(struct diff_view *v);
/* diff.c: after the data changed: rows anew, the cursor on what it stood on in `old` (NULL: the
 * first change). */
void diff_refill(struct diff_view *v, const struct diff_data *old);
/* The change at or before the cursor in its object, else the first one; NULL: none there. */
const struct diff_change *diff_current(const struct diff_view *v, size_t *object, size_t *change);
static inline const struct diff_row *diff_row_at(const struct diff_view *v, size_t i)
{
    return i < v->rows.n ? &v->rows.v[i] : NULL;
}
void diff_forget_blame(struct diff_view *v);
/* diff_act.c */
bool diff_act(struct view *view, enum view_action a);
bool diff_find(struct view *view, rk_str text, int direction);
bool diff_row_has(const struct diff_view *v, const struct diff_row *r, rk_str text);
/* diff_draw.c */
void diff_draw(struct view *view, struct canvas c);
/* diff_panes.c */
void diff_draw_who(struct diff_view *v, struct canvas c);
void diff_draw_objects(struct diff_view *v, struct canvas c);

#endif
