"""test_crash.py: the engine ends, by kill -9 at every point of an operation, by SIGTERM, or goes on
though its client dies. What was done is read from the cluster's watch stream, the journal's folder
and git, never from the engine alone."""
import collections, http.client, json, os, re, signal, socket, subprocess, threading, time, unittest

import world
from world import RpcError, World, until

POINTS = int(os.environ.get("RECKON_KILL_POINTS", "14"))
ENDED = ("Succeeded", "Failed", "Degraded", "Stopped", "Superseded")

RECKON = """apiVersion: reckon.dev/v1
applications: [apps]
environments:
- name: lab
  match: [{namespaces: ["shop-lab"]}]
  sync: manual
- name: production
  match: [{namespaces: ["shop-production"]}]
  sync: manual
  locked: true
  approvals: 0
"""


def config_map(name, value, wave=0):
    return (f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  annotations:\n"
            f"    argocd.argoproj.io/sync-wave: \"{wave}\"\ndata: {{value: v{value}}}\n")


def deployment(value, slow=""):
    note = f"      annotations: {{sandbox.reckon.dev/slow-start: {slow}}}\n" if slow else ""
    return ("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n"
            "  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n"
            f"      labels: {{app: web}}\n{note}    spec:\n      containers:\n      - name: web\n"
            f"        image: registry.example/web:1.{value}\n")


def lab(value, slow=""):
    """Four waves: two apply, one creates, one prunes what the value before had."""
    files = {"first.yaml": config_map("first", value, -1), "middle.yaml": config_map("middle", value),
             "web.yaml": deployment(value, slow), f"new-{value}.yaml": config_map(f"new-{value}", value, 1),
             "last.yaml": config_map("last", value, 2)}
    files["kustomization.yaml"] = "namespace: shop-lab\nresources:\n" + "".join(
        f"- {name}\n" for name in sorted(files))
    return {f"k8s/lab/{name}": text for name, text in files.items()}


def layout(w):
    files = {"reckon.yaml": RECKON, "apps/shop-dev.yaml": None, "apps/shop-staging.yaml": None,
             "apps/namespaces.yaml": None,
             "apps/lab.yaml": world.application("lab", "k8s/lab", "shop-lab", w.url)}
    files.update(lab(0))
    return files


class Seen:
    """Every change of a namespace's ConfigMaps and Deployments, from the API's own streams."""

    def __init__(self, w, namespace):
        self.events, self.links, self.w = [], [], w
        for path in (f"/api/v1/namespaces/{namespace}/configmaps",
                     f"/apis/apps/v1/namespaces/{namespace}/deployments"):
            host = w.server.split("//")[1]
            link = http.client.HTTPSConnection(host, context=w.tls, timeout=None)
            link.request("GET", path + "?watch=1", headers={"Authorization": "Bearer " + w.token})
            self.links.append(link)
            threading.Thread(target=self.follow, args=(link.getresponse(),), daemon=True).start()

    def follow(self, stream):
        try:
            while line := stream.readline():
                e = json.loads(line)
                if e["type"] in ("ADDED", "MODIFIED", "DELETED"):
                    self.events.append((e["type"], e["object"]))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def of(self, type, name):
        return [o for t, o in list(self.events) if t == type and o["metadata"]["name"] == name]

    def close(self):
        for link in self.links:
            if link.sock:
                link.sock.close()


