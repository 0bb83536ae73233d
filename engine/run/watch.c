/*
 * watch.c: changes of a file or folder.
 *
 * In: a path. Out: one call for each burst of changes (50 ms after the first event of it).
 * A folder is watched itself (not what lies in its folders); a file through the folder that holds
 * it, because programs replace files by rename and a watch on the old inode would go silent. The
 * file may be missing yet; its folder may not.
 */
#include "run_int.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { COALESCE_MS = 50 };

struct run_watch {
    uv_fs_event_t event;
    uv_timer_t timer;
    int open;           /* handles whose close callback has not come */
    char *name;         /* the file's name in its folder; NULL: any */
    run_fn fn;
    void *ctx;
};

static void timer_cb(uv_timer_t *h)
{
    struct run_watch *w = h->data;
    w->fn(w->ctx);
}

static void event_cb(uv_fs_event_t *h, const char *name, int events, int status)
{
    struct run_watch *w = h->data;
    (void)events;
    if (status == 0 && w->name && name && !rk_streq(name, w->name))
        return;
    if (!uv_is_active((uv_handle_t *)&w->timer))
        uv_timer_start(&w->timer, timer_cb, COALESCE_MS, 0);
}

static void closed_cb(uv_handle_t *h)
{
    struct run_watch *w = h->data;
    if (--w->open > 0)
        return;
    free(w->name);
    free(w);
}

void run_watch_stop(struct run_watch *w)
{
    if (!w)
        return;
    uv_close((uv_handle_t *)&w->event, closed_cb);
    uv_close((uv_handle_t *)&w->timer, closed_cb);
}

/* The folder to watch, and in *name the file in it (NULL when path is a folder). */
static char *watched_folder(const char *path, char **name)
{
    struct stat st;
    *name = NULL;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return rk_strdup(path);
    const char *slash = strrchr(path, '/');
    *name = rk_strdup(slash ? slash + 1 : path);
    if (!slash)
        return rk_strdup(".");
    return slash == path ? rk_strdup("/") : rk_strndup(path, (size_t)(slash - path));
}

int run_watch_start(struct run_loop *loop, const char *path, run_fn fn, void *ctx,
                    struct run_watch **out, struct rk_err *err)
{
    struct run_watch *w = rk_alloc(sizeof(*w));
    rk_auto(rk_free_str) char *folder = watched_folder(path, &w->name);
    w->fn = fn;
    w->ctx = ctx;
    w->open = 2;
    uv_timer_init(&loop->uv, &w->timer);
    uv_fs_event_init(&loop->uv, &w->event);
    w->timer.data = w->event.data = w;
    int rc = uv_fs_event_start(&w->event, event_cb, folder, 0);
    if (rc != 0) {
        run_watch_stop(w);
        return rk_fail_errno(err, -rc, "watch %s", path);
    }
    *out = w;
    return 0;
}
