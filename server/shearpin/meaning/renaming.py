"""Under which other names a module's code makes things known: `import a as b`, `b = a`, `b = wrap(a)`. Pure."""

from __future__ import annotations

from shearpin.syntax import ir


def renamings(part: ir.Part) -> tuple[tuple[str, str], ...]:
    """(name, new name) pairs of one part."""
    if part.kind not in ("imports", "statement"):
        return ()
    found: list[tuple[str, str]] = []
    for stmt in part.body:
        match stmt:
            case ir.Import(names=aliases) | ir.ImportFrom(names=aliases):
                found.extend((alias.name, alias.asname) for alias in aliases if alias.renamed)
            case ir.Assign(targets=(ir.Name(id=target),), value=value) if value is not None:
                found.extend((name, target) for name in part.mentions if name != target and _passes(value, name))
            case _:
                continue
    return tuple(found)


def renamed_names(part: ir.Part) -> tuple[str, ...]:
    """The names that a part makes known under others."""
    return tuple(dict.fromkeys(name for name, _ in renamings(part)))


def _passes(value: ir.Expr, name: str) -> bool:
    match value:
        case ir.Name(id=found) | ir.Attribute(attr=found):
            return found == name
        case ir.Call(args=args):
            return any(_passes(arg, name) for arg in args if not isinstance(arg, ir.Call))
        case _:
            return False
