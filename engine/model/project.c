/*
 * project.c: an Argo CD AppProject: what its applications may use. In: a manifest; then an
 * application or an object's key. Out: 0, or DENIED naming the rule. The meaning of patterns, of
 * "!" and of absent and empty lists is Argo CD's (reference/argocd.md section 1.7). Windows, roles
 * and orphans are not decided here; until they are implemented they are lints.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/model_int.h"

#define LOCAL_SERVER "https://kubernetes.default.svc"
#define LOCAL_NAME "in-cluster"

static const struct field destination_fields[] = {
    {"server", FIELD_TEXT, NULL, NULL, false},
    {"name", FIELD_TEXT, NULL, NULL, false},
    {"namespace", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field cluster_kind_fields[] = {
    {"group", FIELD_TEXT, NULL, NULL, false},
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {"name", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field kind_fields[] = {
    {"group", FIELD_TEXT, NULL, NULL, false},
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {0},
};
static const struct field spec_fields[] = {
    {"description", FIELD_TEXT, NULL, NULL, false},
    {"sourceRepos", FIELD_TEXTS, NULL, NULL, false},
    {"destinations", FIELD_LIST, destination_fields, NULL, false},
    {"clusterResourceWhitelist", FIELD_LIST, cluster_kind_fields, NULL, false},
    {"clusterResourceBlacklist", FIELD_LIST, cluster_kind_fields, NULL, false},
    {"namespaceResourceWhitelist", FIELD_LIST, kind_fields, NULL, false},
    {"namespaceResourceBlacklist", FIELD_LIST, kind_fields, NULL, false},
    {"roles", FIELD_LIST, NULL, "its rights are not given to anybody", false},
    {"syncWindows", FIELD_LIST, NULL, "these windows do not hold anything back", false},
    {"orphanedResources", FIELD_MAP, NULL, "orphans are not listed", false},
    {"sourceNamespaces", FIELD_TEXTS, NULL, "Applications come from git alone", false},
    {"permitOnlyProjectScopedClusters", FIELD_BOOL, NULL, "clusters belong to no project", false},
    {"destinationServiceAccounts", FIELD_LIST, NULL, "the kubeconfig's identity is used", false},
    {"signatureKeys", FIELD_LIST, NULL, "commits are not verified", false},
    {"sourceIntegrity", FIELD_MAP, NULL, "commits are not verified", false},
    {0},
};
static const struct field project_fields[] = {
    {"apiVersion", FIELD_TEXT, NULL, NULL, false},
    {"kind", FIELD_TEXT, NULL, NULL, false},
    {"metadata", FIELD_MAP, NULL, NULL, false},
    {"spec", FIELD_MAP, spec_fields, NULL, false},
    {"status", FIELD_ANY, NULL, NULL, false},
    {0},
};

/* ---- reading ---- */
static void read_destinations(const struct reader *r, const struct doc_node *list,
                              struct model_project *p)
{
    size_t n = doc_type(list) == DOC_LIST ? doc_count(list) : 0;

    p->destinations = rk_arena_array(r->arena, n ? n : 1, sizeof(*p->destinations));
    p->n_destinations = n;
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *item = doc_at(list, i);

        p->destinations[i] = (struct destination){
            .server = reader_text(r, item, "server"),
            .name = reader_text(r, item, "name"),
            .namespace = reader_text(r, item, "namespace"),
        };
    }
}

static void read_kinds(const struct reader *r, const struct doc_node *list, struct kind_rules *out)
{
    out->present = doc_type(list) == DOC_LIST;
    out->n = out->present ? doc_count(list) : 0;
    out->v = rk_arena_array(r->arena, out->n ? out->n : 1, sizeof(*out->v));
    for (size_t i = 0; i < out->n; i++) {
        const struct doc_node *item = doc_at(list, i);

        out->v[i] = (struct kind_rule){
            .group = reader_text(r, item, "group"),
            .kind = reader_text(r, item, "kind"),
            .name = reader_text(r, item, "name"),
        };
    }
}

static void check_fields(const struct reader *r, const struct doc_node *doc,
                         struct model_project *p, struct model_lints *lints)
{
    struct findings found = {0};

    fields_check(r, project_fields, doc, "", &found);
    for (size_t i = 0; i < found.n; i++) {
        const struct finding *f = &found.v[i];

        model_lint_add(r->arena, lints, r->file, f->line, "AppProject %s: %s", p->name, f->text);
        if ((f->kind == FINDING_TYPE || f->kind == FINDING_REFUSED) && !p->error)
            p->error = rk_arena_f(r->arena, "%s:%u: %s", r->file, f->line, f->text);
    }
}

