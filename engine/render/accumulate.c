/*
 * accumulate.c: one folder's kustomization, run. In: its fields and an accumulator. Out: the
 * accumulator with the objects of its resources and generators, changed by its components and
 * steps. The order is the real tool's: resources, configurations, generators, components, then
 * the table below. A base is run with an accumulator of its own, a component with its parent's.
 */
#include "render/render_int.h"

#define DEPTH_MAX 100

static const struct {
    enum kust_field field;
    step_fn run;
} generators[] = {
    {KUST_CONFIG_MAP_GENERATOR, generator_config_maps},
    {KUST_SECRET_GENERATOR, generator_secrets},
    {KUST_HELM_CHARTS, helm_charts},
    {KUST_HELM_INFLATION, helm_inflations},
    {KUST_GENERATORS, plugins_generate},
};

static const struct {
    enum kust_field field;
    step_fn run;
    const char *kind;           /* of the plugin that the real tool makes of it */
    bool each;                  /* one plugin for each entry */
} steps[] = {
    {KUST_PATCHES_STRATEGIC_MERGE, patch_strategic_merges, "PatchStrategicMergeTransformer", false},
    {KUST_PATCHES, patch_all, "PatchTransformer", true},
    {KUST_NAMESPACE, namespace_set, "NamespaceTransformer", false},
    {KUST_NAME_PREFIX, prefix_add, "PrefixTransformer", false},
    {KUST_NAME_SUFFIX, suffix_add, "SuffixTransformer", false},
    {KUST_LABELS, labels_add, "LabelTransformer", true},
    {KUST_COMMON_LABELS, labels_common, "LabelTransformer", false},
    {KUST_COMMON_ANNOTATIONS, annotations_common, "AnnotationsTransformer", false},
    {KUST_PATCHES_JSON6902, json6902_all, "PatchJson6902Transformer", true},
    {KUST_REPLICAS, replicas_set, "ReplicaCountTransformer", true},
    {KUST_IMAGES, images_set, "ImageTagTransformer", true},
    {KUST_IMAGE_TAGS, images_set, "ImageTagTransformer", true},
    {KUST_REPLACEMENTS, replacements_run, "ReplacementTransformer", false},
    {KUST_TRANSFORMERS, plugins_transform, NULL, false},
    {KUST_VALIDATORS, plugins_validate, NULL, false},
};

int acc_append(struct build *b, struct acc *acc, struct res *r, struct rk_err *err)
{
    if (ids_count_current(acc, r))
        return rk_fail(err, RK_INVALID, "%s is there twice", ids_text(b, r));
    acc->items = rk_arena_grow(b->a, acc->items, acc->n, &acc->cap, sizeof(struct res *));
    acc->items[acc->n++] = r;
    ids_index(b, acc, r);
    return 0;
}

void acc_drop_gone(struct acc *acc)
{
    size_t n = 0;

    for (size_t i = 0; i < acc->n; i++)
        if (!acc->items[i]->gone)
            acc->items[n++] = acc->items[i];
    acc->n = n;
}

/* As the real tool reads files: its own notes take the place of blank ones. */
static void drop_blank_annotations(const struct res_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct doc_node *meta = doc_get(list->v[i]->doc, "metadata");

        if (doc_is_null(doc_get(meta, "annotations")))
            doc_del(meta, RK_STR("annotations"));
    }
}

static void note_origin(struct build *b, const struct kust *k, rk_str rel,
                        const struct res_list *list)
{
    const char *origin = origin_of_file(b, k, rel), *shown = load_join(b, k->shown, rel);

    for (size_t i = 0; i < list->n; i++) {
        list->v[i]->origin = origin;
        list->v[i]->shown = shown;
    }
}

static int add_file(struct build *b, const struct kust *k, struct acc *acc, const char *path,
                    rk_str rel, struct asked by, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = path, .marks = b->marks};
    struct res_list list = {0};
    rk_str text;

    if (load_read(b, path, &text, err) || res_parse(b, text, &how, &list, err))
        return -1;
    drop_blank_annotations(&list);
    if (origin_wanted(b))
        note_origin(b, k, rel, &list);
    for (size_t i = 0; i < list.n; i++)
        if (acc_append(b, acc, list.v[i], err))
            return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                              "%s: %s: %s is in the build twice; list it once, or give one of "
                              "them another name", by.field, path, ids_text(b, list.v[i]));
    return 0;
}

/* A folder may not be, or hold, one that is being loaded: it would load itself. */
static int check_cycle(const struct kust *k, const char *dir, struct asked by, struct rk_err *err)
{
    size_t depth = 0;

    for (const struct kust *at = k; at; at = at->parent)
        if (++depth > DEPTH_MAX)
            return rk_fail_at(err, RK_LIMIT, by.file, by.line, 0,
                              "%s: bases are more than %d deep (limit: bases)", by.field,
                              DEPTH_MAX);
        else if (load_below(at->dir, dir))
            return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                              "%s: a cycle: %s is, or contains, %s, which is being built",
                              by.field, dir[0] ? dir : ".", at->dir[0] ? at->dir : ".");
    return 0;
}

static int merge_acc(struct build *b, struct acc *acc, const struct acc *sub, struct asked by,
                     struct rk_err *err)
{
    for (size_t i = 0; i < sub->n; i++)
        if (acc_append(b, acc, sub->items[i], err))
            return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                              "%s: %s is in the build already; give one of them another name, "
                              "namespace or namePrefix", by.field, ids_text(b, sub->items[i]));
    return config_merge(b, acc->config, sub->config, &acc->config, err) ||
           vars_merge(b, acc, sub, err) ? -1 : 0;
}

