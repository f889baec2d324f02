"""Findings as diagnostics."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    DiagnosticTag,
)

from shearpin.engine.finding import Finding
from shearpin.engine.selection import UNUSED
from shearpin.lsp.acceptance import block_of
from shearpin.lsp.view import View
from shearpin.rulekit.rule import Rule, discover
from shearpin.rulekit.verdict import Severity

SOURCE = "shearpin"
_SEVERITIES = {
    Severity.ERROR: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.INFORMATION: DiagnosticSeverity.Information,
}


def diagnostic_of(view: View, finding: Finding) -> Diagnostic:
    """One finding with everything the client can show."""
    href = "" if view.client.refuses_links else page_uri(finding.rule)
    block = block_of(view, finding)
    return Diagnostic(
        range=view.location(finding.site).range,
        message=_message(view, finding) if block is None else f"{_message(view, finding)} [in the inserted block]",
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=CodeDescription(href) if href else None,
        source=SOURCE,
        tags=[DiagnosticTag.Unnecessary] if _is_unnecessary(finding) and view.client.knows_unnecessary else None,
        related_information=_related(view, finding) if view.client.shows_related else None,
        data={"fingerprint": finding.fingerprint, **({} if block is None else {"block": block.number})},
    )


def rule_named(name: str) -> Rule | None:
    """An installed rule."""
    return next((rule for rule in discover() if rule.name == name), None)


@cache
def page_uri(rule_name: str) -> str:
    """URI of the file whose docstring is the rule's page, so that the link works without a network; "" if unknown."""
    rule = rule_named(rule_name)
    module = None if rule is None else sys.modules.get(rule.module)
    path = getattr(module, "__file__", None)
    return Path(path).as_uri() if isinstance(path, str) else ""


def _message(view: View, finding: Finding) -> str:
    if not finding.related:
        return finding.message
    # Where related information is not shown the other half of the story would be hidden; in another file it always is.
    last = finding.related[-1]
    if view.client.shows_related and last.site.path == finding.site.path:
        return finding.message
    line = view.location(last.site).range.start.line + 1
    place = f"{last.site.path}:{line}"
    return finding.message if place in finding.message else f"{finding.message} ({last.note}: {place})"


def _related(view: View, finding: Finding) -> list[DiagnosticRelatedInformation] | None:
    return [DiagnosticRelatedInformation(view.location(hop.site), hop.note) for hop in finding.related] or None


def _is_unnecessary(finding: Finding) -> bool:
    return finding.rule == UNUSED
