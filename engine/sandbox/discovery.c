/*
 * discovery.c: what is served: aggregated (APIGroupDiscoveryList v2) and legacy forms of /api and
 * /apis. In: the table of types. Out: documents with an ETag. Shapes: reference/kubernetes.md
 * section 2.2.
 */
#include "base/hash.h"
#include "sandbox/sandbox_int.h"

#define AGGREGATED "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

static const char *const verbs[] = {"create", "delete", "deletecollection", "get",
                                    "list", "patch", "update", "watch"};
static const char *const sub_verbs[] = {"get", "patch", "update"};
static const char *const create_only[] = {"create"};

static struct doc_node *words(struct rk_arena *a, const char *const *list, size_t n)
{
    struct doc_node *l = doc_list(a);
    for (size_t i = 0; i < n; i++)
        doc_push(a, l, doc_string_c(a, list[i]));
    return l;
}

static void set_words(struct rk_arena *a, struct doc_node *map, const char *key, const char *text)
{
    struct doc_node *l = doc_list(a);
    rk_str rest = rk_str_c(text);
    while (rest.n)
        doc_push(a, l, doc_string(a, rk_str_cut(rest, ' ', &rest)));
    if (doc_count(l))
        doc_set_c(a, map, key, l);
}

/* ---- subresources and virtual resources, as rows ---- */

struct sub {
    const char *name, *group, *version, *kind, *const *verbs;
    size_t n_verbs;
};

static size_t subs_of(const struct sb_type *t, struct sub out[4])
{
    size_t n = 0;
    const bool core = !t->group[0];
    if (t->flags & SB_STATUS)
        out[n++] = (struct sub){"status", t->group, t->version, t->kind, sub_verbs, 3};
    if (t->flags & SB_SCALE)
        out[n++] = (struct sub){"scale", "autoscaling", "v1", "Scale", sub_verbs, 3};
    if (core && rk_streq(t->kind, "Pod")) {
        out[n++] = (struct sub){"log", "", "v1", "Pod", sub_verbs, 1};
        out[n++] = (struct sub){"eviction", "policy", "v1", "Eviction", create_only, 1};
    }
    if (core && rk_streq(t->kind, "Service"))
        out[n++] = (struct sub){"proxy", "", "v1", "ServiceProxyOptions", sub_verbs, 1};
    return n;
}

static const struct {
    const char *group, *plural, *kind;
} reviews[] = {
    {"authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"},
    {"authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"},
    {"authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"},
    {"authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"},
};

/* ---- groups in order of appearance ---- */

struct gv {
    const char *group, *version;
};

static void add_gv(struct gv *list, size_t *n, const char *group, const char *version)
{
    for (size_t i = 0; i < *n; i++)
        if (rk_streq(list[i].group, group) && rk_streq(list[i].version, version))
            return;
    list[(*n)++] = (struct gv){group, version};
}

static struct gv *all_gv(struct rk_arena *a, const struct sandbox *sb, size_t *n)
{
    struct gv *list = rk_arena_array(a, sb->n_types + RK_LEN(reviews), sizeof(*list));
    *n = 0;
    for (size_t i = 0; i < sb->n_types; i++)
        add_gv(list, n, sb->types[i]->group, sb->types[i]->version);
    for (size_t i = 0; i < RK_LEN(reviews); i++)
        add_gv(list, n, reviews[i].group, "v1");
    return list;
}

static bool first_of_group(const struct gv *list, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (rk_streq(list[j].group, list[i].group))
            return false;
    return true;
}

/* ---- aggregated ---- */

static struct doc_node *kind_doc(struct rk_arena *a, const char *group, const char *version,
                                 const char *kind)
{
    struct doc_node *k = doc_map(a);
    sb_set_str(a, k, "group", group);
    sb_set_str(a, k, "version", version);
    sb_set_str(a, k, "kind", kind);
    return k;
}

static struct doc_node *aggregated_type(struct rk_arena *a, const struct sb_type *t)
{
    struct sub subs[4];
    const size_t n = subs_of(t, subs);
    struct doc_node *d = doc_map(a), *list = doc_list(a);
    sb_set_str(a, d, "resource", t->plural);
    doc_set_c(a, d, "responseKind", kind_doc(a, t->group, t->version, t->kind));
    sb_set_str(a, d, "scope", t->namespaced ? "Namespaced" : "Cluster");
    sb_set_str(a, d, "singularResource", t->singular);
    doc_set_c(a, d, "verbs", words(a, verbs, RK_LEN(verbs)));
    set_words(a, d, "shortNames", t->short_names);
    set_words(a, d, "categories", t->categories);
    for (size_t i = 0; i < n; i++) {
        struct doc_node *s = doc_map(a);
        sb_set_str(a, s, "subresource", subs[i].name);
        doc_set_c(a, s, "responseKind", kind_doc(a, subs[i].group, subs[i].version, subs[i].kind));
        doc_set_c(a, s, "verbs", words(a, subs[i].verbs, subs[i].n_verbs));
        doc_push(a, list, s);
    }
    if (n)
        doc_set_c(a, d, "subresources", list);
    return d;
}

