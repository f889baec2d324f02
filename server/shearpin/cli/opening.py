"""Opens the session that a command works on: settings with what the command line changes, progress, places."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shearpin.cli.exits import RefusedError
from shearpin.cli.failures import failures_told
from shearpin.cli.options import shown_prefix
from shearpin.cli.progress import Progress
from shearpin.cli.rule_names import demand_rules
from shearpin.report.places import Places, Sources
from shearpin.session import Session
from shearpin.settings import Settings, SettingsError, load


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says instead of the settings file; empty and None leave it alone."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_confidence: str | None = None
    include_tests: bool = False


@contextmanager
def opened(
    root: Path, *, jobs: int | None, use_cache: bool, overrides: Overrides = Overrides(), once: bool = True
) -> Generator[Session]:
    """Open the workspace at `root` and close it afterwards; `once` unless texts are tried in it.

    Raises:
        RefusedError: the settings are broken or name rules that do not exist.
    """
    settings = settings_of(root, overrides)
    with failures_told():
        with Progress() as progress:
            session = Session.open(
                root, settings=settings, progress=progress.step, jobs=jobs, use_cache=use_cache, once=once
            )
        try:
            yield session
        finally:
            session.close()


def examine(session: Session) -> None:
    """Run the rules over all files, with progress to see; what a report asks afterwards is known."""
    with Progress() as progress:
        session.examine_all(progress.step)


def link(session: Session) -> None:
    """Find the edges of the graph, with progress to see."""
    with Progress() as progress:
        session.link_all(progress.step)


def settings_of(root: Path, overrides: Overrides) -> Settings:
    """Settings of a workspace with the command line's changes.

    Raises:
        RefusedError: all that is wrong with them, one line each.
    """
    prefix = shown_prefix(root)
    try:
        settings = load(lambda name: _read(root / name))
    except SettingsError as error:
        raise RefusedError(*(f"{prefix}{problem}" for problem in error.problems)) from error
    demand_rules([(mention.name, f"{prefix}{mention.path}:{mention.line}: ") for mention in settings.mentions])
    demand_rules([(name, "--select: ") for name in overrides.select])
    demand_rules([(name, "--ignore: ") for name in overrides.ignore])
    return msgspec.structs.replace(
        settings,
        select=overrides.select or settings.select,
        ignore=(*settings.ignore, *overrides.ignore),
        min_confidence=overrides.min_confidence or settings.min_confidence,
        include_tests=overrides.include_tests or settings.include_tests,
    )


def places_of(session: Session) -> Places:
    """Lines and columns of a session's sites."""
    return Places(Sources(session.source, session.locate), shown_prefix(session.root))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise RefusedError(f"{path.as_posix()}: cannot be read: {error.strerror}") from error
