/*
 * render_int.h: what the files of this room share.
 *
 * A build reads kustomization files (struct kust), collects objects (struct res) in an accumulator
 * (struct acc), changes them step by step, and hands the documents out. Everything lives in the
 * build's one arena. Paths are relative to the root of the tree, "" is the root.
 */
#ifndef RK_RENDER_INT_H
#define RK_RENDER_INT_H

#include <stdatomic.h>

#include "render/render.h"
#include "reckon/map.h"

/* ---- the fields of a kustomization, in the order of the real struct ---- */
enum kust_field {
    KUST_API_VERSION, KUST_KIND, KUST_METADATA, KUST_OPENAPI, KUST_NAME_PREFIX, KUST_NAME_SUFFIX,
    KUST_NAMESPACE, KUST_COMMON_LABELS, KUST_LABELS, KUST_COMMON_ANNOTATIONS,
    KUST_PATCHES_STRATEGIC_MERGE, KUST_PATCHES_JSON6902, KUST_PATCHES, KUST_IMAGES,
    KUST_IMAGE_TAGS, KUST_REPLACEMENTS, KUST_REPLICAS, KUST_VARS, KUST_SORT_OPTIONS,
    KUST_RESOURCES, KUST_COMPONENTS, KUST_CRDS, KUST_BASES, KUST_CONFIG_MAP_GENERATOR,
    KUST_SECRET_GENERATOR, KUST_HELM_GLOBALS, KUST_HELM_CHARTS, KUST_HELM_INFLATION,
    KUST_GENERATOR_OPTIONS, KUST_CONFIGURATIONS, KUST_GENERATORS, KUST_TRANSFORMERS,
    KUST_VALIDATORS, KUST_BUILD_METADATA, KUST_FIELD_MAX
};

struct kust {
    const char *dir;            /* real path of its folder */
    const char *shown;          /* its folder as kustomizations write it, from the root's */
    const char *file;
    const char *repo, *ref;     /* of a remote tree, for its origin; else NULL */
    const char *maker;          /* origin of what it generates, for a plugin; else NULL */
    const struct kust *parent;  /* who loads it; NULL for the root */
    bool component;
    rk_str text;
    struct doc_node *field[KUST_FIELD_MAX]; /* NULL: absent, null or empty */
};

/* ---- the build ---- */
struct build {
    const struct render_files *files;
    const struct render_opts *opts;
    struct rk_arena *a;
    struct doc_marks *marks;
    struct rk_map *deps;        /* path -> the build itself (set) */
    struct render_lint *lints;
    size_t n_lints, cap_lints;
    size_t n_files, n_nodes, n_made;
    struct kube_own_schema *schema; /* the first `openapi` from the root; NULL: built in */
    bool schema_set;
    bool schema_read;               /* the real tool has read the one in force */
    enum built_in { UNREAD, PUT_OFF, READ } built_in; /* how far it is with its own one */
    struct mount *mounts;       /* remote.c */
    size_t n_mounts;
    const struct doc_node *metadata; /* buildMetadata of the root; NULL: nothing is noted */
    const struct doc_node *source;  /* an Application's, with marks of this build; NULL: none */
    bool by_revision, by_cluster;
    const char **part_roots;    /* parts.c: the folder of each part's tree; "" is this one */
};

/* Where a path or a setting was written: for messages. */
struct asked { const char *file; uint32_t line; const char *field; };

/* ---- one object and the ids that it has had ---- */
struct res_id {
    rk_str kind, name, ns;      /* ns: effective namespace */
};
struct res_texts {
    rk_str *v;
    size_t n, cap;
};
struct res {
    struct doc_node *doc;
    rk_str group, version, kind, name, ns; /* as the document says now */
    bool cluster;               /* known to be cluster-scoped */
    bool needs_hash;
    bool generated;             /* the real tool has a note of it */
    bool shares;                /* a label's value may stand at several places (labels.c) */
    bool gone;
    struct res_id *prev;        /* oldest first */
    size_t n_prev, cap_prev;
    size_t n_kinds;             /* of them that had a kind */
    struct res_texts prefixes, suffixes;
    struct asked counted;       /* the replicas entry that set its count; file NULL: none */
    const char *origin, *shown; /* origin.c: its text, and the path of its file */
    const char **steps;
    size_t n_steps, cap_steps;
};

