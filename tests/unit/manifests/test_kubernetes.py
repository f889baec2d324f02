from __future__ import annotations

import base64

from shearpin.facts.manifest import EnvReference

from .reading import at, read_in, read_text, values, workload

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: orders, tier: backend}
    spec:
      containers:
        - name: proxy
          image: envoyproxy/envoy:v1
        - name: server
          image: registry.example/shop/orders:1@sha256:abc
          workingDir: /srv
          command: ["python", "-m"]
          args: [orders.main]
          env:
            - name: PORT
              value: "8080"
            - name: SELF
              value: http://orders:$(PORT)/$(OTHER)
            - name: HOST
              valueFrom: {fieldRef: {fieldPath: status.podIP}}
            - name: KEY
              valueFrom:
                secretKeyRef: {name: keys, key: api}
          envFrom:
            - configMapRef: {name: common}
              prefix: C_
          ports:
            - containerPort: 8080
"""


def test_deployment() -> None:
    files = {"k8s/orders.yaml": DEPLOYMENT}
    found = workload(read_in(files, "k8s/orders.yaml"), "orders")
    assert found.kind == "deployment"
    assert found.deployment == "k8s"
    assert found.image == "registry.example/shop/orders:1@sha256:abc"
    assert found.command == ("python", "-m", "orders.main")
    assert found.working_dir == "/srv"
    assert found.replicas == 2
    assert found.labels == (("app", "orders"), ("tier", "backend"))
    assert [port.container for port in found.ports] == [8080]
    assert values(found) == {"PORT": "8080", "SELF": "http://orders:8080/$(OTHER)", "HOST": None, "KEY": None}
    assert next(at(files, entry.site) for entry in found.env) == '"8080"'
    assert at(files, found.site) == "orders"


def test_variables_from_named_sources() -> None:
    found = workload(read_text("k8s/orders.yaml", DEPLOYMENT), "orders")
    assert [(item.kind, item.source, item.name, item.key, item.prefix) for item in found.env_from] == [
        ("configmap", "common", "", "", "C_"),
        ("secret", "keys", "KEY", "api", ""),
    ]
    assert all(isinstance(item, EnvReference) for item in found.env_from)


def test_all_kinds_of_workloads() -> None:
    pod = "template: {spec: {containers: [{name: c, image: i}]}}"
    documents = [
        f"kind: {kind}\nmetadata: {{name: {kind.lower()}}}\nspec: {{{pod}}}\n"
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job")
    ]
    documents += [
        f"kind: CronJob\nmetadata: {{name: cronjob}}\nspec: {{jobTemplate: {{spec: {{{pod}}}}}}}\n",
        "kind: Pod\nmetadata: {name: pod}\nspec: {containers: [{name: c, image: i}]}\n",
        f"apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: knative}}\nspec: {{{pod}}}\n",
    ]
    facts = read_text("all.yaml", "---\n".join(documents))
    kinds = ["deployment", "statefulset", "daemonset", "job", "cronjob", "pod", "knative"]
    assert [(item.kind, item.name, item.image) for item in facts.workloads] == [(kind, kind, "i") for kind in kinds]
    assert workload(facts, "knative").hosts == ("knative",)
    assert facts.selectors == ()


def test_a_patch_names_a_workload_and_no_image() -> None:
    text = "kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, env: []}]}}}\n"
    assert workload(read_text("patch.yaml", text), "a").is_partial


def test_a_list_holds_objects() -> None:
    text = "kind: List\nitems:\n  - kind: ConfigMap\n    metadata: {name: c}\n    data: {A: '1'}\n"
    (source,) = read_text("x.yaml", text).sources
    assert (source.kind, source.name, source.entries[0].value) == ("configmap", "c", "1")


def test_service_selects_by_labels() -> None:
    text = (
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: orders\n  namespace: shop\nspec:\n"
        "  selector: {app: orders}\n"
        "  ports:\n    - port: 80\n      targetPort: 8080\n    - port: 90\n      targetPort: grpc\n"
    )
    (found,) = read_text("k8s/svc.yaml", text).selectors
    assert (found.name, found.namespace, found.selector) == ("orders", "shop", (("app", "orders"),))
    assert found.ports == ((80, 8080), (90, None))


def test_secrets_are_decoded_when_they_are_text() -> None:
    encoded = base64.b64encode(b"pw").decode()
    text = f"kind: Secret\nmetadata: {{name: s}}\ndata: {{A: {encoded}, B: '%%%', C: /w==}}\nstringData: {{D: plain}}\n"
    (source,) = read_text("s.yaml", text).sources
    assert {entry.name: entry.value for entry in source.entries} == {"A": "pw", "B": None, "C": None, "D": "plain"}


def test_kustomize_generators() -> None:
    files = {
        "k8s/base/kustomization.yaml": (
            "configMapGenerator:\n  - name: common\n    literals: [A=1]\n    envs: [common.env]\n"
            "secretGenerator:\n  - name: keys\n    literals: [K=v]\n"
        ),
        "k8s/base/common.env": "B=2\n",
    }
    facts = read_in(files, "k8s/base/kustomization.yaml")
    assert [(item.kind, item.name) for item in facts.sources] == [("configmap", "common"), ("secret", "keys")]
    assert {entry.name: at(files, entry.site) for entry in facts.sources[0].entries} == {"A": "A=1", "B": "2"}


def test_other_objects_are_no_manifest() -> None:
    assert read_text("x.yaml", "kind: Ingress\nmetadata: {name: x}\n").kind == ""
    assert read_text("x.yaml", "a: 1\n").kind == ""


def test_one_broken_document_leaves_the_others() -> None:
    facts = read_text("x.yaml", "kind: Deployment\n  broken: [\n---\n" + DEPLOYMENT)
    assert [item.name for item in facts.workloads] == ["orders"]
    assert len(facts.problems) == 1


CHART = {
    "chart/Chart.yaml": "name: shop\nappVersion: 1.2.0\n",
    "chart/values.yaml": "image: {repository: registry/orders}\nport: 8080\npay: {host: payments}\n",
}


def test_helm_template_with_simple_lookups() -> None:
    template = """\
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas | default 3 }}
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - containerPort: {{ .Values.port }}
          env:
            - name: PAY
              value: http://{{ .Values.pay.host }}:80
            - name: UNKNOWN
              value: {{ .Values.nothing | quote }}
            {{- range .Values.extra }}
            - name: {{ .name }}
              value: {{ .value }}
            {{- end }}
{{- end }}
"""
    files = {**CHART, "chart/templates/deployment.yaml": template}
    facts = read_in(files, "chart/templates/deployment.yaml")
    found = workload(facts, "shop")
    assert facts.kind == "helm"
    assert facts.problems == ()
    assert found.deployment == "chart"
    assert found.image == "registry/orders:1.2.0"
    assert found.replicas == 3
    assert [port.container for port in found.ports] == [8080]
    assert values(found) == {"PAY": "http://payments:80", "UNKNOWN": None}
    assert at(files, found.env[0].site) == "http://{{ .Values.pay.host }}:80"
    assert set(facts.reads) == {"chart/Chart.yaml", "chart/values.yaml"}


def test_helm_names_of_a_release_keep_what_tells_them_apart() -> None:
    template = (
        "kind: Deployment\nmetadata:\n  name: {{ .Release.Name }}-cleaner\nspec:\n  template:\n    spec:\n"
        "      containers:\n        - name: main\n          image: tools/cleaner\n"
        '          env: [{name: REDIS, value: "{{ .Release.Name }}-redis"}]\n'
    )
    (found,) = read_in({**CHART, "chart/templates/a.yaml": template}, "chart/templates/a.yaml").workloads
    assert found.name == "shop-cleaner"
    assert values(found) == {"REDIS": "shop-redis"}


def test_helm_objects_whose_name_is_not_known_are_not_called_like_the_chart() -> None:
    template = (
        "kind: DaemonSet\nmetadata:\n  name: {{ .Release.Name }}-{{ $builder }}\nspec:\n  template:\n    spec:\n"
        "      containers: [{name: main, image: tools/cleaner}]\n"
    )
    files = {**CHART, "chart/templates/a.yaml": template}
    assert read_in(files, "chart/templates/a.yaml").workloads == ()
    alone = template.replace("{{ .Release.Name }}-{{ $builder }}", "{{ $fullName }}")
    (found,) = read_in({**CHART, "chart/templates/a.yaml": alone}, "chart/templates/a.yaml").workloads
    assert found.name == "shop"
