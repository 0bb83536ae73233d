/*
 * file.c: whole files. In: a path, bytes. Out: bytes, a file that is there whole or not at all.
 *
 * Owns nothing between calls. Blocks: for pool jobs, start-up, the command line, or small files.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

/* Appends to out until the end of the file; one byte over the limit is enough to know. */
static int read_all(int fd, const char *path, size_t limit, struct rk_buf *out, struct rk_err *err)
{
    for (;;) {
        size_t room = out->cap - out->n - 1;
        ssize_t got;

        if (room > limit + 1 - out->n)
            room = limit + 1 - out->n;
        got = read(fd, out->p + out->n, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rk_fail_errno(err, errno, "cannot read %s", path);
        if (got == 0)
            return 0;
        out->n += (size_t)got;
        out->p[out->n] = 0;
        if (out->n > limit)
            return rk_fail(err, RK_LIMIT, "%s is larger than %zu bytes, the limit here", path,
                           limit);
        if (out->cap - out->n < 2)
            rk_buf_reserve(out, out->n);
    }
}

int rk_file_read(const char *path, size_t limit, struct rk_buf *out, struct rk_err *err)
{
    rk_auto(rk_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    rk_auto(rk_buf_release) struct rk_buf bytes = RK_BUF_INIT;
    struct rk_buf old = *out;
    struct stat st;

    rk_assert(limit < SIZE_MAX / 8);
    if (fd < 0 || fstat(fd, &st) != 0)
        return rk_fail_errno(err, errno, "cannot open %s", path);
    if (S_ISDIR(st.st_mode))
        return rk_fail(err, RK_INVALID, "%s is a folder, a file is needed", path);
    if (S_ISREG(st.st_mode) && st.st_size > 0 && (uintmax_t)st.st_size > limit)
        return rk_fail(err, RK_LIMIT, "%s has %jd bytes, more than %zu, the limit here", path,
                       (intmax_t)st.st_size, limit);
    /* One byte more, so that the end is found without growing. */
    rk_buf_reserve(&bytes, st.st_size > 0 ? (size_t)st.st_size + 1 : 4096);
    if (read_all(fd, path, limit, &bytes, err) != 0)
        return -1;
    *out = bytes;
    bytes = old;
    return 0;
}

static int write_all(int fd, rk_str bytes)
{
    while (bytes.n) {
        ssize_t put = write(fd, bytes.p, bytes.n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        bytes = (rk_str){bytes.p + put, bytes.n - (size_t)put};
    }
    return 0;
}

static int fsync_folder_of(const char *path, struct rk_err *err)
{
    const char *slash = strrchr(path, '/');
    rk_auto(rk_free_str) char *dir =
        slash ? rk_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : rk_strdup(".");
    rk_auto(rk_close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* Some file systems cannot sync a folder, and then need not. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP))
        return rk_fail_errno(err, errno, "cannot save %s", path);
    return 0;
}

static int fill_file(int fd, const char *path, rk_str bytes, mode_t mode, struct rk_err *err)
{
    if (fchmod(fd, mode) != 0 || write_all(fd, bytes) != 0 || fsync(fd) != 0)
        return rk_fail_errno(err, errno, "cannot write %s", path);
    return 0;
}

int rk_file_write(const char *path, rk_str bytes, mode_t mode, struct rk_err *err)
{
    rk_auto(rk_close_fd) int fd = -1;
    rk_auto(rk_free_str) char *temporary = NULL;
    char id[17];
    uint8_t random[8];

    if (rk_random(random, sizeof(random), err) != 0)
        return -1;
    rk_hex(random, sizeof(random), id);
    temporary = rk_asprintf("%s.tmp-%s", path, id);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0600);
    if (fd < 0)
        return rk_fail_errno(err, errno, "cannot make %s", path);
    if (fill_file(fd, path, bytes, mode, err) != 0) {
        unlink(temporary);
        return -1;
    }
    if (rename(temporary, path) != 0) {
        int why = errno;

        unlink(temporary);
        return rk_fail_errno(err, why, "cannot replace %s", path);
    }
    return fsync_folder_of(path, err);
}

bool rk_path_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool rk_path_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
