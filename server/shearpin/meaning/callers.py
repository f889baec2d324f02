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
from shearpin.services.layout import service_of_folder
from shearpin.syntax import ir

_ASIDE = frozenset((PathClass.TEST, PathClass.EXAMPLE))
_TESTS = "<tests>"


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
        candidates = _meeting(db, info.owner.rpartition(":")[2].rpartition(".")[2], function.path)
    else:
        candidates = _meeting(db, info.name, function.path)
    return tuple(
        CallerEdge(call, callee)
        for path, part in candidates
        if function in called_functions(db, path, part)
        for call in (*(use.call for use in decorators(db, path, part)), *calls(db, path, part))
        for callee in call.callees
        if callee.function == function
    )


@query()
def called_functions(db: Database, path: str, part: str) -> frozenset[FunctionId]:
    """Functions that a part makes run: a small answer that most edits leave equal."""
    resolved = (*(use.call for use in decorators(db, path, part)), *calls(db, path, part))
    return frozenset(callee.function for call in resolved for callee in call.callees)


@query()
def mentions_by_service(db: Database, name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Parts that mention a name, by the service they belong to ("" for none); tests and examples apart."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, part in mentioning_parts(db, name):
        if path_class(db, path) in _ASIDE:
            found.setdefault(_TESTS, []).append((path, part))
            continue
        for service in service_of_folder(db, path) or ("",):
            found.setdefault(service, []).append((path, part))
    return {service: tuple(parts) for service, parts in found.items()}


def _meeting(db: Database, name: str, path: str) -> tuple[tuple[str, str], ...]:
    """Parts that mention a name and may meet the code of a file in one process: of its services, or of none."""
    groups = mentions_by_service(db, name)
    owners = service_of_folder(db, path)
    from_tests = path_class(db, path) in _ASIDE
    wanted = [s for s in groups if from_tests or (s != _TESTS and (not owners or not s or s in owners))]
    return tuple(dict.fromkeys(item for service in wanted for item in groups[service]))
