"""Tries every fix of every finding: `python tests/bench/fix_bench.py [--most N] FOLDER...`.

Each fix alone, on the whole system: the file parses, this finding is gone, none is new, no line outside of the edits is
another one, line ends stay what they were, and the same fix cannot be made twice. Exit code 1 when one does not hold.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from shearpin.engine.finding import Finding
from shearpin.engine.identity import Subject, subject_of
from shearpin.rulekit.rule import discover
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import FixPlan
from shearpin.session import Session
from shearpin.text.edits import Edit, apply


def main(arguments: list[str]) -> int:
    """Run on folders; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=200, help="fixes per folder at most (default: 200)")
    given = parser.parse_args(arguments)
    status = 0
    for folder in given.folders:
        session = Session.open(folder, use_cache=False)
        tally: Counter[str] = Counter()
        wrong = list(wrongs(session, given.most, tally))
        sys.stdout.write(f"{folder.name}: {tally['made']} fixes, {tally['refused']} not offered, {len(wrong)} wrong\n")
        sys.stdout.writelines(f"  {line}\n" for line in wrong)
        status = 1 if wrong else status
    return status


def wrongs(session: Session, most: int | None = None, tally: Counter[str] | None = None) -> Iterator[str]:
    """What a fix of an open workspace does wrong, one line each. The workspace is left as it was."""
    tally = Counter() if tally is None else tally
    for finding in session.report().findings:
        for plan in finding.fixes:
            if most is not None and tally["made"] >= most:
                return
            edits = session.edits(finding, plan)
            tally["made" if edits else "refused"] += 1
            yield from (f"{_name(session, finding, plan)}: {what}" for what in _of_one(session, finding, edits))


def _name(session: Session, finding: Finding, plan: FixPlan) -> str:
    line = session.lines(finding.site.path).line_at(session.locate(finding.site)[0]) + 1
    return f"{finding.site.path}:{line} [{finding.rule}] {plan.title}"


def _of_one(session: Session, finding: Finding, edits: tuple[FileEdit, ...]) -> Iterator[str]:
    if not edits:
        return
    texts = {edit.path: session.source(edit.path) or b"" for edit in edits}
    fixed = {path: apply(text, list(_own(edits, path))) for path, text in texts.items()}
    for path, text in texts.items():
        yield from _of_text(path, text, fixed[path], edits)
    subject = _subject(session, finding)
    before = _subjects(session)
    try:
        for path, text in fixed.items():
            session.set_overlay(path, text)
        after = _subjects(session)
        if after[subject] >= before[subject]:
            yield "the finding remains"
        yield from (f"new: {item}" for item in _new(before, after, finding.rule))
        again = [one for one in session.findings(finding.site.path) if _subject(session, one) == subject]
        if len(again) >= before[subject]:
            yield "it can be made twice"
    finally:
        for path in fixed:
            session.set_overlay(path, None)
    if any(session.source(path) != text for path, text in texts.items()):
        yield "something is left behind"


def _new(before: Counter[Subject], after: Counter[Subject], rule: str) -> Iterator[Subject]:
    """Findings that were not there: one whose anchor the fix writes anew was, and one that had yielded to the rule."""
    known, found = _by_place(before), _by_place(after)
    yielding = {other.name for other in discover() if rule in other.yields_to}
    for item in after:
        place = item[:3]
        if after[item] > before[item] and found[place] > known[place] and item[0] not in yielding:
            yield item


def _by_place(subjects: Counter[Subject]) -> Counter[tuple[str, ...]]:
    """Findings by rule, file and function."""
    found: Counter[tuple[str, ...]] = Counter()
    for subject, count in subjects.items():
        found[subject[:3]] += count
    return found


def _own(edits: tuple[FileEdit, ...], path: str) -> Iterator[Edit]:
    return (Edit(edit.start, edit.end, edit.new_text.encode()) for edit in edits if edit.path == path)


def _of_text(path: str, before: bytes, after: bytes, edits: tuple[FileEdit, ...]) -> Iterator[str]:
    if before == after:
        yield "nothing is changed"
    if path.endswith(".py") and _parses(path, before) and not _parses(path, after):
        yield "the file does not parse"
    if b"\r\n" in before and after.count(b"\n") - after.count(b"\r\n") > before.count(b"\n") - before.count(b"\r\n"):
        yield "line ends are mixed"
    if b"\t" not in before and b"\t" in after:
        yield "tabs come in"
    own = sorted(_own(edits, path), key=lambda edit: edit.start)
    if any(one.end > other.start for one, other in pairwise(own)):
        yield "edits overlap"
    touched = {line for edit in own for line in _lines(before, edit)}
    lines = before.splitlines(keepends=True)
    kept = Counter(line for number, line in enumerate(lines) if number not in touched)
    if kept - Counter(after.splitlines(keepends=True)):
        yield "lines outside of the edits are changed"
    added = [line for line in after.splitlines() if line != line.rstrip() and line not in before.splitlines()]
    if added:
        yield f"blanks at the end of a line: {added[0].decode(errors='replace')!r}"


def _lines(text: bytes, edit: Edit) -> range:
    return range(text.count(b"\n", 0, edit.start), text.count(b"\n", 0, edit.end) + 1)


def _parses(path: str, text: bytes) -> bool:
    try:
        compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _subject(session: Session, finding: Finding) -> Subject:
    text = session.source(finding.site.path) or b""
    return subject_of(finding, text[slice(*session.locate(finding.site))])


def _subjects(session: Session) -> Counter[Subject]:
    return Counter(_subject(session, finding) for finding in session.report().findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
