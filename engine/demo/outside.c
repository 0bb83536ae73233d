/*
 * outside.c: what the tour reads and does, as anybody outside the engine would: the Kubernetes API,
 * git in a work clone, and `reckon` as a command. Nothing here looks into an engine's memory.
 */
#include <string.h>
#include <unistd.h>

#include "demo/demo_int.h"

/* ---- the API ---- */
struct waiting {
    struct run_loop *loop;
    struct rk_arena *arena;
    struct doc_node **doc;
    int status;
};

static void answered(const struct net_response *r, const struct rk_err *err, void *ctx)
{
    struct waiting *w = ctx;
    struct rk_err none;
    struct doc_node *doc = NULL;
    w->status = err ? -1 : r->status;
    if (!err && w->doc &&
        doc_json_read(w->arena, rk_arena_str(w->arena, r->body), NULL, &doc, &none) == 0)
        *w->doc = doc;
    run_loop_stop(w->loop);
}

int demo_api(struct demo *d, const char *method, const char *path, const char *type, rk_str body,
             struct doc_node **doc)
{
    char header[128];
    (void)snprintf(header, sizeof header, "Content-Type: %s", type ? type : "application/json");
    const char *headers[] = {header, "Accept: application/json", NULL};
    struct waiting w = {d->loop, d->arena, doc, -1};
    struct net_request_opts opts = {.method = method, .path = path, .headers = headers,
                                    .body = body, .timeout_ms = 10000};
    if (doc)
        *doc = NULL;
    (void)!net_request(d->api, &opts, answered, &w);
    run_loop_run(d->loop);
    return w.status;
}

const struct doc_node *demo_object(struct demo *d, const char *path)
{
    struct doc_node *doc = NULL;
    return demo_api(d, "GET", path, NULL, RK_STR_NONE, &doc) == 200 ? doc : NULL;
}

const struct doc_node *demo_deployment(struct demo *d, const char *environment)
{
    return demo_object(d, rk_arena_f(d->arena, "/apis/apps/v1/namespaces/%s/deployments/%s",
                                     demo_namespace(d, environment), DEMO_APP));
}

/* ---- commands ---- */
static int run(const char *const *argv, const char *const *env, const char *cwd,
               struct rk_buf *out, struct rk_buf *errors)
{
    struct run_child_opts opts = {.argv = argv, .env = env, .cwd = cwd, .time_limit_ms = 60000};
    struct run_child_result r = {0};
    struct rk_err err = {0};
    if (run_child_wait(&opts, &r, &err)) {
        rk_buf_c(errors, err.text);
        return -1;
    }
    rk_buf_str(out, r.out);
    rk_buf_str(errors, r.err_text);
    int code = r.exit_code;
    run_child_result_release(&r);
    return code;
}

int demo_reckon(struct demo *d, struct rk_buf *out, const char *const *args)
{
    const char *argv[24] = {d->reckon};
    char *socket = rk_asprintf("RECKON_SOCKET=%s", d->socket);
    const char *env[] = {socket, NULL};
    struct rk_buf errors rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; args[i] && i + 2 < RK_LEN(argv); i++)
        argv[i + 1] = args[i];
    int code = run(argv, env, d->dir, out, &errors);
    free(socket);
    if (errors.n && code != 0)
        rk_buf_str(out, rk_buf_view(&errors));
    return code;
}

const struct doc_node *demo_reckon_json(struct demo *d, const char *const *args)
{
    const char *argv[24] = {0};
    size_t n = 0;
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct doc_node *doc = NULL;
    struct rk_err none;
    for (; args[n] && n + 3 < RK_LEN(argv); n++)
        argv[n] = args[n];
    argv[n++] = "-o";
    argv[n] = "json";
    (void)demo_reckon(d, &out, argv);
    if (doc_json_read(d->arena, rk_arena_str(d->arena, rk_buf_view(&out)), NULL, &doc, &none))
        return NULL;
    return doc;
}

int demo_git(struct demo *d, struct rk_buf *out, const char *const *args)
{
    const char *argv[24] = {"git", "-c", "user.name=operator", "-c",
                            "user.email=operator@example.org"};
    struct rk_buf errors rk_auto(rk_buf_release) = RK_BUF_INIT;
    for (size_t i = 0; args[i] && i + 6 < RK_LEN(argv); i++)
        argv[i + 5] = args[i];
    int code = run(argv, NULL, d->work, out, &errors);
    if (code)
        demo_say(d, "git %s: %s", args[0], errors.p);
    return code;
}

bool demo_pull(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *const args[] = {"pull", "-q", "--rebase", "origin", "main", NULL};
    return demo_git(d, &out, args) == 0;
}

int demo_commit(struct demo *d, const char *message)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *const add[] = {"add", "-A", NULL};
    const char *const commit[] = {"commit", "-q", "-m", message, NULL};
    const char *const push[] = {"push", "-q", "origin", "HEAD:main", NULL};
    if (demo_git(d, &out, add) || demo_git(d, &out, commit) || !demo_pull(d))
        return -1;
    return demo_git(d, &out, push);
}

bool demo_replace(struct demo *d, const char *file, const char *from, const char *to)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_buf new_text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err err = {0};
    char *path = rk_path_join(d->work, file);
    int rc = rk_file_read(path, 1u << 20, &text, &err);
    const char *at = rc == 0 ? strstr(text.p, from) : NULL;
    if (at) {
        rk_buf_add(&new_text, text.p, (size_t)(at - text.p));
        rk_buf_c(&new_text, to);
        rk_buf_c(&new_text, at + strlen(from));
        rc = rk_file_write(path, rk_buf_view(&new_text), 0644, &err);
    }
    free(path);
    if (rc || !at) {
        demo_say(d, "%s: \"%s\" is not there %s", file, from, err.text);
        return false;
    }
    return true;
}

int demo_edit(struct demo *d, const char *file, const char *from, const char *to,
              const char *message)
{
    return demo_pull(d) && demo_replace(d, file, from, to) ? demo_commit(d, message) : -1;
}

/* ---- waiting for a state ---- */
static void woken(void *ctx)
{
    run_loop_stop(ctx);
}

void demo_pause(struct demo *d, uint64_t ms)
{
    struct run_timer *t = run_timer_start(d->loop, ms, 0, woken, d->loop);
    run_loop_run(d->loop);
    run_timer_stop(t);
}

bool demo_until(struct demo *d, uint64_t limit_ms, bool (*fn)(struct demo *d, const void *arg),
                const void *arg)
{
    uint64_t end = rk_mono_ms() + limit_ms;
    for (;;) {
        if (fn(d, arg))
            return true;
        if (rk_mono_ms() >= end || *d->interrupted)
            return false;
        demo_pause(d, 40);
    }
}
