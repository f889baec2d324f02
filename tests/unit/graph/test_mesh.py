"""What a mesh does with calls: on edges, in budgets, in attempts that multiply, as a protection."""

from __future__ import annotations

import pytest

from shearpin.graph.model import Edge
from shearpin.session import Session

from ...support import open_session
from .drawing import FASTAPI, edges, endpoints, system

CALLER = (
    FASTAPI
    + "import requests\n@app.get('/buy')\ndef buy():\n    return requests.get('http://b/items'{timeout}).json()\n"
)
PLAIN = CALLER.replace("{timeout}", "")
CALLED = FASTAPI + "@app.get('/items')\ndef items(): ...\n"
ISTIO = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b}\nspec:\n  hosts: [b]\n  http:\n"
BREAKER = (
    "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: b}\n"
    "spec: {host: b.shop.svc.cluster.local, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}}\n"
)


def meshed(*objects: str, timeout: str = "", path: str = "mesh/b.yaml") -> Session:
    given = f", timeout={timeout}" if timeout else ""
    return system({"a/main.py": CALLER.replace("{timeout}", given), "b/main.py": CALLED, path: "---\n".join(objects)})


def rules_of(session: Session) -> set[str]:
    return {finding.rule for finding in session.findings("a/main.py")}


def with_rules(code: str, *objects: str) -> Session:
    return open_session(
        {
            "compose.yaml": "services:\n  a: {build: a}\n  b: {build: b}\n",
            "a/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\nCMD uvicorn main:app\n",
            "b/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\nCMD uvicorn main:app\n",
            "a/main.py": code,
            "b/main.py": CALLED,
            **({"mesh.yaml": "---\n".join(objects)} if objects else {}),
        }
    )


def attributes(edge: Edge) -> tuple[str, ...]:
    found = (edge.timeout, edge.attempts, edge.breaker)
    return tuple("" if one is None else f"{one.value} ({one.origin})" for one in found)


def only(session: Session) -> tuple[str, ...]:
    (edge,) = session.graph().edges
    return attributes(edge)


def test_a_mesh_limits_tries_again_and_breaks() -> None:
    route = ISTIO + "    - timeout: 3s\n      retries: {attempts: 2}\n"
    assert only(meshed(route, BREAKER)) == ("3 s (VirtualService)", "3 (VirtualService)", "yes (DestinationRule)")


@pytest.mark.parametrize(
    ("timeout", "shown"),
    [("2", "2 s (given at the call)"), ("9", "3 s (VirtualService)"), ("None", "3 s (VirtualService)")],
)
def test_the_shorter_limit_counts(timeout: str, shown: str) -> None:
    assert only(meshed(ISTIO + "    - timeout: 3s\n", timeout=timeout))[0] == shown


def test_the_first_route_that_fits_decides() -> None:
    for uri, expected in (("{prefix: /items}", ""), ("{exact: /item}", "3 s"), ("{prefix: /other}", "3 s")):
        routes = f"    - match: [{{uri: {uri}}}]\n      retries: {{attempts: 1}}\n    - timeout: 3s\n"
        shown = only(meshed(ISTIO + routes))[0]
        assert shown == (f"{expected} (VirtualService)" if expected else "none (library default)")


def test_a_route_that_may_fit_leaves_open_what_holds() -> None:
    routes = "    - match: [{headers: {x: {exact: y}}}]\n      timeout: 1s\n    - timeout: 3s\n"
    assert only(meshed(ISTIO + routes)) == ("none (library default)", "", "")


def test_policies_for_others_and_copies_for_tests_say_nothing() -> None:
    other = (ISTIO + "    - timeout: 3s\n").replace("[b]", "[c]")
    assert only(meshed(other))[0] == "none (library default)"
    assert only(meshed(ISTIO + "    - timeout: 3s\n", path="tests/mesh.yaml"))[0] == "none (library default)"


