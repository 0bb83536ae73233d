/*
 * schema_table.c: what is special about the fields of Kubernetes' built-in types, as a graph of
 * const nodes: list maps with their keys, sets, values that are replaced whole, quantities. What
 * is not listed is plain. Two views in one graph: what an API server v1.35 uses for server-side
 * apply (api/openapi-spec/swagger.json of v1.35.4: x-kubernetes-list-type, -list-map-keys,
 * -map-type) and what kustomize v5.7.1 uses for strategic merge (its v1.21.2 schema:
 * x-kubernetes-patch-strategy, -patch-merge-key).
 */
#include "kube/kube_int.h"

enum {
    N_UNKNOWN = KUBE_NODE_UNKNOWN,
    N_PLAIN = KUBE_NODE_PLAIN,
    N_ATOMIC, N_QUANTITY, N_QUANTITIES, N_STRINGS_SET,
    N_META, N_OWNERS, N_CONDITIONS, N_STATUS, N_OBJECT, N_OBJECT_STATUS,
    N_BY_NAME, N_BY_TYPE, N_BY_IP, N_ATOMIC_BY_NAME,
    N_RESOURCES, N_LIMITS_REQUESTS, N_SECRET_REF,
    /* pods */
    N_POD, N_POD_SPEC, N_POD_STATUS, N_POD_TEMPLATE, N_PODTEMPLATE_KIND, N_AFFINITY,
    N_NODE_AFFINITY, N_CONTAINERS, N_CONTAINER, N_EPHEMERALS, N_EPHEMERAL, N_ENVS, N_ENV,
    N_ENV_SOURCE, N_RESOURCE_FIELD, N_PORTS, N_PLAIN_DEVICES, N_MOUNTS, N_SPREADS, N_SPREAD,
    N_VOLUMES, N_VOLUME, N_VOLUME_CSI, N_DOWNWARD, N_DOWNWARD_ITEMS, N_DOWNWARD_ITEM, N_EMPTY_DIR,
    N_VOLUME_CLAIM, N_CLAIM_TEMPLATE, N_PROJECTED, N_PROJECTIONS, N_PROJECTION, N_BUNDLE,
    N_CONTAINER_STATUSES, N_CONTAINER_STATUS,
    /* workloads */
    N_WORKLOAD, N_WORKLOAD_SPEC, N_STATEFUL, N_STATEFUL_SPEC, N_CLAIM_LIST,
    N_JOB, N_JOB_STATUS, N_UNCOUNTED, N_CRONJOB, N_CRONJOB_SPEC, N_JOB_TEMPLATE, N_REVISION,
    /* core */
    N_SERVICE, N_SERVICE_SPEC, N_SERVICE_PORTS, N_ACCOUNT, N_PVC, N_PVC_SPEC, N_PVC_STATUS, N_PV,
    N_PV_SPEC, N_PV_CSI, N_PV_AFFINITY, N_NODE, N_NODE_SPEC, N_NODE_STATUS, N_EVENT, N_BINDING,
    N_LIMIT_RANGE, N_LIMIT_RANGE_SPEC, N_LIMIT_ITEMS, N_LIMIT_ITEM, N_QUOTA, N_QUOTA_SPEC,
    N_QUOTA_STATUS, N_COMPONENT,
    /* others */
    N_INGRESS, N_INGRESS_SPEC, N_BACKEND, N_BACKEND_SERVICE, N_NETPOL, N_NETPOL_SPEC, N_PDB,
    N_PDB_SPEC, N_HPA1, N_HPA1_SPEC, N_HPA2, N_HPA2_SPEC, N_HPA2_STATUS, N_BEHAVIOR, N_SCALING,
    N_METRICS, N_METRIC, N_METRIC_SOURCE, N_METRIC_ID, N_METRIC_TARGET, N_ROLEBINDING,
    N_WEBHOOKS_KIND, N_WEBHOOKS, N_WEBHOOK, N_VAP, N_VAP_SPEC, N_MAP, N_MAP_SPEC,
    N_VAP_BINDING, N_VAP_BINDING_SPEC,
    N_RUNTIMECLASS, N_OVERHEAD, N_SCHEDULING, N_CSIDRIVER, N_CSIDRIVER_SPEC, N_CSINODE,
    N_CSINODE_SPEC, N_CAPACITY, N_ATTACHMENT, N_ATTACHMENT_SPEC, N_ATTACHMENT_SOURCE,
    N_KUSTOMIZATION,
    N_COUNT
};

#define ROWS(name) static const struct kube_schema_field_row name[] =
#define BOTH(field, n) {field, n, KUBE_V_BOTH}
#define SSA(field, n) {field, n, KUBE_V_SSA}
#define OLD(field, n) {field, n, KUBE_V_KUSTOMIZE}

ROWS(meta) {BOTH("finalizers", N_STRINGS_SET), BOTH("ownerReferences", N_OWNERS)};
ROWS(status) {BOTH("conditions", N_CONDITIONS)};
ROWS(object) {BOTH("metadata", N_META)};
ROWS(object_status) {BOTH("metadata", N_META), BOTH("status", N_STATUS)};
ROWS(resources) {SSA("claims", N_BY_NAME), BOTH("limits", N_QUANTITIES),
                 BOTH("requests", N_QUANTITIES)};
ROWS(limits_requests) {BOTH("limits", N_QUANTITIES), BOTH("requests", N_QUANTITIES)};
ROWS(secret_ref) {BOTH("secretRef", N_ATOMIC)};

