"""A world to measure in: control plane or sandbox, a git repository, the engine, and eyes of our own.

What happened is read from the Kubernetes API's watch stream and from git, never from the engine; only
words that are the engine's own (Synced) come through its socket.
"""
import base64
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import layout
from measure import scratch

HERE = os.path.dirname(os.path.abspath(__file__))
KUBE = os.path.join(os.path.dirname(HERE), "kube", "kube")
LIMIT = 60


class TooLate(Exception):
    pass


def until(what, ready, limit=LIMIT):
    end = time.perf_counter() + limit
    while not (found := ready()):
        if time.perf_counter() > end:
            raise TooLate(f"{what}: not within {limit} s")
        time.sleep(0.01)
    return found


# ---- the API ----
class Api:
    """The API server of a kubeconfig, one connection; JSON in and out."""

    def __init__(self, kubeconfig):
        with open(kubeconfig, encoding="utf-8") as f:
            text = f.read()

        def field(name):
            found = re.search(r"\b" + name + r":\s*\"?([^\s\",}]+)", text)
            return found.group(1) if found else None

        self.kubeconfig, self.server, self.token = kubeconfig, field("server"), field("token")
        self.host, self.port = re.match(r"https://([^:/]+):(\d+)", self.server).groups()
        data, path = field("certificate-authority-data"), field("certificate-authority")
        self.tls = ssl.create_default_context(
            cadata=base64.b64decode(data).decode() if data else None, cafile=None if data else path)
        self.tls.check_hostname = False
        self.link = None

    def connect(self, timeout=LIMIT):
        return http.client.HTTPSConnection(self.host, int(self.port), context=self.tls, timeout=timeout)

    def headers(self, kind="application/json"):
        return {"Authorization": "Bearer " + self.token, "Content-Type": kind,
                "Accept": "application/json"}

    def call(self, method, path, body=None, kind="application/json"):
        """Its status and answer."""
        raw = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        for again in (False, True):
            self.link = self.link or self.connect()
            try:
                self.link.request(method, path, raw, self.headers(kind))
                answer = self.link.getresponse()
                return answer.status, json.loads(answer.read() or b"{}")
            except (http.client.RemoteDisconnected, ConnectionError):
                self.link = None  # a server closes a connection that was idle for long
                if again:
                    raise

    def change(self, path, body):
        """As somebody who goes around git: a field manager of its own."""
        status, answer = self.call("PATCH", path + "?fieldManager=somebody", body,
                                   "application/merge-patch+json")
        if status != 200:
            raise TooLate(f"PATCH {path}: {status} {answer.get('message')}")

    def scale(self, name, replicas):
        self.change(f"/apis/apps/v1/namespaces/{name}/deployments/simple-app/scale",
                    {"spec": {"replicas": replicas}})

    def set_level(self, name, level):
        self.change(f"/api/v1/namespaces/{name}/configmaps/simple-app", {"data": {"LOG_LEVEL": level}})


def deployment(item):
    return item["spec"]["replicas"], item["spec"]["template"]["spec"]["containers"][0]["image"]


def config_map(item):
    return (item.get("data", {}).get("LOG_LEVEL"), None)


