/*
 * path.c: paths as texts. In: paths with / between the parts. Out: a new, cleaned path that the
 * caller frees. Never looks at the disk: "a/.." is dropped even when a is a link or not there.
 */
#include <stdlib.h>

#include "base/file.h"

char *rk_path_clean(const char *path)
{
    struct rk_buf out = RK_BUF_INIT;
    bool root = path[0] == '/';
    rk_str rest = rk_str_c(path);
    size_t up = 0; /* bytes at the front of out that ".." cannot take away */

    if (root)
        rk_buf_ch(&out, '/');
    up = out.n;
    while (rest.n) {
        rk_str part = rk_str_cut(rest, '/', &rest);

        if (!part.n || rk_str_is(part, "."))
            continue;
        if (rk_str_is(part, "..") && out.n > up) {
            const char *slash = memrchr(out.p + up, '/', out.n - up);

            out.n = slash ? (size_t)(slash - out.p) : up;
            out.p[out.n] = 0;
            continue;
        }
        if (out.n && out.p[out.n - 1] != '/')
            rk_buf_ch(&out, '/');
        rk_buf_str(&out, part);
        if (rk_str_is(part, ".."))
            up = out.n;
    }
    if (!out.n)
        rk_buf_ch(&out, '.');
    return rk_buf_take(&out);
}

char *rk_path_join(const char *dir, const char *rel)
{
    rk_auto(rk_free_str) char *both = rk_asprintf("%s%s%s", dir, dir[0] ? "/" : "", rel);

    return rk_path_clean(both);
}
