/*
 * tour_incident.c: steps f to i: promotion, a broken image and its revert, the same without a
 * remote, and what remains of it all in git.
 */
#include <unistd.h>

#include "demo/tour_int.h"

#define PRODUCTION DEMO_APP "-production"
#define CONFIRM "production/" DEMO_APP

/* ---- f ---- */
static void check_tag_only(struct demo *d, const char *from, const char *to, const char *env)
{
    const char *changes = tour_changes(d, "main");
    const char *author = tour_log(d, "main~1..main", "%an <%ae> %s");
    demo_check(d, strstr(changes, from) && strstr(changes, to) &&
                      strlen(changes) < 160 && strchr(strchr(changes, '\n') + 1, '\n')[1] == 0,
               "one line of %s's overlay changed: %s", env,
               tour_line(d, changes, "+"));
    demo_check(d, strncmp(author, "operator <operator@example.org> promote", 39) == 0,
               "by %s", tour_line(d, author, "operator"));
}

static bool run(struct demo *d, const char *const *args, int status, struct rk_buf *out)
{
    rk_buf_clear(out);
    return demo_reckon(d, out, args) == status;
}

static const char *plan_of(struct demo *d)
{
    const char *const args[] = {"plan", PRODUCTION, NULL};
    rk_str fp = doc_get_text(demo_reckon_json(d, args), "fingerprint");
    return rk_arena_dup(d->arena, fp.p ? fp.p : "", fp.n);
}

static bool stale(struct demo *d, const char *fingerprint, struct rk_buf *out)
{
    const char *const sync[] = {"sync", PRODUCTION, "--plan", fingerprint, "--confirm", CONFIRM,
                                "--reason", "a plan made before", NULL};
    return !run(d, sync, 0, out) && strstr(out->p, "stale");
}

static bool refreshed(struct demo *d, struct rk_buf *out)
{
    const char *const args[] = {"refresh", "--all", NULL};
    return run(d, args, 0, out);
}

static void check_gate(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *const bare_sync[] = {"sync", PRODUCTION, NULL};
    const char *const wrong[] = {"sync", PRODUCTION, "--confirm", "dev/simple-app", "--reason",
                                 "wrong target", NULL};
    demo_check(d, !run(d, bare_sync, 0, &out) && strstr(out.p, CONFIRM) && strstr(out.p, "reason"),
               "production refuses a sync without typed target and reason");
    demo_check(d, !run(d, wrong, 0, &out), "and one with another target typed");
    demo_check(d, !demo_deployment(d, "production"), "nothing was created");
    const char *plan = plan_of(d);
    demo_check(d, demo_edit(d, TOUR_OVERLAY("production"), "count: 3", "count: 2",
                            "production: two replicas") == 0 && refreshed(d, &out),
               "a commit changes what the plan %.12s covers", plan);
    demo_check(d, stale(d, plan, &out), "the plan is refused as stale");
    plan = plan_of(d);
    demo_check(d, demo_edit(d, "README.md", "# simple-app", "# Simple app", "README: title") == 0 &&
                      refreshed(d, &out), "a commit that touches nothing of it");
    const char *const sync[] = {"sync", PRODUCTION, "--plan", plan, "--confirm", CONFIRM,
                                "--reason", "first rollout", NULL};
    bool ok = run(d, sync, 0, &out);
    demo_check(d, ok, "leaves the plan %.12s valid: production is synced by it %s", plan,
               ok ? "" : out.p);
}

