/*
 * delete.c: DELETE of one object and of a collection, and eviction. In: a request with
 * DeleteOptions. Out: the object gone, or marked by a deletionTimestamp while finalizers, its
 * dependents (foreground) or its grace period hold it. What follows from a deletion is gc.c's.
 */
#include "sandbox/sandbox_int.h"

enum { POD_GRACE_S = 30 };

struct options {
    enum sb_propagation how;
    int64_t grace_s;                /* -1: the kind's own */
    rk_str uid, rv;
};

static int read_options(struct sb_request *r, struct options *o)
{
    struct doc_node *body = NULL;
    rk_str how = sb_query(r, "propagationPolicy");
    int64_t grace;
    *o = (struct options){.grace_s = -1};
    if (rk_str_int(sb_query(r, "gracePeriodSeconds"), &grace))
        o->grace_s = grace;
    if (r->x->body.n) {
        if (sb_read_body(r, &body) < 0)
            return -1;
        if (rk_str_is(doc_get_text(body, "kind"), "Eviction"))
            body = doc_get(body, "deleteOptions");
        o->uid = sb_str(body, "preconditions.uid");
        o->rv = sb_str(body, "preconditions.resourceVersion");
        o->grace_s = doc_get_int(body, "gracePeriodSeconds", o->grace_s);
        how = how.n ? how : doc_get_text(body, "propagationPolicy");
        r->dry_run |= doc_count(doc_get(body, "dryRun")) > 0;
        if (doc_get_bool(body, "orphanDependents", false))
            how = RK_STR("Orphan");
    }
    if (rk_str_is(how, "Foreground"))
        o->how = SB_FOREGROUND;
    else if (rk_str_is(how, "Orphan"))
        o->how = SB_ORPHAN;
    else if (how.n && !rk_str_is(how, "Background"))
        return sb_fail_option(&r->failure, "DeleteOptions", "FieldValueNotSupported",
                              "propagationPolicy", "Unsupported value: \"" RK_FMT_STR
                                  "\": supported "
                              "values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
                              RK_ARG_STR(how));
    return 0;
}

static int check_preconditions(struct sb_request *r, const struct options *o,
                               const struct sb_object *old)
{
    const rk_str rv = sb_str(old->doc, "metadata.resourceVersion");
    const char *what = NULL;
    if (o->uid.n && !rk_str_eq(o->uid, old->uid))
        what = rk_arena_f(r->arena, "the UID in the precondition (" RK_FMT_STR
                          ") does not match the "
                          "UID in record (" RK_FMT_STR "). The object might have been deleted and "
                          "then recreated", RK_ARG_STR(o->uid), RK_ARG_STR(old->uid));
    else if (o->rv.n && !rk_str_eq(o->rv, rv))
        what = rk_arena_f(r->arena, "the ResourceVersion in the precondition (" RK_FMT_STR ") does "
                          "not match the ResourceVersion in record (" RK_FMT_STR "). The object "
                          "might have been modified", RK_ARG_STR(o->rv), RK_ARG_STR(rv));
    if (!what)
        return 0;
    sb_fail_modified(&r->failure, r->type, old->name);
    r->failure.kind = r->type->kind;
    return sb_fail(&r->failure, 409, "Conflict", "Operation cannot be fulfilled on %s \"" RK_FMT_STR
                   "\": %s", sb_qualified_kind(r->arena, r->type), RK_ARG_STR(old->name), what);
}

/* ---- marking ---- */

static void add_finalizer(struct rk_arena *a, struct doc_node *meta, const char *name)
{
    struct doc_node *list = doc_get(meta, "finalizers");
    if (!list) {
        list = doc_list(a);
        doc_set_c(a, meta, "finalizers", list);
    }
    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_is(doc_text(doc_at(list, i)), name))
            return;
    doc_push(a, list, doc_string_c(a, name));
}

/* Past sb_commit: deletion fields are the server's own, and nobody's in managedFields. */
static void mark(struct sandbox *sb, const struct sb_object *o, enum sb_propagation how,
                 int64_t grace_s)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct doc_node *doc = doc_copy(a, o->doc), *meta = doc_get(doc, "metadata");
    if (!sb_ending(o)) {
        sb_set_str(a, meta, "deletionTimestamp", sb_time(a, rk_wall_ms() + grace_s * 1000));
        sb_set_int(a, meta, "deletionGracePeriodSeconds", grace_s);
        if (o->type->flags & SB_GENERATION)
            sb_set_int(a, meta, "generation", sb_int(doc, "metadata.generation", 0) + 1);
        if (rk_streq(o->type->kind, "Namespace"))
            sb_set_str(a, doc_make(a, doc, "status"), "phase", "Terminating");
    } else if (grace_s < sb_int(doc, "metadata.deletionGracePeriodSeconds", 0)) {
        sb_set_int(a, meta, "deletionGracePeriodSeconds", grace_s);
    }
    if (how == SB_FOREGROUND)
        add_finalizer(a, meta, "foregroundDeletion");
    else if (how == SB_ORPHAN)
        add_finalizer(a, meta, "orphan");
    if (!doc_equal(doc, o->doc))
        sb_store_put(sb, sb_object_new(o->type, doc, sb_next_rv(sb)));
}

