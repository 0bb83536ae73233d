/*
 * write.c: `sync`, `promote`, `revert`, `adopt` and `plan`: a plan is made and shown; unless it is
 * a dry run it is armed with what was typed, started, and followed to its end. The engine owns the
 * operation: ending this program stops nothing. The revert of an environment is several operations
 * that share a commit: all of them are followed.
 */
#include "cli/cli_int.h"

#include "reckon/time.h"

struct following {
    struct cli *c;
    struct wire_operation *last;
    struct rk_arena *arena;     /* of last; a new one at each RESET */
    bool quiet;
};

/* ---- following ---- */
static void keep(struct following *f, enum wire_event kind, const struct wire_operation *o)
{
    if (kind == WIRE_RESET || !f->last) {
        rk_arena_free(f->arena);
        f->arena = rk_arena_new();
        f->last = rk_arena_alloc(f->arena, sizeof(*f->last));
    }
    wire_merge(f->arena, &wire_shape_operation, f->last, o);
}

static const char *state_before(const struct following *f, size_t i)
{
    return f->last && i < f->last->n_tasks ? f->last->tasks[i].state : NULL;
}

/* A line on stderr for each task that moved on. */
static bool on_operation(enum wire_event kind, const void *value, void *ctx)
{
    const struct wire_operation *o = value;
    struct following *f = ctx;

    for (size_t i = 0; i < o->n_tasks && !f->quiet; i++) {
        const struct wire_task *t = &o->tasks[i];

        if (t->state && !rk_streq(t->state, "waiting") &&
            !rk_streq(t->state, state_before(f, (size_t)o->offset + i)))
            cli_say(f->c, "%s %s %s/%s%s%s", t->state, cli_dash(t->action), cli_dash(t->kind),
                    cli_dash(t->name), t->message && t->message[0] ? ": " : "",
                    t->message ? t->message : "");
    }
    keep(f, kind, o);
    return o->finished != 0 && !o->more;
}

static int exit_of(struct cli *c, const struct wire_operation *o)
{
    if (rk_streq(o->state, "Succeeded"))
        return CLI_DONE;
    if (!rk_streq(o->state, "Failed"))
        return CLI_NO; /* Degraded, Stopped, Superseded: told in the output */
    return cli_usage(c, "%s failed: %s; `reckon get app %s` tells more", cli_dash(o->kind),
                     cli_dash(o->message), cli_dash(o->app));
}

/* One operation to its end; deadline: monotonic, 0 = none. */
static int follow_one(struct cli *c, const char *id, struct following *f, uint64_t deadline)
{
    struct wire_operation_ref p = {id};
    struct rk_err err = {0};
    uint64_t now = rk_mono_ms(), limit = deadline > now ? deadline - now : deadline != 0;

    if (cli_follow(c, "operation.watch", &p, on_operation, f, limit, &err) == 0 && f->last) {
        if (!f->quiet)
            cli_show_operation(c, f->last);
        return exit_of(c, f->last);
    }
    (void)rk_wrap(&err, "operation %s goes on in the engine (`reckon get operations` shows it, "
                  "`reckon stop %s` stops it)", id, id);
    f->last = NULL;
    return cli_fail(c, &err);
}

/* One JSON value: the operation; the page of them when several share a commit. */
static void json_of(struct cli *c, const struct following *f, size_t n)
{
    struct wire_operation_page page = {.total = (int64_t)n};

    page.operations = rk_arena_array(c->arena, n, sizeof(*page.operations));
    for (size_t i = 0; i < n; i++)
        if (f[i].last)
            page.operations[page.n_operations++] = *f[i].last;
    if (n > 1)
        cli_json(c, &wire_shape_operation_page, &page);
    else if (page.n_operations)
        cli_json(c, &wire_shape_operation, page.operations);
}

