/*
 * fields.c: the fields of a kustomization, one row each: name, shape of the value, and what to do
 * instead where a field is not built here. In: a parsed kustomization. Out: its values by field.
 *
 * As the real tool does it, names match in any case, the last of two equal names wins, and a name
 * or a type that does not belong is an error; the message names the line and what to write.
 */
#include "render/render_int.h"

#include <strings.h>

enum shape { TEXT, BOOL, INT, ANY, TEXTS, TEXT_MAP, BOOL_MAP, STRUCT, STRUCTS };

struct field {
    const char *name;
    enum shape shape;
    const struct field *sub;    /* STRUCT, STRUCTS; ends with a row without a name */
    const char *refused;        /* what to do instead */
};

static const struct field options_rows[] = {
    {.name = "labels", .shape = TEXT_MAP},
    {.name = "annotations", .shape = TEXT_MAP},
    {.name = "disableNameSuffixHash", .shape = BOOL},
    {.name = "immutable", .shape = BOOL},
    {.name = NULL},
};
static const struct field generator_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "behavior", .shape = TEXT},
    {.name = "literals", .shape = TEXTS},
    {.name = "files", .shape = TEXTS},
    {.name = "envs", .shape = TEXTS},
    {.name = "env", .shape = TEXT},
    {.name = "options", .shape = STRUCT, .sub = options_rows},
    {.name = NULL},
};
static const struct field secret_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "behavior", .shape = TEXT},
    {.name = "literals", .shape = TEXTS},
    {.name = "files", .shape = TEXTS},
    {.name = "envs", .shape = TEXTS},
    {.name = "env", .shape = TEXT},
    {.name = "options", .shape = STRUCT, .sub = options_rows},
    {.name = "type", .shape = TEXT},
    {.name = NULL},
};
static const struct field spec_rows[] = {
    {.name = "path", .shape = TEXT},
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "create", .shape = BOOL},
    {.name = NULL},
};
static const struct field label_rows[] = {
    {.name = "pairs", .shape = TEXT_MAP},
    {.name = "includeSelectors", .shape = BOOL},
    {.name = "includeTemplates", .shape = BOOL},
    {.name = "fields", .shape = STRUCTS, .sub = spec_rows},
    {.name = NULL},
};
static const struct field target_rows[] = {
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "name", .shape = TEXT},
    {.name = "namespace", .shape = TEXT},
    {.name = "labelSelector", .shape = TEXT},
    {.name = "annotationSelector", .shape = TEXT},
    {.name = NULL},
};
static const struct field patch_rows[] = {
    {.name = "path", .shape = TEXT},
    {.name = "patch", .shape = TEXT},
    {.name = "target", .shape = STRUCT, .sub = target_rows},
    {.name = "options", .shape = BOOL_MAP},
    {.name = NULL},
};
static const struct field image_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "newName", .shape = TEXT},
    {.name = "tagSuffix", .shape = TEXT},
    {.name = "newTag", .shape = TEXT},
    {.name = "digest", .shape = TEXT},
    {.name = NULL},
};
static const struct field replica_rows[] = {
    {.name = "name", .shape = TEXT},
    {.name = "count", .shape = INT},
    {.name = NULL},
};
static const struct field legacy_rows[] = {
    {.name = "orderFirst", .shape = TEXTS},
    {.name = "orderLast", .shape = TEXTS},
    {.name = NULL},
};
static const struct field sort_rows[] = {
    {.name = "order", .shape = TEXT},
    {.name = "legacySortOptions", .shape = STRUCT, .sub = legacy_rows},
    {.name = NULL},
};

/* A file of `configurations`. */
static const struct field reference_rows[] = {
    {.name = "group", .shape = TEXT},
    {.name = "version", .shape = TEXT},
    {.name = "kind", .shape = TEXT},
    {.name = "fieldSpecs", .shape = STRUCTS, .sub = spec_rows},
    {.name = NULL},
};
static const struct field config_rows[] = {
    {.name = "namePrefix", .shape = STRUCTS, .sub = spec_rows},
    {.name = "nameSuffix", .shape = STRUCTS, .sub = spec_rows},
    {.name = "namespace", .shape = STRUCTS, .sub = spec_rows},
    {.name = "commonLabels", .shape = STRUCTS, .sub = spec_rows},
    {.name = "labels", .shape = STRUCTS, .sub = spec_rows},
    {.name = "templateLabels", .shape = STRUCTS, .sub = spec_rows},
    {.name = "commonAnnotations", .shape = STRUCTS, .sub = spec_rows},
    {.name = "nameReference", .shape = STRUCTS, .sub = reference_rows},
    {.name = "varReference", .shape = STRUCTS, .sub = spec_rows},
    {.name = "images", .shape = STRUCTS, .sub = spec_rows},
    {.name = "replicas", .shape = STRUCTS, .sub = spec_rows},
    {.name = NULL},
};

