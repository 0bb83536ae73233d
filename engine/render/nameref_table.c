/*
 * nameref_table.c: which fields name an object of another type, so that they follow it when it is
 * renamed. Facts of kustomize v5.7.1 (reference/kustomize.md section 10); data only. The targets
 * stand in the real tool's order: by kind rank, then by group_version_kind.
 */
#include "render/render_int.h"

/* In every pod spec that ConfigMaps and Secrets are followed in. */
#define IN_PODS(field) \
    {.path = "spec/" field, .version = "v1", .kind = "Pod"}, \
    {.path = "template/spec/" field, .kind = "PodTemplate"}, \
    {.path = "spec/template/spec/" field, .kind = "Deployment"}, \
    {.path = "spec/template/spec/" field, .kind = "ReplicaSet"}, \
    {.path = "spec/template/spec/" field, .kind = "DaemonSet"}, \
    {.path = "spec/template/spec/" field, .kind = "StatefulSet"}, \
    {.path = "spec/template/spec/" field, .kind = "Job"}, \
    {.path = "spec/jobTemplate/spec/template/spec/" field, .kind = "CronJob"}

/* In every pod spec that accounts, claims and priorities are followed in. */
#define IN_WORKLOADS(field) \
    {.path = "spec/" field, .kind = "Pod"}, \
    {.path = "spec/template/spec/" field, .kind = "StatefulSet"}, \
    {.path = "spec/template/spec/" field, .kind = "Deployment"}, \
    {.path = "spec/template/spec/" field, .kind = "ReplicationController"}, \
    {.path = "spec/jobTemplate/spec/template/spec/" field, .kind = "CronJob"}, \
    {.path = "spec/template/spec/" field, .kind = "Job"}, \
    {.path = "spec/template/spec/" field, .kind = "DaemonSet"}

#define RBAC "rbac.authorization.k8s.io"
#define ADMISSION "admissionregistration.k8s.io"

