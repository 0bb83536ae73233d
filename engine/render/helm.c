/*
 * helm.c: `helmCharts`, `helmGlobals` and the older `helmChartInflationGenerator`. In: entries, and
 * two functions that go in with the files: one that fetches a chart, one that runs `helm template`.
 * Out: the objects of the chart. Values are a file's text, or the inline ones merged with it.
 * Only with --enable-helm, as in the real tool.
 */
#include "render/render_int.h"

#define GENERATOR "HelmChartInflationGenerator"

struct charting {
    struct build *b;
    const struct kust *k;
    struct acc *acc;
    const struct doc_node *entry;
    const char *field;
    const char *home;           /* folder that holds the chart's folder */
    const char *name;
};

static int fail(const struct charting *c, struct rk_err *err, const char *what)
{
    return rk_fail_at(err, RK_INVALID, c->k->file, mark_line(c->b, c->entry->mark), 0, "%s: %s",
                      c->field, what);
}

static const char *text(const struct charting *c, const char *key)
{
    rk_str s = doc_get_text(c->entry, key);

    return rk_arena_dup(c->b->a, s.p ? s.p : "", s.n);
}

/* ---- the chart ---- */

static int find_chart(struct charting *c, const char *home, struct rk_err *err)
{
    struct render_helm h = {.name = c->name, .repo = text(c, "repo"), .version = text(c, "version"),
                            .devel = doc_get_bool(c->entry, "devel", false)};
    const char *path, *real;
    enum load_what what;
    rk_str rel;

    if (h.version[0] && h.repo[0])
        home = rk_arena_f(c->b->a, "%s/%s-%s", home, h.name, h.version);
    rel = rk_str_c(rk_arena_f(c->b->a, "%s/%s", home, h.name));
    if (load_look(c->b, c->k, rel, &path, &real, &what, err))
        return -1;
    c->home = load_dir_of(c->b, path);
    if (what == LOAD_DIR)
        return 0;
    if (!h.repo[0])
        return fail(c, err, rk_arena_f(c->b->a, "there is no chart in %s, and no repo to take it "
                                       "from", path));
    return remote_mount_chart(c->b, &h, load_asked(c->b, c->k, c->entry, c->field), &c->home, err);
}

/* ---- values ---- */

static int read_values(struct charting *c, rk_str *out, struct rk_err *err)
{
    rk_str rel = doc_get_text(c->entry, "valuesFile");
    struct asked by = load_asked(c->b, c->k, c->entry, c->field);
    const char *path;

    if (rel.n)
        return load_named(c->b, c->k, rel, by, &path, out, err);
    path = rk_arena_f(c->b->a, "%s/%s/values.yaml", c->home, c->name);
    return load_read(c->b, path, out, err) ? rk_wrap(err, "%s:%u: %s", by.file, by.line, by.field)
                                           : 0;
}

/* override: the inline values win; merge: those of the file do. Lists are replaced. */
static int merge_values(struct charting *c, const struct doc_node *inside, rk_str *out,
                        struct rk_err *err)
{
    rk_str how = doc_get_text(c->entry, "valuesMerge");
    bool merge = rk_str_is(how, "merge"), replace = rk_str_is(how, "replace");
    struct kube_merge m = {.arena = c->b->a};
    struct rk_buf text_out = RK_BUF_INIT;
    struct doc_node *merged = doc_copy(c->b->a, inside), *file;
    struct doc_read read = {.typing = DOC_RESOURCE, .file = "values"};
    int rc = 0;

    if (!replace) {
        if (read_values(c, out, err) || doc_yaml_read_one(c->b->a, *out, &read, &file, err))
            return -1;
        if (doc_is_null(file))
            file = doc_map(c->b->a);
        merged = merge ? doc_copy(c->b->a, inside) : file;
        rc = kube_strategic_merge(&m, &merged, merge ? file : inside, err);
    }
    rc = rc || doc_yaml_write(&text_out, merged ? merged : doc_map(c->b->a), err) ? -1 : 0;
    *out = rk_arena_str(c->b->a, rk_buf_view(&text_out));
    rk_buf_release(&text_out);
    return rc;
}

