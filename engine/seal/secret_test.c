/*
 * secret_test.c: whole documents: what seal_secret keeps, strips and annotates for each scope, and
 * what seal_unseal makes of it; refusals. Key pairs and server certificates are checked as a
 * client would. With KUBEBIN=DIR and DIR/kubeseal there, the real program opens what was sealed
 * here and the other way round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/hash.h"
#include "reckon/time.h"
#include "seal/seal.h"
#include "seal/vectors.h"

extern char **environ;

static struct rk_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = rk_arena_new_wiping();
    return 0;
}

static int end(void **state)
{
    (void)state;
    rk_arena_free(arena);
    return 0;
}

static struct doc_node *json(const char *text)
{
    struct doc_limits limits = {0};
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    if (doc_json_read(arena, rk_str_c(text), &limits, &out, &err) < 0)
        fail_msg("%s", err.text);
    return out;
}

static const char *text(const struct doc_node *n)
{
    rk_auto(rk_buf_release) struct rk_buf b = RK_BUF_INIT;
    doc_json_canonical(&b, n);
    return rk_arena_dup(arena, b.p, b.n);
}

static const char *at(const struct doc_node *n, const char *dotted)
{
    return rk_arena_str(arena, doc_text(doc_walk(n, dotted))).p;
}

#define SECRET_META \
    "\"metadata\":{\"name\":\"db\",\"namespace\":\"shop\",\"uid\":\"u\",\"resourceVersion\":\"7\"," \
    "\"generation\":3,\"creationTimestamp\":\"2020-01-01T00:00:00Z\",\"ownerReferences\":[{}]," \
    "\"labels\":{\"a\":\"b\"},\"annotations\":{" \
    "\"kubectl.kubernetes.io/last-applied-configuration\":\"geheim\",\"keep\":\"me\"}}"
#define SECRET \
    "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"Opaque\",\"immutable\":true," SECRET_META \
    ",\"data\":{\"z\":\"AAEC\",\"password\":\"b2xk\"},\"stringData\":{\"password\":\"new\"}}"

static struct doc_node *sealed_of(const char *secret, bool have, enum seal_scope scope)
{
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    if (seal_secret(arena, rk_str_c(vector_certs[0]), have, scope, NULL, json(secret), &out, &err))
        fail_msg("%s", err.text);
    return out;
}

static int unseal(struct doc_node *sealed, struct doc_node **out, struct rk_err *err)
{
    rk_str key = rk_str_c(vector_keys[0]);
    return seal_unseal(arena, &key, 1, sealed, out, err);
}

static void strict_document(void **state)
{
    (void)state;
    struct doc_node *s = sealed_of(SECRET, false, SEAL_STRICT);
    struct doc_node *items = doc_walk(s, "spec.encryptedData");
    assert_int_equal(doc_count(items), 2);
    assert_true(rk_str_is(doc_pair_at(items, 0)->key, "password"));
    doc_set_c(arena, doc_get(s, "spec"), "encryptedData", doc_null(arena));
    assert_string_equal(
        text(s),
        "{\"apiVersion\":\"bitnami.com/v1alpha1\",\"kind\":\"SealedSecret\",\"metadata\":{\"name\":"
        "\"db\",\"namespace\":\"shop\"},\"spec\":{\"encryptedData\":null,\"template\":{"
        "\"immutable\":true,\"metadata\":{\"annotations\":{\"keep\":\"me\"},\"labels\":{\"a\":"
        "\"b\"},\"name\":\"db\",\"namespace\":\"shop\"},\"type\":\"Opaque\"}}}");
}

static void round_trip(void **state)
{
    (void)state;
    struct doc_node *s = sealed_of(SECRET, false, SEAL_STRICT), *out = NULL;
    doc_set_c(arena, doc_get(s, "metadata"), "uid", doc_string_c(arena, "the-uid"));
    assert_int_equal(unseal(s, &out, NULL), 0);
    assert_string_equal(
        text(out),
        "{\"apiVersion\":\"v1\",\"data\":{\"password\":\"bmV3\",\"z\":\"AAEC\"},\"immutable\":true,"
        "\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"keep\":\"me\"},\"labels\":{\"a\":"
        "\"b\"},\"name\":\"db\",\"namespace\":\"shop\",\"ownerReferences\":[{\"apiVersion\":"
        "\"bitnami.com/v1alpha1\",\"controller\":true,\"kind\":\"SealedSecret\",\"name\":\"db\","
        "\"uid\":\"the-uid\"}]},\"type\":\"Opaque\"}");
}

static void rename_to(struct doc_node *s, const char *ns, const char *name)
{
    doc_set_c(arena, doc_get(s, "metadata"), "namespace", doc_string_c(arena, ns));
    doc_set_c(arena, doc_get(s, "metadata"), "name", doc_string_c(arena, name));
}

static void scopes_bind(void **state)
{
    (void)state;
    static const struct {
        enum seal_scope scope;
        bool other_name, other_ns;
        const char *note;
    } rows[] = {
        {SEAL_STRICT, false, false, NULL},
        {SEAL_NAMESPACE_WIDE, true, false, "sealedsecrets.bitnami.com/namespace-wide"},
        {SEAL_CLUSTER_WIDE, true, true, "sealedsecrets.bitnami.com/cluster-wide"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct doc_node *s = sealed_of(SECRET, true, rows[i].scope), *out = NULL;
        struct doc_node *notes = doc_walk(s, "metadata.annotations");
        struct doc_node *below = doc_walk(s, "spec.template.metadata.annotations");
        if (rows[i].note) {
            assert_int_equal(doc_count(notes), 1);
            assert_true(rk_str_is(doc_get_text(notes, rows[i].note), "true"));
            assert_true(rk_str_is(doc_get_text(below, rows[i].note), "true"));
        } else {
            assert_null(notes);
            assert_int_equal(doc_count(below), 1);
        }
        rename_to(s, "shop", "other");
        assert_int_equal(unseal(s, &out, NULL) == 0, rows[i].other_name);
        rename_to(s, "other", "db");
        assert_int_equal(unseal(s, &out, NULL) == 0, rows[i].other_ns);
    }
}

static void annotations_choose_the_scope(void **state)
{
    (void)state;
    const char *secret =
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"db\",\"annotations\":{"
        "\"sealedsecrets.bitnami.com/cluster-wide\":\"true\"}},\"stringData\":{\"k\":\"v\"}}";
    struct doc_node *s = sealed_of(secret, false, SEAL_STRICT), *out = NULL;
    assert_null(doc_walk(s, "metadata.namespace"));
    rename_to(s, "anywhere", "anything");
    assert_int_equal(unseal(s, &out, NULL), 0);
    assert_string_equal(at(out, "data.k"), "dg==");
    assert_string_equal(at(out, "metadata.namespace"), "anywhere");
    /* the annotation decides on metadata; on the template alone it opens nothing */
    doc_del(doc_get(s, "metadata"), RK_STR("annotations"));
    struct rk_err err = {0};
    assert_int_equal(unseal(s, &out, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
}

static void default_namespace(void **state)
{
    (void)state;
    struct doc_node *secret = json("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{"
                                   "\"name\":\"n\"},\"stringData\":{\"k\":\"v\"}}");
    struct doc_node *out = NULL;
    struct rk_err err = {0};
    rk_str cert = rk_str_c(vector_certs[0]);
    assert_int_equal(seal_secret(arena, cert, false, SEAL_STRICT, NULL, secret, &out, &err), -1);
    assert_string_equal(err.text, "the Secret has no metadata.namespace; name one, or seal with "
                                  "the scope cluster-wide");
    assert_int_equal(seal_secret(arena, cert, false, SEAL_STRICT, "dev", secret, &out, &err), 0);
    assert_string_equal(at(out, "metadata.namespace"), "dev");
    assert_string_equal(at(out, "spec.template.metadata.namespace"), "dev");
    assert_null(doc_walk(secret, "metadata.namespace")); /* the input is left alone */
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *doc, *why;
    } rows[] = {
        {"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}",
         "sealing needs a Secret of apiVersion v1"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{}}",
         "the Secret has no metadata.name"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\",\"namespace\":"
         "\"b\"},\"data\":{}}", "the Secret has neither data nor stringData"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\",\"namespace\":"
         "\"b\"},\"data\":{\"k\":\"hunter2!\"}}",
         "item \"k\": not base64; use stringData for plain text"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\",\"namespace\":"
         "\"b\"},\"stringData\":{\"k\":12345}}", "item \"k\": must be text; put it in quotes"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct doc_node *out = NULL;
        struct rk_err err = {0};
        assert_int_equal(seal_secret(arena, rk_str_c(vector_certs[0]), false, SEAL_STRICT, NULL,
                                     json(rows[i].doc), &out, &err), -1);
        assert_int_equal(err.code, RK_INVALID);
        assert_string_equal(err.text, rows[i].why);
        assert_null(out);
    }
}

