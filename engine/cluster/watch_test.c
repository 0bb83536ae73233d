/* watch_test.c: streams against a scripted server: lists, events, what ends them, what follows. */
#include "cluster/fake.h"

static struct cluster_object *find(struct fake *f, const char *name)
{
    struct kube_key k = key_of("", "ConfigMap", "n", name);

    return cluster_find(f->c, &k);
}

static bool has(struct fake *f, const char *name, const char *version)
{
    struct cluster_object *o = find(f, name);

    return o && rk_str_is(o->object.resource_version, version);
}

static struct fake_stream *hold(struct fake *f)
{
    cluster_hold_kind(f->c, RK_STR(""), RK_STR("ConfigMap"));
    WAIT(f->loop, fake_stream(f, CONFIGMAPS));
    return fake_stream(f, CONFIGMAPS);
}

/* Held, with objects a (rv 5) and b (rv 7), as of rv 10. */
static struct fake_stream *ready(struct fake *f)
{
    struct fake_stream *s = hold(f);

    fake_send(s, EV("ADDED", CM("b", "7")) EV("ADDED", CM("a", "5")) INITIAL_END("10"));
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    return s;
}

static struct fake_stream *after(struct fake *f, size_t n)
{
    WAIT(f->loop, fake_opened(f, CONFIGMAPS) > n && fake_stream(f, CONFIGMAPS));
    return fake_stream(f, CONFIGMAPS);
}

static void test_streaming_list(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = hold(f);

    assert_true(s->streaming);
    assert_string_equal(s->version, "0");
    fake_send(s, EV("ADDED", CM("b", "7")) EV("ADDED", CM("a", "5")));
    WAIT(f->loop, find(f, "a"));
    assert_false(cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    fake_send(s, INITIAL_END("10"));
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    fake_send(s, EV("MODIFIED", CM("a", "11")) EV("DELETED", CM("b", "12")) EV("ADDED", CM("c", "13")));
    WAIT(f->loop, find(f, "c"));
    assert_string_equal(f->told.lines.p, "state ok\n+ConfigMap n/b@7\n+ConfigMap n/a@5\n"
                                         "ready ConfigMap\n~ConfigMap n/a@11\n-ConfigMap n/b@7\n"
                                         "+ConfigMap n/c@13\n");
    assert_int_equal(cluster_objects(f->c), 2);
    struct cluster_object *a = find(f, "a");
    assert_true(rk_str_is(a->object.managed_fields, "[{\"manager\":\"m\",\"x\":\"}]\"}]"));
    assert_null(doc_walk(a->object.doc, "metadata.managedFields"));
}

static void test_split_at_every_byte(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);
    const char *text = EV("MODIFIED", CM("a", "11")) "\n" EV("ADDED", CM("\\u00e9\\\"", "12"));

    for (const char *p = text; *p; p++) {
        assert_true(net_stream_write(s->x, (rk_str){p, 1}));
        if ((p - text) % 16 == 0)
            step(f->loop);
    }
    WAIT(f->loop, find(f, "é\""));
    assert_true(has(f, "a", "11"));
}

static void test_resume_keeps_the_version(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);

    fake_send(s, EV("MODIFIED", CM("a", "11")) MARK("20"));
    WAIT(f->loop, has(f, "a", "11"));
    fake_end(s);
    s = after(f, 1);
    assert_false(s->streaming);
    assert_string_equal(s->version, "20");
    fake_send(s, EV("MODIFIED", CM("a", "21")));
    WAIT(f->loop, has(f, "a", "21"));
    assert_int_equal(told_count(&f->told, "ready ConfigMap"), 1);
    assert_false(told_has(&f->told, "behind ConfigMap")); /* an ordinary end is no trouble */
}

static void relist(struct fake *f, struct fake_stream *s)
{
    assert_true(s->streaming);
    /* a is unchanged, b is gone, c is new */
    fake_send(s, EV("ADDED", CM("a", "5")) EV("ADDED", CM("c", "28")) INITIAL_END("30"));
    WAIT(f->loop, told_count(&f->told, "ready ConfigMap") == 2);
    assert_true(told_has(&f->told, "-ConfigMap n/b@7"));
    assert_true(told_has(&f->told, "+ConfigMap n/c@28"));
    assert_int_equal(told_count(&f->told, "+ConfigMap n/a@5"), 1);
    assert_int_equal(cluster_objects(f->c), 2);
}

