/*
 * match.c: which environments hold an application, and what it is called across them. In: an
 * application's destination, path and annotation; the configured environments. Out: holds or not;
 * the name that an environment gets without reckon.yaml; APP without its ENV part; the default
 * promotion order. What the environments then ask for is policy.c's.
 */
#include <stdlib.h>

#include "model/model_int.h"

#define LOCAL_SERVER "https://kubernetes.default.svc"

/* ---- matching ---- */
static bool any_fits(const char *const *patterns, const char *text, char sep)
{
    for (; text && *patterns; patterns++)
        if (rk_glob(*patterns, text, sep))
            return true;
    return false;
}

static bool cluster_fits(const char *const *patterns, const struct model_app *app,
                         const char *cluster)
{
    bool local = rk_streq(app->server, LOCAL_SERVER);

    return any_fits(patterns, cluster, 0) || any_fits(patterns, app->cluster_name, 0) ||
           any_fits(patterns, app->server, 0) || any_fits(patterns, local ? "in-cluster" : NULL, 0);
}

/* Keys of one entry are ANDed, its patterns ORed. */
static bool match_fits(const struct model_match *m, const struct model_app *app,
                       const char *cluster)
{
    if (m->namespaces && !any_fits(m->namespaces, app->namespace, 0))
        return false;
    if (m->clusters && !cluster_fits(m->clusters, app, cluster))
        return false;
    if (m->paths && !any_fits(m->paths, app->path, '/'))
        return false;
    return !m->projects || any_fits(m->projects, app->project, 0);
}

bool model_environment_holds(const struct model_environment *e, const struct model_app *app,
                             const char *cluster)
{
    if (rk_streq(app->claimed_environment, e->name))
        return true;
    for (size_t i = 0; i < e->n_match; i++)
        if (match_fits(&e->match[i], app, cluster))
            return true;
    return false;
}

const struct model_environment *model_environment_find(const struct model *m, const char *name)
{
    for (size_t i = 0; i < m->n_environments; i++)
        if (rk_streq(m->environments[i].name, name))
            return &m->environments[i];
    return NULL;
}

/* ---- names of environments ---- */
bool name_is_production(const char *environment)
{
    static const char *const patterns[] = {"*prod*", "prd*", "live*"};

    for (size_t i = 0; i < RK_LEN(patterns); i++)
        if (rk_glob(patterns[i], environment, 0))
            return true;
    return false;
}

int environment_rank(const char *environment)
{
    static const struct { const char *name; int rank; } ranks[] = {
        {"dev", 0}, {"development", 0}, {"staging", 2}, {"stage", 2},
        {"prod", 3}, {"production", 3}, {"live", 3},
    };

    for (size_t i = 0; i < RK_LEN(ranks); i++)
        if (rk_streq(ranks[i].name, environment))
            return ranks[i].rank;
    return 1; /* test, qa, ...: between dev and staging */
}

const char *match_derived(struct rk_arena *a, const char *path, const char *namespace)
{
    rk_str rest = rk_str_c(path);

    while (rest.n) {
        rk_str part = rk_str_cut(rest, '/', &rest), folder = rest, ignored;

        if (!rk_str_is(part, "overlays") && !rk_str_is(part, "environments"))
            continue;
        folder = rk_str_cut(folder, '/', &ignored);
        if (folder.n)
            return rk_arena_dup(a, folder.p, folder.n);
    }
    return *namespace ? namespace : "default";
}

/* ---- APP ---- */
/* NAME without -ENV or ENV-; NULL when it has no such part, or is nothing else. */
static const char *without(struct rk_arena *a, const char *name, const char *environment)
{
    size_t n = strlen(name), e = strlen(environment);

    if (e == 0 || n < e + 2)
        return NULL;
    if (name[n - e - 1] == '-' && strcmp(name + n - e, environment) == 0)
        return rk_arena_dup(a, name, n - e - 1);
    if (name[e] == '-' && strncmp(name, environment, e) == 0)
        return rk_arena_strdup(a, name + e + 1);
    return NULL;
}

const char *match_app_name(struct rk_arena *a, const struct model_app *app,
                           const char *environment)
{
    rk_str said = doc_get_text(doc_walk(app->doc, "metadata.annotations"), "reckon.dev/app");
    const char *name;

    if (!said.n)
        said = doc_get_text(doc_walk(app->doc, "metadata.labels"), "app.kubernetes.io/name");
    if (said.n)
        return rk_arena_dup(a, said.p, said.n);
    name = without(a, app->name, environment);
    if (!name)
        name = without(a, app->name, app->derived_environment);
    return name ? name : app->name;
}

/* ---- environments of a repository without reckon.yaml ---- */
static int by_rank(const void *pa, const void *pb)
{
    const struct model_environment *a = pa, *b = pb;
    int d = environment_rank(a->name) - environment_rank(b->name);

    return d ? d : strcmp(a->name, b->name);
}

void match_derive_environments(struct model *m)
{
    m->environments = rk_arena_array(m->arena, m->n_apps + 1, sizeof(*m->environments));
    for (size_t i = 0; i < m->n_apps; i++) {
        const struct model_app *app = &m->apps[i];

        if (app->error || model_environment_find(m, app->derived_environment))
            continue;
        m->environments[m->n_environments++] = (struct model_environment){
            .name = app->derived_environment, .sync = MODEL_OBSERVE, .prune_budget = -1,
        };
    }
    if (m->n_environments)
        qsort(m->environments, m->n_environments, sizeof(*m->environments), by_rank);
}
