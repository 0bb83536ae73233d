/*
 * local.c: entries of environments under observe: kept in the state folder, never in git. In: clean
 * entries. Out: audit-local/<environment>.jsonl, a line an entry, each with the SHA-256 of the line
 * before as its Prev. A torn last line is cut before the next is added. Blocks for one fsync.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "record/record_int.h"

enum { LOCAL_MAX = 64 << 20 };

static char *path_of(const char *dir, const char *environment)
{
    rk_auto(rk_free_str) char *part = record_part(environment);
    return rk_asprintf("%s/" RECORD_LOCAL "/%s.jsonl", dir, part);
}

/* The whole lines. */
static int read_lines(const char *path, struct rk_buf *text, struct rk_err *err)
{
    struct rk_err why = {0};
    if (rk_file_read(path, LOCAL_MAX, text, &why) < 0)
        return why.code == RK_NOT_FOUND ? 0 : rk_fail(err, why.code, "%s", why.text);
    const char *nl = text->n ? memrchr(text->p, '\n', text->n) : NULL;
    text->n = nl ? (size_t)(nl - text->p) + 1 : 0;
    return 0;
}

static rk_str last_line(const struct rk_buf *text)
{
    if (text->n == 0)
        return RK_STR_NONE;
    const char *nl = memrchr(text->p, '\n', text->n - 1);
    size_t from = nl ? (size_t)(nl - text->p) + 1 : 0;
    return (rk_str){text->p + from, text->n - 1 - from};
}

static int append(const char *path, size_t at, rk_str line, struct rk_err *err)
{
    rk_auto(rk_close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return rk_fail_errno(err, errno, "cannot open %s", path);
    ssize_t put = pwrite(fd, line.p, line.n, (off_t)at);
    int why = put < 0 ? errno : (size_t)put < line.n ? ENOSPC : 0;
    if (why == 0 && (ftruncate(fd, (off_t)(at + line.n)) != 0 || fdatasync(fd) != 0))
        why = errno;
    if (why == 0)
        return 0;
    if (ftruncate(fd, (off_t)at) != 0)
        why = errno;
    return rk_fail_errno(err, why, "cannot write %s", path);
}

int record_local_add(const char *dir, struct rk_arena *a, struct record_audit *e,
                     struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = path_of(dir, e->environment);
    rk_auto(rk_free_str) char *folder = rk_asprintf("%s/" RECORD_LOCAL, dir);
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, line = RK_BUF_INIT;
    if (rk_mkdirs(folder, 0700, err) < 0 || read_lines(path, &text, err) < 0)
        return -1;
    rk_str last = last_line(&text);
    struct record_audit before = {0};
    e->prev = NULL;
    if (last.n) {
        char sum[65];
        if (record_audit_read(a, last, &before, err) < 0)
            return rk_wrap(err, "%s: last line", path);
        rk_sha256_hex(last, sum);
        e->prev = rk_arena_strdup(a, sum);
    }
    e->seq = before.seq + 1;
    record_audit_json(a, e, false, &line);
    rk_buf_ch(&line, '\n');
    return append(path, text.n, rk_buf_view(&line), err);
}

int record_local_read(const char *dir, const char *environment, struct rk_arena *a,
                      struct record_audit **out, size_t *n, struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = path_of(dir, environment);
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (read_lines(path, &text, err) < 0)
        return -1;
    struct record_audit *v = NULL, e;
    size_t count = 0, cap = 0;
    rk_str rest = rk_arena_str(a, rk_buf_view(&text));
    while (rest.n) {
        rk_str line = rk_str_cut(rest, '\n', &rest);
        if (record_audit_read(a, line, &e, NULL) < 0)
            continue; /* damaged: the others are still worth showing */
        v = rk_arena_grow(a, v, count, &cap, sizeof *v);
        v[count++] = e;
    }
    *out = v;
    *n = count;
    return 0;
}
