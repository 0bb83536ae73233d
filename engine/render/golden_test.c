/*
 * golden_test.c: builds every tree under tests/golden/render (expected.yaml; builds in/overlay
 * where that is there, else in) and every case of the files in tests/golden/kustomize
 * (tests/golden/cases.py tells their form), and compares the bytes with what kustomize v5.7.1
 * printed; tests/golden/make makes these. A case that fails there has to fail here and name the
 * file and the field.
 * Each field of what is built has to have a place (sources_int.h).
 * RK_GOLDEN names another folder than tests/golden.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "render/render.h"
#include "render/sources_int.h"

struct golden {
    char *dir;                  /* of a tree; else: */
    rk_str shared, body;        /* the parts of a case, from its first line on */
    char *folder;               /* to build */
};
struct suite {
    struct CMUnitTest *tests;
    struct golden *cases;
    size_t n, cap;
    struct rk_buf *texts;       /* the .case files */
    size_t n_texts;
};

static int render(const char *root, const char *path, struct rk_buf *out, struct rk_err *err)
{
    struct render_files *files = render_disk(root);
    struct render_opts opts = {.path = path};
    struct render_result *r = NULL;
    int rc = render_build(files, &opts, &r, err) || render_print(r, out, err) ? -1 : 0;
    struct rk_buf wrong = RK_BUF_INIT;

    if (rc == 0 && sources_check(files, r, &wrong) == 0 && r->n_objects)
        fail_msg("%s: no field was looked at", path);
    if (wrong.n)
        fail_msg("%s: where fields come from: %s", path, wrong.p);
    rk_buf_release(&wrong);
    render_free(r);
    render_disk_free(files);
    return rc;
}

static void tree_prints(void **state)
{
    const struct golden *g = *state;
    rk_auto(rk_free_str) char *expected = rk_path_join(g->dir, "expected.yaml");
    rk_auto(rk_free_str) char *overlay = rk_path_join(g->dir, "in/overlay");
    struct rk_buf want = RK_BUF_INIT, have = RK_BUF_INIT;
    struct rk_err err = {0};

    if (rk_file_read(expected, 1 << 24, &want, &err) ||
        render(g->dir, rk_path_is_dir(overlay) ? "in/overlay" : "in", &have, &err))
        fail_msg("%s: %s", g->dir, err.text);
    if (!rk_str_eq(rk_buf_view(&want), rk_buf_view(&have)))
        fail_msg("%s differs:\n%s", g->dir, have.p);
    rk_buf_release(&want);
    rk_buf_release(&have);
}

/* ---- cases ---- */

/* Cuts off the next part: its head, without "@@ " and the line's end, and its lines. */
static bool next_part(rk_str *rest, rk_str *head, rk_str *lines)
{
    const char *end = NULL;

    if (!rk_str_starts(*rest, "@@ "))
        return false;
    *head = rk_str_cut(*rest, '\n', lines);
    head->p += 3;
    head->n -= 3;
    if (rk_str_starts(*lines, "@@ "))
        end = lines->p;
    else if (lines->n)
        end = memmem(lines->p, lines->n, "\n@@ ", 4);
    if (end && *end == '\n')
        end++;
    rest->n = end ? (size_t)(lines->p + lines->n - end) : 0;
    rest->p = end ? end : lines->p + lines->n;
    lines->n -= rest->n;
    return true;
}

static rk_str next_word(rk_str *rest)
{
    return rk_str_cut(*rest, ' ', rest);
}

static void put_decoded(struct rk_buf *out, rk_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = i + 1 < s.n ? s.p[i + 1] : 0, hex[3] = {0};

        if (s.p[i] != '\\') {
            rk_buf_ch(out, s.p[i]);
            continue;
        }
        if (c == 'x' && i + 3 < s.n) {
            memcpy(hex, s.p + i + 2, 2);
            c = (char)strtoul(hex, NULL, 16);
            i += 2;
        } else {
            c = (char)(c == 'r' ? '\r' : c == 't' ? '\t' : c);
        }
        rk_buf_ch(out, c);
        i++;
    }
}

static void put_file(const char *root, rk_str head, rk_str lines)
{
    struct rk_buf text = RK_BUF_INIT;
    rk_str name = next_word(&head);
    rk_auto(rk_free_str) char *rel = rk_str_dup(name), *path = rk_path_join(root, rel);
    struct rk_err err = {0};
    FILE *f;

    if (head.n && memmem(head.p, head.n, "no-newline", 10))
        lines.n--;
    if (rk_str_starts(head, "escaped"))
        put_decoded(&text, lines);
    else
        rk_buf_str(&text, lines);
    *strrchr(path, '/') = 0;
    assert_int_equal(rk_mkdirs(path, 0700, &err), 0);
    path[strlen(path)] = '/';
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text.p ? text.p : "", 1, text.n, f), text.n);
    assert_int_equal(fclose(f), 0);
    rk_buf_release(&text);
}

static void check_printed(const struct golden *g, const char *root, rk_str want)
{
    struct rk_buf have = RK_BUF_INIT;
    struct rk_err err = {0};

    if (render(root, g->folder, &have, &err))
        fail_msg("it fails: %s", err.text);
    if (!rk_str_eq(want, rk_buf_view(&have)))
        fail_msg("wanted:\n%.*s\nprinted:\n%s", RK_ARG_STR(want), have.p ? have.p : "");
    rk_buf_release(&have);
}

