"""objects.py: Kubernetes objects made at random: few names, so that references, patches and targets
meet; odd scalars where free text may stand."""
from odd import ODD, Raw, key, tree

NAMES = ["web", "db", "cfg", "a", "web-1"]
SPACES = [None, None, None, "prod", "default", "q"]
IMAGES = ["nginx", "nginx:1.0", "busybox:1.2@sha256:0a1b", "r.example.org/nginx:2", "redis@sha256:ab",
          "r.example.org:5000/x/app", "nginx:", "nginxx:1", "app:v1.{}"]


def some(rng, p=0.3):
    return rng.random() < p


def name(rng):
    return rng.choice(NAMES)


def metadata(rng, spaced=True):
    m = {"name": name(rng)}
    space = rng.choice(SPACES) if spaced else None
    if space:
        m["namespace"] = space
    for field in ("labels", "annotations"):
        if some(rng, 0.35):
            m[field] = {rng.choice(["app", "tier", "x", "k1", "k10", "y"]):
                        ODD if some(rng, 0.25) else rng.choice(["web", "db", "v1"])
                        for _ in range(rng.randint(1, 3))}
    if some(rng, 0.04):
        m["annotations"] = {"config.kubernetes.io/local-config": rng.choice(["true", "false", Raw("true")])}
    if some(rng, 0.05):
        m["finalizers"] = rng.sample(["a", "b", "c"], rng.randint(1, 3))
    if some(rng, 0.04):
        m[rng.choice(["labels", "annotations", "creationTimestamp"])] = rng.choice([Raw("null"), Raw("{}"), Raw("")])
    return m


def number(rng):
    return Raw(rng.choice(["80", "8080", "443", "9090", "0x50", "1_0"] if some(rng, 0.1) else ["80", "8080", "443"]))


def reference(rng, kind):
    return {kind: {"name": name(rng), "key": "k"}}


def env(rng):
    e = {"name": rng.choice(["A", "B", "C", "D"])}
    kind = rng.random()
    if kind < 0.5:
        e["value"] = ODD if some(rng) else rng.choice(["1", "x", "$(A)"])
    elif kind < 0.9:
        e["valueFrom"] = reference(rng, rng.choice(["configMapKeyRef", "secretKeyRef"]))
    return e


def container(rng):
    c = {"name": rng.choice(["web", "side", "db"])}
    if some(rng, 0.9):
        c["image"] = rng.choice(IMAGES)
    if some(rng):
        c["env"] = [env(rng) for _ in range(rng.randint(1, 3))]
    if some(rng, 0.25):
        c["ports"] = [port(rng, "containerPort") for _ in range(rng.randint(1, 2))]
    if some(rng, 0.2):
        c["args"] = [ODD if some(rng) else rng.choice(["--x", "-v", "run"]) for _ in range(rng.randint(0, 3))]
    if some(rng, 0.2):
        c["envFrom"] = [{rng.choice(["configMapRef", "secretRef"]): {"name": name(rng)}}]
    if some(rng, 0.2):
        c["volumeMounts"] = [{"name": rng.choice("vw"), "mountPath": rng.choice(["/a", "/b"])}
                             for _ in range(rng.randint(1, 2))]
    if some(rng, 0.2):
        c["resources"] = {"limits": {"cpu": rng.choice(["1", Raw("1"), Raw("0.5"), "500m"]),
                                     "memory": rng.choice(["1Gi", Raw("128974848"), Raw("1e3")])}}
    return c


def port(rng, which):
    p = {which: number(rng)}
    if some(rng, 0.5):
        p["protocol"] = rng.choice(["TCP", "UDP"])
    if some(rng, 0.5):
        p["name"] = rng.choice(["http", "tls", "x"])
    if which == "port" and some(rng, 0.4):
        p["targetPort"] = rng.choice([Raw("80"), "http"])
    return p


def volume(rng):
    v = {"name": rng.choice("vw")}
    v.update(rng.choice([{"emptyDir": {}}, {"configMap": {"name": name(rng)}}, {"secret": {"secretName": name(rng)}},
                         {"persistentVolumeClaim": {"claimName": name(rng)}},
                         {"projected": {"sources": [{"configMap": {"name": name(rng)}}, {"secret": {"name": name(rng)}}]}}]))
    return v


def pod_spec(rng):
    s = {"containers": [container(rng) for _ in range(rng.choice([1, 1, 2]))]}
    if some(rng, 0.15):
        s["initContainers"] = [container(rng)]
    if some(rng):
        s["volumes"] = [volume(rng) for _ in range(rng.randint(1, 2))]
    if some(rng, 0.2):
        s["serviceAccountName"] = name(rng)
    if some(rng, 0.1):
        s["imagePullSecrets"] = [{"name": name(rng)}]
    if some(rng, 0.1):
        s["tolerations"] = [{"key": rng.choice("ab"), "operator": "Exists"}]
    if some(rng, 0.05):
        s["hostAliases"] = [{"ip": "10.0.0.1", "hostnames": ["a"]}]
    if some(rng, 0.05):
        s["topologySpreadConstraints"] = [{"topologyKey": rng.choice("tz"), "maxSkew": Raw("1"),
                                           "whenUnsatisfiable": "DoNotSchedule",
                                           "labelSelector": {"matchLabels": {"app": "web"}}}]
    if some(rng, 0.05):
        s["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "t", "labelSelector": {"matchLabels": {"app": "web"}}}]}}
    return s


def template(rng):
    t = {"spec": pod_spec(rng)}
    if some(rng, 0.7):
        t["metadata"] = {"labels": {"app": "web"}}
        if some(rng, 0.2):
            t["metadata"]["annotations"] = {"x": ODD}
    return t


def workload(rng, kind):
    spec = {"template": template(rng)}
    if some(rng, 0.6):
        spec["replicas"] = Raw(rng.choice("123"))
    if some(rng, 0.7):
        spec["selector"] = {"matchLabels": {"app": "web"}}
    if kind == "Deployment" and some(rng, 0.2):
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": rng.choice([Raw("1"), "25%"])}}
    if kind == "StatefulSet" and some(rng, 0.5):
        spec["serviceName"] = name(rng)
        spec["volumeClaimTemplates"] = [{"metadata": {"name": "d"}, "spec": {"storageClassName": name(rng)}}]
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata(rng), "spec": spec}


