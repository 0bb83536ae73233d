/*
 * plans.c: plans that wait: kept, gated, armed, started, shown.
 *
 * A plan holds the work that was reviewed, of one application or of all that one commit changes;
 * starting compares fingerprints once more, so that nothing else is ever applied. Several become an
 * operation each: the first makes the commit, the others go on with it (sync.h).
 */
#include "core/core_int.h"

void core_plan_free(struct core_plan *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_parts; i++)
        if (p->parts[i].work)
            p->parts[i].work->free_fn(p->parts[i].work);
    if (p->change)
        core_change_free(&p->change->commit);
    rk_arena_free(p->arena);
}

const struct core_part *core_plan_first(const struct core_plan *p)
{
    for (size_t i = 0; i < p->n_parts; i++)
        if (p->parts[i].work)
            return &p->parts[i];
    return NULL;
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
        if (p->expires + CORE_PLAN_TTL_MS < now) {
            rk_map_del(e->plans, key);
            core_plan_free(p);
        }
    }
}

/* ---- the gate ---- */
struct core_app *core_part_app(const struct core_plan *p, const struct core_part *part)
{
    return rk_map_get(p->engine->apps, part->app);
}

/* Compares what was reviewed with what would be planned now. */
static bool part_stale(struct core_plan *p, const struct core_part *part, struct rk_err *why)
{
    struct core_app *app = core_part_app(p, part);
    if (!app->model || !app->view || !app->view->desired)
        return rk_fail(why, RK_CONFLICT, "%s is not compared now", app->name) != 0;
    bool moved = strcmp(part->was, app->view->desired->digest) != 0;
    if (p->change && moved)
        return rk_fail(why, RK_CONFLICT, "the plan is stale: git says something else for %s now",
                       app->name) != 0;
    if (p->change || !part->work)
        return false;
    if (moved && strcmp(core_work_view(part->work)->desired->revision, app->target) != 0 &&
        !p->at_revision)
        return rk_fail(why, RK_CONFLICT, "git says something else since the plan was made (%.7s)",
                       app->target) != 0;
    return !p->at_revision && core_work_same(app, part->work, app->view, why) != 0;
}

/* Are the applications of the environment others than when the plan was made? */
static bool others_now(struct core_plan *p, struct rk_err *why)
{
    struct rk_arena *a = rk_arena_new();
    struct core_app **apps;
    size_t n = core_apps_of(p->engine, p->environment, a, &apps);
    bool same = n == p->n_parts;
    for (size_t i = 0; i < n && same; i++)
        same = rk_streq(apps[i]->name, p->parts[i].app);
    rk_arena_free(a);
    return !same && rk_fail(why, RK_CONFLICT, "the plan is stale: the applications of %s are "
                            "others now", p->environment) != 0;
}

bool core_plan_stale(struct core_plan *p, struct rk_err *why)
{
    if (p->started)
        return false;
    for (size_t i = 0; i < p->n_parts; i++)
        if (part_stale(p, &p->parts[i], why))
            return true;
    return (p->environment && others_now(p, why)) ||
           (p->change && core_change_stale(p->change, why));
}

static size_t prunes_of(const struct core_plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_parts; i++)
        n += p->parts[i].work ? p->parts[i].work->plan.prunes : 0;
    return n;
}

static void add_missing(struct rk_arena *a, struct plan_missing *all, const char *text)
{
    for (size_t i = 0; i < all->n; i++)
        if (rk_streq(all->v[i], text))
            return;
    const char **v = rk_arena_array(a, all->n + 1, sizeof *v);
    if (all->n)
        memcpy(v, all->v, all->n * sizeof *v);
    v[all->n++] = text;
    all->v = v;
}

static void gate_source(const struct core_plan *p, struct plan_gate_input *in)
{
    struct core_app *source = p->source ? rk_map_get(p->engine->apps, p->source) : NULL;
    if (!source)
        return;
    in->source_environment = source->policy.environment;
    in->source_verdict = core_app_verdict(source);
    in->source_health = core_app_health(source);
    in->source_validated = source->desired && source->validated[0] &&
                           strcmp(source->validated, source->desired->digest) == 0;
}

