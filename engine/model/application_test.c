/*
 * application_test.c: an Application's fields, its errors with file:line, its lints.
 */
#include "model/model_test.h"

static const char full[] =
    "apiVersion: argoproj.io/v1alpha1\n"                                    /* 1 */
    "kind: Application\n"                                                   /* 2 */
    "metadata:\n"                                                           /* 3 */
    "  name: shop-dev\n"                                                    /* 4 */
    "  finalizers: [resources-finalizer.argocd.argoproj.io]\n"              /* 5 */
    "  annotations: {reckon.dev/environment: dev}\n"                        /* 6 */
    "spec:\n"                                                               /* 7 */
    "  project: shop\n"                                                     /* 8 */
    "  source:\n"                                                           /* 9 */
    "    repoURL: git@git.example.org:team/gitops.git\n"                    /* 10 */
    "    targetRevision: main\n"                                            /* 11 */
    "    path: ./k8s/apps/shop/overlays/dev/\n"                             /* 12 */
    "    kustomize: {images: [\"shop=shop:2\"]}\n"                          /* 13 */
    "  destination: {name: in-cluster, namespace: shop-dev}\n"              /* 14 */
    "  syncPolicy:\n"                                                       /* 15 */
    "    automated: {prune: true, selfHeal: true, allowEmpty: true}\n"      /* 16 */
    "    syncOptions:\n"                                                    /* 17 */
    "    - CreateNamespace=true\n"                                          /* 18 */
    "    - PruneLast=true\n"                                                /* 19 */
    "    - ApplyOutOfSyncOnly=true\n"                                       /* 20 */
    "    - ServerSideApply=true\n"                                          /* 21 */
    "    - Replace=true\n"                                                  /* 22 */
    "    - Force=true\n"                                                    /* 23 */
    "    - Prune=false\n"                                                   /* 24 */
    "    - RespectIgnoreDifferences=true\n"                                 /* 25 */
    "    - FailOnSharedResource=true\n"                                     /* 26 */
    "    - PrunePropagationPolicy=background\n"                             /* 27 */
    "    - SkipDryRunOnMissingResource=true\n"                              /* 28 */
    "    retry: {limit: 3, refresh: true, backoff: {duration: 10s, factor: 3, maxDuration: 1m}}\n"
    "  ignoreDifferences:\n"                                                /* 30 */
    "  - {group: apps, kind: Deployment, jsonPointers: [/spec/replicas],"
    " jqPathExpressions: [.spec.x], managedFieldsManagers: [hpa]}\n";

static void test_fields(void **state)
{
    struct model *m = read_model(full, NULL, NULL, 0);
    const struct model_app *a = &m->apps[0];

    (void)state;
    assert_int_equal(m->n_apps, 1);
    assert_null(a->error);
    assert_string_equal(a->name, "shop-dev");
    assert_string_equal(a->app, "shop");
    assert_string_equal(a->project, "shop");
    assert_string_equal(a->file, "apps.yaml");
    assert_int_equal(a->line, 1);
    assert_string_equal(a->repo_url, "git@git.example.org:team/gitops.git");
    assert_string_equal(a->target_revision, "main");
    assert_string_equal(a->path, "k8s/apps/shop/overlays/dev");
    assert_non_null(doc_walk(a->source, "kustomize.images"));
    assert_null(a->server);
    assert_string_equal(a->cluster_name, "in-cluster");
    assert_string_equal(a->namespace, "shop-dev");
    assert_true(a->automated && a->prune && a->self_heal && a->allow_empty);
    assert_true(a->create_namespace && a->prune_last && a->apply_out_of_sync_only);
    assert_true(a->server_side && a->replace && a->force && a->no_prune);
    assert_true(a->respect_ignore && a->fail_on_shared && a->skip_missing_dry_run);
    assert_false(a->prune_confirm);
    assert_string_equal(a->propagation, "background");
    assert_int_equal(a->n_sync_options, 11);
    assert_true(a->has_retry && a->retry.refresh);
    assert_int_equal(a->retry.limit, 3);
    assert_int_equal(a->retry.duration_ms, 10000);
    assert_int_equal(a->retry.factor, 3);
    assert_int_equal(a->retry.max_ms, 60000);
    assert_int_equal(a->n_ignore, 1);
    assert_string_equal(a->ignore[0].group, "apps");
    assert_string_equal(a->ignore[0].pointers[0], "/spec/replicas");
    assert_string_equal(a->ignore[0].jq[0], ".spec.x");
    assert_string_equal(a->ignore[0].managers[0], "hpa");
    assert_string_equal(a->claimed_environment, "dev");
    assert_true(a->finalizer);
    assert_int_equal(a->lints.n, 1);
    assert_lint(&a->lints, "AppProject shop is not in this repository", 1);
    model_free(m);
}

