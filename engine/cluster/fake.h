/*
 * fake.h: a scripted API server in the test's own process, on 127.0.0.1. It answers first contact
 * and discovery by itself; lists and watches hang as open streams until the test writes to them;
 * everything else goes to the test's hook. Included by *_test.c only.
 */
#ifndef RK_CLUSTER_FAKE_H
#define RK_CLUSTER_FAKE_H

#include "cluster/testing.h"
#include "cluster/testing_certs.h"

#define FAKE_STREAMS 64

struct fake_stream {
    struct net_exchange *x;
    char path[120], version[40];
    bool streaming; /* a streaming list */
};
struct fake {
    struct run_loop *loop;
    struct net_server *server;
    struct cluster_config *cfg;
    struct cluster *c;
    struct told told;
    struct answered got;
    struct rk_arena *a;
    struct fake_stream streams[FAKE_STREAMS];
    size_t n_streams;
    struct rk_buf log;        /* "GET /api auth=...\n" */
    struct rk_buf body;       /* of the last request with one */
    bool old_discovery;       /* no aggregated form */
    bool no_streaming;        /* 422 for a streaming list */
    const char *groups;       /* items of /apis */
    const char *list;         /* the answer to a LIST; NULL: empty */
    /* true: it answered */
    bool (*hook)(struct fake *f, struct net_exchange *x);
    int n;                    /* the hook's own */
};

#define FAKE_GROUP(group, version, fresh, plural, kind)                                            \
    "{\"metadata\":{\"name\":\"" group "\"},\"versions\":[{\"version\":\"" version                 \
    "\",\"freshness\":\"" fresh "\",\"resources\":[{\"resource\":\"" plural                        \
    "\",\"responseKind\":{\"group\":\"\",\"version\":\"\",\"kind\":\"" kind                        \
    "\"},\"scope\":\"Namespaced\",\"verbs\":[\"list\",\"watch\",\"patch\"]}]}]}"
#define FAKE_APPS FAKE_GROUP("apps", "v1", "Current", "deployments", "Deployment")
#define FAKE_CORE                                                                                  \
    "{\"metadata\":{},\"versions\":[{\"version\":\"v1\",\"freshness\":\"Current\",\"resources\":["  \
    "{\"resource\":\"configmaps\",\"responseKind\":{\"kind\":\"ConfigMap\"},\"scope\":"            \
    "\"Namespaced\",\"verbs\":[\"list\",\"watch\"]},"                                              \
    "{\"resource\":\"secrets\",\"responseKind\":{\"kind\":\"Secret\"},\"scope\":\"Namespaced\","   \
    "\"verbs\":[\"list\",\"watch\"]},"                                                             \
    "{\"resource\":\"bindings\",\"responseKind\":{\"kind\":\"Binding\"},\"scope\":\"Namespaced\"," \
    "\"verbs\":[\"create\"]}]}]}"

static inline void fake_json(struct net_exchange *x, int status, const char *body)
{
    net_reply(x, status, "application/json", rk_str_c(body), NULL);
}

static inline void fake_status(struct net_exchange *x, int code, const char *reason)
{
    rk_auto(rk_free_str) char *body =
        rk_asprintf("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                    "\"code\":%d,\"reason\":\"%s\",\"message\":\"because of %s\"}", code, reason,
                    reason);
    fake_json(x, code, body);
}

static inline void fake_groups(struct fake *f, struct net_exchange *x, const char *items)
{
    rk_auto(rk_free_str) char *body = rk_asprintf(
        "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/v2\","
        "\"metadata\":{},\"items\":[%s]}", items);

    (void)f;
    net_reply(x, 200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
              rk_str_c(body), NULL);
}

