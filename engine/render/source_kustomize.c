/*
 * source_kustomize.c: spec.source.kustomize as edits of the root's kustomization before the build,
 * with the meaning of the `kustomize edit` calls that Argo CD makes. In: the settings, the
 * kustomization. Out: its fields changed; each value marked with the place in the Application.
 *
 * A slip of the real tool is not kept: `edit add label --without-selector` refuses a second label
 * when the kustomization has no entry of that shape.
 */
#include "render/source_int.h"

struct doc_node *editing_text(const struct editing *e, rk_str text, uint32_t mark)
{
    struct doc_node *n = doc_string(e->b->a, text);

    n->mark = mark;
    return n;
}

/* ---- names and namespace ---- */

static void set_texts(const struct editing *e)
{
    static const struct { const char *key; enum kust_field field; } rows[] = {
        {"namePrefix", KUST_NAME_PREFIX}, {"nameSuffix", KUST_NAME_SUFFIX},
        {"namespace", KUST_NAMESPACE},
    };

    for (size_t i = 0; i < RK_LEN(rows); i++) {
        const struct doc_node *text = doc_get(e->settings, rows[i].key);

        if (doc_text(text).n)
            e->k->field[rows[i].field] = editing_text(e, doc_text(text), text->mark);
    }
}

/* ---- labels and annotations ---- */

/* The real tool takes double quotes around a value off. */
static rk_str unquoted(rk_str s)
{
    bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';

    return quoted ? (rk_str){s.p + 1, s.n - 2} : s;
}

struct pairs {
    const char *key;            /* commonLabels, commonAnnotations */
    const char *force_key;
    bool expand;
};

static int add_pair(const struct editing *e, struct doc_node *to, const struct pairs *how,
                    const struct doc_pair *p)
{
    const struct doc_node *old = doc_get_n(to, p->key);
    rk_str value = how->expand ? source_expand(e->b, p->value) : doc_source(p->value);

    if (old && !doc_get_bool(e->settings, how->force_key, false))
        return source_fail(e->b, p->value, RK_INVALID, e->err,
                           KUSTOMIZE "%s: %.*s is in %s already, in line %u: set " KUSTOMIZE
                           "%s: true, or take one of them out", how->key, RK_ARG_STR(p->key),
                           e->k->file, mark_line(e->b, old->mark), how->force_key);
    doc_set(e->b->a, to, p->key, editing_text(e, unquoted(value), p->value->mark));
    for (size_t i = 0; i < doc_count(to); i++)
        if (rk_str_eq(doc_pair_at(to, i)->key, p->key))
            doc_pair_at(to, i)->mark = p->mark;
    return 0;
}

static int add_pairs(const struct editing *e, struct doc_node *to, const struct pairs *how)
{
    const struct doc_node *pairs = doc_get(e->settings, how->key);

    for (size_t i = 0; i < doc_count(pairs); i++)
        if (add_pair(e, to, how, doc_pair_at(pairs, i)))
            return -1;
    return 0;
}

static struct doc_node *field_map(const struct editing *e, enum kust_field f)
{
    if (!e->k->field[f])
        e->k->field[f] = doc_map(e->b->a);
    return e->k->field[f];
}

/* The pairs of the first `labels` entry without selectors and with this word on templates. */
static struct doc_node *pairs_of_labels(const struct editing *e, bool templates)
{
    struct doc_node *list = e->k->field[KUST_LABELS], *entry = NULL;

    for (size_t i = 0; !entry && i < doc_count(list); i++)
        if (!doc_get_bool(doc_at(list, i), "includeSelectors", false) &&
            doc_get_bool(doc_at(list, i), "includeTemplates", false) == templates)
            entry = doc_at(list, i);
    if (!entry) {
        entry = doc_map(e->b->a);
        entry->mark = doc_get(e->settings, "commonLabels")->mark;
        if (templates)
            doc_set_c(e->b->a, entry, "includeTemplates", doc_bool(e->b->a, true));
        if (!list)
            list = e->k->field[KUST_LABELS] = doc_list(e->b->a);
        doc_push(e->b->a, list, entry);
    }
    if (!doc_get(entry, "pairs"))
        doc_set_c(e->b->a, entry, "pairs", doc_map(e->b->a));
    return doc_get(entry, "pairs");
}

