/*
 * provenance.c: where each field of a result came from. In: the documents and their marks. Out:
 * JSON: object key -> JSON pointer -> list of {file, line, column, by}, newest first. Only leaves
 * (scalars and empty lists or maps) are listed; fields without a mark are left out.
 */
#include "render/render_int.h"

#define CHAIN_MAX 64

static void put_text(struct rk_buf *out, rk_str text)
{
    struct doc_node n = {.type = DOC_STRING, .text = text};

    doc_json_write(out, &n);
}

static void put_mark(struct rk_buf *out, const struct doc_marks *marks, const struct doc_mark *m)
{
    rk_buf_c(out, "{\"file\":");
    put_text(out, rk_str_c(doc_marks_file(marks, m->file)));
    rk_buf_f(out, ",\"line\":%u,\"column\":%u,\"by\":", m->line, m->column);
    put_text(out, rk_str_c(m->by < DOC_BY_MAX ? doc_by_name[m->by] : "?"));
    rk_buf_ch(out, '}');
}

struct walking {
    struct rk_buf *out, *pointer;
    const struct doc_marks *marks;
    bool any;
};

static void put_leaf(struct walking *w, uint32_t mark)
{
    const struct doc_mark *m = doc_marks_get(w->marks, mark);

    if (!m)
        return;
    rk_buf_c(w->out, w->any ? "," : "");
    w->any = true;
    put_text(w->out, rk_buf_view(w->pointer));
    rk_buf_c(w->out, ":[");
    for (int i = 0; m && i < CHAIN_MAX; i++) {
        rk_buf_c(w->out, i ? "," : "");
        put_mark(w->out, w->marks, m);
        m = doc_marks_get(w->marks, m->prev);
    }
    rk_buf_ch(w->out, ']');
}

static void pointer_cut(struct rk_buf *pointer, size_t n)
{
    pointer->n = n;
    if (pointer->cap)
        pointer->p[n] = 0;
}

/* Depth is bounded by the reader (100). */
static void walk(struct walking *w, const struct doc_node *n)
{
    size_t at = w->pointer->n;

    if ((doc_type(n) != DOC_MAP && doc_type(n) != DOC_LIST) || !doc_count(n)) {
        put_leaf(w, n->mark);
        return;
    }
    for (size_t i = 0; i < doc_count(n); i++) {
        const struct doc_pair *p = doc_type(n) == DOC_MAP ? doc_pair_at(n, i) : NULL;

        if (p)
            doc_pointer_add(w->pointer, p->key);
        else
            rk_buf_f(w->pointer, "/%zu", i);
        walk(w, p ? p->value : doc_at(n, i));
        pointer_cut(w->pointer, at);
    }
}

void render_provenance(const struct render_result *r, struct rk_buf *out)
{
    struct rk_buf key = RK_BUF_INIT, pointer = RK_BUF_INIT;

    rk_buf_ch(out, '{');
    for (size_t i = 0; i < r->n_objects; i++) {
        struct walking w = {.out = out, .pointer = &pointer, .marks = r->marks};

        rk_buf_clear(&key);
        rk_buf_clear(&pointer);
        kube_key_text(&key, &r->objects[i].key);
        rk_buf_c(out, i ? ",\n" : "");
        put_text(out, rk_buf_view(&key));
        rk_buf_c(out, ":{");
        walk(&w, r->objects[i].doc);
        rk_buf_ch(out, '}');
    }
    rk_buf_c(out, "}\n");
    rk_buf_release(&key);
    rk_buf_release(&pointer);
}
