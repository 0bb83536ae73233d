/*
 * device_test.h: the fixture of the device's tests: a real pty, whose terminal is libvterm in the same
 * process, and a loop with the device on it. No sleeps: WAIT turns the loop until a state is there,
 * ten seconds at most.
 */
#ifndef RK_TERM_DEVICE_TEST_H
#define RK_TERM_DEVICE_TEST_H

#include "term/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "reckon/time.h"
#include "term/device.h"

struct world {
    struct run_loop *loop;
    int master, slave;          /* the slave as the shell has it */
    char path[64];
    struct termios before;
    struct term *term;
    struct vt vt;
    bool answering;             /* the terminal says what it is asked for */
    struct rk_buf got;          /* all that was written to the tty */
    struct rk_buf keys;
    int rooms, resizes, resumes, goes;
    struct rk_err why;
    const char *in_key;         /* what the key function does: "close", "flush" */
    bool close_in_room, close_in_gone;
    int copies;
    char how[300];
    struct rk_err copy_err;
};

/* ---- the terminal's side ---- */

static bool pump(struct world *w)
{
    char bytes[4096];
    ssize_t n = w->master < 0 ? -1 : read(w->master, bytes, sizeof(bytes));

    if (n <= 0)
        return false;
    rk_buf_add(&w->got, bytes, (size_t)n);
    vt_feed(&w->vt, (rk_str){bytes, (size_t)n});
    if (w->answering && w->vt.answers.n)
        assert_int_equal(write(w->master, w->vt.answers.p, w->vt.answers.n), w->vt.answers.n);
    rk_buf_clear(&w->vt.answers);
    return true;
}

static void turn(struct world *w)
{
    struct run_timer *t = run_timer_start(w->loop, 1, 0, (run_fn)run_loop_stop, w->loop);

    run_loop_run(w->loop);
    run_timer_stop(t);
}

#define WAIT_WITH(w, expr, step) do { \
    uint64_t limit_ = rk_mono_ms() + 10000; \
    while (!(expr)) { \
        if (rk_mono_ms() > limit_) \
            fail_msg("waited in vain for %s", #expr); \
        step; \
    } \
} while (0)
#define WAIT(w, expr) WAIT_WITH(w, expr, { turn(w); pump(w); })
/* Lets what is on its way arrive: a key, and what it did. */
#define SETTLE(w) do { \
    type(w, "\037"); \
    WAIT(w, strstr((w)->keys.p, "ctrl-_")); \
    rk_buf_clear(&(w)->keys); \
} while (0)

RK_UNUSED static void type(struct world *w, const char *bytes)
{
    assert_int_equal(write(w->master, bytes, strlen(bytes)), strlen(bytes));
}

/* ---- the program's side ---- */

static void close_term(struct world *w)
{
    term_close(w->term);
    w->term = NULL;
}

static void key(const struct term_key *k, void *ctx)
{
    struct world *w = ctx;
    char name[24];

    term_key_name(k, name);
    rk_buf_f(&w->keys, "%s%s", w->keys.n ? " " : "", name);
    if (rk_streq(w->in_key, "close"))
        close_term(w);
    else if (rk_streq(w->in_key, "flush"))
        term_flush_input(w->term);
}

static void resized(void *ctx) { ((struct world *)ctx)->resizes++; }
static void resumed_cb(void *ctx) { ((struct world *)ctx)->resumes++; }

static void room(void *ctx)
{
    struct world *w = ctx;

    w->rooms++;
    if (w->close_in_room)
        close_term(w);
}

static void gone(const struct rk_err *why, void *ctx)
{
    struct world *w = ctx;

    w->goes++;
    w->why = *why;
    if (w->close_in_gone)
        close_term(w);
}

static const struct term_events events = {key, resized, room, resumed_cb, gone};

RK_UNUSED static void open_term(struct world *w)
{
    struct term_opts o = {.path = w->path};
    struct rk_err err;

    if (term_open(w->loop, &o, &events, w, &w->term, &err) < 0)
        fail_msg("%s", err.text);
}

static void draw(struct world *w, const char *text)
{
    struct term_screen *s = term_screen_of(w->term);

    term_begin(s);
    term_put(s, 0, 0, 80, TERM_TITLE, rk_str_c(text));
}

RK_UNUSED static bool show(struct world *w, const char *text)
{
    draw(w, text);
    return term_present(w->term);
}

/* ---- before and after ---- */

static void open_pty(struct world *w)
{
    struct winsize size = {.ws_col = 80, .ws_row = 24};

    w->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(w->master >= 0);
    assert_int_equal(grantpt(w->master), 0);
    assert_int_equal(unlockpt(w->master), 0);
    assert_int_equal(ptsname_r(w->master, w->path, sizeof(w->path)), 0);
    w->slave = open(w->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(w->slave >= 0);
    assert_int_equal(ioctl(w->slave, TIOCSWINSZ, &size), 0);
    assert_int_equal(fcntl(w->master, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    assert_int_equal(tcgetattr(w->slave, &w->before), 0);
}

static int setup(void **state)
{
    struct world *w = rk_alloc(sizeof(*w));

    unsetenv("TMUX");
    unsetenv("STY");
    w->loop = run_loop_new();
    w->got = w->keys = RK_BUF_INIT;
    w->answering = true;
    open_pty(w);
    vt_init(&w->vt, 80, 24);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    term_close(w->term);
    turn(w);
    run_loop_free(w->loop);
    rk_close_fd(&w->master);
    rk_close_fd(&w->slave);
    vt_release(&w->vt);
    rk_buf_release(&w->got);
    rk_buf_release(&w->keys);
    free(w);
    return 0;
}

RK_UNUSED static bool modes_are_back(const struct world *w)
{
    struct termios now;

    assert_int_equal(tcgetattr(w->slave, &now), 0);
    return now.c_iflag == w->before.c_iflag && now.c_oflag == w->before.c_oflag &&
           now.c_lflag == w->before.c_lflag && now.c_cflag == w->before.c_cflag &&
           memcmp(now.c_cc, w->before.c_cc, sizeof(now.c_cc)) == 0;
}

RK_UNUSED static void assert_given_back(struct world *w)
{
    while (pump(w))
        ;
    assert_true(modes_are_back(w));
    assert_int_equal(fcntl(w->slave, F_GETFL) & O_NONBLOCK, 0);
    assert_false(w->vt.alternate);
    assert_true(w->vt.caret);
    assert_int_equal(w->vt.mouse, VTERM_PROP_MOUSE_NONE);
    assert_non_null(strstr(w->got.p, "\033[23;0t"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
