"""Shared by adapters: the fields every fact has, objects that calls make, time limits of calls and clients."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from shearpin.facts.call import ResolvedCall, ResolvedDecorator, constructor_value
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Remedy, Timeout
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    Bound,
    Choice,
    ClassRef,
    Const,
    Extern,
    FuncRef,
    Instance,
    SequenceValue,
    Unknown,
    Value,
)

#: stands for an argument that is certainly not given
NOT_GIVEN = Unknown("not given")


class Basis(msgspec.Struct, frozen=True):
    """What every fact says about its place."""

    site: Site
    head: Site
    function: FunctionId
    library: str


def basis(call: ResolvedCall, library: str) -> Basis:
    """Place of a fact about a call."""
    return Basis(call.site, call.head, call.function, library)


def decorated(use: ResolvedDecorator, library: str) -> Basis:
    """Place of a fact about a decorator; its function is the decorated one."""
    return Basis(use.call.site, use.call.head, use.function, library)


def made(call: ResolvedCall, cls: str = "") -> Instance:
    """The object that a constructor call makes, equal to what `meaning` gives for the same call."""
    args = tuple(Bound(arg.name, arg.value) for arg in call.args)
    if call.has_open_arguments:
        args = (*args, Bound("**", UNKNOWN))
    return Instance(Extern(cls or call.name), args, call.site)


def class_name(value: Value | None) -> str:
    """Canonical library class of an object, "" when it is none."""
    return value.cls.name if isinstance(value, Instance) and isinstance(value.cls, Extern) else ""


def client_value(client: Value | None, name: str, position: int, default: Value) -> Value:
    """Constructor argument of a client, also of one of several; a Choice when they differ."""
    if isinstance(client, Choice):
        found: list[Value] = []
        for option in client.options:
            value = constructor_value(option, name, position, default)
            if value not in found:
                found.append(value)
        return found[0] if len(found) == 1 else Choice(tuple(found))
    return constructor_value(client, name, position, default)


def argument_of(value: Value, name: str, position: int, default: Value = UNKNOWN) -> Value:
    """Argument of an object that was written in place, such as `Timeout(5)`."""
    return constructor_value(value, name, position, default)


def pair(connect: Value, read: Value) -> Value:
    """Two limits of phases, one value when they are equal."""
    return connect if connect == read else SequenceValue((connect, read))


def same(value: Value) -> Value:
    """A time limit that needs no translation."""
    return value


class Limit(msgspec.Struct, frozen=True):
    """How a library takes time limits: keyword, position in the call and in the client's constructor, and its default.

    A `client_position` of None means that a client takes none. `normal` turns the library's objects into seconds or
    pairs.
    """

    default: Value
    name: str = "timeout"
    position: int = -1
    client_position: int | None = None
    none_is_forever: bool = True
    zero_is_forever: bool = False
    bounds: str = "call"
    follows_sockets: bool = True
    normal: Callable[[Value], Value] = same

    def of(self, call: ResolvedCall) -> Timeout:
        """The limit of a call: its own argument, else its client's, else the library's default."""
        given = call.argument(self.name, self.position)
        if given is not None and not _means_client(given.value):
            return self._timeout(given.value, "call", given.site)
        if given is None and call.has_open_arguments:
            return UNKNOWN_TIMEOUT
        if call.receiver is None:
            return self._timeout(self.default, "default", call.site)
        if self.client_position is None:
            # A client that is received or of a class of the workspace may set a limit in its own way.
            known = client_value(call.receiver, "", -1, NOT_GIVEN) == NOT_GIVEN
            return self._timeout(self.default, "default", construction(call.receiver)) if known else UNKNOWN_TIMEOUT
        return self.of_client(call.receiver)

    def of_client(self, client: Value) -> Timeout:
        """The limit that a client's constructor sets, else the library's default."""
        position = -1 if self.client_position is None else self.client_position
        value = client_value(client, self.name, position, NOT_GIVEN)
        if value == NOT_GIVEN:
            return self._timeout(self.default, "default", construction(client))
        if value == UNKNOWN:
            return UNKNOWN_TIMEOUT
        if isinstance(value, Choice):
            value = Choice(tuple(self.default if option == NOT_GIVEN else option for option in value.options))
        return self._timeout(value, "client", construction(client))

    def of_constructor(self, client: Value | None) -> Timeout:
        """The limit of calls that take none of their own: also a default is then the constructor's to change."""
        if client is None:
            return UNKNOWN_TIMEOUT
        found = self.of_client(client)
        is_default = found.origin == "default" and found.site is not None
        return msgspec.structs.replace(found, origin="client") if is_default else found

    def _timeout(self, value: Value, origin: str, site: Site | None) -> Timeout:
        normal = self.default if value == self.default else self.normal(value)
        return Timeout(
            normal, origin, self.none_is_forever, self.zero_is_forever, site, self.bounds, self.follows_sockets
        )


def construction(client: Value | None) -> Site | None:
    """Where an object is constructed, when that is known."""
    return client.site if isinstance(client, Instance) else None


def _means_client(value: Value) -> bool:
    """`timeout=httpx.USE_CLIENT_DEFAULT` and the like."""
    return isinstance(value, Extern) and value.name.endswith("USE_CLIENT_DEFAULT")


def to_thread(grade: str = "safe") -> Remedy:
    """Hand the call to a thread; the present callee becomes the first argument of the new one."""
    return Remedy("to-thread", "callee", "asyncio.to_thread", ("asyncio.",), awaits=True, grade=grade)


def function_of(value: Value | None) -> FunctionId | None:
    """The workspace function that a value names."""
    if isinstance(value, FuncRef):
        return value.function
    if isinstance(value, Instance):
        return next((function_of(arg.value) for arg in value.args if arg.name == "function"), None)
    return None


def called(call: ResolvedCall, *modes: Mode) -> FunctionId | None:
    """The workspace function that a library call makes run in one of these modes."""
    return next((callee.function for callee in call.callees if not modes or callee.mode in modes), None)


def text(value: Value) -> str | None:
    """A literal text."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def texts(value: Value) -> tuple[str, ...] | None:
    """A literal list of literal texts, None when anything of it is not known."""
    if not isinstance(value, SequenceValue):
        return None
    found = tuple(item for item in (text(item) for item in value.items) if item is not None)
    return found if len(found) == len(value.items) else None


def number(value: Value) -> float | int | None:
    """A literal number."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return value.value
    return None


def is_none(value: Value) -> bool:
    """The literal None."""
    return value == NONE


def exception_names(value: Value) -> tuple[str, ...] | None:
    """Exception classes that a value names, "path:Class" for those of the workspace; None when any is not known."""
    if isinstance(value, (SequenceValue, Choice)):
        found = [exception_names(item) for item in (value.items if isinstance(value, SequenceValue) else value.options)]
        return None if None in found else tuple(name for names in found for name in names or ())
    if isinstance(value, Extern):
        return (value.name.removeprefix("builtins."),)
    return (f"{value.path}:{value.name}",) if isinstance(value, ClassRef) else None
