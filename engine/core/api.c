/*
 * api.c: the socket, its peers, and requests by the method table (wire_methods) and the routes of
 * api_*.c. A peer is who SO_PEERCRED says. Other uids than the engine's own may read only, as may
 * a client that asked for it. A peer that stops reading or goes away costs its own connection.
 */
#include <grp.h>
#include <unistd.h>

#include "core/core_int.h"

enum { LAST_LINES_MS = 300, LINGER_MS = 3000 };

/* ---- answering ---- */
static void send_line(struct core_peer *p, const struct rk_buf *line)
{
    if (p && p->line && !run_line_send(p->line, rk_buf_view(line), WIRE_QUEUE_MAX)) {
        struct rk_err err;
        (void)rk_fail(&err, RK_LIMIT, "client does not read: its queue of 1 MiB is full");
        engine_activity(p->engine, NULL, RK_LOG_WARN, "reckon", "%s", err.text);
        run_line_finish(p->line);
    }
}

static void request_free(struct core_request *r)
{
    for (struct core_request **at = r->peer ? &r->peer->requests : NULL; at && *at;
         at = &(*at)->next)
        if (*at == r) {
            *at = r->next;
            break;
        }
    rk_arena_free(r->arena);
}

void core_answer(struct core_request *r, const void *value)
{
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    (void)wire_print_page(&body, r->method->watch ? &wire_shape_sub : r->method->result, value,
                          WIRE_BODY_MAX);
    wire_result(&line, r->id, rk_buf_view(&body));
    send_line(r->peer, &line);
    request_free(r);
}

void core_refuse(struct core_request *r, const struct rk_err *err)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    wire_error(&line, r->id, err);
    send_line(r->peer, &line);
    request_free(r);
}

/* ---- who ---- */
struct core_who core_request_who(const struct core_request *r)
{
    struct core_who who = {.name = "unknown", .email = "unknown"};
    if (!r->peer) {
        who.why_readonly = "the client went away";
        return who;
    }
    who.uid = r->peer->uid;
    who.name = engine_identity(r->engine, r->peer->uid, &who.email);
    if (r->peer->uid != geteuid())
        who.why_readonly = "only the engine's own user may write, until access control is built";
    else if (r->peer->readonly)
        who.why_readonly = "this client asked for read-only";
    else
        who.can_write = true;
    return who;
}

/* ---- requests ---- */
static core_handler find_handler(const char *method)
{
    static const struct core_route *const tables[] = {
        core_routes_apps, core_routes_drift, core_routes_plans, core_routes_records,
        core_routes_policy, core_routes_live,
    };
    for (size_t t = 0; t < RK_LEN(tables); t++)
        for (const struct core_route *r = tables[t]; r->method; r++)
            if (rk_streq(r->method, method))
                return r->handle;
    return NULL;
}

static int check(struct core_request *r, const struct wire_line *line, struct rk_err *err)
{
    if (!line->method || !r->method)
        return rk_fail(err, RK_UNSUPPORTED, "no method %s in protocol %d of reckon %s",
                       line->method ? line->method : "", WIRE_PROTOCOL, RK_VERSION);
    if (!r->peer->greeted && !rk_streq(line->method, "hello"))
        return rk_fail(err, RK_INVALID, "the first request is hello");
    struct core_who who = core_request_who(r);
    if (r->method->writes && !who.can_write)
        return rk_fail(err, RK_DENIED, "%s is refused: %s", line->method, who.why_readonly);
    if (!r->method->params)
        return 0;
    r->params = rk_arena_alloc(r->arena, r->method->params->size);
    return line->body.n ? wire_read(r->arena, r->method->params, line->body, r->params, err) : 0;
}

static void on_line(struct run_line *l, rk_str text, void *ctx)
{
    struct core_peer *p = ctx;
    struct rk_arena *a = rk_arena_new();
    struct wire_line line;
    struct rk_err err = {0};
    (void)l;
    struct core_request *r = rk_arena_alloc(a, sizeof *r);
    *r = (struct core_request){.engine = p->engine, .peer = p, .arena = a, .next = p->requests};
    p->requests = r;
    if (wire_parse(a, text, &line, &err) || line.what != WIRE_REQUEST) {
        if (!err.code)
            (void)rk_fail(&err, RK_INVALID, "only requests are taken here");
        core_refuse(r, &err);
        return;
    }
    r->id = line.id;
    r->method = wire_method_find(line.method ? line.method : "");
    if (check(r, &line, &err)) {
        core_refuse(r, &err);
        return;
    }
    core_handler handle = find_handler(line.method);
    if (!handle)
        (void)rk_fail(&err, RK_UNSUPPORTED, "%s comes with a later version than reckon %s",
                      line.method, RK_VERSION);
    if (!handle || handle(r, &err))
        core_refuse(r, &err);
}

