/*
 * api_live.c: what the cluster shows of one object: what it owns, its events, its pods' logs.
 */
#include "core/core_int.h"

static struct core_app *find(struct core_request *r, const char *name, struct rk_err *err)
{
    struct core_app *app = engine_app_asked(r->engine, name, err);
    if (!app || (app->cluster && app->cluster->cluster))
        return app;
    (void)rk_fail(err, RK_UNAVAILABLE, "%s: its cluster is not configured", app->name);
    return NULL;
}

/* ---- owners ---- */
struct tree {
    struct core_app *app;
    struct rk_arena *mem;
    struct wire_owner_row *rows;
    size_t n, cap;
    int64_t depth;
};

static const char *ready_text(const struct kube_object *o, struct rk_arena *mem)
{
    const struct doc_node *status = doc_get(o->doc, "status"), *spec = doc_get(o->doc, "spec");
    if (doc_get(spec, "replicas"))
        return rk_arena_f(mem, "%lld/%lld", (long long)doc_get_int(status, "readyReplicas", 0),
                          (long long)doc_get_int(spec, "replicas", 0));
    rk_str phase = doc_get_text(status, "phase");
    return core_safe(mem, phase);
}

static void add_tree(struct cluster_object *o, void *ctx)
{
    struct tree *t = ctx;
    if (t->n >= 500 || t->depth > 6)
        return;
    struct model_health_of h = model_health(t->mem, &o->object);
    const char *trouble = rk_str_is(o->object.key.kind, "Pod")
                              ? model_pod_trouble(t->mem, &o->object) : NULL;
    int64_t created = 0;
    (void)rk_time_parse(doc_get_text(doc_get(o->object.doc, "metadata"), "creationTimestamp"),
                        &created);
    t->rows = rk_arena_grow(t->mem, t->rows, t->n, &t->cap, sizeof *t->rows);
    t->rows[t->n++] = (struct wire_owner_row){
        .depth = t->depth, .object = core_key_text(t->mem, &o->object.key),
        .health = model_health_name[h.health],
        .message = core_safe(t->mem, rk_str_c(trouble ? trouble : h.message)),
        .ready = ready_text(&o->object, t->mem), .created = created};
    t->depth++;
    cluster_each_owned(t->app->cluster->cluster, o->object.uid, add_tree, t);
    t->depth--;
}

static int api_owners(struct core_request *r, struct rk_err *err)
{
    const struct wire_object_ref *p = r->params;
    struct core_app *app = find(r, p->app, err);
    if (!app)
        return -1;
    struct tree t = {.app = app, .mem = r->arena};
    struct kube_key key;
    if (p->object && !kube_key_parse(rk_str_c(p->object), &key))
        return rk_fail(err, RK_INVALID, "%s: wanted GROUP/KIND/NAMESPACE/NAME", p->object);
    for (size_t i = 0; app->view && i < app->view->n; i++)
        if (app->view->pairs[i]->live &&
            (!p->object || kube_key_eq(&app->view->pairs[i]->key, &key)))
            add_tree(app->view->pairs[i]->live, &t);
    struct wire_owners out = {t.rows, t.n};
    core_answer(r, &out);
    return 0;
}

/* ---- events ---- */
static void events_done(const struct cluster_event *v, size_t n, const struct rk_err *err,
                        void *ctx)
{
    struct core_request *r = ctx;
    if (err) {
        core_refuse(r, err);
        return;
    }
    struct wire_events out = {0};
    size_t skip = n > 200 ? n - 200 : 0;
    out.events = rk_arena_array(r->arena, n + 1, sizeof *out.events);
    for (size_t i = skip; i < n; i++)
        out.events[out.n_events++] = (struct wire_event_row){
            .time = v[i].time, .count = v[i].count, .type = core_safe(r->arena, rk_str_c(v[i].type)),
            .reason = core_safe(r->arena, rk_str_c(v[i].reason)),
            .object = core_safe(r->arena, rk_str_c(v[i].object)),
            .message = core_safe(r->arena, rk_str_c(v[i].message)),
            .source = core_safe(r->arena, rk_str_c(v[i].source))};
    core_answer(r, &out);
}

static int api_events(struct core_request *r, struct rk_err *err)
{
    const struct wire_object_ref *p = r->params;
    struct core_app *app = find(r, p->app, err);
    struct kube_key key;
    char uid[64] = "";
    if (!app)
        return -1;
    const char *ns = app->model && app->model->namespace ? app->model->namespace : "default";
    if (p->object) {
        if (!kube_key_parse(rk_str_c(p->object), &key))
            return rk_fail(err, RK_INVALID, "%s: wanted GROUP/KIND/NAMESPACE/NAME", p->object);
        const struct cluster_object *o = cluster_find(app->cluster->cluster, &key);
        if (!o)
            return rk_fail(err, RK_NOT_FOUND, "%s does not live", p->object);
        (void)snprintf(uid, sizeof uid, RK_FMT_STR, RK_ARG_STR(o->object.uid));
        if (key.namespace.n)
            ns = rk_arena_dup(r->arena, key.namespace.p, key.namespace.n);
    }
    struct cluster_call *call = NULL;
    return cluster_events(app->cluster->cluster, ns, uid[0] ? uid : NULL, events_done, r, &call,
                          err);
}

/* ---- logs ---- */
struct log_stream {
    struct engine *engine;
    int64_t sub;                /* looked up each time: the client may have gone */
    struct rk_buf rest;         /* an unfinished line */
    char pod[128], container[128];
};

