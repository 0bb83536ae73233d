/*
 * fingerprint_test.c: what moves the fingerprint and what does not.
 */
#include "plan/plan_test.h"

#define DESIRED "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n" \
    "spec: {replicas: 3, template: {spec: {containers: [{name: a, image: x:1}]}}}\n" \
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\ndata: {k: v}\n"
#define LIVE_OF(version, uid, time, replicas, image, more, status) \
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  namespace: n\n" \
    "  uid: " uid "\n  resourceVersion: '" version "'\n  generation: " version "\n" \
    "  annotations: {deployment.kubernetes.io/revision: '" version "'}\n  managedFields:\n" \
    "  - {manager: reckon, operation: Apply, apiVersion: apps/v1, time: '" time "', fieldsType: " \
    "FieldsV1, fieldsV1: {'f:spec': {'f:replicas': {}}}}\n" \
    "  - {manager: scaler, operation: Update, apiVersion: apps/v1, time: '" time "', fieldsType: " \
    "FieldsV1, fieldsV1: {'f:spec': {'f:paused': {}}}}\n" \
    "spec: {replicas: " replicas ", " more "template: {spec: {containers: [{name: a, image: " \
    image "}]}}}\nstatus: {readyReplicas: " status "}\n"
#define LIVE LIVE_OF("1", "u-1", "2026-01-01T00:00:00Z", "5", "x:1", "", "1")

static const char *base(void)
{
    static char text[65];
    struct world w = world_of(DESIRED, LIVE);

    build(&w);
    memcpy(text, w.plan.fingerprint, sizeof text);
    rk_arena_free(w.a);
    return text;
}

struct row { const char *what, *desired, *live; bool same; };

static const struct row documents[] = {
    {"again", DESIRED, LIVE, true},
    {"a status write, resourceVersion, generation, the controller's annotation, times", DESIRED,
     LIVE_OF("9", "u-1", "2026-02-02T00:00:00Z", "5", "x:1", "", "5"), true},
    {"a field of live that git does not name", DESIRED,
     LIVE_OF("1", "u-1", "2026-01-01T00:00:00Z", "5", "x:1", "paused: true, ", "1"), true},
    {"the order of keys in git",
     "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {namespace: n, name: a}\n"
     "spec: {template: {spec: {containers: [{image: x:1, name: a}]}}, replicas: 3}\n"
     "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\ndata: {k: v}\n",
     LIVE, true},
    {"the order of objects in git",
     "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\ndata: {k: v}\n"
     "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
     "spec: {replicas: 3, template: {spec: {containers: [{name: a, image: x:1}]}}}\n", LIVE, true},
    {"live value of a compared field", DESIRED,
     LIVE_OF("1", "u-1", "2026-01-01T00:00:00Z", "6", "x:1", "", "1"), false},
    {"an image in a list", DESIRED,
     LIVE_OF("1", "u-1", "2026-01-01T00:00:00Z", "5", "x:2", "", "1"), false},
    {"uid", DESIRED, LIVE_OF("1", "u-2", "2026-01-01T00:00:00Z", "5", "x:1", "", "1"), false},
    {"live gone", DESIRED, "", false},
    {"another object is live", DESIRED,
     LIVE "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\n", false},
    {"something to prune", DESIRED,
     LIVE "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\n", false},
    {"desired",
     "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
     "spec: {replicas: 4, template: {spec: {containers: [{name: a, image: x:1}]}}}\n"
     "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: n}\ndata: {k: v}\n",
     LIVE, false},
    {"an object less",
     "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
     "spec: {replicas: 3, template: {spec: {containers: [{name: a, image: x:1}]}}}\n", LIVE, false},
};

static void test_documents(void **state)
{
    const char *was = base();

    (void)state;
    for (size_t i = 0; i < RK_LEN(documents); i++) {
        struct world w = world_of(documents[i].desired, documents[i].live);

        build(&w);
        if ((strcmp(w.plan.fingerprint, was) == 0) != documents[i].same)
            fail_msg("%s: %s", documents[i].what, documents[i].same ? "changed" : "did not change");
        rk_arena_free(w.a);
    }
}

