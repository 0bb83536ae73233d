/*
 * records.c: `history`, `audit log` and `audit verify`. Without an engine the audit of a clone is
 * verified by reckon-engine (--repo).
 */
#include "cli/cli_int.h"
#include "reckon/time.h"

static const char *seconds(struct cli *c, int64_t ms)
{
    return ms ? rk_arena_f(c->arena, "%lld.%llds", (long long)(ms / 1000),
                           (long long)(ms % 1000 / 100)) : "-";
}

int cli_history(struct cli *c)
{
    static const char *const heads[] = {"TIME", "KIND", "RESULT", "ACTOR", "FROM", "TO", "TOOK",
                                        "SUBJECT"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct wire_history_params p = {.app = c->operands[0]};
    struct wire_history h = {0};
    struct rk_err err = {0};
    int64_t limit;

    if (cli_number(c, "limit", 50, &limit, &err) || cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "history.list", &p, &h, limit, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < h.n_rows; i++) {
        const struct wire_history_row *r = &h.rows[i];
        const char *const cells[] = {
            cli_time(c, r->time), r->kind, cli_state(c, r->result), r->actor,
            cli_short(c, r->from), cli_short(c, r->to), seconds(c, r->duration_ms),
            r->reason && r->reason[0] ? r->reason : r->subject,
        };

        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_history, &h);
    else
        cli_table_print(c, &t);
    return h.n_rows ? CLI_DONE : CLI_NO;
}

/* ---- audit log ---- */
/* RFC 4180; a cell that a spreadsheet would run as a formula gets an apostrophe. */
static void put_cell(struct rk_buf *out, const char *text, bool last)
{
    rk_buf_c(out, "\"");
    if (text && text[0] && strchr("=+-@\t\r", text[0]))
        rk_buf_ch(out, '\'');
    for (; text && *text; text++)
        rk_buf_c(out, *text == '"' ? "\"\"" : (const char[]){*text, 0});
    rk_buf_c(out, last ? "\"\r\n" : "\",");
}

static void print_csv(struct cli *c, const struct wire_audit *a)
{
    static const char *const heads[] = {"seq", "time", "id", "kind", "environment", "app", "from",
                                        "to", "actor", "approver", "reason", "result", "commit",
                                        "plan", "pushed", "flagged"};

    for (size_t i = 0; i < RK_LEN(heads); i++)
        rk_buf_f(&c->out, "%s%s", heads[i], i + 1 < RK_LEN(heads) ? "," : "\r\n");
    for (size_t i = 0; i < a->n_rows; i++) {
        const struct wire_audit_row *r = &a->rows[i];
        const char *const cells[] = {
            rk_arena_f(c->arena, "%lld", (long long)r->seq), cli_time(c, r->time), r->id, r->kind,
            r->environment, r->app, r->from, r->to, r->actor, r->approver, r->reason, r->result,
            r->commit, r->plan, r->pushed ? "true" : "false", r->flagged ? "true" : "false",
        };

        for (size_t k = 0; k < RK_LEN(cells); k++)
            put_cell(&c->out, cells[k], k + 1 == RK_LEN(cells));
    }
}

static void print_audit(struct cli *c, const struct wire_audit *a)
{
    static const char *const heads[] = {"SEQ", "TIME", "ENVIRONMENT", "APPLICATION", "KIND",
                                        "RESULT", "ACTOR", "TO", "PUSHED", "REASON"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};

    for (size_t i = 0; i < a->n_rows; i++) {
        const struct wire_audit_row *r = &a->rows[i];
        const char *const cells[] = {
            rk_arena_f(c->arena, "%lld", (long long)r->seq), cli_time(c, r->time),
            r->environment, r->app, r->kind, cli_state(c, r->result), r->actor,
            cli_short(c, r->to), r->flagged ? "! flagged" : r->pushed ? "yes" : "no", r->reason,
        };

        cli_row(c, &t, cells);
    }
    cli_table_print(c, &t);
}

/* A moment (RFC 3339), or how long ago (24h). */
static int read_since(struct cli *c, int64_t *out, struct rk_err *err)
{
    const char *text = cli_value(c, "since");
    uint64_t ago;

    *out = 0;
    if (!text || rk_time_parse(rk_str_c(text), out))
        return 0;
    if (!rk_str_duration(rk_str_c(text), &ago))
        return rk_fail(err, RK_INVALID, "--since %s: wanted a time such as 2026-11-21T00:00:00Z, "
                       "or how long ago, such as 24h", text);
    *out = c->now - (int64_t)ago;
    return 0;
}

int cli_audit_log(struct cli *c)
{
    struct wire_audit_params p = {.environment = cli_value(c, "env")};
    struct wire_audit a = {0};
    struct rk_err err = {0};
    int64_t limit;

    if (read_since(c, &p.since, &err) || cli_number(c, "limit", 0, &limit, &err) ||
        cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_pages(c, "audit.list", &p, &a, limit, &err))
        return cli_refused(c, &err);
    switch (cli_format(c, CLI_TEXT)) {
    case CLI_JSON:
        cli_json(c, &wire_shape_audit, &a);
        break;
    case CLI_CSV:
        print_csv(c, &a);
        break;
    case CLI_TEXT:
        print_audit(c, &a);
        break;
    }
    return a.n_rows ? CLI_DONE : CLI_NO;
}

/* ---- audit verify ---- */
static int verify_offline(struct cli *c)
{
    const char *env = cli_value(c, "env"), *output = cli_value(c, "output");
    const char *words[10] = {"audit", "verify", "--repo", c->globals.repo};
    size_t n = 4;

    if (env) {
        words[n++] = "--env";
        words[n++] = env;
    }
    if (output) {
        words[n++] = "-o";
        words[n++] = output;
    }
    words[n] = NULL;
    return cli_exec_engine(c, words);
}

int cli_audit_verify(struct cli *c)
{
    static const char *const heads[] = {"ENVIRONMENT", "VERDICT", "ENTRIES", "TIP", "MESSAGE"};
    struct cli_table t = {heads, RK_LEN(heads), 0, 0, NULL};
    struct wire_audit_params p = {.environment = cli_value(c, "env")};
    struct wire_verify v = {0};
    struct rk_err err = {0};

    if (c->globals.repo)
        return verify_offline(c);
    if (cli_connect(c, CLI_FRESH, &err))
        return cli_fail(c, &err);
    if (cli_call(c, "audit.verify", &p, &v, &err))
        return cli_refused(c, &err);
    for (size_t i = 0; i < v.n_rows; i++) {
        const struct wire_verify_row *r = &v.rows[i];
        const char *const cells[] = {r->environment, r->ok ? "= whole" : "x broken",
                                     rk_arena_f(c->arena, "%lld", (long long)r->entries),
                                     cli_short(c, r->tip), r->message};

        cli_row(c, &t, cells);
    }
    if (cli_format(c, CLI_TEXT) == CLI_JSON)
        cli_json(c, &wire_shape_verify, &v);
    else
        cli_table_print(c, &t);
    return v.ok ? CLI_DONE : CLI_NO;
}
