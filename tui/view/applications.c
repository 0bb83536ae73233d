/*
 * applications.c: the main view: the tree of applications, the detail of the row under the cursor
 * and live activity. This file holds its feeds, the cursor, the window and the panes.
 *
 * In: applications.watch (a window), application.watch and drift.get of one application,
 * resources.watch of unfolded ones, activity.watch, environment.list. Out: none but questions.
 */
#include <stdlib.h>

#include "view/apps_int.h"

enum { FIRST_WINDOW = 100, WINDOW_MAX = 200, ACTIVITY_KEPT = 300, ACTIVITY_FIRST = 100,
       DRIFT_OBJECTS = 20 };

static struct apps *apps_of(struct view *v)
{
    return (struct apps *)v;
}

/* ================= the window ================= */

static size_t folded_names(const struct apps *a, const char ***out)
{
    const char *name;
    void *value;
    size_t n = 0;

    *out = rk_calloc(rk_map_count(a->folded) + 1, sizeof(**out));
    for (size_t it = 0; rk_map_next(a->folded, &it, &name, &value);)
        (*out)[n++] = name;
    return n;
}

static void ask_page(struct apps *a, int64_t from, int64_t n)
{
    struct wire_apps_params p = {.filter = a->filter, .sort = a->turned ? "application" : NULL,
                                 .offset = from, .limit = n};

    a->asked_from = from;
    a->asked_n = n;
    p.n_folded = a->turned ? 0 : folded_names(a, &p.folded);
    view_feed_open(&a->v, &a->page, "applications.watch", &p);
    free(p.folded);
}

/* The applications of the rows that stand on the screen; false: none. */
static bool shown_apps(const struct apps *a, int64_t *from, int64_t *to)
{
    size_t end = a->list.top + (size_t)(a->list.page > 0 ? a->list.page : 0);

    *from = INT64_MAX;
    *to = -1;
    for (size_t i = a->list.top; i < end && i < a->list.n; i++) {
        struct apps_row r = apps_row_at(a, i);
        if (r.kind != APPS_APP && r.kind != APPS_RESOURCE)
            continue;
        *from = r.index < *from ? r.index : *from;
        *to = r.index > *to ? r.index : *to;
    }
    return *to >= 0;
}

static bool window_is_short(const struct apps *a, int64_t *from, int64_t *n)
{
    int64_t first, last, page = a->list.page;

    if (!apps_page(a) || !shown_apps(a, &first, &last))
        return false;
    if (first >= a->asked_from && last < a->asked_from + a->asked_n)
        return false;
    *from = first > page ? first - page : 0;
    *n = last - *from + 1 + page;
    *n = *n > WINDOW_MAX ? WINDOW_MAX : *n;
    return true;
}

void apps_ask_window(struct apps *a)
{
    int64_t from, n;

    if (window_is_short(a, &from, &n))
        ask_page(a, from, n);
}

static void window_soon(void *ctx)
{
    struct apps *a = ctx;

    a->soon = false;
    apps_ask_window(a);
}

/* From a draw, which asks nothing itself. */
static void want_window(struct apps *a)
{
    int64_t from, n;

    if (a->soon || !window_is_short(a, &from, &n))
        return;
    a->soon = true;
    run_soon(a->v.host->loop, window_soon, a);
}

/* ================= the cursor ================= */

static void ask_drift(struct apps *a);

static void follow(struct apps *a)
{
    struct wire_app_ref ref = {a->at.app};

    a->v.production = a->at.kind != APPS_NOTHING && apps_production(a, a->at.environment);
    if (a->at.app && a->at.kind != APPS_ENVIRONMENT)
        view_feed_open(&a->v, &a->detail, "application.watch", &ref);
    ask_drift(a);
}

void apps_go(struct apps *a, size_t row)
{
    struct apps_row r;

    widget_list_set(&a->list, apps_rows(a), row);
    widget_list_show(&a->list, a->list.page);
    r = apps_row_at(a, a->list.cursor);
    a->scroll[APPS_DETAIL] = 0;
    apps_at_set(a, &r);
    follow(a);
    apps_ask_window(a);
}

