"""What the server offers, with a real process and a made-up analysis."""

from __future__ import annotations

import json

import pytest

RICH = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}
POOR = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}}


def actions_at(client, path, line, **context):
    span = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 99}}
    params = {"textDocument": {"uri": client.uri(path)}, "range": span, "context": {"diagnostics": [], **context}}
    return client.request("textDocument/codeAction", params)


def applied(text, edits):
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: edit["range"]["start"]["line"], reverse=True):
        start, end = edit["range"]["start"], edit["range"]["end"]
        assert start["line"] == end["line"]
        line = lines[start["line"]]
        lines[start["line"]] = line[: start["character"]] + edit["newText"] + line[end["character"] :]
    return "\n".join(lines)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 11), ("utf-16", 9), ("utf-32", 8), (None, 9)])
async def test_columns_are_counted_in_the_encoding_of_the_client(client, encoding, column):
    general = {} if encoding is None else {"general": {"positionEncodings": [encoding, "utf-16"]}}
    result = await client.initialize(general)
    assert result["capabilities"]["positionEncoding"] == (encoding or "utf-16")
    client.open("a.py", "x\r\n😋 call one\r\n".replace("😋 ", "# 😋"))
    found = await client.diagnostics("a.py")
    assert found[0]["range"]["start"] == {"line": 1, "character": column}


async def test_everything_a_diagnostic_carries(client):
    await client.initialize(RICH)
    client.open("a.py", "\ncall one\n")
    (found,) = await client.diagnostics("a.py", 1)
    assert (found["severity"], found["code"], found["source"]) == (1, "unknown-endpoint", "shearpin")
    assert found["message"] == "nobody answers one"
    assert found["relatedInformation"][0]["location"]["uri"] == client.uri("a.py")
    assert found["data"] == {"fingerprint": "a.py:one"}


async def test_the_other_place_is_in_the_message_where_related_places_are_not_shown(client):
    await client.initialize(POOR)
    client.open("a.py", "\ncall one\n")
    (found,) = await client.diagnostics("a.py")
    assert found["message"] == "nobody answers one (the file starts here: a.py:1)"
    assert "relatedInformation" not in found


async def test_edit_of_another_file_lights_up_the_caller(client):
    await client.initialize()
    client.open("caller.py", "call orders\n")
    client.open("service.py", "route orders\n")
    assert await client.diagnostics("service.py") == []
    client.change("service.py", 2, {"text": "route order_list\n"})
    found = await client.diagnostics("caller.py")
    while not found:
        found = await client.diagnostics("caller.py")
    assert found[0]["message"].startswith("nobody answers orders")
    client.change("service.py", 3, {"text": "route orders\n"})
    assert await client.diagnostics("caller.py") == []


async def test_quick_fix_is_resolved_lazily_where_the_client_can(client):
    text = "route one\ncall ons\n"
    await client.initialize(RICH)
    client.open("a.py", text)
    (shown,) = await client.diagnostics("a.py")
    fix, allow, _ = (await actions_at(client, "a.py", 1, diagnostics=[shown]))["result"]
    assert (fix["isPreferred"], fix["kind"], fix["diagnostics"]) == (True, "quickfix", [shown])
    assert "edit" not in fix
    assert "edit" not in allow
    edit = (await client.request("codeAction/resolve", fix))["result"]["edit"]["documentChanges"][0]
    assert edit["textDocument"] == {"uri": client.uri("a.py"), "version": 1}
    client.change("a.py", 2, {"text": applied(text, edit["edits"])})
    assert await client.diagnostics("a.py", 2) == []
    stale = await client.request("codeAction/resolve", fix)
    assert stale["error"]["code"] == -32801


async def test_quick_fix_has_its_edit_at_once_where_the_client_cannot_resolve(client):
    await client.initialize(POOR)
    client.open("a.py", "route one\ncall ons\n")
    fix = (await actions_at(client, "a.py", 1))["result"][0]
    assert fix["edit"]["changes"][client.uri("a.py")][0]["newText"] == "one"


async def test_allowing_inserts_a_comment_above(client):
    await client.initialize(POOR)
    client.open("a.py", "if x:\r\n    f('call one')\r\n")
    allow, _ = (await actions_at(client, "a.py", 1))["result"]
    (edit,) = allow["edit"]["changes"][client.uri("a.py")]
    assert edit["newText"] == "    # shearpin: allow[unknown-endpoint]\r\n"
    assert edit["range"]["start"] == edit["range"]["end"] == {"line": 1, "character": 0}


