/*
 * relay.c: `reckon relay`: standard input and output joined to the engine's socket, byte for byte,
 * for `reckon --host`. The engine is found (or started) as any verb does; the first connection is
 * given up only when the second one is answered, so that a session engine does not end in between.
 * Ends when either side closes. Waits instead of buffering: 64 KiB a direction.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli_int.h"

struct pipe {
    int from, to;
    size_t at, n;               /* bytes[at..n) wait to be written */
    bool ended;
    char bytes[64 * 1024];
};

static int join(const char *path, struct rk_err *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd;

    if (!path || strlen(path) >= sizeof(sa.sun_path))
        return rk_fail(err, RK_LIMIT, "the socket path %s is longer than 107 bytes",
                       path ? path : "");
    memcpy(sa.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return rk_fail_errno(err, errno, "a socket");
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa))) {
        (void)rk_fail_errno(err, errno, "%s", path);
        close(fd);
        return -1;
    }
    return fd;
}

static void take_in(struct pipe *p)
{
    ssize_t n = read(p->from, p->bytes, sizeof(p->bytes));

    if (n > 0) {
        p->at = 0;
        p->n = (size_t)n;
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        p->ended = true;
    }
}

static void give_out(struct pipe *p)
{
    ssize_t n = write(p->to, p->bytes + p->at, p->n - p->at);

    if (n >= 0)
        p->at += (size_t)n;
    else if (errno != EINTR && errno != EAGAIN)
        p->ended = true;
    if (p->at == p->n)
        p->at = p->n = 0;
}

/* Which end of a direction to wait for; nothing once it has ended. */
static struct pollfd wanted(const struct pipe *p)
{
    if (p->ended)
        return (struct pollfd){.fd = -1};
    return p->n ? (struct pollfd){.fd = p->to, .events = POLLOUT}
                : (struct pollfd){.fd = p->from, .events = POLLIN};
}

static void move(struct pipe *p)
{
    if (p->n)
        give_out(p);
    else
        take_in(p);
}

/* Until the engine closes; our side's end is handed on, so that answers under way still come. */
static void pump(struct cli *c, struct pipe *in, struct pipe *out)
{
    while (!out->ended) {
        struct pollfd fds[2] = {wanted(in), wanted(out)};

        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if (fds[0].revents)
            move(in);
        if (fds[1].revents)
            move(out);
        if (in->ended && fds[0].fd >= 0)
            (void)shutdown(in->to, SHUT_WR);
        if (out->n && c->engine)
            cli_disconnect(c);
    }
}

int cli_relay(struct cli *c)
{
    struct pipe *in = rk_arena_alloc(c->arena, sizeof(*in));
    struct pipe *out = rk_arena_alloc(c->arena, sizeof(*out));
    struct rk_err err = {0};
    int fd;

    if (c->globals.host)
        return cli_usage(c, "--host does not go with relay: it is what --host runs over there");
    if (cli_connect(c, 0, &err))
        return cli_fail(c, &err);
    fd = join(cli_engine_socket(c), &err);
    if (fd < 0)
        return cli_fail(c, &err);
    in->from = STDIN_FILENO;
    in->to = fd;
    out->from = fd;
    out->to = STDOUT_FILENO;
    pump(c, in, out);
    close(fd);
    return CLI_DONE;
}
