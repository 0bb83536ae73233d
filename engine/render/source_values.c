/*
 * source_values.c: the values of an Application's chart: valueFiles, values, valuesObject,
 * parameters, fileParameters of spec.source.helm. In: the settings, the tree. Out: texts in the
 * order of their precedence and words for helm. Files lie in the repository, or in the fetched
 * chart.
 */
#include "render/source_int.h"

static void texts_add(struct chart *c, struct texts *t, const char *name, rk_str text)
{
    t->v = rk_arena_grow(c->b->a, t->v, t->n, &t->cap, sizeof(*t->v));
    t->v[t->n++] = (struct render_text){.name = name, .text = text};
}

/* ---- files that the settings name ---- */

/* One of them: from dir, or with a slash in front from root. */
struct named {
    const struct doc_node *at;
    const char *field, *root, *dir;
    rk_str rel;
    const char *path;           /* in the tree */
};

/* `$name/rest` with the name of another source: rest is looked for in its tree. */
static int find_ref(struct chart *c, struct named *f, rk_str *rest, struct rk_err *err)
{
    const struct render_source *s = c->b->opts->source;
    const struct asked by = source_asked(c->b, f->at, f->field);
    rk_str text = doc_text(f->at), name = rk_str_cut(text, '/', rest);

    *rest = (rk_str){text.p + name.n, text.n - name.n};
    for (size_t i = 0; i < s->n_refs && name.n > 1 && name.p[0] == '$'; i++) {
        if (!rk_str_is((rk_str){name.p + 1, name.n - 1}, s->refs[i].name))
            continue;
        f->root = "";
        if (s->refs[i].files && remote_mount_ref(c->b, &s->refs[i], by, &f->root, err))
            return -1;
        f->dir = f->root;
        return 0;
    }
    *rest = text;
    return 0;
}

/* NULL: it leads out of what may be named. */
static const char *place_of(struct build *b, const struct named *f)
{
    bool rooted = f->rel.n && f->rel.p[0] == '/';
    rk_str rel = f->rel;
    const char *path;

    while (rel.n && rel.p[0] == '/')
        rel = (rk_str){rel.p + 1, rel.n - 1};
    path = load_join(b, rooted ? f->root : f->dir, rel);
    if (!rel.n || (strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2])))
        return NULL;
    return load_below(path, f->root) && (f->root[0] || path[0] != '@') ? path : NULL;
}

static bool has_scheme(rk_str text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] >= 'a' && text.p[n] <= 'z')
        n++;
    return n > 0 && rk_str_starts((rk_str){text.p + n, text.n - n}, "://");
}

static int resolve(struct chart *c, const struct doc_node *at, const char *field, struct named *f)
{
    struct doc_node *text;
    rk_str rest;

    *f = (struct named){.at = at, .field = field, .root = c->root, .dir = c->dir};
    if (find_ref(c, f, &rest, c->err))
        return -1;
    text = doc_string(c->b->a, rest);
    text->mark = at ? at->mark : 0;
    f->rel = source_expand(c->b, text);
    if (has_scheme(f->rel))
        return source_fail(c->b, at, RK_UNSUPPORTED, c->err, "%s: %.*s is not fetched: put the "
                           "file into the repository", field, RK_ARG_STR(f->rel));
    f->path = place_of(c->b, f);
    if (f->path)
        return 0;
    return source_fail(c->b, at, RK_DENIED, c->err, "%s: %.*s leads out of the %s", field,
                       RK_ARG_STR(f->rel), f->root[0] && f->root == c->root ? "chart"
                                                                           : "repository");
}

static int missing(struct chart *c, const struct named *f)
{
    const struct asked by = source_asked(c->b, f->at, rk_arena_f(c->b->a, "%s.%s",
                                                                 c->b->opts->source->field,
                                                                 f->field));
    const struct kust from = {.dir = f->rel.p[0] == '/' ? f->root : f->dir, .file = by.file};
    rk_str rel = f->rel;

    while (rel.n && rel.p[0] == '/')
        rel = (rk_str){rel.p + 1, rel.n - 1};
    return load_missing(c->b, &from, rel, by, c->err);
}

