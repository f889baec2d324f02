"""Shared by adapters of web frameworks: applications, routes, mounts and how their paths are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Required, TypedDict, Unpack

from shearpin.adapterkit.build import Basis, decorated, function_of, texts
from shearpin.facts.call import FunctionInfo, ResolvedDecorator
from shearpin.facts.fact import Accepts, Application, Mount, Route
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import UNKNOWN, Choice, ClassRef, Const, FuncRef, Template, Value

#: `{order_id:int}` of Starlette
_BRACES = re.compile(r"\{([A-Za-z_]\w*)(?::([A-Za-z_]\w*))?\}")
#: `<int:order_id>`, `<any(a,b):kind>` of werkzeug
_ANGLES = re.compile(r"<(?:([A-Za-z_]\w*)(?:\([^)]*\))?:)?([A-Za-z_]\w*)>")

#: `{name` of aiohttp, with the colon before its pattern
_OPENING = re.compile(r"\{([A-Za-z_]\w*)(:)?")
_ANYTHING = re.compile(r"(?<!\\)\.[*+]")

#: no prefix
NO_PREFIX = Const("")


class Surface(TypedDict, total=False):
    """Fields of `Application` that have a usual value."""

    prefix: Value
    extras: tuple[str, ...]
    slash: str


def application(place: Basis, app: Value, *, is_router: bool = False, **surface: Unpack[Surface]) -> Application:
    """An application or router of the framework that `place` names."""
    return Application(
        site=place.site,
        head=place.head,
        function=place.function,
        library=place.library,
        framework=place.library,
        app=app,
        is_router=is_router,
        prefix=surface.get("prefix", NO_PREFIX),
        extras=surface.get("extras", ()),
        slash=surface.get("slash", "redirect"),
    )


class Handled(TypedDict, total=False):
    """Fields of `Route` that are known in part."""

    methods: Required[tuple[str, ...]]
    handler: Required[FunctionId | None]
    runs: Required[str]
    kind: str
    path_site: Site | None
    members: tuple[tuple[str, str], ...]
    limit: str
    slash: str


def route(place: Basis, app: Value | None, path: Value, **handled: Unpack[Handled]) -> Route:
    """A handler on an application of the framework that `place` names."""
    return Route(
        site=place.site,
        head=place.head,
        function=place.function,
        library=place.library,
        framework=place.library,
        app=UNKNOWN if app is None else app,
        path=path,
        methods=handled["methods"],
        handler=handled["handler"],
        runs=handled["runs"],
        kind=handled.get("kind", "http"),
        path_site=handled.get("path_site"),
        members=handled.get("members", ()),
        limit=handled.get("limit", ""),
        slash=handled.get("slash", ""),
    )


def accepts(use: ResolvedDecorator, library: str, methods: tuple[str, ...]) -> Accepts:
    """A decorator says which methods a handler answers."""
    place = decorated(use, library)
    return Accepts(site=place.site, head=place.head, function=place.function, library=place.library, methods=methods)


def mount(
    place: Basis,
    parent: Value | None,
    child: Value,
    prefix: Value,
    *,
    replaces: bool = False,
    is_default: bool = False,
    prefix_attribute: str = "",
) -> Mount:
    """A child application under a prefix."""
    return Mount(
        site=place.site,
        head=place.head,
        function=place.function,
        library=place.library,
        parent=UNKNOWN if parent is None else parent,
        child=child,
        prefix=prefix,
        replaces=replaces,
        is_default=is_default,
        prefix_attribute=prefix_attribute,
    )


def handler_of(value: Value) -> tuple[FunctionId | None, str]:
    """Handler and kind ("http" or "class") that an endpoint argument names."""
    if isinstance(value, ClassRef):
        return FunctionId(value.path, value.name), "class"
    return function_of(value), "http"


def methods_of(value: Value, default: tuple[str, ...]) -> tuple[str, ...]:
    """Literal methods in upper case; ("*",) when they are not known."""
    if value == Const(None):
        return default
    found = texts(value)
    return ("*",) if found is None else tuple(dict.fromkeys(name.upper() for name in found))


def with_head(methods: tuple[str, ...]) -> tuple[str, ...]:
    """GET brings HEAD along."""
    return (*methods, "HEAD") if "GET" in methods and "HEAD" not in methods else methods


def runs_in(target: FunctionInfo | None, plain: str = "thread") -> str:
    """Where a handler runs: a coroutine on the loop, a plain function in what the framework uses for it."""
    return "loop" if target is not None and target.is_async else plain


def is_function(value: Value) -> bool:
    """The value is a function of the workspace."""
    return isinstance(value, FuncRef)


def braces(value: Value) -> Value:
    """A path in Starlette's notation: converters but `path` are dropped."""
    return _rewritten(value, lambda text: _BRACES.sub(lambda found: _segment(found[1], found[2]), text))


def braces_with_regex(value: Value) -> Value:
    """A path of aiohttp or Falcon: `{name:regex}`, `{name:converter(2)}`; what matches anything spans segments."""
    return _rewritten(value, _without_regex)


def _without_regex(text: str) -> str:
    found, position = "", 0
    for match in _OPENING.finditer(text):
        if match.start() < position:
            continue
        end = _closing_brace(text, match.start())
        pattern = text[match.end() : end] if match[2] else ""
        found += text[position : match.start()] + f"{{{match[1]}{':path' if _spans(pattern) else ''}}}"
        position = end + 1
    return found + text[position:]


def _spans(pattern: str) -> bool:
    return pattern == "path" or _ANYTHING.search(pattern) is not None


def _closing_brace(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text)


def angles(value: Value) -> Value:
    """A path in werkzeug's notation."""
    return _rewritten(value, lambda text: _ANGLES.sub(lambda found: _segment(found[2], found[1]), text))


def rewritten(value: Value, rewrite: Callable[[str], str]) -> Value:
    """A text with every piece that is known rewritten."""
    return _rewritten(value, rewrite)


def _segment(name: str, converter: str | None) -> str:
    return f"{{{name}:path}}" if converter == "path" else f"{{{name}}}"


def _rewritten(value: Value, rewrite: Callable[[str], str]) -> Value:
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(rewrite(value.value))
    if isinstance(value, Template):
        return Template(tuple(_rewritten(part, rewrite) for part in value.parts))
    if isinstance(value, Choice):
        return Choice(tuple(_rewritten(option, rewrite) for option in value.options))
    return value
