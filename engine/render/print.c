/*
 * print.c: all documents of a result as `kustomize build` prints them: joined by a line "---",
 * nothing for an empty result. Secrets in clear, so only before render_mask, or of r->secrets.
 */
#include "render/render_int.h"

/* The first scalar that cannot be printed, and the way to it in *path. Depth is bounded by the
 * reader (100); only asked when something has failed. */
static const struct doc_node *culprit(const struct doc_node *n, struct rk_buf *path)
{
    const struct doc_node *found = NULL;
    struct rk_buf unused = RK_BUF_INIT;
    size_t before = path->n;

    for (size_t i = 0; !found && doc_type(n) == DOC_LIST && i < doc_count(n); i++) {
        path->n = before;
        rk_buf_f(path, "/%zu", i);
        found = culprit(doc_at(n, i), path);
    }
    for (size_t i = 0; !found && doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        path->n = before;
        doc_pointer_add(path, doc_pair_at(n, i)->key);
        found = culprit(doc_pair_at(n, i)->value, path);
    }
    if (doc_type(n) != DOC_LIST && doc_type(n) != DOC_MAP && doc_yaml_write(&unused, n, NULL))
        found = n;
    rk_buf_release(&unused);
    return found;
}

static int fail(const struct render_result *r, const struct kube_object *o, struct rk_err *err)
{
    struct rk_buf key = RK_BUF_INIT, path = RK_BUF_INIT;
    const struct doc_node *n = culprit(o->clear ? o->clear : o->doc, &path);
    const struct doc_mark *m = n ? doc_marks_get(r->marks, n->mark) : NULL;

    kube_key_text(&key, &o->key);
    if (m && m->file)
        rk_wrap(err, "%s:%u: %s: %s", doc_marks_file(r->marks, m->file), m->line, key.p, path.p);
    else
        rk_wrap(err, "%s%s%s", key.p, n ? ": " : "", n ? path.p : "");
    rk_err_object(err, key.p);
    rk_buf_release(&key);
    rk_buf_release(&path);
    return -1;
}

int render_print(const struct render_result *r, struct rk_buf *out, struct rk_err *err)
{
    for (size_t i = 0; i < r->n_objects; i++) {
        const struct kube_object *o = &r->objects[i];

        if (i)
            rk_buf_c(out, "---\n");
        if (doc_yaml_write(out, o->clear ? o->clear : o->doc, err))
            return fail(r, o, err);
    }
    return 0;
}
