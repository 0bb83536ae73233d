/*
 * promote_test.c: edits for promote and adopt on a real repository: which bytes of which file
 * change, that all others stay, and what is refused.
 */
#include "sync/repo_test.h"

#define OVERLAY "k8s/overlays/production"
#define KUST OVERLAY "/kustomization.yaml"
#define DEPLOYMENT(name, image)                                                                    \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " name ", namespace: n}\n"            \
    "spec:\n  template:\n    spec:\n      containers:\n      - {name: app, image: \"" image "\"}\n"

static const char *tip;
static struct git_view *view;

static void commit_tree(void)
{
    tip = commit_all();
    git_view_free(view);
    view = view_of("w");
}

/* A base that runs shop:1.0 and an overlay with this kustomization. */
static void put_overlay(const char *kustomization)
{
    init_tree();
    test_put("w/k8s/base/kustomization.yaml", "resources:\n- shop.yaml\n");
    test_put("w/k8s/base/shop.yaml", DEPLOYMENT("shop", "shop:1.0"));
    test_put("w/" KUST, kustomization);
    commit_tree();
}

static bool set_elsewhere; /* the fields come from an Application's settings */

static int promote(const char *source, const char *target, struct sync_edits *out,
                   struct rk_err *err)
{
    struct doc_marks *marks = doc_marks_new(w.a), *own = doc_marks_new(w.a);
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = "apps/shop.yaml", .marks = marks};
    struct kube_object *from, *to;
    size_t n_from = read_objects(w.a, source, &from), n_to = read_objects(w.a, target, &to);
    if (set_elsewhere) {
        struct doc_node *doc = NULL;
        assert_int_equal(doc_yaml_read_one(w.a, rk_str_c(target), &how, &doc, NULL), 0);
        assert_int_equal(kube_object_init(to, doc_copy_marked(w.a, doc, marks, own), NULL), 0);
    }
    return sync_promote_edits(view, tip, OVERLAY, from, n_from, to, n_to, own, w.a, out, err);
}

static struct sync_edits promoted(const char *source, const char *target)
{
    struct sync_edits out = {0};
    struct rk_err err = {0};
    if (promote(source, target, &out, &err))
        fail_msg("%s", err.text);
    return out;
}

static struct rk_err refused(const char *source, const char *target)
{
    struct sync_edits out = {0};
    struct rk_err err = {0};
    assert_int_equal(promote(source, target, &out, &err), -1);
    return err;
}

static void expect_file(const struct sync_edits *e, size_t i, const char *path, const char *text)
{
    assert_true(i < e->n_files);
    assert_string_equal(e->files[i].path, path);
    assert_string_equal(rk_arena_dup(w.a, e->files[i].bytes.p, e->files[i].bytes.n), text);
    assert_false(e->files[i].remove);
}

static void expect_edit(const struct sync_edits *e, size_t i, const char *file, uint32_t line,
                        const char *before, const char *after)
{
    assert_true(i < e->n);
    assert_string_equal(e->edits[i].file, file);
    assert_int_equal(e->edits[i].line, line);
    assert_string_equal(e->edits[i].before, before);
    assert_string_equal(e->edits[i].after, after);
}

#define IMAGES(rest) "resources: [../../base]\nimages:\n- name: shop\n" rest

/* ---- promote ---- */
static void test_new_tag(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: 1.0.0 # by hand\n\n# the end\n"));
    struct sync_edits e = promoted(DEPLOYMENT("shop", "shop:1.1.0"),
                                   DEPLOYMENT("shop", "shop:1.0.0"));
    assert_int_equal(e.n_files, 1);
    expect_file(&e, 0, KUST, IMAGES("  newTag: 1.1.0 # by hand\n\n# the end\n"));
    assert_int_equal(e.n, 1);
    expect_edit(&e, 0, KUST, 4, "1.0.0", "1.1.0");
}

/* The overlay's tag is not what runs: an edit of it would change nothing. */
static void test_image_of_the_application(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: 1.0.0\n"));
    set_elsewhere = true;
    struct rk_err err = refused(DEPLOYMENT("shop", "shop:1.1.0"), DEPLOYMENT("shop", "shop:2.0.0"));
    set_elsewhere = false;
    assert_int_equal(err.code, RK_UNSUPPORTED);
    assert_true(rk_str_starts(rk_str_c(err.text), "apps/shop.yaml:"));
    assert_non_null(strstr(err.text, "the Application sets the image shop: promote edits overlays; "
                           "edit it there"));
}

