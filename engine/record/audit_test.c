/*
 * audit_test.c: the audit log against real repositories: entries as git shows them, values that try
 * to forge trailers, lists, local entries, pushes (away, coalesced, all, from two engines at once),
 * a crash while entries are made anew; and verification of good, changed, dropped, rewritten and
 * withheld logs, each time with tests/audit_verify.py as a second opinion.
 */
#include "record/test_int.h"

#include <sys/stat.h>
#include <sys/wait.h>

struct engine {
    const char *dir;            /* the state folder */
    struct git_mirror *mirror;
    struct record_log *log;
};

/* ---- git ---- */

#define git_do(dir, ...) ((void)git_out(dir, __VA_ARGS__))
#define git_out(dir, ...) git_words(dir, (const char *const[]){__VA_ARGS__, NULL})
static const char *git_words(const char *dir, const char *const *words)
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

static void open_engine(struct engine *e, const char *name)
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

static void close_engine(struct engine *e)
{
    record_log_close(e->log);
    git_mirror_free(e->mirror);
    *e = (struct engine){0};
    test_turn();
}

static struct engine one, two;

static int begin(void **state)
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

static int end(void **state)
{
    if (one.log)
        close_engine(&one);
    if (two.log)
        close_engine(&two);
    return test_end(state);
}

/* ---- entries ---- */

static int64_t now = 1790000000000;

static struct record_audit entry_of(const char *result)
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

static void add_entry(struct engine *e, const struct record_audit *entry)
{
    struct rk_err err = {0};
    if (record_log_add(e->log, entry, false, &err) < 0)
        fail_msg("%s", err.text);
}

static void add(struct engine *e, const char *result)
{
    struct record_audit entry = entry_of(result);
    add_entry(e, &entry);
}

struct pushed { int wanted, n; struct rk_err err; };

static void on_push(const struct rk_err *err, void *ctx)
{
    struct pushed *p = ctx;
    if (err)
        p->err = *err;
    if (++p->n == p->wanted)
        run_loop_stop(loop);
}

static struct rk_err push(struct engine *e, const char *environment)
{
    struct pushed p = {.wanted = 1};
    record_log_push(e->log, environment, on_push, &p);
    assert_int_equal(p.n, 0);
    test_run();
    return p.err;
}

static void push_ok(struct engine *e)
{
    struct rk_err err = push(e, NULL);
    if (err.code)
        fail_msg("%s", err.text);
}

static void on_poll(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    (void)head;
    (void)err;
    (void)ctx;
    run_loop_stop(loop);
}

static void poll_once(struct engine *e)
{
    git_mirror_poll(e->mirror, on_poll, NULL);
    test_run();
}

struct page { struct record_audit *v; size_t n, total; };

