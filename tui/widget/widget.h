/*
 * widget.h: pieces that views are made of: a canvas (a rectangle of the screen), boxes, lists with
 * a window, columns, a line editor, the words and signs of states, texts, changed tokens. They hold
 * positions, never data: what a row says is the view's.
 */
#ifndef RK_WIDGET_H
#define RK_WIDGET_H

#include "reckon/arena.h"
#include "term/term.h"

/* ---- canvas: drawing is relative to it and clipped by it ---- */
struct canvas { struct term_screen *s; int x, y, w, h; };
struct canvas canvas_all(struct term_screen *s);
struct canvas canvas_cut(struct canvas c, int x, int y, int w, int h);  /* clipped to c */
int canvas_put(struct canvas c, int x, int y, enum term_role role, rk_str text);
int canvas_putf(struct canvas c, int x, int y, enum term_role role, const char *fmt, ...)
    RK_PRINTF(5, 6);
/* At the right end of row y; returns the column where it begins. */
int canvas_right(struct canvas c, int y, enum term_role role, rk_str text);
/* Exactly w columns: cut with ".." (kept at the end for paths: from the front), or filled up. */
void canvas_cell(struct canvas c, int x, int y, int w, enum term_role role, rk_str text);
void canvas_cell_end(struct canvas c, int x, int y, int w, enum term_role role, rk_str text);
void canvas_tint(struct canvas c, int y, enum term_role role);          /* a whole row */

enum widget_box_flags { WIDGET_FOCUS = 1, WIDGET_DOUBLE = 2 };
/* Title in the upper, foot in the lower line (NULL: none); returns the inside. */
struct canvas widget_box(struct canvas c, const char *title, const char *foot, unsigned flags);
/* A dialog of at most w x h in the middle, cleared and boxed; returns the inside. */
struct canvas widget_dialog(struct canvas c, int w, int h, const char *title, unsigned flags);

/* ---- list: a cursor over n rows of which some are shown; rows are kept by the view ---- */
struct widget_list { size_t n, cursor, top; int page; struct canvas at; };
enum widget_move { WIDGET_DOWN, WIDGET_UP, WIDGET_PAGE_DOWN, WIDGET_PAGE_UP, WIDGET_HALF_DOWN,
                   WIDGET_HALF_UP, WIDGET_FIRST, WIDGET_LAST };
void widget_list_set(struct widget_list *l, size_t n, size_t cursor);   /* both are clamped */
bool widget_list_move(struct widget_list *l, enum widget_move m);       /* false: nothing moved */
void widget_list_show(struct widget_list *l, int rows);     /* before drawing: cursor in window */
void widget_list_place(struct widget_list *l, struct canvas rows);     /* where its rows are drawn */
/* Which row stands in that cell of the screen, as it was drawn last; false: none. */
bool widget_list_hit(const struct widget_list *l, int x, int y, size_t *row);
/* "7/24", or "" when everything is shown. out holds 32 bytes. */
void widget_list_foot(const struct widget_list *l, char out[32]);

/* ---- columns ---- */
struct widget_column { const char *title; int min, max; bool right; };  /* max 0: takes the rest */
/* Left ends and widths within `width`; later columns go first when it is too narrow (w = 0). */
void widget_columns(const struct widget_column *c, size_t n, int width, int *x, int *w);

/* ---- line editor ---- */
/* Zeroed: an empty line. */
struct widget_edit { struct rk_buf text; size_t at; bool refuse_paste; };
enum widget_edited { WIDGET_IGNORED, WIDGET_CHANGED, WIDGET_REFUSED /* a paste */,
                     WIDGET_TOO_LONG };
/* Characters, left/right/home/end, backspace/delete, ctrl-u, ctrl-w; at most 512 bytes. IGNORED:
 * not a key of the editor. A paste becomes one line, with what is hidden in it made visible. */
enum widget_edited widget_edit_key(struct widget_edit *e, const struct term_key *k);
void widget_edit_set(struct widget_edit *e, const char *text);
void widget_edit_release(struct widget_edit *e);
/* Scrolls so that the caret is seen; caret: show it. */
void widget_edit_draw(struct canvas c, int x, int y, int w, const struct widget_edit *e,
                      bool caret);

/* ---- signs and words of states; colour only repeats them ---- */
/* A state that is not known here: "?" and its own word as given. */
struct widget_sign { const char *sign, *word; enum term_role role; };
struct widget_sign widget_verdict(const char *verdict);         /* Synced "=", OutOfSync "!", ... */
struct widget_sign widget_health(const char *health);
struct widget_sign widget_task(const char *state);              /* waiting running done ... */
struct widget_sign widget_result(const char *state);            /* Succeeded Failed ... */
struct widget_sign widget_action(const char *action);           /* create + prune - keep = ... */
enum term_role widget_environment(const char *name, bool locked);
bool widget_is_production(const char *name, bool locked);       /* word PROD, doubled lines */

/* ---- text ---- */
/* Foreign text for a screen (reckon/text.h, on one line); NULL: "". In the arena, or as given. */
const char *widget_safe(struct rk_arena *a, const char *foreign);
/* Lines of `text` no wider than w, cut at blanks where possible; they point into it. */
rk_str *widget_wrap(struct rk_arena *a, rk_str text, int w, size_t *n);
/* Draws text with every match of `find` (case ignored unless it has a capital) in TERM_MATCH. */
int widget_put_found(struct canvas c, int x, int y, enum term_role role, rk_str text,
                     rk_str find);
bool widget_found(rk_str text, rk_str find);
/* Ranks `typed` letters found in order within `text`; 0: not found, higher: better. Blanks and case
 * are ignored. */
int widget_fuzzy(rk_str typed, rk_str text);

/* What differs between two values, by tokens (letters and digits | single signs); in the arena.
 * Very long texts without much in common: all but what begins and ends alike. */
struct widget_span { size_t from, to; };        /* bytes */
void widget_changed(struct rk_arena *a, rk_str before, rk_str after, struct widget_span **b,
                    size_t *nb, struct widget_span **c, size_t *nc);
void widget_put_spans(struct canvas c, int x, int y, enum term_role role, enum term_role emphasis,
                      rk_str text, const struct widget_span *v, size_t n);

/* "12s", "9m", "26h", "6d" since then, "-" for 0; whole minutes from one minute on. */
void widget_age(int64_t now, int64_t then, char out[16]);
void widget_clock(int64_t wall_ms, char out[16]);               /* "12:04:11", local time */
/* "12:04" today, "21 Nov 12:04" this year, "21 Nov 2025". */
void widget_when(int64_t now, int64_t then, char out[24]);

#endif
