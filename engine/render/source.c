/*
 * source.c: an Application's source (struct render_source). In: the spec as written, a tree. Out:
 * the objects of its folder or chart, by its type: who says something decides (kustomize, helm,
 * directory), else what lies in the folder. Settings in .argocd-source.yaml and
 * .argocd-source-APP.yaml of the folder go over those of the Application.
 */
#include "render/render_int.h"

enum source_type { TYPE_UNSAID, TYPE_KUSTOMIZE, TYPE_HELM, TYPE_DIRECTORY, TYPE_PLUGIN, TYPE_MAX };
static const char *const type_names[TYPE_MAX] = {
    [TYPE_KUSTOMIZE] = "kustomize", [TYPE_HELM] = "helm", [TYPE_DIRECTORY] = "directory",
    [TYPE_PLUGIN] = "plugin",
};

struct asked source_asked(const struct build *b, const struct doc_node *at, const char *field)
{
    const struct doc_mark *m = doc_marks_get(b->marks, at ? at->mark : 0);

    if (!m)
        m = doc_marks_get(b->marks, b->source->mark);
    return (struct asked){.file = m && m->file ? doc_marks_file(b->marks, m->file) : NULL,
                          .line = m ? m->line : 0, .field = field};
}

int source_fail(const struct build *b, const struct doc_node *at, enum rk_code code,
                struct rk_err *err, const char *fmt, ...)
{
    const struct asked by = source_asked(b, at, b->opts->source->field);
    const char *text;
    va_list ap;

    va_start(ap, fmt);
    text = rk_arena_vf(b->a, fmt, ap);
    va_end(ap);
    return rk_fail_at(err, code, by.file, by.line, 0, "%s.%s", by.field, text);
}

const char *source_text(struct build *b, const struct doc_node *map, const char *key)
{
    rk_str s = doc_get_text(map, key);

    return s.n ? rk_arena_dup(b->a, s.p, s.n) : "";
}

/* ---- settings in the folder ---- */

/* What a source is cannot be changed there; only how it is rendered. */
static void lay_over(struct build *b, const struct doc_node *patch)
{
    struct doc_node *only = doc_map(b->a), *whole = doc_copy(b->a, b->source);

    for (int t = TYPE_KUSTOMIZE; t < TYPE_MAX; t++)
        if (doc_get(patch, type_names[t]))
            doc_set_c(b->a, only, type_names[t], doc_get(patch, type_names[t]));
    doc_merge_patch(b->a, &whole, only);
    whole->mark = b->source->mark;
    b->source = whole;
}

static int lay_file(struct build *b, const char *path, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = path, .marks = b->marks};
    struct doc_node *patch;
    const char *real;
    rk_str text;

    load_dep(b, path);
    rk_err_clear(err);
    if (load_stat(b, path, &real, err) != RENDER_FILE)
        return err && err->code == RK_DENIED ? -1 : 0;
    if (load_read(b, path, &text, err) || doc_yaml_read_one(b->a, text, &how, &patch, err))
        return -1;
    if (!doc_is_null(patch) && doc_type(patch) != DOC_MAP)
        return rk_fail_at(err, RK_INVALID, path, 1, 0, "a map of kustomize, helm or directory is "
                          "needed");
    lay_over(b, patch);
    return 0;
}

static int lay_files(struct build *b, const char *dir, struct rk_err *err)
{
    const char *app = b->opts->source->app;

    if (lay_file(b, load_join(b, dir, RK_STR(".argocd-source.yaml")), err))
        return -1;
    if (!app || !app[0] || strchr(app, '/'))
        return 0;
    return lay_file(b, load_join(b, dir, rk_str_c(rk_arena_f(b->a, ".argocd-source-%s.yaml", app))),
                    err);
}

/* ---- shapes: what stands in a file of the folder nobody has looked at before ---- */

static const struct {
    const char *part, *key;
    enum doc_type type, item;   /* item DOC_NULL: any */
} shapes[] = {
    {"kustomize", "images", DOC_LIST, DOC_STRING}, {"kustomize", "replicas", DOC_LIST, DOC_MAP},
    {"kustomize", "commonLabels", DOC_MAP, DOC_NULL},
    {"kustomize", "commonAnnotations", DOC_MAP, DOC_NULL},
    {"kustomize", "patches", DOC_LIST, DOC_MAP}, {"kustomize", "components", DOC_LIST, DOC_STRING},
    {"kustomize", "apiVersions", DOC_LIST, DOC_STRING},
    {"helm", "valueFiles", DOC_LIST, DOC_STRING}, {"helm", "valuesObject", DOC_MAP, DOC_NULL},
    {"helm", "parameters", DOC_LIST, DOC_MAP}, {"helm", "fileParameters", DOC_LIST, DOC_MAP},
    {"helm", "apiVersions", DOC_LIST, DOC_STRING}, {"directory", "jsonnet", DOC_MAP, DOC_NULL},
};

static int check_shape(const struct build *b, const struct doc_node *n, enum doc_type type,
                       const char *name, struct rk_err *err)
{
    static const char *const words[DOC_TYPE_MAX] = {
        [DOC_STRING] = "a text", [DOC_LIST] = "a list", [DOC_MAP] = "a map",
    };

    if (doc_type(n) == type || type == DOC_NULL)
        return 0;
    return source_fail(b, n, RK_INVALID, err, "%s has to be %s", name, words[type]);
}

