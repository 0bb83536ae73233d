/*
 * move.c: the actions that move a cursor, in one place for every view that has a list.
 */
#include "view/view_int.h"

bool view_moves(enum view_action act, enum widget_move *out)
{
    static const struct { enum view_action act; enum widget_move move; } rows[] = {
        {ACT_DOWN, WIDGET_DOWN}, {ACT_UP, WIDGET_UP}, {ACT_PAGE_DOWN, WIDGET_PAGE_DOWN},
        {ACT_PAGE_UP, WIDGET_PAGE_UP}, {ACT_HALF_DOWN, WIDGET_HALF_DOWN},
        {ACT_HALF_UP, WIDGET_HALF_UP}, {ACT_FIRST, WIDGET_FIRST}, {ACT_LAST, WIDGET_LAST},
    };

    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (rows[i].act == act) {
            *out = rows[i].move;
            return true;
        }
    return false;
}
