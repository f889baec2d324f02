"""Import statements."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.grammar import by_kind, field, kind, kinds
from shearpin.syntax.ir import Alias, Import, ImportFrom, Stmt
from shearpin.syntax.reader import Reader
from shearpin.syntax.statements import STATEMENTS

#: all statements that make an imports part
IMPORTS = kinds("import_statement", "import_from_statement", "future_import_statement")
_ALIASED = kind("aliased_import")
_DOTTED = kind("dotted_name")
_IDENTIFIER = kind("identifier")
_WILDCARD = kind("wildcard_import")
_RELATIVE = kind("relative_import")
_PREFIX = kind("import_prefix")
_NAME, _ALIAS, _MODULE = field("name"), field("alias"), field("module_name")


def _import(reader: Reader, node: Node) -> Stmt:
    return Import(_aliases(reader, node), reader.span(node))


def _import_from(reader: Reader, node: Node) -> Stmt:
    module, level = "", 0
    source = node.child_by_field_id(_MODULE)
    if source is not None and source.kind_id == _RELATIVE:
        for child in source.named_children:
            if child.kind_id == _PREFIX:
                level = reader.text[child.start_byte : child.end_byte].count(b".")
            elif child.kind_id == _DOTTED:
                module = _dotted(reader, child)
    elif source is not None:
        module = _dotted(reader, source)
    names = _aliases(reader, node)
    if not names:
        names = tuple([Alias("*", "*", reader.span(c)) for c in node.named_children if c.kind_id == _WILDCARD])
    return ImportFrom(module, level, names, reader.span(node))


def _future(reader: Reader, node: Node) -> Stmt:
    return ImportFrom("__future__", 0, _aliases(reader, node), reader.span(node))


def _aliases(reader: Reader, node: Node) -> tuple[Alias, ...]:
    found: list[Alias] = []
    for child in node.children_by_field_id(_NAME):
        if child.kind_id != _ALIASED:
            name = _dotted(reader, child)
            if name:
                found.append(Alias(name, name, reader.span(child)))
            continue
        named, alias = child.child_by_field_id(_NAME), child.child_by_field_id(_ALIAS)
        if named is not None and alias is not None:
            asname = reader.mention(reader.text[alias.start_byte : alias.end_byte])
            found.append(Alias(_dotted(reader, named), asname, reader.span(child), renamed=True))
    return tuple(found)


def _dotted(reader: Reader, node: Node) -> str:
    """Return `a.b.c` without blanks and comments; each segment counts as mentioned."""
    text = reader.text
    segments = [
        reader.mention(text[child.start_byte : child.end_byte])
        for child in node.named_children
        if child.kind_id == _IDENTIFIER and child.end_byte > child.start_byte
    ]
    return segments[0] if len(segments) == 1 else ".".join(segments)


STATEMENTS.update(
    by_kind(
        {
            "import_statement": _import,
            "import_from_statement": _import_from,
            "future_import_statement": _future,
        }
    )
)
