"""Shared by adapters of drivers in the shape of Python's DB-API: connections, cursors, statements, commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from shearpin.adapterkit.adapter import Adapter
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import Store, addresses, argument_of, host_url, made
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

_STATEMENTS = ("execute", "executemany", "executescript")


class Driver(msgspec.Struct, frozen=True):
    """One driver: what opens a connection, and the classes of connections, cursors and pools.

    `address` is where a connection or pool leads, by how it was made. `runs` says that a connection runs statements
    itself. `waits` are the kinds of calls that block, None for all of a driver that blocks.
    """

    library: str
    connect: tuple[str, ...]
    connection: str
    cursor: str
    address: Callable[[Value], Value]
    is_blocking: bool = True
    cursors: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    pool_address: Callable[[Value], Value] | None = None
    runs: bool = False
    waits: frozenset[str] | None = None
    is_costly: bool = True

    @property
    def store(self) -> Store:
        """How facts of this driver look."""
        pools = dict.fromkeys(self.pools, self.pool_address or self.address)
        return Store(self.library, "sql", lambda handle: addresses(handle, {self.connection: self.address, **pools}))

    def teach(self, adapter: Adapter) -> None:
        """Connections, cursors, and what they run."""
        adapter.models(
            ClassModel(self.connection),
            ClassModel(self.cursor, attributes=(("connection", self.connection),)),
            *(ClassModel(name, bases=(self.cursor,)) for name in self.cursors),
            *(ClassModel(name) for name in self.pools),
            *(CallModel(name, returns=self.connection) for name in self.connect),
            CallModel(f"{self.connection}.cursor", returns=self.cursor),
        )
        if self.runs:
            adapter.models(*(CallModel(f"{self.connection}.{name}", returns=self.cursor) for name in _STATEMENTS))
        adapter.calls(*self.connect)(self._connected)
        adapter.calls(*self.pools)(self._pooled)
        owners = (self.connection, self.cursor) if self.runs else (self.cursor,)
        adapter.calls(*(f"{owner}.{name}" for owner in owners for name in _STATEMENTS))(self._executed)
        adapter.methods(self.cursor, "callproc")(lambda call: [self._call(call, "unknown")])
        adapter.methods(self.connection, "commit", "rollback")(
            lambda call: [self._call(call, call.name.rpartition(".")[2])]
        )

    def _connected(self, call: ResolvedCall) -> Iterator[Fact]:
        target = self.address(made(call, self.connection))
        yield self.store.created(call, cls=self.connection, target=target, is_costly=self.is_costly)
        yield self.store.connect(call, is_blocking=self._blocks("connect"), target=target)

    def _pooled(self, call: ResolvedCall) -> Iterator[Fact]:
        yield self.store.created(call, target=(self.pool_address or self.address)(made(call)))

    def _executed(self, call: ResolvedCall) -> Iterator[Fact]:
        given = call.args[0].value if call.args else UNKNOWN
        kind, table = read_sql(given)
        yield self._call(call, kind, table)

    def _call(self, call: ResolvedCall, kind: str, table: Value = UNKNOWN) -> Fact:
        return self.store.call(call, kind, is_blocking=self._blocks(kind), obj=table)

    def _blocks(self, kind: str) -> bool:
        return self.is_blocking and (self.waits is None or kind in self.waits)


def server_address(scheme: str, port: int) -> Callable[[Value], Value]:
    """The address of a connection that is made with host, port and the name of the database as keywords."""

    def address(connection: Value) -> Value:
        host = argument_of(connection, "host", -1, Const("localhost"))
        number = argument_of(connection, "port", -1, Const(port))
        for name in ("database", "db", "dbname"):
            database = argument_of(connection, name, -1, NONE)
            if database != NONE:
                return host_url(scheme, host, number, database)
        return host_url(scheme, host, number)

    return address
