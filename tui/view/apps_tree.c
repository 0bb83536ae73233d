/*
 * apps_tree.c: the list of the applications view: headings of environments, applications, resources
 * of what is unfolded. Draws from the state alone.
 */
#include <stdio.h>

#include "view/apps_int.h"

enum { WIDE = 61, NAME_AT = 4 }; /* inside the box: room for every column */

/* ---- states in one word ---- */
bool apps_problem(const struct wire_app *app)
{
    return !rk_streq(app->verdict, "Synced") || rk_streq(app->health, "Degraded") ||
           rk_streq(app->health, "Missing") || rk_streq(app->health, "Unknown");
}

struct widget_sign apps_state(const struct wire_app *app, char word[32])
{
    struct widget_sign verdict = widget_verdict(app->verdict), health = widget_health(app->health);
    struct widget_sign out = {"=", "ok", TERM_OK};

    if (app->operation)
        out = (struct widget_sign){"~", "syncing", TERM_PROGRESS};
    else if (rk_streq(app->health, "Degraded") || rk_streq(app->health, "Missing"))
        out = health;
    else if (!rk_streq(app->verdict, "Synced"))
        out = verdict;
    else if (!rk_streq(app->health, "Healthy") && !rk_streq(app->health, "None"))
        out = health;
    if (rk_streq(app->verdict, "OutOfSync") && out.sign == verdict.sign && app->drifted)
        (void)snprintf(word, 32, "drift %lld", (long long)app->drifted);
    else
        (void)snprintf(word, 32, "%s", out.word);
    return out;
}

const struct wire_environment *apps_environment(const struct apps *a, const char *name)
{
    for (size_t i = 0; i < a->environments.n_environments; i++)
        if (rk_streq(a->environments.environments[i].name, name))
            return &a->environments.environments[i];
    return NULL;
}

bool apps_production(const struct apps *a, const char *environment)
{
    const struct wire_environment *e = apps_environment(a, environment);

    return widget_is_production(environment, e && e->locked);
}

/* ---- headings ---- */
static int put_count(struct canvas c, int x, int y, int64_t n, const char *sign,
                     enum term_role role)
{
    if (!n)
        return x;
    x += canvas_putf(c, x, y, TERM_BASE, "%lld ", (long long)n);
    return x + canvas_putf(c, x, y, role, "%s", sign) + 1;
}

static int put_counts(struct canvas c, int x, int y, const struct wire_counts *n)
{
    bool words = c.w - x >= 20;
    x += canvas_putf(c, x, y, TERM_BASE, "%lld%s%s", (long long)n->total, words ? " app" : "",
                     words && n->total != 1 ? "s" : "") + 2;
    int from = x;

    x = put_count(c, x, y, n->degraded, "x", TERM_DEGRADED);
    x = put_count(c, x, y, n->missing, "-", TERM_MISSING);
    x = put_count(c, x, y, n->out_of_sync, "!", TERM_DRIFT);
    x = put_count(c, x, y, n->unknown, "?", TERM_UNKNOWN);
    return x == from ? put_count(c, x, y, n->synced, "=", TERM_OK) : x;
}

static void upper(const char *name, char out[40])
{
    size_t i = 0;

    for (; name[i] && i + 1 < 40; i++)
        out[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i];
    out[i] = 0;
}

static int put_policy(const struct apps *a, struct canvas c, int x, int y, const char *name)
{
    const struct wire_environment *e = apps_environment(a, name);

    if (!e)
        return x;
    x += canvas_putf(c, x, y, TERM_DIM, "%-6s", e->sync ? e->sync : "") + 1;
    if (e->frozen)
        x += canvas_putf(c, x, y, TERM_LOCKED, "[frozen]") + 1;
    if (e->unlocked_until > a->v.host->now(a->v.host->ctx))
        x += canvas_putf(c, x, y, TERM_ERROR, "[unlocked]") + 1;
    else if (e->locked)
        x += canvas_putf(c, x, y, TERM_LOCKED, "[locked]") + 1;
    if (e->pending)
        x += canvas_putf(c, x, y, TERM_ERROR, "[policy waits]") + 1;
    return x;
}

