/*
 * test_int.h: what the tests of room record share: cmocka, a scratch folder, a loop that runs until
 * something came, with a limit.
 */
#ifndef RK_RECORD_TEST_INT_H
#define RK_RECORD_TEST_INT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "reckon/run.h"
#include "reckon/time.h"
#include "record/record_int.h"

enum { LIMIT_MS = 30000 };

static char test_dir[] = "/tmp/reckon-record-XXXXXX";
static struct run_loop *loop;
static struct rk_arena *arena;

static inline int test_begin(void **state)
{
    (void)state;
    memcpy(test_dir + sizeof test_dir - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(test_dir));
    loop = run_loop_new();
    arena = rk_arena_new();
    return 0;
}

static inline int test_end(void **state)
{
    (void)state;
    run_loop_free(loop);
    rk_arena_free(arena);
    assert_int_equal(rk_remove_tree(test_dir, NULL), 0);
    return 0;
}

static inline const char *test_path(const char *name)
{
    return rk_arena_f(arena, "%s/%s", test_dir, name);
}

static inline void test_put(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline rk_str test_get(const char *path)
{
    struct rk_buf b = RK_BUF_INIT;
    struct rk_err err = {0};
    if (rk_file_read(path, 64 << 20, &b, &err) < 0)
        fail_msg("%s", err.text);
    rk_str s = rk_arena_str(arena, rk_buf_view(&b));
    rk_buf_release(&b);
    return s;
}

static inline void test_too_long(void *ctx)
{
    (void)ctx;
    fail_msg("nothing came within %d ms", LIMIT_MS);
}

/* Runs until run_loop_stop. */
static inline void test_run(void)
{
    struct run_timer *limit = run_timer_start(loop, LIMIT_MS, 0, test_too_long, NULL);
    run_loop_run(loop);
    run_timer_stop(limit);
}

static inline void test_stop(void *ctx)
{
    (void)ctx;
    run_loop_stop(loop);
}

/* A turn of the loop, for what closes. */
static inline void test_turn(void)
{
    struct run_timer *t = run_timer_start(loop, 1, 0, test_stop, NULL);
    test_run();
    run_timer_stop(t);
}

#define assert_text(text, part)                                                                    \
    do {                                                                                           \
        if (!(text) || !strstr((text), (part)))                                                    \
            fail_msg("\"%s\" has no \"%s\"", (text) ? (text) : "(null)", (part));                  \
    } while (0)

#endif