const struct model_project *project_read(const struct reader *r, const struct doc_node *doc,
                                         struct model_lints *lints)
{
    struct model_project *p = rk_arena_alloc(r->arena, sizeof(*p));
    const struct doc_node *spec = doc_get(doc, "spec");

    p->name = reader_text(r, doc_get(doc, "metadata"), "name");
    p->file = r->file;
    p->line = reader_line(r, doc);
    if (!*p->name) {
        model_lint_add(r->arena, lints, r->file, p->line,
                 "an AppProject without metadata.name is ignored");
        return NULL;
    }
    check_fields(r, doc, p, lints);
    p->repos = reader_texts(r, doc_get(spec, "sourceRepos"), &p->n_repos);
    read_destinations(r, doc_get(spec, "destinations"), p);
    read_kinds(r, doc_get(spec, "clusterResourceWhitelist"), &p->cluster_allow);
    read_kinds(r, doc_get(spec, "clusterResourceBlacklist"), &p->cluster_deny);
    read_kinds(r, doc_get(spec, "namespaceResourceWhitelist"), &p->allow);
    read_kinds(r, doc_get(spec, "namespaceResourceBlacklist"), &p->deny);
    return p;
}

/* ---- finding ---- */
/* Argo CD makes this project itself when it is not there. */
static const char *default_repos[] = {"*"};
static struct destination default_destinations[] = {{"*", "", "*"}};
static struct kind_rule default_kinds[] = {{"*", "*", ""}};
static const struct model_project default_project = {
    .name = "default", .file = "", .repos = default_repos, .n_repos = 1,
    .destinations = default_destinations, .n_destinations = 1,
    .cluster_allow = {default_kinds, 1, true},
};

const struct model_project *model_project_find(const struct model_project *const *p, size_t n,
                                               const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (rk_streq(p[i]->name, name))
            return p[i];
    return rk_streq(name, "default") ? &default_project : NULL;
}

const char *model_project_name(const struct model_project *p)
{
    return p->name;
}

/* ---- deciding ---- */
static bool is_deny(const char *pattern)
{
    return pattern[0] == '!';
}

/* Argo CD's match: "!x" matches what x does not. */
static bool matches(const char *pattern, const char *value, char sep)
{
    if (is_deny(pattern))
        return !rk_glob(pattern + 1, value, sep);
    return strcmp(pattern, "*") == 0 || rk_glob(pattern, value, sep);
}

static bool refuses(const char *pattern, bool matched)
{
    return is_deny(pattern) && !matched;
}

/* "AppProject shop (apps/project.yaml:3)"; Argo CD's own default project stands in no file. */
struct project_title { char text[400]; };
static struct project_title title(const struct model_project *p)
{
    struct project_title t;

    if (*p->file)
        (void)snprintf(t.text, sizeof(t.text), "AppProject %s (%s:%u)", p->name, p->file, p->line);
    else
        (void)snprintf(t.text, sizeof(t.text), "AppProject %s", p->name);
    return t;
}

static int usable(const struct model_project *p, struct rk_err *err)
{
    if (!p)
        return rk_fail(err, RK_NOT_FOUND, "there is no such AppProject; add it, or use 'default'");
    if (p->error)
        return rk_fail(err, RK_INVALID, "AppProject %s: %s", p->name, p->error);
    return 0;
}

static void end_buf(struct rk_buf *b) { rk_buf_release(b); }

static int check_repo(const struct model_project *p, const char *url, struct rk_err *err)
{
    rk_auto(end_buf) struct rk_buf value = RK_BUF_INIT;
    bool any = false;

    repo_url_argo(&value, url);
    for (size_t i = 0; i < p->n_repos; i++) {
        rk_auto(end_buf) struct rk_buf pattern = RK_BUF_INIT;
        bool deny = is_deny(p->repos[i]), matched;

        if (deny)
            rk_buf_ch(&pattern, '!');
        repo_url_argo(&pattern, p->repos[i] + deny);
        matched = matches(pattern.p, value.p, '/');
        any = any || matched;
        if (refuses(pattern.p, matched))
            return rk_fail(err, RK_DENIED,
                           "%s: source repository %s is refused by sourceRepos '%s'",
                           title(p).text, value.p, p->repos[i]);
    }
    if (any)
        return 0;
    return rk_fail(err, RK_DENIED, "%s: source repository %s is not in sourceRepos",
                   title(p).text, value.p);
}