async def test_nothing_is_allowed_where_no_comment_can_stand(client):
    await client.initialize(POOR)
    client.open("a.py", 'x = """\ncall one\n"""\n')
    (explain,) = (await actions_at(client, "a.py", 1))["result"]
    assert explain["title"] == "Explain unknown-endpoint"


@pytest.mark.parametrize("kind", ["source.fixAll", "source.fixAll.shearpin"])
async def test_fix_all_answers_with_the_kind_that_was_asked_for(client, kind):
    await client.initialize(POOR)
    client.open("a.py", text := "route one\ncall ons\ncall onz\n")
    (action,) = (await actions_at(client, "a.py", 0, only=[kind]))["result"]
    assert action["kind"] == kind
    assert applied(text, action["edit"]["changes"][client.uri("a.py")]) == "route one\ncall one\ncall one\n"


@pytest.mark.parametrize(("only", "kinds"), [([], set()), (["refactor"], set()), (["quickfix"], {"quickfix"})])
async def test_only_is_honoured(client, only, kinds):
    await client.initialize(POOR)
    client.open("a.py", "route one\ncall ons\n")
    actions = (await actions_at(client, "a.py", 1, only=only))["result"]
    assert {action["kind"] for action in actions} == kinds


async def test_hover_tells_verdicts_then_findings(client):
    await client.initialize(RICH)
    client.open("a.py", "call one\n")
    params = {"textDocument": {"uri": client.uri("a.py")}, "position": {"line": 0, "character": 6}}
    contents = (await client.request("textDocument/hover", params))["result"]["contents"]
    assert contents["kind"] == "markdown"
    assert contents["value"].split("\n\n---\n\n")[:2] == [
        "timeout: 5 s, httpx default",
        "**unknown-endpoint**: nobody answers one",
    ]


async def test_newest_text_wins_over_a_slow_analysis(client):
    await client.initialize()
    client.open("a.py", "slow call one\n")
    for version in range(2, 40):
        client.change("a.py", version, {"text": f"slow call n{version}\n"})
    client.change("a.py", 40, {"text": "call last\n"})
    found = await client.diagnostics("a.py", 40)
    assert found[0]["message"].startswith("nobody answers last")
    versions = [
        message["params"]["version"] for message in client.seen if message.get("method", "").endswith("Diagnostics")
    ]
    assert versions == sorted(versions)
    assert len(versions) < 5


async def test_the_whole_workspace_is_shown_if_that_is_wanted_and_cleared_again(client):
    (client.root / "closed.py").write_text("call nobody\n")
    await client.initialize(initializationOptions={"diagnostics": {"scope": "workspace"}})
    found = await client.diagnostics("closed.py")
    assert len(found) == 1
    client.send("workspace/didChangeConfiguration", {"settings": {"shearpin": {"diagnostics": {"scope": "open"}}}})
    assert await client.diagnostics("closed.py") == []


async def test_changes_on_disk_that_the_client_reports(client):
    await client.initialize()
    client.open("a.py", "call one\n")
    assert len(await client.diagnostics("a.py")) == 1
    (client.root / "b.py").write_text("route one\n")
    client.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": client.uri("b.py"), "type": 1}]})
    assert await client.diagnostics("a.py") == []
    (client.root / "b.py").unlink()
    client.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": client.uri("b.py"), "type": 3}]})
    assert len(await client.diagnostics("a.py")) == 1


async def test_changes_on_disk_are_found_on_save_where_the_client_does_not_watch(client):
    await client.initialize()
    client.open("a.py", "call one\n")
    assert len(await client.diagnostics("a.py")) == 1
    (client.root / "b.py").write_text("route one\n")
    client.send("textDocument/didSave", {"textDocument": {"uri": client.uri("a.py")}})
    assert await client.diagnostics("a.py") == []


