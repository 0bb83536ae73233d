/*
 * map_test.c: maps: order, replacing, removing while iterating, many keys against a plain model.
 */
#include "base/test_int.h"

#include <stdio.h>

#include "reckon/map.h"

static int freed;

static void count_free(void *value)
{
    (void)value;
    freed++;
}

static void basics(void **state)
{
    struct rk_map *m = rk_map_new();
    int one = 1, two = 2;

    (void)state;
    assert_null(rk_map_get(m, "a"));
    assert_null(rk_map_del(m, "a"));
    assert_null(rk_map_set(m, "a", &one));
    assert_ptr_equal(rk_map_set(m, "a", &two), &one);
    assert_ptr_equal(rk_map_get(m, "a"), &two);
    assert_null(rk_map_set_n(m, RK_STR("a\0b"), &one));
    assert_null(rk_map_set(m, "", &one));
    assert_ptr_equal(rk_map_get_n(m, RK_STR("a\0b")), &one);
    assert_ptr_equal(rk_map_get_n(m, (rk_str){"abc", 1}), &two);
    assert_ptr_equal(rk_map_get(m, ""), &one);
    assert_int_equal(rk_map_count(m), 3);
    assert_ptr_equal(rk_map_del(m, "a"), &two);
    assert_null(rk_map_get(m, "a"));
    assert_int_equal(rk_map_count(m), 2);
    freed = 0;
    rk_map_free(m, count_free);
    assert_int_equal(freed, 2);
    rk_map_free(NULL, count_free);
}

static void order(void **state)
{
    struct rk_map *m = rk_map_new();
    size_t it = 0, seen = 0;
    const char *key;
    char name[16];
    int value = 0;
    void *got;

    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "k%02d", i);
        rk_map_set(m, name, &value);
    }
    for (; rk_map_next(m, &it, &key, &got); seen++) {
        snprintf(name, sizeof(name), "k%02zu", seen);
        assert_string_equal(key, name);
        if (seen % 3)
            assert_ptr_equal(rk_map_del(m, name), &value);
    }
    assert_int_equal(seen, 100);
    assert_int_equal(rk_map_count(m), 34);
    rk_map_set(m, "k01", &value); /* comes back at the end */
    it = seen = 0;
    while (rk_map_next(m, &it, &key, NULL)) {
        snprintf(name, sizeof(name), "k%02zu", seen < 34 ? seen * 3 : 1);
        assert_string_equal(key, name);
        seen++;
    }
    assert_int_equal(seen, 35);
    rk_map_free(m, NULL);
}

/* Random sets and removals, compared with an array of what must be there. */
static void against_model(void **state)
{
    enum { KEYS = 3000 };
    struct rk_map *m = rk_map_new();
    bool *there = rk_calloc(KEYS, 1);
    size_t count = 0;
    uint32_t dice = 12345;
    char name[16];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint32_t k = (dice = dice * 1664525u + 1013904223u) >> 8;
        bool set = k & 1;

        k = k / 2 % (i < 100000 ? KEYS : 7); /* later the same few come and go */
        snprintf(name, sizeof(name), "key-%u", k);
        assert_int_equal(rk_map_get(m, name) != NULL, there[k]);
        if (set)
            assert_int_equal(rk_map_set(m, name, there) != NULL, there[k]);
        else
            assert_int_equal(rk_map_del(m, name) != NULL, there[k]);
        count += set && !there[k];
        count -= !set && there[k];
        there[k] = set;
        assert_int_equal(rk_map_count(m), count);
    }
    free(there);
    rk_map_free(m, NULL);
}

static void hashes(void **state)
{
    (void)state;
    assert_int_equal(rk_hash("abc", 3), rk_hash("abc", 3));
    assert_int_not_equal(rk_hash("abc", 3), rk_hash("abd", 3));
    assert_int_not_equal(rk_hash("", 0), rk_hash("\0", 1));
    assert_int_not_equal(rk_hash("12345678", 8), rk_hash("123456789", 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(basics),
        cmocka_unit_test(order),
        cmocka_unit_test(against_model),
        cmocka_unit_test(hashes),
    };

    return cmocka_run_group_tests_name("base/map", tests, NULL, NULL);
}
