"""Code lenses: who uses a route or consumer, what limits a client, what an inserted block needs.

Runs in the worker's thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol.types import CodeLens, Command, Location, Position, Range

from shearpin.engine.finding import Finding
from shearpin.facts.site import Site
from shearpin.lsp.acceptance import review, summary
from shearpin.lsp.command_names import CLIENT_SHOWS_PLACES, MAKE_BLOCK_SAFE, REVIEWED, USERS
from shearpin.lsp.options import Options, Summary
from shearpin.lsp.view import View

if TYPE_CHECKING:
    # The analysis is imported when the first folder is opened.
    from shearpin.session.outline import Offer

_SERVICES = 3


def lenses(view: View, path: str, options: Options, *, knows_graph: bool) -> Iterator[CodeLens]:
    """The lenses of one file, as far as they are wanted."""
    findings = view.findings(path)
    if options.summary is Summary.LENS:
        yield from _block_lenses(view, path, findings)
    if options.code_lens and knows_graph:
        for offer in view.session.outline.offers(path):
            yield _offer_lens(view, offer, _within(findings, offer.site), options)
        yield from _client_lenses(view, path, findings)


def users_at(view: View, path: str, position: Position) -> list[Location] | None:
    """Who uses what is offered at a place; None when nothing is."""
    offset = view.offset(path, position)
    offers = [offer for offer in view.session.outline.offers(path) if view.session.locate(offer.site)[0] == offset]
    return [view.location(site) for site in dict.fromkeys(_users(*offers))] if offers else None


def _block_lenses(view: View, path: str, findings: tuple[Finding, ...]) -> Iterator[CodeLens]:
    for block in view.blocks(path).live:
        found = review(view, path, block, findings)
        if found.is_empty:
            continue
        span = _start_of(view, path, block.start)
        arguments: list[object] = [view.uri(path), block.number]
        if found.safe:
            yield CodeLens(span, Command(f"{summary(found)}: make it safe", MAKE_BLOCK_SAFE, arguments=arguments))
        else:
            yield CodeLens(span, Command(summary(found), REVIEWED, arguments=arguments))
        yield CodeLens(span, Command("reviewed", REVIEWED, arguments=arguments))


def _offer_lens(view: View, offer: Offer, findings: int, options: Options) -> CodeLens:
    location = view.location(offer.site)
    start = location.range.start
    title = _offer_title(offer) + (f", {_counted(findings, 'finding')}" if findings else "")
    users = [view.location(site) for site in dict.fromkeys(_users(offer))]
    if CLIENT_SHOWS_PLACES in options.client_commands:
        command = Command(title, CLIENT_SHOWS_PLACES if users else "", arguments=[location.uri, start, users])
    else:
        command = Command(title, USERS, arguments=[location.uri, start.line, start.character])
    return CodeLens(Range(start, start), command)


def _offer_title(offer: Offer) -> str:
    verb, nobody = ("fed by", "nobody known feeds it") if offer.kind == "consumer" else ("called by", "no known caller")
    if not offer.users:
        return nobody
    names = [*dict.fromkeys(edge.source for edge in offer.users)]
    shown = ", ".join(names[:_SERVICES]) + (f" and {len(names) - _SERVICES} more" if len(names) > _SERVICES else "")
    places = len(dict.fromkeys(_users(offer)))
    return f"{verb} {shown} ({_counted(places, 'place')})"


def _client_lenses(view: View, path: str, findings: tuple[Finding, ...]) -> Iterator[CodeLens]:
    for client in view.session.outline.clients(path):
        marked = sum(finding.site == client.site or _is_inside(finding.site, client.site) for finding in findings)
        parts = []
        if client.timeout is not None:
            limit = "waits for ever" if client.timeout.value == "none" else f"waits at most {client.timeout.value}"
            parts.append(f"{limit}, {client.timeout.origin}")
        if marked:
            parts.append(_counted(marked, "finding"))
        if parts:
            start = view.location(client.site).range.start
            # A lens without a command is a text.
            yield CodeLens(Range(start, start), Command(f"{client.protocol} client: {', '.join(parts)}", ""))


def _users(*offers: Offer) -> Iterator[Site]:
    for offer in offers:
        yield from (edge.site for edge in offer.users)


def _within(findings: tuple[Finding, ...], site: Site) -> int:
    """Findings in the function that is registered at a place; none where it is registered somewhere else."""
    return sum(finding.site.part == site.part and finding.site.start >= site.start for finding in findings)


def _is_inside(inner: Site, outer: Site) -> bool:
    return inner.part == outer.part and outer.start <= inner.start and inner.end <= outer.end


def _start_of(view: View, path: str, offset: int) -> Range:
    return view.range(path, offset, offset)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
