/*
 * deployment.c: rolls a Deployment out. In: the Deployment and its ReplicaSets. Out: a ReplicaSet
 * for its template, sets scaled step by step within maxSurge and maxUnavailable, status with the
 * conditions Available and Progressing. One step a call; each change calls again. The rules are the
 * deployment controller's.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

struct rollout {
    struct sandbox *sb;
    struct rk_arena *arena;
    const struct sb_object *d;
    struct sb_object **sets;
    size_t n;
    struct sb_object *current;      /* the set of the present template; NULL */
    int64_t want, surge, unavailable;
    bool created;
};

#define REVISION "deployment.kubernetes.io/revision"
#define HASH "pod-template-hash"

static int64_t revision_of(const struct sb_object *o)
{
    int64_t v = 0;
    rk_str_int(doc_get_text(doc_walk(o->doc, "metadata.annotations"), REVISION), &v);
    return v;
}

static int64_t spec_replicas(const struct sb_object *set)
{
    return sb_int(set->doc, "spec.replicas", 0);
}

static int64_t available_of(const struct sb_object *set)
{
    return sb_int(set->doc, "status.availableReplicas", 0);
}

/* A number, or percent of `of`. */
static int64_t part(const struct doc_node *v, int64_t of, bool up)
{
    int64_t n = 0;
    const rk_str text = doc_text(v);
    if (doc_type(v) == DOC_NUMBER && doc_as_int(v, &n))
        return n;
    if (!text.n || text.p[text.n - 1] != '%' || !rk_str_int((rk_str){text.p, text.n - 1}, &n))
        return 0;
    return (n * of + (up ? 99 : 0)) / 100;
}

static bool recreates(const struct rollout *r)
{
    return rk_str_is(sb_str(r->d->doc, "spec.strategy.type"), "Recreate");
}

static void look(struct rollout *r)
{
    char hash[11];
    const struct doc_node *rolling = doc_walk(r->d->doc, "spec.strategy.rollingUpdate");
    sb_hash_name(doc_walk(r->d->doc, "spec.template"), hash);
    r->sets = sb_owned(r->arena, r->d, sb_type_of(r->sb, "apps", "ReplicaSet"), &r->n);
    r->current = NULL;
    for (size_t i = 0; i < r->n; i++)
        if (rk_str_is(doc_get_text(doc_walk(r->sets[i]->doc, "metadata.labels"), HASH), hash))
            r->current = r->sets[i];
    r->want = sb_int(r->d->doc, "spec.replicas", 1);
    r->surge = part(doc_get(rolling, "maxSurge"), r->want, true);
    r->unavailable = part(doc_get(rolling, "maxUnavailable"), r->want, false);
    if (r->surge == 0 && r->unavailable == 0)
        r->unavailable = 1;
    if (recreates(r))
        r->surge = 0;
}

/* ---- ReplicaSets ---- */

static void scale_set(struct rollout *r, const struct sb_object *set, int64_t to)
{
    const int64_t from = spec_replicas(set);
    if (from == to)
        return;
    struct sb_edit e = sb_edit_begin(r->sb, set, SB_CONTROLLER, "");
    sb_set_int(e.change.arena, doc_get(e.doc, "spec"), "replicas", to);
    if (sb_edit_end(&e))
        sb_event(r->sb, r->d, "deployment-controller", "Normal", "ScalingReplicaSet",
                 "Scaled %s replica set " RK_FMT_STR " from %lld to %lld",
                 to > from ? "up" : "down",
                 RK_ARG_STR(set->name), (long long)from, (long long)to);
}

