/*
 * strip.c: what nobody reads leaves an object before it is parsed.
 *
 * In: the JSON of one object. Out: the same text without the fields of the table below, with kind
 * and apiVersion put in front when a list left them out; managedFields apart, as bytes. They
 * are half of a typical object: as nodes they would cost five times as much.
 */
#include "cluster/cluster_int.h"

struct rule {
    const char *kind; /* NULL: any */
    const char *path[2];
};

enum { RULE_MANAGED = 0 };
static const struct rule rules[] = {
    [RULE_MANAGED] = {NULL, {"metadata", "managedFields"}},
    {NULL, {"metadata", "selfLink"}},
    {"Node", {"status", "images"}},
    {"Node", {"status", "volumesInUse"}},
    {"Node", {"status", "volumesAttached"}},
};

struct strip {
    struct rk_buf *out;
    rk_str managed;
    rk_str kind;
};

static bool leads(const struct strip *s, rk_str key)
{
    for (size_t i = 0; i < RK_LEN(rules); i++)
        if (rk_str_is(key, rules[i].path[0]) &&
            (!rules[i].kind || rk_str_is(s->kind, rules[i].kind)))
            return true;
    return false;
}

/* The rule that takes this field out, or -1. */
static int rule_of(const struct strip *s, rk_str parent, rk_str key)
{
    for (size_t i = 0; i < RK_LEN(rules); i++)
        if (rk_str_is(key, rules[i].path[1]) && rk_str_is(parent, rules[i].path[0]) &&
            (!rules[i].kind || rk_str_is(s->kind, rules[i].kind)))
            return (int)i;
    return -1;
}

static void put(struct strip *s, bool first, const struct json_member *m)
{
    if (!first)
        rk_buf_ch(s->out, ',');
    rk_buf_ch(s->out, '"');
    rk_buf_str(s->out, m->key);
    rk_buf_add(s->out, "\":", 2);
}

static bool strip_inner(struct strip *s, rk_str parent, rk_str map)
{
    struct json_members members;
    struct json_member m;
    bool first = true;

    rk_buf_ch(s->out, '{');
    json_members_init(&members, map);
    while (json_member_next(&members, &m)) {
        int rule = rule_of(s, parent, m.key);

        if (rule == RULE_MANAGED)
            s->managed = m.value;
        if (rule >= 0)
            continue;
        put(s, first, &m);
        rk_buf_str(s->out, m.value);
        first = false;
    }
    rk_buf_ch(s->out, '}');
    return !members.bad;
}

static bool strip_outer(struct strip *s, rk_str json, bool first)
{
    struct json_members members;
    struct json_member m;

    json_members_init(&members, json);
    while (json_member_next(&members, &m)) {
        put(s, first, &m);
        first = false;
        if (m.value.p[0] != '{' || !leads(s, m.key))
            rk_buf_str(s->out, m.value);
        else if (!strip_inner(s, m.key, m.value))
            return false;
    }
    rk_buf_ch(s->out, '}');
    return !members.bad;
}

bool strip_object(rk_str json, const char *kind, const char *api_version, struct rk_buf *out,
                  rk_str *managed)
{
    struct json_members members;
    struct json_member m;
    struct strip s = {.out = out, .managed = RK_STR_NONE, .kind = rk_str_c(kind)};
    bool has_kind = false, has_version = false, first = true;

    json_members_init(&members, json);
    while (json_member_next(&members, &m)) {
        if (rk_str_is(m.key, "kind")) {
            s.kind = json_unquote(m.value);
            has_kind = true;
        } else if (rk_str_is(m.key, "apiVersion")) {
            has_version = true;
        }
    }
    if (members.bad)
        return false;
    rk_buf_clear(out);
    rk_buf_reserve(out, json.n + 128);
    rk_buf_ch(out, '{');
    if (!has_kind && kind) {
        rk_buf_f(out, "\"kind\":\"%s\"", kind);
        first = false;
    }
    if (!has_version && api_version) {
        rk_buf_f(out, "%s\"apiVersion\":\"%s\"", first ? "" : ",", api_version);
        first = false;
    }
    if (!strip_outer(&s, json, first))
        return false;
    *managed = s.managed;
    return true;
}
