"""Which bindings of a name can reach a use."""

from __future__ import annotations

from shearpin.meaning.scopes import Binding, Block, Scope
from shearpin.syntax import ir
from shearpin.text.spans import start_of

#: a position behind every statement of a part
END = 1 << 30


def reaching_bindings(scope: Scope, bindings: list[Binding], position: int) -> list[Binding]:
    """The bindings that can reach a use: from the last before it back to one that certainly ran; all when none does."""
    return reaching(scope, bindings, position)[0] or bindings


def reaching(scope: Scope, bindings: list[Binding], position: int) -> tuple[list[Binding], bool]:
    """The bindings that can reach a use, last first; and whether one of them certainly ran before it.

    In a loop those of the round before count too, unless every round binds the name before the use.
    """
    block = scope.block_at(position)
    found, certain = _back_from(scope, [b for b in bindings if b.position <= position], block)
    for depth in range(len(block), 0, -1):
        around = block[:depth]
        if certain is not None and certain.block[:depth] == around:
            break
        if around[-1][1] == "loop":
            inside = [b for b in bindings if b.block[:depth] == around]
            carried, _ = _back_from(scope, inside, around)
            found.extend(binding for binding in carried if binding not in found)
    return found, certain is not None


def _back_from(scope: Scope, bindings: list[Binding], block: Block) -> tuple[list[Binding], Binding | None]:
    """Bindings in whose branches, or behind which, a block stands, last first; the one that certainly ran ends them."""
    found: list[Binding] = []
    branches: dict[tuple[int, Block], set[str]] = {}
    for binding in sorted(bindings, key=lambda b: -b.position):
        shared = block[: len(binding.block)]
        if any(a[0] == b[0] and a[1] != b[1] for a, b in zip(binding.block, block, strict=False)):
            continue
        if any(
            binding.block[:n] in scope.exits for n in range(1, len(binding.block) + 1) if binding.block[:n] != block[:n]
        ):
            continue
        if _is_overwritten(binding, found):
            continue
        found.append(binding)
        if shared == binding.block:
            return found, binding
        start, branch = binding.block[-1]
        outer = binding.block[:-1]
        seen = branches.setdefault((start, outer), {b for b in ("then", "else") if (*outer, (start, b)) in scope.exits})
        seen.add(branch)
        if {"then", "else"} <= seen and block[: len(outer)] == outer:
            return found, binding
    return found, None


def _is_overwritten(binding: Binding, later: list[Binding]) -> bool:
    """True when one of the later bindings certainly ran behind this one; a `try` may have ended in between."""
    if any(branch == "try" for _, branch in binding.block):
        return False
    return any(other.block == binding.block[: len(other.block)] for other in later)


def tested(test: ir.Expr) -> tuple[str, str, bool] | None:
    """What a condition asks about one name: (name, "true" or "given", whether it asks that it is so)."""
    match test:
        case ir.Name(id=name):
            return name, "true", True
        case ir.Not(value=ir.Name(id=name)):
            return name, "true", False
        case ir.Compare(left=ir.Name(id=name), ops=(op,), rights=(ir.Literal(value=None, kind=""),)):
            return (name, "given", op == "is not") if op in ("is", "is not") else None
        case _:
            return None


def replaces(scope: Scope, name: str, reached: list[Binding]) -> str:
    """What `if x is None: x = ...` asks of a parameter before it replaces it; "" when it is nothing of that kind."""
    if len(reached) != 1 or len(reached[0].block) != 1 or not isinstance(scope.node, ir.FunctionDef):
        return ""
    start, branch = reached[0].block[0]
    stmt = next((stmt for stmt in scope.node.body if start_of(stmt.span) == start), None)
    found = tested(stmt.test) if isinstance(stmt, ir.If) and branch == "then" and not stmt.orelse else None
    return found[1] if found is not None and found[0] == name and not found[2] else ""
