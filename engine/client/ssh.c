/*
 * ssh.c: --host: `ssh HOST reckon relay` with one socket as its stdin and stdout; a line out. Owns
 * the child until client_ssh_end, which reaps it: after its own end, or by SIGTERM, at last
 * SIGKILL; that waits 200 ms at the worst. Its stderr goes to memory and becomes the reason.
 * Not by run_child: its children have no terminal, and a one-shot command's ssh may ask for a
 * password there. A console's ssh may not (the screen is drawn on it): BatchMode and no terminal.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client_int.h"
#include "reckon/text.h"

extern char **environ;

enum { GRACE_MS = 100, TERM_MS = 100, STEP_MS = 2, WORDS_MAX = 4096 };

struct client_ssh {
    pid_t pid;
    int words;                  /* stderr, in memory */
    char *host;
};

/* ---- start ---- */

static void quote(struct rk_buf *out, const char *text)
{
    rk_buf_ch(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            rk_buf_c(out, "'\\''");
        else
            rk_buf_ch(out, *text);
    }
    rk_buf_ch(out, '\'');
}

/* For the far side's shell. */
static void remote_command(const struct client *c, struct rk_buf *out)
{
    rk_buf_c(out, "reckon relay --profile ");
    quote(out, c->profile);
    if (c->socket) {
        rk_buf_c(out, " --socket ");
        quote(out, c->socket);
    }
}

static int prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, int end, int words,
                   bool alone)
{
    sigset_t none, usual;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;

    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTSTP);
    if (alone)
        flags |= POSIX_SPAWN_SETSID;
    return posix_spawn_file_actions_adddup2(files, end, 0) ||
           posix_spawn_file_actions_adddup2(files, end, 1) ||
           posix_spawn_file_actions_adddup2(files, words, 2) ||
           posix_spawnattr_setsigmask(attr, &none) || posix_spawnattr_setsigdefault(attr, &usual) ||
           posix_spawnattr_setflags(attr, flags);
}

/* argv is const in fact: posix_spawn's type is older than const. */
static int spawn(const char *const *argv, int end, int words, bool alone, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    char *args[16] = {NULL};
    int rc = ENOMEM;

    for (size_t i = 0; argv[i]; i++) {
        rk_assert(i + 1 < RK_LEN(args));
        args[i] = rk_strdup(argv[i]);
    }
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    if (prepare(&files, &attr, end, words, alone) == 0)
        rc = posix_spawnp(pid, args[0], &files, &attr, args, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    for (size_t i = 0; args[i]; i++)
        free(args[i]);
    return rc;
}

int client_ssh_start(const struct client *c, struct client_ssh **out, struct run_line **line,
                     struct rk_err *err)
{
    struct rk_buf command rk_auto(rk_buf_release) = RK_BUF_INIT;
    int ends[2], rc;
    pid_t pid = -1;

    remote_command(c, &command);
    const char *argv[] = {
        "ssh", "-T", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3",
        "-o", c->reconnect ? "BatchMode=yes" : "BatchMode=no", "--", c->host, command.p, NULL,
    };
    int words rk_auto(rk_close_fd) = memfd_create("ssh", MFD_CLOEXEC);
    if (words < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return rk_fail_errno(err, errno, "ssh %s", c->host);
    rc = spawn(argv, ends[1], words, c->reconnect, &pid);
    close(ends[1]);
    if (rc) {
        close(ends[0]);
        return rk_fail_errno(err, rc, "start ssh (is it installed?)");
    }
    *out = rk_alloc(sizeof(**out));
    (*out)->pid = pid;
    (*out)->words = words;
    (*out)->host = rk_strdup(c->host);
    words = -1;
    *line = run_line_pair(c->loop, ends[0], ends[0]);
    return 0;
}

/* ---- end ---- */

static bool reaped(pid_t pid, int limit_ms, int *status)
{
    for (int waited = 0;; waited += STEP_MS) {
        pid_t r = waitpid(pid, status, WNOHANG);
        if (r == pid || (r < 0 && errno != EINTR))
            return true;
        if (waited >= limit_ms)
            return false;
        (void)poll(NULL, 0, STEP_MS);
    }
}

static int finish(pid_t pid, bool wait_first)
{
    int status = 0;

    if (wait_first && reaped(pid, GRACE_MS, &status))
        return status;
    kill(pid, SIGTERM);
    if (reaped(pid, TERM_MS, &status))
        return 0;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

/* The last line that says something, made safe. */
static void last_words(int fd, struct rk_buf *out)
{
    char raw[WORDS_MAX];
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > WORDS_MAX ? size - WORDS_MAX : 0;
    ssize_t n = size > 0 ? pread(fd, raw, sizeof(raw), from) : 0;
    rk_str rest = {raw, n > 0 ? (size_t)n : 0}, line;

    while (rest.n) {
        line = rk_str_trim(rk_str_cut(rest, '\n', &rest));
        if (!line.n)
            continue;
        rk_buf_clear(out);
        rk_text_safe(out, line, 0);
    }
}

void client_ssh_end(struct client_ssh *s, struct rk_err *why)
{
    struct rk_buf words rk_auto(rk_buf_release) = RK_BUF_INIT;
    int status;

    if (!s)
        return;
    status = finish(s->pid, why != NULL);
    last_words(s->words, &words);
    if (why && WIFEXITED(status) && WEXITSTATUS(status) == 127)
        rk_fail(why, RK_NOT_FOUND, "ssh %s: reckon is not installed there, or not in PATH: %s",
                s->host, words.p);
    else if (why && words.n)
        rk_fail(why, RK_UNAVAILABLE, "ssh %s: %s", s->host, words.p);
    else if (why)
        rk_wrap(why, "ssh %s", s->host);
    close(s->words);
    free(s->host);
    free(s);
}
