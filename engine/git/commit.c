/*
 * commit.c: one commit read: names, times, message, trailers. In: a revision. Out: text in the
 * caller's arena, as it stands in the repository: foreign text that the reader makes safe.
 * Writes nothing; a message's trailers are those that git itself would see.
 */
#include "git/git_int.h"

#include <strings.h>

void git_commit_fill(struct rk_arena *a, lg_commit *from, struct git_commit *out)
{
    const git_signature *author = git_commit_author(from);
    const git_signature *committer = git_commit_committer(from);
    const char *body = git_commit_body(from), *subject = git_commit_summary(from);
    *out = (struct git_commit){
        .author = rk_arena_strdup(a, author->name),
        .email = rk_arena_strdup(a, author->email),
        .committer = rk_arena_strdup(a, committer->name),
        .subject = rk_arena_strdup(a, subject ? subject : ""),
        .body = rk_arena_strdup(a, body ? body : ""),
        .time = (int64_t)git_commit_time(from) * 1000,
        .parents = git_commit_parentcount(from),
    };
    git_id_text(git_commit_id(from), out->id);
    if (out->parents)
        git_id_text(git_commit_parent_id(from, 0), out->parent);
}

int git_commit_get(struct git_view *v, struct rk_arena *a, const char *rev, struct git_commit *out,
                   struct rk_err *err)
{
    char id[GIT_ID];
    git_oid oid;
    rk_auto(git_lg_commit_freep) lg_commit *c = NULL;
    if (git_resolve(v, rev, id, err) < 0)
        return -1;
    git_oid_fromstr(&oid, id);
    int rc = git_commit_lookup(&c, v->repo, &oid);
    if (rc < 0)
        return git_fail(err, rc, "commit %.12s", id);
    git_commit_fill(a, c, out);
    return 0;
}

/* The last one of a name: what a tool appended stands behind what a person wrote. */
const char *git_trailer(struct rk_arena *a, const struct git_commit *c, const char *name)
{
    git_message_trailer_array all = {0};
    git_lib_begin();
    const char *message = rk_arena_f(a, "%s\n\n%s\n", c->subject, c->body), *value = NULL;
    if (git_message_trailers(&all, message) < 0)
        return NULL;
    for (size_t i = 0; i < all.count; i++)
        if (strcasecmp(all.trailers[i].key, name) == 0)
            value = all.trailers[i].value;
    if (value)
        value = rk_arena_strdup(a, value);
    git_message_trailer_array_free(&all);
    return value;
}
