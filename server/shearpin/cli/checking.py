"""What `check` shows: from a whole examination, or from the last one when everything still looks the same."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from shearpin.cli.opening import Overrides, examine, opened, places_of, settings_of
from shearpin.cli.options import shown_prefix
from shearpin.report.checked import Checked
from shearpin.report.gaps import gaps
from shearpin.report.places import Places, Sources
from shearpin.session import Session
from shearpin.session.kept import KeptCheck, check_key, keep, recall, sites_of
from shearpin.syntax.source import decode_source
from shearpin.workspace.cache import Cache, cache_path
from shearpin.workspace.files import DiskFiles


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked. `within` restricts what is shown; `fixes` wants the edits of fixes, tried on the text."""

    root: Path
    within: tuple[str, ...] | None
    overrides: Overrides
    fixes: bool
    jobs: int | None
    use_cache: bool


@contextmanager
def checked(asked: Asked) -> Generator[Checked]:
    """The result of a check.

    Raises:
        RefusedError: the settings are broken or name rules that do not exist.
    """
    root = asked.root.absolute()
    if asked.fixes or not asked.use_cache:
        with _opened(asked) as session:
            yield _examined(session, asked)
        return
    with closing(Cache(cache_path(root))) as cache:
        settings = settings_of(root, asked.overrides)
        key = check_key(settings, asked.within)
        known = recall(cache, key, DiskFiles(root))
    if known is not None:
        yield _recalled(root, known, settings.fail_on)
        return
    with _opened(asked) as session:
        found = _examined(session, asked)
        _keep(session, key, found)
        yield found


def _opened(asked: Asked) -> AbstractContextManager[Session]:
    # Fixes are tried on the text before they are shown, and a trial is a change.
    return opened(
        asked.root, jobs=asked.jobs, use_cache=asked.use_cache, overrides=asked.overrides, once=not asked.fixes
    )


def _examined(session: Session, asked: Asked) -> Checked:
    examine(session)
    report = session.report(asked.within)
    places = places_of(session)
    return Checked(
        root=session.root.as_posix(),
        findings=report.findings,
        places=places,
        files=report.files,
        skipped=gaps(session, places, report.skipped),
        suppressed=report.suppressed,
        practices=report.practices,
        edits=session.edits if asked.fixes else None,
        fail_on=session.settings.fail_on,
    )


def _keep(session: Session, key: bytes, found: Checked) -> None:
    """A rule that failed is told about each time, so nothing is kept then."""
    trace = session.trace
    if trace is None or session.has_failures:
        return
    places = tuple((site, *session.locate(site)) for site in dict.fromkeys(sites_of(found.findings)))
    check = KeptCheck(found.findings, found.files, found.skipped, found.suppressed, dict(found.practices), places)
    keep(session.cache, key, trace, check)


def _recalled(root: Path, known: KeptCheck, fail_on: str) -> Checked:
    files = DiskFiles(root)
    places = {site: (start, end) for site, start, end in known.places}

    def read(path: str) -> bytes | None:
        try:
            source = files.read(path)
        except OSError:
            return None
        return decode_source(source)[0] if path.endswith(".py") else source

    return Checked(
        root=root.as_posix(),
        findings=known.findings,
        places=Places(Sources(read, lambda site: places.get(site, (0, 0))), shown_prefix(root)),
        files=known.files,
        skipped=known.skipped,
        suppressed=known.suppressed,
        practices=known.practices,
        fail_on=fail_on,
    )
