/*
 * state.c: small documents that survive a restart. In: a name, a document. Out: one JSON file each,
 * whole or not at all; the key that stands for secret values; the inventory of an application.
 * A document that cannot be read is an error of its own: the caller decides, nothing is overwritten
 * here unasked. Owns nothing between calls. Blocks: the files are small.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "record/record_int.h"

enum { STATE_MAX = 16 << 20 };

int record_state_read(const char *dir, const char *name, struct rk_arena *a,
                      struct doc_node **out, struct rk_err *err)
{
    static const struct doc_limits limits = {.nodes = 1000000};
    rk_auto(rk_free_str) char *path = record_path(dir, name, ".json");
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    struct rk_err why = {0};
    if (rk_file_read(path, STATE_MAX, &text, &why) < 0) {
        if (why.code != RK_NOT_FOUND)
            return rk_fail(err, why.code, "%s", why.text);
        *out = NULL;
        return 0;
    }
    if (doc_json_read(a, rk_arena_str(a, rk_buf_view(&text)), &limits, out, err) < 0)
        return rk_wrap(err, "%s", path);
    return 0;
}

static int make_folder_of(const char *path, struct rk_err *err)
{
    rk_auto(rk_free_str) char *folder = rk_strndup(path, (size_t)(strrchr(path, '/') - path));
    return rk_path_is_dir(folder) ? 0 : rk_mkdirs(folder, 0700, err);
}

int record_state_write(const char *dir, const char *name, const struct doc_node *value,
                       struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = record_path(dir, name, ".json");
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    doc_json_write(&text, value);
    rk_buf_ch(&text, '\n');
    if (make_folder_of(path, err) < 0)
        return -1;
    return rk_file_write(path, rk_buf_view(&text), 0600, err);
}

/* ---- the key ---- */

static int key_read(const char *path, uint8_t out[32], struct rk_err *err)
{
    rk_auto(rk_buf_release) struct rk_buf bytes = RK_BUF_INIT;
    struct stat st;
    if (rk_file_read(path, 64, &bytes, err) < 0)
        return -1;
    if (bytes.n != 32)
        return rk_fail(err, RK_INVALID, "%s has %zu bytes, a key has 32; put the right one back, or "
                                        "remove it and a new one is made", path, bytes.n);
    memcpy(out, bytes.p, 32);
    rk_wipe(bytes.p, bytes.n);
    if (stat(path, &st) != 0 || ((st.st_mode & 077) && chmod(path, 0600) != 0))
        return rk_fail_errno(err, errno, "%s may be read by others", path);
    return 0;
}

int record_key(const char *dir, uint8_t out[32], struct rk_err *err)
{
    rk_auto(rk_free_str) char *path = rk_asprintf("%s/key", dir);
    uint8_t key[32];
    if (rk_path_exists(path))
        return key_read(path, out, err);
    if (rk_mkdirs(dir, 0700, err) < 0 || rk_random(key, sizeof key, err) < 0 ||
        rk_file_write(path, (rk_str){(const char *)key, sizeof key}, 0600, err) < 0)
        return -1;
    memcpy(out, key, sizeof key);
    rk_wipe(key, sizeof key);
    return 0;
}
