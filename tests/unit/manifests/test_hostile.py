"""Manifests that are broken, huge, circular or meant to harm cost little and say one thing.

What would take for ever when a bound is lost does so here: these tests then never end.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from shearpin.facts.manifest import ManifestFacts
from shearpin.manifests import MAX_BYTES, read, reader_for
from shearpin.query import Database
from shearpin.syntax.interpolation import Interpolated, interpolate
from shearpin.workspace.cache import Cache
from shearpin.workspace.files import DiskFiles
from shearpin.workspace.summaries import Summaries
from shearpin.workspace.workspace import Workspace

from .test_never_raises import READ, SAMPLES


def facts(path: str, source: bytes, **others: bytes) -> ManifestFacts:
    contents = {path: source, **{name.replace("__", "/").replace("_dot_", "."): text for name, text in others.items()}}
    return read(path, source, contents.get)


BOMB = b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (inner + 1, inner + 1, b",".join([b"*a%d" % inner] * 10)) for inner in range(28)
)
USES = {
    "compose.yaml": b"services: {s: {image: i, command: *a28, environment: *a28, ports: *a28, labels: *a28}}\n",
    "k8s.yaml": b"kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: *a28}}}\n",
    "mesh.yaml": b"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"
    b"spec: {hosts: *a28, gateways: *a28, http: *a28}\n",
    "kustomization.yaml": b"resources: *a28\npatches: *a28\nconfigMapGenerator: *a28\nimages: *a28\n",
    "envoy.yaml": b"static_resources: {listeners: *a28, clusters: *a28}\n",
    "kong.yml": b"_format_version: '3.0'\nservices: *a28\nroutes: *a28\n",
    "dynamic.yml": b"http: {routers: {a: {rule: Path(`/`), service: s, middlewares: *a28}},"
    b" services: {s: {loadBalancer: {servers: *a28}}}}\n",
    "openapi.yaml": b"openapi: 3.0.0\npaths: {/a: *a28}\nservers: *a28\n",
    "asyncapi.yaml": b"asyncapi: 3.0.0\nchannels: *a28\noperations: *a28\n",
    "skaffold.yaml": b"apiVersion: skaffold/v1\nbuild: {artifacts: *a28}\n",
    "catalog-info.yaml": b"apiVersion: backstage.io/v1\nkind: Component\nmetadata: {name: a}\n"
    b"spec: {dependsOn: *a28}\n",
}


@pytest.mark.parametrize("path", sorted(USES))
def test_aliases_that_multiply(path: str) -> None:
    head, _, rest = USES[path].partition(b"\n")
    found = facts(path, BOMB + USES[path] if path in {"compose.yaml", "k8s.yaml"} else _headed(head, rest))
    assert found.problems == ()


def _headed(head: bytes, rest: bytes) -> bytes:
    """The format is named first, what it uses is defined in between."""
    if b"*" in head:
        return BOMB + head + b"\n" + rest
    return head + b"\n" + BOMB + rest


def test_a_patch_whose_aliases_multiply_or_nest_without_end() -> None:
    nested = "a0: &a0 [x]\n" + "".join(f"a{outer}: &a{outer} [*a{inner}]\n" for inner, outer in pairwise(range(3000)))
    for patch in (
        BOMB.decode() + "kind: Pod\nmetadata: {name: a, annotations: *a28}\n",
        nested + "kind: Pod\nmetadata: {name: a}\n",
    ):
        text = "resources: [pod.yaml]\npatches:\n  - patch: |\n" + "".join(
            f"      {line}\n" for line in patch.splitlines()
        )
        pod = b"kind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: i}]}\n"
        found = facts("kustomization.yaml", text.encode(), pod_dot_yaml=pod)
        assert [item.name for item in found.workloads] == ["a"]


DEEP = {
    "compose.yaml": b"services: " + b"[" * 100_000,
    "k8s.yaml": b"kind: Deployment\nspec: " + b"{a: " * 100_000,
    "kustomization.yaml": b"resources: " + b"[" * 100_000,
    "openapi.yaml": b"openapi: 3.0.0\npaths: " + b"{a: " * 100_000,
    "pyproject.toml": b"a = " + b"[" * 100_000,
    "dynamic.toml": b"[http.routers.a]\nx = " + b"[" * 100_000,
}


@pytest.mark.parametrize("path", sorted(DEEP))
def test_what_nests_too_deep_is_said_once(path: str) -> None:
    assert len(facts(path, DEEP[path]).problems) == 1


@pytest.mark.parametrize("path", [path for path in READ if reader_for(path) is not None])
def test_what_is_too_large_is_said_once(path: str) -> None:
    found = read(path, SAMPLES[path] + b"\n# " + b"x" * MAX_BYTES, SAMPLES.get)
    assert (found.workloads, found.routes, found.sources, found.images, found.builds) == ((), (), (), (), ())
    messages = [problem.message for problem in found.problems]
    assert messages == ["larger than 2 MB: it is not read"] if found.kind else messages == []


@pytest.mark.parametrize("path", [path for path in READ if reader_for(path) is not None])
def test_bytes_that_are_no_text(path: str) -> None:
    found = read(path, SAMPLES[path] + bytes(range(256)) * 20, SAMPLES.get)
    assert len(found.problems) <= 1


def test_many_nodes_many_documents_and_many_mistakes() -> None:
    assert [found.message for found in facts("k8s.yaml", b"kind: [" + b"a," * 500_000).problems] == [
        "too large to be read"
    ]
    many = facts("k8s.yaml", b"---\nkind: a\n" * 6000).problems
    assert [found.message for found in many] == ["more than 5000 documents"]
    assert len(facts("k8s.yaml", b"---\nkind: [\n" * 300).problems) == 20


def test_files_that_a_manifest_names_are_bounded_too() -> None:
    huge = b"A=1\n" * (MAX_BYTES // 4 + 1)
    found = facts("compose.yaml", b"services: {a: {image: i, env_file: big.env}}\n", big_dot_env=huge)
    assert found.workloads[0].env == ()
    assert found.reads == (".env", *(f".env{end}" for end in (".dist", ".example", ".sample", ".template")), "big.env",
                           *(f"big.env{end}" for end in (".dist", ".example", ".sample", ".template")))  # fmt: skip


def test_values_that_double() -> None:
    doubling = b"A0=xxxxxxxx\n" + b"".join(b"A%d=$A%d$A%d\n" % (i, i - 1, i - 1) for i in range(1, 60))
    entries = {entry.name: entry.value for entry in facts(".env", doubling).sources[0].entries}
    assert entries["A3"] == "x" * 64
    assert entries["A40"] is None
    stages = b"FROM a\n" + b"".join(b"ENV " + line + b"\n" for line in doubling.splitlines())
    assert max(len(entry.value or "") for entry in facts("Dockerfile", stages).images[0].env) <= 65_536


def test_stages_that_double() -> None:
    stages = b"FROM a AS s0\nCOPY . /a\n" + b"".join(
        b"FROM a AS s%d\nCOPY --from=s%d / /\nCOPY --from=s%d / /b\n" % (i, i - 1, i - 1) for i in range(1, 50)
    )
    assert len(facts("Dockerfile", stages).images[0].copies) <= 1000


def test_substitutions_that_never_close() -> None:
    assert interpolate("${A:-" * 10_000, {}.get) == Interpolated(None)
    assert interpolate("$A" * 40_000, {"A": "x"}.get) == Interpolated(None)
    assert interpolate("$A" * 10, {"A": "x" * 10_000}.get) == Interpolated(None)


def test_actions_of_a_template_that_never_close() -> None:
    assert facts("c/templates/a.yaml", b"kind: Pod\n" + b"{{ " * 500_000).workloads == ()
    assert facts("c/templates/a.yaml", b"kind: Pod\n" + b"{{ a }}" * 100_000).workloads == ()


def test_includes_and_extensions_in_circles() -> None:
    circle = (
        b"include: [a.yaml, b.yaml, compose.yaml]\nservices: {a: {image: i, extends: {file: a.yaml, service: a}}}\n"
    )
    found = facts("compose.yaml", circle, a_dot_yaml=circle, b_dot_yaml=circle)
    assert [item.name for item in found.workloads] == ["a"]


def test_scripts_that_start_each_other() -> None:
    found = facts("run.sh", b"./a.sh; ./a.sh; uvicorn a:b\n", a_dot_sh=b"./run.sh; ./run.sh; ./a.sh; python x.py\n")
    assert len(found.workloads[0].command or ()) < 1000


def test_chains_of_middlewares() -> None:
    chain = b"".join(b"    m%d: {chain: {middlewares: [m%d, m%d]}}\n" % (i, i + 1, i + 1) for i in range(5000))
    found = facts(
        "dynamic.yml",
        b"http:\n  routers: {a: {rule: Path(`/a`), service: s, middlewares: [m0]}}\n  middlewares:\n" + chain
        + b"  services: {s: {loadBalancer: {servers: [{url: 'http://a'}]}}}\n",
    )  # fmt: skip
    assert [route.rewritten for route in found.routes] == ["/{}"]
    labels = b"".join(b"      traefik.http.middlewares.m%d.chain.middlewares: m%d\n" % (i, i + 1) for i in range(2000))
    compose = b"services:\n  a:\n    image: a\n    labels:\n      traefik.http.routers.a.rule: Path(`/a`)\n"
    found = facts("compose.yaml", compose + b"      traefik.http.routers.a.middlewares: m0\n" + labels)
    assert [route.rewritten for route in found.routes] == ["/{}"]


def test_links_out_of_the_workspace_and_in_circles(tmp_path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.env").write_text("PASSWORD=secret\n")
    (inside / "away").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "self.env").symlink_to("self.env")
    (inside / "compose.yaml").write_text(
        "services: {a: {image: i, env_file: [away/secret.env, loop/loop/compose.yaml, self.env]}}\n"
    )
    workspace = Workspace(DiskFiles(inside), Database(), Summaries(Cache(None), 1))
    workspace.load(())
    found = workspace.inputs.manifests["compose.yaml"]
    assert found.workloads[0].env == ()
