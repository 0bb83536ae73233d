/*
 * value_test.c: values sealed by another implementation open here; values sealed here open in a
 * decoder of this file that shares no code with value.c (raw RSA, OAEP, CTR and GHASH by hand);
 * every damaged byte, wrong place and wrong key is refused with one and the same text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/hash.h"
#include "seal/seal.h"
#include "seal/vectors.h"

static const char no_open[] =
    "the sealed value does not open: it is damaged, or was sealed for another cluster, scope, "
    "namespace or name; seal it anew";

static char *clear_of(size_t size)
{
    char *p = rk_alloc(size + 1);
    for (size_t i = 0; i < size; i++)
        p[i] = (char)((i * 7 + 13) & 0xff);
    return p;
}

static int open_one(size_t key, enum seal_scope scope, const char *ns, const char *name,
                    rk_str sealed, struct rk_buf *out, struct rk_err *err)
{
    rk_str pem = rk_str_c(vector_keys[key]);
    return seal_open_value(&pem, 1, scope, ns, name, sealed, out, err);
}

static void vectors_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(vectors); i++) {
        const struct vector *v = &vectors[i];
        rk_auto(rk_buf_release) struct rk_buf got = RK_BUF_INIT;
        rk_auto(rk_free_str) char *want = clear_of(v->size);
        struct rk_err err = {0};
        rk_buf_c(&got, "before"); /* what is there stays */
        assert_int_equal(open_one(v->key, v->scope, "shop", "db", rk_str_c(v->sealed), &got, &err),
                         0);
        assert_int_equal(got.n, v->size + 6);
        assert_memory_equal(got.p, "before", 6);
        assert_memory_equal(got.p + 6, want, v->size);
    }
}

static void all_keys_are_tried(void **state)
{
    (void)state;
    rk_str keys[RK_LEN(vector_keys)];
    for (size_t i = 0; i < RK_LEN(keys); i++)
        keys[i] = rk_str_c(vector_keys[i]);
    for (size_t i = 0; i < RK_LEN(vectors); i++) {
        rk_auto(rk_buf_release) struct rk_buf got = RK_BUF_INIT;
        assert_int_equal(seal_open_value(keys, RK_LEN(keys), vectors[i].scope, "shop", "db",
                                         rk_str_c(vectors[i].sealed), &got, NULL), 0);
        assert_int_equal(got.n, vectors[i].size);
    }
}

static void expect_closed(size_t key, enum seal_scope scope, const char *ns, const char *name,
                          rk_str sealed)
{
    rk_auto(rk_buf_release) struct rk_buf got = RK_BUF_INIT;
    struct rk_err err = {0};
    assert_int_equal(open_one(key, scope, ns, name, sealed, &got, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_string_equal(err.text, no_open);
    assert_int_equal(got.n, 0);
}

static void wrong_place_or_key_stays_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(vectors); i++) {
        const struct vector *v = &vectors[i];
        rk_str s = rk_str_c(v->sealed);
        for (int scope = SEAL_STRICT; scope <= SEAL_CLUSTER_WIDE; scope++)
            if (scope != (int)v->scope)
                expect_closed(v->key, (enum seal_scope)scope, "shop", "db", s);
        if (v->scope == SEAL_STRICT)
            expect_closed(v->key, v->scope, "shop", "db2", s);
        if (v->scope != SEAL_CLUSTER_WIDE)
            expect_closed(v->key, v->scope, "shop2", "db", s);
        expect_closed((v->key + 1) % RK_LEN(vector_keys), v->scope, "shop", "db", s);
    }
}

static void expect_bytes_closed(const char *bytes, size_t n)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    rk_base64(&text, bytes, n);
    expect_closed(0, SEAL_STRICT, "shop", "db", rk_buf_view(&text));
}

/* The vector of 17 bytes under the key of 2048 bits: 2 + 256 + 17 + 16 bytes. */
static void tampered_stays_closed(void **state)
{
    (void)state;
    rk_auto(rk_buf_release) struct rk_buf b = RK_BUF_INIT;
    assert_int_equal(vectors[4].size, 17);
    assert_true(rk_unbase64(&b, rk_str_c(vectors[4].sealed)));
    assert_int_equal(b.n, 291);
    static const size_t at[] = {0, 1, 2, 130, 257, 258, 266, 274, 275, 283, 290};
    for (size_t i = 0; i < RK_LEN(at); i++) {
        b.p[at[i]] ^= 1;
        expect_bytes_closed(b.p, b.n);
        b.p[at[i]] ^= 1;
    }
    static const size_t cut[] = {0, 1, 2, 100, 258, 273, 274, 290};
    for (size_t i = 0; i < RK_LEN(cut); i++)
        expect_bytes_closed(b.p, cut[i]);
    b.p[0] = (char)0xff; /* a length beyond the data */
    expect_bytes_closed(b.p, b.n);
    expect_closed(0, SEAL_STRICT, "shop", "db", RK_STR("not base64 !"));
    expect_closed(0, SEAL_STRICT, "shop", "db", RK_STR(""));
}

