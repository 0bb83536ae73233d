#!/usr/bin/env bash
# sandbox_kubectl.sh: real kubectl works against the sandbox as against a real control plane: one list
# of steps with their exact texts, run on both, so that the double is held to the real one.
#
#   sandbox_kubectl.sh [KUBECONFIG]     only that cluster; else a sandbox of its own, and
#                                       RECKON_TEST_KUBECONFIG's cluster when that is set
# What kubectl sends as protobuf (create configmap, create namespace, auth can-i) is left out: the
# sandbox takes JSON and YAML.
# RECKON_ENGINE or RECKON names the program, KUBEBIN the folder of kubectl (else PATH). Exit 77: none.
set -uo pipefail
kubectl=${KUBEBIN:+$KUBEBIN/kubectl}
kubectl=${kubectl:-$(command -v kubectl || true)}
[ -x "$kubectl" ] || { echo "kubectl is not there (KUBEBIN, PATH)"; exit 77; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
reckon=${RECKON_ENGINE:-${RECKON:-$here/../../build/reckon-engine}}
work=${WORK:-$(mktemp -d)}
children=()
finish() {
    [ ${#children[@]} = 0 ] || kill "${children[@]}" 2>/dev/null
    wait 2>/dev/null
    [ -n "${WORK:-}" ] || rm -rf "$work"
}
trap finish EXIT
failed=0 held=0 cluster=''

k() { "$kubectl" --kubeconfig "$config" -n "$ns" "$@"; }
bad() { failed=$((failed + 1)); echo "FAILED on the $cluster: $*" >&2; }
ok() { held=$((held + 1)); }
# says WHAT TEXT COMMAND...: the command succeeds and says TEXT; fails: it fails and says TEXT.
says() {
    local what=$1 text=$2 out
    shift 2
    out=$("$@" 2>&1) || { bad "$what: exit $?: $out"; return; }
    grep -qF -- "$text" <<<"$out" && ok || bad "$what: no '$text' in: $out"
}
fails() {
    local what=$1 text=$2 out
    shift 2
    out=$("$@" 2>&1) && { bad "$what: it succeeded: $out"; return; }
    grep -qF -- "$text" <<<"$out" && ok || bad "$what: no '$text' in: $out"
}
is() { # WHAT WANTED COMMAND...: exactly that output, within ten seconds
    local what=$1 wanted=$2 out='' i
    shift 2
    for i in $(seq 100); do
        out=$("$@" 2>&1)
        [ "$out" = "$wanted" ] && { ok; return; }
        sleep 0.1
    done
    bad "$what: '$out', not '$wanted'"
}
has() { grep -qE -- "$2" "$1"; }
within() { # SECONDS COMMAND...
    local i
    for i in $(seq $(($1 * 20))); do
        "${@:2}" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}
apply() { k apply --server-side -f - "$@"; }

deployment() { # IMAGE REPLICAS [DEADLINE]
    cat <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: $2
  progressDeadlineSeconds: ${3:-60}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "$1", ports: [{containerPort: 80}]}
Y
}

configmap() { # NAME VALUE
    echo "{apiVersion: v1, kind: ConfigMap, metadata: {name: $1}, data: {a: \"$2\"}}"
}

discovery() {
    says "server version" "v1.35." k version
    says "api-resources" "deployments.apps" k api-resources --api-group=apps -o name
    says "short names" "deploy" k api-resources --api-group=apps
    says "api-versions" "networking.k8s.io/v1" k api-versions
    says "readyz" "ok" k get --raw /readyz
    fails "unknown kind" "the server doesn't have a resource type \"nothings\"" k get nothings
}

objects() {
    says "namespace" "namespace/$ns serverside-applied" apply <<<"{apiVersion: v1, kind: Namespace,
        metadata: {name: $ns}}"
    fails "no namespace" 'namespaces "no-such" not found' \
        "$kubectl" --kubeconfig "$config" -n no-such create -f - < <(configmap a 1)
    says "create" "configmap/one created" k create -f - < <(configmap one 1)
    fails "create again" 'configmaps "one" already exists' k create -f - < <(configmap one 1)
    says "label" "configmap/one labeled" k label configmap one tier=x
    is "select" "configmap/one" k get configmaps -l tier=x -o name
    says "merge patch" "configmap/one patched" k patch configmap one --type=merge -p '{"data":{"b":"2"}}'
    says "json patch" "configmap/one patched" k patch configmap one --type=json \
        -p '[{"op":"replace","path":"/data/a","value":"9"}]'
    is "data" '{"a":"9","b":"2"}' k get configmap one -o 'jsonpath={.data}'
    is "its writers" "kubectl-create kubectl-label kubectl-patch" bash -c \
        "'$kubectl' --kubeconfig '$config' -n $ns get cm one --show-managed-fields \
            -o 'jsonpath={.metadata.managedFields[*].manager}' | tr ' ' '\n' | sort | xargs"
    fails "get what is not there" 'Error from server (NotFound): configmaps "two" not found' \
        k get configmap two
    says "delete" "configmap \"one\" deleted" k delete configmap one
}

applying() {
    says "apply" "deployment.apps/web serverside-applied" apply < <(deployment nginx:1 2)
    says "rollout" "deployment \"web\" successfully rolled out" \
        k rollout status deployment/web --timeout=60s
    says "table" "NAME   READY   UP-TO-DATE   AVAILABLE   AGE" k get deployment web
    says "wide table" "CONTAINERS   IMAGES    SELECTOR" k get deployment web -o wide
    is "row" "web 2/2 2 2" bash -c \
        "'$kubectl' --kubeconfig '$config' -n $ns get deploy web --no-headers | awk '{print \$1,\$2,\$3,\$4}'"
    is "pods" "1/1 Running 0 1/1 Running 0" bash -c \
        "'$kubectl' --kubeconfig '$config' -n $ns get pods --no-headers | awk '{print \$2,\$3,\$4}' | xargs"
    fails "conflict" 'Apply failed with 1 conflict: conflict with "kubectl": .spec.template.spec.containers[name="app"].image' \
        apply --field-manager=other < <(deployment nginx:2 2)
    says "same values are shared" "serverside-applied" apply --field-manager=other < <(deployment nginx:1 2)
    says "forced" "serverside-applied" \
        apply --field-manager=other --force-conflicts < <(deployment nginx:2 2)
    fails "now it is the other's" 'conflict with "other": .spec.template.spec.containers[name="app"].image' \
        apply < <(deployment nginx:1 2)
    says "dry run" "serverside-applied (server dry run)" \
        apply --force-conflicts --dry-run=server < <(deployment nginx:3 2)
    is "nothing came of it" "nginx:2" k get deployment web \
        -o 'jsonpath={.spec.template.spec.containers[0].image}'
    fails "unknown field" '.spec.replica: field not declared in schema' \
        apply < <(deployment nginx:1 2 | sed 's/replicas:/replica:/')
    fails "wrong type" '.spec.replicas: expected numeric (int or float), got string' \
        apply < <(deployment nginx:1 '"two"')
    fails "selector is fixed" 'field is immutable' apply --force-conflicts \
        < <(deployment nginx:2 2 | sed 's/app: web}/app: web2}/')
    fails "strict create" 'strict decoding error: unknown field "spec.replica"' \
        k create -f - < <(deployment nginx:1 2 | sed 's/replicas:/replica:/; s/name: web/name: w2/')
}

scaling() {
    says "scale" "deployment.apps/web scaled" k scale deployment web --replicas=3
    is "scaled" "3" k get deployment web -o 'jsonpath={.status.availableReplicas}'
    fails "scale is an owner" 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas' \
        apply --field-manager=other < <(deployment nginx:2 2)
    says "restart" "deployment.apps/web restarted" k rollout restart deployment/web
    says "restarted" "successfully rolled out" k rollout status deployment/web --timeout=60s
    says "events" "Scaled up replica set web-" k get events --field-selector \
        involvedObject.name=web,reason=ScalingReplicaSet
    says "history" "REVISION" k rollout history deployment/web
    says "describe" "NewReplicaSet:" k describe deployment web
}

failing() {
    says "a broken image" "serverside-applied" \
        apply --field-manager=other --force-conflicts < <(deployment nginx:broken 3 2)
    fails "deadline" 'deployment "web" exceeded its progress deadline' \
        k rollout status deployment/web --timeout=60s
    is "why" "ProgressDeadlineExceeded" k get deployment web \
        -o 'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}'
    is "the pod says it" "ImagePullBackOff" k get pods --field-selector=status.phase=Pending \
        -o 'jsonpath={.items[0].status.containerStatuses[0].state.waiting.reason}'
    says "the old ones stay" "3" k get deployment web -o 'jsonpath={.status.availableReplicas}'
    says "undo" "deployment.apps/web rolled back" k rollout undo deployment/web
    says "undone" "successfully rolled out" k rollout status deployment/web --timeout=60s
}

client_side() {
    says "client-side apply" "configmap/cs created" k apply -f - <<<'{apiVersion: v1, kind: ConfigMap,
        metadata: {name: cs}, data: {a: "1"}}'
    says "again" "configmap/cs unchanged" k apply -f - <<<'{apiVersion: v1, kind: ConfigMap,
        metadata: {name: cs}, data: {a: "1"}}'
    fails "diff" '+  a: "2"' k diff -f - <<<'{apiVersion: v1, kind: ConfigMap,
        metadata: {name: cs}, data: {a: "2"}}'
    says "no diff" "" k diff -f - <<<'{apiVersion: v1, kind: ConfigMap, metadata: {name: cs},
        data: {a: "1"}}'
    says "changed" "configmap/cs configured" k apply -f - <<<'{apiVersion: v1, kind: ConfigMap,
        metadata: {name: cs}, data: {b: "1"}}'
    is "removed" '{"b":"1"}' k get configmap cs -o 'jsonpath={.data}'
    says "a list of containers" "deployment.apps/cs created" k apply -f - \
        < <(deployment nginx:1 1 | sed 's/name: web/name: cs/; s/app: web/app: cs/')
    says "one env more" "deployment.apps/cs configured" k apply -f - \
        < <(deployment nginx:1 1 | sed 's/name: web/name: cs/; s/app: web/app: cs/; s/ports:/env: [{name: A, value: "1"}], ports:/')
    is "merged" 'app nginx:1 A' k get deployment cs -o \
        'jsonpath={.spec.template.spec.containers[*].name} {.spec.template.spec.containers[*].image} {.spec.template.spec.containers[*].env[*].name}'
}

