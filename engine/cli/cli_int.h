/*
 * cli_int.h: what the files of this room share: the verb and option rows, the values of one call,
 * output, and blocking requests to the engine.
 */
#ifndef RK_CLI_INT_H
#define RK_CLI_INT_H

#include "cli/cli.h"
#include "reckon/arena.h"
#include "reckon/wire.h"

/* ---- tables ---- */
struct cli_option {
    const char *name;           /* without the dashes */
    char letter;                /* 0: none */
    bool many;                  /* may be given more than once */
    bool hidden;
    const char *arg;            /* name of its value; NULL: a switch */
    const char *words;          /* "a|b": the values allowed; NULL: any */
    const char *help;
};
struct cli_options {
    const struct cli_option *v;
    size_t n;
};
#define CLI_OPTIONS(rows) {rows, RK_LEN(rows)}

struct cli;
struct cli_engine;
struct cli_verb {
    const char *name;           /* "sync", "get apps" */
    const char *operands;       /* "APP"; "" none */
    size_t least, most;         /* how many of them */
    const char *help;           /* one line */
    const char *more;           /* a paragraph, or NULL */
    struct cli_options options;
    bool table;                 /* takes -o text|json */
    bool csv;                   /* ... and -o csv */
    bool hidden;
    int (*run)(struct cli *c);  /* NULL: reckon-engine runs it */
};
extern const struct cli_verb cli_verbs[];
extern const size_t cli_n_verbs;
extern const struct cli_options cli_global_options;
extern const struct cli_option cli_output_option, cli_csv_option;
const struct cli_option *cli_output_of(const struct cli_verb *v);   /* NULL: takes no -o */

/* ---- one call ---- */
enum cli_format { CLI_TEXT, CLI_JSON, CLI_CSV };
struct cli_value { const struct cli_option *row; const char *text; };
struct cli {
    const struct cli_verb *verb;
    const char *first;          /* the first word of a verb of two: "get" */
    struct rk_arena *arena;
    struct cli_globals globals;
    struct cli_value *values;
    size_t n_values, cap_values;
    const char **operands;
    size_t n_operands;
    struct cli_engine *engine;  /* NULL: not connected */
    bool asked_again;           /* the engine went away once already */
    char **rest;                /* of a verb that reckon-engine runs: what follows the word */
    struct rk_buf out;          /* stdout, written at the end or by cli_flush */
    int64_t now;                /* wall clock at the start, for ages */
};
/*
 * Finds the verb and reads options and operands. With no verb c->verb is NULL. help: --help or
 * --version was given, in *word ("help", "version").
 */
int cli_parse(struct cli *c, int argc, char **argv, const char **word, struct rk_err *err)
    RK_MUST_CHECK;
const char *cli_value(const struct cli *c, const char *name);  /* the last; NULL: not given */
bool cli_given(const struct cli *c, const char *name);
size_t cli_values(struct cli *c, const char *name, const char ***out);
enum cli_format cli_format(const struct cli *c, enum cli_format otherwise);
/* A whole number, or a duration in ms; `otherwise` when the option was not given. */
int cli_number(const struct cli *c, const char *name, int64_t otherwise, int64_t *out,
               struct rk_err *err) RK_MUST_CHECK;
int cli_duration(const struct cli *c, const char *name, uint64_t otherwise, uint64_t *out,
                 struct rk_err *err) RK_MUST_CHECK;
/* The name in the list nearest to a mistyped one, or NULL. */
struct cli_near { const char *typed, *best; size_t distance; };
void cli_near_try(struct cli_near *n, const char *candidate);
const char *cli_near_best(const struct cli_near *n);

/* ---- out.c ---- */
/* "reckon VERB: text" on stderr, one line; returns CLI_ERROR. */
int cli_fail(const struct cli *c, const struct rk_err *err);
int cli_usage(const struct cli *c, const char *fmt, ...) RK_PRINTF(2, 3);
void cli_say(const struct cli *c, const char *fmt, ...) RK_PRINTF(2, 3);    /* to stderr */
int cli_flush(struct cli *c, struct rk_err *err) RK_MUST_CHECK;    /* c->out to stdout */
void cli_json(struct cli *c, const struct wire_shape *shape, const void *value); /* pretty */
void cli_json_text(struct cli *c, rk_str json);
/* Local files hold foreign text: made safe, in the arena. */
const char *cli_safe(struct cli *c, rk_str text);
const char *cli_age(struct cli *c, int64_t wall_ms);           /* "5m", or "-" for 0 */
const char *cli_time(struct cli *c, int64_t wall_ms);          /* RFC 3339, or "-" */
const char *cli_state(struct cli *c, const char *word);        /* "! OutOfSync": sign and word */
const char *cli_short(struct cli *c, const char *revision);    /* 7 digits of a commit id */
const char *cli_dash(const char *text);                        /* "-" for NULL and "" */

struct cli_table {
    const char *const *heads;
    size_t columns, n, cap;
    const char **cells;         /* row after row */
};
void cli_row(struct cli *c, struct cli_table *t, const char *const *cells);
void cli_table_print(struct cli *c, const struct cli_table *t);

