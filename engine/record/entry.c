/*
 * entry.c: an audit entry in its two forms: entry.json (the whole record) and the commit message
 * (subject, one line of text, trailers). One table names the texts; both forms are made from it.
 *
 * Every text is made safe and cut to its limit before it is written anywhere, so no value can hold
 * a newline and forge a trailer; the free text is indented, which no trailer is. What is read back
 * is checked as any foreign document. Pure.
 */
#include "base/hash.h"
#include "reckon/text.h"
#include "reckon/time.h"
#include "record/record_int.h"

static const struct text_row {
    const char *json, *trailer;         /* trailer NULL: only in entry.json */
    size_t at, limit;
} text_rows[] = {
#define ROW(json, trailer, member, limit) {json, trailer, offsetof(struct record_audit, member), limit}
    ROW("id", "Reckon-Id", id, 64),
    ROW("kind", "Reckon-Kind", kind, 32),
    ROW("stage", NULL, stage, 32),
    ROW("app", "Reckon-App", app, 253),
    ROW("env", "Reckon-Env", environment, 128),
    ROW("clusterUid", "Reckon-Cluster-Uid", cluster_uid, 64),
    ROW("from", "Reckon-From", from, 64),
    ROW("to", "Reckon-To", to, 64),
    ROW("sources", NULL, sources, 4000),
    ROW("planSha256", "Reckon-Plan-Sha256", plan, 64),
    ROW("actor", "Reckon-Actor", actor, 128),
    ROW("actorEmail", NULL, actor_email, 256),
    ROW("approver", "Reckon-Approver", approver, 512),
    ROW("reason", "Reckon-Reason", reason, 1000),
    ROW("result", "Reckon-Result", result, 64),
    ROW("prev", "Reckon-Prev", prev, 64),
    ROW("message", NULL, message, 2000),
    ROW("appliedDesiredHash", NULL, applied_desired_hash, 128),
#undef ROW
};

enum { TEXT_MAX = 1000, BODY_MAX = 500, VALUES_MAX = 10000, INVENTORY_MAX = 50000 };

static const char **text_at(struct record_audit *e, const struct text_row *row)
{
    return (const char **)(void *)((char *)e + row->at);
}

static const char *text_of(const struct record_audit *e, const struct text_row *row)
{
    return *(const char *const *)(const void *)((const char *)e + row->at);
}

/* ---- cleaning ---- */

/* Cut at a character's border, with a sign that something is missing. */
static void cut(struct rk_buf *b, size_t limit)
{
    static const char more[] = "\xe2\x80\xa6";
    if (b->n <= limit)
        return;
    b->n = rk_utf8_head(rk_buf_view(b), limit - (sizeof more - 1)).n;
    rk_buf_c(b, more);
}

static rk_str clean_str(struct rk_arena *a, rk_str foreign, size_t limit)
{
    rk_auto(rk_buf_release) struct rk_buf safe = RK_BUF_INIT;
    rk_text_safe(&safe, rk_str_trim(foreign), 0);
    cut(&safe, limit);
    return rk_arena_str(a, rk_str_trim(rk_buf_view(&safe)));
}

static const char *clean(struct rk_arena *a, const char *foreign, size_t limit)
{
    rk_str s = clean_str(a, rk_str_c(foreign), limit);
    return s.n ? s.p : NULL;
}

static bool good_kind(const char *kind)
{
    return kind && kind[0] >= 'a' && kind[0] <= 'z' &&
           kind[strspn(kind, "abcdefghijklmnopqrstuvwxyz-")] == 0;
}

