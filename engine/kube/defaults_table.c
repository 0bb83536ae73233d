/*
 * defaults_table.c: Kubernetes' defaults as rows: place, field, value, condition; and the few that
 * no row can say. Source: pkg/apis/{core,apps,batch,autoscaling,networking,rbac,storage,
 * admissionregistration}/<version>/defaults.go of Kubernetes v1.35. Order matters: a row may rely
 * on the map that an earlier one made.
 */
#include "base/hash.h"
#include "kube/kube_int.h"

static bool is(const struct doc_node *map, const char *field, const char *value)
{
    return rk_str_is(doc_get_text(map, field), value);
}

static bool rolling(const struct doc_node *m) { return is(m, "type", "RollingUpdate"); }
static bool session_ip(const struct doc_node *m) { return is(m, "sessionAffinity", "ClientIP"); }
static bool balancer(const struct doc_node *m) { return is(m, "type", "LoadBalancer"); }
static bool not_external(const struct doc_node *m) { return !is(m, "type", "ExternalName"); }
static bool reachable(const struct doc_node *m)
{
    return is(m, "type", "NodePort") || balancer(m) || doc_count(doc_get(m, "externalIPs")) > 0;
}
static bool no_type(const struct doc_node *m) { return doc_is_null(doc_get(m, "type")); }

static bool not_account(const struct doc_node *m)
{
    return is(m, "kind", "User") || is(m, "kind", "Group");
}

static bool per_index(const struct doc_node *m)
{
    return !doc_is_null(doc_get(m, "backoffLimitPerIndex"));
}

static bool failure_policy(const struct doc_node *m)
{
    return !doc_is_null(doc_get(m, "podFailurePolicy"));
}

static bool no_parallelism(const struct doc_node *m)
{
    return doc_is_null(doc_get(m, "parallelism")) && doc_is_null(doc_get(m, "completions"));
}

#define CONTAINERS(at, field, value) \
    {"containers[]" at, field, value, NULL}, {"initContainers[]" at, field, value, NULL}, \
    {"ephemeralContainers[]" at, field, value, NULL}
#define PROBE(name) \
    CONTAINERS("." name, "timeoutSeconds", "1"), CONTAINERS("." name, "periodSeconds", "10"), \
    CONTAINERS("." name, "successThreshold", "1"), CONTAINERS("." name, "failureThreshold", "3"), \
    CONTAINERS("." name ".httpGet", "path", "/"), \
    CONTAINERS("." name ".httpGet", "scheme", "HTTP"), \
    CONTAINERS("." name ".grpc", "service", "")
#define HOOK(name) \
    CONTAINERS(".lifecycle." name ".httpGet", "path", "/"), \
    CONTAINERS(".lifecycle." name ".httpGet", "scheme", "HTTP")

static const struct kube_default pod_rows[] = {
    {"", "restartPolicy", "Always", NULL},
    {"", "dnsPolicy", "ClusterFirst", NULL},
    {"", "schedulerName", "default-scheduler", NULL},
    {"", "terminationGracePeriodSeconds", "30", NULL},
    {"", "securityContext", "{}", NULL},
    CONTAINERS("", "terminationMessagePath", "/dev/termination-log"),
    CONTAINERS("", "terminationMessagePolicy", "File"),
    CONTAINERS("", "resources", "{}"),
    CONTAINERS(".ports[]", "protocol", "TCP"),
    CONTAINERS(".env[].valueFrom.fieldRef", "apiVersion", "v1"),
    CONTAINERS(".env[].valueFrom.resourceFieldRef", "divisor", "\"0\""),
    PROBE("livenessProbe"), PROBE("readinessProbe"), PROBE("startupProbe"),
    HOOK("postStart"), HOOK("preStop"),
    {"volumes[].secret", "defaultMode", "420", NULL},
    {"volumes[].configMap", "defaultMode", "420", NULL},
    {"volumes[].downwardAPI", "defaultMode", "420", NULL},
    {"volumes[].downwardAPI.items[].fieldRef", "apiVersion", "v1", NULL},
    {"volumes[].projected", "defaultMode", "420", NULL},
    {"volumes[].projected.sources[].serviceAccountToken", "expirationSeconds", "3600", NULL},
    {"volumes[].projected.sources[].downwardAPI.items[].fieldRef", "apiVersion", "v1", NULL},
    {"volumes[].hostPath", "type", "", NULL},
    {"volumes[].iscsi", "iscsiInterface", "default", NULL},
    {"volumes[].rbd", "pool", "rbd", NULL},
    {"volumes[].rbd", "user", "admin", NULL},
    {"volumes[].rbd", "keyring", "/etc/ceph/keyring", NULL},
    {"volumes[].azureDisk", "cachingMode", "ReadWrite", NULL},
    {"volumes[].azureDisk", "fsType", "ext4", NULL},
    {"volumes[].azureDisk", "readOnly", "false", NULL},
    {"volumes[].azureDisk", "kind", "Shared", NULL},
    {"volumes[].scaleIO", "storageMode", "ThinProvisioned", NULL},
    {"volumes[].scaleIO", "fsType", "xfs", NULL},
    {"volumes[].ephemeral.volumeClaimTemplate.spec", "volumeMode", "Filesystem", NULL},
};
const struct kube_default_set kube_defaults_pod = {pod_rows, RK_LEN(pod_rows)};

