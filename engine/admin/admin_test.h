/*
 * admin_test.h: what the tests of this room share: a folder of their own, files in it, and runs of
 * a verb with what it printed.
 */
#ifndef RK_ADMIN_TEST_H
#define RK_ADMIN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "admin/admin_int.h"

static char test_dir[64];
static struct rk_buf test_out = {rk_buf_empty, 0, 0}, test_notes = {rk_buf_empty, 0, 0};

static inline int test_begin(void **state)
{
    (void)state;
    memcpy(test_dir, "/tmp/reckon-admin-XXXXXX", 25);
    return mkdtemp(test_dir) ? 0 : -1;
}

static inline int test_end(void **state)
{
    (void)state;
    rk_buf_release(&test_out);
    rk_buf_release(&test_notes);
    return rk_remove_tree(test_dir, NULL);
}

/* A path in the folder; free() is left to the end of the program's life: texts are few. */
static inline const char *in_dir(const char *name)
{
    static char *kept[64];
    static size_t n;

    free(kept[n % 64]);
    kept[n % 64] = rk_path_join(test_dir, name);
    return kept[n++ % 64];
}

static inline const char *put_file(const char *name, rk_str text)
{
    const char *path = in_dir(name);
    struct rk_err err = {0};

    if (rk_file_write(path, text, 0600, &err) < 0)
        fail_msg("%s", err.text);
    return path;
}

/* One run; stdin is `input`. What it printed is in test_out and test_notes. */
static inline int run_with(const char *input, const char *const *argv)
{
    union { const char *const *in; char **out; } words = {.in = argv};
    int ends[2], argc = 0;
    size_t n = strlen(input);

    while (argv[argc])
        argc++;
    assert_int_equal(pipe(ends), 0);
    assert_true(n < 60000 && write(ends[1], input, n) == (ssize_t)n);
    close(ends[1]);
    rk_buf_clear(&test_out);
    rk_buf_clear(&test_notes);
    int rc = admin_run(argc, words.out, ends[0], &test_out, &test_notes);
    close(ends[0]);
    return rc;
}
#define RUN(input, ...) run_with(input, (const char *const[]){__VA_ARGS__, NULL})

static inline void assert_holds(const struct rk_buf *text, const char *words)
{
    if (!strstr(text->p, words))
        fail_msg("'%s' does not hold '%s'", text->p ? text->p : "", words);
}

static inline void assert_lacks(const struct rk_buf *text, const char *words)
{
    if (strstr(text->p, words))
        fail_msg("'%s' holds '%s'", text->p ? text->p : "", words);
}

/* An error: exit 2, nothing on stdout, the last line of stderr says it. */
static inline void assert_error(int rc, const char *words)
{
    assert_int_equal(rc, ADMIN_ERROR);
    assert_string_equal(test_out.p, "");
    const char *end = test_notes.p + test_notes.n - 1, *last = end;
    while (last > test_notes.p && last[-1] != '\n')
        last--;
    assert_holds(&test_notes, words);
    assert_true(*end == '\n' && strncmp(last, "reckon", 6) == 0 && strstr(last, words));
}

#endif
