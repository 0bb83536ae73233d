/*
 * reckon.c: the program `reckon`: the verbs, and the console when no verb is given. It links only
 * what starts in about a millisecond; what needs git objects or HTTP is reckon-engine's.
 */
#include "cli/cli.h"
#if __has_include("reckon/console.h")
#include "reckon/console.h"
#endif

int main(int argc, char **argv)
{
    return cli_main(argc, argv, NULL);
}
