/*
 * types.c: the kinds that need no discovery: group, plural, scope and order of sync. One row a
 * kind; the preferred version only. Scope and plural: discovery of Kubernetes v1.35. Order inside
 * a wave: Argo CD's list, by kind alone, kinds that are not in it last (reference/argocd.md
 * section 1.3).
 */
#include "kube/kube.h"

/* Argo CD's order of kinds; a kind's rank is its place here. */
static const char *const sync_order[] = {
    "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy",
    "PodDisruptionBudget", "ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass",
    "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole",
    "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList",
    "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController",
    "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob",
    "IngressClass", "Ingress", "APIService",
};
enum { RANK_LAST = RK_LEN(sync_order) };

#define NS KUBE_NAMESPACED
#define CL KUBE_CLUSTER
#define ADMISSION "admissionregistration.k8s.io"
#define NETWORKING "networking.k8s.io"
#define RBAC "rbac.authorization.k8s.io"
#define STORAGE "storage.k8s.io"
#define FLOW "flowcontrol.apiserver.k8s.io"
#define AUTHZ "authorization.k8s.io"
#define AUTHN "authentication.k8s.io"

/* The rank is checked against sync_order by the unit test. */
static const struct kube_type types[] = {
    {"", "v1", "Namespace", "namespaces", CL, 0},
    {NETWORKING, "v1", "NetworkPolicy", "networkpolicies", NS, 1},
    {"", "v1", "ResourceQuota", "resourcequotas", NS, 2},
    {"", "v1", "LimitRange", "limitranges", NS, 3},
    {"policy", "v1beta1", "PodSecurityPolicy", "podsecuritypolicies", CL, 4},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", NS, 5},
    {"", "v1", "ServiceAccount", "serviceaccounts", NS, 6},
    {"", "v1", "Secret", "secrets", NS, 7},
    {"", "v1", "ConfigMap", "configmaps", NS, 9},
    {STORAGE, "v1", "StorageClass", "storageclasses", CL, 10},
    {"", "v1", "PersistentVolume", "persistentvolumes", CL, 11},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", NS, 12},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", CL, 13},
    {RBAC, "v1", "ClusterRole", "clusterroles", CL, 14},
    {RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings", CL, 16},
    {RBAC, "v1", "Role", "roles", NS, 18},
    {RBAC, "v1", "RoleBinding", "rolebindings", NS, 20},
    {"", "v1", "Service", "services", NS, 22},
    {"apps", "v1", "DaemonSet", "daemonsets", NS, 23},
    {"", "v1", "Pod", "pods", NS, 24},
    {"", "v1", "ReplicationController", "replicationcontrollers", NS, 25},
    {"apps", "v1", "ReplicaSet", "replicasets", NS, 26},
    {"apps", "v1", "Deployment", "deployments", NS, 27},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", NS, 28},
    {"apps", "v1", "StatefulSet", "statefulsets", NS, 29},
    {"batch", "v1", "Job", "jobs", NS, 30},
    {"batch", "v1", "CronJob", "cronjobs", NS, 31},
    {NETWORKING, "v1", "IngressClass", "ingressclasses", CL, 32},
    {NETWORKING, "v1", "Ingress", "ingresses", NS, 33},
    {"apiregistration.k8s.io", "v1", "APIService", "apiservices", CL, 34},

    {"", "v1", "Binding", "bindings", NS, RANK_LAST},
    {"", "v1", "ComponentStatus", "componentstatuses", CL, RANK_LAST},
    {"", "v1", "Endpoints", "endpoints", NS, RANK_LAST},
    {"", "v1", "Event", "events", NS, RANK_LAST},
    {"", "v1", "Node", "nodes", CL, RANK_LAST},
    {"", "v1", "PodTemplate", "podtemplates", NS, RANK_LAST},
    {"apps", "v1", "ControllerRevision", "controllerrevisions", NS, RANK_LAST},
    {"events.k8s.io", "v1", "Event", "events", NS, RANK_LAST},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", NS, RANK_LAST},
    {"coordination.k8s.io", "v1", "Lease", "leases", NS, RANK_LAST},
    {"coordination.k8s.io", "v1beta1", "LeaseCandidate", "leasecandidates", NS, RANK_LAST},
    {"node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", CL, RANK_LAST},
    {"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", CL, RANK_LAST},
    {NETWORKING, "v1", "IPAddress", "ipaddresses", CL, RANK_LAST},
    {NETWORKING, "v1", "ServiceCIDR", "servicecidrs", CL, RANK_LAST},
    {ADMISSION, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", CL,
     RANK_LAST},
    {ADMISSION, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", CL,
     RANK_LAST},
    {ADMISSION, "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", CL, RANK_LAST},
    {ADMISSION, "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", CL,
     RANK_LAST},
    {ADMISSION, "v1beta1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", CL, RANK_LAST},
    {ADMISSION, "v1beta1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", CL,
     RANK_LAST},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", CL,
     RANK_LAST},
    {"certificates.k8s.io", "v1beta1", "ClusterTrustBundle", "clustertrustbundles", CL, RANK_LAST},
    {"certificates.k8s.io", "v1beta1", "PodCertificateRequest", "podcertificaterequests", NS,
     RANK_LAST},
    {STORAGE, "v1", "CSIDriver", "csidrivers", CL, RANK_LAST},
    {STORAGE, "v1", "CSINode", "csinodes", CL, RANK_LAST},
    {STORAGE, "v1", "CSIStorageCapacity", "csistoragecapacities", NS, RANK_LAST},
    {STORAGE, "v1", "VolumeAttachment", "volumeattachments", CL, RANK_LAST},
    {STORAGE, "v1", "VolumeAttributesClass", "volumeattributesclasses", CL, RANK_LAST},
    {FLOW, "v1", "FlowSchema", "flowschemas", CL, RANK_LAST},
    {FLOW, "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", CL, RANK_LAST},
    {"resource.k8s.io", "v1", "DeviceClass", "deviceclasses", CL, RANK_LAST},
    {"resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", NS, RANK_LAST},
    {"resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", NS, RANK_LAST},
    {"resource.k8s.io", "v1", "ResourceSlice", "resourceslices", CL, RANK_LAST},
    {AUTHZ, "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", NS, RANK_LAST},
    {AUTHZ, "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", CL, RANK_LAST},
    {AUTHZ, "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", CL, RANK_LAST},
    {AUTHZ, "v1", "SubjectAccessReview", "subjectaccessreviews", CL, RANK_LAST},
    {AUTHN, "v1", "TokenReview", "tokenreviews", CL, RANK_LAST},
    {AUTHN, "v1", "SelfSubjectReview", "selfsubjectreviews", CL, RANK_LAST},

    {"bitnami.com", "v1alpha1", "SealedSecret", "sealedsecrets", NS, RANK_LAST},
    {"argoproj.io", "v1alpha1", "Application", "applications", NS, RANK_LAST},
    {"argoproj.io", "v1alpha1", "AppProject", "appprojects", NS, RANK_LAST},
    {"argoproj.io", "v1alpha1", "ApplicationSet", "applicationsets", NS, RANK_LAST},
};

