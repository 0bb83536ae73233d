/*
 * chain.c: audit entries put on a branch. In: a clean entry. Out: a commit with its Seq and Prev,
 * on the branch's local tip. Each entry names its predecessor's commit in its own text, so an entry
 * that is changed or taken out breaks every one after it.
 */
#include "record/record_int.h"

bool record_tip(struct git_view *v, const char *branch, char out[GIT_ID])
{
    char local[GIT_ID], remote[GIT_ID];
    rk_auto(rk_free_str) char *log = rk_asprintf("refs/reckon/log/%s", branch);
    rk_auto(rk_free_str) char *origin = rk_asprintf("refs/remotes/origin/%s", branch);
    bool have = git_resolve(v, log, local, NULL) == 0;
    if (git_resolve(v, origin, remote, NULL) == 0 && (!have || git_is_ancestor(v, local, remote)))
        memcpy(out, remote, GIT_ID);
    else if (have)
        memcpy(out, local, GIT_ID);
    else
        return git_resolve(v, branch, out, NULL) == 0;
    return true;
}

static int number(struct git_view *v, struct rk_arena *a, const char *branch,
                  struct record_audit *e, struct rk_err *err)
{
    char tip[GIT_ID];
    struct record_audit last;
    if (!record_tip(v, branch, tip)) {
        e->seq = 1;
        e->prev = NULL;
        return 0;
    }
    if (record_audit_load(v, a, tip, &last, err) < 0)
        return rk_wrap(err, "%s has something else than audit entries on it", branch);
    e->seq = last.seq + 1;
    e->prev = rk_arena_strdup(a, tip);
    return 0;
}

/* A fetch may have moved the remote's branch between reading the tip and appending. */
static int check_parent(struct git_view *v, struct rk_arena *a, const char *id,
                        const struct record_audit *e, struct rk_err *err)
{
    struct git_commit c;
    if (git_commit_get(v, a, id, &c, err) < 0)
        return -1;
    if (rk_streq(c.parent, e->prev ? e->prev : ""))
        return 0;
    return rk_fail(err, RK_CONFLICT, "the log moved while entry %lld was added",
                   (long long)e->seq);
}

int record_append(struct git_view *v, struct rk_arena *a, struct record_audit *e,
                  struct rk_err *err)
{
    char id[GIT_ID];
    const char *branch = rk_arena_f(a, RECORD_BRANCH "%s", e->environment);
    rk_auto(rk_buf_release) struct rk_buf json = RK_BUF_INIT;
    rk_auto(rk_buf_release) struct rk_buf message = RK_BUF_INIT;
    if (number(v, a, branch, e, err) < 0)
        return -1;
    record_audit_json(a, e, true, &json);
    record_audit_message(e, &message);
    if (json.n > RECORD_ENTRY_MAX)
        return rk_fail(err, RK_LIMIT, "an audit entry of %zu bytes is over the limit of %d", json.n,
                       RECORD_ENTRY_MAX);
    struct git_entry entry = {.message = message.p, .entry_json = rk_buf_view(&json),
                              .author = {e->actor, e->actor_email}, .time = e->time};
    if (git_log_append(v, branch, &entry, id, err) < 0)
        return -1;
    e->commit = rk_arena_strdup(a, id);
    return check_parent(v, a, id, e, err);
}

/* What is beyond is a few commits as a rule: one look at a time. */
int record_beyond(struct git_view *v, struct rk_arena *a, const char *from, const char *base,
                  struct git_commit **out, size_t *n, struct rk_err *err)
{
    struct git_commit *found = NULL;
    size_t count = 0, cap = 0;
    char at[GIT_ID];
    memcpy(at, from, GIT_ID);
    while (at[0] && !(base[0] && git_is_ancestor(v, at, base))) {
        found = rk_arena_grow(a, found, count, &cap, sizeof *found);
        if (git_commit_get(v, a, at, &found[count], err) < 0)
            return -1;
        memcpy(at, found[count++].parent, GIT_ID);
    }
    for (size_t i = 0; i < count / 2; i++) {
        struct git_commit swap = found[i];
        found[i] = found[count - 1 - i];
        found[count - 1 - i] = swap;
    }
    *out = found;
    *n = count;
    return 0;
}