static struct page list(struct engine *e, const char *environment, int64_t since, size_t skip,
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
static const char *shown(struct page p)
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

static struct record_verify verify_with(const char *repo, const char *state_dir)
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

static int second_opinion(const char *repo)
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

static void sound(const char *repo, const char *state_dir, int64_t entries)
{
    struct record_verify v = verify_with(repo, state_dir);
    if (!v.ok)
        fail_msg("%s: %s", repo, v.message);
    assert_int_equal(v.entries, entries);
    assert_int_equal(second_opinion(repo), 0);
}

static void unsound(const char *repo, const char *why)
{
    struct record_verify v = verify_with(repo, NULL);
    assert_false(v.ok);
    assert_text(v.message, why);
    assert_int_equal(second_opinion(repo), 1);
}

/* ---- tests: what is written ---- */

#define LOG "reckon/audit/production"

static void as_git_shows_it(void **state)
{
    (void)state;
    struct record_audit e = entry_of("Succeeded");
    e.id = "019a0000-0000-7000-8000-000000000001";
    e.cluster_uid = "cluster-uid";
    e.plan = "abcd";
    e.approver = "second operator";
    e.reason = "release 1.2";
    e.message = "12 objects applied";
    struct record_value value = {.object = "apps/Deployment/shop/web", .path = "/spec/replicas",
                                 .before = "3", .after = "2", .manager = "kubectl", .clear = true,
                                 .written = 5};
    struct record_item item = {{RK_STR("apps"), RK_STR("Deployment"), RK_STR("shop"),
                                RK_STR("web")}, "uid-1"};
    e.values = &value;
    e.n_values = 1;
    e.inventory = &item;
    e.n_inventory = 1;
    e.applied_desired_hash = "ff00";
    add_entry(&one, &e);
    push_ok(&one);
    const char *repo = test_path("remote.git");
    assert_string_equal(git_out(repo, "log", "-1", "--format=%s", LOG),
                        "sync production/shop Succeeded 1a2b3c4");
    assert_string_equal(git_out(repo, "log", "-1", "--format=%an <%ae> %cn %ct", LOG),
                        rk_arena_f(arena, "operator <operator@example.org> Reckon %lld",
                                   (long long)(now / 1000)));
    assert_string_equal(git_out(repo, "log", "-1", "--format=%b", LOG),
        "  12 objects applied\n\n"
        "Reckon-Schema: 1\n"
        "Reckon-Seq: 1\n"
        "Reckon-Id: 019a0000-0000-7000-8000-000000000001\n"
        "Reckon-Kind: sync\n"
        "Reckon-App: shop\n"
        "Reckon-Env: production\n"
        "Reckon-Cluster-Uid: cluster-uid\n"
        "Reckon-From: 0123456789012345678901234567890123456789\n"
        "Reckon-To: 1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b\n"
        "Reckon-Plan-Sha256: abcd\n"
        "Reckon-Actor: operator\n"
        "Reckon-Approver: second operator\n"
        "Reckon-Reason: release 1.2\n"
        "Reckon-Result: Succeeded");
    assert_string_equal(git_out(repo, "ls-tree", "--name-only", LOG), "entry.json");
    struct page p = list(&one, "production", 0, 0, 10);
    assert_int_equal(p.n, 1);
    assert_int_equal(p.total, 1);
    const struct record_audit *b = &p.v[0];
    assert_int_equal(b->seq, 1);
    assert_null(b->prev);
    assert_true(b->pushed);
    assert_string_equal(b->commit, git_out(repo, "rev-parse", LOG));
    assert_string_equal(b->reason, "release 1.2");
    assert_string_equal(b->message, "12 objects applied");
    assert_string_equal(b->applied_desired_hash, "ff00");
    assert_int_equal(b->time, now);
    assert_int_equal(b->started, now - 900);
    assert_int_equal(b->finished, now - 100);
    assert_int_equal(b->n_values, 1);
    assert_string_equal(b->values[0].path, "/spec/replicas");
    assert_string_equal(b->values[0].before, "3");
    assert_true(b->values[0].clear);
    assert_int_equal(b->n_inventory, 1);
    assert_true(kube_key_eq(&b->inventory[0].key, &item.key));
    assert_string_equal(b->inventory[0].uid, "uid-1");
    sound(repo, NULL, 1);
    sound(git_mirror_dir(one.mirror), one.dir, 1);
}

static void nothing_is_forged(void **state)
{
    (void)state;
    static const char forged[] = "ok\n\nReckon-Seq: 99\r\nReckon-Result: Succeeded";
    struct record_audit e = entry_of("Failed");
    char *large = rk_arena_alloc(arena, 100001);
    memset(large, 'x', 100000);
    e.app = "shop\n\nReckon-Actor: somebody";
    e.reason = forged;
    e.message = "a\n\nReckon-Result: Succeeded\n";
    e.actor = "  op\x1b[31m \u202e <x>\n";
    e.actor_email = "a>b\nc";
    e.approver = "Reckon-Result: Succeeded";
    e.from = large;
    add_entry(&one, &e);
    struct record_audit only = entry_of("Failed");
    only.message = "Reckon-Result: Succeeded";
    only.stage = NULL;
    only.result = NULL;
    only.time = 0;
    only.app = NULL;
    only.to = NULL;
    add_entry(&one, &only);
    push_ok(&one);
    const char *repo = test_path("remote.git");
    sound(repo, NULL, 2);
    const char *log[] = {LOG "~1", LOG};
    assert_string_equal(git_out(repo, "log", "-1", "--format=%(trailers:key=Reckon-Result,valueonly)",
                                log[0]), "Failed");
    assert_string_equal(git_out(repo, "log", "-1", "--format=%(trailers:key=Reckon-Result)",
                                log[1]), "");
    assert_string_equal(git_out(repo, "log", "-1", "--format=%(trailers:key=Reckon-Seq,valueonly)",
                                log[0]), "1");
    assert_string_equal(git_out(repo, "log", "-1", "--format=%s", log[1]),
                        "sync production event");
    const char *raw = git_out(repo, "log", "--format=%B", LOG);
    size_t lines = 0;
    for (const char *at = raw; (at = strstr(at, "\nReckon-Result:")); at++)
        lines++;
    assert_int_equal(lines, 1);         /* not even for grep */
    struct page p = list(&one, NULL, 0, 0, 10);
    assert_string_equal(p.v[1].reason, "ok\\n\\nReckon-Seq: 99\\x0d\\nReckon-Result: Succeeded");
    assert_int_equal(strlen(p.v[1].from), 64);
    assert_non_null(p.v[0].id);         /* made when none is given */
    assert_int_equal(strlen(p.v[0].id), 36);
    assert_true(p.v[0].time > now);
}

static void bad_entries(void **state)
{
    (void)state;
    static const struct { const char *kind, *environment; } bad[] = {
        {NULL, "production"}, {"", "production"}, {"--- x", "production"}, {"Sync", "production"},
        {"sync x", "production"}, {"sync", NULL}, {"sync", ""}, {"sync", "a\nb"}, {"sync", "a..b"},
        {"sync", " a"}, {"sync", "a~b"},
    };
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct record_audit e = entry_of("x");
        struct rk_err err = {0};
        e.kind = bad[i].kind;
        e.environment = bad[i].environment;
        assert_int_equal(record_log_add(one.log, &e, false, &err), -1);
        assert_int_equal(err.code, RK_INVALID);
    }
    struct record_audit e = entry_of("x");
    struct rk_err err = {0};
    e.n_values = 1000000;
    assert_int_equal(record_log_add(one.log, &e, false, &err), -1);
    assert_int_equal(err.code, RK_LIMIT);
    assert_int_equal(list(&one, NULL, 0, 0, 10).n, 0);
}

