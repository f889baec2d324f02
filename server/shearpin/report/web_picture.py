"""The picture of the HTML page as SVG. Colours and fonts are the style sheet's; here are shapes and places."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from math import sqrt

from shearpin.report.layout import Box, Layout, Placed, Route, Run, layout
from shearpin.report.layout_labels import Label, place_labels
from shearpin.report.web_model import WebEdge, WebGraph, WebLine, WebNode

#: with so few lines each one says what it is for; with more, only how many uses it stands for
_LABELLED = 40
#: so many lines step back behind the boxes
_CROWDED = 150
_LABEL_GAP = 190.0
_LONGEST_LABEL = 26
_LONGEST_NAME = 30
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]/ -"), frozenset("mwMWQO@%")
_HEIGHTS = {"service": 46.0, "datastore": 54.0}
_HEIGHT = 42.0
#: more lines on one side of a box make it taller, up to this
_TALLEST = 150.0
_LINE_ROOM = 9.0
#: how far the sides of topics slant, and the radius of those who are outside
_SLANT, _ROUND = 14.0, 21.0


def picture(graph: WebGraph) -> str:
    """An `svg` element. Nodes carry `data-node`, lines `data-line`, both indexes in the page's data."""
    is_labelled = len(graph.lines) <= _LABELLED
    boxes = [_box(node, graph) for node in graph.nodes]
    links = [(line.tail, line.head) for line in graph.lines]
    drawn = layout(boxes, links, _LABEL_GAP if is_labelled else 84.0)
    routed = [index for index, line in enumerate(graph.lines) if line.tail != line.head]
    colours = {name: number % 8 for number, name in enumerate(graph.protocols)}
    labels = [_label(graph, graph.lines[index], is_labelled=is_labelled) for index in routed]
    spots = place_labels(drawn, [_size(text) for text in labels])
    ends = {node.name: (node.kind, box) for node, box in zip(graph.nodes, drawn.boxes, strict=True)}
    parts = [
        f'<svg id="picture" class="{"crowded" if len(graph.lines) > _CROWDED else ""}" ',
        'xmlns="http://www.w3.org/2000/svg" role="group" ',
        f'aria-label="Picture of services and what they use" viewBox="0 0 {drawn.width:.0f} {drawn.height:.0f}"><defs>',
        *(_arrow_head(number) for number in range(8)),
        '</defs><g id="scene"><g id="lines">',
        *(_line(graph, index, route, ends, colours) for index, route in zip(routed, drawn.routes, strict=True)),
        *_loops(graph, drawn, colours),
        '</g><g id="labels">',
        *(
            _text(index, spot, text)
            for index, spot, text in zip(routed, spots, labels, strict=True)
            if text and spot is not None
        ),
        '</g><g id="nodes">',
        *(_node(index, node, box) for index, (node, box) in enumerate(zip(graph.nodes, drawn.boxes, strict=True))),
        "</g></g></svg>",
    ]
    return "".join(parts)


def text_width(text: str, size: float) -> float:
    """Width of a text in a proportional font of this size, on the safe side."""
    return sum(_advance(sign) for sign in text) * size


