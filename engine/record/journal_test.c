/*
 * journal_test.c: the journal as a process meets it: entries in order and one fdatasync for many; a
 * file cut at every byte and damaged at every byte; a writer killed; compaction; the lock held by
 * another process; a disk that is full (a file size limit, and a real small file system where the
 * machine allows one); bad input; the end with entries waiting and from a callback.
 */
#include "record/test_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int syncs;

/* Counts; the room's calls come here. */
int fdatasync(int fd)
{
    __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST);
    return fsync(fd);
}

static struct record_journal *open_in(const char *dir)
{
    struct record_journal *j = NULL;
    struct rk_err err = {0};
    if (record_journal_open(loop, dir, "/run/reckon/test.sock", &j, &err) < 0)
        fail_msg("%s", err.text);
    return j;
}

static struct record_journal *open_here(void)
{
    return open_in(test_path("state"));
}

static void close_journal(struct record_journal *j)
{
    record_journal_close(j);
    test_turn();
}

/* ---- what came back ---- */

struct told {
    int wanted, n;
    char order[64];
    struct rk_err err;
};

static void on_told(const struct rk_err *err, void *ctx)
{
    struct told *t = ctx;
    if (err)
        t->err = *err;
    if (++t->n == t->wanted)
        run_loop_stop(loop);
}

struct named { struct told *told; char name; };

static void on_named(const struct rk_err *err, void *ctx)
{
    struct named *m = ctx;
    m->told->order[m->told->n] = m->name;
    on_told(err, m->told);
}

static struct rk_err add(struct record_journal *j, enum record_kind kind, const char *op,
                         const char *data)
{
    struct told t = {.wanted = 1};
    struct record_entry e = {.kind = kind, .operation = op, .task = -1, .data = rk_str_c(data),
                             .time = 1790000000000};
    record_journal_add(j, &e, on_told, &t);
    assert_int_equal(t.n, 0);           /* never inside the call */
    test_run();
    return t.err;
}

static void add_ok(struct record_journal *j, enum record_kind kind, const char *op,
                   const char *data)
{
    struct rk_err err = add(j, kind, op, data);
    if (err.code)
        fail_msg("%s", err.text);
}

static struct rk_err probe(struct record_journal *j)
{
    struct told t = {.wanted = 1};
    record_journal_probe(j, on_told, &t);
    test_run();
    return t.err;
}

static void collect(const struct record_entry *e, void *ctx)
{
    struct rk_buf *out = ctx;
    rk_buf_f(out, "%d:%s:" RK_FMT_STR ";", (int)e->kind, e->operation, RK_ARG_STR(e->data));
}

static const char *entries(struct record_journal *j)
{
    struct rk_buf out = RK_BUF_INIT;
    struct rk_err err = {0};
    if (record_journal_each(j, collect, &out, &err) < 0)
        fail_msg("%s", err.text);
    const char *text = rk_arena_strdup(arena, out.p);
    rk_buf_release(&out);
    return text;
}

/* ---- tests ---- */

static void order_and_one_sync(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    struct told t = {.wanted = 5};
    struct named named[5];
    add_ok(j, RECORD_NOTE, "first", "so that the header is there");
    int before = syncs;
    for (int i = 0; i < 5; i++) {
        char op[] = "op-0";
        op[3] = (char)('0' + i);
        struct record_entry e = {.kind = RECORD_OPENED, .operation = op, .task = i,
                                 .data = RK_STR("{\"a\":\n1}"), .time = 5};
        named[i] = (struct named){&t, (char)('a' + i)};
        record_journal_add(j, &e, on_named, &named[i]);
    }
    assert_int_equal(t.n, 0);
    test_run();
    assert_string_equal(t.order, "abcde");
    assert_int_equal(t.err.code, RK_OK);
    assert_in_range(syncs - before, 1, 2);  /* the first may go alone, the rest go together */
    const char *all = entries(j);
    assert_string_equal(all, "5:first:so that the header is there;0:op-0:{\"a\":\n1};"
                             "0:op-1:{\"a\":\n1};0:op-2:{\"a\":\n1};0:op-3:{\"a\":\n1};"
                             "0:op-4:{\"a\":\n1};");
    assert_null(record_journal_trouble(j));
    close_journal(j);
    j = open_here();
    assert_string_equal(entries(j), strchr(all, ';') + 1); /* the note without an opening went */
    close_journal(j);
}

