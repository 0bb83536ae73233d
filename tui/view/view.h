/*
 * view.h: views: protocol lines become screens, keys become requests. A view is a class (a row in
 * view_classes) and a state; it draws from its state alone and changes it by actions, by what its
 * feeds bring and by answers. It writes to no cluster and no repository: previews are asked for
 * with plan.create; the one request that starts something is operation.start of an armed plan.
 *
 * A new view is one file and one row; a new key is one row in keys.c.
 */
#ifndef RK_VIEW_H
#define RK_VIEW_H

#include "reckon/client.h"
#include "reckon/wire.h"
#include "widget/widget.h"

/* ================= actions and keys (keys.c) ================= */
enum view_action {
    ACT_NONE,
    /* move */
    ACT_DOWN, ACT_UP, ACT_LEFT, ACT_RIGHT, ACT_FIRST, ACT_LAST, ACT_PAGE_DOWN, ACT_PAGE_UP,
    ACT_HALF_DOWN, ACT_HALF_UP, ACT_OPEN, ACT_BACK, ACT_NEXT_PANE, ACT_PREV_PANE,
    ACT_NEXT_PROBLEM, ACT_PREV_PROBLEM, ACT_NEXT_UNIT, ACT_PREV_UNIT,
    /* previews: nothing is changed by them */
    ACT_SYNC, ACT_PROMOTE, ACT_REVERT, ACT_ADOPT, ACT_IGNORE,
    /* what changes something: none of them exists under --readonly */
    ACT_APPLY, ACT_STOP, ACT_ABORT, ACT_FREEZE, ACT_UNLOCK, ACT_RELEASE, ACT_VALIDATE,
    /* look */
    ACT_DIFF, ACT_HISTORY, ACT_EVENTS, ACT_LOGS, ACT_WHO, ACT_BLAME, ACT_SPLIT, ACT_FOLD,
    ACT_LESS, ACT_MORE, ACT_WRAP, ACT_TURN,
    /* mark, copy, find */
    ACT_MARK, ACT_MARK_ALL, ACT_UNMARK, ACT_COPY, ACT_FIND, ACT_FIND_NEXT, ACT_FIND_PREV,
    ACT_FILTER,
    /* the console itself */
    ACT_VIEW_APPLICATIONS, ACT_VIEW_MATRIX, ACT_VIEW_HISTORY, ACT_VIEW_OPERATIONS, ACT_VIEW_LOG,
    ACT_PALETTE, ACT_HELP, ACT_REFRESH, ACT_REDRAW, ACT_CANCEL, ACT_THEME, ACT_SUSPEND, ACT_QUIT,
    ACT_MAX,
};
enum view_group { VIEW_MOVE, VIEW_ACT, VIEW_LOOK, VIEW_MARK, VIEW_OTHER, VIEW_GROUP_MAX };
struct view_action_row {
    const char *name;           /* "sync": console.yaml, palette */
    const char *hint;           /* "sync": the hint line, short */
    const char *help;           /* "preview what a sync would do" */
    enum view_group group;
    bool writes;
};
extern const struct view_action_row view_actions[ACT_MAX];
struct view_key_row { const char *view; /* "*": everywhere */ const char *key; enum view_action action; };
extern const struct view_key_row view_keys[];   /* the defaults; ends with key NULL */
enum view_action view_action_named(rk_str name);        /* ACT_NONE: none */

/* ================= what a view is given (struct view_host) ================= */
struct view;
/* One thing to copy: what people call it, and its text. */
struct view_copy { char key; const char *what, *text; };
/* What a view is about; texts are copied by whoever keeps them. NULL: not given. */
struct view_target {
    const char *app, *object, *environment, *fingerprint, *operation, *commit, *rev, *find;
    const char *from, *from_app;        /* the diff view: rev against this one, not against live */
    const struct view_copy *copies; size_t n_copies;    /* the copy view */
    const char *what;           /* the confirm view: "freeze", "unlock", "stop", ... */
    const struct wire_plan_params *plan;        /* the plan view: what to ask for */
};
struct view_host {
    struct run_loop *loop;
    struct client *client;
    const struct wire_hello *hello;     /* NULL until the first READY */
    const struct wire_status *status;   /* as the header shows it, from time to time; NULL: not yet */
    bool connected, readonly;
    int64_t lost_at;                    /* wall; when not connected */
    char why_lost[480];
    int64_t (*now)(void *ctx);          /* wall ms; fixed in tests */
    void (*changed)(void *ctx);         /* draw again, soon */
    void (*open)(const char *view, const struct view_target *t, void *ctx);
    void (*back)(void *ctx);            /* closes the view on top */
    /* one transient line above the hints; role ERROR stays until the next key */
    void (*say)(enum term_role role, const char *text, void *ctx);
    void (*copy)(rk_str text, const char *what, void *ctx);
    /* one line typed by a person under `label`; done gets NULL when it was given up. masked paste
     * rule: refuse_paste */
    void (*ask)(const char *label, bool refuse_paste, void (*done)(const char *text, void *vctx),
                void *vctx, void *ctx);
    void (*drop_input)(void *ctx);      /* what was typed ahead is not for this view */
    /* The key that does it in the view on top, as hints spell it; NULL: none (readonly). Valid
     * until the next call. */
    const char *(*key)(enum view_action a, void *ctx);
    void *ctx;
    struct view_call *orphans;          /* call.c: calls whose view is gone */
};
/* After the last view and before client_close. */
void view_host_release(struct view_host *h);
void view_say(struct view *v, enum term_role role, const char *fmt, ...) RK_PRINTF(3, 4);