static struct doc_node *aggregated_review(struct rk_arena *a, size_t i)
{
    struct doc_node *d = doc_map(a);
    sb_set_str(a, d, "resource", reviews[i].plural);
    doc_set_c(a, d, "responseKind", kind_doc(a, reviews[i].group, "v1", reviews[i].kind));
    sb_set_str(a, d, "scope", "Cluster");
    sb_set_str(a, d, "singularResource", reviews[i].plural);
    doc_set_c(a, d, "verbs", words(a, create_only, 1));
    return d;
}

static struct doc_node *aggregated_version(struct rk_arena *a, const struct sandbox *sb,
                                           const struct gv *gv)
{
    struct doc_node *v = doc_map(a), *list = doc_list(a);
    sb_set_str(a, v, "version", gv->version);
    sb_set_str(a, v, "freshness", "Current");
    for (size_t i = 0; i < sb->n_types; i++) {
        const struct sb_type *t = sb->types[i];
        if (rk_streq(t->group, gv->group) && rk_streq(t->version, gv->version))
            doc_push(a, list, aggregated_type(a, t));
    }
    for (size_t i = 0; i < RK_LEN(reviews); i++)
        if (rk_streq(reviews[i].group, gv->group))
            doc_push(a, list, aggregated_review(a, i));
    doc_set_c(a, v, "resources", list);
    return v;
}

static struct doc_node *aggregated(struct sb_request *r, bool core)
{
    struct rk_arena *a = r->arena;
    size_t n;
    const struct gv *gv = all_gv(a, r->sb, &n);
    struct doc_node *d = doc_map(a), *items = doc_list(a);
    sb_set_str(a, d, "kind", "APIGroupDiscoveryList");
    sb_set_str(a, d, "apiVersion", "apidiscovery.k8s.io/v2");
    doc_set_c(a, d, "metadata", doc_map(a));
    for (size_t i = 0; i < n; i++) {
        if ((gv[i].group[0] == 0) != core || !first_of_group(gv, i))
            continue;
        struct doc_node *item = doc_map(a), *versions = doc_list(a), *meta = doc_map(a);
        if (!core)
            sb_set_str(a, meta, "name", gv[i].group);
        doc_set_c(a, item, "metadata", meta);
        for (size_t j = i; j < n; j++)
            if (rk_streq(gv[j].group, gv[i].group))
                doc_push(a, versions, aggregated_version(a, r->sb, &gv[j]));
        doc_set_c(a, item, "versions", versions);
        doc_push(a, items, item);
    }
    doc_set_c(a, d, "items", items);
    return d;
}

/* ---- legacy ---- */

static struct doc_node *version_doc(struct rk_arena *a, const struct gv *gv)
{
    struct doc_node *v = doc_map(a);
    doc_set_c(a, v, "groupVersion", doc_string_f(a, "%s/%s", gv->group, gv->version));
    sb_set_str(a, v, "version", gv->version);
    return v;
}

static struct doc_node *group_doc(struct rk_arena *a, const struct gv *gv, size_t n, size_t at)
{
    struct doc_node *g = doc_map(a), *list = doc_list(a);
    sb_set_str(a, g, "name", gv[at].group);
    for (size_t j = at; j < n; j++)
        if (rk_streq(gv[j].group, gv[at].group))
            doc_push(a, list, version_doc(a, &gv[j]));
    doc_set_c(a, g, "versions", list);
    doc_set_c(a, g, "preferredVersion", version_doc(a, &gv[at]));
    return g;
}

static struct doc_node *group_list(struct sb_request *r)
{
    struct rk_arena *a = r->arena;
    size_t n;
    const struct gv *gv = all_gv(a, r->sb, &n);
    struct doc_node *d = doc_map(a), *list = doc_list(a);
    sb_set_str(a, d, "kind", "APIGroupList");
    sb_set_str(a, d, "apiVersion", "v1");
    for (size_t i = 0; i < n; i++)
        if (gv[i].group[0] && first_of_group(gv, i))
            doc_push(a, list, group_doc(a, gv, n, i));
    doc_set_c(a, d, "groups", list);
    return d;
}

static struct doc_node *legacy_row(struct rk_arena *a, const char *name, const char *singular,
                                   bool namespaced, const char *kind, struct doc_node *v)
{
    struct doc_node *d = doc_map(a);
    sb_set_str(a, d, "name", name);
    sb_set_str(a, d, "singularName", singular);
    doc_set_c(a, d, "namespaced", doc_bool(a, namespaced));
    sb_set_str(a, d, "kind", kind);
    doc_set_c(a, d, "verbs", v);
    return d;
}

