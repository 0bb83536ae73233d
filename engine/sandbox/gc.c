/*
 * gc.c: garbage collection by owner. In: a changed or deleted object. Out: dependents whose owners
 * are all gone are deleted; foregroundDeletion and orphan finalizers are carried out. An object's
 * dependents are looked for in its namespace (for owners without one: everywhere).
 */
#include "sandbox/sandbox_int.h"

static bool names_owner(const struct sb_object *o, rk_str uid, bool *blocks)
{
    const struct doc_node *refs = doc_walk(o->doc, "metadata.ownerReferences");
    for (size_t i = 0; i < doc_count(refs); i++) {
        if (!rk_str_eq(doc_get_text(doc_at(refs, i), "uid"), uid))
            continue;
        *blocks = doc_get_bool(doc_at(refs, i), "blockOwnerDeletion", false);
        return true;
    }
    return false;
}

static void each_dependent(struct sandbox *sb, const struct sb_object *owner,
                           void (*fn)(struct sandbox *sb, struct sb_object *dependent, bool blocks,
                                      void *ctx),
                           void *ctx)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    for (size_t t = 0; t < sb->n_types; t++) {
        size_t n;
        bool blocks;
        if (owner->ns.n && !sb->types[t]->namespaced)
            continue;
        struct sb_object **list =
            sb_list(a, sb->types[t], owner->ns.n ? owner->ns : RK_STR_NONE, &n);
        for (size_t i = 0; i < n; i++)
            sb_ref(list[i]);
        for (size_t i = 0; i < n; i++) {
            if (names_owner(list[i], owner->uid, &blocks) &&
                sb_find_uid(sb, list[i]->uid) == list[i])
                fn(sb, list[i], blocks, ctx);
            sb_unref(list[i]);
        }
    }
}

static void touch_one(struct sandbox *sb, struct sb_object *o, bool blocks, void *ctx)
{
    (void)blocks;
    (void)ctx;
    sb_touch(sb, o);
}

static void touch_owners(struct sandbox *sb, const struct sb_object *o)
{
    const struct doc_node *refs = doc_walk(o->doc, "metadata.ownerReferences");
    for (size_t i = 0; i < doc_count(refs); i++) {
        const struct sb_object *owner = sb_find_uid(sb, doc_get_text(doc_at(refs, i), "uid"));
        if (owner)
            sb_touch(sb, owner);
    }
    const struct sb_object *space =
        o->ns.n ? sb_find(sb_type_of(sb, "", "Namespace"), RK_STR(""), o->ns) : NULL;
    if (space && sb_ending(space))
        sb_touch(sb, space);
}

void sb_collect_dependents(struct sandbox *sb, const struct sb_object *gone)
{
    if (sb->stopping)
        return;
    each_dependent(sb, gone, touch_one, NULL);
    touch_owners(sb, gone);
    if (rk_streq(gone->type->kind, "CustomResourceDefinition"))
        sb_crd_gone(sb, gone);
}

/* ---- finalizers of deletion ---- */

static bool has_finalizer(const struct sb_object *o, const char *name)
{
    const struct doc_node *list = doc_walk(o->doc, "metadata.finalizers");
    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_is(doc_text(doc_at(list, i)), name))
            return true;
    return false;
}

void sb_drop_finalizer(struct sandbox *sb, const struct sb_object *o, const char *name)
{
    struct sb_edit e = sb_edit_begin(sb, o, SB_CONTROLLER, "");
    struct doc_node *list = doc_walk(e.doc, "metadata.finalizers");
    for (size_t i = 0; i < doc_count(list); i++) {
        if (rk_str_is(doc_text(doc_at(list, i)), name)) {
            doc_remove(list, i);
            break;
        }
    }
    if (!doc_count(list))
        doc_del(doc_get(e.doc, "metadata"), RK_STR("finalizers"));
    sb_edit_end(&e);
}

struct waiting {
    size_t blocking;
};

static void delete_first(struct sandbox *sb, struct sb_object *o, bool blocks, void *ctx)
{
    struct waiting *w = ctx;
    w->blocking += blocks;
    if (!sb_ending(o) && sb_remove(sb, o, blocks ? SB_FOREGROUND : SB_BACKGROUND, -1))
        w->blocking -= blocks;
}

static void disown(struct sandbox *sb, struct sb_object *o, bool blocks, void *ctx)
{
    const struct sb_object *owner = ctx;
    (void)blocks;
    struct sb_edit e = sb_edit_begin(sb, o, SB_CONTROLLER, "");
    struct doc_node *refs = doc_walk(e.doc, "metadata.ownerReferences");
    for (size_t i = 0; i < doc_count(refs); i++) {
        if (rk_str_eq(doc_get_text(doc_at(refs, i), "uid"), owner->uid)) {
            doc_remove(refs, i);
            break;
        }
    }
    if (!doc_count(refs))
        doc_del(doc_get(e.doc, "metadata"), RK_STR("ownerReferences"));
    sb_edit_end(&e);
}

static bool owners_gone(struct sandbox *sb, const struct sb_object *o)
{
    const struct doc_node *refs = doc_walk(o->doc, "metadata.ownerReferences");
    for (size_t i = 0; i < doc_count(refs); i++) {
        const struct sb_object *owner = sb_find_uid(sb, doc_get_text(doc_at(refs, i), "uid"));
        if (owner)
            return false;
    }
    return doc_count(refs) > 0;
}

void sb_collect(struct sandbox *sb, const struct sb_object *o)
{
    touch_owners(sb, o);
    if (owners_gone(sb, o)) {
        if (!sb_ending(o))
            sb_remove(sb, o, SB_BACKGROUND, -1);
        return;
    }
    if (!sb_ending(o))
        return;
    if (has_finalizer(o, "orphan")) {
        struct sb_object *held = sb_ref(sb_find_uid(sb, o->uid));
        each_dependent(sb, o, disown, held);
        sb_drop_finalizer(sb, held, "orphan");
        sb_unref(held);
    } else if (has_finalizer(o, "foregroundDeletion")) {
        struct waiting w = {0};
        struct sb_object *held = sb_ref(sb_find_uid(sb, o->uid));
        each_dependent(sb, held, delete_first, &w);
        if (!w.blocking)
            sb_drop_finalizer(sb, held, "foregroundDeletion");
        sb_unref(held);
    }
}