/* Out of the window: what follows the row is shown, too. */
void apps_jump(struct apps *a, size_t row)
{
    struct widget_list *l = &a->list;
    size_t page = l->page > 0 ? (size_t)l->page : 1;

    if (row < l->top || row >= l->top + page)
        l->top = row > page / 3 ? row - page / 3 : 0;
    apps_go(a, row);
}

/* Rows moved or came: the cursor stays with its row; what was not here yet gets its name. */
static void settle(struct apps *a)
{
    size_t row = a->list.cursor;
    bool found = apps_row_find(a, &row);
    struct apps_row r;

    widget_list_set(&a->list, apps_rows(a), row);
    r = apps_row_at(a, a->list.cursor);
    if (!found && (r.app || r.kind == APPS_ENVIRONMENT || r.kind == APPS_NOTHING))
        apps_at_set(a, &r);
    follow(a);
}

/* ================= feeds ================= */

static void page_patch(struct view_feed *f, void *patch)
{
    struct wire_app_page *now = f->value;
    struct wire_app_page *p = view_copy(f->arena, f->method->result, patch);

    now->total = p->total;
    now->counts = p->counts;
    now->groups = p->groups;
    now->n_groups = p->n_groups;
    for (size_t i = 0; i < p->n_apps; i++) {
        int64_t at = p->apps[i].index - now->offset;
        if (at >= 0 && at < (int64_t)now->n_apps)
            now->apps[at] = p->apps[i];
    }
}

static void page_changed(struct view_feed *f)
{
    struct apps *a = apps_of(f->view);
    char *wanted = a->wanted;

    apps_open_place(a);
    settle(a);
    apps_ask_window(a);
    a->wanted = NULL;
    if (wanted)
        apps_search_name(a, wanted);
    free(wanted);
}

static void detail_changed(struct view_feed *f)
{
    ask_drift(apps_of(f->view));
}

static void resources_changed(struct view_feed *f)
{
    settle(apps_of(f->view));
}

static void ask_environments(struct apps *a);

static void take_environments(struct view *v, void *value, struct rk_arena *mem,
                              const struct rk_err *err, void *ctx)
{
    struct apps *a = apps_of(v);

    (void)ctx;
    a->env_asked = false;
    if (err) {
        rk_arena_free(mem);
    } else {
        rk_arena_free(a->env_arena);
        a->env_arena = mem;
        a->environments = *(struct wire_environments *)value;
        a->v.production = a->at.kind && apps_production(a, a->at.environment);
    }
    if (a->env_again)
        ask_environments(a);
}

static void ask_environments(struct apps *a)
{
    a->env_again = a->env_asked;
    if (a->env_asked)
        return;
    a->env_asked = true;
    view_call(&a->v, "environment.list", NULL, take_environments, NULL);
}

static void activity_patch(struct view_feed *f, void *patch)
{
    struct wire_activity *now = f->value;
    struct wire_activity *p = view_copy(f->arena, f->method->result, patch);
    size_t n = now->n_rows + p->n_rows, skip = n > ACTIVITY_KEPT ? n - ACTIVITY_KEPT : 0;
    struct wire_activity_row *rows = rk_arena_array(f->arena, n - skip + 1, sizeof(*rows));

    for (size_t i = skip; i < n; i++)
        rows[i - skip] = i < now->n_rows ? now->rows[i] : p->rows[i - now->n_rows];
    now->rows = rows;
    now->n_rows = n - skip;
}

/* Freezes, locks and policies change with a line of activity. */
static void activity_changed(struct view_feed *f)
{
    ask_environments(apps_of(f->view));
}

/* ---- drift of the application under the cursor ---- */
static void take_drift(struct view *v, void *value, struct rk_arena *mem,
                       const struct rk_err *err, void *ctx)
{
    struct apps *a = apps_of(v);

    (void)ctx;
    a->drift_asked = false;
    rk_err_clear(&a->drift_err);
    if (err) {
        a->drift_err = *err;
        rk_arena_free(mem);
    } else {
        rk_arena_free(a->drift_arena);
        a->drift_arena = mem;
        a->drift = *(struct wire_drift *)value;
    }
    ask_drift(a);
}

