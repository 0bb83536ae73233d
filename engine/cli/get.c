/*
 * get.c: `reckon get ...`, `refresh` and `wait`: what the engine knows, as tables or as JSON.
 */
#include "cli/cli_int.h"

static const char *count(struct cli *c, int64_t n)
{
    return n ? rk_arena_f(c->arena, "%lld", (long long)n) : "-";
}

/* The one line that matters most: an operation, a hold, else what is not fine. */
static const char *remark(struct cli *c, const struct wire_app *a)
{
    if (a->operation)
        return rk_arena_f(c->arena, "operation %s", a->operation);
    if (a->held)
        return rk_arena_f(c->arena, "held: %s", a->held);
    if (a->message && a->message[0])
        return a->message;
    return a->observe ? "observe only" : a->locked ? "locked" : "-";
}

static const char *const app_heads[] = {"ENVIRONMENT", "APPLICATION", "VERDICT", "HEALTH",
                                        "VERSION", "REVISION", "DRIFT", "REMARK"};

static void add_app(struct cli *c, struct cli_table *t, const struct wire_app *a)
{
    const char *const cells[] = {
        a->environment, a->name, cli_state(c, a->verdict), cli_state(c, a->health), a->version,
        cli_short(c, a->revision ? a->revision : a->target), count(c, a->drifted), remark(c, a),
    };

    cli_row(c, t, cells);
}

static void print_apps(struct cli *c, const struct wire_app *v, size_t n)
{
    struct cli_table t = {app_heads, RK_LEN(app_heads), 0, 0, NULL};

    for (size_t i = 0; i < n; i++)
        add_app(c, &t, &v[i]);
    cli_table_print(c, &t);
}

/* What is wrong with a repository concerns every row: told beside them. */
static void say_repositories(struct cli *c)
{
    struct wire_status status = {0};
    struct rk_err none = {0};

    if (cli_call(c, "status", NULL, &status, &none))
        return;
    for (size_t i = 0; i < status.n_repositories; i++) {
        const struct wire_repository *r = &status.repositories[i];

        if (r->message && r->message[0])
            cli_say(c, "repository %s, answered %s ago: %s", r->name, cli_age(c, r->checked),
                    r->message);
    }
}

static int show_apps(struct cli *c, struct rk_err *err)
{
    struct wire_apps_params p = {
        .environment = cli_value(c, "environment"), .filter = cli_value(c, "filter"),
        .sort = cli_value(c, "sort"),
    };
    struct wire_app_page page = {0};

    if (cli_pages(c, "applications.list", &p, &page, 0, err))
        return cli_refused(c, err);
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_app_page, &page);
    else
        print_apps(c, page.apps, page.n_apps);
    say_repositories(c);
    if (page.n_apps)
        return CLI_DONE;
    cli_say(c, "no application matched");
    return CLI_NO;
}

int cli_get_apps(struct cli *c)
{
    struct rk_err err = {0};

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    return show_apps(c, &err);
}

/* ---- one application ---- */
static void line(struct cli *c, const char *key, const char *value)
{
    if (value && value[0])
        rk_buf_f(&c->out, "%-13s %s\n", key, value);
}

static const char *placed(struct cli *c, const char *file, int64_t number)
{
    if (!file || !file[0])
        return NULL;
    return number ? rk_arena_f(c->arena, "%s:%lld", file, (long long)number) : file;
}

static void print_next(struct cli *c, const struct wire_next *n)
{
    if (!n->action || strcmp(n->action, "none") == 0) {
        line(c, "next", n->reason);
        return;
    }
    line(c, "next", rk_arena_f(c->arena, "%s%s%s%s%s%s%s", n->action, n->at ? " at " : "",
                               n->at ? cli_time(c, n->at) : "", n->reason ? ": " : "",
                               n->reason ? n->reason : "", n->stop ? "; stop it with " : "",
                               n->stop ? n->stop : ""));
}

static void print_last(struct cli *c, const struct wire_app_detail *d)
{
    if (d->last_operation)
        line(c, "last", rk_arena_f(c->arena, "%s by %s, %s ago: %s", d->last_operation,
                                   cli_dash(d->last_actor), cli_age(c, d->last_time),
                                   cli_dash(d->last_result)));
    if (d->commit_subject)
        line(c, "commit", rk_arena_f(c->arena, "%s  %s, %s ago", d->commit_subject,
                                     cli_dash(d->commit_author), cli_age(c, d->commit_time)));
}

