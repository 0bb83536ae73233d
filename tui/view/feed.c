/*
 * feed.c: what a view knows of the engine: subscriptions whose last whole value is kept, and
 * requests. JSON lines of client.h become structs of wire.h in an arena, and the other way round.
 * A value that cannot be read leaves the one before; its age tells.
 */
#include <stdlib.h>

#include "view/view_int.h"

enum { PATCHED_MAX = 256 * 1024 };  /* bytes that patches may leave behind before it is repacked */

static char *print_params(const struct wire_method *m, const void *params)
{
    struct rk_buf out = RK_BUF_INIT;

    if (m->params && params)
        wire_print(&out, m->params, params);
    return rk_buf_take(&out);
}

/* ================= subscriptions ================= */

static int take_value(struct view_feed *f, rk_str data)
{
    struct rk_arena *a = rk_arena_new();
    void *value = rk_arena_alloc(a, f->method->result->size);

    if (wire_read(a, f->method->result, data, value, &f->err)) {
        rk_arena_free(a);
        return rk_wrap(&f->err, "%s", f->method->name);
    }
    rk_arena_free(f->arena);
    f->arena = a;
    f->value = value;
    f->settled = rk_arena_bytes(a);
    return 0;
}

/* Texts that patches replaced are garbage in the arena: the value is copied out of it. */
static void repack(struct view_feed *f)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;

    if (rk_arena_bytes(f->arena) < 2 * f->settled + PATCHED_MAX)
        return;
    wire_print(&text, f->method->result, f->value);
    f->settled = rk_arena_bytes(f->arena);      /* should it be too long to read back */
    (void)!take_value(f, rk_buf_view(&text));
}

static int take_patch(struct view_feed *f, rk_str data)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    void *patch = rk_arena_alloc(a, f->method->result->size);

    if (wire_read(a, f->method->result, data, patch, &f->err))
        return rk_wrap(&f->err, "%s", f->method->name);
    f->patch(f, patch);
    repack(f);
    return 0;
}

void *view_copy(struct rk_arena *a, const struct wire_shape *shape, const void *value)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    void *copy = rk_arena_alloc(a, shape->size);
    struct rk_err err;

    wire_print(&text, shape, value);
    if (wire_read(a, shape, rk_buf_view(&text), copy, &err))
        rk_fatal("a message does not read back: %s", err.text);
    return copy;
}

static void feed_event(enum wire_event kind, rk_str data, const struct rk_err *err, void *ctx)
{
    struct view_feed *f = ctx;
    struct view_host *h = f->view->host;
    bool patch = kind == WIRE_PATCH && f->value && f->patch;

    f->asked = f->asked && kind == WIRE_PATCH;
    if (kind == WIRE_END) {
        f->ended = true;
        rk_err_clear(&f->err);
        if (err)
            f->err = *err;
    } else if ((patch ? take_patch(f, data) : take_value(f, data)) == 0) {
        rk_err_clear(&f->err);
        f->at = h->now(h->ctx);
    }
    h->changed(h->ctx);
    if (f->changed)
        f->changed(f);
}

static void subscribe(struct view_feed *f)
{
    f->ended = false;
    f->asked = true;
    rk_err_clear(&f->err);
    f->sub = client_subscribe(f->view->host->client, f->method->name, rk_str_c(f->params),
                              feed_event, f);
}

void view_feed_open(struct view *v, struct view_feed *f, const char *method, const void *params)
{
    f->method = wire_method_find(method);
    rk_assert(f->method);
    char *text = print_params(f->method, params);
    bool same = f->sub && !f->ended && rk_streq(text, f->params);

    free(f->params);
    f->params = text;
    if (!f->view) {
        f->view = v;
        f->next = v->feeds;
        v->feeds = f;
    }
    if (!f->sub) {
        subscribe(f);
    } else if (!same) {
        f->ended = false;
        f->asked = true;
        rk_err_clear(&f->err);
        client_sub_change(f->sub, rk_str_c(f->params));
    }
}

void view_feed_close(struct view_feed *f)
{
    if (!f->view)
        return;
    for (struct view_feed **at = &f->view->feeds; *at; at = &(*at)->next)
        if (*at == f) {
            *at = f->next;
            break;
        }
    client_unsubscribe(f->sub);
    rk_arena_free(f->arena);
    free(f->params);
    f->view = NULL;
    f->sub = NULL;
    f->arena = NULL;
    f->params = NULL;
    f->value = NULL;
    f->next = NULL;
}

void view_feeds_detach(struct view *v)
{
    for (struct view_feed *f = v->feeds; f; f = f->next) {
        client_unsubscribe(f->sub);
        f->sub = NULL;
    }
}

void view_feeds_attach(struct view *v)
{
    for (struct view_feed *f = v->feeds; f; f = f->next)
        if (!f->sub)
            subscribe(f);
}

bool view_waits(const struct view *v)
{
    const struct view_feed *f = v->feeds;

    while (f && !f->asked)
        f = f->next;
    return f || v->calls;
}

/* ================= requests ================= */
struct view_call {
    struct view_call *next;
    struct view_host *host;
    struct view *view;          /* NULL: it is gone, the call is an orphan of the host's */
    const struct wire_method *method;
    view_answer_fn done;
    void *ctx;
};

static void unlink_call(struct view_call *c)
{
    struct view_call **at = c->view ? &c->view->calls : &c->host->orphans;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

static void call_done(rk_str result, const struct rk_err *err, void *ctx)
{
    struct view_call c = *(struct view_call *)ctx;
    struct rk_arena *a;
    struct rk_err bad = {0};
    void *value = NULL;

    unlink_call(ctx);
    free(ctx);
    if (!c.view)
        return;
    a = rk_arena_new();
    if (err) {
        bad = *err;
    } else {
        value = rk_arena_alloc(a, c.method->result->size);
        if (wire_read(a, c.method->result, result, value, &bad)) {
            rk_wrap(&bad, "%s", c.method->name);
            value = NULL;
        }
    }
    c.host->changed(c.host->ctx);
    c.done(c.view, value, a, value ? NULL : &bad, c.ctx);
}

void view_call(struct view *v, const char *method, const void *params, view_answer_fn done,
               void *ctx)
{
    struct view_call *c = rk_alloc(sizeof(*c));
    const struct wire_method *m = wire_method_find(method);

    rk_assert(m && !m->watch);
    *c = (struct view_call){v->calls, v->host, v, m, done, ctx};
    v->calls = c;
    char *text = print_params(m, params);
    client_call(v->host->client, method, rk_str_c(text), call_done, c);
    free(text);
}

void view_calls_leave(struct view *v)
{
    while (v->calls) {
        struct view_call *c = v->calls;
        v->calls = c->next;
        c->view = NULL;
        c->next = v->host->orphans;
        v->host->orphans = c;
    }
}

void view_host_release(struct view_host *h)
{
    while (h->orphans) {
        struct view_call *c = h->orphans;
        h->orphans = c->next;
        free(c);
    }
}
