"""Rules as pages, tables and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, frame, line, strong
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Severity

TONES = {
    Severity.ERROR: Tone.ERROR,
    Severity.WARNING: Tone.WARNING,
    Severity.INFORMATION: Tone.INFORMATION,
}


class RuleJson(msgspec.Struct, frozen=True):
    """A rule as `shearpin rules --format json` lists it."""

    name: str
    pack: str
    severity: str
    practice: str
    summary: str
    since: str


def rule_page(rule: Rule) -> Iterator[Line]:
    """The page, headings and code set off, with name and severity on top."""
    yield line(strong(rule.name), "  ", Piece(rule.severity.value, TONES[rule.severity]), faint(f"  {rule.pack}"))
    yield BLANK
    is_code = False
    for text in rule.page.strip().splitlines():
        if text.lstrip().startswith("```"):
            is_code = not is_code
            if is_code:
                yield line(faint(f"    {_label(text)}"))
        elif is_code:
            yield line(frame("    | "), text)
        elif text.startswith("#"):
            yield line(strong(text.lstrip("#").strip()))
        else:
            yield line(f"  {text}")


def _label(fence: str) -> str:
    """`bad`, `good`, `fixed`, with the file if the page names one."""
    words = fence.strip().lstrip("`").split()[1:]
    return " in ".join(word.removeprefix("file=") for word in words)


def rule_table(rules: Iterable[Rule]) -> Iterator[Line]:
    """One line a rule, grouped by pack."""
    listed = list(rules)
    width = max((len(rule.name) for rule in listed), default=0)
    for pack in sorted({rule.pack for rule in listed}):
        yield line(strong(pack))
        for rule in listed:
            if rule.pack == pack:
                severity = Piece(f"{rule.severity.value:<11}", TONES[rule.severity])
                yield line(f"  {rule.name:<{width}}  ", severity, f"  {rule.summary}")
        yield BLANK
    yield line(f"{len(listed)} rules. Read one with: shearpin explain RULE")


def rules_json(rules: Iterable[Rule]) -> bytes:
    """A JSON array, indented, with a final line feed."""
    rows = [
        RuleJson(rule.name, rule.pack, rule.severity.value, rule.practice, rule.summary, rule.since) for rule in rules
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n"