static void test_quotes_stay_or_come(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: '1.0'\n"));
    struct sync_edits e = promoted(DEPLOYMENT("shop", "shop:1.1"), DEPLOYMENT("shop", "shop:1.0"));
    expect_file(&e, 0, KUST, IMAGES("  newTag: '1.1'\n"));
    test_put("w/" KUST, IMAGES("  newTag: v1\n"));
    commit_tree();
    /* a plain 1.1 would be a number */
    e = promoted(DEPLOYMENT("shop", "shop:1.1"), DEPLOYMENT("shop", "shop:v1"));
    expect_file(&e, 0, KUST, IMAGES("  newTag: \"1.1\"\n"));
}

static void test_digest(void **state)
{
    (void)state;
    put_overlay(IMAGES("  digest: sha256:aaaa\n"));
    struct sync_edits e = promoted(DEPLOYMENT("shop", "shop@sha256:bbbb"),
                                   DEPLOYMENT("shop", "shop@sha256:aaaa"));
    expect_file(&e, 0, KUST, IMAGES("  digest: sha256:bbbb\n"));
    struct rk_err err = refused(DEPLOYMENT("shop", "shop:2.0"),
                                DEPLOYMENT("shop", "shop@sha256:aaaa"));
    assert_int_equal(err.code, RK_INVALID);
    assert_string_equal(err.text, KUST ":4 sets digest of shop, which the source environment does "
                                  "not have");
}

/* A tag with its digest onto an entry that has only a tag: the digest goes along. */
static void test_a_digest_beside_a_tag(void **state)
{
    (void)state;
    const char *source = DEPLOYMENT("shop", "shop:1.1@sha256:bbbb");
    put_overlay(IMAGES("  newTag: \"1.0\" # by hand\n"));
    struct sync_edits e = promoted(source, DEPLOYMENT("shop", "shop:1.0"));
    expect_file(&e, 0, KUST, IMAGES("  newTag: \"1.1\" # by hand\n  digest: sha256:bbbb\n"));
    expect_edit(&e, 0, KUST, 4, "1.0", "1.1");
    expect_edit(&e, 1, KUST, 5, "", "sha256:bbbb");
    /* the same tag, another image: only the digest */
    test_put("w/" KUST, "images:\r\n- newTag: \"1.1\"\r\n  name: shop\r\n");
    commit_tree();
    e = promoted(source, DEPLOYMENT("shop", "shop:1.1"));
    expect_file(&e, 0, KUST, "images:\r\n- newTag: \"1.1\"\r\n  digest: sha256:bbbb\r\n"
                             "  name: shop\r\n");
    test_put("w/" KUST, "images: [{name: shop, newTag: '1.0'}]\n");
    commit_tree();
    e = promoted(source, DEPLOYMENT("shop", "shop:1.0"));
    expect_file(&e, 0, KUST, "images: [{name: shop, digest: sha256:bbbb, newTag: '1.1'}]\n");
    test_put("w/" KUST, IMAGES("  newTag: v1")); /* no newline at the end */
    commit_tree();
    e = promoted(source, DEPLOYMENT("shop", "shop:v1"));
    expect_file(&e, 0, KUST, IMAGES("  newTag: \"1.1\"\n  digest: sha256:bbbb"));
    test_put("w/" KUST, "images:\n- name: shop\n  ? newTag\n  : v1\n");
    commit_tree();
    struct rk_err err = refused(source, DEPLOYMENT("shop", "shop:v1"));
    assert_part(err.text, KUST ":4 sets newTag alone, and the source runs the digest sha256:bbbb");
}

/* An entry with both runs what its digest says: a new tag alone would change nothing. */
static void test_tag_and_digest(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: \"1.0\"\n  digest: sha256:aaaa\n"));
    struct sync_edits e = promoted(DEPLOYMENT("shop", "shop:1.1@sha256:bbbb"),
                                   DEPLOYMENT("shop", "shop:1.0@sha256:aaaa"));
    expect_file(&e, 0, KUST, IMAGES("  newTag: \"1.1\"\n  digest: sha256:bbbb\n"));
    struct rk_err err = refused(DEPLOYMENT("shop", "shop:1.1"),
                                DEPLOYMENT("shop", "shop:1.0@sha256:aaaa"));
    assert_string_equal(err.text, KUST ":5 sets digest beside newTag, which the source environment "
                                  "does not have: the old image would go on running");
    err = refused(DEPLOYMENT("shop", "shop@sha256:bbbb"),
                  DEPLOYMENT("shop", "shop:1.0@sha256:aaaa"));
    assert_part(err.text, KUST ":4 sets newTag of shop, which the source environment does not "
    "have");
}

