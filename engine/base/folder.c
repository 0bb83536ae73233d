/*
 * folder.c: folders of file.h: make, list, remove. In: a path. Out: sorted names, or the effect on
 * the disk. Owns nothing between calls. Removing works on open folders (openat) and never follows
 * a link, so that nobody can lead it out of the tree while it runs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define DEPTH_MAX 200       /* of a tree that is removed: each level holds a descriptor */
#define NAMES_MAX 1000000   /* in one folder */

static int make_dir(const char *path, mode_t mode, struct rk_err *err)
{
    int why;

    if (mkdir(path, mode) == 0)
        return 0;
    why = errno;
    if (rk_path_is_dir(path)) /* some file systems say "read-only" before "exists" */
        return 0;
    if (why == EEXIST)
        return rk_fail(err, RK_CONFLICT, "%s is there and is no folder: move it away", path);
    return rk_fail_errno(err, why, "cannot make the folder %s", path);
}

int rk_mkdirs(const char *path, mode_t mode, struct rk_err *err)
{
    rk_auto(rk_free_str) char *part = rk_strdup(path);

    for (char *end = part; *end;) {
        char kept;

        end += strspn(end, "/");
        end += strcspn(end, "/");
        kept = *end;
        *end = 0;
        if (make_dir(part, mode, err) != 0)
            return -1;
        *end = kept;
    }
    return 0;
}

static int name_cmp(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void dir_close(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

struct names {
    char **list;
    size_t n, cap;
};

static void names_release(struct names *names)
{
    rk_names_free(names->list, names->n);
}

static int names_read(DIR *dir, const char *path, struct names *names, struct rk_err *err)
{
    const struct dirent *e;

    for (errno = 0; (e = readdir(dir)); errno = 0) {
        if (rk_streq(e->d_name, ".") || rk_streq(e->d_name, ".."))
            continue;
        if (names->n == NAMES_MAX)
            return rk_fail(err, RK_LIMIT, "%s holds more than %d names", path, NAMES_MAX);
        names->list = rk_grow(names->list, names->n, &names->cap, sizeof(*names->list));
        names->list[names->n++] = rk_strdup(e->d_name);
    }
    if (errno)
        return rk_fail_errno(err, errno, "cannot list %s", path);
    if (names->n)
        qsort(names->list, names->n, sizeof(*names->list), name_cmp);
    return 0;
}

int rk_dir_names(const char *path, char ***names, size_t *n, struct rk_err *err)
{
    rk_auto(dir_close) DIR *dir = opendir(path);
    rk_auto(names_release) struct names read = {0};

    if (!dir)
        return rk_fail_errno(err, errno, "cannot open the folder %s", path);
    if (names_read(dir, path, &read, err) != 0)
        return -1;
    *names = read.list;
    *n = read.n;
    read = (struct names){0};
    return 0;
}

void rk_names_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* The folder `name` in at, or NULL with an error; never a link. */
static DIR *dir_open_at(int at, const char *name, struct rk_err *err)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir) {
        rk_fail_errno(err, errno, "cannot open the folder %s", name);
        if (fd >= 0)
            close(fd);
    }
    return dir;
}

/* Recursion goes at most DEPTH_MAX deep. */
static int remove_at(int at, const char *name, int depth, struct rk_err *err)
{
    rk_auto(dir_close) DIR *dir = NULL;
    rk_auto(names_release) struct names names = {0};

    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return rk_fail_errno(err, errno, "cannot remove %s", name);
    if (depth == DEPTH_MAX)
        return rk_fail(err, RK_LIMIT, "%s lies more than %d folders deep", name, DEPTH_MAX);
    dir = dir_open_at(at, name, err);
    if (!dir || names_read(dir, name, &names, err) != 0)
        return -1;
    for (size_t i = 0; i < names.n; i++)
        if (remove_at(dirfd(dir), names.list[i], depth + 1, err) != 0)
            return rk_wrap(err, "%s", name);
    if (unlinkat(at, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return rk_fail_errno(err, errno, "cannot remove the folder %s", name);
    return 0;
}

int rk_remove_tree(const char *path, struct rk_err *err)
{
    return remove_at(AT_FDCWD, path, 0, err);
}
