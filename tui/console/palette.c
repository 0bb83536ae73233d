/*
 * palette.c: `:`, commands by name: verbs (on the row below, or on the application that is typed
 * after them), views, environments, applications to go to. Nothing is changed from here: a verb
 * opens its preview or its dialog. Applications are asked of the engine as they are typed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/console_int.h"

enum { MATCHES = 60, APPS = 40 };

struct match {
    char text[160];             /* "sync staging/mailer" */
    char says[96];
    enum view_action action;    /* NONE: go to the application */
    int app, environment;       /* index of what it is about; -1: none */
    int rank;
    bool production;
};

struct palette {
    struct view v;
    struct console *console;
    const char *view;           /* below: whose keys are shown */
    struct widget_edit edit;
    struct widget_list list;
    struct match matches[MATCHES];
    size_t n;
    struct rk_arena *app_arena, *env_arena;
    struct wire_app_page apps;
    struct wire_environments environments;
    bool asked, again;
};

/* Verbs that take an application (or an environment) by name. */
static const enum view_action verbs[] = {
    ACT_SYNC, ACT_PROMOTE, ACT_REVERT, ACT_DIFF, ACT_HISTORY, ACT_EVENTS, ACT_LOGS, ACT_FREEZE,
    ACT_UNLOCK, ACT_STOP, ACT_ABORT, ACT_RELEASE, ACT_VALIDATE,
};
static const enum view_action plain[] = {
    ACT_VIEW_APPLICATIONS, ACT_VIEW_MATRIX, ACT_VIEW_HISTORY, ACT_VIEW_OPERATIONS, ACT_VIEW_LOG,
    ACT_REFRESH, ACT_TURN, ACT_FILTER, ACT_THEME, ACT_HELP, ACT_SUSPEND, ACT_QUIT,
};

static struct palette *palette_of(struct view *v)
{
    return (struct palette *)v;
}

static bool allowed(const struct palette *p, enum view_action a)
{
    return !view_actions[a].writes || !p->console->host.readonly;
}

/* ---- the text: a verb, a blank, words that choose ---- */
static enum view_action typed_verb(const struct palette *p, rk_str *rest)
{
    rk_str text = rk_buf_view(&p->edit.text);
    rk_str word = rk_str_cut(text, ' ', rest);

    if (!rest->p)
        return ACT_NONE;
    for (size_t i = 0; i < RK_LEN(verbs); i++)
        if (rk_str_is(word, view_actions[verbs[i]].name) && allowed(p, verbs[i]))
            return verbs[i];
    return ACT_NONE;
}

/* "staging/mailer" chooses as "staging mailer" does. */
static char *app_words(const struct palette *p)
{
    rk_str rest;
    enum view_action verb = typed_verb(p, &rest);
    char *words = rk_str_dup(verb ? rest : rk_buf_view(&p->edit.text));

    for (char *at = words; *at; at++)
        *at = *at == '/' ? ' ' : *at;
    return words;
}

/* ---- matches, the best first ---- */
static struct match *add(struct palette *p, enum view_action a, int rank)
{
    size_t at = p->n;

    if (rank <= 0)
        return NULL;
    while (at > 0 && p->matches[at - 1].rank < rank)
        at--;
    if (at == MATCHES)
        return NULL;
    p->n += p->n < MATCHES;
    memmove(&p->matches[at + 1], &p->matches[at], (p->n - at - 1) * sizeof(p->matches[0]));
    p->matches[at] = (struct match){.action = a, .app = -1, .environment = -1, .rank = rank};
    return &p->matches[at];
}

/* By its own name best, else by what the hint line and people call it. */
static int rank_of(enum view_action a, rk_str typed)
{
    const char *const also[] = {view_actions[a].hint, a == ACT_VIEW_HISTORY ? "audit" : ""};
    int rank = widget_fuzzy(typed, rk_str_c(view_actions[a].name)), other;

    rank += 1000 * (rank > 0);
    for (size_t i = 0; i < RK_LEN(also); i++) {
        other = also[i][0] ? widget_fuzzy(typed, rk_str_c(also[i])) : 0;
        other += 900 * (other > 0);
        rank = other > rank ? other : rank;
    }
    return rank;
}

