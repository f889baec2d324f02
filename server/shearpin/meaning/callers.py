"""Who makes a function run: the reverse of `calls`, through the index of mentioned names."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.call import Callee, ResolvedCall
from shearpin.facts.site import FunctionId
from shearpin.facts.value import ClassRef
from shearpin.meaning.calls import calls, decorators
from shearpin.meaning.objects import subclasses
from shearpin.meaning.queries import Meaning, function_info
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class
from shearpin.services.layout import service_of_folder
from shearpin.syntax import ir

_ASIDE = frozenset((PathClass.TEST, PathClass.EXAMPLE))
_TESTS = "<tests>"
#: ids of parts that hold imports begin so
_IMPORTS = "~imports"
_MAX_NAMES = 8


class CallerEdge(msgspec.Struct, frozen=True):
    """One call that makes a function run."""

    call: ResolvedCall
    callee: Callee


@query()
def mentioning_parts(db: Database, name: str) -> tuple[tuple[str, str], ...]:
    """Parts that mention a name, also under the names that imports and assignments give it; sorted."""
    found = dict.fromkeys(_mentions(db, name))
    names = {name}
    pending = [(name, place) for place in found]
    while pending:
        current, (path, part_id) = pending.pop()
        for old, other in renamings(db, path, part_id):
            if old != current or other in names or len(names) >= _MAX_NAMES:
                continue
            names.add(other)
            places = _mentions(db, other)
            importing = {place[0] for place in places if place[1].startswith(_IMPORTS)}
            taken = [place for place in places if place[0] == path or place[0] in importing]
            found.update(dict.fromkeys(taken))
            pending.extend((other, place) for place in taken)
    return tuple(sorted(found))


def _mentions(db: Database, name: str) -> tuple[tuple[str, str], ...]:
    found = db.get(keys.mentions(name))
    return found if isinstance(found, tuple) else ()


@query()
def renamings(db: Database, path: str, part: str) -> tuple[tuple[str, str], ...]:
    """(name, new name) pairs by which a module's code makes things known: `import a as b`, `b = a`, `b = wrap(a)`.

    A question of its own, because its answer hardly ever changes and every name asks it of every part.
    """
    source = get_part(db, path, part)
    if source is None or source.kind not in ("imports", "statement"):
        return ()
    found: list[tuple[str, str]] = []
    for stmt in source.body:
        match stmt:
            case ir.Import(names=aliases) | ir.ImportFrom(names=aliases):
                found.extend((alias.name, alias.asname) for alias in aliases if alias.renamed)
            case ir.Assign(targets=(ir.Name(id=target),), value=value) if value is not None:
                found.extend((name, target) for name in source.mentions if name != target and _passes(value, name))
            case _:
                continue
    return tuple(found)


def _passes(value: ir.Expr, name: str) -> bool:
    match value:
        case ir.Name(id=found) | ir.Attribute(attr=found):
            return found == name
        case ir.Call(args=args):
            return any(_passes(arg, name) for arg in args if not isinstance(arg, ir.Call))
        case _:
            return False


@query(bottom=())
def callers(db: Database, function: FunctionId) -> tuple[CallerEdge, ...]:
    """All resolved calls that make a function run, in order of path and position; tests call only tests."""
    info = function_info(db, function)
    if info is None:
        return ()
    if info.name == "<lambda>" or function.inner:
        candidates: tuple[tuple[str, str], ...] = ((function.path, function.part),)
    elif info.name in ("__init__", "__call__", "__aenter__", "__enter__") and info.owner:
        # These run where the class, not the method, is named; instances may travel, so subclasses are asked too.
        own = ClassRef(function.path, info.owner)
        names = dict.fromkeys(re.split(r"[.:]", cls.name)[-1] for cls in (own, *subclasses(Meaning(db), own)))
        places = {place for name in names for place in _meeting(db, name, function.path)}
        candidates = tuple(sorted(places))
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


@query(bottom=frozenset())
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
