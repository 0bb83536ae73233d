#!/usr/bin/python3
"""standin_helm.py: stands in for helm 3 where there is none: `version`, `pull` from a repository of
charts over http, `template` of charts whose templates use no more than {{ .Values.NAME }} and
{{ .Release.Name }}, {{ .Release.Namespace }}. Names what else it is asked, and fails."""
import io, os, re, sys, tarfile, urllib.request


def options(words, flags=("--untar", "--devel", "--include-crds", "--skip-tests")):
    """{option: [values]}, rest"""
    found, rest, i = {}, [], 0
    while i < len(words):
        w = words[i]
        if w == "--":
            return found, rest + words[i + 1:]
        if w.startswith("-"):
            found.setdefault(w, []).append(None if w in flags else words[i + 1])
            i += 1 if w in flags else 2
        else:
            rest.append(w)
            i += 1
    return found, rest


def flat(path):
    """The scalars of a values file that has no more."""
    with open(path, encoding="utf-8") as f:
        return {m[1]: m[2].strip("\"'") for m in re.finditer(r"^(\w+):[ ]*(.*)$", f.read(), re.M)}


def pull(words):
    found, (name,) = options(words)
    repo, version = found["--repo"][0].rstrip("/"), found.get("--version", [""])[0]
    with urllib.request.urlopen(repo + "/index.yaml", timeout=20) as f:
        have = re.findall(rf"{name}-([0-9][^\"'\s]*)\.tgz", f.read().decode())
    fit = [v for v in have if v == version or not re.match(r"\d+\.\d+\.\d+$", version)]
    if not fit:
        sys.exit(f'Error: chart "{name}" matching {version} not found in {repo} index')
    newest = max(fit, key=lambda v: [int(x) for x in v.split(".")])
    with urllib.request.urlopen(f"{repo}/{name}-{newest}.tgz", timeout=20) as f:
        tarfile.open(fileobj=io.BytesIO(f.read())).extractall(found["--untardir"][0])


def template(words):
    found, (release, chart) = options(words)
    values = flat(os.path.join(chart, "values.yaml"))
    for path in found.get("-f", []):
        values.update(flat(path))
    known = {".Release.Name": release, ".Release.Namespace": found.get("--namespace", ["default"])[0]}
    known.update({".Values." + k: v for k, v in values.items()})
    for name in sorted(os.listdir(os.path.join(chart, "templates"))):
        with open(os.path.join(chart, "templates", name), encoding="utf-8") as f:
            text = re.sub(r"\{\{ (\S+) \}\}", lambda m: known.get(m[1], m[0]), f.read())
        if "{{" in text:
            sys.exit(f"Error: parse error at ({os.path.basename(chart)}/templates/{name}:1)")
        print(f"---\n# Source: {name}\n{text}")


if sys.argv[1] == "version":
    print("v3.19.0")
elif sys.argv[1] in ("pull", "template"):
    {"pull": pull, "template": template}[sys.argv[1]](sys.argv[2:])
else:
    sys.exit("standin_helm.py: " + " ".join(sys.argv[1:]))