static void copy_annotations(struct rollout *r, struct rk_arena *a, struct doc_node *set_doc,
                             int64_t revision)
{
    const struct doc_node *from = doc_walk(r->d->doc, "metadata.annotations");
    struct doc_node *to = doc_make(a, set_doc, "metadata.annotations");
    for (size_t i = 0; i < doc_count(from); i++) {
        const struct doc_pair *p = doc_pair_at(from, i);
        if (!rk_str_is(p->key, "kubectl.kubernetes.io/last-applied-configuration"))
            doc_set(a, to, p->key, doc_copy(a, p->value));
    }
    doc_set_c(a, to, REVISION, doc_string_f(a, "%lld", (long long)revision));
    doc_set_c(a, to, "deployment.kubernetes.io/desired-replicas",
              doc_string_f(a, "%lld", (long long)r->want));
    doc_set_c(a, to, "deployment.kubernetes.io/max-replicas",
              doc_string_f(a, "%lld", (long long)(r->want + r->surge)));
}

static int64_t last_revision(const struct rollout *r)
{
    int64_t most = 0;
    for (size_t i = 0; i < r->n; i++)
        if (revision_of(r->sets[i]) > most)
            most = revision_of(r->sets[i]);
    return most;
}

static void make_set(struct rollout *r)
{
    char hash[11];
    const struct doc_node *template = doc_walk(r->d->doc, "spec.template");
    struct sb_edit e = sb_edit_new(r->sb, sb_type_of(r->sb, "apps", "ReplicaSet"), r->d->ns,
                                   SB_CONTROLLER);
    struct rk_arena *a = e.change.arena;
    struct doc_node *spec = doc_make(a, e.doc, "spec"), *meta = doc_get(e.doc, "metadata");
    sb_hash_name(template, hash);
    doc_set_c(a, meta, "name", doc_string_f(a, RK_FMT_STR "-%s", RK_ARG_STR(r->d->name), hash));
    const struct doc_node *labels = doc_walk(template, "metadata.labels");
    doc_set_c(a, meta, "labels", labels ? doc_copy(a, labels) : doc_map(a));
    sb_set_str(a, doc_get(meta, "labels"), HASH, hash);
    copy_annotations(r, a, e.doc, last_revision(r) + 1);
    sb_own(a, e.doc, r->d);
    sb_set_int(a, spec, "replicas", 0);
    if (sb_int(r->d->doc, "spec.minReadySeconds", 0))
        sb_set_int(a, spec, "minReadySeconds", sb_int(r->d->doc, "spec.minReadySeconds", 0));
    doc_set_c(a, spec, "selector", doc_copy(a, doc_walk(r->d->doc, "spec.selector")));
    sb_set_str(a, doc_make(a, spec, "selector.matchLabels"), HASH, hash);
    doc_set_c(a, spec, "template", doc_copy(a, template));
    sb_set_str(a, doc_make(a, spec, "template.metadata.labels"), HASH, hash);
    r->created = sb_edit_end(&e) != NULL;
}

/* An older set whose template came back becomes the newest revision. */
static void renew_set(struct rollout *r)
{
    const int64_t last = last_revision(r);
    if (revision_of(r->current) == last)
        return;
    struct sb_edit e = sb_edit_begin(r->sb, r->current, SB_CONTROLLER, "");
    copy_annotations(r, e.change.arena, e.doc, last + 1);
    r->created = sb_edit_end(&e) != NULL;
}

static void number_deployment(struct rollout *r)
{
    const int64_t revision = r->current ? revision_of(r->current) : 0;
    if (!revision || revision == revision_of(r->d))
        return;
    struct sb_edit e = sb_edit_begin(r->sb, r->d, SB_CONTROLLER, "status");
    struct doc_node *to = doc_make(e.change.arena, e.doc, "metadata.annotations");
    doc_set_c(e.change.arena, to, REVISION,
              doc_string_f(e.change.arena, "%lld", (long long)revision));
    sb_edit_end(&e);
}

/* ---- one step ---- */

