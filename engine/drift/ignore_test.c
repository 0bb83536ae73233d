/*
 * ignore_test.c: ignoreDifferences: pointers, managers, jq paths; which of them are refused.
 */
#include "drift/drift_test.h"

#define D DEPLOYMENT "spec: {replicas: 3, template: {spec: {containers: [{name: a, image: x}, " \
    "{name: b, image: x}]}}}"
#define L DEPLOYMENT "spec: {replicas: 5, template: {spec: {containers: [{name: b, image: y}, " \
    "{name: a, image: y}]}}}"
#define REPLICAS "/spec/replicas 3 5"
#define IMAGE_A "/spec/template/spec/containers/0/image \"x\" \"y\""
#define IMAGE_B "/spec/template/spec/containers/1/image \"x\" \"y\""

struct row { const char *jq, *fields; };

static const struct row rows[] = {
    {".spec.replicas", REPLICAS " ignored; " IMAGE_A "; " IMAGE_B},
    {".spec[\"replicas\"]", REPLICAS " ignored; " IMAGE_A "; " IMAGE_B},
    {".[\"spec\"].\"replicas\"", REPLICAS " ignored; " IMAGE_A "; " IMAGE_B},
    {".spec.template.spec.containers[].image", REPLICAS "; " IMAGE_A " ignored; " IMAGE_B " "
    "ignored"},
    {".spec.template.spec.containers[]? | .image",
     REPLICAS "; " IMAGE_A " ignored; " IMAGE_B " ignored"},
    {".spec.template.spec.containers[] | select(.name == \"b\") | .image",
     REPLICAS "; " IMAGE_A "; " IMAGE_B " ignored"},
    {".spec.template.spec.containers[] | select(.name != \"b\").image",
     REPLICAS "; " IMAGE_A " ignored; " IMAGE_B},
    {"(.spec.template.spec.containers[] | select(.name == \"b\"))[\"image\"]",
     REPLICAS "; " IMAGE_A "; " IMAGE_B " ignored"},
    {"(.spec.template.spec.containers[] | select(.name!=\"b\") | .image)",
     REPLICAS "; " IMAGE_A " ignored; " IMAGE_B},
    {".spec.template.spec.containers[] | select(.name == \"a\" or .name == \"b\")",
     REPLICAS "; " IMAGE_A " ignored; " IMAGE_B " ignored"},
    {".spec.template.spec.containers[] | select(.name == \"a\" and (.image == \"x\" or .image == "
     "\"y\")) | .image", REPLICAS "; " IMAGE_A " ignored; " IMAGE_B},
    {".spec.template.spec.containers[0].image, .spec.replicas",
     REPLICAS " ignored; " IMAGE_A " ignored; " IMAGE_B " ignored"},
    {".spec.template", REPLICAS "; " IMAGE_A " ignored; " IMAGE_B " ignored"},
    {".spec.replicas[].x", REPLICAS "; " IMAGE_A "; " IMAGE_B},
    {".nothing.here", REPLICAS "; " IMAGE_A "; " IMAGE_B},
    {".", REPLICAS " ignored; " IMAGE_A " ignored; " IMAGE_B " ignored"},
    {"..", NULL}, {".. | .image", NULL}, {".a | test(\"x\")", NULL}, {"", NULL}, {"spec", NULL},
    {".spec.", NULL}, {".a[", NULL}, {".a[1:2]", NULL}, {".a | select(.b == )", NULL},
    {"del(.a)", NULL}, {".a | map(.b)", NULL}, {".a b", NULL}, {".a[\"b]", NULL}, {".1a", NULL},
    {".a | select(", NULL}, {"((((((((((((((((((((((((.a))))))))))))))))))))))))", NULL},
};

