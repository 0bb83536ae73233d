/*
 * canvas.c: a rectangle of the screen that drawing is relative to and clipped by. Owns nothing; the
 * screen clips at its own edge, this file at the rectangle's.
 */
#include "widget/widget_int.h"

struct canvas canvas_all(struct term_screen *s)
{
    return (struct canvas){s, 0, 0, term_cols(s), term_rows(s)};
}

/* [*at, *at + *n) within [0, limit), moved by `by`. */
static void clip(int *at, int *n, int limit, int by)
{
    int from = *at < 0 ? 0 : *at, to = *at + *n > limit ? limit : *at + *n;
    *n = to > from ? to - from : 0;
    *at = by + (from < limit ? from : limit);
}

struct canvas canvas_cut(struct canvas c, int x, int y, int w, int h)
{
    struct canvas out = {c.s, x, y, w, h};
    clip(&out.x, &out.w, c.w, c.x);
    clip(&out.y, &out.h, c.h, c.y);
    return out;
}

rk_str widget_skip(rk_str text, int cols, int *gone)
{
    int went = 0, wide = 0;
    size_t cut = term_fit(text, cols > 0 ? cols : 0, &went);
    if (went < cols && cut < text.n)
        cut += term_fit((rk_str){text.p + cut, text.n - cut}, 2, &wide);
    if (gone)
        *gone = went + wide;
    return (rk_str){text.p + cut, text.n - cut};
}

int canvas_put(struct canvas c, int x, int y, enum term_role role, rk_str text)
{
    if (y < 0 || y >= c.h || x >= c.w || !text.n)
        return 0;
    if (x < 0) {
        int gone = 0;
        text = widget_skip(text, -x, &gone);
        x += gone;
    }
    if (x < 0 || !text.n)
        return 0;
    return term_put(c.s, c.x + x, c.y + y, c.w - x, role, text);
}

int widget_piece(struct canvas c, int x, int y, enum term_role role, rk_str text)
{
    int used = canvas_put(c, x, y, role, text);
    return x + (x < 0 ? term_width(text) : used);
}

int canvas_putf(struct canvas c, int x, int y, enum term_role role, const char *fmt, ...)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    return canvas_put(c, x, y, role, rk_buf_view(&text));
}

int canvas_right(struct canvas c, int y, enum term_role role, rk_str text)
{
    int cols = 0;
    text.n = term_fit(text, c.w, &cols);
    canvas_put(c, c.w - cols, y, role, text);
    return c.w - cols;
}

/* Blanks, so that nothing of an earlier picture of this row stays. */
static void blank(struct canvas c, int x, int y, int w, enum term_role role)
{
    struct canvas gap = canvas_cut(c, x, y, w, 1);
    if (gap.w > 0 && gap.h > 0)
        term_fill(gap.s, gap.x, gap.y, gap.w, 1, role);
}

/* What of text is left of (from_end: right of) a ".." when it is wider than w. */
static rk_str shortened(rk_str text, int w, bool from_end)
{
    int room = w > 2 ? w - 2 : 0;
    if (from_end)
        return widget_skip(text, term_width(text) - room, NULL);
    text.n = term_fit(text, room, NULL);
    return text;
}

static void cell(struct canvas c, int x, int y, int w, enum term_role role, rk_str text,
                 bool from_end)
{
    struct canvas in = canvas_cut(c, x, y, w, 1);
    rk_str dots = RK_STR("..");
    int width = term_width(text), at = 0;
    if (in.w <= 0 || in.h <= 0)
        return;
    blank(in, 0, 0, in.w, role);
    if (width <= in.w) {
        canvas_put(in, 0, 0, role, text);
        return;
    }
    text = shortened(text, in.w, from_end);
    at = from_end ? canvas_put(in, 0, 0, role, dots) : canvas_put(in, 0, 0, role, text);
    canvas_put(in, at, 0, role, from_end ? text : dots);
}

void canvas_cell(struct canvas c, int x, int y, int w, enum term_role role, rk_str text)
{
    cell(c, x, y, w, role, text, false);
}

void canvas_cell_end(struct canvas c, int x, int y, int w, enum term_role role, rk_str text)
{
    cell(c, x, y, w, role, text, true);
}

void canvas_tint(struct canvas c, int y, enum term_role role)
{
    if (y >= 0 && y < c.h)
        term_tint(c.s, c.x, c.y + y, c.w, 1, role);
}
