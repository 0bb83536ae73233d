/*
 * ignore.c: a field that is to be ignored -> the edit of the Application's manifest that says so
 * (spec.ignoreDifferences). Pure: reads one revision of git, gives the file; formatting and
 * comments of the rest stay. A manifest in flow style is refused: people edit that by hand.
 */
#include "core/core_int.h"

struct manifest {
    struct doc_marks *marks;
    struct doc_node *doc;
    rk_str source;
};

static int find_manifest(struct git_view *v, const char *tip, const char *file, const char *name,
                         struct rk_arena *a, struct manifest *out, struct rk_err *err)
{
    struct doc_node **docs = NULL;
    size_t n = 0;
    out->marks = doc_marks_new(a);
    struct doc_read how = {.typing = DOC_RESOURCE, .file = file, .marks = out->marks};
    if (git_read(v, a, tip, file, 16u << 20, &out->source, err) ||
        doc_yaml_read(a, out->source, &how, &docs, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (rk_str_is(doc_get_text(docs[i], "kind"), "Application") &&
            rk_str_is(doc_get_text(doc_get(docs[i], "metadata"), "name"), name)) {
            out->doc = docs[i];
            return 0;
        }
    return rk_fail(err, RK_NOT_FOUND, "%s: Application %s is not in it any more", file, name);
}

static bool in_block_style(const struct manifest *m, const struct doc_node *node)
{
    const struct doc_mark *at = doc_marks_get(m->marks, node->mark);
    return at && at->start < m->source.n && m->source.p[at->start] != '{' &&
           m->source.p[at->start] != '[';
}

/* After the line on which the node ends, so that a comment behind it stays with it. */
static uint32_t line_after(const struct manifest *m, const struct doc_node *node, bool *newline)
{
    size_t at = doc_marks_get(m->marks, node->mark)->end;
    while (at < m->source.n && m->source.p[at] != '\n')
        at++;
    *newline = at < m->source.n || (at > 0 && m->source.p[at - 1] == '\n');
    return (uint32_t)(at < m->source.n ? at + 1 : at);
}

/* As YAML takes it for this very text: plain where it can be. */
static const char *text_of(struct rk_arena *a, rk_str value)
{
    const struct doc_node *node = doc_string_ref(a, value);
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
    struct rk_err none;
    if (doc_yaml_write(&text, node, &none) == 0 && text.n == value.n + 1 &&
        memcmp(text.p, value.p, value.n) == 0)
        return rk_arena_dup(a, value.p, value.n);
    rk_buf_clear(&text);
    doc_json_write(&text, node);
    return rk_arena_dup(a, text.p, text.n);
}

static const char *rule_text(struct rk_arena *a, const struct kube_key *key, const char *pointer,
                             bool with_head, int indent)
{
    return rk_arena_f(a, "%*s%s%*s- group: \"" RK_FMT_STR "\"\n%*s  kind: %s\n%*s  name: %s\n"
                         "%*s  namespace: \"" RK_FMT_STR "\"\n%*s  jsonPointers:\n%*s  - %s\n",
                      with_head ? indent : 0, "", with_head ? "ignoreDifferences:\n" : "", indent,
                      "", RK_ARG_STR(key->group), indent, "", text_of(a, key->kind), indent, "",
                      text_of(a, key->name), indent, "", RK_ARG_STR(key->namespace), indent, "",
                      indent, "", text_of(a, rk_str_c(pointer)));
}

int core_ignore_edits(struct git_view *v, const char *tip, const char *file, const char *name,
                      const struct kube_key *key, const char *pointer, struct rk_arena *a,
                      struct sync_edits *out, struct rk_err *err)
{
    struct manifest m = {0};
    if (find_manifest(v, tip, file, name, a, &m, err))
        return -1;
    struct doc_node *spec = doc_get(m.doc, "spec"), *rules = doc_get(spec, "ignoreDifferences");
    bool fresh = doc_count(rules) == 0, newline = true;
    if (doc_type(spec) != DOC_MAP || !in_block_style(&m, spec) ||
        (!fresh && !in_block_style(&m, rules)) || (rules && fresh))
        return rk_fail(err, RK_UNSUPPORTED, "%s: spec of %s is not written a key a line: add the "
                       "ignoreDifferences entry by hand", file, name);
    const struct doc_node *inside = fresh ? spec : rules;
    const struct doc_mark *column = doc_marks_get(m.marks, inside->mark);
    uint32_t at = line_after(&m, inside, &newline);
    const char *text = rule_text(a, key, pointer, fresh, (int)column->column - 1);
    struct doc_edit edit = {at, at, rk_str_c(newline ? text : rk_arena_f(a, "\n%s", text))};
    struct rk_buf bytes rk_auto(rk_buf_release) = RK_BUF_INIT;
    if (doc_edit_apply(m.source, &edit, 1, &bytes, err))
        return rk_wrap(err, "%s", file);
    out->files = rk_arena_alloc(a, sizeof *out->files);
    out->files[0] = (struct git_file){.path = rk_arena_strdup(a, file),
                                      .bytes = {rk_arena_dup(a, bytes.p, bytes.n), bytes.n}};
    out->n_files = 1;
    out->edits = rk_arena_alloc(a, sizeof *out->edits);
    uint32_t line = 1;
    for (uint32_t i = 0; i < at; i++)
        line += m.source.p[i] == '\n';
    out->edits[0] = (struct sync_edit){out->files[0].path, line, "", text};
    out->n = 1;
    return 0;
}
