/*
 * wire_fuzz.c: libFuzzer's entry for protocol lines: any bytes as a line, then its body as every
 * method's parameters and result; what can be read must print as something that reads the same.
 */
#include <stdlib.h>

#include "wire/wire_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void read_body(struct rk_arena *a, const struct wire_shape *shape, rk_str body)
{
    struct rk_buf one rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf two rk_auto(rk_buf_release) = RK_BUF_INIT;
    void *value = rk_arena_alloc(a, shape->size);

    if (wire_read(a, shape, body, value, NULL) < 0)
        return;
    wire_print(&one, shape, value);
    if (one.n > WIRE_LINE_MAX)
        return;
    if (wire_read(a, shape, rk_buf_view(&one), value, NULL) < 0)
        abort();
    wire_print(&two, shape, value);
    if (!rk_str_eq(rk_buf_view(&one), rk_buf_view(&two)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str text = {(const char *)bytes, n}, body = text;
    struct wire_line l;
    size_t count;
    const struct wire_method *m = wire_methods(&count);

    if (wire_parse(a, text, &l, NULL) == 0)
        body = l.body;
    for (size_t i = 0; i < count; i++) {
        if (m[i].params)
            read_body(a, m[i].params, body);
        read_body(a, m[i].result, body);
    }
    wire_pretty(&out, text);
    return 0;
}