static void ask_drift(struct apps *a)
{
    const struct wire_app_detail *d = a->detail.value;
    struct wire_drift_params p = {.limit = DRIFT_OBJECTS};
    bool here = d && a->at.app && rk_streq(d->row.name, a->at.app);

    if (!here || a->drift_asked || !rk_streq(d->row.verdict, "OutOfSync"))
        return;
    if (rk_streq(a->drift_app, d->row.name) && a->drift_of == d->row.changed)
        return;
    if (!rk_streq(a->drift_app, d->row.name))
        a->drift = (struct wire_drift){0};
    free(a->drift_app);
    a->drift_app = rk_strdup(d->row.name);
    a->drift_of = d->row.changed;
    a->drift_asked = true;
    p.app = a->drift_app;
    view_call(&a->v, "drift.get", &p, take_drift, NULL);
}

/* ================= folding ================= */

static void unfold_app(struct apps *a, const struct apps_row *r)
{
    struct wire_resources_params p = {.app = r->app->name};
    struct apps_open *o = rk_alloc(sizeof(*o));

    o->app = rk_strdup(r->app->name);
    o->environment = rk_strdup(apps_environment_of(r));
    o->index = r->index;
    o->next = a->open;
    o->feed.changed = resources_changed;
    o->feed.patch = view_patch_rows;
    a->open = o;
    apps_open_place(a);
    view_feed_open(&a->v, &o->feed, "resources.watch", &p);
    settle(a);
}

static void free_open(struct apps_open *o)
{
    view_feed_close(&o->feed);
    free(o->app);
    free(o->environment);
    free(o);
}

static void fold_app(struct apps *a, const char *name)
{
    for (struct apps_open **at = &a->open; *at; at = &(*at)->next) {
        struct apps_open *o = *at;
        if (!rk_streq(o->app, name))
            continue;
        *at = o->next;
        free_open(o);
        break;
    }
    settle(a);
}

static void fold_environment(struct apps *a, const char *name, bool fold)
{
    if (fold)
        rk_map_set(a->folded, name, a);
    else
        rk_map_del(a->folded, name);
    ask_page(a, 0, a->asked_n > FIRST_WINDOW ? a->asked_n : FIRST_WINDOW);
}

/* To the application of a resource, to the heading of an application. */
static void go_up(struct apps *a, const struct apps_row *r)
{
    struct apps_at old = a->at;
    size_t row;

    if (r->kind == APPS_RESOURCE && r->open) {
        apps_go(a, apps_row_of(a, r->open->index));
        return;
    }
    if (a->turned)
        return;
    a->at.kind = APPS_ENVIRONMENT;
    if (apps_row_find(a, &row))
        apps_go(a, row);
    else
        a->at = old;
}

static bool close_row(struct apps *a, const struct apps_row *r)
{
    if (r->kind == APPS_ENVIRONMENT)
        fold_environment(a, apps_environment_of(r), true);
    else if (r->kind == APPS_APP && r->open)
        fold_app(a, r->open->app);
    else
        go_up(a, r);
    return true;
}

static bool open_row(struct apps *a, const struct apps_row *r)
{
    if (r->kind == APPS_ENVIRONMENT && apps_is_folded(a, apps_environment_of(r)))
        fold_environment(a, apps_environment_of(r), false);
    else if (r->kind == APPS_APP && r->app && !r->open)
        unfold_app(a, r);
    else
        apps_go(a, a->list.cursor + 1);
    return true;
}

static bool turn_fold(struct apps *a, const struct apps_row *r)
{
    bool closed = r->kind == APPS_ENVIRONMENT ? apps_is_folded(a, apps_environment_of(r))
                                              : r->kind == APPS_APP && !r->open;

    return closed ? open_row(a, r) : close_row(a, r);
}

