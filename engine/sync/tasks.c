/*
 * tasks.c: the tasks of a plan, group by group. Tasks of one phase, wave and kind run beside each
 * other; a change of kind waits for their answers, a change of wave or phase for their health (and
 * for what is pruned to be gone). Before each request its journal entry is on disk.
 *
 * An apply goes out without force, unless managedFields already say what the server would refuse
 * it for. When other managers own what it sets, it is forced only if every such field is one that
 * the reviewed drift shows with the very value that lives now; the version compared goes along, and
 * where it has moved what lives now is compared again: what the watch brought meanwhile, else read.
 */
#include "sync/sync_int.h"

enum { TRIES = 8 };

static void run_groups(struct sync_op *op);

static struct cluster *cluster_of(const struct sync_op *op)
{
    return op->sync->host.cluster(op->pub.app, op->sync->ctx);
}

static const struct plan_task *planned(const struct sync_op *op, size_t i)
{
    return &op->work->plan.tasks[i];
}

/* ---- calls in flight ---- */
static void drop_call(struct sync_call *k)
{
    struct sync_call **at = &k->op->calls;
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    free(k);
}

/* A call whose journal entry is still being written cannot be taken back: it finds op NULL. */
void sync_tasks_cancel(struct sync_op *op)
{
    for (struct sync_call *k = op->calls, *next; k; k = next) {
        next = k->next;
        if (k->call) {
            cluster_cancel(k->call);
            free(k);
        } else {
            k->op = NULL;
        }
    }
    op->calls = NULL;
}

/* ---- a task's end ---- */
static void set_state(struct sync_op *op, size_t i, enum sync_task_state state, const char *message)
{
    struct sync_task *t = &op->pub.tasks[i];
    t->state = state;
    t->message = message ? rk_arena_strdup(op->arena, message) : NULL;
    if (state == SYNC_TASK_RUNNING)
        t->started = rk_wall_ms();
    if (state == SYNC_TASK_DONE || state == SYNC_TASK_FAILED || state == SYNC_TASK_APPLIED)
        t->finished = rk_wall_ms();
    sync_op_changed(op);
}

static void finished(struct sync_call *k, const char *failure)
{
    struct sync_op *op = k->op;
    size_t i = k->task;
    drop_call(k);
    if (failure) {
        set_state(op, i, SYNC_TASK_FAILED, failure);
        sync_trace(op, RECORD_TASK_DONE, (int64_t)i, rk_str_c(failure), NULL, NULL);
    } else {
        op->pub.applied = rk_wall_ms();
        set_state(op, i, SYNC_TASK_APPLIED, NULL);
        sync_trace(op, RECORD_TASK_DONE, (int64_t)i, RK_STR(""), NULL, NULL);
    }
    run_groups(op);
}

/* ---- applying ---- */
static void send_apply(struct sync_call *k);

static void cannot_force(struct sync_call *k)
{
    char *text = rk_asprintf("%s owns %s, which was not reviewed as drift: adopt it, or plan again "
                             "with force", k->obstacle.manager ? k->obstacle.manager
                             : "another manager", k->obstacle.field);
    finished(k, text);
    free(text);
}

/* What lives now, asked for because its version moved: mostly a controller's status. */
static void read_again(const struct cluster_answer *answer, const struct rk_err *err, void *ctx)
{
    struct sync_call *k = ctx;
    (void)answer; /* it is in the store */
    k->call = NULL;
    if (err)
        finished(k, err->text);
    else
        send_apply(k);
}

/* What the server said of the version before does not hold for the one that lives now. */
static void moved(struct sync_call *k)
{
    const struct plan_task *t = planned(k->op, k->task);
    const struct cluster_object *live = cluster_find(cluster_of(k->op), &t->key);
    struct rk_err err = {0};
    k->n_refused = 0;
    if (live && !rk_str_is(live->object.resource_version, k->version))
        send_apply(k);
    else if (cluster_read(cluster_of(k->op), &t->key, read_again, k, &k->call, &err))
        finished(k, err.text);
}

