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
    {.name = "readonly", .help = "refuse every verb that writes; console: without its keys"},
    {.name = "plain", .help = "console: lines instead of a screen"},
    {.name = "help", .letter = 'h', .help = "tell about the verb"},
    {.name = "version", .help = "print the version"},
};
const struct cli_options cli_global_options = CLI_OPTIONS(global_rows);
const struct cli_option cli_output_option = {
    .name = "output", .letter = 'o', .arg = "FORMAT", .words = "text|json",
    .help = "how to print",
};
const struct cli_option cli_csv_option = {
    .name = "output", .letter = 'o', .arg = "FORMAT", .words = "text|json|csv",
    .help = "how to print",
};

const struct cli_option *cli_output_of(const struct cli_verb *v)
{
    return v->csv ? &cli_csv_option : v->table ? &cli_output_option : NULL;
}

/* ---- options that several verbs share ---- */
#define OPT_CONFIRM {.name = "confirm", .arg = "TARGET", .help = "the target, typed: ENV/APP (of a whole environment: ENV)"}
#define OPT_REASON {.name = "reason", .arg = "TEXT", .help = "why; it goes into the audit log"}
#define OPT_DRY_RUN {.name = "dry-run", .help = "show the plan and end"}
#define OPT_RESOURCE \
    {.name = "resource", .arg = "G/K/NS/N", .many = true, .help = "only this object"}
#define OPT_RUN \
    OPT_DRY_RUN, OPT_CONFIRM, OPT_REASON, \
    {.name = "wait", .help = "follow the operation to its end (this is the default)"}, \
    {.name = "no-wait", .help = "return when the operation has started"}, \
    {.name = "timeout", .arg = "TIME", .help = "follow no longer than this"}
#define OPT_LIMIT(text) {.name = "limit", .arg = "N", .help = text}
#define OPT_REV {.name = "rev", .arg = "REF", .help = "of a commit, branch or tag instead"}

static const struct cli_option get_apps_rows[] = {
    {.name = "environment", .letter = 'e', .arg = "ENV", .help = "only of this environment"},
    {.name = "filter", .arg = "WORDS", .help = "only rows that hold these words"},
    {.name = "sort", .arg = "BY", .words = "environment|application|problems",
     .help = "order of the rows"},
};
static const struct cli_option get_operations_rows[] = {
    {.name = "running", .help = "only those that have not ended"},
    OPT_LIMIT("at most so many, newest first (50; 0: all)"),
};
static const struct cli_option refresh_rows[] = {
    {.name = "all", .help = "every application"},
    {.name = "hard", .help = "render anew even if nothing changed"},
};
static const struct cli_option wait_rows[] = {
    {.name = "synced", .help = "until it is Synced"},
    {.name = "healthy", .help = "until it is Healthy"},
    {.name = "timeout", .arg = "TIME", .help = "at most so long (60s)"},
};
static const struct cli_option diff_rows[] = {
    OPT_REV,
    {.name = "from", .arg = "REV", .help = "no cluster: what git said at this revision ..."},
    {.name = "to", .arg = "REV", .help = "... against what it says at this one (now)"},
    {.name = "with", .arg = "APP", .help = "from is of this application: of another environment"},
    {.name = "resource", .arg = "G/K/NS/N", .help = "only this object"},
    {.name = "desired", .arg = "FILE", .help = "files instead of an engine: what should run"},
    {.name = "live", .arg = "FILE", .help = "what runs"},
    {.name = "predicted", .arg = "FILE", .help = "what a dry-run apply answered"},
    {.name = "ignore", .arg = "FILE", .help = "ignoreDifferences: rules, or an Application"},
    {.name = "aggregate-roles", .help = "leave out the rules of aggregated ClusterRoles"},
};
static const struct cli_option render_rows[] = {
    {.name = "provenance", .help = "print where every field comes from, as JSON"},
    {.name = "load-restrictor", .arg = "MODE",
     .words = "LoadRestrictionsNone|LoadRestrictionsRootOnly",
     .help = "may files lie outside the folder"},
    {.name = "offline", .help = "take remote bases from the cache only"},
    {.name = "enable-helm", .help = "render charts by the helm program"},
};
static const struct cli_option plan_rows[] = {
    OPT_REV,
    {.name = "prune", .help = "delete what git no longer has"},
    {.name = "force", .help = "delete and create anew what cannot be changed"},
    OPT_RESOURCE,
    {.name = "desired", .arg = "PATH", .help = "files instead of an engine: folder or file"},
    {.name = "live", .arg = "PATH", .help = "what runs (none: nothing does)"},
    {.name = "namespace", .arg = "NS", .help = "of objects that name none"},
    {.name = "option", .arg = "N=V", .many = true, .help = "a sync option, PruneLast=true"},
};
static const struct cli_option sync_rows[] = {
    {.name = "plan", .arg = "FP", .help = "start this reviewed plan and no other"},
    OPT_REV,
    {.name = "prune", .help = "delete what git no longer has"},
    {.name = "force", .help = "delete and create anew what cannot be changed"},
    OPT_RESOURCE, OPT_RUN,
};
static const struct cli_option promote_rows[] = {
    {.name = "to", .arg = "ENV", .help = "the environment to promote to"}, OPT_RUN,
};
static const struct cli_option revert_rows[] = {
    {.name = "commit", .arg = "C|A..B", .help = "undo this commit, or this range"},
    {.name = "to", .arg = "REV", .help = "restore what this revision said"},
    {.name = "mode", .arg = "MODE", .words = "full|partial|canary",
     .help = "everything, chosen paths, or a part first"},
    {.name = "path", .arg = "P", .many = true, .help = "only this file or folder"},
    {.name = "without", .arg = "APP", .many = true, .help = "of an environment: not this application"},
    OPT_RUN,
};
static const struct cli_option adopt_rows[] = {
    {.name = "path", .arg = "P", .many = true, .help = "only this field: a JSON pointer"},
    OPT_RESOURCE, OPT_RUN,
};
static const struct cli_option history_rows[] = {
    OPT_LIMIT("at most so many, newest first (50; 0: all)"),
};
static const struct cli_option audit_log_rows[] = {
    {.name = "env", .letter = 'e', .arg = "ENV", .help = "only of this environment"},
    {.name = "since", .arg = "T", .help = "from this time on, or so long ago (24h)"},
    OPT_LIMIT("at most so many (all)"),
};
static const struct cli_option audit_verify_rows[] = {
    {.name = "env", .letter = 'e', .arg = "ENV", .help = "only of this environment"},
};
static const struct cli_option logs_rows[] = {
    {.name = "container", .letter = 'c', .arg = "NAME", .help = "of this container (the first)"},
    {.name = "follow", .letter = 'f', .help = "go on as lines come"},
    {.name = "previous", .letter = 'p', .help = "of the container before the restart"},
    {.name = "tail", .arg = "N", .help = "the last so many lines (100)"},
};
static const struct cli_option reason_rows[] = {OPT_REASON};
static const struct cli_option release_rows[] = {
    {.name = "hold", .arg = "NAME", .help = "only this hold; `policy`: a loosened policy"},
    OPT_REASON,
};
static const struct cli_option stop_rows[] = {
    {.name = "now", .help = "abort; else it ends after its wave"},
};
static const struct cli_option help_rows[] = {
    {.name = "man", .hidden = true, .help = "the man page (mdoc)"},
    {.name = "completion", .hidden = true, .arg = "SHELL", .words = "bash",
     .help = "completion for a shell"},
};

