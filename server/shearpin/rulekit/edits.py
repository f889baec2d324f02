"""Turns the plan of a fix into edits of text. The result parses, or there are no edits at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from shearpin.facts.site import Site
from shearpin.rulekit.arguments import with_argument
from shearpin.rulekit.importing import spell
from shearpin.rulekit.placing import (
    base,
    body_of,
    call_with_parentheses,
    functions_around,
    is_compound,
    is_read_later,
    statement_around,
)
from shearpin.rulekit.requiring import dependency_edits
from shearpin.rulekit.source import FileEdit, Source
from shearpin.rulekit.verdict import Action, FixPlan
from shearpin.syntax import ir
from shearpin.syntax.python import summarise
from shearpin.syntax.walk import bound_names
from shearpin.text.edits import ConflictError, Edit, apply, line_end, ordered
from shearpin.text.spans import end_of, start_of

__all__ = ["FileEdit", "build_edits"]

_HOLE = re.compile(r"\{([A-Za-z_][\w.]*)\}")


class _Impossible(Exception):
    """The fix cannot be written here."""


def build_edits(plan: FixPlan, source: Source, holes: Mapping[str, str]) -> tuple[FileEdit, ...]:
    """Edits of a plan, sorted; empty when one of its steps cannot be done. `holes` are values for `{name}` in texts."""
    by_path: dict[str, list[Edit]] = {}
    try:
        # Of two insertions at one place the first stands in front, and nothing stands in front of `await`.
        for action in sorted(plan.actions, key=lambda action: action.kind != "await"):
            by_path.setdefault(action.site.path, []).extend(_action_edits(action, source, holes))
        if plan.dependency and plan.actions:
            path, edits = dependency_edits(source, plan.actions[0].site.path, plan.dependency)
            by_path.setdefault(path, []).extend(edits)
        return tuple(edit for path in sorted(by_path) for edit in _file_edits(path, by_path[path], source))
    except (_Impossible, ConflictError):
        return ()


def file_edits(path: str, text: bytes, edits: tuple[Edit, ...]) -> tuple[FileEdit, ...]:
    """Edits of one text as they are handed out."""
    digest = hashlib.sha256(text).hexdigest()
    return tuple(FileEdit(path, edit.start, edit.end, edit.new.decode(), digest) for edit in edits)


def _file_edits(path: str, edits: list[Edit], source: Source) -> tuple[FileEdit, ...]:
    text = source.text(path) or b""
    found = tuple(edit for edit in ordered(edits) if text[edit.start : edit.end] != edit.new)
    if path.endswith(".py"):
        before = source.summary(path)
        after = summarise(apply(text, found))
        if before is None or _broken(after) > _broken(before):
            raise _Impossible
    return file_edits(path, text, found)


def _broken(summary: ir.ModuleSummary) -> int:
    return sum(part.has_error for part in summary.parts) + summary.has_error


def _action_edits(action: Action, source: Source, holes: Mapping[str, str]) -> list[Edit]:
    text = source.text(action.site.path)
    if text is None:
        raise _Impossible
    written, edits = _spelled(action, source, text, holes)
    start, end = source.locate(action.site)
    if not start <= end <= len(text):
        raise _Impossible
    match action.kind:
        case "argument":
            edits += _argument(source, action.site, text, written)
        case "decorator-argument":
            edits += _decorator_argument(source, action.site, text, written)
        case "replace":
            edits.append(Edit(start, end, written))
        case "rename-method":
            edits.append(Edit(start + text[start:end].rfind(b".") + 1, end, written))
        case "replace-text":
            old = action.old.encode()
            if not old or text[start:end].count(old) != 1:
                raise _Impossible
            place = text.index(old, start, end)
            edits.append(Edit(place, place + len(old), written))
        case "statement-after":
            edits.append(_statement_after(source, action.site, text, written))
        case "statement-before":
            edits.append(_statement_before(source, action.site, text, written))
        case "module-statement-before":
            edits += _module_statement(source, action.site, text, written)
        case "name-result":
            edits.append(_name_result(source, action.site, written))
        case "await":
            edits += _await(source, action.site, text)
        case "call-through":
            edits += _call_through(source, action.site, text, written)
        case "decorate":
            edits.append(_decorate(source, action.site, text, written))
        case _:
            raise _Impossible
    return edits


# ---------------------------------------------------------------- texts


def _spelled(action: Action, source: Source, text: bytes, holes: Mapping[str, str]) -> tuple[bytes, list[Edit]]:
    """The action's text as this file writes it, and the imports that it needs."""
    written = action.text
    edits: list[Edit] = []
    shadowed = _local_names(source, action.site)
    for dotted in action.imports:
        found = spell(source, action.site.path, dotted, text)
        if found is None or found.name.partition(".")[0] in shadowed:
            raise _Impossible
        edits.extend(found.edits)
        written = _renamed(written, dotted, found.name)
    written = _HOLE.sub(lambda hole: holes.get(hole[1], hole[0]), written)
    return written.encode(), edits


