/*
 * methods.c: the protocol's methods (design.md 12.1), one row each, in the order of that table. The
 * engine dispatches and checks rights by it, the documentation is printed from it. A method of
 * the engine's own (core) hangs its function on a name; this room does not know functions.
 */
#include "wire/wire_int.h"

#define READS(method, in, out) {.name = method, .params = in, .result = &wire_shape_##out}
#define WRITES(method, in, out) \
    {.name = method, .params = in, .result = &wire_shape_##out, .writes = true}
#define WATCH(method, in, out) \
    {.name = method, .params = in, .result = &wire_shape_##out, .watch = true}
#define P(shape) &wire_shape_##shape

static const struct wire_method methods[] = {
    READS("hello", P(hello_params), hello),
    READS("status", NULL, status),
    READS("unsubscribe", P(sub), ok),
    WRITES("engine.detach", NULL, ok),
    WRITES("engine.stop", NULL, ok),

    READS("applications.list", P(apps_params), app_page),
    WATCH("applications.watch", P(apps_params), app_page),
    WATCH("application.watch", P(app_ref), app_detail),
    WATCH("resources.watch", P(resources_params), resource_page),
    READS("owners.get", P(object_ref), owners),
    READS("events.list", P(object_ref), events),
    WATCH("logs.watch", P(logs_params), logs),
    WATCH("activity.watch", P(apps_params), activity),
    READS("refresh", P(refresh_params), ok),

    READS("drift.get", P(drift_params), drift),
    READS("revisions.compare", P(compare_params), drift),
    READS("document.get", P(document_params), document),
    READS("blame.get", P(blame_params), blame),

    /* Making a plan is a preview: it changes nothing, so readers may. */
    READS("plan.create", P(plan_params), plan),
    READS("plan.get", P(plan_ref), plan),
    WRITES("plan.arm", P(arm_params), plan),
    WRITES("plan.approve", P(arm_params), plan),
    WRITES("plan.reject", P(arm_params), plan),
    READS("plan.list", NULL, plan_list),

    WRITES("operation.start", P(plan_ref), operation),
    WATCH("operation.watch", P(operation_ref), operation),
    WRITES("operation.stop", P(stop_params), ok),
    READS("operation.list", P(operations_params), operation_page),

    READS("history.list", P(history_params), history),
    READS("audit.list", P(audit_params), audit),
    READS("audit.verify", P(audit_params), verify),
    READS("commit.get", P(commit_params), commit),
    READS("promotion.matrix", P(apps_params), matrix),

    READS("environment.list", NULL, environments),
    WRITES("freeze.set", P(freeze_params), ok),
    WRITES("lock.set", P(lock_params), ok),
    WRITES("validate", P(validate_params), ok),
    WRITES("hold.release", P(release_params), ok),
};

const struct wire_method *wire_methods(size_t *n)
{
    *n = RK_LEN(methods);
    return methods;
}

const struct wire_method *wire_method_find(const char *name)
{
    for (size_t i = 0; i < RK_LEN(methods); i++)
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}
