/*
 * testing.h: a stage for the tests of the console and of its views: the console's core with the
 * real client, an engine on a socket in the same process that answers what the test says, a fixed
 * clock, and a terminal (libvterm) that shows the frames.
 *
 *     struct stage s; stage_init(&s, 80, 24, "256");
 *     stage_answer(&s, "applications.watch", NULL, "{...}");     a watch: its first RESET
 *     stage_open(&s);
 *     stage_keys(&s, "j j enter");  stage_wait(&s, "staging/mailer");
 *     stage_golden(&s, "applications");   tests/golden/screens/applications-80x24-256.txt
 *     stage_release(&s);
 *
 * Waiting is for a state, five seconds at most; nothing sleeps. RECKON_GOLDEN_WRITE=1 writes the
 * golden files anew. Include it instead of cmocka.h. Tests run in the root of the tree.
 */
#ifndef RK_CONSOLE_TESTING_H
#define RK_CONSOLE_TESTING_H

#include "term/testing.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/console_int.h"
#include "reckon/time.h"

#define STAGE_NOW INT64_C(1764331451000)        /* 2025-11-28 12:04:11 UTC */

struct stage_rule { char method[40], part[120]; char *json; bool refuse; enum rk_code code; };
struct stage_request { int64_t id; char method[40]; char *params; };
struct stage_sub { int64_t sub; char method[40]; char *params; int64_t seq; };

struct stage {
    struct run_loop *loop;
    char dir[64], *path;
    int64_t now;
    /* the engine */
    struct run_server *server;
    struct run_line *line;
    int64_t epoch, last_sub;
    const char *hello;
    struct stage_rule rules[64]; size_t n_rules;
    struct stage_request got[2048]; size_t n_got;
    struct stage_sub subs[256]; size_t n_subs;
    /* Asked before the rules; true: it wrote the result, or a watch's RESET. May be NULL. */
    bool (*handle)(struct stage *s, const char *method, rk_str params, struct rk_buf *out);
    /* the console */
    struct console_settings settings;
    struct term_theme theme;
    struct term_screen *screen;
    struct vt vt;
    struct console *core;
    const char *mode, *note, *yaml;
    bool readonly, dirty;
    size_t frames, bytes, last_bytes;
    char *copied;
    char title[200], why[512];
    int quit;                   /* -1: it runs */
    size_t flushed, suspended;
};

#define STAGE_HELLO "{\"protocol\":1,\"epoch\":7,\"engine\":\"session\",\"version\":\"9.9\"," \
    "\"identity\":\"operator\",\"can_write\":true,\"profile\":\"default\",\"repositories\":[{" \
    "\"name\":\"acme-gitops\",\"branch\":\"main\",\"revision\":\"4f2c1aa90b1c\",\"state\":\"ok\"," \
    "\"checked\":1764331439000}],\"clusters\":[{\"name\":\"sandbox\",\"state\":\"ok\"," \
    "\"latency_ms\":38}]}"

/* ================= the engine ================= */

static void stage_send_(struct stage *s, const struct rk_buf *line)
{
    if (s->line)
        assert_true(run_line_send(s->line, rk_buf_view(line), 64u * 1024 * 1024));
}

static void stage_result_(struct stage *s, int64_t id, const char *json)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_result(&out, id, rk_str_c(json));
    stage_send_(s, &out);
}

static void stage_event_(struct stage *s, struct stage_sub *sub, enum wire_event kind,
                         const char *json)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;

    wire_event_line(&out, sub->sub, s->epoch, ++sub->seq, kind, rk_str_c(json));
    stage_send_(s, &out);
}

static const struct stage_rule *stage_rule_(const struct stage *s, const char *method,
                                            const char *params)
{
    for (size_t i = s->n_rules; i-- > 0;)
        if (rk_streq(s->rules[i].method, method) && strstr(params, s->rules[i].part))
            return &s->rules[i];
    return NULL;
}

static void stage_refuse_(struct stage *s, int64_t id, const struct stage_rule *r)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};

    (void)rk_fail(&err, r->code, "%s", r->json);
    wire_error(&out, id, &err);
    stage_send_(s, &out);
}

static struct stage_sub *stage_watch_(struct stage *s, const struct wire_line *l)
{
    struct stage_sub *sub = &s->subs[s->n_subs++];
    char answer[40];

