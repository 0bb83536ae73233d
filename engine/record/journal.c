/*
 * journal.c: the operations' journal. In: entries. Out: each of them on disk, and told so in the
 * order given; after a restart every one that was told, and none that is half.
 *
 * Entries that come while a write runs wait together and cost one fdatasync, on a thread of its own
 * (behind pool jobs it was measured at 400 ms). A write that fails is taken back whole: the file
 * ends where it did, its entries are told the reason, and nothing more is written until a probe
 * finds room. Owns the folder's lock, the descriptor, the thread and the queue.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "record/record_int.h"
#include "reckon/run.h"
#include "reckon/time.h"

enum { PROBE_BYTES = 16384 };   /* as much room as must be there before work goes on */

struct waiting {
    record_done_fn done;
    void *ctx;
    bool refused;               /* the entry itself is no good: err */
    struct rk_err err;
};

struct batch {
    struct waiting *v;
    size_t n, cap;
    struct rk_buf bytes;
    bool probe, written;
    struct rk_err err;
};

struct record_journal {
    struct run_worker *worker;
    char *dir, *path;
    int lock, fd;
    size_t end;                 /* of what is on disk; 0: the header is missing */
    struct batch next, now;     /* now: the worker's while busy */
    bool busy, closing;
    bool *gone;                 /* set when a done function closes the journal */
    bool in_trouble;
    struct rk_err trouble;
};

/* ---- reading ---- */

static void unmap(rk_str *s)
{
    union { const char *from; void *to; } p = {.from = s->p};
    if (s->p)
        munmap(p.to, s->n);
}

static int map(const char *path, int fd, size_t n, rk_str *out, struct rk_err *err)
{
    *out = RK_STR_NONE;
    if (n == 0)
        return 0;
    void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return rk_fail_errno(err, errno, "cannot read %s", path);
    *out = (rk_str){p, n};
    return 0;
}

struct each {
    void (*fn)(const struct record_entry *e, void *ctx);
    void *ctx;
};

static void tell_entry(const struct record_entry *e, rk_str frame, void *ctx)
{
    const struct each *each = ctx;
    (void)frame;
    each->fn(e, each->ctx);
}

int record_journal_each(struct record_journal *j,
                        void (*fn)(const struct record_entry *e, void *ctx), void *ctx,
                        struct rk_err *err)
{
    rk_auto(unmap) rk_str bytes = RK_STR_NONE;
    struct each each = {fn, ctx};
    if (map(j->path, j->fd, j->end, &bytes, err) < 0)
        return -1;
    record_scan(bytes, tell_entry, &each);
    return 0;
}

/* ---- trouble ---- */

static bool no_room(int why)
{
    return why == ENOSPC || why == EDQUOT || why == EFBIG;
}

static void fail_write(const struct record_journal *j, int why, struct rk_err *err)
{
    if (no_room(why))
        rk_fail_errno(err, ENOSPC, "disk full: the journal in %s cannot grow, so nothing is written "
                                   "to clusters; free some space and work goes on", j->dir);
    else
        rk_fail_errno(err, why, "the journal in %s cannot be written, so nothing is written to "
                                "clusters", j->dir);
}

static void set_trouble(struct record_journal *j, const struct rk_err *err)
{
    j->in_trouble = true;
    j->trouble = *err;
}

const char *record_journal_trouble(const struct record_journal *j)
{
    return j->in_trouble ? j->trouble.text : NULL;
}

/* ---- writing: on the worker's thread ---- */