/* ---- an independent decoder ---- */

static void mgf1_xor(const uint8_t *seed, size_t seed_n, uint8_t *mask, size_t n)
{
    for (uint32_t block = 0; block * 32 < n; block++) {
        const uint8_t count[4] = {0, 0, (uint8_t)(block >> 8), (uint8_t)block};
        struct rk_sha256 h;
        uint8_t out[32];
        rk_sha256_init(&h);
        rk_sha256_add(&h, seed, seed_n);
        rk_sha256_add(&h, count, 4);
        rk_sha256_end(&h, out);
        for (size_t i = 0; i < 32 && block * 32 + i < n; i++)
            mask[block * 32 + i] ^= out[i];
    }
}

static void raw_rsa(const char *pem, const uint8_t *in, size_t n, uint8_t *out)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t got = n;
    assert_true(EVP_PKEY_decrypt_init(ctx) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0);
    assert_true(EVP_PKEY_decrypt(ctx, out, &got, in, n) > 0);
    assert_int_equal(got, n);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    BIO_free(bio);
}

/* EM = 0 | masked seed (32) | masked (label hash (32) | zeros | 1 | message) */
static void oaep_decode(uint8_t *em, size_t n, const char *label, uint8_t session[32])
{
    struct rk_sha256 h;
    uint8_t want[32];
    mgf1_xor(em + 33, n - 33, em + 1, 32);
    mgf1_xor(em + 1, 32, em + 33, n - 33);
    rk_sha256_init(&h);
    rk_sha256_add(&h, label, strlen(label));
    rk_sha256_end(&h, want);
    assert_int_equal(em[0], 0);
    assert_memory_equal(em + 33, want, 32);
    for (size_t i = 65; i < n - 33; i++)
        assert_int_equal(em[i], 0);
    assert_int_equal(em[n - 33], 1);
    memcpy(session, em + n - 32, 32);
}

static void aes_block(EVP_CIPHER_CTX *ecb, const uint8_t in[16], uint8_t out[16])
{
    int n = 0;
    assert_true(EVP_EncryptUpdate(ecb, out, &n, in, 16) > 0);
    assert_int_equal(n, 16);
}

static void ghash_multiply(uint8_t y[16], const uint8_t h[16])
{
    uint8_t z[16] = {0}, v[16];
    memcpy(v, h, 16);
    for (size_t i = 0; i < 128; i++) {
        if (y[i / 8] >> (7 - i % 8) & 1)
            for (size_t k = 0; k < 16; k++)
                z[k] ^= v[k];
        uint8_t odd = v[15] & 1;
        for (size_t k = 15; k > 0; k--)
            v[k] = (uint8_t)(v[k] >> 1 | v[k - 1] << 7);
        v[0] >>= 1;
        if (odd)
            v[0] ^= 0xe1;
    }
    memcpy(y, z, 16);
}

static void gcm_decode(const uint8_t session[32], const uint8_t *in, size_t n, uint8_t *out)
{
    EVP_CIPHER_CTX *ecb = EVP_CIPHER_CTX_new();
    uint8_t zero[16] = {0}, h[16], y[16] = {0}, counter[16] = {0}, pad[16];
    assert_true(EVP_EncryptInit_ex(ecb, EVP_aes_256_ecb(), NULL, session, NULL) > 0);
    aes_block(ecb, zero, h);
    for (size_t at = 0; at < n; at += 16) {
        uint32_t count = (uint32_t)(at / 16 + 2);
        for (size_t k = 0; k < 4; k++)
            counter[12 + k] = (uint8_t)(count >> (24 - 8 * k));
        aes_block(ecb, counter, pad);
        for (size_t k = 0; k < 16 && at + k < n; k++) {
            y[k] ^= in[at + k];
            out[at + k] = in[at + k] ^ pad[k];
        }
        ghash_multiply(y, h);
    }
    for (size_t k = 0; k < 8; k++)
        y[8 + k] ^= (uint8_t)((uint64_t)n * 8 >> (56 - 8 * k));
    ghash_multiply(y, h);
    memset(counter, 0, 16);
    counter[15] = 1;
    aes_block(ecb, counter, pad);
    for (size_t k = 0; k < 16; k++)
        y[k] ^= pad[k];
    assert_memory_equal(y, in + n, 16);
    EVP_CIPHER_CTX_free(ecb);
}