async def test_watched_files_are_registered_where_the_client_can(client):
    await client.initialize({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
    request = await client.until(lambda message: message.get("method") == "client/registerCapability")
    client.send_bytes(b'{"jsonrpc":"2.0","id":"%s","result":null}' % request["id"].encode())
    (registration,) = request["params"]["registrations"]
    patterns = {watcher["globPattern"] for watcher in registration["registerOptions"]["watchers"]}
    assert "**/*" in patterns
    assert any(pattern.startswith("**/*.{py,") for pattern in patterns)


async def test_disk_is_looked_at_on_save_where_the_client_refuses_to_watch(client):
    await client.initialize({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
    request = await client.until(lambda message: message.get("method") == "client/registerCapability")
    refusal = {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no"}}
    client.send_bytes(json.dumps(refusal).encode())
    client.open("a.py", "call one\n")
    assert len(await client.diagnostics("a.py")) == 1
    client.send("textDocument/didSave", {"textDocument": {"uri": client.uri("a.py")}})
    place = {"textDocument": {"uri": client.uri("a.py")}, "position": {"line": 0, "character": 6}}
    await client.request("textDocument/hover", place)
    (client.root / "b.py").write_text("route one\n")
    client.send("textDocument/didSave", {"textDocument": {"uri": client.uri("a.py")}})
    assert await client.diagnostics("a.py") == []


async def test_closing_a_file_clears_it_and_the_disk_counts_again(client):
    (client.root / "b.py").write_text("route one\n")
    await client.initialize()
    client.open("a.py", "call one\ncall two\n")
    client.open("b.py", "route two\n")
    await client.diagnostics("b.py")
    client.send("textDocument/didClose", {"textDocument": {"uri": client.uri("b.py")}})
    found = await client.diagnostics("a.py")
    while [item["message"].split()[2] for item in found] != ["two"]:
        found = await client.diagnostics("a.py")
    client.send("textDocument/didClose", {"textDocument": {"uri": client.uri("a.py")}})
    assert await client.diagnostics("a.py") == []


async def test_two_folders_do_not_know_each_other(client):
    other = client.root.parent / "other"
    other.mkdir()
    (other / "b.py").write_text("route one\n")
    folders = [{"uri": client.root.as_uri(), "name": "w"}, {"uri": other.as_uri(), "name": "w"}]
    await client.initialize(workspaceFolders=folders)
    client.open("../other/c.py", "call one\n")
    assert await client.diagnostics("../other/c.py") == []
    client.open("a.py", "call one\n")
    assert len(await client.diagnostics("a.py")) == 1
    client.send("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folders[0]]}})
    assert await client.diagnostics("a.py") == []


async def test_a_file_opened_at_once_belongs_to_the_folder_that_was_named(client):
    (client.root / "compose.yaml").touch()
    (client.root / "b.py").write_text("route one\n")
    inner = client.root / "inner"
    inner.mkdir()
    params = {"processId": None, "rootUri": inner.as_uri(), "capabilities": {}}
    client.send("initialize", params, id="i")
    client.send("initialized", {})
    client.open("inner/a.py", "call one\n")
    assert len(await client.diagnostics("inner/a.py", 1)) == 1


async def test_text_moves_with_its_file_to_a_folder_that_is_added(client):
    (client.root / "b.py").write_text("route one\n")
    inner = client.root / "inner"
    inner.mkdir()
    await client.initialize()
    client.open("inner/a.py", "call one\nroute two\n")
    assert await client.diagnostics("inner/a.py") == []
    added = [{"uri": inner.as_uri(), "name": "inner"}]
    client.send("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
    assert len(await client.diagnostics("inner/a.py")) == 1
    client.open("c.py", "call two\n")
    assert len(await client.diagnostics("c.py")) == 1


async def test_diagnostics_go_to_the_uri_that_the_client_sent(client):
    await client.initialize()
    uri = client.uri("%61.py")
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "call one\n"}
    client.send("textDocument/didOpen", {"textDocument": item})
    assert len(await client.diagnostics("%61.py")) == 1


async def test_commands(client):
    await client.initialize()
    unknown = await client.request("workspace/executeCommand", {"command": "shearpin.explain", "arguments": ["nope"]})
    assert unknown["error"] == {"code": -32602, "message": "there is no such rule"}
    client.open("a.py", "call one\n")
    await client.diagnostics("a.py")
    (client.root / "b.py").write_text("route one\n")
    assert (await client.request("workspace/executeCommand", {"command": "shearpin.restartIndex"}))["result"] is None
    assert await client.diagnostics("a.py") == []
