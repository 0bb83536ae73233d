/*
 * plan.c: the room's order of work: objects -> drafts -> order -> tasks -> fingerprint; and the
 * offline print. Pure: all memory in the caller's arena.
 */
#include "plan/plan_int.h"

const char *const plan_phase_name[4] = {"PreSync", "Sync", "PostSync", "SyncFail"};
const char *const plan_action_name[] = {
    [PLAN_CREATE] = "create", [PLAN_APPLY] = "apply", [PLAN_REPLACE] = "replace",
    [PLAN_PRUNE] = "prune", [PLAN_KEEP] = "keep",
};
_Static_assert(RK_LEN(plan_action_name) == PLAN_ACTION_MAX, "every action has a name");

static const struct { enum plan_risk risk; const char *name; } risk_names[] = {
    {PLAN_RISK_PRUNE, "prune"}, {PLAN_RISK_REPLACE, "replace"},
    {PLAN_RISK_IMMUTABLE, "immutable field"}, {PLAN_RISK_CLUSTER, "cluster-scoped"},
    {PLAN_RISK_SHARED_BASE, "shared base"}, {PLAN_RISK_DATA, "data"},
    {PLAN_RISK_FOREIGN, "foreign"}, {PLAN_RISK_FORCE, "force"},
};

const char *plan_risk_name(enum plan_risk one)
{
    for (size_t i = 0; i < RK_LEN(risk_names); i++)
        if (risk_names[i].risk == one)
            return risk_names[i].name;
    return "";
}

static void count(struct plan *p, const struct plan_task *t)
{
    switch (t->action) {
    case PLAN_CREATE:
        p->creates++;
        break;
    case PLAN_APPLY:
    case PLAN_REPLACE:
        p->applies++;
        break;
    case PLAN_PRUNE:
        p->prunes++;
        break;
    case PLAN_KEEP:
    case PLAN_ACTION_MAX:
        break;
    }
}

int plan_build(struct rk_arena *a, const struct plan_input *in, struct plan *out,
               struct rk_err *err)
{
    struct drafts d = {0};
    struct plan made = {.kind = rk_arena_strdup(a, in->kind ? in->kind : "sync")};
    task_drafts(a, in, &d);
    order_drafts(a, &d);
    made.tasks = rk_arena_array(a, d.n + 1, sizeof *made.tasks);
    for (size_t i = 0; i < d.n; i++) {
        const struct draft *one = &d.v[i];
        if (in->options.apply_out_of_sync_only && one->same && !one->hook)
            continue;
        count(&made, &one->task);
        made.tasks[made.n_tasks++] = one->task;
    }
    if (fingerprint_make(in, &made, err))
        return rk_wrap(err, "fingerprint");
    *out = made;
    return 0;
}

bool plan_barrier(const struct plan_task *before, const struct plan_task *after)
{
    return before->phase != after->phase || before->wave != after->wave ||
           !rk_str_eq(before->key.kind, after->key.kind) ||
           !rk_str_eq(before->key.group, after->key.group);
}

/* ---- offline ---- */
static struct doc_node *task_doc(struct rk_arena *a, const struct plan_task *t)
{
    struct doc_node *m = doc_map(a);
    doc_set_c(a, m, "phase", doc_string_c(a, plan_phase_name[t->phase + 1]));
    doc_set_c(a, m, "wave", doc_int(a, t->wave));
    doc_set_c(a, m, "action", doc_string_c(a, plan_action_name[t->action]));
    doc_set_c(a, m, "group", doc_string(a, t->key.group));
    doc_set_c(a, m, "kind", doc_string(a, t->key.kind));
    doc_set_c(a, m, "namespace", doc_string(a, t->key.namespace));
    doc_set_c(a, m, "name", doc_string(a, t->key.name));
    if (t->note)
        doc_set_c(a, m, "note", doc_string_c(a, t->note));
    return m;
}

void plan_print(const struct plan *p, struct rk_buf *out)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct doc_node *top = doc_map(a), *tasks = doc_list(a);
    for (size_t i = 0; i < p->n_tasks; i++)
        doc_push(a, tasks, task_doc(a, &p->tasks[i]));
    doc_set_c(a, top, "fingerprint", doc_string_c(a, p->fingerprint));
    doc_set_c(a, top, "tasks", tasks);
    doc_json_write(out, top);
    rk_buf_ch(out, '\n');
}
