"""Executes one example of a page: what every example must hold, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import unified_diff

from shearpin.rulekit.pages import Example, Files, without_marks
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Grade, Outcome
from shearpin.session import Session

from ..support import edited, expected, found_by, open_session


def opened(files: Files) -> Session:
    """A session on files without their marks: a comment must not be what makes an example right."""
    return open_session({path: without_marks(text) for path, text in files.items()})


def complaints(example: Example, rule: Rule, also: frozenset[str] = frozenset()) -> list[str]:
    """What an example of a rule's page promises and does not keep.

    Compared with the marks are the findings of this rule, of those that the example marks, and of the rules in `also`.
    """
    return list(_complaints(example, rule, also))


def _complaints(example: Example, rule: Rule, also: frozenset[str]) -> Iterator[str]:
    session = opened(example.files)
    marked = expected(example.files)
    if bool(marked) != (example.kind == "bad"):
        yield "bad has marks, good has none"
    judged = {rule.name, *also, *(mark.rule for mark in marked)}
    found = [item for item in found_by(session) if item.rule in judged]
    yield from (f"not reported: {item}" for item in marked if item not in found)
    yield from (f"reported: {item}" for item in found if item not in marked)
    fixed = fixed_files(session, example.files, rule)
    if example.fixed is not None:
        yield from (
            _difference(example.fixed[path], fixed[path]) for path in fixed if fixed[path] != example.fixed[path]
        )
        yield from (f"reported after all fixes: {item}" for item in found_by(opened(example.fixed)))
    for path, text in fixed.items():
        if path.endswith(".py") and text != without_marks(example.files[path]):
            compile(text, path, "exec", dont_inherit=True)
    twice = fixed_files(opened(fixed), fixed, rule)
    yield from (f"fixed twice: {_difference(fixed[path], twice[path])}" for path in fixed if fixed[path] != twice[path])


def _difference(shown: str, made: str) -> str:
    return "\n" + "\n".join(unified_diff(shown.splitlines(), made.splitlines(), "shown", "made", lineterm="", n=2))


def fixed_files(session: Session, files: Files, rule: Rule) -> Files:
    """The files after all fixes of one rule, those to review included."""
    outcome = session.fix_all(Grade.REVIEW, frozenset((rule.name,)))
    changed = {edit.path: edited(session, edit.path, outcome.edits) for edit in outcome.edits}
    return {path: changed.get(path, without_marks(text)) for path, text in files.items()}


def outcomes(workspaces: Iterable[Files], rule: Rule) -> frozenset[Outcome]:
    """What a rule answers anywhere in some workspaces."""
    found: set[Outcome] = set()
    for files in workspaces:
        session = opened(files)
        for path in session.python_files():
            found.update(verdict.outcome for other, verdict in session.verdicts(path) if other.name == rule.name)
    return frozenset(found)
