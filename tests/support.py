"""Workspaces held in memory, for tests of rules, sessions and fixes: files in, findings with lines out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent
from typing import NamedTuple

from shearpin.rulekit.rule import Rule
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import Grade
from shearpin.session import Session
from shearpin.settings import Settings
from shearpin.workspace.files import MemoryFiles

_EXPECT = re.compile(r"#\s*expect:\s*([\w, -]+)")


class Found(NamedTuple):
    """One finding, or one mark: file, line from 1, rule."""

    path: str
    line: int
    rule: str


def open_session(
    files: Mapping[str, str], *, settings: Settings | None = None, rules: tuple[Rule, ...] | None = None
) -> Session:
    """A session on files in memory; all installed rules run, and what a rule raises is raised."""
    tree = MemoryFiles({path: dedent(text).encode() for path, text in files.items()})
    session = Session(tree, settings=settings, rules=rules, strict=True)
    session.read_all()
    return session


def check(
    files: Mapping[str, str], *, settings: Settings | None = None, rules: tuple[Rule, ...] | None = None
) -> list[Found]:
    """All findings, by path and line."""
    return found_by(open_session(files, settings=settings, rules=rules))


def found_by(session: Session) -> list[Found]:
    """All findings of a session, by path and line."""
    found: list[Found] = []
    for finding in session.report().findings:
        line = session.lines(finding.site.path).line_at(session.locate(finding.site)[0])
        found.append(Found(finding.site.path, line + 1, finding.rule))
    return sorted(found)


def expected(files: Mapping[str, str]) -> list[Found]:
    """The marks `# expect: rule` in files, by path and line."""
    return sorted(
        Found(path, number, rule.strip())
        for path, text in files.items()
        for number, line in enumerate(dedent(text).splitlines(), start=1)
        if (mark := _EXPECT.search(line))
        for rule in mark[1].split(",")
    )


def fix(
    files: Mapping[str, str], grade: Grade = Grade.REVIEW, *, rules: tuple[Rule, ...] | None = None
) -> dict[str, str]:
    """Files after all fixes up to a grade."""
    session = open_session(files, rules=rules)
    outcome = session.fix_all(grade)
    paths = {edit.path for edit in outcome.edits}
    changed = {path: edited(session, path, outcome.edits) for path in paths}
    return {path: changed.get(path, dedent(text)) for path, text in files.items()}


def edited(session: Session, path: str, edits: tuple[FileEdit, ...]) -> str:
    """One file after edits."""
    text = session.source(path) or b""
    for edit in sorted((edit for edit in edits if edit.path == path), key=lambda edit: -edit.start):
        text = text[: edit.start] + edit.new_text.encode() + text[edit.end :]
    return text.decode()
