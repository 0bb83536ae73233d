#!/bin/bash
# cli_offline.sh: the built `reckon` on small files: stdout, stderr and exit code of every verb that
# needs no engine. RECKON names the program (default build/reckon). Exit 0 only if all held.
set -u
cd "$(dirname "$0")/../.." || exit 2
R=$(realpath "${RECKON:-build/reckon}") || exit 2
T=$(mktemp -d) || exit 2
trap 'rm -rf "$T"' EXIT
bad=0 n=0 what=

ok() { n=$((n + 1)); }
fail() {
    n=$((n + 1)) bad=$((bad + 1))
    echo "FAIL: $*"
    head -20 "$T/out" | sed 's/^/    out| /'
    head -5 "$T/err" | sed 's/^/    err| /'
}
# run WANT_EXIT ARGS...: what it printed is in $T/out and $T/err; an error is one line
run() {
    local want=$1 rc
    shift
    what="reckon $*"
    "$R" "$@" >"$T/out" 2>"$T/err"
    rc=$?
    if [ $rc = "$want" ]; then ok; else fail "$what: exit $rc, wanted $want"; fi
    if [ "$want" != 2 ] || [ "$(wc -l <"$T/err")" = 1 ]; then ok; else fail "$what: not one line on stderr"; fi
}
out() { if grep -qF -- "$1" "$T/out"; then ok; else fail "$what: stdout has no '$1'"; fi; }
err() { if grep -qF -- "$1" "$T/err"; then ok; else fail "$what: stderr has no '$1'"; fi; }
no_out() { if [ -s "$T/out" ]; then fail "$what: stdout is not empty"; else ok; fi; }
no_err() { if [ -s "$T/err" ]; then fail "$what: stderr is not empty"; else ok; fi; }
json() {
    if /usr/bin/python3 -c "import json,sys; d=json.load(open('$T/out')); sys.exit(not ($1))"; then ok
    else fail "$what: not so: $1"; fi
}
# completion WORDS...: what bash offers for the last word
completion() {
    bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _reckon; echo "${COMPREPLY[*]}"' "$T/completion" "$@"
}
same() { if [ "$1" = "$2" ]; then ok; else fail "'$1' is not '$2'"; fi; }

cat >"$T/desired.yaml" <<'EOF'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: shop, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
data: {a: b}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {password: c2VjcmV0LXZhbHVl}
EOF
sed 's/replicas: 2/replicas: 5/; s/c2VjcmV0LXZhbHVl/b3RoZXItdmFsdWU=/' "$T/desired.yaml" >"$T/live.yaml"
cat >"$T/pod.json" <<'EOF'
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"},
   "status": {"phase": "Failed", "message": "gone \u001b[31mwrong"}}]}
