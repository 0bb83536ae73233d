/* call_test.c: effects, retries, credentials and the connection's state against a scripted server. */
#include "cluster/fake.h"

#include "base/file.h"

#include <unistd.h>

#define YAML                                                                                       \
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\ndata: {x: \"1\"}\n"

static void apply(struct fake *f, struct cluster_apply how)
{
    struct kube_object o = object_of(f->a, YAML);
    struct rk_err err;
    unsigned before = f->got.n;

    how.object = &o;
    assert_ok(cluster_apply(f->c, &how, on_answer, &f->got, NULL, &err), &err);
    assert_int_equal(f->got.n, before); /* never inside the call */
    WAIT(f->loop, f->got.n > before);
}

static bool echo(struct fake *f, struct net_exchange *x)
{
    static const char *const headers[] = {"Warning: 299 - \"old \\\"thing\\\"\"", NULL};

    if (!rk_streq(x->method, "PATCH"))
        return false;
    rk_buf_f(&f->log, "q %.*s %.*s %.*s %d%d\n", RK_ARG_STR(net_query(x, "fieldManager")),
             RK_ARG_STR(net_query(x, "fieldValidation")), RK_ARG_STR(net_header(x, "Content-Type")),
             net_has_query(x, "force"), net_has_query(x, "dryRun"));
    net_reply(x, 201, "application/json", RK_STR(CM("a", "8")), headers);
    return true;
}

static void test_apply_bytes(void **state)
{
    struct fake *f = *state;

    f->hook = echo;
    apply(f, (struct cluster_apply){.tracking_application = "shop-production",
                                    .resource_version = "7"});
    assert_string_equal(f->body.p,
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\","
        "\"namespace\":\"n\",\"resourceVersion\":\"7\",\"annotations\":{"
        "\"reckon.dev/tracking-id\":\"shop-production:/ConfigMap:n/a\"},\"labels\":{"
        "\"reckon.dev/application\":\"shop-production\"}},\"data\":{\"x\":\"1\"}}");
    assert_non_null(strstr(f->log.p, "PATCH /api/v1/namespaces/n/configmaps/a\n"));
    assert_non_null(strstr(f->log.p, "q reckon Strict application/apply-patch+yaml 00\n"));
    assert_true(f->got.created);
    assert_false(f->got.failed);
    assert_string_equal(f->got.warning, "old \"thing\"");
    assert_true(rk_str_is(f->got.object->object.resource_version, "8"));
    apply(f, (struct cluster_apply){.force = true, .dry_run = true, .manager = "x y",
                                    .argo_tracking = true, .tracking_application = "s"});
    assert_non_null(strstr(f->log.p, "q x y Strict application/apply-patch+yaml 11\n"));
    assert_non_null(strstr(f->body.p, "\"argocd.argoproj.io/tracking-id\":\"s:/ConfigMap:n/a\""));
    assert_null(strstr(f->body.p, "labels"));
}

static void test_label_is_cut(void **state)
{
    struct fake *f = *state;

    f->hook = echo;
    apply(f, (struct cluster_apply){.tracking_application =
        "a23456789-123456789-123456789-123456789-123456789-123456789-1--x"});
    assert_non_null(strstr(f->body.p, "\"reckon.dev/application\":"
        "\"a23456789-123456789-123456789-123456789-123456789-123456789-1\""));
}

static bool conflict(struct fake *f, struct net_exchange *x)
{
    (void)f;
    if (!rk_streq(x->method, "PATCH"))
        return false;
    fake_json(x, 409, "{\"kind\":\"Status\",\"code\":409,\"reason\":\"Conflict\",\"message\":\"no\","
        "\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":"
        "\"conflict with \\\"kubectl\\\" with subresource \\\"scale\\\" using apps/v1\","
        "\"field\":\".spec.replicas\"},{\"reason\":\"Other\",\"field\":\".x\"},"
        "{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with \\\"a\\\\\\\"b\\\"\","
        "\"field\":\".data\"}]}}");
    return true;
}

static void test_conflict_owners(void **state)
{
    struct fake *f = *state;

    f->hook = conflict;
    apply(f, (struct cluster_apply){0});
    assert_int_equal(f->got.err.code, RK_CONFLICT);
    assert_string_equal(f->got.conflicts, "kubectl .spec.replicas;a\"b .data;");
    assert_string_equal(f->got.err.where.object, "/ConfigMap/n/a");
    assert_non_null(strstr(f->got.err.text, "apply ConfigMap n/a: "));
}

static bool conflict_bare(struct fake *f, struct net_exchange *x)
{
    (void)f;
    if (!rk_streq(x->method, "PATCH"))
        return false;
    fake_status(x, 409, "Conflict");
    return true;
}

static void test_conflict_without_causes(void **state)
{
    struct fake *f = *state;

    f->hook = conflict_bare;
    apply(f, (struct cluster_apply){0});
    assert_int_equal(f->got.err.code, RK_CONFLICT);
    assert_string_equal(f->got.conflicts, "");
    assert_string_equal(f->got.reason, "Conflict");
}

static bool busy_twice(struct fake *f, struct net_exchange *x)
{
    static const char *const zero[] = {"Retry-After: 0", NULL};

    if (!rk_streq(x->method, "PATCH"))
        return false;
    if (f->n++ < 2) {
        net_reply(x, f->n == 1 ? 429 : 503, "text/html", RK_STR("<html>"), f->n == 1 ? zero : NULL);
        return true;
    }
    return echo(f, x);
}

static void test_busy_is_retried(void **state)
{
    struct fake *f = *state;

    f->hook = busy_twice;
    apply(f, (struct cluster_apply){0});
    assert_false(f->got.failed);
    assert_int_equal(f->n, 3);
}

static bool page_502(struct fake *f, struct net_exchange *x)
{
    if (!rk_streq(x->method, "PATCH"))
        return false;
    f->n++;
    net_reply(x, 422, "text/html", RK_STR("<html>secret</html>"), NULL);
    return true;
}

static void test_no_status_body(void **state)
{
    struct fake *f = *state;

    f->hook = page_502;
    apply(f, (struct cluster_apply){0});
    assert_int_equal(f->n, 1);
    assert_int_equal(f->got.err.code, RK_INVALID);
    assert_string_equal(f->got.err.text,
                        "apply ConfigMap n/a: the API server answered 422 Invalid");
}

static bool hidden(struct fake *f, struct net_exchange *x)
{
    (void)f;
    if (!rk_streq(x->method, "PATCH"))
        return false;
    fake_json(x, 422, "{\"kind\":\"Status\",\"code\":422,\"reason\":\"Invalid\",\"message\":"
                      "\"data.p: Invalid value: \\\"geheim\\\": bad\"}");
    return true;
}

static void test_secret_not_in_errors(void **state)
{
    struct fake *f = *state;
    struct kube_object o = object_of(f->a, "apiVersion: v1\nkind: Secret\n"
                                           "metadata: {name: s, namespace: n}\ndata: {p: cnkx}\n");
    const struct cluster_apply how = {.object = &o};
    struct rk_err err;

    f->hook = hidden;
    assert_ok(cluster_apply(f->c, &how, on_answer, &f->got, NULL, &err), &err);
    WAIT(f->loop, f->got.n == 1);
    assert_null(strstr(f->got.err.text, "geheim"));
    assert_non_null(strstr(f->got.err.text, "(hidden)"));
}

static bool deletes(struct fake *f, struct net_exchange *x)
{
    if (!rk_streq(x->method, "DELETE"))
        return false;
    if (f->n++ == 0)
        fake_json(x, 200, "{\"kind\":\"Status\",\"status\":\"Success\"}");
    else
        fake_status(x, 404, "NotFound");
    return true;
}

static void test_delete(void **state)
{
    struct fake *f = *state;
    struct kube_key k = key_of("", "ConfigMap", "n", "a:b");
    struct rk_err err;

    f->hook = deletes;
    for (unsigned i = 1; i <= 2; i++) {
        assert_ok(cluster_delete(f->c, &k, "u-a", CLUSTER_FOREGROUND, on_answer, &f->got, NULL, &err),
                  &err);
        WAIT(f->loop, f->got.n == i);
        assert_false(f->got.failed);
    }
    assert_int_equal(f->got.status, 404);
    assert_null(f->got.object);
    assert_string_equal(f->body.p, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
                                   "\"propagationPolicy\":\"Foreground\","
                                   "\"preconditions\":{\"uid\":\"u-a\"}}");
    assert_non_null(strstr(f->log.p, "DELETE /api/v1/namespaces/n/configmaps/a:b\n"));
}

static void refused(struct fake *f, const char *group, const char *kind, const char *ns,
                    const char *name, enum rk_code code)
{
    struct kube_key k = key_of(group, kind, ns, name);
    struct rk_err err;

    assert_int_equal(cluster_read(f->c, &k, on_answer, &f->got, NULL, &err), -1);
    assert_int_equal(err.code, code);
}

static void test_keys_that_fit_nothing(void **state)
{
    struct fake *f = *state;

    refused(f, "x.org", "Widget", "n", "a", RK_NOT_FOUND);
    refused(f, "", "ConfigMap", "", "a", RK_INVALID);
    refused(f, "", "ConfigMap", "n", "", RK_INVALID);
    refused(f, "", "ConfigMap", "n", "..", RK_INVALID);
    refused(f, "", "ConfigMap", "n/secrets", "a", RK_INVALID);
    assert_int_equal(f->got.n, 0);
}

static bool hold_all(struct fake *f, struct net_exchange *x)
{
    if (!rk_streq(x->method, "GET") || !strstr(x->path, "/configmaps/"))
        return false;
    f->streams[f->n_streams++].x = x; /* answered by the test */
    f->n++;
    return true;
}

static void test_parallel_limit_and_cancel(void **state)
{
    struct fake *f = *state;
    struct kube_key k = key_of("", "ConfigMap", "n", "a");
    struct cluster_call *calls[12];
    struct rk_err err;

    f->hook = hold_all;
    f->n_streams = 0;
    for (unsigned i = 0; i < 12; i++)
        assert_ok(cluster_read(f->c, &k, on_answer, &f->got, &calls[i], &err), &err);
    WAIT(f->loop, f->n == 8);
    for (unsigned i = 0; i < 20; i++)
        step(f->loop);
    assert_int_equal(f->n, 8);
    cluster_cancel(calls[0]);  /* runs: another may go */
    cluster_cancel(calls[11]); /* waits */
    WAIT(f->loop, f->n == 9);
    for (unsigned i = 0; i < f->n_streams; i++)
        if (f->streams[i].x)
            fake_json(f->streams[i].x, 200, CM("a", "1"));
    f->n_streams = 0;
    WAIT(f->loop, f->n == 11);
    for (unsigned i = 0; i < f->n_streams; i++)
        fake_json(f->streams[i].x, 200, CM("a", "1"));
    f->n_streams = 0;
    WAIT(f->loop, f->got.n == 10);
}

static void test_answer_reaches_the_store(void **state)
{
    struct fake *f = *state;
    struct kube_key k = key_of("", "ConfigMap", "n", "a");

    f->hook = echo;
    cluster_hold_kind(f->c, RK_STR(""), RK_STR("ConfigMap"));
    WAIT(f->loop, fake_stream(f, CONFIGMAPS));
    fake_send(fake_stream(f, CONFIGMAPS), INITIAL_END("5"));
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    apply(f, (struct cluster_apply){0}); /* answers rv 8 */
    assert_true(rk_str_is(cluster_find(f->c, &k)->object.resource_version, "8"));
    /* the event of the same version says nothing new; an old answer later must not bring it back */
    fake_send(fake_stream(f, CONFIGMAPS), EV("ADDED", CM("a", "8")) EV("DELETED", CM("a", "9")));
    WAIT(f->loop, !cluster_find(f->c, &k));
    apply(f, (struct cluster_apply){0});
    assert_null(cluster_find(f->c, &k));
    assert_int_equal(told_count(&f->told, "+ConfigMap n/a@8"), 1);
    assert_int_equal(told_count(&f->told, "~ConfigMap n/a@8"), 0);
}

static void on_events(const struct cluster_event *v, size_t n, const struct rk_err *err, void *ctx)
{
    struct fake *f = ctx;

    f->got.n++;
    f->got.failed = err != NULL;
    f->got.status = (int)n;
    for (size_t i = 0; i < n; i++)
        rk_buf_f(&f->told.lines, "event %lld %lld %s %s %s\n", (long long)v[i].time,
                 (long long)v[i].count, v[i].reason, v[i].source, v[i].object);
}

static void test_events(void **state)
{
    struct fake *f = *state;
    struct rk_err err;

    f->list = "{\"items\":[{\"reason\":\"Late\",\"eventTime\":\"1970-01-01T00:00:02.000001Z\","
              "\"reportingComponent\":\"c\",\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p\"},"
              "\"series\":{\"count\":4}},"
              "{\"reason\":\"Early\",\"lastTimestamp\":\"1970-01-01T00:00:01Z\",\"count\":3,"
              "\"source\":{\"component\":\"s\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p\"}}]}";
    assert_ok(cluster_events(f->c, "n", "u-1", on_events, f, NULL, &err), &err);
    WAIT(f->loop, f->got.n == 1);
    assert_false(f->got.failed);
    assert_non_null(strstr(f->told.lines.p, "event 1000 3 Early s Pod/p\nevent 2000 4 Late c Pod/p\n"));
    assert_int_equal(cluster_events(f->c, NULL, NULL, on_events, f, NULL, &err), -1);
}

static bool log_stream(struct fake *f, struct net_exchange *x)
{
    if (!strstr(x->path, "/log"))
        return false;
    if (strstr(x->path, "creating")) {
        fake_status(x, 400, "BadRequest");
        return true;
    }
    assert_true(rk_str_is(net_query(x, "container"), "c"));
    assert_true(rk_str_is(net_query(x, "tailLines"), "5"));
    f->streams[0].x = x;
    net_stream_begin(x, 200, "text/plain");
    net_stream_write(x, RK_STR("one\n"));
    return true;
}

static void on_log(rk_str bytes, void *ctx)
{
    rk_buf_str(&((struct fake *)ctx)->told.lines, bytes);
}

static void on_log_end(const struct rk_err *err, void *ctx)
{
    struct fake *f = ctx;

    f->got.n++;
    f->got.failed = err != NULL;
    if (err)
        f->got.err = *err;
}

static void test_logs(void **state)
{
    struct fake *f = *state;
    struct cluster_logs what = {.ns = "n", .pod = "p", .container = "c", .tail = 5, .follow = true};
    struct rk_err err;

    f->hook = log_stream;
    assert_ok(cluster_logs(f->c, &what, on_log, on_log_end, f, NULL, &err), &err);
    WAIT(f->loop, strstr(f->told.lines.p, "one\n"));
    net_stream_write(f->streams[0].x, RK_STR("two\n"));
    net_stream_end(f->streams[0].x);
    f->streams[0].x = NULL;
    WAIT(f->loop, f->got.n == 1);
    assert_false(f->got.failed);
    assert_non_null(strstr(f->told.lines.p, "one\ntwo\n"));
    what.pod = "creating";
    assert_ok(cluster_logs(f->c, &what, on_log, on_log_end, f, NULL, &err), &err);
    WAIT(f->loop, f->got.n == 2);
    assert_int_equal(f->got.err.code, RK_INVALID);
    assert_non_null(strstr(f->got.err.text, "because of BadRequest"));
}

/* ---- connection and credentials ---- */

static void test_http_never_gets_a_token(void **state)
{
    struct fake *f = *state;

    f->cfg->token = "geheim";
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    assert_null(strstr(f->log.p, "auth="));
    assert_string_equal(cluster_version(f->c), "v1.99.0");
    assert_string_equal(cluster_uid(f->c), "u-1");
}

static void test_old_discovery(void **state)
{
    struct fake *f = *state;

    f->old_discovery = true;
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    const struct cluster_kind *k = cluster_kind(f->c, RK_STR("apps"), RK_STR("Deployment"));
    assert_non_null(k);
    assert_string_equal(k->version, "v1"); /* the preferred one, whatever answers first */
    assert_null(cluster_kind(f->c, RK_STR("apps"), RK_STR("Scale")));
    assert_non_null(cluster_kind(f->c, RK_STR(""), RK_STR("ConfigMap")));
}

static void count_kind(const struct cluster_kind *k, void *ctx)
{
    *(int *)ctx += rk_streq(k->kind, "Widget") || rk_streq(k->kind, "Deployment");
}

static int kinds_known(const struct fake *f)
{
    int n = 0;

    cluster_each_kind(f->c, count_kind, &n);
    return n;
}

static void test_stale_discovery_keeps_kinds(void **state)
{
    struct fake *f = *state;

    f->groups = FAKE_APPS "," FAKE_GROUP("x.org", "v2", "Current", "widgets", "Widget");
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    assert_int_equal(kinds_known(f), 2);
    cluster_hold_kind(f->c, RK_STR("x.org"), RK_STR("Widget"));
    WAIT(f->loop, fake_stream(f, "/apis/x.org/v2/widgets"));
    f->groups = FAKE_APPS ",{\"metadata\":{\"name\":\"x.org\"},\"versions\":[{\"version\":\"v2\","
                "\"freshness\":\"Stale\",\"resources\":[]}]}";
    cluster_hold_kind(f->c, RK_STR("y.org"), RK_STR("Other")); /* discovery is read again */
    WAIT(f->loop, f->c->disco.round >= 2 && !f->c->disco.running);
    assert_non_null(cluster_kind(f->c, RK_STR("x.org"), RK_STR("Widget")));
    assert_null(cluster_kind_error(f->c, RK_STR("x.org"), RK_STR("Widget")));
    f->groups = FAKE_APPS; /* now it is really gone */
    WAIT(f->loop, told_has(&f->told, "NOT_FOUND Widget"));
    assert_null(cluster_kind(f->c, RK_STR("x.org"), RK_STR("Widget")));
    assert_int_equal(kinds_known(f), 1);
}

static void test_away_and_back(void **state)
{
    struct fake *f = *state;
    uint16_t port = net_server_port(f->server);
    const struct net_server_opts opts = {.address = "127.0.0.1", .port = port,
                                         .handler = fake_handle, .gone = fake_gone, .ctx = f};
    struct rk_err err;

    net_server_stop(f->server);
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_UNREACHABLE);
    assert_int_equal(f->told.why.code, RK_UNAVAILABLE);
    assert_ok(net_server_start(f->loop, &opts, &f->server, &err), &err);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    cluster_hold_kind(f->c, RK_STR(""), RK_STR("ConfigMap"));
    WAIT(f->loop, fake_stream(f, CONFIGMAPS));
    fake_send(fake_stream(f, CONFIGMAPS), EV("ADDED", CM("a", "5")) INITIAL_END("10"));
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    net_server_stop(f->server);
    f->n_streams = 0;
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_UNREACHABLE);
    assert_int_equal(cluster_objects(f->c), 1);
    WAIT(f->loop, told_has(&f->told, "behind ConfigMap"));
    int64_t since = cluster_since(f->c, RK_STR(""), RK_STR("ConfigMap"));
    assert_true(since > 0 && since <= rk_wall_ms()); /* kept, and it says how old it is */
    assert_true(cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    assert_ok(net_server_start(f->loop, &opts, &f->server, &err), &err);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    WAIT(f->loop, fake_stream(f, CONFIGMAPS));
    assert_false(fake_stream(f, CONFIGMAPS)->streaming); /* goes on from where it was */
    assert_string_equal(fake_stream(f, CONFIGMAPS)->version, "10");
    WAIT(f->loop, !cluster_since(f->c, RK_STR(""), RK_STR("ConfigMap")));
    assert_int_equal(told_count(&f->told, "ready ConfigMap"), 2); /* told when it follows again */
    assert_int_equal(told_count(&f->told, "behind ConfigMap"), 1);
}