static void add_words(struct palette *p, rk_str typed)
{
    for (size_t i = 0; i < RK_LEN(verbs) + RK_LEN(plain); i++) {
        enum view_action a = i < RK_LEN(verbs) ? verbs[i] : plain[i - RK_LEN(verbs)];
        const struct view_action_row *r = &view_actions[a];
        struct match *m;
        if (!allowed(p, a))
            continue;
        m = add(p, a, typed.n ? rank_of(a, typed) : 1);
        if (!m)
            continue;
        (void)snprintf(m->text, sizeof(m->text), "%s", r->name);
        (void)snprintf(m->says, sizeof(m->says), "%s", r->help);
    }
}

static bool fits(enum view_action a, const struct wire_app *app)
{
    return (a != ACT_STOP && a != ACT_ABORT) || app->operation;
}

static void say_app(const struct palette *p, struct match *m, const struct wire_app *app)
{
    struct widget_sign s = widget_verdict(app->verdict);
    const char *kind = m->action == ACT_NONE ? "go to it"
                       : view_actions[m->action].writes ? "asks first" : "preview";

    if (m->action == ACT_DIFF || m->action == ACT_HISTORY || m->action == ACT_EVENTS ||
        m->action == ACT_LOGS)
        kind = "look";
    m->production = widget_is_production(app->environment, app->locked);
    (void)snprintf(m->text, sizeof(m->text), "%s%s%s/%s",
                   m->action ? view_actions[m->action].name : "", m->action ? " " : "",
                   app->environment ? app->environment : "-", app->app);
    (void)snprintf(m->says, sizeof(m->says), "%s%s, %s %s", kind,
                   m->production ? ", PRODUCTION" : "", s.sign, s.word);
    (void)p;
}

static void add_apps(struct palette *p, enum view_action verb)
{
    for (size_t i = 0; i < p->apps.n_apps; i++) {
        struct match *m;
        if (verb == ACT_UNLOCK || !fits(verb, &p->apps.apps[i]))
            continue;
        m = add(p, verb, 900 - (int)i);
        if (!m)
            continue;
        m->app = (int)i;
        say_app(p, m, &p->apps.apps[i]);
    }
}

static void add_environments(struct palette *p, enum view_action verb, rk_str typed)
{
    for (size_t i = 0; i < p->environments.n_environments; i++) {
        const struct wire_environment *e = &p->environments.environments[i];
        int rank = typed.n ? widget_fuzzy(typed, rk_str_c(e->name)) : 1;
        struct match *m;
        if ((verb != ACT_FREEZE && verb != ACT_UNLOCK) || (verb == ACT_UNLOCK && !e->locked))
            continue;
        m = add(p, verb, rank > 0 ? 950 : 0);
        if (!m)
            continue;
        m->environment = (int)i;
        m->production = widget_is_production(e->name, e->locked);
        (void)snprintf(m->text, sizeof(m->text), "%s %s", view_actions[verb].name, e->name);
        (void)snprintf(m->says, sizeof(m->says), "the environment, asks first%s",
                       m->production ? ", PRODUCTION" : "");
    }
}

static void build(struct palette *p)
{
    rk_str rest, typed = rk_buf_view(&p->edit.text);
    enum view_action verb = typed_verb(p, &rest);

    p->n = 0;
    if (verb) {
        add_environments(p, verb, rest);
        add_apps(p, verb);
    } else {
        add_words(p, typed);
        if (typed.n)
            add_apps(p, ACT_NONE);
    }
    widget_list_set(&p->list, p->n, p->list.cursor);
}

/* ---- asking ---- */
static void ask_apps(struct palette *p);

static void take_apps(struct view *v, void *value, struct rk_arena *mem, const struct rk_err *err,
                      void *ctx)
{
    struct palette *p = palette_of(v);

    (void)ctx;
    p->asked = false;
    if (err) {
        view_say(v, TERM_ERROR, "%s", err->text);
        rk_arena_free(mem);
        return;
    }
    rk_arena_free(p->app_arena);
    p->app_arena = mem;
    p->apps = *(struct wire_app_page *)value;
    build(p);
    if (p->again)
        ask_apps(p);
}

