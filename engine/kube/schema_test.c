/*
 * schema_test.c: the tables of types and schemas: scopes, sync order, list keys, atomic values,
 * both views, custom resources, what is ignored live.
 */
#include "kube/testing.h"

static struct kube_schema walk(enum kube_schema_use use, const char *group, const char *version,
                               const char *kind, const char *path)
{
    struct kube_schema s = kube_schema_of(use, rk_str_c(group), rk_str_c(version), rk_str_c(kind));
    rk_str rest = rk_str_c(path);
    while (rest.n > 0) {
        const rk_str part = rk_str_cut(rest, '/', &rest);
        s = rk_str_is(part, "*") ? kube_schema_item(s) : kube_schema_field(s, part);
    }
    return s;
}

static const char *keys_of(struct kube_schema s)
{
    const char *keys[4];
    struct rk_buf out = RK_BUF_INIT;
    const size_t n = kube_schema_keys(s, keys);
    for (size_t i = 0; i < n; i++)
        rk_buf_f(&out, "%s%s", i ? "," : "", keys[i]);
    const char *text = rk_arena_dup(arena, out.p, out.n);
    rk_buf_release(&out);
    return text;
}

#define POD "spec/template/spec/"

static void list_keys(void **state)
{
    (void)state;
    static const struct {
        const char *group, *kind, *path, *ssa, *kustomize;
    } rows[] = {
        {"apps", "Deployment", POD "containers", "name", "name"},
        {"apps", "Deployment", POD "containers/*/ports", "containerPort,protocol",
         "containerPort,protocol"},
        {"apps", "StatefulSet", POD "initContainers/*/env", "name", "name"},
        {"batch", "CronJob", "spec/jobTemplate/" POD "volumes", "name", "name"},
        {"apps", "Deployment", POD "containers/*/volumeMounts", "mountPath", "mountPath"},
        {"apps", "Deployment", POD "containers/*/resources/claims", "name", ""},
        {"apps", "Deployment", POD "ephemeralContainers/*/ports", "containerPort,protocol", ""},
        {"apps", "Deployment", POD "schedulingGates", "name", ""},
        {"apps", "Deployment", POD "topologySpreadConstraints", "topologyKey,whenUnsatisfiable",
         "topologyKey,whenUnsatisfiable"},
        {"apps", "Deployment", POD "tolerations", "", ""},
        {"apps", "Deployment", POD "containers/*/args", "", ""},
        {"apps", "Deployment", "metadata/ownerReferences", "uid", "uid"},
        {"", "Service", "spec/ports", "port,protocol", "port,protocol"},
        {"", "ServiceAccount", "secrets", "name", "name"},
        {"", "ServiceAccount", "imagePullSecrets", "", ""},
        {"batch", "Job", "status/conditions", "", "type"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        assert_string_equal(
            keys_of(walk(KUBE_SSA, rows[i].group, "v1", rows[i].kind, rows[i].path)), rows[i].ssa);
        assert_string_equal(
            keys_of(walk(KUBE_KUSTOMIZE, rows[i].group, "v1", rows[i].kind, rows[i].path)),
            rows[i].kustomize);
    }
}

static void special_values(void **state)
{
    (void)state;
    struct kube_schema s = walk(KUBE_SSA, "apps", "v1", "Deployment", "spec/selector");
    assert_true(kube_schema_atomic_map(s));
    s = walk(KUBE_KUSTOMIZE, "apps", "v1", "Deployment", "spec/selector");
    assert_false(kube_schema_atomic_map(s));
    s = walk(KUBE_SSA, "apps", "v1", "Deployment", POD "containers/*/resources/limits/cpu");
    assert_true(kube_schema_quantity(s));
    s = walk(KUBE_SSA, "autoscaling", "v2", "HorizontalPodAutoscaler",
             "spec/metrics/*/resource/target/averageValue");
    assert_true(kube_schema_quantity(s));
    s = walk(KUBE_SSA, "", "v1", "ConfigMap", "metadata/finalizers");
    assert_int_equal(kube_schema_list(s), KUBE_LIST_SET);
    s = walk(KUBE_SSA, "", "v1", "Service", "spec/ports");
    assert_string_equal(kube_schema_key_default(s, "protocol"), "TCP");
    assert_null(kube_schema_key_default(s, "port"));
    s = walk(KUBE_SSA, "", "v1", "ConfigMap", "data/whatever");
    assert_true(kube_schema_known(s));
    assert_false(kube_schema_quantity(s));
}

static void unknown_types(void **state)
{
    (void)state;
    struct kube_schema s = walk(KUBE_SSA, "example.com", "v1", "Deployment", POD "containers");
    assert_false(kube_schema_known(s));
    assert_int_equal(s.node, 0);
    assert_int_equal(kube_schema_list(s), KUBE_LIST_ATOMIC);
    assert_false(kube_schema_atomic_map(s));
    /* apiVersions that kustomize's schema does not have */
    assert_false(kube_schema_known(
        walk(KUBE_KUSTOMIZE, "autoscaling", "v2", "HorizontalPodAutoscaler", "")));
    assert_true(kube_schema_known(
        walk(KUBE_KUSTOMIZE, "autoscaling", "v2beta2", "HorizontalPodAutoscaler", "")));
    assert_false(kube_schema_known(
        walk(KUBE_SSA, "policy", "v1beta1", "PodDisruptionBudget", "")));
    assert_true(kube_schema_known(
        walk(KUBE_KUSTOMIZE, "policy", "v1beta1", "PodDisruptionBudget", "")));
}

static void sync_order(void **state)
{
    (void)state;
    size_t n;
    const struct kube_type *rows = kube_type_rows(&n);
    assert_true(n > 60);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(rows[i].sync_rank, kube_sync_rank(RK_STR_NONE, rk_str_c(rows[i].kind)));
        assert_ptr_equal(kube_type_find(rk_str_c(rows[i].group), rk_str_c(rows[i].kind)), &rows[i]);
        assert_int_not_equal(rows[i].scope, KUBE_SCOPE_UNKNOWN);
    }
    static const char *const in_order[] = {"Namespace", "ServiceAccount", "Secret", "ConfigMap",
        "CustomResourceDefinition", "ClusterRole", "RoleBinding", "Service", "DaemonSet",
        "Deployment", "StatefulSet", "Job", "CronJob", "Ingress", "APIService", "Rollout"};
    for (size_t i = 1; i < RK_LEN(in_order); i++)
        assert_true(kube_sync_rank(RK_STR_NONE, rk_str_c(in_order[i - 1])) <
                    kube_sync_rank(RK_STR_NONE, rk_str_c(in_order[i])));
    const int last = kube_sync_rank(RK_STR("x"), RK_STR("Unknown"));
    assert_int_equal(kube_sync_rank(RK_STR("bitnami.com"), RK_STR("SealedSecret")), last);
}

