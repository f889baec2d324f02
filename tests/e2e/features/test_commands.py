"""Commands and the actions that run them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

ORDERS = "orders/main.py"
PAYMENTS = "payments/main.py"
FIX_FILE = "Fix all that is safe to fix in this file"
FIX_FILES = "Fix all that is safe to fix in the workspace"


def page(desk):
    """Name and text of the page that was shown last, and whether a browser shall show it."""
    shown = desk.requests("window/showDocument")[-1]
    path = Path(unquote(urlsplit(shown["uri"]).path))
    return path.name, path.read_text(), shown.get("external", False)


def folder_of_pages(desk):
    return Path(unquote(urlsplit(desk.requests("window/showDocument")[-1]["uri"]).path)).parent


def names_in(folder):
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def shows(desk):
    return ((desk.capabilities.get("window") or {}).get("showDocument") or {}).get("support")


async def unsafe(desk, profile="vscode-languageclient-11.0.0", **options):
    """Both services open, each with a call that waits for ever."""
    desk.write({PAYMENTS: (desk.root / PAYMENTS).read_text().replace(", timeout=4", "")})
    await desk.start(profile, **options)
    desk.load(ORDERS, (desk.root / ORDERS).read_text().replace(", timeout=5", ""))
    return (await desk.shown(ORDERS, "call-without-timeout"))[0]


async def test_graph_and_score_are_shown_or_returned(desk, various):
    await desk.start(various)
    desk.load(ORDERS)
    await desk.shown(ORDERS)
    graph = await desk.command("shearpin.graph")
    score = await desk.command("shearpin.score")
    if shows(desk):
        assert (graph, score) == (None, None)
        assert page(desk)[0] == "score.txt"
        assert "How far practices hold" in page(desk)[1]
        assert desk.requests("window/showDocument")[0]["external"] is True
    else:
        assert graph.startswith("<!")
        assert "timeouts" in score
        assert desk.requests("window/showDocument") == []
    counts = await desk.command("shearpin.score", "json")
    assert counts["practices"]["timeouts"]["examined"] == counts["practices"]["timeouts"]["hold"] == 2
    assert {service["id"] for service in (await desk.command("shearpin.graph", "json"))["services"]} >= {"orders"}
    wrong = await desk.request("workspace/executeCommand", {"command": "shearpin.score", "arguments": ["pie"]})
    assert wrong["error"]["code"] == -32602


async def test_pages_are_gone_with_the_server(desk):
    await desk.start()
    await desk.command("shearpin.score")
    folder = folder_of_pages(desk)
    assert page(desk)[0] in names_in(folder)
    assert await desk.leave() == 0
    assert names_in(folder) == []


async def test_rule_is_explained_from_its_finding(desk, various):
    found = await unsafe(desk, various)
    action = await desk.action(ORDERS, found["range"], "Explain call-without-timeout")
    text = await desk.command(action["command"]["command"], *action["command"]["arguments"])
    assert "## Why it matters" in text
    if shows(desk):
        name, shown, _ = page(desk)
        assert name == "call-without-timeout.md"
        assert "## Why it matters" in shown
        assert desk.popups() == []
    else:
        assert desk.popups()[-1]["params"]["message"].endswith("More: shearpin explain call-without-timeout")


async def test_cost_of_the_last_edit_is_told(desk):
    await desk.start()
    desk.load(ORDERS)
    await desk.shown(ORDERS)
    # Lenses know callers when everything has been examined: before that, an edit is counted with the first reading.
    await desk.until_asked("textDocument/codeLens", desk.of(ORDERS), bool)
    desk.become(ORDERS, desk.texts[ORDERS].replace("timeout=5", "timeout=6"))
    await desk.shown(ORDERS)
    cost = await desk.command("shearpin.lastEditCost")
    assert (cost["path"], cost["parts"], cost["rules"]) == (ORDERS, 1, 1)
    assert cost["queries"] > cost["rules"]
    assert cost["milliseconds"] > 0
    (message,) = desk.requests("window/showMessage")
    assert message["message"].startswith("The last edit, in orders/main.py: 1 parts read, ")


async def test_everything_safe_in_the_workspace_is_fixed_at_once(desk, various):
    found = await unsafe(desk, various)
    action = await desk.action(ORDERS, found["range"], FIX_FILES)
    desk.answers["workspace/applyEdit"] = {"applied": True}
    count = await desk.command(action["command"]["command"], *action["command"]["arguments"])
    edit = desk.requests("workspace/applyEdit")[-1]["edit"]
    after = desk.apply(edit)
    assert count == 2
    assert sorted(after) == [ORDERS, PAYMENTS]
    assert all("timeout=" in text for text in after.values())
    workspace = desk.capabilities["workspace"].get("workspaceEdit") or {}
    assert ("documentChanges" in edit) == bool(workspace.get("documentChanges"))
    actions = desk.capabilities["textDocument"]["codeAction"]
    annotates = workspace.get("documentChanges") and actions.get("honorsChangeAnnotations")
    if workspace.get("changeAnnotationSupport") and annotates:
        (annotation,) = edit["changeAnnotations"].items()
        assert annotation == ("shearpin", {"label": "Fix all that is safe to fix", "needsConfirmation": False})
        assert {one["annotationId"] for change in edit["documentChanges"] for one in change["edits"]} == {"shearpin"}
    else:
        assert "changeAnnotations" not in edit
    desk.become(ORDERS, after[ORDERS])
    assert await desk.shown(ORDERS) == []
    assert await desk.command("shearpin.fixWorkspace", desk.uri(ORDERS)) == 1


async def test_nothing_of_other_files_changes_when_a_file_is_saved(desk):
    found = await unsafe(desk)
    for only in ("source.fixAll", "source.fixAll.shearpin"):
        actions = await desk.actions(ORDERS, found["range"], only)
        assert [action["title"] for action in actions] == [FIX_FILE]
    titles = [action["title"] for action in await desk.actions(ORDERS, found["range"], "source")]
    assert titles == [FIX_FILE, FIX_FILES]


async def test_whole_file_is_offered_where_it_is_resolved_later(desk):
    found = await unsafe(desk)
    titles = [action["title"] for action in await desk.actions(ORDERS, found["range"])]
    assert FIX_FILE not in titles
    desk.become(ORDERS, f'{desk.texts[ORDERS]}\n\nrequests.get("https://example.com")\n')
    found = await desk.shown(ORDERS, "call-without-timeout", "call-without-timeout")
    action = await desk.action(ORDERS, found[0]["range"], FIX_FILE)
    assert desk.apply(await desk.edit_of(action))[ORDERS].count("timeout=") == 2


async def test_nothing_to_fix_is_told(desk):
    await desk.start()
    desk.load(ORDERS)
    await desk.shown(ORDERS)
    assert await desk.command("shearpin.fixWorkspace") == 0
    assert desk.requests("workspace/applyEdit") == []
    assert len(desk.popups()) == 1
