/*
 * confirm.c: the dialog before anything that changes something outside of a plan: freeze, unlock,
 * stop, release, validate. It says what will be so, takes a reason where one is kept, and only the
 * apply key does it: Enter never writes. Keys of its first 400 ms, and of the 400 ms after the
 * reason, are dropped: they were meant for what stood there before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "view/view_int.h"

struct what {
    const char *name, *title, *method;
    bool reason;                /* one is needed */
    const char *says;           /* what will be so */
};

static const struct what whats[] = {
    {"freeze", "Freeze", "freeze.set", true, "Nothing starts by itself there until it is unfrozen."},
    {"unfreeze", "Unfreeze", "freeze.set", true, "Automation goes on as the policy says."},
    {"unlock", "Unlock", "lock.set", true, "You may change it for 15 minutes. It is audited."},
    {"lock", "Lock", "lock.set", false, "It is locked again at once."},
    {"stop", "Stop", "operation.stop", false, "The wave that runs is finished, then it stops."},
    {"abort", "Abort", "operation.stop", false, "It stops now; what was applied stays applied."},
    {"release", "Release", "hold.release", true, "What holds it is let go; automation goes on."},
    {"validate", "Validate", "validate", false, "You say that what runs here is good."},
};

struct confirm {
    struct view v;
    const struct what *what;
    char *app, *environment, *operation;
    struct widget_edit reason;
    struct run_timer *timer;
    bool dead, armed, sent;
    char trouble[480];
};

static struct confirm *confirm_of(struct view *v)
{
    return (struct confirm *)v;
}

static const char *target_of(const struct confirm *c)
{
    return c->app ? c->app : c->environment ? c->environment : "";
}

/* ---- dead time ---- */
static void alive(void *ctx)
{
    struct confirm *c = ctx;

    c->dead = false;
    c->v.host->drop_input(c->v.host->ctx);
    c->v.host->changed(c->v.host->ctx);
}

static void wait_for_eyes(struct confirm *c)
{
    c->dead = true;
    c->v.host->drop_input(c->v.host->ctx);
    if (c->timer)
        run_timer_again(c->timer, VIEW_DEAD_MS);
    else
        c->timer = run_timer_start(c->v.host->loop, VIEW_DEAD_MS, 0, alive, c);
}

static void arm(struct confirm *c)
{
    c->armed = true;
    c->v.typing = false;
    wait_for_eyes(c);
}

/* ---- sending ---- */
static void answered(struct view *v, void *value, struct rk_arena *mem, const struct rk_err *err,
                     void *ctx)
{
    struct confirm *c = confirm_of(v);

    (void)value;
    (void)ctx;
    rk_arena_free(mem);
    if (err) {
        c->sent = false;
        (void)snprintf(c->trouble, sizeof(c->trouble), "%s", err->text);
        return;
    }
    view_say(v, TERM_OK, "%s of %s is done", c->what->name, target_of(c));
    v->host->back(v->host->ctx);
}

static void send(struct confirm *c)
{
    const char *name = c->what->name, *reason = c->reason.text.n ? c->reason.text.p : NULL;
    struct wire_freeze_params freeze = {target_of(c), reason, rk_streq(name, "freeze")};
    struct wire_lock_params lock = {c->environment, reason, rk_streq(name, "unlock")};
    struct wire_stop_params stop = {c->operation, rk_streq(name, "abort") ? "now" : "wave"};
    struct wire_release_params release = {.app = target_of(c), .reason = reason};
    struct wire_validate_params validate = {target_of(c), reason};
    const struct { const char *method; const void *params; } rows[] = {
        {"freeze.set", &freeze}, {"lock.set", &lock}, {"operation.stop", &stop},
        {"hold.release", &release}, {"validate", &validate},
    };

    c->sent = true;
    c->trouble[0] = 0;
    for (size_t i = 0; i < RK_LEN(rows); i++)
        if (rk_streq(rows[i].method, c->what->method))
            view_call(&c->v, rows[i].method, rows[i].params, answered, NULL);
}

/* ---- keys ---- */
static bool confirm_act(struct view *v, enum view_action act)
{
    struct confirm *c = confirm_of(v);

    if (act == ACT_BACK || act == ACT_CANCEL) {
        v->host->back(v->host->ctx);
        return true;
    }
    if (act != ACT_APPLY)
        return true;            /* nothing else reaches what is below */
    if (c->dead || !c->armed || c->sent)
        return true;
    if (v->host->connected)
        send(c);
    else /* a call waits for the engine: it would be written when nobody looks any more */
        (void)snprintf(c->trouble, sizeof(c->trouble), "the engine is away: nothing was asked for");
    return true;
}

static bool confirm_key(struct view *v, const struct term_key *k)
{
    struct confirm *c = confirm_of(v);

    if (c->dead)
        return true;
    if (k->code == TERM_KEY_ENTER && c->reason.text.n) {
        arm(c);
        return true;
    }
    if (k->code == TERM_KEY_ENTER)
        (void)snprintf(c->trouble, sizeof(c->trouble), "a reason is needed");
    else if (widget_edit_key(&c->reason, k) != WIDGET_IGNORED)
        c->trouble[0] = 0;
    return true;
}

