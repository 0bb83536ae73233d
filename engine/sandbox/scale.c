/*
 * scale.c: the /scale subresource: a workload's replicas as an autoscaling/v1 Scale. In: GET, PUT,
 * PATCH. Out: the Scale. The change is booked under the subresource "scale".
 */
#include "sandbox/sandbox_int.h"

static void selector_text(struct rk_buf *out, const struct doc_node *o)
{
    const struct doc_node *labels = doc_walk(o, "spec.selector.matchLabels");
    for (size_t i = 0; i < doc_count(labels); i++)
        rk_buf_f(out, "%s" RK_FMT_STR "=" RK_FMT_STR, i ? "," : "",
                 RK_ARG_STR(doc_pair_at(labels, i)->key),
                 RK_ARG_STR(doc_text(doc_pair_at(labels, i)->value)));
}

static struct doc_node *scale_of(struct rk_arena *a, const struct sb_object *o)
{
    static const char *const kept[] = {"name", "namespace", "uid", "resourceVersion",
                                       "creationTimestamp"};
    struct doc_node *s = doc_map(a), *meta = doc_map(a), *status;
    rk_auto(rk_buf_release) struct rk_buf selector = RK_BUF_INIT;
    sb_set_str(a, s, "kind", "Scale");
    sb_set_str(a, s, "apiVersion", "autoscaling/v1");
    for (size_t i = 0; i < RK_LEN(kept); i++)
        doc_set_c(a, meta, kept[i], doc_string(a, doc_get_text(doc_get(o->doc, "metadata"),
                                                               kept[i])));
    doc_set_c(a, s, "metadata", meta);
    sb_set_int(a, doc_make(a, s, "spec"), "replicas", sb_int(o->doc, "spec.replicas", 0));
    status = doc_make(a, s, "status");
    sb_set_int(a, status, "replicas", sb_int(o->doc, "status.replicas", 0));
    selector_text(&selector, o->doc);
    doc_set_c(a, status, "selector", doc_string(a, rk_buf_view(&selector)));
    return s;
}

/* The wanted Scale: the body of a PUT, or the patched present one. */
static int wanted(struct sb_request *r, const struct sb_object *o, struct doc_node **scale)
{
    struct doc_node *body;
    struct rk_err err;
    const rk_str type = rk_str_trim(rk_str_cut(net_header(r->x, "Content-Type"), ';', NULL));
    const bool json_patch = rk_str_is(type, "application/json-patch+json");
    if (sb_read_body(r, &body) < 0)
        return -1;
    if (rk_streq(r->x->method, "PUT")) {
        *scale = body;
        return 0;
    }
    *scale = scale_of(r->arena, o);
    if (!json_patch)
        doc_merge_patch(r->arena, scale, body);
    else if (doc_patch(r->arena, scale, body, &err) < 0)
        return sb_fail(&r->failure, 422, "Invalid", "the server rejected our request due to an "
                       "error in our request: %s", err.text);
    return 0;
}

static int change_scale(struct sb_request *r, const struct sb_object *o)
{
    struct doc_node *scale;
    struct sb_object *now;
    struct sb_change c = sb_change_of(r, o);
    const rk_str present = sb_str(o->doc, "metadata.resourceVersion");
    if (wanted(r, o, &scale) < 0)
        return -1;
    const rk_str rv = sb_str(scale, "metadata.resourceVersion");
    if (rv.n && !rk_str_eq(rv, present))
        return sb_fail_modified(&r->failure, r->type, o->name);
    const int64_t n = sb_int(scale, "spec.replicas", 0);
    if (n < 0) {
        struct sb_invalid v = {.failure = &r->failure};
        sb_invalid_add(&v, "FieldValueInvalid", "spec.replicas",
                       "Invalid value: %lld: must be greater than or equal to 0", (long long)n);
        return sb_invalid_end(&v, &(struct sb_type){.group = "autoscaling", .kind = "Scale"},
                              o->name);
    }
    c.doc = doc_copy(r->arena, o->doc);
    sb_set_int(r->arena, doc_make(r->arena, c.doc, "spec"), "replicas", n);
    if (sb_commit(&c, &r->failure, &now) < 0)
        return -1;
    sb_reply_doc(r, 200, scale_of(r->arena, now));
    if (c.dry_run)
        sb_unref(now);
    return 0;
}

void sb_scale(struct sb_request *r)
{
    const struct sb_object *o = sb_find(r->type, r->ns, r->name);
    const bool writes = rk_streq(r->x->method, "PUT") || rk_streq(r->x->method, "PATCH");
    int rc = 0;
    if (!o)
        rc = sb_fail_not_found(&r->failure, r->type, r->name);
    else if (writes)
        rc = change_scale(r, o);
    else if (rk_streq(r->x->method, "GET"))
        sb_reply_doc(r, 200, scale_of(r->arena, o));
    else
        rc = sb_fail(&r->failure, 405, "MethodNotAllowed",
                     "the server does not allow this method on the requested resource");
    if (rc < 0)
        sb_reply_failure(r);
}
