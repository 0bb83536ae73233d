/*
 * log.h: logfmt lines (ts level msg key=value) to a file with rotation and to a ring that the
 * log view reads. Rooms below `sync` return errors and do not log. Not for audit records.
 * Values are made safe (text.h); a secret never gets here (design.md section 4).
 */
#ifndef RK_BASE_LOG_H
#define RK_BASE_LOG_H

#include "reckon/error.h"
#include "reckon/str.h"

enum rk_log_level { RK_LOG_DEBUG, RK_LOG_INFO, RK_LOG_WARN, RK_LOG_ERROR, RK_LOG_LEVEL_MAX };

/* Without rk_log_open lines go to stderr. path is rotated to path.1 at 4 MiB. */
int rk_log_open(const char *path, enum rk_log_level least, bool also_stderr, struct rk_err *err)
    RK_MUST_CHECK;
void rk_log_close(void);
/*
 * fmt gives the rest of the line: "msg=\"applied\" app=%s". The caller quotes foreign values with
 * rk_log_quote. The whole line is made safe (a newline becomes \n) and cut at 4 KiB.
 */
void rk_log(enum rk_log_level level, const char *fmt, ...) RK_PRINTF(2, 3);
/* Appends a quoted, safe logfmt value. */
void rk_log_quote(struct rk_buf *out, rk_str value);
/*
 * The last lines (1024 are kept), oldest first; *next is a cursor (0 = from the oldest kept) and
 * moves behind the last. Returns how many. line is called without the lock. Thread-safe.
 */
size_t rk_log_ring(uint64_t *next, void (*line)(rk_str line, void *ctx), void *ctx);

#endif
