/*
 * project_test.c: what an AppProject allows: repositories, destinations, kinds, "!".
 */
#include "model/model_test.h"

#define HEAD "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\nspec:\n"

static const struct model_project *project(const struct model *m)
{
    return model_project_find(m->projects, m->n_projects, "shop");
}

static void test_destinations(void **state)
{
    static const struct { const char *rules, *server, *name, *namespace; bool ok; } cases[] = {
        {"[{server: '*', namespace: '*'}]", "https://a", NULL, "x", true},
        {"[{server: https://a, namespace: 'shop-*'}]", "https://a", NULL, "shop-dev", true},
        {"[{server: https://a, namespace: 'shop-*'}]", "https://a", NULL, "other", false},
        {"[{server: https://a, namespace: '*'}]", "https://b", NULL, "x", false},
        {"[{name: main, namespace: '*'}]", NULL, "main", "x", true},
        {"[{name: main, namespace: '*'}]", NULL, "other", "x", false},
        {"[{name: in-cluster, namespace: '*'}]", "https://kubernetes.default.svc", NULL, "x", true},
        {"[{server: https://kubernetes.default.svc, namespace: '*'}]", NULL, "in-cluster", "x",
         true},
        {"[{server: '*', namespace: '!kube-system'}]", "https://a", NULL, "x", true},
        {"[{server: '*', namespace: '!kube-system'}]", "https://a", NULL, "kube-system", false},
        /* a refusal holds even if another entry allows */
        {"[{server: '*', namespace: '*'}, {server: '*', namespace: '!kube-*'}]", "https://a", NULL,
         "kube-public", false},
        {"[{server: '*', namespace: '*'}, {server: '!https://prod', namespace: '*'}]",
         "https://prod", NULL, "x", false},
        {"[{server: '*', namespace: '*'}, {server: '!https://prod', namespace: '*'}]",
         "https://dev", NULL, "x", true},
        /* a refusal for one server does not touch another */
        {"[{server: '*', namespace: '*'}, {server: https://a, namespace: '!x'}]", "https://b", NULL,
         "x", true},
        {"[{server: '*', namespace: '*'}, {name: '!prod', namespace: '*'}]", NULL, "prod", "x",
         false},
        {"[]", "https://a", NULL, "x", false},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(HEAD "  sourceRepos: ['*']\n  destinations: %s\n", cases[i].rules);
        struct model *m = read_model(text, NULL, NULL, 0);
        struct model_app app = {
            .repo_url = "https://git.example.org/x", .server = cases[i].server,
            .cluster_name = cases[i].name, .namespace = cases[i].namespace,
        };
        struct rk_err err = {0};
        int got = model_project_app(project(m), &app, &err);

        if ((got == 0) != cases[i].ok)
            fail_msg("case %zu: %d %s", i, got, err.text);
        if (!cases[i].ok) {
            assert_int_equal(err.code, RK_DENIED);
            assert_non_null(strstr(err.text, "AppProject shop (apps.yaml:1): destination "));
        }
        model_free(m);
        free(text);
    }
}

static void test_repos(void **state)
{
    static const struct { const char *rules, *url; bool ok; } cases[] = {
        {"['*']", "git@git.example.org:team/x.git", true},
        {"[https://git.example.org/team/x.git]", "https://GIT.example.org/team/x", true},
        {"['https://git.example.org/team/*']", "https://git.example.org/team/x", true},
        {"['https://git.example.org/*']", "https://git.example.org/team/x", false},
        {"['https://git.example.org/**']", "https://git.example.org/team/x", true},
        {"['git@git.example.org:team/*']", "git@git.example.org:team/x.git", true},
        {"['*', '!https://git.example.org/bad/**']", "https://git.example.org/bad/x", false},
        {"['!https://git.example.org/bad/**']", "https://git.example.org/good/x", true},
        {"[]", "https://git.example.org/x", false},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(
            HEAD "  sourceRepos: %s\n  destinations: [{server: '*', namespace: '*'}]\n",
            cases[i].rules);
        struct model *m = read_model(text, NULL, NULL, 0);
        struct model_app app = {.repo_url = cases[i].url, .server = "https://a", .namespace = "x"};
        struct rk_err err = {0};
        int got = model_project_app(project(m), &app, &err);

        if ((got == 0) != cases[i].ok)
            fail_msg("case %zu: %d %s", i, got, err.text);
        if (!cases[i].ok)
            assert_non_null(strstr(err.text, "source repository "));
        model_free(m);
        free(text);
    }
}