EOF
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\na: [\n' >"$T/broken.yaml"
cat >"$T/ignore.yaml" <<'EOF'
- {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}
- {kind: Secret, jsonPointers: [/data]}
EOF

# ---- the words themselves
run 0 version; out "reckon 0."; no_err
run 0 --version; out "reckon 0."
run 0 help; out "get apps"; out "audit verify"; no_err
run 0 --help; out "Verbs:"
run 0 help render; out "--provenance"; no_err
run 0 sync --help; out "--confirm TARGET"; out "unlocks a locked environment"
run 0 help get; out "get environments"
run 0 get --help; out "get environments"
run 0 help audit log; out "text|json|csv"
run 0 help --man; out ".Sh VERBS"; out ".It Cm get apps"
run 0 help --completion bash; cp "$T/out" "$T/completion"
if bash -n "$T/completion"; then ok; else fail "the completion is no bash"; fi
same "$(completion reckon get ap)" "apps app"
same "$(completion reckon rev)" "revert"
same "$(completion reckon promote --t)" "--to --timeout"
same "$(completion reckon audit log --s)" "--since --socket"
run 2 help nothing; err "no verb nothing"
run 2 --socket none; err "reckon: "; no_out # no terminal, or no engine
run 2 --socket none --plain; err "no engine answers"; no_out
run 2 rendr x; err "did you mean render?"; no_out
run 2 render --provenence x; err "did you mean --provenance?"; err "reckon help render"; no_out
run 2 render -z x; err "no option -z"
run 2 render; err "wanted: reckon render PATH"
run 2 render a b; err "one word too many"
run 2 render --provenance=yes a; err "takes no value"
run 2 get; err "reckon help get"
run 2 get app; err "wanted: reckon get app APP"
run 2 get apps --sort size; err "wanted one of environment|application|problems"
run 2 get apps -o csv; err "wanted one of text|json"
run 2 get apps --environment; err "--environment wants a value"
run 2 get apps --filter a --filter b; err "given twice"
run 2 wait x --timeout soon; err "--timeout soon"
run 2 get operations --limit many; err "--limit many"
run 2 audit log --since monday; err "--since monday"
run 2 promote x; err "--to"
run 2 revert x; err "--commit"
run 2 revert x --to a --commit b; err "--commit"
run 2 revert x --to a --mode some; err "full|partial|canary"
run 2 freeze x; err "--reason"
run 2 release x; err "--reason"
run 2 refresh; err "--all"
run 2 sync; err "--plan"
run 2 sync x --plan abc --prune; err "--prune does not go with --plan"
run 2 sync x --wait --no-wait; err "exclude"
run 2 get apps --profile ../x; err "--profile"; no_out
run 2 get apps --socket "$T/none.sock"; err "$T/none.sock"; no_out
run 2 relay --socket "$T/none.sock"; err "none.sock"; no_out

# ---- render
mkdir -p "$T/k/base" "$T/k/over" "$T/k/out"
cp "$T/desired.yaml" "$T/k/base/all.yaml"
echo 'resources: [all.yaml]' >"$T/k/base/kustomization.yaml"
printf 'bases: [../base]\nnamespace: prod\n' >"$T/k/over/kustomization.yaml"
printf 'configMapGenerator:\n- {name: c, files: [../base/all.yaml]}\n' >"$T/k/out/kustomization.yaml"
run 0 render "$T/k/over"; out "namespace: prod"
err "'bases' is deprecated. Please use 'resources' instead."
same "$(cd "$T/k/over" && "$R" render . 2>/dev/null | sha256sum)" "$(sha256sum <"$T/out")"
run 0 render --provenance "$T/k/over"
json "d['apps/Deployment/prod/web']['/spec/replicas'][0]['line'] == 5"
run 1 render "$T/nowhere"; err "no such folder"; no_out
run 1 render "$T/desired.yaml"; err "is a file"; no_out
run 1 render "$T"; err "kustomization.yaml"; no_out
mkdir -p "$T/k/bad/.git"; echo 'nosuchfield: 1' >"$T/k/bad/kustomization.yaml"
run 1 render "$T/k/bad"; err "reckon render: kustomization.yaml:1:"; no_out
rm -r "$T/k/bad/.git"
run 1 render "$T/k/bad"; err "reckon render: $(realpath "$T")/k/bad/kustomization.yaml:1:"; no_out
run 2 render --load-restrictor Some "$T/k/over"; err "LoadRestrictionsNone"
run 1 render "$T/k/out"; no_out
run 0 render --load-restrictor LoadRestrictionsNone "$T/k/out"; out "kind: ConfigMap"
"$R" render "$T/k/over" >/dev/full 2>"$T/err"
same "$?" 2
what="render to a full disk"; err "standard output"
golden=0
for d in tests/golden/render/*/; do
    p=$d/in
    [ -d "$p/overlay" ] && p=$p/overlay
    if "$R" render "$p" 2>/dev/null | cmp -s - "$d/expected.yaml"; then ok; else fail "render $p: not the real tool's bytes"; fi
    golden=$((golden + 1))
done
if [ $golden -gt 20 ]; then ok; else fail "only $golden golden trees"; fi

# ---- remote bases: fetched, taken from the cache when the repository is away, or refused
if command -v git >/dev/null; then
    mkdir -p "$T/far/base" "$T/k/remote"
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n' >"$T/far/base/all.yaml"
    echo 'resources: [all.yaml]' >"$T/far/base/kustomization.yaml"
    git -C "$T/far" init -q
    git -C "$T/far" add -A
    git -C "$T/far" -c user.name=op -c user.email=op@example.org commit -qm base
    git -C "$T/far" tag v1
    export XDG_CACHE_HOME="$T/cache"
    echo "resources: ['file://$(realpath "$T")/far//base?ref=v1']" >"$T/k/remote/kustomization.yaml"
    run 1 render --offline "$T/k/remote"; err "never fetched here"; no_out
    run 0 render "$T/k/remote"; out "name: web"; no_err
    mv "$T/far" "$T/away"
    run 0 render --offline "$T/k/remote"; out "name: web"; no_err
    run 0 render "$T/k/remote"; out "name: web"; err "the copy of last time is used"
    rm -r "$T/cache"
    run 1 render "$T/k/remote"; err "kustomization.yaml:1: resources: file://"; no_out
    unset XDG_CACHE_HOME
fi

# ---- charts: by a program that stands in for helm and prints its words and values
mkdir -p "$T/programs" "$T/k/helm/charts/c"
cat >"$T/programs/helm" <<'EOF'
#!/bin/sh
case $1 in
version) echo "${HELM_SAYS:-v3.14.0}" ;;
pull) echo "pull: $*" >&2; exit 1 ;;
template)
    [ "$2" = broken ] && { echo "Error: no such value" >&2; exit 1; }
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata:\n  words: "' "$2"
    before=
    for a; do [ "$before" = -f ] && { values=$(cat "$a"); a=VALUES; }; printf '%s ' "${a##*/}"; before=$a; [ "$a" = VALUES ] && before=; done
    printf '"\n  values: |\n'; echo "$values" | sed 's/^/    /' ;;
