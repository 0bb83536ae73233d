/*
 * moves.c: the actions that move a cursor, and what is found, for every list of every view.
 */
#include "view/view_int.h"

bool view_moves(enum view_action act, enum widget_move *out)
{
    static const struct { enum view_action act; enum widget_move move; } rows[] = {
        {ACT_DOWN, WIDGET_DOWN}, {ACT_UP, WIDGET_UP},
        {ACT_PAGE_DOWN, WIDGET_PAGE_DOWN}, {ACT_PAGE_UP, WIDGET_PAGE_UP},
        {ACT_HALF_DOWN, WIDGET_HALF_DOWN}, {ACT_HALF_UP, WIDGET_HALF_UP},
        {ACT_FIRST, WIDGET_FIRST}, {ACT_LAST, WIDGET_LAST}};
    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (rows[i].act == act) {
            *out = rows[i].move;
            return true;
        }
    return false;
}

bool view_find_row(struct view *v, struct widget_list *l, rk_str text, int direction,
                   bool (*has)(struct view *v, size_t row, rk_str text))
{
    for (size_t i = direction ? 1 : 0; text.n && l->n && i <= l->n; i++) {
        size_t row = (l->cursor + (direction < 0 ? l->n - i : i)) % l->n;
        if (has(v, row, text)) {
            l->cursor = row;
            return true;
        }
    }
    return text.n == 0;
}
