"""Who makes a function run: the reverse of `calls`, through the index of mentioned names."""

from __future__ import annotations

import msgspec

from shearpin.facts.call import Callee, ResolvedCall
from shearpin.facts.site import FunctionId
from shearpin.meaning.calls import calls, decorators
from shearpin.meaning.queries import function_info
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class
from shearpin.syntax import ir

_ASIDE = frozenset((PathClass.TEST, PathClass.EXAMPLE))


class CallerEdge(msgspec.Struct, frozen=True):
    """One call that makes a function run."""

    call: ResolvedCall
    callee: Callee


@query()
def mentioning_parts(db: Database, name: str) -> tuple[tuple[str, str], ...]:
    """Parts that mention a name, also under the new name that an import gives it."""
    found = db.get(keys.mentions(name))
    parts = dict.fromkeys(found if isinstance(found, tuple) else ())
    for path, part_id in list(parts):
        part = get_part(db, path, part_id)
        if part is None or part.kind != "imports":
            continue
        for stmt in part.body:
            if not isinstance(stmt, (ir.Import, ir.ImportFrom)):
                continue
            for alias in stmt.names:
                if alias.renamed and alias.name == name:
                    other = db.get(keys.mentions(alias.asname))
                    parts.update(dict.fromkeys(p for p in (other if isinstance(other, tuple) else ()) if p[0] == path))
    return tuple(parts)


@query()
def callers(db: Database, function: FunctionId) -> tuple[CallerEdge, ...]:
    """All resolved calls that make a function run, in order of path and position; tests call only tests."""
    info = function_info(db, function)
    if info is None:
        return ()
    if info.name == "<lambda>" or function.inner:
        candidates: tuple[tuple[str, str], ...] = ((function.path, function.part),)
    elif info.name in ("__init__", "__call__", "__aenter__", "__enter__") and info.owner:
        # These run where the class, not the method, is named; instances may travel, so subclasses are asked too.
        candidates = mentioning_parts(db, info.owner.rpartition(".")[2])
    else:
        candidates = mentioning_parts(db, info.name)
    found: list[CallerEdge] = []
    from_tests = path_class(db, function.path) in _ASIDE
    for path, part in candidates:
        if not from_tests and path_class(db, path) in _ASIDE:
            continue
        resolved = (*(use.call for use in decorators(db, path, part)), *calls(db, path, part))
        found.extend(CallerEdge(call, callee) for call in resolved for callee in call.callees if callee.function == function)
    return tuple(found)
