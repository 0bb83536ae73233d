/*
 * audit_test.c: `audit verify` on a repository whose audit branch room record wrote, then with an
 * entry forged by plain git; what it prints and how it exits.
 */
#include "admin/admin_test.h"
#include "gitcmd/gitcmd.h"
#include "record/record.h"

#define GIT(...) git((const char *const[]){__VA_ARGS__, NULL})

static const char *bare, *mirror;

static void git(const char *const *args)
{
    struct rk_err err = {0};

    if (gitcmd_run(NULL, args, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static void polled(const struct git_head *head, const struct rk_err *err, void *ctx)
{
    (void)head;
    (void)err;
    run_loop_stop(ctx);
}

static void add_entries(struct git_mirror *m, const char *state)
{
    struct record_log *log;
    struct rk_err err = {0};

    assert_int_equal(record_log_open(m, state, &log, &err), 0);
    for (int i = 0; i < 3; i++) {
        struct record_audit e = {.kind = "sync", .app = "web", .environment = "dev",
                                 .actor = "operator", .result = "Succeeded", .stage = "outcome"};
        if (record_log_add(log, &e, false, &err) < 0)
            fail_msg("%s", err.text);
    }
    record_log_close(log);
}

static int make_audit(void **state)
{
    struct git_mirror *m;
    struct rk_err err = {0};

    if (test_begin(state) < 0)
        return -1;
    bare = in_dir("bare.git");
    mirror = in_dir("mirror.git");
    GIT("init", "-q", "--bare", "--initial-branch=main", bare);
    struct run_loop *loop = run_loop_new();
    struct git_mirror_opts opts = {.dir = mirror, .remote = {.url = bare}, .branch = "main",
                                   .committer_name = "Reckon",
                                   .committer_email = "reckon@example.org"};
    assert_int_equal(git_mirror_open(loop, &opts, &m, &err), 0);
    git_mirror_poll(m, polled, loop);
    run_loop_run(loop);
    add_entries(m, in_dir("state"));
    git_mirror_free(m);
    run_loop_run(loop);
    run_loop_free(loop);
    return 0;
}

static void holds(void **state)
{
    (void)state;
    assert_int_equal(RUN("", "audit", "verify", "--repo", mirror), ADMIN_DONE);
    assert_true(rk_str_starts(rk_buf_view(&test_out), "dev              ok          3 entries  "));
    assert_int_equal(RUN("", "audit", "verify", "--repo", mirror, "--env", "dev", "--state",
                         in_dir("state"), "-o", "json"), ADMIN_DONE);
    assert_true(rk_str_starts(rk_buf_view(&test_out),
                              "{\"ok\":true,\"rows\":[{\"environment\":\"dev\",\"tip\":\""));
    assert_holds(&test_out, "\"ok\":true,\"entries\":3}]}\n");
}

static void nothing_to_verify(void **state)
{
    (void)state;
    assert_int_equal(RUN("", "audit", "verify", "--repo", mirror, "--env", "prod"), ADMIN_NO);
    assert_holds(&test_out, "prod             BROKEN      0 entries");
    assert_int_equal(RUN("", "audit", "verify", "--repo", bare), ADMIN_NO); /* nothing pushed */
    assert_string_equal(test_out.p, "");
    assert_holds(&test_notes, "has no branch reckon/audit/*");
    assert_error(RUN("", "audit", "verify", "--repo", in_dir("none")), "none");
}

/* A commit on top that says nothing of what an entry must say. */
static void forged(void **state)
{
    struct rk_buf out = RK_BUF_INIT;
    const char *const find[] = {"for-each-ref", "--format=%(refname)", NULL};
    struct rk_err err = {0};

    (void)state;
    assert_int_equal(gitcmd_run(mirror, find, &out, &err), 0);
    char *at = strstr(out.p, "reckon/log/"), *ref = at;
    assert_non_null(at);
    while (ref > out.p && ref[-1] != '\n')
        ref--;
    ref[strcspn(ref, "\n")] = 0;
    char *old rk_auto(rk_free_str) = rk_asprintf("%s^{tree}", ref);
    struct rk_buf id = RK_BUF_INIT;
    const char *const make[] = {"-c", "user.name=t", "-c", "user.email=t@example.org",
                                "commit-tree", old, "-p", ref, "-m", "forged", NULL};
    if (gitcmd_run(mirror, make, &id, &err) < 0)
        fail_msg("%s", err.text);
    id.p[strcspn(id.p, "\n")] = 0;
    GIT("-C", mirror, "update-ref", ref, id.p);
    assert_int_equal(RUN("", "audit", "verify", "--repo", mirror), ADMIN_NO);
    assert_true(rk_str_starts(rk_buf_view(&test_out), "dev              BROKEN "));
    assert_int_equal(RUN("", "audit", "verify", "--repo", mirror, "-o", "json"), ADMIN_NO);
    assert_holds(&test_out, "{\"ok\":false,\"rows\":[{");
    rk_buf_release(&out);
    rk_buf_release(&id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(holds, make_audit, test_end),
        cmocka_unit_test_setup_teardown(nothing_to_verify, make_audit, test_end),
        cmocka_unit_test_setup_teardown(forged, make_audit, test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
