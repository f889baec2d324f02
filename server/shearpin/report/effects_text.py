"""The effects of a function as a numbered list in source order; what is called for them is indented below the call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.flow.story import Called, Step, loop_of, runs_as, story
from shearpin.flow.ways import describe
from shearpin.graph.reach import services_running
from shearpin.meaning.queries import function_info
from shearpin.query import Database
from shearpin.report.effect_words import effect_details, effect_words
from shearpin.report.places import Places
from shearpin.report.styled import BLANK, Line, faint, frame, line, strong

_MODES = {
    Mode.DIRECT: "calls",
    Mode.THREAD: "runs in a thread:",
    Mode.PROCESS: "runs in a process:",
    Mode.TASK: "runs as a task:",
    Mode.LATER: "hands over to",
}
_AROUND = {
    "for": "in a loop", "while": "in a loop", "then": "in a branch", "else": "in a branch", "case": "in a branch",
    "handler": "when something failed", "finally": "in any case (finally)", "try": "in a try",
    "try-else": "in a branch", "with": "",
}  # fmt: skip


def effects_text(db: Database, function: FunctionId, places: Places) -> Iterator[Line]:
    """Lines for one function, once for each service that runs it where the services reach different things."""
    info = function_info(db, function)
    where = "" if info is None else places.address(info.name_site)
    yield line(strong(describe(db, function)), faint(f"  {where}"))
    services = services_running(db, function.path)
    yield line(frame("  runs in    "), ", ".join(services) or "no service that is known")
    yield line(frame("  as         "), ", ".join(runs_as(db, function)) or "nothing is known to call it")
    yield line(frame("  event loop "), _loop(db, function))
    yield BLANK
    steps = story(db, function)
    if not steps:
        yield line("no effect on anything outside is known")
        return
    told: dict[str, None] = {}
    for service in services or ("",):
        listed = list(_steps(_Teller(db, places, service), steps, ""))
        key = repr(listed)
        if key in told:
            continue
        if told:
            yield BLANK
            yield line(frame(f"in {service}"))
        told[key] = None
        yield from listed


def _loop(db: Database, function: FunctionId) -> str:
    found = loop_of(db, function)
    by = "" if found.by is None else f", called by {describe(db, found.by)}"
    return {"yes": f"on the event loop{by}", "sometimes": f"sometimes on the event loop{by}", "no": "not on one"}[
        found.answer
    ]


class _Teller:
    """What all lines need."""

    def __init__(self, db: Database, places: Places, service: str) -> None:
        self.db = db
        self.places = places
        self.service = service


def _steps(teller: _Teller, steps: Sequence[Step], prefix: str) -> Iterator[Line]:
    numbers = {step.site: f"{prefix}{number}" for number, step in enumerate(steps, 1)}
    indent = "  " * prefix.count(".")
    for step in steps:
        number = numbers[step.site]
        address = faint(f"  {teller.places.address(step.site)}")
        rest = _depends(step, numbers)
        heads = [(effect_words(teller.db, told.effect, teller.service), effect_details(told)) for told in step.effects]
        heads += [(f"{_MODES[called.mode]} {describe(teller.db, called.function)}", "") for called in step.calls]
        for place, (words, details) in enumerate(heads):
            label = f"{number}." if place == 0 else " " * (len(number) + 1)
            notes = [note for note in (details, rest if place == 0 else "") if note]
            yield line(f"{indent}{label} {words}", address, faint(f"  {'; '.join(notes)}" if notes else ""))
        for called in step.calls:
            yield from _inner(teller, called, f"{number}.", indent)


def _inner(teller: _Teller, called: Called, prefix: str, indent: str) -> Iterator[Line]:
    if called.is_cut:
        yield line(faint(f"{indent}  ... as told above"))
    else:
        yield from _steps(teller, called.steps, prefix)


def _depends(step: Step, numbers: dict[Site, str]) -> str:
    notes = list(dict.fromkeys(note for kind in step.around if (note := _AROUND.get(kind, ""))))
    for word, sites in (("uses", step.uses), ("guarded by", step.guards)):
        known = [numbers[site] for site in sites if site in numbers]
        if known:
            notes.append(f"{word} {', '.join(known)}")
    return "; ".join(notes)