ROWS(pod) {BOTH("metadata", N_META), BOTH("spec", N_POD_SPEC), BOTH("status", N_POD_STATUS)};
ROWS(pod_template) {BOTH("metadata", N_META), BOTH("spec", N_POD_SPEC)};
ROWS(podtemplate_kind) {BOTH("metadata", N_META), BOTH("template", N_POD_TEMPLATE)};
ROWS(pod_spec) {
    BOTH("containers", N_CONTAINERS),
    BOTH("initContainers", N_CONTAINERS),
    BOTH("ephemeralContainers", N_EPHEMERALS),
    BOTH("volumes", N_VOLUMES),
    BOTH("affinity", N_AFFINITY),
    BOTH("hostAliases", N_BY_IP),
    BOTH("imagePullSecrets", N_ATOMIC_BY_NAME),
    BOTH("nodeSelector", N_ATOMIC),
    BOTH("overhead", N_QUANTITIES),
    SSA("resourceClaims", N_BY_NAME),
    SSA("resources", N_RESOURCES),
    SSA("schedulingGates", N_BY_NAME),
    BOTH("topologySpreadConstraints", N_SPREADS),
};
ROWS(pod_status) {
    BOTH("conditions", N_CONDITIONS),
    BOTH("podIPs", N_BY_IP),
    SSA("allocatedResources", N_QUANTITIES),
    SSA("resources", N_RESOURCES),
    SSA("resourceClaimStatuses", N_BY_NAME),
    SSA("containerStatuses", N_CONTAINER_STATUSES),
    SSA("initContainerStatuses", N_CONTAINER_STATUSES),
    SSA("ephemeralContainerStatuses", N_CONTAINER_STATUSES),
};
ROWS(container_status) {BOTH("allocatedResources", N_QUANTITIES), BOTH("resources", N_RESOURCES)};
ROWS(affinity) {BOTH("nodeAffinity", N_NODE_AFFINITY)};
ROWS(node_affinity) {BOTH("requiredDuringSchedulingIgnoredDuringExecution", N_ATOMIC)};
ROWS(container) {
    BOTH("env", N_ENVS), BOTH("ports", N_PORTS), BOTH("resources", N_RESOURCES),
    BOTH("volumeDevices", N_PLAIN_DEVICES), BOTH("volumeMounts", N_MOUNTS),
};
ROWS(ephemeral) {
    BOTH("env", N_ENVS), SSA("ports", N_PORTS), BOTH("resources", N_RESOURCES),
    BOTH("volumeDevices", N_PLAIN_DEVICES), BOTH("volumeMounts", N_MOUNTS),
};
ROWS(env) {BOTH("valueFrom", N_ENV_SOURCE)};
ROWS(env_source) {
    BOTH("configMapKeyRef", N_ATOMIC), BOTH("secretKeyRef", N_ATOMIC), BOTH("fieldRef", N_ATOMIC),
    BOTH("fileKeyRef", N_ATOMIC), BOTH("resourceFieldRef", N_RESOURCE_FIELD),
};
ROWS(resource_field) {BOTH("divisor", N_QUANTITY)};
ROWS(spread) {BOTH("labelSelector", N_ATOMIC)};
ROWS(volume) {
    BOTH("cephfs", N_SECRET_REF), BOTH("cinder", N_SECRET_REF), BOTH("csi", N_VOLUME_CSI),
    BOTH("downwardAPI", N_DOWNWARD), BOTH("emptyDir", N_EMPTY_DIR),
    BOTH("ephemeral", N_VOLUME_CLAIM), BOTH("flexVolume", N_SECRET_REF),
    BOTH("iscsi", N_SECRET_REF), BOTH("projected", N_PROJECTED), BOTH("rbd", N_SECRET_REF),
    BOTH("scaleIO", N_SECRET_REF), BOTH("storageos", N_SECRET_REF),
};
ROWS(volume_csi) {BOTH("nodePublishSecretRef", N_ATOMIC)};
ROWS(downward) {BOTH("items", N_DOWNWARD_ITEMS)};
ROWS(downward_item) {BOTH("fieldRef", N_ATOMIC), BOTH("resourceFieldRef", N_RESOURCE_FIELD)};
ROWS(empty_dir) {BOTH("sizeLimit", N_QUANTITY)};
ROWS(volume_claim) {BOTH("volumeClaimTemplate", N_CLAIM_TEMPLATE)};
ROWS(claim_template) {BOTH("metadata", N_META), BOTH("spec", N_PVC_SPEC)};
ROWS(projected) {BOTH("sources", N_PROJECTIONS)};
ROWS(projection) {BOTH("clusterTrustBundle", N_BUNDLE), BOTH("downwardAPI", N_DOWNWARD)};
ROWS(bundle) {BOTH("labelSelector", N_ATOMIC)};

ROWS(workload) {BOTH("metadata", N_META), BOTH("spec", N_WORKLOAD_SPEC), BOTH("status", N_STATUS)};
ROWS(workload_spec) {BOTH("selector", N_ATOMIC), BOTH("template", N_POD_TEMPLATE)};
ROWS(stateful) {BOTH("metadata", N_META), BOTH("spec", N_STATEFUL_SPEC), BOTH("status", N_STATUS)};
ROWS(stateful_spec) {BOTH("selector", N_ATOMIC), BOTH("template", N_POD_TEMPLATE),
                     BOTH("volumeClaimTemplates", N_CLAIM_LIST)};
