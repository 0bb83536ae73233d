/* gitcmd_test.c: real git, real bare repositories by path, hooks, races, a remote that hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "gitcmd/gitcmd_int.h"
#include "reckon/time.h"

struct bench {
    struct run_loop *loop;
    char dir[40];
    char *remote, *work, *mirror;
    struct gitcmd *g;
    int told;
    enum gitcmd_push verdict;
    struct rk_err err;
    char *head;
    struct rk_buf refs, text;
};

/* ---- small git, blocking ---- */

static char *git(const char *dir, const char *const *args)
{
    struct rk_buf out = RK_BUF_INIT;
    struct rk_err err = {0};
    if (gitcmd_run(dir, args, &out, &err) != 0)
        fail_msg("%s", err.text);
    char *text = rk_buf_take(&out);
    text[strcspn(text, "\n")] = 0;
    return text;
}
#define GIT(dir, ...) git(dir, (const char *const[]){__VA_ARGS__, NULL})

static void commit(struct bench *b, const char *file, const char *text)
{
    struct rk_err err;
    char *path = rk_path_join(b->work, file);
    assert_int_equal(rk_file_write(path, rk_str_c(text), 0644, &err), 0);
    free(path);
    free(GIT(b->work, "add", "-A"));
    free(GIT(b->work, "commit", "-q", "-m", text));
}

static char *tip(const char *dir, const char *ref)
{
    return GIT(dir, "rev-parse", ref);
}

