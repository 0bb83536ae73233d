/*
 * ignore_test.c: the entry of spec.ignoreDifferences: where it goes, that all other bytes stay,
 * that what comes out reads back, and which manifests are left to people.
 */
#include "core/core_test.h"

#define FILE_APP "k8s/argocd-apps/shop.yaml"
#define HEAD "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n"
#define RULE                                                                                       \
    "  - group: \"apps\"\n    kind: Deployment\n    name: shop\n    namespace: \"n\"\n"            \
    "    jsonPointers:\n    - /spec/replicas\n"

static struct git_view *view;

static int ends(void **state)
{
    git_view_free(view);
    view = NULL;
    return end(state);
}

static int ignore_field(const char *manifest, const struct kube_key *key, const char *pointer,
                        struct sync_edits *out, struct rk_err *err)
{
    test_put("w/" FILE_APP, manifest);
    const char *tip = commit_all();
    git_view_free(view);
    view = view_of_w();
    *out = (struct sync_edits){0};
    return core_ignore_edits(view, tip, FILE_APP, "shop", key, pointer, arena, out, err);
}

#define TEXT(literal) {literal, sizeof literal - 1}
static const struct kube_key shop = {TEXT("apps"), TEXT("Deployment"), TEXT("n"), TEXT("shop")};

/* The new text; it must read back with the rule as the last of `rules` rules. */
static const char *edited_with(const char *manifest, const struct kube_key *key,
                               const char *pointer, size_t rules, uint32_t line)
{
    struct sync_edits e;
    struct rk_err err = {0};
    const struct doc_read how = {.typing = DOC_RESOURCE};
    struct doc_node **docs = NULL;
    size_t n = 0;
    if (ignore_field(manifest, key, pointer, &e, &err))
        fail_msg("%s", err.text);
    assert_int_equal(e.n_files, 1);
    assert_string_equal(e.files[0].path, FILE_APP);
    assert_int_equal(e.n, 1);
    assert_int_equal(e.edits[0].line, line);
    assert_string_equal(e.edits[0].before, "");
    const char *text = rk_arena_dup(arena, e.files[0].bytes.p, e.files[0].bytes.n);
    if (doc_yaml_read(arena, rk_str_c(text), &how, &docs, &n, &err))
        fail_msg("%s:\n%s", err.text, text);
    struct doc_node *list = NULL;
    for (size_t i = 0; i < n; i++)
        if (rk_str_is(doc_get_text(doc_get(docs[i], "metadata"), "name"), "shop"))
            list = doc_walk(docs[i], "spec.ignoreDifferences");
    assert_int_equal(doc_count(list), rules);
    const struct doc_node *rule = doc_at(list, rules - 1);
    const struct { const char *field; rk_str want; } fields[] = {
        {"group", key->group}, {"kind", key->kind}, {"name", key->name},
        {"namespace", key->namespace}};
    for (size_t i = 0; i < RK_LEN(fields); i++) {
        const struct doc_node *v = doc_get(rule, fields[i].field);
        assert_int_equal(doc_type(v), DOC_STRING); /* 123 and null are names, too */
        assert_true(rk_str_eq(doc_text(v), fields[i].want));
    }
    assert_int_equal(doc_count(doc_get(rule, "jsonPointers")), 1);
    const struct doc_node *at = doc_at(doc_get(rule, "jsonPointers"), 0);
    assert_int_equal(doc_type(at), DOC_STRING);
    assert_true(rk_str_is(doc_text(at), pointer));
    return text;
}

static const char *edited(const char *manifest, size_t rules, uint32_t line)
{
    return edited_with(manifest, &shop, "/spec/replicas", rules, line);
}

static struct rk_err refused(const char *manifest)
{
    struct sync_edits e;
    struct rk_err err = {0};
    assert_int_equal(ignore_field(manifest, &shop, "/spec/replicas", &e, &err), -1);
    assert_int_equal(e.n_files, 0);
    return err;
}