esac
EOF
chmod +x "$T/programs/helm"
echo 'a: 1' >"$T/k/helm/charts/c/values.yaml"
printf 'helmCharts:\n- {name: c, releaseName: rel, namespace: shop, includeCRDs: true, valuesInline: {b: 2}}\n' >"$T/k/helm/kustomization.yaml"
path=$PATH
PATH=$T/programs:$PATH
run 1 render "$T/k/helm"; err "kustomization.yaml:2: helmCharts: charts are rendered with --enable-helm only"; no_out
run 0 render --enable-helm "$T/k/helm"; out "template rel c --namespace shop -f VALUES --include-crds"; out "b: 2"; no_err
export HELM_SAYS=v4.0.0
run 1 render --enable-helm "$T/k/helm"; err "helm 3 is needed"; no_out
unset HELM_SAYS
sed -i 's/rel,/broken,/' "$T/k/helm/kustomization.yaml"
run 1 render --enable-helm "$T/k/helm"; err "kustomization.yaml:2: helmCharts: helm template: Error: no such value"; no_out
printf 'helmCharts:\n- {name: far, repo: https://example.org}\n' >"$T/k/helm/kustomization.yaml"
run 1 render --enable-helm "$T/k/helm"; err "helm pull: pull: pull --untar"; no_out
run 1 render --enable-helm --offline "$T/k/helm"; err "chart far is not in the tree"; no_out
PATH=$path

# ---- diff of files
run 1 diff --desired "$T/desired.yaml" --live "$T/live.yaml"; no_err
json "d['changed'] and [o['key'] for o in d['objects']] == ['apps/Deployment/shop/web', '/Secret//s']"
json "d['objects'][0]['fields'] == [{'path': '/spec/replicas', 'desired': 2, 'live': 5}]"
json "'c2Vj' not in str(d) and 'b3Ro' not in str(d)"
run 0 diff --desired "$T/desired.yaml" --live "$T/desired.yaml"; json "d == {'changed': False, 'objects': []}"
run 0 diff --desired "$T/desired.yaml" --live "$T/live.yaml" --ignore "$T/ignore.yaml"; json "not d['changed']"
run 1 diff --desired "$T/desired.yaml" --live "$T/live.yaml" -o text
out "* change apps/Deployment/shop/web"; out "live  5"
run 1 diff --desired "$T/desired.yaml" --live /dev/null; json "[o['action'] for o in d['objects']] == ['create'] * 3"
run 1 diff --desired /dev/null --live "$T/live.yaml"; json "[o['action'] for o in d['objects']] == ['prune'] * 3"
run 2 diff --desired "$T/broken.yaml" --live "$T/live.yaml"; err "broken.yaml:"; no_out
run 2 diff --desired "$T/desired.yaml"; err "--live"
run 2 diff app --desired "$T/desired.yaml" --live "$T/live.yaml"; err "not both"
run 2 diff app --ignore "$T/ignore.yaml"; err "--desired"
run 2 diff --desired "$T/none" --live "$T/none"; err "none"; no_out

# ---- plan of files
run 0 plan --desired "$T/desired.yaml" --live "$T/live.yaml"; no_err
json "[t['kind'] for t in d['tasks']] == ['ConfigMap', 'Secret', 'Deployment'] and len(d['fingerprint']) == 64"
run 0 plan --desired "$T/desired.yaml" --live "$T/live.yaml" --option ApplyOutOfSyncOnly=true
json "'ConfigMap' not in [t['kind'] for t in d['tasks']]"
run 0 plan --desired "$T/k/over" --namespace prod --option CreateNamespace=true -o text
out "+ create"; out "Namespace//prod"
run 0 plan --desired /dev/null --live "$T/live.yaml" --prune; json "{t['action'] for t in d['tasks']} == {'prune'}"
run 0 plan --desired "$T/desired.yaml" --option Prunelast=true; err "did you mean 'PruneLast=true'?"
run 2 plan; err "--desired"
run 2 plan --desired "$T/broken.yaml"; no_out

# ---- health
run 1 health "$T/desired.yaml"; json "[h['status'] for h in d] == ['Progressing', 'None', 'None']"; no_err
run 1 health "$T/pod.json"; json "d[0]['status'] == 'Degraded' and d[0]['namespace'] == 'n'"
run 1 health "$T/pod.json" -o text; out 'x Degraded'; out '\x1b[31m'
same "$("$R" health - <"$T/pod.json" | sha256sum)" "$("$R" health "$T/pod.json" | sha256sum)"
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' >"$T/fine.yaml"
run 0 health "$T/fine.yaml"; json "d[0]['status'] == 'None'"
run 2 health "$T/broken.yaml"; err "broken.yaml:"; no_out
run 2 health "$T/none.yaml"; err "none.yaml"; no_out

# ---- words of reckon-engine: the program beside this one gets them as they are
mkdir "$T/bin"
cp "$R" "$T/bin/reckon"
printf '#!/bin/sh\nprintf "<%%s>" "$@"\n' >"$T/bin/reckon-engine"
chmod +x "$T/bin/reckon-engine"
R=$T/bin/reckon
run 0 --profile p seal --format yaml -- x; out "<seal><--profile><p><--format><yaml><--><x>"
run 0 engine --help; out "<engine><--help>"
run 0 audit verify --repo d --env prod -o json; out "<audit><verify><--repo><d><--env><prod><-o><json>"

echo "cli_offline: $((n - bad)) of $n held"
[ $bad = 0 ]