class Watch:
    """All objects of a kind, as the watch stream tells them: (time, namespace, *fields of it)."""

    def __init__(self, api, path="/apis/apps/v1/deployments", fields=deployment):
        self.seen, self.news, self.link, self.fields = [], threading.Condition(), None, fields
        status, items = api.call("GET", path)
        if status != 200:
            raise TooLate(f"GET {path}: {status}")
        for item in items["items"]:
            self.note(time.perf_counter(), item)
        self.link = api.connect(timeout=None)
        self.link.request("GET", f"{path}?watch=1&resourceVersion="
                          f"{items['metadata']['resourceVersion']}", headers=api.headers())
        self.stream = self.link.getresponse()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def note(self, when, item):
        with self.news:
            self.seen.append((when, item["metadata"]["namespace"], *self.fields(item)))
            self.news.notify_all()

    def follow(self):
        try:
            while line := self.stream.readline():
                when = time.perf_counter()
                event = json.loads(line)
                if event["type"] in ("ADDED", "MODIFIED"):
                    self.note(when, event["object"])
        except (OSError, ValueError, AttributeError):
            pass  # closed by stop

    def mark(self):
        with self.news:
            return len(self.seen)

    def wait(self, what, found, since, limit=LIMIT):
        """The time of the first event after mark `since` that found(namespace, replicas, image) takes."""
        end, at = time.perf_counter() + limit, since
        with self.news:
            while True:
                for at in range(at, len(self.seen)):
                    if found(*self.seen[at][1:]):
                        return self.seen[at][0], at + 1
                at = len(self.seen)
                if not self.news.wait(end - time.perf_counter()) or time.perf_counter() > end:
                    raise TooLate(f"{what}: not within {limit} s")

    def wait_all(self, what, names, found, since, limit=LIMIT):
        """The time when found held for each of names."""
        end, missing, at = time.perf_counter() + limit, set(names), since
        with self.news:
            while True:
                for at in range(at, len(self.seen)):
                    when, name, replicas, image = self.seen[at]
                    if name in missing and found(name, replicas, image):
                        missing.discard(name)
                        if not missing:
                            return when
                at = len(self.seen)
                if time.perf_counter() > end:
                    raise TooLate(f"{what}: {len(missing)} of {len(names)} not within {limit} s")
                self.news.wait(end - time.perf_counter())

    def stop(self):
        sock = self.link and self.link.sock
        if sock:
            sock.close()


# ---- the engine's protocol ----
class Refused(Exception):
    pass


