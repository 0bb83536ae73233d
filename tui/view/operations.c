/*
 * operations.c: all operations, the running ones first. The list is no subscription: it is asked
 * for again when the engine reports activity, at most once a second.
 */
#include <stdio.h>
#include <stdlib.h>

#include "view/again.h"
#include "view/operation_int.h"

enum { LIMIT = 199 };

struct operations_view {
    struct view v;
    char *app;                  /* NULL: of all */
    struct view_feed activity;
    struct view_again again;
    size_t asked;               /* answers to earlier questions are dropped */
    struct rk_arena *arena;
    const struct wire_operation_page *page;     /* NULL: not here yet */
    const struct wire_operation **rows;         /* in arena */
    struct rk_err err;
    struct widget_list list;
};

static struct operations_view *of(struct view *v)
{
    return (struct operations_view *)v;
}

/* ---- asking ---- */
static void order(struct operations_view *o)
{
    const struct wire_operation_page *p = o->page;
    size_t n = 0;

    o->rows = rk_arena_array(o->arena, p->n_operations + 1, sizeof(*o->rows));
    for (int ended = 0; ended < 2; ended++)
        for (size_t i = 0; i < p->n_operations; i++)
            if (operation_done(&p->operations[i]) == (ended == 1))
                o->rows[n++] = &p->operations[i];
}

static const struct wire_operation *row_at(const struct operations_view *o, size_t row)
{
    return o->page && row < o->page->n_operations ? o->rows[row] : NULL;
}

/* The cursor stays with its operation. */
static size_t row_of(const struct operations_view *o, const char *id)
{
    for (size_t i = 0; id && i < o->page->n_operations; i++)
        if (rk_streq(o->rows[i]->id, id))
            return i;
    return o->list.cursor;
}

static void came(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                 void *ctx)
{
    struct operations_view *o = of(v);
    const struct wire_operation *at = row_at(o, o->list.cursor);
    struct rk_arena *old = o->arena;

    if ((size_t)(uintptr_t)ctx != o->asked) {
        rk_arena_free(a);
        return;
    }
    rk_err_clear(&o->err);
    if (err) {
        o->err = *err;
        rk_arena_free(a);
    } else {
        o->arena = a;
        o->page = value;
        order(o);
        widget_list_set(&o->list, o->page->n_operations, row_of(o, at ? at->id : NULL));
        rk_arena_free(old);
    }
    view_again_done(&o->again);
}

static void ask(struct view *v)
{
    struct operations_view *o = of(v);
    struct wire_operations_params p = {.app = o->app, .limit = LIMIT};

    view_call(v, "operation.list", &p, came, (void *)(uintptr_t)++o->asked);
}

static void activity(struct view_feed *f)
{
    view_again_ask(&of(f->view)->again);
}

/* ---- drawing ---- */
static const char *name_of(struct rk_arena *a, const struct wire_operation *op)
{
    return rk_arena_f(a, "%s/%s", widget_safe(a, op->environment), widget_safe(a, op->app));
}

/* What the longest name needs, at most two fifths of the row. */
static int name_width(const struct operations_view *o, int width)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    int most = 8;

    for (size_t i = 0; i < o->page->n_operations; i++) {
        int w = term_width(rk_str_c(name_of(a, o->rows[i])));
        most = w > most ? w : most;
    }
    return most < width * 2 / 5 ? most : width * 2 / 5;
}

static void draw_row(const struct operations_view *o, const struct wire_operation *op, int name,
                     struct canvas c, int y)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct widget_sign s = widget_result(op->state);
    bool production = widget_is_production(op->environment, false);
    const struct widget_column columns[] = {
        {"state", 12, 12, false}, {"age", 4, 4, true}, {"kind", 7, 7, false},
        {"what", name, name, false}, {"message", 8, 0, false}, {"who", 8, 14, false},
    };
    const char *text = op->message && op->message[0] ? op->message : op->reason;
    char age[16];
    int x[6], w[6];

    widget_age(o->v.host->now(o->v.host->ctx), op->started, age);
    widget_columns(columns, RK_LEN(columns), c.w, x, w);
    canvas_cell(c, x[0], y, w[0], s.role,
                rk_str_c(rk_arena_f(a, "%s %s", s.sign, widget_safe(a, s.word))));
    canvas_cell(c, x[1], y, w[1], TERM_DIM, rk_str_c(rk_arena_f(a, "%4s", age)));
    canvas_cell(c, x[2], y, w[2], TERM_BASE, rk_str_c(widget_safe(a, op->kind)));
    canvas_cell(c, x[3], y, w[3], widget_environment(op->environment, production),
                rk_str_c(name_of(a, op)));
    canvas_cell(c, x[4], y, w[4], operation_bad(op) ? TERM_ERROR : TERM_BASE,
                rk_str_c(widget_safe(a, text)));
    canvas_cell(c, x[5], y, w[5], TERM_WHO, rk_str_c(widget_safe(a, op->actor)));
}

