"""test_sources.py: spec.source of an Application as people write it for Argo CD: kustomize settings,
folders with globs, charts. The built programs against a bare repository and a sandbox. RECKON,
RECKON_ENGINE name the programs; see world.py."""
import json, os, shutil, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import *  # noqa: E402,F403
import world  # noqa: E402

KUSTOMIZE = """\
    kustomize:
      images: ["registry.example/shop=mirror.example:5000/shop:2.0.0"]
      replicas:
      - name: shop
        count: "4"
      commonAnnotations: {commit: $ARGOCD_APP_REVISION_SHORT}
      commonAnnotationsEnvsubst: true
      patches:
      - target: {kind: ConfigMap}
        patch: |
          - op: replace
            path: /data/GREETING
            value: set by the Application
"""


def cm(name, data="x: y"):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata: {{{data}}}\n"


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    "chart/values.yaml": "a: chart\nb: chart\nc: chart\n",
    "chart/values-dev.yaml": "b: file\nc: file\n",
    "chart/templates/cm.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n"
        "  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n  c: {{ .Values.c }}\n"
        "  kube: {{ .Capabilities.KubeVersion.Version }}\n"
        "  apps: {{ .Capabilities.APIVersions.Has \"apps/v1/Deployment\" | quote }}\n"}


def with_source(text, more):
    """An Application's manifest with more lines behind spec.source.path."""
    lines = text.splitlines(True)
    at = next(i for i, line in enumerate(lines) if line.startswith("    path: "))
    return "".join(lines[:at + 1]) + more + "".join(lines[at + 1:])


