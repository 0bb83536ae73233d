/*
 * remotelook.c: one repository that bases are taken from, and its remote. In: refs that are wanted.
 * Out: their commits, in a bare repository of the cache, without history.
 *
 * One look: an ls-remote when a branch or tag is wanted, then a fetch for each ref that is another
 * or was never there, one after the other, in children with a limit. What a ref stands for lies
 * beside its objects as refs/reckon/at/HASH, so the cache tells after a restart, and after a kill at
 * any moment, what it holds. A ref that cannot be had keeps what it was.
 */
#include "core/remotes_int.h"

enum {
    PATIENCE_MS = 5000,         /* a look that takes longer is not waited for */
    CHART_POLL_MS = 180000,     /* a pull is dear: it reads the repository's whole index */
};

static void look_due(void *ctx)
{
    remote_look(ctx);
}

/* ---- the cache ---- */
static void place_of(const char *name, char out[96])
{
    char hash[65];
    rk_sha256_hex(rk_str_c(name), hash);
    (void)snprintf(out, 96, "refs/reckon/at/%s", hash);
}

/* What the cache holds for the ref; false: nothing that can be read. */
static bool from_cache(const struct remote *r, const char *name, char id[REMOTE_ID])
{
    char place[96], tree[GIT_ID];
    if (r->of.chart)
        return chart_from_cache(r, name, id);
    struct git_view *v = NULL;
    struct rk_err none;
    place_of(name, place);
    if (git_view_open(r->dir, &v, &none))
        return false;
    bool there = git_resolve(v, place, id, &none) == 0 && git_stat(v, id, "", tree) == GIT_DIR;
    git_view_free(v);
    return there;
}

static uint64_t poll_of(const struct remote *r)
{
    const struct engine *e = r->engine;
    uint64_t ms = e->settings.n_repos ? e->settings.repos[0].poll_ms : 15000;
    for (size_t i = 1; i < e->settings.n_repos; i++)
        ms = e->settings.repos[i].poll_ms < ms ? e->settings.repos[i].poll_ms : ms;
    return r->of.chart && ms < CHART_POLL_MS ? CHART_POLL_MS : ms;
}

static const char *place_for(struct rk_arena *a, const struct engine *e, const struct core_need *of)
{
    const char *text = of->chart ? rk_arena_f(a, "%s\n%s\n%d", of->repo, of->chart, of->devel)
                                 : of->repo;
    char hash[65];
    rk_sha256_hex(rk_str_c(text), hash);
    return of->chart ? rk_arena_f(a, "%s/cache/charts/%.32s", e->state_dir, hash)
                     : rk_arena_f(a, "%s/cache/remotes/%.32s.git", e->state_dir, hash);
}

struct remote *remote_new(struct core_remotes *all, struct engine *e, const struct core_need *of)
{
    struct rk_arena *a = rk_arena_new();
    struct remote *r = rk_arena_alloc(a, sizeof *r);
    char *safe = gitcmd_safe_url(of->repo);
    *r = (struct remote){
        .all = all, .engine = e, .arena = a, .safe = rk_arena_strdup(a, safe),
        .of = core_need_copy(a, &(struct core_need){of->repo, NULL, of->chart, of->devel}),
        .dir = place_for(a, e, of),
    };
    free(safe);
    if (rk_path_exists(r->dir)) {
        r->checked = core_checked_load(r->dir);
        if (of->chart)
            chart_tidy(r);
        else
            git_cache_locks(r->dir, e->settings.git_ms);
    }
    return r;
}

struct remote_ref *remote_ref_of(struct remote *r, const char *name)
{
    for (struct remote_ref *ref = r->refs; ref; ref = ref->next)
        if (rk_streq(ref->name, name))
            return ref;
    struct remote_ref *ref = rk_arena_alloc(r->arena, sizeof *ref);
    *ref = (struct remote_ref){.name = rk_arena_strdup(r->arena, name), .next = r->refs,
                               .moving = r->of.chart ? !chart_exact(name) : !gitcmd_is_commit(name)};
    if (!from_cache(r, name, ref->id))
        ref->id[0] = 0;
    ref->due = !ref->moving && !ref->id[0];
    r->refs = ref;
    return ref;
}

/* ---- what a look says of a ref ---- */
static void has(struct remote_ref *ref, const char *id)
{
    ref->news |= ref->failed || strcmp(ref->id, id) != 0;
    ref->failed = ref->due = false;
    (void)snprintf(ref->id, sizeof ref->id, "%s", id);
}

static void has_not(struct remote_ref *ref, const struct rk_err *err)
{
    ref->news |= !ref->failed || strcmp(ref->err.text, err->text) != 0;
    ref->failed = true;
    ref->err = *err;
}

/* ---- the look ---- */
static void ended(struct remote *r)
{
    bool more = false;
    r->looking = r->slow = false;
    run_timer_stop(r->patience);
    r->patience = NULL;
    for (const struct remote_ref *ref = r->refs; ref; ref = ref->next)
        more |= ref->moving || ref->failed;
    if (r->engine->stopping)
        return;
    if (more && !r->poll)
        r->poll = run_timer_start(r->engine->loop, poll_of(r), 0, look_due, r);
    else if (more)
        run_timer_again(r->poll, poll_of(r));
    remotes_looked(r);
    if (r->again)
        remote_look(r);
}

