/*
 * remotes_int.h: what renders take from other repositories: remotes.c (the table of them, on the
 * loop), remotelook.c (one of them and its remote), remotefiles.c (their trees, in the pool).
 *
 * A render never waits for a network: it works on the pins that were known when it began. What it
 * misses is a need; the loop fetches it, asynchronously, and the render runs once more.
 */
#ifndef RK_CORE_REMOTES_INT_H
#define RK_CORE_REMOTES_INT_H

#include "core/core_int.h"

struct core_need { const char *repo, *ref; };   /* ref "": its HEAD */

/* What stands behind a need now. */
struct core_pin {
    struct core_need of;
    const char *dir;            /* the bare repository that holds it */
    const char *id;             /* full commit id; NULL: it was never fetched */
    const char *why; enum rk_code code; /* the last look failed; NULL: it did not */
    int64_t checked;            /* wall: when the remote last answered; 0: never */
};
/* Immutable; references are counted on the loop. */
struct core_pins {
    unsigned refs;
    struct rk_arena *arena;
    struct core_pin *v; size_t n, cap;
};
struct core_pins *core_pins_new(void) RK_MUST_CHECK;
void core_pins_add(struct core_pins *p, const struct core_pin *pin);    /* copies; while it is made */
struct core_pins *core_pins_ref(struct core_pins *p);   /* NULL is fine, here and below */
void core_pins_unref(struct core_pins *p);
const struct core_pin *core_pin_find(const struct core_pins *p, const struct core_need *of);
/* Would a render that used these take the same from now? */
bool core_pins_same(const struct core_pins *uses, const struct core_pins *now);

/* ---- remotes.c ---- */
struct core_remotes *core_remotes_new(struct engine *e) RK_MUST_CHECK;
void core_remotes_stop(struct core_remotes *r); /* all that waits is told; e->jobs counts the rest */
void core_remotes_free(struct core_remotes *r);
struct core_pins *core_remotes_pins(const struct core_remotes *r);      /* borrowed; NULL: none */
/* fn on a later turn, once, when each need is pinned or has failed; ctx identifies it. */
void core_remotes_want(struct core_remotes *r, const struct core_need *needs, size_t n, run_fn fn,
                       void *ctx);
void core_remotes_unwant(struct core_remotes *r, const void *ctx);
/* Looks at what the application (NULL: any) takes from elsewhere now. */
void core_remotes_look(struct core_remotes *r, const struct core_app *app);
/* One of them is being looked at, and not for so long that nobody should wait for it. */
bool core_remotes_busy(const struct core_remotes *r, const struct core_app *app);
bool core_remotes_slow(const struct core_remotes *r, const struct core_need *needs, size_t n);
/* "base URL at REF: WHY; commit 1234567, as of TIME, is used", or NULL: its remote answers. */
const char *core_pin_stale(const struct core_pin *pin, struct rk_arena *mem);
const char *core_need_text(const struct core_need *of, struct rk_arena *mem);   /* without secrets */

/* ---- remotelook.c ---- */
struct remote_ref {
    const char *name;
    char id[GIT_ID];            /* "": never fetched */
    bool moving;                /* no full commit id */
    bool due;                   /* to be fetched */
    bool failed, news;          /* news: since the table was told last */
    struct rk_err err;
    struct remote_ref *next;
};
struct remote {
    struct core_remotes *all;
    struct engine *engine;
    struct rk_arena *arena;
    const char *url, *safe, *dir;
    struct remote_ref *refs, *at;       /* at: being fetched */
    struct gitcmd *cmd;
    struct run_timer *poll, *patience;
    bool looking, again, slow;  /* again: once more when this look ends */
    int64_t checked;
    struct remote *next;
};
struct remote *remote_new(struct core_remotes *all, struct engine *e, const char *url)
    RK_MUST_CHECK;
struct remote_ref *remote_ref_of(struct remote *r, const char *name);   /* made when missing */
void remote_look(struct remote *r);
void remote_free(struct remote *r);
void remotes_looked(struct remote *r);  /* remotes.c: a look has ended */

/* ---- remotefiles.c: in the pool ---- */
struct core_trees {             /* zeroed but for pins; of one build */
    const struct core_pins *pins;
    struct rk_arena *arena;
    struct core_need *needs; size_t n_needs, cap_needs; /* what the pins did not know */
    struct core_pins *uses;     /* what the render took or would have taken; NULL: nothing */
    struct tree *open;
};
void core_trees_serve(struct core_trees *t, struct render_files *files);
void core_trees_close(struct core_trees *t);    /* trees are closed; needs and uses stay */
void core_trees_end(struct core_trees *t);

#endif
