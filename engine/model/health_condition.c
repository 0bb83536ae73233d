/*
 * health_condition.c: health that is read off conditions: HorizontalPodAutoscaler,
 * PodDisruptionBudget, SealedSecret, ApplicationSet. In: one live object. Out: status and message
 * (reference/argocd.md section 1.9; a SealedSecret's message says why it could not be opened).
 */
#include "model/model_int.h"

/* ---- autoscaler ---- */
/* v1 spells the keys of its annotation as v2 spells those of its conditions. */
static bool scaler_is_degraded(const struct doc_node *condition)
{
    static const struct { const char *type, *reason; } bad[] = {
        {"AbleToScale", "FailedGetScale"},
        {"AbleToScale", "FailedUpdateScale"},
        {"ScalingActive", "FailedGetResourceMetric"},
        {"ScalingActive", "FailedGetObjectMetric"},
        {"ScalingActive", "FailedGetPodsMetric"},
        {"ScalingActive", "FailedGetExternalMetric"},
        {"ScalingActive", "FailedComputeMetricsReplicas"},
        {"ScalingActive", "InvalidSelector"},
    };

    for (size_t i = 0; i < RK_LEN(bad); i++)
        if (rk_str_is(doc_get_text(condition, "type"), bad[i].type) &&
            rk_str_is(doc_get_text(condition, "reason"), bad[i].reason))
            return true;
    return false;
}

static bool scaler_is_healthy(const struct doc_node *condition)
{
    rk_str type = doc_get_text(condition, "type");

    return (rk_str_is(type, "AbleToScale") || rk_str_is(type, "ScalingLimited")) &&
           health_is_true(condition);
}

/* The first condition that says something decides. */
static struct model_health_of scaler_conditions(const struct health_in *in,
                                                const struct doc_node *list)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        const struct doc_node *c = doc_at(list, i);

        if (scaler_is_degraded(c))
            return health_text(in, MODEL_DEGRADED, doc_get_text(c, "message"));
        if (scaler_is_healthy(c))
            return health_text(in, MODEL_HEALTHY, doc_get_text(c, "message"));
    }
    return health_text(in, MODEL_PROGRESSING, RK_STR("Waiting to Autoscale"));
}

struct model_health_of health_autoscaler(const struct health_in *in)
{
    rk_str text = kube_annotation(in->object, "autoscaling.alpha.kubernetes.io/conditions");
    struct doc_node *list = NULL;
    struct rk_err err = {0};

    if (!rk_str_is(in->object->version, "v1"))
        return scaler_conditions(in, doc_get(in->status, "conditions"));
    if (text.n && doc_json_read(in->arena, text, NULL, &list, &err) < 0)
        return health_f(in, MODEL_HEALTH_UNKNOWN, "the conditions annotation is no JSON: %s",
                        err.text);
    return scaler_conditions(in, list);
}

/* ---- disruption budget ---- */
struct model_health_of health_budget(const struct health_in *in)
{
    const struct doc_node *list = doc_get(in->status, "conditions");
    rk_str reason = RK_STR_NONE;

    if (doc_type(list) != DOC_LIST || doc_count(list) == 0)
        return health_text(in, MODEL_PROGRESSING, RK_STR("Waiting for status"));
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *c = doc_at(list, i);

        reason = doc_get_text(c, "reason");
        /* Too few pods can be meant: a single replica with minAvailable 1. */
        if (rk_str_is(doc_get_text(c, "status"), "False") && !rk_str_is(reason, "InsufficientPods"))
            return health_f(in, MODEL_DEGRADED, "PodDisruptionBudget has " RK_FMT_STR,
                            RK_ARG_STR(reason));
    }
    return health_f(in, MODEL_HEALTHY, "PodDisruptionBudget has " RK_FMT_STR, RK_ARG_STR(reason));
}

/* ---- sealed secret, application set ---- */
struct verdict_row { const char *type, *status; enum model_health health; };

/* The first row that a condition fulfils. */
static bool by_rows(const struct health_in *in, const struct verdict_row *rows, size_t n,
                    struct model_health_of *out)
{
    const struct doc_node *list = doc_get(in->status, "conditions");

    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
            const struct doc_node *c = doc_at(list, i);

            if (!rk_str_is(doc_get_text(c, "type"), rows[k].type) ||
                !rk_str_is(doc_get_text(c, "status"), rows[k].status))
                continue;
            *out = health_text(in, rows[k].health, doc_get_text(c, "message"));
            return true;
        }
    return false;
}

struct model_health_of health_sealed_secret(const struct health_in *in)
{
    static const struct verdict_row rows[] = {
        {"Synced", "False", MODEL_DEGRADED},
        {"Synced", "True", MODEL_HEALTHY},
    };
    struct model_health_of out;

    if (by_rows(in, rows, RK_LEN(rows), &out))
        return out;
    return health_text(in, MODEL_PROGRESSING,
                       RK_STR("Waiting for Sealed Secret to be decrypted"));
}

struct model_health_of health_application_set(const struct health_in *in)
{
    static const struct verdict_row rows[] = {
        {"ErrorOccurred", "True", MODEL_DEGRADED},
        {"ResourcesUpToDate", "False", MODEL_DEGRADED},
        {"RolloutProgressing", "True", MODEL_PROGRESSING},
        {"ResourcesUpToDate", "True", MODEL_HEALTHY},
    };
    struct model_health_of out;

    if (by_rows(in, rows, RK_LEN(rows), &out))
        return out;
    return health_text(in, MODEL_PROGRESSING, RK_STR("Waiting for the status to be reported"));
}
