/*
 * real_test.c: the room against a real API server. Runs when RECKON_TEST_KUBECONFIG names one
 * (tests/kube/kube up DIR prints it); skips otherwise and says so. Each run works in a namespace
 * with a fresh name and leaves it behind for the garbage collector: deletion costs 5 s.
 */
#include "cluster/testing.h"

#include <unistd.h>

struct real {
    struct run_loop *loop;
    struct cluster_config *cfg;
    struct cluster *c;
    struct told told;
    struct rk_arena *a;
    struct answered got;
    char ns[40];
};

static const uint8_t key[32] = {1, 2, 3};

static struct real *real_open(const char *path)
{
    struct real *r = rk_alloc(sizeof(*r));
    struct rk_err err;

    r->loop = run_loop_new();
    r->told.lines = RK_BUF_INIT;
    r->a = rk_arena_new();
    assert_ok(cluster_config_load(path, NULL, &r->cfg, &err), &err);
    const struct cluster_opts opts = {.name = "test", .config = r->cfg, .mask_key = key};
    assert_ok(cluster_open(r->loop, &opts, &told_observer, &r->told, &r->c, &err), &err);
    snprintf(r->ns, sizeof(r->ns), "rk-%d-%llx", (int)getpid(), (unsigned long long)rk_mono_us());
    return r;
}

static void real_close(struct real *r)
{
    cluster_unref(r->got.object);
    cluster_close(r->c);
    cluster_config_free(r->cfg);
    rk_arena_free(r->a);
    rk_buf_release(&r->told.lines);
    run_loop_free(r->loop);
    free(r);
}

static int setup(void **state)
{
    struct real *r = real_open(getenv("RECKON_TEST_KUBECONFIG"));
    uint64_t t0 = rk_mono_us();

    *state = r;
    WAIT(r->loop, cluster_state(r->c) == CLUSTER_OK);
    print_message("connected in %llu us, %s, uid %s\n", (unsigned long long)(rk_mono_us() - t0),
                  cluster_version(r->c), cluster_uid(r->c));
    return 0;
}

static int teardown(void **state)
{
    real_close(*state);
    return 0;
}

static void hold(struct real *r, const char *group, const char *kind)
{
    cluster_hold_kind(r->c, rk_str_c(group), rk_str_c(kind));
    WAIT(r->loop, cluster_kind_ready(r->c, rk_str_c(group), rk_str_c(kind)) ||
                      cluster_kind_error(r->c, rk_str_c(group), rk_str_c(kind)));
}

static void apply_as(struct real *r, const char *yaml, struct cluster_apply how)
{
    struct kube_object o = object_of(r->a, yaml);
    struct rk_err err;
    unsigned before = r->got.n;

    how.object = &o;
    assert_ok(cluster_apply(r->c, &how, on_answer, &r->got, NULL, &err), &err);
    WAIT(r->loop, r->got.n > before);
}

static void apply(struct real *r, const char *yaml)
{
    apply_as(r, yaml, (struct cluster_apply){0});
    if (r->got.failed)
        fail_msg("%s", r->got.err.text);
}

static char *yaml(struct real *r, const char *fmt, ...) RK_PRINTF(2, 3);
static char *yaml(struct real *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *text = rk_arena_vf(r->a, fmt, ap);
    va_end(ap);
    return text;
}

static void make_namespace(struct real *r)
{
    apply(r, yaml(r, "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n", r->ns));
    assert_int_equal(r->got.status, 201);
    assert_true(r->got.created);
}

static struct cluster_object *find(struct real *r, const char *group, const char *kind,
                                   const char *name)
{
    struct kube_key k = key_of(group, kind, r->ns, name);

    return cluster_find(r->c, &k);
}

