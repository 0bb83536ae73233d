"""test_multisource.py: Applications of several sources (spec.sources): the built programs against a
watched repository, another one beside it, a repository of charts and a sandbox. The helm program is
the one in PATH when it is version 3, else standin_helm.py."""
import os, signal, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import *  # noqa: E402,F403
from test_charts import ENABLED, Charts, WithHelm, chart  # noqa: E402
from test_remotes import CONFIG, Bases  # noqa: E402

MANIFEST = "apps/shop-dev.yaml"


class MultiSource(WithHelm):
    def up(self, **options):
        """A world whose project takes any source."""
        w = World(engine=False, poll="1s", files=lambda w: {
            "apps/project.yaml": layout(w.url, w.ns)["apps/project.yaml"].replace(
                f"sourceRepos: ['{w.url}']", "sourceRepos: ['*']")}, **options)
        lasting(self, w)
        w.more_env = {"PATH": self.helm + os.pathsep + os.environ["PATH"]}
        w.engine_start()
        w.synced("namespaces", "shop-dev", "shop-staging")
        return w

    def sources(self, w, *sources, env="dev"):
        """The Application of `env` has these sources; returns the commit."""
        w.pull()
        path, text = f"apps/shop-{env}.yaml", w.read(f"apps/shop-{env}.yaml")
        head, rest = text.split("  source:\n") if "  source:\n" in text else text.split("  sources:\n")
        rest = rest[rest.index("  destination:"):]
        w.write(path, head + "  sources:\n" + "".join(f"  - {s}\n" for s in sources) + rest)
        return w.commit("several sources")

    def own(self, w, path="k8s/shop/overlays/dev", more=""):
        return f"{{repoURL: '{w.url}', targetRevision: main, path: {path}{more}}}"

    def far(self, b, ref="main", path="web", more=""):
        return f"{{repoURL: '{b.url}', targetRevision: {ref}, path: {path}{more}}}"

    def test_a_lone_source_at_a_tag_stays_there(self):
        w = self.up()
        w.git("tag", "v1")
        w.push("origin", "v1")
        first = w.head()
        w.edit("apps/shop-dev.yaml", "targetRevision: main", "targetRevision: v1")
        w.until(lambda: any(s["ref"] == "v1" and s["revision"] == first
                            for s in w.detail("shop-dev").get("sources", [])), what="v1 is read")
        head = w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.row("shop-dev")["target"] == head)
        w.synced("shop-dev")
        self.assertEqual(w.image("dev"), "1.0.0")
        r = w.reckon("promote", "shop", "--to", "dev")
        self.assertNotEqual(r.status, 0, r)
        w.edit("apps/shop-dev.yaml", "targetRevision: v1", "targetRevision: v9")
        w.row_says("shop-dev", "v9")
        self.assertEqual(w.image("dev"), "1.0.0")
        w.edit("apps/shop-dev.yaml", "targetRevision: v9", "targetRevision: main")
        w.until(lambda: w.image("dev") == "1.0.1")

    def test_another_repository_beside_the_own(self):
        w = self.up()
        b = Bases(w)
        self.sources(w, self.own(w), self.far(b))
        w.says("far", "one")
        self.assertEqual(w.image("dev"), "1.0.0")
        second = b.say("two")
        w.says("far", "two")
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")
        detail = w.detail("shop-dev")
        self.assertEqual([(s["role"], s["ref"], s["revision"]) for s in detail["sources"]],
                         [("source", "main", w.head()), ("source", "main", second)])
        self.assertEqual(detail["path"], "k8s/shop/overlays/dev")
        w.until(lambda: any(f"source {b.url} at main: {second}" == e.get("sources")
                            and e.get("result") == "Succeeded" for e in w.audit("dev")))
        r = w.reckon("audit", "verify")
        self.assertEqual(r.status, 0, r)
        b.away()
        w.row_says("shop-dev", second[:7], "is used")
        w.engine_restart(signal.SIGKILL)
        w.says("far", "two")

    def test_own_revision_of_each(self):
        w = self.up()
        b = Bases(w)
        b.tag("v1")
        b.say("two")
        old = w.head()
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")
        self.sources(w, f"{{repoURL: '{w.url}', targetRevision: {old}, path: k8s/shop/overlays/dev}}",
                     self.far(b, "v1"))
        w.says("far", "one")
        w.until(lambda: w.image("dev") == "1.0.0", what="the commit that the source names")

    def test_later_sources_win(self):
        w = self.up()
        b = Bases(w)
        w.pull()
        w.write("k8s/more/config.yaml", CONFIG % "mine")
        w.commit("the same object here")
        self.sources(w, self.own(w), self.own(w, "k8s/more"), self.far(b))
        w.says("far", "one")
        lints = [x["text"] for x in w.detail("shop-dev")["lints"]]
        self.assertTrue([x for x in lints if "RepeatedResourceWarning" in x and "spec.sources[2]" in x],
                        lints)
        self.sources(w, self.own(w), self.far(b), self.own(w, "k8s/more"))
        w.says("far", "mine")

    def test_chart_with_values_of_this_repository(self):
        w = self.up(settings=ENABLED)
        c = Charts(os.path.join(w.dir, "charts"))
        self.addCleanup(lambda: c.down())
        c.add("1.0.0", said="default")
        w.pull()
        w.write("values/dev.yaml", "said: dev\n")
        w.commit("values")
        before = self.sources(
            w, f"{{repoURL: '{c.url}', chart: far, targetRevision: 1.0.0, "
            "helm: {releaseName: rel, valueFiles: [$values/values/dev.yaml]}}",
            f"{{repoURL: '{w.url}', targetRevision: main, ref: values}}", self.own(w))
        w.says("rel", "dev")
        roles = [(s["role"], s["ref"]) for s in w.detail("shop-dev")["sources"]]
        self.assertEqual(sorted(roles), [("chart", "far 1.0.0"), ("source", "main"), ("values", "main")])
        w.edit("values/dev.yaml", "said: dev", "said: more")
        w.says("rel", "more")
        r = w.reckon("revert", "shop-dev", "--to", before, "--reason", "back", "--wait")
        self.assertEqual(r.status, 0, r)
        w.says("rel", "dev")
        w.edit(MANIFEST, "$values/values/dev.yaml", "$values/values/none.yaml")
        w.row_says("shop-dev", MANIFEST + ":", "helm.valueFiles", "values/none.yaml")

    def test_chart_in_the_root(self):
        w = self.up(settings=ENABLED)
        for path, text in chart().items():
            w.write(path, text)
        w.commit("the repository is a chart, too")
        self.sources(w, self.own(w), self.own(w, ".", ", helm: {releaseName: rel}"))
        w.says("rel", "chart")

    def test_values_of_another_repository(self):
        w = self.up(settings=ENABLED)
        b = Bases(w)
        for path, text in chart().items():
            w.write("k8s/chart/" + path, text)
        w.commit("a chart of our own")
        w.write("env/dev.yaml", "said: far values\n", cwd=b.work)
        b.say("one")
        self.sources(w, self.own(w),
                     self.own(w, "k8s/chart", ", helm: {releaseName: rel, "
                              "valueFiles: [$values/env/dev.yaml]}"),
                     f"{{repoURL: '{b.url}', ref: values}}")
        w.says("rel", "far values")
        w.write("env/dev.yaml", "said: other values\n", cwd=b.work)
        b.say("two")
        w.says("rel", "other values")
        self.assertIsNone(w.get("dev", "configmaps", "far"), "values make no manifests")

    def test_refused_by_name(self):
        w = self.up()
        b = Bases(w)
        self.sources(w, self.own(w), self.far(b, path="web/../.."))
        w.row_says("shop-dev", MANIFEST + ":", "spec.sources[1].path", "leaves the repository")
        self.sources(w, self.own(w), self.far(b, path="absent"))
        w.row_says("shop-dev", "absent", "no such folder")
        self.sources(w, self.own(w), self.far(b, "v9"))
        w.row_says("shop-dev", MANIFEST + ":", "spec.sources[1].repoURL", "no branch or tag v9")
        self.assertEqual(w.image("dev"), "1.0.0")

    def test_project_names_every_repository(self):
        w = self.up()
        b = Bases(w)
        w.edit("apps/project.yaml", "sourceRepos: ['*']", f"sourceRepos: ['{w.url}']")
        self.sources(w, self.own(w), self.far(b))
        w.row_says("shop-dev", "source repository", "sourceRepos")
        self.assertIsNone(w.get("dev", "configmaps", "far"))

    def test_promotion_works_on_the_own_source(self):
        w = self.up()
        b = Bases(w)
        self.sources(w, self.far(b), self.own(w))
        self.sources(w, self.far(b), self.own(w, "k8s/shop/overlays/staging"), env="staging")
        w.says("far", "one")
        w.says("far", "one", "staging")
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")
        w.synced("shop-dev", "shop-staging")
        r = w.reckon("promote", "shop-dev", "--to", "staging", "--wait")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.image("staging"), "1.0.1")
        w.pull()
        self.assertIn("newTag: 1.0.1", w.read(w.overlay("staging")))

    def test_promotion_into_another_repository_is_refused(self):
        w = self.up()
        b = Bases(w)
        for path in ("kustomization.yaml", "deployment.yaml", "config.yaml"):
            w.write("shop/" + path, w.read("k8s/shop/base/" + path), cwd=b.work)
        b.say("one")
        self.sources(w, self.far(b, path="shop"), self.far(b), env="staging")
        w.says("far", "one", "staging")
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.image("dev") == "1.0.1")
        w.synced("shop-dev", "shop-staging")
        r = w.reckon("promote", "shop-dev", "--to", "staging")
        self.assertEqual(r.status, 2, r)
        self.assertIn("lies on the watched branch", r.err)
        self.assertIn(b.url, r.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
