"""Which findings a client gets, pushed or pulled, and for which content."""

from __future__ import annotations

import asyncio

import pytest

ORDERS = "orders/main.py"
PAYMENTS = "payments/main.py"
PULL = {"diagnostics": {"mode": "pull"}}
ENDLESS = "orders/more.py"
NO_LIMIT = 'import requests\n\nrequests.get("https://example.com")\n'


def pushed(desk):
    return [message["params"] for message in desk.seen if message.get("method", "").endswith("publishDiagnostics")]


async def pulled(desk, path, previous=None):
    more = {} if previous is None else {"previousResultId": previous}
    return await desk.ask("textDocument/diagnostic", desk.of(path, **more))


async def test_a_client_gets_findings_one_way_never_both(desk, profile):
    offered = await desk.start(profile, **PULL)
    pulls = desk.capabilities["textDocument"].get("diagnostic") is not None
    assert (offered.get("diagnosticProvider") is not None) == pulls
    desk.load(ORDERS, NO_LIMIT)
    if pulls:
        found = await desk.until_asked("textDocument/diagnostic", desk.of(ORDERS), lambda report: report["items"])
        assert [item["code"] for item in found["items"]] == ["call-without-timeout"]
        desk.become(ORDERS, NO_LIMIT + "\n")
        await pulled(desk, ORDERS)
        await asyncio.sleep(0.3)
        await pulled(desk, ORDERS)
        assert pushed(desk) == []
    else:
        await desk.shown(ORDERS, "call-without-timeout")


async def test_nothing_is_pulled_unless_somebody_wants_it(desk):
    assert "diagnosticProvider" not in await desk.start()
    answer = await desk.request("textDocument/diagnostic", desk.of(ORDERS))
    assert answer["error"]["code"] == -32601


async def test_pull_right_after_a_change_is_about_that_text(desk):
    await desk.start(**PULL)
    desk.load(ORDERS)
    assert (await pulled(desk, ORDERS))["items"] == []
    for number in range(5):
        desk.become(ORDERS, NO_LIMIT + "\n" * number)
        first = await pulled(desk, ORDERS)
        assert len(first["items"]) == 1
        desk.become(ORDERS, "x = 1\n" * number)
        assert (await pulled(desk, ORDERS))["items"] == []


async def test_equal_content_is_answered_as_unchanged_whatever_the_version_says(desk):
    await desk.start(**PULL)
    desk.load(ORDERS, NO_LIMIT)
    first = await pulled(desk, ORDERS)
    desk.become(ORDERS, NO_LIMIT)
    again = await pulled(desk, ORDERS, first["resultId"])
    assert again == {"kind": "unchanged", "resultId": first["resultId"]}
    desk.become(ORDERS, f"\n{NO_LIMIT}")
    moved = await pulled(desk, ORDERS, first["resultId"])
    assert moved["items"][0]["range"]["start"]["line"] == first["items"][0]["range"]["start"]["line"] + 1


async def test_edit_of_one_file_lets_the_client_ask_for_the_others(desk):
    desk.write({"shearpin.toml": 'select = ["unknown-endpoint"]\n'})
    await desk.start(**PULL)
    desk.load(ORDERS)
    desk.load(PAYMENTS)
    assert (await pulled(desk, ORDERS))["items"] == []
    await desk.until_asked("textDocument/documentSymbol", desk.of(ORDERS), bool)
    desk.seen.clear()
    desk.become(PAYMENTS, desk.texts[PAYMENTS].replace('"/charge"', '"/pay"'))
    while "workspace/diagnostic/refresh" not in {message.get("method") for message in desk.seen}:
        await desk.receive()
    assert [item["code"] for item in (await pulled(desk, ORDERS))["items"]] == ["unknown-endpoint"]


