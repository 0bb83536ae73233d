/*
 * risk.c: what can go wrong with a task. In: a draft, its object's drift. Out: bits. Fields that
 * the API server refuses to change are told from the drifted fields, by a table; a replaced or
 * pruned object that holds data is told apart from one that does not.
 */
#include "plan/plan_int.h"

struct fixed { const char *group, *kind, *path; }; /* a change at or below the path is refused */

#define RBAC "rbac.authorization.k8s.io"
static const struct fixed fixed[] = {
    {"apps", "Deployment", "/spec/selector"},
    {"apps", "ReplicaSet", "/spec/selector"},
    {"apps", "DaemonSet", "/spec/selector"},
    {"batch", "Job", "/spec/selector"},
    {"batch", "Job", "/spec/template"},
    {"batch", "Job", "/spec/completionMode"},
    {"", "Service", "/spec/clusterIP"},
    {"", "Service", "/spec/clusterIPs"},
    {"", "Secret", "/type"},
    {RBAC, "RoleBinding", "/roleRef"},
    {RBAC, "ClusterRoleBinding", "/roleRef"},
    {"storage.k8s.io", "StorageClass", "/provisioner"},
    {"storage.k8s.io", "StorageClass", "/parameters"},
    {"storage.k8s.io", "StorageClass", "/reclaimPolicy"},
    {"storage.k8s.io", "StorageClass", "/volumeBindingMode"},
    {"networking.k8s.io", "IngressClass", "/spec/controller"},
    {"scheduling.k8s.io", "PriorityClass", "/value"},
    {"apiextensions.k8s.io", "CustomResourceDefinition", "/spec/group"},
    {"apiextensions.k8s.io", "CustomResourceDefinition", "/spec/scope"},
    {"apiextensions.k8s.io", "CustomResourceDefinition", "/spec/names/kind"},
    {"apiextensions.k8s.io", "CustomResourceDefinition", "/spec/names/plural"},
};

/* Here everything is fixed except these. */
static const struct { const char *group, *kind, *at; const char *free[8]; } closed[] = {
    {"apps", "StatefulSet", "/spec",
     {"/spec/replicas", "/spec/ordinals", "/spec/template", "/spec/updateStrategy",
      "/spec/persistentVolumeClaimRetentionPolicy", "/spec/minReadySeconds",
      "/spec/revisionHistoryLimit"}},
    {"", "PersistentVolumeClaim", "/spec",
     {"/spec/resources", "/spec/volumeAttributesClassName"}},
    {"", "Pod", "/spec",
     {"/spec/containers", "/spec/initContainers", "/spec/activeDeadlineSeconds",
      "/spec/tolerations", "/spec/terminationGracePeriodSeconds"}},
};

static bool under(const char *path, const char *above)
{
    const size_t n = strlen(above);
    return strncmp(path, above, n) == 0 && (path[n] == 0 || path[n] == '/');
}

static bool is(const struct kube_key *k, const char *group, const char *kind)
{
    return rk_str_is(k->group, group) && rk_str_is(k->kind, kind);
}

static bool is_closed(const struct kube_key *k, const char *path)
{
    for (size_t i = 0; i < RK_LEN(closed); i++) {
        if (!is(k, closed[i].group, closed[i].kind) || !under(path, closed[i].at))
            continue;
        for (size_t f = 0; f < RK_LEN(closed[i].free) && closed[i].free[f]; f++)
            if (under(path, closed[i].free[f]))
                return false;
        return true;
    }
    return false;
}

static bool is_fixed(const struct kube_key *k, const struct drift_field *f)
{
    for (size_t i = 0; i < RK_LEN(fixed); i++)
        if (is(k, fixed[i].group, fixed[i].kind) && under(f->path, fixed[i].path))
            return true;
    return is_closed(k, f->path);
}

/* immutable: true */
static bool is_sealed(const struct plan_object *o)
{
    const struct kube_key *k = &o->desired->key;
    return o->live && (is(k, "", "ConfigMap") || is(k, "", "Secret")) &&
           doc_get_bool(o->live->doc, "immutable", false);
}

static bool changes_fixed(const struct plan_object *o)
{
    for (size_t i = 0; o->desired && o->drift && i < o->drift->n_fields; i++) {
        const struct drift_field *f = &o->drift->fields[i];
        if (!f->ignored && (is_fixed(&o->desired->key, f) ||
                            (is_sealed(o) && !under(f->path, "/metadata"))))
            return true;
    }
    return false;
}

static bool holds_data(const struct kube_key *k)
{
    return is(k, "", "PersistentVolumeClaim") || is(k, "", "PersistentVolume") ||
           is(k, "", "Namespace") || is(k, "apps", "StatefulSet") ||
           is(k, "apiextensions.k8s.io", "CustomResourceDefinition");
}

static bool is_cluster_scoped(const struct kube_key *k)
{
    const struct kube_type *t = kube_type_find(k->group, k->kind);
    if (t && t->scope != KUBE_SCOPE_UNKNOWN)
        return t->scope == KUBE_CLUSTER;
    return k->namespace.n == 0;
}

unsigned task_risks(const struct plan_input *in, const struct draft *d)
{
    const struct plan_task *t = &d->task;
    unsigned risks = is_cluster_scoped(&t->key) ? PLAN_RISK_CLUSTER : 0;
    if (t->object == SIZE_MAX || t->action == PLAN_KEEP)
        return risks;
    const struct plan_object *o = &in->objects[t->object];
    if (t->action == PLAN_PRUNE)
        risks |= PLAN_RISK_PRUNE | (holds_data(&t->key) ? (unsigned)PLAN_RISK_DATA : 0);
    if (t->action == PLAN_REPLACE)
        risks |= PLAN_RISK_REPLACE;
    if (t->action == PLAN_REPLACE && (t->risks & PLAN_RISK_FORCE) && holds_data(&t->key))
        risks |= PLAN_RISK_DATA; /* deleted and made again */
    if (changes_fixed(o))
        risks |= PLAN_RISK_IMMUTABLE;
    if (o->shared_base)
        risks |= PLAN_RISK_SHARED_BASE;
    return risks;
}