static void draw_heading(const struct apps *a, struct canvas c, int y, const struct apps_row *r)
{
    const char *name = apps_environment_of(r);
    const struct wire_environment *e = apps_environment(a, name);
    char big[40];
    int x = 3;

    upper(name[0] ? name : "no environment", big);
    canvas_put(c, 1, y, TERM_FOLD, rk_str_c(apps_is_folded(a, name) ? ">" : "v"));
    x += canvas_put(c, x, y, widget_environment(name, e && e->locked), rk_str_c(big));
    x = (x < 11 ? 11 : x) + 1;
    x = put_policy(a, c, x, y, name);
    put_counts(c, x + (c.w >= WIDE), y, &r->group->counts);
}

/* ---- applications ---- */
static void put_sign(struct canvas c, int x, int y, int w, struct widget_sign s, const char *word)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_f(&text, "%s %s", s.sign, word);
    canvas_cell(c, x, y, w, s.role, rk_buf_view(&text));
}

/* Two applications of one name in one environment are told apart by their whole name. */
static const char *shown_name(const struct apps *a, const struct apps_row *r)
{
    for (int64_t i = r->index - 1; i <= r->index + 1; i += 2) {
        const struct wire_app *other = apps_app_at(a, i);
        if (other && rk_streq(other->app, r->app->app) &&
            rk_streq(other->environment, r->app->environment))
            return r->app->name;
    }
    return r->app->app;
}

static void put_name(const struct apps *a, struct canvas c, int y, int w, const struct apps_row *r)
{
    const struct wire_app *above = a->turned ? apps_app_at(a, r->index - 1) : NULL;
    bool again = above && rk_streq(above->app, r->app->app);
    int half = a->turned ? w / 2 : w;
    const char *env = apps_environment_of(r);
    char big[40];

    if (!again)
        canvas_cell(c, NAME_AT, y, half, TERM_BASE, rk_str_c(shown_name(a, r)));
    if (!a->turned)
        return;
    upper(env[0] ? env : "-", big);
    canvas_cell(c, NAME_AT + half + 1, y, w - half - 1, widget_environment(env, r->app->locked),
                rk_str_c(big));
}

static rk_str short_revision(const struct wire_app *app)
{
    const char *rev = app->revision && app->revision[0] ? app->revision : "-";
    rk_str s = rk_str_c(rev);

    s.n = s.n > 7 ? 7 : s.n;
    return s;
}

static void draw_wide(const struct apps *a, struct canvas c, int y, const struct apps_row *r)
{
    static const struct widget_column columns[] = {
        {"name", 14, 0, false}, {"version", 8, 12, false}, {"revision", 7, 7, false},
        {"verdict", 11, 11, false}, {"health", 13, 13, false},
    };
    const struct wire_app *app = r->app;
    struct widget_sign verdict = widget_verdict(app->verdict), health = widget_health(app->health);
    int x[5], w[5];
    char word[32];

    widget_columns(columns, 5, c.w - NAME_AT, x, w);
    put_name(a, c, y, w[0], r);
    canvas_cell(c, NAME_AT + x[1], y, w[1], TERM_BASE,
                rk_str_c(app->version ? app->version : "-"));
    canvas_cell(c, NAME_AT + x[2], y, w[2], TERM_DIM, short_revision(app));
    (void)snprintf(word, sizeof(word), "%s", verdict.word);
    if (app->operation)
        verdict = (struct widget_sign){"~", NULL, TERM_PROGRESS};
    if (app->operation)
        (void)snprintf(word, sizeof(word), "syncing");
    else if (app->drifted && rk_streq(app->verdict, "OutOfSync"))
        (void)snprintf(word, sizeof(word), "drift %lld", (long long)app->drifted);
    put_sign(c, NAME_AT + x[3], y, w[3], verdict, word);
    put_sign(c, NAME_AT + x[4], y, w[4], health, health.word);
}

static void draw_narrow(const struct apps *a, struct canvas c, int y, const struct apps_row *r)
{
    static const struct widget_column columns[] = {
        {"name", 10, 0, false}, {"version", 7, 10, false}, {"state", 10, 13, false},
    };
    char word[32];
    struct widget_sign s = apps_state(r->app, word);
    int x[3], w[3];

    widget_columns(columns, 3, c.w - NAME_AT, x, w);
    put_name(a, c, y, w[0], r);
    canvas_cell(c, NAME_AT + x[1], y, w[1], TERM_BASE,
                rk_str_c(r->app->version ? r->app->version : "-"));
    put_sign(c, NAME_AT + x[2], y, w[2], s, word);
}

