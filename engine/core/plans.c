/*
 * plans.c: a request -> a plan that people look at, arm and start.
 *
 * sync plans what the current view (or a render at another revision) says; promote, revert and
 * adopt first make their commit without a ref and plan from its render. A plan holds the work that
 * was reviewed; starting compares fingerprints once more, so that nothing else is ever applied.
 */
#include "core/core_int.h"

enum { PLAN_TTL_MS = 30 * 60 * 1000 };

struct maker {
    struct engine *engine;
    struct core_plan *plan;
    struct plan_options options;
    core_plan_fn done;
    void *ctx;
};

void core_plan_free(struct core_plan *p)
{
    if (!p)
        return;
    if (p->work)
        p->work->free_fn(p->work);
    if (p->change)
        core_change_free(&p->change->commit);
    rk_arena_free(p->arena);
}

static void made(struct maker *m, const struct rk_err *err)
{
    if (err) {
        core_plan_free(m->plan);
        m->done(NULL, err, m->ctx);
    } else {
        struct core_plan *old = rk_map_set(m->engine->plans, m->plan->work->plan.fingerprint,
                                           m->plan);
        core_plan_free(old);
        m->done(m->plan, NULL, m->ctx);
    }
    free(m);
}

static const char *commits_text(struct core_plan *p)
{
    if (!p->change)
        return NULL;
    /* the id of the commit moves with the tip: what counts is the bytes that change */
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < p->change->n_edits; i++)
        rk_buf_f(&text, "%s:%s->%s\n", p->change->edits[i].file, p->change->edits[i].before,
                 p->change->edits[i].after);
    return rk_arena_dup(p->arena, text.p, text.n);
}

static void plan_view(struct maker *m, struct core_view *v)
{
    struct core_plan *p = m->plan;
    struct core_app *app = rk_map_get(m->engine->apps, p->app);
    struct rk_err err = {0};
    int rc = !app || !app->model
                 ? rk_fail(&err, RK_NOT_FOUND, "application %s left git", p->app)
                 : core_work_make(app, v, p->kind, &m->options, commits_text(p), &p->work, &err);
    if (rc == 0 && v->desired)
        p->revision = rk_arena_strdup(p->arena, v->desired->revision);
    made(m, rc ? &err : NULL);
}

static void looked(struct core_view *v, void *ctx)
{
    plan_view(ctx, v);
    core_view_unref(v);
}

static void rendered(struct core_app *app, struct core_desired *d, const struct rk_err *err,
                     void *ctx)
{
    struct maker *m = ctx;
    if (err) {
        made(m, err);
        return;
    }
    (void)core_look_start(app, d, app->view, looked, m);
    core_desired_unref(d);
}

/* ---- which applications ---- */
static int find_promotion(struct engine *e, const struct wire_plan_params *p,
                          struct core_app **target, struct core_app **source, struct rk_err *err)
{
    if (!p->to)
        return rk_fail(err, RK_INVALID, "promote needs the environment to promote to");
    for (size_t i = 0; i < e->n_repos; i++) {
        const struct model *m = e->repos[i].model;
        const struct model_app *given = m ? model_find(m, p->app) : NULL;
        const char *app = given ? given->app : p->app;
        const struct model_app *to = m ? model_app_in(m, app, p->to) : NULL;
        if (!to)
            continue;
        const struct model_environment *from = model_next_environment(m, app, p->to, -1);
        const struct model_app *src = from ? model_app_in(m, app, from->name) : NULL;
        if (!from || !src)
            return rk_fail(err, RK_INVALID, "%s: no environment before %s holds it", app, p->to);
        if (given && given != src && given != to)
            return rk_fail(err, RK_DENIED, "%s: %s comes after %s; no environment is skipped", app,
                           p->to, from->name);
        *target = rk_map_get(e->apps, to->name);
        *source = rk_map_get(e->apps, src->name);
        return 0;
    }
    return rk_fail(err, RK_NOT_FOUND, "no application %s in environment %s", p->app, p->to);
}

static int find_app(struct engine *e, const struct wire_plan_params *p, struct core_app **out,
                    struct rk_err *err)
{
    struct core_app *app = engine_app(e, p->app), *only = NULL;
    const char *name;
    void *value;
    size_t n = 0;
    for (size_t it = 0; !app && p->app && rk_map_next(e->apps, &it, &name, &value);) {
        struct core_app *one = value;
        if (one->model && rk_streq(one->policy.environment, p->app))
            only = one, n++;
    }
    if (!app && n == 1)
        app = only;
    if (!app && n > 1)
        return rk_fail(err, RK_INVALID, "environment %s holds %zu applications: name one", p->app,
                       n);
    if (!app)
        app = engine_app_asked(e, p->app, err);
    *out = app;
    return app ? 0 : -1;
}

