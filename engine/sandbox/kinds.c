/*
 * kinds.c: the kinds that are served: one row a kind with its short names, subresources, columns,
 * checks and controller. Group, version, plural and scope come from kube's table. Short names,
 * categories and subresources: discovery of a real v1.35. Owns the types' memory.
 */
#include <ctype.h>
#include <stdlib.h>

#include "sandbox/columns_int.h"

#define APPS "apps"
#define BATCH "batch"
#define NETWORKING "networking.k8s.io"
#define RBAC "rbac.authorization.k8s.io"
#define STORAGE "storage.k8s.io"
#define ADMISSION "admissionregistration.k8s.io"
#define COLUMNS(name) {sb_columns_##name, SB_N_##name}

const struct sb_kind sb_kinds[] = {
    {.group = "", .kind = "Namespace", .short_names = "ns", .flags = SB_STATUS,
     .columns = COLUMNS(namespace), .admit = sb_admit_namespace, .control = sb_control_namespace},
    {.group = "", .kind = "ConfigMap", .short_names = "cm", .columns = COLUMNS(configmap),
     .admit = sb_admit_data},
    {.group = "", .kind = "Secret", .columns = COLUMNS(secret), .admit = sb_admit_data},
    {.group = "", .kind = "ServiceAccount", .short_names = "sa"},
    {.group = "", .kind = "Service", .short_names = "svc", .categories = "all",
     .flags = SB_STATUS, .columns = COLUMNS(service), .admit = sb_admit_service,
     .control = sb_control_service},
    {.group = "", .kind = "Pod", .short_names = "po", .categories = "all",
     .flags = SB_STATUS | SB_GENERATION, .columns = COLUMNS(pod), .admit = sb_admit_pod,
     .control = sb_control_pod},
    {.group = "", .kind = "PersistentVolumeClaim", .short_names = "pvc", .flags = SB_STATUS,
     .columns = COLUMNS(claim), .admit = sb_admit_claim, .control = sb_control_claim},
    {.group = "", .kind = "PersistentVolume", .short_names = "pv", .flags = SB_STATUS,
     .columns = COLUMNS(volume), .control = sb_control_volume},
    {.group = "", .kind = "Node", .short_names = "no", .flags = SB_STATUS,
     .columns = COLUMNS(node)},
    {.group = "", .kind = "Event", .short_names = "ev", .columns = COLUMNS(event)},
    {.group = "", .kind = "Endpoints", .short_names = "ep"},
    {.group = "", .kind = "LimitRange", .short_names = "limits"},
    {.group = "", .kind = "ResourceQuota", .short_names = "quota", .flags = SB_STATUS},
    {.group = "", .kind = "PodTemplate"},
    {.group = APPS, .kind = "Deployment",
     .status = "{}", .short_names = "deploy", .categories = "all",
     .flags = SB_STATUS | SB_SCALE | SB_GENERATION, .columns = COLUMNS(deployment),
     .admit = sb_admit_workload, .control = sb_control_deployment},
    {.group = APPS, .kind = "ReplicaSet",
     .status = "{\"replicas\":0}", .short_names = "rs", .categories = "all",
     .flags = SB_STATUS | SB_SCALE | SB_GENERATION, .columns = COLUMNS(replicaset),
     .admit = sb_admit_workload, .control = sb_control_replicaset},
    {.group = APPS, .kind = "StatefulSet",
     .status = "{\"replicas\":0,\"availableReplicas\":0}", .short_names = "sts",
     .categories = "all",
     .flags = SB_STATUS | SB_SCALE | SB_GENERATION, .columns = COLUMNS(statefulset),
     .admit = sb_admit_statefulset, .control = sb_control_statefulset},
    {.group = APPS, .kind = "DaemonSet", .short_names = "ds", .categories = "all",
     .flags = SB_STATUS | SB_GENERATION, .columns = COLUMNS(daemonset),
     .admit = sb_admit_workload, .control = sb_control_daemonset},
    {.group = APPS, .kind = "ControllerRevision"},
    {.group = BATCH, .kind = "Job",
     .status = "{}", .categories = "all", .flags = SB_STATUS | SB_GENERATION,
     .columns = COLUMNS(job), .admit = sb_admit_job, .control = sb_control_job},
    {.group = BATCH, .kind = "CronJob",
     .status = "{}", .short_names = "cj", .categories = "all",
     .flags = SB_STATUS | SB_GENERATION, .columns = COLUMNS(cronjob),
     .control = sb_control_cronjob},
    {.group = "autoscaling", .kind = "HorizontalPodAutoscaler", .short_names = "hpa",
     .categories = "all", .flags = SB_STATUS, .columns = COLUMNS(autoscaler)},
    {.group = "policy", .kind = "PodDisruptionBudget", .short_names = "pdb",
     .flags = SB_STATUS | SB_GENERATION, .columns = COLUMNS(budget),
     .control = sb_control_budget},
    {.group = NETWORKING, .kind = "Ingress",
     .status = "{\"loadBalancer\":{}}", .short_names = "ing",
     .flags = SB_STATUS | SB_GENERATION, .columns = COLUMNS(ingress),
     .control = sb_control_ingress},
    {.group = NETWORKING, .kind = "IngressClass", .flags = SB_GENERATION,
     .columns = COLUMNS(ingressclass)},
    {.group = NETWORKING, .kind = "NetworkPolicy", .short_names = "netpol",
     .flags = SB_GENERATION, .columns = COLUMNS(netpol)},
    {.group = RBAC, .kind = "Role", .columns = COLUMNS(created)},
    {.group = RBAC, .kind = "RoleBinding", .columns = COLUMNS(binding),
     .admit = sb_admit_binding},
    {.group = RBAC, .kind = "ClusterRole", .columns = COLUMNS(created)},
    {.group = RBAC, .kind = "ClusterRoleBinding", .columns = COLUMNS(binding),
     .admit = sb_admit_binding},
    {.group = STORAGE, .kind = "StorageClass", .short_names = "sc",
     .columns = COLUMNS(storageclass)},
    {.group = "scheduling.k8s.io", .kind = "PriorityClass", .short_names = "pc",
     .flags = SB_GENERATION, .columns = COLUMNS(priorityclass)},
    {.group = "coordination.k8s.io", .kind = "Lease", .columns = COLUMNS(lease)},
    {.group = "discovery.k8s.io", .kind = "EndpointSlice", .flags = SB_GENERATION},
    {.group = ADMISSION, .kind = "MutatingWebhookConfiguration", .categories = "api-extensions",
     .flags = SB_GENERATION},
    {.group = ADMISSION, .kind = "ValidatingWebhookConfiguration",
     .categories = "api-extensions", .flags = SB_GENERATION},
    {.group = "apiextensions.k8s.io", .kind = "CustomResourceDefinition",
     .short_names = "crd crds", .categories = "api-extensions",
     .flags = SB_STATUS | SB_GENERATION, .columns = COLUMNS(created), .admit = sb_admit_crd,
     .control = sb_control_crd},
    {.group = "bitnami.com", .kind = "SealedSecret", .flags = SB_STATUS | SB_GENERATION,
     .columns = COLUMNS(sealed), .control = sb_control_sealed},
};
const size_t sb_kinds_n = RK_LEN(sb_kinds);

