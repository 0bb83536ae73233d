/*
 * merge_test.c: strategic merge. Every expectation here was measured with kustomize v5.7.1
 * (kubectl v1.35.2 kustomize); random cases were compared with it while this was written.
 */
#include "kube/testing.h"

static struct doc_node *merge(const char *base, const char *patch)
{
    struct doc_node *dest = yaml(base);
    struct rk_err err = {0};
    const struct kube_merge m = {arena, NULL, schema_of(KUBE_KUSTOMIZE, dest)};
    if (kube_strategic_merge(&m, &dest, yaml(patch), &err) != 0)
        fail_msg("%s", err.text);
    return dest;
}

static void refused(const char *base, const char *patch, const char *text)
{
    struct doc_node *dest = yaml(base);
    struct rk_err err = {0};
    const struct kube_merge m = {arena, NULL, schema_of(KUBE_KUSTOMIZE, dest)};
    assert_int_equal(kube_strategic_merge(&m, &dest, yaml(patch), &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    assert_non_null(strstr(err.text, text));
}

#define DEPLOYMENT(spec) "{apiVersion: apps/v1, kind: Deployment, spec: {" spec "}}"
#define POD(rest) DEPLOYMENT("template: {spec: {" rest "}}")
#define APP(rest) POD("containers: [{name: app, " rest "}]")
#define CUSTOM(rest) "{apiVersion: example.com/v1, kind: Foo, spec: {" rest "}}"

static void maps_and_scalars(void **state)
{
    (void)state;
    same(merge(DEPLOYMENT("replicas: 1, paused: true"), DEPLOYMENT("replicas: 3, paused: null")),
         DEPLOYMENT("replicas: 3"));
    same(merge(CUSTOM("a: {b: 1, c: 2}"), CUSTOM("a: {c: null, d: {e: null, f: 1}}")),
         CUSTOM("a: {b: 1, d: {f: 1}}"));
    same(merge(CUSTOM("a: {b: 1}"), CUSTOM("a: {b: null}")), CUSTOM("a: {}"));
    /* nulls of the resource: spelled ones stay, blank ones go */
    same(merge("spec:\n  a:\n  b: null\n  c: ~\n", "{spec: {k: 1}}"),
         "{spec: {b: null, c: null, k: 1}}");
    /* the old value's quotes stay, and make a string */
    same(merge(CUSTOM("a: \"80\", b: 80"), CUSTOM("a: 81, b: \"81\"")),
         CUSTOM("a: \"81\", b: \"81\""));
    refused(CUSTOM("a: {b: 1}"), CUSTOM("a: [1]"), "wrong node kind");
    refused(CUSTOM("a: 1"), CUSTOM("a: {b: 1}"), "wrong node kind");
}

static void keyed_lists(void **state)
{
    (void)state;
    same(merge(POD("containers: [{name: two}, {name: one, image: i}]"),
               POD("containers: [{name: three}, {name: two, $patch: delete}, {name: one}]")),
         POD("containers: [{name: three}, {name: one, image: i}]"));
    same(merge(APP("env: [{name: A, value: a}, {name: B, value: b}]"),
               APP("env: [{name: C, value: c}, {name: B, value: x}]")),
         APP("env: [{name: C, value: c}, {name: B, value: x}, {name: A, value: a}]"));
    /* without a merge strategy: replaced */
    same(merge(APP("args: [a, b], envFrom: [{x: 1}]"), APP("args: [c], envFrom: [{y: 1}]")),
         APP("args: [c], envFrom: [{y: 1}]"));
    same(merge(CUSTOM("containers: [{name: a}]"), CUSTOM("containers: [{name: b}]")),
         CUSTOM("containers: [{name: b}]"));
    same(merge("{apiVersion: v1, kind: X, metadata: {finalizers: [a, b]}}", "{metadata: {}}"),
         "{apiVersion: v1, kind: X, metadata: {finalizers: [a, b]}}");
    same(merge("{apiVersion: v1, kind: Pod, metadata: {finalizers: [a, b]}}",
               "{metadata: {finalizers: [c, b]}}"),
         "{apiVersion: v1, kind: Pod, metadata: {finalizers: [c, b, a]}}");
}

static void ports(void **state)
{
    (void)state;
    /* the measured bug: a base port without protocol swallows the patch's */
    same(merge(APP("ports: [{containerPort: 80}]"),
               APP("ports: [{containerPort: 80, protocol: TCP, name: http}]")),
         APP("ports: [{containerPort: 80}]"));
    same(merge(APP("ports: [{containerPort: 80, protocol: TCP}]"),
               APP("ports: [{containerPort: 80, protocol: TCP, name: http}, {containerPort: 80, "
                   "protocol: UDP}]")),
         APP("ports: [{containerPort: 80, protocol: UDP}, {containerPort: 80, protocol: TCP, "
             "name: http}]"));
    same(merge(APP("ports: [{containerPort: 80, name: a}, {containerPort: 81}]"),
               APP("ports: [{containerPort: 80, name: b}]")),
         APP("ports: [{containerPort: 80, name: b}, {containerPort: 81}]"));
}

static void directives(void **state)
{
    (void)state;
    same(merge(POD("containers: [{name: a}, {name: b}]"),
               POD("containers: [{$patch: replace}, {name: c}]")),
         POD("containers: [{name: c}]"));
    same(merge(DEPLOYMENT("strategy: {type: R, rollingUpdate: {x: 1}}"),
               DEPLOYMENT("strategy: {$patch: replace, type: Recreate}")),
         DEPLOYMENT("strategy: {type: Recreate}"));
    same(merge(DEPLOYMENT("strategy: {type: R}, replicas: 1"),
               DEPLOYMENT("strategy: {$patch: delete}")),
         DEPLOYMENT("replicas: 1"));
    assert_null(merge(DEPLOYMENT("replicas: 1"), "{$patch: delete}"));
    /* not implemented there, so they leak; retainKeys of the schema has no effect */
    same(merge(DEPLOYMENT("strategy: {type: R, rollingUpdate: {x: 1}}"),
               DEPLOYMENT("strategy: {$retainKeys: [type], type: Recreate}")),
         DEPLOYMENT("strategy: {$retainKeys: [type], type: Recreate, rollingUpdate: {x: 1}}"));
    same(merge(POD("volumes: [{name: v, emptyDir: {}}]"),
               POD("volumes: [{name: v, configMap: {name: c}}]")),
         POD("volumes: [{name: v, emptyDir: {}, configMap: {name: c}}]"));
    refused(DEPLOYMENT("strategy: {type: R}"), DEPLOYMENT("strategy: {$patch: bogus}"),
            "unknown patch strategy 'bogus'");
}

static void marks(void **state)
{
    (void)state;
    struct doc_marks *m = doc_marks_new(arena);
    struct doc_node *dest =
        yaml_marked("apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 1\n", m,
                    "base.yaml");
    struct doc_node *patch = yaml_marked("spec:\n  replicas: 3\n  new:\n    x: 1\n", m, "p.yaml");
    struct rk_err err = {0};
    const struct kube_merge how = {arena, m, schema_of(KUBE_KUSTOMIZE, dest)};
    assert_int_equal(kube_strategic_merge(&how, &dest, patch, &err), 0);
    const struct doc_mark *at = doc_marks_get(m, doc_walk(dest, "spec.replicas")->mark);
    assert_int_equal(at->by, DOC_BY_PATCH);
    assert_string_equal(doc_marks_file(m, at->file), "p.yaml");
    assert_int_equal(at->line, 2);
    const struct doc_mark *old = doc_marks_get(m, at->prev);
    assert_non_null(old);
    assert_string_equal(doc_marks_file(m, old->file), "base.yaml");
    assert_int_equal(old->line, 4);
    at = doc_marks_get(m, doc_walk(dest, "spec.new.x")->mark);
    assert_int_equal(at->by, DOC_BY_PATCH);
    assert_int_equal(at->prev, 0);
    /* the patch itself is not touched */
    assert_int_equal(doc_marks_get(m, doc_walk(patch, "spec.replicas")->mark)->by, DOC_BY_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(maps_and_scalars), TEST(keyed_lists), TEST(ports),
                                       TEST(directives), TEST(marks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
