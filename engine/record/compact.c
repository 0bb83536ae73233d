/*
 * compact.c: what of a journal stays. In: its bytes. Out: the records of open operations and of the
 * last 1,000 closed ones, in their order. Operations whose opening is lost can be neither resumed
 * nor shown and go, as notes without an operation do. Pure; owns its map while it works.
 */
#include <stdlib.h>

#include "record/record_int.h"
#include "reckon/map.h"

struct seen_op {
    bool opened;
    size_t closed;              /* 1 = the first to be closed; 0 = open */
};

struct survey {
    struct rk_map *ops;
    size_t n_closed;
    struct rk_buf *out;
    bool dropped;
};

static void look(const struct record_entry *e, rk_str frame, void *ctx)
{
    struct survey *s = ctx;
    struct seen_op *op = rk_map_get(s->ops, e->operation);
    (void)frame;
    if (!op) {
        op = rk_alloc(sizeof *op);
        void *old = rk_map_set(s->ops, e->operation, op);
        rk_assert(!old);
    }
    if (e->kind == RECORD_OPENED)
        op->opened = true;
    if (e->kind == RECORD_CLOSED && op->opened && !op->closed)
        op->closed = ++s->n_closed;
}

static void take(const struct record_entry *e, rk_str frame, void *ctx)
{
    struct survey *s = ctx;
    const struct seen_op *op = rk_map_get(s->ops, e->operation);
    bool late = op->closed == 0 || op->closed + RECORD_KEPT > s->n_closed;
    if (op->opened && late)
        rk_buf_str(s->out, frame);
    else
        s->dropped = true;
}

bool record_compact(rk_str bytes, struct rk_buf *out)
{
    struct survey s = {.ops = rk_map_new(), .out = out};
    rk_buf_c(out, RECORD_HEADER);
    record_scan(bytes, look, &s);
    record_scan(bytes, take, &s);
    rk_map_free(s.ops, free);
    return s.dropped;
}
