/*
 * compare_test.c: the local compare, row by row: what is a difference and what is not.
 */
#include "drift/drift_test.h"

struct row {
    const char *what, *desired, *live, *fields; /* "" = same */
};

#define POD "spec:\n  template:\n    spec:\n      "
#define CRD HEAD("example.org/v1", "Thing")
#define SERVICE HEAD("v1", "Service")

static const struct row rows[] = {
    {"the same", DEPLOYMENT "spec: {replicas: 3}", DEPLOYMENT "spec: {replicas: 3}", ""},
    {"a number", DEPLOYMENT "spec: {replicas: 3}", DEPLOYMENT "spec: {replicas: 5}",
     "/spec/replicas 3 5"},
    {"git names no replicas: the autoscaler's are fine", DEPLOYMENT "spec: {paused: true}",
     DEPLOYMENT "spec: {paused: true, replicas: 9}", ""},
    {"defaults in live", DEPLOYMENT POD "containers: [{name: a, image: x:1}]",
     DEPLOYMENT "spec:\n  replicas: 1\n  strategy: {type: RollingUpdate}\n  template:\n    spec:\n"
     "      dnsPolicy: ClusterFirst\n"
     "      containers: [{name: a, image: 'x:1', imagePullPolicy: IfNotPresent, resources: {}}]",
     ""},
    {"quantity spelled otherwise",
     DEPLOYMENT POD "containers: [{name: a, resources: {limits: {cpu: 1000m, memory: 1024Mi}}}]",
     DEPLOYMENT POD "containers: [{name: a, resources: {limits: {cpu: '1', memory: 1Gi}}}]", ""},
    {"quantity as a YAML number",
     DEPLOYMENT POD "containers: [{name: a, resources: {limits: {cpu: 0.5}}}]",
     DEPLOYMENT POD "containers: [{name: a, resources: {limits: {cpu: 500m}}}]", ""},
    {"1G is no 1Gi", DEPLOYMENT POD "containers: [{name: a, resources: {limits: {memory: 1G}}}]",
     DEPLOYMENT POD "containers: [{name: a, resources: {limits: {memory: 1Gi}}}]",
     "/spec/template/spec/containers/0/resources/limits/memory \"1G\" \"1Gi\""},
    {"quantities of other kinds are text", CRD "spec: {cpu: 1000m}", CRD "spec: {cpu: '1'}",
     "/spec/cpu \"1000m\" \"1\""},
    {"containers by name, in any order",
     DEPLOYMENT POD "containers: [{name: a, image: x}, {name: b, image: y}]",
     DEPLOYMENT POD "containers: [{name: s}, {name: b, image: z}, {name: a, image: x}]",
     "/spec/template/spec/containers/1/image \"y\" \"z\""},
    {"a container is missing", DEPLOYMENT POD "containers: [{name: a}, {name: b, image: y}]",
     DEPLOYMENT POD "containers: [{name: a}]",
     "/spec/template/spec/containers/1 {\"name\":\"b\",\"image\":\"y\"} null"},
    {"ports by containerPort and protocol, the default counted in",
     DEPLOYMENT POD "containers: [{name: a, ports: [{containerPort: 53, name: x}]}]",
     DEPLOYMENT POD "containers: [{name: a, ports: [{containerPort: 53, protocol: UDP, name: u}, "
     "{containerPort: 53, protocol: TCP, name: x}]}]", ""},
    {"env out of order",
     DEPLOYMENT POD "containers: [{name: a, env: [{name: A, value: '1'}, {name: B, value: '2'}]}]",
     DEPLOYMENT POD "containers: [{name: a, env: [{name: B, value: '2'}, {name: A, value: '1'}]}]",
     "/spec/template/spec/containers/0/env [{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\","
     "\"value\":\"2\"}] [{\"name\":\"B\",\"value\":\"2\"},{\"name\":\"A\",\"value\":\"1\"}]"},
    {"env added by others between ours",
     DEPLOYMENT POD "containers: [{name: a, env: [{name: A, value: '1'}, {name: B, value: ''}]}]",
     DEPLOYMENT POD "containers: [{name: a, env: [{name: A, value: '1'}, {name: Z}, {name: B}]}]",
     ""},
    {"args are one value", DEPLOYMENT POD "containers: [{name: a, args: [x, y]}]",
     DEPLOYMENT POD "containers: [{name: a, args: [x]}]",
     "/spec/template/spec/containers/0/args [\"x\",\"y\"] [\"x\"]"},
    {"an argument", DEPLOYMENT POD "containers: [{name: a, args: [x, y]}]",
     DEPLOYMENT POD "containers: [{name: a, args: [x, z]}]",
     "/spec/template/spec/containers/0/args/1 \"y\" \"z\""},
    {"a label of others in a selector that is one value",
     DEPLOYMENT "spec: {selector: {matchLabels: {a: b}}}",
     DEPLOYMENT "spec: {selector: {matchLabels: {a: b, c: d}}}",
     "/spec/selector/matchLabels/c null \"d\""},
    {"defaults inside a value that is replaced whole",
     DEPLOYMENT POD "containers: [{name: a, env: [{name: A, valueFrom: {fieldRef: {fieldPath: "
     "status.podIP}}}]}]",
     DEPLOYMENT POD "containers: [{name: a, env: [{name: A, valueFrom: {fieldRef: {apiVersion: v1, "
     "fieldPath: status.podIP}}}]}]", ""},
    {"subjects with the default group",
     HEAD("rbac.authorization.k8s.io/v1", "RoleBinding") "subjects: [{kind: User, name: u}]\n"
     "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}",
     HEAD("rbac.authorization.k8s.io/v1", "RoleBinding")
     "subjects: [{kind: User, name: u, apiGroup: rbac.authorization.k8s.io}]\n"
     "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}", ""},
    {"empty is absent", DEPLOYMENT "spec: {template: {metadata: {annotations: {}, labels: null}}}",
     DEPLOYMENT "spec: {template: {}}", ""},
    {"but not where it says something", DEPLOYMENT POD "volumes: [{name: v, emptyDir: {}}]",
     DEPLOYMENT POD "volumes: [{name: v, hostPath: {path: /}}]",
     "/spec/template/spec/volumes/0/emptyDir {} null"},
    {"nor in a custom resource", CRD "spec: {selfSigned: {}}", CRD "spec: {ca: {}}",
     "/spec/selfSigned {} null"},
    {"metadata of a custom resource is known",
     "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a, labels: {}}\n",
     "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\n", ""},
    {"zero of a field without a pointer", DEPLOYMENT "spec: {minReadySeconds: 0, paused: false}",
     DEPLOYMENT "spec: {}", ""},
    {"zero that is a value",
     DEPLOYMENT POD "automountServiceAccountToken: false", DEPLOYMENT POD "containers: []",
     "/spec/template/spec/automountServiceAccountToken false null"},
    {"text is no number", SERVICE "spec: {ports: [{port: 80, targetPort: '80'}]}",
     SERVICE "spec: {ports: [{port: 80, targetPort: 80}]}", "/spec/ports/0/targetPort \"80\" 80"},
    {"allocated", SERVICE "spec: {ports: [{port: 80}]}",
     SERVICE "spec: {clusterIP: 10.0.0.1, ports: [{port: 80, protocol: TCP, nodePort: 30000, "
     "targetPort: 80}]}", ""},
    {"allocated, but git wants it", SERVICE "spec: {clusterIP: None}",
     SERVICE "spec: {clusterIP: 10.0.0.1}", "/spec/clusterIP \"None\" \"10.0.0.1\""},
    {"status, uid and the like in git", DEPLOYMENT "status: {replicas: 1}\n",
     DEPLOYMENT "status: {replicas: 2}\n", ""},
    {"namespace on one side only",
     "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, creationTimestamp: null}\ndata: {k: v}",
     HEAD("v1", "ConfigMap") "data: {k: v, other: w}", ""},
    {"our own marks",
     "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {reckon.dev/application: x}, "
     "annotations: {reckon.dev/tracking-id: 'x:/ConfigMap:n/a'}}",
     HEAD("v1", "ConfigMap"), ""},
    {"data of a map", HEAD("v1", "ConfigMap") "data: {k: v, x: ''}",
     HEAD("v1", "ConfigMap") "data: {k: w}", "/data/k \"v\" \"w\"; /data/x \"\" null"},
    {"bytes, however their base64 is wrapped",
     HEAD("v1", "ConfigMap") "binaryData:\n  k: |\n    aHVu\n    dGVy\n",
     HEAD("v1", "ConfigMap") "binaryData: {k: aHVudGVy}", ""},
    {"an empty caBundle that another fills in",
     HEAD("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")
     "webhooks: [{name: w, clientConfig: {caBundle: ''}}]",
     HEAD("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")
     "webhooks: [{name: w, clientConfig: {service: {name: s}}}]", ""},
    {"lists of a custom resource are one value", CRD "spec: {l: [{name: a}]}",
     CRD "spec: {l: [{name: a, added: 1}]}", "/spec/l/0/added null 1"},
    {"keys with slashes", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: "
     "{a.b/c~d: x}}", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: "
     "{a.b/c~d: y}}", "/metadata/annotations/a.b~1c~0d \"x\" \"y\""},
    {"another type of value", CRD "spec: {a: {b: 1}}", CRD "spec: {a: [1]}",
     "/spec/a {\"b\":1} [1]"},
    {"claim templates with the server's additions",
     HEAD("apps/v1", "StatefulSet") "spec: {volumeClaimTemplates: [{metadata: {name: d}, spec: "
     "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}",
     HEAD("apps/v1", "StatefulSet") "spec: {volumeClaimTemplates: [{apiVersion: v1, kind: "
     "PersistentVolumeClaim, metadata: {name: d, creationTimestamp: null}, spec: {accessModes: "
     "[ReadWriteOnce], resources: {requests: {storage: 1Gi}}, volumeMode: Filesystem}, status: "
     "{phase: Pending}}]}", ""},
    {"network policy with default types",
     HEAD("networking.k8s.io/v1", "NetworkPolicy") "spec: {podSelector: {}, ingress: [{from: "
     "[{podSelector: {}}], ports: [{port: 80}]}]}",
     HEAD("networking.k8s.io/v1", "NetworkPolicy") "spec: {podSelector: {}, policyTypes: "
     "[Ingress], "
     "ingress: [{from: [{podSelector: {}}], ports: [{port: 80, protocol: TCP}]}]}", ""},
    {"order of endpoints",
     HEAD("v1", "Endpoints") "subsets: [{addresses: [{ip: 1.1.1.1}, {ip: 2.2.2.2}], ports: [{port: "
     "1}]}]",
     HEAD("v1", "Endpoints") "subsets: [{addresses: [{ip: 2.2.2.2}, {ip: 1.1.1.1}], ports: [{port: "
     "1, protocol: TCP}]}]", ""},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct answer x = ask(rows[i].desired, rows[i].live, NULL, NULL);
        const enum drift_verdict want = rows[i].fields[0] ? DRIFT_CHANGED : DRIFT_SAME;

        if (x.rc || strcmp(fields_text(&x), rows[i].fields) != 0 || x.d.verdict != want)
            fail_msg("%s: rc %d %s verdict %d: %s", rows[i].what, x.rc, x.err.text,
                     (int)x.d.verdict, fields_text(&x));
        rk_arena_free(x.a);
    }
}