static void check_fails(const struct golden *g, const char *root, rk_str words)
{
    struct rk_buf have = RK_BUF_INIT;
    struct rk_err err = {0};

    if (render(root, g->folder, &have, &err) == 0)
        fail_msg("it prints:\n%s", have.p ? have.p : "");
    rk_buf_release(&have);
    if (!words.n)
        fail_msg("@@ fails names nothing; the message is: %s", err.text);
    while (words.n) {
        rk_str word = next_word(&words);

        if (word.n && !memmem(err.text, strlen(err.text), word.p, word.n))
            fail_msg("the message lacks '%.*s': %s", RK_ARG_STR(word), err.text);
    }
}

static void case_holds(void **state)
{
    const struct golden *g = *state;
    char root[] = "/tmp/rk-golden-XXXXXX";
    rk_str parts[] = {g->shared, g->body}, head, lines;
    struct rk_err err = {0};
    int checks = 0;

    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < RK_LEN(parts); i++)
        while (next_part(&parts[i], &head, &lines)) {
            rk_str word = next_word(&head);

            if (rk_str_is(word, "case") && checks)
                break;
            if (rk_str_is(word, "case"))
                checks = 1;
            else if (rk_str_is(word, "file"))
                put_file(root, head, lines);
            else if (rk_str_is(word, "output"))
                check_printed(g, root, lines);
            else if (rk_str_is(word, "fails"))
                check_fails(g, root, head);
            checks += rk_str_is(word, "output") || rk_str_is(word, "fails");
        }
    assert_int_equal(checks, 2); /* its head and one output or failure */
    assert_int_equal(rk_remove_tree(root, &err), 0);
}

/* ---- finding them ---- */

static struct golden *add_test(struct suite *s, char *name, CMUnitTestFunction fn)
{
    size_t cap = s->cap;

    s->tests = rk_grow(s->tests, s->n, &cap, sizeof(*s->tests));
    s->cases = rk_grow(s->cases, s->n, &s->cap, sizeof(*s->cases));
    s->tests[s->n] = (struct CMUnitTest){.name = name, .test_func = fn};
    s->cases[s->n] = (struct golden){0};
    return &s->cases[s->n++];
}

static void add_tree(struct suite *s, const char *dir, const char *name)
{
    rk_auto(rk_free_str) char *path = rk_path_join(dir, name);

    if (rk_path_is_dir(path))
        add_test(s, rk_strdup(name), tree_prints)->dir = rk_strdup(path);
}

static char *joined(rk_str a, rk_str b)
{
    struct rk_buf out = RK_BUF_INIT;

    rk_buf_f(&out, "%.*s: %.*s", RK_ARG_STR(a), RK_ARG_STR(b));
    return out.p;
}

static void add_cases(struct suite *s, const char *dir, const char *name)
{
    rk_auto(rk_free_str) char *path = rk_path_join(dir, name);
    struct rk_buf *text;
    struct rk_err err = {0};
    rk_str rest, head, lines, shared, at;
    const char *first;

    if (!rk_str_ends(rk_str_c(name), ".case"))
        return;
    s->texts = realloc(s->texts, (s->n_texts + 1) * sizeof(*s->texts));
    text = &s->texts[s->n_texts++];
    memset(text, 0, sizeof(*text));
    if (rk_file_read(path, 1 << 24, text, &err))
        abort();
    rest = rk_buf_view(text);
    first = rest.n && !rk_str_starts(rest, "@@ ") ? memmem(rest.p, rest.n, "\n@@ ", 4) : NULL;
    if (first)
        rest = (rk_str){first + 1, (size_t)(rest.p + rest.n - first) - 1};
    shared = (rk_str){rest.p, 0};
    for (at = rest; next_part(&rest, &head, &lines); at = rest) {
        rk_str word = next_word(&head), title;
        struct golden *g;

        if (!rk_str_is(word, "case")) {
            if (shared.p + shared.n == at.p)
                shared.n = (size_t)(rest.p - shared.p);
            continue;
        }
        title = next_word(&head);
        g = add_test(s, joined(rk_str_c(name), title), case_holds);
        g->shared = shared;
        g->body = at;
        g->folder = rk_str_dup(head);
    }
}

static int each_name(struct suite *s, const char *root, const char *sub,
                     void (*add)(struct suite *s, const char *dir, const char *name))
{
    rk_auto(rk_free_str) char *dir = rk_path_join(root, sub);
    struct rk_err err = {0};
    char **names;
    size_t n;

    if (rk_dir_names(dir, &names, &n, &err)) {
        print_error("%s (run from the repository's root, or set RK_GOLDEN)\n", err.text);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        add(s, dir, names[i]);
    rk_names_free(names, n);
    return 0;
}

static void suite_free(struct suite *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->cases[i].dir);
        free(s->cases[i].folder);
        free((void *)(uintptr_t)s->tests[i].name);
    }
    for (size_t i = 0; i < s->n_texts; i++)
        rk_buf_release(&s->texts[i]);
    free(s->texts);
    free(s->cases);
    free(s->tests);
}

int main(void)
{
    const char *root = getenv("RK_GOLDEN") ? getenv("RK_GOLDEN") : "tests/golden";
    struct suite s = {0};
    int rc = 2;

    if (each_name(&s, root, "render", add_tree) == 0 &&
        each_name(&s, root, "kustomize", add_cases) == 0 && s.n > 0) {
        for (size_t i = 0; i < s.n; i++)
            s.tests[i].initial_state = &s.cases[i];
        rc = _cmocka_run_group_tests("render golden", s.tests, s.n, NULL, NULL);
    }
    suite_free(&s);
    return rc;
}
