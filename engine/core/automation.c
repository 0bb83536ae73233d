/*
 * automation.c: what happens next by itself, and what holds it.
 *
 * automation_decide is called whenever a view, an operation, the policy or a hold changed. It
 * looks at everything anew, so it may be called at any time: it starts one operation (follow a new
 * desired, or heal drift), arms a timer, or says why nothing happens. The rules are model's
 * (model_auto_decide); here they only meet the engine's state.
 */
#include "core/core_int.h"

/* The first of these that holds is the one that is told. */
static const struct { enum core_held bit; const char *name; bool by_person; } held_rows[] = {
    {CORE_HELD_CLUSTER, "cluster", false},    {CORE_HELD_DISK, "disk", false},
    {CORE_HELD_FROZEN, "frozen", false},      {CORE_HELD_ORPHANED, "orphaned", false},
    {CORE_HELD_POLICY, "policy", false},      {CORE_HELD_PROJECT, "project", false},
    {CORE_HELD_FORCED, "force-push", true},   {CORE_HELD_REJECTED, "rejected", true},
    {CORE_HELD_FOREIGN, "foreign", false},    {CORE_HELD_RESTART, "restart", true},
    {CORE_HELD_EMPTY, "empty", false},        {CORE_HELD_FAILED, "failed", true},
    {CORE_HELD_NAMESPACE, "namespace", false},
};

static unsigned held_before(enum core_held why)
{
    unsigned before = 0;
    for (size_t i = 0; i < RK_LEN(held_rows) && held_rows[i].bit != why; i++)
        before |= held_rows[i].bit;
    return before;
}

const char *core_held_name(enum core_held why)
{
    for (size_t i = 0; i < RK_LEN(held_rows); i++)
        if (held_rows[i].bit == why)
            return held_rows[i].name;
    return "held";
}

unsigned core_held_by_name(const char *name)
{
    unsigned all = 0;
    for (size_t i = 0; i < RK_LEN(held_rows); i++)
        if (held_rows[i].by_person && (!name || rk_streq(held_rows[i].name, name)))
            all |= held_rows[i].bit;
    return all;
}

void core_hold(struct core_app *app, enum core_held why, const char *fmt, ...)
{
    char text[sizeof app->held_text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bool told = !(app->held & held_before(why));
    bool news = !(app->held & why) || (told && strcmp(app->held_text, text) != 0);
    app->held |= why;
    if (told)
        memcpy(app->held_text, text, sizeof text);
    if (!news)
        return;
    engine_activity(app->engine, app, RK_LOG_WARN, "reckon", "held (%s): %s", core_held_name(why),
                    text);
    core_publish_app(app);
}

void core_release(struct core_app *app, enum core_held why)
{
    if (!(app->held & why))
        return;
    bool told = !(app->held & held_before(why));
    app->held &= ~(unsigned)why;
    if (told) /* what else holds tells its text when it is looked at anew; till then its name */
        app->held_text[0] = 0;
    for (size_t i = 0; told && app->held && i < RK_LEN(held_rows) && !app->held_text[0]; i++)
        if (app->held & held_rows[i].bit)
            (void)snprintf(app->held_text, sizeof app->held_text, "%s", held_rows[i].name);
    core_publish_app(app);
}

/* ---- holds that are true or not by the state of things ---- */
static bool waits_for_namespace(const struct core_app *app)
{
    const struct model_app *m = app->model;
    struct kube_key key = {.kind = RK_STR("Namespace"), .name = rk_str_c(m->namespace)};
    if (!m->namespace || m->create_namespace || cluster_find(app->cluster->cluster, &key))
        return false;
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(app->engine->apps, &it, &name, &value);) {
        const struct core_app *other = value;
        if (other->cluster != app->cluster)
            continue;
        if (!other->desired && !other->has_error && other->model)
            return true; /* it may make the namespace: not known yet */
        for (size_t i = 0; other->desired && i < other->desired->render->n_objects; i++)
            if (kube_key_eq(&other->desired->render->objects[i].key, &key))
                return other != app;
    }
    return false;
}

static void hold_if(struct core_app *app, bool is, enum core_held why, const char *text)
{
    if (is)
        core_hold(app, why, "%s", text);
    else
        core_release(app, why);
}

/* A rendered object that the project does not allow: neither it nor its like is applied. */
static void project_holds(struct core_app *app)
{
    const struct core_view *v = app->view;
    struct rk_err why = {0};
    for (size_t i = 0; i < v->n; i++) {
        if (!v->pairs[i]->desired || !core_key_denied(app, &v->pairs[i]->key, &why))
            continue;
        core_hold(app, CORE_HELD_PROJECT, RK_FMT_STR " " RK_FMT_STR ": %s",
                  RK_ARG_STR(v->pairs[i]->key.kind), RK_ARG_STR(v->pairs[i]->key.name), why.text);
        return;
    }
    core_release(app, CORE_HELD_PROJECT);
}

