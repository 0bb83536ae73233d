/*
 * cluster.c: one connection from open to close: first contact (version, identity, kinds), whether
 * the server is there, and who is told. In: a configuration; what the other files hear. Out: the
 * observer's state. While the server is away it asks for /version, ever more slowly; an idle
 * connection asks for nothing.
 */
#include "cluster/cluster_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "reckon/time.h"

#define PROBE_FIRST_MS ((uint64_t)250)
#define PROBE_MOST_MS ((uint64_t)10000)
#define PROBE_DENIED_MS ((uint64_t)15000)
#define PROBE_TIMEOUT_MS ((uint64_t)5000)

static void connect_now(struct cluster *c);

/* ---- frames ---- */

static void cluster_destroy(struct cluster *c)
{
    watch_release(c);
    queue_release(c);
    discovery_release(c);
    auth_release(c);
    store_release(&c->store);
    net_client_free(c->net);
    run_timer_stop(c->probe);
    rk_buf_release(&c->strip);
    pool_unref(c->pool);
    rk_wipe(c->mask_key, sizeof(c->mask_key));
    free(c->name);
    free(c->version);
    free(c->uid);
    free(c);
}

void cluster_enter(struct cluster *c)
{
    c->depth++;
}

bool cluster_leave(struct cluster *c)
{
    bool alive = !c->dead;

    if (--c->depth > 0)
        return alive;
    if (alive)
        watch_bury(c);
    else
        cluster_destroy(c);
    return alive;
}

/* ---- state ---- */

static void settle(struct cluster *c, const struct rk_err *why)
{
    enum cluster_state s = CLUSTER_CONNECTING;

    if (why)
        c->why = *why;
    if (c->denied || c->disco.denied)
        s = CLUSTER_DENIED;
    else if (c->unreachable)
        s = CLUSTER_UNREACHABLE;
    else if (c->version_known && c->uid_known && c->disco.done)
        s = CLUSTER_OK;
    if (s == c->state || c->dead)
        return;
    c->state = s;
    if (c->ob.state)
        c->ob.state(c, s, s == CLUSTER_OK || s == CLUSTER_CONNECTING ? NULL : &c->why, c->ctx);
}

void cluster_heard(struct cluster *c, int status, uint64_t elapsed_us)
{
    bool away = c->unreachable || (c->denied && status >= 200 && status < 300);

    c->seen_ms = rk_wall_ms();
    if (elapsed_us)
        c->latency_ms = (int64_t)(elapsed_us + 999) / 1000;
    c->unreachable = false;
    if (status >= 200 && status < 300)
        c->denied = false;
    settle(c, NULL);
    if (away && !c->dead) {
        connect_now(c);
        watch_kick(c);
    }
}

void cluster_denied(struct cluster *c, const struct rk_err *why)
{
    c->denied = true;
    settle(c, why);
    if (!c->dead && !c->probe && !c->probing)
        cluster_probe_in(c, PROBE_DENIED_MS);
}

/* ---- is it there? ---- */

static void probed(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;

    c->probing = false;
    if (r->response && r->status && r->status->code == 401) {
        cluster_probe_in(c, PROBE_DENIED_MS);
    } else if (r->response) {
        c->probe_ms = 0;
        connect_now(c);
    } else {
        c->unreachable = true;
        cluster_probe_in(c, c->probe_ms);
        settle(c, r->err);
    }
}

static void probe_now(void *ctx)
{
    struct cluster *c = ctx;

    cluster_enter(c);
    run_timer_stop(c->probe);
    c->probe = NULL;
    if (!c->probing) {
        struct cluster_call *k = call_new(c, "GET", probed, NULL);

        c->probing = true;
        rk_buf_c(&k->path, "/version");
        k->once = true;
        k->timeout_ms = PROBE_TIMEOUT_MS;
        call_submit(k);
    }
    cluster_leave(c);
}

void cluster_probe_in(struct cluster *c, uint64_t ms)
{
    if (c->dead || c->probe)
        return;
    c->probe_ms = c->probe_ms ? c->probe_ms * 2 : PROBE_FIRST_MS;
    if (c->probe_ms > PROBE_MOST_MS)
        c->probe_ms = PROBE_MOST_MS;
    c->probe = run_timer_start(c->loop, ms ? retry_jitter(ms, &c->random) : 1, 0, probe_now, c);
}

void cluster_trouble(struct cluster *c, const struct rk_err *why)
{
    if (c->probing || c->probe || c->dead)
        return;
    if (why->code != RK_UNAVAILABLE && why->code != RK_TIMEOUT)
        return;
    cluster_probe_in(c, 0);
}

/* ---- first contact ---- */

/* What could not be learned is asked for again. */
static void contact_end(struct cluster *c, const struct rk_err *err, bool known)
{
    if (known)
        c->contact_tries = 0;
    else
        cluster_probe_in(c, PROBE_FIRST_MS << (c->contact_tries < 6 ? c->contact_tries++ : 6));
    settle(c, err);
}

static void version_answered(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;
    struct doc_node *doc = NULL;

    c->asking--;
    if (r->err) {
        c->version_known |= r->status && r->status->code == 403;
    } else {
        c->version_known = true;
        if (doc_json_read(r->arena, r->response->body, NULL, &doc, NULL) == 0 &&
            doc_get_text(doc, "gitVersion").n > 0) {
            free(c->version);
            c->version = rk_str_dup(doc_get_text(doc, "gitVersion"));
        }
    }
    contact_end(c, r->err, c->version_known);
}

