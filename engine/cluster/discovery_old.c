/*
 * discovery_old.c: the kinds of a server without the aggregated form: the lists of groups, then one
 * request a group and version. A version that cannot be read leaves what was known of its group
 * (its own server is down); the preferred version is asked for first.
 */
#include "cluster/cluster_int.h"

#define PARTS_MOST ((size_t)2000)

static void read_list(struct cluster *c, const struct disco_version *p, const struct doc_node *list)
{
    const struct doc_node *resources = doc_get(list, "resources");

    for (size_t i = 0; doc_type(resources) == DOC_LIST && i < doc_count(resources); i++) {
        const struct doc_node *r = doc_at(resources, i);
        rk_str name = doc_get_text(r, "name"), kind = doc_get_text(r, "kind");
        struct disco_kind *k;

        if (name.n == 0 || kind.n == 0 || memchr(name.p, '/', name.n))
            continue;
        k = discovery_note(c, p, kind, name, doc_get_bool(r, "namespaced", false));
        if (k)
            k->watchable = discovery_watchable(doc_get(r, "verbs"));
    }
}

static void list_answered(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;
    const struct disco_version *p = k->ctx;
    struct doc_node *doc = NULL;
    const struct doc_limits limits = {.nodes = 1000000};

    if (r->err || doc_json_read(r->arena, r->response->body, &limits, &doc, NULL) < 0)
        discovery_note_stale(c, p->group, p->version);
    else
        read_list(c, p, doc);
    discovery_part_done(c, NULL);
}

static void ask(struct cluster *c, rk_str group, rk_str version, unsigned rank)
{
    struct disco_version *p = rk_arena_alloc(c->disco.arena, sizeof(*p)); /* names the request */
    struct cluster_call *k;

    p->group = rk_arena_str(c->disco.arena, group);
    p->version = rk_arena_str(c->disco.arena, version);
    p->rank = rank;
    k = call_new(c, "GET", list_answered, p);
    rk_buf_c(&k->path, group.n ? "/apis/" : "/api/");
    if (group.n) {
        net_escape(&k->path, group);
        rk_buf_ch(&k->path, '/');
    }
    net_escape(&k->path, version);
    c->disco.pending++;
    call_submit(k);
}

static void ask_group(struct cluster *c, const struct doc_node *g)
{
    const struct doc_node *versions = doc_get(g, "versions");
    rk_str name = doc_get_text(g, "name");
    rk_str first = doc_get_text(doc_get(g, "preferredVersion"), "version");

    if (first.n)
        ask(c, name, first, 0);
    for (size_t i = 0; doc_type(versions) == DOC_LIST && i < doc_count(versions); i++) {
        rk_str v = doc_get_text(doc_at(versions, i), "version");

        if (v.n && !rk_str_eq(v, first) && c->disco.pending < PARTS_MOST)
            ask(c, name, v, (unsigned)i + 1);
    }
}

static void groups_answered(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;
    struct doc_node *doc = NULL;
    const struct doc_limits limits = {.nodes = 1000000};
    struct rk_err err;

    if (r->status && r->status->code == 404) {
        discovery_part_done(c, NULL);
        return;
    }
    if (r->err) {
        discovery_part_done(c, r->err);
        return;
    }
    if (doc_json_read(r->arena, r->response->body, &limits, &doc, &err) < 0) {
        discovery_part_done(c, &err);
        return;
    }
    const struct doc_node *versions = doc_get(doc, "versions"), *groups = doc_get(doc, "groups");
    for (size_t i = 0; doc_type(versions) == DOC_LIST && i < doc_count(versions); i++)
        ask(c, RK_STR_NONE, doc_text(doc_at(versions, i)), (unsigned)i);
    for (size_t i = 0; doc_type(groups) == DOC_LIST && i < doc_count(groups); i++)
        ask_group(c, doc_at(groups, i));
    discovery_part_done(c, NULL);
}

void discovery_old_start(struct cluster *c)
{
    static const char *const paths[] = {"/api", "/apis"};

    c->disco.pending = RK_LEN(paths);
    for (size_t i = 0; i < RK_LEN(paths); i++) {
        struct cluster_call *k = call_new(c, "GET", groups_answered, NULL);

        rk_buf_c(&k->path, paths[i]);
        k->what = rk_strdup("discovery");
        call_submit(k);
    }
}