const struct kube_type *kube_type_find(rk_str group, rk_str kind)
{
    for (size_t i = 0; i < RK_LEN(types); i++) {
        if (rk_str_is(kind, types[i].kind) && rk_str_is(group, types[i].group))
            return &types[i];
    }
    return NULL;
}

const struct kube_type *kube_type_rows(size_t *n)
{
    *n = RK_LEN(types);
    return types;
}

int kube_sync_rank(rk_str group, rk_str kind)
{
    (void)group; /* Argo CD does not look at it: a Knative Service sorts as a Service */
    for (size_t i = 0; i < RK_LEN(sync_order); i++) {
        if (rk_str_is(kind, sync_order[i]))
            return (int)i;
    }
    return RANK_LAST;
}

/* kyaml v0.20.1 openapi.go, precomputedIsNamespaceScoped: the rows that say false. */
static const struct {
    const char *group, *versions, *kind;
} kustomize_cluster[] = {
    {"", "v1", "ComponentStatus"},
    {"", "v1", "Namespace"},
    {"", "v1", "Node"},
    {"", "v1", "NodeProxyOptions"},
    {"", "v1", "PersistentVolume"},
    {ADMISSION, "v1 v1beta1", "MutatingWebhookConfiguration"},
    {ADMISSION, "v1 v1beta1", "ValidatingWebhookConfiguration"},
    {"apiextensions.k8s.io", "v1 v1beta1", "CustomResourceDefinition"},
    {"apiregistration.k8s.io", "v1 v1beta1", "APIService"},
    {"certificates.k8s.io", "v1 v1beta1", "CertificateSigningRequest"},
    {FLOW, "v1beta1", "FlowSchema"},
    {FLOW, "v1beta1", "PriorityLevelConfiguration"},
    {NETWORKING, "v1 v1beta1", "IngressClass"},
    {"node.k8s.io", "v1 v1beta1", "RuntimeClass"},
    {"policy", "v1beta1", "PodSecurityPolicy"},
    {RBAC, "v1 v1beta1", "ClusterRole"},
    {RBAC, "v1 v1beta1", "ClusterRoleBinding"},
    {"scheduling.k8s.io", "v1 v1beta1", "PriorityClass"},
    {STORAGE, "v1 v1beta1", "CSIDriver"},
    {STORAGE, "v1 v1beta1", "CSINode"},
    {STORAGE, "v1 v1beta1", "StorageClass"},
    {STORAGE, "v1 v1beta1", "VolumeAttachment"},
};

bool kube_kustomize_cluster_scoped(rk_str group, rk_str version, rk_str kind)
{
    for (size_t i = 0; i < RK_LEN(kustomize_cluster); i++) {
        if (!rk_str_is(kind, kustomize_cluster[i].kind) ||
            !rk_str_is(group, kustomize_cluster[i].group))
            continue;
        rk_str rest = rk_str_c(kustomize_cluster[i].versions);
        while (rest.n > 0) {
            if (rk_str_eq(rk_str_cut(rest, ' ', &rest), version))
                return true;
        }
        return false;
    }
    return false;
}

/* The namespaced rows of that table are the types that the schema describes, but for these. */
bool kube_kustomize_knows(rk_str group, rk_str version, rk_str kind)
{
    return kube_kustomize_cluster_scoped(group, version, kind) ||
           (kube_schema_known(kube_schema_of(KUBE_KUSTOMIZE, group, version, kind)) &&
            !rk_str_is(kind, "Binding") && !rk_str_is(kind, "Kustomization"));
}
