/*
 * remotes_test.c: what a render gets of other repositories: the tree of the pinned commit, a need
 * where nothing is pinned, the reason where it cannot be had; and when it would get something else.
 */
#include "core/core_test.h"
#include "core/remotes_int.h"

static struct core_trees trees;
static struct render_files served;
static struct core_pins *pins;

static void pin(const char *ref, const char *id, const char *why)
{
    if (!pins)
        pins = core_pins_new();
    core_pins_add(pins, &(struct core_pin){.of = {.repo = "https://example.org/o/r", .ref = ref},
                                           .dir = test_path("w"), .id = id, .why = why,
                                           .code = why ? RK_DENIED : RK_OK, .checked = 86400000});
    trees.pins = pins;
}

static int ask(const char *ref, const struct render_files **out, struct rk_err *err)
{
    const struct render_remote r = {.repo = "https://example.org/o/r", .ref = ref, .path = "a"};
    rk_err_clear(err);
    core_trees_serve(&trees, &served);
    return served.remote(&r, out, served.remote_ctx, err);
}

static int close_all(void **state)
{
    core_trees_end(&trees);
    core_pins_unref(pins);
    pins = NULL;
    trees = (struct core_trees){0};
    return end(state);
}

static const char *text_in(const struct render_files *files)
{
    rk_str text;
    struct rk_err err = {0};
    if (files->read(arena, "a/x", &text, files->ctx, &err))
        fail_msg("%s", err.text);
    return rk_arena_dup(arena, text.p, text.n);
}

static void serves_the_pinned_commit(void **state)
{
    const struct render_files *one, *two, *again;
    struct rk_err err;
    (void)state;
    test_put("w/a/x", "first");
    pin("v1", commit_all(), NULL);
    test_put("w/a/x", "second");
    pin("", commit_all(), NULL);
    assert_int_equal(ask("v1", &one, &err), 0);
    assert_int_equal(ask("", &two, &err), 0);
    assert_int_equal(ask("v1", &again, &err), 0);
    assert_string_equal(text_in(one), "first");
    assert_string_equal(text_in(two), "second");
    assert_ptr_equal(one, again);
    assert_int_equal(trees.n_needs, 0);
    assert_int_equal(trees.uses->n, 2);
    assert_true(core_pins_same(trees.uses, pins));
}

static void what_is_not_pinned_is_a_need(void **state)
{
    const struct render_files *files;
    struct rk_err err;
    (void)state;
    assert_int_equal(ask("v1", &files, &err), -1);
    assert_int_equal(err.code, RK_UNAVAILABLE);
    assert_int_equal(trees.n_needs, 1);
    assert_string_equal(trees.needs[0].repo, "https://example.org/o/r");
    assert_string_equal(trees.needs[0].ref, "v1");
    assert_null(trees.uses);
}

static void what_cannot_be_had_says_why(void **state)
{
    const struct render_files *files;
    struct rk_err err;
    (void)state;
    pin("v1", NULL, "the door is locked");
    assert_int_equal(ask("v1", &files, &err), -1);
    assert_int_equal(err.code, RK_DENIED);
    assert_string_equal(err.text, "the door is locked");
    assert_int_equal(trees.n_needs, 0);
    assert_int_equal(trees.uses->n, 1); /* it is rendered again when the door opens */
    assert_true(core_pins_same(trees.uses, pins));
}

static void another_commit_is_another_input(void **state)
{
    struct core_pins *now = core_pins_new();
    const struct core_need of = {.repo = "https://example.org/o/r", .ref = "main"};
    (void)state;
    pin("main", "1111111111111111111111111111111111111111", NULL);
    core_pins_add(now, &(struct core_pin){.of = of, .dir = "", .checked = 1, .why = "away",
                                          .id = "1111111111111111111111111111111111111111"});
    assert_true(core_pins_same(pins, now)); /* that it is away changes nothing */
    core_pins_unref(now);
    now = core_pins_new();
    core_pins_add(now, &(struct core_pin){.of = of, .dir = "",
                                          .id = "2222222222222222222222222222222222222222"});
    assert_false(core_pins_same(pins, now));
    assert_false(core_pins_same(pins, NULL));
    assert_true(core_pins_same(NULL, NULL)); /* nothing from elsewhere: nothing is looked up */
    core_pins_unref(now);
}

static void tells_age_and_no_secret(void **state)
{
    const struct core_pin p = {.of = {.repo = "https://u:secret@example.org/o/r", .ref = "main"}, .dir = "",
                               .id = "1111111111111111111111111111111111111111", .why = "no answer",
                               .checked = 86400000};
    struct core_pin never = p;
    (void)state;
    assert_string_equal(core_pin_stale(&p, arena),
                        "base https://***@example.org/o/r at main: no answer; commit 1111111, as of "
                        "1970-01-02T00:00:00Z, is used");
    never.why = NULL;
    assert_null(core_pin_stale(&never, arena));
}

static void an_exact_version_is_pulled_once(void **state)
{
    static const char *const exact[] = {"1.2.3", "v1.2.3", "0.0.1-rc.1", "10.20.30+build"};
    static const char *const moving[] = {"", "1", "1.2", "^1.2.3", "~1.2.3", ">=1.2.3", "1.2.x",
                                         "1.2.3 - 2.0.0", "1.2.3.4", "v1.2."};
    (void)state;
    for (size_t i = 0; i < RK_LEN(exact); i++)
        assert_true(chart_exact(exact[i]));
    for (size_t i = 0; i < RK_LEN(moving); i++)
        if (chart_exact(moving[i]))
            fail_msg("\"%s\" is no exact version", moving[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(serves_the_pinned_commit, begin, close_all),
        cmocka_unit_test_setup_teardown(what_is_not_pinned_is_a_need, begin, close_all),
        cmocka_unit_test_setup_teardown(what_cannot_be_had_says_why, begin, close_all),
        cmocka_unit_test_setup_teardown(another_commit_is_another_input, begin, close_all),
        cmocka_unit_test(an_exact_version_is_pulled_once),
        cmocka_unit_test_setup_teardown(tells_age_and_no_secret, begin, close_all),
    };
    return cmocka_run_group_tests_name("remotes", tests, NULL, NULL);
}
