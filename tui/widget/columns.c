/*
 * columns.c: how wide each column of a table is. Pure.
 *
 * Every column that fits gets its least width, the first ones first; what is left goes to columns
 * up to their most, then to those without one. One blank between columns.
 */
#include "widget/widget.h"

static size_t fitting(const struct widget_column *c, size_t n, int width)
{
    int used = 0;
    for (size_t i = 0; i < n; i++) {
        used += c[i].min + (i ? 1 : 0);
        if (used > width)
            return i;
    }
    return n;
}

static int grow_to_most(const struct widget_column *c, size_t n, int left, int *w)
{
    for (size_t i = 0; i < n && left > 0; i++) {
        int more = c[i].max - w[i];
        more = more > left ? left : more;
        if (c[i].max && more > 0) {
            w[i] += more;
            left -= more;
        }
    }
    return left;
}

static void share_rest(const struct widget_column *c, size_t n, int left, int *w)
{
    int takers = 0;
    for (size_t i = 0; i < n; i++)
        takers += c[i].max == 0;
    for (size_t i = 0; i < n && takers; i++)
        if (c[i].max == 0) {
            int more = left / takers--;
            w[i] += more;
            left -= more;
        }
}

void widget_columns(const struct widget_column *c, size_t n, int width, int *x, int *w)
{
    size_t shown = fitting(c, n, width);
    int left = width, at = 0;
    for (size_t i = 0; i < n; i++)
        w[i] = i < shown ? c[i].min : 0;
    if (!shown && n && width > 0) {
        shown = 1;
        w[0] = width;
    }
    for (size_t i = 0; i < shown; i++)
        left -= w[i] + (i ? 1 : 0);
    share_rest(c, shown, grow_to_most(c, shown, left, w), w);
    for (size_t i = 0; i < n; i++) {
        x[i] = at;
        at += i < shown ? w[i] + 1 : 0;
    }
}
