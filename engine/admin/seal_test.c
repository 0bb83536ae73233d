/*
 * seal_test.c: seal and unseal through their options, and side by side with the real kubeseal when
 * KUBEBIN names a folder that holds it.
 */
#include "admin/admin_test.h"
#include "reckon/run.h"
#include "reckon/time.h"
#include "seal/seal.h"

#define SECRET                                                                                     \
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n"                     \
    "  labels: {tier: data}\ntype: Opaque\nstringData:\n  password: hunter2\n  user: root\n"

static const char *cert, *key;
static char keys_dir[64];

static int make_keys(void **state)
{
    struct rk_buf k = RK_BUF_INIT, c = RK_BUF_INIT;
    int rc = test_begin(state);

    memcpy(keys_dir, test_dir, sizeof keys_dir);
    if (rc == 0)
        rc = seal_make_key(2048, rk_wall_ms(), &k, &c, NULL);
    cert = rk_strdup(put_file("cert.pem", rk_buf_view(&c)));
    key = rk_strdup(put_file("key.pem", rk_buf_view(&k)));
    rk_buf_release(&k);
    rk_buf_release(&c);
    unsetenv("KUBECONFIG");
    return rc;
}

static int drop_keys(void **state)
{
    union { const char *in; char *out; } a = {.in = cert}, b = {.in = key};

    free(a.out);
    free(b.out);
    memcpy(test_dir, keys_dir, sizeof keys_dir);
    return test_end(state);
}

static void round_trip(void **state)
{
    static const char *const formats[] = {"json", "yaml"};

    (void)state;
    for (size_t i = 0; i < RK_LEN(formats); i++) {
        assert_int_equal(RUN(SECRET "---\n" SECRET, "seal", "--cert", cert, "-o", formats[i]), 0);
        assert_holds(&test_out, "SealedSecret");
        assert_lacks(&test_out, "hunter2");
        const char *sealed = put_file("sealed", rk_buf_view(&test_out));
        assert_int_equal(RUN("", "unseal", "--recovery-private-key", key, "-f", sealed, "-o",
                             "yaml"), 0);
        assert_holds(&test_out, "password: aHVudGVyMg==\n");
        assert_true(rk_str_starts(rk_buf_view(&test_out), "---\napiVersion: v1\n"));
        const char *second = strstr(test_out.p + 4, "---\n");
        assert_non_null(second);
        assert_non_null(strstr(second, "user: cm9vdA=="));
    }
}

static void places(void **state)
{
    (void)state;
    const char *in = put_file("s.yaml", RK_STR(SECRET)), *out = in_dir("sealed.yaml");
    assert_int_equal(RUN("", "seal", "--cert", cert, "-f", in, "-w", out), 0);
    assert_string_equal(test_out.p, "");
    assert_int_equal(RUN("", "seal", "--recovery-unseal", "-f", out, "--recovery-private-key",
                         key), 0);
    assert_holds(&test_out, "\"password\": \"aHVudGVyMg==\"");
    assert_error(RUN("", "seal", "--cert", cert, "-f", in, "-n", "other"),
                 "the Secret is in namespace shop, --namespace says other");
    assert_int_equal(RUN("", "seal", "--cert", cert, "-f", in, "-n", "other", "--scope",
                         "cluster-wide"), 0);
    assert_int_equal(RUN("kind: Secret\napiVersion: v1\nmetadata: {name: a}\ndata: {p: cQ==}\n",
                         "seal", "--cert", cert, "-n", "here", "-o", "yaml"), 0);
    assert_holds(&test_out, "  namespace: here\n");
}

static void refusals(void **state)
{
    (void)state;
    assert_error(RUN("", "seal", "--cert", cert), "standard input: holds no document");
    assert_error(RUN("a: [", "seal", "--cert", cert), "standard input:2:1");
    assert_error(RUN("{\"kind\": \"a\"", "seal", "--cert", cert), "standard input");
    assert_error(RUN("kind: ConfigMap\napiVersion: v1\ndata: {a: b}\n", "seal", "--cert", cert),
                 "needs a Secret");
    assert_error(RUN("kind: Secret\napiVersion: v1\nmetadata: {name: a, namespace: b}\n", "seal",
                     "--cert", cert), "--allow-empty-data takes it so");
    assert_int_equal(RUN("kind: Secret\napiVersion: v1\nmetadata: {name: a, namespace: b}\n",
                         "seal", "--cert", cert, "--allow-empty-data", "-o", "yaml"), 0);
    assert_holds(&test_out, "encryptedData: {}\n");
    assert_error(RUN(SECRET, "seal", "--cert", key), "certificate");
    assert_error(RUN(SECRET, "seal", "--cert", "https://h/c.pem"), "must be a file");
    assert_error(RUN(SECRET, "seal", "--cert", cert, "--from-file", "x"), "goes with --raw");
    assert_error(RUN(SECRET, "unseal"), "which key? give --recovery-private-key FILE");
    assert_error(RUN(SECRET, "unseal", "--recovery-private-key", key), "needs a SealedSecret");
    assert_error(RUN(SECRET, "unseal", "--recovery-private-key", cert), "cert.pem:");
    assert_lacks(&test_notes, "hunter2");
}