static const struct kube_default pod_only[] = {{"spec", "enableServiceLinks", "true", NULL}};

static const struct kube_default deployment[] = {
    {"spec", "replicas", "1", NULL},
    {"spec", "revisionHistoryLimit", "10", NULL},
    {"spec", "progressDeadlineSeconds", "600", NULL},
    {"spec", "strategy", "{}", NULL},
    {"spec.strategy", "type", "RollingUpdate", NULL},
    {"spec.strategy", "rollingUpdate", "{}", rolling},
    {"spec.strategy.rollingUpdate", "maxSurge", "25%", NULL},
    {"spec.strategy.rollingUpdate", "maxUnavailable", "25%", NULL},
};

static const struct kube_default stateful_set[] = {
    {"spec", "replicas", "1", NULL},
    {"spec", "podManagementPolicy", "OrderedReady", NULL},
    {"spec", "revisionHistoryLimit", "10", NULL},
    {"spec", "updateStrategy", "{}", NULL},
    {"spec.updateStrategy", "rollingUpdate", "{}", no_type},
    {"spec.updateStrategy", "type", "RollingUpdate", NULL},
    {"spec.updateStrategy.rollingUpdate", "partition", "0", NULL},
    {"spec", "persistentVolumeClaimRetentionPolicy", "{}", NULL},
    {"spec.persistentVolumeClaimRetentionPolicy", "whenDeleted", "Retain", NULL},
    {"spec.persistentVolumeClaimRetentionPolicy", "whenScaled", "Retain", NULL},
    {"spec.volumeClaimTemplates[]", "apiVersion", "v1", NULL},
    {"spec.volumeClaimTemplates[]", "kind", "PersistentVolumeClaim", NULL},
    {"spec.volumeClaimTemplates[].spec", "volumeMode", "Filesystem", NULL},
    {"spec.volumeClaimTemplates[]", "status", "{}", NULL},
    {"spec.volumeClaimTemplates[].status", "phase", "Pending", NULL},
};

static const struct kube_default daemon_set[] = {
    {"spec", "revisionHistoryLimit", "10", NULL},
    {"spec", "updateStrategy", "{}", NULL},
    {"spec.updateStrategy", "type", "RollingUpdate", NULL},
    {"spec.updateStrategy", "rollingUpdate", "{}", rolling},
    {"spec.updateStrategy.rollingUpdate", "maxUnavailable", "1", NULL},
    {"spec.updateStrategy.rollingUpdate", "maxSurge", "0", NULL},
};

static const struct kube_default replica_set[] = {{"spec", "replicas", "1", NULL}};