/* The operation and those that go on with its commit; the worst of their ends. */
static int follow(struct cli *c, const struct wire_operation *started)
{
    size_t n = started->n_followers + 1;
    struct following *f = rk_arena_array(c->arena, n, sizeof(*f));
    struct rk_err err = {0};
    uint64_t limit;
    int worst = CLI_DONE;

    if (cli_duration(c, "timeout", 0, &limit, &err))
        return cli_fail(c, &err);
    uint64_t deadline = limit ? rk_mono_ms() + limit : 0;
    for (size_t i = 0; i < n; i++) {
        f[i] = (struct following){.c = c, .quiet = cli_format(c, CLI_TEXT) == CLI_JSON};
        int rc = follow_one(c, i ? started->followers[i - 1] : started->id, &f[i],
                            deadline);
        worst = rc > worst ? rc : worst;
    }
    if (f[0].quiet)
        json_of(c, f, n);
    for (size_t i = 0; i < n; i++)
        rk_arena_free(f[i].arena);
    return worst;
}

/* ---- arming and starting ---- */
static bool does_nothing(const struct wire_plan *p)
{
    for (size_t i = 0; i < p->n_tasks; i++)
        if (!rk_streq(p->tasks[i].action, "keep"))
            return false;
    return !p->n_edits && !p->n_conflicts && !p->commit_message;
}

static int start(struct cli *c, const struct wire_plan *plan)
{
    const char *confirm = cli_value(c, "confirm"), *reason = cli_value(c, "reason");
    struct wire_arm_params arm = {plan->fingerprint, confirm, reason, confirm && reason};
    struct wire_plan_ref ref = {.fingerprint = plan->fingerprint};
    struct wire_plan armed = {0};
    struct wire_operation op = {0};
    struct rk_err err = {0};

    if (cli_call(c, "plan.arm", &arm, &armed, &err))
        return cli_refused(c, &err);
    if (armed.n_missing) {
        if (cli_format(c, CLI_TEXT) == CLI_JSON) /* what was refused, and what it wants */
            cli_json(c, &wire_shape_plan, &armed);
        cli_say_missing(c, &armed);
        return CLI_NO;
    }
    if (cli_call(c, "operation.start", &ref, &op, &err))
        return cli_refused(c, &err);
    if (!cli_given(c, "no-wait"))
        return follow(c, &op);
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_operation, &op);
    else
        cli_show_operation(c, &op);
    return CLI_DONE;
}

static void show(struct cli *c, const struct wire_plan *p)
{
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_plan, p);
    else
        cli_show_plan(c, p);
}

static int carry_out(struct cli *c, const struct wire_plan *plan, bool dry)
{
    bool json = cli_format(c, CLI_TEXT) == CLI_JSON;
    struct rk_err err = {0};

    if (dry || !json) /* one JSON value on stdout: of a real run the operation */
        show(c, plan);
    if (dry) {
        cli_say_missing(c, plan);
        return CLI_DONE;
    }
    if (does_nothing(plan)) {
        if (json)
            show(c, plan);
        cli_say(c, "nothing to do: %s is what git says", cli_dash(plan->app));
        return CLI_DONE;
    }
    if (cli_flush(c, &err)) /* the plan is read before it runs */
        return cli_fail(c, &err);
    return start(c, plan);
}

static int check_waiting(struct cli *c)
{
    uint64_t ignored;
    struct rk_err err = {0};

    if (cli_given(c, "wait") && cli_given(c, "no-wait"))
        return cli_usage(c, "--wait and --no-wait exclude each other");
    if (cli_duration(c, "timeout", 0, &ignored, &err))
        return cli_fail(c, &err);
    return CLI_DONE;
}

/* Asks for a plan, and for those of its tasks that the first answer had no room for. */
static int create(struct cli *c, const struct wire_plan_params *p, struct wire_plan *plan,
                  struct rk_err *err)
{
    if (cli_call(c, "plan.create", p, plan, err))
        return -1;
    if ((int64_t)plan->n_tasks >= plan->total)
        return 0;
    struct wire_plan_ref ref = {.fingerprint = plan->fingerprint};
    return cli_pages(c, "plan.get", &ref, plan, 0, err);
}

static int make_and_run(struct cli *c, struct wire_plan_params *p)
{
    struct wire_plan plan = {0};
    struct rk_err err = {0};
    int rc = check_waiting(c);

    p->dry_run = cli_given(c, "dry-run");
    if (rc)
        return rc;
    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (create(c, p, &plan, &err))
        return cli_refused(c, &err);
    return carry_out(c, &plan, p->dry_run);
}

