/*
 * source_helm.c: a chart as an Application's source, with Argo CD's meaning. In: the folder of the
 * chart, or the name of one in a chart repository; spec.source.helm; the functions that go in with
 * the files (`chart` fetches, `helm` runs `helm template`). Out: the chart's objects. Values:
 * parameters over valuesObject over values over valueFiles over the chart's own.
 *
 * Everything that is read is a dependency: value files (absent ones too), the chart's folder, what
 * its links lead to, and the folders of its file:// dependencies.
 */
#include "render/render_int.h"

struct texts { struct render_text *v; size_t n, cap; };

struct chart {
    struct build *b;
    const struct doc_node *helm; /* spec.source.helm, or NULL */
    const char *dir;            /* of the chart */
    const char *root;           /* of what may be named: the repository, or the fetched chart */
    struct render_helm h;
    struct words words;
    struct texts over, files;
    struct rk_err *err;
};

static void texts_add(struct chart *c, struct texts *t, const char *name, rk_str text)
{
    t->v = rk_arena_grow(c->b->a, t->v, t->n, &t->cap, sizeof(*t->v));
    t->v[t->n++] = (struct render_text){.name = name, .text = text};
}

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

/* `dependencies: [{repository: file://../common}]`: the folder is read by helm. */
static int note_dependencies(struct chart *c)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = load_join(c->b, c->dir,
                                                                     RK_STR("Chart.yaml"))};
    struct doc_node *chart;
    const struct doc_node *list;
    rk_str text;

    if (load_read(c->b, how.file, &text, c->err) ||
        doc_yaml_read_one(c->b->a, text, &how, &chart, c->err))
        return -1;
    list = doc_get(chart, "dependencies");
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        rk_str from = doc_get_text(doc_at(list, i), "repository");

        if (rk_str_starts(from, "file://"))
            load_dep(c->b, load_join(c->b, c->dir, (rk_str){from.p + 7, from.n - 7}));
    }
    return 0;
}

static int find_folder(struct chart *c)
{
    struct walk w = {.b = c->b, .below = true, .found = chart_name_found};
    const char *file = load_join(c->b, c->dir, RK_STR("Chart.yaml")), *real;
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
    c->h.name = last_part(c->dir);
    c->h.files = remote_files(c->b, load_dir_of(c->b, c->dir), &c->h.home);
    return note_dependencies(c);
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

/* ---- files that the settings name ---- */

/* From the chart's folder, or with a slash in front from the root. NULL: it leads out. */
static const char *place_of(const struct chart *c, rk_str rel)
{
    bool rooted = rel.n && rel.p[0] == '/';
    const char *path;

    while (rel.n && rel.p[0] == '/')
        rel = (rk_str){rel.p + 1, rel.n - 1};
    path = load_join(c->b, rooted ? c->root : c->dir, rel);
    if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2]))
        return NULL;
    return load_below(path, c->root) && (c->root[0] || path[0] != '@') ? path : NULL;
}

static int leads_out(struct chart *c, const struct doc_node *at, const char *field, rk_str rel)
{
    return source_fail(c->b, at, RK_DENIED, c->err, "%s: %.*s leads out of the %s", field,
                       RK_ARG_STR(rel), c->root[0] ? "chart" : "repository");
}

static int missing(struct chart *c, const struct doc_node *at, const char *field, rk_str rel)
{
    const struct asked by = source_asked(c->b, at, rk_arena_f(c->b->a, "%s.%s",
                                                              c->b->opts->source->field, field));
    const struct kust from = {.dir = rel.p[0] == '/' ? c->root : c->dir, .file = by.file};
    const char *path;

    if (parts_file(c->b, rel, &path))
        return source_fail(c->b, at, RK_NOT_FOUND, c->err, "%s: %.*s is not there", field,
                           RK_ARG_STR(rel));
    while (rel.n && rel.p[0] == '/')
        rel = (rk_str){rel.p + 1, rel.n - 1};
    return load_missing(c->b, &from, rel, by, c->err);
}

