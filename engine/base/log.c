/*
 * log.c: log lines. In: a level and the rest of a line, from any thread. Out: the line with time
 * and level in front, made safe and cut at 4 KiB, to the file, stderr and the ring.
 *
 * Owns the open file and the ring, both under one mutex; nothing is called back while it is held.
 * A line that cannot be written is lost: logging never fails its caller.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reckon/text.h"
#include "reckon/time.h"

#define RING_LINES 1024u
#define LINE_BYTES 4096u
#define FILE_BYTES (4u * 1024 * 1024)

static const char *const level_names[] = {
    [RK_LOG_DEBUG] = "debug",
    [RK_LOG_INFO] = "info",
    [RK_LOG_WARN] = "warn",
    [RK_LOG_ERROR] = "error",
};
_Static_assert(RK_LEN(level_names) == RK_LOG_LEVEL_MAX, "every level has a name");

static struct {
    pthread_mutex_t lock;
    int fd; /* -1 = none: lines go to stderr */
    char *path;
    size_t bytes; /* in the file */
    enum rk_log_level least;
    bool also_stderr;
    uint64_t count;          /* lines ever: line i lies in ring[i % RING_LINES] */
    char *ring[RING_LINES];
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .least = RK_LOG_INFO};

static int file_open(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
}

/* With the lock. */
static void file_close(void)
{
    rk_close_fd(&log_state.fd);
    rk_free_str(&log_state.path);
}

int rk_log_open(const char *path, enum rk_log_level least, bool also_stderr, struct rk_err *err)
{
    struct stat st;
    int fd = file_open(path);

    if (fd < 0 || fstat(fd, &st) != 0) {
        rk_fail_errno(err, errno, "cannot open the log %s", path);
        rk_close_fd(&fd);
        return -1;
    }
    pthread_mutex_lock(&log_state.lock);
    file_close();
    log_state.fd = fd;
    log_state.path = rk_strdup(path);
    log_state.bytes = st.st_size > 0 ? (size_t)st.st_size : 0;
    log_state.least = least;
    log_state.also_stderr = also_stderr;
    pthread_mutex_unlock(&log_state.lock);
    return 0;
}

void rk_log_close(void)
{
    pthread_mutex_lock(&log_state.lock);
    file_close();
    for (size_t i = 0; i < RING_LINES; i++)
        rk_free_str(&log_state.ring[i]);
    log_state.least = RK_LOG_INFO;
    log_state.also_stderr = false;
    pthread_mutex_unlock(&log_state.lock);
}

/* With the lock. When it cannot be done the old file goes on, and is tried 4 MiB later again. */
static void rotate(void)
{
    rk_auto(rk_free_str) char *old = rk_asprintf("%s.1", log_state.path);
    int fd;

    log_state.bytes = 0;
    if (rename(log_state.path, old) != 0)
        return;
    fd = file_open(log_state.path);
    if (fd < 0)
        return;
    rk_close_fd(&log_state.fd);
    log_state.fd = fd;
}

static void write_line(int fd, rk_str line)
{
    while (line.n) {
        ssize_t put = write(fd, line.p, line.n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return;
        line = (rk_str){line.p + put, line.n - (size_t)put};
    }
}

/* With the lock. The line ends in a newline, which the ring leaves out. */
static void keep_line(rk_str line)
{
    char **slot = &log_state.ring[log_state.count % RING_LINES];

    free(*slot);
    *slot = rk_str_dup((rk_str){line.p, line.n - 1});
    log_state.count++;
    if (log_state.fd >= 0) {
        if (log_state.bytes + line.n > FILE_BYTES)
            rotate();
        write_line(log_state.fd, line);
        log_state.bytes += line.n;
    }
    if (log_state.fd < 0 || log_state.also_stderr)
        write_line(STDERR_FILENO, line);
}

static void cut_line(struct rk_buf *line)
{
    if (line->n < LINE_BYTES)
        return;
    line->n = rk_utf8_head(rk_buf_view(line), LINE_BYTES - 4).n;
    rk_buf_c(line, "\xe2\x80\xa6"); /* an ellipsis */
}

void rk_log(enum rk_log_level level, const char *fmt, ...)
{
    rk_auto(rk_buf_release) struct rk_buf rest = RK_BUF_INIT, line = RK_BUF_INIT;
    char now[32];
    bool wanted;
    va_list ap;

    pthread_mutex_lock(&log_state.lock);
    wanted = level >= log_state.least && level < RK_LOG_LEVEL_MAX;
    pthread_mutex_unlock(&log_state.lock);
    if (!wanted)
        return;
    va_start(ap, fmt);
    rk_buf_vf(&rest, fmt, ap);
    va_end(ap);
    rk_time_format_ms(rk_wall_ms(), now);
    rk_buf_f(&line, "ts=%s level=%s ", now, level_names[level]);
    rk_text_safe(&line, rk_buf_view(&rest), 0);
    cut_line(&line);
    rk_buf_ch(&line, '\n');
    pthread_mutex_lock(&log_state.lock);
    keep_line(rk_buf_view(&line));
    pthread_mutex_unlock(&log_state.lock);
}

void rk_log_quote(struct rk_buf *out, rk_str value)
{
    rk_auto(rk_buf_release) struct rk_buf escaped = RK_BUF_INIT;

    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\')
            rk_buf_ch(&escaped, '\\');
        rk_buf_ch(&escaped, value.p[i]);
    }
    rk_buf_ch(out, '"');
    rk_text_safe(out, rk_buf_view(&escaped), 0);
    rk_buf_ch(out, '"');
}

size_t rk_log_ring(uint64_t *next, void (*line)(rk_str line, void *ctx), void *ctx)
{
    char **lines = rk_calloc(RING_LINES, sizeof(*lines));
    size_t n = 0;

    pthread_mutex_lock(&log_state.lock);
    if (log_state.count > RING_LINES && *next < log_state.count - RING_LINES)
        *next = log_state.count - RING_LINES;
    for (; *next < log_state.count; ++*next)
        if (log_state.ring[*next % RING_LINES])
            lines[n++] = rk_strdup(log_state.ring[*next % RING_LINES]);
    pthread_mutex_unlock(&log_state.lock);
    for (size_t i = 0; i < n; i++) {
        line(rk_str_c(lines[i]), ctx);
        free(lines[i]);
    }
    free(lines);
    return n;
}
