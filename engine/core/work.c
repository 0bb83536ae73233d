/*
 * work.c: a view -> what an operation works on: the plan, and references that keep its objects
 * alive until the operation has ended.
 */
#include "core/core_int.h"

struct core_work {
    struct sync_work base;      /* first: the executor sees this */
    unsigned refs;
    struct rk_arena *arena;
    struct core_view *view;     /* ref */
    struct plan_options options;
    const char *commits;
};

struct sync_work *core_work_ref(const struct sync_work *w)
{
    struct core_work *work = (struct core_work *)(uintptr_t)w;
    work->refs++;
    return &work->base;
}

static void work_free(struct sync_work *w)
{
    struct core_work *work = (struct core_work *)(void *)w;
    if (--work->refs)
        return;
    core_view_unref(work->view);
    rk_arena_free(work->arena);
}

/* Is a file that this object's changed fields come from read by another environment too? */
static bool shared_file(const struct core_app *app, const char *file)
{
    const char *name;
    void *value;
    for (size_t it = 0; rk_map_next(app->engine->apps, &it, &name, &value);) {
        const struct core_app *other = value;
        if (other == app || !other->desired || other->repo != app->repo ||
            rk_streq(other->policy.environment, app->policy.environment))
            continue;
        const struct render_result *r = other->desired->render;
        for (size_t i = 0; i < r->n_deps; i++)
            if (rk_streq(r->deps[i].path, file))
                return true;
    }
    return false;
}

static const char *file_id(const struct core_desired *d, const char *file)
{
    for (size_t i = 0; i < d->render->n_deps; i++)
        if (rk_streq(d->render->deps[i].path, file))
            return d->render->deps[i].id;
    return NULL;
}

/* A commit that is looked at may give a field the base's value and not touch the base. */
static bool untouched(const struct core_app *app, const struct core_view *v, const char *file)
{
    bool other = app->desired && v->desired != app->desired;
    return other && rk_streq(file_id(v->desired, file), file_id(app->desired, file));
}

static bool shared_base(const struct core_app *app, const struct core_view *v,
                        const struct drift_object *d)
{
    for (size_t i = 0; v->desired && i < d->n_fields; i++) {
        const struct doc_marks *marks = v->desired->render->marks;
        const struct doc_mark *m = doc_marks_get(marks, d->fields[i].mark);
        const char *file = m ? doc_marks_file(marks, m->file) : NULL;
        if (file && !untouched(app, v, file) && shared_file(app, file))
            return true;
    }
    return false;
}

static bool namespace_exists(const struct core_app *app)
{
    struct kube_key key = {.kind = RK_STR("Namespace"), .name = rk_str_c(app->model->namespace)};
    return !app->model->namespace || cluster_find(app->cluster->cluster, &key) != NULL;
}

static const struct plan_object *copy_objects(struct rk_arena *a, const struct core_app *app,
                                              const struct core_view *v)
{
    struct plan_object *objects = rk_arena_array(a, v->n + 1, sizeof *objects);
    for (size_t i = 0; i < v->n; i++) {
        objects[i] = v->objects[i];
        objects[i].shared_base = shared_base(app, v, v->objects[i].drift);
    }
    return objects;
}

int core_work_make(struct core_app *app, struct core_view *v, const char *kind,
                   const struct plan_options *options, const char *commits,
                   struct sync_work **out, struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new();
    struct core_work *w = rk_arena_alloc(a, sizeof *w);
    struct plan_input in = {
        .kind = kind, .app = app->model, .policy = &app->policy,
        .revision = v->desired ? v->desired->revision : "", .namespace = app->model->namespace,
        .namespace_exists = namespace_exists(app), .objects = copy_objects(a, app, v),
        .n_objects = v->n, .options = *options, .key = app->engine->key, .commits = commits,
    };
    if (plan_build(a, &in, &w->base.plan, err)) {
        rk_arena_free(a);
        return rk_wrap(err, "plan %s", app->name);
    }
    w->base.objects = in.objects;
    w->base.n_objects = v->n;
    w->base.revision = rk_arena_strdup(a, in.revision);
    w->base.sources = v->desired ? core_sources_text(app, v->desired, a) : NULL;
    w->base.free_fn = work_free;
    w->refs = 1;
    w->options = *options;
    w->options.only = NULL;
    w->options.n_only = 0;
    if (options->n_only) {
        struct kube_key *only = rk_arena_array(a, options->n_only, sizeof *only);
        for (size_t i = 0; i < options->n_only; i++)
            only[i] = kube_key_copy(a, &options->only[i]);
        w->options.only = only;
        w->options.n_only = options->n_only;
    }
    w->commits = rk_arena_strdup(a, commits);
    w->arena = a;
    w->view = core_view_ref(v);
    *out = &w->base;
    return 0;
}

