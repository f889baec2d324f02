"""The stages of a Dockerfile, each with what it inherits from the stage it is built on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from shearpin.facts.manifest import EnvEntry
from shearpin.facts.site import Site
from shearpin.syntax.dockerfile import Instruction
from shearpin.syntax.interpolation import interpolate
from shearpin.syntax.shell import split_commands

_PAIR = re.compile(r"""([A-Za-z_][\w.-]*)=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)""")
_STAGE = re.compile(r"(\S+)(?:\s+[Aa][Ss]\s+(\S+))?")
#: stages that copy from each other could double at each step
_MAX_COPIES = 1000
_FILE = re.compile(r"\.[A-Za-z0-9]{1,8}$")


@dataclass(slots=True)
class Stage:
    """A stage while it is read. `copies` are (source in the context, absolute destination)."""

    workdir: str = ""
    copies: list[tuple[str, str]] = field(default_factory=list)
    env: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    command_span: tuple[int, int] | None = None
    span: tuple[int, int] = (0, 0)

    def entries(self, path: str) -> tuple[EnvEntry, ...]:
        """Return the variables of the image."""
        return tuple(EnvEntry(name, value, Site(path, "", *span)) for name, (value, *span) in self.env.items())

    def python_path(self) -> tuple[str, ...]:
        """Return the import roots that PYTHONPATH adds, as absolute paths."""
        text = self.env.get("PYTHONPATH", ("", 0, 0))[0]
        paths = (posixpath.normpath(posixpath.join(self.workdir or "/", part)) for part in text.split(":") if part)
        return tuple(dict.fromkeys(path for path in paths if "$" not in path))


def final_stage(source: bytes, instructions: Sequence[Instruction]) -> tuple[Stage | None, tuple[str, ...]]:
    """Resolve the last stage; also return the images outside the file, those of the last stage first."""
    reading = _Reading(source)
    for instruction in instructions:
        reading.add(instruction)
    last = reading.current
    if last is None:
        return None, ()
    own = reading.bases[-1]
    return last, tuple(dict.fromkeys(base for base in (own, *reversed(reading.bases)) if base))


class _Reading:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self.current: Stage | None = None
        self.bases: list[str] = []
        self._stages: dict[str, tuple[Stage, str]] = {}
        self._arguments: dict[str, str] = {}

    def add(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._from(instruction)
        elif instruction.keyword == "ARG":
            self._arguments.update(
                (name, value) for name, value, _ in _assignments(instruction.text) if value is not None
            )
        elif self.current is not None:
            self._apply(self.current, instruction)

    def _from(self, instruction: Instruction) -> None:
        match = _STAGE.match(instruction.text)
        if match is None:
            return
        image = self._text(match.group(1))
        known = self._stages.get(image.lower())
        base = image if known is None else known[1]
        stage = Stage() if known is None else replace(known[0], copies=[*known[0].copies], env={**known[0].env})
        stage.ports = [*stage.ports]
        stage.span = (instruction.start, instruction.end)
        self.current = stage
        self.bases.append(base)
        for name in (match.group(2), str(len(self.bases) - 1)):
            if name:
                self._stages[name.lower()] = (stage, base)

    def _apply(self, stage: Stage, instruction: Instruction) -> None:
        match instruction.keyword:
            case "WORKDIR":
                stage.workdir = posixpath.normpath(posixpath.join(stage.workdir or "/", self._text(instruction.text)))
            case "ENV":
                for name, value, raw in _assignments(instruction.text):
                    stage.env[name] = (self._text(value or ""), *_find(self._source, instruction, name, raw))
            case "EXPOSE":
                ports = (self._text(word).split("/")[0] for word in instruction.text.split())
                stage.ports += [int(port) for port in ports if port.isdecimal() and len(port) < 6]
            case "COPY" | "ADD":
                room = max(_MAX_COPIES - len(stage.copies), 0)
                stage.copies += islice(self._copies(stage, instruction), room)
            case "ENTRYPOINT":
                stage.entrypoint, stage.command = self._command(instruction), None
                stage.command_span = (instruction.start, instruction.end)
            case "CMD":
                stage.command = self._command(instruction)
                if stage.entrypoint is None:
                    stage.command_span = (instruction.start, instruction.end)
            case _:
                pass

    def _copies(self, stage: Stage, instruction: Instruction) -> Iterator[tuple[str, str]]:
        words = instruction.words or tuple(self._text(word) for word in instruction.text.split())
        if len(words) < 2 or "<<" in instruction.text:
            return
        *sources, target = words
        into_folder = target.endswith("/") or target in {".", ".."} or len(sources) > 1
        absolute = posixpath.normpath(posixpath.join(stage.workdir or "/", target))
        for source in sources:
            origin = instruction.flag("from")
            if origin is None:
                if not re.match(r"\w+://|git@", source):
                    yield _copy(source.lstrip("/") or ".", absolute, into_folder)
            elif (known := self._stages.get(origin.lower())) is not None:
                yield from _through(known[0], posixpath.normpath(posixpath.join("/", source)), absolute)

    def _command(self, instruction: Instruction) -> tuple[str, ...] | None:
        if instruction.words is not None:
            return instruction.words
        return ("/bin/sh", "-c", instruction.text) if split_commands(instruction.text) else None

    def _text(self, text: str) -> str:
        stage = self.current
        values = {**self._arguments, **{name: value for name, (value, _, _) in (stage.env if stage else {}).items()}}
        text = text.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1]
        return interpolate(text, values.get).value or ""


def _copy(source: str, absolute: str, into_folder: bool) -> tuple[str, str]:  # noqa: FBT001
    source = posixpath.normpath(source)
    name = posixpath.basename(source)
    if "*" in name:
        return posixpath.dirname(source) or ".", absolute
    if _FILE.search(name) and name not in {".", ".."} and into_folder:
        return source, posixpath.join(absolute, name)
    return source, absolute


def _through(stage: Stage, source: str, target: str) -> Iterator[tuple[str, str]]:
    """Follow `COPY --from=stage source target` back to the build context."""
    for origin, held in stage.copies:
        if held == source or held.startswith(source.rstrip("/") + "/"):
            yield origin, posixpath.normpath(target + held[len(source.rstrip("/")) :])
        elif source.startswith(held.rstrip("/") + "/"):
            yield posixpath.normpath(posixpath.join(origin, source[len(held.rstrip("/")) + 1 :])), target


def _assignments(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield (name, value, value as written) of `A=1 B="x y"`, of the old form `A 1`, and of a bare `A`."""
    pairs = list(_PAIR.finditer(text))
    if pairs and pairs[0].start() == 0:
        for match in pairs:
            raw = match.group(2)
            words = split_commands(raw.replace(";", r"\;").replace("&", r"\&").replace("|", r"\|"))
            yield match.group(1), (words[0][0] if words and words[0] else ""), raw
        return
    name, _, value = text.partition(" ")
    if re.fullmatch(r"[A-Za-z_][\w.-]*", name):
        yield name, (value.strip() or None), value.strip()


def _find(source: bytes, instruction: Instruction, name: str, raw: str) -> tuple[int, int]:
    """Locate a value as written; where continuations cut it, the whole instruction is its place."""
    head = re.compile(re.escape(name.encode()) + rb"[= \t]\s*").search(source, instruction.start, instruction.end)
    start = source.find(raw.encode(), head.end(), instruction.end) if head and raw else -1
    return (instruction.start, instruction.end) if start < 0 else (start, start + len(raw.encode()))
