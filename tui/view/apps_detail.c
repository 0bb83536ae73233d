/*
 * apps_detail.c: the pane that tells of the row under the cursor: an application with its drift,
 * who wrote it and which line of git wants the other value, what happens next by itself and which
 * key stops that; an environment's policy; a resource. And the pane of live activity.
 *
 * Lines are made first, in an arena of the draw, so that the pane can scroll.
 */
#include <stdio.h>

#include "view/apps_int.h"

struct line {
    const char *label;          /* NULL: none, the text begins at the left */
    enum term_role role; const char *text;
    enum term_role more_role; const char *more;
};
struct lines { struct rk_arena *mem; struct line *v; size_t n, cap; int w; };

enum { LABEL = 8, FIELDS_MAX = 60 };

static struct line *add(struct lines *l)
{
    l->v = rk_arena_grow(l->mem, l->v, l->n, &l->cap, sizeof(*l->v));
    l->v[l->n] = (struct line){.role = TERM_BASE};
    return &l->v[l->n++];
}

static void blank(struct lines *l)
{
    if (l->n && (l->v[l->n - 1].text || l->v[l->n - 1].label))
        (void)add(l);
}

static void put(struct lines *l, const char *label, enum term_role role, const char *fmt, ...)
    RK_PRINTF(4, 5);
static void put(struct lines *l, const char *label, enum term_role role, const char *fmt, ...)
{
    struct line *line = add(l);
    va_list ap;

    va_start(ap, fmt);
    line->label = label;
    line->role = role;
    line->text = rk_arena_vf(l->mem, fmt, ap);
    va_end(ap);
}

static void more(struct lines *l, enum term_role role, const char *text)
{
    l->v[l->n - 1].more = text;
    l->v[l->n - 1].more_role = role;
}

/* Long texts (errors, messages) in as many lines as they need. */
static void wrapped(struct lines *l, const char *label, enum term_role role, const char *text)
{
    size_t n = 0;
    int w = l->w - (label ? LABEL : 1);
    rk_str *v = widget_wrap(l->mem, rk_str_c(text), w > 8 ? w : 8, &n);

    for (size_t i = 0; i < n && i < 12; i++)
        put(l, i || !label ? (label ? "" : NULL) : label, role, "%s" RK_FMT_STR, label ? "" : " ",
            RK_ARG_STR(v[i]));
}

/* ---- an application ---- */
static const char *revision7(struct lines *l, const char *rev)
{
    return rev && rev[0] ? rk_arena_f(l->mem, "%.7s", rev) : "-";
}

static void add_where(struct lines *l, const struct wire_app_detail *d)
{
    const struct wire_app *r = &d->row;

    put(l, "app", TERM_BASE, "%s/%s", r->environment ? r->environment : "-", r->app);
    if (!rk_streq(r->name, r->app))
        more(l, TERM_DIM, rk_arena_f(l->mem, "  %s", r->name));
    put(l, "source", TERM_BASE, "%s@%s", d->repository ? d->repository : "git",
        revision7(l, r->target));
    if (d->path && l->w >= 50)
        more(l, TERM_LINE, rk_arena_f(l->mem, "  %s", d->path));
    else if (d->path) {
        put(l, "", TERM_LINE, "%s", "");
        more(l, TERM_LINE, d->path);
    }
}

static void add_rest(struct lines *l, const struct wire_app_detail *d)
{
    const struct wire_app *r = &d->row;

    put(l, "dest", TERM_BASE, "%s / ns %s", r->cluster ? r->cluster : "no cluster",
        r->namespace ? r->namespace : "-");
    put(l, "project", TERM_BASE, "%s", r->project ? r->project : "-");
}

static void add_states(struct lines *l, const struct wire_app_detail *d)
{
    const struct wire_app *r = &d->row;
    struct widget_sign v = widget_verdict(r->verdict), h = widget_health(r->health);

    put(l, "sync", v.role, "%s %s", v.sign, v.word);
    if (r->drifted)
        more(l, TERM_BASE, rk_arena_f(l->mem, "  %lld object%s differ%s", (long long)r->drifted,
                                      r->drifted == 1 ? "" : "s", r->drifted == 1 ? "s" : ""));
    else if (r->revision && r->revision[0] && r->target && !rk_streq(r->revision, r->target))
        more(l, TERM_DIM, rk_arena_f(l->mem, "  runs %s", revision7(l, r->revision)));
    put(l, "health", h.role, "%s %s", h.sign, h.word);
    more(l, TERM_BASE, rk_arena_f(l->mem, "  %lld objects", (long long)r->objects));
    if (r->message && !rk_streq(r->verdict, "Synced") && !d->error)
        wrapped(l, "", TERM_DIM, r->message);
    if (r->held)
        wrapped(l, "held", TERM_LOCKED, r->held);
    wrapped(l, "policy", TERM_BASE, d->policy ? d->policy : "-");
}

