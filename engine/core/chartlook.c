/*
 * chartlook.c: one chart of a repository of charts. In: versions that are wanted. Out: the charts,
 * unpacked, in the cache: VERSION/NAME, and at-HASH, which says what a wanted version (exact, a range
 * or the newest) stood for when it was pulled last. Both appear whole or not at all.
 *
 * An exact version is pulled once. helm writes into a folder of its own; what it made is looked at
 * and moved in the pool.
 */
#include <errno.h>

#include "core/remotes_int.h"

struct pull {
    struct remote *r;           /* NULL: it is gone */
    struct engine *engine;
    char *tmp, *dir, *name, *version;
    char id[REMOTE_ID];
    struct rk_err err;
    struct run_job *job;
};

bool chart_exact(const char *version)
{
    const char *at = version + (version[0] == 'v');
    for (int part = 0; part < 3; part++) {
        size_t n = strspn(at, "0123456789");
        if (!n || (part < 2 && at[n] != '.'))
            return false;
        at += n + (part < 2);
    }
    return !at[0] || at[0] == '-' || at[0] == '+';
}

/* It becomes a folder's name. */
static bool is_version(rk_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!strchr("0123456789.+-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", text.p[i]))
            return false;
    return text.n && text.n < REMOTE_ID && text.p[0] != '.';
}

static char *note_of(const char *dir, const char *version)
{
    char hash[65];
    rk_sha256_hex(rk_str_c(version), hash);
    return rk_asprintf("%s/at-%.32s", dir, hash);
}

bool chart_from_cache(const struct remote *r, const char *version, char id[REMOTE_ID])
{
    rk_auto(rk_free_str) char *note = note_of(r->dir, version);
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    if (rk_file_read(note, REMOTE_ID, &text, &none) || !is_version(rk_buf_view(&text)))
        return false;
    rk_auto(rk_free_str) char *there = rk_asprintf("%s/%s/%s", r->dir, text.p, r->of.chart);
    (void)snprintf(id, REMOTE_ID, "%s", text.p);
    return rk_path_is_dir(there);
}

void chart_tidy(const struct remote *r)
{
    char **names = NULL;
    size_t n = 0;
    struct rk_err left;
    if (rk_dir_names(r->dir, &names, &n, NULL))
        return;
    for (size_t i = 0; i < n; i++) {
        rk_auto(rk_free_str) char *path = rk_path_join(r->dir, names[i]);
        if (rk_str_starts(rk_str_c(names[i]), "pull-"))
            (void)!rk_remove_tree(path, &left);
    }
    rk_names_free(names, n);
}

/* ---- in the pool ---- */
static int read_version(struct pull *p)
{
    rk_auto(rk_free_str) char *file = rk_asprintf("%s/%s/Chart.yaml", p->tmp, p->name);
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_arena *a = rk_arena_new();
    struct doc_read how = {.typing = DOC_CONFIG, .file = "Chart.yaml"};
    struct doc_node *doc = NULL;
    int rc = rk_file_read(file, 1u << 20, &text, &p->err) ||
             doc_yaml_read_one(a, rk_buf_view(&text), &how, &doc, &p->err) ? -1 : 0;
    rk_str version = doc_get_text(doc, "version");
    if (!rc && !is_version(version))
        rc = rk_fail(&p->err, RK_INVALID, "Chart.yaml: '" RK_FMT_STR "' is no version",
                     RK_ARG_STR(version));
    if (!rc)
        (void)snprintf(p->id, sizeof p->id, RK_FMT_STR, RK_ARG_STR(version));
    rk_arena_free(a);
    return rc;
}

/* What is there of that version may be in use, and says the same. */
static int move_in(struct pull *p)
{
    rk_auto(rk_free_str) char *to = rk_asprintf("%s/%s", p->dir, p->id);
    rk_auto(rk_free_str) char *head = rk_asprintf("%s/HEAD", p->dir);
    rk_auto(rk_free_str) char *note = note_of(p->dir, p->version);
    if (!rk_path_is_dir(to) && rename(p->tmp, to))
        return rk_fail_errno(&p->err, errno, "%s", to);
    return rk_file_write(head, rk_str_c(p->name), 0600, &p->err) ||
           rk_file_write(note, rk_str_c(p->id), 0600, &p->err) ? -1 : 0;
}

static void take(void *ctx, const atomic_bool *cancelled)
{
    struct pull *p = ctx;
    (void)cancelled;
    if (!p->err.code && read_version(p) == 0)
        (void)!move_in(p);
    struct rk_err left;
    if (rk_remove_tree(p->tmp, &left) && !p->err.code)
        p->err = left;
}

/* ---- on the loop ---- */
static void taken(void *ctx, bool cancelled)
{
    struct pull *p = ctx;
    struct engine *e = p->engine;
    if (cancelled && !p->err.code)
        (void)rk_fail(&p->err, RK_CANCELLED, "stopped");
    p->r->pull = NULL;
    remote_fetched(p->r, p->err.code ? &p->err : NULL);
    free(p->tmp);
    free(p->dir);
    free(p->name);
    free(p->version);
    free(p);
    engine_job_done(e);
}

static void pulled(rk_str out, const struct rk_err *err, void *ctx)
{
    struct pull *p = ctx;
    (void)out;
    if (err)
        p->err = *err;
    p->job = run_job_start(p->engine->loop, take, taken, p);
}

void chart_pull(struct remote *r)
{
    struct pull *p = rk_alloc(sizeof *p);
    struct rk_arena *a = rk_arena_new();
    struct rk_err err = {0};
    const struct render_helm h = {.name = r->of.chart, .repo = r->of.repo, .version = r->at->name,
                                  .devel = r->of.devel};
    *p = (struct pull){.r = r, .engine = r->engine, .dir = rk_strdup(r->dir),
                       .name = rk_strdup(r->of.chart), .version = rk_strdup(r->at->name),
                       .tmp = rk_asprintf("%s/pull-%lld", r->dir, (long long)rk_wall_ms())};
    r->pull = p;
    r->engine->jobs++;
    if (rk_mkdirs(r->dir, 0700, &err))
        p->err = err;
    if (p->err.code)
        pulled(RK_STR_NONE, NULL, p);
    else
        core_helm_run(r->engine, render_helm_pull(&h, p->tmp, a), true, pulled, p);
    rk_arena_free(a);
}
