"""The service graph as one HTML page that needs nothing else: no network, no other file, no foreign code.

Everything that comes from the workspace goes through `escape` or into the data block, which no markup can leave; the
script puts texts into the page as texts only. The page's own policy forbids it to load anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

import msgspec

from shearpin.engine.finding import Finding
from shearpin.graph.model import ServiceGraph
from shearpin.report.places import Places
from shearpin.report.web_model import WebGraph, web_graph
from shearpin.report.web_picture import picture

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
#: signs that could end the data block, and those that old scripts take for the end of a line
_DATA_ESCAPES = str.maketrans({
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
})  # fmt: skip


def graph_html(graph: ServiceGraph, findings: Sequence[Finding], places: Places, title: str) -> str:
    """The whole page; `findings` are shown on what they are about."""
    shown = web_graph(graph, findings, places, title)
    return _asset("page.html").format(
        policy=_POLICY,
        title=escape(title),
        style=_asset("page.css"),
        script=_asset("page.js"),
        summary=escape(_summary(graph)),
        protocols="".join(_protocol(number, name, shown) for number, name in enumerate(shown.protocols)),
        picture=picture(shown),
        data=msgspec.json.encode(shown).decode().translate(_DATA_ESCAPES),
    )


def _asset(name: str) -> str:
    return (files("shearpin.report") / "web" / name).read_text(encoding="utf-8")


def _summary(graph: ServiceGraph) -> str:
    unknown = sum(edge.target_kind == "unknown" for edge in graph.edges)
    counts = [
        f"{len(graph.services)} services",
        f"{len(graph.endpoints)} endpoints",
        f"{len(graph.edges)} uses",
    ]
    return ", ".join(counts) + (f", {unknown} of them to an unknown target" if unknown else "")


def _protocol(number: int, name: str, graph: WebGraph) -> str:
    count = sum(edge.protocol == name for edge in graph.edges)
    return (
        f'<label class="protocol c{number % 8}"><input type="checkbox" checked value="{escape(name)}">'
        f'<span class="swatch"></span>{escape(name or "other")} <small>{count}</small></label>'
    )