static const struct field rows[KUST_FIELD_MAX] = {
    [KUST_API_VERSION] = {.name = "apiVersion", .shape = TEXT},
    [KUST_KIND] = {.name = "kind", .shape = TEXT},
    [KUST_METADATA] = {.name = "metadata", .shape = ANY},
    [KUST_OPENAPI] = {.name = "openapi", .shape = ANY,
        .refused = "a schema of your own is not read; the built-in one (Kubernetes 1.21) is used"},
    [KUST_NAME_PREFIX] = {.name = "namePrefix", .shape = TEXT},
    [KUST_NAME_SUFFIX] = {.name = "nameSuffix", .shape = TEXT},
    [KUST_NAMESPACE] = {.name = "namespace", .shape = TEXT},
    [KUST_COMMON_LABELS] = {.name = "commonLabels", .shape = TEXT_MAP},
    [KUST_LABELS] = {.name = "labels", .shape = STRUCTS, .sub = label_rows},
    [KUST_COMMON_ANNOTATIONS] = {.name = "commonAnnotations", .shape = TEXT_MAP},
    [KUST_PATCHES_STRATEGIC_MERGE] = {.name = "patchesStrategicMerge", .shape = TEXTS},
    [KUST_PATCHES_JSON6902] = {.name = "patchesJson6902", .shape = STRUCTS, .sub = patch_rows},
    [KUST_PATCHES] = {.name = "patches", .shape = STRUCTS, .sub = patch_rows},
    [KUST_IMAGES] = {.name = "images", .shape = STRUCTS, .sub = image_rows},
    [KUST_IMAGE_TAGS] = {.name = "imageTags", .shape = STRUCTS, .sub = image_rows},
    [KUST_REPLACEMENTS] = {.name = "replacements", .shape = ANY,
        .refused = "write the values with patches"},
    [KUST_REPLICAS] = {.name = "replicas", .shape = STRUCTS, .sub = replica_rows},
    [KUST_VARS] = {.name = "vars", .shape = ANY, .refused = "write the values with patches"},
    [KUST_SORT_OPTIONS] = {.name = "sortOptions", .shape = STRUCT, .sub = sort_rows},
    [KUST_RESOURCES] = {.name = "resources", .shape = TEXTS},
    [KUST_COMPONENTS] = {.name = "components", .shape = TEXTS},
    [KUST_CRDS] = {.name = "crds", .shape = ANY,
        .refused = "list the definitions under resources, name references under configurations"},
    [KUST_BASES] = {.name = "bases", .shape = TEXTS},
    [KUST_CONFIG_MAP_GENERATOR] = {.name = "configMapGenerator", .shape = STRUCTS,
        .sub = generator_rows},
    [KUST_SECRET_GENERATOR] = {.name = "secretGenerator", .shape = STRUCTS, .sub = secret_rows},
    [KUST_HELM_GLOBALS] = {.name = "helmGlobals", .shape = ANY,
        .refused = "charts are not inflated here; commit the output of helm template"},
    [KUST_HELM_CHARTS] = {.name = "helmCharts", .shape = ANY,
        .refused = "charts are not inflated here; commit the output of helm template"},
    [KUST_HELM_INFLATION] = {.name = "helmChartInflationGenerator", .shape = ANY,
        .refused = "charts are not inflated here; commit the output of helm template"},
    [KUST_GENERATOR_OPTIONS] = {.name = "generatorOptions", .shape = STRUCT, .sub = options_rows},
    [KUST_CONFIGURATIONS] = {.name = "configurations", .shape = TEXTS},
    [KUST_GENERATORS] = {.name = "generators", .shape = ANY,
        .refused = "plugins are not run; use configMapGenerator, secretGenerator or plain files"},
    [KUST_TRANSFORMERS] = {.name = "transformers", .shape = ANY,
        .refused = "plugins are not run; use the built-in fields (patches, labels, images, ...)"},
    [KUST_VALIDATORS] = {.name = "validators", .shape = ANY, .refused = "plugins are not run"},
    [KUST_BUILD_METADATA] = {.name = "buildMetadata", .shape = ANY,
        .refused = "--provenance shows where each field comes from"},
};

struct checking {
    struct build *b;
    const char *file;
    rk_str text;
    const char *path;           /* of the value at hand, for messages */
    struct rk_err *err;
};

