/*
 * defaults.c: completes a desired document with what the API server would add, so that a local
 * compare shows no false drift (reference/kubernetes.md section 3.1). In: a document (changed in
 * place, so a copy). Out: the same with defaults; a field that is null counts as absent. Not
 * added: what is allocated (addresses, ports, names) or set by controllers: kube_ignored_live
 * names those.
 */
#include "kube/kube_int.h"

static bool all_digits(const char *s)
{
    return *s && strspn(s, "0123456789") == strlen(s);
}

static struct doc_node *value_of(struct rk_arena *a, const char *text)
{
    if (rk_streq(text, "{}"))
        return doc_map(a);
    if (rk_streq(text, "true") || rk_streq(text, "false"))
        return doc_bool(a, rk_streq(text, "true"));
    if (text[0] == '"')
        return doc_string(a, (rk_str){text + 1, strlen(text) - 2});
    return all_digits(text) ? doc_number(a, rk_str_c(text)) : doc_string_c(a, text);
}

struct doc_node *kube_default_to(struct rk_arena *a, struct doc_node *map, const char *field,
                                 const char *value)
{
    struct doc_node *have = doc_get(map, field);
    if (!doc_is_null(have))
        return have;
    have = value_of(a, value);
    doc_set_c(a, map, field, have);
    return have;
}

/* The table's paths are short: this recurses once a list at most. */
static void apply_row(struct rk_arena *a, struct doc_node *start, const char *at,
                      const struct kube_default *row)
{
    struct doc_node *node = start;
    while (*at) {
        const size_t n = strcspn(at, ".[");
        node = doc_get_n(node, (rk_str){at, n});
        at += n;
        if (*at == '[') {
            at += strspn(at, "[].");
            for (size_t i = 0; doc_type(node) == DOC_LIST && i < doc_count(node); i++)
                apply_row(a, doc_at(node, i), at, row);
            return;
        }
        at += *at == '.';
    }
    if (doc_type(node) == DOC_MAP && (!row->when || row->when(node)))
        kube_default_to(a, node, row->field, row->value);
}

static void apply_rows(struct rk_arena *a, struct doc_node *start, struct kube_default_set rows)
{
    for (size_t i = 0; i < rows.n; i++)
        apply_row(a, start, rows.rows[i].at, &rows.rows[i]);
}

/* ---- pods ---- */

/* Always for no tag or :latest, else IfNotPresent; a digest is no tag but fixes the image. */
static const char *pull_policy(rk_str image)
{
    size_t name = 0;
    for (size_t i = 0; i < image.n; i++) {
        if (image.p[i] == '@')
            return "IfNotPresent";
        if (image.p[i] == '/')
            name = i + 1;
    }
    rk_str tag;
    rk_str_cut((rk_str){image.p + name, image.n - name}, ':', &tag);
    return tag.n == 0 || rk_str_is(tag, "latest") ? "Always" : "IfNotPresent";
}

static void container_defaults(struct rk_arena *a, const struct doc_node *list)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        struct doc_node *c = doc_at(list, i);
        const rk_str image = doc_get_text(c, "image");
        if (doc_type(c) == DOC_MAP && image.n > 0)
            kube_default_to(a, c, "imagePullPolicy", pull_policy(image));
    }
}

/* A volume with a name only is an emptyDir; an image volume is pulled like a container's image. */
static void volume_defaults(struct rk_arena *a, const struct doc_node *volumes)
{
    for (size_t i = 0; doc_type(volumes) == DOC_LIST && i < doc_count(volumes); i++) {
        struct doc_node *v = doc_at(volumes, i);
        if (doc_type(v) == DOC_MAP && doc_count(v) == 1 && doc_get(v, "name"))
            doc_set_c(a, v, "emptyDir", doc_map(a));
        struct doc_node *image = doc_get(v, "image");
        if (doc_type(image) == DOC_MAP)
            kube_default_to(a, image, "pullPolicy", pull_policy(doc_get_text(image, "reference")));
    }
}

static void pod_defaults(struct rk_arena *a, struct doc_node *spec)
{
    static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
    if (doc_type(spec) != DOC_MAP)
        return;
    volume_defaults(a, doc_get(spec, "volumes"));
    apply_rows(a, spec, kube_defaults_pod);
    for (size_t i = 0; i < RK_LEN(lists); i++)
        container_defaults(a, doc_get(spec, lists[i]));
    const rk_str account = doc_get_text(spec, "serviceAccountName");
    const rk_str mirror = doc_get_text(spec, "serviceAccount");
    if (account.n > 0)
        doc_set_c(a, spec, "serviceAccount", doc_string(a, account));
    else if (mirror.n > 0)
        doc_set_c(a, spec, "serviceAccountName", doc_string(a, mirror));
}

/* The start of a dotted path whose parts may be missing; never made. */
static struct doc_node *find_path(struct doc_node *doc, const char *dotted)
{
    return dotted[0] ? doc_walk(doc, dotted) : doc;
}

void kube_defaults(struct rk_arena *a, struct doc_node *doc)
{
    rk_str group, version;
    kube_split_api_version(doc_get_text(doc, "apiVersion"), &group, &version);
    const rk_str kind = doc_get_text(doc, "kind");
    for (size_t i = 0; i < kube_defaults_kinds_n; i++) {
        const struct kube_default_kind *k = &kube_defaults_kinds[i];
        if (!rk_str_is(kind, k->kind) || !rk_str_is(group, k->group))
            continue;
        if (k->pod_spec)
            pod_defaults(a, find_path(doc, k->pod_spec));
        apply_rows(a, doc, k->rows);
        if (k->more)
            k->more(a, doc);
        return;
    }
}
