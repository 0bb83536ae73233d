/*
 * api_drift.c: drift of an application (also at another revision), the text of a document with its
 * sources, blame of a line.
 */
#include "core/core_int.h"

struct drift_request {
    struct core_request *request;
    char *app;
};

/* ---- commit and author of each git line, blamed in the pool ---- */
struct drift_read {
    struct core_read base;              /* first */
    struct wire_drift drift;
};

/* All wanted lines of one file at once. */
static void blame_file(struct core_read *r, const char *revision, const struct core_line *v, size_t n)
{
    uint32_t lines[CORE_BLAMED] = {0};
    struct git_blame b[CORE_BLAMED];
    struct rk_err none;
    for (size_t i = 0; i < n; i++)
        lines[i] = (uint32_t)v[i].line;
    if (git_blame_lines(r->view, r->mem, revision, v[0].file, lines, n, b, &none))
        return;
    for (size_t i = 0; i < n; i++)
        if (b[i].line) {
            *v[i].commit = rk_arena_strdup(r->mem, b[i].commit.id);
            *v[i].author = core_safe(r->mem, rk_str_c(b[i].commit.author));
        }
}

void core_blame(struct core_read *r, const char *revision, struct core_line *all, size_t n)
{
    struct core_line same[CORE_BLAMED];
    n = n < CORE_BLAMED ? n : CORE_BLAMED;
    while (n) {
        const char *file = all[0].file;
        size_t taken = 0, left = 0;
        for (size_t i = 0; i < n; i++)
            if (strcmp(all[i].file, file) == 0)
                same[taken++] = all[i];
            else
                all[left++] = all[i];
        blame_file(r, revision, same, taken);
        n = left;
    }
}

static int read_blames(struct core_read *r)
{
    struct wire_drift *d = &((struct drift_read *)(void *)r)->drift;
    struct core_line all[CORE_BLAMED];
    size_t n = 0;
    for (size_t i = 0; i < d->n_objects; i++)
        for (size_t k = 0; k < d->objects[i].n_fields && n < CORE_BLAMED; k++) {
            struct wire_field *f = &d->objects[i].fields[k];
            if (f->file)
                all[n++] = (struct core_line){f->file, f->line, &f->commit, &f->author};
        }
    core_blame(r, d->revision, all, n);
    return 0;
}

static const char *action_of(const struct core_pair *p)
{
    return p->drift.verdict == DRIFT_MISSING ? "create"
           : p->drift.verdict == DRIFT_EXTRA ? "prune" : "change";
}

static bool wanted(const struct core_pair *p, const struct wire_drift_params *q,
                   struct rk_arena *mem)
{
    if (q->object)
        return rk_streq(q->object, core_key_text(mem, &p->key));
    return p->drift.verdict != DRIFT_SAME;
}

void core_own_fields(struct rk_arena *mem, struct wire_field *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v[i].path = rk_arena_strdup(mem, v[i].path);
        v[i].file = rk_arena_strdup(mem, v[i].file);
    }
}

