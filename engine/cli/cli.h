/*
 * cli.h: the verbs of `reckon`: a table from words to functions, strict options, and what prints
 * their results. stdout is data only, stderr is messages only (design.md section 12).
 */
#ifndef RK_CLI_H
#define RK_CLI_H

#include "base/log.h"

enum cli_exit {
    CLI_DONE = 0,       /* done, no difference, allowed */
    CLI_NO = 1,         /* difference, denied, not healthy, nothing matched */
    CLI_ERROR = 2,      /* one line on stderr: what, where, what to do */
};

struct cli_globals {    /* options that every verb takes; NULL = not given */
    const char *profile, *socket, *host, *repo;
    bool readonly, plain;
};
/* What the console gives the programs: called when no verb was given. Returns the exit code. */
typedef int (*cli_console_fn)(const struct cli_globals *globals);

/* Runs `reckon ARGS`; console may be NULL: then its absence is told. Returns the exit code. */
int cli_main(int argc, char **argv, cli_console_fn console);

#endif
