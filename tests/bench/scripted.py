#!/usr/bin/python3
"""scripted.py SOCKET N: an engine for the console's figures: N applications in three environments that
never change by themselves, 20 objects each. It answers what the first view asks (include/reckon/wire.h),
one client at a time, and keeps the order, the window and the folding as the real one does.

Lines on stdin make it tell news: `row NAME` another version of one application; `rows COUNT SECONDS`
that many of them, evenly; every change of a row goes out as a PATCH. It ends with its stdin.
"""
import json
import os
import select
import socket
import sys
import time

ENVIRONMENTS = ("dev", "staging", "production")
OBJECTS = 20
START = 1764331439000
WORDS = ("api", "mailer", "web", "cron", "redis", "ingress", "billing", "search", "orders", "catalog",
         "login", "reports", "stock")
SUBJECTS = ("more replicas", "a newer base image", "probes that wait for the database", "less memory",
            "its own service account")
KINDS = ("ConfigMap", "apps/Deployment", "Service", "networking.k8s.io/Ingress")


def revision(i):
    return f"{(i + 1) * 0x9e3779b97f4a7c15 % 2 ** 64:016x}"


def application(i, environment):
    """Neighbours differ in name, version, revision and state, as real ones do."""
    drifted, degraded = i % 50 == 7, i % 50 == 31
    app, version = f"{WORDS[i % 13]}-{i:04d}", f"{i % 3 + 1}.{i * 7 % 23}.{i * 5 % 11}"
    why = {"message": "Deployment app 1/3 ready"} if degraded else {}
    return {"name": f"{app}-{environment}", "app": app, "environment": environment,
            "project": "core", "cluster": "sandbox", "namespace": f"{app}-{environment}",
            "verdict": "OutOfSync" if drifted else "Synced", "health": "Degraded" if degraded else "Healthy",
            "version": version, "revision": revision(i), "target": revision(i + drifted),
            "drifted": 1 if drifted else 0, "objects": OBJECTS, "changed": 1,
            "locked": environment == "production", **why}


def counts(apps):
    out_of_sync = sum(a["verdict"] == "OutOfSync" for a in apps)
    degraded = sum(a["health"] == "Degraded" for a in apps)
    return {"total": len(apps), "synced": len(apps) - out_of_sync, "out_of_sync": out_of_sync,
            "healthy": len(apps) - degraded, "degraded": degraded}


