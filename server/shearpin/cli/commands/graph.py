"""`shearpin graph`: the service graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from shearpin.cli.exits import ExitStatus, RefusedError
from shearpin.cli.options import JOBS, NO_CACHE, ROOT, folder

if TYPE_CHECKING:
    from shearpin.graph.model import ServiceGraph
    from shearpin.report.places import Places
    from shearpin.session import Session


class _Given(TypedDict):
    """The command's parameters as click passes them."""

    root: str
    form: str
    service: str | None
    depth: int
    direction: str
    explain: tuple[str, str] | None
    unknown: bool
    jobs: int | None
    no_cache: bool


@click.command("graph")
@ROOT
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "mermaid", "dot", "html"]),
    default="text",
    show_default=True,
    help="html is one page with picture and table that needs no network.",
)
@click.option("--service", metavar="NAME", help="Only the part around this service.")
@click.option("--depth", type=click.IntRange(0), default=1, show_default=True, help="How many edges away from it.")
@click.option(
    "--direction",
    type=click.Choice(["in", "out", "both"]),
    default="both",
    show_default=True,
    help="With --service: what uses it, what it uses, or both.",
)
@click.option("--explain", nargs=2, metavar="FROM TO", help="Why is this edge here: each step with file and line.")
@click.option("--unknown", is_flag=True, help="What could not be resolved, by reason, and what would help.")
@JOBS
@NO_CACHE
def command(**given: Unpack[_Given]) -> int:
    """Show the services of a system, what they serve and what they use, with file and line.

    ROOT is the folder that holds the whole system.
    """
    root = folder(given["root"])
    from shearpin.cli.opening import link, opened, places_of
    from shearpin.cli.terminal import complain
    from shearpin.report.gaps import gaps

    if (given["explain"] or given["unknown"]) and given["form"] != "text":
        raise RefusedError("--explain and --unknown are text; leave --format away")
    with opened(root, jobs=given["jobs"], use_cache=not given["no_cache"]) as session:
        places = places_of(session)
        link(session)
        graph = _asked(session.graph(), given)
        if given["explain"]:
            _explain(session, graph, places, given["explain"])
        elif given["unknown"]:
            _unknown(graph, places)
        else:
            _show(session, graph, places, given["form"])
        for path, reason in gaps(session, places):
            complain(f"skipped {places.prefix}{path}: {reason}")
    return ExitStatus.CLEAN


def _asked(graph: ServiceGraph, given: _Given) -> ServiceGraph:
    """The whole graph, or the part around one service."""
    from shearpin.report.neighbourhood import Direction, neighbourhood

    name = given["service"]
    if name is None:
        return graph
    return neighbourhood(graph, _known_service(name, graph), given["depth"], Direction(given["direction"]))


def _show(session: Session, graph: ServiceGraph, places: Places, form: str) -> None:
    from shearpin.cli.terminal import show, write_bytes, write_text

    match form:
        case "json":
            from shearpin.report.graph_json import graph_json

            write_bytes(graph_json(graph, places, session.root.as_posix()))
        case "mermaid":
            from shearpin.report.mermaid import mermaid

            write_text(mermaid(graph))
        case "dot":
            from shearpin.report.dot import dot

            write_text(dot(graph))
        case "html":
            from shearpin.cli.opening import examine
            from shearpin.report.graph_html import graph_html

            examine(session)
            page = graph_html(graph, session.report().findings, places, session.root.name)
            write_bytes(page.encode("utf-8", "replace"))
        case _:
            from shearpin.report.graph_text import graph_text

            show(graph_text(graph, places))


def _explain(session: Session, graph: ServiceGraph, places: Places, ends: tuple[str, str]) -> None:
    from shearpin.cli.terminal import show
    from shearpin.report.graph_explain import explained
    from shearpin.session.served import served_by

    source = _known_service(ends[0], graph)
    targets = sorted({edge.target for edge in graph.edges if edge.source == source})
    found = [target for target in targets if _is_called(target, ends[1], graph)]
    if not found:
        uses = ", ".join(targets) or "nothing"
        raise RefusedError(f'no edge from {source} to "{ends[1]}"; {source} uses {uses}')
    for target in found:
        show(explained(graph, (source, target), places, lambda edge: served_by(session.db, edge, graph)))


def _is_called(target: str, name: str, graph: ServiceGraph) -> bool:
    """A target by its id, a name the network knows it by, or a piece of its id: host, broker, topic."""
    node = next((item for item in (*graph.services, *graph.infra) if item.id == target), None)
    hosts = () if node is None else node.hosts
    inner = target.partition(":")[2]
    broker, _, topic = inner.partition("/")
    return name in {target, *hosts, *((inner, broker, topic, topic.partition(":")[2]) if inner else ())} - {""}


def _unknown(graph: ServiceGraph, places: Places) -> None:
    from shearpin.cli.terminal import show
    from shearpin.report.graph_unknown import unresolved

    show(unresolved(graph, places))


def _known_service(name: str, graph: ServiceGraph) -> str:
    from shearpin.settings.reading import near_match

    owners = {alias: service.id for service in graph.services for alias in (*service.aliases, *service.hosts)}
    owners |= {service.id: service.id for service in graph.services}
    if name in owners:
        return owners[name]
    services = ", ".join(sorted(set(owners.values()))) or "none"
    hint = near_match(name, tuple(owners)) or f"; services are {services}"
    raise RefusedError(f'no service "{name}"{hint}')