static void test_410_in_stream(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);

    fake_send(s, MARK("15") ERR(410, "Expired"));
    s = after(f, 1);
    assert_string_equal(s->version, "15"); /* not older than what was seen */
    assert_int_equal(cluster_objects(f->c), 2); /* nothing is lost meanwhile */
    assert_true(cluster_since(f->c, RK_STR(""), RK_STR("ConfigMap")) > 0); /* but it is old */
    relist(f, s);
    assert_int_equal(cluster_since(f->c, RK_STR(""), RK_STR("ConfigMap")), 0);
}

static bool refuse_410_once(struct fake *f, struct net_exchange *x)
{
    if (!rk_streq(x->path, CONFIGMAPS) || f->n++ > 0)
        return false;
    fake_status(x, 410, "Expired");
    return true;
}

static void test_410_as_answer(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);

    f->hook = refuse_410_once;
    fake_send(s, MARK("11"));
    WAIT(f->loop, f->told.ready == 1 && strcmp(fake_stream(f, CONFIGMAPS)->version, "0") == 0);
    fake_end(s);
    relist(f, after(f, 1));
}

static void test_410_while_listing_asks_for_the_newest(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = hold(f);

    fake_send(s, ERR(410, "Expired"));
    s = after(f, 1);
    assert_true(s->streaming);
    assert_string_equal(s->version, "");
}

static bool refuse_429_once(struct fake *f, struct net_exchange *x)
{
    static const char *const headers[] = {"Retry-After: 1", NULL};

    if (!rk_streq(x->path, CONFIGMAPS) || f->n++ > 0)
        return false;
    net_reply(x, 429, "text/plain", RK_STR("slow down"), headers);
    return true;
}

static void test_429_waits_as_asked(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);

    f->hook = refuse_429_once;
    fake_send(s, MARK("11"));
    WAIT(f->loop, fake_stream(f, CONFIGMAPS));
    step(f->loop);
    fake_end(s);
    WAIT(f->loop, f->n >= 1);
    uint64_t t0 = rk_mono_ms();
    s = after(f, 1);
    assert_true(rk_mono_ms() - t0 >= 950);
    assert_false(s->streaming); /* no relist */
}

static void test_very_short_watch_backs_off(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);
    uint64_t t0;

    fake_end(s); /* this one had events: at once */
    s = after(f, 1);
    t0 = rk_mono_ms();
    fake_end(s);
    s = after(f, 2);
    assert_true(rk_mono_ms() - t0 >= 750);
    assert_string_equal(s->version, "10");
}

static void test_no_streaming_falls_back_to_list(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s;

    f->no_streaming = true;
    f->list = "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"40\"},"
              "\"items\":[{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":\"1\",\"resourceVersion\":\"3\"}},"
              "{\"metadata\":{\"name\":\"y\",\"namespace\":\"n\",\"uid\":\"2\",\"resourceVersion\":\"4\"}}]}";
    s = hold(f);
    assert_string_equal(s->version, "40");
    assert_false(s->streaming);
    assert_true(cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    struct cluster_object *x = find(f, "x");
    assert_non_null(x);
    assert_true(rk_str_is(doc_get_text(x->object.doc, "apiVersion"), "v1"));
    assert_true(rk_str_is(x->object.version, "v1"));
}

static bool pages(struct fake *f, struct net_exchange *x)
{
    rk_str more = net_query(x, "continue");

    if (!rk_streq(x->path, CONFIGMAPS) || net_has_query(x, "watch"))
        return false;
    if (f->n++ == 0) {
        fake_status(x, 410, "Expired"); /* rv=0 is refused: the newest, in pages */
        return true;
    }
    assert_true(rk_str_is(net_query(x, "limit"), "500"));
    fake_json(x, 200, more.n == 0
        ? "{\"metadata\":{\"resourceVersion\":\"40\",\"continue\":\"t+/=\"},\"items\":[" CM("p", "1") "]}"
        : "{\"metadata\":{\"resourceVersion\":\"40\"},\"items\":[" CM("q", "2") "]}");
    if (more.n)
        assert_true(rk_str_is(more, "t+/="));
    return true;
}

static void test_list_in_pages(void **state)
{
    struct fake *f = *state;

    f->no_streaming = true;
    f->hook = pages;
    hold(f);
    assert_int_equal(f->n, 3);
    assert_true(find(f, "p") && find(f, "q"));
    assert_int_equal(told_count(&f->told, "ready ConfigMap"), 1);
}

static bool forbid(struct fake *f, struct net_exchange *x)
{
    (void)f;
    if (!rk_streq(x->path, CONFIGMAPS))
        return false;
    fake_status(x, 403, "Forbidden");
    return true;
}

static void test_forbidden_kind(void **state)
{
    struct fake *f = *state;

    f->hook = forbid;
    cluster_hold_kind(f->c, RK_STR(""), RK_STR("ConfigMap"));
    WAIT(f->loop, told_has(&f->told, "DENIED ConfigMap"));
    assert_int_equal(cluster_kind_error(f->c, RK_STR(""), RK_STR("ConfigMap"))->code, RK_DENIED);
    assert_int_equal(cluster_state(f->c), CLUSTER_OK);
    assert_non_null(strstr(f->told.why.text, "because of Forbidden"));
}

static void test_unknown_and_unwatchable_kind(void **state)
{
    struct fake *f = *state;

    cluster_hold_kind(f->c, RK_STR("x.org"), RK_STR("Widget"));
    assert_int_equal(f->told.ready, 0); /* never inside the call */
    WAIT(f->loop, told_has(&f->told, "NOT_FOUND Widget"));
    cluster_hold_kind(f->c, RK_STR(""), RK_STR("Binding"));
    WAIT(f->loop, told_has(&f->told, "UNSUPPORTED Binding"));
    /* the CRD comes */
    f->groups = FAKE_APPS "," FAKE_GROUP("x.org", "v2", "Current", "widgets", "Widget");
    WAIT(f->loop, fake_stream(f, "/apis/x.org/v2/widgets"));
    assert_null(cluster_kind_error(f->c, RK_STR("x.org"), RK_STR("Widget")));
}

static void test_bad_object_is_left_out(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = hold(f);

    fake_send(s, EV("ADDED", "{\"metadata\":{}}") EV("ADDED", CM("a", "5")) INITIAL_END("10"));
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    assert_non_null(find(f, "a"));
    assert_int_equal(cluster_kind_error(f->c, RK_STR(""), RK_STR("ConfigMap"))->code, RK_INVALID);
}

static void test_garbage_lists_anew(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);

    fake_send(s, "]]]");
    s = after(f, 1);
    assert_true(s->streaming);
    assert_int_equal(cluster_objects(f->c), 2);
}

