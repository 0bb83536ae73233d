/*
 * appsource.c: one source of an Application (spec.source, or an entry of spec.sources) as render
 * takes it. All that it holds lies in the arena: the model may be replaced while a render runs.
 */
#include <stdlib.h>

#include "core/remotes_int.h"

/* ---- what the destination's cluster serves, as Argo CD tells helm ---- */
struct served {
    struct rk_arena *a;
    const char **v;
    size_t n, cap;
};

static void add(struct served *s, const char *text)
{
    s->v = rk_arena_grow(s->a, s->v, s->n, &s->cap, sizeof *s->v);
    s->v[s->n++] = text;
}

static void add_kind(const struct cluster_kind *k, void *ctx)
{
    struct served *s = ctx;
    const char *version = k->group[0] ? rk_arena_f(s->a, "%s/%s", k->group, k->version)
                                      : rk_arena_strdup(s->a, k->version);
    add(s, version);
    add(s, rk_arena_f(s->a, "%s/%s", version, k->kind));
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* In order, each once; returns how many. */
static size_t tidy(const char **v, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(v, n, sizeof *v, by_text);
    for (size_t i = 0; i < n; i++)
        if (!kept || !rk_streq(v[i], v[kept - 1]))
            v[kept++] = v[i];
    return kept;
}

/* Charts compare versions: what a provider adds ("v1.33.5-gke.1") would make them all older. */
static const char *plain_version(struct rk_arena *a, const char *version)
{
    return version ? rk_arena_dup(a, version, strcspn(version, "-+")) : NULL;
}

void core_source_cluster(struct rk_arena *a, const struct cluster *c, struct render_source *out)
{
    struct served s = {.a = a};
    struct rk_sha256 h;
    uint8_t sum[RK_SHA256_LEN];
    char *id = rk_arena_alloc(a, 65);
    out->kube_version = plain_version(a, c ? cluster_version(c) : NULL);
    if (c)
        cluster_each_kind(c, add_kind, &s);
    out->n_api_versions = tidy(s.v, s.n);
    out->api_versions = s.v;
    rk_sha256_init(&h);
    if (out->kube_version)
        rk_sha256_add(&h, out->kube_version, strlen(out->kube_version));
    for (size_t i = 0; i < out->n_api_versions; i++)
        rk_sha256_add(&h, s.v[i], strlen(s.v[i]) + 1);
    rk_sha256_end(&h, sum);
    rk_hex(sum, sizeof sum, id);
    out->cluster = id;
}

void core_source_read(struct rk_arena *a, const struct core_app *app, const struct doc_node *spec,
                      const char *field, const char *rev, struct render_source *out)
{
    const struct model_app *m = app->model;
    struct doc_marks *marks = doc_marks_new(a);
    *out = (struct render_source){
        .spec = doc_copy_marked(a, spec, m->marks, marks), .marks = marks,
        .field = rk_arena_strdup(a, field),
        .app = rk_arena_strdup(a, m->name), .project = rk_arena_strdup(a, m->project),
        .revision = rk_arena_strdup(a, rev), .namespace = rk_arena_strdup(a, m->namespace),
    };
    core_source_cluster(a, app->cluster ? app->cluster->cluster : NULL, out);
}

bool core_source_here(const struct core_app *app, const struct model_source *s)
{
    const char *branch = app->repo->mirror ? git_mirror_branch(app->repo->mirror) : NULL;
    rk_str rev = rk_str_c(s->target_revision);
    if (!s->own_repo)
        return false;
    if (rk_str_starts(rev, "refs/heads/"))
        rev = (rk_str){rev.p + 11, rev.n - 11};
    return rk_str_is(rev, "HEAD") || (branch && rk_str_is(rev, branch));
}

struct core_need core_source_need(const struct model_source *s)
{
    const char *ref = s->target_revision;
    return (struct core_need){s->repo_url, rk_streq(ref, "HEAD") ? "" : ref, NULL, false};
}

/* A chart's own repository is its business; what is here is read from the tree that is built. */
static const struct render_remote *remote_of(struct rk_arena *a, const struct core_app *app,
                                             const struct model_source *s)
{
    const struct core_need of = core_source_need(s);
    if (s->chart[0] || core_source_here(app, s))
        return NULL;
    struct render_remote *r = rk_arena_alloc(a, sizeof *r);
    *r = (struct render_remote){.repo = rk_arena_strdup(a, of.repo),
                                .ref = rk_arena_strdup(a, of.ref), .path = ""};
    return r;
}

/* The one source lies in the watched repository, at another revision than the watched branch: a tag,
 * say. What names another repository is taken from here (model: a lint says so), as clones and
 * mirrors are watched under addresses of their own. */
static bool pinned_elsewhere(const struct core_app *app)
{
    const struct model_app *m = app->model;
    return m->n_sources == 1 && m->own_repo && !m->chart[0] &&
           !core_source_here(app, &m->sources[0]);
}

size_t core_parts_read(struct rk_arena *a, const struct core_app *app, const char *rev,
                       struct render_part **out)
{
    const struct model_app *m = app->model;
    *out = NULL;
    if (m->n_sources < 2 && !pinned_elsewhere(app))
        return 0;
    *out = rk_arena_array(a, m->n_sources, sizeof **out);
    for (size_t i = 0; i < m->n_sources; i++) {
        const struct model_source *s = &m->sources[i];
        struct render_part *p = &(*out)[i];
        *p = (struct render_part){.path = rk_arena_strdup(a, s->path), .makes = s->makes,
                                  .ref = rk_arena_strdup(a, s->ref),
                                  .remote = remote_of(a, app, s)};
        core_source_read(a, app, s->node, s->field, p->remote ? "" : rev, &p->source);
    }
    return m->n_sources;
}

/* ---- what of an application lies in the watched repository ---- */
bool core_primary_here(const struct core_app *app)
{
    const struct model_app *m = app->model;
    for (size_t i = 0; i < m->n_sources; i++)
        if (m->sources[i].node == m->source)
            return !m->chart[0] && core_source_here(app, &m->sources[i]);
    return false;
}

static void add_place(struct core_places *p, const char *path)
{
    p->v = rk_arena_grow(p->arena, p->v, p->n, &p->cap, sizeof *p->v);
    p->v[p->n++] = path;
}

/* "$ref/PATH" of a source that is here. */
static void add_value_file(const struct core_app *app, rk_str text, struct core_places *p)
{
    rk_str rest = RK_STR(""), name = rk_str_cut(text, '/', &rest);
    for (size_t i = 0; name.n && name.p[0] == '$' && rest.n && i < app->model->n_sources; i++) {
        const struct model_source *s = &app->model->sources[i];
        if (!rk_str_is((rk_str){name.p + 1, name.n - 1}, s->ref) || !core_source_here(app, s))
            continue;
        rk_auto(rk_free_str) char *path = rk_path_clean(rk_arena_dup(p->arena, rest.p, rest.n));
        add_place(p, rk_arena_strdup(p->arena, path));
    }
}

void core_app_places(const struct core_app *app, struct core_places *out)
{
    const struct model_app *m = app->model;
    if (m->n_sources < 2) {
        add_place(out, core_app_place(app));
        return;
    }
    add_place(out, m->file); /* it names versions and revisions of elsewhere */
    for (size_t i = 0; i < m->n_sources; i++) {
        const struct model_source *s = &m->sources[i];
        const struct doc_node *files = doc_walk(s->node, "helm.valueFiles");
        if (s->makes && !s->chart[0] && core_source_here(app, s))
            add_place(out, s->path);
        for (size_t k = 0; k < doc_count(files); k++)
            add_value_file(app, doc_text(doc_at(files, k)), out);
    }
}
