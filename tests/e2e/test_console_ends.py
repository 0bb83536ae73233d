"""test_console_ends.py: every way that a console ends, started from a shell in a terminal: the tty's
modes and the file flags of the shell's own descriptor are as before, the screen, caret and paste
mode are given back, the process is gone at once, and an operation that runs goes on.

The shell is dash: it leaves a tty as its children leave it (bash would repair it and hide a fault).
"""
import os, re, select, signal, subprocess, termios, time, unittest

from terminal import Terminal
from world import RECKON, World, lasting, until

GONE = 2.0                          # seconds; 0.2 on a machine that does nothing else
FRAME_END = b"\x1b[?2026l\x1b[5n"
SHELL = ["/bin/dash", "-i"]
DEADLY = ("SEGV", "BUS", "FPE", "ILL", "ABRT", "QUIT", "KILL")
POLITE = ("TERM", "HUP", "INT")


def descendants(pid):
    for child in map(int, open(f"/proc/{pid}/task/{pid}/children").read().split()):
        yield child
        yield from descendants(child)


def name(pid):
    with open(f"/proc/{pid}/comm") as f:
        return f.read().strip()


def state(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rsplit(")", 1)[1].split()[0]


class Shell(Terminal):
    """A shell in a terminal, and the console that it runs."""

    def __init__(self, w, argv=SHELL, cols=100, rows=30):
        self.w = w
        config = os.path.join(w.dir, "config")
        os.makedirs(os.path.join(config, "reckon"), exist_ok=True)
        with open(os.path.join(config, "reckon", "console.yaml"), "w") as f:
            f.write("mouse: true\n")    # one mode more to be taken back
        env = w.env(XDG_STATE_HOME=os.path.join(w.dir, "xdg"), XDG_CONFIG_HOME=config,
                    PS1="ready$ ", ENV="")
        super().__init__(argv, cols, rows, env, w.dir)

    def __enter__(self):
        self.wait("ready$")
        self.modes, self.flags = termios.tcgetattr(self.fd), self.fd_flags()
        return self

    def fd_flags(self):
        """F_GETFL of the shell's own description of the tty."""
        with open(f"/proc/{self.pid}/fdinfo/0") as f:
            return re.search(r"flags:\s+(\d+)", f.read())[1]

    def start(self, command="{} --socket {}; echo left $?"):
        """Starts the console; returns its id."""
        self.keys(command.format(RECKON, self.w.socket) + "\r")
        self.wait("PRODUCTION")
        self.wait("= ok")
        self.pids = [p for p in descendants(self.pid) if name(p) == "reckon"]
        assert len(self.pids) == 1, self.pids
        self.console = self.pids[0]
        self.handle = os.pidfd_open(self.console)
        return self.console

    def keys(self, *keys):
        self.begin = time.monotonic()
        super().keys(*keys)

    def kill(self, signum):
        self.begin = time.monotonic()
        os.kill(self.console, signum)

    def remove(self):
        """What is left of it, wherever it stands."""
        for end in (self.console, self.pid):
            try:
                os.kill(end, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self.pid, 0)

    def hang_up(self):
        self.begin = time.monotonic()
        os.close(self.fd)

    def seconds_to_end(self, reading=True):
        """From the last key, signal or hang-up until the console is gone; the terminal answers."""
        begin = self.begin
        while not select.select([self.handle], [], [], 0)[0]:
            if time.monotonic() - begin > 10 * GONE:
                os.kill(self.console, signal.SIGKILL)
                raise AssertionError("the console goes on")
            if reading and select.select([self.handle, self.fd], [], [], 0.1)[0] == [self.fd]:
                self._read(0)
            elif not reading:
                select.select([self.handle], [], [], 0.1)
        os.close(self.handle)
        return time.monotonic() - begin

    def set(self, mode):
        """Is a private mode of the terminal set, by what was sent to it?"""
        return (re.findall(rb"\x1b\[\?%d([hl])" % mode, self.got) or [b"l"])[-1] == b"h"

    def same_when_redrawn(self):
        """Is the picture that of ctrl-l on an empty screen?"""
        self._until(lambda: self.got.endswith(FRAME_END), "a whole frame")
        before, sent = self.text(), len(self.got)
        self.screen.erase_in_display(2)
        self.keys("\x0c")
        self._until(lambda: b"\x1b[2J" in self.got[sent:] and self.got.endswith(FRAME_END), "a frame")
        assert self.text() == before, f"{before}\n-- redrawn:\n{self.text()}"


class Ends(unittest.TestCase):
    figures = {}

    @classmethod
    def setUpClass(cls):
        cls.w = lasting(cls, World(), "shop-dev", "shop-staging")

    @classmethod
    def tearDownClass(cls):
        print("gone after: " + ", ".join(f"{k} {v * 1000:.0f} ms" for k, v in cls.figures.items()))

    def gone(self, t, how, reading=True):
        took = self.figures[how] = t.seconds_to_end(reading)
        self.assertLess(took, GONE, how)

    def given_back(self, t):
        self.assertEqual(termios.tcgetattr(t.fd), t.modes)
        self.assertEqual(t.fd_flags(), t.flags)
        self.assertEqual([m for m in (1000, 1006, 1049, 2004, 2026) if t.set(m)], [])
        self.assertTrue(t.set(25))
        self.assertEqual(t.got.count(b"\x1b[22;0t"), t.got.count(b"\x1b[23;0t"))    # the title

    def ends(self, how, act, says):
        with Shell(self.w) as t:
            t.start()
            self.assertTrue(t.set(1049) and t.set(2004) and t.set(1000) and t.set(1006) and not t.set(25))
            self.assertNotEqual(termios.tcgetattr(t.fd), t.modes)
            self.assertEqual(t.fd_flags(), t.flags)     # while it runs, too
            act(t)
            self.gone(t, how)
            # The answer to the last frame may still be on its way when it crashed.
            t._until(lambda: re.search(says + r"\n(\^\[\[0n)?ready\$", t.text()), says)
            self.assertNotIn("PRODUCTION", t.text())
            self.given_back(t)

    def test_left_by_key(self):
        self.ends("Q", lambda t: t.keys("Q"), "left 0")

    def test_left_by_the_palette(self):
        def quit(t):
            t.keys(":")
            t.wait("Command")
            t.keys("quit")
            t.wait(":quit")
            t.keys("\r")
        self.ends(":quit", quit, "left 0")

    def test_left_where_it_is_too_small(self):
        def quit(t):
            t.resize(50, 10)
            t.wait("reckon needs 60x16")
            t.keys("\x03")
        self.ends("ctrl-c where it is too small", quit, "left 0")

    def test_asked_to_end(self):
        for s in POLITE:
            with self.subTest(signal=s):
                self.ends("SIG" + s, lambda t: t.kill(getattr(signal, "SIG" + s)), "left 1")

    def test_crashes(self):
        for s in DEADLY[:-1]:
            with self.subTest(signal=s):
                number = getattr(signal, "SIG" + s)
                self.ends("SIG" + s, lambda t: t.kill(number), f"left {128 + number}")

    def test_kill_9_leaves_the_shells_flags_alone(self):
        with Shell(self.w) as t:
            t.start()
            t.kill(signal.SIGKILL)
            self.gone(t, "SIGKILL")
            t.wait("left 137")
            self.assertEqual(t.fd_flags(), t.flags)

    def test_a_broken_pipe_is_no_reason(self):
        with Shell(self.w) as t:
            t.start()
            t.kill(signal.SIGPIPE)
            t.keys("?")
            t.wait("Keys of Applications")
            t.keys("\x1b")
            t.wait_gone("Keys of Applications")
            t.keys("Q")
            self.gone(t, "Q after SIGPIPE")
            t.wait("left 0")
            self.given_back(t)

    def test_a_terminal_that_takes_nothing_holds_nothing_up(self):
        with Shell(self.w) as t:
            t.start()
            self.fill(t)
            t.keys("\x0c")          # a frame that cannot be sent
            t.kill(signal.SIGTERM)
            self.gone(t, "SIGTERM, nobody reads", reading=False)
            t.wait("ready$")
            self.assertEqual(t.fd_flags(), t.flags)
            self.assertEqual(termios.tcgetattr(t.fd), t.modes)

    def fill(self, t):
        """What another job writes that nobody reads, until the tty takes no more."""
        tty = os.open(os.readlink(f"/proc/{t.pid}/fd/0"), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        while select.select([], [tty], [], 0.2)[1]:     # the kernel moves some on, and has room
            for size in (512, 1):
                try:
                    while True:
                        os.write(tty, b"." * size)
                except BlockingIOError:
                    pass
        os.close(tty)

    def hang_up(self, how, command):
        t = Shell(self.w).__enter__()
        try:
            t.start(command)
            t.hang_up()
            self.gone(t, how, reading=False)
        finally:
            t.remove()

    def test_the_terminal_hangs_up(self):
        self.hang_up("hang-up", "{} --socket {}")

    def test_the_terminal_hangs_up_under_nohup(self):
        self.hang_up("hang-up under nohup", "nohup {} --socket {}")

    def test_the_terminal_hangs_up_without_a_signal(self):
        """The shell lives on: nobody tells but the line itself."""
        self.hang_up("hang-up without a signal", "trap '' HUP; {} --socket {}")

    def test_lines_end_with_their_reader(self):
        p = subprocess.Popen([RECKON, "--socket", self.w.socket, "--plain"], stdout=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, env=self.w.env(), cwd=self.w.dir)
        try:
            got = b""
            while b"changes follow" not in got:
                got += os.read(p.stdout.fileno(), 65536)
            p.stdout.close()
            begin = time.monotonic()
            p.wait(10)
            self.figures["--plain, reader gone"] = took = time.monotonic() - begin
            self.assertLess(took, GONE)
        finally:
            p.kill()
            p.wait()


class Stops(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.w = lasting(cls, World(), "shop-dev", "shop-staging")

    def test_stopped_and_back(self):
        for shell in (SHELL, ["/bin/bash", "--norc", "--noprofile", "-i"]):
            for how in ("key", signal.SIGTSTP, signal.SIGSTOP):
                with self.subTest(shell=shell[0], how=how), Shell(self.w, shell) as t:
                    self.stop_and_go_on(t, how)

    def stop_and_go_on(self, t, how):
        t.start()
        t.keys("?")
        t.wait("Keys of Applications")
        t.keys("\x1a") if how == "key" else t.kill(how)
        t.wait("topped")            # "[1] + Stopped", "[1]+  Stopped"
        t.wait("ready$")
        self.assertEqual(state(t.console), "T")
        if how != signal.SIGSTOP:
            self.assertEqual(termios.tcgetattr(t.fd), t.modes)
            self.assertFalse(t.set(1049))
            self.assertTrue(t.set(25))
        self.assertEqual(t.fd_flags(), t.flags)
        t.resize(90, 28)            # while it cannot know
        # After SIGSTOP the tty is raw, where Return is no end of line, and the terminal's answer to
        # the last frame may be what the shell read first.
        t.keys("\nfg\n" if how == signal.SIGSTOP else "fg\r")

        t.wait("Keys of Applications")
        self.assertTrue(t.set(1049) and t.set(2004))
        t.same_when_redrawn()
        t.keys("\x1b")
        t.wait_gone("Keys of Applications")
        t.wait("PRODUCTION")
        t.keys("Q")
        self.assertLess(t.seconds_to_end(), GONE)
        t._until(lambda: t.text().rstrip().endswith("\nready$"), "the shell's prompt")
        self.assertEqual(termios.tcgetattr(t.fd), t.modes)
        self.assertEqual(t.fd_flags(), t.flags)

    def test_a_storm_of_sizes(self):
        with Shell(self.w) as t:
            t.start()
            for i in range(20):
                t.resize(61 + (i * 37) % 120, 17 + (i * 13) % 40)
                t._read(0.02)
            t.kill(signal.SIGWINCH)
            t.resize(101, 31)
            t.screen.erase_in_display(2)
            t._until(lambda: t.screen.display[0].endswith("RW ") and "Q quit" in t.screen.display[30],
                     "the last size's picture")
            t.same_when_redrawn()
            t.keys("Q")
            t.wait("left 0")


HOOK = """apiVersion: batch/v1
kind: Job
metadata:
  name: before
  annotations: {argocd.argoproj.io/hook: PreSync}
spec:
  template:
    metadata:
      annotations: {sandbox.reckon.dev/slow-start: 1h}
    spec:
      restartPolicy: Never
      containers:
      - name: before
        image: registry.example/before:1
"""


class Operation(unittest.TestCase):
    """An operation that waits for a Job as long as the test wants, in production."""

    def setUp(self):
        self.w = lasting(self, World(files=lambda w: {
            "k8s/shop/overlays/production/before.yaml": HOOK,
            w.overlay("production"):
                f"namespace: {w.ns('production')}\nresources:\n- ../../base\n- before.yaml\n"}),
            "shop-dev", "shop-staging")

    def operations(self):
        rows = self.w.call("operation.list", {"app": "shop-production"})["operations"]
        return [o["state"] for o in rows]

    def let_the_job_end(self):
        _, pods = self.w.api("GET", self.w.path("production", "pods"))
        pod = [p["metadata"]["name"] for p in pods["items"]][0]
        status, doc = self.w.api("PATCH", self.w.path("production", "pods", pod) + "/status",
                                 {"status": {"phase": "Succeeded"}})
        self.assertEqual(status, 200, doc)

    def start_it(self, t):
        """As a person does, in production."""
        t.start()
        t.keys("/")
        t.wait("find:")
        t.keys("shop-production\r")
        t.wait("production/shop")
        t.keys("s")
        t.wait("Apply is not armed: unlock, reason, target")
        t.keys("\t")
        t.wait("Enter goes on")
        t.type_until("x", "reason   x")
        t.keys("\x15", "the first one", "\t", " ", "\t", "production/shop")
        t.wait("ARMED: A applies it")
        t.keys("A")
        t.wait("Waves")
        t.wait("~ running")

    def look_at_it(self, t):
        t.start()
        t.keys("4")
        t.wait("~ running")
        t.keys("g", "\r")
        t.wait("Waves")

    def test_goes_on_whatever_ends_the_console(self):
        with Shell(self.w) as t:
            self.start_it(t)
            t.kill(signal.SIGKILL)
            t.seconds_to_end()
        ends = [("SIG" + s, lambda t, s=s: t.kill(getattr(signal, "SIG" + s)))
                for s in (*POLITE, "SEGV", "ABRT", "KILL")]
        ends += [("Q", lambda t: t.keys("Q")), ("hang-up", lambda t: t.hang_up())]
        for how, end in ends:
            with self.subTest(how=how):
                t = Shell(self.w).__enter__()
                try:
                    self.look_at_it(t)
                    end(t)
                    t.seconds_to_end(how != "hang-up")
                finally:
                    t.remove()
                self.assertEqual(self.operations(), ["running"])
        self.let_the_job_end()
        until(lambda: self.operations() == ["Succeeded"])
        self.assertEqual(self.w.image("production"), "1.0.0")


if __name__ == "__main__":
    unittest.main()