def test_attempts_of_the_code_and_of_the_mesh_multiply() -> None:
    code = (
        FASTAPI + "import requests, stamina\n@app.get('/buy')\ndef buy():\n    return ask()\n"
        "@stamina.retry(on=requests.RequestException, attempts=3)\n"
        "def ask():\n    answer = requests.get('http://b/items', timeout=1)\n    answer.raise_for_status()\n"
        "    return answer.json()\n"
    )
    route = ISTIO + "    - retries: {attempts: 2, retryOn: '5xx'}\n"
    session = with_rules(code, route)
    (edge,) = session.graph().edges
    assert attributes(edge)[1] == "9 (stamina, VirtualService)"
    found = {finding.rule: finding for finding in session.findings("a/main.py")}
    assert "3 x 3 attempts" in found["retry-amplification"].message


def test_a_limit_of_the_mesh_protects_and_one_that_may_hold_silences() -> None:
    assert "call-without-timeout" in rules_of(with_rules(PLAIN))
    assert "call-without-timeout" not in rules_of(with_rules(PLAIN, ISTIO + "    - timeout: 3s\n"))
    open_ = "    - match: [{headers: {x: {exact: y}}}]\n      timeout: 1s\n"
    assert "call-without-timeout" not in rules_of(with_rules(PLAIN, ISTIO + open_))
    assert "call-without-timeout" in rules_of(with_rules(PLAIN, ISTIO + "    - retries: {attempts: 2}\n"))


def test_leaving_out_who_fails_is_a_breaker() -> None:
    assert "call-without-circuit-breaker" in rules_of(with_rules(PLAIN))
    assert "call-without-circuit-breaker" not in rules_of(with_rules(PLAIN, BREAKER))


INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x, annotations: {"
    "nginx.ingress.kubernetes.io/rewrite-target: /$2}}\nspec:\n  rules:\n    - host: shop.example.com\n      http:\n"
    "        paths:\n          - {path: '/b(/|$)(.*)', backend: {service: {name: b, port: {number: 80}}}}\n"
    "          - {path: /, backend: {service: {name: nobody, port: {number: 80}}}}\n"
)


def test_a_request_for_a_public_host_reaches_the_service_behind() -> None:
    code = FASTAPI + "import requests\n"
    code += "def f():\n    requests.get('https://shop.example.com/b/items?x=1')\n    requests.get('https://shop.example.com/c')\n"
    session = system({"a/main.py": code, "b/main.py": CALLED, "k8s/ingress.yaml": INGRESS})
    assert edges(session) == ["a -> b GET /items", "a -> external:shop.example.com GET /c"]
    assert endpoints(session, "b") == ["GET /items"]
    edge = session.graph().edges[0]
    assert edge.resolved_via == ("literal", "host-route")
    assert [hop.note for hop in edge.evidence][-1] == "Ingress sends shop.example.com/b/items to b"


def test_what_a_mesh_cuts_short_takes_no_longer() -> None:
    def rules(*objects: str) -> set[str]:
        names = ("a", "b", "c")
        session = open_session(
            {
                "compose.yaml": "services:\n" + "".join(f"  {name}: {{build: {name}}}\n" for name in names),
                **{f"{name}/Dockerfile": "FROM python\nCOPY . .\nCMD uvicorn main:app\n" for name in names},
                "a/main.py": CALLER.replace("{timeout}", ", timeout=10"),
                "b/main.py": FASTAPI + "import requests\n@app.get('/items')\ndef items():\n"
                "    return requests.get('http://c/prices', timeout=20).json()\n",
                "c/main.py": FASTAPI + "@app.get('/prices')\ndef prices(): ...\n",
                **({"mesh.yaml": "---\n".join(objects)} if objects else {}),
            }
        )
        return rules_of(session)

    to_c = ISTIO.replace("[b]", "[c]")
    assert "timeout-exceeds-caller" in rules()
    assert "timeout-exceeds-caller" not in rules(to_c + "    - timeout: 5s\n")
    tries = "    - retries: {attempts: 4, perTryTimeout: 3s"
    assert "timeout-exceeds-caller" not in rules(to_c + tries + ", retryOn: connect-failure}\n")
    assert "timeout-exceeds-caller" in rules(to_c + tries + ", retryOn: 5xx}\n")
