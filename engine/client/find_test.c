/*
 * find_test.c: which engine a client finds, starts or reaches through ssh (a script named ssh).
 */
#include "client/scripted_engine.h"

/* ---- finding ---- */

static void no_engine_names_both_places(void **state)
{
    struct world *w = *state;

    open_with(w, (struct client_opts){.profile = "nobody-has-this", .reconnect = true});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_NOT_FOUND);
    assert_non_null(strstr(w->why.text, "/run/reckon/nobody-has-this.sock or "));
    assert_non_null(strstr(w->why.text, w->dir));
    assert_non_null(strstr(w->why.text, "--socket"));
}

static void finds_the_session_engine(void **state)
{
    struct world *w = *state;
    char *dir = rk_asprintf("%s/reckon", w->dir);

    assert_int_equal(mkdir(dir, 0700), 0);
    free(dir);
    free(w->path);
    w->path = client_socket_path("mine", false);
    serve(w);
    open_with(w, (struct client_opts){.profile = "mine"});
    WAIT(w, w->state == CLIENT_READY);
}

static void takes_the_socket_from_the_environment(void **state)
{
    struct world *w = *state;

    serve(w);
    setenv("RECKON_SOCKET", w->path, 1);
    open_with(w, (struct client_opts){.profile = "default"});
    WAIT(w, w->state == CLIENT_READY);
}

static void bad_options_fail_later(void **state)
{
    static const struct client_opts rows[] = {
        {.profile = "../x"}, {.profile = ""}, {.profile = ".hidden"}, {.profile = "-x"},
        {.host = "-oProxyCommand=x"}, {.host = "a b"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < RK_LEN(rows); i++) {
        w->n_states = 0;
        open_with(w, rows[i]);
        assert_int_equal(w->n_states, 0);
        WAIT(w, w->n_states == 1);
        assert_int_equal(w->state, CLIENT_FAILED);
        assert_int_equal(w->why.code, RK_INVALID);
        client_close(w->c);
        w->c = NULL;
    }
}

static void a_long_path_is_a_limit(void **state)
{
    struct world *w = *state;
    char path[200];

    memset(path, 'x', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = 0;
    open_with(w, (struct client_opts){.socket = path, .reconnect = true});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_LIMIT);
}

static void write_script(struct world *w, const char *name, const char *text)
{
    char *path rk_auto(rk_free_str) = rk_asprintf("%s/%s", w->dir, name);

    assert_int_equal(rk_file_write(path, rk_str_c(text), 0755, NULL), 0);
}

static void read_note(struct world *w, struct rk_buf *out)
{
    char *path rk_auto(rk_free_str) = rk_asprintf("%s/note", w->dir);

    rk_buf_clear(out);
    if (rk_file_read(path, 4096, out, NULL) < 0)
        rk_buf_clear(out);
}

static void starts_a_session_engine(void **state)
{
    struct world *w = *state;
    struct rk_buf note rk_auto(rk_buf_release) = RK_BUF_INIT;
    char *script = rk_asprintf("#!/bin/sh\nprintf '%%s.' \"$@\" > %s/tmp\nmv %s/tmp %s/note\n",
                               w->dir, w->dir, w->dir);
    char *program = rk_asprintf("%s/engine", w->dir);
    char *dir = rk_asprintf("%s/reckon", w->dir);

    write_script(w, "engine", script);
    assert_int_equal(rk_mkdirs(dir, 0700, NULL), 0);
    free(w->path);
    w->path = client_socket_path("mine", false);
    open_with(w, (struct client_opts){.profile = "mine", .repo = "/some repo", .start = true,
                                      .engine_program = program});
    for (uint64_t limit = rk_mono_ms() + 5000; !note.n && rk_mono_ms() < limit; turn(w))
        read_note(w, &note);
    assert_string_equal(note.p, "engine.--session.--profile.mine.--repo./some repo.");
    assert_int_equal(w->n_states, 0);
    w->hello_answer = "{\"protocol\":1,\"epoch\":7,\"engine\":\"session\",\"version\":\"9.9\","
                      "\"repositories\":[{\"name\":\"main\",\"url\":\"/some repo\"}]}";
    serve(w);
    WAIT(w, w->state == CLIENT_READY);
    free(script);
    free(program);
    free(dir);
}

static void a_missing_engine_program_is_named(void **state)
{
    struct world *w = *state;

    open_with(w, (struct client_opts){.profile = "mine", .start = true, .reconnect = true,
                                      .engine_program = "/nowhere/reckon-engine"});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_NOT_FOUND);
    assert_non_null(strstr(w->why.text, "/nowhere/reckon-engine"));
}

