/*
 * reckon_engine.c: the program `reckon-engine`: a table from word to function. `reckon` runs it
 * for the words that are its own; a user never needs its name. A room that is not there leaves
 * its rows out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reckon/base.h"
#include "reckon/str.h"

#if __has_include("core/core.h")
#include "core/core.h"
#define HAVE_CORE
#endif
#if __has_include("sandbox/sandbox.h")
#include "sandbox/sandbox.h"
#define HAVE_SANDBOX
#endif
#if __has_include("demo/demo.h")
#include "demo/demo.h"
#define HAVE_DEMO
#endif
#if __has_include("admin/admin.h")
#include "admin/admin.h"
#define HAVE_ADMIN
#endif

enum { EXIT_ERROR = 2 };

#ifdef HAVE_CORE
struct engine_option {
    const char *name;
    bool wants_value;
    size_t offset;              /* in struct core_opts; a bool or a const char * */
};
#define OPTION(text, member) {text, true, offsetof(struct core_opts, member)}
#define SWITCH(text, member) {text, false, offsetof(struct core_opts, member)}

static const struct engine_option engine_options[] = {
    OPTION("--profile", profile), OPTION("--config", config), OPTION("--socket", socket),
    OPTION("--state", state_dir), OPTION("--repo", repo), OPTION("--kubeconfig", kubeconfig),
    SWITCH("--system", system), SWITCH("--session", session),
    SWITCH("--foreground", foreground),
};

static const struct engine_option *option_named(const char *word, const char **value)
{
    for (size_t i = 0; i < RK_LEN(engine_options); i++) {
        size_t n = strlen(engine_options[i].name);

        if (strncmp(word, engine_options[i].name, n) == 0 && (!word[n] || word[n] == '=')) {
            *value = word[n] ? word + n + 1 : NULL;
            return &engine_options[i];
        }
    }
    return NULL;
}

#define KNOWN \
    "--profile --config --socket --state --repo --kubeconfig --ready-fd (with a value), " \
    "--system --session --foreground"

static int bad_option(const char *word, const char *what)
{
    fprintf(stderr, "reckon engine: %s %s; known: " KNOWN "\n", word, what);
    return EXIT_ERROR;
}

static int read_ready_fd(const char *text, struct core_opts *o)
{
    int64_t n;

    if (!text || !rk_str_int(rk_str_c(text), &n) || n < 0 || n > 65535)
        return bad_option("--ready-fd", "wants a descriptor's number");
    o->ready_fd = (int)n;
    return 0;
}

static int read_options(int argc, char **argv, struct core_opts *o)
{
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;

        if (strcmp(argv[i], "--ready-fd") == 0) {
            i++;
            if (read_ready_fd(i < argc ? argv[i] : NULL, o))
                return EXIT_ERROR;
            continue;
        }
        const struct engine_option *row = option_named(argv[i], &value);
        char *field = row ? (char *)o + row->offset : NULL;

        if (!row)
            return bad_option(argv[i], "is no option of the engine");
        if (!row->wants_value && value)
            return bad_option(argv[i], "takes no value");
        if (row->wants_value && !value && !(value = ++i < argc ? argv[i] : NULL))
            return bad_option(row->name, "wants a value");
        if (row->wants_value)
            memcpy(field, &value, sizeof(value));
        else
            *(bool *)(void *)field = true;
    }
    return 0;
}

static int engine_main(int argc, char **argv)
{
    struct core_opts opts = {.ready_fd = -1};
    struct rk_err err = {0};

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        puts("reckon engine: run the engine until SIGTERM\n\noptions: " KNOWN);
        return 0;
    }
    if (read_options(argc, argv, &opts))
        return EXIT_ERROR;
    if (core_run(&opts, &err) == 0)
        return 0;
    fprintf(stderr, "reckon engine: %s\n", err.text);
    return EXIT_ERROR;
}
#endif

static int version_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("reckon-engine " RK_VERSION);
    return 0;
}

/* argv[0] of each is the word itself. */
static const struct word { const char *name; int (*run)(int argc, char **argv); } words[] = {
#ifdef HAVE_CORE
    {"engine", engine_main},
#endif
#ifdef HAVE_SANDBOX
    {"sandbox", sandbox_main},
#endif
#ifdef HAVE_DEMO
    {"demo", demo_main},
#endif
#ifdef HAVE_ADMIN
    {"init", admin_main},    {"seal", admin_main},    {"unseal", admin_main},
    {"audit", admin_main},   {"backup", admin_main},  {"restore", admin_main},
    {"manifests", admin_main},
#endif
    {"version", version_main},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < RK_LEN(words); i++)
        if (strcmp(argv[1], words[i].name) == 0)
            return words[i].run(argc - 1, argv + 1);
    if (argc > 1)
        fprintf(stderr, "reckon: %s is not in this version; `reckon help` lists the verbs\n",
                argv[1]);
    else
        fprintf(stderr, "reckon-engine: run `reckon help`; this program serves it\n");
    return EXIT_ERROR;
}