static void print_app(struct cli *c, const struct wire_app_detail *d)
{
    const struct wire_app *a = &d->row;

    line(c, "application", a->name);
    line(c, "environment", a->environment);
    line(c, "verdict", cli_state(c, a->verdict));
    line(c, "health", cli_state(c, a->health));
    line(c, "remark", remark(c, a));
    line(c, "error", d->error);
    line(c, "version", a->version);
    line(c, "runs", cli_short(c, a->revision));
    line(c, "git says", cli_short(c, a->target));
    line(c, "last good", cli_short(c, d->last_good));
    line(c, "policy", d->policy);
    line(c, "project", a->project);
    line(c, "source", rk_arena_f(c->arena, "%s %s", cli_dash(d->repository), cli_dash(d->path)));
    line(c, "destination", rk_arena_f(c->arena, "%s %s", cli_dash(a->cluster),
                                      cli_dash(a->namespace)));
    line(c, "manifest", placed(c, d->file, d->line));
    print_next(c, &d->next);
    print_last(c, d);
    for (size_t i = 0; i < d->n_causes; i++)
        line(c, "cause", rk_arena_f(c->arena, "%s  %s  %s", cli_state(c, d->causes[i].status),
                                    cli_dash(d->causes[i].object),
                                    cli_dash(d->causes[i].message)));
    for (size_t i = 0; i < d->n_sources; i++)
        line(c, d->sources[i].role,
             rk_arena_f(c->arena, "%s at %s  %s%s%s", cli_dash(d->sources[i].repository),
                        cli_dash(d->sources[i].ref), cli_short(c, d->sources[i].revision),
                        d->sources[i].message ? "  " : "",
                        d->sources[i].message ? d->sources[i].message : ""));
    for (size_t i = 0; i < d->n_lints; i++) {
        const char *at = placed(c, d->lints[i].file, d->lints[i].line);

        line(c, "note", rk_arena_f(c->arena, "%s%s%s", at ? at : "", at ? ": " : "",
                                   cli_dash(d->lints[i].text)));
    }
    if (d->n_siblings) {
        rk_buf_ch(&c->out, '\n');
        print_apps(c, d->siblings, d->n_siblings);
    }
}

static int show_app(struct cli *c, const char *name, struct rk_err *err)
{
    struct wire_app_ref p = {name};
    struct wire_app_detail d = {0};

    if (cli_first(c, "application.watch", &p, &d, err))
        return cli_refused(c, err);
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_app_detail, &d);
    else
        print_app(c, &d);
    return CLI_DONE;
}

int cli_get_app(struct cli *c)
{
    struct rk_err err = {0};

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    return show_app(c, c->operands[0], &err);
}

/* ---- resources ---- */
int cli_get_resources(struct cli *c)
{
    static const char *const heads[] = {"OBJECT", "VERDICT", "HEALTH", "WAVE", "DRIFT", "AGE",
                                        "SOURCE", "MESSAGE"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct wire_resources_params p = {.app = c->operands[0]};
    struct wire_resource_page page = {0};
    struct rk_err err = {0};

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "resources.watch", &p, &page, 0, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < page.n_resources; i++) {
        const struct wire_resource *r = &page.resources[i];
        const char *const cells[] = {
            r->object, cli_state(c, r->verdict), cli_state(c, r->health),
            rk_arena_f(c->arena, "%lld", (long long)r->wave), count(c, r->drifted),
            cli_age(c, r->created), placed(c, r->file, r->line),
            r->message && r->message[0] ? r->message : r->prune ? "no longer in git"
            : r->foreign ? "another automation's" : r->hook ? "hook" : NULL,
        };

        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_resource_page, &page);
    else
        cli_table_print(c, &t);
    return page.n_resources ? CLI_DONE : CLI_NO;
}

/* ---- environments ---- */
static const char *switches(struct cli *c, const struct wire_environment *e)
{
    struct rk_buf b rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_f(&b, "%s%s%s%s", e->prune ? " prune" : "", e->self_heal ? " selfHeal" : "",
             e->locked ? " locked" : "", e->validate ? " validate" : "");
    if (e->approvals)
        rk_buf_f(&b, " approvals=%lld", (long long)e->approvals);
    return rk_arena_strdup(c->arena, b.n ? b.p + 1 : "-");
}

static const char *trouble(struct cli *c, const struct wire_environment *e)
{
    if (e->frozen)
        return rk_arena_f(c->arena, "frozen by %s: %s", cli_dash(e->frozen_by),
                          cli_dash(e->frozen_reason));
    if (e->pending && e->pending[0])
        return rk_arena_f(c->arena, "waits for `reckon release %s --hold policy`: %s", e->name,
                          e->pending);
    return NULL;
}