ROWS(job) {BOTH("metadata", N_META), BOTH("spec", N_WORKLOAD_SPEC), BOTH("status", N_JOB_STATUS)};
/* v1.35 has no list type on a Job's conditions: atomic there, merged by kustomize */
ROWS(job_status) {OLD("conditions", N_CONDITIONS), SSA("uncountedTerminatedPods", N_UNCOUNTED)};
ROWS(uncounted) {BOTH("failed", N_STRINGS_SET), BOTH("succeeded", N_STRINGS_SET)};
ROWS(cronjob) {BOTH("metadata", N_META), BOTH("spec", N_CRONJOB_SPEC)};
ROWS(cronjob_spec) {BOTH("jobTemplate", N_JOB_TEMPLATE)};
ROWS(job_template) {BOTH("metadata", N_META), BOTH("spec", N_WORKLOAD_SPEC)};
ROWS(revision) {BOTH("metadata", N_META), SSA("data", N_ATOMIC)};

ROWS(service) {BOTH("metadata", N_META), BOTH("spec", N_SERVICE_SPEC), BOTH("status", N_STATUS)};
ROWS(service_spec) {BOTH("ports", N_SERVICE_PORTS), BOTH("selector", N_ATOMIC)};
ROWS(account) {BOTH("metadata", N_META), BOTH("secrets", N_ATOMIC_BY_NAME)};
ROWS(pvc) {BOTH("metadata", N_META), BOTH("spec", N_PVC_SPEC), BOTH("status", N_PVC_STATUS)};
ROWS(pvc_spec) {BOTH("dataSource", N_ATOMIC), BOTH("resources", N_LIMITS_REQUESTS),
                BOTH("selector", N_ATOMIC)};
ROWS(pvc_status) {BOTH("conditions", N_CONDITIONS), BOTH("allocatedResources", N_QUANTITIES),
                  BOTH("capacity", N_QUANTITIES)};
ROWS(pv) {BOTH("metadata", N_META), BOTH("spec", N_PV_SPEC)};
ROWS(pv_spec) {
    BOTH("capacity", N_QUANTITIES), BOTH("claimRef", N_ATOMIC), BOTH("csi", N_PV_CSI),
    BOTH("nodeAffinity", N_PV_AFFINITY), BOTH("cephfs", N_SECRET_REF),
    BOTH("cinder", N_SECRET_REF), BOTH("flexVolume", N_SECRET_REF), BOTH("iscsi", N_SECRET_REF),
    BOTH("rbd", N_SECRET_REF), BOTH("scaleIO", N_SECRET_REF), BOTH("storageos", N_SECRET_REF),
};
ROWS(pv_csi) {
    BOTH("controllerExpandSecretRef", N_ATOMIC), BOTH("controllerPublishSecretRef", N_ATOMIC),
    BOTH("nodeExpandSecretRef", N_ATOMIC), BOTH("nodePublishSecretRef", N_ATOMIC),
    BOTH("nodeStageSecretRef", N_ATOMIC),
};
ROWS(pv_affinity) {BOTH("required", N_ATOMIC)};
ROWS(node) {BOTH("metadata", N_META), BOTH("spec", N_NODE_SPEC), BOTH("status", N_NODE_STATUS)};
ROWS(node_spec) {BOTH("podCIDRs", N_STRINGS_SET)};
ROWS(node_status) {BOTH("conditions", N_CONDITIONS), BOTH("addresses", N_BY_TYPE),
                   BOTH("allocatable", N_QUANTITIES), BOTH("capacity", N_QUANTITIES)};
ROWS(event) {BOTH("metadata", N_META), BOTH("involvedObject", N_ATOMIC), BOTH("related", N_ATOMIC),
             BOTH("regarding", N_ATOMIC)};
ROWS(binding) {BOTH("metadata", N_META), BOTH("target", N_ATOMIC)};
ROWS(limit_range) {BOTH("metadata", N_META), BOTH("spec", N_LIMIT_RANGE_SPEC)};
ROWS(limit_range_spec) {BOTH("limits", N_LIMIT_ITEMS)};
ROWS(limit_item) {
    BOTH("default", N_QUANTITIES), BOTH("defaultRequest", N_QUANTITIES), BOTH("max", N_QUANTITIES),
    BOTH("maxLimitRequestRatio", N_QUANTITIES), BOTH("min", N_QUANTITIES),
};
ROWS(quota) {BOTH("metadata", N_META), BOTH("spec", N_QUOTA_SPEC), BOTH("status", N_QUOTA_STATUS)};
ROWS(quota_spec) {BOTH("hard", N_QUANTITIES), BOTH("scopeSelector", N_ATOMIC)};
ROWS(quota_status) {BOTH("hard", N_QUANTITIES), BOTH("used", N_QUANTITIES)};
ROWS(component) {BOTH("metadata", N_META), BOTH("conditions", N_CONDITIONS)};

