"""Editing into a violation and out of it again, with the real analysis."""

from __future__ import annotations

import ast

import pytest

COMPOSE = """\
services:
  orders:
    build: ./orders
    environment:
      PAYMENTS_URL: http://payments:8000
  payments:
    build: ./payments
"""
ORDERS = """\
import os

import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def create(order: dict):
    response = requests.post(os.environ["PAYMENTS_URL"] + "/charge", json=order, timeout=5)
    response.raise_for_status()
    return response.json()
"""
PAYMENTS = """\
from fastapi import FastAPI

app = FastAPI()


@app.post("/charge")
def charge(order: dict):
    return {"paid": True}
"""
SYSTEM = {
    "compose.yaml": COMPOSE,
    "orders/main.py": ORDERS,
    "orders/requirements.txt": "fastapi\nrequests\n",
    "payments/main.py": PAYMENTS,
    "payments/requirements.txt": "fastapi\n",
}
CALLER = "orders/main.py"


@pytest.fixture
def system(editor):
    editor.write(SYSTEM)
    return editor


async def test_edit_into_a_violation_and_fix_it(system):
    await system.start()
    system.open(CALLER)
    await system.until_rules(CALLER)
    system.replace(CALLER, ", timeout=5", "")
    (found,) = await system.until_rules(CALLER, "call-without-timeout")
    assert found.source == "shearpin"
    assert found.code_description.href.endswith("call_without_timeout.py")
    assert "requests.post" in system.marked(CALLER, found)
    fix = (await system.actions(CALLER, found))[0]
    assert (fix.is_preferred, fix.edit) == (True, None)
    await system.apply(fix)
    assert "timeout=" in system.texts[CALLER]
    ast.parse(system.texts[CALLER])
    await system.until_rules(CALLER)


async def test_finding_is_allowed_by_a_comment_whose_reason_is_asked_for(system):
    await system.start()
    system.open(CALLER, ORDERS.replace(", timeout=5", ""))
    (found,) = await system.until_rules(CALLER, "call-without-timeout")
    allow = (await system.actions(CALLER, found))[-2]
    assert allow.title == "Allow call-without-timeout here, with a reason"
    await system.apply(allow)
    await system.until_rules(CALLER, "suppression-without-reason")
    system.replace(CALLER, "allow[call-without-timeout]", "allow[call-without-timeout] the gateway cuts it")
    await system.until_rules(CALLER)


async def test_everything_safe_in_a_file_is_fixed_at_once(system):
    several = """\
import time

import requests


def first():
    return requests.get("https://example.com/1")


def second():
    return requests.get("https://example.com/2")


async def third():
    time.sleep(1)
"""
    await system.start()
    system.open(CALLER, several)
    shown = await system.until_rules(CALLER, "call-without-timeout", "call-without-timeout", "blocking-call-in-async")
    (action,) = await system.actions(CALLER, shown[0], only="source.fixAll")
    assert action.kind == "source.fixAll"
    await system.apply(action)
    await system.until_rules(CALLER)
    text = system.texts[CALLER]
    assert text.count("timeout=") == 2
    assert "await asyncio.sleep(1)" in text
    assert text.count("import asyncio") == 1


async def test_renaming_a_route_lights_up_the_caller(system):
    await system.start()
    system.open(CALLER)
    system.open("payments/main.py")
    await system.until_rules(CALLER)
    system.replace("payments/main.py", '"/charge"', '"/pay"')
    (found,) = await system.until_rules(CALLER, "unknown-endpoint")
    assert "/charge" in found.message
    system.replace("payments/main.py", '"/pay"', '"/charge"')
    await system.until_rules(CALLER)


async def test_unsaved_compose_file_counts(system):
    await system.start()
    system.open(CALLER)
    system.open("payments/main.py", PAYMENTS.replace('"/charge"', '"/pay"'))
    await system.until_rules(CALLER, "unknown-endpoint")
    system.open("compose.yaml")
    system.replace("compose.yaml", "http://payments:8000", "https://pay.example.com")
    await system.until_rules(CALLER)