def _advance(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in ("W", "F"):
        return 1.05
    if sign in _NARROW:
        return 0.4
    return 0.95 if sign in _WIDE else 0.72 if sign.isupper() else 0.61


def shortened(text: str, longest: int) -> str:
    """A text with its middle left out when it is too long: beginnings and ends of names tell most."""
    if len(text) <= longest:
        return text
    head = (longest - 1) * 3 // 5
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


# ----------------------------------------------------------------------- nodes


def _box(node: WebNode, graph: WebGraph) -> Box:
    label = text_width(shortened(node.label, _LONGEST_NAME), 14)
    width = max(label, text_width(shortened(node.note, _LONGEST_NAME), 11)) + 34
    ins = sum(line.head == node.name != line.tail for line in graph.lines)
    outs = sum(line.tail == node.name != line.head for line in graph.lines)
    height = max(_HEIGHTS.get(node.kind, _HEIGHT), min(_TALLEST, max(ins, outs) * _LINE_ROOM + 14))
    return Box(node.name, max(96.0, width + (18 if node.kind in ("topic", "external") else 0)), height)


def _node(index: int, node: WebNode, box: Placed) -> str:
    name = escape(shortened(node.label, _LONGEST_NAME))
    note = escape(shortened(node.note, _LONGEST_NAME))
    x, y = box.x + box.width / 2, box.y + box.height / 2 + (4 if node.kind == "datastore" else 0)
    texts = f'<text class="name" x="{x:.1f}" y="{y + (-2 if note else 5):.1f}">{name}</text>'
    if note:
        texts += f'<text class="note" x="{x:.1f}" y="{y + 14:.1f}">{note}</text>'
    spoken = escape(f"{node.kind} {node.label}" + (f", {node.note}" if node.note else ""))
    return (
        f'<g class="node {node.kind}" data-node="{index}" role="button" tabindex="-1" aria-label="{spoken}">'
        f"<title>{escape(node.label)}</title>{_shape(node.kind, box)}{texts}{_badges(node, box)}</g>"
    )


def _shape(kind: str, box: Placed) -> str:
    x, y, w, h = box.x, box.y, box.width, box.height
    match kind:
        case "datastore":
            lid = 6
            return (
                f'<path class="shape" d="M{x:.1f} {y + lid:.1f} v{h - 2 * lid:.1f} a{w / 2:.1f} {lid} 0 0 0 {w:.1f} 0 '
                f'v{2 * lid - h:.1f} a{w / 2:.1f} {lid} 0 0 0 {-w:.1f} 0 a{w / 2:.1f} {lid} 0 0 0 {w:.1f} 0"/>'
            )
        case "topic":
            cut = _SLANT
            return (
                f'<path class="shape" d="M{x + cut:.1f} {y:.1f} h{w - 2 * cut:.1f} l{cut} {h / 2:.1f} '
                f'l{-cut} {h / 2:.1f} h{2 * cut - w:.1f} l{-cut} {-h / 2:.1f} z"/>'
            )
        case "external" | "unknown":
            radius = min(h / 2, _ROUND)
            return f'<rect class="shape" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius:.1f}"/>'
        case _:
            return f'<rect class="shape" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6"/>'


def _badges(node: WebNode, box: Placed) -> str:
    found = ""
    right = box.x + box.width - 4
    for kind, sign, count, say in (
        ("bad", "", len(node.findings), "findings"),
        ("lost", "?", len(node.unknown), "uses of something that is not known"),
    ):
        if count:
            text = f"{sign}{count}"
            width = 10 + 7 * len(text)
            found += (
                f'<g class="badge {kind}" aria-label="{count} {say}">'
                f'<rect x="{right - width:.1f}" y="{box.y - 8:.1f}" width="{width}" height="16" rx="8"/>'
                f'<text x="{right - width / 2:.1f}" y="{box.y + 4:.1f}">{text}</text></g>'
            )
            right -= width + 3
    return found


# ----------------------------------------------------------------------- lines


def _arrow_head(number: int) -> str:
    return (
        f'<marker id="head{number}" class="head c{number}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1 L10 5 L0 9 z"/></marker>'
    )


def _line(
    graph: WebGraph, index: int, route: Route, ends: dict[str, tuple[str, Placed]], colours: dict[str, int]
) -> str:
    first, last = route.runs[0], route.runs[-1]
    way = 1 if last.end >= first.start else -1
    start = first.start - way * _inset(*ends[route.tail], first.y)
    end = last.end + way * _inset(*ends[route.head], last.y)
    runs = (Run(start, first.end, first.y), *route.runs[1:-1], Run(last.start, end, last.y))
    return _drawn(graph, index, _path(runs), colours)


def _inset(kind: str, box: Placed, y: float) -> float:
    """How far a shape's outline at some height is inside its box."""
    away = abs(y - box.y - box.height / 2)
    if kind == "topic":
        return _SLANT * min(1.0, away / (box.height / 2))
    if kind in ("external", "unknown"):
        radius = min(box.height / 2, _ROUND)
        over = max(0.0, away - (box.height / 2 - radius))
        return radius - sqrt(max(0.0, radius**2 - over**2))
    return 0.0


def _loops(graph: WebGraph, drawn: Layout, colours: dict[str, int]) -> list[str]:
    """A service that uses itself."""
    boxes = {box.name: box for box in drawn.boxes}
    found: list[str] = []
    for index, line in enumerate(graph.lines):
        if line.tail == line.head:
            box = boxes[line.tail]
            x, y = box.x + 22, box.y
            path = f"M{x - 10:.1f} {y:.1f} c-10 -20 30 -20 20 0"
            found.append(_drawn(graph, index, path, colours))
    return found


def _drawn(graph: WebGraph, index: int, path: str, colours: dict[str, int]) -> str:
    line = graph.lines[index]
    edges = [graph.edges[number] for number in line.edges]
    protocols = list(dict.fromkeys(edge.protocol for edge in edges))
    spoken = escape(
        f"{_name(graph, line.tail)} to {_name(graph, line.head)}: {len(edges)} "
        f"{'use' if len(edges) == 1 else 'uses'}, {', '.join(protocols)}"
    )
    style = " async" if all(edge.mode == "async" for edge in edges) else ""
    style += " weak" if all(edge.confidence == "possible" for edge in edges) else ""
    style += " bad" if any(edge.findings for edge in edges) else ""
    number = colours[protocols[0]]
    # a second protocol shows as dashes of its colour over the first
    second = f'<path class="second c{colours[protocols[1]]}" d="{path}"/>' if len(protocols) > 1 else ""
    return (
        f'<g class="line{style}" data-line="{index}" role="button" tabindex="-1" aria-label="{spoken}">'
        f'<title>{spoken}</title><path class="hit" d="{path}"/>'
        f'<path class="first c{number}" d="{path}" marker-end="url(#head{number})"/>{second}</g>'
    )


def _name(graph: WebGraph, name: str) -> str:
    return next((node.label for node in graph.nodes if node.name == name), name)


def _path(runs: Sequence[Run]) -> str:
    pieces = [f"M{runs[0].start:.1f} {runs[0].y:.1f}"]
    for before, run in zip((None, *runs), runs, strict=False):
        if before is not None:
            half = (before.end + run.start) / 2
            pieces.append(f"C{half:.1f} {before.y:.1f} {half:.1f} {run.y:.1f} {run.start:.1f} {run.y:.1f}")
        if abs(run.end - run.start) > 0.05:
            pieces.append(f"H{run.end:.1f}")
    return "".join(pieces)


# ---------------------------------------------------------------------- labels


def _label(graph: WebGraph, line: WebLine, *, is_labelled: bool) -> str:
    if not is_labelled:
        return str(len(line.edges)) if len(line.edges) > 1 else ""
    edges = [graph.edges[index] for index in line.edges]
    operations = list(dict.fromkeys(_operation(edge) for edge in edges))
    more = f" +{len(operations) - 1}" if len(operations) > 1 else ""
    return shortened(operations[0], _LONGEST_LABEL - len(more)) + more


def _operation(edge: WebEdge) -> str:
    return edge.op or edge.protocol


def _size(text: str) -> Label:
    return Label(text_width(text, 11) + 12 if text else 0.0, 17.0)


def _text(index: int, spot: tuple[float, float], text: str) -> str:
    x, y = spot
    width, height = text_width(text, 11) + 12, 17.0
    return (
        f'<g class="label" data-label="{index}" aria-hidden="true">'
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height}" rx="4"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(text)}</text></g>'
    )
