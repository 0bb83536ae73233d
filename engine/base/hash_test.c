/*
 * hash_test.c: known answers (FIPS 180-2, RFC 4231, RFC 4648) and bad input.
 */
#include "base/test_int.h"

#include "base/hash.h"

static void sha256(void **state)
{
    char hex[65];
    struct rk_sha256 h;
    uint8_t out[RK_SHA256_LEN];

    (void)state;
    rk_sha256_hex(RK_STR(""), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    rk_sha256_hex(RK_STR("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rk_sha256_init(&h);
    for (int i = 0; i < 1000000; i++)
        rk_sha256_add(&h, "a", 1);
    rk_sha256_end(&h, out);
    rk_hex(out, sizeof(out), hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void hmac(void **state)
{
    uint8_t key[RK_KEY_LEN], a[RK_SHA256_LEN], b[RK_SHA256_LEN];
    struct rk_hmac h;
    char hex[65];

    (void)state;
    memset(key, 0, sizeof(key)); /* RFC 4231 case 1: a key of 20 bytes is padded with zeros */
    memset(key, 0x0b, 20);
    rk_hmac_init(&h, key);
    rk_hmac_add(&h, "Hi There", 8);
    rk_hmac_end(&h, a);
    rk_hex(a, sizeof(a), hex);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    rk_hmac_init(&h, key);
    rk_hmac_field(&h, RK_STR("ab"));
    rk_hmac_field(&h, RK_STR("c"));
    rk_hmac_end(&h, a);
    rk_hmac_init(&h, key);
    rk_hmac_field(&h, RK_STR("a"));
    rk_hmac_field(&h, RK_STR("bc"));
    rk_hmac_end(&h, b);
    assert_memory_not_equal(a, b, sizeof(a));
}

static void hex(void **state)
{
    uint8_t bytes[3] = {9, 9, 9};
    char text[7];

    (void)state;
    assert_true(rk_unhex(RK_STR("00Ffa1"), bytes, 3));
    rk_hex(bytes, 3, text);
    assert_string_equal(text, "00ffa1");
    assert_false(rk_unhex(RK_STR("00ff"), bytes, 3));
    assert_false(rk_unhex(RK_STR("00ffa1b"), bytes, 3));
    assert_false(rk_unhex(RK_STR("1234g6"), bytes, 3));
    assert_int_equal(bytes[0], 0);
    assert_true(rk_unhex(RK_STR_NONE, bytes, 0));
}

static void base64(void **state)
{
    static const struct {
        const char *bytes, *text;
    } good[] = {{"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},
                {"foo", "Zm9v"},    {"foob", "Zm9vYg=="},  {"\xff\xfe", "//4="},
                {"fooba", "Zm9vYmE="}};
    static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Zg==Zg==", "Z=g=",
                                      "Zm9v!", "Zm9-", "Z\xc3\xa9==", "Zm9v===="};
    struct rk_buf out = RK_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < RK_LEN(good); i++) {
        rk_buf_clear(&out);
        rk_base64(&out, good[i].bytes, strlen(good[i].bytes));
        assert_string_equal(out.p, good[i].text);
        rk_buf_clear(&out);
        assert_true(rk_unbase64(&out, rk_str_c(good[i].text)));
        assert_string_equal(out.p, good[i].bytes);
    }
    rk_buf_clear(&out);
    assert_true(rk_unbase64(&out, RK_STR(" Zm\n9v \r\nYg==\n")));
    assert_string_equal(out.p, "foob");
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        if (rk_unbase64(&out, rk_str_c(bad[i])))
            fail_msg("%s is no base64", bad[i]);
        assert_string_equal(out.p, "foob"); /* nothing was added */
    }
    rk_buf_release(&out);
}

static void ids(void **state)
{
    char a[37], b[37];
    uint8_t r[64] = {0}, zero[64] = {0};
    struct rk_err err;

    (void)state;
    rk_uuid7(a, 0x0192a5b3c4d5);
    rk_uuid7(b, 0x0192a5b3c4d5);
    assert_int_equal(strlen(a), 36);
    assert_memory_equal(a, "0192a5b3-c4d5-7", 15);
    assert_non_null(strchr("89ab", a[19]));
    assert_string_not_equal(a, b);
    assert_int_equal(rk_random(r, sizeof(r), &err), 0);
    assert_memory_not_equal(r, zero, sizeof(r));
    rk_wipe(r, sizeof(r));
    assert_memory_equal(r, zero, sizeof(r));
    rk_wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256), cmocka_unit_test(hmac), cmocka_unit_test(hex),
        cmocka_unit_test(base64), cmocka_unit_test(ids),
    };

    return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
