/*
 * pointer.c: JSON pointers (RFC 6901).
 *
 * In: a tree and "/spec/containers/0/image". Out: the node, or NULL. ~1 is /, ~0 is ~. Nothing is
 * made or changed.
 */
#include "doc/doc_int.h"

bool doc_pointer_part(rk_str *pointer, struct rk_buf *part)
{
    if (pointer->n == 0 || pointer->p[0] != '/')
        return false;
    rk_buf_clear(part);
    size_t i = 1;
    for (; i < pointer->n && pointer->p[i] != '/'; i++) {
        char c = pointer->p[i], next = i + 1 < pointer->n ? pointer->p[i + 1] : '\0';
        bool escape = c == '~' && (next == '0' || next == '1');
        rk_buf_ch(part, !escape ? c : next == '1' ? '/' : '~');
        i += escape;
    }
    *pointer = (rk_str){pointer->p + i, pointer->n - i};
    return true;
}

static struct doc_node *pointer_step(const struct doc_node *at, rk_str part)
{
    int64_t i;
    if (doc_type(at) == DOC_MAP)
        return doc_get_n(at, part);
    if (part.n == 0 || part.p[0] < '0' || part.p[0] > '9' || (part.p[0] == '0' && part.n > 1) ||
        !rk_str_int(part, &i))
        return NULL;
    return doc_at(at, (size_t)i);
}

struct doc_node *doc_pointer(const struct doc_node *root, rk_str pointer)
{
    struct rk_buf part = RK_BUF_INIT;
    union { const struct doc_node *in; struct doc_node *out; } at = {.in = root};
    while (at.out && pointer.n > 0)
        at.out = doc_pointer_part(&pointer, &part) ? pointer_step(at.in, rk_buf_view(&part)) : NULL;
    rk_buf_release(&part);
    return at.out;
}

void doc_pointer_add(struct rk_buf *out, rk_str key)
{
    rk_buf_ch(out, '/');
    for (size_t i = 0; i < key.n; i++)
        switch (key.p[i]) {
        case '~':
            rk_buf_c(out, "~0");
            break;
        case '/':
            rk_buf_c(out, "~1");
            break;
        default:
            rk_buf_ch(out, key.p[i]);
        }
}