static struct gitcmd_remote how(const struct remote *r)
{
    struct gitcmd_remote g = {.url = r->of.repo, .time_limit_ms = r->engine->settings.git_ms};
    for (size_t i = 0; i < r->engine->settings.n_repos; i++) {
        const struct core_repo_settings *s = &r->engine->settings.repos[i];
        if (!model_repo_same(s->url, r->of.repo))
            continue; /* another one: the user's own git knows how */
        g.ssh_key_file = s->ssh_key_file;
        g.token_file = s->token_file;
        g.helper = s->helper;
    }
    return g;
}

static void fetch_next(struct remote *r);

void remote_fetched(struct remote *r, const struct rk_err *err)
{
    char id[REMOTE_ID];
    struct rk_err why = {0};
    if (err) {
        has_not(r->at, err);
    } else if (from_cache(r, r->at->name, id)) {
        r->checked = rk_wall_ms();
        core_checked_keep(r->dir);
        has(r->at, id);
    } else {
        (void)rk_fail(&why, RK_INVALID, "%s: it is no %s", r->at->name,
                      r->of.chart ? "chart" : "commit");
        has_not(r->at, &why);
    }
    r->at->due = false;
    fetch_next(r);
}

static void fetched(const struct rk_err *err, void *ctx)
{
    struct remote *r = ctx;
    r->cmd = NULL;
    if (err)
        git_cache_locks(r->dir, 0); /* killed at its limit, git leaves them */
    remote_fetched(r, err);
    engine_job_done(r->engine);
}

static void fetch_next(struct remote *r)
{
    struct gitcmd_remote g = how(r);
    char place[96];
    r->at = r->refs;
    while (r->at && !r->at->due)
        r->at = r->at->next;
    if (!r->at || r->engine->stopping) {
        for (struct remote_ref *ref = r->refs; ref; ref = ref->next)
            ref->due = !ref->moving && !ref->id[0];
        ended(r);
        return;
    }
    if (r->of.chart) {
        chart_pull(r);
        return;
    }
    place_of(r->at->name, place);
    r->engine->jobs++;
    r->cmd = gitcmd_fetch_one(r->engine->loop, &g, r->dir, r->at->name[0] ? r->at->name : "HEAD",
                              place, fetched, r);
}

static bool is_peeled(rk_str full, rk_str tag)
{
    return full.n == tag.n + 3 && rk_str_starts(full, tag.p) && rk_str_ends(full, "^{}");
}

/* git's own order: as it is written, then tags, then branches; an annotated tag is its commit. */
static const char *find(const struct gitcmd_refs *refs, const char *name)
{
    static const char *const places[] = {"", "refs/", "refs/tags/", "refs/heads/"};
    const char *id = NULL;
    for (size_t p = 0; p < RK_LEN(places) && !id; p++) {
        rk_auto(rk_free_str) char *full = rk_asprintf("%s%s", places[p], name[0] ? name : "HEAD");
        for (size_t i = 0; i < refs->n; i++)
            if (rk_streq(refs->v[i].name, full) ||
                (id && is_peeled(rk_str_c(refs->v[i].name), rk_str_c(full))))
                id = refs->v[i].id;
    }
    return id;
}

static void compare(struct remote *r, struct remote_ref *ref, const struct gitcmd_refs *refs)
{
    const char *id = find(refs, ref->name);
    struct rk_err why = {0};
    size_t n = strlen(ref->name);
    if (id && strcmp(id, ref->id) == 0) {
        has(ref, id);
    } else if (id) {
        ref->due = true;
    } else {
        (void)rk_fail(&why, RK_NOT_FOUND, "%s has no branch or tag %s%s", r->safe,
                      ref->name[0] ? ref->name : "HEAD",
                      n >= 7 && strspn(ref->name, "0123456789abcdef") == n
                          ? " (a commit is named by all 40 digits)" : "");
        has_not(ref, &why);
    }
}

static void listed(const struct gitcmd_refs *refs, const struct rk_err *err, void *ctx)
{
    struct remote *r = ctx;
    r->cmd = NULL;
    if (!err) {
        r->checked = rk_wall_ms();
        core_checked_keep(r->dir);
    }
    for (struct remote_ref *ref = r->refs; ref; ref = ref->next) {
        if (err && (ref->moving || ref->due)) {
            has_not(ref, err);
            ref->due = false;
        } else if (!err && ref->moving) {
            compare(r, ref, refs);
        }
    }
    fetch_next(r);
    engine_job_done(r->engine);
}

static void impatient(void *ctx)
{
    struct remote *r = ctx;
    r->slow = true;
    engine_told(r->engine);
}

void remote_look(struct remote *r)
{
    bool moving = false;
    if (r->engine->stopping)
        return;
    r->again = r->looking;
    if (r->looking)
        return;
    r->looking = true;
    r->patience = run_timer_start(r->engine->loop, PATIENCE_MS, 0, impatient, r);
    for (struct remote_ref *ref = r->refs; ref; ref = ref->next) {
        moving |= ref->moving;
        ref->due |= r->of.chart && ref->moving;
    }
    if (!moving || r->of.chart) {
        fetch_next(r);
        return;
    }
    struct gitcmd_remote g = how(r);
    r->engine->jobs++;
    r->cmd = gitcmd_ls_remote(r->engine->loop, &g, listed, r);
}

void remote_free(struct remote *r)
{
    run_timer_stop(r->poll);
    run_timer_stop(r->patience);
    rk_arena_free(r->arena);
}
