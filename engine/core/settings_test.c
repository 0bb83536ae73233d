/*
 * settings_test.c: engine.yaml: everything design.md section 15 shows, defaults, and what is wrong
 * with file and line.
 */
#include "core/core_test.h"

static struct core_settings read_ok(const char *text)
{
    struct core_settings s = {0};
    struct rk_err err = {0};
    test_put("engine.yaml", text);
    if (core_settings_read(test_path("engine.yaml"), &s, &err))
        fail_msg("%s", err.text);
    return s;
}

/* The error's text after the file's name, which it begins with. */
static const char *refused(const char *text)
{
    struct core_settings s = {0};
    struct rk_err err = {0};
    test_put("engine.yaml", text);
    assert_int_equal(core_settings_read(test_path("engine.yaml"), &s, &err), -1);
    assert_int_equal(err.code, RK_INVALID);
    const char *file = test_path("engine.yaml");
    assert_int_equal(strncmp(err.text, file, strlen(file)), 0);
    return rk_arena_strdup(arena, err.text + strlen(file));
}

static void test_whole(void **state)
{
    (void)state;
    struct core_settings s = read_ok(
        "# engine.yaml\n"
        "apiVersion: reckon.dev/v1\n"
        "repositories:\n"
        "- name: main\n"
        "  url: ssh://git@git.example.org/gitops.git\n"
        "  branch: release\n"
        "  poll: 1m30s\n"
        "  credentials: {sshKeyFile: /etc/reckon/deploy_key}   # or tokenFile, helper\n"
        "- name: second\n"
        "  url: https://git.example.org/other.git\n"
        "  credentials: {tokenFile: /etc/reckon/token, helper: store}\n"
        "clusters:\n"
        "- name: main\n"
        "  server: https://kubernetes.default.svc\n"
        "  kubeconfig: /etc/reckon/kubeconfig\n"
        "  context: ctx\n"
        "identities:\n"
        "- {uid: 1000, name: operator, email: operator@example.org, signingKey: \"\"}\n"
        "- {uid: 0, name: root}\n"
        "policy: /etc/reckon/policy.csv\n"
        "floors:\n"
        "- {environment: \"*prod*\", locked: true, approvals: 2}\n"
        "- {environment: staging, locked: false}\n"
        "listen: {webhook: \"\", metrics: \"\"}\n"
        "audit: {remote: \"ssh://git@git.example.org/audit.git\"}\n"
        "socketGroup: reckon\n"
        "state: \"\"\n"
        "healthScripts: \"\"\n"
        "tracking: argocd\n"
        "enableHelm: true\n"
        "approvalTTL: 2h\n"
        "waveDelay: 3s\n"
        "limits: {gitOperation: 10s, apiRequest: 5s, operation: 1m}\n");
    assert_int_equal(s.n_repos, 2);
    assert_string_equal(s.repos[0].name, "main");
    assert_string_equal(s.repos[0].url, "ssh://git@git.example.org/gitops.git");
    assert_string_equal(s.repos[0].branch, "release");
    assert_string_equal(s.repos[0].ssh_key_file, "/etc/reckon/deploy_key");
    assert_null(s.repos[0].token_file);
    assert_int_equal(s.repos[0].poll_ms, 90000);
    assert_string_equal(s.repos[1].token_file, "/etc/reckon/token");
    assert_string_equal(s.repos[1].helper, "store");
    assert_null(s.repos[1].branch);
    assert_int_equal(s.repos[1].poll_ms, 15000);
    assert_int_equal(s.n_clusters, 1);
    assert_string_equal(s.clusters[0].name, "main");
    assert_string_equal(s.clusters[0].server, "https://kubernetes.default.svc");
    assert_string_equal(s.clusters[0].kubeconfig, "/etc/reckon/kubeconfig");
    assert_string_equal(s.clusters[0].context, "ctx");
    assert_int_equal(s.n_identities, 2);
    assert_int_equal(s.identities[0].uid, 1000);
    assert_string_equal(s.identities[0].name, "operator");
    assert_string_equal(s.identities[0].email, "operator@example.org");
    assert_null(s.identities[0].signing_key); /* "" is none */
    assert_int_equal(s.identities[1].uid, 0);
    assert_int_equal(s.n_floors, 2);
    assert_string_equal(s.floors[0].environment, "*prod*");
    assert_true(s.floors[0].has_locked && s.floors[0].locked);
    assert_int_equal(s.floors[0].approvals, 2);
    assert_false(s.floors[1].locked);
    assert_int_equal(s.floors[1].approvals, 0);
    assert_string_equal(s.audit_remote, "ssh://git@git.example.org/audit.git");
    assert_string_equal(s.socket_group, "reckon");
    assert_null(s.state);
    assert_string_equal(s.tracking, "argocd");
    assert_true(s.later && strstr(s.later, ": policy")); /* told, as long as nothing reads it */
    assert_null(strstr(s.later, "webhook"));             /* empty: nothing is lost */
    assert_true(s.enable_helm);
    assert_int_equal(s.approval_ttl_ms, 2 * 3600000);
    assert_int_equal(s.wave_delay_ms, 3000);
    assert_int_equal(s.git_ms, 10000);
    assert_int_equal(s.api_ms, 5000);
    assert_int_equal(s.operation_ms, 60000);
    core_settings_release(&s);
    assert_null(s.repos);
}

static void expect_defaults(const struct core_settings *s)
{
    assert_int_equal(s->n_repos, 0);
    assert_int_equal(s->n_clusters, 0);
    assert_int_equal(s->n_identities, 0);
    assert_int_equal(s->n_floors, 0);
    assert_null(s->socket_group);
    assert_null(s->state);
    assert_null(s->audit_remote);
    assert_null(s->tracking);
    assert_false(s->enable_helm);
    assert_int_equal(s->approval_ttl_ms, 8 * 3600000);
    assert_int_equal(s->wave_delay_ms, 0);
    assert_int_equal(s->git_ms, 120000);
    assert_int_equal(s->api_ms, 60000);
    assert_int_equal(s->operation_ms, 30 * 60000);
}

