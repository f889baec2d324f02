"""Ways between the ends of what the graph joins.

A call and its route, a variable and its value, a message and its consumers. Everything is a site; nothing here knows
lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import HttpCall
from shearpin.facts.site import FunctionId, Site
from shearpin.flow.env_uses import part_env_uses
from shearpin.flow.settled import settled
from shearpin.graph.build import service_graph
from shearpin.graph.calls import call_targets
from shearpin.graph.model import Edge, Endpoint
from shearpin.graph.reach import services_running
from shearpin.graph.routing import endpoints
from shearpin.graph.rpc import procedures
from shearpin.meaning.calls import calls
from shearpin.meaning.queries import function_info
from shearpin.meaning.scopes import get_part, scopes
from shearpin.query import Database
from shearpin.services.layout import service_of_folder
from shearpin.session.environment import EntryUse, entries_at, entries_of
from shearpin.session.messages import consumers, is_publish, publishers
from shearpin.session.served import declared_by, served_by
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

#: absolute byte range of a site
Locate = Callable[[Site], tuple[int, int]]


class Navigation:
    """Questions about places of one workspace. `parts` gives the ids of the parts of a file around a byte."""

    def __init__(self, db: Database, locate: Locate, parts: Callable[[str, int], tuple[str, ...]]) -> None:
        self._db = db
        self._locate = locate
        self._parts = parts

    def definitions(self, path: str, offset: int) -> tuple[Site, ...]:
        """Where a place leads.

        From a call or its URL to the routes that serve it, from a read of a variable to its entries in manifests, from
        a published message to its consumers, from an entry in a manifest to whom it points.
        """
        if not path.endswith(".py"):
            pointed = (use.pointed for use in entries_at(self._db, path, offset))
            return _once(item.site for item in pointed if item is not None and item.site is not None)
        for part in self._parts(path, offset):
            entries = [
                entry.site for name in self._reads(path, part, offset) for entry in entries_of(self._db, path, name)
            ]
            found = _once(entries) or self._served(path, part, offset)
            if found:
                return found
        return ()

    def references(self, path: str, offset: int) -> tuple[Site, ...]:
        """Who uses what stands at a place.

        From a route or its handler to the calls in all services, from a consumer or task to those who publish for it,
        from an entry in a manifest to the code that reads it.
        """
        if not path.endswith(".py"):
            return _once(site for use in entries_at(self._db, path, offset) for site in use.readers)
        found: list[Site] = []
        for part in self._parts(path, offset):
            found.extend(self._callers(path, offset))
            for function in self._functions(path, part, offset):
                found.extend(publishers(self._db, service_graph(self._db), function))
        return _once(found)

    def entries(self, path: str, offset: int) -> tuple[EntryUse, ...]:
        """What is known of the entry at a place of a manifest, for each service that has it."""
        return () if path.endswith(".py") else entries_at(self._db, path, offset)

    # --------------------------------------------------------- environment

    def _reads(self, path: str, part: str, offset: int) -> Iterator[str]:
        """Variables that are read at a place, by the smallest expression around it."""
        uses = [use for use in part_env_uses(self._db, path, part) if self._holds(use.site, offset)]
        smallest = min((use.site.end - use.site.start for use in uses), default=0)
        yield from (use.name for use in uses if use.site.end - use.site.start == smallest)

    # --------------------------------------------------------------- calls

    def _served(self, path: str, part: str, offset: int) -> tuple[Site, ...]:
        """What answers the innermost call around a place, if the place is a text in it or names what is called."""
        is_text = self._is_text(path, part, offset)
        around = [call for call in calls(self._db, path, part) if self._holds(call.site, offset)]
        for call in sorted(around, key=lambda call: call.site.end - call.site.start):
            if is_text or self._holds(call.head, offset):
                found = _once(self._answers(path, part, call))
                if found:
                    return found
        return ()

    def _answers(self, path: str, part: str, call: ResolvedCall) -> Iterator[Site]:
        graph = service_graph(self._db)
        for item in settled(self._db, path, part):
            if isinstance(item.fact, HttpCall) and item.fact.site == call.site:
                for service in services_running(self._db, path):
                    for target in call_targets(self._db, item.fact, service):
                        if target.match is not None and target.match.answer == "yes":
                            yield from (served.endpoint.site for served in target.match.served)
        for edge in graph.edges:
            if edge.site == call.site:
                found = [endpoint.site for endpoint in served_by(self._db, edge, graph)]
                yield from found
                if not found and (declared := declared_by(self._db, edge)) is not None:
                    yield declared
                if is_publish(edge):
                    yield from consumers(self._db, graph, edge)

    def _is_text(self, path: str, part_id: str, offset: int) -> bool:
        part = get_part(self._db, path, part_id)
        if part is None:
            return False
        base = self._locate(Site(path, part_id, 0, 0))[0]
        return any(
            start_of(node.span) <= offset - base <= end_of(node.span)
            for stmt in part.body
            for node in walk(stmt)
            if (isinstance(node, ir.Literal) and isinstance(node.value, str)) or isinstance(node, ir.Joined)
        )

    # -------------------------------------------------------------- routes

    def _callers(self, path: str, offset: int) -> Iterator[Site]:
        graph = service_graph(self._db)
        for service in service_of_folder(self._db, path):
            here = {
                (item.endpoint.op_norm, item.endpoint.site)
                for item in endpoints(self._db, service).served
                if self._is_at(item.endpoint, item.handler, path, offset)
            }
            here |= {
                (item.op_norm, item.site)
                for item in procedures(self._db, service)
                if item.site.path == path and self._holds(item.site, offset)
            }
            if here:
                sites = {site for _, site in here}
                yield from (edge.site for edge in graph.edges if edge.target == service and self._reaches(edge, sites))

    def _reaches(self, edge: Edge, sites: set[Site]) -> bool:
        return any(endpoint.site in sites for endpoint in served_by(self._db, edge, service_graph(self._db)))

    def _is_at(self, endpoint: Endpoint, handler: FunctionId | None, path: str, offset: int) -> bool:
        """The place is the registration of a route, or the name of its handler."""
        if endpoint.site.path == path and self._holds(endpoint.site, offset):
            return True
        info = None if handler is None else function_info(self._db, handler)
        return info is not None and info.name_site.path == path and self._holds(info.name_site, offset)

    def _functions(self, path: str, part: str, offset: int) -> Iterator[FunctionId]:
        """Functions whose name or decorators stand at a place."""
        for scope in scopes(self._db, path, part).values():
            info = function_info(self._db, scope.function)
            if info is None or not isinstance(scope.node, ir.FunctionDef):
                continue
            base = self._locate(Site(path, part, 0, 0))[0]
            spans = [decorator.span for decorator in scope.node.decorators]
            # the sign in front of a decorator counts as its place
            decorated = any(start_of(span) - 1 <= offset - base <= end_of(span) for span in spans)
            if decorated or self._holds(info.name_site, offset):
                yield scope.function

    def _holds(self, site: Site, offset: int) -> bool:
        start, end = self._locate(site)
        return start <= offset <= end


def _once(sites: Iterable[Site]) -> tuple[Site, ...]:
    return tuple(dict.fromkeys(sites))
