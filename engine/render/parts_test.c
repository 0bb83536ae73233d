/*
 * parts_test.c: an Application of several sources: all of their objects in order, the later of two
 * equal ones, value files by $ref, and what a source from elsewhere may name.
 */
#include "render/test_int.h"

#define CM(name, said) "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name "}\ndata: {said: " said "}\n"

static const struct row own_rows[] = {
    {"a/kustomization.yaml", "resources: [cm.yaml]\n", NULL},
    {"a/cm.yaml", CM("both", "a") "---\n" CM("only-a", "a"), NULL},
    {"b/cm.yaml", CM("both", "b") "---\n" CM("only-b", "b"), NULL},
    {"secret/cm.yaml", CM("secret", "own"), NULL},
    {NULL, NULL, NULL}};
static const struct row far_rows[] = {
    {"c/kustomization.yaml", "resources: [../d]\n", NULL},
    {"d/kustomization.yaml", "resources: [cm.yaml]\n", NULL},
    {"d/cm.yaml", CM("both", "far"), NULL},
    {"out/kustomization.yaml", "resources: [../../secret/cm.yaml]\n", NULL},
    {NULL, NULL, NULL}};
static struct render_files far;

static int fake_remote(const struct render_remote *r, const struct render_files **out, void *ctx,
                       struct rk_err *err)
{
    (void)ctx;
    if (rk_streq(r->ref, "gone"))
        return rk_fail(err, RK_UNAVAILABLE, "nobody answers");
    far = tree(far_rows);
    *out = &far;
    return 0;
}

static const struct render_remote there = {.repo = "https://example.org/o/far", .ref = "v1",
                                           .path = ""};
static const struct render_remote gone = {.repo = "https://example.org/o/far", .ref = "gone",
                                          .path = ""};

#define PART(at, name, from) \
    {.path = at, .makes = true, .ref = "", .remote = from, \
     .source = {.field = "spec.sources[" name "]", .app = "shop"}}

static int build(const struct render_part *parts, size_t n, struct render_result **r,
                 struct rk_err *err)
{
    struct render_files files = tree(own_rows);
    struct render_opts opts = {.parts = parts, .n_parts = n};

    files.remote = fake_remote;
    *r = NULL;
    rk_err_clear(err);
    return render_build(&files, &opts, r, err);
}

/* "name=said ..." in output order */
static const char *said(const struct render_result *r)
{
    static char out[256];
    size_t n = 0;

    out[0] = 0;
    for (size_t i = 0; i < r->n_objects; i++)
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s=%.*s", n ? " " : "",
                              RK_ARG_STR(r->objects[i].key.name),
                              RK_ARG_STR(doc_text(doc_walk(r->objects[i].doc, "data.said"))));
    return out;
}

static void later_sources_win(void **state)
{
    const struct render_part parts[] = {PART("a", "0", NULL), PART("b", "1", NULL),
                                        PART("c", "2", &there)};
    struct render_result *r;
    struct rk_err err;

    (void)state;
    if (build(parts, 3, &r, &err))
        fail_msg("%s", err.text);
    assert_string_equal(said(r), "only-a=a only-b=b both=far");
    assert_int_equal(r->n_lints, 2);
    assert_non_null(strstr(r->lints[0].text, "RepeatedResourceWarning: ConfigMap both is in more "
                                             "than one source; that of spec.sources[1] counts"));
    assert_string_equal(r->lints[0].file, "b/cm.yaml");
    check_source(r, "ConfigMap", "/metadata/name", "a/cm.yaml:8 file");
    for (size_t i = 0; i < r->n_deps; i++) /* those of elsewhere are the caller's */
        assert_true(r->deps[i].path[0] == 'a' || r->deps[i].path[0] == 'b');
    render_free(r);
    if (build((const struct render_part[]){PART("c", "0", &there), PART("a", "1", NULL)}, 2, &r, &err))
        fail_msg("%s", err.text);
    assert_string_equal(said(r), "both=a only-a=a");
    render_free(r);
}

static void a_source_of_value_files_makes_nothing(void **state)
{
    struct render_part parts[] = {PART("a", "0", NULL), PART("", "1", &there)};
    struct render_result *r;
    struct rk_err err;

    (void)state;
    parts[1].makes = false;
    parts[1].ref = "values";
    if (build(parts, 2, &r, &err))
        fail_msg("%s", err.text);
    assert_string_equal(said(r), "both=a only-a=a");
    render_free(r);
}

static void names_the_source_that_fails(void **state)
{
    struct render_result *r;
    struct rk_err err;

    (void)state;
    assert_int_equal(build((const struct render_part[]){PART("a", "0", NULL), PART("c", "1", &gone)},
                           2, &r, &err), -1);
    assert_int_equal(err.code, RK_UNAVAILABLE);
    assert_string_equal(err.text, "spec.sources[1].repoURL: nobody answers");
    assert_int_equal(build((const struct render_part[]){PART("out", "0", &there)}, 1, &r, &err), -1);
    assert_non_null(strstr(err.text, "leads out of the remote repository"));
    assert_int_equal(build((const struct render_part[]){PART("none", "0", &there)}, 1, &r, &err), -1);
    assert_non_null(strstr(err.text, "none: there is no such folder"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(a_source_of_value_files_makes_nothing),
        cmocka_unit_test(names_the_source_that_fails),
    };

    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
