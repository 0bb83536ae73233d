/*
 * foreign.c: does another automation look after this object? In: the object and its parsed
 * managedFields. Out: a name for people, or none. Marks in metadata always count (two automations
 * would fight); what another manager once wrote counts only until the object carries Reckon's own
 * tracking id. Labels that charts carry about without their tool (app.kubernetes.io/instance,
 * app.kubernetes.io/managed-by) do not count.
 */
#include "kube/kube.h"

struct sign {
    const char *name;
    const char *annotation, *label, *manager; /* one of them */
};

static const struct sign signs[] = {
    {.name = "Argo CD", .annotation = KUBE_ARGO_TRACKING_ID},
    {.name = "Flux", .label = "kustomize.toolkit.fluxcd.io/name"},
    {.name = "Flux", .label = "helm.toolkit.fluxcd.io/name"},
    {.name = "Helm", .annotation = "meta.helm.sh/release-name"},
    {.name = "Argo CD", .manager = "argocd-controller"},
    {.name = "Argo CD", .manager = "argocd-application-controller"},
    {.name = "Flux", .manager = "kustomize-controller"},
    {.name = "Flux", .manager = "helm-controller"},
    {.name = "Helm", .manager = "helm"},
};

static bool wrote(const struct kube_fields *f, const char *manager)
{
    for (size_t i = 0; f && i < kube_fields_entries(f); i++) {
        const struct kube_owner e = kube_fields_entry(f, i);
        if (rk_str_is(e.manager, manager) && e.subresource.n == 0)
            return true;
    }
    return false;
}

/* After a takeover Reckon may write Argo CD's annotation itself: then it is ours. */
static bool annotation_is_ours(const struct kube_object *o, const struct kube_fields *f,
                               const char *name)
{
    struct rk_buf pointer = RK_BUF_INIT;
    struct kube_owner owner;
    rk_buf_c(&pointer, "/metadata/annotations");
    doc_pointer_add(&pointer, rk_str_c(name));
    const struct kube_schema none = {0};
    const bool ours =
        f && kube_fields_owner(f, o->doc, rk_buf_view(&pointer), none, &owner) &&
        rk_str_is(owner.manager, KUBE_MANAGER) && rk_str_is(owner.operation, "Apply");
    rk_buf_release(&pointer);
    return ours;
}

rk_str kube_foreign(const struct kube_object *o, const struct kube_fields *fields)
{
    rk_str application;
    const bool tracked =
        kube_annotation(o, KUBE_TRACKING_ID).n > 0 && kube_tracked_by(o, &application);
    const bool applied =
        tracked || (fields && kube_fields_find(fields, RK_STR(KUBE_MANAGER), RK_STR("Apply")) !=
                                  SIZE_MAX);
    for (size_t i = 0; i < RK_LEN(signs); i++) {
        const struct sign *s = &signs[i];
        const bool found =
            (s->annotation && kube_annotation(o, s->annotation).n > 0 &&
             !annotation_is_ours(o, fields, s->annotation)) ||
            (s->label && kube_label(o, s->label).n > 0) ||
            (s->manager && !applied && wrote(fields, s->manager));
        if (found)
            return rk_str_c(s->name);
    }
    return RK_STR_NONE;
}

rk_str kube_foreign_live(const struct kube_object *live)
{
    rk_auto(rk_arena_freep) struct rk_arena *scratch = rk_arena_new();
    struct kube_fields *fields = NULL;
    struct rk_err ignored;
    if (kube_fields_parse(scratch, live->managed_fields, &fields, &ignored))
        fields = NULL;
    return kube_foreign(live, fields);
}