static void test_renamed_image(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newName: mirror.example.org:5000/shop\n  newTag: \"1.0\"\n"));
    struct sync_edits e = promoted(DEPLOYMENT("shop", "mirror.example.org:5000/shop:1.1"),
                                   DEPLOYMENT("shop", "mirror.example.org:5000/shop:1.0"));
    expect_edit(&e, 0, KUST, 5, "1.0", "1.1");
}

static void test_image_in_a_patch(void **state)
{
    (void)state;
    put_overlay("resources: [../../base]\npatches:\n- path: image.yaml\n");
    test_put("w/" OVERLAY "/image.yaml", DEPLOYMENT("shop", "shop:1.0") "# after it\n");
    commit_tree();
    struct sync_edits e = promoted(DEPLOYMENT("shop", "shop:1.1@sha256:bb"),
                                   DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(e.n_files, 1);
    expect_file(&e, 0, OVERLAY "/image.yaml",
                DEPLOYMENT("shop", "shop:1.1@sha256:bb") "# after it\n");
}

static void test_the_shared_base_is_never_edited(void **state)
{
    (void)state;
    put_overlay("resources: [../../base]\n");
    struct rk_err err = refused(DEPLOYMENT("shop", "shop:1.1"), DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_part(err.text, "nothing in this folder sets the image shop");
}

static void test_moving_tag(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: \"1.0\"\n"));
    struct rk_err err = refused(DEPLOYMENT("shop", "shop:latest"), DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(err.code, RK_DENIED);
    assert_string_equal(err.text, "shop:latest is a moving tag: promote a digest or a fixed tag");
    /* no tag at all is the same tag */
    err = refused(DEPLOYMENT("shop", "shop"), DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(err.code, RK_DENIED);
    assert_part(err.text, "moving tag");
    /* alone it is refused; beside another that changes it stays as it is */
    err = refused(DEPLOYMENT("shop", "shop:latest"), DEPLOYMENT("shop", "shop:latest"));
    assert_int_equal(err.code, RK_DENIED);
    struct sync_edits e = promoted(
        DEPLOYMENT("s", "side:latest") "---\n" DEPLOYMENT("shop", "shop:2.0"),
        DEPLOYMENT("s", "side:latest") "---\n" DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(e.n, 1);
    expect_edit(&e, 0, KUST, 4, "1.0", "2.0");
}

static void test_nothing_to_change(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: \"1.0\"\n"));
    struct sync_edits e = promoted(DEPLOYMENT("shop", "shop:1.0"), DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(e.n_files, 0);
    assert_int_equal(e.n, 0);
    /* the tip has it already, whatever ran when it was rendered */
    e = promoted(DEPLOYMENT("shop", "shop:1.0"), DEPLOYMENT("shop", "shop:0.9"));
    assert_int_equal(e.n_files, 0);
    /* images that only one side has */
    e = promoted(DEPLOYMENT("shop", "other:2.0"), DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(e.n_files, 0);
    e = promoted(NULL, NULL);
    assert_int_equal(e.n_files, 0);
}

static void test_several_images_one_file(void **state)
{
    (void)state;
    put_overlay("resources: [../../base]\nimages:\n- name: shop\n  newTag: \"1.0\"\n"
                "- {name: queue, newTag: v1}\n- name: db # not ours\n  newTag: \"15\"\n");
    struct sync_edits e = promoted(
        DEPLOYMENT("queue", "queue:v22") "---\n" DEPLOYMENT("shop", "shop:1.10") "---\n"
        DEPLOYMENT("db", "db:15"),
        DEPLOYMENT("shop", "shop:1.0") "---\n" DEPLOYMENT("queue", "queue:v1") "---\n"
        DEPLOYMENT("db", "db:15"));
    assert_int_equal(e.n_files, 1);
    assert_int_equal(e.n, 2);
    expect_file(&e, 0, KUST,
                "resources: [../../base]\nimages:\n- name: shop\n  newTag: \"1.10\"\n"
                "- {name: queue, newTag: v22}\n- name: db # not ours\n  newTag: \"15\"\n");
}

static void test_every_kind_of_container(void **state)
{
    (void)state;
    static const char cron[] =
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c, namespace: n}\n"
        "spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: 'a:%s'}], "
        "initContainers: [{image: 'b:%s'}]}}}}}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\n"
        "spec: {containers: [{image: 'c:%s'}], initContainers: [{image: 'd:%s'}]}\n";
    put_overlay("images:\n- {name: a, newTag: v1}\n- {name: b, newTag: v1}\n"
                "- {name: c, newTag: v1}\n- {name: d, newTag: v1}\n");
    struct rk_buf text[2] = {RK_BUF_INIT, RK_BUF_INIT};
    for (int i = 0; i < 2; i++)
        for (const char *at = cron; *at; at++) {
            if (*at != '%')
                rk_buf_ch(&text[i], *at);
            else
                rk_buf_c(&text[i], i ? "v1" : "v2"), at++;
        }
    struct sync_edits e = promoted(text[0].p, text[1].p);
    expect_file(&e, 0, KUST, "images:\n- {name: a, newTag: v2}\n- {name: b, newTag: v2}\n"
                             "- {name: c, newTag: v2}\n- {name: d, newTag: v2}\n");
    rk_buf_release(&text[0]);
    rk_buf_release(&text[1]);
}

static void test_no_overlay_at_the_tip(void **state)
{
    (void)state;
    put_overlay(IMAGES("  newTag: \"1.0\"\n"));
    test_git("w", "rm", "-q", "-r", "k8s/overlays");
    commit_tree();
    struct rk_err err = refused(DEPLOYMENT("shop", "shop:1.1"), DEPLOYMENT("shop", "shop:1.0"));
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_part(err.text, OVERLAY);
}

/* ---- adopt ---- */
#define FILE_CM "k8s/cm.yaml"
#define CM_HEAD "# the shop's settings\napiVersion: v1\nkind: ConfigMap\n"                         \
                "metadata: {name: a, namespace: n}\n"

/* What git says, read from the tip with its marks, beside what lives. */
static const char *chosen_path;         /* NULL: all fields */
static const struct kube_key *chosen_key; /* NULL: all objects */

static int adopt_from(const char *rev, const char *git, const char *live, struct sync_edits *out,
                      struct rk_err *err)
{
    struct doc_marks *marks = doc_marks_new(w.a);
    const struct doc_read how = {.typing = DOC_RESOURCE, .file = FILE_CM, .marks = marks};
    struct plan_object o = {0};
    struct kube_object *desired = rk_arena_alloc(w.a, sizeof *desired), *lives;
    struct drift_object *drift = rk_arena_alloc(w.a, sizeof *drift);
    const struct drift_rules rules = {.manager = "reckon", .final = true};
    struct doc_node *doc = NULL;
    assert_int_equal(doc_yaml_read_one(w.a, rk_str_c(git), &how, &doc, NULL), 0);
    if (set_elsewhere) {
        struct doc_marks *own = doc_marks_new(w.a);
        doc = doc_copy_marked(w.a, doc, marks, own);
        marks = own;
    }
    assert_int_equal(kube_object_init(desired, doc, NULL), 0);
    assert_int_equal(read_objects(w.a, live, &lives), 1);
    if (kube_is_secret(&desired->key)) {
        static const uint8_t key[32] = {1};
        kube_mask_secret(w.a, desired->doc, key);
        kube_mask_secret(w.a, lives[0].doc, key);
    }
    assert_int_equal(drift_compare(w.a, desired, lives, NULL, &rules, drift, NULL), 0);
    o = (struct plan_object){.desired = desired, .live = lives, .drift = drift};
    const struct sync_adopting what = {.objects = &o, .n = 1, .marks = marks,
                                       .only = chosen_key, .n_only = chosen_key != NULL,
                                       .paths = &chosen_path, .n_paths = chosen_path != NULL};
    return sync_adopt_edits(view, rev, &what, w.a, out, err);
}

static int adopt(const char *git, const char *live, struct sync_edits *out, struct rk_err *err)
{
    init_tree();
    test_put("w/" FILE_CM, git);
    commit_tree();
    return adopt_from(tip, git, live, out, err);
}

static void test_adopt(void **state)
{
    (void)state;
    struct sync_edits e = {0};
    struct rk_err err = {0};
    if (adopt(CM_HEAD "data:\n  x: one # by hand\n  n: \"3\"\n  same: s\n",
              CM_HEAD "data: {x: two, n: \"4\", same: s}\n", &e, &err))
        fail_msg("%s", err.text);
    assert_int_equal(e.n_files, 1);
    expect_file(&e, 0, FILE_CM, CM_HEAD "data:\n  x: two # by hand\n  n: \"4\"\n  same: s\n");
    assert_int_equal(e.n, 2);
}

static void test_adopt_chosen_fields(void **state)
{
    (void)state;
    const struct kube_key here = {.kind = RK_STR("ConfigMap"), .namespace = RK_STR("n"),
                                  .name = RK_STR("a")},
                          other = {.kind = RK_STR("Secret"), .namespace = RK_STR("n"),
                                   .name = RK_STR("a")};
    const char *git = CM_HEAD "data: {x: one, n: \"3\"}\n", *live = CM_HEAD "data: {x: two, n: "
    "\"4\"}\n";
    struct sync_edits e = {0};
    struct rk_err err = {0};
    chosen_path = "/data/n";
    chosen_key = &here;
    int rc = adopt(git, live, &e, &err);
    chosen_path = "/data/same";
    int same = adopt_from(tip, git, live, &(struct sync_edits){0}, &err);
    chosen_path = "/data/n";
    chosen_key = &other;
    int elsewhere = adopt_from(tip, git, live, &(struct sync_edits){0}, &err);
    chosen_path = NULL;
    chosen_key = NULL;
    assert_int_equal(rc, 0);
    assert_int_equal(e.n, 1);
    expect_file(&e, 0, FILE_CM, CM_HEAD "data: {x: one, n: \"4\"}\n");
    assert_int_equal(same, -1);
    assert_int_equal(elsewhere, -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
}

static void test_adopt_number_and_bool(void **state)
{
    (void)state;
    struct sync_edits e = {0};
    struct rk_err err = {0};
    if (adopt("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
              "spec: {replicas: 3, paused: false}\n",
              "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
              "spec: {replicas: 5, paused: true}\n", &e, &err))
        fail_msg("%s", err.text);
    expect_file(&e, 0, FILE_CM,
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: n}\n"
                "spec: {replicas: 5, paused: true}\n");
}

static void test_adopt_no_secret(void **state)
{
    (void)state;
    struct sync_edits e = {0};
    struct rk_err err = {0};
#define SECRET "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: n}\n"
    assert_int_equal(adopt(SECRET "data: {password: Z2VoZWlt}\n",
                           SECRET "data: {password: b2ZmZW4=}\n", &e, &err), -1);
    assert_int_equal(err.code, RK_DENIED);
    assert_string_equal(err.text, "/data/password is a Secret's value: never written into git");
    assert_int_equal(e.n_files, 0);
}

static void test_adopt_only_single_values(void **state)
{
    (void)state;
    struct sync_edits e = {0};
    struct rk_err err = {0};
    /* what lives has it no more: there is no value to adopt */
    assert_int_equal(adopt(CM_HEAD "data:\n  x: one\n  y: two\n", CM_HEAD "data: {x: one}\n", &e,
                           &err), -1);
    assert_int_equal(err.code, RK_UNSUPPORTED);
    assert_part(err.text, "/data/y: only single values");
}

static void test_adopt_stale_mark(void **state)
{
    (void)state;
    static const char git[] = CM_HEAD "data:\n  x: one\n  y: two\n";
    struct sync_edits e = {0};
    struct rk_err err = {0};
    init_tree();
    test_put("w/" FILE_CM, "# a line more: every mark is 15 bytes or so off\n" CM_HEAD
                           "data:\n  x: one\n  y: two\n");
    commit_tree();
    assert_int_equal(adopt_from(tip, git, CM_HEAD "data: {x: won, y: two}\n", &e, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    assert_string_equal(err.text, FILE_CM ":6 changed since it was rendered: plan again");
    test_put("w/" FILE_CM, CM_HEAD "data: {}\n"); /* shorter than the mark */
    commit_tree();
    assert_int_equal(adopt_from(tip, git, CM_HEAD "data: {x: won, y: two}\n", &e, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
}

/* What an Application sets has a line there, and no bytes: nothing is guessed. */
static void test_adopt_setting_of_an_application(void **state)
{
    (void)state;
    struct sync_edits e = {0};
    struct rk_err err = {0};
    set_elsewhere = true;
    int rc = adopt(CM_HEAD "data:\n  x: one\n", CM_HEAD "data: {x: won}\n", &e, &err);
    set_elsewhere = false;
    assert_int_equal(rc, -1);
    assert_int_equal(err.code, RK_UNSUPPORTED);
    assert_string_equal(err.text, FILE_CM ":6: the Application sets /data/x: edit it there");
}

/* Somebody changed that very value meanwhile: a value that only contains the old one is another. */
static void test_adopt_value_that_contains_the_old_one(void **state)
{
    (void)state;
    static const char git[] = CM_HEAD "data:\n  x: \"3\"\n  y: '5'\n";
    struct sync_edits e = {0};
    struct rk_err err = {0};
    init_tree();
    test_put("w/" FILE_CM, CM_HEAD "data:\n  x:  31\n  y: '5'\n");
    commit_tree();
    assert_int_equal(adopt_from(tip, git, CM_HEAD "data: {x: \"4\", y: '5'}\n", &e, &err), -1);
    assert_int_equal(err.code, RK_CONFLICT);
    test_put("w/" FILE_CM, CM_HEAD "data:\n  x: '3'\n  y: '5'\n"); /* the same, quoted otherwise */
    commit_tree();
    if (adopt_from(tip, git, CM_HEAD "data: {x: \"4\", y: '5'}\n", &e, &err))
        fail_msg("%s", err.text);
    expect_file(&e, 0, FILE_CM, CM_HEAD "data:\n  x: '4'\n  y: '5'\n");
}

static void test_adopt_file_that_is_gone(void **state)
{
    (void)state;
    static const char git[] = CM_HEAD "data:\n  x: one\n";
    struct sync_edits e = {0};
    struct rk_err err = {0};
    init_tree();
    test_put("w/other.yaml", git);
    commit_tree();
    assert_int_equal(adopt_from(tip, git, CM_HEAD "data: {x: two}\n", &e, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_part(err.text, FILE_CM);
}

static void test_adopt_escapes_and_blocks(void **state)
{
    (void)state;
    struct sync_edits e = {0};
    struct rk_err err = {0};
    if (adopt(CM_HEAD "data:\n  x: \"tab\\there\"\n  y: |\n    one\n    two\n  z: it's\n",
              CM_HEAD "data:\n  x: \"tab\\tthere\"\n  y: |\n    one\n    three\n  z: 'it''s not'\n",
              &e, &err))
        fail_msg("%s", err.text);
    expect_file(&e, 0, FILE_CM, CM_HEAD "data:\n  x: \"tab\\tthere\"\n  y: |\n    one\n    three\n"
                                        "  z: it's not\n");
}

static int begin(void **state)
{
    view = NULL;
    return world_begin(state);
}

static int end(void **state)
{
    git_view_free(view);
    return world_end(state);
}

#define ON_GIT(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GIT(test_new_tag), ON_GIT(test_image_of_the_application),
        ON_GIT(test_quotes_stay_or_come),
        ON_GIT(test_digest),
        ON_GIT(test_a_digest_beside_a_tag),
        ON_GIT(test_tag_and_digest),
        ON_GIT(test_renamed_image),
        ON_GIT(test_image_in_a_patch),
        ON_GIT(test_the_shared_base_is_never_edited),
        ON_GIT(test_moving_tag),
        ON_GIT(test_nothing_to_change),
        ON_GIT(test_several_images_one_file),
        ON_GIT(test_every_kind_of_container),
        ON_GIT(test_no_overlay_at_the_tip),
        ON_GIT(test_adopt), ON_GIT(test_adopt_chosen_fields),
        ON_GIT(test_adopt_setting_of_an_application),
        ON_GIT(test_adopt_number_and_bool),
        ON_GIT(test_adopt_no_secret),
        ON_GIT(test_adopt_only_single_values),
        ON_GIT(test_adopt_stale_mark),
        ON_GIT(test_adopt_value_that_contains_the_old_one),
        ON_GIT(test_adopt_file_that_is_gone),
        ON_GIT(test_adopt_escapes_and_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
