/*
 * device.h: what the files of the device share: term.c (loop, signals), tty.c (modes), flow.c (frames
 * and answers), clip.c, crash.c.
 */
#ifndef RK_TERM_DEVICE_H
#define RK_TERM_DEVICE_H

#include <termios.h>

#include "term_int.h"

/* When may the next frame go; and what is still to be written. */
struct flow {
    struct rk_buf out;          /* not written yet */
    size_t queries;             /* of them in `out` */
    size_t unanswered;          /* written, the answer has not come */
    bool silent;                /* this terminal does not answer: 15 frames a second */
    struct run_timer *timer;    /* 2 s for an answer, or the pause of a silent one */
    bool resting;               /* silent: within the pause */
};

struct copy;                    /* see clip.c */

struct term {
    struct run_loop *loop;
    struct term_events ev;
    void *ctx;
    int fd;
    struct termios saved;
    struct term_screen *screen;
    struct term_decoder *decoder;
    struct run_poll *poll;
    struct run_timer *lone, *winch;
    struct run_signal *signals[8];
    struct flow flow;
    struct term_counts counts;
    struct copy *copies;
    int busy;                   /* callbacks that are running: close frees afterwards */
    bool entered;
    bool mouse;               /* raw mode, alternate screen: ours */
    bool reading, dropping;     /* within the decoder; keys are thrown away until it is through */
    bool told_gone, closed;
};

/* ---- term.c ---- */
void device_gone(struct term *t, const char *why);
void device_leave_call(struct term *t);         /* end of a callback; t may be freed */
bool device_known_codes(const struct term *t);  /* OSC is understood, or at least not shown */

/* ---- tty.c ---- */
int tty_enter(struct term *t, struct rk_err *err) RK_MUST_CHECK;
void tty_enter_again(struct term *t);
void tty_leave(struct term *t);
void tty_size(const struct term *t, int *cols, int *rows);

/* ---- flow.c ---- */
void flow_open(struct term *t);
void flow_close(struct term *t);
void flow_write(struct term *t, rk_str bytes);  /* queued, and written as far as it goes */
void flow_writable(struct term *t);
void flow_room(struct term *t);                 /* tells `room` if there is room */
void flow_answered(struct term *t);
void flow_reset(struct term *t);                /* what was on its way is of no use any more */

/* ---- clip.c ---- */
void clip_close(struct term *t);

/* ---- crash.c ---- */
/* From here on every way out of the process gives the terminal back: bytes, modes. */
void crash_arm(int fd, const struct termios *modes, rk_str reset);
void crash_disarm(void);
/* Is the terminal ours to touch? Not while another job has it. Safe in a handler. */
bool crash_in_front(int fd);

#endif