static int values(struct charting *c, rk_str *out, struct rk_err *err)
{
    const struct doc_node *inside = doc_get(c->entry, "valuesInline");
    rk_str how = doc_get_text(c->entry, "valuesMerge");

    if (how.n && !rk_str_is(how, "merge") && !rk_str_is(how, "override") &&
        !rk_str_is(how, "replace"))
        return fail(c, err, "valuesMerge has to be merge, override or replace");
    return doc_count(inside) ? merge_values(c, inside, out, err) : read_values(c, out, err);
}

/* ---- the words of `helm template` behind the chart ---- */

void words_add(struct build *b, struct words *w, const char *flag, const char *value)
{
    const char *both[] = {flag, value};

    for (size_t i = 0; i < RK_LEN(both) && both[i]; i++) {
        w->v = rk_arena_grow(b->a, w->v, w->n, &w->cap, sizeof(*w->v));
        w->v[w->n++] = both[i];
    }
}

static void add_kube_version(struct build *b, struct words *w, const struct doc_node *settings,
                             const struct doc_node *chart)
{
    const struct render_source *s = b->opts->source;
    const char *own = source_text(b, settings, "kubeVersion");

    if (!own[0])
        own = source_text(b, chart, "kubeVersion");
    if (!own[0] && s && s->cluster) {
        own = s->kube_version ? s->kube_version : "";
        b->by_cluster = true;
    }
    if (own[0])
        words_add(b, w, "--kube-version", own);
}

void helm_add_versions(struct build *b, struct words *w, const struct doc_node *settings,
                       const struct doc_node *chart)
{
    const struct render_source *s = b->opts->source;
    const struct doc_node *own = doc_get(settings, "apiVersions");

    add_kube_version(b, w, settings, chart);
    if (!doc_count(own))
        own = doc_get(chart, "apiVersions");
    for (size_t i = 0; i < doc_count(own); i++)
        words_add(b, w, "--api-versions", rk_arena_dup(b->a, doc_text(doc_at(own, i)).p,
                                                       doc_text(doc_at(own, i)).n));
    if (doc_count(own) || !s || !s->cluster)
        return;
    b->by_cluster = true;
    for (size_t i = 0; i < s->n_api_versions; i++)
        words_add(b, w, "--api-versions", s->api_versions[i]);
}

static void add_switches(struct charting *c, struct words *w)
{
    static const struct { const char *key, *flag; } rows[] = {
        {"includeCRDs", "--include-crds"}, {"skipTests", "--skip-tests"},
        {"skipHooks", "--no-hooks"}, {"debug", "--debug"}, {"devel", "--devel"},
    };

    helm_add_versions(c->b, w, doc_get(c->b->source, "kustomize"), c->entry);
    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (doc_get_bool(c->entry, rows[i].key, false))
            words_add(c->b, w, rows[i].flag, NULL);
}

static int more_values(struct charting *c, struct words *w, struct rk_err *err)
{
    const struct doc_node *files = doc_get(c->entry, "additionalValuesFiles");

    for (size_t i = 0; i < doc_count(files); i++) {
        struct asked by = load_asked(c->b, c->k, doc_at(files, i), c->field);
        const char *path;
        rk_str unused;

        if (load_named(c->b, c->k, doc_text(doc_at(files, i)), by, &path, &unused, err))
            return -1;
        words_add(c->b, w, path, NULL);
    }
    return 0;
}

/* ---- one chart ---- */

/* Depth is bounded by the reader (100). */
static void mark_all(struct doc_node *n, uint32_t mark)
{
    n->mark = mark;
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        mark_all(doc_at(n, i), mark);
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++)
        mark_all(doc_pair_at(n, i)->value, mark);
}

int helm_read(struct build *b, const char *chart, rk_str text, uint32_t mark, struct res_list *out,
              struct rk_err *err)
{
    const char *name = rk_arena_f(b->a, "the output of chart %s", chart);
    struct doc_read how = {.typing = DOC_RESOURCE, .file = name};

    mark = doc_marks_chain(b->marks, mark, DOC_BY_GENERATOR, 0);
    if (res_parse(b, text, &how, out, err))
        return -1;
    for (size_t i = 0; i < out->n; i++)
        mark_all(out->v[i]->doc, mark);
    return 0;
}

static int take(struct charting *c, rk_str out, struct rk_err *err)
{
    struct res_list list = {0};

    if (helm_read(c->b, c->name, out, c->entry->mark, &list, err))
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        if (origin_wanted(c->b))
            list.v[i]->origin = c->k->maker ? c->k->maker
                                            : origin_of_builtin(c->b, c->k, GENERATOR);
        if (acc_append(c->b, c->acc, list.v[i], err))
            return rk_wrap(err, "%s:%u: %s", c->k->file, mark_line(c->b, c->entry->mark),
                           c->field);
    }
    return 0;
}