static const struct kube_default job[] = {
    {"spec", "completions", "1", no_parallelism},
    {"spec", "parallelism", "1", NULL},
    {"spec", "backoffLimit", "2147483647", per_index},
    {"spec", "backoffLimit", "6", NULL},
    {"spec", "completionMode", "NonIndexed", NULL},
    {"spec", "suspend", "false", NULL},
    {"spec", "podReplacementPolicy", "Failed", failure_policy},
    {"spec", "podReplacementPolicy", "TerminatingOrFailed", NULL},
    {"spec", "manualSelector", "false", NULL},
    {"spec.podFailurePolicy.rules[].onPodConditions[]", "status", "True", NULL},
};

static const struct kube_default cron_job[] = {
    {"spec", "concurrencyPolicy", "Allow", NULL},
    {"spec", "suspend", "false", NULL},
    {"spec", "successfulJobsHistoryLimit", "3", NULL},
    {"spec", "failedJobsHistoryLimit", "1", NULL},
    {"spec.jobTemplate.spec.podFailurePolicy.rules[].onPodConditions[]", "status", "True", NULL},
};

static const struct kube_default service[] = {
    {"spec", "type", "ClusterIP", NULL},
    {"spec", "sessionAffinity", "None", NULL},
    {"spec", "sessionAffinityConfig", "{}", session_ip},
    {"spec.sessionAffinityConfig", "clientIP", "{}", NULL},
    {"spec.sessionAffinityConfig.clientIP", "timeoutSeconds", "10800", NULL},
    {"spec.ports[]", "protocol", "TCP", NULL},
    {"spec", "internalTrafficPolicy", "Cluster", not_external},
    {"spec", "externalTrafficPolicy", "Cluster", reachable},
    {"spec", "allocateLoadBalancerNodePorts", "true", balancer},
};

static const struct kube_default network_policy[] = {
    {"spec.ingress[].ports[]", "protocol", "TCP", NULL},
    {"spec.egress[].ports[]", "protocol", "TCP", NULL},
};

static const struct kube_default autoscaler[] = {{"spec", "minReplicas", "1", NULL}};

static const struct kube_default claim[] = {{"spec", "volumeMode", "Filesystem", NULL}};
static const struct kube_default volume[] = {
    {"spec", "persistentVolumeReclaimPolicy", "Retain", NULL},
    {"spec", "volumeMode", "Filesystem", NULL},
    {"spec.hostPath", "type", "", NULL},
};
static const struct kube_default storage_class[] = {
    {"", "reclaimPolicy", "Delete", NULL},
    {"", "volumeBindingMode", "Immediate", NULL},
};
static const struct kube_default secret[] = {{"", "type", "Opaque", NULL}};

#define RBAC "rbac.authorization.k8s.io"
static const struct kube_default binding[] = {
    {"roleRef", "apiGroup", RBAC, NULL},
    {"subjects[]", "apiGroup", RBAC, not_account},
};

#define WEBHOOKS \
    {"webhooks[]", "failurePolicy", "Fail", NULL}, \
    {"webhooks[]", "matchPolicy", "Equivalent", NULL}, \
    {"webhooks[]", "namespaceSelector", "{}", NULL}, \
    {"webhooks[]", "objectSelector", "{}", NULL}, \
    {"webhooks[]", "timeoutSeconds", "10", NULL}, \
    {"webhooks[].rules[]", "scope", "*", NULL}, \
    {"webhooks[].clientConfig.service", "port", "443", NULL}
static const struct kube_default validating[] = {WEBHOOKS};
static const struct kube_default mutating[] = {
    WEBHOOKS, {"webhooks[]", "reinvocationPolicy", "Never", NULL}};

static const struct kube_default crd[] = {
    {"spec", "conversion", "{}", NULL},
    {"spec.conversion", "strategy", "None", NULL},
    {"spec.conversion.webhook.clientConfig.service", "port", "443", NULL},
};
static const struct kube_default api_service[] = {{"spec.service", "port", "443", NULL}};
static const struct kube_default priority_class[] = {
    {"", "preemptionPolicy", "PreemptLowerPriority", NULL}};

static const struct kube_default ingress_class[] = {
    {"spec.parameters", "scope", "Cluster", NULL}};

