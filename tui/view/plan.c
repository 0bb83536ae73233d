/*
 * plan.c: the plan view: the preview of a sync, promotion, revert, adoption or ignore rule, and the
 * screen that starts it. Nothing here writes: what leaves the view as a write goes through
 * plan_arm.c.
 */
#include <stdlib.h>

#include "reckon/text.h"
#include "view/plan_int.h"

static struct plan_view *plan_of(struct view *v)
{
    return (struct plan_view *)v;
}

bool plan_production(const struct plan_view *p)
{
    return p->plan ? widget_is_production(p->plan->environment, p->plan->confirm != NULL)
                   : widget_is_production(p->environment, false);
}

bool plan_readonly(const struct plan_view *p)
{
    const struct view_host *h = p->v.host;

    return h->readonly || (h->hello && !h->hello->can_write);
}

bool plan_is(const struct plan_view *p, const char *kind)
{
    return rk_streq(p->plan ? p->plan->kind : p->params ? p->params->kind : NULL, kind);
}

/* ---- what came ---- */
/* A plan that was made elsewhere: what would make it anew, where it says so itself. */
static void derive_params(struct plan_view *p)
{
    struct wire_plan_params ask = {.kind = p->plan->kind, .app = p->plan->app};

    if (p->params || (!plan_is(p, "sync") && !plan_is(p, "promote")))
        return;
    if (plan_is(p, "promote"))
        ask.to = p->plan->environment;
    for (size_t i = 0; i < p->plan->n_tasks; i++)
        ask.prune |= rk_streq(p->plan->tasks[i].action, "prune");
    p->params = view_copy(p->params_arena, &wire_shape_plan_params, &ask);
}

/* Rows that were unfolded stay so while it is the same plan. */
static void take_open(struct plan_view *p, bool same)
{
    size_t n = p->plan->n_tasks + p->plan->n_conflicts;
    bool *open = rk_arena_array(p->arena, n + 1, sizeof(bool));

    if (same && p->open)
        memcpy(open, p->open, n < p->n_open ? n : p->n_open);
    if (!same)
        p->same_open = p->fitted = false;
    p->open = open;
    p->n_open = n;
}

void plan_take(struct plan_view *p, const struct wire_plan *plan, struct rk_arena *a, bool same)
{
    struct rk_arena *old = p->arena;

    same = same && p->plan && rk_streq(p->plan->confirm, plan->confirm); /* what is typed is for it */
    p->arena = a;
    p->plan = plan;
    take_open(p, same);
    p->v.production = plan_production(p);
    derive_params(p);
    plan_items_collect(p);
    plan_rows_make(p, p->rows_w);
    rk_arena_free(old);
    plan_arm_reset(p, same);
    if (!plan->fingerprint)
        plan_set_stale(p, "it was started already");
    else if (plan->stale)
        plan_set_stale(p, "what it covers changed since it was made");
}

void plan_drop(struct plan_view *p)
{
    struct rk_arena *old = p->arena;

    p->arena = NULL;
    p->plan = NULL;
    p->open = NULL;
    p->n_open = 0;
    plan_rows_make(p, p->rows_w);
    rk_arena_free(old);
    plan_arm_reset(p, false);
}

/* ---- moving ---- */
static bool move(struct plan_view *p, enum view_action act)
{
    enum widget_move m;

    if (!view_moves(act, &m))
        return false;
    plan_focus_set(p, PLAN_ROWS);
    (void)widget_list_move(&p->list, m);
    return true;
}

static bool is_risky(const struct plan_view *p, size_t row)
{
    return p->rows[row].kind == PLAN_CONFLICT ||
           (p->rows[row].kind == PLAN_TASK && p->plan->tasks[p->rows[row].i].n_risks);
}

static bool begins_part(const struct plan_view *p, size_t row)
{
    const struct plan_row *r = &p->rows[row];
    const struct wire_task *t, *above;

    if (r->kind == PLAN_HEAD || row == 0)
        return true;
    if (r->kind != PLAN_TASK || r->i == 0)
        return false;
    t = &p->plan->tasks[r->i];
    above = t - 1;
    return t->wave != above->wave || !rk_streq(t->phase, above->phase);
}

static bool jump(struct plan_view *p, bool (*is)(const struct plan_view *p, size_t row), int by)
{
    size_t at = p->list.cursor;

    plan_focus_set(p, PLAN_ROWS);
    while (by > 0 ? at + 1 < p->n_rows : at > 0) {
        at = by > 0 ? at + 1 : at - 1;
        if (is(p, at)) {
            p->list.cursor = at;
            return true;
        }
    }
    view_say(&p->v, TERM_STATUS, "no more of them %s", by > 0 ? "below" : "above");
    return true;
}

