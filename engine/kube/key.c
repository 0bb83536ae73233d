/*
 * key.c: the identity of an object: group, kind, namespace, name; its text form and back. Keys
 * are views: whoever keeps one longer than the object copies it with kube_key_copy.
 */
#include "kube/kube.h"

bool kube_key_eq(const struct kube_key *a, const struct kube_key *b)
{
    return rk_str_eq(a->name, b->name) && rk_str_eq(a->namespace, b->namespace) &&
           rk_str_eq(a->kind, b->kind) && rk_str_eq(a->group, b->group);
}

int kube_key_cmp(const struct kube_key *a, const struct kube_key *b)
{
    int c = rk_str_cmp(a->group, b->group);
    if (c == 0)
        c = rk_str_cmp(a->kind, b->kind);
    if (c == 0)
        c = rk_str_cmp(a->namespace, b->namespace);
    return c ? c : rk_str_cmp(a->name, b->name);
}

void kube_key_text(struct rk_buf *out, const struct kube_key *k)
{
    const rk_str parts[] = {k->group, k->kind, k->namespace, k->name};
    for (size_t i = 0; i < RK_LEN(parts); i++) {
        if (i > 0)
            rk_buf_ch(out, '/');
        rk_buf_str(out, parts[i]);
    }
}

bool kube_key_parse(rk_str text, struct kube_key *out)
{
    rk_str part[4];
    size_t n = 1;
    size_t start = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '/')
            continue;
        if (n == RK_LEN(part))
            return false;
        part[n - 1] = (rk_str){text.p + start, i - start};
        start = i + 1;
        n++;
    }
    part[n - 1] = (rk_str){text.p + start, text.n - start};

    struct kube_key k = {0};
    switch (n) {
    case 4:
        k = (struct kube_key){part[0], part[1], part[2], part[3]};
        break;
    case 3:
        k = (struct kube_key){RK_STR_NONE, part[0], part[1], part[2]};
        break;
    case 2:
        k = (struct kube_key){RK_STR_NONE, part[0], RK_STR_NONE, part[1]};
        break;
    default:
        return false;
    }
    if (k.kind.n == 0 || k.name.n == 0)
        return false;
    *out = k;
    return true;
}

struct kube_key kube_key_copy(struct rk_arena *a, const struct kube_key *k)
{
    return (struct kube_key){
        .group = rk_arena_str(a, k->group),
        .kind = rk_arena_str(a, k->kind),
        .namespace = rk_arena_str(a, k->namespace),
        .name = rk_arena_str(a, k->name),
    };
}
