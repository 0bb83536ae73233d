/*
 * remotes_int.h: what renders take from elsewhere. On the loop: remotes.c (the table), remotelook.c
 * (one repository and its remote), chartlook.c (one chart of a repository of charts), helm.c (the
 * helm program). In the pool: remotefiles.c (their trees), helmfiles.c (what helm is to do).
 *
 * A render never waits for a network or a program: it works on the pins that were known when it
 * began. What it misses is a need, or a run of helm; the loop sees to it, asynchronously, and the
 * render runs once more.
 */
#ifndef RK_CORE_REMOTES_INT_H
#define RK_CORE_REMOTES_INT_H

#include "core/core_int.h"

/* A repository at a ref ("": its HEAD), or a chart (NULL: none) of a repository of charts at a
 * version ("": the newest; devel: also of those that are not released). */
struct core_need { const char *repo, *ref, *chart; bool devel; };
struct core_need core_source_need(const struct model_source *s);        /* appsource.c */
struct core_need core_need_copy(struct rk_arena *a, const struct core_need *of);
bool core_need_same(const struct core_need *a, const struct core_need *b);

/* What stands behind a need now. */
struct core_pin {
    struct core_need of;
    const char *dir;            /* the bare repository that holds it; the folder above the chart's */
    const char *id;             /* full commit id, version; NULL: it was never fetched */
    const char *why; enum rk_code code; /* the last look failed; NULL: it did not */
    int64_t checked;            /* wall: when the remote last answered; 0: never */
};
/* ---- pins.c ---- */
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
/* "base URL at REF: WHY; commit 1234567, as of TIME, is used", or NULL: its remote answers. */
const char *core_pin_stale(const struct core_pin *pin, struct rk_arena *mem);
const char *core_need_text(const struct core_need *of, struct rk_arena *mem);   /* without secrets */

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

/* ---- remotelook.c ---- */
enum { REMOTE_ID = 65 };
struct remote_ref {
    const char *name;
    char id[REMOTE_ID];         /* "": never fetched */
    bool moving;                /* no full commit id, no exact version */
    bool due;                   /* to be fetched */
    bool failed, news;          /* news: since the table was told last */
    struct rk_err err;
    struct remote_ref *next;
};
struct remote {
    struct core_remotes *all;
    struct engine *engine;
    struct rk_arena *arena;
    struct core_need of;        /* without a ref */
    const char *safe, *dir;     /* safe: the address, for people */
    struct remote_ref *refs, *at;       /* at: being fetched */
    struct gitcmd *cmd;
    struct pull *pull;          /* of a chart */
    struct run_timer *poll, *patience;
    bool looking, again, slow;  /* again: once more when this look ends */
    int64_t checked;
    struct remote *next;
};
struct remote *remote_new(struct core_remotes *all, struct engine *e, const struct core_need *of)
    RK_MUST_CHECK;
struct remote_ref *remote_ref_of(struct remote *r, const char *name);   /* made when missing */
void remote_look(struct remote *r);
void remote_free(struct remote *r);
void remotes_looked(struct remote *r);  /* remotes.c: a look has ended */
void remote_fetched(struct remote *r, const struct rk_err *err);        /* r->at was, or not */

/* ---- chartlook.c ---- */
bool chart_exact(const char *version);
bool chart_from_cache(const struct remote *r, const char *version, char id[REMOTE_ID]);
void chart_tidy(const struct remote *r);        /* what a killed pull left */
void chart_pull(struct remote *r);      /* r->at; remote_fetched follows */

/* ---- helm.c: the helm program ---- */
typedef void (*core_helm_fn)(rk_str out, const struct rk_err *err, void *ctx);
/* done once, on a later turn, unless core_helm_forget(ctx) came first. network: it asks one, so it
 * may take long and holds up no other. */
void core_helm_run(struct engine *e, const char *const *argv, bool network, core_helm_fn done,
                   void *ctx);
const char *const *core_words_copy(struct rk_arena *a, const char *const *words); /* ends in NULL */
void core_helm_forget(struct engine *e, const void *ctx);
void core_helm_stop(struct engine *e);  /* the rest ends soon; e->jobs counts it */
void core_helm_free(struct engine *e);

/* ---- remotefiles.c: in the pool ---- */
struct core_run {               /* one `helm template`; kept from build to build of a render */
    char key[65];               /* of all that goes into it */
    const char *const *argv;    /* in arena */
    struct rk_arena *arena;
    char *dir;                  /* its own folder; NULL: gone again */
    void *job;                  /* desired.c: whose it is */
    bool started, ended;
    struct rk_buf out;
    struct rk_err err;          /* code RK_OK: out is right */
    struct core_run *next;
};
void core_runs_free(struct core_run *first);
struct core_trees {             /* zeroed but for the first three; of one build */
    const struct core_pins *pins;
    struct core_run **runs;     /* those of the render; the build may add some */
    const char *cache;          /* folder for what helm reads */
    const struct render_files *root;    /* the tree that is built */
    struct rk_arena *arena;
    struct core_need *needs; size_t n_needs, cap_needs; /* what the pins did not know */
    size_t waits;               /* runs that have no output yet */
    struct core_pins *uses;     /* what the render took or would have taken; NULL: nothing */
    struct tree *open;
};
void core_trees_serve(struct core_trees *t, struct render_files *files);
void core_trees_close(struct core_trees *t);    /* trees are closed; needs and uses stay */
void core_trees_end(struct core_trees *t);
/* helmfiles.c: the two functions of charts, for core_trees_serve. */
void core_trees_serve_charts(struct render_files *files);
/* The pin, noted as used; NULL and err: a need now, or why it cannot be had. */
const struct core_pin *core_trees_pin(struct core_trees *t, const struct core_need *of,
                                      struct rk_err *err);
struct rk_arena *core_trees_arena(struct core_trees *t);
struct tree {                   /* what is open: one of the two */
    struct core_need of;
    struct git_view *view;
    struct render_files files;
    void *state;
    struct render_files *disk;  /* a fetched chart */
    struct tree *next;
};

#endif
