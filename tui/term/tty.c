/*
 * tty.c: the tty made ours and given back. In: a descriptor. Out: raw mode and the alternate screen;
 * later the modes, the screen and the title that were there before.
 *
 * Owns the saved modes. Leaving never takes longer than ASKED_MS, or GONE_MS when we were told to
 * go, and a dead tty holds nothing up; answers to our own questions are waited for, which would be
 * the shell's first input otherwise.
 */
#include "device.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reckon/time.h"

enum { ASKED_MS = 200, GONE_MS = 150 };

/* Alternate screen, bracketed paste; what another program may have left is undone. */
static const char enter_bytes[] = "\033[?1049h\033[r\033[m\033(B\033[?7h\033[?2004h\033[?25l";
static const char mouse_bytes[] = "\033[?1000h\033[?1006h";     /* leave_bytes end it */
static const char keep_title[] = "\033[22;0t";
static const char leave_bytes[] =
    "\033\\\033[?2026l\033[?1000l\033[?1006l\033[?2004l\033[m\033(B\033[?25h\033[?1049l\033[23;0t";
/* Without an alternate screen the shell goes on below the picture. */
static const char below_bytes[] = "\033[999;1H\r\n";

static void leave_bytes_of(const struct term *t, struct rk_buf *out)
{
    rk_buf_c(out, leave_bytes);
    if (!output_has_alternate(t->screen->output))
        rk_buf_c(out, below_bytes);
}

static struct termios raw_of(struct termios m)
{
    m.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    m.c_oflag &= ~(tcflag_t)OPOST;
    m.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    m.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    m.c_cflag |= CS8;
    m.c_cc[VMIN] = 1;
    m.c_cc[VTIME] = 0;
    return m;
}

void tty_size(const struct term *t, int *cols, int *rows)
{
    struct winsize w = {0};

    if (ioctl(t->fd, TIOCGWINSZ, &w) != 0 || !w.ws_col || !w.ws_row)
        w = (struct winsize){.ws_col = 80, .ws_row = 24};
    *cols = w.ws_col;
    *rows = w.ws_row;
}

static void write_enter(struct term *t)
{
    flow_write(t, rk_str_c(enter_bytes));
    if (t->mouse)
        flow_write(t, rk_str_c(mouse_bytes));
}

int tty_enter(struct term *t, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf back = RK_BUF_INIT;
    struct termios raw;

    if (tcgetattr(t->fd, &t->saved) != 0)
        return rk_fail_errno(err, errno, "the terminal's modes cannot be read");
    leave_bytes_of(t, &back);
    crash_arm(t->fd, &t->saved, rk_buf_view(&back));
    raw = raw_of(t->saved);
    if (tcsetattr(t->fd, TCSANOW, &raw) != 0) {
        crash_disarm();
        return rk_fail_errno(err, errno, "the terminal's modes cannot be set");
    }
    tcflush(t->fd, TCIFLUSH);
    t->entered = true;
    flow_write(t, rk_str_c(keep_title));
    write_enter(t);
    return 0;
}

/* After a stop that it could not see: modes and screen may be the shell's. The title is kept. */
void tty_enter_again(struct term *t)
{
    struct termios raw = raw_of(t->saved);

    tcsetattr(t->fd, TCSANOW, &raw);
    write_enter(t);
}

/* Writes what must be written now; a tty that takes nothing is left alone. */
static void write_now(int fd, rk_str bytes, uint64_t until)
{
    while (bytes.n) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        ssize_t n = write(fd, bytes.p, bytes.n);
        uint64_t now = rk_mono_ms();

        if (n > 0)
            bytes = (rk_str){bytes.p + n, bytes.n - (size_t)n};
        else if (errno != EINTR &&
                 (errno != EAGAIN || now >= until || poll(&p, 1, (int)(until - now)) <= 0))
            return;
    }
}

static void count_answer(const struct term_key *k, void *ctx)
{
    size_t *n = ctx;

    if (k->code == TERM_KEY_ANSWER && *n)
        --*n;
}

/* The answers to our own questions must not be the shell's first input. */
static void await_answers(struct term *t, uint64_t until)
{
    uint64_t now;
    size_t left = t->flow.silent ? 0 : t->flow.unanswered;
    char bytes[256];

    while (left && (now = rk_mono_ms()) < until) {
        struct pollfd p = {.fd = t->fd, .events = POLLIN};
        ssize_t n = poll(&p, 1, (int)(until - now)) > 0 ? read(t->fd, bytes, sizeof(bytes)) : -1;

        if (n <= 0)
            return;
        term_decoder_feed(t->decoder, (rk_str){bytes, (size_t)n}, now, count_answer, &left);
    }
}

void tty_leave(struct term *t)
{
    rk_auto(rk_buf_release) struct rk_buf back = RK_BUF_INIT;
    uint64_t until = rk_mono_ms() + (t->told_gone ? GONE_MS : ASKED_MS);

    if (!t->entered)
        return;
    t->entered = false;
    if (crash_in_front(t->fd)) {
        leave_bytes_of(t, &back);
        write_now(t->fd, rk_buf_view(&back), until);
        await_answers(t, until);
        tcflush(t->fd, TCIFLUSH);
        tcsetattr(t->fd, TCSANOW, &t->saved);
    }
    flow_reset(t);
    crash_disarm();
}