def _renamed(text: str, dotted: str, spelling: str) -> str:
    """Write `spelling` for a module ("asyncio.") or a name ("tenacity.retry"), with or without braces around it."""
    module, _, name = dotted.rpartition(".")
    if name:
        text = text.replace(f"{{{dotted}}}", spelling)
        return re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w=])", spelling, text) if spelling != name else text
    text = re.sub(rf"\{{{re.escape(module)}\.([\w.]*)\}}", lambda hole: f"{spelling}.{hole[1]}", text)
    return re.sub(rf"(?<![\w.]){re.escape(module)}\.", f"{spelling}.", text) if spelling != module else text


def _local_names(source: Source, site: Site) -> set[str]:
    names: set[str] = set()
    for function in functions_around(source, site):
        names |= {param.name for param in function.params}
        if isinstance(function, ir.FunctionDef):
            names |= bound_names(function.body)
    return names


# -------------------------------------------------------------- actions


def _argument(source: Source, site: Site, text: bytes, argument: bytes) -> list[Edit]:
    call = call_with_parentheses(source, site)
    if call is None or not isinstance(call.node, ir.Call):
        raise _Impossible
    edits = with_argument(text, call.node, call.base, argument)
    if edits is None:
        raise _Impossible
    return edits


def _decorator_argument(source: Source, site: Site, text: bytes, argument: bytes) -> list[Edit]:
    if call_with_parentheses(source, site) is not None:
        return _argument(source, site, text, argument)
    end = source.locate(site)[1]
    return [Edit(end, end, b"(" + argument + b")")]


def _statement_after(source: Source, site: Site, text: bytes, new: bytes) -> Edit:
    placed = statement_around(source, site)
    if placed is None or isinstance(placed.node, ir.Return | ir.Raise):
        raise _Impossible
    node = placed.node
    if isinstance(node, ir.With) and body_of(node):
        start = placed.base + start_of(node.body[0].span)
        return _line_before(text, start, new)
    if is_compound(node):
        raise _Impossible
    start, end = placed.range(_span(node))
    indent = _indent(text, start)
    rest = text[end : _line_stop(text, end)].strip()
    if rest and not rest.startswith(b"#"):
        raise _Impossible
    stop = _line_stop(text, end)
    return Edit(stop, stop, line_end(text) + _indented(new, indent, text))


def _statement_before(source: Source, site: Site, text: bytes, new: bytes) -> Edit:
    placed = statement_around(source, site)
    if placed is None:
        raise _Impossible
    return _line_before(text, placed.range(_span(placed.node))[0], new)


def _module_statement(source: Source, site: Site, text: bytes, new: bytes) -> list[Edit]:
    """A statement before the top-level definition that holds a site; nothing when its name is known already."""
    summary = source.summary(site.path)
    start, _ = source.locate(site)
    name = re.match(rb"\w*", new)
    if summary is None or name is None:
        raise _Impossible
    if any(name[0].decode() in part.binds for part in summary.parts):
        return []
    around = [place.start for place in summary.placements if place.start <= start < place.end]
    line = text.rfind(b"\n", 0, min(around, default=start)) + 1
    while (above := text[text.rfind(b"\n", 0, max(0, line - 1)) + 1 : line]).startswith(b"#"):
        line -= len(above)
    return [Edit(line, line, new + line_end(text) * 3)]