static int write_at(int fd, const char *p, size_t n, size_t at)
{
    while (n) {
        ssize_t put = pwrite(fd, p, n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put == 0 ? ENOSPC : errno;
        p += put;
        n -= (size_t)put;
        at += (size_t)put;
    }
    return 0;
}

static int sync_fd(int fd)
{
    return fdatasync(fd) == 0 ? 0 : errno;
}

static int try_room(int fd, size_t at)
{
    static const char zeros[PROBE_BYTES];
    int why = write_at(fd, zeros, sizeof zeros, at);
    if (why == 0)
        why = sync_fd(fd);
    if (ftruncate(fd, (off_t)at) != 0 && why == 0)
        why = errno;
    return why;
}

static void write_batch(void *ctx)
{
    struct record_journal *j = ctx;
    struct batch *b = &j->now;
    if (b->err.code)
        return;
    int why = b->probe ? try_room(j->fd, j->end) : 0;
    if (why == 0 && b->bytes.n)
        why = write_at(j->fd, b->bytes.p, b->bytes.n, j->end);
    if (why == 0 && b->bytes.n)
        why = sync_fd(j->fd);
    if (why == 0) {
        b->written = true;
        return;
    }
    fail_write(j, why, &b->err);
    /* what is half there would be cut at the next start; the next write lands on it in any case */
    if (ftruncate(j->fd, (off_t)j->end) != 0)
        return;
}

/* ---- the queue: on the loop ---- */

static void batch_end(struct batch *b)
{
    free(b->v);
    rk_buf_release(&b->bytes);
    *b = (struct batch){.bytes = RK_BUF_INIT};
}

static void start(struct record_journal *j);

static void tell(struct record_journal *j, struct batch *b)
{
    bool gone = false;
    j->gone = &gone;
    for (size_t i = 0; i < b->n && !gone; i++) {
        struct waiting *w = &b->v[i];
        const struct rk_err *why = w->refused ? &w->err : b->err.code ? &b->err : NULL;
        if (w->done)
            w->done(why, w->ctx);
    }
    if (!gone)
        j->gone = NULL;
}

static void on_written(void *ctx)
{
    struct record_journal *j = ctx;
    struct batch b = j->now;
    j->now = (struct batch){.bytes = RK_BUF_INIT};
    j->busy = false;
    if (b.written) {
        j->end += b.bytes.n;
        j->in_trouble = false;
    } else if (b.err.code) {
        set_trouble(j, &b.err);
    }
    if (!j->closing) {
        start(j);
        tell(j, &b);
    }
    batch_end(&b);
}

static void start(struct record_journal *j)
{
    if (j->busy || j->next.n == 0)
        return;
    j->busy = true;
    j->now = j->next;
    j->next = (struct batch){.bytes = RK_BUF_INIT};
    if (j->in_trouble && !j->now.probe)
        j->now.err = j->trouble;
    else if (j->end == 0) {
        rk_auto(rk_buf_release) struct rk_buf entries = j->now.bytes;
        j->now.bytes = RK_BUF_INIT;
        rk_buf_c(&j->now.bytes, RECORD_HEADER);
        rk_buf_str(&j->now.bytes, rk_buf_view(&entries));
    }
    if (j->closing)
        write_batch(j);
    else
        run_worker_do(j->worker, write_batch, on_written, j);
}

static struct waiting *wait_for(struct record_journal *j, record_done_fn done, void *ctx)
{
    struct batch *b = &j->next;
    b->v = rk_grow(b->v, b->n, &b->cap, sizeof *b->v);
    b->v[b->n] = (struct waiting){.done = done, .ctx = ctx};
    return &b->v[b->n++];
}

void record_journal_add(struct record_journal *j, const struct record_entry *e,
                        record_done_fn done, void *ctx)
{
    struct waiting *w = wait_for(j, done, ctx);
    w->refused = record_frame(&j->next.bytes, e, &w->err) < 0;
    start(j);
}

void record_journal_probe(struct record_journal *j, record_done_fn done, void *ctx)
{
    wait_for(j, done, ctx);
    j->next.probe = true;
    start(j);
}

/* ---- open and close ---- */

/* A second name for the file as it is, by the time; another was kept in this millisecond: the next. */
static int keep_aside(const struct record_journal *j, struct rk_err *err)
{
    long long at = (long long)rk_wall_ms();
    for (int tries = 0;; tries++) {
        rk_auto(rk_free_str) char *aside = rk_asprintf("%s.damaged-%lld", j->path, at + tries);
        if (link(j->path, aside) == 0)
            return 0;
        if (errno != EEXIST || tries == 100)
            return rk_fail_errno(err, errno, "cannot keep the damaged journal as %s", aside);
    }
}

/* The kept records as a new file in the old one's place; a damaged old one stays beside it. */
static int rewrite(struct record_journal *j, rk_str kept, bool damaged, struct rk_err *err)
{
    if (damaged && keep_aside(j, err) < 0)
        return -1;
    if (rk_file_write(j->path, kept, 0600, err) < 0)
        return rk_wrap(err, "journal");
    int fd = open(j->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return rk_fail_errno(err, errno, "cannot open %s", j->path);
    close(j->fd);
    j->fd = fd;
    j->end = kept.n;
    return 0;
}

static int settle(struct record_journal *j, rk_str bytes, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf kept = RK_BUF_INIT;
    struct record_extent x = record_scan(bytes, NULL, NULL);
    struct rk_err why = {0};
    j->end = x.end;
    if (x.end < bytes.n && (ftruncate(j->fd, (off_t)x.end) != 0 || sync_fd(j->fd) != 0))
        return rk_fail_errno(err, errno, "cannot cut the torn end of %s", j->path);
    if (!record_compact((rk_str){bytes.p, x.end}, &kept) && x.damaged == 0)
        return 0;
    if (rewrite(j, rk_buf_view(&kept), x.damaged > 0, &why) == 0)
        return 0;
    if (why.code == RK_LIMIT)
        rk_wrap(&why, "disk full");
    set_trouble(j, &why); /* the old file serves as well; the next probe finds room */
    return 0;
}

/* Made and not yet written when the power went: part of the header, or nothing but zeros. */
static bool unwritten(rk_str bytes)
{
    size_t zeros = 0;
    while (zeros < bytes.n && bytes.p[zeros] == 0)
        zeros++;
    return zeros == bytes.n || (bytes.n < sizeof RECORD_HEADER - 1 &&
                                memcmp(bytes.p, RECORD_HEADER, bytes.n) == 0);
}

/* Empty, and its name in the folder on disk: later only its bytes are synced. */
static int begin_file(const struct record_journal *j, struct rk_err *err)
{
    rk_auto(rk_close_fd) int dir = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || ftruncate(j->fd, 0) != 0 ||
        (fsync(dir) != 0 && errno != EINVAL && errno != ENOTSUP))
        return rk_fail_errno(err, errno, "cannot begin %s", j->path);
    return 0;
}

static int load(struct record_journal *j, struct rk_err *err)
{
    struct stat st;
    rk_auto(unmap) rk_str bytes = RK_STR_NONE;
    j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (j->fd < 0 || fstat(j->fd, &st) != 0)
        return rk_fail_errno(err, errno, "cannot open %s", j->path);
    if (map(j->path, j->fd, (size_t)st.st_size, &bytes, err) < 0)
        return -1;
    if (unwritten(bytes))
        return begin_file(j, err);
    if (bytes.n < sizeof RECORD_HEADER - 1 || !rk_str_starts(bytes, RECORD_HEADER))
        return rk_fail(err, RK_INVALID, "%s is not a journal that this version of Reckon reads; "
                                        "move it away or use the version that wrote it", j->path);
    return settle(j, bytes, err);
}

static void release(struct record_journal *j)
{
    batch_end(&j->next);
    batch_end(&j->now);
    rk_close_fd(&j->fd);
    rk_close_fd(&j->lock);
    free(j->path);
    free(j->dir);
    free(j);
}

int record_journal_open(struct run_loop *loop, const char *dir, const char *socket,
                        struct record_journal **out, struct rk_err *err)
{
    if (rk_mkdirs(dir, 0700, err) < 0)
        return -1;
    struct record_journal *j = rk_alloc(sizeof *j);
    *j = (struct record_journal){.dir = rk_strdup(dir), .path = rk_asprintf("%s/journal", dir),
                                 .lock = -1, .fd = -1, .next = {.bytes = RK_BUF_INIT},
                                 .now = {.bytes = RK_BUF_INIT}};
    if (record_lock(dir, socket, &j->lock, err) < 0 || load(j, err) < 0) {
        release(j);
        return -1;
    }
    j->worker = run_worker_start(loop);
    *out = j;
    return 0;
}

void record_journal_close(struct record_journal *j)
{
    if (!j)
        return;
    j->closing = true;
    if (j->gone)
        *j->gone = true;
    run_worker_stop(j->worker);     /* ends the write that runs */
    start(j);                       /* and what still waited, on this thread */
    release(j);
}
