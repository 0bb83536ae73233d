/*
 * read.c: GET of one object and of lists. In: a request with its target. Out: the answer in the
 * form asked for. A list is always the newest state; a page goes on behind the last key of the page
 * before, at the list's first version.
 */
#include "base/hash.h"
#include "sandbox/sandbox_int.h"

void sb_get(struct sb_request *r)
{
    const struct sb_object *o = sb_find(r->type, r->ns, r->name);
    if (!o) {
        sb_fail_not_found(&r->failure, r->type, r->name);
        sb_reply_failure(r);
        return;
    }
    sb_reply_object(r, 200, o);
}

/* ---- pages: "rv namespace/name" in base64 ---- */

struct page {
    int64_t limit;
    rk_str after_ns, after_name;
    uint64_t rv;
};

static int read_page(struct sb_request *r, struct page *p)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    const rk_str limit = sb_query(r, "limit"), token = sb_query(r, "continue");
    *p = (struct page){.rv = r->sb->store.rv};
    if (limit.n && (!rk_str_int(limit, &p->limit) || p->limit < 0))
        return sb_fail_bad(&r->failure, "limit: Invalid value: \"" RK_FMT_STR "\"",
                           RK_ARG_STR(limit));
    if (!token.n)
        return 0;
    int64_t rv = 0;
    rk_str key = RK_STR_NONE;
    if (rk_unbase64(&text, token)) {
        key = rk_arena_str(r->arena, rk_buf_view(&text));
        if (!rk_str_int(rk_str_cut(key, ' ', &key), &rv))
            key = RK_STR_NONE;
    }
    if (!key.n)
        return sb_fail_bad(&r->failure, "continue key is not valid");
    if ((uint64_t)rv < r->sb->store.oldest)
        return sb_fail(&r->failure, 410, "Expired", "The provided continue parameter is too old to "
                       "display a consistent list result. You can start a new list without the "
                       "continue parameter.");
    p->rv = (uint64_t)rv;
    p->after_ns = rk_str_cut(key, '/', &p->after_name);
    return 0;
}

static bool behind(const struct page *p, const struct sb_object *o)
{
    const int ns = rk_str_cmp(o->ns, p->after_ns);
    return !p->after_name.p || ns > 0 || (ns == 0 && rk_str_cmp(o->name, p->after_name) > 0);
}

static int check_list(struct sb_request *r)
{
    const rk_str rv = sb_query(r, "resourceVersion"), match = sb_query(r, "resourceVersionMatch");
    int64_t asked = 0;
    if (net_has_query(r->x, "sendInitialEvents"))
        return sb_fail_option(&r->failure, "ListOptions", "FieldValueForbidden",
                              "sendInitialEvents",
                              "Forbidden: sendInitialEvents is forbidden for list");
    if (match.n && !rv.n)
        return sb_fail_option(&r->failure, "ListOptions", "FieldValueForbidden",
                              "resourceVersionMatch",
                              "Forbidden: resourceVersionMatch is forbidden unless resourceVersion "
                              "is provided");
    if (rv.n && (!rk_str_int(rv, &asked) || asked < 0))
        return sb_fail_bad(&r->failure,
                           "invalid resource version: resourceVersion: Invalid value: \"" RK_FMT_STR
                           "\": strconv.ParseUint: "
                           "parsing \"" RK_FMT_STR "\": invalid syntax", RK_ARG_STR(rv),
                           RK_ARG_STR(rv));
    if ((uint64_t)asked > r->sb->store.rv) {
        struct sb_invalid v = {.failure = &r->failure};
        sb_invalid_add(&v, "ResourceVersionTooLarge", "", "Too large resource version");
        r->failure.causes = v.causes;
        r->failure.retry_after_s = 1;
        return sb_fail(&r->failure, 504, "Timeout",
                       "Too large resource version: %lld, current: %llu",
                       (long long)asked, (unsigned long long)r->sb->store.rv);
    }
    return 0;
}

static struct doc_node *list_doc(struct sb_request *r, struct sb_object **o, size_t n)
{
    struct rk_arena *a = r->arena;
    if (r->form == SB_TABLE)
        return sb_table(a, r->type, o, n, rk_str_is(sb_query(r, "includeObject"), "Object"),
                        rk_wall_ms());
    struct doc_node *list = doc_map(a), *items = doc_list(a);
    const bool partial = r->form == SB_METADATA;
    const rk_str version = partial ? RK_STR("meta.k8s.io/v1") : sb_type_api_version(a, r->type);
    doc_set_c(a, list, "kind", doc_string_c(a, partial ? "PartialObjectMetadataList"
                                                       : r->type->list_kind));
    doc_set_c(a, list, "apiVersion", doc_string(a, version));
    doc_set_c(a, list, "metadata", doc_map(a));
    for (size_t i = 0; i < n; i++)
        doc_push(a, items, partial ? sb_partial(a, o[i]->doc) : o[i]->doc);
    doc_set_c(a, list, "items", items);
    return list;
}

static void next_page(struct sb_request *r, struct doc_node *meta, const struct page *p,
                      const struct sb_object *last, size_t remaining, bool count)
{
    rk_auto(rk_buf_release) struct rk_buf key = RK_BUF_INIT, token = RK_BUF_INIT;
    rk_buf_f(&key, "%llu " RK_FMT_STR "/" RK_FMT_STR, (unsigned long long)p->rv,
             RK_ARG_STR(last->ns), RK_ARG_STR(last->name));
    rk_base64(&token, key.p, key.n);
    doc_set_c(r->arena, meta, "continue", doc_string(r->arena, rk_buf_view(&token)));
    if (count)
        doc_set_c(r->arena, meta, "remainingItemCount", doc_int(r->arena, (int64_t)remaining));
}

void sb_list_reply(struct sb_request *r)
{
    struct sb_selection s;
    struct page p;
    size_t n, kept = 0, rest = 0;
    if (check_list(r) < 0 || read_page(r, &p) < 0 ||
        sb_selection_read(r, r->arena, &s, &r->failure) < 0) {
        sb_reply_failure(r);
        return;
    }
    struct sb_object **list = sb_list(r->arena, r->type, r->ns, &n);
    for (size_t i = 0; i < n; i++) {
        if (!behind(&p, list[i]) || !sb_selected(&s, list[i]))
            continue;
        if (p.limit && kept == (size_t)p.limit)
            rest++;
        else
            list[kept++] = list[i];
    }
    struct doc_node *doc = list_doc(r, list, kept), *meta = doc_get(doc, "metadata");
    doc_set_c(r->arena, meta, "resourceVersion",
              doc_string_f(r->arena, "%llu", (unsigned long long)p.rv));
    if (rest)
        next_page(r, meta, &p, list[kept - 1], rest, !s.any);
    sb_reply_doc(r, 200, doc);
}
