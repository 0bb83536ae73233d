/*
 * core.c: the console without a terminal: the client of the engine, the stack of views and what
 * they are given. The engine may go and come back: the last data stays, with its time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/console_int.h"
#include "reckon/text.h"

enum { STATUS_MS = 250, STATUS_OLD_MS = 10000, MESSAGE_MS = 6000 };

/* ================= what the header shows of the engine ================= */

static void status_came(rk_str result, const struct rk_err *err, void *ctx)
{
    struct console *c = ctx;
    struct rk_arena *mem = rk_arena_new();
    struct wire_status s;
    struct rk_err bad;

    c->status_asked = false;
    c->status_at = run_loop_now(c->loop);
    if (err || wire_read(mem, &wire_shape_status, result, &s, &bad)) {
        rk_arena_free(mem);
        return;
    }
    rk_arena_free(c->status_arena);
    c->status_arena = mem;
    c->status = s;
    c->host.status = &c->status;
    console_wake(c);
}

static void ask_status(struct console *c)
{
    if (c->status_asked || !c->host.connected)
        return;
    c->status_asked = true;
    client_call(c->client, "status", RK_STR_NONE, status_came, c);
}

static void status_is_due(void *ctx)
{
    struct console *c = ctx;

    c->status_due = false;
    ask_status(c);
}

/* No clock asks for it: an idle console sleeps. A person who comes back to it sees it as it is. */
void console_status_look(struct console *c)
{
    if (run_loop_now(c->loop) - c->status_at >= STATUS_OLD_MS)
        ask_status(c);
}

/* Something came: the header goes with it, in one picture; of many things at once with the last. */
static void host_changed(void *ctx)
{
    struct console *c = ctx;
    uint64_t since = run_loop_now(c->loop) - c->status_at;

    console_wake(c);
    if (c->status_due || c->status_asked)
        return;
    if (since >= STATUS_MS) {
        ask_status(c);
        return;
    }
    c->status_due = true;
    if (c->status_timer)
        run_timer_again(c->status_timer, STATUS_MS - since);
    else
        c->status_timer = run_timer_start(c->loop, STATUS_MS - since, 0, status_is_due, c);
}

/* ================= messages ================= */

static void message_over(void *ctx)
{
    struct console *c = ctx;

    if (c->message_role == TERM_ERROR || c->note)
        return;
    c->message[0] = 0;
    console_wake(c);
}

void console_say(enum term_role role, const char *text, void *ctx)
{
    struct console *c = ctx;
    struct rk_buf safe rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_text_safe(&safe, rk_str_c(text), 0);
    (void)snprintf(c->message, sizeof(c->message), "%s", safe.p);
    c->message_role = role;
    c->note = false;
    if (c->message_timer)
        run_timer_again(c->message_timer, MESSAGE_MS);
    else
        c->message_timer = run_timer_start(c->loop, MESSAGE_MS, 0, message_over, c);
    console_wake(c);
}

/* ================= the stack ================= */

struct view *console_top(const struct console *c)
{
    return c->depth ? c->stack[c->depth - 1] : NULL;
}

static void bury(void *ctx)
{
    struct console *c = ctx;

    while (c->n_dying)
        view_free(c->dying[--c->n_dying]);
}

/* A view may close itself from inside its own functions: it is freed on a later turn. */
static void pop(struct console *c)
{
    struct view *v = c->stack[--c->depth];

    console_ask_drop(c, v);
    if (c->n_dying == CONSOLE_DEPTH)
        return;                 /* cannot be: a turn closes no more than there are */
    c->dying[c->n_dying++] = v;
    if (c->n_dying == 1)
        run_soon(c->loop, bury, c);
    console_wake(c);
}

void console_back(void *ctx)
{
    struct console *c = ctx;

    if (c->depth > 1)
        pop(c);
}

/* An open view that can go to the target, with what stands above it closed: but no form is. */
static bool retarget(struct console *c, const struct view_class *class, const struct view_target *t)
{
    static const struct view_target nothing;

    for (size_t i = c->depth; i-- > 0;) {
        struct view *v = c->stack[i];
        if (v->class->form && v->class != class)
            return false;
        if (v->class != class || !class->retarget)
            continue;
        if (!class->retarget(v, t ? t : &nothing))
            return false;
        while (c->depth > i + 1)
            pop(c);
        return true;
    }
    return false;
}

void console_open(struct console *c, const struct view_class *class, const struct view_target *t)
{
    struct rk_err err = {0};
    struct view *v;

    console_wake(c);
    if (retarget(c, class, t))
        return;
    if (c->depth == CONSOLE_DEPTH) {
        console_say(TERM_ERROR, "too many views are open: go back first", c);
        return;
    }
    v = view_new(class, &c->host, t, &err);
    if (v)
        c->stack[c->depth++] = v;
    else
        console_say(TERM_ERROR, err.text, c);
}

void console_open_named(const char *view, const struct view_target *t, void *ctx)
{
    struct console *c = ctx;
    const struct view_class *class = view_class_named(view);
    char text[80];

    if (class) {
        console_open(c, class, t);
        return;
    }
    (void)snprintf(text, sizeof(text), "this build has no view \"%s\"", view);
    console_say(TERM_ERROR, text, c);
}

/* ================= the rest of what views are given ================= */

static void copied(const char *how, const struct rk_err *err, void *ctx)
{
    console_say(err ? TERM_ERROR : TERM_STATUS, err ? err->text : how, ctx);
}

