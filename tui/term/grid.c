/*
 * grid.c: drawing. In: text, rectangles, roles. Out: cells of the picture.
 *
 * Knows no terminal: a cell holds characters and a look that the terminal can show (screen.c limits
 * the theme first). Invariant: a wide character is followed by its empty right half, always: who
 * overwrites one half blanks the other.
 */
#include "term_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "reckon/text.h"

static struct cell blank(const struct term_style *look)
{
    return (struct cell){.ch = {L' '}, .fg = (int16_t)look->fg, .bg = (int16_t)look->bg,
                         .attrs = (uint16_t)look->attrs, .cols = 1};
}

/* Cuts the extent from *at on, *n long, to 0..limit; false: nothing is left. */
static bool clip(int *at, int *n, int limit)
{
    int64_t end = (int64_t)*at + *n;

    if (*at < 0)
        *at = 0;
    if (end > limit)
        end = limit;
    *n = (int)(end - *at > 0 ? end - *at : 0);
    return *n > 0;
}

/* The half that stays when a wide character is cut at column x (its right half stands there). */
static void split_wide(struct cell *row, int cols, int x)
{
    if (x <= 0 || x >= cols || row[x].cols != 0)
        return;
    for (int i = x - 1; i <= x; i++) {
        row[i].cols = 1;
        wmemset(row[i].ch, 0, CELL_CHARS);
        row[i].ch[0] = L' ';
    }
}

static void put_char(struct term_screen *s, int x, int y, wchar_t c, int cols,
                     const struct term_style *look)
{
    struct cell *row = grid_row(&s->grid, y);

    split_wide(row, s->grid.cols, x);
    split_wide(row, s->grid.cols, x + cols);
    for (int i = 0; i < cols; i++)
        row[x + i] = blank(look);
    row[x].ch[0] = c;
    row[x].cols = (uint16_t)cols;
    if (cols == 2) {
        row[x + 1].ch[0] = 0;
        row[x + 1].cols = 0;
    }
}

/* To the character whose last cell this is; what does not fit in a cell is left out. */
static void combine(struct cell *base, wchar_t c)
{
    if (base->cols == 0)
        base--;
    for (int i = 1; i < CELL_CHARS; i++)
        if (!base->ch[i]) {
            base->ch[i] = c;
            return;
        }
}

int term_put(struct term_screen *s, int x, int y, int max, enum term_role role, rk_str text)
{
    bool row = y >= 0 && y < s->grid.rows, drawn = false;
    int used = 0, w;
    wchar_t c;

    while (text.n) {
        size_t n = width_next(text, &c, &w);
        int64_t at = (int64_t)x + used;

        if (used > max - w)
            break;
        if (w > 0)
            drawn = row && at >= 0 && at + w <= s->grid.cols;
        if (drawn && w > 0)
            put_char(s, (int)at, y, c, w, &s->look[role]);
        else if (drawn && at < s->grid.cols) /* some terminals wrap before what combines there */
            combine(&grid_row(&s->grid, y)[at - 1], c);
        used += w;
        text = (rk_str){text.p + n, text.n - n};
    }
    return used;
}

int term_putf(struct term_screen *s, int x, int y, int max, enum term_role role, const char *fmt,
              ...)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    rk_buf_vf(&text, fmt, ap);
    va_end(ap);
    return term_put(s, x, y, max, role, rk_buf_view(&text));
}

void term_fill(struct term_screen *s, int x, int y, int w, int h, enum term_role role)
{
    struct cell c = blank(&s->look[role]);

    if (!clip(&x, &w, s->grid.cols) || !clip(&y, &h, s->grid.rows))
        return;
    for (int j = y; j < y + h; j++) {
        struct cell *row = grid_row(&s->grid, j);

        split_wide(row, s->grid.cols, x);
        split_wide(row, s->grid.cols, x + w);
        for (int i = x; i < x + w; i++)
            row[i] = c;
    }
}

