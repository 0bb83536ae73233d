/*
 * api_test.c: the sandbox's API over HTTPS: discovery, objects, patches, apply with its conflicts,
 * watches, deletions, errors. In: requests by the room net. Out: asserted answers. Exact texts are
 * those of a real v1.35.
 */
#include "sandbox/testing.h"

#define CM "/api/v1/namespaces/demo/configmaps"
#define DEPLOYMENTS "/apis/apps/v1/namespaces/demo/deployments"
#define SPEC(image, replicas)                                                                     \
    "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{'replicas':"   \
    replicas ",'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':" \
    "'web'}},'spec':{'containers':[{'name':'app','image':'" image "'}]}}}}"

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

static void a_wrong_token_is_refused(void **state)
{
    struct bed *b = *state;
    net_client_authorize(b->client, "Bearer wrong");
    assert_int_equal(get(b, "/api/v1/namespaces"), 401);
    assert_at(b, "/reason", "Unauthorized");
    net_client_authorize(b->client, "");
    assert_int_equal(get(b, "/apis"), 401);
    assert_int_equal(get(b, "/readyz"), 200);
    assert_true(rk_str_is(b->text, "ok"));
}

static void it_says_what_it_serves(void **state)
{
    struct bed *b = *state;
    assert_int_equal(get(b, "/version"), 200);
    assert_at(b, "/gitVersion", "v1.35.0-sandbox");
    assert_int_equal(get(b, "/api"), 200);
    assert_at(b, "/versions", "[\"v1\"]");
    assert_int_equal(get(b, "/apis/apps/v1"), 200);
    assert_at(b, "/resources/0/name", "deployments");
    assert_at(b, "/resources/1/name", "deployments/status");
    assert_at(b, "/resources/2/name", "deployments/scale");
    assert_at(b, "/resources/2/kind", "Scale");
    assert_int_equal(get(b, "/apis/apps"), 200);
    assert_at(b, "/preferredVersion/groupVersion", "apps/v1");
    assert_int_equal(get(b, "/apis/nothing/v1"), 404);
    b->accept = JSON ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," JSON;
    assert_int_equal(get(b, "/apis"), 200);
    assert_at(b, "/kind", "APIGroupDiscoveryList");
    assert_at(b, "/items/0/metadata/name", "apps");
    assert_at(b, "/items/0/versions/0/resources/0/subresources/1/subresource", "scale");
    assert_int_equal(get(b, "/api"), 200);
    assert_at(b, "/items/0/versions/0/resources/0/resource", "namespaces");
    b->accept = NULL;
}

static void openapi_lets_kubectl_apply(void **state)
{
    struct bed *b = *state;
    assert_int_equal(get(b, "/openapi/v3"), 200);
    assert_true(rk_str_starts(rk_str_c(at(b, "/paths/apis~1apps~1v1/serverRelativeURL")),
                              "/openapi/v3/apis/apps/v1?hash="));
    assert_int_equal(get(b, "/openapi/v3/apis/apps/v1"), 200);
    const char *patch =
        "/paths/~1apis~1apps~1v1~1namespaces~1{namespace}~1deployments~1{name}/patch";
    char pointer[200];
    snprintf(pointer, sizeof(pointer), "%s/parameters/2/name", patch);
    assert_at(b, pointer, "fieldValidation");
    snprintf(pointer, sizeof(pointer), "%s/x-kubernetes-group-version-kind/kind", patch);
    assert_at(b, pointer, "Deployment");
    assert_int_equal(get(b, "/openapi/v3/apis/nothing/v1"), 404);
}

