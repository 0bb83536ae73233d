/*
 * network.c: what a cloud would do: addresses for load balancers and ingresses; and the allowed
 * disruptions of a PodDisruptionBudget. In: the object. Out: its status. Addresses are from the
 * documentation range.
 */
#include "sandbox/sandbox_int.h"

static void give_address(struct sandbox *sb, const struct sb_object *o)
{
    struct sb_edit e = sb_edit_begin(sb, o, SB_CONTROLLER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *lb = doc_make(a, e.doc, "status.loadBalancer");
    struct doc_node *list = doc_list(a), *one = doc_map(a);
    sb_set_str(a, one, "ip", "192.0.2.10");
    if (rk_streq(o->type->kind, "Service"))
        sb_set_str(a, one, "ipMode", "VIP");
    doc_push(a, list, one);
    doc_set_c(a, lb, "ingress", list);
    sb_edit_end(&e);
}

void sb_control_service(struct sandbox *sb, const struct sb_object *o)
{
    if (!sb_ending(o) && rk_str_is(sb_str(o->doc, "spec.type"), "LoadBalancer") &&
        !doc_count(doc_walk(o->doc, "status.loadBalancer.ingress")))
        give_address(sb, o);
}

void sb_control_ingress(struct sandbox *sb, const struct sb_object *o)
{
    if (!sb_ending(o) && !doc_count(doc_walk(o->doc, "status.loadBalancer.ingress")))
        give_address(sb, o);
}

void sb_control_budget(struct sandbox *sb, const struct sb_object *o)
{
    struct sb_edit e = sb_edit_begin(sb, o, SB_CONTROLLER, "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status");
    static const char *const zero[] = {"currentHealthy", "desiredHealthy", "disruptionsAllowed",
                                       "expectedPods"};
    for (size_t i = 0; i < RK_LEN(zero); i++)
        if (!doc_get(status, zero[i]))
            sb_set_int(a, status, zero[i], 0);
    sb_set_int(a, status, "observedGeneration", sb_int(o->doc, "metadata.generation", 1));
    sb_edit_end(&e);
}
