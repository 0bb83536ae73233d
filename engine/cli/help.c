/*
 * help.c: `reckon help`, `reckon help VERB`, `--help` and `--version`, all printed from the verb
 * table. Asked-for help is data: stdout, exit 0.
 */
#include "cli/cli_int.h"

#define INDENT 26

static void put_usage(struct rk_buf *out, const struct cli_verb *v)
{
    rk_buf_f(out, "reckon %s", v->name);
    for (size_t i = 0; i < v->options.n; i++) {
        const struct cli_option *o = &v->options.v[i];

        if (o->hidden)
            continue;
        rk_buf_f(out, " [--%s%s%s]%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "",
                 o->many ? "..." : "");
    }
    if (cli_output_of(v))
        rk_buf_f(out, " [-o %s]", cli_output_of(v)->words);
    if (v->operands[0])
        rk_buf_f(out, " %s", v->operands);
    rk_buf_ch(out, '\n');
}

static void put_option(struct rk_buf *out, const struct cli_option *o)
{
    size_t at = out->n;

    if (o->hidden)
        return;
    rk_buf_c(out, "  ");
    if (o->letter)
        rk_buf_f(out, "-%c, ", o->letter);
    rk_buf_f(out, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    rk_buf_f(out, "%*s%s", out->n - at < INDENT ? (int)(INDENT - (out->n - at)) : 2, "", o->help);
    if (o->words)
        rk_buf_f(out, " (%s)", o->words);
    rk_buf_ch(out, '\n');
}

static void put_options(struct rk_buf *out, struct cli_options o)
{
    for (size_t i = 0; i < o.n; i++)
        put_option(out, &o.v[i]);
}

void cli_help_verb(struct rk_buf *out, const struct cli_verb *v)
{
    rk_buf_f(out, "%s\n\n", v->help);
    put_usage(out, v);
    if (v->more)
        rk_buf_f(out, "\n%s\n", v->more);
    if (v->options.n || cli_output_of(v))
        rk_buf_c(out, "\nOptions:\n");
    put_options(out, v->options);
    if (cli_output_of(v))
        put_option(out, cli_output_of(v));
    rk_buf_c(out, "\nOptions of every verb:\n");
    put_options(out, cli_global_options);
}

static void put_row(struct rk_buf *out, const struct cli_verb *v)
{
    size_t at = out->n;

    rk_buf_f(out, "  %s%s%s", v->name, v->operands[0] ? " " : "", v->operands);
    rk_buf_f(out, "%*s%s\n", out->n - at < INDENT ? (int)(INDENT - (out->n - at)) : 2, "",
             v->help);
}

void cli_help_all(struct rk_buf *out)
{
    rk_buf_c(out, "reckon: shows what git says and what the clusters run, and closes the gap\n\n"
             "usage: reckon [OPTION]...            the console\n"
             "       reckon [OPTION]... VERB ...\n\nVerbs:\n");
    for (size_t i = 0; i < cli_n_verbs; i++)
        if (!cli_verbs[i].hidden)
            put_row(out, &cli_verbs[i]);
    rk_buf_c(out, "\nOptions of every verb:\n");
    put_options(out, cli_global_options);
    rk_buf_c(out, "\n`reckon help VERB` tells more. Exit: 0 done, no difference; 1 difference, "
             "denied, not healthy,\nnothing matched; 2 error.\n");
}

/* The verb of that name, or all verbs that begin with the word ("get"). */
static size_t put_matching(struct rk_buf *out, const char *name)
{
    size_t n = strlen(name), found = 0;

    for (size_t i = 0; i < cli_n_verbs; i++) {
        const struct cli_verb *v = &cli_verbs[i];

        if (strcmp(v->name, name) == 0) {
            cli_help_verb(out, v);
            return 1;
        }
        if (strncmp(v->name, name, n) == 0 && v->name[n] == ' ') {
            put_row(out, v);
            found++;
        }
    }
    return found;
}

int cli_help_of(struct cli *c, const char *name, const char *second)
{
    const char *full = second ? rk_arena_f(c->arena, "%s %s", name, second) : name;
    struct cli_near near = {.typed = full};
    const char *best;

    if (!full) {
        cli_help_all(&c->out);
        return CLI_DONE;
    }
    if (put_matching(&c->out, full))
        return CLI_DONE;
    for (size_t i = 0; i < cli_n_verbs; i++)
        cli_near_try(&near, cli_verbs[i].name);
    best = cli_near_best(&near);
    return cli_usage(c, "no verb %s%s%s%s; `reckon help` lists them", full,
                     best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

int cli_help(struct cli *c)
{
    if (cli_given(c, "man"))
        cli_man(&c->out);
    else if (cli_given(c, "completion"))
        cli_completion(&c->out);
    else
        return cli_help_of(c, c->n_operands ? c->operands[0] : NULL,
                           c->n_operands > 1 ? c->operands[1] : NULL);
    return CLI_DONE;
}

int cli_version(struct cli *c)
{
    rk_buf_f(&c->out, "reckon %s\n", RK_VERSION);
    return CLI_DONE;
}
