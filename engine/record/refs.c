/*
 * refs.c: the audit branches of a repository. In: any repository's folder. Out: its refs of audit
 * branches: local tips and tips seen in a mirror, remote-tracking names and heads in a clone. Asks
 * the git program, which knows every way refs are stored; a few milliseconds, blocking.
 */
#include "record/record_int.h"

static const struct {
    const char *prefix;
    enum record_ref_kind kind;
    bool any_remote;                    /* one more part before the branch */
} places[] = {
    {"refs/reckon/log/", RECORD_REF_LOG, false},
    {"refs/reckon/seen/", RECORD_REF_SEEN, false},
    {"refs/heads/", RECORD_REF_HEAD, false},
    {"refs/remotes/", RECORD_REF_REMOTE, true},
};

/* "refs/remotes/origin/reckon/audit/prod" -> its kind and "prod" */
static bool place(rk_str name, struct record_ref *out, rk_str *environment)
{
    for (size_t i = 0; i < RK_LEN(places); i++) {
        rk_str rest = name;
        size_t skip = strlen(places[i].prefix);
        if (!rk_str_starts(name, places[i].prefix))
            continue;
        rest = (rk_str){name.p + skip, name.n - skip};
        if (places[i].any_remote)
            (void)rk_str_cut(rest, '/', &rest);
        skip = sizeof RECORD_BRANCH - 1;
        if (!rk_str_starts(rest, RECORD_BRANCH) || rest.n == skip)
            return false;
        out->kind = places[i].kind;
        *environment = (rk_str){rest.p + skip, rest.n - skip};
        return true;
    }
    return false;
}

int record_refs(const char *git_dir, struct rk_arena *a, struct record_ref **out, size_t *n,
                struct rk_err *err)
{
    static const char *const args[] = {"for-each-ref", "--format=%(objectname) %(refname)",
                                       "refs/heads/reckon/audit", "refs/remotes",
                                       "refs/reckon/log/reckon/audit",
                                       "refs/reckon/seen/reckon/audit", NULL};
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    struct record_ref *v = NULL;
    size_t count = 0, cap = 0;
    if (gitcmd_run(git_dir, args, &text, err) < 0)
        return -1;
    rk_str rest = rk_buf_view(&text);
    while (rest.n) {
        struct record_ref r = {0};
        rk_str name, environment, line = rk_str_cut(rest, '\n', &rest);
        rk_str id = rk_str_cut(line, ' ', &name);
        if (id.n != GIT_ID - 1 || !place(name, &r, &environment))
            continue;
        memcpy(r.id, id.p, id.n);
        r.name = rk_arena_dup(a, name.p, name.n);
        r.environment = rk_arena_dup(a, environment.p, environment.n);
        v = rk_arena_grow(a, v, count, &cap, sizeof *v);
        v[count++] = r;
    }
    *out = v;
    *n = count;
    return 0;
}