static void scopes(void **state)
{
    (void)state;
    assert_int_equal(kube_type_find(RK_STR(""), RK_STR("Node"))->scope, KUBE_CLUSTER);
    assert_int_equal(kube_type_find(RK_STR("apps"), RK_STR("Deployment"))->scope, KUBE_NAMESPACED);
    assert_null(kube_type_find(RK_STR("apps"), RK_STR("Node")));
    assert_true(kube_kustomize_cluster_scoped(RK_STR(""), RK_STR("v1"), RK_STR("Namespace")));
    assert_true(kube_kustomize_cluster_scoped(RK_STR("rbac.authorization.k8s.io"),
                                              RK_STR("v1beta1"), RK_STR("ClusterRole")));
    assert_false(kube_kustomize_cluster_scoped(RK_STR("rbac.authorization.k8s.io"), RK_STR("v2"),
                                               RK_STR("ClusterRole")));
    assert_false(kube_kustomize_cluster_scoped(RK_STR("gateway.networking.k8s.io"), RK_STR("v1"),
                                               RK_STR("GatewayClass")));
    assert_false(kube_kustomize_cluster_scoped(RK_STR("apps"), RK_STR("v1"),
                                               RK_STR("Deployment")));
}

static bool ignored(const char *group, const char *kind, const char *pointer)
{
    return kube_ignored_live(rk_str_c(group), rk_str_c(kind), rk_str_c(pointer));
}

static void ignored_live(void **state)
{
    (void)state;
    assert_true(ignored("", "ConfigMap", "/metadata/uid"));
    assert_true(ignored("x", "Any", "/status/conditions/0/type"));
    assert_true(ignored("", "Service", "/spec/clusterIPs/0"));
    assert_true(ignored("", "Service", "/spec/ports/3/nodePort"));
    assert_false(ignored("", "Service", "/spec/ports/3/port"));
    assert_false(ignored("", "Service", "/spec/clusterIPx"));
    assert_false(ignored("x", "Service", "/spec/clusterIP"));
    assert_false(ignored("", "ConfigMap", "/metadata"));
    assert_false(ignored("", "ConfigMap", ""));
    assert_true(ignored("apps", "Deployment",
                        "/metadata/annotations/deployment.kubernetes.io~1revision"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(list_keys), TEST(special_values), TEST(unknown_types),
                                       TEST(sync_order), TEST(scopes), TEST(ignored_live)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
