/*
 * document.c: a document as lines of YAML, each with where its field came from: file and line on
 * git's side, the field manager on the live side. For people; long texts are cut, never folded.
 */
#include "core/core_int.h"

enum { TEXT_MOST = 2000 };

struct printer {
    struct rk_arena *mem;
    const struct doc_marks *marks;      /* git's side; NULL on the live side */
    const struct kube_fields *fields;   /* the live side; may be NULL */
    const struct kube_object *object;
    struct kube_schema root;
    struct rk_buf pointer;              /* of the node being printed */
    struct wire_document_line *lines;
    size_t n, cap;
};

static const char *manager_of(struct printer *p)
{
    struct kube_owner owner;
    if (!p->fields || !kube_fields_owner(p->fields, p->object->doc, rk_buf_view(&p->pointer),
                                         p->root, &owner))
        return NULL;
    return core_safe(p->mem, owner.manager);
}

static void add_line(struct printer *p, const char *text, uint32_t mark, bool leaf)
{
    const struct doc_mark *m = p->marks ? doc_marks_get(p->marks, mark) : NULL;
    p->lines = rk_arena_grow(p->mem, p->lines, p->n, &p->cap, sizeof *p->lines);
    p->lines[p->n++] = (struct wire_document_line){
        .text = text, .file = m ? doc_marks_file(p->marks, m->file) : NULL,
        .line = m ? m->line : 0, .manager = leaf ? manager_of(p) : NULL};
}

/* Most keys: longer than any word that YAML takes for something else, and nothing to quote. */
static bool is_word(rk_str s)
{
    bool word = s.n > 5 && s.n <= 64;
    for (size_t i = 0; word && i < s.n; i++) {
        bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z');
        word = letter || (i && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-' ||
                                s.p[i] == '.' || s.p[i] == '/' || s.p[i] == '_'));
    }
    return word;
}

/* A scalar as YAML would write it on one line, however long: "yes" is a text only with quotes. */
static const char *one_line(struct printer *p, const struct doc_node *v)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    if (doc_type(v) == DOC_STRING && is_word(v->text))
        return rk_arena_dup(p->mem, v->text.p, v->text.n);
    if (doc_yaml_write(&text, v, &none))
        rk_buf_c(&text, "?");
    while (text.n && text.p[text.n - 1] == '\n')
        text.n--;
    if (memchr(text.p, '\n', text.n)) { /* folded: a plain one needs no quotes, unfolded either */
        bool plain = !strchr("\"'|>?", text.p[0]);
        rk_buf_clear(&text);
        if (plain)
            rk_buf_str(&text, doc_text(v));
        else
            doc_json_write(&text, v);
    }
    const char *safe = core_safe(p->mem, (rk_str){text.p, text.n < TEXT_MOST ? text.n : TEXT_MOST});
    return safe ? safe : "";
}

/* How a block begins: whether its text ends with one newline, none, or several. */
static const char *block_head(rk_str value)
{
    if (value.p[value.n - 1] != '\n')
        return "|-";
    return value.n > 1 && value.p[value.n - 2] == '\n' ? "|+" : "|";
}

/* One scalar as YAML would write it behind "key: "; several lines stay several lines. */
static void print_scalar(struct printer *p, const char *head, const char *indent,
                         const struct doc_node *v)
{
    rk_str value = doc_text(v);
    if (doc_type(v) == DOC_STRING && memchr(value.p ? value.p : "", '\n', value.n)) {
        add_line(p, rk_arena_f(p->mem, "%s%s", head, block_head(value)), v->mark, true);
        for (rk_str line; value.n;) {
            line = rk_str_cut(value, '\n', &value);
            line.n = line.n < TEXT_MOST ? line.n : TEXT_MOST;
            const char *safe = core_safe(p->mem, line);
            add_line(p, safe ? rk_arena_f(p->mem, "%s  %s", indent, safe) : "", v->mark, false);
        }
        return;
    }
    add_line(p, rk_arena_f(p->mem, "%s%s", head, one_line(p, v)), v->mark, true);
}

