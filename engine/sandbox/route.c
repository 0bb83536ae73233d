/*
 * route.c: a request's way in. In: an exchange with its whole body. Out: one handler called, which
 * answers. Checks the token, cuts the path into kind, namespace, name and subresource, plays
 * the faults. Owns the request until it is answered; watches and followed logs outlive it.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

/* ---- who asks, in which form ---- */

static bool open_to_all(rk_str path)
{
    return rk_str_is(path, "/readyz") || rk_str_is(path, "/livez") ||
           rk_str_is(path, "/healthz") || rk_str_is(path, "/version");
}

static bool token_is(rk_str given, const char *token)
{
    unsigned differs = given.n != strlen(token);
    for (size_t i = 0; i < given.n && !differs; i++)
        differs |= (unsigned char)given.p[i] ^ (unsigned char)token[i];
    return !differs;
}

static bool allowed(const struct sb_request *r)
{
    const rk_str auth = net_header(r->x, "Authorization");
    return rk_str_starts(auth, "Bearer ") &&
           token_is(rk_str_trim((rk_str){auth.p + 7, auth.n - 7}), r->sb->token);
}

/* The first form in Accept that this server knows. */
static int read_accept(struct sb_request *r)
{
    rk_str rest = net_header(r->x, "Accept");
    bool any = rest.n == 0;
    while (rest.n) {
        const rk_str one = rk_str_trim(rk_str_cut(rest, ',', &rest));
        if (!rk_str_starts(one, "application/json") && !rk_str_starts(one, "*/*") &&
            !rk_str_starts(one, "application/*"))
            continue;
        any = true;
        if (sb_holds(one, "as=Table"))
            r->form = SB_TABLE;
        else if (sb_holds(one, "as=PartialObjectMetadata"))
            r->form = SB_METADATA;
        break;
    }
    if (any)
        return 0;
    return sb_fail(&r->failure, 406, "NotAcceptable",
                   "only the following media types are accepted: "
                                                      "application/json, application/yaml");
}

static const char *options_of(const struct sb_request *r)
{
    static const char *const names[][2] = {{"PATCH", "PatchOptions"}, {"PUT", "UpdateOptions"},
                                           {"DELETE", "DeleteOptions"}};
    for (size_t i = 0; i < RK_LEN(names); i++)
        if (rk_streq(r->x->method, names[i][0]))
            return names[i][1];
    return "CreateOptions";
}

static int read_options(struct sb_request *r)
{
    const rk_str dry = sb_query(r, "dryRun"), agent = net_header(r->x, "User-Agent");
    r->manager = sb_query(r, "fieldManager");
    r->validation = sb_query(r, "fieldValidation");
    r->dry_run = rk_str_is(dry, "All");
    if (dry.n && !r->dry_run)
        return sb_fail_option(&r->failure, options_of(r), "FieldValueNotSupported", "dryRun",
                              "Unsupported value: [\"" RK_FMT_STR "\"]: supported values: \"All\"",
                              RK_ARG_STR(dry));
    if (r->validation.n && !rk_str_is(r->validation, "Strict") &&
        !rk_str_is(r->validation, "Warn") && !rk_str_is(r->validation, "Ignore"))
        return sb_fail_option(&r->failure, options_of(r), "FieldValueNotSupported",
                              "fieldValidation", "Unsupported value: \"" RK_FMT_STR "\": supported "
                              "values: \"Ignore\", \"Strict\", \"Warn\"",
                              RK_ARG_STR(r->validation));
    if (r->manager.n > 128)
        return sb_fail_bad(&r->failure, "fieldManager: Too long: may not be more than 128 bytes");
    if (!r->manager.n)
        r->manager = rk_str_cut(agent, '/', NULL);
    if (!r->manager.n)
        r->manager = RK_STR("unknown");
    r->manager = rk_arena_str(r->arena, r->manager);
    return 0;
}

/* ---- answers ---- */

rk_str sb_query(const struct sb_request *r, const char *name)
{
    return net_query(r->x, name);
}

void sb_reply_text(struct sb_request *r, int code, const char *content_type, rk_str text)
{
    const char *const headers[] = {r->warning.n ? r->warning.p : NULL, NULL};
    net_reply(r->x, code, content_type, text, headers);
}

void sb_reply_doc(struct sb_request *r, int code, const struct doc_node *doc)
{
    rk_auto(rk_buf_release) struct rk_buf body = RK_BUF_INIT;
    doc_json_write(&body, doc);
    rk_buf_ch(&body, '\n');
    sb_reply_text(r, code, "application/json", rk_buf_view(&body));
}

void sb_reply_object(struct sb_request *r, int code, const struct sb_object *o)
{
    struct sb_object *one[1];
    memcpy(one, &o, sizeof(o));
    if (r->form == SB_TABLE)
        sb_reply_doc(r, code, sb_table(r->arena, o->type, one, 1,
                                       rk_str_is(sb_query(r, "includeObject"), "Object"),
                                       rk_wall_ms()));
    else if (r->form == SB_METADATA)
        sb_reply_doc(r, code, sb_partial(r->arena, o->doc));
    else
        sb_reply_doc(r, code, o->doc);
}

