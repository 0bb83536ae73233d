/*
 * diff_act.c: the keys of the drift diff view: moves, folds, finding, what is asked about the current
 * change. It opens previews (the plan view) and writes nothing.
 */
#include "view/diff_int.h"

#include <stdlib.h>

enum { CONTEXT_MOST = 99, SHIFT = 8 };

static struct diff_view *of(struct view *v)
{
    return (struct diff_view *)v;
}

/* ---- moves ---- */
/* The cursor on its first row; a change that would not be seen whole moves up in the window. */
static void show_change(struct diff_view *v, const struct diff_row *r)
{
    size_t first = (size_t)(r - v->rows.v), last = first;
    size_t page = v->list.page > 0 ? (size_t)v->list.page : 1;
    while (first && v->rows.v[first - 1].object == r->object &&
           v->rows.v[first - 1].change == r->change)
        first--;
    while (last + 1 < v->rows.n && v->rows.v[last + 1].object == r->object &&
           v->rows.v[last + 1].change == r->change)
        last++;
    v->list.cursor = first;
    if (last >= v->list.top + page)
        v->list.top = first > page / 3 ? first - page / 3 : 0;
}

/* The next (step 1) or previous change. */
static bool go_change(struct diff_view *v, int step)
{
    size_t i = v->list.cursor, object = DIFF_NONE, change = DIFF_NONE;
    const struct diff_row *here = diff_row_at(v, i);
    if (!here)
        return true;
    object = here->object;
    change = here->change;
    for (i += (size_t)step; i < v->rows.n; i += (size_t)step) {
        const struct diff_row *r = &v->rows.v[i];
        if (r->change == DIFF_NONE || (r->object == object && r->change == change))
            continue;
        show_change(v, r);
        return true;
    }
    view_say(&v->view, TERM_STATUS, step > 0 ? "no change below" : "no change above");
    return true;
}

static bool go_object(struct diff_view *v, int step)
{
    for (size_t i = v->list.cursor + (size_t)step; i < v->rows.n; i += (size_t)step)
        if (v->rows.v[i].kind == DIFF_OBJECT) {
            v->list.cursor = i;
            v->list.top = i; /* as much of it as there is room for */
            return true;
        }
    view_say(&v->view, TERM_STATUS, step > 0 ? "no object below" : "no object above");
    return true;
}

static void shift(struct diff_view *v, int by)
{
    v->shift = v->shift + by > 0 ? v->shift + by : 0;
}

/* ---- folds and looks ---- */
static void set_opened(struct diff_view *v, size_t object, size_t from, size_t n, bool opened)
{
    struct diff_object *o = &v->data->objects[object];
    for (size_t i = from; o->opened && i < from + n && i < o->git.doc.n; i++)
        o->opened[i] = opened;
    diff_refill(v, v->data);
}

/* On a fold: opens it. Elsewhere: folds all of the object again, or opens all of it. */
static bool fold(struct diff_view *v)
{
    const struct diff_row *r = diff_row_at(v, v->list.cursor);
    if (!r || !v->data->objects[r->object].opened)
        return true;
    if (r->kind == DIFF_FOLD) {
        set_opened(v, r->object, r->from, r->hidden, true);
        return true;
    }
    const struct diff_object *o = &v->data->objects[r->object];
    bool any = false;
    for (size_t i = 0; i < o->git.doc.n; i++)
        any = any || o->opened[i];
    set_opened(v, r->object, 0, o->git.doc.n, !any);
    return true;
}

static bool context(struct diff_view *v, int by)
{
    size_t old = v->look.context;
    if (by < 0)
        v->look.context -= old > 0;
    else
        v->look.context += old < CONTEXT_MOST;
    diff_refill(v, v->data);
    view_say(&v->view, TERM_STATUS, "%zu lines of context", v->look.context);
    return true;
}

static bool split(struct diff_view *v)
{
    v->look.split = !v->look.split;
    diff_refill(v, v->data);
    return true;
}