def config_map(rng):
    o = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(rng)}
    if some(rng, 0.9):
        o["data"] = {key(rng): tree(rng, 1) if some(rng, 0.1) else ODD for _ in range(rng.randint(0, 4))}
    return o


def secret(rng):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata(rng), "type": "Opaque",
            rng.choice(["data", "stringData"]): {"k": rng.choice(["YQ==", "YWI="])}}


def service(rng):
    o = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(rng), "spec": {}}
    if some(rng, 0.8):
        o["spec"]["ports"] = [port(rng, "port") for _ in range(rng.randint(1, 3))]
    if some(rng, 0.7):
        o["spec"]["selector"] = {"app": "web"}
    return o


def custom(rng):
    o = {"apiVersion": rng.choice(["example.org/v1", "x.example.org/v1beta1"]), "kind": rng.choice(["Thing", "App"]),
         "metadata": metadata(rng), "spec": {key(rng): tree(rng) for _ in range(rng.randint(0, 4))}}
    if some(rng, 0.2):
        o["spec"]["containers"] = [container(rng)]
    if some(rng, 0.1):
        o["spec"]["template"] = template(rng)
    return o


def binding(rng):
    cluster = some(rng)
    kind = "ClusterRoleBinding" if cluster else "RoleBinding"
    subject = {"kind": "ServiceAccount", "name": rng.choice([name(rng), "default"])}
    if some(rng, 0.6):
        subject["namespace"] = rng.choice(["prod", "q", "default"])
    role = "ClusterRole" if cluster or some(rng) else "Role"
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata(rng, not cluster),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": name(rng)},
            "subjects": [subject] + ([{"kind": "User", "name": "default"}] if some(rng) else [])}


def role(rng):
    cluster = some(rng, 0.5)
    rule = {"apiGroups": [""], "resources": [rng.choice(["configmaps", "secrets"])], "verbs": ["get"]}
    if some(rng, 0.5):
        rule["resourceNames"] = [name(rng) for _ in range(rng.randint(1, 2))]
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole" if cluster else "Role",
            "metadata": metadata(rng, not cluster), "rules": [rule]}


def plain(api, kind, spaced=True, **fields):
    def make(rng):
        return {"apiVersion": api, "kind": kind, "metadata": metadata(rng, spaced),
                **{k: v(rng) if callable(v) else v for k, v in fields.items()}}
    return make


def selector(rng):
    return {"selector": {"matchLabels": {"app": "web"}}}


def webhook(rng):
    service = {"name": name(rng), "namespace": rng.choice(["prod", "q", "default"])}
    return [{"name": "h.example.org", "clientConfig": {"service": service}}]


def ingress_spec(rng):
    return {"tls": [{"secretName": name(rng)}],
            "rules": [{"http": {"paths": [{"path": "/", "backend": {"service": {"name": name(rng), "port": {"number": Raw("80")}}}}]}}]}


MAKERS = [
    (10, lambda r: workload(r, "Deployment")), (3, lambda r: workload(r, "StatefulSet")),
    (2, lambda r: workload(r, "DaemonSet")), (10, config_map), (4, secret), (6, service), (8, custom),
    (3, binding), (2, role), (3, plain("v1", "ServiceAccount", imagePullSecrets=lambda r: [{"name": name(r)}])),
    (1, plain("v1", "Namespace", False)), (1, plain("v1", "PersistentVolumeClaim", spec=lambda r: {"volumeName": name(r), "storageClassName": name(r)})),
    (1, plain("v1", "PersistentVolume", False, spec=lambda r: {"storageClassName": name(r)})),
    (1, plain("storage.k8s.io/v1", "StorageClass", False, provisioner="x")),
    (1, plain("scheduling.k8s.io/v1", "PriorityClass", False, value=Raw("1000000"))),
    (2, plain("v1", "Pod", spec=pod_spec)),
    (2, plain("batch/v1", "CronJob", spec=lambda r: {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": template(r)}}})),
    (1, plain("batch/v1", "Job", spec=lambda r: {"template": template(r)})),
    (2, plain("networking.k8s.io/v1", "Ingress", spec=ingress_spec)),
    (1, plain("networking.k8s.io/v1", "NetworkPolicy", spec=lambda r: {"podSelector": {"matchLabels": {"app": "web"}}})),
    (1, plain("policy/v1", "PodDisruptionBudget", spec=selector)),
    (1, plain("autoscaling/v2", "HorizontalPodAutoscaler", spec=lambda r: {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": r.choice(["Deployment", "StatefulSet"]), "name": name(r)}})),
    (1, plain("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", False, webhooks=webhook)),
    (1, plain("apiextensions.k8s.io/v1", "CustomResourceDefinition", False, spec=lambda r: {"group": "example.org"})),
]


def thing(rng):
    return rng.choices([m for _, m in MAKERS], [w for w, _ in MAKERS])[0](rng)
