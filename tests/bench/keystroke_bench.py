"""What one keystroke costs: `python tests/bench/keystroke_bench.py [FOLDER FILE]`, by default on the example system.

First what is done, then how long it takes: parts read anew and queries recomputed by one edit (in this process), then
the time from `didChange` to the diagnostics of that version (a real server over its pipes).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from shearpin.session import Session

SHOP = Path(__file__).parents[1] / "workspaces" / "shop"
EDITS = 30


def main(arguments: list[str]) -> int:
    """Run both parts; returns the exit code."""
    root = Path(arguments[0]).resolve() if arguments else SHOP
    path = arguments[1] if len(arguments) > 1 else largest(root)
    sys.stdout.write(f"{root.name}/{path}\n")
    for line in (*counted(root, path), *timed(root, path)):
        sys.stdout.write(f"  {line}\n")
    return 0


def largest(root: Path) -> str:
    """The largest Python file."""
    session = Session.open(root, use_cache=False)
    return max(session.python_files(), key=lambda path: len(session.source(path) or b""))


def counted(root: Path, path: str) -> Iterator[str]:
    """What single edits make the session do, once everything is known."""
    session = Session.open(root, use_cache=False)
    started = time.perf_counter()
    session.report()
    yield f"first report: {1000 * (time.perf_counter() - started):.0f} ms, {session.db.executions()} queries"
    text = session.source(path) or b""
    for name, edited in edits(text):
        session.db.reset_counters()
        started = time.perf_counter()
        change = session.set_overlay(path, edited)
        session.findings(path)
        spent = 1000 * (time.perf_counter() - started)
        most = sorted(session.db.counters.items(), key=lambda item: -item[1])[:3]
        shown = ", ".join(f"{query} {count}" for query, count in most)
        yield (
            f"{name}: {change.parts_summarised} parts read, {change.keys_changed} keys, "
            f"{session.db.executions()} queries, {spent:.1f} ms ({shown})"
        )
        session.set_overlay(path, text)
        session.findings(path)
    session.close()


def edits(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Typical edits, each on the original text."""
    yield "line added at the top", b"\n" + text
    yield "comment added at the end", text + b"# so\n"
    first = text.find(b"\n    return")
    if first >= 0:
        yield "statement added in a function", text[:first] + b"\n    extra = 1" + text[first:]
    yield "function added at the end", text + b"\n\ndef extra(x):\n    return x\n"
    yield "half a call typed at the end", text + b"\n\ndef extra(x):\n    return x.post(\n"


def timed(root: Path, path: str) -> Iterator[str]:
    """From the keystroke to the diagnostics, with everything that lies between."""
    server = subprocess.Popen(
        [sys.executable, "-m", "shearpin", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    pipe = Pipe(cast("IO[bytes]", server.stdin), cast("IO[bytes]", server.stdout))
    started = time.perf_counter()
    pipe.send("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}}, 1)
    pipe.until(lambda message: message.get("id") == 1)
    yield f"initialize answered: {1000 * (time.perf_counter() - started):.0f} ms"
    pipe.send("initialized", {})
    uri = f"{root.as_uri()}/{path}"
    text = (root / path).read_text()
    pipe.send(
        "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 0, "text": text}}
    )
    pipe.until(lambda message: is_shown(message, uri, 0))
    yield f"first diagnostics: {1000 * (time.perf_counter() - started):.0f} ms after the start"
    line = text.count("\n")
    spent: list[float] = []
    for version in range(1, EDITS + 1):
        place = {"line": line, "character": 0 if version == 1 else version + 1}
        change = {"range": {"start": place, "end": place}, "text": "# x" if version == 1 else "x"}
        begun = time.perf_counter()
        pipe.send(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
        )
        pipe.until(lambda message, wanted=version: is_shown(message, uri, wanted))
        spent.append(1000 * (time.perf_counter() - begun))
    yield f"keystroke to diagnostics: median {statistics.median(spent):.1f} ms, worst {max(spent):.1f} ms of {EDITS}"
    pipe.send("shutdown", None, 2)
    pipe.until(lambda message: message.get("id") == 2)
    pipe.send("exit", None)
    server.wait(10)


class Pipe:
    """Messages to and from a server."""

    def __init__(self, outgoing: IO[bytes], incoming: IO[bytes]) -> None:
        self._outgoing = outgoing
        self._incoming = incoming

    def send(self, method: str, params: object, number: int | None = None) -> None:
        """Send a notification, or a request with that number."""
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(message if number is None else {**message, "id": number}).encode()
        self._outgoing.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._outgoing.flush()

    def until(self, fits: Callable[[dict[str, object]], bool]) -> None:
        """Read until a message fits."""
        while True:
            size = 0
            while header := self._incoming.readline().strip():
                name, _, value = header.partition(b":")
                size = int(value) if name == b"Content-Length" else size
            if fits(cast("dict[str, object]", json.loads(self._incoming.read(size)))):
                return


def is_shown(message: dict[str, object], uri: str, version: int) -> bool:
    """Whether these are the diagnostics of a file in that version."""
    params = message.get("params")
    return isinstance(params, dict) and (params.get("uri"), params.get("version")) == (uri, version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
