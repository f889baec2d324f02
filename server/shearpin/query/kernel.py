"""Demand-driven incremental computation over keys.

An input is a key with a value; a query is a pure function of the database and hashable arguments. Each answer remembers
what it read, absent inputs too. A changed input makes the answers that read it suspect; before the next question they
are computed again, in the order of their rank (one more than the highest rank they read), and an answer that turns out
equal stops the wave: its readers never hear of it. Answers that nothing reads are dropped, or, when they were asked for
from outside, left suspect until somebody asks again. No step walks more than what a change really reaches.

Cycles are solved as least fixpoints from the query's `bottom`: the first query of a cycle to be asked is iterated until
its answer is stable, the others of the cycle keep nothing of their provisional answers. With monotone queries every
member gets the same answer whoever is asked first. In a cycle that does not settle every member whose query has one
gets its `top`. Members of a cycle become suspect together, because an old answer of one may rest on an old answer of
another.
"""

from __future__ import annotations

import heapq
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from shearpin.query.frames import Frame, Held
from shearpin.query.nodes import Input, Memo, Node, Question
from shearpin.query.unread import Unread

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

    __slots__ = ("bottom", "function", "has_bottom", "has_top", "name", "top")

    def __init__(self, function: Callable[Concatenate[Database, P], R], bottom: object, top: object) -> None:
        self.function = function
        self.name = f"{function.__module__.removeprefix('shearpin.')}.{function.__qualname__}"
        self.has_bottom = bottom is not _ABSENT
        self.bottom = bottom
        self.has_top = top is not _ABSENT
        self.top = top

    def __call__(self, db: Database, *args: P.args, **_none: P.kwargs) -> R:
        """Answer for these arguments, from memory when nothing they rest on has changed."""
        return cast("R", db.demand(self, args))


def query(
    *, bottom: object = _ABSENT, top: object = _ABSENT
) -> Callable[[Callable[Concatenate[Database, P], R]], Query[P, R]]:
    """Turn a function `f(db, *args)` into a query. Queries that may be recursive must give `bottom`.

    `top` is the answer of each member of a cycle that does not settle; without one, its answer is made of the others'.
    """

    def decorate(function: Callable[Concatenate[Database, P], R]) -> Query[P, R]:
        return Query(function, bottom, top)

    return decorate


