/*
 * plugin_table.c: the built-in plugins, one row each. In: a configuration. Out: the objects, changed
 * or made. A plugin that a field stands for is that field's step, run with the fieldspecs of the
 * configuration alone.
 */
#include "render/render_int.h"

int plugin_wrong(const struct plugging *p, struct rk_err *err, const char *what)
{
    return rk_fail_at(err, RK_INVALID, p->k->file, mark_line(p->b, p->doc->mark), 0, "%.*s: %s",
                      RK_ARG_STR(doc_get_text(p->doc, "kind")), what);
}

/* ---- steps with the configuration's own fieldspecs ---- */

static int with_specs(struct plugging *p, enum config_list list, step_fn step,
                      const struct doc_node *value, struct rk_err *err)
{
    const struct config *before = p->acc->config;
    struct config own = *before;
    int rc;

    if (specs_read(p->b, doc_get(p->doc, "fieldSpecs"), &own.list[list], err))
        return rk_wrap(err, "%s", p->k->file);
    p->acc->config = &own;
    rc = step(p->b, p->k, p->acc, value, err);
    p->acc->config = before;
    return rc;
}

static struct doc_node *list_of(struct plugging *p, struct doc_node *one)
{
    struct doc_node *list = doc_list(p->b->a);

    doc_push(p->b->a, list, one);
    return list;
}

static int annotations(struct plugging *p, struct rk_err *err)
{
    return with_specs(p, CONFIG_COMMON_ANNOTATIONS, annotations_common,
                      doc_get(p->doc, "annotations"), err);
}

static int labels(struct plugging *p, struct rk_err *err)
{
    return with_specs(p, CONFIG_COMMON_LABELS, labels_common, doc_get(p->doc, "labels"), err);
}

static int image(struct plugging *p, struct rk_err *err)
{
    struct doc_node *entry = doc_get(p->doc, "imageTag");

    if (doc_is_null(entry))
        return plugin_wrong(p, err, "imageTag is missing");
    return with_specs(p, CONFIG_IMAGES, images_set, list_of(p, entry), err);
}

static int replicas(struct plugging *p, struct rk_err *err)
{
    struct doc_node *entry = doc_get(p->doc, "replica");

    if (doc_is_null(entry))
        return plugin_wrong(p, err, "replica is missing");
    return with_specs(p, CONFIG_REPLICAS, replicas_set, list_of(p, entry), err);
}

static int affix(struct plugging *p, const char *key, struct rk_err *err)
{
    bool front = rk_streq(key, "prefix");
    struct doc_node *value = doc_get(p->doc, key);

    if (doc_is_null(doc_get(p->doc, "fieldSpecs")))
        return plugin_wrong(p, err, "fieldSpecs is missing (path: metadata/name)");
    if (doc_is_null(value)) {
        value = doc_string_c(p->b->a, "");
        value->mark = p->doc->mark;
    }
    return with_specs(p, front ? CONFIG_NAME_PREFIX : CONFIG_NAME_SUFFIX,
                      front ? prefix_add : suffix_add, value, err);
}

static int prefix(struct plugging *p, struct rk_err *err)
{
    return affix(p, "prefix", err);
}

static int suffix(struct plugging *p, struct rk_err *err)
{
    return affix(p, "suffix", err);
}

static int prefix_and_suffix(struct plugging *p, struct rk_err *err)
{
    return affix(p, "prefix", err) || affix(p, "suffix", err) ? -1 : 0;
}

static int subjects_read(struct plugging *p, enum subjects_mode *out, struct rk_err *err)
{
    static const char *const words[] = {
        [SUBJECTS_DEFAULT] = "defaultOnly", [SUBJECTS_ACCOUNTS] = "allServiceAccounts",
        [SUBJECTS_NONE] = "none",
    };
    rk_str word = doc_get_text(p->doc, "setRoleBindingSubjects");

    *out = SUBJECTS_DEFAULT;
    for (size_t i = 0; i < RK_LEN(words); i++)
        if (rk_str_is(word, words[i])) {
            *out = (enum subjects_mode)i;
            return 0;
        }
    return !word.n ? 0 : plugin_wrong(p, err, "setRoleBindingSubjects has to be defaultOnly, "
                                              "allServiceAccounts or none");
}

