/*
 * source_helm_test.c: charts as an Application's source: what is asked of the functions that fetch
 * a chart and run helm, what is read and noted, what is refused. What helm itself makes of such a
 * request: engine/cli/helm_test.c.
 */
#include "render/source_test.h"

#define CHART "name: c\nversion: 1.0.0\n"
#define HEAD_OF_CM "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "

static const struct row repo[] = {
    {"common/base.yaml", "level: base\n", NULL},
    {"k/Chart.yaml", CHART, NULL},
    {"k/link.yaml", "", "common/base.yaml"},
    {"k/out.yaml", "", NULL},
    {"k/values.yaml", "level: chart\n", NULL},
    {"k/values/a.yaml", "level: a\n", NULL},
    {"k/values/b.yaml", "level: b\n", NULL},
    {"k/values/eu/c.yaml", "level: c\n", NULL},
    {NULL, NULL, NULL},
};
static const struct row far[] = {
    {"c/Chart.yaml", CHART, NULL},
    {"c/values-prod.yaml", "level: prod\n", NULL},
    {NULL, NULL, NULL},
};

/* Writes down what is asked; prints two objects, the second of them twice. */
struct fake {
    struct rk_buf asked;
    struct render_files far;
};

static int fake_chart(const struct render_helm *h, const struct render_files **out, void *ctx,
                      struct rk_err *err)
{
    struct fake *f = ctx;

    rk_buf_f(&f->asked, "fetch %s %s %s; ", h->repo, h->name, h->version);
    if (rk_streq(h->version, "gone"))
        return rk_fail(err, RK_UNAVAILABLE, "no such version");
    *out = &f->far;
    return 0;
}

static int fake_helm(const struct render_helm *h, struct rk_arena *a, rk_str *out, void *ctx,
                     struct rk_err *err)
{
    struct fake *f = ctx;

    (void)a;
    rk_buf_f(&f->asked, "%s %s/%s -n %s", h->release, h->home, h->name, h->namespace);
    for (size_t i = 0; i < h->n_over; i++)
        rk_buf_f(&f->asked, " %s{%.*s}", h->over[i].name, (int)h->over[i].text.n - 1,
                 h->over[i].text.p);
    for (size_t i = 0; i < h->n_set_files; i++)
        rk_buf_f(&f->asked, " file:%s{%.*s}", h->set_files[i].name,
                 (int)h->set_files[i].text.n - 1, h->set_files[i].text.p);
    for (size_t i = 0; i < h->n_words; i++)
        rk_buf_f(&f->asked, " %s", h->words[i]);
    if (rk_streq(h->release, "broken"))
        return rk_fail(err, RK_INVALID, "helm template: no such value");
    if (rk_streq(h->release, "bare"))
        return rk_fail(err, RK_INVALID, "helm template: found in Chart.yaml, but missing in charts/ "
                       "directory: lib");
    *out = RK_STR(HEAD_OF_CM "a}\n---\n# Source\n---\n" HEAD_OF_CM "b}\n---\n" HEAD_OF_CM "b}\n");
    return 0;
}

static struct render_result *ask(struct fake *f, const struct row *rows, const char *spec,
                                 struct rk_err *err)
{
    struct render_files files = tree(rows);
    struct render_result *r;
    struct app app;

    *f = (struct fake){.far = tree(far)};
    files.chart = fake_chart;
    files.helm = fake_helm;
    files.remote_ctx = f;
    app_read(&app, spec);
    r = app_build(&app, &files, err);
    rk_arena_free(app.a);
    return r;
}

/* repoURL, then the lines of helm. */
static void check_asked(const char *helm, const char *expected)
{
    rk_auto(rk_free_str) char *spec = rk_asprintf("repoURL: r\npath: k\nhelm:\n  skipCrds: "
    "true\n%s",
                                                  helm);
    struct render_result *r;
    struct rk_err err;
    struct fake f;

    r = ask(&f, repo, spec, &err);
    if (!r)
        assert_string_equal(err.text, expected);
    else
        assert_string_equal(f.asked.p, expected);
    rk_buf_release(&f.asked);
    render_free(r);
}

#define HELM "shop-dev /k -n dev"

