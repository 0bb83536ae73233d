/*
 * term.c: the tty on the loop. In: the tty's bytes, size, signals. Out: keys, the sizes, word that
 * it is gone; on every way out the tty as it was.
 *
 * The tty is opened anew: O_NONBLOCK belongs to the open file description, and the shell's own would
 * keep it even after kill -9. Owns that descriptor, the modes, screen, decoder, timers, signals.
 * Callbacks may close the terminal: it is given back at once and freed when the last one returns.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "reckon/text.h"

enum { QUIET_MS = 60, READ_BYTES = 4096, READS_A_TURN = 16, TITLE_BYTES = 200 };

/* ---- what happens ---- */

void device_leave_call(struct term *t)
{
    if (--t->busy == 0 && t->closed)
        term_close(t);
}

void device_gone(struct term *t, const char *why)
{
    struct rk_err err;

    if (t->told_gone || t->closed)
        return;
    t->told_gone = true;
    if (t->poll)
        run_poll_set(t->poll, 0);
    rk_fail(&err, RK_UNAVAILABLE, "%s", why);
    t->busy++;
    if (t->ev.gone)
        t->ev.gone(&err, t->ctx);
    device_leave_call(t);
}

static void key_cb(const struct term_key *k, void *ctx)
{
    struct term *t = ctx;

    if (t->closed || t->told_gone)
        return;
    if (k->code == TERM_KEY_ANSWER)
        flow_answered(t);
    else if (!t->dropping && t->ev.key)
        t->ev.key(k, t->ctx);
}