static const struct kube_default csi_driver[] = {
    {"spec", "attachRequired", "true", NULL},
    {"spec", "fsGroupPolicy", "ReadWriteOnceWithFSType", NULL},
    {"spec", "podInfoOnMount", "false", NULL},
    {"spec", "requiresRepublish", "false", NULL},
    {"spec", "seLinuxMount", "false", NULL},
    {"spec", "storageCapacity", "false", NULL},
};

#define MATCH(at) \
    {at, "matchPolicy", "Equivalent", NULL}, {at, "namespaceSelector", "{}", NULL}, \
    {at, "objectSelector", "{}", NULL}, {at ".resourceRules[]", "scope", "*", NULL}, \
    {at ".excludeResourceRules[]", "scope", "*", NULL}
static const struct kube_default admission_policy[] = {
    {"spec", "failurePolicy", "Fail", NULL}, MATCH("spec.matchConstraints")};
static const struct kube_default admission_binding[] = {MATCH("spec.matchResources")};

static const struct kube_default endpoint_slice[] = {
    {"ports[]", "name", "", NULL}, {"ports[]", "protocol", "TCP", NULL}};
static const struct kube_default endpoints[] = {{"subsets[].ports[]", "protocol", "TCP", NULL}};

/* ---- what no row can say ---- */

/* What `from` has and `to` has not. */
static void copy_missing(struct rk_arena *a, struct doc_node *to, const struct doc_node *from)
{
    for (size_t i = 0; to && doc_type(from) == DOC_MAP && i < doc_count(from); i++) {
        const struct doc_pair *p = doc_pair_at(from, i);
        if (!doc_get_n(to, p->key))
            doc_set(a, to, p->key, doc_copy(a, p->value));
    }
}

/* Only in Pods, not in templates: requests from limits, host ports of the host's network. */
static void more_containers(struct rk_arena *a, const struct doc_node *list, bool host)
{
    for (size_t i = 0; doc_type(list) == DOC_LIST && i < doc_count(list); i++) {
        const struct doc_node *c = doc_at(list, i), *ports = doc_get(c, "ports");
        const struct doc_node *limits = doc_walk(c, "resources.limits");
        if (doc_count(limits) > 0)
            copy_missing(a, doc_make(a, doc_get(c, "resources"), "requests"), limits);
        for (size_t k = 0; host && doc_type(ports) == DOC_LIST && k < doc_count(ports); k++) {
            struct doc_node *port = doc_at(ports, k), *own = doc_get(port, "containerPort");
            if (own && doc_is_null(doc_get(port, "hostPort")))
                doc_set_c(a, port, "hostPort", doc_copy(a, own));
        }
    }
}

static void more_pod(struct rk_arena *a, struct doc_node *doc)
{
    const struct doc_node *spec = doc_get(doc, "spec");
    const bool host = doc_get_bool(spec, "hostNetwork", false);
    more_containers(a, doc_get(spec, "containers"), host);
    more_containers(a, doc_get(spec, "initContainers"), host);
}

/* Container limits: default from max, defaultRequest from default, then from min. */
static void more_limit_range(struct rk_arena *a, struct doc_node *doc)
{
    const struct doc_node *limits = doc_walk(doc, "spec.limits");
    for (size_t i = 0; doc_type(limits) == DOC_LIST && i < doc_count(limits); i++) {
        struct doc_node *item = doc_at(limits, i);
        if (!is(item, "type", "Container"))
            continue;
        struct doc_node *preset = doc_make(a, item, "default");
        struct doc_node *request = doc_make(a, item, "defaultRequest");
        copy_missing(a, preset, doc_get(item, "max"));
        copy_missing(a, request, preset);
        copy_missing(a, request, doc_get(item, "min"));
    }
}

/* A Job without labels gets those of its template. */
static void more_job(struct rk_arena *a, struct doc_node *doc)
{
    const struct doc_node *labels = doc_walk(doc, "spec.template.metadata.labels");
    if (doc_count(labels) == 0 || doc_count(doc_walk(doc, "metadata.labels")) > 0)
        return;
    struct doc_node *meta = doc_get(doc, "metadata");
    if (doc_type(meta) == DOC_MAP)
        doc_set_c(a, meta, "labels", doc_copy(a, labels));
}

