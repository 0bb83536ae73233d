/*
 * child.c: child processes with a time limit and an output limit.
 *
 * In: argv, environment changes, input. Out: exit code or signal and what it wrote, once, when the
 * child has ended and its output is closed. Owns the process handle, the three pipes and one timer.
 * Each child leads a session and process group of its own, which is killed whole: git runs ssh and
 * helpers. A grandchild that left the group and holds the output open (ssh's ControlPersist) is
 * waited for one second, then not looked at any more.
 */
#include "run_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

enum { KILL_MS = 2000, DRAIN_MS = 1000, OUTPUT_LIMIT = 16 * 1024 * 1024 };

enum phase { RUNNING, TERMINATING, DRAINING };

struct stream {
    uv_pipe_t pipe;
    bool ended;
    struct rk_buf got;
};

struct run_child {
    struct run_loop *loop;
    uv_process_t process;
    uv_pipe_t in;
    struct stream out, err;
    uv_timer_t timer;           /* what it means depends on phase */
    uv_write_t write;
    char *input;
    int open;                   /* handles whose close callback has not come */
    pid_t pid;
    enum phase phase;
    bool keep, exited, told, timed_out, cut, killed;
    int64_t exit_status;
    int term_signal;
    size_t output_limit;
    void (*on_out)(rk_str bytes, void *ctx);
    void (*done)(const struct run_child_result *r, void *ctx);
    void *ctx;
};

/* ---- the end ---- */

static void closed_cb(uv_handle_t *h)
{
    struct run_child *c = h->data;
    if (--c->open > 0)
        return;
    rk_buf_release(&c->out.got);
    rk_buf_release(&c->err.got);
    free(c->input);
    free(c);
}

static void close_handle(uv_handle_t *h)
{
    if (!uv_is_closing(h))
        uv_close(h, closed_cb);
}

static void close_all_but_process(struct run_child *c)
{
    close_handle((uv_handle_t *)&c->in);
    close_handle((uv_handle_t *)&c->out.pipe);
    close_handle((uv_handle_t *)&c->err.pipe);
    close_handle((uv_handle_t *)&c->timer);
}

static void close_all(struct run_child *c)
{
    close_all_but_process(c);
    close_handle((uv_handle_t *)&c->process);
}

static void finish_if_over(struct run_child *c)
{
    if (c->told || !c->exited || !c->out.ended || !c->err.ended)
        return;
    c->told = true;
    if (c->killed)
        kill(-c->pid, SIGKILL);         /* whatever of its group outlived it */
    struct run_child_result r = {
        .exit_code = c->term_signal ? -1 : (int)c->exit_status,
        .signal = c->term_signal,
        .timed_out = c->timed_out,
        .cut = c->cut,
        .out = rk_buf_view(&c->out.got),
        .err_text = rk_buf_view(&c->err.got),
    };
    if (c->done)
        c->done(&r, c->ctx);
    close_all(c);
}

static void timer_cb(uv_timer_t *h)
{
    struct run_child *c = h->data;
    switch (c->phase) {
    case RUNNING:
        c->timed_out = true;
        run_child_kill(c);
        break;
    case TERMINATING:
        kill(-c->pid, SIGKILL);
        c->phase = DRAINING;
        uv_timer_start(h, timer_cb, DRAIN_MS, 0);
        break;
    case DRAINING:
        if (!c->exited) {
            uv_timer_start(h, timer_cb, DRAIN_MS, 0);
            break;
        }
        c->out.ended = c->err.ended = true;
        finish_if_over(c);
        break;
    }
}

void run_child_kill(struct run_child *c)
{
    if (!c || c->told || c->phase != RUNNING)
        return;
    c->killed = true;
    c->phase = TERMINATING;
    kill(-c->pid, SIGTERM);
    uv_timer_start(&c->timer, timer_cb, KILL_MS, 0);
}

