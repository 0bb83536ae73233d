/*
 * order_test.c: which tasks a plan has and in which order, row by row.
 */
#include "plan/plan_test.h"

#define OBJ(kind, name, more) "---\napiVersion: v1\nkind: " kind "\nmetadata: {name: " name \
    ", namespace: n" more "}\n"
#define CM(name) OBJ("ConfigMap", name, "")
#define NOTE(text) ", annotations: {" text "}"
#define WAVE(n) NOTE("argocd.argoproj.io/sync-wave: '" n "'")
#define HOOK(text) NOTE("argocd.argoproj.io/hook: '" text "'")
#define OPTION(text) NOTE("argocd.argoproj.io/sync-options: '" text "'")

struct row {
    const char *what, *desired, *live;
    struct plan_options options;
    const char *tasks;
};

#define PRUNE {.prune = true}

static const struct row rows[] = {
    {"nothing", "", "", PRUNE, ""},
    {"kinds in order, names by byte, custom resources last",
     "---\napiVersion: x.org/v1\nkind: Apple\nmetadata: {name: z}\n" CM("b") CM("B")
     "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n" OBJ("Service", "s", "")
     OBJ("Secret", "t", ""), "", PRUNE,
     "Sync 0 create Secret/t; Sync 0 create ConfigMap/B; Sync 0 create ConfigMap/b; "
     "Sync 0 create Service/s; Sync 0 create Deployment/a; Sync 0 create Apple/z"},
    {"waves", OBJ("ConfigMap", "a", WAVE("5")) OBJ("ConfigMap", "b", WAVE("-2"))
     OBJ("ConfigMap", "c", WAVE("no")) OBJ("ConfigMap", "d", NOTE("helm.sh/hook-weight: '3'"))
     OBJ("ConfigMap", "e", WAVE("+1")), "", PRUNE,
     "Sync -2 create ConfigMap/b; Sync 0 create ConfigMap/c; Sync 1 create ConfigMap/e; "
     "Sync 3 create ConfigMap/d; Sync 5 create ConfigMap/a"},
    {"hooks", OBJ("Job", "pre", HOOK("PreSync")) OBJ("Job", "both", HOOK("PreSync, PostSync"))
     OBJ("Job", "fail", HOOK("SyncFail")) OBJ("Job", "sync", HOOK("Sync"))
     OBJ("Job", "skip", HOOK("Skip")) OBJ("Job", "skippre", HOOK("Skip,PreSync"))
     OBJ("Job", "odd", HOOK("Nonsense")) OBJ("Job", "del", HOOK("PostDelete"))
     OBJ("Job", "helm", NOTE("helm.sh/hook: 'post-install,post-upgrade'"))
     OBJ("Job", "test", NOTE("helm.sh/hook: test"))
     OBJ("ConfigMap", "crd", NOTE("helm.sh/hook: crd-install")), "", PRUNE,
     "PreSync 0 create Job/both; PreSync 0 create Job/pre; PreSync 0 create Job/skippre; "
     "Sync 0 create ConfigMap/crd; Sync 0 create Job/sync; PostSync 0 create Job/both; "
     "PostSync 0 create Job/helm; SyncFail 0 create Job/fail"},
    {"a hook that ran is no prune", "", OBJ("Job", "pre", HOOK("PreSync")), PRUNE, ""},
    {"create, apply, replace", CM("a") CM("b") OBJ("ConfigMap", "c", OPTION("Replace=true"))
     OBJ("ConfigMap", "d", OPTION("Replace=true")), CM("b") CM("c"), PRUNE,
     "Sync 0 create ConfigMap/a; Sync 0 apply ConfigMap/b; Sync 0 replace ConfigMap/c; "
     "Sync 0 create ConfigMap/d"},
    {"prunes in mirrored waves", CM("x"),
     OBJ("ConfigMap", "a", WAVE("-1")) OBJ("ConfigMap", "b", WAVE("0"))
     OBJ("ConfigMap", "c", WAVE("7")), PRUNE,
     "Sync -1 prune ConfigMap/c; Sync 0 prune ConfigMap/b; Sync 0 create ConfigMap/x; "
     "Sync 7 prune ConfigMap/a"},
    {"PruneLast: after the largest wave, prunes counted", OBJ("ConfigMap", "x", WAVE("2")),
     OBJ("ConfigMap", "a", WAVE("4")) OBJ("ConfigMap", "b", ""),
     {.prune = true, .prune_last = true},
     "Sync 2 create ConfigMap/x; Sync 5 prune ConfigMap/a; Sync 5 prune ConfigMap/b"},
    {"PruneLast of one object", OBJ("ConfigMap", "x", WAVE("-2")),
     OBJ("ConfigMap", "a", OPTION("PruneLast=true")), PRUNE,
     "Sync -2 create ConfigMap/x; Sync 1 prune ConfigMap/a"},
    {"prune off", "", CM("a"), {0}, "Sync 0 keep ConfigMap/a (prune is off)"},
    {"Prune=false", "", OBJ("ConfigMap", "a", OPTION("Validate=false, Prune=false")) CM("b"),
     PRUNE, "Sync 0 keep ConfigMap/a (Prune=false); Sync 0 prune ConfigMap/b"},
    {"Prune=false of the application, and an object that says otherwise", "",
     OBJ("ConfigMap", "a", OPTION("Prune=true")) CM("b"), {.prune = true, .no_prune = true},
     "Sync 0 prune ConfigMap/a; Sync 0 keep ConfigMap/b (Prune=false)"},
    {"Prune=confirm without a person", "", OBJ("ConfigMap", "a", OPTION("Prune=confirm")), PRUNE,
     "Sync 0 keep ConfigMap/a (Prune=confirm: waits for a person's sync)"},
    {"Prune=confirm with one", "", OBJ("ConfigMap", "a", OPTION("Prune=confirm")),
     {.prune = true, .confirmed = true}, "Sync 0 prune ConfigMap/a"},
    {"only what is out of sync; hooks and prunes stay",
     CM("a") CM("b") "data: {k: v}\n" OBJ("Job", "h", HOOK("PostSync")),
     CM("a") CM("b") "data: {k: w}\n" CM("c"), {.prune = true, .apply_out_of_sync_only = true},
     "Sync 0 apply ConfigMap/b; Sync 0 prune ConfigMap/c; PostSync 0 create Job/h"},
    {"a namespace before its first user, in its wave",
     OBJ("ConfigMap", "a", WAVE("-3")) CM("b")
     "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n", "", PRUNE,
     "Sync -3 create Namespace/n; Sync -3 create ConfigMap/a; Sync 0 create ConfigMap/b"},
    {"a namespace that nobody waits for stays",
     OBJ("ConfigMap", "a", WAVE("-3"))
     "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n", "", PRUNE,
     "Sync -3 create ConfigMap/a; Sync 0 create Namespace/other"},
    {"a definition before its first object",
     "---\napiVersion: x.org/v1\nkind: Thing\nmetadata: {name: t, namespace: n, annotations: "
     "{argocd.argoproj.io/sync-wave: '-1'}}\n"
     "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
     "metadata: {name: things.x.org}\nspec: {group: x.org, names: {kind: Thing}}\n", "", PRUNE,
     "Sync -1 create CustomResourceDefinition/things.x.org; Sync -1 create Thing/t"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct world w = world_of(rows[i].desired, rows[i].live);

        w.in.options = rows[i].options;
        build(&w);
        if (strcmp(tasks_text(&w), rows[i].tasks) != 0)
            fail_msg("%s: %s", rows[i].what, tasks_text(&w));
        rk_arena_free(w.a);
    }
}

