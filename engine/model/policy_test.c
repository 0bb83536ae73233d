/*
 * policy_test.c: matching, names across environments, the strictest policy, contradictions, order,
 * loosening.
 */
#include "model/model_test.h"

#define V1 "apiVersion: reckon.dev/v1\nenvironments:\n"
#define DEV "- {name: dev, match: [{namespaces: [\"*-dev\"]}], sync: auto}\n"
#define STAGING                                                                                    \
    "- {name: staging, match: [{namespaces: [\"*-staging\"]}], sync: auto, selfHeal: false}\n"
#define PRODUCTION                                                                                 \
    "- {name: production, match: [{namespaces: [\"*-production\"]}], sync: manual, locked: true,"  \
    " approvals: 1, pruneBudget: 5}\n"
#define THREE V1 DEV STAGING PRODUCTION
#define SHOP(env, policy)                                                                          \
    APP("shop-" env, "k8s/apps/shop/overlays/" env, "shop-" env, policy) "---\n"
#define SHOPS SHOP("dev", AUTO) SHOP("staging", AUTO) SHOP("production", AUTO)

static struct model_policy policy_of(const struct model *m, const char *name)
{
    struct model_policy policy = {0};

    model_policy_of(m, app_named(m, name), NULL, &policy);
    return policy;
}

static void test_observe(void **state)
{
    struct model *m = read_model(SHOPS APP("other", "x", "other", AUTO), NULL, NULL, 0);
    struct model_policy p = policy_of(m, "shop-production");

    (void)state;
    assert_int_equal(p.sync, MODEL_OBSERVE);
    assert_false(p.configured || p.prune || p.self_heal);
    assert_string_equal(p.environment, "production");
    assert_string_equal(policy_of(m, "other").environment, "other");
    assert_int_equal(m->n_environments, 4);
    assert_string_equal(m->environments[0].name, "dev");
    assert_string_equal(m->environments[1].name, "other");
    assert_string_equal(m->environments[2].name, "staging");
    assert_string_equal(m->environments[3].name, "production");
    assert_int_equal(m->environments[3].sync, MODEL_OBSERVE);
    assert_string_equal(m->config_hash, "");
    model_free(m);

    m = read_model(SHOPS APP("other", "x", "other", AUTO), THREE, NULL, 0);
    p = policy_of(m, "other");
    assert_int_equal(p.sync, MODEL_OBSERVE);
    assert_false(p.configured || p.prune || p.self_heal);
    assert_lint(&app_named(m, "other")->lints, "no environment of reckon.yaml holds", 28);
    model_free(m);
}

static void test_narrowing(void **state)
{
    struct model *m = read_model(SHOPS SHOP("x-dev", "{}") SHOP("y-dev", "{automated: {}}"), THREE,
                                 NULL, 0);
    struct model_policy p = policy_of(m, "shop-dev");

    (void)state;
    assert_int_equal(p.sync, MODEL_AUTO);
    assert_true(p.configured && p.prune && p.self_heal);
    assert_int_equal(p.prune_budget, -1);
    p = policy_of(m, "shop-staging");
    assert_int_equal(p.sync, MODEL_AUTO);
    assert_true(p.prune);
    assert_false(p.self_heal);
    p = policy_of(m, "shop-production");
    assert_int_equal(p.sync, MODEL_MANUAL);
    assert_true(p.locked);
    assert_int_equal(p.approvals, 1);
    assert_int_equal(p.prune_budget, 5);
    p = policy_of(m, "shop-x-dev"); /* the Application itself is not automated */
    assert_int_equal(p.sync, MODEL_MANUAL);
    assert_false(p.prune || p.self_heal);
    p = policy_of(m, "shop-y-dev");
    assert_int_equal(p.sync, MODEL_AUTO);
    assert_false(p.prune || p.self_heal);

    assert_int_equal(app_named(m, "shop-dev")->lints.n, 0);
    assert_lint(&app_named(m, "shop-staging")->lints,
                "automated.selfHeal is set, but environment staging does not heal by itself", 17);
    assert_lint(&app_named(m, "shop-production")->lints,
                "automated is set, but environment production is manual: nothing is synced there "
                "without an operator", 26);
    assert_lint(&app_named(m, "shop-x-dev")->lints,
                "environment dev is automatic, but the Application is not", 28);
    assert_lint(&app_named(m, "shop-y-dev")->lints,
                "automated without prune and selfHeal still syncs every new commit", 44);
    model_free(m);
}

