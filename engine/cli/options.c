/*
 * options.c: words of the command line -> a verb, option values, operands. Strict: an option that
 * the verb has not is an error that names the nearest one. Options may stand before, between and
 * after operands; `--` ends them. What follows a word of reckon-engine's is left as it is.
 *
 * Reads rows (cli_verbs, cli_global_options); keeps views of argv; runs nothing.
 */
#include "cli/cli_int.h"

#define NAME_MAX_NEAR 40

struct parsing {
    struct cli *c;
    char **argv;
    int argc, at;
    const char **word;
    bool ended;                 /* `--` was seen */
};

/* ---- the nearest name ---- */
static size_t least3(size_t a, size_t b, size_t d)
{
    size_t m = a < b ? a : b;

    return m < d ? m : d;
}

/* Levenshtein's distance of two short names. */
static size_t distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b), row[NAME_MAX_NEAR + 1];

    if (na > NAME_MAX_NEAR || nb > NAME_MAX_NEAR)
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t before = row[0];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t up = row[j];

            row[j] = least3(up + 1, row[j - 1] + 1, before + (a[i - 1] != b[j - 1]));
            before = up;
        }
    }
    return row[nb];
}

void cli_near_try(struct cli_near *n, const char *candidate)
{
    size_t d = strncmp(n->typed, candidate, strlen(n->typed)) == 0 ? 1
                                                                   : distance(n->typed, candidate);

    if (!n->best || d < n->distance) {
        n->best = candidate;
        n->distance = d;
    }
}

const char *cli_near_best(const struct cli_near *n)
{
    return n->best && n->distance <= 1 + strlen(n->typed) / 3 ? n->best : NULL;
}

/* ---- values ---- */
const char *cli_value(const struct cli *c, const char *name)
{
    for (size_t i = c->n_values; i-- > 0;)
        if (strcmp(c->values[i].row->name, name) == 0)
            return c->values[i].text;
    return NULL;
}

bool cli_given(const struct cli *c, const char *name)
{
    return cli_value(c, name) != NULL;
}

size_t cli_values(struct cli *c, const char *name, const char ***out)
{
    size_t n = 0;

    *out = rk_arena_array(c->arena, c->n_values + 1, sizeof(**out));
    for (size_t i = 0; i < c->n_values; i++)
        if (strcmp(c->values[i].row->name, name) == 0)
            (*out)[n++] = c->values[i].text;
    return n;
}

enum cli_format cli_format(const struct cli *c, enum cli_format otherwise)
{
    const char *o = cli_value(c, "output");

    if (!o)
        return otherwise;
    return rk_streq(o, "json") ? CLI_JSON : rk_streq(o, "csv") ? CLI_CSV : CLI_TEXT;
}

int cli_number(const struct cli *c, const char *name, int64_t otherwise, int64_t *out,
               struct rk_err *err)
{
    const char *text = cli_value(c, name);

    *out = otherwise;
    if (text && (!rk_str_int(rk_str_c(text), out) || *out < 0))
        return rk_fail(err, RK_INVALID, "--%s %s: wanted a whole number", name, text);
    return 0;
}

int cli_duration(const struct cli *c, const char *name, uint64_t otherwise, uint64_t *out,
                 struct rk_err *err)
{
    const char *text = cli_value(c, name);

    *out = otherwise;
    if (text && !rk_str_duration(rk_str_c(text), out))
        return rk_fail(err, RK_INVALID, "--%s %s: wanted a duration such as 60s or 5m", name,
                       text);
    return 0;
}

/* ---- options ---- */
static const struct cli_option *find_in(struct cli_options o, rk_str name, char letter)
{
    for (size_t i = 0; i < o.n; i++)
        if (letter ? o.v[i].letter == letter : rk_str_is(name, o.v[i].name))
            return &o.v[i];
    return NULL;
}

static const struct cli_option *find_option(const struct cli *c, rk_str name, char letter)
{
    const struct cli_option *o = find_in(cli_global_options, name, letter);

    if (!o && c->verb && cli_output_of(c->verb))
        o = find_in((struct cli_options){cli_output_of(c->verb), 1}, name, letter);
    if (!o && c->verb)
        o = find_in(c->verb->options, name, letter);
    return o;
}

static int unknown_option(const struct cli *c, const char *word, struct rk_err *err)
{
    rk_str name = rk_str_cut(rk_str_c(word + strspn(word, "-")), '=', NULL);
    struct cli_near near = {.typed = rk_arena_dup(c->arena, name.p, name.n)};
    const char *verb = c->verb ? c->verb->name : "", *best;

    for (size_t i = 0; i < cli_global_options.n; i++)
        cli_near_try(&near, cli_global_options.v[i].name);
    for (size_t i = 0; c->verb && i < c->verb->options.n; i++)
        cli_near_try(&near, c->verb->options.v[i].name);
    if (c->verb && cli_output_of(c->verb))
        cli_near_try(&near, cli_output_option.name);
    best = cli_near_best(&near);
    return rk_fail(err, RK_INVALID, "no option %s%s%s%s; `reckon help%s%s` lists them", word,
                   best ? "; did you mean --" : "", best ? best : "", best ? "?" : "",
                   verb[0] ? " " : "", verb);
}

static bool allowed(const struct cli_option *row, const char *text)
{
    rk_str rest = rk_str_c(row->words);

    while (rest.p)
        if (rk_str_is(rk_str_cut(rest, '|', &rest), text))
            return true;
    return false;
}

