/*
 * delete.c: one object deleted, and only that one: the uid goes along as a precondition, so that
 * an object that was made anew under the same name stays. Not found counts as done.
 */
#include "cluster/cluster_int.h"

static const char *const policies[] = {
    [CLUSTER_FOREGROUND] = "Foreground",
    [CLUSTER_BACKGROUND] = "Background",
    [CLUSTER_ORPHAN] = "Orphan",
};

static void add_body(struct cluster_call *k, const char *uid, enum cluster_propagation how)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = doc_map(a), *only = doc_map(a);

    doc_set_c(a, doc, "apiVersion", doc_string_c(a, "v1"));
    doc_set_c(a, doc, "kind", doc_string_c(a, "DeleteOptions"));
    doc_set_c(a, doc, "propagationPolicy", doc_string_c(a, policies[how]));
    doc_set_c(a, only, "uid", doc_string_c(a, uid));
    doc_set_c(a, doc, "preconditions", only);
    doc_json_write(&k->body, doc);
}

int cluster_delete(struct cluster *c, const struct kube_key *key, const char *uid,
                   enum cluster_propagation how, cluster_done_fn done, void *ctx,
                   struct cluster_call **out, struct rk_err *err)
{
    const struct cluster_kind *kind;
    struct cluster_call *k;

    if (path_kind(c, key, &kind, err) < 0)
        return -1;
    if (!uid || !uid[0])
        return rk_fail(err, RK_INVALID, "delete %.*s %.*s: the uid is missing",
                       RK_ARG_STR(key->kind), RK_ARG_STR(key->name));
    k = call_new(c, "DELETE", answer_finish, ctx);
    k->kind = kind;
    k->done.answer = done;
    k->not_found_ok = true;
    k->secret = kube_is_secret(key);
    k->content_type = "Content-Type: application/json";
    answer_name(k, "delete", key);
    path_item(&k->path, kind, key->namespace, key->name);
    add_body(k, uid, how);
    if (out)
        *out = k;
    call_submit(k);
    return 0;
}