/* A destination is written by server or by name; the local cluster is known by both. */
static const char *server_of(const struct model_app *app)
{
    if (app->server)
        return app->server;
    return rk_streq(app->cluster_name, LOCAL_NAME) ? LOCAL_SERVER : "";
}

static const char *name_of(const struct model_app *app)
{
    if (app->cluster_name)
        return app->cluster_name;
    return rk_streq(app->server, LOCAL_SERVER) ? LOCAL_NAME : "";
}

struct place { const char *server, *name, *namespace; };

/* Does one entry allow the place; *refused: does it forbid it, whatever others allow? */
static bool destination_fits(const struct destination *d, const struct place *to, bool *refused)
{
    bool by_name = *to->name && matches(d->name, to->name, 0);
    bool by_server = *to->server && matches(d->server, to->server, 0);
    bool in = matches(d->namespace, to->namespace, 0);
    bool there = by_name || by_server;

    *refused = (*to->name && refuses(d->name, by_name)) ||
               (*to->server && refuses(d->server, by_server)) ||
               (there && refuses(d->namespace, in));
    return there && in;
}

int model_project_namespace(const struct model_project *p, const struct model_app *app,
                            const char *namespace, struct rk_err *err)
{
    const struct place to = {server_of(app), name_of(app), namespace};
    const char *cluster = *to.server ? to.server : to.name;
    bool any = false, refused;

    if (usable(p, err) < 0 || check_repo(p, app->repo_url, err) < 0)
        return -1;
    for (size_t i = 0; i < p->n_destinations; i++) {
        any |= destination_fits(&p->destinations[i], &to, &refused);
        if (refused)
            return rk_fail(err, RK_DENIED,
                           "%s: destination %s, namespace '%s' is refused by "
                           "destinations[%zu]", title(p).text, cluster, namespace, i);
    }
    if (any)
        return 0;
    return rk_fail(err, RK_DENIED,
                   "%s: destination %s, namespace '%s' is not in destinations: "
                   "add it there in git, or change the Application",
                   title(p).text, cluster, namespace);
}

int model_project_app(const struct model_project *p, const struct model_app *app,
                      struct rk_err *err)
{
    if (!p)
        return rk_fail(err, RK_NOT_FOUND, "%s:%u: AppProject %s is in no file here: add it in git, "
                       "or use 'default'", app->file, app->line, app->project);
    if (usable(p, err) < 0)
        return -1;
    for (size_t i = 0; i < app->n_sources; i++)
        if (check_repo(p, app->sources[i].repo_url, err) < 0)
            return -1;
    return model_project_namespace(p, app, app->namespace, err);
}

static bool rk_str_matches(const char *pattern, rk_str value)
{
    char *text = rk_str_dup(value);
    bool hit = rk_glob(pattern, text, 0);

    free(text);
    return hit;
}

static bool kind_listed(const struct kind_rules *rules, const struct kube_key *key)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct kind_rule *r = &rules->v[i];

        if (rk_str_matches(r->group, key->group) && rk_str_matches(r->kind, key->kind) &&
            (!*r->name || rk_str_matches(r->name, key->name)))
            return true;
    }
    return false;
}

int model_project_kind(const struct model_project *p, const struct kube_key *key, bool namespaced,
                       struct rk_err *err)
{
    const struct kind_rules *allow, *deny;
    const char *list = namespaced ? "namespaceResource" : "clusterResource";

    if (usable(p, err) < 0)
        return -1;
    allow = namespaced ? &p->allow : &p->cluster_allow;
    deny = namespaced ? &p->deny : &p->cluster_deny;
    /* Namespaced kinds pass without a list; cluster-scoped ones need to be named. */
    if (!(namespaced && !allow->present) && !kind_listed(allow, key))
        return rk_fail(err, RK_DENIED,
                       "%s: kind " RK_FMT_STR "/" RK_FMT_STR " is not in %sWhitelist",
                       title(p).text, RK_ARG_STR(key->group), RK_ARG_STR(key->kind), list);
    if (kind_listed(deny, key))
        return rk_fail(err, RK_DENIED,
                       "%s: kind " RK_FMT_STR "/" RK_FMT_STR " is in %sBlacklist",
                       title(p).text, RK_ARG_STR(key->group), RK_ARG_STR(key->kind), list);
    return 0;
}
