/*
 * audit.c: `reckon audit verify --repo DIR`: the audit branches of a repository walked offline by
 * room record. In: a clone or bare repository, and the state folder that knows the last tips seen.
 * Out: a line (or a JSON row) an environment; exit 0 only when there is one and all hold.
 */
#include "admin/admin_int.h"
#include "record/record.h"

static void put_json(struct admin *c, const struct record_verify *rows, size_t n, bool ok)
{
    struct rk_arena *a = c->arena;
    struct doc_node *list = doc_list(a), *all = doc_map(a);

    for (size_t i = 0; i < n; i++) {
        const struct record_verify *r = &rows[i];
        struct doc_node *row = doc_map(a);

        doc_set_c(a, row, "environment", doc_string_c(a, r->environment));
        doc_set_c(a, row, "tip", doc_string_c(a, r->tip ? r->tip : ""));
        doc_set_c(a, row, "message", doc_string_c(a, r->message ? r->message : ""));
        doc_set_c(a, row, "ok", doc_bool(a, r->ok));
        doc_set_c(a, row, "entries", doc_int(a, r->entries));
        doc_push(a, list, row);
    }
    doc_set_c(a, all, "ok", doc_bool(a, ok));
    doc_set_c(a, all, "rows", list);
    doc_json_write(&c->out, all);
    rk_buf_ch(&c->out, '\n');
}

static void put_text(struct admin *c, const struct record_verify *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct record_verify *r = &rows[i];
        bool told = r->message && *r->message;

        rk_buf_f(&c->out, "%-16s %-6s %6lld %-9s %.7s%s%s\n", r->environment,
                 r->ok ? "ok" : "BROKEN", (long long)r->entries,
                 r->entries == 1 ? "entry" : "entries", r->tip ? r->tip : "", told ? "  " : "",
                 told ? r->message : "");
    }
}

static int run(struct admin *c, struct rk_err *err)
{
    const char *repo = admin_value(c, "repo"), *env = admin_value(c, "env"), *format;
    struct record_verify *rows = NULL;
    size_t n = 0;

    if (c->n_operands == 0 || !rk_streq(c->operands[0], "verify"))
        return rk_fail(err, RK_INVALID, "which? reckon audit verify --repo DIR");
    repo = repo ? repo : ".";
    if (admin_format(c, "text|json", "text", &format, err) < 0)
        return -1;
    if (record_verify(repo, admin_value(c, "state"), env, c->arena, &rows, &n, err) < 0)
        return rk_wrap(err, "verify");
    bool ok = n > 0;

    for (size_t i = 0; i < n; i++)
        ok = ok && rows[i].ok;
    if (rk_streq(format, "json"))
        put_json(c, rows, n, ok);
    else
        put_text(c, rows, n);
    if (n == 0)
        rk_buf_f(&c->notes, "reckon audit: %s has no branch reckon/audit/%s; fetch them with "
                            "git fetch origin '+refs/heads/reckon/*:refs/remotes/origin/reckon/*'\n",
                 repo, env ? env : "*");
    return ok ? ADMIN_DONE : ADMIN_NO;
}

static const struct admin_option options[] = {
    {"repo", 0, "DIR", "a clone, bare or not (else the current folder)"},
    {"state", 0, "DIR", "state folder that knows the tips last seen (else not checked)"},
    {"env", 0, "ENV", "only this environment"},
    {"output", 'o', "text|json", "how to print (text)"},
};
const struct admin_verb admin_audit_verb = {
    .name = "audit", .operands = "verify", .run = run, .most = 1,
    .help = "check the audit branches of a repository: order, chain, nothing lost or changed",
    .options = options, .n_options = RK_LEN(options),
};
