/*
 * fields_int.h: the types of fields_table.c. Codes: s string, i int32, l int64, b bool, f float,
 * q quantity, x int or string, t time, * anything, @T a type; [c list of c, {c map to c.
 */
#ifndef RK_SANDBOX_FIELDS_INT_H
#define RK_SANDBOX_FIELDS_INT_H

#include "sandbox/sandbox_int.h"

struct sb_fields {
    const char *type, *fields;  /* "replicas:i selector:@LabelSelector" */
};
extern const struct sb_fields sb_fields[];      /* sorted by type */
extern const size_t sb_fields_n;

#endif
