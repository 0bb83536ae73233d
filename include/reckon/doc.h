/*
 * doc.h: one document tree for YAML and JSON.
 *
 * A tree lives in one arena and is freed with it. It may be edited by its maker; once shared it is
 * immutable. Maps keep insertion order; a duplicate key is an error when read. Numbers keep their
 * source text and are never held as double. Nothing here recurses on depth that comes from outside.
 *
 * Marks tell where a field came from. They live in a side table (struct doc_marks) that several
 * documents of one render share; a node and a map pair hold an index into it (0 = unknown).
 */
#ifndef RECKON_DOC_H
#define RECKON_DOC_H

#include "reckon/arena.h"
#include "reckon/error.h"
#include "reckon/str.h"

enum doc_type { DOC_NULL, DOC_BOOL, DOC_NUMBER, DOC_STRING, DOC_LIST, DOC_MAP, DOC_TYPE_MAX };

struct doc_node;
struct doc_index; /* hash index of a large map, made on demand */

struct doc_pair {
    rk_str key;
    struct doc_node *value; /* never NULL */
    uint32_t mark;          /* of the key */
};

struct doc_node {
    uint8_t type;           /* enum doc_type */
    uint8_t flags;          /* enum doc_flags */
    uint32_t mark;
    uint32_t n, cap;        /* list: items; map: pairs; scalars: n serves doc_source */
    union {
        bool boolean;
        rk_str text;                /* DOC_NUMBER: source text, DOC_STRING: the value */
        struct doc_node **items;    /* DOC_LIST */
        struct doc_map *map;        /* DOC_MAP; use the functions */
    };
};

struct doc_map {
    struct doc_pair *pairs;
    struct doc_index *index;
};

enum doc_flags {
    DOC_TIMESTAMP = 1u << 0, /* a YAML date, already rewritten as kustomize prints it */
    DOC_QUOTED = 1u << 1,    /* the scalar was quoted in the source, or a block */
    DOC_UNTYPED = 1u << 2,   /* made by doc_plain: another text may give it another type */
    DOC_FOLDED = 1u << 3,    /* it was a folded block (`>`): see doc_refold */
    DOC_FLOW = 1u << 4,      /* the list or map was written in [] or {}: see doc_refold */
    DOC_STYLE = DOC_QUOTED | DOC_FOLDED | DOC_FLOW,
};

/* ---- limits: design.md section 14; zero fields take these defaults ---- */
struct doc_limits {
    size_t bytes;   /* 16 MiB */
    size_t nodes;   /* 100,000 */
    size_t depth;   /* 100 */
    size_t aliases; /* nodes made by expanding aliases: 1,000,000 */
    size_t key;     /* 1 KiB */
    size_t docs;    /* documents of a text: 20,000 */
};

/* ---- marks ---- */
enum doc_by { /* what made the field */
    DOC_BY_FILE,        /* written in a resource file */
    DOC_BY_PATCH, DOC_BY_IMAGE, DOC_BY_REPLICAS, DOC_BY_GENERATOR, DOC_BY_LABEL,
    DOC_BY_ANNOTATION, DOC_BY_NAMESPACE, DOC_BY_PREFIX, DOC_BY_HASH, DOC_BY_REFERENCE,
    DOC_BY_REPLACEMENT, DOC_BY_MAX
};
extern const char *const doc_by_name[DOC_BY_MAX];

struct doc_mark {
    uint32_t file;          /* doc_marks_file; counts from 1, 0 = none */
    uint32_t line, column;  /* from 1 */
    uint32_t start, end;    /* byte range of the value in the file */
    uint32_t prev;          /* the mark this one replaced: the chain back to the base; 0 = none */
    uint8_t by;             /* enum doc_by */
    bool odd_key;           /* of a key that is no text: see doc_read.odd_keys */
};

struct doc_marks;
struct doc_marks *doc_marks_new(struct rk_arena *a) RK_MUST_CHECK;
uint32_t doc_marks_add_file(struct doc_marks *m, const char *path); /* same path, same number */
const char *doc_marks_file(const struct doc_marks *m, uint32_t file);
size_t doc_marks_files(const struct doc_marks *m);
uint32_t doc_marks_add(struct doc_marks *m, struct doc_mark mark);
/* A mark like `at` that says what made the field and what it replaced. 0 in m == NULL. */
uint32_t doc_marks_chain(struct doc_marks *m, uint32_t at, enum doc_by by, uint32_t prev);
const struct doc_mark *doc_marks_get(const struct doc_marks *m, uint32_t mark); /* NULL for 0 */
/* A deep copy whose marks stand in another table: file, line and column of each, without the byte
 * range, so that an edit by them is refused. from NULL: unmarked. */
struct doc_node *doc_copy_marked(struct rk_arena *a, const struct doc_node *node,
                                 const struct doc_marks *from, struct doc_marks *to);

