/*
 * steps.c: the order of an operation. Each step is entered once; it goes on at once or when its
 * answer comes. An operation that ended takes no answer any more: calls are cancelled, and answers
 * that cannot be cancelled (journal, git) find it ended and do nothing.
 */
#include "sync/sync_int.h"

static void enter_open(struct sync_op *op);
static void enter_intent(struct sync_op *op);
static void enter_commit(struct sync_op *op);
static void enter_work(struct sync_op *op);
static void enter_check(struct sync_op *op);
static void enter_close(struct sync_op *op);

static const struct {
    const char *name;
    void (*enter)(struct sync_op *op);
} steps[STEP_MAX] = {
    [STEP_OPEN] = {"open", enter_open},       [STEP_INTENT] = {"intent", enter_intent},
    [STEP_COMMIT] = {"commit", enter_commit}, [STEP_WORK] = {"work", enter_work},
    [STEP_CHECK] = {"check", enter_check},    [STEP_TASKS] = {"tasks", sync_tasks_begin},
    [STEP_CLOSE] = {"close", enter_close},
};

void sync_step_enter(struct sync_op *op)
{
    steps[op->step].enter(op);
}

void sync_step_next(struct sync_op *op)
{
    if (op->ended)
        return;
    rk_assert(op->step < STEP_CLOSE);
    if (op->stop_wave && op->step < STEP_TASKS) { /* "after the wave": none has begun */
        sync_op_end(op, SYNC_STOPPED, "stopped before anything was applied");
        return;
    }
    op->step++;
    sync_step_enter(op);
}

void sync_op_changed(struct sync_op *op)
{
    op->sync->host.changed(&op->pub, op->sync->ctx);
}

/* ---- answers that outlive an operation carry its id, not its address ---- */
struct sync_ticket {
    struct sync *sync;          /* NULL: it is gone */
    struct sync_ticket *next;
    enum sync_state state;      /* that it ended with (close) */
    char id[37];
};

static struct sync_ticket *ticket_of(const struct sync_op *op)
{
    struct sync_ticket *t = rk_alloc(sizeof *t);
    *t = (struct sync_ticket){.sync = op->sync, .next = op->sync->tickets};
    memcpy(t->id, op->pub.id, sizeof t->id);
    op->sync->tickets = t;
    return t;
}

static void tear(struct sync_ticket *t)
{
    if (t->sync) {
        struct sync_ticket **at = &t->sync->tickets;
        while (*at != t)
            at = &(*at)->next;
        *at = t->next;
    }
    free(t);
}

static struct sync_op *redeem(struct sync_ticket *t)
{
    struct sync_op *op = t->sync ? sync_op_find(t->sync, t->id) : NULL;
    tear(t);
    return op && !op->ended ? op : NULL;
}

void sync_tickets_forget(struct sync *s)
{
    for (struct sync_ticket *t = s->tickets; t; t = t->next)
        t->sync = NULL;
}

/* ---- open ---- */
static void opened(const struct rk_err *err, void *ctx)
{
    struct sync_op *op = redeem(ctx);
    if (!op)
        return;
    if (err)
        sync_op_end(op, SYNC_FAILED, "not begun: %s", err->text);
    else
        sync_step_next(op);
}

static void enter_open(struct sync_op *op)
{
    sync_op_changed(op);
    sync_trace_open(op, opened, ticket_of(op));
}

/* ---- intent: before the first change of a locked environment ---- */
static void intent_pushed(const struct rk_err *err, void *ctx)
{
    struct sync_op *op = redeem(ctx);
    if (!op)
        return;
    op->break_glass = err != NULL; /* recorded here, flagged, pushed when the remote is back */
    sync_step_next(op);
}

/* On the disk: now it may be pushed, and the remote may be away. */
static void intent_kept(const struct rk_err *err, void *ctx)
{
    struct sync_op *op = redeem(ctx);
    if (!op)
        return;
    struct record_log *log = op->sync->host.log(op->pub.app, op->sync->ctx);
    if (err || !log)
        sync_op_end(op, SYNC_FAILED, "the intent could not be recorded: %s",
                    err ? err->text : "no audit log");
    else
        record_log_push(log, op->pub.environment, intent_pushed, ticket_of(op));
}

