"""Limits of calls in words: how long, how often, and where that is said. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from shearpin.facts.site import Site
from shearpin.lsp.view import View

if TYPE_CHECKING:
    # The analysis is imported when the first folder is opened.
    from shearpin.session.limits import Limit, Limits, Share

_SUBJECTS = ("timeout", "attempts", "breaker")


def limits_text(view: View, path: str, offset: int) -> str:
    """What limits the call at a place, what it is for, and how long the request around it lasts at worst; "" if none.

    An example: `timeout: 10 s (given to the client, orders/app.py:12)`.
    """
    limits = call_at(view, path, offset)
    if limits is None:
        return ""
    start, end = view.session.locate(limits.site)
    lines = [
        f"**{edge.op or edge.protocol}** of {edge.target} ({edge.protocol}, {edge.confidence})"
        for edge in view.session.outline.uses(path)
        if start <= view.session.locate(edge.site)[0] < end
    ]
    for subject in _SUBJECTS:
        known = [_worded(view, limit) for limit in limits.of(subject)]
        if known and known != ["unknown"]:
            lines.append(f"{subject}: {' or '.join(dict.fromkeys(known))}")
    lines.extend(_share(view, share) for share in view.session.shares(limits.site))
    return "\n\n".join(dict.fromkeys(lines))


def call_at(view: View, path: str, offset: int) -> Limits | None:
    """The smallest remote call around a place."""
    around = [
        (end - start, limits)
        for limits in view.session.limits(path, offset)
        for start, end in [view.session.locate(limits.site)]
        if start <= offset <= end
    ]
    return min(around, key=lambda item: item[0])[1] if around else None


def short_text(limits: Limits) -> str:
    """`timeout 10 s, 3 attempts`; "" when nothing is known."""
    return ", ".join(_short(limits))


def place(view: View, site: Site) -> str:
    """`path:line`, 1-based."""
    return f"{site.path}:{view.location(site).range.start.line + 1}"


def _short(limits: Limits) -> Iterator[str]:
    timeouts = dict.fromkeys(limit.value for limit in limits.of("timeout"))
    if timeouts and "unknown" not in timeouts:
        yield "no timeout" if [*timeouts] == ["none"] else f"timeout {' or '.join(timeouts)}"
    attempts = dict.fromkeys(limit.value for limit in limits.of("attempts"))
    if attempts and not {"1", "unknown"} >= {*attempts}:
        values = " or ".join(attempts)
        yield f"attempts {values}" if "without end" in attempts else f"{values} attempts"


def _worded(view: View, limit: Limit) -> str:
    reasons = [limit.origin] if limit.origin else []
    if limit.site is not None:
        reasons.append(f"`{place(view, limit.site)}`")
    return f"{limit.value} ({', '.join(reasons)})" if reasons else limit.value


def _share(view: View, share: Share) -> str:
    needs = f"may take {share.seconds:g} s at worst" if share.seconds else "waits for something without a limit"
    if share.seconds and share.is_open:
        needs += ", and longer: part of it has no limit"
    waits = f"; the caller waits {share.waits:g} s" if share.waits is not None else ""
    steps = ", ".join(dict.fromkeys(f"{step.note} (`{place(view, step.site)}`)" for step in share.steps))
    return f"`{share.who}` {needs}{waits}" + (f": {steps}" if steps else "")
