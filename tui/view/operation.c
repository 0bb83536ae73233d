/*
 * operation.c: one operation, followed by waves. The engine owns it: this view only looks, and
 * stopping goes through the confirmation. Events are those of the object that failed, or of the row
 * that `e` was pressed on.
 */
#include <stdlib.h>

#include "reckon/text.h"
#include "view/operation_int.h"
#include "view/plan_int.h"

enum { CLOCK_MS = 5000 };

static struct operation_view *of(struct view *v)
{
    return (struct operation_view *)v;
}

const struct wire_operation *operation_of(const struct operation_view *o)
{
    return o->feed.value;
}

bool operation_done(const struct wire_operation *op)
{
    return op->finished != 0;
}

bool operation_bad(const struct wire_operation *op)
{
    return operation_done(op) && !rk_streq(op->state, "Succeeded") &&
           !rk_streq(op->state, "Superseded");
}

size_t operation_culprit(const struct wire_operation *op)
{
    size_t last = op->n_tasks;

    for (size_t i = 0; i < op->n_tasks; i++) {
        if (rk_streq(op->tasks[i].state, "failed"))
            return i;
        if (op->tasks[i].started)
            last = i;
    }
    return operation_bad(op) ? last : op->n_tasks;
}

/* ---- what came ---- */
static void clock_tick(void *ctx)
{
    struct operation_view *o = ctx;

    o->v.host->changed(o->v.host->ctx);
}

static void keep_clock(struct operation_view *o, bool running)
{
    if (running && !o->clock)
        o->clock = run_timer_start(o->v.host->loop, CLOCK_MS, CLOCK_MS, clock_tick, o);
    if (!running) {
        run_timer_stop(o->clock);
        o->clock = NULL;
    }
}

static size_t at_work(const struct wire_operation *op)
{
    size_t culprit = operation_culprit(op);

    for (size_t i = 0; culprit == op->n_tasks && i < op->n_tasks; i++)
        if (rk_streq(op->tasks[i].state, "running"))
            return i;
    return culprit < op->n_tasks ? culprit : op->n_tasks ? op->n_tasks - 1 : 0;
}

static void changed(struct view_feed *f)
{
    struct operation_view *o = of(f->view);
    const struct wire_operation *op = operation_of(o);

    if (!op)
        return;
    o->v.production = widget_is_production(op->environment, false);
    widget_list_set(&o->list, op->n_tasks, o->followed ? at_work(op) : o->list.cursor);
    keep_clock(o, !operation_done(op));
    operation_events_look(o);
}

/* ---- other views ---- */
const struct wire_task *operation_task(const struct operation_view *o)
{
    const struct wire_operation *op = operation_of(o);

    return op && o->list.cursor < op->n_tasks ? &op->tasks[o->list.cursor] : NULL;
}

static bool open_resource(struct operation_view *o, const char *what)
{
    const struct wire_task *t = operation_task(o);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (!t)
        return true;
    struct view_target target = {.app = operation_of(o)->app, .object = plan_object(a, t),
                                 .environment = operation_of(o)->environment, .what = what};
    o->v.host->open("resource", &target, o->v.host->ctx);
    return true;
}

static void revert(struct view *v, const struct wire_operation *op)
{
    struct wire_plan_params p = {.kind = "revert", .app = op->app};
    bool moved = op->from && op->from[0] && !rk_streq(op->from, op->revision);

    if (op->commit && op->commit[0])
        p.commit = op->commit;
    else if (moved)
        p.to = op->from;
    else {
        view_say(v, TERM_STATUS, "it moved no revision: there is nothing in git to take back");
        return;
    }
    struct view_target t = {.app = op->app, .environment = op->environment, .plan = &p};
    v->host->open("plan", &t, v->host->ctx);
}

static void stop(struct view *v, const struct wire_operation *op, const char *what)
{
    struct view_target t = {.what = what, .app = op->app, .environment = op->environment,
                            .operation = op->id};

    if (v->host->readonly)
        return;
    if (operation_done(op))
        view_say(v, TERM_STATUS, "it has ended already");
    else
        v->host->open("confirm", &t, v->host->ctx);
}

bool operation_do(struct view *v, const struct wire_operation *op, enum view_action act)
{
    if (act == ACT_STOP)
        stop(v, op, "stop");
    else if (act == ACT_ABORT)
        stop(v, op, "abort");
    else if (act == ACT_REVERT)
        revert(v, op);
    else if (act == ACT_COPY)
        VIEW_COPY(v, {'i', "operation", op->id}, {'s', "revision", op->revision},
                  {'f', "from", op->from}, {'c', "commit", op->commit}, {'p', "plan", op->fingerprint},
                  {'m', "message", op->message});
    else
        return false;
    return true;
}

/* ---- keys ---- */
static bool move(struct operation_view *o, enum widget_move m)
{
    if (o->pane == OPERATION_EVENTS)
        return operation_events_scroll(o, m);
    o->followed = false;
    (void)widget_list_move(&o->list, m);
    return true;
}

static bool wave_begins(const struct wire_operation *op, size_t i)
{
    return i == 0 || op->tasks[i].wave != op->tasks[i - 1].wave ||
           !rk_streq(op->tasks[i].phase, op->tasks[i - 1].phase);
}