/* *there false: no such file. */
static int read_file(struct chart *c, const struct doc_node *at, const char *field, rk_str rel,
                     const char *path, rk_str *out, bool *there)
{
    enum render_kind kind;
    const char *real;

    load_dep(c->b, path);
    rk_err_clear(c->err);
    kind = load_stat(c->b, path, &real, c->err);
    *there = kind != RENDER_ABSENT;
    if (kind == RENDER_ABSENT)
        return c->err && c->err->code == RK_DENIED
                   ? source_fail(c->b, at, RK_DENIED, c->err, "%s: %.*s is a link out of the "
                                 "repository", field, RK_ARG_STR(rel)) : 0;
    if (kind == RENDER_DIR)
        return source_fail(c->b, at, RK_INVALID, c->err, "%s: %.*s is a folder, a file is needed",
                           field, RK_ARG_STR(rel));
    return load_read(c->b, path, out, c->err);
}

static bool has_scheme(rk_str text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] >= 'a' && text.p[n] <= 'z')
        n++;
    return n > 0 && rk_str_starts((rk_str){text.p + n, text.n - n}, "://");
}

/* ---- values ---- */

static bool is_named(const struct chart *c, const char *path)
{
    const struct doc_node *files = doc_get(c->helm, "valueFiles");

    for (size_t i = 0; i < doc_count(files); i++) {
        rk_str rel = source_expand(c->b, doc_at(files, i));
        const char *other = walk_is_glob(rel) ? NULL : place_of(c, rel);

        if (other && rk_streq(other, path))
            return true;
    }
    return false;
}

static bool is_taken(const struct chart *c, const char *path)
{
    for (size_t i = 0; i < c->over.n; i++)
        if (rk_streq(c->over.v[i].name, path))
            return true;
    return false;
}

#define VALUE_FILES "helm.valueFiles"

static int add_value_file(struct chart *c, const struct doc_node *at, rk_str rel, const char *path)
{
    rk_str text;
    bool there;

    if (read_file(c, at, VALUE_FILES, rel, path, &text, &there))
        return -1;
    if (there)
        texts_add(c, &c->over, path, text);
    else if (!doc_get_bool(c->helm, "ignoreMissingValueFiles", false))
        return missing(c, at, VALUE_FILES, rel);
    return 0;
}

/* A file that is named by itself, too, has its place there. */
static int add_value_files(struct chart *c, const struct doc_node *at, rk_str rel,
                           const char *pattern)
{
    const char **found;
    size_t n;

    if (walk_glob(c->b, pattern, RENDER_FILE, &found, &n, c->err))
        return rk_wrap(c->err, VALUE_FILES);
    if (!n && !doc_get_bool(c->helm, "ignoreMissingValueFiles", false))
        return source_fail(c->b, at, RK_NOT_FOUND, c->err, VALUE_FILES ": no file fits %.*s",
                           RK_ARG_STR(rel));
    for (size_t i = 0; i < n; i++)
        if (!is_named(c, found[i]) && !is_taken(c, found[i]) &&
            add_value_file(c, at, rel, found[i]))
            return -1;
    return 0;
}

static int value_files(struct chart *c)
{
    const struct doc_node *files = doc_get(c->helm, "valueFiles");

    for (size_t i = 0; i < doc_count(files); i++) {
        const struct doc_node *at = doc_at(files, i);
        rk_str rel = doc_text(at);
        const char *path;
        bool of_part = parts_file(c->b, rel, &path);

        if (!of_part)
            rel = source_expand(c->b, at);
        if (has_scheme(rel))
            return source_fail(c->b, at, RK_UNSUPPORTED, c->err, VALUE_FILES ": %.*s is not "
                               "fetched: put the file into the repository", RK_ARG_STR(rel));
        if (!of_part)
            path = rel.n ? place_of(c, rel) : NULL;
        if (!path)
            return leads_out(c, at, VALUE_FILES, rel);
        if (walk_is_glob(rel) ? add_value_files(c, at, rel, path)
                              : add_value_file(c, at, rel, path))
            return -1;
    }
    return 0;
}

/* valuesObject, else values: not both, as in Argo CD. */
static int own_values(struct chart *c)
{
    const struct doc_node *object = doc_get(c->helm, "valuesObject"), *text;
    struct rk_buf out = RK_BUF_INIT;
    struct asked by;
    int rc;

    text = doc_get(c->helm, "values");
    if (doc_is_null(object)) {
        if (doc_text(text).n)
            texts_add(c, &c->over, "values", doc_text(text));
        return 0;
    }
    if (doc_text(text).n) {
        by = source_asked(c->b, text, "helm.values");
        render_lint_add(c->b, RENDER_IGNORED, by.file, by.line,
                        "helm.values has no effect: helm.valuesObject is there");
    }
    rc = doc_yaml_write(&out, object, c->err);
    if (!rc)
        texts_add(c, &c->over, "valuesObject", rk_arena_str(c->b->a, rk_buf_view(&out)));
    rk_buf_release(&out);
    return rc;
}