int cli_get_environments(struct cli *c)
{
    static const char *const heads[] = {"ENVIRONMENT", "SYNC", "APPLICATIONS", "SWITCHES",
                                        "REMARK"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct wire_environments list = {0};
    struct rk_err err = {0};

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_call(c, "environment.list", NULL, &list, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < list.n_environments; i++) {
        const struct wire_environment *e = &list.environments[i];
        const char *const cells[] = {e->name, e->sync, count(c, e->applications), switches(c, e),
                                     trouble(c, e)};

        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_environments, &list);
    else
        cli_table_print(c, &t);
    say_repositories(c);
    return list.n_environments ? CLI_DONE : CLI_NO;
}

/* ---- operations ---- */
int cli_get_operations(struct cli *c)
{
    static const char *const heads[] = {"OPERATION", "KIND", "APPLICATION", "STATE", "STARTED",
                                        "ACTOR", "REVISION", "MESSAGE"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct wire_operations_params p = {.app = c->n_operands ? c->operands[0] : NULL,
                                       .running = cli_given(c, "running")};
    struct wire_operation_page page = {0};
    struct rk_err err = {0};
    int64_t limit;

    if (cli_number(c, "limit", 50, &limit, &err) || cli_connect(c, 0, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "operation.list", &p, &page, limit, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < page.n_operations; i++) {
        const struct wire_operation *o = &page.operations[i];
        const char *const cells[] = {
            o->id, o->kind, o->app, cli_state(c, o->state), cli_age(c, o->started), o->actor,
            cli_short(c, o->revision), o->message,
        };

        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_operation_page, &page);
    else
        cli_table_print(c, &t);
    return page.n_operations ? CLI_DONE : CLI_NO;
}

/* ---- refresh, wait ---- */
int cli_refresh(struct cli *c)
{
    struct wire_refresh_params p = {.app = c->n_operands ? c->operands[0] : NULL,
                                    .all = cli_given(c, "all"), .hard = cli_given(c, "hard")};
    struct rk_err err = {0};

    if (!p.app == !p.all)
        return cli_usage(c, "name an application, or give --all");
    if (cli_connect(c, p.app ? CLI_FRESH : 0, &err))
        return cli_fail(c, &err);
    if (cli_call(c, "refresh", &p, NULL, &err))
        return cli_refused(c, &err);
    return p.app ? show_app(c, p.app, &err) : show_apps(c, &err);
}

struct awaited { bool synced, healthy, met; char last[200]; };

static bool look(enum wire_event kind, const void *value, void *ctx)
{
    const struct wire_app *a = &((const struct wire_app_detail *)value)->row;
    struct awaited *w = ctx;
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;

    (void)kind;
    rk_buf_f(&text, "%s, %s%s%s", cli_dash(a->verdict), cli_dash(a->health),
             a->message && a->message[0] ? ": " : "", a->message ? a->message : "");
    if (text.n >= sizeof(w->last))
        text.p[sizeof(w->last) - 1] = 0;
    memcpy(w->last, text.p, strlen(text.p) + 1);
    w->met = !a->operation && (!w->synced || rk_streq(a->verdict, "Synced")) &&
             (!w->healthy || rk_streq(a->health, "Healthy"));
    return w->met;
}

int cli_wait(struct cli *c)
{
    struct wire_app_ref p = {c->operands[0]};
    struct awaited w = {.synced = cli_given(c, "synced"), .healthy = cli_given(c, "healthy")};
    struct rk_err err = {0};
    uint64_t limit;

    if (!w.synced && !w.healthy)
        w.synced = w.healthy = true;
    if (cli_duration(c, "timeout", 60000, &limit, &err) || cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_follow(c, "application.watch", &p, look, &w, limit, &err) == 0 && !w.met)
        (void)rk_fail(&err, RK_UNAVAILABLE, "%s left the engine's list; `reckon get apps` shows "
                      "what is there", p.app);
    if (w.met) {
        cli_say(c, "%s: %s", p.app, w.last);
        return CLI_DONE;
    }
    if (err.code != RK_TIMEOUT)
        return cli_refused(c, &err);
    cli_say(c, "%s: still %s; `reckon get app %s` tells why", p.app, w.last[0] ? w.last : "unknown",
            p.app);
    return CLI_NO;
}
