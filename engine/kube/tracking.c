/*
 * tracking.c: whose object is this? Reads and writes the tracking id ("<application>:<group>/
 * <kind>:<namespace>/<name>", reference/argocd.md section 1.5). An id that names another object (a
 * copied annotation) does not count.
 */
#include "kube/kube.h"

void kube_tracking_id(struct rk_buf *out, rk_str application, const struct kube_key *k)
{
    rk_buf_f(out, "%.*s:%.*s/%.*s:%.*s/%.*s", RK_ARG_STR(application), RK_ARG_STR(k->group),
             RK_ARG_STR(k->kind), RK_ARG_STR(k->namespace), RK_ARG_STR(k->name));
}

static bool names_object(rk_str id, const struct kube_key *k, rk_str *application)
{
    struct rk_buf tail = RK_BUF_INIT;
    kube_tracking_id(&tail, RK_STR_NONE, k);
    const bool same = id.n > tail.n && memcmp(id.p + id.n - tail.n, tail.p, tail.n) == 0;
    if (same)
        *application = (rk_str){id.p, id.n - tail.n};
    rk_buf_release(&tail);
    return same;
}

bool kube_tracked_by(const struct kube_object *o, rk_str *application)
{
    static const char *const names[] = {KUBE_TRACKING_ID, KUBE_ARGO_TRACKING_ID};
    for (size_t i = 0; i < RK_LEN(names); i++) {
        rk_str found;
        if (names_object(kube_annotation(o, names[i]), &o->key, &found)) {
            *application = found;
            return true;
        }
    }
    return false;
}
