"""Coroutines that nobody awaits: calls whose result is dropped or used as data, and callbacks called plainly."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.call import Callee, FunctionInfo, ResolvedCall
from shearpin.facts.derived import CoroutineCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Extern, ExternMethod, FuncRef
from shearpin.flow.effects import calls_in
from shearpin.flow.uses import Use, uses_in
from shearpin.flow.ways import describe
from shearpin.meaning.annotations import quoted
from shearpin.meaning.calls import decorators
from shearpin.meaning.modules import models
from shearpin.meaning.queries import decorator_names, function_info
from shearpin.meaning.scopes import Scope, expressions, scope_of, scopes, site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_HARMLESS = frozenset(
    ("builtins.staticmethod", "builtins.classmethod", "abc.abstractmethod", "typing.override", "functools.wraps",
     "typing_extensions.override", "typing.final"),
)  # fmt: skip
_APART = frozenset((Mode.THREAD, Mode.PROCESS))
#: what an annotation says of a parameter that takes anything, coroutines included
_ANY = ("Awaitable", "Coroutine", "Future", "Task", "Any", "object", "Callable", "Generator", "T")
_DATA = {
    "attribute": "an attribute of it is used",
    "test": "its truth is tested, and a coroutine is always true",
    "iterated": "it is iterated over",
    "text": "it is put into a text",
    "compared": "it is compared",
    "subscript": "an entry of it is used",
    "with": "it is entered",
    "passed": "it is passed on as if it were the result",
}


def coroutine_calls(db: Database, path: str, part: str) -> tuple[CoroutineCall, ...]:
    """Calls of coroutine functions of a part, and coroutine functions that it hands over as callbacks."""
    found: list[CoroutineCall] = []
    for scope in scopes(db, path, part).values():
        made = calls_in(db, scope.function)
        wanted = {
            (call.site.start, call.site.end): (call, info)
            for call in made
            if (info := _coroutine(db, call)) is not None
        }
        if wanted:
            found.extend(_made(db, scope, wanted, {(c.site.start, c.site.end): c for c in made}))
        for call in made:
            found.extend(_callbacks(db, call))
    found.extend(_decorated(db, path, part))
    return tuple(found)


def _coroutine(db: Database, call: ResolvedCall) -> FunctionInfo | None:
    """The coroutine function that a call certainly calls."""
    options = options_of(call.callee)
    infos = [function_info(db, option.function) for option in options if isinstance(option, FuncRef)]
    if not infos or len(infos) != len(options):
        return None
    first = infos[0]
    if any(info is None or not info.is_async or info.is_generator for info in infos):
        return None
    return first


def _keeps_its_nature(db: Database, function: FunctionId) -> bool:
    """Nothing around the function could await it: no decorator that is not known."""
    known = models(db).calls
    return all(
        name in _HARMLESS or ((model := known.get(name)) is not None and model.transparent_decorator)
        for name in decorator_names(db, function)
    )


# ------------------------------------------------------------------------ calls


def _made(
    db: Database,
    scope: Scope,
    wanted: dict[tuple[int, int], tuple[ResolvedCall, FunctionInfo]],
    made: dict[tuple[int, int], ResolvedCall],
) -> Iterator[CoroutineCall]:
    uses = list(uses_in(db, scope))
    by_span = {(start_of(use.node.span), end_of(use.node.span)): use for use in uses if isinstance(use.node, ir.Call)}
    for span, (call, info) in wanted.items():
        use = by_span.get(span)
        if use is None or use.role == "awaited":
            # awaited where it is made: there was nothing to get wrong
            continue
        answer, note, where = _judged(db, use, uses, made)
        if answer in ("dropped", "data") and not _keeps_its_nature(db, info.function):
            answer, note = "unknown", "a decorator may run it"
        yield _fact(db, call, info, answer, note, where)


def _fact(
    db: Database, call: ResolvedCall, info: FunctionInfo, answer: str, note: str, where: ir.Expr | None
) -> CoroutineCall:
    own = function_info(db, call.function)
    return CoroutineCall(
        site=call.site, head=call.head, function=call.function, library="", name=describe(db, info.function),
        answer=answer, note=note, defined=info.name_site,
        use=None if where is None else site_of(call.function.path, call.function.part, where.span),
        use_note=note, can_await=own is not None and own.is_async,
    )  # fmt: skip


def _judged(
    db: Database, use: Use, uses: list[Use], made: dict[tuple[int, int], ResolvedCall]
) -> tuple[str, str, ir.Expr | None]:
    """(answer, note, place of the use) of one call."""
    if use.role.startswith("name:"):
        name = use.role.removeprefix("name:")
        later = [
            other
            for other in uses
            if isinstance(other.node, ir.Name)
            and other.node.id == name
            and start_of(other.node.span) > end_of(use.node.span)
        ]
        if not later:
            return "dropped", "its name is never used", None
        answers = [_of_role(db, other, made) for other in later]
        for answer in ("awaited", "unknown", "data"):
            for other, found in zip(later, answers, strict=True):
                if found[0] == answer:
                    return *found, other.node
    answer, note = _of_role(db, use, made)
    return answer, note, use.node


def _of_role(db: Database, use: Use, made: dict[tuple[int, int], ResolvedCall]) -> tuple[str, str]:
    match use.role:
        case "awaited":
            return "awaited", "it is awaited"
        case "dropped":
            return "dropped", "nothing awaits it"
        case "argument":
            return _given(db, use, made)
        case role if role in _DATA:
            return "data", _DATA[role]
        case "returned":
            return "awaited", "it is returned to a caller that may await it"
        case _:
            return "unknown", "it is kept, and may be awaited elsewhere"


def _given(db: Database, use: Use, made: dict[tuple[int, int], ResolvedCall]) -> tuple[str, str]:
    call = None if use.call is None else made.get((start_of(use.call.span), end_of(use.call.span)))
    if call is None:
        return "unknown", "it is passed on"
    match call.callee:
        case Extern(name=name) | ExternMethod(name=name):
            model = models(db).calls.get(name)
            if model is not None and (model.gathers or use.slot in (model.awaits_argument, model.schedules_argument)):
                return "awaited", f"{name} runs it"
            return "unknown", "a library gets it"
        case _:
            return _taken(db, use, call)


def _taken(db: Database, use: Use, call: ResolvedCall) -> tuple[str, str]:
    """A function of the workspace gets the coroutine: as what its parameter's annotation says."""
    direct = [callee for callee in call.callees if callee.mode is Mode.DIRECT]
    if not direct or len(direct) != len(call.callees):
        return "unknown", "it is passed on"
    wants_data = all(_wants_data(db, callee, use) for callee in direct)
    return ("data", _DATA["passed"]) if wants_data else ("unknown", "it is passed on")


