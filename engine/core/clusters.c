/*
 * clusters.c: the connections, and which application an event belongs to.
 *
 * A profile is bound to the identity of its clusters (uid of kube-system): another cluster under
 * the same name is shown and never written. Events are not acted on at once: the application is
 * marked and looked at on the next turn of the loop, so that a burst costs one look.
 */
#include "core/core_int.h"

/* ---- the identity a profile is bound to ---- */
static void check_identity(struct core_cluster *c)
{
    const char *uid = cluster_uid(c->cluster);
    if (!uid || c->identified)
        return;
    c->identified = true;
    struct engine *e = c->engine;
    struct rk_arena *a = rk_arena_new();
    struct doc_node *known = NULL;
    struct rk_err err = {0};
    if (record_state_read(e->state_dir, "clusters", a, &known, &err) || !known)
        known = doc_map(a);
    rk_str before = doc_get_text(known, c->settings->name);
    if (before.n && !rk_str_is(before, uid)) {
        c->foreign = true;
        (void)snprintf(c->message, sizeof c->message,
                       "this is another cluster (%.13s) than the one profile %s is bound to "
                       "(%.13s): shown, never written",
                       uid, e->profile, before.p);
        engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "cluster %s: %s", c->settings->name,
                        c->message);
    } else if (!before.n) {
        doc_set_c(a, known, c->settings->name, doc_string_c(a, uid));
        if (record_state_write(e->state_dir, "clusters", known, &err))
            engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "cluster identity not kept: %s",
                            err.text);
    }
    rk_arena_free(a);
}

/* ---- events ---- */
static struct core_app *app_of_key(struct core_cluster *c, const struct kube_key *key)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_f(&text, "%s|", c->settings->name);
    kube_key_text(&text, key);
    return rk_map_get_n(c->engine->owners, rk_buf_view(&text));
}

/* The application of an object: by its key, its tracking id, or that of what owns it. */
static struct core_app *app_of(struct core_cluster *c, struct cluster_object *o, int depth)
{
    struct core_app *app = app_of_key(c, &o->object.key);
    rk_str name;
    if (!app && kube_tracked_by(&o->object, &name))
        app = rk_map_get_n(c->engine->apps, name);
    if (app && app->cluster == c)
        return app;
    const struct doc_node *owner = doc_at(doc_walk(o->object.doc, "metadata.ownerReferences"), 0);
    if (!owner || depth > 4)
        return NULL;
    struct kube_key key = {.kind = doc_get_text(owner, "kind"), .name = doc_get_text(owner, "name"),
                           .namespace = o->object.key.namespace};
    rk_str version;
    kube_split_api_version(doc_get_text(owner, "apiVersion"), &key.group, &version);
    struct cluster_object *parent = cluster_find(c->cluster, &key);
    return parent ? app_of(c, parent, depth + 1) : app_of_key(c, &key);
}

static void flush(void *ctx)
{
    struct engine *e = ctx;
    e->dirty = false;
    const char *name;
    void *value;
    for (size_t it = 0; !e->stopping && rk_map_next(e->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (!app->marked)
            continue;
        app->marked = false;
        reconcile_live(app);
    }
}

void core_app_mark(struct core_app *app)
{
    app->marked = true;
    if (app->engine->dirty)
        return;
    app->engine->dirty = true;
    run_soon(app->engine->loop, flush, app->engine);
}

static void on_changed(struct cluster *cl, struct cluster_object *old, struct cluster_object *now,
                       void *ctx)
{
    struct core_cluster *c = ctx;
    (void)cl;
    struct core_app *app = app_of(c, now ? now : old, 0);
    if (app)
        core_app_mark(app);
    /* a namespace that came may be what somebody waits for */
    if (!old && now && rk_str_is(now->object.key.kind, "Namespace"))
        core_apps_namespace(c, now->object.key.name);
}

static void mark_all(struct core_cluster *c)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(c->engine->apps, &it, &name, &value);)
        if (((struct core_app *)value)->cluster == c)
            core_app_mark(value);
}

