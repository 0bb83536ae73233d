/*
 * sync_test.h: what the tests of this room share: a world of one application "shop-dev" with an API
 * server of scripted answers on 127.0.0.1, a journal in a temporary folder, and a host that writes
 * down, line by line, what an operation does and tells. Real repositories are in repo_test.h.
 */
#ifndef RK_SYNC_TEST_H
#define RK_SYNC_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "net/net.h"
#include "sync/sync_int.h"

#define APP "shop-dev"
#define REV_1 "1111111111111111111111111111111111111111"
#define REV_2 "2222222222222222222222222222222222222222"
#define CM(name, wave, value)                                                                      \
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " name "\n  namespace: n\n"               \
    "  annotations: {argocd.argoproj.io/sync-wave: \"" wave "\"}\ndata:\n  x: " value "\n"
#define LIVE(name, value)                                                                          \
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " name "\n  namespace: n\n"               \
    "  uid: u-" name "\n  resourceVersion: \"5\"\n"                                               \
    "  annotations: {argocd.argoproj.io/sync-wave: \"0\"}\ndata:\n  x: " value "\n"

struct world {
    struct run_loop *loop;
    struct rk_arena *a;
    struct net_server *server;
    struct cluster_config *config;
    struct cluster *cluster;
    struct net_exchange *stream;        /* the open watch of ConfigMaps */
    const char *stored;                 /* JSON lines of ADDED events that the watch begins with */
    struct record_journal *journal;
    struct git_mirror *mirror;          /* NULL unless repo_test.h opened one */
    struct record_log *log;
    struct sync_host host;
    struct sync *sync;
    struct rk_buf told;                 /* a line a request and a call of the host */
    struct net_exchange *held[8];       /* answers kept back while `hold` */
    size_t n_held;
    bool hold, locked, look, no_cluster;
    const char *conflict;               /* SMD path that the first apply conflicts on */
    const char *managed;                /* managedFields of what is stored; NULL: none */
    unsigned moved;                     /* so many forced applies come too late */
    const char *streamed;               /* event that goes before the first such refusal */
    const char *read;                   /* what a GET of an object answers */
    const char *refuse;                 /* name whose apply is refused */
    bool stale;                         /* host.still says no */
    enum model_health health;           /* of what is not named healthy */
    const char *healthy;                /* NULL: all; else names, each followed by a blank */
    unsigned versions, alive;           /* works not freed */
    /* host.work_at: what it gives; NULL: kept until the test answers */
    struct sync_work *fresh;
    void (*ready)(struct sync_work *w, const struct rk_err *err, void *octx);
    void *octx;
};
static struct world w;
static char test_dir[] = "/tmp/reckon-sync-XXXXXX";

static inline const char *test_path(const char *name)
{
    return rk_arena_f(w.a, "%s/%s", test_dir, name);
}

/* ---- waiting ---- */
static inline void stop_loop(void *loop)
{
    run_loop_stop(loop);
}

static inline void turn(void)
{
    struct run_timer *t = run_timer_start(w.loop, 1, 0, stop_loop, w.loop);
    run_loop_run(w.loop);
    run_timer_stop(t);
}

/* Runs the loop until expr holds; fails after 20 s with all that was told. */
#define WAIT(expr)                                                                                 \
    do {                                                                                           \
        uint64_t wait_end = rk_mono_ms() + 20000;                                                  \
        while (!(expr)) {                                                                          \
            if (rk_mono_ms() > wait_end)                                                           \
                fail_msg("%s did not come; told:\n%s", #expr, w.told.p ? w.told.p : "");           \
            turn();                                                                                \
        }                                                                                          \
    } while (0)

#define assert_part(text, part)                                                                    \
    do {                                                                                           \
        if (!(text) || !strstr((text), (part)))                                                    \
            fail_msg("\"%s\" has no \"%s\"", (text) ? (text) : "(null)", (part));                  \
    } while (0)

static inline bool told(const char *part)
{
    return w.told.p && strstr(w.told.p, part) != NULL;
}

static inline bool no_answer_out(void)
{
    return w.n_held == 0;
}

/* ---- the journal, in words: "opened started:0 done:0 closed" ---- */
static inline void add_word(const struct record_entry *e, void *ctx)
{
    static const char *const words[RECORD_KIND_MAX] = {"opened", "started", "done", "commit",
                                                       "pushed", "note", "closed"};
    struct rk_buf *out = ctx;
    rk_buf_f(out, "%s%s", out->n ? " " : "", words[e->kind]);
    if (e->task >= 0)
        rk_buf_f(out, ":%lld", (long long)e->task);
}

static inline const char *journal_words(void)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    assert_int_equal(record_journal_each(w.journal, add_word, &out, NULL), 0);
    return rk_arena_dup(w.a, out.p ? out.p : "", out.n);
}

/* ---- the API server ---- */
#define JSON_KIND(plural, kind)                                                                    \
    "{\"resource\":\"" plural "\",\"responseKind\":{\"kind\":\"" kind "\"},\"scope\":"             \
    "\"Namespaced\",\"verbs\":[\"list\",\"watch\",\"patch\",\"delete\"]}"

static inline void reply(struct net_exchange *x, int status, const char *body)
{
    net_reply(x, status, "application/json", rk_str_c(body), NULL);
}

static inline const char *stored_json(const char *name, unsigned version, const char *value)
{
    return rk_arena_f(w.a, "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":"
                           "\"%s\",\"namespace\":\"n\",\"uid\":\"u-%s\",\"resourceVersion\":\"%u\""
                           ",\"managedFields\":%s},\"data\":{\"x\":\"%s\"}}",
                      name, name, version, w.managed ? w.managed : "[]", value);
}

static inline const char *event(const char *type, const char *object)
{
    return rk_arena_f(w.a, "{\"type\":\"%s\",\"object\":%s}\n", type, object);
}

/* The version that a forced apply goes over: " over 5". */
static inline const char *over(const struct net_exchange *x)
{
    struct doc_node *doc = NULL;
    if (!net_has_query(x, "force") || doc_json_read(w.a, x->body, NULL, &doc, NULL))
        return "";
    rk_str version = doc_get_text(doc_get(doc, "metadata"), "resourceVersion");
    return rk_arena_f(w.a, " force over " RK_FMT_STR, RK_ARG_STR(version));
}

/* A controller wrote meanwhile: the watch may tell it before the refusal comes. */
static inline void too_late(struct net_exchange *x)
{
    if (w.streamed)
        net_stream_write(w.stream, rk_str_c(w.streamed));
    w.streamed = NULL;
    w.moved--;
    reply(x, 409, "{\"kind\":\"Status\",\"code\":409,\"reason\":\"Conflict\",\"message\":\"moved\"}");
}

static inline void answer_effect(struct net_exchange *x)
{
    const char *name = strrchr(x->path, '/') + 1;
    if (rk_streq(x->method, "DELETE")) {
        reply(x, 200, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}");
    } else if (w.refuse && rk_streq(w.refuse, name)) {
        reply(x, 422, "{\"kind\":\"Status\",\"code\":422,\"reason\":\"Invalid\",\"message\":"
                      "\"it is wrong\"}");
    } else if (w.moved && net_has_query(x, "force")) {
        too_late(x);
    } else if (w.conflict && !net_has_query(x, "force")) {
        reply(x, 409, rk_arena_f(w.a, "{\"kind\":\"Status\",\"code\":409,\"reason\":\"Conflict\","
              "\"message\":\"no\",\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\","
              "\"message\":\"conflict with \\\"kubectl\\\" using v1\",\"field\":\"%s\"}]}}",
              w.conflict));
    } else {
        reply(x, 200, stored_json(name, ++w.versions, "1"));
    }
}

static inline void handle(struct net_exchange *x, void *ctx)
{
    (void)ctx;
    if (rk_streq(x->method, "PATCH") || rk_streq(x->method, "DELETE")) {
        rk_buf_f(&w.told, "%s %s%s [%s]\n", x->method, strrchr(x->path, '/') + 1, over(x),
                 journal_words());
        if (w.hold && w.n_held < RK_LEN(w.held))
            w.held[w.n_held++] = x;
        else
            answer_effect(x);
    } else if (net_has_query(x, "watch")) {
        net_stream_begin(x, 200, "application/json");
        w.stream = x;
        net_stream_write(x, rk_str_c(w.stored ? w.stored : ""));
        net_stream_write(x, rk_str_c(event("BOOKMARK",
            "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"9\","
            "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}")));
    } else if (strstr(x->path, "/configmaps/")) {
        rk_buf_f(&w.told, "GET %s\n", strrchr(x->path, '/') + 1);
        reply(x, w.read ? 200 : 404, w.read ? w.read : "{\"kind\":\"Status\",\"code\":404}");
    } else if (rk_streq(x->path, "/version")) {
        reply(x, 200, "{\"gitVersion\":\"v1.99.0\"}");
    } else if (rk_streq(x->path, "/api/v1/namespaces/kube-system")) {
        reply(x, 200, "{\"metadata\":{\"uid\":\"cluster-1\"}}");
    } else if (rk_streq(x->path, "/api") || rk_streq(x->path, "/apis")) {
        net_reply(x, 200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
                  rk_str_c(rk_arena_f(w.a,
                      "{\"kind\":\"APIGroupDiscoveryList\","
                      "\"apiVersion\":\"apidiscovery.k8s.io/v2\",\"metadata\":{},\"items\":[%s]}",
                      rk_streq(x->path, "/apis") ? "" :
                      "{\"metadata\":{},\"versions\":[{\"version\":\"v1\","
                      "\"freshness\":\"Current\",\"resources\":["
                      JSON_KIND("configmaps", "ConfigMap") "]}]}")), NULL);
    } else {
        reply(x, 404, "{\"kind\":\"Status\",\"code\":404,\"reason\":\"NotFound\"}");
    }
}

static inline void stream_gone(struct net_exchange *x, void *ctx)
{
    (void)ctx;
    if (w.stream == x)
        w.stream = NULL;
}

static inline void release_held(void)
{
    w.hold = false;
    for (size_t i = 0; i < w.n_held; i++)
        answer_effect(w.held[i]);
    w.n_held = 0;
}

static inline void on_changed(struct cluster *c, struct cluster_object *old,
                              struct cluster_object *now, void *ctx)
{
    (void)c, (void)old, (void)now, (void)ctx;
    if (w.look)
        sync_look(w.sync, APP);
}

static inline void on_kind(struct cluster *c, rk_str group, rk_str kind, const struct rk_err *why,
                           void *ctx)
{
    (void)c, (void)group, (void)kind, (void)why, (void)ctx;
}

static inline void on_state(struct cluster *c, enum cluster_state s, const struct rk_err *why,
                            void *ctx)
{
    (void)c, (void)s, (void)why, (void)ctx;
}

/* Connected, with the ConfigMaps of w.stored in the store. */
static inline void open_cluster(void)
{
    static const uint8_t key[32] = {7};
    static const struct cluster_observer observer = {on_changed, on_kind, on_state, NULL};
    const struct net_server_opts server = {.address = "127.0.0.1", .handler = handle,
                                           .gone = stream_gone};
    struct rk_err err = {0};
    if (net_server_start(w.loop, &server, &w.server, &err))
        fail_msg("%s", err.text);
    struct rk_arena *a = rk_arena_new();
    w.config = rk_arena_alloc(a, sizeof *w.config);
    w.config->arena = a;
    w.config->context = w.config->cluster_name = w.config->user_name = "test";
    w.config->server = rk_arena_f(a, "http://127.0.0.1:%u", (unsigned)net_server_port(w.server));
    const struct cluster_opts opts = {.name = "fake", .config = w.config, .mask_key = key};
    if (cluster_open(w.loop, &opts, &observer, NULL, &w.cluster, &err))
        fail_msg("%s", err.text);
    cluster_hold_kind(w.cluster, RK_STR(""), RK_STR("ConfigMap"));
    WAIT(cluster_kind_ready(w.cluster, RK_STR(""), RK_STR("ConfigMap")));
}

/* ---- work: a plan from desired and live, as core makes it ---- */
struct test_work { struct sync_work base; struct rk_arena *a; struct kube_object *live; };

static inline void free_work(struct sync_work *base)
{
    struct test_work *t = (struct test_work *)(void *)base;
    w.alive--;
    rk_arena_free(t->a);
}

static inline size_t read_objects(struct rk_arena *a, const char *yaml, struct kube_object **out)
{
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = "a.yaml"};
    struct doc_node **docs = NULL;
    struct rk_err err = {0};
    size_t n = 0;
    if (yaml && doc_yaml_read(a, rk_str_c(yaml), &how, &docs, &n, &err))
        fail_msg("%s\n%s", err.text, yaml);
    *out = rk_arena_array(a, n + 1, sizeof **out);
    for (size_t i = 0; i < n; i++)
        if (kube_object_init(&(*out)[i], docs[i], &err))
            fail_msg("%s\n%s", err.text, yaml);
    return n;
}

