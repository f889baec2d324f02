"""Demand-driven incremental computation over keys.

An input is a key with a value; a query is a pure function of the database and hashable arguments. Each answer remembers
the keys it read, absent ones too. A changed input makes the answers that read it suspect; before the next question they
are computed again, in the order of their rank (one more than the highest rank they read), and an answer that turns out
equal stops the wave: its readers never hear of it. Answers that nothing reads are dropped, or, when they were asked for
from outside, left suspect until somebody asks again. No step walks more than what a change really reaches.

Cycles are solved as least fixpoints from the query's `bottom`: the first query of a cycle to be asked is iterated until
its answer is stable, the others of the cycle keep nothing of their provisional answers. With monotone queries every
member gets the same answer whoever is asked first. A cycle that does not settle gets the query's `top`. Members of a
cycle become suspect together, because an old answer of one may rest on an old answer of another.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Concatenate, Generic, NamedTuple, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
Key = tuple[Hashable, ...]

_MAX_ITERATIONS = 12
_MAX_RUNS = 30
_MAX_VISITS = 4
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
        """Answer for these arguments, from memory when nothing they rest on has changed."""
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
    __slots__ = ("args", "changed", "computed", "deps", "is_root", "maybe", "query", "rank", "suspect", "value")

    def __init__(self, query_: Query[..., object], args: tuple[Hashable, ...]) -> None:
        self.query = query_
        self.args = args
        self.value: object = None
        self.deps: tuple[Key, ...] = ()
        self.rank = 0
        self.suspect = True
        #: suspect only because something it rests on may turn out different
        self.maybe = False
        #: when the value last differed, and when it was last known to be right
        self.changed = 0
        self.computed = 0
        self.is_root = False


class _Frame:
    __slots__ = ("deps", "heads", "is_head", "key", "members", "provisional")

    def __init__(self, key: Key, provisional: object) -> None:
        self.key = key
        self.deps: dict[Key, None] = {}
        self.heads: set[Key] = set()
        self.members: set[Key] = set()
        self.is_head = False
        self.provisional = provisional


class _Held(NamedTuple):
    """A provisional answer inside a cycle, and what reading it means for the reader."""

    value: object
    deps: dict[Key, None]
    heads: set[Key]
    members: set[Key]


class Database:
    """The memo table of one workspace. Not thread-safe: one thread computes at a time.

    `counters` counts executions per query name since the last `reset_counters`.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.cancel = threading.Event()
        self.counters: dict[str, int] = {}
        self._inputs: dict[Key, object] = {}
        self._memos: dict[Key, _Memo] = {}
        self._readers: dict[Key, set[Key]] = {}
        self._stack: list[_Frame] = []
        self._active: dict[Key, _Frame] = {}
        self._provisional: dict[Key, _Held] = {}
        self._cycles: dict[Key, set[Key]] = {}
        self._waiting: list[tuple[int, int, Key]] = []
        self._number = 0
        self._clock = 0
        #: open ends come from an edit; those of a first reading settle in the end, and doubt would cost most of it
        self._is_edited = False
        #: (rank, key) of the known answers that are being computed again
        self._renewing: list[tuple[int, Key]] = []
        #: up to which rank everything above the open ends has been doubted
        self._doubted = -1
        self._watched: dict[Query[..., object], set[Key]] = {}

    # ------------------------------------------------------------- inputs

    def get(self, key: Key) -> object:
        """Read an input; an absent one is None, and its absence is recorded."""
        if self._stack:
            self._stack[-1].deps[key] = None
        return self._inputs.get(key)

    def update(self, changes: Mapping[Key, object]) -> frozenset[Key]:
        """Set inputs (None removes) in one new revision; returns the keys whose value differs."""
        changed = [key for key, value in changes.items() if self._inputs.get(key) != value]
        if not changed:
            return frozenset()
        self.revision += 1
        for key in changed:
            self._inputs[key] = changes[key]
            self._doubt_readers(key)
        self._is_edited = self._is_edited or bool(self._waiting)
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
        self._settle()
        watched = self._watched[cast("Query[..., object]", query_)]
        found = frozenset(key[1:] for key in watched)
        watched.clear()
        return found

    # ------------------------------------------------------------ queries

    def demand(self, query_: Query[..., object], args: tuple[Hashable, ...]) -> object:
        """Answer a query; use `query(db, *args)` instead of calling this."""
        key: Key = (query_, *args)
        is_root = not self._stack
        if is_root:
            if self._waiting:
                self._settle()
        else:
            self._stack[-1].deps[key] = None
        memo = self._memos.get(key)
        if memo is not None and not memo.suspect:
            if self._is_edited and memo.rank > self._doubted and (self._waiting or self._renewing):
                self._doubt_below(memo.rank)
            if not memo.suspect:
                memo.is_root = memo.is_root or is_root
                return memo.value
        active = self._active.get(key)
        if active is not None:
            return self._enter_cycle(active, query_)
        held = self._provisional.get(key)
        if held is not None:
            self._absorb(held)
            return held.value
        value = self._execute(key, query_, args, memo)
        if is_root:
            self._memos[key].is_root = True
            self._settle()
            memo = self._memos[key]
            return memo.value if not memo.suspect else self.demand(query_, args)
        return value

    # ------------------------------------------------------------- doubt

    def _doubt_readers(self, key: Key) -> None:
        for reader in self._readers.get(key, ()):
            self._doubt(reader)

    def _doubt(self, key: Key) -> None:
        memo = self._memos.get(key)
        if memo is None or (memo.suspect and not memo.maybe):
            return
        memo.maybe = False
        self._doubted = -1
        self._enqueue(key, memo)
        for member in self._cycles.get(key, ()):
            other = self._memos.get(member)
            if other is not None and (not other.suspect or other.maybe):
                other.maybe = False
                self._enqueue(member, other)

    def _enqueue(self, key: Key, memo: _Memo) -> None:
        memo.suspect = True
        self._number += 1
        heapq.heappush(self._waiting, (memo.rank, self._number, key))
        if memo.query in self._watched:
            self._watched[memo.query].add(key)

    def _doubt_below(self, limit: int) -> None:
        """Doubt what may rest on open ends: on answers that wait, or that are being computed at this moment.

        Only an answer of a higher rank than an open end can rest on it. A new reading of such an answer is rare: it
        happens where the structure of the code changes.
        """
        pending = [key for rank, key in self._renewing if rank < limit]
        pending += [key for rank, _, key in self._waiting if rank < limit and self._is_waiting(key)]
        seen = set(pending)
        while pending:
            for reader in self._readers.get(pending.pop(), ()):
                memo = self._memos.get(reader)
                if memo is None or reader in seen or memo.rank > limit:
                    continue
                seen.add(reader)
                pending.append(reader)
                if not memo.suspect:
                    memo.maybe = True
                    self._enqueue(reader, memo)
        self._doubted = max(self._doubted, limit)

    def _is_waiting(self, key: Key) -> bool:
        memo = self._memos.get(key)
        return memo is not None and memo.suspect

    def _is_still_right(self, memo: _Memo) -> bool:
        memos = self._memos
        for dep in memo.deps:
            if isinstance(dep[0], Query):
                other = memos.get(dep)
                if other is None or other.suspect or other.changed > memo.computed:
                    return False
        return True

    def _settle(self) -> None:
        """Compute suspect answers again that others rest on, lowest rank first."""
        runs: dict[Key, int] = {}
        while self._waiting:
            entry = heapq.heappop(self._waiting)
            key = entry[2]
            memo = self._memos.get(key)
            if memo is None or not memo.suspect:
                continue
            if memo.rank > entry[0]:
                heapq.heappush(self._waiting, (memo.rank, entry[1], key))
            elif memo.maybe and self._is_still_right(memo):
                memo.suspect = memo.maybe = False
                memo.computed = self._clock
            elif self._readers.get(key):
                runs[key] = runs.get(key, 0) + 1
                if runs[key] > _MAX_RUNS:
                    # Answers that contradict each other in a circle: the last one stands.
                    memo.suspect = False
                else:
                    self._renew(entry, memo)
            elif not memo.is_root:
                self._drop(key, memo)
        self._doubted = -1
        self._is_edited = False

    def _renew(self, entry: tuple[int, int, Key], memo: _Memo) -> None:
        key = entry[2]
        try:
            self._execute(key, memo.query, memo.args, memo)
        except Cancelled:
            heapq.heappush(self._waiting, entry)
            raise
        except Exception:  # noqa: BLE001 - whoever needs the answer asks again, and gets the error where it is expected
            self._drop(key, memo)

    def _drop(self, key: Key, memo: _Memo) -> None:
        self._memos.pop(key, None)
        for dep in memo.deps:
            readers = self._readers.get(dep)
            if readers is not None:
                readers.discard(key)
                if not readers:
                    del self._readers[dep]
        self._doubt_readers(key)

    # ----------------------------------------------------------- execution

    def _enter_cycle(self, active: _Frame, query_: Query[..., object]) -> object:
        if not query_.has_bottom:
            message = f"query {query_.name} is recursive but has no bottom"
            raise RuntimeError(message)
        active.is_head = True
        self._stack[-1].heads.add(active.key)
        return active.provisional

    def _absorb(self, held: _Held) -> None:
        if self._stack:
            frame = self._stack[-1]
            frame.deps.update(held.deps)
            frame.heads |= held.heads
            frame.members |= held.members

    def _execute(self, key: Key, query_: Query[..., object], args: tuple[Hashable, ...], memo: _Memo | None) -> object:
        if self.cancel.is_set():
            raise Cancelled
        if memo is None:
            return self._iterate(key, query_, args, None)
        self._renewing.append((memo.rank, key))
        self._doubted = -1
        try:
            return self._iterate(key, query_, args, memo)
        finally:
            self._renewing.pop()

    def _iterate(self, key: Key, query_: Query[..., object], args: tuple[Hashable, ...], memo: _Memo | None) -> object:
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
        frame.members.add(key)
        outer = frame.heads - {key}
        if outer:
            held = _Held(value, frame.deps, outer, frame.members)
            self._provisional[key] = held
            self._absorb(held)
            return value
        if frame.is_head:
            self._join_cycle(frame.members)
        self._store(key, query_, args, memo, value, frame.deps)
        return value

    def _run(self, frame: _Frame, query_: Query[..., object], args: tuple[Hashable, ...]) -> object:
        self.counters[query_.name] = self.counters.get(query_.name, 0) + 1
        self._stack.append(frame)
        self._active[frame.key] = frame
        try:
            return query_.function(self, *args)
        except Exception:
            # Whoever contains the failure depends on all that led to it.
            if len(self._stack) > 1:
                self._stack[-2].deps.update(frame.deps)
            raise
        finally:
            self._stack.pop()
            del self._active[frame.key]
            if not self._stack:
                self._provisional.clear()

    def _forget_provisional(self, head: Key) -> None:
        for key in [key for key, held in self._provisional.items() if head in held.heads]:
            del self._provisional[key]

    def _join_cycle(self, members: set[Key]) -> None:
        joined = set(members)
        for member in members:
            joined |= self._cycles.get(member, set())
        for member in joined:
            self._cycles[member] = joined

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
        is_new = memo is None
        if memo is None:
            memo = self._memos[key] = _Memo(query_, args)
        new = tuple(deps)
        if new != memo.deps:
            self._reread(key, memo, new)
        self._raise_rank(key, memo)
        memo.suspect = memo.maybe = False
        if is_new or memo.value != value:
            memo.value = value
            self._clock += 1
            memo.changed = self._clock
            # Readers of a first answer read it while it was dropped, or in a cycle: they have not seen this value.
            self._doubt_readers(key)
        memo.computed = self._clock

    def _reread(self, key: Key, memo: _Memo, new: tuple[Key, ...]) -> None:
        kept = set(new)
        readers = self._readers
        for old in memo.deps:
            if old not in kept:
                readers.get(old, set()).discard(key)
        for dep in new:
            found = readers.get(dep)
            if found is None:
                readers[dep] = {key}
            else:
                found.add(key)
        memo.deps = new

    def _raise_rank(self, key: Key, memo: _Memo) -> None:
        """Keep every rank above those it rests on, members of one cycle apart; ranks never fall."""
        memos = self._memos
        rank = memo.rank
        for dep in memo.deps:
            other = memos.get(dep)
            if other is not None and other.rank >= rank and not self._are_in_cycle(key, dep):
                rank = other.rank + 1
        if rank == memo.rank:
            return
        memo.rank = rank
        pending = [key]
        visits: dict[Key, int] = {}
        while pending:
            current = pending.pop()
            floor = memos[current].rank
            for reader in self._readers.get(current, ()):
                above = memos.get(reader)
                if above is None or above.rank > floor or self._are_in_cycle(current, reader):
                    continue
                # Suspect answers still stand under old readings, which may run in a circle.
                visits[reader] = visits.get(reader, 0) + 1
                if visits[reader] <= _MAX_VISITS and reader != key:
                    above.rank = floor + 1
                    pending.append(reader)

    def _are_in_cycle(self, one: Key, other: Key) -> bool:
        group = self._cycles.get(one)
        return group is not None and other in group
