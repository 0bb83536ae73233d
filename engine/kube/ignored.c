/*
 * ignored.c: fields of a live object that only the server or a controller writes: allocated
 * addresses, generated labels, bookkeeping. In: the kind and a JSON pointer. Out: whether a
 * difference there is no drift as long as git does not name the field
 * (reference/kubernetes.md sections 3.1 and 3.2).
 */
#include "kube/kube.h"

struct rule {
    const char *group, *kind; /* kind NULL: every kind */
    const char *pointer;      /* a part "*" is any one part; everything below counts too */
};

#define BATCH "batch"
#define ADMISSION "admissionregistration.k8s.io"

static const struct rule rules[] = {
    {NULL, NULL, "/metadata/uid"},
    {NULL, NULL, "/metadata/resourceVersion"},
    {NULL, NULL, "/metadata/generation"},
    {NULL, NULL, "/metadata/creationTimestamp"},
    {NULL, NULL, "/metadata/selfLink"},
    {NULL, NULL, "/metadata/managedFields"},
    {NULL, NULL, "/metadata/deletionTimestamp"},
    {NULL, NULL, "/metadata/deletionGracePeriodSeconds"},
    {NULL, NULL, "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"},
    {NULL, NULL, "/spec/template/metadata/creationTimestamp"},
    {NULL, NULL, "/status"},
    {"apps", "Deployment", "/metadata/annotations/deployment.kubernetes.io~1revision"},
    {"apps", "ReplicaSet", "/metadata/annotations/deployment.kubernetes.io~1revision"},
    {"apps", "ReplicaSet", "/metadata/annotations/deployment.kubernetes.io~1desired-replicas"},
    {"apps", "ReplicaSet", "/metadata/annotations/deployment.kubernetes.io~1max-replicas"},
    {"apps", "DaemonSet", "/metadata/annotations/deprecated.daemonset.template.generation"},
    {"apps", "StatefulSet", "/spec/volumeClaimTemplates/*/status"},
    {"apps", "StatefulSet", "/spec/volumeClaimTemplates/*/metadata/creationTimestamp"},
    {BATCH, "Job", "/spec/selector"},
    {BATCH, "Job", "/spec/manualSelector"},
    {BATCH, "Job", "/metadata/labels/batch.kubernetes.io~1controller-uid"},
    {BATCH, "Job", "/metadata/labels/batch.kubernetes.io~1job-name"},
    {BATCH, "Job", "/metadata/labels/controller-uid"},
    {BATCH, "Job", "/metadata/labels/job-name"},
    {BATCH, "Job", "/metadata/annotations/batch.kubernetes.io~1job-tracking"},
    {BATCH, "Job", "/spec/template/metadata/labels/batch.kubernetes.io~1controller-uid"},
    {BATCH, "Job", "/spec/template/metadata/labels/batch.kubernetes.io~1job-name"},
    {BATCH, "Job", "/spec/template/metadata/labels/controller-uid"},
    {BATCH, "Job", "/spec/template/metadata/labels/job-name"},
    {"", "Service", "/spec/clusterIP"},
    {"", "Service", "/spec/clusterIPs"},
    {"", "Service", "/spec/ipFamilies"},
    {"", "Service", "/spec/ipFamilyPolicy"},
    {"", "Service", "/spec/healthCheckNodePort"},
    {"", "Service", "/spec/ports/*/nodePort"},
    {"", "ServiceAccount", "/secrets"},
    {"", "PersistentVolumeClaim", "/spec/volumeName"},
    {"", "PersistentVolumeClaim", "/spec/storageClassName"},
    {"", "PersistentVolumeClaim", "/metadata/finalizers"},
    {"", "PersistentVolumeClaim", "/metadata/annotations/pv.kubernetes.io~1bind-completed"},
    {"", "PersistentVolumeClaim", "/metadata/annotations/pv.kubernetes.io~1bound-by-controller"},
    {"", "PersistentVolumeClaim",
     "/metadata/annotations/volume.kubernetes.io~1storage-provisioner"},
    {"", "PersistentVolumeClaim",
     "/metadata/annotations/volume.beta.kubernetes.io~1storage-provisioner"},
    {"", "PersistentVolumeClaim", "/metadata/annotations/volume.kubernetes.io~1selected-node"},
    {"", "PersistentVolume", "/spec/claimRef"},
    {"", "PersistentVolume", "/metadata/finalizers"},
    {"", "PersistentVolume", "/metadata/annotations/pv.kubernetes.io~1bound-by-controller"},
    {"", "Namespace", "/spec/finalizers"},
    {"", "Namespace", "/metadata/labels/kubernetes.io~1metadata.name"},
    {"", "Pod", "/spec/nodeName"},
    {"", "Pod", "/spec/priority"},
    {"", "Pod", "/spec/preemptionPolicy"},
    {"", "Pod", "/spec/tolerations"},
    {"networking.k8s.io", "Ingress", "/spec/ingressClassName"},
    {ADMISSION, "MutatingWebhookConfiguration", "/webhooks/*/clientConfig/caBundle"},
    {ADMISSION, "ValidatingWebhookConfiguration", "/webhooks/*/clientConfig/caBundle"},
    {"apiregistration.k8s.io", "APIService", "/spec/caBundle"},
    {"apiextensions.k8s.io", "CustomResourceDefinition",
     "/spec/conversion/webhook/clientConfig/caBundle"},
};

static bool covers(const char *pattern, rk_str pointer)
{
    rk_str p = rk_str_c(pattern);
    while (p.n > 0) {
        rk_str want = rk_str_cut((rk_str){p.p + 1, p.n - 1}, '/', NULL);
        if (pointer.n == 0)
            return false;
        rk_str have = rk_str_cut((rk_str){pointer.p + 1, pointer.n - 1}, '/', NULL);
        if (!rk_str_is(want, "*") && !rk_str_eq(want, have))
            return false;
        p = (rk_str){p.p + 1 + want.n, p.n - 1 - want.n};
        pointer = (rk_str){pointer.p + 1 + have.n, pointer.n - 1 - have.n};
    }
    return true;
}

bool kube_ignored_live(rk_str group, rk_str kind, rk_str pointer)
{
    for (size_t i = 0; i < RK_LEN(rules); i++) {
        const struct rule *r = &rules[i];
        const bool mine = !r->kind || (rk_str_is(kind, r->kind) && rk_str_is(group, r->group));
        if (mine && covers(r->pointer, pointer))
            return true;
    }
    return false;
}
