/*
 * sync.c: the operations there are: start, stop, find, list. One runs an application at a time; a
 * revert may take the place of what runs. What one does is in steps.c and tasks.c.
 */
#include "sync/sync_int.h"

const char *const sync_state_name[SYNC_STATE_MAX] = {
    [SYNC_WAITING] = "waiting",     [SYNC_RUNNING] = "running",
    [SYNC_SUCCEEDED] = "Succeeded", [SYNC_FAILED] = "Failed",
    [SYNC_DEGRADED] = "Degraded",   [SYNC_STOPPED] = "Stopped",
    [SYNC_SUPERSEDED] = "Superseded",
};
const char *const sync_task_state_name[SYNC_TASK_STATE_MAX] = {
    [SYNC_TASK_WAITING] = "waiting", [SYNC_TASK_RUNNING] = "running",
    [SYNC_TASK_APPLIED] = "applied", [SYNC_TASK_DONE] = "done",
    [SYNC_TASK_FAILED] = "failed",   [SYNC_TASK_SKIPPED] = "skipped",
};

enum { KEEP_OPERATIONS = 1000 };

struct sync *sync_new(struct run_loop *loop, const struct sync_host *host, void *ctx)
{
    struct sync *s = rk_alloc(sizeof *s);
    *s = (struct sync){.loop = loop, .host = *host, .ctx = ctx};
    if (s->host.journal)
        sync_recover_read(s);
    return s;
}

static void op_free(struct sync_op *op)
{
    sync_tasks_cancel(op);
    run_soon_forget(op->sync->loop, op);
    run_timer_stop(op->limit);
    run_timer_stop(op->wave_timer);
    if (op->work)
        op->work->free_fn(op->work);
    if (op->commit && op->commit_free)
        op->commit_free(op->commit);
    free(op->versions);
    free(op->uids);
    free(op->pub.tasks);
    free(op->values);
    rk_arena_free(op->arena);
}

void sync_free(struct sync *s)
{
    if (!s)
        return;
    s->closing = true;
    sync_tickets_forget(s);
    while (s->ops) {
        struct sync_op *op = s->ops;
        s->ops = op->next;
        op_free(op);
    }
    free(s);
}

struct sync_op *sync_op_new(struct sync *s)
{
    struct rk_arena *a = rk_arena_new();
    struct sync_op *op = rk_arena_alloc(a, sizeof *op);
    op->arena = a;
    op->sync = s;
    op->next = s->ops;
    s->ops = op;
    s->n_ops++;
    return op;
}

struct sync_op *sync_op_find(const struct sync *s, const char *id)
{
    struct sync_op *op = s->ops;
    while (op && strcmp(op->pub.id, id) != 0)
        op = op->next;
    return op;
}

/* The oldest that ended go; what runs stays. */
static void forget_old(struct sync *s)
{
    size_t seen = 0;
    for (struct sync_op **at = &s->ops; *at;) {
        struct sync_op *op = *at;
        if (++seen <= KEEP_OPERATIONS || !op->ended) {
            at = &op->next;
            continue;
        }
        *at = op->next;
        s->n_ops--;
        op_free(op);
    }
}

static struct sync_op *running(const struct sync *s, const char *app)
{
    for (struct sync_op *op = s->ops; op; op = op->next)
        if (!op->ended && rk_streq(op->pub.app, app))
            return op;
    return NULL;
}

static void time_is_up(void *ctx)
{
    struct sync_op *op = ctx;
    sync_op_end(op, SYNC_FAILED, "time limit of %llu s",
                (unsigned long long)(op->sync->host.operation_ms / 1000));
}

int sync_start(struct sync *s, const struct sync_request *r, const struct sync_operation **out,
               struct rk_err *err)
{
    struct sync_op *before = running(s, r->app);
    const char *trouble = record_journal_trouble(s->host.journal);
    if (before && !r->supersede)
        return rk_fail(err, RK_CONFLICT, "%s: operation %.8s (%s) runs", r->app, before->pub.id,
                       before->pub.kind);
    if (trouble)
        return rk_fail(err, RK_UNAVAILABLE, "nothing is written to a cluster now: %s", trouble);
    if (before)
        sync_op_end(before, SYNC_SUPERSEDED, "a %s by %s takes its place", r->kind, r->actor);
    struct sync_op *op = sync_op_new(s);
    struct rk_arena *a = op->arena;
    struct sync_operation *p = &op->pub;
    rk_uuid7(p->id, rk_wall_ms());
    p->kind = rk_arena_strdup(a, r->kind);
    p->app = rk_arena_strdup(a, r->app);
    p->environment = rk_arena_strdup(a, r->environment);
    p->actor = rk_arena_strdup(a, r->actor);
    p->email = rk_arena_strdup(a, r->email);
    p->reason = rk_arena_strdup(a, r->reason);
    p->automatic = r->automatic;
    p->started = rk_wall_ms();
    p->state = r->after ? SYNC_WAITING : SYNC_RUNNING;
    if (r->after)
        sync_op_follows(op, r->after);
    (void)snprintf(p->from, sizeof p->from, "%s", r->from ? r->from : "");
    op->commit = r->commit;
    op->commit_free = r->commit_free;
    if (r->work) {
        (void)snprintf(p->revision, sizeof p->revision, "%s", r->work->revision);
        memcpy(p->fingerprint, r->work->plan.fingerprint, sizeof p->fingerprint);
        p->prune = r->work->plan.prunes > 0;
        sync_op_take_work(op, r->work);
    }
    op->limit = run_timer_start(s->loop, s->host.operation_ms, 0, time_is_up, op);
    forget_old(s);
    *out = p;
    sync_step_enter(op);
    return 0;
}

int sync_stop(struct sync *s, const char *id, bool now, struct rk_err *err)
{
    struct sync_op *op = sync_op_find(s, id);
    if (!op)
        return rk_fail(err, RK_NOT_FOUND, "no operation %s", id);
    if (op->ended)
        return rk_fail(err, RK_CONFLICT, "operation %.8s has ended: %s", id,
                       sync_state_name[op->pub.state]);
    op->stop_wave = true;
    if (now)
        sync_op_end(op, SYNC_STOPPED, "stopped at once; what was applied stays");
    return 0;
}

const struct sync_operation *sync_running(const struct sync *s, const char *app)
{
    const struct sync_op *op = s ? running(s, app) : NULL;
    return op ? &op->pub : NULL;
}

const struct sync_operation *sync_find(const struct sync *s, const char *id)
{
    const struct sync_op *op = sync_op_find(s, id);
    return op ? &op->pub : NULL;
}

size_t sync_list(const struct sync *s, const char *app, bool open_only,
                 const struct sync_operation **out, size_t skip, size_t limit, size_t *total)
{
    size_t n = 0;
    *total = 0;
    for (const struct sync_op *op = s->ops; op; op = op->next) {
        if ((app && !rk_streq(op->pub.app, app)) || (open_only && op->ended))
            continue;
        if ((*total)++ >= skip && n < limit)
            out[n++] = &op->pub;
    }
    return n;
}

size_t sync_running_count(const struct sync *s)
{
    size_t n = 0;
    for (const struct sync_op *op = s ? s->ops : NULL; op; op = op->next)
        n += !op->ended;
    return n;
}

void sync_look(struct sync *s, const char *app)
{
    struct sync_op *op = s ? running(s, app) : NULL;
    if (op && op->step == STEP_TASKS)
        sync_tasks_look(op);
}
