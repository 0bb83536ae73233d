"""world.py: a world for end-to-end tests: a bare repository with a small layout, a work clone, a
cluster and an engine, as anybody outside sees them: git, HTTPS, the command line, the socket.

    with World() as w:
        w.synced("shop-dev")                          # waits for Synced and Healthy
        w.edit(w.overlay("dev"), "1.0.0", "1.1.0")    # commits and pushes too
        w.until(lambda: w.image("dev") == "1.1.0")

The layout is `shop` in dev (auto, prune, selfHeal), staging (auto, prune) and production (manual,
locked), and an Application `namespaces`; every environment renders a Deployment and a ConfigMap.

RECKON, RECKON_ENGINE: the programs (default build/). RECKON_TEST_KUBECONFIG: use that cluster when
the test says World(real=True) or RECKON_TEST_REAL=1 is set; else a sandbox of its own. WORK: where
temporary folders go. RECKON_TEST_KEEP=1 keeps a failed world's folder and prints its name.

Every process is stopped by its process id, also when the test fails or this program is killed.
"""
import base64, collections, ctypes, json, os, re, secrets, select, shutil, signal, socket
import ssl, subprocess, sys, tempfile, time, urllib.error, urllib.request

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
RECKON = os.path.realpath(os.environ.get("RECKON") or os.path.join(ROOT, "build/reckon"))
ENGINE = os.path.realpath(os.environ.get("RECKON_ENGINE") or os.path.join(ROOT, "build/reckon-engine"))
LIMIT = float(os.environ.get("RECKON_TEST_LIMIT", "30"))
ENVIRONMENTS = ("dev", "staging", "production")
SERVER = "https://kubernetes.default.svc"
Ran = collections.namedtuple("Ran", "status out err json")
_libc = ctypes.CDLL(None, use_errno=True)


class Never(AssertionError):
    """A state that was waited for did not come."""


def until(fn, limit=None, what=None):
    """What fn gives, as soon as it is true; Never after `limit` seconds. An assertion, a lookup or
    a connection that fails inside fn is "not yet"."""
    end, last = time.monotonic() + (limit or LIMIT), None
    while True:
        try:
            last = fn()
            if last:
                return last
        except (AssertionError, LookupError, OSError, ValueError) as e:
            last = e
        if time.monotonic() > end:
            raise Never(f"{what or 'the state that was waited for'} did not come; last: {last!r}")
        time.sleep(0.03)


def never(fn, limit, what=None):
    """Fails when fn gets true within `limit` seconds: for what must not happen."""
    try:
        got = until(fn, limit)
    except Never:
        return
    raise AssertionError(f"{what or 'it'} happened: {got!r}")


def _die_with_parent():
    os.setsid()
    _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def application(name, path, namespace, repo, policy="", extra=""):
    """The text of an Application manifest."""
    return (f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n{extra}"
            f"spec:\n  project: shop\n  source:\n    repoURL: {repo}\n    targetRevision: main\n"
            f"    path: {path}\n  destination:\n    server: {SERVER}\n    namespace: {namespace}\n"
            f"{policy}")


def lasting(test, w, *synced):
    """Enters a world; it is left when the test, or the class of tests, ends."""
    w.__enter__()
    cleanup = test.addClassCleanup if isinstance(test, type) else test.addCleanup
    cleanup(w.__exit__, None, None, None)
    if synced:
        w.synced(*synced)
    return w


