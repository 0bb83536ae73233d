/*
 * scan.c: bytes in, yes or no out, plus raw spans. The gate in front of cJSON, which takes leading
 * zeros, raw control characters, broken UTF-8, \u0000 (and cuts the text there), endless numbers
 * and trailing garbage. Goes through the text once with a stack of its own: no recursion, no
 * allocation. Owns nothing. Does not decode values; duplicate keys are read.c's business, which
 * knows the members that count.
 */
#include "reckon/text.h"
#include "wire/wire_int.h"

struct scan {
    const char *start, *p, *end;
    const char *why;
};

static bool bad(struct scan *s, const char *why)
{
    s->why = why;
    return false;
}

static void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static int hex4(struct scan *s)
{
    int v = 0;

    if (s->end - s->p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = *s->p++;
        if (c >= '0' && c <= '9')
            v = v * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            v = v * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return v;
}

/* Behind "\u". */
static bool unicode_escape(struct scan *s)
{
    int v = hex4(s), low;

    if (v < 0)
        return bad(s, "\\u needs four hexadecimal digits");
    if (v == 0)
        return bad(s, "\\u0000 is not allowed");
    if (v >= 0xdc00 && v <= 0xdfff)
        return bad(s, "half of a surrogate pair");
    if (v < 0xd800 || v > 0xdbff)
        return true;
    if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
        return bad(s, "half of a surrogate pair");
    s->p += 2;
    low = hex4(s);
    return (low >= 0xdc00 && low <= 0xdfff) || bad(s, "half of a surrogate pair");
}

static bool escape(struct scan *s)
{
    if (s->p == s->end)
        return bad(s, "a string without an end");
    if (*s->p == 'u') {
        s->p++;
        return unicode_escape(s);
    }
    if (!*s->p || !strchr("\"\\/bfnrt", *s->p))
        return bad(s, "an unknown escape");
    s->p++;
    return true;
}

static bool string(struct scan *s)
{
    if (s->p == s->end || *s->p != '"')
        return bad(s, "a string is expected");
    s->p++;
    while (s->p < s->end) {
        unsigned char c = (unsigned char)*s->p;
        if (c == '"') {
            s->p++;
            return true;
        }
        if (c == '\\') {
            s->p++;
            if (!escape(s))
                return false;
        } else if (c < 0x20) {
            return bad(s, "a control character in a string");
        } else if (c < 0x80) {
            s->p++;
        } else {
            uint32_t code;
            size_t n = rk_utf8_next(s->p, (size_t)(s->end - s->p), &code);
            if (!n)
                return bad(s, "not UTF-8");
            s->p += n;
        }
    }
    return bad(s, "a string without an end");
}

static bool digits(struct scan *s)
{
    const char *from = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p > from || bad(s, "a digit is expected");
}

static bool number(struct scan *s)
{
    const char *from = s->p;

    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!digits(s))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p | 32) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        if (!digits(s))
            return false;
    }
    return s->p - from <= WIRE_NUMBER_MAX || bad(s, "a number of more than 60 characters");
}

static bool word(struct scan *s, const char *w)
{
    size_t n = strlen(w);

    if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
        return bad(s, "a value is expected");
    s->p += n;
    return true;
}

static bool scalar(struct scan *s)
{
    if (s->p == s->end)
        return bad(s, "the text ends early");
    switch (*s->p) {
    case '"':
        return string(s);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    default:
        if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'))
            return number(s);
        return bad(s, "a value is expected");
    }
}

static bool key_and_colon(struct scan *s)
{
    blanks(s);
    if (!string(s))
        return false;
    blanks(s);
    if (s->p == s->end || *s->p != ':')
        return bad(s, "':' is expected");
    s->p++;
    return true;
}

