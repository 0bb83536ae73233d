/*
 * annotation.c: what an object says about its own sync: hook, wave, options. In: annotations of
 * Argo CD and of Helm. Out: phases, a number, a value. An Argo hook beats a Helm hook; Helm hooks
 * that Argo CD does not know make an object that is never applied (reference/argocd.md 1.3).
 */
#include "plan/plan_int.h"

#define HOOK "argocd.argoproj.io/hook"
#define WAVE "argocd.argoproj.io/sync-wave"
#define OPTIONS "argocd.argoproj.io/sync-options"
#define HELM_HOOK "helm.sh/hook"
#define HELM_WEIGHT "helm.sh/hook-weight"

enum { PHASE_NONE = -2, PHASE_SKIP = -3 }; /* known names that make no task in a sync */

struct name { const char *name; int phase; };

static const struct name argo_hooks[] = {
    {"PreSync", PLAN_PRE_SYNC}, {"Sync", PLAN_SYNC}, {"PostSync", PLAN_POST_SYNC},
    {"SyncFail", PLAN_SYNC_FAIL}, {"Skip", PHASE_SKIP}, {"PreDelete", PHASE_NONE},
    {"PostDelete", PHASE_NONE},
};
static const struct name helm_hooks[] = {
    {"pre-install", PLAN_PRE_SYNC}, {"pre-upgrade", PLAN_PRE_SYNC},
    {"post-install", PLAN_POST_SYNC}, {"post-upgrade", PLAN_POST_SYNC},
};

struct hooks { unsigned phases; size_t known; bool skip; };

static void read_hooks(rk_str list, const struct name *names, size_t n, struct hooks *out)
{
    while (list.n) {
        const rk_str one = rk_str_trim(rk_str_cut(list, ',', &list));
        for (size_t i = 0; i < n; i++) {
            if (!rk_str_is(one, names[i].name))
                continue;
            out->known++;
            out->skip |= names[i].phase == PHASE_SKIP;
            if (names[i].phase >= PLAN_PRE_SYNC)
                out->phases |= 1u << (names[i].phase + 1);
        }
    }
}

static bool has_annotation(const struct kube_object *o, const char *name)
{
    return doc_get(doc_walk(o->doc, "metadata.annotations"), name) != NULL;
}

enum annotated annotation_hook(const struct kube_object *o, unsigned *phases)
{
    struct hooks h = {0};
    const bool argo = has_annotation(o, HOOK);
    const rk_str helm = kube_annotation(o, HELM_HOOK);
    const bool helm_hook = has_annotation(o, HELM_HOOK) && !rk_str_is(helm, "crd-install");
    *phases = 0;
    if (!argo && !helm_hook)
        return ANNOTATED_NOTHING;
    read_hooks(kube_annotation(o, HOOK), argo_hooks, RK_LEN(argo_hooks), &h);
    if (!h.known && helm_hook)
        read_hooks(helm, helm_hooks, RK_LEN(helm_hooks), &h);
    if (h.skip && h.known == 1)
        return ANNOTATED_SKIP;
    *phases = h.phases;
    return ANNOTATED_HOOK;
}

int64_t annotation_wave(const struct kube_object *o)
{
    static const char *const names[] = {WAVE, HELM_WEIGHT};
    int64_t wave;
    for (size_t i = 0; i < RK_LEN(names); i++) {
        rk_str text = kube_annotation(o, names[i]);
        if (text.n > 1 && text.p[0] == '+' && text.p[1] != '-')
            text = (rk_str){text.p + 1, text.n - 1};
        if (rk_str_int(text, &wave))
            return wave;
    }
    return 0;
}

rk_str annotation_option(const struct kube_object *o, const char *name)
{
    rk_str list = o ? kube_annotation(o, OPTIONS) : RK_STR_NONE;
    while (list.n) {
        rk_str value;
        const rk_str key = rk_str_cut(rk_str_trim(rk_str_cut(list, ',', &list)), '=', &value);
        if (value.p && rk_str_is(key, name))
            return value;
    }
    return RK_STR_NONE;
}
