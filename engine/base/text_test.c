/*
 * text_test.c: foreign text made harmless, UTF-8, names of secrets.
 */
#include "base/test_int.h"

#include "reckon/text.h"

static const struct {
    const char *foreign, *safe, *lines; /* lines NULL = as safe */
} rows[] = {
    {"", "", NULL},
    {"plain text", "plain text", NULL},
    {"a\tb", "a b", NULL},
    {"a\nb", "a\\nb", "a\nb"},
    {"a\r\nb", "a\\x0d\\nb", "a\nb"},
    {"a\rb", "a\\x0db", NULL},
    {"\x1b[31mred", "\\x1b[31mred", NULL},
    {"\x7f", "\\x7f", NULL},
    {"\xc2\x9b" "2J", "\\x9b2J", NULL},                   /* C1 control sequence introducer */
    {"\xe2\x80\xae" "evil", "\\u202eevil", NULL},         /* right-to-left override */
    {"\xe2\x81\xa6", "\\u2066", NULL},
    {"a\xe2\x80\x8b" "b", "a\\u200bb", NULL},             /* zero-width space */
    {"\xef\xbb\xbf" "a", "\\ufeffa", NULL},               /* byte order mark */
    {"\xe2\x80\xa8", "\\u2028", NULL},
    {"\xf3\xa0\x81\x81", "\\U000e0041", NULL},            /* tag letter */
    {"\xe2\x9a\xa0\xef\xb8\x8f!", "\xe2\x9a\xa0!", NULL}, /* variation selector dropped */
    {"caf\xc3\xa9 \xe6\x97\xa5", "caf\xc3\xa9 \xe6\x97\xa5", NULL},
    {"\xf0\x9f\x9a\x80", "\xf0\x9f\x9a\x80", NULL},
    {"\xff\xc3", "\\xff\\xc3", NULL},
    {"\xc0\xaf", "\\xc0\\xaf", NULL},                     /* overlong */
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", NULL},            /* surrogate */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", NULL},   /* beyond U+10FFFF */
    {"\xe2\x82", "\\xe2\\x82", NULL},
};

static void check(const char *foreign, const char *want, unsigned flags)
{
    struct rk_buf out = RK_BUF_INIT;

    rk_text_safe(&out, rk_str_c(foreign), flags);
    assert_string_equal(out.p, want);
    assert_true(rk_text_is_safe(rk_buf_view(&out), flags));
    assert_int_equal(rk_text_is_safe(rk_str_c(foreign), flags), rk_streq(foreign, want));
    rk_buf_release(&out);
}

static void safe(void **state)
{
    struct rk_buf out = RK_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        check(rows[i].foreign, rows[i].safe, 0);
        check(rows[i].foreign, rows[i].lines ? rows[i].lines : rows[i].safe, RK_TEXT_LINES);
    }
    rk_text_safe(&out, RK_STR("a\0b"), 0);
    assert_string_equal(out.p, "a\\x00b");
    rk_buf_release(&out);
}

/* Every two bytes: the result is safe, and safe again it is the same. */
static void all_pairs(void **state)
{
    struct rk_buf once = RK_BUF_INIT, twice = RK_BUF_INIT;

    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        char pair[2] = {(char)(i >> 8), (char)i};

        rk_buf_clear(&once);
        rk_buf_clear(&twice);
        rk_text_safe(&once, (rk_str){pair, 2}, i & 1);
        rk_text_safe(&twice, rk_buf_view(&once), i & 1);
        assert_true(rk_text_is_safe(rk_buf_view(&once), i & 1));
        assert_true(rk_utf8_valid(rk_buf_view(&once)));
        assert_string_equal(once.p, twice.p);
    }
    rk_buf_release(&once);
    rk_buf_release(&twice);
}

static void round_trip(void **state)
{
    struct rk_buf out = RK_BUF_INIT;

    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint32_t got = 0;

        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        rk_buf_clear(&out);
        rk_utf8_put(&out, code);
        assert_int_equal(rk_utf8_next(out.p, out.n, &got), out.n);
        assert_int_equal(got, code);
        if (out.n > 1)
            assert_int_equal(rk_utf8_next(out.p, out.n - 1, &got), 0);
    }
    rk_buf_clear(&out);
    rk_utf8_put(&out, 0xd800);
    rk_utf8_put(&out, 0x110000);
    assert_string_equal(out.p, "\xef\xbf\xbd\xef\xbf\xbd");
    rk_buf_release(&out);
    assert_true(rk_utf8_valid(RK_STR_NONE));
    assert_false(rk_utf8_valid(RK_STR("a\xe2\x82")));
}

static void secret_names(void **state)
{
    static const char *const yes[] = {
        "password", "DB_PASSWORD", "dbPassword", "dbpassword", "passwords", "passwd", "PGPASSWORD",
        "token", "GITHUB_TOKEN", "accessToken", "api-key", "API_KEY", "apiKey", "APIKey", "apikey",
        "privateKey", "id_key", "tls.key", "ssh-privatekey", "secret", "CLIENT_SECRET",
        "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "credentials", "Authorization", "cookie",
        "DB_PASS", "REDIS_PWD", "passphrase", "bearer",
    };
    static const char *const no[] = {
        "", "key", "name", "image", "secretName", "secretKeyRef", "tokenPath", "PASSWORD_FILE",
        "imagePullSecrets", "automountServiceAccountToken", "expirationSeconds", "publicKey",
        "tokenExpirationSeconds", "topologyKey", "configMapKeyRef", "monkey", "keys", "compass",
        "passThrough", "---", "author", "replicas", "tokenizer",
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(yes); i++)
        if (!rk_text_names_secret(rk_str_c(yes[i])))
            fail_msg("%s holds a secret", yes[i]);
    for (size_t i = 0; i < RK_LEN(no); i++)
        if (rk_text_names_secret(rk_str_c(no[i])))
            fail_msg("%s holds no secret", no[i]);
    assert_true(rk_text_names_secret(
        RK_STR("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.averyveryveryverylongmasterpassword")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe),         cmocka_unit_test(all_pairs),
        cmocka_unit_test(round_trip),   cmocka_unit_test(secret_names),
    };

    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
