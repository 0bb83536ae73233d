/*
 * namespace.c: what a namespace brings and takes: a default ServiceAccount and kube-root-ca.crt
 * when it is made; everything in it when it is deleted, then itself.
 */
#include "sandbox/sandbox_int.h"

static void make_account(struct sandbox *sb, rk_str ns)
{
    struct sb_type *t = sb_type_of(sb, "", "ServiceAccount");
    if (sb_find(t, ns, RK_STR("default")))
        return;
    struct sb_edit e = sb_edit_new(sb, t, ns, SB_CONTROLLER);
    sb_set_str(e.change.arena, doc_get(e.doc, "metadata"), "name", "default");
    sb_edit_end(&e);
}

static void make_ca(struct sandbox *sb, rk_str ns)
{
    struct sb_type *t = sb_type_of(sb, "", "ConfigMap");
    if (sb_find(t, ns, RK_STR("kube-root-ca.crt")))
        return;
    struct sb_edit e = sb_edit_new(sb, t, ns, SB_CONTROLLER);
    struct rk_arena *a = e.change.arena;
    struct doc_node *data = doc_map(a);
    sb_set_str(a, doc_get(e.doc, "metadata"), "name", "kube-root-ca.crt");
    doc_set_c(a, data, "ca.crt", doc_string(a, rk_buf_view(&sb->ca)));
    doc_set_c(a, e.doc, "data", data);
    sb_edit_end(&e);
}

static bool empty_out(struct sandbox *sb, rk_str ns)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    bool empty = true;
    for (size_t t = 0; t < sb->n_types; t++) {
        size_t n;
        if (!sb->types[t]->namespaced)
            continue;
        struct sb_object **list = sb_list(a, sb->types[t], ns, &n);
        for (size_t i = 0; i < n; i++)
            sb_ref(list[i]);
        for (size_t i = 0; i < n; i++) {
            struct sb_object *o = list[i];
            if (sb_find_uid(sb, o->uid) == o && !sb_ending(o))
                sb_remove(sb, o, SB_BACKGROUND, 0);
            sb_unref(o);
        }
        sb_list(a, sb->types[t], ns, &n);
        empty &= n == 0;
    }
    return empty;
}

void sb_control_namespace(struct sandbox *sb, const struct sb_object *space)
{
    if (!sb_ending(space)) {
        make_account(sb, space->name);
        make_ca(sb, space->name);
        return;
    }
    if (empty_out(sb, space->name) && !doc_count(doc_walk(space->doc, "metadata.finalizers")))
        sb_store_delete(sb, sb_find_uid(sb, space->uid));
}
