"""`shearpin graph`: the service graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from shearpin.cli.exits import ExitStatus, RefusedError
from shearpin.cli.options import JOBS, NO_CACHE, ROOT, folder

if TYPE_CHECKING:
    from shearpin.graph.model import ServiceGraph
    from shearpin.report.places import Places


class _Given(TypedDict):
    """The command's parameters as click passes them."""

    root: str
    form: str
    service: str | None
    depth: int
    jobs: int | None
    no_cache: bool


@click.command("graph")
@ROOT
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "mermaid", "dot"]), default="text", show_default=True
)
@click.option("--service", metavar="NAME", help="Only the part around this service.")
@click.option("--depth", type=click.IntRange(0), default=1, show_default=True, help="How many edges away from it.")
@JOBS
@NO_CACHE
def command(**given: Unpack[_Given]) -> int:
    """Show the services of a system, what they serve and what they use, with file and line.

    ROOT is the folder that holds the whole system.
    """
    root = folder(given["root"])
    from shearpin.cli.opening import opened, places_of
    from shearpin.cli.terminal import complain
    from shearpin.report.gaps import gaps
    from shearpin.report.neighbourhood import neighbourhood

    with opened(root, jobs=given["jobs"], use_cache=not given["no_cache"]) as session:
        graph, name = session.graph(), given["service"]
        if name is not None:
            graph = neighbourhood(graph, _known_service(name, graph), given["depth"])
        places = places_of(session)
        _show(graph, places, given["form"], session.root.as_posix())
        for path, reason in gaps(session, places):
            complain(f"skipped {places.prefix}{path}: {reason}")
    return ExitStatus.CLEAN


def _show(graph: ServiceGraph, places: Places, form: str, root: str) -> None:
    from shearpin.cli.terminal import show, write_bytes, write_text

    match form:
        case "json":
            from shearpin.report.graph_json import graph_json

            write_bytes(graph_json(graph, places, root))
        case "mermaid":
            from shearpin.report.mermaid import mermaid

            write_text(mermaid(graph))
        case "dot":
            from shearpin.report.dot import dot

            write_text(dot(graph))
        case _:
            from shearpin.report.graph_text import graph_text

            show(graph_text(graph, places))


def _known_service(name: str, graph: ServiceGraph) -> str:
    from shearpin.settings.reading import near_match

    owners = {alias: service.id for service in graph.services for alias in (*service.aliases, *service.hosts)}
    owners |= {service.id: service.id for service in graph.services}
    if name in owners:
        return owners[name]
    services = ", ".join(sorted(set(owners.values()))) or "none"
    hint = near_match(name, tuple(owners)) or f"; services are {services}"
    raise RefusedError(f'no service "{name}"{hint}')
