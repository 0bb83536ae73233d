/* source_int.h: what the files of an Application's source share. */
#ifndef RK_RENDER_SOURCE_INT_H
#define RK_RENDER_SOURCE_INT_H

#include "render/render_int.h"

/* ---- source_kustomize.c, source_named.c: edits of the root's kustomization ---- */
#define KUSTOMIZE "kustomize."
struct editing {
    struct build *b;
    struct kust *k;
    const struct doc_node *settings;
    struct rk_err *err;
};
struct doc_node *editing_text(const struct editing *e, rk_str text, uint32_t mark);
int editing_images(const struct editing *e) RK_MUST_CHECK;
int editing_replicas(const struct editing *e) RK_MUST_CHECK;

/* ---- source_helm.c, source_values.c: a chart ---- */
struct texts { struct render_text *v; size_t n, cap; };
struct chart {
    struct build *b;
    const struct doc_node *helm; /* spec.source.helm, or NULL */
    const char *dir;            /* of the chart */
    const char *root;           /* of what may be named: the repository, or the fetched chart */
    struct render_helm h;
    struct words words;
    struct texts over, files;
    struct rk_err *err;
};
int chart_values(struct chart *c) RK_MUST_CHECK;

#endif