static void enter_intent(struct sync_op *op)
{
    struct sync *s = op->sync;
    struct record_log *log = s->host.log(op->pub.app, s->ctx);
    struct rk_err err = {0};
    if (!log || !s->host.intent_first(op->pub.environment, s->ctx)) {
        sync_step_next(op);
        return;
    }
    bool there = op->recovered && record_log_has(log, op->pub.environment, op->pub.id, "intent");
    if (!there && sync_audit(op, "intent", &err)) {
        sync_op_end(op, SYNC_FAILED, "the intent could not be recorded: %s", err.text);
        return;
    }
    record_log_sync(log, op->pub.environment, intent_kept, ticket_of(op));
}

/* ---- commit ---- */
void sync_op_follows(struct sync_op *op, const char *id)
{
    struct sync_op *first = sync_op_find(op->sync, id);
    (void)snprintf(op->pub.after, sizeof op->pub.after, "%s", id);
    if (!first)
        return; /* forgotten since */
    struct sync_operation *p = &first->pub;
    const char **v = rk_arena_array(first->arena, p->n_followers + 1, sizeof *v);
    if (p->n_followers)
        memcpy(v, p->followers, p->n_followers * sizeof *v);
    v[p->n_followers++] = rk_arena_strdup(first->arena, op->pub.id);
    p->followers = v;
}

/* One that waits for the commit of that operation. Those of before a restart wait for nothing. */
static struct sync_op *follower(const struct sync *s, const char *id)
{
    for (struct sync_op *op = s->ops; op; op = op->next)
        if (!op->ended && !op->pub.commit[0] && strcmp(op->pub.after, id) == 0 && !op->recovered)
            return op;
    return NULL;
}

/* A commit is made: its own, or that of the operation it follows. */
static void take_commit(struct sync_op *op, enum git_landed how, const char *id, const char *branch)
{
    (void)snprintf(op->pub.commit, sizeof op->pub.commit, "%s", id ? id : "");
    op->pub.pushed = how == GIT_PUSHED || how == GIT_ON_BRANCH;
    op->pub.pinned = how == GIT_PENDING;
    sync_trace(op, RECORD_COMMIT, -1, rk_str_c(op->pub.commit), NULL, NULL);
    if (op->pub.pushed)
        sync_trace(op, RECORD_PUSHED, -1, rk_str_c(branch), NULL, NULL);
    if (op->pub.pinned)
        sync_trace(op, RECORD_NOTE, -1, RK_STR(SYNC_NOTE_PINNED), NULL, NULL);
    if (how == GIT_NOTHING) {
        sync_op_end(op, SYNC_FAILED, "nothing to commit: git says it already");
        return;
    }
    if (how == GIT_ON_BRANCH) {
        sync_op_end(op, SYNC_SUCCEEDED,
                    "pushed as branch %s; the sync follows when it is merged", branch);
        return;
    }
    memcpy(op->pub.revision, op->pub.commit, sizeof op->pub.revision);
    op->pub.state = SYNC_RUNNING;
    op->sync->host.committed(&op->pub, op->sync->ctx);
    sync_op_changed(op);
    if (op->step == STEP_COMMIT) /* one that follows may still record its intent */
        sync_step_next(op);
}

static void committed(enum git_landed how, const char *id, const char *branch,
                      const struct rk_err *err, void *ctx)
{
    struct sync_op *op = redeem(ctx), *next;
    if (!op)
        return;
    if (err) {
        sync_op_end(op, SYNC_FAILED, "commit: %s", err->text);
        return;
    }
    struct sync *s = op->sync;
    char first[sizeof op->pub.id];
    memcpy(first, op->pub.id, sizeof first);
    take_commit(op, how, id, branch);
    while ((next = follower(s, first)))
        take_commit(next, how, id, branch);
}