static void drop_in_callback(struct told *t, struct cluster *c, struct cluster_object *o)
{
    (void)o;
    t->hook = NULL;
    cluster_drop_kind(c, RK_STR(""), RK_STR("ConfigMap"));
}

static void test_drop_inside_a_callback(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);

    f->told.hook = drop_in_callback;
    fake_send(s, EV("MODIFIED", CM("a", "11")) EV("MODIFIED", CM("b", "12")));
    WAIT(f->loop, cluster_objects(f->c) == 0);
    assert_true(told_has(&f->told, "~ConfigMap n/a@11"));
    assert_false(told_has(&f->told, "~ConfigMap n/b@12"));
    assert_false(told_has(&f->told, "-ConfigMap n/b@7")); /* who drops it knows */
    WAIT(f->loop, !fake_stream(f, CONFIGMAPS));
}

static void close_in_callback(struct told *t, struct cluster *c, struct cluster_object *o)
{
    t->hook = NULL;
    *(struct cluster_object **)t->hook_ctx = cluster_ref(o);
    cluster_close(c);
}

static void test_close_inside_a_callback(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);
    struct cluster_object *kept = NULL;

    f->told.hook = close_in_callback;
    f->told.hook_ctx = &kept;
    fake_send(s, EV("MODIFIED", CM("a", "11")) EV("MODIFIED", CM("b", "12")));
    WAIT(f->loop, kept);
    f->c = NULL;
    WAIT(f->loop, !fake_stream(f, CONFIGMAPS));
    assert_true(rk_str_is(kept->object.resource_version, "11")); /* outlives the cluster */
    cluster_unref(kept);
    assert_false(told_has(&f->told, "~ConfigMap n/b@12"));
}

static void test_secret_values_are_masked(void **state)
{
    struct fake *f = *state;
    struct kube_key k = key_of("", "Secret", "n", "s");

    cluster_hold_kind(f->c, RK_STR(""), RK_STR("Secret"));
    WAIT(f->loop, fake_stream(f, "/api/v1/secrets"));
    fake_send(fake_stream(f, "/api/v1/secrets"),
              EV("ADDED", "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"s\","
                          "\"namespace\":\"n\",\"resourceVersion\":\"1\"},"
                          "\"data\":{\"p\":\"Z2VoZWlt\"}}"));
    WAIT(f->loop, cluster_find(f->c, &k));
    rk_str v = doc_get_text(doc_get(cluster_find(f->c, &k)->object.doc, "data"), "p");
    assert_true(rk_str_starts(v, "rk1:"));
    assert_true(rk_str_ends(v, ":6"));
}

