"""Dockerfiles to instructions with positions: continuations, comments inside them, heredocs, exec and shell form."""

from __future__ import annotations

import json
import re

import msgspec

_ESCAPE = re.compile(rb"#[ \t]*escape[ \t]*=[ \t]*(.)", re.IGNORECASE)
_DIRECTIVE = re.compile(rb"#[ \t]*\w+[ \t]*=")
_KEYWORD = re.compile(r"\s*([A-Za-z]+)\s*")
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=(\S*))?\s*")


class Instruction(msgspec.Struct, frozen=True, gc=False):
    """One instruction: `keyword` in upper case, `--flags` apart, `text` the rest with continuations joined.

    `words` is the parsed list of an exec form (`["a", "b"]`), else None. `start`/`end` cover the whole instruction.
    """

    keyword: str
    text: str
    words: tuple[str, ...] | None
    flags: tuple[tuple[str, str], ...]
    start: int
    end: int

    def flag(self, name: str) -> str | None:
        """Return the value of `--name=value`, or None."""
        return next((value for key, value in self.flags if key == name), None)


def read_dockerfile(source: bytes) -> tuple[Instruction, ...]:
    """Read the instructions in order; what is none is skipped. Never raises."""
    instructions: list[Instruction] = []
    escape = _escape_character(source)
    position = 0
    while position < len(source):
        start, end, text = _logical_line(source, position, escape)
        position = end + 1
        match = _KEYWORD.match(text)
        if match is None:
            continue
        keyword, rest = match.group(1).upper(), text[match.end() :].strip()
        if keyword in {"RUN", "COPY", "ADD"}:
            for name in _HEREDOC.findall(rest):
                position = _after_heredoc(source, position, name)
        flags, rest = _split_flags(rest)
        instructions.append(Instruction(keyword, rest, _exec_form(rest), flags, start, end))
    return tuple(instructions)


def _escape_character(source: bytes) -> bytes:
    for line in source.splitlines()[:4]:
        match = _ESCAPE.match(line)
        if match is not None:
            return match.group(1)
        if not _DIRECTIVE.match(line):
            break
    return b"\\"


def _logical_line(source: bytes, position: int, escape: bytes) -> tuple[int, int, str]:
    pieces: list[bytes] = []
    start = position
    continued = False
    while True:
        newline = source.find(b"\n", position)
        end = len(source) if newline < 0 else newline
        line = source[position:end]
        stripped = line.strip()
        if continued and (stripped.startswith(b"#") or not stripped):
            continues = True  # comments and empty lines do not end an instruction
        elif stripped.startswith(b"#"):
            return start, end, ""
        else:
            if not pieces:
                start = position + len(line) - len(line.lstrip())
            continues = stripped.endswith(escape)
            pieces.append(stripped.removesuffix(escape).rstrip() if continues else stripped)
        if not continues or newline < 0:
            text = b" ".join(pieces).decode("utf-8", "replace")
            return start, max(start, position + len(line.rstrip())) if pieces else end, text
        continued = True
        position = newline + 1


def _after_heredoc(source: bytes, position: int, name: str) -> int:
    match = re.compile(rb"^[ \t]*" + re.escape(name.encode()) + rb"[ \t]*\r?$", re.MULTILINE).search(source, position)
    return position if match is None else match.end() + 1


def _split_flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags: list[tuple[str, str]] = []
    while True:
        match = _FLAG.match(text)
        if match is None:
            return tuple(flags), text
        flags.append((match.group(1), match.group(2) or ""))
        text = text[match.end() :]


def _exec_form(text: str) -> tuple[str, ...] | None:
    if not text.startswith("["):
        return None
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else None