/* ---- values around the documents ---- */
static void set_revision(struct world *w) { w->in.revision = "2222222"; }
static void set_shared(struct world *w) { w->objects[0].shared_base = true; }
static void set_namespace_there(struct world *w) { w->in.namespace_exists = false; }
static void set_kind(struct world *w) { w->in.kind = "heal"; }
static void set_commits(struct world *w) { w->in.commits = "a.yaml:x:1->x:2\n"; }
static void set_prune(struct world *w) { w->in.options.prune = false; }
static void set_force(struct world *w) { w->in.options.force = true; }
static void set_dry_run(struct world *w) { w->in.options.dry_run = true; }
static void set_last(struct world *w) { w->in.options.prune_last = true; }
static void set_create(struct world *w) { w->in.options.create_namespace = true; }
static void set_out_of_sync(struct world *w) { w->in.options.apply_out_of_sync_only = true; }
static void set_replace(struct world *w) { w->in.options.replace = true; }
static void set_no_prune(struct world *w) { w->in.options.no_prune = true; }
static void set_confirmed(struct world *w) { w->in.options.confirmed = true; }
static void set_environment(struct world *w) { w->policy.environment = "prod"; }
static void set_sync(struct world *w) { w->policy.sync = MODEL_MANUAL; }
static void set_locked(struct world *w) { w->policy.locked = true; }
static void set_approvals(struct world *w) { w->policy.approvals = 1; }
static void set_budget(struct world *w) { w->policy.prune_budget = 5; }
static void set_validate(struct world *w) { w->policy.validate = true; }
static void set_via(struct world *w) { w->policy.revert_via = MODEL_VIA_BRANCH; }
static void set_server(struct world *w) { w->app.server = "https://other"; }
static void set_name(struct world *w) { w->app.name = "shop-prod"; }
static void set_propagation(struct world *w) { w->app.propagation = "orphan"; }
static void set_foreign(struct world *w) { w->objects[0].foreign = "Helm"; }
static void set_key(struct world *w)
{
    static const uint8_t key[32] = {2};
    w->in.key = key;
}
static void set_approvers(struct world *w)
{
    static const char *approvers[] = {"a"};
    w->policy.approvers = approvers;
    w->policy.n_approvers = 1;
}
static void set_only(struct world *w)
{
    const struct kube_key only = {.group = RK_STR("apps"), .kind = RK_STR("Deployment"),
                                  .namespace = RK_STR("n"), .name = RK_STR("a")};
    struct kube_key *kept = rk_arena_array(w->a, 1, sizeof *kept);
    *kept = only;
    w->in.options.only = kept;
    w->in.options.n_only = 1;
}

static const struct { const char *what; void (*set)(struct world *w); bool same; } values[] = {
    {"revision", set_revision, true}, {"shared base: another application", set_shared, true},
    {"namespace, when nobody makes it", set_namespace_there, true},
    {"kind", set_kind, false}, {"commits", set_commits, false}, {"prune", set_prune, false},
    {"force", set_force, false}, {"dry run", set_dry_run, false}, {"PruneLast", set_last, false},
    {"CreateNamespace", set_create, false}, {"out of sync only", set_out_of_sync, false},
    {"replace", set_replace, false}, {"Prune=false", set_no_prune, false},
    {"confirmed", set_confirmed, false}, {"environment", set_environment, false},
    {"sync", set_sync, false}, {"locked", set_locked, false}, {"approvals", set_approvals, false},
    {"budget", set_budget, false}, {"validate", set_validate, false}, {"via", set_via, false},
    {"server", set_server, false}, {"name", set_name, false},
    {"propagation", set_propagation, false}, {"foreign", set_foreign, false},
    {"key", set_key, false}, {"approvers", set_approvers, false}, {"selection", set_only, false},
};

