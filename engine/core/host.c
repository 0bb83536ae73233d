/*
 * host.c: what operations ask of the engine (struct sync_host): where an application lives, fresh
 * work after a commit, whether what was reviewed still holds, health; and what they tell it.
 */
#include "core/core_int.h"

static struct core_app *app_of(const char *name, void *ctx)
{
    return rk_map_get(((struct engine *)ctx)->apps, name);
}

static struct cluster *host_cluster(const char *name, void *ctx)
{
    struct core_app *app = app_of(name, ctx);
    return app && app->cluster ? app->cluster->cluster : NULL;
}

static struct git_mirror *host_mirror(const char *name, void *ctx)
{
    struct core_app *app = app_of(name, ctx);
    return app ? app->repo->mirror : NULL;
}

static struct record_log *host_log(const char *name, void *ctx)
{
    struct core_app *app = app_of(name, ctx);
    return app ? app->repo->log : NULL;
}

static const struct record_inventory *host_inventory(const char *name, void *ctx)
{
    struct core_app *app = app_of(name, ctx);
    return app ? &app->inventory : NULL;
}

/* ---- fresh work at a revision: render, look, plan ---- */
struct fresh {
    struct engine *engine;
    char *app, *kind;
    struct sync_work *work;             /* ref: what was reviewed; NULL after a restart */
    struct plan_options options;        /* then */
    void (*ready)(struct sync_work *w, const struct rk_err *err, void *octx);
    void *octx;
};

static void fresh_end(struct fresh *f, struct sync_work *w, const struct rk_err *err)
{
    f->ready(w, err, f->octx);
    if (f->work)
        f->work->free_fn(f->work);
    free(f->app);
    free(f->kind);
    free(f);
}

static void fresh_looked(struct core_view *v, void *ctx)
{
    struct fresh *f = ctx;
    struct core_app *app = rk_map_get(f->engine->apps, f->app);
    struct sync_work *w = NULL;
    struct rk_err err = {0};
    int rc = !app || !app->model ? rk_fail(&err, RK_NOT_FOUND, "application %s left git", f->app)
             : f->work ? core_work_again(app, v, f->work, &w, &err)
                       : core_work_make(app, v, f->kind, &f->options, NULL, &w, &err);
    core_view_unref(v);
    fresh_end(f, w, rc ? &err : NULL);
}

static void fresh_rendered(struct core_app *app, struct core_desired *d, const struct rk_err *err,
                           void *ctx)
{
    struct fresh *f = ctx;
    if (err) {
        fresh_end(f, NULL, err);
        return;
    }
    core_look_settled(app, d, fresh_looked, f);
    core_desired_unref(d);
}

static void host_work_at(const struct sync_operation *op, const char *revision,
                         void (*ready)(struct sync_work *w, const struct rk_err *err, void *octx),
                         void *octx, void *ctx)
{
    struct core_app *app = app_of(op->app, ctx);
    struct rk_err err = {0};
    if (!app || !app->model || !app->cluster || !app->cluster->cluster) {
        (void)rk_fail(&err, RK_NOT_FOUND, "application %s is not there any more", op->app);
        ready(NULL, &err, octx);
        return;
    }
    struct fresh *f = rk_alloc(sizeof *f);
    *f = (struct fresh){.engine = ctx, .app = rk_strdup(op->app), .kind = rk_strdup(op->kind),
                        .ready = ready, .octx = octx};
    f->work = op->work ? core_work_ref(op->work) : NULL;
    core_work_options(app, &f->options);
    f->options.prune |= op->prune;
    core_render(app, revision, fresh_rendered, f);
}

/* ---- is what was reviewed still what would be applied ---- */
static int host_still(const struct sync_operation *op, void *ctx, struct rk_err *err)
{
    struct core_app *app = app_of(op->app, ctx);
    if (!app || !app->model)
        return rk_fail(err, RK_CONFLICT, "the Application left git meanwhile");
    if (app->cluster && app->cluster->foreign)
        return rk_fail(err, RK_CONFLICT, "%s", app->cluster->message);
    if (!op->work || !app->view || core_work_view(op->work) == app->view)
        return 0;
    /* an operation that made a commit reviewed the render of that commit; the rest compares */
    if (op->commit[0] || strcmp(core_work_view(op->work)->desired->digest,
                                app->view->desired->digest) != 0)
        return 0;
    return core_work_same(app, op->work, app->view, err);
}

static struct model_health_of host_health(const struct sync_operation *op, struct rk_arena *a,
                                          const struct kube_key *key, void *ctx)
{
    struct core_app *app = app_of(op->app, ctx);
    if (!app || !app->cluster || !app->cluster->cluster)
        return (struct model_health_of){MODEL_HEALTH_UNKNOWN, "the cluster is not known any more"};
    return core_health(app, a, cluster_find(app->cluster->cluster, key));
}