/* ---- peers ---- */
static void peer_free(struct core_peer *p)
{
    struct engine *e = p->engine;
    struct core_peer **at = &e->peers;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    while (p->subs)
        core_sub_free(p->subs);
    for (struct core_request *r = p->requests, *next; r; r = next) {
        next = r->next;
        r->peer = NULL; /* its answer is thrown away when it comes */
        r->next = NULL;
    }
    run_line_free(p->line);
    free(p);
}

static bool session_over(const struct engine *e)
{
    return e->opts->session && !e->peers && !e->detached && !e->stopping && e->had_peer &&
           !sync_running_count(e->sync);
}

static void linger_over(void *ctx)
{
    struct engine *e = ctx;
    if (session_over(e))
        engine_stop(e);
}

/* A session engine ends with its last client, once no operation runs; a moment later, so that
 * commands one after the other find it. */
static void end_session(struct engine *e)
{
    if (!session_over(e))
        return;
    if (e->linger)
        run_timer_again(e->linger, LINGER_MS);
    else
        e->linger = run_timer_start(e->loop, LINGER_MS, 0, linger_over, e);
}

void core_api_idle(struct engine *e)
{
    end_session(e);
}

static void on_closed(struct run_line *l, const struct rk_err *why, void *ctx)
{
    struct core_peer *p = ctx;
    struct engine *e = p->engine;
    (void)l;
    if (why && why->code == RK_LIMIT)
        engine_activity(e, NULL, RK_LOG_WARN, "reckon", "client dropped: %s", why->text);
    peer_free(p);
    end_session(e);
    if (e->stopping && !e->peers && e->tick) { /* the last one: nothing to wait for */
        run_timer_stop(e->tick);
        e->tick = NULL;
    }
}

static void on_room(struct run_line *l, void *ctx)
{
    (void)l;
    core_publish_room(ctx);
}

static void accepted(struct run_line *l, void *ctx)
{
    static const struct run_line_events events = {on_line, on_room, on_closed};
    struct engine *e = ctx;
    struct core_peer *p = rk_alloc(sizeof *p);
    *p = (struct core_peer){.engine = e, .line = l, .uid = run_line_peer(l), .next = e->peers};
    e->peers = p;
    e->had_peer = true;
    run_line_begin(l, &events, WIRE_LINE_MAX, p);
}

/* ---- the socket ---- */
static int listen_here(struct engine *e, struct rk_err *err)
{
    gid_t gid = (gid_t)-1;
    const struct group *g = e->settings.socket_group ? getgrnam(e->settings.socket_group) : NULL;
    if (g)
        gid = g->gr_gid;
    char *slash = strrchr(e->socket, '/');
    char *dir = slash ? rk_strndup(e->socket, (size_t)(slash - e->socket)) : rk_strdup(".");
    int rc = rk_mkdirs(dir, e->opts->system ? 0755 : 0700, err);
    free(dir);
    if (rc)
        return -1;
    return run_server_start(e->loop, e->socket, e->opts->system ? 0660 : 0600, gid, accepted, e,
                            &e->server, err);
}

int core_api_start(struct engine *e, struct rk_err *err)
{
    return listen_here(e, err);
}

/* A login manager removes the runtime folder at logout: the socket is made again. */
void core_api_check_socket(struct engine *e)
{
    struct rk_err err = {0};
    if (e->server && run_server_present(e->server))
        return;
    run_server_stop(e->server);
    e->server = NULL;
    if (listen_here(e, &err))
        engine_activity(e, NULL, RK_LOG_ERROR, "reckon", "socket %s: %s", e->socket, err.text);
    else
        engine_activity(e, NULL, RK_LOG_WARN, "reckon", "socket %s had vanished; made again",
                        e->socket);
}

/* Everybody is told that the engine ends, so that no console starts another at once. */
void core_api_stop(struct engine *e)
{
    struct rk_err why = {0};
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    (void)rk_fail(&why, RK_CANCELLED, "the engine was stopped");
    wire_error_body(&body, &why);
    wire_event_line(&line, 0, e->epoch, 0, WIRE_END, rk_buf_view(&body));
    run_server_stop(e->server);
    e->server = NULL;
    for (struct core_peer *p = e->peers, *next; p; p = next) {
        next = p->next;
        send_line(p, &line);
        run_line_finish(p->line);
    }
}

static void too_slow(void *ctx)
{
    struct engine *e = ctx;
    while (e->peers)
        peer_free(e->peers);
    run_timer_stop(e->tick);
    e->tick = NULL;
}

void core_api_drain(struct engine *e)
{
    if (e->peers)
        e->tick = run_timer_start(e->loop, LAST_LINES_MS, 0, too_slow, e);
    run_loop_run(e->loop);
    for (size_t i = 0; i < RK_LEN(e->activity); i++) {
        free((void *)(uintptr_t)e->activity[i].app);
        free((void *)(uintptr_t)e->activity[i].environment);
        free((void *)(uintptr_t)e->activity[i].actor);
        free((void *)(uintptr_t)e->activity[i].text);
    }
}
