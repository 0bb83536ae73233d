/*
 * init_test.c: `init` on a work tree, a bare repository and a file:// URL; what it says is missing;
 * when it writes.
 */
#include "admin/admin_test.h"
#include "gitcmd/gitcmd.h"

#define APP(name, env)                                                                             \
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " name "}\nspec:\n"     \
    "  project: default\n"                                                                         \
    "  source: {repoURL: https://git.example.org/gitops.git, path: apps/web/overlays/" env "}\n"   \
    "  destination: {server: https://kubernetes.default.svc, namespace: web-" env "}\n"            \
    "  syncPolicy: {automated: {prune: true}}\n"

#define GIT(...) git((const char *const[]){__VA_ARGS__, NULL})

static const char *tree, *nowhere;

static void git(const char *const *args)
{
    struct rk_err err = {0};

    if (gitcmd_run(tree, args, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static int make_tree(void **state)
{
    if (test_begin(state) < 0)
        return -1;
    tree = in_dir("tree");
    nowhere = put_file("kubeconfig", RK_STR(
        "apiVersion: v1\nkind: Config\ncurrent-context: desk\n"
        "contexts:\n- name: desk\n  context: {cluster: c, user: u}\n"
        "clusters:\n- name: c\n  cluster: {server: 'https://127.0.0.1:1'}\n"
        "users:\n- name: u\n  user: {token: topsecret}\n"));
    if (rk_mkdirs(in_dir("tree/apps"), 0700, NULL) < 0)
        return -1;
    GIT("init", "-q", "--initial-branch=main", ".");
    (void)put_file("tree/apps/apps.yaml", RK_STR(APP("web-dev", "dev") "---\n"
                                                 APP("web-production", "production")));
    (void)put_file("tree/README.md", RK_STR("text\n"));
    return 0;
}

static void commit(void)
{
    GIT("add", "-A");
    GIT("-c", "user.name=tester", "-c", "user.email=tester@example.org", "commit", "-q", "-m",
        "first");
}

static void on_a_work_tree(void **state)
{
    (void)state;
    assert_int_equal(RUN("", "init", tree, "--kubeconfig", nowhere), ADMIN_DONE);
    assert_holds(&test_notes, ", branch main, 1 YAML files\n");
    assert_holds(&test_notes, "  missing  a commit: ");
    assert_holds(&test_notes, "  missing  a remote called origin");
    assert_holds(&test_notes, "  missing  reckon.yaml: ");
    assert_holds(&test_notes, "  found    web-dev: dev/web, path apps/web/overlays/dev -> "
                              "namespace web-dev\n");
    assert_holds(&test_notes, "  found    context desk, https://127.0.0.1:1\n");
    assert_holds(&test_notes, "  missing  an answer of the cluster: https://127.0.0.1:1: ");
    assert_lacks(&test_notes, "topsecret");
    assert_holds(&test_out, "apiVersion: reckon.dev/v1\nenvironments:\n- name: dev\n"
                            "  match: [{namespaces: [\"web-dev\"]}]\n  sync: auto\n");
    assert_holds(&test_out, "- name: production\n  match: [{namespaces: [\"web-production\"]}]\n"
                            "  sync: manual");
    assert_false(rk_path_exists(in_dir("tree/reckon.yaml")));
}

static void writes_once(void **state)
{
    struct rk_buf text = RK_BUF_INIT;

    (void)state;
    assert_int_equal(RUN("", "init", in_dir("tree/apps"), "--write", "--kubeconfig", nowhere), 0);
    assert_string_equal(test_out.p, "");
    assert_holds(&test_notes, "Written: ");
    assert_int_equal(rk_file_read(in_dir("tree/reckon.yaml"), 65536, &text, NULL), 0);
    assert_holds(&text, "- name: production\n");
    assert_error(RUN("", "init", tree, "--write", "--kubeconfig", nowhere),
                 "reckon.yaml is there already");
    assert_holds(&test_notes, "-> namespace web-dev, policy dev\n");
    (void)put_file("tree/reckon.yaml", RK_STR("apiVersion: reckon.dev/v1\nenvironments: 3\n"));
    assert_error(RUN("", "init", tree, "--kubeconfig", nowhere), "reckon.yaml:2");
    rk_buf_release(&text);
}

static void bare_and_url(void **state)
{
    (void)state;
    commit();
    const char *bare = in_dir("bare.git");
    GIT("clone", "-q", "--bare", ".", bare);
    assert_int_equal(RUN("", "init", "--repo", bare, "--kubeconfig", nowhere), ADMIN_DONE);
    assert_holds(&test_notes, "web-production: production/web");
    assert_error(RUN("", "init", bare, "--write", "--kubeconfig", nowhere),
                 "--write needs a work tree");
    char *url rk_auto(rk_free_str) = rk_asprintf("file://%s", bare);
    assert_int_equal(RUN("", "init", url, "--kubeconfig", nowhere), ADMIN_DONE);
    assert_holds(&test_notes, "web-production: production/web");
    assert_holds(&test_out, "- name: production\n");
    char *gone rk_auto(rk_free_str) = rk_asprintf("file://%s-not", bare);
    assert_error(RUN("", "init", gone, "--kubeconfig", nowhere), "-not");
}

static void nothing_there(void **state)
{
    (void)state;
    const char *empty = in_dir("empty");
    assert_int_equal(rk_mkdirs(empty, 0700, NULL), 0);
    assert_error(RUN("", "init", empty, "--kubeconfig", nowhere), "not a git repository");
    assert_error(RUN("", "init", in_dir("none"), "--kubeconfig", nowhere), "no such folder");
    const char *const args[] = {"init", "-q", ".", NULL};
    assert_int_equal(gitcmd_run(empty, args, NULL, NULL), 0);
    assert_int_equal(RUN("", "init", empty, "--kubeconfig", in_dir("no-file")), ADMIN_NO);
    assert_holds(&test_notes, "missing  an Application (argoproj.io/v1alpha1) in any of 0 ");
    assert_holds(&test_notes, "missing  a cluster: ");
    assert_holds(&test_out, "environments: []");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(on_a_work_tree, make_tree, test_end),
        cmocka_unit_test_setup_teardown(writes_once, make_tree, test_end),
        cmocka_unit_test_setup_teardown(bare_and_url, make_tree, test_end),
        cmocka_unit_test_setup_teardown(nothing_there, make_tree, test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
