/*
 * apps.c: the applications: made, changed and orphaned as the model says, the kinds each needs
 * watched, the keys that belong to each, and the small state of each that survives a restart.
 */
#include "core/remotes_int.h"

/* ---- small state: one document an application ---- */
struct kept { const char *name; size_t offset, size; };
static const struct kept kept_rows[] = {
#define KEPT(member) {#member, offsetof(struct core_app, member), sizeof ((struct core_app *)0)->member}
    KEPT(synced), KEPT(good), KEPT(rejected), KEPT(pinned), KEPT(forced),
    KEPT(attempted), KEPT(validated),
#undef KEPT
};

static char *state_name(const char *app)
{
    return rk_asprintf("app-%s", app);
}

int core_app_state_read(struct engine *e, const char *app, struct rk_arena *a,
                        struct doc_node **out, struct rk_err *err)
{
    char *name = state_name(app);
    int rc = record_state_read(e->state_dir, name, a, out, err);
    free(name);
    return rc;
}

void core_app_state_save(struct core_app *app)
{
    struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = doc_map(a);
    for (size_t i = 0; i < RK_LEN(kept_rows); i++)
        doc_set_c(a, doc, kept_rows[i].name,
                  doc_string_c(a, (const char *)app + kept_rows[i].offset));
    doc_set_c(a, doc, "attemptOk", doc_bool(a, app->attempt_ok));
    doc_set_c(a, doc, "syncedAt", doc_int(a, app->synced_at));
    const struct { const char *name, *text; } where[] = { /* for one that leaves git */
        {"repository", app->repo->settings->name}, {"environment", app->policy.environment},
        {"cluster", app->cluster ? app->cluster->settings->name : NULL},
    };
    for (size_t i = 0; i < RK_LEN(where); i++)
        if (where[i].text)
            doc_set_c(a, doc, where[i].name, doc_string_c(a, where[i].text));
    char *name = state_name(app->name);
    core_keep(app->engine, name, doc);
    free(name);
    rk_arena_free(a);
}

static void state_load(struct core_app *app)
{
    struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = NULL;
    struct rk_err err = {0};
    if (core_app_state_read(app->engine, app->name, a, &doc, &err) == 0 && doc) {
        for (size_t i = 0; i < RK_LEN(kept_rows); i++)
            (void)snprintf((char *)app + kept_rows[i].offset, kept_rows[i].size, RK_FMT_STR,
                           RK_ARG_STR(doc_get_text(doc, kept_rows[i].name)));
        app->attempt_ok = doc_get_bool(doc, "attemptOk", false);
        app->synced_at = doc_get_int(doc, "syncedAt", 0);
    }
    rk_arena_free(a);
    if (record_inventory_read(app->engine->state_dir, app->name, &app->inventory, &err))
        engine_activity(app->engine, app, RK_LOG_ERROR, "reckon", "inventory: %s", err.text);
}

/* ---- kinds to watch ---- */
struct kinds { rk_str *v; size_t n, cap; };

static void add_kind(struct kinds *k, rk_str group, rk_str kind)
{
    char *text = rk_asprintf(RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(group), RK_ARG_STR(kind));
    for (size_t i = 0; i < k->n; i++)
        if (rk_str_is(k->v[i], text)) {
            free(text);
            return;
        }
    k->v = rk_grow(k->v, k->n, &k->cap, sizeof(rk_str));
    k->v[k->n++] = rk_str_c(text);
}

/* What a kind makes: shown in the owner tree and asked for the reason of a failing rollout. */
static const struct { const char *kind, *group, *makes; } makes_rows[] = {
    {"Deployment", "apps", "ReplicaSet"}, {"Deployment", "", "Pod"}, {"ReplicaSet", "", "Pod"},
    {"StatefulSet", "", "Pod"}, {"DaemonSet", "", "Pod"}, {"Job", "", "Pod"},
    {"CronJob", "batch", "Job"}, {"CronJob", "", "Pod"}, {"SealedSecret", "", "Secret"},
};

static void add_with_children(struct kinds *k, const struct kube_key *key)
{
    add_kind(k, key->group, key->kind);
    for (size_t i = 0; i < RK_LEN(makes_rows); i++)
        if (rk_str_is(key->kind, makes_rows[i].kind))
            add_kind(k, rk_str_c(makes_rows[i].group), rk_str_c(makes_rows[i].makes));
}

