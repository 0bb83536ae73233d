/*
 * fieldspec.c: walks an object along a fieldspec's path and calls a function at its end. In: an
 * object, a path ("spec/template/spec/containers[]/image"; lists are entered without being named;
 * "\/" is a slash inside a name), and what to make where a field is missing. Out: the object,
 * changed by the function. Also the small edits that keep a field's source.
 */
#include "render/render_int.h"

static int walk(struct spec_call *c, struct doc_node *n, const char *path, bool create,
                struct rk_err *err);

/* Cuts the first part off; *rest is NULL after the last. */
static rk_str first_part(struct build *b, const char *path, const char **rest)
{
    const char *end = path;
    struct rk_buf text = RK_BUF_INIT;
    rk_str part;

    while (*end && *end != '/' && !(*end == '\\' && end[1] == '/'))
        end++;
    if (*end != '\\') {
        *rest = *end ? end + 1 : NULL;
        return (rk_str){path, (size_t)(end - path)};
    }
    for (end = path; *end && *end != '/'; end++) {
        if (*end == '\\' && end[1] == '/')
            end++;
        rk_buf_ch(&text, *end);
    }
    *rest = *end ? end + 1 : NULL;
    part = rk_arena_str(b->a, rk_buf_view(&text));
    rk_buf_release(&text);
    return part;
}

static void become(struct doc_node *n, struct doc_node *made)
{
    made->mark = n->mark;
    *n = *made;
}

static struct doc_node *make_empty(struct spec_call *c, enum spec_make make)
{
    struct doc_node *n = make == SPEC_MAKE_MAP ? doc_map(c->b->a) : doc_string_c(c->b->a, "");

    if (make == SPEC_MAKE_MAP) /* a scalar gets its mark when it is set */
        n->mark = doc_marks_chain(c->b->marks, c->at, c->by, 0);
    return n;
}

static int wrong_node(struct spec_call *c, const struct doc_node *n, const char *want,
                      struct rk_err *err)
{
    const struct doc_mark *m = doc_marks_get(c->b->marks, n->mark);

    return rk_fail_at(err, RK_INVALID, m ? doc_marks_file(c->b->marks, m->file) : NULL,
                      m ? m->line : 0, 0, "%s: %s is needed here", ids_text(c->b, c->res), want);
}

static int walk_map(struct spec_call *c, struct doc_node *n, const char *path, bool create,
                    struct rk_err *err)
{
    const char *rest;
    rk_str part = first_part(c->b, path, &rest);
    bool list = rk_str_ends(part, "[]");
    enum spec_make make = rest ? SPEC_MAKE_MAP : c->make;
    struct doc_node *field;

    if (list)
        part.n -= 2;
    if (!part.n)
        return rk_fail(err, RK_INVALID, "the fieldspec %s has an empty part", path);
    if (!create || c->make == SPEC_MAKE_NOTHING || list)
        make = SPEC_MAKE_NOTHING;
    field = doc_get_n(n, part);
    if (!field && make == SPEC_MAKE_NOTHING)
        return 0;
    if (!field) {
        field = make_empty(c, make);
        doc_set(c->b->a, n, part, field);
    } else if (doc_type(field) == DOC_NULL && (list || make != SPEC_MAKE_NOTHING)) {
        become(field, list ? doc_list(c->b->a)
                      : make == SPEC_MAKE_MAP ? make_empty(c, make)
                                              : doc_string(c->b->a, doc_source(field)));
    }
    return walk(c, field, rest, create, err);
}

static int walk(struct spec_call *c, struct doc_node *n, const char *path, bool create,
                struct rk_err *err)
{
    if (!path)
        return c->set(c, n, err);
    switch (doc_type(n)) {
    case DOC_NULL:
        return 0;
    case DOC_MAP:
        return walk_map(c, n, path, create, err);
    case DOC_LIST:
        for (size_t i = 0; i < doc_count(n); i++)
            if (walk(c, doc_at(n, i), path, create, err))
                return -1;
        return 0;
    case DOC_BOOL:
    case DOC_NUMBER:
    case DOC_STRING:
    case DOC_TYPE_MAX:
        break;
    }
    return wrong_node(c, n, "a map or a list", err);
}

int spec_walk(struct spec_call *c, const struct spec *s, struct rk_err *err)
{
    const char *path = s->path[0] == '/' ? s->path + 1 : s->path;

    if (rk_str_starts(rk_str_c(path), "metadata/annotations"))
        res_make_annotations(c->b, c->res);
    return walk(c, c->res->doc, path, s->create, err);
}

int spec_apply(struct spec_call *c, const struct spec *s, struct rk_err *err)
{
    if (!gvk_selected(s, c->res->group, c->res->version, c->res->kind))
        return 0;
    return spec_walk(c, s, err);
}

int spec_apply_all(struct spec_call *c, struct specs specs, struct rk_err *err)
{
    for (size_t i = 0; i < specs.n; i++)
        if (spec_apply(c, &specs.v[i], err))
            return -1;
    return 0;
}

/* ---- edits ---- */

int edit_needs_scalar(struct spec_call *c, const struct doc_node *n, struct rk_err *err)
{
    return doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST ? wrong_node(c, n, "a scalar", err) : 0;
}

void edit_scalar(struct spec_call *c, struct doc_node *node, struct doc_node *value)
{
    value->mark = doc_marks_chain(c->b->marks, c->at, c->by, node->mark);
    value->flags |= node->flags & DOC_STYLE;
    *node = *value;
}

void edit_text(struct spec_call *c, struct doc_node *node, rk_str text)
{
    edit_scalar(c, node, doc_string(c->b->a, text));
}

void edit_plain(struct spec_call *c, struct doc_node *node, rk_str text)
{
    edit_scalar(c, node, node->flags & DOC_QUOTED ? doc_string(c->b->a, text)
                                                  : doc_plain(c->b->a, text));
}

struct doc_node *edit_entry(struct spec_call *c, struct doc_node *map, rk_str key, rk_str text)
{
    struct doc_node *old = doc_get_n(map, key);

    if (old) {
        edit_text(c, old, text);
        return old;
    }
    old = doc_string(c->b->a, text);
    doc_quote(old);
    old->mark = doc_marks_chain(c->b->marks, c->at, c->by, 0);
    doc_set(c->b->a, map, key, old);
    return old;
}
