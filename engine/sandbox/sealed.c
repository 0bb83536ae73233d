/*
 * sealed.c: the sealed-secrets controller: opens a SealedSecret with the sandbox's key and keeps
 * its Secret. In: a SealedSecret. Out: the Secret, owned by it; condition Synced, events. As the
 * real one it leaves alone an edited Secret until the SealedSecret changes, and makes a deleted one
 * again. Clear values live in wiping arenas only.
 */
#include "sandbox/sandbox_int.h"
#include "seal/seal.h"

#define UNSEALER "sealed-secrets-controller"

static void tell(struct sandbox *sb, const struct sb_object *o, bool ok, const char *why)
{
    struct sb_edit e = sb_edit_begin(sb, o, UNSEALER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status");
    const struct sb_condition c = {.type = "Synced", .status = ok ? "True" : "False",
                                   .message = why, .updates = true, .renew = true};
    sb_condition_set(a, status, &c, e.change.now_ms);
    sb_set_int(a, status, "observedGeneration", sb_int(o->doc, "metadata.generation", 0));
    sb_edit_end(&e);
    if (ok)
        sb_event(sb, o, "sealed-secrets", "Normal", "Unsealed",
                 "SealedSecret unsealed successfully");
    else
        sb_event(sb, o, "sealed-secrets", "Warning", "ErrUnsealFailed", "Failed to unseal: %s",
                 why);
}

/* May this Secret be written? Its owner is o, or it says that it is managed. */
static bool ours(const struct sb_object *secret, const struct sb_object *o)
{
    const struct doc_node *notes = doc_walk(secret->doc, "metadata.annotations");
    return sb_owned_by(secret, o) ||
           rk_str_is(doc_get_text(notes, "sealedsecrets.bitnami.com/managed"), "true");
}

static const char *write_secret(struct sandbox *sb, const struct sb_object *o,
                                const struct doc_node *clear, struct rk_arena *a)
{
    struct sb_type *t = sb_type_of(sb, "", "Secret");
    const struct sb_object *old = sb_find(t, o->ns, o->name);
    struct sb_failure f = {.arena = a};
    struct sb_object *out;
    if (old && !ours(old, o))
        return rk_arena_f(a, "failed update: Resource \"" RK_FMT_STR "\" already exists and is not "
                          "managed by SealedSecret", RK_ARG_STR(o->name));
    struct sb_change c = {.sb = sb, .arena = a, .type = t, .old = old, .sub = "",
                          .manager = RK_STR(UNSEALER), .now_ms = rk_wall_ms(),
                          .doc = doc_copy(a, clear)};
    return sb_commit(&c, &f, &out) < 0 ? f.message : NULL;
}

void sb_control_sealed(struct sandbox *sb, const struct sb_object *o)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new_wiping();
    const rk_str key = rk_buf_view(&sb->seal_key);
    const struct doc_node *seen = sb_condition(doc_get(o->doc, "status"), "Synced");
    const bool done = seen && sb_int(o->doc, "status.observedGeneration", 0) ==
                                  sb_int(o->doc, "metadata.generation", 1);
    const bool synced = rk_str_is(doc_get_text(seen, "status"), "True");
    struct doc_node *clear;
    struct rk_err err;
    if (!key.n || sb_ending(o) ||
        (done && (!synced || sb_find(sb_type_of(sb, "", "Secret"), o->ns, o->name))))
        return;     /* without a key: sb_seed_key touches every SealedSecret */
    if (seal_unseal(a, &key, 1, o->doc, &clear, &err) < 0) {
        tell(sb, o, false, rk_arena_f(a, "no key could decrypt secret (%s)", err.text));
        return;
    }
    const char *why = write_secret(sb, o, clear, a);
    tell(sb, o, !why, why);
}
