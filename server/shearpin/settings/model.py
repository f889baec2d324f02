"""What can be set, with its defaults. Rule names are strings here: whether a rule exists is checked further up."""

from __future__ import annotations

import msgspec

SEVERITIES = ("information", "warning", "error")
CONFIDENCES = ("certain", "likely", "possible")
ALL = "all"


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds that fixes write when a call has no time limit."""

    connect: float = 3.05
    read: float = 10.0


class ServiceOverride(msgspec.Struct, frozen=True):
    """What settings say about one service; None and empty mean that the manifests decide.

    `external` declares a service outside the workspace: `hosts` are its names, and calls to it are known to be such.
    """

    name: str
    root: str | None = None
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    external: bool = False
    line: int = 0


class Zone(msgspec.Struct, frozen=True):
    """`name` is "critical", "standard" or "free"; `members` are service names or path patterns."""

    name: str
    members: tuple[str, ...]


class PerPath(msgspec.Struct, frozen=True):
    """Deviations for paths that match one of `paths` (patterns as in .gitignore)."""

    paths: tuple[str, ...]
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()


class Mention(msgspec.Struct, frozen=True):
    """A rule or pack name that a settings file mentions, and where (1-based line)."""

    name: str
    path: str
    line: int


class Settings(msgspec.Struct, frozen=True):
    """All settings of a workspace.

    `select` holds names of rules or packs, or "all"; `ignore` wins over it. `fail_on` is a severity or "never".
    `origin` is the file that was read, "" for none.
    """

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    per_path: tuple[PerPath, ...] = ()
    exclude: tuple[str, ...] = ()
    include_tests: bool = False
    min_confidence: str = "likely"
    fail_on: str = "warning"
    timeouts: Timeouts = Timeouts()
    zones: tuple[Zone, ...] = ()
    services: tuple[ServiceOverride, ...] = ()
    origin: str = ""
    mentions: tuple[Mention, ...] = ()


DEFAULTS = Settings()


class Problem(msgspec.Struct, frozen=True):
    """One error in a settings file; `line` is 1-based, 0 when it concerns the whole file."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        """`pyproject.toml:12: message`"""
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class SettingsError(Exception):
    """The settings cannot be used; `problems` are all of them, in order of position."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
