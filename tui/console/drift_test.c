/*
 * drift_test.c: the drift diff and the resource view on the whole console: pictures at every size
 * and in every mode, and the keys that lead there.
 */
#include "console/records.h"
#include "console/shop.h"

#include "view/testing.h"

static struct stage s;

static bool shop(struct stage *st, const char *method, rk_str params, struct rk_buf *out)
{
    if (!rk_streq(method, "document.get"))
        return shop_handle(st, method, params, out);
    view_document(params.p, out);
    return true;
}

static void open_shop(int cols, int rows, const char *mode)
{
    shop_init(&s, cols, rows, mode);
    s.handle = shop;
    stage_answer(&s, "drift.get", NULL, VIEW_DRIFT);
    stage_answer(&s, "owners.get", NULL, VIEW_OWNERS);
    stage_answer(&s, "events.list", NULL, VIEW_EVENTS);
    stage_answer(&s, "logs.watch", NULL, VIEW_LOG);
    stage_open(&s);
    stage_wait(&s, "mailer");
    stage_keys(&s, "] d");
    STAGE_WAIT(&s, stage_count(&s, "document.get") == 4); /* two objects, two sides */
    stage_settle(&s);
}

/* Opens it at every size and in every mode. */
static void each(void (*look)(void))
{
    STAGE_EACH_LOOK(l) {
        open_shop(l->cols, l->rows, l->mode);
        look();
        stage_release(&s);
    }
}

static void unified(void)
{
    stage_golden(&s, "diff");
}

static void split(void)
{
    stage_keys(&s, "| ] m");
    stage_wait(&s, "LIVE");
    stage_golden(&s, "diff-split");
}

/* Two entries of the history, marked: what git said at each. */
static void compare(void)
{
    stage_answer(&s, "history.list", NULL, HISTORY);
    stage_answer(&s, "audit.verify", NULL, VERIFY);
    stage_answer(&s, "revisions.compare", NULL, VIEW_COMPARED);
    stage_keys(&s, "q L");
    stage_wait(&s, "HISTORY");
    stage_settle(&s);
    stage_keys(&s, "space j j space d");
    stage_wait(&s, "compare mailer-staging");
    stage_settle(&s);
    stage_golden(&s, "compare");
    stage_keys(&s, "| ] m");
    stage_wait(&s, "GIT 77b01d3");
    stage_golden(&s, "compare-split");
}

static void resource(void)
{
    stage_keys(&s, "{ enter");
    stage_wait(&s, "Owners");
    stage_settle(&s);
    stage_golden(&s, "resource");
}

static void diff_is_drawn(void **state)
{
    (void)state;
    each(unified);
}

static void two_revisions_are_drawn(void **state)
{
    (void)state;
    each(compare);
}

static void split_is_drawn(void **state)
{
    (void)state;
    each(split);
}

static void resource_is_drawn(void **state)
{
    (void)state;
    each(resource);
}

/* From the applications to one object and back. */
static void keys_lead_there_and_back(void **state)
{
    (void)state;
    open_shop(100, 30, "mono");
    stage_keys(&s, "{ enter");
    stage_wait(&s, "mailer-7d9f-fghij");
    stage_keys(&s, "q");
    stage_wait(&s, "API_TOKEN");
    stage_keys(&s, "/");
    stage_type(&s, "progress");
    stage_keys(&s, "enter");
    stage_wait(&s, "/progress  1 of 1 matches");
    stage_keys(&s, "q");
    stage_wait_gone(&s, "unified");
    stage_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_revisions_are_drawn), cmocka_unit_test(diff_is_drawn), cmocka_unit_test(split_is_drawn),
        cmocka_unit_test(resource_is_drawn), cmocka_unit_test(keys_lead_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
