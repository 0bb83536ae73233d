/*
 * health_pod.c: health of a Pod, and what ails one while its owner is still Progressing. In: a
 * live Pod. Out: status and message (reference/argocd.md section 1.9); or the reason of its
 * trouble at once ("ImagePullBackOff: ..."), which Argo CD's verdict only shows after the progress
 * deadline.
 */
#include "model/model_int.h"

#define HOOK "argocd.argoproj.io/hook"
#define IGNORE_RESTART "argocd.argoproj.io/ignore-restart-policy"

static bool is_error(rk_str reason)
{
    return rk_str_starts(reason, "Err") || rk_str_ends(reason, "Error") ||
           rk_str_ends(reason, "BackOff");
}

/* Meant to run on: a finite pod that fails to start may be a hook, which is judged at its end. */
static bool is_long_lived(const struct health_in *in)
{
    if (rk_str_is(doc_get_text(in->spec, "restartPolicy"), "Always"))
        return true;
    return rk_str_is(kube_annotation(in->object, IGNORE_RESTART), "true") &&
           !kube_annotation(in->object, HOOK).n;
}

/* Messages of all containers that wait in an error, joined; false when none does. */
static bool waiting_errors(const struct health_in *in, const char **message)
{
    const struct doc_node *list = doc_get(in->status, "containerStatuses");
    const char *text = NULL;

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        const struct doc_node *waiting = doc_get(doc_get(doc_at(list, i), "state"), "waiting");
        rk_str said = doc_get_text(waiting, "message");

        if (!is_error(doc_get_text(waiting, "reason")))
            continue;
        text = text ? rk_arena_f(in->arena, "%s, " RK_FMT_STR, text, RK_ARG_STR(said))
                    : rk_arena_f(in->arena, RK_FMT_STR, RK_ARG_STR(said));
    }
    *message = text;
    return text != NULL;
}

/* Why a container ended badly, or NULL. */
static const char *end_message(struct rk_arena *a, const struct doc_node *container,
                               const struct doc_node *terminated)
{
    rk_str message = doc_get_text(terminated, "message"), name = doc_get_text(container, "name");
    int64_t code = doc_get_int(terminated, "exitCode", 0);

    if (message.n)
        return rk_arena_dup(a, message.p, message.n);
    if (rk_str_is(doc_get_text(terminated, "reason"), "OOMKilled"))
        return "OOMKilled";
    if (code != 0)
        return rk_arena_f(a, "container \"" RK_FMT_STR "\" failed with exit code %lld",
                          RK_ARG_STR(name), (long long)code);
    return NULL;
}

static const char *const container_lists[] = {"initContainerStatuses", "containerStatuses"};

static struct model_health_of failed(const struct health_in *in, rk_str message)
{
    if (message.n)
        return health_text(in, MODEL_DEGRADED, message);
    for (size_t k = 0; k < RK_LEN(container_lists); k++) {
        const struct doc_node *list = doc_get(in->status, container_lists[k]);

        for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
            const struct doc_node *c = doc_at(list, i);
            const char *text = end_message(in->arena, c, doc_walk(c, "state.terminated"));

            if (text)
                return (struct model_health_of){MODEL_DEGRADED, text};
        }
    }
    return health_text(in, MODEL_DEGRADED, RK_STR_NONE);
}

static bool has_restarted(const struct health_in *in)
{
    const struct doc_node *list = doc_get(in->status, "containerStatuses");

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++)
        if (!doc_is_null(doc_walk(doc_at(list, i), "lastState.terminated")))
            return true;
    return false;
}

static struct model_health_of running(const struct health_in *in, bool long_lived, rk_str message)
{
    enum model_health health = MODEL_PROGRESSING;

    if (long_lived && health_is_true(health_condition(in, "Ready")))
        health = MODEL_HEALTHY;
    else if (long_lived && has_restarted(in))
        health = MODEL_DEGRADED;
    return health_text(in, health, message);
}

struct model_health_of health_pod(const struct health_in *in)
{
    bool long_lived = is_long_lived(in);
    rk_str phase = doc_get_text(in->status, "phase");
    rk_str message = doc_get_text(in->status, "message");
    const char *errors;

    if (long_lived && waiting_errors(in, &errors))
        return (struct model_health_of){MODEL_DEGRADED, errors};
    if (rk_str_is(phase, "Pending"))
        return health_text(in, MODEL_PROGRESSING, message);
    if (rk_str_is(phase, "Succeeded"))
        return health_text(in, MODEL_HEALTHY, message);
    if (rk_str_is(phase, "Failed"))
        return failed(in, message);
    if (rk_str_is(phase, "Running"))
        return running(in, long_lived, message);
    return health_text(in, MODEL_HEALTH_UNKNOWN, message);
}

/* ---- trouble ---- */
/* Waiting for these is how every pod starts. */
static bool is_usual(rk_str reason)
{
    return !reason.n || rk_str_is(reason, "ContainerCreating") ||
           rk_str_is(reason, "PodInitializing");
}

static const char *reason_text(struct rk_arena *a, rk_str reason, rk_str message)
{
    if (!message.n)
        return rk_arena_dup(a, reason.p, reason.n);
    return rk_arena_f(a, RK_FMT_STR ": " RK_FMT_STR, RK_ARG_STR(reason), RK_ARG_STR(message));
}

static const char *container_trouble(struct rk_arena *a, const struct doc_node *container)
{
    const struct doc_node *waiting = doc_walk(container, "state.waiting");
    const struct doc_node *ended = doc_walk(container, "state.terminated");
    const struct doc_node *last = doc_walk(container, "lastState.terminated");
    rk_str reason = doc_get_text(waiting, "reason");
    const char *why;

    if (!is_usual(reason)) {
        why = end_message(a, container, last);
        if (rk_str_is(reason, "CrashLoopBackOff") && why)
            return rk_arena_f(a, "CrashLoopBackOff: %s", why);
        return reason_text(a, reason, doc_get_text(waiting, "message"));
    }
    if (doc_get_int(ended, "exitCode", 0) == 0)
        return NULL;
    reason = doc_get_text(ended, "reason");
    why = end_message(a, container, ended);
    if (!why || rk_str_is(reason, why))
        return why;
    return rk_arena_f(a, RK_FMT_STR "%s%s", RK_ARG_STR(reason), reason.n ? ": " : "", why);
}

const char *model_pod_trouble(struct rk_arena *a, const struct kube_object *pod)
{
    struct health_in in = {.arena = a, .object = pod, .status = doc_get(pod->doc, "status")};
    const struct doc_node *scheduled = health_condition(&in, "PodScheduled");
    rk_str reason = doc_get_text(in.status, "reason");

    if (!rk_str_is(pod->key.kind, "Pod") ||
        !doc_is_null(doc_walk(pod->doc, "metadata.deletionTimestamp")))
        return NULL;
    for (size_t k = 0; k < RK_LEN(container_lists); k++) {
        const struct doc_node *list = doc_get(in.status, container_lists[k]);

        for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
            const char *text = container_trouble(a, doc_at(list, i));

            if (text)
                return text;
        }
    }
    if (rk_str_is(doc_get_text(in.status, "phase"), "Failed") && reason.n)
        return reason_text(a, reason, doc_get_text(in.status, "message"));
    if (rk_str_is(doc_get_text(scheduled, "status"), "False") &&
        rk_str_is(doc_get_text(scheduled, "reason"), "Unschedulable"))
        return reason_text(a, RK_STR("Unschedulable"), doc_get_text(scheduled, "message"));
    return NULL;
}
