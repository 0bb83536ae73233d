/*
 * appsource.c: one source of an Application (spec.source, or an entry of spec.sources) as render
 * takes it. All that it holds lies in the arena: the model may be replaced while a render runs.
 */
#include <stdlib.h>

#include "core/core_int.h"

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