static void fields(const struct record_entry *e, void *ctx)
{
    int *n = ctx;
    static const char data[] = "a\0b";
    assert_int_equal(e->kind, RECORD_TASK_DONE);
    assert_string_equal(e->operation, "op");
    assert_int_equal(e->task, 41);
    assert_int_equal(e->time, -7);
    assert_int_equal(e->data.n, 3);
    assert_memory_equal(e->data.p, data, 3);
    ++*n;
}

static void every_field(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    struct told t = {.wanted = 1};
    int n = 0;
    struct record_entry e = {.kind = RECORD_TASK_DONE, .operation = "op", .task = 41,
                             .data = {"a\0b", 3}, .time = -7};
    record_journal_add(j, &e, on_told, &t);
    test_run();
    assert_int_equal(record_journal_each(j, fields, &n, NULL), 0);
    assert_int_equal(n, 1);
    close_journal(j);
}

/* Three operations; returns the file and where each record ends. */
static rk_str sample(size_t ends[4])
{
    struct record_journal *j = open_here();
    static const char *const data[] = {"one", "two \n lines", "", "{\"four\":4}"};
    for (int i = 0; i < 4; i++) {
        char op[] = "op-0";
        struct stat st;
        op[3] = (char)('0' + i);
        add_ok(j, RECORD_OPENED, op, data[i]);
        assert_int_equal(stat(test_path("state/journal"), &st), 0);
        ends[i] = (size_t)st.st_size;
    }
    close_journal(j);
    return test_get(test_path("state/journal"));
}

static const char *const part[] = {"0:op-0:one;", "0:op-1:two \n lines;", "0:op-2:;",
                                   "0:op-3:{\"four\":4};"};

static void torn_at_every_byte(void **state)
{
    (void)state;
    size_t ends[4];
    rk_str whole = sample(ends);
    assert_int_equal(whole.n, ends[3]);
    for (size_t cut = 0; cut <= whole.n; cut++) {
        rk_auto(rk_buf_release) struct rk_buf want = RK_BUF_INIT;
        test_put(test_path("state/journal"), whole.p, cut);
        for (int i = 0; i < 4; i++)
            if (cut >= ends[i])
                rk_buf_c(&want, part[i]);
        struct record_journal *j = open_here();
        assert_string_equal(entries(j), want.p);
        add_ok(j, RECORD_OPENED, "later", "x");
        rk_buf_c(&want, "0:later:x;");
        close_journal(j);
        j = open_here();
        assert_string_equal(entries(j), want.p);
        close_journal(j);
    }
}

static void damaged_at_every_byte(void **state)
{
    (void)state;
    size_t ends[4], header = sizeof RECORD_HEADER - 1, in_the_middle = 0;
    rk_str whole = sample(ends);
    char *bytes = rk_arena_dup(arena, whole.p, whole.n);
    for (size_t at = header; at < whole.n; at++) {
        rk_auto(rk_buf_release) struct rk_buf want = RK_BUF_INIT;
        bytes[at] ^= 0x20;
        in_the_middle += at < ends[2];
        test_put(test_path("state/journal"), bytes, whole.n);
        for (int i = 0; i < 4; i++)
            if (at >= ends[i] || at < (i ? ends[i - 1] : header))
                rk_buf_c(&want, part[i]);
        struct record_journal *j = open_here();
        assert_string_equal(entries(j), want.p);
        assert_null(record_journal_trouble(j));
        close_journal(j);
        bytes[at] ^= 0x20;
    }
    /* what was damaged in the middle is kept for people */
    char **names;
    size_t n, kept = 0;
    assert_int_equal(rk_dir_names(test_path("state"), &names, &n, NULL), 0);
    for (size_t i = 0; i < n; i++)
        kept += strncmp(names[i], "journal.damaged-", 16) == 0;
    rk_names_free(names, n);
    assert_int_equal(kept, in_the_middle);
}