    assert_true(s->n_subs <= RK_LEN(s->subs));
    *sub = (struct stage_sub){.sub = ++s->last_sub, .params = rk_str_dup(l->body)};
    snprintf(sub->method, sizeof(sub->method), "%s", l->method);
    snprintf(answer, sizeof(answer), "{\"sub\":%lld}", (long long)sub->sub);
    stage_result_(s, l->id, answer);
    return sub;
}

static void stage_unsubscribe_(struct stage *s, const char *params)
{
    long long id = 0;

    if (sscanf(params, "{\"sub\":%lld", &id) != 1)
        fail_msg("unsubscribe without its sub: %s", params);
    for (size_t i = 0; i < s->n_subs; i++)
        if (s->subs[i].sub == id) {
            free(s->subs[i].params);
            memmove(&s->subs[i], &s->subs[i + 1], (--s->n_subs - i) * sizeof(s->subs[0]));
            return;
        }
}

/* What no rule answers stays open: a test may answer it later (stage_reply). */
static void stage_serve_(struct stage *s, const struct wire_line *l, const char *params)
{
    const struct wire_method *m = wire_method_find(l->method);
    const struct stage_rule *r = stage_rule_(s, l->method, params);
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    bool handled = s->handle && s->handle(s, l->method, rk_str_c(params), &out);

    assert_non_null(m);
    if (rk_streq(l->method, "unsubscribe"))
        stage_unsubscribe_(s, params);
    if (rk_streq(l->method, "unsubscribe") || rk_streq(l->method, "engine.detach")) {
        stage_result_(s, l->id, "{\"ok\":true}");
    } else if (r && r->refuse && !handled) {
        stage_refuse_(s, l->id, r);
    } else if (m->watch) {
        struct stage_sub *sub = stage_watch_(s, l);
        if (handled || r)
            stage_event_(s, sub, WIRE_RESET, handled ? out.p : r->json);
    } else if (handled || r) {
        stage_result_(s, l->id, handled ? out.p : r->json);
    }
}

static void stage_line_(struct run_line *line, rk_str text, void *ctx)
{
    struct stage *s = ctx;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    struct wire_line l;
    struct rk_err err;

    if (line != s->line)
        return;
    if (wire_parse(a, text, &l, &err))
        fail_msg("the console sent: %s", err.text);
    if (rk_streq(l.method, "hello")) {
        stage_result_(s, l.id, s->hello);
        return;
    }
    struct stage_request *r = &s->got[s->n_got++];
    assert_true(s->n_got <= RK_LEN(s->got));
    r->id = l.id;
    r->params = rk_str_dup(l.body);
    snprintf(r->method, sizeof(r->method), "%s", l.method);
    stage_serve_(s, &l, r->params);
}

static void stage_closed_(struct run_line *line, const struct rk_err *why, void *ctx)
{
    struct stage *s = ctx;

    (void)why;
    run_line_free(line);
    if (s->line == line)
        s->line = NULL;
}

static void stage_accepted_(struct run_line *line, void *ctx)
{
    static const struct run_line_events events = {.line = stage_line_, .closed = stage_closed_};
    struct stage *s = ctx;

    run_line_free(s->line);
    s->line = line;
    while (s->n_subs)
        free(s->subs[--s->n_subs].params);
    run_line_begin(line, &events, WIRE_LINE_MAX, s);
}

RK_UNUSED static void stage_serve(struct stage *s)
{
    struct rk_err err;

    if (run_server_start(s->loop, s->path, 0600, (gid_t)-1, stage_accepted_, s, &s->server, &err))
        fail_msg("%s", err.text);
}

/* The engine goes away; its socket with it. */
RK_UNUSED static void stage_cut(struct stage *s)
{
    run_server_stop(s->server);
    s->server = NULL;
    run_line_free(s->line);
    s->line = NULL;
}

static struct stage_rule *stage_rule_new_(struct stage *s, const char *method, const char *part)
{
    struct stage_rule *r = &s->rules[s->n_rules++];

    assert_true(s->n_rules <= RK_LEN(s->rules));
    assert_non_null(wire_method_find(method));
    snprintf(r->method, sizeof(r->method), "%s", method);
    snprintf(r->part, sizeof(r->part), "%s", part ? part : "");
    return r;
}

