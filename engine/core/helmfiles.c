/*
 * helmfiles.c: charts as the functions that `render` takes them through. In: a chart in a tree, and
 * values. Out: what `helm template` printed for exactly that, when it has run; else it is noted as a
 * run, its files are laid out in a folder of its own, and nothing comes of the chart in this build.
 * Pool thread; starts nothing. A run's folder goes when its output has been taken.
 */
#include "core/remotes_int.h"

enum { DEPTH_MAX = 32, FILES_MAX = 10000 };
#define BYTES_MAX ((size_t)64 << 20)

/* ---- a tree's folder on the disk ---- */
struct laying {
    const struct render_files *files;
    struct rk_arena *arena;
    size_t n, bytes;
    int depth;
};

static int lay_out(struct laying *l, const char *from, const char *to, struct rk_err *err);

static int lay_file(struct laying *l, const char *from, const char *to, struct rk_err *err)
{
    rk_str text;
    if (l->files->read(l->arena, from, &text, l->files->ctx, err))
        return -1;
    l->bytes += text.n;
    if (++l->n > FILES_MAX || l->bytes > BYTES_MAX)
        return rk_fail(err, RK_LIMIT, "%s: a chart of more than %d files or 64 MiB", from,
                       FILES_MAX);
    FILE *f = fopen(to, "we"); /* a copy of git's: nothing is lost without an fsync */
    bool bad = !f || fwrite(text.p, 1, text.n, f) != text.n;
    if (f)
        bad |= fclose(f) != 0;
    return bad ? rk_fail(err, RK_UNAVAILABLE, "%s cannot be written", to) : 0;
}

static int lay_one(struct laying *l, const char *from, const char *to, struct rk_err *err)
{
    const char *real = NULL;
    rk_err_clear(err);
    switch (l->files->stat(l->arena, from, &real, l->files->ctx, err)) {
    case RENDER_FILE:
        return lay_file(l, real, to, err);
    case RENDER_DIR:
        return lay_out(l, real, to, err);
    case RENDER_ABSENT:
        break;
    }
    return err->code ? -1 : 0; /* a link to nothing */
}

