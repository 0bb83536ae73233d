"""Repositories to measure on: simple-app in three environments, N copies of a small overlay, big trees."""
import os

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: simple-app
spec:
  replicas: 1
  selector:
    matchLabels: {component: web}
  template:
    metadata:
      labels: {component: web}
    spec:
      serviceAccountName: simple-app
      containers:
      - name: web
        image: registry.example/simple-app:1.0.0
        ports:
        - {name: http, containerPort: 8080}
        envFrom:
        - configMapRef: {name: simple-app}
        resources:
          requests: {cpu: 50m, memory: 64Mi}
          limits: {memory: 128Mi}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: simple-app
spec:
  selector: {component: web}
  ports:
  - {name: http, port: 80, targetPort: http}
"""
CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: simple-app
data:
  LOG_LEVEL: info
  DEBUG: "false"
"""
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: simple-app\n"
SMALL = {"deployment.yaml": DEPLOYMENT, "service.yaml": SERVICE, "config.yaml": CONFIG,
         "account.yaml": ACCOUNT}
REST = {
    "rbac.yaml": """apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: simple-app
  annotations: {argocd.argoproj.io/sync-wave: "-2"}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: simple-app
  annotations: {argocd.argoproj.io/sync-wave: "-2"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: simple-app}
subjects:
- {kind: ServiceAccount, name: simple-app}
""",
    "storage.yaml": """apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: simple-app
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
""",
    "ingress.yaml": """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: simple-app
spec:
  rules:
  - host: simple-app.example
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service: {name: simple-app, port: {name: http}}
""",
    "sealed.yaml": """apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: database
spec:
  encryptedData:
    PASSWORD: %s
  template:
    metadata:
      name: database
""" % ("AgBy3i4OJSWK" * 40),
}


def write(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)


def folder(prefix, files, header=""):
    """A kustomization that lists files, and those files."""
    listed = "".join(f"- {name}\n" for name in files)
    out = {f"{prefix}/kustomization.yaml": f"resources:\n{listed}{header}"}
    out.update({f"{prefix}/{name}": text for name, text in files.items()})
    return out


def simple_app(root):
    """The demo's layout: a base of nine objects, overlays dev, staging, production."""
    files = folder("k8s/apps/simple-app/base", {**SMALL, **REST},
                   "labels:\n- pairs: {app.kubernetes.io/name: simple-app}\n"
                   "  includeSelectors: true\n")
    for i, env in enumerate(("dev", "staging", "production")):
        at = f"k8s/apps/simple-app/overlays/{env}"
        files[f"{at}/kustomization.yaml"] = (
            f"namespace: simple-app-{env}\nresources:\n- ../../base\npatches:\n- path: config.yaml\n"
            f"- path: deployment.yaml\nreplicas:\n- name: simple-app\n  count: {i + 1}\nimages:\n"
            f"- name: registry.example/simple-app\n  newTag: 1.0.{i}\n")
        files[f"{at}/config.yaml"] = ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
                                      f"  name: simple-app\ndata:\n  LOG_LEVEL: {env}\n")
        files[f"{at}/deployment.yaml"] = (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: simple-app\nspec:\n"
            "  template:\n    spec:\n      containers:\n      - name: web\n        resources:\n"
            f"          limits: {{memory: {128 * (i + 1)}Mi}}\n")
    write(root, files)
    return [f"k8s/apps/simple-app/overlays/{env}" for env in ("dev", "staging", "production")]


