/*
 * auth.c: which credential requests carry now: a static token or password, a token file that
 * rotates, or what a credential plugin gave. In: the configuration, the time, a 401. Out: the
 * Authorization header and the client certificate of the HTTP client. Nothing is ever sent to
 * http:// (reference/kubernetes.md sections 1.2 and 1.3). Owns the plugin's run.
 */
#include "cluster/cluster_int.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "reckon/time.h"

#define TOKEN_MS ((uint64_t)50000)   /* a token file is read anew after 60 s less 10 s leeway */
#define CERT_MS ((uint64_t)300000)
#define PLUGIN_AGAIN_MS ((uint64_t)5000)

static void wipe_free(char **s)
{
    if (*s)
        rk_wipe(*s, strlen(*s));
    free(*s);
    *s = NULL;
}

static bool set_header(struct cluster *c, const char *scheme, rk_str value)
{
    struct auth *a = &c->auth;
    char *header = rk_asprintf("%s %.*s", scheme, RK_ARG_STR(value));
    bool changed = !rk_streq(a->header, header);

    wipe_free(&a->header);
    a->header = header;
    if (changed) {
        a->changed_ms = rk_mono_ms();
        if (c->net)
            net_client_authorize(c->net, header);
    }
    return changed;
}

/* ---- files ---- */

static bool one_line(rk_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ')
            return false;
    return s.n > 0;
}

/* Was there another token? A file that cannot be read leaves the old one in use. */
static bool read_token(struct cluster *c)
{
    struct rk_buf text = RK_BUF_INIT;
    bool changed = false;

    c->auth.token_ms = rk_mono_ms();
    if (rk_file_read(c->config->token_file, (size_t)1 << 20, &text, &c->auth.error) == 0) {
        rk_str token = rk_str_trim(rk_buf_view(&text));

        if (one_line(token))
            changed = set_header(c, "Bearer", token);
        else
            rk_fail(&c->auth.error, RK_DENIED, "token file %s holds no token",
                    c->config->token_file);
    }
    if (c->auth.header)
        rk_err_clear(&c->auth.error);
    else
        c->auth.error.code = RK_DENIED;
    rk_wipe(text.p, text.n);
    rk_buf_release(&text);
    return changed;
}

static char *read_text(const char *path)
{
    struct rk_buf text = RK_BUF_INIT;
    char *out = NULL;

    if (rk_file_read(path, (size_t)1 << 20, &text, NULL) == 0)
        out = rk_str_dup(rk_buf_view(&text));
    rk_wipe(text.p, text.n);
    rk_buf_release(&text);
    return out;
}

/* Takes the pair. The connections made with another one end. */
static bool set_cert(struct cluster *c, char *cert, char *key)
{
    struct auth *a = &c->auth;
    rk_str now_cert = a->cert ? rk_str_c(a->cert) : c->config->cert;
    rk_str now_key = a->key ? rk_str_c(a->key) : c->config->key;

    if (rk_str_is(now_cert, cert) && rk_str_is(now_key, key)) {
        wipe_free(&cert);
        wipe_free(&key);
        return false;
    }
    wipe_free(&a->cert);
    wipe_free(&a->key);
    a->cert = cert;
    a->key = key;
    a->changed_ms = rk_mono_ms();
    if (c->net && cluster_renew_client(c, &a->error) < 0)
        a->ready = false;
    return true;
}

static bool read_cert(struct cluster *c)
{
    const struct cluster_config *cfg = c->config;
    char *cert = read_text(cfg->cert_file);
    char *key = cfg->key_file ? read_text(cfg->key_file) : rk_str_dup(cfg->key);

    c->auth.cert_ms = rk_mono_ms();
    if (cert && key)
        return set_cert(c, cert, key);
    wipe_free(&cert);
    wipe_free(&key);
    return false;
}

/* ---- plugin ---- */

