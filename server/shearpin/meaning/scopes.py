"""The scopes of one part: which names each function binds, where, and under which branches.

Derived from the part alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from shearpin.facts.site import FunctionId, Site
from shearpin.query import Database, keys, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

#: `FunctionId.inner` of what runs where a function or method is defined: the calls in its defaults
HEAD = "<head>"
#: the branches that lead to a statement: (start of the compound statement, name of the branch)
Block = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """One way a name gets a value.

    kind: "assign", "augment", "for", "with", "except", "import", "def", "class", "unknown".

    `source` is the expression the value comes from; `route` the way into it for unpacking (item positions).
    """

    kind: str
    position: int
    block: Block
    source: ir.Expr | None = None
    route: tuple[int, ...] = ()
    node: ir.Stmt | None = None
    alias: ir.Alias | None = None
    annotation: ir.Expr | None = None


@dataclass(slots=True)
class Scope:
    """A function, lambda, or the body of a part or class (node None).

    `owner` is the class (`ClassRef.name`) whose method or body this is.
    """

    function: FunctionId
    node: ir.FunctionDef | ir.Lambda | None
    parent: Scope | None
    owner: str = ""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer_names: frozenset[str] = frozenset()
    #: branches by position: (start, end, block)
    branches: list[tuple[int, int, Block]] = field(default_factory=list)
    #: branches behind which the function does not go on
    exits: set[Block] = field(default_factory=set)

    def block_at(self, position: int) -> Block:
        """The branches in which an offset stands."""
        found: Block = ()
        for start, end, block in self.branches:
            if start <= position <= end and len(block) > len(found):
                found = block
        return found

    @property
    def is_of_module(self) -> bool:
        """True for code that runs while its module is loaded: no function is around it."""
        return self.node is None and (self.parent is None or self.parent.is_of_module)

    @property
    def params(self) -> tuple[ir.Parameter, ...]:
        """Parameters of the function, () for a body."""
        return () if self.node is None else self.node.params


def site_of(path: str, part: str, span: int) -> Site:
    """A packed span of a part as a site."""
    return Site(path, part, start_of(span), end_of(span))


def get_part(db: Database, path: str, part: str) -> ir.Part | None:
    """One part of a file."""
    found = db.get(keys.part(path, part))
    return found if isinstance(found, ir.Part) else None


def part_ids(db: Database, path: str) -> tuple[str, ...]:
    """Ids of the parts of a file in order."""
    found = db.get(keys.part_ids(path))
    return found if isinstance(found, tuple) else ()


@query()
def scopes(db: Database, path: str, part: str) -> dict[str, Scope]:
    """All scopes of a part by `FunctionId.inner`."""
    found: dict[str, Scope] = {}
    source = get_part(db, path, part)
    if source is None:
        return found
    builder = _Builder(path, part, found)
    if source.kind in ("function", "method") and isinstance(source.body[0], ir.FunctionDef):
        builder.function(source.body[0], None, "", source.owner)
    elif source.kind == "class" and isinstance(source.body[0], ir.ClassDef):
        builder.body(source.body[0].body, source.body[0].name)
    else:
        builder.body(source.body, "")
    return found


def scope_of(db: Database, function: FunctionId) -> Scope | None:
    """The scope of a function."""
    return scopes(db, function.path, function.part).get(function.inner)


def enclosing_scope(db: Database, function: FunctionId) -> Scope:
    """The scope in which a function's decorators and defaults are evaluated."""
    scope = scope_of(db, function)
    around = None if scope is None else scope.parent
    return around or Scope(FunctionId(function.path, function.part, ""), None, None)


def leaves(body: Iterable[ir.Stmt]) -> bool:
    """True when control certainly does not go on behind the statements."""
    for stmt in body:
        match stmt:
            case ir.Return() | ir.Raise():
                return True
            case ir.Flow(kind=kind) if kind in ("break", "continue"):
                return True
            case ir.If(body=then, orelse=orelse) if orelse and leaves(then) and leaves(orelse):
                return True
            case ir.With(body=inner) if leaves(inner):
                return True
            case ir.While(test=ir.Literal(value=True), body=inner) if not _breaks(inner):
                return True
            case _:
                continue
    return False


