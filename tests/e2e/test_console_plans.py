"""test_console_plans.py: plans and operations in the console on a real engine: what a person sees
before anything is written, what it takes in production, and what git and the cluster have then."""
import os, unittest

from terminal import Terminal
from world import RECKON, World, lasting, never, until


class Plans(unittest.TestCase):
    def setUp(self):
        self.w = lasting(self, World(), "shop-dev", "shop-staging")

    def open(self, name, *options, cols=120, rows=40):
        t = Terminal([RECKON, "--socket", self.w.socket, *options], cols, rows,
                     self.w.env(XDG_STATE_HOME=os.path.join(self.w.dir, "xdg")), self.w.dir)
        self.addCleanup(lambda: t.__exit__())
        t.__enter__()
        t.wait("PRODUCTION")
        t.keys("/")
        t.wait("find:")
        t.keys(f"{name}\r")
        t.wait(name.replace("shop-", "") + "/shop")
        return t

    def leave(self, t):
        t.keys("Q")
        self.assertEqual(t.end(), 0)

    def operations(self, app):
        return self.w.reckon("get", "operations", "-o", "json").json["operations"] and [
            o for o in self.w.reckon("get", "operations", "-o", "json").json["operations"]
            if o["app"] == app]

    def test_production_takes_all_of_it(self):
        w = self.w
        t = self.open("shop-production")
        t.keys("s")
        t.wait("SYNC PREVIEW")
        t.wait("+ create")
        t.wait("Deployment/shop")
        t.wait("Apply is not armed: unlock, reason, target")
        t.keys("A", "\r")               # dropped, or refused
        t.keys("\t")
        t.type_until("x", "reason   x")
        t.keys("\x15", "the first one", "\t", " ", "\t", "production/sho")
        t.wait("Apply is not armed: target")
        t.keys("p")
        t.wait("ARMED: A applies it, after 5 s that any key stops")
        self.assertEqual(self.operations("shop-production"), [])
        t.keys("A")
        t.wait("starts in 4 s: ANY KEY STOPS IT")
        t.keys("j")
        t.wait("stopped: nothing was started")
        never(lambda: self.operations("shop-production"), 6)
        t.keys("A")
        t.wait("= Succeeded")
        t.wait("Deployment/shop")
        t.wait("next: ")
        self.assertEqual(w.image("production"), "1.0.0")
        op = self.operations("shop-production")[0]
        self.assertEqual((op["reason"], op["actor"]), ("the first one", "operator"))
        t.keys("q")
        t.wait_gone("Waves")
        self.assertNotIn("SYNC PREVIEW", t.text())
        self.leave(t)

    def test_what_moved_is_stale(self):
        w = self.w
        t = self.open("shop-production")
        t.keys("s")
        t.wait("Apply is not armed")
        w.edit(w.overlay("production"), "1.0.0", "1.0.1")
        until(lambda: w.row("shop-production")["target"] == w.head())
        t.keys("\t")
        t.type_until("x", "reason   x")
        t.keys("\t", " ", "\t", "production/shop")
        t.wait("STALE: R makes a new one")
        t.keys("A")
        never(lambda: self.operations("shop-production"), 1)
        t.keys("R")
        t.wait_gone("STALE")
        t.wait("Apply is not armed: unlock, target")
        self.leave(t)

    def test_an_operation_is_taken_back(self):
        w = self.w
        w.edit(w.overlay("staging"), "1.0.0", "1.1.0")
        until(lambda: w.image("staging") == "1.1.0")
        w.synced("shop-staging")
        t = self.open("shop-staging")
        t.keys("4")
        t.wait("Operations")
        t.wait("staging/shop-staging")
        t.keys("g", "\r")
        t.wait("next: r prepares the revert")
        t.keys("r")
        t.wait("REVERT PREVIEW")
        t.wait("EDITS of one commit")
        t.wait("1.0.0")
        t.wait("COMMIT MESSAGE")
        head = w.head()
        t.wait("ARMED: A applies it")
        self.assertEqual(w.head(), head)
        t.type_until("A", "Waves")
        t.wait("= Succeeded")
        t.wait("pushed")
        self.assertEqual(w.image("staging"), "1.0.0")
        self.assertNotEqual(w.head(), head)
        self.assertIn("1.0.0", w.in_bare("show", f"main:{w.overlay('staging')}"))
        self.leave(t)

    def test_readonly(self):
        t = self.open("shop-production", "--readonly")
        t.keys("s")
        t.wait("read-only: nothing can be started here")
        self.assertNotIn("THIS CHANGES PRODUCTION", t.text())
        t.keys("A")
        t.wait("A does nothing here (read-only)")
        self.leave(t)


if __name__ == "__main__":
    unittest.main()