static void what_is_asked_of_helm(void **state)
{
    static const struct { const char *helm, *expected; } rows[] = {
        {"  skipTests: true\n  skipSchemaValidation: true\n",
         HELM " --skip-tests --skip-schema-validation"},
        {"  releaseName: rel\n  namespace: other\n", "rel /k -n other"},
        {"  kubeVersion: v1.30.0\n  apiVersions: [a/v1, b/v1/K]\n",
         HELM " --kube-version v1.30.0 --api-versions a/v1 --api-versions b/v1/K"},
        {"  valueFiles: [values/b.yaml, /common/base.yaml, ../common/base.yaml]\n",
         HELM " k/values/b.yaml{level: b} common/base.yaml{level: base} common/base.yaml{level: "
         "base}"},
        {"  valueFiles: [\"values/*.yaml\"]\n", HELM " k/values/a.yaml{level: a} k/values/b.yaml"
         "{level: b}"},
        {"  valueFiles: [\"values/**/*.yaml\", values/a.yaml]\n", HELM " k/values/b.yaml{level: b}"
         " k/values/eu/c.yaml{level: c} k/values/a.yaml{level: a}"},
        {"  valueFiles: [\"values/${ARGOCD_ENV}a.yaml\"]\n", HELM " k/values/a.yaml{level: a}"},
        {"  ignoreMissingValueFiles: true\n  valueFiles: [no.yaml, values/a.yaml, \"no/*.yaml\"]\n",
         HELM " k/values/a.yaml{level: a}"},
        {"  valueFiles: [link.yaml]\n", HELM " k/link.yaml{}"},
        {"  values: |\n    level: own\n", HELM " values{level: own}"},
        {"  valuesObject: {level: {deep: 1}}\n", HELM " valuesObject{level:\n  deep: 1}"},
        {"  values: |\n    level: own\n  valuesObject: {level: object}\n"
         "  valueFiles: [values/a.yaml]\n",
         HELM " k/values/a.yaml{level: a} valuesObject{level: object}"},
        {"  parameters: [{name: a.b, value: \"1\"}, {name: c, value: \"2\", forceString: true}]\n",
         HELM " --set a.b=1 --set-string c=2"},
        {"  parameters: [{name: a, value: \"1\"}, {name: a, value: \"2\"},"
         " {name: a, value: \"3\", forceString: true}]\n", HELM " --set a=2 --set-string a=3"},
        {"  parameters: [{name: a, value: 'x,y\\,z,,'}]\n", HELM " --set a=x\\,y\\,z\\,,"},
        {"  parameters: [{name: a, value: '{x,y}'}, {name: b, value: ',x'}]\n",
         HELM " --set a={x,y} --set b=,x"},
        {"  parameters: [{name: rev, value: $ARGOCD_APP_REVISION_SHORT_8}]\n",
         HELM " --set rev=01234567"},
        {"  fileParameters: [{name: text, path: values/a.yaml}]\n", HELM " file:text{level: a}"},
        {"  valueFiles: [nothing-like-it.yaml]\n", "apps/a.yaml:13: spec.source.helm.valueFiles: "
         "nothing-like-it.yaml is not there (looked for k/nothing-like-it.yaml)"},
        {"  valueFiles: [valuse.yaml]\n", "apps/a.yaml:13: spec.source.helm.valueFiles: "
         "valuse.yaml "
         "is not there; values.yaml is"},
        {"  valueFiles: [\"no/*.yaml\"]\n", "apps/a.yaml:13: spec.source.helm.valueFiles: no file "
         "fits no/*.yaml"},
        {"  valueFiles: [../../x.yaml]\n", "apps/a.yaml:13: spec.source.helm.valueFiles: "
         "../../x.yaml "
         "leads out of the repository"},
        {"  valueFiles: [values]\n", "apps/a.yaml:13: spec.source.helm.valueFiles: values is a "
         "folder, "
         "a file is needed"},
        {"  valueFiles: [\"https://example.org/v.yaml\"]\n", "apps/a.yaml:13: spec.source.helm."
         "valueFiles: https://example.org/v.yaml is not fetched: put the file into the repository"},
        {"  parameters: [{value: x}]\n", "apps/a.yaml:13: spec.source.helm.parameters[0] needs a "
         "name: "
         "the path of a value"},
        {"  fileParameters: [{name: x}]\n", "apps/a.yaml:13: spec.source.helm.fileParameters[0] "
         "needs "
         "a name and a path"},
        {"  fileParameters: [{name: x, path: no}]\n", "apps/a.yaml:13: spec.source.helm."
         "fileParameters[0]: no is not there (looked for k/no)"},
        {"  releaseName: bare\n", "apps/a.yaml:12: spec.source.helm: helm template: found in "
         "Chart.yaml, but missing in charts/ directory: lib (commit the charts folder that helm "
         "dependency build makes)"},
        {"  releaseName: broken\n", "apps/a.yaml:12: spec.source.helm: helm template: no such "
         "value"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        check_asked(rows[i].helm, rows[i].expected);
}

/* Nothing is said: a Chart.yaml makes it a chart, and its CRDs come along. */
static void a_chart_by_its_file(void **state)
{
    struct rk_err err;
    struct fake f;
    struct render_result *r = ask(&f, repo, "repoURL: r\npath: k\n", &err);

    (void)state;
    if (!r)
        fail_msg("%s", err.text);
    assert_string_equal(f.asked.p, HELM " --include-crds");
    check_objects(r, "ConfigMap/a ConfigMap/b");
    check_source(r, "ConfigMap", "/metadata/name", "apps/a.yaml:9 generator");
    assert_int_equal(r->n_lints, 1);
    assert_string_equal(r->lints[0].text, "ConfigMap b is there twice; the last one counts");
    rk_buf_release(&f.asked);
    render_free(r);
}

static void what_a_chart_depends_on(void **state)
{
    static const char *const paths[] = {"k", "k/Chart.yaml", "k/link.yaml", "common/base.yaml",
    
                                        "k/values/a.yaml", "k/no.yaml", "k/values", "no"};
    struct rk_err err;
    struct fake f;
    struct render_result *r = ask(&f, repo, "repoURL: r\npath: k\nhelm:\n"
                                  "  ignoreMissingValueFiles: true\n"
                                  "  valueFiles: [no.yaml, 'values/*', '/no/*']\n", &err);

    (void)state;
    if (!r)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < RK_LEN(paths); i++)
        if (!has_dep(r, paths[i]))
            fail_msg("no dependency %s", paths[i]);
    rk_buf_release(&f.asked);
    render_free(r);
}

static void check_fetched(const char *spec, const char *expected)
{
    struct rk_err err;
    struct fake f;
    struct render_result *r = ask(&f, repo, spec, &err);

    assert_string_equal(r ? f.asked.p : err.text, expected);
    rk_buf_release(&f.asked);
    render_free(r);
}

static void charts_of_a_repository(void **state)
{
    (void)state;
    check_fetched("{repoURL: 'https://c.example.org', chart: c, targetRevision: ^1, helm: "
    "{valueFiles: "
                  "[values-prod.yaml, /values-prod.yaml], skipCrds: true}}",
                  "fetch https://c.example.org c ^1; shop-dev /c -n dev @c.example.org chart "
                  "c@^1/c/values-prod.yaml{level: prod} @c.example.org chart c@^1/c/"
                  "values-prod.yaml{level: prod}");
    check_fetched("{repoURL: registry.example.org/charts, chart: sub/c, targetRevision: '1'}",
                  "fetch oci://registry.example.org/charts/sub c 1; shop-dev /c -n dev "
                  "--include-crds");
    check_fetched("{repoURL: 'oci://registry.example.org', chart: c, targetRevision: '1'}",
                  "fetch oci://registry.example.org c 1; shop-dev /c -n dev --include-crds");
    check_fetched("{repoURL: 'https://c.example.org', chart: c, targetRevision: gone}",
                  "apps/a.yaml:9: spec.source.chart: no such version");
    check_fetched("{repoURL: 'https://c.example.org', chart: c, targetRevision: '1',\n"
                  " helm: {valueFiles: [../other/v.yaml]}}", "apps/a.yaml:10: spec.source.helm."
                  "valueFiles: ../other/v.yaml leads out of the chart");
}

/* Value files of another source: of its tree, or of the one that is rendered. */
static void files_of_other_sources(void **state)
{
    struct render_files other = tree(far), files = tree(repo);
    const struct render_ref refs[] = {{"values", &other}, {"here", NULL}};
    struct fake f = {.far = tree(far)};
    struct render_result *r;
    struct rk_err err;
    struct app app;

    (void)state;
    files.chart = fake_chart;
    files.helm = fake_helm;
    files.remote_ctx = &f;
    app_read(&app, "{repoURL: 'https://c.example.org', chart: c, targetRevision: 1.*, helm: "
    "{skipCrds: "
             "true, valueFiles: [$values/c/values-*.yaml, $here/common/base.yaml, "
             "values-*.yaml], fileParameters: [{name: p, path: $here/k/values/a.yaml}]}}");
    app.source.refs = refs;
    app.source.n_refs = RK_LEN(refs);
    r = app_build(&app, &files, &err);
    if (!r)
        fail_msg("%s", err.text);
    assert_string_equal(f.asked.p, "fetch https://c.example.org c 1.*; shop-dev /c -n dev "
                        "@$values@HEAD/c/values-prod.yaml{level: prod} common/base.yaml{level: "
                        "base} "
                        "@c.example.org chart c@1.*/c/values-prod.yaml{level: prod} "
                        "file:p{level: a}");
    assert_true(has_dep(r, "common/base.yaml") && has_dep(r, "k/values/a.yaml"));
    rk_buf_release(&f.asked);
    render_free(r);
    rk_arena_free(app.a);
    app_read(&app, "{repoURL: r, helm: {valueFiles: [$values/../k/values.yaml]}}");
    app.source.refs = refs;
    app.source.n_refs = 1;
    assert_null(app_build(&app, &files, &err));
    assert_string_equal(err.text, "apps/a.yaml:9: spec.source.helm.valueFiles: /../k/values.yaml "
    "leads "
                        "out of the repository");
    rk_arena_free(app.a);
}

static void charts_that_are_refused(void **state)
{
    const struct row bare[] = {{"k/a.yaml", HEAD_OF_CM "a}\n", NULL}, {NULL, NULL, NULL}};
    const struct row out[] = {{"k/Chart.yaml", CHART, NULL},
                              {"k/templates/x.yaml", "", "OUT"},
                              {NULL, NULL, NULL}};
    struct render_files files = tree(repo);
    struct rk_err err;
    struct fake f;
    struct app app;

    (void)state;
    assert_null(ask(&f, bare, "repoURL: r\nhelm:\n  skipCrds: true\n", &err));
    assert_string_equal(err.text, "apps/a.yaml:11: spec.source.helm: k has no Chart.yaml: name the "
                        "folder of the chart in path");
    assert_null(ask(&f, out, "repoURL: r\n", &err));
    assert_string_equal(err.text, "k/templates/x.yaml: k/templates/x.yaml leads out");
    app_read(&app, "{repoURL: r, chart: c, targetRevision: '1'}");
    files.helm = fake_helm;
    assert_null(app_build(&app, &files, &err));
    assert_string_equal(err.text, "apps/a.yaml:9: spec.source.chart: charts are not fetched here: "
    "put "
                        "chart c into the repository and name its folder in path");
    rk_arena_free(app.a);
}

/* What the cluster serves goes to helm where nothing is said, and the result says by which. */
static void versions_of_the_cluster(void **state)
{
    static const struct { const char *helm, *asked, *by; } rows[] = {
        {"{skipCrds: true}", HELM " --kube-version v1.33.1 --api-versions a/v1 --api-versions "
         "a/v1/K",
         "id"},
        {"{skipCrds: true, kubeVersion: v1.30.0}",
         HELM " --kube-version v1.30.0 --api-versions a/v1 --api-versions a/v1/K", "id"},
        {"{skipCrds: true, kubeVersion: v1.30.0, apiVersions: [b/v1]}",
         HELM " --kube-version v1.30.0 --api-versions b/v1", NULL},
    };
    static const char *const served[] = {"a/v1", "a/v1/K"};

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_free_str) char *spec = rk_asprintf("{repoURL: r, helm: %s}", rows[i].helm);
        struct fake f = {.far = tree(far)};
        struct render_files files = tree(repo);
        struct render_result *r;
        struct rk_err err;
        struct app app;

        files.helm = fake_helm;
        files.remote_ctx = &f;
        app_read(&app, spec);
        app.source.kube_version = "v1.33.1";
        app.source.api_versions = served;
        app.source.n_api_versions = RK_LEN(served);
        app.source.cluster = "id";
        r = app_build(&app, &files, &err);
        assert_string_equal(f.asked.p, rows[i].asked);
        if (rows[i].by)
            assert_string_equal(r->by_cluster, rows[i].by);
        else
            assert_null(r->by_cluster);
        rk_buf_release(&f.asked);
        render_free(r);
        rk_arena_free(app.a);
    }
}

