/*
 * term_test.c: the device on a real pty: modes and flags before and after, whatever ends the
 * process; flow control; resize, stop and go on; a terminal that goes away; copies.
 */
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

static void type(struct world *w, const char *bytes)
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

static void open_term(struct world *w)
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

static bool show(struct world *w, const char *text)
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

static bool modes_are_back(const struct world *w)
{
    struct termios now;

    assert_int_equal(tcgetattr(w->slave, &now), 0);
    return now.c_iflag == w->before.c_iflag && now.c_oflag == w->before.c_oflag &&
           now.c_lflag == w->before.c_lflag && now.c_cflag == w->before.c_cflag &&
           memcmp(now.c_cc, w->before.c_cc, sizeof(now.c_cc)) == 0;
}

static void assert_given_back(struct world *w)
{
    while (pump(w))
        ;
    assert_true(modes_are_back(w));
    assert_int_equal(fcntl(w->slave, F_GETFL) & O_NONBLOCK, 0);
    assert_false(w->vt.alternate);
    assert_true(w->vt.caret);
    assert_non_null(strstr(w->got.p, "\033[23;0t"));
}

static void it_is_given_back_as_it_was(void **state)
{
    struct world *w = *state;
    struct termios raw;

    open_term(w);
    WAIT(w, w->vt.alternate);
    assert_int_equal(tcgetattr(w->slave, &raw), 0);
    assert_int_equal(raw.c_lflag & (tcflag_t)(ICANON | ECHO | ISIG | IEXTEN), 0);
    assert_int_equal(raw.c_iflag & (tcflag_t)(IXON | ICRNL), 0); /* ctrl-s freezes nothing */
    assert_int_equal(fcntl(w->slave, F_GETFL) & O_NONBLOCK, 0);
    assert_non_null(strstr(w->got.p, "\033[22;0t"));
    assert_non_null(strstr(w->got.p, "\033[?2004h"));
    assert_false(w->vt.caret);
    assert_true(show(w, "picture"));
    WAIT(w, vt_has(&w->vt, "picture"));
    close_term(w);
    assert_given_back(w);
    assert_non_null(strstr(w->got.p, "\033[?2004l"));
}

static void no_terminal_is_an_error(void **state)
{
    struct world *w = *state;
    struct term_opts o = {.path = "/dev/null"};
    struct rk_err err;

    assert_int_equal(term_open(w->loop, &o, &events, w, &w->term, &err), -1);
    assert_int_equal(err.code, RK_UNAVAILABLE);
    assert_string_equal(err.text, "no terminal: /dev/null cannot be used; --plain needs none");
    o.path = "/nonexistent";
    assert_int_equal(term_open(w->loop, &o, &events, w, &w->term, &err), -1);
    assert_int_equal(err.code, RK_UNAVAILABLE);
    setenv("TERM", "dumb", 1);
    o.path = w->path;
    assert_int_equal(term_open(w->loop, &o, &events, w, &w->term, &err), -1);
    assert_int_equal(err.code, RK_UNSUPPORTED);
    setenv("TERM", "xterm-256color", 1);
    assert_null(w->term);
    assert_true(modes_are_back(w));
    assert_int_equal(w->goes, 0);
    term_close(NULL);
}

static void without_an_alternate_screen_the_shell_goes_on_below(void **state)
{
    struct world *w = *state;

    setenv("TERM", "vt100", 1);
    open_term(w);
    setenv("TERM", "xterm-256color", 1);
    close_term(w);
    assert_given_back(w);
    assert_non_null(strstr(w->got.p, "\033[999;1H\r\n"));
}

/* ---- keys ---- */

static void keys_come_and_answers_do_not(void **state)
{
    struct world *w = *state;

    type(w, "typed before");
    open_term(w);
    WAIT(w, w->vt.alternate);
    type(w, "j\033[Aé\033[0n\033[200~A\nb\033[201~");
    WAIT(w, strstr(w->keys.p, "paste"));
    assert_string_equal(w->keys.p, "j up é a paste");
    rk_buf_clear(&w->keys);
    type(w, "\033");
    WAIT(w, w->keys.n);
    assert_string_equal(w->keys.p, "esc");
}

