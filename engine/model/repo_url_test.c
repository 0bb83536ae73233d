/*
 * repo_url_test.c: forms of one repository; Argo CD's own spelling for patterns.
 */
#include "model/model_test.h"

static void test_same(void **state)
{
    static const struct { const char *a, *b; bool same; } cases[] = {
        {"https://git.example.org/team/gitops.git", "https://git.example.org/team/gitops", true},
        {"https://git.example.org/team/gitops", "git@git.example.org:team/gitops.git", true},
        {"ssh://git@git.example.org:22/team/gitops", "git@git.example.org:team/gitops", true},
        {"ssh://git@git.example.org:2222/team/gitops", "git@git.example.org:team/gitops", false},
        {"https://user:word@GIT.example.org:443/Team/gitops/",
         "https://git.example.org/team/gitops", true},
        {"git.example.org:/team/gitops", "ssh://git.example.org/team/gitops", true},
        {"https://git.example.org/team/gitops", "https://git.example.org/team/gitops2", false},
        {"https://git.example.org/team/gitops", "https://other.example.org/team/gitops", false},
        {"file:///srv/gitops.git", "/srv/gitops", true},
        {"/srv/gitops/", "/srv/gitops", true},
        {"/srv/GitOps", "/srv/gitops", false},
        {"https://[::1]:8443/x", "https://[::1]:8443/x.git", true},
        {" https://git.example.org/x ", "https://git.example.org/x", true},
        {"", "", false},
        {"https://", "https://git.example.org/x", false},
        {"/", "/srv", false},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        assert_int_equal(model_repo_same(cases[i].a, cases[i].b), cases[i].same);
        assert_int_equal(model_repo_same(cases[i].b, cases[i].a), cases[i].same);
    }
    assert_false(model_repo_same(NULL, "x"));
}

static void test_argo(void **state)
{
    static const struct { const char *url, *want; } cases[] = {
        {"https://git.example.org/Team/x.git", "https://git.example.org/team/x"},
        {"git@git.example.org:team/x.git", "git@git.example.org/team/x"},
        {"ssh://git@git.example.org/team/x", "git@git.example.org/team/x"},
        {"https://git.example.org:8443/team/*", "https://git.example.org:8443/team/*"},
        {"*", "*"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        struct rk_buf out = RK_BUF_INIT;

        repo_url_argo(&out, cases[i].url);
        assert_string_equal(out.p, cases[i].want);
        rk_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_argo)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