def _exits(body: Iterable[ir.Stmt], is_final: tuple[bool, bool]) -> bool:
    """True when the function certainly ends in the statements; `is_final`: a raise, and a return, ends it here."""
    for stmt in body:
        match stmt:
            case ir.Raise():
                return is_final[0]
            case ir.Return():
                return is_final[1]
            case ir.If(body=then, orelse=orelse) if orelse and _exits(then, is_final) and _exits(orelse, is_final):
                return True
            case ir.Flow(kind=kind) if kind in ("break", "continue"):
                return False
            case _:
                continue
    return False


def _breaks(body: Iterable[ir.Stmt]) -> bool:
    for stmt in body:
        match stmt:
            case ir.Flow(kind="break"):
                return True
            case ir.For() | ir.While() | ir.FunctionDef() | ir.ClassDef():
                continue
            case _:
                if any(_breaks(block) for block in blocks(stmt)):
                    return True
    return False


def blocks(stmt: ir.Stmt) -> Iterator[tuple[ir.Stmt, ...]]:
    """The statement lists directly inside a compound statement."""
    match stmt:
        case ir.If(body=body, orelse=orelse) | ir.For(body=body, orelse=orelse) | ir.While(body=body, orelse=orelse):
            yield body
            yield orelse
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield body
            for handler in handlers:
                yield handler.body
            yield orelse
            yield final
        case ir.With(body=body) | ir.Broken(body=body):
            yield body
        case ir.Match(cases=cases):
            for case in cases:
                yield case.body
        case _:
            return