static void commit_noted(const struct rk_err *err, void *ctx)
{
    struct sync_op *op = redeem(ctx);
    if (!op)
        return;
    struct git_mirror *m = op->sync->host.mirror(op->pub.app, op->sync->ctx);
    if (err || !m) {
        sync_op_end(op, SYNC_FAILED, "no commit was made: %s", err ? err->text : "no repository");
        return;
    }
    git_commit_push(m, &op->commit->write, committed, ticket_of(op));
}

static void enter_commit(struct sync_op *op)
{
    if (op->pub.commit[0] || (!op->commit && !op->pub.after[0]))
        sync_step_next(op);
    else if (op->commit)
        sync_trace(op, RECORD_NOTE, -1, RK_STR(SYNC_NOTE_COMMIT), commit_noted, ticket_of(op));
}

/* ---- work: what the commit renders to is what was reviewed ---- */
void sync_op_take_work(struct sync_op *op, struct sync_work *w)
{
    if (op->work)
        op->work->free_fn(op->work);
    op->work = w;
    op->pub.work = w;
    size_t n = w->plan.n_tasks;
    free(op->pub.tasks);
    free(op->versions);
    free(op->uids);
    op->pub.tasks = rk_calloc(n + 1, sizeof *op->pub.tasks);
    op->versions = rk_calloc(n + 1, sizeof *op->versions);
    op->uids = rk_calloc(n + 1, sizeof *op->uids);
}

static bool was_planned(const struct sync_op *op, const struct plan_task *t)
{
    for (size_t i = 0; i < op->n_planned; i++)
        if (op->planned[i].action == t->action && kube_key_eq(&op->planned[i].key, &t->key))
            return true;
    /* created before the restart, and live by now: to apply is to go on with it */
    for (size_t i = 0; t->action == PLAN_APPLY && i < op->n_planned; i++)
        if (op->planned[i].action == PLAN_CREATE && kube_key_eq(&op->planned[i].key, &t->key))
            return true;
    return t->action == PLAN_KEEP;
}

static void fresh(struct sync_work *w, const struct rk_err *err, void *ctx)
{
    struct sync_op *op = redeem(ctx);
    if (!op) {
        if (w)
            w->free_fn(w);
        return;
    }
    if (err) {
        sync_op_end(op, SYNC_FAILED, "%s", err->text);
        return;
    }
    for (size_t i = 0; op->recovered && i < w->plan.n_tasks; i++)
        if (!was_planned(op, &w->plan.tasks[i])) {
            w->free_fn(w);
            sync_op_end(op, SYNC_FAILED, "the engine restarted, and what is to do now is not what "
                                         "was planned: plan again");
            return;
        }
    if (!op->recovered && op->pub.fingerprint[0] &&
        strcmp(w->plan.fingerprint, op->pub.fingerprint) != 0) {
        w->free_fn(w);
        sync_op_end(op, SYNC_FAILED, "the commit is made, but what it renders to or what lives is "
                                     "not what was reviewed: nothing was applied; plan again");
        return;
    }
    sync_op_take_work(op, w);
    sync_op_changed(op);
    sync_step_next(op);
}

static void enter_work(struct sync_op *op)
{
    if (op->work && !op->pub.commit[0]) {
        sync_step_next(op);
        return;
    }
    op->sync->host.work_at(&op->pub, op->pub.revision, fresh, ticket_of(op), op->sync->ctx);
}

/* ---- check ---- */
static void enter_check(struct sync_op *op)
{
    struct rk_err err = {0};
    if (op->sync->host.still(&op->pub, op->sync->ctx, &err))
        sync_op_end(op, SYNC_FAILED, "%s", err.text);
    else
        sync_step_next(op);
}

/* ---- close ---- */
static void enter_close(struct sync_op *op)
{
    size_t done = 0;
    for (size_t i = 0; op->work && i < op->work->plan.n_tasks; i++)
        done += op->pub.tasks[i].state == SYNC_TASK_DONE ||
                op->pub.tasks[i].state == SYNC_TASK_APPLIED;
    sync_op_end(op, SYNC_SUCCEEDED, "%zu task%s%s", done, done == 1 ? "" : "s",
                op->pub.pinned ? ", pinned to a revert that waits for the remote" : "");
}

