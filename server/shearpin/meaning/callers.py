"""Who makes a function run: the reverse of `calls`, through the index of mentioned names."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.call import Callee, ResolvedCall
from shearpin.facts.site import FunctionId
from shearpin.facts.value import ClassRef
from shearpin.meaning.calls import calls, decorators
from shearpin.meaning.queries import Meaning, function_info
from shearpin.meaning.renaming import renamings
from shearpin.meaning.scopes import get_part
from shearpin.meaning.subclasses import subclasses
from shearpin.query import Database, keys, query
from shearpin.query.kernel import Key
from shearpin.services.classify import PathClass, path_class
from shearpin.services.layout import service_of_folder

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
    places = frozenset(_mentions(db, name))
    found = set(places)
    names = {name}
    pending = [(name, places)]
    while pending:
        current, places = pending.pop()
        for path, part_id in _places(db, keys.renamed(current)):
            part = get_part(db, path, part_id) if (path, part_id) in places else None
            for old, other in () if part is None else renamings(part):
                if old != current or other in names or len(names) >= _MAX_NAMES:
                    continue
                names.add(other)
                others = _mentions(db, other)
                importing = {place[0] for place in others if place[1].startswith(_IMPORTS)}
                taken = frozenset(place for place in others if place[0] == path or place[0] in importing)
                found |= taken
                pending.append((other, taken))
    return tuple(sorted(found))


def _mentions(db: Database, name: str) -> tuple[tuple[str, str], ...]:
    return _places(db, keys.mentions(name))


def _places(db: Database, key: Key) -> tuple[tuple[str, str], ...]:
    found = db.get(key)
    return found if isinstance(found, tuple) else ()


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


@query()
def mentions_of_service(db: Database, name: str, service: str) -> tuple[tuple[str, str], ...]:
    """Parts of one service that mention a name: a small answer, so that other services may change freely."""
    return mentions_by_service(db, name).get(service, ())


def _meeting(db: Database, name: str, path: str) -> tuple[tuple[str, str], ...]:
    """Parts that mention a name and may meet the code of a file in one process: of its services, or of none."""
    owners = service_of_folder(db, path)
    if path_class(db, path) in _ASIDE or not owners:
        hidden = () if path_class(db, path) in _ASIDE else (_TESTS,)
        groups = [parts for service, parts in mentions_by_service(db, name).items() if service not in hidden]
    else:
        groups = [parts for service in (*owners, "") if (parts := mentions_of_service(db, name, service))]
    if len(groups) == 1:
        return groups[0]
    return tuple(sorted({place for group in groups for place in group}))
