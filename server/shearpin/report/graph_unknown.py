"""What the graph could not resolve, grouped by reason, each with what would help."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.graph.model import Edge, ServiceGraph
from shearpin.report.places import Places
from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, frame, line, strong

#: (what the reason looks like, what would help); the first that fits counts. Groups fill the advice.
_ADVICE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"environment variable (?P<name>\S+) is not set in any manifest"),
        (
            "set {name} where the service is deployed (compose `environment`, a ConfigMap, an env file), or give it a "
            "default in the code"
        ),
    ),
    (
        re.compile(r"(?P<name>\S+) is a secret"),
        "a manifest hides the value: keep the address in a plain variable and only the password in {name}",
    ),
    (
        re.compile(r"nobody is called (?P<name>\S+)"),
        (
            "nothing in the workspace has this name: add the manifest that runs it, or tell the settings whose it is: "
            '[tool.shearpin.services.NAME] hosts = ["{name}"], with external = true if it is not yours'
        ),
    ),
    (
        re.compile(r"no services answer to (?P<name>\S+)"),
        "no service of the workspace has this name: open the folder that holds it too",
    ),
    (
        re.compile(r"\d+ services answer to (?P<name>\S+)"),
        "more than one service has this name: give each its own",
    ),
    (
        re.compile(r"parameter (?P<name>\S+) is not known here"),
        (
            "no call in the workspace that can be followed passes {name}: the caller may be outside the workspace, or "
            "reach this code through something that is decided at run time"
        ),
    ),
    (
        re.compile(r"no host in the URL"),
        "the client's base URL is not known: give it to the constructor, as a text or from a variable",
    ),
    (
        re.compile(r"comes from (?P<name>\S+)\(\)"),
        "the value is made at run time by {name}; an address that is a setting can be followed",
    ),
    (re.compile(r"scheme (?P<name>\S+) is not HTTP"), "the address does not fit the client that uses it"),
    (re.compile(r"None"), "the code gives no address here: set the variable or the argument that it waits for"),
    (
        re.compile(r"the name of the topic is computed"),
        "write the topic's name in the code or in a variable that a manifest sets",
    ),
)
_OTHERWISE = (
    "the address is made at run time (from data, a database row, a request): nothing that is written could tell. If "
    "there is a setting behind it, read it from the environment where the call is made"
)


def unresolved(graph: ServiceGraph, places: Places) -> Iterator[Line]:
    """Every reason with the places it applies to, most frequent first, and a count at the end."""
    groups: dict[str, list[Edge]] = {}
    lost = [edge for edge in graph.edges if edge.target_kind == "unknown"]
    for edge in lost:
        groups.setdefault(edge.unknown_reason or "no reason is known", []).append(edge)
    for reason, edges in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        yield line(Piece(reason, Tone.WARNING), faint(f"  {len(edges)} uses" if len(edges) > 1 else ""))
        rows = dict.fromkeys(
            (edge.source, places.address(edge.site), f"{edge.protocol} {_operation(edge)}".rstrip()) for edge in edges
        )
        first = max(len(row[0]) for row in rows)
        second = max(len(row[1]) for row in rows)
        for source, address, operation in sorted(rows):
            yield line(f"    {source:<{first}}  {address:<{second}}  ", faint(operation))
        yield line(frame("    what would help: "), advice(reason))
        yield BLANK
    known = len(graph.edges) - len(lost)
    share = f"{known} of {len(graph.edges)} uses have a known target" if graph.edges else "no uses were found"
    yield line(strong(share))


def advice(reason: str) -> str:
    """What would make a target known."""
    for pattern, text in _ADVICE:
        if match := pattern.search(reason):
            return text.format(**match.groupdict())
    return _OTHERWISE


def _operation(edge: Edge) -> str:
    host = edge.target.removeprefix("unknown:") if edge.target.startswith("unknown:") else ""
    return f"{edge.op} at {host}" if host else edge.op
