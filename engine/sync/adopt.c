/*
 * adopt.c: live values -> edits of the files that the rendered ones came from: only the bytes of
 * the values change. Pure: reads one revision of git, gives files.
 */
#include "sync/sync_int.h"

/* Do these bytes of the file still say what was rendered? Compared as values, not as texts. */
static bool still_says(struct rk_arena *a, rk_str source, const struct doc_mark *m,
                       const struct doc_node *rendered)
{
    const struct doc_read how = {.typing = DOC_RESOURCE};
    struct doc_node *now = NULL;
    if (m->end > source.n || m->start > m->end)
        return false;
    const char *text = rk_arena_f(a, "%.*s\n", (int)(m->end - m->start), source.p + m->start);
    if (doc_yaml_read_one(a, rk_str_c(text), &how, &now, NULL))
        return false;
    rk_str is = doc_text(now), was = doc_text(rendered);
    return is.p || was.p ? rk_str_eq(is, was) : doc_equal(now, rendered);
}

static int adopt_field(struct sync_editing *e, struct git_view *v, const char *tip,
                       const struct drift_field *f, const struct doc_marks *marks,
                       struct rk_err *err)
{
    const struct doc_mark *m = doc_marks_get(marks, f->mark);
    const char *file = m ? doc_marks_file(marks, m->file) : NULL;
    enum doc_type type = doc_type(f->live);
    struct doc_edit edit;
    char id[GIT_ID];
    rk_str source;
    if (f->secret)
        return rk_fail(err, RK_DENIED, "%s is a Secret's value: never written into git", f->path);
    if (!f->live || !f->desired || type == DOC_MAP || type == DOC_LIST || type == DOC_NULL || !file)
        return rk_fail(err, RK_UNSUPPORTED, "%s: only single values that a file of this "
                       "repository sets can be adopted; edit git by hand", f->path);
    const char *text = type == DOC_BOOL ? (f->live->boolean ? "true" : "false") : NULL;
    rk_str value = text ? rk_str_c(text) : doc_text(f->live);
    struct rk_buf before rk_auto(rk_buf_release) = RK_BUF_INIT;
    doc_json_write(&before, f->desired);
    if (file[0] == '@' && git_stat(v, tip, file, id) == GIT_ABSENT)
        return rk_fail(err, RK_UNSUPPORTED, "%s comes from another repository (%s:%u): change it "
                       "there", f->path, file, m->line);
    if (git_read(v, e->a, tip, file, 16u << 20, &source, err))
        return rk_wrap(err, "%s:%u", file, m->line);
    if (m->by == DOC_BY_IMAGE)
        return rk_fail(err, RK_UNSUPPORTED, "%s:%u makes %s from its parts: promote the image, or "
                       "edit git by hand", file, m->line, f->path);
    if (m->start == UINT32_MAX) /* doc_copy_marked */
        return rk_fail(err, RK_UNSUPPORTED, "%s:%u: the Application sets %s: edit it there", file,
                       m->line, f->path);
    if (!still_says(e->a, source, m, f->desired))
        return rk_fail(err, RK_CONFLICT, "%s:%u changed since it was rendered: plan again", file,
                       m->line);
    if (doc_edit_scalar(e->a, source, m, type, value, &edit, err))
        return rk_wrap(err, "%s:%u", file, m->line);
    sync_edit_add(e, file, edit, m->line, rk_buf_view(&before), value);
    return 0;
}

static bool object_chosen(const struct sync_adopting *w, const struct plan_object *o)
{
    for (size_t i = 0; i < w->n_only; i++)
        if (o->desired && kube_key_eq(&w->only[i], &o->desired->key))
            return true;
    return w->n_only == 0;
}

static bool field_chosen(const struct sync_adopting *w, const char *path)
{
    for (size_t i = 0; i < w->n_paths; i++)
        if (rk_streq(w->paths[i], path))
            return true;
    return w->n_paths == 0;
}

static int check_paths(const struct sync_adopting *w, struct rk_err *err)
{
    for (size_t i = 0; i < w->n_paths; i++) {
        bool differs = false;
        for (size_t k = 0; k < w->n && !differs; k++) {
            const struct drift_object *d = w->objects[k].drift;
            for (size_t f = 0; object_chosen(w, &w->objects[k]) && f < d->n_fields; f++)
                differs |= rk_streq(d->fields[f].path, w->paths[i]);
        }
        if (!differs)
            return rk_fail(err, RK_NOT_FOUND, "%s does not differ: nothing to adopt there",
                           w->paths[i]);
    }
    return 0;
}

int sync_adopt_edits(struct git_view *v, const char *tip, const struct sync_adopting *what,
                     struct rk_arena *a, struct sync_edits *out, struct rk_err *err)
{
    struct sync_editing e = {.a = a, .out = out};
    *out = (struct sync_edits){0};
    if (check_paths(what, err))
        return -1;
    for (size_t i = 0; i < what->n; i++) {
        const struct drift_object *d = what->objects[i].drift;
        if (d->verdict != DRIFT_CHANGED || !object_chosen(what, &what->objects[i]))
            continue;
        for (size_t k = 0; k < d->n_fields; k++)
            if (!d->fields[k].ignored && field_chosen(what, d->fields[k].path) &&
                adopt_field(&e, v, tip, &d->fields[k], what->marks, err))
                return -1;
    }
    return sync_edits_apply(&e, v, tip, err);
}