ROWS(ingress) {BOTH("metadata", N_META), BOTH("spec", N_INGRESS_SPEC)};
ROWS(ingress_spec) {BOTH("defaultBackend", N_BACKEND)};
ROWS(backend) {BOTH("resource", N_ATOMIC), BOTH("service", N_BACKEND_SERVICE)};
ROWS(backend_service) {BOTH("port", N_ATOMIC)};
ROWS(netpol) {BOTH("metadata", N_META), BOTH("spec", N_NETPOL_SPEC)};
ROWS(netpol_spec) {BOTH("podSelector", N_ATOMIC)};
ROWS(pdb) {BOTH("metadata", N_META), BOTH("spec", N_PDB_SPEC), BOTH("status", N_STATUS)};
ROWS(pdb_spec) {BOTH("selector", N_ATOMIC)};
ROWS(hpa1) {BOTH("metadata", N_META), BOTH("spec", N_HPA1_SPEC)};
ROWS(hpa1_spec) {BOTH("scaleTargetRef", N_ATOMIC)};
ROWS(hpa2) {BOTH("metadata", N_META), BOTH("spec", N_HPA2_SPEC), BOTH("status", N_HPA2_STATUS)};
ROWS(hpa2_spec) {BOTH("behavior", N_BEHAVIOR), BOTH("metrics", N_METRICS)};
ROWS(hpa2_status) {BOTH("conditions", N_CONDITIONS), BOTH("currentMetrics", N_METRICS)};
ROWS(behavior) {BOTH("scaleDown", N_SCALING), BOTH("scaleUp", N_SCALING)};
ROWS(scaling) {BOTH("tolerance", N_QUANTITY)};
ROWS(metric) {
    BOTH("containerResource", N_METRIC_SOURCE), BOTH("external", N_METRIC_SOURCE),
    BOTH("object", N_METRIC_SOURCE), BOTH("pods", N_METRIC_SOURCE),
    BOTH("resource", N_METRIC_SOURCE),
};
ROWS(metric_source) {BOTH("metric", N_METRIC_ID), BOTH("target", N_METRIC_TARGET),
                     BOTH("current", N_METRIC_TARGET)};
ROWS(metric_id) {BOTH("selector", N_ATOMIC)};
ROWS(metric_target) {BOTH("averageValue", N_QUANTITY), BOTH("value", N_QUANTITY)};
ROWS(rolebinding) {BOTH("metadata", N_META), BOTH("roleRef", N_ATOMIC)};
ROWS(webhooks_kind) {BOTH("metadata", N_META), BOTH("webhooks", N_WEBHOOKS)};
ROWS(webhook) {SSA("matchConditions", N_BY_NAME), BOTH("namespaceSelector", N_ATOMIC),
               BOTH("objectSelector", N_ATOMIC)};
ROWS(vap) {BOTH("metadata", N_META), BOTH("spec", N_VAP_SPEC), BOTH("status", N_STATUS)};
ROWS(vap_spec) {BOTH("matchConditions", N_BY_NAME), BOTH("matchConstraints", N_ATOMIC),
                BOTH("paramKind", N_ATOMIC), BOTH("variables", N_ATOMIC_BY_NAME)};
ROWS(map) {BOTH("metadata", N_META), BOTH("spec", N_MAP_SPEC)};
ROWS(map_spec) {BOTH("matchConditions", N_BY_NAME), BOTH("matchConstraints", N_ATOMIC),
                BOTH("paramKind", N_ATOMIC)};
ROWS(vap_binding) {BOTH("metadata", N_META), BOTH("spec", N_VAP_BINDING_SPEC)};
ROWS(vap_binding_spec) {BOTH("matchResources", N_ATOMIC), BOTH("paramRef", N_ATOMIC),
                        BOTH("validationActions", N_STRINGS_SET)};
ROWS(runtimeclass) {BOTH("metadata", N_META), BOTH("overhead", N_OVERHEAD),
                    BOTH("scheduling", N_SCHEDULING)};
ROWS(overhead) {BOTH("podFixed", N_QUANTITIES)};
ROWS(scheduling) {BOTH("nodeSelector", N_ATOMIC)};
ROWS(csidriver) {BOTH("metadata", N_META), BOTH("spec", N_CSIDRIVER_SPEC)};
ROWS(csidriver_spec) {SSA("volumeLifecycleModes", N_STRINGS_SET)};
ROWS(csinode) {BOTH("metadata", N_META), BOTH("spec", N_CSINODE_SPEC)};
ROWS(kustomization) {OLD("configMapGenerator", N_BY_NAME), OLD("secretGenerator", N_BY_NAME)};
ROWS(csinode_spec) {BOTH("drivers", N_BY_NAME)};
ROWS(capacity) {BOTH("metadata", N_META), BOTH("capacity", N_QUANTITY),
                BOTH("maximumVolumeSize", N_QUANTITY), BOTH("nodeTopology", N_ATOMIC)};
ROWS(attachment) {BOTH("metadata", N_META), BOTH("spec", N_ATTACHMENT_SPEC)};
ROWS(attachment_spec) {BOTH("source", N_ATTACHMENT_SOURCE)};
ROWS(attachment_source) {BOTH("inlineVolumeSpec", N_PV_SPEC)};

#define STRUCT(rows) {.kind = KUBE_N_STRUCT, .fields = (rows), .n_fields = RK_LEN(rows)}
#define WHOLE(rows) {.kind = KUBE_N_STRUCT, .atomic = true, .fields = (rows), \
                     .n_fields = RK_LEN(rows)}
#define LIST_OF(node) {.kind = KUBE_N_LIST, .list = KUBE_LIST_ATOMIC, .item = (node)}
#define SET_OF(node) {.kind = KUBE_N_LIST, .list = KUBE_LIST_SET, .item = (node)}
#define BY(node, key) {.kind = KUBE_N_LIST, .list = KUBE_LIST_MAP, .item = (node), .n_keys = 1, \
                       .keys = {key}}
