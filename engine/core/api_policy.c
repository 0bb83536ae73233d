/*
 * api_policy.c: environments, freezes, locks, holds: what governs, and what people say to it.
 * Each change is an activity line and an audit entry.
 */
#include "core/core_int.h"

static const char *const sync_words[] = {"auto", "manual", "observe"};
static const char *const via_words[] = {"push", "branch"};

enum { UNLOCK_MS = 15 * 60 * 1000 };

/* One audit entry of something that a person decided. */
static void audit(struct core_request *r, struct core_repo *repo, const char *kind,
                  const char *environment, const char *app, const char *reason, const char *message)
{
    char id[37];
    struct core_who who = core_request_who(r);
    struct rk_err err = {0};
    rk_uuid7(id, rk_wall_ms());
    struct record_audit e = {
        .id = id, .kind = kind, .app = app, .environment = environment, .stage = "event",
        .actor = who.name, .actor_email = who.email, .reason = reason, .message = message,
        .result = "Done", .time = rk_wall_ms(),
    };
    if (!repo || !repo->log || !environment)
        return;
    if (record_log_add(repo->log, &e, !repo->model || !repo->model->has_config, &err))
        engine_activity(r->engine, NULL, RK_LOG_ERROR, "reckon", "audit: %s", err.text);
    else
        record_log_push(repo->log, environment, NULL, NULL);
}

static bool holds(const struct engine *e, const char *environment, int64_t *n)
{
    const char *name;
    void *value;
    *n = 0;
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);)
        *n += rk_streq(((struct core_app *)value)->policy.environment, environment);
    return *n > 0;
}

/* Does the loosening that waits say something of the environment? NULL: none waits. */
static const char *pending_for(const struct core_repo *r, const char *environment)
{
    const size_t n = strlen(environment);
    bool named = false;
    for (size_t i = 0; r->next_what && r->model && i < r->model->n_environments; i++) {
        const char *name = r->model->environments[i].name;
        named |= strncmp(r->next_what, name, strlen(name)) == 0 &&
                 r->next_what[strlen(name)] == ':';
    }
    for (const char *at = r->next_what; at; at = strstr(at, "; "), at = at ? at + 2 : NULL)
        if (!named || (strncmp(at, environment, n) == 0 && at[n] == ':'))
            return r->next_what;
    return NULL;
}

static int api_environments(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    struct wire_environments list = {0};
    size_t n = 0;
    (void)err;
    for (size_t i = 0; i < e->n_repos; i++)
        n += e->repos[i].model ? e->repos[i].model->n_environments : 0;
    list.environments = rk_arena_array(r->arena, n + 1, sizeof *list.environments);
    for (size_t i = 0; i < e->n_repos; i++) {
        const struct model *m = e->repos[i].model;
        for (size_t k = 0; m && k < m->n_environments; k++) {
            const struct model_environment *env = &m->environments[k];
            const struct doc_node *frozen = doc_get(e->frozen, env->name);
            struct wire_environment *w = &list.environments[list.n_environments++];
            *w = (struct wire_environment){
                .name = env->name, .sync = sync_words[env->sync], .prune = env->prune,
                .self_heal = env->self_heal, .locked = env->locked, .validate = env->validate,
                .frozen = frozen != NULL, .approvals = env->approvals,
                .prune_budget = env->prune_budget, .promote_via = via_words[env->promote_via],
                .revert_via = via_words[env->revert_via],
                .pending = pending_for(&e->repos[i], env->name),
                .frozen_by = core_safe(r->arena, doc_get_text(frozen, "by")),
                .frozen_reason = core_safe(r->arena, doc_get_text(frozen, "reason")),
            };
            (void)holds(e, env->name, &w->applications);
            const struct core_unlock *u =
                engine_unlocked(e, env->name, core_request_who(r).uid);
            w->unlocked_until = u ? u->until : 0;
        }
    }
    core_answer(r, &list);
    return 0;
}

/* The repository whose model has the environment, or the application. */
static struct core_repo *repo_of(struct engine *e, const char *target, const char **environment)
{
    struct core_app *app = engine_app(e, target);
    if (app) {
        *environment = app->policy.environment;
        return app->repo;
    }
    for (size_t i = 0; i < e->n_repos; i++)
        for (size_t k = 0; e->repos[i].model && k < e->repos[i].model->n_environments; k++)
            if (rk_streq(e->repos[i].model->environments[k].name, target)) {
                *environment = target;
                return &e->repos[i];
            }
    return NULL;
}

static void decide_all(struct engine *e)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);) {
        core_publish_app(value);
        automation_decide(value);
    }
}

static int api_freeze(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    const struct wire_freeze_params *p = r->params;
    const char *environment = NULL;
    struct core_who who = core_request_who(r);
    struct core_repo *repo = p->target ? repo_of(e, p->target, &environment) : NULL;
    if (!repo)
        return rk_fail(err, RK_NOT_FOUND, "no environment or application %s",
                       p->target ? p->target : "");
    if (p->frozen && (!p->reason || !p->reason[0]))
        return rk_fail(err, RK_INVALID, "a freeze needs a reason");
    if (engine_freeze(e, p->target, p->frozen, who.name, p->reason, err))
        return -1;
    const char *kind = p->frozen ? "freeze" : "unfreeze";
    engine_activity(e, engine_app(e, p->target), RK_LOG_WARN, who.name, "%s %s: %s", kind,
                    p->target, p->reason ? p->reason : "");
    audit(r, repo, kind, environment, rk_streq(environment, p->target) ? NULL : p->target,
          p->reason, p->target);
    struct wire_ok ok = {true};
    core_answer(r, &ok);
    decide_all(e);
    return 0;
}