void tour_promote(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *const to_staging[] = {"promote", DEMO_APP, "--to", "staging", NULL};
    const char *const to_production[] = {"promote", DEMO_APP, "--to", "production", "--confirm",
                                         CONFIRM, "--reason", "release 1.1.0", NULL};
    const char *const unarmed[] = {"promote", DEMO_APP, "--to", "production", NULL};
    struct tour_rollout staging = {"staging", "1.1.0", 2}, first = {"production", "1.0.0", 2},
                        production = {"production", "1.1.0", 2};
    struct tour_state synced = {PRODUCTION, "Synced", "Healthy"};
    bool ok = run(d, to_staging, 0, &out);
    demo_check(d, ok, "promoted to staging %s", ok ? "" : out.p);
    check_tag_only(d, "1.0.0", "1.1.0", "staging");
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &staging), "staging runs 1.1.0");
    check_gate(d);
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &first), "production runs 1.0.0");
    struct tour_state source = {DEMO_APP "-staging", "Synced", "Healthy"};
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_state_is, &source), "staging is Synced and Healthy");
    demo_check(d, !run(d, unarmed, 0, &out), "promotion into production is refused unarmed");
    ok = run(d, to_production, 0, &out);
    demo_check(d, ok, "promoted to production %s", ok ? "" : out.p);
    check_tag_only(d, "1.0.0", "1.1.0", "production");
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &production) &&
                      demo_until(d, TOUR_LIMIT, tour_state_is, &synced), "production runs 1.1.0");
}

/* ---- g ---- */
static bool says_why(struct demo *d, const void *arg)
{
    (void)arg;
    rk_str why = doc_get_text(tour_app(d, PRODUCTION), "message");
    return memmem(why.p ? why.p : "", why.n, "ImagePullBackOff", 16) != NULL;
}

static const char *break_production(struct demo *d, const char *from, const char *tag)
{
    char *before = rk_asprintf("newTag: \"%s\"", from), *after = rk_asprintf("newTag: \"%s\"", tag);
    char *message = rk_asprintf("production: %s", tag);
    int rc = demo_edit(d, TOUR_OVERLAY("production"), before, after, message);
    free(before);
    free(after);
    free(message);
    return rc ? "" : tour_head(d, "main");
}

static const struct doc_node *operation(struct demo *d, const char *kind)
{
    const char *const args[] = {"get", "operations", PRODUCTION, NULL};
    const struct doc_node *list = doc_get(demo_reckon_json(d, args), "operations");
    for (size_t i = 0; i < doc_count(list); i++)
        if (rk_str_is(doc_get_text(doc_at(list, i), "kind"), kind))
            return doc_at(list, i);
    return NULL;
}

static void say_time(struct demo *d, const char *what)
{
    const struct doc_node *op = operation(d, "revert");
    int64_t ms = doc_get_int(op, "applied", 0) - doc_get_int(op, "started", 0);
    demo_check(d, ms > 0, "%s: request to applied in %lld ms", what, (long long)ms);
}

void tour_revert(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *bad = break_production(d, "1.1.0", "1.2.0-broken");
    const char *const start[] = {"sync", PRODUCTION, "--confirm", CONFIRM, "--reason",
                                 "release 1.2.0", "--no-wait", NULL};
    const char *const undo[] = {"revert", PRODUCTION, "--commit", bad, "--confirm", CONFIRM,
                                "--reason", "1.2.0 does not start", NULL};
    struct tour_rollout good = {"production", "1.1.0", 2};
    struct tour_state degraded = {PRODUCTION, NULL, "Degraded"},
                      healthy = {PRODUCTION, "Synced", "Healthy"};
    demo_check(d, bad[0] && refreshed(d, &out), "%.7s puts 1.2.0-broken into production", bad);
    bool ok = run(d, start, 0, &out);
    demo_check(d, ok, "an operator syncs it %s", ok ? "" : out.p);
    demo_check(d, demo_until(d, 5000, says_why, NULL), "the failing pod's reason is shown at once: "
                                                       "ImagePullBackOff");
    demo_check(d, demo_until(d, 25000, tour_state_is, &degraded), "Degraded after its deadline");
    demo_check(d, rk_str_is(doc_get_text(operation(d, "sync"), "state"), "Degraded"),
               "the operation failed as Degraded");
    ok = run(d, undo, 0, &out);
    demo_check(d, ok, "reverted %s", ok ? "" : out.p);
    demo_check(d, strncmp(tour_log(d, "main~1..main", "%s"), "Revert \"production: 1.2.0", 25) == 0 &&
                      strstr(tour_log(d, "main~1..main", "%b"), bad),
               "by a git revert commit of %.7s", bad);
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &good) &&
                      demo_until(d, TOUR_LIMIT, tour_state_is, &healthy),
               "production runs 1.1.0, Synced and Healthy");
    say_time(d, "revert");
}

