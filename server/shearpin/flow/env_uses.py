"""Where code reads environment variables: calls, subscripts, and fields of settings classes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.site import Site
from shearpin.facts.value import Bound, ClassRef, Env, Value
from shearpin.flow.order import every_statement
from shearpin.flow.statements import expressions_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.lineage import linearise
from shearpin.meaning.queries import Meaning, evaluator
from shearpin.meaning.scopes import Scope, get_part, part_ids, scopes, site_of, walk
from shearpin.meaning.settings_classes import settings_field
from shearpin.meaning.values import children
from shearpin.query import Database, query
from shearpin.syntax import ir


class EnvUse(msgspec.Struct, frozen=True):
    """A variable and the expression, or the name of the field, that reads it."""

    name: str
    site: Site


@query()
def env_uses(db: Database, path: str) -> tuple[EnvUse, ...]:
    """All reads in a file, in order of its parts."""
    return tuple(use for part in part_ids(db, path) for use in part_env_uses(db, path, part))


@query()
def part_env_uses(db: Database, path: str, part: str) -> tuple[EnvUse, ...]:
    """The reads in one part, outer before inner; several ways to know of a read are one."""
    found: dict[EnvUse, None] = dict.fromkeys(_fields(db, path, part))
    for scope in scopes(db, path, part).values():
        known = evaluator(db, scope.function)
        if known is None:
            continue
        for expr in _expressions(db, scope):
            for name in _read(known, expr):
                found[EnvUse(name, site_of(path, part, expr.span))] = None
    return tuple(found)


def _expressions(db: Database, scope: Scope) -> Iterator[ir.Expr]:
    """The expressions of a scope, defaults of its parameters included."""
    for param in scope.params:
        if param.default is not None:
            yield from walk(param.default)
    for stmt in every_statement(body_of(db, scope)):
        for expr in expressions_of(stmt):
            yield from walk(expr)


def _read(known: Evaluator, expr: ir.Expr) -> Iterator[str]:
    """Names of the variables that an expression itself names and reads."""
    match expr:
        case ir.Call(args=args, keywords=keywords):
            named = [*args, *(keyword.value for keyword in keywords)]
        case ir.Subscript(index=index):
            named = [index]
        case _:
            return
    texts = {item.value for item in named if isinstance(item, ir.Literal) and isinstance(item.value, str)}
    if texts:
        yield from dict.fromkeys(env.name for env in _environment(known.value(expr)) if env.name in texts)


def _environment(value: Value) -> Iterator[Env]:
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, Env):
            yield current
        pending.extend(item.value if isinstance(item, Bound) else item for item in children(current))


def _fields(db: Database, path: str, part_id: str) -> Iterator[EnvUse]:
    part = get_part(db, path, part_id)
    if part is None or part.kind != "class" or not part.body or not isinstance(part.body[0], ir.ClassDef):
        return
    world = Meaning(db)
    line = tuple(linearise(world, ClassRef(path, part_id)))
    for stmt in part.body[0].body:
        if isinstance(stmt, ir.Assign) and stmt.annotation is not None and isinstance(stmt.targets[0], ir.Name):
            target = stmt.targets[0]
            value = settings_field(world, line, target.id)
            if isinstance(value, Env):
                yield EnvUse(value.name, site_of(path, part_id, target.span))
