/*
 * watch.c: streams of changes. In: a watch request, then every change of the store. Out: JSON lines
 * ADDED, MODIFIED, DELETED, BOOKMARK, ERROR. A watch resumes from the ring of past changes, or gets
 * 410 when that has forgotten them. Owns each watch until its client leaves or its time is over.
 */
#include <stdlib.h>

#include "sandbox/store_int.h"

struct sb_watch {
    struct sandbox *sb;
    struct sb_type *type;
    struct net_exchange *x;
    struct rk_arena *arena;         /* selection */
    struct sb_selection selection;
    enum sb_form form;
    bool whole, bookmarks, dead;
    size_t sent;
    struct sb_stream stream;
    struct run_timer *deadline;
    struct sb_watch *prev, *next;
};

/* ---- lines ---- */

static void put_line(struct rk_buf *out, const char *type, const struct doc_node *object)
{
    rk_buf_f(out, "{\"type\":\"%s\",\"object\":", type);
    doc_json_write(out, object);
    rk_buf_c(out, "}\n");
}

static void put_object(struct rk_buf *out, const struct sb_watch *w, const char *type,
                       struct sb_object *o)
{
    if (w->form == SB_JSON) {
        put_line(out, type, o->doc);
        return;
    }
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    put_line(out, type, w->form == SB_TABLE
                            ? sb_table(a, w->type, &o, 1, w->whole, rk_wall_ms())
                            : sb_partial(a, o->doc));
}

static void send_text(struct sb_watch *w, const struct rk_buf *line)
{
    if (!w->dead && !net_stream_write(w->x, rk_buf_view(line)))
        w->dead = true;
    w->sent++;
}

static void send_object(struct sb_watch *w, const char *type, struct sb_object *o)
{
    rk_auto(rk_buf_release) struct rk_buf line = RK_BUF_INIT;
    put_object(&line, w, type, o);
    send_text(w, &line);
}

static void send_bookmark(struct sb_watch *w, bool initial_end)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    rk_auto(rk_buf_release) struct rk_buf line = RK_BUF_INIT;
    struct doc_node *o = doc_map(a), *meta = doc_map(a);
    doc_set_c(a, o, "kind", doc_string_c(a, w->type->kind));
    doc_set_c(a, o, "apiVersion", doc_string(a, sb_type_api_version(a, w->type)));
    doc_set_c(a, meta, "resourceVersion",
              doc_string_f(a, "%llu", (unsigned long long)w->sb->store.rv));
    if (initial_end)
        sb_set_str(a, doc_make(a, meta, "annotations"), "k8s.io/initial-events-end", "true");
    doc_set_c(a, o, "metadata", meta);
    put_line(&line, "BOOKMARK", o);
    send_text(w, &line);
}

/* ---- life ---- */

static void unlink_watch(struct sb_watch *w)
{
    if (w->prev)
        w->prev->next = w->next;
    else
        w->type->watches = w->next;
    if (w->next)
        w->next->prev = w->prev;
}

static void free_watch(struct sb_watch *w)
{
    unlink_watch(w);
    run_timer_stop(w->deadline);
    rk_arena_free(w->arena);
    free(w);
}

static void end_watch(struct sb_watch *w)
{
    struct net_exchange *x = w->x;
    x->user = NULL;
    free_watch(w);
    net_stream_end(x);
}

static void watch_gone(struct sb_stream *stream)
{
    free_watch(stream->owner);
}

static void deadline(void *ctx)
{
    struct sb_watch *w = ctx;
    if (w->bookmarks)
        send_bookmark(w, false);
    end_watch(w);
}

/* ---- changes ---- */

/* Entering and leaving the selection is ADDED and DELETED. */
static void tell_one(struct sb_watch *w, const struct sb_event *e)
{
    const bool was = e->before && sb_selected(&w->selection, e->before);
    const bool is = e->type != SB_DELETED && sb_selected(&w->selection, e->now);
    if (is) {
        send_object(w, was ? "MODIFIED" : "ADDED", e->now);
    } else if (was && e->type == SB_DELETED) {
        send_object(w, "DELETED", e->now);
    } else if (was) {
        struct sb_object *last = sb_object_new(w->type, e->before->doc, e->rv);
        send_object(w, "DELETED", last);
        sb_unref(last);
    }
}

void sb_watch_tell(struct sandbox *sb, const struct sb_event *e)
{
    for (struct sb_watch *w = e->now->type->watches, *next; w; w = next) {
        const size_t before = w->sent;
        next = w->next;
        tell_one(w, e);
        if (w->dead || (w->sent > before && sb->opts.faults.drop_watches))
            end_watch(w);
    }
}

void sb_watch_bookmarks(void *ctx)
{
    struct sandbox *sb = ctx;
    sb_events_forget(sb);
    for (size_t i = 0; i < sb->n_types; i++) {
        for (struct sb_watch *w = sb->types[i]->watches, *next; w; w = next) {
            next = w->next;
            if (w->bookmarks)
                send_bookmark(w, false);
            if (w->dead)
                end_watch(w);
        }
    }
}

