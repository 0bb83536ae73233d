/*
 * line.c: a connection that carries lines: a local socket, or a pair of descriptors.
 *
 * In: bytes from the other side, lines to send. Out: whole lines, room in the queue, the end. Owns
 * the descriptors and both queues until run_line_free; the memory lives on until uv has closed the
 * handles, so every callback may free its line.
 * The queue is bounded by what run_line_send is told: a peer that stops reading costs that much.
 * closed comes once, never inside a call of this file's functions, and always with a reason.
 */
#include "run_int.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct run_line {
    struct run_loop *loop;
    uv_pipe_t in, out;              /* out only in a pair */
    bool pair;
    int open;                       /* handles whose close callback has not come */
    uid_t peer;
    struct run_line_events ev;
    void *ctx;
    bool begun, finishing, freed, told;
    bool write_dead;                /* the other side reads no more; what it wrote may still come */
    struct rk_err why;              /* set before closed is told later */
    size_t max_line;
    struct rk_buf got;              /* the start of a line */
    struct rk_buf waiting, flying;  /* to send: the queue, and what uv is writing */
    size_t waiting_at;              /* bytes of waiting already taken */
    uv_write_t write;
    bool writing, was_full;
    size_t limit;                   /* of the last send */
};

/* ---- the end ---- */

static void closed_cb(uv_handle_t *h)
{
    struct run_line *l = h->data;
    if (--l->open > 0)
        return;
    rk_buf_release(&l->got);
    rk_buf_release(&l->waiting);
    rk_buf_release(&l->flying);
    free(l);
}

void run_line_free(struct run_line *l)
{
    if (!l || l->freed)
        return;
    l->freed = true;
    run_soon_forget(l->loop, l);
    uv_close((uv_handle_t *)&l->in, closed_cb);
    if (l->pair)
        uv_close((uv_handle_t *)&l->out, closed_cb);
}

static void drop_queue(struct run_line *l)
{
    rk_buf_clear(&l->waiting);
    l->waiting_at = 0;
}

static void tell_closed(struct run_line *l)
{
    if (l->freed || l->told || !l->begun)
        return;
    l->told = true;
    uv_read_stop((uv_stream_t *)&l->in);
    drop_queue(l);
    l->ev.closed(l, &l->why, l->ctx);
}

static void tell_closed_later(void *ctx)
{
    tell_closed(ctx);
}

static void end_with(struct run_line *l, int status)
{
    if (status == UV_EOF || status == UV_ECONNRESET || status == UV_EPIPE)
        rk_fail(&l->why, RK_UNAVAILABLE, "the other side closed the connection");
    else
        rk_fail_errno(&l->why, -status, "local connection");
    tell_closed(l);
}

/* ---- writing ---- */

static uv_stream_t *out_stream(struct run_line *l)
{
    return (uv_stream_t *)(l->pair ? &l->out : &l->in);
}

static void write_cb(uv_write_t *w, int status);

/* Takes the next chunk of the queue; false when there is none. */
static bool write_next(struct run_line *l)
{
    size_t left = l->waiting.n - l->waiting_at, n = left < CHUNK ? left : CHUNK;
    if (n == 0)
        return false;
    rk_buf_clear(&l->flying);
    rk_buf_add(&l->flying, l->waiting.p + l->waiting_at, n);
    l->waiting_at += n;
    if (l->waiting_at == l->waiting.n)
        drop_queue(l);
    uv_buf_t buf = uv_buf_init(l->flying.p, (unsigned)n);
    l->writing = true;
    int rc = uv_write(&l->write, out_stream(l), &buf, 1, write_cb);
    if (rc != 0) {
        l->writing = false;
        l->write_dead = true;
        rk_fail_errno(&l->why, -rc, "local connection");
        run_soon_or(l->loop, tell_closed_later, NULL, l);
    }
    return true;
}

static void write_failed(struct run_line *l, int status)
{
    l->write_dead = true;
    drop_queue(l);
    /* A socket's last lines may still wait to be read: its end comes from there. */
    if (l->pair || l->finishing)
        end_with(l, status);
}

static void tell_room(struct run_line *l)
{
    if (l->was_full && run_line_queued(l) <= l->limit / 2) {
        l->was_full = false;
        if (l->ev.room)
            l->ev.room(l, l->ctx);
    }
}

static void write_cb(uv_write_t *w, int status)
{
    struct run_line *l = w->data;
    l->writing = false;
    rk_buf_clear(&l->flying);
    if (l->freed || l->told)
        return;
    if (status < 0) {
        write_failed(l, status);
        return;
    }
    if (!write_next(l) && l->finishing) {
        rk_err_clear(&l->why);
        tell_closed(l);
        return;
    }
    if (l->begun)
        tell_room(l);
}

size_t run_line_queued(const struct run_line *l)
{
    const uv_pipe_t *out = l->pair ? &l->out : &l->in;
    return l->waiting.n - l->waiting_at +
           (l->writing ? uv_stream_get_write_queue_size((const uv_stream_t *)out) : 0);
}

bool run_line_send(struct run_line *l, rk_str line, size_t limit)
{
    if (l->freed || l->told || l->finishing || l->write_dead || l->why.code != RK_OK)
        return false;
    size_t queued = run_line_queued(l);
    l->limit = limit;
    if (line.n >= limit || queued > limit - line.n - 1) {
        l->was_full = true;
        return false;
    }
    if (queued + line.n + 1 > limit / 2)
        l->was_full = true;
    if (l->waiting_at > CHUNK) {
        rk_buf_cut_front(&l->waiting, l->waiting_at);
        l->waiting_at = 0;
    }
    rk_buf_str(&l->waiting, line);
    rk_buf_ch(&l->waiting, '\n');
    if (!l->writing)
        write_next(l);
    return true;
}