static void free_nothing(struct sync_work *w)
{
    (void)w; /* it lives in the operation's arena */
}

/*
 * A later turn, when nobody uses it any more: the work holds the render and the live objects of
 * its application. What the list of operations shows of it are the tasks; those are kept.
 */
static void keep_tasks_only(void *ctx)
{
    struct sync_op *op = ctx;
    struct rk_arena *a = op->arena;
    size_t n = op->work->plan.n_tasks;
    struct sync_work *small = rk_arena_alloc(a, sizeof *small);
    struct plan_task *tasks = rk_arena_array(a, n + 1, sizeof *tasks);
    for (size_t i = 0; i < n; i++) {
        tasks[i] = op->work->plan.tasks[i];
        tasks[i].key = kube_key_copy(a, &tasks[i].key);
        tasks[i].note = rk_arena_strdup(a, tasks[i].note);
        tasks[i].uid = NULL;
        tasks[i].object = SIZE_MAX;
    }
    *small = (struct sync_work){.plan = op->work->plan, .free_fn = free_nothing,
                                .revision = op->pub.revision};
    small->plan.kind = op->pub.kind;
    small->plan.tasks = tasks;
    op->work->free_fn(op->work);
    op->work = small;
    op->pub.work = small;
}

/* The outcome is on the disk: only now does the journal let go of the operation. */
static void outcome_kept(const struct rk_err *err, void *ctx)
{
    struct sync_ticket *t = ctx;
    if (t->sync && !err)
        sync_trace_closed(t->sync, t->id, t->state);
    tear(t);
}

/*
 * The journal first says how it ended, last that it is closed. Cut off between them, it ends once
 * more after a restart, as it ended, and its outcome is recorded if it was not: nothing is applied.
 */
static void conclude(struct sync_op *op)
{
    struct sync *s = op->sync;
    struct record_log *log = s->host.log(op->pub.app, s->ctx);
    struct rk_err err = {0};
    sync_trace_ended(op);
    if (!log) {
        sync_trace_closed(s, op->pub.id, op->pub.state);
        return;
    }
    bool there = op->recovered &&
                 record_log_has(log, op->pub.environment, op->pub.id, "outcome");
    if (!there && sync_audit(op, "outcome", &err)) {
        sync_trace(op, RECORD_NOTE, -1, rk_str_c(err.text), NULL, NULL);
        sync_trace_closed(s, op->pub.id, op->pub.state);
        return;
    }
    struct sync_ticket *t = ticket_of(op);
    t->state = op->pub.state;
    record_log_settle(log, op->pub.environment, outcome_kept, t); /* off the path */
}

void sync_op_end(struct sync_op *op, enum sync_state state, const char *fmt, ...)
{
    struct sync *s = op->sync;
    va_list ap;
    if (op->ended)
        return;
    va_start(ap, fmt);
    op->pub.message = rk_arena_vf(op->arena, fmt, ap);
    va_end(ap);
    op->ended = true;
    op->pub.state = state;
    op->pub.finished = rk_wall_ms();
    sync_tasks_cancel(op);
    run_timer_stop(op->limit);
    run_timer_stop(op->wave_timer);
    op->limit = op->wave_timer = NULL;
    for (size_t i = 0; op->work && i < op->work->plan.n_tasks; i++)
        if (op->pub.tasks[i].state == SYNC_TASK_WAITING)
            op->pub.tasks[i].state = SYNC_TASK_SKIPPED;
    conclude(op);
    for (struct sync_op *f; (f = follower(s, op->pub.id));) /* there is no commit for them */
        sync_op_end(f, state, "%s", op->pub.message);
    s->host.closed(&op->pub, s->ctx);
    if (op->work)
        run_soon(s->loop, keep_tasks_only, op);
}
