/*
 * split.c: a byte stream -> JSON values, uncut.
 *
 * In: pieces of any size. Out: each complete top-level value as text (a watch stream), or with
 * `list` each member of the top object's "items" while the rest of it is kept as the head. Only
 * strings and brackets are looked at; whether a value is JSON is for its reader to say. A value
 * that lies in one piece is handed out without a copy. Owns the bytes of the value being received.
 */
#include "doc/doc_int.h"

#include <stdlib.h>

enum place { /* between values, or inside what */
    PLACE_GAP,
    PLACE_VALUE,  /* inside the brackets of a value */
    PLACE_STRING, /* inside a string of it */
    PLACE_ATOM,   /* number or word at the top */
};

struct doc_split {
    bool list, failed;
    bool escape;      /* the last byte of a string was a backslash */
    bool in_items;    /* list: between the [ and ] of items */
    bool started;     /* list: the { was there */
    bool done;        /* list: the } was there */
    bool key_next;    /* list: the next string at depth 1 is a key */
    bool items_next;  /* list: the key was "items" */
    bool want_comma;  /* list: a member was handed out */
    enum place place;
    size_t depth, limit, total;
    struct rk_buf value; /* the part of the open value that came in earlier pieces */
    struct rk_buf head;
    struct rk_buf key;
};

struct doc_split *doc_split_new(bool list, size_t value_limit)
{
    struct doc_split *s = rk_alloc(sizeof(*s));
    s->list = list;
    s->limit = value_limit ? value_limit : (size_t)16 << 20;
    s->value = s->head = s->key = RK_BUF_INIT;
    return s;
}