static void answer(struct core_request *r, struct core_app *app, struct core_view *v)
{
    const struct wire_drift_params *q = r->params;
    struct rk_arena *mem = r->arena;
    struct rk_err err = {0};
    size_t offset = q->offset > 0 ? (size_t)q->offset : 0, seen = 0;
    size_t limit = q->limit > 0 && q->limit < 100 ? (size_t)q->limit : 100;
    struct drift_read *d = rk_arena_alloc(mem, sizeof *d);
    struct wire_drift *out = &d->drift;
    *out = (struct wire_drift){.app = rk_arena_strdup(mem, app->name),
                               .verdict = model_verdict_name[v == app->view
                                                                 ? core_app_verdict(app)
                                                                 : v->verdict],
                               .revision = rk_arena_strdup(mem, v->desired->revision),
                               .offset = (int64_t)offset};
    out->objects = rk_arena_array(mem, v->n + 1, sizeof *out->objects);
    for (size_t i = 0; i < v->n; i++) {
        const struct core_pair *p = v->pairs[i];
        if (!wanted(p, q, mem) || seen++ < offset || out->n_objects >= limit)
            continue;
        struct wire_drift_object *o = &out->objects[out->n_objects++];
        *o = (struct wire_drift_object){
            .object = core_key_text(mem, &p->key), .action = action_of(p),
            .method = p->drift.by_server ? "server" : "local",
            .note = rk_arena_strdup(mem, p->error ? p->error : p->drift.note)};
        o->more_fields = core_wire_fields(&p->drift, v->desired, mem, &o->fields,
                                          &o->n_fields);
        core_own_fields(mem, o->fields, o->n_fields);   /* blamed in the pool */
    }
    out->total = (int64_t)seen;
    d->base.read = read_blames;
    d->base.out = out;
    if (core_read_start(&d->base, r, app->repo, &err))
        core_refuse(r, &err);
}

static void end(struct drift_request *d, const struct rk_err *err)
{
    if (err)
        core_refuse(d->request, err);
    free(d->app);
    free(d);
}

static void looked(struct core_view *v, void *ctx)
{
    struct drift_request *d = ctx;
    struct core_app *app = rk_map_get(d->request->engine->apps, d->app);
    struct rk_err gone = {0};
    if (app && v)
        answer(d->request, app, v);
    else
        (void)rk_fail(&gone, RK_NOT_FOUND, "application %s left git", d->app);
    core_view_unref(v);
    end(d, gone.code ? &gone : NULL);
}

static void rendered(struct core_app *app, struct core_desired *desired, const struct rk_err *err,
                     void *ctx)
{
    struct drift_request *d = ctx;
    if (err) {
        end(d, err);
        return;
    }
    core_look_settled(app, desired, looked, d);
    core_desired_unref(desired);
}

/* done gets a drift_request as its ctx. */
static int render_at(struct core_request *r, struct core_app *app, const char *rev,
                     core_render_fn done, struct rk_err *err)
{
    char id[GIT_ID];
    struct git_view *v = core_repo_view(app->repo, err);
    int rc = v ? git_resolve(v, rev, id, err) : -1;
    if (v)
        core_repo_give_back(app->repo, v);
    if (rc)
        return -1;
    struct drift_request *d = rk_alloc(sizeof *d);
    *d = (struct drift_request){.request = r, .app = rk_strdup(app->name)};
    core_render(app, id, done, d);
    return 0;
}

static int at_revision(struct core_request *r, struct core_app *app, const char *rev,
                       struct rk_err *err)
{
    if (!app->cluster || !app->cluster->cluster)
        return rk_fail(err, RK_UNAVAILABLE, "%s: its cluster is not configured", app->name);
    return render_at(r, app, rev, rendered, err);
}

static int api_drift(struct core_request *r, struct rk_err *err)
{
    const struct wire_drift_params *p = r->params;
    struct core_app *app = engine_app_asked(r->engine, p->app, err);
    if (!app)
        return -1;
    if (app->has_error)
        return rk_fail(err, app->error.code, "%s: %s", app->name, app->error.text);
    if (p->rev)
        return at_revision(r, app, p->rev, err);
    if (!app->view || !app->view->desired)
        return rk_fail(err, RK_UNAVAILABLE, "%s is not compared yet: %s", app->name,
                       app->cluster ? app->cluster->message : "no cluster");
    answer(r, app, app->view);
    return 0;
}

/* ---- documents ---- */
static const struct kube_object *desired_object(const struct core_desired *d,
                                                const struct kube_key *key)
{
    for (size_t i = 0; i < d->render->n_objects; i++)
        if (kube_key_eq(&d->render->objects[i].key, key))
            return &d->render->objects[i];
    return NULL;
}

