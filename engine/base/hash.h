/*
 * hash.h: SHA-256 (libmd), keyed hashes, hex, random bytes, ids. (base64: reckon/str.h)
 */
#ifndef RK_BASE_HASH_H
#define RK_BASE_HASH_H

#include "reckon/error.h"
#include "reckon/str.h"

#define RK_SHA256_LEN 32
#define RK_KEY_LEN 32

struct rk_sha256 {
    _Alignas(16) unsigned char state[208];  /* libmd's context; hash.c asserts that it fits */
};

void rk_sha256_init(struct rk_sha256 *h);
void rk_sha256_add(struct rk_sha256 *h, const void *p, size_t n);
void rk_sha256_end(struct rk_sha256 *h, uint8_t out[RK_SHA256_LEN]);
void rk_sha256_hex(rk_str bytes, char out[65]);

/* HMAC-SHA-256: the keyed hash that stands for secret values and makes fingerprints. */
struct rk_hmac {
    struct rk_sha256 inner;
    uint8_t pad[64];
};
void rk_hmac_init(struct rk_hmac *h, const uint8_t key[RK_KEY_LEN]);
void rk_hmac_add(struct rk_hmac *h, const void *p, size_t n);
/* As rk_hmac_add, preceded by the length: fields cannot run into each other. */
void rk_hmac_field(struct rk_hmac *h, rk_str field);
void rk_hmac_end(struct rk_hmac *h, uint8_t out[RK_SHA256_LEN]);

void rk_hex(const uint8_t *p, size_t n, char *out);     /* 2n + 1 bytes */
bool rk_unhex(rk_str hex, uint8_t *out, size_t n);      /* exactly n bytes */

int rk_random(void *p, size_t n, struct rk_err *err) RK_MUST_CHECK;
void rk_uuid7(char out[37], int64_t wall_ms);           /* RFC 9562 version 7 */
void rk_wipe(void *p, size_t n);                        /* not optimized away */

#endif
