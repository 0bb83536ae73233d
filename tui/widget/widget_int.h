/* widget_int.h: what files of this room share. */
#ifndef RK_WIDGET_INT_H
#define RK_WIDGET_INT_H

#include "widget/widget.h"

/* Text without at least its first `cols` columns: all of a wide character goes that stands half
 * within them. *gone (may be NULL): the columns that went. */
rk_str widget_skip(rk_str text, int cols, int *gone);
/* As canvas_put; returns where the next piece of the line begins, also left of the canvas. */
int widget_piece(struct canvas c, int x, int y, enum term_role role, rk_str text);

#endif
