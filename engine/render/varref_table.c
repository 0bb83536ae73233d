/*
 * varref_table.c: the built-in fieldspecs of `vars`: where $(NAME) is replaced. Facts of kustomize
 * v5.7.1, its slips included (the nfs paths of CronJob and StatefulSet); data only.
 */
#include "render/render_int.h"

#define IN_CONTAINERS(pod, containers, kind_) \
    {.path = pod "/" containers "/args", .kind = kind_}, \
    {.path = pod "/" containers "/command", .kind = kind_}, \
    {.path = pod "/" containers "/env/value", .kind = kind_}, \
    {.path = pod "/" containers "/volumeMounts/mountPath", .kind = kind_}
#define IN_POD(pod, kind_) \
    IN_CONTAINERS(pod, "containers", kind_), IN_CONTAINERS(pod, "initContainers", kind_)
#define WORKLOAD(kind_) \
    IN_POD("spec/template/spec", kind_), \
    {.path = "spec/template/spec/volumes/nfs/server", .kind = kind_}

const struct spec varref_default[VARREF_DEFAULT_N] = {
    IN_POD("spec/jobTemplate/spec/template/spec", "CronJob"),
    {.path = "spec/jobTemplate/spec/template/volumes/nfs/server", .kind = "CronJob"},
    WORKLOAD("DaemonSet"),
    WORKLOAD("Deployment"),
    {.path = "spec/template/metadata/annotations", .kind = "Deployment"},
    {.path = "spec/rules/host", .kind = "Ingress"},
    {.path = "spec/tls/hosts", .kind = "Ingress"},
    {.path = "spec/tls/secretName", .kind = "Ingress"},
    WORKLOAD("Job"),
    IN_POD("spec", "Pod"),
    {.path = "spec/volumes/nfs/server", .kind = "Pod"},
    WORKLOAD("ReplicaSet"),
    {.path = "spec/ports/port", .kind = "Service"},
    {.path = "spec/ports/targetPort", .kind = "Service"},
    IN_POD("spec/template/spec", "StatefulSet"),
    {.path = "spec/volumeClaimTemplates/spec/nfs/server", .kind = "StatefulSet"},
    {.path = "spec/nfs/server", .kind = "PersistentVolume"},
    {.path = "metadata/labels"},
    {.path = "metadata/annotations"},
};
