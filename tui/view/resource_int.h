/*
 * resource_int.h: what the files of the resource view share: one object (or all of an application):
 * what it owns, its events, its pods' logs.
 */
#ifndef RK_RESOURCE_INT_H
#define RK_RESOURCE_INT_H

#include "view/again.h"
#include "view/view_int.h"

enum resource_pane { RES_TREE, RES_EVENTS, RES_LOGS, RES_PANES };

/* The newest lines of a log, bounded in number and bytes (resource_logs.c). */
struct resource_log {
    char **v; size_t cap;       /* a ring of cap lines */
    size_t start, n, bytes;
    bool patched;               /* the event under way only adds lines */
    char title[200];            /* "pod/container" of the last line */
};
void resource_log_add(struct resource_log *l, const char *text);
const char *resource_log_at(const struct resource_log *l, size_t i);
void resource_log_clear(struct resource_log *l);
void resource_log_release(struct resource_log *l);

/* An answer that is shown until the next one is there. */
struct resource_answer { struct rk_arena *mem; void *value; struct rk_err err; };

struct resource_view {
    struct view view;
    char *app, *object;         /* object NULL: all of the application */
    struct view_feed watch, follow;     /* application.watch; logs.watch while logs are on */
    struct view_again again;
    int64_t round;
    int waited;                 /* answers of this round that did not come yet */
    struct resource_answer owners, events;
    bool logs, logs_chosen;     /* chosen: a person switched them, so that opening no more does */
    char *logged;               /* whose */
    struct resource_log log;
    enum resource_pane pane;
    struct widget_list list[RES_PANES];
    int shift;
    char *find;
};
static inline const struct wire_owners *resource_owners(const struct resource_view *v)
{
    return v->owners.value;
}
static inline const struct wire_events *resource_events(const struct resource_view *v)
{
    return v->events.value;
}
/* resource_logs.c */
void resource_logs_open(struct resource_view *v, const char *object);
void resource_logs_close(struct resource_view *v);
/* resource.c: a row as one line: what find looks in and copy takes. */
void resource_row_text(const struct resource_view *v, enum resource_pane pane, size_t i,
                       struct rk_buf *out);
/* resource_act.c */
bool resource_act(struct view *view, enum view_action a);
bool resource_find(struct view *view, rk_str text, int direction);
/* resource_draw.c */
void resource_draw(struct view *view, struct canvas c);

#endif
