/*
 * resource_logs.c: a log that is followed: lines come in, the newest LINES_MOST of them (and at
 * most BYTES_MOST bytes) are kept. Pod output is foreign: it is made safe when it comes.
 */
#include "view/resource_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "reckon/text.h"

enum { LINES_MOST = 2000, BYTES_MOST = 1 << 20, TAIL = 200 };

static void drop_oldest(struct resource_log *l)
{
    char **at = &l->v[l->start];
    l->bytes -= strlen(*at);
    free(*at);
    *at = NULL;
    l->start = (l->start + 1) % l->cap;
    l->n--;
}

void resource_log_add(struct resource_log *l, const char *text)
{
    struct rk_buf safe = RK_BUF_INIT;
    if (!l->v) {
        l->cap = LINES_MOST;
        l->v = rk_calloc(l->cap, sizeof *l->v);
    }
    rk_text_safe(&safe, rk_str_c(text ? text : ""), 0);
    while (l->n && (l->n == l->cap || l->bytes + safe.n > BYTES_MOST))
        drop_oldest(l);
    l->bytes += safe.n;
    l->v[(l->start + l->n++) % l->cap] = rk_buf_take(&safe);
}

const char *resource_log_at(const struct resource_log *l, size_t i)
{
    return i < l->n ? l->v[(l->start + i) % l->cap] : "";
}

void resource_log_clear(struct resource_log *l)
{
    while (l->n)
        drop_oldest(l);
}

void resource_log_release(struct resource_log *l)
{
    resource_log_clear(l);
    free(l->v);
    l->v = NULL;
}

/* ---- following ---- */
/* Adds the lines; a cursor on the last one stays on the last, another one on its line. */
static void add_lines(struct resource_view *v, const struct wire_logs *w)
{
    struct resource_log *l = &v->log;
    struct widget_list *list = &v->list[RES_LOGS];
    bool at_end = !list->n || list->cursor + 1 >= list->n;
    size_t before = l->n, cursor = list->cursor;
    for (size_t i = 0; i < w->n_lines; i++)
        resource_log_add(l, w->lines[i].text);
    size_t dropped = before + w->n_lines - l->n;
    if (w->n_lines) {
        struct rk_buf title rk_auto(rk_buf_release) = RK_BUF_INIT;
        const struct wire_log_row *last = &w->lines[w->n_lines - 1];
        rk_buf_f(&title, "%s/%s", last->pod ? last->pod : "",
                 last->container ? last->container : "");
        (void)snprintf(l->title, sizeof l->title, "%s", title.p);
    }
    list->top = list->top > dropped ? list->top - dropped : 0;
    widget_list_set(list, l->n, at_end ? l->n : cursor > dropped ? cursor - dropped : 0);
}

static void lines_came(struct view_feed *f, void *patch)
{
    struct resource_view *v = (struct resource_view *)f->view;
    v->log.patched = true;
    add_lines(v, patch);
}

/* After a patch nothing is left to do; else the log begins anew. */
static void log_changed(struct view_feed *f)
{
    struct resource_view *v = (struct resource_view *)f->view;
    bool whole = f->value && !f->ended && !f->err.code && !v->log.patched;
    v->log.patched = false;
    if (!whole)
        return;
    resource_log_clear(&v->log);
    widget_list_set(&v->list[RES_LOGS], 0, 0);
    add_lines(v, f->value);
}

void resource_logs_open(struct resource_view *v, const char *object)
{
    char *whose = object ? rk_strdup(object) : NULL;
    resource_logs_close(v);
    v->logged = whose;
    v->logs = true;
    v->follow.patch = lines_came;
    v->follow.changed = log_changed;
    struct wire_logs_params p = {.app = v->app, .object = v->logged, .tail = TAIL, .follow = true};
    view_feed_open(&v->view, &v->follow, "logs.watch", &p);
}

void resource_logs_close(struct resource_view *v)
{
    if (v->logs)
        view_feed_close(&v->follow);
    v->follow = (struct view_feed){0};
    v->logs = false;
    resource_log_clear(&v->log);
    v->log.title[0] = 0;
    widget_list_set(&v->list[RES_LOGS], 0, 0);
    free(v->logged);
    v->logged = NULL;
}
