"""The service graph as a Mermaid flowchart, cut to what Mermaid draws by default."""

from __future__ import annotations

from shearpin.graph.model import ServiceGraph
from shearpin.report.diagram import Arrow, Diagram, Node, diagram

# Mermaid's own limits: maxEdges and maxTextSize.
MAX_EDGES = 500
MAX_CHARACTERS = 50_000

_SHAPES = {
    "service": ("[", "]"),
    "datastore": ("[(", ")]"),
    "topic": ("{{", "}}"),
    "external": ("([", "])"),
    "unknown": ("((", "))"),
}
_ESCAPES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\n": " "}


def mermaid(graph: ServiceGraph) -> str:
    """Text of the flowchart. When arrows are left out, a node and a comment say how many."""
    drawn = diagram(graph).cut(MAX_EDGES)
    text = _draw(drawn)
    while len(text) > MAX_CHARACTERS and drawn.arrows:
        share = MAX_CHARACTERS / len(text)
        drawn = drawn.cut(min(len(drawn.arrows) - 1, int(len(drawn.arrows) * share)))
        text = _draw(drawn)
    return text


def _draw(drawn: Diagram) -> str:
    names = {node.name: f"n{index}" for index, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    if drawn.left_out:
        notice = _notice(drawn)
        lines.append(f"  %% {notice}")
        lines.append(f'  cut>"{notice}"]')
    lines += [f"  {names[node.name]}{_shape(node)}" for node in drawn.nodes]
    lines += [f"  {_link(arrow, names)}" for arrow in drawn.arrows]
    return "\n".join(lines) + "\n"


def _notice(drawn: Diagram) -> str:
    total = drawn.left_out + len(drawn.arrows)
    return f"Cut: {drawn.left_out} of {total} arrows are not drawn. See one service with --service NAME"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES.get(node.kind, _SHAPES["unknown"])
    return f'{opening}"{_escape(node.label)}"{closing}'


def _link(arrow: Arrow, names: dict[str, str]) -> str:
    link = "-.->" if arrow.is_async or arrow.is_weak else "-->"
    return f'{names[arrow.source]} {link}|"{_escape(arrow.label)}"| {names[arrow.target]}'


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in text)
