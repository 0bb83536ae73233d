/*
 * records_int.h: what the views of history, audit and commits share: how an entry is named, where
 * its keys lead, and the verdict on the chain of the audit.
 */
#ifndef RK_VIEW_RECORDS_INT_H
#define RK_VIEW_RECORDS_INT_H

#include "view/facts.h"
#include "view/pages.h"

/* An entry's result: of an operation its state; of an event that has none a sign alone. */
struct widget_sign record_result(const char *result);
bool record_bad(const char *result);            /* it ended, and not well */
void record_took(int64_t ms, char out[16]);     /* "14s", "1m02"; "" for 0 */
const char *record_rev(const char *rev, char out[16]);  /* "4f2c1aa", safe; "-" for none */
/* Columns that the times of the shown rows need: of today they are short. */
int record_when_width(const struct view_pages *p, int64_t (*time)(const void *row));

/* "staging/mailer"; the name alone where the environment is part of it. Foreign, as it came. */
const char *record_target(struct rk_arena *a, const char *environment, const char *app);
/* Foreign text in a column: exactly w columns of row y. */
void record_cell(struct canvas c, int x, int y, int w, enum term_role role, const char *foreign);
bool record_has(const char *const *texts, size_t n, const char *text);

/* The view "commit"; says so when there is no revision. */
void record_open(struct view *v, const char *app, const char *environment, const char *rev);
/* The view "plan" with a revert: of a commit, or to what a revision said. */
void record_revert(struct view *v, const char *app, const char *environment, const char *commit,
                   const char *to);

/* ---- audit.verify ---- */
struct record_chain {
    struct rk_arena *mem;
    const struct wire_verify *v;        /* NULL: not here */
    struct rk_err err;
    bool asked;
};
void record_verify(struct view *v, struct record_chain *c, const char *environment);
void record_chain_release(struct record_chain *c);
const struct wire_verify_row *record_chain_of(const struct record_chain *c,
                                              const char *environment);
/* "=" and "whole (214)": entries; "x" and "broken: ..."; of one, or (NULL) of all environments. */
struct widget_sign record_chain_sign(const struct record_chain *c, const char *environment,
                                     struct rk_buf *words);

#endif
