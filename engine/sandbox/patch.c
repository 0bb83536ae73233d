/*
 * patch.c: PATCH in its four forms. In: a request. Out: the answer. JSON patch and merge patch are
 * doc's, the strategic merge and the apply merge kube's; here is what the server adds: which form
 * is allowed where, versions, and apply's own rules.
 */
#include "sandbox/sandbox_int.h"

enum form { JSON_PATCH, MERGE_PATCH, STRATEGIC, APPLY, FORMS };
static const char *const media[FORMS] = {
    [JSON_PATCH] = "application/json-patch+json",
    [MERGE_PATCH] = "application/merge-patch+json",
    [STRATEGIC] = "application/strategic-merge-patch+json",
    [APPLY] = "application/apply-patch+yaml",
};

static int read_form(struct sb_request *r, enum form *form)
{
    const rk_str type = rk_str_trim(rk_str_cut(net_header(r->x, "Content-Type"), ';', NULL));
    for (unsigned i = 0; i < FORMS; i++) {
        if (!rk_str_is(type, media[i]) || (i == STRATEGIC && r->type->custom))
            continue;
        *form = (enum form)i;
        return 0;
    }
    return sb_fail(&r->failure, 415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types "
                   "include: %s, %s%s, %s", media[JSON_PATCH], media[MERGE_PATCH],
                   r->type->custom ? "" : ", application/strategic-merge-patch+json", media[APPLY]);
}

/* ---- apply ---- */

static int check_apply(struct sb_request *r, struct doc_node *config, const struct sb_object *old)
{
    if (!sb_query(r, "fieldManager").n)
        return sb_fail_option(&r->failure, "PatchOptions", "FieldValueRequired", "fieldManager",
                              "Required value: is required for apply patch");
    if (doc_type(config) != DOC_MAP || !doc_get_text(config, "apiVersion").n ||
        !doc_get_text(config, "kind").n)
        return sb_fail_bad(&r->failure, "invalid object type: /, Kind=");
    if (doc_count(doc_walk(config, "metadata.managedFields")))
        return sb_fail_bad(&r->failure, "metadata.managedFields must be nil");
    if (sb_check_body(r, config) < 0 || sb_check_fields(r, config, true) < 0)
        return -1;
    return sb_check_versions(r, config, old);
}

static struct doc_node *nothing_yet(struct sb_request *r)
{
    struct rk_arena *a = r->arena;
    struct doc_node *d = doc_map(a), *meta = doc_map(a);
    doc_set_c(a, d, "apiVersion", doc_string(a, sb_type_api_version(a, r->type)));
    sb_set_str(a, d, "kind", r->type->kind);
    doc_set_c(a, meta, "name", doc_string(a, r->name));
    if (r->ns.p)
        doc_set_c(a, meta, "namespace", doc_string(a, r->ns));
    doc_set_c(a, d, "metadata", meta);
    return d;
}

static int apply(struct sb_request *r, struct sb_change *c, struct doc_node *config)
{
    const rk_str force = sb_query(r, "force");
    if (!c->old && r->sub.n)
        return sb_fail_not_found(&r->failure, r->type, r->name);
    if (check_apply(r, config, c->old) < 0)
        return -1;
    sb_drop_nulls(config);
    if (!c->old) {
        c->doc = nothing_yet(r);
        if (sb_check_namespace(c, &r->failure) < 0)
            return -1;
    }
    return sb_apply(c, config, rk_str_is(force, "true") || rk_str_is(force, "1"), &r->failure);
}

/* ---- the others ---- */

/*
 * kubectl's patches order lists by $setElementOrder and name a union's fields by $retainKeys; the
 * merge below knows neither: the first is only about order, the second is carried out here.
 */
