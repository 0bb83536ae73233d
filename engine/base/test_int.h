/*
 * test_int.h: what the tests of room base share: cmocka with its headers, a scratch folder.
 */
#ifndef RK_BASE_TEST_INT_H
#define RK_BASE_TEST_INT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

/* A new folder below $TMPDIR or /tmp; free() the name. */
static inline char *scratch_new(void)
{
    const char *tmp = getenv("TMPDIR");
    char *path = rk_asprintf("%s/rk-base-XXXXXX", tmp ? tmp : "/tmp");

    assert_non_null(mkdtemp(path));
    return path;
}

static inline void scratch_end(char *path)
{
    struct rk_err err;

    assert_int_equal(rk_remove_tree(path, &err), 0);
    assert_false(rk_path_exists(path));
    free(path);
}

#define assert_view(view, text) assert_true(rk_str_is((view), (text)))

#endif