static const struct spec storage_class[] = {
    {.path = "spec/storageClassName", .kind = "PersistentVolume"},
    {.path = "spec/storageClassName", .kind = "PersistentVolumeClaim"},
    {.path = "spec/volumeClaimTemplates/spec/storageClassName", .kind = "StatefulSet"},
};
static const struct spec service_account[] = {
    {.path = "subjects", .kind = "RoleBinding", .group = RBAC},
    {.path = "subjects", .kind = "ClusterRoleBinding", .group = RBAC},
    IN_WORKLOADS("serviceAccountName"),
};
static const struct spec role[] = {
    {.path = "roleRef/name", .kind = "RoleBinding", .group = RBAC},
};
static const struct spec cluster_role[] = {
    {.path = "roleRef/name", .kind = "RoleBinding", .group = RBAC},
    {.path = "roleRef/name", .kind = "ClusterRoleBinding", .group = RBAC},
};
static const struct spec config_map[] = {
    IN_PODS("volumes/configMap/name"),
    IN_PODS("containers/env/valueFrom/configMapKeyRef/name"),
    IN_PODS("initContainers/env/valueFrom/configMapKeyRef/name"),
    IN_PODS("containers/envFrom/configMapRef/name"),
    IN_PODS("initContainers/envFrom/configMapRef/name"),
    IN_PODS("volumes/projected/sources/configMap/name"),
    {.path = "spec/configSource/configMap", .kind = "Node"},
    {.path = "rules/resourceNames", .kind = "Role"},
    {.path = "rules/resourceNames", .kind = "ClusterRole"},
    {.path = "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap",
     .kind = "Ingress"},
};
static const struct spec secret[] = {
    IN_PODS("volumes/secret/secretName"),
    IN_PODS("containers/env/valueFrom/secretKeyRef/name"),
    IN_PODS("initContainers/env/valueFrom/secretKeyRef/name"),
    IN_PODS("containers/envFrom/secretRef/name"),
    IN_PODS("initContainers/envFrom/secretRef/name"),
    IN_PODS("imagePullSecrets/name"),
    IN_PODS("volumes/projected/sources/secret/name"),
    {.path = "spec/tls/secretName", .kind = "Ingress"},
    {.path = "metadata/annotations/ingress.kubernetes.io\\/auth-secret", .kind = "Ingress"},
    {.path = "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret", .kind = "Ingress"},
    {.path = "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret",
     .kind = "Ingress"},
    {.path = "imagePullSecrets/name", .kind = "ServiceAccount"},
    {.path = "parameters/secretName", .kind = "StorageClass"},
    {.path = "parameters/adminSecretName", .kind = "StorageClass"},
    {.path = "parameters/userSecretName", .kind = "StorageClass"},
    {.path = "parameters/secretRef", .kind = "StorageClass"},
    {.path = "rules/resourceNames", .kind = "Role"},
    {.path = "rules/resourceNames", .kind = "ClusterRole"},
    {.path = "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", .kind = "Service",
     .group = "serving.knative.dev", .version = "v1"},
    {.path = "spec/azureFile/secretName", .kind = "PersistentVolume"},
};
static const struct spec service[] = {
    {.path = "spec/serviceName", .kind = "StatefulSet", .group = "apps"},
    {.path = "spec/rules/http/paths/backend/serviceName", .kind = "Ingress"},
    {.path = "spec/backend/serviceName", .kind = "Ingress"},
    {.path = "spec/rules/http/paths/backend/service/name", .kind = "Ingress"},
    {.path = "spec/defaultBackend/service/name", .kind = "Ingress"},
    {.path = "spec/service/name", .kind = "APIService", .group = "apiregistration.k8s.io"},
    {.path = "webhooks/clientConfig/service", .kind = "ValidatingWebhookConfiguration",
     .group = ADMISSION},
    {.path = "webhooks/clientConfig/service", .kind = "MutatingWebhookConfiguration",
     .group = ADMISSION},
};
static const struct spec priority_class[] = {IN_WORKLOADS("priorityClassName")};
static const struct spec volume[] = {
    {.path = "spec/volumeName", .kind = "PersistentVolumeClaim"},
    {.path = "rules/resourceNames", .kind = "ClusterRole"},
};
static const struct spec claim[] = {IN_WORKLOADS("volumes/persistentVolumeClaim/claimName")};
static const struct spec scaled[] = {
    {.path = "spec/scaleTargetRef/name", .kind = "HorizontalPodAutoscaler"},
};
static const struct spec admission_policy[] = {
    {.path = "spec/policyName", .kind = "ValidatingAdmissionPolicyBinding", .group = ADMISSION},
};
static const struct spec ingress_class[] = {{.path = "spec/ingressClassName", .kind = "Ingress"}};

#define ROWS(table) {.v = table, .n = RK_LEN(table)}

const struct backref nameref_default[NAMEREF_DEFAULT_N] = {
    {.kind = "StorageClass", .version = "v1", .group = "storage.k8s.io",
     .specs = ROWS(storage_class)},
    {.kind = "ServiceAccount", .version = "v1", .specs = ROWS(service_account)},
    {.kind = "Role", .group = RBAC, .specs = ROWS(role)},
    {.kind = "ClusterRole", .group = RBAC, .specs = ROWS(cluster_role)},
    {.kind = "ConfigMap", .version = "v1", .specs = ROWS(config_map)},
    {.kind = "Secret", .version = "v1", .specs = ROWS(secret)},
    {.kind = "Service", .version = "v1", .specs = ROWS(service)},
    {.kind = "PriorityClass", .version = "v1", .group = "scheduling.k8s.io",
     .specs = ROWS(priority_class)},
    {.kind = "PersistentVolume", .version = "v1", .specs = ROWS(volume)},
    {.kind = "PersistentVolumeClaim", .version = "v1", .specs = ROWS(claim)},
    {.kind = "Deployment", .specs = ROWS(scaled)},
    {.kind = "StatefulSet", .specs = ROWS(scaled)},
    {.kind = "ValidatingAdmissionPolicy", .group = ADMISSION, .specs = ROWS(admission_policy)},
    /* The group is the real tool's slip: it never matches an IngressClass. */
    {.kind = "IngressClass", .version = "v1", .group = "networking.k8s.io/v1",
     .specs = ROWS(ingress_class)},
    {.kind = "ReplicaSet", .specs = ROWS(scaled)},
    {.kind = "ReplicationController", .specs = ROWS(scaled)},
};
