/*
 * screen.c: the picture's life. In: size, colours, theme, the locale. Out: a grid to draw in
 * (grid.c), and frames (output.c).
 *
 * Owns the cells and the output. A theme is limited once, here, to what the terminal can show, so
 * that a cell's look is what is sent.
 */
#include "term_int.h"

#include <stdlib.h>

enum { SIZE_MAX_CELLS = 1000 };         /* a side; larger says nothing more and costs memory */

static int clamp_size(int n)
{
    return n < 1 ? 1 : n > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : n;
}

static void grid_size(struct term_screen *s, int cols, int rows)
{
    s->grid.cols = clamp_size(cols);
    s->grid.rows = clamp_size(rows);
    free(s->grid.cells);
    s->grid.cells = rk_calloc((size_t)s->grid.cols * (size_t)s->grid.rows, sizeof(struct cell));
    term_begin(s);
}

void term_screen_theme(struct term_screen *s, const struct term_theme *theme)
{
    s->theme = *theme;
    for (int i = 0; i < TERM_ROLE_MAX; i++)
        s->look[i] = s->colors > 1 ? theme_limit(theme->style[i], s->colors, s->bright)
                                   : term_theme_mono()->style[i];
}

static void set_colors(struct term_screen *s, int most)
{
    int has = output_colors(s->output);

    if (most > 0 && has > most)
        has = most;
    s->colors = has >= 256 ? 256 : has >= 8 ? 16 : 1;
    s->bright = has >= 16;
}

int term_screen_open(const struct term_screen_opts *o, struct term_screen **out, struct rk_err *err)
{
    struct term_screen *s = rk_alloc(sizeof(*s));
    bool utf8 = width_utf8();
    int cols = clamp_size(o->cols), rows = clamp_size(o->rows);

    if (output_open(o->term, cols, rows, &s->output, err) < 0) {
        free(s);
        return -1;
    }
    s->ascii = o->ascii || !utf8;
    set_colors(s, o->colors);
    term_screen_theme(s, o->theme ? o->theme : term_theme_mono());
    grid_size(s, cols, rows);
    *out = s;
    return 0;
}

void term_screen_close(struct term_screen *s)
{
    if (!s)
        return;
    output_close(s->output);
    free(s->grid.cells);
    free(s);
}

int term_cols(const struct term_screen *s)
{
    return s->grid.cols;
}

int term_rows(const struct term_screen *s)
{
    return s->grid.rows;
}

bool term_ascii(const struct term_screen *s)
{
    return s->ascii;
}

int term_colors(const struct term_screen *s)
{
    return s->colors;
}

void term_screen_resize(struct term_screen *s, int cols, int rows)
{
    cols = clamp_size(cols);
    rows = clamp_size(rows);
    if (cols == s->grid.cols && rows == s->grid.rows)
        return;
    output_resize(s->output, cols, rows);
    grid_size(s, cols, rows);
}

void term_screen_forget(struct term_screen *s)
{
    output_forget(s->output);
}

const char *term_screen_entry(const struct term_screen *s)
{
    return output_entry(s->output);
}

void term_end(struct term_screen *s, struct rk_buf *frame)
{
    output_frame(s->output, &s->grid, frame);
}
