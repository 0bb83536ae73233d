/* child_test.c: children: exit codes, limits, groups, environment, detached ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "reckon/run.h"
#include "reckon/time.h"

struct bench {
    struct run_loop *loop;
    struct run_child *child;
    int told, exit_code, signal;
    bool timed_out, cut;
    struct rk_buf out, err_text, live;
};

static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));
    b->loop = run_loop_new();
    b->out = b->err_text = b->live = RK_BUF_INIT;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    run_loop_free(b->loop);
    rk_buf_release(&b->out);
    rk_buf_release(&b->err_text);
    rk_buf_release(&b->live);
    free(b);
    return 0;
}

static void done_cb(const struct run_child_result *r, void *ctx)
{
    struct bench *b = ctx;
    b->told++;
    b->exit_code = r->exit_code;
    b->signal = r->signal;
    b->timed_out = r->timed_out;
    b->cut = r->cut;
    rk_buf_str(&b->out, r->out);
    rk_buf_str(&b->err_text, r->err_text);
}

static void run_opts(struct bench *b, struct run_child_opts o, const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct rk_err err = {0};
    o.argv = argv;
    assert_int_equal(run_child_start(b->loop, &o, done_cb, b, &b->child, &err), 0);
    assert_int_equal(b->told, 0);
    run_loop_run(b->loop);
    assert_int_equal(b->told, 1);
}

static void output_and_exit_code(void **state)
{
    struct bench *b = *state;
    run_opts(b, (struct run_child_opts){0}, "printf out; printf err >&2; exit 3");
    assert_int_equal(b->exit_code, 3);
    assert_int_equal(b->signal, 0);
    assert_string_equal(b->out.p, "out");
    assert_string_equal(b->err_text.p, "err");
}

static void input_reaches_it_and_ends(void **state)
{
    struct bench *b = *state;
    char *big = rk_alloc(300000);
    memset(big, 'a', 300000);
    run_opts(b, (struct run_child_opts){.input = {big, 300000}}, "wc -c");
    free(big);
    assert_string_equal(b->out.p, "300000\n");
}

static void input_nobody_reads(void **state)
{
    struct bench *b = *state;
    char *big = rk_alloc(300000);
    run_opts(b, (struct run_child_opts){.input = {big, 300000}}, "exit 0");
    free(big);
    assert_int_equal(b->exit_code, 0);
}

static void no_input_is_an_end(void **state)
{
    struct bench *b = *state;
    run_opts(b, (struct run_child_opts){0}, "cat; echo end");
    assert_string_equal(b->out.p, "end\n");
}

static void environment_and_folder(void **state)
{
    struct bench *b = *state;
    setenv("RK_T_GONE", "there", 1);
    setenv("RK_T_CHANGED", "old", 1);
    const char *const env[] = {"RK_T_NEW=1", "RK_T_CHANGED=2", "RK_T_GONE", NULL};
    run_opts(b, (struct run_child_opts){.env = env, .cwd = "/"},
             "echo $RK_T_NEW $RK_T_CHANGED ${RK_T_GONE-none} $PWD");
    assert_string_equal(b->out.p, "1 2 none /\n");
}

static void time_limit_kills_the_group(void **state)
{
    struct bench *b = *state;
    uint64_t start = rk_mono_ms();
    /* The grandchild holds stdout: done would wait 100 s for it if only the leader were killed. */
    run_opts(b, (struct run_child_opts){.time_limit_ms = 100}, "sleep 100 & echo $!; wait");
    assert_true(b->timed_out);
    assert_int_equal(b->signal, SIGTERM);
    assert_int_equal(b->exit_code, -1);
    assert_true(rk_mono_ms() - start < 1900);
    pid_t grandchild = (pid_t)strtol(b->out.p, NULL, 10);
    assert_true(grandchild > 1);
    for (int i = 0; i < 200 && kill(grandchild, 0) == 0; i++)
        usleep(10000);                  /* until init has taken it */
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)grandchild);
    struct rk_buf stat = RK_BUF_INIT;
    if (rk_file_read(path, 4096, &stat, NULL) == 0)
        assert_non_null(strstr(stat.p, ") Z"));     /* nobody reaps here: dead all the same */
    rk_buf_release(&stat);
}

