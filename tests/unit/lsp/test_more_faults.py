"""Storms, doubled messages and odd names: each message is answered once, and the last state wins."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from .test_faults import hover_at, still_works

WATCHES = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}


def names(found):
    return [item["message"].split()[2] for item in found]


async def test_second_open_of_a_file_replaces_the_first(client):
    await client.initialize()
    client.open("a.py", "call one\n")
    assert names(await client.diagnostics("a.py")) == ["one"]
    client.open("a.py", "call two\n", version=1)
    assert names(await client.diagnostics("a.py")) == ["two"]


async def test_edit_of_an_empty_text(client, edit):
    await client.initialize()
    client.open("a.py", "")
    client.change("a.py", 2, edit((0, 0), (7, 7), "call one"))
    assert names(await client.diagnostics("a.py", 2)) == ["one"]


async def test_cells_of_notebooks_are_ignored(client):
    await client.initialize()
    notebook = {"uri": client.uri("n.ipynb"), "version": 1}
    cell = {"document": {"uri": "vscode-notebook-cell:/n.ipynb#W0"}, "changes": [{"text": "x"}]}
    for method in ("didChange", "didSave", "didClose"):
        params = {"notebookDocument": notebook, "change": {"cells": {"textContent": [cell]}}, "cellTextDocuments": []}
        client.send(f"notebookDocument/{method}", params)
    await still_works(client)


async def test_names_that_differ_by_case_are_two_files(client):
    await client.initialize()
    client.open("a.py", "call one\n")
    client.open("A.py", "call two\n")
    assert names(await client.diagnostics("A.py")) == ["two"]
    client.change("a.py", 2, {"text": "call three\n"})
    assert names(await client.diagnostics("a.py", 2)) == ["three"]


@pytest.mark.parametrize("name", ["%61.py", "%C3%BC.py", "a%20b.py", "a%23b.py", "a%3Ab.py"])
async def test_diagnostics_come_under_the_uri_that_the_client_sent(client, name):
    await client.initialize()
    client.open(name, "call one\n")
    assert names(await client.diagnostics(name)) == ["one"]


async def test_nested_folders_own_what_is_deepest(client):
    inner = client.root / "inner"
    inner.mkdir()
    (client.root / "b.py").write_text("route one\n")
    folders = [{"uri": client.root.as_uri(), "name": "w"}, {"uri": inner.as_uri(), "name": "w"}]
    await client.initialize(workspaceFolders=folders)
    client.open("inner/a.py", "call one\n")
    assert names(await client.diagnostics("inner/a.py")) == ["one"]


async def test_storm_of_events_is_one_change(client):
    await client.initialize(WATCHES)
    client.open("a.py", "call one\n")
    assert names(await client.diagnostics("a.py")) == ["one"]
    (client.root / "b.py").write_text("route one\n")
    for number in range(5000):
        name = "b.py" if number % 50 == 0 else f"gone{number % 1000}.py"
        change = {"uri": client.uri(name), "type": 1 + number % 3}
        client.send("workspace/didChangeWatchedFiles", {"changes": [change]})
    assert (await client.request("textDocument/hover", hover_at(client, "a.py", 0, 6)))["result"] is not None
    assert shown(client, "a.py") == [] or await client.diagnostics("a.py") == []


async def test_fast_typing_ends_with_the_newest_text(client, edit):
    await client.initialize()
    client.open("a.py", "slow call x\n")
    for version in range(2, 52):
        client.change("a.py", version, edit((0, 11), (0, 11), "y"))
    assert names(await client.diagnostics("a.py", 51)) == [f"x{'y' * 50}"]
    shown = [message["params"] for message in client.seen if message.get("method", "").endswith("publishDiagnostics")]
    assert len(shown) < 10


async def test_cancel_after_the_answer_and_same_number_again(client):
    await client.initialize()
    client.open("a.py", "call one\n")
    await client.diagnostics("a.py")
    for _ in range(3):
        client.send("textDocument/hover", hover_at(client, "a.py", 0, 6), id=7)
        answer = await client.until(lambda message: message.get("id") == 7)
        assert "result" in answer
        client.send("$/cancelRequest", {"id": 7})
    await still_works(client)


async def test_thousand_requests_cancelled_in_a_row(client):
    await client.initialize()
    client.open("a.py", "slow call x\n")
    numbers = set(range(1000, 2000))
    for number in sorted(numbers):
        client.send("textDocument/hover", hover_at(client, "a.py", 0, 6), id=number)
    for number in sorted(numbers):
        client.send("$/cancelRequest", {"id": number})
    while numbers:
        message = await client.receive()
        if "id" in message:
            numbers.remove(message["id"])
    await still_works(client)


async def test_editor_that_was_never_alive_ends_nothing(client):
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    params = {"processId": gone.pid, "rootUri": client.root.as_uri(), "capabilities": {}}
    await client.request("initialize", params)
    client.send("initialized", {})
    await still_works(client)


async def test_options_that_change_while_the_folder_is_read(client):
    (client.root / "closed.py").write_text("call nobody\n")
    client.send("initialize", {"processId": None, "rootUri": client.root.as_uri(), "capabilities": {}}, id="i")
    client.send("initialized", {})
    client.open("a.py", "call one\n")
    (client.root / "a.py").write_text("call two\n")
    client.change("a.py", 2, {"text": "call two\n"})
    client.send("textDocument/didSave", {"textDocument": {"uri": client.uri("a.py")}})
    for scope in ("workspace", "open", "workspace"):
        settings = {"shearpin": {"diagnostics": {"scope": scope}}}
        client.send("workspace/didChangeConfiguration", {"settings": settings})
    assert names(await client.diagnostics("closed.py")) == ["nobody"]
    assert names(shown(client, "a.py") or await client.diagnostics("a.py", 2)) == ["two"]


def shown(client, path):
    """The last diagnostics that came for a file."""
    found = [
        message["params"]["diagnostics"]
        for message in client.seen
        if message.get("method", "").endswith("publishDiagnostics") and message["params"]["uri"] == client.uri(path)
    ]
    return found[-1] if found else []


async def test_output_that_nobody_reads_ends_the_server(client):
    await client.initialize()
    client.process._transport.get_pipe_transport(1).close()
    for number in range(50):
        body = {"jsonrpc": "2.0", "id": number, "method": "shutdownn", "params": None}
        client.send_bytes(json.dumps(body).encode())
    assert await asyncio.wait_for(client.process.wait(), 15) == 1


async def test_what_a_library_prints_is_no_part_of_the_protocol(client):
    await client.initialize()
    client.open("a.py", "noisy call one\n")
    assert names(await client.diagnostics("a.py")) == ["one"]
    assert await client.leave() == 0


async def test_analysis_that_fails_in_one_file_is_an_answer_and_hides_nothing_in_others(client):
    await client.initialize()
    client.open("a.py", "boom call one\n")
    answer = await client.request("textDocument/hover", hover_at(client, "a.py", 0, 6))
    assert answer["error"]["code"] == -32603
    assert "data" not in answer["error"]
    assert "Traceback" not in json.dumps(answer)
    await still_works(client)