void sb_reply_failure(struct sb_request *r)
{
    rk_auto(rk_buf_release) struct rk_buf body = RK_BUF_INIT;
    doc_json_write(&body, sb_status_doc(r->arena, &r->failure));
    rk_buf_ch(&body, '\n');
    char *retry = rk_arena_f(r->arena, "Retry-After: %d", r->failure.retry_after_s);
    const char *const headers[] = {r->failure.retry_after_s ? retry : NULL, NULL};
    net_reply(r->x, r->failure.code, "application/json", rk_buf_view(&body), headers);
}

int sb_read_body(struct sb_request *r, struct doc_node **out)
{
    const rk_str type = net_header(r->x, "Content-Type");
    const bool yaml = sb_holds(type, "yaml");
    const rk_str body = rk_arena_str(r->arena, r->x->body);
    struct doc_read how = {.typing = DOC_CONFIG};
    struct rk_err err;
    if (type.n && !yaml && !sb_holds(type, "json"))
        return sb_fail(&r->failure, 415, "UnsupportedMediaType",
                       "the body of the request was in an unknown format - accepted media types "
                       "include: application/json, application/yaml");
    const rk_str trimmed = rk_str_trim(body);
    const bool json = rk_str_starts(trimmed, "{") || rk_str_starts(trimmed, "[");
    if (json && doc_json_read(r->arena, body, NULL, out, &err) == 0)
        return 0;
    if (yaml && doc_yaml_read_one(r->arena, body, &how, out, &err) == 0)
        return 0;
    if (!json && !yaml)
        return sb_fail_bad(&r->failure, "the body is no JSON object");
    return sb_fail_bad(&r->failure, "the body is not %s: %s", yaml ? "YAML" : "JSON", err.text);
}

/* ---- paths ---- */

static rk_str segment(rk_str *path)
{
    while (path->n && path->p[0] == '/')
        *path = (rk_str){path->p + 1, path->n - 1};
    return rk_str_cut(*path, '/', path);
}

static void not_found_path(struct sb_request *r)
{
    sb_fail(&r->failure, 404, "NotFound", "the server could not find the requested resource");
    sb_reply_failure(r);
}

/* group/version/[namespaces/NS/]plural[/name[/sub[/rest]]] */
static bool find_target(struct sb_request *r, rk_str group, rk_str path)
{
    const rk_str version = segment(&path);
    rk_str plural = segment(&path);
    rk_str first = path;
    const rk_str ns = segment(&first);
    rk_str after = first;
    const rk_str next = segment(&after);
    const bool space = rk_str_is(plural, "namespaces") && group.n + next.n > 0;
    if (space && (group.n || (!rk_str_is(next, "status") && !rk_str_is(next, "finalize")))) {
        r->ns = ns;
        plural = next;
        path = after;
    }
    r->type = sb_type_of_plural(r->sb, group, version, plural);
    r->name = segment(&path);
    r->sub = segment(&path);
    r->rest = path.p ? path : RK_STR("");
    return r->type != NULL && (r->ns.p == NULL || r->type->namespaced);
}

/* ---- verbs ---- */

static bool is(const struct sb_request *r, const char *method)
{
    return rk_streq(r->x->method, method);
}

static void refuse_method(struct sb_request *r)
{
    sb_fail(&r->failure, 405, "MethodNotAllowed",
            "the server does not allow this method on the requested resource");
    sb_reply_failure(r);
}

static void dispatch_sub(struct sb_request *r)
{
    const bool pod = rk_streq(r->type->kind, "Pod") && !r->type->group[0];
    if (rk_str_is(r->sub, "status") && r->type->flags & SB_STATUS) {
        if (is(r, "GET"))
            sb_get(r);
        else if (is(r, "PUT"))
            sb_update(r);
        else if (is(r, "PATCH"))
            sb_patch(r);
        else
            refuse_method(r);
    } else if (rk_str_is(r->sub, "scale") && r->type->flags & SB_SCALE) {
        sb_scale(r);
    } else if (pod && rk_str_is(r->sub, "log") && is(r, "GET")) {
        sb_logs(r);
    } else if (rk_str_is(r->sub, "proxy") && rk_streq(r->type->kind, "Service")) {
        sb_proxy(r);
    } else if (pod && rk_str_is(r->sub, "eviction") && is(r, "POST")) {
        sb_delete(r);
    } else {
        not_found_path(r);
    }
}

static bool asks_watch(const struct sb_request *r)
{
    const rk_str w = sb_query(r, "watch");
    return net_has_query(r->x, "watch") && (w.n == 0 || rk_str_is(w, "1") || rk_str_is(w, "true"));
}