static void what_is_typed_ahead_is_dropped(void **state)
{
    struct world *w = *state;

    w->answering = false;
    open_term(w);
    assert_true(show(w, "dialog"));
    WAIT(w, strstr(w->got.p, "\033[5n"));
    type(w, "AAAA\033[0nA");
    term_flush_input(w->term); /* keys go, the answer counts */
    assert_int_equal(w->rooms, 1);
    assert_true(term_idle(w->term));
    SETTLE(w);
    w->in_key = "flush";
    type(w, "dAAAA\033[0nAA");
    WAIT(w, w->keys.n);
    w->in_key = NULL;
    type(w, "x");
    WAIT(w, strstr(w->keys.p, "x"));
    assert_string_equal(w->keys.p, "d x");
}

static void a_callback_may_close_it(void **state)
{
    struct world *w = *state;

    open_term(w);
    w->in_key = "close";
    type(w, "abc");
    WAIT(w, !w->term);
    assert_string_equal(w->keys.p, "a");
    assert_given_back(w);
    w->in_key = NULL;
    w->close_in_room = true;
    open_term(w);
    assert_true(show(w, "one"));
    WAIT(w, !w->term);
    assert_int_equal(w->rooms, 1);
    assert_given_back(w);
}

/* ---- flow ---- */

static void a_frame_is_one_write_in_brackets(void **state)
{
    struct world *w = *state;
    struct term_counts before, after;

    open_term(w);
    WAIT(w, w->vt.alternate);
    rk_buf_clear(&w->got);
    before = term_counts(w->term);
    assert_true(show(w, "hello"));
    after = term_counts(w->term);
    assert_int_equal(after.writes - before.writes, 1);
    assert_int_equal(after.frames, 1);
    WAIT(w, vt_has(&w->vt, "hello"));
    assert_int_equal(after.bytes - before.bytes, w->got.n);
    assert_true(rk_str_starts(rk_buf_view(&w->got), "\033[?2026h"));
    assert_true(rk_str_ends(rk_buf_view(&w->got), "\033[?2026l\033[5n"));
    WAIT(w, term_idle(w->term));
    before = term_counts(w->term);
    assert_false(show(w, "hello")); /* the same: not a byte */
    assert_int_equal(term_counts(w->term).bytes, before.bytes);
    assert_true(term_idle(w->term));
}

static void the_next_frame_waits_for_the_answer(void **state)
{
    struct world *w = *state;

    w->answering = false;
    open_term(w);
    assert_true(term_idle(w->term));
    assert_true(show(w, "one"));
    WAIT(w, strstr(w->got.p, "\033[5n"));
    assert_false(term_idle(w->term));
    assert_false(show(w, "two"));
    SETTLE(w);
    assert_int_equal(w->rooms, 0);
    assert_false(vt_has(&w->vt, "two"));
    type(w, "\033[0n");
    WAIT(w, w->rooms == 1);
    assert_true(term_idle(w->term));
    assert_true(show(w, "three"));
    WAIT(w, vt_has(&w->vt, "three"));
    assert_int_equal(w->rooms, 1);
    type(w, "\033[0n\033[0n"); /* one more than was asked for */
    WAIT(w, w->rooms == 3 && term_idle(w->term));
    assert_true(show(w, "four"));
    assert_false(term_idle(w->term));
}

static void a_terminal_that_does_not_answer_gets_15_a_second(void **state)
{
    struct world *w = *state;
    uint64_t start = rk_mono_ms(), took;

    w->answering = false;
    open_term(w);
    assert_true(show(w, "0"));
    WAIT(w, w->rooms == 1);
    took = rk_mono_ms() - start;
    assert_in_range(took, 1950, 4000);
    start = rk_mono_ms();
    for (int i = 1; i <= 6; i++) {
        char text[8];
        snprintf(text, sizeof(text), "%d", i);
        assert_true(show(w, text));
        assert_false(term_idle(w->term));
        WAIT(w, w->rooms == 1 + i);
    }
    took = rk_mono_ms() - start;
    assert_in_range(took, 6 * 66 - 10, 2000);
    type(w, "\033[0n\033[0n\033[0n\033[0n\033[0n\033[0n"); /* it was only slow */
    WAIT(w, term_idle(w->term) && w->rooms >= 8);
    int rooms = w->rooms;
    assert_true(show(w, "with the rule again"));
    WAIT(w, vt_has(&w->vt, "with the rule"));
    start = rk_mono_ms();
    WAIT(w, rk_mono_ms() > start + 200);
    assert_int_equal(w->rooms, rooms);
    assert_false(term_idle(w->term));
}