static bool unfinished(const struct wire_operation *op, size_t i)
{
    return !rk_streq(op->tasks[i].state, "done") && !rk_streq(op->tasks[i].state, "skipped");
}

static bool jump(struct operation_view *o, bool (*is)(const struct wire_operation *op, size_t i),
                 int by)
{
    const struct wire_operation *op = operation_of(o);
    size_t at = o->list.cursor;

    while (op && (by > 0 ? at + 1 < op->n_tasks : at > 0)) {
        at = by > 0 ? at + 1 : at - 1;
        if (is(op, at)) {
            o->followed = false;
            o->list.cursor = at;
            return true;
        }
    }
    view_say(&o->v, TERM_STATUS, "no more of them %s", by > 0 ? "below" : "above");
    return true;
}

static bool refresh(struct operation_view *o)
{
    const struct wire_task *t = operation_task(o);

    if (t)
        operation_events_ask(o, t);
    return true;
}

static bool back(struct operation_view *o)
{
    if (o->pane != OPERATION_EVENTS)
        return false;
    o->pane = OPERATION_WAVES;
    return true;
}

static bool operation_act(struct view *v, enum view_action act)
{
    struct operation_view *o = of(v);
    const struct wire_operation *op = operation_of(o);
    enum widget_move m;

    if (view_moves(act, &m))
        return move(o, m);
    switch ((int)act) {
    case ACT_OPEN: case ACT_RIGHT: case ACT_LOGS: return open_resource(o, "logs");
    case ACT_EVENTS: case ACT_NEXT_PANE: case ACT_PREV_PANE: return operation_events_show(o);
    case ACT_BACK: case ACT_LEFT: return back(o);
    case ACT_NEXT_PROBLEM: return jump(o, unfinished, 1);
    case ACT_PREV_PROBLEM: return jump(o, unfinished, -1);
    case ACT_NEXT_UNIT: return jump(o, wave_begins, 1);
    case ACT_PREV_UNIT: return jump(o, wave_begins, -1);
    case ACT_STOP: case ACT_ABORT: case ACT_REVERT: case ACT_COPY:
        return !op || operation_do(v, op, act);
    case ACT_REFRESH: return refresh(o);
    default: return false;
    }
}

static bool row_has(struct view *v, size_t row, rk_str text)
{
    const struct wire_task *t = &operation_of(of(v))->tasks[row];
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const char *all = rk_arena_f(a, "%s/%s %s", view_text(t->kind), view_text(t->name),
                                 view_text(t->message));

    return widget_found(rk_str_c(all), text);
}

static bool operation_find(struct view *v, rk_str text, int direction)
{
    struct operation_view *o = of(v);
    bool found = view_find_row(v, &o->list, text, direction, row_has);

    o->followed = o->followed && !(found && text.n);
    return found;
}

/* ---- what stands around it ---- */
static void operation_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    struct operation_view *o = of(v);
    const struct wire_operation *op = operation_of(o);
    struct rk_buf name rk_auto(rk_buf_release) = RK_BUF_INIT;

    (void)right;
    if (!op) {
        rk_buf_f(left, "OPERATION %.8s", o->id);
        return;
    }
    for (const char *k = view_text(op->kind); *k; k++)
        rk_buf_ch(&name, *k >= 'a' && *k <= 'z' ? (char)(*k - 'a' + 'A') : *k);
    rk_buf_f(&name, "  %s/%s", op->environment ? op->environment : "-", op->app ? op->app : "-");
    rk_text_safe(left, rk_buf_view(&name), 0);
}

static void operation_status(struct view *v, struct rk_buf *out)
{
    const struct wire_operation *op = operation_of(of(v));

    if (op && !operation_done(op))
        rk_buf_c(out, "Closing this screen or losing the line does not stop it.");
}

static const enum view_action *operation_hints(struct view *v)
{
    static const enum view_action running[] = {
        ACT_EVENTS, ACT_LOGS, ACT_STOP, ACT_ABORT, ACT_REVERT, ACT_COPY, ACT_NONE};
    static const enum view_action ended[] = {ACT_REVERT, ACT_EVENTS, ACT_LOGS, ACT_COPY, ACT_NONE};
    const struct wire_operation *op = operation_of(of(v));

    return op && operation_done(op) ? ended : running;
}

/* ---- life ---- */
static int operation_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct operation_view *o = of(v);

    if (!t->operation)
        return rk_fail(err, RK_INVALID, "an operation's id is missing");
    o->id = rk_strdup(t->operation);
    o->followed = true;
    v->production = widget_is_production(t->environment, false);
    o->feed.changed = changed;
    o->feed.patch = view_patch_rows;
    view_feed_open(v, &o->feed, "operation.watch", &(struct wire_operation_ref){o->id});
    return 0;
}

static void operation_close(struct view *v)
{
    struct operation_view *o = of(v);

    run_timer_stop(o->clock);
    rk_arena_free(o->events_arena);
    free(o->events_of);
    free(o->events_at);
    free(o->id);
}

static struct widget_list *operation_list(struct view *v)
{
    return &of(v)->list;
}

const struct view_class view_operation = {
    .name = "operation", .title = "Operation", .size = sizeof(struct operation_view),
    .open = operation_open, .close = operation_close, .draw = operation_draw,
    .act = operation_act, .list = operation_list, .headline = operation_headline,
    .hints = operation_hints,
    .status = operation_status, .find = operation_find,
};