static void state_holds(struct core_app *app)
{
    struct engine *e = app->engine;
    const char *by = NULL, *reason = NULL, *trouble = record_journal_trouble(e->journal);
    char text[160];
    bool frozen = engine_frozen(e, app, &by, &reason);
    (void)snprintf(text, sizeof text, "frozen by %s: %s", by ? by : "", reason ? reason : "");
    hold_if(app, frozen, CORE_HELD_FROZEN, text);
    hold_if(app, app->cluster->foreign, CORE_HELD_CLUSTER, app->cluster->message);
    hold_if(app, trouble != NULL, CORE_HELD_DISK, trouble ? trouble : "");
    char shared[240] = "another automation owns some of its objects: shown, not written";
    bool contested = core_app_contested(app, shared, sizeof shared);
    hold_if(app, contested || app->view->foreign > 0, CORE_HELD_FOREIGN, shared);
    (void)snprintf(text, sizeof text, "waits for namespace %s",
                   app->model->namespace ? app->model->namespace : "");
    hold_if(app, waits_for_namespace(app), CORE_HELD_NAMESPACE, text);
    (void)snprintf(text, sizeof text, "a force push dropped %.7s, which runs here: look, then "
                   "`reckon release %s`", app->forced, app->name);
    hold_if(app, app->forced[0] && strcmp(app->forced, app->synced) == 0, CORE_HELD_FORCED, text);
    project_holds(app);
    bool rejected = app->rejected[0] && strcmp(app->desired->digest, app->rejected) == 0;
    hold_if(app, rejected, CORE_HELD_REJECTED, "git says a revision that was reverted");
}

/* ---- the decision ---- */
static void next_is(struct core_app *app, const char *action, const char *reason, int64_t at)
{
    bool news = !rk_streq(app->next_action, action) || !rk_streq(app->next_reason, reason) ||
                app->next_at != at;
    app->next_action = action;
    app->next_reason = reason;
    app->next_at = at;
    if (news)
        core_publish_app(app);
}

static void due(void *ctx)
{
    struct core_app *app = ctx;
    automation_decide(app);
}

static void wait_for(struct core_app *app, uint64_t ms)
{
    if (app->timer)
        run_timer_again(app->timer, ms);
    else
        app->timer = run_timer_start(app->engine->loop, ms, 0, due, app);
}

static struct model_auto_input input_of(const struct core_app *app)
{
    const struct core_view *v = app->view;
    size_t out = v->drifted + v->missing + v->extras;
    bool same = strcmp(app->attempted, app->desired->digest) == 0;
    return (struct model_auto_input){
        .automated = app->model->automated && app->policy.sync == MODEL_AUTO,
        .operation_running = sync_running(app->engine->sync, app->name) != NULL,
        .verdict = v->verdict,
        .only_prune = out > 0 && out == v->extras, .all_prune = v->n > 0 && v->extras == v->n,
        .no_objects = v->desired->render->n_objects == 0,
        .prune = app->model->prune && app->policy.prune,
        .self_heal = app->model->self_heal && app->policy.self_heal,
        .allow_empty = app->model->allow_empty,
        .same_revision = same, .last_attempted = same, .last_succeeded = same && app->attempt_ok,
        .heal_attempts = app->heal_attempts, .now_ms = (int64_t)rk_mono_ms(),
        .last_finished_ms = app->finished_ms,
    };
}

static void start(struct core_app *app, bool heal)
{
    struct sync_work *work = NULL;
    struct plan_options options;
    struct rk_err err = {0};
    struct rk_arena *a = rk_arena_new();
    core_work_options(app, &options);
    if (heal) { /* only what drifted, as a selective sync */
        struct kube_key *only = rk_arena_array(a, app->view->n + 1, sizeof *only);
        for (size_t i = 0; i < app->view->n; i++)
            if (app->view->pairs[i]->drift.verdict != DRIFT_SAME)
                only[options.n_only++] = app->view->pairs[i]->key;
        options.only = only;
    }
    const char *kind = heal ? "heal" : "sync";
    int rc = core_work_make(app, app->view, kind, &options, NULL, &work, &err);
    rk_arena_free(a);
    struct sync_request r = {
        .kind = kind, .app = app->name, .environment = app->policy.environment,
        .actor = "reckon/auto", .email = "reckon@localhost", .automatic = true, .work = work,
        .from = app->synced, .reason = heal ? "self-heal" : "new desired state",
    };
    const struct sync_operation *op = NULL;
    if (rc == 0) {
        memcpy(app->attempted, app->desired->digest, sizeof app->attempted);
        app->attempt_ok = false;
        app->heal_attempts = heal ? app->heal_attempts + 1 : 0;
        rc = sync_start(app->engine->sync, &r, &op, &err);
    }
    if (rc) {
        app->attempt_ok = false;
        core_hold(app, CORE_HELD_FAILED, "%s", err.text);
    }
    next_is(app, NULL, NULL, 0);
}

