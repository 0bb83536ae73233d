/*
 * json.c: the members of a JSON object without parsing it.
 *
 * In: the text of one object, as the splitter cut it. Out: key and value of each member, as views.
 * It knows strings and brackets only; whether the values are JSON is decided by whoever parses
 * what is left. Bad text ends the walk with `bad`; nothing is read behind the end.
 */
#include "cluster/cluster_int.h"

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* p is at the opening quote; the end is behind the closing one, NULL when there is none. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end;) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        size_t slashes = 0;

        if (!quote)
            return NULL;
        while (quote - slashes > p && quote[-1 - (ptrdiff_t)slashes] == '\\')
            slashes++;
        p = quote + 1;
        if (slashes % 2 == 0)
            return p;
    }
    return NULL;
}

static const char *skip_nested(const char *p, const char *end)
{
    size_t depth = 0;

    while (p < end) {
        switch (*p) {
        case '"':
            p = skip_string(p, end);
            if (!p)
                return NULL;
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (--depth == 0)
                return p + 1;
            break;
        default:
            break;
        }
        p++;
    }
    return NULL;
}

static const char *skip_value(const char *p, const char *end)
{
    if (p == end)
        return NULL;
    if (*p == '"')
        return skip_string(p, end);
    if (*p == '{' || *p == '[')
        return skip_nested(p, end);
    const char *start = p;
    while (p < end && *p != ',' && *p != '}' && *p != ']' && *p != ' ' && *p != '\n' &&
           *p != '\t' && *p != '\r')
        p++;
    return p > start ? p : NULL;
}

void json_members_init(struct json_members *m, rk_str object)
{
    const char *end = object.p + object.n;
    const char *p = object.p ? skip_blanks(object.p, end) : end;

    *m = (struct json_members){.p = p, .end = end};
    if (p == end || *p != '{')
        m->bad = true;
    else
        m->p = p + 1;
}

static bool stop(struct json_members *m, bool bad)
{
    m->bad = bad;
    m->p = m->end;
    return false;
}

bool json_member_next(struct json_members *m, struct json_member *out)
{
    if (m->bad)
        return false;
    const char *p = skip_blanks(m->p, m->end);
    if (p == m->end)
        return stop(m, true);
    if (*p == '}')
        return stop(m, false);
    if (m->begun && *p++ != ',')
        return stop(m, true);
    m->begun = true;
    p = skip_blanks(p, m->end);
    if (p == m->end || *p != '"')
        return stop(m, true);
    const char *key = p + 1;
    p = skip_string(p, m->end);
    if (!p)
        return stop(m, true);
    out->key = (rk_str){key, (size_t)(p - key) - 1};
    p = skip_blanks(p, m->end);
    if (p == m->end || *p != ':')
        return stop(m, true);
    const char *value = skip_blanks(p + 1, m->end);
    p = skip_value(value, m->end);
    if (!p)
        return stop(m, true);
    out->value = (rk_str){value, (size_t)(p - value)};
    m->p = p;
    return true;
}

rk_str json_member_find(rk_str object, const char *key)
{
    struct json_members m;
    struct json_member one;

    json_members_init(&m, object);
    while (json_member_next(&m, &one))
        if (rk_str_is(one.key, key))
            return one.value;
    return RK_STR_NONE;
}

rk_str json_unquote(rk_str value)
{
    if (value.n < 2 || value.p[0] != '"' || memchr(value.p, '\\', value.n))
        return RK_STR_NONE;
    return (rk_str){value.p + 1, value.n - 2};
}
