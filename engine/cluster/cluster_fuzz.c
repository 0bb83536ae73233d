/*
 * cluster_fuzz.c: libFuzzer's entry for what a server sends: any bytes as an object, packed and
 * compared with the plain reading, and as the body of a refusal. The splitter is doc's own target.
 */
#include <stdlib.h>

#include "cluster/cluster_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct cluster c = {.pool = pool_new(), .strip = RK_BUF_INIT};
    rk_str text = {(const char *)bytes, n};
    struct cluster_object *o;
    struct doc_node *doc;
    struct status s;
    struct rk_err err;

    for (int i = 0; i < 2; i++) /* the second time the pool shares */
        if (object_read(&c, text, NULL, &o, &err) == 0)
            cluster_unref(o);
    if (doc_json_read(a, text, NULL, &doc, NULL) == 0 &&
        !doc_equal(doc, pack_copy(c.pool, a, doc)))
        abort();
    status_read(a, 500, RK_STR("application/json"), text, &s);
    if (status_fail(&err, &s, true) == 0)
        abort();
    rk_buf_release(&c.strip);
    pool_unref(c.pool);
    return 0;
}