static void an_object_is_made_read_and_listed(void **state)
{
    struct bed *b = *state;
    assert_int_equal(call(b, "POST", CM, NULL,
                          "{'metadata':{'name':'one','labels':{'app':'x'}},'data':{'a':'1'}}"),
                              201);
    assert_at(b, "/kind", "ConfigMap");
    assert_at(b, "/metadata/namespace", "demo");
    assert_at(b, "/metadata/managedFields/0/manager", "tester");
    assert_at(b, "/metadata/managedFields/0/operation", "Update");
    assert_int_equal((int)strlen(at(b, "/metadata/uid")), 36);
    assert_int_equal(call(b, "POST", CM, NULL, "{'metadata':{'generateName':'two-'}}"), 201);
    assert_true(rk_str_starts(rk_str_c(at(b, "/metadata/name")), "two-"));
    assert_int_equal(get(b, CM "?labelSelector=app%3Dx"), 200);
    assert_at(b, "/kind", "ConfigMapList");
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 1);
    assert_at(b, "/items/0/data/a", "1");
    assert_int_equal(get(b, CM "?fieldSelector=metadata.name%3Done"), 200);
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 1);
    assert_int_equal(get(b, CM "?limit=2"), 200);
    assert_at(b, "/items/0/metadata/name", "kube-root-ca.crt");
    assert_at(b, "/metadata/remainingItemCount", "1");
    struct rk_buf next = RK_BUF_INIT;
    rk_buf_c(&next, CM "?limit=2&continue=");
    net_escape(&next, rk_str_c(at(b, "/metadata/continue")));
    assert_int_equal(get(b, next.p), 200);
    rk_buf_release(&next);
    assert_int_equal(doc_count(doc_get(b->answer, "items")), 1);
    assert_true(rk_str_starts(rk_str_c(at(b, "/items/0/metadata/name")), "two-"));
    assert_at(b, "/metadata/continue", "");
}

static void wrong_requests_are_told_so(void **state)
{
    struct bed *b = *state;
    assert_int_equal(call(b, "POST", "/api/v1/namespaces/nope/configmaps", NULL,
                          "{'metadata':{'name':'a'}}"), 404);
    assert_at(b, "/message", "namespaces \"nope\" not found");
    assert_int_equal(get(b, DEPLOYMENTS "/none"), 404);
    assert_at(b, "/message", "deployments.apps \"none\" not found");
    assert_at(b, "/details/group", "apps");
    call(b, "POST", CM, NULL, "{'metadata':{'name':'dup'}}");
    assert_int_equal(call(b, "POST", CM, NULL, "{'metadata':{'name':'dup'}}"), 409);
    assert_at(b, "/reason", "AlreadyExists");
    assert_int_equal(call(b, "POST", CM, NULL, "{'metadata':{'name':'Bad_Name'}}"), 422);
    assert_int_equal(call(b, "POST", CM, NULL, "{nope"), 400);
    assert_int_equal(call(b, "POST", CM, NULL, ""), 400);
    assert_int_equal(call(b, "POST", CM, NULL, "[]"), 400);
    assert_int_equal(call(b, "POST", CM, NULL, "{'metadata':5}"), 400);
    assert_int_equal(call(b, "POST", CM, "application/vnd.kubernetes.protobuf", "k8s"), 415);
    assert_non_null(strstr(at(b, "/message"), "application/json"));
    assert_int_equal(call(b, "PATCH", CM "/dup", JSON, "{}"), 415);
    assert_int_equal(call(b, "POST", CM "?dryRun=Some", NULL, "{'metadata':{'name':'a'}}"), 422);
    assert_int_equal(call(b, "DELETE", "/api/v1/configmaps", NULL, NULL), 405);
    assert_int_equal(get(b, "/somewhere"), 404);
    assert_int_equal(get(b, CM "?limit=-1"), 400);
    assert_int_equal(get(b, CM "?continue=%21"), 400);
    assert_int_equal(get(b, CM "?resourceVersion=99999999999999"), 504);
}