class _Builder:
    def __init__(self, path: str, part: str, found: dict[str, Scope]) -> None:
        self.path = path
        self.part = part
        self.found = found
        #: whether a raise, and a return, ends the function here: not where a handler, or `finally`, may go on
        self.is_final = (True, True)

    def body(self, body: tuple[ir.Stmt, ...], owner: str) -> None:
        scope = self._open("", None, None, owner)
        self._statements(body, (), scope, owner)

    def function(self, node: ir.FunctionDef, parent: Scope | None, inner: str, owner: str) -> None:
        scope = self._open(inner, node, parent, owner)
        scope.outer_names = frozenset(node.outer_names)
        if parent is None:
            head = Scope(FunctionId(self.path, self.part, HEAD), None, None)
            defaults = [param.default for param in node.params if param.default is not None]
            self._expressions((*node.decorators, *defaults), (), head)
            if any(isinstance(part, ir.Call) for default in defaults for part in walk(default)):
                self.found[HEAD] = head
        around, self.is_final = self.is_final, (True, True)
        self._statements(node.body, (), scope, "")
        self.is_final = around

    def _open(self, inner: str, node: ir.FunctionDef | ir.Lambda | None, parent: Scope | None, owner: str) -> Scope:
        key = inner
        while key in self.found:
            key += "'"
        scope = Scope(FunctionId(self.path, self.part, key), node, parent, owner)
        self.found[key] = scope
        return scope

    def _statements(self, body: tuple[ir.Stmt, ...], block: Block, scope: Scope, owner: str) -> None:
        if block and body:
            scope.branches.append((start_of(body[0].span), end_of(body[-1].span), block))
            if _exits(body, self.is_final):
                scope.exits.add(block)
        for stmt in body:
            self._statement(stmt, block, scope, owner)

    def _statement(self, stmt: ir.Stmt, block: Block, scope: Scope, owner: str) -> None:
        match stmt:
            case ir.Assign(targets=targets, value=value, annotation=annotation, span=span):
                self._expressions((value, annotation), block, scope)
                for target in targets:
                    if value is not None or annotation is not None:
                        self._bind(target, "assign", end_of(span), block, scope, value, annotation=annotation)
            case ir.AugAssign(target=ir.Name(id=name) as target, op=op, value=value, span=span):
                self._expressions((value,), block, scope)
                made = ir.Binary(target, op, value, span)
                scope.bindings.setdefault(name, []).append(Binding("augment", end_of(span), block, made))
            case ir.FunctionDef(name=name, span=span, decorators=decorators, params=params):
                scope.bindings.setdefault(name, []).append(Binding("def", end_of(span), block, node=stmt))
                self._expressions((*decorators, *(p.default for p in params)), block, scope)
                self.function(stmt, scope, _inner(scope, name), owner)
                for outer in stmt.outer_names if scope.node is not None else ():
                    # `nonlocal`: the name may hold anything from here on, if it is one of this function.
                    if outer in scope.bindings or any(param.name == outer for param in scope.params):
                        scope.bindings.setdefault(outer, []).append(Binding("unknown", end_of(span), block))
            case ir.ClassDef(name=name, span=span, body=inner):
                scope.bindings.setdefault(name, []).append(Binding("class", end_of(span), block, node=stmt))
                cls = f"{self.part}::{_inner(scope, name)}"
                nested = self._open(_inner(scope, name), None, scope, cls)
                self._statements(inner, (), nested, cls)
            case ir.Import(names=names, span=span) | ir.ImportFrom(names=names, span=span):
                for alias in names:
                    bound = (
                        alias.asname if alias.renamed or isinstance(stmt, ir.ImportFrom) else alias.name.split(".")[0]
                    )
                    entry = Binding("import", end_of(span), block, node=stmt, alias=alias)
                    scope.bindings.setdefault(bound, []).append(entry)
            case _:
                self._compound(stmt, block, scope, owner)

    def _compound(self, stmt: ir.Stmt, block: Block, scope: Scope, owner: str) -> None:
        match stmt:
            case ir.If(test=test, body=body, orelse=orelse, span=span):
                self._expressions((test,), block, scope)
                self._statements(body, (*block, (start_of(span), "then")), scope, owner)
                self._statements(orelse, (*block, (start_of(span), "else")), scope, owner)
            case ir.For(target=target, iter=source, body=body, orelse=orelse, span=span):
                self._expressions((source,), block, scope)
                inner = (*block, (start_of(span), "loop"))
                self._bind(target, "for", end_of(stmt.head), inner, scope, source)
                self._statements(body, inner, scope, owner)
                self._statements(orelse, block, scope, owner)
            case ir.While(test=test, body=body, orelse=orelse, span=span):
                self._expressions((test,), block, scope)
                self._statements(body, (*block, (start_of(span), "loop")), scope, owner)
                self._statements(orelse, block, scope, owner)
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final, span=span):
                certain = all(leaves(handler.body) for handler in handlers)
                around = self.is_final
                self.is_final = (around[0] and not handlers and not final, around[1] and not final)
                self._statements(body, block if certain else (*block, (start_of(span), "try")), scope, owner)
                self.is_final = (around[0] and not final, around[1] and not final)
                for number, handler in enumerate(handlers):
                    inner = (*block, (start_of(span), f"except{number}"))
                    if handler.name:
                        entry = Binding("except", start_of(handler.span), inner, handler.caught)
                        scope.bindings.setdefault(handler.name, []).append(entry)
                    self._statements(handler.body, inner, scope, owner)
                self._statements(orelse, block if certain else (*block, (start_of(span), "try")), scope, owner)
                self.is_final = around
                self._statements(final, block, scope, owner)
            case ir.With(items=items, body=body):
                for item in items:
                    self._expressions((item.context,), block, scope)
                    if item.target is not None:
                        self._bind(item.target, "with", end_of(item.span), block, scope, item.context)
                self._statements(body, block, scope, owner)
            case ir.Match(subject=subject, cases=cases, span=span):
                self._expressions((subject,), block, scope)
                for number, case in enumerate(cases):
                    inner = (*block, (start_of(span), f"case{number}"))
                    for name in case.names:
                        scope.bindings.setdefault(name, []).append(Binding("unknown", start_of(case.span), inner))
                    self._statements(case.body, inner, scope, owner)
            case ir.Broken(body=body):
                self._statements(body, block, scope, owner)
            case ir.ExprStmt(value=value) | ir.Return(value=value):
                self._expressions((value,), block, scope)
            case _:
                return

    def _bind(  # noqa: PLR0913, PLR0917 - one parameter for each thing a binding says
        self, target: ir.Expr, kind: str, position: int, block: Block, scope: Scope, source: ir.Expr | None,
        route: tuple[int, ...] = (), annotation: ir.Expr | None = None,
    ) -> None:  # fmt: skip
        match target:
            case ir.Name(id=name):
                entry = Binding(kind, position, block, source, route, annotation=annotation)
                scope.bindings.setdefault(name, []).append(entry)
            case ir.Sequence(items=items):
                for index, item in enumerate(items):
                    self._bind(item, kind, position, block, scope, source, (*route, index))
            case ir.Starred(value=ir.Name(id=name)):
                scope.bindings.setdefault(name, []).append(Binding("unknown", position, block))
            case _:
                return

    def _expressions(self, exprs: Iterable[ir.Expr | None], block: Block, scope: Scope) -> None:
        for expr in exprs:
            if expr is None:
                continue
            for node in walk(expr):
                if isinstance(node, ir.Lambda):
                    self._open(lambda_name(node), node, scope, "")
                elif isinstance(node, ir.Walrus):
                    entry = Binding("assign", end_of(node.span), block, node.value)
                    scope.bindings.setdefault(node.name, []).append(entry)


