/*
 * owner_test.c: managedFields: who wrote a field, which fields we removed, and the compare with
 * the server's prediction.
 */
#include "drift/drift_test.h"

#define MANAGED(entries) "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n" \
    "  namespace: n\n  managedFields:\n" entries
#define ENTRY(manager, operation, more, set) "  - {manager: " manager ", operation: " operation \
    ", apiVersion: apps/v1, time: '2026-01-02T03:04:05Z', " more "fieldsType: FieldsV1, " \
    "fieldsV1: " \
    set "}\n"
#define APPLY(set) ENTRY("reckon", "Apply", "", set)

static void test_owner(void **state)
{
    struct answer x = ask(
        DEPLOYMENT "spec: {replicas: 3, paused: true, minReadySeconds: 4}",
        MANAGED(APPLY("{'f:spec': {'f:replicas': {}, 'f:paused': {}}}")
                ENTRY("kube-scaler", "Update", "subresource: scale, ", "{'f:spec': "
                "{'f:replicas': {}}}")
                ENTRY("kubectl-edit", "Update", "", "{'f:spec': {'f:minReadySeconds': {}}}"))
        "spec: {replicas: 5, minReadySeconds: 9}", NULL, NULL);
    struct rk_buf text = RK_BUF_INIT;

    (void)state;
    assert_string_equal(fields_text(&x), "/spec/replicas 3 5; /spec/paused true null; "
                                         "/spec/minReadySeconds 4 9");
    drift_owner_text(&text, &x.d.fields[0]);
    assert_string_equal(text.p, "last written by reckon no later than 2026-01-02T03:04:05Z");
    rk_buf_clear(&text);
    drift_owner_text(&text, &x.d.fields[1]);
    assert_string_equal(text.p, "nobody (default)");
    rk_buf_clear(&text);
    drift_owner_text(&text, &x.d.fields[2]);
    assert_string_equal(text.p, "last written by kubectl-edit no later than 2026-01-02T03:04:05Z");
    rk_buf_release(&text);
    rk_arena_free(x.a);
}

/* The item's place in live is another than in desired. */
static void test_owner_of_item(void **state)
{
    struct answer x = ask(
        DEPLOYMENT "spec: {template: {spec: {containers: [{name: a, image: x}]}}}",
        MANAGED(ENTRY("kubectl-set", "Update", "", "{'f:spec': {'f:template': {'f:spec': "
                      "{'f:containers': {'k:{\"name\":\"a\"}': {'f:image': {}}}}}}}")
                ENTRY("injector", "Update", "", "{'f:spec': {'f:template': {'f:spec': "
                      "{'f:containers': {'k:{\"name\":\"s\"}': {'f:image': {}}}}}}}"))
        "spec: {template: {spec: {containers: [{name: s, image: z}, {name: a, image: y}]}}}",
        NULL, NULL);

    (void)state;
    assert_int_equal(x.d.n_fields, 1);
    assert_string_equal(x.d.fields[0].path, "/spec/template/spec/containers/0/image");
    assert_true(rk_str_is(x.d.fields[0].owner.manager, "kubectl-set"));
    rk_arena_free(x.a);
}

struct row { const char *what, *desired, *live, *predicted, *fields; };

#define BOTH_OF "{'f:metadata': {'f:labels': {'.': {}, 'f:reckon.dev/application': {}, 'f:x': " \
    "{}}}, " \
    "'f:spec': {'f:replicas': {}, 'f:template': {'f:spec': {'f:containers': {" \
    "'k:{\"name\":\"a\"}': {'.': {}, 'f:name': {}, 'f:image': {}}, " \
    "'k:{\"name\":\"b\"}': {'.': {}, 'f:name': {}, 'f:image': {}}}}}}}"