/* One question at a time: what is typed meanwhile is asked after it. */
static void ask_apps(struct palette *p)
{
    char *words = app_words(p);
    struct wire_apps_params params = {.filter = words, .limit = APPS};

    p->again = p->asked;
    if (!p->asked) {
        p->asked = true;
        view_call(&p->v, "applications.list", &params, take_apps, NULL);
    }
    free(words);
}

static void take_environments(struct view *v, void *value, struct rk_arena *mem,
                              const struct rk_err *err, void *ctx)
{
    struct palette *p = palette_of(v);

    (void)ctx;
    if (err) {
        rk_arena_free(mem);
        return;
    }
    p->env_arena = mem;
    p->environments = *(struct wire_environments *)value;
    build(p);
}

/* ---- doing ---- */
static const char *next_environment(const struct palette *p, const char *from)
{
    for (size_t i = 0; i + 1 < p->environments.n_environments; i++)
        if (rk_streq(p->environments.environments[i].name, from))
            return p->environments.environments[i + 1].name;
    return NULL;
}

static const char *dialog_of(enum view_action a, const struct wire_app *app,
                             const struct wire_environment *e)
{
    bool frozen = app ? app->held && rk_str_starts(rk_str_c(app->held), "frozen") : e && e->frozen;

    switch ((int)a) {
    case ACT_FREEZE: return frozen ? "unfreeze" : "freeze";
    case ACT_UNLOCK: return "unlock";
    case ACT_STOP: return "stop";
    case ACT_ABORT: return "abort";
    case ACT_RELEASE: return "release";
    case ACT_VALIDATE: return "validate";
    default: return NULL;
    }
}

static const char *view_for(enum view_action a)
{
    switch ((int)a) {
    case ACT_NONE: return "applications";
    case ACT_DIFF: return "diff";
    case ACT_EVENTS: case ACT_LOGS: return "resource";
    case ACT_SYNC: case ACT_PROMOTE: return "plan";
    case ACT_REVERT: case ACT_HISTORY: return "history";  /* the revision is chosen there */
    default: return "confirm";
    }
}

static void run_on(struct console *c, const struct palette *p, const struct match *m)
{
    const struct wire_app *app = m->app >= 0 ? &p->apps.apps[m->app] : NULL;
    const struct wire_environment *e =
        m->environment >= 0 ? &p->environments.environments[m->environment] : NULL;
    struct wire_plan_params plan = {.kind = m->action == ACT_PROMOTE ? "promote" : "sync",
                                    .app = app ? app->name : NULL};
    struct view_target t = {.app = app ? app->name : NULL,
                            .environment = app ? app->environment : e ? e->name : NULL,
                            .operation = app ? app->operation : NULL,
                            .what = dialog_of(m->action, app, e), .plan = &plan};

    if (m->action == ACT_EVENTS || m->action == ACT_LOGS)
        t.what = m->action == ACT_EVENTS ? "events" : "logs";
    if (m->action == ACT_PROMOTE)
        plan.to = next_environment(p, app->environment);
    if (m->action == ACT_PROMOTE && !plan.to)
        console_say(TERM_STATUS, "no environment comes after that one", c);
    else
        console_open_named(view_for(m->action), &t, c);
}

/* The palette is freed on a later turn: what it holds is there until then. */
static void run(struct palette *p)
{
    struct console *c = p->console;
    const struct match *m = p->n ? &p->matches[p->list.cursor] : NULL;

    if (!m)
        return;
    console_back(c);
    if (m->app >= 0 || m->environment >= 0)
        run_on(c, p, m);
    else
        console_do(c, m->action);
}

static bool takes_name(enum view_action a)
{
    for (size_t i = 0; i < RK_LEN(verbs); i++)
        if (verbs[i] == a)
            return true;
    return false;
}

