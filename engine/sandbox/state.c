/*
 * state.c: the state folder. In and out: DIR/objects (one JSON object a line, the first line holds
 * the newest resourceVersion), DIR/token and the PEM files. Written whole and atomically, at most
 * every two seconds and at the end: a killed sandbox loses at most that. Everything is 0600.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "sandbox/sandbox_int.h"

enum { MOST = 1024 * 1024 * 1024, PEM_MOST = 64 * 1024 };

static int read_file(const struct sandbox *sb, const char *name, size_t most, struct rk_buf *out,
                     struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = rk_path_join(sb->opts.state_dir, name);
    return rk_path_exists(path) ? rk_file_read(path, most, out, err) : 0;
}

static int write_file(const struct sandbox *sb, const char *name, rk_str bytes, struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = rk_path_join(sb->opts.state_dir, name);
    return rk_file_write(path, bytes, 0600, err);
}

/* ---- save ---- */

static void put_objects(struct sandbox *sb, struct rk_buf *out)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    rk_buf_f(out, "{\"resourceVersion\":\"%llu\"}\n", (unsigned long long)sb->store.rv);
    for (size_t t = 0; t < sb->n_types; t++) {
        size_t n;
        struct sb_object **list = sb_list(a, sb->types[t], RK_STR_NONE, &n);
        for (size_t i = 0; i < n; i++) {
            doc_json_write(out, list[i]->doc);
            rk_buf_ch(out, '\n');
        }
    }
}

int sb_state_save(struct sandbox *sb, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf objects = RK_BUF_INIT;
    const struct {
        const char *name;
        rk_str bytes;
    } files[] = {{"token", rk_str_c(sb->token)}, {"ca.pem", rk_buf_view(&sb->ca)},
                 {"server.pem", rk_buf_view(&sb->cert)}, {"server.key", rk_buf_view(&sb->key)},
                 {"sealing.pem", rk_buf_view(&sb->seal_cert)},
                 {"sealing.key", rk_buf_view(&sb->seal_key)}};
    if (!sb->opts.state_dir || !sb->dirty)
        return 0;
    put_objects(sb, &objects);
    if (rk_mkdirs(sb->opts.state_dir, 0700, err) < 0 ||
        write_file(sb, "objects", rk_buf_view(&objects), err) < 0)
        return rk_wrap(err, "state folder");
    for (size_t i = 0; i < RK_LEN(files); i++)
        if (files[i].bytes.n && write_file(sb, files[i].name, files[i].bytes, err) < 0)
            return rk_wrap(err, "state folder");
    sb->dirty = false;
    return 0;
}

/* ---- load ---- */

static int load_keys(struct sandbox *sb, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf token = RK_BUF_INIT;
    if (read_file(sb, "token", PEM_MOST, &token, err) < 0 ||
        read_file(sb, "ca.pem", PEM_MOST, &sb->ca, err) < 0 ||
        read_file(sb, "server.pem", PEM_MOST, &sb->cert, err) < 0 ||
        read_file(sb, "server.key", PEM_MOST, &sb->key, err) < 0 ||
        read_file(sb, "sealing.pem", PEM_MOST, &sb->seal_cert, err) < 0 ||
        read_file(sb, "sealing.key", PEM_MOST, &sb->seal_key, err) < 0)
        return -1;
    if (token.n) {
        free(sb->token);
        sb->token = rk_str_dup(rk_str_trim(rk_buf_view(&token)));
    }
    return 0;
}

/* What the service has is not given again: admit.c counts on from here. */
static void keep_allocated(struct sandbox *sb, const struct doc_node *service)
{
    const struct doc_node *ports = doc_walk(service, "spec.ports");
    rk_str rest = sb_str(service, "spec.clusterIP");
    int64_t part[4] = {0};
    for (size_t i = 0; i < RK_LEN(part); i++)
        if (!rk_str_int(rk_str_cut(rest, '.', &rest), &part[i]))
            part[i] = 0;
    const int64_t ip = part[2] * 250 + part[3];
    if (part[0] == 10 && part[1] == 96 && ip > sb->next_ip && ip < 250 * 250)
        sb->next_ip = (uint32_t)ip;
    for (size_t i = 0; i < doc_count(ports); i++) {
        const int64_t port = doc_get_int(doc_at(ports, i), "nodePort", 0) - 30000 + 1;
        if (port > sb->next_port && port < 2768)
            sb->next_port = (uint32_t)port;
    }
}

/* Definitions come before objects of their kinds, because put_objects goes by type. */
static int load_object(struct sandbox *sb, rk_str line, size_t number, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new_wiping();
    struct doc_node *doc;
    rk_str group, version;
    int64_t rv;
    if (doc_json_read(a, line, NULL, &doc, err) < 0)
        return rk_wrap(err, "objects:%zu", number);
    if (number == 1) {
        if (rk_str_int(doc_get_text(doc, "resourceVersion"), &rv) && rv > 0 &&
            (uint64_t)rv > sb->store.rv)
            sb->store.rv = (uint64_t)rv;
        return 0;
    }
    kube_split_api_version(doc_get_text(doc, "apiVersion"), &group, &version);
    struct sb_type *t = sb_type_of_kind(sb, group, doc_get_text(doc, "kind"));
    if (!t || !sb_str(doc, "metadata.name").n || !sb_str(doc, "metadata.uid").n)
        return rk_fail(err, RK_INVALID, "objects:%zu: no object of a kind that is served", number);
    if (!rk_str_int(sb_str(doc, "metadata.resourceVersion"), &rv) || rv < 0)
        rv = 0;
    struct sb_object *o = sb_object_new(t, doc, (uint64_t)rv);
    sb_store_put(sb, o);
    if (rk_streq(t->kind, "CustomResourceDefinition"))
        sb_control_crd(sb, o);
    if (rk_streq(t->kind, "Service"))
        keep_allocated(sb, doc);
    return 0;
}

int sb_state_load(struct sandbox *sb, struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (!sb->opts.state_dir)
        return 0;
    if (load_keys(sb, err) < 0 || read_file(sb, "objects", MOST, &text, err) < 0)
        return rk_wrap(err, "state folder");
    rk_str rest = rk_buf_view(&text);
    for (size_t number = 1; rest.n; number++) {
        const rk_str line = rk_str_cut(rest, '\n', &rest);
        if (line.n && load_object(sb, line, number, err) < 0)
            return rk_wrap(err, "state folder");
    }
    sb->restoring = text.n > 0;
    return 0;
}
