/*
 * scripted.h: an engine and a console for the tests of views, in place of the client's line and the
 * program's loop. A test sees what a view asks for, answers with JSON, and reads what it drew.
 *
 *     struct scripted s; scripted_init(&s, 80, 24);
 *     scripted_open(&s, &view_diff, &(struct view_target){.app = "shop"});
 *     scripted_answer(&s, "drift.get", "{...}");      the oldest call of that method
 *     scripted_event(&s, "application.watch", WIRE_RESET, "{...}");
 *     scripted_draw(&s);  assert_true(scripted_sees(&s, "replicas"));
 *
 * It defines the client's functions: include it in one file of a test program, instead of cmocka.h.
 */
#ifndef RK_VIEW_SCRIPTED_H
#define RK_VIEW_SCRIPTED_H

#include "term/testing.h"

#include "view/testing.h"
#include "view/view_int.h"

struct client_sub {
    struct client_sub *next;
    struct client *client;
    char *method, *params;
    client_event_fn fn;
    void *ctx;
};
struct scripted_call {
    struct scripted_call *next;
    char *method, *params;
    client_done_fn done;
    void *ctx;
};
struct client { struct scripted_call *calls; struct client_sub *subs; };

struct scripted {
    struct client client;
    struct view_host host;
    struct term_screen *screen;
    struct vt vt;
    struct view *view;
    int64_t now;
    struct rk_buf log;          /* "open plan ...", "say ...", "copy ...", a line each */
    bool backed, dropped;       /* the view asked for it */
};

/* ---- the client ---- */
void client_call(struct client *c, const char *method, rk_str params, client_done_fn done,
                 void *ctx)
{
    struct scripted_call *call = rk_alloc(sizeof *call), **at = &c->calls;
    *call = (struct scripted_call){NULL, rk_strdup(method), rk_str_dup(params), done, ctx};
    while (*at)
        at = &(*at)->next;
    *at = call;
}

struct client_sub *client_subscribe(struct client *c, const char *method, rk_str params,
                                    client_event_fn fn, void *ctx)
{
    struct client_sub *s = rk_alloc(sizeof *s);
    *s = (struct client_sub){c->subs, c, rk_strdup(method), rk_str_dup(params), fn, ctx};
    c->subs = s;
    return s;
}

void client_sub_change(struct client_sub *s, rk_str params)
{
    free(s->params);
    s->params = rk_str_dup(params);
}

void client_unsubscribe(struct client_sub *s)
{
    if (!s)
        return;
    struct client_sub **at = &s->client->subs;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    free(s->method);
    free(s->params);
    free(s);
}

static struct scripted_call *scripted_take_(struct scripted *s, const char *method)
{
    struct scripted_call **at = &s->client.calls, *call;
    while (*at && !rk_streq((*at)->method, method))
        at = &(*at)->next;
    if ((call = *at))
        *at = call->next;
    return call;
}

static void scripted_free_(struct scripted_call *call)
{
    free(call->method);
    free(call->params);
    free(call);
}

/* The parameters of the oldest call of the method that waits; NULL: none does. */
RK_UNUSED static const char *scripted_asked(const struct scripted *s, const char *method)
{
    for (const struct scripted_call *c = s->client.calls; c; c = c->next)
        if (rk_streq(c->method, method))
            return c->params;
    return NULL;
}

RK_UNUSED static const char *scripted_watched(const struct scripted *s, const char *method)
{
    for (const struct client_sub *c = s->client.subs; c; c = c->next)
        if (rk_streq(c->method, method))
            return c->params;
    return NULL;
}

static void scripted_reply_(struct scripted *s, const char *method, const char *json,
                            const struct rk_err *err)
{
    struct scripted_call *call = scripted_take_(s, method);
    if (!call) {
        fail_msg("%s was not asked for", method);
        return;
    }
    call->done(rk_str_c(json), err, call->ctx);
    scripted_free_(call);
}

RK_UNUSED static void scripted_answer(struct scripted *s, const char *method, const char *json)
{
    scripted_reply_(s, method, json, NULL);
}

