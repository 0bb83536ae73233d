/*
 * object_test.c: keys, objects, masked Secrets, selectors, tracking, other automations.
 */
#include "kube/testing.h"

static const uint8_t key_a[32] = {1}, key_b[32] = {2};

static struct kube_object object(const char *text)
{
    struct kube_object o;
    struct rk_err err = {0};
    if (kube_object_init(&o, yaml(text), &err) != 0)
        fail_msg("%s", err.text);
    return o;
}

static void keys(void **state)
{
    (void)state;
    struct kube_key k;
    struct rk_buf out = RK_BUF_INIT;
    assert_true(kube_key_parse(RK_STR("apps/Deployment/shop/web"), &k));
    kube_key_text(&out, &k);
    assert_string_equal(out.p, "apps/Deployment/shop/web");
    rk_buf_release(&out);
    assert_true(kube_key_parse(RK_STR("/Namespace//shop"), &k));
    assert_int_equal(k.group.n + k.namespace.n, 0);
    assert_true(kube_key_parse(RK_STR("ConfigMap/shop/c"), &k));
    assert_true(rk_str_is(k.namespace, "shop"));
    assert_true(kube_key_parse(RK_STR("Node/n"), &k));
    assert_true(rk_str_is(k.name, "n"));
    static const char *const bad[] = {"", "Pod", "a/b/c/d/e", "Pod/", "/x", "apps//shop/web"};
    for (size_t i = 0; i < RK_LEN(bad); i++)
        assert_false(kube_key_parse(rk_str_c(bad[i]), &k));
    const struct kube_key a = {RK_STR("apps"), RK_STR("D"), RK_STR("n"), RK_STR("x")};
    struct kube_key b = kube_key_copy(arena, &a);
    assert_true(kube_key_eq(&a, &b));
    b.name = RK_STR("y");
    assert_true(kube_key_cmp(&a, &b) < 0);
    assert_false(kube_key_eq(&a, &b));
}

static void objects(void **state)
{
    (void)state;
    struct kube_object o = object("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, "
                                  "namespace: shop, uid: u1, resourceVersion: '7', labels: {a: b}, "
                                  "managedFields: [{manager: m}]}}");
    assert_true(rk_str_is(o.key.group, "apps"));
    assert_true(rk_str_is(o.version, "v1"));
    assert_true(rk_str_is(o.uid, "u1"));
    assert_true(rk_str_is(o.resource_version, "7"));
    assert_true(rk_str_is(kube_label(&o, "a"), "b"));
    assert_int_equal(kube_annotation(&o, "a").n, 0);
    kube_object_cut_managed(arena, &o);
    assert_true(rk_str_is(o.managed_fields, "[{\"manager\":\"m\"}]"));
    assert_null(doc_walk(o.doc, "metadata.managedFields"));
    object("{apiVersion: v1, kind: Job, metadata: {generateName: x-}}");

    static const char *const bad[] = {
        "[]", "{kind: A, metadata: {name: x}}", "{apiVersion: v1, metadata: {name: x}}",
        "{apiVersion: v1, kind: A}", "{apiVersion: v1, kind: A, metadata: {}}",
        "{apiVersion: v1, kind: A, metadata: []}"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct rk_err err = {0};
        struct kube_object none = {0};
        assert_int_equal(kube_object_init(&none, yaml(bad[i]), &err), -1);
        assert_int_equal(err.code, RK_INVALID);
        assert_null(none.doc);
    }
}

static const char *masked(const char *text, const uint8_t key[32])
{
    struct doc_node *doc = yaml(text);
    kube_mask_secret(arena, doc, key);
    return canonical(doc);
}

#define SECRET(rest) "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n}, " rest "}"

static void secrets(void **state)
{
    (void)state;
    const char *live = masked(SECRET("data: {p: aHVudGVyMg==}"), key_a);
    assert_null(strstr(live, "aHVudGVyMg"));
    assert_non_null(strstr(live, ":7\"")); /* "hunter2" has seven bytes */
    assert_string_equal(live, masked(SECRET("stringData: {p: hunter2}"), key_a));
    assert_string_equal(live, masked(SECRET("data: {p: eA==}, stringData: {p: hunter2}"), key_a));
    assert_string_equal(live, masked(live, key_a));
    assert_string_not_equal(live, masked(SECRET("data: {p: aHVudGVyMg==}"), key_b));
    assert_string_not_equal(live, masked(SECRET("data: {p: aHVudGVyMw==}"), key_a));
    assert_string_not_equal(canonical(doc_walk(yaml(live), "data.p")),
                            canonical(doc_walk(yaml(masked(SECRET("data: {q: aHVudGVyMg==}"),
                                                           key_a)), "data.q")));
    /* broken input leaks nothing either */
    assert_null(strstr(masked(SECRET("data: {p: not base64!}"), key_a), "not base64"));
    assert_null(strstr(masked(SECRET("data: {p: {deep: hunter2}}"), key_a), "hunter2"));
    assert_null(strstr(masked(SECRET("data: [hunter2]"), key_a), "hunter2"));
    assert_null(strstr(masked(SECRET("stringData: {p: 'rk1:0123456789abcdef:7'}"), key_a),
                       "0123456789abcdef"));
    assert_null(strstr(masked("{kind: Secret, metadata: {annotations: {"
                              "kubectl.kubernetes.io/last-applied-configuration: hunter2}}}",
                              key_a), "hunter2"));
    const struct kube_key k = {RK_STR_NONE, RK_STR("Secret"), RK_STR("n"), RK_STR("s")};
    assert_true(kube_is_secret(&k));
    const struct kube_key other = {RK_STR("x"), RK_STR("Secret"), RK_STR("n"), RK_STR("s")};
    assert_false(kube_is_secret(&other));
}

