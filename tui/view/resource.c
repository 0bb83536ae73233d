/*
 * resource.c: the resource view: one object (or all of an application): the tree of what it owns
 * with the causes of its health, its events, the log of its newest pod.
 */
#include "view/resource_int.h"

#include <stdlib.h>

static struct resource_view *of(struct view *v)
{
    return (struct resource_view *)v;
}

/* ---- reading ---- */
static void answered(struct resource_view *v, struct resource_answer *to, void *value,
                     struct rk_arena *a, const struct rk_err *err)
{
    if (err) { /* what was there stays */
        to->err = *err;
        rk_arena_free(a);
    } else {
        rk_err_clear(&to->err);
        rk_arena_free(to->mem);
        to->mem = a;
        to->value = value;
    }
    if (--v->waited == 0)
        view_again_done(&v->again);
}

static bool is_current(const struct resource_view *v, void *ctx, struct rk_arena *a)
{
    bool current = (int64_t)(intptr_t)ctx == v->round;
    if (!current)
        rk_arena_free(a);
    return current;
}

/* The row that says the same as before; else the same place. */
static size_t row_of(const struct resource_view *v, enum resource_pane pane, size_t n,
                     const char *text)
{
    struct rk_buf row rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        rk_buf_clear(&row);
        resource_row_text(v, pane, i, &row);
        if (row.n && rk_streq(row.p, text))
            return i;
    }
    return v->list[pane].cursor;
}

static bool has_pod(const struct wire_owners *t)
{
    for (size_t i = 0; t && i < t->n_rows; i++)
        if (rk_str_is(view_object_of(t->rows[i].object).kind, "Pod"))
            return true;
    return false;
}

static void owners_came(struct view *view, void *value, struct rk_arena *a,
                        const struct rk_err *err, void *ctx)
{
    struct resource_view *v = of(view);
    struct rk_buf here rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!is_current(v, ctx, a))
        return;
    resource_row_text(v, RES_TREE, v->list[RES_TREE].cursor, &here);
    answered(v, &v->owners, value, a, err);
    const struct wire_owners *t = resource_owners(v);
    size_t n = t ? t->n_rows : 0;
    widget_list_set(&v->list[RES_TREE], n, row_of(v, RES_TREE, n, here.p));
    if (!v->logs_chosen && !v->logs && has_pod(t))
        resource_logs_open(v, v->object);
}

static int newest_first(const void *x, const void *y)
{
    const struct wire_event_row *a = x, *b = y;
    return a->time < b->time ? 1 : a->time > b->time ? -1 : 0;
}

static void events_came(struct view *view, void *value, struct rk_arena *a,
                        const struct rk_err *err, void *ctx)
{
    struct resource_view *v = of(view);
    struct wire_events *w = value;
    struct rk_buf here rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!is_current(v, ctx, a))
        return;
    if (w && w->n_events)
        qsort(w->events, w->n_events, sizeof *w->events, newest_first);
    bool at_top = v->list[RES_EVENTS].cursor == 0;
    resource_row_text(v, RES_EVENTS, v->list[RES_EVENTS].cursor, &here);
    answered(v, &v->events, value, a, err);
    size_t n = resource_events(v) ? resource_events(v)->n_events : 0;
    widget_list_set(&v->list[RES_EVENTS], n, at_top ? 0 : row_of(v, RES_EVENTS, n, here.p));
}

static void read_again(struct view *view)
{
    struct resource_view *v = of(view);
    struct wire_object_ref p = {v->app, v->object};
    void *round = (void *)(intptr_t)++v->round;
    v->waited = 2;
    view_call(view, "owners.get", &p, owners_came, round);
    view_call(view, "events.list", &p, events_came, round);
}

static void watched(struct view_feed *f)
{
    struct resource_view *v = of(f->view);
    const struct wire_app_detail *d = f->value;
    if (!d)
        return;
    v->view.production = widget_is_production(d->row.environment, d->row.locked);
    view_again_seen(&v->again, rk_asprintf("%lld %s", (long long)d->row.changed,
                                           d->row.health ? d->row.health : ""));
}

/* ---- life ---- */
static int resource_open(struct view *view, const struct view_target *t, struct rk_err *err)
{
    struct resource_view *v = of(view);
    if (!t->app)
        return rk_fail(err, RK_INVALID, "resource: of which application?");
    v->app = rk_strdup(t->app);
    v->object = t->object ? rk_strdup(t->object) : NULL;
    v->watch.changed = watched;
    v->again.view = view;
    v->again.read = read_again;
    struct wire_app_ref p = {v->app};
    view_feed_open(view, &v->watch, "application.watch", &p);
    view_again_now(&v->again);
    return 0;
}

static void resource_close(struct view *view)
{
    struct resource_view *v = of(view);
    view_again_end(&v->again);
    resource_log_release(&v->log);
    rk_arena_free(v->owners.mem);
    rk_arena_free(v->events.mem);
    free(v->app);
    free(v->object);
    free(v->logged);
    free(v->find);
}

static void resource_connected(struct view *view)
{
    view_again_now(&of(view)->again);
}

/* ---- rows ---- */
void resource_row_text(const struct resource_view *v, enum resource_pane pane, size_t i,
                       struct rk_buf *out)
{
    const struct wire_owners *t = resource_owners(v);
    const struct wire_events *e = resource_events(v);
    struct rk_arena *a = rk_arena_new();
    if (pane == RES_LOGS)
        rk_buf_c(out, resource_log_at(&v->log, i));
    else if (pane == RES_TREE && t && i < t->n_rows)
        rk_buf_c(out, widget_safe(a, t->rows[i].object));
    else if (pane == RES_EVENTS && e && i < e->n_events)
        rk_buf_f(out, "%s %s %s %s", widget_safe(a, e->events[i].type),
                 widget_safe(a, e->events[i].reason), widget_safe(a, e->events[i].object),
                 widget_safe(a, e->events[i].message));
    rk_arena_free(a);
}

/* ---- lines around ---- */
static void resource_headline(struct view *view, struct rk_buf *left, struct rk_buf *right)
{
    static const char *const names[RES_PANES] = {"owners", "events", "log"};
    struct resource_view *v = of(view);
    struct rk_arena *a = rk_arena_new();
    struct view_object o = view_object_of(v->object ? v->object : "");
    if (v->object)
        rk_buf_f(left, "%s  of %s",
                 widget_safe(a, rk_arena_f(a, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(o.kind),
                                           RK_ARG_STR(o.name))), v->app);
    else
        rk_buf_f(left, "all of %s", v->app);
    for (int p = 0; p < (v->logs ? RES_PANES : RES_LOGS); p++)
        rk_buf_f(right, (int)v->pane == p ? "%s[%s]" : "%s%s", p ? " " : "", names[p]);
    rk_arena_free(a);
}

static const enum view_action *resource_hints(struct view *view)
{
    static const enum view_action actions[] = {
        ACT_NEXT_PANE, ACT_NEXT_PROBLEM, ACT_LOGS, ACT_EVENTS, ACT_DIFF, ACT_SYNC, ACT_FIND,
        ACT_COPY, ACT_OPEN, ACT_BACK, ACT_NONE};
    (void)view;
    return actions;
}

static struct widget_list *resource_list(struct view *v)
{
    return &of(v)->list[of(v)->pane];
}

const struct view_class view_resource = {
    .name = "resource", .title = "Resource", .size = sizeof(struct resource_view),
    .open = resource_open, .close = resource_close, .draw = resource_draw, .list = resource_list,
    .act = resource_act,
    .headline = resource_headline, .hints = resource_hints, .find = resource_find,
    .connected = resource_connected,
};
