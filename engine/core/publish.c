/*
 * publish.c: subscriptions. What changed is only noted here; on a later turn of the loop each
 * subscription that it concerns is built anew and sent: the whole window when its rows changed
 * places, else the changed rows; what does not fit into one line in several. A client whose queue
 * is over half full gets the next state when it has room again, never a backlog.
 */
#include "core/core_int.h"

enum { ACTIVITY_FIRST = 100 };

struct builder {
    const char *method;
    /* The data to send and its kind; false: nothing new. */
    bool (*build)(struct core_sub *s, struct rk_arena *mem, struct rk_buf *out,
                  enum wire_event *kind);
};

/* ---- builders ---- */
static uint64_t hash_rows(const struct wire_app_page *page)
{
    uint64_t h = rk_hash(&page->total, sizeof page->total);
    for (size_t i = 0; i < page->n_apps; i++)
        h = h * 31 + rk_hash(page->apps[i].name, strlen(page->apps[i].name));
    return h;
}

static bool build_apps(struct core_sub *s, struct rk_arena *mem, struct rk_buf *out,
                       enum wire_event *kind)
{
    struct wire_app_page page;
    core_wire_page(s->peer->engine, s->params, mem, &page);
    uint64_t shape = hash_rows(&page);
    *kind = s->started && shape == s->shape ? WIRE_PATCH : WIRE_RESET;
    s->shape = shape;
    if (*kind == WIRE_PATCH) {
        size_t n = 0;
        for (size_t i = 0; i < page.n_apps; i++)
            if ((uint64_t)page.apps[i].changed > s->sent)
                page.apps[n++] = page.apps[i];
        page.n_apps = n;
    }
    (void)wire_print_page(out, s->method->result, &page, WIRE_BODY_MAX);
    return true;
}

static const struct core_app *changed_app(struct core_sub *s, const char *name)
{
    const struct core_app *app = engine_app(s->peer->engine, name);
    return app && (!s->started || app->changed_seq > s->sent) ? app : NULL;
}

static bool build_app(struct core_sub *s, struct rk_arena *mem, struct rk_buf *out,
                      enum wire_event *kind)
{
    const struct core_app *app = changed_app(s, ((const struct wire_app_ref *)s->params)->app);
    struct wire_app_detail detail;
    if (!app)
        return false;
    core_wire_detail(app, mem, &detail);
    *kind = WIRE_RESET;
    wire_print(out, s->method->result, &detail);
    return true;
}

static bool build_activity(struct core_sub *s, struct rk_arena *mem, struct rk_buf *out,
                           enum wire_event *kind)
{
    struct engine *e = s->peer->engine;
    const struct wire_apps_params *p = s->params;
    const uint64_t size = RK_LEN(e->activity);
    uint64_t from = s->shape; /* here: how many rows the client has seen */
    uint64_t limit = p->limit > 0 && (uint64_t)p->limit < size ? (uint64_t)p->limit : ACTIVITY_FIRST;
    if (!s->started)
        from = e->n_activity > limit ? e->n_activity - limit : 0;
    if (e->n_activity - from > size)
        from = e->n_activity - size;
    struct wire_activity rows = {0};
    rows.rows = rk_arena_array(mem, (size_t)(e->n_activity - from) + 1, sizeof *rows.rows);
    for (uint64_t i = from; i < e->n_activity; i++)
        rows.rows[rows.n_rows++] = e->activity[i % size];
    s->shape = e->n_activity;
    *kind = s->started ? WIRE_PATCH : WIRE_RESET;
    if (s->started && !rows.n_rows)
        return false;
    wire_print(out, s->method->result, &rows);
    return true;
}

/* ---- long lists: all rows once, then what changed of them ---- */
static uint64_t hash_row(const struct wire_shape *shape, const void *row, struct rk_buf *scratch)
{
    rk_buf_clear(scratch);
    wire_print(scratch, shape, row);
    return rk_hash(scratch->p, scratch->n);
}

