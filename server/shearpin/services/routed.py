"""Public host names: to which service a cluster sends requests for a host and a path, and what the path is then."""

from __future__ import annotations

import msgspec

from shearpin.facts.manifest import HostRoute
from shearpin.facts.site import Site
from shearpin.query import Database, query
from shearpin.services.addresses import host_owner
from shearpin.services.evidence import deployed_manifests


class Routed(msgspec.Struct, frozen=True):
    """`path` is what the service sees, None when it is not known; an object of kind `origin` says it, at `site`."""

    service: str
    path: str | None
    origin: str
    site: Site


@query()
def routed(db: Database, host: str, path: str) -> Routed | None:
    """Where requests to a public host name go; None when no manifest, or more than one, says so."""
    fitting = [route for route in host_routes(db) if _is_host(route.host, host) and _is_path(route, path)]
    if not fitting:
        return None
    # An exact path wins, then the longest prefix.
    best = max((route.is_exact, len(route.path.rstrip("/"))) for route in fitting)
    chosen = [route for route in fitting if (route.is_exact, len(route.path.rstrip("/"))) == best]
    owners = {host_owner(db, route.target.partition(".")[0].lower(), route.port, "") for route in chosen}
    kind, found = owners.pop() if len(owners) == 1 else ("", "")
    if kind != "service":
        return None
    return Routed(found, _seen(chosen[0], path), chosen[0].origin, chosen[0].site)


@query()
def host_routes(db: Database) -> tuple[HostRoute, ...]:
    """All routes for public host names."""
    return tuple(dict.fromkeys(route for facts in deployed_manifests(db) for route in facts.hosts))


def _is_host(pattern: str, host: str) -> bool:
    pattern = pattern.lower()
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _is_path(route: HostRoute, path: str) -> bool:
    prefix = route.path.rstrip("/")
    return path in {route.path, prefix} or (not route.is_exact and path.startswith(f"{prefix}/"))


def _seen(route: HostRoute, path: str) -> str | None:
    if route.rewritten is None:
        return None
    rest = path.removeprefix(route.path.rstrip("/")).lstrip("/")
    return f"{route.rewritten.rstrip('/')}/{rest}" if rest else route.rewritten or "/"