static void grow_current(struct rollout *r)
{
    const int64_t have = spec_replicas(r->current);
    int64_t total = 0;
    if (have >= r->want) {
        scale_set(r, r->current, r->want);
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        total += spec_replicas(r->sets[i]);
        if (recreates(r) && r->sets[i] != r->current &&
            (spec_replicas(r->sets[i]) || sb_int(r->sets[i]->doc, "status.replicas", 0)))
            return;
    }
    const int64_t room = r->want + r->surge - total;
    if (room > 0)
        scale_set(r, r->current, have + room > r->want ? r->want : have + room);
}

/* First those that do not work, then the others as far as enough stay available. */
static void shrink_old(struct rollout *r)
{
    int64_t all = 0, available = 0;
    for (size_t i = 0; i < r->n; i++) {
        all += spec_replicas(r->sets[i]);
        available += available_of(r->sets[i]);
    }
    const int64_t least = r->want - r->unavailable;
    const int64_t lacking = spec_replicas(r->current) - available_of(r->current);
    int64_t most = all - least - lacking, spare = available - least;
    for (size_t i = 0; i < r->n; i++) {
        const struct sb_object *set = r->sets[i];
        const int64_t have = spec_replicas(set);
        int64_t down = 0, sick;
        if (set == r->current || !have)
            continue;
        if (recreates(r)) {
            scale_set(r, set, 0);
            continue;
        }
        sick = have - available_of(set);
        if (most > 0 && sick > 0)
            down = sick < most ? sick : most;
        most -= down;
        const int64_t left = have - down;
        int64_t healthy = most < spare ? most : spare;
        healthy = healthy < left ? healthy : left;
        if (healthy > 0) {
            down += healthy;
            most -= healthy;
            spare -= healthy;
        }
        scale_set(r, set, have - down);
    }
}

static void forget_old(struct rollout *r)
{
    const int64_t limit = sb_int(r->d->doc, "spec.revisionHistoryLimit", 10);
    int64_t old = (int64_t)r->n - 1;
    while (old > limit) {
        struct sb_object *oldest = NULL;
        for (size_t i = 0; i < r->n; i++) {
            struct sb_object *s = r->sets[i];
            if (s != r->current && s && !spec_replicas(s) && !sb_ending(s) &&
                !sb_int(s->doc, "status.replicas", 0) &&
                (!oldest || revision_of(s) < revision_of(oldest)))
                oldest = s;
        }
        if (!oldest || !sb_remove(r->sb, oldest, SB_BACKGROUND, -1))
            return;
        old--;
        look(r);
    }
}

/* ---- status ---- */

struct counts {
    int64_t all, updated, ready, available;
};

static struct counts count(const struct rollout *r)
{
    struct counts c = {0};
    for (size_t i = 0; i < r->n; i++) {
        c.all += sb_int(r->sets[i]->doc, "status.replicas", 0);
        c.ready += sb_int(r->sets[i]->doc, "status.readyReplicas", 0);
        c.available += available_of(r->sets[i]);
    }
    if (r->current)
        c.updated = sb_int(r->current->doc, "status.replicas", 0);
    return c;
}

static bool progressed(const struct doc_node *old, const struct counts *c)
{
    const int64_t all = sb_int(old, "replicas", 0), updated = sb_int(old, "updatedReplicas", 0);
    return c->updated > updated || c->all - c->updated < all - updated ||
           c->ready > sb_int(old, "readyReplicas", 0) ||
           c->available > sb_int(old, "availableReplicas", 0);
}

static bool timed_out(struct rollout *r, const struct doc_node *condition, int64_t now)
{
    int64_t from;
    const int64_t limit = sb_int(r->d->doc, "spec.progressDeadlineSeconds", 600);
    const rk_str reason = doc_get_text(condition, "reason");
    if (!condition || rk_str_is(reason, "NewReplicaSetAvailable"))
        return false;
    if (rk_str_is(reason, "ProgressDeadlineExceeded"))
        return true;
    if (!rk_time_parse(doc_get_text(condition, "lastUpdateTime"), &from))
        return false;
    const int64_t left = from + limit * 1000 - now;
    if (left >= 0)
        sb_later(r->sb, r->d, (uint64_t)left + 5, NULL);
    return left < 0;
}