/* hold.release APP: what a person may release; hold.release ENV with hold "policy": the loosening
 * that waits is acknowledged. */
static int api_release(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    const struct wire_release_params *p = r->params;
    const char *environment = NULL;
    struct core_who who = core_request_who(r);
    struct core_repo *repo = p->app ? repo_of(e, p->app, &environment) : NULL;
    struct core_app *app = p->app ? engine_app(e, p->app) : NULL;
    struct wire_ok ok = {true};
    if (!repo)
        return rk_fail(err, RK_NOT_FOUND, "no environment or application %s", p->app ? p->app : "");
    if (rk_streq(p->hold, "policy")) {
        if (repo->next_what && environment && !pending_for(repo, environment))
            return rk_fail(err, RK_INVALID, "the policy change that waits is not of %s: %s",
                           environment, repo->next_what);
        char *what = repo->next_what ? rk_strdup(repo->next_what) : NULL;
        int rc = core_repo_acknowledge(repo, err);
        if (rc == 0) {
            engine_activity(e, NULL, RK_LOG_WARN, who.name, "policy acknowledged: %s", what);
            audit(r, repo, "acknowledge", environment, NULL, p->reason, what);
        }
        free(what);
        if (rc)
            return -1;
    } else if (app && (app->held & core_held_by_name(p->hold))) {
        app->held &= ~core_held_by_name(p->hold);
        app->attempted[0] = 0;
        app->rejected[0] = 0;
        app->forced[0] = 0;
        app->retries = 0;
        if (!app->held)
            app->held_text[0] = 0;
        core_app_state_save(app);
        engine_activity(e, app, RK_LOG_WARN, who.name, "hold released");
        audit(r, repo, "release", environment, app->name, p->reason, p->hold);
    } else {
        return rk_fail(err, RK_NOT_FOUND, "%s: nothing that a person may release holds it", p->app);
    }
    core_answer(r, &ok);
    decide_all(e);
    return 0;
}

/* lock.set: an environment is unlocked for the asking user alone, for a while, with a reason. */
static int api_lock(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    const struct wire_lock_params *p = r->params;
    const char *environment = NULL;
    struct core_who who = core_request_who(r);
    struct core_repo *repo = p->environment ? repo_of(e, p->environment, &environment) : NULL;
    struct wire_ok ok = {true};
    if (!repo || !rk_streq(environment, p->environment))
        return rk_fail(err, RK_NOT_FOUND, "no environment %s",
                       p->environment ? p->environment : "");
    if (p->unlock && (!p->reason || !p->reason[0]))
        return rk_fail(err, RK_INVALID, "to unlock needs a reason");
    if (p->unlock) {
        struct core_unlock *u = rk_alloc(sizeof *u);
        *u = (struct core_unlock){.uid = who.uid, .until = rk_wall_ms() + UNLOCK_MS};
        (void)snprintf(u->reason, sizeof u->reason, "%s", p->reason);
        free(rk_map_set(e->unlocks, environment, u));
    } else {
        free(rk_map_del(e->unlocks, environment));
    }
    const char *kind = p->unlock ? "unlock" : "lock";
    engine_activity(e, NULL, RK_LOG_WARN, who.name, "%s %s: %s", kind, environment,
                    p->reason ? p->reason : "");
    audit(r, repo, kind, environment, NULL, p->reason, environment);
    core_answer(r, &ok);
    core_publish_list(e);
    return 0;
}

/* A person says that what runs here is good: bound to the desired state, not to the revision. */
static int api_validate(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    const struct wire_validate_params *p = r->params;
    struct core_app *app = engine_app_asked(e, p->app, err);
    struct core_who who = core_request_who(r);
    struct wire_ok ok = {true};
    if (!app)
        return -1;
    if (!app->model)
        return rk_fail(err, RK_NOT_FOUND, "application %s left git", app->name);
    if (core_app_verdict(app) != MODEL_SYNCED || core_app_health(app) != MODEL_HEALTHY)
        return rk_fail(err, RK_DENIED, "%s is not Synced and Healthy: nothing to validate",
                       app->name);
    memcpy(app->validated, app->desired->digest, sizeof app->validated);
    core_app_state_save(app);
    engine_activity(e, app, RK_LOG_INFO, who.name, "validated %.7s", app->target);
    audit(r, app->repo, "validate", app->policy.environment, app->name, p->reason,
          app->validated);
    core_answer(r, &ok);
    core_publish_app(app);
    return 0;
}

const struct core_route core_routes_policy[] = {
    {"lock.set", api_lock},
    {"validate", api_validate},
    {"environment.list", api_environments},
    {"freeze.set", api_freeze},
    {"hold.release", api_release},
    {NULL, NULL},
};
