/*
 * config_env.c: the parts of a configuration that do not stand in a kubeconfig as they are used:
 * the URL's normal form, the proxy of the environment, impersonation headers, and the in-cluster
 * configuration (reference/kubernetes.md sections 1.2 and 1.4).
 */
#include "cluster/config_int.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

/* ---- URL ---- */

static rk_str host_of(const char *url, const char **port)
{
    const char *p = strstr(url, "://");

    p = p ? p + 3 : url;
    size_t n = strcspn(p, "/?#");
    const char *at = memchr(p, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    if (n > 0 && p[0] == '[') {
        const char *end = memchr(p, ']', n);
        return end ? (rk_str){p + 1, (size_t)(end - p) - 1} : (rk_str){p, n};
    }
    const char *colon = memchr(p, ':', n);
    *port = colon ? colon + 1 : NULL;
    return (rk_str){p, colon ? (size_t)(colon - p) : n};
}

static bool in_cidr(rk_str host, rk_str cidr)
{
    rk_str bits;
    rk_str net = rk_str_cut(cidr, '/', &bits);
    char a[64], b[64];
    uint8_t x[16], y[16];
    int64_t n;

    if (!bits.p || !rk_str_int(bits, &n) || host.n >= sizeof(a) || net.n >= sizeof(b))
        return false;
    memcpy(a, host.p, host.n);
    a[host.n] = '\0';
    memcpy(b, net.p, net.n);
    b[net.n] = '\0';
    int family = strchr(b, ':') ? AF_INET6 : AF_INET;
    int64_t most = family == AF_INET6 ? 128 : 32;
    if (n < 0 || n > most || inet_pton(family, a, x) != 1 || inet_pton(family, b, y) != 1)
        return false;
    if (memcmp(x, y, (size_t)n / 8) != 0)
        return false;
    if (n % 8 == 0)
        return true;
    uint8_t mask = (uint8_t)(0xff << (8 - n % 8));
    return (x[n / 8] & mask) == (y[n / 8] & mask);
}

static bool no_proxy_names(rk_str host, rk_str entry)
{
    entry = rk_str_trim(entry);
    if (rk_str_is(entry, "*") || in_cidr(host, entry))
        return true;
    if (entry.n > 1 && entry.p[0] == '*')
        entry = (rk_str){entry.p + 1, entry.n - 1};
    if (entry.n == 0 || entry.n > host.n + 1)
        return false;
    if (entry.p[0] == '.') /* ".example.org": below it only */
        return entry.n < host.n &&
               strncasecmp(host.p + host.n - entry.n, entry.p, entry.n) == 0;
    if (entry.n > host.n || strncasecmp(host.p + host.n - entry.n, entry.p, entry.n) != 0)
        return false;
    return entry.n == host.n || host.p[host.n - entry.n - 1] == '.';
}

static const char *env_either(const char *upper, const char *lower)
{
    const char *v = getenv(upper);

    v = v && v[0] ? v : getenv(lower);
    return v && v[0] ? v : NULL;
}

/* As Go's ProxyFromEnvironment: never for this machine itself. */
static const char *proxy_of_env(const char *server)
{
    bool https = strncmp(server, "https://", 8) == 0;
    const char *proxy = https ? env_either("HTTPS_PROXY", "https_proxy")
                              : env_either("HTTP_PROXY", "http_proxy");
    const char *port = NULL;
    rk_str host = host_of(server, &port);
    rk_str rest = rk_str_c(env_either("NO_PROXY", "no_proxy"));

    if (!proxy || rk_str_is(host, "localhost") || in_cidr(host, RK_STR("127.0.0.0/8")) ||
        rk_str_is(host, "::1"))
        return NULL;
    while (rest.p)
        if (no_proxy_names(host, rk_str_cut(rest, ',', &rest)))
            return NULL;
    return proxy;
}

int config_server(struct cluster_config *c, struct rk_err *err)
{
    rk_str url = rk_str_trim(rk_str_c(c->server));
    bool tls = c->ca.n || c->cert.n || c->insecure;
    const char *scheme = "";

    if (!memmem(url.p, url.n, "://", 3))
        scheme = tls ? "https://" : "http://";
    else if (!rk_str_starts(url, "https://") && !rk_str_starts(url, "http://"))
        return rk_fail(err, RK_INVALID, "context \"%s\": server %.*s: only http and https",
                       c->context, RK_ARG_STR(url));
    size_t n = 0;
    while (n < url.n && url.p[n] != '?' && url.p[n] != '#')
        n++;
    while (n > 0 && url.p[n - 1] == '/')
        n--;
    c->server = rk_arena_f(c->arena, "%s%.*s", scheme, (int)n, url.p);
    const char *port = NULL;
    if (host_of(c->server, &port).n == 0)
        return rk_fail(err, RK_INVALID, "context \"%s\": server \"%s\" has no host", c->context,
                       c->server);
    if (c->proxy && strncmp(c->proxy, "http://", 7) != 0 && strncmp(c->proxy, "https://", 8) != 0 &&
        strncmp(c->proxy, "socks5://", 9) != 0)
        return rk_fail(err, RK_INVALID, "context \"%s\": proxy-url: only http, https and socks5",
                       c->context);
    if (!c->proxy)
        c->proxy = rk_arena_strdup(c->arena, proxy_of_env(c->server));
    return 0;
}

/* ---- impersonation ---- */

/* Bytes that no header name may hold, and %, as %XX. */
static void header_key(struct rk_buf *out, rk_str key)
{
    for (size_t i = 0; i < key.n; i++) {
        unsigned char b = (unsigned char)key.p[i];

        if (b < 0x80 && b != '%' && (isalnum(b) || (b && strchr("!#$&'*+-.^_`|~", b))))
            rk_buf_ch(out, (char)b);
        else
            rk_buf_f(out, "%%%02X", b);
    }
}

struct headers {
    const char **all;
    size_t n, cap;
};

static bool add_header(struct cluster_config *c, struct headers *h, const char *name, rk_str value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return false;
    h->all = rk_arena_grow(c->arena, h->all, h->n + 1, &h->cap, sizeof(*h->all));
    h->all[h->n++] = rk_arena_f(c->arena, "%s: %.*s", name, RK_ARG_STR(value));
    return true;
}

static bool add_extra(struct cluster_config *c, struct headers *h, const struct doc_node *extra)
{
    bool good = true;

    for (size_t i = 0; doc_type(extra) == DOC_MAP && i < doc_count(extra); i++) {
        const struct doc_pair *p = doc_pair_at(extra, i);
        struct rk_buf name = RK_BUF_INIT;

        rk_buf_c(&name, "Impersonate-Extra-");
        header_key(&name, p->key);
        for (size_t k = 0; k < doc_count(p->value); k++)
            good &= add_header(c, h, name.p, doc_text(doc_at(p->value, k)));
        rk_buf_release(&name);
    }
    return good;
}

int config_impersonate(struct cluster_config *c, const struct doc_node *user, const char *file,
                       struct rk_err *err)
{
    rk_str as = doc_get_text(user, "act-as"), uid = doc_get_text(user, "act-as-uid");
    const struct doc_node *groups = doc_get(user, "act-as-groups");
    const struct doc_node *extra = doc_get(user, "act-as-user-extra");
    struct headers h = {0};
    bool good = true;

    if (as.n == 0 && uid.n == 0 && doc_count(groups) == 0 && doc_count(extra) == 0)
        return 0;
    if (as.n == 0)
        return rk_fail_at(err, RK_INVALID, file, 0, 0,
                          "user \"%s\": act-as-uid, groups and extra need act-as", c->user_name);
    good &= add_header(c, &h, "Impersonate-User", as);
    if (uid.n)
        good &= add_header(c, &h, "Impersonate-Uid", uid);
    for (size_t i = 0; doc_type(groups) == DOC_LIST && i < doc_count(groups); i++)
        good &= add_header(c, &h, "Impersonate-Group", doc_text(doc_at(groups, i)));
    good &= add_extra(c, &h, extra);
    if (!good || h.n > 64)
        return rk_fail_at(err, RK_INVALID, file, 0, 0,
                          "user \"%s\": act-as values cannot be sent as headers", c->user_name);
    h.all[h.n] = NULL; /* add_header keeps room for it */
    c->headers = h.all;
    return 0;
}

/* ---- in-cluster ---- */

bool config_in_cluster(const struct cluster_config *c)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");

    (void)c;
    return host && host[0] && port && port[0] && rk_path_exists(ACCOUNT "token");
}