/* Opens containers until a value that is none, or an empty container, has been read. */
static bool descend(struct scan *s, char *stack, size_t *depth)
{
    for (;;) {
        blanks(s);
        if (s->p == s->end || (*s->p != '{' && *s->p != '['))
            return scalar(s);
        if (*depth == WIRE_DEPTH_MAX)
            return bad(s, NULL);
        stack[(*depth)++] = *s->p == '{' ? '}' : ']';
        s->p++;
        blanks(s);
        if (s->p < s->end && *s->p == stack[*depth - 1]) {
            (*depth)--;
            s->p++;
            return true;
        }
        if (stack[*depth - 1] == '}' && !key_and_colon(s))
            return false;
    }
}

/* Behind a value: closes what closes here. *more: a comma came, so another value follows. */
static bool ascend(struct scan *s, const char *stack, size_t *depth, bool *more)
{
    *more = false;
    for (blanks(s); *depth; blanks(s)) {
        if (s->p == s->end)
            return bad(s, "the text ends early");
        if (*s->p == ',') {
            s->p++;
            *more = true;
            return stack[*depth - 1] == ']' || key_and_colon(s);
        }
        if (*s->p != stack[*depth - 1])
            return bad(s, stack[*depth - 1] == '}' ? "',' or '}' is expected"
                                                   : "',' or ']' is expected");
        s->p++;
        (*depth)--;
    }
    return s->p == s->end || bad(s, "something follows the value");
}

int wire_scan(rk_str json, struct rk_err *err)
{
    struct scan s = {json.p, json.p, json.p + json.n, NULL};
    char stack[WIRE_DEPTH_MAX];
    size_t depth = 0;
    bool ok, more = true;

    if (json.n > WIRE_LINE_MAX)
        return rk_fail(err, RK_LIMIT, "%zu bytes; a protocol line holds at most %u", json.n,
                       WIRE_LINE_MAX);
    if (!json.n)
        return rk_fail(err, RK_INVALID, "no JSON: an empty text");
    do
        ok = descend(&s, stack, &depth) && ascend(&s, stack, &depth, &more);
    while (ok && more);
    if (ok)
        return 0;
    if (!s.why)
        return rk_fail(err, RK_LIMIT, "JSON nested deeper than %d", WIRE_DEPTH_MAX);
    return rk_fail(err, RK_INVALID, "no JSON: %s at byte %zu", s.why, (size_t)(s.p - s.start) + 1);
}

/* ---- spans of a scanned text: no check is needed any more ---- */

static const char *skip_string(const char *p)
{
    for (p++; *p != '"'; p++)
        if (*p == '\\')
            p++;
    return p + 1;
}

static const char *skip_value(const char *p, const char *end)
{
    size_t depth = 0;

    if (*p != '"' && *p != '{' && *p != '[') {
        while (p < end && !strchr(",]} \t\r\n", *p))
            p++;
        return p;
    }
    do {
        if (*p == '"') {
            p = skip_string(p);
            continue;
        }
        if (*p == '{' || *p == '[')
            depth++;
        else if (*p == '}' || *p == ']')
            depth--;
        p++;
    } while (depth);
    return p;
}

static const char *skip_to(const char *p, const char *end, const char *separators)
{
    while (p < end && *p && strchr(separators, *p))
        p++;
    return p;
}

bool wire_next_element(rk_str array, size_t *at, rk_str *value)
{
    const char *end = array.p + array.n;
    const char *p = skip_to(array.p + (*at ? *at : 1), end, ", \t\r\n"), *after;

    if (p >= end || *p == ']')
        return false;
    after = skip_value(p, end);
    *value = (rk_str){p, (size_t)(after - p)};
    *at = (size_t)(after - array.p);
    return true;
}

bool wire_next_member(rk_str object, size_t *at, rk_str *key, rk_str *value)
{
    const char *end = object.p + object.n;
    const char *p = skip_to(object.p + (*at ? *at : 1), end, ", \t\r\n"), *after;

    if (p >= end || *p == '}')
        return false;
    after = skip_string(p);
    *key = (rk_str){p, (size_t)(after - p)};
    p = skip_to(after, end, ": \t\r\n");
    after = skip_value(p, end);
    *value = (rk_str){p, (size_t)(after - p)};
    *at = (size_t)(after - object.p);
    return true;
}
