/*
 * term_test.c: the device on a real pty: modes and flags, keys, flow control, sizes, a terminal that
 * goes away, the title.
 */
#include "device_test.h"

#include <pthread.h>

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

/* Only when it is asked for, and never what moves: each move would cross the line. */
static void the_mouse_is_off_unless_asked_for(void **state)
{
    struct world *w = *state;
    struct term_opts o = {.path = w->path, .mouse = true};
    struct rk_err err;

    open_term(w);
    WAIT(w, w->vt.alternate);
    assert_int_equal(w->vt.mouse, VTERM_PROP_MOUSE_NONE);
    close_term(w);
    assert_given_back(w);
    assert_int_equal(term_open(w->loop, &o, &events, w, &w->term, &err), 0);
    WAIT(w, w->vt.mouse == VTERM_PROP_MOUSE_CLICK);
    assert_non_null(strstr(w->got.p, "\033[?1006h"));
    assert_null(strstr(w->got.p, "\033[?1002h"));
    assert_null(strstr(w->got.p, "\033[?1003h"));
    close_term(w);
    assert_given_back(w);
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
        char text[16];
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

/* A slow terminal: it answers the last frame when it has also seen that the program has left. */
static void *answer_late(void *ctx)
{
    struct world *w = ctx;

    WAIT_WITH(w, strstr(w->got.p, "\033[23;0t"), pump(w));
    type(w, "\033[0n");
    return NULL;
}

static void leave_with_a_late_answer(struct world *w, int signum)
{
    pthread_t terminal;
    char bytes[100];

    w->answering = false;
    open_term(w);
    assert_true(show(w, "last"));
    if (signum) {
        kill(getpid(), signum);
        WAIT(w, w->goes == 1);
    }
    assert_int_equal(pthread_create(&terminal, NULL, answer_late, w), 0);
    close_term(w);
    pthread_join(terminal, NULL);
    assert_non_null(strstr(w->got.p, "\033[5n"));
    assert_given_back(w);
    w->before.c_lflag &= ~(tcflag_t)ICANON; /* else a read waits for the end of the line */
    assert_int_equal(tcsetattr(w->slave, TCSANOW, &w->before), 0);
    assert_int_equal(fcntl(w->slave, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    assert_int_equal(read(w->slave, bytes, sizeof(bytes)), -1);
    assert_int_equal(errno, EAGAIN);
}

static void the_shell_does_not_read_our_answers(void **state)
{
    leave_with_a_late_answer(*state, 0);
}

static void nor_when_we_are_asked_to_end(void **state)
{
    leave_with_a_late_answer(*state, SIGTERM);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_is_given_back_as_it_was),
        T(the_mouse_is_off_unless_asked_for), T(no_terminal_is_an_error),
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
        T(nor_when_we_are_asked_to_end),
        T(the_title_is_set_and_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
