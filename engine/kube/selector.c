/*
 * selector.c: label selectors as k8s.io/apimachinery reads them: "a=b, c in (x,y), !d, n > 3".
 * Text in, a list of requirements in the arena out; matching is pure. Also used for annotations
 * (kustomize gives both to the same parser).
 */
#include "kube/kube.h"

enum op { OP_IN, OP_NOT_IN, OP_EXISTS, OP_NOT_EXISTS, OP_GREATER, OP_LESS };

struct requirement {
    rk_str key;
    enum op op;
    rk_str *values;
    size_t n_values, cap;
};

struct kube_selector {
    struct requirement *all;
    size_t n, cap;
};

struct lexer {
    rk_str text;
    size_t at;
};

static bool special(char c)
{
    return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<';
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next token: an operator or bracket, or a word; empty at the end. */
static rk_str token(struct lexer *l)
{
    while (l->at < l->text.n && blank(l->text.p[l->at]))
        l->at++;
    const size_t start = l->at;
    if (start == l->text.n)
        return RK_STR_NONE;
    if (special(l->text.p[start])) {
        l->at++;
        const char c = l->text.p[start];
        const bool two = l->at < l->text.n && l->text.p[l->at] == '=' && (c == '=' || c == '!');
        if (two)
            l->at++;
    } else {
        while (l->at < l->text.n && !special(l->text.p[l->at]) && !blank(l->text.p[l->at]))
            l->at++;
    }
    return (rk_str){l->text.p + start, l->at - start};
}

static rk_str peek(const struct lexer *l)
{
    struct lexer copy = *l;
    return token(&copy);
}

static bool alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?, at most 63 bytes */
static bool name_valid(rk_str s)
{
    if (s.n == 0 || s.n > 63 || !alnum(s.p[0]) || !alnum(s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    }
    return true;
}

static bool prefix_valid(rk_str s)
{
    if (s.n == 0 || s.n > 253)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        const bool edge = i == 0 || i + 1 == s.n || s.p[i - 1] == '.' || s.p[i + 1] == '.';
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-') ||
            (edge && c == '-') || (c == '.' && (i == 0 || i + 1 == s.n || s.p[i - 1] == '.')))
            return false;
    }
    return true;
}

static bool key_valid(rk_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '/')
            return prefix_valid((rk_str){s.p, i}) &&
                   name_valid((rk_str){s.p + i + 1, s.n - i - 1});
    }
    return name_valid(s);
}

static int add_value(struct rk_arena *a, struct requirement *r, rk_str v, struct rk_err *err)
{
    int64_t number;
    if (v.n > 0 && !name_valid(v))
        return rk_fail(err, RK_INVALID, "selector: \"%.*s\" is no label value", RK_ARG_STR(v));
    if ((r->op == OP_GREATER || r->op == OP_LESS) && !rk_str_int(v, &number))
        return rk_fail(err, RK_INVALID, "selector: > and < need an integer");
    if (r->n_values == r->cap)
        r->values = rk_arena_grow(a, r->values, r->n_values, &r->cap, sizeof(*r->values));
    r->values[r->n_values++] = v;
    return 0;
}

/* "(x, y)": empty entries are the empty value, as in the real parser. */
static int parse_list(struct rk_arena *a, struct lexer *l, struct requirement *r,
                      struct rk_err *err)
{
    if (!rk_str_is(token(l), "("))
        return rk_fail(err, RK_INVALID, "selector: in and notin need (a,b)");
    rk_str value = RK_STR_NONE;
    for (;;) {
        const rk_str t = token(l);
        const bool end = rk_str_is(t, ")");
        if (end || rk_str_is(t, ",")) {
            if (add_value(a, r, value, err) != 0)
                return -1;
            value = RK_STR_NONE;
            if (end)
                return 0;
        } else if (t.n == 0 || special(t.p[0]) || value.n > 0) {
            return rk_fail(err, RK_INVALID, "selector: unclosed or malformed list");
        } else {
            value = t;
        }
    }
}

