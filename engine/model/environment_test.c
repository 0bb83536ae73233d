/*
 * environment_test.c: reckon.yaml: defaults, every field, strictness, floors, folders.
 */
#include "model/model_test.h"

#define V1 "apiVersion: reckon.dev/v1\n"

static const char design[] =
    V1
    "applications: [./k8s/argocd-apps/]\n"
    "environments:\n"
    "- name: dev\n"
    "  match: [{namespaces: [\"shop-dev*\"]}]\n"
    "  sync: auto\n"
    "  prune: false\n"
    "  selfHeal: false\n"
    "- name: production\n"
    "  match: [{namespaces: [\"shop-production*\"], clusters: [main]}, {paths: [k8s/prod/**]}]\n"
    "  sync: manual\n"
    "  locked: true\n"
    "  approvals: 2\n"
    "  approvers: [lead, \"group:ops\"]\n"
    "  validate: true\n"
    "  windows: [{kind: deny, schedule: \"0 0 * * *\", duration: 1h}]\n"
    "  pruneBudget: 5\n"
    "  autoRollback: true\n"
    "  promote: {via: branch}\n"
    "  revert: {via: push}\n"
    "- name: plain\n"
    "  match: [{projects: [x]}]\n"
    "notifications: []\n";

static void test_fields(void **state)
{
    struct model *m = read_model("", design, NULL, 0);
    const struct model_environment *dev = &m->environments[0], *prod = &m->environments[1];
    const struct model_environment *plain = &m->environments[2];

    (void)state;
    assert_true(m->has_config);
    assert_int_equal(strlen(m->config_hash), 64);
    assert_int_equal(m->n_app_folders, 1);
    assert_string_equal(m->app_folders[0], "k8s/argocd-apps");
    assert_int_equal(m->n_environments, 3);
    assert_int_equal(m->lints.n, 0);
    assert_string_equal(dev->name, "dev");
    assert_int_equal(dev->line, 4);
    assert_int_equal(dev->sync, MODEL_AUTO);
    assert_false(dev->prune || dev->self_heal);
    assert_int_equal(prod->sync, MODEL_MANUAL);
    assert_true(prod->locked && prod->validate && prod->auto_rollback);
    assert_int_equal(prod->approvals, 2);
    assert_int_equal(prod->n_approvers, 2);
    assert_string_equal(prod->approvers[1], "group:ops");
    assert_int_equal(prod->prune_budget, 5);
    assert_int_equal(prod->promote_via, MODEL_VIA_BRANCH);
    assert_int_equal(prod->revert_via, MODEL_VIA_PUSH);
    assert_int_equal(doc_count(prod->windows), 1);
    assert_int_equal(prod->n_match, 2);
    assert_string_equal(prod->match[0].namespaces[0], "shop-production*");
    assert_null(prod->match[0].namespaces[1]);
    assert_string_equal(prod->match[0].clusters[0], "main");
    assert_null(prod->match[0].paths);
    assert_int_equal(plain->sync, MODEL_MANUAL);
    assert_true(plain->prune && plain->self_heal);
    assert_false(plain->locked || plain->validate || plain->auto_rollback);
    assert_int_equal(plain->approvals, 0);
    assert_int_equal(plain->prune_budget, -1);
    assert_int_equal(plain->promote_via, MODEL_VIA_PUSH);
    model_free(m);
}