void sb_watch_end_all(struct sb_type *t)
{
    while (t->watches)
        end_watch(t->watches);
}

/* ---- beginning ---- */

static void send_state(struct sb_watch *w)
{
    size_t n;
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct sb_object **list = sb_list(a, w->type, w->selection.ns, &n);
    for (size_t i = 0; i < n; i++)
        if (sb_selected(&w->selection, list[i]))
            send_object(w, "ADDED", list[i]);
}

static void send_past(struct sb_watch *w, uint64_t from)
{
    const struct sb_store *s = &w->sb->store;
    for (size_t i = 0; i < s->n; i++) {
        const struct sb_event *e = &s->ring[(s->first + i) % s->cap];
        if (e->rv > from && e->now->type == w->type)
            tell_one(w, e);
    }
}

static void send_error(struct sb_watch *w, struct sb_failure *f)
{
    rk_auto(rk_buf_release) struct rk_buf line = RK_BUF_INIT;
    put_line(&line, "ERROR", sb_status_doc(f->arena, f));
    send_text(w, &line);
}

struct beginning {
    int64_t rv;             /* 0: the newest state first */
    bool initial, state;
    int64_t seconds;
};

static int read_beginning(struct sb_request *r, struct beginning *b)
{
    const rk_str rv = sb_query(r, "resourceVersion"), match = sb_query(r, "resourceVersionMatch");
    const rk_str initial = sb_query(r, "sendInitialEvents"), secs = sb_query(r, "timeoutSeconds");
    *b = (struct beginning){.initial = rk_str_is(initial, "true")};
    if (rv.n && (!rk_str_int(rv, &b->rv) || b->rv < 0))
        return sb_fail_bad(&r->failure, "Invalid value: \"" RK_FMT_STR "\": strconv.ParseUint: "
                           "parsing \"" RK_FMT_STR "\": invalid syntax", RK_ARG_STR(rv),
                           RK_ARG_STR(rv));
    if (initial.n && !rk_str_is(match, "NotOlderThan"))
        return sb_fail_option(&r->failure, "ListOptions", "FieldValueForbidden",
                              "resourceVersionMatch",
                              "Forbidden: sendInitialEvents requires setting resourceVersionMatch "
                              "to NotOlderThan");
    if (match.n && !initial.n)
        return sb_fail_option(&r->failure, "ListOptions", "FieldValueForbidden",
                              "resourceVersionMatch",
                              "Forbidden: resourceVersionMatch is forbidden for watch unless "
                              "sendInitialEvents is provided");
    if (b->rv > 0 && (uint64_t)b->rv > r->sb->store.rv) {
        r->failure.retry_after_s = 1;
        return sb_fail(&r->failure, 504, "Timeout",
                       "Too large resource version: %lld, current: %llu",
                       (long long)b->rv, (unsigned long long)r->sb->store.rv);
    }
    if (!rk_str_int(secs, &b->seconds) || b->seconds <= 0 || b->seconds > 3600)
        b->seconds = 1800;
    b->state = b->initial || (b->rv == 0 && !rk_str_is(initial, "false"));
    return 0;
}

static struct sb_watch *watch_new(struct sb_request *r)
{
    struct sb_watch *w = rk_alloc(sizeof(*w));
    const rk_str bookmarks = sb_query(r, "allowWatchBookmarks");
    w->sb = r->sb;
    w->type = r->type;
    w->x = r->x;
    w->arena = rk_arena_new();
    w->form = r->form;
    w->whole = rk_str_is(sb_query(r, "includeObject"), "Object");
    w->bookmarks = rk_str_is(bookmarks, "true") || rk_str_is(bookmarks, "1");
    w->stream = (struct sb_stream){watch_gone, w};
    w->next = w->type->watches;
    if (w->next)
        w->next->prev = w;
    w->type->watches = w;
    return w;
}

void sb_watch(struct sb_request *r)
{
    struct beginning b;
    if (read_beginning(r, &b) < 0) {
        sb_reply_failure(r);
        return;
    }
    struct sb_watch *w = watch_new(r);
    if (sb_selection_read(r, w->arena, &w->selection, &r->failure) < 0) {
        free_watch(w);
        sb_reply_failure(r);
        return;
    }
    r->x->user = &w->stream;
    net_stream_begin(r->x, 200, "application/json");
    if (b.state) {
        send_state(w);
    } else if (b.rv > 0 && (uint64_t)b.rv < r->sb->store.oldest) {
        sb_fail(&r->failure, 410, "Expired", "too old resource version: %lld (%llu)",
                (long long)b.rv, (unsigned long long)r->sb->store.oldest);
        send_error(w, &r->failure);
        end_watch(w);
        return;
    } else if (b.rv > 0) {
        send_past(w, (uint64_t)b.rv);
    }
    if (b.initial && w->bookmarks)
        send_bookmark(w, true);
    if (w->dead) {
        end_watch(w);
        return;
    }
    w->sent = 0;
    w->deadline = run_timer_start(r->sb->loop, (uint64_t)b.seconds * 1000, 0, deadline, w);
}
