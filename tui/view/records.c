/*
 * records.c: entries of history and audit in words and signs, and where their keys lead. A revert
 * is only a preview: the view "plan" asks for it.
 */
#include "view/records_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "reckon/time.h"

struct widget_sign record_result(const char *result)
{
    if (!result || !result[0])
        return (struct widget_sign){" ", "", TERM_DIM};
    if (rk_streq(result, "event"))
        return (struct widget_sign){".", "event", TERM_DIM};
    if (rk_streq(result, "intent")) /* begun; its outcome is another entry */
        return (struct widget_sign){"~", "intent", TERM_PROGRESS};
    return widget_result(result);
}

bool record_bad(const char *result)
{
    return rk_streq(result, "Failed") || rk_streq(result, "Degraded") ||
           rk_streq(result, "Stopped");
}

void record_took(int64_t ms, char out[16])
{
    out[0] = 0;
    if (ms >= 60000 && ms < 3600000)
        (void)snprintf(out, 16, "%dm%02d", (int)(ms / 60000), (int)(ms % 60000 / 1000));
    else if (ms > 0)
        rk_time_age(ms < 1000 ? 1000 : ms, out);
}

const char *record_rev(const char *rev, char out[16])
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    (void)snprintf(out, 16, "%.7s", rev && rev[0] ? widget_safe(a, rev) : "-");
    return out;
}

int record_when_width(const struct view_pages *p, int64_t (*time)(const void *row))
{
    int64_t now = p->v.host->now(p->v.host->ctx);
    int most = 5;

    for (int i = 0; i < p->list.page; i++) {
        const void *row = view_pages_at(p, p->list.top + (size_t)i);
        char when[24] = "";
        if (row)
            widget_when(now, time(row), when);
        most = (int)strlen(when) > most ? (int)strlen(when) : most;
    }
    return most;
}

const char *record_target(struct rk_arena *a, const char *environment, const char *app)
{
    if (!app || !app[0] || !environment || !environment[0])
        return app && app[0] ? app : view_text(environment);
    return strstr(app, environment) ? app : rk_arena_f(a, "%s/%s", environment, app);
}

void record_cell(struct canvas c, int x, int y, int w, enum term_role role, const char *foreign)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    canvas_cell(c, x, y, w, role, rk_str_c(widget_safe(a, foreign)));
}

bool record_has(const char *const *texts, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (widget_found(rk_str_c(texts[i]), rk_str_c(text)))
            return true;
    return false;
}

/* ---- where its keys lead ---- */
void record_open(struct view *v, const char *app, const char *environment, const char *rev)
{
    struct view_target t = {.app = app, .environment = environment, .commit = rev};

    if (rev && rev[0])
        v->host->open("commit", &t, v->host->ctx);
    else
        view_say(v, TERM_STATUS, "it names no revision: there is no commit to open");
}

void record_revert(struct view *v, const char *app, const char *environment, const char *commit,
                   const char *to)
{
    struct wire_plan_params p = {.kind = "revert", .app = app, .commit = commit, .to = to};
    struct view_target t = {.app = app, .environment = environment, .plan = &p};

    if (!app || !app[0])
        view_say(v, TERM_STATUS, "it is of no application: there is nothing to revert");
    else if ((!commit || !commit[0]) && (!to || !to[0]))
        view_say(v, TERM_STATUS, "it names no revision: there is nothing in git to go back to");
    else
        v->host->open("plan", &t, v->host->ctx);
}

/* ---- audit.verify ---- */
static void verified(struct view *v, void *value, struct rk_arena *a, const struct rk_err *err,
                     void *ctx)
{
    struct record_chain *c = ctx;

    (void)v;
    c->asked = false;
    rk_err_clear(&c->err);
    if (err) { /* an old verdict would say too much */
        c->err = *err;
        rk_arena_free(a);
        a = NULL;
        value = NULL;
    }
    rk_arena_free(c->mem);
    c->mem = a;
    c->v = value;
}

void record_verify(struct view *v, struct record_chain *c, const char *environment)
{
    struct wire_audit_params p = {.environment = environment};

    if (c->asked)
        return;
    c->asked = true;
    view_call(v, "audit.verify", &p, verified, c);
}

void record_chain_release(struct record_chain *c)
{
    rk_arena_free(c->mem);
    c->mem = NULL;
    c->v = NULL;
}

const struct wire_verify_row *record_chain_of(const struct record_chain *c, const char *environment)
{
    for (size_t i = 0; c->v && i < c->v->n_rows; i++)
        if (rk_streq(c->v->rows[i].environment, environment))
            return &c->v->rows[i];
    return NULL;
}

static void broken_words(const struct wire_verify *w, struct rk_buf *words)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();

    rk_buf_c(words, "broken:");
    for (size_t i = 0; i < w->n_rows; i++)
        if (!w->rows[i].ok)
            rk_buf_f(words, " %s", widget_safe(a, w->rows[i].environment));
}

struct widget_sign record_chain_sign(const struct record_chain *c, const char *environment,
                                     struct rk_buf *words)
{
    const struct wire_verify_row *one = environment ? record_chain_of(c, environment) : NULL;
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    int64_t entries = one ? one->entries : 0;
    struct widget_sign s = {"=", "", TERM_OK};

    for (size_t i = 0; c->v && !environment && i < c->v->n_rows; i++)
        entries += c->v->rows[i].entries;
    if (c->err.code) {
        rk_buf_f(words, "not verified: %s", widget_safe(a, c->err.text));
        return (struct widget_sign){"?", "", TERM_UNKNOWN};
    }
    if (!c->v) {
        rk_buf_c(words, "being verified");
        return (struct widget_sign){"~", "", TERM_PROGRESS};
    }
    if (environment ? !one : !c->v->n_rows) {
        rk_buf_c(words, "no entry yet");
        return (struct widget_sign){".", "", TERM_DIM};
    }
    if (environment ? one->ok : c->v->ok) {
        rk_buf_f(words, "whole (%lld)", (long long)entries);
        return s;
    }
    if (environment)
        rk_buf_f(words, "broken: %s", widget_safe(a, one->message));
    else
        broken_words(c->v, words);
    return (struct widget_sign){"x", "", TERM_DEGRADED};
}
