/*
 * control_test.c: the controllers over the API: rollouts that succeed, fail and go back, other
 * workloads, volumes, addresses, namespaces, owners, sealed secrets, custom resources, logs, faults
 * and the state folder. Each test waits for a state, with a limit.
 */
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "sandbox/testing.h"
#include "seal/seal.h"

#define NS "/api/v1/namespaces/demo"
#define APPS "/apis/apps/v1/namespaces/demo"
#define BATCH "/apis/batch/v1/namespaces/demo"
#define TEMPLATE(image)                                                                           \
    "'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web'}},"   \
    "'spec':{'containers':[{'name':'app','image':'" image "'}]}}"
#define DEPLOYMENT(more, image)                                                                   \
    "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{" more ","     \
    TEMPLATE(image) "}}"
#define WEB APPS "/deployments/web"

static int setup(void **state)
{
    struct bed *b = bed_new(NULL);
    make_space(b, "demo");
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bed_free(*state);
    return 0;
}

static void put_web(struct bed *b, const char *body)
{
    call(b, "PATCH", WEB "?fieldManager=one&force=true", APPLY, body);
    assert_true(b->status == 200 || b->status == 201);
}

static void a_deployment_rolls_out(void **state)
{
    struct bed *b = *state;
    put_web(b, DEPLOYMENT("'replicas':3", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "3");
    wait_at(b, WEB, "/status/conditions/1/reason", "NewReplicaSetAvailable");
    assert_at(b, "/status/observedGeneration", "1");
    assert_at(b, "/status/updatedReplicas", "3");
    assert_at(b, "/metadata/annotations/deployment.kubernetes.io~1revision", "1");
    put_web(b, DEPLOYMENT("'replicas':3", "nginx:2"));
    wait_at(b, WEB, "/metadata/annotations/deployment.kubernetes.io~1revision", "2");
    wait_at(b, WEB, "/status/replicas", "3");
    wait_at(b, WEB, "/status/updatedReplicas", "3");
    wait_at(b, WEB, "/status/conditions/1/reason", "NewReplicaSetAvailable");
    get(b, NS "/pods");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 3);
    assert_at(b, "/items/0/spec/containers/0/image", "nginx:2");
    assert_at(b, "/items/0/status/phase", "Running");
    get(b, APPS "/replicasets");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 2);
    put_web(b, DEPLOYMENT("'replicas':1", "nginx:1"));
    wait_at(b, WEB, "/metadata/annotations/deployment.kubernetes.io~1revision", "3");
    wait_at(b, WEB, "/status/replicas", "1");
    get(b, APPS "/replicasets");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 2);
    get(b, NS "/events?fieldSelector=reason%3DScalingReplicaSet,involvedObject.name%3Dweb");
    assert_true(doc_count(doc_get(b->answer, "items")) >= 3);
}

static void a_broken_image_degrades_at_the_deadline(void **state)
{
    struct bed *b = *state;
    put_web(b, DEPLOYMENT("'replicas':2,'progressDeadlineSeconds':1", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "2");
    put_web(b, DEPLOYMENT("'replicas':2,'progressDeadlineSeconds':1", "nginx:2-broken"));
    wait_at(b, WEB, "/status/conditions/1/reason", "ProgressDeadlineExceeded");
    assert_at(b, "/status/conditions/1/status", "False");
    assert_true(rk_str_ends(rk_str_c(at(b, "/status/conditions/1/message")),
                            "\" has timed out progressing."));
    assert_at(b, "/status/conditions/0/status", "True");
    assert_at(b, "/status/availableReplicas", "2");
    get(b, NS "/pods?fieldSelector=status.phase%3DPending");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 1);
    const char *waiting = "/items/0/status/containerStatuses/0/state/waiting/reason";
    assert_at(b, waiting, "ImagePullBackOff");
    const char *message = at(b, "/items/0/status/containerStatuses/0/state/waiting/message");
    assert_true(rk_str_starts(rk_str_c(message), "Back-off pulling image \"nginx:2-broken\""));
    char path[200];
    snprintf(path, sizeof(path), NS "/pods/%s/log", at(b, "/items/0/metadata/name"));
    assert_int_equal(get(b, path), 400);
    put_web(b, DEPLOYMENT("'replicas':2,'progressDeadlineSeconds':1", "nginx:1"));
    wait_at(b, WEB, "/status/replicas", "2");
    wait_at(b, WEB, "/status/conditions/1/reason", "NewReplicaSetAvailable");
    get(b, NS "/pods?fieldSelector=status.phase%3DPending");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 0);
}

