"""The server with the capabilities that real editors declare; `clients/` holds their recorded `initialize`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RECORDED = sorted(Path(__file__).parent.joinpath("clients").glob("*.json"))
ENCODINGS = {"neovim-0.11.4": "utf-8", "neovim-0.12.4": "utf-8", "helix-25.07.1": "utf-8"}
ENCODINGS |= {"eglot-1.17.30": "utf-32", "lsp-mode-10.0.0": "utf-32"}
TEXT = "x = 3  # 😋 call ons\nroute one\n"


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
async def test_what_a_real_client_gets(client, recording):
    text = json.dumps(json.loads(recording.read_text())["initialize"])
    params = json.loads(text.replace("file:///workspace", client.root.as_uri()).replace("/workspace", str(client.root)))
    result = (await client.request("initialize", {**params, "processId": None}))["result"]["capabilities"]
    encoding = ENCODINGS.get(recording.stem, "utf-16")
    assert result["positionEncoding"] == encoding
    client.send("initialized", {})
    client.send("workspace/didChangeConfiguration", {"settings": None})
    client.open("a.py", TEXT)
    (found,) = await client.diagnostics("a.py", 1)
    before = TEXT.split("ons", maxsplit=1)[0]
    expected = {"utf-8": len(before.encode()), "utf-16": len(before.encode("utf-16-le")) // 2, "utf-32": len(before)}
    assert found["range"]["start"] == {"line": 0, "character": expected[encoding]}
    declares = params["capabilities"]["textDocument"]["publishDiagnostics"].get("relatedInformation")
    assert ("relatedInformation" in found) == bool(declares)
    assert ("a.py:1" in found["message"]) != bool(declares)
    context = {"diagnostics": [found]}
    request = {"textDocument": {"uri": client.uri("a.py")}, "range": found["range"], "context": context}
    actions = (await client.request("textDocument/codeAction", request))["result"]
    assert [action.get("isPreferred", False) for action in actions][:1] == [True]
    action = actions[0]
    if "edit" not in action:
        action = (await client.request("codeAction/resolve", action))["result"]
    edit = action["edit"]
    versions = params["capabilities"]["workspace"].get("workspaceEdit", {}).get("documentChanges")
    (change,) = edit["documentChanges"][0]["edits"] if versions else edit["changes"][client.uri("a.py")]
    assert (change["range"], change["newText"]) == (found["range"], "one")
    assert client.popups() == []
    assert await client.leave() == 0