/* Why nothing may start by itself, whatever the view says; NULL: it may. */
static const char *why_not(struct core_app *app)
{
    if (!app->model)
        return "its Application left git";
    if (app->has_error)
        return "its desired state is not known";
    if (!app->view || !app->desired || app->view->desired != app->desired || !app->cluster)
        return "not compared yet";
    if (sync_running(app->engine->sync, app->name))
        return "an operation runs";
    if (app->policy.sync == MODEL_OBSERVE)
        return "observed only: no environment of reckon.yaml manages it";
    if (app->policy.sync == MODEL_MANUAL)
        return "manual: an operator syncs it";
    if (!app->model->automated)
        return "not automated";
    return NULL;
}

bool automation_heals(struct core_app *app)
{
    const struct sync_operation *op = sync_running(app->engine->sync, app->name);
    if (op)
        return op->automatic && rk_streq(op->kind, "heal");
    if (app->held || why_not(app))
        return false;
    struct model_auto_input in = input_of(app);
    in.verdict = MODEL_OUT_OF_SYNC;
    in.only_prune = in.all_prune = false;
    return in.same_revision && model_auto_decide(&in).sync;
}

void automation_decide(struct core_app *app)
{
    /* of one that left git there is nothing to wait for: what was open is reported */
    if ((app->view || !app->model) && sync_unrecovered(app->engine->sync, app->name)) {
        sync_recover(app->engine->sync, app->name);
        return;
    }
    if (app->view && app->model && app->desired && app->cluster && !app->has_error)
        state_holds(app);
    const char *reason = why_not(app);
    if (reason) {
        next_is(app, "none", reason, 0);
        return;
    }
    struct model_auto_input in = input_of(app);
    struct model_auto d = model_auto_decide(&in);
    bool empty = in.all_prune && !in.allow_empty && in.prune;
    hold_if(app, empty || (in.no_objects && app->view->extras && !in.allow_empty),
            CORE_HELD_EMPTY, "the render is empty: nothing is pruned (allowEmpty is off)");
    if (in.same_revision && !app->attempt_ok && in.verdict == MODEL_OUT_OF_SYNC && !app->retries)
        core_hold(app, CORE_HELD_FAILED, "the last attempt at this revision failed");
    else if (!in.same_revision)
        core_release(app, CORE_HELD_FAILED);
    if (app->held) {
        next_is(app, "none", app->held_text, 0);
    } else if (d.wait_ms) {
        next_is(app, "heal", d.reason, rk_wall_ms() + (int64_t)d.wait_ms);
        wait_for(app, d.wait_ms);
    } else if (d.sync) {
        start(app, in.same_revision);
    } else {
        next_is(app, "none", d.reason, 0);
    }
}

/* ---- after an operation ---- */
static bool retry_later(struct core_app *app)
{
    static const struct model_retry standard = {
        .limit = 5, .duration_ms = 5000, .max_ms = 180000, .factor = 2};
    const struct model_retry *r = app->model->has_retry ? &app->model->retry : &standard;
    if (r->limit >= 0 && app->retries >= r->limit)
        return false;
    uint64_t wait = model_retry_delay(r, app->retries++);
    app->attempted[0] = 0; /* so that the same desired counts as not tried */
    next_is(app, "retry", "the last attempt failed", rk_wall_ms() + (int64_t)wait);
    wait_for(app, wait);
    return true;
}

void automation_closed(struct core_app *app, const struct sync_operation *op)
{
    bool good = op->state == SYNC_SUCCEEDED;
    app->finished_ms = (int64_t)rk_mono_ms();
    app->attempt_ok = good;
    if (good)
        app->retries = 0;
    /* A rollout that went bad is not tried again by itself: the next commit or a person decides.
     * An apply that failed is, as the Application's retry says. */
    bool again = op->automatic && op->state == SYNC_FAILED && app->model && retry_later(app);
    core_app_state_save(app);
    if (!again)
        core_app_mark(app);
}
