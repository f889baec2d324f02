"""A rule as a value, and how rules are found."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, TypeVar

from shearpin.facts.derived import DerivedFact
from shearpin.facts.fact import Fact
from shearpin.rulekit.verdict import Severity, Verdict

if TYPE_CHECKING:
    from types import ModuleType

    from shearpin.rulekit.ask import Ask

FactT = TypeVar("FactT", bound=Fact | DerivedFact)
Check = Callable[[FactT, "Ask"], Iterator[Verdict]]


@dataclass(slots=True)
class Rule:
    """One rule. `name` says the problem; `practice` is the family under which the score counts it."""

    name: str
    summary: str
    severity: Severity
    practice: str
    since: str = "0.1.0"
    #: rules that speak instead of this one when both see the same cause
    yields_to: tuple[str, ...] = ()
    module: str = ""
    checks: dict[type, list[Callable[..., Iterator[Verdict]]]] = field(default_factory=dict)

    def for_each(self, *kinds: type[FactT]) -> Callable[[Check[FactT]], Check[FactT]]:
        """Subscribe a check to kinds of facts; it sees each fact once per way its values are settled."""

        def register(check: Check[FactT]) -> Check[FactT]:
            self.module = check.__module__
            for kind in kinds:
                self.checks.setdefault(kind, []).append(check)
            return check

        return register

    @property
    def pack(self) -> str:
        """Name of the folder that holds the rule."""
        return self.module.split(".")[-2] if self.module.count(".") else ""

    @property
    def page(self) -> str:
        """The rule's page in Markdown: the docstring of its module."""
        module = sys.modules.get(self.module)
        return (module.__doc__ or "") if module else ""


@cache
def discover() -> tuple[Rule, ...]:
    """All installed rules (entry point group `shearpin.rules`: a package whose modules carry `RULE`), by name."""
    found: dict[str, Rule] = {}
    for point in sorted(entry_points(group="shearpin.rules"), key=lambda item: item.name):
        for module in _modules(importlib.import_module(point.value)):
            rule = getattr(module, "RULE", None)
            if isinstance(rule, Rule):
                found[rule.name] = rule
    return tuple(found[name] for name in sorted(found))


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.name.rsplit(".", 1)[-1].startswith("_"):
            yield importlib.import_module(info.name)
