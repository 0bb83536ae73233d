/*
 * openapi.c: the `openapi` field. In: the path of a schema, or the version of the built-in one.
 * Out: the build's schema for strategic merges and for which types are of the cluster. The first
 * one from the root on counts; the others are only looked for, as the real tool does it.
 *
 * The real tool reads a schema when it first needs it, and never forgets one. So the built-in one
 * stays known beneath the user's when a base was patched before it was named; and it is read over
 * the user's when by then only an unknown type had been met.
 */
#include "render/render_int.h"

#define BUILT_IN "v1.21.2"

static int read_schema(struct build *b, rk_str text, const char *file, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_CONFIG, .file = file, .limits = {.nodes = 1000000}};
    struct doc_node *doc;

    if (doc_yaml_read_one(b->a, text, &how, &doc, err) ||
        build_count_nodes(b, doc, file, err))
        return -1;
    return kube_own_schema_new(b->a, doc, &b->schema, err) ? rk_wrap(err, "%s", file) : 0;
}

int openapi_read(struct build *b, const struct kust *k, struct rk_err *err)
{
    const struct doc_node *field = k->field[KUST_OPENAPI], *path = doc_get(field, "path");
    const struct doc_node *version = doc_get(field, "version");
    struct asked by = load_asked(b, k, path ? path : version, "openapi");
    rk_str text = RK_STR_NONE;
    const char *file;

    if (path && load_named(b, k, doc_text(path), by, &file, &text, err))
        return -1;
    if (b->schema_set || (!path && !doc_text(version).n))
        return 0;
    b->schema_set = true;
    b->schema_read = false;
    if (path && version)
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          "openapi: either path or version, not both");
    if (path)
        return read_schema(b, text, file, err);
    if (!rk_str_is(doc_text(version), BUILT_IN))
        return rk_fail_at(err, RK_INVALID, by.file, by.line, 0,
                          "openapi: version %.*s is not built in; " BUILT_IN " is",
                          RK_ARG_STR(doc_text(version)));
    return 0;
}

void openapi_needed(struct build *b)
{
    if (b->schema_read)
        return;
    b->schema_read = true;
    if (b->schema && b->built_in != UNREAD)
        kube_own_schema_beside(b->schema, b->built_in == READ ? KUBE_OVER_BUILT_IN
                                                              : KUBE_UNDER_BUILT_IN);
    if (!b->schema || b->built_in == PUT_OFF)
        b->built_in = READ;
}

void openapi_met(struct build *b, rk_str group, rk_str version, rk_str kind)
{
    if (b->schema_read || kube_kustomize_knows(group, version, kind))
        return;
    if (b->schema)
        openapi_needed(b);
    else if (b->built_in == UNREAD)
        b->built_in = PUT_OFF;
}