static void test_kinds(void **state)
{
    static const struct {
        const char *rules, *group, *kind, *name;
        bool namespaced, ok;
    } cases[] = {
        {"  description: x\n", "apps", "Deployment", "a", true, true},
        {"  description: x\n", "", "Namespace", "a", false, false},
        {"  clusterResourceWhitelist: []\n", "", "Namespace", "a", false, false},
        {"  clusterResourceWhitelist: [{group: '', kind: Namespace}]\n", "", "Namespace", "a",
         false, true},
        {"  clusterResourceWhitelist: [{group: '', kind: Namespace, name: 'shop-*'}]\n", "",
         "Namespace", "other", false, false},
        {"  clusterResourceWhitelist: [{group: '', kind: Namespace, name: 'shop-*'}]\n", "",
         "Namespace", "shop-dev", false, true},
        {"  clusterResourceWhitelist: [{group: '*', kind: '*'}]\n"
         "  clusterResourceBlacklist: [{group: '', kind: Node}]\n", "", "Node", "a", false, false},
        {"  namespaceResourceWhitelist: []\n", "apps", "Deployment", "a", true, false},
        {"  namespaceResourceWhitelist: [{group: apps, kind: '*'}]\n", "apps", "Deployment", "a",
         true, true},
        {"  namespaceResourceWhitelist: [{group: apps, kind: '*'}]\n", "", "ConfigMap", "a", true,
         false},
        {"  namespaceResourceBlacklist: [{group: '', kind: ResourceQuota}]\n", "", "ResourceQuota",
         "a", true, false},
        {"  namespaceResourceBlacklist: [{group: '', kind: ResourceQuota}]\n", "", "ConfigMap", "a",
         true, true},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(HEAD "%s", cases[i].rules);
        struct model *m = read_model(text, NULL, NULL, 0);
        struct kube_key key = {
            .group = rk_str_c(cases[i].group), .kind = rk_str_c(cases[i].kind),
            .name = rk_str_c(cases[i].name),
        };
        struct rk_err err = {0};
        int got = model_project_kind(project(m), &key, cases[i].namespaced, &err);

        if ((got == 0) != cases[i].ok)
            fail_msg("case %zu: %d %s", i, got, err.text);
        model_free(m);
        free(text);
    }
}

static void test_find(void **state)
{
    struct model *m = read_model(HEAD "  syncWindows: [{kind: deny}]\n  sourceRepo: x\n"
                                 "---\n" HEAD "  description: twin\n", NULL, NULL, 0);
    const struct model_project *standard =
        model_project_find(m->projects, m->n_projects, "default");
    struct model_app app = {.repo_url = "x", .server = "https://a", .namespace = "n"};
    struct kube_key key = {.kind = RK_STR("Namespace"), .name = RK_STR("n")};
    struct rk_err err = {0};

    (void)state;
    assert_int_equal(m->n_projects, 1);
    assert_string_equal(model_project_name(project(m)), "shop");
    assert_lint(&m->lints, "spec.syncWindows is not implemented", 5);
    assert_lint(&m->lints, "unknown field 'sourceRepo' in spec; did you mean 'sourceRepos'?", 6);
    assert_lint(&m->lints, "AppProject shop is there twice; the first one counts", 8);
    assert_null(model_project_find(m->projects, m->n_projects, "none"));
    assert_int_equal(model_project_app(standard, &app, &err), 0);
    assert_int_equal(model_project_kind(standard, &key, false, &err), 0);
    assert_int_equal(model_project_app(NULL, &app, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    model_free(m);
}

static void test_bad(void **state)
{
    struct model *m = read_model(HEAD "  destinations: {server: x}\n", NULL, NULL, 0);
    struct model_app app = {.repo_url = "x", .server = "https://a", .namespace = "n"};
    struct rk_err err = {0};

    (void)state;
    assert_int_equal(model_project_app(project(m), &app, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_string_equal(err.text, "AppProject shop: apps.yaml:5: spec.destinations must be a list, "
                                  "not a map");
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_destinations), cmocka_unit_test(test_repos),
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_find), cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
