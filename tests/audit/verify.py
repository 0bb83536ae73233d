#!/usr/bin/env python3
"""The audit log checked by `git log` alone, sharing no code with Reckon.

    verify.py REPOSITORY [ENVIRONMENT]...

Of each branch reckon/audit/<env>: linear, Reckon-Seq runs from 1 without a gap, Reckon-Prev names the
commit before, every trailer says what entry.json says, nothing finished before it started. A line a
branch; exit 1 when one does not hold, or when there is none. That the newest entries were cut off
shows only beside a tip that somebody remembers: `reckon audit verify --state DIR` looks there.
"""
import json, subprocess, sys

TRAILERS = {  # trailer -> member of entry.json
    "Reckon-Schema": "schema", "Reckon-Seq": "seq", "Reckon-Id": "id", "Reckon-Kind": "kind",
    "Reckon-App": "app", "Reckon-Env": "env", "Reckon-Cluster-Uid": "clusterUid",
    "Reckon-From": "from", "Reckon-To": "to", "Reckon-Plan-Sha256": "planSha256",
    "Reckon-Actor": "actor", "Reckon-Approver": "approver", "Reckon-Reason": "reason",
    "Reckon-Result": "result", "Reckon-Prev": "prev",
}


def git(repo, *args):
    return subprocess.run(["git", "-C", repo, *args], check=True, capture_output=True,
                          text=True).stdout


def branches(repo):
    out = git(repo, "for-each-ref", "--format=%(refname)", "refs/heads/reckon/audit/",
              "refs/remotes/*/reckon/audit/")
    return {ref.split("reckon/audit/", 1)[1]: ref for ref in reversed(out.split())}


def trailers(body):
    return dict(line.split(": ", 1) for line in body.split("\n")
                if line.startswith("Reckon-") and ": " in line)


def problems(repo, env, ref):
    before, entries = "", 0
    log = git(repo, "log", "--reverse", "--format=%H%x00%P%x00%B%x01", ref)
    for record in log.split("\x01\n")[:-1]:
        commit, parents, body = record.split("\x00")
        entries += 1
        where = f"{commit[:7]} (entry {entries})"
        if parents != before:
            yield f"{where}: its parent is {parents[:7] or 'none'}, not {before[:7] or 'none'}"
        said = trailers(body)
        held = json.loads(git(repo, "show", f"{commit}:entry.json"))
        if git(repo, "ls-tree", "--name-only", commit) != "entry.json\n":
            yield f"{where}: holds more than entry.json"
        if said.get("Reckon-Seq") != str(entries):
            yield f"{where}: Seq is {said.get('Reckon-Seq')}"
        if said.get("Reckon-Prev", "") != before:
            yield f"{where}: Prev is {said.get('Reckon-Prev')}"
        if held.get("env") != env:
            yield f"{where}: is about {held.get('env')}"
        for trailer, member in TRAILERS.items():
            if said.get(trailer, "") != str(held.get(member, "")):
                yield f"{where}: {trailer} says {said.get(trailer)!r}, " \
                      f"entry.json {held.get(member)!r}"
        if set(said) - set(TRAILERS):
            yield f"{where}: unknown trailers {sorted(set(said) - set(TRAILERS))}"
        if held.get("stage") == "outcome" and held.get("started", 0) > held.get("finished", 0):
            yield f"{where}: finished before it started"
        before = commit
    print(f"{env}: {entries} entries, tip {before[:7]}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    repo, bad = sys.argv[1], 0
    found = branches(repo)
    for env in sys.argv[2:] or sorted(found):
        if env not in found:
            print(f"{env}: no branch reckon/audit/{env}")
            bad += 1
            continue
        for text in problems(repo, env, found[env]):
            print(f"{env}: {text}")
            bad += 1
    if not found:
        print("no branch reckon/audit/*")
    sys.exit(1 if bad or not found else 0)


main()
