/*
 * policy.c: what governs an application. In: the model, an application. Out: the strictest of its
 * environments, field by field, so that neither an annotation nor a second environment talks it
 * out of production; the environments before and after; lints where the Application says what its
 * environment does not allow. Nothing that no environment holds is ever written to: observe.
 */
#include "model/model_int.h"

void policy_from(const struct model_environment *e, struct model_policy *out)
{
    *out = (struct model_policy){
        .environment = e->name, .sync = e->sync, .prune = e->prune, .self_heal = e->self_heal,
        .locked = e->locked, .validate = e->validate, .auto_rollback = e->auto_rollback,
        .approvals = e->approvals, .prune_budget = e->prune_budget, .approvers = e->approvers,
        .n_approvers = e->n_approvers, .promote_via = e->promote_via,
        .revert_via = e->revert_via, .configured = true,
    };
}

/* Observe over locked over manual over automatic, then more approvals. */
static bool stricter(const struct model_policy *a, const struct model_policy *b)
{
    if ((a->sync == MODEL_OBSERVE) != (b->sync == MODEL_OBSERVE))
        return a->sync == MODEL_OBSERVE;
    if (a->locked != b->locked)
        return a->locked;
    if (a->sync != b->sync)
        return a->sync > b->sync;
    return a->approvals >= b->approvals; /* of two alike the later environment */
}

