/*
 * desired.c: one application at one revision -> its desired objects, in the pool.
 *
 * The job works on immutable inputs (paths and options copied into its arena, a git view of its
 * own) and hands back a value. When nothing that the last render read has moved, the last render
 * is handed back: a commit that touches none of its dependencies costs a few look-ups. A render that
 * misses a tree of another repository ends there, outside the pool it is waited for, and the render
 * runs once more.
 */
#include "core/remotes_int.h"

struct render_job {
    struct core_app *app;               /* NULL once the application is gone */
    struct core_repo *repo;
    struct git_view *view;
    struct rk_arena *arena;
    char rev[GIT_ID];
    const char *path, *namespace;
    struct render_source source;
    struct render_part *parts; size_t n_parts;  /* of several sources */
    struct core_desired *known;         /* ref: what was rendered before; NULL */
    uint8_t key[RK_KEY_LEN];
    struct core_pins *pins;             /* ref */
    struct core_run *runs;              /* of helm, for this render */
    size_t left;                        /* what it waits for: needs, as one, and runs */
    bool enable_helm;
    struct core_trees trees;            /* of elsewhere, by the pins */
    bool unchanged, waits;              /* waits: for a remote, not in the pool */
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
    if ((r->by_revision && strcmp(j->known->revision, j->rev) != 0) ||
        !core_pins_same(j->known->uses, j->trees.pins))
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
    core_trees_serve(&j->trees, &files);
    if (j->known && same_inputs(j, &files)) {
        j->unchanged = true;
    } else {
        struct render_opts opts = {
            .path = j->path, .source = &j->source, .cancelled = cancelled,
            .enable_helm = j->enable_helm, .parts = j->parts, .n_parts = j->n_parts,
        };
        if (render_build(&files, &opts, &j->result, &j->err) == 0) {
            give_namespace(j->result, j->namespace, NULL, true);
            render_mask(j->result, j->key);
            digest(j->result, j->namespace, j->digest);
        }
    }
    core_trees_close(&j->trees);
    core_git_files_end(state);
}

static struct core_desired *take_result(struct render_job *j)
{
    if (j->unchanged)
        return core_desired_ref(j->known);
    if (!j->result)
        return NULL;
    give_namespace(j->result, j->namespace, j->app->cluster ? j->app->cluster->cluster : NULL,
                   false);
    struct core_desired *d = rk_alloc(sizeof *d);
    *d = (struct core_desired){.refs = 1, .render = j->result,
                               .uses = core_pins_ref(j->trees.uses)};
    memcpy(d->revision, j->rev, sizeof d->revision);
    memcpy(d->digest, j->digest, sizeof d->digest);
    j->result = NULL;
    return d;
}

static void leave_list(struct render_job *j)
{
    struct render_job **at = &j->app->jobs;
    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
}

/* What the application's own render took from elsewhere; it may have moved meanwhile. */
static void note_uses(struct core_app *app, const struct render_job *j)
{
    struct core_pins *uses = j->unchanged ? j->known->uses : j->trees.uses;
    if (strcmp(j->rev, app->rendering) != 0)
        return;
    core_pins_unref(app->uses);
    app->uses = core_pins_ref(uses);
    app->remote_moved |= !core_pins_same(uses, core_remotes_pins(app->engine->remotes));
}

static void free_job(struct render_job *j)
{
    struct core_pins *pins = j->pins;
    if (j->result)
        render_free(j->result);
    core_trees_end(&j->trees);
    core_runs_free(j->runs);
    core_pins_unref(pins);
    core_desired_unref(j->known);
    rk_arena_free(j->arena);
    free(j);
}

static void finish(struct render_job *j, const char *how)
{
    struct core_app *app = j->app;
    struct engine *e = j->repo->engine;
    struct core_desired *d = app ? take_result(j) : NULL;
    if (!d && j->err.code == RK_OK)
        (void)rk_fail(&j->err, RK_CANCELLED, "render was %s", how);
    if (app) {
        leave_list(j);
        note_uses(app, j);
        j->done(app, d, d ? NULL : &j->err, j->ctx);
    }
    free_job(j);
    engine_job_done(e);
}