static void conflicted(struct sync_call *k, const struct cluster_answer *answer,
                       const struct rk_err *why)
{
    const bool named = answer && answer->n_conflicts;
    if (!named && !k->version[0])
        finished(k, why->text);
    else if (++k->tries > TRIES)
        finished(k, "it kept changing while it was applied: plan again");
    else if (!named)
        moved(k);
    else {
        sync_force_note(k, answer);
        send_apply(k);
    }
}

static void applied(const struct cluster_answer *answer, const struct rk_err *err, void *ctx)
{
    struct sync_call *k = ctx;
    struct sync_op *op = k->op;
    const struct plan_task *t = planned(op, k->task);
    k->call = NULL;
    if (err && err->code == RK_CONFLICT) {
        conflicted(k, answer, err);
        return;
    }
    if (err) {
        finished(k, err->text);
        return;
    }
    const struct kube_object *o = answer->object ? &answer->object->object : NULL;
    (void)snprintf(op->versions[k->task], sizeof op->versions[0], RK_FMT_STR,
                   RK_ARG_STR(o ? o->resource_version : RK_STR_NONE));
    (void)snprintf(op->uids[k->task], sizeof op->uids[0], RK_FMT_STR,
                   RK_ARG_STR(o ? o->uid : RK_STR_NONE));
    if (t->object < op->work->n_objects) /* the namespace that was asked for is nobody's */
        op->sync->host.applied(&op->pub, &t->key, op->uids[k->task], op->sync->ctx);
    finished(k, NULL);
}

static const struct kube_object *object_of(const struct sync_op *op, const struct plan_task *t,
                                           struct kube_object *made)
{
    if (t->object < op->work->n_objects)
        return op->work->objects[t->object].desired;
    /* the namespace that CreateNamespace asks for */
    struct doc_node *doc = doc_map(op->arena), *meta = doc_map(op->arena);
    struct rk_err none;
    doc_set_c(op->arena, doc, "apiVersion", doc_string_c(op->arena, "v1"));
    doc_set_c(op->arena, doc, "kind", doc_string_c(op->arena, "Namespace"));
    doc_set_c(op->arena, meta, "name", doc_string(op->arena, t->key.name));
    doc_set_c(op->arena, doc, "metadata", meta);
    if (kube_object_init(made, doc, &none))
        rk_fatal("a namespace without a name: %s", none.text);
    return made;
}

static int apply(struct sync_call *k, struct cluster *c, struct cluster_apply *what,
                 struct rk_err *err)
{
    k->version[0] = 0;
    if (!what->force) {
        const struct cluster_object *live = cluster_find(c, &planned(k->op, k->task)->key);
        const enum sync_force may = sync_force_may(k, c, what, live);
        if (may == SYNC_FORCE_NEVER) {
            cannot_force(k);
            return 0;
        }
        if (may == SYNC_FORCE_YES) {
            (void)snprintf(k->version, sizeof k->version, RK_FMT_STR,
                           RK_ARG_STR(live->object.resource_version));
            what->force = true;
            what->resource_version = k->version;
        }
    }
    return cluster_apply(c, what, applied, k, &k->call, err);
}

static void send_apply(struct sync_call *k)
{
    struct sync_op *op = k->op;
    const struct plan_task *t = planned(op, k->task);
    struct cluster *c = cluster_of(op);
    struct kube_object made = {0};
    struct rk_err err = {0};
    bool ours = t->object < op->work->n_objects;
    struct cluster_apply what = {
        .object = object_of(op, t, &made), .force = t->risks & PLAN_RISK_FORCE,
        .tracking_application = ours ? op->pub.app : NULL,
        .argo_tracking = op->sync->host.argo_tracking,
    };
    if (!c)
        finished(k, "the cluster is not configured any more");
    else if (apply(k, c, &what, &err))
        finished(k, err.text);
}

/* ---- pruning ---- */
static void pruned(const struct cluster_answer *answer, const struct rk_err *err, void *ctx)
{
    struct sync_call *k = ctx;
    struct sync_op *op = k->op;
    const struct plan_task *t = planned(op, k->task);
    (void)answer;
    k->call = NULL;
    if (!err)
        op->sync->host.pruned(&op->pub, &t->key, op->sync->ctx);
    finished(k, err ? err->text : NULL);
}