static void strange_files(void **state)
{
    (void)state;
    static const char zeros[5000];
    struct record_journal *j = NULL;
    struct rk_err err = {0};
    assert_int_equal(rk_mkdirs(test_path("state"), 0700, NULL), 0);
    test_put(test_path("state/journal"), zeros, sizeof zeros);
    j = open_here();
    assert_string_equal(entries(j), "");
    add_ok(j, RECORD_OPENED, "op", "x");
    assert_string_equal(entries(j), "0:op:x;");
    close_journal(j);
    test_put(test_path("state/journal"), "reckon journal 2\n.....", 22);
    assert_int_equal(record_journal_open(loop, test_path("state"), "s", &j, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_text(err.text, "version");
    assert_int_equal(test_get(test_path("state/journal")).n, 22); /* untouched */
}

static void bad_entries(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    char *large = rk_calloc(1, RECORD_FRAME_MAX + 1);
    memset(large, 'x', RECORD_FRAME_MAX);
    assert_int_equal(add(j, RECORD_OPENED, "a b", "").code, RK_INVALID);
    assert_int_equal(add(j, RECORD_OPENED, "a\nopened", "").code, RK_INVALID);
    assert_int_equal(add(j, RECORD_OPENED, "", "").code, RK_INVALID);
    assert_int_equal(add(j, RECORD_KIND_MAX, "op", "").code, RK_INVALID);
    assert_int_equal(add(j, RECORD_OPENED, "op", large).code, RK_LIMIT);
    assert_null(record_journal_trouble(j)); /* the entry's fault, not the disk's */
    /* a frame inside data is data */
    struct rk_buf inner = RK_BUF_INIT;
    struct record_entry e = {.kind = RECORD_CLOSED, .operation = "op", .task = -1,
                             .data = RK_STR("forged")};
    rk_buf_ch(&inner, '\n');
    assert_int_equal(record_frame(&inner, &e, NULL), 0);
    add_ok(j, RECORD_OPENED, "op", inner.p);
    assert_string_equal(entries(j), rk_arena_f(arena, "0:op:%s;", inner.p));
    close_journal(j);
    rk_buf_release(&inner);
    free(large);
}

static void compaction(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    struct told t = {.wanted = 2 * (RECORD_KEPT + 5) + 3};
    static const char *const extra[] = {"open", "lost", "-"};
    char op[32];
    for (int i = 0; i < 2 * (RECORD_KEPT + 5); i++) {
        (void)snprintf(op, sizeof op, "op-%d", i / 2);
        struct record_entry e = {.kind = i % 2 ? RECORD_CLOSED : RECORD_OPENED, .operation = op,
                                 .data = RK_STR("x")};
        record_journal_add(j, &e, on_told, &t);
        if (i == 1)
            for (size_t k = 0; k < RK_LEN(extra); k++) {
                e.kind = k ? RECORD_NOTE : RECORD_OPENED;
                e.operation = k == 2 ? NULL : extra[k];
                record_journal_add(j, &e, on_told, &t);
            }
    }
    test_run();
    assert_int_equal(t.err.code, RK_OK);
    close_journal(j);
    j = open_here();
    const char *all = entries(j);
    assert_int_equal(strncmp(all, "0:open:x;0:op-5:x;6:op-5:x;0:op-6:x;", 35), 0);
    assert_text(all, "0:op-1004:x;6:op-1004:x;");
    assert_null(strstr(all, "lost"));
    assert_null(strstr(all, ":-:"));
    size_t before = test_get(test_path("state/journal")).n;
    close_journal(j);
    j = open_here();
    assert_string_equal(entries(j), all);
    assert_int_equal(test_get(test_path("state/journal")).n, before);
    close_journal(j);
}

/* ---- other processes ---- */

/* Runs fn in a child that has a loop of its own; its pid. out: what it writes to its fd. */
static pid_t in_child(void (*fn)(int fd), int *out)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        loop = run_loop_new();
        fn(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

static void hold_lock(int fd)
{
    struct record_journal *j = NULL;
    if (record_journal_open(loop, test_path("state"), "/run/reckon/other.sock", &j, NULL) < 0 ||
        write(fd, "1", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void locked(void **state)
{
    (void)state;
    int fd, status;
    char byte;
    struct record_journal *j = NULL;
    struct rk_err err = {0};
    pid_t pid = in_child(hold_lock, &fd);
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(record_journal_open(loop, test_path("state"), "mine", &j, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_text(err.text, "/run/reckon/other.sock");
    assert_text(err.text, rk_arena_f(arena, "process id %ld", (long)pid));
    assert_null(j);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(fd);
    j = open_here();                    /* no stale lock remains */
    rk_str lock = test_get(test_path("state/lock"));
    assert_string_equal(lock.p, rk_arena_f(arena, "%ld\n/run/reckon/test.sock\n", (long)getpid()));
    assert_int_equal(record_journal_open(loop, test_path("state"), "mine", &j, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT); /* not twice in one process either */
    close_journal(j);
}

/* An engine whose child, not yet its own program, holds the lock until somebody looks whose it is. */
static void hold_by_child(int fd)
{
    struct record_journal *j = NULL;
    char event[1024];
    if (record_journal_open(loop, test_path("state"), "/run/reckon/other.sock", &j, NULL) < 0)
        _exit(1);
    if (fork() == 0) {
        int watch = inotify_init1(IN_CLOEXEC);
        if (inotify_add_watch(watch, test_path("state/lock"), IN_ACCESS) < 0 ||
            write(fd, "1", 1) != 1 || read(watch, event, sizeof event) <= 0)
            _exit(1);
        _exit(0);
    }
    for (;;)
        pause();
}

static void locked_by_a_child(void **state)
{
    (void)state;
    int fd, status;
    char byte;
    pid_t pid = in_child(hold_by_child, &fd);
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close_journal(open_here());
    close(fd);
}

struct writer { struct record_journal *j; int fd; uint32_t n; };

static void acknowledged(const struct rk_err *err, void *ctx)
{
    struct writer *w = ctx;
    if (err || write(w->fd, &w->n, sizeof w->n) != sizeof w->n)
        _exit(1);
    w->n++;
    char op[16];
    (void)snprintf(op, sizeof op, "op-%u", w->n);
    struct record_entry e = {.kind = RECORD_OPENED, .operation = op, .data = RK_STR("x")};
    record_journal_add(w->j, &e, acknowledged, w);
}

static void write_for_ever(int fd)
{
    struct writer w = {.fd = fd};
    if (record_journal_open(loop, test_path("state"), "s", &w.j, NULL) < 0)
        _exit(1);
    struct record_entry e = {.kind = RECORD_OPENED, .operation = "op-0", .data = RK_STR("x")};
    record_journal_add(w.j, &e, acknowledged, &w);
    run_loop_run(loop);
}

static void killed(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        int fd, status;
        uint32_t last = 0, n;
        assert_int_equal(rk_remove_tree(test_path("state"), NULL), 0);
        pid_t pid = in_child(write_for_ever, &fd);
        for (int i = 0; i < 20 + round * 7 && read(fd, &n, sizeof n) == sizeof n; i++)
            last = n;
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        while (read(fd, &n, sizeof n) == sizeof n)
            last = n;
        close(fd);
        struct record_journal *j = open_here();
        const char *all = entries(j);
        for (uint32_t i = 0; i <= last; i++)
            assert_text(all, rk_arena_f(arena, "0:op-%u:x;", i));
        close_journal(j);
    }
}

/* ---- full disks ---- */

static void set_size_limit(rlim_t to)
{
    struct rlimit l;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
    l.rlim_cur = to;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void full_by_limit(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    (void)signal(SIGXFSZ, SIG_IGN);
    add_ok(j, RECORD_OPENED, "good", "x");
    size_t size = test_get(test_path("state/journal")).n;
    set_size_limit(size + 10);
    struct rk_err err = add(j, RECORD_TASK_STARTED, "good", "is not written");
    assert_int_equal(err.code, RK_LIMIT);
    assert_text(err.text, "disk full");
    assert_text(record_journal_trouble(j), "disk full");
    assert_int_equal(test_get(test_path("state/journal")).n, size);
    set_size_limit(RLIM_INFINITY);
    /* room alone does not help: only a probe finds it */
    assert_int_equal(add(j, RECORD_TASK_STARTED, "good", "nor this").code, RK_LIMIT);
    set_size_limit(size + 10);
    assert_int_equal(probe(j).code, RK_LIMIT);
    assert_non_null(record_journal_trouble(j));
    set_size_limit(RLIM_INFINITY);
    assert_int_equal(probe(j).code, RK_OK);
    assert_null(record_journal_trouble(j));
    assert_int_equal(test_get(test_path("state/journal")).n, size);
    add_ok(j, RECORD_TASK_DONE, "good", "y");
    close_journal(j);
    j = open_here();
    assert_string_equal(entries(j), "0:good:x;2:good:y;");
    close_journal(j);
}

/* No room to compact: everything is still there, and work waits for room. */
static void full_at_open(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    struct rk_err err = {0};
    add_ok(j, RECORD_NOTE, "dropped", "x");
    add_ok(j, RECORD_OPENED, "kept", "y");
    close_journal(j);
    (void)signal(SIGXFSZ, SIG_IGN);
    set_size_limit(30);
    j = open_here();
    assert_string_equal(entries(j), "5:dropped:x;0:kept:y;");
    assert_text(record_journal_trouble(j), "File too large");
    err = add(j, RECORD_NOTE, "kept", "no");
    assert_int_not_equal(err.code, RK_OK);
    set_size_limit(RLIM_INFINITY);
    assert_int_equal(probe(j).code, RK_OK);
    add_ok(j, RECORD_CLOSED, "kept", "z");
    assert_string_equal(entries(j), "5:dropped:x;0:kept:y;6:kept:z;");
    close_journal(j);
    j = open_here();
    assert_string_equal(entries(j), "0:kept:y;6:kept:z;");
    close_journal(j);
}

static void put_small(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        _exit(77);
    close(fd);
}

/* A file system of 64 KiB in a namespace of its own; 77: this machine allows none. */
static void small_disk(const char *at)
{
    char map[64];
    uid_t uid = getuid();
    gid_t gid = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        _exit(77);
    (void)snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
    put_small("/proc/self/uid_map", map);
    put_small("/proc/self/setgroups", "deny");
    (void)snprintf(map, sizeof map, "0 %u 1", (unsigned)gid);
    put_small("/proc/self/gid_map", map);
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", at, "tmpfs", 0, "size=64k") != 0)
        _exit(77);
}

static void fill(int fd)
{
    const char *dir = test_path("state");
    (void)fd;
    if (rk_mkdirs(dir, 0700, NULL) < 0)
        _exit(1);
    small_disk(dir);
    struct record_journal *j = open_in(dir);
    char *data = rk_calloc(1, 6001);
    memset(data, 'x', 6000);
    static char filler[20000];
    test_put(test_path("state/filler"), filler, sizeof filler);
    struct rk_err err = {0};
    int good = 0;
    while (good < 100 && (err = add(j, RECORD_OPENED, "op", data)).code == RK_OK)
        good++;
    assert_int_equal(err.code, RK_LIMIT);
    assert_in_range(good, 3, 10);
    assert_text(record_journal_trouble(j), "disk full");
    assert_int_equal(probe(j).code, RK_LIMIT);
    struct doc_node *doc = doc_string_c(arena, data);
    while (record_state_write(dir, "big", doc, &err) == 0 && good < 200)
        doc = doc_string_f(arena, "%s%s", doc_text(doc).p, data), good++;
    assert_int_equal(err.code, RK_LIMIT); /* and what was there before is there */
    assert_int_equal(record_state_read(dir, "big", arena, &doc, &err), 0);
    assert_int_equal(unlink(test_path("state/filler")), 0);
    (void)unlink(test_path("state/big.json"));
    assert_int_equal(probe(j).code, RK_OK);
    add_ok(j, RECORD_CLOSED, "op", "after");
    close_journal(j);
    j = open_in(dir);
    assert_text(entries(j), "6:op:after;");
    close_journal(j);
    free(data);
    run_loop_free(loop);
    rk_arena_free(arena);
    _exit(0);
}

static void full_small_disk(void **state)
{
    (void)state;
    int fd, status;
    pid_t pid = in_child(fill, &fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(fd);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- the end ---- */

static void never(const struct rk_err *err, void *ctx)
{
    (void)err;
    (void)ctx;
    fail_msg("told after the end");
}

static void end_with_waiting(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    for (int i = 0; i < 3; i++) {
        struct record_entry e = {.kind = RECORD_OPENED, .operation = "op", .data = RK_STR("x")};
        record_journal_add(j, &e, never, NULL);
    }
    close_journal(j);
    j = open_here();
    assert_string_equal(entries(j), "0:op:x;0:op:x;0:op:x;");
    close_journal(j);
    record_journal_close(NULL);
}

static void close_now(const struct rk_err *err, void *ctx)
{
    assert_null(err);
    record_journal_close(ctx);
    run_loop_stop(loop);
}

static void end_from_callback(void **state)
{
    (void)state;
    struct record_journal *j = open_here();
    struct record_entry e = {.kind = RECORD_OPENED, .operation = "op", .data = RK_STR("x")};
    record_journal_add(j, &e, NULL, NULL);  /* goes alone; the next two go together */
    record_journal_add(j, &e, close_now, j);
    record_journal_add(j, &e, never, NULL);
    test_run();
    j = open_here();
    assert_string_equal(entries(j), "0:op:x;0:op:x;0:op:x;");
    close_journal(j);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, test_begin, test_end)
    const struct CMUnitTest tests[] = {
        TEST(order_and_one_sync), TEST(every_field), TEST(torn_at_every_byte),
        TEST(damaged_at_every_byte), TEST(strange_files), TEST(bad_entries), TEST(compaction),
        TEST(locked), TEST(locked_by_a_child), TEST(killed), TEST(full_by_limit), TEST(full_at_open),
        TEST(full_small_disk),
        TEST(end_with_waiting), TEST(end_from_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
