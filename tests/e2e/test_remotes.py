"""test_remotes.py: an engine whose applications take bases from other repositories: the built
programs against bare repositories over file:// and git://, a server that never answers, and a
sandbox. RECKON, RECKON_ENGINE name the programs; see world.py."""
import json, os, signal, socket, sys, threading, time, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import *  # noqa: E402,F403

DEV = "k8s/shop/overlays/dev/kustomization.yaml"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: far\ndata:\n  said: %s\n"


class Bases:
    """Another repository: a bare one in the world's folder and a clone that changes it."""

    def __init__(self, w, name="bases"):
        self.w = w
        self.bare, self.work = (os.path.join(w.dir, name + x) for x in (".git", ".work"))
        self.url = "file://" + self.bare
        w.git("init", "-q", "--bare", "--initial-branch=main", self.bare, cwd=w.dir)
        w.git("clone", "-q", self.bare, self.work, cwd=w.dir)
        w.identify(self.work, "reviewer")
        w.git("checkout", "-q", "-B", "main", cwd=self.work)
        w.write("web/kustomization.yaml", "resources: [config.yaml]\n", cwd=self.work)
        self.first = self.say("one")

    def say(self, text):
        """The base says that; returns the commit."""
        self.w.write("web/config.yaml", CONFIG % text, cwd=self.work)
        self.w.git("add", "-A", cwd=self.work)
        self.w.git("commit", "-q", "-m", "say " + text, cwd=self.work)
        self.w.git("push", "-q", "origin", "HEAD:main", cwd=self.work)
        return self.w.git("rev-parse", "HEAD", cwd=self.work).strip()

    def tag(self, name, *options):
        self.w.git("tag", *options, name, cwd=self.work)
        self.w.git("push", "-q", "-f", "origin", "refs/tags/" + name, cwd=self.work)

    def away(self):
        os.rename(self.bare, self.bare + ".away")

    def back(self):
        os.rename(self.bare + ".away", self.bare)


