"""In which contexts a function runs, and whether on the event loop."""

from __future__ import annotations

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.fact import Route, Subscribe, TaskDefinition
from shearpin.facts.model import ClassModel, Mode
from shearpin.facts.site import FunctionId
from shearpin.facts.value import ClassRef
from shearpin.meaning.callers import callers
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.modules import models
from shearpin.meaning.queries import Meaning, decorator_names, function_info
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, query
from shearpin.syntax import ir

_SYNCHRONOUS = frozenset((Mode.DIRECT, Mode.THREAD, Mode.TASK, Mode.PROCESS))


@query(bottom=frozenset())
def own_contexts(db: Database, function: FunctionId) -> frozenset[str]:
    """Contexts that registrations give a function: as a handler, consumer, task, hook."""
    found: set[str] = set()
    known = models(db).calls
    for name in decorator_names(db, function):
        model = known.get(name)
        if model is not None and model.decorated_context:
            found.add(model.decorated_context)
    for fact in facts_of(db, function.path, function.part):
        match fact:
            case Route(handler=handler) if handler == function:
                found.add("request")
            case Subscribe(handler=handler) if handler == function or (handler is None and fact.function == function):
                found.add("consumer")
            case TaskDefinition(handler=handler) if handler == function:
                found.add("task")
            case _:
                continue
    info = function_info(db, function)
    if info is None:
        found.add(_body_context(db, function))
    elif info.owner and handler_model(db, ClassRef(function.path, info.owner), info.name) is not None:
        found.add("request")
    return frozenset(found)


def handler_model(db: Database, cls: ClassRef, name: str) -> ClassModel | None:
    """The library class that says that a framework calls this method of the class for each request."""
    known = models(db)
    if name.startswith("_"):
        return None
    classes = (known.class_model(base) for base in library_bases(Meaning(db), cls))
    return next((model for model in classes if model is not None and name in model.handlers), None)


@query(bottom=frozenset())
def contexts(db: Database, function: FunctionId) -> frozenset[str]:
    """All contexts in which a function runs, along synchronous call edges; empty when nothing is known to call it."""
    found = set(own_contexts(db, function))
    for edge in callers(db, function):
        if edge.callee.context:
            found.add(edge.callee.context)
        elif edge.callee.mode in _SYNCHRONOUS:
            found |= contexts(db, edge.call.function)
    return frozenset(found)


def _body_context(db: Database, function: FunctionId) -> str:
    part = get_part(db, function.path, function.part)
    if part is not None and part.body and isinstance(part.body[0], ir.If):
        test = part.body[0].test
        if isinstance(test, ir.Compare) and isinstance(test.left, ir.Name) and test.left.id == "__name__":
            return "cli"
    return "import"


def is_coroutine(db: Database, function: FunctionId) -> bool:
    """True for `async def`."""
    info = function_info(db, function)
    return info is not None and info.is_async
