/*
 * sign.c: an SSH signature, as git makes it for commits.
 *
 * In: a key file (private, or public with the agent holding the rest) and a payload. Out: the
 * armoured signature. Owns nothing; the key never leaves ssh-keygen or the agent.
 */
#include "gitcmd_int.h"

static void step(struct gitcmd *g, const struct run_child_result *r)
{
    struct rk_err err = {0};
    int rc = gc_check(g, r, &err);
    if (rc == 0 && !rk_str_starts(r->out, "-----BEGIN SSH SIGNATURE-----"))
        rc = rk_fail(&err, RK_INTERNAL, "%s: the answer is no signature", g->what);
    g->done.text(rc == 0 ? r->out : RK_STR_NONE, rc == 0 ? NULL : &err, g->ctx);
    gc_free(g);
}

struct gitcmd *gitcmd_sign(struct run_loop *loop, const char *key_file, rk_str payload,
                           gitcmd_text_fn done, void *ctx)
{
    const char *const words[] = {"ssh-keygen", "-Y", "sign", "-n", "git", "-f"};
    struct gitcmd *g = gc_new(loop, NULL, "sign with ssh-keygen");
    g->step = step;
    g->done.text = done;
    g->ctx = ctx;
    for (size_t i = 0; i < RK_LEN(words); i++)
        gc_add(&g->argv, "%s", words[i]);
    gc_add(&g->argv, "%s", key_file);
    gc_start(g, payload);
    return g;
}
