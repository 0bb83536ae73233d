#!/usr/bin/env bash
# seal.sh: a Secret sealed for the sandbox by the certificate that its controller hands out, put into
# a file, applied, and opened there; the values never on the way. With KUBEBIN also by the real
# kubeseal. RECKON names the program (default build/reckon).
set -euo pipefail
reckon=${RECKON:-$(dirname "$0")/../../build/reckon}
work=${WORK:-$(mktemp -d)}
"$reckon" sandbox --listen 127.0.0.1:0 --kubeconfig "$work/kubeconfig" >"$work/log" 2>&1 &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; wait $sandbox 2>/dev/null || true; [ -n "${WORK:-}" ] || rm -rf "$work"' EXIT
bad() { echo "seal.sh: $*" >&2; cat "$work/log" >&2; exit 1; }
within() { # SECONDS COMMAND...: waits for a state
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || bad "did not come: $*"
        sleep 0.05
    done
}
# How the kubeconfig says it: server, authority, token.
field() { sed -nE "s/.*$1: *[\"']?([^\"',} ]+).*/\1/p" "$work/kubeconfig" | head -n 1; }
api() { # METHOD PATH [CURL-OPTION...]
    local method=$1 path=$2
    shift 2
    curl -sS --fail-with-body --max-time 10 --cacert "$work/ca.pem" -X "$method" \
        -H "Authorization: Bearer $(field token)" "$@" "$(field server)$path"
}

within 20 test -s "$work/kubeconfig"
field certificate-authority-data | base64 -d >"$work/ca.pem"
within 20 "$reckon" seal fetch-cert --kubeconfig "$work/kubeconfig"
"$reckon" seal fetch-cert --kubeconfig "$work/kubeconfig" >"$work/cert.pem"
openssl x509 -in "$work/cert.pem" -noout -checkend 0 >/dev/null || bad "fetch-cert: no certificate"

secret='{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: default},
  stringData: {password: hunter2}}'
"$reckon" seal --kubeconfig "$work/kubeconfig" <<<"$secret" >"$work/one.json"
"$reckon" seal --cert "$work/cert.pem" -w "$work/two.yaml" <<<"${secret/name: db/name: db2}"
if [ -n "${KUBEBIN:-}" ]; then
    "$KUBEBIN/kubeseal" --kubeconfig "$work/kubeconfig" --fetch-cert >"$work/theirs.pem"
    cmp "$work/cert.pem" "$work/theirs.pem" || bad "kubeseal fetches another certificate"
fi
grep -q hunter2 "$work/one.json" "$work/two.yaml" && bad "the value is in the sealed file"

crd=/apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets
api POST $crd -H 'Content-Type: application/json' --data-binary @"$work/one.json" >"$work/answer" ||
    bad "the sandbox refuses the SealedSecret: $(cat "$work/answer")"
api POST $crd -H 'Content-Type: application/yaml' --data-binary @"$work/two.yaml" >"$work/answer" ||
    bad "the sandbox refuses the SealedSecret: $(cat "$work/answer")"
for name in db db2; do
    path=/api/v1/namespaces/default/secrets/$name
    within 10 api GET $path
    api GET $path | grep -q '"aHVudGVyMg=="' || bad "$name: the value is not what was sealed"
done
"$reckon" seal fetch-cert --kubeconfig "$work/none" 2>"$work/err" && bad "a missing kubeconfig is taken"
[ "$(wc -l <"$work/err")" = 1 ] || bad "not one line: $(cat "$work/err")"
echo "seal.sh: held"
