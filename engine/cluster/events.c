/*
 * events.c: events about one object or of a namespace, read when somebody looks (they are the
 * busiest kind of a cluster and never watched). In: core/v1 Events, which hold those written
 * through events.k8s.io too. Out: rows, newest last; their texts are foreign.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

#include "reckon/time.h"

#define EVENTS_MOST "500"

static const char *text_at(struct rk_arena *a, rk_str s)
{
    return rk_arena_dup(a, s.p ? s.p : "", s.n);
}

static int64_t time_of(const struct doc_node *e)
{
    const rk_str candidates[] = {
        doc_get_text(doc_get(e, "series"), "lastObservedTime"),
        doc_get_text(e, "lastTimestamp"),
        doc_get_text(e, "eventTime"),
        doc_get_text(e, "firstTimestamp"),
        doc_get_text(doc_get(e, "metadata"), "creationTimestamp"),
    };
    int64_t ms;

    for (size_t i = 0; i < RK_LEN(candidates); i++)
        if (candidates[i].n && rk_time_parse(candidates[i], &ms))
            return ms;
    return 0;
}

static struct cluster_event read_event(struct rk_arena *a, const struct doc_node *e)
{
    const struct doc_node *about = doc_get(e, "involvedObject");
    rk_str from = doc_get_text(doc_get(e, "source"), "component");
    int64_t count = doc_get_int(doc_get(e, "series"), "count", doc_get_int(e, "count", 1));

    if (from.n == 0)
        from = doc_get_text(e, "reportingComponent");
    return (struct cluster_event){
        .time = time_of(e),
        .count = count > 0 ? count : 1,
        .type = text_at(a, doc_get_text(e, "type")),
        .reason = text_at(a, doc_get_text(e, "reason")),
        .message = text_at(a, doc_get_text(e, "message")),
        .source = text_at(a, from),
        .object = rk_arena_f(a, "%.*s/%.*s", RK_ARG_STR(doc_get_text(about, "kind")),
                             RK_ARG_STR(doc_get_text(about, "name"))),
    };
}

static int by_time(const void *x, const void *y)
{
    const struct cluster_event *a = x, *b = y;

    return a->time < b->time ? -1 : a->time > b->time;
}

static void finish(struct cluster_call *k, const struct call_result *r)
{
    const struct doc_limits limits = {.nodes = 1000000};
    struct cluster_event *v = NULL;
    struct doc_node *doc = NULL;
    struct rk_err err;
    size_t n = 0;

    if (!r->err && doc_json_read(r->arena, r->response->body, &limits, &doc, &err) < 0) {
        k->done.events(NULL, 0, &err, k->ctx);
        return;
    }
    const struct doc_node *items = doc_get(doc, "items");
    if (doc_type(items) == DOC_LIST)
        n = doc_count(items);
    if (n > 0)
        v = rk_arena_array(r->arena, n, sizeof(*v));
    for (size_t i = 0; i < n; i++)
        v[i] = read_event(r->arena, doc_at(items, i));
    if (n > 1)
        qsort(v, n, sizeof(*v), by_time);
    k->done.events(v, n, r->err, k->ctx);
}

int cluster_events(struct cluster *c, const char *ns, const char *uid, cluster_events_fn done,
                   void *ctx, struct cluster_call **out, struct rk_err *err)
{
    struct cluster_call *k;

    if (!uid && !ns)
        return rk_fail(err, RK_INVALID, "events of what? Name an object or a namespace");
    k = call_new(c, "GET", finish, ctx);
    k->done.events = done;
    k->what = rk_strdup("events");
    rk_buf_c(&k->path, "/api/v1");
    if (ns && ns[0]) {
        rk_buf_c(&k->path, "/namespaces/");
        net_escape(&k->path, rk_str_c(ns));
    }
    rk_buf_c(&k->path, "/events?limit=" EVENTS_MOST);
    if (uid) {
        rk_buf_c(&k->path, "&fieldSelector=");
        rk_auto(rk_free_str) char *selector = rk_asprintf("involvedObject.uid=%s", uid);
        net_escape(&k->path, rk_str_c(selector));
    }
    if (out)
        *out = k;
    call_submit(k);
    return 0;
}