class Hanging:
    """A server that takes connections and never says a word."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.open = self.server.getsockname()[1], []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.open.append(self.server.accept()[0])
        except OSError:
            pass

    def close(self):
        self.server.close()
        for c in self.open:
            c.close()


class Remotes(unittest.TestCase):
    maxDiff = None

    def up(self, **options):
        w = World(**options)
        return lasting(self, w, "namespaces", "shop-dev", "shop-staging")

    def take(self, w, address, env="dev"):
        """The overlay takes the address beside its own base; returns the commit."""
        return w.edit(w.overlay(env), "- ../../base\n", f"- ../../base\n- {address}\n",
                      "take a base from elsewhere")

    def said(self, w, env="dev"):
        return w.data(env, "far").get("said")

    def refresh(self, w, app="shop-dev"):
        r = w.reckon("refresh", app)
        self.assertEqual(r.status, 0, r)

    # ---- what a ref means ----
    def test_branch_moves(self):
        w = self.up(poll="3600s")  # so that only the refresh can have looked
        b = Bases(w)
        self.take(w, b.url + "//web?ref=main")
        self.refresh(w)
        w.says("far", "one")
        second = b.say("two")
        self.refresh(w)
        w.says("far", "two")
        detail = w.detail("shop-dev")
        self.assertEqual([(s["ref"], s["revision"]) for s in detail["sources"] if s["role"] == "base"],
                         [("main", second)])
        self.assertFalse([s for s in detail["sources"] if s.get("message")])

    def test_branch_moves_by_polling(self):
        w = self.up(poll="1s")
        b = Bases(w)
        self.take(w, b.url + "//web")  # its HEAD
        w.says("far", "one")
        b.say("two")
        w.says("far", "two")

    def test_tag_and_commit_stay_while_the_branch_moves(self):
        w = self.up(poll="1s")
        b = Bases(w)
        b.tag("v1", "-a", "-m", "the first")
        self.take(w, b.url + "//web?ref=v1")
        self.take(w, b.url + "//web?ref=" + b.first, "staging")
        w.says("far", "one")
        w.says("far", "one", "staging")
        b.say("two")
        b.tag("v1", "-f")  # moved: what follows the tag follows it
        w.says("far", "two")
        self.assertEqual(self.said(w, "staging"), "one")
        detail = w.detail("shop-staging")
        self.assertIn((b.first, b.first), [(s["ref"], s["revision"]) for s in detail["sources"]])

    def test_commit_is_fetched_once(self):
        w = self.up(poll="1s")
        b = Bases(w)
        self.take(w, b.url + "//web?ref=" + b.first)
        w.says("far", "one")
        b.away()
        self.refresh(w)
        w.edit(DEV, "newTag: 1.0.0", "newTag: 1.0.1")  # renders again
        w.until(lambda: w.image("dev") == "1.0.1")
        self.assertFalse([s for s in w.detail("shop-dev")["sources"] if s.get("message")])
        w.engine_restart(signal.SIGKILL)
        w.edit(DEV, "newTag: 1.0.1", "newTag: 1.0.2")
        w.until(lambda: w.image("dev") == "1.0.2")
        self.assertEqual(self.said(w), "one")

    # ---- what goes wrong ----
    def test_remote_goes_away(self):
        w = self.up(poll="1s")
        b = Bases(w)
        self.take(w, b.url + "//web?ref=main")
        w.says("far", "one")
        b.away()
        text = w.row_says("shop-dev", "base", "at main", b.first[:7], "as of 20", "is used")
        self.assertEqual(w.row("shop-dev")["verdict"], "Synced")
        (source,) = w.detail("shop-dev")["sources"]
        self.assertEqual(source["revision"], b.first, text)
        self.assertIn(source["message"], text)
        self.assertGreater(source["checked"], 0)
        w.edit(DEV, "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")  # git's own changes still go through
        self.assertEqual(self.said(w), "one")
        for signum in (signal.SIGKILL, signal.SIGTERM):
            w.engine_restart(signum)
            w.row_says("shop-dev", "base", b.first[:7], "is used")
            self.assertEqual(self.said(w), "one")
        b.back()
        b.say("two")
        w.says("far", "two")
        w.until(lambda: not w.row("shop-dev").get("message"))

    def test_never_fetched(self):
        w = self.up(poll="1s")
        b = Bases(w)
        b.away()
        bad = self.take(w, b.url + "//web?ref=main")
        text = w.row_says("shop-dev", DEV + ":4", "resources")
        self.assertEqual(w.row("shop-dev")["verdict"], "Unknown")
        self.assertEqual(w.image("dev"), "1.0.0")
        self.assertEqual(w.names("dev", "deployments"), ["shop"], text)
        b.back()
        w.says("far", "one")
        self.assertTrue(bad)

    def test_no_such_ref(self):
        w = self.up(poll="1s")
        b = Bases(w)
        self.take(w, b.url + "//web?ref=v9")
        w.row_says("shop-dev", DEV + ":4", "no branch or tag v9")
        b.tag("v9")
        w.says("far", "one")
        w.edit(DEV, "?ref=v9", "?ref=" + b.first[:10])
        w.row_says("shop-dev", "no branch or tag " + b.first[:10], "40 digits")

    def test_folder_that_is_not_there(self):
        w = self.up()
        b = Bases(w)
        self.take(w, b.url + "//absent?ref=main")
        w.row_says("shop-dev", DEV + ":4", "no folder absent at main")

    def test_password_is_masked(self):
        w = self.up(settings="limits: {gitOperation: 5s}\n")
        self.take(w, "http://somebody:hunter2hunter2@127.0.0.1:9/org/repo//web?ref=main")
        text = w.row_says("shop-dev", DEV + ":4", "127.0.0.1:9/org/repo")
        for told in (text, w.log_text(), json.dumps(w.detail("shop-dev")),
                     w.reckon("get", "app", "shop-dev").out, w.reckon("diff", "shop-dev").err):
            self.assertNotIn("hunter2", told)

    # ---- a remote that hangs ----
    def test_hanging_remote(self):
        w = self.up(settings="limits: {gitOperation: 8s}\n", poll="1s")
        h = Hanging()
        self.addCleanup(h.close)
        self.take(w, f"http://127.0.0.1:{h.port}/org/repo//web?ref=main")
        w.row_says("shop-dev", "fetching", f"127.0.0.1:{h.port}/org/repo", "at main")
        w.edit(w.overlay("staging"), "newTag: 1.0.0", "newTag: 2.0.0")
        w.until(lambda: w.image("staging") == "2.0.0", 4, "another application follows meanwhile")
        w.row_says("shop-dev", "fetching")
        r = w.reckon("refresh", "--all", timeout=30)
        self.assertEqual(r.status, 0, r)  # it does not wait for what hangs
        w.row_says("shop-dev", DEV + ":4", "within 8 s")

    def test_newer_commit_gives_up_the_wait(self):
        w = self.up(settings="limits: {gitOperation: 60s}\n", poll="1s")
        h = Hanging()
        self.addCleanup(h.close)
        bad = self.take(w, f"http://127.0.0.1:{h.port}/org/repo//web?ref=main")
        w.row_says("shop-dev", "fetching")
        w.git("revert", "--no-edit", bad)
        w.push()
        w.edit(DEV, "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1", 10, "the newer commit is followed")
        self.take(w, f"http://127.0.0.1:{h.port}/org/repo//web?ref=other")
        w.row_says("shop-dev", "fetching")
        asked = time.monotonic()
        w.engine_stop()  # it ends, though a child hangs
        self.assertLess(time.monotonic() - asked, 5)

    def test_killed_while_it_fetches(self):
        w = self.up(settings="limits: {gitOperation: 5s}\n", poll="1s")
        b = Bases(w)
        self.take(w, b.url + "//web?ref=main")
        w.says("far", "one")
        cache = os.path.join(w.state, "cache", "remotes")
        (repo,) = os.listdir(cache)
        for n in range(6):
            b.say(f"n{n}")
            w.engine_restart(signal.SIGKILL)
        for name in ("shallow.lock", "HEAD.lock"):  # what a git that is killed leaves
            open(os.path.join(cache, repo, name), "w").close()
        w.engine_restart(signal.SIGKILL)
        w.says("far", "n5")
        w.git("fsck", "--strict", cwd=os.path.join(cache, repo))

    # ---- transports and plans ----
    def test_git_protocol(self):
        w = self.up(poll="1s")
        b = Bases(w)
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        daemon = w.spawn(["git", "daemon", "--reuseaddr", "--export-all", f"--base-path={w.dir}",
                          "--listen=127.0.0.1", f"--port={port}"], os.path.join(w.dir, "daemon.log"))
        w.until(lambda: socket.create_connection(("127.0.0.1", port)).close() or True)
        home = os.path.join(w.dir, "gitconfig")
        w.git("config", "--file", home, f"url.git://127.0.0.1:{port}/.insteadOf",
              "https://bases.example.org/")
        self.assertTrue(daemon.poll() is None)
        w.engine_stop()
        w.more_env = {"GIT_CONFIG_GLOBAL": home}
        w.engine_start()
        self.take(w, "https://bases.example.org/bases.git//web?ref=" + b.first)
        w.says("far", "one")

    def test_promotion_and_revert_beside_a_base(self):
        w = self.up(poll="1s")
        b = Bases(w)
        before = w.head()
        with_base = self.take(w, b.url + "//web?ref=main")
        w.says("far", "one")
        r = w.reckon("diff", "shop-dev", "--rev", before, "-o", "json")
        self.assertEqual(r.status, 1, r)
        self.assertIn("far", r.out)
        self.take(w, b.url + "//web?ref=main", "staging")
        w.says("far", "one", "staging")
        w.edit(DEV, "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")
        w.synced("shop-dev", "shop-staging")
        r = w.reckon("promote", "shop-dev", "--to", "staging", "--wait")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.image("staging"), "1.0.1")
        r = w.reckon("revert", "shop-dev", "--to", with_base, "--reason", "back", "--wait")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.image("dev"), "1.0.0")
        self.assertEqual(self.said(w), "one")


if __name__ == "__main__":
    unittest.main(verbosity=2)