static bool plan_find(struct view *v, rk_str text, int direction)
{
    struct plan_view *p = plan_of(v);

    for (size_t i = direction ? 1 : 0; i <= p->n_rows && p->n_rows; i++) {
        size_t step = direction < 0 ? p->n_rows - i : i;
        size_t at = (p->list.cursor + step) % p->n_rows;
        if (widget_found(rk_str_c(p->rows[at].text), text)) {
            p->list.cursor = at;
            return true;
        }
    }
    return false;
}

/* ---- keys ---- */
/* Enter: closes on Cancel, opens a row; it never starts anything. */
static bool open_row(struct plan_view *p)
{
    struct plan_row *r = p->list.cursor < p->n_rows ? &p->rows[p->list.cursor] : NULL;

    if (!p->awake)
        return true;            /* the Enter that opened this view, held too long */
    if (p->focus == PLAN_CANCEL) {
        p->v.host->back(p->v.host->ctx);
        return true;
    }
    if (p->focus == PLAN_UNLOCK) {
        plan_focus_move(p, 1);
        return true;
    }
    if (r && r->kind == PLAN_TASK)
        p->open[r->i] = !p->open[r->i];
    else if (r && r->kind == PLAN_CONFLICT)
        p->open[p->plan->n_tasks + r->i] = !p->open[p->plan->n_tasks + r->i];
    else if (r && r->kind == PLAN_SAME)
        p->same_open = true;
    plan_rows_make(p, p->rows_w);
    return true;
}

static bool fold(struct plan_view *p, bool open)
{
    size_t n = p->plan ? p->n_open : 0;

    for (size_t i = 0; i < n; i++)
        p->open[i] = open;
    p->same_open = false;
    plan_rows_make(p, p->rows_w);
    return true;
}

static bool space(struct plan_view *p)
{
    if (!p->awake)
        return true;
    if (p->focus == PLAN_UNLOCK) {
        plan_toggle_unlock(p);
        return true;
    }
    return plan_toggle(p);
}

static bool unlock(struct plan_view *p)
{
    if (!plan_field_shown(p, PLAN_UNLOCK))
        return false;
    plan_focus_set(p, PLAN_UNLOCK);
    view_say(&p->v, TERM_STATUS, "Space unlocks it for this plan");
    return true;
}

static bool open_diff(struct plan_view *p)
{
    const struct wire_task *t = plan_task_at(p, p->list.cursor);
    const struct plan_item *item = p->list.cursor < p->n_rows ? p->rows[p->list.cursor].item : NULL;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct view_target target = {.object = t ? plan_object(a, t) : NULL};

    if (!p->plan)
        return true;
    target.app = p->plan->app ? p->plan->app : t ? t->app : NULL;
    if (!target.app && item && item->sort == PLAN_APPS)
        target.app = item->name;
    if (!target.app) {
        view_say(&p->v, TERM_STATUS, "of which application? choose a row of it");
        return true;
    }
    target.environment = p->plan->environment;
    target.rev = p->params && rk_streq(p->params->kind, "sync") ? p->params->rev : NULL;
    p->v.host->open("diff", &target, p->v.host->ctx);
    return true;
}

static bool copy(struct plan_view *p)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (!p->plan)
        return true;
    rk_buf_f(&out, "plan %s  %s %s/%s\n", p->plan->fingerprint ? p->plan->fingerprint : "-",
             view_text(p->plan->kind), view_text(p->plan->environment), view_text(p->plan->app));
    for (size_t i = 0; i < p->n_rows; i++)
        rk_buf_f(&out, "%s\n", p->rows[i].text);
    VIEW_COPY(&p->v, {'p', "the plan", out.p}, {'f', "fingerprint", p->plan->fingerprint},
              {'s', "revision", p->plan->revision}, {'m', "message", p->plan->commit_message});
    return true;
}

static bool back(struct plan_view *p)
{
    if (!p->v.typing)
        return false;
    plan_focus_set(p, PLAN_ROWS);
    return true;
}

