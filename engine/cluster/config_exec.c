/*
 * config_exec.c: a credential plugin of a kubeconfig (user.exec) runs as a child with a time and an
 * output limit, never interactive; its ExecCredential comes out as token or certificate pair.
 * Rules: reference/kubernetes.md section 1.3. What it printed is never quoted in an error: it may
 * be a credential. Its stderr is, made safe. Who caches and when to run again: auth.c.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

#include "base/hash.h"
#include "reckon/time.h"

#define PLUGIN_MS ((uint64_t)30000)
#define PLUGIN_BYTES ((size_t)1 << 20)

struct exec_run {
    const struct cluster_config *cfg;
    struct run_child *child;
    exec_done_fn done; /* NULL: cancelled */
    void *ctx;
};

static void free_wiped(char *s)
{
    if (s)
        rk_wipe(s, strlen(s));
    free(s);
}

void exec_answer_release(struct exec_answer *a)
{
    free_wiped(a->token);
    free_wiped(a->cert);
    free_wiped(a->key);
    *a = (struct exec_answer){0};
}

/* ---- what the plugin is told ---- */

static void add_cluster(struct rk_arena *a, struct doc_node *spec, const struct cluster_config *cfg)
{
    struct doc_node *c = doc_map(a);

    doc_set_c(a, c, "server", doc_string_c(a, cfg->server));
    if (cfg->tls_server_name)
        doc_set_c(a, c, "tls-server-name", doc_string_c(a, cfg->tls_server_name));
    if (cfg->insecure)
        doc_set_c(a, c, "insecure-skip-tls-verify", doc_bool(a, true));
    if (cfg->ca.n) {
        struct rk_buf b = RK_BUF_INIT;
        rk_base64(&b, cfg->ca.p, cfg->ca.n);
        doc_set_c(a, c, "certificate-authority-data", doc_string(a, rk_buf_view(&b)));
        rk_buf_release(&b);
    }
    if (cfg->proxy)
        doc_set_c(a, c, "proxy-url", doc_string_c(a, cfg->proxy));
    if (cfg->disable_compression)
        doc_set_c(a, c, "disable-compression", doc_bool(a, true));
    if (cfg->exec_cluster)
        doc_set_c(a, c, "config", doc_copy(a, cfg->exec_cluster));
    doc_set_c(a, spec, "cluster", c);
}

static char *exec_info(struct rk_arena *a, const struct cluster_config *cfg)
{
    struct doc_node *root = doc_map(a), *spec = doc_map(a);
    struct rk_buf out = RK_BUF_INIT;

    doc_set_c(a, root, "kind", doc_string_c(a, "ExecCredential"));
    doc_set_c(a, root, "apiVersion", doc_string(a, doc_get_text(cfg->exec, "apiVersion")));
    doc_set_c(a, root, "spec", spec);
    doc_set_c(a, spec, "interactive", doc_bool(a, false));
    if (doc_get_bool(cfg->exec, "provideClusterInfo", false))
        add_cluster(a, spec, cfg);
    rk_buf_c(&out, "KUBERNETES_EXEC_INFO=");
    doc_json_write(&out, root);
    char *kept = rk_arena_dup(a, out.p, out.n);
    rk_buf_release(&out);
    return kept;
}

static const char **texts(struct rk_arena *a, const struct doc_node *list, size_t room, size_t *n)
{
    const char **out;

    *n = doc_type(list) == DOC_LIST ? doc_count(list) : 0;
    out = rk_arena_array(a, *n + room, sizeof(*out));
    for (size_t i = 0; i < *n; i++) {
        rk_str t = doc_text(doc_at(list, i));
        out[i] = rk_arena_dup(a, t.p ? t.p : "", t.n);
    }
    return out;
}

/* ---- what it answers ---- */

static bool has_break(rk_str token)
{
    return token.n > 0 && (memchr(token.p, '\n', token.n) || memchr(token.p, '\r', token.n));
}

int exec_parse(const struct cluster_config *cfg, rk_str out, struct exec_answer *answer,
               struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new_wiping();
    struct doc_node *doc = NULL;
    int rc = 0;

    if (doc_json_read(a, out, NULL, &doc, NULL) < 0 || doc_type(doc) != DOC_MAP) {
        rk_arena_free(a);
        return rk_fail(err, RK_INVALID, "it did not print an ExecCredential");
    }
    const struct doc_node *status = doc_get(doc, "status");
    rk_str token = doc_get_text(status, "token");
    rk_str cert = doc_get_text(status, "clientCertificateData");
    rk_str key = doc_get_text(status, "clientKeyData");
    rk_str expires = doc_get_text(status, "expirationTimestamp");
    int64_t expires_ms = 0;
    rk_str want = doc_get_text(cfg->exec, "apiVersion");
    if (!rk_str_is(doc_get_text(doc, "kind"), "ExecCredential") ||
        !rk_str_eq(doc_get_text(doc, "apiVersion"), want))
        rc = rk_fail(err, RK_INVALID, "it answered with another kind or apiVersion than %.*s",
                     RK_ARG_STR(want));
    else if (doc_type(status) != DOC_MAP)
        rc = rk_fail(err, RK_INVALID, "its answer has no status");
    else if ((cert.n == 0) != (key.n == 0))
        rc = rk_fail(err, RK_INVALID, "it gave half a certificate pair");
    else if (token.n == 0 && cert.n == 0)
        rc = rk_fail(err, RK_INVALID, "it gave neither a token nor a certificate");
    else if (expires.n && !rk_time_parse(expires, &expires_ms))
        rc = rk_fail(err, RK_INVALID, "its expirationTimestamp is no time");
    else if (has_break(token))
        rc = rk_fail(err, RK_INVALID, "its token has a line break");
    if (rc == 0)
        *answer = (struct exec_answer){
            .token = token.n ? rk_str_dup(token) : NULL,
            .cert = cert.n ? rk_str_dup(cert) : NULL,
            .key = key.n ? rk_str_dup(key) : NULL,
            .expires_ms = expires_ms,
        };
    rk_arena_free(a);
    return rc;
}

