"""Kustomizations are put together as kustomize does, each value with the place that it is written at."""

from __future__ import annotations

from shearpin.facts.manifest import ManifestFacts

from .reading import at, read_in, values, workload

ORDERS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  labels: {app: orders, tier: back}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers:
        - name: orders
          image: shop/orders:1
          command: [uvicorn, "main:app"]
          env:
            - {name: PAYMENTS, value: "http://localhost:8001"}
            - {name: LEVEL, value: info}
          ports: [{containerPort: 8000}]
---
apiVersion: v1
kind: Service
metadata: {name: orders}
spec: {selector: {app: orders}, ports: [{port: 80}]}
"""
BASE = {"k8s/base/kustomization.yaml": "resources: [orders.yaml]\n", "k8s/base/orders.yaml": ORDERS}
PROD = "k8s/overlays/prod/kustomization.yaml"


def rendered(overlay: str, **others: str) -> tuple[ManifestFacts, dict[str, str]]:
    beside = {f"k8s/overlays/prod/{name.replace('__', '.')}": text for name, text in others.items()}
    files = {**BASE, PROD: overlay, **beside}
    return read_in(files, PROD), files


def test_an_overlay_is_a_deployment_of_its_own() -> None:
    facts, files = rendered("resources: [../../base]\n")
    found = workload(facts, "orders")
    assert (facts.kind, found.deployment, found.image) == ("kubernetes", "k8s/overlays/prod", "shop/orders:1")
    assert found.site.path == "k8s/base/orders.yaml"
    assert at(files, found.site) == "orders"
    assert [(item.name, item.deployment) for item in facts.selectors] == [("orders", "k8s/overlays/prod")]
    assert facts.covers == ("k8s/base/kustomization.yaml", "k8s/base/orders.yaml")
    assert facts.problems == ()


def test_a_strategic_merge_changes_one_variable_and_keeps_the_others() -> None:
    patch = """\
kind: Deployment
metadata: {name: orders}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: orders
          env:
            - {name: PAYMENTS, value: "http://payments"}
            - {name: LEVEL, $patch: delete}
            - {name: NEW, value: "1"}
          ports: [{containerPort: 9000}]
          command: null
        - {name: sidecar, image: envoyproxy/envoy:v1}
