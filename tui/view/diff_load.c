/*
 * diff_load.c: reads the drift of an application and the two texts of each object: pages, one after
 * another. What is shown stays until all of the new is there; the first time it fills as it comes.
 *
 * A reading that something overtook is dropped by its round. What is read is bounded: beyond
 * LINES_MOST lines an object shows its fields without text.
 */
#include "view/diff_int.h"

#include <stdlib.h>

enum { OBJECTS_PAGE = 50, LINES_PAGE = 400, LINES_MOST = 60000, REFILLS = 50 };

static void ask_fields(struct diff_view *v);
static void ask_text(struct diff_view *v);

/* ---- data ---- */
static struct diff_data *data_new(void)
{
    struct diff_data *d = rk_alloc(sizeof *d);
    d->mem = rk_arena_new();
    return d;
}

static void data_free(struct diff_data *d)
{
    for (size_t i = 0; d && i < d->n; i++) {
        diff_doc_release(&d->objects[i].live.doc);
        diff_doc_release(&d->objects[i].git.doc);
    }
    for (size_t i = 0; d && i < d->n_answers; i++)
        rk_arena_free(d->answers[i]);
    if (d)
        rk_arena_free(d->mem);
    free(d);
}

static void keep_answer(struct diff_data *d, struct rk_arena *a)
{
    d->answers = rk_arena_grow(d->mem, d->answers, d->n_answers, &d->cap_answers,
                               sizeof *d->answers);
    d->answers[d->n_answers++] = a;
}

static const char *short_name(struct rk_arena *a, const char *object)
{
    struct view_object o = view_object_of(object);
    return widget_safe(a, rk_arena_f(a, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(o.kind),
                                     RK_ARG_STR(o.name)));
}

/* Two environments are told apart by the application, two revisions of one by the commit. */
static const char *not_at(const struct diff_data *d, const char *app, const char *rev)
{
    if (!d->from)
        return NULL;
    return rk_streq(d->app, d->from_app) ? rk_arena_f(d->mem, "not at %.7s", rev)
                                         : rk_arena_f(d->mem, "not in %s", app);
}

static void add_object(struct diff_data *d, const struct wire_drift_object *w)
{
    struct diff_object *o;
    d->objects = rk_arena_grow(d->mem, d->objects, d->n, &d->cap, sizeof *d->objects);
    o = &d->objects[d->n++];
    *o = (struct diff_object){.wire = w, .name = short_name(d->mem, w->object),
                              .note = widget_safe(d->mem, w->note),
                              .secret = w->object && strncmp(w->object, "/Secret/", 8) == 0,
                              .not_before = not_at(d, d->from_app, d->from),
                              .not_after = not_at(d, d->app, d->revision)};
    o->live.state = rk_streq(w->action, "create") ? DIFF_READ : DIFF_UNREAD;
    o->git.state = rk_streq(w->action, "prune") ? DIFF_READ : DIFF_UNREAD;
    diff_changes(d->mem, o);
}

static void count(struct diff_data *d)
{
    d->changes = d->ignored = 0;
    for (size_t i = 0; i < d->n; i++) {
        d->objects[i].first_change = d->changes;
        d->changes += d->objects[i].n_changes;
        d->ignored += d->objects[i].ignored;
    }
}

/* ---- rounds ---- */
static void show(struct diff_view *v, struct diff_data *d)
{
    struct diff_data *old = v->data;
    v->data = d;
    diff_refill(v, old);
    if (old != d)
        data_free(old);
}

static void finish(struct diff_view *v)
{
    struct diff_data *d = v->next;
    v->next = NULL;
    view_again_done(&v->again);
    show(v, d);
}

static void fail(struct diff_view *v, const struct rk_err *err)
{
    v->err = *err;
    if (v->next != v->data)
        data_free(v->next);
    v->next = NULL;
    view_again_done(&v->again);
}