def lambda_name(node: ir.Lambda) -> str:
    """`FunctionId.inner` of a lambda."""
    return f"<lambda@{start_of(node.span)}>"


def _inner(scope: Scope, name: str) -> str:
    return f"{scope.function.inner}.{name}" if scope.function.inner else name


def expressions(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    """The direct sub-expressions of an expression; bodies of lambdas are included."""
    parts = _PARTS.get(type(expr))
    return () if parts is None else parts(expr)


def _call_parts(expr: ir.Call) -> tuple[ir.Expr, ...]:
    return (expr.func, *expr.args, *(keyword.value for keyword in expr.keywords))


def _mapping_parts(expr: ir.Mapping) -> tuple[ir.Expr, ...]:
    return tuple(part for entry in expr.entries for part in (entry.key, entry.value) if part is not None)


def _comprehension_parts(expr: ir.Comprehension) -> tuple[ir.Expr, ...]:
    loops = tuple(part for generator in expr.generators for part in (generator.iter, *generator.ifs))
    return (*loops, expr.element) if expr.key is None else (*loops, expr.key, expr.element)


def _value_part(expr: ir.Attribute | ir.Await | ir.Not | ir.Starred | ir.Walrus) -> tuple[ir.Expr, ...]:
    return (expr.value,)


def _subscript_parts(expr: ir.Subscript) -> tuple[ir.Expr, ...]:
    return expr.value, expr.index


def _binary_parts(expr: ir.Binary) -> tuple[ir.Expr, ...]:
    return expr.left, expr.right


def _compare_parts(expr: ir.Compare) -> tuple[ir.Expr, ...]:
    return (expr.left, *expr.rights)


def _conditional_parts(expr: ir.Conditional) -> tuple[ir.Expr, ...]:
    return expr.test, expr.body, expr.orelse


def _lambda_part(expr: ir.Lambda) -> tuple[ir.Expr, ...]:
    return (expr.body,)


def _yield_parts(expr: ir.Yield) -> tuple[ir.Expr, ...]:
    return () if expr.value is None else (expr.value,)


# A table by type, because this runs for every expression of the workspace and pattern matching is several times slower.
_PARTS: dict[type, Callable[..., tuple[ir.Expr, ...]]] = {
    ir.Attribute: _value_part,
    ir.Await: _value_part,
    ir.Not: _value_part,
    ir.Starred: _value_part,
    ir.Walrus: _value_part,
    ir.Call: _call_parts,
    ir.Subscript: _subscript_parts,
    ir.Joined: attrgetter("parts"),
    ir.Binary: _binary_parts,
    ir.Boolean: attrgetter("values"),
    ir.Compare: _compare_parts,
    ir.Conditional: _conditional_parts,
    ir.Mapping: _mapping_parts,
    ir.Sequence: attrgetter("items"),
    ir.Lambda: _lambda_part,
    ir.Comprehension: _comprehension_parts,
    ir.Yield: _yield_parts,
    ir.Opaque: attrgetter("children"),
}


def walk(expr: ir.Expr) -> Iterator[ir.Expr]:
    """The expression and everything inside it, outermost first."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(expressions(current)))