static void legacy_type(struct rk_arena *a, struct doc_node *list, const struct sb_type *t)
{
    struct sub subs[4];
    const size_t n = subs_of(t, subs);
    struct doc_node *d = legacy_row(a, t->plural, t->singular, t->namespaced, t->kind,
                                    words(a, verbs, RK_LEN(verbs)));
    set_words(a, d, "shortNames", t->short_names);
    set_words(a, d, "categories", t->categories);
    doc_push(a, list, d);
    for (size_t i = 0; i < n; i++) {
        d = legacy_row(a, rk_arena_f(a, "%s/%s", t->plural, subs[i].name), "", t->namespaced,
                       subs[i].kind, words(a, subs[i].verbs, subs[i].n_verbs));
        sb_set_str(a, d, "group", subs[i].group);
        sb_set_str(a, d, "version", subs[i].version);
        doc_push(a, list, d);
    }
}

static struct doc_node *resource_list(struct sb_request *r, rk_str group, rk_str version)
{
    struct rk_arena *a = r->arena;
    struct doc_node *d = doc_map(a), *list = doc_list(a);
    for (size_t i = 0; i < r->sb->n_types; i++) {
        const struct sb_type *t = r->sb->types[i];
        if (rk_str_is(group, t->group) && rk_str_is(version, t->version))
            legacy_type(a, list, t);
    }
    for (size_t i = 0; i < RK_LEN(reviews); i++)
        if (rk_str_is(group, reviews[i].group) && rk_str_is(version, "v1"))
            doc_push(a, list, legacy_row(a, reviews[i].plural, "", false, reviews[i].kind,
                                         words(a, create_only, 1)));
    if (!doc_count(list))
        return NULL;
    sb_set_str(a, d, "kind", "APIResourceList");
    sb_set_str(a, d, "apiVersion", "v1");
    doc_set_c(a, d, "groupVersion",
              group.n ? doc_string_f(a, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(group),
                                     RK_ARG_STR(version))
                      : doc_string(a, version));
    doc_set_c(a, d, "resources", list);
    return d;
}

static struct doc_node *core_versions(struct sb_request *r)
{
    static const char *const v1[] = {"v1"};
    struct doc_node *d = doc_map(r->arena);
    sb_set_str(r->arena, d, "kind", "APIVersions");
    doc_set_c(r->arena, d, "versions", words(r->arena, v1, 1));
    return d;
}

static struct doc_node *one_group(struct sb_request *r, rk_str name)
{
    size_t n;
    const struct gv *gv = all_gv(r->arena, r->sb, &n);
    for (size_t i = 0; i < n; i++) {
        if (!rk_str_is(name, gv[i].group) || !name.n)
            continue;
        struct doc_node *d = group_doc(r->arena, gv, n, i);
        sb_set_str(r->arena, d, "kind", "APIGroup");
        sb_set_str(r->arena, d, "apiVersion", "v1");
        return d;
    }
    return NULL;
}

static void reply(struct sb_request *r, const char *type, const struct doc_node *doc)
{
    rk_auto(rk_buf_release) struct rk_buf body = RK_BUF_INIT;
    char hash[65];
    doc_json_write(&body, doc);
    rk_sha256_hex(rk_buf_view(&body), hash);
    const char *tag = rk_arena_f(r->arena, "ETag: \"%s\"", hash);
    const char *const headers[] = {tag, "Vary: Accept", NULL};
    const rk_str seen = net_header(r->x, "If-None-Match");
    const bool same = seen.n == 66 && rk_str_eq((rk_str){seen.p + 1, 64}, rk_str_c(hash));
    net_reply(r->x, same ? 304 : 200, type, same ? RK_STR("") : rk_buf_view(&body), headers);
}

void sb_discover(struct sb_request *r, rk_str path)
{
    const rk_str accept = net_header(r->x, "Accept");
    const bool asks = sb_holds(accept, "as=APIGroupDiscoveryList");
    struct doc_node *d = NULL;
    rk_str rest;
    if (path.n && path.p[path.n - 1] == '/')
        path.n--;
    if (rk_str_is(path, "/api"))
        d = asks ? aggregated(r, true) : core_versions(r);
    else if (rk_str_is(path, "/apis"))
        d = asks ? aggregated(r, false) : group_list(r);
    if (d) {
        reply(r, asks ? AGGREGATED : "application/json", d);
        return;
    }
    if (rk_str_starts(path, "/api/")) {
        d = resource_list(r, RK_STR(""), (rk_str){path.p + 5, path.n - 5});
    } else if (rk_str_starts(path, "/apis/")) {
        const rk_str group = rk_str_cut((rk_str){path.p + 6, path.n - 6}, '/', &rest);
        d = rest.n ? resource_list(r, group, rest) : one_group(r, group);
    }
    if (d) {
        reply(r, "application/json", d);
        return;
    }
    sb_fail(&r->failure, 404, "NotFound", "the server could not find the requested resource");
    sb_reply_failure(r);
}
