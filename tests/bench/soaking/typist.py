"""Random work in an editor: typing, pasting, undoing, renaming, saving, checkouts, fixes, questions in between."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Mapping
from typing import cast

from soaking.editor import Editor

_TOKEN = re.compile(r'"[^"\n]*"|\w+')
_BLOCK = re.compile(r"\n{2,}")
_CHARACTERS = "abx_01 .,:=()[]{}\"'#@\n\t\\ü😋\u2028\f"
_SETTINGS_FILE = "shearpin.toml"
_SETTINGS = (
    "",
    'ignore = ["call-without-timeout"]\n',
    'exclude = ["payments/"]\n',
    "[timeouts]\nread = 5\n",
    'min-confidence = "possible"\n',
)
_IGNORED = ("", "inventory/\n", "*.env\n")
_UNANSWERED = 40


class Typist:
    """`originals` is what a revert or a checkout brings back; `foreign` is more code to paste from."""

    def __init__(self, editor: Editor, seed: int, foreign: list[str]) -> None:
        self.editor = editor
        self.random = random.Random(seed)
        self.originals: dict[str, str] = {path: editor.text(path) for path in editor.files()}
        self.edits = 0
        self.fixes = 0
        self.counts: dict[str, int] = {}
        self.faults: list[str] = []
        self._blocks = [
            block for text in (*self.originals.values(), *foreign) for block in _BLOCK.split(text) if block.strip()
        ]
        self._asked: list[int] = []
        self._deeds: dict[Callable[[], bool], int] = {
            self.type: 20, self.erase: 10, self.erase_lines: 6, self.paste: 8, self.swap_token: 14,
            self.swap_block: 8, self.rename_name: 3, self.undo: 10, self.save: 8, self.revert: 10, self.open: 5,
            self.close: 4, self.move_file: 1, self.move_folder: 1, self.delete: 1, self.create: 1, self.checkout: 2,
            self.change_settings: 1, self.fix: 4,
        }  # fmt: skip
        self._questions: dict[Callable[[], None], int] = {
            self.ask_at: 10, self.ask_actions: 3, self.ask_graph: 1, self.ask_and_cancel: 3, self.ask_file: 3,
        }  # fmt: skip

    def work(self) -> None:
        """One edit, and perhaps some questions about it."""
        while True:
            deed = self._drawn(self._deeds)
            if deed():
                break
        self.edits += 1
        name = deed.__name__
        self.counts[name] = self.counts.get(name, 0) + 1
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 4))):
            self._drawn(self._questions)()
        if self.random.random() < 0.3 or len(self._asked) > _UNANSWERED:
            self.wait()

    def wait(self) -> None:
        """Until every question is answered."""
        self.editor.wire.wait_for(self._asked)
        for number in self._asked:
            self.editor.wire.answers.pop(number, None)
        self._asked.clear()

    # ---------------------------------------------------------------- typing

    def type(self) -> bool:
        path, text = self._buffer()
        at = self._cut(text)
        new = self.random.choice(
            (self.random.choice(_CHARACTERS), self._token(text), self.random.choice(self._blocks).split("\n")[0])
        )
        self.editor.put(path, text[:at] + new + text[at:], whole=self.random.random() < 0.05)
        return True

    def erase(self) -> bool:
        path, text = self._buffer()
        start, end = sorted((self._cut(text), self._cut(text)))
        end = self._cut(text, min(end, start + self.random.choice((1, 2, 5, 30))))
        self.editor.put(path, text[:start] + text[max(start, end) :])
        return True

    def erase_lines(self) -> bool:
        path, text = self._buffer()
        lines = text.splitlines(keepends=True)
        at = self.random.randrange(len(lines) + 1)
        self.editor.put(path, "".join(lines[:at] + lines[at + self.random.choice((1, 1, 3)) :]))
        return True

    def paste(self) -> bool:
        path, text = self._buffer()
        places = [
            match.start() for match in re.finditer(r"^", text, re.MULTILINE) if text[match.start() - 1 :][:2] != "\r\n"
        ]
        at = self.random.choice(places or [0])
        block = self.random.choice(self._blocks)
        if self.random.random() < 0.1:
            block = block.replace("\n", "\r\n")
        self.editor.put(path, f"{text[:at]}{block}\n\n{text[at:]}")
        return True

    def swap_token(self) -> bool:
        path, text = self._buffer()
        found = list(_TOKEN.finditer(text))
        if not found:
            return False
        old = self.random.choice(found)
        new = self._token(text if self.random.random() < 0.7 else self.random.choice(self._blocks))
        self.editor.put(path, text[: old.start()] + new + text[old.end() :])
        return True

    def swap_block(self) -> bool:
        path, text = self._buffer()
        blocks = _BLOCK.split(text)
        at, other = self.random.randrange(len(blocks)), self.random.randrange(len(blocks))
        blocks[at], blocks[other] = blocks[other], blocks[at]
        self.editor.put(path, "\n\n\n".join(blocks))
        return True

    def rename_name(self) -> bool:
        path, text = self._buffer()
        name = self._token(text)
        spans = [match.span() for match in re.finditer(rf"\b{re.escape(name)}\b", text)]
        if not spans or not name.isidentifier():
            return False
        self.editor.replace_each(path, spans, self._token(self.random.choice(self._blocks)))
        return True

    def undo(self) -> bool:
        path, _ = self._buffer()
        for _ in range(self.random.choice((1, 1, 2, 5))):
            self.editor.undo(path)
        return True

    def save(self) -> bool:
        path, _ = self._buffer()
        self.editor.save(path)
        return True

    def revert(self) -> bool:
        path, text = self._buffer()
        self.editor.put(path, self.originals.get(path, text), whole=self.random.random() < 0.3)
        return True

    # ----------------------------------------------------------------- files

    def open(self) -> bool:
        self.editor.open(self._file())
        return True

    def close(self) -> bool:
        if len(self.editor.buffers) < 3:
            return False
        self.editor.close(self.random.choice(sorted(self.editor.buffers)))
        return True

    def move_file(self) -> bool:
        old = self._file()
        folder, _, name = old.rpartition("/")
        new = f"{folder}/moved_{name}".lstrip("/") if self.random.random() < 0.5 else f"moved/{name}"
        return self._moved(old, new)

    def move_folder(self) -> bool:
        old = self.random.choice(self.editor.files()).rpartition("/")[0]
        return bool(old) and self._moved(old, f"{old}_moved")

    def _moved(self, old: str, new: str) -> bool:
        if (self.editor.root / new).exists() or "moved" in old or new in self.editor.buffers:
            return False
        self.editor.move(old, new)
        return True

    def delete(self) -> bool:
        path = self.random.choice(self.editor.files())
        self.editor.delete(path if self.random.random() < 0.8 else path.rpartition("/")[0] or path)
        return True

    def create(self) -> bool:
        path = self.random.choice(sorted(self.originals))
        folder = path.rpartition("/")[0]
        text = "\n\n".join(self.random.sample(self._blocks, 3))
        self.editor.write({f"{folder}/new_{self.random.randrange(3)}.py".lstrip("/"): text})
        return True

    def checkout(self) -> bool:
        """Most files are as they were, those that nobody knew are gone; now and then with other line ends."""
        ends = "\r\n" if self.random.random() < 0.2 else "\n"
        for path in self.editor.files():
            if path not in self.originals:
                self.editor.delete(path)
        paths = [path for path in sorted(self.originals) if self.random.random() < 0.9]
        self.editor.write({path: self.originals[path].replace("\n", ends) for path in paths})
        return True

    def change_settings(self) -> bool:
        name, texts = self.random.choice(((_SETTINGS_FILE, _SETTINGS), (".gitignore", _IGNORED)))
        self.editor.write({name: self.random.choice(texts)})
        return True

    # ------------------------------------------------------------- questions

    def fix(self) -> bool:
        """Apply a quick fix, or all that is safe. What could be parsed before can be parsed afterwards."""
        shown = {path: found for path in self.editor.buffers if (found := self._shown(path))}
        if not shown:
            return False
        path = self.random.choice(sorted(shown))
        one = self.random.choice(shown[path])
        context: dict[str, object] = {"diagnostics": [one]}
        if self.random.random() < 0.2:
            context["only"] = ["source.fixAll"]
        wire = self.editor.wire
        params = {"textDocument": {"uri": self.editor.uri(path)}, "range": one["range"], "context": context}
        actions = cast("list[dict[str, object]]", wire.ask("textDocument/codeAction", params) or [])
        if not actions:
            return False
        action = self.random.choice(actions)
        if "edit" not in action:
            action = cast("dict[str, object]", wire.ask("codeAction/resolve", action) or {})
        edit = action.get("edit")
        if not isinstance(edit, Mapping):
            return False
        for change in edit["documentChanges"]:
            self._apply(str(action["title"]), change)
        self.fixes += 1
        return True

    def _apply(self, title: str, change: Mapping[str, dict[str, object]]) -> None:
        uri, version = cast("str", change["textDocument"]["uri"]), change["textDocument"].get("version")
        path = uri.removeprefix(f"{self.editor.root.as_uri()}/")
        if path not in self.editor.buffers:
            self.editor.open(path)
        elif version != self.editor.buffers[path].version:
            self.faults.append(f"{title}: edit of version {version} of {path}")
            return
        before = after = self.editor.text(path)
        edits = cast("list[dict[str, dict[str, dict[str, int]]]]", change["edits"])
        spans = [
            (self.editor.index(before, each["range"]["start"]), self.editor.index(before, each["range"]["end"]), each)
            for each in edits
        ]
        # Of several texts for one place the first one comes first.
        for start, end, each in sorted(spans, key=lambda span: span[:2])[::-1]:
            after = after[:start] + cast("str", each["newText"]) + after[end:]
        if path.endswith(".py") and _parses(before) and not _parses(after):
            self.faults.append(f"{title}: {path} can be parsed no longer:\n{before}\n-----\n{after}")
        self.editor.put(path, after)

    def ask_at(self) -> None:
        method = self.random.choice(("hover", "definition", "references"))
        path, text = self._buffer()
        params = {
            "textDocument": {"uri": self.editor.uri(path)},
            "position": self.editor.position(text, self._cut(text)),
            "context": {"includeDeclaration": False},
        }
        self._asked.append(self.editor.wire.request(f"textDocument/{method}", params))

    def ask_actions(self) -> None:
        path, text = self._buffer()
        place = self.editor.position(text, self._cut(text))
        params = {
            "textDocument": {"uri": self.editor.uri(path)},
            "range": {"start": {"line": 0, "character": 0}, "end": place},
            "context": {"diagnostics": []},
        }
        self._asked.append(self.editor.wire.request("textDocument/codeAction", params))

    def ask_graph(self) -> None:
        params = {"command": "shearpin.graph", "arguments": [self.random.choice(("json", "mermaid"))]}
        self._asked.append(self.editor.wire.request("workspace/executeCommand", params))

    def ask_file(self) -> None:
        path, text = self._buffer()
        params: dict[str, object] = {"textDocument": {"uri": self.editor.uri(path)}}
        method = self.random.choice(("codeLens", "inlayHint", "documentSymbol"))
        if method == "inlayHint":
            start = {"line": 0, "character": 0}
            params["range"] = {"start": start, "end": self.editor.position(text, self._cut(text))}
        self._asked.append(self.editor.wire.request(f"textDocument/{method}", params))

    def ask_and_cancel(self) -> None:
        self.ask_at()
        self.editor.wire.cancel(self._asked[-1])

    # -------------------------------------------------------------- choosing

    def _drawn(self, weights: Mapping[Callable[[], object], int]) -> Callable[[], bool]:
        (found,) = self.random.choices(list(weights), list(weights.values()))
        return cast("Callable[[], bool]", found)

    def _buffer(self) -> tuple[str, str]:
        if not self.editor.buffers:
            self.editor.open(self._file())
        path = self.random.choice(sorted(self.editor.buffers))
        return path, self.editor.buffers[path].text

    def _file(self) -> str:
        """Settings are not typed: while they are broken the last good ones count, which no fresh start knows."""
        return self.random.choice([path for path in self.editor.files() if path != _SETTINGS_FILE])

    def _shown(self, path: str) -> list[dict[str, object]]:
        return self.editor.wire.diagnostics.get(self.editor.uri(path), [])

    def _token(self, text: str) -> str:
        found = _TOKEN.findall(text)
        return self.random.choice(found) if found else "x"

    def _cut(self, text: str, at: int | None = None) -> int:
        """A place in the text, not inside a line end."""
        at = self.random.randint(0, len(text)) if at is None else at
        return at - 1 if at and text[at - 1 : at + 1] == "\r\n" else at


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
