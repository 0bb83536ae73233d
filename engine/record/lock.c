/*
 * lock.c: one engine a state folder. In: the folder, the engine's socket. Out: a lock held as long
 * as its descriptor is open; or who holds it. The kernel drops the lock when the process ends, so
 * no stale lock can remain; the file itself stays. Only a child that was being started when the
 * process was killed may hold it a moment longer, until it runs its own program.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "record/record_int.h"
#include "reckon/text.h"
#include "reckon/time.h"

#define ORPHAN_MS 5000 /* a child is between its fork and its exec for microseconds */

static rk_str holder(int fd, char *text, size_t size, rk_str *socket)
{
    ssize_t got = pread(fd, text, size, 0);
    return rk_str_cut((rk_str){text, got > 0 ? (size_t)got : 0}, '\n', socket);
}

/* The process that the file names has ended: what holds the lock is no engine. */
static bool holder_gone(int fd)
{
    char text[256];
    rk_str socket;
    int64_t pid;
    return rk_str_int(holder(fd, text, sizeof text, &socket), &pid) && pid > 0 &&
           kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* 0, or -1 with errno. */
static int take(int fd)
{
    const uint64_t until = rk_mono_ms() + ORPHAN_MS;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return -1;
        if (!holder_gone(fd) || rk_mono_ms() > until) {
            errno = EWOULDBLOCK;
            return -1;
        }
        (void)usleep(2000);
    }
    return 0;
}

static int held(const char *dir, int fd, struct rk_err *err)
{
    char text[256];
    rk_str socket, pid = holder(fd, text, sizeof text, &socket);
    rk_auto(rk_buf_release) struct rk_buf safe = RK_BUF_INIT;
    rk_text_safe(&safe, rk_str_trim(socket), 0);
    if (pid.n == 0)
        return rk_fail(err, RK_CONFLICT, "%s is in use by another engine", dir);
    return rk_fail(err, RK_CONFLICT, "%s is in use by the engine with process id " RK_FMT_STR
                   " at %s; use that one, or stop it first", dir, RK_ARG_STR(pid), safe.p);
}

int record_lock(const char *dir, const char *socket, int *out, struct rk_err *err)
{
    char text[256];
    rk_auto(rk_free_str) char *path = rk_asprintf("%s/lock", dir);
    rk_auto(rk_close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return rk_fail_errno(err, errno, "cannot open %s", path);
    if (take(fd) != 0)
        return errno == EWOULDBLOCK ? held(dir, fd, err)
                                    : rk_fail_errno(err, errno, "cannot lock %s", path);
    int n = snprintf(text, sizeof text, "%ld\n%s\n", (long)getpid(), socket ? socket : "");
    /* on a full disk the lock holds all the same, it only cannot say whose it is */
    if (ftruncate(fd, 0) == 0 && n > 0 && (size_t)n < sizeof text &&
        pwrite(fd, text, (size_t)n, 0) != n && ftruncate(fd, 0) != 0)
        return rk_fail_errno(err, errno, "cannot write %s", path);
    *out = fd;
    fd = -1;
    return 0;
}
