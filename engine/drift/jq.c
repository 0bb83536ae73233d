/*
 * jq.c: jq paths of the common form. In: ".spec.replicas", ".a[\"b\"]", ".list[].f",
 * ".list[] | select(.name == \"x\" and .kind != \"y\") | .f", several with commas. Out: the nodes
 * that the path names in a document; a step that does not fit a value ends there in silence, as
 * jq's error would. Everything else of the language is refused with its text, never half
 * understood. The parser is bounded by the text's length and a depth limit.
 */
#include "drift/drift_int.h"

enum { MAX_DEPTH = 20 };
enum step_type { STEP_FIELD, STEP_INDEX, STEP_EACH, STEP_SELECT };
enum test_type { TEST_EQUAL, TEST_DIFFERENT, TEST_TRUE, TEST_AND, TEST_OR };

struct test;
struct step {
    enum step_type type;
    rk_str name;
    int64_t index;
    const struct test *test;
    struct step *next;
};
struct test {
    enum test_type type;
    const struct step *path;        /* what is compared; NULL: the value itself */
    const struct doc_node *value;
    const struct test *x, *y;       /* AND, OR */
};
struct jq {
    const struct step *path;
    bool root;                      /* "." alone */
    struct jq *next;                /* after a comma */
};

struct parser {
    struct rk_arena *a;
    const char *p;
    int depth;
};

