/*
 * when.c: times for people: ages that change once a minute, clock times in local time.
 */
#include "widget/widget.h"

#include <stdio.h>
#include <time.h>

#include "reckon/time.h"

enum { HOUR_MS = 3600 * 1000, HOURS_SHOWN = 48 };

void widget_age(int64_t now, int64_t then, char out[16])
{
    int64_t ms = now > then ? now - then : 0;
    if (!then)
        (void)snprintf(out, 16, "-");
    else if (ms >= HOUR_MS && ms < (int64_t)HOURS_SHOWN * HOUR_MS)
        (void)snprintf(out, 16, "%dh", (int)(ms / HOUR_MS)); /* "26h" says more than "1d" */
    else
        rk_time_age(ms, out);
}

static struct tm local(int64_t wall_ms)
{
    struct tm t = {0};
    time_t s = (time_t)(wall_ms / 1000);
    (void)localtime_r(&s, &t);
    return t;
}

void widget_clock(int64_t wall_ms, char out[16])
{
    struct tm t = local(wall_ms);
    (void)snprintf(out, 16, "%02d:%02d:%02d", t.tm_hour, t.tm_min, t.tm_sec);
}

void widget_when(int64_t now, int64_t then, char out[24])
{
    static const char month[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm n = local(now), t = local(then);
    if (!then)
        (void)snprintf(out, 24, "-");
    else if (n.tm_year != t.tm_year)
        (void)snprintf(out, 24, "%d %s %d", t.tm_mday, month[t.tm_mon % 12], t.tm_year + 1900);
    else if (n.tm_yday != t.tm_yday)
        (void)snprintf(out, 24, "%d %s %02d:%02d", t.tm_mday, month[t.tm_mon % 12], t.tm_hour,
                       t.tm_min);
    else
        (void)snprintf(out, 24, "%02d:%02d", t.tm_hour, t.tm_min);
}