static int set_labels(const struct editing *e)
{
    static const struct pairs how = {"commonLabels", "forceCommonLabels", true};
    bool bare = doc_get_bool(e->settings, "labelWithoutSelector", false);
    bool templates = doc_get_bool(e->settings, "labelIncludeTemplates", false);

    if (!doc_count(doc_get(e->settings, how.key)))
        return 0;
    if (templates && !bare)
        return source_fail(e->b, doc_get(e->settings, "labelIncludeTemplates"), RK_INVALID, e->err,
                           KUSTOMIZE "labelIncludeTemplates needs labelWithoutSelector: true");
    return add_pairs(e, bare ? pairs_of_labels(e, templates) : field_map(e, KUST_COMMON_LABELS),
                     &how);
}

static int set_annotations(const struct editing *e)
{
    const struct pairs how = {"commonAnnotations", "forceCommonAnnotations",
                              doc_get_bool(e->settings, "commonAnnotationsEnvsubst", false)};

    if (!doc_count(doc_get(e->settings, how.key)))
        return 0;
    return add_pairs(e, field_map(e, KUST_COMMON_ANNOTATIONS), &how);
}

/* ---- patches and components ---- */

static struct doc_node *field_list(const struct editing *e, enum kust_field f)
{
    if (!e->k->field[f])
        e->k->field[f] = doc_list(e->b->a);
    return e->k->field[f];
}

static void add_patches(const struct editing *e)
{
    const struct doc_node *patches = doc_get(e->settings, "patches");

    for (size_t i = 0; i < doc_count(patches); i++)
        doc_push(e->b->a, field_list(e, KUST_PATCHES), doc_copy(e->b->a, doc_at(patches, i)));
}

static void add_component(const struct editing *e, rk_str path, uint32_t mark)
{
    struct doc_node *list = field_list(e, KUST_COMPONENTS);

    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_eq(doc_text(doc_at(list, i)), path))
            return;
    doc_push(e->b->a, list, editing_text(e, path, mark));
}

/* `../components/x*`: the folders that fit; each is named from the kustomization's folder. */
static int add_components_like(const struct editing *e, const struct doc_node *node, bool *any)
{
    rk_str pattern = doc_text(node), fixed = pattern;
    const char *from, **found;
    size_t n;

    while (walk_is_glob(fixed) || (fixed.n && fixed.p[fixed.n - 1] != '/'))
        fixed.n--;
    from = load_join(e->b, e->k->dir, fixed);
    if (walk_glob(e->b, load_join(e->b, e->k->dir, pattern), RENDER_DIR, &found, &n, e->err))
        return rk_wrap(e->err, KUSTOMIZE "components");
    for (size_t i = 0; i < n; i++) {
        const char *rest = found[i] + strlen(from) + (from[0] != 0);

        add_component(e, rk_str_c(rk_arena_f(e->b->a, "%.*s%s", RK_ARG_STR(fixed), rest)),
                      node->mark);
    }
    *any = n > 0;
    return 0;
}

static int set_component(const struct editing *e, const struct doc_node *node)
{
    bool lenient = doc_get_bool(e->settings, "ignoreMissingComponents", false), any = false;
    struct render_remote remote;
    const char *path, *real;
    enum load_what what;

    if (remote_read(e->b, doc_text(node), &remote)) {
        add_component(e, doc_text(node), node->mark);
        return 0;
    }
    if (walk_is_glob(doc_text(node)) && add_components_like(e, node, &any))
        return -1;
    if (any)
        return 0;
    if (load_look(e->b, e->k, doc_text(node), &path, &real, &what, e->err))
        return rk_wrap(e->err, KUSTOMIZE "components");
    if (what != LOAD_ABSENT || !lenient)
        add_component(e, doc_text(node), node->mark);
    return 0;
}

static int set_components(const struct editing *e)
{
    const struct doc_node *components = doc_get(e->settings, "components");

    for (size_t i = 0; i < doc_count(components); i++) {
        const struct doc_node *one = doc_at(components, i);

        if (set_component(e, one))
            return -1;
    }
    return 0;
}

int source_kustomize(struct build *b, struct kust *k, const struct doc_node *settings,
                     struct rk_err *err)
{
    const struct editing e = {.b = b, .k = k, .settings = settings, .err = err};

    if (!doc_count(settings))
        return 0;
    set_texts(&e);
    if (editing_images(&e) || editing_replicas(&e) || set_labels(&e) || set_annotations(&e))
        return -1;
    add_patches(&e);
    return set_components(&e);
}