static void test_strict(void **state)
{
    static const struct { const char *text, *error; } cases[] = {
        {"", "reckon.yaml:1: it is empty or no map; `reckon init` proposes one"},
        {"environments: []\n", "apiVersion must be reckon.dev/v1"},
        {"apiVersion: reckon.dev/v2\n", "reckon.yaml:1: apiVersion must be reckon.dev/v1"},
        {V1 "environment: []\n",
         "reckon.yaml:2: unknown field 'environment'; did you mean 'environments'?"},
        {V1 "environments:\n- name: dev\n  lockd: true\n",
         "reckon.yaml:4: unknown field 'lockd' in environments[0]; did you mean 'locked'?"},
        {V1 "environments:\n- name: dev\n  colour: red\n",
         "reckon.yaml:4: unknown field 'colour' in environments[0]"},
        {V1 "environments:\n- name: dev\n  match: [{namespace: [x]}]\n",
         "reckon.yaml:4: unknown field 'namespace' in environments[0].match[0]; did you mean "
         "'namespaces'?"},
        {V1 "environments:\n- name: dev\n  locked: yes\n",
         "reckon.yaml:4: environments[0].locked must be true or false, not a text"},
        {V1 "environments:\n- name: dev\n  approvals: \"2\"\n",
         "reckon.yaml:4: environments[0].approvals must be a whole number, not a text"},
        {V1 "environments:\n- name: dev\n  approvals: 1.5\n",
         "reckon.yaml:4: environments[0].approvals must be a whole number, not a number"},
        {V1 "environments:\n- name: dev\n  approvals: -1\n",
         "reckon.yaml:4: environment 'dev': approvals must be 0 or more"},
        {V1 "environments:\n- name: dev\n  pruneBudget: -1\n",
         "reckon.yaml:4: environment 'dev': pruneBudget must be 0 or more; leave it out for no "
         "budget"},
        {V1 "environments:\n- name: dev\n  sync: automatic\n",
         "reckon.yaml:4: environment 'dev': sync must be observe, manual or auto, not 'automatic'"},
        {V1 "environments:\n- name: dev\n  sync: manuel\n",
         "reckon.yaml:4: environment 'dev': sync must be observe, manual or auto, not 'manuel'; "
         "did you mean 'manual'?"},
        {V1 "environments:\n- name: dev\n  promote: {via: pull}\n",
         "reckon.yaml:4: environment 'dev': promote.via must be push or branch"},
        {V1 "environments:\n- name: dev\n  match: [{}]\n",
         "reckon.yaml:4: environment 'dev': an empty match entry would hold everything; write "
         "namespaces: [\"*\"] if that is meant"},
        {V1 "environments:\n- sync: auto\n", "reckon.yaml:3: environment '': name is missing"},
        {V1 "environments:\n- name: Dev/x\n",
         "reckon.yaml:3: environment 'Dev/x': a name has small letters, digits, '-', '_' and '.', "
         "63 at most"},
        {V1 "environments:\n- name: dev\n- name: dev\n",
         "reckon.yaml:4: environment 'dev': there is one of that name at line 3 already"},
        {V1 "applications: [../x]\n",
         "reckon.yaml:2: applications: folder '../x' leaves the repository"},
        {V1 "environments: dev\n", "reckon.yaml:2: environments must be a list, not a text"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        struct model_file conf = {"reckon.yaml", rk_str_c(cases[i].text)};
        struct model_input in = {.config = &conf};
        struct model *m = NULL;
        struct rk_err err = {0};

        assert_int_equal(model_read(&in, &m, &err), -1);
        assert_null(m);
        assert_int_equal(err.code, RK_INVALID);
        if (i != 1)
            assert_string_equal(err.text, cases[i].error);
        assert_non_null(strstr(err.text, cases[i].error));
    }
}

static void test_broken_yaml(void **state)
{
    struct model_file conf = {"reckon.yaml", RK_STR(V1 "environments: [\n")};
    struct model_input in = {.config = &conf};
    struct model *m = NULL;
    struct rk_err err = {0};

    (void)state;
    assert_int_equal(model_read(&in, &m, &err), -1);
    assert_non_null(strstr(err.text, "reckon.yaml"));
}

static void test_lints(void **state)
{
    struct model *m = read_model("", V1 "environments:\n- name: eu-prod\n  sync: auto\n", NULL, 0);

    (void)state;
    assert_lint(&m->lints, "environment 'eu-prod' looks like production", 4);
    assert_lint(&m->lints, "environment 'eu-prod' has no match", 3);
    model_free(m);
}

static void test_floors(void **state)
{
    static const struct model_floor floors[] = {
        {.environment = "*prod*", .has_locked = true, .locked = true, .approvals = 1},
        {.environment = "production", .approvals = 2},
        {.environment = "dev", .has_locked = true, .locked = false},
    };
    struct model *m = read_model("", V1 "environments:\n- name: dev\n  locked: true\n"
                                 "- name: production\n  approvals: 0\n", floors, 3);

    (void)state;
    assert_true(m->environments[0].locked);
    assert_int_equal(m->environments[0].approvals, 0);
    assert_true(m->environments[1].locked);
    assert_int_equal(m->environments[1].approvals, 2);
    assert_lint(&m->lints, "'production' is locked: the engine's floor for '*prod*'", 5);
    assert_lint(&m->lints, "needs 2 approvals, not 1", 5);
    model_free(m);
}

static void test_folders(void **state)
{
    struct rk_arena *a = rk_arena_new();
    const char **folders;
    struct rk_err err = {0};
    size_t n = 9;

    (void)state;
    assert_int_equal(model_config_folders(a, RK_STR(V1 "applications: [a/, ./b/c]\n"), &folders, &n,
                                          &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(folders[0], "a");
    assert_string_equal(folders[1], "b/c");
    assert_int_equal(model_config_folders(a, RK_STR(V1), &folders, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(model_config_folders(a, RK_STR(V1 "applications: [a, .]\n"), &folders, &n,
                                          &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(model_config_folders(a, RK_STR("x: ["), &folders, &n, &err), -1);
    rk_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields), cmocka_unit_test(test_strict),
        cmocka_unit_test(test_broken_yaml), cmocka_unit_test(test_lints),
        cmocka_unit_test(test_floors), cmocka_unit_test(test_folders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
