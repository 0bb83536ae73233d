/*
 * disk.c: a folder on disk as a tree for a render. In: paths relative to its root. Out: bytes,
 * names, and where links lead. Reads only; a link out of the root is refused. Ids are made of the
 * file's inode, size and times, so a touched file counts as changed: cheap, and safe for a cache.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "render/render_int.h"

#define FILE_MAX ((size_t)16 << 20)

struct disk {
    struct render_files files;  /* first: render_disk hands out its address */
    char *root;                 /* without links, without a slash at the end; "" is / */
    char *folder, *real;        /* the last folder asked about, and where it really is */
};

static char *on_disk(const struct disk *d, const char *path)
{
    return path[0] ? rk_asprintf("%s/%s", d->root, path) : rk_strdup(d->root[0] ? d->root : "/");
}

/* Where a folder is without links, or NULL. Files are asked about folder by folder, and looking at
 * every part of every path again was a fifth of a small render. */
static const char *real_folder(struct disk *d, const char *folder)
{
    char found[PATH_MAX];

    if (rk_streq(d->folder, folder))
        return d->real;
    if (!realpath(folder[0] ? folder : "/", found))
        return NULL;
    free(d->folder);
    free(d->real);
    d->folder = rk_strdup(folder);
    d->real = rk_strdup(rk_streq(found, "/") ? "" : found);
    return d->real;
}

/* What is at full, and where it is without links. */
static bool find(struct disk *d, char *full, char found[PATH_MAX], struct stat *st)
{
    char *slash = strrchr(full, '/');
    const char *folder;
    int n;

    *slash = 0;
    folder = real_folder(d, full);
    *slash = '/';
    n = folder ? snprintf(found, PATH_MAX, "%s%s", folder, slash) : -1;
    if (n < 0 || n >= PATH_MAX || lstat(found, st))
        return false;
    return !S_ISLNK(st->st_mode) || (stat(full, st) == 0 && realpath(full, found));
}

static enum render_kind disk_stat(struct rk_arena *a, const char *path, const char **real,
                                  void *ctx, struct rk_err *err)
{
    struct disk *d = ctx;
    rk_auto(rk_free_str) char *full = on_disk(d, path);
    char found[PATH_MAX];
    size_t n = strlen(d->root);
    struct stat st;

    if (!find(d, full, found, &st))
        return RENDER_ABSENT;
    if (strncmp(found, d->root, n) != 0 || (found[n] != '/' && found[n] != 0)) {
        rk_fail(err, RK_DENIED, "%s is a link out of %s", path, d->root);
        return RENDER_ABSENT;
    }
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) { /* reading a pipe would wait for ever */
        rk_fail(err, RK_DENIED, "%s is neither a file nor a folder", path);
        return RENDER_ABSENT;
    }
    *real = rk_arena_strdup(a, found + n + (found[n] == '/'));
    return S_ISDIR(st.st_mode) ? RENDER_DIR : RENDER_FILE;
}

static int disk_read(struct rk_arena *a, const char *path, rk_str *out, void *ctx,
                     struct rk_err *err)
{
    rk_auto(rk_free_str) char *full = on_disk(ctx, path);
    struct rk_buf bytes = RK_BUF_INIT;

    if (rk_file_read(full, FILE_MAX, &bytes, err)) {
        rk_buf_release(&bytes);
        return -1;
    }
    *out = rk_arena_str(a, rk_buf_view(&bytes));
    rk_buf_release(&bytes);
    return 0;
}

static int disk_list(struct rk_arena *a, const char *path, const char ***names, size_t *n,
                     void *ctx, struct rk_err *err)
{
    rk_auto(rk_free_str) char *full = on_disk(ctx, path);
    char **found;
    size_t count;

    if (rk_dir_names(full, &found, &count, err))
        return -1;
    *names = rk_arena_array(a, count + 1, sizeof(**names));
    for (size_t i = 0; i < count; i++)
        (*names)[i] = rk_arena_strdup(a, found[i]);
    *n = count;
    rk_names_free(found, count);
    return 0;
}

static int disk_id(const char *path, char out[65], void *ctx, struct rk_err *err)
{
    rk_auto(rk_free_str) char *full = on_disk(ctx, path);
    struct stat st;

    (void)err;
    out[0] = 0;
    if (stat(full, &st)) /* as disk_stat: it is not there */
        return 0;
    snprintf(out, 65, "%lx:%lx:%lx:%lx.%lx", (unsigned long)st.st_ino, (unsigned long)st.st_size,
             (unsigned long)st.st_mode, (unsigned long)st.st_mtim.tv_sec,
             (unsigned long)st.st_mtim.tv_nsec);
    return 0;
}

struct render_files *render_disk(const char *root)
{
    struct disk *d = rk_alloc(sizeof(*d));
    char found[PATH_MAX];

    d->root = rk_strdup(realpath(root, found) ? found : root);
    if (rk_streq(d->root, "/"))
        d->root[0] = 0;
    d->files = (struct render_files){.stat = disk_stat, .read = disk_read, .list = disk_list,
                                     .id = disk_id, .ctx = d};
    return &d->files;
}

const char *render_disk_root(const struct render_files *f)
{
    return ((const struct disk *)f->ctx)->root;
}

void render_disk_free(struct render_files *f)
{
    struct disk *d = (struct disk *)f;

    if (!d)
        return;
    free(d->root);
    free(d->folder);
    free(d->real);
    free(d);
}
