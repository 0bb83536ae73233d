/*
 * server.c: local sockets: a listener that is private from its first moment, and connecting.
 *
 * In: a path. Out: connections as run_line. Owns the listening socket and the file at the path, as
 * long as that file is still the one it made. The address is built here, not by uv, which cuts a
 * path over 107 bytes in silence and leaves the mode to the umask (measured).
 * Two processes that start at the same moment on one dead file are the callers' matter (a lock).
 */
#include "run_int.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

struct run_server {
    struct run_loop *loop;
    uv_pipe_t listener;
    char *path;
    dev_t dev;
    ino_t ino;
    bool stopped;
    void (*accepted)(struct run_line *l, void *ctx);
    void *ctx;
};

int run_unix_address(const char *path, struct sockaddr_un *sa, struct rk_err *err)
{
    size_t n = strlen(path);
    memset(sa, 0, sizeof(*sa));
    sa->sun_family = AF_UNIX;
    if (n == 0)
        return rk_fail(err, RK_INVALID, "socket path is empty");
    if (n >= sizeof(sa->sun_path))
        return rk_fail(err, RK_LIMIT, "socket path of %zu bytes is over the limit of %zu: %.60s...",
                       n, sizeof(sa->sun_path) - 1, path);
    memcpy(sa->sun_path, path, n);
    return 0;
}

static int new_socket(struct rk_err *err)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        rk_fail_errno(err, errno, "make a local socket");
    return fd;
}

/* Connects at once or not at all: a local connect does not wait, it says EAGAIN. */
static int connect_now(const char *path, struct rk_err *err)
{
    struct sockaddr_un sa;
    if (run_unix_address(path, &sa, err) != 0)
        return -1;
    rk_auto(rk_close_fd) int fd = new_socket(err);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0) {
        if (errno == EAGAIN)
            return rk_fail(err, RK_UNAVAILABLE, "connect to %s: too many wait there", path);
        if (errno == ECONNREFUSED)
            return rk_fail(err, RK_UNAVAILABLE, "connect to %s: nobody answers there", path);
        return rk_fail_errno(err, errno, "connect to %s", path);
    }
    int taken = fd;
    fd = -1;
    return taken;
}

/* ---- listening ---- */

/* A socket that nobody answers on is removed; anything else at the path is an error. */
static int clear_dead(const char *path, const struct sockaddr_un *sa, struct rk_err *err)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : rk_fail_errno(err, errno, "look at %s", path);
    if (!S_ISSOCK(st.st_mode))
        return rk_fail(err, RK_CONFLICT, "%s exists and is no socket; remove it or name another",
                       path);
    rk_auto(rk_close_fd) int fd = new_socket(err);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0 || errno == EAGAIN)
        return rk_fail(err, RK_CONFLICT, "%s: another process answers there", path);
    if (errno == ENOENT)
        return 0;
    if (errno != ECONNREFUSED)
        return rk_fail_errno(err, errno, "look whether %s is alive", path);
    if (unlink(path) != 0 && errno != ENOENT)
        return rk_fail_errno(err, errno, "remove the dead socket %s", path);
    return 0;
}

static int bind_private(int fd, const char *path, const struct sockaddr_un *sa, struct rk_err *err)
{
    mode_t before = umask(077);
    int rc = bind(fd, (const struct sockaddr *)sa, sizeof(*sa));
    int saved = errno;
    umask(before);
    if (rc == 0)
        return 0;
    if (saved == EADDRINUSE)
        return rk_fail(err, RK_CONFLICT, "%s: another process took it just now", path);
    return rk_fail_errno(err, saved, "make the socket %s", path);
}

/* Mode and group, and which file it is. */
static int dress(struct run_server *s, mode_t mode, gid_t gid, struct rk_err *err)
{
    struct stat st;
    if (gid != (gid_t)-1 && lchown(s->path, (uid_t)-1, gid) != 0)
        return rk_fail_errno(err, errno, "give %s to group %u", s->path, (unsigned)gid);
    if (chmod(s->path, mode) != 0 || lstat(s->path, &st) != 0)
        return rk_fail_errno(err, errno, "set the mode of %s", s->path);
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    return 0;
}

static void accept_cb(uv_stream_t *h, int status)
{
    struct run_server *s = h->data;
    if (status < 0 || s->stopped)
        return;
    struct run_line *l = run_line_accept(s->loop, h);
    if (l)
        s->accepted(l, s->ctx);
}

static void closed_cb(uv_handle_t *h)
{
    struct run_server *s = h->data;
    free(s->path);
    free(s);
}

static int listen_on(struct run_server *s, int *fd, struct rk_err *err)
{
    int rc = uv_pipe_open(&s->listener, *fd);
    if (rc == 0) {
        *fd = -1;                       /* the handle closes it */
        rc = uv_listen((uv_stream_t *)&s->listener, BACKLOG, accept_cb);
    }
    return rc == 0 ? 0 : rk_fail_errno(err, -rc, "listen on %s", s->path);
}

int run_server_start(struct run_loop *loop, const char *path, mode_t mode, gid_t gid,
                     void (*accepted)(struct run_line *l, void *ctx), void *ctx,
                     struct run_server **out, struct rk_err *err)
{
    struct sockaddr_un sa;
    if (run_unix_address(path, &sa, err) != 0 || clear_dead(path, &sa, err) != 0)
        return -1;
    rk_auto(rk_close_fd) int fd = new_socket(err);
    if (fd < 0 || bind_private(fd, path, &sa, err) != 0)
        return -1;
    struct run_server *s = rk_alloc(sizeof(*s));
    s->loop = loop;
    s->path = rk_strdup(path);
    s->accepted = accepted;
    s->ctx = ctx;
    uv_pipe_init(&loop->uv, &s->listener, 0);
    s->listener.data = s;
    if (dress(s, mode, gid, err) != 0 || listen_on(s, &fd, err) != 0) {
        unlink(path);
        s->stopped = true;
        uv_close((uv_handle_t *)&s->listener, closed_cb);
        return -1;
    }
    *out = s;
    return 0;
}

bool run_server_present(const struct run_server *s)
{
    struct stat st;
    return lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino;
}

void run_server_stop(struct run_server *s)
{
    if (!s || s->stopped)
        return;
    s->stopped = true;
    if (run_server_present(s))
        unlink(s->path);
    uv_close((uv_handle_t *)&s->listener, closed_cb);
}

/* ---- connecting ---- */

struct attempt {
    struct run_line *line;
    struct rk_err why;
    void (*connected)(struct run_line *l, const struct rk_err *why, void *ctx);
    void *ctx;
};

static void tell_connected(void *ctx)
{
    struct attempt *a = ctx;
    a->connected(a->line, a->line ? NULL : &a->why, a->ctx);
    free(a);
}

static void drop_attempt(void *ctx)
{
    struct attempt *a = ctx;
    run_line_free(a->line);
    free(a);
}

void run_connect(struct run_loop *loop, const char *path,
                 void (*connected)(struct run_line *l, const struct rk_err *why, void *ctx),
                 void *ctx)
{
    struct attempt *a = rk_alloc(sizeof(*a));
    a->connected = connected;
    a->ctx = ctx;
    int fd = connect_now(path, &a->why);
    if (fd >= 0)
        a->line = run_line_from_fd(loop, fd);
    run_soon_or(loop, tell_connected, drop_attempt, a);
}
