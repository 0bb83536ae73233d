/*
 * demo.c: `reckon demo`: options, a folder, the world, then either the tour or a place to try
 * things; at the end everything that it started is stopped.
 */
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "demo/demo_int.h"

static volatile sig_atomic_t interrupted; /* written by a signal handler only */

static const char usage[] =
    "usage: reckon demo [--dir DIR] [--tour] [--kubeconfig FILE]\n"
    "opens the console on a world of its own; leaving the console ends it\n"
    "  --dir DIR          keep everything in DIR (made when missing, must be empty)\n"
    "  --tour             run the guided tour; so does a start without a terminal\n"
    "  --kubeconfig FILE  use that cluster in place of the sandbox\n";

struct options { const char *dir, *kubeconfig; bool tour, help; };

static int read_options(int argc, char **argv, struct options *o, struct rk_err *err)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (rk_streq(a, "--tour"))
            o->tour = true;
        else if (rk_streq(a, "--help") || rk_streq(a, "-h"))
            o->help = true;
        else if (rk_streq(a, "--dir") && i + 1 < argc)
            o->dir = argv[++i];
        else if (rk_streq(a, "--kubeconfig") && i + 1 < argc)
            o->kubeconfig = argv[++i];
        else
            return rk_fail(err, RK_INVALID, "demo: %s is no option; see reckon demo --help", a);
    }
    return 0;
}

/* ---- the folder ---- */
static int make_folder(struct demo *d, const struct options *o, struct rk_err *err)
{
    char name[] = "/tmp/reckon-demo-XXXXXX";
    if (o->dir) {
        char **names = NULL, full[PATH_MAX];
        size_t n = 0;
        if (rk_mkdirs(o->dir, 0700, err) || rk_dir_names(o->dir, &names, &n, err))
            return -1;
        rk_names_free(names, n);
        if (n)
            return rk_fail(err, RK_CONFLICT, "demo: %s is not empty; name another folder", o->dir);
        d->dir = rk_strdup(realpath(o->dir, full) ? full : o->dir);
        d->keep = true;
    } else {
        if (!mkdtemp(name))
            return rk_fail(err, RK_UNAVAILABLE, "demo: no folder could be made in /tmp");
        d->dir = rk_strdup(name);
    }
    d->bare = rk_path_join(d->dir, "gitops.git");
    d->work = rk_path_join(d->dir, "work");
    d->state = rk_path_join(d->dir, "state");
    d->socket = rk_path_join(d->dir, "reckon.sock");
    return 0;
}

static int find_programs(struct demo *d, struct rk_err *err)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return rk_fail(err, RK_INTERNAL, "demo: this program does not find itself");
    self[n] = 0;
    d->engine_program = rk_strdup(self);
    *strrchr(self, '/') = 0;
    d->reckon = rk_path_join(self, "reckon");
    if (!rk_path_exists(d->reckon)) {
        free(d->reckon);
        d->reckon = rk_path_join(self, "../../bin/reckon");
    }
    return rk_path_exists(d->reckon)
               ? 0 : rk_fail(err, RK_NOT_FOUND, "demo: reckon is not beside %s", d->engine_program);
}

static int prepare(struct demo *d, const struct options *o, struct rk_err *err)
{
    static const char letters[] = "bcdfghjkmnpqrstvwxz2456789";
    uint8_t random[5];
    if (find_programs(d, err) || make_folder(d, o, err))
        return -1;
    if (!o->kubeconfig)
        return 0;
    char full[PATH_MAX];
    if (!realpath(o->kubeconfig, full))
        return rk_fail(err, RK_NOT_FOUND, "demo: %s is not there", o->kubeconfig);
    d->kubeconfig = rk_strdup(full);
    d->real = true;
    if (rk_random(random, sizeof random, err))
        return -1;
    d->suffix[0] = '-';
    for (size_t i = 0; i < sizeof random; i++)
        d->suffix[i + 1] = letters[random[i] % (sizeof letters - 1)];
    return 0;
}

/* ---- signals ---- */
static void note_signal(int signum)
{
    interrupted = signum;
}

static void release(struct demo *d)
{
    char *const texts[] = {d->dir, d->bare, d->work, d->state, d->kubeconfig, d->socket,
                           d->settings, d->reckon, d->engine_program};
    struct rk_err err = {0};
    demo_world_stop(d);
    if (!d->keep && d->dir && rk_remove_tree(d->dir, &err))
        (void)fprintf(stderr, "reckon: %s\n", err.text);
    run_loop_free(d->loop);
    for (size_t i = 0; i < RK_LEN(texts); i++)
        free(texts[i]);
    rk_arena_free(d->arena);
}

int demo_main(int argc, char **argv)
{
    struct options o = {0};
    struct rk_err err = {0};
    if (read_options(argc, argv, &o, &err)) {
        (void)fprintf(stderr, "reckon: %s\n", err.text);
        return 2;
    }
    if (o.help) {
        (void)fputs(usage, stdout);
        return 0;
    }
    struct demo d = {.arena = rk_arena_new(), .loop = run_loop_new(), .interrupted = &interrupted};
    struct sigaction act = {.sa_handler = note_signal};
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
    (void)sigaction(SIGHUP, &act, NULL);
    int rc = 2;
    if (prepare(&d, &o, &err) || demo_world_start(&d, &err))
        (void)fprintf(stderr, "reckon: %s\n", err.text);
    else
        rc = o.tour || !isatty(0) || !isatty(1) ? demo_tour(&d) : demo_place(&d);
    release(&d);
    return rc;
}