static int64_t smaller_budget(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

/* Takes `more` in: the stricter one names the environment, each field is the stricter one's. */
static void policy_add(struct model_policy *into, const struct model_policy *more)
{
    struct model_policy a = *into, b = *more;
    bool b_governs = stricter(&b, &a);
    const struct model_policy *first = b_governs ? &b : &a, *second = b_governs ? &a : &b;
    const struct model_policy *approving = first->n_approvers ? first : second;

    *into = *first;
    into->sync = a.sync > b.sync ? a.sync : b.sync;
    into->prune = a.prune && b.prune;
    into->self_heal = a.self_heal && b.self_heal;
    into->locked = a.locked || b.locked;
    into->validate = a.validate || b.validate;
    into->auto_rollback = a.auto_rollback && b.auto_rollback;
    into->approvals = a.approvals > b.approvals ? a.approvals : b.approvals;
    into->prune_budget = smaller_budget(a.prune_budget, b.prune_budget);
    into->approvers = approving->approvers;
    into->n_approvers = approving->n_approvers;
    into->promote_via = a.promote_via > b.promote_via ? a.promote_via : b.promote_via;
    into->revert_via = a.revert_via > b.revert_via ? a.revert_via : b.revert_via;
}

void policy_join(const struct model *m, const struct model_app *app, const char *cluster,
                 struct model_policy *out)
{
    struct model_policy one;

    *out = (struct model_policy){
        .environment = app->derived_environment, .sync = MODEL_OBSERVE, .prune_budget = -1,
    };
    for (size_t i = 0; m->has_config && i < m->n_environments; i++) {
        if (!model_environment_holds(&m->environments[i], app, cluster))
            continue;
        policy_from(&m->environments[i], &one);
        if (out->configured)
            policy_add(out, &one);
        else
            *out = one;
    }
}

void model_policy_of(const struct model *m, const struct model_app *app, const char *cluster,
                     struct model_policy *out)
{
    policy_join(m, app, cluster, out);
    if (out->sync == MODEL_AUTO && !app->automated)
        out->sync = MODEL_MANUAL;
    out->prune = out->prune && app->automated && app->prune;
    out->self_heal = out->self_heal && app->automated && app->self_heal;
}

/* ---- finding ---- */
static const char *environment_of(const struct model *m, const struct model_app *app)
{
    struct model_policy policy;

    policy_join(m, app, NULL, &policy);
    return policy.environment;
}

const struct model_app *model_app_in(const struct model *m, const char *app,
                                     const char *environment)
{
    for (size_t i = 0; i < m->n_apps; i++)
        if (rk_streq(m->apps[i].app, app) &&
            rk_streq(environment_of(m, &m->apps[i]), environment))
            return &m->apps[i];
    return NULL;
}

const struct model_environment *model_next_environment(const struct model *m, const char *app,
                                                       const char *environment, int step)
{
    size_t way = step < 0 ? (size_t)-1 : 1, at = 0;

    while (at < m->n_environments && !rk_streq(m->environments[at].name, environment))
        at++;
    if (at == m->n_environments)
        return NULL;
    /* Below 0 the index wraps around and ends the loop too. */
    for (at += way; at < m->n_environments; at += way)
        if (model_app_in(m, app, m->environments[at].name))
            return &m->environments[at];
    return NULL;
}

const struct model_app *model_find(const struct model *m, const char *name)
{
    rk_str app, environment;

    for (size_t i = 0; i < m->n_apps; i++)
        if (rk_streq(m->apps[i].name, name))
            return &m->apps[i];
    environment = rk_str_cut(rk_str_c(name), '/', &app);
    for (size_t i = 0; app.n && i < m->n_apps; i++)
        if (rk_str_is(app, m->apps[i].app) &&
            rk_str_is(environment, environment_of(m, &m->apps[i])))
            return &m->apps[i];
    return NULL;
}

/* ---- contradictions ---- */
static uint32_t line_of(const struct model *m, const struct model_app *app, const char *dotted)
{
    const struct doc_node *node = doc_walk(app->doc, dotted);
    const struct doc_mark *mark = node ? doc_marks_get(m->marks, node->mark) : NULL;

    return mark ? mark->line : app->line;
}

static void lint_automated(struct model *m, struct model_app *app,
                           const struct model_policy *policy)
{
    uint32_t line = line_of(m, app, "spec.syncPolicy.automated");

    if (policy->sync != MODEL_AUTO) {
        model_lint_add(m->arena, &app->lints, app->file, line,
                 "automated is set, but environment %s is %s: nothing is synced there without an "
                 "operator", policy->environment, model_sync_name[policy->sync]);
        return;
    }
    if (!app->prune && !app->self_heal)
        model_lint_add(m->arena, &app->lints, app->file, line,
                 "automated without prune and selfHeal still syncs every new commit by itself; "
                 "use an environment with sync: manual to stop that");
    if (app->prune && !policy->prune)
        model_lint_add(m->arena, &app->lints, app->file, line,
                 "automated.prune is set, but environment %s does not prune by itself",
                 policy->environment);
    if (app->self_heal && !policy->self_heal)
        model_lint_add(m->arena, &app->lints, app->file, line,
                 "automated.selfHeal is set, but environment %s does not heal by itself",
                 policy->environment);
}

void policy_lints(struct model *m, struct model_app *app)
{
    struct model_policy policy;
    const char *claimed = app->claimed_environment;

    policy_join(m, app, NULL, &policy);
    if (!m->has_config)
        return; /* one observed repository does not need the same word on every application */
    if (claimed && !model_environment_find(m, claimed))
        model_lint_add(m->arena, &app->lints, app->file, line_of(m, app, "metadata.annotations"),
                 "annotation reckon.dev/environment: reckon.yaml has no environment '%s'", claimed);
    else if (claimed && !rk_streq(claimed, policy.environment))
        model_lint_add(m->arena, &app->lints, app->file, line_of(m, app, "metadata.annotations"),
                 "annotation reckon.dev/environment names %s, but %s is stricter and governs",
                 claimed, policy.environment);
    if (!policy.configured)
        model_lint_add(m->arena, &app->lints, app->file, app->line,
                 "no environment of reckon.yaml holds this application: it is only observed");
    else if (app->automated)
        lint_automated(m, app, &policy);
    else if (policy.sync == MODEL_AUTO)
        model_lint_add(m->arena, &app->lints, app->file, app->line,
                 "environment %s is automatic, but the Application is not: add "
                 "syncPolicy.automated if it shall be", policy.environment);
}
