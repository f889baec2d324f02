"""Shared by adapters of HTTP clients: request facts, base URLs, methods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypedDict, Unpack

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import HttpCall, Remedy, Timeout
from shearpin.facts.value import UNKNOWN, Choice, Const, Env, Extern, ExternMethod, Template, Value

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
#: methods that HTTP calls idempotent; clients that resend by themselves resend these
IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")


class Response(msgspec.Struct, frozen=True):
    """What a library's response offers: attributes and methods that test the status, that raise, that read the body."""

    checks: tuple[str, ...]
    raising_checks: tuple[str, ...]
    bodies: tuple[str, ...]


class Details(TypedDict, total=False):
    """Fields of `HttpCall` that have a usual value."""

    raises_on_status: bool | None
    transport_attempts: int | None
    transport_resends: bool
    remedies: tuple[Remedy, ...]


class Client(msgspec.Struct, frozen=True):
    """What all requests of one library share."""

    library: str
    response: Response

    def request(
        self,
        call: ResolvedCall,
        method: Value,
        url: Value,
        timeout: Timeout,
        *,
        is_blocking: bool,
        **details: Unpack[Details],
    ) -> HttpCall:
        """A request through the receiver of a method, or by a module function; made once and raising for no status."""
        return HttpCall(
            site=call.site,
            head=call.head,
            function=call.function,
            library=self.library,
            is_blocking=is_blocking,
            is_awaited=call.is_awaited,
            usage=call.usage,
            result_name=call.result_name,
            method=upper(method),
            url=url,
            timeout=timeout,
            client=call.receiver,
            checks=self.response.checks,
            raising_checks=self.response.raising_checks,
            bodies=self.response.bodies,
            raises_on_status=details.get("raises_on_status", False),
            transport_attempts=details.get("transport_attempts", 1),
            transport_resends=details.get("transport_resends", False),
            remedies=details.get("remedies", ()),
        )


def verb(call: ResolvedCall) -> Value:
    """The method that a function or method such as `get` stands for."""
    return Const(call.name.rpartition(".")[2].upper())


def upper(value: Value) -> Value:
    """A method in upper case."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(value.value.upper())
    if isinstance(value, (ExternMethod, Extern)):
        # `request.method`: an attribute of a library's object that nothing is known about.
        return UNKNOWN
    return Choice(tuple(upper(option) for option in value.options)) if isinstance(value, Choice) else value


def appended(base: Value, path: Value) -> Value:
    """`base_url` before the path, always with one slash between them, unless the URL is absolute (httpx's rule)."""
    if isinstance(path, Choice):
        return Choice(tuple(appended(base, option) for option in path.options))
    if base == Const("") or is_absolute(path):
        return path
    return template((stripped(base, "right"), Const("/"), stripped(path, "left")))


def rooted(base: Value, path: Value) -> Value:
    """`base_url` joined as a browser does: a path with a slash replaces the base's own path (aiohttp's rule)."""
    if isinstance(path, Choice):
        return Choice(tuple(rooted(base, option) for option in path.options))
    if is_absolute(path):
        return path
    head = _first_text(path)
    if isinstance(base, Const) and isinstance(base.value, str) and head is not None and head.startswith("/"):
        scheme, mark, rest = base.value.partition("://")
        return template((Const(scheme + mark + rest.partition("/")[0]), path))
    return template((stripped(base, "right"), Const("/"), stripped(path, "left")))


def is_absolute(value: Value) -> bool:
    """The URL certainly begins with a scheme."""
    head = _first_text(value)
    return head is not None and "://" in head


def host_url(scheme: str, host: Value, port: Value, path: Value) -> Value:
    """`scheme://host:port/path`; a port of None is left out."""
    at = () if port == Const(None) else (Const(":"), port)
    return template((Const(f"{scheme}://"), host, *at, path))


def template(parts: Iterable[Value]) -> Value:
    """Concatenation; neighbouring constants melt and a single constant stays one."""
    flat: list[Value] = []
    for piece in _flat(parts):
        last = flat[-1] if flat else None
        if isinstance(piece, Const) and isinstance(last, Const):
            flat[-1] = Const(f"{last.value}{piece.value}")
        elif piece != Const(""):
            flat.append(Const(f"{piece.value}") if isinstance(piece, Const) else piece)
    if len(flat) == 1 and isinstance(flat[0], Const):
        return flat[0]
    return Template(tuple(flat)) if flat else Const("")


def stripped(value: Value, side: str) -> Value:
    """The value without slashes at one end ("left", "right"), as far as it is known."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(value.value.lstrip("/") if side == "left" else value.value.rstrip("/"))
    if isinstance(value, Template) and value.parts:
        parts = list(value.parts)
        index = 0 if side == "left" else -1
        parts[index] = stripped(parts[index], side)
        return template(parts)
    if isinstance(value, Env) and value.default is not None and side == "right":
        # Slashes at the end of the environment's own value are dropped where URLs are parsed.
        return Env(value.name, stripped(value.default, side), value.site)
    return value


def _flat(parts: Iterable[Value]) -> Iterator[Value]:
    for part in parts:
        if isinstance(part, Template):
            yield from part.parts
        else:
            yield part


def _first_text(value: Value) -> str | None:
    if isinstance(value, Template) and value.parts:
        value = value.parts[0]
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