static bool host_intent_first(const char *environment, void *ctx)
{
    struct engine *e = ctx;
    for (size_t i = 0; i < e->n_repos; i++)
        for (size_t k = 0; e->repos[i].model && k < e->repos[i].model->n_environments; k++)
            if (rk_streq(e->repos[i].model->environments[k].name, environment) &&
                e->repos[i].model->environments[k].locked)
                return true;
    return false;
}

/* ---- what operations tell ---- */
static void host_changed(const struct sync_operation *op, void *ctx)
{
    core_publish_operation(ctx, op);
    struct core_app *app = app_of(op->app, ctx);
    if (app)
        core_publish_app(app);
}

/* Git moved by our own hand: read it at once; a pinned application stays with its commit. */
static void host_committed(const struct sync_operation *op, void *ctx)
{
    struct core_app *app = app_of(op->app, ctx);
    if (!app)
        return;
    if (op->pinned)
        memcpy(app->pinned, op->commit, sizeof app->pinned);
    core_app_state_save(app);
    core_repo_moved(app->repo);
}

static void host_applied(const struct sync_operation *op, const struct kube_key *key,
                         const char *uid, void *ctx)
{
    struct core_app *app = app_of(op->app, ctx);
    if (app)
        record_inventory_put(&app->inventory, key, uid);
}

static void host_pruned(const struct sync_operation *op, const struct kube_key *key, void *ctx)
{
    struct core_app *app = app_of(op->app, ctx);
    if (app)
        record_inventory_drop(&app->inventory, key);
}

/* An engine that was cut off may not have written what its last operation applied or pruned. */
void core_inventory_again(struct core_app *app)
{
    struct cluster *c = app->cluster ? app->cluster->cluster : NULL;
    struct record_inventory *inv = &app->inventory;
    for (size_t i = 0; c && app->view && i < app->view->n; i++) {
        const struct core_pair *p = app->view->pairs[i];
        struct cluster_object *o = p->desired ? cluster_find(c, &p->key) : NULL;
        rk_str name;
        if (o && kube_tracked_by(&o->object, &name) && rk_str_is(name, app->name)) {
            char *uid = rk_str_dup(o->object.uid);
            record_inventory_put(inv, &p->key, uid);
            free(uid);
        }
    }
    for (size_t i = inv->n; c && i-- > 0;) {
        const struct kube_key *key = &inv->v[i].key;
        const struct cluster_object *o = cluster_find(c, key);
        if (cluster_kind_ready(c, key->group, key->kind) &&
            !(o && rk_str_is(o->object.uid, inv->v[i].uid)))
            record_inventory_drop(inv, key);
    }
}

static void remember(struct core_app *app, const struct sync_operation *op)
{
    if (op->resumed)
        core_inventory_again(app);
    /* a commit that says what lives (adopt) is in place without an apply: drift after it is drift */
    bool in_place = op->work && op->commit[0] && op->state == SYNC_SUCCEEDED &&
                    core_work_view(op->work)->verdict == MODEL_SYNCED;
    if (op->work && (op->applied || in_place)) {
        (void)snprintf(app->synced, sizeof app->synced, "%s", op->revision);
        app->synced_at = rk_wall_ms();
        const struct core_view *v = core_work_view(op->work);
        if (v->desired && !rk_streq(op->kind, "heal"))
            memcpy(app->attempted, v->desired->digest, sizeof app->attempted);
    }
    if (op->state == SYNC_SUCCEEDED)
        memcpy(app->good, app->synced, sizeof app->good);
    core_keep_inventory(app->engine, app->name, &app->inventory);
}

static void host_closed(const struct sync_operation *op, void *ctx)
{
    struct engine *e = ctx;
    struct core_app *app = app_of(op->app, e);
    if (app)
        remember(app, op);
    engine_activity(e, app, op->state == SYNC_SUCCEEDED ? RK_LOG_INFO : RK_LOG_WARN, op->actor,
                    "%s %s%s%s", op->kind, sync_state_name[op->state], op->message ? ": " : "",
                    op->message ? op->message : "");
    core_publish_operation(e, op);
    if (app)
        automation_closed(app, op);
    engine_told(e);
    core_api_idle(e);
}

void core_sync_host(struct engine *e, struct sync_host *host)
{
    *host = (struct sync_host){
        .cluster = host_cluster, .mirror = host_mirror, .journal = e->journal, .log = host_log,
        .inventory = host_inventory, .key = e->key, .work_at = host_work_at, .still = host_still,
        .health = host_health, .intent_first = host_intent_first, .changed = host_changed, .committed = host_committed,
        .applied = host_applied, .pruned = host_pruned, .closed = host_closed,
        .argo_tracking = rk_streq(e->settings.tracking, "argocd"),
        .operation_ms = e->settings.operation_ms, .wave_delay_ms = e->settings.wave_delay_ms,
    };
}