int config_in_cluster_read(struct cluster_config *c, struct rk_err *err)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
    const char *namespace = getenv("POD_NAMESPACE");
    struct rk_buf text = RK_BUF_INIT;

    c->context = c->cluster_name = c->user_name = "in-cluster";
    c->server = strchr(host, ':') ? rk_arena_f(c->arena, "https://[%s]:%s", host, port)
                                  : rk_arena_f(c->arena, "https://%s:%s", host, port);
    c->token_file = ACCOUNT "token";
    if (rk_file_read(ACCOUNT "ca.crt", (size_t)1 << 20, &text, err) < 0) {
        rk_buf_release(&text);
        return rk_wrap(err, "in-cluster configuration");
    }
    c->ca = rk_arena_str(c->arena, rk_buf_view(&text));
    rk_buf_clear(&text);
    c->namespace = rk_arena_strdup(c->arena, namespace && namespace[0] ? namespace : "default");
    if (!(namespace && namespace[0]) &&
        rk_file_read(ACCOUNT "namespace", 4096, &text, NULL) == 0 &&
        rk_str_trim(rk_buf_view(&text)).n) {
        rk_str t = rk_str_trim(rk_buf_view(&text));
        c->namespace = rk_arena_dup(c->arena, t.p, t.n);
    }
    rk_buf_release(&text);
    return config_server(c, err);
}
