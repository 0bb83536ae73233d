/*
 * crash.c: the terminal is given back whatever happens: a crash, rk_fatal, exit(), a signal that
 * nobody handles. In: the tty, its modes and the bytes that undo ours. Out: a usable terminal.
 *
 * Owns the signal handlers while armed. Everything is computed before: the handler only calls what
 * is safe in a handler, on a stack of its own. A child of fork() that exits is not us, and a
 * process in the background leaves the terminal to who has it.
 */
#include "device.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { STACK_BYTES = 32 * 1024, WRITE_MS = 200 };

/* Those that end the process and that the loop does not handle. */
static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP, SIGQUIT,
                            SIGXCPU, SIGXFSZ, SIGALRM, SIGVTALRM, SIGUSR1, SIGUSR2};

static struct {
    volatile sig_atomic_t armed;
    pid_t pid;
    int fd;
    struct termios modes;
    char reset[256];
    size_t n;
    bool registered;
    void *stack;
    struct sigaction before[RK_LEN(fatal)];
} crash;

static void write_reset(void)
{
    size_t at = 0;

    while (at < crash.n) {
        struct pollfd p = {.fd = crash.fd, .events = POLLOUT};
        ssize_t n = write(crash.fd, crash.reset + at, crash.n - at);

        if (n > 0)
            at += (size_t)n;
        else if (errno != EINTR && (errno != EAGAIN || poll(&p, 1, WRITE_MS) <= 0))
            return; /* dead, or stopped by its user: nothing can be done */
    }
}

bool crash_in_front(int fd)
{
    pid_t front = tcgetpgrp(fd);

    return front <= 0 || front == getpgrp();
}

static void restore(void)
{
    sigset_t ttou;

    if (!crash.armed || crash.pid != getpid())
        return;
    crash.armed = 0;
    if (!crash_in_front(crash.fd))
        return;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    sigprocmask(SIG_BLOCK, &ttou, NULL);
    write_reset();
    tcsetattr(crash.fd, TCSANOW, &crash.modes);
}

static void on_signal(int signum)
{
    restore();
    signal(signum, SIG_DFL);
    raise(signum); /* pending until the handler returns: the status tells the real reason */
}

static void catch_all(void)
{
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    stack_t stack = {.ss_size = STACK_BYTES};

    crash.stack = stack.ss_sp = rk_alloc(STACK_BYTES);
    sigaltstack(&stack, NULL);
    sigfillset(&act.sa_mask);
    for (size_t i = 0; i < RK_LEN(fatal); i++) {
        sigaction(fatal[i], NULL, &crash.before[i]);
        if (crash.before[i].sa_handler == SIG_DFL)
            sigaction(fatal[i], &act, NULL);
    }
}

void crash_arm(int fd, const struct termios *modes, rk_str reset)
{
    rk_assert(reset.n <= sizeof(crash.reset));
    if (crash.armed)
        crash_disarm();
    crash.pid = getpid();
    crash.fd = fd;
    crash.modes = *modes;
    crash.n = reset.n;
    memcpy(crash.reset, reset.p, reset.n);
    if (!crash.registered)
        crash.registered = atexit(restore) == 0;
    catch_all();
    rk_fatal_hook(restore);
    atomic_signal_fence(memory_order_seq_cst);
    crash.armed = 1;
}

void crash_disarm(void)
{
    stack_t none = {.ss_flags = SS_DISABLE};

    crash.armed = 0;
    if (!crash.stack)
        return;
    for (size_t i = 0; i < RK_LEN(fatal); i++)
        sigaction(fatal[i], &crash.before[i], NULL);
    rk_fatal_hook(NULL);
    sigaltstack(&none, NULL);
    free(crash.stack);
    crash.stack = NULL;
}