static void take_directives(struct doc_node *dest, struct doc_node *patch)
{
    for (size_t i = 0; doc_type(patch) == DOC_MAP && i < doc_count(patch);) {
        struct doc_pair *p = doc_pair_at(patch, i);
        if (rk_str_starts(p->key, "$setElementOrder/")) {
            doc_del(patch, p->key);
            continue;
        }
        if (rk_str_is(p->key, "$retainKeys")) {
            for (size_t k = 0; k < doc_count(dest);) {
                bool keep = false;
                for (size_t j = 0; j < doc_count(p->value); j++)
                    keep |= rk_str_eq(doc_text(doc_at(p->value, j)), doc_pair_at(dest, k)->key);
                if (keep)
                    k++;
                else
                    doc_del(dest, doc_pair_at(dest, k)->key);
            }
            doc_del(patch, p->key);
            continue;
        }
        if (doc_type(p->value) == DOC_MAP)
            take_directives(doc_get_n(dest, p->key), p->value);
        for (size_t j = 0; doc_type(p->value) == DOC_LIST && j < doc_count(p->value); j++)
            take_directives(NULL, doc_at(p->value, j));
        i++;
    }
}

static int strategic(struct sb_request *r, struct doc_node **doc, struct doc_node *patch,
                     struct rk_err *err)
{
    const struct sb_type *t = r->type;
    const struct kube_merge m = {
        .arena = r->arena,
        .schema = kube_schema_of(KUBE_KUSTOMIZE, rk_str_c(t->group), rk_str_c(t->version),
                                 rk_str_c(t->kind))};
    take_directives(*doc, patch);
    if (kube_strategic_merge(&m, doc, patch, err) < 0)
        return -1;
    return *doc ? 0 : rk_fail(err, RK_INVALID, "the patch deletes the object");
}

static int other(struct sb_request *r, struct sb_change *c, enum form form, struct doc_node *patch)
{
    struct rk_err err;
    int rc = 0;
    if (net_has_query(r->x, "force"))
        return sb_fail_option(&r->failure, "PatchOptions", "FieldValueForbidden", "force",
                              "Forbidden: may not be specified for non-apply patch");
    if (!c->old)
        return sb_fail_not_found(&r->failure, r->type, r->name);
    c->doc = doc_copy(r->arena, c->old->doc);
    /* a patch that names no version must not be held to the one it was made from */
    if (form != JSON_PATCH && doc_type(patch) != DOC_MAP)
        return sb_fail_bad(&r->failure, "the patch is no object");
    if (form == JSON_PATCH)
        rc = doc_patch(r->arena, &c->doc, patch, &err);
    else if (form == MERGE_PATCH)
        doc_merge_patch(r->arena, &c->doc, patch);
    else
        rc = strategic(r, &c->doc, patch, &err);
    if (rc < 0)
        return sb_fail(&r->failure, 422, "Invalid", "the server rejected our request due to an "
                       "error in our request: %s", err.text);
    if (sb_check_body(r, c->doc) < 0 || sb_check_fields(r, c->doc, false) < 0)
        return -1;
    return sb_check_versions(r, c->doc, c->old);
}

static int read_patch(struct sb_request *r, enum form form, struct doc_node **out)
{
    struct doc_read how = {.typing = DOC_CONFIG};
    struct rk_err err;
    const rk_str body = rk_arena_str(r->arena, r->x->body);
    if (form != APPLY && doc_json_read(r->arena, body, NULL, out, &err) == 0)
        return 0;
    if (form == APPLY && (doc_json_read(r->arena, body, NULL, out, NULL) == 0 ||
                          doc_yaml_read_one(r->arena, body, &how, out, &err) == 0))
        return 0;
    return sb_fail_bad(&r->failure, "error decoding %s: %s", form == APPLY ? "YAML" : "patch",
                       err.text);
}

void sb_patch(struct sb_request *r)
{
    enum form form = APPLY;
    struct doc_node *patch;
    struct sb_change c = sb_change_of(r, sb_find(r->type, r->ns, r->name));
    if (read_form(r, &form) < 0 || read_patch(r, form, &patch) < 0 ||
        (form == APPLY ? apply(r, &c, patch) : other(r, &c, form, patch)) < 0)
        sb_reply_failure(r);
    else
        sb_finish(r, &c);
}