/* All objects of both texts, paired by name; what is only live is to be pruned. */
static inline size_t pair_objects(struct rk_arena *a, const char *desired, const char *live,
                                  struct plan_object **out)
{
    struct kube_object *d, *l;
    size_t nd = read_objects(a, desired, &d), nl = read_objects(a, live, &l), n = 0;
    bool *taken = rk_arena_array(a, nl + 1, sizeof *taken);
    const struct drift_rules rules = {.manager = "reckon", .final = true};
    *out = rk_arena_array(a, nd + nl + 1, sizeof **out);
    for (size_t i = 0; i < nd; i++) {
        struct plan_object *o = &(*out)[n++];
        o->desired = &d[i];
        for (size_t k = 0; k < nl; k++)
            if (kube_key_eq(&l[k].key, &d[i].key)) {
                o->live = &l[k];
                taken[k] = true;
            }
    }
    for (size_t k = 0; k < nl; k++)
        if (!taken[k])
            (*out)[n++].live = &l[k];
    for (size_t i = 0; i < n; i++) {
        struct plan_object *o = &(*out)[i];
        struct drift_object *drift = rk_arena_alloc(a, sizeof *drift);
        assert_int_equal(drift_compare(a, o->desired, o->live, NULL, &rules, drift, NULL), 0);
        o->drift = drift;
    }
    return n;
}

