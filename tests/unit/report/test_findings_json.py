from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

from shearpin.report.findings_json import findings_json
from shearpin.session import Counts, FileEdit

from .findings import checked

SCHEMA = json.loads(files("shearpin.report").joinpath("schemas/check.schema.json").read_text("utf-8"))


def test_findings_are_what_the_schema_says(desk):
    found = replace(
        checked(desk), skipped=(("a.py", "is not UTF-8"),), suppressed=1, practices={"timeouts": Counts(10, 7, 1, 2)}
    )
    answer = json.loads(findings_json(found))
    jsonschema.validate(answer, SCHEMA)
    first = answer["findings"][0]
    # the clef before the call takes two UTF-16 units
    assert first["range"] == {"start": {"line": 4, "character": 17}, "end": {"line": 4, "character": 30}}
    assert first["related"][0]["range"]["start"] == {"line": 2, "character": 4}
    assert first["fixes"] == [
        {"id": "f1.1", "title": "Set timeout=(3.05, 10)", "grade": "safe"},
        {"id": "f1.2", "title": "Add a circuit breaker", "grade": "review"},
    ]
    assert answer["summary"] == {
        "by_severity": {"error": 1, "warning": 1, "information": 0},
        "by_rule": {"call-without-timeout": 1, "unchecked-response": 1},
        "suppressed": 1,
        "baseline": 0,
        "practices": {"timeouts": {"examined": 10, "hold": 7, "violated": 1, "unknown": 2}},
    }


def test_edits_of_fixes_come_on_request(desk):
    found = checked(desk)
    text = desk.files["orders/client.py"]
    end = text.index(b"order)") + len(b"order")
    edit = FileEdit("orders/client.py", end, end, ", timeout=10", hashlib.sha256(text).hexdigest())
    answer = json.loads(findings_json(replace(checked(desk), edits=lambda _, fix: (edit,) if fix.actions else ())))
    jsonschema.validate(answer, SCHEMA)
    safe, review = answer["findings"][0]["fixes"]
    assert safe["edits"][0]["range"]["start"] == safe["edits"][0]["range"]["end"]
    assert safe["edits"][0]["new_text"] == ", timeout=10"
    assert review["edits"] == []
    assert "edits" not in json.loads(findings_json(found))["findings"][0]["fixes"][0]


def test_the_schema_refuses_what_it_does_not_know(desk):
    answer = json.loads(findings_json(checked(desk)))
    answer["findings"][0]["severity"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer, SCHEMA)
