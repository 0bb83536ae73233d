/*
 * discovery.c: which kinds the server has: name of the collection, version to use, scope.
 *
 * In: the aggregated form of /api and /apis; discovery_old.c reads the old one. Out: a table by
 * group and kind, read in rounds: what a round does not find is no longer served; a group whose own
 * server is down (Stale) keeps what was known. Rows live as long as the cluster.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

#include "reckon/time.h"


#define ACCEPT "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," \
               "application/json"
#define LOOKUPS_MOST 8u
#define LOOKUP_MS ((uint64_t)250)

static const struct doc_limits limits = {.bytes = (size_t)64 << 20, .nodes = 2000000};

/* ---- the table ---- */

void discovery_init(struct cluster *c)
{
    struct discovery *d = &c->disco;

    d->arena = rk_arena_new();
    d->n_slots = 512;
    d->slots = rk_calloc(d->n_slots, sizeof(struct disco_kind *));
}

void discovery_release(struct cluster *c)
{
    run_timer_stop(c->disco.timer);
    rk_arena_free(c->disco.arena);
    free(c->disco.slots);
    c->disco = (struct discovery){0};
}

static struct disco_kind **slot_of(const struct discovery *d, rk_str group, rk_str kind)
{
    uint64_t h = rk_hash(kind.p ? kind.p : "", kind.n) * 31;

    h += rk_hash(group.p ? group.p : "", group.n);

    return &d->slots[(h ^ h >> 32) & (d->n_slots - 1)];
}

struct disco_kind *discovery_find(const struct cluster *c, rk_str group, rk_str kind)
{
    for (struct disco_kind *k = *slot_of(&c->disco, group, kind); k; k = k->next)
        if (rk_str_is(kind, k->pub.kind) && rk_str_is(group, k->pub.group))
            return k;
    return NULL;
}

static const char *keep(struct rk_arena *a, const char *old, rk_str text)
{
    return old && rk_str_is(text, old) ? old : rk_arena_dup(a, text.p ? text.p : "", text.n);
}

struct disco_kind *discovery_note(struct cluster *c, const struct disco_version *v, rk_str kind,
                                  rk_str plural, bool namespaced)
{
    struct discovery *d = &c->disco;
    struct disco_kind *k = discovery_find(c, v->group, kind);

    if (k && k->seen == d->round && !k->stale && k->rank <= v->rank)
        return NULL;
    if (!k) {
        struct disco_kind **slot = slot_of(d, v->group, kind);

        k = rk_arena_alloc(d->arena, sizeof(*k));
        k->pub.group = keep(d->arena, NULL, v->group);
        k->pub.kind = keep(d->arena, NULL, kind);
        k->next = *slot;
        *slot = k;
        d->n++;
    }
    k->pub.version = keep(d->arena, k->pub.version, v->version);
    k->pub.plural = keep(d->arena, k->pub.plural, plural);
    k->pub.namespaced = namespaced;
    k->seen = d->round;
    k->rank = v->rank;
    k->stale = false;
    k->served = true;
    return k;
}

/* Nobody can say what this group has now: what was known stays. version none: all of them. */
void discovery_note_stale(struct cluster *c, rk_str group, rk_str version)
{
    struct discovery *d = &c->disco;

    for (size_t i = 0; i < d->n_slots; i++) {
        for (struct disco_kind *k = d->slots[i]; k; k = k->next) {
            if (!rk_str_is(group, k->pub.group) || k->seen == d->round)
                continue;
            if (version.n > 0 && !rk_str_is(version, k->pub.version))
                continue;
            k->seen = d->round;
            k->stale = true;
        }
    }
}

static void sweep(struct discovery *d)
{
    for (size_t i = 0; i < d->n_slots; i++)
        for (struct disco_kind *k = d->slots[i]; k; k = k->next)
            if (k->seen != d->round)
                k->served = false;
}

/* ---- the aggregated form ---- */

static bool has_verb(const struct doc_node *verbs, const char *verb)
{
    for (size_t i = 0; doc_type(verbs) == DOC_LIST && i < doc_count(verbs); i++)
        if (rk_str_is(doc_text(doc_at(verbs, i)), verb))
            return true;
    return false;
}

bool discovery_watchable(const struct doc_node *verbs)
{
    return has_verb(verbs, "list") && has_verb(verbs, "watch");
}

static void read_version(struct cluster *c, const struct disco_version *of,
                         const struct doc_node *v)
{
    const struct doc_node *resources = doc_get(v, "resources");

    if (rk_str_is(doc_get_text(v, "freshness"), "Stale")) {
        discovery_note_stale(c, of->group, of->version);
        return;
    }
    for (size_t i = 0; doc_type(resources) == DOC_LIST && i < doc_count(resources); i++) {
        const struct doc_node *r = doc_at(resources, i);
        rk_str kind = doc_get_text(doc_get(r, "responseKind"), "kind");
        rk_str plural = doc_get_text(r, "resource");
        bool namespaced = rk_str_is(doc_get_text(r, "scope"), "Namespaced");
        struct disco_kind *k;

        if (kind.n == 0 || plural.n == 0)
            continue;
        k = discovery_note(c, of, kind, plural, namespaced);
        if (k)
            k->watchable = discovery_watchable(doc_get(r, "verbs"));
    }
}

