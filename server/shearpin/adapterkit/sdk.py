"""Shared by adapters of SDKs: clients whose resources (`client.chat.completions`) have methods that make requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from shearpin.adapterkit.adapter import Adapter, Handler
from shearpin.adapterkit.build import NOT_GIVEN, made, number, to_thread
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import Client, Response, appended
from shearpin.adapterkit.store import argument_of, class_of, made_from
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, Value

#: what an SDK gives back is no response: it has raised for an error status before
_ANSWER = Response(checks=(), raising_checks=(), bodies=())


class Operation(msgspec.Struct, frozen=True):
    """One method of a resource; `asks`: it changes nothing although it posts."""

    method: str
    path: str
    asks: bool = False


class Sdk(msgspec.Struct, frozen=True):
    """What all requests of one SDK share.

    `base` is the address where none is given under `base_name`; `timeout` the default limit in seconds, of each phase;
    `attempts` how often it tries in all, unless `retries_name` says how often more. It tries again after any outcome.
    """

    library: str
    base: Value
    timeout: Value
    attempts: int
    operations: Mapping[str, Mapping[str, Operation]]
    base_name: str = "base_url"
    retries_name: str = "max_retries"

    def teach(self, adapter: Adapter, client: str, *, is_blocking: bool) -> None:
        """A class of clients, with all resources and their methods."""
        held: dict[str, dict[str, str]] = {"": {}}
        for dotted in self.operations:
            names = dotted.split(".")
            for depth, name in enumerate(names):
                owner = ".".join(names[:depth])
                held.setdefault(owner, {})[name] = f"{client}:{'.'.join(names[: depth + 1])}"
            held.setdefault(dotted, {})
        for dotted, attributes in held.items():
            cls = f"{client}:{dotted}" if dotted else client
            raw = (("with_raw_response", cls), ("with_streaming_response", cls))
            adapter.models(ClassModel(cls, attributes=(*attributes.items(), *raw)))
        adapter.models(*(CallModel(f"{client}.{name}", returns=client) for name in ("with_options", "copy")))
        for dotted, methods in self.operations.items():
            for name, operation in methods.items():
                adapter.calls(f"{client}:{dotted}.{name}")(self._handler(client, operation, is_blocking=is_blocking))
        adapter.calls(client)(lambda call: [self._created(call)])

    def _handler(self, client: str, operation: Operation, *, is_blocking: bool) -> Handler:
        def handle(call: ResolvedCall) -> Iterator[Fact]:
            yield self._request(call, client, operation, is_blocking=is_blocking)

        return handle

    def _created(self, call: ResolvedCall) -> Fact:
        remedy = Remedy("set-client-timeout", "argument", "timeout={read}")
        client = made(call)
        return client_created(call, self.library, self._base(client), self._limit(client, client.cls.name), remedy)

    def _request(self, call: ResolvedCall, client: str, operation: Operation, *, is_blocking: bool) -> Fact:
        attempts = self._attempts(call.receiver, client)
        given = call.argument("timeout")
        limit = self._limit(call.receiver, client)
        if given is not None:
            limit = Timeout(given.value, "call", site=given.site, bounds="phase")
        setting = Remedy("set-timeout", "argument", "timeout={read}")
        found = Client(self.library, _ANSWER).request(
            call,
            Const(operation.method),
            appended(self._base(self._client(call.receiver, client)), Const(operation.path)),
            limit,
            is_blocking=is_blocking,
            raises_on_status=True,
            transport_attempts=attempts,
            transport_resends=attempts != 1,
            remedies=(setting, to_thread("safe")) if is_blocking else (setting,),
        )
        return msgspec.structs.replace(found, asks=operation.asks)

    def _client(self, handle: Value | None, client: str) -> Value:
        """The first construction; copies with other options share its address."""
        found = [item for item in made_from(handle) if class_of(item) == client]
        return found[-1] if found else UNKNOWN

    def _setting(self, handle: Value | None, client: str, name: str) -> tuple[Value, Instance | None]:
        """What the nearest copy or construction says about a setting."""
        found = NOT_GIVEN
        where: Instance | None = None
        for item in made_from(handle):
            if class_of(item) == client:
                where = item if isinstance(item, Instance) else None
                found = argument_of(item, name, -1, NOT_GIVEN)
                if found != NOT_GIVEN:
                    break
        return (UNKNOWN if where is None else found), where

    def _base(self, client: Value) -> Value:
        given = argument_of(client, self.base_name, -1, NONE)
        return self.base if given == NONE else given

    def _limit(self, handle: Value | None, client: str) -> Timeout:
        given, where = self._setting(handle, client, "timeout")
        site = None if where is None else where.site
        if given == NOT_GIVEN:
            return Timeout(self.timeout, "default", site=site, bounds="phase")
        return UNKNOWN_TIMEOUT if given == UNKNOWN else Timeout(given, "client", site=site, bounds="phase")

    def _attempts(self, handle: Value | None, client: str) -> int | None:
        given, _ = self._setting(handle, client, self.retries_name)
        if given == NOT_GIVEN:
            return self.attempts
        more = number(given)
        return None if more is None else int(more) + 1
