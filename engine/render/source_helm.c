/*
 * source_helm.c: a chart as an Application's source, with Argo CD's meaning. In: the folder of the
 * chart, or the name of one in a chart repository; spec.source.helm; the functions that go in with
 * the files (`chart` fetches, `helm` runs `helm template`). Out: the chart's objects. Values:
 * parameters over valuesObject over values over valueFiles over the chart's own.
 *
 * Everything that is read is a dependency: value files (absent ones too), the chart's folder and
 * what its links lead to.
 */
#include "render/source_int.h"

/* ---- where the chart is ---- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* A link in the folder leads to what is no part of it. */
static int chart_name_found(struct walk *w, const char *path, enum render_kind kind,
                            const char *real, struct rk_err *err)
{
    (void)kind;
    if (!real)
        return rk_wrap(err, "%s", path);
    if (!rk_streq(real, path)) {
        load_dep(w->b, path);
        load_dep(w->b, real);
    }
    return 0;
}

static int find_folder(struct chart *c)
{
    struct walk w = {.b = c->b, .below = true, .found = chart_name_found};
    const char *file = load_join(c->b, c->dir, RK_STR("Chart.yaml")), *real, *inner;
    struct rk_err why;

    load_dep(c->b, c->dir);
    load_dep(c->b, file);
    if (load_stat(c->b, file, &real, NULL) != RENDER_FILE)
        return source_fail(c->b, c->helm, RK_NOT_FOUND, c->err, "helm: %s has no Chart.yaml: "
                           "name the folder of the chart in path", c->dir[0] ? c->dir : ".");
    rk_err_clear(&why);
    if (walk_folder(&w, c->dir, &why)) {
        if (c->err)
            *c->err = why;
        return -1;
    }
    c->h.files = remote_files(c->b, c->dir, &inner);
    c->h.name = last_part(inner);
    c->h.home = load_dir_of(c->b, inner);
    return 0;
}

/* An address without a scheme is an OCI registry; its charts may lie in folders of their own. */
static const char *repo_of(struct chart *c, const char *name)
{
    const char *repo = source_text(c->b, c->b->source, "repoURL");
    size_t above = (size_t)(last_part(name) - name);
    bool plain = !strstr(repo, "://");

    if (!plain && !rk_str_starts(rk_str_c(repo), "oci://"))
        return repo;
    return rk_arena_f(c->b->a, "%s%s%s%.*s", plain ? "oci://" : "", repo, above ? "/" : "",
                      (int)(above ? above - 1 : 0), name);
}

static int fetch(struct chart *c)
{
    const struct doc_node *at = doc_get(c->b->source, "chart");
    const char *name = source_text(c->b, c->b->source, "chart"), *home;
    const char *version = source_text(c->b, c->b->source, "targetRevision");
    const struct asked by = source_asked(c->b, at, rk_arena_f(c->b->a, "%s.chart",
                                                              c->b->opts->source->field));

    c->h.repo = repo_of(c, name);
    c->h.name = c->h.repo[0] == 'o' ? last_part(name) : name;
    c->h.version = version;
    if (!c->b->files->chart)
        return source_fail(c->b, at, RK_UNSUPPORTED, c->err, "chart: charts are not fetched here: "
                           "put chart %s into the repository and name its folder in path", name);
    if (remote_mount_chart(c->b, &c->h, by, &home, c->err))
        return -1;
    c->root = c->dir = rk_arena_f(c->b->a, "%s/%s", home, c->h.name);
    c->h.files = remote_files(c->b, home, &c->h.home);
    return 0;
}

/* ---- the run ---- */

static void switches(struct chart *c)
{
    static const struct { const char *key, *flag; } rows[] = {
        {"skipTests", "--skip-tests"}, {"skipSchemaValidation", "--skip-schema-validation"},
    };

    if (!doc_get_bool(c->helm, "skipCrds", false))
        words_add(c->b, &c->words, "--include-crds", NULL);
    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (doc_get_bool(c->helm, rows[i].key, false))
            words_add(c->b, &c->words, rows[i].flag, NULL);
    helm_add_versions(c->b, &c->words, c->helm, NULL);
}

static int run(struct chart *c, rk_str *out)
{
    const struct render_source *s = c->b->opts->source;
    const char *release = source_text(c->b, c->helm, "releaseName");
    const char *namespace = source_text(c->b, c->helm, "namespace");
    const struct asked by = source_asked(c->b, c->helm, s->field);
    struct rk_err why = {0};

    c->h.release = release[0] || !s->app ? release : s->app;
    c->h.namespace = namespace[0] || !s->namespace ? namespace : s->namespace;
    c->h.name_template = "";
    c->h.words = c->words.v;
    c->h.n_words = c->words.n;
    c->h.over = c->over.v;
    c->h.n_over = c->over.n;
    c->h.set_files = c->files.v;
    c->h.n_set_files = c->files.n;
    if (c->b->files->helm(&c->h, c->b->a, out, c->b->files->remote_ctx, &why) == 0)
        return 0;
    return rk_fail_at(c->err, why.code, by.file, by.line, 0, "%s.helm: %s%s", by.field, why.text,
                      strstr(why.text, "missing in charts/") /* helm's words */
                          ? " (commit the charts folder that helm dependency build makes)" : "");
}

static int take(struct chart *c, rk_str out, struct acc *acc)
{
    uint32_t mark = c->helm ? c->helm->mark : c->b->source->mark;
    const struct asked by = source_asked(c->b, c->helm, "");
    struct res_list list = {0};

    if (helm_read(c->b, c->h.name, out, mark, &list, c->err))
        return -1;
    for (size_t i = 0; i < list.n; i++)
        if (acc_put(c->b, acc, list.v[i], by.file, c->err))
            return -1;
    acc_drop_gone(acc);
    return 0;
}

int source_helm(struct build *b, const char *dir, struct acc *acc, struct rk_err *err)
{
    const char *mount = dir ? remote_mount_of(b, dir) : NULL;
    struct rk_err why = {0}; /* what is looked for and not there is read off it */
    struct chart c = {.b = b, .helm = doc_get(b->source, "helm"), .dir = dir,
                      .root = mount ? mount : "",
                      .h = {.repo = "", .version = ""}, .err = &why};
    rk_str out;
    int rc;

    if (!b->files->helm)
        return source_fail(b, c.helm, RK_UNSUPPORTED, err, "helm: charts are not rendered here: "
                           "commit the output of helm template");
    switches(&c);
    rc = (dir ? find_folder(&c) : fetch(&c)) || chart_values(&c) || run(&c, &out) ||
         take(&c, out, acc) ? -1 : 0;
    if (rc && err)
        *err = why;
    return rc;
}
