/*
 * write.c: the one way by which an object changes. In: the wanted document of a client or a
 * controller. Out: it defaulted, checked, booked in managedFields, versioned and stored; or the
 * same object when nothing changed; or gone, when its last finalizer was taken from a deleted one.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "sandbox/sandbox_int.h"

const char *sb_time(struct rk_arena *a, int64_t ms)
{
    char text[32];
    rk_time_format(ms, text);
    return rk_arena_strdup(a, text);
}

/* A typed API server does not tell null from absent. Bounded by the reader's depth limit. */
void sb_drop_nulls(struct doc_node *n)
{
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        sb_drop_nulls(doc_at(n, i));
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n);) {
        struct doc_pair *p = doc_pair_at(n, i);
        if (doc_type(p->value) == DOC_NULL) {
            doc_del(n, p->key);
            continue;
        }
        sb_drop_nulls(p->value);
        i++;
    }
}

static void copy_field(struct rk_arena *a, struct doc_node *to, const struct doc_node *from,
                       const char *key)
{
    const struct doc_node *v = doc_get(from, key);
    if (v)
        doc_set_c(a, to, key, doc_copy(a, v));
    else
        doc_del(to, rk_str_c(key));
}

/* Main resource: the status stays. /status: everything else stays. */
void sb_keep_status(struct sb_change *c)
{
    if (rk_streq(c->sub, "status")) {
        const struct doc_node *wanted = c->doc;
        struct doc_node *status = doc_get(c->doc, "status");
        struct doc_node *managed = doc_walk(c->doc, "metadata.managedFields");
        c->doc = doc_copy(c->arena, c->old->doc);
        if (status)
            doc_set_c(c->arena, c->doc, "status", status);
        else
            doc_del(c->doc, RK_STR("status"));
        struct doc_node *notes = doc_walk(wanted, "metadata.annotations");
        if (notes)      /* the deployment controller numbers revisions through /status */
            doc_set_c(c->arena, doc_get(c->doc, "metadata"), "annotations", notes);
        if (c->applied && managed)
            doc_set_c(c->arena, doc_get(c->doc, "metadata"), "managedFields", managed);
    } else if (c->type->flags & SB_STATUS) {
        if (c->old)
            copy_field(c->arena, c->doc, c->old->doc, "status");
        else
            doc_del(c->doc, RK_STR("status"));
    }
}

/* ---- metadata that only the server writes ---- */

static void meta_of_old(struct sb_change *c, struct doc_node *meta)
{
    static const char *const kept[] = {"name", "namespace", "uid", "creationTimestamp",
                                       "generation", "deletionTimestamp", "generateName",
                                       "deletionGracePeriodSeconds", "selfLink"};
    const struct doc_node *old = doc_get(c->old->doc, "metadata");
    for (size_t i = 0; i < RK_LEN(kept); i++)
        copy_field(c->arena, meta, old, kept[i]);
}

static void make_uid(char out[37])
{
    uint8_t b[16];
    struct rk_err err;
    if (rk_random(b, sizeof(b), &err) < 0)
        rk_fatal("no random bytes");
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    static const int groups[] = {4, 2, 2, 2, 6};
    size_t at = 0, from = 0;
    for (size_t g = 0; g < RK_LEN(groups); g++) {
        rk_hex(b + from, (size_t)groups[g], out + at);
        from += (size_t)groups[g];
        at += (size_t)groups[g] * 2;
        out[at++] = '-';
    }
    out[36] = 0;
}

static void meta_of_new(struct sb_change *c, struct doc_node *meta)
{
    static const char *const gone[] = {"deletionTimestamp", "deletionGracePeriodSeconds",
                                       "selfLink", "generation"};
    struct rk_arena *a = c->arena;
    char uid[37], suffix[6];
    for (size_t i = 0; i < RK_LEN(gone); i++)
        doc_del(meta, rk_str_c(gone[i]));
    const rk_str prefix = doc_get_text(meta, "generateName");
    if (!doc_get_text(meta, "name").n && prefix.n) {
        sb_suffix(suffix);
        doc_set_c(a, meta, "name", doc_string_f(a, RK_FMT_STR "%s", RK_ARG_STR(prefix), suffix));
    }
    make_uid(uid);
    sb_set_str(a, meta, "uid", uid);
    sb_set_str(a, meta, "creationTimestamp", sb_time(a, c->now_ms));
    if (c->type->flags & SB_GENERATION)
        sb_set_int(a, meta, "generation", 1);
    if (!c->type->namespaced)
        doc_del(meta, RK_STR("namespace"));
}