void doc_split_free(struct doc_split *s)
{
    if (!s)
        return;
    rk_buf_release(&s->value);
    rk_buf_release(&s->head);
    rk_buf_release(&s->key);
    free(s);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int fail(struct doc_split *s, struct rk_err *err, const char *what)
{
    s->failed = true;
    return rk_fail(err, RK_INVALID, "JSON stream: %s", what);
}

static int over(struct doc_split *s, struct rk_err *err)
{
    s->failed = true;
    return rk_fail(err, RK_LIMIT, "JSON stream: a value goes over the limit of %zu bytes", s->limit);
}

/* From inside a string to behind its closing quote; end when it goes on in the next piece. */
static const char *skip_string(struct doc_split *s, const char *p, const char *end)
{
    while (p < end) {
        if (s->escape) {
            s->escape = false;
            p++;
            continue;
        }
        while (p < end && *p != '"' && *p != '\\')
            p++;
        if (p == end)
            break;
        if (*p++ == '"') {
            s->place = PLACE_VALUE;
            break;
        }
        s->escape = true;
    }
    return p;
}

/* Runs on to the end of the open value; *whole when it is complete there. */
static const char *skip_value(struct doc_split *s, const char *p, const char *end, bool *whole)
{
    while (p < end) {
        if (s->place == PLACE_STRING) {
            p = skip_string(s, p, end);
            if (s->place == PLACE_VALUE && s->depth == 0) {
                *whole = true;
                return p;
            }
            continue;
        }
        if (s->place == PLACE_ATOM) {
            if (is_space(*p) || strchr(",]}[{\"", *p)) {
                *whole = true;
                return p;
            }
            p++;
            continue;
        }
        char c = *p++;
        if (c == '"')
            s->place = PLACE_STRING;
        s->depth += c == '{' || c == '[';
        if ((c == '}' || c == ']') && --s->depth == 0) {
            *whole = true;
            return p;
        }
    }
    return p;
}

/* The first byte of a value decides how its end is found. */
static bool start_value(struct doc_split *s, char c)
{
    if (c == '\0' || strchr(",:]}", c))
        return false;
    s->depth = c == '{' || c == '[';
    s->place = c == '"' ? PLACE_STRING : s->depth ? PLACE_VALUE : PLACE_ATOM;
    return true;
}

static int hand_out(struct doc_split *s, rk_str last, doc_split_fn fn, void *ctx,
                    struct rk_err *err)
{
    int rc;
    if (s->value.n + last.n > s->limit)
        return over(s, err);
    s->place = PLACE_GAP;
    s->depth = 0;
    if (s->value.n == 0) {
        rc = fn(last, ctx, err);
    } else {
        rk_buf_str(&s->value, last);
        rc = fn(rk_buf_view(&s->value), ctx, err);
        rk_buf_clear(&s->value);
    }
    s->failed = rc != 0;
    return rc ? -1 : 0;
}

/* Takes bytes of the open value; *p moves behind them. */
static int feed_value(struct doc_split *s, const char **p, const char *end, doc_split_fn fn,
                      void *ctx, struct rk_err *err)
{
    bool whole = false;
    const char *from = *p;
    if (s->place == PLACE_GAP) {
        if (!start_value(s, *from))
            return fail(s, err, "a value was expected");
        (*p)++;
    }
    *p = skip_value(s, *p, end, &whole);
    rk_str bytes = {from, (size_t)(*p - from)};
    if (whole)
        return hand_out(s, bytes, fn, ctx, err);
    if (s->value.n + bytes.n > s->limit)
        return over(s, err);
    rk_buf_str(&s->value, bytes);
    return 0;
}

/* ---- list: the top object around items ---- */
static int head_byte(struct doc_split *s, char c, struct rk_err *err)
{
    if (s->head.n >= s->limit)
        return over(s, err);
    rk_buf_ch(&s->head, c);
    return 0;
}

/* A string of the head: kept; at depth 1 in key position also noted. */
static const char *head_string(struct doc_split *s, const char *p, const char *end)
{
    const char *from = p;
    p = skip_string(s, p, end);
    rk_buf_add(&s->head, from, (size_t)(p - from));
    bool key = s->depth == 1 && s->key_next;
    if (key && s->key.n < 16)
        rk_buf_add(&s->key, from, (size_t)(p - from) < 16 ? (size_t)(p - from) : 16);
    if (s->place == PLACE_STRING)
        return p;
    s->place = PLACE_GAP;
    if (key) {
        s->items_next = rk_str_is(rk_buf_view(&s->key), "items\"");
        s->key_next = false;
    }
    return p;
}

static void head_structure(struct doc_split *s, char c)
{
    if (c == '"') {
        s->place = PLACE_STRING;
        rk_buf_clear(&s->key);
    } else if (c == '{' || c == '[') {
        s->in_items = c == '[' && s->depth == 1 && s->items_next;
        s->want_comma = false;
        s->depth += !s->in_items;
        s->key_next = s->key_next || s->depth == 1;
    } else if (c == '}' || c == ']') {
        s->done = --s->depth == 0;
    } else if (c == ',' && s->depth == 1) {
        s->key_next = true;
    }
    if (s->depth == 1 && c != ':' && !is_space(c) && !s->in_items && c != '"')
        s->items_next = false;
}

static int head_piece(struct doc_split *s, const char **p, const char *end, struct rk_err *err)
{
    if (s->place == PLACE_STRING) {
        *p = head_string(s, *p, end);
        return s->head.n > s->limit ? over(s, err) : 0;
    }
    char c = *(*p)++;
    if (is_space(c))
        return 0;
    if (s->done)
        return fail(s, err, "more text after the list");
    if (!s->started && c != '{')
        return fail(s, err, "a list object was expected");
    s->started = true;
    if (head_byte(s, c, err))
        return -1;
    head_structure(s, c);
    return 0;
}

/* Between the members of items. */
static int items_piece(struct doc_split *s, const char **p, const char *end, doc_split_fn fn,
                       void *ctx, struct rk_err *err)
{
    char c = **p;
    if (s->place == PLACE_GAP) {
        if (is_space(c) || c == ',' || c == ']') {
            (*p)++;
            if (c == ',' && !s->want_comma)
                return fail(s, err, "a comma without a member before it");
            if (c == ']') {
                s->in_items = s->items_next = false;
                s->depth = 1;
                return head_byte(s, c, err);
            }
            s->want_comma = s->want_comma && is_space(c);
            return 0;
        }
        if (s->want_comma)
            return fail(s, err, "a comma between members is missing");
    }
    if (feed_value(s, p, end, fn, ctx, err))
        return -1;
    s->want_comma = s->place == PLACE_GAP;
    return 0;
}

int doc_split_feed(struct doc_split *s, rk_str bytes, doc_split_fn fn, void *ctx,
                   struct rk_err *err)
{
    const char *p = bytes.p, *end = bytes.p + bytes.n;
    int rc = 0;
    if (s->failed)
        return fail(s, err, "it failed before");
    while (p < end && rc == 0) {
        if (s->list && !s->in_items)
            rc = head_piece(s, &p, end, err);
        else if (s->list)
            rc = items_piece(s, &p, end, fn, ctx, err);
        else if (s->place == PLACE_GAP && is_space(*p))
            p++;
        else
            rc = feed_value(s, &p, end, fn, ctx, err);
    }
    return rc;
}

int doc_split_end(struct doc_split *s, rk_str *head, struct rk_err *err)
{
    if (s->failed)
        return fail(s, err, "it failed before");
    if (s->list && !s->done)
        return fail(s, err, "it ends inside the list");
    if (!s->list && s->place != PLACE_GAP)
        return fail(s, err, "it ends inside a value");
    if (head)
        *head = rk_buf_view(&s->head);
    return 0;
}