static int check_ready(const struct core_app *app, struct rk_err *err)
{
    if (app->has_error)
        return rk_fail(err, app->error.code, "%s: %s", app->name, app->error.text);
    if (!app->model)
        return rk_fail(err, RK_NOT_FOUND, "%s: its Application left git", app->name);
    if (!app->cluster || !app->cluster->cluster)
        return rk_fail(err, RK_UNAVAILABLE, "%s: its cluster is not configured", app->name);
    if (!app->view || !app->view->desired)
        return rk_fail(err, RK_UNAVAILABLE, "%s: not compared yet (%s)", app->name,
                       app->cluster->message[0] ? app->cluster->message : "starting");
    return 0;
}

static int read_options(struct maker *m, const struct core_app *app,
                        const struct wire_plan_params *p, struct rk_err *err)
{
    core_work_options(app, &m->options);
    m->options.prune |= p->prune;
    m->options.force |= p->force;
    m->options.dry_run = p->dry_run;
    m->options.confirmed = true; /* a person arms it */
    struct kube_key *only = rk_arena_array(m->plan->arena, p->n_resources + 1, sizeof *only);
    for (size_t i = 0; i < p->n_resources; i++) {
        struct kube_key key;
        if (!kube_key_parse(rk_str_c(p->resources[i]), &key))
            return rk_fail(err, RK_INVALID, "%s: wanted GROUP/KIND/NAMESPACE/NAME",
                           p->resources[i]);
        only[i] = kube_key_copy(m->plan->arena, &key);
    }
    m->options.only = only;
    m->options.n_only = p->n_resources;
    if (rk_streq(p->kind, "ignore")) { /* a commit alone: no object is of this key */
        only[0] = (struct kube_key){0};
        m->options.n_only = 1;
    }
    return 0;
}

/* ---- creating ---- */
static int begin(struct maker *m, const struct core_plan_request *r, struct rk_err *err)
{
    struct engine *e = m->engine;
    const struct wire_plan_params *p = r->params;
    struct core_app *app = NULL, *source = NULL;
    bool promote = rk_streq(p->kind, "promote"), sync = rk_streq(p->kind, "sync");
    if (!sync && !promote && !rk_streq(p->kind, "revert") && !rk_streq(p->kind, "adopt") &&
        !rk_streq(p->kind, "ignore"))
        return rk_fail(err, RK_INVALID, "no plan of kind %s", p->kind ? p->kind : "(none)");
    if (promote ? find_promotion(e, p, &app, &source, err) : find_app(e, p, &app, err))
        return -1;
    rk_assert(app);
    m->plan->app = rk_arena_strdup(m->plan->arena, app->name);
    m->plan->source = source ? rk_arena_strdup(m->plan->arena, source->name) : NULL;
    if (check_ready(app, err) || (source && check_ready(source, err)) ||
        read_options(m, app, p, err))
        return -1;
    if (!sync && core_change_make(e, app, source, p, r->actor, r->email, &m->plan->change, err))
        return -1;
    if (sync && !p->rev) {
        plan_view(m, app->view);
        return 0;
    }
    char rev[GIT_ID] = "";
    if (m->plan->change) {
        memcpy(rev, m->plan->change->preview, sizeof rev);
        if (!rev[0]) { /* conflicts: the plan shows them and what runs now */
            plan_view(m, app->view);
            return 0;
        }
    } else {
        struct git_view *v = core_repo_view(app->repo, err);
        m->plan->at_revision = true;
        int rc = v ? git_resolve(v, p->rev, rev, err) : -1;
        if (v)
            core_repo_give_back(app->repo, v);
        if (rc)
            return -1;
    }
    core_render(app, rev, rendered, m);
    return 0;
}

void core_plan_create(struct engine *e, const struct core_plan_request *r, core_plan_fn done,
                      void *ctx)
{
    struct rk_arena *a = rk_arena_new();
    struct maker *m = rk_alloc(sizeof *m);
    *m = (struct maker){.engine = e, .done = done, .ctx = ctx};
    m->plan = rk_arena_alloc(a, sizeof *m->plan);
    *m->plan = (struct core_plan){
        .engine = e, .arena = a, .kind = rk_arena_strdup(a, r->params->kind),
        .actor = rk_arena_strdup(a, r->actor), .email = rk_arena_strdup(a, r->email),
        .created = rk_wall_ms(), .can_write = r->can_write,
        .why_readonly = rk_arena_strdup(a, r->why_readonly), .uid = r->uid, .dry_run = r->params->dry_run,
    };
    m->plan->expires = m->plan->created + PLAN_TTL_MS;
    struct rk_err err = {0};
    if (begin(m, r, &err))
        made(m, &err);
}

