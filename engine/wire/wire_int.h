/*
 * wire_int.h: what the files of room wire share: the macros that make member tables, and the strict
 * scanner that every text passes before cJSON may see it.
 */
#ifndef RK_WIRE_INT_H
#define RK_WIRE_INT_H

#include <stddef.h>

#include "reckon/wire.h"

/* ---- member tables: M_x(struct, member[, shape of the element]) ---- */

/* 0, or no program at all when the member's C type is not the one that its row says. */
#define WIRE_TYPED(s, m, T) \
    (0 * sizeof(char[_Generic(((struct s *)0)->m, T: 1, default: -1)]))
#define WIRE_AT(s, m, T) .name = #m, .offset = offsetof(struct s, m) + WIRE_TYPED(s, m, T)
#define WIRE_COUNT(s, m) .count_offset = offsetof(struct s, n_##m) + WIRE_TYPED(s, n_##m, size_t)

#define M_TEXT(s, m) {.type = WIRE_TEXT, WIRE_AT(s, m, const char *)}
#define M_INT(s, m) {.type = WIRE_INT, WIRE_AT(s, m, int64_t)}
#define M_BOOL(s, m) {.type = WIRE_BOOL, WIRE_AT(s, m, bool)}
#define M_JSON(s, m) {.type = WIRE_JSON, WIRE_AT(s, m, rk_str)}
#define M_TEXTS(s, m) {.type = WIRE_TEXTS, WIRE_AT(s, m, const char **), WIRE_COUNT(s, m)}
#define M_STRUCT(s, m, of) \
    {.type = WIRE_STRUCT, WIRE_AT(s, m, struct wire_##of), .shape = &wire_shape_##of}
#define M_LIST(s, m, of) \
    {.type = WIRE_LIST, WIRE_AT(s, m, struct wire_##of *), WIRE_COUNT(s, m), \
     .shape = &wire_shape_##of}

#define WIRE_SHAPE(of) \
    const struct wire_shape wire_shape_##of = {.name = #of, .size = sizeof(struct wire_##of), \
        .members = of##_members, .n = RK_LEN(of##_members)}

#define WIRE_MEMBERS_MAX 64     /* a shape's; read.c notes those it has seen in one word */

/* ---- scan.c ---- */
#define WIRE_DEPTH_MAX 100
#define WIRE_NUMBER_MAX 60      /* characters; cJSON cuts numbers at 63 */
#define WIRE_INT_MAX ((INT64_C(1) << 53) - 1) /* what a double, and so every JSON reader, holds */

/*
 * Is the whole text one strict JSON value (RFC 8259, UTF-8, no \u0000, no lone surrogate, within
 * WIRE_DEPTH_MAX and WIRE_LINE_MAX)? RK_INVALID names the byte, RK_LIMIT the limit.
 */
int wire_scan(rk_str json, struct rk_err *err) RK_MUST_CHECK;

/* Walks one object or array of a scanned text: raw spans. Start with at = 0. */
bool wire_next_member(rk_str object, size_t *at, rk_str *key, rk_str *value);
bool wire_next_element(rk_str array, size_t *at, rk_str *value);

/* ---- read.c ---- */
/* A scanned string with its quotes -> the text in the arena. */
const char *wire_unquote(struct rk_arena *a, rk_str quoted) RK_MUST_CHECK;

/* ---- print.c ---- */
void wire_print_text(struct rk_buf *out, const char *text, size_t n);   /* with quotes */
void wire_print_int(struct rk_buf *out, int64_t v);

#endif