static void test_connect(void **state)
{
    struct real *r = *state;

    assert_non_null(cluster_uid(r->c));
    assert_int_equal(strlen(cluster_uid(r->c)), 36);
    assert_non_null(strstr(cluster_version(r->c), "v1."));
    const struct cluster_kind *k = cluster_kind(r->c, RK_STR("apps"), RK_STR("Deployment"));
    assert_non_null(k);
    assert_string_equal(k->version, "v1");
    assert_string_equal(k->plural, "deployments");
    assert_true(k->namespaced);
    k = cluster_kind(r->c, RK_STR("autoscaling"), RK_STR("HorizontalPodAutoscaler"));
    assert_string_equal(k->version, "v2");
    assert_false(cluster_kind(r->c, RK_STR(""), RK_STR("Namespace"))->namespaced);
    assert_null(cluster_kind(r->c, RK_STR("example.org"), RK_STR("Nothing")));
}

static void test_watch_and_apply(void **state)
{
    struct real *r = *state;
    rk_str app;
    uint64_t t0 = rk_mono_us();

    make_namespace(r);
    hold(r, "", "ConfigMap");
    print_message("kind ready in %llu us\n", (unsigned long long)(rk_mono_us() - t0));
    assert_true(cluster_objects(r->c) > 0);
    apply_as(r, yaml(r, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: %s}\n"
                        "data: {a: \"1\"}\n", r->ns),
             (struct cluster_apply){.tracking_application = "shop-production"});
    assert_int_equal(r->got.status, 201);
    struct cluster_object *o = find(r, "", "ConfigMap", "one"); /* before any event */
    assert_non_null(o);
    assert_true(o->object.managed_fields.n > 10);
    assert_null(doc_walk(o->object.doc, "metadata.managedFields"));
    assert_true(kube_tracked_by(&o->object, &app));
    assert_true(rk_str_is(app, "shop-production"));
    assert_true(rk_str_is(kube_label(&o->object, KUBE_APPLICATION_LABEL), "shop-production"));
    apply_as(r, yaml(r, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: %s}\n"
                        "data: {a: \"2\"}\n", r->ns), (struct cluster_apply){.dry_run = true});
    assert_int_equal(r->got.status, 200);
    assert_true(rk_str_is(doc_get_text(doc_get(r->got.object->object.doc, "data"), "a"), "2"));
    o = find(r, "", "ConfigMap", "one");
    assert_true(rk_str_is(doc_get_text(doc_get(o->object.doc, "data"), "a"), "1"));
}

#define MINE                                                                                       \
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: %s}\ndata: {a: \"%s\"}\n"

static void test_conflict(void **state)
{
    struct real *r = *state;
    make_namespace(r);
    apply_as(r, yaml(r, MINE, r->ns, "1"), (struct cluster_apply){.manager = "somebody"});
    apply_as(r, yaml(r, MINE, r->ns, "2"), (struct cluster_apply){0});
    assert_true(r->got.failed);
    assert_int_equal(r->got.status, 409);
    assert_int_equal(r->got.err.code, RK_CONFLICT);
    assert_string_equal(r->got.reason, "Conflict");
    assert_string_equal(r->got.conflicts, "somebody .data.a;");
    apply_as(r, yaml(r, MINE, r->ns, "2"), (struct cluster_apply){.force = true});
    assert_false(r->got.failed);
    /* an old resourceVersion is a conflict too, but nobody's field */
    apply_as(r, yaml(r, MINE, r->ns, "3"), (struct cluster_apply){.resource_version = "1"});
    assert_int_equal(r->got.err.code, RK_CONFLICT);
    assert_string_equal(r->got.conflicts, "");
    apply_as(r, yaml(r, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: %s}\n"
                        "dota: {a: \"1\"}\n", r->ns), (struct cluster_apply){0});
    print_message("%d %s\n", r->got.status, r->got.err.text);
    assert_int_equal(r->got.err.code, RK_INVALID);
    assert_non_null(strstr(r->got.message, "dota"));
}