static void send_prune(struct sync_call *k)
{
    struct sync_op *op = k->op;
    const struct plan_task *t = planned(op, k->task);
    struct cluster *c = cluster_of(op);
    struct rk_err err = {0};
    rk_assert(t->uid && t->uid[0]); /* never by name alone */
    if (!c || cluster_delete(c, &t->key, t->uid, CLUSTER_FOREGROUND, pruned, k, &k->call, &err))
        finished(k, c ? err.text : "the cluster is not configured any more");
}

/* ---- starting a task: journal first ---- */
static void noted(const struct rk_err *err, void *ctx)
{
    struct sync_call *k = ctx;
    if (!k->op) { /* the operation ended meanwhile */
        free(k);
        return;
    }
    if (err) {
        finished(k, err->text);
        return;
    }
    if (planned(k->op, k->task)->action == PLAN_PRUNE)
        send_prune(k);
    else
        send_apply(k);
}

static void start_task(struct sync_op *op, size_t i)
{
    if (planned(op, i)->action == PLAN_KEEP) {
        set_state(op, i, SYNC_TASK_DONE, planned(op, i)->note);
        return;
    }
    struct sync_call *k = rk_alloc(sizeof *k);
    *k = (struct sync_call){.op = op, .task = i, .next = op->calls};
    op->calls = k;
    set_state(op, i, SYNC_TASK_RUNNING, NULL);
    sync_trace_values(op, i);
    sync_trace(op, RECORD_TASK_STARTED, (int64_t)i, RK_STR(""), noted, k);
}

/* ---- health of what was applied ---- */
/* resourceVersions compare by length, then bytes (reference/kubernetes.md section 2.3). */
static bool seen(const struct cluster_object *live, const char *version)
{
    size_t n = strlen(version);
    rk_str v = live->object.resource_version;
    return v.n != n ? v.n > n : memcmp(v.p, version, n) >= 0;
}

/* true: the task needs no more waiting. */
static bool settled(struct sync_op *op, size_t i)
{
    const struct plan_task *t = planned(op, i);
    struct sync_task *state = &op->pub.tasks[i];
    struct cluster_object *live = cluster_find(cluster_of(op), &t->key);
    if (state->state != SYNC_TASK_APPLIED)
        return true;
    if (t->action == PLAN_PRUNE) {
        if (live && rk_str_is(live->object.uid, t->uid))
            return false;
        set_state(op, i, SYNC_TASK_DONE, NULL);
        return true;
    }
    if (!live || !seen(live, op->versions[i]))
        return false;
    struct rk_arena *a = rk_arena_new();
    struct model_health_of h = op->sync->host.health(&op->pub, a, &t->key, op->sync->ctx);
    bool done = h.health == MODEL_HEALTHY || h.health == MODEL_NONE ||
                h.health == MODEL_SUSPENDED;
    if (done)
        set_state(op, i, SYNC_TASK_DONE, NULL);
    else if (!rk_streq(state->message, h.message))
        set_state(op, i, SYNC_TASK_APPLIED, h.message);
    if (h.health == MODEL_DEGRADED) {
        struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
        kube_key_text(&key, &t->key);
        set_state(op, i, SYNC_TASK_FAILED, h.message ? h.message : "Degraded");
        sync_op_end(op, SYNC_DEGRADED, "%s: %s", key.p, h.message ? h.message : "Degraded");
    }
    rk_arena_free(a);
    return done || op->ended;
}

static bool wave_ends(const struct sync_op *op, size_t i)
{
    const struct plan_task *a = planned(op, i - 1), *b = planned(op, i);
    return a->phase != b->phase || a->wave != b->wave;
}

static bool wave_settled(struct sync_op *op, size_t end)
{
    bool all = true;
    for (size_t i = end; i > 0 && !op->ended; i--) {
        if (i < end && wave_ends(op, i))
            break;
        all = settled(op, i - 1) && all;
    }
    return all;
}

