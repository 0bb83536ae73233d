/*
 * api.c: a few requests to one Kubernetes API, blocking, as its kubeconfig says: certificate,
 * token, token file, name and password. In: a path. Out: status and body. It runs no exec plugin
 * and writes nothing.
 */
#include "admin/admin_int.h"
#include "net/net.h"

enum { REQUEST_MS = 10000 };

struct admin_api {
    struct cluster_config *config;
    struct run_loop *loop;
    struct net_client *client;
};

struct answer {
    struct run_loop *loop;
    struct rk_buf *body;
    struct rk_err err;
    int status;
};

static void set_header(struct admin_api *a, rk_str word, rk_str value)
{
    struct rk_buf text rk_auto(admin_wipe_buf) = RK_BUF_INIT;

    rk_buf_reserve(&text, word.n + value.n + 2);
    rk_buf_str(&text, word);
    rk_buf_str(&text, value);
    net_client_authorize(a->client, text.p);
}

static int authorize(struct admin_api *a, struct rk_err *err)
{
    const struct cluster_config *c = a->config;
    struct rk_buf text rk_auto(admin_wipe_buf) = RK_BUF_INIT;
    struct rk_buf pair rk_auto(admin_wipe_buf) = RK_BUF_INIT;

    if (c->token_file) {
        if (rk_file_read(c->token_file, 64 << 10, &text, err) < 0)
            return rk_wrap(err, "token of user %s", c->user_name ? c->user_name : "?");
        set_header(a, RK_STR("Bearer "), rk_str_trim(rk_buf_view(&text)));
    } else if (c->token) {
        set_header(a, RK_STR("Bearer "), rk_str_c(c->token));
    } else if (c->username) {
        rk_buf_f(&pair, "%s:%s", c->username, c->password ? c->password : "");
        rk_base64(&text, pair.p, pair.n);
        set_header(a, RK_STR("Basic "), rk_buf_view(&text));
    }
    return 0;
}

static int connect_api(struct admin_api *a, struct rk_err *err)
{
    const struct cluster_config *c = a->config;
    struct net_client_opts opts = {
        .base = c->server, .proxy = c->proxy, .user_agent = "reckon/" RK_VERSION,
        .connect_timeout_ms = 5000,
        .tls = {.ca = c->ca, .cert = c->cert, .key = c->key, .server_name = c->tls_server_name,
                .insecure = c->insecure},
    };

    if (c->exec && !c->token && !c->token_file && !c->cert.n)
        return rk_fail(err, RK_UNSUPPORTED,
                       "context %s logs in by a plugin, which this verb does not run; "
                       "`kubectl get --raw PATH` does", c->context ? c->context : "?");
    if (net_client_new(a->loop, &opts, &a->client, err) < 0)
        return -1;
    return authorize(a, err);
}

int admin_api_open(const char *kubeconfig, const char *context, struct admin_api **out,
                   struct rk_err *err)
{
    struct admin_api *a rk_auto(admin_api_freep) = rk_alloc(sizeof *a);

    if (cluster_config_load(kubeconfig, context, &a->config, err) < 0)
        return -1;
    a->loop = run_loop_new();
    if (connect_api(a, err) < 0)
        return -1;
    *out = a;
    a = NULL;
    return 0;
}

void admin_api_free(struct admin_api *a)
{
    if (!a)
        return;
    if (a->client)
        net_client_free(a->client);
    if (a->loop) {
        run_loop_run(a->loop); /* what the client still closes */
        run_loop_free(a->loop);
    }
    cluster_config_free(a->config);
    free(a);
}

void admin_api_freep(struct admin_api **a)
{
    admin_api_free(*a);
}

const struct cluster_config *admin_api_config(const struct admin_api *a)
{
    return a->config;
}

static void take(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct answer *got = ctx;

    if (err)
        got->err = *err;
    else
        rk_buf_str(got->body, r->body);
    got->status = err ? -1 : r->status;
    run_loop_stop(got->loop);
}

int admin_api_get(struct admin_api *a, const char *path, struct rk_buf *body, struct rk_err *err)
{
    struct answer got = {.loop = a->loop, .body = body};
    struct net_request_opts opts = {
        .path = path, .headers = a->config->headers, .timeout_ms = REQUEST_MS};

    rk_buf_clear(body);
    if (!net_request(a->client, &opts, take, &got))
        return rk_fail(err, RK_INTERNAL, "no request could be made");
    run_loop_run(a->loop);
    if (got.status < 0)
        return rk_fail(err, got.err.code, "%s: %s", a->config->server, got.err.text);
    return got.status;
}
