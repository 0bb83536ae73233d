/* config_test.c: kubeconfig files merged and resolved; the environment; in-cluster refusals. */
#include "cluster/config_int.h"
#include "cluster/testing.h"

#include <unistd.h>

#include "base/file.h"

struct dir {
    char path[64];
    struct cluster_config *c;
    struct rk_err err;
};

static int setup(void **state)
{
    static const char *const gone[] = {"KUBECONFIG", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                       "http_proxy", "NO_PROXY", "no_proxy",
                                       "KUBERNETES_SERVICE_HOST"};
    struct dir *d = rk_alloc(sizeof(*d));

    for (size_t i = 0; i < RK_LEN(gone); i++)
        unsetenv(gone[i]);
    snprintf(d->path, sizeof(d->path), "/tmp/rk-cluster-XXXXXX");
    assert_non_null(mkdtemp(d->path));
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct dir *d = *state;

    cluster_config_free(d->c);
    assert_int_equal(rk_remove_tree(d->path, &d->err), 0);
    free(d);
    return 0;
}

static char *put(struct dir *d, const char *name, const char *text)
{
    char *path = rk_asprintf("%s/%s", d->path, name);

    assert_ok(rk_file_write(path, rk_str_c(text), 0600, &d->err), &d->err);
    return path;
}

static int load_text(struct dir *d, const char *text, const char *context)
{
    rk_auto(rk_free_str) char *path = put(d, "config", text);

    cluster_config_free(d->c);
    d->c = NULL;
    return cluster_config_load(path, context, &d->c, &d->err);
}

#define ONE(cluster, user)                                                                         \
    "current-context: c\nclusters: [{name: k, cluster: {" cluster "}}]\n"                          \
    "users: [{name: u, user: {" user "}}]\n"                                                       \
    "contexts: [{name: c, context: {cluster: k, user: u}}]\n"

static void test_resolve(void **state)
{
    struct dir *d = *state;
    free(put(d, "ca.pem", "PEM"));

    assert_ok(load_text(d, ONE("server: 'https://h:6443/p/?q', certificate-authority: ca.pem, "
                               "tls-server-name: s, proxy-url: 'socks5://p:1'",
                               "token: t, client-certificate-data: Q0VSVA==, client-key-data: S0VZ, "
                               "tokenFile: tok"), NULL), &d->err);
    assert_string_equal(d->c->server, "https://h:6443/p");
    assert_true(rk_str_is(d->c->ca, "PEM"));
    assert_true(rk_str_is(d->c->cert, "CERT"));
    assert_true(rk_str_is(d->c->key, "KEY"));
    assert_string_equal(d->c->namespace, "default");
    assert_string_equal(d->c->token, "t");
    assert_string_equal(d->c->proxy, "socks5://p:1");
    assert_string_equal(d->c->tls_server_name, "s");
    rk_auto(rk_free_str) char *tok = rk_asprintf("%s/tok", d->path);
    assert_string_equal(d->c->token_file, tok);
}

static void test_first_file_wins_whole(void **state)
{
    struct dir *d = *state;
    rk_auto(rk_free_str) char *a = put(d, "a",
        "clusters: [{name: k, cluster: {server: 'https://first'}}]\n"
        "contexts: [{name: c, context: {cluster: k, namespace: n1}}]\n");
    rk_auto(rk_free_str) char *b = put(d, "b",
        "current-context: c\n"
        "clusters: [{name: k, cluster: {server: 'https://second', insecure-skip-tls-verify: true}}]\n"
        "contexts: [{name: c, context: {cluster: k, user: u}}, {name: d, context: {cluster: k}}]\n"
        "users: [{name: u, user: {token: x}}]\n");
    rk_auto(rk_free_str) char *list = rk_asprintf("%s::%s/missing:%s:%s", a, d->path, b, a);

    assert_int_equal(setenv("KUBECONFIG", list, 1), 0);
    assert_ok(cluster_config_load(NULL, NULL, &d->c, &d->err), &d->err);
    assert_string_equal(d->c->server, "https://first");
    assert_string_equal(d->c->namespace, "n1");
    assert_false(d->c->insecure);
    assert_null(d->c->token); /* the first c has no user */
    cluster_config_free(d->c);
    d->c = NULL;
    assert_ok(cluster_config_load(list, "d", &d->c, &d->err), &d->err);
    assert_string_equal(d->c->context, "d");
}