watching() {
    k get configmaps --watch --output-watch-events \
        --field-selector metadata.name=seen >"$work/watch" 2>&1 &
    local pid=$!
    children+=($pid)
    k create -f - >/dev/null < <(configmap seen 1)
    within 10 has "$work/watch" 'ADDED +seen' && ok || bad "watch: no ADDED: $(cat "$work/watch")"
    k patch configmap seen --type=merge -p '{"data":{"a":"2"}}' >/dev/null
    within 10 has "$work/watch" 'MODIFIED +seen' && ok || bad "watch: no MODIFIED"
    k delete configmap seen >/dev/null
    within 10 has "$work/watch" 'DELETED +seen' && ok || bad "watch: no DELETED"
    kill $pid 2>/dev/null
    wait $pid 2>/dev/null
    children=("${children[@]/$pid/}")
    says "wait" "condition met" k wait --for=condition=Available deployment/web --timeout=20s
}

others() {
    says "job" "job.batch/once created" k create -f - <<<'{apiVersion: batch/v1, kind: Job,
        metadata: {name: once}, spec: {template: {spec: {restartPolicy: Never,
        containers: [{name: a, image: "busybox:1"}]}}}}'
    says "it completes" "condition met" k wait --for=condition=complete job/once --timeout=30s
    says "CRD" "created" k create -f - <<Y
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.$ns.example.com}
spec:
  group: $ns.example.com
  scope: Namespaced
  names: {plural: things, kind: Thing, shortNames: [thg]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Colour, type: string, jsonPath: .spec.colour}]
    schema:
      openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