static inline bool fake_old(struct net_exchange *x)
{
    static const char *const answers[][2] = {
        {"/api", "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}"},
        {"/apis", "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"apps\",\"versions\":["
                  "{\"version\":\"v1beta1\"},{\"version\":\"v1\"}],"
                  "\"preferredVersion\":{\"version\":\"v1\"}}]}"},
        {"/api/v1", "{\"resources\":[{\"name\":\"configmaps\",\"kind\":\"ConfigMap\","
                    "\"namespaced\":true,\"verbs\":[\"list\",\"watch\"]}]}"},
        {"/apis/apps/v1", "{\"resources\":[{\"name\":\"deployments\",\"kind\":\"Deployment\","
                          "\"namespaced\":true,\"verbs\":[\"list\",\"watch\"]},"
                          "{\"name\":\"deployments/scale\",\"kind\":\"Scale\",\"verbs\":[]}]}"},
        {"/apis/apps/v1beta1", "{\"resources\":[{\"name\":\"deployments\",\"kind\":\"Deployment\","
                               "\"namespaced\":true,\"verbs\":[\"list\",\"watch\"]}]}"},
    };

    for (size_t i = 0; i < RK_LEN(answers); i++) {
        if (!rk_streq(x->path, answers[i][0]))
            continue;
        fake_json(x, 200, answers[i][1]);
        return true;
    }
    return false;
}

static inline bool fake_contact(struct fake *f, struct net_exchange *x)
{
    if (rk_streq(x->path, "/version"))
        fake_json(x, 200, "{\"gitVersion\":\"v1.99.0\"}");
    else if (rk_streq(x->path, "/api/v1/namespaces/kube-system"))
        fake_json(x, 200, "{\"metadata\":{\"uid\":\"u-1\"}}");
    else if (f->old_discovery)
        return fake_old(x);
    else if (rk_streq(x->path, "/api"))
        fake_groups(f, x, FAKE_CORE);
    else if (rk_streq(x->path, "/apis"))
        fake_groups(f, x, f->groups ? f->groups : FAKE_APPS);
    else
        return false;
    return true;
}

static inline bool fake_watch(struct fake *f, struct net_exchange *x)
{
    struct fake_stream *s = &f->streams[f->n_streams];
    bool streaming = net_has_query(x, "sendInitialEvents");

    if (!net_has_query(x, "watch"))
        return false;
    if (streaming && f->no_streaming) {
        fake_status(x, 422, "Invalid");
        return true;
    }
    assert_true(f->n_streams < FAKE_STREAMS);
    *s = (struct fake_stream){.x = x, .streaming = streaming};
    snprintf(s->path, sizeof(s->path), "%s", x->path);
    rk_str v = net_query(x, "resourceVersion");
    snprintf(s->version, sizeof(s->version), "%.*s", RK_ARG_STR(v));
    f->n_streams++;
    net_stream_begin(x, 200, "application/json");
    return true;
}

static inline void fake_handle(struct net_exchange *x, void *ctx)
{
    struct fake *f = ctx;
    rk_str auth = net_header(x, "Authorization");

    rk_buf_f(&f->log, "%s %s%s%.*s\n", x->method, x->path, auth.n ? " auth=" : "", RK_ARG_STR(auth));
    if (x->body.n) {
        rk_buf_clear(&f->body);
        rk_buf_str(&f->body, x->body);
    }
    if (f->hook && f->hook(f, x))
        return;
    if (fake_contact(f, x) || fake_watch(f, x))
        return;
    if (f->list && rk_streq(x->method, "GET"))
        fake_json(x, 200, f->list);
    else
        fake_status(x, 404, "NotFound");
}

static inline void fake_gone(struct net_exchange *x, void *ctx)
{
    struct fake *f = ctx;

    for (size_t i = 0; i < f->n_streams; i++)
        if (f->streams[i].x == x)
            f->streams[i].x = NULL;
}

