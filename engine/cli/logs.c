/*
 * logs.c: `logs` and `events` of an application or of one of its objects, as the cluster has them.
 */
#include "cli/cli_int.h"

struct logging { struct cli *c; struct rk_err failed; };

static bool on_lines(enum wire_event kind, const void *value, void *ctx)
{
    const struct wire_logs *logs = value;
    struct logging *l = ctx;
    bool json = cli_format(l->c, CLI_TEXT) == CLI_JSON;

    (void)kind;
    for (size_t i = 0; i < logs->n_lines; i++) {
        if (json)
            wire_print(&l->c->out, &wire_shape_log_row, &logs->lines[i]);
        else
            rk_buf_c(&l->c->out, logs->lines[i].text ? logs->lines[i].text : "");
        rk_buf_ch(&l->c->out, '\n');
    }
    return cli_flush(l->c, &l->failed) != 0;
}

int cli_logs(struct cli *c)
{
    struct wire_logs_params p = {
        .app = c->operands[0], .object = c->n_operands > 1 ? c->operands[1] : NULL,
        .container = cli_value(c, "container"), .follow = cli_given(c, "follow"),
        .previous = cli_given(c, "previous"),
    };
    struct logging l = {.c = c};
    struct rk_err err = {0};

    if (cli_number(c, "tail", 0, &p.tail, &err) || cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_follow(c, "logs.watch", &p, on_lines, &l, 0, &err))
        return err.code == RK_CANCELLED ? CLI_DONE : cli_refused(c, &err);
    return l.failed.code ? cli_fail(c, &l.failed) : CLI_DONE;
}

int cli_events(struct cli *c)
{
    static const char *const heads[] = {"AGE", "TYPE", "REASON", "COUNT", "OBJECT", "MESSAGE"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct wire_object_ref p = {c->operands[0], c->n_operands > 1 ? c->operands[1] : NULL};
    struct wire_events list = {0};
    struct rk_err err = {0};

    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_call(c, "events.list", &p, &list, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < list.n_events; i++) {
        const struct wire_event_row *e = &list.events[i];
        const char *const cells[] = {cli_age(c, e->time), e->type, e->reason,
                                     rk_arena_f(c->arena, "%lld", (long long)e->count), e->object,
                                     e->message};

        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_events, &list);
    else
        cli_table_print(c, &t);
    return list.n_events ? CLI_DONE : CLI_NO;
}
