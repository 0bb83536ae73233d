"""A program in a pseudo terminal that is timed: every piece that it sends with the time it came, the
picture only when somebody asks, so that the emulator's work is in no figure. And a slow link before it."""
import collections
import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

from terminal import Screen, Stream, Terminal  # noqa: E402

QUESTION, ANSWER = b"\x1b[5n", b"\x1b[0n"
NOW = time.perf_counter


class Tty(Terminal):
    def __init__(self, argv, cols, rows, env, cwd=None):
        self.pieces, self.fed = [], 0
        self.began = NOW()
        super().__init__(argv, cols, rows, env, cwd)

    def _came(self, data):
        self.pieces.append((NOW(), data))

    def text(self):
        for _, data in self.pieces[self.fed:]:
            self.stream.feed(data)
        self.fed = len(self.pieces)
        return super().text()

    def settle(self, quiet, limit=20):
        """Reads until nothing came for `quiet` seconds."""
        end, last = NOW() + limit, NOW()
        while NOW() - last < quiet and NOW() < end:
            if self._read(quiet - (NOW() - last)):
                last = NOW()

    def press(self, key, quiet=0.1):
        """ms to the last byte that the key brings, and how many there are; None: none came."""
        before, began = len(self.pieces), NOW()
        self.keys(key)
        self.settle(quiet)
        came = self.pieces[before:]
        if not came:
            return None
        return (came[-1][0] - began) * 1000, sum(len(d) for _, d in came)

    def first_shown(self, text):
        """ms from the start until `text` stood on the screen; it was settled before."""
        screen = Screen(self.screen.columns, self.screen.lines)
        stream = Stream(screen)
        for when, data in self.pieces:
            stream.feed(data)
            if any(text in line for line in screen.display):
                return (when - self.began) * 1000
        raise AssertionError(f"{text!r} never stood on the screen:\n" + "\n".join(screen.display))


class Link:
    """The far end of a link: `rate` bytes a second towards it, `rtt` seconds to and fro. What the
    program writes is taken at once and waits, as sshd and TCP do it; its questions are answered from
    the far end."""
    PIECE = 256

    def __init__(self, tty, rate, rtt):
        self.tty, self.rate, self.delay = tty, rate, rtt / 2
        self.down, self.up, self.free = collections.deque(), collections.deque(), 0
        self.tail, self.arrived, self.most = b"", [], 0

    def take(self, data):
        for at in range(0, len(data), self.PIECE):
            piece = data[at:at + self.PIECE]
            self.free = max(self.free, NOW()) + len(piece) / self.rate
            self.down.append((self.free + self.delay, piece))

    def deliver(self):
        while self.down and self.down[0][0] <= NOW():
            when, piece = self.down.popleft()
            self.arrived.append((when, piece))
            for _ in range((self.tail + piece).count(QUESTION)):
                self.up.append((when + self.delay, ANSWER))
            self.tail = piece[-3:]
        while self.up and self.up[0][0] <= NOW():
            os.write(self.tty.fd, self.up.popleft()[1])

    def run(self, seconds):
        """Whether anything came or is on its way when they are over."""
        end, busy = NOW() + seconds, False
        while NOW() < end:
            coming = [queue[0][0] for queue in (self.down, self.up) if queue]
            wait = max(0, min([end, *coming]) - NOW())
            if select.select([self.tty.fd], [], [], wait)[0]:
                data = os.read(self.tty.fd, 65536)
                self.tty.pieces.append((NOW(), data))
                self.take(data)
                self.most = max(self.most, sum(len(p) for _, p in self.down))
                busy = True
            self.deliver()
        return busy or bool(self.down or self.up)

    def hold(self, key, seconds, a_second):
        """The key held; the time of the last one at the far end."""
        for _ in range(int(seconds * a_second)):
            last = NOW()
            self.up.append((last + self.delay, key.encode()))
            self.run(1 / a_second)
        return last

    def settle(self, quiet, limit=60):
        end, over = NOW() + limit, NOW() + quiet
        while NOW() < over and NOW() < end:
            if self.run(0.1):
                over = NOW() + quiet

    def right_after(self, since, cols, rows, before):
        """ms from `since` until the far end's screen was what it is now. before: what was shown
        when the link was put in."""
        screen = Screen(cols, rows)
        stream = Stream(screen)
        stream.feed(before)
        seen = []
        for when, piece in self.arrived:
            stream.feed(piece)
            if when > since:
                seen.append((when, list(screen.display)))
        final, right = list(screen.display), since
        for when, picture in reversed(seen):
            if picture != final:
                break
            right = when
        return (right - since) * 1000, "\n".join(line.rstrip() for line in final)