static void add_last(const struct apps *a, struct lines *l, const struct wire_app_detail *d)
{
    char when[24];

    if (d->row.operation)
        put(l, "now", TERM_PROGRESS, "~ an operation runs");
    if (d->last_operation) {
        struct widget_sign s = widget_result(d->last_result);
        widget_when(a->v.host->now(a->v.host->ctx), d->last_time, when);
        put(l, "last op", s.role, "%s %s %s", s.sign, d->last_operation, s.word);
        more(l, TERM_DIM, rk_arena_f(l->mem, "  %s by %s", when,
                                     d->last_actor ? d->last_actor : "-"));
    }
    if (d->commit_subject) {
        put(l, "commit", TERM_BASE, "%s", d->commit_subject);
        if (d->commit_author)
            put(l, "", TERM_WHO, "by %s", d->commit_author);
    }
}

static void add_trouble(struct lines *l, const struct wire_app_detail *d)
{
    if (d->error) {
        blank(l);
        put(l, NULL, TERM_TITLE, "ERROR");
        wrapped(l, NULL, TERM_ERROR, d->error);
    }
    size_t shown = 0;
    for (size_t i = 0; i < d->n_causes && shown < 8; i++) {
        struct widget_sign h = widget_health(d->causes[i].status);
        struct view_object o = view_object_of(d->causes[i].object);
        if (rk_streq(d->causes[i].status, "Missing"))
            continue;           /* the drift below says "create" */
        if (!shown++)
            blank(l);
        put(l, NULL, h.role, "%s " RK_FMT_STR "/" RK_FMT_STR " %s", h.sign, RK_ARG_STR(o.kind),
            RK_ARG_STR(o.name), h.word);
        if (d->causes[i].message && d->causes[i].message[0])
            wrapped(l, NULL, TERM_BASE, d->causes[i].message);
    }
    for (size_t i = 0; i < d->n_lints && i < 4; i++) {
        if (!i)
            blank(l);
        put(l, NULL, TERM_DRIFT, "! %s:%lld", d->lints[i].file ? d->lints[i].file : "git",
            (long long)d->lints[i].line);
        wrapped(l, NULL, TERM_DIM, d->lints[i].text);
    }
}

/* ---- drift: the value of git, the value that lives, and who wrote which ---- */
static const char *value_of(const char *json)
{
    return json ? json : "(absent)";
}

static void add_owner(const struct apps *a, struct lines *l, const struct wire_field *f)
{
    char when[24];

    if (!f->manager)
        return;
    widget_when(a->v.host->now(a->v.host->ctx), f->written, when);
    put(l, NULL, TERM_DIM, "   live by ");
    more(l, TERM_WHO, rk_arena_f(l->mem, "%s  %s%s%s", f->manager, when,
                                 f->subresource && f->subresource[0] ? "  /" : "",
                                 f->subresource ? f->subresource : ""));
}

/* "git 3  live 5" beside the path where it fits, else a line each. */
static void add_values(struct lines *l, const struct wire_field *f)
{
    const char *git = value_of(f->desired), *live = value_of(f->live);
    const char *both = rk_arena_f(l->mem, "  git %s  live %s", git, live);

    put(l, NULL, TERM_BASE, "  %s", f->path);
    if (term_width(rk_str_c(f->path)) + 2 + term_width(rk_str_c(both)) <= l->w) {
        more(l, TERM_DRIFT, both);
        return;
    }
    put(l, NULL, TERM_DEL, "   git  %s", git);
    put(l, NULL, TERM_ADD, "   live %s", live);
}

static void add_field(const struct apps *a, struct lines *l, const struct wire_field *f)
{
    if (f->ignored)
        return;
    if (f->secret) {
        put(l, NULL, TERM_BASE, "  %s", f->path);
        put(l, NULL, TERM_SECRET, "   * secret: %s", value_of(f->live));
    } else {
        add_values(l, f);
    }
    add_owner(a, l, f);
    if (!f->file)
        return;
    put(l, NULL, TERM_DIM, "   git  by ");
    more(l, TERM_LINE, rk_arena_f(l->mem, "%s:%lld", f->file, (long long)f->line));
}