static void split_kind(rk_str text, rk_str *group, rk_str *kind)
{
    *group = rk_str_cut(text, '/', kind);
}

static void drop_kinds(struct core_app *app)
{
    for (size_t i = 0; i < app->n_kinds; i++) {
        rk_str group, kind;
        split_kind(app->kinds[i], &group, &kind);
        if (app->cluster && app->cluster->cluster)
            cluster_drop_kind(app->cluster->cluster, group, kind);
        free((void *)(uintptr_t)app->kinds[i].p);
    }
    free(app->kinds);
    app->kinds = NULL;
    app->n_kinds = 0;
}

/* ---- whose is an object: "cluster|key" -> application ---- */
static bool renders(const struct core_app *app, const struct kube_key *key)
{
    for (size_t i = 0; app->desired && i < app->desired->render->n_objects; i++)
        if (kube_key_eq(&app->desired->render->objects[i].key, key))
            return true;
    return false;
}

struct core_app *core_apps_rendering(const struct core_app *app, const struct kube_key *key)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(app->engine->apps, &it, &name, &value);) {
        struct core_app *other = value;
        if (other != app && other->model && other->cluster == app->cluster && renders(other, key))
            return other;
    }
    return NULL;
}

static void own(struct core_app *app, const struct kube_key *key, bool mine)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_f(&text, "%s|", app->cluster->settings->name);
    kube_key_text(&text, key);
    struct core_app *other = rk_map_get_n(app->engine->owners, rk_buf_view(&text));
    if (mine && other && other != app && renders(other, key) && renders(app, key)) {
        app->contested = other->contested = true;
        core_app_mark(other);
    }
    if (mine)
        rk_map_set_n(app->engine->owners, rk_buf_view(&text), app);
    else if (rk_map_get_n(app->engine->owners, rk_buf_view(&text)) == app)
        rk_map_del(app->engine->owners, text.p);
}

static void own_all(struct core_app *app, struct core_desired *d, bool mine)
{
    for (size_t i = 0; app->cluster && d && i < d->render->n_objects; i++)
        own(app, &d->render->objects[i].key, mine);
}

/* Is the object that both render this application's to write? */
static bool entitled(const struct core_app *app, const struct core_app *other,
                     const struct kube_key *key)
{
    struct cluster_object *live = cluster_find(app->cluster->cluster, key);
    rk_str name;
    if (live && kube_tracked_by(&live->object, &name)) {
        if (rk_str_is(name, app->name) || rk_str_is(name, other->name))
            return rk_str_is(name, app->name);
    }
    return strcmp(app->name, other->name) < 0;
}

bool core_app_contested(struct core_app *app, char *text, size_t n)
{
    bool any = false;
    for (size_t i = 0; app->contested && i < app->desired->render->n_objects; i++) {
        const struct kube_key *key = &app->desired->render->objects[i].key;
        struct core_app *other = core_apps_rendering(app, key);
        any |= other != NULL;
        if (!other)
            continue;
        if (entitled(app, other, key)) {
            own(app, key, true);
            continue;
        }
        (void)snprintf(text, n, RK_FMT_STR " " RK_FMT_STR " is rendered by application %s, too: "
                       "take it out of one of them", RK_ARG_STR(key->kind), RK_ARG_STR(key->name),
                       other->name);
        return true;
    }
    app->contested = any;
    return false;
}

bool core_apps_settled(const struct core_repo *r)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(r->engine->apps, &it, &name, &value);) {
        const struct core_app *app = value;
        if (app->repo == r && app->model && !app->error_of_app &&
            (app->rendering[0] || (!app->pinned[0] && strcmp(app->target, r->head) != 0)))
            return false;
    }
    return true;
}

void core_apps_watch(struct core_app *app)
{
    if (!app->cluster || !app->cluster->cluster)
        return;
    struct kinds k = {0};
    for (size_t i = 0; app->desired && i < app->desired->render->n_objects; i++)
        add_with_children(&k, &app->desired->render->objects[i].key);
    for (size_t i = 0; i < app->inventory.n; i++)
        add_with_children(&k, &app->inventory.v[i].key);
    for (size_t i = 0; i < k.n; i++) { /* hold the new before the old are let go */
        rk_str group, kind;
        split_kind(k.v[i], &group, &kind);
        cluster_hold_kind(app->cluster->cluster, group, kind);
    }
    drop_kinds(app);
    app->kinds = k.v;
    app->n_kinds = k.n;
    own_all(app, app->owned, false);
    core_desired_unref(app->owned);
    app->owned = core_desired_ref(app->desired);
    own_all(app, app->owned, true);
    for (size_t i = 0; i < app->inventory.n; i++)
        own(app, &app->inventory.v[i].key, true);
}