static void unknown_fields_are_refused_or_dropped(void **state)
{
    struct bed *b = *state;
    assert_int_equal(call(b, "POST", CM "?fieldValidation=Strict", NULL,
                          "{'metadata':{'name':'s'},'dota':{}}"), 400);
    assert_at(b, "/message", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict "
                             "decoding error: unknown field \"dota\"");
    assert_int_equal(call(b, "POST", CM, NULL, "{'metadata':{'name':'s'},'dota':{}}"), 201);
    assert_at(b, "/dota", "");
    assert_string_equal(b->warning, "299 - \"unknown field \\\"dota\\\"\"");
    assert_int_equal(call(b, "POST", CM, NULL, "{'metadata':{'name':'n'},'data':{'a':1}}"), 400);
    assert_at(b, "/message", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: "
                             "cannot unmarshal number into Go struct field ConfigMap.data of type "
                             "string");
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web?fieldManager=m", APPLY,
                          "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},"
                          "'spec':{'replica':3}}"), 500);
    assert_at(b, "/message", "failed to create typed patch object (demo/web; apps/v1, "
                             "Kind=Deployment): .spec.replica: field not declared in schema");
}

static void apply_books_owners_and_finds_conflicts(void **state)
{
    struct bed *b = *state;
    const char *one = DEPLOYMENTS "/web?fieldManager=one";
    const char *two = DEPLOYMENTS "/web?fieldManager=two";
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web", APPLY, SPEC("nginx:1", "2")), 422);
    assert_int_equal(call(b, "PATCH", one, APPLY, SPEC("nginx:1", "2")), 201);
    assert_at(b, "/metadata/managedFields/0/manager", "one");
    assert_at(b, "/metadata/managedFields/0/operation", "Apply");
    assert_at(b, "/metadata/managedFields/0/fieldsV1/f:spec/f:replicas", "{}");
    assert_at(b, "/metadata/managedFields/0/fieldsV1/f:spec/f:strategy", "");
    assert_at(b, "/spec/strategy/type", "RollingUpdate");
    assert_at(b, "/metadata/generation", "1");
    wait_at(b, DEPLOYMENTS "/web", "/status/availableReplicas", "2");
    const char *rv = at(b, "/metadata/resourceVersion");
    assert_int_equal(call(b, "PATCH", one, APPLY, SPEC("nginx:1", "2")), 200);
    assert_at(b, "/metadata/resourceVersion", rv);
    assert_int_equal(call(b, "PATCH", two, APPLY, SPEC("nginx:2", "2")), 409);
    assert_at(b, "/reason", "Conflict");
    assert_at(b, "/message", "Apply failed with 1 conflict: conflict with \"one\": "
                             ".spec.template.spec.containers[name=\"app\"].image");
    assert_at(b, "/details/causes/0/reason", "FieldManagerConflict");
    assert_at(b, "/details/causes/0/message", "conflict with \"one\"");
    assert_at(b, "/details/causes/0/field",
              ".spec.template.spec.containers[name=\"app\"].image");
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web?fieldManager=two&force=true&dryRun=All",
                          APPLY,
                          SPEC("nginx:2", "2")), 200);
    assert_at(b, "/spec/template/spec/containers/0/image", "nginx:2");
    get(b, DEPLOYMENTS "/web");
    assert_at(b, "/spec/template/spec/containers/0/image", "nginx:1");
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web?fieldManager=two&force=true", APPLY,
                          SPEC("nginx:2", "2")), 200);
    assert_at(b, "/metadata/generation", "2");
    assert_int_equal(call(b, "PATCH", one, APPLY, SPEC("nginx:1", "2")), 409);
    assert_at(b, "/details/causes/0/message", "conflict with \"two\"");
}

static void apply_removes_what_nobody_else_owns(void **state)
{
    struct bed *b = *state;
    const char *path = CM "/removal?fieldManager=one";
    const char *head =
        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'removal'},'data':";
    char body[300];
    snprintf(body, sizeof(body), "%s{'a':'1','b':'2'}}", head);
    assert_int_equal(call(b, "PATCH", path, APPLY, body), 201);
    snprintf(body, sizeof(body), "%s{'b':'2'}}", head);
    assert_int_equal(call(b, "PATCH", CM "/removal?fieldManager=two", APPLY, body), 200);
    snprintf(body, sizeof(body), "%s{}}", head);
    assert_int_equal(call(b, "PATCH", path, APPLY, body), 200);
    assert_at(b, "/data", "{\"b\":\"2\"}");
    assert_int_equal(call(b, "PATCH", CM "/removal?fieldManager=three", APPLY,
                          "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'removal',"
                          "'resourceVersion':'1'}}"), 409);
    assert_int_equal(call(b, "PATCH", CM "/removal?fieldManager=three", APPLY,
                          "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'other'}}"),
                              400);
}