/* ---- what is asked about the current change ---- */
static void blamed(struct view *view, void *value, struct rk_arena *a, const struct rk_err *err,
                   void *ctx)
{
    struct diff_view *v = of(view);
    if (!v->blame.asked || (intptr_t)ctx != v->asked) { /* another line is asked about by now */
        rk_arena_free(a);
        return;
    }
    v->blame.mem = a;
    v->blame.v = value;
    if (err)
        v->blame.why = rk_strdup(err->text);
}

static bool blame(struct diff_view *v)
{
    size_t object, change;
    const struct diff_change *c = diff_current(v, &object, &change);
    v->who = true;
    if (!c || !c->field || !c->field->file) {
        view_say(&v->view, TERM_STATUS, "no line of git says so");
        return true;
    }
    diff_forget_blame(v);
    v->blame.object = object;
    v->blame.change = change;
    v->blame.asked = true;
    struct wire_blame_params p = {.app = v->app, .file = c->field->file,
                                  .rev = v->data->revision, .line = c->field->line};
    view_call(&v->view, "blame.get", &p, blamed, (void *)++v->asked);
    return true;
}

/* Previews of what concerns one field: nothing is changed by opening them. */
static bool preview_field(struct diff_view *v, const char *kind)
{
    size_t object, change;
    const struct diff_change *c = diff_current(v, &object, &change);
    if (!c || !c->field) {
        view_say(&v->view, TERM_STATUS, "%s concerns one field: this is a whole object", kind);
        return true;
    }
    const char *objects[] = {v->data->objects[object].wire->object}, *paths[] = {c->field->path};
    struct wire_plan_params p = {.kind = kind, .app = v->app, .resources = objects,
                                 .n_resources = 1, .paths = paths, .n_paths = 1};
    struct view_target t = {.app = v->app, .plan = &p};
    v->view.host->open("plan", &t, v->view.host->ctx);
    return true;
}

static bool preview_sync(struct diff_view *v)
{
    struct wire_plan_params p = {.kind = "sync", .app = v->app, .rev = v->rev};
    struct view_target t = {.app = v->app, .plan = &p};
    v->view.host->open("plan", &t, v->view.host->ctx);
    return true;
}

static bool open_view(struct diff_view *v, const char *name, bool with_object)
{
    const struct diff_row *r = diff_row_at(v, v->list.cursor);
    struct view_target t = {.app = v->app};
    if (r && with_object)
        t.object = v->data->objects[r->object].wire->object;
    v->view.host->open(name, &t, v->view.host->ctx);
    return true;
}

static void copy_change(struct diff_view *v, const char *object, const struct diff_change *c,
                        const char *change)
{
    struct rk_arena *a rk_auto(rk_arena_freep) = rk_arena_new();
    const struct wire_field *f = c->field;
    const char *place = f && f->file ? rk_arena_f(a, "%s:%lld", f->file, (long long)f->line) : NULL;

    VIEW_COPY(&v->view, {'d', "change", change}, {'n', "object", object}, {'f', "git line", place},
              {'s', "commit", f ? f->commit : NULL},
              {'k', "kubectl", v->revisions ? NULL : view_kubectl(a, v->view.host, object)});
}

static bool copy(struct diff_view *v)
{
    size_t object, change;
    const struct diff_change *c = diff_current(v, &object, &change);
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (!c)
        return true;
    if (c->secret) {
        view_say(&v->view, TERM_STATUS, "secrets are not copied");
        return true;
    }
    rk_buf_f(&text, "%s %s\n", v->data->objects[object].wire->object, c->label);
    for (size_t i = 0; i < c->n_live; i++)
        rk_buf_f(&text, "- %s\n", c->live[i].text);
    for (size_t i = 0; i < c->n_git; i++)
        rk_buf_f(&text, "+ %s\n", c->git[i].text);
    copy_change(v, v->data->objects[object].wire->object, c, text.p);
    return true;
}

