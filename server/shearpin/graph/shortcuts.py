"""Paths that a service answers before its routes are asked: middleware that looks at the path and answers by itself."""

from __future__ import annotations

from shearpin.graph.reach import files_of
from shearpin.meaning.callers import mentioning_parts
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

#: names that a middleware or a hook before each request mentions
_HOOKS = ("call_next", "before_request", "__call__")


@query()
def shortcuts(db: Database, service_id: str) -> tuple[str, ...]:
    """Literal paths (or their beginnings) with which middleware of a service compares the path of a request."""
    owned = frozenset(files_of(db, service_id))
    found: dict[str, None] = {}
    for name in _HOOKS:
        for path, part_id in mentioning_parts(db, name):
            part = get_part(db, path, part_id) if path in owned else None
            for stmt in part.body if part is not None else ():
                found.update(dict.fromkeys(_compared(stmt)))
    return tuple(found)


def _compared(stmt: ir.Stmt) -> list[str]:
    tests = [node.test for node in walk(stmt) if isinstance(node, ir.If) and _mentions_path(node.test)]
    return [
        node.value
        for test in tests
        for node in walk(test)
        if isinstance(node, ir.Literal) and isinstance(node.value, str) and node.value.startswith("/")
    ]


def _mentions_path(test: ir.Expr) -> bool:
    return any(isinstance(node, ir.Attribute) and node.attr == "path" for node in walk(test))
