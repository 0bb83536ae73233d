/*
 * main.c: one call of `reckon`: words in, a verb's function run, its exit code out. Flushes what
 * the verb wrote to stdout. Starts nothing that the verb does not ask for.
 */
#include <stdlib.h>

#include "cli/cli_int.h"
#include "reckon/time.h"

static int no_verb(struct cli *c, cli_console_fn console)
{
    if (console)
        return console(&c->globals);
    return cli_usage(c, "this build has no console; use the verbs, such as `reckon get apps`, "
                     "`reckon diff APP` and `reckon sync APP`; `reckon help` lists them");
}

static int run(struct cli *c, const char *word, cli_console_fn console)
{
    if (rk_streq(word, "help"))
        return cli_help_of(c, c->verb ? c->verb->name : c->first, NULL);
    if (rk_streq(word, "version"))
        return cli_version(c);
    if (!c->verb)
        return no_verb(c, console);
    return c->verb->run ? c->verb->run(c) : cli_pass(c);
}

int cli_main(int argc, char **argv, cli_console_fn console)
{
    struct cli c = {.arena = rk_arena_new(), .out = RK_BUF_INIT, .now = rk_wall_ms()};
    struct rk_err err = {0};
    const char *word;
    int rc;

    if (cli_parse(&c, argc, argv, &word, &err))
        rc = cli_fail(&c, &err);
    else
        rc = run(&c, word, console);
    if (c.out.n && cli_flush(&c, &err))
        rc = cli_fail(&c, &err);
    cli_disconnect(&c);
    rk_buf_release(&c.out);
    rk_arena_free(c.arena);
    return rc;
}
