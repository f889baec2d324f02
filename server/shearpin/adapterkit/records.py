"""Shared by adapters of libraries whose model classes read and write themselves: `Order.create()`, `order.save()`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.adapter import Adapter
from shearpin.adapterkit.store import Store, owner_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import UNKNOWN, ClassRef, Value
from shearpin.meaning.values import class_of


class Records(msgspec.Struct, frozen=True):
    """The methods of one library's model class, as they are called on the class or on its objects.

    `lazy` methods give a query, which reads when it is awaited (or at once, where `lazy_reads`); `made` methods give a
    statement that `execute()` runs. A query's `chained` methods give itself.
    """

    library: str
    protocol: str
    base: str
    query: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    lazy: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    chained: tuple[str, ...] = ()
    query_reads: tuple[str, ...] = ()
    query_writes: tuple[str, ...] = ()
    is_blocking: bool = False
    lazy_reads: bool = False
    attributes: tuple[tuple[str, str], ...] = ()

    def teach(self, adapter: Adapter) -> None:
        """The model class, its queries, and what they do."""
        statement = f"{self.query}:statement"
        adapter.models(
            ClassModel(self.base, attributes=self.attributes),
            ClassModel(self.query),
            ClassModel(statement),
            *(CallModel(f"{self.base}.{name}") for name in (*self.reads, *self.writes)),
            *(CallModel(f"{self.base}.{name}", returns=self.query) for name in self.lazy),
            *(CallModel(f"{self.base}.{name}", returns=statement) for name in self.made),
            *(CallModel(f"{self.query}.{name}", returns_self=True) for name in (*self.chained, "__call__")),
            *(CallModel(f"{statement}.{name}", returns_self=True) for name in self.chained),
        )
        adapter.methods(self.base, *self.reads)(lambda call: [self._call(call, "read")])
        adapter.methods(self.base, *self.writes)(lambda call: [self._call(call, "write")])
        adapter.methods(self.base, *self.lazy)(self._lazily)
        adapter.methods(self.query, *self.chained)(self._awaited)
        adapter.methods(self.query, *self.query_reads)(lambda call: [self._call(call, "read")])
        adapter.methods(self.query, *self.query_writes)(lambda call: [self._call(call, "write")])
        adapter.methods(statement, "execute")(lambda call: [self._call(call, "write")])

    def _lazily(self, call: ResolvedCall) -> Iterator[Fact]:
        if self.lazy_reads or call.is_awaited:
            yield self._call(call, "read")

    def _awaited(self, call: ResolvedCall) -> Iterator[Fact]:
        if call.is_awaited:
            yield self._call(call, "read")

    def _call(self, call: ResolvedCall, kind: str) -> Fact:
        store = Store(self.library, self.protocol, lambda _: UNKNOWN)
        return store.call(call, kind, is_blocking=self.is_blocking, obj=_model(call.receiver))


def _model(handle: Value | None) -> Value:
    """The class of the workspace that a call is about."""
    owner = None if handle is None else owner_of(handle)
    for value in (handle, None if handle is None else class_of(handle), owner):
        if isinstance(value, ClassRef):
            return value
    return UNKNOWN