/* The answer of every such request from now on (a watch: its first RESET); later rules win. */
RK_UNUSED static void stage_answer(struct stage *s, const char *method, const char *part,
                                   const char *json)
{
    stage_rule_new_(s, method, part)->json = rk_strdup(json);
}

RK_UNUSED static void stage_refuse(struct stage *s, const char *method, enum rk_code code,
                                   const char *text)
{
    struct stage_rule *r = stage_rule_new_(s, method, NULL);

    r->json = rk_strdup(text);
    r->refuse = true;
    r->code = code;
}

/* To the newest subscription of the method. */
RK_UNUSED static void stage_event(struct stage *s, const char *method, enum wire_event kind,
                                  const char *json)
{
    for (size_t i = s->n_subs; i-- > 0;)
        if (rk_streq(s->subs[i].method, method)) {
            stage_event_(s, &s->subs[i], kind, json);
            return;
        }
    fail_msg("%s is not watched", method);
}

/* The newest request of the method whose params hold `part`; NULL: none. */
RK_UNUSED static const struct stage_request *stage_asked(const struct stage *s, const char *method,
                                                         const char *part)
{
    for (size_t i = s->n_got; i-- > 0;)
        if (rk_streq(s->got[i].method, method) && strstr(s->got[i].params, part ? part : ""))
            return &s->got[i];
    return NULL;
}

RK_UNUSED static size_t stage_count(const struct stage *s, const char *method)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_got; i++)
        n += rk_streq(s->got[i].method, method);
    return n;
}

RK_UNUSED static void stage_reply(struct stage *s, const struct stage_request *r, const char *json)
{
    assert_non_null(r);
    stage_result_(s, r->id, json);
}

/* ================= the terminal ================= */

static void stage_draw_(struct stage *s)
{
    if (!s->dirty || !s->core || !console_due(s->core))
        return;
    s->dirty = false;
    console_draw(s->core);
    s->last_bytes = vt_show(&s->vt, s->screen);
    s->bytes += s->last_bytes;
    s->frames += s->last_bytes > 0;
    vt_same(&s->vt, s->screen);         /* what the terminal shows is what was drawn, each time */
}

/* One turn of the loop, and the picture when something changed. */
static void stage_turn(struct stage *s)
{
    struct run_timer *t = run_timer_start(s->loop, 1, 0, (run_fn)run_loop_stop, s->loop);

    run_loop_run(s->loop);
    run_timer_stop(t);
    stage_draw_(s);
}

#define STAGE_WAIT(s, expr) do { \
    uint64_t limit_ = rk_mono_ms() + 5000; \
    while (!(expr)) { \
        if (rk_mono_ms() > limit_) \
            fail_msg("waited in vain for %s on\n%s", #expr, vt_text(&(s)->vt)); \
        stage_turn(s); \
    } \
} while (0)

static void stage_wait_(struct stage *s, const char *text, bool there)
{
    uint64_t limit = rk_mono_ms() + 5000;

    stage_draw_(s);
    while (vt_has(&s->vt, text) != there) {
        if (rk_mono_ms() > limit)
            fail_msg("waited in vain for \"%s\" to %s\n%s", text, there ? "come" : "go",
                     vt_text(&s->vt));
        stage_turn(s);
    }
}

RK_UNUSED static void stage_wait(struct stage *s, const char *text)
{
    stage_wait_(s, text, true);
}

RK_UNUSED static void stage_wait_gone(struct stage *s, const char *text)
{
    stage_wait_(s, text, false);
}

static void stage_settled_(rk_str result, const struct rk_err *err, void *ctx)
{
    (void)result;
    (void)err;
    *(bool *)ctx = true;
}

/* What is on its way arrives before a question of the test's own comes back. */
static void stage_round_trip_(struct stage *s)
{
    bool done = false;

    client_call(s->core->client, "engine.detach", RK_STR_NONE, stage_settled_, &done);
    STAGE_WAIT(s, done);
    size_t own = s->n_got - 1;  /* another question may have come behind it */
    while (strcmp(s->got[own].method, "engine.detach") != 0)
        own--;
    free(s->got[own].params);
    memmove(&s->got[own], &s->got[own + 1], (--s->n_got - own) * sizeof(*s->got));
    s->got[s->n_got].params = NULL;
}

