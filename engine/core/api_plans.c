/*
 * api_plans.c: plans and operations: create, arm, start, watch, stop.
 */
#include "core/core_int.h"

/* Its tasks from an offset on, at most limit of them (0: as many as fit). */
static void answer_part(struct core_request *r, struct core_plan *p, int64_t offset, int64_t limit)
{
    struct wire_plan wire;
    core_plan_wire(p, r->arena, &wire);
    size_t from = offset > 0 ? (size_t)offset : 0;
    from = from < wire.n_tasks ? from : wire.n_tasks;
    wire.offset = (int64_t)from;
    wire.total = (int64_t)wire.n_tasks;
    wire.tasks += from;
    wire.n_tasks -= from;
    if (limit > 0 && (size_t)limit < wire.n_tasks)
        wire.n_tasks = (size_t)limit;
    core_answer(r, &wire);
}

static void answer_plan(struct core_request *r, struct core_plan *p)
{
    answer_part(r, p, 0, 0);
}

static void created(struct core_plan *p, const struct rk_err *err, void *ctx)
{
    struct core_request *r = ctx;
    if (err)
        core_refuse(r, err);
    else
        answer_plan(r, p);
}

static int api_create(struct core_request *r, struct rk_err *err)
{
    struct core_who who = core_request_who(r);
    struct core_plan_request request = {.params = r->params, .actor = who.name,
                                        .email = who.email, .can_write = who.can_write,
                                        .why_readonly = who.why_readonly, .uid = who.uid};
    (void)err;
    core_plan_create(r->engine, &request, created, r);
    return 0;
}

static struct core_plan *find(struct core_request *r, const char *fingerprint, struct rk_err *err)
{
    struct core_plan *p = core_plan_find(r->engine, fingerprint);
    if (!p)
        (void)rk_fail(err, RK_NOT_FOUND, "no plan %.12s: it expired, or the engine restarted; "
                      "plan again", fingerprint ? fingerprint : "");
    return p;
}

static int api_get(struct core_request *r, struct rk_err *err)
{
    const struct wire_plan_ref *ref = r->params;
    struct core_plan *p = find(r, ref->fingerprint, err);
    if (!p)
        return -1;
    answer_part(r, p, ref->offset, ref->limit);
    return 0;
}

static int api_arm(struct core_request *r, struct rk_err *err)
{
    const struct wire_arm_params *arm = r->params;
    struct core_plan *p = find(r, arm->fingerprint, err);
    if (!p)
        return -1;
    p->can_write = core_request_who(r).can_write;
    if (core_plan_arm(p, arm, err))
        return -1;
    answer_plan(r, p);
    return 0;
}

static int api_later(struct core_request *r, struct rk_err *err)
{
    return rk_fail(err, RK_UNSUPPORTED, "%s: approvals come with version 0.3; this is reckon %s",
                   r->method->name, RK_VERSION);
}

static int api_plans(struct core_request *r, struct rk_err *err)
{
    struct engine *e = r->engine;
    struct wire_plan_list list = {0};
    const char *key;
    void *value;
    (void)err;
    list.plans = rk_arena_array(r->arena, rk_map_count(e->plans) + 1, sizeof *list.plans);
    for (size_t it = 0; rk_map_next(e->plans, &it, &key, &value);) {
        struct core_plan *p = value;
        if (p->started)
            continue;
        struct wire_plan *w = &list.plans[list.n_plans++];
        core_plan_wire(p, r->arena, w);
        w->n_tasks = w->n_edits = w->n_conflicts = 0; /* plan.get tells the rest */
    }
    core_answer(r, &list);
    return 0;
}

/* ---- operations ---- */
static void answer_operation(struct core_request *r, const struct sync_operation *op)
{
    struct wire_operation wire;
    core_wire_operation(op, r->arena, &wire);
    core_answer(r, &wire);
}

static int api_start(struct core_request *r, struct rk_err *err)
{
    struct core_plan *p = find(r, ((const struct wire_plan_ref *)r->params)->fingerprint, err);
    struct core_who who = core_request_who(r);
    const struct sync_operation *op = NULL;
    if (!p || core_plan_start(p, who.name, who.email, who.can_write, &op, err))
        return -1;
    answer_operation(r, op);
    return 0;
}

static int api_watch(struct core_request *r, struct rk_err *err)
{
    const struct wire_operation_ref *p = r->params;
    if (!p->id || !sync_find(r->engine->sync, p->id))
        return rk_fail(err, RK_NOT_FOUND, "no operation %s", p->id ? p->id : "");
    (void)core_sub_new(r);
    return 0;
}

static int api_stop(struct core_request *r, struct rk_err *err)
{
    const struct wire_stop_params *p = r->params;
    struct wire_ok ok = {true};
    bool now = rk_streq(p->how, "now");
    if (!now && p->how && !rk_streq(p->how, "wave"))
        return rk_fail(err, RK_INVALID, "stop is wave or now, not %s", p->how);
    if (sync_stop(r->engine->sync, p->id ? p->id : "", now, err))
        return -1;
    engine_activity(r->engine, NULL, RK_LOG_WARN, core_request_who(r).name, "stop %s of %s",
                    now ? "now" : "after the wave", p->id);
    core_answer(r, &ok);
    return 0;
}

static int api_list(struct core_request *r, struct rk_err *err)
{
    const struct wire_operations_params *p = r->params;
    struct engine *e = r->engine;
    const struct sync_operation *ops[200];
    const struct core_app *app = p->app ? engine_app(e, p->app) : NULL;
    size_t total = 0, limit = p->limit > 0 && p->limit < 200 ? (size_t)p->limit : 50;
    /* after a restart the journal tells operations before git tells the application */
    const char *name = app ? app->name : p->app;
    size_t n = sync_list(e->sync, name, p->running, ops, p->offset > 0 ? (size_t)p->offset : 0,
                         limit, &total), all = total;
    if (p->app && !app && !total && p->running)
        (void)sync_list(e->sync, name, false, ops, 0, 0, &all);
    if (p->app && !app && !all && !engine_app_asked(e, p->app, err))
        return -1;
    struct wire_operation_page page = {.offset = p->offset, .total = (int64_t)total};
    page.operations = rk_arena_array(r->arena, n + 1, sizeof *page.operations);
    for (size_t i = 0; i < n; i++) {
        struct wire_operation *o = &page.operations[page.n_operations++];
        core_wire_operation(ops[i], r->arena, o);
        o->n_tasks = 0; /* operation.watch tells them */
    }
    core_answer(r, &page);
    return 0;
}

const struct core_route core_routes_plans[] = {
    {"plan.create", api_create},
    {"plan.get", api_get},
    {"plan.arm", api_arm},
    {"plan.approve", api_later},
    {"plan.reject", api_later},
    {"plan.list", api_plans},
    {"operation.start", api_start},
    {"operation.watch", api_watch},
    {"operation.stop", api_stop},
    {"operation.list", api_list},
    {NULL, NULL},
};