/* from: the remote repository that dir is in, when the entry names one; else NULL. */
static int add_folder(struct build *b, const struct kust *k, struct acc *acc, const char *dir,
                      rk_str rel, const struct render_remote *from, struct asked by,
                      struct rk_err *err)
{
    bool component = rk_streq(by.field, "components");
    struct acc own = {0};
    struct kust *sub;

    if (check_cycle(k, dir, by, err) || kust_load(b, dir, k, &sub, err))
        return -1;
    if (!sub)
        return rk_fail_at(err, RK_NOT_FOUND, by.file, by.line, 0,
                          "%s: %s has no kustomization.yaml", by.field, dir[0] ? dir : ".");
    if (component != sub->component)
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          component ? "%s: %s is not a Component: list it under resources"
                                    : "%s: %s is a Component: list it under components",
                          by.field, sub->file);
    sub->shown = load_join(b, from ? "" : k->shown, rel);
    sub->repo = from ? from->repo : k->repo;
    sub->ref = from ? from->ref : k->ref;
    if (openapi_read(b, sub, err))
        return -1;
    if (component)
        return accumulate(b, sub, acc, err) || ids_check_unique(b, acc, err) ? -1 : 0;
    return accumulate(b, sub, &own, err) || merge_acc(b, acc, &own, by, err) ? -1 : 0;
}

/* The real tool's name for the root of a repository slips into origins. */
static int add_remote(struct build *b, const struct kust *k, struct acc *acc,
                      const struct render_remote *r, struct asked by, struct rk_err *err)
{
    const char *dir, *real;
    enum render_kind kind;

    if (remote_mount(b, r, by, &dir, err))
        return -1;
    rk_err_clear(err);
    kind = load_stat(b, dir, &real, err);
    if (kind != RENDER_DIR)
        return err && err->code == RK_DENIED ? -1 :
               rk_fail_at(err, RK_NOT_FOUND, by.file, by.line, 0,
                          "%s: %s has no folder %s at %s", by.field,
                          remote_shown(b, r->repo), r->path,
                          r->ref[0] ? r->ref : "its HEAD");
    return add_folder(b, k, acc, real, rk_str_c(r->path[0] ? r->path : "notCloned"), r, by, err);
}

int acc_add_path(struct build *b, const struct kust *k, struct acc *acc,
                 const struct doc_node *entry, enum kust_field field, struct rk_err *err)
{
    struct asked by = load_asked(b, k, entry, fields_name(field));
    rk_str rel = doc_text(entry);
    struct render_remote remote;
    const char *path, *real;
    enum load_what what;

    if (load_look(b, k, rel, &path, &real, &what, err))
        return rk_wrap(err, "%s:%u: %s", by.file, by.line, by.field);
    if (what != LOAD_FILE && b->files->remote && remote_read(b, rel, &remote))
        return add_remote(b, k, acc, &remote, by, err);
    if (what == LOAD_DIR && rel.n && rel.p[0] == '/')
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          "%s: %.*s: write the folder's path from here, not from /", by.field,
                          RK_ARG_STR(rel));
    if (what == LOAD_DIR)
        return add_folder(b, k, acc, real, rel, NULL, by, err);
    if (what == LOAD_ABSENT)
        return load_missing(b, k, rel, by, err);
    if (field == KUST_COMPONENTS)
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          "%s: %.*s is a file; a component is a folder", by.field,
                          RK_ARG_STR(rel));
    if (load_allowed(b, k, rel, real, by, err))
        return -1;
    return add_file(b, k, acc, real, rel, by, err);
}

static int add_entries(struct build *b, const struct kust *k, struct acc *acc,
                       enum kust_field field, struct rk_err *err)
{
    for (size_t i = 0; i < doc_count(k->field[field]); i++)
        if (acc_add_path(b, k, acc, doc_at(k->field[field], i), field, err))
            return -1;
    return 0;
}

/* A kustomization with labels or commonLabels has a plugin for the latter in any case. */
static void note_steps(struct build *b, const struct kust *k, struct acc *acc, size_t i)
{
    const struct doc_node *value = k->field[steps[i].field];
    size_t n = steps[i].each ? doc_count(value) : 1;
    const char *text;

    if (!origin_wanted(b) || !steps[i].kind)
        return;
    n += steps[i].field == KUST_LABELS && !k->field[KUST_COMMON_LABELS];
    text = origin_of_builtin(b, k, steps[i].kind);
    while (n--)
        origin_note_step(b, acc, text);
}

static int run_steps(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
{
    for (size_t i = 0; i < RK_LEN(steps); i++) {
        const struct doc_node *value = k->field[steps[i].field];

        if (!value)
            continue;
        if (build_cancelled(b, err) || steps[i].run(b, k, acc, value, err))
            return -1;
        acc_drop_gone(acc);
        note_steps(b, k, acc, i);
    }
    return 0;
}

static int add_config(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
{
    const struct config *config;

    if (render_config_read(b, k, &config, err) ||
        config_merge(b, acc->config, config, &acc->config, err))
        return -1;
    if (!k->field[KUST_CRDS])
        return 0;
    return crds_read(b, k, &config, err) ||
           config_merge(b, acc->config, config, &acc->config, err) ? -1 : 0;
}

int accumulate(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
{
    if (add_entries(b, k, acc, KUST_RESOURCES, err) || add_entries(b, k, acc, KUST_BASES, err))
        return -1;
    if (add_config(b, k, acc, err))
        return -1;
    for (size_t i = 0; i < RK_LEN(generators); i++)
        if (k->field[generators[i].field] &&
            generators[i].run(b, k, acc, k->field[generators[i].field], err))
            return -1;
    if (add_entries(b, k, acc, KUST_COMPONENTS, err))
        return -1;
    return run_steps(b, k, acc, err) || vars_collect(b, k, acc, err) ? -1 : 0;
}