static void patches_change_what_they_say(void **state)
{
    struct bed *b = *state;
    call(b, "POST", CM, NULL, "{'metadata':{'name':'p'},'data':{'a':'1','b':'2'}}");
    assert_int_equal(call(b, "PATCH", CM "/p", MERGE, "{'data':{'a':null,'c':'3'}}"), 200);
    assert_at(b, "/data", "{\"b\":\"2\",\"c\":\"3\"}");
    assert_int_equal(call(b, "PATCH", CM "/p", JSONPATCH,
                          "[{'op':'test','path':'/data/b','value':'2'},"
                          "{'op':'replace','path':'/data/b','value':'9'}]"), 200);
    assert_at(b, "/data/b", "9");
    assert_int_equal(call(b, "PATCH", CM "/p", JSONPATCH,
                          "[{'op':'remove','path':'/data/zzz'}]"), 422);
    assert_int_equal(call(b, "PATCH", CM "/p", MERGE, "{'metadata':{'resourceVersion':'1'}}"), 409);
    assert_at(b, "/message",
              "Operation cannot be fulfilled on configmaps \"p\": the object has been "
                             "modified; please apply your changes to the latest version and try "
                             "again");
    assert_int_equal(call(b, "PUT", CM "/p", NULL, "{'metadata':{'name':'p'},'data':{'z':'1'}}"),
                     200);
    assert_at(b, "/data", "{\"z\":\"1\"}");
    assert_int_equal(call(b, "PUT", CM "/p", NULL, "{'metadata':{'name':'q'}}"), 400);
    assert_int_equal(call(b, "PUT", CM "/none", NULL, "{'metadata':{'name':'none'}}"), 404);
    call(b, "POST", DEPLOYMENTS, NULL, SPEC("nginx:1", "0"));
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web", STRATEGIC,
                          "{'spec':{'template':{'spec':{'containers':[{'name':'app','env':"
                          "[{'name':'A','value':'1'}]}],'$setElementOrder/containers':"
                          "[{'name':'app'}]}}}}"), 200);
    assert_at(b, "/spec/template/spec/containers/0/env/0/value", "1");
    assert_at(b, "/spec/template/spec/containers/0/image", "nginx:1");
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web", MERGE,
                          "{'spec':{'selector':{'matchLabels':{'app':'other'}}}}"), 422);
    assert_non_null(strstr(at(b, "/message"), "field is immutable"));
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web", MERGE, "{'spec':{'replicas':-1}}"), 422);
    assert_at(b, "/message",
              "Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: "
                             "must be greater than or equal to 0");
}

static void status_is_written_apart(void **state)
{
    struct bed *b = *state;
    call(b, "POST", "/api/v1/namespaces/demo/services", NULL,
         "{'metadata':{'name':'s'},'spec':{'ports':[{'port':80}]}}");
    assert_at(b, "/spec/ports/0/targetPort", "80");
    assert_true(rk_str_starts(rk_str_c(at(b, "/spec/clusterIP")), "10.96."));
    const char *ip = at(b, "/spec/clusterIP");
    assert_int_equal(call(b, "PATCH", "/api/v1/namespaces/demo/services/s/status", MERGE,
                          "{'spec':{'type':'NodePort'},'status':{'conditions':[{'type':'X',"
                          "'status':'True','lastTransitionTime':'2026-01-01T00:00:00Z',"
                          "'reason':'r','message':''}]}}"), 200);
    assert_at(b, "/spec/type", "ClusterIP");
    assert_at(b, "/status/conditions/0/type", "X");
    assert_int_equal(call(b, "PATCH", "/api/v1/namespaces/demo/services/s", MERGE,
                          "{'status':{'conditions':null},'metadata':{'labels':{'a':'b'}}}"), 200);
    assert_at(b, "/status/conditions/0/type", "X");
    assert_int_equal(call(b, "PUT", "/api/v1/namespaces/demo/services/s", NULL,
                          "{'metadata':{'name':'s'},'spec':{'ports':[{'port':81}]}}"), 200);
    assert_at(b, "/spec/clusterIP", ip);
    assert_at(b, "/status/conditions/0/type", "X");
}

