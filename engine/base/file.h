/*
 * file.h: whole files, written atomically (temporary name, fsync, rename, fsync of the folder).
 */
#ifndef RK_BASE_FILE_H
#define RK_BASE_FILE_H

#include <sys/types.h>

#include "reckon/error.h"
#include "reckon/str.h"

/* Reads at most limit bytes; larger files are RK_LIMIT, folders RK_INVALID. out is replaced. */
int rk_file_read(const char *path, size_t limit, struct rk_buf *out, struct rk_err *err)
    RK_MUST_CHECK;
int rk_file_write(const char *path, rk_str bytes, mode_t mode, struct rk_err *err) RK_MUST_CHECK;
int rk_mkdirs(const char *path, mode_t mode, struct rk_err *err) RK_MUST_CHECK; /* exists: fine */
/* Removes a folder with all that is in it; does not follow links; NOT_FOUND is fine. */
int rk_remove_tree(const char *path, struct rk_err *err) RK_MUST_CHECK;
bool rk_path_exists(const char *path);
bool rk_path_is_dir(const char *path);
/*
 * Lexical: joins (an absolute rel too, below dir), drops "." and "a/..", no doubled slashes; ".."
 * above the start stays, also behind a leading "/", so that a caller sees it. Nothing left is ".".
 */
char *rk_path_join(const char *dir, const char *rel) RK_MUST_CHECK;
char *rk_path_clean(const char *path) RK_MUST_CHECK;
/* Names in a folder, sorted bytewise, without . and ..; free with rk_names_free. */
int rk_dir_names(const char *path, char ***names, size_t *n, struct rk_err *err) RK_MUST_CHECK;
void rk_names_free(char **names, size_t n);

#endif