static struct core_sub *sub_of(const struct log_stream *l)
{
    for (struct core_peer *p = l->engine->peers; p; p = p->next)
        for (struct core_sub *s = p->subs; s; s = s->next)
            if (s->id == l->sub)
                return s;
    return NULL;
}

static void send_lines(struct log_stream *l, bool all)
{
    struct core_sub *s = sub_of(l);
    struct rk_arena *mem = rk_arena_new();
    struct wire_logs out = {0};
    size_t cap = 0, used = 0;
    rk_str view = rk_buf_view(&l->rest), rest = view;
    while (s && rest.n && out.n_lines < 500) {
        rk_str line = rk_str_cut(rest, '\n', &rest);
        if (!rest.p && !all)
            break; /* not ended yet */
        used = rest.p ? (size_t)(rest.p - view.p) : view.n;
        const char *safe = core_safe(mem, line);
        out.lines = rk_arena_grow(mem, out.lines, out.n_lines, &cap, sizeof *out.lines);
        out.lines[out.n_lines++] = (struct wire_log_row){l->pod, l->container, safe ? safe : ""};
    }
    rk_buf_cut_front(&l->rest, used);
    if (s && out.n_lines) {
        struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
        wire_print(&body, s->method->result, &out);
        core_sub_send(s, s->started ? WIRE_PATCH : WIRE_RESET, rk_buf_view(&body));
    }
    rk_arena_free(mem);
}

static void log_bytes(rk_str bytes, void *ctx)
{
    struct log_stream *l = ctx;
    if (l->rest.n + bytes.n < WIRE_LINE_MAX / 4)
        rk_buf_str(&l->rest, bytes);
    send_lines(l, l->rest.n > WIRE_LINE_MAX / 8);
}

static void log_done(const struct rk_err *err, void *ctx)
{
    struct log_stream *l = ctx;
    send_lines(l, true);
    struct core_sub *s = sub_of(l);
    if (s) {
        s->call = NULL;
        core_sub_end(s, err);
    }
    rk_buf_release(&l->rest);
    free(l);
}

/* The pod to read: the object itself, or the newest pod it owns. */
struct pick { struct core_app *app; struct cluster_object *pod; int depth; };

static void pick_pod(struct cluster_object *o, void *ctx)
{
    struct pick *p = ctx;
    if (rk_str_is(o->object.key.kind, "Pod")) {
        if (!p->pod || p->pod->seen_ms < o->seen_ms)
            p->pod = o;
        return;
    }
    if (p->depth++ < 4)
        cluster_each_owned(p->app->cluster->cluster, o->object.uid, pick_pod, p);
    p->depth--;
}

static int choose_pod(struct core_request *r, struct core_app *app, struct pick *pick,
                      struct rk_err *err)
{
    const struct wire_logs_params *p = r->params;
    struct kube_key key;
    *pick = (struct pick){.app = app};
    if (p->object) {
        if (!kube_key_parse(rk_str_c(p->object), &key))
            return rk_fail(err, RK_INVALID, "%s: wanted GROUP/KIND/NAMESPACE/NAME", p->object);
        struct cluster_object *o = cluster_find(app->cluster->cluster, &key);
        if (o)
            pick_pod(o, pick);
    }
    for (size_t i = 0; !p->object && app->view && i < app->view->n; i++)
        if (app->view->pairs[i]->live)
            pick_pod(app->view->pairs[i]->live, pick);
    if (!pick->pod)
        return rk_fail(err, RK_NOT_FOUND, "%s has no pod", p->object ? p->object : app->name);
    return 0;
}

static int api_logs(struct core_request *r, struct rk_err *err)
{
    const struct wire_logs_params *p = r->params;
    struct core_app *app = find(r, p->app, err);
    struct pick pick;
    if (!app || choose_pod(r, app, &pick, err))
        return -1;
    const struct kube_key *key = &pick.pod->object.key;
    rk_str first = doc_get_text(doc_at(doc_walk(pick.pod->object.doc, "spec.containers"), 0),
                                "name");
    struct log_stream *l = rk_alloc(sizeof *l);
    *l = (struct log_stream){.engine = r->engine, .rest = RK_BUF_INIT};
    (void)snprintf(l->pod, sizeof l->pod, RK_FMT_STR, RK_ARG_STR(key->name));
    if (p->container)
        (void)snprintf(l->container, sizeof l->container, "%s", p->container);
    else
        (void)snprintf(l->container, sizeof l->container, RK_FMT_STR, RK_ARG_STR(first));
    struct cluster_logs what = {
        .ns = rk_arena_dup(r->arena, key->namespace.p, key->namespace.n), .pod = l->pod,
        .container = l->container[0] ? l->container : NULL, .tail = p->tail > 0 ? p->tail : 100,
        .follow = p->follow, .previous = p->previous};
    struct cluster_call *call = NULL;
    if (cluster_logs(app->cluster->cluster, &what, log_bytes, log_done, l, &call, err)) {
        rk_buf_release(&l->rest);
        free(l);
        return -1;
    }
    struct core_sub *s = core_sub_new(r);
    l->sub = s->id;
    return 0;
}

const struct core_route core_routes_live[] = {
    {"owners.get", api_owners},
    {"events.list", api_events},
    {"logs.watch", api_logs},
    {NULL, NULL},
};
