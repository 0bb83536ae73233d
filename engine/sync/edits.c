/*
 * edits.c: edits of byte ranges of several files, gathered for people and for the commit. Pure.
 */
#include "sync/sync_int.h"

void sync_edit_add(struct sync_editing *e, const char *file, struct doc_edit edit, uint32_t line,
                   rk_str before, rk_str after)
{
    e->edits = rk_arena_grow(e->a, e->edits, e->n, &e->cap, sizeof *e->edits);
    e->files = rk_arena_grow(e->a, e->files, e->n, &e->cap_files, sizeof *e->files);
    e->out->edits = rk_arena_grow(e->a, e->out->edits, e->out->n, &e->cap_out,
                                  sizeof *e->out->edits);
    e->files[e->n] = file;
    e->edits[e->n++] = edit;
    e->out->edits[e->out->n++] = (struct sync_edit){
        file, line, rk_arena_dup(e->a, before.p, before.n), rk_arena_dup(e->a, after.p, after.n)};
}

int sync_edits_apply(struct sync_editing *e, struct git_view *v, const char *tip,
                     struct rk_err *err)
{
    e->out->files = rk_arena_array(e->a, e->n + 1, sizeof *e->out->files);
    for (size_t i = 0; i < e->n; i++) {
        bool done = false;
        for (size_t k = 0; k < i && !done; k++)
            done = rk_streq(e->files[k], e->files[i]);
        if (done)
            continue;
        struct doc_edit *mine = rk_arena_array(e->a, e->n, sizeof *mine);
        size_t n = 0;
        for (size_t k = i; k < e->n; k++)
            if (rk_streq(e->files[k], e->files[i]))
                mine[n++] = e->edits[k];
        struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
        rk_str source;
        if (git_read(v, e->a, tip, e->files[i], 16u << 20, &source, err) ||
            doc_edit_apply(source, mine, n, &text, err))
            return rk_wrap(err, "%s", e->files[i]);
        e->out->files[e->out->n_files++] = (struct git_file){
            .path = e->files[i], .bytes = {rk_arena_dup(e->a, text.p, text.n), text.n}};
    }
    return 0;
}
