/*
 * flow.c: how much a terminal gets. In: frames, answers, writability. Out: bytes in one write a
 * frame, and word that another may come.
 *
 * Each frame ends with a question (CSI 5 n) that the terminal answers when it has worked through it;
 * until then nothing more is drawn, so a slow link holds one frame and never a queue of old ones
 * (reference/console.md 5.3: 392 ms instead of 7 s behind). A terminal that does not answer within
 * 2 s gets 15 frames a second; the first answer that comes after all brings the rule back.
 */
#include "device.h"

#include <errno.h>
#include <unistd.h>

enum { ANSWER_MS = 2000, REST_MS = 1000 / 15 };

static const char begin_frame[] = "\033[?2026h", end_frame[] = "\033[?2026l\033[5n";

static void timer_cb(void *ctx);

static void arm(struct term *t, uint64_t ms)
{
    run_timer_stop(t->flow.timer);
    t->flow.timer = ms ? run_timer_start(t->loop, ms, 0, timer_cb, t) : NULL;
}

void flow_open(struct term *t)
{
    t->flow.out = RK_BUF_INIT;
}

void flow_close(struct term *t)
{
    arm(t, 0);
    rk_buf_release(&t->flow.out);
}

bool term_idle(const struct term *t)
{
    const struct flow *f = &t->flow;

    return !f->out.n && (f->silent ? !f->resting : !f->unanswered);
}

void flow_room(struct term *t)
{
    term_decoder_await(t->decoder, !t->flow.silent && t->flow.unanswered > 0);
    if (term_idle(t) && t->ev.room && !t->closed)
        t->ev.room(t->ctx);
}

/* Everything is out: now the terminal's time counts. */
static void sent(struct term *t)
{
    struct flow *f = &t->flow;

    f->unanswered += f->queries;
    if (f->queries && f->silent) {
        f->resting = true;
        arm(t, REST_MS);
    } else if (f->queries) {
        arm(t, ANSWER_MS);
    }
    f->queries = 0;
    term_decoder_await(t->decoder, !f->silent && f->unanswered > 0);
}

void flow_writable(struct term *t)
{
    struct rk_buf *out = &t->flow.out;
    unsigned want = RUN_READ | RUN_HANGUP;
    bool waited = out->n > 0;

    while (out->n && !t->told_gone) {
        ssize_t n = write(t->fd, out->p, out->n);

        if (n > 0) {
            t->counts.writes++;
            t->counts.bytes += (size_t)n;
            rk_buf_cut_front(out, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            want |= RUN_WRITE;
            break;
        } else if (n < 0 && errno != EINTR) {
            device_gone(t, "the terminal cannot be written to");
            return;
        }
    }
    if (t->poll)
        run_poll_set(t->poll, want);
    if (waited && !out->n)
        sent(t);
}

void flow_write(struct term *t, rk_str bytes)
{
    bool queued = t->flow.out.n > 0;

    rk_buf_str(&t->flow.out, bytes);
    if (!queued)
        flow_writable(t);
}

bool term_present(struct term *t)
{
    rk_auto(rk_buf_release) struct rk_buf frame = RK_BUF_INIT;

    if (t->closed || t->told_gone || !t->entered || !term_idle(t))
        return false;
    rk_buf_c(&frame, begin_frame);
    term_end(t->screen, &frame);
    if (frame.n == sizeof(begin_frame) - 1)
        return false;
    rk_buf_c(&frame, end_frame);
    t->counts.frames++;
    t->flow.queries++;
    flow_write(t, rk_buf_view(&frame));
    return true;
}

void flow_answered(struct term *t)
{
    struct flow *f = &t->flow;

    f->silent = false;
    f->resting = false;
    if (f->unanswered)
        f->unanswered--;
    arm(t, f->unanswered ? ANSWER_MS : 0);
    flow_room(t);
}

static void timer_cb(void *ctx)
{
    struct term *t = ctx;
    struct flow *f = &t->flow;

    t->busy++;
    if (!f->silent)
        f->unanswered = 0; /* whatever comes of them later is an answer after all */
    f->silent = true;
    f->resting = false;
    flow_room(t);
    device_leave_call(t);
}

void flow_reset(struct term *t)
{
    rk_buf_clear(&t->flow.out);
    t->flow.queries = t->flow.unanswered = 0;
    t->flow.resting = false;
    arm(t, 0);
    term_decoder_await(t->decoder, false);
}