static void plugin_done(struct exec_answer *answer, const struct rk_err *err, void *ctx)
{
    struct cluster *c = ctx;
    struct auth *a = &c->auth;

    cluster_enter(c);
    a->run = NULL;
    a->ready = !err;
    if (err) {
        a->error = *err;
        a->again_ms = rk_mono_ms() + PLUGIN_AGAIN_MS;
        cluster_denied(c, err);
    } else {
        rk_err_clear(&a->error);
        a->expires_ms = answer->expires_ms;
        if (answer->token)
            set_header(c, "Bearer", rk_str_c(answer->token));
        else
            wipe_free(&a->header);
        if (answer->cert) {
            set_cert(c, answer->cert, answer->key);
            answer->cert = answer->key = NULL;
        }
        a->changed_ms = rk_mono_ms(); /* even the same one: the plugin says that it is good */
    }
    queue_pump(c);
    watch_pump(c);
    cluster_leave(c);
}

static int plugin_start(struct cluster *c, struct rk_err *err)
{
    struct auth *a = &c->auth;

    if (a->error.code != RK_OK && rk_mono_ms() < a->again_ms) {
        *err = a->error;
        return -1;
    }
    if (exec_run_start(c->loop, c->config, plugin_done, c, &a->run, &a->error) < 0) {
        a->error.code = RK_DENIED;
        a->again_ms = rk_mono_ms() + PLUGIN_AGAIN_MS;
        *err = a->error;
        return -1;
    }
    return 0;
}

/* ---- for the rest of the room ---- */

int auth_init(struct cluster *c, struct rk_err *err)
{
    const struct cluster_config *cfg = c->config;
    struct auth *a = &c->auth;

    a->https = strncmp(cfg->server, "https://", 8) == 0;
    a->ready = true;
    a->cert_ms = rk_mono_ms();
    if (!a->https)
        return 0;
    if (cfg->token && !one_line(rk_str_c(cfg->token)))
        return rk_fail(err, RK_INVALID, "context \"%s\": the token is no single word",
                       cfg->context);
    if (cfg->token) {
        set_header(c, "Bearer", rk_str_c(cfg->token));
        a->token_ms = rk_mono_ms();
    } else if (cfg->token_file) {
        read_token(c);
    } else if (cfg->username) {
        struct rk_buf pair = RK_BUF_INIT, text = RK_BUF_INIT;
        rk_buf_f(&pair, "%s:%s", cfg->username, cfg->password ? cfg->password : "");
        rk_base64(&text, pair.p, pair.n);
        set_header(c, "Basic", rk_buf_view(&text));
        rk_wipe(pair.p, pair.n);
        rk_wipe(text.p, text.n);
        rk_buf_release(&pair);
        rk_buf_release(&text);
    } else if (cfg->exec && !cfg->cert.n) {
        a->exec = true;
        a->ready = false;
    }
    return 0;
}

void auth_release(struct cluster *c)
{
    struct auth *a = &c->auth;

    if (a->run)
        exec_run_cancel(a->run);
    a->run = NULL;
    wipe_free(&a->header);
    wipe_free(&a->cert);
    wipe_free(&a->key);
}

int auth_ready(struct cluster *c, struct rk_err *err)
{
    struct auth *a = &c->auth;
    uint64_t now = rk_mono_ms();

    if (!a->https)
        return 1;
    if (c->config->token_file && now - a->token_ms >= TOKEN_MS)
        read_token(c);
    if (c->config->cert_file && now - a->cert_ms >= CERT_MS)
        read_cert(c);
    if (!a->exec) {
        if (a->error.code == RK_OK)
            return 1;
        if (c->config->token_file)
            a->token_ms = now - TOKEN_MS + (TOKEN_MS / 10); /* look again in some seconds */
        *err = a->error;
        return -1;
    }
    if (a->run)
        return 0;
    if (a->ready && (a->expires_ms == 0 || rk_wall_ms() < a->expires_ms))
        return 1;
    a->ready = false;
    return plugin_start(c, err);
}

bool auth_refresh(struct cluster *c, uint64_t begun_ms)
{
    struct auth *a = &c->auth;

    if (!a->https)
        return false;
    if (a->changed_ms > begun_ms)
        return true;
    if (a->exec) {
        a->ready = false;
        return true;
    }
    bool changed = c->config->token_file && read_token(c);
    return (c->config->cert_file && read_cert(c)) || changed;
}