static void local_only(void **state)
{
    (void)state;
    struct rk_err err = {0};
    for (int i = 0; i < 3; i++) {
        struct record_audit e = entry_of(rk_arena_f(arena, "L%d", i));
        e.environment = "eu/dev";
        if (record_log_add(one.log, &e, true, &err) < 0)
            fail_msg("%s", err.text);
        add(&one, rk_arena_f(arena, "G%d", i));
    }
    push_ok(&one);
    assert_string_equal(git_out(test_path("remote.git"), "for-each-ref", "--format=%(refname)"),
                        "refs/heads/" LOG);
    struct page p = list(&one, "eu/dev", 0, 0, 10);
    assert_string_equal(shown(p), "3:L2 2:L1 1:L0");
    assert_int_equal(strlen(p.v[0].prev), 64);
    assert_null(p.v[2].prev);
    assert_false(p.v[0].pushed);
    assert_null(p.v[0].commit);
    p = list(&one, NULL, 0, 0, 10);
    assert_string_equal(shown(p), "3:G2 3:L2 2:G1 2:L1 1:G0 1:L0");
    assert_int_equal(p.total, 6);
    /* a torn last line */
    const char *path = test_path("one/audit-local/eu%2Fdev.jsonl");
    rk_str text = test_get(path);
    test_put(path, text.p, text.n - 5);
    assert_string_equal(shown(list(&one, "eu/dev", 0, 0, 10)), "2:L1 1:L0");
    struct record_audit e = entry_of("again");
    e.environment = "eu/dev";
    assert_int_equal(record_log_add(one.log, &e, true, &err), 0);
    assert_string_equal(shown(list(&one, "eu/dev", 0, 0, 10)), "3:again 2:L1 1:L0");
}

