"""test_console_records.py: what the console tells of the past and of promotions, on a real engine:
history with its filters, a commit, the audit and its chain, the matrix and a promotion's preview,
the log."""
import os, unittest

from terminal import Terminal
from world import RECKON, World


class Records(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.w = World()
        cls.w.__enter__()
        cls.w.synced("shop-dev", "shop-staging")
        cls.w.edit(cls.w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0", "dev runs 1.1.0")
        cls.w.until(lambda: cls.w.image("dev") == "1.1.0")
        cls.w.synced("shop-dev")
        cls.w.sync_production()

    @classmethod
    def tearDownClass(cls):
        cls.w.__exit__(None, None, None)

    def open(self, *options, cols=120, rows=40):
        env = self.w.env(XDG_STATE_HOME=os.path.join(self.w.dir, "xdg"))
        return Terminal([RECKON, "--socket", self.w.socket, *options], cols, rows, env, self.w.dir)

    def leave(self, t):
        t.keys("Q")
        self.assertEqual(t.end(), 0)

    def on(self, t, app):
        t.wait("PRODUCTION")
        t.keys("/")
        t.wait("find:")
        t.keys(app + "\r")
        env, name = app.split("-")[1], app.split("-")[0]
        t.wait(f"{env}/{name}")

    def test_history_and_its_commit(self):
        with self.open() as t:
            self.on(t, "shop-dev")
            t.keys("L")
            t.wait("HISTORY shop-dev [all]")
            t.wait("audit = whole")
            t.wait("dev runs 1.1.0")
            t.wait("= Succeeded")
            t.keys("f")
            t.wait("[sync]")
            t.wait_gone("dev runs 1.1.0")
            t.wait("= Succeeded")
            t.keys("f")
            t.wait("[git]")
            t.wait("dev runs 1.1.0")
            t.wait_gone("= Succeeded")
            t.keys("g", "\r")
            t.wait("-  newTag: 1.0.0")
            t.wait("+  newTag: 1.1.0")
            t.keys("r")
            t.wait("plan ")
            t.wait("newTag: 1.0.0")
            self.leave(t)

    def test_two_are_compared(self):
        """Two commits of the history; then two environments of the matrix."""
        with self.open() as t:
            self.on(t, "shop-dev")
            t.keys("L")
            t.wait("dev runs 1.1.0")
            t.keys("f", "f")
            t.wait("[git]")
            t.keys("g", " ", "j", " ", "d")
            t.wait("compare shop-dev")
            t.wait("1.1.0")
            t.wait(self.w.overlay("dev")[-24:])
            t.keys("|")
            t.wait("GIT")
            t.keys("q", "q", "2")
            t.wait("shop ")
            t.keys("j", "l")
            t.wait("[= 1.1.0")
            t.keys(" ", "l", " ", "d")
            t.wait("compare shop-staging")
            t.wait("-> shop-dev")
            t.keys("q", "u", "d")
            t.wait("diff shop-staging  live")
            self.leave(t)

    def test_history_follows(self):
        with self.open() as t:
            self.on(t, "shop-staging")
            t.keys("L")
            t.wait("HISTORY shop-staging")
            t.wait("= Succeeded")
            self.w.edit(self.w.overlay("staging"), "count: 2", "count: 3", "staging has three")
            t.wait("staging has three")
            self.leave(t)

    def test_audit(self):
        with self.open() as t:
            t.wait("PRODUCTION")
            t.keys("3")
            t.wait("AUDIT  [all environments]")
            t.wait("chain = whole")
            t.wait("production = ")
            t.wait("shop-production")
            while "[production]" not in t.text():
                before = t.text().split("\n")[0]
                t.keys("f")
                t.wait_gone(before)
            t.wait("Audit of production")
            t.wait_gone("shop-dev")
            t.keys("R")
            t.wait("chain = whole")
            self.leave(t)

    def test_matrix_previews_a_promotion(self):
        with self.open() as t:
            t.wait("PRODUCTION")
            t.keys("2")
            t.wait("PROMOTE")
            t.wait("= 1.1.0")
            t.keys("/")
            t.wait("find:")
            t.keys("shop\r")
            t.wait("shop in shared")
            t.keys("l")
            t.wait("shop in dev")
            t.keys("l")
            t.wait("dev 1.1.0 -> staging 1.0.0")
            t.keys("p")
            t.wait("plan ")
            t.wait("    + 1.1.0")
            t.keys("q")
            t.wait("shop in staging")
            self.leave(t)

    def test_log(self):
        with self.open("--readonly") as t:
            t.wait("PRODUCTION")
            t.keys("5")
            t.wait("LOG  [all]")
            t.wait("shop-dev")
            t.keys("f")
            t.wait("only lines with:")
            t.keys("shop-production\r")
            t.wait("only \"shop-production\"")
            t.wait_gone("shop-dev")
            self.leave(t)


if __name__ == "__main__":
    unittest.main()
