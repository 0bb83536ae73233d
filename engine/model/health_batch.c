/*
 * health_batch.c: health of what runs to an end: Job, CronJob, Argo Workflow. In: one live object.
 * Out: status and message (reference/argocd.md section 1.9).
 */
#include "model/model_int.h"

struct model_health_of health_job(const struct health_in *in)
{
    const struct doc_node *list = doc_get(in->status, "conditions");
    bool failed = false, complete = false, suspended = false;
    rk_str message = RK_STR_NONE, failure = RK_STR_NONE;

    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        const struct doc_node *c = doc_at(list, i);
        rk_str type = doc_get_text(c, "type"), said = doc_get_text(c, "message");

        if (rk_str_is(type, "Failed")) { /* its status is not looked at */
            failed = complete = true;
            failure = said;
        } else if (rk_str_is(type, "Complete")) {
            complete = true;
            message = said;
        } else if (rk_str_is(type, "Suspended")) {
            complete = true;
            message = said;
            suspended = suspended || health_is_true(c);
        }
    }
    if (!complete)
        return health_text(in, MODEL_PROGRESSING, message);
    if (failed)
        return health_text(in, MODEL_DEGRADED, failure);
    return health_text(in, suspended ? MODEL_SUSPENDED : MODEL_HEALTHY, message);
}

/* The times are RFC 3339 in UTC: their texts sort as they do. */
struct model_health_of health_cron_job(const struct health_in *in)
{
    rk_str scheduled = doc_get_text(in->status, "lastScheduleTime");
    rk_str succeeded = doc_get_text(in->status, "lastSuccessfulTime");

    /* Suspended on purpose: not to mark the whole application. */
    if (doc_get_bool(in->spec, "suspend", false))
        return health_text(in, MODEL_HEALTHY, RK_STR("CronJob is Suspended"));
    if (doc_type(in->status) != DOC_MAP)
        return health_text(in, MODEL_PROGRESSING, RK_STR("Waiting for CronJob"));
    if (!scheduled.n)
        return health_text(in, MODEL_HEALTHY, RK_STR("CronJob has not been scheduled yet"));
    if (!succeeded.n)
        return health_text(in, MODEL_HEALTHY,
                           RK_STR("The CronJob has never completed successfully; it may not be "
                                  "healthy"));
    if (doc_count(doc_get(in->status, "active")))
        return health_text(in, MODEL_HEALTHY,
                           RK_STR("The job is running. Its last execution may not have been "
                                  "successful"));
    if (rk_str_cmp(succeeded, scheduled) < 0)
        return health_text(in, MODEL_DEGRADED,
                           RK_STR("CronJob has not completed its last execution successfully"));
    return health_text(in, MODEL_HEALTHY,
                       RK_STR("CronJob has completed its last execution successfully"));
}

struct model_health_of health_workflow(const struct health_in *in)
{
    static const struct { const char *phase; enum model_health health; } phases[] = {
        {"", MODEL_PROGRESSING},      {"Pending", MODEL_PROGRESSING},
        {"Running", MODEL_PROGRESSING}, {"Succeeded", MODEL_HEALTHY},
        {"Failed", MODEL_DEGRADED},   {"Error", MODEL_DEGRADED},
    };
    rk_str phase = doc_get_text(in->status, "phase");
    rk_str message = doc_get_text(in->status, "message");

    for (size_t i = 0; i < RK_LEN(phases); i++)
        if (rk_str_is(phase, phases[i].phase))
            return health_text(in, phases[i].health, message);
    return health_text(in, MODEL_HEALTH_UNKNOWN, message);
}
