"""Rule names that a user typed."""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.cli.exits import RefusedError
from shearpin.rulekit.rule import Rule, discover
from shearpin.settings.reading import near_match


def rule_named(name: str) -> Rule:
    """The rule of that name; underscores and a pack in front ("retries/unbounded-retry") are understood.

    Raises:
        RefusedError: there is none; says which was probably meant.
    """
    wanted = name.rsplit("/", 1)[-1].replace("_", "-")
    known = {rule.name: rule for rule in discover()}
    found = known.get(wanted)
    if found is None:
        hint = near_match(wanted, tuple(known)) or "; list all with: shearpin rules"
        raise RefusedError(f'no rule "{name}"{hint}')
    return found


def rules_named(names: Iterable[str]) -> frozenset[str]:
    """Names of rules for a list of rules and packs.

    Raises:
        RefusedError: a name is neither; says which was probably meant.
    """
    packs: dict[str, set[str]] = {}
    for rule in discover():
        packs.setdefault(rule.pack, set()).add(rule.name)
    found: set[str] = set()
    for name in names:
        found |= packs.get(name) or {rule_named(name).name}
    return frozenset(found)