static int64_t own_grace(const struct sb_object *o)
{
    const bool runs = rk_streq(o->type->kind, "Pod") && sb_str(o->doc, "spec.nodeName").n;
    const rk_str phase = sb_str(o->doc, "status.phase");
    if (!runs || rk_str_is(phase, "Succeeded") || rk_str_is(phase, "Failed"))
        return 0;
    return sb_int(o->doc, "spec.terminationGracePeriodSeconds", POD_GRACE_S);
}

bool sb_remove(struct sandbox *sb, const struct sb_object *o, enum sb_propagation how,
               int64_t grace_s)
{
    const int64_t own = own_grace(o), grace = own == 0 ? 0 : grace_s < 0 ? own : grace_s;
    const bool held = doc_count(doc_walk(o->doc, "metadata.finalizers")) ||
                      (rk_streq(o->type->kind, "Namespace") &&
                       doc_count(doc_walk(o->doc, "spec.finalizers")));
    if (held || how != SB_BACKGROUND || grace > 0) {
        mark(sb, o, how, grace);
        return false;
    }
    sb_store_delete(sb, sb_find_uid(sb, o->uid));
    return true;
}

/* ---- answers ---- */

static void reply_gone(struct sb_request *r, const struct sb_object *o)
{
    struct rk_arena *a = r->arena;
    struct doc_node *s = doc_map(a), *details = doc_map(a);
    sb_set_str(a, s, "kind", "Status");
    sb_set_str(a, s, "apiVersion", "v1");
    doc_set_c(a, s, "metadata", doc_map(a));
    sb_set_str(a, s, "status", "Success");
    if (o) {
        doc_set_c(a, details, "name", doc_string(a, o->name));
        if (o->type->group[0])
            sb_set_str(a, details, "group", o->type->group);
        sb_set_str(a, details, "kind", o->type->plural);
        doc_set_c(a, details, "uid", doc_string(a, o->uid));
        doc_set_c(a, s, "details", details);
    }
    sb_reply_doc(r, 200, s);
}

void sb_delete(struct sb_request *r)
{
    struct options opts;
    struct sb_object *o = sb_find(r->type, r->ns, r->name);
    if (!o)
        sb_fail_not_found(&r->failure, r->type, r->name);
    if (!o || read_options(r, &opts) < 0 || check_preconditions(r, &opts, o) < 0) {
        sb_reply_failure(r);
        return;
    }
    if (rk_streq(o->type->kind, "Namespace") &&
        (rk_str_is(o->name, "default") || rk_str_is(o->name, "kube-system"))) {
        sb_fail_forbidden(&r->failure, o->type, o->name, "this namespace may not be deleted");
        sb_reply_failure(r);
        return;
    }
    sb_ref(o);
    if (r->dry_run || sb_remove(r->sb, o, opts.how, opts.grace_s)) {
        rk_streq(o->type->kind, "Pod") ? sb_reply_object(r, 200, o) : reply_gone(r, o);
    } else {
        const struct sb_object *now = sb_find_uid(r->sb, o->uid);
        sb_reply_object(r, 200, now ? now : o);
    }
    sb_unref(o);
}

void sb_delete_collection(struct sb_request *r)
{
    struct options opts;
    struct sb_selection s;
    size_t n, gone = 0;
    if (r->type->namespaced && !r->ns.p) {
        sb_fail(&r->failure, 405, "MethodNotAllowed",
                "the server does not allow this method on the requested resource");
        sb_reply_failure(r);
        return;
    }
    if (read_options(r, &opts) < 0 || sb_selection_read(r, r->arena, &s, &r->failure) < 0) {
        sb_reply_failure(r);
        return;
    }
    struct sb_object **list = sb_list(r->arena, r->type, r->ns, &n);
    struct doc_node *doc = doc_map(r->arena), *items = doc_list(r->arena);
    for (size_t i = 0; i < n; i++)
        if (sb_selected(&s, list[i]))
            list[gone++] = sb_ref(list[i]);
    for (size_t i = 0; i < gone; i++) {
        doc_push(r->arena, items, doc_copy(r->arena, list[i]->doc));
        if (!r->dry_run && sb_find_uid(r->sb, list[i]->uid))
            sb_remove(r->sb, list[i], opts.how, opts.grace_s);
        sb_unref(list[i]);
    }
    sb_set_str(r->arena, doc, "kind", r->type->list_kind);
    doc_set_c(r->arena, doc, "apiVersion",
              doc_string(r->arena, sb_type_api_version(r->arena, r->type)));
    sb_set_str(r->arena, doc_make(r->arena, doc, "metadata"), "resourceVersion",
               rk_arena_f(r->arena, "%llu", (unsigned long long)r->sb->store.rv));
    doc_set_c(r->arena, doc, "items", items);
    sb_reply_doc(r, 200, doc);
}