/* ================= a view ================= */
struct view_class {
    const char *name;           /* "applications": keys file, palette, golden files */
    const char *title;          /* for people: "Applications" */
    size_t size;                /* of its state; struct view comes first in it */
    bool form;                  /* holds what was typed: what is asked for opens above it */
    int (*open)(struct view *v, const struct view_target *t, struct rk_err *err);
    void (*close)(struct view *v);      /* feeds and calls of view_call are ended by the host */
    /* Draws into c; pure: same state, same picture. */
    void (*draw)(struct view *v, struct canvas c);
    /* On a screen that is too small for the picture, in words; its keys work there, too. NULL: that
     * screen shows which keys stop something, and only they work. */
    void (*small)(struct view *v, struct canvas c);
    bool (*act)(struct view *v, enum view_action a);    /* false: not for this view */
    /* The list whose rows a click chooses; a cursor that went there afar is told by `chosen`. */
    struct widget_list *(*list)(struct view *v);
    void (*chosen)(struct view *v, size_t row);         /* NULL: the cursor alone moves */
    /* Raw keys while `typing` (a form's field): every key but ESC goes here. May be NULL. */
    bool (*key)(struct view *v, const struct term_key *k);
    /* The first line: left and right text; NULL: the console's own (engine, repository, identity). */
    void (*headline)(struct view *v, struct rk_buf *left, struct rk_buf *right);
    /* Actions for the hint line, most useful first, ACT_NONE at the end; may depend on the state. */
    const enum view_action *(*hints)(struct view *v);
    /* One line above the hints when nothing else is to be said (next automatic action); may be NULL */
    void (*status)(struct view *v, struct rk_buf *out);
    bool (*find)(struct view *v, rk_str text, int direction);   /* 0: from here; 1, -1: on. NULL ok */
    void (*connected)(struct view *v);  /* the engine is back: ask again what is no feed. NULL ok */
    /* The view is open already and asked for again: goes to the target; false: open another one.
     * NULL: it never does. */
    bool (*retarget)(struct view *v, const struct view_target *t);
};
struct view {
    const struct view_class *class;
    struct view_host *host;
    struct view_feed *feeds;
    struct view_call *calls;
    bool typing;
    bool production;            /* doubled lines, PRODUCTION in the headline */
    bool modal;                 /* drawn over the one below */
};
extern const struct view_class *const view_classes[];   /* ends with NULL */
const struct view_class *view_class_named(const char *name);
struct view *view_new(const struct view_class *c, struct view_host *host,
                      const struct view_target *t, struct rk_err *err) RK_MUST_CHECK;
void view_free(struct view *v);

/* ================= data of a view (feed.c) ================= */
/* A subscription whose last whole value is kept; patches are the reader's. */
struct view_feed {
    struct view *view;
    struct client_sub *sub;
    const struct wire_method *method;
    char *params;               /* as JSON: what is asked for */
    struct rk_arena *arena;     /* of value */
    size_t settled;             /* its size when the value was whole: patches grow it */
    void *value;                /* of method->result's shape; NULL: nothing came yet */
    int64_t at;                 /* wall: when it came */
    bool asked;                 /* and nothing of it came yet */
    struct rk_err err; bool ended;      /* err: why it ended or could not be read */
    /* PATCH: changes what stands (texts into f->arena). The value moves when a patch is in: nothing
     * of it is kept by address. NULL: a PATCH is a value, too */
    void (*patch)(struct view_feed *f, void *patch);
    void (*changed)(struct view_feed *f);       /* after each; may be NULL: only drawn again */
    struct view_feed *next;
};
/* params of method->params' shape, NULL: none. A second call changes what is asked for. */
void view_feed_open(struct view *v, struct view_feed *f, const char *method, const void *params);
void view_feed_close(struct view_feed *f);
bool view_waits(const struct view *v);          /* for something that it asked the engine */
/* The host changes its client: let go of the old one (before client_close), ask the new one. */
void view_feeds_detach(struct view *v);
void view_feeds_attach(struct view *v);

/* A copy of a value that lives in `a` alone. */
/* feed->patch of a paged value: the rows take their places, the rest becomes the patch's. */
void view_patch_rows(struct view_feed *f, void *patch);
void *view_copy(struct rk_arena *a, const struct wire_shape *shape, const void *value);
/* "apps/Deployment/shop/web" in its parts. */
struct view_object { rk_str group, kind, namespace, name; };
struct view_object view_object_of(const char *object);

/* One request; the answer's struct lives in `a` (given, also with an error: free it or keep it).
 * value: NULL with an error. Not called after the view is closed. */
typedef void (*view_answer_fn)(struct view *v, void *value, struct rk_arena *a,
                               const struct rk_err *err, void *ctx);
void view_call(struct view *v, const char *method, const void *params, view_answer_fn done,
               void *ctx);
/* An answer that comes in parts: what to ask for behind the rows that are here, in a; NULL: all is. */
struct view_rest {
    const char *method;
    const void *(*params)(const void *whole, struct rk_arena *a);
};
/* done gets all parts as one; another error, none. rest NULL: one answer is all. */
void view_call_whole(struct view *v, const char *method, const void *params,
                     const struct view_rest *rest, view_answer_fn done, void *ctx);

#endif