static void pages(void **state)
{
    (void)state;
    int64_t third = 0;
    for (int i = 0; i < 7; i++) {
        add(&one, rk_arena_f(arena, "P%d", i));
        if (i == 2)
            third = now;
        if (i == 4)
            push_ok(&one);
        struct record_audit e = entry_of(rk_arena_f(arena, "S%d", i));
        struct record_item item = {{RK_STR("apps"), RK_STR("Deployment"), RK_STR("s"),
                                    RK_STR("w")}, "u"};
        e.environment = "staging";
        e.inventory = &item;
        e.n_inventory = 1;
        add_entry(&one, &e);
    }
    struct page p = list(&one, "production", 0, 0, 3);
    assert_string_equal(shown(p), "7:P6 6:P5 5:P4");
    assert_int_equal(p.total, 7);
    assert_false(p.v[1].pushed);
    assert_true(p.v[2].pushed);
    p = list(&one, "production", 0, 5, 100);
    assert_string_equal(shown(p), "2:P1 1:P0");
    assert_true(p.v[0].pushed);
    p = list(&one, "production", third, 1, 100);
    assert_string_equal(shown(p), "6:P5 5:P4 4:P3 3:P2");
    assert_int_equal(p.total, 5);
    p = list(&one, NULL, 0, 1, 4);
    assert_string_equal(shown(p), "7:P6 6:S5 6:P5 5:S4");
    assert_int_equal(p.total, 14);
    assert_int_equal(p.v[1].n_inventory, 1);
    assert_int_equal(p.v[3].n_inventory, 0);   /* only its newest */
    assert_int_equal(list(&one, "production", 0, 7, 10).n, 0);
    assert_int_equal(list(&one, "nowhere", 0, 0, 10).total, 0);
    assert_int_equal(list(&one, "production", now + 5000, 0, 10).total, 0);
    close_engine(&one);
    open_engine(&one, "one");           /* a restart knows the environments */
    assert_int_equal(list(&one, NULL, 0, 0, 100).n, 14);
}

/* ---- tests: pushes ---- */

static void away_and_back(void **state)
{
    (void)state;
    const char *repo = test_path("remote.git"), *moved = test_path("moved.git");
    add(&one, "A");
    assert_int_equal(rename(repo, moved), 0);
    struct rk_err err = push(&one, "production");
    assert_int_equal(err.code, RK_UNAVAILABLE);
    add(&one, "B");
    assert_string_equal(shown(list(&one, "production", 0, 0, 9)), "2:B 1:A");
    close_engine(&one);
    open_engine(&one, "one");
    assert_int_equal(rename(moved, repo), 0);
    push_ok(&one);                      /* known after a restart, by NULL */
    sound(repo, one.dir, 2);
    assert_int_equal(push(&one, "production").code, RK_OK);
    assert_int_equal(push(&one, "nothing-there").code, RK_OK);
}

static void nothing_to_push(void **state)
{
    (void)state;
    assert_int_equal(push(&one, NULL).code, RK_OK);
    record_log_push(one.log, NULL, NULL, NULL);
    test_turn();
}

static void coalesced(void **state)
{
    (void)state;
    struct pushed p = {.wanted = 6};
    for (int i = 0; i < 5; i++) {
        add(&one, "x");
        record_log_push(one.log, i % 2 ? NULL : "production", on_push, &p);
    }
    struct record_audit e = entry_of("y");
    e.environment = "staging";
    add_entry(&one, &e);
    record_log_push(one.log, NULL, on_push, &p);
    record_log_push(one.log, NULL, NULL, NULL);
    test_run();
    assert_int_equal(p.n, 6);
    assert_int_equal(p.err.code, RK_OK);
    assert_string_equal(git_out(test_path("remote.git"), "rev-list", "--count", LOG), "5");
    assert_string_equal(git_out(test_path("remote.git"), "rev-list", "--count",
                                "reckon/audit/staging"), "1");
}

static void close_log(const struct rk_err *err, void *ctx)
{
    struct engine *e = ctx;
    (void)err;
    record_log_close(e->log);
    git_mirror_free(e->mirror);
    *e = (struct engine){0};
    run_loop_stop(loop);
}

static void never(const struct rk_err *err, void *ctx)
{
    (void)err;
    (void)ctx;
    fail_msg("told after the end");
}

