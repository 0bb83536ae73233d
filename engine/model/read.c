/*
 * read.c: the files of a repository -> its model. In: YAML files, reckon.yaml, floors. Out: one
 * immutable model in one arena. Each document is read by itself, so that a broken one costs only
 * the application it was meant to be: that one stays, with .error naming file:line, because an
 * application that vanished would mean something else. Only a broken reckon.yaml fails the whole.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "model/model_int.h"

const char *const model_verdict_name[MODEL_VERDICT_MAX] = {
    [MODEL_UNKNOWN] = "Unknown", [MODEL_SYNCED] = "Synced", [MODEL_OUT_OF_SYNC] = "OutOfSync",
};

struct reading {
    struct reader r;
    struct model *m;
    size_t apps_cap;
    size_t projects_cap;
};

static struct model_app *new_app(struct reading *in)
{
    struct model *m = in->m;

    m->apps = rk_arena_grow(m->arena, m->apps, m->n_apps, &in->apps_cap, sizeof(*m->apps));
    return &m->apps[m->n_apps++];
}

static void add_project(struct reading *in, const struct doc_node *doc)
{
    struct model *m = in->m;
    const struct model_project *p = project_read(&in->r, doc, &m->lints);

    if (!p)
        return;
    if (m->n_projects && model_project_find(m->projects, m->n_projects, p->name) &&
        model_project_find(m->projects, m->n_projects, p->name)->line) {
        model_lint_add(m->arena, &m->lints, p->file, p->line,
                 "AppProject %s is there twice; the first one counts", p->name);
        return;
    }
    m->projects = rk_arena_grow(m->arena, m->projects, m->n_projects, &in->projects_cap,
                                sizeof(*m->projects));
    m->projects[m->n_projects++] = p;
}

/* ---- documents ---- */
static void take_object(struct reading *in, const struct doc_node *doc)
{
    rk_str kind = doc_get_text(doc, "kind"), group, version;

    kube_split_api_version(doc_get_text(doc, "apiVersion"), &group, &version);
    if (!rk_str_is(group, "argoproj.io"))
        return;
    if (rk_str_is(kind, "Application"))
        application_read(&in->r, doc, new_app(in));
    else if (rk_str_is(kind, "AppProject"))
        add_project(in, doc);
    else if (rk_str_is(kind, "ApplicationSet"))
        model_lint_add(in->m->arena, &in->m->lints, in->r.file, reader_line(&in->r, doc),
                 "ApplicationSet " RK_FMT_STR " is not implemented: its applications are not made",
                 RK_ARG_STR(doc_get_text(doc_get(doc, "metadata"), "name")));
    else
        return;
    if (!rk_str_is(version, "v1alpha1"))
        model_lint_add(in->m->arena, &in->m->lints, in->r.file, reader_line(&in->r, doc),
                 RK_FMT_STR " of version " RK_FMT_STR " is read as v1alpha1", RK_ARG_STR(kind),
                 RK_ARG_STR(version));
}

static void take_document(struct reading *in, const struct doc_node *doc)
{
    const struct doc_node *items = doc_get(doc, "items");

    if (!rk_str_ends(doc_get_text(doc, "kind"), "List")) {
        take_object(in, doc);
        return;
    }
    for (size_t i = 0; doc_type(items) == DOC_LIST && i < doc_count(items); i++)
        take_object(in, doc_at(items, i));
}

/* ---- a document that cannot be read ---- */
/* The value of a line "key: value", without quotes and comment; none when it is another key's. */
static rk_str line_value(rk_str line, const char *key)
{
    size_t n = strlen(key), end = 0;

    if (!rk_str_starts(line, key))
        return RK_STR_NONE;
    line = rk_str_trim((rk_str){line.p + n, line.n - n});
    if (line.n && (line.p[0] == '"' || line.p[0] == '\''))
        line = (rk_str){line.p + 1, line.n - 1};
    while (end < line.n && !strchr("\"' \t\r#,}", line.p[end]))
        end++;
    return (rk_str){line.p, end};
}

/* The name below metadata:, found in the text because there is no document. */
static rk_str scrape_name(rk_str text)
{
    bool inside = false;

    while (text.n) {
        rk_str line = rk_str_cut(text, '\n', &text), trimmed = rk_str_trim(line), name;

        if (line.n && line.p[0] != ' ' && line.p[0] != '\t' && line.p[0] != '#')
            inside = rk_str_starts(line, "metadata:");
        name = inside ? line_value(trimmed, "name:") : RK_STR_NONE;
        if (!name.n && inside)
            name = line_value(trimmed, "metadata: {name:");
        if (name.n)
            return name;
    }
    return RK_STR_NONE;
}

static bool scrape_is_application(rk_str text)
{
    while (text.n) {
        rk_str line = rk_str_cut(text, '\n', &text);

        if (rk_str_is(line_value(line, "kind:"), "Application"))
            return true;
    }
    return false;
}

static void take_broken(struct reading *in, rk_str text, uint32_t first_line,
                        const struct rk_err *err)
{
    rk_str name = scrape_name(text);
    uint32_t line = err->where.line ? err->where.line : first_line;
    const char *why = rk_arena_strdup(in->m->arena, err->text);

    if (!err->where.line)
        why = rk_arena_f(in->m->arena, "%s:%u: %s", in->r.file, line, err->text);
    if (scrape_is_application(text))
        application_bad(&in->r, rk_arena_dup(in->m->arena, name.n ? name.p : "", name.n), line, why,
                        new_app(in));
    else
        model_lint_add(in->m->arena, &in->m->lints, in->r.file, line, "this document is left out: %s",
                 why);
}