static void term_is_followed_by_kill(void **state)
{
    struct bench *b = *state;
    uint64_t start = rk_mono_ms();
    run_opts(b, (struct run_child_opts){.time_limit_ms = 100},
             "trap '' TERM; while :; do sleep 0.1; done");
    assert_int_equal(b->signal, SIGKILL);
    assert_in_range(rk_mono_ms() - start, 2000, 4000);
}

static void output_limit_cuts(void **state)
{
    struct bench *b = *state;
    run_opts(b, (struct run_child_opts){.output_limit = 1000}, "yes");
    assert_true(b->cut);
    assert_false(b->timed_out);
    assert_int_equal(b->out.n, 1000);
}

static void an_escaped_holder_is_not_waited_for(void **state)
{
    struct bench *b = *state;
    uint64_t start = rk_mono_ms();
    run_opts(b, (struct run_child_opts){0}, "setsid sleep 4 & echo ok");
    assert_string_equal(b->out.p, "ok\n");
    assert_int_equal(b->exit_code, 0);
    assert_true(rk_mono_ms() - start < 3000);
}

static void live_cb(rk_str bytes, void *ctx)
{
    struct bench *b = ctx;
    rk_buf_str(&b->live, bytes);
    if (strstr(b->live.p, "go"))
        run_child_kill(b->child);       /* inside its own callback, twice in a row at most */
}

static void output_as_it_comes(void **state)
{
    struct bench *b = *state;
    run_opts(b, (struct run_child_opts){.on_out = live_cb}, "echo go; sleep 50");
    assert_string_equal(b->live.p, "go\n");
    assert_int_equal(b->out.n, 0);
    assert_int_equal(b->signal, SIGTERM);
    assert_false(b->timed_out);
}

static void missing_program_and_folder(void **state)
{
    struct bench *b = *state;
    const char *const argv[] = {"rk-no-such-program", NULL}, *const sh[] = {"sh", NULL};
    struct run_child_opts o = {.argv = argv};
    struct rk_err err = {0};
    assert_int_equal(run_child_start(b->loop, &o, done_cb, b, NULL, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_non_null(strstr(err.text, "rk-no-such-program"));
    o = (struct run_child_opts){.argv = sh, .cwd = "/no/such/folder"};
    assert_int_equal(run_child_start(b->loop, &o, done_cb, b, NULL, &err), -1);
    assert_non_null(strstr(err.text, "/no/such/folder"));
    run_loop_run(b->loop);
    assert_int_equal(b->told, 0);
}

static void keep_running_outlives_the_loop(void **state)
{
    (void)state;
    char dir[] = "/tmp/rk-child-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *log = rk_path_join(dir, "log");
    const char *const argv[] = {"sh", "-c", "sleep 0.2; echo still here", NULL};
    struct run_child_opts o = {.argv = argv, .keep_running = true, .log_file = log};
    struct run_child_result r = {0};
    struct rk_err err = {0};
    uint64_t start = rk_mono_ms();
    assert_int_equal(run_child_wait(&o, &r, &err), 0);
    assert_true(rk_mono_ms() - start < 150);
    struct rk_buf got = RK_BUF_INIT;
    for (int i = 0; i < 300 && got.n == 0; i++) {
        usleep(10000);
        if (rk_file_read(log, 4096, &got, &err) != 0)
            break;
    }
    assert_string_equal(got.p, "still here\n");
    rk_buf_release(&got);
    assert_int_equal(rk_remove_tree(dir, &err), 0);
    free(log);
}

static void blocking_form(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "cat; echo e >&2; exit 4", NULL};
    struct run_child_opts o = {.argv = argv, .input = RK_STR("abc")};
    struct run_child_result r;
    struct rk_err err = {0};
    assert_int_equal(run_child_wait(&o, &r, &err), 0);
    assert_int_equal(r.exit_code, 4);
    assert_true(rk_str_is(r.out, "abc"));
    assert_true(rk_str_is(r.err_text, "e\n"));
    run_child_result_release(&r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(output_and_exit_code), T(input_reaches_it_and_ends), T(input_nobody_reads),
        T(no_input_is_an_end), T(environment_and_folder), T(time_limit_kills_the_group),
        T(term_is_followed_by_kill), T(output_limit_cuts), T(an_escaped_holder_is_not_waited_for),
        T(output_as_it_comes), T(missing_program_and_folder), T(keep_running_outlives_the_loop),
        T(blocking_form),
    };
    return cmocka_run_group_tests_name("run/child", tests, NULL, NULL);
}
