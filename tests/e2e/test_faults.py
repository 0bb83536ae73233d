"""test_faults.py: a cluster, a disk, a client or a socket that fails. What the engine shows is read
through its socket and the command line; what it did, from git and the Kubernetes API."""
import json, os, pwd, re, shutil, signal, socket, subprocess, tempfile, threading, time, unittest

import world
from world import Line, RpcError, World, until

ROOT = os.geteuid() == 0
PLACE = os.path.join(world.ROOT, "tests", "kube", "kube")


def cluster_row(w):
    return w.call("status")["clusters"][0]


class Proxy:
    """TCP between engine and API server, with a link that can be cut, refused or stalled."""

    def __init__(self, server):
        host, port = re.match(r"https://([^:/]+):(\d+)", server).groups()
        self.to, self.links, self.lock, self.stalled = (host, int(port)), set(), threading.Lock(), False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.accepting(self.listener)

    def accepting(self, listener):
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self.to)
            except OSError:
                return
            with self.lock:
                self.links |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()

    def pump(self, one, other):
        try:
            while data := one.recv(1 << 16):
                while self.stalled:
                    time.sleep(0.02)
                other.sendall(data)
        except OSError:
            pass
        for s in (one, other):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with self.lock:
            self.links -= {one, other}

    def cut(self):
        """Every connection breaks; new ones are taken."""
        with self.lock:
            links = list(self.links)
        for s in links:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def refuse(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.cut()

    def back(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.accepting(self.listener)

    def close(self):
        self.stalled = False
        self.refuse()


class Proxied(World):
    """A world whose engine reaches the cluster through a proxy."""

    def write_settings(self):
        self.proxy = Proxy(self.server)
        with open(self.kubeconfig, encoding="utf-8") as f:
            text = f.read().replace(self.server, f"https://127.0.0.1:{self.proxy.port}")
        direct, self.kubeconfig = self.kubeconfig, os.path.join(self.dir, "proxied.kubeconfig")
        self.write(self.kubeconfig, text)
        super().write_settings()
        self.kubeconfig = direct

    def __exit__(self, *why):
        super().__exit__(*why)
        self.proxy.close()


class Clusters(unittest.TestCase):
    def test_another_cluster_than_the_profile_s_is_shown_and_never_written(self):
        with World(engine=False) as w:
            w.write(os.path.join(w.state, "clusters.json"), '{"main":"00000000-dead-beef"}')
            w.engine_start()
            w.until(lambda: cluster_row(w)["state"] == "foreign")
            row = w.until(lambda: w.row("shop-dev")["held"] and w.row("shop-dev"))
            for text in (cluster_row(w)["message"], row["held"], row["message"]):
                self.assertRegex(text, r"another cluster .*profile default is bound to .*never written")
            self.assertEqual(row["verdict"], "OutOfSync")       # compared all the same
            r = w.reckon("sync", "shop-production", "--confirm", "production/shop", "--reason", "x")
            self.assertEqual(r.status, 1, r)
            self.assertIn("never written", r.err)
            w.engine_restart()                                  # nor is it bound to it later
            w.until(lambda: cluster_row(w)["state"] == "foreign")
            w.until(lambda: w.row("shop-dev")["held"])
            for env in world.ENVIRONMENTS:
                self.assertEqual(w.api("GET", f"/api/v1/namespaces/{w.ns(env)}")[0], 404)

    def foreign_object(self, body, owner, manager="kubectl"):
        with World(engine=False) as w:
            w.api("POST", "/api/v1/namespaces", {"metadata": {"name": w.ns("dev")}})
            body = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"GREETING": "theirs"},
                    "metadata": {"name": "shop", "namespace": w.ns("dev"), **body}}
            path = w.path("dev", "configmaps", "shop") + f"?fieldManager={manager}&force=true"
            status, made = w.api("PATCH", path, body, "application/apply-patch+yaml")
            self.assertIn(status, (200, 201), made)
            w.engine_start()
            row = w.until(lambda: w.row("shop-dev")["held"] and w.row("shop-dev"))
            self.assertIn("another automation", row["held"])
            page = w.reckon("get", "resources", "shop-dev", "-o", "json").json
            marked = {r["object"] for r in page["resources"] if r.get("foreign")}
            self.assertEqual(marked, {f"/ConfigMap/{w.ns('dev')}/shop"})
            plan = w.call("plan.create", {"kind": "sync", "app": "shop-dev"})
            task = [t for t in plan["tasks"] if t["kind"] == "ConfigMap"][0]
            self.assertEqual((task["action"], task["risks"][0][:7]), ("keep", "foreign"))
            self.assertIn(owner, json.dumps(task))
            r = w.reckon("sync", "shop-dev")        # a person's sync leaves it alone too
            self.assertEqual(w.data("dev"), {"GREETING": "theirs"}, r)
            self.assertEqual(w.image("dev"), "1.0.0", r)
            return w, made, self.taken_over(w, made)

    def taken_over(self, w, made):
        """The other one gives it up: its mark goes, and Reckon goes on by itself."""
        w.api("PATCH", w.path("dev", "configmaps", "shop"), {"metadata": {
            "annotations": None, "labels": None, "managedFields": [{}]}})
        w.synced("shop-dev")
        self.assertEqual(w.data("dev")["GREETING"], "hello")
        self.assertEqual(w.get("dev", "configmaps", "shop")["metadata"]["uid"],
                         made["metadata"]["uid"])

    def test_an_object_of_argo_cd_is_not_written(self):
        self.foreign_object({"annotations": {"argocd.argoproj.io/tracking-id":
                                             "other:/ConfigMap:shop-dev/shop"}}, "Argo CD")

    def test_an_object_of_flux_is_not_written(self):
        self.foreign_object({"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}}, "Flux",
                            "kustomize-controller")

    def test_an_object_that_a_foreign_manager_wrote_is_not_written(self):
        self.foreign_object({}, "Argo CD", "argocd-controller")

    def test_a_cluster_that_refuses_connections(self):
        with Proxied() as w:
            w.synced("shop-dev")
            before = cluster_row(w)
            w.proxy.refuse()
            row = w.until(lambda: cluster_row(w)["state"] == "unreachable" and cluster_row(w))
            self.assertGreaterEqual(row["seen"], before["seen"])     # its age stays to be seen
            self.assertLess(row["seen"], time.time() * 1000)
            self.assertIn("127.0.0.1", row["message"])
            shown = w.row("shop-dev")
            self.assertEqual(shown["objects"], 2)                    # nothing that was known is lost
            self.assertIn("127.0.0.1", shown["message"])
            self.assertRegex(shown["message"], r"cluster main: unreachable, as of 20\d\d-\S+Z: ")
            self.assertEqual((shown["verdict"], shown["health"]), ("Unknown", "Unknown"))
            self.assertEqual(w.reckon("wait", "shop-dev", "--synced", "--timeout", "1s").status, 1)
            w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
            w.api("DELETE", w.path("dev", "configmaps", "shop"))     # unseen by the engine
            w.until(lambda: w.row("shop-dev")["target"] == w.head())
            w.proxy.back()
            w.until(lambda: cluster_row(w)["state"] == "ok")
            w.until(lambda: (w.image("dev"), w.data("dev")["GREETING"]) == ("1.1.0", "hello"))
            w.synced("shop-dev")
            self.assertFalse(cluster_row(w).get("message"))
            self.assertTrue(w.alive())

    def test_a_cluster_that_is_not_there_at_the_start(self):
        with Proxied(engine=False) as w:
            w.proxy.refuse()
            w.engine_start()
            row = w.until(lambda: cluster_row(w)["state"] == "unreachable" and cluster_row(w))
            self.assertEqual(row["seen"], 0)
            w.until(lambda: "127.0.0.1" in (w.row("shop-dev")["message"] or ""))
            self.assertEqual(w.row("shop-dev")["verdict"], "Unknown")
            r = w.reckon("sync", "shop-dev")
            self.assertEqual(r.status, 2, r)
            self.assertIn("127.0.0.1", r.err)
            w.proxy.back()
            w.synced("shop-dev", "shop-staging")

    def test_connections_that_break_all_the_time(self):
        with Proxied() as w:
            w.synced("shop-dev")
            stop = threading.Event()

            def breaker():
                while not stop.wait(0.15):
                    w.proxy.cut()
            t = threading.Thread(target=breaker)
            t.start()
            try:
                for i in range(1, 4):
                    w.edit(w.overlay("dev"), f"newTag: 1.{i - 1}.0" if i > 1 else "newTag: 1.0.0",
                           f"newTag: 1.{i}.0")
                    w.until(lambda: w.image("dev") == f"1.{i}.0", 60)
            finally:
                stop.set()
                t.join()
            w.synced("shop-dev")

    def test_a_cluster_that_hangs(self):
        with Proxied(settings="limits: {apiRequest: 2s}\n") as w:
            w.synced("shop-dev")
            w.proxy.stalled = True
            w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
            w.until(lambda: w.row("shop-dev")["target"] == w.head())
            start = time.monotonic()
            w.rows()                                            # the engine itself does not hang
            self.assertLess(time.monotonic() - start, 1)
            w.until(lambda: cluster_row(w)["state"] != "ok" or
                    any(o.get("finished") and o["state"] != "Succeeded" for o in
                        w.call("operation.list", {"app": "shop-dev"})["operations"]), 40)
            w.proxy.stalled = False
            w.until(lambda: w.image("dev") == "1.1.0", 60)
            w.synced("shop-dev")

    def test_watches_that_are_dropped_after_each_event(self):
        with Faulty({"dropWatches": True}) as w:
            w.synced("shop-dev", "shop-staging", limit=60)
            w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
            w.until(lambda: w.image("dev") == "1.1.0", 60)
            w.scale("dev", 3)
            w.until(lambda: w.get("dev", "deployments", "shop")["spec"]["replicas"] == 1, 60)

    def test_429_with_retry_after_and_writes_that_fail(self):
        with Faulty({"429": 30, "500": 6, "latencyMs": 20}) as w:
            w.synced("shop-dev", "shop-staging", limit=90)
            self.assertEqual(w.image("dev"), "1.0.0")
            self.assertEqual(cluster_row(w)["state"], "ok")


class Faulty(World):
    """A world whose sandbox fails as it is told (its own start excepted)."""

    def __init__(self, faults, **more):
        super().__init__(**more)
        self.faults = faults

    def sandbox_start(self, *options):
        file = os.path.join(self.dir, "faults.json")
        self.write(file, json.dumps(self.faults))
        super().sandbox_start("--faults", file, *options)


class RealRights(unittest.TestCase):
    """RBAC is the real control plane's: the sandbox knows one user."""

    @classmethod
    def setUpClass(cls):
        there = subprocess.run([PLACE, "there"], capture_output=True).returncode == 0
        given = os.environ.get("RECKON_TEST_KUBECONFIG")
        cls.own = None
        if given:
            cls.admin = given
        elif there:
            cls.own = tempfile.mkdtemp(prefix="kube.", dir=os.environ.get("WORK") or None)
            cls.admin = subprocess.run([PLACE, "up", cls.own + "/plane"], check=True, text=True,
                                       stdout=subprocess.PIPE).stdout.split()[-1]
        else:
            raise unittest.SkipTest("no real control plane (make kube)")
        cls.viewer = os.path.join(os.path.dirname(cls.admin), "viewer.kubeconfig")
        cls.before, os.environ["RECKON_TEST_KUBECONFIG"] = given, cls.admin

    @classmethod
    def tearDownClass(cls):
        if cls.before is None:
            del os.environ["RECKON_TEST_KUBECONFIG"]
        else:
            os.environ["RECKON_TEST_KUBECONFIG"] = cls.before
        if cls.own:
            subprocess.run([PLACE, "down", cls.own + "/plane"], check=False)
            shutil.rmtree(cls.own, ignore_errors=True)

    def test_a_forbidden_kind_is_named_with_the_right_that_lacks(self):
        files = {"k8s/shop/base/kustomization.yaml":
                 "resources:\n- config.yaml\n- deployment.yaml\n- secret.yaml\n",
                 "k8s/shop/base/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\n"
                 "stringData: {password: open-sesame}\n"}
        with World(files, engine=False, real=True) as w:
            for env in world.ENVIRONMENTS:
                w.api("POST", "/api/v1/namespaces", {"metadata": {"name": w.ns(env)}})
            admin, w.kubeconfig = w.kubeconfig, self.viewer
            w.write_settings()
            w.kubeconfig = admin
            w.engine_start()
            row = w.until(lambda: "ecret" in w.row("shop-dev")["message"] and w.row("shop-dev"))
            self.assertEqual(row["verdict"], "Unknown")     # whether it lives, nobody knows
            text = row["message"]
            self.assertRegex(text, r"(?i)forbidden|not allowed|may not")
            self.assertRegex(text, r"\b(list|watch|get)\b")
            self.assertNotIn("open-sesame", text + w.log_text())
            # the others are not made worse by it; nothing is tried by itself
            w.until(lambda: w.row("namespaces")["verdict"] == "Synced")
            self.assertNotIn("Failed", w.log_text())
            r = w.reckon("sync", "shop-dev", "--resource", f"apps/Deployment/{w.ns('dev')}/shop")
            self.assertEqual(r.status, 2, r)
            self.assertRegex(r.out + r.err, r'cannot patch resource "deployments" in API group "apps"')
            self.assertIsNone(w.image("dev"))


@unittest.skipUnless(ROOT, "needs root: it mounts a small disk")
class FullDisk(unittest.TestCase):
    def test_nothing_is_written_to_the_cluster_without_a_journal(self):
        with World(engine=False) as w:
            os.mkdir(w.state, 0o700)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", w.state],
                           check=True)
            try:
                self.fill_and_free(w)
            finally:
                w.engine_stop()
                subprocess.run(["umount", "-l", w.state], check=True)

    def fill(self, w):
        with open(os.path.join(w.state, "filler"), "ab", buffering=0) as f:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        f.write(b"x" * size)
                except OSError:
                    pass

    def fill_and_free(self, w):
        w.engine_start()
        w.synced("shop-dev", "shop-staging")
        deployment = w.get("dev", "deployments", "shop")
        w.sync_production()
        self.fill(w)
        # what still fits is written; the first entry that does not fit stops everything
        for i in range(4, 30):
            w.scale("production", i)
            w.until(lambda: w.row("shop-production")["verdict"] == "OutOfSync")
            r = w.reckon("sync", "shop-production", "--confirm", "production/shop", "--reason", "x")
            if w.call("status")["disk"]:
                break
            self.fill(w)
        self.assertNotEqual(r.status, 0, r)
        self.assertEqual(w.get("production", "deployments", "shop")["spec"]["replicas"], i)
        w.scale("dev", 5)                           # drift that would be healed
        w.edit(w.overlay("staging"), "newTag: 1.0.0", "newTag: 1.1.0")
        self.assertRegex(w.call("status")["disk"], r"(?i)space|disk")
        w.until(lambda: re.search(r"(?i)space|disk", w.row("shop-dev")["held"] or ""))
        r = w.reckon("sync", "shop-production", "--confirm", "production/shop", "--reason", "x")
        self.assertEqual(r.status, 1, r)
        self.assertRegex(r.out + r.err, r"(?i)space|disk")
        self.assertEqual(w.get("dev", "deployments", "shop")["spec"]["replicas"], 5)
        self.assertEqual(w.get("production", "deployments", "shop")["spec"]["replicas"], i)
        self.assertEqual(w.image("staging"), "1.0.0")
        self.assertTrue(w.alive())
        os.remove(os.path.join(w.state, "filler"))
        w.until(lambda: not w.call("status")["disk"], 15)
        w.until(lambda: w.get("dev", "deployments", "shop")["spec"]["replicas"] == 1, 15)
        w.until(lambda: w.image("staging") == "1.1.0", 20)
        w.sync_production()
        self.assertEqual(deployment["metadata"]["uid"],
                         w.get("dev", "deployments", "shop")["metadata"]["uid"])
        self.assertEqual(w.reckon("audit", "verify").status, 0)
        w.engine_restart()                          # and the journal that saw it reads well
        w.synced("shop-dev", "shop-staging")
        self.assertNotIn("damaged", " ".join(os.listdir(w.state)))


