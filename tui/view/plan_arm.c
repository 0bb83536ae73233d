/*
 * plan_arm.c: what it takes to start a plan: plan.arm when the fields are complete, `A`, the
 * countdown of production, operation.start. No other file of this view asks for a write. Rules:
 * reference/console.md 4.11.
 *
 * What was typed before a person could see the plan (the first 400 ms, and a paste into the target)
 * counts for nothing. The engine decides: `A` is looked at here to say at once what is missing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "reckon/text.h"
#include "view/plan_int.h"

static rk_str text_of(const struct widget_edit *e)
{
    return e->text.p ? rk_str_trim(rk_buf_view(&e->text)) : RK_STR("");
}

bool plan_expired(const struct plan_view *p)
{
    return p->plan && p->plan->expires && p->v.host->now(p->v.host->ctx) > p->plan->expires;
}

/* ---- what is missing ---- */
bool plan_target_typed(const struct plan_view *p)
{
    return !p->wanted[0] || rk_str_is(text_of(&p->target), p->wanted);
}

enum plan_focus plan_missing_field(const struct plan_view *p)
{
    return p->asks_reason && !text_of(&p->reason).n ? PLAN_REASON
           : p->asks_unlock && !p->unlock           ? PLAN_UNLOCK
           : !plan_target_typed(p)                  ? PLAN_TARGET
                                                    : PLAN_FOCI;
}

static bool complete(const struct plan_view *p)
{
    return plan_missing_field(p) == PLAN_FOCI;
}

/* plan.arm has brought what is in the fields now; plans of open environments need none. */
static bool brought(const struct plan_view *p)
{
    return !p->plan->confirm ||
           (!p->arming && p->armed_reason && rk_str_is(text_of(&p->reason), p->armed_reason));
}

static bool does_nothing(const struct wire_plan *plan)
{
    for (size_t i = 0; i < plan->n_tasks; i++)
        if (!rk_streq(plan->tasks[i].action, "keep"))
            return false;
    return rk_streq(plan->kind, "sync");
}

/* Why nothing that is typed would help; NULL: fields may. */
static const char *blocked(const struct plan_view *p)
{
    return p->asking                     ? "a new plan is being made"
           : !p->plan                    ? "there is no plan"
           : plan_readonly(p)            ? "read-only: nothing can be started here"
           : !p->v.host->connected       ? "the engine does not answer"
           : p->stale[0]                 ? "the plan is stale"
           : plan_expired(p)             ? "the plan has expired"
           : plan_marks_nothing(p)       ? "nothing is marked"
           : p->step == PLAN_STARTING    ? "it is being started"
           : does_nothing(p->plan)       ? "nothing to do: it is as git says"
                                         : NULL;
}

static void list_fields(const struct plan_view *p, struct rk_buf *out)
{
    if (p->asks_unlock && !p->unlock)
        rk_buf_c(out, "unlock");
    if (p->asks_reason && !text_of(&p->reason).n)
        rk_buf_f(out, "%sreason", out->n ? ", " : "");
    if (!plan_target_typed(p))
        rk_buf_f(out, "%s%s", out->n ? ", " : "", p->plan->confirm ? "target" : "number");
}

static void put_wants(const struct plan_view *p, struct rk_buf *out)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    rk_text_safe(out, rk_str_c(plan_wants(p, a, p->plan->missing[0])), 0);
}

void plan_why_not(const struct plan_view *p, struct rk_buf *out)
{
    const char *why = blocked(p);

    if (why)
        rk_buf_c(out, why);
    else if (!complete(p))
        list_fields(p, out);
    else if (!brought(p))
        rk_buf_c(out, p->focus == PLAN_REASON ? "Tab leaves the reason" : "being armed");
    else if (p->plan->n_missing)
        put_wants(p, out);
    else if (!p->plan->armed)
        rk_buf_c(out, "the engine does not let it start");
}

/* ---- plan.arm ---- */
static void armed(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                  void *ctx);

void plan_arm_complete(struct plan_view *p)
{
    if (blocked(p) || p->arming || !complete(p) || brought(p) || p->focus == PLAN_REASON)
        return;
    struct rk_buf reason = RK_BUF_INIT;
    rk_buf_str(&reason, text_of(&p->reason));
    free(p->sent_reason);
    p->sent_reason = rk_buf_take(&reason);
    struct wire_arm_params arm = {
        .fingerprint = p->plan->fingerprint, .confirm = p->wanted,
        .reason = p->asks_reason ? p->sent_reason : NULL, .unlock = p->asks_unlock && p->unlock,
    };
    p->arming = true;
    view_call_whole(&p->v, "plan.arm", &arm, &plan_rest, armed, (void *)(uintptr_t)p->asked);
}

static void armed(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                  void *ctx)
{
    struct plan_view *p = (struct plan_view *)v;

    if ((size_t)(uintptr_t)ctx != p->asked) {
        rk_arena_free(a);
        return;
    }
    p->arming = false;
    if (!err) {
        free(p->armed_reason);
        p->armed_reason = p->sent_reason;
        p->sent_reason = NULL;
        plan_take(p, value, a, true);
        plan_arm_complete(p);
        return;
    }
    rk_arena_free(a);
    if (err->code == RK_CONFLICT || err->code == RK_NOT_FOUND)
        plan_set_stale(p, err->text);
    else
        view_say(v, TERM_ERROR, "not armed: %s", err->text);
}

