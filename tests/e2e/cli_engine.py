#!/usr/bin/python3
"""cli_engine.py: the built `reckon` against a scripted engine on a Unix socket: which requests a verb
sends, what it prints for the answers, and its exit code. RECKON names the program."""
import json, os, socket, subprocess, sys, tempfile, threading

RECKON = os.path.realpath(os.environ.get("RECKON", "build/reckon"))
bad = total = 0


class Engine:
    """Answers requests by a table: method -> result, or function of the parameters, or Error; of a
    .watch method: a list of (kind, data)."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "engine.sock")
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        self.server.listen(8)
        self.answers, self.got = {}, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            link, _ = self.server.accept()
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        subs = 0
        send = lambda d: link.sendall(json.dumps(d).encode() + b"\n")
        try:
            lines = link.makefile("rb")
            for line in lines:
                r = json.loads(line)
                method, params, id = r["method"], r.get("params", {}), r.get("id")
                if method == "hello":
                    send({"jsonrpc": "2.0", "id": id, "result": {
                        "protocol": 1, "epoch": 5, "engine": "session", "version": "9.9",
                        "socket": self.path}})
                    continue
                if method == "unsubscribe":
                    send({"jsonrpc": "2.0", "id": id, "result": {"ok": True}})
                    continue
                self.got.append((method, params))
                a = self.answers.get(method, Error("NOT_FOUND", f"the script has no {method}"))
                a = a(params) if callable(a) else a
                if isinstance(a, Error):
                    send({"jsonrpc": "2.0", "id": id, "error": {"code": -32000, "message": a.text, "data": {"code": a.code}}})
                elif method.endswith(".watch"):
                    subs += 1
                    send({"jsonrpc": "2.0", "id": id, "result": {"sub": subs}})
                    for seq, (kind, data) in enumerate(a, 1):
                        send({"sub": subs, "epoch": 5, "seq": seq, "kind": kind, **({} if data is None else {"data": data})})
                else:
                    send({"jsonrpc": "2.0", "id": id, "result": a})
        except OSError:
            pass
        finally:
            lines.close()
            link.close()


class Error:
    def __init__(self, code, text):
        self.code, self.text = code, text


def check(what, held, seen=None):
    global bad, total
    total += 1
    if not held:
        bad += 1
        print(f"FAIL: {what}\n    saw: {seen!r}")


def run(engine, want, *args, **answers):
    """Runs the verb; returns stdout, stderr and the requests it made."""
    engine.answers = {k.replace("_", "."): v for k, v in answers.items()}
    engine.got = []
    p = subprocess.run([RECKON, "--socket", engine.path, *args], capture_output=True, timeout=20, input=b"")
    out, err = p.stdout.decode(), p.stderr.decode()
    check(f"reckon {' '.join(args)}: exit {p.returncode}, wanted {want}", p.returncode == want, (out, err))
    return out, err, engine.got


def app(name, **more):
    return dict({"name": name, "app": "shop", "environment": "production", "verdict": "OutOfSync",
                 "health": "Healthy", "drifted": 2, "revision": "a" * 40}, **more)


def reading(e):
    pages = lambda p: {"offset": p["offset"], "total": 150, "apps": [
        app(f"shop-{i}") for i in range(p["offset"], min(150, p["offset"] + p["limit"]))]}
    out, err, got = run(e, 0, "get", "apps", "--environment", "production", applications_list=pages)
    lines = out.splitlines()
    check("a table row an application, all pages", len(lines) == 151 and "shop-149" in lines[150], out[-200:])
    check("sign and word", "! OutOfSync" in lines[1] and "= Healthy" in lines[1] and "aaaaaaa " in lines[1], lines[1])
    check("columns are aligned", lines[0].index("HEALTH") == lines[1].index("= Healthy"), lines[:2])
    check("nothing on stderr", err == "", err)
    check("asked page by page", [g[1]["offset"] for g in got if g[0] == "applications.list"] == [0, 100] and got[0][1]["environment"] == "production", got)
    out, _, _ = run(e, 0, "get", "apps", "-o", "json", applications_list=pages)
    check("one JSON value", len(json.loads(out)["apps"]) == 150, out[:100])
    out, err, _ = run(e, 1, "get", "apps", applications_list={"offset": 0, "total": 0, "apps": []})
    check("nothing matched is told on stderr", out == "" and "no application matched" in err, (out, err))

    detail = {"row": app("shop"), "policy": "manual, locked", "next": {"action": "heal", "at": 0, "stop": "reckon freeze shop"},
              "causes": [{"object": "v1/Pod", "status": "Degraded", "message": "ErrImagePull"}]}
    out, _, got = run(e, 0, "get", "app", "production/shop", application_watch=[("reset", detail)])
    check("detail", "manual, locked" in out and "x Degraded" in out and "stop it with reckon freeze shop" in out, out)
    check("watches once", got[0] == ("application.watch", {"app": "production/shop"}), got)
    _, err, _ = run(e, 2, "get", "app", "x", application_watch=Error("NOT_FOUND", "no application x"))
    check("one line for an error", err == "reckon get app: no application x\n", err)
    out, _, _ = run(e, 0, "get", "resources", "shop", resources_watch=[("reset", {"offset": 0, "total": 1, "resources": [
        {"object": "apps/Deployment/n/web", "verdict": "Synced", "health": "Progressing", "prune": True}]})])
    check("resources", "apps/Deployment/n/web" in out and "~ Progressing" in out and "no longer in git" in out, out)
    out, _, _ = run(e, 0, "get", "environments", environment_list={"environments": [
        {"name": "prod", "sync": "manual", "locked": True, "pending": "locked true -> false"}]})
    check("a loosened policy names the verb", "reckon release prod --hold policy" in out, out)
    ops = {"offset": 0, "total": 2, "operations": [{"id": "1", "kind": "sync", "state": "running", "started": 1},
                                                   {"id": "2", "kind": "sync", "state": "Failed", "finished": 5}]}
    _, _, got = run(e, 0, "get", "operations", "--running", operation_list=ops)
    check("only running ones are asked for", got[-1][1].get("running") is True, got)
    _, _, got = run(e, 0, "refresh", "shop", "--hard", refresh={"ok": True}, application_watch=[("reset", detail)])
    check("refresh, then look", [g[0] for g in got][:2] == ["refresh", "application.watch"] and got[0][1]["hard"], got)
    run(e, 0, "history", "shop", history_list={"offset": 0, "total": 1, "rows": [{"time": 1, "kind": "sync", "result": "Succeeded"}]})
    out, _, _ = run(e, 0, "events", "shop", events_list={"events": [{"reason": "Pulled", "count": 3}]})
    check("events", "Pulled" in out, out)
    out, _, _ = run(e, 0, "logs", "shop", logs_watch=[("reset", {"lines": [{"text": "one"}]}), ("patch", {"lines": [{"text": "two"}]}), ("end", None)])
    check("log lines as they are", out == "one\ntwo\n", out)
    _, err, _ = run(e, 2, "logs", "shop", logs_watch=[("end", {"message": "the cluster is away", "data": {"code": "UNAVAILABLE"}})])
    check("a log's end with a reason", "the cluster is away" in err, err)


def waiting(e):
    row = lambda v, h: ("reset", {"row": app("shop", verdict=v, health=h)})
    run(e, 0, "wait", "shop", application_watch=[row("OutOfSync", "Healthy"), row("Synced", "Progressing"), row("Synced", "Healthy")])
    run(e, 0, "wait", "shop", "--synced", application_watch=[row("Synced", "Degraded")])
    out, err, _ = run(e, 1, "wait", "shop", "--timeout", "50ms", application_watch=[row("Synced", "Degraded")])
    check("still what", out == "" and "still Synced, Degraded" in err, err)


def drifting(e):
    field = {"path": "/spec/replicas", "desired": "2", "live": "5", "manager": "kubectl-scale", "written": 1000, "file": "k/over.yaml", "line": 7}
    d = lambda objects, verdict="OutOfSync": {"app": "shop", "verdict": verdict, "offset": 0, "total": len(objects), "objects": objects}
    out, _, _ = run(e, 1, "diff", "shop", drift_get=d([{"object": "apps/Deployment/n/web", "action": "change", "method": "server", "fields": [field]}]))
    check("who and where", "last written by kubectl-scale no later than 1970" in out and "k/over.yaml:7" in out, out)
    run(e, 0, "diff", "shop", drift_get=d([], "Synced"))
    run(e, 0, "diff", "shop", drift_get=d([{"object": "o", "action": "change", "fields": [dict(field, ignored=True)]}]))
    _, err, _ = run(e, 2, "diff", "shop", drift_get=d([], "Unknown"))
    check("Unknown is an error", "Unknown" in err, err)
    _, _, got = run(e, 0, "diff", "shop", "--rev", "pr/7", drift_get=d([], "Synced"))
    check("of a revision", got[0][1]["rev"] == "pr/7", got)
    two = dict(d([{"object": "apps/Deployment/n/web", "action": "change", "fields": [dict(field, from_file="k/base.yaml", from_line=3, from_commit="c" * 40)]},
                  {"object": "/ConfigMap/n/new", "action": "create"}]), from_app="shop", revision="b" * 40, **{"from": "a" * 40})
    out, _, got = run(e, 1, "diff", "shop", "--from", "v1", "--to", "v2", revisions_compare=two)
    check("of two revisions", got[0][1] == dict(got[0][1], app="shop", to="v2", **{"from": "v1"}), got)
    check("both sides say where", "k/base.yaml:3 (ccccccc" in out and "k/over.yaml:7" in out and "live" not in out and "only to" in out, out)
    run(e, 0, "diff", "shop", "--from", "v1", revisions_compare=d([]))
    _, _, got = run(e, 0, "diff", "shop-prod", "--with", "shop-dev", revisions_compare=d([]))
    check("of two applications", got[0][1]["from_app"] == "shop-dev" and got[0][1]["app"] == "shop-prod", got)
    for wrong in (["--to", "v2"], ["--from", "v1", "--rev", "v2"]):
        _, err, _ = run(e, 2, "diff", "shop", *wrong)
        check("which options go together", "--from" in err, err)


def writing(e):
    task = {"phase": "Sync", "wave": 0, "action": "apply", "group": "apps", "kind": "Deployment", "namespace": "n", "name": "web"}
    plan = lambda **m: dict({"fingerprint": "f" * 64, "kind": "sync", "app": "shop", "environment": "production", "tasks": [task]}, **m)
    op = lambda state, finished=0, **m: dict({"id": "op1", "kind": "sync", "app": "shop", "environment": "production", "state": state, "finished": finished,
                                              "tasks": [dict(task, state="done" if finished else "running")]}, **m)
    follow = [("reset", op("running")), ("reset", op("Succeeded", 9))]
    good = dict(plan_create=plan(), plan_arm=plan(armed=True), operation_start=op("running"), operation_watch=follow)

    out, err, got = run(e, 0, "sync", "shop", "--prune", "--resource", "apps/Deployment/n/web", **good)
    check("order of requests", [g[0] for g in got][:4] == ["plan.create", "plan.arm", "operation.start", "operation.watch"], got)
    check("options reach the plan", got[0][1]["prune"] and got[0][1]["resources"] == ["apps/Deployment/n/web"] and got[0][1]["kind"] == "sync", got[0])
    check("nothing typed, nothing unlocked", not got[1][1]["unlock"] and "confirm" not in got[1][1], got[1])
    check("plan, then operation", out.index("plan f") < out.index("operation op1") and "= Succeeded" in out, out)
    check("progress is a message", "done apply Deployment/web" in err, err)
    _, _, got = run(e, 0, "sync", "shop", "--confirm", "production/shop", "--reason", "INC-1", **good)
    check("confirm and reason unlock", got[1][1] == {"fingerprint": "f" * 64, "confirm": "production/shop", "reason": "INC-1", "unlock": True}, got[1])
    out, _, _ = run(e, 0, "sync", "shop", "-o", "json", **good)
    check("JSON is the operation", json.loads(out)["state"] == "Succeeded", out)

    missing = ["production is locked: give --confirm production/shop and --reason", "frozen by ops-a: release week"]
    out, err, got = run(e, 1, "sync", "shop", **dict(good, plan_arm=plan(missing=missing)))
    check("every missing sentence, and no start", all(m in err for m in missing) and len(err.splitlines()) == 2 and "operation.start" not in [g[0] for g in got], (err, got))
    _, err, _ = run(e, 1, "sync", "shop", **dict(good, operation_start=Error("DENIED", "the window is closed")))
    check("denied is 1", "the window is closed" in err, err)
    _, err, _ = run(e, 2, "sync", "shop", **dict(good, operation_start=Error("CONFLICT", "the plan is stale; plan again")))
    check("stale is 2", "stale" in err, err)
    _, err, _ = run(e, 2, "sync", "shop", **dict(good, operation_watch=[("reset", op("Failed", 9, message="wave 0: web"))]))
    check("failed is told", "sync failed: wave 0: web" in err, err)
    out, _, _ = run(e, 1, "sync", "shop", **dict(good, operation_watch=[("reset", op("Degraded", 9))]))
    check("degraded", "x Degraded" in out, out)
    _, err, _ = run(e, 2, "sync", "shop", **dict(good, operation_watch=[("reset", op("running")), ("end", {"message": "away", "data": {"code": "UNAVAILABLE"}})]))
    check("an operation goes on without us", "goes on in the engine" in err and "reckon stop op1" in err, err)
    _, err, _ = run(e, 2, "sync", "shop", "--timeout", "50ms", **dict(good, operation_watch=[("reset", op("running"))]))
    check("following ends at the timeout", "goes on in the engine" in err, err)

    out, _, got = run(e, 0, "sync", "shop", "--dry-run", **good)
    check("a dry run only plans", [g[0] for g in got] == ["plan.create"] and got[0][1]["dry_run"] and "Deployment" in out, got)
    _, err, got = run(e, 0, "sync", "shop", **dict(good, plan_create=plan(tasks=[dict(task, action="keep")])))
    check("nothing to do starts nothing", "nothing to do" in err and [g[0] for g in got] == ["plan.create"], (err, got))
    _, _, got = run(e, 0, "revert", "shop", "--commit", "abc", **dict(good, plan_create=plan(kind="revert", tasks=[dict(task, action="keep")], commit_message="Revert")))
    check("a commit that applies nothing is made all the same", [g[0] for g in got][:3] == ["plan.create", "plan.arm", "operation.start"], got)
    both = dict(good, operation_start=dict(op("running"), followers=["op-2"]))
    out, _, got = run(e, 0, "revert", "production", "--commit", "abc", "-o", "json", **both)
    check("operations that share a commit are all followed", [g[1]["id"] for g in got if g[0] == "operation.watch"] == [op("running")["id"], "op-2"] and len(json.loads(out)["operations"]) == 2, (out, got))
    _, _, got = run(e, 0, "sync", "shop", "--no-wait", **good)
    check("no-wait does not watch", got[-1][0] == "operation.start", got)

    reviewed = dict(good, plan_get=plan())
    _, _, got = run(e, 0, "sync", "production/shop", "--plan", "f" * 12, **reviewed)
    check("a reviewed plan is fetched, not made", [g[0] for g in got][:3] == ["plan.get", "plan.arm", "operation.start"] and got[2][1]["fingerprint"] == "f" * 64, got)
    _, err, got = run(e, 2, "sync", "other", "--plan", "f" * 12, **reviewed)
    check("no other application's plan", "nothing was started" in err and [g[0] for g in got] == ["plan.get"], (err, got))

    edits = plan(kind="promote", edits=[{"file": "k/prod.yaml", "line": 3, "before": "newTag: \"1\"", "after": "newTag: \"2\""}], commit_message="promote shop\n\nbody")
    out, _, got = run(e, 0, "promote", "shop", "--to", "production", "--dry-run", plan_create=edits)
    check("edits are shown", 'k/prod.yaml:3\n  - newTag: "1"\n  + newTag: "2"' in out and "| promote shop" in out and got[0][1]["to"] == "production", out)
    _, _, got = run(e, 0, "revert", "shop", "--commit", "abc", "--path", "k", "--dry-run", plan_create=plan(kind="revert"))
    check("a revert of paths is partial", got[0][1]["mode"] == "partial" and got[0][1]["paths"] == ["k"] and got[0][1]["commit"] == "abc", got)
    _, _, got = run(e, 0, "adopt", "shop", "--dry-run", plan_create=plan(kind="adopt"))
    check("adopt", got[0][1]["kind"] == "adopt", got)
    out, err, _ = run(e, 0, "plan", "shop", plan_create=plan(missing=["frozen"]))
    check("plan shows and tells", "apps/Deployment/n/web" in out and "frozen" in err, (out, err))


def policy(e):
    _, _, got = run(e, 0, "freeze", "production", "--reason", "release week", freeze_set={"ok": True})
    check("freeze", got[0][1] == {"target": "production", "reason": "release week", "frozen": True}, got)
    _, _, got = run(e, 0, "unfreeze", "production", freeze_set={"ok": True})
    check("unfreeze", got[0][1]["frozen"] is False, got)
    _, _, got = run(e, 0, "release", "production", "--hold", "policy", "--reason", "seen", hold_release={"ok": True})
    check("release", got[0][1] == {"app": "production", "hold": "policy", "reason": "seen"}, got)
    _, _, got = run(e, 0, "stop", "op1", "--now", operation_stop={"ok": True})
    check("stop", got[0][1] == {"id": "op1", "how": "now"}, got)
    _, err, _ = run(e, 1, "freeze", "x", "--reason", "r", freeze_set=Error("DENIED", "this peer may only read"))
    check("denied", "may only read" in err, err)


def audit(e):
    rows = {"offset": 0, "total": 1, "rows": [{"seq": 3, "time": 1000, "kind": "sync", "app": "shop", "environment": "production",
                                              "actor": "=cmd", "reason": 'a "b", c', "result": "Succeeded", "pushed": True}]}
    out, _, got = run(e, 0, "audit", "log", "--env", "production", "--since", "1970-01-01T00:00:00Z", "-o", "csv", audit_list=rows)
    check("csv", out.splitlines()[1].startswith('"3","1970-01-01T00:00:01Z"') and '"a ""b"", c"' in out and '"\'=cmd"' in out, out)
    check("of an environment", got[0][1]["environment"] == "production", got)
    out, _, _ = run(e, 0, "audit", "log", audit_list=rows)
    check("table", "= Succeeded" in out, out)
    verify = lambda ok: {"ok": ok, "rows": [{"environment": "production", "ok": ok, "entries": 4, "tip": "b" * 40}]}
    out, _, _ = run(e, 0, "audit", "verify", audit_verify=verify(True))
    check("whole", "= whole" in out, out)
    run(e, 1, "audit", "verify", audit_verify=verify(False))


def relay(e):
    e.answers, e.got = {"status": {"applications": 3}}, []
    hello = {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": 1}}
    status = {"jsonrpc": "2.0", "id": 2, "method": "status"}
    p = subprocess.run([RECKON, "relay", "--profile", "default", "--socket", e.path], capture_output=True, timeout=20,
                       input="".join(json.dumps(m) + "\n" for m in (hello, status)).encode())
    lines = [json.loads(l) for l in p.stdout.splitlines()]
    check("relay hands both ways", [l["id"] for l in lines] == [1, 2] and lines[1]["result"] == {"applications": 3}, p)
    big = {"jsonrpc": "2.0", "id": 3, "method": "status", "params": {"x": "y" * 200000}}
    p = subprocess.run([RECKON, "relay", "--socket", e.path], capture_output=True, timeout=20, input="".join(
        json.dumps(m) + "\n" for m in (hello, big, big, big)).encode())
    check("relay of lines larger than its buffer", p.stdout.count(b"\n") == 4 and len(e.got[-1][1]["x"]) == 200000, p.returncode)


def breaking(e):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "dead.sock")
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
        s.listen(4)
        threading.Thread(target=lambda: [s.accept()[0].close() for _ in range(9)], daemon=True).start()
        p = subprocess.run([RECKON, "get", "apps", "--socket", path], capture_output=True, timeout=20)
        check("an engine that hangs up", p.returncode == 2 and p.stdout == b"" and p.stderr.count(b"\n") == 1, p)
    out, err, _ = run(e, 2, "get", "apps", applications_list={"apps": 7})
    check("a wrong answer", out == "" and "applications.list" in err, (out, err))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(folder)
        for part in (reading, waiting, drifting, writing, policy, audit, relay, breaking):
            part(engine)
    print(f"cli_engine: {total - bad} of {total} held")
    sys.exit(bad > 0)