static void test_delete(void **state)
{
    struct real *r = *state;
    struct rk_err err;

    make_namespace(r);
    hold(r, "", "ConfigMap");
    apply(r, yaml(r, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: %s}\n", r->ns));
    struct kube_key k = key_of("", "ConfigMap", r->ns, "d");
    char uid[64];
    snprintf(uid, sizeof(uid), "%.*s", RK_ARG_STR(r->got.object->object.uid));
    unsigned n = r->got.n;
    assert_ok(cluster_delete(r->c, &k, "00000000-0000-0000-0000-000000000000", CLUSTER_BACKGROUND,
                             on_answer, &r->got, NULL, &err), &err);
    WAIT(r->loop, r->got.n == n + 1);
    assert_int_equal(r->got.err.code, RK_CONFLICT);
    assert_ok(cluster_delete(r->c, &k, uid, CLUSTER_BACKGROUND, on_answer, &r->got, NULL, &err), &err);
    WAIT(r->loop, r->got.n == n + 2);
    assert_false(r->got.failed);
    WAIT(r->loop, !find(r, "", "ConfigMap", "d"));
    assert_ok(cluster_delete(r->c, &k, uid, CLUSTER_BACKGROUND, on_answer, &r->got, NULL, &err), &err);
    WAIT(r->loop, r->got.n == n + 3);
    assert_false(r->got.failed);
    assert_int_equal(r->got.status, 404);
    assert_int_equal(cluster_delete(r->c, &k, NULL, CLUSTER_ORPHAN, on_answer, &r->got, NULL, &err),
                     -1);
    assert_int_equal(err.code, RK_INVALID);
}

static void count(struct cluster_object *o, void *ctx)
{
    (void)o;
    ++*(unsigned *)ctx;
}

static unsigned owned(struct real *r, const struct cluster_object *o)
{
    unsigned n = 0;

    cluster_each_owned(r->c, o->object.uid, count, &n);
    return n;
}

static void on_events(const struct cluster_event *v, size_t n, const struct rk_err *err, void *ctx)
{
    struct real *r = ctx;

    r->got.n++;
    r->got.failed = err != NULL;
    r->got.status = (int)n;
    if (n)
        snprintf(r->got.message, sizeof(r->got.message), "%s %s %s", v[n - 1].type, v[n - 1].reason,
                 v[n - 1].object);
}

static void on_log_end(const struct rk_err *err, void *ctx)
{
    struct real *r = ctx;

    r->got.n++;
    r->got.failed = err != NULL;
    if (err)
        r->got.err = *err;
}

static void on_log(rk_str bytes, void *ctx)
{
    (void)bytes;
    (void)ctx;
}

static void test_owners_events_logs(void **state)
{
    struct real *r = *state;
    struct rk_err err;
    struct cluster_object *d;

    make_namespace(r);
    hold(r, "apps", "Deployment");
    hold(r, "apps", "ReplicaSet");
    hold(r, "", "Pod");
    apply(r, yaml(r, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: %s}\n"
                     "spec:\n  replicas: 2\n  selector: {matchLabels: {a: b}}\n  template:\n"
                     "    metadata: {labels: {a: b}}\n"
                     "    spec: {containers: [{name: c, image: \"x:1\"}]}\n", r->ns));
    WAIT(r->loop, (d = find(r, "apps", "Deployment", "web")) && owned(r, d) == 1);
    WAIT(r->loop, doc_get_int(doc_get((d = find(r, "apps", "Deployment", "web"))->object.doc,
                                      "status"), "readyReplicas", 0) == 2);
    unsigned n = r->got.n;
    char uid[64];
    snprintf(uid, sizeof(uid), "%.*s", RK_ARG_STR(d->object.uid));
    assert_ok(cluster_events(r->c, r->ns, uid, on_events, r, NULL, &err), &err);
    WAIT(r->loop, r->got.n == n + 1);
    assert_false(r->got.failed);
    assert_int_equal(r->got.status, 1);
    assert_string_equal(r->got.message, "Normal ScalingReplicaSet Deployment/web");
    const struct cluster_logs what = {.ns = r->ns, .pod = "nothing", .tail = 10};
    assert_ok(cluster_logs(r->c, &what, on_log, on_log_end, r, NULL, &err), &err);
    WAIT(r->loop, r->got.n == n + 2);
    assert_true(r->got.failed);
    assert_int_equal(r->got.err.code, RK_NOT_FOUND);
    print_message("%s\n", r->got.err.text);
    struct kube_key k = key_of("apps", "Deployment", r->ns, "web");
    assert_ok(cluster_delete(r->c, &k, uid, CLUSTER_FOREGROUND, on_answer, &r->got, NULL, &err), &err);
    WAIT(r->loop, !find(r, "apps", "Deployment", "web"));
}