static void draw_none(const struct operations_view *o, struct canvas in)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    if (o->err.code)
        canvas_cell(in, 1, 0, in.w - 1, TERM_ERROR, rk_str_c(widget_safe(a, o->err.text)));
    else if (!o->page)
        canvas_put(in, 1, 0, TERM_PROGRESS, RK_STR("~ the engine is asked"));
    else
        canvas_put(in, 1, 0, TERM_DIM, RK_STR("no operation yet: the first sync begins it"));
}

static void operations_draw(struct view *v, struct canvas c)
{
    struct operations_view *o = of(v);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    char foot[32];
    size_t n = o->page ? o->page->n_operations : 0;

    widget_list_show(&o->list, c.h - 2);
    widget_list_foot(&o->list, foot);
    const char *title = o->page && o->page->total > (int64_t)n
                            ? rk_arena_f(a, "Operations: the latest %zu of %lld", n,
                                         (long long)o->page->total)
                            : "Operations";
    struct canvas in = widget_box(c, title, foot, WIDGET_FOCUS);
    widget_list_place(&o->list, in);
    if (!n)
        draw_none(o, in);
    int name = n ? name_width(o, in.w) : 0;
    for (int y = 0; y < in.h && o->list.top + (size_t)y < n; y++) {
        size_t i = o->list.top + (size_t)y;
        draw_row(o, o->rows[i], name, in, y);
        if (i == o->list.cursor)
            canvas_tint(in, y, TERM_CURSOR);
    }
}

/* ---- keys ---- */
static bool open_row(struct operations_view *o)
{
    const struct wire_operation *op = row_at(o, o->list.cursor);

    if (op) {
        struct view_target t = {.operation = op->id, .app = op->app,
                                .environment = op->environment};
        o->v.host->open("operation", &t, o->v.host->ctx);
    }
    return true;
}

static bool jump(struct operations_view *o, int by)
{
    size_t at = o->list.cursor, n = o->page ? o->page->n_operations : 0;

    while (by > 0 ? at + 1 < n : at > 0) {
        at = by > 0 ? at + 1 : at - 1;
        if (!operation_done(o->rows[at]) || operation_bad(o->rows[at])) {
            o->list.cursor = at;
            return true;
        }
    }
    view_say(&o->v, TERM_STATUS, "no more of them %s", by > 0 ? "below" : "above");
    return true;
}

static bool operations_act(struct view *v, enum view_action act)
{
    struct operations_view *o = of(v);
    const struct wire_operation *op = row_at(o, o->list.cursor);
    enum widget_move m;

    if (view_moves(act, &m)) {
        (void)widget_list_move(&o->list, m);
        return true;
    }
    switch ((int)act) {
    case ACT_OPEN: case ACT_RIGHT: return open_row(o);
    case ACT_NEXT_PROBLEM: return jump(o, 1);
    case ACT_PREV_PROBLEM: return jump(o, -1);
    case ACT_STOP: case ACT_ABORT: case ACT_REVERT: case ACT_COPY:
        return !op || operation_do(v, op, act);
    case ACT_REFRESH: view_again_now(&o->again); return true;
    default: return false;
    }
}

static const enum view_action *operations_hints(struct view *v)
{
    static const enum view_action hints[] = {ACT_OPEN, ACT_REVERT, ACT_STOP, ACT_ABORT,
                                             ACT_NEXT_PROBLEM, ACT_COPY, ACT_REFRESH, ACT_NONE};

    (void)v;
    return hints;
}

static bool row_has(struct view *v, size_t row, rk_str text)
{
    const struct wire_operation *op = of(v)->rows[row];
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const char *all = rk_arena_f(a, "%s %s %s/%s %s %s %s", view_text(op->state),
                                 view_text(op->kind), view_text(op->environment),
                                 view_text(op->app), view_text(op->actor), view_text(op->message),
                                 view_text(op->reason));

    return widget_found(rk_str_c(all), text);
}

static bool operations_find(struct view *v, rk_str text, int direction)
{
    return view_find_row(v, &of(v)->list, text, direction, row_has);
}

/* ---- life ---- */
static void operations_connected(struct view *v)
{
    view_again_now(&of(v)->again); /* answers of the old line do not come any more */
}

static int operations_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct operations_view *o = of(v);

    (void)err;
    o->app = t->app ? rk_strdup(t->app) : NULL;
    o->again = (struct view_again){.view = v, .read = ask};
    o->activity.changed = activity;
    view_feed_open(v, &o->activity, "activity.watch", &(struct wire_apps_params){0});
    view_again_now(&o->again);
    return 0;
}

static void operations_close(struct view *v)
{
    struct operations_view *o = of(v);

    view_again_end(&o->again);
    rk_arena_free(o->arena);
    free(o->app);
}

/* Asked for again it is there already, of all or of the same application. */
static bool operations_retarget(struct view *v, const struct view_target *t)
{
    return rk_streq(of(v)->app, t->app);
}

static struct widget_list *operations_list(struct view *v)
{
    return &of(v)->list;
}

const struct view_class view_operations = {
    .name = "operations", .title = "Operations", .size = sizeof(struct operations_view),
    .open = operations_open, .close = operations_close, .draw = operations_draw,
    .act = operations_act, .list = operations_list, .hints = operations_hints,
    .find = operations_find,
    .connected = operations_connected, .retarget = operations_retarget,
};
