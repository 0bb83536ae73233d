/*
 * fieldspec_table.c: the built-in fieldspecs: which fields of which types a label, an annotation,
 * an image, a namespace, a prefix or a replica count goes to. Facts of kustomize v5.7.1
 * (reference/kustomize.md sections 2, 4, 6 and 11); data only.
 */
#include "render/render_int.h"

#define AFFINITY(kind_, group_) \
    {.kind = kind_, .group = group_, \
     .path = "spec/template/spec/affinity/podAffinity/" \
             "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/" \
             "matchLabels"}, \
    {.kind = kind_, .group = group_, \
     .path = "spec/template/spec/affinity/podAffinity/" \
             "requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels"}, \
    {.kind = kind_, .group = group_, \
     .path = "spec/template/spec/affinity/podAntiAffinity/" \
             "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/" \
             "matchLabels"}, \
    {.kind = kind_, .group = group_, \
     .path = "spec/template/spec/affinity/podAntiAffinity/" \
             "requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels"}, \
    {.kind = kind_, .group = group_, \
     .path = "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels"}

/* Metadata of the object and of what it stamps out. */
#define METADATA(field, stateful_group) \
    {.path = "metadata/" field, .create = true}, \
    {.path = "spec/template/metadata/" field, .create = true, .version = "v1", \
     .kind = "ReplicationController"}, \
    {.path = "spec/template/metadata/" field, .create = true, .kind = "Deployment"}, \
    {.path = "spec/template/metadata/" field, .create = true, .kind = "ReplicaSet"}, \
    {.path = "spec/template/metadata/" field, .create = true, .kind = "DaemonSet"}, \
    {.path = "spec/template/metadata/" field, .create = true, .group = stateful_group, \
     .kind = "StatefulSet"}, \
    {.path = "spec/template/metadata/" field, .create = true, .group = "batch", .kind = "Job"}, \
    {.path = "spec/jobTemplate/metadata/" field, .create = true, .group = "batch", \
     .kind = "CronJob"}, \
    {.path = "spec/jobTemplate/spec/template/metadata/" field, .create = true, \
     .group = "batch", .kind = "CronJob"}

#define CLAIM_TEMPLATES \
    {.path = "spec/volumeClaimTemplates[]/metadata/labels", .create = true, .group = "apps", \
     .kind = "StatefulSet"}

static const struct spec names[] = {{.path = "metadata/name"}};

static const struct spec namespaces[] = {
    {.path = "metadata/name", .kind = "Namespace", .create = true},
    {.path = "spec/service/namespace", .group = "apiregistration.k8s.io", .kind = "APIService",
     .create = true},
    {.path = "spec/conversion/webhook/clientConfig/service/namespace",
     .group = "apiextensions.k8s.io", .kind = "CustomResourceDefinition"},
};

static const struct spec common_labels[] = {
    {.path = "spec/selector", .create = true, .version = "v1", .kind = "Service"},
    {.path = "spec/selector", .create = true, .version = "v1", .kind = "ReplicationController"},
    {.path = "spec/selector/matchLabels", .create = true, .kind = "Deployment"},
    AFFINITY("Deployment", "apps"),
    {.path = "spec/selector/matchLabels", .create = true, .kind = "ReplicaSet"},
    {.path = "spec/selector/matchLabels", .create = true, .kind = "DaemonSet"},
    {.path = "spec/selector/matchLabels", .create = true, .group = "apps", .kind = "StatefulSet"},
    AFFINITY("StatefulSet", "apps"),
    {.path = "spec/selector/matchLabels", .group = "batch", .kind = "Job"},
    {.path = "spec/jobTemplate/spec/selector/matchLabels", .group = "batch", .kind = "CronJob"},
    {.path = "spec/selector/matchLabels", .group = "policy", .kind = "PodDisruptionBudget"},
    {.path = "spec/podSelector/matchLabels", .group = "networking.k8s.io",
     .kind = "NetworkPolicy"},
    {.path = "spec/ingress/from/podSelector/matchLabels", .group = "networking.k8s.io",
     .kind = "NetworkPolicy"},
    {.path = "spec/egress/to/podSelector/matchLabels", .group = "networking.k8s.io",
     .kind = "NetworkPolicy"},
    METADATA("labels", "apps"),
    CLAIM_TEMPLATES,
};

static const struct spec template_labels[] = {METADATA("labels", "apps"), CLAIM_TEMPLATES};

static const struct spec common_annotations[] = {METADATA("annotations", NULL)};

static const struct spec images[] = {
    {.path = "spec/containers[]/image", .create = true},
    {.path = "spec/initContainers[]/image", .create = true},
    {.path = "spec/volumes[]/image/reference", .create = true},
    {.path = "spec/template/spec/containers[]/image", .create = true},
    {.path = "spec/template/spec/initContainers[]/image", .create = true},
    {.path = "spec/template/spec/volumes[]/image/reference", .create = true},
};

static const struct spec replicas[] = {
    {.path = "spec/replicas", .create = true, .kind = "Deployment"},
    {.path = "spec/replicas", .create = true, .kind = "ReplicationController"},
    {.path = "spec/replicas", .create = true, .kind = "ReplicaSet"},
    {.path = "spec/replicas", .create = true, .kind = "StatefulSet"},
};

#define ROWS(table) {.v = table, .n = RK_LEN(table)}

const struct config config_default = {
    .list = {
        [CONFIG_NAME_PREFIX] = ROWS(names),
        [CONFIG_NAME_SUFFIX] = ROWS(names),
        [CONFIG_NAMESPACE] = ROWS(namespaces),
        [CONFIG_COMMON_LABELS] = ROWS(common_labels),
        [CONFIG_TEMPLATE_LABELS] = ROWS(template_labels),
        [CONFIG_COMMON_ANNOTATIONS] = ROWS(common_annotations),
        [CONFIG_VAR_REFERENCE] = {.v = varref_default, .n = VARREF_DEFAULT_N},
        [CONFIG_IMAGES] = ROWS(images),
        [CONFIG_REPLICAS] = ROWS(replicas),
    },
    .refs = nameref_default,
    .n_refs = NAMEREF_DEFAULT_N,
};
