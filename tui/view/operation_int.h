/*
 * operation_int.h: what the views of one operation and of all of them share: how one is named, and
 * the preview that takes it back.
 */
#ifndef RK_VIEW_OPERATION_INT_H
#define RK_VIEW_OPERATION_INT_H

#include "view/view_int.h"

enum operation_pane { OPERATION_WAVES, OPERATION_EVENTS };

struct operation_view {
    struct view v;
    char *id;
    struct view_feed feed;      /* operation.watch */
    struct run_timer *clock;    /* while it runs: the times move on */
    struct widget_list list;
    enum operation_pane pane;
    bool followed;              /* the cursor goes with the work until a key moves it */
    /* events of one object */
    struct rk_arena *events_arena;
    const struct wire_events *events;   /* NULL: not here */
    struct rk_err events_err;
    char *events_of, *events_at;        /* object; its state and message when they were asked for */
    size_t events_asked;
    size_t scroll;              /* events from the last one upwards */
};

const struct wire_operation *operation_of(const struct operation_view *o);     /* NULL: not yet */
bool operation_done(const struct wire_operation *op);
bool operation_bad(const struct wire_operation *op);    /* it ended, and not well */
/* The first task that failed, else of one that ended badly the last that began; n_tasks: none. */
size_t operation_culprit(const struct wire_operation *op);
/* Stop and abort (confirmed in a dialog), the revert's preview, its id; false: another action. */
bool operation_do(struct view *v, const struct wire_operation *op, enum view_action act);

const struct wire_task *operation_task(const struct operation_view *o);    /* under the cursor */

/* ---- operation_events.c ---- */
void operation_events_ask(struct operation_view *o, const struct wire_task *t);
void operation_events_look(struct operation_view *o);   /* after the operation moved */
bool operation_events_show(struct operation_view *o);   /* opens or closes their pane */
bool operation_events_scroll(struct operation_view *o, enum widget_move m);

void operation_draw(struct view *v, struct canvas c);   /* operation_draw.c */

#endif
