"""Whether code changes an object that a name holds after it was written down: `options["timeout"] = 5`."""

from __future__ import annotations

from shearpin.meaning.scopes import Scope, blocks
from shearpin.syntax import ir

_CHANGING = frozenset(("update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove"))


def is_changed(scope: Scope, name: str) -> bool:
    """True when a function changes the collection that one of its names holds."""
    pending = list(scope.node.body) if isinstance(scope.node, ir.FunctionDef) else []
    while pending:
        stmt = pending.pop()
        if _changes(stmt, name):
            return True
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                pending.extend(block)
    return False


def _changes(stmt: ir.Stmt, name: str) -> bool:
    match stmt:
        case ir.Assign(targets=targets) | ir.Delete(targets=targets):
            return any(isinstance(t, ir.Subscript) and _is(t.value, name) for t in targets)
        case ir.AugAssign(target=target):
            return _is(target, name) or (isinstance(target, ir.Subscript) and _is(target.value, name))
        case ir.ExprStmt(value=ir.Call(func=ir.Attribute(value=base, attr=attr))):
            return attr in _CHANGING and _is(base, name)
        case _:
            return False


def _is(expr: ir.Expr, name: str) -> bool:
    return isinstance(expr, ir.Name) and expr.id == name