static int lay_out(struct laying *l, const char *from, const char *to, struct rk_err *err)
{
    const char **names;
    size_t n;
    if (++l->depth > DEPTH_MAX)
        return rk_fail(err, RK_LIMIT, "%s: folders of a chart more than %d deep", from, DEPTH_MAX);
    if (rk_mkdirs(to, 0700, err) ||
        l->files->list(l->arena, from, &names, &n, l->files->ctx, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (lay_one(l, rk_arena_f(l->arena, "%s%s%s", from, from[0] ? "/" : "", names[i]),
                    rk_arena_f(l->arena, "%s/%s", to, names[i]), err))
            return -1;
    l->depth--;
    return 0;
}

/* ---- a run ---- */
static const struct core_need *fetched_from(const struct core_trees *t, const struct render_files *f,
                                            const char **id)
{
    for (const struct tree *tree = t->open; tree; tree = tree->next)
        if (tree->disk == f) {
            const struct core_pin *pin = core_pin_find(t->pins, &tree->of);
            *id = pin ? pin->id : "";
            return &tree->of;
        }
    return NULL;
}

static void key_text(struct rk_sha256 *s, rk_str text)
{
    uint8_t n[8];
    for (size_t i = 0; i < sizeof n; i++)
        n[i] = (uint8_t)((uint64_t)text.n >> 8 * i);
    rk_sha256_add(s, n, sizeof n); /* no two lists of texts look the same */
    rk_sha256_add(s, text.p ? text.p : "", text.n);
}

static void key_texts(struct rk_sha256 *s, const struct render_text *v, size_t n)
{
    key_text(s, (rk_str){(const char *)&n, sizeof n});
    for (size_t i = 0; i < n; i++) {
        key_text(s, rk_str_c(v[i].name));
        key_text(s, v[i].text);
    }
}

static const char *home_of(struct rk_arena *a, const struct render_helm *h)
{
    return rk_arena_f(a, "%s%s%s", h->home, h->home[0] ? "/" : "", h->name);
}

/* Of the chart's content and all that helm is told. */
static int key_of(struct core_trees *t, const struct render_helm *h,
                  const struct render_text *files, char key[65], struct rk_err *err)
{
    struct rk_arena *a = core_trees_arena(t);
    const char *version = "";
    char id[65] = "";
    uint8_t sum[RK_SHA256_LEN];
    struct rk_sha256 s;
    const struct core_need *of = fetched_from(t, h->files, &version);
    if (!of && h->files->id(home_of(a, h), id, h->files->ctx, err))
        return -1;
    const char *texts[] = {of ? of->repo : "", version, id, h->name, h->release, h->namespace,
                           h->name_template};
    rk_sha256_init(&s);
    for (size_t i = 0; i < RK_LEN(texts); i++)
        key_text(&s, rk_str_c(texts[i]));
    key_text(&s, h->values);
    key_texts(&s, files, h->n_values_files);
    key_texts(&s, h->over, h->n_over);
    key_texts(&s, h->set_files, h->n_set_files);
    for (size_t i = 0; i < h->n_words; i++)
        key_text(&s, rk_str_c(h->words[i]));
    rk_sha256_end(&s, sum);
    rk_hex(sum, sizeof sum, key);
    return 0;
}

static int put_text(struct core_run *run, rk_str text, size_t *n, const char **path,
                    struct rk_err *err)
{
    *path = rk_arena_f(run->arena, "%s/values-%zu.yaml", run->dir, (*n)++);
    return rk_file_write(*path, text, 0600, err);
}

static int put_texts(struct core_run *run, const struct render_text *texts, size_t n, size_t *made,
                     const char *const **paths, struct rk_err *err)
{
    const char **v = rk_arena_array(run->arena, n + 1, sizeof *v);
    *paths = v;
    for (size_t i = 0; i < n; i++)
        if (put_text(run, texts[i].text, made, &v[i], err))
            return -1;
    return 0;
}

static int put_chart(struct core_run *run, const struct render_helm *h, const struct core_trees *t,
                     const char **chart, struct rk_err *err)
{
    struct laying l = {.files = h->files, .arena = run->arena};
    const char *ignored, *home = home_of(run->arena, h);
    if (fetched_from(t, h->files, &ignored)) {
        *chart = rk_arena_f(run->arena, "%s/%s", render_disk_root(h->files), home);
        return 0;
    }
    *chart = rk_arena_f(run->arena, "%s/%s", run->dir, h->name[0] ? h->name : "chart");
    return lay_out(&l, home, *chart, err);
}

static int lay_run(struct core_run *run, const struct render_helm *h,
                   const struct render_text *files, const struct core_trees *t, struct rk_err *err)
{
    struct render_helm_files at;
    size_t n = 0;
    if (put_chart(run, h, t, &at.chart, err) || put_text(run, h->values, &n, &at.values, err) ||
        put_texts(run, files, h->n_values_files, &n, &at.values_files, err) ||
        put_texts(run, h->over, h->n_over, &n, &at.over, err) ||
        put_texts(run, h->set_files, h->n_set_files, &n, &at.set_files, err))
        return -1;
    /* the build's own texts do not live until helm is started */
    run->argv = core_words_copy(run->arena, render_helm_template(h, &at, run->arena));
    return 0;
}

static int new_run(struct core_trees *t, const struct render_helm *h,
                   const struct render_text *files, const char *key, struct rk_err *err)
{
    char *dir = rk_asprintf("%s/runs/XXXXXX", t->cache), *above = rk_asprintf("%s/runs", t->cache);
    bool made = rk_mkdirs(above, 0700, err) == 0 && mkdtemp(dir);
    struct core_run *run = rk_alloc(sizeof *run);
    *run = (struct core_run){.arena = rk_arena_new(), .dir = made ? dir : NULL,
                             .out = RK_BUF_INIT, .next = *t->runs};
    (void)snprintf(run->key, sizeof run->key, "%s", key);
    *t->runs = run;
    free(above);
    if (!made)
        free(dir);
    if (made ? lay_run(run, h, files, t, err)
             : rk_fail(err, RK_UNAVAILABLE, "%s/runs: no folder can be made", t->cache)) {
        run->started = run->ended = true;
        run->err = *err;
        return -1;
    }
    t->waits++;
    return 0;
}

static void remove_folder(struct core_run *run)
{
    struct rk_err left; /* at the next start it goes */
    if (run->dir)
        (void)!rk_remove_tree(run->dir, &left);
    free(run->dir);
    run->dir = NULL;
}

static int read_files(struct core_trees *t, const struct render_helm *h, struct render_text *out,
                      struct rk_err *err)
{
    for (size_t i = 0; i < h->n_values_files; i++) {
        out[i].name = h->values_files[i];
        if (t->root->read(core_trees_arena(t), out[i].name, &out[i].text, t->root->ctx, err))
            return -1;
    }
    return 0;
}

static int serve_helm(const struct render_helm *h, struct rk_arena *a, rk_str *out, void *ctx,
                      struct rk_err *err)
{
    struct core_trees *t = ctx;
    struct render_text *files =
        rk_arena_array(core_trees_arena(t), h->n_values_files + 1, sizeof *files);
    char key[65];
    *out = RK_STR("");
    if (h->release[0] == '-')
        return rk_fail(err, RK_INVALID, "releaseName cannot begin with a dash");
    if (read_files(t, h, files, err) || key_of(t, h, files, key, err))
        return -1;
    struct core_run *run = *t->runs;
    while (run && strcmp(run->key, key) != 0)
        run = run->next;
    if (!run)
        return new_run(t, h, files, key, err);
    if (!run->ended)
        return 0; /* the same again in this build: it waits already */
    remove_folder(run);
    if (run->err.code)
        return rk_fail(err, run->err.code, "%s", run->err.text);
    *out = rk_arena_str(a, rk_buf_view(&run->out));
    return 0;
}

static int serve_chart(const struct render_helm *h, const struct render_files **out, void *ctx,
                       struct rk_err *err)
{
    struct core_trees *t = ctx;
    const struct core_need of = {h->repo, h->version, h->name, h->devel};
    const struct core_pin *pin = core_trees_pin(t, &of, err);
    if (!pin)
        return -1;
    struct tree *tree = rk_arena_alloc(core_trees_arena(t), sizeof *tree);
    *tree = (struct tree){.of = pin->of, .disk = render_disk(pin->dir), .next = t->open};
    t->open = tree;
    *out = tree->disk;
    return 0;
}

void core_trees_serve_charts(struct render_files *files)
{
    files->chart = serve_chart;
    files->helm = serve_helm;
}

void core_runs_free(struct core_run *first)
{
    for (struct core_run *run = first, *next; run; run = next) {
        next = run->next;
        remove_folder(run);
        if (run->out.p)
            rk_wipe(run->out.p, run->out.n); /* a chart's Secrets are in it */
        rk_buf_release(&run->out);
        rk_arena_free(run->arena);
        free(run);
    }
}