def layout(repo, ns):
    """path -> text of the small layout."""
    policy = {"dev": "  syncPolicy:\n    automated: {prune: true, selfHeal: true}\n",
              "staging": "  syncPolicy:\n    automated: {prune: true}\n", "production": ""}
    label = "  labels: {app.kubernetes.io/name: shop}\n"
    files = {
        "reckon.yaml":
            "apiVersion: reckon.dev/v1\napplications: [apps]\nenvironments:\n"
            "- name: shared\n  match: [{paths: [\"k8s/namespaces\"]}]\n  sync: auto\n"
            "  prune: false\n  selfHeal: true\n"
            f"- name: dev\n  match: [{{namespaces: [\"{ns('dev')}\"]}}]\n  sync: auto\n"
            "  prune: true\n  selfHeal: true\n"
            f"- name: staging\n  match: [{{namespaces: [\"{ns('staging')}\"]}}]\n  sync: auto\n"
            "  prune: true\n  selfHeal: false\n"
            f"- name: production\n  match: [{{namespaces: [\"{ns('production')}\"]}}]\n"
            "  sync: manual\n  locked: true\n  approvals: 0\n  pruneBudget: 5\n",
        "k8s/namespaces/kustomization.yaml": "resources:\n- namespaces.yaml\n",
        "k8s/namespaces/namespaces.yaml": "---\n".join(
            f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {ns(e)}\n" for e in ENVIRONMENTS),
        "apps/project.yaml":
            "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata:\n  name: shop\nspec:\n"
            f"  sourceRepos: ['{repo}']\n  destinations:\n"
            f"  - {{server: '{SERVER}', namespace: 'shop-*'}}\n"
            f"  - {{server: '{SERVER}', namespace: default}}\n"
            "  clusterResourceWhitelist:\n  - {group: '', kind: Namespace}\n",
        "apps/namespaces.yaml": application(
            "namespaces", "k8s/namespaces", "default", repo,
            "  syncPolicy:\n    automated: {selfHeal: true}\n"),
        "k8s/shop/base/kustomization.yaml": "resources:\n- config.yaml\n- deployment.yaml\n",
        "k8s/shop/base/config.yaml":
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\n"
            "data:\n  LOG_LEVEL: info\n  GREETING: hello  # said at the door\n",
        "k8s/shop/base/deployment.yaml":
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n  replicas: 1\n"
            "  selector:\n    matchLabels: {app: shop}\n  template:\n    metadata:\n"
            "      labels: {app: shop}\n    spec:\n      containers:\n      - name: web\n"
            "        image: registry.example/shop:1.0.0\n",
    }
    for i, env in enumerate(ENVIRONMENTS):
        files[f"apps/shop-{env}.yaml"] = application(
            f"shop-{env}", f"k8s/shop/overlays/{env}", ns(env), repo, policy[env], label)
        files[f"k8s/shop/overlays/{env}/kustomization.yaml"] = (
            f"namespace: {ns(env)}\nresources:\n- ../../base\nreplicas:\n- name: shop\n"
            f"  count: {i + 1}\nimages:\n- name: registry.example/shop\n  newTag: 1.0.0\n")
    return files


class World:
    """files: path -> text or None, laid over the layout before the first commit (a function of the
    world is called for it). engine=False: the engine is started by the test. settings: lines added
    to engine.yaml. poll: how often the engine asks the repository (it also sees file events)."""

    def __init__(self, files=None, engine=True, settings="", poll="5s", real=None):
        config = os.environ.get("RECKON_TEST_KUBECONFIG")
        if real is None:
            real = os.environ.get("RECKON_TEST_REAL") == "1"
        self.real = bool(real and config)
        self.files, self.with_engine, self.more, self.poll = files or {}, engine, settings, poll
        self.children, self.sandbox, self.engine, self.failed = [], None, None, False
        self.more_env = {}  # of every child started from now on
        self.suffix = "-" + secrets.token_hex(3) if self.real else ""
        self.kubeconfig = config if self.real else None

    # ---- beginning and end ----
    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="w.", dir=os.environ.get("WORK") or None)
        for name in ("bare:repo.git", "work:work", "state:state", "socket:sock", "log:engine.log",
                     "settings:engine.yaml", "home:home"):
            attr, leaf = name.split(":")
            setattr(self, attr, os.path.join(self.dir, leaf))
        os.mkdir(self.home)
        self.url = "file://" + self.bare
        try:
            if not self.kubeconfig:
                self.sandbox_start()
            self._connect_api()
            self._make_repository()
            self.write_settings()
            if self.with_engine:
                self.engine_start()
        except BaseException:
            self.failed = True
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        for line in getattr(self, "lines", []):
            line.close()
        for child in reversed(self.children):
            self._stop(child, signal.SIGTERM)
        if self.real and hasattr(self, "server"):
            for env in ENVIRONMENTS:
                try:
                    self.api("DELETE", f"/api/v1/namespaces/{self.ns(env)}")
                except OSError:
                    pass
        if kind and os.environ.get("RECKON_TEST_KEEP"):
            print("world kept:", self.dir, file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def env(self, **more):
        keep = {k: v for k, v in os.environ.items()
                if not k.startswith(("GIT_", "XDG_", "RECKON", "KUBE", "SSH_"))}
        keep.update(HOME=self.home, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8",
                    GIT_CONFIG_GLOBAL="/dev/null")
        keep.update(self.more_env, **more)
        return keep

    def spawn(self, argv, log, **options):
        """A child that is stopped with the world."""
        with open(log, "ab") as out:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                     preexec_fn=_die_with_parent, env=self.env(), cwd=self.dir,
                                     **options)
        self.children.append(child)
        return child

    def _stop(self, child, signum):
        if child and child.poll() is None:
            child.send_signal(signum)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if child in self.children:
            self.children.remove(child)

    # ---- cluster ----
    def sandbox_start(self, *options):
        """Also again after sandbox_stop (a new, empty cluster unless options give --state)."""
        self.kubeconfig = os.path.join(self.dir, "kubeconfig")
        if os.path.exists(self.kubeconfig):
            os.remove(self.kubeconfig)
        log = os.path.join(self.dir, "sandbox.log")
        self.sandbox = self.spawn([ENGINE, "sandbox", "--listen", "127.0.0.1:0", "--kubeconfig",
                                   self.kubeconfig, *options], log)
        until(lambda: os.path.exists(self.kubeconfig) or self.sandbox.poll() is not None,
              20, "the sandbox's kubeconfig")
        if not os.path.exists(self.kubeconfig):
            raise RuntimeError("the sandbox did not start: " + _tail(log))

    def sandbox_stop(self, signum=signal.SIGTERM):
        self._stop(self.sandbox, signum)

    def _connect_api(self):
        with open(self.kubeconfig) as f:
            text = f.read()
        field = lambda key: (re.search(key + r"\"?:\s*[\"']?([^\"',}\s]+)", text) or [None, None])[1]
        self.server = field("server").rstrip("/")
        self.token = field("token")
        self.tls = ssl.create_default_context()
        ca = field("certificate-authority-data")
        if ca:
            self.tls.load_verify_locations(cadata=base64.b64decode(ca).decode())
        elif field("certificate-authority"):
            self.tls.load_verify_locations(cafile=field("certificate-authority"))
        else:
            self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def api(self, method, path, body=None, type=None):
        """(status, object or text). body: a value that is sent as JSON, or bytes or text."""
        data = body if isinstance(body, bytes) or body is None else (
            body if isinstance(body, str) else json.dumps(body)).encode()
        kind = type or ("application/merge-patch+json" if method == "PATCH" else "application/json")
        headers = {"Accept": "application/json", "Content-Type": kind,
                   "User-Agent": "kubectl/v1.35 (test)"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        ask = urllib.request.Request(self.server + path, data=data, method=method, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=self.tls))
        try:
            with opener.open(ask, timeout=20) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            status, text = e.code, e.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def ns(self, env):
        return f"shop-{env}{self.suffix}"

    def path(self, env, plural, name="", group="api/v1"):
        """/api/v1/namespaces/NS/PLURAL[/NAME]; group "apis/apps/v1" for deployments."""
        group = "apis/apps/v1" if plural in ("deployments", "replicasets") else group
        return f"/{group}/namespaces/{self.ns(env)}/{plural}" + (f"/{name}" if name else "")

    def get(self, env, plural, name, group="api/v1"):
        """The live object, or None."""
        status, doc = self.api("GET", self.path(env, plural, name, group))
        return doc if status == 200 else None

    def names(self, env, plural, group="api/v1"):
        """Sorted names of the live objects that are Reckon's."""
        status, doc = self.api("GET", self.path(env, plural, "", group))
        return sorted(o["metadata"]["name"] for o in doc.get("items", [])
                      if "reckon.dev/application" in o["metadata"].get("labels", {}))

    def image(self, env):
        """The tag that the live Deployment of `env` names, or None."""
        d = self.get(env, "deployments", "shop")
        return d and d["spec"]["template"]["spec"]["containers"][0]["image"].rsplit(":", 1)[1]

    def data(self, env, name="shop"):
        """data of a live ConfigMap; {} when there is none."""
        return (self.get(env, "configmaps", name) or {}).get("data", {})

    def scale(self, env, n, manager="kubectl"):
        status, doc = self.api("PATCH", self.path(env, "deployments", "shop") +
                               f"?fieldManager={manager}", {"spec": {"replicas": n}})
        assert status == 200, doc

    # ---- git ----
    def git(self, *args, cwd=None, check=True, env=None):
        r = subprocess.run(["git", *args], cwd=cwd or self.work, env=self.env(**(env or {})),
                           capture_output=True, timeout=60)
        out = r.stdout.decode("utf-8", "surrogateescape")
        if check and r.returncode:
            raise RuntimeError(f"git {' '.join(args)}: {r.stderr.decode(errors='replace')}")
        return out if check else Ran(r.returncode, out, r.stderr.decode(errors="replace"), None)

    def in_bare(self, *args, check=True):
        return self.git(*args, cwd=self.bare, check=check)

    def branches(self):
        return self.in_bare("for-each-ref", "--format=%(refname:short)", "refs/heads").split()

    def head(self, rev="main"):
        """A revision of the bare repository."""
        return self.in_bare("rev-parse", rev).strip()

    def clone(self, name):
        """Another operator's clone; returns its folder."""
        folder = os.path.join(self.dir, name)
        self.git("clone", "-q", self.bare, folder, cwd=self.dir)
        self.identify(folder, name)
        return folder

    def identify(self, folder, name):
        self.git("config", "user.name", name, cwd=folder)
        self.git("config", "user.email", f"{name}@example.org", cwd=folder)
        self.git("config", "commit.gpgsign", "false", cwd=folder)

    def _make_repository(self):
        self.git("init", "-q", "--bare", "--initial-branch=main", self.bare, cwd=self.dir)
        self.git("clone", "-q", self.bare, self.work, cwd=self.dir)
        self.identify(self.work, "operator")
        self.git("checkout", "-q", "-B", "main")
        files = layout(self.url, self.ns)
        files.update(self.files(self) if callable(self.files) else self.files)
        for path, text in files.items():
            if text is not None:
                self.write(path, text)
        self.commit("shop in three environments")

    def overlay(self, env):
        return f"k8s/shop/overlays/{env}/kustomization.yaml"

    def read(self, path, cwd=None):
        with open(os.path.join(cwd or self.work, path), encoding="utf-8", newline="") as f:
            return f.read()

    def write(self, path, text, cwd=None):
        full = os.path.join(cwd or self.work, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())

    def remove(self, path, cwd=None):
        os.remove(os.path.join(cwd or self.work, path))

    def replace(self, path, old, new, cwd=None):
        """Replaces the one place of `old` in a file."""
        text = self.read(path, cwd)
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        self.write(path, text.replace(old, new), cwd)

    def commit(self, message, push=True, cwd=None):
        """Everything in the clone; returns the id."""
        self.git("add", "-A", cwd=cwd)
        self.git("commit", "-q", "-m", message, cwd=cwd)
        if push:
            self.push(cwd=cwd)
        return self.git("rev-parse", "HEAD", cwd=cwd).strip()

    def push(self, *options, cwd=None):
        """Rebased on what others pushed, unless options say more."""
        if not options and self.in_bare("rev-parse", "-q", "--verify", "main", check=False).out:
            self.git("pull", "-q", "--rebase", "origin", "main", cwd=cwd)
        self.git("push", "-q", *(options or ("origin", "HEAD:main")), cwd=cwd)

    def pull(self, cwd=None):
        self.git("pull", "-q", "--rebase", "origin", "main", cwd=cwd)

    def edit(self, path, old, new, message=None, cwd=None):
        """Replace, commit, push; returns the id."""
        self.pull(cwd)
        self.replace(path, old, new, cwd)
        return self.commit(message or f"{path}: {new.strip()[:40]}", cwd=cwd)

    # ---- engine ----
    def write_settings(self):
        me = os.geteuid()
        self.write(self.settings,
                   f"apiVersion: reckon.dev/v1\nrepositories:\n- name: main\n  url: {self.url}\n"
                   f"  branch: main\n  poll: {self.poll}\nclusters:\n- name: main\n"
                   f"  server: {SERVER}\n  kubeconfig: {self.kubeconfig}\nidentities:\n"
                   f"- {{uid: {me}, name: operator, email: operator@example.org}}\n"
                   f"state: {self.state}\n{self.more}")

    def engine_start(self, wait=True):
        """Returns when it listens; raises with its last words when it ends instead."""
        ours, its = os.pipe()
        try:
            self.engine = self.spawn(
                [ENGINE, "engine", "--foreground", "--config", self.settings, "--socket",
                 self.socket, "--ready-fd", str(its)], self.log, pass_fds=(its,))
        finally:
            os.close(its)
        try:
            ready = select.select([ours], [], [], 30)[0] and os.read(ours, 1)
        finally:
            os.close(ours)
        if wait and not ready:
            raise RuntimeError("the engine did not start: " + _tail(self.log))

    def engine_stop(self, signum=signal.SIGTERM):
        self._stop(self.engine, signum)

    def engine_restart(self, signum=signal.SIGTERM):
        self.engine_stop(signum)
        self.engine_start()

    def alive(self):
        return self.engine.poll() is None

    def log_text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    # ---- reckon ----
    def reckon(self, *args, input=None, timeout=90, env=None, binary=False):
        """Runs the CLI; json is what `-o json` printed, else None."""
        r = subprocess.run([RECKON, *args], input=input, capture_output=True, timeout=timeout,
                           cwd=self.dir, env=self.env(RECKON_SOCKET=self.socket, **(env or {})),
                           stdin=subprocess.DEVNULL if input is None else None)
        out = r.stdout if binary else r.stdout.decode("utf-8", "replace")
        value = None
        if not binary and "json" in args:
            try:
                value = json.loads(out)
            except ValueError:
                pass
        return Ran(r.returncode, out, r.stderr.decode("utf-8", "replace"), value)

    def rows(self):
        """name -> row of `reckon get apps -o json`."""
        r = self.reckon("get", "apps", "-o", "json")
        assert r.json is not None, r
        return {row["name"]: row for row in r.json["apps"]}

    def row(self, app):
        return self.rows()[app]

    def detail(self, app):
        r = self.reckon("get", "app", app, "-o", "json")
        assert r.json is not None, r
        return r.json

    def diff(self, app):
        """object -> path -> field that differs."""
        r = self.reckon("diff", app, "-o", "json")
        assert r.json is not None, r
        return {o["object"]: {f["path"]: f for f in o.get("fields", [])}
                for o in r.json["objects"]}

    def synced(self, *apps, limit=None, health="Healthy"):
        """Waits until each is Synced and healthy; returns the last one's row."""
        def there():
            rows = self.rows()
            return all(rows[a]["verdict"] == "Synced" and rows[a]["health"] == health
                       for a in apps) and rows[apps[-1]]
        return until(there, limit, f"{', '.join(apps)}: Synced and {health}\n")

    def row_says(self, app, *words):
        """Until the line that explains the application holds all the words."""
        def there():
            text = self.row(app).get("message") or ""
            assert all(x in text for x in words), text
            return text
        return self.until(there, what=f"{app} says {words}")

    def says(self, name, text, env="dev"):
        """Until key `said` of that ConfigMap is text, and the application Synced."""
        def there():
            assert self.data(env, name).get("said") == text, self.row(f"shop-{env}")
            return True
        self.until(there, what=f"{env}/{name} says {text}")
        self.synced(f"shop-{env}")

    def sync_production(self, reason="first"):
        r = self.reckon("sync", "shop-production", "--confirm", "production/shop",
                        "--reason", reason)
        assert r.status == 0, r
        return r

    def until(self, fn, limit=None, what=None):
        try:
            return until(fn, limit, what)
        except Never as e:
            raise Never(f"{e}\n-- engine.log:\n{_tail(self.log, 2500)}") from None

    never = staticmethod(never)

    def audit(self, env):
        """Entries of an environment's audit branch, oldest first, read by git alone."""
        ref = f"refs/heads/reckon/audit/{env}"
        if not self.in_bare("rev-parse", "-q", "--verify", ref, check=False).out:
            return []
        ids = self.in_bare("rev-list", "--reverse", ref).split()
        return [json.loads(self.in_bare("show", f"{i}:entry.json")) for i in ids]

    # ---- protocol ----
    def connect(self, hello=True):
        line = Line(self.socket)
        self.lines = getattr(self, "lines", []) + [line]
        if hello:
            line.hello = line.call("hello", {"protocol": 1, "client": "test"})
        return line

    def call(self, method, params=None):
        """One request on a line of its own: the result; RpcError when it is refused."""
        line = self.connect()
        try:
            return line.call(method, params)
        finally:
            line.close()


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(error.get("message"))
        self.error, self.message = error, error.get("message", "")
        self.code = (error.get("data") or {}).get("code")


