/*
 * marks.h: two marked entries, and the comparison of what git said at each: the view "diff" of two
 * revisions. Texts are copied.
 */
#ifndef RK_VIEW_MARKS_H
#define RK_VIEW_MARKS_H

#include "view/view_int.h"

enum { VIEW_MARKS = 2 };
struct view_mark {
    const char *id;             /* what it is recognised by; the same in every reading */
    const char *group;          /* only marks of one group are compared: an application */
    const char *app, *rev;      /* what the engine is asked for; app: its full name */
    int64_t order;              /* the lower one is what the other is compared with */
};
struct view_marks { struct view_mark v[VIEW_MARKS]; size_t n; };
bool view_marked(const struct view_marks *m, const char *id);
/* Marks it, or takes its mark off. A third one takes the place of the first; one of another group
 * that of all. */
void view_mark(struct view *v, struct view_marks *m, const struct view_mark *mark);
void view_unmark(struct view_marks *m);
/* Opens the comparison of the two; false: nothing is marked. */
bool view_marks_compare(struct view *v, const struct view_marks *m);

#endif