class Lines(unittest.TestCase):
    """Clients that misbehave cost their own connection, never the engine or an operation."""

    @classmethod
    def setUpClass(cls):
        cls.w = World().__enter__()
        cls.addClassCleanup(cls.w.__exit__, None, None, None)
        cls.w.synced("shop-dev")

    def setUp(self):
        self.lines = []

    def tearDown(self):
        for line in self.lines:
            line.close()
        self.assertTrue(self.w.alive(), self.w.log_text()[-2000:])
        self.assertEqual(self.w.row("shop-dev")["verdict"], "Synced")

    def line(self, hello=True):
        self.lines.append(self.w.connect(hello))
        return self.lines[-1]

    def refused(self, code, fn, *args):
        with self.assertRaises(RpcError) as got:
            fn(*args)
        self.assertEqual(got.exception.code, code, got.exception)
        return got.exception.message

    def test_garbage(self):
        line = self.line()
        for junk in (b"\n", b"hello\n", b"\x00\xff\xfe\n", b"[]\n", b"42\n", b"{}\n", b"null\n",
                     b'{"jsonrpc":"2.0"}\n', b'{"jsonrpc":"2.0","id":{},"method":7}\n',
                     b'{"id":1,"method":"status","params":[1]}\n',
                     b'{"jsonrpc":"2.0","id":9,"result":{}}\n',
                     b'{"jsonrpc":"2.0","id":3,"method":"status","method":"status"}\n',
                     b'{"jsonrpc":"2.0","id":1e400,"method":"status"}\n'):
            line.raw(junk)
            if junk != b"\n":
                self.assertIn("error", line.read(), junk)
        self.assertEqual(line.call("status")["applications"], 4)    # the same line goes on

    def test_unknown_methods_and_parameters(self):
        line = self.line()
        self.assertIn("no.such", self.refused("UNSUPPORTED", line.call, "no.such"))
        self.refused("INVALID", line.call, "plan.create", {"kind": 7})
        self.refused("NOT_FOUND", line.call, "plan.create", {"kind": "sync", "app": "nope"})
        self.refused("NOT_FOUND", line.call, "operation.stop", {"id": "nope"})
        self.refused("NOT_FOUND", line.call, "operation.watch", {"id": "nope"})
        self.assertTrue(line.call("status", {"a member": "of a newer client"})["clusters"])

    def test_deep_and_large(self):
        line = self.line()
        line.raw(b'{"jsonrpc":"2.0","id":1,"method":"status","params":' + b"[" * 5000 + b"]" * 5000 +
                 b"}\n")
        self.assertIn("error", line.read())
        line.raw(b'{"jsonrpc":"2.0","id":2,"method":"status","params":{"x":"' + b"y" * 250000 + b'"}}\n')
        self.assertEqual(line.read()["id"], 2)
        line.raw(b'{"jsonrpc":"2.0","id":3,"method":"status","params":{"x":"')
        try:
            line.raw(b"y" * (256 * 1024) + b'"}}\n')
            while "error" in line.read():
                pass
            self.fail("a line over 256 KiB was taken")
        except (EOFError, ConnectionError, BrokenPipeError):
            pass
        self.w.until(lambda: "client dropped" in self.w.log_text() or
                     "262144" in self.w.log_text())

    def test_half_lines(self):
        half = self.line()
        half.raw(b'{"jsonrpc":"2.0","id":1,"meth')
        other = self.line()
        self.assertEqual(other.call("status")["applications"], 4)
        for byte in b'od":"status"}\n':
            half.raw(bytes([byte]))
        self.assertEqual(half.read()["id"], 1)
        gone = self.line()
        gone.raw(b'{"jsonrpc":"2.0","id":1,"method":"plan.cre')
        gone.close()                                # in the middle of a line

    def test_hello_comes_first_and_versions(self):
        line = self.line(hello=False)
        self.assertIn("hello", self.refused("INVALID", line.call, "status"))
        got = self.line(hello=False).call("hello", {"protocol": 0, "client": "old"})
        self.assertEqual(got["protocol"], 1)        # an older client: the client decides
        text = self.refused("UNSUPPORTED", self.line(hello=False).call, "hello",
                            {"protocol": 99, "client": "new"})
        self.assertRegex(text, r"99.*1|1.*99")
        refused = self.line(hello=False)
        self.refused("UNSUPPORTED", refused.call, "hello", {"protocol": 99})
        self.refused("INVALID", refused.call, "status")

    def test_a_readonly_client_cannot_write(self):
        line = self.line(hello=False)
        line.call("hello", {"protocol": 1, "client": "looker", "readonly": True})
        self.assertEqual(line.call("status")["applications"], 4)
        for method, params in (("operation.start", {"fingerprint": "0" * 64}),
                               ("freeze.set", {"target": "dev", "frozen": True}),
                               ("engine.stop", {})):
            self.assertIn("read-only", self.refused("DENIED", line.call, method, params))
        r = self.w.reckon("--readonly", "freeze", "dev", "--reason", "x")
        self.assertEqual(r.status, 1, r)

    def test_a_client_that_never_reads(self):
        w, deaf = self.w, []
        for _ in range(4):
            line = self.line()
            for method in ("applications.watch", "activity.watch"):
                line.send(method, {})
            deaf.append(line)
        for line in deaf:                           # answers it will never take: over 1 MiB of them
            line.socket.setblocking(False)
            try:
                for i in range(20000):
                    line.socket.sendall(b'{"jsonrpc":"2.0","id":%d,"method":"applications.list"}\n' % i)
            except (BlockingIOError, ConnectionError):
                pass
        start = time.monotonic()
        old = w.image("dev")
        new = f"2.{int(start)}.0"
        w.edit(w.overlay("dev"), f"newTag: {old}", f"newTag: {new}")
        w.until(lambda: w.image("dev") == new, 10)
        self.assertLess(time.monotonic() - start, 10)
        self.assertLess(w.call("status")["memory_kb"], 150 * 1024)
        w.synced("shop-dev")

    def test_a_slow_client_sees_the_state_of_now(self):
        """Nothing of the past is queued for it: it stalls, reads again, and sees the last state."""
        w, slow = self.w, self.line()
        slow.call("applications.watch", {})
        tag = w.image("dev")
        for i in range(3):
            new = f"3.{i}.{int(time.time())}"
            w.edit(w.overlay("dev"), f"newTag: {tag}", f"newTag: {new}")
            w.until(lambda: w.image("dev") == new)
            tag = new
        w.synced("shop-dev")
        last = {}
        slow.socket.settimeout(5)
        end = time.monotonic() + 10
        while time.monotonic() < end and not (last.get("version") == tag and
                                              last["verdict"] == "Synced" and
                                              last["health"] == "Healthy"):
            for app in slow.event()["data"].get("apps", []):
                if app["name"] == "shop-dev":
                    last = app
        self.assertEqual((last["version"], last["verdict"]), (tag, "Synced"))

    def test_several_clients_at_once(self):
        w = self.w
        lines = [self.line() for _ in range(24)]
        for line in lines:
            line.call("applications.watch", {})
            line.call("resources.watch", {"app": "shop-dev"})
            line.call("activity.watch", {})
        new = f"4.0.{int(time.time())}"
        w.edit(w.overlay("dev"), f"newTag: {w.image('dev')}", f"newTag: {new}")
        for line in lines:
            seen, epochs, seqs = False, set(), {}
            while not seen:
                e = line.event()
                epochs.add(e["epoch"])
                self.assertGreater(e["seq"], seqs.get(e["sub"], 0))     # in order, nothing twice
                seqs[e["sub"]] = e["seq"]
                seen = any(a["name"] == "shop-dev" and a.get("version") == new and
                           a["verdict"] == "Synced" for a in e["data"].get("apps", []))
            self.assertEqual(len(epochs), 1)
        for line in lines[::2]:
            line.close()
        w.synced("shop-dev")