static void uid_answered(struct cluster_call *k, const struct call_result *r)
{
    struct cluster *c = k->c;
    struct doc_node *doc = NULL;

    c->asking--;
    if (r->status && (r->status->code == 403 || r->status->code == 404)) {
        c->uid_known = true; /* nobody will tell us: the uid stays NULL */
    } else if (!r->err && doc_json_read(r->arena, r->response->body, NULL, &doc, NULL) == 0) {
        rk_str uid = doc_get_text(doc_get(doc, "metadata"), "uid");

        c->uid_known = uid.n > 0;
        if (uid.n > 0) {
            free(c->uid);
            c->uid = rk_str_dup(uid);
        }
    }
    contact_end(c, r->err, c->uid_known);
}

static void ask(struct cluster *c, const char *path, call_finish_fn finish)
{
    struct cluster_call *k = call_new(c, "GET", finish, NULL);

    c->asking++;
    rk_buf_c(&k->path, path);
    k->what = rk_strdup("connect");
    call_submit(k);
}

/* Whatever is not known yet. */
static void connect_now(struct cluster *c)
{
    if (c->asking > 0)
        return;
    if (!c->version_known)
        ask(c, "/version", version_answered);
    if (!c->disco.done)
        discovery_start(c);
    if (!c->uid_known)
        ask(c, "/api/v1/namespaces/kube-system", uid_answered);
}

void cluster_discovered_now(struct cluster *c, const struct rk_err *why)
{
    settle(c, why);
    if (!c->dead)
        watch_kinds_changed(c);
}

/* ---- the client ---- */

static int client_new(struct cluster *c, struct net_client **out, struct rk_err *err)
{
    const struct cluster_config *cfg = c->config;
    const struct net_client_opts opts = {
        .base = cfg->server,
        .tls = {.ca = cfg->ca,
                .cert = c->auth.cert ? rk_str_c(c->auth.cert) : cfg->cert,
                .key = c->auth.key ? rk_str_c(c->auth.key) : cfg->key,
                .server_name = cfg->tls_server_name,
                .insecure = cfg->insecure},
        .proxy = cfg->proxy,
        .user_agent = "reckon/" RK_VERSION,
    };

    if (net_client_new(c->loop, &opts, out, err) < 0)
        return -1;
    if (c->auth.header && c->auth.https)
        net_client_authorize(*out, c->auth.header);
    return 0;
}

int cluster_renew_client(struct cluster *c, struct rk_err *err)
{
    struct net_client *fresh;

    if (client_new(c, &fresh, err) < 0)
        return -1;
    queue_suspend(c);
    watch_suspend(c);
    net_client_free(c->net);
    c->net = fresh;
    return 0;
}

size_t cluster_headers(const struct cluster *c, const char *accept, const char *content_type,
                       const char **out, size_t n)
{
    size_t used = 0;

    out[used++] = accept;
    if (content_type)
        out[used++] = content_type;
    for (size_t i = 0; c->config->headers && c->config->headers[i] && used + 1 < n; i++)
        out[used++] = c->config->headers[i];
    out[used] = NULL;
    return used;
}

/* ---- the door ---- */

int cluster_open(struct run_loop *loop, const struct cluster_opts *opts,
                 const struct cluster_observer *ob, void *ctx, struct cluster **out,
                 struct rk_err *err)
{
    struct cluster *c = rk_alloc(sizeof(*c));

    c->loop = loop;
    c->name = rk_strdup(opts->name ? opts->name : opts->config->context);
    c->config = opts->config;
    c->ob = *ob;
    c->ctx = ctx;
    c->request_ms = opts->request_ms ? opts->request_ms : 60000;
    c->queue.parallel = opts->parallel ? opts->parallel : 8;
    c->strip = RK_BUF_INIT;
    c->latency_ms = -1;
    c->pool = pool_new();
    store_init(&c->store);
    discovery_init(c);
    c->depth++; /* nothing is told inside this call, and a failure frees in one place */
    int rc = rk_random(&c->random, sizeof(c->random), err);
    if (rc == 0 && opts->mask_key)
        memcpy(c->mask_key, opts->mask_key, sizeof(c->mask_key));
    else if (rc == 0)
        rc = rk_random(c->mask_key, sizeof(c->mask_key), err);
    if (rc == 0)
        rc = auth_init(c, err);
    if (rc == 0)
        rc = client_new(c, &c->net, err);
    if (rc == 0) {
        watch_open(c);
        connect_now(c);
    } else {
        rk_wrap(err, "cluster %s", c->name);
        c->dead = true;
    }
    cluster_leave(c);
    if (rc == 0)
        *out = c;
    return rc;
}

void cluster_close(struct cluster *c)
{
    if (!c || c->dead)
        return;
    c->dead = true;
    c->ob = (struct cluster_observer){0};
    if (c->depth == 0)
        cluster_destroy(c);
    else /* a callback of ours is on the stack: nothing more is told, the rest goes with it */
        watch_suspend(c);
}

const char *cluster_name(const struct cluster *c)
{
    return c->name;
}

enum cluster_state cluster_state(const struct cluster *c)
{
    return c->state;
}

const char *cluster_version(const struct cluster *c)
{
    return c->version;
}

const char *cluster_uid(const struct cluster *c)
{
    return c->uid;
}

int64_t cluster_latency_ms(const struct cluster *c)
{
    return c->latency_ms;
}

int64_t cluster_seen_ms(const struct cluster *c)
{
    return c->seen_ms;
}