/* A key as kubectl prints it: one Secret, or a List. */
static void keys_from_secrets(void **state)
{
    struct rk_buf pem = RK_BUF_INIT, text = RK_BUF_INIT;

    (void)state;
    assert_int_equal(RUN(SECRET, "seal", "--cert", cert), 0);
    const char *sealed = put_file("sealed.json", rk_buf_view(&test_out));
    assert_int_equal(rk_file_read(key, 1 << 20, &pem, NULL), 0);
    rk_buf_c(&text, "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n"
                    "  data:\n    tls.key: ");
    rk_base64(&text, pem.p, pem.n);
    const char *list = put_file("keys.yaml", rk_buf_view(&text));
    char *both rk_auto(rk_free_str) = rk_asprintf("%s,%s", list, key);
    assert_int_equal(RUN("", "unseal", "--recovery-private-key", both, "-f", sealed), 0);
    assert_int_equal(RUN("", "unseal", "--recovery-private-key", list, "-f", sealed), 0);
    assert_holds(&test_out, "aHVudGVyMg==");
    rk_buf_release(&pem);
    rk_buf_release(&text);
}

static const char *opened_raw(enum seal_scope scope, const char *ns, const char *name)
{
    static struct rk_buf clear = {rk_buf_empty, 0, 0};
    struct rk_buf pem rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};

    rk_buf_release(&clear);
    assert_int_equal(rk_file_read(key, 1 << 20, &pem, NULL), 0);
    rk_str keys[] = {rk_buf_view(&pem)};
    if (seal_open_value(keys, 1, scope, ns, name, rk_buf_view(&test_out), &clear, &err) < 0)
        return err.text[0] ? "cannot be opened" : "?";
    return clear.p;
}

static void raw(void **state)
{
    (void)state;
    assert_int_equal(RUN("v1", "seal", "--raw", "--cert", cert, "-n", "a", "--name", "b"), 0);
    assert_true(test_out.n > 300 && !strpbrk(test_out.p, "\n{ "));
    assert_string_equal(opened_raw(SEAL_STRICT, "a", "b"), "v1");
    assert_string_equal(opened_raw(SEAL_STRICT, "a", "c"), "cannot be opened");
    const char *file = put_file("value", RK_STR("v2\n"));
    char *named rk_auto(rk_free_str) = rk_asprintf("item=%s", file);
    assert_int_equal(RUN("", "seal", "--raw", "--cert", cert, "--from-file", named, "--scope",
                         "cluster-wide"), 0);
    assert_string_equal(opened_raw(SEAL_CLUSTER_WIDE, "", ""), "v2\n");
    assert_error(RUN("v", "seal", "--raw", "--cert", cert, "-n", "a"), "give --name NAME");
}

static void merge(void **state)
{
    (void)state;
    assert_int_equal(RUN(SECRET, "seal", "--cert", cert, "--scope", "namespace-wide", "-o",
                         "yaml"), 0);
    const char *file = put_file("sealed.yaml", rk_buf_view(&test_out));
    assert_int_equal(RUN("kind: Secret\napiVersion: v1\nmetadata: {name: other, labels: {b: c}}\n"
                         "stringData: {password: new, extra: x}\n",
                         "seal", "--cert", cert, "--merge-into", file), 0);
    assert_string_equal(test_out.p, "");
    assert_int_equal(RUN("", "unseal", "--recovery-private-key", key, "-f", file, "-o", "yaml"),
                     0);
    assert_holds(&test_out, "data:\n  extra: eA==\n  password: bmV3\n  user: cm9vdA==\n");
    assert_holds(&test_out, "    b: c\n    tier: data\n");
    assert_holds(&test_out, "  name: db\n");
    assert_error(RUN(SECRET, "seal", "--cert", cert, "--scope", "strict", "--merge-into", file),
                 "--scope differs from that of the file");
    assert_error(RUN(SECRET, "seal", "--cert", cert, "--merge-into", cert), "cert.pem");
    /* a Secret that cannot be sealed leaves the file as it was */
    struct rk_buf before = RK_BUF_INIT, after = RK_BUF_INIT;
    assert_int_equal(rk_file_read(file, 1 << 20, &before, NULL), 0);
    assert_error(RUN("kind: Secret\napiVersion: v1\ndata: {p: '%%'}\n", "seal", "--cert", cert,
                     "--merge-into", file), "not base64");
    assert_int_equal(rk_file_read(file, 1 << 20, &after, NULL), 0);
    assert_string_equal(before.p, after.p);
    rk_buf_release(&before);
    rk_buf_release(&after);
}

