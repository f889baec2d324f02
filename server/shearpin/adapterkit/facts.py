"""Facts of a part: every resolved call and decorator offered to the adapter that subscribes to its name."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.adapter import AdapterSet
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import BaseEffect, Fact, Remedy
from shearpin.facts.model import Mode
from shearpin.facts.value import Extern, ExternMethod
from shearpin.meaning.calls import calls, decorators
from shearpin.meaning.modules import models
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, keys, query
from shearpin.syntax import ir

_HANDING = frozenset((Mode.THREAD, Mode.PROCESS, Mode.DIRECT))


def adapters(db: Database) -> AdapterSet:
    """The adapters in force."""
    found = db.constant(keys.adapters())
    if not isinstance(found, AdapterSet):
        message = "no adapters were handed in"
        raise TypeError(message)
    return found


def may_have_facts(db: Database, path: str, part: str) -> bool:
    """False when a part mentions no name that an adapter subscribes to, also not under another name."""
    source = get_part(db, path, part)
    if source is None:
        return False
    names = adapters(db).names
    if not names.isdisjoint(source.mentions):
        return True
    if uses_generated(db, path):
        return True
    return any(not names.isdisjoint(source.mentions) for names in (other_names(db, path), held_names(db)) if names)


@query()
def uses_generated(db: Database, path: str) -> bool:
    """True for a file that imports a generated module of a family: any name may be one of its calls."""
    known = models(db)
    if not known.families:
        return False
    return any(known.is_generated(name) for statement in _imports(db, path) for name in _imported(statement))


@query()
def held_names(db: Database) -> frozenset[str]:
    """Names under which code of the workspace holds objects that it calls: `orders_rpc = RpcProxy("orders")`."""
    found: set[str] = set()
    for name in sorted(adapters(db).holders):
        places = db.get(keys.mentions(name))
        for path, part_id in places if isinstance(places, tuple) else ():
            found |= part_holds(db, path, part_id)
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        found |= generated_holds(db, path) | plain_aliases(db, path)
    return frozenset(found)


@query()
def plain_aliases(db: Database, path: str) -> frozenset[str]:
    """Names that a file gives at module level to what is subscribed to: `http = Entrypoint.decorator`."""
    names = adapters(db).names
    found: set[str] = set()
    ids = db.get(keys.part_ids(path))
    for part_id in ids if isinstance(ids, tuple) else ():
        source = get_part(db, path, part_id)
        if source is None or source.kind != "statement":
            continue
        for stmt in source.body:
            value = stmt.value if isinstance(stmt, ir.Assign) else None
            is_subscribed = isinstance(value, ir.Attribute) and value.attr in names
            if is_subscribed or (isinstance(value, ir.Name) and value.id in names):
                found.update(source.binds)
    return frozenset(found)


@query()
def generated_holds(db: Database, path: str) -> frozenset[str]:
    """The same for objects of generated classes in one file."""
    if not uses_generated(db, path):
        return frozenset()
    suffixes = tuple(family.suffix for family in models(db).families)
    found: set[str] = set()
    ids = db.get(keys.part_ids(path))
    for part_id in ids if isinstance(ids, tuple) else ():
        source = get_part(db, path, part_id)
        if source is not None and any(name.endswith(suffixes) for name in source.mentions):
            found |= part_holds(db, path, part_id)
    return frozenset(found)


@query()
def part_holds(db: Database, path: str, part_id: str) -> frozenset[str]:
    """Names that a part binds for others: at module or class level, as attributes, or its own."""
    source = get_part(db, path, part_id)
    if source is None or source.kind == "imports":
        return frozenset()
    found = {*source.binds, *source.attribute_writes}
    for stmt in source.body:
        if isinstance(stmt, ir.FunctionDef):
            found.add(stmt.name)
        elif isinstance(stmt, ir.ClassDef):
            assigned = (target for inner in stmt.body if isinstance(inner, ir.Assign) for target in inner.targets)
            found.update(target.id for target in assigned if isinstance(target, ir.Name))
    return frozenset(found)


def _imports(db: Database, path: str) -> Iterator[ir.Import | ir.ImportFrom]:
    ids = db.get(keys.part_ids(path))
    for part_id in ids if isinstance(ids, tuple) else ():
        source = get_part(db, path, part_id)
        if source is not None and source.kind == "imports":
            yield from (stmt for stmt in source.body if isinstance(stmt, (ir.Import, ir.ImportFrom)))


def _imported(statement: ir.Import | ir.ImportFrom) -> Iterator[str]:
    if isinstance(statement, ir.ImportFrom):
        yield statement.module
    yield from (alias.name for alias in statement.names)


@query()
def other_names(db: Database, path: str) -> frozenset[str]:
    """Names that imports and plain assignments of a file give to subscribed names: `from requests import post as p`."""
    names = adapters(db).names
    found: set[str] = set()
    ids = db.get(keys.part_ids(path))
    for part_id in ids if isinstance(ids, tuple) else ():
        source = get_part(db, path, part_id)
        if source is None or source.kind not in ("imports", "statement"):
            continue
        for stmt in source.body:
            match stmt:
                case ir.Import(names=aliases) | ir.ImportFrom(names=aliases):
                    found.update(a.asname for a in aliases if a.renamed and a.name.rpartition(".")[2] in names)
                case ir.Assign() if not names.isdisjoint(source.mentions):
                    found.update(source.binds)
                case _:
                    continue
    return frozenset(found)


def facts_of_call(db: Database, call: ResolvedCall) -> Iterator[Fact]:
    """Facts of one call, also of one that was substituted into a caller."""
    handler = adapters(db).handler(call.name) if call.name else None
    if handler is None:
        return
    for fact in handler(call):
        if call.is_handed_over and isinstance(fact, BaseEffect):
            yield msgspec.structs.replace(fact, is_blocking=False, remedies=tuple(filter(_fits_outside, fact.remedies)))
        else:
            yield fact


def handed_over(db: Database, call: ResolvedCall) -> Iterator[ResolvedCall]:
    """A library function that this call makes: `to_thread(requests.get, url)`, `breaker.call(requests.get, url)`."""
    known = adapters(db)
    model = known.models.calls.get(call.name)
    for callback in () if model is None else model.callbacks:
        if callback.passes_from < 0 or callback.of_receiver or callback.mode not in _HANDING:
            continue
        target = call.value(callback.keyword, callback.position)
        if isinstance(target, (Extern, ExternMethod)) and known.handler(target.name) is not None:
            positional = [arg for arg in call.args if not arg.name][callback.passes_from :]
            named = [arg for arg in call.args if arg.name and arg.name != callback.keyword]
            yield msgspec.structs.replace(
                call,
                callee=target,
                args=(*positional, *named),
                callees=(),
                is_handed_over=callback.mode is not Mode.DIRECT,
            )


def _fits_outside(remedy: Remedy) -> bool:
    """What changes the callee, or what a call without keywords would pass on, cannot be written at the outer call."""
    return remedy.form == "after"


def facts_of_decorator(db: Database, use: ResolvedDecorator) -> Iterator[Fact]:
    """Facts of one decorator."""
    handler = adapters(db).decorator_handlers.get(use.call.name)
    if handler is not None:
        yield from handler(use)


@query(bottom=())
def facts_of(db: Database, path: str, part: str) -> tuple[Fact, ...]:
    """All facts of one part, in order of position, symbolic in the parameters of their functions."""
    found: list[Fact] = []
    if not may_have_facts(db, path, part):
        return ()
    for use in decorators(db, path, part):
        found.extend(facts_of_decorator(db, use))
    for call in calls(db, path, part):
        for one in (call, *handed_over(db, call)):
            found.extend(facts_of_call(db, one))
    return tuple(sorted(found, key=lambda fact: (fact.site.start, fact.site.end)))