static void test_create_namespace(void **state)
{
    struct world w = world_of(CM("a") OBJ("Job", "h", NOTE("argocd.argoproj.io/hook: PreSync, "
                              "argocd.argoproj.io/sync-wave: '-4'")), "");

    (void)state;
    w.in.options.create_namespace = true;
    w.in.namespace_exists = false;
    build(&w);
    assert_string_equal(tasks_text(&w), "PreSync -4 create Namespace/n; PreSync -4 create Job/h; "
                                        "Sync 0 create ConfigMap/a");
    assert_true(w.plan.tasks[0].object == SIZE_MAX);
    assert_int_equal(w.plan.tasks[0].risks, PLAN_RISK_CLUSTER);
    assert_int_equal(w.plan.creates, 3);
    w.in.namespace_exists = true;
    build(&w);
    assert_int_equal(w.plan.n_tasks, 2);
    rk_arena_free(w.a);

    w = world_of(CM("a") "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n", "");
    w.in.options.create_namespace = true;
    w.in.namespace_exists = false;
    build(&w);
    assert_string_equal(tasks_text(&w), "Sync 0 create Namespace/n; Sync 0 create ConfigMap/a");
    rk_arena_free(w.a);
}

static void test_selective(void **state)
{
    struct world w = world_of(CM("a") CM("b") OBJ("Job", "h", HOOK("PreSync")), CM("c"));
    const struct kube_key only[] = {
        {.kind = RK_STR("ConfigMap"), .namespace = RK_STR("n"), .name = RK_STR("b")},
        {.kind = RK_STR("ConfigMap"), .name = RK_STR("c")},
    };

    (void)state;
    w.in.options.only = only;
    w.in.options.n_only = 2;
    build(&w);
    assert_string_equal(tasks_text(&w), "Sync 0 create ConfigMap/b; Sync 0 prune ConfigMap/c");
    assert_int_equal(w.plan.prunes, 1);
    rk_arena_free(w.a);
}