struct core_view *core_work_view(const struct sync_work *w)
{
    return ((const struct core_work *)(const void *)w)->view;
}

/* Names the first object whose drift is another than when it was reviewed. */
static void name_change(const struct core_view *was, const struct core_view *is, struct rk_err *err)
{
    for (size_t i = 0; i < is->n; i++) {
        bool same = false;
        for (size_t k = 0; k < was->n && !same; k++)
            same = is->pairs[i] == was->pairs[k];
        if (same)
            continue;
        struct rk_buf key rk_auto(rk_buf_release) = RK_BUF_INIT;
        kube_key_text(&key, &is->pairs[i]->key);
        (void)rk_fail(err, RK_CONFLICT, "the plan is stale: %s changed since it was made; plan again",
                      key.p);
        return;
    }
    (void)rk_fail(err, RK_CONFLICT, "the plan is stale: what it covers changed; plan again");
}

int core_work_again(struct core_app *app, struct core_view *v, const struct sync_work *w,
                    struct sync_work **out, struct rk_err *err)
{
    const struct core_work *work = (const struct core_work *)(const void *)w;
    return core_work_make(app, v, w->plan.kind, &work->options, work->commits, out, err);
}

int core_work_same(struct core_app *app, const struct sync_work *w, struct core_view *v,
                   struct rk_err *err)
{
    const struct core_work *work = (const struct core_work *)(const void *)w;
    struct sync_work *fresh = NULL;
    if (work->view == v)
        return 0;
    if (core_work_again(app, v, w, &fresh, err))
        return -1;
    bool same = strcmp(fresh->plan.fingerprint, w->plan.fingerprint) == 0;
    fresh->free_fn(fresh);
    if (same)
        return 0;
    name_change(work->view, v, err);
    return -1;
}

static bool refused_namespace(const struct model_project *p, const struct model_app *app, rk_str ns,
                              struct rk_err *why)
{
    char *text = rk_str_dup(ns);
    bool refused = model_project_namespace(p, app, text, why) != 0;
    free(text);
    return refused;
}

bool core_key_denied(const struct core_app *app, const struct kube_key *key, struct rk_err *why)
{
    const struct model *m = app->repo->model;
    const struct model_project *p =
        model_project_find(m->projects, m->n_projects, app->model->project);
    return model_project_kind(p, key, key->namespace.n > 0, why) ||
           (key->namespace.n && refused_namespace(p, app->model, key->namespace, why));
}

bool core_work_denied(const struct core_app *app, const struct sync_work *w, struct rk_err *why)
{
    if (!w || !app->model)
        return false;
    for (size_t i = 0; i < w->plan.n_tasks; i++)
        if (core_key_denied(app, &w->plan.tasks[i].key, why))
            return true;
    return false;
}

/* The options that the Application and the policy that governs it give an operation. */
void core_work_options(const struct core_app *app, struct plan_options *out)
{
    const struct model_app *m = app->model;
    *out = (struct plan_options){
        .prune = m->prune && app->policy.prune, .create_namespace = m->create_namespace,
        .prune_last = m->prune_last,
        .prune_confirm = m->prune_confirm, .replace = m->replace, .no_prune = m->no_prune,
        .force = m->force, .apply_out_of_sync_only = true,
    };
}