class Database:
    """The memo table of one workspace. Not thread-safe: one thread computes at a time.

    `counters` counts executions per query name since the last `reset_counters`. A table for a single look (`is_once`)
    gives the same answers but does not note who rests on what, which is half of the memory; a change of any input makes
    it forget all.
    """

    def __init__(self, *, is_once: bool = False) -> None:
        self.is_once = is_once
        self.revision = 0
        self.cancel = threading.Event()
        self.counters: dict[str, int] = {}
        self._inputs: dict[Key, Input] = {}
        self._constants: set[Key] = set()
        self._tables: defaultdict[Question, dict[Key, Memo]] = defaultdict(dict)
        self._stack: list[Frame] = []
        self._active: dict[Memo, Frame] = {}
        self._provisional: dict[Memo, Held] = {}
        self._cycles: dict[Memo, set[Memo]] = {}
        self._waiting: list[tuple[int, int, Memo]] = []
        self._number = 0
        self._clock = 0
        #: open ends come from an edit; those of a first reading settle in the end, and doubt would cost most of it
        self._is_edited = False
        #: (rank, answer) of the known answers that are being computed again
        self._renewing: list[tuple[int, Memo]] = []
        #: up to which rank everything above the open ends has been doubted
        self._doubted = -1
        self._watched: dict[Question, set[Key]] = {}
        self._unread = Unread()

    # ------------------------------------------------------------- inputs

    def get(self, key: Key) -> object:
        """Read an input; an absent one is None, and its absence is recorded."""
        found = self._inputs.get(key)
        if self.is_once or not self._stack:
            return None if found is None else found.value
        if found is None:
            found = self._inputs[key] = Input(key)
        self._stack[-1].deps[found] = None
        return found.value

    def constant(self, key: Key) -> object:
        """Read an input that hardly ever changes and that nearly every answer rests on: nobody records it.

        When it does change, every answer is forgotten.
        """
        self._constants.add(key)
        found = self._inputs.get(key)
        return None if found is None else found.value

    def update(self, changes: Mapping[Key, object]) -> frozenset[Key]:
        """Set inputs (None removes) in one new revision; returns the keys whose value differs."""
        changed: list[Key] = []
        for key, value in changes.items():
            found = self._inputs.get(key)
            if (found is None and value is not None) or (found is not None and found.value != value):
                changed.append(key)
        if not changed:
            return frozenset()
        self.revision += 1
        for key in changed:
            found = self._inputs.get(key)
            if found is None:
                self._inputs[key] = Input(key, changes[key])
                continue
            found.value = changes[key]
            self._doubt_readers(found)
            if found.value is None and not found.readers:
                del self._inputs[key]
        self._is_edited = self._is_edited or bool(self._waiting)
        if self.is_once or not self._constants.isdisjoint(changed):
            self._forget_all()
        return frozenset(changed)

    def reset_counters(self) -> None:
        """Start counting executions anew."""
        self.counters = {}

    def executions(self) -> int:
        """How many query bodies ran since the last reset."""
        return sum(self.counters.values())

    def watch(self, query_: Query[P, R]) -> None:
        """From now on remember which answers of a query become suspect."""
        self._watched[query_] = set()

    def take_suspects(self, query_: Query[P, R]) -> frozenset[Key]:
        """Arguments of the answers of a watched query that became suspect since the last call."""
        self._settle()
        watched = self._watched[query_]
        found = frozenset(watched)
        watched.clear()
        return found

    # ------------------------------------------------------------ queries

    def demand(self, query_: Question, args: Key) -> object:
        """Answer a query; use `query(db, *args)` instead of calling this."""
        stack = self._stack
        if not stack:
            return self._demand_from_outside(query_, args)
        memo = self._memo(query_, args)
        if not self.is_once:
            stack[-1].deps[memo] = None
        if not memo.suspect:
            if self._is_edited and memo.rank > self._doubted and (self._waiting or self._renewing):
                self._doubt_below(memo.rank)
            if not memo.suspect:
                return memo.value
        if memo.is_active:
            return self._enter_cycle(memo)
        if self._provisional:
            held = self._provisional.get(memo)
            if held is not None:
                self._absorb(held)
                return held.value
        return self._execute(memo)

    def _demand_from_outside(self, query_: Question, args: Key) -> object:
        while True:
            if self._waiting:
                self._settle()
            memo = self._memo(query_, args)
            if memo.suspect:
                self._execute(memo)
            memo.is_root = True
            if self._waiting:
                self._settle()
            if not memo.suspect:
                return memo.value

    def preset(self, query_: Question, args: Key, value: object) -> None:
        """For a single look: take an answer from somebody who computed it over the same inputs."""
        if not self.is_once:
            message = "an answer that nothing is known about cannot be renewed"
            raise RuntimeError(message)
        memo = self._memo(query_, args)
        memo.value = value
        memo.is_known = True
        memo.suspect = False

    def _memo(self, query_: Question, args: Key) -> Memo:
        table = self._tables[query_]
        memo = table.get(args)
        if memo is None:
            memo = table[args] = Memo(query_, args)
        return memo

    # ------------------------------------------------------------- doubt

    def _doubt_readers(self, node: Node) -> None:
        for reader in node.readers:
            self._doubt(reader)

    def _doubt(self, memo: Memo) -> None:
        if not memo.is_known or (memo.suspect and not memo.maybe):
            return
        memo.maybe = False
        self._doubted = -1
        self._enqueue(memo)
        for member in self._cycles.get(memo, ()):
            if member.is_known and (not member.suspect or member.maybe):
                member.maybe = False
                self._enqueue(member)

    def _enqueue(self, memo: Memo) -> None:
        memo.suspect = True
        self._number += 1
        heapq.heappush(self._waiting, (memo.rank, self._number, memo))
        if memo.query in self._watched:
            self._watched[memo.query].add(memo.args)

    def _doubt_below(self, limit: int) -> None:
        """Doubt what may rest on open ends: on answers that wait, or that are being computed at this moment.

        Only an answer of a higher rank than an open end can rest on it. A new reading of such an answer is rare: it
        happens where the structure of the code changes.
        """
        pending = [memo for rank, memo in self._renewing if rank < limit]
        pending += [memo for rank, _, memo in self._waiting if rank < limit and memo.is_known and memo.suspect]
        seen = set(pending)
        while pending:
            for reader in pending.pop().readers:
                if not reader.is_known or reader in seen or reader.rank > limit:
                    continue
                seen.add(reader)
                pending.append(reader)
                if not reader.suspect:
                    reader.maybe = True
                    self._enqueue(reader)
        self._doubted = max(self._doubted, limit)

    def _settle(self) -> None:
        """Compute suspect answers again that others rest on, lowest rank first."""
        runs: dict[Memo, int] = {}
        while self._waiting:
            entry = heapq.heappop(self._waiting)
            memo = entry[2]
            if not memo.is_known or not memo.suspect:
                continue
            if memo.rank > entry[0]:
                heapq.heappush(self._waiting, (memo.rank, entry[1], memo))
            elif memo.maybe and memo.is_still_right():
                memo.suspect = memo.maybe = False
                memo.computed = self._clock
            elif memo.readers:
                runs[memo] = runs.get(memo, 0) + 1
                if runs[memo] > _MAX_RUNS:
                    # Answers that contradict each other in a circle: the last one stands.
                    memo.suspect = False
                else:
                    self._renew(entry, memo)
            elif not memo.is_root:
                self._drop(memo)
        self._doubted = -1
        self._is_edited = False
        if self._unread.is_full():
            for node in self._unread.take():
                if isinstance(node, Memo):
                    self._drop(node)
                elif self._inputs.get(node.key) is node:
                    del self._inputs[node.key]

    def _renew(self, entry: tuple[int, int, Memo], memo: Memo) -> None:
        try:
            self._execute(memo)
        except Cancelled:
            heapq.heappush(self._waiting, entry)
            raise
        except Exception:  # noqa: BLE001 - whoever needs the answer asks again, and gets the error where it is expected
            self._drop(memo)

    def _drop(self, memo: Memo) -> None:
        self._unread.add(memo.read({}))
        memo.forget()
        self._doubt_readers(memo)
        if not memo.readers:
            # Nobody holds it: whoever read it stands among its readers, and no query body runs at this moment.
            self._tables[memo.query].pop(memo.args, None)
            group = self._cycles.pop(memo, None)
            if group is not None:
                group.discard(memo)

    def _forget_all(self) -> None:
        for query_, watched in self._watched.items():
            watched.update(self._tables.get(query_, ()))
        self._tables.clear()
        self._cycles.clear()
        self._waiting.clear()
        self._unread.clear()
        for node in self._inputs.values():
            node.forget_readers()

    # ----------------------------------------------------------- execution

    def _enter_cycle(self, memo: Memo) -> object:
        if not memo.query.has_bottom:
            message = f"query {memo.query.name} is recursive but has no bottom"
            raise RuntimeError(message)
        active = self._active[memo]
        active.is_head = True
        frame = self._stack[-1]
        if frame.heads is None:
            frame.heads = {memo}
        else:
            frame.heads.add(memo)
        return active.provisional

    def _absorb(self, held: Held) -> None:
        if self._stack:
            frame = self._stack[-1]
            frame.deps.update(held.deps)
            frame.heads = held.heads | frame.heads if frame.heads else set(held.heads)
            frame.members = held.members | frame.members if frame.members else set(held.members)
            frame.is_settled = frame.is_settled and held.is_settled

    def _execute(self, memo: Memo) -> object:
        if self.cancel.is_set():
            raise Cancelled
        if not memo.is_known:
            return self._iterate(memo)
        self._renewing.append((memo.rank, memo))
        self._doubted = -1
        try:
            return self._iterate(memo)
        finally:
            self._renewing.pop()

    def _iterate(self, memo: Memo) -> object:
        frame = Frame(memo, memo.query.bottom if memo.query.has_bottom else None)
        value = self._run(frame)
        if frame.is_head:
            frame, value = self._fixpoint(frame, value)
        if frame.heads:
            frame.heads.discard(memo)
            if frame.heads:
                return self._hold(frame, value)
        if frame.is_head:
            self._join_cycle({memo, *(frame.members or ())})
        if not frame.is_settled:
            self._give_up(frame)
        self._store(memo, value, frame.deps)
        return value

    def _fixpoint(self, frame: Frame, value: object) -> tuple[Frame, object]:
        """Iterate the head of a cycle, whose first answer is given, until it is stable."""
        memo = frame.memo
        for _ in range(_MAX_ITERATIONS - 1):
            if value == frame.provisional or not frame.is_settled:
                break
            self._forget_provisional(memo)
            frame = Frame(memo, value)
            value = self._run(frame)
            if not frame.is_head:
                return frame, value
        else:
            frame.is_settled = value == frame.provisional
        if not frame.is_settled and memo.query.has_top:
            value = memo.query.top
        self._forget_provisional(memo)
        return frame, value

    def _hold(self, frame: Frame, value: object) -> object:
        """Keep an answer that is right only while the cycles around it are being iterated."""
        members = frame.members or set()
        members.add(frame.memo)
        held = Held(value, frame.deps, frame.heads or set(), members, frame.is_settled)
        self._provisional[frame.memo] = held
        self._absorb(held)
        return value

    def _run(self, frame: Frame) -> object:
        memo = frame.memo
        query_ = memo.query
        counters = self.counters
        counters[query_.name] = counters.get(query_.name, 0) + 1
        stack = self._stack
        stack.append(frame)
        if query_.has_bottom:
            self._active[memo] = frame
        memo.is_active = True
        try:
            return query_.function(self, *memo.args)
        except Exception:
            # Whoever contains the failure depends on all that led to it.
            if len(stack) > 1:
                stack[-2].deps.update(frame.deps)
            self._forget_provisional(memo)  # nobody iterates this circle to its end any more
            raise
        finally:
            stack.pop()
            memo.is_active = False
            self._active.pop(memo, None)
            if not stack:
                self._provisional.clear()

    def _forget_provisional(self, head: Memo) -> None:
        for memo in [memo for memo, held in self._provisional.items() if head in held.heads]:
            del self._provisional[memo]

    def _give_up(self, frame: Frame) -> None:
        """Store the top of each member of a cycle that does not settle, so that none depends on who was asked first."""
        for member in (frame.members or set()) - {frame.memo}:
            if member.query.has_top:
                self._store(member, member.query.top, dict(frame.deps))

    def _join_cycle(self, members: set[Memo]) -> None:
        joined = set(members)
        for member in members:
            joined |= self._cycles.get(member, set())
        for member in joined:
            self._cycles[member] = joined

    def _store(self, memo: Memo, value: object, deps: dict[Node, None]) -> None:
        if self.is_once:
            memo.value = value
            memo.is_known = True
            memo.suspect = False
            return
        deps.pop(memo, None)
        is_new = not memo.is_known
        self._unread.add(memo.read(deps))
        if is_new:
            memo.is_known = True
            memo.rank = max(memo.rank, 0)
        self._raise_rank(memo)
        memo.suspect = memo.maybe = False
        if is_new or memo.value != value:
            memo.value = value
            self._clock += 1
            memo.changed = self._clock
            # Readers of a first answer read it while it was dropped, or in a cycle: they have not seen this value.
            if memo.readers:
                self._doubt_readers(memo)
        memo.computed = self._clock

    def _raise_rank(self, memo: Memo) -> None:
        """Keep every rank above those it rests on, members of one cycle apart; ranks never fall."""
        rank = memo.rank
        for dep in memo.deps:
            if dep.rank >= rank and not self._are_in_cycle(memo, dep):
                rank = dep.rank + 1
        if rank == memo.rank:
            return
        memo.rank = rank
        if not memo.readers:
            return
        pending = [memo]
        visits: dict[Memo, int] = {}
        while pending:
            current = pending.pop()
            floor = current.rank
            for above in current.readers:
                if not above.is_known or above.rank > floor or self._are_in_cycle(current, above):
                    continue
                # Suspect answers still stand under old readings, which may run in a circle.
                visits[above] = visits.get(above, 0) + 1
                if visits[above] <= _MAX_VISITS and above is not memo:
                    above.rank = floor + 1
                    pending.append(above)

    def _are_in_cycle(self, one: Memo, other: Node) -> bool:
        group = self._cycles.get(one)
        return group is not None and other in group
