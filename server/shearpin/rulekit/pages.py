"""Reads the examples of a page: fenced blocks of code that are small workspaces, with the lines that must be reported.

The info string of a block is its language, its kind and perhaps its file: `python bad file=orders/app.py`. Kinds are
"bad" (reported at its marks `# expect: rule`), "good" (nothing to report) and "fixed" (a bad file after its fixes).
Blocks of one kind under one heading are one workspace; a file that comes again, or another kind, begins the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

DEFAULT_FILE = "app.py"
KINDS = ("bad", "good", "fixed")

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{2,} +(.+?)\s*$", re.MULTILINE)
_MARK = re.compile(r"[ \t]*#\s*expect:\s*[\w, -]+$", re.MULTILINE)

#: path and text of each file
Files: TypeAlias = dict[str, str]


class PageError(ValueError):
    """The page is wrong: `fixed` without anything that it fixes."""


class Example(msgspec.Struct, frozen=True):
    """One workspace of a page. `kind` is "bad" or "good"; `fixed` is the whole workspace after all fixes, if shown."""

    heading: str
    kind: str
    files: Files
    fixed: Files | None = None


def examples(page: str) -> tuple[Example, ...]:
    """All workspaces of a page, in order.

    Raises:
        PageError: a block is "fixed" where nothing was bad.
    """
    found: list[Example] = []
    heading, previous = "", ""
    for item in _items(page):
        if isinstance(item, str):
            heading, previous = item, ""
            continue
        kind, path, text = item
        last = found[-1] if found and (previous or kind == "fixed") and found[-1].heading == heading else None
        if kind == "fixed":
            if last is None or last.kind != "bad":
                raise PageError(f'"{heading}" fixes {path}, and nothing bad stands above it')
            found[-1] = msgspec.structs.replace(last, fixed={**(last.fixed or last.files), path: text})
        elif last is not None and previous == kind and path not in last.files:
            found[-1] = msgspec.structs.replace(last, files={**last.files, path: text})
        else:
            found.append(Example(heading, kind, {path: text}))
        previous = kind
    return tuple(found)


def without_marks(text: str) -> str:
    """A file without its marks."""
    return _MARK.sub("", text)


def _items(page: str) -> Iterator[str | tuple[str, str, str]]:
    """Headings, and (kind, path, text) of blocks that have a kind."""
    position = 0
    for fence in _FENCE.finditer(page):
        yield from (match[1] for match in _HEADING.finditer(page, position, fence.start()))
        position = fence.end()
        words = fence["info"].split()
        kind = next((word for word in words[1:] if word in KINDS), "")
        if kind:
            named = (word.removeprefix("file=") for word in words if word.startswith("file="))
            yield kind, next(named, DEFAULT_FILE), fence["text"]
    yield from (match[1] for match in _HEADING.finditer(page, position))