class Line:
    """The protocol: one JSON object a line. Answers and events are kept apart."""

    def __init__(self, path, limit=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit)
        self.socket.connect(path)
        self.buffer, self.next, self.answers, self.events = b"", 1, {}, collections.deque()

    def close(self):
        self.socket.close()

    def send(self, method, params=None):
        id, self.next = self.next, self.next + 1
        ask = {"jsonrpc": "2.0", "id": id, "method": method}
        if params is not None:
            ask["params"] = params
        self.socket.sendall(json.dumps(ask).encode() + b"\n")
        return id

    def raw(self, data):
        self.socket.sendall(data)

    def read(self):
        """The next line's object; EOFError when the engine hung up."""
        while b"\n" not in self.buffer:
            got = self.socket.recv(65536)
            if not got:
                raise EOFError("the engine hung up")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def take(self):
        d = self.read()
        if "id" in d and "sub" not in d:
            self.answers[d["id"]] = d
        else:
            self.events.append(d)

    def answer(self, id):
        while id not in self.answers:
            self.take()
        d = self.answers.pop(id)
        if "error" in d:
            raise RpcError(d["error"])
        return d["result"]

    def call(self, method, params=None):
        return self.answer(self.send(method, params))

    def event(self):
        """The next event of any subscription."""
        while not self.events:
            self.take()
        return self.events.popleft()


def _tail(path, n=1500):
    try:
        with open(path, errors="replace") as f:
            return f.read()[-n:]
    except OSError:
        return ""


def programs_missing():
    """Why no world can be made, or None."""
    for p in (RECKON, ENGINE):
        if not os.access(p, os.X_OK):
            return f"{p} is not built"
    return None
