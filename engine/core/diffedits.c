/*
 * diffedits.c: what differs between two revisions as the edits that a plan shows: a file, its line,
 * the text before and after, one for each run of changed lines. What may be a secret is not told
 * (filetext.c); what is too much to show is named without its text, so that every file is listed.
 */
#include "core/core_int.h"

enum { TEXT_MAX = 64 * 1024, FILES_MAX = 1000, SECRET_MAX = 1 << 20 };

struct hunks {
    struct rk_arena *a;
    const char *file;
    bool secret;
    struct sync_edit *v;
    size_t n, cap, room;
    struct rk_buf before, after;
    uint32_t line, from;        /* in the old file: the next one; where this run began */
    bool run;
};

static void put(struct hunks *h, uint32_t line, const char *before, const char *after)
{
    h->v = rk_arena_grow(h->a, h->v, h->n, &h->cap, sizeof *h->v);
    h->v[h->n++] = (struct sync_edit){h->file, line, before, after};
}

static void end_run(struct hunks *h)
{
    if (!h->run)
        return;
    const char *before = core_file_text(h->a, rk_buf_view(&h->before), h->secret);
    const char *after = core_file_text(h->a, rk_buf_view(&h->after), h->secret);
    size_t size = strlen(before) + strlen(after);
    if (size <= h->room)
        put(h, h->from, before, after);
    else
        put(h, h->from, "", "(too long to show)");
    h->room -= size <= h->room ? size : 0;
    h->run = false;
    rk_buf_clear(&h->before);
    rk_buf_clear(&h->after);
}

static void changed_line(struct hunks *h, rk_str line)
{
    struct rk_buf *side = line.p[0] == '-' ? &h->before : &h->after;
    if (!h->run)
        h->from = h->line ? h->line : 1;
    h->run = true;
    rk_buf_str(side, (rk_str){line.p + 1, line.n - 1});
    rk_buf_ch(side, '\n');
    h->line += line.p[0] == '-';
}

/* "@@ -14,6 +14,7 @@" */
static uint32_t old_line(rk_str head)
{
    uint32_t line = 0;
    for (size_t i = 4; i < head.n && head.p[i] >= '0' && head.p[i] <= '9'; i++)
        line = line * 10 + (uint32_t)(head.p[i] - '0');
    return line;
}

static void unified(struct hunks *h, rk_str text)
{
    bool body = false;
    size_t before = h->n;
    while (text.n) {
        rk_str line = rk_str_cut(text, '\n', &text);
        char c = line.n ? line.p[0] : ' ';
        if (rk_str_starts(line, "@@ -")) {
            end_run(h);
            h->line = old_line(line);
            body = true;
        } else if (body && (c == '-' || c == '+')) {
            changed_line(h, line);
        } else if (body && c == ' ') {
            end_run(h);
            h->line++;
        }
    }
    end_run(h);
    if (h->n == before) /* binary, or its mode alone */
        put(h, 0, "", "(no text to show)");
}

static bool holds_secret(struct git_view *v, struct rk_arena *a, const char *rev, const char *path)
{
    struct rk_err none;
    rk_str text;
    return git_read(v, a, rev, path, SECRET_MAX, &text, &none) == 0 && core_file_secret(text);
}

int core_diff_edits(struct git_view *v, const char *from, const char *to, struct rk_arena *a,
                    struct sync_edit **out, size_t *n, struct rk_err *err)
{
    struct hunks h = {.a = a, .room = TEXT_MAX, .before = RK_BUF_INIT, .after = RK_BUF_INIT};
    struct git_change *changes = NULL;
    size_t files = 0;
    if (git_changes(v, a, from, to, &changes, &files, err))
        return -1;
    for (size_t i = 0; i < files && i < FILES_MAX; i++) {
        h.file = changes[i].path;
        h.line = 0;
        h.secret = holds_secret(v, a, from, h.file) || holds_secret(v, a, to, h.file);
        unified(&h, rk_str_c(changes[i].diff));
    }
    if (files > FILES_MAX) {
        h.file = rk_arena_f(a, "(%zu more files)", files - FILES_MAX);
        put(&h, 0, "", "(too many to show)");
    }
    rk_buf_release(&h.before);
    rk_buf_release(&h.after);
    *out = h.v;
    *n = h.n;
    return 0;
}
