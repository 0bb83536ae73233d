/*
 * replacement_fuzz.c: libFuzzer's entry for replacements: any bytes as the file of a list of them,
 * which is where paths into objects are written by hand.
 */
#include "render/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct fuzz_tree t = {.n = 3, .files = {
        {"k/kustomization.yaml", RK_STR("resources: [r.yaml]\nreplacements: [{path: x.yaml}]\n")},
        {"k/r.yaml", RK_STR(FUZZ_OBJECTS)},
        {"k/x.yaml", {(const char *)bytes, n}}}};

    if (n < 1 << 16)
        fuzz_tree_run(&t);
    return 0;
}