/* The rows of value (a paged struct, which is changed) between the first and the last that the
 * client does not know, as many as fit into a line; for the others the subscription stays dirty.
 * false: it knows them all. */
static bool print_news(struct core_sub *s, void *value, struct rk_buf *out, enum wire_event *kind)
{
    struct wire_paging p = {0};
    rk_assert(wire_paging(s->method->result, &p));
    char **rows = (void *)((char *)value + p.rows->offset);
    size_t *n = (void *)((char *)value + p.rows->count_offset);
    int64_t *offset = (void *)((char *)value + p.offset), *more = (void *)((char *)value + p.more);
    size_t size = p.rows->shape->size, from = 0, to = *n, changed = 0;
    bool again = s->started && s->n_rows == *n;
    if (!again)
        s->rows = rk_arena_array(s->arena, *n + 1, sizeof *s->rows);
    s->n_rows = *n;
    struct rk_buf scratch rk_auto(rk_buf_release) = RK_BUF_INIT;
    uint64_t *now = rk_calloc(*n + 1, sizeof *now);
    for (size_t i = 0; i < *n; i++)
        now[i] = hash_row(p.rows->shape, *rows + i * size, &scratch);
    while (from < to && now[from] == s->rows[from])
        from++;
    while (to > from && now[to - 1] == s->rows[to - 1])
        to--;
    *rows += from * size;
    *n = changed = to - from;
    *offset += (int64_t)from;
    *kind = again ? WIRE_PATCH : WIRE_RESET;
    *n = wire_print_page(out, s->method->result, value, WIRE_BODY_MAX);
    memcpy(s->rows + from, now + from, *n * sizeof *now);
    free(now);
    *more = (int64_t)(changed - *n);
    s->dirty = s->more = *more != 0;
    if (s->dirty) {
        rk_buf_clear(out);
        wire_print(out, s->method->result, value);
    }
    return changed || !again;
}

static bool build_resources(struct core_sub *s, struct rk_arena *mem, struct rk_buf *out,
                            enum wire_event *kind)
{
    const struct wire_resources_params *p = s->params;
    const struct core_app *app = s->more ? engine_app(s->peer->engine, p->app)
                                         : changed_app(s, p->app);
    struct wire_resource_page page;
    if (!app)
        return false;
    core_wire_resources(app, p, mem, &page);
    return print_news(s, &page, out, kind);
}

static bool build_operation(struct core_sub *s, struct rk_arena *mem, struct rk_buf *out,
                            enum wire_event *kind)
{
    const struct wire_operation_ref *p = s->params;
    const struct sync_operation *op = sync_find(s->peer->engine->sync, p->id);
    struct wire_operation wire;
    if (!op)
        return false;
    core_wire_operation(op, mem, &wire);
    (void)print_news(s, &wire, out, kind); /* what is told beside the tasks may be new */
    return true;
}

static const struct builder builders[] = {
    {"applications.watch", build_apps}, {"application.watch", build_app},
    {"resources.watch", build_resources}, {"activity.watch", build_activity},
    {"operation.watch", build_operation},
};

/* ---- sending ---- */
void core_sub_send(struct core_sub *s, enum wire_event kind, rk_str data)
{
    struct rk_buf line rk_auto(rk_buf_release) = RK_BUF_INIT;
    wire_event_line(&line, s->id, s->peer->engine->epoch, ++s->seq, kind, data);
    (void)run_line_send(s->peer->line, rk_buf_view(&line), WIRE_QUEUE_MAX);
    s->started = true;
}

/* false: there is no room; dirty stays, and core_publish_room sends the state of then. */
static bool send_new(struct core_sub *s)
{
    if (run_line_queued(s->peer->line) > WIRE_QUEUE_MAX / 2)
        return false;
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *mem = rk_arena_new();
    enum wire_event kind = WIRE_PATCH;
    uint64_t seq = s->peer->engine->seq;
    s->dirty = false;
    for (size_t i = 0; i < RK_LEN(builders); i++)
        if (rk_streq(builders[i].method, s->method->name) &&
            builders[i].build(s, mem, &body, &kind)) {
            core_sub_send(s, kind, rk_buf_view(&body));
            break;
        }
    s->sent = seq;
    rk_arena_free(mem);
    return true;
}

