/*
 * create.c: POST and PUT, and what all writes of clients share: does the body fit the target, does
 * it name the right version. In: a request. Out: the answer.
 */
#include "sandbox/sandbox_int.h"

static int check_type(struct sb_request *r, struct doc_node *doc)
{
    struct rk_arena *a = r->arena;
    const rk_str version = doc_get_text(doc, "apiVersion"), kind = doc_get_text(doc, "kind");
    const rk_str want = sb_type_api_version(a, r->type);
    if (version.n && !rk_str_eq(version, want))
        return sb_fail_bad(&r->failure, "the API version in the data (" RK_FMT_STR ") does not "
                           "match the expected API version (" RK_FMT_STR ")", RK_ARG_STR(version),
                           RK_ARG_STR(want));
    if (kind.n && !rk_str_is(kind, r->type->kind))
        return sb_fail_bad(&r->failure, "the kind in the data (" RK_FMT_STR ") does not match the "
                           "expected kind (%s)", RK_ARG_STR(kind), r->type->kind);
    doc_set_c(a, doc, "apiVersion", doc_string(a, want));
    sb_set_str(a, doc, "kind", r->type->kind);
    return 0;
}

int sb_check_body(struct sb_request *r, struct doc_node *doc)
{
    if (doc_type(doc) != DOC_MAP)
        return sb_fail_bad(&r->failure, "the body is no object");
    if (check_type(r, doc) < 0)
        return -1;
    struct doc_node *meta = doc_make(r->arena, doc, "metadata");
    if (!meta)
        return sb_fail_bad(&r->failure, "metadata is no object");
    const rk_str ns = doc_get_text(meta, "namespace"), name = doc_get_text(meta, "name");
    if (r->ns.p && ns.n && !rk_str_eq(ns, r->ns))
        return sb_fail_bad(&r->failure, "the namespace of the provided object does not match the "
                           "namespace sent on the request");
    if (r->type->namespaced && !r->ns.p)
        return sb_fail(&r->failure, 405, "MethodNotAllowed",
                       "the server does not allow this method on the requested resource");
    if (r->name.n && name.n && !rk_str_eq(name, r->name))
        return sb_fail_bad(&r->failure, "the name of the object (" RK_FMT_STR ") does not match "
                           "the name on the URL (" RK_FMT_STR ")", RK_ARG_STR(name),
                           RK_ARG_STR(r->name));
    if (r->ns.p)
        doc_set_c(r->arena, meta, "namespace", doc_string(r->arena, r->ns));
    if (r->name.n)
        doc_set_c(r->arena, meta, "name", doc_string(r->arena, r->name));
    return 0;
}

int sb_check_versions(struct sb_request *r, const struct doc_node *doc,
                      const struct sb_object *old)
{
    const rk_str rv = sb_str(doc, "metadata.resourceVersion"), uid = sb_str(doc, "metadata.uid");
    const rk_str name = old ? old->name : r->name;
    if (!old && (uid.n || (rv.n && !rk_str_is(rv, "0"))))
        return sb_fail_not_found(&r->failure, r->type, name);
    if (!old)
        return 0;
    if (uid.n && !rk_str_eq(uid, old->uid))
        return sb_fail(&r->failure, 409, "Conflict",
                       "Operation cannot be fulfilled on %s \"" RK_FMT_STR "\": Precondition "
                       "failed: UID in precondition: " RK_FMT_STR ", UID in object meta: "
                           RK_FMT_STR,
                       sb_resource(r->arena, r->type), RK_ARG_STR(name), RK_ARG_STR(uid),
                       RK_ARG_STR(old->uid));
    if (rv.n && !rk_str_is(rv, "0") &&
        !rk_str_eq(rv, sb_str(old->doc, "metadata.resourceVersion")))
        return sb_fail_modified(&r->failure, r->type, name);
    return 0;
}

struct sb_change sb_change_of(struct sb_request *r, const struct sb_object *old)
{
    return (struct sb_change){
        .sb = r->sb, .arena = r->arena, .type = r->type, .old = old, .manager = r->manager,
        .sub = r->sub.n ? rk_arena_dup(r->arena, r->sub.p, r->sub.n) : "",
        .dry_run = r->dry_run, .now_ms = rk_wall_ms()};
}

void sb_finish(struct sb_request *r, struct sb_change *c)
{
    struct sb_object *o;
    if (sb_commit(c, &r->failure, &o) < 0) {
        sb_reply_failure(r);
        return;
    }
    sb_reply_object(r, c->created ? 201 : 200, o);
    if (c->dry_run)
        sb_unref(o);
}

/* ---- POST ---- */

static int prepare_create(struct sb_request *r, struct doc_node **doc)
{
    if (sb_read_body(r, doc) < 0 || sb_check_body(r, *doc) < 0 ||
        sb_check_fields(r, *doc, false) < 0)
        return -1;
    const struct doc_node *meta = doc_get(*doc, "metadata");
    const rk_str name = doc_get_text(meta, "name"), rv = doc_get_text(meta, "resourceVersion");
    if (rv.n)
        return sb_fail_bad(&r->failure,
                           "resourceVersion should not be set on objects to be created");
    if (name.n && sb_find(r->type, r->ns, name))
        return sb_fail_exists(&r->failure, r->type, name);
    return 0;
}

void sb_create(struct sb_request *r)
{
    struct sb_change c = sb_change_of(r, NULL);
    if (prepare_create(r, &c.doc) < 0)
        sb_reply_failure(r);
    else
        sb_finish(r, &c);
}

/* ---- PUT; makes the object when it is missing, as the real server does for these kinds ---- */

static bool made_by_put(const struct sb_type *t)
{
    static const char *const kinds[] = {"Event", "Lease", "Role", "RoleBinding", "ClusterRole",
                                        "ClusterRoleBinding", "LimitRange", "Endpoints"};
    for (size_t i = 0; i < RK_LEN(kinds); i++)
        if (rk_streq(t->kind, kinds[i]))
            return true;
    return false;
}

static int prepare_update(struct sb_request *r, struct sb_change *c)
{
    if (sb_read_body(r, &c->doc) < 0 || sb_check_body(r, c->doc) < 0 ||
        sb_check_fields(r, c->doc, false) < 0)
        return -1;
    if (!c->old && (r->sub.n || !made_by_put(r->type)))
        return sb_fail_not_found(&r->failure, r->type, r->name);
    if (c->old && r->type->custom && !sb_str(c->doc, "metadata.resourceVersion").n) {
        struct sb_invalid v = {.failure = &r->failure};
        sb_invalid_add(&v, "FieldValueInvalid", "metadata.resourceVersion",
                       "Invalid value: 0: must be specified for an update");
        return sb_invalid_end(&v, r->type, r->name);
    }
    return sb_check_versions(r, c->doc, c->old);
}

void sb_update(struct sb_request *r)
{
    struct sb_change c = sb_change_of(r, sb_find(r->type, r->ns, r->name));
    if (prepare_update(r, &c) < 0)
        sb_reply_failure(r);
    else
        sb_finish(r, &c);
}