static void more_service(struct rk_arena *a, struct doc_node *doc)
{
    const struct doc_node *ports = doc_walk(doc, "spec.ports");
    for (size_t i = 0; doc_type(ports) == DOC_LIST && i < doc_count(ports); i++) {
        struct doc_node *p = doc_at(ports, i), *port = doc_get(p, "port");
        if (port && doc_is_null(doc_get(p, "targetPort")))
            doc_set_c(a, p, "targetPort", doc_copy(a, port));
    }
}

static void more_network_policy(struct rk_arena *a, struct doc_node *doc)
{
    struct doc_node *spec = doc_get(doc, "spec");
    if (doc_type(spec) != DOC_MAP || doc_count(doc_get(spec, "policyTypes")) > 0)
        return;
    struct doc_node *types = doc_list(a);
    doc_push(a, types, doc_string_c(a, "Ingress"));
    if (doc_count(doc_get(spec, "egress")) > 0)
        doc_push(a, types, doc_string_c(a, "Egress"));
    doc_set_c(a, spec, "policyTypes", types);
}

static struct doc_node *scaling_policy(struct rk_arena *a, const char *type, int64_t value)
{
    struct doc_node *p = doc_map(a);
    doc_set_c(a, p, "type", doc_string_c(a, type));
    doc_set_c(a, p, "value", doc_int(a, value));
    doc_set_c(a, p, "periodSeconds", doc_int(a, 15));
    return p;
}

static void scaling_rules(struct rk_arena *a, struct doc_node *behavior, const char *field, bool up)
{
    struct doc_node *rules = doc_get(behavior, field);
    if (doc_is_null(rules)) {
        rules = doc_map(a);
        doc_set_c(a, behavior, field, rules);
    }
    if (doc_type(rules) != DOC_MAP)
        return;
    if (up)
        kube_default_to(a, rules, "stabilizationWindowSeconds", "0");
    kube_default_to(a, rules, "selectPolicy", "Max");
    if (!doc_is_null(doc_get(rules, "policies")))
        return;
    struct doc_node *policies = doc_list(a);
    if (up)
        doc_push(a, policies, scaling_policy(a, "Pods", 4));
    doc_push(a, policies, scaling_policy(a, "Percent", 100));
    doc_set_c(a, rules, "policies", policies);
}

static void more_autoscaler(struct rk_arena *a, struct doc_node *doc)
{
    struct doc_node *spec = doc_get(doc, "spec");
    if (doc_type(spec) != DOC_MAP || !rk_str_is(doc_get_text(doc, "apiVersion"), "autoscaling/v2"))
        return;
    if (doc_count(doc_get(spec, "metrics")) == 0) {
        struct doc_node *metric = doc_map(a), *list = doc_list(a);
        doc_set_c(a, metric, "type", doc_string_c(a, "Resource"));
        struct doc_node *resource = doc_make(a, metric, "resource");
        doc_set_c(a, resource, "name", doc_string_c(a, "cpu"));
        struct doc_node *target = doc_make(a, resource, "target");
        doc_set_c(a, target, "type", doc_string_c(a, "Utilization"));
        doc_set_c(a, target, "averageUtilization", doc_int(a, 80));
        doc_push(a, list, metric);
        doc_set_c(a, spec, "metrics", list);
    }
    struct doc_node *behavior = doc_get(spec, "behavior");
    if (doc_type(behavior) == DOC_MAP) {
        scaling_rules(a, behavior, "scaleUp", true);
        scaling_rules(a, behavior, "scaleDown", false);
    }
}

static void more_namespace(struct rk_arena *a, struct doc_node *doc)
{
    const rk_str name = doc_get_text(doc_get(doc, "metadata"), "name");
    struct doc_node *labels = doc_make(a, doc, "metadata.labels");
    struct doc_node *spec = doc_make(a, doc, "spec");
    if (labels)
        doc_set_c(a, labels, "kubernetes.io/metadata.name", doc_string(a, name));
    if (!spec || doc_get(spec, "finalizers"))
        return;
    struct doc_node *list = doc_list(a);
    doc_push(a, list, doc_string_c(a, "kubernetes"));
    doc_set_c(a, spec, "finalizers", list);
}

