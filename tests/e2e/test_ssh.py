"""test_ssh.py: real transports: the repository over ssh and over git's own protocol, and an engine on
another host, reached through ssh. The sshd and the git daemon are this test's own, on free ports of
127.0.0.1."""
import getpass, os, signal, socket, subprocess, unittest

import world
from world import World, until


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Far(World):
    """A world whose repository is behind a server of its own."""

    def _make_repository(self):
        self.port = free_port()
        self.serve()
        until(lambda: answers(self.port), 20, "the server")
        super()._make_repository()


class Ssh(Far):
    """ssh here is the real one with a configuration of its own: no file of the user's is read."""

    def serve(self):
        self.user = getpass.getuser()
        for name in ("host", "user", "stranger"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key(name)],
                           check=True)
        with open(self.key("host") + ".pub") as f:
            self.write(self.key("known"), f"[127.0.0.1]:{self.port} {f.read()}")
        self.write(self.key("ssh_config"),
                   f"Host far\n  HostName 127.0.0.1\n  Port {self.port}\n  User {self.user}\n"
                   f"Host *\n  UserKnownHostsFile {self.key('known')}\n"
                   f"  GlobalKnownHostsFile /dev/null\n  IdentitiesOnly yes\n  IdentityAgent none\n"
                   f"Host far\n  IdentityFile {self.key('user')}\n")
        self.bin = os.path.join(self.dir, "bin")
        os.mkdir(self.bin)
        self.write(os.path.join(self.bin, "ssh"),
                   f"#!/bin/sh\nexec /usr/bin/ssh -F {self.key('ssh_config')} \"$@\"\n")
        os.chmod(os.path.join(self.bin, "ssh"), 0o755)
        self.far_bin = os.path.join(self.dir, "far-bin")
        os.mkdir(self.far_bin)
        os.symlink(world.RECKON, os.path.join(self.far_bin, "reckon"))
        self.write(self.key("sshd_config"),
                   f"ListenAddress 127.0.0.1:{self.port}\nHostKey {self.key('host')}\n"
                   f"AuthorizedKeysFile {self.key('user')}.pub\nPidFile none\nStrictModes no\n"
                   "UsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
                   f"SetEnv PATH={self.far_bin}:/usr/bin:/bin\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.sshd_start()
        self.url = f"ssh://{self.user}@127.0.0.1:{self.port}{self.bare}"

    def sshd_start(self):
        self.sshd = self.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", self.key("sshd_config")],
                               os.path.join(self.dir, "sshd.log"))

    def key(self, name):
        return os.path.join(self.dir, "ssh-" + name)

    def env(self, **more):
        e = super().env(**more)
        if hasattr(self, "bin"):
            e["PATH"] = self.bin + ":" + e["PATH"]
        return e

    def write_settings(self, key="user"):
        super().write_settings()
        text = self.read(self.settings)
        self.write(self.settings, text.replace(
            "  branch: main\n",
            f"  branch: main\n  credentials: {{sshKeyFile: {self.key(key)}}}\n", 1))


class Daemon(Far):
    def serve(self):
        self.daemon = self.spawn(["git", "daemon", "--listen=127.0.0.1", f"--port={self.port}",
                                  "--export-all", "--reuseaddr", f"--base-path={self.dir}"],
                                 os.path.join(self.dir, "daemon.log"))
        self.url = f"git://127.0.0.1:{self.port}/repo.git"