static int namespace(struct plugging *p, struct rk_err *err)
{
    struct namespace_how how = {.value = doc_walk(p->doc, "metadata.namespace"),
                                .unset_only = doc_get_bool(p->doc, "unsetOnly", false)};

    if (subjects_read(p, &how.subjects, err) ||
        specs_read(p->b, doc_get(p->doc, "fieldSpecs"), &how.specs, err))
        return -1;
    return doc_text(how.value).n ? namespace_set_as(p->b, p->k, p->acc, &how, err) : 0;
}

/* ---- steps that need no fieldspecs ---- */

static int patch(struct plugging *p, struct rk_err *err)
{
    return patch_all(p->b, p->k, p->acc, list_of(p, p->doc), err);
}

static int json6902(struct plugging *p, struct rk_err *err)
{
    struct doc_node *ops = doc_get(p->doc, "jsonOp");

    if (ops)
        doc_set_c(p->b->a, p->doc, "patch", ops);
    return json6902_all(p->b, p->k, p->acc, list_of(p, p->doc), err);
}

static int merges(struct plugging *p, struct rk_err *err)
{
    struct doc_node *paths = doc_get(p->doc, "paths"), *text = doc_get(p->doc, "patches");

    if (!doc_count(paths) && !doc_text(text).n)
        return plugin_wrong(p, err, "paths or patches is needed");
    if (doc_count(paths) && patch_strategic_merges(p->b, p->k, p->acc, paths, err))
        return -1;
    return doc_text(text).n
               ? patch_strategic_merges(p->b, p->k, p->acc, list_of(p, text), err) : 0;
}

static int replacements(struct plugging *p, struct rk_err *err)
{
    struct doc_node *list = doc_get(p->doc, "replacements");

    return doc_is_null(list) ? 0 : replacements_run(p->b, p->k, p->acc, list, err);
}

static int hash(struct plugging *p, struct rk_err *err)
{
    return hash_add_all(p->b, p->acc, err);
}

/* Name and namespace may stand in metadata; only a kustomization's own entry has `env`. */
static struct doc_node *generator_entry(struct plugging *p)
{
    static const char *const keys[] = {"name", "namespace"};
    const struct doc_node *meta = doc_get(p->doc, "metadata");

    doc_del(p->doc, RK_STR("env"));
    for (size_t i = 0; i < RK_LEN(keys); i++)
        if (!doc_get_text(p->doc, keys[i]).n && doc_get(meta, keys[i]))
            doc_set_c(p->b->a, p->doc, keys[i], doc_get(meta, keys[i]));
    return list_of(p, p->doc);
}

static int config_map(struct plugging *p, struct rk_err *err)
{
    return generator_config_maps(p->b, p->k, p->acc, generator_entry(p), err);
}

static int secret(struct plugging *p, struct rk_err *err)
{
    return generator_secrets(p->b, p->k, p->acc, generator_entry(p), err);
}

static const struct plugin plugins[] = {
    {"ConfigMapGenerator", true, FIELDS_GENERATOR, config_map},
    {"SecretGenerator", true, FIELDS_GENERATOR, secret},
    {"IAMPolicyGenerator", true, FIELDS_IAM, plugin_iam},
    {"HelmChartInflationGenerator", true, FIELDS_HELM, plugin_helm},
    {"AnnotationsTransformer", false, FIELDS_ANNOTATIONS, annotations},
    {"HashTransformer", false, FIELDS_NOTHING, hash},
    {"ImageTagTransformer", false, FIELDS_IMAGE, image},
    {"LabelTransformer", false, FIELDS_LABELS, labels},
    {"NamespaceTransformer", false, FIELDS_NAMESPACE, namespace},
    {"PatchJson6902Transformer", false, FIELDS_JSON6902, json6902},
    {"PatchStrategicMergeTransformer", false, FIELDS_MERGES, merges},
    {"PatchTransformer", false, FIELDS_PATCH, patch},
    {"PrefixSuffixTransformer", false, FIELDS_AFFIXES, prefix_and_suffix},
    {"PrefixTransformer", false, FIELDS_AFFIXES, prefix},
    {"SuffixTransformer", false, FIELDS_AFFIXES, suffix},
    {"ReplacementTransformer", false, FIELDS_REPLACEMENTS, replacements},
    {"ReplicaCountTransformer", false, FIELDS_REPLICAS, replicas},
    {"ValueAddTransformer", false, FIELDS_VALUES, plugin_values},
};

const struct plugin *plugin_named(rk_str kind)
{
    for (size_t i = 0; i < RK_LEN(plugins); i++)
        if (rk_str_is(kind, plugins[i].kind))
            return &plugins[i];
    return NULL;
}