static void a_frame_larger_than_the_ttys_buffer_is_sent_whole(void **state)
{
    struct world *w = *state;
    struct winsize size = {.ws_col = 200, .ws_row = 60};
    struct term_screen *s;

    assert_int_equal(ioctl(w->slave, TIOCSWINSZ, &size), 0);
    vt_resize(&w->vt, 200, 60);
    open_term(w);
    s = term_screen_of(w->term);
    assert_int_equal(term_cols(s), 200);
    term_begin(s);
    for (int y = 0; y < 60; y++)
        for (int x = 0; x < 200; x++)
            term_putf(s, x, y, 1, (enum term_role)((x + y) % TERM_ROLE_MAX), "%c", 'a' + (x * y) % 26);
    assert_true(term_present(w->term));
    for (int i = 0; i < 20; i++)
        turn(w); /* nobody reads: it does not spin, and does not block */
    assert_false(term_idle(w->term));
    assert_false(strstr(w->got.p, "\033[5n"));
    WAIT(w, w->rooms == 1);
    vt_same(&w->vt, s);
}

static void a_new_size_is_told_once_a_burst(void **state)
{
    struct world *w = *state;
    struct winsize size = {.ws_col = 100, .ws_row = 30};

    open_term(w);
    for (int i = 0; i < 20; i++) {
        size.ws_col = (unsigned short)(size.ws_col + 1);
        assert_int_equal(ioctl(w->slave, TIOCSWINSZ, &size), 0);
        raise(SIGWINCH);
        turn(w);
    }
    assert_int_equal(w->resizes, 0);
    WAIT(w, w->resizes == 1);
    assert_int_equal(term_cols(term_screen_of(w->term)), 120);
    assert_int_equal(term_rows(term_screen_of(w->term)), 30);
    vt_resize(&w->vt, 120, 30);
    assert_true(show(w, "wider"));
    WAIT(w, w->rooms == 1);
    vt_same(&w->vt, term_screen_of(w->term));
    raise(SIGWINCH); /* the same size: nothing to do */
    SETTLE(w);
    uint64_t start = rk_mono_ms();
    WAIT(w, rk_mono_ms() > start + 100);
    assert_int_equal(w->resizes, 1);
}

/* ---- the end ---- */

static void a_closed_terminal_is_gone_once(void **state)
{
    struct world *w = *state;

    open_term(w);
    WAIT(w, w->vt.alternate);
    rk_close_fd(&w->slave);
    rk_close_fd(&w->master);
    WAIT_WITH(w, w->goes, turn(w));
    assert_int_equal(w->why.code, RK_UNAVAILABLE);
    assert_string_equal(w->why.text, "the terminal is gone");
    raise(SIGHUP);
    raise(SIGTERM);
    for (int i = 0; i < 20; i++)
        turn(w);
    assert_int_equal(w->goes, 1);
    assert_false(show(w, "nobody sees it"));
    uint64_t start = rk_mono_ms();
    close_term(w);
    assert_true(rk_mono_ms() - start < 200);
}

static void signals_that_end_it_are_told(void **state)
{
    static const int signals[] = {SIGHUP, SIGTERM, SIGINT};
    struct world *w = *state;

    for (size_t i = 0; i < RK_LEN(signals); i++) {
        w->goes = 0;
        w->close_in_gone = i == 1;
        open_term(w);
        raise(signals[i]);
        WAIT(w, w->goes);
        assert_string_equal(w->why.text, i ? "asked to end" : "the session is over");
        if (w->term)
            close_term(w);
        assert_int_equal(w->goes, 1);
        assert_given_back(w);
    }
}

