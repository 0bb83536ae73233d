/*
 * sandbox.c: starts and stops: the store with its seeds, the token and certificates, the HTTPS
 * server, the key from the pool, the kubeconfig. Owns struct sandbox. See README.md for the map of
 * the room.
 */
#include "sandbox/sandbox.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "sandbox/sandbox_int.h"
#include "seal/seal.h"

enum { POD_DELAY_MS = 50, RSA_BITS = 2048, BOOKMARK_MS = 30000, SAVE_MS = 2000, LEAST_HISTORY =
      64 };

/* ---- the sealing key: made in the pool ---- */

struct key_job {
    struct sandbox *sb;
    unsigned bits;
    struct rk_buf key, cert;
    struct rk_err err;
    bool failed;
};

static void make_key(void *ctx, const atomic_bool *cancelled)
{
    struct key_job *j = ctx;
    (void)cancelled;
    j->failed = seal_make_key(j->bits, rk_wall_ms(), &j->key, &j->cert, &j->err) < 0;
}

static void key_made(void *ctx, bool cancelled)
{
    struct key_job *j = ctx;
    struct sandbox *sb = j->sb;
    if (!cancelled && !j->failed) {
        sb->seal_job = NULL;
        rk_buf_str(&sb->seal_key, rk_buf_view(&j->key));
        rk_buf_str(&sb->seal_cert, rk_buf_view(&j->cert));
        sb_seed_key(sb);
    }
    rk_wipe(j->key.p, j->key.n);
    rk_buf_release(&j->key);
    rk_buf_release(&j->cert);
    free(j);
}

static void want_key(struct sandbox *sb)
{
    if (sb->seal_key.n && sb->seal_cert.n) {
        sb_seed_key(sb);
        return;
    }
    struct key_job *j = rk_alloc(sizeof(*j));
    j->sb = sb;
    j->bits = sb->opts.rsa_bits;
    j->key = j->cert = RK_BUF_INIT;
    sb->seal_job = run_job_start(sb->loop, make_key, key_made, j);
}

/* ---- start ---- */

static void take_opts(struct sandbox *sb, const struct sandbox_opts *o)
{
    sb->opts = *o;
    sb->opts.address = rk_strdup(o->address ? o->address : "127.0.0.1");
    sb->opts.kubeconfig_out = o->kubeconfig_out ? rk_strdup(o->kubeconfig_out) : NULL;
    sb->opts.state_dir = o->state_dir ? rk_strdup(o->state_dir) : NULL;
    sb->opts.pod_delay_ms = o->pod_delay_ms ? o->pod_delay_ms : POD_DELAY_MS;
    sb->opts.rsa_bits = o->rsa_bits ? o->rsa_bits : RSA_BITS;
    if (sb->opts.history && sb->opts.history < LEAST_HISTORY)
        sb->opts.history = LEAST_HISTORY;   /* the store hands out objects that the ring holds */
}

static int make_token(struct sandbox *sb, struct rk_err *err)
{
    uint8_t bytes[24];
    char text[sizeof(bytes) * 2 + 1];
    if (rk_random(bytes, sizeof(bytes), err) < 0)
        return -1;
    rk_hex(bytes, sizeof(bytes), text);
    sb->token = rk_strdup(text);
    return 0;
}

static void stream_gone(struct net_exchange *x, void *ctx)
{
    struct sb_stream *s = x->user;
    (void)ctx;
    if (!s)
        return;
    x->user = NULL;
    s->gone(s);
}

static int serve(struct sandbox *sb, struct rk_err *err)
{
    const char *const names[] = {sb->opts.address, "127.0.0.1", "localhost",
                                 "kubernetes.default.svc", NULL};
    const bool twice = rk_streq(sb->opts.address, "127.0.0.1");
    if (!sb->cert.n && seal_make_server(names + twice, rk_wall_ms(), &sb->ca, &sb->cert, &sb->key,
                                        err) < 0)
        return -1;
    const struct net_server_opts server = {
        .address = sb->opts.address, .port = sb->opts.port, .cert = rk_buf_view(&sb->cert),
        .key = rk_buf_view(&sb->key), .handler = sb_handle, .gone = stream_gone, .ctx = sb};
    if (net_server_start(sb->loop, &server, &sb->server, err) < 0)
        return -1;
    const bool v6 = strchr(sb->opts.address, ':') != NULL;
    sb->url = rk_asprintf("https://%s%s%s:%u", v6 ? "[" : "", sb->opts.address, v6 ? "]" : "",
                          (unsigned)net_server_port(sb->server));
    return 0;
}

static void save(void *ctx)
{
    struct sandbox *sb = ctx;
    struct rk_err err;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (sb_state_save(sb, &err) == 0)
        return;
    rk_log_quote(&text, rk_str_c(err.text));
    rk_log(RK_LOG_ERROR, "msg=\"sandbox state not saved\" error=%s", text.p);
}

static void first_look(void *ctx)
{
    struct sandbox *sb = ctx;
    sb->restoring = false;
}