static void clean_values(struct rk_arena *a, struct record_audit *e)
{
    struct record_value *v = rk_arena_array(a, e->n_values + 1, sizeof *v);
    for (size_t i = 0; i < e->n_values; i++) {
        const struct record_value *from = &e->values[i];
        v[i] = (struct record_value){
            .object = clean(a, from->object, TEXT_MAX), .path = clean(a, from->path, TEXT_MAX),
            .before = clean(a, from->before, TEXT_MAX), .after = clean(a, from->after, TEXT_MAX),
            .manager = clean(a, from->manager, TEXT_MAX), .written = from->written,
            .clear = from->clear,
        };
    }
    e->values = v;
}

static void clean_inventory(struct rk_arena *a, struct record_audit *e)
{
    struct record_item *v = rk_arena_array(a, e->n_inventory + 1, sizeof *v);
    for (size_t i = 0; i < e->n_inventory; i++) {
        const struct record_item *from = &e->inventory[i];
        v[i].key = (struct kube_key){clean_str(a, from->key.group, 253),
                                     clean_str(a, from->key.kind, 253),
                                     clean_str(a, from->key.namespace, 253),
                                     clean_str(a, from->key.name, 253)};
        v[i].uid = clean(a, from->uid, 64);
    }
    e->inventory = v;
}

int record_audit_clean(struct rk_arena *a, const struct record_audit *e, struct record_audit *out,
                       struct rk_err *err)
{
    char id[37];
    *out = *e;
    if (e->n_values > VALUES_MAX || e->n_inventory > INVENTORY_MAX)
        return rk_fail(err, RK_LIMIT, "an audit entry holds at most %d values and %d objects",
                       VALUES_MAX, INVENTORY_MAX);
    for (size_t i = 0; i < RK_LEN(text_rows); i++)
        *text_at(out, &text_rows[i]) = clean(a, text_of(e, &text_rows[i]), text_rows[i].limit);
    if (!good_kind(out->kind))
        return rk_fail(err, RK_INVALID, "an audit entry's kind is a word of small letters");
    if (!out->environment || !rk_streq(out->environment, e->environment))
        return rk_fail(err, RK_INVALID, "an audit entry needs an environment with a plain name");
    if (out->time <= 0)
        out->time = rk_wall_ms();
    if (!out->id) {
        rk_uuid7(id, out->time);
        out->id = rk_arena_strdup(a, id);
    }
    if (!out->stage)
        out->stage = "event";
    out->prev = NULL;
    out->commit = NULL;
    out->seq = 0;
    clean_values(a, out);
    clean_inventory(a, out);
    return 0;
}

/* ---- entry.json ---- */

static void set_text(struct rk_arena *a, struct doc_node *map, const char *key, const char *text)
{
    if (text)
        doc_set_c(a, map, key, doc_string_c(a, text));
}

static void set_int(struct rk_arena *a, struct doc_node *map, const char *key, int64_t n)
{
    if (n)
        doc_set_c(a, map, key, doc_int(a, n));
}

static struct doc_node *values_doc(struct rk_arena *a, const struct record_audit *e)
{
    struct doc_node *list = doc_list(a);
    for (size_t i = 0; i < e->n_values; i++) {
        const struct record_value *v = &e->values[i];
        struct doc_node *m = doc_map(a);
        set_text(a, m, "object", v->object);
        set_text(a, m, "path", v->path);
        set_text(a, m, "before", v->before);
        set_text(a, m, "after", v->after);
        set_text(a, m, "manager", v->manager);
        set_int(a, m, "written", v->written);
        doc_set_c(a, m, "clear", doc_bool(a, v->clear));
        doc_push(a, list, m);
    }
    return list;
}

static struct doc_node *audit_doc(struct rk_arena *a, const struct record_audit *e)
{
    struct doc_node *m = doc_map(a);
    doc_set_c(a, m, "schema", doc_int(a, RECORD_SCHEMA));
    doc_set_c(a, m, "seq", doc_int(a, e->seq));
    for (size_t i = 0; i < RK_LEN(text_rows); i++)
        set_text(a, m, text_rows[i].json, text_of(e, &text_rows[i]));
    doc_set_c(a, m, "time", doc_int(a, e->time));
    set_int(a, m, "started", e->started);
    set_int(a, m, "finished", e->finished);
    if (e->break_glass)
        doc_set_c(a, m, "breakGlass", doc_bool(a, true));
    if (e->n_values)
        doc_set_c(a, m, "values", values_doc(a, e));
    if (e->n_inventory)
        doc_set_c(a, m, "inventory", record_items_doc(a, e->inventory, e->n_inventory));
    return m;
}