static void add_object(const struct apps *a, struct lines *l, const struct wire_drift_object *o)
{
    struct widget_sign s = widget_action(o->action);
    struct view_object k = view_object_of(o->object);

    put(l, NULL, s.role, " %s %s " RK_FMT_STR "/" RK_FMT_STR, s.sign, s.word, RK_ARG_STR(k.kind),
        RK_ARG_STR(k.name));
    for (size_t i = 0; i < o->n_fields && l->n < FIELDS_MAX; i++)
        add_field(a, l, &o->fields[i]);
}

static const char *key_of(const struct apps *a, enum view_action act)
{
    return a->v.host->key(act, a->v.host->ctx);
}

static void add_drift(const struct apps *a, struct lines *l, const struct wire_app *row,
                      const char *object)
{
    const char *key;

    if (!rk_streq(row->verdict, "OutOfSync"))
        return;                 /* what was read before it was closed */
    if (!a->drift_app || !rk_streq(a->drift_app, row->name) || !a->drift.n_objects) {
        if (row->drifted && a->drift_err.code)
            wrapped(l, "drift", TERM_ERROR, a->drift_err.text);
        return;
    }
    key = key_of(a, ACT_DIFF);
    blank(l);
    put(l, NULL, TERM_TITLE, "DRIFT");
    more(l, TERM_DIM, key ? rk_arena_f(l->mem, "  (%s opens the diff)", key) : NULL);
    for (size_t i = 0; i < a->drift.n_objects && l->n < FIELDS_MAX; i++)
        if (!object || rk_streq(object, a->drift.objects[i].object))
            add_object(a, l, &a->drift.objects[i]);
    if (a->drift.total > (int64_t)a->drift.n_objects || l->n >= FIELDS_MAX)
        put(l, NULL, TERM_DIM, " ... more in the diff");
}

/* ---- what comes by itself, and the same application elsewhere ---- */
static void add_next(const struct apps *a, struct lines *l, const struct wire_next *n)
{
    const char *key = n->stop ? key_of(a, view_action_named(rk_str_c(n->stop))) : NULL;
    char when[16];

    if (!n->action)
        return;
    blank(l);
    if (rk_streq(n->action, "none")) {
        put(l, "NEXT", TERM_DIM, "nothing by itself");
        if (n->reason)
            wrapped(l, "", TERM_DIM, n->reason);
        return;
    }
    widget_clock(n->at, when);
    put(l, "NEXT", TERM_PROGRESS, "%s%s%s", n->action, n->at ? " at " : " now", n->at ? when : "");
    if (key)
        more(l, TERM_KEY, rk_arena_f(l->mem, "  %s stops that (%s)", key, n->stop));
    if (n->reason)
        wrapped(l, "", TERM_BASE, n->reason);
}

static void add_siblings(struct lines *l, const struct wire_app_detail *d)
{
    for (size_t i = 0; i < d->n_siblings && i < 12; i++) {
        const struct wire_app *s = &d->siblings[i];
        char word[32];
        struct widget_sign state = apps_state(s, word);
        if (!i)
            blank(l);
        put(l, i ? "" : "ALSO IN", widget_environment(s->environment, s->locked), "%s",
            s->environment ? s->environment : s->name);
        more(l, state.role, rk_arena_f(l->mem, "  %s  %s %s", s->version ? s->version : "-",
                                       state.sign, word));
    }
}

static void app_lines(const struct apps *a, struct lines *l, const struct wire_app_detail *d)
{
    add_where(l, d);
    add_states(l, d);
    add_trouble(l, d);
    add_drift(a, l, &d->row, NULL);
    add_next(a, l, &d->next);
    blank(l);
    add_last(a, l, d);
    add_rest(l, d);
    add_siblings(l, d);
}

