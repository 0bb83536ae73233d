/*
 * read_test.c: what git_view reads is what the git program says of the same repository: revisions,
 * kinds, bytes, lists, history of paths (a random history with merges against `git log`), counts,
 * blame, changes, trailers; and what is not there or not right is refused.
 */
#include "git/test_repo.h"

#include <sys/stat.h>

#include "git/git.h"

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

static void resolve(struct git_view *v, const char *rev, const char *want)
{
    char id[GIT_ID] = "untouched";
    struct rk_err err = {0};
    int rc = git_resolve(v, rev, id, &err);
    if (want) {
        assert_int_equal(rc, 0);
        assert_string_equal(id, want);
    } else {
        assert_int_equal(rc, -1);
        assert_int_equal(err.code, RK_NOT_FOUND);
        assert_string_equal(id, "untouched");
    }
}

static void revisions(void **state)
{
    (void)state;
    test_put("w", "a", "1\n");
    rk_auto(rk_free_str) char *one = test_commit("w", "one");
    test_put("w", "a", "2\n");
    rk_auto(rk_free_str) char *two = test_commit("w", "two");
    test_do("w", "tag", "-a", "-m", "t", "v1", one);
    test_do("w", "update-ref", "refs/remotes/origin/topic/x", one);
    struct git_view *v = test_view("w");
    rk_auto(rk_free_str) char *abbreviated = rk_strndup(two, 9);
    rk_auto(rk_free_str) char *stepped = rk_asprintf("%s~1", abbreviated);
    resolve(v, two, two);
    resolve(v, abbreviated, two);
    resolve(v, "main", two);
    resolve(v, "topic/x", one);
    resolve(v, "v1", one);
    resolve(v, "HEAD", two);
    resolve(v, "refs/heads/main", two);
    resolve(v, "main~1", one);
    resolve(v, "main^", one);
    resolve(v, stepped, one);
    resolve(v, "main~2", NULL);
    resolve(v, "nothing", NULL);
    resolve(v, "", NULL);
    resolve(v, "ab", NULL);
    resolve(v, "@{-1}", NULL);
    resolve(v, "../../etc", NULL);
    resolve(v, "0000000000000000000000000000000000000000", NULL);
    rk_auto(rk_free_str) char *blob = test_git("w", "rev-parse", "HEAD:a");
    resolve(v, blob, NULL);
    assert_true(git_is_ancestor(v, one, two));
    assert_true(git_is_ancestor(v, two, "main"));
    assert_false(git_is_ancestor(v, two, one));
    assert_false(git_is_ancestor(v, "nothing", one));
    git_view_free(v);
}

