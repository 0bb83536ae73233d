/*
 * fields.c: checks a kustomization, or a file that it names, against the rows of fields_table.c.
 * In: a parsed document. Out: its values by field.
 *
 * As the real tool does it, names match in any case, the last of two equal names wins, and a name
 * or a type that does not belong is an error; the message names the line and what to write.
 */
#include <strings.h>

#include "render/fields_int.h"

struct checking {
    struct build *b;
    const char *file;
    rk_str text;
    const char *path;           /* of the value at hand, for messages */
    bool lenient;               /* fields without a row are passed over */
    struct rk_err *err;
};

static const char *const shape_words[] = {
    [TEXT] = "a text", [BOOL] = "true or false", [INT] = "a whole number", [ANY] = "a value",
    [TEXTS] = "a list of texts", [TEXT_MAP] = "a map of texts", [BOOL_MAP] = "a map of true/false",
    [STRUCT] = "a map", [STRUCTS] = "a list of maps",
};

static const char *type_words(const struct doc_node *n)
{
    static const char *const words[DOC_TYPE_MAX] = {
        [DOC_NULL] = "nothing", [DOC_BOOL] = "a yes or no", [DOC_NUMBER] = "a number",
        [DOC_STRING] = "a text", [DOC_LIST] = "a list", [DOC_MAP] = "a map",
    };
    return words[doc_type(n)];
}

const char *fields_name(enum kust_field f)
{
    return fields_rows[f].name;
}

/* A scalar as the file has it: "yes", not "true". */
static rk_str written(const struct checking *c, const struct doc_node *n)
{
    const struct doc_mark *m = doc_marks_get(c->b->marks, n->mark);

    if (doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST)
        return RK_STR_NONE;
    if (m && m->start < m->end && m->end <= c->text.n)
        return (rk_str){c->text.p + m->start, m->end - m->start};
    return doc_source(n);
}

static int wrong_type(const struct checking *c, const struct doc_node *n, enum shape want)
{
    uint32_t line = mark_line(c->b, n->mark);
    rk_str source = written(c, n);

    if (strncmp(c->path, "secretGenerator", 15) == 0) /* never a value of a secret */
        source = RK_STR_NONE;
    if (want == TEXT && source.n)
        return rk_fail_at(c->err, RK_INVALID, c->file, line, 0,
                          "%s: a text is needed, and %.*s without quotes is %s: write \"%.*s\"",
                          c->path, RK_ARG_STR(source), type_words(n), RK_ARG_STR(source));
    return rk_fail_at(c->err, RK_INVALID, c->file, line, 0, "%s: %s is needed, not %s%s", c->path,
                      shape_words[want], type_words(n),
                      want == TEXT && doc_type(n) != DOC_MAP && doc_type(n) != DOC_LIST
                          ? ": put quotes around it" : "");
}

static int check(const struct checking *c, const struct doc_node *n, const struct field *f);

static const struct field *row_find(const struct field *sub, size_t n, rk_str name)
{
    for (size_t i = 0; i < n; i++)
        if (rk_str_is(name, sub[i].name))
            return &sub[i];
    for (size_t i = 0; i < n; i++)
        if (name.n == strlen(sub[i].name) && strncasecmp(name.p, sub[i].name, name.n) == 0)
            return &sub[i];
    return NULL;
}

static size_t rows_count(const struct field *sub)
{
    size_t n = 0;

    while (sub[n].name)
        n++;
    return n;
}

static const char *row_name(size_t i, const void *ctx)
{
    return ((const struct field *)ctx)[i].name;
}

