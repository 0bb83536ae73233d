/*
 * feed.c: what a view knows of the engine: subscriptions whose last whole value is kept. JSON lines
 * of client.h become structs of wire.h in an arena. A value that cannot be read leaves the one
 * before; its age tells.
 */
#include <stdlib.h>

#include "view/view_int.h"

enum { PATCHED_MAX = 256 * 1024 };  /* bytes that patches may leave behind before it is repacked */

char *view_params(const struct wire_method *m, const void *params)
{
    struct rk_buf out = RK_BUF_INIT;

    if (m->params && params)
        wire_print(&out, m->params, params);
    return rk_buf_take(&out);
}

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
    if (rk_arena_bytes(f->arena) < 2 * f->settled + PATCHED_MAX)
        return;
    struct rk_arena *a = rk_arena_new();
    f->value = view_copy(a, f->method->result, f->value);
    rk_arena_free(f->arena);
    f->arena = a;
    f->settled = rk_arena_bytes(a);
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

void view_patch_rows(struct view_feed *f, void *patch)
{
    wire_merge(f->arena, f->method->result, f->value, patch);
}

void *view_copy(struct rk_arena *a, const struct wire_shape *shape, const void *value)
{
    void *copy = rk_arena_alloc(a, shape->size);

    wire_copy(a, shape, value, copy);
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
    char *text = view_params(f->method, params);
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
