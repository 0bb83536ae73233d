/*
 * hash.c: SHA-256 by libmd, HMAC on it, random bytes, ids. In: bytes. Out: digests, ids.
 *
 * The only file that includes sha2.h: libmd's context lies in struct rk_sha256's bytes. Contexts
 * are wiped when they end, because keys and secret values go through them.
 */
#include "base/hash.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <sys/random.h>

_Static_assert(sizeof(SHA2_CTX) <= sizeof(struct rk_sha256), "libmd's context fits");
_Static_assert(_Alignof(SHA2_CTX) <= 16, "libmd's context is aligned");

static SHA2_CTX *ctx(struct rk_sha256 *h)
{
    return (SHA2_CTX *)(void *)h->state;
}

void rk_sha256_init(struct rk_sha256 *h)
{
    SHA256Init(ctx(h));
}

void rk_sha256_add(struct rk_sha256 *h, const void *p, size_t n)
{
    if (n)
        SHA256Update(ctx(h), p, n);
}

void rk_sha256_end(struct rk_sha256 *h, uint8_t out[RK_SHA256_LEN])
{
    SHA256Final(out, ctx(h));
    rk_wipe(h, sizeof(*h));
}

void rk_sha256_hex(rk_str bytes, char out[65])
{
    struct rk_sha256 h;
    uint8_t digest[RK_SHA256_LEN];

    rk_sha256_init(&h);
    rk_sha256_add(&h, bytes.p, bytes.n);
    rk_sha256_end(&h, digest);
    rk_hex(digest, sizeof(digest), out);
}

void rk_hmac_init(struct rk_hmac *h, const uint8_t key[RK_KEY_LEN])
{
    uint8_t inner[sizeof(h->pad)];

    for (size_t i = 0; i < sizeof(h->pad); i++) {
        uint8_t k = i < RK_KEY_LEN ? key[i] : 0;

        inner[i] = k ^ 0x36;
        h->pad[i] = k ^ 0x5c;
    }
    rk_sha256_init(&h->inner);
    rk_sha256_add(&h->inner, inner, sizeof(inner));
    rk_wipe(inner, sizeof(inner));
}

void rk_hmac_add(struct rk_hmac *h, const void *p, size_t n)
{
    rk_sha256_add(&h->inner, p, n);
}

void rk_hmac_field(struct rk_hmac *h, rk_str field)
{
    uint8_t length[8];

    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (uint8_t)((uint64_t)field.n >> (8 * i));
    rk_hmac_add(h, length, sizeof(length));
    rk_hmac_add(h, field.p, field.n);
}

void rk_hmac_end(struct rk_hmac *h, uint8_t out[RK_SHA256_LEN])
{
    struct rk_sha256 outer;

    rk_sha256_end(&h->inner, out);
    rk_sha256_init(&outer);
    rk_sha256_add(&outer, h->pad, sizeof(h->pad));
    rk_sha256_add(&outer, out, RK_SHA256_LEN);
    rk_sha256_end(&outer, out);
    rk_wipe(h, sizeof(*h));
}

int rk_random(void *p, size_t n, struct rk_err *err)
{
    uint8_t *to = p;

    while (n) {
        ssize_t got = getrandom(to, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return rk_fail_errno(err, errno, "the system gives no random bytes");
        to += got;
        n -= (size_t)got;
    }
    return 0;
}

void rk_uuid7(char out[37], int64_t wall_ms)
{
    uint8_t id[16];
    char hex[33];
    struct rk_err err;

    if (rk_random(id, sizeof(id), &err) != 0)
        rk_fatal("%s", err.text);
    for (size_t i = 0; i < 6; i++)
        id[i] = (uint8_t)((uint64_t)wall_ms >> (40 - 8 * i));
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0f));
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
    rk_hex(id, sizeof(id), hex);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void rk_wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}
