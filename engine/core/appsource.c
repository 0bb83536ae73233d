/*
 * appsource.c: one source of an Application (spec.source, or an entry of spec.sources) as render
 * takes it. All that it holds lies in the arena: the model may be replaced while a render runs.
 */
#include "core/core_int.h"

/* Charts compare versions: what a provider adds ("v1.33.5-gke.1") would make them all older. */
static const char *plain_version(struct rk_arena *a, const char *version)
{
    return version ? rk_arena_dup(a, version, strcspn(version, "-+")) : NULL;
}

void core_source_read(struct rk_arena *a, const struct core_app *app, const struct doc_node *spec,
                      const char *field, const char *rev, struct render_source *out)
{
    const struct model_app *m = app->model;
    const struct cluster *c = app->cluster ? app->cluster->cluster : NULL;
    struct doc_marks *marks = doc_marks_new(a);

    *out = (struct render_source){
        .spec = doc_copy_marked(a, spec, m->marks, marks), .marks = marks,
        .field = rk_arena_strdup(a, field),
        .app = rk_arena_strdup(a, m->name), .project = rk_arena_strdup(a, m->project),
        .revision = rk_arena_strdup(a, rev), .namespace = rk_arena_strdup(a, m->namespace),
        .kube_version = plain_version(a, c ? cluster_version(c) : NULL),
    };
}