async def test_hover_shows_the_verdicts_of_the_call(system):
    await system.start()
    system.open(CALLER)
    await system.until_rules(CALLER)
    assert "timeout: " in await system.hover(CALLER, "requests.post")
    assert await system.hover(CALLER, "import os") == ""
    system.replace(CALLER, ", timeout=5", "")
    await system.until_rules(CALLER, "call-without-timeout")
    shown = await system.hover(CALLER, "requests.post")
    assert "**call-without-timeout**" in shown
    assert "## Why it matters" in shown


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", lambda text: len(text.encode())), ("utf-32", len), ("utf-16", None)]
)
async def test_same_text_is_marked_in_every_encoding(system, encoding, column):
    text = ORDERS.replace(", timeout=5", "").replace("    response = ", '    "😋ö"; response = ').replace("\n", "\r\n")
    (row,) = [line for line in text.split("\r\n") if "😋" in line]
    before = row[: row.index("requests.post")]
    result = await system.start(encoding, "utf-16")
    assert result.capabilities.position_encoding == encoding
    system.open(CALLER, text)
    (found,) = await system.until_rules(CALLER, "call-without-timeout")
    expected = len(before.encode("utf-16-le")) // 2 if column is None else column(before)
    assert (found.range.start.line, found.range.start.character) == (text[: text.index(row)].count("\n"), expected)


async def test_lines_added_above_move_the_finding_and_keep_crlf(system):
    await system.start()
    system.open(CALLER, ORDERS.replace(", timeout=5", "").replace("\n", "\r\n"))
    (before,) = await system.until_rules(CALLER, "call-without-timeout")
    system.replace(CALLER, "import os\r\n", "import os\r\n\r\n# more\r\n")
    (after,) = await system.until(
        CALLER, lambda found: [item.range.start.line for item in found] == [before.range.start.line + 2]
    )
    assert system.marked(CALLER, after).startswith("requests.post")
    await system.apply((await system.actions(CALLER, after))[0])
    assert system.texts[CALLER].count("\n") == system.texts[CALLER].count("\r\n")
    await system.until_rules(CALLER)


async def test_broken_code_while_typing_hides_nothing_in_other_files(system):
    await system.start()
    system.open(CALLER, ORDERS.replace(", timeout=5", ""))
    (before,) = await system.until_rules(CALLER, "call-without-timeout")
    system.open("payments/main.py")
    system.replace("payments/main.py", "def charge(order: dict):", "def charge(order: dict")
    system.replace(CALLER, "import os\n", "import os\n\n")
    moved = (before.code, before.range.start.line + 1)
    await system.until(CALLER, lambda found: [(item.code, item.range.start.line) for item in found] == [moved])


async def test_wrong_settings_are_shown_in_their_file_and_vanish(system):
    system.write({"shearpin.toml": 'fail-on = "warning"\nselekt = ["all"]\n'})
    await system.start()
    system.open(CALLER, ORDERS.replace(", timeout=5", ""))
    (problem,) = await system.until("shearpin.toml", bool)
    assert (problem.range.start.line, problem.code) == (1, "settings")
    assert 'did you mean "select"' in problem.message
    await system.until(CALLER, lambda found: "call-without-timeout" in {item.code for item in found})
    system.open("shearpin.toml", 'select = ["unbounded-retry"]\n')
    await system.until("shearpin.toml", lambda found: not found)
    system.save("shearpin.toml")
    await system.until_rules(CALLER)
    system.replace("shearpin.toml", "unbounded-retry", "unbounded-rety")
    (problem,) = await system.until("shearpin.toml", bool)
    assert 'did you mean "unbounded-retry"' in problem.message


async def test_graph_command(system):
    await system.start()
    system.open(CALLER)
    graph = await system.client.workspace_execute_command_async(command("shearpin.graph", "json"))
    names = sorted(service["id"] for service in graph["services"])
    assert names == ["orders", "payments"]
    drawn = await system.client.workspace_execute_command_async(command("shearpin.graph", "mermaid"))
    assert "payments" in drawn
    page = await system.client.workspace_execute_command_async(command("shearpin.explain", "call-without-timeout"))
    assert "## Why it matters" in page


def command(name, argument):
    from lsprotocol.types import ExecuteCommandParams

    return ExecuteCommandParams(name, [argument])
