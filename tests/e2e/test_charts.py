"""test_charts.py: an engine whose applications take Helm charts through `helmCharts`: the built
programs against a chart in the repository, a repository of charts over http, and a sandbox. The helm
program is the one in PATH when it is version 3, else standin_helm.py."""
import functools, http.server, io, os, re, shutil, signal, subprocess, sys, tarfile, threading, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import *  # noqa: E402,F403

DEV = "k8s/shop/overlays/dev/kustomization.yaml"
TEMPLATE = ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
            "data:\n  said: \"{{ .Values.said }}\"\n")
ENABLED = "enableHelm: true\n"


def chart(version="1.0.0", said="chart", template=TEMPLATE):
    """path in the chart's folder -> text"""
    return {"Chart.yaml": f"apiVersion: v2\nname: far\nversion: {version}\n",
            "values.yaml": f"said: {said}\n", "templates/config.yaml": template}


def helm():
    """The folder of a helm program, for PATH; made when there is none."""
    found = shutil.which("helm")
    if found and subprocess.run([found, "version", "-c", "--short"], capture_output=True,
                                timeout=60).stdout.startswith(b"v3."):
        return os.path.dirname(found), None
    folder = tempfile.mkdtemp(dir=os.environ.get("WORK") or None)
    shutil.copy(os.path.join(HERE, "standin_helm.py"), os.path.join(folder, "helm"))
    return folder, folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        self.server.asked.append(self.path)


class Charts:
    """A repository of charts over http."""

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(folder)
        self.entries = []
        self.up()

    def up(self, port=0):
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", port), functools.partial(Quiet, directory=self.folder))
        self.server.asked = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def down(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, version, **what):
        with tarfile.open(os.path.join(self.folder, f"far-{version}.tgz"), "w:gz") as tar:
            for path, text in chart(version, **what).items():
                info = tarfile.TarInfo("far/" + path)
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
        self.entries.append(f"  - apiVersion: v2\n    name: far\n    version: {version}\n"
                            f"    urls: ['{self.url}/far-{version}.tgz']\n")
        with open(os.path.join(self.folder, "index.yaml"), "w", encoding="utf-8") as f:
            f.write("apiVersion: v1\nentries:\n  far:\n" + "".join(self.entries))