static inline struct sync_work *work_of(const char *desired, const char *live, const char *revision)
{
    static const uint8_t key[32] = {1};
    static const struct model_policy policy = {.environment = "dev", .sync = MODEL_AUTO,
                                               .prune_budget = -1, .configured = true};
    static const struct model_app app = {.name = APP, .app = "shop", .project = "default",
                                         .namespace = "n",
                                         .server = "https://kubernetes.default.svc"};
    struct rk_arena *a = rk_arena_new();
    struct test_work *t = rk_arena_alloc(a, sizeof *t);
    struct plan_object *objects;
    struct rk_err err = {0};
    t->a = a;
    t->base.n_objects = pair_objects(a, desired, live, &objects);
    t->base.objects = objects;
    t->base.revision = revision;
    t->base.free_fn = free_work;
    const struct plan_input in = {
        .kind = "sync", .app = &app, .policy = &policy, .revision = revision, .namespace = "n",
        .namespace_exists = true, .objects = objects, .n_objects = t->base.n_objects,
        .options = {.prune = true}, .key = key,
    };
    if (plan_build(a, &in, &t->base.plan, &err))
        fail_msg("%s", err.text);
    w.alive++;
    return &t->base;
}

/* ---- the host ---- */
static inline struct cluster *host_cluster(const char *app, void *ctx)
{
    (void)app, (void)ctx;
    return w.no_cluster ? NULL : w.cluster;
}

