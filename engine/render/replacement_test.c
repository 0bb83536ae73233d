/*
 * replacement_test.c: what `replacements` refuses, in which words, and where its values come from.
 * What it builds is compared with the real tool's bytes by golden_test.c.
 */
#include "render/test_int.h"

#define OBJECTS \
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: src\ndata:\n  a: x:y\n" \
    "---\napiVersion: v1\nkind: Foo\nmetadata:\n  name: dst\nspec:\n  i: 3\n  l: [p]\n" \
    "---\napiVersion: v1\nkind: Foo\nmetadata:\n  name: other\n"
#define HEAD "resources: [objects.yaml]\nreplacements:\n"

static void refuses(const char *entry, const char *text)
{
    rk_auto(rk_free_str) char *kustomization = rk_asprintf(HEAD "%s", entry);
    const struct row rows[] = {{"k/kustomization.yaml", kustomization, NULL},
                               {"k/objects.yaml", OBJECTS, NULL}, {NULL, NULL, NULL}};
    rk_auto(rk_free_str) char *full = rk_asprintf("k/kustomization.yaml:3: replacements: %s", text);

    refused(rows, "k", RK_INVALID, full);
}

#define FROM "- source: {kind: ConfigMap, fieldPath: data.a}\n  targets: "

static void says_what_is_wrong(void **state)
{
    (void)state;
    refuses("- targets: []\n", "an entry needs source (or sourceValue) and targets");
    refuses("- source: {kind: ConfigMap}\n", "an entry needs source (or sourceValue) and targets");
    refuses("- source: {kind: Foo}\n  sourceValue: x\n  targets: []\n",
            "an entry has source or sourceValue, not both");
    refuses("- source: {kind: Foo}\n  path: x\n  targets: []\n",
            "an entry has path or source and targets, not both");
    refuses("- source: {kind: Foo}\n  targets: []\n",
            "the source fits several objects; say which: Foo");
    refuses("- source: {kind: Bar, name: b}\n  targets: []\n", "nothing is the source Bar b");
    refuses("- source: {kind: ConfigMap, fieldPath: data.no}\n  targets: []\n",
            "the source has no such field, or it is empty: ConfigMap src data.no");
    refuses("- source: {kind: ConfigMap, fieldPath: data.*}\n  targets: []\n",
            "the path data.*: *: a source is one field: name the item");
    refuses("- source: {kind: ConfigMap, fieldPath: data.a, "
            "options: {delimiter: ':', index: 2}}\n  targets: []\n",
            "options.index of the source is out of its parts");
    refuses(FROM "[{fieldPaths: [a]}]\n", "a target needs select");
    refuses(FROM "[{select: {name: dst}, fieldPaths: [spec.x]}]\n",
            "there is no such field (options.create makes one): Foo dst spec.x");
    refuses(FROM "[{select: {name: dst}, fieldPaths: [spec.i]}]\n",
            "Foo dst spec.i is a number, and the value is not: write the field as a text, or "
            "remove it and use options.create");
    refuses(FROM "[{select: {name: dst}, fieldPaths: ['spec.l.[x]']}]\n",
            "the path spec.l.[x]: [x]: brackets hold name=value, for an item of a list");
    refuses(FROM "[{select: {name: dst}, fieldPaths: [spec.l.1]}]\n",
            "Foo dst: the path spec.l.1: item 1 is asked for, the list has 1");
    refuses(FROM "[{select: {name: dst}, fieldPaths: [spec.l], options: {delimiter: x}}]\n",
            "options.delimiter is for texts, which this is none of: Foo dst spec.l");
    /* the real tool never ends here */
    refuses(FROM "[{select: {name: dst}, fieldPaths: ['spec.l.[=^q$]'], options: {create: true}}]\n",
            "Foo dst: the path spec.l.[=^q$]: [=^q$]: the new item would not match itself");
}

static void bounds_a_path(void **state)
{
    char dots[401];
    rk_auto(rk_free_str) char *entry = NULL;

    (void)state;
    memset(dots, '.', 400);
    dots[400] = 0;
    entry = rk_asprintf(FROM "[{select: {name: dst}, fieldPaths: ['a%s']}]\n", dots);
    {
        rk_auto(rk_free_str) char *kustomization = rk_asprintf(HEAD "%s", entry);
        const struct row rows[] = {{"k/kustomization.yaml", kustomization, NULL},
                                   {"k/objects.yaml", OBJECTS, NULL}, {NULL, NULL, NULL}};

        refused(rows, "k", RK_LIMIT, "k/kustomization.yaml:3: replacements: a path of more than "
                                     "100 parts (limit: path)");
    }
}

/* A target's value stands where its source stands, and replaced what was there. */
static void values_have_a_source(void **state)
{
    const struct row rows[] = {
        {"k/kustomization.yaml",
         HEAD FROM "[{select: {name: dst}, fieldPaths: [spec.l.0, spec.new], "
                   "options: {create: true}}]\n"
         "- path: more.yaml\n", NULL},
        {"k/more.yaml", "sourceValue: '5'\ntargets:\n- select: {name: dst}\n"
                        "  fieldPaths: [spec.i]\n", NULL},
        {"k/objects.yaml", OBJECTS, NULL}, {NULL, NULL, NULL}};
    struct render_opts opts = {.path = "k"};
    struct render_result *r = built(rows, &opts);

    (void)state;
    check_source(r, "Foo", "/spec/l/0", "k/objects.yaml:6 replacement < k/objects.yaml:14 file");
    check_source(r, "Foo", "/spec/new", "k/objects.yaml:6 replacement");
    check_source(r, "Foo", "/spec/i", "k/more.yaml:1 replacement < k/objects.yaml:13 file");
    render_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(bounds_a_path),
        cmocka_unit_test(values_have_a_source),
    };

    return cmocka_run_group_tests_name("replacement", tests, NULL, NULL);
}