static int parse_operator(struct rk_arena *a, struct lexer *l, struct requirement *r,
                          struct rk_err *err)
{
    const rk_str t = token(l);
    if (rk_str_is(t, "in") || rk_str_is(t, "notin")) {
        r->op = rk_str_is(t, "in") ? OP_IN : OP_NOT_IN;
        return parse_list(a, l, r, err);
    }
    if (rk_str_is(t, "=") || rk_str_is(t, "=="))
        r->op = OP_IN;
    else if (rk_str_is(t, "!="))
        r->op = OP_NOT_IN;
    else if (rk_str_is(t, ">"))
        r->op = OP_GREATER;
    else if (rk_str_is(t, "<"))
        r->op = OP_LESS;
    else
        return rk_fail(err, RK_INVALID,
                       "selector: \"%.*s\" is no operator (=, !=, in, notin, >, <)",
                       RK_ARG_STR(t));
    const rk_str next = peek(l);
    const bool has_value = next.n > 0 && !special(next.p[0]);
    return add_value(a, r, has_value ? token(l) : RK_STR_NONE, err);
}

static int parse_one(struct rk_arena *a, struct lexer *l, struct requirement *r,
                     struct rk_err *err)
{
    rk_str t = token(l);
    const bool negated = rk_str_is(t, "!");
    if (negated)
        t = token(l);
    if (!key_valid(t))
        return rk_fail(err, RK_INVALID, "selector: \"%.*s\" is no label key", RK_ARG_STR(t));
    r->key = t;
    const rk_str next = peek(l);
    if (negated || next.n == 0 || rk_str_is(next, ",")) {
        r->op = negated ? OP_NOT_EXISTS : OP_EXISTS;
        return 0;
    }
    return parse_operator(a, l, r, err);
}

int kube_selector_parse(struct rk_arena *a, rk_str text, struct kube_selector **out,
                        struct rk_err *err)
{
    struct kube_selector *s = rk_arena_alloc(a, sizeof(*s));
    struct lexer l = {rk_arena_str(a, text), 0};
    while (peek(&l).n > 0) {
        if (s->n == s->cap)
            s->all = rk_arena_grow(a, s->all, s->n, &s->cap, sizeof(*s->all));
        struct requirement *r = &s->all[s->n++];
        *r = (struct requirement){0};
        if (parse_one(a, &l, r, err) != 0)
            return -1;
        const rk_str t = token(&l);
        if (t.n == 0)
            break;
        if (!rk_str_is(t, ",") || peek(&l).n == 0)
            return rk_fail(err, RK_INVALID, "selector: expected ',' and another requirement");
    }
    *out = s;
    return 0;
}

static bool in_values(const struct requirement *r, rk_str v)
{
    for (size_t i = 0; i < r->n_values; i++) {
        if (rk_str_eq(r->values[i], v))
            return true;
    }
    return false;
}

static bool match_one(const struct requirement *r, const struct doc_node *labels)
{
    const struct doc_node *n = doc_get_n(labels, r->key);
    const bool there = doc_type(n) == DOC_STRING;
    int64_t have = 0, want = 0;
    switch (r->op) {
    case OP_IN:
        return there && in_values(r, n->text);
    case OP_NOT_IN:
        return !there || !in_values(r, n->text);
    case OP_EXISTS:
        return there;
    case OP_NOT_EXISTS:
        return !there;
    case OP_GREATER:
    case OP_LESS:
        if (!there || !rk_str_int(n->text, &have) || !rk_str_int(r->values[0], &want))
            return false;
        return r->op == OP_GREATER ? have > want : have < want;
    }
    return false;
}

bool kube_selector_match(const struct kube_selector *s, const struct doc_node *labels)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!match_one(&s->all[i], labels))
            return false;
    }
    return true;
}