/* An answer may lead to the next question: until a whole round trip brings none. */
RK_UNUSED static void stage_settle(struct stage *s)
{
    size_t before;

    for (int i = 0; i < 2; i++)
        stage_round_trip_(s);
    do {
        before = s->n_got;
        stage_round_trip_(s);
    } while (s->n_got != before);
    stage_turn(s);
}

/* ================= keys ================= */

RK_UNUSED static void stage_key(struct stage *s, const struct term_key *k)
{
    console_key(s->core, k);
}

/* Keys by name, blanks between: "j ctrl-d enter". */
RK_UNUSED static void stage_keys(struct stage *s, const char *names)
{
    rk_str rest = rk_str_c(names), name;

    while (rest.n) {
        struct term_key k;
        name = rk_str_cut(rest, ' ', &rest);
        if (!term_key_parse(name, &k))
            fail_msg("no key " RK_FMT_STR, RK_ARG_STR(name));
        console_key(s->core, &k);
        stage_turn(s);
    }
}

RK_UNUSED static void stage_type(struct stage *s, const char *text)
{
    for (; *text; text++) {
        struct term_key k = {.code = TERM_KEY_CHAR, .ch = (unsigned char)*text};
        console_key(s->core, &k);
    }
    stage_turn(s);
}

RK_UNUSED static void stage_paste(struct stage *s, const char *text)
{
    struct term_key k = {.code = TERM_KEY_PASTE, .paste = rk_str_c(text)};

    console_key(s->core, &k);
    stage_turn(s);
}

RK_UNUSED static void stage_resize(struct stage *s, int cols, int rows)
{
    term_screen_resize(s->screen, cols, rows);
    vt_resize(&s->vt, cols, rows);
    s->dirty = true;
    stage_turn(s);
}

/* ================= the device ================= */

static void stage_wake_(void *ctx)
{
    ((struct stage *)ctx)->dirty = true;
}

static void stage_copy_(rk_str text, term_copied_fn done, void *done_ctx, void *ctx)
{
    struct stage *s = ctx;

    free(s->copied);
    s->copied = rk_str_dup(text);
    done("sent to the terminal", NULL, done_ctx);
}

static void stage_flush_(void *ctx)
{
    ((struct stage *)ctx)->flushed++;
}

static void stage_suspend_(void *ctx)
{
    ((struct stage *)ctx)->suspended++;
}

static void stage_title_(rk_str text, void *ctx)
{
    struct stage *s = ctx;

    snprintf(s->title, sizeof(s->title), RK_FMT_STR, RK_ARG_STR(text));
}

static void stage_quit_(int code, const char *why, void *ctx)
{
    struct stage *s = ctx;

    s->quit = code;
    snprintf(s->why, sizeof(s->why), "%s", why ? why : "");
}

static int64_t stage_now_(void *ctx)
{
    (void)ctx;
    return STAGE_NOW;
}

/* ================= life ================= */

/* mode: 256, 16 (theme dark), mono, ascii (mono without line characters). */
static void stage_screen_(struct stage *s, int cols, int rows)
{
    bool mono = rk_streq(s->mode, "mono") || rk_streq(s->mode, "ascii");
    struct term_screen_opts o = {.cols = cols, .rows = rows, .theme = &s->theme,
                                 .ascii = rk_streq(s->mode, "ascii"),
                                 .colors = mono ? 1 : rk_streq(s->mode, "16") ? 16 : 256};
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};

    s->theme = *term_theme_mono();
    if (!mono && (console_file_read("themes/dark.theme", 65536, &text, &err) ||
                  term_theme_read(rk_buf_view(&text), "dark.theme", &s->theme, &err)))
        fail_msg("%s", err.text);
    if (term_screen_open(&o, &s->screen, &err))
        fail_msg("%s", err.text);
    vt_init(&s->vt, cols, rows);
}

