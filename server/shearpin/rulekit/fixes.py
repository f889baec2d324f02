"""Plans of fixes from the remedies that facts carry."""

from __future__ import annotations

from shearpin.facts.fact import BaseFact, Remedy
from shearpin.facts.site import Site
from shearpin.rulekit.verdict import Action, FixPlan, Grade


def parens_of(fact: BaseFact) -> Site:
    """The parentheses of the call a fact is about."""
    return Site(fact.site.path, fact.site.part, fact.head.end, fact.site.end)


def remedy_of(fact: BaseFact, aim: str) -> Remedy | None:
    """The remedy for an aim, if the library has one."""
    return next((remedy for remedy in fact.remedies if remedy.aim == aim), None)


def plan(fact: BaseFact, aim: str, title: str, *, at_most: Grade = Grade.SAFE, result_name: str = "") -> FixPlan | None:
    """The fix that a fact's remedy for an aim writes; None when there is no such remedy.

    `result_name` is the name that holds the call's result; "" lets the fix name it `response`.
    """
    remedy = remedy_of(fact, aim)
    if remedy is None:
        return None
    grade = Grade(remedy.grade)
    if at_most is not Grade.SAFE and grade is Grade.SAFE:
        grade = at_most
    return FixPlan(title, grade, _actions(fact, remedy, result_name))


def narrowed(fact: BaseFact, names: tuple[str, ...], title: str) -> FixPlan | None:
    """Let a declared retry go on after these exceptions only; None when its library has no word for it."""
    remedy = remedy_of(fact, "retry-on")
    if remedy is None or not names:
        return None
    text = remedy.text.replace("{failures}", listed(names)).replace("{tuple}", listed(names, always=True))
    imports = (*remedy.imports, *dict.fromkeys(f"{name.rpartition('.')[0]}." for name in names))
    changed = Remedy(remedy.aim, remedy.form, text, imports, grade=remedy.grade)
    return FixPlan(title, Grade(remedy.grade), _actions(fact, changed, ""))


def listed(names: tuple[str, ...], *, always: bool = False) -> str:
    """Exception classes as `except` takes them: one, or several in parentheses; `always` in parentheses."""
    if len(names) == 1 and not always:
        return names[0]
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _actions(fact: BaseFact, remedy: Remedy, result_name: str) -> tuple[Action, ...]:
    match remedy.form:
        case "argument":
            if fact.head.end == fact.site.end:
                # A decorator that is not called: it gets its parentheses with the argument.
                return (Action("decorator-argument", fact.site, remedy.text, remedy.imports),)
            return (Action("argument", parens_of(fact), remedy.text, remedy.imports),)
        case "method":
            return (Action("rename-method", fact.head, remedy.text, remedy.imports),)
        case "decorator":
            return (Action("decorator-argument", fact.site, remedy.text, remedy.imports),)
        case "after":
            name = result_name or "response"
            check = Action("statement-after", fact.site, remedy.text.replace("{result}", name), remedy.imports)
            return (check,) if result_name else (Action("name-result", fact.site, name), check)
        case _:
            kind, site = ("call-through", parens_of(fact)) if remedy.aim == "to-thread" else ("replace", fact.head)
            changed = Action(kind, site, remedy.text, remedy.imports)
            return (changed, Action("await", fact.site)) if remedy.awaits else (changed,)
