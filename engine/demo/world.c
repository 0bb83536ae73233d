/*
 * world.c: the demo's programs and folders: bare repository, work clone, sandbox, engine. Programs
 * are started as children and stopped by their process ids; what waits, waits for a state.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo/demo_int.h"

enum { START_MS = 20000 };

/* ---- programs ---- */
static pid_t spawn(const char *const *argv, const char *log)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)setsid();
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* however the demo ends, nothing stays behind */
    if (out >= 0 && in >= 0) {
        (void)dup2(in, 0);
        (void)dup2(out, 1);
        (void)dup2(out, 2);
    }
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void stop(struct demo *d, pid_t *pid, int signum)
{
    if (*pid <= 0)
        return;
    (void)kill(*pid, signum);
    for (int i = 0; i < 250; i++) {
        if (waitpid(*pid, NULL, WNOHANG) != 0) {
            *pid = 0;
            return;
        }
        demo_pause(d, 20);
    }
    (void)kill(*pid, SIGKILL);
    (void)waitpid(*pid, NULL, 0);
    *pid = 0;
}

static const char *tail(struct demo *d, const char *log)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    if (rk_file_read(log, 1u << 20, &text, &none))
        return "";
    size_t from = text.n > 400 ? text.n - 400 : 0;
    return rk_arena_dup(d->arena, text.p + from, text.n - from);
}

/* ---- the sandbox ---- */
static bool there(struct demo *d, const void *path)
{
    return rk_path_exists(path) || (d->sandbox > 0 && waitpid(d->sandbox, NULL, WNOHANG) != 0);
}

static int start_sandbox(struct demo *d, struct rk_err *err)
{
    char *log = rk_path_join(d->dir, "sandbox.log");
    d->kubeconfig = rk_path_join(d->dir, "kubeconfig");
    const char *argv[] = {d->engine_program, "sandbox", "--listen", "127.0.0.1:0", "--kubeconfig",
                          d->kubeconfig, NULL};
    d->sandbox = spawn(argv, log);
    bool ok = demo_until(d, START_MS, there, d->kubeconfig) && rk_path_exists(d->kubeconfig);
    int rc = ok ? 0 : rk_fail(err, RK_UNAVAILABLE, "the sandbox did not start: %s", tail(d, log));
    free(log);
    return rc;
}

static int connect_api(struct demo *d, struct rk_err *err)
{
    if (cluster_config_load(d->kubeconfig, NULL, &d->config, err))
        return -1;
    struct net_client_opts opts = {
        .base = d->config->server, .user_agent = "kubectl/v1.35 (demo user)",
        .tls = {.ca = d->config->ca, .cert = d->config->cert, .key = d->config->key,
                .server_name = d->config->tls_server_name, .insecure = d->config->insecure},
    };
    if (net_client_new(d->loop, &opts, &d->api, err))
        return -1;
    if (d->config->token) {
        char *value = rk_asprintf("Bearer %s", d->config->token);
        net_client_authorize(d->api, value);
        rk_wipe(value, strlen(value));
        free(value);
    }
    return 0;
}

/* ---- the sealing certificate: the controller's service, else the active key's Secret ---- */
static void take_pem(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    void *const *pair = ctx;
    struct rk_buf *pem = pair[0];
    if (!err && r->status == 200)
        rk_buf_str(pem, r->body);
    run_loop_stop(pair[1]);
}

static bool certificate(struct demo *d, const void *arg)
{
    struct rk_buf *pem = (struct rk_buf *)(uintptr_t)arg;
    void *pair[] = {pem, d->loop};
    struct net_request_opts opts = {
        .path = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:/proxy"
                "/v1/cert.pem", .timeout_ms = 3000};
    (void)!net_request(d->api, &opts, take_pem, pair);
    run_loop_run(d->loop);
    if (memmem(pem->p, pem->n, "BEGIN CERTIFICATE", 17))
        return true;
    rk_buf_clear(pem);
    const struct doc_node *list = demo_object(
        d, "/api/v1/namespaces/kube-system/secrets?labelSelector="
           "sealedsecrets.bitnami.com%2Fsealed-secrets-key%3Dactive");
    const struct doc_node *data = doc_get(doc_at(doc_get(list, "items"), 0), "data");
    return rk_unbase64(pem, doc_get_text(data, "tls.crt")) && pem->n > 0;
}