/* ---- drawing ---- */
static void draw_reason(const struct confirm *c, struct canvas in, int y)
{
    if (!c->what->reason)
        return;
    canvas_put(in, 1, y, TERM_DIM, RK_STR("reason"));
    widget_edit_draw(in, 9, y, in.w - 10, &c->reason, c->v.typing && !c->dead);
}

static void draw_foot(const struct confirm *c, struct canvas in, int x, int y)
{
    const char *apply = c->v.host->key(ACT_APPLY, c->v.host->ctx);

    if (c->sent)
        canvas_put(in, x, y, TERM_PROGRESS, RK_STR("~ asked the engine ..."));
    else if (c->dead)
        canvas_put(in, x, y, TERM_DIM, RK_STR("read it first ..."));
    else if (c->armed)
        canvas_putf(in, x, y, TERM_KEY, "%s %s it     q cancel", apply ? apply : "-",
                    c->what->name);
    else
        canvas_put(in, x, y, TERM_KEY, RK_STR("type the reason, then Enter; Esc cancels"));
}

static void confirm_draw(struct view *v, struct canvas c)
{
    struct confirm *k = confirm_of(v);
    struct rk_buf head rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    bool production = v->production;
    size_t n = 0;

    rk_buf_f(&head, "%s%s", k->what->title, production ? "  PRODUCTION" : "");
    struct canvas in = widget_dialog(c, 66, 11, head.p, WIDGET_FOCUS |
                                     (production ? WIDGET_DOUBLE : 0));
    canvas_putf(in, 1, 1, production ? TERM_ENV_PROD : TERM_TITLE, "%s %s", k->what->title,
                target_of(k));
    rk_str *lines = widget_wrap(mem, rk_str_c(k->what->says), in.w - 2, &n);
    for (size_t i = 0; i < n && i < 2; i++)
        canvas_put(in, 1, 2 + (int)i, TERM_BASE, lines[i]);
    draw_reason(k, in, 5);
    if (k->trouble[0])
        canvas_put(in, 1, 6, TERM_ERROR, rk_str_c(k->trouble));
    draw_foot(k, in, 1, in.h - 1);
}

/* The guards are the same where there is no room for the dialog. */
static void confirm_small(struct view *v, struct canvas c)
{
    struct confirm *k = confirm_of(v);
    struct rk_arena *mem rk_auto(rk_arena_freep) = rk_arena_new();
    const char *text = rk_arena_f(mem, "%s%s %s?  %s", v->production ? "PRODUCTION: " : "",
                                  k->what->title, target_of(k), k->what->says);
    size_t n = 0;
    int y = 0, rest = k->what->reason ? 3 : 2;
    rk_str *lines = widget_wrap(mem, rk_str_c(widget_safe(mem, text)), c.w, &n);

    for (size_t i = 0; i < n && y < c.h - rest; i++)
        canvas_put(c, 0, y++, v->production ? TERM_ENV_PROD : TERM_TITLE, lines[i]);
    if (k->what->reason)
        widget_edit_draw(c, 0, y++, c.w, &k->reason, v->typing && !k->dead);
    if (k->trouble[0])
        canvas_put(c, 0, y++, TERM_ERROR, rk_str_c(k->trouble));
    draw_foot(k, c, 0, y);
}

static const enum view_action *confirm_hints(struct view *v)
{
    static const enum view_action typing[] = {ACT_CANCEL, ACT_NONE};
    static const enum view_action armed[] = {ACT_APPLY, ACT_BACK, ACT_NONE};

    return confirm_of(v)->armed ? armed : typing;
}

/* ---- life ---- */
static char *keep(const char *s)
{
    return s ? rk_strdup(s) : NULL;
}

static int confirm_open(struct view *v, const struct view_target *t, struct rk_err *err)
{
    struct confirm *c = confirm_of(v);

    for (size_t i = 0; i < RK_LEN(whats); i++)
        if (rk_streq(whats[i].name, t->what))
            c->what = &whats[i];
    c->reason.text = RK_BUF_INIT;
    if (!c->what)
        return rk_fail(err, RK_INVALID, "nothing to confirm: %s", t->what ? t->what : "");
    c->app = keep(t->app);
    c->environment = keep(t->environment);
    c->operation = keep(t->operation);
    v->modal = true;
    v->production = widget_is_production(t->environment, false);
    v->typing = c->what->reason;
    c->armed = !c->what->reason;
    wait_for_eyes(c);
    return 0;
}

static void confirm_close(struct view *v)
{
    struct confirm *c = confirm_of(v);

    run_timer_stop(c->timer);
    widget_edit_release(&c->reason);
    free(c->app);
    free(c->environment);
    free(c->operation);
}

const struct view_class view_confirm = {
    .name = "confirm", .title = "Confirm", .size = sizeof(struct confirm), .open = confirm_open,
    .close = confirm_close, .draw = confirm_draw, .small = confirm_small, .act = confirm_act,
    .key = confirm_key, .hints = confirm_hints,
};