/* ---- h ---- */
static bool superseded(struct demo *d, const void *arg)
{
    (void)arg;
    return rk_str_is(doc_get_text(operation(d, "sync"), "state"), "Superseded");
}

static bool reverted_in_remote(struct demo *d, const void *bad)
{
    return strstr(tour_log(d, "main~1..main", "%b"), bad) != NULL;
}

void tour_offline(struct demo *d)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    const char *bad = break_production(d, "1.1.0", "1.3.0-broken");
    const char *const start[] = {"sync", PRODUCTION, "--confirm", CONFIRM, "--reason",
                                 "release 1.3.0", "--no-wait", NULL};
    const char *const undo[] = {"revert", PRODUCTION, "--commit", bad, "--confirm", CONFIRM,
                                "--reason", "1.3.0 does not start, git is away", NULL};
    struct tour_rollout good = {"production", "1.1.0", 2};
    struct tour_state healthy = {PRODUCTION, "Synced", "Healthy"};
    char *away = rk_asprintf("%s.away", d->bare);
    demo_check(d, bad[0] && refreshed(d, &out) && run(d, start, 0, &out),
               "%.7s puts 1.3.0-broken into production, and it is synced", bad);
    demo_check(d, demo_until(d, 5000, says_why, NULL), "its pods fail");
    demo_check(d, rename(d->bare, away) == 0, "the git remote is taken away");
    bool ok = run(d, undo, 0, &out);
    demo_check(d, ok, "reverted from the mirror %s", ok ? "" : out.p);
    demo_check(d, superseded(d, NULL), "the running rollout was superseded");
    demo_check(d, doc_get_bool(operation(d, "revert"), "pinned", false),
               "production is pinned to the revert");
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_rolled_out, &good), "production runs 1.1.0");
    say_time(d, "revert without a remote");
    demo_check(d, rename(away, d->bare) == 0, "the remote is back");
    free(away);
    demo_check(d, demo_until(d, TOUR_LIMIT, reverted_in_remote, bad), "the revert is pushed");
    demo_check(d, demo_until(d, TOUR_LIMIT, tour_state_is, &healthy), "Synced and Healthy");
}

/* ---- i ---- */
/* What the engine tells of production stands in git: the last entries were pushed just now. */
struct story { size_t told, same; };

static bool stories_match(struct demo *d, const void *arg)
{
    struct story *story = (struct story *)(uintptr_t)arg;
    const char *const history[] = {"history", PRODUCTION, NULL};
    const struct doc_node *rows = doc_get(demo_reckon_json(d, history), "rows");
    const char *trailers = tour_log(d, "reckon/audit/production",
                                    "%(trailers:key=Reckon-Id,valueonly,separator=%x2C) "
                                    "%(trailers:key=Reckon-Actor,valueonly,separator=%x2C) "
                                    "%(trailers:key=Reckon-Result,valueonly,separator=%x2C) "
                                    "%(trailers:key=Reckon-To,valueonly,separator=%x2C)");
    *story = (struct story){0};
    for (size_t i = 0; i < doc_count(rows); i++) {
        const struct doc_node *row = doc_at(rows, i);
        if (!rk_str_is(doc_get_text(row, "source"), "audit"))
            continue;
        const char *line = rk_arena_f(d->arena, RK_FMT_STR " " RK_FMT_STR " " RK_FMT_STR " "
                                      RK_FMT_STR, RK_ARG_STR(doc_get_text(row, "id")),
                                      RK_ARG_STR(doc_get_text(row, "actor")),
                                      RK_ARG_STR(doc_get_text(row, "result")),
                                      RK_ARG_STR(doc_get_text(row, "to")));
        story->told++;
        story->same += strstr(trailers, line) != NULL;
    }
    return story->told >= 6 && story->same == story->told;
}

