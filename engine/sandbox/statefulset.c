/*
 * statefulset.c: pods with names and claims of their own, one after the other. In: the set, its
 * pods. Out: pod N once pod N-1 is ready (all at once with Parallel), the highest ordinals first on
 * the way down and in an update; claims from templates; status with revisions.
 */
#include "sandbox/sandbox_int.h"

#define REVISION "controller-revision-hash"

struct set {
    struct sandbox *sb;
    struct rk_arena *arena;
    const struct sb_object *o;
    const char *revision;
    int64_t want, start;
    bool parallel;
};

static const char *pod_name(const struct set *s, int64_t i)
{
    return rk_arena_f(s->arena, RK_FMT_STR "-%lld", RK_ARG_STR(s->o->name),
                      (long long)(s->start + i));
}

static struct sb_object *pod_at(const struct set *s, int64_t i)
{
    return sb_find(sb_type_of(s->sb, "", "Pod"), s->o->ns, rk_str_c(pod_name(s, i)));
}

static void make_claims(const struct set *s, struct rk_arena *a, struct doc_node *pod, int64_t i)
{
    const struct doc_node *list = doc_walk(s->o->doc, "spec.volumeClaimTemplates");
    struct sb_type *t = sb_type_of(s->sb, "", "PersistentVolumeClaim");
    for (size_t k = 0; k < doc_count(list); k++) {
        const struct doc_node *from = doc_at(list, k);
        const rk_str volume = sb_str(from, "metadata.name");
        const char *name = rk_arena_f(s->arena, RK_FMT_STR "-%s", RK_ARG_STR(volume),
                                      pod_name(s, i));
        struct doc_node *v = doc_map(a), *volumes = doc_walk(pod, "spec.volumes");
        if (!volumes) {
            volumes = doc_list(a);
            doc_set_c(a, doc_get(pod, "spec"), "volumes", volumes);
        }
        doc_set_c(a, v, "name", doc_string(a, volume));
        sb_set_str(a, doc_make(a, v, "persistentVolumeClaim"), "claimName", name);
        doc_push(a, volumes, v);
        if (sb_find(t, s->o->ns, rk_str_c(name)))
            continue;
        struct sb_edit e = sb_edit_new(s->sb, t, s->o->ns, SB_CONTROLLER);
        struct rk_arena *ea = e.change.arena;
        const struct doc_node *labels = doc_walk(s->o->doc, "spec.selector.matchLabels");
        sb_set_str(ea, doc_get(e.doc, "metadata"), "name", name);
        if (labels)
            doc_set_c(ea, doc_get(e.doc, "metadata"), "labels", doc_copy(ea, labels));
        doc_set_c(ea, e.doc, "spec", doc_copy(ea, doc_get(from, "spec")));
        sb_edit_end(&e);
    }
}

static void make_pod(const struct set *s, int64_t i)
{
    const char *name = pod_name(s, i);
    struct sb_edit e = sb_pod_from(s->sb, s->o, doc_walk(s->o->doc, "spec.template"), SB_CONTROLLER,
                                   name);
    struct rk_arena *a = e.change.arena;
    struct doc_node *labels = doc_make(a, e.doc, "metadata.labels");
    const rk_str service = sb_str(s->o->doc, "spec.serviceName");
    sb_set_str(a, labels, REVISION, s->revision);
    sb_set_str(a, labels, "statefulset.kubernetes.io/pod-name", name);
    doc_set_c(a, labels, "apps.kubernetes.io/pod-index",
              doc_string_f(a, "%lld", (long long)(s->start + i)));
    sb_set_str(a, doc_get(e.doc, "spec"), "hostname", name);
    if (service.n)
        doc_set_c(a, doc_get(e.doc, "spec"), "subdomain", doc_string(a, service));
    make_claims(s, a, e.doc, i);
    if (sb_edit_end(&e))
        sb_event(s->sb, s->o, "statefulset-controller", "Normal", "SuccessfulCreate",
                 "create Pod %s in StatefulSet " RK_FMT_STR " successful", name,
                 RK_ARG_STR(s->o->name));
}

static bool is_current(const struct set *s, const struct sb_object *pod)
{
    return rk_str_is(doc_get_text(doc_walk(pod->doc, "metadata.labels"), REVISION), s->revision);
}

static void drop_pod(const struct set *s, struct sb_object *pod)
{
    sb_ref(pod);
    sb_remove(s->sb, pod, SB_BACKGROUND, -1);
    sb_event(s->sb, s->o, "statefulset-controller", "Normal", "SuccessfulDelete",
             "delete Pod " RK_FMT_STR " in StatefulSet " RK_FMT_STR " successful",
             RK_ARG_STR(pod->name), RK_ARG_STR(s->o->name));
    sb_unref(pod);
}

