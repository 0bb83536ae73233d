/*
 * remote_test.c: addresses of remote repositories, and what a tree that came from one may name. The
 * fetching function is a fake that notes what it was asked for.
 */
#include "render/test_int.h"

static const struct row far_rows[] = {
    {"base/kustomization.yaml", "resources: [pod.yaml, ../more]\n", NULL},
    {"base/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: far}\n", NULL},
    {"esc/kustomization.yaml", "resources: [../../k/own.yaml]\n", NULL},
    {"more/kustomization.yaml", "resources: [cm.yaml]\n", NULL},
    {"more/cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: far}\n", NULL},
    {NULL, NULL, NULL}};

struct fake {
    struct render_files files;
    char asked[256];
    int n;
};

static int fake_remote(const struct render_remote *r, const struct render_files **out, void *ctx,
                       struct rk_err *err)
{
    struct fake *f = ctx;

    f->n++;
    snprintf(f->asked, sizeof(f->asked), "%s %s %s %s", r->repo, r->path, r->ref,
             r->submodules ? "modules" : "-");
    if (rk_streq(r->ref, "gone"))
        return rk_fail(err, RK_UNAVAILABLE, "nobody answers");
    *out = &f->files;
    return 0;
}

static int build(struct fake *f, const char *kustomization, struct render_result **r,
                 struct rk_err *err)
{
    const struct row rows[] = {
        {"k/kustomization.yaml", kustomization, NULL},
        {"k/own.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\n", NULL},
        {NULL, NULL, NULL}};
    struct render_files files = tree(rows);
    struct render_opts opts = {.path = "k"};

    *f = (struct fake){.files = tree(far_rows)};
    files.remote = fake_remote;
    files.remote_ctx = f;
    *r = NULL;
    rk_err_clear(err);
    return render_build(&files, &opts, r, err);
}

/* "repo folder ref modules" that is asked for; NULL: not taken for a remote address. */
static void address(const char *text, const char *expected)
{
    rk_auto(rk_free_str) char *kustomization = rk_asprintf("resources: ['%s']\n", text);
    struct render_result *r;
    struct rk_err err;
    struct fake f;

    assert_int_equal(build(&f, kustomization, &r, &err), -1);
    assert_string_equal(f.asked, expected ? expected : "");
}

static void reads_addresses(void **state)
{
    (void)state;
    address("https://github.com/org/repo//a/b?ref=gone", "https://github.com/org/repo a/b gone modules");
    address("github.com/org/repo/a/b?ref=gone", "https://github.com/org/repo a/b gone modules");
    address("GitHub.com/org/repo?version=gone&timeout=61s",
            "https://github.com/org/repo  gone modules");
    address("git@github.com:org/repo.git/a?ref=gone", "git@github.com:org/repo.git a gone modules");
    address("ssh://git@github.com/org/repo?ref=gone", "git@github.com:org/repo  gone modules");
    address("git::https://example.org/org/repo.git//a?submodules=false&ref=gone",
            "https://example.org/org/repo.git a gone -");
    address("ssh://u@host:22/org/repo//x?ref=gone", "ssh://u@host:22/org/repo x gone modules");
    address("https://u@dev.azure.com/o/p/_git/repo/a/b?ref=gone",
            "https://u@dev.azure.com/o/p/_git/repo a/b gone modules");
    address("file:///srv/repo//a?ref=gone", "file:///srv/repo a gone modules");
    address("https://example.org/o/r?ref=go%6Ee", "https://example.org/o/r  gone modules");
    address("https://example.org/only", NULL);
    address("https://example.org/o/r//../x", NULL);
    address("base/dir?ref=gone", NULL);
}

static void reads_a_remote_tree(void **state)
{
    struct render_result *r;
    struct rk_err err;
    struct fake f;

    (void)state;
    assert_int_equal(build(&f, "resources: [own.yaml, 'https://example.org/o/r//base?ref=v1']\n"
                               "buildMetadata: [originAnnotations]\n", &r, &err), 0);
    assert_int_equal(f.n, 1);
    assert_int_equal(r->n_objects, 3);
    check_source(r, "ConfigMap", "/metadata/name",
                 "@example.org_o_r@v1/more/cm.yaml:3 file");
    assert_string_equal(doc_text(doc_pointer(object(r, "ConfigMap")->doc,
                                             RK_STR("/metadata/annotations/"
                                                    "config.kubernetes.io~1origin"))).p,
                        "path: more/cm.yaml\nrepo: https://example.org/o/r\nref: v1\n");
    for (size_t i = 0; i < r->n_deps; i++) /* nothing of the remote tree is a dependency */
        assert_true(rk_str_starts(rk_str_c(r->deps[i].path), "k"));
    render_free(r);
}

static void stays_in_its_tree(void **state)
{
    struct render_result *r;
    struct rk_err err;
    struct fake f;

    (void)state;
    assert_int_equal(build(&f, "resources: ['https://example.org/o/r//esc']\n", &r, &err), -1);
    assert_string_equal(err.text, "@example.org_o_r@HEAD/esc/kustomization.yaml:1: resources: "
                                  "../../k/own.yaml leads out of the remote repository");
    assert_int_equal(build(&f, "resources: ['https://example.org/o/r//no']\n", &r, &err), -1);
    assert_string_equal(err.text, "k/kustomization.yaml:1: resources: https://example.org/o/r has "
                                  "no folder no at its HEAD");
    assert_int_equal(build(&f, "resources: ['https://example.org/o/r//a?ref=gone']\n", &r, &err),
                     -1);
    assert_string_equal(err.text, "k/kustomization.yaml:1: resources: nobody answers");
    assert_int_equal(err.code, RK_UNAVAILABLE);
}

static void tells_no_password(void **state)
{
    struct render_result *r;
    struct rk_err err;
    struct fake f;

    (void)state;
    assert_int_equal(build(&f, "resources: ['https://u:secret@example.org/o/r//no']\n", &r, &err),
                     -1);
    assert_string_equal(err.text, "k/kustomization.yaml:1: resources: https://***@example.org/o/r "
                                  "has no folder no at its HEAD");
    assert_int_equal(build(&f, "resources: ['https://u:secret@example.org/o/r//base']\n", &r, &err),
                     0);
    check_source(r, "ConfigMap", "/metadata/name",
                 "@***@example.org_o_r@HEAD/more/cm.yaml:3 file");
    render_free(r);
    refused((const struct row[]){{"k/kustomization.yaml",
                                  "resources: ['https://u:secret@example.org/o/r']\n", NULL},
                                 {NULL, NULL, NULL}}, "k", RK_UNSUPPORTED,
            "k/kustomization.yaml:1: resources: https://***@example.org/o/r is a remote address, and "
            "nothing is fetched here: copy it into the repository and name the folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_addresses),
        cmocka_unit_test(reads_a_remote_tree),
        cmocka_unit_test(stays_in_its_tree),
        cmocka_unit_test(tells_no_password),
    };

    return cmocka_run_group_tests_name("remote", tests, NULL, NULL);
}