static void end_from_callback(void **state)
{
    (void)state;
    add(&one, "x");
    record_log_push(one.log, "production", close_log, &one);
    record_log_push(one.log, "production", never, NULL);
    record_log_push(one.log, NULL, never, NULL);
    test_run();
    test_turn();
    open_engine(&one, "one");
    add(&one, "y");
    record_log_push(one.log, NULL, never, NULL);    /* and while a push runs */
    close_engine(&one);
    test_turn();
}

static void race(void **state)
{
    (void)state;
    const char *repo = test_path("remote.git");
    open_engine(&two, "two");
    add(&one, "A1");
    add(&two, "B1");
    add(&two, "B2");
    push_ok(&one);
    push_ok(&two);                      /* nothing in common: made anew on A1 */
    sound(repo, NULL, 3);
    assert_string_equal(shown(list(&two, "production", 0, 0, 9)), "3:B2 2:B1 1:A1");
    add(&one, "A2");
    add(&one, "A3");
    add(&two, "B3");
    push_ok(&two);
    push_ok(&one);
    push_ok(&two);
    sound(repo, two.dir, 6);
    poll_once(&two);
    assert_string_equal(shown(list(&two, "production", 0, 0, 9)),
                        "6:A3 5:A2 4:B3 3:B2 2:B1 1:A1");
    add(&two, "B4");                    /* on what the poll saw */
    push_ok(&two);
    poll_once(&one);
    sound(git_mirror_dir(one.mirror), one.dir, 7);
    sound(git_mirror_dir(two.mirror), two.dir, 7);
    struct page p = list(&one, "production", 0, 0, 1);
    assert_string_equal(p.v[0].prev, git_out(repo, "rev-parse", LOG "~1"));
}

static void crash_while_made_anew(void **state)
{
    (void)state;
    const char *mirror = git_mirror_dir(one.mirror);
    add(&one, "A1");
    push_ok(&one);
    const char *base = git_out(mirror, "rev-parse", "refs/reckon/log/" LOG);
    for (int i = 2; i < 5; i++)
        add(&one, rk_arena_f(arena, "A%d", i));
    const char *tip = git_out(mirror, "rev-parse", "refs/reckon/log/" LOG);
    close_engine(&one);
    mirror = test_path("one/mirror-main");
    /* the log stood on the remote's tip again and one of three entries was there when it ended */
    git_do(mirror, "update-ref", "refs/reckon/log/" LOG, base);
    struct doc_node *doc = doc_map(arena);
    doc_set_c(arena, doc, "production", doc_string_c(arena, tip));
    assert_int_equal(record_state_write(test_path("one"), "audit-remaking-mirror-main", doc, NULL),
                     0);
    git_do(mirror, "update-ref", "refs/reckon/log/" LOG, rk_arena_f(arena, "%s~2", tip));
    open_engine(&one, "one");
    assert_string_equal(shown(list(&one, "production", 0, 0, 9)), "4:A4 3:A3 2:A2 1:A1");
    close_engine(&one);
    /* again from nothing: not twice */
    open_engine(&one, "one");
    assert_string_equal(shown(list(&one, "production", 0, 0, 9)), "4:A4 3:A3 2:A2 1:A1");
    push_ok(&one);
    sound(test_path("remote.git"), one.dir, 4);
}

/* ---- tests: verification ---- */

/* A clone with five entries. */
static const char *five(void)
{
    for (int i = 1; i < 6; i++)
        add(&one, rk_arena_f(arena, "E%d", i));
    push_ok(&one);
    git_do(test_dir, "clone", "-q", "--no-checkout", test_path("remote.git"), test_path("clone"));
    const char *clone = test_path("clone");
    sound(clone, NULL, 5);
    sound(clone, one.dir, 5);
    return clone;
}

/* A commit as `like`, with another parent ("": none), tree or message where given. */
static const char *forge(const char *repo, const char *like, const char *parent, const char *tree,
                         const char *message)
{
    if (!tree)
        tree = git_out(repo, "rev-parse", rk_arena_f(arena, "%s^{tree}", like));
    if (!message)
        message = git_out(repo, "log", "-1", "--format=%B", like);
    return parent && *parent ? git_out(repo, "commit-tree", tree, "-p", parent, "-m", message)
                             : git_out(repo, "commit-tree", tree, "-m", message);
}

