/*
 * yaml_read.c: YAML text -> trees.
 *
 * In: a file's bytes. Out: its documents, split as kustomize splits them, each with marks when the
 * caller keeps a table. libyaml gives events; the builder makes nodes; a stack stands for nesting.
 * Anchors are deep copies under a budget, merge keys are expanded, duplicate keys judged by typing.
 * The text is not normalised before it is parsed, so that byte offsets stay those of the file.
 */
#include "doc/doc_int.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/hash.h"
#include "reckon/map.h"

struct anchor {
    struct doc_node *node;
    uint32_t height;
    bool open;
};

struct reader {
    struct doc_build b;
    const struct doc_read *how;
    struct doc_spans spans; /* of the document being read */
    uint32_t line, byte;    /* where it starts */
    uint32_t file;          /* in how->marks */
    struct rk_map *names;   /* anchor name -> number */
    struct anchor *anchors;
    size_t anchors_n, anchors_cap, budget;
    struct doc_node *root;
    bool merges; /* the document has a `<<` */
    struct rk_err *err;
};

/* ---- errors and positions ---- */
#define FAIL_AT(r, at, ...)                                                                        \
    rk_fail_at((r)->err, RK_INVALID, (r)->how->file, (r)->line + (at).line, (at).column,           \
               __VA_ARGS__)

static struct doc_span span_of(const struct reader *r, const yaml_event_t *e, bool properties)
{
    struct doc_span s = {
        .line = (uint32_t)e->start_mark.line + 1,
        .column = (uint32_t)e->start_mark.column + 1,
        .start = doc_spans_byte(&r->spans, e->start_mark.index),
        .end = doc_spans_byte(&r->spans, e->end_mark.index),
    };
    if (properties)
        doc_span_skip_properties(&r->spans, &s);
    return s;
}

static uint32_t mark_add(const struct reader *r, struct doc_span s)
{
    if (!r->how->marks)
        return 0;
    return doc_marks_add(r->how->marks, (struct doc_mark){.file = r->file,
                                                          .line = r->line + s.line,
                                                          .column = s.column,
                                                          .start = r->byte + s.start,
                                                          .end = r->byte + s.end});
}

static int fail_parser(const struct reader *r, const yaml_parser_t *p)
{
    struct doc_span at = {(uint32_t)p->problem_mark.line + 1, (uint32_t)p->problem_mark.column + 1,
                          0, 0};
    if (p->error == YAML_READER_ERROR) { /* has a byte offset only */
        at.line = at.column = 1;
        for (size_t i = 0; i < p->problem_offset && i < r->spans.text.n; i++) {
            bool newline = r->spans.text.p[i] == '\n';
            at.line += newline;
            at.column = newline ? 1 : at.column + 1;
        }
    }
    return FAIL_AT(r, at, "%s", p->problem ? p->problem : "not YAML");
}

static int fail_limit(const struct reader *r, struct doc_span at, const char *name, size_t limit)
{
    return rk_fail_at(r->err, RK_LIMIT, r->how->file, r->line + at.line, at.column,
                      "the document goes over the limit of %zu %s", limit, name);
}

/* ---- scalars ---- */
static bool tag_is(const char *tag, const char *name)
{
    return strncmp(tag, "tag:yaml.org,2002:", 18) == 0 && strcmp(tag + 18, name) == 0;
}

/* What the plain text is, told by its tag or by itself. */
static int resolve(struct reader *r, const yaml_event_t *e, rk_str text, struct doc_scalar *s)
{
    static const struct { const char *name; enum doc_type type; } typed[] = {
        {"null", DOC_NULL}, {"bool", DOC_BOOL}, {"int", DOC_NUMBER}, {"float", DOC_NUMBER},
    };
    const char *tag = (const char *)e->data.scalar.tag;
    *s = (struct doc_scalar){.type = DOC_STRING};
    if (!tag || strcmp(tag, "!") == 0) {
        /* `! a` is a string to yaml.v2; v3 does not see the tag */
        if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
            (e->data.scalar.plain_implicit || r->how->typing == DOC_RESOURCE))
            doc_scalar_resolve(text, r->how->typing, s);
        return 0;
    }
    for (size_t i = 0; i < RK_LEN(typed); i++) {
        if (!tag_is(tag, typed[i].name))
            continue;
        doc_scalar_resolve(text, r->how->typing, s);
        if (s->type == typed[i].type &&
            (i != 2 || doc_number_kind(text) == DOC_NUMBER_INT))
            return 0;
        return FAIL_AT(r, span_of(r, e, true), "the value is no %s as its tag says",
                         typed[i].name);
    }
    s->timestamp = tag_is(tag, "timestamp");
    if (s->timestamp && !doc_timestamp_is(text))
        return FAIL_AT(r, span_of(r, e, true), "%s", "the value is no timestamp as its tag says");
    return 0;
}

