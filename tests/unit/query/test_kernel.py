"""The kernel answers like a fresh computation after any sequence of edits, cycles included."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shearpin.query import Cancelled, Database, Query, query, unread


@query(bottom=frozenset())
def reach(db: Database, node: int) -> frozenset[int]:
    """All leaves reachable from a node: own leaf values and those of its successors."""
    found = set(leaves(db, node))
    for successor in db.get(("edges", node)) or ():
        found |= reach(db, successor)
    return frozenset(found)


@query()
def leaves(db: Database, node: int) -> tuple[int, ...]:
    """The leaf of a node, small: large ones are cut, so that different inputs give equal answers."""
    value = db.get(("leaf", node))
    return () if value is None else (value % 3,)


def _naive(edges: dict[int, tuple[int, ...]], leaf: dict[int, int], node: int) -> frozenset[int]:
    seen, pending, found = set(), [node], set()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in leaf:
            found.add(leaf[current] % 3)
        pending.extend(edges.get(current, ()))
    return frozenset(found)


nodes = st.integers(0, 6)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("edges"), nodes, st.lists(nodes, max_size=3).map(tuple)),
        st.tuples(st.just("leaf"), nodes, st.one_of(st.none(), st.integers(0, 9))),
        st.tuples(st.just("ask"), nodes, st.none()),
    ),
    max_size=40,
)


@settings(max_examples=400, deadline=None)
@given(edits, st.sampled_from((0, unread.MANY)))
def test_incremental_equals_fresh_with_cycles(steps: list[tuple[str, int, object]], many: int) -> None:
    db = Database()
    db._unread = unread.Unread(many)
    edges: dict[int, tuple[int, ...]] = {}
    leaf: dict[int, int] = {}
    for kind, node, value in steps:
        if kind == "ask":
            assert reach(db, node) == _naive(edges, leaf, node)
            continue
        db.update({(kind, node): value})
        table = edges if kind == "edges" else leaf
        if value is None:
            table.pop(node, None)
        else:
            table[node] = value
    for node in range(7):
        assert reach(db, node) == _naive(edges, leaf, node)


def test_an_equal_answer_stops_the_wave() -> None:
    db = Database()
    db.update({("leaf", 0): 1, ("edges", 1): (0,), ("edges", 2): (1,)})
    assert reach(db, 2) == {1}
    db.reset_counters()
    db.update({("leaf", 0): 4})
    assert reach(db, 2) == {1}
    assert db.executions() == 1


def test_an_unrelated_change_costs_nothing() -> None:
    db = Database()
    db.update({("leaf", 0): 1, ("edges", 1): (0,)})
    reach(db, 1)
    db.reset_counters()
    db.update({("leaf", 5): 1})
    reach(db, 1)
    assert db.executions() == 0


def test_absence_is_recorded() -> None:
    db = Database()
    assert reach(db, 3) == frozenset()
    db.update({("leaf", 3): 2})
    assert reach(db, 3) == {2}


def test_setting_an_equal_input_is_no_change() -> None:
    db = Database()
    db.update({("leaf", 3): 2})
    assert db.update({("leaf", 3): 2}) == frozenset()


@query()
def endless(db: Database, node: int) -> int:
    """A recursive query without a bottom: a programming error."""
    return endless(db, node)


def test_recursion_without_bottom_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="no bottom"):
        endless(Database(), 1)


@query(bottom=0, top=-1)
def growing(db: Database, node: int) -> int:
    """A cycle that never settles."""
    return growing(db, node) + 1


def test_a_cycle_that_does_not_settle_gets_the_top() -> None:
    assert growing(Database(), 1) == -1


def test_cancellation_leaves_the_database_usable() -> None:
    db = Database()
    db.update({("leaf", 0): 1})
    db.cancel.set()
    with pytest.raises(Cancelled):
        reach(db, 0)
    db.cancel.clear()
    assert reach(db, 0) == {1}


@query()
def pair(db: Database, node: int) -> frozenset[int]:
    """Reads two cyclic answers, so that readers outside a cycle are tested too."""
    return reach(db, node) | reach(db, (node + 1) % 7)


@query()
def count(db: Database, limit: int) -> int:
    """Reads a number of answers that depends on an answer: dependencies come and go."""
    return sum(len(pair(db, node)) for node in range(min(limit, len(leaves(db, 0)) + 3)))


@settings(max_examples=300, deadline=None)
@given(edits, st.integers(0, 1))
def test_readers_of_cycles_stay_right(steps: list[tuple[str, int, object]], rooted: int) -> None:
    db = Database()
    edges: dict[int, tuple[int, ...]] = {}
    leaf: dict[int, int] = {}
    for kind, node, value in steps:
        if kind == "ask":
            both = _naive(edges, leaf, node) | _naive(edges, leaf, (node + 1) % 7)
            assert pair(db, node) == both
            if rooted:
                fresh = Database()
                fresh.update({("edges", n): v for n, v in edges.items()} | {("leaf", n): v for n, v in leaf.items()})
                assert count(db, node) == count(fresh, node)
            continue
        db.update({(kind, node): value})
        table = edges if kind == "edges" else leaf
        if value is None:
            table.pop(node, None)
        else:
            table[node] = value
    for node in range(7):
        assert pair(db, node) == _naive(edges, leaf, node) | _naive(edges, leaf, (node + 1) % 7)


@query()
def fragile(db: Database, node: int) -> int:
    """Fails for some inputs."""
    value = db.get(("leaf", node))
    if value == 0:
        message = "zero"
        raise ValueError(message)
    return 1 if value is None else int(str(value))


@query()
def guarded(db: Database, node: int) -> int:
    """Contains the failure of another query."""
    try:
        return fragile(db, node)
    except ValueError:
        return -1


def test_a_failure_reaches_whoever_contains_it() -> None:
    db = Database()
    db.update({("leaf", 1): 5})
    assert guarded(db, 1) == 5
    db.update({("leaf", 1): 0})
    assert guarded(db, 1) == -1
    db.update({("leaf", 1): 7})
    assert guarded(db, 1) == 7


def test_an_answer_nobody_reads_is_not_renewed() -> None:
    db = Database()
    db.update({("leaf", 1): 1})
    assert pair(db, 1) == {1}
    db.reset_counters()
    db.update({("leaf", 1): 2})
    leaves(db, 5)
    assert db.counters.get(pair.name, 0) == 0
    assert pair(db, 1) == {2}


def test_answers_that_nothing_rests_on_any_more_are_forgotten():
    """Each keystroke in a name asks about another name; what was asked about the ones before must not stay for ever."""

    @query()
    def length(db: Database, name: str) -> int:
        return len(name) + (db.get(("known", name)) is not None)

    @query()
    def of_text(db: Database) -> int:
        return length(db, str(db.get(("text",))))

    def size(db):
        return len(db._inputs) + sum(map(len, db._tables.values()))

    db = Database()
    most = 0
    for number in range(5_000):
        db.update({("text",): f"name{number}"})
        assert of_text(db) == len(f"name{number}")
        most = max(most, size(db))
    assert most < 2 * unread.MANY + 10
    db.update({("known", "name4999"): True})
    assert of_text(db) == len("name4999") + 1


@query()
def chosen(db: Database) -> object:
    """Reads an input that another one names."""
    return db.get(("text", db.get(("which",))))


def test_an_input_that_comes_back_stays_when_its_former_self_is_forgotten() -> None:
    db = Database()
    db._unread = unread.Unread(1)
    db.update({("which",): 1, ("text", 1): "one", ("text", 2): "two", ("text", 3): "three"})
    assert chosen(db) == "one"
    db.update({("which",): 2})
    assert chosen(db) == "two"
    db.update({("text", 1): None})
    db.update({("text", 1): "one again"})
    db.update({("which",): 3})
    assert chosen(db) == "three"
    db.update({("which",): 1})
    assert chosen(db) == "one again"


@query(bottom=0)
def breaking(db: Database, node: int) -> int:
    """A circle of two that fails when it comes round."""
    through(db, node)
    if db.get(("broken",)):
        raise ValueError(node)
    return node


@query(bottom=0)
def through(db: Database, node: int) -> int:
    """The other half of the circle."""
    return breaking(db, node)


@query()
def asks_both(db: Database, node: int) -> tuple[int, ...]:
    """Contains the failures of both halves."""
    found = []
    for half in (breaking, through):
        try:
            found.append(half(db, node))
        except ValueError:
            found.append(-1)
    return tuple(found)


def test_a_circle_that_fails_leaves_no_provisional_answers() -> None:
    db = Database()
    db.update({("broken",): True})
    # A question that comes to no end would ask again and again.
    db.counters = _Fuse(db, 50)
    assert asks_both(db, 3) == (-1, -1)
    db.update({("broken",): None})
    assert asks_both(db, 3) == (3, 3)


class _Fuse(dict[str, int]):
    """Counters that cancel after so many executions."""

    def __init__(self, db: Database, left: int) -> None:
        super().__init__()
        self._db = db
        self._left = left

    # pyrefly: ignore[missing-override-decorator]
    def __setitem__(self, name: str, value: int) -> None:
        super().__setitem__(name, value)
        self._left -= 1
        if self._left <= 0:
            self._db.cancel.set()


steps_with_interruptions = st.lists(
    st.one_of(
        st.tuples(st.just("edges"), nodes, st.one_of(st.none(), st.lists(nodes, max_size=3).map(tuple))),
        st.tuples(st.just("leaf"), nodes, st.one_of(st.none(), st.integers(0, 9))),
        st.tuples(st.just("ask"), nodes, st.sampled_from((1, 2, 3, 5, 1000))),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(steps_with_interruptions, st.sampled_from((0, 1, 3, 10)), st.sampled_from((reach, pair, count)))
def test_interrupted_and_forgotten_answers_come_out_right(
    steps: list[tuple[str, int, object]], many: int, asked: Query[[int], object]
) -> None:
    db = Database()
    db._unread = unread.Unread(many)
    inputs: dict[tuple[str, int], object] = {}
    for kind, node, value in [*steps, *(("ask", node, 1000) for node in range(7))]:
        if kind != "ask":
            inputs[kind, node] = value
            db.update({(kind, node): value})
            continue
        assert isinstance(value, int)
        db.counters = _Fuse(db, value)
        fresh = Database()
        fresh.update(inputs)
        try:
            assert asked(db, node) == asked(fresh, node)
        except Cancelled:
            assert value < 1000
        db.cancel.clear()
