/*
 * query.c: the parts of a request (query, headers), and escaping for one.
 *
 * In: an exchange and a name; bytes. Out: views that live as long as the exchange is unanswered;
 * escaped text. Owns nothing. A name that comes twice: the first counts.
 */
#include "server_int.h"

static bool find(const struct net_exchange *pub, enum MHD_ValueKind kind, const char *name,
                 rk_str *value)
{
    union {
        const struct net_exchange *pub;
        const struct exchange *own;
    } u = {.pub = pub};
    const char *p = NULL;
    size_t n = 0;
    if (!u.own->conn || MHD_lookup_connection_value_n(u.own->conn, kind, name, strlen(name), &p,
                                                      &n) != MHD_YES)
        return false;
    *value = p ? (rk_str){p, n} : RK_STR("");
    return true;
}

rk_str net_query(const struct net_exchange *x, const char *name)
{
    rk_str value = RK_STR_NONE;
    find(x, MHD_GET_ARGUMENT_KIND, name, &value);
    return value;
}

bool net_has_query(const struct net_exchange *x, const char *name)
{
    rk_str value;
    return find(x, MHD_GET_ARGUMENT_KIND, name, &value);
}

rk_str net_header(const struct net_exchange *x, const char *name)
{
    rk_str value = RK_STR_NONE;
    find(x, MHD_HEADER_KIND, name, &value);
    return value;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void net_escape(struct rk_buf *out, rk_str segment)
{
    for (size_t i = 0; i < segment.n; i++)
        if (is_unreserved(segment.p[i]))
            rk_buf_ch(out, segment.p[i]);
        else
            rk_buf_f(out, "%%%02X", (unsigned)(unsigned char)segment.p[i]);
}
