"""Endpoints as calls are matched against: methods, and paths as patterns."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.manifest import Operation
from shearpin.facts.site import FunctionId
from shearpin.graph.model import Endpoint


class Served(msgspec.Struct, frozen=True):
    """One endpoint with what matching needs: `pattern` is the path with `{}` and, for a rest-of-path parameter, `{*}`.

    `handler` None when only the path is known (documentation endpoints).
    """

    endpoint: Endpoint
    method: str
    pattern: str
    handler: FunctionId | None
    slash: str


class Endpoints(msgspec.Struct, frozen=True):
    """All endpoints of a service; `is_complete` is False when some routes could not be read (why: `gaps`)."""

    served: tuple[Served, ...]
    is_complete: bool
    gaps: tuple[str, ...]
    has_application: bool
    #: prefixes under which something is mounted whose routes are not known
    open_prefixes: tuple[str, ...] = ()


def operation_served(service_id: str, operation: Operation, path: str, handler: FunctionId | None) -> Served:
    """One operation of a description."""
    pattern = path_pattern(path)
    op, norm = f"{operation.method} {path}", f"{operation.method} {pattern.replace('{*}', '{}')}"
    endpoint = Endpoint(service_id, "http", op, norm, operation.site, registered=True)
    return Served(endpoint, operation.method, pattern, handler, "exact")


def joined(prefix: str, path: str) -> str:
    """Prefix and path without a doubled slash."""
    if not path:
        return prefix or "/"
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}"


def path_pattern(path: str) -> str:
    """A route's path with parameters as `{}`, and `{*}` for those that span segments."""
    path = re.sub(
        r"<(?:(path|re|regex)[^:>]*:)?(?:[^:<>]+:)?[^<>]*>", lambda m: "{*}" if m[1] == "path" else "{}", path
    )
    return re.sub(r"\{[^{}]*\}", lambda m: "{*}" if m[0].rstrip("}").endswith(":path") or m[0] == "{*}" else "{}", path)