static int keep_value(struct cli *c, const struct cli_option *row, const char *text,
                      struct rk_err *err)
{
    if (row->words && !allowed(row, text))
        return rk_fail(err, RK_INVALID, "--%s %s: wanted one of %s", row->name, text, row->words);
    if (!row->many && cli_given(c, row->name))
        return rk_fail(err, RK_INVALID, "--%s is given twice; give it once", row->name);
    c->values = rk_arena_grow(c->arena, c->values, c->n_values, &c->cap_values,
                              sizeof(*c->values));
    c->values[c->n_values++] = (struct cli_value){row, text};
    return 0;
}

/* The word at p->at is an option: "--name", "--name=value", "-o", "-ovalue". */
static int read_option(struct parsing *p, struct rk_err *err)
{
    const char *word = p->argv[p->at++], *equals = NULL, *text = NULL;
    bool long_form = word[1] == '-';
    rk_str name = RK_STR_NONE;
    const struct cli_option *row;

    if (long_form) {
        equals = strchr(word, '=');
        name = rk_str_cut(rk_str_c(word + 2), '=', NULL);
        text = equals ? equals + 1 : NULL;
    } else if (word[2]) {
        text = word + 2;
    }
    row = find_option(p->c, name, long_form ? 0 : word[1]);
    if (!row)
        return unknown_option(p->c, word, err);
    if (!row->arg && text)
        return rk_fail(err, RK_INVALID, "--%s takes no value", row->name);
    if (row->arg && !text) {
        if (p->at >= p->argc)
            return rk_fail(err, RK_INVALID, "--%s wants a value: --%s %s", row->name, row->name,
                           row->arg);
        text = p->argv[p->at++];
    }
    return keep_value(p->c, row, row->arg ? text : "", err);
}

/* ---- the verb ---- */
static const struct cli_verb *verb_named(const char *name)
{
    for (size_t i = 0; i < cli_n_verbs; i++)
        if (strcmp(cli_verbs[i].name, name) == 0)
            return &cli_verbs[i];
    return NULL;
}

static bool is_first_word(const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < cli_n_verbs; i++)
        if (strncmp(cli_verbs[i].name, word, n) == 0 && cli_verbs[i].name[n] == ' ')
            return true;
    return false;
}

static int unknown_verb(const struct parsing *p, const char *name, struct rk_err *err)
{
    struct cli_near near = {.typed = name};
    const char *best;

    for (size_t i = 0; i < cli_n_verbs; i++)
        if (!cli_verbs[i].hidden)
            cli_near_try(&near, cli_verbs[i].name);
    best = cli_near_best(&near);
    return rk_fail(err, RK_INVALID, "no verb %s%s%s%s; `reckon help%s%s` lists them", name,
                   best ? "; did you mean " : "", best ? best : "", best ? "?" : "",
                   p->c->first ? " " : "", p->c->first ? p->c->first : "");
}

/* A word before the verb is decided. */
static int read_verb(struct parsing *p, const char *word, struct rk_err *err)
{
    const char *name = p->c->first ? rk_arena_f(p->c->arena, "%s %s", p->c->first, word) : word;

    p->c->verb = verb_named(name);
    if (p->c->verb)
        return 0;
    if (p->c->first || !is_first_word(word))
        return unknown_verb(p, name, err);
    p->c->first = word;
    return 0;
}

static int check_operands(struct parsing *p, struct rk_err *err)
{
    const struct cli_verb *v = p->c->verb;

    if (*p->word)
        return 0;
    if (!v && p->c->first)
        return rk_fail(err, RK_INVALID, "%s wants a word more; `reckon help %s` lists them",
                       p->c->first, p->c->first);
    if (!v || !v->run)
        return 0;
    if (p->c->n_operands < v->least)
        return rk_fail(err, RK_INVALID, "wanted: reckon %s %s; `reckon help %s` tells more",
                       v->name, v->operands, v->name);
    if (p->c->n_operands > v->most)
        return rk_fail(err, RK_INVALID, "%s is one word too many; wanted: reckon %s %s",
                       p->c->operands[v->most], v->name, v->operands);
    return 0;
}

static void read_globals(struct cli *c, const char **word)
{
    c->globals = (struct cli_globals){
        .profile = cli_value(c, "profile"), .socket = cli_value(c, "socket"),
        .host = cli_value(c, "host"), .repo = cli_value(c, "repo"),
        .readonly = cli_given(c, "readonly"), .plain = cli_given(c, "plain"),
    };
    if (cli_given(c, "help"))
        *word = "help";
    else if (cli_given(c, "version"))
        *word = "version";
}

int cli_parse(struct cli *c, int argc, char **argv, const char **word, struct rk_err *err)
{
    struct parsing p = {.c = c, .argv = argv, .argc = argc, .at = 1, .word = word};

    *word = NULL;
    c->operands = rk_arena_array(c->arena, (size_t)argc + 1, sizeof(*c->operands));
    while (p.at < argc && !(c->verb && !c->verb->run)) {
        const char *w = argv[p.at];

        if (!p.ended && strcmp(w, "--") == 0) {
            p.ended = true;
            p.at++;
        } else if (!p.ended && w[0] == '-' && w[1]) {
            if (read_option(&p, err))
                return -1;
        } else {
            p.at++;
            if (c->verb)
                c->operands[c->n_operands++] = w;
            else if (read_verb(&p, w, err))
                return -1;
        }
    }
    c->rest = argv + p.at;
    read_globals(c, word);
    return check_operands(&p, err);
}