async def test_workspace_is_pulled_where_all_files_are_wanted(desk):
    desk.write({ENDLESS: NO_LIMIT})
    await desk.start(diagnostics={"mode": "pull", "scope": "workspace"})
    asked = {"previousResultIds": []}
    found = await desk.until_asked("workspace/diagnostic", asked, lambda found: found["items"])
    (item,) = found["items"]
    assert (item["uri"], item["version"], len(item["items"])) == (desk.uri(ENDLESS), None, 1)
    known = {"previousResultIds": [{"uri": item["uri"], "value": item["resultId"]}]}
    assert [one["kind"] for one in (await desk.ask("workspace/diagnostic", known))["items"]] == ["unchanged"]
    desk.load(ENDLESS)
    assert (await desk.ask("workspace/diagnostic", asked))["items"] == []
    assert pushed(desk) == []


async def test_file_that_is_not_ours_has_no_findings_when_it_is_pulled(desk):
    await desk.start(**PULL)
    for uri in ("untitled:Untitled-1", "vscode-notebook-cell:/w/a.ipynb#W0", desk.uri("notes.md")):
        report = await desk.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        assert (report["kind"], report["items"]) == ("full", [])


async def test_wrong_settings_are_shown_in_their_file_in_either_mode(desk):
    desk.write({"shearpin.toml": 'selekt = ["all"]\n'})
    await desk.start(**PULL)
    (problem,) = await desk.diagnostics("shearpin.toml")
    assert problem["code"] == "settings"
    desk.load("shearpin.toml")
    assert await desk.diagnostics("shearpin.toml") == []
    assert [item["code"] for item in (await pulled(desk, "shearpin.toml"))["items"]] == ["settings"]


@pytest.mark.parametrize("version", [0, None])
async def test_client_that_does_not_count_versions(desk, version):
    await desk.start()
    desk.load(ORDERS, "x = 1\n", version=0)
    assert await desk.shown(ORDERS) == []
    for text, count in ((NO_LIMIT, 1), ("x = 2\n", 0), (NO_LIMIT * 2, 2), ("", 0)):
        desk.change(ORDERS, version, {"text": text})
        found = await desk.diagnostics(ORDERS)
        assert len(found) == count
    assert desk.popups() == []


async def test_file_that_changes_behind_the_editor(desk):
    desk.write({ENDLESS: NO_LIMIT})
    await desk.start(diagnostics={"scope": "workspace"})
    assert len(await desk.diagnostics(ENDLESS)) == 1
    desk.write({ENDLESS: NO_LIMIT.replace('")', '", timeout=3)')})
    desk.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": desk.uri(ENDLESS), "type": 2}]})
    assert await desk.diagnostics(ENDLESS) == []


MANIFESTS = {
    "gateway.yaml": (
        "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n# shearpin: allow[unknown-endpoint] why\n",
        "yaml",
    ),
    "orders/.env": ("# shearpin: allow[unknown-endpoint] why\nA=1\n", "dotenv"),
    "orders/Dockerfile": ("# shearpin: allow[unknown-endpoint] why\nFROM python\n", "dockerfile"),
    "compose.override.yaml": ("# shearpin: allow[unknown-endpoint] why\nservices: {}\n", "dockercompose"),
    "orders/pyproject.toml": ("# shearpin: allow[unknown-endpoint] why\n[project]\nname = 'a'\n", "toml"),
}


@pytest.mark.parametrize("path", MANIFESTS)
async def test_findings_inside_of_files_that_are_no_python(desk, path):
    """Whatever language the client says it is; here a comment that allows nothing."""
    text, language = MANIFESTS[path]
    desk.write({"shearpin.toml": 'select = ["all"]\n'})
    await desk.start()
    item = {"uri": desk.uri(path), "languageId": language, "version": 1, "text": text}
    desk.send("textDocument/didOpen", {"textDocument": item})
    desk.texts[path] = text
    found = []
    while not found:
        found = await desk.diagnostics(path)
    assert [item["code"] for item in found] == ["unused-suppression"]
    assert found[0]["range"]["start"]["line"] == text[: text.index("# shearpin")].count("\n")
    assert found[0]["tags"] == [1]
