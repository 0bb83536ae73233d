/*
 * write_test.c: trees that are made here are those git makes of the same files; reverts give what
 * `git revert` gives, whole, as a range, limited to paths, with conflicts listed; a restore never
 * conflicts; previews are on no ref; a linear log grows by one commit an entry.
 */
#include "git/test_repo.h"

static struct rk_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = rk_arena_new();
    test_begin();
    test_init("w");
    return 0;
}

static int end(void **state)
{
    (void)state;
    rk_arena_free(arena);
    test_end();
    return 0;
}

/* The preview of files on tip as a tree id. */
static const char *tree_with(struct git_view *v, const char *tip, const struct git_file *files,
                             size_t n)
{
    char id[GIT_ID], tree[GIT_ID];
    struct rk_err err = {0};
    if (git_preview(v, tip, files, n, id, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(git_stat(v, id, "", tree), GIT_DIR);
    return rk_arena_strdup(arena, tree);
}

static void tree_is(struct git_view *v, const char *tip, const struct git_file *files, size_t n,
                    const char *want)
{
    assert_string_equal(tree_with(v, tip, files, n), want);
}

static void trees_are_gits(void **state)
{
    (void)state;
    rk_auto(rk_free_str) char *run = test_path("w/d/run");
    test_put("w", "a", "1\n");
    test_put("w", "d/e/deep", "x\n");
    test_put("w", "d/run", "#!/bin/sh\n");
    test_do("w", "add", "-A");
    test_do("w", "update-index", "--chmod=+x", "d/run");
    test_clock++;
    test_do("w", "commit", "-q", "-m", "one");
    rk_auto(rk_free_str) char *one = test_git("w", "rev-parse", "HEAD");
    const struct git_file files[] = {
        {.path = "d/run", .bytes = RK_STR("#!/bin/bash\n")},  /* stays executable */
        {.path = "d/e/deep", .remove = true},                 /* its folder vanishes */
        {.path = "a", .remove = true},                        /* a file becomes a folder */
        {.path = "a/b", .bytes = RK_STR("2\n")},
        {.path = "a-c", .bytes = RK_STR("3\n")},
        {.path = "never/was", .remove = true},
    };
    test_do("w", "rm", "-q", "a", "d/e/deep");
    test_put("w", "a/b", "2\n");
    test_put("w", "a-c", "3\n");
    assert_int_equal(rk_file_write(run, RK_STR("#!/bin/bash\n"), 0755, NULL), 0);
    free(test_commit("w", "two"));
    rk_auto(rk_free_str) char *want = test_git("w", "rev-parse", "HEAD^{tree}");
    rk_auto(rk_free_str) char *before = test_git("w", "rev-parse", "HEAD~1^{tree}");
    struct git_view *v = test_view("w");
    tree_is(v, one, files, RK_LEN(files), want);
    const struct git_file back[] = {
        {.path = "a/b", .remove = true},
        {.path = "a", .bytes = RK_STR("1\n")},
        {.path = "a-c", .remove = true},
        {.path = "d/run", .bytes = RK_STR("#!/bin/sh\n"), .mode = 0100755},
        {.path = "d/e/deep", .bytes = RK_STR("x\n")},
    };
    tree_is(v, "main", back, RK_LEN(back), before);
    const struct git_file all_gone[] = {{.path = "a/b", .remove = true},
                                        {.path = "a-c", .remove = true},
                                        {.path = "d/run", .remove = true}};
    tree_is(v, "main", all_gone, 3, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    const struct git_file first = {.path = "a", .bytes = RK_STR("1\n")};
    assert_string_not_equal(tree_with(v, "", &first, 1), before); /* no tip: an empty repository */
    git_view_free(v);
}

static void bad_paths(void **state)
{
    (void)state;
    free(test_commit("w", "one"));
    struct git_view *v = test_view("w");
    static const char *const bad[] = {"", "/a", "a//b", "a/", "../a", "a/../b", "./a",
                                      ".git/config", "a/.git/hooks/x"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        char id[GIT_ID];
        const struct git_file f = {.path = bad[i], .bytes = RK_STR("x")};
        assert_int_equal(git_preview(v, "main", &f, 1, id, NULL), -1);
    }
    char id[GIT_ID];
    struct rk_err err = {0};
    const struct git_file twice[] = {{.path = "a"}, {.path = "a", .remove = true}};
    assert_int_equal(git_preview(v, "main", twice, 2, id, &err), -1);
    assert_string_equal(err.text, "a: changed twice in one commit");
    git_view_free(v);
}

static void preview_is_on_no_ref(void **state)
{
    (void)state;
    test_put("w", "a", "1\n");
    rk_auto(rk_free_str) char *one = test_commit("w", "one");
    rk_auto(rk_free_str) char *refs = test_git("w", "for-each-ref");
    struct git_view *v = test_view("w");
    char id[GIT_ID], again[GIT_ID];
    rk_str got;
    const struct git_file f = {.path = "a", .bytes = RK_STR("2\n")};
    assert_int_equal(git_preview(v, one, &f, 1, id, NULL), 0);
    assert_int_equal(git_preview(v, one, &f, 1, again, NULL), 0);
    assert_string_equal(id, again);
    assert_int_equal(git_read(v, arena, id, "a", 0, &got, NULL), 0);
    assert_memory_equal(got.p, "2\n", 2);
    assert_true(git_is_ancestor(v, one, id));
    rk_auto(rk_free_str) char *after = test_git("w", "for-each-ref");
    assert_string_equal(refs, after);
    test_do("w", "fsck", "--strict");
    git_view_free(v);
}

/* ---- revert ---- */

struct got {
    struct git_file *files;
    size_t n;
    struct git_conflict *conflicts;
    size_t n_conflicts;
    struct rk_err err;
};

static int revert(struct git_view *v, const char *commits, const char *path, struct got *g)
{
    *g = (struct got){0};
    return git_revert_files(v, "main", commits, &path, path ? 1 : 0, arena, &g->files, &g->n,
                            &g->conflicts, &g->n_conflicts, &g->err);
}

static void revert_one(void **state)
{
    (void)state;
    test_put("w", "a", "1\n2\n3\n4\n5\n6\n7\n8\n");
    free(test_commit("w", "base"));
    test_put("w", "a", "1\nX\n3\n4\n5\n6\n7\n8\n");
    test_put("w", "new", "n\n");
    rk_auto(rk_free_str) char *bad = test_commit("w", "bad");
    test_put("w", "a", "1\nX\n3\n4\n5\n6\n7\nY\n");
    free(test_commit("w", "later"));
    struct git_view *v = test_view("w");
    struct got g;
    assert_int_equal(revert(v, bad, NULL, &g), 0);
    assert_int_equal(g.n, 2);
    assert_string_equal(g.files[0].path, "a");
    assert_string_equal(g.files[0].bytes.p, "1\n2\n3\n4\n5\n6\n7\nY\n");
    assert_string_equal(g.files[1].path, "new");
    assert_true(g.files[1].remove);
    test_do("w", "revert", "--no-edit", bad);
    rk_auto(rk_free_str) char *want = test_git("w", "rev-parse", "HEAD^{tree}");
    tree_is(v, "main~1", g.files, g.n, want);
    assert_int_equal(revert(v, bad, NULL, &g), 0); /* already taken back */
    assert_int_equal(g.n, 0);
    git_view_free(v);
}

static void revert_range_and_root(void **state)
{
    (void)state;
    test_put("w", "a", "1\n");
    rk_auto(rk_free_str) char *one = test_commit("w", "one");
    for (int i = 2; i < 6; i++) {
        rk_auto(rk_free_str) char *text = rk_asprintf("%d\n", i);
        test_put("w", "a", text); /* each on the same line: only newest first works */
        free(test_commit("w", "next"));
    }
    struct git_view *v = test_view("w");
    struct got g;
    assert_int_equal(revert(v, "main~4..main~1", NULL, &g), -1);
    assert_int_equal(g.err.code, RK_CONFLICT);
    assert_int_equal(revert(v, "main~4..main", NULL, &g), 0);
    assert_int_equal(g.n, 1);
    assert_string_equal(g.files[0].bytes.p, "1\n");
    assert_int_equal(revert(v, "main..main", NULL, &g), 0);
    assert_int_equal(g.n, 0);
    assert_int_equal(revert(v, "main..main~1", NULL, &g), -1);
    assert_int_equal(g.err.code, RK_INVALID);
    assert_int_equal(revert(v, "nothing", NULL, &g), -1);
    assert_int_equal(g.err.code, RK_NOT_FOUND);
    test_put("w", "a", "1\n");
    free(test_commit("w", "as at first"));
    assert_int_equal(revert(v, one, NULL, &g), 0);
    assert_int_equal(g.n, 1);
    assert_true(g.files[0].remove);
    git_view_free(v);
}

static void revert_merge(void **state)
{
    (void)state;
    test_put("w", "a", "1\n");
    free(test_commit("w", "one"));
    test_do("w", "checkout", "-q", "-b", "side");
    test_put("w", "b", "1\n");
    free(test_commit("w", "b1"));
    test_put("w", "b", "2\n");
    free(test_commit("w", "b2"));
    test_do("w", "checkout", "-q", "main");
    test_clock++;
    test_do("w", "merge", "-q", "--no-ff", "-m", "merge", "side");
    test_put("w", "c", "1\n");
    free(test_commit("w", "c"));
    struct git_view *v = test_view("w");
    struct got g;
    assert_int_equal(revert(v, "main~1", NULL, &g), 0); /* the merge as one */
    assert_int_equal(g.n, 1);
    assert_string_equal(g.files[0].path, "b");
    assert_true(g.files[0].remove);
    assert_int_equal(revert(v, "main~2..main", NULL, &g), 0);
    assert_int_equal(g.n, 2);
    assert_int_equal(revert(v, "side~1..main", NULL, &g), -1);
    assert_int_equal(g.err.code, RK_INVALID);
    git_view_free(v);
}

static void revert_conflicts(void **state)
{
    (void)state;
    test_put("w", "a", "1\n");
    test_put("w", "k/b", "1\n");
    free(test_commit("w", "one"));
    test_put("w", "a", "2\n");
    test_put("w", "k/b", "2\n");
    rk_auto(rk_free_str) char *bad = test_commit("w", "bad");
    test_put("w", "a", "3\n");
    free(test_commit("w", "later"));
    struct git_view *v = test_view("w");
    struct got g;
    assert_int_equal(revert(v, bad, NULL, &g), -1);
    assert_int_equal(g.err.code, RK_CONFLICT);
    assert_null(g.files);
    assert_int_equal(g.n_conflicts, 1);
    assert_string_equal(g.conflicts[0].path, "a");
    assert_string_equal(g.conflicts[0].ancestor, "2\n");
    assert_string_equal(g.conflicts[0].ours, "3\n");
    assert_string_equal(g.conflicts[0].theirs, "1\n");
    /* only the part that does not conflict */
    assert_int_equal(revert(v, bad, "k", &g), 0);
    assert_int_equal(g.n, 1);
    assert_string_equal(g.files[0].path, "k/b");
    assert_string_equal(g.files[0].bytes.p, "1\n");
    assert_int_equal(revert(v, bad, "a", &g), -1);
    /* a file that is gone: one version is missing */
    test_do("w", "rm", "-q", "a");
    free(test_commit("w", "gone"));
    assert_int_equal(revert(v, bad, NULL, &g), -1);
    assert_int_equal(g.n_conflicts, 1);
    assert_null(g.conflicts[0].ours);
    assert_string_equal(g.conflicts[0].theirs, "1\n");
    git_view_free(v);
}

static void restore(void **state)
{
    (void)state;
    test_put("w", "app/a", "1\n");
    test_put("w", "app/sub/b", "1\n");
    test_put("w", "other", "1\n");
    rk_auto(rk_free_str) char *one = test_commit("w", "one");
    rk_auto(rk_free_str) char *old = test_git("w", "rev-parse", "HEAD:app");
    test_put("w", "app/a", "2\n");
    test_put("w", "app/new", "2\n");
    test_put("w", "other", "2\n");
    test_do("w", "rm", "-q", "app/sub/b");
    free(test_commit("w", "two"));
    struct git_view *v = test_view("w");
    static const char *const app[] = {"app"}, *const part[] = {"app/a", "app/new"},
                             *const none[] = {"nothing"};
    struct git_file *files;
    size_t n;
    char id[GIT_ID], tree[GIT_ID];
    struct rk_err err = {0};
    assert_int_equal(git_restore_files(v, "main", one, app, 1, arena, &files, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_int_equal(git_preview(v, "main", files, n, id, NULL), 0);
    assert_int_equal(git_stat(v, id, "app", tree), GIT_DIR);
    assert_string_equal(tree, old);
    rk_str other;
    assert_int_equal(git_read(v, arena, id, "other", 0, &other, NULL), 0);
    assert_memory_equal(other.p, "2\n", 2);
    assert_int_equal(git_restore_files(v, "main", one, part, 2, arena, &files, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(files[0].bytes.p, "1\n");
    assert_true(files[1].remove);
    assert_int_equal(git_restore_files(v, "main", one, none, 1, arena, &files, &n, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_int_equal(git_restore_files(v, "main", one, NULL, 0, arena, &files, &n, &err), 0);
    rk_auto(rk_free_str) char *whole = test_git("w", "rev-parse", "HEAD~1^{tree}");
    tree_is(v, "main", files, n, whole);
    git_view_free(v);
}

/* ---- linear logs ---- */

static void entries(void **state)
{
    (void)state;
    struct git_view *v = test_view("w");
    char one[GIT_ID], two[GIT_ID], three[GIT_ID], four[GIT_ID];
    struct git_commit *log;
    size_t n;
    rk_str json;
    struct rk_err err = {0};
    struct git_entry e = {.message = "sync production/shop Succeeded 1a2b3c4\n\nReckon-Seq: 1",
                          .entry_json = RK_STR("{\"seq\":1}"),
                          .author = {"oper<ator>\nx", "operator@example.org"},
                          .time = INT64_C(1790000000123)};
    assert_int_equal(git_log_append(v, "reckon/audit/production", &e, one, &err), 0);
    e.entry_json = RK_STR("{\"seq\":2}");
    assert_int_equal(git_log_append(v, "reckon/audit/production", &e, two, &err), 0);
    assert_int_equal(git_log(v, arena, "reckon/audit/production", NULL, 0, 0, 9, &log, &n, NULL),
                     0);
    assert_int_equal(n, 2);
    assert_string_equal(log[0].id, two);
    assert_string_equal(log[0].parent, one);
    assert_string_equal(log[1].parent, "");
    assert_int_equal(log[1].time, INT64_C(1790000000000));
    assert_string_equal(log[1].author, "oper ator  x");
    assert_string_equal(log[1].committer, "Reckon");
    assert_string_equal(git_trailer(arena, &log[1], "Reckon-Seq"), "1");
    assert_int_equal(git_read(v, arena, one, "entry.json", 0, &json, NULL), 0);
    assert_memory_equal(json.p, "{\"seq\":1}", 9);
    /* the remote went on from our first entry: the next stands on the remote's */
    assert_int_equal(git_log_append(v, "bad name", &e, two, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    test_do("w", "update-ref", "refs/remotes/origin/reckon/audit/dev", one);
    e.message = "another line";
    assert_int_equal(git_log_append(v, "reckon/audit/dev", &e, two, &err), 0);
    assert_true(git_is_ancestor(v, one, two));
    /* where it goes is remembered, and checked */
    struct git_log_tip tip = {0};
    git_log_find(v, "reckon/audit/dev", &tip);
    assert_string_equal(tip.id, two);
    assert_string_equal(tip.remote, one);
    e.tip = &tip;
    assert_int_equal(git_log_append(v, "reckon/audit/dev", &e, three, &err), 0);
    assert_string_equal(tip.id, three);
    assert_int_equal(git_log_append(v, "reckon/audit/dev", &e, four, &err), 0);
    struct git_log_tip stale = {0};
    e.tip = &stale;
    assert_int_equal(git_log_append(v, "reckon/audit/dev", &e, two, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_string_equal(stale.id, four);
    /* our own push: the remote follows, the tip stays */
    e.tip = &tip;
    test_do("w", "update-ref", "refs/remotes/origin/reckon/audit/dev", three);
    assert_int_equal(git_log_append(v, "reckon/audit/dev", &e, two, &err), 0);
    git_log_common(v, three, two, four);
    assert_string_equal(four, three);
    git_log_common(v, "reckon/audit/production", two, four);
    assert_string_equal(four, one); /* two lines from one commit */
    git_log_common(v, "main", two, four);
    assert_string_equal(four, "");
    test_do("w", "fsck", "--strict");
    git_view_free(v);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trees_are_gits), TEST(bad_paths), TEST(preview_is_on_no_ref), TEST(revert_one),
        TEST(revert_range_and_root), TEST(revert_merge), TEST(revert_conflicts), TEST(restore),
        TEST(entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
