#!/usr/bin/env python3
"""Verifies Reckon's audit branches with nothing but git: a second opinion beside `reckon audit verify`.

    audit_verify.py REPOSITORY [ENVIRONMENT]

REPOSITORY is any clone, bare repository or mirror. Every reckon/audit/* branch in it, remote-tracking
or local, is read by `git log` and checked: one parent an entry, Seq from 1 without a gap, Prev the
commit before, and every trailer as entry.json has it. Prints a line a branch; exit 1 when one is not
sound or there is none. It shares no code with the engine and reads only what the format promises.
"""
import json
import os
import subprocess
import sys

# trailer -> field of entry.json; an absent field is an absent trailer
TRAILERS = {
    "Reckon-Schema": "schema", "Reckon-Seq": "seq", "Reckon-Id": "id", "Reckon-Kind": "kind",
    "Reckon-App": "app", "Reckon-Env": "env", "Reckon-Cluster-Uid": "clusterUid",
    "Reckon-From": "from", "Reckon-To": "to", "Reckon-Plan-Sha256": "planSha256",
    "Reckon-Actor": "actor", "Reckon-Approver": "approver", "Reckon-Reason": "reason",
    "Reckon-Result": "result", "Reckon-Prev": "prev",
}
NAMES = ("refs/heads/", "refs/remotes/", "refs/reckon/log/")
MARK = "reckon/audit/"


class Unsound(Exception):
    pass


def git(repo, *args):
    env = dict(os.environ, LC_ALL="C", GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    done = subprocess.run(["git", "-C", repo, *args], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def branches(repo):
    """(ref, environment) of every audit branch."""
    for ref in git(repo, "for-each-ref", "--format=%(refname)").decode().split():
        if ref.startswith(NAMES) and MARK in ref:
            yield ref, ref.split(MARK, 1)[1]


def whole_file(patch, commit):
    """entry.json after the commit, from a patch that shows all of it."""
    lines, inside = [], False
    for line in patch.split(b"\n"):
        if line.startswith(b"diff --git "):
            inside = False
            if line != b"diff --git a/entry.json b/entry.json":
                raise SystemExit(f"{commit[:12]}: changes another file: {line.decode('utf-8', 'replace')}")
        elif line.startswith(b"@@"):
            inside = True
        elif inside and line[:1] in (b"+", b" "):
            lines.append(line[1:])
    if not lines:
        raise Unsound(f"{commit[:12]}: no entry.json of its own")
    return b"\n".join(lines)


def entries(repo, ref):
    """Oldest first: commit, parents, trailers (a list of pairs), entry.json as bytes."""
    form = "%x01%H%x02%P%x02%(trailers:only,unfold)%x02"
    out = git(repo, "log", "--reverse", "--topo-order", "-p", "-U1000000", "--text", "--no-renames",
              "--no-ext-diff", "--no-textconv", "--no-color", f"--format={form}", ref, "--")
    for part in out.split(b"\x01")[1:]:
        commit, parents, trailers, patch = part.split(b"\x02", 3)
        pairs = [line.split(": ", 1) for line in trailers.decode().strip().splitlines()]
        yield commit.decode(), parents.decode().split(), pairs, patch


def check(commit, parents, pairs, patch, before, seq, environment):
    where = f"{commit[:12]} (entry {seq})"
    if parents != ([before] if before else []):
        raise Unsound(f"{where}: its parents are {parents}, not the entry before: not linear")
    try:
        entry = json.loads(whole_file(patch, commit))
    except ValueError as why:
        raise Unsound(f"{where}: entry.json: {why}") from why
    if entry.get("seq") != seq:
        raise Unsound(f"{where}: Seq is {entry.get('seq')}: entries were dropped or changed")
    if entry.get("prev", "") != before:
        raise Unsound(f"{where}: Prev is {entry.get('prev')!r}, the entry before is {before!r}")
    if entry.get("env") != environment:
        raise Unsound(f"{where}: belongs to {entry.get('env')!r}")
    want = [(name, str(entry[field])) for name, field in TRAILERS.items() if field in entry]
    got = [tuple(pair) for pair in pairs]
    for one in want:
        if one not in got:
            raise Unsound(f"{where}: trailer {one[0]} is not {one[1]!r}, as entry.json has it")
    if len(got) != len(want):
        raise Unsound(f"{where}: trailers that entry.json does not give: "
                      f"{sorted(set(got) - set(want))}")


def verify(repo, ref, environment):
    before, seq = "", 0
    for commit, parents, pairs, patch in entries(repo, ref):
        seq += 1
        check(commit, parents, pairs, patch, before, seq, environment)
        before = commit
    return seq, before


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    repo, only = sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else None
    found, sound = 0, True
    for ref, environment in branches(repo):
        if only not in (None, environment):
            continue
        found += 1
        try:
            count, tip = verify(repo, ref, environment)
            print(f"{ref}: {count} entries, sound, tip {tip}")
        except Unsound as why:
            sound = False
            print(f"{ref}: NOT SOUND: {why}")
    if not found:
        print("no audit branch here")
    return 0 if found and sound else 1


if __name__ == "__main__":
    sys.exit(main())