static void turn(struct apps *a)
{
    a->turned = !a->turned;
    ask_page(a, 0, FIRST_WINDOW);
    view_say(&a->v, TERM_STATUS, "the tree is by %s", a->turned ? "application" : "environment");
}

static void set_filter(const char *text, void *ctx)
{
    struct apps *a = ctx;

    if (!text)
        return;
    free(a->filter);
    a->filter = text[0] ? rk_strdup(text) : NULL;
    ask_page(a, 0, FIRST_WINDOW);
}

/* ================= panes and moves ================= */

static bool move_list(struct apps *a, enum view_action act)
{
    struct widget_list *l = &a->list;
    enum widget_move m;

    if (!view_moves(act, &m))
        return false;
    apps_search_stop(a);
    if (widget_list_move(l, m))
        apps_go(a, l->cursor);
    return true;
}

static bool scroll_pane(struct apps *a, enum view_action act)
{
    size_t *at = &a->scroll[a->pane];
    size_t page = a->list.page > 4 ? (size_t)a->list.page - 2 : 2;
    size_t step = act == ACT_DOWN || act == ACT_UP ? 1 : page;

    if (act == ACT_FIRST)
        *at = 0;
    else if (act == ACT_LAST)
        *at = SIZE_MAX / 2;
    else if (act == ACT_DOWN || act == ACT_PAGE_DOWN || act == ACT_HALF_DOWN)
        *at += step;
    else if (act == ACT_UP || act == ACT_PAGE_UP || act == ACT_HALF_UP)
        *at = *at > step ? *at - step : 0;
    else
        return false;
    return true;
}

static bool next_pane(struct apps *a, int by)
{
    int n = a->narrow ? 2 : APPS_PANES;

    a->pane = (enum apps_pane)(((int)a->pane + by + n) % n);
    return true;
}

static bool go_back(struct apps *a)
{
    if (a->search.on) {
        apps_search_stop(a);
        return true;
    }
    if (a->pane != APPS_LIST) {
        a->pane = APPS_LIST;
        return true;
    }
    if (!a->filter)
        return false;
    set_filter("", a);
    return true;
}

static bool act_list(struct apps *a, enum view_action act)
{
    struct apps_row r = apps_row_at(a, a->list.cursor);

    if (act == ACT_LEFT)
        return close_row(a, &r);
    if (act == ACT_RIGHT)
        return open_row(a, &r);
    if (act == ACT_FOLD || (act == ACT_OPEN && r.kind == APPS_ENVIRONMENT))
        return turn_fold(a, &r);
    if (act != ACT_OPEN)
        return false;
    if (r.kind == APPS_APP)
        a->pane = APPS_DETAIL;
    else if (r.resource && r.open)
        a->v.host->open("resource", &(struct view_target){.app = r.open->app,
                        .object = r.resource->object}, a->v.host->ctx);
    return true;
}

/* The next heading, whatever it says. */
static bool next_unit(struct apps *a, int by)
{
    size_t row = a->list.cursor, n = apps_rows(a);

    for (row += (size_t)by; row < n; row += (size_t)by)
        if (apps_row_at(a, row).kind == APPS_ENVIRONMENT) {
            apps_jump(a, row);
            return true;
        }
    view_say(&a->v, TERM_STATUS, "no further environment");
    return true;
}

static bool apps_act(struct view *v, enum view_action act)
{
    struct apps *a = apps_of(v);

    if (act == ACT_BACK || act == ACT_CANCEL)
        return go_back(a);
    if (act == ACT_NEXT_PANE || act == ACT_PREV_PANE)
        return next_pane(a, act == ACT_NEXT_PANE ? 1 : -1);
    if (act == ACT_NEXT_PROBLEM || act == ACT_PREV_PROBLEM) {
        apps_search(a, NULL, act == ACT_NEXT_PROBLEM ? 1 : -1);
        return true;
    }
    if (act == ACT_NEXT_UNIT || act == ACT_PREV_UNIT)
        return next_unit(a, act == ACT_NEXT_UNIT ? 1 : -1);
    if (act == ACT_TURN) {
        turn(a);
        return true;
    }
    if (act == ACT_FILTER) {
        v->host->ask("filter: ", false, set_filter, a, v->host->ctx);
        return true;
    }
    if (a->pane != APPS_LIST && scroll_pane(a, act))
        return true;
    return (a->pane == APPS_LIST && (move_list(a, act) || act_list(a, act))) || apps_do(a, act);
}

