/*
 * replicaset.c: keeps a ReplicaSet's pods at its count. In: the set and its pods. Out: pods made or
 * deleted, status. Pods that are not ready go first, then the youngest.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

static bool active(const struct sb_object *pod)
{
    const rk_str phase = sb_str(pod->doc, "status.phase");
    return !sb_ending(pod) && !rk_str_is(phase, "Failed") && !rk_str_is(phase, "Succeeded");
}

static int first_to_go(const void *x, const void *y)
{
    const struct sb_object *a = *(struct sb_object *const *)x, *b = *(struct sb_object *const *)y;
    const int ready = (int)sb_pod_ready(a) - (int)sb_pod_ready(b);
    const int young = rk_str_cmp(sb_str(b->doc, "metadata.creationTimestamp"),
                                 sb_str(a->doc, "metadata.creationTimestamp"));
    return ready ? ready : young ? young : rk_str_cmp(a->name, b->name);
}

static void make_pods(struct sandbox *sb, const struct sb_object *set, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        struct sb_edit e = sb_pod_from(sb, set, doc_walk(set->doc, "spec.template"), SB_CONTROLLER,
                                       NULL);
        const struct sb_object *pod = sb_edit_end(&e);
        if (pod)
            sb_event(sb, set, "replicaset-controller", "Normal", "SuccessfulCreate",
                     "Created pod: " RK_FMT_STR, RK_ARG_STR(pod->name));
    }
}

static void drop_pods(struct sandbox *sb, const struct sb_object *set, struct sb_object **pods,
                      size_t n, int64_t surplus)
{
    qsort(pods, n, sizeof(struct sb_object *), first_to_go);
    for (int64_t i = 0; i < surplus; i++) {
        struct sb_object *pod = sb_ref(pods[i]);
        sb_remove(sb, pod, SB_BACKGROUND, -1);
        sb_event(sb, set, "replicaset-controller", "Normal", "SuccessfulDelete",
                 "Deleted pod: " RK_FMT_STR, RK_ARG_STR(pod->name));
        sb_unref(pod);
    }
}

static void set_or_drop(struct rk_arena *a, struct doc_node *status, const char *key, int64_t v)
{
    if (v)
        sb_set_int(a, status, key, v);
    else
        doc_del(status, rk_str_c(key));
}

static void write_status(struct sandbox *sb, const struct sb_object *set)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const int64_t min_ready = sb_int(set->doc, "spec.minReadySeconds", 0);
    int64_t all = 0, ready = 0, available = 0;
    size_t n;
    struct sb_object **pods = sb_owned(a, set, sb_type_of(sb, "", "Pod"), &n);
    for (size_t i = 0; i < n; i++) {
        if (!active(pods[i]))
            continue;
        all++;
        ready += sb_pod_ready(pods[i]);
        available += sb_pod_available(sb, pods[i], min_ready, set);
    }
    struct sb_edit e = sb_edit_begin(sb, set, SB_CONTROLLER, "status");
    struct doc_node *status = doc_make(e.change.arena, e.doc, "status");
    sb_set_int(e.change.arena, status, "replicas", all);
    set_or_drop(e.change.arena, status, "fullyLabeledReplicas", all);
    set_or_drop(e.change.arena, status, "readyReplicas", ready);
    set_or_drop(e.change.arena, status, "availableReplicas", available);
    sb_set_int(e.change.arena, status, "observedGeneration",
               sb_int(set->doc, "metadata.generation", 0));
    sb_edit_end(&e);
}

void sb_control_replicaset(struct sandbox *sb, const struct sb_object *set)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    const int64_t want = sb_int(set->doc, "spec.replicas", 1);
    size_t n, kept = 0;
    if (sb_ending(set))
        return;
    struct sb_object **pods = sb_owned(a, set, sb_type_of(sb, "", "Pod"), &n);
    for (size_t i = 0; i < n; i++)
        if (active(pods[i]))
            pods[kept++] = pods[i];
    if ((int64_t)kept < want)
        make_pods(sb, set, want - (int64_t)kept);
    else if ((int64_t)kept > want)
        drop_pods(sb, set, pods, kept, (int64_t)kept - want);
    write_status(sb, set);
}
