"""Files that were not read, or in part only: one line each, with the reason."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator

from shearpin.facts.manifest import ManifestFacts
from shearpin.query import keys
from shearpin.report.places import Places
from shearpin.services.classify import PathClass, path_class
from shearpin.session import Session

_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)


def gaps(session: Session, places: Places, unread: Iterable[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """(path, reason) of everything that the findings and the graph rest on less than fully, by path.

    `unread` are files that could not be read at all.
    """
    found = dict(_manifests(session, places))
    found |= dict(_python(session))
    found |= dict(unread)
    return tuple(sorted(found.items()))


def _python(session: Session) -> Iterator[tuple[str, str]]:
    for path in session.python_files():
        summary = session.summary(path)
        if summary is None:
            continue
        is_foreign = summary.encoding == "latin-1"
        is_broken = summary.has_error or any(part.has_error for part in summary.parts)
        if not (is_foreign or is_broken) or not _is_reported(session, path):
            continue
        source = session.source(path) or b""
        if is_foreign and not _declares_encoding(source):
            yield path, "is not UTF-8; read as Latin-1"
        elif is_broken:
            yield path, _syntax_error(source)


def _is_reported(session: Session, path: str) -> bool:
    return session.settings.include_tests or path_class(session.db, path) is PathClass.APPLICATION


def _manifests(session: Session, places: Places) -> Iterator[tuple[str, str]]:
    for path in session.manifest_files():
        facts = session.db.get(keys.manifest(path))
        if isinstance(facts, ManifestFacts) and facts.problems:
            first = facts.problems[0]
            more = f" (and {len(facts.problems) - 1} more)" if len(facts.problems) > 1 else ""
            where = places.line_of(first.site)
            yield path, f"line {where}: {first.message}{more}; the rest is read"


def _declares_encoding(source: bytes) -> bool:
    return any(_DECLARED.match(text) for text in source.splitlines()[:2])


def _syntax_error(source: bytes) -> str:
    """What Python says about the text, which is parsed and never run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        return f"{where}does not parse: {error.msg}; the rest is read"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"does not parse: {error}"
    return "does not parse in part; the rest is read"