/* ================= drawing ================= */

/* List left, detail right, activity below; from 160 columns on activity is a third column; where
 * there is no room the pane that has the focus stands alone. */
static void draw_narrow(struct apps *a, struct canvas c)
{
    if (a->pane == APPS_DETAIL)
        apps_draw_detail(a, c);
    else
        apps_draw_tree(a, c);
}

static void draw_wide(struct apps *a, struct canvas c)
{
    int left = c.w * 2 / 5, right = c.w * 3 / 10;

    apps_draw_tree(a, canvas_cut(c, 0, 0, left, c.h));
    apps_draw_detail(a, canvas_cut(c, left, 0, c.w - left - right, c.h));
    apps_draw_activity(a, canvas_cut(c, c.w - right, 0, right, c.h));
}

static void draw_panes(struct apps *a, struct canvas c)
{
    int low = c.h >= 30 ? 7 : 4, left = c.w >= 100 ? c.w * 8 / 15 : 42;

    apps_draw_tree(a, canvas_cut(c, 0, 0, left, c.h - low));
    apps_draw_detail(a, canvas_cut(c, left, 0, c.w - left, c.h - low));
    apps_draw_activity(a, canvas_cut(c, 0, c.h - low, c.w, low));
}

static void apps_draw(struct view *v, struct canvas c)
{
    struct apps *a = apps_of(v);

    a->narrow = c.w < 76 || c.h < 17;
    if (a->narrow && a->pane == APPS_ACTIVITY)
        a->pane = APPS_LIST;
    if (a->narrow)
        draw_narrow(a, c);
    else if (c.w >= 160)
        draw_wide(a, c);
    else
        draw_panes(a, c);
    if (!v->host->connected && apps_page(a))
        term_tint(c.s, c.x, c.y, c.w, c.h, TERM_DIM);
    want_window(a);
}

/* ================= the rest of the class ================= */

static const enum view_action *apps_hints(struct view *v)
{
    static const enum view_action on_list[] = {
        ACT_SYNC, ACT_PROMOTE, ACT_REVERT, ACT_DIFF, ACT_HISTORY, ACT_NEXT_PROBLEM, ACT_FREEZE,
        ACT_FILTER, ACT_TURN, ACT_NEXT_PANE, ACT_NONE};
    static const enum view_action running[] = {
        ACT_STOP, ACT_ABORT, ACT_DIFF, ACT_HISTORY, ACT_NEXT_PROBLEM, ACT_FREEZE, ACT_FILTER,
        ACT_NONE};
    static const enum view_action on_resource[] = {
        ACT_OPEN, ACT_DIFF, ACT_EVENTS, ACT_LOGS, ACT_SYNC, ACT_LEFT, ACT_NONE};
    static const enum view_action on_heading[] = {
        ACT_FREEZE, ACT_UNLOCK, ACT_REVERT, ACT_FOLD, ACT_VIEW_MATRIX, ACT_NEXT_PROBLEM, ACT_FILTER,
        ACT_TURN, ACT_NONE};
    static const enum view_action elsewhere[] = {
        ACT_DOWN, ACT_UP, ACT_BACK, ACT_NEXT_PANE, ACT_DIFF, ACT_NONE};
    static const enum view_action on_nothing[] = {ACT_REFRESH, ACT_FILTER, ACT_VIEW_LOG, ACT_NONE};
    struct apps *a = apps_of(v);
    struct apps_row r = apps_row_at(a, a->list.cursor);

    if (!apps_rows(a))
        return on_nothing;
    if (a->pane != APPS_LIST)
        return elsewhere;
    if (r.kind == APPS_ENVIRONMENT)
        return on_heading;
    if (r.kind == APPS_RESOURCE)
        return on_resource;
    return r.app && r.app->operation ? running : on_list;
}