static const struct row removed[] = {
    {"all still there", DEPLOYMENT "spec: {replicas: 3}", MANAGED(APPLY("{'f:spec': {'f:replicas': "
     "{}}}")) "spec: {replicas: 3}", NULL, ""},
    {"removed, and the default would put it back",
     DEPLOYMENT "spec: {paused: true}", MANAGED(APPLY("{'f:spec': {'f:paused': {}, 'f:replicas': "
     "{}}}")) "spec: {replicas: 1, paused: true}", NULL, ""},
    {"removed", DEPLOYMENT "spec: {paused: true}", MANAGED(APPLY("{'f:spec': {'f:paused': {}, "
     "'f:replicas': {}}}")) "spec: {replicas: 2, paused: true}", NULL,
     "/spec/replicas null 2 removed"},
    {"removed, but gone in live already", DEPLOYMENT "spec: {}",
     MANAGED(APPLY("{'f:spec': {'f:paused': {}}}")) "spec: {replicas: 2}", NULL, ""},
    {"another owns it too", DEPLOYMENT "spec: {}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}") ENTRY("x", "Update", "", "{'f:spec': "
     "{'f:replicas': {}}}")) "spec: {replicas: 2}", NULL, ""},
    {"a whole item, a label, and our own label stays",
     DEPLOYMENT "spec: {replicas: 3, template: {spec: {containers: [{name: a, image: x}]}}}",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  labels: {x: y, z: w, "
     "reckon.dev/application: a}\n  managedFields:\n" APPLY(BOTH_OF)
     "spec: {replicas: 3, template: {spec: {containers: [{name: b, image: y}, {name: a, image: "
     "x}]}}}", NULL, "/metadata/labels/x null \"y\" removed; /spec/template/spec/containers/0 null "
     "{\"name\":\"b\",\"image\":\"y\"} removed"},
    {"last-applied, no managedFields",
     DEPLOYMENT "spec: {replicas: 3}",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  annotations:\n    "
     "kubectl.kubernetes.io/last-applied-configuration: '{\"metadata\":{\"name\":\"a\","
     "\"labels\":{\"o\":\"p\"}},\"spec\":{\"replicas\":3,\"minReadySeconds\":5,\"template\":{"
     "\"spec\":{\"containers\":[{\"name\":\"q\"}]}}}}'\n  labels: {o: p}\n"
     "spec: {replicas: 3, minReadySeconds: 5, template: {spec: {containers: [{name: q}]}}}",
     NULL, "/metadata/labels/o null \"p\" removed; /spec/minReadySeconds null 5 removed; "
     "/spec/template/spec/containers null [{\"name\":\"q\"}] removed"},
    {"a set of finalizers",
     "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, finalizers: [x/a]}",
     "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  finalizers: [y/b, x/a, z/c]\n"
     "  managedFields:\n" APPLY("{'f:metadata': {'f:finalizers': {'v:\"x/a\"': {}, 'v:\"y/b\"': "
     "{}}}}"), NULL, "/metadata/finalizers/0 null \"y/b\" removed"},
};

static const struct row predicted[] = {
    {"the server says nothing changes, whatever the spelling",
     DEPLOYMENT "spec: {replicas: 3}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3, paused: true}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3, paused: true}", ""},
    {"a field of ours", DEPLOYMENT "spec: {replicas: 3}",
     MANAGED(ENTRY("kubectl", "Update", "", "{'f:spec': {'f:replicas': {}}}")) "spec: "
     "{replicas: 5}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3}\nstatus: {x: 1}",
     "/spec/replicas 3 5"},
    {"what a webhook adds is not ours", DEPLOYMENT "spec: {replicas: 3}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3, minReadySeconds: "
     "7}", ""},
    {"unless asked for", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  "
     "annotations: {argocd.argoproj.io/compare-options: 'x, IncludeMutationWebhook=true'}\n"
     "spec: {replicas: 3}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3, minReadySeconds: 7}",
     "/spec/minReadySeconds 7 null"},
    {"a value that is replaced whole, item gone",
     HEAD("rbac.authorization.k8s.io/v1", "Role") "rules: []",
     HEAD("rbac.authorization.k8s.io/v1", "Role") "rules: [{verbs: [get]}]",
     HEAD("rbac.authorization.k8s.io/v1", "Role"), "/rules [] [{\"verbs\":[\"get\"]}]"},
    {"a field that the apply takes out", DEPLOYMENT "spec: {replicas: 3}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}, 'f:paused': {}}}")) "spec: {replicas: 3, paused: "
     "true}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}}}")) "spec: {replicas: 3}",
     "/spec/paused null true removed"},
    {"and where a default takes its place", DEPLOYMENT "spec: {paused: true}",
     MANAGED(APPLY("{'f:spec': {'f:replicas': {}, 'f:paused': {}}}")) "spec: {replicas: 4, paused: "
     "true}",
     MANAGED(APPLY("{'f:spec': {'f:paused': {}}}")) "spec: {replicas: 1, paused: true}",
     "/spec/replicas 1 4 removed"},
    {"our marks come with the prediction", DEPLOYMENT "spec: {replicas: 3}",
     DEPLOYMENT "spec: {replicas: 3}",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  labels: "
     "{reckon.dev/application: x}\n  annotations: {reckon.dev/tracking-id: y}\n  managedFields:\n"
     APPLY("{'f:metadata': {'f:labels': {'f:reckon.dev/application': {}}, 'f:annotations': "
     "{'f:reckon.dev/tracking-id': {}}}, 'f:spec': {'f:replicas': {}}}") "spec: {replicas: 3}", ""},
    {"no managedFields: what git names counts", DEPLOYMENT "spec: {replicas: 3}",
     DEPLOYMENT "spec: {replicas: 5, minReadySeconds: 1}",
     DEPLOYMENT "spec: {replicas: 3, minReadySeconds: 2}", "/spec/replicas 3 5"},
    {"a default of a custom resource that only the server knows",
     HEAD("example.org/v1", "Thing") "spec: {l: [{name: a}]}",
     HEAD("example.org/v1", "Thing") "spec: {l: [{name: a, added: 1}]}",
     HEAD("example.org/v1", "Thing") "spec: {l: [{name: a, added: 1}]}", ""},
    {"times and ports of a create",
     HEAD("v1", "Service") "spec: {ports: [{port: 80}]}",
     HEAD("v1", "Service") "spec: {ports: [{port: 80, nodePort: 30001}]}",
     "apiVersion: v1\nkind: Service\nmetadata: {name: a, generation: 4, resourceVersion: '9'}\n"
     "spec: {ports: [{port: 80, nodePort: 30002}]}", ""},
    {"another version in live: only what both have",
     "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
     "spec: {maxReplicas: 4, targetCPUUtilizationPercentage: 80}",
     "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
     "spec: {maxReplicas: 5, metrics: [{type: Resource}]}",
     "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
     "spec: {maxReplicas: 4, targetCPUUtilizationPercentage: 80}", "/spec/maxReplicas 4 5"},
};

