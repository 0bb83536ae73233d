/*
 * helm_test.c: an Application's chart by the real helm program: what the settings of
 * spec.source.helm come to. Skipped where there is no helm 3 in the PATH.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/cli_int.h"
#include "render/render.h"

static const char *const chart[][2] = {
    {"c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
    {"c/crds/crd.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
     "metadata: {name: as.example.org}\n"},
    {"c/templates/cm.yaml",
     "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata:\n"
     "  namespace: {{ .Release.Namespace }}\n"
     "  v: {{ list .Values.chart .Values.file .Values.files .Values.own .Values.set | join \"-\" "
     "}}\n"
     "  type: {{ kindOf .Values.text }}\n  list: {{ .Values.list | join \"+\" }}\n"
     "  comma: {{ .Values.comma | quote }}\n"
     "  text: {{ .Values.data | quote }}\n  kube: {{ .Capabilities.KubeVersion.Version }}\n"
     "  api: {{ .Capabilities.APIVersions.Has \"a.example.org/v1/A\" | quote }}\n"
     "  lookup: {{ lookup \"v1\" \"ConfigMap\" \"x\" \"y\" | len | quote }}\n"},
    {"c/templates/tests/t.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: "
     "{\"helm.sh/hook\": test}}\n"},
    {"c/values.yaml", "chart: chart\nfile: chart\nfiles: chart\nown: chart\nset: chart\ntext: 1\n"
     "list: []\ncomma: \"\"\ndata: \"\"\n"},
    {"v/1.yaml", "file: one\nfiles: one\nown: one\nset: one\n"},
    {"v/2.yaml", "files: two\nown: two\nset: two\n"},
    {"v/text", "a, b\n"},
};

static bool helm_is_there(void)
{
    const char *path = getenv("PATH");
    rk_str rest = rk_str_c(path ? path : "");

    while (rest.n) {
        rk_str dir = rk_str_cut(rest, ':', &rest);
        rk_auto(rk_free_str) char *file = rk_asprintf(RK_FMT_STR "/helm", RK_ARG_STR(dir));

        if (access(file, X_OK) == 0)
            return true;
    }
    return false;
}

static char *lay_out(void)
{
    char name[] = "/tmp/reckon-chart-XXXXXX";
    struct rk_err err = {0};

    assert_non_null(mkdtemp(name));
    for (size_t i = 0; i < RK_LEN(chart); i++) {
        rk_auto(rk_free_str) char *path = rk_path_join(name, chart[i][0]);
        rk_auto(rk_free_str) char *dir = rk_path_join(path, "..");

        if (rk_mkdirs(dir, 0700, &err) || rk_file_write(path, rk_str_c(chart[i][1]), 0600, &err))
            fail_msg("%s", err.text);
    }
    return rk_strdup(name);
}

static struct render_result *inflate(const char *dir, const char *spec, struct rk_arena *a)
{
    char *argv[] = {(char[]){"reckon"}, (char[]){"render"}, (char[]){"x"}, NULL};
    struct cli c = {.arena = rk_arena_new(), .out = RK_BUF_INIT};
    struct doc_read how = {.typing = DOC_RESOURCE};
    struct render_source source = {.field = "spec.source", .app = "shop-dev", .namespace = "dev"};
    struct render_opts opts = {.path = "c", .source = &source};
    struct render_files *files = render_disk(dir);
    struct render_result *r = NULL;
    struct rk_err err = {0};
    struct doc_node *doc = NULL;
    struct cli_remotes *all;
    const char *word;

    if (cli_parse(&c, 3, argv, &word, &err) ||
        doc_yaml_read_one(a, rk_str_c(spec), &how, &doc, &err))
        fail_msg("%s", err.text);
    source.spec = doc;
    all = cli_remotes_new(&c);
    cli_remotes_root(all, dir);
    files->helm = cli_helm;
    files->remote_ctx = all;
    if (render_build(files, &opts, &r, &err))
        fail_msg("%s", err.text);
    cli_remotes_free(all);
    render_disk_free(files);
    rk_arena_free(c.arena);
    return r;
}

static const struct kube_object *first(const struct render_result *r, const char *kind)
{
    for (size_t i = 0; i < r->n_objects; i++)
        if (rk_str_is(r->objects[i].key.kind, kind))
            return &r->objects[i];
    return NULL;
}

static void check(const struct render_result *r, const char *key, const char *expected)
{
    rk_str have = doc_get_text(doc_get(first(r, "ConfigMap")->doc, "data"), key);

    if (!rk_str_is(have, expected))
        fail_msg("%s: " RK_FMT_STR " instead of %s", key, RK_ARG_STR(have), expected);
}

static void settings_of_a_chart(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    rk_auto(rk_free_str) char *dir = NULL;
    struct render_result *r;
    struct rk_err err = {0};

    (void)state;
    if (!helm_is_there()) {
        print_message("there is no helm here: skipped\n");
        skip();
    }
    dir = lay_out();
    r = inflate(dir, "helm:\n  valueFiles: [/v/1.yaml, ../v/2.yaml]\n"
                "  values: \"own: lost\"\n  valuesObject: {own: own, set: own}\n  parameters:\n"
                "  - {name: set, value: set}\n  - {name: text, value: \"1\", forceString: true}\n"
                "  - {name: list, value: \"{a,b}\"}\n  - {name: comma, value: \"a,b\"}\n"
                "  fileParameters: [{name: data, path: /v/text}]\n  kubeVersion: v1.31.2\n"
                "  apiVersions: [a.example.org/v1/A]\n", a);
    check(r, "v", "chart-one-two-own-set");
    check(r, "type", "string");
    check(r, "list", "a+b");
    check(r, "comma", "a,b");
    check(r, "text", "a, b\n");
    check(r, "kube", "v1.31.2");
    check(r, "api", "true");
    check(r, "lookup", "0");
    check(r, "namespace", "dev");
    assert_true(rk_str_is(first(r, "ConfigMap")->key.name, "shop-dev"));
    assert_non_null(first(r, "CustomResourceDefinition"));
    assert_non_null(first(r, "Pod"));
    render_free(r);
    r = inflate(dir, "helm: {releaseName: rel, namespace: other, skipCrds: true, skipTests: true,"
                " values: 'own: own'}\n", a);
    check(r, "v", "chart-chart-chart-own-chart");
    check(r, "namespace", "other");
    assert_true(rk_str_is(first(r, "ConfigMap")->key.name, "rel"));
    assert_null(first(r, "CustomResourceDefinition"));
    assert_null(first(r, "Pod"));
    render_free(r);
    if (rk_remove_tree(dir, &err))
        fail_msg("%s", err.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(settings_of_a_chart)};

    return cmocka_run_group_tests_name("helm", tests, NULL, NULL);
}
