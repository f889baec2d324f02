"""Which verdicts are about the call under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from shearpin.facts.site import Site
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Verdict
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of


def verdicts_at(
    summary: ir.ModuleSummary,
    path: str,
    offset: int,
    verdicts: Sequence[tuple[Rule, Verdict]],
    locate: Callable[[Site], tuple[int, int]],
) -> tuple[tuple[Rule, Verdict], ...]:
    """Verdicts whose examined site lies in the innermost call or decorator around `offset` that has any."""
    placed = [(item, locate(site)) for item in verdicts if (site := item[1].examined or item[1].site).path == path]
    exact = [(end - start, item) for item, (start, end) in placed if start <= offset <= end]
    if exact:
        smallest = min(size for size, _ in exact)
        return tuple(item for size, item in exact if size == smallest)
    for first, last in _calls_around(summary, offset):
        inside = tuple(item for item, (start, end) in placed if first <= start and end <= last)
        if inside:
            return inside
    return ()


def _calls_around(summary: ir.ModuleSummary, offset: int) -> Iterator[tuple[int, int]]:
    """Ranges of the calls around an offset, innermost first."""
    found: list[tuple[int, int]] = []
    for part, placement in zip(summary.parts, summary.placements, strict=True):
        if not placement.start <= offset <= placement.end:
            continue
        for statement in part.body:
            for node in walk(statement):
                if isinstance(node, ir.Call):
                    first, last = placement.start + start_of(node.span), placement.start + end_of(node.span)
                    if first <= offset <= last:
                        found.append((first, last))
    yield from sorted(found, key=lambda item: item[1] - item[0])
