/*
 * read.c: one object read from the server now. What comes is stripped and masked as the watch
 * does, and goes into the store when its kind is watched and it is newer.
 */
#include "cluster/cluster_int.h"

int cluster_read(struct cluster *c, const struct kube_key *key, cluster_done_fn done, void *ctx,
                 struct cluster_call **out, struct rk_err *err)
{
    const struct cluster_kind *kind;
    struct cluster_call *k;

    if (path_kind(c, key, &kind, err) < 0)
        return -1;
    k = call_new(c, "GET", answer_finish, ctx);
    k->kind = kind;
    k->done.answer = done;
    k->secret = kube_is_secret(key);
    answer_name(k, "read", key);
    path_item(&k->path, kind, key->namespace, key->name);
    if (out)
        *out = k;
    call_submit(k);
    return 0;
}