static void flush(void *ctx)
{
    struct engine *e = ctx;
    e->publishing = false;
    for (struct core_peer *p = e->peers; p; p = p->next)
        core_publish_room(p);
}

void core_publish_room(struct core_peer *p)
{
    for (struct core_sub *s = p->subs; s; s = s->next)
        while (s->dirty && send_new(s))
            continue; /* a builder that has more to tell leaves it dirty */
}

static void note(struct engine *e, const char *const *methods, size_t n)
{
    bool any = false;
    for (struct core_peer *p = e->peers; p; p = p->next)
        for (struct core_sub *s = p->subs; s; s = s->next)
            for (size_t i = 0; i < n; i++)
                if (rk_streq(s->method->name, methods[i]))
                    s->dirty = any = true;
    if (!any || e->publishing || e->stopping)
        return;
    e->publishing = true;
    run_soon(e->loop, flush, e);
}

static const char *const row_methods[] = {"applications.watch", "application.watch",
                                          "resources.watch"};

void core_publish_app(struct core_app *app)
{
    app->changed_seq = ++app->engine->seq;
    note(app->engine, row_methods, RK_LEN(row_methods));
}

void core_publish_list(struct engine *e)
{
    e->seq++;
    note(e, row_methods, RK_LEN(row_methods));
}

void core_publish_operation(struct engine *e, const struct sync_operation *op)
{
    static const char *const methods[] = {"operation.watch"};
    (void)op;
    note(e, methods, 1);
}

void core_publish_activity(struct engine *e, const struct wire_activity_row *row)
{
    static const char *const methods[] = {"activity.watch"};
    struct wire_activity_row *at = &e->activity[e->n_activity++ % RK_LEN(e->activity)];
    const struct { const char **to; const char *from; } texts[] = {
        {&at->app, row->app}, {&at->environment, row->environment}, {&at->actor, row->actor},
        {&at->text, row->text},
    };
    for (size_t i = 0; i < RK_LEN(texts); i++) {
        free((void *)(uintptr_t)*texts[i].to);
        *texts[i].to = texts[i].from ? rk_strdup(texts[i].from) : NULL;
    }
    at->time = row->time;
    at->level = row->level;
    note(e, methods, 1);
}

/* ---- lifetimes ---- */
struct core_sub *core_sub_new(struct core_request *r)
{
    struct core_peer *p = r->peer;
    struct rk_arena *a = rk_arena_new();
    struct core_sub *s = rk_arena_alloc(a, sizeof *s);
    struct rk_buf params rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    void *copy = rk_arena_alloc(a, r->method->params->size);
    wire_print(&params, r->method->params, r->params);
    if (wire_read(a, r->method->params, rk_buf_view(&params), copy, &none))
        rk_fatal("a message does not read back: %s", none.text);
    *s = (struct core_sub){.peer = p, .id = ++p->engine->subs, .method = r->method, .arena = a,
                           .params = copy, .next = p->subs};
    p->subs = s;
    struct wire_sub answer = {.sub = s->id};
    core_answer(r, &answer);
    s->dirty = true;
    if (!p->engine->publishing) {
        p->engine->publishing = true;
        run_soon(p->engine->loop, flush, p->engine);
    }
    return s;
}

void core_sub_free(struct core_sub *s)
{
    struct core_sub **at = &s->peer->subs;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    if (s->call)
        cluster_cancel(s->call);
    rk_arena_free(s->arena);
}

void core_sub_end(struct core_sub *s, const struct rk_err *why)
{
    struct rk_buf body rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (why)
        wire_error_body(&body, why);
    core_sub_send(s, WIRE_END, rk_buf_view(&body));
    s->call = NULL;
    core_sub_free(s);
}