static void run_in_pool(struct render_job *j);

/* What was missing is there, or cannot be had: the render says which. */
static void needs_settled(void *ctx)
{
    struct render_job *j = ctx;
    if (--j->left)
        return;
    j->waits = false;
    j->view = j->repo->engine->stopping || !j->app ? NULL : core_repo_view(j->repo, &j->err);
    if (!j->view) {
        finish(j, "dropped");
        return;
    }
    core_trees_end(&j->trees);
    run_in_pool(j);
}

static void helm_ended(rk_str out, const struct rk_err *err, void *ctx)
{
    struct core_run *run = ctx;
    run->ended = true;
    if (err)
        run->err = *err;
    else
        rk_buf_str(&run->out, out);
    needs_settled(run->job);
}

/* Fetches what was missing, and lets helm run, outside the pool. */
static void wait_for_needs(struct render_job *j)
{
    struct engine *e = j->repo->engine;
    rk_err_clear(&j->err);
    j->waits = true;
    j->left = (j->trees.n_needs > 0) + j->trees.waits;
    if (j->trees.n_needs)
        core_remotes_want(e->remotes, j->trees.needs, j->trees.n_needs, needs_settled, j);
    for (struct core_run *run = j->runs; run; run = run->next) {
        if (run->started)
            continue;
        run->started = true;
        run->job = j;
        core_helm_run(e, run->argv, false, helm_ended, run);
    }
    core_publish_app(j->app); /* it says what it waits for */
    engine_told(e);
}

static void render_done(void *ctx, bool cancelled)
{
    struct render_job *j = ctx;
    struct engine *e = j->repo->engine;
    core_repo_give_back(j->repo, j->view);
    if ((j->trees.n_needs || j->trees.waits) && j->result) {
        render_free(j->result); /* without what is missing it is worth nothing */
        j->result = NULL;
    }
    if ((!j->trees.n_needs && !j->trees.waits) || !j->app || cancelled || e->stopping)
        finish(j, cancelled ? "cancelled" : "dropped");
    else
        wait_for_needs(j);
}

/* With what is known of other repositories now. */
static void run_in_pool(struct render_job *j)
{
    struct engine *e = j->repo->engine;
    core_pins_unref(j->pins);
    j->pins = core_pins_ref(core_remotes_pins(e->remotes));
    j->trees.pins = j->pins;
    j->trees.runs = &j->runs;
    j->trees.cache = rk_arena_f(j->arena, "%s/cache", e->state_dir);
    j->job = run_job_start(e->loop, render_work, render_done, j);
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
    j->n_parts = core_parts_read(j->arena, app, rev, &j->parts);
    j->enable_helm = app->engine->settings.enable_helm;
    if (app->desired && !app->source_changed)
        j->known = core_desired_ref(app->desired);
    app->engine->jobs++;
    run_in_pool(j);
}

void core_render_forget(struct core_app *app)
{
    for (struct render_job *j = app->jobs; j; j = j->next)
        j->app = NULL;
    app->jobs = NULL;
}

bool core_render_drop(struct core_app *app, core_render_fn done)
{
    struct render_job *j = app->jobs;
    while (j && !(j->waits && j->done == done))
        j = j->next;
    if (!j)
        return false;
    core_remotes_unwant(app->engine->remotes, j);
    for (struct core_run *run = j->runs; run; run = run->next)
        core_helm_forget(app->engine, run);
    leave_list(j);
    free_job(j);
    engine_job_done(app->engine);
    return true;
}

const char *core_render_waits(const struct core_app *app, struct rk_arena *mem)
{
    for (const struct render_job *j = app->jobs; j; j = j->next)
        if (j->waits && j->trees.n_needs)
            return rk_arena_f(mem, "fetching %s", core_need_text(&j->trees.needs[0], mem));
        else if (j->waits)
            return "helm renders its charts";
    return NULL;
}

bool core_render_stuck(const struct core_app *app)
{
    for (const struct render_job *j = app->jobs; j; j = j->next)
        if (j->waits && core_remotes_slow(app->engine->remotes, j->trees.needs, j->trees.n_needs))
            return true;
    return false;
}