static void test_call_fails_when_nobody_answers(void **state)
{
    struct fake *f = *state;
    struct kube_key k = key_of("", "ConfigMap", "n", "a");
    struct rk_err err;

    net_server_stop(f->server);
    assert_ok(cluster_read(f->c, &k, on_answer, &f->got, NULL, &err), &err);
    WAIT(f->loop, f->got.n == 1);
    assert_int_equal(f->got.err.code, RK_UNAVAILABLE);
    const struct net_server_opts opts = {.address = "127.0.0.1", .handler = fake_handle, .ctx = f};
    assert_ok(net_server_start(f->loop, &opts, &f->server, &err), &err);
}

static int setup_tls(void **state)
{
    *state = fake_new(true);
    return 0;
}

static void test_ca_is_pinned(void **state)
{
    struct fake *f = *state;

    f->cfg->ca = rk_str_c(test_other_cert);
    f->cfg->token = "geheim";
    fake_connect(f);
    WAIT(f->loop, f->told.states > 0);
    assert_int_equal(cluster_state(f->c), CLUSTER_UNREACHABLE);
    assert_int_equal(f->log.n, 0); /* not a byte of a request went there */
    assert_null(strstr(f->told.why.text, "geheim"));
}

static bool want_token_2(struct fake *f, struct net_exchange *x)
{
    (void)f;
    if (rk_str_is(net_header(x, "Authorization"), "Bearer two"))
        return false;
    fake_status(x, 401, "Unauthorized");
    return true;
}

