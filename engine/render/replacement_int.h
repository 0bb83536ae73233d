/* replacement_int.h: what replacement.c and replacement_target.c share. */
#ifndef RK_RENDER_REPLACEMENT_INT_H
#define RK_RENDER_REPLACEMENT_INT_H

#include "render/render_int.h"

struct want { rk_str group, version, kind, name, ns; };
struct replacing {
    struct build *b;
    struct acc *acc;
    struct asked by;            /* the entry */
    bool inside;                /* it stands in the kustomization: its targets are some */
    const struct doc_node *value;
};

struct want want_of(const struct doc_node *n);
bool want_fits(const struct want *w, const struct res *r);  /* any id of the object, exactly */
const char *want_text(struct build *b, const struct want *w);
int replacing_fail(const struct replacing *x, struct rk_err *err, const char *what,
                   const char *about);
int replacing_target(const struct replacing *x, const struct doc_node *target,
                     struct rk_err *err) RK_MUST_CHECK;

#endif