/* What charts are made by is known now, or another: an upgrade, kinds that came. */
static void charts_again(struct core_cluster *c)
{
    struct render_source now = {0};
    struct rk_arena *a = rk_arena_new();
    const char *name;
    void *value;
    core_source_cluster(a, c->cluster, &now);
    for (size_t it = 0; rk_map_next(c->engine->apps, &it, &name, &value);) {
        struct core_app *app = value;
        const char *by = app->desired ? app->desired->render->by_cluster : NULL;
        if (app->cluster != c || !app->model || !by || rk_streq(by, now.cluster))
            continue;
        app->source_changed = true;
        reconcile_revision(app);
    }
    rk_arena_free(a);
}

static void on_kind_ready(struct cluster *cl, rk_str group, rk_str kind, const struct rk_err *why,
                          void *ctx)
{
    (void)cl, (void)group, (void)kind, (void)why;
    mark_all(ctx);
}

/* What is shown of who needs the kind says so. */
static void on_behind(struct cluster *cl, rk_str group, rk_str kind, void *ctx)
{
    struct core_cluster *c = ctx;
    const char *name;
    void *value;
    (void)cl, (void)group, (void)kind;
    for (size_t it = 0; rk_map_next(c->engine->apps, &it, &name, &value);) {
        struct core_app *app = value;
        if (app->cluster == c && core_app_since(app))
            core_publish_app(app);
    }
}

int64_t core_app_since(const struct core_app *app)
{
    const struct cluster *c = app->cluster ? app->cluster->cluster : NULL;
    int64_t first = 0;
    for (size_t i = 0; c && i < app->n_kinds; i++) {
        rk_str kind, group = rk_str_cut(app->kinds[i], '/', &kind);
        int64_t since = cluster_since(c, group, kind);
        if (since && (!first || since < first))
            first = since;
    }
    return first;
}

static void on_state(struct cluster *cl, enum cluster_state s, const struct rk_err *why, void *ctx)
{
    struct core_cluster *c = ctx;
    if (s == CLUSTER_OK) {
        if (!c->foreign)
            c->message[0] = 0;
        check_identity(c);
        charts_again(c);
    } else if (why) {
        bool is_new = strcmp(c->message, why->text) != 0;
        (void)snprintf(c->message, sizeof c->message, "%s", why->text);
        if (is_new)
            engine_activity(c->engine, NULL, RK_LOG_WARN, "reckon", "cluster %s: %s",
                            c->settings->name, why->text);
    }
    (void)cl;
    mark_all(c);
    engine_told(c->engine);
}

/* ---- opening ---- */
void core_cluster_open(struct engine *e, struct core_cluster *c,
                       const struct core_cluster_settings *s)
{
    static const struct cluster_observer observer = {on_changed, on_kind_ready, on_state,
                                                    on_behind};
    struct rk_err err = {0};
    c->engine = e;
    c->settings = s;
    if (cluster_config_load(s->kubeconfig, s->context, &c->config, &err) == 0) {
        struct cluster_opts opts = {.name = s->name, .config = c->config, .mask_key = e->key,
                                    .request_ms = e->settings.api_ms};
        if (cluster_open(e->loop, &opts, &observer, c, &c->cluster, &err) == 0) {
            cluster_hold_kind(c->cluster, RK_STR(""), RK_STR("Namespace"));
            return;
        }
        c->cluster = NULL;
    }
    (void)snprintf(c->message, sizeof c->message, "%s", err.text);
    engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "cluster %s: %s", s->name, err.text);
}

void core_cluster_close(struct core_cluster *c)
{
    if (c->cluster)
        cluster_close(c->cluster);
    cluster_config_free(c->config);
}

/* destination.server or .name; https://kubernetes.default.svc is the only cluster, if one. */
struct core_cluster *core_cluster_for(struct engine *e, const char *server, const char *name)
{
    for (size_t i = 0; i < e->n_clusters; i++) {
        const struct core_cluster_settings *s = e->clusters[i].settings;
        if (name ? rk_streq(s->name, name) : s->server && rk_streq(s->server, server))
            return &e->clusters[i];
        if (!name && e->clusters[i].config && rk_streq(e->clusters[i].config->server, server))
            return &e->clusters[i];
    }
    bool in_cluster = (!server && !name) || rk_streq(server, "https://kubernetes.default.svc") ||
                      rk_streq(name, "in-cluster");
    return in_cluster && e->n_clusters == 1 ? &e->clusters[0] : NULL;
}
