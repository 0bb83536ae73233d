/*
 * columns.c: what a server prints in `kubectl get`: columns of kinds other than workloads, and the
 * cells that many kinds share. In: an object's document and the time. Out: a cell's text. Names,
 * order and priorities: a real v1.35. Pure.
 */
#include "sandbox/columns_int.h"

static void or_none(struct rk_buf *out, rk_str text)
{
    if (text.n)
        rk_buf_str(out, text);
    else
        rk_buf_c(out, "<none>");
}

/* ---- shared cells ---- */

/* apimachinery's HumanDuration. */
void sb_age(struct rk_buf *out, rk_str since, int64_t now_ms)
{
    int64_t from;
    if (!since.n || !rk_time_parse(since, &from)) {
        rk_buf_c(out, "<unknown>");
        return;
    }
    const long long s = now_ms > from ? (now_ms - from) / 1000 : 0;
    const long long m = s / 60, h = m / 60, d = h / 24;
    if (s < 120)
        rk_buf_f(out, "%llds", s);
    else if (m < 10)
        rk_buf_f(out, s % 60 ? "%lldm%llds" : "%lldm", m, s % 60);
    else if (m < 180)
        rk_buf_f(out, "%lldm", m);
    else if (h < 8)
        rk_buf_f(out, m % 60 ? "%lldh%lldm" : "%lldh", h, m % 60);
    else if (h < 48)
        rk_buf_f(out, "%lldh", h);
    else if (d < 8)
        rk_buf_f(out, h % 24 ? "%lldd%lldh" : "%lldd", d, h % 24);
    else
        rk_buf_f(out, "%lldd", d);
}

void sb_cell_age(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    sb_age(out, sb_str(o, "metadata.creationTimestamp"), now);
}

static void pairs(struct rk_buf *out, const struct doc_node *map)
{
    for (size_t i = 0; i < doc_count(map); i++)
        rk_buf_f(out, "%s" RK_FMT_STR "=" RK_FMT_STR, i ? "," : "",
                 RK_ARG_STR(doc_pair_at(map, i)->key),
                 RK_ARG_STR(doc_text(doc_pair_at(map, i)->value)));
    if (!doc_count(map))
        rk_buf_c(out, "<none>");
}

void sb_cell_selector(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *s = doc_walk(o, "spec.selector");
    pairs(out, doc_get(s, "matchLabels") ? doc_get(s, "matchLabels") : s);
}

static void of_containers(struct rk_buf *out, const struct doc_node *o, const char *field)
{
    const struct doc_node *list = doc_walk(o, "spec.template.spec.containers");
    if (!list)
        list = doc_walk(o, "spec.jobTemplate.spec.template.spec.containers");
    for (size_t i = 0; i < doc_count(list); i++)
        rk_buf_f(out, "%s" RK_FMT_STR, i ? "," : "",
                 RK_ARG_STR(doc_get_text(doc_at(list, i), field)));
}

void sb_cell_containers(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    of_containers(out, o, "name");
}

void sb_cell_images(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    of_containers(out, o, "image");
}

/* ---- data ---- */

static void count_cell(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, "%zu", doc_count(doc_get(o, "data")) + doc_count(doc_get(o, "binaryData")));
}

const struct sb_column sb_columns_namespace[] = {SB_NAME, SB_TEXT("Status", ".status.phase"),
                                                 SB_AGE};
const struct sb_column sb_columns_configmap[] = {SB_NAME, SB_CELL("Data", count_cell), SB_AGE};
const struct sb_column sb_columns_secret[] = {SB_NAME, SB_TEXT("Type", ".type"),
                                              SB_CELL("Data", count_cell), SB_AGE};
const struct sb_column sb_columns_created[] = {
    SB_NAME, {"Created At", "date", 0, ".metadata.creationTimestamp", NULL}};
static const struct sb_column plain[] = {SB_NAME, SB_AGE};
const struct sb_columns sb_columns_plain = {plain, RK_LEN(plain)};

/* ---- network ---- */

static void external_ip(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const rk_str type = sb_str(o, "spec.type");
    const struct doc_node *in = doc_walk(o, "status.loadBalancer.ingress");
    if (rk_str_is(type, "ExternalName"))
        rk_buf_str(out, sb_str(o, "spec.externalName"));
    else if (!rk_str_is(type, "LoadBalancer"))
        rk_buf_c(out, "<none>");
    else if (!doc_count(in))
        rk_buf_c(out, "<pending>");
    for (size_t i = 0; i < doc_count(in); i++)
        rk_buf_f(out, "%s" RK_FMT_STR, i ? "," : "", RK_ARG_STR(doc_get_text(doc_at(in, i), "ip")));
}