class Transports(unittest.TestCase):
    def test_a_repository_over_ssh(self):
        with Ssh(poll="300ms") as w:
            w.synced("shop-dev")
            w.edit(w.overlay("dev"), "1.0.0", "1.1.0")
            w.until(lambda: w.image("dev") == "1.1.0")
            w.synced("shop-dev", "shop-staging")
            r = w.reckon("promote", "shop", "--to", "staging")      # a push by the same key
            self.assertEqual(r.status, 0, r)
            self.assertIn("1.1.0", w.in_bare("show", "main:" + w.overlay("staging")))
            w.until(lambda: w.image("staging") == "1.1.0")

    def test_a_server_that_goes_and_comes_back(self):
        with Ssh(poll="300ms") as w:
            w.synced("shop-dev")
            w._stop(w.sshd, signal.SIGTERM)
            state = lambda: w.call("status")["repositories"][0]
            w.until(lambda: state()["state"] == "unreachable")
            self.assertIn("Connection refused", state()["message"])
            self.assertEqual(w.row("shop-dev")["verdict"], "Synced")    # the last good revision
            w.sshd_start()
            w.until(lambda: state()["state"] == "ok")

    def test_a_key_that_the_server_does_not_know(self):
        with Ssh(engine=False, poll="300ms") as w:
            w.write_settings(key="stranger")
            w.engine_start()
            state = lambda: w.call("status")["repositories"][0]
            w.until(lambda: state()["state"] == "unreachable")
            self.assertIn("Permission denied", state()["message"])
            self.assertTrue(w.alive())

    def test_git_s_own_protocol_reads_and_says_why_it_cannot_push(self):
        with Daemon(poll="300ms") as w:
            w.synced("shop-dev", "shop-staging")
            w.edit(w.overlay("dev"), "1.0.0", "1.1.0")
            w.until(lambda: w.image("dev") == "1.1.0")
            w.synced("shop-dev", "shop-staging")
            before = w.head()
            r = w.reckon("promote", "shop", "--to", "staging")
            self.assertNotEqual(r.status, 0, r)
            self.assertIn("access denied", r.err)
            self.assertEqual(w.head(), before)
            self.assertEqual(w.image("staging"), "1.0.0")


class Host(unittest.TestCase):
    """`reckon --host`: the engine is over there, ssh says who asks."""

    def far(self, w, *args, host="far", **more):
        return subprocess.run([world.RECKON, "--host", host, "--socket", w.socket, *args],
                              cwd=w.dir, env=w.env(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, **more)

    def test_verbs_through_ssh(self):
        with Ssh() as w:
            w.synced("shop-dev")
            here = w.reckon("get", "apps")
            there = self.far(w, "get", "apps")
            self.assertEqual((there.returncode, there.stdout), (0, here.out), there)
            r = self.far(w, "sync", "shop-production", "--confirm", "production/shop", "--reason",
                         "from afar")
            self.assertEqual(r.returncode, 0, r)
            self.assertEqual(w.image("production"), "1.0.0")
            self.assertEqual(w.until(lambda: w.audit("production"))[-1]["reason"], "from afar")

    def test_the_line_is_cut_and_the_operation_goes_on(self):
        slow = {"k8s/shop/base/deployment.yaml": None}

        def files(w):
            text = world.layout(w.url, w.ns)["k8s/shop/base/deployment.yaml"]
            slow["k8s/shop/base/deployment.yaml"] = text.replace(
                "      labels: {app: shop}\n    spec",
                "      labels: {app: shop}\n      annotations: {sandbox.reckon.dev/slow-start: 2s}\n"
                "    spec")
            return slow
        with Ssh(files=files) as w:
            w.synced("shop-dev", limit=40)
            asked = subprocess.Popen(
                [world.RECKON, "--host", "far", "--socket", w.socket, "sync", "shop-production",
                 "--confirm", "production/shop", "--reason", "cut"], cwd=w.dir, env=w.env(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            running = lambda: [o for o in w.call("operation.list", {})["operations"]
                               if o["app"] == "shop-production"]
            w.until(lambda: running() and running()[0]["state"] == "running")
            relay = w.until(lambda: [p for p in relays() if self.of(w, p)])
            for pid in relay:
                os.kill(pid, signal.SIGKILL)
            words = asked.communicate(timeout=30)[1].decode()
            self.assertEqual(asked.returncode, 2, words)
            w.until(lambda: running()[0]["state"] == "Succeeded")

    def of(self, w, pid):
        try:
            with open(f"/proc/{pid}/cmdline") as f:
                return w.socket in f.read()
        except OSError:
            return False

    def test_what_is_not_there_is_named(self):
        with Ssh(engine=False) as w:
            os.remove(os.path.join(w.far_bin, "reckon"))
            r = self.far(w, "get", "apps")
            self.assertEqual(r.returncode, 2, r)
            self.assertIn("reckon is not installed there", r.stderr)
            self.assertEqual(r.stderr.count("\n"), 1, r)
            w._stop(w.sshd, signal.SIGTERM)
            r = self.far(w, "get", "apps")
            self.assertEqual(r.returncode, 2, r)
            self.assertIn("Connection refused", r.stderr)


def relays():
    """Process ids of every `reckon relay`."""
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if b"relay" in words and words[0].endswith(b"reckon"):
            out.append(int(pid))
    return out


if __name__ == "__main__":
    unittest.main(verbosity=1, warnings="ignore")
