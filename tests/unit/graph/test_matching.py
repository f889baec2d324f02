"""Does a service serve a method and path?"""

from __future__ import annotations

import pytest

from shearpin.facts.site import Site
from shearpin.graph.calls import match_in
from shearpin.graph.matching import match
from shearpin.graph.model import Endpoint
from shearpin.graph.serving import Endpoints, Served, path_pattern

from .drawing import FASTAPI, FLASK, system


def serving(*operations: str, slash: str = "exact", gaps: tuple[str, ...] = ()) -> Endpoints:
    """Endpoints by `METHOD /path`; one that starts with "-" is not registered."""
    found: list[Served] = []
    for number, operation in enumerate(operations):
        method, path = operation.removeprefix("-").split(" ")
        site = Site("main.py", "x", number, number + 1)
        endpoint = Endpoint("a", "http", f"{method} {path}", "", site, not operation.startswith("-"))
        found.append(Served(endpoint, method, path_pattern(path), None, slash))
    return Endpoints(tuple(found), not gaps, gaps, has_application=True)


TABLE = [
    # literal paths and methods
    ("GET /x", "GET /x", "yes"),
    ("GET /x", "GET /y", "no"),
    ("GET /x", "POST /x", "no"),
    ("GET /x", "HEAD /x", "yes"),
    ("GET /x", "ANY /x", "yes"),
    ("ANY /x", "DELETE /x", "yes"),
    ("-GET /x", "GET /x", "unknown"),
    # parameters of the route, holes of the call
    ("GET /x/{id}", "GET /x/3", "yes"),
    ("GET /x/{id}", "GET /x/{}", "yes"),
    ("GET /x/{id}", "GET /x", "no"),
    ("GET /x/{id}", "GET /x/3/y", "no"),
    ("GET /x/{id}/y", "GET /x/{}/y", "yes"),
    ("GET /x/{id}/y", "GET /x/{}/z", "no"),
    ("GET /x/3", "GET /x/{}", "yes"),
    ("GET /x/v{n}.json", "GET /x/v2.json", "yes"),
    ("GET /x/v{n}.json", "GET /x/2.json", "no"),
    ("GET /x/{id}", "GET /x/item-{}", "yes"),
    ("GET /x/item-3", "GET /x/item-{}", "yes"),
    ("GET /x/thing-3", "GET /x/item-{}", "no"),
    # an open end
    ("GET /x/y/z", "GET /x/{}", "yes"),
    ("GET /x/y/z", "GET /w/{}", "no"),
    ("GET /x/{id}/y", "GET /x/3/{}", "yes"),
    ("GET /x", "GET /{}", "yes"),
    ("POST /x", "GET /{}", "unknown"),
    # catch-all routes
    ("GET /{rest:path}", "GET /x/y/z", "yes"),
    ("GET /x/{rest:path}", "GET /x/y/z", "yes"),
    ("GET /x/{rest:path}", "GET /y", "no"),
]


@pytest.mark.parametrize(("route", "call", "expected"), TABLE)
def test_one_route(route: str, call: str, expected: str) -> None:
    method, path = call.split(" ")

    assert match(serving(route), method, path).answer == expected


SLASHES = [
    ("/x", "/x/", "redirect", "yes"),
    ("/x/", "/x", "redirect", "yes"),
    ("/x", "/x/", "exact", "no"),
    ("/x/", "/x", "exact", "no"),
    ("/x/", "/x", "append", "yes"),
    ("/x", "/x/", "append", "no"),
    ("/", "/", "exact", "yes"),
]


@pytest.mark.parametrize(("route", "path", "slash", "expected"), SLASHES)
def test_slashes_at_the_end(route: str, path: str, slash: str, expected: str) -> None:
    assert match(serving(f"GET {route}", slash=slash), "GET", path).answer == expected


def test_the_near_ones_are_named() -> None:
    found = match(serving("GET /orders/{id}", "POST /orders", "GET /users"), "GET", "/order/3")

    assert found.answer == "no"
    assert [served.endpoint.op for served in found.near] == ["GET /orders/{id}", "POST /orders"]


def test_routes_that_are_not_known_make_absence_unknown() -> None:
    found = match(serving("GET /x", gaps=("a prefix is computed",)), "GET", "/y")

    assert (found.answer, found.reason) == ("unknown", "a prefix is computed")


SERVICES = [
    (f"{FASTAPI}@app.get('/x')\ndef x(): ...", "GET /x", "yes"),
    (f"{FASTAPI}@app.get('/x')\ndef x(): ...", "GET /y", "no"),
    (f"{FASTAPI}@app.get('/x')\ndef x(): ...\ndef broken(:", "GET /y", "unknown"),
    (f"{FLASK}@app.route('/x/')\ndef x(): ...", "GET /x", "yes"),
    (f"{FLASK}@app.route('/x')\ndef x(): ...", "GET /x/", "no"),
    (f"{FASTAPI}@app.get('/x/')\ndef x(): ...", "GET /x", "yes"),
    ("", "GET /x", "unknown"),
]


@pytest.mark.parametrize(("code", "call", "expected"), SERVICES)
def test_services(code: str, call: str, expected: str) -> None:
    method, path = call.split(" ")

    assert match_in(system({"a/main.py": code}, names="a").db, "a", method, path).answer == expected


def test_what_no_service_is() -> None:
    assert match_in(system({}, names="a").db, "none", "GET", "/x").answer == "unknown"
