/*
 * io.c: files and stdin in, documents out; documents in, text out as kubeseal prints it. Texts that
 * may hold clear values live in the run's wiping arena; buffers are wiped before they go.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "admin/admin_int.h"

#define READ_LIMIT ((size_t)16 << 20)
#define READ_STEP ((size_t)64 << 10)

void admin_wipe_buf(struct rk_buf *b)
{
    if (b->cap)
        rk_wipe(b->p, b->cap);
    rk_buf_release(b);
}

/* Grows by hand: realloc would leave an old copy of a clear value behind. */
static void make_room(struct rk_buf *b)
{
    struct rk_buf bigger = RK_BUF_INIT;

    if (b->cap - b->n > READ_STEP)
        return;
    rk_buf_reserve(&bigger, b->cap * 2 + READ_STEP * 2);
    rk_buf_str(&bigger, rk_buf_view(b));
    admin_wipe_buf(b);
    *b = bigger;
}

int admin_read(struct admin *c, const char *path, rk_str *out, struct rk_err *err)
{
    struct rk_buf text rk_auto(admin_wipe_buf) = RK_BUF_INIT;
    int own rk_auto(rk_close_fd) = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
    const char *name = path ? path : "standard input";
    ssize_t got = 1;

    if (path && own < 0)
        return rk_fail_errno(err, errno, "%s", path);
    while (got > 0 || (got < 0 && errno == EINTR)) {
        make_room(&text);
        got = read(path ? own : c->in, text.p + text.n, READ_STEP);
        text.n += got > 0 ? (size_t)got : 0;
        if (text.n > READ_LIMIT)
            return rk_fail(err, RK_LIMIT, "%s: over the limit of 16 MiB", name);
    }
    if (got < 0)
        return rk_fail_errno(err, errno, "%s", name);
    text.p[text.n] = 0;
    *out = rk_arena_str(c->arena, rk_buf_view(&text));
    return 0;
}

struct stream {                 /* JSON values one after another */
    struct admin *c;
    struct doc_node **docs;
    size_t n, cap;
};

static void add(struct stream *s, struct doc_node *doc)
{
    s->docs = rk_arena_grow(s->c->arena, s->docs, s->n, &s->cap, sizeof(*s->docs));
    s->docs[s->n++] = doc;
}

static int take_json(rk_str value, void *ctx, struct rk_err *err)
{
    struct stream *s = ctx;
    struct doc_node *doc;
    rk_str kept = rk_arena_str(s->c->arena, value);

    if (doc_json_read(s->c->arena, kept, NULL, &doc, err) < 0)
        return -1;
    add(s, doc);
    return 0;
}

static int read_json(struct stream *s, rk_str text, struct rk_err *err)
{
    struct doc_split *split = doc_split_new(false, READ_LIMIT);
    int rc = doc_split_feed(split, text, take_json, s, err);

    if (rc == 0)
        rc = doc_split_end(split, NULL, err);
    doc_split_free(split);
    return rc;
}

static int read_yaml(struct stream *s, rk_str text, const char *name, struct rk_err *err)
{
    struct doc_read how = {.typing = DOC_RESOURCE, .file = name};
    struct doc_node **docs;
    size_t n;

    if (doc_yaml_read(s->c->arena, text, &how, &docs, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        add(s, docs[i]);
    return 0;
}

/* A List stands for its members. */
static void unfold(struct admin *c, struct stream *s)
{
    struct stream flat = {.c = c};

    for (size_t i = 0; i < s->n; i++) {
        const struct doc_node *items = doc_get(s->docs[i], "items");
        bool list = rk_str_ends(doc_get_text(s->docs[i], "kind"), "List") &&
                    doc_type(items) == DOC_LIST;

        for (size_t k = 0; list && k < doc_count(items); k++)
            add(&flat, doc_at(items, k));
        if (!list)
            add(&flat, s->docs[i]);
    }
    *s = flat;
}

int admin_documents(struct admin *c, const char *path, struct doc_node ***docs, size_t *n,
                    struct rk_err *err)
{
    const char *name = path ? path : "standard input";
    struct stream s = {.c = c};
    rk_str text;

    if (admin_read(c, path, &text, err) < 0)
        return -1;
    if (!rk_str_starts(rk_str_trim(text), "{") || read_json(&s, text, NULL) < 0) {
        s.n = 0; /* YAML, perhaps in braces */
        if (read_yaml(&s, text, name, err) < 0)
            return strstr(err->text, name) ? -1 : rk_wrap(err, "%s", name);
    }
    unfold(c, &s);
    if (s.n == 0)
        return rk_fail(err, RK_INVALID, "%s: holds no document; give JSON or YAML", name);
    *docs = s.docs;
    *n = s.n;
    return 0;
}

static void new_line(struct rk_buf *out, size_t depth)
{
    rk_buf_ch(out, '\n');
    for (size_t i = 0; i < depth; i++)
        rk_buf_c(out, "  ");
}

/* Reads our own compact writer's text: no blanks, well-formed. */
void admin_json_pretty(struct rk_buf *out, rk_str compact)
{
    size_t depth = 0;
    bool text = false;

    for (size_t i = 0; i < compact.n; i++) {
        char ch = compact.p[i], next = i + 1 < compact.n ? compact.p[i + 1] : 0;

        if (text || ch == '"') {
            rk_buf_ch(out, ch);
            if (text && ch == '\\')
                rk_buf_ch(out, compact.p[++i]);
            else if (ch == '"')
                text = !text;
        } else if ((ch == '{' && next == '}') || (ch == '[' && next == ']')) {
            rk_buf_ch(out, ch);
            rk_buf_ch(out, next);
            i++;
        } else if (ch == '{' || ch == '[') {
            rk_buf_ch(out, ch);
            new_line(out, ++depth);
        } else if (ch == '}' || ch == ']') {
            new_line(out, --depth);
            rk_buf_ch(out, ch);
        } else {
            rk_buf_ch(out, ch);
            if (ch == ',')
                new_line(out, depth);
            else if (ch == ':')
                rk_buf_ch(out, ' ');
        }
    }
}

int admin_put(struct rk_buf *out, const char *format, const struct doc_node *doc,
              struct rk_err *err)
{
    struct rk_buf compact rk_auto(admin_wipe_buf) = RK_BUF_INIT;

    if (rk_streq(format, "yaml")) {
        rk_buf_c(out, "---\n");
        return doc_yaml_write(out, doc, err);
    }
    doc_json_write(&compact, doc);
    admin_json_pretty(out, rk_buf_view(&compact));
    rk_buf_ch(out, '\n');
    return 0;
}