bool core_apps_ready(const struct core_app *app)
{
    const struct cluster *c = app->cluster->cluster;
    for (size_t i = 0; i < app->n_kinds; i++) {
        rk_str group, kind;
        split_kind(app->kinds[i], &group, &kind);
        if (!cluster_kind_ready(c, group, kind) && !cluster_kind_error(c, group, kind))
            return false;
    }
    return true;
}

/* A namespace came: who waited for it goes on, without using up a retry. */
void core_apps_namespace(struct core_cluster *c, rk_str name)
{
    const char *app_name;
    void *value;
    for (size_t it = 0; rk_map_next(c->engine->apps, &it, &app_name, &value);) {
        struct core_app *app = value;
        if (app->cluster == c && app->model && rk_str_is(name, app->model->namespace))
            core_app_mark(app);
    }
}

/* What another application renders is known now: who waits for a namespace decides again. */
void core_apps_waiting(struct engine *e)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (app->held & CORE_HELD_NAMESPACE || app->contested || app->unsettled)
            core_app_mark(app);
    }
    core_settled(e);
}

/* ---- the model's applications become ours ---- */
struct core_app *core_app_new(struct core_repo *r, const char *name)
{
    struct core_app *app = rk_alloc(sizeof *app);
    app->engine = r->engine;
    app->repo = r;
    app->name = rk_strdup(name);
    rk_map_set(r->engine->apps, name, app);
    state_load(app);
    return app;
}

static uint32_t line_of(const struct model_app *m, const struct doc_node *n)
{
    const struct doc_mark *mark = doc_marks_get(m->marks, n->mark);
    return mark ? mark->line : 0;
}

/* Equal values at the same places: messages and fields of the render name them. Depth is bounded by
 * the reader. */
static bool same_places(const struct model_app *a, const struct doc_node *x,
                        const struct model_app *b, const struct doc_node *y)
{
    if (line_of(a, x) != line_of(b, y) || doc_count(x) != doc_count(y))
        return false;
    for (size_t i = 0; doc_type(x) == DOC_MAP && i < doc_count(x); i++)
        if (!rk_str_eq(doc_pair_at(x, i)->key, doc_pair_at(y, i)->key) ||
            !same_places(a, doc_pair_at(x, i)->value, b, doc_pair_at(y, i)->value))
            return false;
    for (size_t i = 0; doc_type(x) == DOC_LIST && i < doc_count(x); i++)
        if (!same_places(a, doc_at(x, i), b, doc_at(y, i)))
            return false;
    return true;
}

static bool same_sources(const struct model_app *a, const struct model_app *b)
{
    if (a->n_sources != b->n_sources)
        return false;
    for (size_t i = 0; i < a->n_sources; i++) {
        const struct doc_node *x = a->sources[i].node, *y = b->sources[i].node;
        if (!doc_equal(x, y) || (x && !same_places(a, x, b, y)))
            return false;
    }
    return true;
}

static bool same_source(const struct model_app *a, const struct model_app *b)
{
    return a && b && same_sources(a, b) && rk_streq(a->path, b->path) &&
           rk_streq(a->namespace, b->namespace) && rk_streq(a->project, b->project) &&
           rk_streq(a->file, b->file);
}

const char *core_app_place(const struct core_app *app)
{
    return app->model->chart[0] ? app->model->file : app->model->path;
}

static void set_error(struct core_app *app, const struct rk_err *err)
{
    app->error = *err;
    app->has_error = true;
}