static void exit_cb(uv_process_t *p, int64_t status, int term_signal)
{
    struct run_child *c = p->data;
    c->exited = true;
    c->exit_status = status;
    c->term_signal = term_signal;
    if (c->keep) {
        close_all(c);
        return;
    }
    if (c->phase == RUNNING) {
        c->phase = DRAINING;
        uv_timer_start(&c->timer, timer_cb, DRAIN_MS, 0);
    }
    finish_if_over(c);
}

/* ---- output ---- */

static void take(struct run_child *c, struct stream *s, rk_str bytes)
{
    size_t room = c->output_limit - s->got.n;
    if (bytes.n > room) {
        rk_buf_add(&s->got, bytes.p, room);
        c->cut = true;
        s->ended = true;
        uv_read_stop((uv_stream_t *)&s->pipe);
        run_child_kill(c);
        finish_if_over(c);
        return;
    }
    rk_buf_add(&s->got, bytes.p, bytes.n);
}

static void read_cb(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct run_child *c = h->data;
    struct stream *s = (uv_pipe_t *)h == &c->out.pipe ? &c->out : &c->err;
    if (s->ended || n == 0)
        return;
    if (n < 0) {
        s->ended = true;
        uv_read_stop(h);
        finish_if_over(c);
        return;
    }
    rk_str bytes = {buf->base, (size_t)n};
    if (s == &c->out && c->on_out)
        c->on_out(bytes, c->ctx);
    else
        take(c, s, bytes);
}

static void wrote_cb(uv_write_t *w, int status)
{
    struct run_child *c = w->data;
    (void)status;                       /* a child need not read its input */
    close_handle((uv_handle_t *)&c->in);
}

/* ---- the start ---- */

static bool same_name(const char *a, const char *b, size_t n)
{
    return strncmp(a, b, n) == 0 && (a[n] == '=' || a[n] == 0);
}

static bool is_changed(const char *entry, const char *const *changes)
{
    size_t n = strcspn(entry, "=");
    for (; changes && *changes; changes++)
        if (same_name(*changes, entry, n) && strcspn(*changes, "=") == n)
            return true;
    return false;
}

/* Pointers into environ and changes: an array for one uv_spawn. */
static const char **make_env(const char *const *changes)
{
    size_t n = 0, cap = 0;
    const char **env = NULL;
    for (char **e = environ; e && *e; e++)
        if (!is_changed(*e, changes)) {
            env = rk_grow(env, n, &cap, sizeof(*env));
            env[n++] = *e;
        }
    for (; changes && *changes; changes++)
        if (strchr(*changes, '=')) {
            env = rk_grow(env, n, &cap, sizeof(*env));
            env[n++] = *changes;
        }
    env = rk_grow(env, n, &cap, sizeof(*env));
    env[n] = NULL;
    return env;
}

static void open_handles(struct run_child *c)
{
    uv_loop_t *uv = &c->loop->uv;
    uv_pipe_init(uv, &c->in, 0);
    uv_pipe_init(uv, &c->out.pipe, 0);
    uv_pipe_init(uv, &c->err.pipe, 0);
    uv_timer_init(uv, &c->timer);
    c->in.data = c->out.pipe.data = c->err.pipe.data = c->timer.data = c->process.data = c;
    c->write.data = c;
    c->open = 5;
    c->out.got = RK_BUF_INIT;
    c->err.got = RK_BUF_INIT;
}

static void fill_stdio(struct run_child *c, bool input, int log_fd, uv_stdio_container_t io[3])
{
    const uv_stdio_flags from_us = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE);
    const uv_stdio_flags to_us = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    memset(io, 0, 3 * sizeof(*io));
    io[0].flags = input ? from_us : UV_IGNORE;
    io[0].data.stream = (uv_stream_t *)&c->in;
    for (int i = 1; i <= 2; i++) {
        io[i].flags = !c->keep ? to_us : log_fd >= 0 ? UV_INHERIT_FD : UV_IGNORE;
        if (io[i].flags == UV_INHERIT_FD)
            io[i].data.fd = log_fd;
        else
            io[i].data.stream = (uv_stream_t *)(i == 1 ? &c->out.pipe : &c->err.pipe);
    }
}

