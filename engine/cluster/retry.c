/*
 * retry.c: is a failed request worth another try, and when? In: the Status or the transport error
 * and how often it was tried. Out: milliseconds, or -1. Everything this room sends is idempotent
 * (GET, server-side apply, DELETE with a uid), so an answer that was lost may be asked for again.
 * The table is reference/kubernetes.md section 2.7.
 */
#include "cluster/cluster_int.h"

#define TRIES_ASKED 10u   /* the server names the time */
#define TRIES_OWN 5u      /* nobody answers, or 503 */
#define TRIES_BROKEN 3u   /* 500: often a failing webhook; its message is worth more than time */
#define LONGEST_MS ((int64_t)60000)

static const struct {
    const char *reason;
    bool asked, own, broken;
} rules[] = {
    {.reason = "TooManyRequests", .asked = true, .own = true},
    {.reason = "ServerTimeout", .asked = true, .own = true},
    {.reason = "Timeout", .asked = true, .own = true},
    {.reason = "ServiceUnavailable", .asked = true, .own = true},
    {.reason = "BadGateway", .asked = true, .own = true},
    {.reason = "InternalError", .asked = true, .broken = true},
};

uint64_t retry_random(uint64_t *state) /* xorshift64*: spreads clients, no secret hangs on it */
{
    uint64_t x = *state ? *state : 0x9e3779b97f4a7c15u;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1du;
}

uint64_t retry_jitter(uint64_t ms, uint64_t *random)
{
    return ms ? ms + retry_random(random) % ms : 0;
}

static int64_t backoff(unsigned tries, uint64_t *random)
{
    unsigned step = tries < 8 ? tries - 1 : 7;

    return (int64_t)retry_jitter((uint64_t)100 << step, random);
}

int64_t retry_after(const struct retry_case *k, uint64_t *random)
{
    if (!k->status)
        return k->transport->code == RK_UNAVAILABLE && k->tries < TRIES_OWN
                   ? backoff(k->tries, random)
                   : -1;
    if (k->status->malformed)
        return -1;
    int64_t asked = k->header_ms >= 0 ? k->header_ms : k->status->retry_after_ms;
    for (size_t i = 0; i < RK_LEN(rules); i++) {
        if (!rk_str_is(k->status->reason, rules[i].reason))
            continue;
        if (rules[i].asked && asked >= 0)
            return k->tries < TRIES_ASKED ? (asked < LONGEST_MS ? asked : LONGEST_MS) : -1;
        if (rules[i].own && k->tries < TRIES_OWN)
            return backoff(k->tries, random);
        return rules[i].broken && k->tries < TRIES_BROKEN ? backoff(k->tries, random) : -1;
    }
    return -1;
}