/* ---- reading ---- */
enum doc_typing {
    DOC_RESOURCE, /* Go yaml.v3 core, for Kubernetes objects (reference/kustomize.md section 14) */
    DOC_CONFIG,   /* YAML 1.1 as kustomization files are read; duplicate keys: the last wins */
};

struct doc_read {
    enum doc_typing typing;
    const char *file;        /* for messages; may be NULL */
    struct doc_marks *marks; /* may be NULL: no marks kept */
    uint32_t line_offset;    /* lines before this text in its file */
    uint32_t byte_offset;
    bool odd_keys;           /* DOC_RESOURCE: a key that reads as a number, a date or a bool is
                                taken as it is written, and marked; else it is refused */
    struct doc_limits limits;
};

/*
 * All documents of a text, in order; empty documents are left out. Splits as kustomize does
 * (lines that begin with ---), so anchors do not cross documents; CRLF and a BOM are normalised.
 * Errors: INVALID and LIMIT with file:line:column.
 */
int doc_yaml_read(struct rk_arena *a, rk_str text, const struct doc_read *how,
                  struct doc_node ***docs, size_t *n, struct rk_err *err) RK_MUST_CHECK;
/* Exactly one document; none gives a DOC_NULL node. */
int doc_yaml_read_one(struct rk_arena *a, rk_str text, const struct doc_read *how,
                      struct doc_node **out, struct rk_err *err) RK_MUST_CHECK;
/* Strict JSON: duplicate keys, \u0000, trailing bytes, bad UTF-8 refused; numbers kept as text. */
int doc_json_read(struct rk_arena *a, rk_str text, const struct doc_limits *limits,
                  struct doc_node **out, struct rk_err *err) RK_MUST_CHECK;

/*
 * Cuts a byte stream into JSON values without parsing them. Feed any pieces; each complete
 * top-level value is handed out as text. With `list` set the values are instead the members of the
 * top-level object's "items" array, and everything else of that object is kept as the head.
 */
struct doc_split;
typedef int (*doc_split_fn)(rk_str value, void *ctx, struct rk_err *err);
struct doc_split *doc_split_new(bool list, size_t value_limit) RK_MUST_CHECK;
void doc_split_free(struct doc_split *s);
int doc_split_feed(struct doc_split *s, rk_str bytes, doc_split_fn fn, void *ctx,
                   struct rk_err *err) RK_MUST_CHECK;
/* After the last byte: INVALID when a value is open. list: *head is the object with "items": []. */
int doc_split_end(struct doc_split *s, rk_str *head, struct rk_err *err) RK_MUST_CHECK;

/* ---- writing ---- */
/* Exactly kustomize's bytes (reference/kustomize.md section 9): keys in natural order, indent 2,
 * width 80. INVALID for what the real tool refuses (DEL, .inf). A final newline, no "---". */
int doc_yaml_write(struct rk_buf *out, const struct doc_node *node, struct rk_err *err)
    RK_MUST_CHECK;
void doc_json_write(struct rk_buf *out, const struct doc_node *node);   /* compact, order kept */
/* Keys sorted bytewise, numbers as kustomize prints them: equal documents give equal bytes. */
void doc_json_canonical(struct rk_buf *out, const struct doc_node *node);
/* Go's encoding/json form used for generator hashes: sorted keys, <>& and U+2028/9 escaped. */
void doc_json_go(struct rk_buf *out, const struct doc_node *node);
/* SHA-256 of the canonical form. */
void doc_hash(const struct doc_node *node, uint8_t out[32]);
/* A number's text as kustomize prints it: "1.0" -> "1", "1234567.5" -> "1.2345675e+06". */
void doc_number_canonical(struct rk_buf *out, rk_str source);
/* kustomize's natural key order: <0, 0, >0. */
int doc_key_cmp(rk_str a, rk_str b);

/* What kustomize's first encoder makes of folded blocks and of some scalars in [] and {}; each is
 * changed once (yaml_fold.c). */
void doc_refold(struct rk_arena *a, struct doc_node *node);
/* What an object becomes when kustomize writes it as JSON and reads that again, as it does for a
 * JSON patch: numbers are float64 ("1000000" -> "1e+06"), styles those of its encoder. */
void doc_reread(struct rk_arena *a, struct doc_node *node);
/* The same for an item of a List: it is read from JSON, whole numbers stay as they are. */
void doc_reread_item(struct rk_arena *a, struct doc_node *node);