static void tint(struct cell *c, const struct term_style *look)
{
    if (look->bg >= 0)
        c->bg = (int16_t)look->bg;
    c->attrs |= (uint16_t)look->attrs;
    if (look->bg >= 0 && (c->fg == c->bg || c->fg < 0))
        c->fg = (int16_t)look->fg; /* what would vanish, or was drawn for the bare background */
}

void term_tint(struct term_screen *s, int x, int y, int w, int h, enum term_role role)
{
    if (!clip(&x, &w, s->grid.cols) || !clip(&y, &h, s->grid.rows))
        return;
    for (int j = y; j < y + h; j++) {
        struct cell *row = grid_row(&s->grid, j);
        int from = x > 0 && row[x].cols == 0 ? x - 1 : x; /* both halves look the same */
        int to = x + w < s->grid.cols && row[x + w].cols == 0 ? x + w + 1 : x + w;

        for (int i = from; i < to; i++)
            tint(&row[i], &s->look[role]);
    }
}

/* Left upper, right upper, left lower, right lower corner, horizontal, vertical. */
static const wchar_t *lines_of(const struct term_screen *s, bool doubled)
{
    if (s->ascii)
        return doubled ? L"####=#" : L"++++-|";
    return doubled ? L"╔╗╚╝═║" : L"┌┐└┘─│";
}

static void line_char(struct term_screen *s, int64_t x, int64_t y, enum term_role role, wchar_t c)
{
    if (x >= 0 && x < s->grid.cols && y >= 0 && y < s->grid.rows)
        put_char(s, (int)x, (int)y, c, 1, &s->look[role]);
}

static void line_across(struct term_screen *s, int x, int64_t y, int w, enum term_role role,
                        wchar_t c)
{
    if (!clip(&x, &w, s->grid.cols))
        return;
    for (int i = 0; i < w; i++)
        line_char(s, x + i, y, role, c);
}

void term_hline(struct term_screen *s, int x, int y, int w, enum term_role role)
{
    line_across(s, x, y, w, role, lines_of(s, false)[4]);
}

void term_box(struct term_screen *s, int x, int y, int w, int h, enum term_role role, bool doubled)
{
    const wchar_t *l = lines_of(s, doubled);
    int64_t right = (int64_t)x + w - 1, low = (int64_t)y + h - 1;
    int from = y, n = h;

    if (w < 2 || h < 2)
        return;
    line_across(s, x, y, w, role, l[4]);
    line_across(s, x, low, w, role, l[4]);
    if (clip(&from, &n, s->grid.rows))
        for (int j = from; j < from + n; j++) {
            line_char(s, x, j, role, l[5]);
            line_char(s, right, j, role, l[5]);
        }
    line_char(s, x, y, role, l[0]);
    line_char(s, right, y, role, l[1]);
    line_char(s, x, low, role, l[2]);
    line_char(s, right, low, role, l[3]);
}

void term_caret(struct term_screen *s, int x, int y)
{
    bool on = x >= 0 && x < s->grid.cols && y >= 0 && y < s->grid.rows;

    s->grid.caret_x = on ? x : -1;
    s->grid.caret_y = on ? y : -1;
}

void term_begin(struct term_screen *s)
{
    s->grid.caret_x = s->grid.caret_y = -1;
    for (int y = 0; y < s->grid.rows; y++)
        for (int x = 0; x < s->grid.cols; x++)
            grid_row(&s->grid, y)[x] = blank(&s->look[TERM_BASE]);
}

void term_cell(const struct term_screen *s, int x, int y, char text[32], struct term_style *look)
{
    const struct cell *c = &grid_row(&s->grid, y)[x];
    rk_auto(rk_buf_release) struct rk_buf utf8 = RK_BUF_INIT;

    rk_assert(x >= 0 && x < s->grid.cols && y >= 0 && y < s->grid.rows);
    for (int i = 0; c->cols && i < CELL_CHARS && c->ch[i]; i++)
        rk_utf8_put(&utf8, (uint32_t)c->ch[i]);
    snprintf(text, 32, "%s", utf8.p);
    *look = (struct term_style){c->fg, c->bg, c->attrs};
}
