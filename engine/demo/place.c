/*
 * place.c: a place to try things: the console in this terminal, on the demo's engine; what can be
 * tried stands in a file. Leaving the console ends the demo.
 *
 * The console is a child that has the terminal, in this process group: where it suspends the group
 * the demo stops and goes on with it.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo/demo_int.h"

static int write_words(struct demo *d, const char *path, struct rk_err *err)
{
    struct rk_buf text rk_auto(rk_buf_release) = RK_BUF_INIT;

    rk_buf_f(&text,
             "The demo. Everything is in %s\n\n"
             "  repository   %s   (bare; what the engine watches)\n"
             "  work clone   %s   (edit, commit, push)\n"
             "  cluster      export KUBECONFIG=%s\n"
             "  engine       export RECKON_SOCKET=%s\n\n"
             "Try, in another terminal, after the two exports:\n"
             "  reckon get apps\n"
             "  kubectl scale deployment/simple-app -n %s --replicas=4; reckon events "
             "simple-app-dev\n"
             "  reckon promote simple-app --to staging --dry-run\n"
             "  reckon sync simple-app-production --confirm production/simple-app "
             "--reason 'first rollout'\n"
             "  reckon history simple-app-production\n\n"
             "Leaving the console (Q) ends the demo%s.\n",
             d->dir, d->bare, d->work, d->kubeconfig, d->socket, demo_namespace(d, "dev"),
             d->keep ? " and keeps the folder" : " and removes the folder");
    return rk_file_write(path, rk_buf_view(&text), 0600, err);
}

static pid_t start_console(struct demo *d, const char *words)
{
    const char *argv[] = {d->reckon, "--socket", d->socket, NULL};
    char *note = rk_asprintf("the demo: what to try stands in %s; Q ends it", words);
    pid_t pid = fork();

    if (pid == 0) {
        (void)setenv("RECKON_NOTE", note, 1);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    free(note);
    return pid;
}

/* Its exit status; 1 when it was killed. */
static int follow(struct demo *d, pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return 1;
        if (*d->interrupted)
            (void)kill(pid, SIGTERM);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int demo_place(struct demo *d)
{
    char *words = rk_path_join(d->dir, "TRY.txt");
    struct rk_err err = {0};
    pid_t pid;
    int rc = 2;

    if (write_words(d, words, &err)) {
        (void)fprintf(stderr, "reckon: %s\n", err.text);
    } else if ((pid = start_console(d, words)) < 0) {
        (void)fprintf(stderr, "reckon: the console did not start\n");
    } else {
        rc = follow(d, pid);
    }
    free(words);
    return rc;
}