def _name_result(source: Source, site: Site, name: bytes) -> Edit:
    placed = statement_around(source, site)
    if placed is None or not isinstance(placed.node, ir.ExprStmt):
        raise _Impossible
    value = placed.node.value
    call = value.value if isinstance(value, ir.Await) else value
    if not isinstance(call, ir.Call) or (start_of(call.span), end_of(call.span)) != (site.start, site.end):
        raise _Impossible
    if is_read_later(source, site, name.decode()):
        raise _Impossible
    start = placed.range(placed.node.span)[0]
    return Edit(start, start, name + b" = ")


def _call_through(source: Source, site: Site, text: bytes, outer: bytes) -> list[Edit]:
    call = call_with_parentheses(source, site)
    if call is None or not isinstance(call.node, ir.Call):
        raise _Impossible
    start = call.base + start_of(call.node.func.span)
    opening = call.base + start_of(call.node.args_span)
    if text[opening : opening + 1] != b"(":
        raise _Impossible
    if not (call.node.args or call.node.keywords):
        return [Edit(start, start, outer + b"("), Edit(opening, opening + 1, b"")]
    behind = text[opening + 1 :]
    blank = behind[: len(behind) - len(behind.lstrip())]
    if b"\n" not in blank:
        return [Edit(start, start, outer + b"("), Edit(opening, opening + 1, b", ")]
    # Each argument stands on a line of its own, and so does the function.
    return [Edit(start, start, outer + b"(" + blank), Edit(opening, opening + 1, b",")]


def _decorate(source: Source, site: Site, text: bytes, decorator: bytes) -> Edit:
    """A decorator of the innermost function around a site, below those that it has."""
    around = functions_around(source, site)
    if not around or not isinstance(around[-1], ir.FunctionDef):
        raise _Impossible
    function = around[-1]
    # The name stands behind `def` or `async def`.
    start = base(source, site) + start_of(function.name_span)
    line = max(text.rfind(b"\n", 0, start), text.rfind(b"\r", 0, start)) + 1
    indent = text[line : line + len(text[line:start]) - len(text[line:start].lstrip())]
    return Edit(line, line, indent + b"@" + decorator + line_end(text))


def _await(source: Source, site: Site, text: bytes) -> list[Edit]:
    around = functions_around(source, site)
    if not around or not isinstance(around[-1], ir.FunctionDef) or not around[-1].is_async:
        raise _Impossible
    start, end = source.locate(site)
    if re.search(rb"\bawait\s+$", text[max(0, start - 20) : start]):
        raise _Impossible
    if text[end:].lstrip(b" \t")[:1] in {b".", b"[", b"("}:
        return [Edit(start, start, b"(await "), Edit(end, end, b")")]
    return [Edit(start, start, b"await ")]


# --------------------------------------------------------------- layout


def _line_before(text: bytes, start: int, new: bytes) -> Edit:
    indent = _indent(text, start)
    line = start - len(indent)
    return Edit(line, line, _indented(new, indent, text) + line_end(text))


def _indent(text: bytes, start: int) -> bytes:
    """What stands before a statement on its line; impossible when that is more than blanks."""
    line = max(text.rfind(b"\n", 0, start), text.rfind(b"\r", 0, start)) + 1
    indent = text[line:start]
    if indent.strip():
        raise _Impossible
    return indent


def _indented(new: bytes, indent: bytes, text: bytes) -> bytes:
    return line_end(text).join(indent + line if line.strip() else b"" for line in new.splitlines())


def _line_stop(text: bytes, position: int) -> int:
    stop = text.find(b"\n", position)
    if stop < 0:
        return len(text)
    return stop - 1 if text[stop - 1 : stop] == b"\r" else stop


def _span(node: object) -> int:
    return int(getattr(node, "span", 0))