/* *there false: no such file. */
static int read_file(struct chart *c, const struct named *f, rk_str *out, bool *there)
{
    enum render_kind kind;
    const char *real;

    load_dep(c->b, f->path);
    rk_err_clear(c->err);
    kind = load_stat(c->b, f->path, &real, c->err);
    *there = kind != RENDER_ABSENT;
    if (kind == RENDER_ABSENT)
        return c->err->code == RK_DENIED
                   ? source_fail(c->b, f->at, RK_DENIED, c->err, "%s: %.*s is a link out of the "
                                 "repository", f->field, RK_ARG_STR(f->rel)) : 0;
    if (kind == RENDER_DIR)
        return source_fail(c->b, f->at, RK_INVALID, c->err, "%s: %.*s is a folder, a file is "
                           "needed", f->field, RK_ARG_STR(f->rel));
    return load_read(c->b, f->path, out, c->err);
}

/* ---- values ---- */

#define VALUE_FILES "helm.valueFiles"

static int add_value_file(struct chart *c, const struct named *f)
{
    rk_str text;
    bool there;

    if (read_file(c, f, &text, &there))
        return -1;
    if (there)
        texts_add(c, &c->over, f->path, text);
    else if (!doc_get_bool(c->helm, "ignoreMissingValueFiles", false))
        return missing(c, f);
    return 0;
}

struct nameds { struct named *v; size_t n; };

/* Is it named by itself, or taken by an earlier glob? */
static bool is_elsewhere(const struct chart *c, const struct nameds *all, const char *path)
{
    for (size_t i = 0; i < all->n; i++)
        if (!walk_is_glob(all->v[i].rel) && rk_streq(all->v[i].path, path))
            return true;
    for (size_t i = 0; i < c->over.n; i++)
        if (rk_streq(c->over.v[i].name, path))
            return true;
    return false;
}

static int add_value_files(struct chart *c, const struct nameds *all, const struct named *f)
{
    const char **found;
    size_t n;

    if (walk_glob(c->b, f->path, RENDER_FILE, &found, &n, c->err))
        return rk_wrap(c->err, VALUE_FILES);
    if (!n && !doc_get_bool(c->helm, "ignoreMissingValueFiles", false))
        return source_fail(c->b, f->at, RK_NOT_FOUND, c->err, VALUE_FILES ": no file fits %.*s",
                           RK_ARG_STR(f->rel));
    for (size_t i = 0; i < n; i++) {
        struct named one = *f;

        one.path = found[i];
        if (!is_elsewhere(c, all, found[i]) && add_value_file(c, &one))
            return -1;
    }
    return 0;
}

static int value_files(struct chart *c)
{
    const struct doc_node *files = doc_get(c->helm, "valueFiles");
    struct nameds all = {.n = doc_count(files)};

    all.v = rk_arena_array(c->b->a, all.n + 1, sizeof(*all.v));
    for (size_t i = 0; i < all.n; i++)
        if (resolve(c, doc_at(files, i), VALUE_FILES, &all.v[i]))
            return -1;
    for (size_t i = 0; i < all.n; i++)
        if (walk_is_glob(all.v[i].rel) ? add_value_files(c, &all, &all.v[i])
                                       : add_value_file(c, &all.v[i]))
            return -1;
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
    rk_str name = doc_get_text(doc_at(list, i), "name");

    for (size_t j = i + 1; j < doc_count(list); j++)
        if (rk_str_eq(doc_get_text(doc_at(list, j), "name"), name) &&
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
        const struct doc_node *one = doc_at(list, i);
        const char *field = rk_arena_f(c->b->a, "helm.fileParameters[%zu]", i);
        rk_str name = doc_get_text(one, "name"), text;
        struct named f;
        bool there;

        if (!name.n || !doc_get_text(one, "path").n)
            return source_fail(c->b, one, RK_INVALID, c->err, "%s needs a name and a path", field);
        if (resolve(c, doc_get(one, "path"), field, &f) || read_file(c, &f, &text, &there))
            return -1;
        if (!there)
            return missing(c, &f);
        texts_add(c, &c->files, rk_arena_dup(c->b->a, name.p, name.n), text);
    }
    return 0;
}

int chart_values(struct chart *c)
{
    return value_files(c) || own_values(c) || parameters(c) || file_parameters(c) ? -1 : 0;
}