static void templates(void **state)
{
    (void)state;
    struct doc_node *s = sealed_of(SECRET, false, SEAL_STRICT), *out = NULL;
    struct doc_node *tmpl = doc_walk(s, "spec.template");
    struct rk_err err = {0};
    doc_set_c(arena, tmpl, "data", json("{\"plain\":\"hi\",\"z\":null,\"password\":\"{{ x }}\"}"));
    assert_int_equal(unseal(s, &out, &err), 0);
    assert_string_equal(text(doc_get(out, "data")), "{\"password\":\"bmV3\",\"plain\":\"aGk=\"}");
    doc_set_c(arena, tmpl, "data", json("{\"t\":\"{{ .password }}\"}"));
    assert_int_equal(unseal(s, &out, &err), -1);
    assert_int_equal(err.code, RK_UNSUPPORTED);
}

static void deprecated_blob(void **state)
{
    (void)state;
    rk_auto(rk_buf_release) struct rk_buf blob = RK_BUF_INIT;
    rk_str inner = RK_STR("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"},"
                          "\"data\":{\"k\":\"dg==\"}}");
    assert_int_equal(seal_value(rk_str_c(vector_certs[0]), SEAL_STRICT, "shop", "db", inner, &blob,
                                NULL), 0);
    struct doc_node *s = json("{\"apiVersion\":\"bitnami.com/v1alpha1\",\"kind\":\"SealedSecret\","
                              "\"metadata\":{\"name\":\"db\",\"namespace\":\"shop\"},\"spec\":{}}");
    struct doc_node *out = NULL;
    doc_set_c(arena, doc_get(s, "spec"), "data", doc_string(arena, rk_buf_view(&blob)));
    assert_int_equal(unseal(s, &out, NULL), 0);
    assert_string_equal(at(out, "metadata.name"), "db");
    assert_string_equal(at(out, "data.k"), "dg==");
    doc_set_c(arena, doc_get(s, "spec"), "encryptedData", json("{\"a\":\"b\"}"));
    assert_int_equal(unseal(s, &out, NULL), -1);
}