static void test_values(void **state)
{
    const char *was = base();

    (void)state;
    for (size_t i = 0; i < RK_LEN(values); i++) {
        struct world w = world_of(DESIRED, LIVE);

        values[i].set(&w);
        build(&w);
        if ((strcmp(w.plan.fingerprint, was) == 0) != values[i].same)
            fail_msg("%s: %s", values[i].what, values[i].same ? "changed" : "did not change");
        rk_arena_free(w.a);
    }
}

/* Fields that a rule leaves to others may move. */
static void test_ignored(void **state)
{
    static const char *pointers[] = {"/spec/replicas"}, *managers[] = {"scaler"};
    static struct model_ignore rules[] = {
        {.group = "apps", .kind = "Deployment", .name = "", .namespace = "", .pointers = pointers,
         .n_pointers = 1},
        {.group = "apps", .kind = "Deployment", .name = "", .namespace = "", .managers = managers,
         .n_managers = 1},
    };
    static const char *const scaled_desired =
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
        "spec: {replicas: 3, paused: false}\n";
    char first[65];

    (void)state;
    for (size_t i = 0; i < RK_LEN(rules); i++) {
        const char *lives[] = {
            LIVE_OF("1", "u", "2026-01-01T00:00:00Z", "5", "x", "paused: true, ", "1"),
            i ? LIVE_OF("1", "u", "2026-01-01T00:00:00Z", "5", "x", "", "1")
              : LIVE_OF("1", "u", "2026-01-01T00:00:00Z", "7", "x", "paused: true, ", "1")};
        if (i) /* the manager owns `paused` while it is there */
            lives[1] = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n"
                       "  namespace: n\n  uid: u\n  managedFields:\n  - {manager: scaler, "
                       "operation: Update, fieldsType: FieldsV1, fieldsV1: {'f:spec': "
                       "{'f:paused': {}}}}\nspec: {replicas: 5, paused: false}\n";
        for (size_t k = 0; k < 2; k++) {
            struct world w = world_of(scaled_desired, lives[k]);

            w.app.ignore = &rules[i];
            w.app.n_ignore = 1;
            compare_all(&w);
            build(&w);
            if (k == 0)
                memcpy(first, w.plan.fingerprint, sizeof first);
            else
                assert_string_equal(w.plan.fingerprint, first);
            rk_arena_free(w.a);
        }
    }
}

/* What an apply takes out is reviewed too, though git no longer names it. */
static void test_removed(void **state)
{
    static const char desired[] =
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\nspec: {}\n";
    struct world x = world_of(desired, LIVE), y = world_of(desired, LIVE_OF(
        "1", "u-1", "2026-01-01T00:00:00Z", "6", "x:1", "", "1"));

    (void)state;
    build(&x);
    build(&y);
    assert_int_equal(x.objects[0].drift->n_fields, 1);
    assert_string_not_equal(x.plan.fingerprint, y.plan.fingerprint);
    rk_arena_free(x.a);
    rk_arena_free(y.a);
}

static void test_bad_rule(void **state)
{
    static const char *jq[] = {"..|.x"};
    static struct model_ignore rule = {.group = "", .kind = "*", .name = "", .namespace = "",
                                       .jq = jq, .n_jq = 1};
    struct world w = world_of(DESIRED, LIVE);
    struct rk_err err = {0};

    (void)state;
    w.app.ignore = &rule;
    w.app.n_ignore = 1;
    w.in.app = &w.app;
    w.in.policy = &w.policy;
    w.in.objects = w.objects;
    assert_int_equal(plan_build(w.a, &w.in, &w.plan, &err), -1);
    assert_int_equal(err.code, RK_UNSUPPORTED);
    assert_non_null(strstr(err.text, "..|.x"));
    rk_arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents), cmocka_unit_test(test_values),
        cmocka_unit_test(test_ignored), cmocka_unit_test(test_removed),
        cmocka_unit_test(test_bad_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