#define BY_TWO(node, key, other, preset) {.kind = KUBE_N_LIST, .list = KUBE_LIST_MAP, \
    .item = (node), .n_keys = 2, .keys = {key, other}, .key_default = {NULL, preset}}

const struct kube_schema_node kube_schema_nodes[] = {
    [N_UNKNOWN] = {.kind = KUBE_N_PLAIN},
    [N_PLAIN] = {.kind = KUBE_N_PLAIN},
    [N_ATOMIC] = {.kind = KUBE_N_STRUCT, .atomic = true},
    [N_QUANTITY] = {.kind = KUBE_N_QUANTITY},
    [N_QUANTITIES] = {.kind = KUBE_N_MAP, .item = N_QUANTITY},
    [N_STRINGS_SET] = SET_OF(N_PLAIN),
    [N_META] = STRUCT(meta),
    [N_OWNERS] = BY(N_ATOMIC, "uid"),
    [N_CONDITIONS] = BY(N_PLAIN, "type"),
    [N_STATUS] = STRUCT(status),
    [N_OBJECT] = STRUCT(object),
    [N_OBJECT_STATUS] = STRUCT(object_status),
    [N_KUSTOMIZATION] = STRUCT(kustomization),
    [N_BY_NAME] = BY(N_PLAIN, "name"),
    [N_BY_TYPE] = BY(N_PLAIN, "type"),
    [N_BY_IP] = BY(N_PLAIN, "ip"),
    [N_ATOMIC_BY_NAME] = BY(N_ATOMIC, "name"),
    [N_RESOURCES] = STRUCT(resources),
    [N_LIMITS_REQUESTS] = STRUCT(limits_requests),
    [N_SECRET_REF] = STRUCT(secret_ref),
    [N_POD] = STRUCT(pod),
    [N_POD_SPEC] = STRUCT(pod_spec),
    [N_POD_STATUS] = STRUCT(pod_status),
    [N_POD_TEMPLATE] = STRUCT(pod_template),
    [N_PODTEMPLATE_KIND] = STRUCT(podtemplate_kind),
    [N_AFFINITY] = STRUCT(affinity),
    [N_NODE_AFFINITY] = STRUCT(node_affinity),
    [N_CONTAINERS] = BY(N_CONTAINER, "name"),
    [N_CONTAINER] = STRUCT(container),
    [N_EPHEMERALS] = BY(N_EPHEMERAL, "name"),
    [N_EPHEMERAL] = STRUCT(ephemeral),
    [N_ENVS] = BY(N_ENV, "name"),
    [N_ENV] = STRUCT(env),
    [N_ENV_SOURCE] = STRUCT(env_source),
    [N_RESOURCE_FIELD] = WHOLE(resource_field),
    [N_PORTS] = BY_TWO(N_PLAIN, "containerPort", "protocol", "TCP"),
    [N_PLAIN_DEVICES] = BY(N_PLAIN, "devicePath"),
    [N_MOUNTS] = BY(N_PLAIN, "mountPath"),
    [N_SPREADS] = BY_TWO(N_SPREAD, "topologyKey", "whenUnsatisfiable", NULL),
    [N_SPREAD] = STRUCT(spread),
    [N_VOLUMES] = BY(N_VOLUME, "name"),
    [N_VOLUME] = STRUCT(volume),
    [N_VOLUME_CSI] = STRUCT(volume_csi),
    [N_DOWNWARD] = STRUCT(downward),
    [N_DOWNWARD_ITEMS] = LIST_OF(N_DOWNWARD_ITEM),
    [N_DOWNWARD_ITEM] = STRUCT(downward_item),
    [N_EMPTY_DIR] = STRUCT(empty_dir),
    [N_VOLUME_CLAIM] = STRUCT(volume_claim),
    [N_CLAIM_TEMPLATE] = STRUCT(claim_template),
    [N_PROJECTED] = STRUCT(projected),
    [N_PROJECTIONS] = LIST_OF(N_PROJECTION),
    [N_PROJECTION] = STRUCT(projection),
    [N_BUNDLE] = STRUCT(bundle),
    [N_CONTAINER_STATUSES] = LIST_OF(N_CONTAINER_STATUS),
    [N_CONTAINER_STATUS] = STRUCT(container_status),
    [N_WORKLOAD] = STRUCT(workload),
    [N_WORKLOAD_SPEC] = STRUCT(workload_spec),
    [N_STATEFUL] = STRUCT(stateful),
    [N_STATEFUL_SPEC] = STRUCT(stateful_spec),
    [N_CLAIM_LIST] = LIST_OF(N_PVC),
    [N_JOB] = STRUCT(job),
    [N_JOB_STATUS] = STRUCT(job_status),
    [N_UNCOUNTED] = STRUCT(uncounted),
    [N_CRONJOB] = STRUCT(cronjob),
    [N_CRONJOB_SPEC] = STRUCT(cronjob_spec),
    [N_JOB_TEMPLATE] = STRUCT(job_template),
    [N_REVISION] = STRUCT(revision),
    [N_SERVICE] = STRUCT(service),
    [N_SERVICE_SPEC] = STRUCT(service_spec),
    [N_SERVICE_PORTS] = BY_TWO(N_PLAIN, "port", "protocol", "TCP"),
    [N_ACCOUNT] = STRUCT(account),
    [N_PVC] = STRUCT(pvc),
    [N_PVC_SPEC] = STRUCT(pvc_spec),
    [N_PVC_STATUS] = STRUCT(pvc_status),
    [N_PV] = STRUCT(pv),
    [N_PV_SPEC] = STRUCT(pv_spec),
    [N_PV_CSI] = STRUCT(pv_csi),
    [N_PV_AFFINITY] = STRUCT(pv_affinity),
    [N_NODE] = STRUCT(node),
    [N_NODE_SPEC] = STRUCT(node_spec),
    [N_NODE_STATUS] = STRUCT(node_status),
    [N_EVENT] = STRUCT(event),
    [N_BINDING] = STRUCT(binding),
    [N_LIMIT_RANGE] = STRUCT(limit_range),
    [N_LIMIT_RANGE_SPEC] = STRUCT(limit_range_spec),
    [N_LIMIT_ITEMS] = LIST_OF(N_LIMIT_ITEM),
    [N_LIMIT_ITEM] = STRUCT(limit_item),
    [N_QUOTA] = STRUCT(quota),
    [N_QUOTA_SPEC] = STRUCT(quota_spec),
    [N_QUOTA_STATUS] = STRUCT(quota_status),
    [N_COMPONENT] = STRUCT(component),
    [N_INGRESS] = STRUCT(ingress),
    [N_INGRESS_SPEC] = STRUCT(ingress_spec),
    [N_BACKEND] = STRUCT(backend),
    [N_BACKEND_SERVICE] = STRUCT(backend_service),
    [N_NETPOL] = STRUCT(netpol),
    [N_NETPOL_SPEC] = STRUCT(netpol_spec),
    [N_PDB] = STRUCT(pdb),
    [N_PDB_SPEC] = STRUCT(pdb_spec),
    [N_HPA1] = STRUCT(hpa1),
    [N_HPA1_SPEC] = STRUCT(hpa1_spec),
    [N_HPA2] = STRUCT(hpa2),
    [N_HPA2_SPEC] = STRUCT(hpa2_spec),
    [N_HPA2_STATUS] = STRUCT(hpa2_status),
    [N_BEHAVIOR] = STRUCT(behavior),
    [N_SCALING] = STRUCT(scaling),
    [N_METRICS] = LIST_OF(N_METRIC),
    [N_METRIC] = STRUCT(metric),
    [N_METRIC_SOURCE] = STRUCT(metric_source),
    [N_METRIC_ID] = STRUCT(metric_id),
    [N_METRIC_TARGET] = STRUCT(metric_target),
    [N_ROLEBINDING] = STRUCT(rolebinding),
    [N_WEBHOOKS_KIND] = STRUCT(webhooks_kind),
    [N_WEBHOOKS] = BY(N_WEBHOOK, "name"),
    [N_WEBHOOK] = STRUCT(webhook),
    [N_VAP] = STRUCT(vap),
    [N_VAP_SPEC] = STRUCT(vap_spec),
    [N_MAP] = STRUCT(map),
    [N_MAP_SPEC] = STRUCT(map_spec),
    [N_VAP_BINDING] = STRUCT(vap_binding),
    [N_VAP_BINDING_SPEC] = STRUCT(vap_binding_spec),
    [N_RUNTIMECLASS] = STRUCT(runtimeclass),
    [N_OVERHEAD] = STRUCT(overhead),
    [N_SCHEDULING] = STRUCT(scheduling),
    [N_CSIDRIVER] = STRUCT(csidriver),
    [N_CSIDRIVER_SPEC] = STRUCT(csidriver_spec),
    [N_CSINODE] = STRUCT(csinode),
    [N_CSINODE_SPEC] = STRUCT(csinode_spec),
    [N_CAPACITY] = STRUCT(capacity),
    [N_ATTACHMENT] = STRUCT(attachment),
    [N_ATTACHMENT_SPEC] = STRUCT(attachment_spec),
    [N_ATTACHMENT_SOURCE] = STRUCT(attachment_source),
};
_Static_assert(RK_LEN(kube_schema_nodes) == N_COUNT, "every node has a row");
_Static_assert(N_COUNT < 0x8000, "the high bit marks the view");
const size_t kube_schema_nodes_n = N_COUNT;

