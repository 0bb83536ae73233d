/*
 * compare_test.c: what two renders differ in: fields with their lines on both sides, objects of one
 * side, names that differ in a content hash, other namespaces.
 */
#include "core/core_test.h"

static struct render_result *render_of(const char *file, const char *yaml)
{
    struct render_result *r = rk_arena_alloc(arena, sizeof *r);
    struct doc_node **docs = NULL;
    struct rk_err err = {0};
    size_t n = 0;
    r->marks = doc_marks_new(arena);
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = file, .marks = r->marks};
    if (doc_yaml_read(arena, rk_str_c(yaml), &how, &docs, &n, &err))
        fail_msg("%s", err.text);
    r->objects = rk_arena_array(arena, n + 1, sizeof *r->objects);
    for (size_t i = 0; i < n; i++)
        if (kube_object_init(&r->objects[r->n_objects++], docs[i], &err))
            fail_msg("%s", err.text);
    return r;
}

static size_t compared(const char *from, const char *to, bool apart, struct core_compared **out)
{
    struct rk_err err = {0};
    size_t n = 0;
    if (core_compare(render_of("from.yaml", from), render_of("to.yaml", to), apart, arena, out, &n,
                     &err))
        fail_msg("%s", err.text);
    return n;
}

#define DEPLOYMENT(ns, replicas, more) \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: " ns "}\nspec:\n" \
    "  replicas: " replicas "\n" more
#define MAP(ns, name, value) \
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name ", namespace: " ns "}\n" \
    "data: {LEVEL: " value "}\n"

static void test_fields(void **state)
{
    (void)state;
    struct core_compared *c;
    assert_int_equal(compared(DEPLOYMENT("n", "2", "  paused: true\n"),
                              DEPLOYMENT("n", "3", "  revisionHistoryLimit: 4\n"), false, &c), 1);
    assert_int_equal(c->drift.n_fields, 3);
    const struct drift_field *f = c->drift.fields;
    assert_string_equal(f[0].path, "/spec/replicas");
    assert_int_equal(f[0].live->mark != 0, 1);
    assert_int_equal(f[0].mark != 0, 1);
    assert_string_equal(f[1].path, "/spec/revisionHistoryLimit");
    assert_null(f[1].live);
    assert_string_equal(f[2].path, "/spec/paused");     /* only the earlier one says it */
    assert_null(f[2].desired);
}

static void test_same_says_nothing(void **state)
{
    (void)state;
    struct core_compared *c;
    assert_int_equal(compared(DEPLOYMENT("n", "2", ""), DEPLOYMENT("n", "2", ""), false, &c), 0);
}

static void test_one_side_alone(void **state)
{
    (void)state;
    struct core_compared *c;
    assert_int_equal(compared(MAP("n", "old", "a"), MAP("n", "new", "a"), false, &c), 2);
    assert_null(c[0].from);
    assert_true(rk_str_is(c[0].to->key.name, "new"));
    assert_null(c[1].to);
    assert_true(rk_str_is(c[1].from->key.name, "old"));
}

static void test_content_hash_is_no_name(void **state)
{
    (void)state;
    struct core_compared *c;
    assert_int_equal(compared(MAP("n", "env-7t2m5b9ck4", "info"), MAP("n", "env-g4h2k6m8t9", "warn"),
                              false, &c), 1);
    assert_int_equal(c->drift.n_fields, 1);
    assert_string_equal(c->drift.fields->path, "/data/LEVEL");
    /* ten letters that are none of the hash's are a name */
    assert_int_equal(compared(MAP("n", "env-production", "info"), MAP("n", "env-g4h2k6m8t9", "warn"),
                              false, &c), 2);
}

static void test_environments_apart(void **state)
{
    (void)state;
    struct core_compared *c;
    assert_int_equal(compared(DEPLOYMENT("dev", "1", ""), DEPLOYMENT("prod", "3", ""), false, &c), 2);
    assert_int_equal(compared(DEPLOYMENT("dev", "1", ""), DEPLOYMENT("prod", "3", ""), true, &c), 1);
    assert_int_equal(c->drift.n_fields, 1);
    assert_string_equal(c->drift.fields->path, "/spec/replicas");
}

/* Of two that are alike each finds one: the exact key first. */
static void test_exact_before_alike(void **state)
{
    (void)state;
    struct core_compared *c;
    assert_int_equal(compared(MAP("a", "x", "one") MAP("b", "x", "two"),
                              MAP("b", "x", "two") MAP("c", "x", "one"), true, &c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields, begin, end),
        cmocka_unit_test_setup_teardown(test_same_says_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_one_side_alone, begin, end),
        cmocka_unit_test_setup_teardown(test_content_hash_is_no_name, begin, end),
        cmocka_unit_test_setup_teardown(test_environments_apart, begin, end),
        cmocka_unit_test_setup_teardown(test_exact_before_alike, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
