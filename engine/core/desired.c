/*
 * desired.c: one application at one revision -> its desired objects, in the pool.
 *
 * The job works on immutable inputs (paths and options copied into its arena, a git view of its
 * own) and hands back a value. When nothing that the last render read has moved, the last render
 * is handed back: a commit that touches none of its dependencies costs a few look-ups.
 */
#include "core/core_int.h"

struct render_job {
    struct core_app *app;               /* NULL once the application is gone */
    struct core_repo *repo;
    struct git_view *view;
    struct rk_arena *arena;
    char rev[GIT_ID];
    const char *path, *namespace;
    struct render_source source;
    struct core_desired *known;         /* ref: what was rendered before; NULL */
    uint8_t key[RK_KEY_LEN];
    bool unchanged;
    char digest[65];
    struct render_result *result;
    struct rk_err err;
    core_render_fn done;
    void *ctx;
    struct run_job *job;
    struct render_job *next;            /* in the list of running ones */
};

static bool same_inputs(const struct render_job *j, const struct render_files *files)
{
    const struct render_result *r = j->known->render;
    if (r->by_cluster && !rk_streq(r->by_cluster, j->source.cluster))
        return false;
    if (r->by_revision && strcmp(j->known->revision, j->rev) != 0)
        return false;
    for (size_t i = 0; i < r->n_deps; i++) {
        char id[65] = "";
        struct rk_err ignored;
        if (files->id(r->deps[i].path, id, files->ctx, &ignored))
            id[0] = 0;
        if (strcmp(id, r->deps[i].id) != 0)
            return false;
    }
    return true;
}

/* Equal content gives an equal digest, also after a restart: the mask's key is kept. */
static void digest(const struct render_result *r, const char *namespace, char out[65])
{
    struct rk_sha256 h;
    uint8_t sum[RK_SHA256_LEN];
    rk_sha256_init(&h);
    rk_sha256_add(&h, namespace ? namespace : "", namespace ? strlen(namespace) : 0);
    for (size_t i = 0; i < r->n_objects; i++) {
        doc_hash(r->objects[i].doc, sum);
        rk_sha256_add(&h, sum, sizeof sum);
    }
    rk_sha256_end(&h, sum);
    rk_hex(sum, sizeof sum, out);
}

/*
 * Argo CD's rule: the destination's namespace goes to namespaced objects that name none. What the
 * tables know is done in the pool, before Secrets are masked (the mask covers the namespace);
 * other kinds are asked for at the cluster afterwards.
 */
static bool known_scope(rk_str group, rk_str kind, const struct cluster *c, bool *namespaced)
{
    const struct kube_type *type = kube_type_find(group, kind);
    if (type) {
        *namespaced = type->scope != KUBE_CLUSTER;
        return true;
    }
    const struct cluster_kind *served = c ? cluster_kind(c, group, kind) : NULL;
    *namespaced = !served || served->namespaced;
    return false;
}

static void give_namespace(struct render_result *r, const char *namespace, const struct cluster *c,
                           bool in_pool)
{
    for (size_t i = 0; namespace && i < r->n_objects; i++) {
        struct kube_object *o = &r->objects[i];
        struct doc_node *metadata = doc_get(o->doc, "metadata");
        bool namespaced;
        if (o->key.namespace.n || doc_type(metadata) != DOC_MAP ||
            known_scope(o->key.group, o->key.kind, c, &namespaced) != in_pool || !namespaced)
            continue;
        doc_set_c(r->arena, metadata, "namespace", doc_string_c(r->arena, namespace));
        o->key.namespace = doc_get_text(metadata, "namespace");
    }
}

/* Pool thread: pure work on the tree of one revision. */
static void render_work(void *ctx, const atomic_bool *cancelled)
{
    struct render_job *j = ctx;
    void *state = NULL;
    struct render_files files = core_git_files(j->view, j->rev, &state);
    if (j->known && same_inputs(j, &files)) {
        j->unchanged = true;
    } else {
        struct render_opts opts = {
            .path = j->path, .source = &j->source, .cancelled = cancelled,
        };
        if (render_build(&files, &opts, &j->result, &j->err) == 0) {
            give_namespace(j->result, j->namespace, NULL, true);
            render_mask(j->result, j->key);
            digest(j->result, j->namespace, j->digest);
        }
    }
    core_git_files_end(state);
}

static void render_done(void *ctx, bool cancelled)
{
    struct render_job *j = ctx;
    struct core_app *app = j->app;
    core_repo_give_back(j->repo, j->view);
    struct engine *e = j->repo->engine;
    struct core_desired *d = NULL;
    if (j->unchanged) {
        d = core_desired_ref(j->known);
    } else if (j->result && app) {
        give_namespace(j->result, j->namespace,
                       app->cluster ? app->cluster->cluster : NULL, false);
        d = rk_alloc(sizeof *d);
        *d = (struct core_desired){.refs = 1, .render = j->result};
        memcpy(d->revision, j->rev, sizeof d->revision);
        memcpy(d->digest, j->digest, sizeof d->digest);
    } else if (j->result) {
        render_free(j->result);
    }
    if (!d && j->err.code == RK_OK)
        (void)rk_fail(&j->err, RK_CANCELLED, "render was %s", cancelled ? "cancelled" : "dropped");
    if (app) {
        struct render_job **at = &app->jobs;
        while (*at != j)
            at = &(*at)->next;
        *at = j->next;
        j->done(app, d, d ? NULL : &j->err, j->ctx);
    } else {
        core_desired_unref(d);
    }
    core_desired_unref(j->known);
    rk_arena_free(j->arena);
    free(j);
    engine_job_done(e);
}

void core_render(struct core_app *app, const char *rev, core_render_fn done, void *ctx)
{
    struct rk_err err = {0};
    struct git_view *view = app->model ? core_repo_view(app->repo, &err) : NULL;
    if (!view) {
        if (!app->model)
            (void)rk_fail(&err, RK_NOT_FOUND, "%s: its Application left git", app->name);
        done(app, NULL, &err, ctx);
        return;
    }
    struct render_job *j = rk_alloc(sizeof *j);
    *j = (struct render_job){.app = app, .repo = app->repo, .view = view, .done = done, .ctx = ctx,
                             .next = app->jobs, .arena = rk_arena_new()};
    app->jobs = j;
    (void)snprintf(j->rev, sizeof j->rev, "%s", rev);
    memcpy(j->key, app->engine->key, sizeof j->key);
    j->path = rk_arena_strdup(j->arena, app->model->path);
    j->namespace = rk_arena_strdup(j->arena, app->model->namespace);
    core_source_read(j->arena, app, app->model->source, app->model->source_field, rev, &j->source);
    if (app->desired && !app->source_changed)
        j->known = core_desired_ref(app->desired);
    app->engine->jobs++;
    j->job = run_job_start(app->engine->loop, render_work, render_done, j);
}

void core_render_forget(struct core_app *app)
{
    for (struct render_job *j = app->jobs; j; j = j->next)
        j->app = NULL;
    app->jobs = NULL;
}