def _wants_data(db: Database, callee: Callee, use: Use) -> bool:
    scope = scope_of(db, callee.function)
    info = function_info(db, callee.function)
    if scope is None or info is None or not isinstance(scope.node, ir.FunctionDef):
        return False
    params = [param for param in scope.node.params if param.kind in ("positional", "normal")]
    if isinstance(use.slot, str):
        found = next((param for param in scope.node.params if param.name == use.slot), None)
    else:
        is_bound = bool(info.owner) and "builtins.staticmethod" not in decorator_names(db, callee.function)
        index = use.slot + is_bound
        found = params[index] if 0 <= index < len(params) else None
    if found is None or found.annotation is None:
        return False
    words = _annotation_words(found.annotation)
    return bool(words) and words.isdisjoint(_ANY)


def _annotation_words(annotation: ir.Expr) -> set[str]:
    found: set[str] = set()
    pending = [annotation]
    while pending:
        node = pending.pop()
        if isinstance(node, ir.Literal) and isinstance(node.value, str):
            inner = quoted(node.value, node.span)
            if inner is not None:
                pending.append(inner)
            continue
        if isinstance(node, ir.Name):
            found.add(node.id)
        elif isinstance(node, ir.Attribute):
            found.add(node.attr)
        pending.extend(expressions(node))
    return found


# -------------------------------------------------------------------- callbacks


def _callbacks(db: Database, call: ResolvedCall) -> Iterator[CoroutineCall]:
    """Coroutine functions that a library calls like plain ones."""
    model = models(db).calls.get(call.name)
    if model is None:
        return
    for callback in model.callbacks:
        if not callback.never_awaits and callback.mode not in _APART:
            continue
        argument = call.argument(callback.keyword, callback.position)
        for option in options_of(argument.value) if argument is not None else ():
            info = function_info(db, option.function) if isinstance(option, FuncRef) else None
            if info is None or argument is None:
                continue
            is_lost = info.is_async and not info.is_generator and _keeps_its_nature(db, info.function)
            yield _handed(db, call, argument.site, info, is_lost=is_lost)


def _handed(db: Database, call: ResolvedCall, site: Site, info: FunctionInfo, *, is_lost: bool) -> CoroutineCall:
    how = "in a thread or process of its own" if not call.name else "as a plain function"
    return CoroutineCall(
        site=site, head=site, function=call.function, library=call.name.partition(".")[0],
        name=describe(db, info.function), answer="callback" if is_lost else "awaited",
        note=f"{call.name.rpartition('.')[2]} calls it {how}" if is_lost else "a plain function is called",
        defined=info.name_site,
    )  # fmt: skip


def _decorated(db: Database, path: str, part: str) -> Iterator[CoroutineCall]:
    known = models(db).calls
    for use in decorators(db, path, part):
        model = known.get(use.call.name)
        info = use.target
        if model is None or not model.never_awaits or info is None or not info.is_async:
            continue
        yield CoroutineCall(
            site=use.call.site, head=use.call.head, function=info.function,
            library=use.call.name.partition(".")[0], name=describe(db, info.function), answer="callback",
            note="its workers call it as a plain function", defined=info.name_site,
        )  # fmt: skip