RK_UNUSED static void scripted_refuse(struct scripted *s, const char *method, enum rk_code code,
                                      const char *text)
{
    struct rk_err err = {0};
    (void)rk_fail(&err, code, "%s", text);
    scripted_reply_(s, method, "", &err);
}

RK_UNUSED static void scripted_event(struct scripted *s, const char *method, enum wire_event kind,
                                     const char *json)
{
    for (struct client_sub *c = s->client.subs; c; c = c->next)
        if (rk_streq(c->method, method)) {
            c->fn(kind, rk_str_c(json), NULL, c->ctx);
            return;
        }
    fail_msg("%s is not watched", method);
}

/* ---- the console ---- */
static int64_t scripted_now_(void *ctx)
{
    return ((struct scripted *)ctx)->now;
}

static void scripted_changed_(void *ctx)
{
    (void)ctx;
}

static void scripted_open_(const char *view, const struct view_target *t, void *ctx)
{
    struct rk_buf *log = &((struct scripted *)ctx)->log;
    rk_buf_f(log, "open %s", view);
    if (t->app)
        rk_buf_f(log, " app=%s", t->app);
    if (t->object)
        rk_buf_f(log, " object=%s", t->object);
    if (t->operation)
        rk_buf_f(log, " operation=%s", t->operation);
    if (t->commit)
        rk_buf_f(log, " commit=%s", t->commit);
    if (t->rev)
        rk_buf_f(log, " rev=%s", t->rev);
    if (t->from)
        rk_buf_f(log, " from=%s", t->from);
    if (t->from_app)
        rk_buf_f(log, " from_app=%s", t->from_app);
    for (size_t i = 0; i < t->n_copies; i++)
        rk_buf_f(log, " %c:%s", t->copies[i].key, t->copies[i].text);
    if (t->what)
        rk_buf_f(log, " what=%s", t->what);
    if (t->plan) {
        rk_buf_c(log, " ");
        wire_print(log, &wire_shape_plan_params, t->plan);
    }
    rk_buf_ch(log, '\n');
}

static void scripted_back_(void *ctx)
{
    ((struct scripted *)ctx)->backed = true;
}

static void scripted_say_(enum term_role role, const char *text, void *ctx)
{
    struct rk_buf *log = &((struct scripted *)ctx)->log;
    rk_buf_f(log, "say%s %s\n", role == TERM_ERROR ? " error" : "", text);
}

static void scripted_drop_(void *ctx)
{
    ((struct scripted *)ctx)->dropped = true;
}

/* The first key of the defaults; the table of keys.c is what a person has without settings. */
static const char *scripted_key_(enum view_action a, void *ctx)
{
    const struct scripted *s = ctx;
    for (const struct view_key_row *k = view_keys; k->key; k++)
        if (k->action == a && !(s->host.readonly && view_actions[a].writes))
            return k->key;
    return NULL;
}

static void scripted_copy_(rk_str text, const char *what, void *ctx)
{
    rk_buf_f(&((struct scripted *)ctx)->log, "copy %s: " RK_FMT_STR "\n", what, RK_ARG_STR(text));
}

/* ---- a test's life ---- */
RK_UNUSED static void scripted_init_opts(struct scripted *s, const struct term_screen_opts *o)
{
    struct rk_err err = {0};
    setenv("TZ", "UTC0", 1);
    *s = (struct scripted){.now = VIEW_NOW, .log = RK_BUF_INIT};
    s->host = (struct view_host){
        .loop = run_loop_new(), .client = &s->client, .connected = true, .now = scripted_now_,
        .changed = scripted_changed_, .open = scripted_open_, .back = scripted_back_,
        .say = scripted_say_, .copy = scripted_copy_, .drop_input = scripted_drop_,
        .key = scripted_key_, .ctx = s};
    if (term_screen_open(o, &s->screen, &err))
        fail_msg("%s", err.text);
    vt_init(&s->vt, o->cols, o->rows);
}