/* ---- a resource ---- */
static void resource_lines(const struct apps *a, struct lines *l, const struct wire_resource *r)
{
    struct view_object o = view_object_of(r->object);
    struct widget_sign v = widget_verdict(r->verdict), h = widget_health(r->health);
    char when[24];

    put(l, "kind", TERM_BASE, RK_FMT_STR "%s" RK_FMT_STR, RK_ARG_STR(o.kind), o.group.n ? "." : "",
        RK_ARG_STR(o.group));
    put(l, "name", TERM_BASE, RK_FMT_STR, RK_ARG_STR(o.name));
    put(l, "ns", TERM_BASE, RK_FMT_STR, RK_ARG_STR(o.namespace));
    put(l, "wave", TERM_BASE, "%lld%s", (long long)r->wave, r->hook ? "  a hook" : "");
    put(l, "sync", v.role, "%s %s", v.sign, v.word);
    if (r->prune)
        more(l, TERM_DEL, "  lives, git has it no more: - prune");
    else if (r->foreign)
        more(l, TERM_ERROR, "  belongs to another owner");
    put(l, "health", h.role, "%s %s", h.sign, h.word);
    widget_when(a->v.host->now(a->v.host->ctx), r->created, when);
    put(l, "created", TERM_BASE, "%s", when);
    if (r->file)
        put(l, "git", TERM_LINE, "%s:%lld", r->file, (long long)r->line);
    if (r->message && r->message[0])
        wrapped(l, "says", TERM_BASE, r->message);
}

/* ---- an environment ---- */
static void environment_lines(const struct apps *a, struct lines *l, const struct wire_group *g)
{
    const struct wire_environment *e = apps_environment(a, g->environment);
    const struct wire_counts *n = &g->counts;
    char when[16];

    put(l, "env", widget_environment(g->environment, e && e->locked), "%s",
        g->environment ? g->environment : "no environment");
    if (apps_production(a, g->environment))
        more(l, TERM_LOCKED, "  PRODUCTION");
    put(l, "apps", TERM_BASE, "%lld", (long long)n->total);
    put(l, "sync", TERM_BASE, "%lld synced, %lld drift, %lld unknown", (long long)n->synced,
        (long long)n->out_of_sync, (long long)n->unknown);
    put(l, "health", TERM_BASE, "%lld healthy, %lld degraded, %lld missing", (long long)n->healthy,
        (long long)n->degraded, (long long)n->missing);
    if (n->held || n->operations)
        put(l, "now", TERM_BASE, "%lld held, %lld running", (long long)n->held,
            (long long)n->operations);
    if (!e)
        return;
    blank(l);
    put(l, "policy", TERM_BASE, "%s%s%s%s", e->sync ? e->sync : "-", e->locked ? ", locked" : "",
        e->prune ? ", prune" : ", no prune", e->self_heal ? ", selfHeal" : "");
    put(l, "promote", TERM_BASE, "by %s", e->promote_via ? e->promote_via : "-");
    put(l, "revert", TERM_BASE, "by %s", e->revert_via ? e->revert_via : "-");
    if (e->approvals)
        put(l, "needs", TERM_BASE, "%lld approvals", (long long)e->approvals);
    if (e->prune_budget > 0)
        put(l, "budget", TERM_BASE, "prunes at most %lld objects", (long long)e->prune_budget);
    if (e->unlocked_until > a->v.host->now(a->v.host->ctx)) {
        widget_clock(e->unlocked_until, when);
        put(l, "open", TERM_ERROR, "unlocked until %s", when);
    }
    if (e->frozen)
        wrapped(l, "frozen", TERM_LOCKED,
                rk_arena_f(l->mem, "by %s: %s", e->frozen_by ? e->frozen_by : "-",
                           e->frozen_reason ? e->frozen_reason : ""));
    if (e->pending)
        wrapped(l, "waits", TERM_ERROR, e->pending);
}

/* ---- drawing ---- */
static void draw_line(struct canvas c, int y, const struct line *l)
{
    int x = 0;

    if (l->label) {
        canvas_cell(c, 0, y, LABEL, TERM_DIM, rk_str_c(l->label));
        x = LABEL;
    }
    if (l->text)
        x += canvas_put(c, x, y, l->role, rk_str_c(l->text));
    if (l->more && l->more_role == TERM_LINE && c.w > x)
        canvas_cell_end(c, x, y, c.w - x, TERM_LINE, rk_str_c(l->more)); /* paths end with what counts */
    else if (l->more)
        canvas_put(c, x, y, l->more_role, rk_str_c(l->more));
}

static void detail_lines(const struct apps *a, struct lines *l, const struct apps_row *r)
{
    const struct wire_app_detail *d = a->detail.value;
    bool here = d && a->at.app && rk_streq(d->row.name, a->at.app);

    if (r->kind == APPS_ENVIRONMENT)
        environment_lines(a, l, r->group);
    else if (r->kind == APPS_RESOURCE && r->resource)
        resource_lines(a, l, r->resource);
    if (r->kind == APPS_RESOURCE && r->resource && here)
        add_drift(a, l, &d->row, r->resource->object);
    if (r->kind != APPS_APP)
        return;
    if (a->detail.err.code)
        wrapped(l, NULL, TERM_ERROR, a->detail.err.text);
    else if (here)
        app_lines(a, l, d);
    else
        put(l, NULL, TERM_DIM, " reading ...");
}