static inline struct git_mirror *host_mirror(const char *app, void *ctx)
{
    (void)app, (void)ctx;
    return w.mirror;
}

static inline struct record_log *host_log(const char *app, void *ctx)
{
    (void)app, (void)ctx;
    return w.log;
}

static inline void host_work_at(const struct sync_operation *op, const char *revision,
                                void (*ready)(struct sync_work *, const struct rk_err *, void *),
                                void *octx, void *ctx)
{
    (void)op, (void)ctx;
    rk_buf_f(&w.told, "work at %.7s\n", revision);
    if (w.fresh) {
        struct sync_work *fresh = w.fresh;
        w.fresh = NULL;
        ready(fresh, NULL, octx);
        return;
    }
    w.ready = ready;
    w.octx = octx;
}

static inline int host_still(const struct sync_operation *op, void *ctx, struct rk_err *err)
{
    (void)op, (void)ctx;
    rk_buf_c(&w.told, "still\n");
    return w.stale ? rk_fail(err, RK_CONFLICT, "the policy changed: plan again") : 0;
}

static inline struct model_health_of host_health(const struct sync_operation *op,
                                                 struct rk_arena *a, const struct kube_key *key,
                                                 void *ctx)
{
    (void)op, (void)ctx;
    const char *name = rk_arena_f(a, RK_FMT_STR " ", RK_ARG_STR(key->name));
    if (!w.healthy || strstr(w.healthy, name))
        return (struct model_health_of){MODEL_HEALTHY, NULL};
    return (struct model_health_of){w.health, "1 of 3 are ready"};
}