class WithHelm(unittest.TestCase):
    """Tests whose engines find a helm in their PATH, as self.helm."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.helm, made = helm()
        if made:
            cls.addClassCleanup(shutil.rmtree, made)


class ChartsTest(WithHelm):
    def up(self, helm=True, **options):
        w = World(engine=False, **options)
        lasting(self, w)
        if helm:
            w.more_env = {"PATH": self.helm + os.pathsep + os.environ["PATH"]}
        else:  # git is there, helm is not
            w.more_env = {"PATH": os.path.join(w.dir, "programs")}
            os.mkdir(w.more_env["PATH"])
            for name in ("git", "sh", "ssh", "cat"):
                if shutil.which(name):
                    os.symlink(shutil.which(name), os.path.join(w.more_env["PATH"], name))
        w.engine_start()
        w.synced("namespaces", "shop-dev", "shop-staging")
        return w

    def charts(self, w):
        c = Charts(os.path.join(w.dir, "charts"))
        self.addCleanup(lambda: c.down())
        return c

    def take(self, w, entry, env="dev"):
        w.pull()
        text = w.read(w.overlay(env))
        w.write(w.overlay(env), text.split("helmCharts:")[0] + "helmCharts:\n- " + entry + "\n")
        return w.commit("take a chart")

    def own(self, w, **what):
        """A chart in dev's own folder."""
        w.pull()
        for path, text in chart(**what).items():
            w.write("k8s/shop/overlays/dev/charts/far/" + path, text)

    def said(self, w, env="dev", name="rel"):
        return w.data(env, name).get("said")

    def test_chart_of_the_repository(self):
        w = self.up(settings=ENABLED, poll="1s")
        self.own(w)
        self.take(w, "{name: far, releaseName: rel}")
        w.says("rel", "chart")
        self.take(w, "{name: far, releaseName: rel, valuesInline: {said: inline}}")
        w.says("rel", "inline")
        w.write("k8s/shop/overlays/dev/more.yaml", "said: more\n")
        self.take(w, "{name: far, releaseName: rel, additionalValuesFiles: [more.yaml]}")
        w.says("rel", "more")
        self.own(w, template=TEMPLATE + "  name: \"{{ .Release.Name }}\"\n")
        w.commit("the chart itself")
        w.until(lambda: w.data("dev", "rel").get("name") == "rel")
        self.assertEqual(os.listdir(os.path.join(w.state, "cache", "runs")), [])
        fields = w.reckon("get", "resources", "shop-dev", "-o", "json")
        self.assertIn("kustomization.yaml", fields.out)

    def test_refused_without_the_setting(self):
        w = self.up(poll="1s")
        self.own(w)
        self.take(w, "{name: far, releaseName: rel}")
        w.row_says("shop-dev", DEV + ":", "helmCharts", "enableHelm: true")
        self.assertEqual(w.image("dev"), "1.0.0")

    def test_no_helm(self):
        w = self.up(helm=False, settings=ENABLED, poll="1s")
        self.own(w)
        self.take(w, "{name: far, releaseName: rel}")
        w.row_says("shop-dev", DEV + ":", "helmCharts", "helm (is it installed?)")
        w.edit(w.overlay("staging"), "newTag: 1.0.0", "newTag: 2.0.0")
        w.until(lambda: w.image("staging") == "2.0.0")

    def test_chart_that_does_not_render(self):
        w = self.up(settings=ENABLED, poll="1s")
        self.own(w, template="{{ if }}\n")
        self.take(w, "{name: far, releaseName: rel}")
        w.row_says("shop-dev", DEV + ":", "helmCharts", "helm template", "parse error")
        self.own(w)
        w.commit("mended")
        w.says("rel", "chart")

    def test_fetched_chart_is_pinned(self):
        w = self.up(settings=ENABLED, poll="1s")
        c = self.charts(w)
        c.add("1.0.0", said="one")
        self.take(w, f"{{name: far, repo: '{c.url}', version: 1.0.0, releaseName: rel}}")
        w.says("rel", "one")
        (source,) = w.detail("shop-dev")["sources"]
        self.assertEqual((source["role"], source["ref"], source["revision"]),
                         ("chart", "far 1.0.0", "1.0.0"))
        c.down()
        c.server.asked.clear()
        w.edit(DEV, "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")
        w.engine_restart(signal.SIGKILL)
        w.edit(DEV, "newTag: 1.0.1", "newTag: 1.0.2")
        w.until(lambda: w.image("dev") == "1.0.2")
        self.assertEqual(self.said(w), "one")
        self.assertFalse([s for s in w.detail("shop-dev")["sources"] if s.get("message")])

    def test_newest_chart_follows_on_refresh(self):
        w = self.up(settings=ENABLED, poll="1s")
        c = self.charts(w)
        c.add("1.0.0", said="one")
        self.take(w, f"{{name: far, repo: '{c.url}', releaseName: rel}}")
        w.says("rel", "one")
        c.add("1.1.0", said="two")
        self.assertEqual(w.reckon("refresh", "shop-dev").status, 0)
        w.says("rel", "two")
        c.down()
        self.assertEqual(w.reckon("refresh", "shop-dev").status, 0)
        w.row_says("shop-dev", "chart far of", "version 1.1.0", "is used")
        self.assertEqual(self.said(w), "two")

    def test_no_such_chart(self):
        w = self.up(settings=ENABLED, poll="1s")
        c = self.charts(w)
        c.add("1.0.0")
        self.take(w, f"{{name: far, repo: '{c.url}', version: 9.9.9, releaseName: rel}}")
        w.row_says("shop-dev", DEV + ":", "helmCharts", "helm pull", "9.9.9")
        self.assertEqual(w.image("dev"), "1.0.0")
        leftover = [n for d, _, names in os.walk(os.path.join(w.state, "cache", "charts"))
                    for n in names if n.startswith("pull-")]
        self.assertEqual(leftover, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
