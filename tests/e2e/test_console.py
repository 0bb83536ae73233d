"""test_console.py: the console in a terminal, on a real engine: what it shows, that it lives on when
the engine goes, what it changes and how, and that the terminal is given back."""
import os, re, signal, subprocess, termios, unittest

from terminal import Terminal
from world import RECKON, World, lasting, until


class Console(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.w = lasting(cls, World(), "shop-dev", "shop-staging")

    def open(self, *options, cols=120, rows=40, **env):
        env.setdefault("XDG_STATE_HOME", os.path.join(self.w.dir, "xdg"))
        return Terminal([RECKON, "--socket", self.w.socket, *options], cols, rows, self.w.env(**env),
                        self.w.dir)

    def leave(self, t):
        t.keys("Q")
        self.assertEqual(t.end(), 0)
        self.assertEqual(termios.tcgetattr(t.fd), t.before)

    def test_shows_what_there_is_and_changes_with_it(self):
        with self.open() as t:
            t.wait("PRODUCTION")
            t.wait("= Synced")
            t.wait("engine: session")
            t.keys("/")
            t.wait("find:")
            t.keys("shop-dev\r")
            t.wait("dev/shop")
            t.keys("l")
            t.wait("Deployment")
            self.w.edit(self.w.overlay("dev"), "1.0.0", "1.1.0")
            t.wait("1.1.0")
            self.leave(t)

    def test_drift_says_who_and_where(self):
        with self.open() as t:
            t.wait("STAGING")
            t.keys("/")
            t.wait("find:")
            t.keys("shop-staging\r")
            t.wait("staging/shop")
            self.w.scale("staging", 7, manager="somebody")
            t.wait("/spec/replicas")
            t.wait("live by somebody")
            t.wait("overlays/staging/kustomization.yaml:6")
            self.w.scale("staging", 2)
            t.wait_gone("live by somebody")
            self.leave(t)

    @staticmethod
    def wakeups(pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            return int(f.read().split("\nvoluntary_ctxt_switches:")[1].split()[0])

    def test_an_idle_screen_sends_nothing(self):
        with self.open() as t:
            t.wait("= Synced")
            t.wait("env ")
            t.idle(3)               # the header's first look at the engine is over
            woken = self.wakeups(t.pid)
            self.assertEqual(t.idle(5), 0)
            self.assertEqual(self.wakeups(t.pid) - woken, 0)
            self.leave(t)

    def test_freezing_takes_reason_and_apply(self):
        held = lambda: [a.get("held") for a in self.w.reckon("get", "apps", "-o", "json").json["apps"]
                        if a["name"] == "shop-dev"][0]
        with self.open() as t:
            t.wait("PRODUCTION")
            t.keys("/")
            t.wait("find:")
            t.keys("shop-dev\r")
            t.wait("dev/shop")
            t.keys("F")
            t.wait("type the reason")
            t.keys("a look at it\r")
            t.wait("A freeze it")
            t.keys("\r")            # Enter never writes
            self.assertIsNone(held())
            t.keys("A")
            t.wait("freeze of shop-dev is done")
            until(lambda: (held() or "").startswith("frozen"))
            t.wait("frozen by operator")
            t.keys("F")
            t.wait("type the reason")
            t.keys("enough\r")
            t.wait("A unfreeze it")
            t.keys("A")
            t.wait("unfreeze of shop-dev is done")
            until(lambda: held() is None)
            self.leave(t)

    def test_readonly_has_no_such_key(self):
        with self.open("--readonly") as t:
            t.wait("operator  RO")
            t.keys("F")
            t.wait("F does nothing here (read-only)")
            self.leave(t)

    def test_data_stays_while_the_engine_is_away(self):
        with self.open() as t:
            t.wait("= Synced")
            self.w.engine_stop(signal.SIGKILL)
            t.wait("ENGINE AWAY")
            self.assertIn("PRODUCTION", t.text())
            self.w.engine_start()
            t.wait_gone("ENGINE AWAY")
            t.wait("= Synced")
            self.w.engine_stop()
            t.wait("ENGINE ENDED")
            self.w.engine_start()
            t.keys("R")
            t.wait_gone("ENGINE ENDED")
            self.leave(t)

    def test_sizes(self):
        with self.open(cols=80, rows=24) as t:
            t.wait("Activity")
            t.resize(60, 16)
            t.wait_gone("Activity")
            t.resize(50, 10)
            t.wait("reckon needs 60x16")
            t.resize(200, 60)
            t.wait("Activity")
            self.leave(t)

    def test_plain_prints_lines(self):
        p = subprocess.Popen([RECKON, "--socket", self.w.socket, "--plain"], stdout=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, env=self.w.env(), cwd=self.w.dir)
        got = ""
        try:
            while "changes follow" not in got:
                got += os.read(p.stdout.fileno(), 65536).decode()
            self.assertIn("PRODUCTION production/shop: ", got)
            self.assertNotIn("\x1b", got)
        finally:
            p.send_signal(signal.SIGTERM)
            self.assertEqual(p.wait(10), 0)
            p.stdout.close()

    def test_without_a_terminal_or_an_engine(self):
        r = subprocess.run([RECKON, "--socket", self.w.socket], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, env=self.w.env(), start_new_session=True)
        self.assertEqual(r.returncode, 2)
        self.assertIn("reckon: ", r.stderr)
        with Terminal([RECKON, "--socket", self.w.dir + "/none"], 80, 24, self.w.env()) as t:
            self.assertEqual(t.end(), 2)
            self.assertIn(b"no engine answers", t.got)

    def test_broken_settings_are_told(self):
        config = os.path.join(self.w.dir, "config")
        os.makedirs(os.path.join(config, "reckon"), exist_ok=True)
        with open(os.path.join(config, "reckon", "console.yaml"), "w") as f:
            f.write("keys:\n- {key: s, action: explode}\n")
        with self.open(cols=160, XDG_CONFIG_HOME=config) as t:
            t.wait('console.yaml:2: no action "explode"')
            self.leave(t)


class Demo(unittest.TestCase):
    def test_the_demo_opens_the_console_and_ends_with_it(self):
        work = os.environ.get("WORK") or "/tmp"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("RECKON", "KUBE", "XDG_"))}
        with Terminal([RECKON, "demo"], 120, 40, dict(env, HOME=work), work) as t:
            t.wait("the demo: what to try stands in", 60)
            folder = re.search(r"/tmp/reckon-demo-\w+", t.text())[0]
            t.wait("= Synced", 60)
            with open(os.path.join(folder, "TRY.txt")) as f:
                self.assertIn("RECKON_SOCKET", f.read())
            t.keys("Q")
            self.assertEqual(t.end(), 0)
            self.assertFalse(os.path.exists(folder))


if __name__ == "__main__":
    unittest.main()
