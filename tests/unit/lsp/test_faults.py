"""What a client may do wrong, and what the server does then: the process lives and the user sees no popup."""

from __future__ import annotations

import asyncio
import json

import pytest

ACTIONS = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}}


async def still_works(client):
    client.open("probe.py", "call probe\n")
    diagnostics = await client.diagnostics("probe.py")
    assert [item["message"].split(" (")[0] for item in diagnostics] == ["nobody answers probe"]
    assert client.popups() == []


async def test_change_and_close_of_a_file_that_is_not_open(client, edit):
    await client.initialize()
    client.change("never.py", 2, edit((0, 0), (0, 0), "call x"))
    client.send("textDocument/didClose", {"textDocument": {"uri": client.uri("never.py")}})
    client.send("textDocument/didSave", {"textDocument": {"uri": client.uri("never.py")}})
    await still_works(client)


async def test_positions_beyond_the_text_mean_its_end(client, edit):
    await client.initialize()
    client.open("a.py", "call one\nroute x")
    client.change("a.py", 2, edit((0, 99), (0, 99), "9"), edit((99, 99), (99, 99), "\ncall two"))
    found = await client.diagnostics("a.py", 2)
    assert [item["message"].split()[2] for item in found] == ["one9", "two"]


async def test_reversed_range_changes_nothing(client, edit):
    await client.initialize()
    client.open("a.py", "call one\n")
    await client.diagnostics("a.py", 1)
    client.change("a.py", 2, edit((0, 6), (0, 2), "???"))
    client.change("a.py", 3, edit((0, 8), (0, 8), "s"))
    found = await client.diagnostics("a.py", 3)
    assert [item["message"].split()[2] for item in found] == ["ones"]


async def test_lone_surrogates_count_as_the_unit_that_they_are(client, edit):
    await client.initialize()
    body = {"uri": client.uri("a.py"), "languageId": "python", "version": 1, "text": "\ud800 call one\n"}
    client.send("textDocument/didOpen", {"textDocument": body})
    found = await client.diagnostics("a.py")
    assert found[0]["range"]["start"] == {"line": 0, "character": 7}
    client.change("a.py", 2, edit((0, 10), (0, 10), "\udc00"))
    await client.diagnostics("a.py", 2)
    await still_works(client)


async def test_old_whole_text_is_dropped(client):
    await client.initialize()
    client.open("a.py", "", version=3)
    client.change("a.py", 2, {"text": "call old\n"})
    client.change("a.py", 4, {"text": "call new\n"})
    found = await client.diagnostics("a.py", 4)
    assert [item["message"].split()[2] for item in found] == ["new"]
    shown = [message["params"] for message in client.seen if message.get("method", "").endswith("publishDiagnostics")]
    assert {params["version"] for params in shown} <= {3, 4}


async def test_an_old_increment_silences_the_file_until_the_whole_text_comes(client, edit):
    await client.initialize()
    client.open("a.py", "call one\n", version=3)
    await client.diagnostics("a.py", 3)
    client.change("a.py", 2, edit((0, 0), (0, 0), "call two\n"))
    assert await client.diagnostics("a.py") == []
    client.change("a.py", 4, edit((0, 0), (0, 0), "call three\n"))
    assert (await client.request("textDocument/hover", hover_at(client, "a.py", 0, 1)))["result"] is None
    client.change("a.py", 5, {"text": "call four\n"})
    found = await client.diagnostics("a.py", 5)
    assert [item["message"].split()[2] for item in found] == ["four"]


def hover_at(client, path, line, character):
    return {"textDocument": {"uri": client.uri(path)}, "position": {"line": line, "character": character}}


@pytest.mark.parametrize(
    "params", [{"x": 1}, None, [], "text", {"textDocument": {"uri": "u"}, "position": {"line": "a", "character": 0}}]
)
async def test_wrong_parameters_are_answered_with_an_error(client, params):
    await client.initialize()
    response = await client.request("textDocument/hover", params)
    assert response["error"]["code"] == -32602
    assert "data" not in response["error"]
    await still_works(client)


