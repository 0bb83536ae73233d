/*
 * audit_test_int.h: what the tests of the audit log share: engines with a mirror each of one remote,
 * entries, pushes, pages, and verification by the room and by tests/audit_verify.py.
 */
#ifndef RK_RECORD_AUDIT_TEST_INT_H
#define RK_RECORD_AUDIT_TEST_INT_H

#include "record/test_int.h"

struct engine {
    const char *dir;            /* the state folder */
    struct git_mirror *mirror;
    struct record_log *log;
};

/* ---- git ---- */

#define git_do(dir, ...) ((void)git_out(dir, __VA_ARGS__))
#define git_out(dir, ...) git_words(dir, (const char *const[]){__VA_ARGS__, NULL})
static inline const char *git_words(const char *dir, const char *const *words)
{
    struct rk_buf out = RK_BUF_INIT;
    struct rk_err err = {0};
    if (gitcmd_run(dir, words, &out, &err) < 0)
        fail_msg("git %s: %s", words[0], err.text);
    while (out.n && out.p[out.n - 1] == '\n')
        out.p[--out.n] = 0;
    const char *text = rk_arena_strdup(arena, out.p);
    rk_buf_release(&out);
    return text;
}

static inline void open_engine(struct engine *e, const char *name)
{
    struct rk_err err = {0};
    e->dir = test_path(name);
    struct git_mirror_opts o = {.dir = rk_arena_f(arena, "%s/mirror-main", e->dir),
                                .remote = {.url = test_path("remote.git"), .time_limit_ms = 20000},
                                .branch = "main"};
    if (rk_mkdirs(e->dir, 0700, &err) < 0 || git_mirror_open(loop, &o, &e->mirror, &err) < 0 ||
        record_log_open(e->mirror, e->dir, &e->log, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void close_engine(struct engine *e)
{
    record_log_close(e->log);
    git_mirror_free(e->mirror);
    *e = (struct engine){0};
    test_turn();
}

static struct engine one, two;

static inline int begin(void **state)
{
    static const char *const fixed[][2] = {
        {"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_AUTHOR_NAME", "operator"},    {"GIT_AUTHOR_EMAIL", "operator@example.org"},
        {"GIT_COMMITTER_NAME", "operator"}, {"GIT_COMMITTER_EMAIL", "operator@example.org"},
    };
    for (size_t i = 0; i < RK_LEN(fixed); i++)
        setenv(fixed[i][0], fixed[i][1], 1);
    test_begin(state);
    assert_int_equal(rk_mkdirs(test_path("remote.git"), 0755, NULL), 0);
    git_do(test_path("remote.git"), "init", "-q", "--bare", "-b", "main");
    open_engine(&one, "one");
    return 0;
}

static inline int end(void **state)
{
    if (one.log)
        close_engine(&one);
    if (two.log)
        close_engine(&two);
    return test_end(state);
}

/* ---- entries ---- */

static int64_t now = 1790000000000;

static inline struct record_audit entry_of(const char *result)
{
    now += 1000;
    return (struct record_audit){
        .kind = "sync", .app = "shop", .environment = "production", .stage = "outcome",
        .from = "0123456789012345678901234567890123456789",
        .to = "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b", .actor = "operator",
        .actor_email = "operator@example.org", .result = result, .time = now,
        .started = now - 900, .finished = now - 100,
    };
}

static inline void add_entry(struct engine *e, const struct record_audit *entry)
{
    struct rk_err err = {0};
    if (record_log_add(e->log, entry, false, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void add(struct engine *e, const char *result)
{
    struct record_audit entry = entry_of(result);
    add_entry(e, &entry);
}

struct pushed { int wanted, n; struct rk_err err; };

static inline void on_push(const struct rk_err *err, void *ctx)
{
    struct pushed *p = ctx;
    if (err)
        p->err = *err;
    if (++p->n == p->wanted)
        run_loop_stop(loop);
}

static inline struct rk_err push(struct engine *e, const char *environment)
{
    struct pushed p = {.wanted = 1};
    record_log_push(e->log, environment, on_push, &p);
    assert_int_equal(p.n, 0);
    test_run();
    return p.err;
}

static inline void push_ok(struct engine *e)
{
    struct rk_err err = push(e, NULL);
    if (err.code)
        fail_msg("%s", err.text);
}

static inline void on_poll(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    (void)head;
    (void)err;
    (void)ctx;
    run_loop_stop(loop);
}

static inline void poll_once(struct engine *e)
{
    git_mirror_poll(e->mirror, on_poll, NULL);
    test_run();
}

struct page { struct record_audit *v; size_t n, total; };

static inline struct page list(struct engine *e, const char *environment, int64_t since, size_t skip,
                        size_t limit)
{
    struct page p = {0};
    struct git_view *v;
    struct rk_err err = {0};
    if (git_view_open(git_mirror_dir(e->mirror), &v, &err) < 0 ||
        record_log_list(v, e->dir, environment, since, skip, limit, arena, &p.v, &p.n, &p.total,
                        &err) < 0)
        fail_msg("%s", err.text);
    git_view_free(v);
    return p;
}

/* "seq:result ..." of a page */
static inline const char *shown(struct page p)
{
    struct rk_buf out = RK_BUF_INIT;
    for (size_t i = 0; i < p.n; i++)
        rk_buf_f(&out, "%s%lld:%s", i ? " " : "", (long long)p.v[i].seq,
                 p.v[i].result ? p.v[i].result : p.v[i].kind);
    const char *text = rk_arena_strdup(arena, out.p);
    rk_buf_release(&out);
    return text;
}

/* ---- verification, twice ---- */

static inline struct record_verify verify_with(const char *repo, const char *state_dir)
{
    struct record_verify *rows = NULL;
    size_t n = 0;
    struct rk_err err = {0};
    if (record_verify(repo, state_dir, NULL, arena, &rows, &n, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].environment, "production");
    return rows[0];
}

static inline int second_opinion(const char *repo)
{
    const char *argv[] = {"/usr/bin/python3", "tests/audit_verify.py", repo, NULL};
    struct run_child_opts o = {.argv = argv, .time_limit_ms = LIMIT_MS};
    struct run_child_result r = {0};
    struct rk_err err = {0};
    if (run_child_wait(&o, &r, &err) < 0)
        fail_msg("%s", err.text);
    int code = r.exit_code;
    if (r.err_text.n)
        print_message(RK_FMT_STR "\n", RK_ARG_STR(r.err_text));
    run_child_result_release(&r);
    return code;
}

static inline void sound(const char *repo, const char *state_dir, int64_t entries)
{
    struct record_verify v = verify_with(repo, state_dir);
    if (!v.ok)
        fail_msg("%s: %s", repo, v.message);
    assert_int_equal(v.entries, entries);
    assert_int_equal(second_opinion(repo), 0);
}

static inline void unsound(const char *repo, const char *why)
{
    struct record_verify v = verify_with(repo, NULL);
    assert_false(v.ok);
    assert_text(v.message, why);
    assert_int_equal(second_opinion(repo), 1);
}

#define LOG "reckon/audit/production"

#endif
