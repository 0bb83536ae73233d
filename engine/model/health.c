/*
 * health.c: a live object -> its health. In: the object. Out: a status and a message, by the table
 * of reference/argocd.md section 1.9, one row a kind; the rules themselves stand in health_*.c. An
 * object on its way out is Progressing before any rule is asked. Users' Lua scripts are not run
 * here. Owns nothing; messages lie in the caller's arena and are foreign text.
 */
#include "model/model_int.h"

#define HOOK_FINALIZER "argocd.argoproj.io/hook-finalizer"

const char *const model_health_name[MODEL_HEALTH_MAX] = {
    [MODEL_NONE] = "None",         [MODEL_HEALTHY] = "Healthy",
    [MODEL_SUSPENDED] = "Suspended", [MODEL_PROGRESSING] = "Progressing",
    [MODEL_MISSING] = "Missing",   [MODEL_DEGRADED] = "Degraded",
    [MODEL_HEALTH_UNKNOWN] = "Unknown",
};

static const struct {
    const char *group, *kind;
    const char *versions[3];    /* a group's other versions are Unknown; none named: any */
    health_fn fn;
} kinds[] = {
    {"apps", "Deployment", {"v1"}, health_deployment},
    {"apps", "StatefulSet", {"v1"}, health_stateful_set},
    {"apps", "DaemonSet", {"v1"}, health_daemon_set},
    {"apps", "ReplicaSet", {"v1"}, health_replica_set},
    {"", "Pod", {"v1"}, health_pod},
    {"", "Service", {"v1"}, health_service},
    {"", "PersistentVolumeClaim", {"v1"}, health_claim},
    {"batch", "Job", {"v1"}, health_job},
    {"batch", "CronJob", {0}, health_cron_job},
    {"networking.k8s.io", "Ingress", {0}, health_ingress},
    {"extensions", "Ingress", {0}, health_ingress},
    {"autoscaling", "HorizontalPodAutoscaler", {"v1", "v2"}, health_autoscaler},
    {"apiregistration.k8s.io", "APIService", {"v1", "v1beta1"}, health_api_service},
    {"policy", "PodDisruptionBudget", {0}, health_budget},
    {"bitnami.com", "SealedSecret", {0}, health_sealed_secret},
    {"argoproj.io", "Workflow", {0}, health_workflow},
    {"argoproj.io", "ApplicationSet", {0}, health_application_set},
};

/* ---- for the families ---- */
struct model_health_of health_f(const struct health_in *in, enum model_health health,
                                const char *fmt, ...)
{
    struct model_health_of out = {.health = health};
    va_list ap;

    va_start(ap, fmt);
    out.message = rk_arena_vf(in->arena, fmt, ap);
    va_end(ap);
    return out;
}

struct model_health_of health_text(const struct health_in *in, enum model_health health,
                                   rk_str message)
{
    return (struct model_health_of){
        .health = health,
        .message = message.n ? rk_arena_dup(in->arena, message.p, message.n) : "",
    };
}

const struct doc_node *health_condition(const struct health_in *in, const char *type)
{
    const struct doc_node *list = doc_get(in->status, "conditions");

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++)
        if (rk_str_is(doc_get_text(doc_at(list, i), "type"), type))
            return doc_at(list, i);
    return NULL;
}

bool health_is_true(const struct doc_node *condition)
{
    return rk_str_is(doc_get_text(condition, "status"), "True");
}

int64_t health_generation(const struct health_in *in)
{
    return doc_get_int(in->metadata, "generation", 0);
}

/* ---- the door ---- */
static bool has_hook_finalizer(const struct doc_node *metadata)
{
    const struct doc_node *list = doc_get(metadata, "finalizers");

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++)
        if (rk_str_is(doc_text(doc_at(list, i)), HOOK_FINALIZER))
            return true;
    return false;
}

static bool version_fits(const char *const *versions, rk_str version)
{
    if (!versions[0])
        return true;
    for (; *versions; versions++)
        if (rk_str_is(version, *versions))
            return true;
    return false;
}

struct model_health_of model_health(struct rk_arena *a, const struct kube_object *live)
{
    struct health_in in = {
        .arena = a, .object = live, .metadata = doc_get(live->doc, "metadata"),
        .spec = doc_get(live->doc, "spec"), .status = doc_get(live->doc, "status"),
    };

    if (!doc_is_null(doc_get(in.metadata, "deletionTimestamp")) &&
        !has_hook_finalizer(in.metadata))
        return health_text(&in, MODEL_PROGRESSING, RK_STR("Pending deletion"));
    for (size_t i = 0; i < RK_LEN(kinds); i++) {
        if (!rk_str_is(live->key.kind, kinds[i].kind) ||
            !rk_str_is(live->key.group, kinds[i].group))
            continue;
        if (version_fits(kinds[i].versions, live->version))
            return kinds[i].fn(&in);
        return health_f(&in, MODEL_HEALTH_UNKNOWN, "unsupported %s version: %s/" RK_FMT_STR,
                        kinds[i].kind, kinds[i].group, RK_ARG_STR(live->version));
    }
    return (struct model_health_of){.health = MODEL_NONE, .message = ""};
}

enum model_health model_worst(enum model_health a, enum model_health b)
{
    return a > b ? a : b;
}
