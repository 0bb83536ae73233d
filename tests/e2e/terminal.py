"""terminal.py: a program in a pseudo terminal that a test sees as a person does.

    with Terminal([RECKON, "--socket", path], 80, 24, env) as t:
        t.wait("shop")                  # until it stands on the screen, with a limit
        t.keys("j", "l", "\\x1b")        # each is one write
        t.wait_gone("reading")
        assert t.end() == 0             # the exit status; negative: the signal

The screen is pyte's, with what it lacks (scrolling by SU and SD, REP, the alternate screen); it
answers CSI 5 n, as terminals do. Processes are ended by their id.
"""
import copy, os, select, signal, struct, termios, time, fcntl

import pyte

LIMIT = float(os.environ.get("RECKON_TEST_LIMIT", "30"))


class Screen(pyte.Screen):
    last, main = " ", None          # main: the other screen, while the alternate one is shown

    def draw(self, data):
        super().draw(data)
        self.last = data[-1:] or self.last

    def repeat(self, n=1):
        self.draw(self.last * (n or 1))

    def _scroll(self, y, step, n):
        x, at = self.cursor.x, self.cursor.y
        self.cursor.y = y
        for _ in range(n or 1):
            step()
        self.cursor.x, self.cursor.y = x, at

    def set_mode(self, *modes, private=False):
        if private and 1049 in modes and not self.main:
            self.main = copy.deepcopy(self.buffer), self.cursor.x, self.cursor.y
            self.erase_in_display(2)
        super().set_mode(*modes, private=private)

    def reset_mode(self, *modes, private=False):
        super().reset_mode(*modes, private=private)
        if private and 1049 in modes and self.main:
            self.buffer, self.cursor.x, self.cursor.y = self.main
            self.main = None
            self.dirty.update(range(self.lines))

    def scroll_up(self, n=1):
        self._scroll(self.margins.bottom if self.margins else self.lines - 1, self.index, n)

    def scroll_down(self, n=1):
        self._scroll(self.margins.top if self.margins else 0, self.reverse_index, n)


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, S="scroll_up", T="scroll_down", b="repeat")
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "repeat"}


class Terminal:
    def __init__(self, argv, cols=80, rows=24, env=None, cwd=None):
        self.screen = Screen(cols, rows)
        self.stream = Stream(self.screen)
        self.status, self.got = None, b""
        # Size and modes are set and read before the program lives, so that neither depends on who
        # is faster.
        self.fd, tty = os.openpty()
        self.resize(cols, rows)
        self.before = termios.tcgetattr(self.fd)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.fd)
            os.login_tty(tty)
            for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE,
                           signal.SIGXFSZ, signal.SIGTSTP):
                signal.signal(signum, signal.SIG_DFL)   # whatever Python, or a script, ignores
            if cwd:
                os.chdir(cwd)
            os.execve(argv[0], argv, dict(env or os.environ, TERM="xterm-256color"))
        os.close(tty)

    def resize(self, cols, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self.screen.resize(rows, cols)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def _read(self, seconds):
        """What came within that time is on the screen; False: nothing did."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:             # the program's side is closed
            return None
        self.got += data
        self._came(data)
        for _ in range(self.got[-len(data) - 3:].count(b"\x1b[5n")):   # it may come in two pieces
            os.write(self.fd, b"\x1b[0n")
        return True

    def _came(self, data):
        self.stream.feed(data)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def _until(self, fn, what, limit=None):
        end = time.monotonic() + (limit or LIMIT)
        while not fn():
            if time.monotonic() > end:
                raise AssertionError(f"{what}; the screen:\n{self.text()}")
            if self._read(0.05) is None:
                if fn():
                    return
                raise AssertionError(f"{what}: the program ended; the screen:\n{self.text()}")

    def wait(self, text, limit=None):
        self._until(lambda: text in self.text(), f"{text!r} did not come", limit)

    def wait_gone(self, text, limit=None):
        self._until(lambda: text not in self.text(), f"{text!r} stayed", limit)

    def keys(self, *keys):
        for k in keys:
            os.write(self.fd, k.encode())

    def type_until(self, key, text, limit=None):
        """The key until it counts: the first moments of a plan are dead."""
        def typed():
            if text not in self.text():
                self.keys(key)
                self._read(0.1)
            return text in self.text()
        self._until(typed, f"{key!r} did not bring {text!r}", limit)

    def end(self, limit=None):
        """Waits for its end."""
        end = time.monotonic() + (limit or LIMIT)
        while self.status is None:
            self._read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError(f"the program goes on; the screen:\n{self.text()}")
        while self._read(0):        # its last words
            pass
        return self.status

    def idle(self, seconds):
        """Bytes that come within that time."""
        before, end = len(self.got), time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(end - time.monotonic() if end > time.monotonic() else 0)
        return len(self.got) - before
