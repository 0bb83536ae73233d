/*
 * read_test.c: many files, many documents, broken ones, twins; `reckon init`'s proposal.
 */
#include "model/model_test.h"

static struct model *read_files(const struct model_file *files, size_t n, const char *config)
{
    struct model_file conf = {"reckon.yaml", rk_str_c(config)};
    struct model_input in = {.files = files, .n_files = n, .config = config ? &conf : NULL};
    struct model *m = NULL;
    struct rk_err err = {0};

    assert_int_equal(model_read(&in, &m, &err), 0);
    return m;
}

static void test_many(void **state)
{
    struct model_file files[] = {
        {"b.yaml", RK_STR("# a comment\n" APP("zeta", "z", "z", "{}") "---\n"
                          APP("alpha", "a", "a", "{}"))},
        {"list.yaml", RK_STR("apiVersion: v1\nkind: List\nitems:\n"
                             "- {apiVersion: argoproj.io/v1alpha1, kind: Application,\n"
                             "   metadata: {name: listed}}\n"
                             "- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n")},
        {"other.yaml", RK_STR("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Application}\n")},
        {"rollout.yaml", RK_STR("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n"
                                "metadata: {name: r}\n")},
        {"set.yaml", RK_STR("\n---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n"
                            "metadata: {name: many}\n")},
        {"empty.yaml", RK_STR("")},
    };
    struct model *m = read_files(files, RK_LEN(files), NULL);

    (void)state;
    assert_int_equal(m->n_apps, 3);
    assert_string_equal(m->apps[0].name, "alpha");
    assert_string_equal(m->apps[0].file, "b.yaml");
    assert_int_equal(m->apps[0].line, 11);
    assert_string_equal(m->apps[1].name, "listed");
    assert_string_equal(m->apps[1].error, "list.yaml:4: spec is missing");
    assert_string_equal(m->apps[2].name, "zeta");
    assert_int_equal(m->apps[2].line, 2);
    assert_int_equal(m->lints.n, 1);
    assert_lint(&m->lints, "ApplicationSet many is not implemented", 3);
    model_free(m);
}

/* A broken document costs only the application it was to be, and that one stays. */
static void test_broken(void **state)
{
    struct model_file files[] = {
        {"a.yaml", RK_STR(APP("good", "g", "g", "{}") "---\n"
                          "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n"
                          "  labels: {name: no}\n  name: 'bad' # here\nspec: [\n---\n"
                          APP("fine", "f", "f", "{}"))},
        {"b.yaml", RK_STR("apiVersion: argoproj.io/v1alpha1\nkind: \"Application\"\n"
                          "metadata: {name: flow, labels: {}}\nspec: }\n")},
        {"c.yaml", RK_STR("apiVersion: argoproj.io/v1alpha1\nkind: {{ .Values.kind }}\n")},
        {"d.yaml", RK_STR("apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: ]\n")},
        {"e.yaml", RK_STR("apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                          "metadata: {name: twice}\nmetadata: {name: twice}\n")},
    };
    struct model *m = read_files(files, RK_LEN(files), NULL);

    (void)state;
    assert_int_equal(m->n_apps, 6);
    assert_null(app_named(m, "good")->error);
    assert_null(app_named(m, "fine")->error);
    assert_non_null(app_named(m, "bad")->error);
    assert_int_equal(strncmp(app_named(m, "bad")->error, "a.yaml:", 7), 0);
    assert_string_equal(app_named(m, "bad")->file, "a.yaml");
    assert_in_range(app_named(m, "bad")->line, 9, 16);
    assert_int_equal(strncmp(app_named(m, "flow")->error, "b.yaml:", 7), 0);
    assert_int_equal(strncmp(m->apps[0].name, "bad", 3), 0);
    assert_int_equal(strncmp(m->apps[1].name, "d.yaml:", 7), 0);
    assert_non_null(strstr(app_named(m, "twice")->error, "e.yaml:4"));
    assert_int_equal(m->lints.n, 1);
    assert_string_equal(m->lints.v[0].file, "c.yaml");
    assert_non_null(strstr(m->lints.v[0].text, "this document is left out: c.yaml:2"));
    model_free(m);
}

/* Whatever a file is cut to: a model comes out, and what it holds is whole. */
static void test_every_prefix(void **state)
{
    static const char text[] =
        APP("a", "p/overlays/dev", "n", "{automated: {prune: true}, syncOptions: [Prune=confirm]}")
        "---\n" APP("b", "q", "n", "{retry: {limit: 1, backoff: {duration: 5s}}}") "---\n"
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: p}\n"
        "spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}]}\n";

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        char *cut = rk_strndup(text, i); /* its own memory, so that a sanitizer sees its end */
        struct model_file file = {"a.yaml", {cut, i}};
        struct model *m = read_files(&file, 1, NULL);

        assert_true(m->n_apps <= 2);
        for (size_t k = 0; k < m->n_apps; k++)
            assert_true(m->apps[k].name[0] && m->apps[k].app && m->apps[k].derived_environment);
        model_free(m);
        free(cut);
    }
}

static void test_twins(void **state)
{
    struct model_file files[] = {
        {"b.yaml", RK_STR(APP("shop", "p", "n", "{}"))},
        {"a.yaml", RK_STR("\n" APP("shop", "q", "n", "{}"))},
    };
    struct model *m = read_files(files, 2, NULL);

    (void)state;
    assert_string_equal(m->apps[0].error,
                        "a.yaml:2: an Application of the same name stands in b.yaml:1");
    assert_string_equal(m->apps[1].error,
                        "b.yaml:1: an Application of the same name stands in a.yaml:2");
    model_free(m);
}