/* names.singular is the kind in lower case, names.listKind the kind with List. */
static void more_crd(struct rk_arena *a, struct doc_node *doc)
{
    struct doc_node *names = doc_walk(doc, "spec.names");
    const rk_str kind = doc_get_text(names, "kind");
    if (kind.n == 0)
        return;
    char *lower = rk_arena_dup(a, kind.p, kind.n);
    for (size_t i = 0; i < kind.n; i++) {
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    }
    kube_default_to(a, names, "singular", lower);
    kube_default_to(a, names, "listKind", rk_arena_f(a, "%.*sList", RK_ARG_STR(kind)));
}

#define POD_TEMPLATE "spec.template.spec"
#define ADMISSION "admissionregistration.k8s.io"
#define SET(rows) {(rows), RK_LEN(rows)}
#define NONE {NULL, 0}

const struct kube_default_kind kube_defaults_kinds[] = {
    {"", "Pod", "spec", SET(pod_only), more_pod},
    {"", "PodTemplate", "template.spec", NONE, NULL},
    {"", "ReplicationController", POD_TEMPLATE, SET(replica_set), NULL},
    {"apps", "Deployment", POD_TEMPLATE, SET(deployment), NULL},
    {"apps", "StatefulSet", POD_TEMPLATE, SET(stateful_set), NULL},
    {"apps", "DaemonSet", POD_TEMPLATE, SET(daemon_set), NULL},
    {"apps", "ReplicaSet", POD_TEMPLATE, SET(replica_set), NULL},
    {"batch", "Job", POD_TEMPLATE, SET(job), more_job},
    {"batch", "CronJob", "spec.jobTemplate.spec.template.spec", SET(cron_job), NULL},
    {"", "Service", NULL, SET(service), more_service},
    {"networking.k8s.io", "NetworkPolicy", NULL, SET(network_policy), more_network_policy},
    {"autoscaling", "HorizontalPodAutoscaler", NULL, SET(autoscaler), more_autoscaler},
    {"", "PersistentVolumeClaim", NULL, SET(claim), NULL},
    {"", "PersistentVolume", NULL, SET(volume), NULL},
    {"storage.k8s.io", "StorageClass", NULL, SET(storage_class), NULL},
    {"", "Namespace", NULL, NONE, more_namespace},
    {"", "Secret", NULL, SET(secret), kube_fold_string_data},
    {RBAC, "RoleBinding", NULL, SET(binding), NULL},
    {RBAC, "ClusterRoleBinding", NULL, SET(binding), NULL},
    {ADMISSION, "ValidatingWebhookConfiguration", NULL, SET(validating), NULL},
    {ADMISSION, "MutatingWebhookConfiguration", NULL, SET(mutating), NULL},
    {ADMISSION, "ValidatingAdmissionPolicy", NULL, SET(admission_policy), NULL},
    {ADMISSION, "ValidatingAdmissionPolicyBinding", NULL, SET(admission_binding), NULL},
    {ADMISSION, "MutatingAdmissionPolicy", NULL, SET(admission_policy), NULL},
    {ADMISSION, "MutatingAdmissionPolicyBinding", NULL, SET(admission_binding), NULL},
    {"networking.k8s.io", "IngressClass", NULL, SET(ingress_class), NULL},
    {"storage.k8s.io", "CSIDriver", NULL, SET(csi_driver), NULL},
    {"discovery.k8s.io", "EndpointSlice", NULL, SET(endpoint_slice), NULL},
    {"", "Endpoints", NULL, SET(endpoints), NULL},
    {"", "LimitRange", NULL, NONE, more_limit_range},
    {"apiextensions.k8s.io", "CustomResourceDefinition", NULL, SET(crd), more_crd},
    {"apiregistration.k8s.io", "APIService", NULL, SET(api_service), NULL},
    {"scheduling.k8s.io", "PriorityClass", NULL, SET(priority_class), NULL},
};
const size_t kube_defaults_kinds_n = RK_LEN(kube_defaults_kinds);
