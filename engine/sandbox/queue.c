/*
 * queue.c: the controllers' queue. In: names of objects that changed, or shall be looked at later.
 * Out: each object's controller once a turn of the loop with its newest state, however often it was
 * named. Owns the queue and its timers.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

enum { BATCH = 64 };

struct sb_due {
    uint64_t at;
    char *key;
    void (*fn)(struct sandbox *sb, const struct sb_object *o);
    struct sb_due *prev, *next;
};

static void key_of(struct rk_buf *out, const struct sb_object *o)
{
    rk_buf_f(out, "%s/%s/" RK_FMT_STR "/" RK_FMT_STR, o->type->group, o->type->kind,
             RK_ARG_STR(o->ns), RK_ARG_STR(o->name));
}

static struct sb_object *object_of(const struct sandbox *sb, const char *key)
{
    rk_str rest = rk_str_c(key);
    const rk_str group = rk_str_cut(rest, '/', &rest), kind = rk_str_cut(rest, '/', &rest);
    const rk_str ns = rk_str_cut(rest, '/', &rest);
    const struct sb_type *t = sb_type_of_kind(sb, group, kind);
    return t ? sb_find(t, ns, rest) : NULL;
}

static void run_queue(void *ctx);

static void enqueue(struct sandbox *sb, const char *key)
{
    if (sb->stopping)
        return;
    rk_map_set(sb->queued, key, sb);
    if (sb->queue_soon)
        return;
    sb->queue_soon = true;
    run_soon(sb->loop, run_queue, sb);
}

void sb_touch(struct sandbox *sb, const struct sb_object *o)
{
    rk_auto(rk_buf_release) struct rk_buf key = RK_BUF_INIT;
    key_of(&key, o);
    enqueue(sb, key.p);
}

static void control(struct sandbox *sb, const char *key)
{
    struct sb_object *o = object_of(sb, key);
    if (!o)
        return;
    sb_ref(o);
    sb_collect(sb, o);
    if (sb_find_uid(sb, o->uid) == o && o->type->row && o->type->row->control)
        o->type->row->control(sb, o);
    sb_unref(o);
}

static void run_queue(void *ctx)
{
    struct sandbox *sb = ctx;
    struct rk_map *batch = sb->queued;
    size_t it = 0, done = 0;
    const char *key;
    void *value;
    sb->queue_soon = false;
    sb->queued = rk_map_new();
    while (rk_map_next(batch, &it, &key, &value)) {
        if (done++ < BATCH)
            control(sb, key);
        else
            enqueue(sb, key);
    }
    rk_map_free(batch, NULL);
}

/* ---- later ---- */

static void arm(struct sandbox *sb);

static void unlink_due(struct sandbox *sb, struct sb_due *d)
{
    if (d->prev)
        d->prev->next = d->next;
    else
        sb->due = d->next;
    if (d->next)
        d->next->prev = d->prev;
    else
        sb->due_last = d->prev;
}

static void fire(void *ctx)
{
    struct sandbox *sb = ctx;
    while (sb->due && sb->due->at <= rk_mono_ms()) {
        struct sb_due *d = sb->due;
        unlink_due(sb, d);
        struct sb_object *o = object_of(sb, d->key);
        if (o && d->fn) {
            sb_ref(o);
            d->fn(sb, o);
            sb_unref(o);
        } else if (o) {
            enqueue(sb, d->key);
        }
        free(d->key);
        free(d);
    }
    arm(sb);
}

static void arm(struct sandbox *sb)
{
    if (!sb->due || sb->stopping)
        return;
    const uint64_t now = rk_mono_ms(), ms = sb->due->at > now ? sb->due->at - now : 1;
    if (sb->due_timer)
        run_timer_again(sb->due_timer, ms);
    else
        sb->due_timer = run_timer_start(sb->loop, ms, 0, fire, sb);
}

void sb_later(struct sandbox *sb, const struct sb_object *o, uint64_t ms,
              void (*fn)(struct sandbox *sb, const struct sb_object *o))
{
    rk_auto(rk_buf_release) struct rk_buf key = RK_BUF_INIT;
    if (sb->stopping)
        return;
    key_of(&key, o);
    struct sb_due *d = rk_alloc(sizeof(*d)), *after = sb->due_last;
    d->at = rk_mono_ms() + ms;
    d->key = rk_buf_take(&key);
    d->fn = fn;
    while (after && after->at > d->at)
        after = after->prev;
    d->prev = after;
    d->next = after ? after->next : sb->due;
    if (after)
        after->next = d;
    else
        sb->due = d;
    if (d->next)
        d->next->prev = d;
    else
        sb->due_last = d;
    if (sb->due == d)
        arm(sb);
}

void sb_queue_stop(struct sandbox *sb)
{
    run_soon_forget(sb->loop, sb);
    run_timer_stop(sb->due_timer);
    sb->due_timer = NULL;
    while (sb->due) {
        struct sb_due *d = sb->due;
        unlink_due(sb, d);
        free(d->key);
        free(d);
    }
    rk_map_free(sb->queued, NULL);
    sb->queued = NULL;
}