/* Destination, project: what can be refused before anything is rendered. */
static void check_app(struct core_app *app, const struct core_repo *r)
{
    struct rk_err err = {0};
    bool denied = false, was = app->error_of_app;
    if (was) /* what its objects are denied is looked at with them (automation.c) */
        core_release(app, CORE_HELD_PROJECT);
    if (app->model->error) {
        (void)rk_fail(&err, RK_INVALID, "%s", app->model->error);
        set_error(app, &err);
    } else if (!app->cluster) {
        (void)rk_fail(&err, RK_NOT_FOUND,
                      "%s:%u: destination %s is no cluster of the engine settings", app->model->file,
                      app->model->line,
                      app->model->cluster_name ? app->model->cluster_name : app->model->server);
        set_error(app, &err);
    } else {
        const struct model_project *p =
            model_project_find(r->model->projects, r->model->n_projects, app->model->project);
        denied = model_project_app(p, app->model, &err) != 0;
        if (denied) {
            set_error(app, &err);
            core_hold(app, CORE_HELD_PROJECT, "%s", err.text);
        } else if (was) {
            app->has_error = false;
        }
        app->error_of_app = false;
        if (!denied)
            return;
    }
    app->error_of_app = true;
}

/*
 * On a new machine, or when the state folder is gone: what was applied stands in the last audit
 * outcome, so that a kind whose last object left git is pruned all the same.
 */
static void inventory_from_audit(struct core_app *app)
{
    struct rk_arena *a = rk_arena_new();
    struct record_audit *v = NULL;
    size_t n = 0, total = 0;
    struct rk_err none;
    struct git_view *view = core_repo_view(app->repo, &none);
    app->inventory_known = true;
    if (view && record_log_list(view, NULL, app->policy.environment, 0, 0, 100, a, &v, &n, &total,
                                &none) == 0)
        for (size_t i = 0; i < n; i++) {
            if (!rk_streq(v[i].app, app->name) || !v[i].n_inventory)
                continue;
            for (size_t k = 0; k < v[i].n_inventory; k++)
                record_inventory_put(&app->inventory, &v[i].inventory[k].key,
                                     v[i].inventory[k].uid);
            break; /* the newest is whole */
        }
    if (view)
        core_repo_give_back(app->repo, view);
    rk_arena_free(a);
}

static void update_app(struct core_repo *r, const struct model_app *m, const struct model_app *old)
{
    struct core_app *app = rk_map_get(r->engine->apps, m->name);
    if (!app)
        app = core_app_new(r, m->name);
    if (!old) /* new, or it is back */
        core_app_forced(app, r->head);
    struct core_cluster *c = core_cluster_for(r->engine, m->server, m->cluster_name);
    if (c != app->cluster && app->cluster) {
        drop_kinds(app);
        own_all(app, app->owned, false);
    }
    app->source_changed |= !same_source(old, m) && old != NULL;
    if (old && !doc_equal(doc_walk(old->doc, "spec.ignoreDifferences"),
                          doc_walk(m->doc, "spec.ignoreDifferences"))) {
        app->rules_changed = true;
        core_app_mark(app);
    }
    app->repo = r;
    app->cluster = c;
    app->model = m;
    core_release(app, CORE_HELD_ORPHANED);
    model_policy_of(r->model, m, c ? c->settings->name : NULL, &app->policy);
    if (r->engine->observe_only)
        app->policy.sync = MODEL_OBSERVE;
    if (!app->inventory_known && !app->inventory.n && app->policy.environment)
        inventory_from_audit(app);
    check_app(app, r);
    if (!app->error_of_app)
        reconcile_revision(app);
    else
        reconcile_decide(app);
}

void core_apps_update(struct core_repo *r)
{
    struct engine *e = r->engine;
    struct rk_map *before = rk_map_new();
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (app->repo != r)
            continue;
        rk_map_set(before, name, (void *)(uintptr_t)app->model);
        app->model = NULL;
    }
    for (size_t i = 0; i < r->model->n_apps; i++)
        update_app(r, &r->model->apps[i], rk_map_get(before, r->model->apps[i].name));
    for (size_t it = 0; rk_map_next(e->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (app->repo == r && !app->model)
            core_app_orphaned(app, r->head);
    }
    rk_map_free(before, NULL);
    if (!r->orphans_found)
        core_orphans_find(r);
    r->orphans_found = true;
    core_publish_list(e);
}

void core_app_free(struct core_app *app)
{
    core_render_forget(app);
    core_look_cancel(app->look);
    run_timer_stop(app->timer);
    drop_kinds(app);
    core_view_unref(app->view);
    core_desired_unref(app->owned);
    core_desired_unref(app->desired);
    core_pins_unref(app->uses);
    record_inventory_release(&app->inventory);
    free(app->environment);
    free(app->name);
    free(app);
}