static void service_ports(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *ports = doc_walk(o, "spec.ports");
    for (size_t i = 0; i < doc_count(ports); i++) {
        const struct doc_node *p = doc_at(ports, i);
        rk_buf_f(out, "%s" RK_FMT_STR, i ? "," : "", RK_ARG_STR(doc_get_text(p, "port")));
        if (doc_get_text(p, "nodePort").n)
            rk_buf_f(out, ":" RK_FMT_STR, RK_ARG_STR(doc_get_text(p, "nodePort")));
        rk_buf_f(out, "/" RK_FMT_STR, RK_ARG_STR(doc_get_text(p, "protocol")));
    }
    if (!doc_count(ports))
        rk_buf_c(out, "<none>");
}

static void cluster_ip(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    or_none(out, sb_str(o, "spec.clusterIP"));
}

const struct sb_column sb_columns_service[] = {
    SB_NAME, SB_TEXT("Type", ".spec.type"), SB_CELL("Cluster-IP", cluster_ip),
    SB_CELL("External-IP", external_ip), SB_CELL("Port(s)", service_ports), SB_AGE,
    
    SB_WIDE_CELL("Selector", sb_cell_selector)};

static void ingress_class(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    or_none(out, sb_str(o, "spec.ingressClassName"));
}

static void ingress_hosts(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *rules = doc_walk(o, "spec.rules");
    const size_t before = out->n;
    for (size_t i = 0; i < doc_count(rules); i++) {
        const rk_str host = doc_get_text(doc_at(rules, i), "host");
        if (host.n)
            rk_buf_f(out, "%s" RK_FMT_STR, out->n > before ? "," : "", RK_ARG_STR(host));
    }
    if (out->n == before)
        rk_buf_c(out, "*");
}

static void ingress_address(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *in = doc_walk(o, "status.loadBalancer.ingress");
    for (size_t i = 0; i < doc_count(in); i++)
        rk_buf_f(out, "%s" RK_FMT_STR, i ? "," : "", RK_ARG_STR(doc_get_text(doc_at(in, i), "ip")));
}

static void ingress_ports(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_c(out, doc_count(doc_walk(o, "spec.tls")) ? "80, 443" : "80");
}

const struct sb_column sb_columns_ingress[] = {
    SB_NAME, SB_CELL("Class", ingress_class), SB_CELL("Hosts", ingress_hosts),
    SB_CELL("Address", ingress_address), SB_CELL("Ports", ingress_ports), SB_AGE};

static void parameters(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    or_none(out, sb_str(o, "spec.parameters.name"));
}

const struct sb_column sb_columns_ingressclass[] = {
    SB_NAME, SB_TEXT("Controller", ".spec.controller"), SB_CELL("Parameters", parameters), SB_AGE};

static void pod_selector(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    pairs(out, doc_walk(o, "spec.podSelector.matchLabels"));
}

const struct sb_column sb_columns_netpol[] = {SB_NAME, SB_CELL("Pod-Selector", pod_selector),
                                              SB_AGE};

/* ---- storage ---- */

