/*
 * kustomization_fuzz.c: libFuzzer's entry for the kustomization file: any bytes as one, beside a
 * resource, a base, a component, a text, a list of replacements and a configuration.
 */
#include "render/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct fuzz_tree t = {.n = 7, .files = {
        {"k/kustomization.yaml", {(const char *)bytes, n}},
        {"k/r.yaml", RK_STR(FUZZ_OBJECTS)},
        {"base/kustomization.yaml", RK_STR("resources: [b.yaml]\nnamePrefix: b-\n")},
        {"base/b.yaml", RK_STR("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")},
        {"part/kustomization.yaml",
         RK_STR("kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnameSuffix: -c\n")},
        {"k/t.txt", RK_STR("A=1\nB=two words\n")},
        {"k/p.yaml", RK_STR("- {op: replace, path: /metadata/labels/app, value: x}\n")}}};

    if (n < 1 << 16)
        fuzz_tree_run(&t);
    return 0;
}