static const char *annotated(const char *environment)
{
    static char text[512];

    snprintf(text, sizeof(text),
             "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: a\n"
             "  annotations: {reckon.dev/environment: %s}\n"
             "spec: {source: {repoURL: r, path: p}, syncPolicy: {automated: {prune: true}},\n"
             "  destination: {server: s, namespace: x-production}}\n", environment);
    return text;
}

static void test_strictest(void **state)
{
    struct model *m = read_model(annotated("dev"), THREE, NULL, 0);
    struct model_policy p = policy_of(m, "a");

    (void)state;
    assert_string_equal(p.environment, "production");
    assert_int_equal(p.sync, MODEL_MANUAL);
    assert_true(p.locked);
    assert_lint(&m->apps[0].lints, "names dev, but production is stricter and governs", 5);
    model_free(m);

    m = read_model(annotated("nowhere"), THREE, NULL, 0);
    assert_string_equal(policy_of(m, "a").environment, "production");
    assert_lint(&m->apps[0].lints, "reckon.yaml has no environment 'nowhere'", 5);
    model_free(m);

    /* Each field is the strictest one's, whichever environment governs. */
    m = read_model(annotated("one"),
                   V1 "- {name: one, sync: auto, prune: false, approvals: 3, approvers: [x],"
                      " validate: true, pruneBudget: 2, promote: {via: branch}}\n"
                      "- {name: two, match: [{namespaces: [x-production]}], locked: true,"
                      " autoRollback: true, pruneBudget: 9, revert: {via: branch}}\n", NULL, 0);
    p = policy_of(m, "a");
    assert_string_equal(p.environment, "two");
    assert_int_equal(p.sync, MODEL_MANUAL);
    assert_true(p.locked && p.validate);
    assert_false(p.prune || p.auto_rollback);
    assert_int_equal(p.approvals, 3);
    assert_int_equal(p.n_approvers, 1);
    assert_int_equal(p.prune_budget, 2);
    assert_int_equal(p.promote_via, MODEL_VIA_BRANCH);
    assert_int_equal(p.revert_via, MODEL_VIA_BRANCH);
    model_free(m);

    /* Observe is the strictest of all, and two alike: the later one. */
    m = read_model(annotated("look"), V1 "- {name: look, sync: observe}\n"
                   "- {name: two, match: [{namespaces: ['*']}], locked: true}\n", NULL, 0);
    assert_string_equal(policy_of(m, "a").environment, "look");
    assert_int_equal(policy_of(m, "a").sync, MODEL_OBSERVE);
    model_free(m);
    m = read_model(annotated("one"), V1 "- {name: one, match: []}\n"
                   "- {name: two, match: [{namespaces: ['*']}]}\n", NULL, 0);
    assert_string_equal(policy_of(m, "a").environment, "two");
    model_free(m);
}

static void test_match(void **state)
{
    static const struct { const char *match; bool holds; } cases[] = {
        {"{namespaces: [shop-dev]}", true},
        {"{namespaces: [other, 'shop-*']}", true},
        {"{namespaces: [other]}", false},
        {"{namespaces: []}", false},
        {"{paths: ['k8s/*/dev']}", false},
        {"{paths: ['k8s/**/dev']}", true},
        {"{paths: [k8s/apps]}", false},
        {"{projects: [team-*]}", true},
        {"{clusters: [in-cluster]}", true},
        {"{clusters: ['https://kubernetes.*']}", true},
        {"{clusters: [main]}", true},
        {"{clusters: [other]}", false},
        {"{namespaces: ['shop-*'], clusters: [other]}", false},
        {"{namespaces: ['shop-*'], clusters: [main], paths: ['k8s/**'], projects: ['*']}", true},
        {"{namespaces: [other]}, {paths: ['k8s/**']}", true},
    };
    struct model_app app = {
        .name = "shop-dev", .namespace = "shop-dev", .path = "k8s/apps/shop/overlays/dev",
        .project = "team-a", .server = "https://kubernetes.default.svc",
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(V1 "- {name: e, match: [%s]}\n", cases[i].match);
        struct model *m = read_model("", text, NULL, 0);

        if (model_environment_holds(&m->environments[0], &app, "main") != cases[i].holds)
            fail_msg("case %zu: %s", i, cases[i].match);
        model_free(m);
        free(text);
    }
}