static const char *const shape_words[] = {
    [TEXT] = "a text", [BOOL] = "true or false", [INT] = "a whole number", [ANY] = "a value",
    [TEXTS] = "a list of texts", [TEXT_MAP] = "a map of texts", [BOOL_MAP] = "a map of true/false",
    [STRUCT] = "a map", [STRUCTS] = "a list of maps",
};

static const char *type_words(const struct doc_node *n)
{
    static const char *const words[DOC_TYPE_MAX] = {
        [DOC_NULL] = "nothing", [DOC_BOOL] = "a yes or no", [DOC_NUMBER] = "a number",
        [DOC_STRING] = "a text", [DOC_LIST] = "a list", [DOC_MAP] = "a map",
    };
    return words[doc_type(n)];
}

const char *fields_name(enum kust_field f)
{
    return rows[f].name;
}

/* A scalar as the file has it: "yes", not "true". */
static rk_str written(const struct checking *c, const struct doc_node *n)
{
    const struct doc_mark *m = doc_marks_get(c->b->marks, n->mark);

    if (doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST)
        return RK_STR_NONE;
    if (m && m->start < m->end && m->end <= c->text.n)
        return (rk_str){c->text.p + m->start, m->end - m->start};
    return res_source_text(c->b, n);
}

static int wrong_type(const struct checking *c, const struct doc_node *n, enum shape want)
{
    uint32_t line = mark_line(c->b, n->mark);
    rk_str source = written(c, n);

    if (strncmp(c->path, "secretGenerator", 15) == 0) /* never a value of a secret */
        source = RK_STR_NONE;
    if (want == TEXT && source.n)
        return rk_fail_at(c->err, RK_INVALID, c->file, line, 0,
                          "%s: a text is needed, and %.*s without quotes is %s: write \"%.*s\"",
                          c->path, RK_ARG_STR(source), type_words(n), RK_ARG_STR(source));
    return rk_fail_at(c->err, RK_INVALID, c->file, line, 0, "%s: %s is needed, not %s%s", c->path,
                      shape_words[want], type_words(n),
                      want == TEXT && doc_type(n) != DOC_MAP && doc_type(n) != DOC_LIST
                          ? ": put quotes around it" : "");
}

static int check(const struct checking *c, const struct doc_node *n, const struct field *f);

static const struct field *row_find(const struct field *sub, size_t n, rk_str name)
{
    for (size_t i = 0; i < n; i++)
        if (rk_str_is(name, sub[i].name))
            return &sub[i];
    for (size_t i = 0; i < n; i++)
        if (name.n == strlen(sub[i].name) && strncasecmp(name.p, sub[i].name, name.n) == 0)
            return &sub[i];
    return NULL;
}

static size_t rows_count(const struct field *sub)
{
    size_t n = 0;

    while (sub[n].name)
        n++;
    return n;
}

static const char *row_name(size_t i, const void *ctx)
{
    return ((const struct field *)ctx)[i].name;
}