/* One step; true when all pods of the count are there and ready. */
static bool grow(const struct set *s)
{
    bool ready = true;
    for (int64_t i = 0; i < s->want; i++) {
        const struct sb_object *pod = pod_at(s, i);
        if (!pod)
            make_pod(s, i);
        if (pod && sb_pod_ready(pod) && !sb_ending(pod))
            continue;
        ready = false;
        if (!s->parallel)
            return false;
    }
    return ready;
}

static bool shrink(const struct set *s)
{
    size_t n;
    struct sb_object **pods = sb_owned(s->arena, s->o, sb_type_of(s->sb, "", "Pod"), &n);
    struct sb_object *highest = NULL;
    int64_t at = -1;
    for (size_t i = 0; i < n; i++) {
        int64_t ordinal = -1;
        const rk_str name = pods[i]->name;
        if (name.n > s->o->name.n + 1)
            rk_str_int((rk_str){name.p + s->o->name.n + 1, name.n - s->o->name.n - 1}, &ordinal);
        if (ordinal >= s->start + s->want && ordinal > at) {
            at = ordinal;
            highest = pods[i];
        }
    }
    if (highest && !sb_ending(highest))
        drop_pod(s, highest);
    return highest != NULL;
}

static void update_one(const struct set *s)
{
    const struct doc_node *how = doc_walk(s->o->doc, "spec.updateStrategy");
    const int64_t partition = sb_int(how, "rollingUpdate.partition", 0);
    if (rk_str_is(doc_get_text(how, "type"), "OnDelete"))
        return;
    for (int64_t i = s->want - 1; i >= partition; i--) {
        struct sb_object *pod = pod_at(s, i);
        if (pod && !is_current(s, pod) && !sb_ending(pod)) {
            drop_pod(s, pod);
            return;
        }
    }
}

/* A pod of an older revision that never became ready would hold an ordered update for ever. */
static void replace_broken(const struct set *s)
{
    for (int64_t i = s->want - 1; i >= 0; i--) {
        struct sb_object *pod = pod_at(s, i);
        if (pod && !is_current(s, pod) && !sb_pod_ready(pod) && !sb_ending(pod)) {
            drop_pod(s, pod);
            return;
        }
    }
}

static void write_status(const struct set *s)
{
    size_t n;
    struct sb_object **pods = sb_owned(s->arena, s->o, sb_type_of(s->sb, "", "Pod"), &n);
    int64_t ready = 0, updated = 0;
    for (size_t i = 0; i < n; i++) {
        ready += sb_pod_ready(pods[i]);
        updated += is_current(s, pods[i]);
    }
    struct sb_edit e = sb_edit_begin(s->sb, s->o, SB_CONTROLLER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status");
    const bool all = updated == s->want && ready == s->want;
    sb_set_int(a, status, "observedGeneration", sb_int(s->o->doc, "metadata.generation", 0));
    sb_set_int(a, status, "replicas", (int64_t)n);
    sb_set_int(a, status, "readyReplicas", ready);
    sb_set_int(a, status, "availableReplicas", ready);
    sb_set_int(a, status, "updatedReplicas", updated);
    sb_set_int(a, status, "currentReplicas", all ? updated : (int64_t)n - updated);
    sb_set_int(a, status, "collisionCount", 0);
    sb_set_str(a, status, "updateRevision", s->revision);
    if (all || !doc_get(status, "currentRevision"))
        sb_set_str(a, status, "currentRevision", s->revision);
    sb_edit_end(&e);
}

void sb_control_statefulset(struct sandbox *sb, const struct sb_object *o)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    char hash[11];
    if (sb_ending(o))
        return;
    sb_hash_name(doc_walk(o->doc, "spec.template"), hash);
    const struct set s = {
        .sb = sb, .arena = a, .o = o, .want = sb_int(o->doc, "spec.replicas", 1),
        .start = sb_int(o->doc, "spec.ordinals.start", 0),
        .revision = rk_arena_f(a, RK_FMT_STR "-%s", RK_ARG_STR(o->name), hash),
        .parallel = rk_str_is(sb_str(o->doc, "spec.podManagementPolicy"), "Parallel")};
    if (!grow(&s))
        replace_broken(&s);
    else if (!shrink(&s))
        update_one(&s);
    write_status(&s);
}