/* Git's text as it is at the revision that was asked for. */
static void document_rendered(struct core_app *app, struct core_desired *desired,
                              const struct rk_err *err, void *ctx)
{
    struct drift_request *d = ctx;
    const struct wire_document_params *p = d->request->params;
    struct wire_document out;
    struct rk_err none = {0};
    struct kube_key key;
    (void)app;
    if (err) {
        end(d, err);
        return;
    }
    const struct kube_object *o = kube_key_parse(rk_str_c(p->object), &key)
                                      ? desired_object(desired, &key) : NULL;
    if (o) {
        core_wire_document(o, desired->render->marks, p, d->request->arena, &out);
        core_answer(d->request, &out);
    } else {
        (void)rk_fail(&none, RK_NOT_FOUND, "%s: no such object at %s", p->object, p->rev);
    }
    core_desired_unref(desired);
    end(d, o ? NULL : &none);
}

static int api_document(struct core_request *r, struct rk_err *err)
{
    const struct wire_document_params *p = r->params;
    struct core_app *app = engine_app_asked(r->engine, p->app, err);
    struct kube_key key;
    if (!app)
        return -1;
    if (!p->object || !kube_key_parse(rk_str_c(p->object), &key))
        return rk_fail(err, RK_INVALID, "wanted an object GROUP/KIND/NAMESPACE/NAME");
    const struct kube_object *o = NULL;
    bool live = rk_streq(p->side, "live");
    if (p->rev && !live)
        return render_at(r, app, p->rev, document_rendered, err);
    for (size_t i = 0; app->view && i < app->view->n && !o; i++)
        if (kube_key_eq(&app->view->pairs[i]->key, &key))
            o = live ? app->view->objects[i].live : app->view->objects[i].desired;
    if (!o && live && app->cluster && app->cluster->cluster) {
        const struct cluster_object *found = cluster_find(app->cluster->cluster, &key);
        o = found ? &found->object : NULL;
    }
    if (!o)
        return rk_fail(err, RK_NOT_FOUND, "%s: no such object on the %s side", p->object,
                       live ? "live" : "desired");
    struct wire_document out;
    core_wire_document(o, live ? NULL : app->view->desired->render->marks, p, r->arena, &out);
    core_answer(r, &out);
    return 0;
}

struct blame_read {
    struct core_read base;              /* first */
    const char *rev, *file;
    uint32_t line;
    struct wire_blame blame;
};

static int read_blame(struct core_read *r)
{
    struct blame_read *j = (struct blame_read *)(void *)r;
    struct git_blame b;
    if (git_blame_line(r->view, r->mem, j->rev, j->file, j->line, &b, &r->err))
        return -1;
    j->blame = (struct wire_blame){
        .commit = rk_arena_strdup(r->mem, b.commit.id),
        .author = core_safe(r->mem, rk_str_c(b.commit.author)),
        .email = core_safe(r->mem, rk_str_c(b.commit.email)),
        .subject = core_safe(r->mem, rk_str_c(b.commit.subject)), .file = b.file, .line = b.line,
        .time = b.commit.time,
    };
    return 0;
}

static int api_blame(struct core_request *r, struct rk_err *err)
{
    const struct wire_blame_params *p = r->params;
    struct core_app *app = engine_app_asked(r->engine, p->app, err);
    if (!app)
        return -1;
    struct blame_read *j = rk_arena_alloc(r->arena, sizeof *j);
    *j = (struct blame_read){
        .base.read = read_blame, .rev = rk_arena_strdup(r->arena, p->rev ? p->rev : app->target),
        .file = p->file ? p->file : "", .line = p->line > 0 ? (uint32_t)p->line : 0};
    j->base.out = &j->blame;
    return core_read_start(&j->base, r, app->repo, err);
}

const struct core_route core_routes_drift[] = {
    {"drift.get", api_drift},
    {"revisions.compare", core_api_compare},
    {"document.get", api_document},
    {"blame.get", api_blame},
    {NULL, NULL},
};
