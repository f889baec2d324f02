"""Abstract values: what is known about a Python expression without running it.

Symbolic values (`Param`, `Item`, `Field`) stand for what only a caller knows; `meaning` substitutes them.
Equality is structural, so an unchanged answer stops recomputation.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from shearpin.facts.site import FunctionId, Site


class _Value(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Base of all values."""


class Unknown(_Value):
    """Nothing is known, and why: "database row", "unresolved import x"; the reason is for people only."""

    reason: str = ""


class Const(_Value):
    """A literal. Bytes are decoded as latin-1."""

    value: str | int | float | bool | None


class Template(_Value):
    """A string made of pieces in order; pieces are Const of str or any other value (a hole)."""

    parts: tuple[Value, ...]


class Choice(_Value):
    """One of 2 to 8 values: in source order inside a function or statement, sorted in what another one sees.

    `takes` says that the first one counts that is "true" (`a or b`) or "given" (not None); "" when any may be meant.
    """

    options: tuple[Value, ...]
    takes: str = ""


class Env(_Value):
    """An environment variable, resolved per service; `default` is None when the code has none."""

    name: str
    default: Value | None
    site: Site | None = None


class Param(_Value):
    """A parameter of a workspace function (index counts all parameters, `self` included).

    `cls` is what its annotation (or, for `self`, the enclosing class) says it is an instance of.
    """

    function: FunctionId
    index: int
    name: str
    cls: ClassRef | Extern | None = None


class Field(_Value):
    """Attribute of a value that is not (yet) resolved, e.g. of `self`; `cls` as in Param."""

    base: Value
    name: str
    cls: ClassRef | Extern | None = None


class Item(_Value):
    """Subscript of a value: `base[key]`; a key of None means "some element" (loop variable)."""

    base: Value
    key: Value | None


class Bound(_Value):
    """An argument with the parameter name it is bound to; "" for a positional one whose name is not known."""

    name: str
    value: Value


class Instance(_Value):
    """An object: its class, the arguments its constructor got and where it is constructed."""

    cls: ClassRef | Extern
    args: tuple[Bound, ...]
    site: Site | None


class ClassRef(_Value):
    """A class of the workspace; `name` is the qualified name inside the file."""

    path: str
    name: str


class FuncRef(_Value):
    """A function of the workspace; `receiver` is set for a bound method."""

    function: FunctionId
    receiver: Value | None = None
    #: arguments already bound by functools.partial
    partial: tuple[Bound, ...] = ()


class Extern(_Value):
    """A name of a third-party or standard library by its canonical dotted name, e.g. "requests.get"."""

    name: str


class ExternMethod(_Value):
    """A method of a library object: canonical "httpx.AsyncClient.post" and the object."""

    name: str
    receiver: Value


class Result(_Value):
    """What a library call returns when no model says more; `name` is the canonical callee, `site` the call.

    With an empty name the callee itself, in `receiver`, is known to a caller only: `args` wait until it is.
    """

    name: str
    site: Site
    #: the call's receiver, for a method
    receiver: Value | None = None
    args: tuple[Bound, ...] = ()


class ModuleRef(_Value):
    """A module of the workspace (path of its file, or of a package folder without `__init__.py`)."""

    path: str


class MappingValue(_Value):
    """A literal dict with at most 64 entries; each entry keeps its site."""

    entries: tuple[tuple[Value, Value, Site], ...]


class SequenceValue(_Value):
    """A literal list, tuple or set with at most 64 items."""

    items: tuple[Value, ...]


Value: TypeAlias = (
    Unknown | Const | Template | Choice | Env | Param | Field | Item | Bound | Instance | ClassRef | FuncRef | Extern
    | ExternMethod | Result | ModuleRef | MappingValue | SequenceValue
)  # fmt: skip

UNKNOWN = Unknown()
NONE = Const(None)
#: no value at all: the start of a recursive answer
NOTHING = Choice(())
