/*
 * path.c: kind and key in, the path of a request out; every segment escaped. Says which kind a key
 * means and refuses a key that does not fit it: a write must never land in another namespace.
 */
#include "cluster/cluster_int.h"

void path_collection(struct rk_buf *out, const struct cluster_kind *k, rk_str namespace)
{
    if (k->group[0] == '\0') {
        rk_buf_c(out, "/api/");
    } else {
        rk_buf_c(out, "/apis/");
        net_escape(out, rk_str_c(k->group));
        rk_buf_ch(out, '/');
    }
    net_escape(out, rk_str_c(k->version));
    if (k->namespaced && namespace.n > 0) {
        rk_buf_c(out, "/namespaces/");
        net_escape(out, namespace);
    }
    rk_buf_ch(out, '/');
    net_escape(out, rk_str_c(k->plural));
}

void path_item(struct rk_buf *out, const struct cluster_kind *k, rk_str namespace, rk_str name)
{
    path_collection(out, k, namespace);
    rk_buf_ch(out, '/');
    net_escape(out, name);
}

static bool usable(rk_str segment)
{
    return segment.n > 0 && segment.n < 254 && !memchr(segment.p, '/', segment.n) &&
           !memchr(segment.p, '%', segment.n) && !rk_str_is(segment, ".") &&
           !rk_str_is(segment, "..");
}

int path_kind(const struct cluster *c, const struct kube_key *key, const struct cluster_kind **out,
              struct rk_err *err)
{
    const struct cluster_kind *k = cluster_kind(c, key->group, key->kind);

    if (!k && !c->disco.done)
        return rk_fail(err, RK_UNAVAILABLE, "cluster %s: not connected yet", c->name);
    if (!k)
        return rk_fail(err, RK_NOT_FOUND,
                       "cluster %s does not serve kind %.*s of group \"%.*s\": "
                       "is its CRD installed?",
                       c->name, RK_ARG_STR(key->kind), RK_ARG_STR(key->group));
    if (!usable(key->name))
        return rk_fail(err, RK_INVALID, "%.*s: \"%.*s\" is no name for an object",
                       RK_ARG_STR(key->kind), RK_ARG_STR(key->name));
    if (k->namespaced && !usable(key->namespace))
        return rk_fail(err, RK_INVALID, "%.*s %.*s needs a namespace", RK_ARG_STR(key->kind),
                       RK_ARG_STR(key->name));
    *out = k;
    return 0;
}