static int check_parts(const struct build *b, struct rk_err *err)
{
    for (int t = TYPE_KUSTOMIZE; t < TYPE_MAX; t++) {
        const struct doc_node *part = doc_get(b->source, type_names[t]);

        if (!doc_is_null(part) && check_shape(b, part, DOC_MAP, type_names[t], err))
            return -1;
    }
    return 0;
}

static int check_shapes(const struct build *b, struct rk_err *err)
{
    if (check_parts(b, err))
        return -1;
    for (size_t i = 0; i < RK_LEN(shapes); i++) {
        const struct doc_node *n = doc_get(doc_get(b->source, shapes[i].part), shapes[i].key);
        const char *name = rk_arena_f(b->a, "%s.%s", shapes[i].part, shapes[i].key);

        if (doc_is_null(n))
            continue;
        if (check_shape(b, n, shapes[i].type, name, err))
            return -1;
        for (size_t j = 0; shapes[i].type == DOC_LIST && j < doc_count(n); j++)
            if (check_shape(b, doc_at(n, j), shapes[i].item,
                            rk_arena_f(b->a, "%s[%zu]", name, j), err))
                return -1;
    }
    return 0;
}

/* ---- the type ---- */

/* As Argo CD drops them: a block of zero values says nothing. */
static bool says_nothing(const struct doc_node *n)
{
    switch (doc_type(n)) {
    case DOC_BOOL:
        return !n->boolean;
    case DOC_STRING:
        return !n->text.n;
    case DOC_LIST:
        return !doc_count(n);
    case DOC_MAP:
        for (size_t i = 0; i < doc_count(n); i++)
            if (!says_nothing(doc_pair_at(n, i)->value))
                return false;
        return true;
    case DOC_NULL:
        return true;
    case DOC_NUMBER:
    case DOC_TYPE_MAX:
    default:
        return false;
    }
}

static int said_type(const struct build *b, enum source_type *out, struct rk_err *err)
{
    *out = TYPE_UNSAID;
    if (check_shapes(b, err))
        return -1;
    for (int t = TYPE_KUSTOMIZE; t < TYPE_MAX; t++) {
        const struct doc_node *part = doc_get(b->source, type_names[t]);

        if (says_nothing(part))
            continue;
        if (*out)
            return source_fail(b, part, RK_INVALID, err, "%s: %s is there, too: keep one of them",
                               type_names[t], type_names[*out]);
        *out = (enum source_type)t;
    }
    if (*out == TYPE_PLUGIN)
        return source_fail(b, doc_get(b->source, "plugin"), RK_UNSUPPORTED, err,
                           "plugin: foreign code is not run here: commit what it renders");
    return 0;
}

static bool is_chart(struct build *b, const char *dir)
{
    const char *path = load_join(b, dir, RK_STR("Chart.yaml")), *real;

    load_dep(b, path);
    return load_stat(b, path, &real, NULL) == RENDER_FILE;
}

static int build_kustomize(struct build *b, const char *dir, bool said, struct acc *acc,
                           bool *done, struct rk_err *err)
{
    struct kust *k = NULL;

    *done = true;
    if (kust_load(b, dir, NULL, &k, err))
        return -1;
    if (!k && said)
        return source_fail(b, doc_get(b->source, "kustomize"), RK_NOT_FOUND, err,
                           "kustomize: %s has no kustomization.yaml: add one, or take the setting "
                           "out", dir[0] ? dir : ".");
    *done = k != NULL;
    if (!k)
        return 0;
    return source_kustomize(b, k, doc_get(b->source, "kustomize"), err) ||
           build_kustomization(b, k, acc, err) ? -1 : 0;
}

static int build_folder(struct build *b, const char *dir, struct acc *acc, struct rk_err *err)
{
    enum source_type type;
    bool done = false;

    if (lay_files(b, dir, err) || said_type(b, &type, err))
        return -1;
    if (type == TYPE_HELM)
        return source_helm(b, dir, acc, err);
    if ((type == TYPE_UNSAID || type == TYPE_KUSTOMIZE) &&
        build_kustomize(b, dir, type == TYPE_KUSTOMIZE, acc, &done, err))
        return -1;
    if (done)
        return 0;
    if (type == TYPE_UNSAID && is_chart(b, dir))
        return source_helm(b, dir, acc, err);
    return directory_build(b, dir, doc_get(b->source, "directory"), acc, err);
}

int source_build(struct build *b, struct acc *acc, struct rk_err *err)
{
    const struct render_source *s = b->opts->source;
    const struct doc_node *spec = s->spec ? s->spec : doc_map(b->a);
    enum source_type type;
    const char *dir;

    b->source = doc_copy_marked(b->a, spec, s->marks, b->marks);
    if (!doc_get_text(b->source, "chart").n)
        return build_root(b, &dir, err) || build_folder(b, dir, acc, err) ? -1 : 0;
    if (said_type(b, &type, err))
        return -1;
    if (type != TYPE_UNSAID && type != TYPE_HELM)
        return source_fail(b, doc_get(b->source, type_names[type]), RK_INVALID, err,
                           "%s: with chart only helm has a meaning", type_names[type]);
    return source_helm(b, NULL, acc, err);
}