static void blanks(struct parser *s)
{
    while (*s->p == ' ' || *s->p == '\t' || *s->p == '\n')
        s->p++;
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static bool take(struct parser *s, const char *text)
{
    blanks(s);
    const size_t n = strlen(text);
    if (strncmp(s->p, text, n) != 0 || (word_char(text[0]) && word_char(s->p[n])))
        return false;
    s->p += n;
    return true;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A JSON literal: string, number, true, false, null. */
static bool literal(struct parser *s, const struct doc_node **out)
{
    blanks(s);
    const char *from = s->p, *p = from;
    if (*p == '"') {
        for (p++; *p && *p != '"'; p++)
            p += *p == '\\' && p[1];
        if (*p++ != '"')
            return false;
    } else {
        while (word_char(*p) || *p == '-' || *p == '.')
            p++;
    }
    struct doc_node *made = NULL;
    if (p == from ||
        doc_json_read(s->a, (rk_str){from, (size_t)(p - from)}, NULL, &made, NULL) != 0)
        return false;
    s->p = p;
    *out = made;
    return true;
}

static struct step *push(struct parser *s, struct step ***end, enum step_type type)
{
    struct step *made = rk_arena_alloc(s->a, sizeof *made);
    made->type = type;
    **end = made;
    *end = &made->next;
    return made;
}

static bool bracket(struct parser *s, struct step ***end)
{
    const struct doc_node *key;
    if (take(s, "]")) {
        push(s, end, STEP_EACH);
        return true;
    }
    if (!literal(s, &key) || !take(s, "]"))
        return false;
    int64_t i;
    if (doc_type(key) == DOC_STRING)
        push(s, end, STEP_FIELD)->name = key->text;
    else if (doc_as_int(key, &i))
        push(s, end, STEP_INDEX)->index = i;
    else
        return false;
    return true;
}

/* What follows a "." (first), or something that has steps already. */
static bool steps(struct parser *s, struct step ***end, bool first)
{
    const struct doc_node *quoted;
    for (;; first = false) {
        if (*s->p == '[') {
            s->p++;
            if (!bracket(s, end))
                return false;
        } else if (first && *s->p == '.') {
            return false; /* ".." */
        } else if (first || *s->p == '.') {
            const bool dot = !first;
            s->p += dot;
            if (*s->p == '"') {
                if (!literal(s, &quoted))
                    return false;
                push(s, end, STEP_FIELD)->name = quoted->text;
            } else if (word_char(*s->p) && !digit(*s->p)) {
                const char *from = s->p;
                while (word_char(*s->p))
                    s->p++;
                push(s, end, STEP_FIELD)->name = (rk_str){from, (size_t)(s->p - from)};
            } else if (dot && *s->p != '[') {
                return false;
            }
        } else {
            return true;
        }
        while (*s->p == '?')
            s->p++;
    }
}

/* ".a", ".a.b[0]", ".\"a b\"", ".[]", "." */
static bool path(struct parser *s, struct step ***end)
{
    return take(s, ".") && steps(s, end, true);
}

static const struct test *test_or(struct parser *s);

static struct test *new_test(struct parser *s, enum test_type type)
{
    struct test *t = rk_arena_alloc(s->a, sizeof *t);
    t->type = type;
    return t;
}

static const struct test *test_one(struct parser *s)
{
    if (take(s, "(")) {
        const struct test *inner = test_or(s);
        return inner && take(s, ")") ? inner : NULL;
    }
    struct step *first = NULL, **end = &first;
    if (!path(s, &end))
        return NULL;
    struct test *t = new_test(s, TEST_TRUE);
    t->path = first;
    if (take(s, "=="))
        t->type = TEST_EQUAL;
    else if (take(s, "!="))
        t->type = TEST_DIFFERENT;
    return t->type == TEST_TRUE || literal(s, &t->value) ? t : NULL;
}

static const struct test *test_and(struct parser *s)
{
    const struct test *x = test_one(s);
    while (x && take(s, "and")) {
        struct test *both = new_test(s, TEST_AND);
        both->x = x;
        both->y = test_one(s);
        x = both->y ? both : NULL;
    }
    return x;
}

static const struct test *test_or(struct parser *s)
{
    if (++s->depth > MAX_DEPTH)
        return NULL;
    const struct test *x = test_and(s);
    while (x && take(s, "or")) {
        struct test *any = new_test(s, TEST_OR);
        any->x = x;
        any->y = test_and(s);
        x = any->y ? any : NULL;
    }
    s->depth--;
    return x;
}

/* path | select(...) | path ... */
static bool pipe(struct parser *s, struct step ***end, bool *root)
{
    struct step **const first = *end;
    do {
        if (take(s, "select")) {
            const struct test *t = take(s, "(") ? test_or(s) : NULL;
            if (!t || !take(s, ")"))
                return false;
            push(s, end, STEP_SELECT)->test = t;
            if (!steps(s, end, false))
                return false;
        } else if (take(s, "(")) {
            bool inner;
            if (++s->depth > MAX_DEPTH || !pipe(s, end, &inner) || !take(s, ")") ||
                !steps(s, end, false))
                return false;
            s->depth--;
        } else if (!path(s, end)) {
            return false;
        }
    } while (take(s, "|"));
    *root = *first == NULL;
    return true;
}

int jq_parse(struct rk_arena *a, const char *text, struct jq **out, struct rk_err *err)
{
    struct parser s = {.a = a, .p = text};
    struct jq *all = NULL, **next = &all;
    do {
        struct jq *q = rk_arena_alloc(a, sizeof *q);
        struct step *first = NULL, **end = &first;
        if (!pipe(&s, &end, &q->root))
            return rk_fail(err, RK_UNSUPPORTED,
                           "jq path \"%s\": not understood at \"%.20s\"; use the form "
                           ".a.b[] | select(.name == \"x\") | .c, or jsonPointers", text, s.p);
        q->path = first;
        *next = q;
        next = &q->next;
    } while (take(&s, ","));
    blanks(&s);
    if (*s.p)
        return rk_fail(err, RK_UNSUPPORTED,
                       "jq path \"%s\": not understood at \"%.20s\"; use the form "
                       ".a.b[] | select(.name == \"x\") | .c, or jsonPointers", text, s.p);
    *out = all;
    return 0;
}

/* ---- selecting ---- */
static const struct doc_node *nothing(void)
{
    static const struct doc_node null = {.type = DOC_NULL};
    return &null;
}

static const struct doc_node *index_of(const struct doc_node *n, int64_t i)
{
    if (doc_type(n) != DOC_LIST)
        return NULL;
    if (i < 0)
        i += (int64_t)doc_count(n);
    return i < 0 ? NULL : doc_at(n, (size_t)i);
}

/* One value by fields and indexes; NULL when a step does not fit. */
static const struct doc_node *lookup(const struct doc_node *n, const struct step *s)
{
    for (; s && n; s = s->next) {
        if (s->type == STEP_FIELD)
            n = doc_type(n) == DOC_MAP   ? doc_get_n(n, s->name)
                : doc_type(n) == DOC_NULL ? n
                                          : NULL;
        else
            n = s->type == STEP_INDEX ? index_of(n, s->index) : NULL;
    }
    return n;
}

static bool truth(const struct doc_node *n)
{
    return !same_absent(n) && !(n->type == DOC_BOOL && !n->boolean);
}

static bool test_holds(const struct test *t, const struct doc_node *n)
{
    const struct doc_node *v = lookup(n, t->path);
    switch (t->type) {
    case TEST_EQUAL:
        return doc_equal(v ? v : nothing(), t->value);
    case TEST_DIFFERENT:
        return !doc_equal(v ? v : nothing(), t->value);
    case TEST_TRUE:
        return truth(v);
    case TEST_AND:
        return test_holds(t->x, n) && test_holds(t->y, n);
    case TEST_OR:
        return test_holds(t->x, n) || test_holds(t->y, n);
    }
    return false;
}

struct selecting {
    struct rk_arena *a;
    struct nodes *out;
};

static void follow(struct selecting *c, const struct step *s, const struct doc_node *n)
{
    if (!n)
        return;
    if (!s) {
        nodes_add(c->a, c->out, n);
        return;
    }
    switch (s->type) {
    case STEP_FIELD:
        follow(c, s->next, doc_type(n) == DOC_MAP ? doc_get_n(n, s->name) : NULL);
        break;
    case STEP_INDEX:
        follow(c, s->next, index_of(n, s->index));
        break;
    case STEP_EACH:
        for (size_t i = 0; i < doc_count(n); i++)
            follow(c, s->next, doc_type(n) == DOC_LIST ? doc_at(n, i) : doc_pair_at(n, i)->value);
        break;
    case STEP_SELECT:
        if (test_holds(s->test, n))
            follow(c, s->next, n);
        break;
    }
}

void jq_select(const struct jq *q, struct rk_arena *a, const struct doc_node *doc,
               struct nodes *out)
{
    struct selecting c = {a, out};
    for (; q; q = q->next) {
        if (!q->root) {
            follow(&c, q->path, doc);
            continue;
        }
        for (size_t i = 0; i < doc_count(doc); i++)
            nodes_add(a, out, doc_pair_at(doc, i)->value);
    }
}
