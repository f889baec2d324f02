"""One HTTP call seen from one service: which service it reaches and whether that service serves it."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import HttpCall
from shearpin.facts.service import Service
from shearpin.facts.site import Hop, Site
from shearpin.graph.beyond_routes import served_otherwise
from shearpin.graph.edges import method_of, targets
from shearpin.graph.matching import Match, match
from shearpin.graph.reach import files_of, service
from shearpin.graph.routing import endpoints
from shearpin.query import Database, keys, query
from shearpin.syntax.flags import ModuleFlags


class CallTarget(msgspec.Struct, frozen=True):
    """`kind` and `id` as in Edge; `match` is set for services.

    `entry` is the table entry that this alternative comes from, `evidence` how the address was found.
    """

    kind: str
    id: str
    method: str
    path: str
    match: Match | None
    reason: str
    entry: Site | None
    evidence: tuple[Hop, ...]


def call_targets(db: Database, call: HttpCall, service_id: str) -> tuple[CallTarget, ...]:
    """The alternatives of a call's target."""
    method = method_of(db, call, service_id)
    found: list[CallTarget] = []
    for target in targets(db, call, service_id):
        text = target.address.text
        answer = match_in(db, target.id, method, target.address.path) if target.kind == "service" else None
        found.append(
            CallTarget(
                target.kind, target.id, method, target.address.path, answer, target.reason, text.entry, text.evidence
            )
        )
    return tuple(found)


@query()
def match_in(db: Database, service_id: str, method: str, path: str) -> Match:
    """Whether a service serves a method and path; unknown when its routes may be incomplete."""
    found = service(db, service_id)
    if found is None or (found.language != "python" and not endpoints(db, service_id).served):
        return Match("unknown", reason="the service is not written in Python and has no contract here")
    if found.kind == "gateway" and not endpoints(db, service_id).served:
        return Match("unknown", reason="a gateway decides")
    broken = _broken_file(db, found)
    answer = match(endpoints(db, service_id), method, path)
    if answer.answer == "no" and db.get(keys.is_partial()):
        return Match("unknown", reason="the workspace is still being read")
    if answer.answer == "no" and broken:
        return Match("unknown", reason=f"{broken} does not parse")
    if answer.answer == "no" and (reason := served_otherwise(db, service_id, path)):
        return Match("unknown", reason=reason)
    return answer


def _broken_file(db: Database, found: Service) -> str:
    for path in files_of(db, found.id):
        flags = db.get(keys.module_flags(path))
        if isinstance(flags, ModuleFlags) and flags.has_error:
            return path
    return ""