static void test_token_file_rotates_on_401(void **state)
{
    struct fake *f = *state;
    char path[] = "/tmp/rk-cluster-XXXXXX";
    struct rk_err err;

    close(mkstemp(path));
    assert_ok(rk_file_write(path, RK_STR("one\n"), 0600, &err), &err);
    f->cfg->token_file = path;
    f->hook = want_token_2;
    fake_connect(f);
    assert_ok(rk_file_write(path, RK_STR("two\n"), 0600, &err), &err);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    assert_non_null(strstr(f->log.p, "auth=Bearer one"));
    assert_false(told_has(&f->told, "state denied"));
    unlink(path);
}

static void test_wrong_token_is_denied(void **state)
{
    struct fake *f = *state;

    f->cfg->token = "geheim";
    f->hook = want_token_2;
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_DENIED);
    assert_int_equal(f->told.why.code, RK_DENIED);
    assert_null(strstr(f->told.why.text, "geheim"));
}

static struct doc_node *exec_of(struct fake *f, const char *script)
{
    rk_auto(rk_free_str) char *text = rk_asprintf(
        "apiVersion: client.authentication.k8s.io/v1\ncommand: /bin/sh\nargs: [-c, '%s']\n"
        "env: [{name: WORD, value: two}]\nprovideClusterInfo: true\n", script);
    const struct doc_read how = {.typing = DOC_CONFIG};
    struct doc_node *doc;
    struct rk_err err;

