"""Declares a dependency that a fix needs, in the nearest file that declares them already."""

from __future__ import annotations

import re

from shearpin.rulekit.source import Source
from shearpin.text.edits import Edit, line_end

_LIST = re.compile(rb"^dependencies\s*=\s*\[", re.MULTILINE)
_ITEM = re.compile(rb"""^([ \t]*)(["'])[^"'\n]+["'],?[ \t]*(?:#[^\n]*)?$""", re.MULTILINE)


def dependency_edits(source: Source, path: str, name: str) -> tuple[str, list[Edit]]:
    """The file to change and its edits: none when the dependency is declared or no file can take it.

    Files with hashes and lock files are left alone; there the fix's title tells what to run.
    """
    for file in source.dependency_files(path):
        text = source.text(file)
        if text is None or b"--hash=" in text:
            continue
        if _declares(text, name):
            return file, []
        edits = _to_project(text, name) if file.endswith(".toml") else _to_requirements(text, name)
        if edits:
            return file, edits
    return path, []


def _declares(text: bytes, name: str) -> bool:
    pattern = "[-_.]+".join(re.escape(piece) for piece in re.split(r"[-_.]+", name))
    return re.search(rf"(?<![\w.-]){pattern}(?![\w.-])".encode(), text, re.IGNORECASE) is not None


def _to_requirements(text: bytes, name: str) -> list[Edit]:
    line = line_end(text)
    lead = b"" if not text or text.endswith(b"\n") else line
    return [Edit(len(text), len(text), lead + name.encode() + line)]


def _to_project(text: bytes, name: str) -> list[Edit]:
    found = _LIST.search(text)
    if found is None:
        return []
    closing = text.find(b"]\n", found.end())
    items = list(_ITEM.finditer(text, found.end(), closing if closing >= 0 else len(text)))
    if not items:
        return []
    last = items[-1]
    quoted = last[2] + name.encode() + last[2]
    has_comma = last[0].partition(b"#")[0].rstrip().endswith(b",")
    edits = [] if has_comma else [Edit(*(last.start() + len(last[0].partition(b"#")[0].rstrip()),) * 2, b",")]
    return [*edits, Edit(last.end(), last.end(), line_end(text) + last[1] + quoted + b",")]
