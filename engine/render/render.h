/*
 * render.h: a tree of files -> desired objects: Kustomize v5.7.1 in-process, byte for byte, and
 * plain folders of manifests. Pure: the files come through functions that go in; runs in the pool.
 * The rules: reference/kustomize.md. The cost of a build grows linearly with its objects.
 */
#ifndef RK_RENDER_H
#define RK_RENDER_H

#include <stdatomic.h>

#include "kube/kube.h"
#include "reckon/doc.h"

/* Paths are relative to the tree's root, clean, without a leading slash; "" is the root. */
enum render_kind { RENDER_ABSENT, RENDER_FILE, RENDER_DIR };
struct render_remote {          /* a folder of another repository */
    const char *repo;           /* for git: "https://host/org/repo", "git@host:org/repo", "file:///…" */
    const char *ref;            /* "" = its HEAD */
    const char *path;           /* folder in it */
    bool submodules;
};
struct render_text { const char *name; rk_str text; };
struct render_helm {            /* one chart */
    const char *name, *repo, *version; bool devel;      /* to fetch it: all that `chart` reads */
    const struct render_files *files;   /* the tree that holds it, in folder home/name */
    const char *home;
    const char *release;        /* "" = a generated one */
    const char *namespace, *name_template;
    rk_str values;
    const char *const *values_files; size_t n_values_files; /* paths in the root tree */
    /* For an Application's chart: more values, each wins over all before it (-f of a file that the
     * runner makes, behind the others), and NAME=text of --set-file. */
    const struct render_text *over; size_t n_over;
    const struct render_text *set_files; size_t n_set_files;
    const char *const *words; size_t n_words;   /* more of `helm template` */
};
struct render_files {
    /* What is at path after following links. *real (in a) is its path without links; a link out of
     * the tree is RK_DENIED. */
    enum render_kind (*stat)(struct rk_arena *a, const char *path, const char **real, void *ctx,
                             struct rk_err *err);
    /* The bytes of a file, in a or longer-lived. */
    int (*read)(struct rk_arena *a, const char *path, rk_str *out, void *ctx, struct rk_err *err);
    /* Names in a folder, sorted; needed for plain folders only. */
    int (*list)(struct rk_arena *a, const char *path, const char ***names, size_t *n, void *ctx,
                struct rk_err *err);
    /* An id of the content of a file or folder that is equal when the content is, "" where there is
     * nothing; for deps. */
    int (*id)(const char *path, char out[65], void *ctx, struct rk_err *err);
    void *ctx;
    /* The tree of another repository at a ref; it lives as long as these files. NULL: remote
     * addresses are refused (UNSUPPORTED). What is read there is no dependency: who fetches decides
     * when a ref has moved. */
    int (*remote)(const struct render_remote *r, const struct render_files **out, void *ctx,
                  struct rk_err *err);
    /* A tree that holds the fetched chart in a folder of its name; and the output of `helm
     * template` (in a). Both NULL: charts are refused. */
    int (*chart)(const struct render_helm *h, const struct render_files **out, void *ctx,
                 struct rk_err *err);
    int (*helm)(const struct render_helm *h, struct rk_arena *a, rk_str *out, void *ctx,
                struct rk_err *err);
    void *remote_ctx;           /* of these three */
};
/* How helm is called, for `chart` and `helm`, in a, ended by NULL: a pull that makes the folder
 * to/NAME; a template of what lies at these places. A release that begins with a dash is for the
 * caller to refuse. */
struct render_helm_files {      /* on the disk: the chart's folder, h->values, and each of its lists */
    const char *chart, *values;
    const char *const *values_files, *const *over, *const *set_files;
};
extern const char *const render_helm_version[];     /* what asks for its version, ended by NULL */
/* The answer to it: anything but helm 3, which kustomize v5.7.1 wants, is UNSUPPORTED. */
int render_helm_check(rk_str said, struct rk_err *err) RK_MUST_CHECK;
const char *const *render_helm_pull(const struct render_helm *h, const char *to,
                                    struct rk_arena *a);
const char *const *render_helm_template(const struct render_helm *h,
                                        const struct render_helm_files *at, struct rk_arena *a);
/* A folder on disk as a tree; root is absolute. For `reckon render`; free with render_disk_free. */
struct render_files *render_disk(const char *root) RK_MUST_CHECK;
void render_disk_free(struct render_files *f);
const char *render_disk_root(const struct render_files *f); /* without links; "" is / */