static void unseal_names_the_item(void **state)
{
    (void)state;
    struct doc_node *s = sealed_of(SECRET, false, SEAL_STRICT), *out = NULL;
    struct rk_err err = {0};
    doc_set_c(arena, doc_walk(s, "spec.encryptedData"), "z", doc_string_c(arena, "AgAA"));
    assert_int_equal(unseal(s, &out, &err), -1);
    assert_true(rk_str_starts(rk_str_c(err.text), "item \"z\": the sealed value does not open"));
    assert_int_equal(unseal(json("{\"kind\":\"Secret\",\"apiVersion\":\"v1\"}"), &out, &err), -1);
    assert_null(out);
}

/* ---- keys and certificates ---- */

static const int64_t now_ms = INT64_C(1790000000000);

static X509 *x509_of(const struct rk_buf *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x);
    return x;
}

static void made_key_seals(void **state)
{
    (void)state;
    rk_auto(rk_buf_release) struct rk_buf key = RK_BUF_INIT, cert = RK_BUF_INIT, v = RK_BUF_INIT;
    rk_auto(rk_buf_release) struct rk_buf clear = RK_BUF_INIT;
    struct rk_err err = {0};
    int64_t until = 0, now = rk_wall_ms();
    assert_int_equal(seal_make_key(2048, now, &key, &cert, &err), 0);
    assert_true(rk_str_starts(rk_buf_view(&key), "-----BEGIN RSA PRIVATE KEY-----\n"));
    assert_int_equal(seal_cert_check(rk_buf_view(&cert), now, &until, &err), 0);
    assert_int_equal(until, now / 1000 * 1000 + INT64_C(3650) * 24 * 3600 * 1000);
    assert_int_equal(seal_cert_check(rk_buf_view(&cert), until + 1, &until, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_int_equal(seal_value(rk_buf_view(&cert), SEAL_STRICT, "a", "b", RK_STR("x"), &v, &err),
                     0);
    rk_str pem = rk_buf_view(&key);
    assert_int_equal(seal_open_value(&pem, 1, SEAL_STRICT, "a", "b", rk_buf_view(&v), &clear,
                                     &err), 0);
    assert_string_equal(clear.p, "x");
    assert_int_equal(seal_make_key(512, now, &key, &cert, &err), -1);
}

static void made_server_verifies(void **state)
{
    (void)state;
    static const char *const names[] = {"localhost", "kubernetes.default.svc", "127.0.0.1", "::1",
                                        NULL};
    rk_auto(rk_buf_release) struct rk_buf ca = RK_BUF_INIT, cert = RK_BUF_INIT, key = RK_BUF_INIT;
    assert_int_equal(seal_make_server(names, now_ms, &ca, &cert, &key, NULL), 0);
    X509 *root = x509_of(&ca), *leaf = x509_of(&cert);
    BIO *bio = BIO_new_mem_buf(key.p, (int)key.n);
    EVP_PKEY *pair = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_int_equal(X509_check_private_key(leaf, pair), 1);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE_add_cert(store, root);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
    X509_STORE_CTX_set_time(ctx, 0, (time_t)(now_ms / 1000));
    X509_STORE_CTX_set_default(ctx, "ssl_server");
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_X509_STRICT);
    assert_int_equal(X509_verify_cert(ctx), 1);
    assert_int_equal(X509_check_host(leaf, "kubernetes.default.svc", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(leaf, "example.org", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "10.0.0.1", 0), 0);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    EVP_PKEY_free(pair);
    X509_free(root);
    X509_free(leaf);
    static const char *const bad[] = {"a,IP:1.2.3.4", NULL}, *const none[] = {NULL};
    struct rk_err err = {0};
    assert_int_equal(seal_make_server(bad, now_ms, &ca, &cert, &key, &err), -1);
    assert_string_equal(err.text, "server certificate: a name holds the byte 0x2c");
    assert_int_equal(seal_make_server(none, now_ms, &ca, &cert, &key, &err), -1);
}

/* ---- the real kubeseal ---- */

static char dir[] = "/tmp/reckon-seal-XXXXXX";

static char *put(const char *name, rk_str bytes)
{
    char *path = rk_path_join(dir, name);
    assert_int_equal(rk_file_write(path, bytes, 0600, NULL), 0);
    return path;
}

/* argv with files; stdin from in, stdout read back into the arena. */
static struct doc_node *kubeseal(const char *const *argv, const char *in)
{
    rk_auto(rk_free_str) char *out = rk_path_join(dir, "out");
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 0, in, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&fa, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t pid;
    union { const char *const *from; char *const *to; } args = {argv};
    assert_int_equal(posix_spawn(&pid, argv[0], &fa, NULL, args.to, environ), 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    posix_spawn_file_actions_destroy(&fa);
    rk_auto(rk_buf_release) struct rk_buf b = RK_BUF_INIT;
    assert_int_equal(rk_file_read(out, 1 << 20, &b, NULL), 0);
    return json(rk_arena_dup(arena, b.p, b.n));
}

static void drop_items(struct doc_node *s)
{
    doc_set_c(arena, doc_get(s, "spec"), "encryptedData", doc_null(arena));
}

static void against_kubeseal(void **state)
{
    (void)state;
    const char *bin = getenv("KUBEBIN");
    rk_auto(rk_free_str) char *prog = rk_path_join(bin ? bin : "/nonexistent", "kubeseal");
    if (access(prog, X_OK) != 0) {
        print_message("KUBEBIN is not set, or holds no kubeseal: skipped\n");
        skip();
    }
    assert_non_null(mkdtemp(dir));
    rk_auto(rk_free_str) char *cert = put("cert.pem", rk_str_c(vector_certs[0]));
    rk_auto(rk_free_str) char *key = put("key.pem", rk_str_c(vector_keys[0]));
    rk_auto(rk_free_str) char *in = put("secret.json", RK_STR(SECRET));
    static const char *const scopes[] = {"strict", "namespace-wide", "cluster-wide"};
    for (size_t i = 0; i < RK_LEN(scopes); i++) {
        const char *const seal[] = {prog, "--cert", cert, "--scope", scopes[i], NULL};
        const char *const open[] = {prog, "--recovery-unseal", "--recovery-private-key", key, NULL};
        struct doc_node *theirs = kubeseal(seal, in), *opened = NULL;
        assert_int_equal(unseal(theirs, &opened, NULL), 0);
        assert_string_equal(at(opened, "data.password"), "bmV3");
        assert_string_equal(at(opened, "data.z"), "AAEC");
        struct doc_node *ours = sealed_of(SECRET, true, (enum seal_scope)i);
        rk_auto(rk_buf_release) struct rk_buf b = RK_BUF_INIT;
        doc_json_write(&b, ours);
        rk_auto(rk_free_str) char *file = put("sealed.json", rk_buf_view(&b));
        struct doc_node *by_them = kubeseal(open, file);
        assert_int_equal(unseal(ours, &opened, NULL), 0);
        assert_string_equal(text(by_them), text(opened));
        drop_items(ours), drop_items(theirs);
        assert_string_equal(text(theirs), text(ours));
    }
    assert_int_equal(rk_remove_tree(dir, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strict_document, begin, end),
        cmocka_unit_test_setup_teardown(round_trip, begin, end),
        cmocka_unit_test_setup_teardown(scopes_bind, begin, end),
        cmocka_unit_test_setup_teardown(annotations_choose_the_scope, begin, end),
        cmocka_unit_test_setup_teardown(default_namespace, begin, end),
        cmocka_unit_test_setup_teardown(refusals, begin, end),
        cmocka_unit_test_setup_teardown(templates, begin, end),
        cmocka_unit_test_setup_teardown(deprecated_blob, begin, end),
        cmocka_unit_test_setup_teardown(unseal_names_the_item, begin, end),
        cmocka_unit_test(made_key_seals),
        cmocka_unit_test(made_server_verifies),
        cmocka_unit_test_setup_teardown(against_kubeseal, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
