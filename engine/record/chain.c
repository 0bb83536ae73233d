/*
 * chain.c: audit entries put on a branch. In: a clean entry. Out: a commit with its Seq and Prev,
 * on the branch's local tip. Each entry names its predecessor's commit in its own text, so an entry
 * that is changed or taken out breaks every one after it.
 */
#include "record/record_int.h"

bool record_tip(struct git_view *v, const char *branch, char out[GIT_ID])
{
    struct git_log_tip tip = {0};
    git_log_find(v, branch, &tip);
    memcpy(out, tip.id, GIT_ID);
    return tip.id[0] || git_resolve(v, branch, out, NULL) == 0;
}

/* The entry before is read once; after that its Seq is known. */
static int number(struct git_view *v, struct rk_arena *a, const char *branch,
                  struct record_audit *e, struct record_place *place, struct rk_err *err)
{
    struct record_audit last;
    git_log_find(v, branch, &place->tip);
    const char *tip = place->tip.id;
    if (!tip[0]) {
        e->seq = 1;
        e->prev = NULL;
        return 0;
    }
    if (strcmp(place->at, tip) != 0) {
        if (record_audit_load(v, a, tip, &last, err) < 0)
            return rk_wrap(err, "%s has something else than audit entries on it", branch);
        place->seq = last.seq;
        memcpy(place->at, tip, GIT_ID);
    }
    e->seq = place->seq + 1;
    e->prev = rk_arena_strdup(a, tip);
    return 0;
}

static int append(struct git_view *v, struct rk_arena *a, const char *branch,
                  struct record_audit *e, struct record_place *place, struct rk_err *err)
{
    char id[GIT_ID];
    rk_auto(rk_buf_release) struct rk_buf json = RK_BUF_INIT;
    rk_auto(rk_buf_release) struct rk_buf message = RK_BUF_INIT;
    if (number(v, a, branch, e, place, err) < 0)
        return -1;
    record_audit_json(a, e, true, &json);
    record_audit_message(e, &message);
    if (json.n > RECORD_ENTRY_MAX)
        return rk_fail(err, RK_LIMIT, "an audit entry of %zu bytes is over the limit of %d", json.n,
                       RECORD_ENTRY_MAX);
    struct git_entry entry = {.message = message.p, .entry_json = rk_buf_view(&json),
                              .author = {e->actor, e->actor_email}, .time = e->time,
                              .tip = &place->tip};
    if (git_log_append(v, branch, &entry, id, err) < 0)
        return -1;
    e->commit = rk_arena_strdup(a, id);
    memcpy(place->at, id, GIT_ID);
    place->seq = e->seq;
    return 0;
}

/* A fetch may move the remote's branch between the number and the commit. */
int record_append(struct git_view *v, struct rk_arena *a, struct record_audit *e,
                  struct record_place *place, struct rk_err *err)
{
    enum { TRIES = 3 };
    const char *branch = rk_arena_f(a, RECORD_BRANCH "%s", e->environment);
    struct rk_err why = {0};
    for (int i = 0; i < TRIES; i++) {
        why = (struct rk_err){0};
        if (append(v, a, branch, e, place, &why) == 0)
            return 0;
        if (why.code != RK_CONFLICT)
            break;
    }
    if (err)
        *err = why;
    return -1;
}

int record_beyond(struct git_view *v, struct rk_arena *a, const char *from, const char *base,
                  struct git_commit **out, size_t *n, struct rk_err *err)
{
    struct git_commit *found = NULL;
    size_t count = 0, cap = 0;
    char at[GIT_ID], common[GIT_ID] = "";
    memcpy(at, from, GIT_ID);
    if (base[0])
        git_log_common(v, from, base, common);
    while (at[0] && strcmp(at, common) != 0) {
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