static void test_folders(void **state)
{
    struct model_file files[] = {
        {"apps/a.yaml", RK_STR(APP("in", "p", "n", "{}"))},
        {"apps2/a.yaml", RK_STR(APP("out", "p", "n", "{}"))},
        {"a.yaml", RK_STR(APP("root", "p", "n", "{}"))},
    };
    struct model *m = read_files(files, 3, "apiVersion: reckon.dev/v1\napplications: [apps]\n");

    (void)state;
    assert_int_equal(m->n_apps, 1);
    assert_string_equal(m->apps[0].name, "in");
    model_free(m);
}

static void test_default_repo(void **state)
{
    struct model_file file = {"a.yaml", RK_STR(APP("a", "p", "n", "{}"))};
    struct model_input in = {
        .files = &file, .n_files = 1, .default_repo = "git@git.example.org:gitops",
    };
    struct model *m = NULL;

    (void)state;
    assert_int_equal(model_read(&in, &m, NULL), 0);
    assert_true(m->apps[0].own_repo);
    assert_string_equal(m->apps[0].repo_url, "https://git.example.org/gitops.git");
    model_free(m);
    in.default_repo = "git@git.example.org:other";
    assert_int_equal(model_read(&in, &m, NULL), 0);
    assert_false(m->apps[0].own_repo);
    bool said = false;
    for (size_t i = 0; i < m->apps[0].lints.n; i++)
        said |= strstr(m->apps[0].lints.v[i].text, "is not the watched repository") != NULL;
    assert_true(said);
    model_free(m);
    model_free(NULL);
}

/* ---- reckon init ---- */
static void test_propose(void **state)
{
    struct model *m = read_model(
        APP("shop-dev", "s/overlays/dev", "shop-dev", AUTO) "---\n"
        APP("web-dev", "w/overlays/dev", "web-dev", AUTO) "---\n"
        APP("shop-staging", "s/overlays/staging", "shop-staging", "{}") "---\n"
        APP("shop-production", "s/overlays/production", "shop-production", AUTO) "---\n"
        APP("namespaces", "k8s/namespaces", "\"\"", AUTO), NULL, NULL, 0);
    struct rk_buf out = RK_BUF_INIT;
    const char *body;
    struct model *again;
    struct model_policy p;

    (void)state;
    model_propose(m, &out);
    body = strstr(out.p, "apiVersion:");
    assert_non_null(body);
    assert_string_equal(body,
        "apiVersion: reckon.dev/v1\n"
        "environments:\n"
        "- name: dev\n"
        "  match: [{namespaces: [\"shop-dev\", \"web-dev\"]}]\n"
        "  sync: auto\n"
        "- name: default\n"
        "  match: [{paths: [\"k8s/namespaces\"]}]\n"
        "  sync: auto\n"
        "- name: staging\n"
        "  match: [{namespaces: [\"shop-staging\"]}]\n"
        "  sync: manual\n"
        "- name: production\n"
        "  match: [{namespaces: [\"shop-production\"]}]\n"
        "  sync: manual   # 1 of 1 applications are automated: not any more by this\n"
        "  locked: true\n"
        "  pruneBudget: 5\n");
    /* What is proposed can be read, and holds every application. */
    again = read_model(APP("shop-production", "s/overlays/production", "shop-production", AUTO),
                       out.p, NULL, 0);
    model_policy_of(again, &again->apps[0], NULL, &p);
    assert_string_equal(p.environment, "production");
    assert_true(p.locked);
    model_free(again);
    rk_buf_release(&out);
    model_free(m);
}

static void test_propose_odd(void **state)
{
    struct model *m = read_model(
        APP("a", "s/overlays/Dev Team", "shared", AUTO) "---\n"
        APP("b", "s/overlays/true", "shared", AUTO) "---\n"
        APP("c", "s/overlays/eu-prod", "eu", AUTO), NULL, NULL, 0);
    struct rk_buf out = RK_BUF_INIT;
    struct model *again;

    (void)state;
    model_propose(m, &out);
    /* One namespace for two environments tells nothing: paths do. */
    assert_non_null(strstr(out.p, "- name: \"dev-team\"\n"
                                  "  match: [{paths: [\"s/overlays/Dev Team\"]}]\n"));
    assert_non_null(strstr(out.p, "- name: \"true\"\n  match: [{paths: [\"s/overlays/true\"]}]\n"));
    assert_non_null(strstr(out.p, "- name: eu-prod\n  match: [{namespaces: [\"eu\"]}]\n"
                                  "  sync: manual"));
    again = read_model("", out.p, NULL, 0);
    assert_int_equal(again->n_environments, 3);
    model_free(again);
    rk_buf_clear(&out);
    model_free(m);
    m = read_model("", NULL, NULL, 0);
    model_propose(m, &out);
    assert_non_null(strstr(out.p, "environments: []"));
    rk_buf_release(&out);
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many), cmocka_unit_test(test_broken),
        cmocka_unit_test(test_every_prefix), cmocka_unit_test(test_twins),
        cmocka_unit_test(test_folders), cmocka_unit_test(test_default_repo),
        cmocka_unit_test(test_propose), cmocka_unit_test(test_propose_odd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