/* ---- index.c: hash -> objects, several a hash; an entry may be stale, its reader checks ---- */
struct index_entry {
    struct res *res;
    struct index_entry *next;
};
struct index {
    struct index_slot { uint64_t hash; struct index_entry *first, *last; } *slots;
    size_t n, cap;
};
/* Each object once a hash: the whole list is looked through, so for lists that stay short. */
void index_add(struct rk_arena *a, struct index *x, uint64_t hash, struct res *r);
/* The same for objects that come one after the other: only the last entry is compared. */
void index_push(struct rk_arena *a, struct index *x, uint64_t hash, struct res *r);
/* The objects of a hash in order of adding. */
const struct index_entry *index_find(const struct index *x, uint64_t hash);

/* ---- fieldspecs and the configuration that holds them ---- */
struct spec {
    const char *path;           /* a/b[]/c, \/ escapes */
    const char *group, *version, *kind; /* NULL: any */
    bool create;
    const char *file;           /* where it was written; NULL: built in */
    uint32_t line;
};
struct specs {
    const struct spec *v;
    size_t n;
};
enum config_list {
    CONFIG_NAME_PREFIX, CONFIG_NAME_SUFFIX, CONFIG_NAMESPACE, CONFIG_COMMON_LABELS, CONFIG_LABELS,
    CONFIG_TEMPLATE_LABELS, CONFIG_COMMON_ANNOTATIONS, CONFIG_VAR_REFERENCE, CONFIG_IMAGES,
    CONFIG_REPLICAS, CONFIG_LIST_MAX
};
struct backref {                /* objects of this type are named by these fields of others */
    const char *group, *version, *kind;
    struct specs specs;
};
struct config {
    struct specs list[CONFIG_LIST_MAX];
    const struct backref *refs;
    size_t n_refs;
};
extern const struct config config_default;
extern const char *const config_list_names[CONFIG_LIST_MAX];
#define VARREF_DEFAULT_N 72
extern const struct spec varref_default[VARREF_DEFAULT_N];
#define NAMEREF_DEFAULT_N 16
extern const struct backref nameref_default[NAMEREF_DEFAULT_N];
/* default + the files named by `configurations`. */
int render_config_read(struct build *b, const struct kust *k, const struct config **out,
                struct rk_err *err) RK_MUST_CHECK;
int config_merge(struct build *b, const struct config *x, const struct config *y,
                 const struct config **out, struct rk_err *err) RK_MUST_CHECK;
int specs_merge_one(struct rk_arena *a, struct specs *to, struct spec one, struct rk_err *err)
    RK_MUST_CHECK;
int specs_merge(struct rk_arena *a, struct specs *to, struct specs from, struct rk_err *err)
    RK_MUST_CHECK;
int specs_read(struct build *b, const struct doc_node *list, struct specs *out, struct rk_err *err)
    RK_MUST_CHECK;

/* openapi.c: the first one of a build counts, from the root on. */
int openapi_read(struct build *b, const struct kust *k, struct rk_err *err) RK_MUST_CHECK;
void openapi_needed(struct build *b);   /* a merge asks for list keys */
void openapi_met(struct build *b, rk_str group, rk_str version, rk_str kind); /* any object */
/* crds.c: fieldspecs from type descriptions, merged into a configuration. */
int crds_read(struct build *b, const struct kust *k, const struct config **out, struct rk_err *err)
    RK_MUST_CHECK;
int refs_merge_one(struct build *b, struct config *to, const struct backref *one,
                   struct rk_err *err) RK_MUST_CHECK;