static void detail_title(const struct apps *a, const struct apps_row *r, struct rk_buf *out)
{
    const char *env = apps_environment_of(r);

    if (r->kind == APPS_RESOURCE && r->resource) {
        struct view_object o = view_object_of(r->resource->object);
        rk_buf_f(out, RK_FMT_STR "/" RK_FMT_STR, RK_ARG_STR(o.kind), RK_ARG_STR(o.name));
    } else if (r->app) {
        rk_buf_f(out, "%s/%s", env[0] ? env : "-", r->app->app);
    } else {
        rk_buf_c(out, env[0] ? env : "Detail");
    }
    if (r->kind != APPS_NOTHING && apps_production(a, env))
        rk_buf_c(out, "  PRODUCTION");
}

static void shown_of(size_t from, int h, size_t n, char out[32])
{
    out[0] = 0;
    if (n > (size_t)h)
        (void)snprintf(out, 32, "%zu-%zu/%zu", from + 1, from + (size_t)h, n);
}

static size_t scrolled(size_t *at, size_t n, int h)
{
    size_t most = h > 0 && n > (size_t)h ? n - (size_t)h : 0;

    if (*at > most)
        *at = most;
    return *at;
}

void apps_draw_detail(struct apps *a, struct canvas c)
{
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    struct rk_buf head rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct lines l = {.mem = mem, .w = c.w - 2};
    struct apps_row r = apps_row_at(a, a->list.cursor);
    unsigned flags = a->pane == APPS_DETAIL ? WIDGET_FOCUS : 0;
    char foot[32];

    if (r.kind != APPS_NOTHING && apps_production(a, apps_environment_of(&r)))
        flags |= WIDGET_DOUBLE;
    detail_title(a, &r, &head);
    detail_lines(a, &l, &r);
    size_t from = scrolled(&a->scroll[APPS_DETAIL], l.n, c.h - 2);
    shown_of(from, c.h - 2, l.n, foot);
    struct canvas in = widget_box(c, head.p, foot, flags);
    for (int y = 0; y < in.h && from + (size_t)y < l.n; y++)
        draw_line(in, y, &l.v[from + (size_t)y]);
}

/* ---- activity, the newest first ---- */
static struct widget_sign level_sign(const char *level)
{
    if (rk_streq(level, "error"))
        return (struct widget_sign){"x", "error", TERM_ERROR};
    if (rk_streq(level, "warn"))
        return (struct widget_sign){"!", "warning", TERM_DRIFT};
    return (struct widget_sign){"i", "info", TERM_DIM};
}

static void draw_event(struct canvas c, int y, const struct wire_activity_row *r)
{
    struct widget_sign s = level_sign(r->level);
    int who = c.w >= 100 ? 26 : 18;
    char clock[16];

    widget_clock(r->time, clock);
    canvas_put(c, 0, y, TERM_DIM, rk_str_c(clock));
    canvas_put(c, 9, y, s.role, rk_str_c(s.sign));
    canvas_cell(c, 11, y, who, TERM_BASE, rk_str_c(r->app ? r->app : "-"));
    int x = 12 + who;
    if (r->actor && !rk_streq(r->actor, "reckon"))
        x += canvas_putf(c, x, y, TERM_WHO, "%s: ", r->actor);
    canvas_put(c, x, y, TERM_BASE, rk_str_c(r->text ? r->text : ""));
}

void apps_draw_activity(struct apps *a, struct canvas c)
{
    const struct wire_activity *v = a->activity.value;
    size_t n = v ? v->n_rows : 0, from;
    char foot[32];

    from = scrolled(&a->scroll[APPS_ACTIVITY], n, c.h - 2);
    shown_of(from, c.h - 2, a->pane == APPS_ACTIVITY ? n : 0, foot);
    struct canvas in = widget_box(c, "Activity", foot,
                                  a->pane == APPS_ACTIVITY ? WIDGET_FOCUS : 0);
    for (int y = 0; y < in.h && from + (size_t)y < n; y++)
        draw_event(in, y, &v->rows[n - 1 - from - (size_t)y]);
    if (!n)
        canvas_put(in, 0, 0, a->activity.err.code ? TERM_ERROR : TERM_DIM,
                   rk_str_c(a->activity.err.code ? a->activity.err.text : "quiet"));
}