static bool plan_act(struct view *v, enum view_action act)
{
    struct plan_view *p = plan_of(v);

    if (plan_countdown_stop(p))
        return true;
    if (p->step == PLAN_STARTING)
        return act != ACT_BACK; /* nothing opens over it until the answer is there */
    if (move(p, act))
        return true;
    switch ((int)act) {
    case ACT_OPEN: return open_row(p);
    case ACT_BACK: case ACT_CANCEL: return back(p);
    case ACT_NEXT_PANE: case ACT_RIGHT: plan_focus_move(p, 1); return true;
    case ACT_PREV_PANE: case ACT_LEFT: plan_focus_move(p, -1); return true;
    case ACT_NEXT_PROBLEM: return jump(p, is_risky, 1);
    case ACT_PREV_PROBLEM: return jump(p, is_risky, -1);
    case ACT_NEXT_UNIT: return jump(p, begins_part, 1);
    case ACT_PREV_UNIT: return jump(p, begins_part, -1);
    case ACT_MARK: return space(p);
    case ACT_MARK_ALL: return plan_mark_all(p, true);
    case ACT_UNMARK: return plan_mark_all(p, false);
    case ACT_UNLOCK: return unlock(p);
    case ACT_MORE: return fold(p, true);
    case ACT_LESS: return fold(p, false);
    case ACT_DIFF: return open_diff(p);
    case ACT_COPY: return copy(p);
    case ACT_REFRESH: plan_ask(p); return true;
    case ACT_APPLY: plan_apply(p); return true;
    default: return false;
    }
}

/* ---- what stands around it ---- */
static void plan_headline(struct view *v, struct rk_buf *left, struct rk_buf *right)
{
    static const char *const names[][2] = {
        {"sync", "SYNC PREVIEW"}, {"promote", "PROMOTE PREVIEW"}, {"revert", "REVERT PREVIEW"},
        {"adopt", "ADOPT PREVIEW"}, {"ignore", "IGNORE PREVIEW"}};
    const struct plan_view *p = plan_of(v);
    const char *name = "PLAN", *app = p->plan ? p->plan->app : p->params ? p->params->app : "";
    const char *env = p->plan ? p->plan->environment : NULL;

    for (size_t i = 0; i < RK_LEN(names); i++)
        if (plan_is(p, names[i][0]))
            name = names[i][1];
    rk_buf_f(left, "%s  ", name);
    rk_text_safe(left, rk_str_c(view_text(env)), 0);
    rk_buf_c(left, env && app ? "/" : env ? ", all of it" : "");
    rk_text_safe(left, rk_str_c(view_text(app)), 0);
    (void)right;
}

static void plan_status(struct view *v, struct rk_buf *out)
{
    const struct plan_view *p = plan_of(v);

    if (p->step == PLAN_COUNTING)
        rk_buf_c(out, "Any key stops the countdown.");
    else if (p->v.typing)
        rk_buf_c(out, "Enter goes on, it never applies. No paste in the target.");
    else if (p->focus == PLAN_UNLOCK && !p->unlock)
        rk_buf_c(out, "Space unlocks it for this plan. Enter goes on, it never applies.");
    else if (plan_field_shown(p, plan_missing_field(p)))
        rk_buf_c(out, "Tab goes to what is missing. Enter never applies. Esc leaves nothing done.");
    else
        rk_buf_c(out, "Enter never applies. Esc leaves nothing done.");
}

static const enum view_action *plan_hints(struct view *v)
{
    static const enum view_action armed[] = {ACT_APPLY, ACT_NEXT_PANE, ACT_OPEN, ACT_DIFF, ACT_MARK,
                                             ACT_REFRESH, ACT_COPY, ACT_NONE};
    struct rk_buf why rk_auto(rk_buf_release) = RK_BUF_INIT;

    plan_why_not(plan_of(v), &why);
    return why.n ? armed + 1 : armed;
}

static void plan_connected(struct view *v)
{
    struct plan_view *p = plan_of(v);

    if (p->plan && !p->stale[0] && p->step == PLAN_REVIEW)
        plan_ask_again(p);
    else if (!p->plan)
        plan_ask(p);
}

/* ---- life ---- */
static int plan_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct plan_view *p = plan_of(v);

    p->rows_w = 78;
    p->focus = PLAN_CANCEL;
    if (!t->plan && !t->fingerprint)
        return rk_fail(err, RK_INVALID, "a plan needs a target or a fingerprint");
    plan_ask_open(p, t);
    v->production = plan_production(p);
    v->host->drop_input(v->host->ctx);
    plan_arm_reset(p, false);
    plan_ask(p);
    return 0;
}

static void plan_close(struct view *v)
{
    struct plan_view *p = plan_of(v);

    plan_arm_close(p);
    plan_ask_close(p);
    rk_arena_free(p->arena);
    rk_arena_free(p->rows_arena);
}

static struct widget_list *plan_list(struct view *v)
{
    return &plan_of(v)->list;
}

const struct view_class view_plan = {
    .name = "plan", .title = "Plan", .size = sizeof(struct plan_view), .form = true,
    .open = plan_open, .close = plan_close, .draw = plan_draw, .act = plan_act, .list = plan_list,
    .key = plan_key,
    .headline = plan_headline, .hints = plan_hints, .status = plan_status, .find = plan_find,
    .connected = plan_connected,
};