static void no_repository(void **state)
{
    (void)state;
    struct git_view *v = NULL;
    struct rk_err err = {0};
    assert_int_equal(git_view_open("/nonexistent/x", &v, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    /* a folder inside a work tree is no repository: nothing above it is looked at */
    test_put("w", "sub/a", "1");
    rk_auto(rk_free_str) char *sub = test_path("w/sub");
    assert_int_equal(git_view_open(sub, &v, &err), -1);
    assert_null(v);
}

static void read_is(struct git_view *v, const char *rev, const char *path, const char *want)
{
    rk_str got;
    struct rk_err err = {0};
    if (git_read(v, arena, rev, path, 0, &got, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

static void read_fails(struct git_view *v, const char *path, size_t limit, enum rk_code code,
                       const char *why)
{
    rk_str got;
    struct rk_err err = {0};
    assert_int_equal(git_read(v, arena, "main", path, limit, &got, &err), -1);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, why);
}

static void files_and_folders(void **state)
{
    (void)state;
    char id[GIT_ID];
    rk_auto(rk_free_str) char *link = test_path("w/link");
    test_put("w", "k8s/apps/a.yaml", "a: 1\n");
    test_put("w", "k8s/apps/base/b.yml", "");
    test_put("w", "k8s/apps-old", "x");
    test_put("w", "top", "t");
    assert_int_equal(symlink("top", link), 0);
    rk_auto(rk_free_str) char *one = test_commit("w", "one");
    test_put("w", "k8s/apps/a.yaml", "a: 2\n");
    free(test_commit("w", "two"));
    struct git_view *v = test_view("w");
    for (int twice = 0; twice < 2; twice++) { /* from objects, then from the cache */
        read_is(v, "main", "k8s/apps/a.yaml", "a: 2\n");
        read_is(v, one, "k8s/apps/a.yaml", "a: 1\n");
        read_is(v, "main", "k8s/apps/base/b.yml", "");
        read_is(v, "main", "top", "t");
    }
    rk_auto(rk_free_str) char *blob = test_git("w", "rev-parse", "HEAD:k8s/apps/a.yaml");
    rk_auto(rk_free_str) char *tree = test_git("w", "rev-parse", "HEAD:k8s/apps");
    rk_auto(rk_free_str) char *root = test_git("w", "rev-parse", "HEAD^{tree}");
    assert_int_equal(git_stat(v, "main", "k8s/apps/a.yaml", id), GIT_FILE);
    assert_string_equal(id, blob);
    assert_int_equal(git_stat(v, "main", "k8s/apps", id), GIT_DIR);
    assert_string_equal(id, tree);
    assert_int_equal(git_stat(v, "main", "", id), GIT_DIR);
    assert_string_equal(id, root);
    assert_int_equal(git_stat(v, "main", "link", NULL), GIT_LINK);
    static const char *const absent[] = {"nothing", "k8s/", "/k8s", "k8s//apps", "k8s/../top", ".",
                                         "top/below", "k8s/apps/a.yaml/x"};
    for (size_t i = 0; i < RK_LEN(absent); i++) {
        assert_int_equal(git_stat(v, "main", absent[i], id), GIT_ABSENT);
        assert_string_equal(id, "");
    }
    assert_int_equal(git_stat(v, "nowhere", "top", NULL), GIT_ABSENT);
    read_fails(v, "link", 0, RK_INVALID,
               "link: a file was wanted, it is a symbolic link, which is not followed");
    read_fails(v, "k8s", 0, RK_INVALID, "k8s: a file was wanted, it is a folder");
    read_fails(v, "gone", 0, RK_NOT_FOUND, "gone: not there at revision main");
    read_fails(v, "k8s/apps/a.yaml", 4, RK_LIMIT,
               "k8s/apps/a.yaml: 5 bytes are over the limit of 4");
    const char **names;
    size_t n;
    assert_int_equal(git_list(v, arena, "main", "k8s", &names, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "apps"); /* git itself sorts apps/ behind apps-old */
    assert_string_equal(names[1], "apps-old");
    assert_int_equal(git_list(v, arena, "main", "top", &names, &n, NULL), -1);
    static const char *const yaml[] = {".yaml", ".yml", NULL};
    assert_int_equal(git_walk_files(v, arena, "main", "k8s", yaml, &names, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "k8s/apps/a.yaml");
    assert_string_equal(names[1], "k8s/apps/base/b.yml");
    assert_int_equal(git_walk_files(v, arena, "main", "", yaml, &names, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_string_equal(names[1], "k8s/apps/base/b.yml");
    git_view_free(v);
}

/* ---- history ---- */

/* A history with merges, changes that come to nothing, equal changes on two sides. */
static void random_history(unsigned seed)
{
    static const char *const files[] = {"a/x", "a/y", "b/x", "c"};
    test_put("w", "a/x", "0\n");
    free(test_commit("w", "root"));
    test_do("w", "branch", "side");
    for (int i = 0; i < 60; i++) {
        seed = seed * 1103515245 + 12345;
        const char *file = files[seed >> 16 & 3];
        rk_auto(rk_free_str) char *text = rk_asprintf("%u\n", seed >> 20 & 3);
        rk_auto(rk_free_str) char *message = rk_asprintf("change %d", i);
        test_do("w", "checkout", "-q", seed >> 18 & 1 ? "side" : "main");
        if ((seed >> 24 & 7) == 0) {
            rk_auto(rk_free_str) char *other = test_git("w", "rev-parse",
                                                        seed >> 18 & 1 ? "main" : "side");
            test_clock++;
            test_do("w", "merge", "-q", "--no-ff", "-X", "ours", "-m", message, other);
            continue;
        }
        test_put("w", file, text);
        free(test_commit("w", message));
    }
    test_do("w", "checkout", "-q", "main");
    test_do("w", "merge", "-q", "-X", "theirs", "-m", "last", "side");
}

static void expect_log(struct git_view *v, const char *path)
{
    struct git_commit *log;
    size_t n;
    rk_auto(rk_free_str) char *want = path ? test_git("w", "log", "--format=%H", "main", "--", path)
                                           : test_git("w", "log", "--format=%H", "main");
    assert_int_equal(git_log(v, arena, "main", &path, path ? 1 : 0, 0, 1000, &log, &n, NULL), 0);
    struct rk_buf got = RK_BUF_INIT;
    for (size_t i = 0; i < n; i++)
        rk_buf_f(&got, "%s%s", i ? "\n" : "", log[i].id);
    assert_string_equal(got.p, want);
    rk_buf_release(&got);
}

static void log_is_gits(void **state)
{
    (void)state;
    random_history(7);
    struct git_view *v = test_view("w");
    static const char *const paths[] = {NULL, "a/x", "a/y", "b/x", "c", "a", "b", "nothing"};
    for (size_t i = 0; i < RK_LEN(paths); i++)
        expect_log(v, paths[i]);
    static const char *const two[] = {"a/y", "c"};
    struct git_commit *log, *part;
    size_t n, m;
    rk_auto(rk_free_str) char *count = test_git("w", "rev-list", "--count", "main", "--",
                                                "a/y", "c");
    assert_int_equal(git_log(v, arena, "main", two, 2, 0, 1000, &log, &n, NULL), 0);
    assert_int_equal(n, strtoul(count, NULL, 10));
    assert_int_equal(git_log(v, arena, "main", two, 2, 2, 3, &part, &m, NULL), 0);
    assert_int_equal(m, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(part[i].id, log[i + 2].id);
    assert_int_equal(git_log(v, arena, "main", two, 2, n, 3, &part, &m, NULL), 0);
    assert_int_equal(m, 0);
    assert_int_equal(git_log(v, arena, "none", two, 2, 0, 3, &part, &m, NULL), -1);
    rk_auto(rk_free_str) char *old = test_git("w", "rev-parse", "main~8");
    rk_auto(rk_free_str) char *all = test_git("w", "rev-list", "--count", "main~8..main");
    rk_auto(rk_free_str) char *some = test_git("w", "rev-list", "--count", "main~8..main",
                                               "--", "a");
    const char *a = "a";
    assert_int_equal(git_count(v, old, "main", NULL, 0), strtol(all, NULL, 10));
    assert_int_equal(git_count(v, old, "main", &a, 1), strtol(some, NULL, 10));
    assert_int_equal(git_count(v, "main", "main", &a, 1), 0);
    assert_int_equal(git_count(v, "main", old, &a, 1), -1);
    git_view_free(v);
}

static void blame_is_gits(void **state)
{
    (void)state;
    unsigned seed = 3;
    struct rk_buf text = RK_BUF_INIT;
    char *lines[24];
    for (size_t i = 0; i < RK_LEN(lines); i++)
        lines[i] = rk_asprintf("line %zu\n", i);
    for (int c = 0; c < 40; c++) {
        rk_buf_clear(&text);
        for (size_t i = 0; i < RK_LEN(lines); i++)
            rk_buf_c(&text, lines[i]);
        test_put("w", "f", text.p);
        free(test_commit("w", "edit"));
        seed = seed * 1103515245 + 12345;
        size_t at = (seed >> 16) % RK_LEN(lines);
        if (seed >> 29 & 1) { /* take a line out, put one in elsewhere: numbers shift */
            size_t to = (seed >> 8) % RK_LEN(lines);
            char *moved = lines[at];
            memmove(lines + at, lines + at + 1, (RK_LEN(lines) - at - 1) * sizeof *lines);
            memmove(lines + to + 1, lines + to, (RK_LEN(lines) - to - 1) * sizeof *lines);
            lines[to] = moved;
        }
        free(lines[at]);
        lines[at] = rk_asprintf("new %d\n", c);
    }
    struct git_view *v = test_view("w");
    uint32_t numbers[RK_LEN(lines) + 1];
    struct git_blame all[RK_LEN(numbers)];
    for (uint32_t i = 0; i < RK_LEN(numbers); i++)
        numbers[i] = i + 1;
    assert_int_equal(git_blame_lines(v, arena, "main", "f", numbers, RK_LEN(numbers), all, NULL), 0);
    assert_int_equal(all[RK_LEN(lines)].line, 0); /* there is no such line */
    for (uint32_t i = 1; i <= RK_LEN(lines); i++) {
        struct git_blame b;
        rk_auto(rk_free_str) char *range = rk_asprintf("-L%u,%u", i, i);
        rk_auto(rk_free_str) char *want = test_git("w", "blame", "-p", range, "main", "--", "f");
        assert_int_equal(git_blame_line(v, arena, "main", "f", i, &b, NULL), 0);
        assert_memory_equal(want, b.commit.id, 40);
        assert_int_equal(strtoul(want + 40, NULL, 10), b.line);
        assert_string_equal(b.file, "f");
        assert_string_equal(all[i - 1].commit.id, b.commit.id);
        assert_int_equal(all[i - 1].line, b.line);
    }
    struct git_blame b;
    struct rk_err err = {0};
    assert_int_equal(git_blame_line(v, arena, "main", "f", 25, &b, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_int_equal(git_blame_line(v, arena, "main", "f", 0, &b, &err), -1);
    assert_int_equal(git_blame_line(v, arena, "main", "g", 1, &b, &err), -1);
    git_view_free(v);
    rk_buf_release(&text);
    for (size_t i = 0; i < RK_LEN(lines); i++)
        free(lines[i]);
}

static void blame_through_a_merge(void **state)
{
    (void)state;
    test_put("w", "f", "one\ntwo\nthree\nfour\nfive\n");
    rk_auto(rk_free_str) char *root = test_commit("w", "root");
    test_do("w", "checkout", "-q", "-b", "side");
    test_put("w", "f", "ONE\ntwo\nthree\nfour\nfive\n");
    rk_auto(rk_free_str) char *side = test_commit("w", "side");
    test_do("w", "checkout", "-q", "main");
    test_put("w", "f", "one\ntwo\nthree\nfour\nFIVE\n");
    rk_auto(rk_free_str) char *mine = test_commit("w", "mine");
    test_clock++;
    test_do("w", "merge", "-q", "-m", "merge", "side");
    struct git_view *v = test_view("w");
    const char *want[] = {side, root, root, root, mine};
    const uint32_t numbers[] = {1, 2, 3, 4, 5};
    struct git_blame all[5];
    assert_int_equal(git_blame_lines(v, arena, "main", "f", numbers, 5, all, NULL), 0);
    for (uint32_t i = 0; i < 5; i++) {
        struct git_blame b;
        assert_int_equal(git_blame_line(v, arena, "main", "f", i + 1, &b, NULL), 0);
        assert_string_equal(b.commit.id, want[i]);
        assert_string_equal(all[i].commit.id, want[i]);
    }
    git_view_free(v);
}

static void commit_and_trailers(void **state)
{
    (void)state;
    test_put("w", "a", "1");
    rk_auto(rk_free_str) char *one = test_commit("w", "first");
    rk_auto(rk_free_str) char *id = test_commit(
        "w", "a subject\n\nReckon-App: not here\n\ntext\n\nReckon-App: forged\n"
             "Reckon-Kind: promote\nReckon-App: shop\n");
    struct git_view *v = test_view("w");
    struct git_commit c;
    assert_int_equal(git_commit_get(v, arena, "main", &c, NULL), 0);
    assert_string_equal(c.id, id);
    assert_string_equal(c.parent, one);
    assert_int_equal(c.parents, 1);
    assert_string_equal(c.subject, "a subject");
    assert_string_equal(c.author, "operator");
    assert_string_equal(c.email, "operator@example.org");
    assert_int_equal(c.time, test_clock * 1000);
    assert_string_equal(git_trailer(arena, &c, "reckon-kind"), "promote");
    assert_string_equal(git_trailer(arena, &c, "Reckon-App"), "shop");
    assert_null(git_trailer(arena, &c, "Reckon-Env"));
    assert_int_equal(git_commit_get(v, arena, one, &c, NULL), 0);
    assert_string_equal(c.parent, "");
    assert_string_equal(c.body, "");
    assert_null(git_trailer(arena, &c, "Reckon-App"));
    git_view_free(v);
}

static void changes(void **state)
{
    (void)state;
    test_put("w", "a", "1\n2\n");
    test_put("w", "gone", "g\n");
    rk_auto(rk_free_str) char *one = test_commit("w", "one");
    test_put("w", "a", "1\n3\n");
    test_put("w", "new", "n\n");
    test_do("w", "rm", "-q", "gone");
    rk_auto(rk_free_str) char *two = test_commit("w", "two");
    struct git_view *v = test_view("w");
    struct git_change *c;
    size_t n;
    assert_int_equal(git_changes(v, arena, one, two, &c, &n, NULL), 0);
    assert_int_equal(n, 3);
    rk_auto(rk_free_str) char *want = test_git("w", "diff", "--no-renames", one, two, "--", "a");
    assert_string_equal(c[0].path, "a");
    assert_int_equal(c[0].status, 'M');
    assert_memory_equal(c[0].diff, want, strlen(want));
    assert_string_equal(c[1].path, "gone");
    assert_int_equal(c[1].status, 'D');
    assert_string_equal(c[2].path, "new");
    assert_int_equal(c[2].status, 'A');
    assert_int_equal(git_changes(v, arena, "", one, &c, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_int_equal(c[0].status, 'A');
    assert_int_equal(git_changes(v, arena, "none", one, &c, &n, NULL), -1);
    git_view_free(v);
}

static void empty_repository(void **state)
{
    (void)state;
    struct git_view *v = test_view("w");
    char id[GIT_ID] = "";
    assert_int_equal(git_resolve(v, "main", id, NULL), -1);
    assert_int_equal(git_resolve(v, "HEAD", id, NULL), -1);
    assert_int_equal(git_stat(v, "main", "", NULL), GIT_ABSENT);
    git_view_free(v);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(revisions), TEST(no_repository), TEST(files_and_folders), TEST(log_is_gits),
        TEST(blame_is_gits), TEST(blame_through_a_merge), TEST(commit_and_trailers), TEST(changes),
        TEST(empty_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