static void test_defaults(void **state)
{
    (void)state;
    struct core_settings s = {0};
    assert_int_equal(core_settings_read(NULL, &s, NULL), 0);
    expect_defaults(&s);
    core_settings_release(&s);
    s = read_ok("");
    expect_defaults(&s);
    core_settings_release(&s);
    s = read_ok("# nothing yet\nrepositories:\nclusters: []\nlimits:\naudit:\n");
    expect_defaults(&s);
    core_settings_release(&s);
}

static void test_names_that_were_left_out(void **state)
{
    (void)state;
    struct core_settings s = read_ok("repositories:\n- url: /srv/a.git\n- url: /srv/b.git\n"
                                     "clusters:\n- {kubeconfig: a}\n- {context: kind-b}\n");
    assert_string_equal(s.repos[0].name, "main");
    assert_string_equal(s.repos[1].name, "/srv/b.git");
    assert_string_equal(s.clusters[0].name, "main");
    assert_string_equal(s.clusters[1].name, "kind-b");
    core_settings_release(&s);
}

static void test_unknown_fields(void **state)
{
    (void)state;
    static const struct { const char *text, *want; } rows[] = {
        {"tracking: reckon\nrepos: []\n", ":2: no such setting: repos"},
        {"repositories:\n- url: a\n  pol: 15s\n", ":3: no such setting: pol"},
        {"repositories:\n- url: a\n  credentials:\n    password: geheim\n",
         ":4: no such setting: password"},
        {"clusters:\n- name: a\n- {name: b, token: x}\n", ":3: no such setting: token"},
        {"limits: {operation: 1m,\n  git: 1s}\n", ":2: no such setting: git"},
        {"listen: {web: \"\"}\n", ":1: no such setting: web"},
        {"audit: {url: x}\n", ":1: no such setting: url"},
        {"floors:\n- {environment: a, sync: manual}\n", ":2: no such setting: sync"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(refused(rows[i].text), rows[i].want);
}

static void test_wrong_types(void **state)
{
    (void)state;
    static const struct { const char *text, *want; } rows[] = {
        {"repositories: main\n", ":1: a list is wanted in field: repositories"},
        {"repositories: {name: a}\n", ":1: a list is wanted in field: repositories"},
        {"\nrepositories:\n- /srv/a.git\n", ":3: a mapping is wanted: here"},
        {"- a\n- b\n", ":1: a mapping is wanted: here"},
        {"socketGroup: [a]\n", ":1: a text is wanted in field: socketGroup"},
        {"clusters:\n- context: on\n", ":2: a text is wanted in field: context"},
        {"repositories:\n- url: {a: b}\n", ":2: a text is wanted in field: url"},
        {"waveDelay: soon\n", ":1: a duration such as 15s is wanted in field: waveDelay"},
        {"waveDelay: 15\n", ":1: a duration such as 15s is wanted in field: waveDelay"},
        {"waveDelay: -5s\n", ":1: a duration such as 15s is wanted in field: waveDelay"},
        {"limits: {operation: }\n", ":1: a duration such as 15s is wanted in field: operation"},
        {"limits: 30m\n", ":1: a mapping is wanted: here"},
        {"identities:\n- {uid: root}\n", ":2: a whole number is wanted in field: uid"},
        {"identities:\n- {uid: -1}\n", ":2: a whole number is wanted in field: uid"},
        {"identities:\n- {uid: 1.5}\n", ":2: a whole number is wanted in field: uid"},
        {"floors:\n- environment: a\n  locked: 1\n",
         ":3: true or false is wanted in field: locked"},
        {"floors:\n- environment: a\n  approvals: two\n",
         ":3: a whole number is wanted in field: approvals"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(refused(rows[i].text), rows[i].want);
}

static void test_what_is_missing(void **state)
{
    (void)state;
    static const struct { const char *text, *want; } rows[] = {
        {"repositories:\n- url: a\n- name: b\n", ": repositories[1] has no url"},
        {"floors:\n- {locked: true}\n", ": floors[0] has no environment"},
        {"clusters:\n- {context: a}\n- {kubeconfig: b}\n", ": clusters[1] has no name"},
        {"tracking: flux\n", ": tracking is reckon or argocd, not flux"},
        /* two of one name would share one mirror, one row */
        {"repositories:\n- {name: a, url: /x}\n- {name: a, url: /y}\n",
         ": two repositories are named a"},
        {"repositories:\n- {url: /x}\n- {name: main, url: /y}\n",
         ": two repositories are named main"},
        {"clusters:\n- {name: c}\n- {name: b}\n- {name: c}\n", ": two clusters are named c"},
    };
    for (size_t i = 0; i < RK_LEN(rows); i++)
        assert_string_equal(refused(rows[i].text), rows[i].want);
}

static void test_bad_files(void **state)
{
    (void)state;
    struct core_settings s = {0};
    struct rk_err err = {0};
    assert_int_equal(core_settings_read(test_path("none.yaml"), &s, &err), -1);
    assert_int_equal(err.code, RK_NOT_FOUND);
    assert_part(err.text, "none.yaml");
    assert_part(refused("repositories:\n- url: \"a\n"), ":");
    assert_part(refused("a: 1\n---\nb: 2\n"), ":");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_whole),
        TEST(test_defaults),
        TEST(test_names_that_were_left_out),
        TEST(test_unknown_fields),
        TEST(test_wrong_types),
        TEST(test_what_is_missing),
        TEST(test_bad_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