static int unknown_field(const struct checking *c, const struct doc_pair *p,
                         const struct field *sub, size_t n)
{
    const char *near = text_nearest(p->key, row_name, n, sub);
    uint32_t line = mark_line(c->b, p->mark);

    if (!line)
        line = mark_line(c->b, p->value->mark);
    return rk_fail_at(c->err, RK_INVALID, c->file, line, 0, "%s%sno such field '%.*s'%s%s%s",
                      c->path, c->path[0] ? ": " : "", RK_ARG_STR(p->key),
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int check_struct(const struct checking *c, const struct doc_node *n,
                        const struct field *sub)
{
    size_t n_sub = rows_count(sub);

    if (doc_type(n) != DOC_MAP)
        return wrong_type(c, n, STRUCT);
    for (size_t i = 0; i < doc_count(n); i++) {
        struct doc_pair *p = doc_pair_at(n, i);
        const struct field *f = row_find(sub, n_sub, p->key);
        struct checking inner = *c;

        if (!f)
            return unknown_field(c, p, sub, n_sub);
        p->key = rk_str_c(f->name); /* readers then need no other spelling */
        inner.path = rk_arena_f(c->b->a, "%s%s%s", c->path, c->path[0] ? "." : "", f->name);
        if (check(&inner, p->value, f))
            return -1;
    }
    return 0;
}

static int check_map(const struct checking *c, const struct doc_node *n, enum shape want)
{
    enum doc_type inside = want == TEXT_MAP ? DOC_STRING : DOC_BOOL;

    if (doc_type(n) != DOC_MAP)
        return wrong_type(c, n, want);
    for (size_t i = 0; i < doc_count(n); i++) {
        const struct doc_pair *p = doc_pair_at(n, i);
        struct checking inner = *c;

        inner.path = rk_arena_f(c->b->a, "%s.%.*s", c->path, RK_ARG_STR(p->key));
        if (doc_type(p->value) != inside && doc_type(p->value) != DOC_NULL)
            return wrong_type(&inner, p->value, want == TEXT_MAP ? TEXT : BOOL);
    }
    return 0;
}

static int check_list(const struct checking *c, const struct doc_node *n, const struct field *f)
{
    if (doc_type(n) != DOC_LIST)
        return wrong_type(c, n, f->shape);
    for (size_t i = 0; i < doc_count(n); i++) {
        const struct doc_node *item = doc_at(n, i);
        struct checking inner = *c;

        inner.path = rk_arena_f(c->b->a, "%s[%zu]", c->path, i);
        if (doc_is_null(item))
            return rk_fail_at(c->err, RK_INVALID, c->file, mark_line(c->b, item->mark), 0,
                              "%s is empty: write a value after the dash or remove the line",
                              inner.path);
        if (f->shape == STRUCTS ? check_struct(&inner, item, f->sub) :
            doc_type(item) != DOC_STRING ? wrong_type(&inner, item, TEXT) : 0)
            return -1;
    }
    return 0;
}

static int check(const struct checking *c, const struct doc_node *n, const struct field *f)
{
    int64_t whole;

    if (doc_is_null(n))
        return 0;
    switch (f->shape) {
    case TEXT:
        return doc_type(n) == DOC_STRING ? 0 : wrong_type(c, n, TEXT);
    case BOOL:
        return doc_type(n) == DOC_BOOL ? 0 : wrong_type(c, n, BOOL);
    case INT:
        return doc_type(n) == DOC_NUMBER && doc_as_int(n, &whole) ? 0 : wrong_type(c, n, INT);
    case TEXTS:
    case STRUCTS:
        return check_list(c, n, f);
    case TEXT_MAP:
    case BOOL_MAP:
        return check_map(c, n, f->shape);
    case STRUCT:
        return check_struct(c, n, f->sub);
    case ANY:
        break;
    }
    return 0;
}

static bool says_nothing(const struct doc_node *n)
{
    return doc_is_null(n) || ((doc_type(n) == DOC_LIST || doc_type(n) == DOC_MAP) && !doc_count(n))
           || (doc_type(n) == DOC_STRING && !n->text.n);
}

/* Of two spellings of one name the later in the alphabet counts: the real tool sorts the keys. */
static bool is_outdone(const struct doc_node *doc, const struct doc_pair *p, const struct field *f)
{
    for (size_t i = 0; i < doc_count(doc); i++) {
        const struct doc_pair *other = doc_pair_at(doc, i);

        if (row_find(rows, KUST_FIELD_MAX, other->key) == f && rk_str_cmp(other->key, p->key) > 0)
            return true;
    }
    return false;
}

static int bind_one(const struct checking *c, const struct doc_node *doc,
                    const struct doc_pair *p, struct kust *k)
{
    const struct field *f = row_find(rows, KUST_FIELD_MAX, p->key);
    struct checking inner = *c;

    if (!f)
        return unknown_field(c, p, rows, KUST_FIELD_MAX);
    if (is_outdone(doc, p, f))
        return 0;
    inner.path = f->name;
    if (check(&inner, p->value, f))
        return -1;
    k->field[f - rows] = says_nothing(p->value) ? NULL : p->value;
    if (f->refused && k->field[f - rows])
        return rk_fail_at(c->err, RK_UNSUPPORTED, c->file, mark_line(c->b, p->mark), 0,
                          "the field '%s' is not supported: %s", f->name, f->refused);
    return 0;
}

int fields_bind(struct build *b, struct doc_node *doc, struct kust *k, struct rk_err *err)
{
    struct checking c = {.b = b, .file = k->file, .text = k->text, .path = "", .err = err};

    if (doc_type(doc) != DOC_MAP)
        return rk_fail_at(err, RK_INVALID, k->file, 1, 0,
                          "a kustomization is a map of fields, not %s", type_words(doc));
    for (size_t i = 0; i < doc_count(doc); i++)
        if (bind_one(&c, doc, doc_pair_at(doc, i), k))
            return -1;
    return 0;
}

int fields_check_config(struct build *b, struct doc_node *doc, const char *file, rk_str text,
                        struct rk_err *err)
{
    struct checking c = {.b = b, .file = file, .text = text, .path = "", .err = err};

    return doc_is_null(doc) ? 0 : check_struct(&c, doc, config_rows);
}