static void paths_follow_the_environment(void **state)
{
    struct world *w = *state;
    char *path, *want;

    path = client_socket_path("p1", true);
    assert_string_equal(path, "/run/reckon/p1.sock");
    free(path);
    path = client_socket_path("../bad", true);
    assert_string_equal(path, "/run/reckon/default.sock");
    free(path);
    path = client_socket_path(NULL, false);
    want = rk_asprintf("%s/reckon/default.sock", w->dir);
    assert_string_equal(path, want);
    free(path);
    free(want);
    unsetenv("XDG_RUNTIME_DIR");
    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("HOME", "/home/x", 1);
    path = client_socket_path("p1", false);
    assert_string_equal(path, "/home/x/.local/state/reckon/p1/engine.sock");
    free(path);
    path = client_engine_program();
    assert_non_null(strstr(path, "/reckon-engine"));
    free(path);
}

/* ---- ssh ---- */

static void with_ssh(struct world *w, const char *script)
{
    char *path = rk_asprintf("%s:/usr/bin:/bin", w->dir);

    setenv("PATH", path, 1);
    free(path);
    write_script(w, "ssh", script);
}

static void a_host_through_ssh(void **state)
{
    struct world *w = *state;
    struct rk_buf note rk_auto(rk_buf_release) = RK_BUF_INIT;
    char *script = rk_asprintf(
        "#!/bin/sh\nprintf '%%s|' \"$@\" > %s/note\necho banner >&2\nread hello\n"
        "echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" HELLO("1") "}'\nread status\n"
        "echo '{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"n\":1}}'\nread more\n", w->dir);

    with_ssh(w, script);
    open_with(w, (struct client_opts){.host = "ops@example.org", .socket = "/a b/it's",
                                      .profile = "p", .reconnect = true});
    client_call(w->c, "status", RK_STR_NONE, done, w);
    WAIT(w, w->n_done == 1);
    assert_int_equal(w->state, CLIENT_READY);
    assert_string_equal(w->results[0], "{\"n\":1}");
    read_note(w, &note);
    assert_string_equal(note.p, "-T|-o|ServerAliveInterval=15|-o|ServerAliveCountMax=3|-o|"
                                "BatchMode=yes|--|ops@example.org|reckon relay --profile 'p' "
                                "--socket '/a b/it'\\''s'|");
    free(script);
}

static void ssh_words_are_the_reason(void **state)
{
    struct world *w = *state;

    with_ssh(w, "#!/bin/sh\necho 'ops@example.org: Permission denied (publickey).' >&2\n"
                "exit 255\n");
    open_with(w, (struct client_opts){.host = "ops@example.org"});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_UNAVAILABLE);
    assert_string_equal(w->why.text, "ssh ops@example.org: ops@example.org: Permission denied "
                                     "(publickey).");
}

static void reckon_is_missing_over_there(void **state)
{
    struct world *w = *state;

    with_ssh(w, "#!/bin/sh\necho 'sh: 1: reckon: not found' >&2\nexit 127\n");
    open_with(w, (struct client_opts){.host = "example.org", .reconnect = true});
    WAIT(w, w->state == CLIENT_FAILED);
    assert_int_equal(w->why.code, RK_NOT_FOUND);
    assert_non_null(strstr(w->why.text, "reckon is not installed there"));
}

static void a_hanging_ssh_is_ended(void **state)
{
    struct world *w = *state;
    struct rk_buf note rk_auto(rk_buf_release) = RK_BUF_INIT;
    char *script = rk_asprintf("#!/bin/sh\ntrap '' TERM\necho $$ > %s/note\n"
                               "while :; do read x || sleep 0.01; done\n", w->dir);
    int64_t pid;

    with_ssh(w, script);
    open_with(w, (struct client_opts){.host = "example.org", .reconnect = true});
    WAIT(w, (read_note(w, &note), note.n > 0));
    client_close(w->c);
    w->c = NULL;
    assert_true(rk_str_int(rk_str_trim(rk_buf_view(&note)), &pid));
    char *proc = rk_asprintf("/proc/%d", (int)pid);
    assert_int_equal(access(proc, F_OK), -1);
    free(proc);
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(no_engine_names_both_places),
        T(finds_the_session_engine),
        T(takes_the_socket_from_the_environment),
        T(bad_options_fail_later),
        T(a_long_path_is_a_limit),
        T(starts_a_session_engine),
        T(a_missing_engine_program_is_named),
        T(paths_follow_the_environment),
        T(a_host_through_ssh),
        T(ssh_words_are_the_reason),
        T(reckon_is_missing_over_there),
        T(a_hanging_ssh_is_ended),
    };

    return cmocka_run_group_tests_name("client find", tests, NULL, NULL);
}