static int inflate(struct charting *c, const char *home, struct rk_err *err)
{
    struct words words = {0}, files = {0};
    struct render_helm h;
    rk_str out;

    c->name = text(c, "name");
    if (!c->name[0])
        return fail(c, err, "a chart needs a name");
    h = (struct render_helm){.name = c->name, .release = text(c, "releaseName"),
                             .namespace = text(c, "namespace"),
                             .name_template = text(c, "nameTemplate")};
    if (find_chart(c, home, err) || values(c, &h.values, err) || more_values(c, &files, err))
        return -1;
    add_switches(c, &words);
    h.words = words.v;
    h.n_words = words.n;
    h.values_files = files.v;
    h.n_values_files = files.n;
    h.files = remote_files(c->b, c->home, &h.home);
    if (c->b->files->helm(&h, c->b->a, &out, c->b->files->remote_ctx, err))
        return rk_wrap(err, "%s:%u: %s", c->k->file, mark_line(c->b, c->entry->mark), c->field);
    return take(c, out, err);
}

static int allowed(const struct charting *c, struct rk_err *err)
{
    uint32_t line = mark_line(c->b, c->entry->mark);

    if (!c->b->opts->enable_helm)
        return rk_fail_at(err, RK_UNSUPPORTED, c->k->file, line, 0,
                          "%s: charts are rendered with --enable-helm only; the engine, with "
                          "enableHelm: true in its settings", c->field);
    if (!c->b->files->helm)
        return rk_fail_at(err, RK_UNSUPPORTED, c->k->file, line, 0,
                          "%s: charts are not rendered here: commit the output of helm template",
                          c->field);
    return 0;
}

static const char *home_of(struct build *b, const struct doc_node *globals)
{
    rk_str home = doc_get_text(globals, "chartHome");

    return home.n ? rk_arena_dup(b->a, home.p, home.n) : "charts";
}

int helm_charts(struct build *b, const struct kust *k, struct acc *acc,
                const struct doc_node *value, struct rk_err *err)
{
    const char *home = home_of(b, k->field[KUST_HELM_GLOBALS]);

    for (size_t i = 0; i < doc_count(value); i++) {
        struct charting c = {.b = b, .k = k, .acc = acc, .entry = doc_at(value, i),
                             .field = "helmCharts"};

        if (allowed(&c, err) || inflate(&c, home, err))
            return -1;
    }
    return 0;
}

/* The older field has other names for the same. */
int helm_inflations(struct build *b, const struct kust *k, struct acc *acc,
                    const struct doc_node *value, struct rk_err *err)
{
    static const struct { const char *from, *to; } names[] = {
        {"chartName", "name"}, {"chartVersion", "version"}, {"chartRepoUrl", "repo"},
        {"values", "valuesFile"}, {"valuesLocal", "valuesInline"}, {"valuesMerge", "valuesMerge"},
        {"releaseName", "releaseName"},
    };
    const char *home = home_of(b, k->field[KUST_HELM_GLOBALS]);

    for (size_t i = 0; i < doc_count(value); i++)
        if (doc_get_text(doc_at(value, i), "chartHome").n)
            home = home_of(b, doc_at(value, i));
    for (size_t i = 0; i < doc_count(value); i++) {
        struct doc_node *old = doc_at(value, i), *entry = doc_map(b->a);
        struct charting c = {.b = b, .k = k, .acc = acc, .entry = entry,
                             .field = "helmChartInflationGenerator"};

        entry->mark = old->mark;
        for (size_t j = 0; j < RK_LEN(names); j++)
            if (doc_get(old, names[j].from))
                doc_set_c(b->a, entry, names[j].to, doc_get(old, names[j].from));
        if (allowed(&c, err) || inflate(&c, home, err))
            return -1;
    }
    return 0;
}

int plugin_helm(struct plugging *p, struct rk_err *err)
{
    struct charting c = {.b = p->b, .k = p->k, .acc = p->acc, .entry = p->doc, .field = GENERATOR};

    return allowed(&c, err) || inflate(&c, home_of(p->b, p->doc), err) ? -1 : 0;
}