/* Without `final` a difference asks the server; a clean object never does. */
static void test_needs_server(void **state)
{
    const struct drift_rules rules = {.manager = "reckon"};

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct answer x = ask(rows[i].desired, rows[i].live, NULL, &rules);

        assert_int_equal(x.rc, 0);
        assert_int_equal(x.d.verdict, rows[i].fields[0] ? DRIFT_NEEDS_SERVER : DRIFT_SAME);
        assert_null(x.d.note);
        rk_arena_free(x.a);
    }
}

static void test_one_side(void **state)
{
    struct answer x = ask(DEPLOYMENT, NULL, NULL, NULL), y = ask(NULL, DEPLOYMENT, NULL, NULL);
    struct answer z = ask(NULL, NULL, NULL, NULL);

    (void)state;
    assert_int_equal(x.d.verdict, DRIFT_MISSING);
    assert_int_equal(y.d.verdict, DRIFT_EXTRA);
    assert_true(rk_str_is(y.d.key->name, "a"));
    assert_int_equal(z.rc, -1);
    assert_int_equal(z.err.code, RK_INTERNAL);
    rk_arena_free(x.a);
    rk_arena_free(y.a);
    rk_arena_free(z.a);
}

static void test_note_and_mark(void **state)
{
    struct answer x = ask(DEPLOYMENT "spec:\n  replicas: 3\n", DEPLOYMENT "spec: {replicas: 5}",
                          NULL, NULL);
    struct answer y = ask(CRD "spec: {a: 1}", CRD "spec: {a: 2}", NULL, NULL);

    (void)state;
    assert_string_equal(x.d.note, "local compare: the server was not asked");
    assert_string_equal(y.d.note, "local compare: the schema of this kind is not known here");
    assert_false(x.d.by_server);
    assert_int_not_equal(x.d.fields[0].mark, 0);
    assert_int_equal(x.d.fields[0].mark, x.d.fields[0].desired->mark);
    rk_arena_free(x.a);
    rk_arena_free(y.a);
}

static void test_secrets(void **state)
{
    static const char in_clear[] = HEAD("v1", "Secret") "stringData: {p: hunter2}\n";
    static const char same[] = HEAD("v1", "Secret") "type: Opaque\ndata: {p: aHVudGVyMg==}\n";
    static const char other[] = HEAD("v1", "Secret") "type: Opaque\ndata: {p: aHVudGVyMw==}\n";
    struct answer x = ask(in_clear, same, NULL, NULL), y = ask(in_clear, other, NULL, NULL);
    const char *text = fields_text(&y);

    (void)state;
    assert_int_equal(x.d.verdict, DRIFT_SAME);
    assert_int_equal(y.d.verdict, DRIFT_CHANGED);
    assert_true(y.d.fields[0].secret);
    assert_non_null(strstr(text, "/data/p \"changed ("));
    assert_non_null(strstr(text, "..., 7 bytes)\""));
    assert_null(strstr(text, "hunter"));
    assert_null(strstr(text, "aHVud"));
    rk_arena_free(x.a);
    rk_arena_free(y.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_needs_server),
        cmocka_unit_test(test_one_side), cmocka_unit_test(test_note_and_mark),
        cmocka_unit_test(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
