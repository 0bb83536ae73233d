/*
 * plugins_test.c: what `generators`, `transformers` and `validators` refuse, and the sources of what
 * plugins make. What they build is compared with the real tool's bytes by golden_test.c.
 */
#include "render/test_int.h"

#define POD "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod\n  labels: {a: b}\n"

static void refuses(const char *field, const char *config, enum rk_code code, const char *text)
{
    rk_auto(rk_free_str) char *kustomization =
        rk_asprintf("resources: [pod.yaml]\n%s:\n- c.yaml\n", field);
    const struct row rows[] = {{"k/c.yaml", config, NULL},
                               {"k/kustomization.yaml", kustomization, NULL},
                               {"k/pod.yaml", POD, NULL}, {NULL, NULL, NULL}};

    refused(rows, "k", code, text);
}

static void programs_are_not_run(void **state)
{
    (void)state;
    refuses("generators",
            "# ksops\n\napiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: x\n  annotations:\n"
            "    config.kubernetes.io/function: |\n      exec:\n        path: ksops\n",
            RK_UNSUPPORTED,
            "k/c.yaml:3: generators: ksops (apiVersion viaduct.ai/v1) is a plugin outside of "
            "Kustomize, and those are not run: commit what it makes, or use a built-in field");
    refuses("transformers", "apiVersion: example.org/v1\nkind: LabelTransformer\nmetadata:\n"
                            "  name: x\n", RK_UNSUPPORTED,
            "k/c.yaml:1: transformers: LabelTransformer (apiVersion example.org/v1) is a plugin "
            "outside of Kustomize, and those are not run: commit what it makes, or use a built-in "
            "field (the built-in one has apiVersion: builtin)");
    refuses("transformers", "apiVersion: builtin\nkind: SortOrderTransformer\nmetadata:\n"
                            "  name: x\n", RK_UNSUPPORTED,
            "k/c.yaml:1: transformers: there is no built-in plugin SortOrderTransformer");
}

#define CONFIG(kind) "apiVersion: builtin\nkind: " kind "\nmetadata:\n  name: x\n"

static void says_what_is_wrong(void **state)
{
    (void)state;
    refuses("generators", CONFIG("LabelTransformer"), RK_INVALID,
            "k/c.yaml:1: generators: LabelTransformer is a transformer: list it there");
    refuses("transformers", CONFIG("SecretGenerator"), RK_INVALID,
            "k/c.yaml:1: transformers: SecretGenerator is a generator: list it there");
    refuses("transformers", CONFIG("PrefixTransformer") "prefix: a\n", RK_INVALID,
            "k/c.yaml:1: PrefixTransformer: fieldSpecs is missing (path: metadata/name)");
    refuses("transformers", CONFIG("LabelTransformer") "labels:\n  v: 1.10\n", RK_INVALID,
            "k/c.yaml:6: transformers.labels.v: a text is needed, and 1.10 without quotes is a "
            "number: write \"1.10\"");
    refuses("transformers", CONFIG("ImageTagTransformer"), RK_INVALID,
            "k/c.yaml:1: ImageTagTransformer: imageTag is missing");
    refuses("transformers", CONFIG("ReplicaCountTransformer") "replica: {name: no, count: 2}\n",
            RK_INVALID, "k/c.yaml:5: replicas: no Deployment, StatefulSet, ReplicaSet or "
                        "ReplicationController is named 'no'");
    refuses("transformers", CONFIG("NamespaceTransformer") "setRoleBindingSubjects: x\n",
            RK_INVALID, "k/c.yaml:1: NamespaceTransformer: setRoleBindingSubjects has to be "
                        "defaultOnly, allServiceAccounts or none");
    refuses("transformers", CONFIG("ValueAddTransformer") "value: x\n", RK_INVALID,
            "k/c.yaml:1: ValueAddTransformer: it needs a target");
    refuses("generators", CONFIG("IAMPolicyGenerator") "cloud: other\n", RK_INVALID,
            "k/c.yaml:1: IAMPolicyGenerator: cloud has to be gke");
    refuses("validators", CONFIG("LabelTransformer") "labels: {n: m}\nfieldSpecs:\n"
                          "- {path: metadata/labels, create: true}\n", RK_INVALID,
            "k/kustomization.yaml:3: validators: a validator changes the objects: list it under "
            "transformers");
    refuses("transformers", "kind: x", RK_INVALID, "k/c.yaml:1: x: metadata.name is missing");
}

static void values_have_a_source(void **state)
{
    const struct row rows[] = {
        {"k/c.yaml", CONFIG("LabelTransformer") "labels:\n  n: m\nfieldSpecs:\n"
                     "- {path: metadata/labels}\n---\n" CONFIG("ValueAddTransformer")
                     "value: x\ntargets:\n- fieldPath: metadata/labels/a\n", NULL},
        {"k/kustomization.yaml",
         "resources: [pod.yaml]\ntransformers: [c.yaml]\ngenerators:\n- |\n"
         "  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata:\n    name: cm\n"
         "  literals:\n  - k=v\n", NULL},
        {"k/pod.yaml", POD, NULL}, {NULL, NULL, NULL}};
    struct render_opts opts = {.path = "k"};
    struct render_result *r = built(rows, &opts);

    (void)state;
    check_source(r, "Pod", "/metadata/labels/n", "k/c.yaml:6 label");
    check_source(r, "Pod", "/metadata/labels/a",
                 "k/c.yaml:14 replacement < k/pod.yaml:5 file");
    check_source(r, "ConfigMap", "/data/k", "k/kustomization.yaml:10 generator");
    render_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_not_run),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(values_have_a_source),
    };

    return cmocka_run_group_tests_name("plugins", tests, NULL, NULL);
}
