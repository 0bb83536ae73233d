/*
 * daemonset.c: one pod on the one node. In: the set, its pod. Out: the pod of the present template,
 * status.
 */
#include "sandbox/sandbox_int.h"

#define REVISION "controller-revision-hash"

static void make_pod(struct sandbox *sb, const struct sb_object *o, const char *hash)
{
    struct sb_edit e = sb_pod_from(sb, o, doc_walk(o->doc, "spec.template"), SB_CONTROLLER, NULL);
    struct rk_arena *a = e.change.arena;
    sb_set_str(a, doc_make(a, e.doc, "metadata.labels"), REVISION, hash);
    const struct sb_object *pod = sb_edit_end(&e);
    if (pod)
        sb_event(sb, o, "daemonset-controller", "Normal", "SuccessfulCreate",
                 "Created pod: " RK_FMT_STR, RK_ARG_STR(pod->name));
}

void sb_control_daemonset(struct sandbox *sb, const struct sb_object *o)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    char hash[11];
    size_t n;
    int64_t ready = 0, updated = 0, live = 0;
    if (sb_ending(o))
        return;
    sb_hash_name(doc_walk(o->doc, "spec.template"), hash);
    struct sb_object **pods = sb_owned(a, o, sb_type_of(sb, "", "Pod"), &n);
    for (size_t i = 0; i < n; i++) {
        const rk_str revision = doc_get_text(doc_walk(pods[i]->doc, "metadata.labels"), REVISION);
        if (sb_ending(pods[i]))
            continue;
        if (!rk_str_is(revision, hash)) {
            struct sb_object *pod = sb_ref(pods[i]);
            sb_remove(sb, pod, SB_BACKGROUND, -1);
            sb_unref(pod);
            continue;
        }
        live++;
        updated++;
        ready += sb_pod_ready(pods[i]);
    }
    if (!n)
        make_pod(sb, o, hash);
    struct sb_edit e = sb_edit_begin(sb, o, SB_CONTROLLER, "status");
    struct rk_arena *ea = e.change.arena;
    struct doc_node *status = doc_make(ea, e.doc, "status");
    sb_set_int(ea, status, "currentNumberScheduled", live);
    sb_set_int(ea, status, "desiredNumberScheduled", 1);
    sb_set_int(ea, status, "numberMisscheduled", 0);
    sb_set_int(ea, status, "numberReady", ready);
    sb_set_int(ea, status, "numberAvailable", ready);
    sb_set_int(ea, status, "numberUnavailable", 1 - ready);
    sb_set_int(ea, status, "updatedNumberScheduled", updated);
    sb_set_int(ea, status, "observedGeneration", sb_int(o->doc, "metadata.generation", 0));
    sb_edit_end(&e);
}