static void check(const struct row *rows, size_t n, bool by_server)
{
    for (size_t i = 0; i < n; i++) {
        struct answer x = ask(rows[i].desired, rows[i].live, rows[i].predicted, NULL);

        if (x.rc || strcmp(fields_text(&x), rows[i].fields) != 0 ||
            x.d.verdict != (rows[i].fields[0] ? DRIFT_CHANGED : DRIFT_SAME))
            fail_msg("%s: rc %d %s verdict %d: %s", rows[i].what, x.rc, x.err.text,
                     (int)x.d.verdict, fields_text(&x));
        assert_int_equal(x.d.by_server, by_server);
        rk_arena_free(x.a);
    }
}

static void test_removed(void **state)
{
    (void)state;
    check(removed, RK_LEN(removed), false);
}

static void test_predicted(void **state)
{
    (void)state;
    check(predicted, RK_LEN(predicted), true);
}

/* Bytes that no server writes: looked at closely, never a crash, never "same" unseen. */
static void test_odd_bytes(void **state)
{
    static const char *const odd[] = {
        "", "[", "[{", "[{}]", "[{\"manager\":\"reckon\",\"operation\":\"Apply\",\"fieldsV1\":{",
        "[{\"manager\":\"reckon\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:spec\"", "]", "nothing",
        "[{\"manager\":\"reckon\",\"operation\":\"Apply\",\"fieldsV1\":{\"i:0\":{}}}]",
        "[{\"manager\":\"reckon\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:a\\u0041\":{}}}]",
        ("[ { \"fieldsV1\" : { \"f:spec\" : { \"f:replicas\" : { } } } , \"manager\" : \"reckon\" , "
        "\"operation\" : \"Apply\" } ]"), "[1,2,\"\\", "[{\"a\":[1,{\"b\":\"]}\"}],\"c\":1}]",
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(odd); i++) {
        struct rk_arena *a = rk_arena_new();
        struct kube_object d = object_of(a, DEPLOYMENT "spec: {replicas: 3}");
        struct kube_object l = object_of(a, DEPLOYMENT "spec: {replicas: 3}");
        const struct drift_rules rules = {.manager = "reckon"};
        struct drift_object out;

        char *copy = malloc(strlen(odd[i]) + 1); /* so that a sanitizer sees a read beyond */
        memcpy(copy, odd[i], strlen(odd[i]) + 1);
        l.managed_fields = rk_str_c(copy);
        assert_int_equal(drift_compare(a, &d, &l, NULL, &rules, &out, NULL), 0);
        assert_int_equal(out.verdict, DRIFT_SAME);
        free(copy);
        rk_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner), cmocka_unit_test(test_owner_of_item),
        cmocka_unit_test(test_removed), cmocka_unit_test(test_predicted),
        cmocka_unit_test(test_odd_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
