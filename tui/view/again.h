/*
 * again.h: reading once more what is no subscription, when a subscription says that something
 * changed: one reading at a time, and at most one a second, however often it changes.
 */
#ifndef RK_VIEW_AGAIN_H
#define RK_VIEW_AGAIN_H

#include "view/view.h"

struct view_again {
    struct view *view;
    void (*read)(struct view *v);       /* begins; view_again_done when all of it came or failed */
    struct run_timer *rest;
    bool busy, wanted;
    char *seen;                         /* what the subscription said last */
};
void view_again_ask(struct view_again *a);      /* now, or after what is under way */
/* What the subscription says now, in words of the view; freed here. Asks when it was another. */
void view_again_seen(struct view_again *a, char *state);
void view_again_now(struct view_again *a);      /* what is under way counts for nothing any more */
void view_again_done(struct view_again *a);
void view_again_end(struct view_again *a);

#endif