static void selectors(void **state)
{
    (void)state;
    const struct doc_node *labels = yaml("{app: web, tier: front, n: '5', e: ''}");
    static const struct {
        const char *selector;
        bool match;
    } rows[] = {
        {"", true}, {"app=web", true}, {"app==web,tier=front", true}, {"app=db", false},
        {"app!=db", true}, {"none!=db", true}, {"app in (web,db)", true},
        {"app notin (web)", false}, {"none notin (web)", true}, {"none in (web)", false},
        {"app", true}, {"!app", false},
        {"!none", true}, {"n>4", true}, {"n > 5", false}, {"n<6", true}, {"e=", true}, {"e", true},
        {"app=", false}, {" app = web , !none ", true}, {"e in (,x)", true}, {"app in ()", false},
        {"a.b/c notin (x, y)", true}, {"app>3", false},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct kube_selector *s;
        struct rk_err err = {0};
        if (kube_selector_parse(arena, rk_str_c(rows[i].selector), &s, &err) != 0)
            fail_msg("%s: %s", rows[i].selector, err.text);
        if (kube_selector_match(s, labels) != rows[i].match)
            fail_msg("%s", rows[i].selector);
        if (!kube_selector_match(s, NULL) && rows[i].selector[0] == 0)
            fail_msg("the empty selector matches no labels");
    }
    static const char *const bad[] = {"a=b,", ",", "=b", "a in x", "a in (x", "a=b c", "a ~ b",
                                      "n>x", "-a=b", "a=-b", "A.b/=c", "a//b", "!", "a in (x y)"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        struct kube_selector *s = NULL;
        struct rk_err err = {0};
        if (kube_selector_parse(arena, rk_str_c(bad[i]), &s, &err) == 0)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(err.code, RK_INVALID);
    }
}

#define OBJECT(meta) "{apiVersion: apps/v1, kind: D, metadata: {name: x, namespace: n, " meta "}}"

static void tracking(void **state)
{
    (void)state;
    struct kube_object o = object(OBJECT("annotations: {reckon.dev/tracking-id: 'a:apps/D:n/x'}"));
    rk_str app = RK_STR_NONE;
    struct rk_buf id = RK_BUF_INIT;
    kube_tracking_id(&id, RK_STR("a"), &o.key);
    assert_string_equal(id.p, "a:apps/D:n/x");
    rk_buf_release(&id);
    assert_true(kube_tracked_by(&o, &app));
    assert_true(rk_str_is(app, "a"));
    o = object(OBJECT("annotations: {argocd.argoproj.io/tracking-id: 'ns_b:apps/D:n/x'}"));
    assert_true(kube_tracked_by(&o, &app));
    assert_true(rk_str_is(app, "ns_b"));
    o = object(OBJECT("annotations: {reckon.dev/tracking-id: 'a:apps/D:n/other'}"));
    assert_false(kube_tracked_by(&o, &app));
    o = object(OBJECT("annotations: {reckon.dev/tracking-id: ':apps/D:n/x'}"));
    assert_false(kube_tracked_by(&o, &app));
    o = object(OBJECT("labels: {a: b}"));
    assert_false(kube_tracked_by(&o, &app));
}

static const char *foreign(const char *text, const char *managed)
{
    struct kube_object o = object(text);
    struct kube_fields *f = NULL;
    struct rk_err err = {0};
    if (kube_fields_parse(arena, rk_str_c(managed), &f, &err) != 0)
        fail_msg("%s", err.text);
    const rk_str name = kube_foreign(&o, f);
    return name.n ? rk_arena_dup(arena, name.p, name.n) : "";
}

static void other_automations(void **state)
{
    (void)state;
    static const char argo[] = "[{\"manager\":\"argocd-controller\",\"operation\":\"Apply\"}]";
    static const char ours[] =
        "[{\"manager\":\"reckon\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:metadata\":"
        "{\"f:annotations\":{\"f:argocd.argoproj.io/tracking-id\":{}}}}}]";
    static const char argo_id[] =
        OBJECT("annotations: {argocd.argoproj.io/tracking-id: 'a:apps/D:n/x'}");
    assert_string_equal(foreign(OBJECT("labels: {a: b}"), ""), "");
    assert_string_equal(foreign(argo_id, ""), "Argo CD");
    assert_string_equal(foreign(argo_id, ours), "");
    assert_string_equal(foreign(OBJECT("labels: {a: b}"), argo), "Argo CD");
    assert_string_equal(
        foreign(OBJECT("annotations: {reckon.dev/tracking-id: 'a:apps/D:n/x'}"), argo), "");
    assert_string_equal(foreign(OBJECT("labels: {kustomize.toolkit.fluxcd.io/name: a}"), ""),
                        "Flux");
    assert_string_equal(foreign(OBJECT("annotations: {meta.helm.sh/release-name: r}"), ""), "Helm");
    assert_string_equal(foreign(OBJECT("labels: {app.kubernetes.io/managed-by: Helm}"), ""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(keys), TEST(objects), TEST(secrets), TEST(selectors),
                                       TEST(tracking), TEST(other_automations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
