"""How a file spells a name of a library, and the import that makes it known: at the top, never inside a function."""

from __future__ import annotations

import re
import sys

import msgspec

from shearpin.rulekit.arguments import after_items, before_item
from shearpin.rulekit.source import Source
from shearpin.syntax import ir
from shearpin.text.edits import Edit, line_end
from shearpin.text.spans import end_of, start_of

_FUTURE = "__future__"
_HEAD = re.compile(
    rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*"
    rb"(?:[rRuU]?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    rb"[ \t]*(?:#[^\n]*)?(?:\r?\n|$))?",
    re.DOTALL,
)


class Spelled(msgspec.Struct, frozen=True):
    """How to write a name, and the edits that make it known."""

    name: str
    edits: tuple[Edit, ...] = ()


class _Statement(msgspec.Struct, frozen=True):
    node: ir.Import | ir.ImportFrom
    start: int
    end: int
    base: int


def spell(source: Source, path: str, dotted: str, text: bytes) -> Spelled | None:
    """Make `dotted` known in a file: "asyncio." is a module, "tenacity.retry" a name; None when the name is taken."""
    statements = _imports(source, path)
    module, _, name = dotted.rpartition(".")
    if not name:
        return _module(source, path, module, text, statements)
    known = _known_name(statements, module, name)
    if known:
        return Spelled(known)
    if _is_taken(source, path, name):
        found = _module(source, path, module, text, statements)
        return None if found is None else Spelled(f"{found.name}.{name}", found.edits)
    return Spelled(name, tuple(_name_edits(text, statements, module, name)))


def _module(source: Source, path: str, module: str, text: bytes, statements: list[_Statement]) -> Spelled | None:
    known = _known_module(statements, module)
    if known:
        return Spelled(known)
    if _is_taken(source, path, module.partition(".")[0]):
        return None
    return Spelled(module, tuple(_statement_edits(text, statements, f"import {module}", (0, module))))


def _imports(source: Source, path: str) -> list[_Statement]:
    """Import statements at module level that always run, in order."""
    summary = source.summary(path)
    found: list[_Statement] = []
    for part, place in zip(summary.parts, summary.placements, strict=True) if summary is not None else ():
        if part.kind == "imports":
            for node in part.body:
                if isinstance(node, ir.Import | ir.ImportFrom):
                    start, end = place.start + start_of(node.span), place.start + end_of(node.span)
                    found.append(_Statement(node, start, end, place.start))
    return found


def _known_module(statements: list[_Statement], module: str) -> str:
    package, _, last = module.rpartition(".")
    for statement in statements:
        node = statement.node
        for alias in node.names:
            if isinstance(node, ir.Import):
                if alias.name == module and alias.renamed:
                    return alias.asname
                if not alias.renamed and (alias.name == module or alias.name.startswith(f"{module}.")):
                    return module
            elif package and not node.level and node.module == package and alias.name == last:
                return alias.asname
    return ""


def _known_name(statements: list[_Statement], module: str, name: str) -> str:
    for statement in statements:
        node = statement.node
        if isinstance(node, ir.ImportFrom) and not node.level and node.module == module:
            for alias in node.names:
                if alias.name == name:
                    return alias.asname
    known = _known_module(statements, module)
    return f"{known}.{name}" if known else ""


def _is_taken(source: Source, path: str, name: str) -> bool:
    summary = source.summary(path)
    return summary is None or any(name in part.binds for part in summary.parts)


# ------------------------------------------------------------------ placing


def _name_edits(text: bytes, statements: list[_Statement], module: str, name: str) -> list[Edit]:
    for statement in statements:
        node = statement.node
        is_same = isinstance(node, ir.ImportFrom) and not node.level and node.module == module
        if is_same and all(alias.name != "*" for alias in node.names):
            return _joined(text, statement, name)
    return _statement_edits(text, statements, f"from {module} import {name}", (1, module))


def _joined(text: bytes, statement: _Statement, name: str) -> list[Edit]:
    names = [alias.name for alias in statement.node.names]
    starts = [statement.base + start_of(alias.span) for alias in statement.node.names]
    later = [start for other, start in zip(names, starts, strict=True) if other > name]
    if later and names == sorted(names):
        return before_item(text, later[0], name.encode())
    closing = statement.end - 1
    if text[closing : closing + 1] == b")":
        return after_items(text, starts, closing, name.encode())
    return [Edit(statement.end, statement.end, f", {name}".encode())]


def _statement_edits(text: bytes, statements: list[_Statement], new: str, key: tuple[int, str]) -> list[Edit]:
    """A new import statement in its section: standard library, third party, own; by name within it."""
    line = line_end(text)
    section = _section(key[1], level=0)
    usable = [item for item in _first_block(text, statements) if _name(item) != _FUTURE]
    mine = [item for item in usable if _section(_name(item), _level(item)) == section]
    smaller = [item for item in mine if _key(item) <= key]
    if mine:
        if smaller:
            return [_line_after(text, smaller[-1].end, line + new.encode())]
        return [_line_before(text, mine[0].start, new.encode() + line)]
    earlier = [item for item in usable if _section(_name(item), _level(item)) < section]
    if earlier:
        is_last = len(earlier) == len(usable) or _blank_follows(text, earlier[-1].end)
        tail = b"" if is_last else line
        return [_line_after(text, earlier[-1].end, line * 2 + new.encode() + tail)]
    if usable:
        return [_line_before(text, usable[0].start, new.encode() + line * 2)]
    if statements and _name(statements[-1]) == _FUTURE:
        return [_line_after(text, statements[-1].end, line * 2 + new.encode())]
    return [_after_head(text, new.encode(), line)]


def _first_block(text: bytes, statements: list[_Statement]) -> list[_Statement]:
    """Imports before the first other code: one that stands later may come too late for its use."""
    bases = [item.base for item in statements]
    return [item for item in statements if item.base == bases[0] and _stands_alone(text, item)]


def _stands_alone(text: bytes, item: _Statement) -> bool:
    """Whether nothing else stands on the lines of a statement."""
    line = text.rfind(b"\n", 0, item.start) + 1
    return not text[line : item.start].strip() and b";" not in text[item.end : _line_stop(text, item.end)]


def _line_after(text: bytes, position: int, new: bytes) -> Edit:
    stop = _line_stop(text, position)
    return Edit(stop, stop, new)


def _line_before(text: bytes, position: int, new: bytes) -> Edit:
    start = text.rfind(b"\n", 0, position) + 1
    return Edit(start, start, new)


def _line_stop(text: bytes, position: int) -> int:
    stop = text.find(b"\n", position)
    if stop < 0:
        return len(text)
    return stop - 1 if text[stop - 1 : stop] == b"\r" else stop


def _blank_follows(text: bytes, position: int) -> bool:
    stop = text.find(b"\n", position)
    return stop >= 0 and not text[stop + 1 : _line_stop(text, stop + 1)].strip()


def _after_head(text: bytes, new: bytes, line: bytes) -> Edit:
    """After the comments and the docstring that a file begins with."""
    found = _HEAD.match(text)
    position = found.end() if found else 0
    head, rest = text[:position], text[position:]
    before = b"" if not head.strip() or head.endswith(line * 2) else line
    if head and not head.endswith(b"\n"):
        before += line
    after = line if not rest.strip() or rest.startswith((b"\n", b"\r\n")) else line * 2
    return Edit(position, position, before + new + after)


def _section(module: str, level: int) -> int:
    if level:
        return 2
    return 0 if module.partition(".")[0] in sys.stdlib_module_names else 1


def _name(item: _Statement) -> str:
    return item.node.module if isinstance(item.node, ir.ImportFrom) else item.node.names[0].name


def _level(item: _Statement) -> int:
    return item.node.level if isinstance(item.node, ir.ImportFrom) else 0


def _key(item: _Statement) -> tuple[int, str]:
    return (int(isinstance(item.node, ir.ImportFrom)), _name(item))
