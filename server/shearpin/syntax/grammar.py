"""The tree-sitter grammar of Python: node kinds and fields as numbers, which compare faster than strings."""

from __future__ import annotations

from typing import TypeVar

import tree_sitter_python
from tree_sitter import Language, Node, Parser

_T = TypeVar("_T")

LANGUAGE = Language(tree_sitter_python.language())

_KINDS: dict[str, tuple[int, ...]] = {}
for _number in range(LANGUAGE.node_kind_count):
    _name = LANGUAGE.node_kind_for_id(_number)
    if _name is not None and LANGUAGE.node_kind_is_visible(_number):
        _key = _name if LANGUAGE.node_kind_is_named(_number) else "token " + _name
        _KINDS[_key] = (*_KINDS.get(_key, ()), _number)
#: tree-sitter gives nodes that do not parse this kind in every grammar
ERROR = 65535
_KINDS["ERROR"] = (ERROR,)


def new_parser() -> Parser:
    """Return a parser of its own, since parsers are not safe to share between threads."""
    return Parser(LANGUAGE)


def kinds(*names: str) -> frozenset[int]:
    """Return the numbers of named node kinds; tokens are written `token async`. Unknown names are a mistake."""
    return frozenset(number for name in names for number in _KINDS[name])


def kind(name: str) -> int:
    """Return the only number of a node kind."""
    (number,) = _KINDS[name]
    return number


def by_kind(table: dict[str, _T]) -> dict[int, _T]:
    """Return the table keyed by kind number; one key may name several kinds separated by blanks."""
    return {number: value for names, value in table.items() for name in names.split() for number in _KINDS[name]}


def field(name: str) -> int:
    """Return the number of a field."""
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise KeyError(name)
    return number


#: kinds that may stand anywhere and mean nothing
EXTRAS = kinds("comment", "line_continuation")


def solid_children(node: Node) -> list[Node]:
    """Return the named children without comments."""
    return [child for child in node.named_children if child.kind_id not in EXTRAS]
