/*
 * list.c: a cursor over n rows and the window that shows it. Positions only: what a row says, and
 * which row the cursor belongs to after the rows changed, is the view's.
 */
#include "widget/widget.h"

#include <stdio.h>

static size_t clamped(size_t n, size_t at)
{
    return at < n ? at : n ? n - 1 : 0;
}

void widget_list_set(struct widget_list *l, size_t n, size_t cursor)
{
    l->n = n;
    l->cursor = clamped(n, cursor);
}

static size_t minus(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

bool widget_list_move(struct widget_list *l, enum widget_move m)
{
    size_t page = l->page > 1 ? (size_t)l->page : 1, half = page > 1 ? page / 2 : 1;
    size_t old = l->cursor, step = 1, to = old;
    if (m == WIDGET_PAGE_DOWN || m == WIDGET_PAGE_UP)
        step = page;
    else if (m == WIDGET_HALF_DOWN || m == WIDGET_HALF_UP)
        step = half;
    switch (m) {
    case WIDGET_DOWN: case WIDGET_PAGE_DOWN: case WIDGET_HALF_DOWN: to = old + step; break;
    case WIDGET_UP: case WIDGET_PAGE_UP: case WIDGET_HALF_UP: to = minus(old, step); break;
    case WIDGET_FIRST: to = 0; break;
    case WIDGET_LAST: to = l->n; break;
    }
    l->cursor = clamped(l->n, to);
    if (step > 1) /* a page turns the window, too: the cursor stays at its height */
        l->top = l->cursor > old ? l->top + (l->cursor - old) : minus(l->top, old - l->cursor);
    return l->cursor != old;
}

void widget_list_show(struct widget_list *l, int rows)
{
    size_t page = rows > 1 ? (size_t)rows : 1;
    l->page = (int)page;
    l->cursor = clamped(l->n, l->cursor);
    if (l->top > l->cursor)
        l->top = l->cursor;
    if (l->cursor >= l->top + page)
        l->top = l->cursor - page + 1;
    if (l->top + page > l->n)
        l->top = minus(l->n, page); /* no empty rows while there are some above */
}

void widget_list_place(struct widget_list *l, struct canvas rows)
{
    l->at = rows;
}

bool widget_list_hit(const struct widget_list *l, int x, int y, size_t *row)
{
    bool in = x >= l->at.x && x < l->at.x + l->at.w && y >= l->at.y && y < l->at.y + l->at.h;

    *row = in ? l->top + (size_t)(y - l->at.y) : 0;
    return in && *row < l->n;
}

void widget_list_foot(const struct widget_list *l, char out[32])
{
    out[0] = 0;
    if (l->n > (size_t)(l->page > 0 ? l->page : 0))
        (void)snprintf(out, 32, "%zu/%zu", l->cursor + 1, l->n);
}
