"""What a reviewer should look at in a block of code that was inserted at once. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shearpin.engine.finding import Finding
from shearpin.facts.site import Site
from shearpin.lsp.blocks import Block
from shearpin.lsp.view import View
from shearpin.rulekit.verdict import Grade, Outcome

#: things of one kind that a summary names
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Review:
    """One block: its findings, what it uses of others ("payments POST /charge"), and sites that nobody could judge.

    `safe` counts findings with a fix that may be applied without a look. Lines are 1-based.
    """

    block: Block
    lines: tuple[int, int]
    findings: tuple[tuple[str, int], ...]
    safe: int
    uses: tuple[tuple[str, int], ...]
    unknown: int

    @property
    def is_empty(self) -> bool:
        """Nothing in it concerns us."""
        return not (self.findings or self.uses or self.unknown)


def block_of(view: View, finding: Finding) -> Block | None:
    """The inserted block in which a finding stands."""
    blocks = view.blocks(finding.site.path).live
    start = view.session.locate(finding.site)[0] if blocks else 0
    return next((block for block in blocks if block.holds(start)), None)


def review(view: View, path: str, block: Block, findings: tuple[Finding, ...]) -> Review:
    """Look at one block of a file, of which all findings are given."""
    inside = [finding for finding in findings if block.holds(view.session.locate(finding.site)[0])]
    lines = view.lines(path)
    last = max(block.start, block.end - 1)
    return Review(
        block,
        (lines.line_at(block.start) + 1, lines.line_at(last) + 1),
        tuple((finding.rule, _line(view, finding.site)) for finding in inside),
        sum(any(plan.grade is Grade.SAFE for plan in finding.fixes) for finding in inside),
        tuple(dict.fromkeys(_uses(view, path, block))),
        _unknown(view, path, block),
    )


def summary(found: Review) -> str:
    """`Inserted lines 12-40: 2 findings (call-without-timeout line 14), 1 can be made safe; uses payments (line 14)`"""
    first, last = found.lines
    parts = [_counted(len(found.findings), "finding", found.findings)]
    if found.safe:
        parts[0] += f", {found.safe} can be made safe at once"
    if found.uses:
        parts.append(f"uses {_listed(found.uses)}")
    if found.unknown:
        parts.append(f"{found.unknown} more {'place' if found.unknown == 1 else 'places'} could not be judged")
    return f"Inserted lines {first}-{last}: {'; '.join(parts)}"


def _uses(view: View, path: str, block: Block) -> Iterator[tuple[str, int]]:
    if view.is_filling:
        return
    for edge in view.session.outline.uses(path):
        if block.holds(view.session.locate(edge.site)[0]):
            target = edge.target.removeprefix("external:").removeprefix("topic:")
            yield f"{target} {edge.op}".rstrip(), _line(view, edge.site)


def _unknown(view: View, path: str, block: Block) -> int:
    """Sites of the block about which at least one rule does not know and none complains."""
    worst: dict[Site, Outcome] = {}
    for _, verdict in view.session.verdicts(path):
        site = verdict.examined or verdict.site
        if site.path == path and verdict.outcome is not Outcome.OK and worst.get(site) is not Outcome.VIOLATED:
            worst[site] = verdict.outcome
    unsure = [site for site, outcome in worst.items() if outcome is Outcome.UNKNOWN]
    return sum(block.holds(view.session.locate(site)[0]) for site in unsure)


def _counted(count: int, noun: str, named: tuple[tuple[str, int], ...]) -> str:
    if not count:
        return f"no {noun}s"
    return f"{count} {noun}{'' if count == 1 else 's'} ({_listed(named)})"


def _listed(named: tuple[tuple[str, int], ...]) -> str:
    shown = ", ".join(f"{name} line {line}" for name, line in named[:_NAMED])
    return shown if len(named) <= _NAMED else f"{shown} and {len(named) - _NAMED} more"


def _line(view: View, site: Site) -> int:
    return view.lines(site.path).line_at(view.session.locate(site)[0]) + 1
