"""`shearpin fix`: show or write the fixes that hold after they were tried on the whole system."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from shearpin.cli.exits import ExitStatus, RefusedError
from shearpin.cli.options import JOBS, NO_CACHE, ROOT, folder, names

if TYPE_CHECKING:
    from shearpin.cli.changes import Change
    from shearpin.session import FixOutcome


class _Given(TypedDict):
    """The command's parameters as click passes them."""

    root: str
    is_diff: bool
    is_apply: bool
    unsafe: bool
    select: tuple[str, ...]
    jobs: int | None
    no_cache: bool


@click.command("fix")
@ROOT
@click.option("--diff", "is_diff", is_flag=True, help="Show the changes and write nothing (the default).")
@click.option("--apply", "is_apply", is_flag=True, help="Write the changes.")
@click.option("--unsafe", is_flag=True, help="Also fixes of grade review: right in shape, to be looked at.")
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules or packs, separated by commas.")
@JOBS
@NO_CACHE
def command(**given: Unpack[_Given]) -> int:
    """Apply fixes. Those of grade safe change what happens in the failure case only; templates are never applied here.

    With --diff the status is 1 when something would change.
    """
    if given["is_diff"] and given["is_apply"]:
        raise RefusedError("--diff shows and --apply writes; give one of them")
    root = folder(given["root"])
    from shearpin.cli.changes import changes_of
    from shearpin.cli.opening import opened, places_of
    from shearpin.cli.rule_names import demand_rules, rules_of
    from shearpin.cli.terminal import complain, write_text
    from shearpin.rulekit.verdict import Grade

    selected = names(given["select"])
    demand_rules([(name, "--select: ") for name in selected])
    grade = Grade.REVIEW if given["unsafe"] else Grade.SAFE
    with opened(root, jobs=given["jobs"], use_cache=not given["no_cache"], once=False) as session:
        outcome = session.fix_all(grade, rules_of(selected) if selected else None)
        changes = changes_of(outcome.edits, session.source)
        places = places_of(session)
        for refused in outcome.dropped:
            where = places.address(refused.finding.site)
            complain(f"not fixed {where} [{refused.finding.rule}] {refused.title}: {refused.reason}")
    if not changes:
        write_text("Nothing to fix.\n")
        return ExitStatus.CLEAN
    return _apply(root, changes, outcome) if given["is_apply"] else _show(root, changes, outcome)


def _show(root: Path, changes: Collection[Change], outcome: FixOutcome) -> int:
    from shearpin.cli.options import shown_prefix
    from shearpin.cli.terminal import complain, is_painted, show, write_bytes
    from shearpin.report.diff import painted, unified

    prefix = shown_prefix(root)
    # a patch is applied in the current folder
    folder_of_paths = "" if Path(prefix).is_absolute() else prefix
    for change in changes:
        diff = unified(folder_of_paths + change.path, change.before, change.after)
        if is_painted(sys.stdout):
            show(painted(diff))
        else:
            write_bytes(diff.encode("utf-8", "surrogateescape"))
    complain(f"{len(outcome.applied)} fixes in {len(changes)} files; write them with --apply")
    return ExitStatus.FINDINGS


def _apply(root: Path, changes: Collection[Change], outcome: FixOutcome) -> int:
    from shearpin.cli.changes import write
    from shearpin.cli.options import shown_prefix
    from shearpin.cli.terminal import complain, write_text

    status = ExitStatus.CLEAN
    for change in changes:
        reason = write(root, change)
        shown = f"{shown_prefix(root)}{change.path}"
        titles = [title for finding, title in outcome.applied if finding.site.path == change.path]
        if reason:
            complain(f"not written {shown}: {reason}")
            status = ExitStatus.FINDINGS
        else:
            write_text(f"fixed {shown}: {'; '.join(dict.fromkeys(titles)) or 'what the other fixes need'}\n")
    return status