static int setup(void **state)
{
    struct bench *b = rk_alloc(sizeof(*b));
    b->loop = run_loop_new();
    b->refs = b->text = RK_BUF_INIT;
    snprintf(b->dir, sizeof(b->dir), "/tmp/rk-gitcmd-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    setenv("HOME", b->dir, 1);
    setenv("XDG_CONFIG_HOME", b->dir, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    unsetenv("GIT_SSH_COMMAND");
    setenv("GIT_AUTHOR_NAME", "Tester", 1);
    setenv("GIT_AUTHOR_EMAIL", "t@example.com", 1);
    setenv("GIT_COMMITTER_NAME", "Tester", 1);
    setenv("GIT_COMMITTER_EMAIL", "t@example.com", 1);
    b->remote = rk_path_join(b->dir, "remote.git");
    b->work = rk_path_join(b->dir, "work");
    b->mirror = rk_path_join(b->dir, "state/mirror.git");
    free(GIT(NULL, "init", "-q", "--bare", "-b", "main", b->remote));
    free(GIT(NULL, "init", "-q", "-b", "main", b->work));
    commit(b, "a", "one");
    free(GIT(b->work, "push", "-q", b->remote, "main"));
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    run_loop_free(b->loop);
    rk_buf_release(&b->refs);
    rk_buf_release(&b->text);
    free(b->head);
    free(b->remote);
    free(b->work);
    free(b->mirror);
    assert_int_equal(rk_remove_tree(b->dir, &err), 0);
    free(b);
    return 0;
}

static void note(struct bench *b, const struct rk_err *err)
{
    b->told++;
    b->err = err ? *err : (struct rk_err){0};
}

static void refs_cb(const struct gitcmd_refs *refs, const struct rk_err *err, void *ctx)
{
    struct bench *b = ctx;
    note(b, err);
    assert_true((refs == NULL) == (err != NULL));
    rk_buf_clear(&b->refs);
    for (size_t i = 0; refs && i < refs->n; i++)
        rk_buf_f(&b->refs, "%s %s|", refs->v[i].id, refs->v[i].name);
    free(b->head);
    b->head = refs && refs->head ? rk_strdup(refs->head) : NULL;
}

static void plain_cb(const struct rk_err *err, void *ctx)
{
    note(ctx, err);
}

static void push_cb(enum gitcmd_push verdict, const struct rk_err *err, void *ctx)
{
    struct bench *b = ctx;
    note(b, err);
    assert_true((verdict == GITCMD_PUSHED) == (err == NULL));
    b->verdict = verdict;
}

static void text_cb(rk_str text, const struct rk_err *err, void *ctx)
{
    struct bench *b = ctx;
    note(b, err);
    rk_buf_clear(&b->text);
    rk_buf_str(&b->text, text);
}

static void finish(struct bench *b)
{
    assert_int_equal(b->told, 0);       /* never inside the call */
    run_loop_run(b->loop);
    assert_int_equal(b->told, 1);
    b->told = 0;
}

static void ls(struct bench *b, struct gitcmd_remote r)
{
    b->g = gitcmd_ls_remote(b->loop, &r, refs_cb, b);
    finish(b);
}

static void fetch(struct bench *b)
{
    const char *const specs[] = {"+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*",
                                 NULL};
    struct gitcmd_remote r = {.url = b->remote};
    b->g = gitcmd_fetch(b->loop, &r, b->mirror, specs, plain_cb, b);
    finish(b);
}

static void push(struct bench *b, const struct gitcmd_push_ref *refs, size_t n)
{
    struct gitcmd_remote r = {.url = b->remote};
    char *git_dir = rk_path_join(b->work, ".git");
    b->g = gitcmd_push(b->loop, &r, git_dir, refs, n, push_cb, b);
    free(git_dir);
    finish(b);
}

/* ---- ls-remote ---- */

static void ls_remote_lists_refs_and_head(void **state)
{
    struct bench *b = *state;
    free(GIT(b->work, "tag", "-a", "v1", "-m", "v1"));
    free(GIT(b->work, "push", "-q", b->remote, "v1"));
    ls(b, (struct gitcmd_remote){.url = b->remote});
    assert_int_equal(b->err.code, RK_OK);
    char *main = tip(b->work, "main"), *tag = tip(b->work, "v1");
    char *want = rk_asprintf("%s HEAD|%s refs/heads/main|%s refs/tags/v1|%s refs/tags/v1^{}|", main,
                             main, tag, main);
    assert_string_equal(b->refs.p, want);
    assert_string_equal(b->head, "refs/heads/main");
    free(want);
    free(main);
    free(tag);
}

static void ls_remote_of_an_empty_repository(void **state)
{
    struct bench *b = *state;
    char *empty = rk_path_join(b->dir, "empty.git");
    free(GIT(NULL, "init", "-q", "--bare", empty));
    ls(b, (struct gitcmd_remote){.url = empty});
    assert_int_equal(b->err.code, RK_OK);
    assert_string_equal(b->refs.p, "");
    assert_null(b->head);
    free(empty);
}

static void missing_repository(void **state)
{
    struct bench *b = *state;
    char *url = rk_path_join(b->dir, "nothing.git");
    ls(b, (struct gitcmd_remote){.url = url});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    assert_non_null(strstr(b->err.text, "nothing.git"));
    assert_non_null(strstr(b->err.text, "does not appear to be a git repository"));
    free(url);
}

static void what_is_no_url(void **state)
{
    struct bench *b = *state;
    static const char *const bad[] = {"", "--upload-pack=touch /tmp/x", "https://h/\nx"};
    for (size_t i = 0; i < RK_LEN(bad); i++) {
        ls(b, (struct gitcmd_remote){.url = bad[i]});
        assert_int_equal(b->err.code, RK_INVALID);
    }
}

static void ext_transport_is_refused(void **state)
{
    struct bench *b = *state;
    char *proof = rk_path_join(b->dir, "proof");
    char *url = rk_asprintf("ext::sh -c touch%% %s", proof);
    ls(b, (struct gitcmd_remote){.url = url});
    assert_int_equal(b->err.code, RK_DENIED);
    assert_false(rk_path_exists(proof));
    free(url);
    free(proof);
}

/* ---- a remote that hangs ---- */

static char *script(struct bench *b, const char *name, const char *text)
{
    struct rk_err err;
    char *path = rk_path_join(b->dir, name);
    assert_int_equal(rk_file_write(path, rk_str_c(text), 0755, &err), 0);
    return path;
}

static void hanging_remote_is_killed_whole(void **state)
{
    struct bench *b = *state;
    char *ssh = script(b, "ssh", "#!/bin/sh\necho $$ > $HOME/pid\necho \"$@\" > $HOME/args\n"
                                 "exec sleep 300\n");
    setenv("GIT_SSH_COMMAND", ssh, 1);
    uint64_t start = rk_mono_ms();
    ls(b, (struct gitcmd_remote){.url = "ssh://git@example.invalid/x.git", .time_limit_ms = 300,
                                 .ssh_key_file = "/keys/it's"});
    assert_true(rk_mono_ms() - start < 5000);
    assert_int_equal(b->err.code, RK_TIMEOUT);
    struct rk_buf got = RK_BUF_INIT;
    char *pid = rk_path_join(b->dir, "pid"), *args = rk_path_join(b->dir, "args");
    assert_int_equal(rk_file_read(pid, 100, &got, NULL), 0);
    pid_t p = (pid_t)strtol(got.p, NULL, 10);
    char stat[64];
    snprintf(stat, sizeof(stat), "/proc/%d/stat", (int)p);
    for (int i = 0; i < 200; i++) {     /* gone, or waiting for an init that does not reap */
        if (rk_file_read(stat, 4096, &got, NULL) != 0 || strstr(got.p, ") Z"))
            break;
        usleep(10000);
        assert_true(i < 199);
    }
    assert_int_equal(rk_file_read(args, 4096, &got, NULL), 0);
    assert_non_null(strstr(got.p, "-o BatchMode=yes"));
    assert_non_null(strstr(got.p, "-i /keys/it's"));
    rk_buf_release(&got);
    free(pid);
    free(args);
    free(ssh);
}

static void users_ssh_command_from_git_config(void **state)
{
    struct bench *b = *state;
    free(script(b, "own-ssh", "#!/bin/sh\necho \"$@\" > $HOME/args\nexit 255\n"));
    free(GIT(NULL, "config", "--global", "core.sshCommand", "~/own-ssh -o 'User=x y'"));
    ls(b, (struct gitcmd_remote){.url = "git@example.invalid:x.git"});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    struct rk_buf got = RK_BUF_INIT;
    char *args = rk_path_join(b->dir, "args");
    assert_int_equal(rk_file_read(args, 4096, &got, NULL), 0);
    assert_true(rk_str_starts(rk_buf_view(&got), "-o User=x y -o BatchMode=yes "));
    rk_buf_release(&got);
    free(args);
}

static void ssh_refusal_is_denied(void **state)
{
    struct bench *b = *state;
    char *ssh = script(b, "ssh", "#!/bin/sh\necho 'git@h: Permission denied (publickey).' >&2\n"
                                 "exit 255\n");
    setenv("GIT_SSH_COMMAND", ssh, 1);
    ls(b, (struct gitcmd_remote){.url = "git@example.invalid:x.git"});
    assert_int_equal(b->err.code, RK_DENIED);
    free(ssh);
}

static void cancel_cb(void *ctx)
{
    gitcmd_cancel(((struct bench *)ctx)->g);
}

static void cancelled(void **state)
{
    struct bench *b = *state;
    char *ssh = script(b, "ssh", "#!/bin/sh\nexec sleep 300\n");
    setenv("GIT_SSH_COMMAND", ssh, 1);
    struct run_timer *t = run_timer_start(b->loop, 100, 0, cancel_cb, b);
    ls(b, (struct gitcmd_remote){.url = "git@example.invalid:x.git"});
    assert_int_equal(b->err.code, RK_CANCELLED);
    run_timer_stop(t);
    free(ssh);
}

/* ---- fetch ---- */

static void fetch_makes_follows_and_prunes(void **state)
{
    struct bench *b = *state;
    free(GIT(b->work, "push", "-q", b->remote, "main:refs/heads/topic"));
    fetch(b);
    assert_int_equal(b->err.code, RK_OK);
    char *want = tip(b->work, "main"), *got = tip(b->mirror, "refs/remotes/origin/topic");
    assert_string_equal(got, want);
    free(GIT(b->mirror, "update-ref", "refs/reckon/pending/x", want));
    free(got);
    free(want);
    commit(b, "a", "two");
    free(GIT(b->work, "push", "-q", b->remote, "main", ":topic"));
    fetch(b);
    assert_int_equal(b->err.code, RK_OK);
    want = tip(b->work, "main");
    got = tip(b->mirror, "refs/remotes/origin/main");
    assert_string_equal(got, want);
    free(got);
    got = GIT(b->mirror, "for-each-ref", "--format=%(refname)", "refs/remotes/origin/topic");
    assert_string_equal(got, "");
    free(got);
    free(tip(b->mirror, "refs/reckon/pending/x"));      /* fails the test when it is gone */
    free(want);
}

static void fetch_into_a_half_made_folder(void **state)
{
    struct bench *b = *state;
    struct rk_err err;
    assert_int_equal(rk_mkdirs(b->mirror, 0700, &err), 0);
    fetch(b);
    assert_int_equal(b->err.code, RK_OK);
}

static void fetch_cancelled_at_once(void **state)
{
    struct bench *b = *state;
    const char *const specs[] = {"+refs/heads/*:refs/remotes/origin/*", NULL};
    struct gitcmd_remote r = {.url = b->remote};
    b->g = gitcmd_fetch(b->loop, &r, b->mirror, specs, plain_cb, b);
    gitcmd_cancel(b->g);
    finish(b);
    assert_int_equal(b->err.code, RK_CANCELLED);
}

static void fetch_one(struct bench *b, const char *what, const char *as)
{
    struct gitcmd_remote r = {.url = b->remote};
    rk_auto(rk_free_str) char *url = rk_asprintf("file://%s", b->remote); /* a path has no depth */
    r.url = url;
    b->g = gitcmd_fetch_one(b->loop, &r, b->mirror, what, as, plain_cb, b);
    finish(b);
}

static void fetch_of_one_revision(void **state)
{
    struct bench *b = *state;
    char *first = tip(b->work, "main");
    commit(b, "a", "two");
    free(GIT(b->work, "push", "-q", b->remote, "main", "main:refs/heads/other"));
    fetch_one(b, "refs/heads/main", "refs/reckon/at/1");
    assert_int_equal(b->err.code, RK_OK);
    fetch_one(b, first, "refs/reckon/at/2");
    assert_int_equal(b->err.code, RK_OK);
    char *got = tip(b->mirror, "refs/reckon/at/2"), *refs, *n;
    assert_string_equal(got, first);
    n = GIT(b->mirror, "rev-list", "--count", "refs/reckon/at/1");
    assert_string_equal(n, "1"); /* without its history */
    refs = GIT(b->mirror, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes");
    assert_string_equal(refs, "");
    fetch_one(b, "refs/heads/absent", "refs/reckon/at/3");
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    assert_non_null(strstr(b->err.text, "refs/heads/absent"));
    free(got);
    free(refs);
    free(n);
    free(first);
}

/* ---- push ---- */

static void push_won(void **state)
{
    struct bench *b = *state;
    char *old = tip(b->work, "main");
    commit(b, "a", "two");
    char *mine = tip(b->work, "main");
    push(b, &(struct gitcmd_push_ref){mine, "refs/heads/main", old}, 1);
    assert_int_equal(b->verdict, GITCMD_PUSHED);
    char *got = tip(b->remote, "main");
    assert_string_equal(got, mine);
    free(got);
    push(b, &(struct gitcmd_push_ref){mine, "refs/heads/new", ""}, 1);
    assert_int_equal(b->verdict, GITCMD_PUSHED);
    push(b, &(struct gitcmd_push_ref){old, "refs/heads/new", ""}, 1);
    assert_int_equal(b->verdict, GITCMD_LOST_RACE);     /* it exists by now */
    free(old);
    free(mine);
}

static void push_race_lost(void **state)
{
    struct bench *b = *state;
    char *old = tip(b->work, "main");
    commit(b, "a", "theirs");
    char *theirs = tip(b->work, "main");
    free(GIT(b->work, "push", "-q", b->remote, "main"));
    free(GIT(b->work, "reset", "-q", "--hard", old));
    commit(b, "a", "mine");
    const char *const expects[] = {old, NULL};
    for (size_t i = 0; i < RK_LEN(expects); i++) {
        push(b, &(struct gitcmd_push_ref){"refs/heads/main", "refs/heads/main", expects[i]}, 1);
        assert_int_equal(b->verdict, GITCMD_LOST_RACE);
        assert_int_equal(b->err.code, RK_CONFLICT);
        char *got = tip(b->remote, "main");
        assert_string_equal(got, theirs);
        free(got);
    }
    free(old);
    free(theirs);
}

static void hook(struct bench *b, const char *name, const char *text)
{
    char *hooks = rk_path_join(b->remote, "hooks"), *path = rk_path_join(hooks, name);
    struct rk_err err;
    assert_int_equal(rk_mkdirs(hooks, 0755, &err), 0);
    assert_int_equal(rk_file_write(path, rk_str_c(text), 0755, &err), 0);
    free(hooks);
    free(path);
}

static void push_refused_by_a_hook(void **state)
{
    struct bench *b = *state;
    hook(b, "pre-receive", "#!/bin/sh\nprintf 'main is \\033[31mprotected\\n' >&2; exit 1\n");
    commit(b, "a", "two");
    push(b, &(struct gitcmd_push_ref){"refs/heads/main", "refs/heads/main", NULL}, 1);
    assert_int_equal(b->verdict, GITCMD_REFUSED);
    assert_int_equal(b->err.code, RK_DENIED);
    assert_non_null(strstr(b->err.text, "pre-receive hook declined"));
    assert_non_null(strstr(b->err.text, "protected"));
    assert_null(strchr(b->err.text, '\033'));
}

static void several_refs_go_together_or_not_at_all(void **state)
{
    struct bench *b = *state;
    hook(b, "update", "#!/bin/sh\ntest $1 != refs/heads/main\n");
    commit(b, "a", "two");
    const struct gitcmd_push_ref refs[] = {{"refs/heads/main", "refs/heads/main", NULL},
                                           {"refs/heads/main", "refs/heads/side", ""}};
    push(b, refs, 2);
    assert_int_equal(b->verdict, GITCMD_REFUSED);
    assert_non_null(strstr(b->err.text, "hook declined"));
    char *got = GIT(b->remote, "for-each-ref", "--format=%(refname)", "refs/heads/side");
    assert_string_equal(got, "");
    free(got);
}

static void race_seen_by_the_server_only(void **state)
{
    struct bench *b = *state;
    /* The hook moves the branch between the advertisement and the update. */
    char *old = tip(b->work, "main");
    commit(b, "a", "theirs");
    free(GIT(b->work, "push", "-q", b->remote, "main:refs/heads/theirs"));
    free(GIT(b->work, "reset", "-q", "--hard", old));
    commit(b, "a", "mine");
    hook(b, "pre-receive", "#!/bin/sh\nunset GIT_QUARANTINE_PATH\n"
                           "git update-ref refs/heads/main refs/heads/theirs\n");
    push(b, &(struct gitcmd_push_ref){"refs/heads/main", "refs/heads/main", old}, 1);
    assert_int_equal(b->verdict, GITCMD_LOST_RACE);
    free(old);
}

static void push_of_what_is_not_there(void **state)
{
    struct bench *b = *state;
    push(b, &(struct gitcmd_push_ref){"refs/heads/none", "refs/heads/main", NULL}, 1);
    assert_int_equal(b->verdict, GITCMD_FAILED);
    assert_non_null(strstr(b->err.text, "refs/heads/none"));
}

static void own_hooks_do_not_run(void **state)
{
    struct bench *b = *state;
    char *hooks = rk_path_join(b->work, ".git/hooks/pre-push");
    char *proof = rk_path_join(b->dir, "ran");
    struct rk_err err;
    assert_int_equal(rk_file_write(hooks, RK_STR("#!/bin/sh\ntouch $HOME/ran\n"), 0755, &err), 0);
    commit(b, "a", "two");
    push(b, &(struct gitcmd_push_ref){"refs/heads/main", "refs/heads/main", NULL}, 1);
    assert_int_equal(b->verdict, GITCMD_PUSHED);
    assert_false(rk_path_exists(proof));
    free(hooks);
    free(proof);
}

/* ---- credentials ---- */

static void urls_are_masked(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"https://user:s3cret@host/x.git", "https://***@host/x.git"},
        {"https://tok@host/x.git", "https://***@host/x.git"},
        {"https://user:pa/ss@word@host/x.git", "https://***@host/x.git"},
        {"https://host/x.git?private_token=abc", "https://host/x.git?***"},
        {"https://host/x.git", "https://host/x.git"},
        {"git@host:x.git", "git@host:x.git"},
        {"/srv/git/x.git", "/srv/git/x.git"},
        {"https://u:p w@host/", "https://***@host/"},
        {"https://host/\033[2J", "https://host/\\x1b[2J"},
    };
    for (size_t i = 0; i < RK_LEN(table); i++) {
        char *got = gitcmd_safe_url(table[i][0]);
        assert_string_equal(got, table[i][1]);
        free(got);
    }
}

static void messages_are_masked(void **state)
{
    (void)state;
    struct rk_buf out = RK_BUF_INIT;
    gc_message(&out, RK_STR("fatal: unable to access 'https://u:hun%2Fter2@h/': no hun/ter2\n"
                            "hint: try\nremote: see https://a:b@c/d?e and more\n"),
               "https://u:hun%2Fter2@h/", NULL);
    assert_string_equal(out.p, "fatal: unable to access 'https://***@h/': no ***; "
                               "remote: see https://***@c/d?*** and more");
    rk_buf_release(&out);
}

static void no_credential_in_an_error(void **state)
{
    struct bench *b = *state;
    /* Port 1 of this host: refused at once. */
    ls(b, (struct gitcmd_remote){.url = "http://someone:geheim99@127.0.0.1:1/x.git"});
    assert_int_equal(b->err.code, RK_UNAVAILABLE);
    assert_null(strstr(b->err.text, "geheim99"));
    assert_null(strstr(b->err.text, "someone"));
    assert_non_null(strstr(b->err.text, "***@127.0.0.1:1/x.git"));
}

static int fill(const struct gitcmd_remote *r, const char *input, struct rk_buf *out)
{
    struct gc_words argv = {0}, env = {0};
    gc_git(&argv, r);
    gc_env(&env, r);
    gc_add(&argv, "credential");
    gc_add(&argv, "fill");
    for (size_t i = 0; i < argv.n; i++)
        assert_null(strstr(argv.v[i], "tok-123"));
    union {
        char **in;
        const char *const *out;
    } a = {.in = argv.v}, e = {.in = env.v};
    struct run_child_opts o = {.argv = a.out, .env = e.out, .input = rk_str_c(input)};
    struct run_child_result res;
    struct rk_err err;
    assert_int_equal(run_child_wait(&o, &res, &err), 0);
    rk_buf_clear(out);
    rk_buf_str(out, res.out);
    int code = res.exit_code;
    run_child_result_release(&res);
    gc_words_release(&argv);
    gc_words_release(&env);
    return code;
}

static void token_file_answers_its_own_host_over_https_only(void **state)
{
    struct bench *b = *state;
    char *file = script(b, "to'ken", "tok-123\n");
    struct gitcmd_remote r = {.url = "https://forge.example:8443/x.git", .token_file = file};
    struct rk_buf out = RK_BUF_INIT;
    assert_int_equal(fill(&r, "protocol=https\nhost=forge.example:8443\n\n", &out), 0);
    assert_string_equal(out.p, "protocol=https\nhost=forge.example:8443\nusername=git\n"
                               "password=tok-123\n");
    static const char asks_as_bot[] = "protocol=https\nhost=forge.example:8443\nusername=bot\n\n";
    assert_int_equal(fill(&r, asks_as_bot, &out), 0);
    assert_non_null(strstr(out.p, "username=bot\npassword=tok-123\n"));
    assert_int_not_equal(fill(&r, "protocol=https\nhost=evil.example\n\n", &out), 0);
    assert_null(strstr(out.p, "tok-123"));
    r.url = "http://forge.example/x.git";
    assert_int_not_equal(fill(&r, "protocol=http\nhost=forge.example\n\n", &out), 0);
    assert_null(strstr(out.p, "tok-123"));
    rk_buf_release(&out);
    free(file);
}

/* ---- signatures, the blocking form ---- */

static void signature(void **state)
{
    struct bench *b = *state;
    char *key = rk_path_join(b->dir, "key");
    const char *const argv[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, NULL};
    struct run_child_opts o = {.argv = argv};
    struct run_child_result res;
    assert_int_equal(run_child_wait(&o, &res, NULL), 0);
    assert_int_equal(res.exit_code, 0);
    run_child_result_release(&res);
    gitcmd_sign(b->loop, key, RK_STR("tree 1\n"), text_cb, b);
    finish(b);
    assert_int_equal(b->err.code, RK_OK);
    assert_true(rk_str_starts(rk_buf_view(&b->text), "-----BEGIN SSH SIGNATURE-----\n"));
    assert_true(rk_str_ends(rk_buf_view(&b->text), "-----END SSH SIGNATURE-----\n"));
    free(key);
    gitcmd_sign(b->loop, "/nowhere/key", RK_STR("tree 1\n"), text_cb, b);
    finish(b);
    assert_int_not_equal(b->err.code, RK_OK);
    assert_int_equal(b->text.n, 0);
}

static void blocking_run_tells_what_failed(void **state)
{
    struct bench *b = *state;
    const char *const args[] = {"rev-parse", "--verify", "no-such-ref", NULL};
    struct rk_err err = {0};
    assert_int_equal(gitcmd_run(b->work, args, NULL, &err), -1);
    assert_non_null(strstr(err.text, "rev-parse in "));
    assert_non_null(strstr(err.text, "Needed a single revision"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(ls_remote_lists_refs_and_head), T(ls_remote_of_an_empty_repository),
        T(missing_repository), T(what_is_no_url), T(ext_transport_is_refused),
        T(hanging_remote_is_killed_whole), T(users_ssh_command_from_git_config),
        T(ssh_refusal_is_denied), T(cancelled), T(fetch_makes_follows_and_prunes),
        T(fetch_into_a_half_made_folder), T(fetch_of_one_revision), T(fetch_cancelled_at_once), T(push_won),
        T(push_race_lost), T(push_refused_by_a_hook), T(several_refs_go_together_or_not_at_all),
        T(race_seen_by_the_server_only), T(push_of_what_is_not_there), T(own_hooks_do_not_run),
        T(urls_are_masked), T(messages_are_masked), T(no_credential_in_an_error),
        T(token_file_answers_its_own_host_over_https_only), T(signature),
        T(blocking_run_tells_what_failed),
    };
    return cmocka_run_group_tests_name("gitcmd", tests, NULL, NULL);
}