/* After managedFields: nobody owns it. */
static void first_status(struct sb_change *c)
{
    struct doc_node *status;
    const char *text = c->type->row ? c->type->row->status : NULL;
    if (!c->old && text && doc_json_read(c->arena, rk_str_c(text), NULL, &status, NULL) == 0)
        doc_set_c(c->arena, c->doc, "status", status);
}

static bool same_spec(const struct doc_node *x, const struct doc_node *y)
{
    static const char *const apart[] = {"metadata", "status", "apiVersion", "kind"};
    for (size_t i = 0; i < doc_count(x) + doc_count(y); i++) {
        const struct doc_pair *p = i < doc_count(x) ? doc_pair_at(x, i)
                                                    : doc_pair_at(y, i - doc_count(x));
        bool skip = false;
        for (size_t j = 0; j < RK_LEN(apart); j++)
            skip |= rk_str_is(p->key, apart[j]);
        if (!skip && !doc_equal(doc_get_n(x, p->key), doc_get_n(y, p->key)))
            return false;
    }
    return true;
}

static void count_generation(struct sb_change *c)
{
    if (!c->old || !(c->type->flags & SB_GENERATION) || rk_streq(c->sub, "status"))
        return;
    struct doc_node *meta = doc_get(c->doc, "metadata");
    if (!same_spec(c->doc, c->old->doc))
        sb_set_int(c->arena, meta, "generation", sb_int(c->old->doc, "metadata.generation", 0) + 1);
}

int sb_check_namespace(struct sb_change *c, struct sb_failure *f)
{
    const struct sb_type *spaces = sb_type_of(c->sb, "", "Namespace");
    const rk_str ns = sb_str(c->doc, "metadata.namespace");
    const rk_str name = sb_str(c->doc, "metadata.name");
    if (!c->type->namespaced)
        return 0;
    const struct sb_object *space = sb_find(spaces, RK_STR(""), ns);
    if (!space)
        return sb_fail_not_found(f, spaces, ns);
    if (sb_ending(space))
        return sb_fail_forbidden(f, c->type, name, "unable to create new content in namespace "
                                 RK_FMT_STR " because it is being terminated", RK_ARG_STR(ns));
    return 0;
}

/* ---- the end of a write ---- */

static bool unchanged(struct sb_change *c)
{
    struct doc_node *meta = doc_get(c->doc, "metadata");
    copy_field(c->arena, meta, doc_get(c->old->doc, "metadata"), "resourceVersion");
    return doc_equal(c->doc, c->old->doc);
}

/* A deleted object goes with its last finalizer; pods also wait for their grace period. */
static bool ends_now(const struct sb_change *c)
{
    return c->old && sb_str(c->doc, "metadata.deletionTimestamp").n &&
           !doc_count(doc_walk(c->doc, "metadata.finalizers")) &&
           !doc_count(doc_walk(c->doc, "spec.finalizers")) &&
           sb_int(c->doc, "metadata.deletionGracePeriodSeconds", 0) == 0;
}

static struct sb_object *store(struct sb_change *c)
{
    struct sb_object *o = sb_object_new(c->type, c->doc, sb_next_rv(c->sb));
    const bool ends = ends_now(c);
    sb_store_put(c->sb, o);
    if (ends)
        sb_store_delete(c->sb, o);
    return o;       /* deleted: the ring still holds it */
}

int sb_commit(struct sb_change *c, struct sb_failure *f, struct sb_object **out)
{
    struct doc_node *meta = doc_make(c->arena, c->doc, "metadata");
    if (!meta)
        return sb_fail_bad(f, "metadata is no object");
    c->created = !c->old;
    sb_keep_status(c);
    meta = doc_get(c->doc, "metadata");
    sb_drop_nulls(c->doc);
    if (c->old)
        meta_of_old(c, meta);
    else
        meta_of_new(c, meta);
    if (!c->old && (sb_check_name(c, f) < 0 || sb_check_namespace(c, f) < 0))
        return -1;
    if (!rk_streq(c->sub, "status"))
        kube_defaults(c->arena, c->doc);
    if (!c->old && rk_streq(c->type->kind, "Namespace"))
        doc_del(c->doc, RK_STR("spec"));        /* its finalizer is the server's, owned by nobody */
    if (!c->applied && sb_managed_update(c, f) < 0)
        return -1;
    first_status(c);
    if (!rk_streq(c->sub, "status") && sb_admit(c, f) < 0)
        return -1;
    count_generation(c);
    if (c->old && unchanged(c)) {
        struct sb_object *same = sb_find_uid(c->sb, c->old->uid);
        c->no_op = true;
        *out = c->dry_run ? sb_ref(same) : same;
        return 0;
    }
    *out = c->dry_run ? sb_object_new(c->type, c->doc, c->old ? c->old->rv : 0) : store(c);
    return 0;
}
