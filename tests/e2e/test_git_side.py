"""test_git_side.py: what people commit by mistake, what git refuses, what must not get through: the
built programs against a bare repository and a sandbox. Each test asserts the words that a person
gets (where, what, what to do), that everything else goes on, and that nothing is lost, pruned or
done twice. RECKON, RECKON_ENGINE name the programs; see world.py."""
import base64, json, os, re, stat, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import *  # noqa: E402,F403
import world  # noqa: E402

DEV, BASE = "k8s/shop/overlays/dev/kustomization.yaml", "k8s/shop/base/"


class GitSide(unittest.TestCase):
    maxDiff = None

    def world(self, *args, **options):
        w = World(*args, **options)
        w.__enter__()
        # asked for at the end: kept when it failed and RECKON_TEST_KEEP says so
        self.addCleanup(lambda: w.__exit__(self.broken() and Exception, None, None))
        return w

    def broken(self):
        result = getattr(self._outcome, "result", None)
        return any(t is self and e for t, e in getattr(result, "errors", []) + getattr(result, "failures", []))

    def up(self, *args, **options):
        """A world in which dev and staging run."""
        w = self.world(*args, **options)
        w.synced("namespaces", "shop-dev", "shop-staging")
        return w

    def states(self, w, app, *words):
        """Waits until the row's message, or what holds it, has every word; returns the text."""
        def there():
            row = w.row(app)
            text = f"{row.get('message') or ''} | {row.get('held') or ''}"
            assert all(x in text for x in words), text
            return text
        return w.until(there, what=f"{app} says {words}")

    def unharmed(self, w, env="dev", tag="1.0.0"):
        self.assertEqual(w.names(env, "configmaps"), ["shop"])
        self.assertEqual(w.names(env, "deployments"), ["shop"])
        self.assertEqual(w.image(env), tag)
        self.assertTrue(w.alive())

    def goes_on(self, w, env="staging", tag="7.7.7"):
        """Another environment still follows git."""
        w.edit(w.overlay(env), "newTag: 1.0.0", f"newTag: {tag}")
        w.until(lambda: w.image(env) == tag, what=f"{env} follows {tag}")
        w.synced(f"shop-{env}")

    def operations(self, w, app):
        r = w.reckon("get", "operations", app, "-o", "json")
        return r.json["operations"]

    def mended(self, w, commit, app="shop-dev"):
        """The mistake is reverted by hand: Synced again, and nothing was done for it."""
        n = len(self.operations(w, app))
        w.pull()
        w.git("revert", "--no-edit", commit)
        w.push()
        w.synced(app)
        self.assertEqual(len(self.operations(w, app)), n, "nothing had to be written")

    def one_line(self, r, *words, status=2):
        self.assertEqual(r.status, status, r)
        self.assertEqual(r.err.count("\n"), 1, r.err)
        for word in words:
            self.assertIn(word, r.err)

    # ---- what does not render ----
    def test_broken_yaml(self):
        w = self.up()
        w.edit("k8s/shop/overlays/dev/kustomization.yaml", "resources:\n- ../../base\n",
               "resources:\n- ../../base\n- extra.yaml\n")
        w.until(lambda: w.row("shop-dev").get("message"))
        w.write("k8s/shop/overlays/dev/extra.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b: c\n")
        w.commit("extra, with a mistake")
        text = self.states(w, "shop-dev", "k8s/shop/overlays/dev/extra.yaml:6")
        self.assertEqual(w.row("shop-dev")["verdict"], "Unknown")
        self.unharmed(w)
        self.goes_on(w)
        self.assertIn(":6", text)
        r = w.reckon("diff", "shop-dev")
        self.one_line(r, "extra.yaml:6")
        r = w.reckon("sync", "shop-dev", "--reason", "try")
        self.one_line(r, "extra.yaml:6")
        self.unharmed(w)
        w.edit("k8s/shop/overlays/dev/extra.yaml", "a: b: c", "a: 'b: c'")
        w.until(lambda: w.data("dev", "extra") == {"a": "b: c"})

    def test_unknown_kustomization_field(self):
        w = self.up()
        bad = w.edit(DEV, "images:", "imagez:")
        text = self.states(w, "shop-dev", DEV + ":7", "imagez")
        self.assertIn("images", text, "the field that was meant is named")
        self.unharmed(w)
        self.goes_on(w)
        self.mended(w, bad)

    def test_overlay_pasted_from_tutorials(self):
        w = self.up()
        w.edit(DEV, "resources:\n- ../../base\n", "bases:\n- ../../../base\n")
        text = self.states(w, "shop-dev", DEV + ":3", "../../../base")
        self.assertRegex(text, r"(?<!/)\.\./\.\./base\b", "the path that works is named")
        self.unharmed(w)
        w.edit(DEV, "bases:\n- ../../../base\n", "bases:\n- ../../base\n")
        w.synced("shop-dev")  # the old word works, as in kustomize
        self.assertTrue(any("bases" in x["text"] for x in w.detail("shop-dev")["lints"]))
        w.edit(DEV, "bases:\n", "commonLabels:\n  team: shop: web\nbases:\n")
        text = self.states(w, "shop-dev", DEV + ":3")
        self.assertRegex(text, "quot")
        self.unharmed(w)
        self.goes_on(w)

    def test_missing_file(self):
        w = self.up()
        w.edit(DEV, "- ../../base\n", "- ../../base\n- absent.yaml\n")
        self.states(w, "shop-dev", DEV + ":4", "absent.yaml")
        self.assertEqual(w.row("shop-dev")["verdict"], "Unknown")
        self.unharmed(w)
        self.goes_on(w)
        w.git("pull", "-q", "--rebase", "origin", "main")
        w.write("k8s/shop/overlays/dev/absent.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: absent\n")
        w.commit("there it is")
        w.until(lambda: w.get("dev", "configmaps", "absent"))
        w.synced("shop-dev")

    def test_bad_application_manifest(self):
        w = self.up()
        w.edit("apps/shop-dev.yaml", "    path: k8s/shop/overlays/dev\n", "    path: [k8s]\n")
        self.states(w, "shop-dev", "apps/shop-dev.yaml:", "path")
        self.assertEqual(w.row("shop-dev")["verdict"], "Unknown")
        self.unharmed(w)
        self.goes_on(w)
        w.edit("apps/shop-dev.yaml", "    path: [k8s]\n", "    path: k8s/shop/overlays/dev\n")
        w.synced("shop-dev")
        # one that is not even YAML: the same; and one that is no Application any more is held
        w.edit("apps/shop-dev.yaml", "  project: shop", "  project: shop: x")
        self.states(w, "shop-dev", "apps/shop-dev.yaml:7")
        self.unharmed(w)
        w.edit("apps/shop-dev.yaml", "kind: Application", "kind: Applikation")
        self.states(w, "shop-dev", "left git", "nothing is deleted")
        w.edit(w.overlay("staging"), "newTag: 7.7.7", "newTag: 7.7.8")
        w.until(lambda: w.image("staging") == "7.7.8")
        self.unharmed(w)
        w.edit("apps/shop-dev.yaml", "kind: Applikation", "kind: Application")
        w.edit("apps/shop-dev.yaml", "  project: shop: x", "  project: shop")
        w.synced("shop-dev")

    def test_object_of_a_forbidden_kind(self):
        w = self.up()
        w.edit("apps/project.yaml", "  clusterResourceWhitelist:",
               "  namespaceResourceBlacklist:\n  - {group: '', kind: Service}\n"
               "  clusterResourceWhitelist:")
        w.write("k8s/shop/base/service.yaml",
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\nspec:\n"
                "  selector: {app: shop}\n  ports:\n  - {name: http, port: 80}\n")
        w.edit(BASE + "kustomization.yaml", "- deployment.yaml\n", "- deployment.yaml\n- service.yaml\n")
        self.states(w, "shop-dev", "Service shop", "AppProject shop (apps/project.yaml:1)",
                    "namespaceResourceBlacklist")
        self.assertIsNone(w.get("dev", "services", "shop"))
        r = w.reckon("sync", "shop-dev", "--reason", "try")
        self.assertNotEqual(r.status, 0, r)
        self.assertIn("Service", r.err)
        self.assertIsNone(w.get("dev", "services", "shop"))
        self.unharmed(w)
        w.edit("apps/project.yaml", "  namespaceResourceBlacklist:\n  - {group: '', kind: Service}\n", "")
        w.until(lambda: w.get("dev", "services", "shop"))
        w.synced("shop-dev", "shop-staging")

    def test_destination_outside_the_project(self):
        w = self.up()
        w.edit("apps/shop-dev.yaml", f"    namespace: {w.ns('dev')}", "    namespace: kube-system")
        self.states(w, "shop-dev", "kube-system", "AppProject shop (apps/project.yaml:1)",
                    "add it there in git")
        r = w.reckon("sync", "shop-dev", "--reason", "try")
        self.assertNotEqual(r.status, 0, r)
        self.assertIn("kube-system", r.err)
        self.assertEqual(w.api("GET", "/api/v1/namespaces/kube-system/configmaps/shop")[0], 404)
        self.unharmed(w)
        self.goes_on(w)
        w.edit("apps/shop-dev.yaml", "    namespace: kube-system", f"    namespace: {w.ns('dev')}")
        w.synced("shop-dev")
        self.unharmed(w)

    def test_application_that_points_nowhere(self):
        w = self.up()
        w.edit("apps/shop-dev.yaml", "overlays/dev", "overlays/devv")
        self.states(w, "shop-dev", "apps/shop-dev.yaml:1: k8s/shop/overlays/devv", "no such folder")
        self.unharmed(w)
        w.edit("apps/shop-dev.yaml", "overlays/devv", "overlays/dev")
        w.synced("shop-dev")
        w.edit("apps/shop-dev.yaml", "project: shop", "project: shopp")
        self.states(w, "shop-dev", "apps/shop-dev.yaml:1: AppProject shopp is in no file here",
                    "add it in git")
        self.unharmed(w)
        self.goes_on(w)
        w.edit("apps/shop-dev.yaml", "project: shopp", "project: shop")
        w.synced("shop-dev")
        n = len(self.operations(w, "shop-dev"))
        # gone from git altogether: its objects stay, held, and it is taken up again where it was
        w.pull()
        manifest = w.read("apps/shop-dev.yaml")
        w.remove("apps/shop-dev.yaml")
        w.commit("shop-dev is gone")
        self.states(w, "shop-dev", "left git", "nothing is deleted")
        self.unharmed(w)
        w.engine_restart()      # no session remembers it but the state folder
        self.states(w, "shop-dev", "left git", "nothing is deleted")
        row = w.row("shop-dev")
        self.assertEqual((row["environment"], row["cluster"], row["verdict"], row["objects"]),
                         ("dev", "main", "Unknown", 2))
        for verb in (["get", "app"], ["get", "resources"], ["diff"], ["plan"], ["history"],
                     ["events"], ["logs"], ["sync"], ["revert", "--to", "main"]):
            r = w.reckon(*verb[:2 if verb[0] == "get" else 1], "shop-dev",
                         *verb[2 if verb[0] == "get" else 1:])
            self.assertIn(r.status, (0, 1, 2), (verb, r))
        self.unharmed(w)
        w.write("apps/shop-dev.yaml", manifest)
        w.commit("shop-dev is back")
        w.synced("shop-dev")
        self.assertEqual(len(self.operations(w, "shop-dev")), n)

    def test_an_orphan_is_listed_until_its_objects_are_gone(self):
        w = self.up()
        w.engine_stop()
        w.pull()
        w.remove("apps/shop-dev.yaml")
        w.commit("shop-dev leaves git while nobody looks")
        w.engine_start()
        self.states(w, "shop-dev", "left git", "nothing is deleted")
        self.assertIn("shop-dev", w.reckon("get", "apps").out)
        self.unharmed(w)
        for plural in ("deployments", "configmaps"):
            w.api("DELETE", w.path("dev", plural, "shop"))
        self.states(w, "shop-dev", "none of its objects is left")
        w.engine_restart()
        w.synced("shop-staging")
        self.assertNotIn("shop-dev", w.rows())

    # ---- policy ----
    def test_without_reckon_yaml_nothing_is_written(self):
        w = self.world(lambda w: {
            "reckon.yaml": None, "k8s/namespaces/namespaces.yaml":
            f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {w.ns('dev')}\n"})
        w.until(lambda: w.row("shop-dev")["verdict"] == "OutOfSync")
        self.assertTrue(w.row("shop-dev")["observe"])
        r = w.reckon("diff", "shop-dev")
        self.assertEqual(r.status, 1, r)  # shown and planned all the same
        r = w.reckon("sync", "shop-dev", "--reason", "please", "--confirm", "dev/shop")
        self.assertEqual(r.status, 1, r)
        self.assertIn("only observed: no environment of a committed reckon.yaml holds it", r.err)
        self.assertIn("reckon init", r.err)
        w.reckon("freeze", "shop-dev", "--reason", "look")
        w.reckon("refresh", "--all")
        self.assertEqual(w.api("GET", f"/api/v1/namespaces/{w.ns('dev')}")[0], 404)
        self.assertEqual(w.branches(), ["main"])
        # committed: the same world is managed at once
        w.pull()
        w.write("reckon.yaml", layout(w.url, w.ns)["reckon.yaml"])
        w.commit("reckon.yaml")
        w.reckon("unfreeze", "shop-dev")
        w.synced("shop-dev")

    def test_annotation_cannot_claim_a_laxer_environment(self):
        w = self.world(lambda w: {"apps/shop-production.yaml": application(
            "shop-production", "k8s/shop/overlays/production", w.ns("production"), w.url,
            "  syncPolicy:\n    automated: {prune: true, selfHeal: true}\n",
            "  annotations: {reckon.dev/environment: dev}\n"
            "  labels: {app.kubernetes.io/name: shop}\n")})
        w.synced("shop-dev")
        row = w.until(lambda: w.row("shop-production")["verdict"] == "OutOfSync" and
                      w.row("shop-production"))
        self.assertEqual((row["environment"], row["locked"]), ("production", True))
        self.assertIsNone(w.image("production"))
        r = w.reckon("sync", "shop-production")
        self.assertEqual(r.status, 1, r)
        self.assertIn("production is locked", r.err)
        lints = [x["text"] for x in w.detail("shop-production")["lints"]]
        self.assertTrue(any("automated" in x for x in lints), lints)
        self.assertIsNone(w.image("production"))

    def test_loosened_policy_waits(self):
        w = self.up()
        w.edit("apps/shop-production.yaml", "spec:", "spec:\n  syncPolicy:\n    automated: {}")
        w.edit("reckon.yaml", "  sync: manual\n  locked: true\n", "  sync: auto\n  locked: false\n")
        production = lambda: next(e for e in w.reckon("get", "environments", "-o", "json")
                                  .json["environments"] if e["name"] == "production")
        waits = lambda: production().get("pending")
        what = w.until(waits)
        for word in ("production: locked true -> false", "production: sync manual -> auto"):
            self.assertIn(word, what)

        def in_force():
            e = production()
            self.assertEqual((e["sync"], e["locked"]), ("manual", True))
            r = w.reckon("sync", "shop-production")
            self.assertEqual(r.status, 1, r)
            self.assertIn("production is locked", r.err)
            self.assertIsNone(w.image("production"))
        in_force()
        dev = w.reckon("get", "environments", "-o", "json").json["environments"][1]
        self.assertEqual((dev["name"], dev.get("pending")), ("dev", None))
        self.one_line(w.reckon("release", "dev", "--hold", "policy", "--reason", "sly"),
                      "not of dev: production: ")
        self.assertIn("reckon release production --hold policy", w.reckon("get", "environments").out)
        self.goes_on(w)  # the applications of that commit are taken all the same
        w.engine_restart()
        w.synced("shop-dev", "shop-staging")
        w.until(waits, what="the loosening waits after a restart, too")
        in_force()
        w.engine_restart(signal.SIGKILL)
        w.until(waits)
        in_force()
        r = w.reckon("release", "production", "--hold", "policy", "--reason", "agreed")
        self.assertEqual(r.status, 0, r)
        w.until(lambda: production()["sync"] == "auto" and not production().get("pending"))
        w.synced("shop-production")
        entry = w.until(lambda: [e for e in w.audit("production") if e["kind"] == "acknowledge"])
        self.assertEqual(len(entry), 1)
        self.assertEqual(entry[0]["reason"], "agreed")
        self.assertEqual(entry[0]["actor"], "operator")
        self.assertIn("production: locked true -> false", json.dumps(entry[0]))
        w.engine_restart()
        w.until(lambda: production()["sync"] == "auto" and not production().get("pending"))
        r = w.reckon("release", "production", "--hold", "policy", "--reason", "again")
        self.one_line(r, "no policy change waits")

    def test_broken_reckon_yaml(self):
        w = self.up()
        w.edit("reckon.yaml", "  sync: manual\n  locked: true\n", "  sync: manuel\n  locked: true\n")
        w.until(lambda: "reckon.yaml:" in w.log_text())
        line = next(x for x in w.log_text().splitlines() if "manuel" in x)
        self.assertRegex(line, r"reckon\.yaml:2\d")
        self.assertIn("stays in force", line)
        self.goes_on(w)
        e = w.reckon("get", "environments", "-o", "json").json["environments"]
        self.assertEqual([x["name"] for x in e], ["shared", "dev", "staging", "production"])
        self.assertTrue(e[3]["locked"])
        message = w.call("status")["repositories"][0]["message"]
        self.assertRegex(message, r"reckon\.yaml:2\d: environment 'production': sync .*'manuel'.*"
                                  "stays in force", "shown, not only logged")
        self.assertIn(message, w.reckon("get", "environments").err)
        w.engine_restart()
        w.synced("shop-dev", "shop-staging")
        self.assertTrue(w.row("shop-production")["locked"])
        self.unharmed(w)
        w.edit("reckon.yaml", "  sync: manuel\n", "  sync: manual\n")
        w.until(lambda: not w.call("status")["repositories"][0].get("message"))

    # ---- git away, git refusing, git racing ----
    def test_repository_gone(self):
        w = self.up(poll="1s")
        before = len(self.operations(w, "shop-dev"))
        os.rename(w.bare, w.bare + ".away")
        w.reckon("refresh", "--all")
        repo = lambda: w.call("status")["repositories"][0]
        gone = w.until(lambda: repo()["state"] != "ok" and repo())
        self.assertIn("repo.git", gone["message"])
        self.assertGreater(gone["checked"], 0, "its age can be told")
        self.assertRegex(w.reckon("get", "apps").err, r"repository main, answered \w+ ago: .*repo\.git")
        w.scale("dev", 3)  # drift is healed from the mirror
        w.until(lambda: w.get("dev", "deployments", "shop")["spec"]["replicas"] == 1)
        w.engine_restart()
        w.synced("shop-dev", "shop-staging")
        self.assertNotEqual(repo()["state"], "ok")
        self.assertGreater(repo()["checked"], 0, "and its age is known after a restart")
        w.sync_production("git is away")
        w.synced("shop-production")
        os.rename(w.bare + ".away", w.bare)
        w.until(lambda: repo()["state"] == "ok")
        self.goes_on(w)
        kinds = [o["kind"] for o in self.operations(w, "shop-dev")]
        self.assertEqual((kinds.count("heal"), kinds.count("sync")), (1, before))
        # what could not be pushed is pushed: intent first, flagged, once
        w.until(lambda: [e for e in w.audit("production") if e["stage"] == "outcome"])
        entries = w.audit("production")
        self.assertEqual([e["stage"] for e in entries], ["intent", "outcome"])
        r = w.reckon("audit", "verify")
        self.assertEqual(r.status, 0, r)

    def protect(self, w):
        hook = os.path.join(w.bare, "hooks", "pre-receive")
        w.write(hook, "#!/bin/sh\nwhile read old new ref; do\n"
                      "  [ $ref != refs/heads/main ] || { echo 'main is protected: open a pull "
                      "request' >&2; exit 1; }\ndone\n")
        os.chmod(hook, 0o755)
        return hook

    def test_protected_branch(self):
        w = self.up()
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        hook = self.protect(w)
        head = w.head()
        r = w.reckon("promote", "shop", "--to", "staging", "--reason", "out with it")
        self.assertNotEqual(r.status, 0, r)
        self.assertIn("via: branch", r.out + r.err)
        self.assertIn("main is protected", r.out + r.err)
        self.assertEqual(w.head(), head)
        self.assertEqual(w.image("staging"), "1.0.0")
        os.remove(hook)
        w.edit("reckon.yaml", "  prune: true\n  selfHeal: false\n",
               "  prune: true\n  selfHeal: false\n  promote: {via: branch}\n")
        self.protect(w)
        head = w.head()
        w.until(lambda: next(e for e in w.reckon("get", "environments", "-o", "json")
                .json["environments"] if e["name"] == "staging")["promote_via"] == "branch")
        r = w.reckon("promote", "shop", "--to", "staging", "--reason", "out with it")
        self.assertEqual(r.status, 0, r)
        branch = [b for b in w.branches() if b.startswith("reckon/promote/")]
        self.assertEqual(len(branch), 1, w.branches())
        self.assertIn(branch[0], r.out + r.err)
        self.assertEqual(w.head(), head)
        self.assertEqual(w.in_bare("diff", "--name-only", "main", branch[0]).split(),
                         [w.overlay("staging")])
        self.assertIn("newTag: 1.1.0", w.in_bare("show", f"{branch[0]}:{w.overlay('staging')}"))
        self.assertEqual(w.in_bare("rev-parse", branch[0] + "^").strip(), head)
        self.assertEqual(w.image("staging"), "1.0.0", "nothing runs before the merge")
        os.remove(os.path.join(w.bare, "hooks", "pre-receive"))
        w.pull()
        w.git("fetch", "-q", "origin")
        w.git("merge", "-q", "--ff-only", "origin/" + branch[0])
        w.push()
        w.until(lambda: w.image("staging") == "1.1.0", what="the merged branch is followed")

    def test_force_push_that_drops_what_runs(self):
        w = self.up()
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        w.git("reset", "-q", "--hard", "HEAD~1")
        w.replace(w.overlay("dev"), "newTag: 1.0.0", "newTag: 0.9.0")
        w.commit("another history", push=False)
        w.push("--force", "origin", "HEAD:main")
        text = self.states(w, "shop-dev", "force push dropped")
        self.assertIn("which runs here", text)
        w.reckon("refresh", "shop-dev")
        self.assertEqual(w.image("dev"), "1.1.0")
        w.engine_restart()
        w.until(lambda: w.row("shop-dev")["verdict"] == "OutOfSync")
        self.states(w, "shop-dev", "force push dropped")
        self.assertEqual(w.image("dev"), "1.1.0", "held after a restart, too")
        r = w.reckon("release", "shop-dev", "--reason", "the new history is right")
        self.assertEqual(r.status, 0, r)
        w.until(lambda: w.image("dev") == "0.9.0")
        w.synced("shop-dev")

    def test_force_push_while_the_engine_is_away(self):
        w = self.up()
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        w.engine_stop()
        w.git("reset", "-q", "--hard", "HEAD~1")
        w.replace(w.overlay("dev"), "newTag: 1.0.0", "newTag: 0.9.0")
        w.commit("another history", push=False)
        w.push("--force", "origin", "HEAD:main")
        w.engine_start()
        self.states(w, "shop-dev", "force push dropped", "reckon release shop-dev")
        w.until(lambda: w.row("shop-dev")["verdict"] == "OutOfSync")
        self.assertEqual(w.image("dev"), "1.1.0")
        # a person who syncs it by hand has decided, too
        r = w.reckon("sync", "shop-dev", "--reason", "the new history is right")
        self.assertEqual(r.status, 0, r)
        w.synced("shop-dev")
        self.assertEqual(w.image("dev"), "0.9.0")
        self.assertIsNone(w.row("shop-dev").get("held"))

    def two(self, w, text, name="second"):
        return {
            "apps/two.yaml": application("shop-two", "k8s/two", w.ns("dev"), w.url,
                                         "  syncPolicy:\n    automated: {prune: true, selfHeal: true}\n"),
            "k8s/two/kustomization.yaml": "resources:\n- config.yaml\n",
            "k8s/two/config.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{text}"}

    def test_two_applications_of_one_object(self):
        w = self.up()
        w.pull()
        for path, text in self.two(w, "data: {LOG_LEVEL: mine}\n", "shop").items():
            w.write(path, text)
        w.commit("the same ConfigMap once more")
        self.states(w, "shop-two", "ConfigMap shop is rendered by application shop-dev, too")
        self.assertEqual(w.data("dev")["LOG_LEVEL"], "info", "who had it goes on")
        w.synced("shop-dev")
        w.edit("k8s/shop/base/config.yaml", "LOG_LEVEL: info", "LOG_LEVEL: warn")
        w.until(lambda: w.data("dev")["LOG_LEVEL"] == "warn")
        w.engine_restart()
        self.states(w, "shop-two", "ConfigMap shop is rendered by application shop-dev, too")
        self.assertEqual(w.data("dev")["LOG_LEVEL"], "warn")
        self.assertNotIn("shop-two", [o["app"] for o in self.operations(w, "shop-two")])
        w.edit("k8s/two/config.yaml", "name: shop", "name: second")
        w.synced("shop-dev", "shop-two")
        self.assertEqual(w.data("dev", "second")["LOG_LEVEL"], "mine")
        self.assertEqual(w.data("dev")["LOG_LEVEL"], "warn")

    def test_object_that_moves_to_another_application(self):
        w = self.world(lambda w: self.two(w, "data: {A: b}\n"))
        w.synced("shop-dev", "shop-two")
        uid = lambda: w.get("dev", "configmaps", "second")["metadata"]["uid"]
        before = uid()
        w.pull()
        w.write("k8s/shop/overlays/dev/second.yaml", w.read("k8s/two/config.yaml"))
        w.replace(DEV, "- ../../base\n", "- ../../base\n- second.yaml\n")
        w.replace("k8s/two/config.yaml", "name: second", "name: third")
        w.commit("second moves to shop-dev")
        w.until(lambda: w.data("dev", "third"))
        w.synced("shop-dev", "shop-two")
        self.assertEqual(uid(), before, "it was never away")
        w.engine_restart()
        w.synced("shop-dev", "shop-two")
        w.reckon("refresh", "--all")
        self.assertEqual(uid(), before)

    def test_lost_push_race(self):
        w = self.up()
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        other = w.clone("colleague")
        w.write("docs.md", "a colleague's line\n", cwd=other)
        w.commit("docs", push=False, cwd=other)
        # the colleague's push lands between the engine's look and its push: at its first attempt
        once = os.path.join(w.dir, "once")
        hook = os.path.join(w.bare, "hooks", "pre-receive")
        w.write(hook, f"#!/bin/sh\nread old new ref\n[ $ref = refs/heads/main ] || exit 0\n"
                      f"[ ! -e {once} ] || exit 0\n: >{once}\nunset GIT_QUARANTINE_PATH "
                      f"GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_DIR\n"
                      f"git -C {other} push -q origin HEAD:main\nexit 0\n")
        os.chmod(hook, 0o755)
        r = w.reckon("promote", "shop", "--to", "staging", "--reason", "race")
        self.assertEqual(r.status, 0, r)
        self.assertTrue(os.path.exists(once))
        log = w.in_bare("log", "--format=%s", "main").splitlines()
        self.assertEqual(log[1], "docs", log)
        self.assertIn("promote shop to staging: 1.1.0", log[0])
        self.assertEqual(sum("promote shop" in x for x in log), 1)
        w.until(lambda: w.image("staging") == "1.1.0")
        w.synced("shop-staging")
        self.assertEqual(w.in_bare("show", "main:docs.md"), "a colleague's line\n")

    # ---- revert ----
    def test_rejected_is_not_returned_to(self):
        w = self.up()
        bad = w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0", "the bad one")
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        r = w.reckon("revert", "shop-dev", "--commit", bad, "--reason", "it breaks")
        self.assertEqual(r.status, 0, r)
        w.until(lambda: w.image("dev") == "1.0.0")
        w.synced("shop-dev")
        self.assertIn(f"This reverts commit {bad}", w.in_bare("log", "-1", "--format=%B", "main"))
        w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0", "the bad one again")
        text = self.states(w, "shop-dev", "reverted")
        w.reckon("refresh", "shop-dev")
        self.assertEqual(w.image("dev"), "1.0.0")
        w.engine_restart()
        w.until(lambda: w.row("shop-dev")["verdict"] == "OutOfSync")
        self.states(w, "shop-dev", "reverted")
        self.assertEqual(w.image("dev"), "1.0.0")
        self.goes_on(w)
        r = w.reckon("release", "shop-dev", "--reason", "it is mended elsewhere")
        self.assertEqual(r.status, 0, r)
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        self.assertIn("release", [e["kind"] for e in w.until(
            lambda: [e for e in w.audit("dev") if e["kind"] == "release"])])

    # ---- revert of a whole environment ----
    CART = "k8s/cart/production/"
    NAMES = ("cart-production", "quiet-production", "shop-production")

    def production(self):
        """Production with three applications; a commit broke two of them, and both run it."""
        def files(w):
            out = {}
            for name in ("cart", "quiet"):
                out[f"k8s/{name}/production/kustomization.yaml"] = (
                    f"namespace: {w.ns('production')}\nresources: [config.yaml]\n")
                out[f"k8s/{name}/production/config.yaml"] = (
                    f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"
                    "data: {LOG_LEVEL: info}\n")
                out[f"apps/{name}-production.yaml"] = application(
                    f"{name}-production", f"k8s/{name}/production", w.ns("production"), w.url)
            return out
        w = self.up(files)
        self.roll_out(w, *self.NAMES)
        w.good = w.head()
        w.pull()
        w.replace(w.overlay("production"), "newTag: 1.0.0", "newTag: 2.0.0")
        w.replace(self.CART + "config.yaml", "info", "trace")
        w.bad = w.commit("break two of three")
        w.until(lambda: all(w.row(n)["target"] == w.bad for n in self.NAMES))
        self.roll_out(w, "cart-production", "shop-production")
        self.assertEqual(self.lives(w), ("2.0.0", "trace"))
        return w

    def roll_out(self, w, *names):
        for name in names:
            w.until(lambda: w.row(name)["verdict"] == "OutOfSync")
            r = w.reckon("sync", name, "--confirm", f"production/{name.split('-')[0]}",
                         "--reason", "roll out")
            self.assertEqual(r.status, 0, r)
        w.until(lambda: all(w.row(n)["verdict"] == "Synced" for n in names))

    def lives(self, w):
        return w.image("production"), w.data("production", "cart").get("LOG_LEVEL")

    def test_a_whole_environment_is_reverted(self):
        w = self.production()
        back = ["revert", "production", "--commit", w.bad]
        r = w.reckon(*back, "--dry-run", "-o", "json")
        self.assertEqual(r.status, 0, r)
        self.assertNotIn("app", r.json)
        self.assertEqual((r.json["environment"], r.json["confirm"]), ("production", "production"))
        self.assertEqual([(t["app"], t["kind"]) for t in r.json["tasks"] if t["action"] != "keep"],
                         [("cart-production", "ConfigMap"), ("shop-production", "Deployment")])
        # the image is the base's again, but only the overlay is written
        self.assertEqual([t["risks"] for t in r.json["tasks"] if t["action"] != "keep"], [[], []])
        text = w.reckon(*back, "--dry-run").out
        self.assertRegex(text, r"revert production at ")
        self.assertRegex(text, r"cart-production +Sync ")
        r = w.reckon(*back, "--confirm", "production/shop", "--reason", "incident")
        self.assertEqual(r.status, 2, r)
        self.assertIn("what was typed is not the target: production", r.err)
        self.assertEqual(w.reckon(*back).status, 1)
        self.assertEqual((w.head(), self.lives(w)), (w.bad, ("2.0.0", "trace")))

        r = w.reckon(*back, "--confirm", "production", "--reason", "incident", "-o", "json")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(self.lives(w), ("1.0.0", "info"))
        done = r.json["operations"]
        self.assertEqual([(o["app"], o["state"]) for o in done],
                         [("cart-production", "Succeeded"), ("shop-production", "Succeeded")])
        self.assertEqual({o["commit"] for o in done}, {w.head()})
        self.assertEqual(done[1]["after"], done[0]["id"])
        self.assertEqual(w.in_bare("rev-list", f"{w.bad}..main").split(), [w.head()])
        message = w.in_bare("log", "-1", "--format=%B", "main")
        self.assertIn(f"This reverts commit {w.bad}", message)
        self.assertIn("Reckon-Env: production", message)
        w.until(lambda: all(w.row(n)["verdict"] == "Synced" for n in self.NAMES))
        reverts = lambda: [e for e in w.audit("production") if e["kind"] == "revert"]
        entries = w.until(lambda: len(reverts()) >= 4 and reverts())
        self.assertEqual(sorted((e["app"], e["stage"]) for e in entries), [
            (app, stage) for app in ("cart-production", "shop-production")
            for stage in ("intent", "outcome")])
        self.assertTrue(all(e["reason"] == "incident" for e in entries), entries)

    def test_an_application_is_left_out_of_an_environment(self):
        """The others are reverted in their own folders; what would change it all the same is told."""
        w = self.production()
        back = ["revert", "production", "--commit", w.bad, "--without"]
        self.one_line(w.reckon(*back, "nobody", "--dry-run"), "nobody is no application of production")
        self.one_line(w.reckon("revert", "shop-production", "--commit", w.bad, "--without",
                               "cart-production", "--dry-run"), "of the revert of an environment only")
        r = w.reckon("revert", "production", "--commit", w.bad, "--without", "cart-production",
                     "--path", self.CART + "config.yaml", "--dry-run")
        self.one_line(r, "cart-production is left out, but the commit would change it")
        r = w.reckon(*back, "cart-production", "--confirm", "production", "--reason", "incident",
                     "-o", "json")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(r.json["app"], "shop-production")
        self.assertEqual(self.lives(w), ("1.0.0", "trace"))
        self.assertEqual(w.in_bare("diff", "--name-only", w.bad, "main").split(),
                         [w.overlay("production")])

    def test_an_environment_goes_back_to_a_revision_without_the_remote(self):
        w = self.production()
        os.rename(w.bare, w.bare + ".away")
        r = w.reckon("revert", "production", "--to", w.good, "--confirm", "production",
                     "--reason", "incident")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(self.lives(w), ("1.0.0", "info"))
        w.engine_restart()
        w.until(lambda: all(w.row(n)["verdict"] == "Synced" for n in self.NAMES))
        self.assertEqual(self.lives(w), ("1.0.0", "info"))
        self.assertEqual(w.call("status")["repositories"][0]["pending"], 1)
        for name in ("cart-production", "shop-production"):     # told after a restart, too
            op = self.operations(w, name)[0]
            self.assertEqual((op["kind"], op["state"], op["pinned"]), ("revert", "Succeeded", True))
            self.assertEqual(op["message"], "1 task, pinned to a revert that waits for the remote")
        os.rename(w.bare + ".away", w.bare)
        w.until(lambda: len(w.in_bare("rev-list", f"{w.bad}..main").split()) == 1)
        self.assertEqual(w.in_bare("diff", w.good, "main", "--stat"), "")
        w.until(lambda: all(w.row(n)["target"] == w.head() and w.row(n)["verdict"] == "Synced"
                            for n in self.NAMES))

    def test_a_plan_of_an_environment_is_stale_when_one_of_it_moves(self):
        w = self.production()
        line = w.connect()
        plan = line.call("plan.create", {"kind": "revert", "app": "production", "commit": w.bad})
        line.call("plan.arm", {"fingerprint": plan["fingerprint"], "confirm": "production",
                               "reason": "incident", "unlock": True})
        self.assertEqual({e["file"] for e in plan["edits"]},
                         set(w.in_bare("diff", "--name-only", w.good, w.bad).split()))
        # an application that the revert does not even change
        moved = w.edit("k8s/quiet/production/config.yaml", "info", "debug")
        w.until(lambda: w.row("quiet-production")["target"] == moved)
        with self.assertRaises(RpcError) as got:
            line.call("operation.start", {"fingerprint": plan["fingerprint"]})
        self.assertEqual(got.exception.code, "CONFLICT", got.exception)
        self.assertIn("quiet-production", str(got.exception))
        self.assertEqual((w.head(), self.lives(w)), (moved, ("2.0.0", "trace")))

    def test_a_revert_of_an_environment_with_conflicts(self):
        w = self.production()
        later = w.edit(self.CART + "config.yaml", "trace", "debug")
        w.until(lambda: w.row("cart-production")["target"] == later)
        r = w.reckon("revert", "production", "--commit", w.bad, "--confirm", "production",
                     "--reason", "incident")
        self.assertEqual(r.status, 1, r)
        self.assertIn(f"x conflict in {self.CART}config.yaml", r.out)
        self.assertIn("the revert conflicts with later commits", r.err)
        self.assertEqual((w.head(), self.lives(w)), (later, ("2.0.0", "trace")))

    def test_a_revert_that_changes_nothing_of_an_environment(self):
        w = self.production()
        docs = w.edit(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.0.1")
        w.until(lambda: w.row("cart-production")["target"] == docs)
        r = w.reckon("revert", "production", "--commit", docs, "--dry-run")
        self.assertEqual(r.status, 2, r)
        self.assertIn("it changes nothing that an application of it renders", r.err)

    # ---- what must not get out ----
    def test_escape_codes_in_a_commit_message(self):
        w = self.up()
        evil = "fix \x1b[2J\x1b]0;owned\x07 \u202etxt \u200b \x9b31m"
        w.write(".git/message", evil + "\n")
        w.pull()
        w.replace(w.overlay("dev"), "newTag: 1.0.0", "newTag: 1.1.0")
        w.git("add", "-A")
        w.git("-c", "user.name=evil\x1b[31m name", "commit", "-q", "-F", ".git/message")
        w.push()
        w.until(lambda: w.image("dev") == "1.1.0")
        w.synced("shop-dev")
        sha = w.head()
        seen = 0
        for args in (["get", "app", "shop-dev"], ["get", "app", "shop-dev", "-o", "json"],
                     ["history", "shop-dev"], ["history", "shop-dev", "-o", "json"],
                     ["get", "apps"], ["audit", "log"], ["get", "operations"],
                     ["plan", "shop-production"], ["diff", "shop-production"],
                     ["revert", "shop-dev", "--commit", sha, "--dry-run"]):
            r = w.reckon(*args, binary=True)
            text = r.out + r.err.encode()
            for raw in (b"\x1b", b"\x07", b"\x9b31m", "\u202e".encode(), "\u200b".encode(),
                        b"\xc2\x9b"):
                self.assertNotIn(raw, text, args)
            seen += b"owned" in text
        self.assertGreaterEqual(seen, 3, "it was shown, made safe")
        # read as JSON nothing comes back to life either
        text = json.dumps(w.detail("shop-dev"), ensure_ascii=False)
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\\u001b", json.dumps(w.detail("shop-dev")))
        r = w.reckon("revert", "shop-dev", "--commit", sha, "--reason", "not nice")
        self.assertEqual(r.status, 0, r)
        self.assertNotIn("\x1b", w.in_bare("log", "-1", "--format=%B", "main"))
        self.assertNotIn("\x1b", w.log_text())

    def test_secret_stays_secret(self):
        marker, second = "s3cr3t-marker-qx7", "oth3r-marker-zz9"
        secret = ("apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n"
                  "stringData:\n  PASSWORD: {0}\n")
        w = self.world({"k8s/shop/base/secret.yaml": secret.format(marker),
                        BASE + "kustomization.yaml":
                        "resources:\n- config.yaml\n- deployment.yaml\n- secret.yaml\n"})
        value = lambda env: base64.b64decode(
            (w.get(env, "secrets", "database") or {"data": {}})["data"].get("PASSWORD", "")).decode()
        w.synced("shop-dev", "shop-staging")
        self.assertEqual((value("dev"), value("staging")), (marker, marker))
        w.reckon("freeze", "staging", "--reason", "to look")
        bad = w.edit("k8s/shop/base/secret.yaml", marker, second, "another password")
        w.until(lambda: value("dev") == second)
        w.until(lambda: w.row("shop-staging")["verdict"] == "OutOfSync")
        answers = []
        for args in (["diff", "shop-staging"], ["plan", "shop-staging"], ["get", "resources", "shop-staging"],
                     ["get", "app", "shop-staging"], ["get", "operations"], ["history", "shop-dev"],
                     ["audit", "log"], ["events", "shop-dev"], ["plan", "shop-production"],
                     ["diff", "shop-production"], ["logs", "shop-dev"],
                     ["revert", "shop-dev", "--commit", bad, "--dry-run"]):
            for form in (["-o", "json"], []):
                r = w.reckon(*args, *form)
                answers += [r.out, r.err]
        self.assertTrue(any("PASSWORD" in a for a in answers), "that it differs is shown")
        line = w.connect()
        for object in ("/Secret/%s/database" % w.ns("staging"), "/Secret/%s/database" % w.ns("dev")):
            for side in ("desired", "live"):
                try:
                    answers.append(json.dumps(line.call("document.get", {
                        "app": "shop-" + ("staging" if "staging" in object else "dev"),
                        "object": object, "side": side})))
                except RpcError as e:
                    answers.append(str(e))
        self.assertTrue(any("rk1:" in a for a in answers), "masked documents are shown")
        answers.append(json.dumps(line.call("commit.get", {"rev": bad})))
        w.reckon("unfreeze", "staging")
        w.until(lambda: value("staging") == second)
        # somebody overwrites it: the heal's record must not tell either value
        w.api("PATCH", w.path("dev", "secrets", "database") + "?fieldManager=kubectl",
              {"stringData": {"PASSWORD": "th1rd-marker-kk4"}})
        w.until(lambda: any(o["kind"] == "heal" for o in self.operations(w, "shop-dev")))
        w.until(lambda: value("dev") == second)
        w.until(lambda: any(e["kind"] == "heal" for e in w.audit("dev")))
        w.sync_production()
        w.synced("shop-production")
        answers.append(w.log_text())
        answers.append(json.dumps([w.audit(e) for e in ENVIRONMENTS]))
        for env in ("dev", "staging", "production"):
            answers.append(w.in_bare("log", "-p", f"reckon/audit/{env}"))
        w.engine_stop()
        marks = [m for plain in (marker, second, "th1rd-marker-kk4")
                 for m in (plain, base64.b64encode(plain.encode()).decode())]
        for text in answers:
            for mark in marks:
                self.assertNotIn(mark, text)
        for folder, _, files in os.walk(w.state):
            if "/objects" in folder or "/mirrors" in folder:
                continue  # the mirror holds what is in git
            for name in files:
                with open(os.path.join(folder, name), "rb") as f:
                    data = f.read()
                for mark in marks:
                    self.assertNotIn(mark.encode(), data, name)

    def test_conflict_in_a_secret(self):
        values = ["first-value-aa1", "second-value-bb2", "third-value-cc3"]
        secret = ("apiVersion: v1\nkind: Secret\nmetadata:\n  name: database\n"
                  f"stringData:\n  PASSWORD: {values[0]}\n")
        w = self.world({"k8s/shop/base/secret.yaml": secret, BASE + "kustomization.yaml":
                        "resources:\n- config.yaml\n- deployment.yaml\n- secret.yaml\n"})
        w.synced("shop-dev")
        bad = w.edit("k8s/shop/base/secret.yaml", values[0], values[1], "a second password")
        w.edit("k8s/shop/base/secret.yaml", values[1], values[2], "a third password")
        w.synced("shop-dev")
        head = w.head()
        for form in ([], ["-o", "json"]):
            r = w.reckon("revert", "shop-dev", "--commit", bad, "--reason", "no", *form)
            self.assertNotEqual(r.status, 0, r)
            self.assertIn("k8s/shop/base/secret.yaml", r.out + r.err)
            self.assertIn("conflict", r.out + r.err)
            for value in values:
                self.assertNotIn(value, r.out + r.err)
        self.assertEqual(w.head(), head)

    # ---- prune ----
    def test_prune_guard(self):
        many = "---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: part-{i}\n"
                            for i in range(7))
        overlay = "k8s/shop/overlays/production/kustomization.yaml"
        w = self.world(lambda w: {
            overlay: layout(w.url, w.ns)[overlay].replace("- ../../base\n", "- ../../base\n- parts.yaml\n"),
            "k8s/shop/overlays/production/parts.yaml": many})
        w.until(lambda: w.row("shop-production")["objects"] == 9)
        w.synced("namespaces")
        w.sync_production()
        w.synced("shop-production")
        parts = [f"part-{i}" for i in range(7)]
        self.assertEqual(w.names("production", "configmaps"), parts + ["shop"])
        w.edit(overlay, "- parts.yaml\n", "")
        w.until(lambda: w.row("shop-production")["verdict"] == "OutOfSync")
        confirm = ["--confirm", "production/shop", "--reason", "away with them"]
        r = w.reckon("sync", "shop-production", "--prune", *confirm)
        self.assertEqual(r.status, 1, r)
        self.assertIn("7 objects would be pruned, the budget of production is 5", r.err)
        self.assertIn("--resource", r.err)
        self.assertIn("pruneBudget", r.err)
        self.assertEqual(w.names("production", "configmaps"), parts + ["shop"])
        r = w.reckon("sync", "shop-production", "--prune", *confirm, *sum(
            [["--resource", f"/ConfigMap/{w.ns('production')}/part-{i}"] for i in range(3)], []))
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.names("production", "configmaps"), parts[3:] + ["shop"])
        # an object that says so stays, and one that is nobody's is never touched
        w.api("POST", w.path("production", "configmaps"),
              {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "by-hand"}})
        r = w.reckon("sync", "shop-production", *confirm)
        self.assertEqual(w.names("production", "configmaps"), parts[3:] + ["shop"],
                         "without --prune nothing goes")
        r = w.reckon("sync", "shop-production", "--prune", *confirm)
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.names("production", "configmaps"), ["shop"])
        self.assertTrue(w.get("production", "configmaps", "by-hand"))
        w.synced("shop-production")
        # an empty render prunes nothing by itself
        w.synced("shop-dev")
        bad = w.edit(DEV, w.read(DEV), f"namespace: {w.ns('dev')}\n", "empty by mistake")
        self.states(w, "shop-dev", "empty", "nothing is pruned")
        self.unharmed(w)
        self.mended(w, bad)

    # ---- adopt ----
    def test_adopt(self):
        w = self.up()
        config = BASE + "config.yaml"
        text = ("# every word counts\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tuning\n"
                "data:\n  SPEED:   'slow'   # three spaces, a quote\n  OTHER: \"x\"\n")
        w.write("k8s/shop/overlays/staging/tuning.yaml", text)
        w.edit(w.overlay("staging"), "- ../../base\n", "- ../../base\n- tuning.yaml\n")
        w.until(lambda: w.data("staging", "tuning"))
        w.synced("shop-staging")
        status, doc = w.api("PATCH", w.path("staging", "configmaps", "tuning") +
                            "?fieldManager=kubectl", {"data": {"SPEED": "fast"}})
        self.assertEqual(status, 200, doc)
        w.until(lambda: w.row("shop-staging")["verdict"] == "OutOfSync")
        fields = w.diff("shop-staging")[f"/ConfigMap/{w.ns('staging')}/tuning"]["/data/SPEED"]
        self.assertEqual((fields["desired"], fields["live"], fields["manager"], fields["line"]),
                         ('"slow"', '"fast"', "kubectl", 7))
        head = w.head()
        r = w.reckon("adopt", "shop-staging", "--dry-run")
        self.assertIn("fast", r.out + r.err)
        self.assertEqual(w.head(), head, "a dry run commits nothing")
        r = w.reckon("adopt", "shop-staging", "--reason", "faster is right")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.in_bare("show", "main:k8s/shop/overlays/staging/tuning.yaml"),
                         text.replace("'slow'", "'fast'"))
        self.assertEqual(w.in_bare("diff", "--name-only", "main^", "main").split(),
                         ["k8s/shop/overlays/staging/tuning.yaml"])
        self.assertEqual(w.in_bare("rev-parse", "main^").strip(), head)
        w.synced("shop-staging")
        self.assertEqual(w.data("staging", "tuning")["SPEED"], "fast")
        w.until(lambda: any(e["kind"] == "adopt" for e in w.audit("staging")))
        r = w.reckon("adopt", "shop-staging", "--reason", "again")
        self.assertNotEqual(r.status, 0, r)
        self.assertIn("nothing", r.err)
        # one field of two that differ: only that one goes into git, by a plan that applies nothing
        status, doc = w.api("PATCH", w.path("staging", "configmaps", "tuning") +
                            "?fieldManager=kubectl", {"data": {"SPEED": "faster", "OTHER": "y"}})
        self.assertEqual(status, 200, doc)
        tuning = f"/ConfigMap/{w.ns('staging')}/tuning"
        w.until(lambda: len(w.diff("shop-staging")[tuning]) == 2)
        chosen = ("adopt", "shop-staging", "--resource", tuning, "--path", "/data/SPEED")
        plan = w.reckon(*chosen, "--dry-run", "-o", "json").json
        self.assertEqual(([e["after"] for e in plan["edits"]], plan.get("tasks", [])),
                         (["faster"], []))
        r = w.reckon(*chosen, "--reason", "only this")
        self.assertEqual(r.status, 0, r)
        self.assertEqual(w.in_bare("show", "main:k8s/shop/overlays/staging/tuning.yaml"),
                         text.replace("'slow'", "'faster'"))
        w.synced("shop-staging")        # staging follows the commit, and git says the rest
        self.assertEqual(w.data("staging", "tuning"), {"SPEED": "faster", "OTHER": "x"})
        r = w.reckon("adopt", "shop-staging", "--path", "/data/SPEED")
        self.assertEqual(r.status, 2, r)
        self.assertIn("/data/SPEED does not differ", r.err)

    def test_a_revert_takes_away_what_the_commit_brought(self):
        """At once, and again: the other applications are not rendered yet when it looks."""
        w = self.up()
        w.synced("shop-dev")
        for i in range(6):
            w.pull()
            w.write("k8s/shop/overlays/dev/more.yaml", "apiVersion: v1\nkind: ConfigMap\n"
                    f"metadata:\n  name: more-{i}\n")
            w.replace(w.overlay("dev"), "- ../../base\n", "- ../../base\n- more.yaml\n")
            head = w.commit("more")
            w.until(lambda: f"more-{i}" in w.names("dev", "configmaps"))
            w.synced("shop-dev")
            r = w.reckon("revert", "shop-dev", "--commit", head, "--reason", "not wanted", "--wait")
            self.assertEqual(r.status, 0, r)
            self.assertNotIn(f"more-{i}", w.names("dev", "configmaps"))

    def test_more_objects_than_a_line_of_the_protocol_holds(self):
        """Plan, sync and diff of 1,500 objects: every task is told, none is told twice."""
        n = 1500
        names = [f"number-{i:04}" for i in range(n)]
        text = lambda value: "".join(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name +
            "\ndata:\n  value: " + value + "\n  other: the same\n" for name in names)
        w = self.up()
        w.write("k8s/shop/overlays/production/many.yaml", text("one"))
        w.replace(w.overlay("production"), "- ../../base\n", "- ../../base\n- many.yaml\n")
        head = w.commit("many")
        w.until(lambda: w.row("shop-production")["target"] == head)
        plan = w.reckon("plan", "shop-production", "-o", "json").json
        self.assertEqual([t["name"] for t in plan["tasks"] if t["name"].startswith("number-")], names)
        self.assertEqual(len(plan["tasks"]), plan["total"])
        operation = w.reckon("sync", "shop-production", "--confirm", "production/shop", "--reason",
                             "many", "--wait", "-o", "json").json
        self.assertEqual(operation["state"], "Succeeded", operation)
        self.assertEqual({t["state"] for t in operation["tasks"]}, {"done"})
        self.assertEqual([t["name"] for t in operation["tasks"] if t["name"].startswith("number-")],
                         names)
        w.write("k8s/shop/overlays/production/many.yaml", text("two"))
        head = w.commit("others")
        w.until(lambda: w.row("shop-production")["target"] == head)
        changed = w.diff("shop-production")
        self.assertEqual(len(changed), n)
        self.assertTrue(all(list(v) == ["/data/value"] for v in changed.values()))

    def test_two_revisions(self):
        """What two renders differ in, with the lines of git on both sides; what lives is no part."""
        w = self.up()
        w.synced("shop-staging")
        w.edit(w.overlay("staging"), "newTag: 1.0.0", "newTag: 1.1.0")
        before = w.head()
        w.edit(w.overlay("staging"), "newTag: 1.1.0", "newTag: 1.2.0")
        after = w.head()
        w.until(lambda: w.image("staging") == "1.2.0")
        r = w.reckon("diff", "shop-staging", "--from", before, "--to", after, "-o", "json")
        self.assertEqual(r.status, 1, r)
        [o] = r.json["objects"]
        [f] = o["fields"]
        self.assertEqual((r.json["from"], r.json["revision"]), (before, after))
        self.assertIn("1.1.0", f["live"])
        self.assertIn("1.2.0", f["desired"])
        self.assertEqual((f["from_file"], f["file"]), (w.overlay("staging"),) * 2)
        self.assertEqual((f["from_commit"], f["commit"]), (before, after))
        self.assertEqual(f["from_line"], f["line"])
        w.scale("staging", 7)
        w.until(lambda: w.row("shop-staging")["verdict"] == "OutOfSync")
        self.assertEqual(w.reckon("diff", "shop-staging", "--from", after).status, 0)
        r = w.reckon("diff", "shop-production", "--with", "shop-staging", "-o", "json")
        web = [o for o in r.json["objects"] if o["object"].startswith("apps/Deployment/")][0]
        self.assertEqual((web["action"], web["from"]), ("change", f"apps/Deployment/{w.ns('staging')}/shop"))

    def test_two_revisions_that_cannot_be_compared(self):
        w = self.up()
        diff = lambda *more: w.reckon("diff", "shop-staging", *more)
        w.git("checkout", "-q", "--orphan", "empty")
        w.git("rm", "-rfq", ".")
        w.git("commit", "-q", "--allow-empty", "-m", "nothing yet")
        w.push("origin", "empty")
        w.git("checkout", "-q", "main")
        w.git("checkout", "-q", "-b", "broken")
        w.replace(w.overlay("staging"), "resources:", "resources: [gone.yaml]\nwas:")
        w.commit("broken", push=False)
        w.push("origin", "broken")
        w.git("checkout", "-q", "main")
        w.reckon("refresh", "shop-staging")
        self.one_line(diff("--from", "nowhere"), "shop-staging at nowhere", "no branch, tag or commit")
        self.one_line(diff("--from", "main", "--to", "f" * 40), "shop-staging at ffff", "no branch")
        self.one_line(diff("--from", "empty"), "shop-staging at empty", "was not in git then")
        self.one_line(diff("--from", "main", "--to", "broken"), "shop-staging at broken", "kustomization")
        self.one_line(diff("--with", "nobody"), "nobody")

    def test_document_of_another_revision(self):
        """A branch's text and drift, before anybody merges it; its Secrets masked, too."""
        w = self.up()
        w.git("checkout", "-q", "-b", "faster")
        w.write("k8s/shop/overlays/staging/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n"
                "  name: database\nstringData:\n  PASSWORD: s3cr3t-marker-qx7\n")
        w.replace(w.overlay("staging"), "- ../../base\n", "- ../../base\n- secret.yaml\n")
        w.replace(w.overlay("staging"), "newTag: 1.0.0", "newTag: 1.1.0")
        w.commit("a faster shop", push=False)
        w.push("origin", "faster")
        ns = w.ns("staging")
        text = lambda object, **more: [x["text"] for x in w.call("document.get", {
            "app": "shop-staging", "object": object, "side": "desired", **more})["lines"]]
        image = lambda lines: [x.split(":")[-1] for x in lines if "image:" in x]
        w.reckon("refresh", "shop-staging")
        deployment = f"apps/Deployment/{ns}/shop"
        self.assertEqual(image(text(deployment, rev="faster")), ["1.1.0"])
        self.assertEqual(image(text(deployment)), ["1.0.0"])
        secret = "\n".join(text(f"/Secret/{ns}/database", rev="faster"))
        self.assertIn("rk1:", secret)
        self.assertNotIn("s3cr3t", secret)
        with self.assertRaisesRegex(RpcError, "no such object at faster"):
            text(f"apps/Deployment/{ns}/nobody", rev="faster")
        with self.assertRaisesRegex(RpcError, "nowhere"):
            text(deployment, rev="nowhere")
        with self.assertRaisesRegex(RpcError, "no such object"):
            text(f"/Secret/{ns}/database")


if __name__ == "__main__":
    unittest.main(verbosity=2)