/* ---- health of what was applied before a restart ---- */
static bool comes_before(const struct sync_planned *p, const struct plan_task *next)
{
    return p->phase != next->phase ? p->phase < next->phase : p->wave < next->wave;
}

/* Waves that were done or begun before the engine was cut off are waited for as any other. */
static bool earlier_settled(struct sync_op *op)
{
    const struct plan_task *next = op->end < op->work->plan.n_tasks ? planned(op, op->end) : NULL;
    bool all = true;
    for (size_t i = 0; i < op->n_planned && !op->ended; i++) {
        const struct sync_planned *p = &op->planned[i];
        if (p->action == PLAN_PRUNE || p->action == PLAN_KEEP || (next && !comes_before(p, next)))
            continue;
        struct rk_arena *a = rk_arena_new();
        struct model_health_of h = op->sync->host.health(&op->pub, a, &p->key, op->sync->ctx);
        if (h.health == MODEL_PROGRESSING || h.health == MODEL_HEALTH_UNKNOWN)
            all = false;
        if (h.health == MODEL_DEGRADED) {
            struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
            kube_key_text(&key, &p->key);
            sync_op_end(op, SYNC_DEGRADED, "%s: %s", key.p, h.message ? h.message : "Degraded");
        }
        rk_arena_free(a);
    }
    return all;
}

static const char *failed_task(const struct sync_op *op, size_t *which)
{
    for (size_t i = 0; i < op->end; i++)
        if (op->pub.tasks[i].state == SYNC_TASK_FAILED) {
            *which = i;
            return op->pub.tasks[i].message;
        }
    return NULL;
}

/* ---- group by group ---- */
static void next_group(struct sync_op *op)
{
    size_t n = op->work->plan.n_tasks;
    op->first = op->end;
    op->end = op->first + 1;
    while (op->end < n && !plan_barrier(planned(op, op->end - 1), planned(op, op->end)))
        op->end++;
    for (size_t i = op->first; i < op->end && !op->ended; i++)
        if (op->pub.tasks[i].state == SYNC_TASK_WAITING)
            start_task(op, i);
}

static bool heal_ends(const struct sync_op *op)
{
    return rk_streq(op->pub.kind, "heal") && op->end >= op->work->plan.n_tasks;
}

static void wave_delayed(void *ctx)
{
    struct sync_op *op = ctx;
    run_timer_stop(op->wave_timer);
    op->wave_timer = NULL;
    next_group(op);
    run_groups(op);
}

static void run_groups(struct sync_op *op)
{
    while (!op->ended && !op->calls && !op->wave_timer) {
        size_t which = 0, n = op->work->plan.n_tasks;
        const char *why = failed_task(op, &which);
        if (why) {
            struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
            kube_key_text(&key, &planned(op, which)->key);
            sync_op_end(op, SYNC_FAILED, "%s: %s", key.p, why);
            return;
        }
        bool last = op->end >= n, wave = op->end > 0 && (last || wave_ends(op, op->end));
        if (wave && !heal_ends(op) && !wave_settled(op, op->end))
            return; /* sync_tasks_look comes when something changes */
        if (op->recovered && (wave || op->end == 0) && !heal_ends(op) && !earlier_settled(op))
            return;
        if (op->ended)
            return;
        if (last) {
            sync_step_next(op);
            return;
        }
        if (wave && op->stop_wave) {
            sync_op_end(op, SYNC_STOPPED, "stopped after wave %lld",
                        (long long)planned(op, op->end - 1)->wave);
            return;
        }
        if (wave && op->sync->host.wave_delay_ms) {
            op->wave_timer = run_timer_start(op->sync->loop, op->sync->host.wave_delay_ms, 0,
                                             wave_delayed, op);
            return;
        }
        next_group(op);
    }
}

void sync_tasks_begin(struct sync_op *op)
{
    op->first = op->end = 0;
    run_groups(op);
}

void sync_tasks_look(struct sync_op *op)
{
    if (!op->calls)
        run_groups(op);
}