/* ---- parameters ---- */

/* A comma would begin another parameter; one with a backslash, and those in {a,b}, are meant. */
static const char *escaped(struct chart *c, rk_str name, rk_str value)
{
    bool list = value.n > 1 && value.p[0] == '{' && value.p[value.n - 1] == '}';
    struct rk_buf out = RK_BUF_INIT;
    bool before = false;        /* a character that may be escaped behind */
    const char *text;

    rk_buf_str(&out, name);
    rk_buf_ch(&out, '=');
    for (size_t i = 0; i < value.n; i++) {
        bool cut = value.p[i] == ',' && before && !list;

        if (cut)
            rk_buf_ch(&out, '\\');
        rk_buf_ch(&out, value.p[i]);
        before = value.p[i] != '\\' && !cut;
    }
    text = rk_arena_strdup(c->b->a, out.p);
    rk_buf_release(&out);
    return text;
}

static bool is_later(const struct doc_node *list, size_t i, bool force)
{
    for (size_t j = i + 1; j < doc_count(list); j++)
        if (rk_str_eq(doc_get_text(doc_at(list, j), "name"), doc_get_text(doc_at(list, i), "name")) &&
            doc_get_bool(doc_at(list, j), "forceString", false) == force)
            return true;
    return false;
}

static int parameters(struct chart *c)
{
    const struct doc_node *list = doc_get(c->helm, "parameters");

    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *one = doc_at(list, i), *value = doc_get(one, "value");
        bool force = doc_get_bool(one, "forceString", false);
        rk_str name = doc_get_text(one, "name");

        if (!name.n)
            return source_fail(c->b, one, RK_INVALID, c->err, "helm.parameters[%zu] needs a name: "
                               "the path of a value", i);
        if (!is_later(list, i, force))
            words_add(c->b, &c->words, force ? "--set-string" : "--set",
                      escaped(c, name, source_expand(c->b, value)));
    }
    return 0;
}

static int file_parameters(struct chart *c)
{
    const struct doc_node *list = doc_get(c->helm, "fileParameters");

    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *one = doc_at(list, i), *at = doc_get(one, "path");
        const char *field = rk_arena_f(c->b->a, "helm.fileParameters[%zu]", i), *path;
        rk_str rel = doc_text(at), name = doc_get_text(one, "name"), text;
        bool there, of_part = parts_file(c->b, rel, &path);

        if (!of_part)
            rel = source_expand(c->b, at);
        if (!name.n || !rel.n)
            return source_fail(c->b, one, RK_INVALID, c->err, "%s needs a name and a path", field);
        if (!of_part)
            path = place_of(c, rel);
        if (!path)
            return leads_out(c, at, field, rel);
        if (read_file(c, at, field, rel, path, &text, &there))
            return -1;
        if (!there)
            return missing(c, at, field, rel);
        texts_add(c, &c->files, rk_arena_dup(c->b->a, name.p, name.n), text);
    }
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
    if (c->b->files->helm(&c->h, c->b->a, out, c->b->files->remote_ctx, &why))
        return rk_fail_at(c->err, why.code, by.file, by.line, 0, "%s.helm: %s", by.field, why.text);
    return 0;
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
                      .root = mount ? mount : "", .h = {.repo = "", .version = ""}, .err = &why};
    rk_str out;
    int rc;

    if (!b->files->helm)
        return source_fail(b, c.helm, RK_UNSUPPORTED, err, "helm: charts are not rendered here: "
                           "set enableHelm: true in the engine's settings, or commit the output of "
                           "helm template");
    switches(&c);
    rc = (dir ? find_folder(&c) : fetch(&c)) || value_files(&c) || own_values(&c) ||
         parameters(&c) || file_parameters(&c) || run(&c, &out) || take(&c, out, acc) ? -1 : 0;
    if (rc && err)
        *err = why;
    return rc;
}
