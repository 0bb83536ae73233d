/*
 * pass.c: words that belong to reckon-engine: this process becomes it. It lies beside this program,
 * else in libexecdir. Global options given before the word go along.
 */
#include <errno.h>
#include <unistd.h>

#include "cli/cli_int.h"
#include "reckon/client.h"

static void add_global(const char **argv, size_t *n, const char *name, const char *value)
{
    if (!value)
        return;
    argv[(*n)++] = name;
    argv[(*n)++] = value;
}

int cli_exec_engine(struct cli *c, const char *const *words)
{
    rk_auto(rk_free_str) char *program = client_engine_program();
    size_t n = 0;
    const char **argv;

    while (words[n])
        n++;
    argv = rk_arena_array(c->arena, n + 2, sizeof(*argv));
    argv[0] = "reckon-engine";
    for (size_t i = 0; i < n; i++)
        argv[i + 1] = words[i];
    (void)execv(program, (char *const *)(uintptr_t)argv);
    return cli_usage(c, "%s: %s; install it beside reckon", program,
                     errno == ENOENT ? "not there" : "cannot be run");
}

int cli_pass(struct cli *c)
{
    size_t n = 0, n_rest = 0;
    const char **words;

    while (c->rest[n_rest])
        n_rest++;
    words = rk_arena_array(c->arena, n_rest + 12, sizeof(*words));
    words[n++] = c->verb->name;
    add_global(words, &n, "--profile", c->globals.profile);
    add_global(words, &n, "--socket", c->globals.socket);
    add_global(words, &n, "--repo", c->globals.repo);
    for (size_t i = 0; i < n_rest; i++)
        words[n++] = c->rest[i];
    return cli_exec_engine(c, words);
}