static int judge(const struct exec_run *r, const struct run_child_result *res,
                 struct exec_answer *answer, struct rk_err *err)
{
    rk_str said = rk_str_trim(res->err_text);

    if (res->timed_out)
        return rk_fail(err, RK_TIMEOUT, "it did not answer in %d s", (int)(PLUGIN_MS / 1000));
    if (res->cut)
        return rk_fail(err, RK_LIMIT, "it printed more than %zu bytes", PLUGIN_BYTES);
    if (res->exit_code != 0)
        return rk_fail(err, RK_DENIED, "it failed with %s %d%s%.*s",
                       res->exit_code < 0 ? "signal" : "exit code",
                       res->exit_code < 0 ? res->signal : res->exit_code, said.n ? ": " : "",
                       (int)(said.n < 200 ? said.n : 200), said.n ? said.p : "");
    return exec_parse(r->cfg, res->out, answer, err);
}

static const char *command_of(const struct exec_run *r, char buf[200])
{
    rk_str c = doc_get_text(r->cfg->exec, "command");
    size_t n = c.n < 199 ? c.n : 199;

    memcpy(buf, c.p, n);
    buf[n] = '\0';
    return buf;
}

static void finished(const struct run_child_result *res, void *ctx)
{
    struct exec_run *r = ctx;
    struct exec_answer answer = {0};
    struct rk_err err;
    char name[200];

    if (!r->done) { /* cancelled: cfg may be gone */
        free(r);
        return;
    }
    if (judge(r, res, &answer, &err) < 0) {
        rk_wrap(&err, "user \"%s\": credential plugin %s",
                r->cfg->user_name ? r->cfg->user_name : "", command_of(r, name));
        r->done(NULL, &err, r->ctx);
    } else {
        r->done(&answer, NULL, r->ctx);
        exec_answer_release(&answer);
    }
    free(r);
}

void exec_run_cancel(struct exec_run *r)
{
    r->done = NULL;
    run_child_kill(r->child); /* finished still comes, and frees */
}

int exec_run_start(struct run_loop *loop, const struct cluster_config *cfg, exec_done_fn done,
                   void *ctx, struct exec_run **out, struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new_wiping();
    struct exec_run *r = rk_alloc(sizeof(*r));
    const struct doc_node *vars = doc_get(cfg->exec, "env");
    size_t n_args, n_env;
    const char **args = texts(a, doc_get(cfg->exec, "args"), 1, &n_args);
    const char **env = texts(a, vars, 2, &n_env);
    const char **argv = rk_arena_array(a, n_args + 2, sizeof(*argv));
    rk_str command = doc_get_text(cfg->exec, "command");
    int rc;

    *r = (struct exec_run){.cfg = cfg, .done = done, .ctx = ctx};
    argv[0] = rk_arena_dup(a, command.p, command.n);
    memcpy(argv + 1, args, n_args * sizeof(*args));
    for (size_t i = 0; i < n_env; i++) {
        rk_str k = doc_get_text(doc_at(vars, i), "name");
        rk_str v = doc_get_text(doc_at(vars, i), "value");
        env[i] = rk_arena_f(a, "%.*s=%.*s", RK_ARG_STR(k), RK_ARG_STR(v));
    }
    env[n_env] = exec_info(a, cfg);
    const struct run_child_opts opts = {
        .argv = argv, .env = env, .time_limit_ms = PLUGIN_MS, .output_limit = PLUGIN_BYTES};
    rc = run_child_start(loop, &opts, finished, r, &r->child, err);
    if (rc < 0) {
        rk_str hint = doc_get_text(cfg->exec, "installHint");
        if (hint.n && err && err->code == RK_NOT_FOUND)
            rk_fail(err, RK_NOT_FOUND, "%s is not installed: %.*s", argv[0],
                    (int)(hint.n < 300 ? hint.n : 300), hint.p);
        rk_wrap(err, "user \"%s\": credential plugin", cfg->user_name ? cfg->user_name : "");
        free(r);
    } else {
        *out = r;
    }
    rk_arena_free(a);
    return rc;
}
