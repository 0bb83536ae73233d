/*
 * facts.h: the pane beside a list that tells all of the row under the cursor: a label and its text
 * a line, long texts in as many lines as they need. And where list and pane stand.
 */
#ifndef RK_VIEW_FACTS_H
#define RK_VIEW_FACTS_H

#include "view/view_int.h"

enum { VIEW_LABEL = 13 };
struct view_fact { const char *label; enum term_role role; rk_str text; };
struct view_facts { struct rk_arena *mem; struct view_fact *v; size_t n, cap; int w; };
/* Foreign text is made safe, its newlines stay; nothing for NULL and "". */
void view_fact(struct view_facts *f, const char *label, enum term_role role, const char *text);
void view_fact_f(struct view_facts *f, const char *label, enum term_role role, const char *fmt, ...)
    RK_PRINTF(4, 5);
void view_fact_rev(struct view_facts *f, const char *from, const char *to);     /* a -> b */
void view_fact_sign(struct view_facts *f, const char *label, struct widget_sign s);
void view_fact_time(struct view_facts *f, const char *label, int64_t now, int64_t time);

/* Beside one another, above one another, or the one of them that has the focus. */
struct view_panes { struct canvas list, detail; };      /* h 0: it is not shown */
struct view_panes view_panes_of(struct canvas c, bool detail);
/* The pane beside the list: whether it has the focus, the line it begins with. */
struct view_side { bool focus; size_t scroll; };
/* Into it, out of it, and moves within it; false: the action is the list's. */
bool view_side_act(struct view_side *s, enum view_action act);
/* In a frame; the scrolled line is clamped. */
void view_facts_draw(const struct view_facts *f, struct canvas c, const char *title,
                     bool production, struct view_side *s);

#endif