static void refused(struct dir *d, const char *text, enum rk_code code, const char *says)
{
    assert_int_equal(load_text(d, text, NULL), -1);
    if (d->err.code != code || !strstr(d->err.text, says))
        fail_msg("%s: %s", rk_code_name(d->err.code), d->err.text);
}

static void test_refusals(void **state)
{
    struct dir *d = *state;

    refused(d, "a: [", RK_INVALID, "config");
    refused(d, "current-context: x\n", RK_NOT_FOUND, "no context \"x\"");
    refused(d, "clusters: []\n", RK_NOT_FOUND, "no current-context");
    refused(d, ONE("insecure-skip-tls-verify: true", ""), RK_INVALID, "has no server");
    refused(d, ONE("server: 'https://h', insecure-skip-tls-verify: true, "
                   "certificate-authority-data: QQ==", ""), RK_INVALID, "exclude each other");
    refused(d, ONE("server: 'https://h', certificate-authority-data: '%'", ""), RK_INVALID,
            "is not base64");
    refused(d, ONE("server: 'https://h', certificate-authority: missing.pem", ""), RK_NOT_FOUND,
            "missing.pem");
    refused(d, ONE("server: 'https://h'", "token: t, username: u"), RK_INVALID,
            "exclude each other");
    refused(d, ONE("server: 'https://h'", "client-certificate-data: QQ=="), RK_INVALID,
            "needs client-key");
    refused(d, ONE("server: 'https://h'", "auth-provider: {name: oidc}"), RK_UNSUPPORTED, "use exec");
    refused(d, ONE("server: 'https://h'", "exec: {command: x, apiVersion: v0}"), RK_UNSUPPORTED,
            "update the plugin");
    refused(d, ONE("server: 'https://h'", "act-as-uid: x"), RK_INVALID, "need act-as");
    refused(d, ONE("server: 'https://h', proxy-url: 'ftp://p'", ""), RK_INVALID, "proxy-url");
    refused(d, "current-context: c\nclusters: [{name: k}, {name: k}]\n", RK_INVALID,
            "\"k\" is there twice");
    assert_int_equal(cluster_config_load("/nowhere/config", NULL, &d->c, &d->err), -1);
    assert_int_equal(d->err.code, RK_NOT_FOUND);
}

static void test_no_secret_in_errors(void **state)
{
    struct dir *d = *state;

    refused(d, ONE("server: 'ftp://h'", "token: geheim"), RK_INVALID, "only http");
    assert_null(strstr(d->err.text, "geheim"));
}

static void test_scheme_and_proxy(void **state)
{
    struct dir *d = *state;

    assert_ok(load_text(d, ONE("server: 'h:1'", ""), NULL), &d->err);
    assert_string_equal(d->c->server, "http://h:1");
    assert_int_equal(setenv("HTTPS_PROXY", "http://proxy:3128", 1), 0);
    assert_int_equal(setenv("NO_PROXY", "x.org, 10.0.0.0/8,.in.y", 1), 0);
    assert_ok(load_text(d, ONE("server: 'h:1', certificate-authority-data: QQ==", ""), NULL), &d->err);
    assert_string_equal(d->c->server, "https://h:1");
    assert_string_equal(d->c->proxy, "http://proxy:3128");
    static const struct { const char *text; bool proxied; } cases[] = {
        {ONE("server: 'https://a.x.org'", ""), false},
        {ONE("server: 'https://ax.org'", ""), true},
        {ONE("server: 'https://10.1.2.3:6443'", ""), false},
        {ONE("server: 'https://11.1.2.3:6443'", ""), true},
        {ONE("server: 'https://in.y'", ""), true},
        {ONE("server: 'https://a.in.y'", ""), false},
        {ONE("server: 'https://127.0.0.1:1'", ""), false},
        {ONE("server: 'https://localhost:1'", ""), false},
    };
    for (size_t i = 0; i < RK_LEN(cases); i++) {
        assert_ok(load_text(d, cases[i].text, NULL), &d->err);
        if ((d->c->proxy != NULL) != cases[i].proxied)
            fail_msg("case %zu", i);
    }
}