/* ---- the real program ---- */
static char *kubeseal(const char *input, const char *const *args)
{
    const char *argv[16] = {NULL};
    char *prog rk_auto(rk_free_str) = rk_path_join(getenv("KUBEBIN"), "kubeseal");
    struct run_child_result r = {0};
    struct rk_err err = {0};

    argv[0] = prog;
    for (size_t i = 0; args[i]; i++)
        argv[i + 1] = args[i];
    struct run_child_opts o = {.argv = argv, .input = rk_str_c(input), .time_limit_ms = 20000};
    if (run_child_wait(&o, &r, &err) < 0 || r.exit_code != 0)
        fail_msg("kubeseal: %s%.*s", err.text, RK_ARG_STR(r.err_text));
    char *out = rk_str_dup(r.out);
    run_child_result_release(&r);
    return out;
}
#define THEIRS(input, ...) kubeseal(input, (const char *const[]){__VA_ARGS__, NULL})

/* The sealed texts differ each time; everything else is the same. */
static void without_items(char *text)
{
    for (char *at = text; (at = strstr(at, ": AQ")) != NULL; at++)
        memmove(at + 2, at + strcspn(at, "\n"), strlen(at + strcspn(at, "\n")) + 1);
}

static void against_kubeseal(void **state)
{
    static const char *const scopes[] = {"strict", "namespace-wide", "cluster-wide"};

    (void)state;
    char *prog rk_auto(rk_free_str) =
        rk_path_join(getenv("KUBEBIN") ? getenv("KUBEBIN") : "/nonexistent", "kubeseal");
    if (access(prog, X_OK) != 0) {
        print_message("admin/seal: KUBEBIN is not set, or holds no kubeseal: skipped\n");
        skip();
    }
    for (size_t i = 0; i < RK_LEN(scopes); i++) {
        char *sealed rk_auto(rk_free_str) =
            THEIRS(SECRET, "--cert", cert, "--scope", scopes[i], "-o", "yaml");
        assert_int_equal(RUN(SECRET, "seal", "--cert", cert, "--scope", scopes[i], "-o", "yaml"),
                         0);
        char *ours rk_auto(rk_free_str) = rk_strdup(test_out.p);
        char *by_them rk_auto(rk_free_str) =
            THEIRS(ours, "--recovery-unseal", "--recovery-private-key", key, "-o", "yaml");
        assert_int_equal(RUN(sealed, "unseal", "--recovery-private-key", key, "-o", "yaml"), 0);
        assert_string_equal(test_out.p, by_them);
        assert_holds(&test_out, "password: aHVudGVyMg==\n");
        without_items(sealed);
        without_items(ours);
        assert_string_equal(ours, sealed);
    }
}

static void raw_against_kubeseal(void **state)
{
    (void)state;
    const char *bin = getenv("KUBEBIN");
    if (!bin || !*bin)
        skip();
    char *theirs rk_auto(rk_free_str) = THEIRS("v", "--raw", "--cert", cert, "--namespace", "a",
                                               "--name", "b", "--scope", "strict");
    rk_buf_clear(&test_out);
    rk_buf_c(&test_out, theirs);
    assert_string_equal(opened_raw(SEAL_STRICT, "a", "b"), "v");
    char *sealed rk_auto(rk_free_str) = THEIRS(SECRET, "--cert", cert, "-o", "yaml");
    const char *file = put_file("theirs.yaml", rk_str_c(sealed));
    char *none rk_auto(rk_free_str) = THEIRS(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n"
        "stringData: {extra: x}\n", "--cert", cert, "--merge-into", file, "-o", "yaml");
    assert_string_equal(none, "");
    assert_int_equal(RUN("", "unseal", "--recovery-private-key", key, "-f", file, "-o", "yaml"),
                     0);
    assert_holds(&test_out, "data:\n  extra: eA==\n  password: aHVudGVyMg==\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, test_begin, test_end),
        cmocka_unit_test_setup_teardown(places, test_begin, test_end),
        cmocka_unit_test_setup_teardown(refusals, test_begin, test_end),
        cmocka_unit_test_setup_teardown(keys_from_secrets, test_begin, test_end),
        cmocka_unit_test_setup_teardown(raw, test_begin, test_end),
        cmocka_unit_test_setup_teardown(merge, test_begin, test_end),
        cmocka_unit_test_setup_teardown(against_kubeseal, test_begin, test_end),
        cmocka_unit_test_setup_teardown(raw_against_kubeseal, test_begin, test_end),
    };

    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