static void scale_is_a_subresource_with_its_own_owner(void **state)
{
    struct bed *b = *state;
    call(b, "PATCH", DEPLOYMENTS "/web?fieldManager=one", APPLY, SPEC("nginx:1", "1"));
    assert_int_equal(get(b, DEPLOYMENTS "/web/scale"), 200);
    assert_at(b, "/kind", "Scale");
    assert_at(b, "/spec/replicas", "1");
    assert_at(b, "/status/selector", "app=web");
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web/scale?fieldManager=hand", MERGE,
                          "{'spec':{'replicas':3}}"), 200);
    assert_at(b, "/spec/replicas", "3");
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web/scale", MERGE, "{'spec':{'replicas':-1}}"),
                     422);
    assert_int_equal(call(b, "PATCH", DEPLOYMENTS "/web?fieldManager=one", APPLY,
                          SPEC("nginx:1", "1")), 409);
    assert_at(b, "/details/causes/0/message",
              "conflict with \"hand\" with subresource \"scale\" using apps/v1");
    assert_at(b, "/details/causes/0/field", ".spec.replicas");
}

static void tables_and_metadata_are_printed(void **state)
{
    struct bed *b = *state;
    call(b, "PATCH", DEPLOYMENTS "/web?fieldManager=one", APPLY, SPEC("nginx:1", "1"));
    wait_at(b, DEPLOYMENTS "/web", "/status/readyReplicas", "1");
    b->accept = JSON ";as=Table;v=v1;g=meta.k8s.io," JSON;
    assert_int_equal(get(b, DEPLOYMENTS), 200);
    assert_at(b, "/kind", "Table");
    assert_at(b, "/columnDefinitions/1/name", "Ready");
    assert_at(b, "/rows/0/cells/0", "web");
    assert_at(b, "/rows/0/cells/1", "1/1");
    assert_at(b, "/rows/0/cells/6", "nginx:1");
    assert_at(b, "/rows/0/object/kind", "PartialObjectMetadata");
    get(b, "/api/v1/namespaces/demo/pods");
    assert_at(b, "/rows/0/cells/2", "Running");
    b->accept = JSON ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    get(b, DEPLOYMENTS);
    assert_at(b, "/kind", "PartialObjectMetadataList");
    assert_at(b, "/items/0/spec", "");
    b->accept = "application/xml";
    assert_int_equal(get(b, DEPLOYMENTS), 406);
    b->accept = NULL;
}

static void a_watch_tells_every_change(void **state)
{
    struct bed *b = *state;
    call(b, "POST", CM, NULL, "{'metadata':{'name':'w','labels':{'app':'x'}}}");
    const char *rv = at(b, "/metadata/resourceVersion");
    char path[300];
    struct stream *all = stream_open(b, CM "?watch=1&labelSelector=app%3Dx");
    snprintf(path, sizeof(path), CM "?watch=1&labelSelector=app%%3Dx&resourceVersion=%s", rv);
    struct stream *since = stream_open(b, path);
    stream_wait(all, "{\"type\":\"ADDED\"");
    call(b, "PATCH", CM "/w", MERGE, "{'data':{'k':'changed'}}");
    stream_wait(since, "{\"type\":\"MODIFIED\"");
    assert_null(strstr(since->text.p, "ADDED"));
    call(b, "PATCH", CM "/w", MERGE, "{'metadata':{'labels':{'app':'y'}}}");
    stream_wait(since, "{\"type\":\"DELETED\"");
    call(b, "PATCH", CM "/w", MERGE, "{'metadata':{'labels':{'app':'x'}}}");
    stream_wait(since, "{\"type\":\"ADDED\"");
    call(b, "DELETE", CM "/w", NULL, NULL);
    snprintf(path, sizeof(path), CM "?watch=1&resourceVersion=%s", rv);
    struct stream *late = stream_open(b, path);
    stream_wait(late, "{\"type\":\"DELETED\"");
    stream_free(all);
    stream_free(since);
    stream_free(late);
}

