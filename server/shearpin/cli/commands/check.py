"""`shearpin check`: the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from shearpin.cli.exits import ExitStatus
from shearpin.cli.options import JOBS, NO_CACHE, names, targets

if TYPE_CHECKING:
    from shearpin.engine.finding import Finding
    from shearpin.report.checked import Checked


class _Given(TypedDict):
    """The command's parameters as click passes them."""

    paths: tuple[str, ...]
    form: str
    fixes: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: str | None
    min_confidence: str | None
    include_tests: bool
    jobs: int | None
    no_cache: bool


_SEVERITIES = ["error", "warning", "information", "never"]


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "concise", "github"]), default="text", show_default=True
)
@click.option("--fixes", is_flag=True, help="Put the text edits of fixes into the JSON.")
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules or packs, separated by commas.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these rules or packs.")
@click.option("--fail-on", type=click.Choice(_SEVERITIES), help="Exit with 1 from this severity on; default: warning.")
@click.option("--min-confidence", type=click.Choice(["certain", "likely", "possible"]), help="Default: likely.")
@click.option("--include-tests", is_flag=True, help="Report on test code too.")
@JOBS
@NO_CACHE
def command(**given: Unpack[_Given]) -> int:
    """Report architectural violations.

    One folder in PATHS is the workspace: give the folder that holds the whole system, by default the current one.
    Otherwise the current folder is the workspace, all of it is analysed, and only findings in PATHS are shown.
    """
    root, within = targets(given["paths"])
    from shearpin.cli.checking import Asked, checked
    from shearpin.cli.opening import Overrides

    overrides = Overrides(
        names(given["select"]), names(given["ignore"]), given["min_confidence"], include_tests=given["include_tests"]
    )
    asked = Asked(root, within, overrides, given["fixes"], given["jobs"], not given["no_cache"])
    with checked(asked) as found:
        _show(found, given["form"])
        return _status(found.findings, given["fail_on"] or found.fail_on)


def _show(checked: Checked, form: str) -> None:
    from shearpin.cli.terminal import complain, show, write_bytes, write_text

    match form:
        case "json":
            from shearpin.report.findings_json import findings_json

            write_bytes(findings_json(checked))
        case "github":
            from shearpin.report.github import github_annotations

            write_text(github_annotations(checked))
        case "concise":
            from shearpin.report.findings_text import findings_concise

            show(findings_concise(checked))
        case _:
            from shearpin.report.findings_text import findings_text

            show(findings_text(checked))
    if form in {"github", "concise"}:
        for path, reason in checked.skipped:
            complain(f"skipped {checked.places.prefix}{path}: {reason}")


def _status(findings: tuple[Finding, ...], fail_on: str) -> int:
    from shearpin.rulekit.verdict import Severity

    if fail_on == "never":
        return ExitStatus.CLEAN
    threshold = Severity(fail_on).rank
    is_failed = any(finding.severity.rank >= threshold for finding in findings)
    return ExitStatus.FINDINGS if is_failed else ExitStatus.CLEAN