static int read_group(rk_str text, void *ctx, struct rk_err *err)
{
    struct cluster *c = ctx;
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *item;

    if (doc_json_read(a, text, &limits, &item, err) < 0)
        return -1;
    const struct doc_node *versions = doc_get(item, "versions");
    for (size_t i = 0; doc_type(versions) == DOC_LIST && i < doc_count(versions); i++) {
        const struct doc_node *v = doc_at(versions, i);
        const struct disco_version of = {.group = doc_get_text(doc_get(item, "metadata"), "name"),
                                         .version = doc_get_text(v, "version"),
                                         .rank = (unsigned)i};
        read_version(c, &of, v);
    }
    return 0;
}

static int read_aggregated(struct cluster *c, rk_str body, struct rk_err *err)
{
    struct doc_split *s = doc_split_new(true, limits.bytes);
    int rc = doc_split_feed(s, body, read_group, c, err);

    if (rc == 0)
        rc = doc_split_end(s, NULL, err);
    doc_split_free(s);
    return rc;
}

static bool is_aggregated(rk_str content_type)
{
    static const char mark[] = "APIGroupDiscoveryList";

    return content_type.n && memmem(content_type.p, content_type.n, mark, sizeof(mark) - 1);
}

/* ---- a round ---- */

static void round_end(struct cluster *c)
{
    struct discovery *d = &c->disco;
    bool good = d->error.code == RK_OK;

    d->running = false;
    d->finished_ms = rk_mono_ms();
    d->denied = !good && d->error.code == RK_DENIED && !d->done;
    if (good) {
        sweep(d);
        d->done = true;
    } else if (!d->done || d->again) {
        discovery_soon(c, d->denied ? 30000 : 1000);
    }
    if (good && d->again)
        discovery_soon(c, 1);
    d->again = false;
    struct rk_err why = d->error;
    cluster_discovered_now(c, good ? NULL : &why);
}

void discovery_part_done(struct cluster *c, const struct rk_err *err)
{
    struct discovery *d = &c->disco;

    if (err && d->error.code == RK_OK)
        d->error = *err;
    if (--d->pending > 0)
        return;
    if (d->old && d->error.code == RK_OK) {
        d->old = false;
        discovery_old_start(c);
    } else {
        round_end(c);
    }
}

static void answered(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;
    struct rk_err err;

    if (r->status && r->status->code == 404 && k->ctx == NULL) { /* no legacy group */
        discovery_part_done(c, NULL);
        return;
    }
    if (r->err) {
        discovery_part_done(c, r->err);
        return;
    }
    if (!is_aggregated(r->response->content_type)) {
        c->disco.old = true;
        discovery_part_done(c, NULL);
        return;
    }
    if (read_aggregated(c, r->response->body, &err) < 0) {
        rk_wrap(&err, "discovery of %s", k->path.p);
        discovery_part_done(c, &err);
        return;
    }
    discovery_part_done(c, NULL);
}

void discovery_start(struct cluster *c)
{
    static const char *const paths[] = {"/api", "/apis"};
    struct discovery *d = &c->disco;

    if (d->running) {
        d->again = true;
        return;
    }
    run_timer_stop(d->timer);
    d->timer = NULL;
    d->running = true;
    d->old = d->again = false;
    d->round++;
    d->pending = RK_LEN(paths);
    rk_err_clear(&d->error);
    for (size_t i = 0; i < RK_LEN(paths); i++) {
        struct cluster_call *k = call_new(c, "GET", answered, i == 0 ? NULL : d);

        rk_buf_c(&k->path, paths[i]);
        k->accept = ACCEPT;
        k->what = rk_strdup("discovery");
        call_submit(k);
    }
}

static void due(void *ctx)
{
    struct cluster *c = ctx;

    cluster_enter(c);
    discovery_start(c);
    cluster_leave(c);
}

void discovery_soon(struct cluster *c, uint64_t ms)
{
    struct discovery *d = &c->disco;

    if (d->running) {
        d->again = true;
        return;
    }
    run_timer_stop(d->timer);
    d->timer = run_timer_start(c->loop, ms, 0, due, c);
}

/* A kind is held that nobody serves: its CRD may have come a moment ago. */
void discovery_missed(struct cluster *c)
{
    struct discovery *d = &c->disco;

    if (!d->done || d->running || d->timer || d->lookups >= LOOKUPS_MOST)
        return;
    discovery_soon(c, LOOKUP_MS << d->lookups++);
}

void discovery_settle(struct cluster *c)
{
    struct discovery *d = &c->disco;

    if (d->settled)
        discovery_soon(c, 1); /* the stream was broken: CRDs may have come and gone */
    d->settled = true;
}

/* ---- the door ---- */

const struct cluster_kind *cluster_kind(const struct cluster *c, rk_str group, rk_str kind)
{
    const struct disco_kind *k = discovery_find(c, group, kind);

    return k && k->served ? &k->pub : NULL;
}

void cluster_each_kind(const struct cluster *c,
                       void (*fn)(const struct cluster_kind *k, void *ctx), void *ctx)
{
    for (size_t i = 0; i < c->disco.n_slots; i++)
        for (const struct disco_kind *k = c->disco.slots[i]; k; k = k->next)
            if (k->served)
                fn(&k->pub, ctx);
}

bool cluster_discovered(const struct cluster *c)
{
    return c->disco.done;
}