static void test_jq(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        const char *jq[] = {rows[i].jq};
        const struct model_ignore rule = {
            .group = "apps", .kind = "Deployment", .jq = jq, .n_jq = 1};
        const struct drift_rules rules = {&rule, 1, "reckon", false, true};
        struct answer x = ask(D, L, NULL, &rules);

        if (!rows[i].fields) {
            if (x.rc != -1 || x.err.code != RK_UNSUPPORTED || !strstr(x.err.text, rows[i].jq))
                fail_msg("%s: rc %d %s", rows[i].jq, x.rc, x.err.text);
        } else if (x.rc || strcmp(fields_text(&x), rows[i].fields) != 0) {
            fail_msg("%s: %s%s", rows[i].jq, x.err.text, x.rc ? "" : fields_text(&x));
        }
        rk_arena_free(x.a);
    }
}

/* A bad path is told whatever differs, also for objects that it is not for. */
static void test_bad_jq_always(void **state)
{
    const char *jq[] = {".a | error"};
    const struct model_ignore rule = {.group = "", .kind = "ConfigMap", .jq = jq, .n_jq = 1};
    const struct drift_rules rules = {&rule, 1, "reckon", false, false};
    struct answer x = ask(D, D, NULL, &rules);

    (void)state;
    assert_int_equal(x.rc, -1);
    assert_non_null(strstr(x.err.text, "ignoreDifferences of ConfigMap: jq path \".a | error\""));
    rk_arena_free(x.a);
}

struct match_row { struct model_ignore rule; bool hit; };

static void test_matching(void **state)
{
    const char *pointers[] = {"/spec"};
    const struct match_row matches[] = {
        {{.group = "apps", .kind = "Deployment"}, true},
        {{.group = "*", .kind = "*"}, true},
        {{.group = "ap*", .kind = "Dep*"}, true},
        {{.group = "", .kind = "Deployment"}, false},
        {{.group = "apps", .kind = "deployment"}, false},
        {{.group = "apps", .kind = "Deployment", .name = "a", .namespace = "n"}, true},
        {{.group = "apps", .kind = "Deployment", .name = "*"}, false},
        {{.group = "apps", .kind = "Deployment", .name = "", .namespace = "m"}, false},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(matches); i++) {
        struct model_ignore rule = matches[i].rule;
        const struct drift_rules rules = {&rule, 1, "reckon", false, true};

        rule.pointers = pointers;
        rule.n_pointers = 1;
        struct answer x = ask(D, L, NULL, &rules);
        assert_int_equal(x.rc, 0);
        if ((x.d.verdict == DRIFT_SAME) != matches[i].hit)
            fail_msg("row %zu", i);
        assert_int_equal(x.d.n_fields, 3); /* shown on request all the same */
        rk_arena_free(x.a);
    }
}

static void test_pointer_forms(void **state)
{
    const char *pointers[] = {"/spec/template/spec/containers/0/image", "nonsense", "/spec/none",
                              "/metadata/annotations/a.b~1c"};
    const struct model_ignore rule = {.group = "apps", .kind = "Deployment", .pointers = pointers,
                                      .n_pointers = 4};
    const struct drift_rules rules = {&rule, 1, "reckon", false, true};
    /* an index means the place in each document by itself: 0 is a in git, b in live */
    struct answer x = ask(D, L, NULL, &rules);

    (void)state;
    assert_string_equal(fields_text(&x), REPLICAS "; " IMAGE_A " ignored; " IMAGE_B " ignored");
    rk_arena_free(x.a);
}

/* Injected items of a list that is one value stand in nobody's way. */
static void test_items_of_whole_lists(void **state)
{
    static const char *jq[] = {".spec.rules[] | select(.host == \"injected\")"};
    const struct model_ignore rule = {.group = "x.org", .kind = "T", .jq = jq, .n_jq = 1};
    const struct drift_rules rules = {&rule, 1, "reckon", false, true};
    struct answer x = ask(HEAD("x.org/v1", "T") "spec: {rules: [{host: a}, {host: b}]}",
                          HEAD("x.org/v1", "T") "spec: {rules: [{host: a}, {host: injected}, "
                          "{host: c}]}", NULL, &rules);

    (void)state;
    assert_string_equal(fields_text(&x), "/spec/rules/1/host \"b\" \"c\"");
    rk_arena_free(x.a);
}

