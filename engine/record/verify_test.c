/*
 * verify_test.c: verification of audit logs that were changed, dropped from, cut, merged, moved to
 * another environment, rewritten whole, withheld, or mixed with something else; what the room finds
 * tests/audit_verify.py must find too, where it can know.
 */
#include "record/audit_test_int.h"

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

/* One environment's log shown as another's. */
static void moved(void **state)
{
    (void)state;
    const char *repo = five();
    struct record_verify *rows;
    size_t n;
    git_do(repo, "update-ref", "refs/heads/reckon/audit/staging", B);
    assert_int_equal(record_verify(repo, NULL, "staging", arena, &rows, &n, NULL), 0);
    assert_int_equal(n, 1);
    assert_false(rows[0].ok);
    assert_text(rows[0].message, "belongs to environment");
    assert_int_equal(second_opinion(repo), 1);
    assert_int_equal(record_verify(repo, one.dir, "production", arena, &rows, &n, NULL), 0);
    assert_true(rows[0].ok);
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
    /* the mirror knows it too, when the state folder's note is lost */
    assert_int_equal(unlink(test_path("one/audit-seen-mirror-main.json")), 0);
    v = verify_with(git_mirror_dir(one.mirror), one.dir);
    assert_false(v.ok);
    assert_text(v.message, "rewritten");
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
        TEST(changed), TEST(dropped), TEST(moved), TEST(rewritten), TEST(foreign_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