void record_audit_json(struct rk_arena *a, const struct record_audit *e, bool lines,
                       struct rk_buf *out)
{
    const struct doc_node *doc = audit_doc(a, e);
    size_t n = doc_count(doc);
    if (!lines) {
        doc_json_write(out, doc);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct doc_pair *p = doc_pair_at(doc, i);
        rk_buf_f(out, "%s\"" RK_FMT_STR "\": ", i ? ",\n  " : "{\n  ", RK_ARG_STR(p->key));
        doc_json_write(out, p->value);
    }
    rk_buf_c(out, "\n}\n");
}

static const char *got_text(struct rk_arena *a, const struct doc_node *map, const char *key)
{
    const struct doc_node *v = doc_get(map, key);
    rk_str s = doc_type(v) == DOC_STRING ? doc_text(v) : RK_STR_NONE;
    return s.n ? rk_arena_dup(a, s.p, s.n) : NULL;
}

static void read_values(struct rk_arena *a, const struct doc_node *list, struct record_audit *out)
{
    size_t n = doc_count(list);
    struct record_value *v = rk_arena_array(a, n + 1, sizeof *v);
    for (size_t i = 0; i < n; i++) {
        const struct doc_node *m = doc_at(list, i);
        v[i] = (struct record_value){
            .object = got_text(a, m, "object"), .path = got_text(a, m, "path"),
            .before = got_text(a, m, "before"), .after = got_text(a, m, "after"),
            .manager = got_text(a, m, "manager"), .written = doc_get_int(m, "written", 0),
            .clear = doc_get_bool(m, "clear", false),
        };
    }
    out->values = n ? v : NULL;
    out->n_values = n;
}

int record_audit_read(struct rk_arena *a, rk_str json, struct record_audit *out,
                      struct rk_err *err)
{
    static const struct doc_limits limits = {.nodes = 1000000};
    struct doc_node *doc = NULL;
    struct record_item *items = NULL;
    struct record_audit e = {0};
    if (doc_json_read(a, json, &limits, &doc, err) < 0)
        return rk_wrap(err, "%s", RECORD_ENTRY_FILE);
    int64_t schema = doc_get_int(doc, "schema", 0);
    e.seq = doc_get_int(doc, "seq", 0);
    if (schema > RECORD_SCHEMA)
        return rk_fail(err, RK_UNSUPPORTED, "the entry has schema %lld; this version of Reckon "
                       "reads up to %d", (long long)schema, RECORD_SCHEMA);
    if (schema < 1 || e.seq < 1)
        return rk_fail(err, RK_INVALID, "%s is not an audit entry", RECORD_ENTRY_FILE);
    for (size_t i = 0; i < RK_LEN(text_rows); i++)
        *text_at(&e, &text_rows[i]) = got_text(a, doc, text_rows[i].json);
    e.time = doc_get_int(doc, "time", 0);
    e.started = doc_get_int(doc, "started", 0);
    e.finished = doc_get_int(doc, "finished", 0);
    e.break_glass = doc_get_bool(doc, "breakGlass", false);
    read_values(a, doc_get(doc, "values"), &e);
    e.n_inventory = record_items_read(a, doc_get(doc, "inventory"), &items);
    e.inventory = items;
    *out = e;
    return 0;
}

