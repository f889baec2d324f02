"""Does a service serve this method and path? Yes, no, or unknown; near misses are named."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import msgspec

from shearpin.graph.serving import Endpoints, Served

_SAFE_ALIASES = {"HEAD": "GET"}


class Match(msgspec.Struct, frozen=True):
    """`answer`: "yes", "no" or "unknown"; `served` the endpoints that match; `near` the nearest ones when none does."""

    answer: str
    served: tuple[Served, ...] = ()
    near: tuple[Served, ...] = ()
    reason: str = ""


def match(found: Endpoints, method: str, path: str) -> Match:
    """Match a call (`path` with `{}` holes; `method` "ANY" when not known) against a service's endpoints.

    A call whose last piece is an open hole matches when some route starts with the proved prefix.
    """
    registered = [served for served in found.served if served.endpoint.registered]
    hits = [served for served in registered if _same_method(served, method) and _same_path(served, path)]
    if hits:
        return Match("yes", tuple(hits))
    if path.endswith("{}"):
        prefix = path.removesuffix("{}")
        hits = [s for s in registered if _same_method(s, method) and _starts(s.pattern, prefix)]
        if hits:
            return Match("yes", tuple(hits))
    if not found.is_complete:
        return Match("unknown", reason=found.gaps[0])
    if not found.has_application or not registered:
        return Match("unknown", reason="no application of the service is known")
    if any(path == prefix or path.startswith(f"{prefix}/") for prefix in found.open_prefixes):
        return Match("unknown", reason="what is mounted there is not known")
    if path.startswith("/{}") or path == "{}":
        return Match("unknown", reason="the path is computed")
    return Match("no", near=_near(registered, method, path))


def _same_method(served: Served, method: str) -> bool:
    own = served.method
    return "ANY" in (own, method) or own == method or own == _SAFE_ALIASES.get(method)


def _same_path(served: Served, path: str) -> bool:
    if _fits(served.pattern, path):
        return True
    if served.slash == "append":
        return not path.endswith("/") and _fits(served.pattern, path + "/")
    if served.slash != "redirect":
        return False
    other = path[:-1] if path.endswith("/") and len(path) > 1 else path + "/"
    return _fits(served.pattern, other)


def _fits(pattern: str, path: str) -> bool:
    """Holes of the call may stand for any one segment, parameters of the route for any text."""
    route, call = pattern.split("/"), path.split("/")
    return _segments(route, call)


def _segments(route: list[str], call: list[str]) -> bool:
    if not route or not call:
        return not route and not call
    if route[0] == "{*}":
        return True
    if route[0].endswith("{*}") and call[0].startswith(route[0][:-3]):
        return True
    return _segment(route[0], call[0]) and _segments(route[1:], call[1:])


def _segment(route: str, call: str) -> bool:
    if route == call:
        return True
    if not route or not call:
        # A parameter takes at least one character.
        return False
    if "{}" in (call, route):
        return True
    if "{}" not in route and "{}" not in call:
        return False
    return bool(re.fullmatch(_regex(route), call)) or bool(re.fullmatch(_regex(call), route))


def _regex(segment: str) -> str:
    return "[^/]+".join(re.escape(piece) for piece in segment.split("{}"))


def _starts(pattern: str, prefix: str) -> bool:
    """True when some path that the route serves can start with the prefix."""
    route, call = pattern.split("/"), prefix.split("/")
    for index, piece in enumerate(call):
        last = index == len(call) - 1
        if index >= len(route):
            return False
        if route[index] == "{*}":
            return True
        if last:
            return piece == "" or route[index].startswith(piece) or route[index].startswith("{")
        if not _segment(route[index], piece):
            return False
    return True


def _near(registered: list[Served], method: str, path: str) -> tuple[Served, ...]:
    scored = sorted(
        (
            (SequenceMatcher(None, s.pattern, path).ratio() + (0.1 if _same_method(s, method) else 0.0), s)
            for s in registered
        ),
        key=lambda item: -item[0],
    )
    return tuple(s for score, s in scored[:2] if score >= 0.6)