static void dispatch(struct sb_request *r)
{
    if (r->sub.n) {
        dispatch_sub(r);
    } else if (r->name.n) {
        if (is(r, "GET"))
            asks_watch(r) ? sb_watch(r) : sb_get(r);
        else if (is(r, "PUT"))
            sb_update(r);
        else if (is(r, "PATCH"))
            sb_patch(r);
        else if (is(r, "DELETE"))
            sb_delete(r);
        else
            refuse_method(r);
    } else if (is(r, "GET")) {
        asks_watch(r) ? sb_watch(r) : sb_list_reply(r);
    } else if (is(r, "POST")) {
        sb_create(r);
    } else if (is(r, "DELETE")) {
        sb_delete_collection(r);
    } else {
        refuse_method(r);
    }
}

/* ---- faults on request ---- */

static int play_faults(struct sb_request *r)
{
    struct sandbox_faults *faults = &r->sb->opts.faults;
    if (faults->too_many) {
        faults->too_many--;
        r->failure.retry_after_s = 1;
        return sb_fail(&r->failure, 429, "TooManyRequests",
                       "the server has received too many requests and has asked us to try again "
                       "later");
    }
    if (faults->errors && !is(r, "GET")) {
        faults->errors--;
        return sb_fail(&r->failure, 500, "InternalError",
                       "Internal error occurred: the sandbox was asked for this fault");
    }
    return 0;
}

static void version(struct sb_request *r)
{
    static const char text[] =
        "{\"major\":\"1\",\"minor\":\"35\",\"gitVersion\":\"" SANDBOX_VERSION "\","
        "\"gitCommit\":\"\",\"gitTreeState\":\"clean\",\"buildDate\":\"2026-01-01T00:00:00Z\","
        "\"goVersion\":\"none\",\"compiler\":\"none\",\"platform\":\"linux/amd64\"}\n";
    sb_reply_text(r, 200, "application/json", rk_str_c(text));
}

static void route(struct sb_request *r)
{
    const rk_str whole = rk_str_c(r->x->path);
    rk_str path = whole;
    if (!open_to_all(whole) && !allowed(r)) {
        sb_fail(&r->failure, 401, "Unauthorized", "Unauthorized");
        sb_reply_failure(r);
        return;
    }
    if (read_accept(r) < 0 || read_options(r) < 0) {
        sb_reply_failure(r);
        return;
    }
    const rk_str top = segment(&path);
    if (rk_str_is(whole, "/version")) {
        version(r);
    } else if (open_to_all(whole)) {
        sb_reply_text(r, 200, "text/plain", RK_STR("ok"));
    } else if (rk_str_is(top, "openapi")) {
        sb_openapi(r, path.p ? path : RK_STR(""));
    } else if (rk_str_is(top, "api") || rk_str_is(top, "apis")) {
        rk_str rest = path;
        rk_str group = rk_str_is(top, "apis") ? segment(&rest) : RK_STR("");
        rk_str behind = rest;
        segment(&behind);
        if (!segment(&behind).n)
            sb_discover(r, whole);
        else if (play_faults(r) < 0)
            sb_reply_failure(r);
        else if (sb_review(r))
            return;
        else if (find_target(r, group, rest))
            dispatch(r);
        else
            not_found_path(r);
    } else {
        not_found_path(r);
    }
}

static void handle(struct sandbox *sb, struct net_exchange *x)
{
    struct sb_request r = {.sb = sb, .x = x, .arena = rk_arena_new_wiping()};
    r.failure.arena = r.arena;
    r.warning = RK_BUF_INIT;
    route(&r);
    rk_buf_release(&r.warning);
    rk_arena_free(r.arena);
}

/* ---- latency: exchanges that wait for their turn ---- */

struct sb_late {
    struct sandbox *sb;
    struct net_exchange *x;
    struct run_timer *timer;
    struct sb_late *next;
};

static void late_out(struct sb_late *late)
{
    for (struct sb_late **p = &late->sb->late; *p; p = &(*p)->next) {
        if (*p == late) {
            *p = late->next;
            break;
        }
    }
    run_timer_stop(late->timer);
}

static void late_now(void *ctx)
{
    struct sb_late *late = ctx;
    late_out(late);
    handle(late->sb, late->x);
    free(late);
}

void sb_late_stop(struct sandbox *sb)
{
    while (sb->late) {
        struct sb_late *late = sb->late;
        late_out(late);
        net_reply(late->x, 503, "text/plain", RK_STR("stopping\n"), NULL);
        free(late);
    }
}

void sb_handle(struct net_exchange *x, void *ctx)
{
    struct sandbox *sb = ctx;
    if (!sb->opts.faults.latency_ms) {
        handle(sb, x);
        return;
    }
    struct sb_late *late = rk_alloc(sizeof(*late));
    late->sb = sb;
    late->x = x;
    late->next = sb->late;
    sb->late = late;
    late->timer = run_timer_start(sb->loop, sb->opts.faults.latency_ms, 0, late_now, late);
}
