/*
 * config.c: kubeconfig files in, one resolved context out, as client-go loads and merges them
 * (reference/kubernetes.md section 1). The first file that defines a name wins as a whole entry;
 * relative paths are relative to the file that names them. Everything lands in one wiping arena.
 * It starts nothing: plugins run in config_exec.c. Without a kubeconfig: config_env.c.
 */
#include "cluster/config_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"

#define FILES_MAX ((size_t)64)
#define FILE_BYTES ((size_t)4 << 20)

struct source {
    const char *path;
    char *dir;
    struct doc_node *doc;
};
struct load {
    struct cluster_config *cfg;
    struct source files[FILES_MAX];
    size_t n, missing;
};
struct named {
    const struct doc_node *body;
    const struct source *from;
};

/* ---- files ---- */

static int check_names(const struct source *s, struct rk_err *err)
{
    static const char *const lists[] = {"clusters", "users", "contexts"};

    for (size_t i = 0; i < RK_LEN(lists); i++) {
        const struct doc_node *list = doc_get(s->doc, lists[i]);
        struct rk_map *seen = rk_map_new();
        int rc = 0;

        for (size_t k = 0; doc_type(list) == DOC_LIST && k < doc_count(list) && rc == 0; k++) {
            rk_str name = doc_get_text(doc_at(list, k), "name");

            if (name.n && rk_map_set_n(seen, name, seen))
                rc = rk_fail_at(err, RK_INVALID, s->path, 0, 0, "%s: \"%.*s\" is there twice",
                                lists[i], RK_ARG_STR(name));
        }
        rk_map_free(seen, NULL);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int add_file(struct load *l, rk_str path, struct rk_err *err)
{
    struct rk_arena *a = l->cfg->arena;
    struct source *s = &l->files[l->n];
    struct rk_buf text = RK_BUF_INIT;
    struct rk_err why;
    int rc;

    for (size_t i = 0; i < l->n; i++)
        if (rk_str_is(path, l->files[i].path))
            return 0;
    if (l->n == FILES_MAX)
        return rk_fail(err, RK_LIMIT, "KUBECONFIG names more than %zu files", FILES_MAX);
    s->path = rk_arena_dup(a, path.p, path.n);
    if (rk_file_read(s->path, FILE_BYTES, &text, &why) < 0) {
        rk_buf_release(&text);
        if (why.code != RK_NOT_FOUND)
            return rk_fail(err, RK_INVALID, "kubeconfig %s", why.text);
        l->missing++;
        return 0;
    }
    const struct doc_read how = {.typing = DOC_CONFIG, .file = s->path};
    rc = doc_yaml_read_one(a, rk_buf_view(&text), &how, &s->doc, err);
    rk_wipe(text.p, text.n);
    rk_buf_release(&text);
    if (rc < 0)
        return rk_wrap(err, "kubeconfig");
    if (doc_type(s->doc) != DOC_MAP && !doc_is_null(s->doc))
        return rk_fail_at(err, RK_INVALID, s->path, 0, 0, "is no kubeconfig");
    const char *slash = strrchr(s->path, '/');
    s->dir = slash ? rk_arena_dup(a, s->path, (size_t)(slash - s->path) + 1)
                   : rk_arena_strdup(a, ".");
    l->n++;
    return check_names(s, err);
}

static int add_list(struct load *l, const char *paths, struct rk_err *err)
{
    rk_str rest = rk_str_c(paths);

    while (rest.p) {
        rk_str one = rk_str_cut(rest, ':', &rest);

        if (one.n > 0 && add_file(l, one, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- look-ups over the files ---- */

static bool find_named(const struct load *l, const char *list, const char *inner, rk_str name,
                       struct named *out)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct doc_node *all = doc_get(l->files[i].doc, list);

        for (size_t k = 0; doc_type(all) == DOC_LIST && k < doc_count(all); k++) {
            const struct doc_node *one = doc_at(all, k);

            if (!rk_str_eq(doc_get_text(one, "name"), name))
                continue;
            *out = (struct named){doc_get(one, inner), &l->files[i]};
            return true;
        }
    }
    return false;
}

static const char *text_in(struct cluster_config *c, const struct doc_node *map, const char *key)
{
    rk_str t = doc_get_text(map, key);

    return t.n ? rk_arena_dup(c->arena, t.p, t.n) : NULL;
}

static const char *path_in(struct cluster_config *c, const struct named *n, const char *key)
{
    const char *t = text_in(c, n->body, key);

    if (!t || t[0] == '/')
        return t;
    char *joined = rk_path_join(n->from->dir, t);
    const char *kept = rk_arena_strdup(c->arena, joined);
    free(joined);
    return kept;
}

/* "<key>-data" in base64, else the file that <key> names; *file tells which. */
static int pem_in(struct cluster_config *c, const struct named *n, const char *key, rk_str *out,
                  const char **file, struct rk_err *err)
{
    char data_key[64];
    struct rk_buf bytes = RK_BUF_INIT;
    int rc = 0;

    snprintf(data_key, sizeof(data_key), "%s-data", key);
    rk_str data = doc_get_text(n->body, data_key);
    const char *path = data.n ? NULL : path_in(c, n, key);
    if (data.n && !rk_unbase64(&bytes, data))
        rc = rk_fail_at(err, RK_INVALID, n->from->path, 0, 0, "%s is not base64", data_key);
    else if (path && rk_file_read(path, FILE_BYTES, &bytes, err) < 0)
        rc = rk_wrap(err, "%s: %s", n->from->path, key);
    else if (data.n || path)
        *out = rk_arena_str(c->arena, rk_buf_view(&bytes));
    if (file)
        *file = path;
    rk_wipe(bytes.p, bytes.n);
    rk_buf_release(&bytes);
    return rc;
}

/* ---- cluster, user, context ---- */

static const struct doc_node *exec_extension(const struct doc_node *cluster)
{
    const struct doc_node *all = doc_get(cluster, "extensions");

    for (size_t i = 0; doc_type(all) == DOC_LIST && i < doc_count(all); i++)
        if (rk_str_is(doc_get_text(doc_at(all, i), "name"), "client.authentication.k8s.io/exec"))
            return doc_get(doc_at(all, i), "extension");
    return NULL;
}

static int read_cluster(struct cluster_config *c, const struct named *n, struct rk_err *err)
{
    c->server = text_in(c, n->body, "server");
    if (!c->server)
        return rk_fail_at(err, RK_INVALID, n->from->path, 0, 0, "cluster \"%s\" has no server",
                          c->cluster_name);
    if (pem_in(c, n, "certificate-authority", &c->ca, NULL, err) < 0)
        return -1;
    c->insecure = doc_get_bool(n->body, "insecure-skip-tls-verify", false);
    c->disable_compression = doc_get_bool(n->body, "disable-compression", false);
    c->tls_server_name = text_in(c, n->body, "tls-server-name");
    c->proxy = text_in(c, n->body, "proxy-url");
    c->exec_cluster = exec_extension(n->body);
    if (c->insecure && c->ca.n)
        return rk_fail_at(err, RK_INVALID, n->from->path, 0, 0,
                          "cluster \"%s\": insecure-skip-tls-verify and a certificate authority "
                          "exclude each other", c->cluster_name);
    return 0;
}

static int check_exec(struct cluster_config *c, const struct named *n, struct rk_err *err)
{
    struct doc_node *exec = doc_get(n->body, "exec");
    rk_str version = doc_get_text(exec, "apiVersion");
    rk_str mode = doc_get_text(exec, "interactiveMode");
    const char *command = text_in(c, exec, "command");

    if (doc_type(exec) != DOC_MAP)
        return 0;
    if (!command)
        return rk_fail_at(err, RK_INVALID, n->from->path, 0, 0, "user \"%s\": exec has no command",
                          c->user_name);
    if (!rk_str_is(version, "client.authentication.k8s.io/v1") &&
        !rk_str_is(version, "client.authentication.k8s.io/v1beta1"))
        return rk_fail_at(err, RK_UNSUPPORTED, n->from->path, 0, 0,
                          "user \"%s\": exec of apiVersion \"%.*s\": update the plugin to "
                          "client.authentication.k8s.io/v1", c->user_name, RK_ARG_STR(version));
    if (rk_str_is(mode, "Always"))
        return rk_fail_at(err, RK_UNSUPPORTED, n->from->path, 0, 0,
                          "user \"%s\": exec with interactiveMode Always cannot run in the "
                          "background: use a credential that needs no terminal", c->user_name);
    if (strchr(command, '/') && command[0] != '/') {
        char *joined = rk_path_join(n->from->dir, command);
        doc_set_c(c->arena, exec, "command", doc_string_c(c->arena, joined));
        free(joined);
    }
    c->exec = exec;
    return 0;
}

static int read_user(struct cluster_config *c, const struct named *n, struct rk_err *err)
{
    if (pem_in(c, n, "client-certificate", &c->cert, &c->cert_file, err) < 0 ||
        pem_in(c, n, "client-key", &c->key, &c->key_file, err) < 0)
        return -1;
    c->token = text_in(c, n->body, "token");
    c->token_file = path_in(c, n, "tokenFile");
    c->username = text_in(c, n->body, "username");
    c->password = text_in(c, n->body, "password");
    if (c->cert.n && !c->key.n)
        return rk_fail_at(err, RK_INVALID, n->from->path, 0, 0,
                          "user \"%s\": client-certificate needs client-key", c->user_name);
    if (c->token && c->username)
        return rk_fail_at(err, RK_INVALID, n->from->path, 0, 0,
                          "user \"%s\": token and username exclude each other", c->user_name);
    if (doc_get(n->body, "auth-provider"))
        return rk_fail_at(err, RK_UNSUPPORTED, n->from->path, 0, 0,
                          "user \"%s\": auth-provider is gone from Kubernetes: use exec",
                          c->user_name);
    if (check_exec(c, n, err) < 0)
        return -1;
    return config_impersonate(c, n->body, n->from->path, err);
}

static rk_str current_context(const struct load *l)
{
    for (size_t i = 0; i < l->n; i++) {
        rk_str t = doc_get_text(l->files[i].doc, "current-context");

        if (t.n)
            return t;
    }
    return RK_STR_NONE;
}

static int resolve(struct load *l, const char *context, struct rk_err *err)
{
    struct cluster_config *c = l->cfg;
    rk_str name = context ? rk_str_c(context) : current_context(l);
    struct named ctx, cluster, user;

    if (name.n == 0)
        return rk_fail_at(err, RK_NOT_FOUND, l->files[0].path, 0, 0,
                          "no current-context: name a context");
    if (!find_named(l, "contexts", "context", name, &ctx))
        return rk_fail_at(err, RK_NOT_FOUND, l->files[0].path, 0, 0, "no context \"%.*s\"",
                          RK_ARG_STR(name));
    c->context = rk_arena_dup(c->arena, name.p, name.n);
    c->cluster_name = text_in(c, ctx.body, "cluster");
    c->user_name = text_in(c, ctx.body, "user");
    c->namespace = text_in(c, ctx.body, "namespace");
    if (!c->namespace)
        c->namespace = "default";
    if (!c->cluster_name ||
        !find_named(l, "clusters", "cluster", rk_str_c(c->cluster_name), &cluster))
        return rk_fail_at(err, RK_INVALID, ctx.from->path, 0, 0,
                          "context \"%s\" names the cluster \"%s\", which is not there", c->context,
                          c->cluster_name ? c->cluster_name : "");
    if (read_cluster(c, &cluster, err) < 0)
        return -1;
    if (c->user_name && !find_named(l, "users", "user", rk_str_c(c->user_name), &user))
        return rk_fail_at(err, RK_INVALID, ctx.from->path, 0, 0,
                          "context \"%s\" names the user \"%s\", which is not there", c->context,
                          c->user_name);
    if (c->user_name && read_user(c, &user, err) < 0)
        return -1;
    return config_server(c, err);
}

/* ---- the door ---- */

static int load(struct load *l, const char *paths, const char *context, struct rk_err *err)
{
    const char *env = getenv("KUBECONFIG"), *home = getenv("HOME");
    char *own = NULL;
    int rc;

    if (!paths && env && env[0])
        paths = env;
    if (!paths && home)
        paths = own = rk_path_join(home, ".kube/config");
    rc = paths ? add_list(l, paths, err) : 0;
    if (rc == 0 && l->n == 0 && (own || paths == env || !paths) && config_in_cluster(l->cfg)) {
        free(own);
        return config_in_cluster_read(l->cfg, err);
    }
    if (rc == 0 && l->n == 0)
        rc = rk_fail(err, RK_NOT_FOUND, "no kubeconfig: %s is not there", paths ? paths : "$HOME");
    free(own);
    return rc < 0 ? -1 : resolve(l, context, err);
}

int cluster_config_load(const char *paths, const char *context, struct cluster_config **out,
                        struct rk_err *err)
{
    struct rk_arena *a = rk_arena_new_wiping();
    struct cluster_config *c = rk_arena_alloc(a, sizeof(*c));
    struct load *l = rk_alloc(sizeof(*l));
    int rc;

    c->arena = a;
    l->cfg = c;
    rc = load(l, paths, context, err);
    free(l);
    if (rc < 0) {
        rk_arena_free(a);
        return -1;
    }
    *out = c;
    return 0;
}

void cluster_config_free(struct cluster_config *c)
{
    if (c)
        rk_arena_free(c->arena); /* c itself lies in it */
}