static void recreate_ends_the_old_before_the_new(void **state)
{
    struct bed *b = *state;
    put_web(b, DEPLOYMENT("'replicas':2,'strategy':{'type':'Recreate'}", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "2");
    put_web(b, DEPLOYMENT("'replicas':2,'strategy':{'type':'Recreate'}", "nginx:2"));
    wait_at(b, WEB, "/metadata/annotations/deployment.kubernetes.io~1revision", "2");
    wait_at(b, WEB, "/status/updatedReplicas", "2");
    wait_at(b, WEB, "/status/availableReplicas", "2");
    assert_at(b, "/status/replicas", "2");
}

static void what_an_owner_had_goes_with_it(void **state)
{
    struct bed *b = *state;
    put_web(b, DEPLOYMENT("'replicas':2", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "2");
    assert_int_equal(call(b, "DELETE", WEB, NULL, "{'propagationPolicy':'Foreground'}"), 200);
    wait_status(b, WEB, 404);
    wait_at(b, NS "/pods", "/items", "[]");
    wait_at(b, APPS "/replicasets", "/items", "[]");
    put_web(b, DEPLOYMENT("'replicas':1", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "1");
    assert_int_equal(call(b, "DELETE", WEB, NULL, "{'propagationPolicy':'Orphan'}"), 200);
    wait_status(b, WEB, 404);
    wait_at(b, APPS "/replicasets", "/items/0/metadata/ownerReferences", "");
    get(b, NS "/pods");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 1);
}

static void other_workloads_come_up(void **state)
{
    struct bed *b = *state;
    call(b, "POST", APPS "/statefulsets", NULL,
         "{'metadata':{'name':'db'},'spec':{'serviceName':'db','replicas':2,"
         "'volumeClaimTemplates':[{'metadata':{'name':'data'},'spec':{'accessModes':"
         "['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}]," TEMPLATE("pg:1") "}}");
    assert_int_equal(b->status, 201);
    wait_at(b, APPS "/statefulsets/db", "/status/readyReplicas", "2");
    wait_status(b, NS "/pods/db-1", 200);
    wait_at(b, NS "/persistentvolumeclaims/data-db-1", "/status/phase", "Bound");
    assert_at(b, "/status/capacity/storage", "1Gi");
    call(b, "PATCH", APPS "/statefulsets/db", MERGE,
         "{'spec':{'template':{'spec':{'containers':[{'name':'app','image':'pg:2'}]}}}}");
    wait_at(b, NS "/pods/db-0", "/spec/containers/0/image", "pg:2");
    wait_at(b, APPS "/statefulsets/db", "/status/updatedReplicas", "2");
    wait_at(b, APPS "/statefulsets/db", "/status/readyReplicas", "2");
    call(b, "PATCH", APPS "/statefulsets/db/scale", MERGE, "{'spec':{'replicas':1}}");
    wait_status(b, NS "/pods/db-1", 404);
    call(b, "POST", APPS "/daemonsets", NULL,
         "{'metadata':{'name':'agent'},'spec':{" TEMPLATE("agent:1") "}}");
    wait_at(b, APPS "/daemonsets/agent", "/status/numberReady", "1");
}

static void jobs_end_well_or_badly(void **state)
{
    struct bed *b = *state;
#define POD "'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'b:1'}]}"
    call(b, "POST", BATCH "/jobs", NULL, "{'metadata':{'name':'good'},'spec':{'completions':2,"
                                         "'template':{" POD "}}}");
    assert_int_equal(b->status, 201);
    wait_at(b, BATCH "/jobs/good", "/status/succeeded", "2");
    assert_at(b, "/status/conditions/1/type", "Complete");
    call(b, "POST", BATCH "/jobs", NULL, "{'metadata':{'name':'bad'},'spec':{'backoffLimit':1,"
         "'template':{'metadata':{'annotations':{'" SANDBOX_FAIL "':'true'}}," POD "}}}");
    wait_at(b, BATCH "/jobs/bad", "/status/conditions/1/type", "Failed");
    assert_at(b, "/status/failed", "2");
    call(b, "POST", BATCH "/cronjobs", NULL, "{'metadata':{'name':'tick'},'spec':{'schedule':"
         "'* * * * *','jobTemplate':{'spec':{'template':{" POD "}}}}}");
    assert_int_equal(b->status, 201);
    assert_at(b, "/spec/concurrencyPolicy", "Allow");
}

static void addresses_and_volumes_are_given(void **state)
{
    struct bed *b = *state;
    call(b, "POST", NS "/services", NULL, "{'metadata':{'name':'lb'},'spec':{'type':'LoadBalancer',"
                                          "'ports':[{'port':80}]}}");
    wait_at(b, NS "/services/lb", "/status/loadBalancer/ingress/0/ip", "192.0.2.10");
    const char *path = "/apis/networking.k8s.io/v1/namespaces/demo/ingresses";
    call(b, "POST", path, NULL, "{'metadata':{'name':'in'},'spec':{'rules':[{'host':'a.b'}]}}");
    wait_at(b, "/apis/networking.k8s.io/v1/namespaces/demo/ingresses/in",
            "/status/loadBalancer/ingress/0/ip", "192.0.2.10");
    call(b, "POST", NS "/persistentvolumeclaims", NULL,
         "{'metadata':{'name':'c'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':"
         "{'storage':'1Gi'}}}}");
    wait_at(b, NS "/persistentvolumeclaims/c", "/status/phase", "Bound");
    call(b, "DELETE", NS "/persistentvolumeclaims/c", NULL, NULL);
    wait_status(b, NS "/persistentvolumeclaims/c", 404);
}

static void a_namespace_takes_everything_along(void **state)
{
    struct bed *b = *state;
    wait_status(b, NS "/serviceaccounts/default", 200);
    wait_status(b, NS "/configmaps/kube-root-ca.crt", 200);
    put_web(b, DEPLOYMENT("'replicas':2", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "2");
    assert_int_equal(call(b, "DELETE", NS, NULL, NULL), 200);
    assert_at(b, "/status/phase", "Terminating");
    wait_status(b, NS, 404);
    assert_int_equal(get(b, WEB), 404);
    assert_int_equal(call(b, "DELETE", "/api/v1/namespaces/default", NULL, NULL), 403);
}

/* ---- sealed secrets ---- */

#define SEALED "/apis/bitnami.com/v1alpha1/namespaces/demo/sealedsecrets"

static char *sealed_body(struct bed *b, const char *value)
{
    struct doc_node *secret, *sealed;
    struct rk_err err = {0};
    struct rk_buf text = RK_BUF_INIT;
    struct rk_buf in = RK_BUF_INIT;
    rk_buf_f(&in, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"db\","
             "\"namespace\":\"demo\"},\"stringData\":{\"password\":\"%s\"}}", value);
    assert_int_equal(doc_json_read(b->arena, rk_arena_str(b->arena, rk_buf_view(&in)), NULL,
                                   &secret,
                                   &err), 0);
    rk_buf_release(&in);
    if (seal_secret(b->arena, sandbox_sealing_cert(b->sb), false, SEAL_STRICT, "demo", secret,
                    &sealed,
                    &err) < 0)
        fail_msg("%s", err.text);
    doc_json_write(&text, sealed);
    return rk_buf_take(&text);
}

static void a_sealed_secret_is_opened(void **state)
{
    struct bed *b = *state;
    const char *cert = "/api/v1/namespaces/kube-system/services/"
                       "http:sealed-secrets-controller:http/proxy/v1/cert.pem";
    wait_status(b, cert, 200);
    assert_true(rk_str_eq(b->text, sandbox_sealing_cert(b->sb)));
    get(b, "/api/v1/namespaces/kube-system/secrets?labelSelector="
           "sealedsecrets.bitnami.com%2Fsealed-secrets-key%3Dactive");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 1);
    assert_true(rk_str_starts(rk_str_c(at(b, "/items/0/metadata/name")), "sealed-secrets-key"));
    rk_auto(rk_free_str) char *body = sealed_body(b, "hunter2");
    assert_int_equal(call(b, "POST", SEALED, NULL, body), 201);
    wait_at(b, SEALED "/db", "/status/conditions/0/status", "True");
    assert_at(b, "/status/observedGeneration", "1");
    get(b, NS "/secrets/db");
    assert_at(b, "/data/password", "aHVudGVyMg==");
    assert_at(b, "/metadata/ownerReferences/0/kind", "SealedSecret");
    call(b, "DELETE", NS "/secrets/db", NULL, NULL);
    wait_status(b, NS "/secrets/db", 200);
    call(b, "PATCH", SEALED "/db", MERGE, "{'spec':{'encryptedData':{'password':'AgBy'}}}");
    wait_at(b, SEALED "/db", "/status/conditions/0/status", "False");
    assert_at(b, "/status/observedGeneration", "2");
    call(b, "DELETE", SEALED "/db", NULL, NULL);
    wait_status(b, NS "/secrets/db", 404);
    assert_int_equal(get(b, "/api/v1/namespaces/kube-system/services/other/proxy/v1/cert.pem"),
                     404);
}

static void pods_misbehave_on_request(void **state)
{
    struct bed *b = *state;
    const char *reason = "/status/containerStatuses/0/state/waiting/reason";
    call(b, "POST", NS "/pods", NULL,
         "{'metadata':{'name':'loops','annotations':{'" SANDBOX_CRASH_LOOP "':'true'}},'spec':{"
         "'containers':[{'name':'a','image':'b:1'}]}}");
    assert_int_equal(b->status, 201);
    wait_at(b, NS "/pods/loops", reason, "CrashLoopBackOff");
    const uint64_t start = rk_mono_ms();
    call(b, "POST", NS "/pods", NULL,
         "{'metadata':{'name':'slow','annotations':{'" SANDBOX_SLOW_START "':'300ms'}},'spec':{"
         "'containers':[{'name':'a','image':'b:1'}]}}");
    wait_at(b, NS "/pods/slow", reason, "ContainerCreating");
    wait_at(b, NS "/pods/slow", "/status/phase", "Running");
    assert_true(rk_mono_ms() - start >= 300);
}

static void wrong_arguments_are_refused(void **state)
{
    static char word[] = "sandbox", unknown[] = "--nothing", listen[] = "--listen",
                port[] = "127.0.0.1:99999", faults[] = "--faults", none[] = "/nowhere/faults";
    char *one[] = {word, unknown, NULL}, *two[] = {word, listen, port, NULL};
    char *three[] = {word, listen, NULL}, *four[] = {word, faults, none, NULL};
    (void)state;
    assert_int_equal(sandbox_main(2, one), 2);
    assert_int_equal(sandbox_main(3, two), 2);
    assert_int_equal(sandbox_main(2, three), 2);
    assert_int_equal(sandbox_main(3, four), 2);
}

static void custom_resources_come_and_go(void **state)
{
    struct bed *b = *state;
    const char *crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const char *things = "/apis/example.com/v1/namespaces/demo/things";
    call(b, "POST", crds, NULL,
         "{'metadata':{'name':'things.example.com'},'spec':{'group':'example.com','scope':"
         "'Namespaced','names':{'plural':'things','kind':'Thing','shortNames':['th']},'versions':["
         "{'name':'v1','served':true,'storage':true,'subresources':{'status':{}},"
         "'additionalPrinterColumns':[{'name':'Colour','type':'string','jsonPath':"
         "'.spec.colour'}]}]}}");
    assert_int_equal(b->status, 201);
    wait_status(b, things, 200);
    assert_at(b, "/kind", "ThingList");
    assert_int_equal(call(b, "PATCH",
                          "/apis/example.com/v1/namespaces/demo/things/one?fieldManager=m", APPLY,
                          "{'apiVersion':'example.com/v1','kind':'Thing','metadata':{'name':'one'},"
                          "'spec':{'colour':'red','list':[1,2]}}"), 201);
    assert_at(b, "/metadata/generation", "1");
    b->accept = JSON ";as=Table;v=v1;g=meta.k8s.io";
    get(b, things);
    assert_at(b, "/columnDefinitions/1/name", "Colour");
    assert_at(b, "/rows/0/cells/1", "red");
    b->accept = NULL;
    assert_int_equal(call(b, "PATCH", "/apis/example.com/v1/namespaces/demo/things/one", STRATEGIC,
                          "{'spec':{'colour':'blue'}}"), 415);
    call(b, "DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com",
         NULL, NULL);
    wait_status(b, things, 404);
}

static void logs_are_imagined(void **state)
{
    struct bed *b = *state;
    char path[200];
    put_web(b, DEPLOYMENT("'replicas':1", "nginx:1"));
    wait_at(b, WEB, "/status/availableReplicas", "1");
    get(b, NS "/pods");
    snprintf(path, sizeof(path), NS "/pods/%s/log?tailLines=2", at(b, "/items/0/metadata/name"));
    assert_int_equal(get(b, path), 200);
    size_t lines = 0;
    for (size_t i = 0; i < b->text.n; i++)
        lines += b->text.p[i] == '\n';
    assert_int_equal(lines, 2);
    rk_auto(rk_free_str) char *following = rk_asprintf("%s&follow=true", path);
    struct stream *s = stream_open(b, following);
    stream_wait(s, "number 1");
    stream_free(s);
    assert_int_equal(get(b, NS "/pods/none/log"), 404);
}

static void faults_are_played(void **state)
{
    struct bed *b = *state;
    const struct sandbox_faults faults = {.too_many = 1, .drop_watches = true, .latency_ms = 20};
    const struct sandbox_faults error = {.errors = 1};
    const struct sandbox_faults none = {0};
    sandbox_set_faults(b->sb, &faults);
    const uint64_t start = rk_mono_ms();
    assert_int_equal(get(b, NS "/configmaps"), 429);
    assert_true(rk_mono_ms() - start >= 20);
    assert_at(b, "/details/retryAfterSeconds", "1");
    assert_int_equal(get(b, NS "/configmaps"), 200);
    struct stream *s = stream_open(b, NS "/configmaps?watch=1&allowWatchBookmarks=true");
    stream_wait(s, "ADDED");
    call(b, "POST", NS "/configmaps", NULL, "{'metadata':{'name':'f'}}");
    stream_wait_end(s);
    stream_free(s);
    sandbox_set_faults(b->sb, &error);
    assert_int_equal(call(b, "POST", NS "/configmaps", NULL, "{'metadata':{'name':'g'}}"), 500);
    sandbox_set_faults(b->sb, &none);
    assert_int_equal(call(b, "POST", NS "/configmaps", NULL, "{'metadata':{'name':'g'}}"), 201);
}

static void the_state_folder_outlives_it(void **state)
{
    (void)state;
    char dir[] = "/tmp/rk-sandbox-XXXXXX";
    struct rk_err err;
    assert_non_null(mkdtemp(dir));
    const struct sandbox_opts opts = {.state_dir = dir, .pod_delay_ms = 5};
    struct bed *b = bed_new(&opts);
    make_space(b, "demo");
    call(b, "POST", NS "/services", NULL,
         "{'metadata':{'name':'s'},'spec':{'ports':[{'port':1}]}}");
    rk_auto(rk_free_str) char *ip = rk_strdup(at(b, "/spec/clusterIP"));
    call(b, "POST", NS "/configmaps", NULL, "{'metadata':{'name':'kept'},'data':{'a':'1'}}");
    rk_auto(rk_free_str) char *uid = rk_strdup(at(b, "/metadata/uid"));
    rk_auto(rk_free_str) char *token = rk_strdup(sandbox_token(b->sb));
    rk_auto(rk_free_str) char *rv = rk_strdup(at(b, "/metadata/resourceVersion"));
    bed_free(b);
    b = bed_new(&opts);
    assert_string_equal(sandbox_token(b->sb), token);
    assert_int_equal(get(b, NS "/configmaps/kept"), 200);
    assert_at(b, "/metadata/uid", uid);
    assert_at(b, "/metadata/resourceVersion", rv);
    call(b, "POST", NS "/services", NULL,
         "{'metadata':{'name':'t'},'spec':{'ports':[{'port':1}]}}");
    assert_string_not_equal(at(b, "/spec/clusterIP"), ip);
    get(b, NS "/configmaps");
    assert_true(strlen(at(b, "/metadata/resourceVersion")) >= strlen(rv));
    bed_free(b);
    rk_auto(rk_free_str) char *objects = rk_asprintf("%s/objects", dir);
    assert_int_equal(rk_file_write(objects, RK_STR("{\"resourceVersion\":\"1\"}\n{oops\n"), 0600,
                                   &err),
                     0);
    struct run_loop *loop = run_loop_new();
    struct sandbox *sb;
    assert_int_equal(sandbox_start(loop, &opts, &sb, &err), -1);
    assert_non_null(strstr(err.text, "objects:2"));
    run_loop_free(loop);
    assert_int_equal(rk_remove_tree(dir, &err), 0);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_deployment_rolls_out), T(a_broken_image_degrades_at_the_deadline),
        T(recreate_ends_the_old_before_the_new), T(what_an_owner_had_goes_with_it),
        T(other_workloads_come_up), T(jobs_end_well_or_badly), T(addresses_and_volumes_are_given),
        T(a_namespace_takes_everything_along), T(a_sealed_secret_is_opened),
        T(pods_misbehave_on_request), T(custom_resources_come_and_go),
        cmocka_unit_test(wrong_arguments_are_refused), T(logs_are_imagined), T(faults_are_played),
        cmocka_unit_test(the_state_folder_outlives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
