/*
 * text.c: a drifted field for people and for the protocol. In: a field and one of its values. Out:
 * JSON text where a Secret's value is never more than the start of its keyed hash and its length;
 * a sentence for the owner, in which the manager's name is foreign text.
 */
#include "drift/drift_int.h"

#include "reckon/text.h"

/* "rk1:<16 hex>:<length>" -> the first four hex digits and the length. */
static void put_secret(struct rk_buf *out, rk_str masked)
{
    if (!rk_str_starts(masked, "rk1:") || masked.n < 22) {
        rk_buf_c(out, "\"changed\"");
        return;
    }
    const rk_str length = {masked.p + 21, masked.n - 21};
    rk_buf_f(out, "\"changed (%.4s..., " RK_FMT_STR " bytes)\"", masked.p + 4,
             RK_ARG_STR(length));
}

void drift_value(struct rk_buf *out, const struct drift_field *f, const struct doc_node *value)
{
    if (same_absent(value))
        rk_buf_c(out, "null");
    else if (!f->secret)
        doc_json_write(out, value);
    else if (value->type == DOC_MAP || value->type == DOC_LIST)
        rk_buf_c(out, "\"changed\"");
    else
        put_secret(out, doc_text(value));
}

void drift_owner_text(struct rk_buf *out, const struct drift_field *f)
{
    if (!f->have_owner) {
        rk_buf_c(out, "nobody (default)");
        return;
    }
    rk_buf_c(out, "last written by ");
    rk_text_safe(out, f->owner.manager, 0);
    if (f->owner.subresource.n) {
        rk_buf_c(out, " (");
        rk_text_safe(out, f->owner.subresource, 0);
        rk_buf_c(out, ")");
    }
    if (f->owner.time.n) {
        rk_buf_c(out, " no later than ");
        rk_text_safe(out, f->owner.time, 0);
    }
}
