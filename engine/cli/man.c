/*
 * man.c: the man page (mdoc) and bash completion, from the verb table. Out: text. The Makefile's
 * targets `man` and `completion` write them to files.
 */
#include "cli/cli_int.h"

/* mdoc: a leading dot or quote would be a macro, a backslash an escape, a dash a hyphen. */
static void put_text(struct rk_buf *out, const char *text)
{
    bool start = true;

    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            rk_buf_c(out, "\\&");
        if (*text == '\\')
            rk_buf_c(out, "\\e");
        else if (*text == '-')
            rk_buf_c(out, "\\-");
        else
            rk_buf_ch(out, *text);
        start = *text == '\n';
    }
}

static void put_line(struct rk_buf *out, const char *text)
{
    put_text(out, text);
    rk_buf_ch(out, '\n');
}

static void put_option(struct rk_buf *out, const struct cli_option *o)
{
    if (o->hidden)
        return;
    rk_buf_c(out, ".It ");
    if (o->letter)
        rk_buf_f(out, "Fl %c , ", o->letter);
    rk_buf_f(out, "Fl \\-%s", o->name);
    if (o->arg) {
        rk_buf_c(out, " Ar ");
        put_text(out, o->arg);
    }
    rk_buf_ch(out, '\n');
    put_text(out, o->help);
    if (o->words)
        rk_buf_f(out, " (%s)", o->words);
    rk_buf_ch(out, '\n');
}

static void put_options(struct rk_buf *out, struct cli_options o, const struct cli_option *also)
{
    rk_buf_c(out, ".Bl -tag -width Ds -compact\n");
    for (size_t i = 0; i < o.n; i++)
        put_option(out, &o.v[i]);
    if (also)
        put_option(out, also);
    rk_buf_c(out, ".El\n");
}

static void put_verb(struct rk_buf *out, const struct cli_verb *v)
{
    rk_buf_f(out, ".It Cm %s", v->name);
    if (v->operands[0]) {
        rk_buf_c(out, " Ar ");
        put_text(out, v->operands);
    }
    rk_buf_ch(out, '\n');
    put_line(out, v->help);
    if (v->more) {
        rk_buf_c(out, ".Pp\n");
        put_line(out, v->more);
    }
    if (v->options.n || cli_output_of(v))
        put_options(out, v->options, cli_output_of(v));
}

void cli_man(struct rk_buf *out)
{
    rk_buf_c(out, ".Dd $Mdocdate$\n.Dt RECKON 1\n.Os\n.Sh NAME\n.Nm reckon\n"
             ".Nd GitOps operations console\n.Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar verb ...\n"
             ".Sh DESCRIPTION\n");
    put_line(out, "Git says what should run. An engine renders it, compares it with the clusters, "
             "shows every difference and its author, and closes it: by itself where policy "
             "allows, by a reviewed plan where it must not.");
    put_line(out, "Standard output carries data only, standard error messages only.");
    rk_buf_c(out, ".Sh OPTIONS\nEvery verb takes these:\n");
    put_options(out, cli_global_options, NULL);
    rk_buf_c(out, ".Sh VERBS\n.Bl -tag -width Ds\n");
    for (size_t i = 0; i < cli_n_verbs; i++)
        if (!cli_verbs[i].hidden)
            put_verb(out, &cli_verbs[i]);
    rk_buf_c(out, ".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev RECKON_SOCKET\n"
             "The engine's socket.\n.It Ev XDG_RUNTIME_DIR , XDG_STATE_HOME , XDG_CONFIG_HOME\n"
             "Where sockets, state and settings lie.\n.El\n"
             ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n.It 0\nDone, no difference, allowed.\n"
             ".It 1\nDifference, denied, not healthy, nothing matched.\n.It 2\nError.\n.El\n");
}

/* ---- completion ---- */
static void put_words(struct rk_buf *out, struct cli_options o, bool table)
{
    for (size_t i = 0; i < o.n; i++)
        if (!o.v[i].hidden)
            rk_buf_f(out, " --%s", o.v[i].name);
    rk_buf_c(out, table ? " --output" : "");
}

/* The words that can follow `before` ("" = the first): each once. */
static void put_next(struct rk_buf *out, const char *before)
{
    size_t n = strlen(before);
    rk_str last = RK_STR_NONE;

    for (size_t i = 0; i < cli_n_verbs; i++) {
        const struct cli_verb *v = &cli_verbs[i];
        rk_str word;

        if (v->hidden || strncmp(v->name, before, n) != 0 || (n && v->name[n] != ' '))
            continue;
        word = rk_str_cut(rk_str_c(v->name + n + (n > 0)), ' ', NULL);
        if (!rk_str_eq(word, last))
            rk_buf_f(out, " " RK_FMT_STR, RK_ARG_STR(word));
        last = word;
    }
}

static void put_two_words(struct rk_buf *out)
{
    rk_str last = RK_STR_NONE;

    for (size_t i = 0; i < cli_n_verbs; i++) {
        rk_str rest, word = rk_str_cut(rk_str_c(cli_verbs[i].name), ' ', &rest);
        char first[32];

        if (!rest.p || rk_str_eq(word, last) || word.n >= sizeof(first))
            continue;
        memcpy(first, word.p, word.n);
        first[word.n] = 0;
        rk_buf_f(out, "    %s) words=\"", first);
        put_next(out, first);
        rk_buf_c(out, "\";;\n");
        last = word;
    }
}

void cli_completion(struct rk_buf *out)
{
    rk_buf_c(out, "# bash completion for reckon\n_reckon()\n{\n"
             "  local words= cur=${COMP_WORDS[COMP_CWORD]} first= second= w\n"
             "  for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
             "    case $w in -*) ;; *) if [ -z \"$first\" ]; then first=$w;"
             " elif [ -z \"$second\" ]; then second=$w; fi;; esac\n  done\n"
             "  case \"$first $second \" in\n");
    for (size_t i = 0; i < cli_n_verbs; i++) {
        const struct cli_verb *v = &cli_verbs[i];

        if (v->hidden || (!v->options.n && !cli_output_of(v)))
            continue;
        rk_buf_f(out, "    \"%s \"*) words=\"", v->name);
        put_words(out, v->options, cli_output_of(v));
        rk_buf_c(out, "\";;\n");
    }
    rk_buf_c(out, "  esac\n  case \"$first${second:+ }$second\" in\n    '') words=\"");
    put_next(out, "");
    rk_buf_c(out, "\";;\n");
    put_two_words(out);
    rk_buf_c(out, "  esac\n  case $cur in -*) words=\"$words");
    put_words(out, cli_global_options, false);
    rk_buf_c(out, "\";; *) case $words in *' --'*) words=;; esac;; esac\n"
             "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
             "  [ -n \"$words\" ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
             "complete -o filenames -F _reckon reckon\n");
}