class Applications:
    def __init__(self, n):
        share = [n // 3 + (1 if i < n % 3 else 0) for i in range(3)]
        self.parts = [(e, [application(i, e) for i in range(k)]) for e, k in zip(ENVIRONMENTS, share)]
        self.by_name = {a["name"]: a for _, part in self.parts for a in part}
        self.counts = counts([a for _, part in self.parts for a in part])
        self.part_counts = {e: counts(part) for e, part in self.parts}

    def shown(self, params):
        words = (params.get("filter") or "").split()
        folded = params.get("folded") or []
        for environment, part in self.parts:
            keep = [] if environment in folded else part
            yield environment, [a for a in keep if all(w in a["name"] for w in words)] if words else keep

    def page(self, params, only=None):
        offset, limit = params.get("offset", 0), min(params.get("limit") or 200, 200)
        groups, rows, total = [], [], 0
        for environment, part in self.shown(params):
            groups.append({"environment": environment, "rows": len(part),
                           "counts": self.part_counts[environment]})
            first, end = max(offset - total, 0), max(offset + limit - total, 0)
            rows += [dict(a, index=total + first + i) for i, a in enumerate(part[first:end])]
            total += len(part)
        return {"offset": offset, "total": total, "counts": self.counts, "groups": groups,
                "apps": rows if only is None else [r for r in rows if r["name"] == only]}

    def detail(self, params):
        a = self.by_name[params["app"]]
        twins = [self.by_name.get(f"{a['app']}-{e}") for e in ENVIRONMENTS if e != a["environment"]]
        drifted = a["verdict"] == "OutOfSync"
        return {"row": a, "repository": "acme-gitops", "server": "https://127.0.0.1:6443",
                "path": f"overlays/{a['environment']}/{a['app']}", "policy": "auto, prune, selfHeal",
                "next": {"action": "heal", "reason": "the live state differs", "at": START + 41000,
                         "stop": "freeze"} if drifted else {"action": "none", "reason": "in sync"},
                "last_operation": "sync", "last_result": "Succeeded", "last_actor": "operator",
                "last_time": START - 1440000, "commit_subject": f"{a['app']}: {SUBJECTS[int(a['app'][-4:]) % 5]}",
                "commit_author": "reviewer", "siblings": [t for t in twins if t]}

    def resources(self, params):
        name = params["app"]
        return {"total": OBJECTS, "resources": [
            {"object": f"{KINDS[i % 4] if '/' in KINDS[i % 4] else '/' + KINDS[i % 4]}/{name}/part-{i:02d}",
             "verdict": "Synced", "health": "Healthy", "wave": i // 8, "created": START - 86400000,
             "file": f"base/part-{i:02d}.yaml", "line": 1} for i in range(OBJECTS)]}

    def drift(self, params):
        return {"app": params["app"], "verdict": "OutOfSync", "total": 1, "objects": [
            {"object": f"apps/Deployment/{params['app']}/part-01", "action": "change", "method": "local",
             "fields": [{"path": "/spec/replicas", "desired": "3", "live": "5", "manager": "kubectl-scale",
                         "subresource": "scale", "written": START - 540000, "file": "base/part-01.yaml",
                         "line": 14}]}]}

    def environments(self, _):
        return {"environments": [
            {"name": e, "sync": "manual" if e == "production" else "auto", "prune": True, "self_heal": True,
             "locked": e == "production", "applications": len(part), "promote_via": "push",
             "revert_via": "push"} for e, part in self.parts]}

    def activity(self, _):
        return {"rows": [{"time": START - 60000 * i, "level": "info", "app": f"{WORDS[i % 13]}-{i:04d}-dev",
                          "environment": "dev", "actor": "reckon", "text": "sync Succeeded"}
                         for i in range(20, 0, -1)]}


class Engine:
    def __init__(self, path, n):
        self.apps, self.next_sub, self.subs, self.rest, self.client = Applications(n), 0, {}, b"", None
        self.due, self.orders = [], open(0, "rb", buffering=0)
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(path)
        self.server.listen(4)
        self.watches = {"applications.watch": self.apps.page, "application.watch": self.apps.detail,
                        "resources.watch": self.apps.resources, "activity.watch": self.apps.activity}
        self.calls = {"hello": self.hello, "status": self.status, "unsubscribe": self.unsubscribe,
                      "environment.list": self.apps.environments, "drift.get": self.apps.drift,
                      "applications.list": self.apps.page, "engine.detach": lambda _: {"ok": True}}

    def places(self):
        return {"repositories": [{"name": "acme-gitops", "branch": "main", "revision": "4f2c1aa90b1c",
                                  "state": "ok", "checked": int(time.time() * 1000)}],
                "clusters": [{"name": "sandbox", "state": "ok", "latency_ms": 38}]}

    def hello(self, _):
        return {"protocol": 1, "epoch": 1, "pid": os.getpid(), "version": "0", "engine": "session",
                "profile": "default", "identity": "operator", "can_write": True, **self.places()}

    def status(self, _):
        return {**self.places(), "applications": self.apps.counts["total"]}

    def unsubscribe(self, params):
        self.subs.pop(params.get("sub"), None)
        return {"ok": True}

    # ---- lines ----
    def send(self, *messages):
        lines = b"".join(json.dumps({"jsonrpc": "2.0", **m}).encode() + b"\n" for m in messages)
        try:
            self.client.sendall(lines)
        except (BrokenPipeError, ConnectionResetError):
            self.subs = {}      # it left; the read that follows says so, too

    def event(self, sub, kind, data):
        sub["seq"] += 1
        return {"sub": sub["sub"], "epoch": 1, "seq": sub["seq"], "kind": kind, "data": data}

    def watch(self, request, answer):
        self.next_sub += 1
        sub = {"sub": self.next_sub, "seq": 0, "method": request["method"], "params": request.get("params", {})}
        self.subs[self.next_sub] = sub
        self.send({"id": request["id"], "result": {"sub": self.next_sub}},
                  self.event(sub, "reset", answer(sub["params"])))

    def serve(self, request):
        method = request["method"]
        if method in self.watches:
            self.watch(request, self.watches[method])
        elif method in self.calls:
            self.send({"id": request["id"], "result": self.calls[method](request.get("params", {}))})
        else:
            self.send({"id": request["id"], "error": {"code": -32601, "message": f"no {method} here"}})

    def receive(self):
        try:
            data = self.client.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            self.client.close()
            self.client, self.subs, self.rest = None, {}, b""
            return
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.serve(json.loads(line))

    # ---- news ----
    def row_changes(self, name):
        row = self.apps.by_name[name]
        row["changed"] += 1
        row["version"] = f"2.0.{row['changed'] % 10}"
        for sub in self.subs.values():
            if sub["method"] == "applications.watch":
                self.send(self.event(sub, "patch", self.apps.page(sub["params"], name)))

    def told(self, line):
        words = line.split()
        if words[0] == "row":
            self.row_changes(words[1])
        elif words[0] == "rows":
            n, seconds, now = int(words[1]), float(words[2]), time.monotonic()
            self.due = [now + seconds * i / n for i in range(n)]

    def news(self):
        """Tells what is due; seconds until the next, None: nothing is."""
        names = list(self.apps.by_name)
        while self.due and self.due[0] <= time.monotonic():
            self.row_changes(names[len(self.due) % 10])
            self.due.pop(0)
        return max(0, self.due[0] - time.monotonic()) if self.due else None

    def run(self):
        while True:
            wait = self.news()
            ready, _, _ = select.select([self.server, self.orders] + [self.client] * bool(self.client), [], [], wait)
            if self.server in ready:
                self.client = self.server.accept()[0]
                self.subs, self.rest = {}, b""
            elif self.client in ready:
                self.receive()
            if self.orders in ready:
                line = self.orders.readline()
                if not line:
                    return
                self.told(line.decode())


if __name__ == "__main__":
    Engine(sys.argv[1], int(sys.argv[2])).run()
