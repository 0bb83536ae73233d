/*
 * error_test.c: errors: codes, texts, context, positions, what is made safe and what is cut; and
 * the fatal path, seen from a parent process.
 */
#include "base/test_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reckon/text.h"

static void codes(void **state)
{
    (void)state;
    assert_string_equal(rk_code_name(RK_NOT_FOUND), "NOT_FOUND");
    assert_string_equal(rk_code_name((enum rk_code)99), "INTERNAL");
    for (unsigned i = 0; i < RK_CODE_MAX; i++)
        assert_int_equal(rk_code_from_name(rk_code_name((enum rk_code)i)), i);
    assert_int_equal(rk_code_from_name("nonsense"), RK_INTERNAL);
    assert_int_equal(rk_code_from_name(NULL), RK_INTERNAL);
}

static void texts(void **state)
{
    struct rk_err err = {.where = {.line = 3}};

    (void)state;
    assert_int_equal(rk_fail(&err, RK_CONFLICT, "two of %d\n", 5), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_string_equal(err.text, "two of 5");
    assert_int_equal(err.where.line, 0);
    assert_int_equal(rk_wrap(&err, "render %s", "shop"), -1);
    assert_string_equal(err.text, "render shop: two of 5");
    assert_int_equal(err.code, RK_CONFLICT);
    assert_int_equal(rk_fail(&err, RK_INVALID, "again: %s", err.text), -1);
    assert_string_equal(err.text, "again: render shop: two of 5");
    rk_fail(&err, RK_INVALID, "bad \x1b[2J name \xff\tx\na\n");
    assert_string_equal(err.text, "bad \\x1b[2J name \\xff x\na");
    assert_int_equal(rk_fail(NULL, RK_INVALID, "x"), -1);
    assert_int_equal(rk_wrap(NULL, "x"), -1);
    assert_int_equal(rk_fail_errno(NULL, ENOENT, "x"), -1);
    assert_int_equal(rk_err_object(NULL, "x"), -1);
    rk_err_clear(NULL);
}

static void positions(void **state)
{
    struct rk_err err;

    (void)state;
    rk_fail_at(&err, RK_INVALID, "k8s/a.yaml", 14, 3, "no such field '%s'", "foo");
    assert_string_equal(err.text, "k8s/a.yaml:14:3: no such field 'foo'");
    assert_string_equal(err.where.file, "k8s/a.yaml");
    assert_int_equal(err.where.line, 14);
    assert_int_equal(err.where.column, 3);
    rk_err_object(&err, "apps/Deployment/shop/web");
    rk_wrap(&err, "render");
    assert_string_equal(err.where.object, "apps/Deployment/shop/web");
    assert_int_equal(err.where.line, 14);
    rk_fail_at(&err, RK_INVALID, "a.yaml", 7, 0, "x");
    assert_string_equal(err.text, "a.yaml:7: x");
    rk_fail_at(&err, RK_INVALID, "a.yaml", 0, 0, "x");
    assert_string_equal(err.text, "a.yaml: x");
    rk_fail_at(&err, RK_INVALID, NULL, 7, 2, "x");
    assert_string_equal(err.text, "line 7:2: x");
    rk_fail_at(&err, RK_INVALID, NULL, 0, 0, "x");
    assert_string_equal(err.text, "x");
    assert_string_equal(err.where.file, "");
}

static void errnos(void **state)
{
    static const struct {
        int errnum;
        enum rk_code code;
    } rows[] = {
        {ENOENT, RK_NOT_FOUND}, {EACCES, RK_DENIED},   {ENOSPC, RK_LIMIT},
        {ETIMEDOUT, RK_TIMEOUT}, {ECONNREFUSED, RK_UNAVAILABLE},
    };
    struct rk_err err;

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        rk_fail_errno(&err, rows[i].errnum, "open %s", "x");
        assert_int_equal(err.code, rows[i].code);
    }
    rk_fail_errno(&err, ENOENT, "cannot open %s", "a.yaml");
    assert_string_equal(err.text, "cannot open a.yaml: No such file or directory");
}

static void long_texts(void **state)
{
    char text[6000];
    struct rk_err err;

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa9", 3); /* two bytes a character: a cut may fall inside one */
    for (size_t shift = 0; shift < 4; shift++) {
        rk_fail(&err, RK_LIMIT, "%.*s%s", (int)shift, "abc", text);
        assert_true(strlen(err.text) >= sizeof(err.text) - 6);
        assert_true(rk_utf8_valid(rk_str_c(err.text)));
        assert_true(rk_str_ends(rk_str_c(err.text), "\xe2\x80\xa6"));
    }
    rk_wrap(&err, "%s", text);
    assert_true(strlen(err.text) < sizeof(err.text));
    rk_fail_at(&err, RK_INVALID, text, 1, 1, "x");
    assert_true(strlen(err.where.file) < sizeof(err.where.file));
    assert_true(rk_utf8_valid(rk_str_c(err.where.file)));
    memset(text, 'a', sizeof(text));
    text[479] = 0; /* exactly full: nothing is cut */
    rk_fail(&err, RK_INVALID, "%s", text);
    assert_string_equal(err.text, text);
}

static int hook_pipe[2];

static void hook(void)
{
    assert_int_equal(write(hook_pipe[1], "h", 1), 1);
}

static void fatal(void **state)
{
    char got[4];
    int status;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(hook_pipe), 0);
    pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);

        signal(SIGABRT, SIG_DFL);
        dup2(null, STDERR_FILENO);
        rk_fatal_hook(hook);
        rk_assert(1 + 1 == 2);
        rk_assert(1 + 1 == 3);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    close(hook_pipe[1]);
    assert_int_equal(read(hook_pipe[0], got, sizeof(got)), 1);
    rk_close_fd(&hook_pipe[0]);
    assert_int_equal(hook_pipe[0], -1);
    rk_close_fd(&hook_pipe[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes),  cmocka_unit_test(texts),      cmocka_unit_test(positions),
        cmocka_unit_test(errnos), cmocka_unit_test(long_texts), cmocka_unit_test(fatal),
    };

    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