async def test_custom_request_without_parameters(client):
    await client.initialize()
    client.send_bytes(b'{"jsonrpc":"2.0","id":"v","method":"shearpin/none"}')
    response = await client.until(lambda message: message.get("id") == "v")
    assert response["error"]["code"] == -32601


async def test_nested_object_that_looks_like_a_message(client):
    await client.initialize()
    params = {"command": "shearpin.explain", "arguments": [{"jsonrpc": "2.0", "method": "x"}]}
    response = await client.request("workspace/executeCommand", params)
    assert response["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("body", "code"), [(b"{bad}", -32700), (b"[]", -32600), (b"3", -32600), (b'{"jsonrpc":"2.0"}', -32600)]
)
async def test_what_is_no_message_is_refused(client, body, code):
    await client.initialize()
    client.send_bytes(body)
    response = await client.until(lambda message: "error" in message)
    assert (response["id"], response["error"]["code"]) == (None, code)
    await still_works(client)


async def test_header_names_in_any_case(client):
    await client.initialize()
    client.send_bytes(json.dumps({"jsonrpc": "2.0", "id": 77, "method": "nope"}).encode(), header=b"content-LENGTH")
    assert (await client.until(lambda message: message.get("id") == 77))["error"]["code"] == -32601


async def test_request_before_initialize_and_after_shutdown(client):
    assert (await client.request("textDocument/hover", {}))["error"]["code"] == -32002
    await client.initialize()
    assert (await client.request("initialize", {"processId": None, "capabilities": {}}))["error"]["code"] == -32600
    await client.request("shutdown")
    assert (await client.request("textDocument/hover", {}))["error"]["code"] == -32600
    client.send("exit")
    assert await client.process.wait() == 0


async def test_exit_without_shutdown(client):
    await client.initialize()
    client.send("exit")
    assert await client.process.wait() == 1


async def test_end_of_input(client):
    await client.initialize()
    client.process.stdin.close()
    assert await asyncio.wait_for(client.process.wait(), 10) == 1


async def test_session_is_closed_before_shutdown_is_answered(client):
    await client.initialize()
    await still_works(client)
    await client.request("shutdown")
    assert (client.root / "closed").exists()


async def test_other_schemes_are_ignored(client):
    await client.initialize()
    for uri in ("untitled:Untitled-1", "vscode-notebook-cell:/a.py#W0", "git:/a.py", "file:///a%00b.py", "nonsense"):
        item = {"uri": uri, "languageId": "python", "version": 1, "text": "call x\n"}
        client.send("textDocument/didOpen", {"textDocument": item})
        client.send(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "call y\n"}]},
        )
        params = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        assert (await client.request("textDocument/hover", params))["result"] is None
        client.send("textDocument/didClose", {"textDocument": {"uri": uri}})
    await still_works(client)
    uris = {message["params"]["uri"] for message in client.seen if message.get("method", "").endswith("Diagnostics")}
    assert uris == {client.uri("probe.py")}


async def test_requests_cancelled_at_once_are_answered_exactly_once(client):
    await client.initialize(ACTIONS)
    client.open("a.py", "slow call x\n")
    count = 200
    for number in range(1000, 1000 + count):
        client.send("textDocument/hover", hover_at(client, "a.py", 0, 6), id=number)
        client.send("$/cancelRequest", {"id": number})
    client.send("$/cancelRequest", {"id": 5})
    waiting = set(range(1000, 1000 + count))
    while waiting:
        message = await client.receive()
        if "id" in message:
            waiting.remove(message["id"])
            assert "result" in message or message["error"]["code"] == -32800
    await still_works(client)


async def test_client_that_never_answers(client):
    capabilities = {
        "workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": True}},
        "window": {"workDoneProgress": True},
    }
    await client.initialize(capabilities)
    await still_works(client)
    assert await client.leave() == 0


async def test_capabilities_and_roots_of_null(client):
    params = {"processId": None, "rootUri": None, "workspaceFolders": None, "capabilities": {}}
    response = await client.request("initialize", {**params, "initializationOptions": None})
    assert response["result"]["serverInfo"]["name"] == "shearpin"
    client.send("initialized", {})
    (client.root / "compose.yaml").write_text("services: {}\n")
    client.open("probe.py", "call probe\n")
    assert len(await client.diagnostics("probe.py")) == 1