static bool open_row(struct diff_view *v)
{
    const struct diff_row *r = diff_row_at(v, v->list.cursor);
    if (r && r->kind == DIFF_OBJECT)
        return open_view(v, "resource", true);
    if (r && r->kind == DIFF_FOLD)
        return fold(v);
    return r && r->kind == DIFF_CHANGED ? blame(v) : true;
}

/* ---- find ---- */
bool diff_row_has(const struct diff_view *v, const struct diff_row *r, rk_str text)
{
    if (r->kind == DIFF_OBJECT)
        return widget_found(rk_str_c(v->data->objects[r->object].name), text);
    return (r->live && widget_found(rk_str_c(r->live->text), text)) ||
           (r->git && widget_found(rk_str_c(r->git->text), text));
}

/* What is found in a fold is unfolded, so that it can be gone to. */
static void open_matches(struct diff_view *v, rk_str text)
{
    bool any = false;
    for (size_t i = 0; i < v->data->n; i++) {
        struct diff_object *o = &v->data->objects[i];
        for (size_t k = 0; o->opened && k < o->git.doc.n; k++)
            if (!o->opened[k] && widget_found(rk_str_c(o->git.doc.lines[k].text), text))
                any = o->opened[k] = true;
    }
    if (any)
        diff_refill(v, v->data);
}

bool diff_find(struct view *view, rk_str text, int direction)
{
    struct diff_view *v = of(view);
    char *find = text.n ? rk_str_dup(text) : NULL;
    free(v->find);
    v->find = find;
    text = rk_str_c(find);
    if (!find || !v->data)
        return find == NULL;
    open_matches(v, text);
    size_t n = v->rows.n, step = direction < 0 ? n - 1 : 1;
    size_t i = v->list.cursor + (direction > 0) + (direction < 0 ? n - 1 : 0);
    for (size_t tried = 0; tried < n; tried++, i += step)
        if (diff_row_has(v, &v->rows.v[i % n], text)) {
            v->list.cursor = i % n;
            return true;
        }
    return false;
}

/* ---- actions ---- */
static bool act_moves(struct diff_view *v, enum view_action a)
{
    enum widget_move m;
    if (view_moves(a, &m)) {
        widget_list_move(&v->list, m);
        return true;
    }
    switch ((int)a) {
    case ACT_LEFT: shift(v, -SHIFT); return true;
    case ACT_RIGHT: shift(v, SHIFT); return true;
    case ACT_NEXT_PROBLEM: return go_change(v, 1);
    case ACT_PREV_PROBLEM: return go_change(v, -1);
    case ACT_NEXT_UNIT: return go_object(v, 1);
    case ACT_PREV_UNIT: return go_object(v, -1);
    default: return false;
    }
}

bool diff_act(struct view *view, enum view_action a)
{
    struct diff_view *v = of(view);
    if (a == ACT_REFRESH) {
        view_again_ask(&v->again);
        return false; /* the console asks git and the cluster, too */
    }
    if (v->revisions && (a == ACT_SYNC || a == ACT_ADOPT || a == ACT_IGNORE)) {
        view_say(view, TERM_STATUS, "two revisions are compared: nothing that lives is in it");
        return true;
    }
    if (a == ACT_SYNC)
        return preview_sync(v);
    if (a == ACT_HISTORY)
        return open_view(v, "history", false);
    if (!v->data || !v->data->n || act_moves(v, a))
        return v->data && v->data->n;
    switch ((int)a) {
    case ACT_OPEN: return open_row(v);
    case ACT_FOLD: return fold(v);
    case ACT_LESS: return context(v, -1);
    case ACT_MORE: return context(v, 1);
    case ACT_SPLIT: return split(v);
    case ACT_WHO: v->who = !v->who; return true;
    case ACT_BLAME: return blame(v);
    case ACT_IGNORE: return preview_field(v, "ignore");
    case ACT_ADOPT: return preview_field(v, "adopt");
    case ACT_EVENTS: case ACT_LOGS: return open_view(v, "resource", true);
    case ACT_COPY: return copy(v);
    default: return false;
    }
}