static void sealed_by_us_opens_elsewhere(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 5000, 1 << 20};
    static const char *const labels[] = {"shop/db", "shop", ""};
    for (size_t i = 0; i < RK_LEN(vector_keys) * RK_LEN(sizes); i++) {
        size_t key = i / RK_LEN(sizes), size = sizes[i % RK_LEN(sizes)], scope = i % 3;
        size_t rsa = (2048 + 1024 * key) / 8;
        rk_auto(rk_free_str) char *want = clear_of(size);
        rk_auto(rk_free_str) char *plain = rk_alloc(size + 1);
        rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, b = RK_BUF_INIT;
        uint8_t em[512], session[32];
        assert_int_equal(seal_value(rk_str_c(vector_certs[key]), (enum seal_scope)scope, "shop",
                                    "db", (rk_str){want, size}, &text, NULL), 0);
        assert_true(rk_unbase64(&b, rk_buf_view(&text)));
        assert_int_equal(b.n, 2 + rsa + size + 16);
        assert_int_equal((uint8_t)b.p[0] << 8 | (uint8_t)b.p[1], rsa);
        raw_rsa(vector_keys[key], (uint8_t *)b.p + 2, rsa, em);
        oaep_decode(em, rsa, labels[scope], session);
        gcm_decode(session, (uint8_t *)b.p + 2 + rsa, size, (uint8_t *)plain);
        assert_memory_equal(plain, want, size);
        rk_auto(rk_buf_release) struct rk_buf again = RK_BUF_INIT;
        assert_int_equal(open_one(key, (enum seal_scope)scope, "shop", "db", rk_buf_view(&text),
                                  &again, NULL), 0);
        assert_int_equal(again.n, size);
        assert_memory_equal(again.p, want, size);
    }
}

static void session_keys_differ(void **state)
{
    (void)state;
    rk_auto(rk_buf_release) struct rk_buf one = RK_BUF_INIT, two = RK_BUF_INIT;
    rk_str cert = rk_str_c(vector_certs[0]), v = RK_STR("hello");
    assert_int_equal(seal_value(cert, SEAL_CLUSTER_WIDE, NULL, NULL, v, &one, NULL), 0);
    assert_int_equal(seal_value(cert, SEAL_CLUSTER_WIDE, NULL, NULL, v, &two, NULL), 0);
    assert_int_equal(one.n, two.n);
    /* the last characters hold only value and tag: equal only with the same session key */
    assert_memory_not_equal(one.p + one.n - 28, two.p + two.n - 28, 24);
}

static void bad_certificates_are_named(void **state)
{
    (void)state;
    struct rk_err err = {0};
    rk_auto(rk_buf_release) struct rk_buf out = RK_BUF_INIT;
    rk_str v = RK_STR("x");
    assert_int_equal(seal_value(RK_STR("nothing"), SEAL_STRICT, "a", "b", v, &out, &err), -1);
    assert_string_equal(err.text, "certificate: no PEM block CERTIFICATE that can be read");
    assert_int_equal(seal_value(rk_str_c(vector_expired), SEAL_STRICT, "a", "b", v, &out, &err),
                     -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_string_equal(err.text,
                        "certificate: expired at 2016-01-01T00:00:00Z; fetch the newest");
    rk_str cert = rk_str_c(vector_certs[0]);
    assert_int_equal(seal_value(cert, SEAL_STRICT, "", "b", v, &out, &err), -1);
    assert_string_equal(err.text, "a namespace is needed unless the scope is cluster-wide");
    assert_int_equal(seal_value(cert, SEAL_STRICT, "a", NULL, v, &out, &err), -1);
    assert_string_equal(err.text, "a name is needed for the scope strict");
    assert_int_equal(out.n, 0);
    rk_str none = RK_STR("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    assert_int_equal(seal_open_value(&none, 1, SEAL_STRICT, "a", "b", v, &out, &err), -1);
    assert_string_equal(err.text, "no RSA private key in PEM form was given");
}

static void scopes_parse(void **state)
{
    (void)state;
    enum seal_scope s = SEAL_STRICT;
    assert_true(seal_scope_parse("namespace-wide", &s));
    assert_int_equal(s, SEAL_NAMESPACE_WIDE);
    assert_true(seal_scope_parse("cluster-wide", &s));
    assert_int_equal(s, SEAL_CLUSTER_WIDE);
    assert_true(seal_scope_parse("strict", &s));
    assert_int_equal(s, SEAL_STRICT);
    assert_false(seal_scope_parse("Strict", &s));
    assert_false(seal_scope_parse("", &s));
    assert_false(seal_scope_parse(NULL, &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_open),
        cmocka_unit_test(all_keys_are_tried),
        cmocka_unit_test(wrong_place_or_key_stays_closed),
        cmocka_unit_test(tampered_stays_closed),
        cmocka_unit_test(sealed_by_us_opens_elsewhere),
        cmocka_unit_test(session_keys_differ),
        cmocka_unit_test(bad_certificates_are_named),
        cmocka_unit_test(scopes_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
