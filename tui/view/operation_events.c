/*
 * operation_events.c: the events of one object of an operation: of what failed, by itself; of the
 * row under the cursor, when a key asks.
 */
#include <stdlib.h>

#include "view/operation_int.h"
#include "view/plan_int.h"
static void events_came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                        void *ctx)
{
    struct operation_view *o = (struct operation_view *)v;

    if ((size_t)(uintptr_t)ctx != o->events_asked) {
        rk_arena_free(a);
        return;
    }
    rk_err_clear(&o->events_err);
    if (err)
        o->events_err = *err;
    rk_arena_free(o->events_arena);
    o->events_arena = a;
    o->events = value;
    o->scroll = 0;
}

void operation_events_ask(struct operation_view *o, const struct wire_task *t)
{
    const struct wire_operation *op = operation_of(o);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_object_ref ref = {op->app, plan_object(a, t)};

    free(o->events_of);
    free(o->events_at);
    o->events_of = rk_strdup(ref.object);
    o->events_at = rk_asprintf("%s %s", view_text(t->state), view_text(t->message));
    view_call(&o->v, "events.list", &ref, events_came, (void *)(uintptr_t)++o->events_asked);
}

/* What failed explains itself by its events: asked for when it does, and when its message moves. */
void operation_events_look(struct operation_view *o)
{
    const struct wire_operation *op = operation_of(o);
    size_t i = op ? operation_culprit(op) : 0;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (!op || i >= op->n_tasks)
        return;
    const struct wire_task *t = &op->tasks[i];
    const char *at = rk_arena_f(a, "%s %s", view_text(t->state), view_text(t->message));
    if (!rk_streq(o->events_of, plan_object(a, t)) || !rk_streq(o->events_at, at))
        operation_events_ask(o, t);
}

bool operation_events_show(struct operation_view *o)
{
    const struct wire_task *t = operation_task(o);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (o->pane == OPERATION_EVENTS || !t) {
        o->pane = OPERATION_WAVES;
        return true;
    }
    o->pane = OPERATION_EVENTS;
    if (!rk_streq(o->events_of, plan_object(a, t))) {
        rk_arena_free(o->events_arena);
        o->events_arena = NULL;
        o->events = NULL;
        operation_events_ask(o, t);
    }
    return true;
}

bool operation_events_scroll(struct operation_view *o, enum widget_move m)
{
    size_t n = o->events ? o->events->n_events : 0;
    struct widget_list l = {.n = n, .cursor = n - (o->scroll < n ? o->scroll : n),
                            .page = o->list.page};

    if (l.cursor)
        l.cursor--;
    (void)widget_list_move(&l, m);
    o->scroll = n ? n - 1 - l.cursor : 0;
    return true;
}
