/*
 * object.c: JSON of one object in, a live object out: stripped, Secrets masked, in an arena of its
 * own, reference-counted. A Secret is parsed in a wiping arena and only its masked copy is kept,
 * so that no clear value stays in memory. Also the order of resource versions.
 */
#include "cluster/cluster_int.h"

#include <stdio.h>

#include "base/hash.h"
#include "reckon/time.h"

struct cluster_object *cluster_ref(struct cluster_object *o)
{
    o->refs++;
    return o;
}

void cluster_unref(struct cluster_object *o)
{
    if (!o)
        return;
    rk_assert(o->refs > 0);
    if (--o->refs == 0)
        rk_arena_free(o->arena); /* o itself lies in it */
}

static bool looks_secret(const struct cluster_kind *kind, rk_str json)
{
    if (kind)
        return rk_streq(kind->kind, "Secret") && kind->group[0] == '\0';
    return rk_str_is(json_unquote(json_member_find(json, "kind")), "Secret");
}

static int parse(struct cluster *c, struct rk_arena *a, rk_str text, bool secret,
                 struct doc_node **doc, struct rk_err *err)
{
    struct rk_arena *clear = NULL;
    int rc;

    if (!secret)
        return doc_json_read(a, text, NULL, doc, err);
    clear = rk_arena_new_wiping();
    rc = doc_json_read(clear, text, NULL, doc, err);
    if (rc == 0) {
        kube_mask_secret(clear, *doc, c->mask_key);
        *doc = doc_copy(a, *doc);
    }
    rk_arena_free(clear);
    return rc;
}

static int fill(struct cluster *c, struct cluster_object *o, rk_str text, bool secret,
                rk_str managed, struct rk_err *err)
{
    struct doc_node *doc;

    if (parse(c, o->arena, text, secret, &doc, err) < 0)
        return -1;
    if (kube_object_init(&o->object, doc, err) < 0)
        return -1;
    /* a Secret that a list hides behind an escaped kind would not have been seen above */
    if (!secret && kube_is_secret(&o->object.key))
        kube_mask_secret(o->arena, doc, c->mask_key);
    if (managed.n > 0)
        o->object.managed_fields = rk_arena_str(o->arena, managed);
    else
        kube_object_cut_managed(o->arena, &o->object);
    const struct doc_node *meta = doc_get(doc, "metadata");
    o->deleting = doc_get_text(meta, "deletionTimestamp").n > 0;
    o->seen_ms = rk_mono_ms();
    return 0;
}

int object_read(struct cluster *c, rk_str json, const struct cluster_kind *kind,
                struct cluster_object **out, struct rk_err *err)
{
    char api_version[256] = "";
    rk_str managed = RK_STR_NONE, text = json;
    bool secret = looks_secret(kind, json);
    struct rk_arena *a;
    struct cluster_object *o;
    int rc;

    if (kind)
        snprintf(api_version, sizeof(api_version), "%s%s%s", kind->group,
                 kind->group[0] ? "/" : "", kind->version);
    if (strip_object(json, kind ? kind->kind : NULL, kind ? api_version : NULL, &c->strip,
                     &managed))
        text = rk_buf_view(&c->strip);
    a = rk_arena_new();
    o = rk_arena_alloc(a, sizeof(*o));
    o->arena = a;
    o->refs = 1;
    rc = fill(c, o, text, secret, managed, err);
    if (secret)
        rk_wipe(c->strip.p, c->strip.n);
    if (rc < 0) {
        rk_arena_free(a);
        return -1;
    }
    if (c->strip.cap > (size_t)1 << 20)
        rk_buf_release(&c->strip);
    *out = o;
    return 0;
}

static bool well_formed(rk_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < '0' || v.p[i] > '9')
            return false;
    return v.n > 0 && v.p[0] != '0';
}

int object_version_cmp(rk_str a, rk_str b, bool *known)
{
    *known = true;
    if (rk_str_eq(a, b))
        return 0;
    *known = well_formed(a) && well_formed(b);
    if (!*known)
        return 0;
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return rk_str_cmp(a, b);
}