static void a_watch_begins_with_the_state_and_a_bookmark(void **state)
{
    struct bed *b = *state;
    struct stream *s = stream_open(b, CM "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&"
                                      "resourceVersionMatch=NotOlderThan&timeoutSeconds=1");
    stream_wait(s, "{\"type\":\"ADDED\"");
    stream_wait(s, "\"k8s.io/initial-events-end\":\"true\"");
    stream_wait_end(s);
    stream_free(s);
    assert_int_equal(get(b, CM "?watch=1&sendInitialEvents=true"), 422);
    s = stream_open(b, CM "?watch=1&resourceVersion=1");
    stream_wait(s, "\"code\":410");
    assert_non_null(strstr(s->text.p, "{\"type\":\"ERROR\""));
    assert_non_null(strstr(s->text.p, "\"reason\":\"Expired\""));
    stream_wait_end(s);
    stream_free(s);
}

static void a_delete_minds_its_preconditions(void **state)
{
    struct bed *b = *state;
    call(b, "POST", CM, NULL, "{'metadata':{'name':'d','finalizers':['example.com/hold']}}");
    const char *uid = at(b, "/metadata/uid");
    char body[200];
    assert_int_equal(call(b, "DELETE", CM "/d", NULL, "{'preconditions':{'uid':'other'}}"), 409);
    assert_int_equal(call(b, "DELETE", CM "/d", NULL, "{'propagationPolicy':'Wild'}"), 422);
    assert_int_equal(call(b, "DELETE", CM "/d?dryRun=All", NULL, NULL), 200);
    snprintf(body, sizeof(body), "{'preconditions':{'uid':'%s'}}", uid);
    assert_int_equal(call(b, "DELETE", CM "/d", NULL, body), 200);
    assert_string_not_equal(at(b, "/metadata/deletionTimestamp"), "");
    assert_int_equal(get(b, CM "/d"), 200);
    assert_int_equal(call(b, "PATCH", CM "/d", MERGE, "{'metadata':{'finalizers':null}}"), 200);
    assert_int_equal(get(b, CM "/d"), 404);
    assert_int_equal(call(b, "DELETE", CM "/d", NULL, NULL), 404);
    call(b, "POST", CM, NULL, "{'metadata':{'name':'c1','labels':{'x':'y'}}}");
    call(b, "POST", CM, NULL, "{'metadata':{'name':'c2'}}");
    assert_int_equal(call(b, "DELETE", CM "?labelSelector=x%3Dy", NULL, NULL), 200);
    assert_int_equal(get(b, CM "/c1"), 404);
    assert_int_equal(get(b, CM "/c2"), 200);
}

static void rights_are_all_granted(void **state)
{
    struct bed *b = *state;
    assert_int_equal(call(b, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", NULL,
                          "{'spec':{'resourceAttributes':{'verb':'get'}}}"), 201);
    assert_at(b, "/status/allowed", "true");
    assert_int_equal(call(b, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", NULL,
                          "{}"),
                     201);
    assert_at(b, "/status/userInfo/username", "sandbox-admin");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_wrong_token_is_refused), T(it_says_what_it_serves), T(openapi_lets_kubectl_apply),
        T(an_object_is_made_read_and_listed), T(wrong_requests_are_told_so),
        T(unknown_fields_are_refused_or_dropped), T(apply_books_owners_and_finds_conflicts),
        T(apply_removes_what_nobody_else_owns), T(patches_change_what_they_say),
        T(status_is_written_apart), T(scale_is_a_subresource_with_its_own_owner),
        T(tables_and_metadata_are_printed), T(a_watch_tells_every_change),
        T(a_watch_begins_with_the_state_and_a_bookmark), T(a_delete_minds_its_preconditions),
        T(rights_are_all_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
