/*
 * options.c: a verb's options and operands, strictly: an unknown option, a missing value or an
 * operand too many is an error. In: argv. Out: what was given, by name. Prints the verb's help.
 */
#include "admin/admin_int.h"

#define HELP_COLUMN 28

/* What `reckon` itself takes before the verb and hands on. */
static const struct admin_option common[] = {
    {"profile", 0, "NAME", NULL}, {"socket", 0, "PATH", NULL}, {"help", 'h', NULL, NULL},
};

static const struct admin_option *find(const struct admin_verb *v, rk_str name, char letter)
{
    for (size_t i = 0; i < v->n_options + RK_LEN(common); i++) {
        const struct admin_option *o =
            i < v->n_options ? &v->options[i] : &common[i - v->n_options];

        if (letter ? o->letter == letter : rk_str_is(name, o->name))
            return o;
    }
    return NULL;
}

static void give(struct admin *c, const char *name, const char *value)
{
    c->given = rk_arena_grow(c->arena, c->given, c->n_given, &c->given_cap, sizeof *c->given);
    c->given[c->n_given++] = (struct admin_given){name, value};
}

/* arg begins with a dash; *i moves over a value that is a word of its own. */
static int take_option(struct admin *c, int argc, char **argv, int *i, struct rk_err *err)
{
    const char *arg = argv[*i];
    bool is_long = arg[1] == '-';
    rk_str value, name = rk_str_cut(rk_str_c(arg + (is_long ? 2 : 1)), '=', &value);
    const struct admin_option *o = find(c->verb, name, is_long ? 0 : arg[1]);

    if (!o)
        return rk_fail(err, RK_INVALID, "%.40s is no option; see reckon %s --help", arg,
                       c->verb->name);
    if (!is_long)
        value = arg[2] ? rk_str_c(arg + 2 + (arg[2] == '=')) : RK_STR_NONE;
    if (!o->arg && value.p)
        return rk_fail(err, RK_INVALID, "--%s takes no value", o->name);
    if (o->arg && !value.p) {
        if (*i + 1 >= argc)
            return rk_fail(err, RK_INVALID, "--%s needs a value: --%s %s", o->name, o->name,
                           o->arg);
        value = rk_str_c(argv[++*i]);
    }
    give(c, o->name, o->arg ? value.p : "");
    return 0;
}

int admin_parse(struct admin *c, int argc, char **argv, struct rk_err *err)
{
    bool words_only = false;

    c->operands = rk_arena_array(c->arena, (size_t)argc + 1, sizeof *c->operands);
    for (int i = 0; i < argc; i++) {
        if (!words_only && rk_streq(argv[i], "--")) {
            words_only = true;
        } else if (!words_only && argv[i][0] == '-' && argv[i][1]) {
            if (take_option(c, argc, argv, &i, err) < 0)
                return -1;
        } else if (c->n_operands == c->verb->most) {
            return rk_fail(err, RK_INVALID, "'%.40s' is one word too many; see reckon %s --help",
                           argv[i], c->verb->name);
        } else {
            c->operands[c->n_operands++] = argv[i];
        }
    }
    return 0;
}

bool admin_given(const struct admin *c, const char *name)
{
    return admin_value(c, name) != NULL;
}

const char *admin_value(const struct admin *c, const char *name)
{
    for (size_t i = c->n_given; i-- > 0;)
        if (rk_streq(c->given[i].name, name))
            return c->given[i].value;
    return NULL;
}

int admin_format(const struct admin *c, const char *words, const char *otherwise,
                 const char **out, struct rk_err *err)
{
    const char *given = NULL;
    rk_str rest = rk_str_c(words);

    for (size_t i = 0; i < c->n_given; i++)
        if (rk_streq(c->given[i].name, "format") || rk_streq(c->given[i].name, "output"))
            given = c->given[i].value;
    if (!given) {
        *out = otherwise;
        return 0;
    }
    while (rest.p) {
        rk_str word = rk_str_cut(rest, '|', &rest);

        if (rk_str_is(word, given)) {
            *out = given;
            return 0;
        }
    }
    return rk_fail(err, RK_INVALID, "-o %.20s: known are %s", given, words);
}

void admin_help(const struct admin_verb *v, struct rk_buf *out)
{
    rk_buf_f(out, "usage: reckon %s [OPTION]...%s%s\n%s\n", v->name, *v->operands ? " " : "",
             v->operands, v->help);
    for (size_t i = 0; i < v->n_options; i++) {
        const struct admin_option *o = &v->options[i];
        size_t start = out->n;

        if (!o->help)
            continue;
        rk_buf_c(out, o->letter ? "  -" : "      ");
        if (o->letter)
            rk_buf_f(out, "%c, ", o->letter);
        rk_buf_f(out, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
        do
            rk_buf_ch(out, ' ');
        while (out->n - start < HELP_COLUMN + 6);
        rk_buf_f(out, "%s\n", o->help);
    }
}
