/*
 * vars_test.c: what `vars` refuses, and where its values come from. What it builds is compared with
 * the real tool's bytes by golden_test.c.
 */
#include "render/test_int.h"

#define OBJECTS \
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: svc\n  namespace: a\nspec:\n  hex: 0x1F\n" \
    "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: svc\n  namespace: b\n" \
    "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: pod\nspec:\n  containers:\n" \
    "  - name: c\n    args: [\"to $(V)\", \"$(V)\"]\n"
#define HEAD "resources: [objects.yaml]\nvars:\n"
#define SERVICE(name, more) "- name: " name "\n  objref: {apiVersion: v1, kind: Service, " \
                            "name: svc" more "}\n"

static void refuses(const char *vars, const char *text)
{
    rk_auto(rk_free_str) char *kustomization = rk_asprintf(HEAD "%s", vars);
    const struct row rows[] = {{"k/kustomization.yaml", kustomization, NULL},
                               {"k/objects.yaml", OBJECTS, NULL}, {NULL, NULL, NULL}};

    refused(rows, "k", RK_INVALID, text);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    refuses(SERVICE("V", ""), "k/kustomization.yaml:3: vars: V: its objref fits several objects; "
                              "write its namespace");
    refuses(SERVICE("V", ", namespace: c"), "k/kustomization.yaml:3: vars: V: no object fits its "
                                            "objref (apiVersion, kind, name)");
    refuses(SERVICE("V", ", namespace: a") SERVICE("V", ", namespace: a"),
            "k/kustomization.yaml:5: vars: V: there is a var of this name already");
    refuses(SERVICE("V", ", namespace: a") "  fieldref: {fieldPath: spec.no}\n",
            "k/kustomization.yaml:3: vars: V: its object has no such field");
    refuses(SERVICE("V", ", namespace: a") "  fieldref: {fieldPath: spec.hex}\n",
            "k/kustomization.yaml:3: vars: V: its number is not written in decimal digits");
    refuses(SERVICE("V", ", namespace: a") "  fieldpath: x\n",
            "k/kustomization.yaml:5: vars[0]: no such field 'fieldpath'; did you mean 'fieldref'?");
}

static void values_have_a_source(void **state)
{
    const struct row rows[] = {
        {"k/kustomization.yaml", HEAD SERVICE("V", ", namespace: a") SERVICE("W", ", namespace: b"),
         NULL},
        {"k/objects.yaml", OBJECTS, NULL}, {NULL, NULL, NULL}};
    struct render_opts opts = {.path = "k"};
    struct render_result *r = built(rows, &opts);

    (void)state;
    check_source(r, "Pod", "/spec/containers/0/args/0",
                 "k/objects.yaml:4 replacement < k/objects.yaml:22 file");
    check_source(r, "Pod", "/spec/containers/0/args/1",
                 "k/objects.yaml:4 replacement < k/objects.yaml:22 file");
    assert_int_equal(r->n_lints, 2);
    assert_string_equal(r->lints[1].text, "vars: nothing uses $(W)");
    assert_int_equal(r->lints[1].line, 5);
    render_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(values_have_a_source),
    };

    return cmocka_run_group_tests_name("vars", tests, NULL, NULL);
}
