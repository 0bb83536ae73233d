/*
 * marks.c: the side table that says where fields came from.
 *
 * In: files and positions from the YAML reader, and chains from render's transformers. Out: small
 * numbers that nodes and pairs carry, resolved back to file, line and byte range. Lives in one
 * arena; grows by chunks so that a mark never moves. Not for two writers at once.
 */
#include "doc/doc_int.h"

#define MARKS_CHUNK 512u

struct doc_marks {
    struct rk_arena *a;
    struct doc_mark **chunks;
    size_t chunks_n, chunks_cap;
    uint32_t n;
    const char **files;
    size_t files_n, files_cap;
    uint32_t *slots; /* hashed by path: file number, 0 = free */
    size_t slots_n;
};

const char *const doc_by_name[DOC_BY_MAX] = {
    [DOC_BY_FILE] = "file",
    [DOC_BY_PATCH] = "patch",
    [DOC_BY_IMAGE] = "image",
    [DOC_BY_REPLICAS] = "replicas",
    [DOC_BY_GENERATOR] = "generator",
    [DOC_BY_LABEL] = "label",
    [DOC_BY_ANNOTATION] = "annotation",
    [DOC_BY_NAMESPACE] = "namespace",
    [DOC_BY_PREFIX] = "prefix",
    [DOC_BY_HASH] = "hash",
    [DOC_BY_REFERENCE] = "reference",
    [DOC_BY_REPLACEMENT] = "replacement",
};

struct doc_marks *doc_marks_new(struct rk_arena *a)
{
    struct doc_marks *m = rk_arena_alloc(a, sizeof(*m));
    m->a = a;
    return m;
}

/* An arena array that holds one more; the old one stays as garbage. */
static void *marks_more(struct rk_arena *a, const void *array, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 16;
    char *p = rk_arena_array(a, more, size);
    if (n)
        memcpy(p, array, n * size);
    *cap = more;
    return p;
}

/* The slot of a path: its own, or the free one where it belongs. */
static uint32_t *marks_slot(const struct doc_marks *m, const char *path)
{
    size_t at = doc_hash32(path, strlen(path)) & (m->slots_n - 1);
    while (m->slots[at] != 0 && !rk_streq(m->files[m->slots[at] - 1], path))
        at = (at + 1) & (m->slots_n - 1);
    return &m->slots[at];
}

uint32_t doc_marks_add_file(struct doc_marks *m, const char *path)
{
    if ((m->files_n + 1) * 2 > m->slots_n) {
        m->slots_n = m->slots_n ? m->slots_n * 2 : 32;
        m->slots = rk_arena_array(m->a, m->slots_n, sizeof(*m->slots));
        for (size_t i = 0; i < m->files_n; i++)
            *marks_slot(m, m->files[i]) = (uint32_t)i + 1;
    }
    uint32_t *slot = marks_slot(m, path);
    if (*slot != 0)
        return *slot;
    if (m->files_n == m->files_cap)
        m->files = marks_more(m->a, m->files, m->files_n, &m->files_cap, sizeof(*m->files));
    m->files[m->files_n++] = rk_arena_strdup(m->a, path);
    return *slot = (uint32_t)m->files_n;
}

const char *doc_marks_file(const struct doc_marks *m, uint32_t file)
{
    return m && file > 0 && file <= m->files_n ? m->files[file - 1] : NULL;
}

size_t doc_marks_files(const struct doc_marks *m)
{
    return m ? m->files_n : 0;
}

uint32_t doc_marks_add(struct doc_marks *m, struct doc_mark mark)
{
    if (m->n == m->chunks_n * MARKS_CHUNK) {
        if (m->chunks_n == m->chunks_cap)
            m->chunks =
                marks_more(m->a, m->chunks, m->chunks_n, &m->chunks_cap, sizeof(*m->chunks));
        m->chunks[m->chunks_n++] = rk_arena_array(m->a, MARKS_CHUNK, sizeof(mark));
    }
    m->chunks[m->n / MARKS_CHUNK][m->n % MARKS_CHUNK] = mark;
    return ++m->n;
}

uint32_t doc_marks_chain(struct doc_marks *m, uint32_t at, enum doc_by by, uint32_t prev)
{
    if (!m)
        return 0;
    const struct doc_mark *from = doc_marks_get(m, at);
    struct doc_mark mark = from ? *from : (struct doc_mark){0};
    mark.by = (uint8_t)by;
    mark.prev = prev;
    return doc_marks_add(m, mark);
}

const struct doc_mark *doc_marks_get(const struct doc_marks *m, uint32_t mark)
{
    if (!m || mark == 0 || mark > m->n)
        return NULL;
    return &m->chunks[(mark - 1) / MARKS_CHUNK][(mark - 1) % MARKS_CHUNK];
}

static struct doc_mark *marks_at(struct doc_marks *m, uint32_t mark)
{
    if (!m || mark == 0 || mark > m->n)
        return NULL;
    return &m->chunks[(mark - 1) / MARKS_CHUNK][(mark - 1) % MARKS_CHUNK];
}

void doc_marks_end(struct doc_marks *m, uint32_t mark, uint32_t end)
{
    struct doc_mark *at = marks_at(m, mark);

    if (at)
        at->end = end;
}

void doc_marks_set_odd_key(struct doc_marks *m, uint32_t mark)
{
    struct doc_mark *at = marks_at(m, mark);

    if (at)
        at->odd_key = true;
}

/* ---- copies into another table ---- */
static uint32_t marks_carry(const struct doc_marks *from, struct doc_marks *to, uint32_t mark)
{
    const struct doc_mark *m = doc_marks_get(from, mark);
    if (!m)
        return 0;
    uint32_t file = m->file ? doc_marks_add_file(to, doc_marks_file(from, m->file)) : 0;
    return doc_marks_add(to, (struct doc_mark){.file = file, .line = m->line, .column = m->column,
                                               .start = UINT32_MAX, .end = UINT32_MAX,
                                               .by = m->by});
}

/* Depth is bounded by the reader (100). */
static void remark(struct doc_node *n, const struct doc_marks *from, struct doc_marks *to)
{
    n->mark = marks_carry(from, to, n->mark);
    for (size_t i = 0; doc_type(n) == DOC_LIST && i < doc_count(n); i++)
        remark(doc_at(n, i), from, to);
    for (size_t i = 0; doc_type(n) == DOC_MAP && i < doc_count(n); i++) {
        struct doc_pair *p = doc_pair_at(n, i);
        p->mark = marks_carry(from, to, p->mark);
        remark(p->value, from, to);
    }
}

struct doc_node *doc_copy_marked(struct rk_arena *a, const struct doc_node *node,
                                 const struct doc_marks *from, struct doc_marks *to)
{
    struct doc_node *copy = doc_copy(a, node);
    if (copy)
        remark(copy, from, to);
    return copy;
}
