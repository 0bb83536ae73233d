"""test_console_incident.py: one incident, from a bad commit to a healed production, on `reckon demo`
in a terminal, with only what the screen says; a second console on the same engine sees the same.

    INCIDENT_SHOW=1  prints each screen on which something is decided
"""
import os, re, subprocess, unittest

from terminal import Terminal
from world import RECKON, until

OVERLAY = "k8s/apps/simple-app/overlays/production/kustomization.yaml"
TARGET = "production/simple-app"


class Person(Terminal):
    """Who sits before it."""

    def __enter__(self):
        self.show = os.environ.get("INCIDENT_SHOW")
        return super().__enter__()

    def sees(self, *texts, limit=60):
        for text in texts:
            self.wait(text, limit)
        if self.show:
            print("-- sees", *texts, "\n" + self.text())

    def tree(self):
        """The lines of the tree of applications, without the panes beside it."""
        return [line[1:63] for line in self.text().split("\n")[2:29]]

    def row_says(self, *words, limit=60):
        """The row below the heading PRODUCTION."""
        def says():
            tree = self.tree()
            at = [i for i, line in enumerate(tree) if "PRODUCTION manual" in line]
            return at and all(word in tree[at[0] + 1] for word in words)
        self._until(says, f"{words} in production's row", limit)

    def arms(self, reason):
        """Fills in what a plan of production asks for, in the order in which Tab and Enter lead."""
        self.sees("Tab goes to what is missing")
        self.keys("\t")
        self.type_until("x", "reason   x")
        self.keys("\x15", reason, "\r")
        self.sees("Space unlocks it for this plan")
        self.keys(" ", "\r", TARGET)
        self.sees("ARMED: A applies it, after 5 s that any key stops")


class Incident(unittest.TestCase):
    def setUp(self):
        work = os.environ.get("WORK") or "/tmp"
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("RECKON", "KUBE", "XDG_", "GIT_"))}
        self.env.update(HOME=work, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null")
        self.t = self.person([RECKON, "demo"])
        self.t.sees("the demo: what to try stands in")
        self.folder = re.search(r"\S+(?=/TRY.txt)", self.t.text())[0]
        self.socket = os.path.join(self.folder, "reckon.sock")

    def person(self, argv):
        t = Person(argv, 120, 40, self.env, self.env["HOME"])
        self.addCleanup(lambda: t.__exit__())
        return t.__enter__()

    def git(self, *args, cwd="gitops.git"):
        r = subprocess.run(["git", *args], cwd=os.path.join(self.folder, cwd), env=self.env,
                           capture_output=True, text=True, check=True)
        return r.stdout

    def somebody_commits(self, old, new):
        path = os.path.join(self.folder, "work", OVERLAY)
        with open(path) as f:
            text = f.read()
        self.assertEqual(text.count(old), 1)
        with open(path, "w") as f:
            f.write(text.replace(old, new))
        self.git("commit", "-qam", f"production: {new}", cwd="work")
        self.git("push", "-q", "origin", "HEAD:main", cwd="work")
        return self.git("rev-parse", "main").strip()

    def starts(self, t, reason):
        t.arms(reason)
        t.keys("A")
        t.sees("ANY KEY STOPS IT")
        t.sees("Waves")

    def test_a_bad_image_reaches_production_and_is_taken_back(self):
        t = self.t
        t.sees("1 Apps 4  1 drift  1 missing ─")   # all are read, what is automatic is done
        t.row_says("Missing")                       # never synced: the first rollout
        t.keys("]")
        t.sees(TARGET, "+ create Deployment/simple-app")
        t.keys("s")
        self.starts(t, "first rollout")
        t.sees("= Succeeded")
        t.keys("q")
        t.row_says("= Healthy")

        good = self.git("rev-parse", "main").strip()
        bad = self.somebody_commits('"1.0.0"', '"1.1.0-broken"')
        t.row_says("! drift")
        t.keys("g", "]")
        t.sees(f"app     {TARGET}", "1.1.0-broken")
        t.keys("s")
        t.sees("SYNC PREVIEW", "1.1.0-broken")
        self.starts(t, "INC-1: the new version")
        t.sees("x Degraded", "ImagePullBackOff", "next: r prepares the revert")
        t.keys("q")

        other = self.person([RECKON, "--socket", self.socket])
        other.row_says("x Degraded")
        t.row_says("x Degraded")
        other.keys("]")                             # the only problem there is
        other.sees(f"app     {TARGET}", "Deployment/simple-app Degraded", "ImagePullBackOff",
                   '"registry.example/simple-app:1.1.0-broken": not found')

        t.keys("g", "]", "r")
        t.sees("REVERT PREVIEW", "1.1.0-broken", "COMMIT MESSAGE")
        self.assertEqual(self.git("rev-parse", "main").strip(), bad)    # a preview writes nothing
        self.starts(t, "INC-1: back to what worked")
        t.sees("= Succeeded")
        t.keys("q")
        for one in (t, other):
            one.row_says(" 1.0.0 ", "= Synced", "= Healthy")
            one.keys("g")                           # the cursor is in the first row, in both
            one.sees("env     shared")
        self.assertEqual(t.tree(), other.tree())
        self.in_the_end(good, bad)
        other.keys("Q")
        self.assertEqual(other.end(), 0)
        t.keys("Q")
        self.assertEqual(t.end(), 0)
        self.assertFalse(os.path.exists(self.folder))

    def in_the_end(self, good, bad):
        kinds = self.git("log", "--format=%(trailers:key=Reckon-Kind,valueonly,separator=%x2c)",
                         f"{good}..main").splitlines()
        self.assertEqual(kinds, ["revert", ""])     # newest first: the revert, the bad commit
        self.assertEqual(self.git("rev-parse", "main~").strip(), bad)
        self.assertIn(f"Reckon-Restored: {good}", self.git("log", "-1", "--format=%B", "main"))
        self.assertIn('newTag: "1.0.0"', self.git("show", f"main:{OVERLAY}"))
        r = subprocess.run([RECKON, "audit", "verify"], capture_output=True, text=True,
                           env=dict(self.env, RECKON_SOCKET=self.socket))
        self.assertEqual(r.returncode, 0, r)


if __name__ == "__main__":
    unittest.main()
