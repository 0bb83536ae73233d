/*
 * reckon.c: the program `reckon`: the verbs, and the console when no verb is given. It links only
 * what starts in about a millisecond; what needs git objects or HTTP is reckon-engine's.
 */
#include <stdlib.h>

#include "cli/cli.h"
#include "reckon/console.h"

static int console(const struct cli_globals *g)
{
    struct console_opts o = {
        .client = {.socket = g->socket, .profile = g->profile, .host = g->host, .repo = g->repo,
                   .start = true},
        .readonly = g->readonly, .plain = g->plain, .note = getenv("RECKON_NOTE"), /* `reckon demo` says what it is */
    };

    return console_main(&o);
}

int main(int argc, char **argv)
{
    return cli_main(argc, argv, console);
}