/* ---- verbs ---- */
/* APP as typed may be the name, ENV/APP, or the name across environments. */
static bool plan_is_for(struct cli *c, const struct wire_plan *p, const char *app)
{
    const char *full = rk_arena_f(c->arena, "%s/%s", cli_dash(p->environment), cli_dash(p->app));
    const char *slash = strchr(app, '/');

    return rk_streq(app, p->app) || rk_streq(app, full) ||
           (slash && p->environment && strncmp(app, p->environment, (size_t)(slash - app)) == 0 &&
            p->confirm && rk_streq(app, p->confirm));
}

static int sync_reviewed(struct cli *c)
{
    static const char *const others[] = {"rev", "prune", "force", "resource", "dry-run"};
    struct wire_plan_ref ref = {.fingerprint = cli_value(c, "plan")};
    struct wire_plan plan = {0};
    struct rk_err err = {0};

    for (size_t i = 0; i < RK_LEN(others); i++)
        if (cli_given(c, others[i]))
            return cli_usage(c, "--%s does not go with --plan: a reviewed plan starts as it is",
                             others[i]);
    if (check_waiting(c))
        return CLI_ERROR;
    if (cli_connect(c, 0, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "plan.get", &ref, &plan, 0, &err))
        return cli_refused(c, &err);
    if (c->n_operands && !plan_is_for(c, &plan, c->operands[0]))
        return cli_usage(c, "plan %.12s is for %s/%s, not for %s; nothing was started",
                         cli_dash(plan.fingerprint), cli_dash(plan.environment),
                         cli_dash(plan.app), c->operands[0]);
    return carry_out(c, &plan, false);
}

static void sync_params(struct cli *c, struct wire_plan_params *p)
{
    *p = (struct wire_plan_params){
        .kind = "sync", .app = c->operands[0], .rev = cli_value(c, "rev"),
        .prune = cli_given(c, "prune"), .force = cli_given(c, "force"),
    };
    p->n_resources = cli_values(c, "resource", &p->resources);
}

int cli_sync(struct cli *c)
{
    struct wire_plan_params p;

    if (cli_given(c, "plan"))
        return sync_reviewed(c);
    if (!c->n_operands)
        return cli_usage(c, "name an application, or give --plan FINGERPRINT");
    sync_params(c, &p);
    return make_and_run(c, &p);
}

int cli_promote(struct cli *c)
{
    struct wire_plan_params p = {.kind = "promote", .app = c->operands[0],
                                 .to = cli_value(c, "to")};

    if (!p.to)
        return cli_usage(c, "--to ENVIRONMENT is missing: promote it where?");
    return make_and_run(c, &p);
}

int cli_revert(struct cli *c)
{
    struct wire_plan_params p = {.kind = "revert", .app = c->operands[0],
                                 .to = cli_value(c, "to"), .commit = cli_value(c, "commit"),
                                 .mode = cli_value(c, "mode")};

    if (!p.to == !p.commit)
        return cli_usage(c, "give --commit C (or A..B) to undo commits, or --to REV to restore "
                         "what a revision said");
    p.n_paths = cli_values(c, "path", &p.paths);
    p.n_leave_out = cli_values(c, "without", &p.leave_out);
    if (p.n_paths + p.n_leave_out && !p.mode)
        p.mode = "partial";
    return make_and_run(c, &p);
}

int cli_adopt(struct cli *c)
{
    struct wire_plan_params p = {.kind = "adopt", .app = c->operands[0]};

    p.n_paths = cli_values(c, "path", &p.paths);
    p.n_resources = cli_values(c, "resource", &p.resources);
    return make_and_run(c, &p);
}

int cli_plan(struct cli *c)
{
    struct wire_plan_params p;
    struct wire_plan plan = {0};
    struct rk_err err = {0};

    if (cli_given(c, "desired"))
        return cli_plan_files(c);
    if (!c->n_operands || cli_given(c, "live") || cli_given(c, "namespace") ||
        cli_given(c, "option"))
        return cli_usage(c, "name an application, or give --desired PATH (with --live, "
                         "--namespace, --option)");
    sync_params(c, &p);
    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (create(c, &p, &plan, &err))
        return cli_refused(c, &err);
    show(c, &plan);
    cli_say_missing(c, &plan);
    return CLI_DONE;
}