static inline struct fake *fake_new(bool tls)
{
    struct fake *f = rk_alloc(sizeof(*f));
    struct rk_err err;

    f->loop = run_loop_new();
    f->log = f->body = f->told.lines = RK_BUF_INIT;
    f->a = rk_arena_new();
    const struct net_server_opts opts = {
        .address = "127.0.0.1", .handler = fake_handle, .gone = fake_gone, .ctx = f,
        .cert = tls ? rk_str_c(test_cert) : RK_STR_NONE,
        .key = tls ? rk_str_c(test_key) : RK_STR_NONE,
    };
    assert_ok(net_server_start(f->loop, &opts, &f->server, &err), &err);
    struct rk_arena *a = rk_arena_new();
    f->cfg = rk_arena_alloc(a, sizeof(*f->cfg));
    f->cfg->arena = a;
    f->cfg->context = f->cfg->cluster_name = f->cfg->user_name = "test";
    f->cfg->server = rk_arena_f(a, "%s://127.0.0.1:%u", tls ? "https" : "http",
                                (unsigned)net_server_port(f->server));
    if (tls)
        f->cfg->ca = rk_str_c(test_cert);
    return f;
}

static inline void fake_connect(struct fake *f)
{
    static const uint8_t key[32] = {7};
    const struct cluster_opts opts = {.name = "fake", .config = f->cfg, .mask_key = key};
    struct rk_err err;

    assert_ok(cluster_open(f->loop, &opts, &told_observer, &f->told, &f->c, &err), &err);
}

static inline void fake_free(struct fake *f)
{
    cluster_unref(f->got.object);
    cluster_close(f->c);
    net_server_stop(f->server);
    cluster_config_free(f->cfg);
    rk_arena_free(f->a);
    rk_buf_release(&f->log);
    rk_buf_release(&f->body);
    rk_buf_release(&f->told.lines);
    run_loop_free(f->loop);
    free(f);
}

static inline int fake_setup(void **state)
{
    struct fake *f = fake_new(false);

    *state = f;
    fake_connect(f);
    WAIT(f->loop, cluster_state(f->c) == CLUSTER_OK);
    return 0;
}

static inline int fake_setup_apart(void **state) /* not connected yet */
{
    *state = fake_new(false);
    return 0;
}

static inline int fake_teardown(void **state)
{
    fake_free(*state);
    return 0;
}

/* The newest open stream of a path; NULL: none. */
static inline struct fake_stream *fake_stream(struct fake *f, const char *path)
{
    for (size_t i = f->n_streams; i-- > 0;)
        if (f->streams[i].x && rk_streq(f->streams[i].path, path))
            return &f->streams[i];
    return NULL;
}

static inline size_t fake_opened(const struct fake *f, const char *path)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_streams; i++)
        n += rk_streq(f->streams[i].path, path);
    return n;
}

static inline void fake_send(struct fake_stream *s, const char *text)
{
    rk_assert(s != NULL);
    assert_true(net_stream_write(s->x, rk_str_c(text)));
}

static inline void fake_end(struct fake_stream *s)
{
    struct net_exchange *x = s->x;

    s->x = NULL;
    net_stream_end(x);
}

#define CM(name, rv)                                                                               \
    "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name                 \
    "\",\"namespace\":\"n\",\"uid\":\"u-" name "\",\"resourceVersion\":\"" rv                      \
    "\",\"managedFields\":[{\"manager\":\"m\",\"x\":\"}]\"}]},\"data\":{\"a\":\"" rv "\"}}"
#define EV(type, object) "{\"type\":\"" type "\",\"object\":" object "}"
#define MARK(rv)                                                                                   \
    EV("BOOKMARK", "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{"                  \
                   "\"resourceVersion\":\"" rv "\"}}")
#define INITIAL_END(rv)                                                                            \
    EV("BOOKMARK", "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{"                  \
                   "\"resourceVersion\":\"" rv                                                     \
                   "\",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}")
#define ERR(code, reason)                                                                          \
    EV("ERROR", "{\"kind\":\"Status\",\"code\":" #code ",\"reason\":\"" reason                     \
                "\",\"message\":\"m\"}")
#define CONFIGMAPS "/api/v1/configmaps"

#endif