static const char *tree_with(const char *repo, const char *json)
{
    const char *file = test_path("forged.json");
    test_put(file, json, strlen(json));
    const char *blob = git_out(repo, "hash-object", "-w", file);
    setenv("GIT_INDEX_FILE", test_path("forged.index"), 1);
    git_do(repo, "read-tree", "--empty");
    git_do(repo, "update-index", "--add", "--cacheinfo",
           rk_arena_f(arena, "100644,%s,entry.json", blob));
    const char *tree = git_out(repo, "write-tree");
    unsetenv("GIT_INDEX_FILE");
    return tree;
}

static void point(const char *repo, const char *id)
{
    git_do(repo, "update-ref", "refs/remotes/origin/" LOG, id);
}

static const char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return rk_arena_f(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

#define B "origin/" LOG

static void changed(void **state)
{
    (void)state;
    const char *repo = five(), *tip = git_out(repo, "rev-parse", B);
    const char *json = git_out(repo, "show", rk_arena_f(arena, "%s~1:entry.json", tip));
    const char *message = git_out(repo, "log", "-1", "--format=%B", rk_arena_f(arena, "%s~1", tip));
    const char *fake = rk_arena_f(arena, "%s\n", replaced(json, "\"E4\"", "\"E9\""));
    const char *e4 = rk_arena_f(arena, "%s~1", tip), *e3 = rk_arena_f(arena, "%s~2", tip);
    /* entry.json alone, as the tip */
    point(repo, forge(repo, e4, e3, tree_with(repo, fake), NULL));
    unsound(repo, "entry.json gives");
    /* message alone */
    point(repo, forge(repo, e4, e3, NULL, replaced(message, "Reckon-Result: E4",
                                                   "Reckon-Result: E9")));
    unsound(repo, "Reckon-Result says \"E9\"");
    /* a trailer more */
    point(repo, forge(repo, e4, e3, NULL, rk_arena_f(arena, "%s\nReckon-Approver: two", message)));
    unsound(repo, "Reckon-Approver");
    /* both alike, the entry after put on top */
    const char *made = forge(repo, e4, e3, tree_with(repo, fake),
                             replaced(replaced(message, "Reckon-Result: E4", "Reckon-Result: E9"),
                                      "production/shop E4", "production/shop E9"));
    point(repo, made);
    sound(repo, NULL, 4);               /* as a tip nothing shows, but for what was seen */
    assert_false(verify_with(repo, one.dir).ok);
    point(repo, forge(repo, tip, made, NULL, NULL));
    unsound(repo, "Prev of entry 5");
    /* no JSON, no entry */
    point(repo, forge(repo, tip, e4, tree_with(repo, "{"), NULL));
    unsound(repo, "no entry");
    point(repo, forge(repo, tip, e4, git_out(repo, "mktree", "--missing"), NULL));
    assert_false(verify_with(repo, NULL).ok);
    point(repo, tip);
    sound(repo, one.dir, 5);
}

static void dropped(void **state)
{
    (void)state;
    const char *repo = five(), *tip = git_out(repo, "rev-parse", B);
    const char *e3 = rk_arena_f(arena, "%s~2", tip);
    /* out of the middle */
    point(repo, forge(repo, tip, e3, NULL, NULL));
    unsound(repo, "Prev of entry 5");
    /* with everything that names the one before put right, the number still shows it */
    const char *was = git_out(repo, "rev-parse", rk_arena_f(arena, "%s~1", tip));
    const char *is = git_out(repo, "rev-parse", e3);
    const char *json = git_out(repo, "show", rk_arena_f(arena, "%s:entry.json", tip));
    const char *message = git_out(repo, "log", "-1", "--format=%B", tip);
    point(repo, forge(repo, tip, e3,
                      tree_with(repo, rk_arena_f(arena, "%s\n", replaced(json, was, is))),
                      replaced(message, was, is)));
    unsound(repo, "entries were dropped");
    /* the first ones */
    const char *e4 = forge(repo, rk_arena_f(arena, "%s~1", tip), "", NULL, NULL);
    point(repo, forge(repo, tip, e4, NULL, NULL));
    assert_false(verify_with(repo, NULL).ok);
    assert_int_equal(second_opinion(repo), 1);
    point(repo, e4);
    unsound(repo, "begins with entry 4");
    /* a merge */
    git_do(repo, "update-ref", "refs/remotes/origin/" LOG,
           git_out(repo, "commit-tree", git_out(repo, "rev-parse", rk_arena_f(arena, "%s^{tree}", tip)),
                   "-p", rk_arena_f(arena, "%s~1", tip), "-p", e3, "-m",
                   git_out(repo, "log", "-1", "--format=%B", tip)));
    unsound(repo, "not linear");
    /* the last ones: only what was seen shows it */
    point(repo, e3);
    sound(repo, NULL, 3);
    struct record_verify v = verify_with(repo, one.dir);
    assert_false(v.ok);
    assert_text(v.message, "seen on the remote before");
    assert_string_equal(v.environment, "production");
    /* all of it */
    git_do(repo, "update-ref", "-d", "refs/remotes/origin/" LOG);
    v = verify_with(repo, one.dir);
    assert_false(v.ok);
    assert_text(v.message, "the branch is gone");
    struct record_verify *rows;
    size_t n;
    assert_int_equal(record_verify(repo, NULL, NULL, arena, &rows, &n, NULL), 0);
    assert_int_equal(n, 0);
    assert_int_equal(second_opinion(repo), 1);
    assert_int_equal(record_verify(repo, NULL, "production", arena, &rows, &n, NULL), 0);
    assert_int_equal(n, 1);
    assert_false(rows[0].ok);
}

static void rewritten(void **state)
{
    (void)state;
    const char *remote = test_path("remote.git");
    (void)five();
    poll_once(&one);
    /* another sound log in its place */
    open_engine(&two, "two");
    git_do(remote, "update-ref", "-d", "refs/heads/" LOG);
    for (int i = 0; i < 6; i++)
        add(&two, "forged");
    push_ok(&two);
    sound(remote, NULL, 6);
    sound(git_mirror_dir(two.mirror), two.dir, 6);
    poll_once(&one);
    struct record_verify v = verify_with(git_mirror_dir(one.mirror), one.dir);
    assert_false(v.ok);
    assert_text(v.message, "rewritten");
    assert_false(verify_with(remote, one.dir).ok);
    add(&one, "E6");
    struct rk_err err = push(&one, NULL);
    assert_int_equal(err.code, RK_CONFLICT); /* nothing is built upon it */
    assert_text(err.text, "rewritten");
    assert_string_equal(git_out(remote, "rev-list", "--count", LOG), "6");
    /* and withheld */
    git_do(remote, "update-ref", "-d", "refs/heads/" LOG);
    poll_once(&one);
    v = verify_with(git_mirror_dir(one.mirror), one.dir);
    assert_false(v.ok);
    assert_text(v.message, "gone");
}

static void foreign_commit(void **state)
{
    (void)state;
    const char *remote = test_path("remote.git");
    add(&one, "A");
    push_ok(&one);
    git_do(remote, "update-ref", "refs/heads/" LOG,
           git_out(remote, "commit-tree", git_out(remote, "mktree", "--missing"), "-p", LOG, "-m",
                   "junk\x1b[2J"));
    poll_once(&one);
    struct record_audit e = entry_of("B");
    struct rk_err err = {0};
    assert_int_equal(record_log_add(one.log, &e, false, &err), -1);
    assert_text(err.text, "something else than audit entries");
    struct page p = list(&one, "production", 0, 0, 9);
    assert_int_equal(p.n, 2);
    assert_string_equal(p.v[0].kind, "unreadable");
    assert_string_equal(p.v[1].result, "A");
    assert_false(verify_with(remote, NULL).ok);
    struct record_verify *rows;
    size_t n;
    assert_int_equal(record_verify(test_path("none"), NULL, NULL, arena, &rows, &n, &err), -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(as_git_shows_it), TEST(nothing_is_forged), TEST(bad_entries), TEST(local_only),
        TEST(pages), TEST(away_and_back), TEST(nothing_to_push), TEST(coalesced),
        TEST(end_from_callback), TEST(race), TEST(crash_while_made_anew), TEST(changed),
        TEST(dropped), TEST(rewritten), TEST(foreign_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
