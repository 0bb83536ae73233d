/*
 * admit.c: checks and allocations on a write of the object itself, after defaulting. In: the wanted
 * document. Out: addresses and the like filled in, or 422 with every wrong field, in the real
 * server's words. Only what a user of GitOps meets is checked; the rest is taken as it is.
 */
#include <ctype.h>

#include "sandbox/sandbox_int.h"

static const char *json_of(struct rk_arena *a, const struct doc_node *v)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (!v)
        return "null";
    doc_json_write(&text, v);
    return rk_arena_dup(a, text.p, text.n);
}

static rk_str name_of(const struct sb_change *c)
{
    return sb_str(c->doc, "metadata.name");
}

static const char subdomain[] =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

static bool is_subdomain(rk_str s, bool colons)
{
    if (!s.n || s.n > 253 || !isalnum((unsigned char)s.p[0]) ||
        !isalnum((unsigned char)s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char b = (unsigned char)s.p[i];
        if (!islower(b) && !isdigit(b) && b != '-' && b != '.' && !(colons && b == ':'))
            return false;
    }
    return true;
}

static const char label_text[] =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

static bool is_label(rk_str s)
{
    return s.n <= 63 && is_subdomain(s, false) && !memchr(s.p, '.', s.n);
}

int sb_check_name(struct sb_change *c, struct sb_failure *f)
{
    struct sb_invalid v = {.failure = f};
    const rk_str name = name_of(c);
    const bool label = rk_streq(c->type->kind, "Namespace") || rk_streq(c->type->kind, "Service");
    const bool rbac = rk_streq(c->type->group, "rbac.authorization.k8s.io");
    if (label && name.n && !is_label(name))
        sb_invalid_add(&v, "FieldValueInvalid", "metadata.name",
                       "Invalid value: \"" RK_FMT_STR "\": %s", RK_ARG_STR(name), label_text);
    else if (!name.n)
        sb_invalid_add(&v, "FieldValueRequired", "metadata.name",
                       "Required value: name or generateName is required");
    else if (rbac ? memchr(name.p, '/', name.n) != NULL : !is_subdomain(name, false))
        sb_invalid_add(&v, "FieldValueInvalid", "metadata.name",
                       "Invalid value: \"" RK_FMT_STR "\": %s", RK_ARG_STR(name), subdomain);
    return sb_invalid_end(&v, c->type, name);
}

int sb_admit(struct sb_change *c, struct sb_failure *f)
{
    const struct sb_kind *row = c->type->row;
    return row && row->admit ? row->admit(c, f) : 0;
}

/* ---- what makes pods ---- */

static void check_containers(struct sb_invalid *v, const struct doc_node *spec, const char *at)
{
    struct rk_arena *a = v->failure->arena;
    const struct doc_node *list = doc_get(spec, "containers");
    if (!doc_count(list))
        sb_invalid_add(v, "FieldValueRequired", rk_arena_f(a, "%s.containers", at),
                       "Required value");
    for (size_t i = 0; i < doc_count(list); i++) {
        static const char *const needed[] = {"name", "image"};
        for (size_t j = 0; j < RK_LEN(needed); j++)
            if (!doc_get_text(doc_at(list, i), needed[j]).n)
                sb_invalid_add(v, "FieldValueRequired",
                               rk_arena_f(a, "%s.containers[%zu].%s", at, i, needed[j]),
                               "Required value");
    }
}

static void check_selector(struct sb_invalid *v, struct sb_change *c)
{
    struct rk_arena *a = v->failure->arena;
    const struct doc_node *selector = doc_walk(c->doc, "spec.selector");
    const struct doc_node *want = doc_get(selector, "matchLabels");
    const struct doc_node *labels = doc_walk(c->doc, "spec.template.metadata.labels");
    bool fits = true;
    if (!doc_count(selector)) {
        sb_invalid_add(v, "FieldValueRequired", "spec.selector", "Required value");
        fits = false;
    }
    for (size_t i = 0; i < doc_count(want); i++) {
        const struct doc_pair *p = doc_pair_at(want, i);
        fits &= rk_str_eq(doc_text(doc_get_n(labels, p->key)), doc_text(p->value));
    }
    if (!fits)
        sb_invalid_add(v, "FieldValueInvalid", "spec.template.metadata.labels",
                       "Invalid value: %s: `selector` does not match template `labels`",
                       json_of(a, labels));
    if (c->old && !doc_equal(selector, doc_walk(c->old->doc, "spec.selector")))
        sb_invalid_add(v, "FieldValueInvalid", "spec.selector",
                       "Invalid value: %s: field is immutable", json_of(a, selector));
}

static void check_replicas(struct sb_invalid *v, const struct sb_change *c)
{
    const int64_t n = sb_int(c->doc, "spec.replicas", 0);
    if (n < 0)
        sb_invalid_add(v, "FieldValueInvalid", "spec.replicas",
                       "Invalid value: %lld: must be greater than or equal to 0", (long long)n);
}

int sb_admit_workload(struct sb_change *c, struct sb_failure *f)
{
    struct sb_invalid v = {.failure = f};
    check_replicas(&v, c);
    check_selector(&v, c);
    check_containers(&v, doc_walk(c->doc, "spec.template.spec"), "spec.template.spec");
    return sb_invalid_end(&v, c->type, name_of(c));
}

int sb_admit_statefulset(struct sb_change *c, struct sb_failure *f)
{
    static const char *const free_fields[] = {
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy", "minReadySeconds"};
    struct sb_invalid v = {.failure = f};
    check_replicas(&v, c);
    check_selector(&v, c);
    check_containers(&v, doc_walk(c->doc, "spec.template.spec"), "spec.template.spec");
    if (c->old) {
        struct doc_node *x = doc_copy(c->arena, doc_get(c->doc, "spec"));
        struct doc_node *y = doc_copy(c->arena, doc_get(c->old->doc, "spec"));
        for (size_t i = 0; i < RK_LEN(free_fields); i++) {
            doc_del(x, rk_str_c(free_fields[i]));
            doc_del(y, rk_str_c(free_fields[i]));
        }
        if (!doc_equal(x, y))
            sb_invalid_add(&v, "FieldValueForbidden", "spec",
                           "Forbidden: updates to statefulset spec for fields other than "
                           "'replicas', 'ordinals', 'template', 'updateStrategy', "
                           "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                           "'minReadySeconds' are forbidden");
    }
    return sb_invalid_end(&v, c->type, name_of(c));
}

static void label_job(struct sb_change *c)
{
    static const char *const keys[] = {"batch.kubernetes.io/controller-uid",
                                       "batch.kubernetes.io/job-name", "controller-uid",
                                       "job-name"};
    struct rk_arena *a = c->arena;
    struct doc_node *meta = doc_get(c->doc, "metadata");
    struct doc_node *labels = doc_make(a, c->doc, "spec.template.metadata.labels");
    struct doc_node *match = doc_make(a, c->doc, "spec.selector.matchLabels");
    for (size_t i = 0; i < RK_LEN(keys); i++)
        doc_set_c(a, labels, keys[i], doc_string(a, doc_get_text(meta, i % 2 ? "name" : "uid")));
    doc_set_c(a, match, keys[0], doc_string(a, doc_get_text(meta, "uid")));
    if (!doc_count(doc_get(meta, "labels")))
        doc_set_c(a, meta, "labels", doc_copy(a, labels));
}

int sb_admit_job(struct sb_change *c, struct sb_failure *f)
{
    struct sb_invalid v = {.failure = f};
    const struct doc_node *spec = doc_walk(c->doc, "spec.template.spec");
    const rk_str restart = doc_get_text(spec, "restartPolicy");
    check_containers(&v, spec, "spec.template.spec");
    if (!rk_str_is(restart, "Never") && !rk_str_is(restart, "OnFailure"))
        sb_invalid_add(&v, "FieldValueRequired", "spec.template.spec.restartPolicy",
                       "Required value: valid values: \"OnFailure\", \"Never\"");
    if (!c->old && !doc_get_bool(doc_get(c->doc, "spec"), "manualSelector", false))
        label_job(c);
    if (c->old) {       /* a manifest that is applied again does not hold the generated labels */
        struct doc_node *t = doc_walk(c->doc, "spec.template");
        if (!doc_equal(t, doc_walk(c->old->doc, "spec.template")))
            sb_invalid_add(&v, "FieldValueInvalid", "spec.template",
                           "Invalid value: %s: field is immutable", json_of(f->arena, t));
    }
    return sb_invalid_end(&v, c->type, name_of(c));
}

int sb_admit_pod(struct sb_change *c, struct sb_failure *f)
{
    struct rk_arena *a = c->arena;
    struct sb_invalid v = {.failure = f};
    struct doc_node *spec = doc_get(c->doc, "spec");
    check_containers(&v, spec, "spec");
    if (sb_invalid_end(&v, c->type, name_of(c)) < 0)
        return -1;
    if (c->old || doc_type(spec) != DOC_MAP)
        return 0;
    if (!doc_get(spec, "serviceAccountName")) {
        sb_set_str(a, spec, "serviceAccountName", "default");
        sb_set_str(a, spec, "serviceAccount", "default");
    }
    if (!doc_get(spec, "nodeName"))     /* scheduled at once: there is one node */
        sb_set_str(a, spec, "nodeName", SB_NODE);
    struct doc_node *status = doc_make(a, c->doc, "status");
    sb_set_str(a, status, "phase", "Pending");
    sb_set_str(a, status, "qosClass", "Burstable");
    return 0;
}

/* ---- services ---- */

static void keep(struct sb_change *c, const char *key)
{
    struct doc_node *spec = doc_get(c->doc, "spec");
    const struct doc_node *old = c->old ? doc_get(doc_get(c->old->doc, "spec"), key) : NULL;
    if (old && !doc_get(spec, key))
        doc_set_c(c->arena, spec, key, doc_copy(c->arena, old));
}

static void node_ports(struct sb_change *c, struct doc_node *spec)
{
    const struct doc_node *ports = doc_get(spec, "ports");
    const struct doc_node *old = c->old ? doc_walk(c->old->doc, "spec.ports") : NULL;
    for (size_t i = 0; i < doc_count(ports); i++) {
        struct doc_node *p = doc_at(ports, i);
        if (doc_get(p, "nodePort"))
            continue;
        int64_t number = 0;
        for (size_t j = 0; j < doc_count(old); j++)
            if (rk_str_eq(doc_get_text(doc_at(old, j), "port"), doc_get_text(p, "port")) &&
                rk_str_eq(doc_get_text(doc_at(old, j), "protocol"), doc_get_text(p, "protocol")))
                number = doc_get_int(doc_at(old, j), "nodePort", 0);
        sb_set_int(c->arena, p, "nodePort", number ? number : 30000 + c->sb->next_port++ % 2768);
    }
}

static void address(struct sb_change *c, struct doc_node *spec)
{
    struct rk_arena *a = c->arena;
    if (!doc_get_text(spec, "clusterIP").n) {
        const uint32_t n = c->sb->next_ip++;
        doc_set_c(a, spec, "clusterIP", doc_string_f(a, "10.96.%u.%u", n / 250 % 250, n % 250 + 1));
    }
    if (!doc_get(spec, "clusterIPs")) {
        struct doc_node *list = doc_list(a);
        doc_push(a, list, doc_string(a, doc_get_text(spec, "clusterIP")));
        doc_set_c(a, spec, "clusterIPs", list);
    }
    if (!doc_get(spec, "ipFamilies")) {
        struct doc_node *list = doc_list(a);
        doc_push(a, list, doc_string_c(a, "IPv4"));
        doc_set_c(a, spec, "ipFamilies", list);
    }
    if (!doc_get(spec, "ipFamilyPolicy"))
        sb_set_str(a, spec, "ipFamilyPolicy", "SingleStack");
}

int sb_admit_service(struct sb_change *c, struct sb_failure *f)
{
    static const char *const allocated[] = {"clusterIP", "clusterIPs", "ipFamilies",
                                            "ipFamilyPolicy"};
    struct sb_invalid v = {.failure = f};
    struct doc_node *spec = doc_get(c->doc, "spec");
    const rk_str type = doc_get_text(spec, "type"), ip = doc_get_text(spec, "clusterIP");
    if (doc_type(spec) != DOC_MAP)
        return 0;
    const bool external = rk_str_is(type, "ExternalName");
    if (!external && !rk_str_is(ip, "None") && !doc_count(doc_get(spec, "ports")))
        sb_invalid_add(&v, "FieldValueRequired", "spec.ports", "Required value");
    const rk_str before = c->old ? sb_str(c->old->doc, "spec.clusterIP") : RK_STR_NONE;
    if (ip.n && before.n && !rk_str_eq(ip, before))
        sb_invalid_add(&v, "FieldValueInvalid", "spec.clusterIPs[0]",
                       "Invalid value: [\"" RK_FMT_STR "\"]: may not change once set",
                       RK_ARG_STR(ip));
    if (sb_invalid_end(&v, c->type, name_of(c)) < 0)
        return -1;
    if (external)
        return 0;
    for (size_t i = 0; i < RK_LEN(allocated); i++)
        keep(c, allocated[i]);
    address(c, spec);
    if (rk_str_is(type, "NodePort") || rk_str_is(type, "LoadBalancer"))
        node_ports(c, spec);
    if (!c->old)
        doc_set_c(c->arena, doc_make(c->arena, c->doc, "status"), "loadBalancer",
                  doc_map(c->arena));
    return 0;
}

/* ---- the rest ---- */

int sb_admit_namespace(struct sb_change *c, struct sb_failure *f)
{
    (void)f;
    if (c->old) {       /* finalizers of a namespace are changed by /finalize only */
        const struct doc_node *spec = doc_get(c->old->doc, "spec");
        if (spec)
            doc_set_c(c->arena, c->doc, "spec", doc_copy(c->arena, spec));
        return 0;
    }
    struct doc_node *list = doc_list(c->arena);
    doc_push(c->arena, list, doc_string_c(c->arena, "kubernetes"));
    doc_set_c(c->arena, doc_make(c->arena, c->doc, "spec"), "finalizers", list);
    sb_set_str(c->arena, doc_make(c->arena, c->doc, "status"), "phase", "Active");
    return 0;
}

int sb_admit_data(struct sb_change *c, struct sb_failure *f)
{
    const bool secret = rk_streq(c->type->kind, "Secret");
    struct sb_invalid v = {.failure = f};
    if (c->old && doc_get_bool(c->old->doc, "immutable", false) &&
        !doc_equal(doc_get(c->doc, "data"), doc_get(c->old->doc, "data")))
        sb_invalid_add(&v, "FieldValueForbidden", "data",
                       "Forbidden: field is immutable when `immutable` is set");
    if (secret && c->old &&
        !rk_str_eq(doc_get_text(c->doc, "type"), doc_get_text(c->old->doc, "type")))
        sb_invalid_add(&v, "FieldValueInvalid", "type", "Invalid value: \"" RK_FMT_STR
                       "\": field is immutable", RK_ARG_STR(doc_get_text(c->doc, "type")));
    return sb_invalid_end(&v, c->type, name_of(c));
}

int sb_admit_binding(struct sb_change *c, struct sb_failure *f)
{
    struct sb_invalid v = {.failure = f};
    const struct doc_node *ref = doc_get(c->doc, "roleRef");
    if (c->old && !doc_equal(ref, doc_get(c->old->doc, "roleRef")))
        sb_invalid_add(&v, "FieldValueInvalid", "roleRef",
                       "Invalid value: %s: cannot change roleRef", json_of(f->arena, ref));
    return sb_invalid_end(&v, c->type, name_of(c));
}

/* Held until its controller has seen the deletion. */
static void protect(struct rk_arena *a, struct doc_node *doc)
{
    struct doc_node *meta = doc_get(doc, "metadata"), *list = doc_get(meta, "finalizers");
    if (!list) {
        list = doc_list(a);
        doc_set_c(a, meta, "finalizers", list);
    }
    doc_push(a, list, doc_string_c(a, SB_CLAIM_FINALIZER));
}

int sb_admit_claim(struct sb_change *c, struct sb_failure *f)
{
    struct sb_invalid v = {.failure = f};
    struct doc_node *spec = doc_get(c->doc, "spec");
    if (!c->old) {
        if (doc_type(spec) == DOC_MAP && !doc_get(spec, "storageClassName"))
            sb_set_str(c->arena, spec, "storageClassName", "standard");
        sb_set_str(c->arena, doc_make(c->arena, c->doc, "status"), "phase", "Pending");
        protect(c->arena, c->doc);
        return 0;
    }
    struct doc_node *x = doc_copy(c->arena, spec);
    struct doc_node *y = doc_copy(c->arena, doc_get(c->old->doc, "spec"));
    keep(c, "volumeName");
    keep(c, "storageClassName");
    for (size_t i = 0; i < 2; i++) {
        struct doc_node *one = i ? y : x;
        doc_del(one, RK_STR("volumeName"));
        doc_del(one, RK_STR("resources"));
        doc_del(one, RK_STR("volumeAttributesClassName"));
        if (!doc_get(spec, "storageClassName"))
            doc_del(one, RK_STR("storageClassName"));
    }
    if (!doc_get(x, "storageClassName"))
        doc_del(y, RK_STR("storageClassName"));
    if (!doc_equal(x, y))
        sb_invalid_add(&v, "FieldValueForbidden", "spec",
                       "Forbidden: spec is immutable after creation except resources.requests and "
                       "volumeAttributesClassName for bound claims");
    return sb_invalid_end(&v, c->type, name_of(c));
}
