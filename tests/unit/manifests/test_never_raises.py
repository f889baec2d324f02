"""Whatever a file holds, reading it gives facts: random bytes, and real shapes with bytes cut out or put in."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shearpin.facts.manifest import ManifestFacts
from shearpin.manifests import read, reader_for

SAMPLES = {
    "compose.yaml": (
        b"include: [a.yaml]\nservices:\n  a: &a\n    build: {context: ., dockerfile: D}\n"
        b"    command: sh -c 'x && $Y'\n"
        b"    environment:\n      - A=${B:-c}\n      - D\n    env_file: [.env]\n"
        b"    ports: ['1:2', {target: 3}]\n    extends: b\n"
        b"  b:\n    <<: *a\n    networks: {n: {aliases: [x]}}\n    volumes: ['./x:/y']\n    links: ['a:b']\n"
    ),
    "compose.override.yaml": b"services:\n  a:\n    environment: {X: '1'}\n",
    "k8s/all.yaml": (
        b"kind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n"
        b"        - image: i\n"
        b"          env: [{name: A, value: $(B)}, {name: C, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n---\n"
        b"kind: Secret\nmetadata: {name: s}\ndata: {k: eA==}\n---\nkind: Service\nmetadata: {name: s}\n"
        b"spec: {ports: [{port: 1}]}\n"
    ),
    "chart/templates/x.yaml": b"{{- if .Values.a }}\nkind: Pod\nmetadata:\n"
    b'  name: {{ .Values.n | default "x" }}\nspec:\n  containers:\n    - image: i\n{{ end }}\n',
    "kustomization.yaml": b"configMapGenerator:\n  - name: a\n    envs: [.env]\n    literals: [A=1]\n",
    "over/kustomization.yaml": (
        b"resources: [../k8s/all.yaml, ..]\nnamePrefix: p-\nimages: [{name: i, newTag: '2'}]\n"
        b"patches:\n  - path: patch.yaml\n  - target: {kind: Pod, labelSelector: a=b}\n"
        b"    patch: '[{op: add, path: /spec/x/-, value: 1}]'\nconfigMapGenerator: [{name: a, behavior: merge}]\n"
    ),
    "over/patch.yaml": b"kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: x}]}}}\n",
    "Tiltfile": b"docker_build('a', 'b', dockerfile='c')\n",
    "Dockerfile": (
        b'# escape=\\\nFROM a AS b\nENV A=1 B="x y"\nCOPY . /x\nFROM b\nCOPY --from=b /x /y\nRUN <<E\nx\nE\n'
        b'ENTRYPOINT ["./s.sh"]\nCMD uwsgi --ini u.ini\n'
    ),
    ".env": b"export A='1'\nB=\"$A\\n\"\nC\n",
    "Procfile": b"web: ./s.sh\nworker: celery -A x worker\n",
    "kong.yml": b"_format_version: '3.0'\nservices: [{name: a, url: 'http://a:1', routes: [{paths: [/a]}]}]\n",
    "nginx.conf": b"upstream u { server a:1; }\nserver { location /a { proxy_pass http://u/; } }\n",
    "dynamic.yml": b"http:\n  routers:\n    a:\n      rule: PathPrefix(`/a`)\n      service: a\n"
    b"      middlewares: [m]\n"
    b"  middlewares: {m: {chain: {middlewares: [m]}}}\n"
    b"  services: {a: {loadBalancer: {servers: [{url: 'http://a:1'}]}}}\n",
    "dynamic.toml": b"[http.routers.a]\nrule = 'Path(`/a`)'\nservice = 'a'\n"
    b"[http.services.a.loadBalancer]\nservers = [{url = 'http://a:1'}]\n",
    "envoy.yaml": b"static_resources:\n  listeners: [{virtual_hosts: [{routes: [{match: {prefix: /a}, route:"
    b" {cluster: a, timeout: 1s, retry_policy: {num_retries: 2}}}]}]}]\n"
    b"  clusters: [{name: a, hosts: [{socket_address: {address: a, port_value: 1}}]}]\n",
    "labels.compose.yaml": b"services:\n  a:\n    image: a\n    expose: ['1']\n    labels:\n"
    b"      - traefik.http.routers.a.rule=Host(`a`) && Path(`/a`)\n      - traefik.http.routers.a.middlewares=m\n"
    b"      - traefik.http.middlewares.m.stripprefix.prefixes=/a\n",
    "asyncapi.yaml": b"asyncapi: 3.0.0\nservers: {m: {protocol: kafka}}\nchannels: {a: {address: b}}\n"
    b"operations: {o: {action: send, channel: {$ref: '#/channels/a'}}}\n",
    "catalog-info.yaml": b"apiVersion: backstage.io/v1\nkind: Component\nmetadata: {name: a}\n"
    b"spec: {dependsOn: ['component:b'], providesApis: [c], consumesApis: [d]}\n",
    "openapi.yaml": b"openapi: 3.0.0\npaths: {/a: {get: {operationId: x}}}\n",
    "mesh.yaml": b"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"
    b"spec: {hosts: [a], gateways: [mesh, g], http: [{match: [{uri: {prefix: /a}}], timeout: 1s,"
    b" retries: {attempts: 2}, route: [{destination: {host: a}}]}]}\n"
    b"---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n"
    b"spec: {rules: [{host: a, http: {paths: [{path: /a, backend: {service: {name: a}}}]}}]}\n",
    "pyproject.toml": b"[project]\nname = 'a'\nscripts = {a = 'b:c'}\n[tool.poetry.dependencies]\n"
    b"x = {path = '../x'}\n",
    "requirements.txt": b"-e ../x\n./y\n",
    "setup.cfg": b"[metadata]\nname = a\n",
    "skaffold.yaml": b"apiVersion: skaffold/v4\nbuild: {artifacts: [{image: a, context: b}]}\n",
    "supervisord.conf": b'[program:a]\ncommand=./s.sh\nenvironment=A="1"\ndirectory=x\n',
    "run.sh": b"./s.sh &\nuvicorn a:b --port 1\n",
    "s.sh": b"exec uvicorn a:b\n",
    "u.ini": b"[uwsgi]\nmodule = a:b\n",
    "chart/values.yaml": b"a: 1\nn: x\n",
    "chart/Chart.yaml": b"name: c\n",
}
READ = sorted(path for path in SAMPLES if reader_for(path) is not None)


def check(path: str, source: bytes) -> ManifestFacts:
    contents = {**SAMPLES, path: source}
    facts = read(path, source, contents.get)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=ManifestFacts) == facts
    found = (*facts.workloads, *facts.selectors, *facts.sources, *facts.images, *facts.routes, *facts.problems)
    for item in (*found, *facts.builds, *facts.hosts, *facts.mesh, *facts.contracts, *facts.rpcs):
        assert 0 <= item.site.start <= item.site.end <= len(contents.get(item.site.path, b""))
    return facts


@pytest.mark.parametrize("path", READ)
def test_samples_say_something(path: str) -> None:
    facts = check(path, SAMPLES[path])
    assert facts.kind or path in {"chart/values.yaml", "chart/Chart.yaml"}
    assert facts.problems == ()


@given(st.sampled_from(READ), st.binary(max_size=120))
def test_arbitrary_bytes(path: str, source: bytes) -> None:
    check(path, source)


@given(st.sampled_from(READ), st.data())
def test_mutated_samples(path: str, data: st.DataObject) -> None:
    source = SAMPLES[path]
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 30)))
    inserted = data.draw(
        st.binary(max_size=6) | st.sampled_from([b"${", b"{{", b"&x", b"*x", b"'", b'"', b"\\", b"\0", b"[", b": "])
    )
    check(path, source[:start] + inserted + source[end:])


@given(st.sampled_from(READ), st.data())
def test_every_file_that_matters_was_asked_for(path: str, data: st.DataObject) -> None:
    """A reading is a function of the file and of the files in `reads`: changing any other leaves it equal."""
    other = data.draw(st.sampled_from(sorted(SAMPLES)))
    before = read(path, SAMPLES[path], SAMPLES.get)
    after = read(path, SAMPLES[path], {**SAMPLES, other: b"changed: 1\n"}.get)
    assert other in before.reads or before == after
