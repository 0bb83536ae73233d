/*
 * resource_act.c: the keys of the resource view: panes, moves, logs on and off, finding. It opens
 * other views and previews, and writes nothing.
 */
#include "view/resource_int.h"

#include <stdlib.h>

enum { SHIFT = 8 };

static struct resource_view *of(struct view *v)
{
    return (struct resource_view *)v;
}

/* The tree's object that the cursor is on; NULL: none. */
static const char *object_here(const struct resource_view *v)
{
    const struct wire_owners *t = resource_owners(v);
    size_t i = v->list[RES_TREE].cursor;
    return t && i < t->n_rows ? t->rows[i].object : NULL;
}

static bool is_problem(const struct resource_view *v, size_t i)
{
    const struct wire_owners *t = resource_owners(v);
    const struct wire_events *e = resource_events(v);
    if (v->pane == RES_TREE && t && i < t->n_rows)
        return !rk_streq(t->rows[i].health, "Healthy") && !rk_streq(t->rows[i].health, "None");
    return v->pane == RES_EVENTS && e && i < e->n_events && rk_streq(e->events[i].type, "Warning");
}

/* ---- actions ---- */
static bool go_problem(struct resource_view *v, int step)
{
    struct widget_list *l = &v->list[v->pane];
    for (size_t i = l->cursor + (size_t)step; i < l->n; i += (size_t)step)
        if (is_problem(v, i)) {
            l->cursor = i;
            return true;
        }
    view_say(&v->view, TERM_STATUS, step > 0 ? "no problem below" : "no problem above");
    return true;
}

static bool go_pane(struct resource_view *v, int step)
{
    int panes = v->logs ? RES_PANES : RES_LOGS;
    v->pane = (enum resource_pane)(((int)v->pane + step + panes) % panes);
    v->shift = 0;
    return true;
}

/* Logs of what the cursor of the tree is on; off again when they are on. */
static bool toggle_logs(struct resource_view *v)
{
    const char *here = v->pane == RES_TREE ? object_here(v) : NULL;
    v->logs_chosen = true;
    if (v->logs && (!here || rk_streq(here, v->logged))) {
        resource_logs_close(v);
        v->pane = v->pane == RES_LOGS ? RES_TREE : v->pane;
        return true;
    }
    resource_logs_open(v, here ? here : v->object);
    v->pane = RES_LOGS;
    return true;
}

static bool refresh(struct resource_view *v)
{
    view_again_ask(&v->again);
    if (v->logs && v->follow.ended) /* of a pod that is gone: its follower's */
        resource_logs_open(v, v->logged);
    return false; /* the console asks git and the cluster, too */
}

static bool open_view(struct resource_view *v, const char *name, const char *object)
{
    struct view_target t = {.app = v->app, .object = object};
    v->view.host->open(name, &t, v->view.host->ctx);
    return true;
}

/* Closer: the object of the tree; of an event or a line of the log the whole text. */
static bool open_row(struct resource_view *v)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *here = object_here(v);
    if (v->pane == RES_TREE)
        return here && !rk_streq(here, v->object) ? open_view(v, "resource", here) : true;
    resource_row_text(v, v->pane, v->list[v->pane].cursor, &text);
    if (text.n)
        view_say(&v->view, TERM_STATUS, "%s", text.p);
    return true;
}

static bool preview_sync(struct resource_view *v)
{
    const char *only[] = {v->object};
    struct wire_plan_params p = {.kind = "sync", .app = v->app, .resources = only,
                                 .n_resources = v->object ? 1 : 0};
    struct view_target t = {.app = v->app, .plan = &p};
    v->view.host->open("plan", &t, v->view.host->ctx);
    return true;
}

static bool copy(struct resource_view *v)
{
    static const char *const what[RES_PANES] = {"object", "event", "line"};
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    resource_row_text(v, v->pane, v->list[v->pane].cursor, &text);
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    if (text.n)
        VIEW_COPY(&v->view, {'n', what[v->pane], text.p},
                  {'k', "kubectl", v->pane ? NULL : view_kubectl(a, v->view.host, text.p)});
    return true;
}

static bool shift(struct resource_view *v, int by)
{
    v->shift = v->shift + by > 0 ? v->shift + by : 0;
    return true;
}

static bool act_moves(struct resource_view *v, enum view_action a)
{
    enum widget_move m;
    if (view_moves(a, &m)) {
        widget_list_move(&v->list[v->pane], m);
        return true;
    }
    switch ((int)a) {
    case ACT_LEFT: return shift(v, -SHIFT);
    case ACT_RIGHT: return shift(v, SHIFT);
    case ACT_NEXT_PANE: return go_pane(v, 1);
    case ACT_PREV_PANE: return go_pane(v, -1);
    case ACT_NEXT_PROBLEM: return go_problem(v, 1);
    case ACT_PREV_PROBLEM: return go_problem(v, -1);
    default: return false;
    }
}

bool resource_act(struct view *view, enum view_action a)
{
    struct resource_view *v = of(view);
    if (act_moves(v, a))
        return true;
    switch ((int)a) {
    case ACT_REFRESH: return refresh(v);
    case ACT_OPEN: return open_row(v);
    case ACT_LOGS: return toggle_logs(v);
    case ACT_EVENTS: v->pane = RES_EVENTS; return true;
    case ACT_DIFF: return open_view(v, "diff", v->object);
    case ACT_HISTORY: return open_view(v, "history", NULL);
    case ACT_SYNC: return preview_sync(v);
    case ACT_COPY: return copy(v);
    default: return false;
    }
}

/* ---- find ---- */
bool resource_find(struct view *view, rk_str text, int direction)
{
    struct resource_view *v = of(view);
    struct widget_list *l = &v->list[v->pane];
    struct rk_buf row rk_auto(rk_buf_release) = RK_BUF_INIT;
    char *find = text.n ? rk_str_dup(text) : NULL;
    free(v->find);
    v->find = find;
    if (!find || !l->n)
        return !find;
    size_t step = direction < 0 ? l->n - 1 : 1, i = l->cursor + (direction ? step : 0);
    for (size_t tried = 0; tried < l->n; tried++, i += step) {
        rk_buf_clear(&row);
        resource_row_text(v, v->pane, i % l->n, &row);
        if (widget_found(rk_buf_view(&row), rk_str_c(find))) {
            l->cursor = i % l->n;
            return true;
        }
    }
    return false;
}