struct render_ref { /* `ref` of another source: $NAME/path in value files and file parameters */
    const char *name;
    const struct render_files *files;   /* NULL: the tree of this render */
};
/*
 * An Application's source with Argo CD's meaning: its type (kustomize, helm or directory when one of
 * them says something, else by kustomization and Chart.yaml, in this order, else a directory), its
 * settings, .argocd-source.yaml and .argocd-source-APP.yaml in the folder over them.
 */
struct render_source {
    const struct doc_node *spec;        /* spec.source, or one of spec.sources, as written */
    const struct doc_marks *marks;      /* of spec; what a setting makes is marked with its place */
    const char *field;                  /* how messages call it: "spec.source" */
    const char *app, *project, *revision;       /* for $ARGOCD_APP_…; app is the default release */
    const char *namespace;              /* the destination's; "" when there is none */
    const struct render_ref *refs; size_t n_refs;
    /* Of the destination's cluster, for charts that name none; NULL: helm's own. cluster: an id of
     * the two, equal when they are; what was made by them says so. */
    const char *kube_version; const char *const *api_versions; size_t n_api_versions;
    const char *cluster;
};

struct render_part {            /* one of several sources: spec.sources */
    struct render_source source;
    const char *path;           /* folder in its tree */
    const struct render_remote *remote; /* that tree; NULL: the one that is built */
    const char *ref;            /* value files of the others name it "$ref/..."; "" = they cannot */
    bool makes;                 /* manifests; false: it only holds value files */
};

struct render_opts {
    const char *path;           /* folder to build */
    /* Instead of path and source: all of them; of equal objects that of the last source counts. */
    const struct render_part *parts; size_t n_parts;
    const struct render_source *source; /* NULL: exactly `kustomize build` (see plain_ok) */
    bool load_restrictions_none;
    bool enable_helm;
    bool plain_ok;              /* no kustomization: take the folder's manifests (Argo CD's rule) */
    const atomic_bool *cancelled;       /* may be NULL */
    size_t max_nodes, max_files;        /* 0: 1,000,000 and 10,000 */
};

enum render_lint_kind { RENDER_DEPRECATED, RENDER_IGNORED, RENDER_UNMATCHED, RENDER_RISK };
struct render_lint { enum render_lint_kind kind; const char *text, *file; uint32_t line; };

struct render_dep { const char *path; char id[65]; }; /* id "" = looked for, not there */

struct render_result {          /* immutable once returned; freed whole */
    struct rk_arena *arena, *secrets;   /* secrets: wiping; clear Secret documents */
    struct kube_object *objects; size_t n_objects;  /* output order; marks in each doc */
    struct doc_marks *marks;
    struct render_lint *lints; size_t n_lints;
    struct render_dep *deps; size_t n_deps;         /* sorted by path */
    const char *by_cluster;     /* render_source.cluster when a chart was made by it; else NULL */
    bool by_revision;           /* $ARGOCD_APP_REVISION… is in it: another revision, another output */
};
/*
 * Errors: INVALID with file:line and, where the fix is plain, the fix ("bases: ../../../base is not
 * there; ../../base is"); UNSUPPORTED names the field; LIMIT; NOT_FOUND names the file and who asked.
 */
int render_build(const struct render_files *files, const struct render_opts *opts,
                 struct render_result **out, struct rk_err *err) RK_MUST_CHECK;
void render_free(struct render_result *r);
/* Masks Secrets in place (kube_mask_secret), keeping each clear document in r->secrets. */
void render_mask(struct render_result *r, const uint8_t key[32]);
/* All documents as `kustomize build` prints them (before render_mask: Secrets in clear). */
int render_print(const struct render_result *r, struct rk_buf *out, struct rk_err *err)
    RK_MUST_CHECK;
/* JSON: object key -> pointer -> [{file,line,column,by}], newest first. */
void render_provenance(const struct render_result *r, struct rk_buf *out);

/* The place in the overlay at `path` that sets the image of `name`: an images entry's newTag or
 * digest value, else the image text in a patch or base below `path`. For promote. */
struct render_image_place {
    const char *file; struct doc_mark mark; /* of the scalar to edit */
    const char *field;          /* newTag | digest | image */
    const char *value;
    struct doc_mark digest_mark;        /* of an entry that has a digest beside its newTag: */
    const char *digest;         /* with both the digest says which image runs; NULL: none */
};
int render_find_image(const struct render_files *files, const char *path, const char *image_name,
                      struct rk_arena *a, struct render_image_place *out, struct rk_err *err)
    RK_MUST_CHECK;

#endif
