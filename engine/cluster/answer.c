/*
 * answer.c: the end of an effect or a single read: the HTTP answer in, struct cluster_answer out.
 * An object that came back is newer than the watch: the store gets it at once, so that who applied
 * sees it without waiting for the event.
 */
#include "cluster/cluster_int.h"

#include <string.h>

#include "reckon/time.h"

void answer_name(struct cluster_call *k, const char *verb, const struct kube_key *key)
{
    struct rk_buf text = RK_BUF_INIT;

    kube_key_text(&text, key);
    k->object = rk_buf_take(&text);
    k->what = rk_asprintf("%s %.*s %.*s%s%.*s", verb, RK_ARG_STR(key->kind),
                          RK_ARG_STR(key->namespace), key->namespace.n ? "/" : "",
                          RK_ARG_STR(key->name));
}

static const char *text_of(struct rk_arena *a, rk_str s)
{
    return s.n ? rk_arena_dup(a, s.p, s.n) : NULL;
}

/* A delete may answer with a Status instead of the object. */
static struct cluster_object *object_of(struct cluster_call *k, rk_str body)
{
    struct cluster_object *o = NULL;
    rk_str kind = json_unquote(json_member_find(body, "kind"));

    if (body.n == 0 || rk_str_is(kind, "Status"))
        return NULL;
    return object_read(k->c, body, k->kind, &o, NULL) < 0 ? NULL : o;
}

static void say_refusal(struct cluster_answer *out, const struct call_result *r)
{
    out->reason = text_of(r->arena, r->status->reason);
    out->message = text_of(r->arena, r->status->message);
    out->conflicts = r->status->conflicts;
    out->n_conflicts = r->status->n_conflicts;
}

void answer_finish(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;
    struct cluster_answer out = {.elapsed_us = rk_mono_us() - k->begun_us};
    const struct rk_err *err = r->err;
    struct cluster_object *o = NULL;
    bool write = strcmp(k->method, "PATCH") == 0;

    if (r->response) {
        out.status = r->response->status;
        out.created = out.status == 201;
        out.warning = status_warning(r->arena, r->response->warning);
    }
    if (r->status)
        say_refusal(&out, r);
    if (err && r->status && r->status->code == 404 && k->not_found_ok)
        err = NULL;
    if (!r->err)
        o = object_of(k, r->response->body);
    if (o && !k->dry_run && (write || strcmp(k->method, "GET") == 0))
        watch_offer(c, o); /* tells the observer, who may close the cluster */
    out.object = o;
    if (!c->dead)
        k->done.answer(&out, err, k->ctx);
    cluster_unref(o);
}