/* ---- files ---- */
static bool is_ours(rk_str text)
{
    return text.n && memmem(text.p, text.n, "argoproj.io/", 12);
}

static void read_chunk(struct reading *in, rk_str text, uint32_t line, uint32_t byte)
{
    struct doc_read how = {
        .typing = DOC_RESOURCE, .file = in->r.file, .marks = in->r.marks,
        .line_offset = line, .byte_offset = byte,
    };
    struct doc_node **docs;
    struct rk_err err = {0};
    size_t n;

    if (!is_ours(text))
        return;
    if (doc_yaml_read(in->m->arena, text, &how, &docs, &n, &err) < 0) {
        take_broken(in, text, line + 1, &err);
        return;
    }
    for (size_t i = 0; i < n; i++)
        take_document(in, docs[i]);
}

/* Cuts at lines that begin with ---, as the reader of documents does. */
static void read_file(struct reading *in, rk_str text)
{
    uint32_t line = 0, first = 0;
    size_t start = 0, at = 0;

    while (at < text.n) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t next = end ? (size_t)(end - text.p) + 1 : text.n;

        if (at > start && next - at >= 3 && memcmp(text.p + at, "---", 3) == 0) {
            read_chunk(in, (rk_str){text.p + start, at - start}, first, (uint32_t)start);
            start = at;
            first = line;
        }
        at = next;
        line++;
    }
    if (start < text.n)
        read_chunk(in, (rk_str){text.p + start, text.n - start}, first, (uint32_t)start);
}

static bool in_folders(const struct model *m, const char *path)
{
    for (size_t i = 0; i < m->n_app_folders; i++) {
        size_t n = strlen(m->app_folders[i]);

        if (strncmp(path, m->app_folders[i], n) == 0 && (path[n] == '/' || path[n] == 0))
            return true;
    }
    return m->n_app_folders == 0;
}

static void read_files(struct reading *in, const struct model_input *input)
{
    for (size_t i = 0; i < input->n_files; i++) {
        const struct model_file *file = &input->files[i];

        in->r.file = rk_arena_strdup(in->m->arena, file->path);
        if (!in_folders(in->m, file->path) || !is_ours(file->bytes))
            continue;
        if (file->bytes.n > UINT32_MAX)
            model_lint_add(in->m->arena, &in->m->lints, in->r.file, 1, "the file is too large");
        else
            read_file(in, file->bytes);
    }
}

/* ---- what needs all of them ---- */
static int by_name(const void *pa, const void *pb)
{
    const struct model_app *a = pa, *b = pb;
    int d = strcmp(a->name, b->name);

    if (d == 0)
        d = strcmp(a->file, b->file);
    return d ? d : (a->line > b->line) - (a->line < b->line);
}

static void mark_twin(struct model *m, struct model_app *app, const struct model_app *twin)
{
    if (!app->error)
        app->error = rk_arena_f(m->arena,
                                "%s:%u: an Application of the same name stands in %s:%u",
                                app->file, app->line, twin->file, twin->line);
}

/* Which of two is meant cannot be known: none of them is synced. */
static void mark_twins(struct model *m)
{
    for (size_t i = 0; i + 1 < m->n_apps; i++) {
        struct model_app *a = &m->apps[i], *b = &m->apps[i + 1];

        if (strcmp(a->name, b->name) != 0)
            continue;
        mark_twin(m, a, b);
        mark_twin(m, b, a);
    }
}

static void finish_app(struct model *m, struct model_app *app, const char *default_repo)
{
    struct model_policy policy;

    sources_choose(app, default_repo);
    app->derived_environment = match_derived(m->arena, app->path, app->namespace);
    policy_join(m, app, NULL, &policy);
    app->app = match_app_name(m->arena, app, policy.environment);
    if (app->error)
        return;
    if (default_repo && app->n_sources == 1 && !app->own_repo && !*app->chart)
        model_lint_add(m->arena, &app->lints, app->file, app->line,
                       "spec.source.repoURL is not the watched repository: the watched one is "
                       "rendered");
    policy_lints(m, app);
    if (!model_project_find(m->projects, m->n_projects, app->project))
        model_lint_add(m->arena, &app->lints, app->file, app->line,
                 "AppProject %s is not in this repository", app->project);
}

static void finish(struct model *m, const struct model_input *input)
{
    if (m->n_apps)
        qsort(m->apps, m->n_apps, sizeof(*m->apps), by_name);
    mark_twins(m);
    for (size_t i = 0; i < m->n_apps; i++)
        finish_app(m, &m->apps[i], input->default_repo);
    if (!m->has_config)
        match_derive_environments(m);
}

static int read_config(struct reading *in, const struct model_input *input, struct rk_err *err)
{
    if (!input->config)
        return 0;
    in->r.file = rk_arena_strdup(in->m->arena, input->config->path);
    rk_sha256_hex(input->config->bytes, in->m->config_hash);
    if (model_config_read(&in->r, input->config->bytes, in->m, err) < 0)
        return -1;
    config_floors(in->m, input->floors, input->n_floors, in->r.file);
    return 0;
}

int model_read(const struct model_input *in, struct model **out, struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new();
    struct model *m = rk_arena_alloc(a, sizeof(*m));
    struct doc_marks *marks = doc_marks_new(a);
    struct reading reading = {.r = {.arena = a, .marks = marks}, .m = m};

    m->arena = a;
    m->marks = marks;
    if (read_config(&reading, in, err) < 0) {
        rk_arena_free(a);
        return -1;
    }
    read_files(&reading, in);
    finish(m, in);
    *out = m;
    return 0;
}

void model_free(struct model *m)
{
    if (m)
        rk_arena_free(m->arena);
}
