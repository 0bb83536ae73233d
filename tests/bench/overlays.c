/*
 * overlays.c: `overlays ROOT PATH...`: builds and prints each folder below ROOT in this one process, as
 * the engine does, and prints a line a folder: wall ns, bytes of YAML. Linked with the room render.
 */
#include <stdio.h>
#include <time.h>

#include "reckon/str.h"
#include "render/render.h"

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int build(const struct render_files *files, const char *path, struct rk_err *err)
{
    struct render_opts opts = {.path = path};
    struct render_result *result = NULL;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    long long start = now_ns();

    if (render_build(files, &opts, &result, err))
        return -1;
    int rc = render_print(result, &text, err);
    render_free(result);
    printf("%lld %zu\n", now_ns() - start, text.n);
    return rc;
}

int main(int argc, char **argv)
{
    struct rk_err err = {0};

    if (argc < 3)
        return 2;
    struct render_files *files = render_disk(argv[1]);
    for (int i = 2; i < argc; i++)
        if (build(files, argv[i], &err)) {
            fprintf(stderr, "overlays: %s\n", err.text);
            return 1;
        }
    render_disk_free(files);
    return 0;
}