/* The one thing that happens by itself next, and the key that stops it. */
static void apps_status(struct view *v, struct rk_buf *out)
{
    struct apps *a = apps_of(v);
    const struct wire_app_detail *d = a->detail.value;
    const char *key;
    char clock[16];

    if (!d || !a->at.app || !rk_streq(d->row.name, a->at.app) || !d->next.action ||
        rk_streq(d->next.action, "none"))
        return;
    widget_clock(d->next.at, clock);
    rk_buf_f(out, "%s of %s/%s %s%s", rk_streq(d->next.action, "heal") ? "selfHeal"
                                                                      : d->next.action,
             d->row.environment ? d->row.environment : "-", d->row.app,
             d->next.at ? "at " : "now", d->next.at ? clock : "");
    key = d->next.stop ? v->host->key(view_action_named(rk_str_c(d->next.stop)), v->host->ctx)
                       : NULL;
    if (key)
        rk_buf_f(out, "  (%s %s)", key, d->next.stop);
}

static bool apps_find(struct view *v, rk_str text, int direction)
{
    struct apps *a = apps_of(v);
    char *copy = rk_str_dup(text);

    free(a->find);
    a->find = copy;
    apps_search(a, a->find, direction);
    return true;
}

static void apps_connected(struct view *v)
{
    struct apps *a = apps_of(v);

    ask_environments(a);
    if (!a->drift_err.code)
        return;
    free(a->drift_app);
    a->drift_app = NULL;
}

static bool apps_retarget(struct view *v, const struct view_target *t)
{
    struct apps *a = apps_of(v);

    if (t->find)
        set_filter(t->find, a);
    if (!t->app)
        return true;
    bool here = apps_page(a) && !a->filter && !apps_is_folded(a, t->environment);

    a->pane = APPS_LIST;
    if (here) {
        apps_search_name(a, t->app);
        return true;
    }
    free(a->wanted);
    a->wanted = rk_strdup(t->app);
    if (a->filter)
        set_filter("", a);
    if (apps_is_folded(a, t->environment))
        fold_environment(a, t->environment, false);
    return true;
}

static int apps_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct apps *a = apps_of(v);
    struct wire_apps_params p = {.limit = ACTIVITY_FIRST};

    (void)err;
    a->folded = rk_map_new();
    a->page.patch = page_patch;
    a->page.changed = page_changed;
    a->detail.changed = detail_changed;
    a->activity.patch = activity_patch;
    a->activity.changed = activity_changed;
    ask_page(a, 0, FIRST_WINDOW);
    view_feed_open(v, &a->activity, "activity.watch", &p);
    if (v->host->connected)
        ask_environments(a);
    (void)apps_retarget(v, t);
    return 0;
}

static void apps_close(struct view *v)
{
    struct apps *a = apps_of(v);

    run_soon_forget(v->host->loop, a);
    while (a->open) {
        struct apps_open *o = a->open;
        a->open = o->next;
        free_open(o);
    }
    apps_search_stop(a);
    apps_at_clear(&a->at);
    rk_map_free(a->folded, NULL);
    rk_arena_free(a->env_arena);
    rk_arena_free(a->drift_arena);
    free(a->drift_app);
    free(a->filter);
    free(a->find);
    free(a->wanted);
}

static struct widget_list *apps_list(struct view *v)
{
    return &apps_of(v)->list;
}

static void apps_chosen(struct view *v, size_t row)
{
    apps_jump(apps_of(v), row);
}

const struct view_class view_applications = {
    .name = "applications", .title = "Applications", .size = sizeof(struct apps),
    .open = apps_open, .close = apps_close, .draw = apps_draw, .list = apps_list,
    .chosen = apps_chosen, .act = apps_act, .hints = apps_hints, .status = apps_status,
    .find = apps_find, .connected = apps_connected, .retarget = apps_retarget,
};
