"""Random edits by the thousand over the real protocol: `python tests/bench/soak.py --edits 100000`.

An editor that nobody planned works on a copy of the example system in one server process: it types, pastes, undoes,
renames, saves, checks out, edits manifests and settings, applies fixes and asks questions meanwhile. At checkpoints the
diagnostics and the graph must be those of a fresh start, nothing may stand in the log, every question is answered once,
and the server must not have grown. The exit code is 1 after a difference or a fault.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from soaking.editor import Editor
from soaking.fresh import fresh
from soaking.typist import Typist
from soaking.wire import Wire

WORKSPACES = Path(__file__).parents[1] / "workspaces"
#: encoding, and whether the editor watches the disk for the server
CLIENTS = {"vscode": ("utf-16", True), "neovim": ("utf-8", False), "emacs": ("utf-32", True)}
#: a server whose memory is flat may still breathe: share and megabytes
GROWTH, SLACK = 1.25, 20.0
_TRIES, _PAUSE = 100, 0.1


def main() -> int:
    """Run; returns the exit code."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(options.keep or folder).resolve() / "system"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(options.folder, root)
        soak = Soak(options, root)
        faults = soak.run()
    for fault in faults[:20]:
        say(fault)
    say(f"{soak.typist.edits} edits ({soak.typist.fixes} fixes), {soak.checkpoints} checkpoints, "
        f"{soak.wire.answered} answers, {soak.differences} differences, {len(faults)} faults, "
        f"{soak.growth()}")  # fmt: skip
    return 1 if faults or soak.differences else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--checkpoint", type=int, default=100, help="edits between two comparisons")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--client", choices=sorted(CLIENTS), default="vscode")
    parser.add_argument("--folder", type=Path, default=WORKSPACES / "shop", help="the system to start from")
    parser.add_argument("--keep", help="folder for the system and for all messages, to find out about a difference")
    return parser.parse_args()


class Soak:
    """One server and one editor."""

    def __init__(self, options: argparse.Namespace, root: Path) -> None:
        self.options = options
        self.root = root
        self.checkpoints = 0
        self.differences = 0
        self.memory: list[float] = []
        encoding, watches = CLIENTS[options.client]
        self.params = initialize(root, encoding, watches=watches)
        self.wire = Wire(Path(options.keep) / "messages.jsonl" if options.keep else None)
        self.editor = Editor(self.wire, root, encoding, watches=watches)
        foreign = [path.read_text() for path in sorted(WORKSPACES.rglob("*.py"))]
        self.typist = Typist(self.editor, options.seed, foreign)

    def run(self) -> list[str]:
        """Edit and compare; what went wrong besides differences."""
        self.wire.ask("initialize", self.params)
        self.wire.notify("initialized", {})
        self.compare()
        while self.typist.edits < self.options.edits and not self.faults():
            self.typist.work()
            if self.typist.edits % self.options.checkpoint == 0:
                self.compare()
                if self.differences:
                    break
        if not self.faults():
            self.wire.leave()
        self.wire.process.kill()
        grown = [self.growth()] if self.has_grown() else []
        return [*self.faults(), *grown]

    def graph(self) -> object:
        """The graph as the server has it."""
        return self.wire.ask("workspace/executeCommand", {"command": "shearpin.graph", "arguments": ["json"]})

    def faults(self) -> list[str]:
        """What the server or a fix did wrong."""
        return [*self.wire.faults, *self.typist.faults]

    def compare(self) -> None:
        """Wait until what is shown and the graph are those of a fresh start."""
        self.typist.wait()
        if self.editor.is_rescan_due and (paths := sorted(self.editor.buffers)):
            self.editor.save(paths[0])
        buffers = {path: buffer.text for path, buffer in self.editor.buffers.items()}
        shown, graph = fresh(self.root, self.params, buffers)
        if not self.wire.until(lambda: self.wire.shown() == shown):
            self.tell_difference("diagnostics", self.wire.shown(), shown)
        found = self.graph()
        # Changes on disk are taken up a moment after the last event.
        for _ in range(_TRIES):
            if found == graph:
                break
            time.sleep(_PAUSE)
            found = self.graph()
        else:
            self.tell_difference("graph", found, graph)
        self.checkpoints += 1
        self.memory.append(self.wire.memory())
        if self.checkpoints % 10 == 1:
            say(f"{self.typist.edits} edits, {sum(map(len, self.wire.shown().values()))} findings, "
                f"{self.wire.answered} answers, {self.memory[-1]:.0f} MB")  # fmt: skip

    def tell_difference(self, what: str, found: object, expected: object) -> None:
        """Say what differs; the state is kept if somebody asked for that."""
        self.differences += 1
        say(f"{what} differ after {self.typist.edits} edits (seed {self.options.seed}):")
        for line in differing(found, expected):
            say(f"  {line}")
        if self.options.keep:
            buffers = {path: buffer.text for path, buffer in self.editor.buffers.items()}
            (Path(self.options.keep) / "buffers.json").write_text(json.dumps(buffers))

    def has_grown(self) -> bool:
        """Whether the last fifth needs clearly more memory than the second one."""
        before, after = self.settled()
        return after > before * GROWTH + SLACK

    def growth(self) -> str:
        """Memory after warming up and at the end."""
        before, after = self.settled()
        return f"memory {before:.0f} MB, at the end {after:.0f} MB"

    def settled(self) -> tuple[float, float]:
        """Medians of the second and of the last fifth of all checkpoints."""
        fifth = max(1, len(self.memory) // 5)
        early = self.memory[fifth : 2 * fifth] or self.memory[:1] or [0.0]
        return statistics.median(early), statistics.median(self.memory[-fifth:] or [0.0])


def initialize(root: Path, encoding: str, *, watches: bool) -> dict[str, object]:
    """Parameters of a client that shows everything."""
    return {
        "processId": None,
        "rootUri": root.as_uri(),
        "workspaceFolders": [{"uri": root.as_uri(), "name": "system"}],
        "initializationOptions": {"diagnostics": {"scope": "workspace"}},
        "capabilities": {
            "general": {"positionEncodings": [encoding]},
            "textDocument": {
                "publishDiagnostics": {"relatedInformation": True, "tagSupport": {"valueSet": [1]}},
                "codeAction": {
                    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}},
                    "dataSupport": True,
                    "resolveSupport": {"properties": ["edit"]},
                },
            },
            "workspace": {
                "workspaceEdit": {"documentChanges": True},
                "didChangeWatchedFiles": {"dynamicRegistration": watches},
            },
        },
    }


def differing(found: object, expected: object, where: str = "") -> list[str]:
    """One line for each leaf that is not the same."""
    if found == expected:
        return []
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = sorted(found.keys() | expected.keys())
        return [line for key in keys for line in differing(found.get(key), expected.get(key), f"{where}/{key}")]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = zip(found, expected, strict=True)
        return [line for number, pair in enumerate(pairs) for line in differing(*pair, f"{where}/{number}")]
    return [f"{where}: {json.dumps(found)} instead of {json.dumps(expected)}"]


def say(text: str) -> None:
    """One line at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