static void draw_app(const struct apps *a, struct canvas c, int y, const struct apps_row *r)
{
    canvas_put(c, 2, y, TERM_FOLD, rk_str_c(r->open ? "v" : ">"));
    if (!r->app)
        canvas_put(c, NAME_AT, y, TERM_DIM, RK_STR("..."));
    else if (c.w >= WIDE)
        draw_wide(a, c, y, r);
    else
        draw_narrow(a, c, y, r);
}

/* ---- resources ---- */
static void draw_no_resource(struct canvas c, int y, const struct apps_open *o)
{
    if (o->feed.err.code)
        canvas_putf(c, 5, y, TERM_ERROR, "? %s", o->feed.err.text);
    else
        canvas_put(c, 5, y, TERM_DIM, rk_str_c(o->feed.value ? "no resources" : "reading ..."));
}

static void resource_state(const struct wire_resource *res, struct widget_sign *s, char word[32])
{
    *s = widget_verdict(res->verdict);
    (void)snprintf(word, 32, "%s", s->word);
    if (res->foreign)
        (void)snprintf(word, 32, "foreign");
    else if (res->prune)
        (void)snprintf(word, 32, "to prune");
    else if (!res->created && !res->hook)
        (void)snprintf(word, 32, "missing");
    else if (res->drifted)
        (void)snprintf(word, 32, "drift %lld", (long long)res->drifted);
}

static void draw_resource(struct canvas c, int y, const struct apps_row *r)
{
    static const struct widget_column columns[] = {
        {"wave", 3, 3, false}, {"kind", 10, 16, false}, {"name", 9, 0, false},
        {"state", 10, 11, false}, {"health", 13, 13, false},
    };
    if (!r->resource) {
        draw_no_resource(c, y, r->open);
        return;
    }
    const struct wire_resource *res = r->resource;
    struct view_object o = view_object_of(res->object);
    struct widget_sign s, health = widget_health(res->health);
    bool no_health = rk_streq(res->health, "None") || !res->health;
    int x[5], w[5];
    char word[32];

    widget_columns(columns, 5, c.w - 5, x, w);
    canvas_putf(c, 5, y, TERM_DIM, "w%lld", (long long)res->wave);
    canvas_cell(c, 5 + x[1], y, w[1], TERM_BASE, o.kind);
    canvas_cell(c, 5 + x[2], y, w[2], TERM_BASE, o.name);
    resource_state(res, &s, word);
    if (!w[4] && rk_streq(res->verdict, "Synced") && !no_health &&
        !rk_streq(res->health, "Healthy"))
        put_sign(c, 5 + x[3], y, w[3], health, health.word);
    else
        put_sign(c, 5 + x[3], y, w[3], s, word);
    if (w[4] && !no_health)
        put_sign(c, 5 + x[4], y, w[4], health, health.word);
}

/* ---- the pane ---- */
static void draw_row(const struct apps *a, struct canvas c, int y, size_t row)
{
    struct apps_row r = apps_row_at(a, row);

    if (r.kind == APPS_ENVIRONMENT)
        draw_heading(a, c, y, &r);
    else if (r.kind == APPS_APP)
        draw_app(a, c, y, &r);
    else if (r.kind == APPS_RESOURCE)
        draw_resource(c, y, &r);
    if (row != a->list.cursor)
        return;
    canvas_put(c, 0, y, TERM_CURSOR, RK_STR(">"));
    canvas_tint(c, y, a->pane == APPS_LIST ? TERM_CURSOR : TERM_CURSOR_INACTIVE);
}

static void title(const struct apps *a, struct rk_buf *out)
{
    const struct wire_app_page *p = apps_page(a);
    const struct wire_counts *n = p ? &p->counts : NULL;

    rk_buf_c(out, "1 Apps");
    if (!n)
        return;
    if (a->filter)
        rk_buf_f(out, " %lld of", (long long)p->total);
    rk_buf_f(out, " %lld", (long long)n->total);
    if (a->filter)
        rk_buf_f(out, "  with \"%s\"", a->filter);
    if (n->out_of_sync)
        rk_buf_f(out, "  %lld drift", (long long)n->out_of_sync);
    if (n->degraded)
        rk_buf_f(out, "  %lld degraded", (long long)n->degraded);
    if (n->missing)
        rk_buf_f(out, "  %lld missing", (long long)n->missing);
    if (n->unknown)
        rk_buf_f(out, "  %lld unknown", (long long)n->unknown);
    if (n->operations)
        rk_buf_f(out, "  %lld running", (long long)n->operations);
}

