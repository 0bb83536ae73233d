/*
 * verbs.c: the verb table: name, operands, help, options, function. --help, `reckon help`, the man
 * page and bash completion are printed from it. A verb without a function is reckon-engine's.
 */
#include "cli/cli_int.h"

static const struct cli_option global_rows[] = {
    {.name = "profile", .arg = "NAME", .help = "which engine: its settings and state"},
    {.name = "socket", .arg = "PATH", .help = "the engine's socket (also: RECKON_SOCKET)"},
    {.name = "host", .arg = "USER@HOST", .help = "an engine over there, through ssh"},
    {.name = "repo", .arg = "PATH|URL", .help = "observe this repository without settings"},
    {.name = "readonly", .help = "refuse every verb that writes"},
    {.name = "plain", .hidden = true, .help = "console: lines for screen readers"},
    {.name = "help", .letter = 'h', .help = "tell about the verb"},
    {.name = "version", .help = "print the version"},
};
const struct cli_options cli_global_options = CLI_OPTIONS(global_rows);
const struct cli_option cli_output_option = {
    .name = "output", .letter = 'o', .arg = "FORMAT", .words = "text|json|csv",
    .help = "how to print",
};

static const struct cli_option render_rows[] = {
    {.name = "provenance", .help = "print where every field comes from, as JSON"},
    {.name = "load-restrictor", .arg = "MODE",
     .words = "LoadRestrictionsNone|LoadRestrictionsRootOnly",
     .help = "may files lie outside the folder"},
    {.name = "enable-helm", .help = "render charts by the helm program"},
};
static const struct cli_option help_rows[] = {
    {.name = "man", .hidden = true, .help = "the man page (mdoc)"},
    {.name = "completion", .hidden = true, .arg = "SHELL", .words = "bash",
     .help = "completion for a shell"},
};

const struct cli_verb cli_verbs[] = {
    {.name = "render", .operands = "PATH", .least = 1, .most = 1, .run = cli_render,
     .options = CLI_OPTIONS(render_rows),
     .help = "print exactly what `kustomize build PATH` prints",
     .more = "Secrets are printed in clear: they are your own files. Exit 1 on any error, as the\n"
             "real tool."},

    {.name = "help", .operands = "[VERB]", .most = 2, .run = cli_help,
     .options = CLI_OPTIONS(help_rows), .help = "tell about a verb"},
    {.name = "version", .operands = "", .run = cli_version, .help = "print the version"},
};
const size_t cli_n_verbs = RK_LEN(cli_verbs);
