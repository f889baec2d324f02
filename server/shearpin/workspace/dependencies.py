"""Names and versions of distributions that a project declares or locks. Reads bytes, never raises."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_REQUIREMENTS = re.compile(r"(?:.*requirements.*|constraints.*)\.(?:txt|in)")
_TOML = frozenset({"pyproject.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile"})
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)")
_PIN = re.compile(r"===?\s*v?([0-9][^\s,;*]*)(?:\s*[;,#].*|\s*)$")
_NUMBER = re.compile(r"[0-9][0-9A-Za-z.+!-]*$")
_SEPARATORS = re.compile(r"[-_.]+")


def is_dependency_file(path: str) -> bool:
    """Whether a file of that name declares or locks dependencies."""
    folder, _, name = path.rpartition("/")
    in_folder = folder.rpartition("/")[2] == "requirements" and name.endswith((".txt", ".in"))
    return name in _TOML or in_folder or _REQUIREMENTS.fullmatch(name) is not None


def declared(path: str, source: bytes) -> tuple[tuple[str, str], ...]:
    """(normalised name, exact version or "") in order of name."""
    text = source.decode("utf-8", "replace")
    found: dict[str, str] = {}
    is_toml = path.rpartition("/")[2] in _TOML
    for name, version in _from_toml(text) if is_toml else _from_lines(text):
        if version or name not in found:
            found[name] = version
    return tuple(sorted(found.items()))


def _from_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        if not line.lstrip().startswith(("-", "#")):
            yield from _requirement(line.partition(" #")[0].partition(" --hash")[0])


def _requirement(text: object) -> Iterator[tuple[str, str]]:
    found = _REQUIREMENT.match(text) if isinstance(text, str) else None
    if found is not None and not found[2].startswith(("/", "\\", ":", "+")):
        pin = _PIN.match(found[2])
        yield _normal(found[1]), pin[1] if pin else ""


def _from_toml(text: str) -> Iterator[tuple[str, str]]:
    try:
        table: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    project, tool = _table(table, "project"), _table(table, "tool")
    for item in _items(project.get("dependencies")):
        yield from _requirement(item)
    for group in (_table(project, "optional-dependencies"), _table(table, "dependency-groups")):
        for items in group.values():
            for item in _items(items):
                yield from _requirement(item)
    yield from _poetry(_table(tool, "poetry"))
    for section in ("packages", "dev-packages"):
        yield from _versions(_table(table, section))
    for package in _items(table.get("package")):
        if isinstance(package, dict) and isinstance(package.get("name"), str):
            yield _normal(str(package["name"])), str(package.get("version") or "")


def _poetry(poetry: dict[str, object]) -> Iterator[tuple[str, str]]:
    yield from _versions(_table(poetry, "dependencies"))
    for group in _table(poetry, "group").values():
        if isinstance(group, dict):
            yield from _versions(_table(group, "dependencies"))


def _versions(table: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, wanted in table.items():
        if name == "python":
            continue
        version = wanted.get("version") if isinstance(wanted, dict) else wanted
        exact = str(version).strip().lstrip("=").strip() if isinstance(version, str) else ""
        yield _normal(name), exact if _NUMBER.match(exact) else ""


def _table(table: dict[str, object], name: str) -> dict[str, object]:
    found = table.get(name)
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()
