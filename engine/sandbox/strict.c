/*
 * strict.c: fields that a kind does not have (fieldValidation). In: a document. Out: 400 in the
 * real server's words (Strict), a Warning header (Warn, the default), or nothing. Only top level
 * fields of built-in kinds are known here; deeper ones are taken as they are.
 */
#include "sandbox/sandbox_int.h"

static const char common[] = "apiVersion kind metadata spec status";
static const struct {
    const char *kind, *fields;
} own[] = {
    {"ConfigMap", "apiVersion kind metadata data binaryData immutable"},
    {"Secret", "apiVersion kind metadata data stringData type immutable"},
    {"ServiceAccount", "apiVersion kind metadata secrets imagePullSecrets automountServiceAccountToken"},
    {"Event", NULL},
    {"Endpoints", "apiVersion kind metadata subsets"},
    {"EndpointSlice", "apiVersion kind metadata addressType endpoints ports"},
    {"PodTemplate", "apiVersion kind metadata template"},
    {"ControllerRevision", "apiVersion kind metadata data revision"},
    {"Role", "apiVersion kind metadata rules"},
    {"ClusterRole", "apiVersion kind metadata rules aggregationRule"},
    {"RoleBinding", "apiVersion kind metadata subjects roleRef"},
    {"ClusterRoleBinding", "apiVersion kind metadata subjects roleRef"},
    {"StorageClass", "apiVersion kind metadata provisioner parameters reclaimPolicy mountOptions "
                     "allowVolumeExpansion volumeBindingMode allowedTopologies"},
    {"PriorityClass", "apiVersion kind metadata value globalDefault description preemptionPolicy"},
    {"MutatingWebhookConfiguration", "apiVersion kind metadata webhooks"},
    {"ValidatingWebhookConfiguration", "apiVersion kind metadata webhooks"},
};

static const char *fields_of(const struct sb_type *t)
{
    for (size_t i = 0; i < RK_LEN(own); i++)
        if (rk_streq(own[i].kind, t->kind))
            return own[i].fields;
    return common;
}

static bool listed(const char *fields, rk_str key)
{
    rk_str rest = rk_str_c(fields);
    while (rest.n)
        if (rk_str_eq(rk_str_cut(rest, ' ', &rest), key))
            return true;
    return false;
}

int sb_check_fields(struct sb_request *r, const struct doc_node *doc)
{
    const char *fields = fields_of(r->type);
    rk_auto(rk_buf_release) struct rk_buf wrong = RK_BUF_INIT;
    if (r->type->custom || !fields || rk_str_is(r->validation, "Ignore"))
        return 0;
    for (size_t i = 0; i < doc_count(doc); i++) {
        const rk_str key = doc_pair_at(doc, i)->key;
        if (!listed(fields, key))
            rk_buf_f(&wrong, "%sunknown field \"" RK_FMT_STR "\"", wrong.n ? ", " : "",
                     RK_ARG_STR(key));
    }
    if (!wrong.n)
        return 0;
    if (rk_str_is(r->validation, "Strict"))
        return sb_fail_bad(&r->failure, "%s in version \"%s\" cannot be handled as a %s: strict "
                           "decoding error: %s", r->type->kind, r->type->version, r->type->kind,
                           wrong.p);
    rk_buf_clear(&r->warning);
    rk_buf_f(&r->warning, "Warning: 299 - \"%s\"", wrong.p);
    for (size_t i = 16; i + 1 < r->warning.n; i++)      /* quotes inside the quoted text */
        if (r->warning.p[i] == '"')
            r->warning.p[i] = '\'';
    return 0;
}