    assert_ok(doc_yaml_read_one(f->a, rk_str_c(text), &how, &doc, &err), &err);
    return doc;
}

#define CREDENTIAL(status)                                                                         \
    "echo \"{\\\"kind\\\":\\\"ExecCredential\\\",\\\"apiVersion\\\":"                              \
    "\\\"client.authentication.k8s.io/v1\\\",\\\"status\\\":{" status "}}\""

static void test_plugin_gives_a_token(void **state)
{
    struct fake *f = *state;

    f->cfg->exec = exec_of(f, "case $KUBERNETES_EXEC_INFO in *server*) ;; *) exit 3;; esac; "
                              CREDENTIAL("\\\"token\\\":\\\"$WORD\\\""));
    f->hook = want_token_2;
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    assert_false(told_has(&f->told, "state denied"));
}

static void plugin_fails(struct fake *f, const char *script, const char *text)
{
    struct kube_key k = key_of("", "ConfigMap", "n", "a");
    struct rk_err err;

    f->cfg->exec = exec_of(f, script);
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_DENIED);
    if (!strstr(f->told.why.text, text))
        fail_msg("%s", f->told.why.text);
    assert_int_equal(f->log.n, 0);
    assert_int_equal(cluster_read(f->c, &k, on_answer, &f->got, NULL, &err), -1);
}