class Crash(unittest.TestCase):
    def engine(self, w):
        """Brings the lab up to what git says at first."""
        w.api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop-lab"}})
        w.api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop-production"}})
        w.engine_start()
        w.until(lambda: w.row("lab")["verdict"] == "OutOfSync")
        r = w.reckon("sync", "lab")
        self.assertEqual(r.status, 0, r)

    def late(self, i, most):
        """The i-th of the later half of the points, in ms: close together at first."""
        return round(most ** (i / (POINTS // 2)) - 1, 1)

    def journal(self, w):
        try:
            return os.stat(os.path.join(w.state, "journal")).st_size
        except OSError:
            return 0

    def kill_at(self, w, fn, records=None, ms=None):
        """Runs fn (which starts an operation) and kills the engine when the journal has grown so
        many times, or so many ms after fn returned. Gives what fn gave, or None: it did not
        return before."""
        size, grown, out = self.journal(w), 0, []

        def run():
            try:
                out.append(fn())
            except (OSError, EOFError, RpcError, ValueError) as e:
                out.append(e)
        t = threading.Thread(target=run)
        t.start()
        end = time.monotonic() + 3
        if ms is None:
            while grown < records and time.monotonic() < end:
                now = self.journal(w)
                if now != size:
                    size, grown = now, grown + 1
        else:
            t.join(10)
            time.sleep(ms / 1000)
        w.engine_stop(signal.SIGKILL)
        t.join(10)
        return out[0] if out and isinstance(out[0], dict) else None

    def start(self, w, app="lab", kind="sync", **more):
        line = w.connect()
        plan = line.call("plan.create", {"kind": kind, "app": app, "prune": True, **more})
        if plan.get("confirm") or plan["missing"]:
            plan = line.call("plan.arm", {"fingerprint": plan["fingerprint"], "reason": "test",
                                          "confirm": plan.get("confirm"), "unlock": True})
        self.assertEqual(plan["missing"], [], plan)
        return lambda: line.call("operation.start", {"fingerprint": plan["fingerprint"]})

    def operations(self, w, app):
        return w.call("operation.list", {"app": app, "limit": 100})["operations"]

    def settled(self, w, app):
        """All operations of app, when none runs."""
        def there():
            ops = self.operations(w, app)
            return all(o["state"] in ENDED for o in ops) and (ops or [None])
        return [o for o in w.until(there, 40) if o]

    def inventory(self, w, app):
        with open(os.path.join(w.state, "inventory", app + ".json")) as f:
            return {(i["kind"], i["name"]): i["uid"] for i in json.load(f)["items"]}

    def live(self, w, namespace, app):
        out = {}
        for path in (f"/api/v1/namespaces/{namespace}/configmaps",
                     f"/apis/apps/v1/namespaces/{namespace}/deployments"):
            kind = "ConfigMap" if "configmaps" in path else "Deployment"
            for o in w.api("GET", path)[1]["items"]:
                if o["metadata"].get("labels", {}).get("reckon.dev/application") == app:
                    out[(kind, o["metadata"]["name"])] = o["metadata"]["uid"]
        return out

    def audited(self, w, env, ops):
        """Each operation that ended has one outcome, its intents come before it, the chain holds."""
        def missing():
            told = {e["id"] for e in w.audit(env) if e["stage"] == "outcome"}
            return [o for o in ops if o["state"] in ENDED and o["id"] not in told]
        w.until(lambda: not missing() or self.fail(missing()), what="an outcome of each operation")
        entries = w.audit(env)
        for id, n in collections.Counter(e["id"] for e in entries if e["stage"] == "outcome").items():
            self.assertEqual(n, 1, [e for e in entries if e["id"] == id])
        for id, n in collections.Counter(e["id"] for e in entries if e["stage"] == "intent").items():
            self.assertEqual(n, 1, [e for e in entries if e["id"] == id])
        at = {(e["id"], e["stage"]): e["seq"] for e in entries}
        for (id, stage), seq in at.items():
            if env == "production" and stage == "outcome" and \
                    [e for e in entries if e["id"] == id][-1]["result"] == "Succeeded":
                self.assertLess(at.get((id, "intent"), seq), seq, "applied without an intent")
        r = w.reckon("audit", "verify")
        self.assertEqual(r.status, 0, r)

    def test_kill_9_at_every_point_of_a_sync(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            seen = Seen(w, "shop-lab")
            first, ends = self.live(w, "shop-lab", "lab"), collections.Counter()
            for k in range(1, POINTS + 1):
                half = (POINTS + 1) // 2
                point = {"records": k} if k <= half else {"ms": self.late(k - half, 300)}
                with self.subTest(**point):
                    ends[self.one_sync(w, seen, k, point)] += 1
            for name in ("first", "middle", "last"):        # never made anew
                self.assertEqual(self.live(w, "shop-lab", "lab")[("ConfigMap", name)],
                                 first[("ConfigMap", name)])
                self.assertEqual(seen.of("DELETED", name), [])
            self.audited(w, "lab", self.operations(w, "lab"))
            self.assertEqual(w.reckon("history", "lab").status, 0)
            seen.close()
            self.assertGreater(ends["resumed"], 0, ends)    # else the points missed all operations

    def one_sync(self, w, seen, k, point):
        w.remove(f"k8s/lab/new-{k - 1}.yaml")
        for path, text in lab(k).items():
            w.write(path, text)
        head = w.commit(f"value {k}")
        w.until(lambda: w.row("lab")["target"] == head and w.row("lab")["verdict"] == "OutOfSync")
        started = self.kill_at(w, self.start(w), **point)
        w.engine_start()
        w.until(lambda: w.row("lab")["verdict"] in ("Synced", "OutOfSync"))
        ops = self.settled(w, "lab")
        mine = [o for o in ops if o["revision"] == head and o["kind"] == "sync"]
        if started and mine:
            self.assertEqual(mine[0]["id"], started["id"])
        self.assertLessEqual(len(mine), 1, mine)
        end = "not begun"
        if mine:
            end = "resumed" if mine[0]["state"] == "Succeeded" else "reported"
            self.assertIn(mine[0]["state"], ("Succeeded", "Failed"), mine)
            if end == "reported":
                self.assertIn("plan again", mine[0]["message"])
        if end != "resumed":
            r = w.reckon("sync", "lab", "--prune")
            self.assertEqual(r.status, 0, r)
        live = self.live(w, "shop-lab", "lab")
        self.assertEqual({name for kind, name in live},
                         {"first", "middle", "last", "web", f"new-{k}"}, mine)
        for name in ("first", "middle", "last", f"new-{k}"):
            got = w.api("GET", f"/api/v1/namespaces/shop-lab/configmaps/{name}")[1]
            self.assertEqual(got["data"], {"value": f"v{k}"})
        self.assertEqual(len(w.until(lambda: seen.of("ADDED", f"new-{k}"))), 1)
        self.assertEqual(len(w.until(lambda: seen.of("DELETED", f"new-{k - 1}"))), 1)
        web = w.api("GET", "/apis/apps/v1/namespaces/shop-lab/deployments/web")[1]
        self.assertEqual(web["spec"]["template"]["spec"]["containers"][0]["image"],
                         f"registry.example/web:1.{k}")
        self.assertEqual(web["metadata"]["generation"], k + 1)      # one change a value, no more
        if mine and end == "resumed":       # it did not end before its last wave was healthy
            self.assertEqual(web["status"].get("observedGeneration"), k + 1)
        w.until(lambda: w.row("lab")["verdict"] == "Synced")
        self.assertEqual(self.inventory(w, "lab"), live)
        return end

    def test_kill_9_at_every_point_of_a_revert(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            w.until(lambda: w.row("shop-production")["verdict"] == "OutOfSync")
            w.sync_production()
            ends = collections.Counter()
            for k in range(1, POINTS + 1):
                half = (POINTS + 1) // 2
                point = {"records": k} if k <= half else {"ms": self.late(k - half, 600)}
                with self.subTest(**point):
                    ends[self.one_revert(w, k, point)] += 1
            self.audited(w, "production", self.operations(w, "shop-production"))
            self.assertGreater(ends["resumed"], 0, ends)

    def reverts_of(self, w, commit):
        """Commits on main, as git log has them, that undo this one."""
        out = w.in_bare("log", "--format=%H%x00%B%x01", f"{commit}..main")
        return [c for c in out.split("\x01") if commit in c.split("\x00")[-1]]

    def one_revert(self, w, k, point):
        w.pull()
        good = re.search(r"newTag: (\S+)", w.read(w.overlay("production")))[1]
        bad = w.edit(w.overlay("production"), f"newTag: {good}", f"newTag: 2.{k}.0")
        w.until(lambda: w.row("shop-production")["target"] == bad and
                w.row("shop-production")["verdict"] == "OutOfSync")
        w.sync_production(f"roll out {k}")
        self.assertEqual(w.image("production"), f"2.{k}.0")
        generation = w.get("production", "deployments", "shop")["metadata"]["generation"]
        known = {o["id"] for o in self.operations(w, "shop-production")}
        self.kill_at(w, self.start(w, "shop-production", "revert", commit=bad), **point)
        w.engine_start()
        w.until(lambda: w.row("shop-production")["verdict"] in ("Synced", "OutOfSync"))
        mine = [o for o in self.settled(w, "shop-production") if o["id"] not in known]
        w.until(lambda: w.row("shop-production")["target"] == w.head())
        self.assertLessEqual(len(mine), 1, mine)
        made = self.reverts_of(w, bad)
        self.assertLessEqual(len(made), 1, made)
        end = "not begun"
        if mine:
            end = "resumed" if mine[0]["state"] == "Succeeded" else "reported"
            self.assertIn(mine[0]["state"], ("Succeeded", "Failed"), mine)
            if end == "resumed":
                self.assertEqual(len(made), 1, mine)
                self.assertEqual(w.image("production"), good, mine)
            else:
                self.assertIn("plan again", mine[0]["message"])
        if not made:
            r = w.reckon("revert", "shop-production", "--commit", bad, "--confirm",
                         "production/shop", "--reason", "again")
            self.assertEqual(r.status, 0, (r, mine))
        elif end != "resumed":
            self.assertEqual(w.image("production"), f"2.{k}.0", mine)   # nothing by halves
            w.sync_production("go on")
        self.assertEqual(len(self.reverts_of(w, bad)), 1)
        self.assertEqual(w.image("production"), good)
        self.assertEqual(w.get("production", "deployments", "shop")["metadata"]["generation"],
                         generation + 1, mine)
        w.until(lambda: w.row("shop-production")["verdict"] == "Synced")
        return end


    def test_kill_9_at_every_point_of_a_revert_of_an_environment(self):
        """One commit, an operation for each of two applications: each goes on or is reported."""
        cart = "k8s/cart/kustomization.yaml"
        files = lambda w: {**layout(w), "apps/cart-production.yaml": world.application(
            "cart-production", "k8s/cart", "shop-production", w.url), "k8s/cart/cart.yaml":
            config_map("cart", 0), cart: "namespace: shop-production\nresources: [cart.yaml]\n"}
        with World(files, engine=False) as w:
            self.engine(w)
            ends = collections.Counter()
            for k in range(1, max(8, POINTS // 2) + 1):
                with self.subTest(records=k):
                    self.one_environment(w, k, ends)
            for app in ("cart-production", "shop-production"):
                self.audited(w, "production", self.operations(w, app))
            self.assertGreater(ends["Succeeded"], 0, ends)

    def both_roll_out(self, w, reason):
        for app in ("cart", "shop"):
            r = w.reckon("sync", f"{app}-production", "--confirm", f"production/{app}",
                         "--reason", reason)
            self.assertEqual(r.status, 0, r)

    def one_environment(self, w, k, ends):
        apps, live = ("cart-production", "shop-production"), lambda: (
            w.data("production", "cart").get("value"), w.image("production"))
        w.until(lambda: all(w.row(a)["verdict"] in ("Synced", "OutOfSync") for a in apps))
        self.both_roll_out(w, "what was good")
        good = live()
        w.pull()
        w.replace("k8s/cart/cart.yaml", "value: v0", f"value: v{k}")
        w.replace(w.overlay("production"), "newTag: 1.0.0", f"newTag: 2.{k}.0")
        bad = w.commit(f"bad {k}")
        w.until(lambda: all(w.row(a)["target"] == bad and w.row(a)["verdict"] == "OutOfSync"
                            for a in apps))
        self.both_roll_out(w, f"roll out {k}")
        self.assertEqual(live(), (f"v{k}", f"2.{k}.0"))
        known = {o["id"] for a in apps for o in self.operations(w, a)}
        self.kill_at(w, self.start(w, "production", "revert", commit=bad), records=k)
        w.engine_start()
        w.until(lambda: all(w.row(a)["verdict"] in ("Synced", "OutOfSync") for a in apps))
        made = self.reverts_of(w, bad)
        self.assertLessEqual(len(made), 1, made)
        for i, app in enumerate(apps):
            mine = [o for o in self.settled(w, app) if o["id"] not in known]
            self.assertLessEqual(len(mine), 1, mine)
            state = mine[0]["state"] if mine else "not begun"
            ends[state] += 1
            self.assertIn(state, ("Succeeded", "Failed", "not begun"), mine)
            if state == "Succeeded":
                self.assertEqual((len(made), live()[i]), (1, good[i]), mine)
            else:
                self.assertEqual(live()[i], (f"v{k}", f"2.{k}.0")[i], mine)
        if not made:
            r = w.reckon("revert", "production", "--commit", bad, "--confirm", "production",
                         "--reason", "again")
            self.assertEqual(r.status, 0, r)
        w.until(lambda: all(w.row(a)["target"] == w.head() for a in apps))
        self.both_roll_out(w, "go on")
        self.assertEqual((len(self.reverts_of(w, bad)), live()), (1, good))

    def test_kill_9_while_it_syncs_by_itself(self):
        with World() as w:
            w.synced("shop-dev")
            for k in range(1, max(6, POINTS // 2)):
                with self.subTest(records=k):
                    generation = w.get("dev", "deployments", "shop")["metadata"]["generation"]
                    tag = w.image("dev")
                    self.kill_at(w, lambda: w.edit(w.overlay("dev"), tag, f"3.{k}.0"), records=k)
                    w.engine_start()
                    w.until(lambda: w.image("dev") == f"3.{k}.0")
                    w.synced("shop-dev")
                    self.settled(w, "shop-dev")
                    self.assertEqual(w.get("dev", "deployments", "shop")["metadata"]["generation"],
                                     generation + 1)
            self.audited(w, "dev", self.operations(w, "shop-dev"))

    def reverted_while_away(self, w):
        """A bad commit that reached production, reverted without the remote; its id."""
        self.engine(w)
        w.until(lambda: w.row("shop-production")["verdict"] == "OutOfSync")
        w.sync_production()
        bad = w.edit(w.overlay("production"), "newTag: 1.0.0", "newTag: 2.0.0")
        w.until(lambda: w.row("shop-production")["target"] == bad)
        w.sync_production()
        os.rename(w.bare, w.bare + ".away")
        r = w.reckon("revert", "shop-production", "--commit", bad, "--confirm",
                     "production/shop", "--reason", "incident")
        self.assertEqual(r.status, 0, r)
        return bad

    def test_kill_9_while_a_revert_waits_for_the_remote(self):
        with World(layout, engine=False) as w:
            bad = self.reverted_while_away(w)
            self.assertEqual(w.image("production"), "1.0.0")
            w.engine_restart(signal.SIGKILL)
            w.until(lambda: w.row("shop-production")["verdict"] == "Synced")
            self.assertEqual(w.call("status")["repositories"][0]["pending"], 1)
            self.assertEqual(w.image("production"), "1.0.0")    # and not back to what git says
            os.rename(w.bare + ".away", w.bare)
            w.until(lambda: len(self.reverts_of(w, bad)) == 1)
            w.until(lambda: w.row("shop-production")["target"] == w.head())
            w.until(lambda: w.row("shop-production")["verdict"] == "Synced")
            self.assertEqual(w.call("status")["repositories"][0]["pending"], 0)
            self.assertEqual(len(self.reverts_of(w, bad)), 1)
            self.assertEqual(w.image("production"), "1.0.0")
            self.audited(w, "production", self.operations(w, "shop-production"))

    def test_a_pin_does_not_outlive_its_commit(self):
        """Cut off when the commit was on the remote and the state did not say so yet."""
        with World(layout, engine=False) as w:
            self.reverted_while_away(w)
            w.engine_stop(signal.SIGKILL)
            os.rename(w.bare + ".away", w.bare)
            mirror = os.path.join(w.state, "mirrors", "main.git")
            ref, = w.git("for-each-ref", "--format=%(refname)", "refs/reckon/pending",
                         cwd=mirror).split()
            w.git("push", "-q", w.bare, ref + ":refs/heads/main", cwd=mirror)
            w.git("update-ref", "-d", ref, cwd=mirror)
            w.engine_start()
            w.until(lambda: w.row("shop-production")["verdict"] == "Synced")
            w.pull()
            after = w.edit(w.overlay("production"), "newTag: 1.0.0", "newTag: 1.1.0")
            w.until(lambda: w.row("shop-production")["target"] == after)


class Ends(unittest.TestCase):

    def children(self, pid):
        out = []
        for p in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{p}/stat") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                        out.append(int(p))
            except OSError:
                pass
        return out

    def leaves(self, w, signum=signal.SIGTERM):
        """Ends within 2 s by the signal, with exit 0, its socket and its children gone."""
        children = self.children(w.engine.pid)
        start = time.monotonic()
        w.engine.send_signal(signum)
        self.assertEqual(w.engine.wait(5), 0, w.log_text()[-1000:])
        self.assertLess(time.monotonic() - start, 2)
        self.assertFalse(os.path.exists(w.socket))
        until(lambda: not any(os.path.exists(f"/proc/{c}") for c in children), 10)
        return children

    def test_sigterm_when_idle_and_with_clients(self):
        with World() as w:
            w.synced("shop-dev")
            lines = [w.connect() for _ in range(3)]
            lines[0].call("applications.watch", {})
            self.leaves(w)
            event = None
            while True:                                 # clients are told that it was stopped
                try:
                    event = lines[0].event()
                except (EOFError, ConnectionError):
                    break
            self.assertEqual((event["sub"], event["kind"]), (0, "end"))
            self.assertEqual(event["data"]["data"]["code"], "CANCELLED")
            w.engine_start()
            w.synced("shop-dev")

    def test_sigterm_while_a_fetch_hangs(self):
        with World(engine=False) as w, socket.create_server(("127.0.0.1", 0)) as deaf:
            url = f"git://127.0.0.1:{deaf.getsockname()[1]}/repo.git"
            w.url, before = url, w.url
            w.write_settings()
            w.url = before
            for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                w.engine_start()
                until(lambda: self.children(w.engine.pid))
                self.assertTrue(self.leaves(w, signum))

    def test_sigterm_while_the_cluster_hangs(self):
        with World() as w:
            w.synced("shop-dev")
            os.kill(w.sandbox.pid, signal.SIGSTOP)
            try:
                w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
                w.until(lambda: w.row("shop-dev")["target"] == w.head())
                self.leaves(w)
            finally:
                os.kill(w.sandbox.pid, signal.SIGCONT)
            w.engine_start()
            w.until(lambda: w.image("dev") == "1.1.0")
            w.synced("shop-dev")


class Operations(unittest.TestCase):
    engine, start, journal = Crash.engine, Crash.start, Crash.journal
    operations, settled = Crash.operations, Crash.settled

    def slow(self, w, value, slow):
        """Commits a value whose Deployment takes so long to be ready."""
        w.remove(f"k8s/lab/new-{value - 1}.yaml")
        for path, text in lab(value, slow).items():
            w.write(path, text)
        head = w.commit(f"value {value}, slow")
        w.until(lambda: w.row("lab")["target"] == head and w.row("lab")["verdict"] == "OutOfSync")

    def value(self, w, name):
        status, o = w.api("GET", f"/api/v1/namespaces/shop-lab/configmaps/{name}")
        return o["data"]["value"] if status == 200 else None

    def operation(self, w, id):
        return [o for o in w.call("operation.list", {})["operations"] if o["id"] == id][0]

    def waits(self, w, id, value):
        """Until it waits for the slow wave: `middle` is applied, `last` is not."""
        w.until(lambda: self.value(w, "middle") == value and
                self.operation(w, id)["state"] == "running")

    def test_stop_after_the_wave_and_now(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            self.slow(w, 1, "2s")
            op = self.start(w)()
            self.waits(w, op["id"], "v1")
            w.call("operation.stop", {"id": op["id"], "how": "wave"})
            end = self.settled(w, "lab")[0]
            self.assertEqual((end["id"], end["state"]), (op["id"], "Stopped"))
            self.assertIn("after wave 0", end["message"])
            web = w.api("GET", "/apis/apps/v1/namespaces/shop-lab/deployments/web")[1]
            self.assertEqual(web["status"].get("readyReplicas"), 1)     # the wave was waited for
            self.assertEqual((self.value(w, "middle"), self.value(w, "last")), ("v1", "v0"))
            self.assertIsNone(self.value(w, "new-1"))
            with self.assertRaises(RpcError) as got:
                w.call("operation.stop", {"id": op["id"], "how": "now"})
            self.assertEqual(got.exception.code, "CONFLICT")
            with self.assertRaises(RpcError) as got:
                w.call("operation.stop", {"id": op["id"], "how": "gently"})
            self.assertEqual(got.exception.code, "INVALID")
            self.slow(w, 2, "20s")
            op = self.start(w)()
            self.waits(w, op["id"], "v2")
            begin = time.monotonic()
            w.call("operation.stop", {"id": op["id"], "how": "now"})
            end = self.settled(w, "lab")[0]
            self.assertLess(time.monotonic() - begin, 2)
            self.assertEqual((end["id"], end["state"]), (op["id"], "Stopped"))
            self.assertEqual((self.value(w, "middle"), self.value(w, "last")), ("v2", "v0"))
            states = {t["name"]: t["state"] for t in
                      self.watched(w, op["id"])["tasks"] if t["kind"] == "ConfigMap"}
            self.assertEqual(states["last"], "skipped")
            results = [e["result"] for e in w.until(
                lambda: len(w.audit("lab")) >= 3 and w.audit("lab"))]
            self.assertEqual(results[-2:], ["Stopped", "Stopped"])

    def watched(self, w, id):
        line = w.connect()
        line.call("operation.watch", {"id": id})
        return line.event()["data"]

    def test_a_client_killed_in_the_middle_stops_nothing(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            self.slow(w, 1, "1s")
            cli = subprocess.Popen([world.RECKON, "sync", "lab", "--prune"], cwd=w.dir,
                                   env=w.env(RECKON_SOCKET=w.socket), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            w.until(lambda: self.value(w, "middle") == "v1")
            cli.kill()
            cli.wait()
            end = self.settled(w, "lab")[0]
            self.assertEqual(end["state"], "Succeeded", end)
            self.assertEqual((self.value(w, "last"), self.value(w, "new-1")), ("v1", "v1"))
            self.assertIsNone(self.value(w, "new-0"))

    def test_a_restart_waits_for_the_wave_that_was_begun(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            seen = Seen(w, "shop-lab")
            self.slow(w, 1, "3s")
            op = self.start(w)()
            self.waits(w, op["id"], "v1")
            w.engine_restart(signal.SIGKILL)
            end = self.settled(w, "lab")[0]
            self.assertEqual((end["id"], end["state"]), (op["id"], "Succeeded"), end)
            self.assertEqual((self.value(w, "last"), self.value(w, "new-1")), ("v1", "v1"))
            ready = min(self.version(o) for o in seen.of("MODIFIED", "web")
                        if o["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":1.1")
                        and o["status"].get("observedGeneration") == o["metadata"]["generation"]
                        and o["status"].get("updatedReplicas") == 1
                        and o["status"].get("availableReplicas") == 1
                        and o["status"].get("replicas") == 1)
            for later in (seen.of("ADDED", "new-1")[-1:] + seen.of("MODIFIED", "last")[-1:]):
                self.assertEqual(later["data"]["value"], "v1")
                self.assertGreater(self.version(later), ready)
            seen.close()
            # and when nothing but waiting is left
            self.slow(w, 2, "20s")
            op = self.start(w)()
            self.waits(w, op["id"], "v2")
            w.engine_restart(signal.SIGKILL)
            w.until(lambda: self.operation(w, op["id"])["state"] == "running")
            w.call("operation.stop", {"id": op["id"], "how": "now"})
            end = self.settled(w, "lab")[0]
            self.assertEqual((end["id"], end["state"]), (op["id"], "Stopped"), end)

    def version(self, o):
        return int(o["metadata"]["resourceVersion"])

    def test_many_clients_watch_one_operation(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            self.slow(w, 1, "500ms")
            op = self.start(w)()
            lines = [w.connect() for _ in range(16)]
            for line in lines:
                line.call("operation.watch", {"id": op["id"]})
            for line in lines:
                last = {}
                while last.get("state") not in ENDED:
                    last = line.event()["data"]
                self.assertEqual(last["state"], "Succeeded", last)
                self.assertEqual({t["state"] for t in last["tasks"]}, {"done"})

    def test_one_operation_an_application_and_a_revert_takes_its_place(self):
        with World(layout, engine=False) as w:
            self.engine(w)
            self.slow(w, 1, "30s")
            bad = w.head()
            first, second = self.start(w), self.start(w)
            op = first()
            with self.assertRaises(RpcError) as got:
                second()
            self.assertEqual(got.exception.code, "CONFLICT", got.exception)
            self.waits(w, op["id"], "v1")
            r = w.reckon("revert", "lab", "--commit", bad, "--reason", "incident", timeout=60)
            self.assertEqual(r.status, 0, r)
            states = {o["id"]: o["state"] for o in self.operations(w, "lab")}
            self.assertEqual(states[op["id"]], "Superseded")
            for name in ("first", "middle", "last", "new-0"):
                self.assertEqual(self.value(w, name), "v0", name)


if __name__ == "__main__":
    unittest.main()
