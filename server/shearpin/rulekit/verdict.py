"""What a rule says about one site it examined."""

from __future__ import annotations

from enum import Enum

import msgspec

from shearpin.facts.site import FunctionId, Hop, Site


class Severity(Enum):
    """How bad it is.

    error: loses or duplicates data or money, or hangs for ever; warning: degrades when a dependency does;
    information: costs speed or clarity.
    """

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return {"information": 0, "warning": 1, "error": 2}[self.value]


class Confidence(Enum):
    """certain: all steps proved; likely: one step rests on a convention; possible: more than one."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Outcome(Enum):
    """ok: a protection holds; violated: proved; unknown: something needed is not known."""

    OK = "ok"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


class Grade(Enum):
    """How safe a fix is: see the semantics of fixes."""

    SAFE = "safe"
    REVIEW = "review"
    TEMPLATE = "template"


class Action(msgspec.Struct, frozen=True):
    """One step of a fix, in terms of sites; `rulekit.edits` turns it into text edits with the source port.

    kind and what `site` is:
    - "argument": add or replace the keyword argument `text` ("name=value") in the call whose parentheses are `site`;
    - "replace": replace the text of `site` by `text`;
    - "rename-method": replace the last name of the callee `site` by `text`;
    - "statement-after": insert `text` as a statement after the statement that holds `site`;
    - "statement-before": the same before it;
    - "module-statement-before": insert the assignment `text` before the top-level definition that holds `site`, unless
      the module binds its name already;
    - "name-result": give the dropped result of the call `site` the name `text` (`await f()` -> `text = await f()`);
    - "await": put `await ` before the expression `site`;
    - "call-through": let `text` call the callee of the call whose parentheses are `site`: `f(x)` -> `text(f, x)`;
    - "decorate": put `@text` on the innermost function around `site`, below its other decorators;
    - "replace-text": replace `old`, which must stand exactly once in `site`, by `text`;
    - "decorator-argument": like "argument", for a decorator that may lack parentheses (`site` is the decorator
      expression).
    `imports` are dotted names needed ("tenacity.stop_after_attempt"), or modules with a trailing dot ("asyncio.").
    In `text`, the last segment of an import stands for however the file spells it: written `{asyncio.sleep}`.
    """

    kind: str
    site: Site
    text: str = ""
    imports: tuple[str, ...] = ()
    old: str = ""


class FixPlan(msgspec.Struct, frozen=True):
    """A fix before it is text. `dependency` is a distribution that the service must declare, if any."""

    title: str
    grade: Grade
    actions: tuple[Action, ...]
    dependency: str = ""

    @property
    def moves_call(self) -> bool:
        """The call is handed to another one: a fix that changes its arguments has to come before."""
        return any(action.kind == "call-through" for action in self.actions)


class Verdict(msgspec.Struct, frozen=True):
    """One examined site.

    `site` is the range to mark (the smallest thing to change). `message` for violated: what is wrong / why it hurts /
    what to do, one line; for ok: the protection that makes it so; for unknown: what is not known. `subject` is what the
    hover shows in front ("timeout", "retry"). `witness` is the path in order. `severity` overrides the rule's.
    `cause` distinguishes causes at one site; equal (rule, site, cause) are one finding. `weight` is the number of calls
    that share the cause.
    """

    outcome: Outcome
    site: Site
    message: str
    function: FunctionId | None = None
    subject: str = ""
    witness: tuple[Hop, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    severity: Severity | None = None
    fixes: tuple[FixPlan, ...] = ()
    cause: str = ""
    services: tuple[str, ...] = ()
    deployment: str = ""
    #: where the examined call stands, when it is not `site` (a client's constructor is marked for its calls)
    examined: Site | None = None


def ok(site: Site, message: str, *, subject: str = "", function: FunctionId | None = None) -> Verdict:
    """A protection holds."""
    return Verdict(Outcome.OK, site, message, function=function, subject=subject)


def unknown(site: Site, message: str, *, subject: str = "", function: FunctionId | None = None) -> Verdict:
    """Something needed is not known."""
    return Verdict(Outcome.UNKNOWN, site, message, function=function, subject=subject)
