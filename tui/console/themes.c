/*
 * themes.c: where themes are looked for: the person's own, those beside the program (a build that
 * is not installed), those of the installation. And small files read whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "console/console_int.h"

enum { FOLDERS = 3, THEME_MAX = 64 * 1024 };
#define SUFFIX ".theme"

int console_file_read(const char *path, size_t limit, struct rk_buf *out, struct rk_err *err)
{
    int fd rk_auto(rk_close_fd) = open(path, O_RDONLY | O_CLOEXEC);
    char part[4096];
    ssize_t n;

    if (fd < 0)
        return rk_fail_errno(err, errno, "%s", path);
    while ((n = read(fd, part, sizeof(part))) > 0) {
        if (out->n + (size_t)n > limit)
            return rk_fail(err, RK_LIMIT, "%s: over %zu bytes", path, limit);
        rk_buf_add(out, part, (size_t)n);
    }
    return n < 0 ? rk_fail_errno(err, errno, "%s", path) : 0;
}

/* ../themes and ../share/reckon/themes, seen from the program. */
static char *beside(const char *relative)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    if (n <= 0)
        return rk_strdup("");
    self[n] = 0;
    slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    return rk_asprintf("%s/%s", self, relative);
}

static void folders(char *out[FOLDERS])
{
    char *config = console_config_dir();

    out[0] = rk_asprintf("%s/themes", config);
    out[1] = beside("../themes");
    out[2] = beside("../share/reckon/themes");
    free(config);
}

static void release(char *list[FOLDERS])
{
    for (size_t i = 0; i < FOLDERS; i++)
        free(list[i]);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(char ***names, size_t *n, size_t *cap, const char *name)
{
    rk_str file = rk_str_c(name);

    if (!rk_str_ends(file, SUFFIX) || file.n <= strlen(SUFFIX) || name[0] == '.')
        return;
    file.n -= strlen(SUFFIX);
    for (size_t i = 0; i < *n; i++)
        if (rk_str_is(file, (*names)[i]))
            return;
    *names = rk_grow(*names, *n, cap, sizeof(**names));
    (*names)[(*n)++] = rk_str_dup(file);
}

size_t console_themes(char ***names)
{
    char *list[FOLDERS];
    size_t n = 0, cap = 0;

    *names = NULL;
    folders(list);
    for (size_t i = 0; i < FOLDERS; i++) {
        DIR *d = opendir(list[i]);
        struct dirent *e;
        while (d && (e = readdir(d)))
            add_name(names, &n, &cap, e->d_name);
        if (d)
            (void)closedir(d);
    }
    release(list);
    if (n)
        qsort(*names, n, sizeof(**names), by_name);
    return n;
}

int console_theme_load(const char *name, struct term_theme *out, struct rk_err *err)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    char *list[FOLDERS];
    int rc = -1;

    if (!name[0] || strchr(name, '/'))
        return rk_fail(err, RK_INVALID, "no theme \"%s\"", name);
    folders(list);
    for (size_t i = 0; i < FOLDERS && rc; i++) {
        char *path = rk_asprintf("%s/%s%s", list[i], name, SUFFIX);
        struct rk_err none = {0};
        rk_buf_clear(&text);
        if (console_file_read(path, THEME_MAX, &text, &none) == 0) {
            rc = term_theme_read(rk_buf_view(&text), path, out, err);
            i = rc ? FOLDERS : i;       /* what is wrong is said, not covered */
        } else if (i + 1 == FOLDERS) {
            rc = rk_fail(err, RK_NOT_FOUND, "no theme \"%s\"", name);
        }
        free(path);
    }
    release(list);
    if (rc == 0)
        (void)snprintf(out->name, sizeof(out->name), "%s", name);
    return rc;
}
