/*
 * admin.c: the table from words to verbs, and one run of a verb: options, the function, its exit
 * status. In: argv, stdin. Out: stdout (data), stderr (messages, one line for an error). The
 * verbs write into buffers; they are written out here, and wiped.
 */
#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "admin/admin_int.h"
#include "reckon/text.h"

static const struct admin_verb *const verbs[] = {
    &admin_init_verb, &admin_seal_verb, &admin_unseal_verb, &admin_fetch_cert_verb,
    &admin_audit_verb,
};

static const struct admin_verb *find(const char *word)
{
    for (size_t i = 0; word && i < RK_LEN(verbs); i++)
        if (rk_streq(verbs[i]->name, word))
            return verbs[i];
    return NULL;
}

static int run_verb(struct admin *c, int argc, char **argv, struct rk_err *err)
{
    if (admin_parse(c, argc, argv, err) < 0)
        return -1;
    if (admin_given(c, "help")) {
        admin_help(c->verb, &c->out);
        return ADMIN_DONE;
    }
    return c->verb->run(c, err);
}

int admin_run(int argc, char **argv, int in, struct rk_buf *out, struct rk_buf *notes)
{
    struct rk_err err = {0};
    int at = argc > 1 && !find(argv[0]) && find(argv[1]) ? 1 : 0;
    const struct admin_verb *verb = argc > 0 ? find(argv[at]) : NULL;

    if (!verb) {
        rk_buf_f(notes, "reckon: %s is not in this version; `reckon help` lists the verbs\n",
                 argc > 0 ? argv[0] : "the verb");
        return ADMIN_ERROR;
    }
    struct admin c = {.verb = verb, .arena = rk_arena_new_wiping(), .in = in,
                      .out = RK_BUF_INIT, .notes = RK_BUF_INIT};
    int rc = run_verb(&c, argc - at - 1, argv + at + 1, &err);

    rk_text_safe(notes, rk_buf_view(&c.notes), RK_TEXT_LINES);
    if (rc >= 0)
        rk_buf_str(out, rk_buf_view(&c.out));
    else
        rk_buf_f(notes, "reckon %s: %s\n", verb->name, err.text);
    admin_wipe_buf(&c.out);
    rk_buf_release(&c.notes);
    rk_arena_free(c.arena);
    return rc < 0 ? ADMIN_ERROR : rc;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno != EINTR)
            return false;
        p += w > 0 ? w : 0;
        n -= w > 0 ? (size_t)w : 0;
    }
    return true;
}

int admin_main(int argc, char **argv)
{
    struct rk_buf out = RK_BUF_INIT, notes = RK_BUF_INIT;

    (void)prctl(PR_SET_DUMPABLE, 0); /* clear values: in no core dump */
    int rc = admin_run(argc, argv, STDIN_FILENO, &out, &notes);

    if (!write_all(STDOUT_FILENO, out.p, out.n)) {
        rk_buf_c(&notes, "reckon: standard output cannot be written\n");
        rc = ADMIN_ERROR;
    }
    (void)write_all(STDERR_FILENO, notes.p, notes.n);
    admin_wipe_buf(&out);
    rk_buf_release(&notes);
    return rc;
}