static void read_all(struct term *t)
{
    char bytes[READ_BYTES];

    for (int i = 0; i < READS_A_TURN && !t->closed && !t->told_gone; i++) {
        ssize_t n = read(t->fd, bytes, sizeof(bytes));

        if (n > 0) {
            term_decoder_feed(t->decoder, (rk_str){bytes, (size_t)n}, run_loop_now(t->loop),
                              key_cb, t);
            if (n < (ssize_t)sizeof(bytes) && !t->dropping)
                return;
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            device_gone(t, "the terminal is gone");
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

static void lone_cb(void *ctx);

static void arm_lone(struct term *t)
{
    int ms = t->closed ? -1 : term_decoder_wait(t->decoder, run_loop_now(t->loop));

    run_timer_stop(t->lone);
    t->lone = ms < 0 ? NULL : run_timer_start(t->loop, (uint64_t)ms, 0, lone_cb, t);
}

/* What is in the tty comes before the clock: the loop may be late, and then so is the clock. */
static void take_input(struct term *t)
{
    t->reading = true;
    read_all(t);
    if (!t->closed)
        term_decoder_tick(t->decoder, run_loop_now(t->loop), key_cb, t);
    t->reading = t->dropping = false;
    arm_lone(t);
}

static void lone_cb(void *ctx)
{
    struct term *t = ctx;

    t->busy++;
    take_input(t);
    device_leave_call(t);
}

static void poll_cb(unsigned events, void *ctx)
{
    struct term *t = ctx;

    t->busy++;
    if (events & RUN_WRITE) {
        flow_writable(t);
        flow_room(t);
    }
    if (events & RUN_READ && !t->closed)
        take_input(t);
    if (events & RUN_HANGUP)
        device_gone(t, "the terminal is gone");
    device_leave_call(t);
}

void term_flush_input(struct term *t)
{
    t->dropping = true;
    if (t->reading)
        return; /* the reader goes on, and drops */
    t->busy++;
    take_input(t);
    device_leave_call(t);
}

/* ---- signals ---- */

static void resize_cb(void *ctx)
{
    struct term *t = ctx;
    int cols, rows;

    t->busy++;
    run_timer_stop(t->winch);
    t->winch = NULL;
    tty_size(t, &cols, &rows);
    if (cols != term_cols(t->screen) || rows != term_rows(t->screen)) {
        term_screen_resize(t->screen, cols, rows);
        if (t->ev.resized)
            t->ev.resized(t->ctx);
    }
    device_leave_call(t);
}

/* Back in the foreground: what was shown is gone. */
static void resumed(struct term *t)
{
    int cols, rows;

    tty_size(t, &cols, &rows);
    term_screen_resize(t->screen, cols, rows);
    term_screen_forget(t->screen);
    if (t->ev.resumed)
        t->ev.resumed(t->ctx);
}

static void signal_cb(int signum, void *ctx);

static const int handled[] = {SIGTSTP, SIGCONT, SIGWINCH, SIGHUP, SIGTERM, SIGINT};
enum { JOB_SIGNALS = 2 };               /* the first of them */
_Static_assert(RK_LEN(handled) <= RK_LEN(((struct term *)0)->signals), "room for each");

static void listen_to(struct term *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        t->signals[i] = run_signal_start(t->loop, handled[i], signal_cb, t);
}

static void ignore(struct term *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        run_signal_stop(t->signals[i]);
        t->signals[i] = NULL;
    }
}

/* The whole group stops, as if the terminal had sent it: a shell waits for all of a pipeline. */
void term_suspend(struct term *t)
{
    struct rk_err err;

    t->busy++;
    tty_leave(t);
    ignore(t, 0, JOB_SIGNALS);
    signal(SIGTSTP, SIG_IGN);
    kill(0, SIGTSTP);
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP); /* this thread stops in here; kill might return before another one took it */
    /* here again after SIGCONT, or at once when the group has no shell */
    listen_to(t, 0, JOB_SIGNALS);
    if (tty_enter(t, &err) < 0)
        device_gone(t, err.text);
    else
        resumed(t);
    device_leave_call(t);
}

/* SIGCONT without our own stop: after SIGSTOP. The shell may have set its modes meanwhile. */
static void continued(struct term *t)
{
    flow_reset(t);
    tty_enter_again(t);
    resumed(t);
}

static void signal_cb(int signum, void *ctx)
{
    struct term *t = ctx;

    t->busy++;
    if (t->closed || t->told_gone) {
        /* too late for anything */
    } else if (signum == SIGWINCH) {
        run_timer_stop(t->winch);
        t->winch = run_timer_start(t->loop, QUIET_MS, 0, resize_cb, t);
    } else if (signum == SIGTSTP) {
        term_suspend(t);
    } else if (signum == SIGCONT) {
        continued(t);
    } else {
        device_gone(t, signum == SIGHUP ? "the session is over" : "asked to end");
    }
    device_leave_call(t);
}

/* ---- life ---- */

static int open_tty(struct term *t, const char *path, struct rk_err *err)
{
    t->fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (t->fd < 0 || !isatty(t->fd))
        return rk_fail(err, RK_UNAVAILABLE, "no terminal: %s cannot be used; --plain needs none",
                       path);
    return 0;
}

static int open_screen(struct term *t, const struct term_opts *o, struct rk_err *err)
{
    struct term_screen_opts so = {.colors = o->colors, .ascii = o->ascii, .theme = o->theme};

    tty_size(t, &so.cols, &so.rows);
    return term_screen_open(&so, &t->screen, err);
}

static int start(struct term *t, const struct term_opts *o, struct rk_err *err)
{
    if (open_tty(t, o->path ? o->path : "/dev/tty", err) < 0 || open_screen(t, o, err) < 0)
        return -1;
    t->decoder = term_decoder_new();
    t->mouse = o->mouse;
    term_decoder_mouse(t->decoder, o->mouse);
    listen_to(t, 0, RK_LEN(handled));
    if (tty_enter(t, err) < 0)
        return -1;
    t->poll = run_poll_start(t->loop, t->fd, RUN_READ | RUN_HANGUP, poll_cb, t);
    if (!t->poll)
        return rk_fail(err, RK_UNAVAILABLE, "the terminal cannot be waited for");
    flow_writable(t);
    if (t->told_gone)
        return rk_fail(err, RK_UNAVAILABLE, "the terminal is gone");
    return 0;
}

int term_open(struct run_loop *loop, const struct term_opts *o, const struct term_events *ev,
              void *ctx, struct term **out, struct rk_err *err)
{
    struct term *t = rk_alloc(sizeof(*t));

    t->loop = loop;
    t->fd = -1;
    flow_open(t);
    if (start(t, o, err) < 0) {
        term_close(t);
        return -1;
    }
    t->ev = *ev; /* not before: nothing is called while opening */
    t->ctx = ctx;
    *out = t;
    return 0;
}

/* The second half of a close, when no callback is running any more. */
static void release(struct term *t)
{
    term_screen_close(t->screen);
    term_decoder_free(t->decoder);
    flow_close(t);
    free(t);
}

void term_close(struct term *t)
{
    if (!t)
        return;
    if (!t->closed) {
        t->closed = true;
        tty_leave(t);
        run_poll_stop(t->poll);
        t->poll = NULL;
        ignore(t, 0, RK_LEN(handled));
        run_timer_stop(t->lone);
        run_timer_stop(t->winch);
        t->lone = t->winch = NULL;
        clip_close(t);
        rk_close_fd(&t->fd);
    }
    if (!t->busy)
        release(t);
}

struct term_screen *term_screen_of(struct term *t)
{
    return t->screen;
}

struct term_counts term_counts(const struct term *t)
{
    return t->counts;
}

bool device_known_codes(const struct term *t)
{
    const char *entry = term_screen_entry(t->screen);

    return strncmp(entry, "linux", 5) != 0 && strncmp(entry, "vt", 2) != 0;
}

void term_window_title(struct term *t, rk_str text)
{
    rk_auto(rk_buf_release) struct rk_buf title = RK_BUF_INIT;

    if (!device_known_codes(t) || !t->entered)
        return;
    rk_buf_c(&title, "\033]2;");
    rk_text_safe(&title, (rk_str){text.p, text.n < TITLE_BYTES ? text.n : TITLE_BYTES}, 0);
    rk_buf_c(&title, "\033\\");
    flow_write(t, rk_buf_view(&title));
}
