"""A finding: a violated verdict after suppression, settings and identity."""

from __future__ import annotations

import msgspec

from shearpin.facts.site import Hop, Site
from shearpin.rulekit.verdict import Confidence, FixPlan, Severity


class Finding(msgspec.Struct, frozen=True):
    """One problem to show. `fingerprint` is stable under edits elsewhere; see the semantics of identity."""

    rule: str
    pack: str
    severity: Severity
    confidence: Confidence
    site: Site
    message: str
    services: tuple[str, ...]
    deployment: str
    fingerprint: str
    related: tuple[Hop, ...]
    fixes: tuple[FixPlan, ...]
