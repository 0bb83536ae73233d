/*
 * console.h: the console's one entry: live panels over the engine's protocol. It holds no truth;
 * closing or killing it changes nothing.
 */
#ifndef RECKON_CONSOLE_H
#define RECKON_CONSOLE_H

#include "reckon/client.h"

struct console_opts {
    struct client_opts client;  /* which engine; reconnect is set by the console */
    bool readonly;              /* no key that writes exists */
    bool plain;                 /* lines instead of a screen: applications, then what changes */
    const char *note;           /* one line to show first ("the demo: ..."); NULL */
};
/*
 * Runs until the person leaves or the terminal is gone; the terminal is as it was. Returns the
 * process' exit code: 0 left, 1 the terminal went away, 2 no terminal or no engine (said on stderr).
 */
int console_main(const struct console_opts *o);

#endif