/* As many lines as it takes; returns the next. */
RK_PRINTF(4, 5)
static int put_lines(struct canvas c, int y, enum term_role role, const char *fmt, ...)
{
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    va_list ap;
    size_t n;

    va_start(ap, fmt);
    const char *text = rk_arena_vf(mem, fmt, ap);
    va_end(ap);
    rk_str *lines = widget_wrap(mem, rk_str_c(text), c.w - 2, &n);
    for (size_t i = 0; i < n; i++)
        canvas_put(c, 1, y++, role, lines[i]);
    return y;
}

static int put_check(struct canvas c, int y, const char *what, const char *name, const char *state,
                     const char *message)
{
    bool ok = rk_streq(state, "ok");

    return put_lines(c, y, ok ? TERM_OK : TERM_UNKNOWN, "%s %s %s  %s%s%s", ok ? "=" : "?", what,
                     name, state ? state : "", message ? ": " : "", message ? message : "");
}

/* What the engine has to reach before there is something to see, each with ok or not. */
static void first_start(const struct apps *a, struct canvas c, int y)
{
    const struct wire_hello *h = a->v.host->hello;
    const struct wire_status *s = a->v.host->status;
    const struct wire_repository *r = s ? s->repositories : h ? h->repositories : NULL;
    const struct wire_cluster *k = s ? s->clusters : h ? h->clusters : NULL;
    size_t n_r = s ? s->n_repositories : h ? h->n_repositories : 0;
    size_t n_k = s ? s->n_clusters : h ? h->n_clusters : 0;

    for (size_t i = 0; i < n_r; i++)
        y = put_check(c, y, "repository", r[i].name, r[i].state, r[i].message);
    for (size_t i = 0; i < n_k; i++)
        y = put_check(c, y, "cluster", k[i].name, k[i].state, k[i].message);
}

static void draw_empty(const struct apps *a, struct canvas c)
{
    const struct wire_hello *h = a->v.host->hello;
    const struct wire_status *s = a->v.host->status;
    const struct wire_repository *r = s && s->n_repositories ? &s->repositories[0]
                                      : h && h->n_repositories ? &h->repositories[0] : NULL;

    if (a->page.err.code) {
        canvas_putf(c, 1, 0, TERM_ERROR, "? %s", a->page.err.text);
    } else if (!apps_page(a)) {
        canvas_put(c, 1, 0, TERM_DIM, rk_str_c(h ? "reading ..." : "looking for the engine ..."));
    } else if (r && !(r->revision && r->revision[0])) { /* "none" would be said too early */
        first_start(a, c, put_lines(c, 0, TERM_DIM, "reading %s for the first time ...",
                                    r->branch ? r->branch : "git") + 1);
    } else if (a->filter) {
        canvas_putf(c, 1, 0, TERM_BASE, "No application has all of \"%s\".", a->filter);
        canvas_put(c, 1, 1, TERM_DIM, RK_STR("f changes the filter, Esc ends it."));
    } else {
        int y = r ? put_lines(c, 0, TERM_BASE, "No Applications in %s at %.7s.",
                              r->branch ? r->branch : "git", r->revision)
                  : put_lines(c, 0, TERM_BASE, "No repository is watched.");
        y = r ? put_lines(c, y, TERM_DIM, "Expected: files with kind Application (argoproj.io).")
              : put_lines(c, y, TERM_DIM, "Start with `reckon --repo PATH_OR_URL`, or name one in "
                                          "engine.yaml; `reckon init` in a clone says what is missing.");
        y = put_lines(c, y, TERM_DIM, "R asks git and the clusters again.");
        first_start(a, c, y + 1);
    }
}

void apps_draw_tree(struct apps *a, struct canvas c)
{
    struct rk_buf head rk_auto(rk_buf_release) = RK_BUF_INIT;
    size_t n = apps_rows(a);
    char foot[32];

    widget_list_set(&a->list, n, a->list.cursor);
    widget_list_show(&a->list, c.h - 2);
    widget_list_foot(&a->list, foot);
    title(a, &head);
    struct canvas in = widget_box(c, head.p, foot, a->pane == APPS_LIST ? WIDGET_FOCUS : 0);
    widget_list_place(&a->list, in);
    if (!n)
        draw_empty(a, in);
    for (int y = 0; y < in.h && a->list.top + (size_t)y < n; y++)
        draw_row(a, in, y, a->list.top + (size_t)y);
}
