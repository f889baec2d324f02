"""The reverse index says what stands now, however often a place changed between two looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shearpin.query import keys
from shearpin.query.kernel import Key
from shearpin.workspace.reverse import ReverseIndex

PLACES = [(f"{path}.py", part) for path in "ab" for part in "xyz"]
steps = st.lists(
    st.one_of(st.none(), st.tuples(st.sampled_from(PLACES), st.frozensets(st.sampled_from("pqrs")))), max_size=30
)


@given(steps)
def test_any_history_says_what_stands(history: list[tuple[tuple[str, str], frozenset[str]] | None]) -> None:
    index = ReverseIndex(keys.mentions)
    held: dict[tuple[str, str], frozenset[str]] = {}
    known: dict[Key, object] = {}
    for step in (*history, None):
        if step is None:
            changes: dict[Key, object] = {}
            index.flush(changes)
            known.update(changes)
        else:
            place, names = step
            index.change(place, held.get(place, ()), names)
            held[place] = names
    for name in "pqrs":
        places = tuple(sorted(place for place, names in held.items() if name in names))
        assert (known.get(keys.mentions(name)) or ()) == places


def test_gained_and_lost_before_a_look() -> None:
    index = ReverseIndex(keys.mentions)
    index.change(("a.py", "x"), (), ("p",))
    index.change(("a.py", "x"), ("p",), ())
    changes: dict[Key, object] = {}
    index.flush(changes)
    assert changes.get(keys.mentions("p")) is None
