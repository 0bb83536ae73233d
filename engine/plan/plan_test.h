/*
 * plan_test.h: what the tests of this room share: a plan from two multi-document texts.
 */
#ifndef RK_PLAN_TEST_H
#define RK_PLAN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plan/plan_int.h"

struct world {
    struct rk_arena *a;
    struct plan_input in;
    struct plan plan;
    struct plan_object *objects;
    struct model_policy policy;
    struct model_app app;
};

static inline size_t objects_of(struct rk_arena *a, const char *yaml, struct kube_object **out)
{
    struct rk_err err = {0};
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = "a.yaml"};
    struct doc_node **docs = NULL;
    size_t n = 0;

    if (yaml && doc_yaml_read(a, rk_str_c(yaml), &how, &docs, &n, &err))
        fail_msg("%s\n%s", err.text, yaml);
    *out = rk_arena_array(a, n + 1, sizeof **out);
    for (size_t i = 0; i < n; i++) {
        if (kube_object_init(&(*out)[i], docs[i], &err))
            fail_msg("%s\n%s", err.text, yaml);
        kube_object_cut_managed(a, &(*out)[i]);
    }
    return n;
}

static inline struct kube_object *live_of(struct kube_object *live, size_t n,
                                          const struct kube_object *desired, bool *taken)
{
    for (size_t i = 0; i < n; i++)
        if (kube_key_eq(&live[i].key, &desired->key)) {
            taken[i] = true;
            return &live[i];
        }
    return NULL;
}

static inline void compare_all(struct world *w)
{
    for (size_t i = 0; i < w->in.n_objects; i++) {
        struct plan_object *o = &w->objects[i];
        struct drift_object *d = rk_arena_alloc(w->a, sizeof *d);
        const struct drift_rules rules = {.ignore = w->app.ignore, .n_ignore = w->app.n_ignore,
                                          .manager = "reckon", .final = true};

        assert_int_equal(drift_compare(w->a, o->desired, o->live, NULL, &rules, d, NULL), 0);
        o->drift = d;
    }
}

/* Everything but the plan itself. */
static inline struct world world_of(const char *desired, const char *live)
{
    static const uint8_t key[32] = {1};
    struct world w = {.a = rk_arena_new()};
    struct kube_object *d, *l;
    const size_t nd = objects_of(w.a, desired, &d), nl = objects_of(w.a, live, &l);
    bool *taken = rk_arena_array(w.a, nl + 1, sizeof *taken);

    w.objects = rk_arena_array(w.a, nd + nl + 1, sizeof *w.objects);
    w.policy = (struct model_policy){.environment = "dev", .sync = MODEL_AUTO, .prune_budget = -1,
                                     .configured = true};
    w.app = (struct model_app){.name = "shop-dev", .app = "shop", .project = "default",
                               .namespace = "n", .server = "https://kubernetes.default.svc"};
    for (size_t i = 0; i < nd; i++)
        w.objects[w.in.n_objects++] =
            (struct plan_object){.desired = &d[i], .live = live_of(l, nl, &d[i], taken)};
    for (size_t i = 0; i < nl; i++)
        if (!taken[i])
            w.objects[w.in.n_objects++] = (struct plan_object){.live = &l[i]};
    w.in.kind = "sync";
    w.in.revision = "1111111111111111111111111111111111111111";
    w.in.namespace = "n";
    w.in.namespace_exists = true;
    w.in.key = key;
    w.in.options.prune = true;
    compare_all(&w);
    return w;
}

static inline void build(struct world *w)
{
    struct rk_err err = {0};

    w->in.objects = w->objects;
    w->in.policy = &w->policy;
    w->in.app = &w->app;
    if (plan_build(w->a, &w->in, &w->plan, &err))
        fail_msg("%s", err.text);
}

/* "Sync 0 create ConfigMap/a; ..." */
static inline const char *tasks_text(struct world *w)
{
    struct rk_buf out = RK_BUF_INIT;

    for (size_t i = 0; i < w->plan.n_tasks; i++) {
        const struct plan_task *t = &w->plan.tasks[i];
        rk_buf_f(&out, "%s%s %lld %s %.*s/%.*s", i ? "; " : "", plan_phase_name[t->phase + 1],
                 (long long)t->wave, plan_action_name[t->action], RK_ARG_STR(t->key.kind),
                 RK_ARG_STR(t->key.name));
        if (t->action == PLAN_KEEP)
            rk_buf_f(&out, " (%s)", t->note);
    }
    const char *text = rk_arena_dup(w->a, out.p, out.n);
    rk_buf_release(&out);
    return text;
}

#endif
