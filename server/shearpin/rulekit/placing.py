"""Where in the code a fix goes: the call, the statement and the function around a site, found in the summary."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.site import Site
from shearpin.rulekit.source import Source
from shearpin.syntax import ir
from shearpin.syntax.walk import children, walk
from shearpin.text.spans import end_of, start_of

_COMPOUND = ir.If | ir.For | ir.While | ir.Try | ir.With | ir.Match | ir.FunctionDef | ir.ClassDef | ir.Broken
_BARE = ir.Handler | ir.Case | ir.WithItem


class Placed(msgspec.Struct, frozen=True):
    """A node and the absolute offset that its spans are relative to."""

    node: msgspec.Struct
    base: int

    def range(self, span: int) -> tuple[int, int]:
        """Absolute byte range of a span of this node or of one below it."""
        return self.base + start_of(span), self.base + end_of(span)


def call_with_parentheses(source: Source, site: Site) -> Placed | None:
    """The call whose parentheses, or whose whole, stand at a site."""
    for node in _nodes(source, site):
        if isinstance(node, ir.Call) and (_is_at(node.args_span, site) or _is_at(node.span, site)):
            return Placed(node, base(source, site))
    return None


def statement_around(source: Source, site: Site) -> Placed | None:
    """The innermost statement that holds a site."""
    part = source.part(site.path, site.part)
    found: ir.Stmt | None = None
    waiting: list[msgspec.Struct] = list(part.body) if part is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ir.Stmt) and _holds(node.span, site):
            found = node
            waiting = list(_inner(node))
        elif isinstance(node, _BARE):
            waiting.extend(_inner(node))
    return None if found is None else Placed(found, base(source, site))


def functions_around(source: Source, site: Site) -> list[ir.FunctionDef | ir.Lambda]:
    """Functions and lambdas whose body holds a site, outermost first."""
    return [
        node
        for node in _nodes(source, site)
        if isinstance(node, ir.FunctionDef | ir.Lambda)
        and _holds(_span(node), site)
        and not (isinstance(node, ir.FunctionDef) and any(_holds(_span(item), site) for item in node.decorators))
    ]


def is_read_later(source: Source, site: Site, name: str) -> bool:
    """Whether code that may run after a site, in its function, reads a local name: to assign it there would be felt."""
    around = functions_around(source, site)
    part = source.part(site.path, site.part)
    body = around[-1:] or (list(part.body) if part is not None else [])
    nodes = [node for statement in body for node in walk(statement)]
    assigned = {id(target) for node in nodes if isinstance(node, ir.Assign) for target in node.targets}
    in_loop = any(isinstance(node, ir.For | ir.While) and _holds(node.span, site) for node in nodes)
    reads = (node for node in nodes if isinstance(node, ir.Name) and node.id == name and id(node) not in assigned)
    return any(in_loop or start_of(node.span) >= site.end for node in reads)


def base(source: Source, site: Site) -> int:
    """Absolute offset of the part that holds a site."""
    return source.locate(site)[0] - site.start


def body_of(node: ir.Stmt) -> tuple[ir.Stmt, ...]:
    """The statements of a block, () for a simple statement."""
    return node.body if isinstance(node, ir.With | ir.For | ir.While | ir.If) else ()


def is_compound(node: msgspec.Struct) -> bool:
    """Whether a statement has blocks."""
    return isinstance(node, _COMPOUND)


def _nodes(source: Source, site: Site) -> Iterator[msgspec.Struct]:
    part = source.part(site.path, site.part)
    for statement in part.body if part is not None else ():
        yield from walk(statement)


def _inner(node: msgspec.Struct) -> Iterator[msgspec.Struct]:
    return (child for child in children(node) if isinstance(child, ir.Stmt | _BARE))


def _is_at(span: int, site: Site) -> bool:
    return (start_of(span), end_of(span)) == (site.start, site.end)


def _holds(span: int, site: Site) -> bool:
    return start_of(span) <= site.start and site.end <= end_of(span)


def _span(node: msgspec.Struct) -> int:
    return int(getattr(node, "span", 0))
