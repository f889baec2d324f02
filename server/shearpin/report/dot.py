"""The service graph in the DOT language of Graphviz."""

from __future__ import annotations

from shearpin.graph.model import ServiceGraph
from shearpin.report.diagram import Arrow, Node, diagram

_SHAPES = {
    "service": "box",
    "datastore": "cylinder",
    "topic": "hexagon",
    "external": "ellipse",
    "unknown": "diamond",
}


def dot(graph: ServiceGraph) -> str:
    """Text of a directed graph."""
    drawn = diagram(graph)
    lines = ["digraph services {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    lines += [_node(node) for node in drawn.nodes]
    lines += [_arrow(arrow) for arrow in drawn.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _node(node: Node) -> str:
    shape = _SHAPES.get(node.kind, "box")
    return f"  {_quote(node.name)} [label={_quote(node.label)}, shape={shape}];"


def _arrow(arrow: Arrow) -> str:
    style = ", style=dotted" if arrow.is_weak else ", style=dashed" if arrow.is_async else ""
    return f"  {_quote(arrow.source)} -> {_quote(arrow.target)} [label={_quote(arrow.label)}{style}];"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
