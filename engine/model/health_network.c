/*
 * health_network.c: health of what gives access: Service, Ingress, APIService, and of storage
 * claims. In: one live object. Out: status and message (reference/argocd.md section 1.9).
 */
#include "model/model_int.h"

static bool has_address(const struct health_in *in)
{
    return doc_count(doc_walk(in->status, "loadBalancer.ingress")) > 0;
}

struct model_health_of health_service(const struct health_in *in)
{
    bool waits = rk_str_is(doc_get_text(in->spec, "type"), "LoadBalancer") && !has_address(in);

    return health_text(in, waits ? MODEL_PROGRESSING : MODEL_HEALTHY, RK_STR_NONE);
}

struct model_health_of health_ingress(const struct health_in *in)
{
    return health_text(in, has_address(in) ? MODEL_HEALTHY : MODEL_PROGRESSING, RK_STR_NONE);
}

struct model_health_of health_api_service(const struct health_in *in)
{
    const struct doc_node *available = health_condition(in, "Available");

    if (!available)
        return health_text(in, MODEL_PROGRESSING, RK_STR("Waiting to be processed"));
    return health_f(in, health_is_true(available) ? MODEL_HEALTHY : MODEL_PROGRESSING,
                    RK_FMT_STR ": " RK_FMT_STR, RK_ARG_STR(doc_get_text(available, "reason")),
                    RK_ARG_STR(doc_get_text(available, "message")));
}

struct model_health_of health_claim(const struct health_in *in)
{
    rk_str phase = doc_get_text(in->status, "phase");
    enum model_health health = MODEL_HEALTH_UNKNOWN;

    if (rk_str_is(phase, "Lost"))
        health = MODEL_DEGRADED;
    else if (rk_str_is(phase, "Pending"))
        health = MODEL_PROGRESSING;
    else if (rk_str_is(phase, "Bound"))
        health = MODEL_HEALTHY;
    return health_text(in, health, RK_STR_NONE);
}
