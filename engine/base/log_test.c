/*
 * log_test.c: lines in file and ring, levels, rotation, several threads.
 */
#include "base/test_int.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"

static void collect(rk_str line, void *ctx)
{
    struct rk_buf *all = ctx;

    rk_buf_str(all, line);
    rk_buf_ch(all, '\n');
}

static void lines(void **state)
{
    rk_auto(rk_free_str) char *path = rk_path_join(*state, "log");
    rk_auto(rk_buf_release) struct rk_buf file = RK_BUF_INIT, ring = RK_BUF_INIT;
    rk_auto(rk_buf_release) struct rk_buf value = RK_BUF_INIT;
    uint64_t next = 0, from;
    struct rk_err err;
    struct stat st;

    rk_log_ring(&next, collect, &ring);
    from = next;
    rk_buf_clear(&ring);
    assert_int_equal(rk_log_open(path, RK_LOG_INFO, false, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    rk_log(RK_LOG_DEBUG, "msg=hidden");
    rk_log_quote(&value, RK_STR("a \"b\" \\ \x1b\n"));
    assert_string_equal(value.p, "\"a \\\"b\\\" \\\\ \\x1b\\n\"");
    rk_log(RK_LOG_WARN, "msg=%s n=%d", value.p, 7);
    rk_log(RK_LOG_ERROR, "msg=%s", "two\nlines"); /* cannot pretend to be another line */
    assert_int_equal(rk_log_ring(&next, collect, &ring), 2);
    assert_int_equal(rk_log_ring(&next, collect, &ring), 0);
    assert_int_equal(next, from + 2);
    assert_int_equal(rk_file_read(path, 1 << 20, &file, &err), 0);
    assert_string_equal(file.p, ring.p);
    assert_memory_equal(file.p, "ts=2", 4);
    assert_non_null(strstr(file.p, "Z level=warn msg=\"a \\\"b\\\" \\\\ \\x1b\\n\" n=7\n"));
    assert_true(rk_str_ends(rk_buf_view(&file), "Z level=error msg=two\\nlines\n"));
    rk_log_close();
    assert_int_equal(rk_log_open(*state, RK_LOG_INFO, false, &err), -1);
    assert_non_null(strstr(err.text, "cannot open the log"));
}

static void long_lines_and_rotation(void **state)
{
    rk_auto(rk_free_str) char *path = rk_path_join(*state, "log");
    rk_auto(rk_free_str) char *old = rk_path_join(*state, "log.1");
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, ring = RK_BUF_INIT;
    uint64_t next = 0;
    struct rk_err err;
    struct stat st;

    for (int i = 0; i < 3000; i++)
        rk_buf_c(&text, "\xc3\xa9");
    assert_int_equal(rk_log_open(path, RK_LOG_INFO, false, &err), 0);
    for (int i = 0; i < 1100; i++)
        rk_log(RK_LOG_INFO, "%s", text.p);
    assert_int_equal(stat(old, &st), 0);
    assert_in_range(st.st_size, 4190000, 4194304);
    assert_int_equal(stat(path, &st), 0);
    assert_in_range(st.st_size, 1, 400000);
    assert_int_equal(rk_log_ring(&next, collect, &ring), 1024);
    assert_in_range(ring.n / 1024, 4090, 4097);
    assert_true(rk_str_ends(rk_buf_view(&ring), "\xc3\xa9\xe2\x80\xa6\n"));
    rk_log_close();
    next = 0;
    assert_int_equal(rk_log_ring(&next, collect, &ring), 0);
}

static void *write_many(void *arg)
{
    for (int i = 0; i < 500; i++)
        rk_log(RK_LOG_INFO, "msg=many thread=%d n=%d", *(int *)arg, i);
    return NULL;
}

static void threads(void **state)
{
    rk_auto(rk_free_str) char *path = rk_path_join(*state, "log");
    rk_auto(rk_buf_release) struct rk_buf file = RK_BUF_INIT;
    pthread_t thread[4];
    int number[4], next_n[4] = {0};
    size_t lines = 0;
    struct rk_err err;
    rk_str rest;

    assert_int_equal(rk_log_open(path, RK_LOG_INFO, false, &err), 0);
    for (int i = 0; i < 4; i++) {
        number[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, write_many, &number[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(rk_file_read(path, 1 << 20, &file, &err), 0);
    for (rest = rk_buf_view(&file); rest.n; lines++) {
        rk_str line = rk_str_cut(rest, '\n', &rest), tail;
        char want[64];
        int t;

        (void)rk_str_cut(line, ' ', &tail);
        t = tail.p[strlen("level=info msg=many thread=")] - '0';
        assert_in_range(t, 0, 3);
        snprintf(want, sizeof(want), "level=info msg=many thread=%d n=%d", t, next_n[t]++);
        assert_view(tail, want); /* whole lines, each thread's in order */
    }
    assert_int_equal(lines, 2000);
    rk_log_close();
}

static int set_up(void **state)
{
    *state = scratch_new();
    return 0;
}

static int tear_down(void **state)
{
    scratch_end(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_lines_and_rotation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