static void test_foreign(void **state)
{
    struct world w = world_of(CM("a") "data: {k: v}\n", CM("a") CM("b"));

    (void)state;
    w.objects[0].foreign = "Argo CD";
    w.objects[1].foreign = "Helm";
    build(&w);
    assert_string_equal(tasks_text(&w), "Sync 0 keep ConfigMap/a (foreign: Argo CD); "
                                        "Sync 0 keep ConfigMap/b (foreign: Helm)");
    assert_int_equal(w.plan.tasks[0].risks, PLAN_RISK_FOREIGN);
    assert_int_equal(w.plan.applies + w.plan.prunes + w.plan.creates, 0);
    rk_arena_free(w.a);
}

struct risk_row { const char *desired, *live; unsigned risks; };
#define APP(kind, spec) "apiVersion: apps/v1\nkind: " kind "\nmetadata: {name: a, namespace: n}\n" \
    "spec: " spec "\n"

static const struct risk_row risk_rows[] = {
    {APP("Deployment", "{replicas: 1}"), APP("Deployment", "{replicas: 2}"), 0},
    {APP("Deployment", "{selector: {matchLabels: {a: b}}}"),
     APP("Deployment", "{selector: {matchLabels: {a: c}}}"), PLAN_RISK_IMMUTABLE},
    {APP("StatefulSet", "{serviceName: x}"), APP("StatefulSet", "{serviceName: y}"),
     PLAN_RISK_IMMUTABLE},
    {APP("StatefulSet", "{replicas: 3}"), APP("StatefulSet", "{replicas: 2}"), 0},
    {"", APP("StatefulSet", "{replicas: 2}"), PLAN_RISK_PRUNE | PLAN_RISK_DATA},
    {"", CM("a"), PLAN_RISK_PRUNE},
    {"", "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n",
     PLAN_RISK_PRUNE | PLAN_RISK_DATA | PLAN_RISK_CLUSTER},
    {CM("a") "data: {k: v}\n", CM("a") "immutable: true\ndata: {k: w}\n", PLAN_RISK_IMMUTABLE},
    {OBJ("ConfigMap", "a", OPTION("Replace=true,Force=true")), CM("a"),
     PLAN_RISK_REPLACE | PLAN_RISK_FORCE},
    {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n", "",
     PLAN_RISK_CLUSTER},
};

static void test_risks(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(risk_rows); i++) {
        struct world w = world_of(risk_rows[i].desired, risk_rows[i].live);

        build(&w);
        assert_int_equal(w.plan.n_tasks, 1);
        if (w.plan.tasks[0].risks != risk_rows[i].risks)
            fail_msg("row %zu: risks %#x", i, w.plan.tasks[0].risks);
        rk_arena_free(w.a);
    }
    assert_string_equal(plan_risk_name(PLAN_RISK_DATA), "data");
}

static void test_barrier(void **state)
{
    struct world w = world_of(CM("a") CM("b") OBJ("Service", "c", "")
                              OBJ("Service", "d", WAVE("1")), "");
    const struct plan_task *t;

    (void)state;
    build(&w);
    t = w.plan.tasks;
    assert_false(plan_barrier(&t[0], &t[1]));
    assert_true(plan_barrier(&t[1], &t[2]));
    assert_true(plan_barrier(&t[2], &t[3]));
    rk_arena_free(w.a);
}

static void test_print(void **state)
{
    struct world w = world_of(CM("a"), OBJ("ConfigMap", "b", OPTION("Prune=false")));
    struct rk_buf out = RK_BUF_INIT;
    char *want;

    (void)state;
    build(&w);
    plan_print(&w.plan, &out);
    want = rk_asprintf(
        "{\"fingerprint\":\"%s\",\"tasks\":[{\"phase\":\"Sync\",\"wave\":0,\"action\":\"create\","
        "\"group\":\"\",\"kind\":\"ConfigMap\",\"namespace\":\"n\",\"name\":\"a\"},{\"phase\":"
        "\"Sync\",\"wave\":0,\"action\":\"keep\",\"group\":\"\",\"kind\":\"ConfigMap\","
        "\"namespace\":\"n\",\"name\":\"b\",\"note\":\"Prune=false\"}]}\n", w.plan.fingerprint);
    assert_string_equal(out.p, want);
    assert_int_equal(strlen(w.plan.fingerprint), 64);
    free(want);
    rk_buf_release(&out);
    rk_arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_create_namespace),
        cmocka_unit_test(test_selective), cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_risks), cmocka_unit_test(test_barrier), cmocka_unit_test(test_print),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
