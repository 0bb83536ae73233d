/*
 * options_test.c: words -> verb, values, operands; what is refused, and how; every row of the verb
 * table is well formed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/cli_int.h"

struct parsed {
    struct cli c;
    const char *word;
    struct rk_err err;
    int rc;
};

static void parse(struct parsed *p, const char *const *words)
{
    static char *argv[16];
    int argc = 1;

    argv[0] = (char[]){"reckon"};
    for (; *words; words++)
        argv[argc++] = (char *)(uintptr_t)*words;
    argv[argc] = NULL;
    *p = (struct parsed){.c = {.arena = rk_arena_new(), .out = RK_BUF_INIT}};
    p->rc = cli_parse(&p->c, argc, argv, &p->word, &p->err);
}

#define PARSE(p, ...) parse((p), (const char *const[]){__VA_ARGS__, NULL})

static void done(struct parsed *p)
{
    rk_arena_free(p->c.arena);
}

static void values_anywhere(void **state)
{
    struct parsed p;
    const char **v;

    (void)state;
    PARSE(&p, "--profile", "p1", "sync", "--resource=a/b", "shop", "--resource", "c/d", "--prune",
          "-ojson", "--readonly");
    assert_int_equal(p.rc, 0);
    assert_string_equal(p.c.verb->name, "sync");
    assert_string_equal(p.c.globals.profile, "p1");
    assert_true(p.c.globals.readonly);
    assert_int_equal(p.c.n_operands, 1);
    assert_string_equal(p.c.operands[0], "shop");
    assert_true(cli_given(&p.c, "prune"));
    assert_false(cli_given(&p.c, "force"));
    assert_int_equal(cli_values(&p.c, "resource", &v), 2);
    assert_string_equal(v[0], "a/b");
    assert_string_equal(v[1], "c/d");
    assert_int_equal(cli_format(&p.c, CLI_TEXT), CLI_JSON);
    done(&p);
}

static void two_words_and_dashes(void **state)
{
    struct parsed p;

    (void)state;
    PARSE(&p, "get", "-o", "text", "app");
    assert_int_equal(p.rc, -1); /* the verb decides whether it takes -o */
    done(&p);
    PARSE(&p, "get", "--socket", "s", "app", "--", "--shop");
    assert_int_equal(p.rc, 0);
    assert_string_equal(p.c.verb->name, "get app");
    assert_string_equal(p.c.operands[0], "--shop");
    done(&p);
    PARSE(&p, "health", "-");
    assert_int_equal(p.rc, 0);
    assert_string_equal(p.c.operands[0], "-");
    done(&p);
}

static void engine_words_are_left_alone(void **state)
{
    struct parsed p;

    (void)state;
    PARSE(&p, "seal", "--unknown", "-x", "--");
    assert_int_equal(p.rc, 0);
    assert_null(p.c.verb->run);
    assert_string_equal(p.c.rest[0], "--unknown");
    assert_string_equal(p.c.rest[2], "--");
    assert_null(p.c.rest[3]);
    done(&p);
}

static void refused(void **state)
{
    static const struct { const char *words[4]; const char *text; } rows[] = {
        {{"syncc"}, "did you mean sync?"},
        {{"sync", "--dryrun"}, "did you mean --dry-run?"},
        {{"zzzzzz"}, "no verb zzzzzz; `reckon help` lists them"},
        {{"sync", "--qqqqqqqq"}, "no option --qqqqqqqq; `reckon help sync` lists them"},
        {{"get", "thing"}, "reckon help get"},
        {{"sync", "a", "--prune=1"}, "--prune takes no value"},
        {{"sync", "a", "--reason"}, "--reason wants a value: --reason TEXT"},
        {{"get", "apps", "--sort=x"}, "wanted one of environment|application|problems"},
        {{"sync", "a", "b"}, "b is one word too many; wanted: reckon sync [APP]"},
        {{"--profile"}, "--profile wants a value"},
    };

    (void)state;
    for (size_t i = 0; i < RK_LEN(rows); i++) {
        struct parsed p;

        parse(&p, rows[i].words);
        if (p.rc != -1 || !strstr(p.err.text, rows[i].text))
            fail_msg("row %zu: %d '%s', wanted '%s'", i, p.rc, p.err.text, rows[i].text);
        assert_int_equal(p.err.code, RK_INVALID);
        done(&p);
    }
}

static void numbers(void **state)
{
    struct parsed p;
    int64_t n;
    uint64_t ms;

    (void)state;
    PARSE(&p, "history", "a", "--limit", "-3");
    assert_int_equal(p.rc, 0);
    assert_int_equal(cli_number(&p.c, "limit", 5, &n, &p.err), -1);
    done(&p);
    PARSE(&p, "wait", "a", "--timeout=1m30s");
    assert_int_equal(cli_duration(&p.c, "timeout", 1, &ms, &p.err), 0);
    assert_int_equal(ms, 90000);
    assert_int_equal(cli_number(&p.c, "limit", 5, &n, &p.err), 0);
    assert_int_equal(n, 5);
    done(&p);
}

static void help_needs_no_operands(void **state)
{
    struct parsed p;

    (void)state;
    PARSE(&p, "render", "--help");
    assert_int_equal(p.rc, 0);
    assert_string_equal(p.word, "help");
    done(&p);
}

static bool clashes(const struct cli_verb *v, const struct cli_option *o)
{
    for (size_t i = 0; i < cli_global_options.n; i++) {
        const struct cli_option *g = &cli_global_options.v[i];

        if (rk_streq(g->name, o->name) || (o->letter && g->letter == o->letter))
            return true;
    }
    return cli_output_of(v) && (rk_streq(o->name, "output") || o->letter == 'o');
}

static void the_table_is_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_n_verbs; i++) {
        const struct cli_verb *v = &cli_verbs[i];

        assert_true(v->help && v->operands && strlen(v->help) < 60);
        assert_true(v->least <= v->most && (v->run || !v->options.n));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(v->name, cli_verbs[k].name);
        for (size_t k = 0; k < v->options.n; k++) {
            const struct cli_option *o = &v->options.v[k];

            if (clashes(v, o) || !o->help || (o->words && !o->arg))
                fail_msg("%s --%s", v->name, o->name);
            for (size_t m = 0; m < k; m++)
                assert_string_not_equal(o->name, v->options.v[m].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_anywhere),      cmocka_unit_test(two_words_and_dashes),
        cmocka_unit_test(engine_words_are_left_alone), cmocka_unit_test(refused),
        cmocka_unit_test(numbers),              cmocka_unit_test(help_needs_no_operands),
        cmocka_unit_test(the_table_is_well_formed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
