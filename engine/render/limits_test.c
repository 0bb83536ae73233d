/*
 * limits_test.c: small files that would grow large: each is refused by a limit that names itself.
 * (Alias bombs, depth and sizes of documents are the reader's: engine/doc.)
 */
#include "render/test_int.h"

#define CM "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"

static void refuses_growth(const char *kustomization, const char *object, const char *text)
{
    const struct row rows[] = {{"k/kustomization.yaml", kustomization, NULL},
                               {"k/r.yaml", object, NULL}, {NULL, NULL, NULL}};
    struct render_files files = tree(rows);
    struct render_opts opts = {.path = "k"};
    struct render_result *r = NULL;
    struct rk_err err = {0};

    assert_int_equal(render_build(&files, &opts, &r, &err), -1);
    assert_int_equal(err.code, RK_LIMIT);
    if (!strstr(err.text, text))
        fail_msg("%s", err.text);
}

static char *repeated(const char *head, const char *line, size_t n)
{
    struct rk_buf out = RK_BUF_INIT;

    rk_buf_c(&out, head);
    while (n--)
        rk_buf_c(&out, line);
    return out.p;
}

static void texts_that_double(void **state)
{
    rk_auto(rk_free_str) char *k = repeated(
        "resources: [r.yaml]\nreplacements:\n",
        "- source: {kind: ConfigMap, fieldPath: data.a}\n  targets:\n"
        "  - {select: {kind: ConfigMap}, fieldPaths: [data.a], options: {delimiter: x, index: 1}}\n",
        60);

    (void)state;
    refuses_growth(k, CM "data: {a: xyxy}\n", "(limit: made)");
}

static void trees_that_double(void **state)
{
    rk_auto(rk_free_str) char *k = repeated(
        "resources: [r.yaml]\nreplacements:\n",
        "- source: {kind: ConfigMap, fieldPath: m}\n  targets:\n"
        "  - {select: {kind: ConfigMap}, fieldPaths: [m.a, m.b]}\n", 60);

    (void)state;
    refuses_growth(k, CM "m: {a: {}, b: {}}\n", "more than 1000000 nodes in one render");
}

static void vars_that_multiply(void **state)
{
    rk_auto(rk_free_str) char *big = repeated("", "yyyyyyyyyy", 1000);
    rk_auto(rk_free_str) char *uses = repeated("", "$(V)", 2000);
    rk_auto(rk_free_str) char *object = rk_asprintf(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  annotations: {a: '%s'}\n"
        "data: {big: '%s'}\n", uses, big);

    (void)state;
    refuses_growth("resources: [r.yaml]\nvars:\n- name: V\n  objref: {apiVersion: v1, kind: "
                   "ConfigMap, name: x}\n  fieldref: {fieldPath: data.big}\n", object,
                   "(limit: made)");
}

static void patterns_that_unfold(void **state)
{
    const struct row rows[] = {
        {"k/kustomization.yaml", "resources: [r.yaml]\npatches:\n- target:\n    name: "
                                 "'((a{1,255}){1,255}){1,255}'\n  patch: '[]'\n", NULL},
        {"k/r.yaml", CM, NULL}, {NULL, NULL, NULL}};

    (void)state;
    refused(rows, "k", RK_UNSUPPORTED,
            "k/kustomization.yaml:4: target: name: "
            "the regular expression '((a{1,255}){1,255}){1,255}': "
            "it repeats more than 1000 times");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_double),
        cmocka_unit_test(trees_that_double),
        cmocka_unit_test(vars_that_multiply),
        cmocka_unit_test(patterns_that_unfold),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