static int read_binary(struct reader *r, const yaml_event_t *e, rk_str text, struct doc_node *n)
{
    struct rk_buf out = RK_BUF_INIT, clean = RK_BUF_INIT;
    if (!rk_unbase64(&out, text)) {
        rk_buf_release(&out);
        return FAIL_AT(r, span_of(r, e, true), "%s", "the !!binary value is no base64");
    }
    doc_utf8_replace(&clean, rk_buf_view(&out));
    n->text = doc_build_text(&r->b, clean.p, clean.n);
    rk_buf_release(&out);
    rk_buf_release(&clean);
    return 0;
}

static rk_str read_date(struct reader *r, rk_str text, struct doc_node *n)
{
    char date[64];
    if (!doc_timestamp_rewrite(text, date))
        return doc_build_text(&r->b, text.p, text.n);
    size_t len = strlen(date);
    char *p = doc_build_space(&r->b, len + text.n + 2);
    memcpy(p, date, len + 1);
    memcpy(p + len + 1, text.p, text.n);
    p[len + text.n + 1] = '\0';
    n->flags |= DOC_TIMESTAMP;
    n->n = (uint32_t)text.n;
    return (rk_str){p, len};
}

/* libyaml takes "\/" for a slash, which Go's YAML does not know. */
static int check_escapes(const struct reader *r, const yaml_event_t *e)
{
    if (e->data.scalar.style != YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        return 0;
    struct doc_span at = span_of(r, e, false);
    const char *p = r->spans.text.p + at.start, *end = r->spans.text.p + at.end;
    while ((p = memchr(p, '\\', (size_t)(end - p))) && p + 1 < end) {
        if (p[1] == '/')
            return FAIL_AT(r, at, "%s", "the escape \\/ is not known: write / alone");
        p += 2;
    }
    return 0;
}

static int read_scalar(struct reader *r, const yaml_event_t *e, struct doc_node **out)
{
    rk_str text = {(const char *)e->data.scalar.value, e->data.scalar.length};
    const char *tag = (const char *)e->data.scalar.tag;
    struct doc_scalar s;
    if (text.n && memchr(text.p, '\0', text.n))
        return FAIL_AT(r, span_of(r, e, true), "%s", "a text may not hold \\0");
    if (check_escapes(r, e) || resolve(r, e, text, &s))
        return -1;
    struct doc_node *n = doc_build_node(&r->b, s.type);
    if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        n->flags |= DOC_QUOTED;
    if (e->data.scalar.style == YAML_FOLDED_SCALAR_STYLE && r->how->typing == DOC_RESOURCE)
        n->flags |= DOC_FOLDED;
    *out = n;
    if (s.type == DOC_NULL || s.type == DOC_BOOL) {
        n->n = s.spelled;
        n->boolean = s.boolean;
    } else if (tag && tag_is(tag, "binary")) {
        return read_binary(r, e, text, n);
    } else if (s.timestamp && r->how->typing == DOC_RESOURCE) {
        n->text = read_date(r, text, n);
    } else {
        n->text = doc_build_text(&r->b, text.p, text.n);
    }
    return 0;
}

/* ---- keys ---- */
static bool wants_key(const struct doc_build *b)
{
    if (b->depth == 0 || b->frames[b->depth - 1].node->type != DOC_MAP)
        return false;
    return b->n == b->frames[b->depth - 1].base || b->items[b->n - 1].value != NULL;
}

static void push_item(struct reader *r, uint32_t key, struct doc_span at)
{
    doc_build_item(&r->b, key, mark_add(r, at), NULL);
    r->b.items[r->b.n - 1].line = at.line;
    r->b.items[r->b.n - 1].column = at.column;
}

static int push_key(struct reader *r, rk_str key, struct doc_span at)
{
    if (key.n > r->b.limits.key)
        return fail_limit(r, at, "bytes a key", r->b.limits.key);
    if (key.n && memchr(key.p, '\0', key.n))
        return FAIL_AT(r, at, "%s", "a key may not hold \\0");
    push_item(r, doc_keys_intern(&r->b.keys, key), at);
    return 0;
}

static int push_odd_key(struct reader *r, rk_str key, struct doc_span at)
{
    if (push_key(r, key, at))
        return -1;
    doc_marks_set_odd_key(r->how->marks, r->b.items[r->b.n - 1].mark);
    return 0;
}

static int read_key(struct reader *r, const yaml_event_t *e)
{
    rk_str text = {(const char *)e->data.scalar.value, e->data.scalar.length};
    struct doc_span at = span_of(r, e, e->data.scalar.anchor || e->data.scalar.tag);
    struct doc_scalar s;
    char show[80];
    if (rk_str_is(text, "<<") && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        push_item(r, DOC_KEY_MERGE, at);
        r->merges = true;
        return 0;
    }
    if (resolve(r, e, text, &s))
        return -1;
    if (s.type == DOC_STRING && (!s.timestamp || r->how->typing == DOC_CONFIG))
        return push_key(r, text, at);
    if (r->how->typing == DOC_RESOURCE && r->how->odd_keys && s.type != DOC_NULL)
        return push_odd_key(r, text, at);
    if (r->how->typing == DOC_RESOURCE || s.type == DOC_NULL)
        return FAIL_AT(r, at, "the key '%s' is not a string: put it in quotes",
                         doc_key_show(text, show));
    if (s.type == DOC_BOOL)
        return push_key(r, s.boolean ? RK_STR("true") : RK_STR("false"), at);
    struct rk_buf b = RK_BUF_INIT;
    doc_number_canonical(&b, text);
    int rc = push_key(r, rk_buf_view(&b), at);
    rk_buf_release(&b);
    return rc;
}

/* ---- anchors ---- */
static uint32_t anchor_set(struct reader *r, const yaml_char_t *name, struct doc_node *n, bool open)
{
    if (!name)
        return 0;
    if (!r->names)
        r->names = rk_map_new();
    r->anchors = rk_grow(r->anchors, r->anchors_n, &r->anchors_cap, sizeof(*r->anchors));
    r->anchors[r->anchors_n++] = (struct anchor){.node = n, .open = open};
    (void)rk_map_set(r->names, (const char *)name, (void *)(uintptr_t)r->anchors_n);
    return (uint32_t)r->anchors_n;
}

/* A value is complete: the container around it learns how high it is and where it ended. */
static void note_value(struct reader *r, uint32_t height, uint32_t end)
{
    if (r->b.depth == 0)
        return;
    struct doc_frame *f = &r->b.frames[r->b.depth - 1];
    f->height = height > f->height ? height : f->height;
    f->end = end;
}

static int read_alias(struct reader *r, const yaml_event_t *e)
{
    char show[80];
    rk_str name = rk_str_c((const char *)e->data.alias.anchor);
    struct doc_span at = span_of(r, e, false);
    uintptr_t number = r->names ? (uintptr_t)rk_map_get_n(r->names, name) : 0;
    if (number == 0)
        return FAIL_AT(r, at, "unknown anchor '%s'", doc_key_show(name, show));
    const struct anchor *a = &r->anchors[number - 1];
    if (a->open)
        return FAIL_AT(r, at, "the anchor '%s' contains itself",
                         doc_key_show(name, show));
    if (wants_key(&r->b)) {
        if (a->node->type == DOC_STRING)
            return push_key(r, a->node->text, at);
        return FAIL_AT(r, at, "the key '*%s' is not a string",
                         doc_key_show(name, show));
    }
    if (r->b.depth + a->height > r->b.limits.depth)
        return fail_limit(r, at, "levels of depth", r->b.limits.depth);
    struct doc_node *copy = doc_copy_budget(r->b.a, a->node, &r->budget);
    if (!copy)
        return fail_limit(r, at, "nodes made by aliases", r->b.limits.aliases);
    copy->mark = mark_add(r, at); /* an edit of this field replaces the alias, not the anchor */
    doc_build_value(&r->b, copy, &r->root);
    note_value(r, a->height, at.end);
    return 0;
}

/* ---- values ---- */
static int read_value(struct reader *r, const yaml_event_t *e)
{
    struct doc_node *n = NULL;
    if (read_scalar(r, e, &n))
        return -1;
    struct doc_span at = {0};
    if (r->how->marks) {
        at = span_of(r, e, e->data.scalar.anchor || e->data.scalar.tag);
        if (e->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
            e->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
            doc_span_trim(&r->spans, &at);
        n->mark = mark_add(r, at);
    }
    (void)anchor_set(r, e->data.scalar.anchor, n, false);
    doc_build_value(&r->b, n, &r->root);
    note_value(r, 0, at.end);
    return 0;
}

static int open_container(struct reader *r, const yaml_event_t *e, enum doc_type type)
{
    bool map = type == DOC_MAP;
    const yaml_char_t *anchor = map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
    const yaml_char_t *tag = map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
    struct doc_span at = span_of(r, e, anchor || tag);
    if (wants_key(&r->b))
        return FAIL_AT(r, at, "%s", "a map or a list cannot be a key");
    if (r->b.depth >= r->b.limits.depth)
        return fail_limit(r, at, "levels of depth", r->b.limits.depth);
    bool flow = map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                    : e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    if ((anchor || tag) && !flow) {
        /* a block collection after its anchor: the event ends before the first key */
        struct doc_span wide = span_of(r, e, false);
        wide.end = (uint32_t)r->spans.text.n;
        doc_span_skip_properties(&r->spans, &wide);
        at = wide;
    }
    struct doc_node *n = doc_build_node(&r->b, type);
    n->mark = mark_add(r, at);
    n->flags |= flow && r->how->typing == DOC_RESOURCE ? DOC_FLOW : 0;
    doc_build_value(&r->b, n, &r->root);
    doc_build_open(&r->b, n);
    struct doc_frame *f = &r->b.frames[r->b.depth - 1];
    f->anchor = anchor_set(r, anchor, n, true);
    f->end = at.end;
    return 0;
}

static struct doc_span span_of_item(const struct doc_item *item)
{
    return (struct doc_span){.line = item->line, .column = item->column};
}

static int close_map(struct reader *r)
{
    struct doc_item bad;
    const struct doc_item *dup;
    char show[80];
    if (r->merges && doc_merge_keys(&r->b, r->how->typing, &bad))
        return FAIL_AT(r, span_of_item(&bad), "%s",
                       "a merge key needs a map or a list of maps, once a map");
    if (doc_build_close_map(&r->b, r->how->typing == DOC_CONFIG, &dup) == 0)
        return 0;
    return FAIL_AT(r, span_of_item(dup), "the key '%s' is there twice",
                   doc_key_show(r->b.keys.all[dup->key].text, show));
}

static int close_container(struct reader *r, const yaml_event_t *e)
{
    struct doc_frame f = r->b.frames[r->b.depth - 1];
    bool flow = e->end_mark.index > e->start_mark.index; /* `}` or `]`; a block ends nowhere */
    if (f.node->type == DOC_LIST)
        doc_build_close_list(&r->b);
    else if (close_map(r))
        return -1;
    uint32_t end = flow ? doc_spans_byte(&r->spans, e->end_mark.index) : f.end;
    doc_marks_end(r->how->marks, f.node->mark, r->byte + end);
    if (f.anchor) {
        r->anchors[f.anchor - 1].open = false;
        r->anchors[f.anchor - 1].height = f.height + 1;
    }
    note_value(r, f.height + 1, end);
    return 0;
}

static int read_event(struct reader *r, const yaml_event_t *e)
{
    if (r->b.count >= r->b.limits.nodes)
        return fail_limit(r, span_of(r, e, false), "nodes", r->b.limits.nodes);
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return wants_key(&r->b) ? read_key(r, e) : read_value(r, e);
    case YAML_ALIAS_EVENT:
        return read_alias(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(r, e, DOC_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_container(r, e, DOC_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_container(r, e);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

/* The first document of the text; what follows a `...` line is left alone, as kustomize does. */
static int read_events(struct reader *r, yaml_parser_t *p)
{
    for (;;) {
        yaml_event_t e;
        if (!yaml_parser_parse(p, &e))
            return fail_parser(r, p);
        bool last = e.type == YAML_STREAM_END_EVENT || e.type == YAML_DOCUMENT_END_EVENT;
        int rc = last ? 0 : read_event(r, &e);
        yaml_event_delete(&e);
        if (rc || last)
            return rc;
    }
}

static int read_document(struct reader *r, rk_str text)
{
    yaml_parser_t p;
    if (text.n > r->b.limits.bytes)
        return fail_limit(r, (struct doc_span){.line = 1}, "bytes", r->b.limits.bytes);
    if (!yaml_parser_initialize(&p))
        return rk_fail(r->err, RK_INTERNAL, "reading YAML: no parser");
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)text.p, text.n);
    doc_spans_init(&r->spans, text);
    r->root = NULL;
    r->b.count = 0;
    r->merges = false;
    r->anchors_n = 0;
    rk_map_free(r->names, NULL);
    r->names = NULL;
    int rc = read_events(r, &p);
    doc_spans_release(&r->spans);
    yaml_parser_delete(&p);
    return rc;
}

/* ---- documents of a file ---- */
/* The next separator line (newline, ---, anything, newline): its start and the byte behind it. */
static bool find_separator(rk_str text, size_t from, size_t *start, size_t *after)
{
    const char *at = text.n > from ? memmem(text.p + from, text.n - from, "\n---", 4) : NULL;
    const char *end = at ? memchr(at + 4, '\n', (size_t)(text.p + text.n - at) - 4) : NULL;
    if (!end)
        return false;
    *start = (size_t)(at - text.p);
    *after = (size_t)(end - text.p) + 1;
    return true;
}

static int check_separator(const struct reader *r, rk_str line)
{
    rk_str rest = rk_str_trim(line);
    if (rest.n == 0 || rest.p[0] == '#')
        return 0;
    return rk_fail_at(r->err, RK_INVALID, r->how->file, r->line + 1, 4, "%s",
                      "text after --- on one line: put it on the next");
}

static uint32_t count_lines(rk_str text)
{
    uint32_t n = 0;
    for (const char *p = text.p, *end = text.p + text.n; p < end; n++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p)
            break;
        p++;
    }
    return n;
}

struct documents {
    struct doc_node **all;
    size_t n, cap;
};

/* Configuration is one document for the real tool: it reads the first and looks no further. */
static int read_first(struct reader *r, rk_str text, struct documents *docs)
{
    if (text.n && read_document(r, text))
        return -1;
    if (r->root && r->root->type != DOC_NULL) {
        docs->all = rk_grow(docs->all, docs->n, &docs->cap, sizeof(struct doc_node *));
        docs->all[docs->n++] = r->root;
    }
    return 0;
}

static int read_all(struct reader *r, rk_str text, struct documents *docs)
{
    size_t from = 0, start, after;
    bool more = true;
    while (more) {
        more = find_separator(text, from, &start, &after);
        rk_str part = {text.p + from, (more ? start + 1 : text.n) - from};
        if (part.n && read_document(r, part))
            return -1;
        if (docs->n == r->b.limits.docs)
            return fail_limit(r, (struct doc_span){.line = 1, .column = 1}, "documents",
                              r->b.limits.docs);
        if (part.n && r->root && r->root->type != DOC_NULL) {
            docs->all = rk_grow(docs->all, docs->n, &docs->cap, sizeof(struct doc_node *));
            docs->all[docs->n++] = r->root;
        }
        if (!more)
            break;
        r->line += count_lines(part);
        if (check_separator(r, (rk_str){text.p + start + 4, after - start - 4}))
            return -1;
        r->line++;
        r->byte += (uint32_t)(after - from);
        from = after;
    }
    return 0;
}

int doc_yaml_read(struct rk_arena *a, rk_str text, const struct doc_read *how,
                  struct doc_node ***docs, size_t *n, struct rk_err *err)
{
    struct reader r = {.how = how, .line = how->line_offset, .byte = how->byte_offset, .err = err};
    struct documents found = {0};
    if (text.n > UINT32_MAX / 2)
        return rk_fail(err, RK_LIMIT, "%s: more than 2 GiB", how->file ? how->file : "YAML");
    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
        text = (rk_str){text.p + 3, text.n - 3};
        r.byte += 3;
    }
    doc_build_init(&r.b, a, &how->limits, text.n * 3);
    r.budget = r.b.limits.aliases;
    if (how->marks && how->file)
        r.file = doc_marks_add_file(how->marks, how->file);
    int rc = how->typing == DOC_CONFIG ? read_first(&r, text, &found)
                                       : read_all(&r, text, &found);
    if (rc == 0) {
        *docs = rk_arena_array(a, found.n ? found.n : 1, sizeof(struct doc_node *));
        memcpy(*docs, found.all ? (void *)found.all : (void *)*docs,
               found.n * sizeof(struct doc_node *));
        *n = found.n;
    }
    free(found.all);
    free(r.anchors);
    rk_map_free(r.names, NULL);
    doc_build_release(&r.b);
    return rc;
}

int doc_yaml_read_one(struct rk_arena *a, rk_str text, const struct doc_read *how,
                      struct doc_node **out, struct rk_err *err)
{
    struct doc_node **docs;
    size_t n;
    if (doc_yaml_read(a, text, how, &docs, &n, err))
        return -1;
    if (n > 1)
        return rk_fail(err, RK_INVALID, "%s: %zu documents where one is wanted",
                       how->file ? how->file : "YAML", n);
    *out = n ? docs[0] : doc_null(a);
    return 0;
}
