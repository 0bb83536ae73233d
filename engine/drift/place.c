/*
 * place.c: a chain of stack frames -> a JSON pointer. The three documents of a walk may hold one
 * item at different indexes, so each view has a pointer of its own.
 */
#include "drift/drift_int.h"

static size_t index_of(const struct place *at, enum view view)
{
    switch (view) {
    case VIEW_DESIRED:
        return at->d;
    case VIEW_FULL:
        return at->f;
    case VIEW_LIVE:
        break;
    }
    return at->l;
}

bool place_pointer(const struct place *at, enum view view, struct rk_buf *out)
{
    if (!at->up)
        return true;
    if (!place_pointer(at->up, view, out))
        return false;
    if (!at->item) {
        doc_pointer_add(out, at->key);
        return true;
    }
    const size_t i = index_of(at, view);
    if (i != NOWHERE)
        rk_buf_f(out, "/%zu", i);
    return i != NOWHERE;
}

void place_path(const struct place *at, struct rk_buf *out)
{
    if (!at->up)
        return;
    place_path(at->up, out);
    if (!at->item)
        doc_pointer_add(out, at->key);
    else
        rk_buf_f(out, "/%zu", at->d != NOWHERE ? at->d : at->l != NOWHERE ? at->l : at->f);
}

rk_str place_field(const struct place *at)
{
    while (at->up && at->item)
        at = at->up;
    return at->key;
}

rk_str place_parent(const struct place *at)
{
    while (at->up && at->item)
        at = at->up;
    return at->up ? place_field(at->up) : RK_STR_NONE;
}