/* ---- the accumulator ---- */
struct var;
struct acc {
    struct res **items;         /* load order; none is gone between steps */
    size_t n, cap;
    struct index ids;           /* by kind, effective namespace and name: current and previous */
    const struct config *config;
    struct var **vars;
    size_t n_vars, cap_vars;
};
int accumulate(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
    RK_MUST_CHECK;
int acc_append(struct build *b, struct acc *acc, struct res *r, struct rk_err *err) RK_MUST_CHECK;
/* The objects of one entry of a list of paths: a file or a folder. */
int acc_add_path(struct build *b, const struct kust *k, struct acc *acc,
                 const struct doc_node *entry, enum kust_field field, struct rk_err *err)
    RK_MUST_CHECK;
void acc_drop_gone(struct acc *acc);

/* ---- ids.c ---- */
#define NO_NAMESPACE "_non_namespaceable_" /* the effective namespace of cluster-scoped types */
bool gvk_selected(const struct spec *s, rk_str group, rk_str version, rk_str kind);
/* A scalar as it is written, so that `name: True` is called that. */
rk_str ids_scalar(const struct doc_node *map, const char *key);
rk_str ids_effective_ns(const struct res *r);
void ids_refresh(struct build *b, struct acc *acc, struct res *r); /* after name, ns, kind change */
void ids_store_previous(struct build *b, struct res *r);
bool ids_history_broken(const struct res *r);
void ids_index(struct build *b, struct acc *acc, struct res *r);
/* Objects that have, or had, this id. Returns how many; *first is the first. */
size_t ids_find_any(const struct acc *acc, const struct res *id, struct res **first);
size_t ids_count_current(const struct acc *acc, const struct res *id);
/* Patches may give two objects one id; found where the real tool looks for it. */
int ids_check_unique(struct build *b, const struct acc *acc, struct rk_err *err) RK_MUST_CHECK;
bool ids_any_named(const struct res *r, rk_str name, const struct spec *gvk);
const char *ids_text(struct build *b, const struct res *r);    /* Kind "ns/name" for messages */
uint64_t ids_hash(rk_str kind, rk_str ns, rk_str name);

/* ---- resource.c: texts -> objects ---- */
struct res *res_new(struct build *b, struct doc_node *doc);
/* Appends the objects of a text to a list; kind List and FooList are flattened. */
struct res_list { struct res **v; size_t n, cap; };
int res_parse(struct build *b, rk_str text, const struct doc_read *how, struct res_list *out,
              struct rk_err *err) RK_MUST_CHECK;
int res_from_docs(struct build *b, struct doc_node **docs, size_t n, const char *file,
                  struct res_list *out, struct rk_err *err) RK_MUST_CHECK;
void res_list_add(struct rk_arena *a, struct res_list *l, struct res *r);
/* Where the real tool keeps an object's history in its annotations, a patch finds these, also when
 * its file has none: a null then deletes. An empty map is dropped at the end. */
void res_make_texts(struct build *b, struct doc_node *map);
void res_make_annotations(struct build *b, struct res *r);
int res_normalise_annotations(struct build *b, struct doc_node *doc, struct rk_err *err)
    RK_MUST_CHECK;
/* The real tool writes the keys that it makes without quotes and fails when it reads a number. */
int res_check_key(rk_str key, struct rk_err *err) RK_MUST_CHECK;
/* Bytes of texts that steps have made of others: no file may grow into a bomb. */
#define MADE_MAX ((size_t)8 << 20)
int build_count_made(struct build *b, size_t bytes, struct rk_err *err) RK_MUST_CHECK;
int build_count_nodes(struct build *b, const struct doc_node *doc, const char *file,
                      struct rk_err *err) RK_MUST_CHECK;

/* ---- load.c: files ---- */
struct asked load_asked(const struct build *b, const struct kust *k, const struct doc_node *node,
                        const char *field);
enum load_what { LOAD_ABSENT, LOAD_FILE, LOAD_DIR };
/* What rel (relative to the kustomization) is; *path = its clean path, *real = without links. */
int load_look(struct build *b, const struct kust *k, rk_str rel, const char **path,
              const char **real, enum load_what *what, struct rk_err *err) RK_MUST_CHECK;
int load_read(struct build *b, const char *path, rk_str *out, struct rk_err *err) RK_MUST_CHECK;
/* A file that a kustomization names: the rule of the root, and the message when it is not there. */
int load_named(struct build *b, const struct kust *k, rk_str rel, struct asked by,
               const char **path, rk_str *out, struct rk_err *err) RK_MUST_CHECK;
int load_missing(struct build *b, const struct kust *k, rk_str rel, struct asked by,
                 struct rk_err *err);
int load_allowed(struct build *b, const struct kust *k, rk_str rel, const char *real,
                 struct asked by, struct rk_err *err) RK_MUST_CHECK;
const char *load_join(struct build *b, const char *dir, rk_str rel);
const char *load_dir_of(struct build *b, const char *path);
bool load_below(const char *path, const char *dir); /* path is dir or below it */
void load_dep(struct build *b, const char *path);
int load_deps_finish(struct build *b, struct render_result *r, struct rk_err *err) RK_MUST_CHECK;
int build_cancelled(const struct build *b, struct rk_err *err) RK_MUST_CHECK;

/* ---- remote_url.c, remote.c ---- */
bool remote_read(struct build *b, rk_str text, struct render_remote *out); /* is it an address? */
int remote_mount(struct build *b, const struct render_remote *r, struct asked by, const char **dir,
                 struct rk_err *err) RK_MUST_CHECK;
int remote_mount_chart(struct build *b, const struct render_helm *h, struct asked by,
                       const char **dir, struct rk_err *err) RK_MUST_CHECK;
int remote_mount_ref(struct build *b, const struct render_ref *r, struct asked by,
                     const char **dir, struct rk_err *err) RK_MUST_CHECK;
/* The tree that a path lies in, and the path in it. */
const struct render_files *remote_files(const struct build *b, const char *path,
                                        const char **inner);
const char *remote_mount_of(const struct build *b, const char *path); /* its folder; NULL: none */
/* An address for people: without what it holds in secret. */
const char *remote_shown(struct build *b, const char *address);
enum render_kind load_stat(struct build *b, const char *path, const char **real,
                           struct rk_err *err);

/* ---- walk.c ---- */
struct walk {
    struct build *b;
    bool below;                 /* into folders, too; links to folders are not followed */
    /* Each name in it, by name. real NULL: a link out of the tree, err says so; 0 passes it over. */
    int (*found)(struct walk *w, const char *path, enum render_kind kind, const char *real,
                 struct rk_err *err);
    void *ctx;
};
int walk_folder(struct walk *w, const char *dir, struct rk_err *err) RK_MUST_CHECK;
bool walk_is_glob(rk_str path);
/* The paths in the tree that fit a pattern, by name; in a component's pattern folders count. */
int walk_glob(struct build *b, const char *pattern, enum render_kind kind, const char ***out,
              size_t *n, struct rk_err *err) RK_MUST_CHECK;

/* ---- kust.c, fields.c ---- */
/* The kustomization of a folder. *out NULL when there is none. */
int kust_load(struct build *b, const char *dir, const struct kust *parent, struct kust **out,
              struct rk_err *err) RK_MUST_CHECK;
int kust_read_config(struct build *b, rk_str text, const char *file, struct doc_node **out,
                     struct rk_err *err) RK_MUST_CHECK;
int fields_bind(struct build *b, struct doc_node *doc, struct kust *k, struct rk_err *err)
    RK_MUST_CHECK;
/* The same checks for a document of another kind. */
enum fields_of {
    FIELDS_CONFIGURATION, FIELDS_REPLACEMENT, FIELDS_GENERATOR, FIELDS_METADATA,
    FIELDS_ANNOTATIONS, FIELDS_LABELS, FIELDS_IMAGE, FIELDS_NAMESPACE, FIELDS_PATCH,
    FIELDS_JSON6902, FIELDS_MERGES, FIELDS_AFFIXES, FIELDS_REPLACEMENTS, FIELDS_REPLICAS,
    FIELDS_VALUES, FIELDS_IAM, FIELDS_HELM, FIELDS_NOTHING, FIELDS_MAX
};
struct fields_where {
    const char *file;
    rk_str text;                /* of the file, for messages */
    const char *path;           /* of the document in it; NULL: the whole file */
    bool lenient;               /* unknown fields are passed over, as the real tool does there */
};
int fields_check_as(struct build *b, struct doc_node *doc, enum fields_of what,
                 const struct fields_where *where, struct rk_err *err) RK_MUST_CHECK;
const char *fields_name(enum kust_field f);
const char *text_nearest(rk_str word, const char *(*at)(size_t i, const void *ctx), size_t n,
                         const void *ctx);

/* ---- build.c ---- */
int build_root(struct build *b, const char **dir, struct rk_err *err) RK_MUST_CHECK;
int build_kustomization(struct build *b, struct kust *k, struct acc *acc, struct rk_err *err)
    RK_MUST_CHECK;

/* ---- source*.c: b->source is the spec ---- */
int source_build(struct build *b, struct acc *acc, struct rk_err *err) RK_MUST_CHECK;
/* file:line: spec.source.WHAT, the words behind it. */
int source_fail(const struct build *b, const struct doc_node *at, enum rk_code code,
                struct rk_err *err, const char *fmt, ...) RK_PRINTF(5, 6);
/* Where a setting stands; at NULL: the source itself. */
struct asked source_asked(const struct build *b, const struct doc_node *at, const char *field);
const char *source_text(struct build *b, const struct doc_node *map, const char *key);
/* $NAME and ${NAME} of Argo CD's build environment, as Go expands them. */
rk_str source_expand(struct build *b, const struct doc_node *text);
int source_kustomize(struct build *b, struct kust *k, const struct doc_node *settings,
                     struct rk_err *err) RK_MUST_CHECK;
/* The chart in a folder; dir NULL: of a chart repository. */
int source_helm(struct build *b, const char *dir, struct acc *acc, struct rk_err *err)
    RK_MUST_CHECK;

/* ---- parts.c ---- */
int parts_build(struct build *b, struct acc *acc, struct rk_err *err) RK_MUST_CHECK;

/* ---- images.c ---- */
struct image_parts {
    rk_str name, tag, digest;
};
struct image_parts image_split(rk_str image);

/* ---- steps: one function a transformer ---- */
typedef int (*step_fn)(struct build *b, const struct kust *k, struct acc *acc,
                       const struct doc_node *value, struct rk_err *err);
#define STEP(name) \
    int name(struct build *b, const struct kust *k, struct acc *acc, const struct doc_node *value, \
             struct rk_err *err) RK_MUST_CHECK
STEP(patch_strategic_merges);
STEP(patch_all);
STEP(namespace_set);
STEP(prefix_add);
STEP(suffix_add);
STEP(labels_add);
STEP(labels_common);
STEP(annotations_common);
STEP(json6902_all);
STEP(replicas_set);
STEP(images_set);
STEP(replacements_run);
STEP(helm_charts);
STEP(helm_inflations);
STEP(plugins_generate);
STEP(plugins_transform);
STEP(plugins_validate);
STEP(generator_config_maps);
STEP(generator_secrets);
#undef STEP

/* ---- namespace.c: as the field does it, and as the plugin may ---- */
enum subjects_mode { SUBJECTS_DEFAULT, SUBJECTS_ACCOUNTS, SUBJECTS_NONE };
struct namespace_how {
    const struct doc_node *value;
    struct specs specs;
    bool unset_only;
    enum subjects_mode subjects;
};
int namespace_set_as(struct build *b, const struct kust *k, struct acc *acc,
                     const struct namespace_how *how, struct rk_err *err) RK_MUST_CHECK;
/* One object only; its id is not stored and not checked. */
int namespace_put(struct build *b, struct acc *acc, struct res *r,
                  const struct namespace_how *how, struct rk_err *err) RK_MUST_CHECK;
/* ---- helm.c ---- */
struct words { const char **v; size_t n, cap; };
void words_add(struct build *b, struct words *w, const char *flag, const char *value);
/* --kube-version and --api-versions: those of the settings, else of the chart, else the cluster's. */
void helm_add_versions(struct build *b, struct words *w, const struct doc_node *settings,
                       const struct doc_node *chart);
/* What `helm template` printed; each object is marked with the place that asked for the chart. */
int helm_read(struct build *b, const char *chart, rk_str text, uint32_t mark, struct res_list *out,
              struct rk_err *err) RK_MUST_CHECK;

/* ---- plugins.c, plugin_table.c, plugin_values.c, helm.c ---- */
struct plugging {
    struct build *b;
    const struct kust *k;       /* file and text are those of the configuration */
    struct acc *acc;
    struct doc_node *doc;       /* the configuration */
};
struct plugin {
    const char *kind;
    bool generates;
    enum fields_of fields;
    int (*run)(struct plugging *p, struct rk_err *err);
};
const struct plugin *plugin_named(rk_str kind);     /* NULL: no built-in one */
int plugin_values(struct plugging *p, struct rk_err *err) RK_MUST_CHECK;
int plugin_iam(struct plugging *p, struct rk_err *err) RK_MUST_CHECK;
int plugin_helm(struct plugging *p, struct rk_err *err) RK_MUST_CHECK;
int plugin_wrong(const struct plugging *p, struct rk_err *err, const char *what);

/* ---- patches ---- */
struct selector;
int selector_new(struct build *b, const struct kust *k, const struct doc_node *target,
                 struct selector **out, struct rk_err *err) RK_MUST_CHECK;
void selector_free(struct selector **s);
bool selector_match(const struct selector *s, const struct res *r);
const char *selector_text(const struct selector *s);
int json6902_read(struct build *b, rk_str text, const struct doc_read *how, struct doc_node **ops,
                  struct rk_err *err) RK_MUST_CHECK;
int json6902_apply(struct build *b, struct acc *acc, struct res *r, const struct doc_node *ops,
                   struct asked by, struct rk_err *err) RK_MUST_CHECK;
/* The text of a patch: a file or inline text, and how to read it so that lines are right. */
int patch_text(struct build *b, const struct kust *k, const struct doc_node *path,
               const struct doc_node *inside, struct asked by, rk_str *text,
               struct doc_read *how, struct rk_err *err) RK_MUST_CHECK;
/* inline.c: the text of a node, read so that its marks fit the kustomization file. */
rk_str inline_text(const struct build *b, const struct kust *k, const struct doc_node *node,
                   struct doc_read *how);

/* ---- regex.c: Go's regular expressions; of the whole text if not said otherwise ---- */
struct pattern;
int pattern_new(struct rk_arena *a, rk_str text, struct pattern **out, struct rk_err *err)
    RK_MUST_CHECK;
/* Matches anywhere in a text. */
int pattern_new_anywhere(struct rk_arena *a, rk_str text, struct pattern **out,
                         struct rk_err *err) RK_MUST_CHECK;
void pattern_free(struct pattern *p);
bool pattern_match(const struct pattern *p, rk_str s);

/* ---- fieldspec.c ---- */
enum spec_make { SPEC_MAKE_NOTHING, SPEC_MAKE_MAP, SPEC_MAKE_SCALAR };
struct spec_call {
    struct build *b;
    struct res *res;
    enum spec_make make;        /* what the last part becomes when it is missing */
    int (*set)(struct spec_call *c, struct doc_node *node, struct rk_err *err);
    const void *ctx;
    uint32_t at;                /* mark of the value that is set */
    enum doc_by by;
};
int spec_apply(struct spec_call *c, const struct spec *s, struct rk_err *err) RK_MUST_CHECK;
int spec_apply_all(struct spec_call *c, struct specs specs, struct rk_err *err) RK_MUST_CHECK;
/* As spec_apply without the test of the object's type. */
int spec_walk(struct spec_call *c, const struct spec *s, struct rk_err *err) RK_MUST_CHECK;

/* ---- small edits that keep the source of a field ---- */
int edit_needs_scalar(struct spec_call *c, const struct doc_node *n, struct rk_err *err)
    RK_MUST_CHECK;
void edit_scalar(struct spec_call *c, struct doc_node *node, struct doc_node *value);
void edit_text(struct spec_call *c, struct doc_node *node, rk_str text);
/* As the real tool sets names and images, without a type: what stood there without quotes reads as
 * the new text does ("1" before "e3" is a number). */
void edit_plain(struct spec_call *c, struct doc_node *node, rk_str text);
/* Sets a key of a map to a text; the node that holds it. */
struct doc_node *edit_entry(struct spec_call *c, struct doc_node *map, rk_str key, rk_str text);

/* ---- fieldpath.c: the paths of replacements and vars: a.b.[name=x].0.* ---- */
struct path_part;
struct fieldpath {
    rk_str text;
    struct path_part *v;
    size_t n;
};
int fieldpath_new(struct build *b, rk_str text, struct fieldpath *out, struct rk_err *err)
    RK_MUST_CHECK;
void fieldpath_free(struct fieldpath *p);
/* One node; *out NULL: not there. No wildcards. */
int fieldpath_find(const struct fieldpath *p, struct doc_node *root, struct doc_node **out,
                   struct rk_err *err) RK_MUST_CHECK;
/* All nodes that fit; make: what is missing is made, the last part with type `leaf`. */
struct fieldpath_hits {
    struct build *b;
    bool make;
    enum doc_type leaf;
    uint32_t at;                /* mark of what is made */
    struct doc_node **v;
    size_t n, cap;
};
int fieldpath_match(const struct fieldpath *p, struct doc_node *root, struct fieldpath_hits *out,
                    struct rk_err *err) RK_MUST_CHECK;

/* ---- origin.c: all texts are YAML; nothing when buildMetadata is not asked for ---- */
bool origin_wanted(const struct build *b);
const char *origin_of_file(struct build *b, const struct kust *k, rk_str rel);
const char *origin_of_builtin(struct build *b, const struct kust *k, const char *kind);
const char *origin_of_plugin(struct build *b, const struct kust *k, const struct res *config);
void origin_note_step(struct build *b, struct acc *acc, const char *step);
void origin_write(struct build *b, struct acc *acc);

/* ---- vars.c ---- */
int vars_collect(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
    RK_MUST_CHECK;
int vars_merge(struct build *b, struct acc *acc, const struct acc *sub, struct rk_err *err)
    RK_MUST_CHECK;
int vars_resolve(struct build *b, struct acc *acc, struct rk_err *err) RK_MUST_CHECK;

/* ---- the end of a build ---- */
int hash_suffix(struct build *b, const struct doc_node *doc, char out[11], struct rk_err *err)
    RK_MUST_CHECK;
int hash_add_all(struct build *b, struct acc *acc, struct rk_err *err) RK_MUST_CHECK;
int nameref_fix(struct build *b, struct acc *acc, struct rk_err *err) RK_MUST_CHECK;
int order_sort(struct build *b, const struct kust *k, struct acc *acc, struct rk_err *err)
    RK_MUST_CHECK;
int order_rank(const char *kind);
/* group_version_kind with ~G, ~V, ~K for what is empty: the real tool's sort key of a type. */
const char *order_gvk(struct build *b, rk_str group, rk_str version, rk_str kind);
/* how: spec.source.directory; NULL: nothing is said. */
int directory_build(struct build *b, const char *dir, const struct doc_node *how, struct acc *acc,
                    struct rk_err *err) RK_MUST_CHECK;
/* The last of two equal objects stays, as Argo CD has it of files and charts. */
int acc_put(struct build *b, struct acc *acc, struct res *r, const char *file, struct rk_err *err)
    RK_MUST_CHECK;

/* ---- lint.c ---- */
void render_lint_add(struct build *b, enum render_lint_kind kind, const char *file, uint32_t line,
              const char *fmt, ...) RK_PRINTF(5, 6);
void lint_patch(struct build *b, const struct doc_node *patch, const char *file);
void lint_objects(struct build *b, const struct acc *acc);
void lint_deprecated(struct build *b, const struct kust *k);

static inline bool is_tree(const struct doc_node *n)
{
    return doc_type(n) == DOC_MAP || doc_type(n) == DOC_LIST;
}

static inline uint32_t mark_line(const struct build *b, uint32_t mark)
{
    const struct doc_mark *m = doc_marks_get(b->marks, mark);

    return m ? m->line : 0;
}

/* Where a setting of a kustomization was written: an Application may have added it. */
static inline const char *mark_file(const struct build *b, const struct kust *k, uint32_t mark)
{
    const struct doc_mark *m = doc_marks_get(b->marks, mark);

    return m && m->file ? doc_marks_file(b->marks, m->file) : k->file;
}

#endif
