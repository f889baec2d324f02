"""Services, endpoints and topics as symbols. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lsprotocol.types import DocumentSymbol, SymbolInformation, SymbolKind

from shearpin.facts.site import Site
from shearpin.lsp.view import View

_KINDS = {"service": SymbolKind.Module, "consumer": SymbolKind.Event, "topic": SymbolKind.Event}
#: more symbols help nobody who searches
_MOST = 300


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name with its place; `detail` says of which service, or what kind of store."""

    name: str
    detail: str
    kind: SymbolKind
    site: Site


def symbols_of(view: View, path: str) -> list[Symbol]:
    """What a file defines: services in manifests; routes, consumers and what is published in code."""
    outline = view.session.outline
    found = [_unit(unit.kind, unit.name, unit.site) for unit in outline.units(path)]
    found += [_offer(offer.kind, offer.op, offer.services, offer.site) for offer in outline.offers(path)]
    found += [
        Symbol(edge.op, edge.target.removeprefix("topic:"), SymbolKind.Event, edge.site)
        for edge in outline.uses(path)
        if edge.target_kind == "topic" and edge.op.startswith("publish")
    ]
    return sorted(found, key=lambda symbol: (view.session.locate(symbol.site), symbol.name))


def symbols_matching(view: View, query: str) -> list[Symbol]:
    """Services, stores, endpoints and topics of the workspace whose name holds the letters of a query in order."""
    outline = view.session.outline
    found = [_unit(unit.kind, unit.name, unit.site) for unit in outline.units()]
    found += [_offer(offer.kind, offer.op, offer.services, offer.site) for offer in outline.offers()]
    found += [Symbol(name.removeprefix("topic:"), "topic", SymbolKind.Event, site) for name, site in outline.topics()]
    return [symbol for symbol in found if _matches(query, f"{symbol.detail} {symbol.name}")][:_MOST]


def nested(view: View, path: str, symbols: list[Symbol]) -> list[DocumentSymbol]:
    """For clients that take symbols with a range of their own."""
    return [
        DocumentSymbol(symbol.name, symbol.kind, span, span, detail=symbol.detail)
        for symbol in symbols
        for span in [view.range(path, *view.session.locate(symbol.site))]
    ]


def flat(view: View, symbols: list[Symbol]) -> list[SymbolInformation]:
    """For all other clients."""
    return [
        SymbolInformation(view.location(symbol.site), symbol.name, symbol.kind, container_name=symbol.detail)
        for symbol in symbols
    ]


def _unit(kind: str, name: str, site: Site) -> Symbol:
    return Symbol(name, kind, _KINDS.get(kind, SymbolKind.Object), site)


def _offer(kind: str, op: str, services: tuple[str, ...], site: Site) -> Symbol:
    return Symbol(op, ", ".join(services), _KINDS.get(kind, SymbolKind.Method), site)


def _matches(query: str, text: str) -> bool:
    letters: Iterator[str] = iter(text.lower())
    return all(letter in letters for letter in query.lower() if not letter.isspace())