static void the_shell_does_not_read_our_answers(void **state)
{
    struct world *w = *state;
    char bytes[100];

    open_term(w);
    assert_true(show(w, "last"));
    while (!strstr(w->got.p, "\033[5n"))
        pump(w); /* answered now, and not read by anybody */
    close_term(w);
    assert_given_back(w);
    assert_int_equal(fcntl(w->slave, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    assert_int_equal(read(w->slave, bytes, sizeof(bytes)), -1);
    assert_int_equal(errno, EAGAIN);
}

/* ---- another process, which dies ---- */

static void child_key(const struct term_key *k, void *ctx)
{
    struct term *t = *(struct term **)ctx;

    if (k->ch == 'f')
        rk_fatal("on purpose");
    if (k->ch == 'e')
        exit(3);
    if (k->ch == 'z')
        term_suspend(t);
}

static void child_draw(void *ctx)
{
    struct term *t = *(struct term **)ctx;
    struct term_screen *s = term_screen_of(t);
    static int n;

    term_begin(s);
    term_putf(s, 0, 0, 80, TERM_TITLE, "ready %d", ++n);
    term_present(t);
}

static void child_gone(const struct rk_err *why, void *ctx)
{
    (void)why;
    term_close(*(struct term **)ctx);
    _exit(7);
}

/* Runs on /dev/tty until something ends it. */
RK_NORETURN static void child_main(void)
{
    static const struct term_events ev = {.key = child_key, .resumed = child_draw,
                                          .gone = child_gone};
    static struct term *t;
    struct term_opts o = {0};
    struct rk_err err;
    struct run_loop *loop = run_loop_new();

    for (int s = 1; s < 32; s++)
        if (s != SIGPIPE)
            signal(s, SIG_DFL); /* a sanitizer's and cmocka's */
    if (term_open(loop, &o, &ev, &t, &t, &err) < 0)
        _exit(9);
    child_draw(&t);
    run_loop_run(loop);
    _exit(8);
}

static void take_tty(const struct world *w)
{
    int null = open("/dev/null", O_RDWR), fd;

    setsid();
    close(w->master);
    close(w->slave);
    fd = open(w->path, O_RDWR); /* becomes the controlling one */
    if (fd < 0 || null < 0 || dup2(null, 2) < 0)
        _exit(9);
}

static pid_t start_child(struct world *w)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        take_tty(w);
        child_main();
    }
    WAIT_WITH(w, vt_has(&w->vt, "ready 1"), pump(w));
    return pid;
}

static int wait_child(struct world *w, pid_t pid)
{
    int status = 0;

    WAIT_WITH(w, waitpid(pid, &status, WNOHANG) == pid, pump(w));
    return status;
}

static void any_end_gives_it_back(void **state)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGUSR1,
                                  SIGALRM, SIGXCPU};
    struct world *w = *state;

    for (size_t i = 0; i < RK_LEN(signals); i++) {
        pid_t pid = start_child(w);
        int status;

        assert_false(modes_are_back(w));
        kill(pid, signals[i]);
        status = wait_child(w, pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]); /* the real reason is told */
        assert_given_back(w);
        rk_buf_clear(&w->got);
        vt_feed(&w->vt, RK_STR("\033[2J\033[H"));
    }
}

static void asked_to_end_it_gives_it_back(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    struct world *w = *state;

    for (size_t i = 0; i < RK_LEN(signals); i++) {
        pid_t pid = start_child(w);
        int status;

        kill(pid, signals[i]);
        status = wait_child(w, pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 7);
        assert_given_back(w);
        rk_buf_clear(&w->got);
    }
}

