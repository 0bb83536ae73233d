/* generator_int.h: what generator.c and keyvalue.c share. */
#ifndef RK_RENDER_GENERATOR_INT_H
#define RK_RENDER_GENERATOR_INT_H

#include "render/render_int.h"

struct pair {
    rk_str key, value;
    uint32_t mark;
};
struct generating {             /* one entry of a generator */
    struct build *b;
    const struct kust *k;
    const struct doc_node *entry, *local, *global; /* local, global: options */
    const char *field;
    bool secret;
    struct { struct pair *v; size_t n, cap; } pairs;
};
/* Fills pairs from envs, literals and files, in this order; a repeated key is an error. */
int keyvalue_read(struct generating *g, struct rk_err *err) RK_MUST_CHECK;

#endif
