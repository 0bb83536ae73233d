/*
 * base_int.h: what the files of room base share and no other room sees.
 */
#ifndef RK_BASE_INT_H
#define RK_BASE_INT_H

#include "reckon/str.h"

/*
 * rk_text_safe into a fixed array, without allocating: cut at a character's border and ended by an
 * ellipsis when it does not fit. in may not overlap out.
 */
void base_text_safe_fixed(char *out, size_t cap, rk_str in, unsigned flags);

#endif
