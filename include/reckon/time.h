/*
 * time.h: two clocks. Intervals, back-off and expiry use rk_mono_ms; records and schedules use
 * rk_wall_ms. Pure rooms take the time as an argument and never call these.
 */
#ifndef RECKON_TIME_H
#define RECKON_TIME_H

#include "reckon/str.h"

uint64_t rk_mono_ms(void);
uint64_t rk_mono_us(void);
int64_t rk_wall_ms(void); /* since 1970, UTC */

/* RFC 3339 in UTC, whole seconds: "2026-11-21T03:14:15Z". out holds 32 bytes. */
void rk_time_format(int64_t wall_ms, char out[32]);
void rk_time_format_ms(int64_t wall_ms, char out[32]);  /* "...15.123Z" */
/* RFC 3339 with any offset and fraction; false when it is not one. */
bool rk_time_parse(rk_str text, int64_t *wall_ms);
/* "45s", "3m", "2h", "5d": the largest unit, for people. out holds 16 bytes. */
void rk_time_age(int64_t ms, char out[16]);

#endif
