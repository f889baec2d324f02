"""supervisord configuration: the programs that it keeps running."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import EnvEntry, ManifestFacts, Workload
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.syntax.command import expand_command

_NAME = re.compile(r"(^|/)supervisord?[^/]*\.(conf|ini)$|(^|/)supervisord?(\.d)?/[^/]+\.(conf|ini)$")
_SECTION = re.compile(rb"^\[([^\]\r\n]+)\]", re.MULTILINE)
_OPTION = re.compile(
    rb"^(command|directory|environment|numprocs)[ \t]*=[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]+)*)", re.MULTILINE
)
_VARIABLE = re.compile(r"([A-Za-z_]\w*)=(?:\"([^\"]*)\"|'([^']*)'|([^,\s]*))")
_MAX_COMMAND = 65_536
_OUTER = re.compile(r"%\(ENV_(\w+)\)s")


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    workloads = tuple(_workloads(path, source, files))
    return ManifestFacts("supervisor", path, workloads, reads=files.asked) if workloads else ManifestFacts("", path)


def _workloads(path: str, source: bytes, files: Files) -> Iterator[Workload]:
    sections = list(_SECTION.finditer(source))
    for index, section in enumerate(sections):
        title = section.group(1).decode("utf-8", "replace")
        if not title.startswith("program:"):
            continue
        end = sections[index + 1].start() if index + 1 < len(sections) else len(source)
        options = {match.group(1): match for match in _OPTION.finditer(source, section.end(), end)}
        command = options.get(b"command")
        if command is None or len(command.group(2)) > _MAX_COMMAND:
            continue
        folder = folder_of(path)
        directory = _text(options.get(b"directory"))
        if directory and not directory.startswith("/") and not join(folder, directory).startswith(".."):
            folder = join(folder, directory)
        words = expand_command(("sh", "-c", _text(command)), lambda name: files.read(join(folder, name)))  # noqa: B023
        environment = options.get(b"environment")
        count = _text(options.get(b"numprocs"))
        yield Workload(
            kind="supervisor",
            name=title.removeprefix("program:").strip(),
            site=Site(path, "", section.start(1), section.end(1)),
            deployment=path,
            build=folder,
            command=words or None,
            env=tuple(_variables(path, environment)) if environment is not None else (),
            replicas=int(count) if count.isdecimal() and len(count) < 6 else None,
        )


def _text(match: re.Match[bytes] | None) -> str:
    if match is None:
        return ""
    # A line that begins with space continues the one before.
    return _OUTER.sub(r"${\1}", " ".join(match.group(2).decode("utf-8", "replace").split("\n"))).strip()


def _variables(path: str, match: re.Match[bytes]) -> Iterator[EnvEntry]:
    site = Site(path, "", match.start(2), match.end(2))
    for name, *values in _VARIABLE.findall(match.group(2).decode("utf-8", "replace")):
        value = next(filter(None, values), "")
        yield EnvEntry(name, None if "%(" in value else value, site)


READER = Reader(
    "supervisor", lambda path: bool(_NAME.search(path)), _read, lambda _path, source: b"[program:" in source
)