int record_audit_load(struct git_view *v, struct rk_arena *a, const char *commit,
                      struct record_audit *out, struct rk_err *err)
{
    rk_str json;
    if (git_read(v, a, commit, RECORD_ENTRY_FILE, RECORD_ENTRY_MAX, &json, err) < 0 ||
        record_audit_read(a, json, out, err) < 0)
        return rk_wrap(err, "audit entry %.12s", commit);
    out->commit = rk_arena_strdup(a, commit);
    return 0;
}

/* ---- the commit message ---- */

void record_audit_subject(const struct record_audit *e, struct rk_buf *out)
{
    rk_buf_f(out, "%s %s", e->kind ? e->kind : "", e->environment ? e->environment : "");
    if (e->app)
        rk_buf_f(out, "/%s", e->app);
    if (e->result || e->stage)
        rk_buf_f(out, " %s", e->result ? e->result : e->stage);
    if (e->to)
        rk_buf_f(out, " %.7s", e->to);
}

void record_audit_trailers(const struct record_audit *e, struct rk_buf *out)
{
    rk_buf_f(out, "Reckon-Schema: %d\nReckon-Seq: %lld", RECORD_SCHEMA, (long long)e->seq);
    for (size_t i = 0; i < RK_LEN(text_rows); i++) {
        const char *text = text_of(e, &text_rows[i]);
        if (text && text_rows[i].trailer)
            rk_buf_f(out, "\n%s: %s", text_rows[i].trailer, text);
    }
}

void record_audit_message(const struct record_audit *e, struct rk_buf *out)
{
    rk_auto(rk_buf_release) struct rk_buf line = RK_BUF_INIT;
    record_audit_subject(e, out);
    rk_buf_c(out, "\n\n");
    rk_buf_c(&line, e->message ? e->message : "");
    cut(&line, BODY_MAX);
    if (line.n)
        rk_buf_f(out, "  %s\n\n", line.p);
    record_audit_trailers(e, out);
    rk_buf_ch(out, '\n');
}

static const char *trailer_differs(struct rk_arena *a, const char *name, const char *wanted,
                                   const struct git_commit *c)
{
    const char *is = git_trailer(a, c, name);
    if (rk_streq(is ? is : "", wanted ? wanted : ""))
        return NULL;
    return rk_arena_f(a, "%s says \"%s\", %s says \"%s\"", name, is ? is : "", RECORD_ENTRY_FILE,
                      wanted ? wanted : "");
}

/* Names the difference that the comparison as one text only saw. */
static const char *explain(struct rk_arena *a, const struct record_audit *e,
                           const struct git_commit *c)
{
    const char *seq = rk_arena_f(a, "%lld", (long long)e->seq);
    const char *why = trailer_differs(a, "Reckon-Seq", seq, c);
    for (size_t i = 0; !why && i < RK_LEN(text_rows); i++)
        if (text_rows[i].trailer)
            why = trailer_differs(a, text_rows[i].trailer, text_of(e, &text_rows[i]), c);
    return why ? why : "the message has other trailers than the entry gives";
}

const char *record_audit_differs(struct rk_arena *a, const struct record_audit *e,
                                 const struct git_commit *c)
{
    rk_auto(rk_buf_release) struct rk_buf want = RK_BUF_INIT;
    rk_str body = rk_str_c(c->body);
    record_audit_subject(e, &want);
    if (!rk_streq(want.p, c->subject))
        return rk_arena_f(a, "the subject is \"%s\", %s gives \"%s\"", c->subject,
                          RECORD_ENTRY_FILE, want.p);
    rk_buf_clear(&want);
    record_audit_trailers(e, &want);
    if (rk_str_is(body, want.p))
        return NULL;
    size_t gap = body.n > want.n + 2 ? body.n - want.n - 2 : 0;
    if (gap && rk_str_is((rk_str){body.p + gap + 2, want.n}, want.p) &&
        memcmp(body.p + gap, "\n\n", 2) == 0 && !memchr(body.p, '\n', gap))
        return NULL;
    return explain(a, e, c);
}
