/*
 * streams.c: many streams to one server without a connection for each, and without silent ones.
 *
 * In: streams that want to begin, answers, failures. Out: when curl gets them, and over how many
 * connections. Owns the pool's warm-up timer and each stream's watch timer.
 * Measured with 300 watches (reference/kubernetes.md section 6): curl opens a connection for each
 * beyond 100 until it knows the server's settings, and with too low a cap the rest never starts.
 * So the first stream goes alone until its answer begins; then HTTP/2 gets 2 + n/90 connections and
 * HTTP/1.1 as many as it needs. A stream without an answer after 30 s lifts the cap and starts
 * anew. Seen with 300 streams: 1 connection at a server limit of 1000, 6 at 100, all at 20.
 */
#include "net_int.h"

enum { WARM_MS = 5000, STREAMS_A_CONNECTION = 90, ANSWER_MS = 30000 };

static void set_cap(struct net_pool *p, long cap)
{
    curl_multi_setopt(p->multi, CURLMOPT_MAX_HOST_CONNECTIONS, cap);
}

static void recompute_cap(struct net_pool *p)
{
    if (p->version == NET_HTTP2)
        set_cap(p, 2 + (long)((p->streams + STREAMS_A_CONNECTION - 1) / STREAMS_A_CONNECTION));
    else
        set_cap(p, 0);
}

static void release_held(struct net_pool *p)
{
    for (struct net_request *r = p->client->all, *next; r; r = next) {
        next = r->next;
        if (r->held)
            net_pool_add(p, r);
    }
}

static void warm_too_long(void *ctx)
{
    struct net_pool *p = ctx;
    if (p->version == NET_WARMING) {
        p->version = NET_UNKNOWN;
        recompute_cap(p);
        release_held(p);
    }
}

void net_stream_admit(struct net_pool *p, struct net_request *r)
{
    p->streams++;
    if (p->version == NET_WARMING) {
        r->held = true;
        return;
    }
    if (p->version == NET_UNKNOWN) {
        p->version = NET_WARMING;
        if (p->warm)
            run_timer_again(p->warm, WARM_MS);
        else
            p->warm = run_timer_start(p->client->loop, WARM_MS, 0, warm_too_long, p);
    }
    recompute_cap(p);
    net_pool_add(p, r);
}

void net_stream_answered(struct net_pool *p, CURL *easy)
{
    long version = 0;
    if (p->version != NET_WARMING && p->version != NET_UNKNOWN)
        return;
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    p->version = version >= CURL_HTTP_VERSION_2_0 ? NET_HTTP2 : NET_HTTP1;
    recompute_cap(p);
    release_held(p);
}

/* All held ones are tried at once: waiting for one time-out after the other would take hours. */
void net_stream_failed(struct net_pool *p)
{
    p->version = NET_UNKNOWN;
    recompute_cap(p);
    release_held(p);
}

/* ---- one stream's watch ---- */

static void silent(struct net_request *r)
{
    rk_fail(&r->err, RK_TIMEOUT, "%s: not a byte for %llu s", r->label,
            (unsigned long long)(r->silence_ms / 1000));
    r->over = true;
    net_pool_drop(r);
    net_pool_ready(r);
    net_pool_tell(r->pool);
}

static void nudge(struct net_request *r)
{
    r->nudged = true;
    set_cap(r->pool, 0);
    net_pool_drop(r);
    net_pool_add(r->pool, r);
}

static void watch_due(void *ctx)
{
    struct net_request *r = ctx;
    uint64_t now = run_loop_now(r->pool->client->loop), next = ANSWER_MS;
    if (r->silence_ms && now - r->last_byte >= r->silence_ms) {
        silent(r);
        return;
    }
    if (r->added && !r->head_whole && !r->nudged && now - r->began >= ANSWER_MS)
        nudge(r);
    if (r->silence_ms && r->last_byte + r->silence_ms - now < next)
        next = r->last_byte + r->silence_ms - now;
    if (r->silence_ms || (!r->head_whole && !r->nudged))
        run_timer_again(r->watch, next);
}

void net_stream_watch(struct net_request *r)
{
    struct run_loop *loop = r->pool->client->loop;
    uint64_t first = r->silence_ms && r->silence_ms < ANSWER_MS ? r->silence_ms : ANSWER_MS;
    r->watch = run_timer_start(loop, first, 0, watch_due, r);
    r->began = r->last_byte = run_loop_now(loop);
}
