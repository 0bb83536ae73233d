/*
 * marks.c: Space marks two entries, the diff key compares them: see marks.h.
 */
#include "view/marks.h"

#include <stdlib.h>

static void drop(struct view_marks *m, size_t i)
{
    const char *const texts[] = {m->v[i].id, m->v[i].group, m->v[i].app, m->v[i].rev};

    for (size_t k = 0; k < RK_LEN(texts); k++)
        free((void *)(uintptr_t)texts[k]);
    for (m->n--; i < m->n; i++)
        m->v[i] = m->v[i + 1];
}

void view_unmark(struct view_marks *m)
{
    while (m->n)
        drop(m, m->n - 1);
}

bool view_marked(const struct view_marks *m, const char *id)
{
    for (size_t i = 0; i < m->n; i++)
        if (rk_streq(m->v[i].id, id))
            return true;
    return false;
}

void view_mark(struct view *v, struct view_marks *m, const struct view_mark *mark)
{
    for (size_t i = 0; i < m->n; i++)
        if (rk_streq(m->v[i].id, mark->id)) {
            drop(m, i);
            return;
        }
    if (m->n && !rk_streq(m->v[0].group, mark->group)) {
        view_say(v, TERM_STATUS, "%s is not compared with %s: its mark is gone", mark->group,
                 m->v[0].group);
        view_unmark(m);
    }
    if (m->n == VIEW_MARKS)
        drop(m, 0);
    m->v[m->n++] = (struct view_mark){rk_strdup(mark->id), rk_strdup(mark->group),
                                      rk_strdup(mark->app), rk_strdup(mark->rev), mark->order};
}

bool view_marks_compare(struct view *v, const struct view_marks *m)
{
    if (m->n == 1)
        view_say(v, TERM_STATUS, "mark another one to compare the two");
    if (m->n < VIEW_MARKS)
        return m->n > 0;
    const struct view_mark *from = &m->v[m->v[1].order < m->v[0].order], *to = &m->v[from == m->v];
    struct view_target t = {.app = to->app, .rev = to->rev, .from = from->rev};

    if (!rk_streq(from->app, to->app))
        t.from_app = from->app;
    v->host->open("diff", &t, v->host->ctx);
    return true;
}
