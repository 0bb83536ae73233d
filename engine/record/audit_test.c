/*
 * audit_test.c: the audit log against real repositories: entries as git shows them, values that try
 * to forge trailers, bad entries, local entries, pages; pushes (away, coalesced, all, from two
 * engines at once), the end from a callback, and a crash while entries are made anew.
 */
#include "record/audit_test_int.h"

/* ---- tests: what is written ---- */

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

static void knows_what_it_has(void **state)
{
    (void)state;
    struct record_audit e = entry_of("x");
    struct rk_err err = {0};
    assert_false(record_log_has(one.log, "production", "op-1", "outcome"));
    e.id = "op-1";
    e.stage = "intent";
    e.environment = "production";
    assert_int_equal(record_log_add(one.log, &e, false, &err), 0);
    assert_true(record_log_has(one.log, "production", "op-1", "intent"));
    assert_false(record_log_has(one.log, "production", "op-1", "outcome"));
    assert_false(record_log_has(one.log, "production", "op-2", "intent"));
    assert_false(record_log_has(one.log, "staging", "op-1", "intent"));
    e.stage = "outcome";
    assert_int_equal(record_log_add(one.log, &e, false, &err), 0);
    assert_true(record_log_has(one.log, "production", "op-1", "intent"));
    assert_true(record_log_has(one.log, "production", "op-1", "outcome"));
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

static void on_cancelled(const struct rk_err *err, void *ctx)
{
    assert_int_equal(err->code, RK_CANCELLED);
    ++*(int *)ctx;
}

/* Outcomes are synced together and go with one push; an intent takes them along. */
static void settled(void **state)
{
    (void)state;
    struct pushed p = {.wanted = 4};
    int ended = 0;
    for (int i = 0; i < 4; i++) {
        add(&one, "x");
        record_log_settle(one.log, "production", on_push, &p);
    }
    assert_int_equal(p.n, 0);
    test_run();
    assert_int_equal(p.n, 4);
    assert_int_equal(p.err.code, RK_OK);
    add(&one, "y");
    p = (struct pushed){.wanted = 2};
    record_log_settle(one.log, "production", on_push, &p);
    record_log_push(one.log, "production", on_push, &p);
    test_run();
    assert_int_equal(p.n, 2);
    assert_string_equal(git_out(test_path("remote.git"), "rev-list", "--count", LOG), "5");
    p = (struct pushed){.wanted = 1};
    record_log_settle(one.log, "production", on_push, &p); /* nothing new: at once */
    test_run();
    add(&one, "z");
    record_log_settle(one.log, "production", on_cancelled, &ended);
    record_log_sync(one.log, "production", on_cancelled, &ended);
    close_engine(&one);
    assert_int_equal(ended, 2);
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

/* One of two entries stood on what another engine had pushed, with a new id of its commit. */
static void crash_half_made_anew(void **state)
{
    (void)state;
    const char *mirror = git_mirror_dir(one.mirror), *log = "refs/reckon/log/" LOG;
    struct record_audit e = entry_of("A2");
    e.id = "entry-2";
    open_engine(&two, "two");
    add(&one, "A1");
    push_ok(&one);
    add_entry(&one, &e);
    add(&one, "A3");
    poll_once(&two);
    add(&two, "B1");
    push_ok(&two);
    poll_once(&one);
    struct doc_node *doc = doc_map(arena);
    doc_set_c(arena, doc, "production", doc_string_c(arena, git_out(mirror, "rev-parse", log)));
    git_do(mirror, "update-ref", log, "refs/remotes/origin/" LOG);
    add_entry(&one, &e);
    assert_int_equal(record_state_write(one.dir, "audit-remaking-mirror-main", doc, NULL), 0);
    close_engine(&one);
    open_engine(&one, "one");
    assert_string_equal(shown(list(&one, "production", 0, 0, 9)), "4:A3 3:A2 2:B1 1:A1");
    push_ok(&one);
    sound(test_path("remote.git"), one.dir, 4);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(as_git_shows_it), TEST(nothing_is_forged), TEST(bad_entries), TEST(local_only),
        TEST(knows_what_it_has),
        TEST(pages), TEST(away_and_back), TEST(nothing_to_push), TEST(coalesced), TEST(settled),
        TEST(end_from_callback), TEST(race), TEST(crash_while_made_anew),
        TEST(crash_half_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
