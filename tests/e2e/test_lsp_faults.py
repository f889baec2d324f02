"""Files and messages that are not as they should be: the process lives, and the good file beside them is analysed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from lsprotocol import types

GOOD = "services/good.py"
CALL = "import requests\n\n\ndef fetch():\n    return requests.get('https://example.com/x')\n"
DEEP = 14_000
BAD = {
    "nul.py": b"x = 1\0\n",
    "latin1.py": "x = 'ü'\n".encode("latin-1"),
    "utf16.py": "x = 1\n".encode("utf-16"),
    "deep_calls.py": b"f(" * DEEP + b")" * DEEP,
    "deep_lists.py": b"x = " + b"[" * DEEP,
    "long_sum.py": b"x = " + b"a + " * 20_000 + b"a\n",
    "deep_ifs.py": b"".join(b" " * depth + b"if x:\n" for depth in range(1_000)) + b" " * 1_000 + b"pass\n",
    "unterminated.py": b'"""\ndef f(:\n  class',
    "compose.yaml": b"services:\n  a: &a\n    build: [*a, {{ .Values }}\n",
    "bomb/compose.yaml": b"a: &a [x, x]\n"
    + b"".join(b"%c: &%c [*%c, *%c]\n" % (98 + n, 98 + n, 97 + n, 97 + n) for n in range(24)),
    "deep/compose.yaml": b"services: " + b"{a: " * 5_000,
    "self/compose.yaml": b"services: &a\n  a: *a\n  <<: *a\n  a: {<<: *a}\n",
    "many/k8s.yaml": b"kind: Service\nmetadata: {name: a}\n---\n" * 200,
    "helm/templates/app.yaml": b"{{- if .Values.on }}\nkind: Service\nmetadata:\n  name: {{ .a }}\n{{ end }}\n",
    "big.py": b"x = 1\n" * 1_000_000,
    "line.py": b"x = '" + b"y" * 5_100_000 + b"'\n",
    ".env": b"A=${A\nB=\xff\n=\n",
    "Dockerfile": b"FROM\nCMD [\nENV\n",
    "pyproject.toml": b"[tool.other\n",
}


@pytest.fixture
def system(editor):
    editor.write({GOOD: CALL})
    for path, content in BAD.items():
        target = editor.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return editor


async def still_works(system):
    system.open(GOOD)
    (found,) = await system.until_rules(GOOD, "call-without-timeout")
    assert system.marked(GOOD, found).startswith("requests.get")
    assert system.client.messages == []


async def test_bad_files_hide_nothing_in_others(system):
    os.mkfifo(system.root / "pipe.py")
    (system.root / "loop").symlink_to(system.root, target_is_directory=True)
    (system.root / "dangling.py").symlink_to(system.root / "nowhere.py")
    await system.start(options={"diagnostics": {"scope": "workspace"}})
    await still_works(system)


async def test_bad_buffers(system):
    await system.start()
    for path, content in BAD.items():
        system.open(path, content.decode("utf-8", "replace"))
    system.open("services/surrogate.py", "x = '\ud800'\n" + CALL)
    await system.until_rules("services/surrogate.py", "call-without-timeout")
    await still_works(system)


async def test_changes_that_do_not_fit(system):
    await system.start()
    never = types.VersionedTextDocumentIdentifier(2, system.uri("never.py"))
    whole = types.TextDocumentContentChangeWholeDocument("x")
    system.client.text_document_did_change(types.DidChangeTextDocumentParams(never, [whole]))
    system.open(GOOD, "import requests\n")
    beyond = types.Range(types.Position(99, 99), types.Position(999, 0))
    system.client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, system.uri(GOOD)),
            [types.TextDocumentContentChangePartial(beyond, CALL.removeprefix("import requests\n"))],
        )
    )
    system.texts[GOOD] = CALL
    (found,) = await system.until_rules(GOOD, "call-without-timeout")
    assert system.marked(GOOD, found).startswith("requests.get")


async def test_byte_order_mark_shifts_no_column(system):
    (system.root / "services/mark.py").write_bytes(
        b"\xef\xbb\xbfimport requests; requests.get('https://example.com')\n"
    )
    await system.start(options={"diagnostics": {"scope": "workspace"}})
    (found,) = await system.until_rules("services/mark.py", "call-without-timeout")
    assert found.range.start.character == len("import requests; ")


@pytest.mark.parametrize(("is_shut_down", "code"), [(True, 0), (False, 1)])
def test_exit_code(tmp_path, is_shut_down, code):
    messages = [("initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}}, 1)]
    messages += [("initialized", {}, None)]
    messages += [("shutdown", None, 2)] if is_shut_down else []
    messages += [("exit", None, None)]
    sent = b""
    for method, params, number in messages:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(message if number is None else {**message, "id": number}).encode()
        sent += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    command = [sys.executable, "-m", "shearpin", "serve"]
    finished = subprocess.run(command, input=sent, capture_output=True, timeout=30, check=False)
    assert finished.returncode == code


def test_editor_that_is_gone_ends_the_server(tmp_path):
    """The input stays open in somebody else's hands, as when an editor is killed."""
    message = (
        "import json, os, subprocess, sys, time\n"
        'body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": os.getpid(),'
        ' "rootUri": None, "capabilities": {}}}).encode()\n'
        'started = json.dumps({"jsonrpc": "2.0", "method": "initialized", "params": {}}).encode()\n'
        "read, write = os.pipe()\n"
        'server = subprocess.Popen([sys.executable, "-m", "shearpin", "serve"], stdin=read, stdout=subprocess.PIPE)\n'
        "for text in (body, started):\n"
        '    os.write(write, b"Content-Length: %d\\r\\n\\r\\n%s" % (len(text), text))\n'
        "server.stdout.readline()\n"
        'holder = subprocess.Popen(["sleep", "40"], pass_fds=[write], stdout=subprocess.DEVNULL)\n'
        "print(server.pid, holder.pid, flush=True)\n"
        "time.sleep(1)\n"
        "os._exit(9)\n"
    )
    editor = subprocess.run(
        [sys.executable, "-c", message], stdout=subprocess.PIPE, timeout=30, check=False, cwd=tmp_path
    )
    server, holder = map(int, editor.stdout.split())
    try:
        assert ends_within(server, 15)
    finally:
        os.kill(holder, 9)


def ends_within(pid, seconds):
    import time

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.2)
    return False
