/*
 * term_int.h: what the files of room term share.
 */
#ifndef RK_TERM_INT_H
#define RK_TERM_INT_H

#include <wchar.h>

#include "term/term.h"

/* ================= width.c: characters and columns ================= */

/* Is the locale's text UTF-8? Takes the locale from the environment first, if nobody has. */
bool width_utf8(void);
/*
 * The next character of text that is not empty: its bytes; *c is what is drawn ('?' for what is
 * no character, or none here), *cols its columns: 0 (combines with the one before), 1 or 2.
 */
size_t width_next(rk_str text, wchar_t *c, int *cols);

/* ================= grid.c: the picture ================= */

enum { CELL_CHARS = 5 };        /* a base and what combines with it: as many as ncurses keeps */

/* No padding: rows are compared as bytes. */
struct cell {
    wchar_t ch[CELL_CHARS];     /* zeros behind the last */
    int16_t fg, bg;
    uint16_t attrs;
    uint16_t cols;              /* 0: right half of the cell before */
};
_Static_assert(sizeof(struct cell) == CELL_CHARS * sizeof(wchar_t) + 8, "rows compare as bytes");

struct grid {
    int cols, rows;
    struct cell *cells;
    int caret_x, caret_y;       /* -1: hidden */
};
static inline struct cell *grid_row(const struct grid *g, int y)
{
    return g->cells + (size_t)y * (size_t)g->cols;
}

/* ================= screen.c ================= */

struct output;                  /* ncurses, see output.c */
struct term_screen {
    struct grid grid;
    struct term_theme theme;
    struct term_style look[TERM_ROLE_MAX];      /* the theme within the terminal's colours */
    int colors, bright;         /* bright: colours 8 to 15 are there */
    bool ascii;
    struct output *output;
};

/* ================= colour.c ================= */

/* "-", a name of the 16, 0 to 255, #rrggbb; -1 in *out is the terminal's own. */
bool colour_read(rk_str word, int *out);
/* What comes nearest to a style with this many colours; bright: 8 to 15 are among them. */
struct term_style theme_limit(struct term_style s, int colors, bool bright);

/* ================= sequence.c ================= */

/* Numbers separated by ; (a : ends one, its rest is not looked at). n may pass 4: not kept. */
struct params { unsigned v[4]; size_t n; };
bool sequence_params(rk_str bytes, struct params *p);   /* false: not only numbers */
/* The key; its code is TERM_KEY_OTHER when there is none. */
struct term_key sequence_csi(const struct params *p, char final);
struct term_key sequence_ss3(const struct params *p, char final);
struct term_key sequence_mouse(const struct params *p, bool press);    /* SGR: CSI < b ; x ; y M */
struct term_key sequence_linux(char final);             /* after ESC [ [ */
struct term_key sequence_control(unsigned c, unsigned mods);    /* C0 and DEL */

/* ================= output.c: ncurses on a file in memory ================= */


int output_open(const char *term, int cols, int rows, struct output **out,
                struct rk_err *err) RK_MUST_CHECK;
void output_close(struct output *o);
int output_colors(const struct output *o);      /* the terminal's own number */
void output_resize(struct output *o, int cols, int rows);
void output_forget(struct output *o);
void output_frame(struct output *o, const struct grid *g, struct rk_buf *frame);
const char *output_entry(const struct output *o);       /* the terminfo entry in use */
bool output_has_alternate(const struct output *o);

#endif
