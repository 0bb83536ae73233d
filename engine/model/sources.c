/*
 * sources.c: spec.source, or the entries of spec.sources (which win, as in Argo CD) -> the sources of
 * an application. In: the spec. Out: each source as written, and the primary one, which stands for the
 * application where one folder is meant: the first that lies in this repository, else the first that
 * makes manifests. A source with ref and without path makes none: it holds value files.
 */
#include "model/model_int.h"

/* With a chart the repository is one of charts: no folder of git is meant, and the version counts. */
static void read_chart(const struct reader *r, struct model_source *s, struct model_app *app)
{
    if (*s->path)
        model_lint_add(r->arena, &app->lints, r->file, reader_line(r, doc_get(s->node, "path")),
                       "%s.path has no effect: chart is there", s->field);
    if (!*reader_text(r, s->node, "targetRevision"))
        application_fail(r, app, reader_line(r, doc_get(s->node, "chart")),
                         "%s.targetRevision is missing: it is the version of the chart", s->field);
    if (*s->ref)
        application_fail(r, app, reader_line(r, doc_get(s->node, "ref")),
                         "%s.ref: value files lie in git, not in a repository of charts", s->field);
    s->path = "";
}

static void read_path(const struct reader *r, struct model_source *s, struct model_app *app)
{
    const char *clean = reader_path(r, s->path);

    if (!*s->path && !*s->ref)
        application_fail(r, app, reader_line(r, s->node),
                         "%s.path is missing ('.' means the repository's root)", s->field);
    if (!clean)
        application_fail(r, app, reader_line(r, doc_get(s->node, "path")),
                         "%s.path '%s' leaves the repository", s->field, s->path);
    s->makes = *s->path;
    if (clean)
        s->path = clean;
}

static void read_helm_version(const struct reader *r, const struct model_source *s,
                              struct model_app *app)
{
    const struct doc_node *version = doc_get(doc_get(s->node, "helm"), "version");
    rk_str text = doc_text(version);

    if (text.n && !rk_str_is(text, "v3") && !rk_str_is(text, "3"))
        application_fail(r, app, reader_line(r, version),
                         "%s.helm.version '" RK_FMT_STR "': charts are rendered by Helm 3: write v3 "
                         "or take it out", s->field, RK_ARG_STR(text));
}

/* One source. */
static void read_one(const struct reader *r, const struct doc_node *node, const char *field,
                     struct model_source *s, struct model_app *app)
{
    *s = (struct model_source){
        .node = node, .field = field, .repo_url = reader_text(r, node, "repoURL"),
        .target_revision = reader_text(r, node, "targetRevision"),
        .path = reader_text(r, node, "path"), .chart = reader_text(r, node, "chart"),
        .ref = rk_streq(field, "spec.source") ? "" : reader_text(r, node, "ref"),
        .line = reader_line(r, node), .makes = true,
    };
    if (!*s->target_revision)
        s->target_revision = "HEAD";
    if (!*s->repo_url)
        application_fail(r, app, s->line, "%s.repoURL is missing", field);
    if (*s->chart)
        read_chart(r, s, app);
    else
        read_path(r, s, app);
    read_helm_version(r, s, app);
}

static void check_refs(const struct reader *r, struct model_app *app)
{
    bool makes = false;

    for (size_t i = 0; i < app->n_sources; i++) {
        const struct model_source *s = &app->sources[i];

        makes |= s->makes;
        for (size_t k = 0; *s->ref && k < i; k++)
            if (rk_streq(app->sources[k].ref, s->ref))
                application_fail(r, app, reader_line(r, doc_get(s->node, "ref")),
                                 "%s.ref: %s is the ref of %s, too", s->field, s->ref,
                                 app->sources[k].field);
    }
    if (!makes)
        application_fail(r, app, app->sources[0].line,
                         "spec.sources only hold value files: one of them needs path or chart");
}

static void take_primary(struct model_app *app, const struct model_source *s)
{
    app->source = s->node;
    app->source_field = s->field;
    app->repo_url = s->repo_url;
    app->target_revision = s->target_revision;
    app->path = s->path;
    app->chart = s->chart;
    app->own_repo = s->own_repo;
}

void sources_read(const struct reader *r, const struct doc_node *spec, struct model_app *app)
{
    const struct doc_node *list = doc_get(spec, "sources");
    size_t n = doc_type(list) == DOC_LIST ? doc_count(list) : 0;

    app->sources = rk_arena_array(r->arena, n + 1, sizeof(*app->sources));
    app->n_sources = n ? n : 1;
    for (size_t i = 0; i < n; i++)
        read_one(r, doc_at(list, i), rk_arena_f(r->arena, "spec.sources[%zu]", i),
                 &app->sources[i], app);
    if (!n)
        read_one(r, doc_get(spec, "source"), "spec.source", &app->sources[0], app);
    check_refs(r, app);
    take_primary(app, &app->sources[0]);
}

void sources_choose(struct model_app *app, const char *own_repo)
{
    const struct model_source *own = NULL, *any = NULL;

    for (size_t i = app->n_sources; i-- > 0;) {
        struct model_source *s = &app->sources[i];

        s->own_repo = own_repo && model_repo_same(s->repo_url, own_repo);
        if (s->makes)
            any = s;
        if (s->makes && s->own_repo && !*s->chart)
            own = s;
    }
    if (own || any)
        take_primary(app, own ? own : any);
}