static void test_impersonation(void **state)
{
    struct dir *d = *state;

    assert_ok(load_text(d, ONE("server: 'https://h'",
                               "act-as: me, act-as-groups: [a, b], "
                               "act-as-user-extra: {'x/y%': [1]}"), NULL), &d->err);
    assert_string_equal(d->c->headers[0], "Impersonate-User: me");
    assert_string_equal(d->c->headers[1], "Impersonate-Group: a");
    assert_string_equal(d->c->headers[2], "Impersonate-Group: b");
    assert_string_equal(d->c->headers[3], "Impersonate-Extra-x%2Fy%25: 1");
    assert_null(d->c->headers[4]);
    assert_int_equal(load_text(d, ONE("server: 'https://h'", "act-as: \"a\\r\\nX: y\""), NULL), -1);
    assert_int_equal(d->err.code, RK_INVALID);
}

static void test_exec_paths(void **state)
{
    struct dir *d = *state;

    assert_ok(load_text(d, ONE("server: 'https://h', extensions: [{name: "
                               "client.authentication.k8s.io/exec, extension: {a: 1}}]",
                               "exec: {command: bin/plug, "
                               "apiVersion: client.authentication.k8s.io/v1beta1}"), NULL), &d->err);
    rk_auto(rk_free_str) char *want = rk_asprintf("%s/bin/plug", d->path);
    assert_true(rk_str_is(doc_get_text(d->c->exec, "command"), want));
    assert_int_equal(doc_get_int(d->c->exec_cluster, "a", 0), 1);
}

static void parse(struct dir *d, const char *out, const char *says)
{
    struct exec_answer a = {0};

    if (exec_parse(d->c, rk_str_c(out), &a, &d->err) == 0)
        fail_msg("taken: %s", out);
    if (!strstr(d->err.text, says) || strstr(d->err.text, "geheim"))
        fail_msg("%s", d->err.text);
}

static void test_exec_answers(void **state)
{
    struct dir *d = *state;
    struct exec_answer a = {0};

    assert_ok(load_text(d, ONE("server: 'https://h'",
                               "exec: {command: p, apiVersion: client.authentication.k8s.io/v1}"),
                        NULL), &d->err);
#define EC(status) "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"" status "}"
    parse(d, "geheim", "did not print an ExecCredential");
    parse(d, EC(""), "has no status");
    parse(d, EC(",\"status\":{}"), "neither a token");
    parse(d, EC(",\"status\":{\"clientCertificateData\":\"x\"}"), "half a certificate pair");
    parse(d, EC(",\"status\":{\"token\":\"geheim\\n\"}"), "line break");
    parse(d, EC(",\"status\":{\"token\":\"geheim\",\"expirationTimestamp\":\"soon\"}"), "is no time");
    assert_ok(exec_parse(d->c, RK_STR(EC(",\"status\":{\"token\":\"t\",\"clientCertificateData\":\"c\","
              "\"clientKeyData\":\"k\",\"expirationTimestamp\":\"1970-01-01T00:00:09Z\"}")), &a,
              &d->err), &d->err);
    assert_string_equal(a.token, "t");
    assert_string_equal(a.cert, "c");
    assert_int_equal(a.expires_ms, 9000);
    exec_answer_release(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_resolve),
        T(test_first_file_wins_whole),
        T(test_refusals),
        T(test_no_secret_in_errors),
        T(test_scheme_and_proxy),
        T(test_impersonation),
        T(test_exec_paths),
        T(test_exec_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
