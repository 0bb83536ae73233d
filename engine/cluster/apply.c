/*
 * apply.c: server-side apply. In: an object as it should be, the tracking marks to add, force or
 * not. Out: one PATCH, its bytes made before the call returns; or, without a request, what it would
 * be refused for. A Secret's clear document is copied into a wiping arena and a body that the queue
 * wipes. Who may force: not decided here.
 */
#include "cluster/cluster_int.h"

#include "base/hash.h"

#define LABEL_MOST ((size_t)63)

/* The map at metadata.<field>, made when it is missing; NULL when something else stands there. */
static struct doc_node *meta_map(struct rk_arena *a, struct doc_node *doc, const char *dotted)
{
    struct doc_node *at = doc_walk(doc, dotted);

    if (at && doc_is_null(at)) { /* "annotations:" without a value */
        struct doc_node *meta = doc_get(doc, "metadata");
        doc_del(meta, rk_str_c(strchr(dotted, '.') + 1));
    }
    return doc_make(a, doc, dotted);
}

static bool alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A label's value: cut to 63, and it must end as it may. */
static rk_str label_of(const char *application)
{
    rk_str s = rk_str_c(application);

    s.n = s.n < LABEL_MOST ? s.n : LABEL_MOST;
    while (s.n > 0 && !alphanumeric(s.p[s.n - 1]))
        s.n--;
    return s;
}

static int add_tracking(struct rk_arena *a, struct doc_node *doc, const struct cluster_apply *what,
                        struct rk_err *err)
{
    struct rk_buf id = RK_BUF_INIT;
    struct doc_node *notes = meta_map(a, doc, "metadata.annotations");
    struct doc_node *labels = what->argo_tracking ? notes : meta_map(a, doc, "metadata.labels");

    if (!notes || !labels)
        return rk_fail(err, RK_INVALID, "metadata.annotations or metadata.labels is no map");
    kube_tracking_id(&id, rk_str_c(what->tracking_application), &what->object->key);
    doc_set_c(a, notes, what->argo_tracking ? KUBE_ARGO_TRACKING_ID : KUBE_TRACKING_ID,
              doc_string(a, rk_buf_view(&id)));
    rk_buf_release(&id);
    if (!what->argo_tracking)
        doc_set_c(a, labels, KUBE_APPLICATION_LABEL,
                  doc_string(a, label_of(what->tracking_application)));
    return 0;
}

/* The configuration that is applied, made of one of the object's documents. NULL: err. */
static struct doc_node *config_of(struct rk_arena *a, const struct cluster_kind *kind,
                                  const struct cluster_apply *what, const struct doc_node *from,
                                  struct rk_err *err)
{
    struct doc_node *doc = doc_copy(a, from), *meta = doc_get(doc, "metadata");

    if (doc_type(meta) != DOC_MAP) {
        (void)rk_fail(err, RK_INVALID, "metadata is missing");
        return NULL;
    }
    doc_del(meta, RK_STR("managedFields"));
    doc_del(meta, RK_STR("resourceVersion"));
    doc_del(meta, RK_STR("uid"));
    if (kind->namespaced && doc_get_text(meta, "namespace").n == 0)
        doc_set_c(a, meta, "namespace", doc_string(a, what->object->key.namespace));
    if (what->resource_version)
        doc_set_c(a, meta, "resourceVersion", doc_string_c(a, what->resource_version));
    if (what->tracking_application && add_tracking(a, doc, what, err) < 0)
        return NULL;
    return doc;
}

static int add_body(struct cluster_call *k, const struct cluster_apply *what, struct rk_err *err)
{
    const struct kube_object *o = what->object;
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new_wiping();
    struct doc_node *doc = config_of(a, k->kind, what, o->clear ? o->clear : o->doc, err);

    if (!doc)
        return -1;
    doc_json_write(&k->body, doc);
    return 0;
}

/* A masked value must never reach a server: it would overwrite the real one. */
static int refuse_masked(const struct kube_object *o, struct rk_err *err)
{
    const struct doc_node *data = doc_get(o->doc, "data");

    if (o->clear || !kube_is_secret(&o->key))
        return 0;
    for (size_t i = 0; doc_type(data) == DOC_MAP && i < doc_count(data); i++)
        if (rk_str_starts(doc_text(doc_pair_at(data, i)->value), "rk1:"))
            return rk_fail(err, RK_INTERNAL, "a masked Secret cannot be applied");
    return 0;
}

static void add_path(struct cluster_call *k, const struct cluster_apply *what)
{
    const struct kube_object *o = what->object;
    struct cluster_kind at = *k->kind; /* the URL's version must be the body's */
    rk_auto(rk_free_str) char *version = rk_str_dup(o->version);

    at.version = version;
    path_item(&k->path, &at, o->key.namespace, o->key.name);
    rk_buf_c(&k->path, "?fieldManager=");
    net_escape(&k->path, rk_str_c(what->manager ? what->manager : KUBE_MANAGER));
    rk_buf_c(&k->path, "&fieldValidation=Strict");
    if (what->force)
        rk_buf_c(&k->path, "&force=true");
    if (what->dry_run)
        rk_buf_c(&k->path, "&dryRun=All");
}

int cluster_apply(struct cluster *c, const struct cluster_apply *what, cluster_done_fn done,
                  void *ctx, struct cluster_call **out, struct rk_err *err)
{
    const struct cluster_kind *kind;
    struct cluster_call *k;

    if (path_kind(c, &what->object->key, &kind, err) < 0 || refuse_masked(what->object, err) < 0)
        return -1;
    k = call_new(c, "PATCH", answer_finish, ctx);
    k->kind = kind;
    k->done.answer = done;
    k->dry_run = what->dry_run;
    k->secret = kube_is_secret(&what->object->key);
    k->content_type = "Content-Type: application/apply-patch+yaml";
    answer_name(k, what->dry_run ? "compare" : "apply", &what->object->key);
    add_path(k, what);
    if (add_body(k, what, err) < 0) {
        rk_wrap(err, "%s", k->what);
        cluster_cancel(k);
        return -1;
    }
    if (out)
        *out = k;
    call_submit(k);
    return 0;
}

/* ---- what it would conflict on ---- */

struct foreseen {
    struct rk_arena *a;
    struct cluster_field_conflict *v;
    size_t n, cap;
};

static void foresee(rk_str manager, rk_str field, void *ctx)
{
    struct foreseen *f = ctx;

    f->v = rk_arena_grow(f->a, f->v, f->n, &f->cap, sizeof(*f->v));
    f->v[f->n++] = (struct cluster_field_conflict){rk_arena_dup(f->a, manager.p, manager.n),
                                                   rk_arena_dup(f->a, field.p, field.n)};
}

int cluster_foresee(struct cluster *c, const struct cluster_apply *what,
                    const struct cluster_object *live, struct rk_arena *a,
                    struct cluster_field_conflict **out, size_t *n, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *scratch = rk_arena_new();
    struct foreseen f = {.a = a};
    const struct cluster_kind *kind;
    struct doc_node *config;

    if (path_kind(c, &what->object->key, &kind, err) < 0)
        return -1;
    config = config_of(scratch, kind, what, what->object->doc, err);
    if (!config ||
        kube_apply_conflicts(scratch, &live->object, config,
                             rk_str_c(what->manager ? what->manager : KUBE_MANAGER), foresee, &f,
                             err) < 0)
        return -1;
    *out = f.v;
    *n = f.n;
    return 0;
}