#define MORE_WRITE \
    "The plan is shown first. What the policy still wants is told, a sentence a line, with\n" \
    "exit 1. The engine owns the operation: ending this program stops nothing. Exit 0 only\n" \
    "when it succeeded."
#define ENGINE(word, args, text) {.name = word, .operands = args, .help = text}

const struct cli_verb cli_verbs[] = {
    {.name = "get apps", .operands = "", .table = true, .run = cli_get_apps,
     .options = CLI_OPTIONS(get_apps_rows), .help = "applications, their verdict and health"},
    {.name = "get app", .operands = "APP", .least = 1, .most = 1, .table = true,
     .run = cli_get_app, .help = "everything about one application",
     .more = "APP is its name, or ENVIRONMENT/APP."},
    {.name = "get resources", .operands = "APP", .least = 1, .most = 1, .table = true,
     .run = cli_get_resources, .help = "the objects of an application"},
    {.name = "get environments", .operands = "", .table = true, .run = cli_get_environments,
     .help = "environments and what governs them"},
    {.name = "get operations", .operands = "[APP]", .most = 1, .table = true,
     .run = cli_get_operations, .options = CLI_OPTIONS(get_operations_rows),
     .help = "operations, newest first"},
    {.name = "refresh", .operands = "[APP]", .most = 1, .table = true, .run = cli_refresh,
     .options = CLI_OPTIONS(refresh_rows), .help = "look at git and cluster now",
     .more = "Returns when the verdict is new, and prints it."},
    {.name = "wait", .operands = "APP", .least = 1, .most = 1, .run = cli_wait,
     .options = CLI_OPTIONS(wait_rows), .help = "until it is Synced and Healthy",
     .more = "Exit 1 when it is not by then."},
    {.name = "diff", .operands = "[APP]", .most = 1, .table = true, .run = cli_diff,
     .options = CLI_OPTIONS(diff_rows), .help = "what differs, who wrote it, where git says it",
     .more = "Exit 0: no difference, 1: there is one, 2: error. With --desired and --live it\n"
             "compares files and prints JSON."},
    {.name = "render", .operands = "PATH", .least = 1, .most = 1, .run = cli_render,
     .options = CLI_OPTIONS(render_rows), .help = "what `kustomize build PATH` prints",
     .more = "Secrets are printed in clear: they are your own files. Exit 1 on any error, as the\n"
             "real tool."},
    {.name = "plan", .operands = "[APP]", .most = 1, .table = true, .run = cli_plan,
     .options = CLI_OPTIONS(plan_rows), .help = "what a sync would do, in order",
     .more = "With --desired it plans from files and prints JSON; such a fingerprint cannot be\n"
             "approved."},
    {.name = "sync", .operands = "[APP]", .most = 1, .table = true, .run = cli_sync,
     .options = CLI_OPTIONS(sync_rows), .help = "make the cluster what git says",
     .more = "--confirm with --reason unlocks a locked environment for this plan only.\n"
             MORE_WRITE},
    {.name = "promote", .operands = "APP", .least = 1, .most = 1, .table = true,
     .run = cli_promote, .options = CLI_OPTIONS(promote_rows),
     .help = "take a version to the next environment", .more = MORE_WRITE},
    {.name = "revert", .operands = "APP|ENV", .least = 1, .most = 1, .table = true,
     .run = cli_revert, .options = CLI_OPTIONS(revert_rows),
     .help = "revert in git, then sync", .more = MORE_WRITE},
    {.name = "adopt", .operands = "APP", .least = 1, .most = 1, .table = true, .run = cli_adopt,
     .options = CLI_OPTIONS(adopt_rows), .help = "write live values into git",
     .more = MORE_WRITE},
    {.name = "stop", .operands = "OPERATION", .least = 1, .most = 1, .run = cli_stop,
     .options = CLI_OPTIONS(stop_rows), .help = "stop an operation after its wave, or now"},
    {.name = "freeze", .operands = "ENV|APP", .least = 1, .most = 1, .run = cli_freeze,
     .options = CLI_OPTIONS(reason_rows), .help = "let nothing be written there"},
    {.name = "unfreeze", .operands = "ENV|APP", .least = 1, .most = 1, .run = cli_unfreeze,
     .options = CLI_OPTIONS(reason_rows), .help = "end a freeze"},
    {.name = "release", .operands = "APP|ENV", .least = 1, .most = 1, .run = cli_release,
     .options = CLI_OPTIONS(release_rows), .help = "let a held application go on",
     .more = "`reckon release ENV --hold policy --reason T` acknowledges a commit that loosens\n"
             "the policy of an environment."},
    {.name = "validate", .operands = "APP", .least = 1, .most = 1, .run = cli_validate,
     .options = CLI_OPTIONS(reason_rows),
     .help = "say that what runs there is good",
     .more = "An environment with `validate: true` takes a promotion only of what was validated\n"
             "in the environment before it."},
    {.name = "history", .operands = "APP", .least = 1, .most = 1, .table = true,
     .run = cli_history, .options = CLI_OPTIONS(history_rows),
     .help = "operations and commits of an application"},
    {.name = "audit log", .operands = "", .csv = true, .run = cli_audit_log,
     .options = CLI_OPTIONS(audit_log_rows), .help = "who did what, when and why"},
    {.name = "audit verify", .operands = "", .table = true, .run = cli_audit_verify,
     .options = CLI_OPTIONS(audit_verify_rows), .help = "check the chain of the audit log",
     .more = "With --repo DIR a clone is checked, without an engine."},
    {.name = "logs", .operands = "APP [OBJECT]", .least = 1, .most = 2, .table = true,
     .run = cli_logs, .options = CLI_OPTIONS(logs_rows), .help = "a pod's log"},
    {.name = "events", .operands = "APP [OBJECT]", .least = 1, .most = 2, .table = true,
     .run = cli_events, .help = "the cluster's events about an application"},
    {.name = "health", .operands = "FILE", .least = 1, .most = 1, .table = true,
     .run = cli_health, .help = "the health of objects in a file, as JSON",
     .more = "Status None: the kind has no rule. Exit 1 when something is not Healthy."},
    {.name = "relay", .operands = "", .run = cli_relay,
     .help = "join standard input and output to the engine"},
    ENGINE("engine", "[OPTION]...", "run the engine"),
    ENGINE("sandbox", "[OPTION]...", "a Kubernetes API of our own, to try things"),
    ENGINE("demo", "[OPTION]...", "a sample repository, a sandbox and an engine"),
    ENGINE("init", "[OPTION]...", "look at a repository, propose reckon.yaml"),
    ENGINE("seal", "[OPTION]...", "seal a Secret"),
    ENGINE("unseal", "[OPTION]...", "open a SealedSecret with its key"),
    ENGINE("backup", "FILE", "save the engine's state"),
    ENGINE("restore", "FILE", "bring a saved state back"),
    ENGINE("manifests", "[OPTION]...", "manifests that run the engine in a cluster"),
    {.name = "help", .operands = "[VERB]", .most = 2, .run = cli_help,
     .options = CLI_OPTIONS(help_rows), .help = "tell about a verb"},
    {.name = "version", .operands = "", .run = cli_version, .help = "print the version"},
};
const size_t cli_n_verbs = RK_LEN(cli_verbs);
