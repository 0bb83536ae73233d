/*
 * logs.c: a container's log as bytes, followed or not. It passes the queue for its credentials and
 * its first tries; once bytes came it is never begun again, since they would come twice.
 */
#include "cluster/cluster_int.h"

static void finish(struct cluster_call *k, const struct call_result *r)
{
    k->done.ended(r->err, k->ctx);
}

int cluster_logs(struct cluster *c, const struct cluster_logs *what,
                 void (*on_bytes)(rk_str bytes, void *ctx),
                 void (*done)(const struct rk_err *err, void *ctx), void *ctx,
                 struct cluster_call **out, struct rk_err *err)
{
    static const struct cluster_kind pod = {.group = "", .version = "v1", .kind = "Pod",
                                            .plural = "pods", .namespaced = true};
    struct cluster_call *k;

    if (!what->ns || !what->ns[0] || !what->pod || !what->pod[0])
        return rk_fail(err, RK_INVALID, "a log needs a namespace and a pod");
    k = call_new(c, "GET", finish, ctx);
    k->stream = true;
    k->bytes = on_bytes;
    k->done.ended = done;
    k->accept = "Accept: text/plain, application/json";
    k->what = rk_asprintf("log of pod %s/%s", what->ns, what->pod);
    path_item(&k->path, &pod, rk_str_c(what->ns), rk_str_c(what->pod));
    rk_buf_f(&k->path, "/log?follow=%s&previous=%s", what->follow ? "true" : "false",
             what->previous ? "true" : "false");
    if (what->tail > 0)
        rk_buf_f(&k->path, "&tailLines=%lld", (long long)what->tail);
    if (what->container && what->container[0]) {
        rk_buf_c(&k->path, "&container=");
        net_escape(&k->path, rk_str_c(what->container));
    }
    if (out)
        *out = k;
    call_submit(k);
    return 0;
}
