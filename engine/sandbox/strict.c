/*
 * strict.c: fields that a kind does not have, and values of the wrong type. In: a document and the
 * table of fields. Out: nothing wrong, or the real server's answer to it: apply refuses always; the
 * others refuse (Strict), warn (Warn, the default) or are silent, and drop the field. Custom
 * resources are taken as they are.
 */
#include <stdlib.h>

#include "sandbox/fields_int.h"

struct check {
    struct rk_arena *arena;
    bool apply;                 /* paths and wording of apply */
    struct doc_node *unknown;   /* list of paths */
    const char *wrong;          /* the first wrong type */
    struct rk_buf path;
};

static int by_type(const void *key, const void *row)
{
    return rk_str_cmp(*(const rk_str *)key, rk_str_c(((const struct sb_fields *)row)->type));
}

static const struct sb_fields *fields_of(rk_str type)
{
    return bsearch(&type, sb_fields, sb_fields_n, sizeof(*sb_fields), by_type);
}

/* The code of a field, none when the type lacks it. */
static rk_str code_of(const struct sb_fields *type, rk_str field)
{
    rk_str rest = rk_str_c(type->fields);
    while (rest.n) {
        rk_str code;
        const rk_str word = rk_str_cut(rest, ' ', &rest);
        if (rk_str_eq(rk_str_cut(word, ':', &code), field))
            return code;
    }
    return RK_STR_NONE;
}

static const char *json_type(const struct doc_node *v)
{
    static const char *const names[] = {[DOC_NULL] = "null", [DOC_BOOL] = "bool",
                                        [DOC_NUMBER] = "number", [DOC_STRING] = "string",
                                        [DOC_LIST] = "array", [DOC_MAP] = "object"};
    return names[doc_type(v)];
}

struct expected {
    char code;
    const char *apply, *go;
    unsigned types;             /* bits of enum doc_type */
};
#define BIT(t) (1u << (t))

static const struct expected expectations[] = {
    {'s', "string", "string", BIT(DOC_STRING)},
    {'t', "string", "Time", BIT(DOC_STRING)},
    {'i', "numeric (int or float)", "int32", BIT(DOC_NUMBER)},
    {'l', "numeric (int or float)", "int64", BIT(DOC_NUMBER)},
    {'f', "numeric (int or float)", "float64", BIT(DOC_NUMBER)},
    {'b', "boolean", "bool", BIT(DOC_BOOL)},
    {'q', "untyped", "Quantity", BIT(DOC_NUMBER) | BIT(DOC_STRING)},
    {'x', "untyped", "IntOrString", BIT(DOC_NUMBER) | BIT(DOC_STRING)},
    {'[', "list", "list", BIT(DOC_LIST)},
    {'{', "map", "map", BIT(DOC_MAP)},
    {'@', "map", "struct", BIT(DOC_MAP)},
};

static void check_type(struct check *c, const struct doc_node *v, rk_str code, const char *owner)
{
    for (size_t i = 0; i < RK_LEN(expectations) && !c->wrong; i++) {
        const struct expected *e = &expectations[i];
        if (e->code != code.p[0] || e->types & BIT(doc_type(v)))
            continue;
        const char *path = c->path.p + (!c->apply && c->path.p[0] == '.');
        c->wrong = c->apply
            ? rk_arena_f(c->arena, "%s: expected %s, got %s", path, e->apply, json_type(v))
            : rk_arena_f(c->arena,
                         "json: cannot unmarshal %s into Go struct field %s.%s of type %s",
                         json_type(v), owner, path, e->go);
    }
}

static void cut_back(struct rk_buf *b, size_t n)
{
    b->n = n;
    if (b->cap)
        b->p[n] = 0;
}

static void walk(struct check *c, struct doc_node *v, rk_str code, const char *owner);

static void unknown_field(struct check *c, struct doc_node *map, rk_str key)
{
    if (!c->unknown)
        c->unknown = doc_list(c->arena);
    doc_push(c->arena, c->unknown,
             doc_string_f(c->arena, "%s." RK_FMT_STR, c->path.p, RK_ARG_STR(key)));
    doc_del(map, key);
}

static void walk_type(struct check *c, struct doc_node *map, rk_str type)
{
    const struct sb_fields *fields = fields_of(type);
    const size_t at = c->path.n;
    for (size_t i = 0; fields && i < doc_count(map);) {
        struct doc_pair *p = doc_pair_at(map, i);
        const rk_str code = code_of(fields, p->key);
        if (!code.n) {
            unknown_field(c, map, p->key);
            continue;
        }
        rk_buf_f(&c->path, "." RK_FMT_STR, RK_ARG_STR(p->key));
        walk(c, p->value, code, fields->type);
        cut_back(&c->path, at);
        i++;
    }
}

