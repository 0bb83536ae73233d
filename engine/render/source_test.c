/*
 * source_test.c: an Application's source: its type,
 spec.source.kustomize as `kustomize edit` v5.7.1
 * means it, spec.source.directory, settings in the folder, Argo CD's build environment.
 */
#include "render/source_test.h"

#define WORKLOAD \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\n" \
    "spec:\n  selector: {matchLabels: {app: web}}\n  template:\n" \
    "    metadata: {labels: {app: web}}\n" \
    "    spec: {containers: [{name: a, image: \"nginx:1\"}, {name: b, image: \"r:5000/x/y:1\"}]}\n"
#define CM(name) "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " name "\n"
#define COMPONENT "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"

/* ---- kustomize ---- */

static struct render_result *of_tree(const struct row *rows, const char *spec, struct rk_err *err)
{
    struct render_files files = tree(rows);
    struct render_result *r;
    struct app app;

    app_read(&app, spec);
    r = app_build(&app, &files, err);
    rk_arena_free(app.a);
    return r;
}

static struct render_result *kustomize(const char *kustomization, const char *settings,
                                       struct rk_err *err)
{
    const struct row rows[] = {
        {"comp/x1/kustomization.yaml", COMPONENT "namePrefix: x1-\n", NULL},
        {"comp/x2/kustomization.yaml", COMPONENT "nameSuffix: -x2\n", NULL},
        {"k/kustomization.yaml", kustomization, NULL},
        {"k/p.yaml", "- {op: add, path: /spec/paused, value: true}\n", NULL},
        {"k/web.yaml", WORKLOAD, NULL},
        {NULL, NULL, NULL},
    };
    rk_auto(rk_free_str) char *spec = rk_asprintf("repoURL: r\nkustomize:\n%s", settings);

    return of_tree(rows, spec, err);
}

#define IMAGE_A "/spec/template/spec/containers/0/image"
#define IMAGE_B "/spec/template/spec/containers/1/image"
#define OVER "resources: [web.yaml]\n"
#define PINNED OVER "images:\n- {name: nginx, newName: nn, newTag: \"9\", digest: \"sha256:9\"}\n"

