/*
 * logs.c: a pod's log: a few plausible lines, since nothing runs. In: GET .../log. Out: text; with
 * follow a line a second until the client leaves or the pod is gone. Owns each followed log.
 */
#include <stdlib.h>

#include "sandbox/sandbox_int.h"

enum { FOLLOW_MS = 1000, LINES = 5 };

struct following {
    struct sandbox *sb;
    struct net_exchange *x;
    char *uid;
    int64_t count;
    bool stamps;
    struct run_timer *timer;
    struct sb_stream stream;
};

static void put_line(struct rk_buf *out, bool stamps, int64_t ms, int64_t i, const char *text)
{
    char at[32];
    rk_time_format_ms(ms, at);
    if (stamps)
        rk_buf_f(out, "%s ", at);
    rk_buf_f(out, "%s sandbox: %s", at, text);
    if (i >= 0)
        rk_buf_f(out, " %lld", (long long)i);
    rk_buf_ch(out, '\n');
}

static const struct doc_node *container_status(const struct sb_object *pod, rk_str name)
{
    const struct doc_node *list = doc_walk(pod->doc, "status.containerStatuses");
    for (size_t i = 0; i < doc_count(list); i++)
        if (!name.n || rk_str_eq(doc_get_text(doc_at(list, i), "name"), name))
            return doc_at(list, i);
    return NULL;
}

static int check(struct sb_request *r, const struct sb_object *pod)
{
    const struct doc_node *containers = doc_walk(pod->doc, "spec.containers");
    rk_str name = sb_query(r, "container");
    if (!name.n && doc_count(containers) > 1) {
        rk_auto(rk_buf_release) struct rk_buf names = RK_BUF_INIT;
        for (size_t i = 0; i < doc_count(containers); i++)
            rk_buf_f(&names, "%s" RK_FMT_STR, i ? " " : "",
                     RK_ARG_STR(doc_get_text(doc_at(containers, i), "name")));
        return sb_fail_bad(&r->failure, "a container name must be specified for pod " RK_FMT_STR
                           ", choose one of: [%s]", RK_ARG_STR(pod->name), names.p);
    }
    if (!name.n)
        name = doc_get_text(doc_at(containers, 0), "name");
    bool known = false;
    for (size_t i = 0; i < doc_count(containers); i++)
        known |= rk_str_eq(doc_get_text(doc_at(containers, i), "name"), name);
    if (!known)
        return sb_fail_bad(&r->failure, "container " RK_FMT_STR " is not valid for pod " RK_FMT_STR,
                           RK_ARG_STR(name), RK_ARG_STR(pod->name));
    const struct doc_node *status = container_status(pod, name);
    const rk_str waiting = sb_str(status, "state.waiting.reason");
    if (!status || (waiting.n && !rk_str_is(waiting, "CrashLoopBackOff")))
        return sb_fail_bad(&r->failure, "container \"" RK_FMT_STR "\" in pod \"" RK_FMT_STR
                           "\" is waiting to start: " RK_FMT_STR, RK_ARG_STR(name),
                           RK_ARG_STR(pod->name),
                           RK_ARG_STR(rk_str_is(waiting, "ImagePullBackOff")
                                          ? RK_STR("trying and failing to pull image")
                                          : RK_STR("ContainerCreating")));
    return 0;
}

static void put_past(struct rk_buf *out, struct sb_request *r, const struct sb_object *pod)
{
    static const char *const lines[LINES] = {
        "this is an imagined log, no container runs", "configuration read", "listening on :8080",
        "ready", "request served in 3 ms"};
    const bool stamps = rk_str_is(sb_query(r, "timestamps"), "true");
    int64_t tail = LINES, start = 0;
    rk_str_int(sb_query(r, "tailLines"), &tail);
    rk_time_parse(sb_str(pod->doc, "metadata.creationTimestamp"), &start);
    for (int i = 0; i < LINES; i++)
        if (i >= LINES - tail)
            put_line(out, stamps, start + i * 40, -1, lines[i]);
}

/* ---- follow ---- */

static void free_following(struct following *f)
{
    run_timer_stop(f->timer);
    free(f->uid);
    free(f);
}

static void follower_gone(struct sb_stream *s)
{
    free_following(s->owner);
}

static void next_line(void *ctx)
{
    struct following *f = ctx;
    struct net_exchange *x = f->x;
    rk_auto(rk_buf_release) struct rk_buf line = RK_BUF_INIT;
    put_line(&line, f->stamps, rk_wall_ms(), ++f->count, "request served, number");
    if (sb_find_uid(f->sb, rk_str_c(f->uid)) && net_stream_write(x, rk_buf_view(&line)))
        return;
    x->user = NULL;
    free_following(f);
    net_stream_end(x);
}

static void follow(struct sb_request *r, const struct sb_object *pod, const struct rk_buf *past)
{
    struct following *f = rk_alloc(sizeof(*f));
    f->sb = r->sb;
    f->x = r->x;
    f->uid = rk_str_dup(pod->uid);
    f->stamps = rk_str_is(sb_query(r, "timestamps"), "true");
    f->stream = (struct sb_stream){follower_gone, f};
    r->x->user = &f->stream;
    net_stream_begin(r->x, 200, "text/plain");
    f->timer = run_timer_start(r->sb->loop, FOLLOW_MS, FOLLOW_MS, next_line, f);
    net_stream_write(r->x, rk_buf_view(past));
}

void sb_logs(struct sb_request *r)
{
    const struct sb_object *pod = sb_find(r->type, r->ns, r->name);
    const rk_str follows = sb_query(r, "follow");
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT;
    if (!pod)
        sb_fail_not_found(&r->failure, r->type, r->name);
    if (!pod || check(r, pod) < 0) {
        sb_reply_failure(r);
        return;
    }
    put_past(&text, r, pod);
    if (rk_str_is(follows, "true") || rk_str_is(follows, "1"))
        follow(r, pod, &text);
    else
        sb_reply_text(r, 200, "text/plain", rk_buf_view(&text));
}
