/*
 * settings.c: engine.yaml -> struct core_settings (design.md section 15).
 *
 * One table a mapping: name, kind, place in the struct. A field that no row names is an error with
 * file:line; nothing is ignored in silence. Everything lives in the settings' own arena.
 */
#include "core/core_int.h"

enum setting_kind { SET_TEXT, SET_DURATION, SET_BOOL, SET_INT, SET_UID, SET_LIST, SET_MAP, SET_SKIP,
                    SET_LATER /* of a later version: told, not ignored in silence */ };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset, count_offset;
    const struct setting *inner; /* LIST: of each item; MAP: of the map, same base struct */
    size_t inner_size;
};

#define TEXT(type, member) {#member, SET_TEXT, offsetof(struct type, member), 0, NULL, 0}
#define NAMED(text, kind, type, member) {text, kind, offsetof(struct type, member), 0, NULL, 0}
#define ITEMS(text, member, rows, item) \
    {text, SET_LIST, offsetof(struct core_settings, member), \
     offsetof(struct core_settings, n_##member), rows, sizeof(struct item)}
#define END {NULL, SET_SKIP, 0, 0, NULL, 0}

static const struct setting credential_rows[] = {
    NAMED("sshKeyFile", SET_TEXT, core_repo_settings, ssh_key_file),
    NAMED("tokenFile", SET_TEXT, core_repo_settings, token_file),
    NAMED("helper", SET_TEXT, core_repo_settings, helper),
    END,
};
static const struct setting repo_rows[] = {
    TEXT(core_repo_settings, name), TEXT(core_repo_settings, url),
    TEXT(core_repo_settings, branch),
    NAMED("poll", SET_DURATION, core_repo_settings, poll_ms),
    {"credentials", SET_MAP, 0, 0, credential_rows, 0},
    END,
};
static const struct setting cluster_rows[] = {
    TEXT(core_cluster_settings, name), TEXT(core_cluster_settings, server),
    TEXT(core_cluster_settings, kubeconfig), TEXT(core_cluster_settings, context),
    END,
};
static const struct setting identity_rows[] = {
    NAMED("uid", SET_UID, core_identity, uid), TEXT(core_identity, name),
    TEXT(core_identity, email),
    NAMED("signingKey", SET_TEXT, core_identity, signing_key),
    END,
};
static const struct setting floor_rows[] = {
    TEXT(model_floor, environment),
    NAMED("locked", SET_BOOL, model_floor, locked),
    NAMED("approvals", SET_INT, model_floor, approvals),
    END,
};
static const struct setting audit_rows[] = {
    NAMED("remote", SET_TEXT, core_settings, audit_remote), END,
};
static const struct setting limit_rows[] = {
    NAMED("gitOperation", SET_DURATION, core_settings, git_ms),
    NAMED("apiRequest", SET_DURATION, core_settings, api_ms),
    NAMED("operation", SET_DURATION, core_settings, operation_ms),
    END,
};
static const struct setting listen_rows[] = {
    {"webhook", SET_LATER, 0, 0, NULL, 0}, {"metrics", SET_LATER, 0, 0, NULL, 0}, END,
};
static const struct setting rows[] = {
    {"apiVersion", SET_SKIP, 0, 0, NULL, 0},
    ITEMS("repositories", repos, repo_rows, core_repo_settings),
    ITEMS("clusters", clusters, cluster_rows, core_cluster_settings),
    ITEMS("identities", identities, identity_rows, core_identity),
    ITEMS("floors", floors, floor_rows, model_floor),
    {"policy", SET_LATER, 0, 0, NULL, 0},
    {"healthScripts", SET_LATER, 0, 0, NULL, 0},
    {"listen", SET_MAP, 0, 0, listen_rows, 0},
    {"audit", SET_MAP, 0, 0, audit_rows, 0},
    NAMED("socketGroup", SET_TEXT, core_settings, socket_group),
    NAMED("state", SET_TEXT, core_settings, state),
    NAMED("tracking", SET_TEXT, core_settings, tracking),
    NAMED("enableHelm", SET_BOOL, core_settings, enable_helm),
    NAMED("approvalTTL", SET_DURATION, core_settings, approval_ttl_ms),
    NAMED("waveDelay", SET_DURATION, core_settings, wave_delay_ms),
    {"limits", SET_MAP, 0, 0, limit_rows, 0},
    END,
};

struct reader {
    struct rk_arena *arena;
    struct doc_marks *marks;
    const char *file;
    struct rk_buf *later;       /* settings of a later version, with file:line */
};

static int fail_here(const struct reader *r, uint32_t mark, struct rk_err *err, const char *what,
                     rk_str name)
{
    const struct doc_mark *m = doc_marks_get(r->marks, mark);
    return rk_fail_at(err, RK_INVALID, r->file, m ? m->line : 0, 0, "%s: " RK_FMT_STR, what,
                      RK_ARG_STR(name));
}

static int read_map(const struct reader *r, const struct doc_node *map, const struct setting *table,
                    char *base, struct rk_err *err);

static int read_list(const struct reader *r, const struct doc_pair *pair, const struct setting *s,
                     char *base, struct rk_err *err)
{
    if (doc_is_null(pair->value))
        return 0;
    if (doc_type(pair->value) != DOC_LIST)
        return fail_here(r, pair->mark, err, "a list is wanted in field", pair->key);
    size_t n = doc_count(pair->value);
    char *items = rk_arena_array(r->arena, n ? n : 1, s->inner_size);
    for (size_t i = 0; i < n; i++)
        if (read_map(r, doc_at(pair->value, i), s->inner, items + i * s->inner_size, err))
            return -1;
    *(void **)(void *)(base + s->offset) = items;
    *(size_t *)(void *)(base + s->count_offset) = n;
    return 0;
}

static int read_scalar(const struct reader *r, const struct doc_pair *pair,
                       const struct setting *s, char *at, struct rk_err *err)
{
    rk_str text = doc_text(pair->value);
    int64_t number = 0;
    switch (s->kind) {
    case SET_TEXT:
        if (doc_type(pair->value) == DOC_LIST || doc_type(pair->value) == DOC_MAP ||
            doc_type(pair->value) == DOC_BOOL) /* an unquoted yes, on, y */
            return fail_here(r, pair->mark, err, "a text is wanted in field", pair->key);
        if (text.n)
            *(const char **)(void *)at = rk_arena_dup(r->arena, text.p, text.n);
        return 0;
    case SET_DURATION:
        if (!rk_str_duration(text, (uint64_t *)(void *)at))
            return fail_here(r, pair->mark, err, "a duration such as 15s is wanted in field",
                             pair->key);
        return 0;
    case SET_BOOL:
        if (doc_type(pair->value) != DOC_BOOL)
            return fail_here(r, pair->mark, err, "true or false is wanted in field", pair->key);
        *(bool *)(void *)at = pair->value->boolean;
        return 0;
    case SET_INT:
    case SET_UID:
        if (!doc_as_int(pair->value, &number) || number < 0 || number > INT32_MAX)
            return fail_here(r, pair->mark, err, "a whole number is wanted in field", pair->key);
        if (s->kind == SET_UID)
            *(uid_t *)(void *)at = (uid_t)number;
        else
            *(int64_t *)(void *)at = number;
        return 0;
    case SET_LIST:
    case SET_MAP:
    case SET_SKIP:
    case SET_LATER:
        break;
    }
    return 0;
}

static void note_later(const struct reader *r, const struct doc_pair *pair)
{
    const struct doc_mark *m = doc_marks_get(r->marks, pair->mark);
    if (doc_text(pair->value).n)
        rk_buf_f(r->later, "%s%s:%u: " RK_FMT_STR, r->later->n ? ", " : "", r->file,
                 m ? m->line : 0, RK_ARG_STR(pair->key));
}

static int read_map(const struct reader *r, const struct doc_node *map, const struct setting *table,
                    char *base, struct rk_err *err)
{
    if (doc_is_null(map))
        return 0;
    if (doc_type(map) != DOC_MAP)
        return fail_here(r, map->mark, err, "a mapping is wanted", RK_STR("here"));
    for (size_t i = 0; i < doc_count(map); i++) {
        struct doc_pair *pair = doc_pair_at(map, i);
        const struct setting *s = table;
        while (s->name && !rk_str_is(pair->key, s->name))
            s++;
        if (!s->name)
            return fail_here(r, pair->mark, err, "no such setting", pair->key);
        int rc = 0;
        if (s->kind == SET_LATER)
            note_later(r, pair);
        else if (s->kind == SET_LIST)
            rc = read_list(r, pair, s, base, err);
        else if (s->kind == SET_MAP)
            rc = read_map(r, pair->value, s->inner, base, err);
        else
            rc = read_scalar(r, pair, s, base + s->offset, err);
        if (rc)
            return -1;
    }
    return 0;
}

static void fill_defaults(struct core_settings *s)
{
    const struct { uint64_t *at, value; } rest[] = {
        {&s->approval_ttl_ms, 8u * 3600000u}, {&s->git_ms, 120000}, {&s->api_ms, 60000},
        {&s->operation_ms, 30u * 60000u},
    };
    for (size_t i = 0; i < RK_LEN(rest); i++)
        if (!*rest[i].at)
            *rest[i].at = rest[i].value;
    for (size_t i = 0; i < s->n_repos; i++)
        if (!s->repos[i].poll_ms)
            s->repos[i].poll_ms = 15000;
}

/* A name stands for one mirror, one cluster. */
static int check_names(const struct core_settings *s, const char *path, struct rk_err *err)
{
    for (size_t i = 0; i < s->n_repos; i++)
        for (size_t k = 0; k < i; k++)
            if (rk_streq(s->repos[i].name, s->repos[k].name))
                return rk_fail(err, RK_INVALID, "%s: two repositories are named %s", path,
                               s->repos[i].name);
    for (size_t i = 0; i < s->n_clusters; i++) {
        if (!s->clusters[i].name)
            return rk_fail(err, RK_INVALID, "%s: clusters[%zu] has no name", path, i);
        for (size_t k = 0; k < i; k++)
            if (rk_streq(s->clusters[i].name, s->clusters[k].name))
                return rk_fail(err, RK_INVALID, "%s: two clusters are named %s", path,
                               s->clusters[i].name);
    }
    return 0;
}

/* What the rows cannot say: required members and unique names. */
static int check(const struct core_settings *s, const char *path, struct rk_err *err)
{
    for (size_t i = 0; i < s->n_repos; i++) {
        if (!s->repos[i].url)
            return rk_fail(err, RK_INVALID, "%s: repositories[%zu] has no url", path, i);
        if (!s->repos[i].name)
            s->repos[i].name = i ? s->repos[i].url : "main";
    }
    for (size_t i = 0; i < s->n_clusters; i++)
        if (!s->clusters[i].name)
            s->clusters[i].name = i ? s->clusters[i].context : "main";
    for (size_t i = 0; i < s->n_floors; i++) {
        if (!s->floors[i].environment)
            return rk_fail(err, RK_INVALID, "%s: floors[%zu] has no environment", path, i);
        s->floors[i].has_locked = s->floors[i].locked;
    }
    if (s->tracking && !rk_streq(s->tracking, "reckon") && !rk_streq(s->tracking, "argocd"))
        return rk_fail(err, RK_INVALID, "%s: tracking is reckon or argocd, not %s", path,
                       s->tracking);
    return check_names(s, path, err);
}

int core_settings_read(const char *path, struct core_settings *out, struct rk_err *err)
{
    struct core_settings s = {.arena = rk_arena_new()};
    if (path) {
        struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct rk_buf later rk_auto(rk_buf_release) = RK_BUF_INIT;
        struct reader r = {s.arena, doc_marks_new(s.arena), path, &later};
        struct doc_read how = {.typing = DOC_CONFIG, .file = path, .marks = r.marks};
        struct doc_node *doc = NULL;
        if (rk_file_read(path, 1u << 20, &text, err) ||
            doc_yaml_read_one(s.arena, rk_arena_str(s.arena, rk_buf_view(&text)), &how, &doc, err) ||
            read_map(&r, doc, rows, (char *)&s, err) || check(&s, path, err)) {
            rk_arena_free(s.arena);
            return -1;
        }
        s.later = later.n ? rk_arena_dup(s.arena, later.p, later.n) : NULL;
    }
    fill_defaults(&s);
    *out = s;
    return 0;
}

void core_settings_release(struct core_settings *s)
{
    rk_arena_free(s->arena);
    *s = (struct core_settings){0};
}