static void begin_work(struct sandbox *sb)
{
    sb->bookmark_timer =
        run_timer_start(sb->loop, BOOKMARK_MS, BOOKMARK_MS, sb_watch_bookmarks, sb);
    sb->cron_timer = run_timer_start(sb->loop, (uint64_t)(60000 - rk_wall_ms() % 60000) + 5, 0,
                                     sb_cron_tick, sb);
    if (sb->opts.state_dir)
        sb->save_timer = run_timer_start(sb->loop, SAVE_MS, SAVE_MS, save, sb);
    if (sb->restoring)
        sb->restore_timer = run_timer_start(sb->loop, 1000, 0, first_look, sb);
    sb_seed(sb);
    want_key(sb);
}

static int write_kubeconfig(const struct sandbox *sb, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (!sb->opts.kubeconfig_out)
        return 0;
    sandbox_kubeconfig(sb, &text);
    return rk_file_write(sb->opts.kubeconfig_out, rk_buf_view(&text), 0600, err);
}

int sandbox_start(struct run_loop *loop, const struct sandbox_opts *opts, struct sandbox **out,
                  struct rk_err *err)
{
    struct sandbox *sb = rk_alloc(sizeof(*sb));
    sb->loop = loop;
    sb->ca = sb->cert = sb->key = sb->seal_key = sb->seal_cert = RK_BUF_INIT;
    sb->queued = rk_map_new();
    sb->next_ip = 10;
    take_opts(sb, opts);
    sb_types_make(sb);
    sb_store_open(sb, sb->opts.history);
    if (make_token(sb, err) < 0 || sb_state_load(sb, err) < 0 || serve(sb, err) < 0 ||
        write_kubeconfig(sb, err) < 0) {
        sandbox_stop(sb);
        return rk_wrap(err, "sandbox");
    }
    begin_work(sb);
    *out = sb;
    return 0;
}

/* ---- stop ---- */

static void free_text(const char *text)
{
    union {
        const char *in;
        void *out;
    } p = {.in = text};
    free(p.out);
}

static void wipe(struct rk_buf *b)
{
    rk_wipe(b->p, b->n);
    rk_buf_release(b);
}

static void stop_timers(struct sandbox *sb)
{
    run_timer_stop(sb->bookmark_timer);
    run_timer_stop(sb->cron_timer);
    run_timer_stop(sb->save_timer);
    run_timer_stop(sb->restore_timer);
    if (sb->seal_job)
        run_job_cancel(sb->seal_job);   /* key_made is told, and looks at nothing of ours */
}

void sandbox_stop(struct sandbox *sb)
{
    if (!sb)
        return;
    sb->stopping = true;
    if (sb->url)
        save(sb);
    stop_timers(sb);
    sb_late_stop(sb);
    net_server_stop(sb->server);
    sb_queue_stop(sb);
    sb_store_close(sb);
    for (size_t i = 0; i < sb->n_types; i++)
        sb_type_free(sb->types[i]);
    for (size_t i = 0; i < sb->n_retired; i++)
        sb_type_free(sb->retired[i]);
    free(sb->types);
    free(sb->retired);
    wipe(&sb->ca);
    wipe(&sb->cert);
    wipe(&sb->key);
    wipe(&sb->seal_key);
    wipe(&sb->seal_cert);
    free(sb->url);
    if (sb->token)
        rk_wipe(sb->token, strlen(sb->token));
    free(sb->token);
    free_text(sb->opts.address);
    free_text(sb->opts.kubeconfig_out);
    free_text(sb->opts.state_dir);
    free(sb);
}

/* ---- what others ask ---- */

const char *sandbox_url(const struct sandbox *sb)
{
    return sb->url;
}

const char *sandbox_token(const struct sandbox *sb)
{
    return sb->token;
}

rk_str sandbox_ca(const struct sandbox *sb)
{
    return rk_buf_view(&sb->ca);
}

rk_str sandbox_sealing_cert(const struct sandbox *sb)
{
    return rk_buf_view(&sb->seal_cert);
}

void sandbox_set_faults(struct sandbox *sb, const struct sandbox_faults *faults)
{
    sb->opts.faults = *faults;
}

void sandbox_kubeconfig(const struct sandbox *sb, struct rk_buf *out)
{
    rk_auto(rk_buf_release) struct rk_buf ca = RK_BUF_INIT;
    rk_base64(&ca, sb->ca.p, sb->ca.n);
    rk_buf_f(out,
             "apiVersion: v1\n"
             "kind: Config\n"
             "clusters:\n"
             "- name: " SANDBOX_CONTEXT "\n"
             "  cluster: {server: \"%s\", certificate-authority-data: %s}\n"
             "users:\n"
             "- name: sandbox-admin\n"
             "  user: {token: %s}\n"
             "contexts:\n"
             "- name: " SANDBOX_CONTEXT "\n"
             "  context: {cluster: " SANDBOX_CONTEXT ", user: sandbox-admin, namespace: default}\n"
             "current-context: " SANDBOX_CONTEXT "\n",
             sb->url, ca.p, sb->token);
}
