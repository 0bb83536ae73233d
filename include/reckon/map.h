/*
 * map.h: text -> pointer, hashed, insertion order kept for iteration. The map copies its keys;
 * values belong to the caller. Removing keeps the order of the rest.
 */
#ifndef RECKON_MAP_H
#define RECKON_MAP_H

#include "reckon/str.h"

struct rk_map;

struct rk_map *rk_map_new(void) RK_MUST_CHECK __attribute__((returns_nonnull));
void rk_map_free(struct rk_map *m, void (*free_value)(void *));  /* free_value may be NULL */

void *rk_map_get(const struct rk_map *m, const char *key);      /* NULL when absent */
void *rk_map_get_n(const struct rk_map *m, rk_str key);
void *rk_map_set(struct rk_map *m, const char *key, void *value); /* the old value or NULL */
void *rk_map_set_n(struct rk_map *m, rk_str key, void *value);
void *rk_map_del(struct rk_map *m, const char *key);            /* returns the value or NULL */
size_t rk_map_count(const struct rk_map *m);

/*
 * for (size_t it = 0; rk_map_next(m, &it, &key, &value); ) ...
 * Deleting the entry just returned is allowed; adding during iteration is not.
 */
bool rk_map_next(const struct rk_map *m, size_t *it, const char **key, void **value);

uint64_t rk_hash(const void *p, size_t n);                      /* not for security */

#endif