static void changed(struct palette *p)
{
    p->list.cursor = p->list.top = 0;
    build(p);
    ask_apps(p);
}

static void complete(struct palette *p)
{
    const struct match *m = p->n ? &p->matches[p->list.cursor] : NULL;
    char text[168];

    if (!m)
        return;
    (void)snprintf(text, sizeof(text), "%s%s", m->text,
                   m->app < 0 && m->environment < 0 && takes_name(m->action) ? " " : "");
    widget_edit_set(&p->edit, text);
    changed(p);
}

/* ---- keys ---- */
static bool palette_key(struct view *v, const struct term_key *k)
{
    struct palette *p = palette_of(v);

    if (k->code == TERM_KEY_ENTER)
        run(p);
    else if (k->code == TERM_KEY_TAB)
        complete(p);
    else if (k->code == TERM_KEY_DOWN)
        widget_list_move(&p->list, WIDGET_DOWN);
    else if (k->code == TERM_KEY_UP)
        widget_list_move(&p->list, WIDGET_UP);
    else if (k->code == TERM_KEY_BACKSPACE && !p->edit.text.n)
        console_back(p->console);
    else if (widget_edit_key(&p->edit, k) == WIDGET_CHANGED)
        changed(p);
    return true;
}

static bool palette_act(struct view *v, enum view_action a)
{
    (void)v;
    return a != ACT_BACK && a != ACT_CANCEL;
}

/* ---- drawing ---- */
static void draw_match(const struct palette *p, struct canvas c, int y, size_t at)
{
    const struct match *m = &p->matches[at];
    int w = c.w >= 80 ? 36 : 28;
    char key[24];

    canvas_cell(c, 1, y, w, m->production ? TERM_ENV_PROD : TERM_BASE, rk_str_c(m->text));
    canvas_cell(c, w + 2, y, c.w - w - 8, TERM_DIM, rk_str_c(m->says));
    if (m->action && console_key_of(p->console->settings, p->view, m->action,
                                    p->console->host.readonly, key))
        canvas_right(c, y, TERM_KEY, rk_str_c(key));
    if (at == p->list.cursor) {
        canvas_put(c, 0, y, TERM_CURSOR, RK_STR(">"));
        canvas_tint(c, y, TERM_CURSOR);
    }
}

static void palette_draw(struct view *v, struct canvas c)
{
    struct palette *p = palette_of(v);
    struct canvas in = widget_dialog(c, c.w - c.w / 6, c.h - c.h / 4, "Command", WIDGET_FOCUS);
    struct canvas rows = canvas_cut(in, 0, 1, in.w, in.h - 2);

    canvas_put(in, 0, 0, TERM_KEY, RK_STR(":"));
    widget_edit_draw(in, 1, 0, in.w - 2, &p->edit, true);
    widget_list_show(&p->list, rows.h);
    for (int y = 0; y < rows.h && p->list.top + (size_t)y < p->n; y++)
        draw_match(p, rows, y, p->list.top + (size_t)y);
    if (!p->n)
        canvas_put(rows, 1, 0, TERM_DIM, rk_str_c(p->asked ? "asking ..." : "nothing is called so"));
    canvas_putf(in, 0, in.h - 1, TERM_DIM, "%zu   Tab complete   Enter opens the preview   Esc close",
                p->n);
}

/* ---- life ---- */
static int palette_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct palette *p = palette_of(v);

    (void)t;
    (void)err;
    p->console = v->host->ctx;
    p->view = console_top(p->console)->class->name;
    p->edit.text = RK_BUF_INIT;
    v->typing = v->modal = true;
    build(p);
    view_call(v, "environment.list", NULL, take_environments, NULL);
    return 0;
}

static void palette_close(struct view *v)
{
    struct palette *p = palette_of(v);

    widget_edit_release(&p->edit);
    rk_arena_free(p->app_arena);
    rk_arena_free(p->env_arena);
}

const struct view_class console_palette = {
    .name = "palette", .title = "Command", .size = sizeof(struct palette), .open = palette_open,
    .close = palette_close, .draw = palette_draw, .act = palette_act, .key = palette_key,
};
