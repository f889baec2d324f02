"""Graph and score for commands. Runs in the worker's thread; imported when the first one is asked for."""

from __future__ import annotations

import msgspec

from shearpin.lsp.view import View
from shearpin.report.graph_html import graph_html
from shearpin.report.graph_json import graph_json
from shearpin.report.mermaid import mermaid
from shearpin.report.places import Places, Sources
from shearpin.report.score import score_json, score_text
from shearpin.report.styled import plain_text


def drawn_graph(view: View, form: str) -> object:
    """The service graph: "json" as data, "mermaid" as text, anything else as an HTML page."""
    graph = view.session.graph()
    if form == "mermaid":
        return mermaid(graph)
    if form == "json":
        return msgspec.json.decode(graph_json(graph, _places(view), str(view.root.path)))
    return graph_html(graph, view.session.report().findings, _places(view), view.root.path.name)


def counted_score(view: View, form: str) -> object:
    """The score: "json" as data, anything else as text."""
    found = view.session.score()
    if form == "json":
        return msgspec.json.decode(score_json(found, _places(view), str(view.root.path), with_verdicts=False))
    return plain_text(score_text(found))


def _places(view: View) -> Places:
    return Places(Sources(view.session.source, view.session.locate))
