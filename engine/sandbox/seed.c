/*
 * seed.c: what a new cluster holds: namespaces, the node, a storage class, an ingress class, the
 * cluster roles that bindings name, the sealing key as a Secret, and the SealedSecret definition.
 * In: nothing. Out: objects. Nothing that is there already is made again.
 */
#include "base/hash.h"
#include "sandbox/sandbox_int.h"

#define SEALED_KEY_LABEL "sealedsecrets.bitnami.com/sealed-secrets-key"

/* Objects in JSON; %s is the present time. */
static const struct {
    const char *group, *kind, *json;
} seeds[] = {
    {"", "Namespace", "{\"metadata\":{\"name\":\"kube-system\"}}"},
    {"", "Namespace", "{\"metadata\":{\"name\":\"default\"}}"},
    {"", "Namespace", "{\"metadata\":{\"name\":\"kube-public\"}}"},
    {"", "Namespace", "{\"metadata\":{\"name\":\"kube-node-lease\"}}"},
    {"storage.k8s.io", "StorageClass",
     "{\"metadata\":{\"name\":\"standard\",\"annotations\":{"
     "\"storageclass.kubernetes.io/is-default-class\":\"true\"}},"
     "\"provisioner\":\"sandbox.reckon.dev/imaginary\",\"reclaimPolicy\":\"Delete\","
     "\"volumeBindingMode\":\"Immediate\"}"},
    {"networking.k8s.io", "IngressClass",
     "{\"metadata\":{\"name\":\"sandbox\"},\"spec\":{\"controller\":"
     "\"sandbox.reckon.dev/ingress\"}}"},
    {"", "Node",
     "{\"metadata\":{\"name\":\"" SB_NODE "\",\"labels\":{\"kubernetes.io/hostname\":\"" SB_NODE
     "\",\"kubernetes.io/os\":\"linux\",\"kubernetes.io/arch\":\"amd64\"}},\"spec\":{}}"},
    {"", "Service",
     "{\"metadata\":{\"name\":\"kubernetes\",\"namespace\":\"default\"},\"spec\":{"
     "\"type\":\"ClusterIP\",\"clusterIP\":\"10.96.0.1\",\"ports\":[{\"name\":\"https\","
     "\"port\":443,\"targetPort\":6443}]}}"},
    {"", "Service",
     "{\"metadata\":{\"name\":\"sealed-secrets-controller\",\"namespace\":\"kube-system\"},"
     "\"spec\":{\"ports\":[{\"name\":\"http\",\"port\":8080,\"targetPort\":8080}],"
     "\"selector\":{\"app.kubernetes.io/name\":\"sealed-secrets\"}}}"},
    {"rbac.authorization.k8s.io", "ClusterRole",
     "{\"metadata\":{\"name\":\"cluster-admin\"},\"rules\":[{\"apiGroups\":[\"*\"],"
     "\"resources\":[\"*\"],\"verbs\":[\"*\"]}]}"},
    {"rbac.authorization.k8s.io", "ClusterRole",
     "{\"metadata\":{\"name\":\"view\"},\"rules\":[{\"apiGroups\":[\"*\"],"
     "\"resources\":[\"*\"],\"verbs\":[\"get\",\"list\",\"watch\"]}]}"},
    {"apiextensions.k8s.io", "CustomResourceDefinition",
     "{\"metadata\":{\"name\":\"sealedsecrets.bitnami.com\"},\"spec\":{\"group\":\"bitnami.com\","
     "\"names\":{\"kind\":\"SealedSecret\",\"listKind\":\"SealedSecretList\",\"plural\":"
     "\"sealedsecrets\",\"singular\":\"sealedsecret\"},\"scope\":\"Namespaced\",\"versions\":[{"
     "\"name\":\"v1alpha1\",\"served\":true,\"storage\":true,\"subresources\":{\"status\":{}},"
     "\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\","
     "\"x-kubernetes-preserve-unknown-fields\":true}}}]}}"},
};

static void merge_into(struct rk_arena *a, struct doc_node *to, const struct doc_node *from)
{
    for (size_t i = 0; i < doc_count(from); i++) {
        const struct doc_pair *p = doc_pair_at(from, i);
        doc_set(a, to, p->key, doc_copy(a, p->value));
    }
}

