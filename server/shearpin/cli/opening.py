"""Opens the session that a command works on, with progress on a terminal, and says what is wrong with the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shearpin.cli.progress import Progress
from shearpin.report.places import Places, Sources
from shearpin.session import Session


@contextmanager
def opened(root: Path, *, jobs: int | None, use_cache: bool) -> Iterator[Session]:
    """Open the workspace at `root` and close it afterwards."""
    with Progress() as progress:
        session = Session.open(root, progress=progress.step, jobs=jobs, use_cache=use_cache)
    try:
        yield session
    finally:
        session.close()


def places_of(session: Session) -> Places:
    """Lines and columns of a session's sites."""
    return Places(Sources(session.source, session.locate))