RK_UNUSED static void scripted_init(struct scripted *s, int cols, int rows)
{
    const struct term_screen_opts o = {.cols = cols, .rows = rows, .theme = term_theme_mono()};
    scripted_init_opts(s, &o);
}

RK_UNUSED static void scripted_open(struct scripted *s, const struct view_class *class,
                                    const struct view_target *t)
{
    struct rk_err err = {0};
    s->view = view_new(class, &s->host, t, &err);
    if (!s->view)
        fail_msg("%s", err.text);
}

RK_UNUSED static void scripted_end(struct scripted *s)
{
    view_free(s->view);
    view_host_release(&s->host);
    for (struct scripted_call *c; (c = s->client.calls);) {
        s->client.calls = c->next;
        scripted_free_(c);
    }
    assert_null(s->client.subs); /* a view leaves nothing behind */
    run_loop_free(s->host.loop);
    term_screen_close(s->screen);
    vt_release(&s->vt);
    rk_buf_release(&s->log);
}

/* Draws the view on the whole screen and shows it; every cell as it was drawn. */
RK_UNUSED static void scripted_draw(struct scripted *s)
{
    term_begin(s->screen);
    s->view->class->draw(s->view, canvas_all(s->screen));
    vt_show(&s->vt, s->screen);
    vt_same(&s->vt, s->screen);
}

RK_UNUSED static void scripted_resize(struct scripted *s, int cols, int rows)
{
    term_screen_resize(s->screen, cols, rows);
    vt_resize(&s->vt, cols, rows);
}

/* Every size a terminal may have: nothing is drawn beyond it. */
RK_UNUSED static void scripted_any_size(struct scripted *s)
{
    for (int w = 1; w < 210; w += 13)
        for (int h = 1; h < 60; h += 6) {
            scripted_resize(s, w, h);
            scripted_draw(s);
        }
}

/* Left and right, with a bar between them. */
RK_UNUSED static const char *scripted_headline(struct scripted *s)
{
    static char text[200];
    struct rk_buf left rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf right rk_auto(rk_buf_release) = RK_BUF_INIT;

    s->view->class->headline(s->view, &left, &right);
    snprintf(text, sizeof(text), "%s|%s", left.p, right.p);
    return text;
}

RK_UNUSED static bool scripted_act(struct scripted *s, enum view_action a)
{
    return s->view->class->act(s->view, a);
}

/* As the console gives keys: a field's own while one is typed into, else their action. */
RK_UNUSED static void scripted_press(struct scripted *s, const char *name)
{
    struct term_key k, other;
    assert_true(term_key_parse(rk_str_c(name), &k));
    if (s->view->typing && s->view->class->key && k.code != TERM_KEY_ESC) {
        (void)s->view->class->key(s->view, &k);
        return;
    }
    for (const struct view_key_row *row = view_keys; row->key; row++)
        if (term_key_parse(rk_str_c(row->key), &other) && term_key_same(&k, &other) &&
            !(s->host.readonly && view_actions[row->action].writes)) {
            (void)s->view->class->act(s->view, row->action);
            return;
        }
}

RK_UNUSED static void scripted_type(struct scripted *s, const char *text)
{
    for (const char *p = text; *p; p++) {
        struct term_key k = {.code = TERM_KEY_CHAR, .ch = (unsigned char)*p};
        char name[24];
        term_key_name(&k, name);
        scripted_press(s, name);
    }
}

RK_UNUSED static void scripted_paste(struct scripted *s, const char *text)
{
    struct term_key k = {.code = TERM_KEY_PASTE, .paste = rk_str_c(text)};
    if (s->view->typing && s->view->class->key)
        (void)s->view->class->key(s->view, &k);
}

RK_UNUSED static bool scripted_sees(struct scripted *s, const char *text)
{
    scripted_draw(s);
    return vt_has(&s->vt, text);
}

/* The log since the last of these. */
RK_UNUSED static void scripted_log_is(struct scripted *s, const char *want)
{
    assert_string_equal(s->log.p, want);
    rk_buf_clear(&s->log);
}

#endif