void diff_load(struct view *view)
{
    struct diff_view *v = (struct diff_view *)view;
    v->round++;
    if (v->next && v->next != v->data)
        data_free(v->next);
    v->next = data_new();
    v->page = LINES_PAGE;
    ask_fields(v);
}

void diff_unload(struct diff_view *v)
{
    view_again_end(&v->again);
    if (v->next != v->data)
        data_free(v->next);
    data_free(v->data);
    v->next = v->data = NULL;
}

static bool is_current(const struct diff_view *v, void *ctx, struct rk_arena *a)
{
    bool current = v->next && (int64_t)(intptr_t)ctx == v->round;
    if (!current)
        rk_arena_free(a);
    return current;
}

/* ---- fields ---- */
static void fields_came(struct view *view, void *value, struct rk_arena *a,
                        const struct rk_err *err, void *ctx)
{
    struct diff_view *v = (struct diff_view *)view;
    const struct wire_drift *w = value;
    if (!is_current(v, ctx, a))
        return;
    keep_answer(v->next, a);
    if (err) {
        fail(v, err);
        return;
    }
    rk_err_clear(&v->err);
    v->next->revision = widget_safe(v->next->mem, w->revision);
    v->next->verdict = widget_safe(v->next->mem, w->verdict);
    v->next->app = widget_safe(v->next->mem, w->app);
    v->next->from_app = widget_safe(v->next->mem, w->from_app);
    v->next->from = v->revisions ? widget_safe(v->next->mem, view_text(w->from)) : NULL;
    for (size_t i = 0; i < w->n_objects; i++)
        add_object(v->next, &w->objects[i]);
    count(v->next);
    if (w->n_objects && (int64_t)v->next->n < w->total) {
        ask_fields(v);
        return;
    }
    if (!v->data)
        show(v, v->next);
    ask_text(v);
}

static void ask_compared(struct diff_view *v)
{
    struct wire_compare_params p = {.app = v->app, .from_app = v->from_app, .from = v->from,
                                    .to = v->rev, .object = v->object,
                                    .offset = (int64_t)v->next->n, .limit = OBJECTS_PAGE};
    view_call(&v->view, "revisions.compare", &p, fields_came, (void *)(intptr_t)v->round);
}

static void ask_fields(struct diff_view *v)
{
    if (v->revisions) {
        ask_compared(v);
        return;
    }
    struct wire_drift_params p = {.app = v->app, .rev = v->rev, .object = v->object,
                                  .offset = (int64_t)v->next->n, .limit = OBJECTS_PAGE};
    view_call(&v->view, "drift.get", &p, fields_came, (void *)(intptr_t)v->round);
}

/* ---- texts ---- */
/* The object and side that is read next; NULL: all is there. */
static struct diff_object *unread(struct diff_data *d, bool *live)
{
    for (size_t i = 0; i < d->n; i++) {
        *live = d->objects[i].live.state == DIFF_UNREAD;
        if (*live || d->objects[i].git.state == DIFF_UNREAD)
            return &d->objects[i];
    }
    return NULL;
}

/* "API_TOKEN: rk1:3fa9...:40" -> "API_TOKEN: (3fa9..., 40 bytes)": as the fields say it. */
static const char *without_hash(struct rk_arena *a, const char *text)
{
    const char *at = strstr(text, "rk1:");
    const char *length = at ? strchr(at + 4, ':') : NULL;
    if (!length)
        return text;
    size_t head = (size_t)(at - text), digits = strspn(length + 1, "0123456789");
    head -= head && (text[head - 1] == '"' || text[head - 1] == '\'');
    return rk_arena_f(a, "%.*s(%.4s..., %.*s bytes)", (int)head, text, at + 4, (int)digits,
                      length + 1);
}