static void make(struct sandbox *sb, size_t i)
{
    struct sb_type *t = sb_type_of(sb, seeds[i].group, seeds[i].kind);
    struct sb_edit e = sb_edit_new(sb, t, RK_STR_NONE, "kube-apiserver");
    struct doc_node *seed;
    struct rk_err err;
    if (doc_json_read(e.change.arena, rk_str_c(seeds[i].json), NULL, &seed, &err) < 0)
        rk_fatal("seed %zu: %s", i, err.text);
    merge_into(e.change.arena, e.doc, seed);
    sb_edit_end(&e);
}

static void ready_node(struct sandbox *sb)
{
    const struct sb_object *node = sb_find(sb_type_of(sb, "", "Node"), RK_STR(""), RK_STR(SB_NODE));
    if (!node || doc_get(node->doc, "status"))
        return;
    struct sb_edit e = sb_edit_begin(sb, node, "kubelet", "status");
    struct rk_arena *a = e.change.arena;
    struct doc_node *status = doc_make(a, e.doc, "status"), *info, *list = doc_list(a);
    static const char *const maps[] = {"capacity", "allocatable"};
    const struct sb_condition ready = {.type = "Ready", .status = "True", .reason = "KubeletReady",
                                       .message = "this node is imaginary"};
    for (size_t i = 0; i < RK_LEN(maps); i++) {
        struct doc_node *m = doc_make(a, status, maps[i]);
        sb_set_str(a, m, "cpu", "1000");
        sb_set_str(a, m, "memory", "1Ti");
        sb_set_str(a, m, "pods", "1000000");
    }
    info = doc_map(a);
    sb_set_str(a, info, "type", "InternalIP");
    sb_set_str(a, info, "address", "127.0.0.1");
    doc_push(a, list, info);
    doc_set_c(a, status, "addresses", list);
    info = doc_make(a, status, "nodeInfo");
    sb_set_str(a, info, "kubeletVersion", SANDBOX_VERSION);
    sb_set_str(a, info, "osImage", "Reckon sandbox");
    sb_set_str(a, info, "kernelVersion", "none");
    sb_set_str(a, info, "containerRuntimeVersion", "none://0");
    sb_condition_set(a, status, &ready, e.change.now_ms);
    sb_edit_end(&e);
}

void sb_seed(struct sandbox *sb)
{
    for (size_t i = 0; i < RK_LEN(seeds); i++)
        make(sb, i);
    ready_node(sb);
}

static bool has_key(struct sandbox *sb)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    size_t n;
    struct sb_object **list = sb_list(a, sb_type_of(sb, "", "Secret"), RK_STR("kube-system"), &n);
    for (size_t i = 0; i < n; i++)
        if (doc_get(doc_walk(list[i]->doc, "metadata.labels"), SEALED_KEY_LABEL))
            return true;
    return false;
}

static void put_pem(struct rk_arena *a, struct doc_node *data, const char *key,
                    const struct rk_buf *pem)
{
    struct rk_buf text = RK_BUF_INIT;
    rk_base64(&text, pem->p, pem->n);
    doc_set_c(a, data, key, doc_string(a, rk_buf_view(&text)));
    rk_wipe(text.p, text.n);
    rk_buf_release(&text);
}

void sb_seed_key(struct sandbox *sb)
{
    rk_auto(rk_arena_freep) struct rk_arena *scratch = rk_arena_new();
    size_t n;
    if (!has_key(sb)) {
        struct sb_edit e = sb_edit_new(sb, sb_type_of(sb, "", "Secret"), RK_STR("kube-system"),
                                       "controller");
        struct rk_arena *a = e.change.arena;
        struct doc_node *meta = doc_get(e.doc, "metadata"), *data = doc_map(a);
        sb_set_str(a, meta, "generateName", "sealed-secrets-key");
        sb_set_str(a, doc_make(a, meta, "labels"), SEALED_KEY_LABEL, "active");
        put_pem(a, data, "tls.crt", &sb->seal_cert);
        put_pem(a, data, "tls.key", &sb->seal_key);
        doc_set_c(a, e.doc, "data", data);
        sb_set_str(a, e.doc, "type", "kubernetes.io/tls");
        sb_edit_end(&e);
    }
    struct sb_object **list =
        sb_list(scratch, sb_type_of(sb, "bitnami.com", "SealedSecret"), RK_STR_NONE, &n);
    for (size_t i = 0; i < n; i++)
        sb_touch(sb, list[i]);
}
