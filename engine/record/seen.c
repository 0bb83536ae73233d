/*
 * seen.c: what the state folder knows of audit branches. In: environments, tips the remote was seen
 * to have. Out: the same after a restart, for lists over every environment and for noticing that a
 * log was rewritten or withheld. One document a repository for tips, one for environments.
 */
#include "base/file.h"
#include "record/record_int.h"

#define SEEN "audit-seen-"
#define ENVIRONMENTS "audit-environments"

void record_names_add(struct rk_arena *a, struct record_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (rk_streq(names->v[i], name))
            return;
    names->v = rk_arena_grow(a, names->v, names->n, &names->cap, sizeof *names->v);
    names->v[names->n++] = rk_arena_strdup(a, name);
}

static int add_local(const char *dir, struct rk_arena *a, struct record_names *out,
                     struct rk_err *err)
{
    rk_auto(rk_free_str) char *folder = rk_asprintf("%s/" RECORD_LOCAL, dir);
    char **files;
    size_t n;
    if (!rk_path_is_dir(folder))
        return 0;
    if (rk_dir_names(folder, &files, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        rk_str name = rk_str_c(files[i]);
        if (!rk_str_ends(name, ".jsonl"))
            continue;
        name.n -= sizeof ".jsonl" - 1;
        rk_auto(rk_free_str) char *environment = record_unpart(name);
        if (environment)
            record_names_add(a, out, environment);
    }
    rk_names_free(files, n);
    return 0;
}

static int add_noted(const char *dir, struct rk_arena *a, struct record_names *out,
                     struct rk_err *err)
{
    struct doc_node *doc = NULL;
    if (record_state_read(dir, ENVIRONMENTS, a, &doc, err) < 0)
        return -1;
    const struct doc_node *list = doc_get(doc, "environments");
    for (size_t i = 0; i < doc_count(list); i++) {
        rk_str name = doc_text(doc_at(list, i));
        if (name.n)
            record_names_add(a, out, rk_arena_dup(a, name.p, name.n));
    }
    return 0;
}

int record_environments(const char *dir, struct rk_arena *a, struct record_names *out,
                        struct rk_err *err)
{
    return add_noted(dir, a, out, err) < 0 ? -1 : add_local(dir, a, out, err);
}

int record_environments_note(const char *dir, const struct record_names *names,
                             struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    struct record_names all = {0};
    if (add_noted(dir, a, &all, err) < 0)
        return -1;
    size_t before = all.n;
    for (size_t i = 0; i < names->n; i++)
        record_names_add(a, &all, names->v[i]);
    if (all.n == before)
        return 0;
    struct doc_node *doc = doc_map(a), *list = doc_list(a);
    for (size_t i = 0; i < all.n; i++)
        doc_push(a, list, doc_string_c(a, all.v[i]));
    doc_set_c(a, doc, "environments", list);
    return record_state_write(dir, ENVIRONMENTS, doc, err);
}

/* ---- tips ---- */

/* The mirror's folder names the repository: its path may move with the state folder. */
static char *seen_name(const char *git_dir)
{
    rk_auto(rk_free_str) char *clean = rk_path_clean(git_dir);
    const char *slash = strrchr(clean, '/');
    return rk_asprintf(SEEN "%s", slash ? slash + 1 : clean);
}

int record_seen_note(const char *dir, const char *git_dir, const char *environment,
                     const char *tip, struct rk_err *err)
{
    rk_auto(rk_arena_freep) struct rk_arena *a = rk_arena_new();
    rk_auto(rk_free_str) char *name = seen_name(git_dir);
    struct doc_node *doc = NULL;
    if (record_state_read(dir, name, a, &doc, err) < 0)
        return -1;
    if (doc_type(doc) != DOC_MAP)
        doc = doc_map(a);
    if (rk_str_is(doc_get_text(doc, environment), tip))
        return 0;
    doc_set_c(a, doc, environment, doc_string_c(a, tip));
    return record_state_write(dir, name, doc, err);
}

static int add_seen(const char *dir, const char *name, bool sure, struct rk_arena *a,
                    struct record_seen **v, size_t *n, size_t *cap, struct rk_err *err)
{
    struct doc_node *doc = NULL;
    if (record_state_read(dir, name, a, &doc, err) < 0)
        return -1;
    for (size_t i = 0; doc_type(doc) == DOC_MAP && i < doc_count(doc); i++) {
        const struct doc_pair *p = doc_pair_at(doc, i);
        rk_str tip = doc_text(p->value);
        if (tip.n != GIT_ID - 1)
            continue;
        *v = rk_arena_grow(a, *v, *n, cap, sizeof **v);
        (*v)[(*n)++] = (struct record_seen){rk_arena_dup(a, p->key.p, p->key.n),
                                            rk_arena_dup(a, tip.p, tip.n), sure};
    }
    return 0;
}

/* Of this repository when it is known by name, else of every one: some clone is looked at. */
int record_seen_read(const char *dir, const char *git_dir, struct rk_arena *a,
                     struct record_seen **out, size_t *n, struct rk_err *err)
{
    rk_auto(rk_free_str) char *own = seen_name(git_dir);
    rk_auto(rk_free_str) char *own_file = record_path(dir, own, ".json");
    size_t cap = 0, files = 0, count = 0;
    char **names;
    int rc = 0;
    *out = NULL;
    *n = 0;
    if (rk_path_exists(own_file))
        return add_seen(dir, own, true, a, out, n, &cap, err);
    if (rk_dir_names(dir, &names, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        files += rk_str_starts(rk_str_c(names[i]), SEEN);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rk_str name = rk_str_c(names[i]);
        if (!rk_str_starts(name, SEEN) || !rk_str_ends(name, ".json"))
            continue;
        rk_auto(rk_free_str) char *stem = rk_strndup(name.p, name.n - 5);
        rc = add_seen(dir, stem, files == 1, a, out, n, &cap, err);
    }
    rk_names_free(names, count);
    return rc;
}