Y
    says "established" "condition met" k wait --for=condition=established \
        "crd/things.$ns.example.com" --timeout=20s
    within 10 k get "things.$ns.example.com" || bad "the new kind is not served"
    says "custom object" "thing.$ns.example.com/red serverside-applied" apply \
        <<<"{apiVersion: $ns.example.com/v1, kind: Thing, metadata: {name: red}, spec: {colour: red}}"
    says "its columns" "COLOUR" k get "things.$ns.example.com"
    k delete crd "things.$ns.example.com" >/dev/null || bad "the CRD is not deleted"
    says "service" "service/web created" k create -f - <<<'{apiVersion: v1, kind: Service,
        metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}'
    says "its table" "CLUSTER-IP" k get service web
    says "all" "deployment.apps/web" k get all
}

ending() {
    says "delete" 'deployment.apps "web" deleted' k delete deployment web
    is "its pods go" "" k get pods -l app=web -o name
    fails "gone" 'deployments.apps "web" not found' k get deployment web
    k delete namespace "$ns" --wait=false >/dev/null || bad "the namespace is not deleted"
}

sandbox_only() { # nothing runs behind kwok's pods either, and there it has no log
    local pod
    pod=$(k get pods -l app=web -o 'jsonpath={.items[0].metadata.name}')
    says "logs" "no container runs" k logs "$pod"
    is "tail" 2 bash -c "'$kubectl' --kubeconfig '$config' -n $ns logs $pod --tail=2 | wc -l"
    timeout 5 "$kubectl" --kubeconfig "$config" -n "$ns" logs -f "$pod" >"$work/logs" 2>&1 &
    local pid=$!
    children+=($pid)
    within 5 has "$work/logs" 'number 1' && ok || bad "logs -f: $(cat "$work/logs")"
    kill $pid 2>/dev/null
    wait $pid 2>/dev/null
    children=("${children[@]/$pid/}")
}

suite() { # NAME KUBECONFIG
    cluster=$1 config=$2 ns=kubectl-$$-$RANDOM
    local before=$failed
    discovery
    objects
    applying
    scaling
    [ "$cluster" != sandbox ] || sandbox_only
    failing
    client_side
    watching
    others
    ending
    echo "sandbox_kubectl.sh: $held steps held, $((failed - before)) failed on the $cluster"
    held=0
}

if [ $# -gt 0 ]; then
    suite "given cluster" "$1"
else
    "$reckon" sandbox --listen 127.0.0.1:0 --kubeconfig "$work/kubeconfig" >"$work/out" 2>&1 &
    children+=($!)
    within 20 has "$work/out" kubeconfig || { cat "$work/out" >&2; exit 1; }
    suite sandbox "$work/kubeconfig"
    [ -z "${RECKON_TEST_KUBECONFIG:-}" ] || suite "real control plane" "$RECKON_TEST_KUBECONFIG"
fi
[ "$failed" = 0 ]
