/* fields_int.h: what fields.c (the checks) and fields_table.c (the rows) share. */
#ifndef RK_RENDER_FIELDS_INT_H
#define RK_RENDER_FIELDS_INT_H

#include "render/render_int.h"

enum shape { TEXT, BOOL, INT, ANY, TEXTS, TEXT_MAP, BOOL_MAP, STRUCT, STRUCTS };

struct field {
    const char *name;
    enum shape shape;
    const struct field *sub;    /* STRUCT, STRUCTS; ends with a row without a name */
    const char *refused;        /* what to do instead */
    bool blank;                 /* TEXTS: an empty item is an empty text */
};

extern const struct field fields_rows[KUST_FIELD_MAX];
extern const struct field *const fields_tables[FIELDS_MAX];

#endif