static void check_story(struct demo *d)
{
    struct story story = {0};
    bool ok = demo_until(d, TOUR_LIMIT, stories_match, &story);
    const char *log = tour_log(d, "reckon/audit/production", "%s");
    demo_check(d, ok, "history tells %zu operations; %zu stand in git log "
               "with the same id, actor, result and revision", story.told, story.same);
    demo_check(d, strstr(log, "revert production/simple-app") && strstr(log, "Degraded"),
               "reckon/audit/production: %s", tour_line(d, log, "revert"));
}

static int verify(struct demo *d, const char *dir)
{
    const char *const args[] = {"audit", "verify", "--repo", dir, NULL};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    return demo_reckon(d, &out, args);
}

static bool git_ok(const char *dir, const char *const *args)
{
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    return gitcmd_run(dir, args, &out, &none) == 0;
}

/* A copy of the log in which the entry before the last is left out. */
static void check_dropped(struct demo *d)
{
    char *copy = rk_path_join(d->dir, "dropped.git");
    const char *tip = tour_head(d, "reckon/audit/production"), *ref = "refs/heads/reckon/audit/production";
    const char *tree = tour_head(d, "reckon/audit/production^{tree}");
    const char *parent = tour_head(d, "reckon/audit/production~2");
    const char *const clone[] = {"clone", "-q", "--bare", d->bare, copy, NULL};
    const char *const drop[] = {"update-ref", ref, parent, NULL};
    const char *body = tour_log(d, rk_arena_f(d->arena, "%s~1..%s", tip, tip), "%B");
    const char *const commit[] = {"-c", "user.name=x", "-c", "user.email=x@example.org",
                                  "commit-tree", tree, "-p", parent, "-m", body, NULL};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    bool made = git_ok(d->dir, clone) && gitcmd_run(copy, commit, &out, &none) == 0;
    const char *id = rk_arena_dup(d->arena, out.p, strcspn(out.p, "\n"));
    const char *const forge[] = {"update-ref", ref, id, NULL};
    demo_check(d, made && git_ok(copy, forge) && verify(d, copy) != 0,
               "audit verify fails when an entry is dropped");
    (void)git_ok(copy, drop);
    free(copy);
}

/* A copy in which the newest entry's actor is another. */
static void check_changed(struct demo *d)
{
    char *copy = rk_path_join(d->dir, "changed.git");
    const char *ref = "refs/heads/reckon/audit/production";
    const char *tip = tour_head(d, "reckon/audit/production");
    const char *tree = tour_head(d, "reckon/audit/production^{tree}");
    const char *parent = tour_head(d, "reckon/audit/production~1");
    const char *body = tour_log(d, rk_arena_f(d->arena, "%s~1..%s", tip, tip), "%B");
    const char *at = strstr(body, "Reckon-Actor: ");
    const char *text = at ? rk_arena_f(d->arena, "%.*sReckon-Actor: somebody%s", (int)(at - body),
                                       body, strchr(at, '\n')) : body;
    const char *const clone[] = {"clone", "-q", "--bare", d->bare, copy, NULL};
    const char *const commit[] = {"-c", "user.name=x", "-c", "user.email=x@example.org",
                                  "commit-tree", tree, "-p", parent, "-m", text, NULL};
    struct rk_buf out rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    bool made = at && git_ok(d->dir, clone) && gitcmd_run(copy, commit, &out, &none) == 0;
    const char *id = rk_arena_dup(d->arena, out.p, strcspn(out.p, "\n"));
    const char *const forge[] = {"update-ref", ref, id, NULL};
    demo_check(d, made && git_ok(copy, forge) && verify(d, copy) != 0,
               "audit verify fails when an entry is changed");
    free(copy);
}

void tour_audit(struct demo *d)
{
    check_story(d);
    demo_check(d, verify(d, d->bare) == 0, "audit verify holds");
    check_dropped(d);
    check_changed(d);
}