static void test_secret_is_masked(void **state)
{
    struct real *r = *state;

    make_namespace(r);
    hold(r, "", "Secret");
    struct kube_object o = object_of(
        r->a, yaml(r, "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: %s}\n"
                      "data: {password: Z2VoZWlt}\n", r->ns));
    struct rk_err err;
    o.clear = doc_copy(r->a, o.doc);
    kube_mask_secret(r->a, o.doc, key);
    const struct cluster_apply how = {.object = &o};
    unsigned n = r->got.n;
    assert_ok(cluster_apply(r->c, &how, on_answer, &r->got, NULL, &err), &err);
    WAIT(r->loop, r->got.n > n);
    assert_false(r->got.failed);
    struct cluster_object *live = find(r, "", "Secret", "s");
    assert_true(doc_equal(doc_get(live->object.doc, "data"), doc_get(o.doc, "data")));
    assert_true(rk_str_starts(doc_get_text(doc_get(live->object.doc, "data"), "password"), "rk1:"));
    o.clear = NULL;
    assert_int_equal(cluster_apply(r->c, &how, on_answer, &r->got, NULL, &err), -1);
}

static void test_crd(void **state)
{
    struct real *r = *state;
    unsigned long long id = (unsigned long long)rk_mono_us();

    make_namespace(r);
    rk_auto(rk_free_str) char *group = rk_asprintf("g%llx.example.org", id);
    cluster_hold_kind(r->c, rk_str_c(group), RK_STR("Thing"));
    WAIT(r->loop, told_has(&r->told, "NOT_FOUND Thing"));
    apply(r, yaml(r, "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                     "metadata: {name: things.%s}\n"
                     "spec:\n  group: %s\n  scope: Namespaced\n"
                     "  names: {plural: things, singular: thing, kind: Thing}\n"
                     "  versions:\n  - {name: v1, served: true, storage: true, schema: "
                     "{openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}\n",
                  group, group));
    struct cluster_object *crd = cluster_ref(r->got.object);
    WAIT(r->loop, cluster_kind_ready(r->c, rk_str_c(group), RK_STR("Thing")));
    apply(r, yaml(r, "apiVersion: %s/v1\nkind: Thing\nmetadata: {name: t, namespace: %s}\nn: 9007199254740993\n",
                  group, r->ns));
    struct cluster_object *o = find(r, group, "Thing", "t");
    assert_non_null(o);
    assert_true(rk_str_is(doc_get_text(o->object.doc, "n"), "9007199254740993"));
    char uid[64];
    struct rk_err err;
    snprintf(uid, sizeof(uid), "%.*s", RK_ARG_STR(crd->object.uid));
    assert_ok(cluster_delete(r->c, &crd->object.key, uid, CLUSTER_BACKGROUND, on_answer, &r->got,
                             NULL, &err), &err);
    WAIT(r->loop, !cluster_kind(r->c, rk_str_c(group), RK_STR("Thing")));
    WAIT(r->loop, !find(r, group, "Thing", "t"));
    assert_false(cluster_kind_ready(r->c, rk_str_c(group), RK_STR("Thing")));
    cluster_unref(crd);
}

struct burst {
    struct real *r;
    unsigned left, failed;
};

static void burst_done(const struct cluster_answer *a, const struct rk_err *err, void *ctx)
{
    struct burst *b = ctx;

    (void)a;
    b->failed += err != NULL;
    b->left--;
}

