"""Identity of findings: a fingerprint that survives edits elsewhere, moves within the file and re-indentation."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec.structs import replace

from shearpin.engine.finding import Finding
from shearpin.facts.site import Site

#: what a finding is about: rule, path, enclosing name, text without its layout, deployment
Subject: TypeAlias = tuple[str, str, str, str]


def subject_of(finding: Finding, text: bytes) -> Subject:
    """What a finding is about; equal ones are told apart by their order in the file. `text` is what its site covers."""
    return (
        finding.rule,
        finding.site.path,
        _qualified_name(finding.site),
        b" ".join(text.split()).decode("utf-8", "replace"),
    )


def with_fingerprints(findings: Iterable[Finding], text_of: Callable[[Site], bytes]) -> tuple[Finding, ...]:
    """Findings of one file in order of position, each with its fingerprint."""
    seen: Counter[Subject] = Counter()
    found: list[Finding] = []
    for finding in findings:
        subject = subject_of(finding, text_of(finding.site))
        found.append(replace(finding, fingerprint=_digest((*subject, str(seen[subject])))))
        seen[subject] += 1
    return tuple(found)


def _qualified_name(site: Site) -> str:
    # "~if#3" and "f#2" carry their number among equals, which an edit elsewhere changes.
    return site.part.partition("#")[0]


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()