static int unknown_field(const struct checking *c, const struct doc_pair *p,
                         const struct field *sub, size_t n)
{
    const char *near = text_nearest(p->key, row_name, n, sub);
    uint32_t line = mark_line(c->b, p->mark);

    if (!line)
        line = mark_line(c->b, p->value->mark);
    return rk_fail_at(c->err, RK_INVALID, c->file, line, 0, "%s%sno such field '%.*s'%s%s%s",
                      c->path, c->path[0] ? ": " : "", RK_ARG_STR(p->key),
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int check_struct(const struct checking *c, const struct doc_node *n,
                        const struct field *sub)
{
    size_t n_sub = rows_count(sub);

    if (doc_type(n) != DOC_MAP)
        return wrong_type(c, n, STRUCT);
    for (size_t i = 0; i < doc_count(n); i++) {
        struct doc_pair *p = doc_pair_at(n, i);
        const struct field *f = row_find(sub, n_sub, p->key);
        struct checking inner = *c;

        if (!f && c->lenient)
            continue;
        if (!f)
            return unknown_field(c, p, sub, n_sub);
        p->key = rk_str_c(f->name); /* readers then need no other spelling */
        inner.path = rk_arena_f(c->b->a, "%s%s%s", c->path, c->path[0] ? "." : "", f->name);
        if (check(&inner, p->value, f))
            return -1;
    }
    return 0;
}

static int check_map(const struct checking *c, const struct doc_node *n, enum shape want)
{
    enum doc_type inside = want == TEXT_MAP ? DOC_STRING : DOC_BOOL;

    if (doc_type(n) != DOC_MAP)
        return wrong_type(c, n, want);
    for (size_t i = 0; i < doc_count(n); i++) {
        const struct doc_pair *p = doc_pair_at(n, i);
        struct checking inner = *c;

        inner.path = rk_arena_f(c->b->a, "%s.%.*s", c->path, RK_ARG_STR(p->key));
        if (doc_type(p->value) != inside && doc_type(p->value) != DOC_NULL)
            return wrong_type(&inner, p->value, want == TEXT_MAP ? TEXT : BOOL);
    }
    return 0;
}

static int check_list(const struct checking *c, const struct doc_node *n, const struct field *f)
{
    if (doc_type(n) != DOC_LIST)
        return wrong_type(c, n, f->shape);
    for (size_t i = 0; i < doc_count(n); i++) {
        const struct doc_node *item = doc_at(n, i);
        struct checking inner = *c;

        inner.path = rk_arena_f(c->b->a, "%s[%zu]", c->path, i);
        if (doc_is_null(item) && f->shape == STRUCTS) { /* an entry with nothing in it */
            n->items[i] = doc_map(c->b->a);
            n->items[i]->mark = item->mark;
            continue;
        }
        if (doc_is_null(item) && f->blank) {
            n->items[i] = doc_string_c(c->b->a, "");
            n->items[i]->mark = item->mark;
            continue;
        }
        if (doc_is_null(item))
            return rk_fail_at(c->err, RK_INVALID, c->file, mark_line(c->b, item->mark), 0,
                              "%s is empty: write a value after the dash or remove the line",
                              inner.path);
        if (f->shape == STRUCTS ? check_struct(&inner, item, f->sub) :
            doc_type(item) != DOC_STRING ? wrong_type(&inner, item, TEXT) : 0)
            return -1;
    }
    return 0;
}

static int check(const struct checking *c, const struct doc_node *n, const struct field *f)
{
    int64_t whole;

    if (doc_is_null(n))
        return 0;
    switch (f->shape) {
    case TEXT:
        return doc_type(n) == DOC_STRING ? 0 : wrong_type(c, n, TEXT);
    case BOOL:
        return doc_type(n) == DOC_BOOL ? 0 : wrong_type(c, n, BOOL);
    case INT:
        return doc_type(n) == DOC_NUMBER && doc_as_int(n, &whole) ? 0 : wrong_type(c, n, INT);
    case TEXTS:
    case STRUCTS:
        return check_list(c, n, f);
    case TEXT_MAP:
    case BOOL_MAP:
        return check_map(c, n, f->shape);
    case STRUCT:
        return check_struct(c, n, f->sub);
    case ANY:
        break;
    }
    return 0;
}

static bool says_nothing(const struct doc_node *n)
{
    return doc_is_null(n) || ((doc_type(n) == DOC_LIST || doc_type(n) == DOC_MAP) && !doc_count(n))
           || (doc_type(n) == DOC_STRING && !n->text.n);
}

/* Of two spellings of one name the later in the alphabet counts: the real tool sorts the keys. */
static bool is_outdone(const struct doc_node *doc, const struct doc_pair *p, const struct field *f)
{
    for (size_t i = 0; i < doc_count(doc); i++) {
        const struct doc_pair *other = doc_pair_at(doc, i);

        if (row_find(fields_rows, KUST_FIELD_MAX, other->key) == f && rk_str_cmp(other->key, p->key) > 0)
            return true;
    }
    return false;
}

static int bind_one(const struct checking *c, const struct doc_node *doc,
                    const struct doc_pair *p, struct kust *k)
{
    const struct field *f = row_find(fields_rows, KUST_FIELD_MAX, p->key);
    struct checking inner = *c;

    if (!f)
        return unknown_field(c, p, fields_rows, KUST_FIELD_MAX);
    if (is_outdone(doc, p, f))
        return 0;
    inner.path = f->name;
    if (check(&inner, p->value, f))
        return -1;
    k->field[f - fields_rows] =
        says_nothing(p->value) && !(f->shape == STRUCT && doc_type(p->value) == DOC_MAP) ? NULL
                                                                                    : p->value;
    if (f->refused && k->field[f - fields_rows])
        return rk_fail_at(c->err, RK_UNSUPPORTED, c->file, mark_line(c->b, p->mark), 0,
                          "the field '%s' is not supported: %s", f->name, f->refused);
    return 0;
}

int fields_bind(struct build *b, struct doc_node *doc, struct kust *k, struct rk_err *err)
{
    struct checking c = {.b = b, .file = k->file, .text = k->text, .path = "", .err = err};

    if (doc_type(doc) != DOC_MAP)
        return rk_fail_at(err, RK_INVALID, k->file, 1, 0,
                          "a kustomization is a map of fields, not %s", type_words(doc));
    for (size_t i = 0; i < doc_count(doc); i++)
        if (bind_one(&c, doc, doc_pair_at(doc, i), k))
            return -1;
    return 0;
}

int fields_check_as(struct build *b, struct doc_node *doc, enum fields_of what,
                 const struct fields_where *where, struct rk_err *err)
{
    struct checking c = {.b = b, .file = where->file, .text = where->text, .err = err,
                         .path = where->path ? where->path : "", .lenient = where->lenient};

    return doc_is_null(doc) ? 0 : check_struct(&c, doc, fields_tables[what]);
}
