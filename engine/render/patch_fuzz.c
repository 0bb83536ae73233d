/*
 * patch_fuzz.c: libFuzzer's entry for patches: any bytes as a patch by id, a patch by target and a
 * JSON 6902 patch of the old form.
 */
#include "render/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const kustomizations[] = {
        "resources: [r.yaml]\npatches: [{path: p.yaml}]\n",
        "resources: [r.yaml]\npatches: [{path: p.yaml, target: {kind: .*}}]\n",
        "resources: [r.yaml]\npatchesJson6902: [{path: p.yaml, target: {kind: Deployment, name: web}}]"
        "\ncommonLabels: {app: z}\n",
        "resources: [r.yaml]\npatchesStrategicMerge: [p.yaml]\nnamePrefix: p-\n",
    };
    struct fuzz_tree t = {.n = 3, .files = {{"k/kustomization.yaml", RK_STR_NONE},
                                            {"k/r.yaml", RK_STR(FUZZ_OBJECTS)},
                                            {"k/p.yaml", {(const char *)bytes, n}}}};

    for (size_t i = 0; n < 1 << 16 && i < RK_LEN(kustomizations); i++) {
        t.files[0].text = rk_str_c(kustomizations[i]);
        fuzz_tree_run(&t);
    }
    return 0;
}