static void exit_and_fatal_give_it_back(void **state)
{
    struct world *w = *state;
    pid_t pid = start_child(w);
    int status;

    type(w, "e");
    status = wait_child(w, pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    assert_given_back(w);
    rk_buf_clear(&w->got);
    pid = start_child(w);
    type(w, "f");
    status = wait_child(w, pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_given_back(w);
}

static void even_kill_9_leaves_the_shells_flags_alone(void **state)
{
    struct world *w = *state;
    pid_t pid = start_child(w);

    kill(pid, SIGKILL);
    wait_child(w, pid);
    assert_int_equal(fcntl(w->slave, F_GETFL) & O_NONBLOCK, 0);
}

static void the_terminal_hangs_up_on_the_process(void **state)
{
    struct world *w = *state;
    pid_t pid = start_child(w);
    uint64_t start = rk_mono_ms();
    int status;

    rk_close_fd(&w->slave);
    rk_close_fd(&w->master);
    status = wait_child(w, pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    assert_true(rk_mono_ms() - start < 1000);
}

/* ---- stop and go on, under a shell ---- */

/* The shell: a session of its own whose foreground job is the child; reports stops by letters. */
RK_NORETURN static void shell_main(struct world *w, int report)
{
    pid_t pid;
    int status;

    take_tty(w);
    signal(SIGTTOU, SIG_IGN);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(open("/dev/tty", O_RDWR | O_CLOEXEC), getpgrp());
        child_main();
    }
    if (write(report, &pid, sizeof(pid)) != sizeof(pid))
        _exit(9);
    for (;;) {
        if (waitpid(pid, &status, WUNTRACED) != pid)
            _exit(9);
        if (write(report, WIFSTOPPED(status) ? "S" : "E", 1) != 1 || !WIFSTOPPED(status))
            _exit(0);
    }
}

struct shell { pid_t pid, job; int report; };

static struct shell start_shell(struct world *w)
{
    struct shell s;
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    s.pid = fork();
    if (s.pid == 0)
        shell_main(w, fds[1]);
    close(fds[1]);
    s.report = fds[0];
    assert_int_equal(read(s.report, &s.job, sizeof(s.job)), sizeof(s.job));
    WAIT_WITH(w, vt_has(&w->vt, "ready 1"), pump(w));
    assert_int_equal(fcntl(s.report, F_SETFL, O_NONBLOCK), 0);
    return s;
}

static char next_report(const struct shell *s)
{
    char c = 0;

    return read(s->report, &c, 1) == 1 ? c : 0;
}

static void end_shell(struct world *w, struct shell *s)
{
    char c;

    kill(s->job, SIGTERM);
    WAIT_WITH(w, (c = next_report(s)) != 0, pump(w));
    assert_int_equal(c, 'E');
    wait_child(w, s->pid);
    close(s->report);
    assert_given_back(w);
}

static void stops_and_goes_on(void **state)
{
    struct world *w = *state;

    for (int by_key = 0; by_key < 2; by_key++) {
        struct shell s = start_shell(w);

        if (by_key)
            type(w, "z");
        else
            kill(s.job, SIGTSTP);
        WAIT_WITH(w, next_report(&s) == 'S', pump(w));
        assert_given_back(w);
        rk_buf_clear(&w->got);
        kill(s.job, SIGCONT);
        WAIT_WITH(w, vt_has(&w->vt, "ready 2"), pump(w));
        assert_true(w->vt.alternate);
        assert_false(modes_are_back(w));
        end_shell(w, &s);
        rk_buf_clear(&w->got);
    }
}

static void a_stop_it_could_not_see_is_made_good(void **state)
{
    struct world *w = *state;
    struct shell s = start_shell(w);

    kill(s.job, SIGSTOP);
    WAIT_WITH(w, next_report(&s) == 'S', pump(w));
    assert_int_equal(tcsetattr(w->slave, TCSANOW, &w->before), 0); /* as a shell does */
    vt_feed(&w->vt, RK_STR("\033[?1049l\033[?25h\033[2Jprompt"));
    kill(s.job, SIGCONT);
    WAIT_WITH(w, vt_has(&w->vt, "ready 2"), pump(w));
    assert_true(w->vt.alternate);
    assert_false(w->vt.caret);
    assert_false(vt_has(&w->vt, "prompt"));
    assert_false(modes_are_back(w));
    end_shell(w, &s);
}

static void without_a_shell_it_goes_on_at_once(void **state)
{
    struct world *w = *state;
    pid_t pid = start_child(w);

    kill(pid, SIGTSTP);
    WAIT_WITH(w, vt_has(&w->vt, "ready 2"), pump(w));
    kill(pid, SIGTERM);
    wait_child(w, pid);
    assert_given_back(w);
}

/* ---- title and copies ---- */

static void the_title_is_set_and_safe(void **state)
{
    struct world *w = *state;

    open_term(w);
    term_window_title(w->term, RK_STR("reckon: PROD x1\033]0;evil\a!2"));
    WAIT(w, w->vt.title[0]);
    assert_string_equal(w->vt.title, "reckon: PROD x1\\x1b]0;evil\\x07!2");
    close_term(w);
    setenv("TERM", "linux", 1);
    open_term(w);
    setenv("TERM", "xterm-256color", 1);
    WAIT(w, w->vt.alternate);
    rk_buf_clear(&w->got);
    term_window_title(w->term, RK_STR("it would show this"));
    SETTLE(w);
    assert_null(strstr(w->got.p, "show"));
}

static void copied(const char *how, const struct rk_err *err, void *ctx)
{
    struct world *w = ctx;

    w->copies++;
    snprintf(w->how, sizeof(w->how), "%s", how ? how : "");
    if (err)
        w->copy_err = *err;
}

static void copy(struct world *w, rk_str text)
{
    int before = w->copies;

    term_copy(w->term, text, copied, w);
    assert_int_equal(w->copies, before); /* never inside the call */
    WAIT(w, w->copies == before + 1);
}

static void a_copy_goes_to_the_terminal(void **state)
{
    struct world *w = *state;

    open_term(w);
    copy(w, RK_STR("hello"));
    assert_string_equal(w->how, "sent to the terminal");
    WAIT(w, strstr(w->got.p, "\033]52;c;aGVsbG8=\033\\"));
    copy(w, RK_STR(""));
    WAIT(w, strstr(w->got.p, "\033]52;c;\033\\"));
}

static void gnu_screen_gets_it_in_pieces(void **state)
{
    struct world *w = *state;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, osc = RK_BUF_INIT, all = RK_BUF_INIT;

    for (int i = 0; i < 1000; i++)
        rk_buf_ch(&text, (char)('a' + i % 26));
    setenv("STY", "123.pts-0.host", 1);
    open_term(w);
    WAIT(w, w->vt.alternate);
    rk_buf_clear(&w->got);
    copy(w, rk_buf_view(&text));
    rk_buf_c(&osc, "\033]52;c;");
    rk_base64(&osc, text.p, text.n);
    rk_buf_c(&osc, "\a");
    rk_buf_c(&all, "\033P");
    rk_buf_add(&all, osc.p, 768);
    rk_buf_c(&all, "\033\\\033P");
    rk_buf_add(&all, osc.p + 768, osc.n - 768);
    rk_buf_c(&all, "\033\\");
    WAIT(w, w->got.n >= all.n);
    assert_string_equal(w->got.p, all.p);
    unsetenv("STY");
}

static char *scratch(void)
{
    char *dir = rk_strdup("/tmp/reckon-term-XXXXXX");

    assert_non_null(mkdtemp(dir));
    return dir;
}

static void read_file(const char *path, struct rk_buf *out, mode_t *mode)
{
    char bytes[4096];
    struct stat st;
    ssize_t n;
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    *mode = st.st_mode & 0777;
    rk_buf_clear(out);
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        rk_buf_add(out, bytes, (size_t)n);
    close(fd);
}

static void what_no_terminal_takes_goes_into_a_file(void **state)
{
    struct world *w = *state;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, back = RK_BUF_INIT;
    char *dir = scratch();
    const char *path;
    mode_t mode;

    setenv("XDG_RUNTIME_DIR", dir, 1);
    open_term(w);
    while (text.n < 56246) /* one byte more than 74,994 of base64 hold */
        rk_buf_ch(&text, 'x');
    copy(w, rk_buf_view(&text));
    assert_true(rk_str_starts(rk_str_c(w->how), "written to "));
    path = w->how + strlen("written to ");
    assert_true(rk_str_starts(rk_str_c(path), dir));
    read_file(path, &back, &mode);
    assert_int_equal(mode, 0600);
    assert_true(rk_str_eq(rk_buf_view(&back), rk_buf_view(&text)));
    unlink(path);
    rk_buf_clear(&text);
    while (text.n < 56244)
        rk_buf_ch(&text, 'x');
    copy(w, rk_buf_view(&text));
    assert_string_equal(w->how, "sent to the terminal");
    setenv("XDG_RUNTIME_DIR", "/nonexistent", 1); /* then /tmp */
    rk_buf_c(&text, "more");
    copy(w, rk_buf_view(&text));
    assert_true(rk_str_starts(rk_str_c(w->how), "written to /tmp/reckon-copy-"));
    unlink(w->how + strlen("written to "));
    unsetenv("XDG_RUNTIME_DIR");
    assert_int_equal(rmdir(dir), 0);
    free(dir);
}

/* A tmux that keeps what it is given, or fails. */
static char *fake_tmux(const char *dir, const char *script)
{
    char *path = rk_asprintf("%s/tmux", dir), *old = rk_strdup(getenv("PATH"));
    char *env = rk_asprintf("%s:%s", dir, old);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

    assert_true(fd >= 0);
    dprintf(fd, "#!/bin/sh\n%s\n", script);
    close(fd);
    setenv("PATH", env, 1);
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    free(env);
    free(path);
    return old;
}

static void tmux_gets_it_by_its_own_command(void **state)
{
    struct world *w = *state;
    rk_auto(rk_buf_release) struct rk_buf back = RK_BUF_INIT;
    char *dir = scratch(), *script, *path, *kept = rk_asprintf("%s/kept", dir);
    mode_t mode;

    script = rk_asprintf("echo \"$@\" >'%s'; cat >>'%s'", kept, kept);
    path = fake_tmux(dir, script);
    free(script);
    open_term(w);
    copy(w, RK_STR("by tmux"));
    assert_string_equal(w->how, "sent to tmux's buffer and the terminal");
    read_file(kept, &back, &mode);
    assert_string_equal(back.p, "load-buffer -w -\nby tmux");
    assert_null(strstr(w->got.p, "\033]52"));
    free(fake_tmux(dir, "exit 1"));
    copy(w, RK_STR("not by tmux"));
    assert_true(rk_str_starts(rk_str_c(w->how), "written to "));
    unlink(w->how + strlen("written to "));
    free(fake_tmux(dir, "cat >/dev/null; exec sleep 60"));
    term_copy(w->term, RK_STR("never told"), copied, w);
    term_copy(w->term, RK_STR("nor this"), copied, w);
    close_term(w);
    int before = w->copies;
    run_loop_run(w->loop); /* ends when their children have */
    run_loop_free(w->loop);
    w->loop = run_loop_new();
    assert_int_equal(w->copies, before);
    setenv("PATH", path, 1);
    unsetenv("TMUX");
    free(path);
    path = rk_asprintf("%s/tmux", dir);
    unlink(path);
    unlink(kept);
    assert_int_equal(rmdir(dir), 0);
    free(path);
    free(kept);
    free(dir);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_is_given_back_as_it_was),
        T(no_terminal_is_an_error),
        T(without_an_alternate_screen_the_shell_goes_on_below),
        T(keys_come_and_answers_do_not),
        T(what_is_typed_ahead_is_dropped),
        T(a_callback_may_close_it),
        T(a_frame_is_one_write_in_brackets),
        T(the_next_frame_waits_for_the_answer),
        T(a_terminal_that_does_not_answer_gets_15_a_second),
        T(a_frame_larger_than_the_ttys_buffer_is_sent_whole),
        T(a_new_size_is_told_once_a_burst),
        T(a_closed_terminal_is_gone_once),
        T(signals_that_end_it_are_told),
        T(the_shell_does_not_read_our_answers),
        T(any_end_gives_it_back),
        T(asked_to_end_it_gives_it_back),
        T(exit_and_fatal_give_it_back),
        T(even_kill_9_leaves_the_shells_flags_alone),
        T(the_terminal_hangs_up_on_the_process),
        T(stops_and_goes_on),
        T(a_stop_it_could_not_see_is_made_good),
        T(without_a_shell_it_goes_on_at_once),
        T(the_title_is_set_and_safe),
        T(a_copy_goes_to_the_terminal),
        T(gnu_screen_gets_it_in_pieces),
        T(what_no_terminal_takes_goes_into_a_file),
        T(tmux_gets_it_by_its_own_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
