"""Demand-driven incremental computation over keys.

An input is a key with a value; a query is a pure function of the database and hashable arguments. Each answer
remembers the keys it read, absent ones too. A changed input marks what depends on it as suspect; a suspect answer is
verified in the order of its reads and recomputed only when one of them really changed; an equal result stops the wave.

Cycles are solved as least fixpoints from the query's `bottom`: the first query of a cycle to be asked is iterated
until its answer is stable, the others of the cycle keep nothing of their provisional answers. With monotone queries
every member gets the same answer whoever is asked first. A cycle that does not settle gets the query's `top`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
Key = tuple[Hashable, ...]

_MAX_ITERATIONS = 12
_ABSENT = object()


class Cancelled(Exception):
    """The computation was given up because a newer snapshot is wanted."""


class Query(Generic[P, R]):
    """A memoised pure function; call it with a database and hashable arguments."""

    __slots__ = ("bottom", "function", "has_bottom", "name", "top")

    def __init__(self, function: Callable[Concatenate[Database, P], R], bottom: object, top: object) -> None:
        self.function = function
        self.name = f"{function.__module__.removeprefix('shearpin.')}.{function.__qualname__}"
        self.has_bottom = bottom is not _ABSENT
        self.bottom = bottom
        self.top = top

    def __call__(self, db: Database, *args: P.args, **_none: P.kwargs) -> R:
        return cast("R", db.demand(cast("Query[..., object]", self), args))


def query(
    *, bottom: object = _ABSENT, top: object = _ABSENT
) -> Callable[[Callable[Concatenate[Database, P], R]], Query[P, R]]:
    """Turn a function `f(db, *args)` into a query. Queries that may be recursive must give `bottom`.

    `top` is the answer when a cycle does not settle; it defaults to `bottom`.
    """

    def decorate(function: Callable[Concatenate[Database, P], R]) -> Query[P, R]:
        return Query(function, bottom, bottom if top is _ABSENT else top)

    return decorate


class _Memo:
    __slots__ = ("args", "changed", "deps", "query", "suspect", "value", "verified")

    def __init__(self, query_: Query[..., object], args: tuple[Hashable, ...]) -> None:
        self.query = query_
        self.args = args
        self.value: object = None
        self.deps: tuple[Key, ...] = ()
        self.changed = -1
        self.verified = -1
        self.suspect = True


class _Frame:
    __slots__ = ("deps", "heads", "is_head", "key", "provisional")

    def __init__(self, key: Key, provisional: object) -> None:
        self.key = key
        self.deps: dict[Key, None] = {}
        self.heads: set[Key] = set()
        self.is_head = False
        self.provisional = provisional


class Database:
    """The memo table of one workspace. Not thread-safe: one thread computes at a time.

    `counters` counts executions per query name since the last `reset_counters`.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.cancel = threading.Event()
        self.counters: dict[str, int] = {}
        self._inputs: dict[Key, tuple[object, int]] = {}
        self._memos: dict[Key, _Memo] = {}
        self._readers: dict[Key, set[Key]] = {}
        self._stack: list[_Frame] = []
        self._active: dict[Key, _Frame] = {}
        self._provisional: dict[Key, tuple[object, dict[Key, None], set[Key]]] = {}
        self._verifying: set[Key] = set()
        self._watched: dict[Query[..., object], set[Key]] = {}

    # ------------------------------------------------------------- inputs

    def get(self, key: Key) -> object:
        """Read an input; an absent one is None, and its absence is recorded."""
        if self._stack:
            self._stack[-1].deps[key] = None
        found = self._inputs.get(key)
        return None if found is None else found[0]

    def update(self, changes: Mapping[Key, object]) -> frozenset[Key]:
        """Set inputs (None removes) in one new revision; returns the keys whose value differs."""
        changed = [key for key, value in changes.items() if self._peek(key) != value]
        if not changed:
            return frozenset()
        self.revision += 1
        for key in changed:
            value = changes[key]
            self._inputs[key] = (value, self.revision)
        self._mark_suspect(changed)
        return frozenset(changed)

    def reset_counters(self) -> None:
        """Start counting executions anew."""
        self.counters = {}

    def executions(self) -> int:
        """How many query bodies ran since the last reset."""
        return sum(self.counters.values())

    def watch(self, query_: Query[P, R]) -> None:
        """From now on remember which answers of a query become suspect."""
        self._watched[cast("Query[..., object]", query_)] = set()

    def take_suspects(self, query_: Query[P, R]) -> frozenset[Key]:
        """Arguments of the answers of a watched query that became suspect since the last call."""
        watched = self._watched[cast("Query[..., object]", query_)]
        found = frozenset(key[1:] for key in watched)
        watched.clear()
        return found

    # ------------------------------------------------------------ queries

    def demand(self, query_: Query[..., object], args: tuple[Hashable, ...]) -> object:
        """Answer a query; use `query(db, *args)` instead of calling this."""
        key: Key = (query_, *args)
        if self._stack:
            self._stack[-1].deps[key] = None
        memo = self._memos.get(key)
        if memo is not None and not memo.suspect:
            return memo.value
        active = self._active.get(key)
        if active is not None:
            return self._enter_cycle(active, query_)
        held = self._provisional.get(key)
        if held is not None:
            self._absorb(held[1], held[2])
            return held[0]
        if memo is not None and key not in self._verifying and self._still_valid(key, memo):
            memo.suspect = False
            memo.verified = self.revision
            return memo.value
        return self._execute(key, query_, args, memo)

    # ----------------------------------------------------------- internals

    def _peek(self, key: Key) -> object:
        found = self._inputs.get(key)
        return None if found is None else found[0]

    def _mark_suspect(self, keys: Iterable[Key]) -> None:
        pending = list(keys)
        while pending:
            for reader in self._readers.get(pending.pop(), ()):
                memo = self._memos.get(reader)
                if memo is not None and not memo.suspect:
                    memo.suspect = True
                    pending.append(reader)
                    if memo.query in self._watched:
                        self._watched[memo.query].add(reader)

    def _changed_at(self, key: Key) -> int:
        if not isinstance(key[0], Query):
            found = self._inputs.get(key)
            return 0 if found is None else found[1]
        frame = _Frame(("verify", key), None)
        self._stack.append(frame)
        try:
            self.demand(cast("Query[..., object]", key[0]), key[1:])
        finally:
            self._stack.pop()
            if not self._stack:
                self._provisional.clear()
        memo = self._memos.get(key)
        # A provisional answer inside a cycle says nothing about the final one: the reader must run again.
        return self.revision if frame.heads or memo is None or memo.suspect else memo.changed

    def _still_valid(self, key: Key, memo: _Memo) -> bool:
        since = memo.verified
        self._verifying.add(key)
        try:
            return all(
                dep not in self._active and dep not in self._verifying and self._changed_at(dep) <= since
                for dep in memo.deps
            )
        finally:
            self._verifying.discard(key)

    def _enter_cycle(self, active: _Frame, query_: Query[..., object]) -> object:
        if not query_.has_bottom:
            message = f"query {query_.name} is recursive but has no bottom"
            raise RuntimeError(message)
        active.is_head = True
        self._stack[-1].heads.add(active.key)
        return active.provisional

    def _absorb(self, deps: dict[Key, None], heads: set[Key]) -> None:
        if self._stack:
            self._stack[-1].deps.update(deps)
            self._stack[-1].heads |= heads

    def _execute(self, key: Key, query_: Query[..., object], args: tuple[Hashable, ...], memo: _Memo | None) -> object:
        if self.cancel.is_set():
            raise Cancelled
        provisional = query_.bottom if query_.has_bottom else None
        for _ in range(_MAX_ITERATIONS):
            frame = _Frame(key, provisional)
            value = self._run(frame, query_, args)
            if not frame.is_head or value == provisional:
                break
            provisional = value
            self._forget_provisional(key)
        else:
            value = query_.top
        if frame.is_head:
            self._forget_provisional(key)
        outer = frame.heads - {key}
        if outer:
            self._provisional[key] = (value, frame.deps, outer)
            self._absorb(frame.deps, outer)
            return value
        self._store(key, query_, args, memo, value, frame.deps)
        return value

    def _run(self, frame: _Frame, query_: Query[..., object], args: tuple[Hashable, ...]) -> object:
        self.counters[query_.name] = self.counters.get(query_.name, 0) + 1
        self._stack.append(frame)
        self._active[frame.key] = frame
        try:
            return query_.function(self, *args)
        finally:
            self._stack.pop()
            del self._active[frame.key]
            if not self._stack:
                self._provisional.clear()

    def _forget_provisional(self, head: Key) -> None:
        for key in [key for key, held in self._provisional.items() if head in held[2]]:
            del self._provisional[key]

    def _store(
        self,
        key: Key,
        query_: Query[..., object],
        args: tuple[Hashable, ...],
        memo: _Memo | None,
        value: object,
        deps: dict[Key, None],
    ) -> None:
        deps.pop(key, None)
        if memo is None:
            memo = self._memos[key] = _Memo(query_, args)
            memo.value = value
            memo.changed = self.revision
        elif memo.value != value:
            memo.value = value
            memo.changed = self.revision
        new = tuple(deps)
        if new != memo.deps:
            kept = set(new)
            for old in memo.deps:
                if old not in kept:
                    self._readers.get(old, set()).discard(key)
            for dep in new:
                self._readers.setdefault(dep, set()).add(key)
            memo.deps = new
        memo.suspect = False
        memo.verified = self.revision
