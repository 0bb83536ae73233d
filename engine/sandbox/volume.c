/*
 * volume.c: binds claims: each PersistentVolumeClaim gets a PersistentVolume made for it, at once.
 * In: a claim. Out: a volume, spec.volumeName, phase Bound. A volume whose claim is gone goes too
 * (reclaim policy Delete).
 */
#include "sandbox/sandbox_int.h"

static void make_volume(struct sandbox *sb, const struct sb_object *claim, const char *name)
{
    struct sb_edit e = sb_edit_new(sb, sb_type_of(sb, "", "PersistentVolume"), RK_STR_NONE,
                                   SB_CONTROLLER);
    struct rk_arena *a = e.change.arena;
    struct doc_node *spec = doc_make(a, e.doc, "spec"), *ref = doc_make(a, spec, "claimRef");
    const struct doc_node *from = doc_get(claim->doc, "spec");
    static const char *const same[] = {"accessModes", "volumeMode", "storageClassName"};
    sb_set_str(a, doc_get(e.doc, "metadata"), "name", name);
    for (size_t i = 0; i < RK_LEN(same); i++)
        if (doc_get(from, same[i]))
            doc_set_c(a, spec, same[i], doc_copy(a, doc_get(from, same[i])));
    const struct doc_node *size = doc_walk(from, "resources.requests");
    doc_set_c(a, spec, "capacity", size ? doc_copy(a, size) : doc_map(a));
    sb_set_str(a, spec, "persistentVolumeReclaimPolicy", "Delete");
    sb_set_str(a, doc_make(a, spec, "hostPath"), "path", "/nowhere");
    sb_set_str(a, ref, "apiVersion", "v1");
    sb_set_str(a, ref, "kind", "PersistentVolumeClaim");
    doc_set_c(a, ref, "namespace", doc_string(a, claim->ns));
    doc_set_c(a, ref, "name", doc_string(a, claim->name));
    doc_set_c(a, ref, "uid", doc_string(a, claim->uid));
    sb_edit_end(&e);
}

static void set_phase(struct sandbox *sb, const struct sb_object *o, const char *phase)
{
    struct sb_edit e = sb_edit_begin(sb, o, SB_CONTROLLER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status");
    const struct doc_node *modes = doc_walk(o->doc, "spec.accessModes");
    const struct doc_node *size = doc_walk(o->doc, "spec.resources.requests");
    sb_set_str(a, status, "phase", phase);
    if (rk_streq(o->type->kind, "PersistentVolumeClaim")) {
        if (modes)
            doc_set_c(a, status, "accessModes", doc_copy(a, modes));
        if (size)
            doc_set_c(a, status, "capacity", doc_copy(a, size));
    }
    sb_edit_end(&e);
}

void sb_control_claim(struct sandbox *sb, const struct sb_object *claim)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    if (sb_ending(claim)) {
        sb_drop_finalizer(sb, claim, SB_CLAIM_FINALIZER);
        return;
    }
    if (rk_str_is(sb_str(claim->doc, "status.phase"), "Bound"))
        return;
    if (!sb_str(claim->doc, "spec.volumeName").n) {
        const char *name = rk_arena_f(a, "pvc-" RK_FMT_STR, RK_ARG_STR(claim->uid));
        make_volume(sb, claim, name);
        struct sb_edit e = sb_edit_begin(sb, claim, SB_CONTROLLER, "");
        sb_set_str(e.change.arena, doc_make(e.change.arena, e.doc, "spec"), "volumeName", name);
        sb_set_str(e.change.arena, doc_make(e.change.arena, e.doc, "metadata.annotations"),
                   "pv.kubernetes.io/bind-completed", "yes");
        claim = sb_edit_end(&e);
    }
    if (claim)
        set_phase(sb, claim, "Bound");
}

void sb_control_volume(struct sandbox *sb, const struct sb_object *o)
{
    const rk_str uid = sb_str(o->doc, "spec.claimRef.uid");
    const rk_str policy = sb_str(o->doc, "spec.persistentVolumeReclaimPolicy");
    if (sb_ending(o))
        return;
    if (uid.n && !sb_find_uid(sb, uid)) {
        if (rk_str_is(policy, "Delete"))
            sb_remove(sb, o, SB_BACKGROUND, -1);
        else
            set_phase(sb, o, "Released");
        return;
    }
    set_phase(sb, o, uid.n ? "Bound" : "Available");
}
