/*
 * pages.h: a view whose list is asked for page by page, by offset and limit: pages around the
 * cursor are here, of the other rows only their number is known. All of it is read again when something
 * changed: what is shown stays until the new is there, and the cursor stays on its row.
 */
#ifndef RK_VIEW_PAGES_H
#define RK_VIEW_PAGES_H

#include "view/again.h"
#include "view/view_int.h"

enum { VIEW_PAGES = 8 };        /* kept; the farthest from what is asked for goes first */

/* The rows of one answer. */
struct view_window { int64_t offset, total; const void *rows; size_t n, size; };
struct view_pages_class {
    const char *method;
    size_t rows;                /* of a page: it fits into one line of the protocol */
    /* The method's params for [offset, offset + limit), in a. */
    const void *(*params)(struct view *v, int64_t offset, int64_t limit, struct rk_arena *a);
    struct view_window (*window)(const void *answer);
    const char *(*name)(const void *row);       /* the same in every reading */
    void (*came)(struct view *v);               /* after each answer; NULL ok */
};
struct view_page {
    size_t number;
    uint32_t round, asked;      /* of its content, of the last question; 0: none */
    struct rk_arena *mem;       /* NULL: not here */
    const void *answer;
    struct view_window w;
};
/* Does the row have what is looked for? text: what was typed, or NULL. */
typedef bool (*view_row_fn)(struct view *v, const void *row, const char *text);
typedef void (*view_found_fn)(struct view *v, int direction);
struct view_looking {
    view_row_fn match;          /* NULL: nothing is looked for */
    view_found_fn found;        /* the cursor is there; NULL ok */
    const char *nothing;        /* "no failed operation"; " below" is added */
    int direction;              /* 0: from the cursor's row on; 1, -1: beyond it */
    char *text;
    size_t next;                /* the row that is looked at next */
};
struct view_pages {             /* a state begins with it */
    struct view v;
    const struct view_pages_class *class;
    struct widget_list list;
    struct view_page have[VIEW_PAGES]; size_t n_have;
    bool known;                 /* how many rows there are */
    uint32_t round;             /* of reading: answers of earlier ones are dropped */
    size_t waits;
    char *here;                 /* name of the cursor's row when all was read again */
    struct view_again again;
    struct rk_err err;          /* of the last answer */
    struct view_looking looking;
};
void view_pages_open(struct view_pages *p, const struct view_pages_class *c);
void view_pages_close(struct view_pages *p);
void view_pages_reset(struct view_pages *p);    /* another list from now on: from its first row */
const void *view_pages_at(const struct view_pages *p, size_t row);      /* NULL: not here (yet) */
const void *view_pages_here(const struct view_pages *p);        /* under the cursor */
bool view_pages_move(struct view_pages *p, enum view_action act);       /* false: no move */
/* Through pages that are not here, too; a move ends it. text is copied. */
void view_pages_look(struct view_pages *p, const struct view_looking *l, const char *text);
void view_pages_find(struct view_pages *p, view_row_fn match, rk_str text, int direction);
/* Its frame; `above` rows of the inside are not the list's. */
struct canvas view_pages_box(struct view_pages *p, struct canvas c, const char *title, bool focus,
                             int above);
/* Each row that is seen, drawn by `row` beside the cursor's column; in words what is missing. */
typedef void (*view_row_draw_fn)(struct view_pages *p, struct canvas c, int y, const void *row,
                                 const void *ctx);
void view_pages_draw(struct view_pages *p, struct canvas c, bool focus, const char *empty,
                     view_row_draw_fn row, const void *ctx);

#endif