struct core_plan *core_plan_find(struct engine *e, const char *fingerprint)
{
    const char *key;
    void *value;
    struct core_plan *found = fingerprint ? rk_map_get(e->plans, fingerprint) : NULL;
    size_t n = fingerprint ? strlen(fingerprint) : 0;
    for (size_t it = 0; !found && n >= 8 && rk_map_next(e->plans, &it, &key, &value);)
        if (strncmp(key, fingerprint, n) == 0)
            found = value;
    return found;
}

void core_plans_expire(struct engine *e)
{
    const char *key;
    void *value;
    int64_t now = rk_wall_ms();
    for (size_t it = 0; rk_map_next(e->plans, &it, &key, &value);) {
        struct core_plan *p = value;
        if (p->expires + PLAN_TTL_MS < now) {
            rk_map_del(e->plans, key);
            core_plan_free(p);
        }
    }
}

/* ---- the gate ---- */
/* Compares what was reviewed with what would be planned now. */
static bool is_stale(struct core_plan *p, struct core_app *app, struct rk_err *why)
{
    if (!app->model || !app->view || !app->view->desired)
        return rk_fail(why, RK_CONFLICT, "the application is not compared now") != 0;
    if (p->change || !p->work)
        return p->change && core_change_stale(p->change, app, why);
    const struct core_view *was = core_work_view(p->work);
    if (strcmp(was->desired->digest, app->view->desired->digest) != 0 &&
        strcmp(was->desired->revision, app->target) != 0 && !p->at_revision)
        return rk_fail(why, RK_CONFLICT, "git says something else since the plan was made (%.7s)",
                       app->target) != 0;
    return !p->at_revision && core_work_same(app, p->work, app->view, why) != 0;
}

bool core_plan_gate(struct core_plan *p, struct rk_arena *a, struct plan_missing *out)
{
    struct engine *e = p->engine;
    struct core_app *app = rk_map_get(e->apps, p->app);
    struct core_app *source = p->source ? rk_map_get(e->apps, p->source) : NULL;
    const struct sync_operation *running = sync_running(e->sync, p->app);
    struct rk_err why = {0}, project = {0};
    struct plan_gate_input in = {
        .policy = &app->policy, .kind = p->kind, .app = app->model ? app->model->app : app->name,
        .environment = app->policy.environment, .dry_run = p->dry_run, .can_write = p->can_write,
        .why_readonly = p->why_readonly, .prunes = p->work ? p->work->plan.prunes : 0,
        .expired = rk_wall_ms() > p->expires,
        .unlocked = p->unlocked || engine_unlocked(e, app->policy.environment, p->uid) != NULL, .confirm = p->confirm,
        .reason = p->reason, .disk_message = record_journal_trouble(e->journal),
        .superseding = rk_streq(p->kind, "revert"), .running = running ? running->id : NULL,
        .foreign_cluster = app->cluster && app->cluster->foreign,
        .cluster_message = app->cluster ? app->cluster->message : NULL,
        .policy_pending = app->repo->next_what != NULL, .policy_change = app->repo->next_what,
    };
    in.disk_full = in.disk_message != NULL;
    in.frozen = engine_frozen(e, app, &in.frozen_by, &in.frozen_reason);
    in.stale = is_stale(p, app, &why);
    in.stale_why = why.text;
    if (source) {
        in.source_environment = source->policy.environment;
        in.source_verdict = source->view ? source->view->verdict : MODEL_UNKNOWN;
        in.source_health = source->view ? source->view->health : MODEL_HEALTH_UNKNOWN;
        in.source_validated = source->desired && source->validated[0] &&
                              strcmp(source->validated, source->desired->digest) == 0;
    }
    in.project_denied = core_work_denied(app, p->work, &project);
    in.project_message = project.text;
    bool open = plan_gate(a, &in, out);
    if (p->change && p->change->n_conflicts) {
        const char **v = rk_arena_array(a, out->n + 1, sizeof *v);
        if (out->n)
            memcpy(v, out->v, out->n * sizeof *v);
        v[out->n++] = "the revert conflicts with later commits: choose paths, or go back to a "
                      "revision instead";
        out->v = v;
        open = false;
    }
    return open;
}

int core_plan_arm(struct core_plan *p, const struct wire_arm_params *arm, struct rk_err *err)
{
    const struct core_app *app = rk_map_get(p->engine->apps, p->app);
    const char *wanted = app->model ? plan_confirm_text(p->arena, &app->policy, app->model) : NULL;
    if (arm->confirm && wanted && !rk_streq(arm->confirm, wanted))
        return rk_fail(err, RK_INVALID, "what was typed is not the target: %s", wanted);
    if (arm->confirm)
        p->confirm = rk_arena_strdup(p->arena, arm->confirm);
    if (arm->reason)
        p->reason = rk_arena_strdup(p->arena, arm->reason);
    p->unlocked |= arm->unlock;
    return 0;
}