static void test_defaults(void **state)
{
    struct model *m = read_model(APP("shop", ".", "\"\"", "{automated: {enabled: false}}"), NULL,
                                 NULL, 0);
    const struct model_app *a = &m->apps[0];

    (void)state;
    assert_null(a->error);
    assert_string_equal(a->path, "");
    assert_string_equal(a->target_revision, "HEAD");
    assert_string_equal(a->namespace, "");
    assert_false(a->automated);
    assert_false(a->has_retry);
    assert_int_equal(a->retry.limit, 5);
    assert_string_equal(a->propagation, "foreground");
    assert_null(a->claimed_environment);
    assert_int_equal(a->lints.n, 0);
    model_free(m);
}

/* A bad manifest: an application that says where and why. */
static void test_errors(void **state)
{
    static const struct { const char *line5, *error; } cases[] = {
        {"spec: {source: {repoURL: r, path: p}, destination: {server: s, name: n}}",
         "apps.yaml:5: spec.destination has both server and name; keep one of them"},
        {"spec: {source: {repoURL: r, path: p}, destination: {namespace: n}}",
         "apps.yaml:5: spec.destination needs server or name"},
        {"spec: {source: {path: p}, destination: {server: s}}",
         "apps.yaml:5: spec.source.repoURL is missing"},
        {"spec: {source: {repoURL: r}, destination: {server: s}}",
         "apps.yaml:5: spec.source.path is missing ('.' means the repository's root)"},
        {"spec: {source: {repoURL: r, path: ../x}, destination: {server: s}}",
         "apps.yaml:5: spec.source.path '../x' leaves the repository"},
        {"spec: {source: {repoURL: r, path: /x}, destination: {server: s}}",
         "apps.yaml:5: spec.source.path '/x' leaves the repository"},
        {"spec: {source: {repoURL: r, path: p, targetRevision: 1.0}, destination: {server: s}}",
         "apps.yaml:5: spec.source.targetRevision must be a text, not a number (quote it)"},
        {"spec: {source: {repoURL: r, path: p, helm: {version: v2}}, destination: {server: s}}",
         "apps.yaml:5: spec.source.helm.version 'v2': charts are rendered by Helm 3: write v3 or "
         "take "
         "it out"},
        {"spec: {source: {repoURL: r, path: p, helm: {parameters: [{name: a, value: 1}]}},"
         " destination: {server: s}}",
         "apps.yaml:5: spec.source.helm.parameters[0].value must be a text, not a number (quote "
         "it)"},
        {"spec: {source: {repoURL: r, path: p, helm: {valuesObject: x}}, destination: {server: s}}",
         "apps.yaml:5: spec.source.helm.valuesObject must be a map, not a text"},
        {"spec: {source: {repoURL: r, chart: c}, destination: {server: s}}",
         "apps.yaml:5: spec.source.targetRevision is missing: it is the version of the chart"},
        {"spec: {source: {repoURL: r, path: p, kustomize: {patches: [{target: x}]}},"
         " destination: {server: s}}",
         "apps.yaml:5: spec.source.kustomize.patches[0].target must be a map, not a text"},
        {"spec: {source: {repoURL: r, path: p, kustomize: {replicas: [web]}},"
         " destination: {server: s}}",
         "apps.yaml:5: spec.source.kustomize.replicas[0] must be a map, not a text"},
        {"spec: {source: {repoURL: r, path: p, directory: {jsonnet: {tlas: [{name: a}]}}},"
         " destination: {server: s}}",
         "apps.yaml:5: spec.source.directory.jsonnet is not implemented: render Jsonnet to YAML "
         "and "
         "commit that"},
        {"spec: {source: {repoURL: r, path: p, plugin: {name: x}}, destination: {server: s}}",
         "apps.yaml:5: spec.source.plugin is not implemented: Reckon runs no foreign code; commit "
         "what "
         "it renders"},
        {"spec: {sources: [{repoURL: r, path: p}, {repoURL: r}], destination: {server: s}}",
         "apps.yaml:5: spec.sources[1].path is missing ('.' means the repository's root)"},
        {"spec: {sources: [{repoURL: r, path: p, ref: v}, {repoURL: r, ref: v}],"
         " destination: {server: s}}",
         "apps.yaml:5: spec.sources[1].ref: v is the ref of spec.sources[0], too"},
        {"spec: {sources: [{repoURL: r, ref: v}, {repoURL: r, ref: w}], destination: {server: s}}",
         "apps.yaml:5: spec.sources only hold value files: one of them needs path or chart"},
        {"spec: {sources: [{repoURL: r, chart: c, targetRevision: 1.0.0, ref: v}],"
         " destination: {server: s}}",
         "apps.yaml:5: spec.sources[0].ref: value files lie in git, not in a repository of charts"},
        {"spec: {source: {repoURL: r, path: p}, destination: {server: s},"
         " syncPolicy: {automated: yes}}",
         "apps.yaml:5: spec.syncPolicy.automated must be a map, not a text"},
        {"spec: {source: {repoURL: r, path: p}, destination: {server: s},"
         " syncPolicy: {retry: {backoff: {duration: soon}}}}",
         "apps.yaml:5: spec.syncPolicy.retry.backoff.duration 'soon' is no duration "
         "(write 5s, 3m)"},
        {"spec: {source: {repoURL: r, path: p}, destination: {server: s},"
         " ignoreDifferences: [{group: apps}]}",
         "apps.yaml:5: spec.ignoreDifferences[0] needs a kind"},
        {"spec: {source: {repoURL: r, path: p}, destination: {server: s},"
         " ignoreDifferences: [x]}",
         "apps.yaml:5: spec.ignoreDifferences[0] must be a map, not a text"},
        {"kinds: x", "apps.yaml:1: spec is missing"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf("apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                                 "metadata:\n  name: shop\n%s\n", cases[i].line5);
        struct model *m = read_model(text, NULL, NULL, 0);

        assert_int_equal(m->n_apps, 1);
        assert_string_equal(m->apps[0].name, "shop");
        assert_non_null(m->apps[0].error);
        assert_string_equal(m->apps[0].error, cases[i].error);
        model_free(m);
        free(text);
    }
}

static void test_no_name(void **state)
{
    struct model *m = read_model("apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                                 "metadata: {}\nspec: {}\n", NULL, NULL, 0);

    (void)state;
    assert_string_equal(m->apps[0].name, "apps.yaml:1");
    assert_string_equal(m->apps[0].error, "apps.yaml:3: metadata.name is missing");
    model_free(m);
}

/* Nothing that is not implemented is silent. */
static void test_lints(void **state)
{
    static const struct { const char *text, *words; uint32_t line; } cases[] = {
        {"  sources: [{repoURL: r, path: p, chart: c, targetRevision: '1'}]\n",
         "spec.sources[0].path has no effect: chart is there", 9},
        {"  sources: [{repoURL: r, path: p, helm: {passCredentials: true}}]\n",
         "spec.sources[0].helm.passCredentials is not implemented", 9},
        {"  info: [{name: a, value: b}]\n", "spec.info is not implemented", 9},
        {"  revisionHistoryLimit: 3\n", "spec.revisionHistoryLimit is not implemented", 9},
        {"  syncPolicy: {automatd: {}}\n",
         "unknown field 'automatd' in spec.syncPolicy; did you mean 'automated'?", 9},
        {"  syncPolicy:\n    automated:\n      selfheal: true\n",
         "unknown field 'selfheal' in spec.syncPolicy.automated; did you mean 'selfHeal'?", 11},
        {"  syncPolicy:\n    syncOptions:\n    - Prunelast=true\n",
         "unknown sync option 'Prunelast=true' has no effect; did you mean 'PruneLast=true'?", 11},
        {"  syncPolicy:\n    syncOptions: [Validate=false]\n",
         "sync option Validate=false is not implemented", 10},
        {"  syncPolicy: {managedNamespaceMetadata: {labels: {a: b}}}\n",
         "spec.syncPolicy.managedNamespaceMetadata is not implemented", 9},
        {"  ignoreDifferences: [{kind: Deployment}]\n",
         "spec.ignoreDifferences[0] names no field and ignores nothing", 9},
        {"operation: {sync: {}}\n", "operation is not implemented: an operator starts", 9},
        {"  whatever: 1\n", "unknown field 'whatever' in spec", 9},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\nspec:\n"
            "  project: default\n  source: {repoURL: r, path: p}\n  destination: {server: s}\n%s",
            cases[i].text);
        struct model *m = read_model(text, NULL, NULL, 0);

        assert_null(m->apps[0].error);
        assert_int_equal(m->apps[0].lints.n, 1);
        assert_lint(&m->apps[0].lints, cases[i].words, cases[i].line);
        assert_string_equal(m->apps[0].lints.v[0].file, "apps.yaml");
        model_free(m);
        free(text);
    }
}

static void test_metadata_lints(void **state)
{
    static const struct { const char *text, *words; uint32_t line; bool automated; } cases[] = {
        {"  annotations:\n    link.argocd.argoproj.io/x: y\n", "links are not shown", 6, true},
        {"  annotations:\n    notifications.argoproj.io/subscribe.a.b: c\n",
         "notifications are set in reckon.yaml", 6, true},
        {"  annotations:\n    argocd.argoproj.io/refresh: hard\n", "reckon refresh APP", 6, true},
        {"  annotations:\n    reckon.dev/enviroment: dev\n",
         "did you mean 'reckon.dev/environment'?", 6, true},
        {"  annotations: {argocd.argoproj.io/skip-reconcile: \"true\"}\n", "automation is off", 5,
         false},
        {"  finalizers:\n  - post-delete-finalizer.argocd.argoproj.io\n", "has no effect", 6, true},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        char *text = rk_asprintf(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n%s"
            "spec: {source: {repoURL: r, path: p}, destination: {server: s},"
            " syncPolicy: {automated: {}}}\n", cases[i].text);
        struct model *m = read_model(text, NULL, NULL, 0);

        assert_null(m->apps[0].error);
        assert_lint(&m->apps[0].lints, cases[i].words, cases[i].line);
        assert_int_equal(m->apps[0].automated, cases[i].automated);
        model_free(m);
        free(text);
    }
}

/* Every setting that the render knows: nothing is said of it. */
static void test_source_settings(void **state)
{
    struct model *m = read_model(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n"
        "  source:\n    repoURL: https://charts.example.org\n    chart: c\n    targetRevision: "
        "^1.2\n"
        "    kustomize: {namePrefix: a, nameSuffix: b, images: [\"a:1\"], namespace: n,"
        " replicas: [{name: w, count: \"1\"}, {name: v, count: 2}], commonLabels: {a: b},"
        " commonAnnotations: {a: b}, commonAnnotationsEnvsubst: true, forceCommonLabels: true,"
        " forceCommonAnnotations: true, labelWithoutSelector: true, labelIncludeTemplates: true,"
        " components: [c], ignoreMissingComponents: true, kubeVersion: v1, apiVersions: [a/v1],"
        " patches: [{path: p, patch: q, options: {allowNameChange: true, allowKindChange: true},"
        " target: {group: g, version: v, kind: k, name: n, namespace: s, labelSelector: l,"
        " annotationSelector: a}}]}\n"
        "    directory: {recurse: true, include: a, exclude: b, disableExtensionFilter: true}\n"
        "    helm: {valueFiles: [a], ignoreMissingValueFiles: true, values: a, valuesObject: {a: "
        "1},"
        " parameters: [{name: a, value: b, forceString: true}], fileParameters: [{name: a, path: "
        "b}],"
        " releaseName: r, namespace: n, skipCrds: true, skipTests: true, skipSchemaValidation: "
        "true,"
        " kubeVersion: v1, apiVersions: [a/v1], version: v3}\n"
        "  destination: {server: s}\n", NULL, NULL, 0);
    const struct model_app *a = &m->apps[0];

    (void)state;
    assert_null(a->error);
    assert_int_equal(a->lints.n, 0);
    assert_string_equal(a->chart, "c");
    assert_string_equal(a->path, "");
    assert_string_equal(a->target_revision, "^1.2");
    assert_string_equal(a->source_field, "spec.source");
    assert_int_equal(doc_marks_get(a->marks, doc_get(a->source, "chart")->mark)->line, 7);
    model_free(m);
}

/* Annotations of others, and those that mean the Application as an object, are not commented. */
static void test_no_lints(void **state)
{
    struct model *m = read_model(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n"
        "  annotations: {example.org/a: b, argocd.argoproj.io/sync-wave: \"1\"}\n"
        "spec:\n  sources: [{repoURL: r, path: p}]\n  destination: {server: s}\n"
        "  syncPolicy: {automated: null, retry: {backoff: {duration: \"7\"}}}\n"
        "status: {sync: {status: Synced}}\n", NULL, NULL, 0);

    (void)state;
    assert_null(m->apps[0].error);
    assert_int_equal(m->apps[0].lints.n, 0);
    assert_string_equal(m->apps[0].path, "p");
    assert_false(m->apps[0].automated);
    assert_int_equal(m->apps[0].retry.limit, 0);
    assert_int_equal(m->apps[0].retry.duration_ms, 7000);
    model_free(m);
}

/* The first in this repository stands for the application; all are kept in their order. */
static void test_sources(void **state)
{
    struct model *m = read_model(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n"
        "spec:\n  source: {repoURL: other, path: ignored}\n  sources:\n"
        "  - {repoURL: https://charts.example.org, chart: web, targetRevision: 1.2.3}\n"
        "  - {repoURL: https://git.example.org/o/values.git, ref: values, targetRevision: v1}\n"
        "  - {repoURL: https://git.example.org/o/own, path: k8s/./shop, name: mine}\n"
        "  destination: {server: s}\n", NULL, NULL, 0);
    const struct model_app *a = &m->apps[0];

    (void)state;
    assert_null(a->error);
    assert_int_equal(a->lints.n, 0);
    assert_int_equal(a->n_sources, 3);
    assert_string_equal(a->sources[0].chart, "web");
    assert_true(a->sources[0].makes && !a->sources[1].makes && a->sources[2].makes);
    assert_string_equal(a->sources[1].ref, "values");
    assert_string_equal(a->sources[1].target_revision, "v1");
    assert_string_equal(a->sources[2].path, "k8s/shop");
    assert_string_equal(a->sources[2].field, "spec.sources[2]");
    assert_string_equal(a->chart, "web"); /* none is known to be in this repository */
    assert_string_equal(a->source_field, "spec.sources[0]");
    model_free(m);
}

static void test_primary_source(void **state)
{
    const struct model_file file = {"apps.yaml", RK_STR(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n"
        "spec:\n  sources:\n  - {repoURL: https://git.example.org/o/far, path: far}\n"
        "  - {repoURL: ssh://git@git.example.org/o/own.git, ref: v}\n"
        "  - {repoURL: https://git.example.org/o/own, path: own}\n"
        "  destination: {server: s}\n")};
    const struct model_input in = {.files = &file, .n_files = 1,
                                   .default_repo = "https://git.example.org/o/own.git"};
    struct model *m = NULL;
    struct rk_err err;

    (void)state;
    assert_int_equal(model_read(&in, &m, &err), 0);
    assert_string_equal(m->apps[0].path, "own");
    assert_string_equal(m->apps[0].source_field, "spec.sources[2]");
    assert_true(m->apps[0].own_repo);
    assert_false(m->apps[0].sources[0].own_repo);
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),  cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_errors),  cmocka_unit_test(test_no_name),
        cmocka_unit_test(test_lints),   cmocka_unit_test(test_metadata_lints),
        cmocka_unit_test(test_no_lints), cmocka_unit_test(test_source_settings),
        cmocka_unit_test(test_sources), cmocka_unit_test(test_primary_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
