/*
 * crash_test.c: another process on the pty, which dies of anything, or is stopped and goes on: the
 * terminal is as it was.
 */
#include "device_test.h"

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
    struct term_opts o = {.mouse = true};       /* whatever ends it takes that back, too */
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
    assert_true(rk_mono_ms() - start < 3000);
}

/* ---- stop and go on, under a shell ---- */

/* The other half of a pipeline: in the job's group, and of no other use. */
static pid_t start_partner(pid_t job)
{
    pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, job);
        for (;;)
            pause();
    }
    setpgid(pid, job);
    return pid;
}

/*
 * The shell: a session of its own whose foreground job is the child and its partner; reports by
 * letters when both have stopped, or the child has ended.
 */
RK_NORETURN static void shell_main(struct world *w, int report)
{
    pid_t pid, partner;
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
    setpgid(pid, pid);
    partner = start_partner(pid);
    if (write(report, &pid, sizeof(pid)) != sizeof(pid))
        _exit(9);
    for (;;) {
        if (waitpid(pid, &status, WUNTRACED) != pid)
            _exit(9);
        if (!WIFSTOPPED(status))
            kill(partner, SIGKILL);
        if (waitpid(partner, NULL, WUNTRACED) != partner)
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
        kill(-s.job, SIGCONT);
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

    kill(-s.job, SIGSTOP);
    WAIT_WITH(w, next_report(&s) == 'S', pump(w));
    assert_int_equal(tcsetattr(w->slave, TCSANOW, &w->before), 0); /* as a shell does */
    vt_feed(&w->vt, RK_STR("\033[?1049l\033[?25h\033[2Jprompt"));
    kill(-s.job, SIGCONT);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(any_end_gives_it_back),
        T(asked_to_end_it_gives_it_back),
        T(exit_and_fatal_give_it_back),
        T(even_kill_9_leaves_the_shells_flags_alone),
        T(the_terminal_hangs_up_on_the_process),
        T(stops_and_goes_on),
        T(a_stop_it_could_not_see_is_made_good),
        T(without_a_shell_it_goes_on_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
