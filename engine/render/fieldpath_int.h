/* fieldpath_int.h: what fieldpath.c and fieldpath_match.c share. */
#ifndef RK_RENDER_FIELDPATH_INT_H
#define RK_RENDER_FIELDPATH_INT_H

#include "render/render_int.h"

enum part_kind { PART_KEY, PART_INDEX, PART_ITEM, PART_EVERY };
struct path_part {
    enum part_kind kind;
    rk_str text;                /* as written */
    rk_str field, value;        /* PART_ITEM */
    struct pattern *pattern;
    size_t index;
    bool negative;
};

int fieldpath_wrong(const struct fieldpath *p, size_t at, const char *what, struct rk_err *err);

#endif