static void progressing(struct rollout *r, struct rk_arena *a, struct doc_node *status,
                        const struct counts *c, const struct doc_node *before, int64_t now)
{
    const char *set = r->current ? rk_arena_f(a, "ReplicaSet \"" RK_FMT_STR "\"",
                                              RK_ARG_STR(r->current->name))
                                 : "Deployment";
    const struct doc_node *have = sb_condition(status, "Progressing");
    const bool complete = c->updated == r->want && c->all == r->want && c->available == r->want;
    const bool was = c->all == c->updated &&
                     rk_str_is(doc_get_text(have, "reason"), "NewReplicaSetAvailable");
    struct sb_condition to = {.type = "Progressing", .status = "True", .updates = true};
    if (r->created && r->current) {
        to.reason = "NewReplicaSetCreated";
        to.message = rk_arena_f(a, "Created new replica set \"" RK_FMT_STR "\"",
                                RK_ARG_STR(r->current->name));
        to.renew = true;
    } else if (was) {
        return;
    } else if (complete) {
        to.reason = "NewReplicaSetAvailable";
        to.message = rk_arena_f(a, "%s has successfully progressed.", set);
        to.renew = !was;
    } else if (progressed(before, c)) {
        to.reason = "ReplicaSetUpdated";
        to.message = rk_arena_f(a, "%s is progressing.", set);
        to.renew = true;
    } else if (timed_out(r, have, now)) {
        to.status = "False";
        to.reason = "ProgressDeadlineExceeded";
        to.message = rk_arena_f(a, "%s has timed out progressing.", set);
    } else {
        return;
    }
    sb_condition_set(a, status, &to, now);
}

static void write_status(struct rollout *r)
{
    struct sb_edit e = sb_edit_begin(r->sb, r->d, SB_CONTROLLER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status"), *before = doc_copy(a, status);
    const struct counts c = count(r);
    const struct {
        const char *key;
        int64_t value;
    } rows[] = {{"replicas", c.all}, {"updatedReplicas", c.updated}, {"readyReplicas", c.ready},
                {"availableReplicas", c.available},
                {"unavailableReplicas", r->want > c.available ? r->want - c.available : 0}};
    sb_set_int(a, status, "observedGeneration", sb_int(r->d->doc, "metadata.generation", 0));
    sb_set_int(a, status, "terminatingReplicas", 0);
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        if (rows[i].value)
            sb_set_int(a, status, rows[i].key, rows[i].value);
        else
            doc_del(status, rk_str_c(rows[i].key));
    }
    const bool enough = c.available >= r->want - (recreates(r) ? 0 : r->unavailable);
    const struct sb_condition available = {
        .type = "Available", .status = enough ? "True" : "False", .updates = true,
        .reason = enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        .message = enough ? "Deployment has minimum availability."
                          : "Deployment does not have minimum availability."};
    sb_condition_set(a, status, &available, e.change.now_ms);
    progressing(r, a, status, &c, before, e.change.now_ms);
    sb_edit_end(&e);
}

void sb_control_deployment(struct sandbox *sb, const struct sb_object *d)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct rollout r = {.sb = sb, .arena = a, .d = d};
    if (sb_ending(d))
        return;
    look(&r);
    const bool paused = doc_get_bool(doc_get(d->doc, "spec"), "paused", false);
    if (!r.current && !paused)
        make_set(&r);
    else if (r.current && !paused)
        renew_set(&r);
    look(&r);
    if (r.current) {
        grow_current(&r);
        look(&r);
        if (!paused)
            shrink_old(&r);
        look(&r);
        if (!paused)
            forget_old(&r);
    }
    number_deployment(&r);
    const struct sb_object *now = sb_find_uid(sb, d->uid);
    if (!now || sb_ending(now))
        return;
    r.d = now;
    write_status(&r);
}
