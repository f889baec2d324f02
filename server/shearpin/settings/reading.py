"""Read settings from `shearpin.toml` or `[tool.shearpin]` in pyproject.toml, collecting every error with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeAlias

from msgspec.structs import replace

from shearpin.settings.model import (
    CONFIDENCES,
    DEFAULTS,
    SEVERITIES,
    Mention,
    PerPath,
    Problem,
    ServiceOverride,
    Settings,
    SettingsError,
    Timeouts,
    Zone,
)
from shearpin.settings.toml_lines import KeyLines, KeyPath

FILES = ("shearpin.toml", "pyproject.toml")
Toml: TypeAlias = "dict[str, object]"

_ZONES = ("critical", "standard", "free")
_TOP = (
    "select",
    "ignore",
    "severity",
    "per-path",
    "exclude",
    "include-tests",
    "min-confidence",
    "fail-on",
    "timeouts",
    "zones",
    "services",
)
_PER_PATH = ("paths", "select", "ignore", "severity")
_SERVICE = ("root", "hosts", "ports", "external")
_POSITION = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def load(read: Callable[[str], bytes | None]) -> Settings:
    """Settings of a workspace; `read` gives a file of its root folder. `shearpin.toml` wins over pyproject.toml.

    Raises:
        SettingsError: with all problems.
    """
    for path in FILES:
        source = read(path)
        if source is None:
            continue
        settings = parse(path, source)
        if settings is not None:
            return settings
    return DEFAULTS


def parse(path: str, source: bytes) -> Settings | None:
    """Settings in one file; None when a pyproject.toml says nothing about shearpin.

    Raises:
        SettingsError: with all problems.
    """
    is_own = path.rpartition("/")[2] == "shearpin.toml"
    if not is_own and b"shearpin" not in source:
        return None
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise SettingsError((Problem(path, line, "is not UTF-8"),)) from error
    try:
        table: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((_syntax_problem(path, text, str(error)),)) from error
    prefix: KeyPath = () if is_own else ("tool", "shearpin")
    for name in prefix:
        table = table.get(name) if isinstance(table, dict) else None
    if table is None:
        return None
    return _Reader(path, text, prefix).settings(table)


def near_match(name: str, known: tuple[str, ...]) -> str:
    """` (did you mean "x"?)` or nothing."""
    found = get_close_matches(name.replace("_", "-"), known, 1)
    return f'; did you mean "{found[0]}"?' if found else ""


def _syntax_problem(path: str, text: str, message: str) -> Problem:
    found = _POSITION.search(message)
    line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
    reason = _POSITION.sub("", message)
    return Problem(path, line, f"is not valid TOML: {reason[:1].lower()}{reason[1:]}")


class _Reader:
    """Reads one table; every complaint becomes a problem and the default is taken instead."""

    def __init__(self, path: str, text: str, prefix: KeyPath) -> None:
        self.path = path
        self.prefix = prefix
        self.lines = KeyLines(text)
        self.problems: list[Problem] = []
        self.mentions: list[Mention] = []

    def settings(self, table: object) -> Settings:
        top = self.table(table, (), _TOP)
        found = Settings(
            select=self.rules(top, (), "select", DEFAULTS.select),
            ignore=self.rules(top, (), "ignore"),
            severity=self.severities(top.get("severity"), ("severity",)),
            per_path=self.per_paths(top.get("per-path")),
            exclude=self.strings(top.get("exclude"), ("exclude",)),
            include_tests=self.truth(top.get("include-tests"), ("include-tests",)),
            min_confidence=self.one_of(top, "min-confidence", CONFIDENCES, DEFAULTS.min_confidence),
            fail_on=self.one_of(top, "fail-on", (*SEVERITIES, "never"), DEFAULTS.fail_on),
            timeouts=self.timeouts(top.get("timeouts")),
            zones=self.zones(top.get("zones")),
            services=self.services(top.get("services")),
            origin=self.path,
        )
        if self.problems:
            raise SettingsError(tuple(sorted(self.problems, key=lambda problem: problem.line)))
        return replace(found, mentions=tuple(self.mentions))

    # ------------------------------------------------------------ sections

    def per_paths(self, value: object) -> tuple[PerPath, ...]:
        key: KeyPath = ("per-path",)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.complain(key, 'per-path must be a list of tables: write "[[tool.shearpin.per-path]]"')
            return ()
        return tuple(self.one_path(item, (*key, index)) for index, item in enumerate(value))

    def one_path(self, value: object, key: KeyPath) -> PerPath:
        table = self.table(value, key, _PER_PATH)
        paths = self.strings(table.get("paths"), (*key, "paths"))
        if "paths" not in table:
            self.complain(key, 'per-path needs "paths"')
        return PerPath(
            paths,
            self.rules(table, key, "select"),
            self.rules(table, key, "ignore"),
            self.severities(table.get("severity"), (*key, "severity")),
        )

    def timeouts(self, value: object) -> Timeouts:
        default = Timeouts()
        table = self.table(value, ("timeouts",), ("connect", "read"))
        return Timeouts(self.seconds(table, "connect", default.connect), self.seconds(table, "read", default.read))

    def zones(self, value: object) -> tuple[Zone, ...]:
        table = self.table(value, ("zones",), _ZONES)
        return tuple(Zone(name, self.strings(table[name], ("zones", name))) for name in _ZONES if name in table)

    def services(self, value: object) -> tuple[ServiceOverride, ...]:
        key: KeyPath = ("services",)
        if value is None:
            return ()
        if not isinstance(value, dict):
            self.complain(key, "services must be a table with one table per service")
            return ()
        return tuple(self.service(str(name), item, (*key, str(name))) for name, item in value.items())

    def service(self, name: str, value: object, key: KeyPath) -> ServiceOverride:
        table = self.table(value, key, _SERVICE)
        root = table.get("root")
        if root is not None and not isinstance(root, str):
            self.complain((*key, "root"), f"root must be a string, not {_kind(root)}")
            root = None
        return ServiceOverride(
            name,
            None if root is None else root.strip("/").removeprefix("./"),
            tuple(host.lower() for host in self.strings(table.get("hosts"), (*key, "hosts"))),
            self.ports(table.get("ports"), (*key, "ports")),
            self.truth(table.get("external"), (*key, "external")),
            self.line(key),
        )

    # -------------------------------------------------------------- values

    def table(self, value: object, key: KeyPath, known: tuple[str, ...]) -> Toml:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.complain(key, f"{_dotted(key) or 'tool.shearpin'} must be a table, not {_kind(value)}")
            return {}
        for name in value:
            if name not in known:
                where = f" in {_dotted(key)}" if key else ""
                self.complain((*key, name), f'unknown setting "{name}"{where}{near_match(name, known)}')
        return {str(name): item for name, item in value.items()}

    def strings(self, value: object, key: KeyPath) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.complain(key, f"{_dotted(key)} must be a list of strings, not {_kind(value)}")
            return ()
        return tuple(str(item) for item in value)

    def ports(self, value: object, key: KeyPath) -> tuple[int, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            self.complain(key, f"{_dotted(key)} must be a list of numbers, not {_kind(value)}")
            return ()
        return tuple(item for item in value if isinstance(item, int))

    def rules(self, table: Toml, key: KeyPath, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        if name not in table:
            return default
        here = (*key, name)
        found = self.strings(table[name], here)
        for item in found:
            line = self.lines.line_of_item(self.prefix + here, item)
            self.mentions.append(Mention(item, self.path, line))
        return found

    def severities(self, value: object, key: KeyPath) -> tuple[tuple[str, str], ...]:
        if value is None:
            return ()
        if not isinstance(value, dict):
            self.complain(key, f"severity must be a table of rule = severity, not {_kind(value)}")
            return ()
        found: list[tuple[str, str]] = []
        for name, severity in value.items():
            here = (*key, str(name))
            self.mentions.append(Mention(str(name), self.path, self.line(here)))
            if severity in SEVERITIES:
                found.append((str(name), str(severity)))
            else:
                self.complain(here, f"severity of {name} must be one of {', '.join(SEVERITIES)}, not {severity!r}")
        return tuple(found)

    def one_of(self, table: Toml, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = table.get(name, default)
        if isinstance(value, str) and value in allowed:
            return value
        hint = near_match(value, allowed) if isinstance(value, str) else ""
        self.complain((name,), f"{name} must be one of {', '.join(allowed)}{hint or f', not {value!r}'}")
        return default

    def truth(self, value: object, key: KeyPath) -> bool:
        if value is None or isinstance(value, bool):
            return bool(value)
        self.complain(key, f"{_dotted(key)} must be true or false, not {_kind(value)}")
        return False

    def seconds(self, table: Toml, name: str, default: float) -> float:
        value = table.get(name, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf"):
            return float(value)
        self.complain(("timeouts", name), f"timeouts.{name} must be a positive number of seconds, not {value!r}")
        return default

    def line(self, key: KeyPath) -> int:
        return self.lines.line(self.prefix + key)

    def complain(self, key: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.path, self.line(key), message))


def _dotted(key: KeyPath) -> str:
    return ".".join(str(part) for part in key)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    names: dict[type, str] = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
    kind = names.get(type(value), "a date or time")
    return f"{kind} with other things in it" if isinstance(value, list) else kind