static int spawn(struct run_child *c, const struct run_child_opts *o, int log_fd)
{
    uv_stdio_container_t io[3];
    fill_stdio(c, o->input.n > 0 && !c->keep, log_fd, io);
    const char **env = make_env(o->env);
    /* uv declares both as char **; the child's exec only reads them. */
    union {
        const char *const *in;
        char **out;
    } argv = {.in = o->argv}, envp = {.in = env};
    uv_process_options_t options = {
        .exit_cb = exit_cb,
        .file = o->argv[0],
        .args = argv.out,
        .env = envp.out,
        .cwd = o->cwd,
        .flags = UV_PROCESS_DETACHED,   /* setsid: own session, own group, no terminal to ask on */
        .stdio_count = 3,
        .stdio = io,
    };
    int rc = uv_spawn(&c->loop->uv, &c->process, &options);
    c->process.data = c;
    free(env);
    return rc;
}

static void begin_io(struct run_child *c, const struct run_child_opts *o)
{
    if (c->keep) {                      /* only its end is waited for, while the loop runs anyway */
        close_all_but_process(c);
        uv_unref((uv_handle_t *)&c->process);
        return;
    }
    uv_read_start((uv_stream_t *)&c->out.pipe, run_scratch_alloc, read_cb);
    uv_read_start((uv_stream_t *)&c->err.pipe, run_scratch_alloc, read_cb);
    if (o->input.n) {
        c->input = rk_alloc(o->input.n);
        memcpy(c->input, o->input.p, o->input.n);
        uv_buf_t buf = uv_buf_init(c->input, (unsigned)o->input.n);
        if (uv_write(&c->write, (uv_stream_t *)&c->in, &buf, 1, wrote_cb) != 0)
            close_handle((uv_handle_t *)&c->in);
    }
    if (o->time_limit_ms) {
        run_loop_touch(c->loop);
        uv_timer_start(&c->timer, timer_cb, o->time_limit_ms, 0);
    }
}

static int start_failed(struct run_child *c, const struct run_child_opts *o, int rc,
                        struct rk_err *err)
{
    close_all(c);
    if (o->cwd && access(o->cwd, X_OK) != 0)
        return rk_fail_errno(err, errno, "run %s in folder %s", o->argv[0], o->cwd);
    if (rc == UV_ENOENT)
        return rk_fail(err, RK_NOT_FOUND, "%s: no such program; install it or correct PATH",
                       o->argv[0]);
    return rk_fail_errno(err, -rc, "run %s", o->argv[0]);
}

int run_child_start(struct run_loop *loop, const struct run_child_opts *o,
                    void (*done)(const struct run_child_result *r, void *ctx), void *ctx,
                    struct run_child **out, struct rk_err *err)
{
    rk_auto(rk_close_fd) int log_fd = -1;
    if (o->input.n > UINT32_MAX)
        return rk_fail(err, RK_LIMIT, "run %s: input over 4 GiB", o->argv[0]);
    if (o->keep_running && o->log_file) {
        log_fd = open(o->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log_fd < 0)
            return rk_fail_errno(err, errno, "open log file %s", o->log_file);
    }
    struct run_child *c = rk_alloc(sizeof(*c));
    c->loop = loop;
    c->keep = o->keep_running;
    c->done = done;
    c->ctx = ctx;
    c->on_out = o->on_out;
    c->output_limit = o->output_limit ? o->output_limit : OUTPUT_LIMIT;
    open_handles(c);
    int rc = spawn(c, o, log_fd);
    if (rc != 0)
        return start_failed(c, o, rc, err);
    c->pid = c->process.pid;
    begin_io(c, o);
    if (out)
        *out = c->keep ? NULL : c;
    return 0;
}

pid_t run_child_pid(const struct run_child *c)
{
    return c ? c->pid : -1;
}

bool run_child_let_go(uv_handle_t *h)
{
    const struct run_child *c = h->data;
    if (h->type != UV_PROCESS || !c->keep)
        return false;
    close_handle(h);
    return true;
}
