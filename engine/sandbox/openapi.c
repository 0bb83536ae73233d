/*
 * openapi.c: OpenAPI v3 as far as kubectl needs it: an index, and for each group and version its
 * kinds with a PATCH operation that has the fieldValidation parameter, without which kubectl
 * refuses server-side apply. Schemas are not described: kubectl falls back on its own.
 */
#include "sandbox/sandbox_int.h"

static const char parameters[] =
    "[{\"name\":\"dryRun\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"fieldManager\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"fieldValidation\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"force\",\"in\":\"query\",\"schema\":{\"type\":\"boolean\"}}]";

static const char *base_path(struct rk_arena *a, const struct sb_type *t)
{
    return t->group[0] ? rk_arena_f(a, "apis/%s/%s", t->group, t->version)
                       : rk_arena_f(a, "api/%s", t->version);
}

static void put_operation(struct rk_buf *out, const struct sb_type *t, const char *action)
{
    rk_buf_f(out, "\"%s\":{\"parameters\":%s,\"responses\":{\"200\":{\"description\":\"OK\"}},"
             "\"x-kubernetes-action\":\"%s\",\"x-kubernetes-group-version-kind\":"
             "{\"group\":\"%s\",\"version\":\"%s\",\"kind\":\"%s\"}}", action, parameters, action,
             t->group, t->version, t->kind);
}

static void put_paths(struct rk_buf *out, struct rk_arena *a, const struct sb_type *t)
{
    const char *space = t->namespaced ? "namespaces/{namespace}/" : "";
    rk_buf_f(out, "\"/%s/%s%s\":{", base_path(a, t), space, t->plural);
    put_operation(out, t, "post");
    rk_buf_f(out, "},\"/%s/%s%s/{name}\":{", base_path(a, t), space, t->plural);
    put_operation(out, t, "patch");
    rk_buf_ch(out, ',');
    put_operation(out, t, "put");
    rk_buf_ch(out, '}');
}

static void put_schema(struct rk_buf *out, const struct sb_type *t)
{
    rk_buf_f(out, "\"%s.%s.%s\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true,"
             "\"x-kubernetes-group-version-kind\":[{\"group\":\"%s\",\"version\":\"%s\","
             "\"kind\":\"%s\"}]}", t->group[0] ? t->group : "core", t->version, t->kind, t->group,
             t->version, t->kind);
}

static bool put_document(struct sb_request *r, rk_str path, struct rk_buf *out)
{
    bool any = false;
    rk_buf_c(out, "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"Reckon sandbox\",\"version\":\""
             SANDBOX_VERSION "\"},\"paths\":{");
    for (size_t i = 0; i < r->sb->n_types; i++) {
        const struct sb_type *t = r->sb->types[i];
        if (!rk_str_is(path, base_path(r->arena, t)))
            continue;
        rk_buf_c(out, any ? "," : "");
        put_paths(out, r->arena, t);
        any = true;
    }
    rk_buf_c(out, "},\"components\":{\"schemas\":{");
    bool first = true;
    for (size_t i = 0; i < r->sb->n_types; i++) {
        const struct sb_type *t = r->sb->types[i];
        if (!t->custom || !rk_str_is(path, base_path(r->arena, t)))
            continue;
        rk_buf_c(out, first ? "" : ",");
        put_schema(out, t);
        first = false;
    }
    rk_buf_c(out, "}}}\n");
    return any;
}

static void put_index(struct sb_request *r, struct rk_buf *out)
{
    rk_buf_c(out, "{\"paths\":{");
    for (size_t i = 0; i < r->sb->n_types; i++) {
        const char *path = base_path(r->arena, r->sb->types[i]);
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = rk_streq(path, base_path(r->arena, r->sb->types[j]));
        if (!seen)
            rk_buf_f(out, "%s\"%s\":{\"serverRelativeURL\":\"/openapi/v3/%s?hash=%zu\"}",
                     i ? "," : "", path, path, r->sb->n_types);
    }
    rk_buf_c(out, "}}\n");
}

void sb_openapi(struct sb_request *r, rk_str path)
{
    rk_auto(rk_buf_release) struct rk_buf body = RK_BUF_INIT;
    rk_str rest;
    const rk_str version = rk_str_cut(path, '/', &rest);
    const bool v3 = rk_str_is(version, "v3");
    if (v3 && !rest.n)
        put_index(r, &body);
    if (v3 && (!rest.n || put_document(r, rest, &body))) {
        sb_reply_text(r, 200, "application/json", rk_buf_view(&body));
        return;
    }
    sb_fail(&r->failure, 404, "NotFound", "the server could not find the requested resource");
    sb_reply_failure(r);
}
