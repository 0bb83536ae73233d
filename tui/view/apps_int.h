/*
 * apps_int.h: what the files of the applications view share.
 *
 * The engine keeps the order: a page is a window of it, `index` counts in the whole list without
 * what is folded. On the screen stand rows: an environment's heading, its applications, and under
 * an unfolded one its resources. apps_rows.c maps one to the other; the cursor keeps the identity
 * of its row, so that it stays with it when rows move.
 */
#ifndef RK_VIEW_APPS_INT_H
#define RK_VIEW_APPS_INT_H

#include "reckon/map.h"
#include "view/view_int.h"

enum apps_kind { APPS_NOTHING, APPS_ENVIRONMENT, APPS_APP, APPS_RESOURCE };
enum apps_pane { APPS_LIST, APPS_DETAIL, APPS_ACTIVITY, APPS_PANES };

/* An application whose resources are shown. */
struct apps_open {
    struct apps_open *next;     /* by index; -1 first */
    char *app, *environment;
    int64_t index;              /* in the engine's order when last seen; -1: not seen, folded */
    struct view_feed feed;      /* resources.watch */
};

struct apps_row {
    enum apps_kind kind;
    const struct wire_group *group;     /* NULL in the turned tree */
    int64_t index;                      /* APP, RESOURCE */
    const struct wire_app *app;         /* NULL: not here yet */
    const struct apps_open *open;       /* RESOURCE, and an unfolded APP */
    const struct wire_resource *resource; /* NULL: being read, or cannot be */
};

/* What the cursor is on; owned texts, NULL where it has none. */
struct apps_at { enum apps_kind kind; char *environment, *app, *object; };

struct apps_search {            /* a walk through pages that are not here */
    bool on;
    int direction;
    char *text;                 /* NULL: the next problem */
    bool exact;                 /* the application of this name */
    int64_t next;               /* index to look at next */
};

struct apps {
    struct view v;
    struct view_feed page, detail, activity;
    struct apps_open *open;
    struct rk_map *folded;      /* environments that are closed */
    bool turned;                /* by application */
    char *filter, *find;
    char *wanted;               /* the application to go to when the next page is here */
    int64_t asked_from, asked_n;        /* the window that was asked for */
    bool soon;                  /* a look at the window is due */

    struct rk_arena *env_arena;
    struct wire_environments environments;
    bool env_asked, env_again;

    struct rk_arena *drift_arena;
    struct wire_drift drift;
    char *drift_app;            /* whose; NULL: none */
    int64_t drift_of;           /* row.changed that it belongs to */
    bool drift_asked;
    struct rk_err drift_err;

    struct widget_list list;
    struct apps_at at;
    enum apps_pane pane;
    bool narrow;                /* as drawn last: one pane at a time */
    size_t scroll[APPS_PANES];  /* of detail and activity */
    struct apps_search search;
};

/* ---- apps_rows.c ---- */
const struct wire_app_page *apps_page(const struct apps *a);    /* NULL: nothing came yet */
const struct wire_app *apps_app_at(const struct apps *a, int64_t index);
size_t apps_rows(const struct apps *a);
struct apps_row apps_row_at(const struct apps *a, size_t row);
size_t apps_row_of(const struct apps *a, int64_t index);        /* the row of an application */
/* The row that the cursor's identity has now; false: it is not here. */
bool apps_row_find(const struct apps *a, size_t *row);
const char *apps_environment_of(const struct apps_row *r);      /* "" is none */
bool apps_is_folded(const struct apps *a, const char *environment);
struct apps_open *apps_open_of(const struct apps *a, const char *app);
size_t apps_open_rows(const struct apps_open *o);               /* at least one */
void apps_open_place(struct apps *a);           /* after the page changed: indexes, order */
void apps_at_set(struct apps *a, const struct apps_row *r);
void apps_at_clear(struct apps_at *at);

/* ---- apps_tree.c, apps_detail.c ---- */
void apps_draw_tree(struct apps *a, struct canvas c);
void apps_draw_detail(struct apps *a, struct canvas c);
void apps_draw_activity(struct apps *a, struct canvas c);
struct widget_sign apps_state(const struct wire_app *app, char word[32]);       /* in one word */
bool apps_problem(const struct wire_app *app);
const struct wire_environment *apps_environment(const struct apps *a, const char *name);
bool apps_production(const struct apps *a, const char *environment);

/* ---- applications.c ---- */
void apps_go(struct apps *a, size_t row);       /* the cursor: detail and window follow */
void apps_jump(struct apps *a, size_t row);     /* from afar */
void apps_ask_window(struct apps *a);

/* ---- apps_search.c ---- */
/* text NULL: problems. From the row after (0: at) the cursor; goes there, or says that none is. */
void apps_search(struct apps *a, const char *text, int direction);
void apps_search_name(struct apps *a, const char *name);        /* to that application */
void apps_search_stop(struct apps *a);

/* ---- apps_act.c: previews and confirmations of the row under the cursor ---- */
bool apps_do(struct apps *a, enum view_action act);

#endif
