/*
 * state_test.c: small documents, the key, the inventory: written and read again, absent, damaged,
 * with names that try to leave the folder.
 */
#include "record/test_int.h"

#include <sys/stat.h>

static void documents(void **state)
{
    (void)state;
    struct doc_node *doc = doc_map(arena), *back = doc;
    struct rk_err err = {0};
    assert_int_equal(record_state_read(test_dir, "frozen", arena, &back, &err), 0);
    assert_null(back);
    doc_set_c(arena, doc, "a", doc_int(arena, 1));
    assert_int_equal(record_state_write(test_dir, "frozen", doc, &err), 0);
    assert_int_equal(record_state_write(test_dir, "app/shop", doc, &err), 0);
    assert_int_equal(record_state_read(test_dir, "app/shop", arena, &back, &err), 0);
    assert_true(doc_equal(doc, back));
    assert_string_equal(test_get(test_path("frozen.json")).p, "{\"a\":1}\n");
    test_put(test_path("frozen.json"), "{\"a\":", 5);
    assert_int_equal(record_state_read(test_dir, "frozen", arena, &back, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_text(err.text, "frozen.json");
}

static void names_stay_inside(void **state)
{
    (void)state;
    static const char *const bad[] = {"../out", "a/../../out", "/etc/x", ".hidden", "a\nb", "%2e",
                                      "a//b", "\xff\xfe"};
    struct doc_node *doc = doc_map(arena), *back;
    const char *inner = test_path("inner");
    assert_int_equal(rk_mkdirs(inner, 0700, NULL), 0);
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct rk_err err = {0};
        doc_set_c(arena, doc, "i", doc_int(arena, (int64_t)i));
        if (record_state_write(inner, bad[i], doc, &err) < 0)
            fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        assert_int_equal(record_state_read(inner, bad[i], arena, &back, NULL), 0);
        assert_int_equal(doc_get_int(back, "i", -1), (int64_t)i); /* no two are one */
    }
    char **names;
    size_t n;
    assert_int_equal(rk_dir_names(test_dir, &names, &n, NULL), 0);
    assert_int_equal(n, 1);
    rk_names_free(names, n);
    char *part = record_part("eu/prod.1 x"), *text = record_unpart(rk_str_c(part));
    assert_string_equal(part, "eu%2Fprod.1%20x");
    assert_string_equal(text, "eu/prod.1 x");
    assert_null(record_unpart(RK_STR("a%0")));
    assert_null(record_unpart(RK_STR("a%00")));
    free(part);
    free(text);
}

static void the_key(void **state)
{
    (void)state;
    uint8_t first[32], again[32], none[32] = {0};
    struct rk_err err = {0};
    struct stat st;
    assert_int_equal(record_key(test_dir, first, &err), 0);
    assert_int_equal(record_key(test_dir, again, &err), 0);
    assert_memory_equal(first, again, 32);
    assert_memory_not_equal(first, none, 32);
    assert_int_equal(chmod(test_path("key"), 0644), 0);
    assert_int_equal(record_key(test_dir, again, &err), 0);
    assert_int_equal(stat(test_path("key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    test_put(test_path("key"), "short", 5);
    assert_int_equal(record_key(test_dir, again, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_memory_equal(first, again, 32);
}

static struct kube_key key_of(const char *text)
{
    struct kube_key k;
    assert_true(kube_key_parse(rk_str_c(text), &k));
    return k;
}

static void inventory_names(void **state)
{
    (void)state;
    const struct record_inventory none = {0};
    struct rk_err err = {0};
    char **names = NULL;
    size_t n = 9;
    assert_int_equal(record_inventory_names(test_dir, &names, &n, &err), 0);
    assert_int_equal(n, 0); /* no folder: nothing was ever applied */
    assert_int_equal(record_inventory_write(test_dir, "shop-production", &none, &err), 0);
    assert_int_equal(record_inventory_write(test_dir, "shop-dev.eu", &none, &err), 0);
    assert_int_equal(record_inventory_names(test_dir, &names, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "shop-dev.eu");
    assert_string_equal(names[1], "shop-production");
    rk_names_free(names, n);
}

static void inventory(void **state)
{
    (void)state;
    struct record_inventory i = {0}, back = {0};
    struct rk_err err = {0};
    struct kube_key a = key_of("apps/Deployment/shop/web"), b = key_of("/ConfigMap/shop/web"),
                    c = key_of("/Namespace//shop");
    record_inventory_drop(&i, &a);      /* of an empty list */
    record_inventory_put(&i, &a, "u1");
    record_inventory_put(&i, &b, NULL);
    record_inventory_put(&i, &c, "u3");
    record_inventory_put(&i, &a, "u4");
    record_inventory_drop(&i, &b);
    assert_int_equal(i.n, 2);
    assert_int_equal(record_inventory_write(test_dir, "shop-production", &i, &err), 0);
    assert_int_equal(record_inventory_read(test_dir, "shop-production", &back, &err), 0);
    assert_int_equal(back.n, 2);
    assert_true(kube_key_eq(&back.v[0].key, &c));
    assert_string_equal(back.v[0].uid, "u3");
    assert_true(kube_key_eq(&back.v[1].key, &a));
    assert_string_equal(back.v[1].uid, "u4");
    for (int k = 0; k < 100; k++) {
        struct kube_key many = a;
        many.name = rk_str_c(rk_arena_f(arena, "web-%d", k));
        record_inventory_put(&back, &many, "u");
    }
    assert_int_equal(back.n, 102);
    assert_string_equal(back.v[1].uid, "u4");
    assert_true(rk_str_is(back.v[101].key.name, "web-99"));
    assert_int_equal(record_inventory_write(test_dir, "shop-production", &back, &err), 0);
    record_inventory_release(&back);
    assert_int_equal(record_inventory_read(test_dir, "shop-production", &back, &err), 0);
    assert_int_equal(back.n, 102);
    record_inventory_release(&back);
    assert_int_equal(record_inventory_read(test_dir, "another", &back, &err), 0);
    assert_int_equal(back.n, 0);
    record_inventory_put(&back, &a, "u");
    assert_int_equal(back.n, 1);
    record_inventory_release(&back);
    record_inventory_release(&i);
    test_put(test_path("inventory/another.json"), "[", 1);
    assert_int_equal(record_inventory_read(test_dir, "another", &back, &err), -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, test_begin, test_end)
    const struct CMUnitTest tests[] = {
        TEST(documents), TEST(names_stay_inside), TEST(the_key), TEST(inventory), TEST(inventory_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
