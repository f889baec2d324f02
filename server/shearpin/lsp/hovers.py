"""What stands under the cursor, in words. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from shearpin.lsp.diagnostics import rule_named
from shearpin.lsp.limits import limits_text, place
from shearpin.lsp.view import View
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Outcome, Verdict

if TYPE_CHECKING:
    # The analysis is imported when the first folder is opened.
    from shearpin.session.environment import EntryUse

#: places named in one hover
_READERS = 6


def hover_text(view: View, path: str, offset: int) -> str:
    """Verdicts of the call under the cursor in one line, then its findings with the page of their rule; "" if none."""
    sections = [entry_text(view, use) for use in view.session.navigation.entries(path, offset)]
    verdicts = view.session.verdicts_at(path, offset)
    if verdicts:
        sections.append(verdict_line(verdicts))
    told: dict[str, None] = {}
    for finding in view.findings(path):
        start, end = view.session.locate(finding.site)
        if start <= offset <= end:
            sections.append(f"**{finding.rule}**: {finding.message}")
            told[finding.rule] = None
    for rule, verdict in verdicts:
        if verdict.outcome is Outcome.VIOLATED and rule.name not in told:
            sections.append(f"**{rule.name}**: {verdict.message} ({place(view, verdict.site)})")
            told[rule.name] = None
    if text := limits_text(view, path, offset):
        sections.append(text)
    pages = (rule_page(rule) for name in told if (rule := rule_named(name)) is not None)
    return "\n\n---\n\n".join((*sections, *pages))


def entry_text(view: View, use: EntryUse) -> str:
    """An entry of a manifest as one service has it: who reads it, and where it points."""
    lines = [f"**{use.entry.name}** of {use.service}"]
    if use.readers:
        lines.append("read at " + ", ".join(f"`{place(view, site)}`" for site in use.readers[:_READERS]))
        lines[-1] += f" and {len(use.readers) - _READERS} more places" if len(use.readers) > _READERS else ""
    else:
        lines.append("no code that is known reads it")
    if use.pointed is not None:
        where = "" if use.pointed.site is None else f" (`{place(view, use.pointed.site)}`)"
        named = f"{use.pointed.kind} {use.pointed.name}".replace("external ", "somebody outside: ")
        lines.append(f"points to {named}{where}".replace("unknown ", "nobody that is known: "))
    if use.is_shadowed:
        lines.append("another entry is stronger for this service")
    return "\n\n".join(lines)


def verdict_line(verdicts: Iterable[tuple[Rule, Verdict]]) -> str:
    """`timeout: 5 s, httpx default; retry: none; breaker: unknown, client comes from x`"""
    parts: dict[str, None] = {}
    for rule, verdict in verdicts:
        subject = verdict.subject or rule.practice
        text = verdict.message
        if verdict.outcome is Outcome.VIOLATED:
            # The whole sentence follows as the finding; here the name of the problem is enough.
            text = rule.name
        elif verdict.outcome is Outcome.UNKNOWN:
            text = f"unknown, {verdict.message}"
        parts[f"{subject}: {text}"] = None
    return "; ".join(parts)


def rule_page(rule: Rule) -> str:
    """The page as Markdown that editors highlight: only the language is left of what a code block says."""
    lines: list[str] = []
    for line in rule.page.strip().splitlines():
        if line.startswith("```"):
            ticks = line[: len(line) - len(line.lstrip("`"))]
            words = line[len(ticks) :].split()
            lines.append(ticks + (words[0] if words else ""))
        else:
            lines.append(line)
    return "\n".join(lines)
