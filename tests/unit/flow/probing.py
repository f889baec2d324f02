"""Facts and derived facts of code, by short names."""

from __future__ import annotations

from shearpin.facts.derived import DerivedFact
from shearpin.facts.fact import Fact
from shearpin.facts.site import FunctionId
from shearpin.flow.derived import derived
from shearpin.flow.settled import Settled, settled
from shearpin.meaning.scopes import part_ids
from shearpin.session import Session

from ..meaning.notation import MAIN


def settled_in(session: Session, path: str = MAIN) -> list[Settled]:
    """All settled facts of a file."""
    return [item for part in part_ids(session.db, path) for item in settled(session.db, path, part)]


def derived_in(session: Session, path: str = MAIN) -> list[DerivedFact]:
    """All derived facts of a file."""
    return [fact for part in part_ids(session.db, path) for fact in derived(session.db, path, part)]


def facts_of_kind(session: Session, kind: type[Fact], path: str = MAIN) -> list[Fact]:
    """The settled facts of one kind."""
    return [item.fact for item in settled_in(session, path) if isinstance(item.fact, kind)]


def at(name: str, path: str = MAIN) -> FunctionId:
    """`f` or `f.inner` of a part: "f", "C.m", "f::inner"."""
    part, _, inner = name.partition("::")
    return FunctionId(path, part, inner)
