/*
 * loosen.c: is a new reckon.yaml looser than the one in force? In: two models. Out: yes or no, and
 * each difference in words ("production: locked true -> false"). Compared are the environments by
 * name, and what governs each application that both know, so that a narrower match, a renamed or a
 * removed environment does not loosen unseen. What cannot be ordered (approvers, windows) counts
 * as looser when it changes. Decides nothing: the engine asks an operator.
 */
#include "model/model_int.h"

/* Strictness as a number, larger is stricter. */
struct rule {
    const char *name;
    int64_t (*strict)(const struct model_policy *p);
    const char *(*word)(struct rk_arena *a, const struct model_policy *p);
};

static const char *word_bool(bool v) { return v ? "true" : "false"; }
static const char *word_via(enum model_via v) { return v == MODEL_VIA_BRANCH ? "branch" : "push"; }

static int64_t strict_sync(const struct model_policy *p) { return p->sync; }
static int64_t strict_prune(const struct model_policy *p) { return !p->prune; }
static int64_t strict_heal(const struct model_policy *p) { return !p->self_heal; }
static int64_t strict_locked(const struct model_policy *p) { return p->locked; }
static int64_t strict_approvals(const struct model_policy *p) { return p->approvals; }
static int64_t strict_validate(const struct model_policy *p) { return p->validate; }
static int64_t strict_rollback(const struct model_policy *p) { return !p->auto_rollback; }
static int64_t strict_promote(const struct model_policy *p) { return p->promote_via; }
static int64_t strict_revert(const struct model_policy *p) { return p->revert_via; }
static int64_t strict_budget(const struct model_policy *p)
{
    return p->prune_budget < 0 ? INT64_MIN : -p->prune_budget;
}

#define WORD(fn, text)                                                                             \
    static const char *fn(struct rk_arena *a, const struct model_policy *p)                        \
    {                                                                                              \
        (void)a;                                                                                   \
        return text;                                                                               \
    }
WORD(word_sync, model_sync_name[p->sync])
WORD(word_prune, word_bool(p->prune))
WORD(word_heal, word_bool(p->self_heal))
WORD(word_locked, word_bool(p->locked))
WORD(word_validate, word_bool(p->validate))
WORD(word_rollback, word_bool(p->auto_rollback))
WORD(word_promote, word_via(p->promote_via))
WORD(word_revert, word_via(p->revert_via))

static const char *word_approvals(struct rk_arena *a, const struct model_policy *p)
{
    return rk_arena_f(a, "%lld", (long long)p->approvals);
}

static const char *word_budget(struct rk_arena *a, const struct model_policy *p)
{
    return p->prune_budget < 0 ? "none" : rk_arena_f(a, "%lld", (long long)p->prune_budget);
}

static const struct rule rules[] = {
    {"sync", strict_sync, word_sync},
    {"prune", strict_prune, word_prune},
    {"selfHeal", strict_heal, word_heal},
    {"locked", strict_locked, word_locked},
    {"approvals", strict_approvals, word_approvals},
    {"validate", strict_validate, word_validate},
    {"pruneBudget", strict_budget, word_budget},
    {"autoRollback", strict_rollback, word_rollback},
    {"promote.via", strict_promote, word_promote},
    {"revert.via", strict_revert, word_revert},
};

struct loosen {
    struct rk_arena *arena;
    const char *text;   /* NULL: nothing looser so far */
};

static void note(struct loosen *l, const char *line)
{
    l->text = l->text ? rk_arena_f(l->arena, "%s; %s", l->text, line) : line;
}

static bool text_in(const char *const *list, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (rk_streq(list[i], text))
            return true;
    return false;
}

/* Fewer people are stricter; an empty list is everybody. */
static bool approvers_looser(const struct model_policy *now, const struct model_policy *next)
{
    if (now->n_approvers == 0)
        return false;
    for (size_t i = 0; i < next->n_approvers; i++)
        if (!text_in(now->approvers, now->n_approvers, next->approvers[i]))
            return true;
    return next->n_approvers == 0;
}

static void compare(struct loosen *l, const char *who, const struct model_policy *now,
                    const struct model_policy *next)
{
    for (size_t i = 0; i < RK_LEN(rules); i++)
        if (rules[i].strict(next) < rules[i].strict(now))
            note(l, rk_arena_f(l->arena, "%s: %s %s -> %s", who, rules[i].name,
                               rules[i].word(l->arena, now), rules[i].word(l->arena, next)));
    if (approvers_looser(now, next))
        note(l, rk_arena_f(l->arena, "%s: approvers widened", who));
}

static void compare_environments(struct loosen *l, const struct model *now,
                                 const struct model *next)
{
    for (size_t i = 0; now->has_config && next->has_config && i < now->n_environments; i++) {
        const struct model_environment *a = &now->environments[i];
        const struct model_environment *b = model_environment_find(next, a->name);
        struct model_policy pa, pb;

        if (!b)
            continue; /* its applications are compared one by one */
        policy_from(a, &pa);
        policy_from(b, &pb);
        compare(l, a->name, &pa, &pb);
        if (doc_count(a->windows) && !(b->windows && doc_equal(a->windows, b->windows)))
            note(l, rk_arena_f(l->arena, "%s: windows changed", a->name));
    }
}

/* Did the environment of that name itself become looser? Then its applications need no word. */
static bool is_said(struct rk_arena *a, const char *name, const struct model *now,
                    const struct model *next)
{
    const struct model_environment *ea = model_environment_find(now, name);
    const struct model_environment *eb = model_environment_find(next, name);
    struct loosen scratch = {.arena = a};
    struct model_policy pa, pb;

    if (!ea || !eb)
        return false;
    policy_from(ea, &pa);
    policy_from(eb, &pb);
    compare(&scratch, name, &pa, &pb);
    return scratch.text != NULL;
}

/* An application of `now` under both. An observed one has no policy but not to be written to. */
static void compare_app(struct loosen *l, const struct model_app *app, const struct model *now,
                        const struct model *next)
{
    struct model_policy a, b;
    const char *who;

    policy_join(now, app, NULL, &a);
    policy_join(next, app, NULL, &b);
    if (!b.configured)
        return;
    if (a.configured && rk_streq(a.environment, b.environment) &&
        is_said(l->arena, a.environment, now, next))
        return;
    who = rk_arena_f(l->arena, "%s (%s -> %s)", app->name,
                     a.configured ? a.environment : "observed", b.environment);
    if (a.configured)
        compare(l, who, &a, &b);
    else if (b.sync < a.sync)
        note(l, rk_arena_f(l->arena, "%s: sync %s -> %s", who, model_sync_name[a.sync],
                           model_sync_name[b.sync]));
}

bool model_loosens(struct rk_arena *a, const struct model *now, const struct model *next,
                   const char **what)
{
    struct loosen l = {.arena = a};

    compare_environments(&l, now, next);
    for (size_t i = 0; i < now->n_apps; i++)
        if (!now->apps[i].error)
            compare_app(&l, &now->apps[i], now, next);
    if (l.text && what)
        *what = l.text;
    return l.text != NULL;
}