static int by_key(const void *a, const void *b)
{
    return doc_key_cmp((*(const struct doc_pair *const *)a)->key,
                       (*(const struct doc_pair *const *)b)->key);
}

static void print_node(struct printer *p, const struct doc_node *v, const char *first,
                       const char *indent, int depth);

static void print_child(struct printer *p, const char *head, const char *indent,
                        const struct doc_node *v, int depth)
{
    bool empty = doc_count(v) == 0;
    enum doc_type type = doc_type(v);
    if ((type != DOC_MAP && type != DOC_LIST) || empty || depth > 90) {
        print_scalar(p, head, indent, v);
        return;
    }
    add_line(p, rk_arena_dup(p->mem, head, strlen(head) - 1), v->mark, false);
    const char *below = type == DOC_MAP ? rk_arena_f(p->mem, "%s  ", indent) : indent;
    print_node(p, v, below, below, depth + 1);
}

static void print_list(struct printer *p, const struct doc_node *v, const char *first,
                       const char *indent, int depth)
{
    for (size_t i = 0; i < doc_count(v); i++) {
        const struct doc_node *item = doc_at(v, i);
        size_t at = p->pointer.n;
        const char *head = rk_arena_f(p->mem, "%s- ", i ? indent : first);
        const char *below = rk_arena_f(p->mem, "%s  ", indent);
        rk_buf_f(&p->pointer, "/%zu", i);
        if ((doc_type(item) == DOC_MAP || doc_type(item) == DOC_LIST) && doc_count(item))
            print_node(p, item, head, below, depth + 1);
        else
            print_scalar(p, head, below, item);
        p->pointer.n = at;
        p->pointer.p[at] = 0;
    }
}

/* `first` starts the first line (it may hold "- "), `indent` all others. */
static void print_node(struct printer *p, const struct doc_node *v, const char *first,
                       const char *indent, int depth)
{
    if (doc_type(v) == DOC_LIST) {
        print_list(p, v, first, indent, depth);
        return;
    }
    size_t n = doc_count(v);
    struct doc_pair **pairs = rk_arena_array(p->mem, n + 1, sizeof(struct doc_pair *));
    for (size_t i = 0; i < n; i++)
        pairs[i] = doc_pair_at(v, i);
    qsort(pairs, n, sizeof *pairs, by_key);
    for (size_t i = 0; i < n; i++) {
        size_t at = p->pointer.n;
        const char *head = rk_arena_f(p->mem, "%s%s: ", i ? indent : first,
                                      one_line(p, doc_string_ref(p->mem, pairs[i]->key)));
        doc_pointer_add(&p->pointer, pairs[i]->key);
        print_child(p, head, indent, pairs[i]->value, depth);
        p->pointer.n = at;
        p->pointer.p[at] = 0;
    }
}

void core_wire_document(const struct kube_object *o, const struct doc_marks *marks,
                        const struct wire_document_params *q, struct rk_arena *mem,
                        struct wire_document *out)
{
    struct printer p = {.mem = mem, .marks = marks, .object = o, .pointer = RK_BUF_INIT};
    struct kube_fields *fields = NULL;
    struct rk_err none;
    if (!marks && kube_fields_parse(mem, o->managed_fields, &fields, &none) == 0)
        p.fields = fields;
    p.root = kube_schema_of(KUBE_SSA, o->key.group, o->version, o->key.kind);
    print_node(&p, o->doc, "", "", 0);
    rk_buf_release(&p.pointer);
    size_t from = q->offset > 0 ? (size_t)q->offset : 0;
    size_t limit = q->limit > 0 && q->limit < 500 ? (size_t)q->limit : 500;
    from = from < p.n ? from : p.n;
    *out = (struct wire_document){.offset = (int64_t)from, .total = (int64_t)p.n,
                                  .lines = p.lines + from};
    out->n_lines = p.n - from < limit ? p.n - from : limit;
}
