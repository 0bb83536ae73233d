/*
 * object.c: JSON of one object in, a live object out: stripped, Secrets masked, in an arena of its
 * own, reference-counted. It is parsed in a scratch arena, a wiping one for a Secret, and only the
 * masked, packed copy is kept: no clear value stays in memory. Also the order of resource versions.
 */
#include "cluster/cluster_int.h"

#include <stdio.h>

#include "base/hash.h"
#include "reckon/time.h"

struct owned {
    struct cluster_object pub; /* first: what the door shows */
    struct pool *pool;         /* parts of the document lie there */
};

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
    if (--o->refs > 0)
        return;
    struct pool *pool = ((struct owned *)(void *)o)->pool;
    rk_arena_free(o->arena); /* o itself lies in it */
    pool_unref(pool);
}

static bool looks_secret(const struct cluster_kind *kind, rk_str json)
{
    if (kind)
        return rk_streq(kind->kind, "Secret") && kind->group[0] == '\0';
    return rk_str_is(json_unquote(json_member_find(json, "kind")), "Secret");
}

/* scratch holds the parsed tree; a Secret's is wiped with it. */
static int fill(struct cluster *c, struct cluster_object *o, struct rk_arena *scratch, rk_str text,
                rk_str managed, struct rk_err *err)
{
    struct kube_object read;
    struct doc_node *doc;

    if (doc_json_read(scratch, text, NULL, &doc, err) < 0 ||
        kube_object_init(&read, doc, err) < 0)
        return -1;
    if (kube_is_secret(&read.key))
        kube_mask_secret(scratch, doc, c->mask_key);
    kube_object_cut_managed(scratch, &read); /* only when the key was spelled with escapes */
    rk_str bytes = managed.n > 0 ? managed : read.managed_fields;
    doc = pack_copy(c->pool, o->arena, doc);
    if (kube_object_init(&o->object, doc, err) < 0)
        return -1;
    o->object.managed_fields = rk_arena_str(o->arena, bytes);
    o->deleting = doc_get_text(doc_get(doc, "metadata"), "deletionTimestamp").n > 0;
    o->seen_ms = rk_mono_ms();
    return 0;
}

int object_read(struct cluster *c, rk_str json, const struct cluster_kind *kind,
                struct cluster_object **out, struct rk_err *err)
{
    char api_version[256] = "";
    rk_str managed = RK_STR_NONE, text = json;
    bool secret = looks_secret(kind, json);
    struct rk_arena *scratch;
    struct owned *own;
    int rc;

    if (kind)
        snprintf(api_version, sizeof(api_version), "%s%s%s", kind->group,
                 kind->group[0] ? "/" : "", kind->version);
    if (strip_object(json, kind ? kind->kind : NULL, kind ? api_version : NULL, &c->strip,
                     &managed))
        text = rk_buf_view(&c->strip);
    scratch = secret ? rk_arena_new_wiping() : rk_arena_new();
    struct rk_arena *a = rk_arena_new();
    own = rk_arena_alloc(a, sizeof(*own));
    own->pub.arena = a;
    own->pub.refs = 1;
    own->pool = pool_ref(c->pool);
    rc = fill(c, &own->pub, scratch, text, managed, err);
    rk_arena_free(scratch);
    if (secret)
        rk_wipe(c->strip.p, c->strip.n);
    if (rc < 0) {
        cluster_unref(&own->pub);
        return -1;
    }
    if (c->strip.cap > (size_t)1 << 20)
        rk_buf_release(&c->strip);
    *out = &own->pub;
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
