/*
 * show.c: fields, plans and operations as text, shared by diff, plan and the writing verbs. In: the
 * engine's structs, whose texts are safe already. Out: lines in c->out.
 */
#include "cli/cli_int.h"
#include "reckon/text.h"

static void put_source(struct cli *c, const char *file, int64_t line, const char *commit,
                       const char *author)
{
    if (!file || !file[0])
        return;
    rk_buf_f(&c->out, "  %s:%lld", file, (long long)line);
    if (commit)
        rk_buf_f(&c->out, " (%s%s%s)", cli_short(c, commit), author ? " " : "",
                 author ? author : "");
}

static void put_place(struct cli *c, const struct wire_field *f)
{
    put_source(c, f->file, f->line, f->commit, f->author);
}

static void put_owner(struct cli *c, const struct wire_field *f)
{
    if (!f->manager || !f->manager[0])
        return;
    rk_buf_f(&c->out, "  last written by %s", f->manager);
    if (f->subresource && f->subresource[0])
        rk_buf_f(&c->out, " (%s)", f->subresource);
    if (f->written)
        rk_buf_f(&c->out, " no later than %s", cli_time(c, f->written));
}

/* A long value is cut: `-o json` has it whole. */
static void put_value(struct cli *c, const char *json)
{
    size_t n = json ? strlen(json) : 0;

    if (!n)
        rk_buf_c(&c->out, "(absent)");
    else if (n <= 120)
        rk_buf_c(&c->out, json);
    else {
        rk_buf_str(&c->out, rk_utf8_head(rk_str_c(json), 117));
        rk_buf_c(&c->out, "...");
    }
}

void cli_show_field(struct cli *c, const struct wire_field *f)
{
    rk_buf_f(&c->out, "    %s%s\n      git   ", f->path && f->path[0] ? f->path : "/",
             f->ignored ? " (ignored by a rule)" : "");
    put_value(c, f->desired);
    put_place(c, f);
    rk_buf_c(&c->out, "\n      live  ");
    put_value(c, f->live);
    put_owner(c, f);
    rk_buf_ch(&c->out, '\n');
}

void cli_show_compared(struct cli *c, const struct wire_field *f)
{
    rk_buf_f(&c->out, "    %s\n      from  ", f->path && f->path[0] ? f->path : "/");
    put_value(c, f->live);
    put_source(c, f->from_file, f->from_line, f->from_commit, f->from_author);
    rk_buf_c(&c->out, "\n      to    ");
    put_value(c, f->desired);
    put_place(c, f);
    rk_buf_ch(&c->out, '\n');
}

static const char *object_text(struct cli *c, const struct wire_task *t)
{
    return rk_arena_f(c->arena, "%s/%s/%s/%s", t->group ? t->group : "", cli_dash(t->kind),
                      t->namespace ? t->namespace : "", cli_dash(t->name));
}

static const char *risks_text(struct cli *c, const struct wire_task *t)
{
    struct rk_buf b rk_auto(rk_buf_release) = RK_BUF_INIT;

    for (size_t i = 0; i < t->n_risks; i++)
        rk_buf_f(&b, "%s%s", i ? ", " : "", t->risks[i]);
    if (t->message && t->message[0])
        rk_buf_f(&b, "%s%s", b.n ? ", " : "", t->message);
    return rk_arena_strdup(c->arena, b.p);
}

/* The tasks of a whole environment say whose each is. */
static void show_tasks(struct cli *c, const struct wire_task *v, size_t n, bool states)
{
    const char *const heads[] = {"APP", "PHASE", "WAVE", states ? "STATE" : "ACTION", "OBJECT",
                                 states ? "MESSAGE" : "RISK"};
    const size_t skip = n && v[0].app ? 0 : 1;
    struct cli_table t = {heads + skip, RK_LEN(heads) - skip, 0, 0, NULL};

    for (size_t i = 0; i < n; i++) {
        const char *const cells[] = {
            v[i].app, v[i].phase, rk_arena_f(c->arena, "%lld", (long long)v[i].wave),
            cli_state(c, states ? v[i].state : v[i].action), object_text(c, &v[i]),
            risks_text(c, &v[i]),
        };

        cli_row(c, &t, cells + skip);
    }
    cli_table_print(c, &t);
}

static void show_lines(struct cli *c, const char *sign, const char *text)
{
    for (rk_str rest = rk_str_c(text); rest.n;) {
        rk_str one = rk_str_cut(rest, '\n', &rest);

        rk_buf_f(&c->out, "  %s " RK_FMT_STR "\n", sign, RK_ARG_STR(one));
    }
}

void cli_show_more(struct cli *c, int64_t n, const char *what)
{
    if (n)
        rk_buf_f(&c->out, "  ... and %lld more %s\n", (long long)n, what);
}

static void show_changes(struct cli *c, const struct wire_plan *p)
{
    for (size_t i = 0; i < p->n_edits; i++) {
        rk_buf_f(&c->out, "%s:%lld\n", cli_dash(p->edits[i].file), (long long)p->edits[i].line);
        show_lines(c, "-", p->edits[i].before);
        show_lines(c, "+", p->edits[i].after);
    }
    cli_show_more(c, p->more_edits, "changes of files");
    if (p->commit_message && p->commit_message[0]) {
        rk_buf_c(&c->out, "commit message:\n");
        show_lines(c, "|", p->commit_message);
    }
    for (size_t i = 0; i < p->n_conflicts; i++)
        rk_buf_f(&c->out, "x conflict in %s\n", cli_dash(p->conflicts[i].file));
}

void cli_show_plan(struct cli *c, const struct wire_plan *p)
{
    rk_buf_f(&c->out, "plan %s  %s %s%s%s at %s%s%s\n", cli_dash(p->fingerprint),
             cli_dash(p->kind), cli_dash(p->environment), p->app ? "/" : "",
             p->app ? p->app : "", cli_short(c, p->revision), p->subject ? "  " : "", p->subject ? p->subject : "");
    if (p->policy && p->policy[0])
        rk_buf_f(&c->out, "policy: %s\n", p->policy);
    show_changes(c, p);
    show_tasks(c, p->tasks, p->n_tasks, false);
    for (size_t i = 0; i < p->n_tasks; i++) {
        const struct wire_task *t = &p->tasks[i];

        if (t->n_fields)
            rk_buf_f(&c->out, "  %s\n", object_text(c, t));
        for (size_t k = 0; k < t->n_fields; k++)
            cli_show_field(c, &t->fields[k]);
        cli_show_more(c, t->more_fields, "fields");
    }
}

void cli_show_operation(struct cli *c, const struct wire_operation *o)
{
    rk_buf_f(&c->out, "operation %s  %s %s/%s  %s%s%s\n", cli_dash(o->id), cli_dash(o->kind),
             cli_dash(o->environment), cli_dash(o->app), cli_state(c, o->state),
             o->message && o->message[0] ? ": " : "", o->message ? o->message : "");
    if (o->commit && o->commit[0])
        rk_buf_f(&c->out, "commit %s%s\n", cli_short(c, o->commit),
                 o->pushed ? ", pushed" : o->pinned ? ", not pushed yet" : "");
    show_tasks(c, o->tasks, o->n_tasks, true);
}

void cli_say_missing(const struct cli *c, const struct wire_plan *p)
{
    for (size_t i = 0; i < p->n_missing; i++)
        cli_say(c, "%s", p->missing[i]);
}
