/*
 * arena_test.c: arenas: alignment, zeroes, addresses that stay, sizes that are counted.
 */
#include "base/test_int.h"

#include <stdalign.h>

#include "reckon/arena.h"

static void small_start(void **state)
{
    struct rk_arena *a = rk_arena_new();

    (void)state;
    assert_true(rk_arena_bytes(a) <= 1024);
    for (int i = 0; i < 50; i++)
        assert_non_null(rk_arena_alloc(a, 8));
    rk_arena_freep(&a);
    assert_null(a);
    rk_arena_freep(&a);
    rk_arena_free(NULL);
}

static void aligned_and_zeroed(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();

    (void)state;
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = rk_arena_alloc(a, size);

        assert_int_equal((uintptr_t)p % (size > 8 ? alignof(max_align_t) : 8), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xaa, size); /* what is handed out next is still zero */
        assert_string_equal(rk_arena_dup(a, "xyz", 3), "xyz");
        assert_int_equal((uintptr_t)rk_arena_array(a, 3, 8) % 8, 0);
        assert_int_equal((uintptr_t)rk_arena_array(a, 1, 4) % 4, 0);
        assert_int_equal((uintptr_t)rk_arena_array(a, 2, 48) % 16, 0);
    }
}

static void stays_in_place(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    uint32_t **all = rk_calloc(20000, sizeof(*all));
    size_t cap = 0, before;
    uint32_t *list = NULL;
    char *large;

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        all[i] = rk_arena_alloc(a, sizeof(**all) * (1 + i % 9));
        *all[i] = i;
        list = rk_arena_grow(a, list, i, &cap, sizeof(*list));
        list[i] = i;
    }
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(*all[i], i);
        assert_int_equal(list[i], i);
    }
    free(all);
    before = rk_arena_bytes(a);
    large = rk_arena_alloc(a, 3000000);
    memset(large, 1, 3000000);
    assert_in_range(rk_arena_bytes(a) - before, 3000000, 3000064);
}

static void texts(void **state)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new_wiping();
    rk_str view;

    (void)state;
    assert_null(rk_arena_strdup(a, NULL));
    assert_string_equal(rk_arena_strdup(a, "shop"), "shop");
    assert_string_equal(rk_arena_f(a, "%s/%d", "shop", 7), "shop/7");
    assert_int_equal(strlen(rk_arena_f(a, "%0*d", 5000, 1)), 5000);
    view = rk_arena_str(a, RK_STR("a\0b"));
    assert_int_equal(view.n, 3);
    assert_memory_equal(view.p, "a\0b", 4);
    assert_null(rk_arena_str(a, RK_STR_NONE).p);
    assert_non_null(rk_arena_str(a, RK_STR("")).p);
    assert_string_equal(rk_arena_dup(a, NULL, 0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_start),
        cmocka_unit_test(aligned_and_zeroed),
        cmocka_unit_test(stays_in_place),
        cmocka_unit_test(texts),
    };

    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