/* In a kustomization: the Application's versions stand above the entry's. */
static void versions_of_charts_in_a_kustomization(void **state)
{
    const struct row rows[] = {
        {"k/charts/c/Chart.yaml", CHART, NULL},
        {"k/charts/c/values.yaml", "a: 1\n", NULL},
        {"k/kustomization.yaml", "helmCharts:\n- {name: c, releaseName: r, kubeVersion: v1.1.0}\n",
         NULL},
        {NULL, NULL, NULL},
    };
    struct render_files files = tree(rows);
    struct render_result *r = NULL;
    struct fake f = {.far = tree(far)};
    struct rk_err err = {0};
    struct app app;
    struct render_opts opts = {.path = "k", .source = &app.source, .enable_helm = true};

    (void)state;
    app_read(&app, "repoURL: r\nkustomize:\n  kubeVersion: v1.2.0\n  apiVersions: [x/v1]\n");
    files.helm = fake_helm;
    files.chart = fake_chart;
    files.remote_ctx = &f;
    assert_int_equal(render_build(&files, &opts, &r, &err),
    -1); /* two of one name: kustomize's rule */
    assert_string_equal(f.asked.p, "r k/charts/c -n  --kube-version v1.2.0 --api-versions x/v1");
    rk_buf_release(&f.asked);
    rk_arena_free(app.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_of_helm), cmocka_unit_test(a_chart_by_its_file),
        cmocka_unit_test(what_a_chart_depends_on), cmocka_unit_test(charts_of_a_repository),
        cmocka_unit_test(charts_that_are_refused), cmocka_unit_test(files_of_other_sources),
        cmocka_unit_test(versions_of_the_cluster),
        cmocka_unit_test(versions_of_charts_in_a_kustomization),
    };

    return cmocka_run_group_tests_name("source_helm", tests, NULL, NULL);
}
