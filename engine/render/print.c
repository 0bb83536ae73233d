/*
 * print.c: all documents of a result as `kustomize build` prints them: joined by a line "---",
 * nothing for an empty result. Secrets in clear, so only before render_mask, or of r->secrets.
 */
#include "render/render_int.h"

int render_print(const struct render_result *r, struct rk_buf *out, struct rk_err *err)
{
    for (size_t i = 0; i < r->n_objects; i++) {
        const struct kube_object *o = &r->objects[i];

        if (i)
            rk_buf_c(out, "---\n");
        if (doc_yaml_write(out, o->clear ? o->clear : o->doc, err)) {
            struct rk_buf key = RK_BUF_INIT;

            kube_key_text(&key, &o->key);
            rk_wrap(err, "%s", key.p);
            rk_err_object(err, key.p);
            rk_buf_release(&key);
            return -1;
        }
    }
    return 0;
}
