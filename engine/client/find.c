/*
 * find.c: options in, socket paths out; starts a session engine. The places are those of design.md
 * sections 2 and 15: /run/reckon for the system engine, then XDG_RUNTIME_DIR or the state folder
 * for the session's. Reads the environment, writes nothing but the folder for the started engine's
 * first words. Whether somebody answers is link.c's business.
 */
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/client_int.h"

enum { PROFILE_MAX = 64, WORDS_MAX = 64 * 1024 };

bool client_profile_valid(const char *profile)
{
    size_t n = strlen(profile);

    if (!n || n > PROFILE_MAX || *profile == '.' || *profile == '-')
        return false;
    return strspn(profile, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
           n;
}

static const char *profile_or_default(const char *profile)
{
    return profile && client_profile_valid(profile) ? profile : "default";
}

/* An XDG variable counts only when it is an absolute path. */
static const char *absolute_env(const char *name)
{
    const char *v = getenv(name);

    return v && *v == '/' ? v : NULL;
}

static const char *home(void)
{
    const char *h = absolute_env("HOME");
    const struct passwd *pw = h ? NULL : getpwuid(getuid());

    return h ? h : pw && pw->pw_dir && *pw->pw_dir == '/' ? pw->pw_dir : "/";
}

char *client_state_dir(const char *profile)
{
    const char *state = absolute_env("XDG_STATE_HOME");
    const char *p = profile_or_default(profile);

    return state ? rk_asprintf("%s/reckon/%s", state, p)
                 : rk_asprintf("%s/.local/state/reckon/%s", home(), p);
}

char *client_socket_path(const char *profile, bool system)
{
    const char *runtime = absolute_env("XDG_RUNTIME_DIR");
    const char *p = profile_or_default(profile);

    if (system)
        return rk_asprintf("/run/reckon/%s.sock", p);
    if (runtime)
        return rk_asprintf("%s/reckon/%s.sock", runtime, p);
    char *state rk_auto(rk_free_str) = client_state_dir(p);
    return rk_asprintf("%s/engine.sock", state);
}

static char *beside(const char *dir, const char *rel)
{
    char *joined rk_auto(rk_free_str) = rk_asprintf("%s/%s", dir, rel);

    return rk_path_clean(joined);
}

char *client_engine_program(void)
{
    static const char *const places[] = {
        "reckon-engine", "../libexec/reckon/reckon-engine", "../libexec/reckon-engine",
        "../lib/reckon/reckon-engine",
    };
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    self[n > 0 ? n : 0] = 0;
    slash = strrchr(self, '/');
    if (!slash)
        return rk_strdup("reckon-engine");
    *slash = 0;
    for (size_t i = 0; i < RK_LEN(places); i++) {
        char *path = beside(self, places[i]);
        if (access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return beside(self, places[0]);     /* the error then names the usual place */
}

static int check_host(const char *host, struct rk_err *err)
{
    for (const char *p = host; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return rk_fail(err, RK_INVALID, "--host: no blanks or control characters please");
    if (!*host || *host == '-')
        return rk_fail(err, RK_INVALID, "--host: HOST or USER@HOST is needed");
    return 0;
}

int client_find(struct client *c, struct rk_err *err)
{
    const char *named = getenv("RECKON_SOCKET");

    if (!client_profile_valid(c->profile))
        return rk_fail(err, RK_INVALID, "--profile: letters, digits and . _ - only, at most %d",
                       PROFILE_MAX);
    if (c->host)
        return check_host(c->host, err);
    if (!c->socket && named && *named)
        c->socket = rk_strdup(named);
    if (c->socket) {
        c->paths[c->n_paths++] = rk_strdup(c->socket);
        return 0;
    }
    c->paths[c->n_paths++] = client_socket_path(c->profile, true);
    c->paths[c->n_paths++] = client_socket_path(c->profile, false);
    return 0;
}

static char *words_file(const struct client *c)
{
    char *dir rk_auto(rk_free_str) = client_state_dir(c->profile);

    return rk_asprintf("%s/engine.out", dir);
}

int client_start_engine(struct client *c, struct rk_err *err)
{
    char *program rk_auto(rk_free_str) =
        c->engine_program ? rk_strdup(c->engine_program) : client_engine_program();
    char *dir rk_auto(rk_free_str) = client_state_dir(c->profile);
    char *words rk_auto(rk_free_str) = words_file(c);
    const char *argv[] = {program, "engine", "--session", "--profile", c->profile,
                          c->repo ? "--repo" : NULL, c->repo, NULL};
    struct run_child_opts opts = {.argv = argv, .keep_running = true, .log_file = words};
    struct run_child *child = NULL;

    if (strchr(program, '/') && access(program, X_OK) != 0)
        return rk_fail(err, RK_NOT_FOUND, "no engine to start: %s is missing or cannot be run",
                       program);
    if (rk_mkdirs(dir, 0700, err) < 0)
        return rk_wrap(err, "start an engine");
    (void)unlink(words);
    if (run_child_start(c->loop, &opts, NULL, NULL, &child, err) < 0)
        return rk_wrap(err, "start an engine");
    return 0;
}

void client_engine_words(struct client *c, struct rk_buf *out)
{
    char *path rk_auto(rk_free_str) = words_file(c);
    struct rk_buf all rk_auto(rk_buf_release) = RK_BUF_INIT;
    rk_str rest, line;

    if (rk_file_read(path, WORDS_MAX, &all, NULL) < 0)
        return;
    for (rest = rk_buf_view(&all); rest.n;) {
        line = rk_str_trim(rk_str_cut(rest, '\n', &rest));
        if (!line.n)
            continue;
        rk_buf_clear(out);
        rk_buf_str(out, line);
    }
}