static void add_item(struct check *c, const struct doc_node *item, size_t i)
{
    const rk_str name = doc_get_text(item, "name");
    if (c->apply && name.n)
        rk_buf_f(&c->path, "[name=\"" RK_FMT_STR "\"]", RK_ARG_STR(name));
    else
        rk_buf_f(&c->path, "[%zu]", i);
}

/* The reader bounds the depth. */
static void walk(struct check *c, struct doc_node *v, rk_str code, const char *owner)
{
    const size_t at = c->path.n;
    const rk_str inner = {code.p + 1, code.n - 1};
    if (doc_type(v) == DOC_NULL || code.p[0] == '*')
        return;
    check_type(c, v, code, owner);
    if (code.p[0] == '@' && doc_type(v) == DOC_MAP) {
        walk_type(c, v, inner);
    } else if (code.p[0] == '[' && doc_type(v) == DOC_LIST) {
        for (size_t i = 0; i < doc_count(v); i++) {
            add_item(c, doc_at(v, i), i);
            walk(c, doc_at(v, i), inner, owner);
            cut_back(&c->path, at);
        }
    } else if (code.p[0] == '{' && doc_type(v) == DOC_MAP) {
        for (size_t i = 0; i < doc_count(v); i++)
            walk(c, doc_pair_at(v, i)->value, inner, owner);
    }
}

/* ---- answers ---- */

static int fail_apply(struct sb_request *r, const struct check *c, const struct doc_node *doc)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    const size_t n = doc_count(c->unknown) + (c->wrong != NULL);
    if (n == 0)
        return 0;
    if (c->wrong)
        rk_buf_f(&text, "%s%s", n > 1 ? "\n  " : "", c->wrong);
    for (size_t i = 0; i < doc_count(c->unknown); i++)
        rk_buf_f(&text, "%s" RK_FMT_STR ": field not declared in schema", n > 1 ? "\n  " : "",
                 RK_ARG_STR(doc_text(doc_at(c->unknown, i))));
    return sb_fail(&r->failure, 500, "", "failed to create typed patch object (" RK_FMT_STR "/"
                   RK_FMT_STR "; " RK_FMT_STR ", Kind=%s): %s%s",
                   RK_ARG_STR(sb_str(doc, "metadata.namespace")),
                   RK_ARG_STR(sb_str(doc, "metadata.name")),
                   RK_ARG_STR(sb_type_api_version(r->arena, r->type)), r->type->kind,
                   n > 1 ? "errors:" : "", text.p);
}

static void warn(struct sb_request *r, const struct check *c)
{
    for (size_t i = 0; i < doc_count(c->unknown); i++) {
        const rk_str path = doc_text(doc_at(c->unknown, i));
        rk_buf_f(&r->warning, "%s299 - \"unknown field \\\"%.*s\\\"\"",
                 r->warning.n ? ", " : "Warning: ", (int)path.n - 1, path.p + 1);
    }
}

static int fail_strict(struct sb_request *r, const struct check *c)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    for (size_t i = 0; i < doc_count(c->unknown); i++) {
        const rk_str path = doc_text(doc_at(c->unknown, i));
        rk_buf_f(&text, "%sunknown field \"%.*s\"", i ? ", " : "", (int)path.n - 1, path.p + 1);
    }
    return sb_fail_bad(&r->failure, "%s in version \"%s\" cannot be handled as a %s: strict "
                       "decoding error: %s", r->type->kind, r->type->version, r->type->kind,
                           text.p);
}

int sb_check_fields(struct sb_request *r, struct doc_node *doc, bool apply)
{
    struct check c = {.arena = r->arena, .apply = apply, .path = RK_BUF_INIT};
    const rk_str kind = rk_str_c(r->type->kind);
    if (r->type->custom || !fields_of(kind))
        return 0;
    walk_type(&c, doc, kind);
    rk_buf_release(&c.path);
    if (apply)
        return fail_apply(r, &c, doc);
    if (c.wrong)
        return sb_fail_bad(&r->failure, "%s in version \"%s\" cannot be handled as a %s: %s",
                           r->type->kind, r->type->version, r->type->kind, c.wrong);
    if (doc_count(c.unknown) && rk_str_is(r->validation, "Strict"))
        return fail_strict(r, &c);
    if (!rk_str_is(r->validation, "Ignore"))
        warn(r, &c);
    return 0;
}