class Sources(unittest.TestCase):
    maxDiff = None

    def world(self, files, settings=""):
        """files(world, layout): what is laid over the layout."""
        w = World(files=lambda w: files(w, layout(w.url, w.ns)), settings=settings)
        w.__enter__()
        self.addCleanup(lambda: w.__exit__(None, None, None))
        return w

    def message(self, w, app, *words):
        def there():
            text = w.row(app).get("message") or ""
            assert all(x in text for x in words), text
            return text
        return w.until(there, what=f"{app} says {words}")

    def test_kustomize_settings(self):
        w = self.world(lambda w, files: {
            f"apps/shop-{env}.yaml": with_source(files[f"apps/shop-{env}.yaml"], KUSTOMIZE)
            for env in ("dev", "staging")})
        w.synced("shop-dev", "shop-staging")
        live = w.get("dev", "deployments", "shop")
        self.assertEqual(live["spec"]["replicas"], 4)
        self.assertEqual(live["spec"]["template"]["spec"]["containers"][0]["image"],
                         "mirror.example:5000/shop:2.0.0")
        self.assertEqual(live["metadata"]["annotations"]["commit"], w.head()[:7])
        self.assertEqual(w.data("dev")["GREETING"], "set by the Application")
        # another commit is another annotation, though nothing that was read has moved
        w.write("README.md", "about the shop\n")
        w.commit("a note")
        w.until(lambda: w.get("dev", "deployments", "shop")["metadata"]["annotations"]["commit"]
                == w.head()[:7], what="the annotation follows the commit")
        # a difference names the Application's line; staging does not heal it
        w.synced("shop-staging")
        w.scale("staging", 1)
        line = w.read("apps/shop-staging.yaml").split('count: "4"')[0].count("\n") + 1
        def drifted():
            fields = w.diff("shop-staging")[f"apps/Deployment/{w.ns('staging')}/shop"]
            assert fields["/spec/replicas"]["live"] == "1", fields
            return fields["/spec/replicas"]
        source = json.dumps(w.until(drifted))
        self.assertIn("apps/shop-staging.yaml", source)
        self.assertIn(str(line), source)
        # a new value in the manifest alone is a change of that application
        w.edit("apps/shop-dev.yaml", 'count: "4"', "count: 2")
        w.until(lambda: w.get("dev", "deployments", "shop")["spec"]["replicas"] == 2)
        w.synced("shop-dev")

    def test_a_wrong_setting_stops_one_application(self):
        label = "    kustomize:\n      commonLabels:\n        team: two\n"
        w = self.world(lambda w, files: {
            "apps/shop-dev.yaml": with_source(files["apps/shop-dev.yaml"], label),
            w.overlay("dev"): files[w.overlay("dev")] + "commonLabels: {team: one}\n"})
        w.synced("shop-staging")
        self.message(w, "shop-dev", "apps/shop-dev.yaml:14", "commonLabels: team is in "
                     "k8s/shop/overlays/dev/kustomization.yaml already", "forceCommonLabels")
        w.edit("apps/shop-dev.yaml", "      commonLabels:\n",
               "      forceCommonLabels: true\n      commonLabels:\n")
        w.synced("shop-dev")
        self.assertEqual(w.get("dev", "deployments", "shop")["metadata"]["labels"]["team"], "two")

    def test_a_folder_with_globs(self):
        directory = ("    directory:\n      recurse: true\n      include: '{*.yaml,more/*.json}'\n"
                     "      exclude: '{draft/*,values.yaml}'\n")
        w = self.world(lambda w, files: {
            "apps/shop-dev.yaml": with_source(files["apps/shop-dev.yaml"].replace(
                "k8s/shop/overlays/dev", "plain"), directory),
            "plain/a.yaml": cm("a"), "plain/draft/b.yaml": cm("b"), "plain/values.yaml": "x: [y\n",
            "plain/other.json": '{"no": "manifest"}\n', "plain/notes.yaml": "just: notes\n",
            "plain/more/c.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}',
            "plain/skip.yaml": "# +argocd:skip-file-rendering\n" + cm("skipped")})
        w.synced("shop-dev")
        self.assertEqual(w.names("dev", "configmaps"), ["a", "c"])
        w.write("plain/deep/er/d.yaml", cm("d"))
        w.write("plain/draft/e.yaml", cm("e"))
        w.commit("one more that is included, one that is not")
        w.until(lambda: w.names("dev", "configmaps") == ["a", "c", "d"], what="d joins")
        w.remove("plain/a.yaml")
        w.commit("a goes")
        w.until(lambda: w.names("dev", "configmaps") == ["c", "d"], what="a is pruned")
        w.synced("shop-dev")

    def test_a_chart_in_the_repository(self):
        if not shutil.which("helm"):
            self.skipTest("there is no helm in the PATH")
        helm = ("    helm:\n      valueFiles: [values-*.yaml]\n"
                "      parameters: [{name: c, value: parameter}]\n")
        w = self.world(lambda w, files: {
            "apps/shop-dev.yaml": with_source(files["apps/shop-dev.yaml"].replace(
                "k8s/shop/overlays/dev", "chart"), helm), **CHART})
        w.synced("shop-dev")
        version = w.api("GET", "/version")[1]["gitVersion"]
        self.assertEqual(w.data("dev", "shop-dev"), {
            "a": "chart", "b": "file", "c": "parameter", "apps": "true",
            "kube": version.split("-")[0].split("+")[0]})
        # the manifest, a value file, a template: each is followed
        w.edit("apps/shop-dev.yaml", "value: parameter", "value: other")
        w.until(lambda: w.data("dev", "shop-dev")["c"] == "other")
        w.edit("chart/values-dev.yaml", "b: file", "b: again")
        w.until(lambda: w.data("dev", "shop-dev")["b"] == "again")
        w.edit("chart/templates/cm.yaml", "  a: {{", "  d: more\n  a: {{")
        w.until(lambda: w.data("dev", "shop-dev").get("d") == "more")
        w.edit("apps/shop-dev.yaml", "values-*.yaml", "valuse.yaml")
        self.message(w, "shop-dev", "apps/shop-dev.yaml:13", "valuse.yaml is not there; values.yaml is")

    def test_no_helm_stops_one_application(self):
        keep = os.environ["PATH"]
        os.environ["PATH"] = ":".join(p for p in keep.split(":")
                                      if not os.path.exists(os.path.join(p, "helm")))
        self.addCleanup(lambda: os.environ.update(PATH=keep))
        w = self.world(lambda w, files: {
            "apps/shop-dev.yaml": files["apps/shop-dev.yaml"].replace("k8s/shop/overlays/dev", "chart"),
            "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
            "chart/templates/cm.yaml": cm("made")})
        w.synced("shop-staging")
        self.message(w, "shop-dev", "apps/shop-dev.yaml:9", "spec.source.helm", "helm")
        self.assertEqual(w.names("dev", "configmaps"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