static size_t resident_kib(void)
{
    size_t kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    char line[200];

    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtoul(line + 6, NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

static void add_bytes(struct cluster_object *o, void *ctx)
{
    size_t *sum = ctx;
    struct rk_buf b = RK_BUF_INIT;

    doc_json_write(&b, o->object.doc);
    sum[0] += b.n;
    sum[1] += rk_arena_bytes(o->arena);
    sum[2]++;
    sum[3] += o->object.managed_fields.n;
    rk_buf_release(&b);
}

static void test_burst(void **state)
{
    struct real *r = *state;
    struct burst b = {.r = r, .left = 400};
    struct rk_err err;
    size_t sum[4] = {0};

    make_namespace(r);
    run_loop_lag(r->loop);
    size_t before = resident_kib();
    uint64_t t0 = rk_mono_us();
    hold(r, "apps", "Deployment");
    print_message("%zu Deployments known after %llu ms, loop lag %llu us, RSS +%zu KiB\n",
                  cluster_objects(r->c), (unsigned long long)(rk_mono_us() - t0) / 1000,
                  (unsigned long long)run_loop_lag(r->loop), resident_kib() - before);
    t0 = rk_mono_us();
    for (unsigned i = 0; i < 400; i++) {
        struct kube_object o = object_of(
            r->a, yaml(r, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w%u, namespace: %s}\n"
                          "spec:\n  replicas: 0\n  selector: {matchLabels: {a: b}}\n  template:\n"
                          "    metadata: {labels: {a: b}}\n"
                          "    spec: {containers: [{name: c, image: \"x:1\"}]}\n", i, r->ns));
        const struct cluster_apply how = {.object = &o, .tracking_application = r->ns};
        assert_ok(cluster_apply(r->c, &how, burst_done, &b, NULL, &err), &err);
    }
    WAIT(r->loop, b.left == 0);
    print_message("400 applies in %llu ms, %u failed, loop lag %llu us, RSS +%zu KiB\n",
                  (unsigned long long)(rk_mono_us() - t0) / 1000, b.failed,
                  (unsigned long long)run_loop_lag(r->loop), resident_kib() - before);
    assert_int_equal(b.failed, 0);
    unsigned n = 0;
    cluster_each_tracked(r->c, rk_str_c(r->ns), count, &n);
    print_message("%u tracked of %zu\n", n, cluster_objects(r->c));
    assert_int_equal(n, 400);
    cluster_each(r->c, RK_STR("apps"), RK_STR("Deployment"), add_bytes, sum);
    print_message("%zu objects: JSON %zu, managedFields %zu, arena %zu bytes each\n", sum[2],
                  sum[0] / sum[2], sum[3] / sum[2], sum[1] / sum[2]);
}

static void test_viewer_is_denied(void **state)
{
    const char *path = getenv("RECKON_TEST_KUBECONFIG");
    rk_auto(rk_free_str) char *dir = rk_strndup(path, (size_t)(strrchr(path, '/') - path));
    rk_auto(rk_free_str) char *other = rk_asprintf("%s/viewer.kubeconfig", dir);

    (void)state;
    if (access(other, R_OK) != 0)
        skip();
    struct real *r = real_open(other);
    cluster_hold_kind(r->c, RK_STR(""), RK_STR("Secret"));
    WAIT(r->loop, cluster_kind_error(r->c, RK_STR(""), RK_STR("Secret")) ||
                      cluster_kind_ready(r->c, RK_STR(""), RK_STR("Secret")));
    print_message("%s", r->told.lines.p);
    assert_true(told_has(&r->told, "DENIED Secret"));
    assert_int_equal(r->told.why.code, RK_DENIED);
    assert_true(cluster_discovered(r->c));
    real_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_connect, setup, teardown),
        cmocka_unit_test_setup_teardown(test_watch_and_apply, setup, teardown),
        cmocka_unit_test_setup_teardown(test_conflict, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delete, setup, teardown),
        cmocka_unit_test_setup_teardown(test_owners_events_logs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_secret_is_masked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_crd, setup, teardown),
        cmocka_unit_test_setup_teardown(test_burst, setup, teardown),
        cmocka_unit_test(test_viewer_is_denied),
    };

    const char *given = getenv("RECKON_TEST_KUBECONFIG");
    if (!given || !*given) {
        print_message("SKIP cluster/real: RECKON_TEST_KUBECONFIG is not set "
                      "(tests/kube/kube up DIR prints one)\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