/* ---- building; strings are copied into the arena unless _ref ---- */
struct doc_node *doc_null(struct rk_arena *a);
struct doc_node *doc_bool(struct rk_arena *a, bool v);
struct doc_node *doc_int(struct rk_arena *a, int64_t v);
struct doc_node *doc_number(struct rk_arena *a, rk_str source);
struct doc_node *doc_string(struct rk_arena *a, rk_str v);
struct doc_node *doc_string_c(struct rk_arena *a, const char *v);
struct doc_node *doc_string_ref(struct rk_arena *a, rk_str v);
struct doc_node *doc_string_f(struct rk_arena *a, const char *fmt, ...) RK_PRINTF(2, 3);
/* The scalar that a text without quotes is in a resource: "8080" is a number, "" is null. */
struct doc_node *doc_plain(struct rk_arena *a, rk_str text);
/* Without quotes it is a string (in a resource: and no date). */
bool doc_plain_is_text(rk_str text, enum doc_typing typing);
/* kustomize's encoder puts a text that YAML 1.1 takes for something else in quotes when it makes
 * the field, and the field keeps them: a patch with 7 gives "7" there. */
void doc_quote(struct doc_node *text);
/* Gives a scalar another text; its type stays. false: the type cannot hold it. */
bool doc_retext(struct rk_arena *a, struct doc_node *node, rk_str text) RK_MUST_CHECK;
struct doc_node *doc_list(struct rk_arena *a);
struct doc_node *doc_map(struct rk_arena *a);
struct doc_node *doc_copy(struct rk_arena *a, const struct doc_node *node); /* deep, marks kept */

/* ---- maps: NULL and other types are taken as empty by the readers ---- */
struct doc_node *doc_get(const struct doc_node *map, const char *key);      /* NULL when absent */
struct doc_node *doc_get_n(const struct doc_node *map, rk_str key);
struct doc_pair *doc_pair_at(const struct doc_node *map, size_t i);
size_t doc_count(const struct doc_node *node);                             /* pairs or items */
void doc_set(struct rk_arena *a, struct doc_node *map, rk_str key, struct doc_node *value);
void doc_set_c(struct rk_arena *a, struct doc_node *map, const char *key, struct doc_node *value);
bool doc_del(struct doc_node *map, rk_str key);                            /* was it there */
struct doc_node *doc_at(const struct doc_node *list, size_t i);            /* NULL out of range */
void doc_push(struct rk_arena *a, struct doc_node *list, struct doc_node *item);
void doc_insert(struct rk_arena *a, struct doc_node *list, size_t i, struct doc_node *item);
void doc_remove(struct doc_node *list, size_t i);

/* ---- reading values ---- */
static inline enum doc_type doc_type(const struct doc_node *n)
{
    return n ? (enum doc_type)n->type : DOC_NULL;
}
bool doc_is_null(const struct doc_node *n);                    /* absent or null */
rk_str doc_text(const struct doc_node *n);                     /* string or number text, else none */
/* A scalar as it was written, for annotations: "True", "~", "0x1F", "2020-01-01". */
rk_str doc_source(const struct doc_node *n);
rk_str doc_get_text(const struct doc_node *map, const char *key);
bool doc_get_bool(const struct doc_node *map, const char *key, bool otherwise);
bool doc_as_int(const struct doc_node *n, int64_t *out);
int64_t doc_get_int(const struct doc_node *map, const char *key, int64_t otherwise);
/* Dotted walk through maps: doc_walk(d, "spec.template.metadata"). Keys without dots only. */
struct doc_node *doc_walk(const struct doc_node *n, const char *dotted);
/* The map at the dotted path, made where it is missing; NULL when something else is in the way. */
struct doc_node *doc_make(struct rk_arena *a, struct doc_node *map, const char *dotted);
/* Equal as values: map order does not matter, numbers by canonical text. */
bool doc_equal(const struct doc_node *a, const struct doc_node *b);

/* ---- JSON pointer and patches ---- */
struct doc_node *doc_pointer(const struct doc_node *root, rk_str pointer);  /* NULL: no such node */
void doc_pointer_add(struct rk_buf *out, rk_str key);                       /* "/" + escaped key */
/* RFC 6902, whole or not at all; errors as kustomize and the API server name them. */
int doc_patch(struct rk_arena *a, struct doc_node **root, const struct doc_node *ops,
              struct rk_err *err) RK_MUST_CHECK;
/* RFC 7386. */
void doc_merge_patch(struct rk_arena *a, struct doc_node **root, const struct doc_node *patch);

/* ---- edits of the user's own file: comments, order and formatting of the rest stay ---- */
struct doc_edit {
    uint32_t start, end; /* byte range replaced; start == end inserts */
    rk_str text;
};
/* Edits may not overlap; any order. INVALID when they do or lie outside. */
int doc_edit_apply(rk_str source, const struct doc_edit *edits, size_t n, struct rk_buf *out,
                   struct rk_err *err) RK_MUST_CHECK;
/*
 * The edit that gives the scalar marked `at` a new value, quoted as the old one was, or as the
 * value needs. `type` is the new value's type (DOC_STRING, DOC_NUMBER, DOC_BOOL).
 */
int doc_edit_scalar(struct rk_arena *a, rk_str source, const struct doc_mark *at,
                    enum doc_type type, rk_str value, struct doc_edit *out, struct rk_err *err)
    RK_MUST_CHECK;

#endif