/* ---- the repository ---- */
static int git_in(const char *dir, const char *const *args, struct rk_err *err)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    return gitcmd_run(dir, args, &out, err);
}

static int make_repository(struct demo *d, rk_str cert, struct rk_err *err)
{
    const char *const init[] = {"init", "-q", "--bare", "--initial-branch=main", d->bare, NULL};
    const char *const clone[] = {"clone", "-q", d->bare, d->work, NULL};
    if (git_in(d->dir, init, err) || git_in(d->dir, clone, err) || demo_layout(d, cert, err))
        return -1;
    static const char *const steps[][6] = {
        {"config", "user.name", "operator"},
        {"config", "user.email", "operator@example.org"},
        {"checkout", "-q", "-B", "main"},
        {"add", "-A"},
        {"commit", "-q", "-m", "simple-app in three environments"},
        {"push", "-q", "-u", "origin", "main"},
    };
    for (size_t i = 0; i < RK_LEN(steps); i++)
        if (git_in(d->work, steps[i], err))
            return -1;
    return 0;
}

/* ---- the engine ---- */
static int write_settings(struct demo *d, struct rk_err *err)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_buf_f(&text,
             "apiVersion: reckon.dev/v1\nrepositories:\n- name: main\n  url: file://%s\n"
             "  branch: main\n  poll: 5s\nclusters:\n- name: main\n"
             "  server: https://kubernetes.default.svc\n  kubeconfig: %s\nidentities:\n"
             "- {uid: %u, name: operator, email: operator@example.org}\nstate: %s\n",
             d->bare, d->kubeconfig, (unsigned)geteuid(), d->state);
    d->settings = rk_path_join(d->dir, "engine.yaml");
    return rk_file_write(d->settings, rk_buf_view(&text), 0600, err);
}

int demo_engine_start(struct demo *d, struct rk_err *err)
{
    int pipes[2];
    char fd[16], *log = rk_path_join(d->dir, "engine.log");
    if (pipe(pipes))
        return rk_fail_errno(err, errno, "pipe");
    (void)fcntl(pipes[0], F_SETFD, FD_CLOEXEC);
    (void)snprintf(fd, sizeof fd, "%d", pipes[1]);
    const char *argv[] = {d->engine_program, "engine", "--foreground", "--config", d->settings,
                          "--socket", d->socket, "--ready-fd", fd, NULL};
    d->engine = spawn(argv, log);
    (void)close(pipes[1]);
    char byte;
    ssize_t n = read(pipes[0], &byte, 1); /* one byte when it listens, the end when it fails */
    (void)close(pipes[0]);
    int rc = n == 1 ? 0 : rk_fail(err, RK_UNAVAILABLE, "the engine did not start: %s", tail(d, log));
    free(log);
    return rc;
}

void demo_engine_stop(struct demo *d, int signum)
{
    stop(d, &d->engine, signum);
}

int demo_world_start(struct demo *d, struct rk_err *err)
{
    struct rk_buf cert = RK_BUF_INIT;
    if (!d->real && start_sandbox(d, err))
        return -1;
    if (connect_api(d, err))
        return -1;
    int rc = demo_until(d, START_MS, certificate, &cert)
                 ? make_repository(d, rk_buf_view(&cert), err)
                 : rk_fail(err, RK_NOT_FOUND, "no sealed-secrets controller: neither its service "
                                              "nor an active key in kube-system");
    rk_buf_release(&cert);
    if (rc || write_settings(d, err))
        return -1;
    return demo_engine_start(d, err);
}

/* Namespaces of a real cluster are deleted, without waiting for their end. */
static void leave_cluster(struct demo *d)
{
    static const char *const environments[] = {"dev", "staging", "production"};
    for (size_t i = 0; d->real && d->api && i < RK_LEN(environments); i++)
        (void)demo_api(d, "DELETE", rk_arena_f(d->arena, "/api/v1/namespaces/%s",
                                               demo_namespace(d, environments[i])),
                       NULL, RK_STR_NONE, NULL);
}

void demo_world_stop(struct demo *d)
{
    demo_engine_stop(d, SIGTERM);
    leave_cluster(d);
    if (d->api)
        net_client_free(d->api);
    cluster_config_free(d->config);
    stop(d, &d->sandbox, SIGTERM);
}
