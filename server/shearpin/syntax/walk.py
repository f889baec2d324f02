"""Walk over the intermediate representation, whatever its nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.syntax import ir


def children(node: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """Yield the nodes that stand directly in a node, in the order of its fields."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, msgspec.Struct):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, msgspec.Struct):
                    yield item


def walk(node: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """Yield a node and everything below it, parents first, in order."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


def bound_names(body: Iterable[ir.Stmt]) -> set[str]:
    """Return the names that statements bind in the scope they stand in, nested blocks included."""
    names: set[str] = set()
    waiting: list[msgspec.Struct] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ir.FunctionDef | ir.ClassDef):
            names.add(node.name)
            # Decorators, defaults and bases belong to the scope outside; a walrus there is not worth the search.
            continue
        if isinstance(node, ir.Lambda):
            continue
        names.update(_bound_by(node))
        waiting.extend(children(node))
    names.discard("")
    return names


def target_names(target: ir.Expr | None) -> Iterator[str]:
    """Yield the names that an assignment to this target binds."""
    waiting = [target]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ir.Name):
            yield node.id
        elif isinstance(node, ir.Sequence):
            waiting.extend(node.items)
        elif isinstance(node, ir.Starred):
            waiting.append(node.value)


def _bound_by(node: msgspec.Struct) -> Iterable[str]:
    match node:
        case ir.Assign(targets=targets):
            return [name for target in targets for name in target_names(target)]
        case ir.AugAssign(target=target) | ir.For(target=target) | ir.WithItem(target=target):
            return target_names(target)
        case ir.Import(names=aliases):
            return [alias.asname if alias.renamed else alias.name.partition(".")[0] for alias in aliases]
        case ir.ImportFrom(names=aliases):
            return [alias.asname for alias in aliases if alias.name != "*"]
        case ir.Handler(name=name) | ir.Walrus(name=name):
            return [name]
        case ir.Case(names=names):
            return names
        case _:
            return ()