/* What the real tool gives after the same edits; value NULL: the field is not there. */
static void settings_are_edits(void **state)
{
    static const struct { const char *kustomization, *settings, *pointer, *value; } rows[] = {
        {OVER, "  images: [\"nginx:2\"]\n", IMAGE_A, "nginx:2"},
        {OVER, "  images: [\"nginx=m\"]\n", IMAGE_A, "m:1"},
        {OVER, "  images: [\"nginx=reg:5000/m:2@sha256:ab\"]\n", IMAGE_A, "reg:5000/m:2@sha256:ab"},
        {OVER, "  images: [\"nginx@sha256:ab\"]\n", IMAGE_A, "nginx@sha256:ab"},
        {OVER, "  images: [\"nginx:3@sha256:ab\"]\n", IMAGE_A, "nginx:3@sha256:ab"},
        {OVER, "  images: [\"r:5000/x/y:2\"]\n", IMAGE_B, "r:5000/x/y:2"},
        {OVER, "  images: [\"nginx:2\", \"nginx:3\"]\n", IMAGE_A, "nginx:3"},
        {OVER, "  images: [\"nginx:$ARGOCD_APP_REVISION_SHORT\"]\n", IMAGE_A, "nginx:0123456"},
        {PINNED, "  images: [\"nginx:2\"]\n", IMAGE_A, "nginx:2"},
        {PINNED, "  images: [\"nginx=*:2\"]\n", IMAGE_A, "nn:2"},
        {PINNED, "  images: [\"nginx=m@*\"]\n", IMAGE_A, "m@sha256:9"},
        {PINNED, "  images: [\"nginx:*\"]\n", IMAGE_A, "nginx:9"},
        {OVER, "  images: [\"nginx=*:2\"]\n", IMAGE_A, "nginx:2"},
        {PINNED, "  images: [\"other:2\"]\n", IMAGE_A, "nn:9@sha256:9"},
        {OVER, "  replicas: [{name: web, count: 3}]\n", "/spec/replicas", "3"},
        {OVER, "  replicas: [{name: web, count: \"4\"}]\n", "/spec/replicas", "4"},
        {OVER "replicas: [{name: web, count: 7}]\n", "  replicas: [{name: web, count: 0}]\n",
         "/spec/replicas", "0"},
        {OVER, "  commonLabels: {team: shop}\n", "/spec/selector/matchLabels/team", "shop"},
        {OVER, "  commonLabels: {n: \"a-${ARGOCD_APP_NAME}\"}\n", "/metadata/labels/n",
         "a-shop-dev"},
        {OVER "commonLabels: {team: x}\n", "  forceCommonLabels: true\n  commonLabels: {team: y}\n",
         "/metadata/labels/team", "y"},
        {OVER, "  labelWithoutSelector: true\n  commonLabels: {team: a, tier: b}\n",
         "/metadata/labels/tier", "b"},
        {OVER, "  labelWithoutSelector: true\n  commonLabels: {team: a}\n",
         "/spec/selector/matchLabels/team", NULL},
        {OVER, "  labelWithoutSelector: true\n  commonLabels: {team: a}\n",
         "/spec/template/metadata/labels/team", NULL},
        {OVER, "  labelWithoutSelector: true\n  labelIncludeTemplates: true\n"
         "  commonLabels: {team: a}\n", "/spec/template/metadata/labels/team", "a"},
        {OVER "labels: [{pairs: {team: x}, includeSelectors: true}]\n",
         "  labelWithoutSelector: true\n  commonLabels: {team: y}\n", "/metadata/labels/team", "y"},
        {OVER "labels: [{pairs: {team: x}}]\n", "  labelWithoutSelector: true\n"
         "  forceCommonLabels: true\n  commonLabels: {team: y}\n", "/metadata/labels/team", "y"},
        {OVER, "  commonAnnotations: {v: $ARGOCD_APP_NAME}\n", "/metadata/annotations/v",
         "$ARGOCD_APP_NAME"},
        {OVER, "  commonAnnotationsEnvsubst: true\n"
         "  commonAnnotations: {v: \"$$x-$ARGOCD_APP_NAMESPACE-${ARGOCD_APP_PROJECT_NAME}\"}\n",
         "/metadata/annotations/v", "$x-dev-shop"},
        {OVER, "  commonAnnotations: {v: '\"q\"'}\n", "/metadata/annotations/v", "q"},
        {OVER "commonAnnotations: {v: x}\n", "  forceCommonAnnotations: true\n"
         "  commonAnnotations: {v: y}\n", "/metadata/annotations/v", "y"},
        {OVER "namePrefix: lost-\n", "  namePrefix: p-\n  nameSuffix: -s\n", "/metadata/name",
         "p-web-s"},
        {OVER "namespace: lost\n", "  namespace: ns\n", "/metadata/namespace", "ns"},
        {OVER, "  patches: [{target: {kind: Deployment}, path: p.yaml}]\n", "/spec/paused", "true"},
        {OVER "patches: [{target: {kind: Deployment}, patch: '- {op: add, path: /spec/x, value: "
         "1}'}]\n",
         "  patches: [{target: {kind: Deployment}, patch: \"- {op: test, path: /spec/x,"
         " value: 1}\\n- {op: add, path: /spec/x, value: 2}\"}]\n", "/spec/x", "2"},
        {OVER, "  patches:\n  - target: {kind: Deployment}\n    options: {allowNameChange: true}\n"
         "    patch: |\n      kind: Deployment\n      metadata: {name: new}\n", "/metadata/name",
         "new"},
        {OVER, "  components: [../comp/x1]\n", "/metadata/name", "x1-web"},
        {OVER, "  components: [../comp/*]\n", "/metadata/name", "x1-web-x2"},
        {OVER "components: [../comp/x1]\n", "  components: [../comp/*]\n", "/metadata/name",
         "x1-web-x2"},
        {OVER, "  ignoreMissingComponents: true\n  components: [../no, ../comp/x2, ../no/*]\n",
         "/metadata/name", "web-x2"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct rk_err err;
        struct render_result *r = kustomize(rows[i].kustomization, rows[i].settings, &err);
        const struct doc_node *n;

        if (!r)
            fail_msg("row %zu: %s", i, err.text);
        n = doc_pointer(object(r, "Deployment")->doc, rk_str_c(rows[i].pointer));
        if (rows[i].value ? !n || !rk_str_is(doc_source(n), rows[i].value) : n != NULL)
            fail_msg("row %zu: %.*s", i, RK_ARG_STR(doc_source(n)));
        render_free(r);
    }
}

static void settings_that_are_refused(void **state)
{
    static const struct { const char *kustomization, *settings, *error; } rows[] = {
        {OVER, "  images: [a:1,\n    nginx]\n", "apps/a.yaml:12: spec.source.kustomize.images[1]: "
         "'nginx' says nothing: write name:tag, name@digest or name=newname:tag@digest"},
        {OVER, "  replicas: [{name: web, count: many}]\n", "apps/a.yaml:11: spec.source.kustomize."
         "replicas[0].count has to be a whole number"},
        {OVER, "  replicas: [{count: 1}]\n", "apps/a.yaml:11: spec.source.kustomize.replicas[0] "
         "needs a name: that of a workload"},
        {OVER, "  replicas: [{name: nobody, count: 1}]\n", "apps/a.yaml:11: replicas: no "
         "Deployment, "
         "StatefulSet, ReplicaSet or ReplicationController is named 'nobody'"},
        {OVER "commonLabels: {team: x}\n", "  commonLabels: {team: y}\n", "apps/a.yaml:11: "
         "spec.source.kustomize.commonLabels: team is in k/kustomization.yaml already, in line 2: "
         "set kustomize.forceCommonLabels: true, or take one of them out"},
        {OVER "labels: [{pairs: {team: x}}]\n", "  labelWithoutSelector: true\n"
         "  commonLabels: {team: y}\n", "apps/a.yaml:12: spec.source.kustomize.commonLabels: team "
         "is "
         "in k/kustomization.yaml already, in line 2: set kustomize.forceCommonLabels: true, or "
         "take "
         "one of them out"},
        {OVER "commonAnnotations: {v: x}\n", "  commonAnnotations: {v: y}\n", "apps/a.yaml:11: "
         "spec.source.kustomize.commonAnnotations: v is in k/kustomization.yaml already, in line "
         "2: "
         "set kustomize.forceCommonAnnotations: true, or take one of them out"},
        {OVER, "  labelIncludeTemplates: true\n  commonLabels: {a: b}\n", "apps/a.yaml:11: "
         "spec.source.kustomize.labelIncludeTemplates needs labelWithoutSelector: true"},
        {OVER, "  components: [../no]\n", "apps/a.yaml:11: components: ../no is not there (looked "
         "for "
         "no)"},
        {OVER, "  patches:\n  - target: {kind: Deployment}\n    path: no.yaml\n", "apps/a.yaml:13: "
         "patches: no.yaml is not there; p.yaml is"},
        {OVER, "  patches:\n  - patch: |\n      kind: Deployment\n      metadata: {name: web}\n"
         "      spec: [\n", "apps/a.yaml:16:"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct rk_err err;
        struct render_result *r = kustomize(rows[i].kustomization, rows[i].settings, &err);

        assert_null(r);
        if (strncmp(err.text, rows[i].error, strlen(rows[i].error)) != 0)
            assert_string_equal(err.text, rows[i].error);
    }
}

/* A place in the Application's manifest, and no range in its bytes: nothing is edited by it. */
static void settings_have_a_source(void **state)
{
    const char *settings = "  images: [\"nginx:2\"]\n  replicas:\n  - name: web\n    count: 3\n"
                           "  commonLabels:\n    team: shop\n  namespace: ns\n  patches:\n"
                           "  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n"
                           "      metadata: {name: web}\n      spec:\n        paused: true\n";
    struct rk_err err;
    struct render_result *r = kustomize(OVER, settings, &err);
    const struct doc_node *paused;

    (void)state;
    if (!r)
        fail_msg("%s", err.text);
    check_source(r, "Deployment", IMAGE_A, "apps/a.yaml:11 image < k/web.yaml:8 file");
    check_source(r, "Deployment", "/spec/replicas", "apps/a.yaml:14 replicas");
    check_source(r, "Deployment", "/metadata/labels/team", "apps/a.yaml:16 label");
    check_source(r, "Deployment", "/metadata/namespace", "apps/a.yaml:17 namespace");
    check_source(r, "Deployment", "/spec/paused", "apps/a.yaml:24 patch");
    paused = doc_pointer(object(r, "Deployment")->doc, RK_STR("/spec/paused"));
    assert_true(doc_marks_get(r->marks, paused->mark)->start > 1000000);
    assert_false(r->by_revision);
    render_free(r);
    r = kustomize(OVER, "  images: [\"nginx:${ARGOCD_APP_REVISION}\"]\n", &err);
    assert_true(r->by_revision);
    render_free(r);
}

/* ---- the type ---- */

static void check_tree(const struct row *rows, const char *spec, const char *expected)
{
    struct rk_err err;
    struct render_result *r = of_tree(rows, spec, &err);

    if (!r) {
        assert_string_equal(err.text, expected);
        return;
    }
    check_objects(r, expected);
    render_free(r);
}

static void the_type_of_a_source(void **state)
{
    const struct row both[] = {{"k/Chart.yaml", "name: c\nversion: 1.0.0\n", NULL},
                               {"k/a.yaml", CM("a"), NULL},
                               {"k/b.yaml", CM("b"), NULL},
                               {"k/kustomization.yaml", "resources: [a.yaml]\n", NULL},
                               {NULL, NULL, NULL}};
    const struct row chart[] = {{"k/Chart.yaml", "name: c\nversion: 1.0.0\n", NULL},
                                {"k/a.yaml", CM("a"), NULL},
                                {NULL, NULL, NULL}};
    const struct row plain[] = {{"k/a.yaml", CM("a"), NULL}, {NULL, NULL, NULL}};

    (void)state;
    check_tree(both, "{repoURL: r}", "ConfigMap/a");
    check_tree(both, "{repoURL: r, directory: {include: 'b.yaml'}}", "ConfigMap/b");
    check_tree(both, "{repoURL: r, directory: {recurse: false, jsonnet: {}}}", "ConfigMap/a");
    check_tree(chart, "{repoURL: r}", "apps/a.yaml:9: spec.source.helm: charts are not rendered "
               "here: commit the output of helm template");
    check_tree(chart, "{repoURL: r, directory: {exclude: Chart.yaml}}", "ConfigMap/a");
    check_tree(plain, "{repoURL: r}", "ConfigMap/a");
    check_tree(plain, "{repoURL: r, kustomize: {namePrefix: x}}", "apps/a.yaml:9: spec.source."
               "kustomize: k has no kustomization.yaml: add one, or take the setting out");
    check_tree(plain, "{repoURL: r,\n kustomize: {namePrefix: x},\n directory: {recurse: true}}",
               "apps/a.yaml:11: spec.source.directory: kustomize is there, too: keep one of them");
    check_tree(plain, "{repoURL: r, plugin: {name: x}}", "apps/a.yaml:9: spec.source.plugin: "
    "foreign "
               "code is not run here: commit what it renders");
    check_tree(plain, "{repoURL: r, chart: c, directory: {recurse: true}}", "apps/a.yaml:9: spec."
               "source.directory: with chart only helm has a meaning");
}

static void settings_in_the_folder(void **state)
{
    const struct row rows[] = {
        {"k/.argocd-source-shop-dev.yaml", "kustomize: {images: [\"nginx:4\"]}\npath: ../other\n",
         NULL},
        {"k/.argocd-source.yaml", "kustomize:\n  images: [\"nginx:3\"]\n  nameSuffix: -s\n", NULL},
        {"k/kustomization.yaml", OVER, NULL},
        {"k/web.yaml", WORKLOAD, NULL},
        {NULL, NULL, NULL},
    };
    struct rk_err err;
    struct render_result *r = of_tree(rows, "{repoURL: r, kustomize: {images: "
    "[\"nginx:2\"]}}", &err);

    (void)state;
    if (!r)
        fail_msg("%s", err.text);
    check_objects(r, "Deployment/web-s");
    check_source(r, "Deployment", IMAGE_A,
                 "k/.argocd-source-shop-dev.yaml:1 image < k/web.yaml:8 file");
    render_free(r);
    r = of_tree(rows + 2, "{repoURL: r}", &err);
    assert_true(has_dep(r, "k/.argocd-source.yaml") && has_dep(r,
    "k/.argocd-source-shop-dev.yaml"));
    render_free(r);
}

/* Nobody has looked at these before the render. */
static void shapes_of_settings(void **state)
{
    static const struct { const char *text, *error; } cases[] = {
        {"kustomize: {commonLabels: [x]}", "kustomize.commonLabels has to be a map"},
        {"kustomize:\n  images:\n  - {a: b}\n", "kustomize.images[0] has to be a text"},
        {"kustomize: {patches: x}", "kustomize.patches has to be a list"},
        {"kustomize: {replicas: [web]}", "kustomize.replicas[0] has to be a map"},
        {"helm: {valueFiles: {a: b}}", "helm.valueFiles has to be a list"},
        {"helm: {valuesObject: [a]}", "helm.valuesObject has to be a map"},
        {"helm: x", "helm has to be a map"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        const struct row rows[] = {{"k/.argocd-source.yaml", cases[i].text, NULL},
                                   {"k/kustomization.yaml", OVER, NULL},
                                   {"k/web.yaml", WORKLOAD, NULL},
                                   {NULL, NULL, NULL}};
        rk_auto(rk_free_str) char *where =
            rk_asprintf("k/.argocd-source.yaml:%d: spec.source.%s", i == 1 ? 3 : 1,
                        cases[i].error);
        struct rk_err err;

        assert_null(of_tree(rows, "{repoURL: r}", &err));
        assert_string_equal(err.text, where);
    }
}

/* ---- directories ---- */

static const struct row folder[] = {
    {"k/a.yaml", CM("a") "---\n# nothing\n---\n" CM("dup"), NULL},
    {"k/b.json", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"}}",
     NULL},
    {"k/list.yaml", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, "
     "metadata: {name: l1}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l2}}\n", NULL},
    {"k/note.txt", CM("txt"), NULL},
    {"k/skip.yaml", "# +argocd:skip-file-rendering\n" CM("skipped"), NULL},
    {"k/sub/c.yml", CM("c"), NULL},
    {"k/sub/deep/d.yaml", CM("d"), NULL},
    {"k/sub.yaml", CM("dup") "data: {x: y}\n", NULL},
    {"k/template.yaml", "{{ if .Values.x }}\n", NULL},
    {"k/values.yaml", "just: values\n", NULL},
    {NULL, NULL, NULL},
};

static void folders_of_manifests(void **state)
{
#define ALL "ConfigMap/a ConfigMap/b ConfigMap/l1 ConfigMap/l2"
    static const struct { const char *directory, *expected; } rows[] = {
        {"{}", ALL " ConfigMap/dup"},
        {"{recurse: true}", ALL " ConfigMap/c ConfigMap/d ConfigMap/dup"},
        {"{recurse: true, include: '*.yml'}", "ConfigMap/c"},
        {"{recurse: true, include: 'sub/*'}", "ConfigMap/c ConfigMap/d"},
        {"{recurse: true, include: '{sub/*,*.json}', exclude: 'sub/deep/*'}",
         "ConfigMap/b ConfigMap/c"},
        {"{recurse: true, include: '{sub/*,*.json}', exclude: '{sub/*,*.yaml}'}", "ConfigMap/b"},
        {"{include: '?.json'}", "ConfigMap/b"},
        {"{include: 'sub/*'}", ""},
        {"{disableExtensionFilter: true, include: '*.txt'}", "ConfigMap/txt"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_auto(rk_free_str) char *spec = rk_asprintf("{repoURL: r, directory: %s}",
                                                      rows[i].directory);

        check_tree(folder, spec, rows[i].expected);
    }
}

static void folders_note_what_they_leave_out(void **state)
{
    struct rk_err err;
    struct render_result *r = of_tree(folder, "{repoURL: r}", &err);

    (void)state;
    assert_int_equal(r->n_lints, 3);
    assert_string_equal(r->lints[0].file, "k/sub.yaml");
    assert_string_equal(r->lints[0].text, "ConfigMap dup is there twice; the last one counts");
    assert_string_equal(r->lints[1].text, "not a Kubernetes manifest, and no YAML: left out");
    assert_string_equal(r->lints[2].text, "not a Kubernetes manifest: left out");
    assert_true(has_dep(r, "k"));
    render_free(r);
}

static void folders_that_are_refused(void **state)
{
#define HINT "name the file in spec.source.directory.exclude, or write `# " \
             "+argocd:skip-file-rendering` in it"
    static const struct { const char *file, *text, *link, *error; } rows[] = {
        {"k/x.json", "{\"just\": \"data\"}", NULL,
         "k/x.json:1: the document has no kind, so it is no Kubernetes manifest: " HINT},
        {"k/x.json", "{\"kind\":\"A\",\"apiVersion\":\"v1\"}\n---\n{\"kind\":\"B\"}", NULL,
         "k/x.json: a JSON file holds one object: put each into a file of its own, or into the "
         "items "
         "of a List"},
        {"k/x.yaml", CM("x") "---\njust: values\n", NULL,
         "k/x.yaml:6: the document has no kind, so it is no Kubernetes manifest: " HINT},
        {"k/x.yaml", "just: values\n---\n" CM("x"), NULL,
         "k/x.yaml:1: the document has no kind, so it is no Kubernetes manifest: " HINT},
        {"k/x.yaml", CM("x") "  {{ toYaml . }}\n", NULL, "k/x.yaml:6:1: could not find expected "
         "':'"},
        {"k/x.jsonnet", "{}", NULL, "k/x.jsonnet: Jsonnet is not evaluated here: commit what it "
         "gives, and name the file in spec.source.directory.exclude"},
        {"k/x.yaml", "", "OUT", "k/x.yaml: k/x.yaml leads out"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        const struct row tree_rows[] = {{rows[i].file, rows[i].text, rows[i].link},
                                        {"k/z.txt", "", "OUT"},
                                        {NULL, NULL, NULL}};
        struct rk_err err;

        assert_null(of_tree(tree_rows, "{repoURL: r}", &err));
        if (strncmp(err.text, rows[i].error, strlen(rows[i].error)) != 0)
            assert_string_equal(err.text, rows[i].error);
    }
    check_tree(folder, "{repoURL: r, directory: {jsonnet: {tlas: [{name: a}]}}}", "apps/a.yaml:9: "
               "spec.source.directory.jsonnet: Jsonnet is not evaluated here: commit what it "
               "gives");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_edits), cmocka_unit_test(settings_that_are_refused),
        cmocka_unit_test(settings_have_a_source), cmocka_unit_test(the_type_of_a_source),
        cmocka_unit_test(settings_in_the_folder), cmocka_unit_test(shapes_of_settings),
        cmocka_unit_test(folders_of_manifests),
        cmocka_unit_test(folders_note_what_they_leave_out),
        cmocka_unit_test(folders_that_are_refused),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