"""
    for key in ("patchesStrategicMerge: [patch.yaml]", "patches: [{path: patch.yaml}]"):
        facts, files = rendered(f"resources: [../../base]\n{key}\n", patch__yaml=patch)
        found = workload(facts, "orders")
        assert values(found) == {"PAYMENTS": "http://payments", "NEW": "1"}
        assert found.env[0].site.path == "k8s/overlays/prod/patch.yaml"
        assert at(files, found.env[0].site) == '"http://payments"'
        assert (found.image, found.replicas, found.command) == ("shop/orders:1", 3, None)
        assert [port.container for port in found.ports] == [8000, 9000]
        assert "k8s/overlays/prod/patch.yaml" in facts.covers


def test_a_merge_can_replace_a_part_or_take_an_object_away() -> None:
    facts, _ = rendered(
        "resources: [../../base]\npatches:\n"
        "  - patch: |-\n      kind: Deployment\n      metadata: {name: orders}\n"
        "      spec: {template: {spec: {containers: [{$patch: replace}, {name: o, image: other}]}}}\n"
        "  - patch: |-\n      $patch: delete\n      kind: Service\n      metadata: {name: orders}\n"
    )
    found = workload(facts, "orders")
    assert (found.image, found.env, facts.selectors) == ("other", (), ())


def test_operations_on_paths() -> None:
    facts, files = rendered(
        "resources: [../../base]\n"
        "patchesJson6902:\n  - target: {version: v1, kind: Deployment, name: orders}\n    path: ops.yaml\n"
        "patches:\n  - target: {kind: Deployment, labelSelector: 'tier=back,app!=users'}\n    patch: |-\n"
        "      - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: LAST, value: z}}\n"
        "      - {op: replace, path: /spec/no/such, value: 1}\n"
        "  - target: {kind: Deployment, name: 'users|pay.*'}\n    patch: '[{op: remove, path: /spec}]'\n",
        ops__yaml=(
            "- op: replace\n  path: /spec/template/spec/containers/0/env/0/value\n  value: http://payments\n"
            "- {op: remove, path: /spec/template/spec/containers/0/env/1}\n"
            "- {op: add, path: /spec/template/spec/containers/0/env/0, value: {name: FIRST, value: a}}\n"
            "- {op: move, from: /spec/replicas, path: /metadata/annotations~1x}\n"
            "- {op: test, path: /kind, value: Deployment}\n"
        ),
    )
    found = workload(facts, "orders")
    assert values(found) == {"FIRST": "a", "PAYMENTS": "http://payments", "LAST": "z"}
    assert at(files, found.env[1].site) == "http://payments"
    assert found.replicas is None
    assert found.env[2].site.path == PROD


def test_a_patch_without_target_is_for_the_object_that_it_names() -> None:
    facts, _ = rendered(
        "resources: [../../base]\npatches:\n  - patch: |-\n      kind: Deployment\n      metadata: {name: users}\n"
        "      spec: {replicas: 9}\n"
    )
    assert workload(facts, "orders").replicas == 1


def test_images_replicas_and_names() -> None:
    facts, _ = rendered(
        "namePrefix: shop-\nnameSuffix: -v2\nresources: [../../base]\n"
        "images: [{name: shop/orders, newName: registry/orders-api, newTag: '7'}, {name: other, newTag: '1'}]\n"
        "replicas: [{name: orders, count: 5}]\n"
    )
    found = workload(facts, "orders")
    assert (found.image, found.replicas) == ("registry/orders-api:7", 5)
    assert [item.name for item in facts.selectors] == ["orders", "shop-orders-v2"]


def test_an_image_keeps_what_is_not_changed() -> None:
    assert (
        workload(rendered("resources: [../../base]\nimages: [{name: shop/orders, newName: x}]\n")[0], "orders").image
        == "x:1"
    )
    digest = "resources: [../../base]\nimages: [{name: shop/orders, digest: 'sha256:a'}]\n"
    assert workload(rendered(digest)[0], "orders").image == "shop/orders@sha256:a"


def test_generators_of_a_layer_change_those_below() -> None:
    files = {
        "base/kustomization.yaml": "configMapGenerator:\n"
        "  - {name: common, envs: [common.env], literals: [A=1, B='2']}\n"
        "secretGenerator:\n  - {name: keys, literals: [K=v], files: [cert=tls.crt, big.txt]}\n",
        "base/common.env": "C=3\n",
        "base/tls.crt": "pem",
        "base/big.txt": "x" * 5000,
        "prod/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n"
        "  - {name: common, behavior: merge, literals: [A=prod]}\n"
        "secretGenerator:\n  - {name: keys, behavior: replace, literals: [L=w]}\n",
    }
    facts = read_in(files, "prod/kustomization.yaml")
    found = {source.name: {entry.name: entry.value for entry in source.entries} for source in facts.sources}
    assert found == {"common": {"A": "prod", "B": "2", "C": "3"}, "keys": {"L": "w"}}
    below = {source.name: source for source in read_in(files, "base/kustomization.yaml").sources}
    assert {entry.name: entry.value for entry in below["keys"].entries} == {"K": "v", "cert": "pem"}
    assert {entry.name: at(files, entry.site) for entry in below["common"].entries} == {
        "A": "A=1",
        "B": "B='2'",
        "C": "3",
    }
    assert "base/common.env" in facts.reads


def test_a_component_changes_what_is_there_and_deploys_nothing_by_itself() -> None:
    component = "k8s/components/quick/kustomization.yaml"
    files = {
        **BASE,
        PROD: "resources: [../../base]\ncomponents: [../../components/quick]\n",
        component: "kind: Component\nresources: [job.yaml]\npatches:\n  - target: {kind: Deployment}\n"
        "    patch: '[{op: replace, path: /spec/replicas, value: 8}]'\n",
        "k8s/components/quick/job.yaml": "kind: Job\nmetadata: {name: warm}\n"
        "spec: {template: {spec: {containers: [{image: i}]}}}\n",
    }
    facts = read_in(files, PROD)
    assert [(item.name, item.replicas) for item in facts.workloads] == [("orders", 8), ("warm", None)]
    assert read_in(files, component).workloads == ()
    assert read_in(files, component).covers == ()


def test_a_kustomization_that_includes_itself_says_so_once() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b, x.yaml]\n",
        "b/kustomization.yaml": "resources: [../a, ../a]\n",
        "a/x.yaml": "kind: ConfigMap\nmetadata: {name: c}\ndata: {A: '1'}\n",
    }
    facts = read_in(files, "a/kustomization.yaml")
    assert [(problem.message, at(files, problem.site)) for problem in facts.problems] == [
        ("../a includes itself", "../a")
    ]
    assert [source.name for source in facts.sources] == ["c"]
    assert facts.covers == ()


def test_layers_that_double_at_each_step_are_left_out() -> None:
    files = {f"l{i}/kustomization.yaml": f"resources: [../l{i + 1}, ../l{i + 1}]\n" for i in range(14)}
    files["l14/kustomization.yaml"] = "resources: []\n"
    facts = read_in(files, "l0/kustomization.yaml")
    assert ["too many files" in problem.message for problem in facts.problems] == [True]


def test_resources_elsewhere_and_missing_ones_are_left_out() -> None:
    facts, _ = rendered(
        "resources: [../../base, 'https://example.org/x.yaml', github.com/a/b?ref=1, ../../../../up, no]\n"
    )
    assert [item.name for item in facts.workloads] == ["orders"]


def test_objects_of_a_cluster_that_are_called_alike_are_none() -> None:
    text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./x}\n"
    assert read_in({"kustomization.yaml": text}, "kustomization.yaml").kind == ""
