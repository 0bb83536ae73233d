/*
 * gate.c: everything that is missing before a plan may run, in one answer. In: policy and state as
 * values. Out: sentences that say what is missing and what to do. One check a function, in the
 * order in which a person would settle them; a dry run writes nothing and is asked less.
 */
#include "plan/plan_int.h"

struct gate {
    struct rk_arena *a;
    const struct plan_gate_input *in;
    const char *environment, *target;   /* "production", "production/shop" or "production" */
    struct plan_missing *out;
    size_t cap;
};

static void missing(struct gate *g, const char *fmt, ...) RK_PRINTF(2, 3);
static void missing(struct gate *g, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    g->out->v = rk_arena_grow(g->a, g->out->v, g->out->n, &g->cap, sizeof *g->out->v);
    g->out->v[g->out->n++] = rk_arena_vf(g->a, fmt, ap);
    va_end(ap);
}

static const char *or(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

/* ---- what holds for every plan ---- */
static void check_stale(struct gate *g)
{
    const char *why = or(g->in->stale_why, "what it covers changed since it was made; plan again");
    if (!g->in->stale)
        return;
    if (strstr(why, "stale"))
        missing(g, "%s", why);
    else
        missing(g, "the plan is stale: %s", why);
}

static void check_expired(struct gate *g)
{
    if (g->in->expired)
        missing(g, "the plan has expired: plan again and review it anew");
}

static void check_cluster(struct gate *g)
{
    if (g->in->foreign_cluster)
        missing(g, "%s", or(g->in->cluster_message,
                            "the cluster is another than this profile is bound to: check the "
                            "kubeconfig context, or use another profile"));
}

static void check_project(struct gate *g)
{
    if (g->in->project_denied)
        missing(g, "%s", or(g->in->project_message,
                            "the project does not allow this: change the AppProject in git"));
}

/* ---- who, and whether at all ---- */
static void check_write(struct gate *g)
{
    if (!g->in->can_write)
        missing(g, "%s", or(g->in->why_readonly,
                            "you may only read here: ask the engine's owner for the right to "
                            "write"));
}

static void check_observe(struct gate *g)
{
    const struct model_policy *p = g->in->policy;
    if (p->sync != MODEL_OBSERVE)
        return;
    if (p->configured)
        missing(g, "%s is only observed: set sync to manual or auto in reckon.yaml, and commit it",
                g->environment);
    else
        missing(g, "%s is only observed: no environment of a committed reckon.yaml holds it; "
                   "`reckon init` proposes one", g->target);
}

static void check_manual(struct gate *g)
{
    if (g->in->automatic && g->in->policy->sync == MODEL_MANUAL)
        missing(g, "%s is synced by persons only (sync: manual): start it with `reckon sync`",
                g->environment);
}

static void check_policy_pending(struct gate *g)
{
    if (g->in->policy_pending)
        missing(g, "a commit loosens the policy (%s): an operator acknowledges it first, or "
                   "reverts that commit", or(g->in->policy_change, "reckon.yaml"));
}

static void check_frozen(struct gate *g)
{
    if (g->in->frozen)
        missing(g, "%s is frozen by %s (%s): `reckon unfreeze %s` ends it", g->environment,
                or(g->in->frozen_by, "an operator"), or(g->in->frozen_reason, "no reason given"),
                g->environment);
}

/* ---- locked environments ---- */
static void check_lock(struct gate *g)
{
    if (!g->in->policy->locked)
        return;
    if (g->in->automatic)
        missing(g, "%s is locked: nothing runs there by itself; a person unlocks it for one plan",
                g->environment);
    else if (!g->in->unlocked)
        missing(g, "%s is locked: unlock it for this plan (--confirm %s with --reason TEXT)",
                g->environment, g->target);
}

static void check_confirm(struct gate *g)
{
    const struct plan_gate_input *in = g->in;
    if (in->policy->locked && !in->automatic && !(in->confirm && rk_streq(in->confirm, g->target)))
        missing(g, "the target is not confirmed: type %s (--confirm %s)", g->target, g->target);
}

static void check_reason(struct gate *g)
{
    const rk_str reason = rk_str_trim(rk_str_c(g->in->reason ? g->in->reason : ""));
    if (g->in->policy->locked && !g->in->automatic && !reason.n)
        missing(g, "a reason is missing: say why (--reason TEXT); it goes into the audit record");
}

/* ---- what the operation brings ---- */
static void check_source(struct gate *g)
{
    const struct plan_gate_input *in = g->in;
    if (!rk_streq(in->kind, "promote"))
        return;
    if (!in->source_environment) {
        missing(g, "no environment before %s holds %s: there is nothing to promote from",
                g->environment, or(in->app, "it"));
        return;
    }
    if (in->source_verdict != MODEL_SYNCED || in->source_health != MODEL_HEALTHY)
        missing(g, "%s is %s and %s: promote when it is Synced and Healthy",
                in->source_environment, model_verdict_name[in->source_verdict],
                model_health_name[in->source_health]);
    if (in->policy->validate && !in->source_validated)
        missing(g, "%s is not validated: `reckon validate %s/%s` says that what runs there "
                   "is good",
                in->source_environment, in->source_environment, or(in->app, "APP"));
}

static void check_prunes(struct gate *g)
{
    const int64_t budget = g->in->policy->prune_budget;
    if (budget >= 0 && g->in->prunes > (uint64_t)budget)
        missing(g, "%zu objects would be pruned, the budget of %s is %lld: select fewer "
                   "(--resource), or raise pruneBudget in reckon.yaml", g->in->prunes,
                g->environment, (long long)budget);
}

static void check_approvals(struct gate *g)
{
    const int64_t want = g->in->policy->approvals;
    const uint64_t have = g->in->approvals;
    if (want > 0 && have < (uint64_t)want)
        missing(g, "%s needs %lld approval%s, this plan has %llu: another person runs `reckon "
                   "approve` with its fingerprint", g->environment, (long long)want,
                want == 1 ? "" : "s", (unsigned long long)have);
}

/* ---- the engine ---- */
static void check_disk(struct gate *g)
{
    if (g->in->disk_full)
        missing(g, "the journal cannot be written (%s): make room in the state folder",
                or(g->in->disk_message, "disk full"));
}

static void check_running(struct gate *g)
{
    if (g->in->running && !g->in->superseding)
        missing(g, "operation %s runs for %s: wait for it, or stop it", g->in->running, g->target);
}

static const struct { void (*check)(struct gate *g); bool dry_run; } checks[] = {
    {check_write, false}, {check_observe, false}, {check_manual, false},
    {check_policy_pending, false}, {check_cluster, true}, {check_project, true},
    {check_frozen, false}, {check_stale, true}, {check_expired, true}, {check_lock, false},
    {check_confirm, false}, {check_reason, false}, {check_source, false}, {check_prunes, false},
    {check_approvals, false}, {check_disk, false}, {check_running, false},
};

bool plan_gate(struct rk_arena *a, const struct plan_gate_input *in, struct plan_missing *out)
{
    const char *environment = or(or(in->environment, in->policy->environment), "this environment");
    struct gate g = {
        .a = a, .in = in, .environment = environment, .out = out,
        .target = in->app ? rk_arena_f(a, "%s/%s", environment, in->app) : environment,
    };
    *out = (struct plan_missing){0};
    for (size_t i = 0; i < RK_LEN(checks); i++)
        if (!in->dry_run || checks[i].dry_run)
            checks[i].check(&g);
    return out->n == 0;
}

const char *plan_confirm_text(struct rk_arena *a, const struct model_policy *policy,
                              const struct model_app *app)
{
    if (!policy->locked)
        return NULL;
    return app ? rk_arena_f(a, "%s/%s", policy->environment, app->app)
               : rk_arena_strdup(a, policy->environment);
}
