"""Shared by adapters of databases and caches: facts of their calls, and the way from a handle back to its address.

A handle (session, cursor, pipeline) is made from other objects: its constructor's arguments and the receiver of the
method that returned it. `made_from` walks that chain without knowing a library; each adapter says which objects hold
the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec

from shearpin.adapterkit.build import to_thread
from shearpin.facts.call import Argument, ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Ack, ClientCreated, Publish, StoreCall, Subscribe, Timeout
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    Bound,
    Choice,
    Const,
    Extern,
    ExternMethod,
    Field,
    Instance,
    Item,
    Result,
    Unknown,
    Value,
)
from shearpin.meaning.values import class_of as object_class
from shearpin.meaning.values import join, template

_DEPTH = 10
Handed = TypeVar("Handed", Publish, Subscribe, Ack)


class Store(msgspec.Struct, frozen=True):
    """How the facts of one library look: `library` names the adapter, `protocol` is `StoreCall.store`.

    `address` finds the URL of a handle. `thread_grade` says how safe it is to hand one blocking call to a thread:
    "safe" for clients that threads may share.
    """

    library: str
    protocol: str
    address: Callable[[Value | None], Value]
    thread_grade: str = "review"

    def call(
        self,
        call: ResolvedCall,
        kind: str,
        *,
        is_blocking: bool,
        obj: Value = UNKNOWN,
        timeout: Timeout = UNKNOWN_TIMEOUT,
    ) -> StoreCall:
        """An operation through the receiver of a method."""
        return StoreCall(
            site=call.site,
            head=call.head,
            function=call.function,
            library=self.library,
            is_blocking=is_blocking,
            is_awaited=call.is_awaited,
            usage=call.usage,
            result_name=call.result_name,
            store=self.protocol,
            kind=kind,
            handle=call.receiver,
            target=self.address(call.receiver),
            object=obj,
            timeout=timeout,
            remedies=(to_thread(self.thread_grade),) if is_blocking else (),
        )

    def through(
        self, call: ResolvedCall, handle: Value, kind: str, *, is_blocking: bool, obj: Value = UNKNOWN
    ) -> StoreCall:
        """An operation through a handle that is given as an argument."""
        found = self.call(call, kind, is_blocking=is_blocking, obj=obj)
        return msgspec.structs.replace(found, handle=handle, target=self.address(handle))

    def connect(self, call: ResolvedCall, *, is_blocking: bool, target: Value) -> StoreCall:
        """A function that opens a connection when it is called."""
        return msgspec.structs.replace(self.call(call, "connect", is_blocking=is_blocking), target=target)

    def created(
        self,
        call: ResolvedCall,
        *,
        target: Value,
        cls: str = "",
        is_costly: bool = True,
        timeout: Timeout = UNKNOWN_TIMEOUT,
    ) -> ClientCreated:
        """A client, pool or engine is constructed; `cls` when a function makes it."""
        return ClientCreated(
            site=call.site,
            head=call.head,
            function=call.function,
            library=self.library,
            protocol=self.protocol,
            client=made(call, cls),
            target=target,
            is_costly=is_costly,
            usage=call.usage,
            timeout=timeout,
        )


def blocks(fact: Handed, *, is_blocking: bool, thread_grade: str = "review") -> Handed:
    """The same message, subscription or settlement by a driver that blocks its thread (or does not)."""
    remedies = (to_thread(thread_grade),) if is_blocking else ()
    return msgspec.structs.replace(fact, is_blocking=is_blocking, remedies=remedies)


def publish(call: ResolvedCall, library: str, broker: str, *, topic: Value, key: Value, target: Value) -> Publish:
    """A message is handed over without blocking and nothing is known about confirmation; adapters replace the rest."""
    return Publish(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=False,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        broker=broker,
        topic=topic,
        key=key,
        target=target,
        handle=call.receiver,
    )


def words(*texts: str) -> tuple[str, ...]:
    """Names from texts that separate them by blanks."""
    return tuple(word for text in texts for word in text.split())


def made(call: ResolvedCall, cls: str = "") -> Instance:
    """The object that a constructor call, or a function that returns an object of `cls`, makes."""
    owner = () if call.receiver is None else (Bound("owner", call.receiver),)
    hidden = (Bound("**", UNKNOWN),) if call.has_open_arguments else ()
    given = tuple(Bound(arg.name, arg.value) for arg in call.args)
    return Instance(Extern(cls or call.name), (*owner, *given, *hidden), call.site)


def class_of(value: Value | None) -> str:
    """Canonical library class of an object, or the name of the call that returned it; "" when neither."""
    cls = None if value is None else object_class(value)
    if isinstance(cls, Extern):
        return cls.name
    return value.name if isinstance(value, Result) else ""


def argument_of(value: Value | None, name: str, position: int, default: Value = UNKNOWN) -> Value:
    """Constructor argument of an object, `default` when the construction is known and does not give it.

    Unlike `constructor_value` it also answers for what is given when the construction's site is not known.
    """
    if not isinstance(value, Instance):
        return UNKNOWN
    index = 0
    is_open = value.site is None
    for arg in value.args:
        if arg.name == "" and index == position:
            return arg.value
        index += arg.name == ""
        if arg.name and arg.name == name:
            return arg.value
        is_open = is_open or arg.name.startswith("*")
    return UNKNOWN if is_open else default


def owner_of(value: Value) -> Value | None:
    """The object whose method or attribute gave this one."""
    args = value.args if isinstance(value, Instance) else ()
    return next((arg.value for arg in args if arg.name == "owner"), None)


def made_from(value: Value | None, depth: int = _DEPTH) -> Iterator[Value]:
    """The object itself, then, nearest first, everything its construction and receivers lead to."""
    level: list[Value] = [value] if value is not None else []
    seen: list[Value] = []
    while level and depth > 0:
        following: list[Value] = []
        for item in level:
            if item in seen:
                continue
            seen.append(item)
            yield item
            following.extend(_makers(item))
        level = following
        depth -= 1


def _makers(value: Value) -> Iterator[Value]:
    if isinstance(value, Instance):
        for arg in value.args:
            if isinstance(arg.value, (Instance, Result, Choice, ExternMethod, Field, Item)):
                yield arg.value
    elif isinstance(value, Choice):
        yield from value.options
    elif isinstance(value, (Result, ExternMethod)):
        if value.receiver is not None:
            yield value.receiver
    elif isinstance(value, (Field, Item)):
        yield value.base


def addresses(value: Value | None, holders: Mapping[str, Callable[[Value], Value]]) -> Value:
    """The address of a handle: what `holders` (by class) say of the holders in its chain; a Choice of several.

    A holder that a method of another object returned (a connection out of a pool) has no address of its own.
    """
    found: list[Value] = []
    for item in made_from(value):
        holder = holders.get(class_of(item))
        if holder is not None and owner_of(item) is None:
            url = holder(item)
            if not isinstance(url, Unknown):
                found.append(url)
    if not found:
        return UNKNOWN
    return join(found)


def joined(*parts: Value | str) -> Value:
    """A text of pieces, in normal form."""
    return template(Const(part) if isinstance(part, str) else part for part in parts)


def host_url(scheme: str, host: Value, port: Value, path: Value = NONE) -> Value:
    """`scheme://host:port/path`; a path of None is left out."""
    if isinstance(host, Unknown):
        return UNKNOWN
    url = joined(f"{scheme}://", host, ":", port)
    return url if path == NONE else joined(f"{scheme}://", host, ":", port, "/", path)


def dsn_url(connection: Value, position: int) -> Value:
    """Address of a PostgreSQL connection or pool made from a DSN (argument `position`) or from host, port, database.

    A DSN of the form "host=... dbname=..." is kept as it is written.
    """
    for name in ("dsn", "conninfo"):
        given = argument_of(connection, name, position, NONE)
        if given != NONE:
            return given
    host = argument_of(connection, "host", -1, Const("localhost"))
    port = argument_of(connection, "port", -1, Const(5432))
    for name in ("dbname", "database"):
        database = argument_of(connection, name, -1, NONE)
        if database != NONE:
            return host_url("postgresql", host, port, database)
    return host_url("postgresql", host, port)


def seconds(value: Value, factor: float = 1.0) -> Value:
    """A duration in seconds from a number in other units; anything but a number is kept, or unknown if scaled."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return value if factor == 1.0 else Const(value.value * factor)
    return value if factor == 1.0 or value == NONE else UNKNOWN


def timeout_of(argument: Argument | None, default: Timeout, factor: float = 1.0) -> Timeout:
    """A time limit given to the call itself, else `default`."""
    if argument is None:
        return default
    return Timeout(seconds(argument.value, factor), "call", site=argument.site, bounds="call")


def client_timeout(client: Value | None, name: str, default: Value, factor: float = 1.0) -> Timeout:
    """A time limit from the constructor of a client by keyword, else the library's default (already in seconds)."""
    missing = Const("default")
    given = argument_of(client, name, -1, missing)
    if given == missing:
        site = client.site if isinstance(client, Instance) else None
        return Timeout(default, "default", site=site)
    if isinstance(given, Unknown):
        return UNKNOWN_TIMEOUT
    return Timeout(seconds(given, factor), "client", site=client.site if isinstance(client, Instance) else None)