static void test_plugin_other_version(void **state)
{
    plugin_fails(*state, "echo \"{\\\"kind\\\":\\\"ExecCredential\\\",\\\"apiVersion\\\":\\\"v0\\\"}\"",
                 "another kind or apiVersion");
}

static void test_plugin_half_a_pair(void **state)
{
    plugin_fails(*state, CREDENTIAL("\\\"clientKeyData\\\":\\\"k\\\""), "half a certificate pair");
}

static void test_plugin_exit_code(void **state)
{
    plugin_fails(*state, "printf \"\\033[31mlog in first\" >&2; exit 4",
                 "failed with exit code 4: \\x1b[31mlog in first");
}

static void test_plugin_too_much_output(void **state)
{
    plugin_fails(*state, "yes | head -c 10000000", "printed more than");
}

static void test_close_while_the_plugin_runs(void **state)
{
    struct fake *f = *state;

    f->cfg->exec = exec_of(f, "sleep 20");
    fake_connect(f);
    step(f->loop);
    assert_non_null(f->c->auth.run);
    cluster_close(f->c);
    f->c = NULL;
    for (int i = 0; i < 50; i++)
        step(f->loop);
    assert_int_equal(f->told.states, 0);
}

static void test_bad_opening(void **state)
{
    struct fake *f = *state;
    const struct cluster_opts opts = {.name = "fake", .config = f->cfg};
    struct rk_err err;

    f->cfg->server = "ftp://x";
    assert_int_equal(cluster_open(f->loop, &opts, &told_observer, &f->told, &f->c, &err), -1);
    assert_null(f->c);
    f->cfg->server = "https://127.0.0.1:1";
    f->cfg->token = "two\nlines";
    assert_int_equal(cluster_open(f->loop, &opts, &told_observer, &f->told, &f->c, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_null(strstr(err.text, "two"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)
#define A(name) cmocka_unit_test_setup_teardown(name, fake_setup_apart, fake_teardown)
#define S(name) cmocka_unit_test_setup_teardown(name, setup_tls, fake_teardown)
    const struct CMUnitTest tests[] = {
        T(test_apply_bytes),
        T(test_label_is_cut),
        T(test_conflict_owners),
        T(test_conflict_without_causes),
        T(test_busy_is_retried),
        T(test_no_status_body),
        T(test_secret_not_in_errors),
        T(test_delete),
        T(test_keys_that_fit_nothing),
        T(test_parallel_limit_and_cancel),
        T(test_answer_reaches_the_store),
        T(test_events),
        T(test_logs),
        A(test_http_never_gets_a_token),
        A(test_old_discovery),
        A(test_stale_discovery_keeps_kinds),
        A(test_away_and_back),
        T(test_call_fails_when_nobody_answers),
        S(test_ca_is_pinned),
        S(test_token_file_rotates_on_401),
        S(test_wrong_token_is_denied),
        S(test_plugin_gives_a_token),
        S(test_plugin_other_version),
        S(test_plugin_half_a_pair),
        S(test_plugin_exit_code),
        S(test_plugin_too_much_output),
        S(test_close_while_the_plugin_runs),
        A(test_bad_opening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