int core_plan_start(struct core_plan *p, const char *actor, const char *email, bool can_write,
                    const struct sync_operation **out, struct rk_err *err)
{
    struct engine *e = p->engine;
    struct core_app *app = rk_map_get(e->apps, p->app);
    struct plan_missing missing = {0};
    p->can_write = can_write;
    if (!p->work)
        return rk_fail(err, RK_CONFLICT, "this plan was started already");
    if (p->dry_run)
        return rk_fail(err, RK_DENIED, "this plan was made as a dry run; plan again to apply");
    if (!core_plan_gate(p, p->arena, &missing)) {
        struct rk_buf all rk_auto(rk_buf_release) = RK_BUF_INIT;
        for (size_t i = 0; i < missing.n; i++)
            rk_buf_f(&all, "%s%s", i ? "; " : "", missing.v[i]);
        return rk_fail(err, strstr(all.p, "stale") ? RK_CONFLICT : RK_DENIED, "%s", all.p);
    }
    struct sync_request r = {
        .kind = p->kind, .app = p->app, .environment = app->policy.environment, .actor = actor,
        .email = email, .reason = p->reason, .confirm = p->confirm,
        .supersede = rk_streq(p->kind, "revert"), .work = p->work,
        .commit = p->change ? &p->change->commit : NULL, .commit_free = core_change_free,
        .from = app->synced,
        .reject = rk_streq(p->kind, "revert") ? app->desired->digest : NULL,
    };
    if (sync_start(e->sync, &r, out, err))
        return -1;
    if (r.reject) {
        memcpy(app->rejected, r.reject, sizeof app->rejected);
        core_app_state_save(app);
    }
    app->held &= ~core_held_by_name(NULL);
    p->work = NULL;
    p->change = NULL;
    return 0;
}

/* ---- for clients ---- */
static const char *lines(struct rk_arena *a, const char *text)
{
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_text_safe(&safe, rk_str_c(text), RK_TEXT_LINES);
    return rk_arena_dup(a, safe.p, safe.n);
}

static void wire_edits(const struct core_change *c, struct rk_arena *a, struct wire_plan *out)
{
    out->edits = rk_arena_array(a, c->n_edits + 1, sizeof *out->edits);
    for (size_t i = 0; i < c->n_edits; i++)
        out->edits[out->n_edits++] = (struct wire_edit){
            c->edits[i].file, c->edits[i].line, lines(a, c->edits[i].before),
            lines(a, c->edits[i].after)};
    out->conflicts = rk_arena_array(a, c->n_conflicts + 1, sizeof *out->conflicts);
    for (size_t i = 0; i < c->n_conflicts; i++) {
        const char *const v[] = {c->conflicts[i].ancestor, c->conflicts[i].ours,
                                 c->conflicts[i].theirs};
        bool secret = core_file_secret(rk_str_c(v[0])) || core_file_secret(rk_str_c(v[1])) ||
                      core_file_secret(rk_str_c(v[2]));
        out->conflicts[out->n_conflicts++] = (struct wire_conflict){
            c->conflicts[i].path, core_file_text(a, rk_str_c(v[0]), secret),
            core_file_text(a, rk_str_c(v[1]), secret), core_file_text(a, rk_str_c(v[2]), secret)};
    }
    out->commit_message = c->commit.write.message;
}

void core_plan_wire(struct core_plan *p, struct rk_arena *a, struct wire_plan *out)
{
    struct core_app *app = rk_map_get(p->engine->apps, p->app);
    struct plan_missing missing = {0};
    struct rk_err why = {0};
    bool open = p->work && core_plan_gate(p, a, &missing);
    *out = (struct wire_plan){
        .fingerprint = p->work ? p->work->plan.fingerprint : NULL, .kind = p->kind,
        .app = p->app, .environment = app->policy.environment, .revision = p->revision,
        .from = app->synced, .created = p->created, .expires = p->expires, .armed = open,
        .stale = is_stale(p, app, &why), .missing = missing.v, .n_missing = missing.n,
        .confirm = app->model ? plan_confirm_text(a, &app->policy, app->model) : NULL,
        .needs_unlock = app->policy.locked && !p->unlocked &&
                        !engine_unlocked(p->engine, app->policy.environment, p->uid),
        .needs_reason = app->policy.locked && !p->reason,
        .policy = core_policy_line(app, a),
    };
    core_wire_tasks(app, p->work, NULL, a, &out->tasks, &out->n_tasks);
    if (p->change)
        wire_edits(p->change, a, out);
}