static void test_first_rule(void **state)
{
    (void)state;
    assert_string_equal(edited(HEAD "spec:\n  project: default\n", 1, 7),
                        HEAD "spec:\n  project: default\n  ignoreDifferences:\n" RULE);
    assert_string_equal( /* spec is not the last */
        edited("spec:\n  project: default\n" HEAD, 1, 3),
        "spec:\n  project: default\n  ignoreDifferences:\n" RULE HEAD);
}

static void test_append(void **state)
{
    (void)state;
    static const char other[] = "  - group: \"\"\n    kind: Secret\n"
                                "    jsonPointers: [/data] # why\n";
    const char *before = rk_arena_f(arena, HEAD "spec:\n  ignoreDifferences:\n%s  project: a\n",
                                    other);
    assert_string_equal(edited(before, 2, 10),
        rk_arena_f(arena, HEAD "spec:\n  ignoreDifferences:\n%s" RULE "  project: a\n", other));
    /* a list that is indented more than its key */
    const char *deep = edited(HEAD "spec:\n  ignoreDifferences:\n      - kind: A\n"
                              "        group: b\n"
                              "        name: c\n        namespace: d\n  project: a\n", 2, 11);
    assert_part(deep, "        namespace: d\n      - group: \"apps\"\n        kind: Deployment\n");
}

static void test_comments_stay_where_they_are(void **state)
{
    (void)state;
    assert_string_equal(
        edited("# top\n" HEAD "spec:\n  project: default # of the shop\n\n# the end\n", 1, 8),
        "# top\n" HEAD "spec:\n  project: default # of the shop\n  ignoreDifferences:\n" RULE
        "\n# the end\n");
}

static void test_no_final_newline(void **state)
{
    (void)state;
    assert_string_equal(edited(HEAD "spec:\n  project: default", 1, 6),
                        HEAD "spec:\n  project: default\n  ignoreDifferences:\n" RULE);
    assert_string_equal(edited(HEAD "spec:\n  project: default # x", 1, 6),
                        HEAD "spec:\n  project: default # x\n  ignoreDifferences:\n" RULE);
}

