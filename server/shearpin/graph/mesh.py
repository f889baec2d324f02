"""What a service mesh does with calls to a service: limits, tries again, leaves out who fails."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.manifest import MeshMatch, MeshPolicy, MeshRetry, MeshRoute, MeshTimeout
from shearpin.facts.site import Site
from shearpin.query import Database, query
from shearpin.services.addresses import host_owner
from shearpin.services.evidence import deployed_manifests
from shearpin.services.naming import is_secondary

_LITERAL = re.compile(r"[\w/.~%-]*$")
#: failures after which an attempt that may have been worked on is made again, as Istio, Linkerd and status lists say
_ANSWERED = re.compile(r"5xx|gateway-error|retriable-status-codes|50[0-9]|503|unavailable|internal|resource-exhausted")
_UNKNOWN = re.compile(r"5xx|gateway-error|504|reset|deadline-exceeded|cancelled")


class Mesh(msgspec.Struct, frozen=True):
    """What is certain for one operation of a service; `is_open`: something else decides whether more applies."""

    timeout: MeshTimeout | None = None
    retry: MeshRetry | None = None
    breaker: Site | None = None
    origin: str = ""
    breaker_origin: str = ""
    is_open: bool = False

    @property
    def attempts(self) -> int:
        """How often a call is made that fails each time; 1 when that is not known."""
        retry = self.retry
        return retry.attempts or 1 if retry is not None and retries_failures(retry) else 1

    @property
    def limit(self) -> float | None:
        """Seconds after which a caller has an answer at the latest; None when the mesh does not say."""
        if self.timeout is not None:
            return self.timeout.seconds
        retry = self.retry
        if retry is None or retry.attempt_seconds is None or retry.attempts is None:
            return None
        return retry.attempt_seconds * (retry.attempts if retries_slow(retry) else 1)


NOTHING = Mesh()


def retries_slow(retry: MeshRetry) -> bool:
    """Is an attempt made again after its own time limit?"""
    return any(_UNKNOWN.fullmatch(on) for on in retry.on)


def retries_failures(retry: MeshRetry) -> bool:
    """Is an attempt made again after a failure of the service itself? By default, after 503."""
    return not retry.on or any(_ANSWERED.fullmatch(on) or _UNKNOWN.fullmatch(on) for on in retry.on)


@query()
def mesh_of(db: Database, service_id: str, method: str, path: str) -> Mesh:
    """What the mesh does with an operation of a service."""
    found = NOTHING
    for policy in _policies_for(db, service_id):
        if policy.breaker is not None and found.breaker is None:
            found = msgspec.structs.replace(found, breaker=policy.breaker, breaker_origin=policy.origin)
        route, is_open = _decides(policy.routes, method, path)
        if is_open:
            found = msgspec.structs.replace(found, is_open=True)
        elif route is not None:
            found = msgspec.structs.replace(
                found,
                timeout=found.timeout or route.timeout,
                retry=found.retry or route.retry,
                origin=found.origin or policy.origin,
            )
    return found


@query()
def policies(db: Database) -> tuple[MeshPolicy, ...]:
    """All that manifests of the system tell a mesh; copies for tests and examples are none of it."""
    return tuple(policy for facts in deployed_manifests(db) if not is_secondary(facts.path) for policy in facts.mesh)


@query()
def _policies_for(db: Database, service_id: str) -> tuple[MeshPolicy, ...]:
    return tuple(
        policy
        for policy in policies(db)
        if any(host_owner(db, host, None, "") == ("service", service_id) for host in policy.hosts)
    )


def _decides(routes: tuple[MeshRoute, ...], method: str, path: str) -> tuple[MeshRoute | None, bool]:
    """The first route that fits; and whether that is not certain."""
    for route in routes:
        fits = [_fits(match, method, path) for match in route.matches]
        if True in fits or not fits:
            return route, False
        if None in fits:
            return None, True
    return None, False


def _fits(match: MeshMatch, method: str, path: str) -> bool | None:
    if match.methods and method != "ANY" and method not in match.methods:
        return False
    answer = _path_fits(match.form, match.path, path)
    if answer is not True:
        return answer
    return None if match.is_conditional or (match.methods and method == "ANY") else True


def _path_fits(form: str, wanted: str, path: str) -> bool | None:
    if form == "":
        return True
    if form == "regex":
        # A pattern without special characters is a path; what others stand for is not looked at.
        literal = wanted.removeprefix("^").removesuffix("$").replace("\\.", ".")
        if literal in {".*", "/.*"}:
            return True
        return path == literal if _LITERAL.match(literal) else None
    known = path.partition("{")[0]
    if form == "exact":
        return path == wanted if known == path else (None if wanted.startswith(known) else False)
    if known.startswith(wanted):
        return True
    return None if known != path and wanted.startswith(known) else False
