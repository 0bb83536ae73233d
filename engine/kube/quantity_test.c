/*
 * quantity_test.c: quantities against apimachinery's answers (measured with its ParseQuantity).
 */
#include "kube/testing.h"

static void canonical_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"1000m", "1"}, {"0.5", "500m"}, {"1500m", "1500m"}, {"0.1Gi", "107374182400m"},
        {"1024Mi", "1Gi"}, {"1000Mi", "1000Mi"}, {"1536Mi", "1536Mi"}, {"512", "512"},
        {"0.5Ki", "512"}, {"1e3", "1e3"}, {"12e6", "12e6"}, {"1.5Gi", "1536Mi"}, {"1G", "1G"},
        {"0", "0"}, {"0Mi", "0"}, {"-0", "0"}, {"-1.5", "-1500m"}, {"1Ei", "1Ei"},
        {"8Ei", "9223372036854775807"}, {"100Ei", "9223372036854775807"},
        {"-8Ei", "-9223372036854775807"}, {"0.0000000001", "1n"}, {"1.5n", "2n"}, {"-1.5n", "-2n"},
        {"001", "1"}, {"1.500", "1500m"}, {"5E3", "5e3"}, {"1E", "1E"}, {"1e-3", "1e-3"},
        {"1e4", "10e3"}, {"1e100", "10e99"}, {"-0.5Ki", "-512"}, {"1023Ki", "1023Ki"},
        {".5", "500m"}, {"5.", "5"}, {"1025", "1025"}, {"+3k", "3k"},
        {"9223372036854775808", "9223372036854775808"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct rk_buf out = RK_BUF_INIT;
        assert_true(kube_quantity_canonical(&out, rk_str_c(rows[i].in)));
        assert_string_equal(out.p, rows[i].out);
        rk_buf_release(&out);
    }
}

static void not_quantities(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "+", "-", ".", "k", "1i", "1e", "1e+", "1x", "1 Mi",
                                      "1MiB", "1,5", "1.2.3", "0x10", "1e1.5", "--1", "1e--1"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct rk_buf out = RK_BUF_INIT;
        kube_nano nano = 7;
        if (kube_quantity_canonical(&out, rk_str_c(bad[i])))
            fail_msg("%s is no quantity", bad[i]);
        assert_false(kube_quantity_parse(rk_str_c(bad[i]), &nano));
        assert_true(nano == 7);
        assert_int_equal(out.n, 0);
        rk_buf_release(&out);
    }
}

static bool equal(const char *a, const char *b)
{
    return kube_quantity_equal(rk_str_c(a), rk_str_c(b));
}

static void equality(void **state)
{
    (void)state;
    assert_true(equal("1", "1000m"));
    assert_true(equal("0.1", "100m"));
    assert_true(equal("1Gi", "1024Mi"));
    assert_true(equal("1e3", "1k"));
    assert_true(equal("0", "0Gi"));
    assert_true(equal("1e30", "1000e27"));
    assert_false(equal("1G", "1Gi"));
    assert_false(equal("1e40", "1e41"));
    assert_false(equal("1", "-1"));
    assert_false(equal("1", "one"));
    assert_false(equal("x", "x"));
}

static void nano_units(void **state)
{
    (void)state;
    kube_nano n;
    assert_true(kube_quantity_parse(RK_STR("1500m"), &n));
    assert_true(n == 1500000000);
    assert_true(kube_quantity_parse(RK_STR("-2Ki"), &n));
    assert_true(n == (kube_nano)-2048 * 1000000000);
    assert_true(kube_quantity_parse(RK_STR("1e200"), &n));
    assert_true(n > 0 && n / 2 > (kube_nano)1 << 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(canonical_spelling), TEST(not_quantities), TEST(equality), TEST(nano_units)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
