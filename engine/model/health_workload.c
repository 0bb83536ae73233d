/*
 * health_workload.c: health of Deployment, StatefulSet, DaemonSet, ReplicaSet. In: one live
 * object. Out: status and message, first rule that applies (reference/argocd.md section 1.9).
 */
#include "model/model_int.h"

static int64_t status_int(const struct health_in *in, const char *key)
{
    return doc_get_int(in->status, key, 0);
}

/* spec.replicas; false when it is not set. */
static bool wanted(const struct health_in *in, int64_t *replicas)
{
    return doc_as_int(doc_get(in->spec, "replicas"), replicas);
}

static bool is_behind(const struct health_in *in)
{
    return health_generation(in) > status_int(in, "observedGeneration");
}

static long long n(int64_t v) { return (long long)v; }

struct model_health_of health_deployment(const struct health_in *in)
{
    int64_t updated = status_int(in, "updatedReplicas"), replicas;
    int64_t old = status_int(in, "replicas") - updated;
    int64_t available = status_int(in, "availableReplicas");
    const struct doc_node *progress = health_condition(in, "Progressing");

    if (doc_get_bool(in->spec, "paused", false))
        return health_text(in, MODEL_SUSPENDED, RK_STR("Deployment is paused"));
    if (is_behind(in))
        return health_text(in, MODEL_PROGRESSING,
                           RK_STR("Waiting for rollout to finish: observed deployment generation "
                                  "less than desired generation"));
    if (rk_str_is(doc_get_text(progress, "reason"), "ProgressDeadlineExceeded"))
        return health_f(in, MODEL_DEGRADED,
                        "Deployment \"" RK_FMT_STR "\" exceeded its progress deadline",
                        RK_ARG_STR(in->object->key.name));
    if (wanted(in, &replicas) && updated < replicas)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for rollout to finish: %lld out of %lld new replicas have been "
                        "updated...", n(updated), n(replicas));
    if (old > 0)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for rollout to finish: %lld old replicas are pending "
                        "termination...", n(old));
    if (available < updated)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for rollout to finish: %lld of %lld updated replicas are "
                        "available...", n(available), n(updated));
    return health_text(in, MODEL_HEALTHY, RK_STR_NONE);
}

/* A rollingUpdate block: only the pods above its partition are to be new. */
static struct model_health_of partitioned(const struct health_in *in,
                                          const struct doc_node *rolling)
{
    int64_t updated = status_int(in, "updatedReplicas"), partition, replicas;

    if (wanted(in, &replicas) && doc_as_int(doc_get(rolling, "partition"), &partition) &&
        updated < replicas - partition)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for partitioned roll out to finish: %lld out of %lld new pods "
                        "have been updated...", n(updated), n(replicas - partition));
    return health_f(in, MODEL_HEALTHY,
                    "partitioned roll out complete: %lld new pods have been updated...",
                    n(updated));
}

struct model_health_of health_stateful_set(const struct health_in *in)
{
    const struct doc_node *strategy = doc_get(in->spec, "updateStrategy");
    const struct doc_node *rolling = doc_get(strategy, "rollingUpdate");
    rk_str type = doc_get_text(strategy, "type");
    rk_str next = doc_get_text(in->status, "updateRevision");
    rk_str current = doc_get_text(in->status, "currentRevision");
    int64_t ready = status_int(in, "readyReplicas"), replicas;

    if (status_int(in, "observedGeneration") == 0 || is_behind(in))
        return health_text(in, MODEL_PROGRESSING,
                           RK_STR("Waiting for statefulset spec update to be observed..."));
    if (wanted(in, &replicas) && ready < replicas)
        return health_f(in, MODEL_PROGRESSING, "Waiting for %lld pods to be ready...",
                        n(replicas - ready));
    if (rk_str_is(type, "RollingUpdate") && doc_type(rolling) == DOC_MAP)
        return partitioned(in, rolling);
    if (rk_str_is(type, "OnDelete"))
        return health_f(in, MODEL_HEALTHY, "statefulset has %lld ready pods", n(ready));
    if (!rk_str_eq(next, current))
        return health_f(in, MODEL_PROGRESSING,
                        "waiting for statefulset rolling update to complete %lld pods at revision "
                        RK_FMT_STR "...", n(status_int(in, "updatedReplicas")), RK_ARG_STR(next));
    return health_f(in, MODEL_HEALTHY,
                    "statefulset rolling update complete %lld pods at revision " RK_FMT_STR "...",
                    n(status_int(in, "currentReplicas")), RK_ARG_STR(current));
}

struct model_health_of health_daemon_set(const struct health_in *in)
{
    int64_t updated = status_int(in, "updatedNumberScheduled");
    int64_t desired = status_int(in, "desiredNumberScheduled");
    int64_t available = status_int(in, "numberAvailable");
    rk_str name = in->object->key.name;

    if (is_behind(in))
        return health_text(in, MODEL_PROGRESSING,
                           RK_STR("Waiting for rollout to finish: observed daemon set generation "
                                  "less than desired generation"));
    if (rk_str_is(doc_get_text(doc_get(in->spec, "updateStrategy"), "type"), "OnDelete"))
        return health_f(in, MODEL_HEALTHY, "daemon set %lld out of %lld new pods have been updated",
                        n(updated), n(desired));
    if (updated < desired)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for daemon set \"" RK_FMT_STR "\" rollout to finish: %lld out of "
                        "%lld new pods have been updated...", RK_ARG_STR(name), n(updated),
                        n(desired));
    if (available < desired)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for daemon set \"" RK_FMT_STR "\" rollout to finish: %lld of %lld "
                        "updated pods are available...", RK_ARG_STR(name), n(available),
                        n(desired));
    return health_text(in, MODEL_HEALTHY, RK_STR_NONE);
}

struct model_health_of health_replica_set(const struct health_in *in)
{
    const struct doc_node *failure = health_condition(in, "ReplicaFailure");
    int64_t available = status_int(in, "availableReplicas"), replicas;

    if (is_behind(in))
        return health_text(in, MODEL_PROGRESSING,
                           RK_STR("Waiting for rollout to finish: observed replica set generation "
                                  "less than desired generation"));
    if (health_is_true(failure))
        return health_text(in, MODEL_DEGRADED, doc_get_text(failure, "message"));
    if (wanted(in, &replicas) && available < replicas)
        return health_f(in, MODEL_PROGRESSING,
                        "Waiting for rollout to finish: %lld out of %lld new replicas are "
                        "available...", n(available), n(replicas));
    return health_text(in, MODEL_HEALTHY, RK_STR_NONE);
}