RK_UNUSED static void stage_init(struct stage *s, int cols, int rows, const char *mode)
{
    setenv("TZ", "UTC0", 1);
    *s = (struct stage){.mode = mode, .quit = -1, .epoch = 7, .hello = STAGE_HELLO};
    snprintf(s->dir, sizeof(s->dir), "/tmp/reckon-stage-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    s->path = rk_asprintf("%s/e.sock", s->dir);
    setenv("XDG_CONFIG_HOME", s->dir, 1);
    setenv("XDG_STATE_HOME", s->dir, 1);
    setenv("XDG_RUNTIME_DIR", s->dir, 1);
    s->loop = run_loop_new();
    stage_screen_(s, cols, rows);
}

/* Starts the console, without waiting for anything. */
RK_UNUSED static void stage_start(struct stage *s)
{
    if (s->yaml)
        console_settings_read(&s->settings, rk_str_c(s->yaml), "console.yaml");
    else
        console_settings_default(&s->settings);
    struct console_core_opts o = {
        .client = {.socket = s->path}, .settings = &s->settings, .now = stage_now_,
        .readonly = s->readonly, .note = s->note, .theme = "dark",
        .device = {.screen = s->screen, .wake = stage_wake_, .copy = stage_copy_,
                   .flush = stage_flush_, .suspend = stage_suspend_, .title = stage_title_,
                   .quit = stage_quit_, .ctx = s},
    };
    s->core = console_core_new(s->loop, &o);
    s->core->pace.wait_ms = s->core->pace.news_ms = 0;  /* each turn is seen; pace's tests set them */
    s->dirty = true;
    stage_draw_(s);
}

RK_UNUSED static void stage_open(struct stage *s)
{
    stage_serve(s);
    stage_start(s);
    STAGE_WAIT(s, s->core->host.connected);
    stage_settle(s);
}

static void stage_remove_(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    char path[400];

    while (d && (e = readdir(d))) {
        if (rk_streq(e->d_name, ".") || rk_streq(e->d_name, ".."))
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        if (unlink(path))
            stage_remove_(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
}

RK_UNUSED static void stage_release(struct stage *s)
{
    console_core_free(s->core);
    console_settings_release(&s->settings);
    run_line_free(s->line);
    run_server_stop(s->server);
    s->core = NULL;
    s->line = NULL;
    stage_turn(s);
    run_loop_free(s->loop);
    term_screen_close(s->screen);
    vt_release(&s->vt);
    for (size_t i = 0; i < s->n_rules; i++)
        free(s->rules[i].json);
    for (size_t i = 0; i < s->n_got; i++)
        free(s->got[i].params);
    for (size_t i = 0; i < s->n_subs; i++)
        free(s->subs[i].params);
    free(s->copied);
    free(s->path);
    stage_remove_(s->dir);
}

/* ================= golden screens ================= */

/* Every picture is looked at in each size and mode. */
struct stage_look { int cols, rows; const char *mode; };
#define STAGE_SIZE(cols, rows) \
    {cols, rows, "256"}, {cols, rows, "16"}, {cols, rows, "mono"}, {cols, rows, "ascii"}
RK_UNUSED static const struct stage_look stage_looks[] = {
    STAGE_SIZE(80, 24), STAGE_SIZE(120, 40), STAGE_SIZE(60, 16), STAGE_SIZE(200, 60)};
#define STAGE_EACH_LOOK(l) \
    for (const struct stage_look *l = stage_looks; l < stage_looks + RK_LEN(stage_looks); l++)

/* The texts, then the looks as a map. */
RK_UNUSED static void stage_golden(struct stage *s, const char *view)
{
    struct rk_buf now rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf want rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};
    char path[200];

    stage_draw_(s);
    rk_buf_c(&now, vt_text(&s->vt));
    rk_buf_c(&now, vt_looks(&s->vt));
    snprintf(path, sizeof(path), "tests/golden/screens/%s-%dx%d-%s.txt", view, s->vt.cols,
             s->vt.rows, s->mode);
    if (getenv("RECKON_GOLDEN_WRITE")) {
        mkdir("tests/golden/screens", 0755);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(now.p, 1, now.n, f), now.n);
        assert_int_equal(fclose(f), 0);
        return;
    }
    if (console_file_read(path, 1u << 20, &want, &err))
        fail_msg("%s", err.text);
    if (!rk_streq(now.p, want.p))
        fail_msg("%s is not what is drawn:\n%s", path, now.p);
}

#endif
