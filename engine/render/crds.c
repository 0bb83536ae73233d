/*
 * crds.c: the `crds` field. In: files that describe types, name -> {Schema: {properties}}, with the
 * extensions x-kubernetes-annotation, -label-selector, -identity and -object-ref-*. Out: fieldspecs
 * for annotations, labels, prefixes and name references. The files are not emitted.
 */
#include "render/render_int.h"

#define DEPTH_MAX 20
#define READ_MAX 20000

struct reading {
    struct build *b;
    struct config *to;
    const struct doc_node *types;
    const char *kind;           /* of the type that is read: after the last dot of its name */
    size_t n_read;
};

static const struct doc_node *properties_of(const struct doc_node *type)
{
    const struct doc_node *schema = doc_get(type, "Schema");

    return doc_get(schema ? schema : doc_get(type, "schema"), "properties");
}

static struct spec spec_at(const struct reading *r, const char *path)
{
    return (struct spec){.path = path, .kind = r->kind};
}

static int add_reference(const struct reading *r, const struct doc_node *property,
                         const char *path, struct rk_err *err)
{
    const struct doc_node *version = doc_get(property, "x-kubernetes-object-ref-api-version");
    const struct doc_node *kind = doc_get(property, "x-kubernetes-object-ref-kind");
    const struct doc_node *key = doc_get(property, "x-kubernetes-object-ref-name-key");
    struct rk_arena *a = r->b->a;
    struct backref one = {0};
    struct spec spec;

    if (doc_type(version) != DOC_STRING || doc_type(kind) != DOC_STRING)
        return 0;
    spec = spec_at(r, rk_arena_f(a, "%s/%.*s", path,
                                 RK_ARG_STR(doc_type(key) == DOC_STRING ? key->text
                                                                        : RK_STR("name"))));
    one.version = version->text.n ? rk_arena_dup(a, version->text.p, version->text.n) : NULL;
    one.kind = kind->text.n ? rk_arena_dup(a, kind->text.p, kind->text.n) : NULL;
    return specs_merge_one(a, &one.specs, spec, err) || refs_merge_one(r->b, r->to, &one, err)
               ? -1 : 0;
}

static int add_specs(const struct reading *r, const struct doc_node *property, const char *path,
                     struct rk_err *err)
{
    static const struct { const char *key; enum config_list list; } rows[] = {
        {"x-kubernetes-annotation", CONFIG_COMMON_ANNOTATIONS},
        {"x-kubernetes-label-selector", CONFIG_COMMON_LABELS},
        {"x-kubernetes-identity", CONFIG_NAME_PREFIX},
    };

    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (doc_type(doc_get(property, rows[i].key)) == DOC_STRING &&
            specs_merge_one(r->b->a, &r->to->list[rows[i].list], spec_at(r, path), err))
            return -1;
    return add_reference(r, property, path, err);
}

static int read_type(struct reading *r, const struct doc_node *properties,
                     const char *prefix, int depth, struct rk_err *err)
{
    if (depth == DEPTH_MAX)
        return rk_fail(err, RK_LIMIT, "types refer to each other more than %d deep (limit: crds)",
                       DEPTH_MAX);
    for (size_t i = 0; doc_type(properties) == DOC_MAP && i < doc_count(properties); i++) {
        const struct doc_pair *p = doc_pair_at(properties, i);
        rk_str ref = doc_get_text(p->value, "$ref");
        const char *path = rk_arena_f(r->b->a, "%s%s%.*s", prefix, prefix[0] ? "/" : "",
                                      RK_ARG_STR(p->key));

        if (++r->n_read > READ_MAX)
            return rk_fail(err, RK_LIMIT, "more than %d fields (limit: crds)", READ_MAX);
        if (add_specs(r, p->value, path, err))
            return -1;
        if (ref.n && read_type(r, properties_of(doc_get_n(r->types, ref)), path, depth + 1, err))
            return -1;
    }
    return 0;
}

static int read_types(struct reading *r, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(r->types); i++) {
        const struct doc_pair *p = doc_pair_at(r->types, i);
        const struct doc_node *properties = properties_of(p->value);
        const char *dot = p->key.n ? memrchr(p->key.p, '.', p->key.n) : NULL;
        rk_str kind = dot ? (rk_str){dot + 1, (size_t)(p->key.p + p->key.n - dot - 1)} : p->key;

        if (!doc_get(properties, "kind") || !doc_get(properties, "apiVersion") ||
            !doc_get(properties, "metadata"))
            continue;
        r->kind = rk_arena_dup(r->b->a, kind.p ? kind.p : "", kind.n);
        if (read_type(r, properties, "", 0, err))
            return -1;
    }
    return 0;
}

/* A mistake that is often made: the manifest of a CustomResourceDefinition. */
static int check_type(struct build *b, const struct doc_pair *p, const char *file,
                      struct rk_err *err)
{
    const struct doc_node *schema = doc_get(p->value, "Schema");

    if ((doc_is_null(p->value) || doc_type(p->value) == DOC_MAP) &&
        (doc_is_null(schema) || doc_type(schema) == DOC_MAP))
        return 0;
    return rk_fail_at(err, RK_INVALID, file, mark_line(b, p->mark), 0,
                      "crds: %.*s is no type with a Schema; a CustomResourceDefinition itself "
                      "belongs under resources", RK_ARG_STR(p->key));
}

int crds_read(struct build *b, const struct kust *k, const struct config **out, struct rk_err *err)
{
    const struct doc_node *files = k->field[KUST_CRDS];
    struct config *to = rk_arena_alloc(b->a, sizeof(*to));

    *out = to;
    for (size_t i = 0; i < doc_count(files); i++) {
        struct asked by = load_asked(b, k, doc_at(files, i), "crds");
        struct reading r = {.b = b, .to = to};
        struct doc_node *doc;
        const char *file;
        rk_str text;

        if (load_named(b, k, doc_text(doc_at(files, i)), by, &file, &text, err) ||
            kust_read_config(b, text, file, &doc, err) ||
            build_count_nodes(b, doc, file, err))
            return -1;
        if (doc_type(doc) != DOC_MAP)
            return rk_fail_at(err, RK_INVALID, file, 1, 0,
                              "crds: a file describes types by their names");
        for (size_t j = 0; j < doc_count(doc); j++)
            if (check_type(b, doc_pair_at(doc, j), file, err))
                return -1;
        r.types = doc;
        if (read_types(&r, err))
            return rk_wrap(err, "%s", file);
    }
    return 0;
}