static void test_managers(void **state)
{
    static const char *managers[] = {"scaler"};
    static const char live[] =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  managedFields:\n"
        "  - {manager: scaler, operation: Update, subresource: scale, fieldsType: FieldsV1, "
        "fieldsV1: {'f:spec': {'f:replicas': {}, 'f:selector': {}}}}\n"
        "spec: {replicas: 5, paused: true, selector: {matchLabels: {a: c}}}";
    const struct model_ignore rule = {.group = "apps", .kind = "Deployment", .managers = managers,
                                      .n_managers = 1};
    const struct drift_rules rules = {&rule, 1, "reckon", false, false};
    struct answer x = ask(DEPLOYMENT "spec: {replicas: 3, paused: true, selector: {matchLabels: "
                          "{a: b}}}", live, NULL, &rules);
    struct answer y = ask(DEPLOYMENT "spec: {replicas: 3, paused: false}", live, NULL, &rules);

    (void)state;
    assert_string_equal(fields_text(&x), REPLICAS " ignored; /spec/selector/matchLabels/a \"b\" "
                                         "\"c\" ignored");
    assert_int_equal(x.d.verdict, DRIFT_SAME);
    assert_int_equal(y.d.verdict, DRIFT_NEEDS_SERVER);
    rk_arena_free(x.a);
    rk_arena_free(y.a);
}

/* Rules hold for the server's prediction and for removed fields as well. */
static void test_predicted_and_removed(void **state)
{
    static const char *pointers[] = {"/spec/replicas", "/spec/paused"};
    static const char live[] =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  managedFields:\n"
        "  - {manager: reckon, operation: Apply, fieldsType: FieldsV1, fieldsV1: {'f:spec': "
        "{'f:replicas': {}, 'f:paused': {}}}}\nspec: {replicas: 5, paused: true}";
    const struct model_ignore rule = {.group = "apps", .kind = "Deployment", .pointers = pointers,
                                      .n_pointers = 2};
    const struct drift_rules rules = {&rule, 1, "reckon", false, false};
    struct answer x = ask(DEPLOYMENT "spec: {replicas: 3}", live, NULL, &rules);
    struct answer y = ask(DEPLOYMENT "spec: {replicas: 3}", live, DEPLOYMENT "spec: {replicas: 3}",
                          &rules);

    (void)state;
    assert_string_equal(fields_text(&x), REPLICAS " ignored; /spec/paused null true removed "
    "ignored");
    assert_int_equal(x.d.verdict, DRIFT_SAME);
    assert_string_equal(fields_text(&y), REPLICAS " ignored; /spec/paused null true removed "
    "ignored");
    assert_int_equal(y.d.verdict, DRIFT_SAME);
    rk_arena_free(x.a);
    rk_arena_free(y.a);
}

static void test_aggregated_role(void **state)
{
    static const char desired[] = HEAD("rbac.authorization.k8s.io/v1", "ClusterRole")
        "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: []\n";
    static const char live[] = HEAD("rbac.authorization.k8s.io/v1", "ClusterRole")
        "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n"
        "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n";
    const struct drift_rules off = {NULL, 0, "reckon", false, true};
    const struct drift_rules on = {NULL, 0, "reckon", true, true};
    struct answer x = ask(desired, live, NULL, &off), y = ask(desired, live, NULL, &on);

    (void)state;
    assert_int_equal(x.d.verdict, DRIFT_CHANGED);
    assert_int_equal(y.d.verdict, DRIFT_SAME);
    rk_arena_free(x.a);
    rk_arena_free(y.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jq), cmocka_unit_test(test_bad_jq_always),
        cmocka_unit_test(test_matching), cmocka_unit_test(test_pointer_forms),
        cmocka_unit_test(test_items_of_whole_lists), cmocka_unit_test(test_managers),
        cmocka_unit_test(test_predicted_and_removed), cmocka_unit_test(test_aggregated_role),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