static void test_other_documents(void **state)
{
    (void)state;
    static const char first[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n"
                                "data: {x: y}\n---\n";
    static const char last[] = "---\n" "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                               "metadata:\n  name: other\nspec:\n  project: default\n";
    const char *before = rk_arena_f(arena, "%s" HEAD "spec:\n  project: default\n%s", first, last);
    struct sync_edits e;
    struct rk_err err = {0};
    if (ignore_field(before, &shop, "/spec/replicas", &e, &err))
        fail_msg("%s", err.text);
    assert_string_equal(rk_arena_dup(arena, e.files[0].bytes.p, e.files[0].bytes.n),
        rk_arena_f(arena, "%s" HEAD "spec:\n  project: default\n  ignoreDifferences:\n" RULE "%s",
                   first, last));
    assert_int_equal(e.edits[0].line, 12);
}

static void test_last_value_is_a_block(void **state)
{
    (void)state;
    assert_string_equal(
        edited(HEAD "spec:\n  description: |\n    one\n    two\n\nstatus: {}\n", 1, 9),
        HEAD "spec:\n  description: |\n    one\n    two\n  ignoreDifferences:\n" RULE
        "\nstatus: {}\n");
    assert_string_equal(
        edited(HEAD "spec:\n  source:\n    helm:\n      values: |-\n        a: 1\nstatus: {}\n",
               1, 10),
        HEAD "spec:\n  source:\n    helm:\n      values: |-\n        a: 1\n  ignoreDifferences:\n"
        RULE "status: {}\n");
}

static void test_last_value_is_a_list(void **state)
{
    (void)state;
    assert_string_equal(
        edited(HEAD "spec:\n  syncPolicy:\n    syncOptions:\n    - A=true\n    - B=true # b\n",
               1, 10),
        HEAD "spec:\n  syncPolicy:\n    syncOptions:\n    - A=true\n    - B=true # b\n"
        "  ignoreDifferences:\n" RULE);
    assert_string_equal(
        edited(HEAD "spec:\n  destination: {server: a,\n    namespace: b}\n", 1, 8),
        HEAD "spec:\n  destination: {server: a,\n    namespace: b}\n  ignoreDifferences:\n" RULE);
}

static void test_names_that_need_quotes(void **state)
{
    (void)state;
    static const struct kube_key keys[] = {
        {TEXT(""), TEXT("ConfigMap"), TEXT("1e3"), TEXT("123")},
        {TEXT(""), TEXT("ConfigMap"), TEXT("null"), TEXT("null")},
        {TEXT("x.io"), TEXT("Thing"), TEXT(""), TEXT("true")},
    };
    for (size_t i = 0; i < RK_LEN(keys); i++)
        (void)edited_with(HEAD "spec:\n  project: a\n", &keys[i], "/data/x", 1, 7);
}

static void test_pointers_that_need_quotes(void **state)
{
    (void)state;
    static const char *const pointers[] = {
        "/metadata/annotations/example.org~1x", "/data/a: b", "/data/a #b", "/data/\"quoted\"",
        "/data/line\nbreak", "/spec/\xc3\xa4", "/",
    };
    for (size_t i = 0; i < RK_LEN(pointers); i++)
        (void)edited_with(HEAD "spec:\n  project: a\n", &shop, pointers[i], 1, 7);
}

static void test_windows_lines(void **state)
{
    (void)state;
    const char *text = edited("apiVersion: argoproj.io/v1alpha1\r\nkind: Application\r\n"
                              "metadata:\r\n  name: shop\r\nspec:\r\n  project: default # p\r\n"
                              "status: {}\r\n", 1, 7);
    assert_part(text, "  project: default # p\r\n  ignoreDifferences:");
    assert_part(text, "\nstatus: {}\r\n");
}

static void test_flow_style_is_refused(void **state)
{
    (void)state;
    static const char *const manifests[] = {
        HEAD "spec: {project: default}\n",
        HEAD "spec:\n  project: a\n  ignoreDifferences: [{kind: A}]\n",
        HEAD "spec:\n  project: a\n  ignoreDifferences: []\n",
        HEAD "spec:\n  project: a\n  ignoreDifferences:\n",
        HEAD "spec:\n",
        HEAD,
        "{apiVersion: v1, kind: Application, metadata: {name: shop}, spec: {project: a}}\n",
    };
    for (size_t i = 0; i < RK_LEN(manifests); i++) {
        struct rk_err err = refused(manifests[i]);
        assert_int_equal(err.code, RK_UNSUPPORTED);
        assert_string_equal(err.text, FILE_APP ": spec of shop is not written a key a line: add "
                                               "the ignoreDifferences entry by hand");
    }
}

static void test_not_there(void **state)
{
    (void)state;
    struct rk_err err = refused("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n");
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_string_equal(err.text, FILE_APP ": Application shop is not in it any more");
    err = refused("kind: [Application\n");
    assert_int_equal(err.code, RK_INVALID);
    struct sync_edits e;
    assert_int_equal(core_ignore_edits(view, "HEAD", "none.yaml", "shop", &shop, "/a", arena, &e,
                                       &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
}

#define ON_GIT(name) cmocka_unit_test_setup_teardown(name, begin, ends)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GIT(test_first_rule),
        ON_GIT(test_append),
        ON_GIT(test_comments_stay_where_they_are),
        ON_GIT(test_no_final_newline),
        ON_GIT(test_other_documents),
        ON_GIT(test_last_value_is_a_block),
        ON_GIT(test_last_value_is_a_list),
        ON_GIT(test_names_that_need_quotes),
        ON_GIT(test_pointers_that_need_quotes),
        ON_GIT(test_windows_lines),
        ON_GIT(test_flow_style_is_refused),
        ON_GIT(test_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
