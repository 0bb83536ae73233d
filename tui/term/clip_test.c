/*
 * clip_test.c: copies: what is sent to which terminal, what goes into a file, and what is said of it.
 */
#include "device_test.h"

static void copied(const char *how, const struct rk_err *err, void *ctx)
{
    struct world *w = ctx;

    w->copies++;
    snprintf(w->how, sizeof(w->how), "%s", how ? how : "");
    if (err)
        w->copy_err = *err;
}

static void copy(struct world *w, rk_str text)
{
    int before = w->copies;

    term_copy(w->term, text, copied, w);
    assert_int_equal(w->copies, before); /* never inside the call */
    WAIT(w, w->copies == before + 1);
}

static void a_copy_goes_to_the_terminal(void **state)
{
    struct world *w = *state;

    open_term(w);
    copy(w, RK_STR("hello"));
    assert_string_equal(w->how, "sent to the terminal");
    WAIT(w, strstr(w->got.p, "\033]52;c;aGVsbG8=\033\\"));
    copy(w, RK_STR(""));
    WAIT(w, strstr(w->got.p, "\033]52;c;\033\\"));
}

static void gnu_screen_gets_it_in_pieces(void **state)
{
    struct world *w = *state;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, osc = RK_BUF_INIT, all = RK_BUF_INIT;

    for (int i = 0; i < 1000; i++)
        rk_buf_ch(&text, (char)('a' + i % 26));
    setenv("STY", "123.pts-0.host", 1);
    open_term(w);
    WAIT(w, w->vt.alternate);
    rk_buf_clear(&w->got);
    copy(w, rk_buf_view(&text));
    rk_buf_c(&osc, "\033]52;c;");
    rk_base64(&osc, text.p, text.n);
    rk_buf_c(&osc, "\a");
    rk_buf_c(&all, "\033P");
    rk_buf_add(&all, osc.p, 768);
    rk_buf_c(&all, "\033\\\033P");
    rk_buf_add(&all, osc.p + 768, osc.n - 768);
    rk_buf_c(&all, "\033\\");
    WAIT(w, w->got.n >= all.n);
    assert_string_equal(w->got.p, all.p);
    unsetenv("STY");
}

static char *scratch(void)
{
    char *dir = rk_strdup("/tmp/reckon-term-XXXXXX");

    assert_non_null(mkdtemp(dir));
    return dir;
}

static void read_file(const char *path, struct rk_buf *out, mode_t *mode)
{
    char bytes[4096];
    struct stat st;
    ssize_t n;
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    *mode = st.st_mode & 0777;
    rk_buf_clear(out);
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        rk_buf_add(out, bytes, (size_t)n);
    close(fd);
}

static void what_no_terminal_takes_goes_into_a_file(void **state)
{
    struct world *w = *state;
    rk_auto(rk_buf_release) struct rk_buf text = RK_BUF_INIT, back = RK_BUF_INIT;
    char *dir = scratch();
    const char *path;
    mode_t mode;

    setenv("XDG_RUNTIME_DIR", dir, 1);
    open_term(w);
    while (text.n < 56246) /* one byte more than 74,994 of base64 hold */
        rk_buf_ch(&text, 'x');
    copy(w, rk_buf_view(&text));
    assert_true(rk_str_starts(rk_str_c(w->how), "written to "));
    path = w->how + strlen("written to ");
    assert_true(rk_str_starts(rk_str_c(path), dir));
    read_file(path, &back, &mode);
    assert_int_equal(mode, 0600);
    assert_true(rk_str_eq(rk_buf_view(&back), rk_buf_view(&text)));
    unlink(path);
    rk_buf_clear(&text);
    while (text.n < 56244)
        rk_buf_ch(&text, 'x');
    copy(w, rk_buf_view(&text));
    assert_string_equal(w->how, "sent to the terminal");
    setenv("XDG_RUNTIME_DIR", "/nonexistent", 1); /* then /tmp */
    rk_buf_c(&text, "more");
    copy(w, rk_buf_view(&text));
    assert_true(rk_str_starts(rk_str_c(w->how), "written to /tmp/reckon-copy-"));
    unlink(w->how + strlen("written to "));
    unsetenv("XDG_RUNTIME_DIR");
    assert_int_equal(rmdir(dir), 0);
    free(dir);
}

/* A tmux that keeps what it is given, or fails. */
static char *fake_tmux(const char *dir, const char *script)
{
    char *path = rk_asprintf("%s/tmux", dir), *old = rk_strdup(getenv("PATH"));
    char *env = rk_asprintf("%s:%s", dir, old);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

    assert_true(fd >= 0);
    dprintf(fd, "#!/bin/sh\n%s\n", script);
    close(fd);
    setenv("PATH", env, 1);
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    free(env);
    free(path);
    return old;
}

static void tmux_gets_it_by_its_own_command(void **state)
{
    struct world *w = *state;
    rk_auto(rk_buf_release) struct rk_buf back = RK_BUF_INIT;
    char *dir = scratch(), *script, *path, *kept = rk_asprintf("%s/kept", dir);
    mode_t mode;

    script = rk_asprintf("echo \"$@\" >'%s'; cat >>'%s'", kept, kept);
    path = fake_tmux(dir, script);
    free(script);
    open_term(w);
    copy(w, RK_STR("by tmux"));
    assert_string_equal(w->how, "sent to tmux's buffer and the terminal");
    read_file(kept, &back, &mode);
    assert_string_equal(back.p, "load-buffer -w -\nby tmux");
    assert_null(strstr(w->got.p, "\033]52"));
    free(fake_tmux(dir, "exit 1"));
    copy(w, RK_STR("not by tmux"));
    assert_true(rk_str_starts(rk_str_c(w->how), "written to "));
    unlink(w->how + strlen("written to "));
    free(fake_tmux(dir, "cat >/dev/null; exec sleep 60"));
    term_copy(w->term, RK_STR("never told"), copied, w);
    term_copy(w->term, RK_STR("nor this"), copied, w);
    close_term(w);
    int before = w->copies;
    run_loop_run(w->loop); /* ends when their children have */
    run_loop_free(w->loop);
    w->loop = run_loop_new();
    assert_int_equal(w->copies, before);
    setenv("PATH", path, 1);
    unsetenv("TMUX");
    free(path);
    path = rk_asprintf("%s/tmux", dir);
    unlink(path);
    unlink(kept);
    assert_int_equal(rmdir(dir), 0);
    free(path);
    free(kept);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_copy_goes_to_the_terminal),
        T(gnu_screen_gets_it_in_pieces),
        T(what_no_terminal_takes_goes_into_a_file),
        T(tmux_gets_it_by_its_own_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