struct sb_type *sb_type_new(const char *group, const char *version, const char *kind,
                            const char *plural)
{
    struct rk_arena *a = rk_arena_new();
    struct sb_type *t = rk_alloc(sizeof(*t));
    t->arena = a;
    t->group = rk_arena_strdup(a, group);
    t->version = rk_arena_strdup(a, version);
    t->kind = rk_arena_strdup(a, kind);
    t->plural = rk_arena_strdup(a, plural);
    t->list_kind = rk_arena_f(a, "%sList", kind);
    char *lower = rk_arena_strdup(a, kind);
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    t->singular = lower;
    t->columns = sb_columns_plain;
    t->spaces = rk_map_new();
    return t;
}

void sb_type_free(struct sb_type *t)
{
    rk_map_free(t->spaces, NULL);
    rk_arena_free(t->arena);
    free(t);
}

void sb_types_make(struct sandbox *sb)
{
    for (size_t i = 0; i < sb_kinds_n; i++) {
        const struct sb_kind *row = &sb_kinds[i];
        const struct kube_type *k = kube_type_find(rk_str_c(row->group), rk_str_c(row->kind));
        rk_assert(k != NULL);
        struct sb_type *t = sb_type_new(k->group, k->version, k->kind, k->plural);
        t->row = row;
        t->namespaced = k->scope == KUBE_NAMESPACED;
        t->flags = row->flags;
        t->short_names = row->short_names;
        t->categories = row->categories;
        if (row->columns.n)
            t->columns = row->columns;
        t->custom = rk_streq(t->group, "bitnami.com");
        t->schema = kube_schema_of(KUBE_SSA, rk_str_c(t->group), rk_str_c(t->version),
                                   rk_str_c(t->kind));
        sb->types = rk_grow(sb->types, sb->n_types, &sb->cap_types, sizeof(*sb->types));
        sb->types[sb->n_types++] = t;
    }
}

struct sb_type *sb_type_of_plural(const struct sandbox *sb, rk_str group, rk_str version,
                                  rk_str plural)
{
    for (size_t i = 0; i < sb->n_types; i++) {
        struct sb_type *t = sb->types[i];
        if (rk_str_is(plural, t->plural) && rk_str_is(group, t->group) &&
            rk_str_is(version, t->version))
            return t;
    }
    return NULL;
}

struct sb_type *sb_type_of_kind(const struct sandbox *sb, rk_str group, rk_str kind)
{
    for (size_t i = 0; i < sb->n_types; i++) {
        if (rk_str_is(kind, sb->types[i]->kind) && rk_str_is(group, sb->types[i]->group))
            return sb->types[i];
    }
    return NULL;
}

struct sb_type *sb_type_of(const struct sandbox *sb, const char *group, const char *kind)
{
    struct sb_type *t = sb_type_of_kind(sb, rk_str_c(group), rk_str_c(kind));
    rk_assert(t != NULL);
    return t;
}

rk_str sb_type_api_version(struct rk_arena *a, const struct sb_type *t)
{
    return rk_str_c(t->group[0] ? rk_arena_f(a, "%s/%s", t->group, t->version) : t->version);
}