static void add_lines(struct diff_data *d, const struct diff_object *o, struct diff_doc *doc,
                      const struct wire_document *w)
{
    struct diff_line *all = rk_arena_array(d->mem, doc->n + w->n_lines + 1, sizeof *all);
    if (doc->n)
        memcpy(all, doc->lines, doc->n * sizeof *all);
    for (size_t i = 0; i < w->n_lines; i++) {
        const struct wire_document_line *l = &w->lines[i];
        const char *text = widget_safe(d->mem, l->text);
        all[doc->n] = (struct diff_line){
            .text = o->secret ? without_hash(d->mem, text) : text,
            .file = l->file ? widget_safe(d->mem, l->file) : NULL, .line = l->line,
            .manager = l->manager ? widget_safe(d->mem, l->manager) : NULL,
            .number = doc->n + 1, .node = DIFF_NONE};
        doc->n++;
    }
    doc->lines = all;
    d->lines += w->n_lines;
}

static void side_done(struct diff_view *v, struct diff_object *o, bool live, const char *why)
{
    struct diff_data *d = v->next;
    size_t at = (size_t)(o - d->objects);
    if (live) {
        o->live.state = why ? DIFF_FAILED : DIFF_READ;
        o->live.why = why;
    } else {
        o->git.state = why ? DIFF_FAILED : DIFF_READ;
        o->git.why = why;
    }
    diff_doc_index(d->mem, live ? &o->live.doc : &o->git.doc);
    if (o->live.state == DIFF_UNREAD || o->git.state == DIFF_UNREAD)
        return;
    diff_changes(d->mem, o);
    o->opened = rk_arena_array(d->mem, o->git.doc.n + 1, sizeof *o->opened);
    if (d == v->data && (at < REFILLS || at % REFILLS == 0)) /* rows of all: not for each of many */
        diff_refill(v, d);
}

static void text_failed(struct diff_view *v, struct diff_object *o, bool live,
                        const struct rk_err *err)
{
    struct diff_doc *doc = live ? &o->live.doc : &o->git.doc;
    if (err->code == RK_LIMIT && v->page > 10) { /* long lines: fewer at once */
        v->page /= 4;
        ask_text(v);
        return;
    }
    doc->n = 0;
    side_done(v, o, live, rk_arena_f(v->next->mem, "no %s text: %s",
                                     v->revisions ? live ? "earlier" : "later" : live ? "live" : "git",
                                     widget_safe(v->next->mem, err->text)));
    ask_text(v);
}

static void text_came(struct view *view, void *value, struct rk_arena *a,
                      const struct rk_err *err, void *ctx)
{
    struct diff_view *v = (struct diff_view *)view;
    const struct wire_document *w = value;
    bool live = false;
    if (!is_current(v, ctx, a))
        return;
    struct diff_object *o = unread(v->next, &live);
    keep_answer(v->next, a);
    if (!o)
        return;
    if (err) {
        text_failed(v, o, live, err);
        return;
    }
    struct diff_doc *doc = live ? &o->live.doc : &o->git.doc;
    add_lines(v->next, o, doc, w);
    if (!w->n_lines || (int64_t)doc->n >= w->total || v->next->lines >= LINES_MOST)
        side_done(v, o, live, NULL);
    ask_text(v);
}

static void ask_text(struct diff_view *v)
{
    bool live = false;
    struct diff_object *o = unread(v->next, &live);
    for (; o && v->next->lines >= LINES_MOST; o = unread(v->next, &live))
        side_done(v, o, live, "its text is not shown: too much of it");
    if (!o) {
        finish(v);
        return;
    }
    const struct diff_doc *doc = live ? &o->live.doc : &o->git.doc;
    struct wire_document_params p = {
        .app = v->app, .object = o->wire->object, .side = live ? "live" : "desired", .rev = v->rev,
        .offset = (int64_t)doc->n, .limit = (int64_t)v->page};
    if (v->revisions) { /* of both sides what git says */
        p.side = "desired";
        p.rev = live ? v->next->from : v->next->revision;
        p.app = live && v->from_app ? v->from_app : v->app;
        p.object = live && o->wire->from ? o->wire->from : o->wire->object;
    }
    view_call(&v->view, "document.get", &p, text_came, (void *)(intptr_t)v->round);
}