static void host_copy(rk_str text, const char *what, void *ctx)
{
    struct console *c = ctx;

    (void)what;
    c->dev.copy(text, copied, c, c->dev.ctx);
}

static void drop_over(void *ctx)
{
    ((struct console *)ctx)->dropping = false;
}

static void host_drop(void *ctx)
{
    struct console *c = ctx;

    c->dev.flush(c->dev.ctx);
    if (c->dropping)
        return;
    c->dropping = true;         /* what was read together with the key that led here */
    run_soon(c->loop, drop_over, c);
}

static const char *host_key(enum view_action a, void *ctx)
{
    struct console *c = ctx;
    const struct view *v = console_top(c);
    bool found = console_key_of(c->settings, v ? v->class->name : "*", a, c->host.readonly,
                                c->key_name);

    return found ? c->key_name : NULL;
}

/* ================= the client ================= */

static void ready(struct console *c, const struct wire_hello *hello)
{
    char title[128];

    c->host.hello = hello;
    c->host.connected = c->was_ready = true;
    c->failed = false;
    c->host.readonly = c->opts_readonly || !hello->can_write;
    c->host.status = NULL;
    c->status_asked = false;
    ask_status(c);
    for (size_t i = 0; i < c->depth; i++)
        if (c->stack[i]->class->connected)
            c->stack[i]->class->connected(c->stack[i]);
    (void)snprintf(title, sizeof(title), "reckon: %s",
                   hello->n_repositories ? hello->repositories[0].name : hello->profile);
    c->dev.title(rk_str_c(title), c->dev.ctx);
}

static void state_changed(enum client_state s, const struct wire_hello *hello,
                          const struct rk_err *why, void *ctx)
{
    struct console *c = ctx;

    if (s == CLIENT_READY)
        ready(c, hello);
    if (s == CLIENT_FAILED && !c->was_ready) {
        c->dev.quit(2, why->text, c->dev.ctx);
        return;
    }
    if (why) {
        if (c->host.connected)
            c->host.lost_at = c->host.now(c->host.ctx);
        c->host.connected = c->status_asked = false;
        c->failed = s == CLIENT_FAILED;
        (void)snprintf(c->host.why_lost, sizeof(c->host.why_lost), "%s", why->text);
    }
    console_wake(c);
}

static void open_client(struct console *c)
{
    static const struct client_events events = {.state = state_changed};

    c->client = client_open(c->loop, &c->client_opts, &events, c);
    c->host.client = c->client;
}

static void look_again(struct console *c)
{
    for (size_t i = 0; i < c->depth; i++)
        view_feeds_detach(c->stack[i]);
    bury(c);
    client_close(c->client);
    c->host.hello = NULL;
    c->host.status = NULL;
    open_client(c);
    for (size_t i = 0; i < c->depth; i++)
        view_feeds_attach(c->stack[i]);
    console_say(TERM_STATUS, "looking for the engine ...", c);
}

static void refreshed(rk_str result, const struct rk_err *err, void *ctx)
{
    struct console *c = ctx;

    (void)result;
    console_say(err ? TERM_ERROR : TERM_OK, err ? err->text : "git and clusters were asked", c);
    ask_status(c);
}

void console_refresh(struct console *c)
{
    if (c->failed) {
        look_again(c);
        return;
    }
    if (!c->host.connected) {
        console_say(TERM_STATUS, "the engine is away; it is looked for", c);
        return;
    }
    console_say(TERM_STATUS, "asking git and clusters ...", c);
    client_call(c->client, "refresh", RK_STR("{\"all\":true}"), refreshed, c);
}

/* ================= life ================= */

struct console *console_core_new(struct run_loop *loop, const struct console_core_opts *o)
{
    struct console *c = rk_alloc(sizeof(*c));

    c->loop = loop;
    c->dev = o->device;
    console_pace_open(c);
    c->settings = o->settings;
    c->client_opts = o->client;
    c->client_opts.reconnect = true;
    c->client_opts.readonly = o->readonly;
    c->opts_readonly = o->readonly;
    c->theme = rk_strdup(o->theme ? o->theme : "");
    c->ask.edit.text = RK_BUF_INIT;
    c->host = (struct view_host){
        .loop = loop, .readonly = o->readonly, .now = o->now, .changed = host_changed,
        .open = console_open_named, .back = console_back, .say = console_say, .copy = host_copy,
        .ask = console_ask, .drop_input = host_drop, .key = host_key, .ctx = c};
    open_client(c);
    console_open_named("applications", NULL, c);
    if (c->settings->troubles.n)
        console_say(TERM_ERROR, c->settings->troubles.p, c);
    else if (o->note)
        console_say(TERM_STATUS, o->note, c);
    c->note = true;
    return c;
}

void console_core_free(struct console *c)
{
    if (!c)
        return;
    console_ask_drop(c, NULL);
    while (c->depth)
        view_free(c->stack[--c->depth]);
    bury(c);
    view_host_release(&c->host);
    client_close(c->client);
    run_soon_forget(c->loop, c);
    run_timer_stop(c->status_timer);
    run_timer_stop(c->message_timer);
    console_pace_close(c);
    rk_arena_free(c->status_arena);
    widget_edit_release(&c->ask.edit);
    free(c->find);
    free(c->theme);
    free(c);
}