void sb_cell_access(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    static const char *const modes[][2] = {{"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"},
                                           {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};
    (void)now;
    const struct doc_node *list = doc_walk(o, "spec.accessModes");
    for (size_t i = 0; i < doc_count(list); i++) {
        for (size_t j = 0; j < RK_LEN(modes); j++)
            if (rk_str_is(doc_text(doc_at(list, i)), modes[j][0]))
                rk_buf_f(out, "%s%s", i ? "," : "", modes[j][1]);
    }
}

static void no_class(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    (void)o;
    rk_buf_c(out, "<unset>");
}

static void claim_of(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *ref = doc_walk(o, "spec.claimRef");
    if (ref)
        rk_buf_f(out, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(doc_get_text(ref, "namespace")),
                 RK_ARG_STR(doc_get_text(ref, "name")));
}

const struct sb_column sb_columns_claim[] = {
    SB_NAME, SB_TEXT("Status", ".status.phase"), SB_TEXT("Volume", ".spec.volumeName"),
    SB_TEXT("Capacity", ".status.capacity.storage"), SB_CELL("Access Modes", sb_cell_access),
    SB_TEXT("StorageClass", ".spec.storageClassName"), SB_CELL("VolumeAttributesClass", no_class),
    SB_AGE, SB_WIDE("VolumeMode", ".spec.volumeMode")};
const struct sb_column sb_columns_volume[] = {
    SB_NAME, SB_TEXT("Capacity", ".spec.capacity.storage"),
    SB_CELL("Access Modes", sb_cell_access),
    SB_TEXT("Reclaim Policy", ".spec.persistentVolumeReclaimPolicy"),
    SB_TEXT("Status", ".status.phase"), SB_CELL("Claim", claim_of),
    SB_TEXT("StorageClass", ".spec.storageClassName"), SB_CELL("VolumeAttributesClass", no_class),
    SB_TEXT("Reason", ".status.reason"), SB_AGE, SB_WIDE("VolumeMode", ".spec.volumeMode")};
const struct sb_column sb_columns_storageclass[] = {
    SB_NAME, SB_TEXT("Provisioner", ".provisioner"), SB_TEXT("ReclaimPolicy", ".reclaimPolicy"),
    SB_TEXT("VolumeBindingMode", ".volumeBindingMode"),
    SB_TEXT("AllowVolumeExpansion", ".allowVolumeExpansion"), SB_AGE};

/* ---- cluster ---- */

static void node_status(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const struct doc_node *ready = sb_condition(doc_get(o, "status"), "Ready");
    rk_buf_c(out, rk_str_is(doc_get_text(ready, "status"), "True") ? "Ready" : "NotReady");
}

static void node_roles(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    (void)o;
    rk_buf_c(out, "<none>");
}

const struct sb_column sb_columns_node[] = {
    SB_NAME, SB_CELL("Status", node_status), SB_CELL("Roles", node_roles), SB_AGE,
    SB_TEXT("Version", ".status.nodeInfo.kubeletVersion"),
    SB_WIDE("Internal-IP", ".status.addresses[0].address"), SB_WIDE_CELL("External-IP", node_roles),
    SB_WIDE("OS-Image", ".status.nodeInfo.osImage"),
    SB_WIDE("Kernel-Version", ".status.nodeInfo.kernelVersion"),
    SB_WIDE("Container-Runtime", ".status.nodeInfo.containerRuntimeVersion")};

static void last_seen(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    const rk_str t = doc_get_text(o, "lastTimestamp");
    sb_age(out, t.n ? t : sb_str(o, "metadata.creationTimestamp"), now);
}

static void first_seen(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    const rk_str t = doc_get_text(o, "firstTimestamp");
    sb_age(out, t.n ? t : sb_str(o, "metadata.creationTimestamp"), now);
}

static void event_object(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    const rk_str kind = sb_str(o, "involvedObject.kind");
    for (size_t i = 0; i < kind.n; i++)
        rk_buf_ch(out, kind.p[i] >= 'A' && kind.p[i] <= 'Z' ? (char)(kind.p[i] + 32) : kind.p[i]);
    rk_buf_f(out, "/" RK_FMT_STR, RK_ARG_STR(sb_str(o, "involvedObject.name")));
}

const struct sb_column sb_columns_event[] = {
    SB_CELL("Last Seen", last_seen), SB_TEXT("Type", ".type"), SB_TEXT("Reason", ".reason"),
    SB_CELL("Object", event_object), SB_WIDE("Subobject", ".involvedObject.fieldPath"),
    SB_WIDE("Source", ".source.component"), SB_TEXT("Message", ".message"),
    SB_WIDE_CELL("First Seen", first_seen), SB_WIDE("Count", ".count"),
    SB_WIDE("Name", ".metadata.name")};

static void role(struct rk_buf *out, const struct doc_node *o, int64_t now)
{
    (void)now;
    rk_buf_f(out, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(sb_str(o, "roleRef.kind")),
             RK_ARG_STR(sb_str(o, "roleRef.name")));
}

static void subjects(struct rk_buf *out, const struct doc_node *o, const char *kind)
{
    const struct doc_node *list = doc_get(o, "subjects");
    const size_t before = out->n;
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc_node *s = doc_at(list, i);
        const rk_str ns = doc_get_text(s, "namespace");
        if (rk_str_is(doc_get_text(s, "kind"), kind))
            rk_buf_f(out, "%s" RK_FMT_STR "%s" RK_FMT_STR, out->n > before ? ", " : "",
                     RK_ARG_STR(ns), ns.n ? "/" : "", RK_ARG_STR(doc_get_text(s, "name")));
    }
}

#define SUBJECTS(fn, kind)                                                                        \
    static void fn(struct rk_buf *out, const struct doc_node *o, int64_t now)                     \
    {                                                                                             \
        (void)now;                                                                                \
        subjects(out, o, kind);                                                                   \
    }
SUBJECTS(users, "User")
SUBJECTS(groups, "Group")
SUBJECTS(accounts, "ServiceAccount")

const struct sb_column sb_columns_binding[] = {
    SB_NAME, SB_CELL("Role", role), SB_AGE, SB_WIDE_CELL("Users", users),
    SB_WIDE_CELL("Groups", groups), SB_WIDE_CELL("ServiceAccounts", accounts)};
const struct sb_column sb_columns_priorityclass[] = {
    SB_NAME, SB_INTEGER("Value", ".value"),
    {"Global-Default", "boolean", 0, ".globalDefault", NULL}, SB_AGE,
    SB_TEXT("PreemptionPolicy", ".preemptionPolicy")};
const struct sb_column sb_columns_lease[] = {SB_NAME, SB_TEXT("Holder", ".spec.holderIdentity"),
                                             SB_AGE};
const struct sb_column sb_columns_sealed[] = {
    SB_NAME, SB_TEXT("Status", ".status.conditions[?(@.type==\"Synced\")].message"),
    SB_TEXT("Synced", ".status.conditions[?(@.type==\"Synced\")].status"),
    {"Age", "date", 0, ".metadata.creationTimestamp", NULL}};
