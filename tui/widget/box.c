/*
 * box.c: frames with a title above and a foot below, and dialogs in the middle of what is there.
 */
#include "widget/widget.h"

/* " title " in a line of the frame, so that at least a corner and one dash stay on each side. */
static void in_frame(struct canvas c, int y, enum term_role role, const char *text, bool right)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!text || !text[0] || c.w < 7)
        return;
    rk_buf_f(&line, " %s ", text);
    struct canvas in = canvas_cut(c, 2, y, c.w - 4, 1);
    int width = term_width(rk_buf_view(&line));
    if (width > in.w)
        canvas_cell(in, 0, 0, in.w, role, rk_buf_view(&line));
    else
        canvas_put(in, right ? in.w - width - (in.w > width) : 0, 0, role, rk_buf_view(&line));
}

struct canvas widget_box(struct canvas c, const char *title, const char *foot, unsigned flags)
{
    enum term_role role = flags & WIDGET_FOCUS ? TERM_BORDER_FOCUS : TERM_BORDER;
    if (c.w < 2 || c.h < 2)
        return canvas_cut(c, 0, 0, 0, 0);
    term_box(c.s, c.x, c.y, c.w, c.h, role, flags & WIDGET_DOUBLE);
    in_frame(c, 0, flags & WIDGET_FOCUS ? TERM_TITLE : role, title, false);
    in_frame(c, c.h - 1, role, foot, true);
    return canvas_cut(c, 1, 1, c.w - 2, c.h - 2);
}

struct canvas widget_dialog(struct canvas c, int w, int h, const char *title, unsigned flags)
{
    w = w < c.w ? w : c.w;
    h = h < c.h ? h : c.h;
    struct canvas d = canvas_cut(c, (c.w - w) / 2, (c.h - h) / 2, w, h);
    if (d.w > 0 && d.h > 0)
        term_fill(d.s, d.x, d.y, d.w, d.h, TERM_BASE);
    return widget_box(d, title, NULL, flags);
}
