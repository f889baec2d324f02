"""Rule names that a user typed."""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.cli.exits import RefusedError
from shearpin.engine.selection import SUPPRESSION_PACK, UNUSED, WITHOUT_REASON
from shearpin.rulekit.rule import Rule, discover
from shearpin.settings.reading import near_match

_ALL = "all"


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
        raise RefusedError(f'there is no rule "{name}"{hint}')
    return found


def demand_rules(names: Iterable[tuple[str, str]]) -> None:
    """Check names of rules and packs, each with the words that say where it stands.

    Raises:
        RefusedError: with one line for every name that is neither a rule, a pack nor "all".
    """
    rules = discover()
    known = (
        {rule.name for rule in rules} | {rule.pack for rule in rules} | {_ALL, WITHOUT_REASON, UNUSED, SUPPRESSION_PACK}
    )
    problems = [
        f'{where}there is no rule "{name}"{near_match(name, tuple(sorted(known)))}'
        for name, where in names
        if name not in known
    ]
    if problems:
        raise RefusedError(*problems)


def rules_of(names: Iterable[str]) -> frozenset[str]:
    """All rules that names of rules and packs stand for. The names exist (`demand_rules`)."""
    wanted = set(names)
    return frozenset(rule.name for rule in discover() if {rule.name, rule.pack, _ALL} & wanted)