/* ---- operation.start ---- */
static void started(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                    void *ctx)
{
    struct plan_view *p = (struct plan_view *)v;
    const struct wire_operation *op = value;

    (void)ctx;
    p->step = PLAN_REVIEW;
    if (!err) {
        struct view_target t = {.operation = op->id, .app = op->app,
                                .environment = op->environment};
        plan_set_stale(p, "it was started");
        v->host->back(v->host->ctx); /* this view is on top: nothing opens while it starts */
        v->host->open("operation", &t, v->host->ctx);
    } else if (err->code == RK_CONFLICT || err->code == RK_NOT_FOUND) {
        plan_set_stale(p, err->text);
    } else if (err->code == RK_UNAVAILABLE) {
        plan_set_stale(p, "the line broke at its start: the operations tell whether it runs");
    } else {
        view_say(v, TERM_ERROR, "not started: %s", err->text);
        plan_ask_again(p);
    }
    rk_arena_free(a);
}

static void start(struct plan_view *p)
{
    struct wire_plan_ref ref = {.fingerprint = p->plan->fingerprint};

    p->step = PLAN_STARTING;
    view_call(&p->v, "operation.start", &ref, started, NULL);
}

/* ---- A and the countdown ---- */
static bool may_start(struct plan_view *p)
{
    struct rk_buf why rk_auto(rk_buf_release) = RK_BUF_INIT;

    plan_why_not(p, &why);
    if (why.n)
        view_say(&p->v, TERM_ERROR, "not armed: %s", why.p);
    return why.n == 0;
}

static void end_countdown(struct plan_view *p)
{
    run_timer_stop(p->count);
    p->count = NULL;
    p->step = PLAN_REVIEW;
    plan_focus_set(p, p->focus);
}

static void tick(void *ctx)
{
    struct plan_view *p = ctx;

    if (--p->left <= 0) {
        end_countdown(p);
        if (may_start(p))
            start(p);
    }
    p->v.host->changed(p->v.host->ctx);
}

bool plan_countdown_stop(struct plan_view *p)
{
    if (p->step != PLAN_COUNTING)
        return false;
    end_countdown(p);
    view_say(&p->v, TERM_STATUS, "stopped: nothing was started");
    return true;
}

void plan_apply(struct plan_view *p)
{
    if (!p->awake || p->step != PLAN_REVIEW || !may_start(p))
        return;
    if (!plan_production(p)) {
        start(p);
        return;
    }
    p->step = PLAN_COUNTING;
    p->left = PLAN_COUNT_S;
    p->v.typing = true; /* every key comes here, and stops it */
    p->count = run_timer_start(p->v.host->loop, 1000, 1000, tick, p);
}

void plan_set_stale(struct plan_view *p, const char *why)
{
    (void)plan_countdown_stop(p);
    (void)snprintf(p->stale, sizeof(p->stale), "%s", why);
    p->arming = false;
    plan_focus_set(p, PLAN_CANCEL);
}

/* ---- another plan ---- */
static void wake(void *ctx)
{
    struct plan_view *p = ctx;

    p->awake = true;
}

static void expire(void *ctx)
{
    struct plan_view *p = ctx;

    (void)plan_countdown_stop(p);
    p->v.host->changed(p->v.host->ctx);
}

/* Guard L2: what destroys or is shared asks for the number of objects that it concerns. */
static void want(struct plan_view *p)
{
    size_t risky = 0;

    p->wanted[0] = 0;
    for (size_t i = 0; p->plan && i < p->plan->n_tasks; i++)
        risky += plan_task_risky(p->plan, &p->plan->tasks[i]);
    if (p->plan && p->plan->confirm)
        (void)snprintf(p->wanted, sizeof(p->wanted), "%s", p->plan->confirm);
    else if (risky)
        (void)snprintf(p->wanted, sizeof(p->wanted), "%zu", risky);
}

static void set_expiry(struct plan_view *p)
{
    int64_t left = p->plan ? p->plan->expires - p->v.host->now(p->v.host->ctx) : 0;

    run_timer_stop(p->expiry);
    p->expiry = NULL;
    if (left > 0)
        p->expiry = run_timer_start(p->v.host->loop, (uint64_t)left + 1, 0, expire, p);
}

void plan_arm_reset(struct plan_view *p, bool keep_fields)
{
    set_expiry(p);
    if (keep_fields)
        return;
    run_timer_stop(p->dead);
    p->awake = false;
    p->dead = run_timer_start(p->v.host->loop, VIEW_DEAD_MS, 0, wake, p);
    p->stale[0] = 0;
    p->arming = p->unlock = false;
    free(p->armed_reason);
    p->armed_reason = NULL;
    p->asks_reason = p->plan && p->plan->needs_reason;
    p->asks_unlock = p->plan && p->plan->needs_unlock;
    want(p);
    widget_edit_set(&p->target, "");
    p->target.refuse_paste = true;
    plan_focus_set(p, PLAN_CANCEL);
}

void plan_arm_close(struct plan_view *p)
{
    run_timer_stop(p->dead);
    run_timer_stop(p->count);
    run_timer_stop(p->expiry);
    widget_edit_release(&p->reason);
    widget_edit_release(&p->target);
    free(p->sent_reason);
    free(p->armed_reason);
}
