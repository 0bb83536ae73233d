/*
 * options_test.c: the verb table, strict options, help, and JSON laid out in lines.
 */
#include "admin/admin_test.h"

static void unknown_words(void **state)
{
    (void)state;
    assert_error(RUN("", "backup", "FILE"), "backup is not in this version");
    assert_error(RUN("", "seal", "--ceritficate", "x"), "--ceritficate is no option");
    assert_error(RUN("", "seal", "-q"), "-q is no option; see reckon seal --help");
    assert_error(RUN("", "unseal", "file.yaml"), "'file.yaml' is one word too many");
    assert_error(RUN("", "seal", "file.yaml"), "the Secret comes from stdin or -f FILE");
    assert_error(RUN("", "audit"), "reckon audit verify --repo DIR");
    assert_error(RUN("", "audit", "log"), "reckon audit verify --repo DIR");
}

static void values(void **state)
{
    (void)state;
    assert_error(RUN("", "seal", "--cert"), "--cert needs a value: --cert FILE");
    assert_error(RUN("", "seal", "--raw=yes"), "--raw takes no value");
    assert_error(RUN("", "seal", "-o", "xml"), "-o xml: known are json|yaml");
    assert_error(RUN("", "seal", "--format=xml"), "-o xml: known are json|yaml");
    assert_error(RUN("", "seal", "-oxml"), "-o xml: known are json|yaml");
    assert_error(RUN("", "seal", "-o=xml"), "-o xml: known are json|yaml");
    assert_error(RUN("", "seal", "--scope", "wide"), "--scope wide: known are strict");
    assert_error(RUN("", "seal", "--scope", "strict", "--cert", "/nowhere/c.pem"),
                 "/nowhere/c.pem");
}

static void help(void **state)
{
    (void)state;
    assert_int_equal(RUN("", "seal", "--help"), ADMIN_DONE);
    assert_holds(&test_out, "usage: reckon seal [OPTION]... [fetch-cert]\n");
    assert_holds(&test_out, "  -f, --secret-file FILE");
    assert_lacks(&test_out, "--profile");
    /* as the program itself hands it on, with reckon's own options before it */
    assert_int_equal(RUN("", "reckon-engine", "init", "--profile", "p", "-h"), ADMIN_DONE);
    assert_holds(&test_out, "usage: reckon init");
}

static void pretty(void **state)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    (void)state;
    admin_json_pretty(&out, RK_STR("{\"a\":[1,{\"b\":\"x:,{\\\"\\\\\"}],\"e\":{},\"l\":[]}"));
    assert_string_equal(out.p, "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x:,{\\\"\\\\\"\n"
                               "    }\n  ],\n  \"e\": {},\n  \"l\": []\n}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unknown_words, test_begin, test_end),
        cmocka_unit_test_setup_teardown(values, test_begin, test_end),
        cmocka_unit_test_setup_teardown(help, test_begin, test_end),
        cmocka_unit_test(pretty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