class Sockets(unittest.TestCase):
    def test_two_engines_on_one_state_folder(self):
        with World() as w:
            w.synced("shop-dev")
            r = subprocess.run([world.ENGINE, "engine", "--foreground", "--config", w.settings,
                                "--socket", w.socket + "2"], capture_output=True, text=True,
                               env=w.env(), timeout=20)
            self.assertEqual(r.returncode, 2, r)
            self.assertIn(str(w.engine.pid), r.stderr)
            self.assertIn(w.socket, r.stderr)
            self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
            self.assertFalse(os.path.exists(w.socket + "2"))
            r = subprocess.run([world.ENGINE, "engine", "--foreground", "--config", w.settings,
                                "--socket", w.socket, "--state", w.state + "2"], capture_output=True,
                               text=True, env=w.env(), timeout=20)       # nor on one socket
            self.assertEqual(r.returncode, 2, r)
            self.assertIn(w.socket, r.stderr)
            self.assertEqual(w.row("shop-dev")["verdict"], "Synced")

    def test_a_socket_that_vanished_is_made_again(self):
        with World() as w:
            old = w.connect()
            w.synced("shop-dev")
            os.remove(w.socket)
            w.until(lambda: os.path.exists(w.socket), 15)
            self.assertEqual(os.stat(w.socket).st_mode & 0o777, 0o600)
            self.assertEqual(w.row("shop-dev")["verdict"], "Synced")
            self.assertEqual(old.call("status")["applications"], 4)      # who was in stays in
            self.assertIn("had vanished", w.log_text())

    def test_the_socket_s_folder_vanished(self):
        with World(engine=False) as w:
            folder = os.path.join(w.dir, "run")
            w.socket = os.path.join(folder, "engine.sock")
            w.engine_start()
            shutil.rmtree(folder)
            w.until(lambda: os.path.exists(w.socket), 15)
            w.synced("shop-dev")
            self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)

    def test_a_path_over_107_bytes(self):
        with World(engine=False) as w:
            long = os.path.join(w.dir, "s" * (108 - len(w.dir) - 1))
            self.assertEqual(len(long), 108)
            for argv in ([world.ENGINE, "engine", "--foreground", "--config", w.settings, "--socket",
                          long], [world.RECKON, "--socket", long, "get", "apps"]):
                r = subprocess.run(argv, capture_output=True, text=True, env=w.env(), timeout=20)
                self.assertEqual(r.returncode, 2, r)
                self.assertRegex(r.stderr, r"108 bytes is over the limit of 107")
            self.assertEqual([f for f in os.listdir(w.dir) if f.startswith("ss")], [])
            w.socket = long[:-1]
            w.engine_start()
            w.until(lambda: w.rows())

    def test_a_dead_socket_file_is_replaced(self):
        with World() as w:
            w.synced("shop-dev")
            w.engine_stop(signal.SIGKILL)
            self.assertTrue(os.path.exists(w.socket))
            w.engine_start()
            self.assertEqual(len(w.rows()), 4)
            w.engine_stop()
            self.assertFalse(os.path.exists(w.socket))
            w.write(w.socket, "somebody's file")
            with self.assertRaisesRegex(RuntimeError, "is no socket"):
                w.engine_start()
            self.assertEqual(w.read(w.socket), "somebody's file")

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_another_user_reads_only(self):
        nobody = pwd.getpwnam("nobody")
        with World(engine=False, settings="socketGroup: nogroup\n") as w:
            os.chmod(w.dir, 0o755)
            program = shutil.copy(world.RECKON, os.path.join(w.dir, "reckon"))
            folder = os.path.join(w.dir, "run")
            w.socket = os.path.join(folder, "engine.sock")
            w.spawn([world.ENGINE, "engine", "--system", "--foreground", "--config", w.settings,
                     "--socket", w.socket], w.log)
            w.synced("shop-dev")
            seen = os.stat(w.socket)
            self.assertEqual((seen.st_mode & 0o777, seen.st_gid), (0o660, nobody.pw_gid))

            def other(*args, gid=nobody.pw_gid):
                return subprocess.run(
                    ["setpriv", "--reuid", str(nobody.pw_uid), "--regid", str(gid), "--clear-groups",
                     program, "--socket", w.socket, *args], capture_output=True, text=True,
                    env=w.env(), cwd="/", timeout=30)
            r = other("get", "apps", "-o", "json")
            self.assertEqual(r.returncode, 0, r)
            self.assertEqual(len(json.loads(r.stdout)["apps"]), 4)
            image = w.image("dev")
            for words in (("freeze", "dev", "--reason", "x"),
                          ("sync", "shop-production", "--confirm", "production/shop", "--reason", "x")):
                r = other(*words)
                self.assertEqual(r.returncode, 1, r)
                self.assertIn("only the engine's own user may write", r.stdout + r.stderr)
            self.assertIsNone(w.image("production"))
            self.assertEqual(w.image("dev"), image)
            self.assertNotEqual(other("get", "apps", gid=65533).returncode, 0)  # not in the group