def many_objects(root, count):
    """count objects in count/4 files, below an overlay that touches every one of them."""
    group = "---\n".join(SMALL.values())
    files = folder("base", {f"app-{i:04d}.yaml": group.replace("simple-app", f"app-{i:04d}")
                            for i in range(count // 4)})
    files["overlay/kustomization.yaml"] = (
        "namespace: big\nnamePrefix: big-\nresources:\n- ../base\nlabels:\n- pairs: {team: platform}\n"
        "  includeSelectors: true\nimages:\n- name: registry.example/app-0001\n  newTag: 2.0.0\n")
    write(root, files)
    return os.path.join(root, "overlay")


def schema_text(fields, depth, indent):
    """An openAPIV3Schema: what the manifests of operators are made of."""
    pad, out = " " * indent, ""
    for i in range(fields):
        out += (f"{pad}field{i}:\n{pad}  description: 'Field {i} tells the controller how often, and with what "
                f"limits, it may retry: see \"retries\" of the parent object.'\n")
        if depth and i % 3 == 0:
            out += f"{pad}  type: object\n{pad}  properties:\n" + schema_text(fields, depth - 1, indent + 4)
        else:
            out += f"{pad}  type: string\n{pad}  pattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\n"
    return out


def many_crds(root, count):
    """count CustomResourceDefinitions of about 270 kB each, below an overlay."""
    text = ("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n"
            "  name: things{i}.example.org\nspec:\n  group: example.org\n  scope: Namespaced\n"
            "  names: {{kind: Thing{i}, plural: things{i}}}\n  versions:\n  - name: v1\n    served: true\n"
            "    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n")
    files = folder("base", {f"crd-{i}.yaml": text.format(i=i) + schema_text(10, 3, 10) for i in range(count)})
    files["overlay/kustomization.yaml"] = ("namespace: big\nresources:\n- ../base\n"
                                           "commonAnnotations: {team: platform}\n")
    write(root, files)
    return os.path.join(root, "overlay")


# ---- N applications ----
RECKON = """apiVersion: reckon.dev/v1
applications: [argocd]
environments:
- name: auto
  match: [{namespaces: ["bench-*"]}]
  sync: auto
  prune: true
  selfHeal: true
- name: production
  match: [{namespaces: ["guarded-*"]}]
  sync: manual
  locked: true
  approvals: 0
"""


def start_repository(root):
    write(root, {"reckon.yaml": RECKON, "README.md": "measured\n", "argocd/.keep": "",
                 **folder("apps/base", SMALL)})


def overlay(namespace, tag="1.0.0"):
    return (f"namespace: {namespace}\nresources:\n- ../../base\nimages:\n"
            f"- name: registry.example/simple-app\n  newTag: {tag}\n")


def application(root, name, url, automated=True, create=True):
    """One overlay with four objects and the Application that points to it; namespace = name."""
    policy = "  syncPolicy:\n"
    policy += f"    syncOptions: [CreateNamespace={'true' if create else 'false'}]\n"
    if automated:
        policy += "    automated: {prune: true, selfHeal: true}\n"
    write(root, {
        f"apps/overlays/{name}/kustomization.yaml": overlay(name),
        f"argocd/{name}.yaml":
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n"
            f"  name: {name}\nspec:\n  project: default\n  source:\n    repoURL: {url}\n"
            f"    targetRevision: main\n    path: apps/overlays/{name}\n  destination:\n"
            f"    server: https://kubernetes.default.svc\n    namespace: {name}\n{policy}"})


def namespace(name):
    return f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n"


def by_hand(root, name, tag="1.0.0"):
    """The same overlay for `kubectl apply -k`, with the namespace that the engine makes by itself."""
    at = f"hand/{name}"
    write(root, {f"{at}/kustomization.yaml": f"resources:\n- namespace.yaml\n- app\n",
                 f"{at}/namespace.yaml": namespace(name),
                 f"{at}/app/kustomization.yaml": overlay(name, tag).replace("../../base",
                                                                            "../../../apps/base")})
    return os.path.join(root, at)


def by_hand_all(root, names):
    for name in names:
        by_hand(root, name)
    listed = "".join(f"- ../{name}\n" for name in names)
    write(root, {"hand/all/kustomization.yaml": f"resources:\n{listed}"})
    return os.path.join(root, "hand/all")
