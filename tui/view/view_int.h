/*
 * view_int.h: what the files of room view share: the classes (one a file), and feed.c's part of a
 * view's end.
 */
#ifndef RK_VIEW_INT_H
#define RK_VIEW_INT_H

#include "view/view.h"

extern const struct view_class view_applications, view_confirm, view_diff, view_plan,
    view_operation, view_operations, view_resource, view_history, view_audit, view_commit,
    view_matrix, view_log, view_copies;

/* What opens to change something takes no key for so long: it was meant for what stood before. */
enum { VIEW_DEAD_MS = 400 };

static inline const char *view_text(const char *s) { return s ? s : ""; }

/* moves.c: the move that an action is; false: it is none. */
bool view_moves(enum view_action act, enum widget_move *out);
/* To the next row that has the text, from the cursor on (0) or beyond it (1, -1), round the end. */
bool view_find_row(struct view *v, struct widget_list *l, rk_str text, int direction,
                   bool (*has)(struct view *v, size_t row, rk_str text));

void view_calls_leave(struct view *v);          /* call.c: no answer reaches the view any more */
char *view_params(const struct wire_method *m, const void *params);    /* feed.c: as JSON; free() */

/* copy.c: copies the one of them that has a text, or asks which. */
void view_copy_menu(struct view *v, const struct view_copy *items, size_t n);
#define VIEW_COPY(v, ...) view_copy_menu((v), (const struct view_copy[]){__VA_ARGS__}, \
    sizeof((const struct view_copy[]){__VA_ARGS__}) / sizeof(struct view_copy))
/* "kubectl -n NS get KIND.GROUP NAME -o yaml"; NULL: it names no object. */
const char *view_kubectl(struct rk_arena *a, const struct view_host *host, const char *object);

#endif
