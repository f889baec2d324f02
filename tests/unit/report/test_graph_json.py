from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from shearpin.graph.model import ServiceGraph
from shearpin.report.graph_json import graph_json

from .graphs import shop

SCHEMA = json.loads(files("shearpin.report").joinpath("schemas/graph.schema.json").read_text("utf-8"))


def test_the_graph_is_what_the_schema_says(desk):
    answer = json.loads(graph_json(shop(desk), desk.places, "/srv/shop"))
    jsonschema.validate(answer, SCHEMA)
    first = answer["edges"][0]
    assert (first["from"], first["to"], first["to_kind"], first["file"], first["line"]) == (
        "orders", "payments", "service", "orders/main.py", 3,
    )  # fmt: skip
    assert first["timeout"] == {"value": "5.0", "origin": "httpx default"}
    assert first["breaker"] is None
    assert first["unknown_reason"] is None
    assert first["evidence"] == [{"path": "compose.yaml", "line": 1, "note": "compose names the host"}]
    assert answer["infra"] == [{"id": "db", "kind": "postgres", "host": "db"}]
    assert answer["endpoints"][0]["line"] == 1
    assert answer["edges"][2]["unknown_reason"] == "url is a parameter nobody passes"


def test_an_empty_graph_is_valid(desk):
    answer = json.loads(graph_json(ServiceGraph((), (), (), ()), desk.places, "."))
    jsonschema.validate(answer, SCHEMA)


def test_the_schema_refuses_what_it_does_not_know(desk):
    answer = json.loads(graph_json(shop(desk), desk.places, "."))
    answer["edges"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer, SCHEMA)