#define OWNED(name, rv, owner, app)                                                                \
    "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name                 \
    "\",\"namespace\":\"n\",\"uid\":\"u-" name "\",\"resourceVersion\":\"" rv                      \
    "\",\"ownerReferences\":[{\"uid\":\"" owner "\"},{\"uid\":\"" owner "\"}],\"annotations\":{"   \
    "\"reckon.dev/tracking-id\":\"" app ":/ConfigMap:n/" name "\"}}}"

static void count(struct cluster_object *o, void *ctx)
{
    (void)o;
    ++*(unsigned *)ctx;
}

static unsigned owned(struct fake *f, const char *uid)
{
    unsigned n = 0;

    cluster_each_owned(f->c, rk_str_c(uid), count, &n);
    return n;
}

static unsigned tracked(struct fake *f, const char *app)
{
    unsigned n = 0;

    cluster_each_tracked(f->c, rk_str_c(app), count, &n);
    return n;
}

static void note_time(struct told *t, struct cluster *c, struct cluster_object *o)
{
    (void)c;
    (void)o;
    *(uint64_t *)t->hook_ctx = rk_mono_us();
}

/* From the server's write to the observer, through two HTTP halves in this process. */
static void test_event_is_told_at_once(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = ready(f);
    uint64_t told = 0, best = UINT64_MAX;

    f->told.hook = note_time;
    f->told.hook_ctx = &told;
    for (int i = 0; i < 20; i++) {
        rk_auto(rk_free_str) char *text = rk_asprintf(
            "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
            "\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u-a\","
            "\"resourceVersion\":\"%d\"}}}", 100 + i);
        uint64_t t0 = rk_mono_us();

        told = 0;
        fake_send(s, text);
        WAIT(f->loop, told);
        best = told - t0 < best ? told - t0 : best;
    }
    print_message("event to observer: %llu us at best\n", (unsigned long long)best);
    assert_true(best < 5000);
}

static void test_indexes_follow(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = hold(f);

    fake_send(s, EV("ADDED", OWNED("x", "1", "o1", "shop")) EV("ADDED", OWNED("y", "2", "o1", "shop"))
                     INITIAL_END("3"));
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    assert_int_equal(owned(f, "o1"), 2);
    assert_int_equal(tracked(f, "shop"), 2);
    fake_send(s, EV("MODIFIED", OWNED("x", "4", "o2", "blog")) EV("DELETED", OWNED("y", "5", "o1", "shop")));
    WAIT(f->loop, cluster_objects(f->c) == 1);
    assert_int_equal(owned(f, "o1"), 0);
    assert_int_equal(owned(f, "o2"), 1);
    assert_int_equal(tracked(f, "shop"), 0);
    assert_int_equal(tracked(f, "blog"), 1);
}

static void test_many_objects(void **state)
{
    struct fake *f = *state;
    struct fake_stream *s = hold(f);
    struct rk_buf text = RK_BUF_INIT;

    for (unsigned i = 0; i < 3000; i++)
        rk_buf_f(&text, "{\"type\":\"ADDED\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
                        "\"metadata\":{\"name\":\"m%u\",\"namespace\":\"n\",\"uid\":\"%u\","
                        "\"resourceVersion\":\"%u\",\"ownerReferences\":[{\"uid\":\"o%u\"}]}}}\n",
                 i, i, i + 1, i % 10);
    rk_buf_c(&text, INITIAL_END("9000"));
    fake_send(s, text.p);
    fake_end(s); /* the end comes before all is read */
    rk_buf_release(&text);
    WAIT(f->loop, cluster_kind_ready(f->c, RK_STR(""), RK_STR("ConfigMap")));
    assert_int_equal(cluster_objects(f->c), 3000);
    assert_int_equal(owned(f, "o3"), 300);
    for (unsigned i = 0; i < 3000; i += 7) {
        rk_auto(rk_free_str) char *name = rk_asprintf("m%u", i);
        assert_non_null(find(f, name));
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)
    const struct CMUnitTest tests[] = {
        T(test_streaming_list),
        T(test_split_at_every_byte),
        T(test_resume_keeps_the_version),
        T(test_410_in_stream),
        T(test_410_as_answer),
        T(test_410_while_listing_asks_for_the_newest),
        T(test_429_waits_as_asked),
        T(test_very_short_watch_backs_off),
        T(test_no_streaming_falls_back_to_list),
        T(test_list_in_pages),
        T(test_forbidden_kind),
        T(test_unknown_and_unwatchable_kind),
        T(test_bad_object_is_left_out),
        T(test_garbage_lists_anew),
        T(test_drop_inside_a_callback),
        T(test_close_inside_a_callback),
        T(test_secret_values_are_masked),
        T(test_event_is_told_at_once),
        T(test_indexes_follow),
        T(test_many_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
