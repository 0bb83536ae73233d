/*
 * main.c: `reckon-engine sandbox`. In: arguments. Out: a sandbox that serves until SIGTERM or
 * SIGINT; the kubeconfig's path on stdout once it does.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "reckon/doc.h"
#include "sandbox/sandbox.h"

enum { FAULTS_MOST = 64 * 1024 };

struct arguments {
    struct sandbox_opts opts;
    char *address;
    const char *faults;
};

static int read_listen(struct arguments *a, const char *text, struct rk_err *err)
{
    rk_str port, host = rk_str_cut(rk_str_c(text), ':', &port);
    int64_t n = 0;
    if (!port.p && rk_str_int(host, &n)) {
        port = host;
        host = RK_STR("127.0.0.1");
    }
    if (port.n && (!rk_str_int(port, &n) || n < 0 || n > 65535))
        return rk_fail(err, RK_INVALID, "--listen '%s': the port is no number up to 65535", text);
    a->address = rk_str_dup(host.n ? host : RK_STR("127.0.0.1"));
    a->opts.address = a->address;
    a->opts.port = (uint16_t)n;
    return 0;
}

static int read_arguments(int argc, char **argv, struct arguments *a, struct rk_err *err)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        const bool known = rk_streq(word, "--listen") || rk_streq(word, "--kubeconfig") ||
                           rk_streq(word, "--state") || rk_streq(word, "--faults");
        if (!known)
            return rk_fail(err, RK_INVALID, "unknown argument '%s'; usage: sandbox [--listen A] "
                           "[--kubeconfig OUT] [--state DIR] [--faults FILE]", word);
        if (!value)
            return rk_fail(err, RK_INVALID, "%s needs a value", word);
        i++;
        if (rk_streq(word, "--kubeconfig"))
            a->opts.kubeconfig_out = value;
        else if (rk_streq(word, "--state"))
            a->opts.state_dir = value;
        else if (rk_streq(word, "--faults"))
            a->faults = value;
        else if (read_listen(a, value, err) < 0)
            return -1;
    }
    return 0;
}

/* {"429": n, "500": n, "dropWatches": true, "latencyMs": n} */
static int read_faults(struct arguments *a, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *arena = rk_arena_new();
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    struct doc_node *doc;
    if (!a->faults)
        return 0;
    if (rk_file_read(a->faults, FAULTS_MOST, &text, err) < 0 ||
        doc_json_read(arena, rk_buf_view(&text), NULL, &doc, err) < 0)
        return rk_wrap(err, "--faults %s", a->faults);
    for (size_t i = 0; i < doc_count(doc); i++) {
        const struct doc_pair *p = doc_pair_at(doc, i);
        int64_t n = 0;
        const bool number = doc_as_int(p->value, &n) && n >= 0 && n <= 1000000;
        if (rk_str_is(p->key, "429") && number)
            a->opts.faults.too_many = (unsigned)n;
        else if (rk_str_is(p->key, "500") && number)
            a->opts.faults.errors = (unsigned)n;
        else if (rk_str_is(p->key, "latencyMs") && number)
            a->opts.faults.latency_ms = (uint64_t)n;
        else if (rk_str_is(p->key, "dropWatches") && doc_type(p->value) == DOC_BOOL)
            a->opts.faults.drop_watches = p->value->boolean;
        else
            return rk_fail(err, RK_INVALID, "--faults %s: '" RK_FMT_STR
                           "' is not understood; known: "
                           "429, 500, latencyMs (numbers), dropWatches (true)", a->faults,
                           RK_ARG_STR(p->key));
    }
    return 0;
}

static void stop_loop(int signum, void *ctx)
{
    (void)signum;
    run_loop_stop(ctx);
}

static int serve(const struct arguments *a, struct rk_err *err)
{
    struct run_loop *loop = run_loop_new();
    struct sandbox *sb = NULL;
    if (sandbox_start(loop, &a->opts, &sb, err) < 0) {
        run_loop_free(loop);
        return -1;
    }
    struct run_signal *term = run_signal_start(loop, SIGTERM, stop_loop, loop);
    struct run_signal *interrupt = run_signal_start(loop, SIGINT, stop_loop, loop);
    printf("%s\n", a->opts.kubeconfig_out);
    fflush(stdout);
    fprintf(stderr, "sandbox: serving an imaginary cluster at %s\n", sandbox_url(sb));
    run_loop_run(loop);
    run_signal_stop(term);
    run_signal_stop(interrupt);
    sandbox_stop(sb);
    run_loop_free(loop);
    return 0;
}

int sandbox_main(int argc, char **argv)
{
    struct arguments a = {0};
    struct rk_err err;
    const char *run = getenv("XDG_RUNTIME_DIR");
    rk_auto(rk_free_str) char *path = rk_asprintf("%s/reckon-sandbox-%d.kubeconfig",
                                                  run && *run ? run : "/tmp", (int)getpid());
    int rc = read_arguments(argc, argv, &a, &err);
    const bool own_path = !a.opts.kubeconfig_out;
    if (own_path)
        a.opts.kubeconfig_out = path;
    if (rc == 0)
        rc = read_faults(&a, &err);
    if (rc == 0)
        rc = serve(&a, &err);
    if (rc == 0 && own_path)
        unlink(path);
    if (rc < 0)
        fprintf(stderr, "sandbox: %s\n", err.text);
    free(a.address);
    return rc < 0 ? 2 : 0;
}