void run_line_finish(struct run_line *l)
{
    if (l->freed || l->told || l->finishing || l->why.code != RK_OK)
        return;
    l->finishing = true;
    uv_read_stop((uv_stream_t *)&l->in);
    if (l->writing && !l->write_dead)
        return;
    rk_err_clear(&l->why);
    run_soon_or(l->loop, tell_closed_later, NULL, l);
}

/* ---- reading ---- */

static bool listens(const struct run_line *l)
{
    return !l->freed && !l->told && !l->finishing;
}

static void too_long(struct run_line *l)
{
    rk_fail(&l->why, RK_LIMIT, "a line over %zu bytes", l->max_line);
    tell_closed(l);
}

/* Tells every whole line of bytes (the start of the first may be in got); keeps the rest. */
static void take_lines(struct run_line *l, rk_str bytes)
{
    while (bytes.n && listens(l)) {
        const char *end = memchr(bytes.p, '\n', bytes.n);
        size_t n = end ? (size_t)(end - bytes.p) : bytes.n;
        if (l->got.n + n > l->max_line) {
            too_long(l);
            return;
        }
        rk_str line = {bytes.p, n};
        if (!end || l->got.n) {
            rk_buf_str(&l->got, line);
            line = rk_buf_view(&l->got);
        }
        bytes.p += end ? n + 1 : n;
        bytes.n -= end ? n + 1 : n;
        if (end) {
            l->ev.line(l, line, l->ctx);
            rk_buf_clear(&l->got);      /* the memory outlives a _free in the callback */
        }
    }
}

static void read_cb(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct run_line *l = h->data;
    if (n == 0 || !listens(l))
        return;
    if (n < 0)
        end_with(l, (int)n);
    else
        take_lines(l, (rk_str){buf->base, (size_t)n});
}

void run_line_begin(struct run_line *l, const struct run_line_events *ev, size_t max_line,
                    void *ctx)
{
    rk_assert(!l->begun);
    l->begun = true;
    l->ev = *ev;
    l->max_line = max_line;
    l->ctx = ctx;
    int rc = 0;
    if (l->why.code == RK_OK)
        rc = uv_read_start((uv_stream_t *)&l->in, run_scratch_alloc, read_cb);
    if (rc != 0)
        rk_fail_errno(&l->why, -rc, "local connection");
    if (l->why.code != RK_OK)
        run_soon_or(l->loop, tell_closed_later, NULL, l);
}

/* ---- the start ---- */

static struct run_line *line_new(struct run_loop *loop)
{
    struct run_line *l = rk_alloc(sizeof(*l));
    l->loop = loop;
    l->peer = (uid_t)-1;
    l->got = l->waiting = l->flying = RK_BUF_INIT;
    l->write.data = l;
    uv_pipe_init(&loop->uv, &l->in, 0);
    l->in.data = l;
    l->open = 1;
    return l;
}

/* uv aborts the process over a descriptor that epoll refuses (a file, /dev/null): ask first. */
static int check_pollable(int fd)
{
    struct epoll_event ev = {.events = EPOLLIN};
    rk_auto(rk_close_fd) int ep = epoll_create1(EPOLL_CLOEXEC);
    if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) != 0)
        return -errno;
    return 0;
}

/* uv_close closes the descriptor only once uv has taken it. */
static void open_end(struct run_line *l, uv_pipe_t *pipe, int fd)
{
    int rc = check_pollable(fd);
    if (rc == 0)
        rc = uv_pipe_open(pipe, fd);
    if (rc == 0)
        return;
    close(fd);
    if (rc == -EPERM)
        rk_fail(&l->why, RK_UNSUPPORTED, "descriptor %d is no pipe, socket or terminal", fd);
    else
        rk_fail_errno(&l->why, -rc, "descriptor %d", fd);
}

static void note_peer(struct run_line *l, int fd)
{
    struct ucred cred;
    socklen_t n = sizeof(cred);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0)
        l->peer = cred.uid;
}

struct run_line *run_line_from_fd(struct run_loop *loop, int fd)
{
    struct run_line *l = line_new(loop);
    note_peer(l, fd);
    open_end(l, &l->in, fd);
    return l;
}

struct run_line *run_line_accept(struct run_loop *loop, uv_stream_t *listener)
{
    struct run_line *l = line_new(loop);
    uv_os_fd_t fd = -1;
    if (uv_accept(listener, (uv_stream_t *)&l->in) != 0 ||
        uv_fileno((uv_handle_t *)&l->in, &fd) != 0) {
        run_line_free(l);
        return NULL;
    }
    note_peer(l, fd);
    return l;
}

struct run_line *run_line_pair(struct run_loop *loop, int in_fd, int out_fd)
{
    struct run_line *l = line_new(loop);
    open_end(l, &l->in, in_fd);
    if (in_fd == out_fd)
        return l;
    l->pair = true;
    l->open = 2;
    uv_pipe_init(&loop->uv, &l->out, 0);
    l->out.data = l;
    open_end(l, &l->out, out_fd);
    return l;
}

uid_t run_line_peer(const struct run_line *l)
{
    return l->peer;
}