/* ---- engine.c: blocking requests; results lie in c->arena ---- */
enum cli_connect_flags {
    CLI_FRESH = 1,              /* wait until an engine that just started has looked around */
};
int cli_connect(struct cli *c, unsigned flags, struct rk_err *err) RK_MUST_CHECK;
void cli_disconnect(struct cli *c);
const char *cli_engine_socket(const struct cli *c);
/* params and result are the structs of the method's row; both may be NULL. */
int cli_call(struct cli *c, const char *method, const void *params, void *result,
             struct rk_err *err) RK_MUST_CHECK;
int cli_call_within(struct cli *c, const char *method, const void *params, void *result,
                    uint64_t limit_ms, struct rk_err *err) RK_MUST_CHECK;
/* A .watch method's first state. */
int cli_first(struct cli *c, const char *method, const void *params, void *result,
              struct rk_err *err) RK_MUST_CHECK;
/* Every state; fn returns true to stop. value lives during fn only. TIMEOUT after limit_ms (0:
 * none), CANCELLED at an interrupt. 0 also when the engine ended the subscription. */
typedef bool (*cli_event_fn)(enum wire_event kind, const void *value, void *ctx);
int cli_follow(struct cli *c, const char *method, const void *params, cli_event_fn fn, void *ctx,
               uint64_t limit_ms, struct rk_err *err) RK_MUST_CHECK;
int cli_pages(struct cli *c, const char *method, void *params, void *result, int64_t most,
              struct rk_err *err) RK_MUST_CHECK;
/* cli_fail; CLI_NO when it was denied. */
int cli_refused(const struct cli *c, const struct rk_err *err);

/* ---- verbs' families ---- */
int cli_get_apps(struct cli *c);
int cli_get_app(struct cli *c);
int cli_get_resources(struct cli *c);
int cli_get_environments(struct cli *c);
int cli_get_operations(struct cli *c);
int cli_refresh(struct cli *c);
int cli_wait(struct cli *c);
int cli_diff(struct cli *c);            /* of the engine, or of files */
int cli_diff_files(struct cli *c);
int cli_plan(struct cli *c);
int cli_plan_files(struct cli *c);
int cli_sync(struct cli *c);
int cli_promote(struct cli *c);
int cli_revert(struct cli *c);
int cli_adopt(struct cli *c);
int cli_stop(struct cli *c);
int cli_freeze(struct cli *c);
int cli_unfreeze(struct cli *c);
int cli_release(struct cli *c);
int cli_validate(struct cli *c);
int cli_history(struct cli *c);
int cli_audit_log(struct cli *c);
int cli_audit_verify(struct cli *c);
int cli_logs(struct cli *c);
int cli_events(struct cli *c);
int cli_health(struct cli *c);
int cli_relay(struct cli *c);

/* show.c: texts of what the engine answers */
void cli_show_field(struct cli *c, const struct wire_field *f);
void cli_show_more(struct cli *c, int64_t n, const char *what);   /* "... and 3 more fields" */
/* The same of two revisions: where both values stand. */
void cli_show_compared(struct cli *c, const struct wire_field *f);
void cli_show_plan(struct cli *c, const struct wire_plan *p);
void cli_show_operation(struct cli *c, const struct wire_operation *o);
void cli_say_missing(const struct cli *c, const struct wire_plan *p);

int cli_render(struct cli *c);
int cli_help(struct cli *c);
int cli_help_of(struct cli *c, const char *name, const char *second);
int cli_version(struct cli *c);
int cli_pass(struct cli *c);            /* exec reckon-engine */
int cli_exec_engine(struct cli *c, const char *const *words);
struct render_result;
/* Builds the folder PATH as the options say. plain_ok: a folder without kustomization too. */
int cli_build(const struct cli *c, const char *path, bool plain_ok, struct render_result **out,
              struct rk_err *err) RK_MUST_CHECK;
/* remote.c, helm.c: fetched trees and charts of one call. */
struct cli_remotes;
struct render_remote;
struct render_files;
struct render_helm;
void cli_remotes_root(struct cli_remotes *r, const char *root); /* of the tree that is built */
int cli_chart(const struct render_helm *h, const struct render_files **out, void *ctx,
              struct rk_err *err) RK_MUST_CHECK;
int cli_helm(const struct render_helm *h, struct rk_arena *a, rk_str *out, void *ctx,
             struct rk_err *err) RK_MUST_CHECK;
struct cli_remotes *cli_remotes_new(const struct cli *c) RK_MUST_CHECK;
void cli_remotes_free(struct cli_remotes *r);
int cli_remote(const struct render_remote *r, const struct render_files **out, void *ctx,
               struct rk_err *err) RK_MUST_CHECK;
void cli_render_lints(const struct cli *c, const struct render_result *r);

void cli_help_verb(struct rk_buf *out, const struct cli_verb *v);
void cli_help_all(struct rk_buf *out);
void cli_man(struct rk_buf *out);
void cli_completion(struct rk_buf *out);

#endif