/* What the plan wants for one of its applications; stale: of the plan as a whole. */
static void gate_part(struct core_plan *p, const struct core_part *part, const char *stale,
                      struct rk_arena *a, struct plan_missing *all)
{
    struct engine *e = p->engine;
    struct core_app *app = core_part_app(p, part);
    const struct sync_operation *running = sync_running(e->sync, part->app);
    struct rk_err project = {0};
    struct plan_missing own = {0};
    struct plan_gate_input in = {
        .policy = &app->policy, .kind = p->kind,
        .app = p->environment ? NULL : app->model ? app->model->app : app->name,
        .environment = app->policy.environment, .dry_run = p->dry_run, .can_write = p->can_write,
        .why_readonly = p->why_readonly, .prunes = prunes_of(p),
        .expired = rk_wall_ms() > p->expires,
        .unlocked = p->unlocked || engine_unlocked(e, app->policy.environment, p->uid) != NULL,
        .confirm = p->confirm, .reason = p->reason,
        .disk_message = record_journal_trouble(e->journal),
        .superseding = rk_streq(p->kind, "revert"), .running = running ? running->id : NULL,
        .foreign_cluster = app->cluster && app->cluster->foreign,
        .cluster_message = app->cluster ? app->cluster->message : NULL,
        .policy_pending = app->repo->next_what != NULL, .policy_change = app->repo->next_what,
        .stale = stale != NULL, .stale_why = stale,
    };
    in.disk_full = in.disk_message != NULL;
    in.frozen = engine_frozen(e, app, &in.frozen_by, &in.frozen_reason);
    gate_source(p, &in);
    in.project_denied = core_work_denied(app, part->work, &project);
    in.project_message = project.text;
    (void)plan_gate(a, &in, &own);
    for (size_t i = 0; i < own.n; i++)
        add_missing(a, all, own.v[i]);
}

bool core_plan_gate(struct core_plan *p, struct rk_arena *a, struct plan_missing *out)
{
    struct rk_err why = {0};
    const char *stale = core_plan_stale(p, &why) ? why.text : NULL;
    *out = (struct plan_missing){0};
    for (size_t i = 0; i < p->n_parts; i++)
        if (p->parts[i].work)
            gate_part(p, &p->parts[i], stale, a, out);
    if (p->change && p->change->n_conflicts)
        add_missing(a, out, "the revert conflicts with later commits: choose paths, or go back to "
                            "a revision instead");
    return out->n == 0;
}

const char *core_plan_confirm(const struct core_plan *p, struct rk_arena *a)
{
    const struct core_app *app = core_part_app(p, &p->parts[0]);
    if (!app->model)
        return NULL;
    return plan_confirm_text(a, &app->policy, p->environment ? NULL : app->model);
}

int core_plan_arm(struct core_plan *p, const struct wire_arm_params *arm, struct rk_err *err)
{
    const char *wanted = core_plan_confirm(p, p->arena);
    if (arm->confirm && wanted && !rk_streq(arm->confirm, wanted))
        return rk_fail(err, RK_INVALID, "what was typed is not the target: %s", wanted);
    if (arm->confirm)
        p->confirm = rk_arena_strdup(p->arena, arm->confirm);
    if (arm->reason)
        p->reason = rk_arena_strdup(p->arena, arm->reason);
    p->unlocked |= arm->unlock;
    return 0;
}

/* ---- starting ---- */
static int refuse_missing(const struct plan_missing *missing, struct rk_err *err)
{
    struct rk_buf all rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; i < missing->n; i++)
        rk_buf_f(&all, "%s%s", i ? "; " : "", missing->v[i]);
    return rk_fail(err, strstr(all.p, "stale") ? RK_CONFLICT : RK_DENIED, "%s", all.p);
}

/* after: the operation that makes the commit; NULL: this one does. */
static int start_part(struct core_plan *p, struct core_part *part, const char *after,
                      const char *actor, const char *email, const struct sync_operation **out,
                      struct rk_err *err)
{
    struct core_app *app = core_part_app(p, part);
    bool revert = rk_streq(p->kind, "revert");
    struct sync_request r = {
        .kind = p->kind, .app = part->app, .environment = app->policy.environment, .actor = actor,
        .email = email, .reason = p->reason, .confirm = p->confirm, .supersede = revert,
        .work = part->work, .commit = p->change && !after ? &p->change->commit : NULL,
        .commit_free = core_change_free, .after = after, .from = app->synced,
        .reject = revert ? app->desired->digest : NULL,
    };
    if (sync_start(p->engine->sync, &r, out, err))
        return -1;
    part->work = NULL;
    if (r.reject) {
        memcpy(app->rejected, r.reject, sizeof app->rejected);
        core_app_state_save(app);
    }
    app->held &= ~core_held_by_name(NULL);
    return 0;
}

int core_plan_start(struct core_plan *p, const char *actor, const char *email, bool can_write,
                    const struct sync_operation **out, struct rk_err *err)
{
    struct plan_missing missing = {0};
    const struct sync_operation *first = NULL, *next;
    p->can_write = can_write;
    if (p->started)
        return rk_fail(err, RK_CONFLICT, "this plan was started already");
    if (p->dry_run)
        return rk_fail(err, RK_DENIED, "this plan was made as a dry run; plan again to apply");
    if (!core_plan_gate(p, p->arena, &missing))
        return refuse_missing(&missing, err);
    for (size_t i = 0; i < p->n_parts; i++) {
        if (!p->parts[i].work)
            continue;
        if (start_part(p, &p->parts[i], first ? first->id : NULL, actor, email,
                       first ? &next : &first, err)) {
            if (first) /* its commit is not begun: an operation of one part is none of the plan */
                (void)!sync_stop(p->engine->sync, first->id, true, NULL);
            return -1;
        }
        p->started = true;
        p->change = NULL;
    }
    *out = first;
    return 0;
}
