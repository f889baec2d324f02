"""What happens to files behind the editor's back, for clients that watch the disk and for those that do not."""

from __future__ import annotations

import shutil

import pytest
from lsprotocol import types

CALLER = "orders/main.py"
CALL = "import requests\n\nrequests.get('https://example.com/x')\n"
DELETED = types.FileChangeType.Deleted
CHANGED = types.FileChangeType.Changed
OTHER = "payments/app.py"


@pytest.fixture
def system(editor):
    editor.write({CALLER: CALL, OTHER: CALL})
    editor.select("call-without-timeout")
    return editor


@pytest.fixture(params=["watches", "saves"])
def tell(request, system):
    """Tell the server that something changed, as the client does that can."""

    def watched(path, change):
        system.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(system.uri(path), change)])
        )

    def saved(_path, _change):
        system.save(CALLER)

    return watched if request.param == "watches" else saved


async def begin(system, tell):
    watches = tell.__name__ == "watched"
    await system.start(options={"diagnostics": {"scope": "workspace"}}, watches_files=watches)
    system.open(CALLER)
    await system.until_rules(OTHER, "call-without-timeout")
    # The answer to a question about the disk comes after the first look at it.
    await system.hover(CALLER, "requests.get")


async def test_ignored_and_seen_again(system, tell):
    await begin(system, tell)
    system.write({".gitignore": "payments/\n"})
    tell(".gitignore", CHANGED)
    await system.until_rules(OTHER)
    (system.root / ".gitignore").unlink()
    tell(".gitignore", DELETED)
    await system.until_rules(OTHER, "call-without-timeout")


async def test_folder_that_becomes_an_environment(system, tell):
    await begin(system, tell)
    system.write({"payments/pyvenv.cfg": "home = /usr/bin\n"})
    tell("payments/pyvenv.cfg", CHANGED)
    await system.until_rules(OTHER)
    (system.root / "payments/pyvenv.cfg").unlink()
    tell("payments/pyvenv.cfg", DELETED)
    await system.until_rules(OTHER, "call-without-timeout")


async def test_settings(system, tell):
    await begin(system, tell)
    system.write({"shearpin.toml": 'exclude = ["payments/"]\n'})
    tell("shearpin.toml", CHANGED)
    await system.until_rules(OTHER)


async def test_folder_that_is_gone_and_comes_back_is_told_by_its_own_name_only(system, tell):
    await begin(system, tell)
    shutil.move(system.root / "payments", system.root.parent / "away")
    tell("payments", DELETED)
    await system.until_rules(OTHER)
    shutil.move(system.root.parent / "away", system.root / "payments")
    tell("payments", types.FileChangeType.Created)
    await system.until_rules(OTHER, "call-without-timeout")


async def test_file_that_becomes_a_folder(system, tell):
    await begin(system, tell)
    (system.root / OTHER).unlink()
    (system.root / OTHER).mkdir()
    tell(OTHER, CHANGED)
    await system.until_rules(OTHER)


async def test_same_size_and_time_with_other_content(system, tell):
    import os

    await begin(system, tell)
    before = (system.root / OTHER).stat()
    system.write({OTHER: CALL.replace("requests.get(", "requests.___(")})
    os.utime(system.root / OTHER, ns=(before.st_atime_ns, before.st_mtime_ns))
    tell(OTHER, CHANGED)
    await system.until_rules(OTHER)
    system.write({OTHER: CALL})
    os.utime(system.root / OTHER, ns=(0, 0))
    tell(OTHER, CHANGED)
    await system.until_rules(OTHER, "call-without-timeout")


async def test_open_file_that_is_deleted_keeps_its_text_until_it_is_closed(system, tell):
    await begin(system, tell)
    system.open(OTHER, CALL + CALL)
    await system.until_rules(OTHER, *["call-without-timeout"] * 2)
    (system.root / OTHER).unlink()
    tell(OTHER, DELETED)
    assert "**call-without-timeout**" in await system.hover(CALLER, "requests.get")
    await system.until_rules(OTHER, *["call-without-timeout"] * 2)
    system.client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(system.uri(OTHER)))
    )
    await system.until_rules(OTHER)