class Engine:
    """A connection to the engine's socket: requests, and the table of applications as a client sees it."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(path)
        self.rest, self.number, self.apps, self.total, self.sub = b"", 0, {}, 0, None
        self.operations = {}
        self.hello = self.call("hello", protocol=1, client="bench")

    def watch_apps(self):
        self.sub = self.call("applications.watch", limit=1000)["sub"]

    def line(self, end):
        while b"\n" not in self.rest:
            left = end - time.perf_counter()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                raise TooLate("no line from the engine")
            chunk = self.sock.recv(1 << 20)
            if not chunk:
                raise TooLate("the engine closed the connection")
            self.rest += chunk
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def event(self, line):
        data = line.get("data") or {}
        if self.sub is not None and line.get("sub") == self.sub:
            if line["kind"] == "reset":
                self.apps = {}
            self.total = data.get("total", self.total)
            self.counts = data.get("counts", {})
            for app in data.get("apps", []):
                self.apps[app["name"]] = app
        elif data.get("id"):
            self.operations[data["id"]] = data

    def call(self, method, limit=LIMIT, **params):
        self.number += 1
        request = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.sock.sendall(json.dumps(request).encode() + b"\n")
        end = time.perf_counter() + limit
        while True:
            line = self.line(end)
            if "sub" in line and "id" not in line:
                self.event(line)
            elif line.get("id") == self.number:
                if "error" in line:
                    raise Refused(f"{method}: {line['error']}")
                return line.get("result")

    def wait(self, what, ready, limit=LIMIT):
        """Until ready(self) holds after an event; the time of the event."""
        end, when = time.perf_counter() + limit, time.perf_counter()
        while not ready(self):
            try:
                line = self.line(end)
            except TooLate as late:
                raise TooLate(f"{what}: {late}; {self.state()}") from None
            when = time.perf_counter()
            if "sub" in line:
                self.event(line)
        return when

    def state(self):
        rows = [f"{a['name']} {a.get('verdict')} {a.get('message') or ''} {a.get('held') or ''}"
                for a in self.apps.values() if a.get("verdict") != "Synced"]
        return f"{len(self.apps)} applications, not Synced: {rows[:3]}"

    def synced(self, *names):
        return all(self.apps.get(n, {}).get("verdict") == "Synced" for n in names)

    def close(self):
        self.sock.close()


# ---- the world ----
def git(cwd, *words):
    out = subprocess.run(["git", "-c", "user.name=operator", "-c", "user.email=operator@example.org",
                          "-c", "gc.auto=0", *words], cwd=cwd, capture_output=True, text=True, check=False)
    if out.returncode:
        raise TooLate(f"git {words[0]}: {out.stderr.strip()}")
    return out.stdout.strip()


class World:
    """kind real: etcd, kube-apiserver, controllers, kwok. kind sandbox: reckon-engine sandbox."""

    def __init__(self, bench, kind):
        self.bench, self.kind, self.dir = bench, kind, scratch(kind)
        self.engine, self.sandbox, self.client, self.watch = None, None, None, None
        self.env = dict(os.environ, HOME=self.dir, XDG_STATE_HOME=self.dir + "/xdg",
                        XDG_CONFIG_HOME=self.dir + "/xdg", KUBECACHEDIR=self.dir + "/kubecache")
        self.serial = 0
        self.start_cluster()
        self.api = Api(self.kubeconfig)
        self.watch = Watch(self.api)
        self.make_repository()

    def start_cluster(self):
        if self.kind == "real":
            out = subprocess.run([KUBE, "up", self.dir + "/kube"], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout
            self.kubeconfig = out.strip().splitlines()[-1]
            return
        self.kubeconfig = self.dir + "/kubeconfig"
        self.sandbox = self.spawn("sandbox", [self.bench.engine, "sandbox", "--listen", "127.0.0.1:0",
                                              "--kubeconfig", self.kubeconfig])
        until("the sandbox", lambda: os.path.exists(self.kubeconfig) or self.sandbox.poll() is not None)
        if self.sandbox.poll() is not None:
            raise TooLate("the sandbox ended: " + self.log("sandbox"))

    def spawn(self, name, argv, env=None, **more):
        with open(f"{self.dir}/{name}.log", "ab") as log:
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    env=env or self.env, start_new_session=True, **more)

    def log(self, name):
        with open(f"{self.dir}/{name}.log", encoding="utf-8", errors="replace") as f:
            return f.read()[-600:]

    # -- git --
    def make_repository(self):
        self.bare, self.work = self.dir + "/repo.git", self.dir + "/work"
        git(self.dir, "init", "-q", "--bare", "--initial-branch=main", self.bare)
        git(self.dir, "clone", "-q", self.bare, self.work)
        git(self.work, "checkout", "-q", "-B", "main")
        layout.start_repository(self.work)
        self.push("start")

    def push(self, message):
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", message)
        git(self.work, "push", "-q", "-u", "origin", "main")
        return git(self.work, "rev-parse", "HEAD")

    def name(self, prefix="bench"):
        self.serial += 1
        return f"{prefix}-{self.serial:03d}"

    def add_application(self, name, automated=True):
        layout.application(self.work, name, "file://" + self.bare, automated, not self.bench.beforehand)
        if self.bench.beforehand:
            self.api.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def set_tag(self, name, tag):
        layout.write(self.work, {f"apps/overlays/{name}/kustomization.yaml": layout.overlay(name, tag)})

    # -- the engine --
    def start_engine(self, env=None, kubeconfig=None):
        settings, self.socket = self.dir + "/engine.yaml", self.dir + "/engine.sock"
        with open(settings, "w", encoding="utf-8") as f:
            f.write("apiVersion: reckon.dev/v1\nrepositories:\n- name: main\n"
                    f"  url: file://{self.bare}\n  branch: main\n  poll: 15s\nclusters:\n- name: main\n"
                    "  server: https://kubernetes.default.svc\n"
                    f"  kubeconfig: {kubeconfig or self.kubeconfig}\nidentities:\n"
                    f"- {{uid: {os.getuid()}, name: operator, email: operator@example.org}}\n"
                    f"state: {self.dir}/state\n")
        ready, told = os.pipe()
        self.engine = self.spawn("engine", [self.bench.engine, "engine", "--foreground", "--config",
                                            settings, "--socket", self.socket, "--ready-fd", str(told)],
                                 env=env, pass_fds=(told,))
        os.close(told)
        listens = os.read(ready, 1)
        os.close(ready)
        if not listens:
            raise TooLate("the engine did not start: " + self.log("engine"))
        self.client = Engine(self.socket)
        self.client.watch_apps()
        until("the cluster is reached", lambda: any(
            k.get("state") == "ok" for k in self.client.call("status")["clusters"]))
        return self.client

    def stop_process(self, process):
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def stop_engine(self):
        if self.client:
            self.client.close()
        self.stop_process(self.engine)
        self.client, self.engine = None, None

    def kubectl(self, *words):
        """A whole kubectl process; its wall time in s."""
        begin = time.perf_counter()
        out = subprocess.run([self.bench.kubectl, "--kubeconfig", self.kubeconfig, "--cache-dir",
                              self.dir + "/kubecache", *words], capture_output=True, text=True,
                             env=self.env, check=False)
        if out.returncode > (1 if words[0] == "diff" else 0):
            raise TooLate(f"kubectl {words[0]}: {out.stderr.strip()[:300]}")
        return time.perf_counter() - begin

    def stop(self):
        self.stop_engine()
        if self.watch:
            self.watch.stop()
        if self.kind == "real":
            subprocess.run([KUBE, "down", self.dir + "/kube"], check=False)
        self.stop_process(self.sandbox)
        shutil.rmtree(self.dir, ignore_errors=True)


# ---- a proxy that counts ----
class Counter:
    """TLS at both ends between engine and API server; notes every request line that goes through.

    It speaks HTTP/1.1, so requests stand one after the other in a connection's bytes.
    """

    LINE = re.compile(rb"(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.1\r\n")

    def __init__(self, api, folder):
        self.api, self.requests, self.folder = api, [], folder
        key, cert = folder + "/proxy.key", folder + "/proxy.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=counter",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                       check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(cert, key)
        self.tls.set_alpn_protocols(["http/1.1"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.kubeconfig = folder + "/counted.kubeconfig"
        with open(cert, "rb") as f:
            authority = base64.b64encode(f.read()).decode()
        with open(self.kubeconfig, "w", encoding="utf-8") as f:
            f.write("apiVersion: v1\nkind: Config\nclusters:\n- name: counted\n  cluster:\n"
                    f"    server: https://127.0.0.1:{self.listener.getsockname()[1]}\n"
                    f"    certificate-authority-data: {authority}\nusers:\n- name: user\n  user:\n"
                    f"    token: {api.token}\ncontexts:\n- name: counted\n"
                    "  context: {cluster: counted, user: user}\ncurrent-context: counted\n")
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, raw):
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            near = self.tls.wrap_socket(raw, server_side=True)
            out = socket.create_connection((self.api.host, int(self.api.port)))
            out.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far = self.api.tls.wrap_socket(out, server_hostname=self.api.host)
            self.pump(near, far)
        except (OSError, ssl.SSLError):
            pass

    def pump(self, near, far):
        ends = {near: far, far: near}
        while True:
            waiting = [s for s in ends if s.pending()] or select.select(list(ends), [], [])[0]
            for one in waiting:
                data = one.recv(1 << 16)
                if not data:
                    near.close()
                    far.close()
                    return
                if one is near:
                    now = time.perf_counter()
                    self.requests += [(now, m[1].decode(), m[2].decode())
                                      for m in self.LINE.finditer(data)]
                ends[one].sendall(data)

    def since(self, when):
        return [(method, path) for at, method, path in self.requests if at >= when]

    def stop(self):
        self.listener.close()