class Session(unittest.TestCase):
    """An engine that `reckon get apps` starts by itself."""

    def env(self, w, runtime=None):
        home = os.path.join(w.home, ".config", "reckon")
        os.makedirs(home, exist_ok=True)
        shutil.copy(w.settings, os.path.join(home, "engine.yaml"))
        more = {"XDG_RUNTIME_DIR": runtime} if runtime else {}
        return w.env(**more)

    def reckon(self, w, env, *args):
        return subprocess.run([world.RECKON, *args], capture_output=True, text=True, env=env,
                              cwd=w.dir, stdin=subprocess.DEVNULL, timeout=60)

    def holder(self, w):
        """The engine's pid and socket, as its lock file says."""
        with open(os.path.join(w.state, "lock")) as f:
            pid, path = f.read().split()
        return int(pid), path

    def gone(self, pid):
        try:
            with open(f"/proc/{pid}/stat") as f:
                return f.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    def kill(self, w):
        try:
            pid, _ = self.holder(w)
            if not self.gone(pid):
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass

    @unittest.skipUnless(os.path.dirname(world.RECKON) == os.path.dirname(world.ENGINE),
                         "the programs lie in two folders")
    def test_starts_by_itself_and_ends_with_the_last_client(self):
        with World(engine=False) as w:
            self.addCleanup(self.kill, w)
            runtime = os.path.join(w.dir, "run")
            os.mkdir(runtime, 0o700)
            env = self.env(w, runtime)
            r = self.reckon(w, env, "get", "apps", "-o", "json")
            self.assertEqual(r.returncode, 0, r)
            self.assertEqual({a["name"] for a in json.loads(r.stdout)["apps"]},
                             {"namespaces", "shop-dev", "shop-staging", "shop-production"})
            pid, path = self.holder(w)
            self.assertEqual(path, os.path.join(runtime, "reckon", "default.sock"))
            w.until(lambda: self.gone(pid), 15)         # once no operation runs any more
            self.assertFalse(os.path.exists(path))
            # two clients at the same moment share one
            both = [subprocess.Popen([world.RECKON, "wait", "shop-dev", "--synced", "--healthy",
                                      "--timeout", "30s"], env=env, cwd=w.dir, text=True,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE) for _ in range(2)]
            for p in both:
                out, err = p.communicate(timeout=60)
                self.assertEqual(p.returncode, 0, (out, err))
            pid, _ = self.holder(w)
            w.until(lambda: self.gone(pid), 15)
            # a line that stays keeps it; a client that is killed is a client that left
            self.reckon(w, env, "get", "apps")
            p = subprocess.Popen([world.RECKON, "wait", "shop-production", "--synced", "--timeout",
                                  "60s"], env=env, cwd=w.dir, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            w.until(lambda: os.path.exists(path))
            w.socket = path
            line = w.until(w.connect)
            self.assertEqual(line.hello["engine"], "session")
            pid = line.hello["pid"]
            p.kill()
            p.wait()
            line.call("status")
            self.assertFalse(self.gone(pid))
            line.close()
            w.until(lambda: self.gone(pid), 15)

    @unittest.skipUnless(os.path.dirname(world.RECKON) == os.path.dirname(world.ENGINE),
                         "the programs lie in two folders")
    def test_without_a_runtime_folder_and_detached(self):
        with World(engine=False) as w:
            self.addCleanup(self.kill, w)
            env = self.env(w)
            self.assertEqual(self.reckon(w, env, "get", "apps").returncode, 0)
            pid, path = self.holder(w)
            w.until(lambda: self.gone(pid), 15)
            p = subprocess.Popen([world.RECKON, "wait", "shop-production", "--synced", "--timeout",
                                  "60s"], env=env, cwd=w.dir, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            w.socket = path
            line = w.until(w.connect)
            line.call("engine.detach", {})
            p.kill()
            p.wait()
            line.close()
            w.synced("shop-dev")                        # it stays, and other clients come and go
            pid, _ = self.holder(w)
            self.assertFalse(self.gone(pid))
            self.assertEqual(self.reckon(w, env, "get", "apps").returncode, 0)
            line = w.connect()
            line.call("engine.stop", {})
            w.until(lambda: self.gone(pid), 5)


if __name__ == "__main__":
    unittest.main()