#define ADMISSION "admissionregistration.k8s.io"
#define NETWORKING "networking.k8s.io"
#define RBAC "rbac.authorization.k8s.io"
#define STORAGE "storage.k8s.io"
#define FLOW "flowcontrol.apiserver.k8s.io"

/* Which apiVersions have a schema at all, per view: others are treated like custom resources. */
const struct kube_schema_root kube_schema_roots[] = {
    {"", "v1", "Pod", N_POD, KUBE_V_BOTH},
    {"", "v1", "PodTemplate", N_PODTEMPLATE_KIND, KUBE_V_BOTH},
    {"", "v1", "ReplicationController", N_WORKLOAD, KUBE_V_BOTH},
    {"", "v1", "Service", N_SERVICE, KUBE_V_BOTH},
    {"", "v1", "ServiceAccount", N_ACCOUNT, KUBE_V_BOTH},
    {"", "v1", "ConfigMap", N_OBJECT, KUBE_V_BOTH},
    {"", "v1", "Secret", N_OBJECT, KUBE_V_BOTH},
    {"", "v1", "Endpoints", N_OBJECT, KUBE_V_BOTH},
    {"", "v1", "Namespace", N_OBJECT_STATUS, KUBE_V_BOTH},
    {"", "v1", "Node", N_NODE, KUBE_V_BOTH},
    {"", "v1", "PersistentVolume", N_PV, KUBE_V_BOTH},
    {"", "v1", "PersistentVolumeClaim", N_PVC, KUBE_V_BOTH},
    {"", "v1", "LimitRange", N_LIMIT_RANGE, KUBE_V_BOTH},
    {"", "v1", "ResourceQuota", N_QUOTA, KUBE_V_BOTH},
    {"", "v1", "Event", N_EVENT, KUBE_V_BOTH},
    {"", "v1", "Binding", N_BINDING, KUBE_V_BOTH},
    {"", "v1", "ComponentStatus", N_COMPONENT, KUBE_V_BOTH},
    {"apps", "v1", "Deployment", N_WORKLOAD, KUBE_V_BOTH},
    {"apps", "v1", "ReplicaSet", N_WORKLOAD, KUBE_V_BOTH},
    {"apps", "v1", "DaemonSet", N_WORKLOAD, KUBE_V_BOTH},
    {"apps", "v1", "StatefulSet", N_STATEFUL, KUBE_V_BOTH},
    {"apps", "v1", "ControllerRevision", N_REVISION, KUBE_V_BOTH},
    {"batch", "v1", "Job", N_JOB, KUBE_V_BOTH},
    {"batch", "v1", "CronJob", N_CRONJOB, KUBE_V_BOTH},
    {"batch", "v1beta1", "CronJob", N_CRONJOB, KUBE_V_KUSTOMIZE},
    {"autoscaling", "v1", "HorizontalPodAutoscaler", N_HPA1, KUBE_V_BOTH},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", N_HPA2, KUBE_V_SSA},
    {"autoscaling", "v2beta1 v2beta2", "HorizontalPodAutoscaler", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"autoscaling", "v1", "Scale", N_OBJECT, KUBE_V_BOTH},
    {NETWORKING, "v1", "Ingress", N_INGRESS, KUBE_V_BOTH},
    {NETWORKING, "v1beta1", "Ingress", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"extensions", "v1beta1", "Ingress", N_OBJECT, KUBE_V_KUSTOMIZE},
    {NETWORKING, "v1", "IngressClass", N_OBJECT, KUBE_V_BOTH},
    {NETWORKING, "v1beta1", "IngressClass", N_OBJECT, KUBE_V_KUSTOMIZE},
    {NETWORKING, "v1", "NetworkPolicy", N_NETPOL, KUBE_V_BOTH},
    {NETWORKING, "v1 v1beta1", "IPAddress", N_OBJECT, KUBE_V_SSA},
    {NETWORKING, "v1 v1beta1", "ServiceCIDR", N_OBJECT_STATUS, KUBE_V_SSA},
    {"policy", "v1", "PodDisruptionBudget", N_PDB, KUBE_V_BOTH},
    {"policy", "v1beta1", "PodDisruptionBudget", N_PDB, KUBE_V_KUSTOMIZE},
    {"policy", "v1beta1", "PodSecurityPolicy", N_OBJECT, KUBE_V_KUSTOMIZE},
    {RBAC, "v1", "Role", N_OBJECT, KUBE_V_BOTH},
    {RBAC, "v1", "ClusterRole", N_OBJECT, KUBE_V_BOTH},
    {RBAC, "v1", "RoleBinding", N_ROLEBINDING, KUBE_V_BOTH},
    {RBAC, "v1", "ClusterRoleBinding", N_ROLEBINDING, KUBE_V_BOTH},
    {RBAC, "v1beta1", "Role", N_OBJECT, KUBE_V_KUSTOMIZE},
    {RBAC, "v1beta1", "ClusterRole", N_OBJECT, KUBE_V_KUSTOMIZE},
    {RBAC, "v1beta1", "RoleBinding", N_OBJECT, KUBE_V_KUSTOMIZE},
    {RBAC, "v1beta1", "ClusterRoleBinding", N_OBJECT, KUBE_V_KUSTOMIZE},
    {ADMISSION, "v1", "MutatingWebhookConfiguration", N_WEBHOOKS_KIND, KUBE_V_BOTH},
    {ADMISSION, "v1", "ValidatingWebhookConfiguration", N_WEBHOOKS_KIND, KUBE_V_BOTH},
    {ADMISSION, "v1beta1", "MutatingWebhookConfiguration", N_WEBHOOKS_KIND, KUBE_V_KUSTOMIZE},
    {ADMISSION, "v1beta1", "ValidatingWebhookConfiguration", N_WEBHOOKS_KIND, KUBE_V_KUSTOMIZE},
    {ADMISSION, "v1", "ValidatingAdmissionPolicy", N_VAP, KUBE_V_SSA},
    {ADMISSION, "v1", "ValidatingAdmissionPolicyBinding", N_VAP_BINDING, KUBE_V_SSA},
    {ADMISSION, "v1alpha1 v1beta1", "MutatingAdmissionPolicy", N_MAP, KUBE_V_SSA},
    {ADMISSION, "v1alpha1 v1beta1", "MutatingAdmissionPolicyBinding", N_VAP_BINDING, KUBE_V_SSA},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", N_OBJECT_STATUS, KUBE_V_SSA},
    {"apiextensions.k8s.io", "v1 v1beta1", "CustomResourceDefinition", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"apiregistration.k8s.io", "v1", "APIService", N_OBJECT_STATUS, KUBE_V_BOTH},
    {"apiregistration.k8s.io", "v1beta1", "APIService", N_OBJECT_STATUS, KUBE_V_KUSTOMIZE},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", N_OBJECT_STATUS, KUBE_V_SSA},
    {"certificates.k8s.io", "v1 v1beta1", "CertificateSigningRequest", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"certificates.k8s.io", "v1alpha1 v1beta1", "ClusterTrustBundle", N_OBJECT, KUBE_V_SSA},
    {"certificates.k8s.io", "v1beta1", "PodCertificateRequest", N_OBJECT_STATUS, KUBE_V_SSA},
    {"coordination.k8s.io", "v1alpha2 v1beta1", "LeaseCandidate", N_OBJECT, KUBE_V_SSA},
    {"resource.k8s.io", "v1 v1beta1 v1beta2", "DeviceClass", N_OBJECT, KUBE_V_SSA},
    {"coordination.k8s.io", "v1", "Lease", N_OBJECT, KUBE_V_BOTH},
    {"coordination.k8s.io", "v1beta1", "Lease", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"discovery.k8s.io", "v1", "EndpointSlice", N_OBJECT, KUBE_V_BOTH},
    {"discovery.k8s.io", "v1beta1", "EndpointSlice", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"events.k8s.io", "v1", "Event", N_EVENT, KUBE_V_BOTH},
    {"events.k8s.io", "v1beta1", "Event", N_EVENT, KUBE_V_KUSTOMIZE},
    {FLOW, "v1", "FlowSchema", N_OBJECT_STATUS, KUBE_V_SSA},
    {FLOW, "v1", "PriorityLevelConfiguration", N_OBJECT_STATUS, KUBE_V_SSA},
    {FLOW, "v1beta1", "FlowSchema", N_OBJECT, KUBE_V_KUSTOMIZE},
    {FLOW, "v1beta1", "PriorityLevelConfiguration", N_OBJECT, KUBE_V_KUSTOMIZE},
    {"node.k8s.io", "v1", "RuntimeClass", N_RUNTIMECLASS, KUBE_V_BOTH},
    {"node.k8s.io", "v1beta1", "RuntimeClass", N_RUNTIMECLASS, KUBE_V_KUSTOMIZE},
    {"scheduling.k8s.io", "v1", "PriorityClass", N_OBJECT, KUBE_V_BOTH},
    {"scheduling.k8s.io", "v1beta1", "PriorityClass", N_OBJECT, KUBE_V_KUSTOMIZE},
    {STORAGE, "v1", "StorageClass", N_OBJECT, KUBE_V_BOTH},
    {STORAGE, "v1", "CSIDriver", N_CSIDRIVER, KUBE_V_BOTH},
    {STORAGE, "v1", "CSINode", N_CSINODE, KUBE_V_BOTH},
    {STORAGE, "v1", "VolumeAttachment", N_ATTACHMENT, KUBE_V_BOTH},
    {STORAGE, "v1", "CSIStorageCapacity", N_CAPACITY, KUBE_V_SSA},
    {STORAGE, "v1", "VolumeAttributesClass", N_OBJECT, KUBE_V_SSA},
    {STORAGE, "v1beta1", "VolumeAttributesClass", N_OBJECT, KUBE_V_SSA},
    {STORAGE, "v1beta1", "StorageClass", N_OBJECT, KUBE_V_KUSTOMIZE},
    {STORAGE, "v1beta1", "CSIDriver", N_OBJECT, KUBE_V_KUSTOMIZE},
    {STORAGE, "v1beta1", "CSINode", N_CSINODE, KUBE_V_KUSTOMIZE},
    {STORAGE, "v1beta1", "CSIStorageCapacity", N_CAPACITY, KUBE_V_KUSTOMIZE},
    {STORAGE, "v1beta1", "VolumeAttachment", N_ATTACHMENT, KUBE_V_KUSTOMIZE},
    {"kustomize.config.k8s.io", "v1beta1", "Kustomization", N_KUSTOMIZATION, KUBE_V_KUSTOMIZE},
};
const size_t kube_schema_roots_n = RK_LEN(kube_schema_roots);

#define CORE "io.k8s.api.core.v1."
/* What a schema of the user's refers to by its name; types are found in kube_schema_roots. */
const struct kube_schema_name kube_schema_names[] = {
    {CORE "PodTemplateSpec", N_POD_TEMPLATE},
    {CORE "PodSpec", N_POD_SPEC},
    {CORE "Container", N_CONTAINER},
    {CORE "EphemeralContainer", N_EPHEMERAL},
    {CORE "EnvVar", N_ENV},
    {CORE "EnvVarSource", N_ENV_SOURCE},
    {CORE "Volume", N_VOLUME},
    {CORE "ProjectedVolumeSource", N_PROJECTED},
    {CORE "Affinity", N_AFFINITY},
    {CORE "ResourceRequirements", N_RESOURCES},
    {CORE "PersistentVolumeClaimSpec", N_PVC_SPEC},
    {CORE "ServiceSpec", N_SERVICE_SPEC},
    {"io.k8s.api.batch.v1.JobSpec", N_WORKLOAD_SPEC},
    {"io.k8s.api.batch.v1.JobTemplateSpec", N_JOB_TEMPLATE},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", N_META},
};
const size_t kube_schema_names_n = RK_LEN(kube_schema_names);