static void test_names(void **state)
{
    static const struct { const char *name, *path, *ns, *app, *environment; } cases[] = {
        {"shop-dev", "x", "a-dev", "shop", "dev"},
        {"dev-shop", "x", "a-dev", "shop", "dev"},
        {"shop", "x", "a-dev", "shop", "dev"},
        {"dev", "x", "a-dev", "dev", "dev"},
        {"shopdev", "x", "a-dev", "shopdev", "dev"},
        {"shop-prod", "x/overlays/prod", "a-production", "shop", "production"},
        {"shop-production", "x/overlays/prod", "a-production", "shop", "production"},
        {"qa-shop", "environments/qa/shop", "none", "shop", "qa"},
        {"shop-none", "x", "none", "shop", "none"},
        {"shop", "overlays", "", "shop", "default"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(APP("%s", "%s", "\"%s\"", "{}"), cases[i].name, cases[i].path,
                                 cases[i].ns);
        struct model *m = read_model(text, THREE, NULL, 0);

        assert_string_equal(m->apps[0].app, cases[i].app);
        assert_string_equal(policy_of(m, cases[i].name).environment, cases[i].environment);
        model_free(m);
        free(text);
    }
}

static void test_said_names(void **state)
{
    struct model *m = read_model(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: a-dev\n"
        "  labels: {app.kubernetes.io/name: label}\n  annotations: {reckon.dev/app: said}\n---\n"
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: b-dev\n"
        "  labels: {app.kubernetes.io/name: label}\n", NULL, NULL, 0);

    (void)state;
    assert_string_equal(m->apps[0].app, "said");
    assert_string_equal(m->apps[1].app, "label");
    model_free(m);
}

static void test_order(void **state)
{
    struct model *m = read_model(SHOPS APP("web-dev", "x", "web-dev", "{}") "---\n"
                                 APP("web-production", "x", "web-production", "{}"), THREE, NULL,
                                 0);

    (void)state;
    assert_string_equal(model_next_environment(m, "shop", "dev", 1)->name, "staging");
    assert_string_equal(model_next_environment(m, "shop", "staging", 1)->name, "production");
    assert_null(model_next_environment(m, "shop", "production", 1));
    assert_string_equal(model_next_environment(m, "shop", "production", -1)->name, "staging");
    assert_null(model_next_environment(m, "shop", "dev", -1));
    /* web has no staging: it is not counted */
    assert_string_equal(model_next_environment(m, "web", "dev", 1)->name, "production");
    assert_string_equal(model_next_environment(m, "web", "production", -1)->name, "dev");
    assert_null(model_next_environment(m, "none", "dev", 1));
    assert_null(model_next_environment(m, "shop", "none", 1));
    assert_string_equal(model_app_in(m, "shop", "staging")->name, "shop-staging");
    assert_null(model_app_in(m, "web", "staging"));
    assert_string_equal(model_find(m, "production/shop")->name, "shop-production");
    assert_string_equal(model_find(m, "shop-dev")->name, "shop-dev");
    assert_null(model_find(m, "staging/web"));
    assert_null(model_find(m, "shop"));
    assert_null(model_find(m, ""));
    model_free(m);

    m = read_model(SHOPS, NULL, NULL, 0);
    assert_string_equal(model_next_environment(m, "shop", "dev", 1)->name, "staging");
    assert_string_equal(model_find(m, "production/shop")->name, "shop-production");
    model_free(m);
}

/* ---- loosening ---- */
#define PROD(fields)                                                                               \
    V1 "- {name: production, match: [{namespaces: [\"*-production\"]}]" fields "}\n"
static const char strict[] =
    PROD(", sync: manual, locked: true, approvals: 2, approvers: [a, b], validate: true,"
         " prune: false, selfHeal: false, pruneBudget: 5, promote: {via: branch},"
         " windows: [{kind: deny, schedule: \"0 0 * * *\", duration: 1h}]");

static void assert_loosens(const char *now, const char *next, const char *what)
{
    struct rk_arena *a = rk_arena_new();
    struct model *m = read_model(SHOP("production", AUTO), now, NULL, 0);
    struct model *n = read_model(SHOP("production", AUTO), next, NULL, 0);
    const char *said = "(nothing)";

    assert_int_equal(model_loosens(a, m, n, &said), what != NULL);
    assert_string_equal(said, what ? what : "(nothing)");
    model_free(m);
    model_free(n);
    rk_arena_free(a);
}

static void test_loosens(void **state)
{
    (void)state;
    assert_loosens(strict, strict, NULL);
    assert_loosens(PROD(", locked: true"), PROD(""), "production: locked true -> false");
    assert_loosens(PROD(""), PROD(", locked: true"), NULL);
    assert_loosens(PROD(", approvals: 2"), PROD(", approvals: 1"), "production: approvals 2 -> 1");
    assert_loosens(PROD(", sync: observe"), PROD(", sync: auto"),
                   "production: sync observe -> auto");
    assert_loosens(PROD(", sync: manual, pruneBudget: 5"), PROD(", sync: auto, pruneBudget: 6"),
                   "production: sync manual -> auto; production: pruneBudget 5 -> 6");
    assert_loosens(PROD(", pruneBudget: 5"), PROD(""), "production: pruneBudget 5 -> none");
    assert_loosens(PROD(""), PROD(", pruneBudget: 5"), NULL);
    assert_loosens(PROD(", prune: false, selfHeal: false"), PROD(""),
                   "production: prune false -> true; production: selfHeal false -> true");
    assert_loosens(PROD(", validate: true"), PROD(""), "production: validate true -> false");
    assert_loosens(PROD(""), PROD(", autoRollback: true"),
                   "production: autoRollback false -> true");
    assert_loosens(PROD(", promote: {via: branch}"), PROD(""),
                   "production: promote.via branch -> push");
    assert_loosens(PROD(", approvers: [a]"), PROD(", approvers: [a, b]"),
                   "production: approvers widened");
    assert_loosens(PROD(", approvers: [a, b]"), PROD(", approvers: [b]"), NULL);
    assert_loosens(PROD(", approvers: [a]"), PROD(""), "production: approvers widened");
    assert_loosens(PROD(", windows: [{kind: deny, schedule: a, duration: 1h}]"), PROD(""),
                   "production: windows changed");
}

/* The environment stays as it is, but holds the application no longer. */
static void test_loosens_around(void **state)
{
    (void)state;
    assert_loosens(PROD(", locked: true"),
                   V1 "- {name: open, match: [{namespaces: ['shop-*']}], sync: auto}\n"
                      "- {name: production, match: [{namespaces: [none]}], locked: true}\n",
                   "shop-production (production -> open): sync manual -> auto; "
                   "shop-production (production -> open): locked true -> false");
    assert_loosens(PROD(", locked: true"), V1 "- {name: open, match: [{namespaces: ['shop-*']}]}\n",
                   "shop-production (production -> open): locked true -> false");
    /* Removed without another: observed, which is stricter. */
    assert_loosens(PROD(", locked: true"), V1 "- {name: open}\n", NULL);
    assert_loosens(PROD(", locked: true"), NULL, NULL);
    assert_loosens(NULL, PROD(""),
                   "shop-production (observed -> production): sync observe -> manual");
    assert_loosens(V1 "- {name: open}\n", PROD(", sync: observe"), NULL);
    /* A second environment that made it stricter is gone; the name stays. */
    assert_loosens(V1 "- {name: all, match: [{namespaces: ['*']}], approvals: 2}\n"
                      "- {name: production, match: [{namespaces: ['*']}], locked: true}\n",
                   V1 "- {name: all, match: [{namespaces: [x]}], approvals: 2}\n"
                      "- {name: production, match: [{namespaces: ['*']}], locked: true}\n",
                   "shop-production (production -> production): approvals 2 -> 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_observe), cmocka_unit_test(test_narrowing),
        cmocka_unit_test(test_strictest), cmocka_unit_test(test_match),
        cmocka_unit_test(test_names), cmocka_unit_test(test_said_names),
        cmocka_unit_test(test_order), cmocka_unit_test(test_loosens),
        cmocka_unit_test(test_loosens_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