static inline bool host_intent_first(const char *environment, void *ctx)
{
    (void)environment, (void)ctx;
    return w.locked;
}

static inline void host_changed(const struct sync_operation *op, void *ctx)
{
    (void)op, (void)ctx;
}

static inline void host_committed(const struct sync_operation *op, void *ctx)
{
    (void)ctx;
    rk_buf_f(&w.told, "committed%s%s\n", op->pushed ? " pushed" : "", op->pinned ? " pinned" : "");
}

static inline void host_applied(const struct sync_operation *op, const struct kube_key *key,
                                const char *uid, void *ctx)
{
    (void)op, (void)ctx;
    rk_buf_f(&w.told, "applied " RK_FMT_STR " %s\n", RK_ARG_STR(key->name), uid);
}

static inline void host_pruned(const struct sync_operation *op, const struct kube_key *key,
                               void *ctx)
{
    (void)op, (void)ctx;
    rk_buf_f(&w.told, "pruned " RK_FMT_STR "\n", RK_ARG_STR(key->name));
}

static inline const struct record_inventory *host_inventory(const char *app, void *ctx)
{
    (void)app, (void)ctx;
    return NULL;
}

static inline void host_closed(const struct sync_operation *op, void *ctx)
{
    (void)ctx;
    rk_buf_f(&w.told, "closed %s %s: %s\n", op->kind, sync_state_name[op->state], op->message);
}

static inline void open_journal(void)
{
    struct rk_err err = {0};
    if (record_journal_open(w.loop, test_path("state"), "none.sock", &w.journal, &err))
        fail_msg("%s", err.text);
    w.host.journal = w.journal;
}

static inline void open_sync(void)
{
    w.sync = sync_new(w.loop, &w.host, NULL);
}

static inline int world_begin(void **state)
{
    static const uint8_t key[32] = {3};
    (void)state;
    w = (struct world){.loop = run_loop_new(), .a = rk_arena_new(), .versions = 10, .look = true,
                       .health = MODEL_PROGRESSING};
    memcpy(test_dir + sizeof test_dir - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(test_dir));
    assert_int_equal(rk_mkdirs(test_path("state"), 0700, NULL), 0);
    w.host = (struct sync_host){
        .cluster = host_cluster, .mirror = host_mirror, .log = host_log, .key = key,
        .work_at = host_work_at, .still = host_still, .health = host_health,
        .intent_first = host_intent_first, .changed = host_changed, .committed = host_committed,
        .applied = host_applied, .pruned = host_pruned, .inventory = host_inventory,
        .closed = host_closed, .operation_ms = 60000,
    };
    open_journal();
    open_sync();
    return 0;
}

static inline int world_end(void **state)
{
    (void)state;
    release_held();
    sync_free(w.sync);
    record_log_close(w.log);
    git_mirror_free(w.mirror);
    if (w.cluster)
        cluster_close(w.cluster);
    if (w.server)
        net_server_stop(w.server);
    cluster_config_free(w.config);
    record_journal_close(w.journal);
    run_loop_run(w.loop); /* until nothing is left: children end, handles close */
    run_loop_free(w.loop);
    rk_buf_release(&w.told);
    rk_arena_free(w.a);
    assert_int_equal(rk_remove_tree(test_dir, NULL), 0);
    assert_int_equal(w.alive, 0); /* every work that was made is freed */
    return 0;
}

/* ---- operations ---- */
static inline struct sync_request request_of(const char *kind, struct sync_work *work)
{
    return (struct sync_request){.kind = kind, .app = APP, .environment = "dev",
                                 .actor = "operator", .email = "operator@example.org",
                                 .work = work, .from = REV_2};
}

static inline const struct sync_operation *start_request(const struct sync_request *r)
{
    const struct sync_operation *op = NULL;
    struct rk_err err = {0};
    if (sync_start(w.sync, r, &op, &err))
        fail_msg("%s", err.text);
    return op;
}

static inline const struct sync_operation *start(const char *kind, struct sync_work *work)
{
    const struct sync_request r = request_of(kind, work);
    return start_request(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

#endif
